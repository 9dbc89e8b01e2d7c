"""Autoencoders against PCA, scipy and numpy; denoisers against closed forms and the slope of the density."""

import math

import numpy as np
import pytest
import scipy.linalg
import torch
from torch import nn

from helpers import autoencoders, data, layers

F64 = torch.float64
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA"))]


def random(seed: int = 0, device="cpu") -> torch.Generator:
    return torch.Generator(device).manual_seed(seed)


def blob(n: int, stds, seed: int = 0) -> torch.Tensor:
    """Points with these standard deviations along turned axes, not centred."""
    stds = torch.tensor(stds)
    turn = torch.linalg.qr(torch.randn(len(stds), len(stds), generator=random(7))).Q
    return torch.randn(n, len(stds), generator=random(seed)) * stds @ turn + 1


def test_errors_are_sums_over_the_pixels():
    output, x = torch.randn(3, 4, 9, generator=random()), torch.rand(3, 4, 9, generator=random(1))
    torch.testing.assert_close(autoencoders.squared_error(output, x), ((output - x) ** 2).sum(-1))
    expected = nn.functional.binary_cross_entropy_with_logits(output, x, reduction="none").sum(-1)
    torch.testing.assert_close(autoencoders.cross_entropy(output, x), expected)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("loss", autoencoders.LOSSES)
def test_shapes_and_devices(device, loss):
    model = autoencoders.Autoencoder(3, hidden=(8, 5), pixels=12, loss=loss, generator=random(device=device))
    x = torch.rand(2, 4, 12, generator=random(device=device), device=device)
    assert model.encode(x).shape == (2, 4, 3) and model(x).shape == (2, 4, 12) and model(x).device == x.device
    assert model.error(x, x).shape == (2, 4)
    seen = model.reconstruct(x)
    assert not seen.requires_grad
    torch.testing.assert_close(seen, (model(x) if loss == "squared" else model(x).sigmoid()).detach())
    widths = [(layer.in_features, layer.out_features) for layer in model.modules() if isinstance(layer, nn.Linear)]
    assert widths == [(12, 8), (8, 5), (5, 3), (3, 5), (5, 8), (8, 12)]


def test_without_hidden_layers_both_maps_are_linear():
    model = autoencoders.Autoencoder(2, hidden=(), pixels=5, generator=random())
    a, b = torch.randn(2, 1, 5, generator=random())
    torch.testing.assert_close(model(0.25 * a + 0.75 * b), 0.25 * model(a) + 0.75 * model(b))


def test_pca_is_the_singular_value_decomposition():
    x = blob(300, [3.0, 2.0, 1.0, 0.5]).double()
    found = autoencoders.pca(x, 2)
    _, singular, vectors = np.linalg.svd((x - x.mean(0)).numpy(), full_matrices=False)
    torch.testing.assert_close(found.variances, torch.from_numpy(singular[:2] ** 2 / 300))
    for mine, other in zip(found.directions, torch.from_numpy(vectors[:2]), strict=True):
        torch.testing.assert_close(mine * torch.sign(mine @ other), other)
    everything = autoencoders.pca(x, 4)
    torch.testing.assert_close(everything.decode(everything.encode(x)), x)
    lost = (found.decode(found.encode(x)) - x).square().sum(-1).mean()
    torch.testing.assert_close(lost, everything.variances[2:].sum())
    with pytest.raises(ValueError, match="k is 5, but points with 4 numbers have 1 to 4 directions"):
        autoencoders.pca(x, 5)


def test_pca_of_the_digits():
    """Mean squared error a pixel on the test digits: 0.0556, 0.0340, 0.0235 for 2, 10 and 20 directions."""
    split = data.digits()
    found = autoencoders.pca(split.x_train, 20)
    for k, expected in ((2, 0.0556), (10, 0.0340), (20, 0.0235)):
        best = autoencoders.PCA(found.mean, found.directions[:k], found.variances[:k])
        error = (best.decode(best.encode(split.x_test)) - split.x_test).square().mean().item()
        assert abs(error - expected) < 0.02 * expected


