"""Latent variable models: densities against torch and scipy, closed forms against quadrature and sampling."""

import math

import pytest
import torch
from scipy import integrate, stats

from helpers import latent_models
from helpers.latent_models import Bow
from tests import linear_gaussian
from tests.linear_gaussian import LinearGaussian

F64 = torch.float64


def seeded(seed, device="cpu"):
    return torch.Generator(device).manual_seed(seed)


def random_model(seed, num_values=5, num_latents=3, std=0.7):
    generator = seeded(seed)
    weight = torch.randn(num_values, num_latents, generator=generator, dtype=F64)
    return LinearGaussian(weight, torch.randn(num_values, generator=generator, dtype=F64), std)


def random_q(seed, *shape):
    generator = seeded(seed)
    return (0.7 * torch.randn(*shape, generator=generator, dtype=F64) for _ in range(2))


def close(got, wanted, tolerance=1e-10):
    torch.testing.assert_close(torch.as_tensor(got, dtype=F64), wanted, rtol=tolerance, atol=tolerance)


def test_log_normal_is_that_of_torch():
    value, mean, log_std = torch.randn(3, 4, 5, generator=seeded(0), dtype=F64).unbind()
    close(
        latent_models.log_normal(value, mean, log_std), torch.distributions.Normal(mean, log_std.exp()).log_prob(value)
    )
    close(latent_models.log_normal(value), torch.distributions.Normal(0.0, 1.0).log_prob(value))
    assert latent_models.log_normal(value.float(), 0.5, 0.1).dtype == torch.float32


def test_the_bow_has_the_density_of_its_decoder():
    bow, z = Bow(0.3), torch.linspace(-2, 2, 7, dtype=F64)
    x = torch.randn(2, 3, 2, generator=seeded(1), dtype=F64)
    wanted = torch.distributions.Normal(bow.decode(z), 0.3).log_prob(x.unsqueeze(-2)).sum(-1)
    close(bow.log_p_x(x, z), wanted)
    assert wanted.shape == (2, 3, 7) and bow.decode(torch.tensor(2.0)).tolist() == [2.0, 3.0]


def test_the_evidence_is_the_density_of_a_gaussian():
    model = random_model(2)
    x = torch.randn(4, 5, generator=seeded(3), dtype=F64)
    covariance = model.weight @ model.weight.T + 0.49 * torch.eye(5, dtype=F64)
    close(model.log_evidence(x), torch.as_tensor(stats.multivariate_normal(model.bias, covariance).logpdf(x)))


def test_with_one_latent_the_evidence_is_an_integral():
    model = random_model(4, num_latents=1)
    x = torch.randn(5, generator=seeded(5), dtype=F64)

    def integrand(z):
        z = torch.tensor([z], dtype=F64)
        return (model.log_p_x(x, z) + latent_models.log_normal(z).sum()).exp().item()

    value, _ = integrate.quad(integrand, -8, 8, points=[model.posterior(x)[0].item()], epsabs=0, epsrel=1e-11)
    close(math.log(value), model.log_evidence(x), 1e-9)


def test_prior_times_decoder_is_evidence_times_posterior():
    model = random_model(6)
    x = torch.randn(4, 5, generator=seeded(7), dtype=F64)
    z = torch.randn(4, 3, generator=seeded(8), dtype=F64)
    mean, precision = model.posterior(x)
    posterior = torch.distributions.MultivariateNormal(mean, precision_matrix=precision).log_prob(z)
    joint = model.log_p_x(x, z) + latent_models.log_normal(z).sum(-1)
    close(model.log_evidence(x) + posterior, joint)


@pytest.mark.parametrize("seed", range(5))
def test_bound_and_gap_add_up_to_the_evidence(seed):
    model = random_model(seed)
    z_mean, z_log_std = random_q(seed, 6, 3)
    x = torch.randn(6, 5, generator=seeded(seed), dtype=F64)
    close(model.elbo(x, z_mean, z_log_std) + model.gap(x, z_mean, z_log_std), model.log_evidence(x))
    assert (model.gap(x, z_mean, z_log_std) > 0).all()


