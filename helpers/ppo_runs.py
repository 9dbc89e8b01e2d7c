"""What PPO and what it is made of came to on Breakout, CartPole and lesson 06's table: runs that were measured once."""

from typing import NamedTuple

import torch
from torch import Tensor

from helpers import data

SHA256 = "0d6cd6d250772ee47a380ad07e851e0757effd1cf34f25590bddee9d7c595e62"
EXPERIMENTS = ("breakout", "cartpole", "search")


class Runs(NamedTuple):
    """Runs of one setting at one learning rate.

    Attributes:
        results: exact bricks of the greedy policy (breakout), its mean return over 100 episodes (cartpole), or by how
            much the dev accuracy of the network chosen misses the best (search), float64 (runs,).
        largest_ratios: the largest π(A | S) / π_old(A | S) that each met, float64 (runs,).
    """

    results: Tensor
    largest_ratios: Tensor


def measured(experiment: str) -> dict[str, dict[float, Runs]]:
    """Return the runs of an experiment by setting and learning rate.

    Raises:
        ValueError: if there is no such experiment, or the file is not the one that came with the course.

    Made by helpers/bundled/make_ppo.py, which says what the settings are.
    """
    if experiment not in EXPERIMENTS:
        raise ValueError(f"experiment is one of {EXPERIMENTS}, but it is {experiment!r}.")
    rows = [row for row in data.bundled_rows("ppo.csv", SHA256) if row["experiment"] == experiment]
    return {
        setting: {float(rate): _runs(found) for rate, found in data.grouped(runs, "rate").items()}
        for setting, runs in data.grouped(rows, "setting").items()
    }


def _runs(rows: list[dict[str, str]]) -> Runs:
    numbers = [(float(row["result"]), float(row["largest_ratio"])) for row in rows]
    return Runs(*torch.tensor(numbers, dtype=torch.float64).unbind(-1))