def test_principal_angles_are_scipys():
    for k, m in ((2, 2), (2, 4), (5, 3)):
        a, b = torch.randn(k, 8, generator=random(k)).double(), torch.randn(m, 8, generator=random(m + 9)).double()
        expected = torch.from_numpy(scipy.linalg.subspace_angles(a.numpy().T, b.numpy().T).copy())
        torch.testing.assert_close(autoencoders.principal_angles(a, b), expected)
        torch.testing.assert_close(autoencoders.principal_angles(a.float(), b.float()), expected.float())


def test_principal_angles_are_exact_when_small_and_when_right():
    for angle in (0.0, 1e-9, 1e-4, 0.5, math.pi / 4, math.pi / 2 - 1e-9, math.pi / 2):
        b = torch.tensor([[math.cos(angle), math.sin(angle), 0]], dtype=torch.float64)
        found = autoencoders.principal_angles(torch.tensor([[2.0, 0, 0]], dtype=torch.float64), b)
        assert abs(found.item() - angle) < 1e-15
    plane = torch.tensor([[1.0, 0, 0], [1, 1, 0]])
    assert autoencoders.principal_angles(plane, torch.tensor([[3.0, -5, 0]])).max() < 1e-12
    with pytest.raises(ValueError, match="rows of one length"):
        autoencoders.principal_angles(plane, torch.ones(2, 2))


def test_a_trained_linear_autoencoder_spans_the_principal_directions():
    x = blob(2000, [3.0, 2.0, 0.7, 0.5, 0.3])
    model = autoencoders.Autoencoder(2, hidden=(), pixels=5, generator=random())
    history = autoencoders.train(
        model, x, epochs=20, learning_rate=2e-2, final_rate=0.01, batch_size=100, generator=random(1)
    )
    found = autoencoders.pca(x, 2)
    assert autoencoders.principal_angles(model.decoder[-1].weight.T, found.directions).max() < math.radians(0.5)
    lost = (found.decode(found.encode(x)) - x).square().sum(-1).mean().item()
    assert history.shape == (20,) and lost < history[-1] < 1.01 * lost


def test_a_trained_linear_denoiser_is_wieners():
    """The best linear map from x + noise to x is Σ (Σ + s² I)⁻¹ about the mean; noise must reach the input alone."""
    x, noise_std = blob(4000, [2.0, 0.5]), 0.7
    model = autoencoders.Autoencoder(2, hidden=(), pixels=2, generator=random())
    autoencoders.train(
        model, x, epochs=25, learning_rate=2e-2, final_rate=0.01, noise_std=noise_std, generator=random(1)
    )
    covariance = x.T.cov().double()
    best = covariance @ torch.linalg.inv(covariance + noise_std**2 * torch.eye(2))
    with torch.no_grad():
        shift = model(torch.zeros(1, 2))
        learned = (model(torch.eye(2)) - shift).double()
    torch.testing.assert_close(learned.T, best, atol=0.04, rtol=0)
    mean = x.mean(0)
    torch.testing.assert_close(shift[0], mean - best.float() @ mean, atol=0.06, rtol=0)


def test_noise_has_the_stated_size():
    """5 standard errors: fails once in two million."""
    x = torch.rand(400, 100, generator=random())
    noise = (autoencoders.corrupt(x, 0.3, generator=random(1)) - x) / 0.3
    assert abs(noise.mean().item()) < 5 / 200 and abs(noise.var().item() - 1) < 5 * math.sqrt(2) / 200
    assert autoencoders.corrupt(x, 0.0, generator=random()).equal(x)


