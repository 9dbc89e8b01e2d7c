"""The evidence log P(x) of a latent variable model, the bound below it, and how to estimate the bound's gradient.

Densities of high-dimensional x are too small for a float, so evidence and bound stay logarithms throughout. A row of
numbers is a grid of latents or a sample of them, in the last dimension; all dimensions before it are a batch. The noise
that a paper calls ε is `noise` here, since ε is a player's rate of exploration in this course.
"""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from helpers import given


def log_evidence(log_p_x: Tensor, log_p_z: Tensor, width: float) -> Tensor:
    """Compute log P(x) = log Σ_i P(x | z_i) P(z_i) · width over an even grid of a one-dimensional latent.

    Args:
        log_p_x: log P(x | z_i), shape (..., n).
        log_p_z: log P(z_i), shape (n,) or (..., n).
        width: distance of neighbouring grid points.

    Returns:
        log P(x), shape (...).

    Raises:
        ValueError: if `width` is not positive.
    """
    _check_width(width)
    return torch.logsumexp(log_p_x + log_p_z, -1) + math.log(width)


def importance_estimate(log_p_x: Tensor, log_p_z: Tensor, log_q_z: Tensor) -> Tensor:
    """Estimate log P(x) from latents z_i drawn from Q: the logarithm of the mean of P(x | z_i) P(z_i) / Q(z_i).

    P(x) is estimated without bias, its logarithm from below on average. With Q = P(z) this is plain sampling of the
    prior; with one sample it is a one-sample estimate of the ELBO.

    Args:
        log_p_x: log P(x | z_i), shape (..., n).
        log_p_z: log P(z_i), shape (..., n).
        log_q_z: log Q(z_i | x), shape (..., n).

    Returns:
        Estimates of log P(x), shape (...).

    Burda, Grosse and Salakhutdinov (2016), section 3.
    """
    log_weights = log_p_x + log_p_z - log_q_z
    return torch.logsumexp(log_weights, -1) - math.log(log_weights.shape[-1])


def effective_samples(log_weights: Tensor) -> Tensor:
    """Return (Σ w)² / Σ w², how many equally weighted samples the weights are worth: from 1 to n.

    Args:
        log_weights: log w_i up to a constant, shape (..., n).

    Returns:
        Shape (...).
    """
    return (2 * torch.logsumexp(log_weights, -1) - torch.logsumexp(2 * log_weights, -1)).exp()


def jensen_gap(f: Callable[[Tensor], Tensor], points: Tensor, weights: Tensor) -> Tensor:
    """Return Σ_i w_i f(v_i) − f(Σ_i w_i v_i), which no convex f makes negative.

    Args:
        f: function of numbers, applied to tensors of any shape.
        points: v_i, shape (..., n).
        weights: w_i ≥ 0 with sum 1, shape (..., n).

    Returns:
        Shape (...).
    """
    return (weights * f(points)).sum(-1) - f((weights * points).sum(-1))


def split_evidence(log_p_x: Tensor, log_p_z: Tensor, log_q_z: Tensor, width: float) -> tuple[Tensor, Tensor]:
    """Split log P(x) into the ELBO and the gap KL(Q ‖ P(z | x)), both by sums over an even grid of z.

    Each is computed by itself; that their sum is log P(x) can then be seen. Where Q vanishes it adds nothing.

    Args:
        log_p_x: log P(x | z_i), shape (..., n).
        log_p_z: log P(z_i), shape (n,) or (..., n).
        log_q_z: log Q(z_i | x), shape (..., n).
        width: distance of neighbouring grid points.

    Returns:
        The ELBO E_Q[log P(x | z) + log P(z) − log Q(z | x)] and KL(Q ‖ P(z | x)), each of shape (...).

    Raises:
        ValueError: if `width` is not positive.
    """
    log_joint = log_p_x + log_p_z
    log_posterior = log_joint - log_evidence(log_p_x, log_p_z, width).unsqueeze(-1)

    def mean_over_q(numbers: Tensor) -> Tensor:
        return (log_q_z.exp() * numbers).masked_fill(log_q_z == -math.inf, 0.0).sum(-1) * width

    return mean_over_q(log_joint - log_q_z), mean_over_q(log_q_z - log_posterior)


