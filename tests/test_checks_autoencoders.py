"""The checks of lesson 07 against numbers from paper, numpy and scipy, and with answers of any kind."""

import functools
import math

import numpy as np
import pytest
import scipy.linalg
import torch

from checks import autoencoders as check
from checks import compare
from checks.answer import Here


def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    return codes, rebuilt, (rebuilt - x).square().sum(-1)


def pca(x, k):
    mean = x.mean(0)
    _, s, directions = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, directions[:k], s[:k] ** 2 / len(x)


def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    optimizer.step()
    return loss


def principal_angles(a, b):
    cosines = torch.linalg.svdvals(torch.linalg.qr(a.T).Q.T @ torch.linalg.qr(b.T).Q)
    return cosines.clamp(max=1).acos().flip(0)


def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    return (model(noisy) - x).square().sum(-1).mean()


def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    return torch.softmax(-squares / (2 * noise_std**2), -1) @ points


def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).amin(1)
    return (torch.cdist(points, codes).amin(1) > gaps.quantile(quantile)).double().mean().item()


ANSWERS = (there_and_back, pca, training_step, principal_angles, denoising_loss, best_denoiser, hole_share)


class Called:
    """An answer that is no function."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *arguments, **named):
        return self.function(*arguments, **named)


@pytest.mark.parametrize("kind", [functools.partial, Called, lambda f: lambda *a, **named: f(*a, **named)])
@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.__name__)
def test_answers_of_any_kind_pass(answer, kind):
    getattr(check, answer.__name__)(Here(kind(answer), answer.__name__))


def test_the_best_denoiser_is_that_of_paper():
    points, noisy = torch.tensor(check.POINTS), torch.tensor(check.NOISY)
    mean = check._fits(noisy, points, 0.4).softmax(-1) @ points.double()
    on_paper = [  # Σ w x with weights exp(−‖…‖²/0.32), by Python's math.exp
        [0.2831731, 0.2057474, 0.1480349],
        [-0.3654463, 0.8649642, 0.007454],
        [0.3, -1.1, 0.7],
        [0.9937563, 0.1993913, -0.295566],
        [0.3604214, -0.4281692, 0.4011026],
        [-0.0139948, 0.1508854, 0.3792411],
        [0.5440516, -0.6467613, 0.3513549],
    ]
    torch.testing.assert_close(mean, torch.tensor(on_paper, dtype=torch.float64), atol=1e-6, rtol=0)
    fit = check._fits(torch.tensor([[3.0, 4.0]]), torch.zeros(1, 2), 2.0)
    assert fit.item() == -25 / 8


@pytest.mark.parametrize("n, size", [(50, 6), (5, 9), (20, 4)])
def test_points_have_the_mean_and_variances_that_they_are_made_with(n, size):
    x, centre, directions, variances = check._spread_out(n, size, 4.0, 0.6, compare.generator(3))
    assert variances[:3].tolist() == pytest.approx([16, 5.76, 2.0736])
    *_, on_axes, _ = check._spread_out(n, size, 4.0, 0.6, compare.generator(3), on_axes=True)
    assert on_axes.argmax(1).tolist() == [place % size for place in range(1, len(on_axes) + 1)]
    np.testing.assert_allclose(x.numpy().mean(0), centre.numpy(), atol=1e-5)
    covariance = np.cov(x.numpy(), rowvar=False, bias=True)
    np.testing.assert_allclose(covariance @ directions.T.numpy(), (directions.T * variances).numpy(), atol=1e-4)


def test_spaces_have_the_angles_that_they_are_made_with():
    asked = []
    check.principal_angles(Here(lambda a, b: asked.append((a, b)) or principal_angles(a, b)))
    for a, b in asked[:2]:
        found = scipy.linalg.subspace_angles(a.T.numpy(), b.T.numpy())
        np.testing.assert_allclose(found, [1.3, 0.4])


def test_gaps_are_those_of_paper():
    codes = torch.tensor([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0], [3.0, 1.0]])
    assert check._gaps(check._apart(codes, codes)).tolist() == pytest.approx([math.sqrt(10), 0, 0, 3])
    assert check._beyond(1.0, torch.tensor([0.5, 1.0, 1.5, 2.0])) == 0.5


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n, m, size, quantiles", [(220, 137, 2, (0.77, 0.4, 0.99)), (45, 52, 3, (0.5, 0.8, 0.99))])
def test_no_convention_of_quantiles_changes_the_share(seed, n, m, size, quantiles):
    codes, points = check._codes_and_points(n, m, size, quantiles, compare.generator(seed))
    assert len(points) == m
    gaps, near = check._gaps(check._apart(codes, codes)).numpy(), check._apart(points, codes).amin(1).numpy()
    methods = ["inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen"]
    methods += ["weibull", "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"]
    for quantile in quantiles:
        bounds = [np.quantile(gaps, quantile, method=method) for method in methods]
        assert len({share for bound in bounds for share in ((near > bound).mean(), (near >= bound).mean())}) == 1


def test_likely_mistakes_have_shares_of_their_own():
    codes, points = check._codes_and_points(220, 137, 2, (0.77, 0.4, 0.99), compare.generator(16))
    named = check._wrong_shares(points, codes, 0.77).values()
    shares = [
        set(map(float, one if isinstance(one, list) else [one])) for one in named if not isinstance(one, torch.Tensor)
    ]
    assert all(one.isdisjoint(other) for place, one in enumerate(shares) for other in shares[:place])