def test_a_convolutional_autoencoder_is_made_of_layers():
    encoder = layers.convolutional(8, 3, (2, 4), generator=random())
    decoder = layers.deconvolutional(3, 8, (4, 2), generator=random())
    x = torch.rand(2, 5, 64, generator=random())
    assert encoder(x).shape == (2, 5, 3) and decoder(encoder(x)).shape == (2, 5, 64)
    torch.testing.assert_close(encoder(x)[1, 2], encoder(x[1, 2].unsqueeze(0))[0])
    with pytest.raises(ValueError, match="side is 10, but two convolutions halve it: choose a multiple of 4"):
        layers.convolutional(10, 3, generator=random())


def test_weights_come_from_the_generator_with_torchs_own_bounds():
    before = torch.random.get_rng_state()
    model, again, other = (layers.perceptron([50, 400, 20], generator=random(seed)) for seed in (0, 0, 1))
    layers.convolutional(28, 4, generator=random())
    assert torch.random.get_rng_state().equal(before)
    for a, b, c in zip(model.parameters(), again.parameters(), other.parameters(), strict=True):
        assert a.equal(b) and not a.equal(c)
    with torch.random.fork_rng():
        torch.manual_seed(1)  # of twenty weights, the largest is near the bound on most seeds only
        theirs = nn.Linear(50, 400), nn.Linear(400, 20)
    for mine, torchs in zip((model[0], model[2]), theirs, strict=True):
        for a, b in zip(mine.parameters(), torchs.parameters(), strict=True):
            assert a.shape == b.shape and 0.85 < (a.abs().max() / b.abs().max()).item() < 1.15
    convolution = layers.build(lambda: nn.Conv2d(3, 64, 4), generator=random())
    assert 0.98 / math.sqrt(48) < convolution.weight.abs().max().item() <= 1 / math.sqrt(48)
    transposed, torchs = (
        layers.build(lambda: nn.ConvTranspose2d(8, 4, 4), generator=random()),
        nn.ConvTranspose2d(8, 4, 4),
    )
    assert 0.9 < (transposed.weight.abs().max() / torchs.weight.abs().max()).item() < 1.1
    for wrong in (lambda: nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), lambda: nn.Embedding(2, 2)):
        with pytest.raises(ValueError, match="Only nn.Linear"):
            layers.build(wrong, generator=random())


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="loss is one of"):
        autoencoders.Autoencoder(2, loss="mse", generator=random())
    with pytest.raises(ValueError, match="widths are at least two numbers"):
        autoencoders.Autoencoder(0, generator=random())
    model, x = autoencoders.Autoencoder(1, hidden=(), pixels=4, generator=random()), torch.rand(6, 4)
    with pytest.raises(ValueError, match=r"x has shape \(6, 2, 2\)"):
        autoencoders.train(model, x.view(6, 2, 2), epochs=1, generator=random())
    for options in ({"epochs": -1}, {"epochs": 1, "batch_size": 0}, {"epochs": 1, "learning_rate": 0.0}):
        with pytest.raises(ValueError, match="epochs is at least 0, batch_size at least 1"):
            autoencoders.train(model, x, generator=random(), **options)
    with pytest.raises(ValueError, match="The loss is not finite in epoch 1: lower learning_rate=0.001"):
        autoencoders.train(model, x * 1e30, epochs=2, generator=random())
    assert autoencoders.train(model, x, epochs=0, generator=random()).shape == (0,)


def test_progress_is_told_once_an_epoch():
    model, x = autoencoders.Autoencoder(1, hidden=(), pixels=4, generator=random()), torch.rand(60, 4)
    seen = []
    history = autoencoders.train(
        model, x, epochs=3, batch_size=7, generator=random(), report=lambda *what: seen.append(what)
    )
    assert [number for number, _ in seen] == [1, 2, 3]
    assert torch.cat([terms for _, terms in seen]).equal(history)


# denoising