def gaussian_kl(z_mean: Tensor, z_log_std: Tensor) -> Tensor:
    """Compute KL(N(μ, σ²) ‖ N(0, I)) = ½ Σ_d (μ_d² + σ_d² − 1 − 2 log σ_d), a sum over latents.

    Args:
        z_mean: μ, shape (..., D).
        z_log_std: log σ, not the variance's logarithm, shape (..., D).

    Returns:
        Shape (...), in nats.

    Kingma and Welling (2014), appendix B.
    """
    return gaussian_kl_by_dimension(z_mean, z_log_std).sum(-1)


def gaussian_kl_by_dimension(z_mean: Tensor, z_log_std: Tensor) -> Tensor:
    """Compute the divergence of `gaussian_kl` for each latent by itself, shape (..., D), exact also near 0."""
    return (z_mean.square() + torch.expm1(2 * z_log_std)) / 2 - z_log_std


def reparametrise(z_mean: Tensor, z_log_std: Tensor, *, generator: torch.Generator) -> Tensor:
    """Sample z = μ + σ ⊙ noise with noise ~ N(0, I), so that gradients reach μ and σ.

    Args:
        z_mean: μ, shape (..., D).
        z_log_std: log σ, shape (..., D).
        generator: source of the noise, on the device of `z_mean`.

    Returns:
        z, shape (..., D).

    Kingma and Welling (2014), section 2.4.
    """
    noise = torch.randn(z_mean.shape, generator=generator, dtype=z_mean.dtype, device=z_mean.device)
    return z_mean + z_log_std.exp() * noise


def sampled_elbo(
    log_p_x: Callable[[Tensor], Tensor], z_mean: Tensor, z_log_std: Tensor, *, generator: torch.Generator
) -> Tensor:
    """Estimate the ELBO from one z = μ + σ · noise for each row; gradients reach μ and log σ through z.

    Args:
        log_p_x: gives log P(x | z), shape (...), for z of shape (..., D).
        z_mean: μ, shape (..., D).
        z_log_std: log σ, shape (..., D).
        generator: source of the noise, on the device of `z_mean`.

    Returns:
        log P(x | z) − KL(Q ‖ P(z)), shape (...), with the divergence in closed form.

    Raises:
        ValueError: if the two shapes differ.

    Kingma and Welling (2014), sections 2.3 and 2.4.
    """
    if z_mean.shape != z_log_std.shape:
        raise ValueError(
            f"z_mean has shape {tuple(z_mean.shape)} and z_log_std {tuple(z_log_std.shape)}; give each latent both."
        )
    return log_p_x(reparametrise(z_mean, z_log_std, generator=generator)) - gaussian_kl(z_mean, z_log_std)


def gradient_estimates(
    f: Callable[[Tensor], Tensor],
    slope: Callable[[Tensor], Tensor],
    mean: Tensor | float,
    std: Tensor | float,
    noise: Tensor,
    baseline: Tensor | float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Estimate d/d mean of E f(z) once for every noise, in two ways with the same z = mean + std · noise.

    The score function, (f(z) − b) · d log N(z; mean, std²) / d mean, only needs values of f: this is REINFORCE with a
    baseline. The reparametrised one, f′(z) · dz / d mean, needs the slope of f, and dz / d mean is 1.

    Args:
        f: function of numbers, applied to tensors of any shape.
        slope: its derivative.
        mean: of z.
        std: of z, positive.
        noise: standard normal numbers, shape (...).
        baseline: b, which does not depend on z.

    Returns:
        Estimates by the score function and reparametrised, each of shape (...).

    Williams (1992), section 4; Kingma and Welling (2014), section 2.4.
    """
    z = mean + std * noise
    return (f(z) - baseline) * noise / std, slope(z)


def normal_nodes(count: int, *, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Return points and weights with E g(noise) = Σ_i w_i g(noise_i) for every polynomial g of degree < 2 · count.

    Args:
        count: number of points, at least 1.
        dtype: of both.

    Returns:
        Points and weights for standard normal noise, each of shape (count,): Gauss-Hermite quadrature.

    Raises:
        ValueError: if `count` is less than 1.
    """
    if count < 1:
        raise ValueError(f"{count} nodes are too few; at least 1 is needed.")
    points, weights = np.polynomial.hermite_e.hermegauss(count)
    return torch.as_tensor(points, dtype=dtype), torch.as_tensor(weights / weights.sum(), dtype=dtype)


def _check_width(width: float) -> None:
    if not width > 0:
        raise ValueError(f"The grid's width is {width}, but it has to be positive: the distance of two grid points.")


given.explain(__name__)
