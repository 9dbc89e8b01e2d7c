"""The checks of lesson 02 accept what was computed by hand for the numbers that they show."""

import pytest
import torch

from checks import mdps as check
from checks.answer import Here
from checks.failure import CheckFailed

F64 = torch.float64
THAT_WAS_ALL = "that was all"
BY_HAND = {
    "returns": [torch.tensor([1.2048, 0.256, 0.32, 2.9, 3.0])],
    "state_values": [torch.tensor([7.0, -2.0, -3.0], dtype=F64)],
    "action_values": [torch.tensor([[-6.6, -2.8], [8.0, -11.2], [0.0, 0.0]], dtype=F64)],
    "evaluate_horizon": [
        torch.tensor([[0.0, 0.0], [-0.5, 0.0], [-0.75, 0.0], [-0.875, 0.0]]),
        torch.tensor([[0.0, 0.0, 0.0], [1.7, -1.6, 0.0], [1.3028, -0.9856, 0.0], [1.470661, -1.090662, 0.0]]),
    ],
    "evaluate": [torch.tensor([0.9288 / 0.629856, -0.6336 / 0.629856, 0.0])],  # by Cramer's rule
    "monte_carlo": [(3.0, (21.2 / 6) ** 0.5)],
    "value_iteration": [torch.tensor([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [2.0, 1.6, 0.0], [2.384, 1.6, 0.0]])],
    "greedy_policy": [
        torch.tensor([[0, 0.5, 0.5, 0], [0, 1, 0, 0], [0.25, 0.25, 0.25, 0.25], [0.5, 0, 0.5, 0], [0.5, 0, 0, 0.5]])
    ],
}


def asked(name, answers, **data):
    """Return what a check says to some answers in turn, which no further one follows."""
    left = iter(answers)

    def answer(*arguments, **named):
        for value in left:
            return value
        raise RuntimeError(THAT_WAS_ALL)

    with pytest.raises(CheckFailed) as failure:
        getattr(check, name)(Here(answer, name), **data)
    return str(failure.value)


@pytest.mark.parametrize("name", BY_HAND)
def test_what_was_computed_by_hand_is_accepted_and_something_else_is_not(name):
    assert THAT_WAS_ALL in asked(name, BY_HAND[name])
    first = BY_HAND[name][0]
    other = (first[0], first[1] + 0.01) if isinstance(first, tuple) else first + 0.01
    assert "was expected" in asked(name, [other, *BY_HAND[name][1:]])


def test_a_small_world_can_be_looked_at():
    assert "check.SMALL with γ = 0.8" in asked("action_values", [torch.zeros(3, 2, dtype=F64)])
    assert check.SMALL.transitions.shape == (3, 2, 3)