def test_the_denoising_loss_compares_with_the_clean_point():
    x = torch.randn(50, 3, generator=random(1), dtype=F64)
    seen = []
    loss = autoencoders.denoising_loss(lambda z: seen.append(z) or z.sin(), x, 0.7, generator=random(2))
    torch.testing.assert_close(seen[0], autoencoders.corrupt(x, 0.7, generator=random(2)))
    torch.testing.assert_close(loss, (seen[0].sin() - x).square().sum() / 50)


def test_the_identity_loses_the_variance_of_the_noise():
    """Mean of 200,000 squares within 5 standard errors of D σ²; false alarms: 1 in 1.7 million."""
    loss = autoencoders.denoising_loss(lambda z: z, torch.zeros(100_000, 2), 0.5, generator=random(3))
    assert abs(loss - 2 * 0.25) < 5 * 0.25 * math.sqrt(2 * 2 / 100_000)


def test_two_points_are_weighted_by_a_sigmoid():
    at = torch.linspace(-3, 3, 13, dtype=F64).unsqueeze(-1)
    points = torch.tensor([[-1.0], [1.0]], dtype=F64)
    torch.testing.assert_close(autoencoders.best_denoiser(at, points, 0.8), torch.tanh(at / 0.64))


def test_little_noise_leads_to_the_nearest_point_and_much_to_the_mean():
    points, at = (torch.randn(n, 2, generator=random(n), dtype=F64) for n in (7, 20))
    nearest = points[torch.cdist(at, points).argmin(1)]
    torch.testing.assert_close(autoencoders.best_denoiser(at, points, 0.01), nearest, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(
        autoencoders.best_denoiser(at, points, 1e5), points.mean(0).expand(20, 2), rtol=1e-6, atol=1e-6
    )


def test_far_away_nothing_underflows():
    points = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    assert torch.equal(autoencoders.best_denoiser(torch.tensor([900.0, 5.0]), points, 0.1), points[1])


def test_the_step_is_the_slope_of_the_log_density():
    points = torch.randn(9, 4, generator=random(4), dtype=F64)
    at = torch.randn(2, 5, 4, generator=random(5), dtype=F64, requires_grad=True)
    slope = torch.autograd.grad(autoencoders.log_density(at, points, 0.6).sum(), at)[0]
    torch.testing.assert_close(autoencoders.best_denoiser(at.detach(), points, 0.6) - at.detach(), 0.36 * slope)


def test_the_log_density_is_that_of_the_mixture_but_for_a_constant():
    points, at = (torch.randn(n, 2, generator=random(n), dtype=F64) for n in (3, 8))
    parts = torch.distributions.Independent(torch.distributions.Normal(points, torch.tensor(0.6, dtype=F64)), 1)
    mixture = torch.distributions.MixtureSameFamily(torch.distributions.Categorical(torch.ones(3, dtype=F64)), parts)
    constant = -math.log(2 * math.pi * 0.36) - math.log(3)
    torch.testing.assert_close(autoencoders.log_density(at, points, 0.6) + constant, mixture.log_prob(at))


@pytest.mark.parametrize("rival", [lambda z: z, lambda z: torch.zeros_like(z), torch.tanh, lambda z: 0.7 * z])
def test_no_rival_has_a_smaller_error(rival):
    """Paired differences of 50,000 points: positive by more than 5 standard errors."""
    points = torch.randn(6, 2, generator=random(6))
    clean = points[torch.randint(6, (50_000,), generator=random(7))]
    noisy = autoencoders.corrupt(clean, 0.5, generator=random(8))
    best = autoencoders.squared_error(autoencoders.best_denoiser(noisy, points, 0.5), clean)
    excess = autoencoders.squared_error(rival(noisy), clean) - best
    assert excess.mean() > 5 * excess.std() / math.sqrt(len(excess))


@pytest.mark.parametrize("noise_std", [0.0, -1.0])
def test_noise_has_a_spread(noise_std):
    with pytest.raises(ValueError, match="noise_std is positive"):
        autoencoders.best_denoiser(torch.zeros(2), torch.zeros(3, 2), noise_std)
