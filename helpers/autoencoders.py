"""Classic autoencoders: a bottleneck, PCA for comparison, and denoising: from a corrupted point back to where data lie.

Leading dimensions `...` hold images or points; an image is a row of pixels, a code a row of Z numbers.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers import given, layers, progress, training

LOSSES = ("squared", "cross-entropy")


def squared_error(output: Tensor, x: Tensor) -> Tensor:
    """Compute Σ (output − x)² over the pixels, (..., pixels) to (...)."""
    return (output - x).square().sum(-1)


def cross_entropy(logits: Tensor, x: Tensor) -> Tensor:
    """Compute −Σ x log p + (1 − x) log (1 − p) over the pixels, p = sigmoid(logits); (..., pixels) to nats (...)."""
    return (F.softplus(logits) - x * logits).sum(-1)


class Autoencoder(nn.Module):
    """An encoder to a code of Z numbers and a decoder back, with fully connected layers.

    Args:
        latents: Z, width of the bottleneck.
        hidden: widths of the encoder's hidden layers, the decoder has them in reverse order; () makes both linear.
        pixels: number of values of an image.
        loss: "squared", for any numbers, or "cross-entropy", for pixels in [0, 1]; the decoder then gives logits.
        generator: source of the initial weights, on the device of choice.
    """

    def __init__(
        self,
        latents: int,
        *,
        hidden: Sequence[int] = (400,),
        pixels: int = 784,
        loss: str = "squared",
        generator: torch.Generator,
    ):
        super().__init__()
        if loss not in LOSSES:
            raise ValueError(f"loss is one of {LOSSES}, but it is {loss!r}.")
        self.latents, self.pixels, self.loss = latents, pixels, loss
        self.encoder = layers.perceptron([pixels, *hidden, latents], generator=generator)
        self.decoder = layers.perceptron([latents, *reversed(hidden), pixels], generator=generator)

    def encode(self, x: Tensor) -> Tensor:
        """Return the codes, (..., Z), of x (..., pixels)."""
        return self.encoder(x).to(x.dtype)

    def decode(self, z: Tensor) -> Tensor:
        """Return the pixels, or their logits if the loss is cross-entropy, (..., pixels), of z (..., Z)."""
        return self.decoder(z).to(z.dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Return decode(encode(x))."""
        return self.decode(self.encode(x))

    def error(self, x: Tensor, target: Tensor) -> Tensor:
        """Return each image's loss, (...), between what the model makes of x and its target, both (..., pixels)."""
        return (squared_error if self.loss == "squared" else cross_entropy)(self(x), target)

    @torch.no_grad()
    def images(self, z: Tensor) -> Tensor:
        """Return the images of codes z (..., Z), shape (..., pixels); no gradient is recorded."""
        output = self.decode(z)
        return output if self.loss == "squared" else output.sigmoid()

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        """Return the images of the codes of x, (..., pixels); no gradient is recorded."""
        return self.images(self.encode(x))


def corrupt(x: Tensor, noise_std: float, *, generator: torch.Generator) -> Tensor:
    """Add noise ~ N(0, noise_std²) to every pixel; the result may leave [0, 1]."""
    return x + noise_std * torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)


@progress.shown("autoencoder", "epochs", "loss of an image")
def train(
    model: Autoencoder,
    x: Tensor,
    *,
    epochs: int,
    batch_size: int = 100,
    learning_rate: float = 1e-3,
    noise_std: float = 0.0,
    generator: torch.Generator,
    **options,
) -> Tensor:
    """Train an autoencoder in place on images (N, pixels); the arguments are those of `training.fit`.

    Args:
        noise_std: what `corrupt` adds to the input, anew in every epoch; the target stays clean. 0 for none.
        options: such as `final_rate`, `report`, `checkpoint` and `precision`.

    Returns:
        Mean loss of each epoch, summed over the pixels of an image, shape (epochs,).

    Vincent et al. (2008) for denoising.
    """

    given.check_images(x, model, unit=model.loss == "cross-entropy")

    def batch_loss(model: Autoencoder, batch: Tensor) -> tuple[Tensor, tuple[Tensor]]:
        noisy = corrupt(batch, noise_std, generator=generator) if noise_std else batch
        error = model.error(noisy, batch)
        return error.mean(), (error,)

    return training.fit(
        model,
        x,
        batch_loss,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        generator=generator,
        settings={"noise_std": noise_std},
        **options,
    ).flatten()


class PCA(NamedTuple):
    """The best linear map to k numbers and back: mean (D,), orthonormal directions (k, D), and their variances (k,)."""

    mean: Tensor
    directions: Tensor
    variances: Tensor

    def encode(self, x: Tensor) -> Tensor:
        """Return codes (..., k) of x (..., D)."""
        return (x - self.mean) @ self.directions.T

    def decode(self, z: Tensor) -> Tensor:
        """Return the points (..., D) of codes z (..., k)."""
        return z @ self.directions + self.mean


