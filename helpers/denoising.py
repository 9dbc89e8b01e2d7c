"""Denoising: from a corrupted point back to where data lie. Leading dimensions `...` hold points."""

from collections.abc import Callable

import torch
from torch import Tensor

from helpers import autoencoders


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
    noisy = autoencoders.corrupt(x, noise_std, generator=generator)
    return autoencoders.squared_error(model(noisy), x).mean()


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
