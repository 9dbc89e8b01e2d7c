"""What RLHF and DPO came to in the world of words: runs that were measured once."""

from typing import NamedTuple

import torch
from torch import Tensor

from helpers import data

RUNS_SHA256 = "be507277ab3d7aff67fdb231a97d968bcff37cffcc23453598b24bf896f281e6"
MEASUREMENTS = ("regret", "betas", "likelihood")


class Measured(NamedTuple):
    """Runs of one setting: `x` (n,), and two numbers of each run, `first` and `second` (n, runs), float64.

    What x and the two numbers are for each measurement is said in helpers/bundled/make_preferences.py.
    """

    x: Tensor
    first: Tensor
    second: Tensor


def recorded(measurement: str) -> dict[str, Measured]:
    """Return the runs of a measurement by setting.

    Raises:
        ValueError: if there is no such measurement, or the file is not the one that came with the course.
    """
    if measurement not in MEASUREMENTS:
        raise ValueError(f"measurement is one of {MEASUREMENTS}, but it is {measurement!r}.")
    found: dict[str, dict[float, list]] = {}
    for line in data.bundled_rows("preferences.csv", RUNS_SHA256):
        if line["experiment"] == measurement:
            row = float(line["first"]), float(line["second"])
            found.setdefault(line["setting"], {}).setdefault(float(line["x"]), []).append(row)
    result = {}
    for setting, points in found.items():
        numbers = torch.tensor(list(points.values()), dtype=torch.float64)  # (n, runs, 2)
        result[setting] = Measured(torch.tensor(list(points), dtype=torch.float64), *numbers.unbind(-1))
    return result
