"""The mean of a maximum, and example 6.7, against numbers from tables and from a loop."""

import math

import pytest
import torch

from helpers import maximisation


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    ("n", "value"), [(1, 0.0), (2, 1 / math.sqrt(math.pi)), (3, 1.5 / math.sqrt(math.pi)), (10, 1.538753)]
)
def test_the_mean_of_a_maximum(n, value):
    assert maximisation.exact_expected_max(n) == pytest.approx(value, abs=1e-6)
    assert maximisation.expected_max(n, 40_000, generator=seeded(n)).item() == pytest.approx(value, abs=0.025)


@pytest.mark.parametrize(("double", "peak", "end"), [(False, 0.94, 0.12), (True, 0.505, 0.068)])
def test_example_6_7(double, peak, end):
    """Sutton and Barto's figure 6.5; 2000 runs leave the peak a standard error of half a point."""
    shares = maximisation.two_rooms(2000, 300, double=double, generator=seeded(1))
    assert shares.max().item() == pytest.approx(peak, abs=0.03)
    assert shares[-20:].mean().item() == pytest.approx(end, abs=0.015)


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        maximisation.expected_max(0, 5, generator=seeded())
