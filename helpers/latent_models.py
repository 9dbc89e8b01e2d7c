"""A latent variable model that shows everything on a grid: a curve in the plane, with one latent.

A latent z ~ N(0, 1) says in one number what there will be, and a decoder turns it into x: P_θ(x | z) is
N(decode(z), σ² I). Logarithms are natural; work follows the dtype and device of the inputs.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers import given

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
        if not self.std > 0:
            raise ValueError(f"The standard deviation σ is {self.std}, but it has to be positive.")

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


given.explain(__name__)
