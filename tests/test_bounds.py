"""Evidence, bound, gap and divergence against torch, scipy and closed forms; gradient estimators by exact moments."""

import math

import pytest
import torch
from scipy import integrate
from scipy.special import logsumexp

from helpers import bounds
from helpers.latent_models import Bow, log_normal
from tests import linear_gaussian

F64 = torch.float64
GRID = torch.linspace(-7, 7, 1401, dtype=F64)
WIDTH = 0.01
LOG_P_Z = log_normal(GRID)
NODES, MASSES = bounds.normal_nodes(20)


def seeded(seed, device="cpu"):
    return torch.Generator(device).manual_seed(seed)


def randn(seed, *shape):
    return torch.randn(*shape, generator=seeded(seed), dtype=F64)


def close(got, wanted, tolerance=1e-10):
    torch.testing.assert_close(torch.as_tensor(got, dtype=F64), wanted, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("x", [(1.0, 0.2), (0.0, 1.2), (-1.5, 2.0)])
def test_the_evidence_of_the_bow_is_that_of_scipy(x):
    bow, x = Bow(0.5), torch.tensor(x, dtype=F64)

    def integrand(z):
        z = torch.tensor([z], dtype=F64)
        return (bow.log_p_x(x, z) + log_normal(z)).exp().item()

    value, _ = integrate.quad(integrand, -8, 8, points=[-1.5, 0, 1.5], epsabs=0, epsrel=1e-11)
    close(math.log(value), bounds.log_evidence(bow.log_p_x(x, GRID), LOG_P_Z, WIDTH), 1e-9)


def test_the_evidence_survives_where_densities_underflow():
    x = torch.tensor([20.0, -20.0], dtype=F64)
    got = bounds.log_evidence(Bow().log_p_x(x, GRID), LOG_P_Z, WIDTH)
    assert -2000 < got < -1000


def test_the_importance_estimate_is_a_log_mean():
    rows = [5 * randn(seed, 2, 3, 20) for seed in range(3)]
    weights = (rows[0] + rows[1] - rows[2]).numpy()
    close(bounds.importance_estimate(*rows), torch.as_tensor(logsumexp(weights, -1) - math.log(20)))


def test_from_the_posterior_one_sample_is_exact():
    model = linear_gaussian.waves(3)
    _, x = model.sample((), generator=seeded(0))
    mean, precision = model.posterior(x)
    z = mean + randn(1, 50, 3) / precision.diagonal().sqrt()
    log_q_z = log_normal(z, mean, -0.5 * precision.diagonal().log()).sum(-1)
    rows = (model.log_p_x(x, z), log_normal(z).sum(-1), log_q_z)
    close(bounds.importance_estimate(*(row.unsqueeze(-1) for row in rows)), model.log_evidence(x).expand(50))


def test_importance_sampling_is_unbiased_for_the_evidence():
    """The mean of 200,000 weights within 5 standard errors: false alarms 1 in 1.7 million."""
    model = linear_gaussian.waves(2, std=1.0)
    _, x = model.sample((), generator=seeded(2))
    mean, precision = model.posterior(x)
    log_std = math.log(1.3) - 0.5 * precision.diagonal().log()
    z = mean + log_std.exp() * randn(3, 200_000, 2)
    log_weights = model.log_p_x(x, z) + log_normal(z).sum(-1) - log_normal(z, mean, log_std).sum(-1)
    ratio = (log_weights - model.log_evidence(x)).exp()
    assert (ratio.mean() - 1).abs() < 5 * ratio.std() / 200_000**0.5


def test_effective_samples_run_from_one_to_all():
    assert bounds.effective_samples(torch.full((3, 8), -900.0)).tolist() == pytest.approx([8] * 3, rel=1e-4)
    assert bounds.effective_samples(torch.tensor([0.0, -2000.0, -3000.0])).item() == pytest.approx(1)
    weights = torch.rand(5, 9, generator=seeded(4), dtype=F64)
    close(bounds.effective_samples(weights.log()), weights.sum(-1) ** 2 / (weights**2).sum(-1))


@pytest.mark.parametrize("f", [torch.exp, torch.square, torch.abs, lambda v: -torch.log(v.abs())])
def test_jensens_gap_is_not_negative_for_convex_functions(f):
    points = randn(5, 100, 6).abs() + 0.1  # −log is convex on positive numbers
    weights = torch.rand(100, 6, generator=seeded(6), dtype=F64)
    assert (bounds.jensen_gap(f, points, weights / weights.sum(-1, keepdim=True)) > -1e-12).all()


def test_jensens_gap_of_a_square_is_a_variance_and_that_of_a_line_is_zero():
    points, weights = randn(7, 4, 5), torch.full((4, 5), 0.2, dtype=F64)
    close(bounds.jensen_gap(torch.square, points, weights), points.var(-1, correction=0))
    close(bounds.jensen_gap(lambda v: 3 * v - 1, points, weights), torch.zeros(4, dtype=F64))


@pytest.mark.parametrize("seed", range(5))
def test_elbo_and_gap_add_up_to_the_evidence_and_the_gap_is_a_divergence(seed):
    log_p_x = Bow(0.4).log_p_x(randn(seed, 2, 3, 2), GRID)
    log_q = log_normal(GRID, 0.6 * randn(seed + 50, 2, 3, 1), -1 + 0.2 * randn(seed + 100, 2, 3, 1))
    elbo, gap = bounds.split_evidence(log_p_x, LOG_P_Z, log_q, WIDTH)
    close(elbo + gap, bounds.log_evidence(log_p_x, LOG_P_Z, WIDTH))
    assert (gap > 0).all() and gap.shape == (2, 3)


def test_the_posterior_itself_leaves_no_gap():
    log_p_x = Bow(0.4).log_p_x(randn(1, 3, 2), GRID)
    log_evidence = bounds.log_evidence(log_p_x, LOG_P_Z, WIDTH)
    elbo, gap = bounds.split_evidence(log_p_x, LOG_P_Z, log_p_x + LOG_P_Z - log_evidence.unsqueeze(-1), WIDTH)
    close(gap, torch.zeros(3, dtype=F64))
    close(elbo, log_evidence)


def test_where_q_is_zero_nothing_is_added():
    log_p_x = Bow().log_p_x(randn(2, 2), GRID)
    flat = torch.where(GRID.abs() < 1, -math.log(2.0), -math.inf)
    elbo, gap = bounds.split_evidence(log_p_x, LOG_P_Z, flat, WIDTH)
    assert elbo.isfinite() and gap > 0


def test_the_split_of_a_linear_model_is_its_closed_form():
    model = linear_gaussian.waves(1)
    _, x = model.sample((), generator=seeded(3))
    mean, log_std = torch.tensor([[0.3], [-1.2]], dtype=F64)
    log_p_x = model.log_p_x(x, GRID.unsqueeze(-1))
    elbo, gap = bounds.split_evidence(log_p_x, LOG_P_Z, log_normal(GRID, mean, log_std), WIDTH)
    close(elbo, model.elbo(x, mean, log_std), 1e-8)
    close(gap, model.gap(x, mean, log_std), 1e-8)


def test_the_gaussian_divergence_is_that_of_torch():
    z_mean, z_log_std = randn(8, 2, 4, 3), randn(9, 2, 4, 3)
    q, p = torch.distributions.Normal(z_mean, z_log_std.exp()), torch.distributions.Normal(0.0, 1.0)
    close(bounds.gaussian_kl(z_mean, z_log_std), torch.distributions.kl_divergence(q, p).sum(-1))
    assert bounds.gaussian_kl(torch.zeros(5), torch.zeros(5)) == 0


def test_the_gaussian_divergence_is_that_of_sampling():
    """A mean of 100,000 within 5 standard errors: false alarms 1 in 1.7 million."""
    z_mean, z_log_std = randn(10, 3), 0.5 * randn(11, 3)
    z = z_mean + z_log_std.exp() * randn(12, 100_000, 3)
    ratio = (log_normal(z, z_mean, z_log_std) - log_normal(z)).sum(-1)
    assert (ratio.mean() - bounds.gaussian_kl(z_mean, z_log_std)).abs() < 5 * ratio.std() / 100_000**0.5


def test_sampled_bounds_and_their_gradients_are_right_on_average():
    """A bound and eight gradients of 100,000 rows within 5 standard errors: false alarms 1 in 190,000."""
    model = linear_gaussian.waves(4, std=1.5)
    _, x = model.sample((), generator=seeded(13))
    q = torch.stack([0.5 * randn(14, 4), 0.3 * randn(15, 4)]).requires_grad_()
    exact = model.elbo(x, *q)
    wanted = torch.autograd.grad(exact, q)[0]
    rows = q.detach().unsqueeze(1).repeat(1, 100_000, 1).requires_grad_()
    elbo = bounds.sampled_elbo(lambda z: model.log_p_x(x, z), *rows, generator=seeded(16))
    assert (elbo.mean() - exact).abs() < 5 * elbo.std() / 100_000**0.5
    gradients = torch.autograd.grad(elbo.sum(), rows)[0]
    assert ((gradients.mean(1) - wanted).abs() < 5 * gradients.std(1) / 100_000**0.5).all()


def test_sampled_bounds_come_from_the_generator():
    z_mean = torch.zeros(3, 2, dtype=F64)
    one, again, other = (
        bounds.sampled_elbo(lambda z: z.sum(-1), z_mean, z_mean, generator=seeded(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(one, again) and not torch.equal(one, other) and one.dtype == F64


@pytest.mark.parametrize("width", [0.0, -0.1, math.nan])
def test_a_width_has_to_be_positive(width):
    with pytest.raises(ValueError, match="has to be positive: the distance of two grid points"):
        bounds.log_evidence(LOG_P_Z, LOG_P_Z, width)
    with pytest.raises(ValueError, match="has to be positive"):
        bounds.split_evidence(LOG_P_Z, LOG_P_Z, LOG_P_Z, width)


def test_each_latent_has_a_mean_and_a_width():
    with pytest.raises(ValueError, match=r"z_mean has shape \(3,\) and z_log_std \(2,\)"):
        bounds.sampled_elbo(torch.sum, torch.zeros(3), torch.zeros(2), generator=seeded(0))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU, and torch sees none")
def test_bounds_work_on_a_gpu():
    log_p_x, log_q = Bow().log_p_x(randn(0, 3, 2), GRID), log_normal(GRID, 0.3, -0.2)
    here = (*bounds.split_evidence(log_p_x, LOG_P_Z, log_q, WIDTH), bounds.gaussian_kl(log_p_x[:, :3], log_p_x[:, 3:6]))
    log_p_x, log_p_z, log_q = (row.cuda() for row in (log_p_x, LOG_P_Z, log_q))
    there = (
        *bounds.split_evidence(log_p_x, log_p_z, log_q, WIDTH),
        bounds.gaussian_kl(log_p_x[:, :3], log_p_x[:, 3:6]),
    )
    for one, other in zip(here, there, strict=True):
        assert other.device.type == "cuda"
        close(other.cpu(), one)
    z_mean = torch.zeros(4, 2, device="cuda")
    elbo = bounds.sampled_elbo(lambda z: z.sum(-1), z_mean, z_mean, generator=seeded(0, "cuda"))
    assert elbo.device.type == "cuda" and elbo.dtype == torch.float32


# Two gradient estimators


def moments(values):
    mean = MASSES @ values
    return mean.item(), (MASSES @ (values - mean) ** 2).item()


def test_nodes_integrate_the_moments_of_normal_noise():
    for power, moment in enumerate((1, 0, 1, 0, 3, 0, 15, 0, 105)):
        assert (MASSES @ NODES**power).item() == pytest.approx(moment, abs=1e-9)
    assert (MASSES @ NODES.cos()).item() == pytest.approx(math.exp(-0.5), abs=1e-12)
    points, masses = bounds.normal_nodes(3, dtype=torch.float32)
    assert points.dtype == masses.dtype == torch.float32 and len(points) == 3


@pytest.mark.parametrize(("mean", "std"), [(1.5, 0.8), (-0.4, 2.0), (0.0, 0.3)])
@pytest.mark.parametrize("baseline", [0.0, 1.7, -20.0])
def test_both_estimators_are_unbiased_whatever_the_baseline(mean, std, baseline):
    for f, slope in ((torch.square, lambda z: 2 * z), (lambda z: z**3 - z, lambda z: 3 * z**2 - 1)):
        center = torch.tensor(mean, dtype=F64, requires_grad=True)
        wanted = torch.autograd.grad(MASSES @ f(center + std * NODES), center)[0].item()
        for values in bounds.gradient_estimates(f, slope, mean, std, NODES, baseline):
            assert moments(values)[0] == pytest.approx(wanted, abs=1e-9)


def test_the_three_variances_of_the_lesson():
    case = (torch.square, lambda z: 2 * z, 1.5, 0.8, NODES)
    score, path = bounds.gradient_estimates(*case)
    centred, _ = bounds.gradient_estimates(*case, 1.5**2 + 0.8**2)
    mu, var = 1.5**2, 0.8**2
    closed = (mu**2 + 18 * mu * var + 15 * var**2) / var - 4 * mu  # E z⁴ ε² / σ², minus (2 μ)²
    assert moments(score) == pytest.approx((3.0, closed), abs=1e-9)
    assert moments(path) == pytest.approx((3.0, 4 * var), abs=1e-9)
    assert [round(moments(values)[1]) for values in (score, centred)] == [49, 24]


def test_the_score_is_the_derivative_of_the_log_density():
    noise = torch.randn(4, 5, generator=seeded(0), dtype=F64)
    mean = torch.full_like(noise, 0.7).requires_grad_()
    z = 0.7 + 0.6 * noise
    score = torch.autograd.grad(torch.distributions.Normal(mean, 0.6).log_prob(z).sum(), mean)[0]
    by_score, by_path = bounds.gradient_estimates(torch.sin, torch.cos, 0.7, 0.6, noise, 0.25)
    torch.testing.assert_close(by_score, (z.sin() - 0.25) * score)
    torch.testing.assert_close(by_path, z.cos())


def test_means_and_widths_may_be_tensors():
    noise = torch.randn(3, 6, generator=seeded(1))
    mean, std = torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([[0.5], [1.0], [1.5]])
    together = bounds.gradient_estimates(torch.exp, torch.exp, mean, std, noise)
    for row in range(3):
        alone = bounds.gradient_estimates(torch.exp, torch.exp, mean[row], std[row], noise[row])
        for one, other in zip(together, alone, strict=True):
            torch.testing.assert_close(one[row], other)


def test_no_nodes_are_refused():
    with pytest.raises(ValueError, match="0 nodes are too few"):
        bounds.normal_nodes(0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU, and torch sees none")
def test_estimates_work_on_a_gpu():
    there = bounds.gradient_estimates(torch.sin, torch.cos, 0.7, 0.6, NODES.cuda(), 0.25)
    here = bounds.gradient_estimates(torch.sin, torch.cos, 0.7, 0.6, NODES, 0.25)
    for one, other in zip(here, there, strict=True):
        assert other.device.type == "cuda"
        torch.testing.assert_close(one, other.cpu())
