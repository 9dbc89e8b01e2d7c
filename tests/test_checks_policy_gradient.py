"""The references of lesson 03's checks agree with what was computed by hand in the short corridor."""

import pytest
import torch

from checks import policy_gradient as check
from checks.answer import Here
from checks.failure import CheckFailed
from helpers import mdps, policy_gradient, worlds

F64 = torch.float64
GRADIENT = torch.tensor([[-3.0, 3.0], [6.0, -6.0], [-5.0, 5.0], [0.0, 0.0]], dtype=F64)
EVEN = ((0.0, 0.0), (0.0, 0.0))


def test_the_references_of_a_coin_in_the_corridor():
    corridor, coin, theta = worlds.short_corridor(), torch.full((4, 2), 0.5, dtype=F64), torch.zeros(4, 2, dtype=F64)
    close = torch.testing.assert_close
    close(mdps.visit_counts(corridor, coin), torch.tensor([6.0, 4.0, 2.0, 0.0], dtype=F64))
    close(mdps.evaluate(corridor, coin), torch.tensor([-12.0, -10.0, -6.0, 0.0], dtype=F64))
    close(policy_gradient.autograd_gradient(corridor, theta), GRADIENT)
    close(policy_gradient.central_differences(corridor, theta), GRADIENT, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("score", {"preferences": EVEN, "steps": ((1, 0),)}, [[0.0, 0.0], [0.5, -0.5]]),
        (
            "episode_gradient",  # G = (2, 2), so the pair (0, 0) has the weights 2 and 0.5 · 2
            {"preferences": EVEN, "states": (0, 0), "actions": (0, 0), "rewards": (1.0, 2.0), "gamma": 0.5},
            [[1.5, -1.5], [0.0, 0.0]],
        ),
    ],
)
def test_a_first_answer_by_hand_is_accepted(name, data, wanted):
    left = [torch.tensor(wanted, dtype=F64)]
    with pytest.raises(CheckFailed, match="pop from empty list"):
        getattr(check, name)(Here(lambda *arguments: left.pop(), name), **data)
