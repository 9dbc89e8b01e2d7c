"""Denoising: the loss against its definition, the best denoiser against closed forms and the density's slope."""

import math

import pytest
import torch

from helpers import autoencoders, denoising

F64 = torch.float64


def seeded(seed, device="cpu"):
    return torch.Generator(device).manual_seed(seed)


def test_the_loss_compares_with_the_clean_point():
    x = torch.randn(50, 3, generator=seeded(1), dtype=F64)
    seen = []
    loss = denoising.denoising_loss(lambda z: seen.append(z) or z.sin(), x, 0.7, generator=seeded(2))
    torch.testing.assert_close(seen[0], autoencoders.corrupt(x, 0.7, generator=seeded(2)))
    torch.testing.assert_close(loss, (seen[0].sin() - x).square().sum() / 50)


def test_the_identity_loses_the_variance_of_the_noise():
    """Mean of 200,000 squares within 5 standard errors of D σ²; false alarms: 1 in 1.7 million."""
    loss = denoising.denoising_loss(lambda z: z, torch.zeros(100_000, 2), 0.5, generator=seeded(3))
    assert abs(loss - 2 * 0.25) < 5 * 0.25 * math.sqrt(2 * 2 / 100_000)


def test_two_points_are_weighted_by_a_sigmoid():
    at = torch.linspace(-3, 3, 13, dtype=F64).unsqueeze(-1)
    points = torch.tensor([[-1.0], [1.0]], dtype=F64)
    torch.testing.assert_close(denoising.best_denoiser(at, points, 0.8), torch.tanh(at / 0.64))


def test_little_noise_leads_to_the_nearest_point_and_much_to_the_mean():
    points, at = (torch.randn(n, 2, generator=seeded(n), dtype=F64) for n in (7, 20))
    nearest = points[torch.cdist(at, points).argmin(1)]
    torch.testing.assert_close(denoising.best_denoiser(at, points, 0.01), nearest, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(
        denoising.best_denoiser(at, points, 1e5), points.mean(0).expand(20, 2), rtol=1e-6, atol=1e-6
    )


def test_far_away_nothing_underflows():
    points = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    assert torch.equal(denoising.best_denoiser(torch.tensor([900.0, 5.0]), points, 0.1), points[1])


def test_the_step_is_the_slope_of_the_log_density():
    points = torch.randn(9, 4, generator=seeded(4), dtype=F64)
    at = torch.randn(2, 5, 4, generator=seeded(5), dtype=F64, requires_grad=True)
    slope = torch.autograd.grad(denoising.log_density(at, points, 0.6).sum(), at)[0]
    torch.testing.assert_close(denoising.best_denoiser(at.detach(), points, 0.6) - at.detach(), 0.36 * slope)


def test_the_log_density_is_that_of_the_mixture_but_for_a_constant():
    points, at = (torch.randn(n, 2, generator=seeded(n), dtype=F64) for n in (3, 8))
    parts = torch.distributions.Independent(torch.distributions.Normal(points, torch.tensor(0.6, dtype=F64)), 1)
    mixture = torch.distributions.MixtureSameFamily(torch.distributions.Categorical(torch.ones(3, dtype=F64)), parts)
    constant = -math.log(2 * math.pi * 0.36) - math.log(3)
    torch.testing.assert_close(denoising.log_density(at, points, 0.6) + constant, mixture.log_prob(at))


@pytest.mark.parametrize("rival", [lambda z: z, lambda z: torch.zeros_like(z), torch.tanh, lambda z: 0.7 * z])
def test_no_rival_has_a_smaller_error(rival):
    """Paired differences of 50,000 points: positive by more than 5 standard errors."""
    points = torch.randn(6, 2, generator=seeded(6))
    clean = points[torch.randint(6, (50_000,), generator=seeded(7))]
    noisy = autoencoders.corrupt(clean, 0.5, generator=seeded(8))
    best = autoencoders.squared_error(denoising.best_denoiser(noisy, points, 0.5), clean)
    excess = autoencoders.squared_error(rival(noisy), clean) - best
    assert excess.mean() > 5 * excess.std() / math.sqrt(len(excess))


@pytest.mark.parametrize("noise_std", [0.0, -1.0])
def test_noise_has_a_spread(noise_std):
    with pytest.raises(ValueError, match="noise_std is positive"):
        denoising.best_denoiser(torch.zeros(2), torch.zeros(3, 2), noise_std)
