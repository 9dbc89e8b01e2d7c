"""Two estimators of the gradient of E f(z), z ~ N(mean, std²): the score function, and the path through z."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor


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
