"""Two gradient estimators: exact moments, agreement with autograd, and the figures of the lesson."""

import math

import pytest
import torch

from helpers import estimators

F64 = torch.float64
NODES, MASSES = estimators.normal_nodes(20)


def moments(values):
    mean = MASSES @ values
    return mean.item(), (MASSES @ (values - mean) ** 2).item()


def test_nodes_integrate_the_moments_of_normal_noise():
    for power, moment in enumerate((1, 0, 1, 0, 3, 0, 15, 0, 105)):
        assert (MASSES @ NODES**power).item() == pytest.approx(moment, abs=1e-9)
    assert (MASSES @ NODES.cos()).item() == pytest.approx(math.exp(-0.5), abs=1e-12)
    points, masses = estimators.normal_nodes(3, dtype=torch.float32)
    assert points.dtype == masses.dtype == torch.float32 and len(points) == 3


@pytest.mark.parametrize(("mean", "std"), [(1.5, 0.8), (-0.4, 2.0), (0.0, 0.3)])
@pytest.mark.parametrize("baseline", [0.0, 1.7, -20.0])
def test_both_are_unbiased_whatever_the_baseline(mean, std, baseline):
    for f, slope in ((torch.square, lambda z: 2 * z), (lambda z: z**3 - z, lambda z: 3 * z**2 - 1)):
        center = torch.tensor(mean, dtype=F64, requires_grad=True)
        wanted = torch.autograd.grad(MASSES @ f(center + std * NODES), center)[0].item()
        for values in estimators.gradient_estimates(f, slope, mean, std, NODES, baseline):
            assert moments(values)[0] == pytest.approx(wanted, abs=1e-9)


def test_the_three_variances_of_the_lesson():
    case = (torch.square, lambda z: 2 * z, 1.5, 0.8, NODES)
    score, path = estimators.gradient_estimates(*case)
    centred, _ = estimators.gradient_estimates(*case, 1.5**2 + 0.8**2)
    mu, var = 1.5**2, 0.8**2
    closed = (mu**2 + 18 * mu * var + 15 * var**2) / var - 4 * mu  # E z⁴ ε² / σ², minus (2 μ)²
    assert moments(score) == pytest.approx((3.0, closed), abs=1e-9)
    assert moments(path) == pytest.approx((3.0, 4 * var), abs=1e-9)
    assert [round(moments(values)[1]) for values in (score, centred)] == [49, 24]


def test_the_score_is_the_derivative_of_the_log_density():
    noise = torch.randn(4, 5, generator=torch.Generator().manual_seed(0), dtype=F64)
    mean = torch.full_like(noise, 0.7).requires_grad_()
    z = 0.7 + 0.6 * noise
    score = torch.autograd.grad(torch.distributions.Normal(mean, 0.6).log_prob(z).sum(), mean)[0]
    by_score, by_path = estimators.gradient_estimates(torch.sin, torch.cos, 0.7, 0.6, noise, 0.25)
    torch.testing.assert_close(by_score, (z.sin() - 0.25) * score)
    torch.testing.assert_close(by_path, z.cos())


def test_means_and_widths_may_be_tensors():
    noise = torch.randn(3, 6, generator=torch.Generator().manual_seed(1))
    mean, std = torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([[0.5], [1.0], [1.5]])
    together = estimators.gradient_estimates(torch.exp, torch.exp, mean, std, noise)
    for row in range(3):
        alone = estimators.gradient_estimates(torch.exp, torch.exp, mean[row], std[row], noise[row])
        for one, other in zip(together, alone, strict=True):
            torch.testing.assert_close(one[row], other)


def test_no_nodes_are_refused():
    with pytest.raises(ValueError, match="0 nodes are too few"):
        estimators.normal_nodes(0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU, and torch sees none")
def test_estimates_work_on_a_gpu():
    there = estimators.gradient_estimates(torch.sin, torch.cos, 0.7, 0.6, NODES.cuda(), 0.25)
    here = estimators.gradient_estimates(torch.sin, torch.cos, 0.7, 0.6, NODES, 0.25)
    for one, other in zip(here, there, strict=True):
        assert other.device.type == "cuda"
        torch.testing.assert_close(one, other.cpu())
