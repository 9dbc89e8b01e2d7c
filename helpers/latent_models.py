"""Latent variable models on which everything is exact: a curve with one latent, and linear-Gaussian models.

A latent z ~ N(0, I) says in few numbers what there will be, and a decoder turns it into x: P_θ(x | z) is
N(decode(z), σ² I). Logarithms are natural; work follows the dtype and device of inputs and of the model's own tensors.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

LOG_2_PI = math.log(2 * math.pi)


def log_normal(value: Tensor, mean: Tensor | float = 0.0, log_std: Tensor | float = 0.0) -> Tensor:
    """Return log N(value; mean, exp(log_std)²), number by number, in the shape of all three together.

    Sum over the last dimension for the density of a vector with independent components.
    """
    log_std = torch.as_tensor(log_std, dtype=value.dtype, device=value.device)
    return -0.5 * ((value - mean) * (-log_std).exp()) ** 2 - log_std - 0.5 * LOG_2_PI


@dataclass(frozen=True)
class Bow:
    """A curve in the plane: one latent z, two values x, and the decoder (z, z² − 1).

    Whatever lies inside the bow has two explanations z, so that P(z | x) is not Gaussian there.

    Args:
        std: σ, the spread of x around the curve, positive.
    """

    std: float = 0.5

    def __post_init__(self):
        _check_std(self.std)

    def decode(self, z: Tensor) -> Tensor:
        """Return the mean of x, shape (..., 2), for latents of shape (...)."""
        return torch.stack([z, z**2 - 1], -1)

    def log_p_x(self, x: Tensor, z: Tensor) -> Tensor:
        """Return log P(x | z) of every x with every z.

        Args:
            x: shape (..., 2).
            z: latents, such as a grid, shape (n,).

        Returns:
            Shape (..., n).
        """
        return log_normal(x.unsqueeze(-2), self.decode(z), math.log(self.std)).sum(-1)


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
        _check_std(self.std)
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


def _check_std(std: float) -> None:
    if not std > 0:
        raise ValueError(f"The standard deviation σ is {std}, but it has to be positive.")
