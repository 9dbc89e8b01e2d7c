"""Linear-Gaussian models, on which evidence, posterior and bound are exact: what estimates are held against."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.latent_models import LOG_2_PI, log_normal


@dataclass(frozen=True)
class LinearGaussian:
    """The model z ~ N(0, I), x | z ~ N(W z + b, σ² I), with evidence, posterior and bound in closed form.

    Args:
        weight: W, shape (X, D).
        bias: b, shape (X,).
        std: σ, positive.

    Raises:
        ValueError: if shapes disagree, or σ is not positive.

    Bishop (2006), *Pattern Recognition and Machine Learning*, sections 2.3.3 and 12.2.
    """

    weight: Tensor
    bias: Tensor
    std: float

    def __post_init__(self):
        if not self.std > 0:
            raise ValueError(f"The standard deviation σ is {self.std}, but it has to be positive.")
        if self.weight.dim() != 2 or self.bias.shape != self.weight.shape[:1]:
            shapes = f"{tuple(self.weight.shape)} and bias {tuple(self.bias.shape)}"
            raise ValueError(f"weight has shape {shapes}; (X, D) and (X,) are needed.")

    @property
    def num_latents(self) -> int:
        """D, the number of latents."""
        return self.weight.shape[1]

    def decode(self, z: Tensor) -> Tensor:
        """Return the mean W z + b, shape (..., X), for latents of shape (..., D)."""
        return z @ self.weight.T + self.bias

    def log_p_x(self, x: Tensor, z: Tensor) -> Tensor:
        """Return log P(x | z), shape (...), for x of shape (..., X) and z of shape (..., D)."""
        return log_normal(x, self.decode(z), math.log(self.std)).sum(-1)

    def sample(self, shape: tuple[int, ...] = (), *, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw latents from the prior and what the decoder makes of them.

        Args:
            shape: leading shape of the sample.
            generator: source of randomness, on the device of `weight`.

        Returns:
            z, shape (*shape, D), and x, shape (*shape, X).
        """
        like = {"dtype": self.weight.dtype, "device": self.weight.device, "generator": generator}
        z = torch.randn(*shape, self.num_latents, **like)
        return z, self.decode(z) + self.std * torch.randn(*shape, len(self.bias), **like)

    def log_evidence(self, x: Tensor) -> Tensor:
        """Return log P(x) = log N(x; b, W Wᵀ + σ² I), shape (...), for x of shape (..., X)."""
        identity = torch.eye(len(self.bias), dtype=self.weight.dtype, device=self.weight.device)
        covariance = self.weight @ self.weight.T + self.std**2 * identity
        return torch.distributions.MultivariateNormal(self.bias, covariance).log_prob(x)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and precision of P(z | x), which is Gaussian.

        Args:
            x: shape (..., X).

        Returns:
            Mean, shape (..., D), and precision I + Wᵀ W / σ², shape (D, D), the inverse of the covariance.
        """
        identity = torch.eye(self.num_latents, dtype=self.weight.dtype, device=self.weight.device)
        precision = identity + self.weight.T @ self.weight / self.std**2
        explained = (x - self.bias) @ self.weight / self.std**2
        return torch.linalg.solve(precision, explained.unsqueeze(-1)).squeeze(-1), precision

    def elbo(self, x: Tensor, z_mean: Tensor, z_log_std: Tensor) -> Tensor:
        """Return the evidence lower bound of Q = N(z_mean, exp(z_log_std)²) in closed form.

        Args:
            x: shape (..., X).
            z_mean, z_log_std: shape (..., D).

        Returns:
            E_Q log P(x | z) − KL(Q ‖ P(z)), shape (...).
        """
        variance = (2 * z_log_std).exp()
        spread = (variance * (self.weight**2).sum(0)).sum(-1) / (2 * self.std**2)
        latent_loss = 0.5 * (z_mean**2 + variance - 1 - 2 * z_log_std).sum(-1)
        return self.log_p_x(x, z_mean) - spread - latent_loss

    def gap(self, x: Tensor, z_mean: Tensor, z_log_std: Tensor) -> Tensor:
        """Return KL(Q ‖ P(z | x)), by which the bound of `elbo` is too low; the shapes are the same."""
        mean, precision = self.posterior(x)
        distance = z_mean - mean
        quadratic = (distance @ precision * distance).sum(-1) + ((2 * z_log_std).exp() * precision.diagonal()).sum(-1)
        return 0.5 * (quadratic - self.num_latents - torch.logdet(precision)) - z_log_std.sum(-1)

    def log_relative_variance(self, x: Tensor) -> Tensor:
        """Return log(Var[P(x | z)] / P(x)²) for z from the prior: how bad one sample is as an estimate of P(x).

        The square of N(x; W z + b, σ² I) is a constant times N(x; W z + b, σ²/2 I), whose mean over the prior is the
        evidence of another linear-Gaussian model. About that many prior samples give a relative error of 1.

        Args:
            x: shape (..., X).

        Returns:
            Shape (...).
        """
        sharper = LinearGaussian(self.weight, self.bias, self.std / math.sqrt(2))
        constant = -0.5 * len(self.bias) * (LOG_2_PI + math.log(2 * self.std**2))
        log_ratio = sharper.log_evidence(x) + constant - 2 * self.log_evidence(x)
        return log_ratio + torch.log(-torch.expm1(-log_ratio))


def waves(num_latents: int, num_values: int = 32, std: float = 0.5, *, dtype: torch.dtype = torch.float64):
    """Return a linear-Gaussian model of short sounds: each latent is the loudness of one cosine.

    The cosines are orthogonal over the sample points, so that P(z | x) has independent components.

    Args:
        num_latents: number of cosines D, less than `num_values`.
        num_values: number of amplitudes X of a sound.
        std: σ of the noise on each amplitude.
        dtype: of the model's tensors.

    Returns:
        A LinearGaussian with weight (X, D) and bias 0.

    Raises:
        ValueError: if there are not more values than latents.
    """
    if not 0 < num_latents < num_values:
        raise ValueError(
            f"{num_latents} latents for {num_values} values: at least 1 and fewer than the values are needed."
        )
    place = (torch.arange(num_values, dtype=dtype) + 0.5) / num_values
    weight = torch.cos(math.pi * place.unsqueeze(-1) * torch.arange(1, num_latents + 1, dtype=dtype))
    return LinearGaussian(weight, torch.zeros(num_values, dtype=dtype), std)
