"""The variational autoencoder: an encoder Q(z | x), a decoder P(x | z), and the bound that trains both.

Names are the notation: `log_p_x` is log P(x | z), summed over the pixels, `log_q_z` is log Q(z | x), `log_p_z` is
log P(z), both summed over the latents. The encoder gives the mean μ and log σ, the logarithm of the standard deviation,
never of σ². Everything is in nats for one image; leading dimensions `...` hold images.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers import bounds, given, latent, layers, progress, training
from helpers.bounds import gaussian_kl, reparametrise
from helpers.latent_models import log_normal


def gaussian_log_density(z: Tensor, mean: Tensor | float = 0.0, log_std: Tensor | float = 0.0) -> Tensor:
    """Compute log N(z; mean, std²), summed over the last dimension: log P(z) by default.

    Args:
        z: where, shape (..., Z).
        mean, log_std: of the density, numbers or tensors that broadcast to the shape of `z`.

    Returns:
        The log density, shape (...).
    """
    return log_normal(z, mean, log_std).sum(-1)


def bernoulli_log_likelihood(logits: Tensor, x: Tensor) -> Tensor:
    """Compute log P(x | z) = Σ x log p + (1 − x) log (1 − p) over the pixels, with p = sigmoid(logits).

    Grey pixels in [0, 1] are taken as probabilities themselves; the best value is then the pixels' entropy and not 0.

    Args:
        logits: log p/(1 − p), shape (..., pixels).
        x: pixels in [0, 1], shape (..., pixels).

    Returns:
        The log likelihood, shape (...).
    """
    return (x * logits - F.softplus(logits)).sum(-1)


def gaussian_log_likelihood(x_mean: Tensor, x: Tensor, x_log_std: Tensor | float) -> Tensor:
    """Compute log P(x | z) = log N(x; x_mean, x_std²), summed over the pixels, shape (...); arguments (..., pixels)."""
    return gaussian_log_density(x, x_mean, x_log_std)


def encode(network: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    """Read the last layer of an encoder as the two heads of Q(z | x) = N(μ, σ²).

    Args:
        network: maps (..., pixels) to (..., 2 Z): first the Z means, then the Z logarithms of σ.
        x: images, shape (..., pixels).

    Returns:
        μ and log σ, each of shape (..., Z).
    """
    return network(x).to(x.dtype).chunk(2, -1)


class VAE(nn.Module):
    """A VAE on rows of pixels, with fully connected layers.

    Args:
        latents: Z, number of latent dimensions.
        hidden: widths of the hidden layers of the encoder; the decoder has them in reverse order.
        pixels: number of values of an image.
        likelihood: "bernoulli" for pixels in [0, 1], or "gaussian" for any numbers.
        x_std: standard deviation of a Gaussian pixel; None makes it one learned number, 1 at first.
        generator: source of the initial weights, on the device of choice.
    """

    def __init__(
        self,
        latents: int,
        *,
        hidden: Sequence[int] = (400,),
        pixels: int = 784,
        likelihood: str = "bernoulli",
        x_std: float | None = None,
        generator: torch.Generator,
    ):
        super().__init__()
        if x_std is not None and x_std <= 0:
            raise ValueError(f"x_std is positive, or None to learn it, but it is {x_std}.")
        if likelihood not in ("bernoulli", "gaussian"):
            raise ValueError(f"likelihood is 'bernoulli' or 'gaussian', but it is {likelihood!r}.")
        self.latents, self.pixels, self.likelihood = latents, pixels, likelihood
        self.encoder, self.decoder = self._layers(hidden, generator)
        if likelihood == "gaussian":
            x_log_std = torch.tensor(math.log(x_std or 1.0), device=generator.device)
            self.x_log_std = nn.Parameter(x_log_std, requires_grad=x_std is None)

    def _layers(self, hidden: Sequence[int], generator: torch.Generator) -> tuple[nn.Module, nn.Module]:
        encoder = layers.perceptron([self.pixels, *hidden, 2 * self.latents], generator=generator)
        return encoder, layers.perceptron([self.latents, *reversed(hidden), self.pixels], generator=generator)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return μ and log σ of Q(z | x), each (..., Z), for x (..., pixels)."""
        return encode(self.encoder, x)

    def decode(self, z: Tensor) -> Tensor:
        """Return the pixels' logits, or means if the likelihood is Gaussian, shape (..., pixels), for z (..., Z)."""
        return self.decoder(z).to(z.dtype)

    def log_p_x(self, x: Tensor, z: Tensor) -> Tensor:
        """Return log P(x | z), shape (...), for x (..., pixels) and z (..., Z)."""
        output = self.decode(z)
        if self.likelihood == "bernoulli":
            return bernoulli_log_likelihood(output, x)
        return gaussian_log_likelihood(output, x, self.x_log_std)

    @torch.no_grad()
    def images(self, z: Tensor) -> Tensor:
        """Return the mean of P(x | z), shape (..., pixels), for z (..., Z); no gradient is recorded."""
        output = self.decode(z)
        return output.sigmoid() if self.likelihood == "bernoulli" else output


class ConvVAE(VAE):
    """A VAE on square grey images as rows of pixels, with two convolutions each way.

    Args:
        latents: Z, number of latent dimensions.
        channels: of the first and the second convolution of the encoder; the decoder has them in reverse order.
        side: of an image, a multiple of 4.
        options: `likelihood`, `x_std` and `generator` as for `VAE`.
    """

    def __init__(self, latents: int, *, channels: tuple[int, int] = (16, 32), side: int = 28, **options):
        self.side = side
        super().__init__(latents, hidden=channels, pixels=side * side, **options)

    def _layers(self, hidden: Sequence[int], generator: torch.Generator) -> tuple[nn.Module, nn.Module]:
        encoder = layers.convolutional(self.side, 2 * self.latents, tuple(hidden), generator=generator)
        return encoder, layers.deconvolutional(self.latents, self.side, tuple(hidden[::-1]), generator=generator)


