"""Lesson 08's checks: what they take for right agrees with numbers that were computed without them."""

import math
import re

import pytest
import torch

from checks import evidence_lower_bound as check
from checks.failure import CheckFailed
from helpers import bounds

LOG_P_X = [-2.484625, -6.039191, -1504.748115]  # by a sum of 40,001 terms in plain Python
ELBO = [-2.716224, -7.749005, -7.484920, -1517.224779]  # in closed form: the decoder is a polynomial
LOG_P_X_OF_SPLIT = [-2.484625, -6.039191, -2.982598, -1504.748115]
JENSEN = [0.230583, 0.237187, 0.072931]  # of −log, with a calculator
KL = [2.105617, 4.520795]
SCORE = [[-0.789264, 1.063216, 8.53, 0.0], [0.881776, -1.610064, -1.839464, -0.472784]]
PATH = [[0.3232, -1.9952, 8.83, -0.53], [-1.3652, 2.6128, -0.8468, 4.5712]]


def doubles(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


class Asked(Exception):
    """Carries what a check asked first."""


def first_question(one) -> tuple:
    """Return the arguments of a check's first call, with its default data."""
    found = []

    def answer(*arguments):
        found.append(arguments)
        raise Asked

    with pytest.raises(CheckFailed):
        one(answer)
    return found[0]


def test_the_evidence_of_the_default_pictures_is_that_of_a_long_sum():
    torch.testing.assert_close(bounds.log_evidence(*first_question(check.log_evidence)), doubles(LOG_P_X))


def test_the_importance_estimate_of_the_default_rows_is_that_of_exact_sums():
    tables = first_question(check.importance_estimate)
    p_x, p_z, q_z = map(torch.Tensor.tolist, tables)
    rows = [[a + b - c for a, b, c in zip(*row, strict=True)] for row in zip(p_x, p_z, q_z, strict=True)]
    wanted = [max(row) + math.log(math.fsum(math.exp(w - max(row)) for w in row) / 40) for row in rows]
    torch.testing.assert_close(bounds.importance_estimate(*tables), doubles(wanted))


def test_the_gap_of_the_default_points_is_as_computed_by_hand():
    torch.testing.assert_close(bounds.jensen_gap(*first_question(check.jensen_gap)), doubles(JENSEN), rtol=0, atol=1e-6)


def test_bound_and_gap_of_the_default_pictures_are_those_in_closed_form():
    elbo, gap = bounds.split_evidence(*first_question(check.split_evidence))
    torch.testing.assert_close(elbo, doubles(ELBO), rtol=0, atol=1e-6)
    torch.testing.assert_close(elbo + gap, doubles(LOG_P_X_OF_SPLIT), rtol=0, atol=1e-6)


def test_divergence_and_estimates_of_the_default_data_are_as_computed_by_hand():
    torch.testing.assert_close(bounds.gaussian_kl(*first_question(check.gaussian_kl)), doubles(KL), rtol=0, atol=1e-6)
    score, path = bounds.gradient_estimates(*first_question(check.gradient_estimates))
    torch.testing.assert_close(score, doubles(SCORE), rtol=0, atol=1e-9)
    torch.testing.assert_close(path, doubles(PATH), rtol=0, atol=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_right_sampled_bound_passes_whatever_the_notebook_takes_for_default(dtype, capsys):
    def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
        z = z_mean + z_log_std.exp() * torch.randn(z_mean.shape, generator=generator)
        return log_p_x(z) - bounds.gaussian_kl(z_mean, z_log_std)

    torch.set_default_dtype(dtype)
    try:
        check.sampled_elbo(sampled_elbo)
    finally:
        torch.set_default_dtype(torch.float32)
    assert "✓ sampled_elbo passes" in capsys.readouterr().out


@pytest.mark.parametrize("first", range(7))
def test_a_wrong_order_is_told_how_much_of_it_is_right_and_never_what(first):
    lines = "ECGBFAD"
    turned = lines[first:] + lines[:first][::-1]
    given = turned[:2][::-1] + turned[2:]
    right = sum(one == other for one, other in zip(given, lines, strict=True))
    with pytest.raises(CheckFailed) as failure:
        check.derivation(lambda: (given, "3614257"))
    told = re.fullmatch(r"Lines in their place: (\d) of 7\. (.*)", str(failure.value))
    assert int(told[1]) == right
    assert not re.search(r"\b[A-G]\b", told[2])
