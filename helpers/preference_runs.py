"""What RLHF and DPO came to in the world of words: runs that were measured once."""

from typing import NamedTuple

import torch
from torch import Tensor

from helpers import data

SHA256 = "be507277ab3d7aff67fdb231a97d968bcff37cffcc23453598b24bf896f281e6"


class Regret(NamedTuple):
    """How far from the optimum RLHF and DPO end.

    Attributes:
        pairs: how many pairs were learned from, float64 (n,).
        regret: J* − J at β = 1, float64 (n, runs).
        distance: for RLHF, KL(π ‖ π*) for the optimum under its own reward model, in nats, float64 (n, runs).
    """

    pairs: Tensor
    regret: Tensor
    distance: Tensor


class Betas(NamedTuple):
    """What RLHF comes to at each β with 1000 pairs.

    Attributes:
        betas: β, float64 (n,).
        true: mean true reward, float64 (n, runs).
        gains: by how much the reward model's mean exceeds that of the reference, float64 (n, runs).
    """

    betas: Tensor
    true: Tensor
    gains: Tensor


class Likelihood(NamedTuple):
    """What DPO does to the probabilities, with nothing held out.

    Attributes:
        steps: how many steps were taken, float64 (n,).
        chosen: mean of log π − log π_ref of the chosen responses, float64 (n, runs).
        unnamed: probability of all responses that no pair names, float64 (n, runs).
    """

    steps: Tensor
    chosen: Tensor
    unnamed: Tensor


EXPERIMENTS = {"regret": Regret, "betas": Betas, "likelihood": Likelihood}


def measured(experiment: str) -> dict[str, Regret | Betas | Likelihood]:
    """Return the runs of an experiment by setting.

    Raises:
        ValueError: if there is no such experiment, or the file is not the one that came with the course.

    Made by helpers/bundled/make_preferences.py, which says what the settings are.
    """
    if experiment not in EXPERIMENTS:
        raise ValueError(f"experiment is one of {tuple(EXPERIMENTS)}, but it is {experiment!r}.")
    rows = [row for row in data.bundled_rows("preferences.csv", SHA256) if row["experiment"] == experiment]
    result = {}
    for setting, runs in data.grouped(rows, "setting").items():
        points = data.grouped(runs, "x")
        x = torch.tensor([float(x) for x in points], dtype=torch.float64)
        numbers = [[(float(run["first"]), float(run["second"])) for run in runs] for runs in points.values()]
        result[setting] = EXPERIMENTS[experiment](x, *torch.tensor(numbers, dtype=torch.float64).unbind(-1))
    return result