def test_the_gap_is_the_divergence_of_torch():
    model = random_model(9)
    z_mean, z_log_std = random_q(10, 6, 3)
    x = torch.randn(6, 5, generator=seeded(9), dtype=F64)
    mean, precision = model.posterior(x)
    normal = torch.distributions.MultivariateNormal
    wanted = torch.distributions.kl_divergence(
        normal(z_mean, torch.diag_embed((2 * z_log_std).exp())), normal(mean, precision_matrix=precision)
    )
    close(model.gap(x, z_mean, z_log_std), wanted)


def test_the_best_independent_q_has_the_precisions_of_the_posterior():
    """Its bound is flat there, and for `waves`, whose posterior has independent latents, it is log P(x)."""
    model = random_model(11)
    x = torch.randn(5, generator=seeded(11), dtype=F64)
    mean, precision = model.posterior(x)
    q = torch.stack([mean, -0.5 * precision.diagonal().log()]).requires_grad_()
    slope = torch.autograd.grad(model.elbo(x, *q), q)[0]
    close(slope, torch.zeros(2, 3, dtype=F64))
    assert model.gap(x, *q) > 0.01
    sounds = linear_gaussian.waves(4)
    _, x = sounds.sample((3,), generator=seeded(12))
    mean, precision = sounds.posterior(x)
    log_std = -0.5 * precision.diagonal().log()
    close(sounds.elbo(x, mean, log_std.expand(3, 4)), sounds.log_evidence(x))


def test_samples_have_the_moments_of_the_model():
    """Means and covariances of 200,000 samples within 5 standard errors: 20 figures, false alarms 1 in 90,000."""
    model = random_model(13)
    z, x = model.sample((200_000,), generator=seeded(14))
    covariance = model.weight @ model.weight.T + 0.49 * torch.eye(5, dtype=F64)
    spread = covariance.diagonal().sqrt()
    assert ((x.mean(0) - model.bias).abs() < 5 * spread / 200_000**0.5).all()
    error = ((covariance**2 + torch.outer(spread, spread) ** 2) / 200_000).sqrt()
    assert ((x.T.cov() - covariance).abs() < 5 * error).all()
    assert z.shape == (200_000, 3) and x.shape == (200_000, 5)


def test_the_relative_variance_is_that_of_an_integral():
    model = random_model(15, num_values=2, num_latents=1, std=0.9)
    x = torch.tensor([0.4, -0.3], dtype=F64)
    z = torch.linspace(-12, 12, 20_001, dtype=F64)
    weight = latent_models.log_normal(z).exp() * (z[1] - z[0])
    p = model.log_p_x(x, z.unsqueeze(-1)).exp()
    mean = weight @ p
    wanted = (weight @ (p - mean) ** 2 / mean**2).log()
    close(model.log_relative_variance(x), wanted, 1e-8)


def test_waves_are_orthogonal():
    weight = linear_gaussian.waves(6, 20).weight
    close(weight.T @ weight, 10 * torch.eye(6, dtype=F64))
    assert linear_gaussian.waves(2, dtype=torch.float32).weight.dtype == torch.float32


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Bow(0.0), "σ is 0.0, but it has to be positive"),
        (lambda: Bow(math.nan), "σ is nan"),
        (lambda: LinearGaussian(torch.ones(3, 2), torch.ones(3), -1.0), "σ is -1.0"),
        (lambda: LinearGaussian(torch.ones(3, 2), torch.ones(2), 1.0), r"\(3, 2\) and bias \(2,\)"),
        (lambda: LinearGaussian(torch.ones(3), torch.ones(3), 1.0), r"\(X, D\) and \(X,\) are needed"),
        (lambda: linear_gaussian.waves(0), "0 latents for 32 values"),
        (lambda: linear_gaussian.waves(8, 8), "8 latents for 8 values"),
    ],
)
def test_bad_models_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU, and torch sees none")
def test_models_work_on_a_gpu():
    here = random_model(16)
    there = LinearGaussian(here.weight.cuda(), here.bias.cuda(), here.std)
    z, x = there.sample((7,), generator=seeded(0, "cuda"))
    q = 0.1 * z
    for name, arguments in (("log_p_x", (x, z)), ("log_evidence", (x,)), ("elbo", (x, z, q)), ("gap", (x, z, q))):
        got = getattr(there, name)(*arguments)
        assert got.device.type == "cuda"
        close(got.cpu(), getattr(here, name)(*(argument.cpu() for argument in arguments)))