def elbo_terms(model: VAE, x: Tensor, *, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Compute the two parts of −ELBO with one sample z for each image.

    Args:
        model: encoder and decoder.
        x: images, shape (..., pixels).
        generator: source of z, on the device of `x`.

    Returns:
        reconstruction: −log P(x | z), shape (...).
        latent: KL(Q(z | x) ‖ P(z)), shape (...).

    Kingma and Welling (2014), equation 10.
    """
    z_mean, z_log_std = model.encode(x)
    z = reparametrise(z_mean, z_log_std, generator=generator)
    return -model.log_p_x(x, z), gaussian_kl(z_mean, z_log_std)


def loss(reconstruction: Tensor, latent: Tensor, latent_weight: float = 1.0) -> Tensor:
    """Compute what training makes small: the mean over the images of reconstruction + weight · latent."""
    return (reconstruction + latent_weight * latent).mean()


def training_step(
    model: VAE, optimizer: torch.optim.Optimizer, x: Tensor, latent_weight: float = 1.0, *, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Take one step down the loss of a batch, in place.

    Args:
        model: encoder and decoder; it is put into training mode.
        optimizer: holds the model's parameters.
        x: images, shape (B, pixels).
        latent_weight: factor of the latent loss.
        generator: source of z, on the device of `x`.

    Returns:
        Reconstruction and latent loss before the step, averaged over the batch, detached, each ().
    """
    model.train()
    optimizer.zero_grad()
    terms = elbo_terms(model, x, generator=generator)
    loss(*terms, latent_weight).backward()
    optimizer.step()
    return tuple(term.detach().mean() for term in terms)


@torch.no_grad()
def evaluate(model: VAE, x: Tensor, *, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Compute the means of `elbo_terms` over all images (N, pixels), without gradient; their sum is −ELBO."""
    given.check_images(x, model, unit=model.likelihood == "bernoulli")
    parts = [torch.stack(elbo_terms(model, batch, generator=generator)) for batch in x.split(2000)]
    return tuple(torch.cat(parts, -1).mean(-1))


@torch.no_grad()
def importance_weighted(model: VAE, x: Tensor, samples: int, *, generator: torch.Generator) -> Tensor:
    """Estimate log P(x) by log 1/K Σ P(x | z) P(z) / Q(z | x) over K samples z ~ Q(z | x), without gradient.

    In expectation a lower bound on log P(x) that rises with K; with K = 1 it is the ELBO.

    Args:
        model: encoder and decoder.
        x: images, shape (..., pixels).
        samples: K.
        generator: source of z, on the device of `x`.

    Returns:
        The estimate for each image, shape (...).

    Burda, Grosse and Salakhutdinov (2016), equation 8.
    """
    if samples < 1:
        raise ValueError(f"samples is at least 1, but it is {samples}.")
    given.check_images(x, model, unit=model.likelihood == "bernoulli")
    rows, found = x.reshape(-1, x.shape[-1]), []
    blocks = rows.split(max(1, 4000 // samples))  # what is larger leaves the cache
    for batch in progress.bar("log P(x)", blocks, unit="batch"):
        z_mean, z_log_std = (part.expand(samples, *part.shape) for part in model.encode(batch))
        z = reparametrise(z_mean, z_log_std, generator=generator)
        logs = model.log_p_x(batch, z), gaussian_log_density(z), gaussian_log_density(z, z_mean, z_log_std)
        found.append(bounds.importance_estimate(*(log.T for log in logs)))  # samples last
    return torch.cat(found).reshape(x.shape[:-1])


def generate(model: VAE, images: int, *, generator: torch.Generator) -> Tensor:
    """Draw z from the prior N(0, I) and return the mean images that the decoder makes of it, (images, pixels).

    The model is put into evaluation mode.
    """
    z = torch.randn(images, model.latents, generator=generator, device=generator.device)
    return model.eval().images(z)


def manifold(model: VAE, n: int) -> Tensor:
    """Decode `latent.quantile_grid` and lay the n × n images side by side; only for a model with two latents.

    The model is put into evaluation mode.

    Returns:
        One picture, shape (n · side, n · side), on the model's device.

    Kingma and Welling (2014), appendix A.
    """
    if model.latents != 2:
        raise ValueError(f"A manifold has two latents, but this model has {model.latents}.")
    z = latent.quantile_grid(n, device=next(model.parameters()).device)
    return latent.tile(model.eval().images(z))


@progress.shown("VAE", "epochs", "reconstruction, nats", "latent, nats")
def train(
    model: VAE,
    x: Tensor,
    *,
    epochs: int,
    batch_size: int = 100,
    learning_rate: float = 1e-3,
    latent_weight: float = 1.0,
    generator: torch.Generator,
    **options,
) -> Tensor:
    """Train a VAE in place on images (N, pixels); the arguments are those of `training.fit`.

    Args:
        latent_weight: factor of the latent loss; 1 makes the loss −ELBO.
        options: such as `final_rate`, `report`, `checkpoint` and `precision`.

    Returns:
        Mean reconstruction and latent loss of each epoch, in nats an image, shape (epochs, 2).
    """

    given.check_images(x, model, unit=model.likelihood == "bernoulli")

    def batch_loss(model: VAE, batch: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        terms = elbo_terms(model, batch, generator=generator)
        return loss(*terms, latent_weight), terms

    return training.fit(
        model,
        x,
        batch_loss,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        generator=generator,
        settings={"latent_weight": latent_weight},
        **options,
    )


given.explain(__name__)
