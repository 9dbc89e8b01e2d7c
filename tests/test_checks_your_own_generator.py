"""The measure of a learner's own generator: what it calls a copy."""

import pytest
import torch

from checks import your_own_generator as check
from helpers import data, pretrained, vae


@pytest.fixture(scope="module")
def digits():
    return data.digits()


def test_real_digits_are_no_copies_and_repeats_of_any_kind_are(digits):
    real, seen = digits.x_test[::4], digits.x_train
    assert torch.cdist(real, seen).amin(1).quantile(0.01) == pytest.approx(check.NEAR, abs=0.05)
    assert check._copies(real, seen) <= 0.02 and check._copies(seen[:100], seen) == 1
    dimmed = (0.99 * real[:50]).repeat(2, 1)
    assert check._copies(dimmed, seen[:9]) == 1 and check._copies(real[:50], seen[:9]) == 0


def test_what_trained_models_draw_is_no_copy(digits):
    for latents in (10, 20):
        new = vae.generate(pretrained.digits_vae(latents), 500, generator=torch.Generator().manual_seed(1))
        assert check._copies(new, digits.x_train) < 0.05
