"""The VAE against torch.distributions, closed forms, integration, and a model whose likelihood is known exactly."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli, MultivariateNormal, Normal, kl_divergence

from helpers import bounds, data, training, vae

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA"))]
KINDS = {"mlp": vae.VAE, "convolutional": vae.ConvVAE}


def random(seed: int = 0, device="cpu") -> torch.Generator:
    return torch.Generator(device).manual_seed(seed)


def normal(*shape, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=random(seed), dtype=torch.float64)


def small(latents: int = 2, seed: int = 0, **options) -> vae.VAE:
    return vae.VAE(latents, **{"hidden": (16,), "pixels": 9, "generator": random(seed)} | options)


class LinearGaussian(vae.VAE):
    """x = W z + b + std · noise, whose log P(x) and posterior are known; the encoder is the posterior or near it."""

    def __init__(self, latents: int, pixels: int, x_std: float, widen: float = 1.0):
        super().__init__(latents, pixels=pixels, likelihood="gaussian", x_std=x_std, generator=random())
        self.weight = torch.linalg.qr(normal(pixels, latents))[0] * torch.arange(1, latents + 1)  # so Σ is diagonal
        self.bias, self.widen, self.std = normal(pixels, seed=1), widen, x_std
        self.double()

    def decode(self, z):
        return z @ self.weight.T + self.bias

    def encode(self, x):
        precision = 1 + self.weight.square().sum(0) / self.std**2
        z_mean = (x - self.bias) @ self.weight / self.std**2 / precision
        return z_mean, (self.widen * precision.rsqrt()).log().expand_as(z_mean)

    def log_p(self, x):
        covariance = self.weight @ self.weight.T + self.std**2 * torch.eye(self.pixels)
        return MultivariateNormal(self.bias, covariance).log_prob(x)


def test_densities_are_torchs():
    mean, log_std, z = normal(3, 4, 5), 0.4 * normal(3, 4, 5, seed=1), normal(3, 4, 5, seed=2)
    q, prior = Normal(mean, log_std.exp()), Normal(torch.zeros_like(mean), 1)
    torch.testing.assert_close(vae.gaussian_log_density(z, mean, log_std), q.log_prob(z).sum(-1))
    torch.testing.assert_close(vae.gaussian_log_density(z), prior.log_prob(z).sum(-1))
    torch.testing.assert_close(vae.gaussian_kl(mean, log_std), kl_divergence(q, prior).sum(-1))
    torch.testing.assert_close(bounds.gaussian_kl_by_dimension(mean, log_std), kl_divergence(q, prior))
    torch.testing.assert_close(
        vae.gaussian_log_likelihood(mean, z, -1.2), Normal(mean, math.exp(-1.2)).log_prob(z).sum(-1)
    )
    logits, x = 3 * normal(3, 4, 5), torch.bernoulli(torch.full((3, 4, 5), 0.4), generator=random()).double()
    torch.testing.assert_close(vae.bernoulli_log_likelihood(logits, x), Bernoulli(logits=logits).log_prob(x).sum(-1))


def test_grey_pixels_cost_their_entropy_at_best():
    x = torch.rand(6, 10, generator=random(), dtype=torch.float64)
    best = vae.bernoulli_log_likelihood(x.logit(), x)
    torch.testing.assert_close(best, (torch.special.xlogy(x, x) + torch.special.xlogy(1 - x, 1 - x)).sum(-1))
    assert (vae.bernoulli_log_likelihood(x.logit() + 0.1, x) < best).all()


def test_large_numbers_stay_finite():
    logits, x = torch.tensor([200.0, -200.0, 0.0], requires_grad=True), torch.tensor([1.0, 0.0, 0.5])
    value = vae.bernoulli_log_likelihood(logits, x)
    value.backward()
    assert abs(value.item() + math.log(2)) < 1e-6 and logits.grad.abs().max() < 1e-6
    assert abs(vae.bernoulli_log_likelihood(logits, 1 - x).item() + 400 + math.log(2)) < 1e-3
    tiny = bounds.gaussian_kl_by_dimension(torch.zeros(1), torch.tensor([1e-4]))
    assert 0 < tiny.item() < 1.1e-8, "near the prior, σ² − 1 loses no digits"


def test_a_sample_has_mean_and_spread_and_lets_gradients_through():
    """Mean and variance within 5 standard errors over 40,000 samples: fails once in a million."""
    z_mean = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    z_log_std = torch.tensor([0.5, -1.0], dtype=torch.float64, requires_grad=True)
    n = 40_000
    z = vae.reparametrise(z_mean.expand(n, 2), z_log_std.expand(n, 2), generator=random())
    std = z_log_std.exp().detach()
    assert ((z.mean(0) - z_mean).abs() < 5 * std / n**0.5).all()
    assert ((z.var(0) / std**2 - 1).abs() < 5 * (2 / n) ** 0.5).all()
    gradients = torch.autograd.grad(z.sum(), (z_mean, z_log_std))
    torch.testing.assert_close(gradients[0], torch.full((2,), float(n), dtype=torch.float64))
    torch.testing.assert_close(gradients[1], (z - z_mean).sum(0).detach())
    assert z.equal(vae.reparametrise(z_mean.expand(n, 2), z_log_std.expand(n, 2), generator=random()))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_shapes_and_devices(device, kind, likelihood):
    options = {"likelihood": likelihood, "generator": random(device=device)}
    model = vae.ConvVAE(3, side=8, **options) if kind == "convolutional" else vae.VAE(3, pixels=64, **options)
    x = torch.rand(2, 5, 64, generator=random(device=device), device=device)
    z_mean, z_log_std = model.encode(x)
    assert z_mean.shape == z_log_std.shape == (2, 5, 3) and model.decode(z_mean).shape == (2, 5, 64)
    reconstruction, latent = vae.elbo_terms(model, x, generator=random(device=device))
    assert reconstruction.shape == latent.shape == (2, 5) and reconstruction.device == x.device
    assert vae.importance_weighted(model, x, 3, generator=random(device=device)).shape == (2, 5)
    images = vae.generate(model, 4, generator=random(device=device))
    assert images.shape == (4, 64) and not images.requires_grad and images.device == x.device
    if likelihood == "bernoulli":
        assert images.min() >= 0 and images.max() <= 1
    vae.loss(reconstruction, latent).backward()
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in model.parameters())


def test_the_models_are_the_stated_ones():
    model = vae.VAE(20, generator=random())
    widths = [(layer.in_features, layer.out_features) for layer in model.modules() if isinstance(layer, nn.Linear)]
    assert widths == [(784, 400), (400, 40), (20, 400), (400, 784)]
    same, other = vae.VAE(20, generator=random()), vae.VAE(20, generator=random(1))
    for a, b, c in zip(model.parameters(), same.parameters(), other.parameters(), strict=True):
        assert a.equal(b) and not a.equal(c)
    assert vae.VAE(2, likelihood="gaussian", x_std=0.3, generator=random()).x_log_std.requires_grad is False
    with pytest.raises(ValueError, match="likelihood is 'bernoulli' or 'gaussian', but it is 'normal'"):
        vae.VAE(2, likelihood="normal", generator=random())


def test_the_loss_sums_over_pixels_and_latents_and_averages_the_images():
    model, x = small(), torch.rand(4, 9, generator=random(1))
    z_mean, z_log_std = model.encode(x)
    noise = torch.randn(4, 2, generator=random(2))
    z = z_mean + z_log_std.exp() * noise
    bce = nn.functional.binary_cross_entropy_with_logits(model.decode(z), x, reduction="sum") / 4
    kl = (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum() / 8
    terms = vae.elbo_terms(model, x, generator=random(2))
    torch.testing.assert_close(vae.loss(*terms), bce + kl)
    torch.testing.assert_close(vae.loss(*terms, 4.0), bce + 4 * kl)


def test_with_the_true_posterior_the_bound_is_exact():
    model = LinearGaussian(3, 6, 0.5)
    x = 2 * normal(50, 6, seed=3)
    log_p = model.log_p(x)
    one = vae.importance_weighted(model, x, 1, generator=random())
    torch.testing.assert_close(one, log_p)
    torch.testing.assert_close(vae.importance_weighted(model, x, 5, generator=random()), log_p)
    reconstruction, latent = vae.elbo_terms(model, x.expand(5000, 50, 6), generator=random())
    elbo = -(reconstruction + latent)
    error = elbo.std(0) / 5000**0.5
    assert ((elbo.mean(0) - log_p).abs() < 5.5 * error).all(), "fails once in half a million"


def test_the_gap_of_the_bound_is_the_divergence_from_the_posterior():
    """ELBO = log P(x) − KL(Q ‖ P(z | x)); here Q is the posterior with its standard deviation times 1.5."""
    widen, n = 1.5, 20_000
    model = LinearGaussian(3, 6, 0.5, widen)
    x = 2 * normal(10, 6, seed=3)
    gap = 3 * ((widen**2 - 1) / 2 - math.log(widen))
    reconstruction, latent = vae.elbo_terms(model, x.expand(n, 10, 6), generator=random())
    elbo = -(reconstruction + latent)
    assert ((elbo.mean(0) - (model.log_p(x) - gap)).abs() < 5.5 * elbo.std(0) / n**0.5).all()
    bounds = [vae.importance_weighted(model, x.expand(500, 10, 6), k, generator=random()).mean(0) for k in (1, 10, 200)]
    gaps = [(model.log_p(x) - bound).mean().item() for bound in bounds]
    assert abs(gaps[0] - gap) < 0.1 and 0.01 < gaps[1] < 0.5 * gaps[0] and abs(gaps[2]) < 0.02


def test_the_importance_weighted_bound_is_the_integral_over_the_latent_plane():
    """Bernoulli pixels have no closed form; a fine grid of two latents has log P(x) to five digits."""
    model, x = small().double(), torch.rand(7, 9, generator=random(1), dtype=torch.float64)
    line = torch.linspace(-8, 8, 400, dtype=torch.float64)
    z = torch.stack(torch.meshgrid(line, line, indexing="ij"), -1).flatten(0, 1).unsqueeze(1)
    with torch.no_grad():
        joint = model.log_p_x(x, z) + vae.gaussian_log_density(z)
        exact = joint.logsumexp(0) + 2 * (line[1] - line[0]).log()
    estimate = vae.importance_weighted(model, x, 20_000, generator=random())
    torch.testing.assert_close(estimate, exact, atol=0.01, rtol=0)
    with pytest.raises(ValueError, match="samples is at least 1, but it is 0"):
        vae.importance_weighted(model, x, 0, generator=random())


def test_blocks_do_not_change_what_is_estimated(monkeypatch):
    model, x = LinearGaussian(3, 6, 0.5), normal(9, 6, seed=3)
    assert len(x) > 4000 // 1000
    torch.testing.assert_close(vae.importance_weighted(model, x, 1000, generator=random()), model.log_p(x))


def test_training_reaches_the_exact_likelihood_of_gaussian_data():
    """The best linear-Gaussian VAE of Gaussian data is probabilistic PCA, whose likelihood is known."""
    stds = torch.tensor([2.0, 0.5, 0.5, 0.5])
    turn = torch.linalg.qr(torch.randn(4, 4, generator=random(5))).Q
    x = torch.randn(4000, 4, generator=random()) * stds @ turn
    model = vae.VAE(1, hidden=(), pixels=4, likelihood="gaussian", generator=random(1))
    vae.train(model, x, epochs=20, learning_rate=2e-2, final_rate=0.02, batch_size=100, generator=random(2))
    best = -MultivariateNormal(torch.zeros(4), turn.T @ stds.square().diag() @ turn).log_prob(x).mean().item()
    reconstruction, latent = vae.evaluate(model, x, generator=random(3))
    assert abs((reconstruction + latent).item() - best) < 0.03
    assert abs(model.x_log_std.exp().item() - 0.5) < 0.03
    assert abs(latent.item() - math.log(2.0 / 0.5)) < 0.06, "KL = ½ log(λ/σ²), averaged over x"


def test_a_heavy_latent_loss_makes_every_reconstruction_the_mean_image():
    split = data.digits()
    x = split.x_train[::8]
    model = vae.VAE(5, hidden=(64,), generator=random())
    vae.train(
        model, x, epochs=12, batch_size=50, learning_rate=1e-2, latent_weight=50.0, final_rate=0.05, generator=random(1)
    )
    reconstruction, latent = vae.evaluate(model, x, generator=random(2))
    mean_image = x.mean(0).clamp(1e-6, 1 - 1e-6)
    cost = -vae.bernoulli_log_likelihood(mean_image.logit(), x).mean()
    assert latent < 0.05 and abs((reconstruction - cost).item()) < 1.0
    z = torch.randn(20, 5, generator=random(3))
    assert (model.images(z) - mean_image).abs().mean() < 0.02


def test_history_is_what_the_batches_cost_and_weights_are_kept_apart():
    x = torch.rand(50, 9, generator=random())
    history = vae.train(small(), x, epochs=2, batch_size=50, generator=random(1))
    generator = random(1)
    torch.randperm(50, generator=generator)  # the order of the first epoch
    order = torch.randperm(50, generator=random(1))
    first = vae.elbo_terms(small(), x[order], generator=generator)
    torch.testing.assert_close(history[0], torch.stack(first).mean(-1).detach())
    heavy = vae.train(small(), x, epochs=2, batch_size=50, latent_weight=9.0, generator=random(1))
    torch.testing.assert_close(heavy[0], history[0])
    assert heavy[1, 1] < history[1, 1] and history.shape == (2, 2)


def interrupt(after: int):
    def report(epoch, terms):
        if epoch == after:
            raise KeyboardInterrupt

    return report


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("final_rate", [1.0, 0.1])
def test_an_interrupted_training_ends_bit_for_bit_alike(tmp_path, device, final_rate):
    x = torch.rand(50, 9, generator=random(device=device), device=device)
    options = {"epochs": 6, "batch_size": 8, "final_rate": final_rate}
    whole = small(generator=random(device=device))
    history = vae.train(whole, x, **options, generator=random(1, device))
    path = tmp_path / "vae.pt"
    for stop in (2, 5):
        with pytest.raises(KeyboardInterrupt):
            model, generator = small(generator=random(8, device)), random(9, device)  # their state is overwritten
            vae.train(model, x, **options, checkpoint=path, report=interrupt(stop), generator=generator)
    resumed, generator, seen = small(generator=random(8, device)), random(9, device), []
    again = vae.train(
        resumed, x, **options, checkpoint=path, generator=generator, report=lambda epoch, _: seen.append(epoch)
    )
    first = small(generator=random(8, device))
    expected = vae.train(first, x, **options, generator=random(9, device))
    assert again.equal(expected) and seen == [6] and again.shape == history.shape
    for a, b in zip(resumed.parameters(), first.parameters(), strict=True):
        assert a.equal(b)
    assert [file.name for file in tmp_path.iterdir()] == ["vae.pt"]
    finished = small(generator=random(8, device))
    assert vae.train(finished, x, **options, checkpoint=path, generator=random(9, device)).equal(expected)
    assert all(a.equal(b) for a, b in zip(finished.parameters(), first.parameters(), strict=True))


def test_more_epochs_go_on_from_a_finished_training(tmp_path):
    x = torch.rand(50, 9, generator=random())
    options = {"batch_size": 8, "checkpoint": tmp_path / "vae.pt", "save_every": 10}
    model, generator = small(), random(1)
    vae.train(model, x, epochs=2, generator=generator, **options)
    longer = small()
    history = vae.train(longer, x, epochs=5, generator=random(1), **options)
    straight = small()
    assert history.equal(vae.train(straight, x, epochs=5, batch_size=8, generator=random(1)))
    assert all(a.equal(b) for a, b in zip(longer.parameters(), straight.parameters(), strict=True))


def test_a_checkpoint_of_something_else_is_named(tmp_path):
    x = torch.rand(20, 9, generator=random())
    path = tmp_path / "vae.pt"
    vae.train(small(), x, epochs=1, checkpoint=path, generator=random())

    def resume(model=None, images=x, **options):
        vae.train(model or small(), images, **{"epochs": 2, "checkpoint": path, "generator": random()} | options)

    for options, sentence in (
        ({"latent_weight": 2.0}, "a training with latent_weight = 1.0, but now it is 2.0"),
        ({"batch_size": 7}, "batch_size = 100, but now it is 7"),
        ({"learning_rate": 0.5}, "learning_rate = 0.001, but now it is 0.5"),
        ({"final_rate": 0.5}, "epochs = None, but now it is 2"),
        ({"images": x[:9]}, "images = 20, but now it is 9"),
        ({"model": small(3)}, "a model with other layers"),
        ({"model": small(hidden=(16, 4))}, "a model with other layers"),
    ):
        with pytest.raises(ValueError, match=f"vae.pt is a checkpoint of .*{sentence}"):
            resume(**options)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    with pytest.raises(ValueError, match="vae.pt is no checkpoint of .*, or a damaged one"):
        resume()
    training.save_state(path, {"policy": 1})
    with pytest.raises(ValueError, match="vae.pt is a checkpoint of something else. Name another file"):
        resume()


def test_half_precision_learns_as_well():
    """On the CPU bfloat16 always computes, if slowly where the hardware lacks it."""
    x = data.digits().x_train[::20]
    results = {}
    for precision in (torch.float32, torch.bfloat16):
        model = vae.VAE(5, hidden=(32,), generator=random())
        history = vae.train(model, x, epochs=8, batch_size=50, generator=random(1), precision=precision)
        assert all(parameter.dtype == torch.float32 for parameter in model.parameters())
        results[precision] = history[-1].sum().item()
    assert abs(results[torch.bfloat16] / results[torch.float32] - 1) < 0.02
    assert training.fast_precision("cpu") in (torch.float32, torch.bfloat16)


def test_a_generator_or_model_elsewhere_is_named():
    model, x = small(), torch.rand(3, 9)
    with pytest.raises(ValueError, match="The model is on cpu, but x is on meta"):
        vae.train(model, x.to("meta"), epochs=1, generator=random())


def test_the_global_seed_stays_untouched():
    before = torch.random.get_rng_state()
    model, x = small(), torch.rand(20, 9, generator=random())
    vae.train(model, x, epochs=1, generator=random())
    vae.ConvVAE(2, side=8, generator=random())
    vae.importance_weighted(model, x, 2, generator=random())
    vae.generate(model, 2, generator=random())
    assert torch.random.get_rng_state().equal(before)


def test_two_latents_learn_strokes_better_than_the_mean_image():
    """A short training on few digits; −ELBO of the mean image is 206 nats."""
    split = data.digits()
    for model, epochs in (
        (vae.VAE(2, hidden=(64,), generator=random()), 5),
        (vae.ConvVAE(2, channels=(6, 12), generator=random()), 8),
    ):
        vae.train(model, split.x_train[::8], epochs=epochs, batch_size=25, learning_rate=1e-2, generator=random(1))
        reconstruction, latent = vae.evaluate(model, split.x_test[::4], generator=random(2))
        assert (reconstruction + latent).item() < 195 and latent > 2


def test_a_training_step_is_a_step_of_the_training_loop():
    """One batch, one epoch: `train` and `training_step` draw the order, then the noise, from one generator."""
    x = torch.rand(12, 9, generator=random())
    model, other, g = small(), small(), random(5)
    vae.train(model, x, epochs=1, batch_size=12, learning_rate=1e-2, latent_weight=0.5, generator=random(5))
    rows = torch.randperm(12, generator=g)
    optimizer = torch.optim.Adam(other.parameters(), lr=1e-2)
    losses = vae.training_step(other.eval(), optimizer, x[rows], 0.5, generator=g)
    torch.testing.assert_close(other.state_dict(), model.state_dict())
    assert other.training and not any(loss.requires_grad for loss in losses)


def test_the_manifold_is_the_decoded_grid_with_its_first_row_on_top():
    model = small().train()
    picture = vae.manifold(model, 3)
    assert picture.shape == (9, 9) and not model.training and not picture.requires_grad
    top_right = torch.special.ndtri(torch.tensor([5 / 6, 5 / 6]))
    torch.testing.assert_close(picture[:3, -3:], model.images(top_right).view(3, 3))
    with pytest.raises(ValueError, match="two latents, but this model has 3"):
        vae.manifold(small(3), 3)


def test_generating_leaves_training_mode():
    model = small().train()
    vae.generate(model, 2, generator=random())
    assert not model.training