def pca(x: Tensor, k: int) -> PCA:
    """Find the k directions of largest variance of points (N, D), the largest first; computed in float64.

    Raises:
        ValueError: if k lies outside [1, D].
    """
    given.check_images(x)
    if not 1 <= k <= x.shape[-1]:
        raise ValueError(f"k is {k}, but points with {x.shape[-1]} numbers have 1 to {x.shape[-1]} directions.")
    points = x.double()
    mean = points.mean(0)
    variances, vectors = torch.linalg.eigh((points - mean).T @ (points - mean) / len(x))
    directions = vectors.flip(-1)[:, :k].T
    return PCA(*(part.to(x.dtype) for part in (mean, directions, variances.flip(-1)[:k])))


def principal_angles(a: Tensor, b: Tensor) -> Tensor:
    """Compute the angles between the subspaces that the rows of two matrices span, in radians, the largest first.

    Angles of 0 mean that the smaller subspace lies in the larger one. Small angles come from sines and large ones from
    cosines, so that both are exact.

    Args:
        a: rows that span the first subspace, shape (k, D), linearly independent.
        b: rows that span the second one, shape (m, D).

    Returns:
        Angles in [0, π/2], shape (min(k, m),), computed in float64.

    Björck and Golub (1973).
    """
    if a.dim() != 2 or b.dim() != 2 or a.shape[-1] != b.shape[-1]:
        raise ValueError(f"Two matrices with rows of one length were expected, not {tuple(a.shape)}, {tuple(b.shape)}.")
    larger, smaller = (torch.linalg.qr(rows.detach().double().T).Q for rows in ((a, b) if len(a) >= len(b) else (b, a)))
    cosines = torch.linalg.svdvals(larger.T @ smaller).clamp(max=1).flip(-1)
    sines = torch.linalg.svdvals(smaller - larger @ (larger.T @ smaller)).clamp(max=1)
    angles = torch.where(cosines.square() >= 0.5, sines.asin(), cosines.acos())
    return angles.to(torch.result_type(a, b))


def there_and_back(x: Tensor, mean: Tensor, directions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Encode linearly, decode, and compare.

    Args:
        x: points, shape (..., D).
        mean: what is subtracted before and added after, shape (D,).
        directions: orthonormal rows, shape (k, D).

    Returns:
        codes: shape (..., k).
        rebuilt: points of the subspace, shape (..., D).
        error: squared, summed over the D numbers, shape (...).
    """
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    return codes, rebuilt, squared_error(rebuilt, x)


def training_step(model: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, target: Tensor) -> Tensor:
    """Take one step down the squared error of a batch, in place.

    Args:
        model: maps (B, D) to (B, D).
        optimizer: holds the model's parameters.
        x: inputs, shape (B, D).
        target: what they are to become, shape (B, D).

    Returns:
        The loss before the step, summed over D and averaged over the batch, detached, shape ().
    """
    optimizer.zero_grad()
    loss = squared_error(model(x), target).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


def denoising_loss(
    model: Callable[[Tensor], Tensor], x: Tensor, noise_std: float, *, generator: torch.Generator
) -> Tensor:
    """Compute the mean squared error between what a model makes of x + noise, and the clean x.

    Args:
        model: maps noisy points to cleaned ones of the same shape.
        x: clean points, shape (..., D).
        noise_std: spread of the normal noise on every number.
        generator: source of the noise, on the device of `x`.

    Returns:
        The error, summed over the D numbers of a point and averaged over points, shape ().

    Vincent et al. (2010), section 3.
    """
    noisy = corrupt(x, noise_std, generator=generator)
    return squared_error(model(noisy), x).mean()


def best_denoiser(noisy: Tensor, points: Tensor, noise_std: float) -> Tensor:
    """Compute E[x | x + noise] if x is one of the given points, each equally probable: no denoiser has a smaller error.

    It is the mean of the points, weighted by how probable each makes the noisy point.

    Args:
        noisy: where to denoise, shape (..., D).
        points: clean points, shape (N, D).
        noise_std: spread of the normal noise on every number, positive.

    Returns:
        Clean guesses, shape (..., D).

    Raises:
        ValueError: if `noise_std` is not positive.

    Alain and Bengio (2014), section 3; the posterior mean of Miyasawa (1961).
    """
    if noise_std <= 0:
        raise ValueError(f"noise_std is positive, but it is {noise_std}.")
    weights = (_log_fits(noisy, points, noise_std)).softmax(-1)
    return weights @ points


def log_density(x: Tensor, points: Tensor, noise_std: float) -> Tensor:
    """Compute the logarithm of the density of point + noise, with the points equally probable, up to a constant.

    The constant, −D/2 log(2π σ²) − log N, depends neither on `x` nor on where the points lie. The gradient with respect
    to `x` times σ² is `best_denoiser(x, …) − x`.

    Args:
        x: where to compute it, shape (..., D).
        points: clean points, shape (N, D).
        noise_std: spread σ of the noise.

    Returns:
        Logarithms, shape (...).
    """
    return _log_fits(x, points, noise_std).logsumexp(-1)


def _log_fits(noisy: Tensor, points: Tensor, noise_std: float) -> Tensor:
    """Return −‖noisy − point‖² / 2σ² for every point, (..., N)."""
    return -0.5 * (noisy.unsqueeze(-2) - points).square().sum(-1) / noise_std**2


given.explain(__name__)
