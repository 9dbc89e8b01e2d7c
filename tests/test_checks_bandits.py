"""Tests of checks/bandits.py: what its checks expect of their default data, by hand."""

import inspect
import math

import torch

from checks import bandits
from helpers import bandits as helpers

DATA = {
    name: {key: part.default for key, part in inspect.signature(getattr(bandits, name)).parameters.items()}
    for name in ("sample_average", "update", "greedy", "optimal_share", "runs_needed")
}


def close(got, wanted) -> bool:
    return torch.allclose(got, torch.tensor(wanted), atol=1e-5)


def test_the_averages_of_the_record():
    data = DATA["sample_average"]
    got = helpers.sample_average(torch.tensor(data["arms"]), torch.tensor(data["rewards"]), data["num_arms"])
    assert close(got, [2.0, 0.0, 7 / 6, -1.5, 0.0])


def test_the_update_of_three_rooms():
    data = DATA["update"]
    values, counts = helpers.update(*[torch.tensor(data[name]) for name in ("values", "counts", "arms", "rewards")])
    assert close(values, [[1.0, 3.0, 6.0, -3.0], [0.0, 4.0, 3.0, 1.0], [-2.0, 0.75, -5.0, 0.0]])
    assert close(counts, [[3.0, 3.0, 1.0, 6.0], [5.0, 1.0, 2.0, 5.0], [2.0, 4.0, 5.0, 1.0]])


def test_the_greedy_arms():
    assert torch.tensor(DATA["greedy"]["values"]).argmax(-1).tolist() == [2, 1, 3]


def test_the_share_of_seven_rooms():
    data = DATA["optimal_share"]
    share, error = helpers.optimal_share(torch.tensor(data["q_star"]), torch.tensor(data["arms"]))
    assert close(share, [1.0, 2 / 7, 0.0, 4 / 7, 2 / 7])
    assert close(error, [0.0, math.sqrt(10 / 343), 0.0, math.sqrt(12 / 343), math.sqrt(10 / 343)])


def test_the_runs_of_four_pairs():
    # (16 · 0.4075) / 0.35² = 53.2; (4 · 0.4991) / 0.03² = 2218.2; (9 · 0.25) / 0.5² = 9, a whole and odd number, which
    # round(n + 0.5) makes 10; (0.25 · 0.16) / 0.8² = 0.0625, so that one run is enough
    assert [helpers.runs_needed(*case) for case in DATA["runs_needed"]["cases"]] == [54, 2219, 9, 1]


def test_no_two_mistakes_give_the_same_number_of_runs():
    runs = bandits._wrong_runs(*DATA["runs_needed"]["cases"][0])
    numbers = [{round(float(value), 6) for value in values} for values in runs.values()]
    assert sum(map(len, numbers)) == len(set().union(*numbers)) and 54 not in set().union(*numbers)
