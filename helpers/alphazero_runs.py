"""What AlphaZero and its parts came to on tic-tac-toe, and on Connect-k: runs that were measured once."""

from typing import NamedTuple

import torch
from torch import Tensor

from helpers import data

SHA256 = "09f21c0ed25c6895eaadb232b60a9c3b9d5f47500f2016a86a3b61d48bb20b6e"


class Runs(NamedTuple):
    """Networks of one setting, all with so many simulations.

    Attributes:
        perfect: share of perfect moves over all positions, float64 (runs,).
        unbeaten: whether no opponent does better than perfect play allows, bool (runs,).
        first, second: what they reach on each side against the opponent who answers best, float64 (runs,).
    """

    perfect: Tensor
    unbeaten: Tensor
    first: Tensor
    second: Tensor


def measured() -> dict[str, dict[int, Runs]]:
    """Return the runs by setting and number of simulations.

    Raises:
        ValueError: if the file is not the one that came with the course.

    Made by helpers/bundled/make_alphazero.py, which says what the settings are.
    """
    rows = data.bundled_rows("alphazero.csv", SHA256)
    return {
        setting: {int(count): _runs(found) for count, found in data.grouped(runs, "simulations").items()}
        for setting, runs in data.grouped(rows, "setting").items()
    }


def _runs(rows: list[dict[str, str]]) -> Runs:
    numbers = [[float(row[name]) for name in Runs._fields] for row in rows]
    perfect, unbeaten, first, second = torch.tensor(numbers, dtype=torch.float64).unbind(-1)
    return Runs(perfect, unbeaten > 0, first, second)
