"""Look into a latent space: grids of it, paths through it, its holes, and which of its axes carry what.

Codes are rows of Z numbers; leading dimensions `...` hold images. Nothing here depends on which model made the codes.
"""

import math

import torch
from torch import Tensor

from helpers import given


def quantile_grid(n: int, *, device: torch.device | str = "cpu") -> Tensor:
    """Return n × n points of the latent plane that cut the prior N(0, I) into equal shares.

    Both coordinates run over the quantiles (i + ½)/n of N(0, 1): z₁ from left to right, z₂ from bottom to top.

    Returns:
        Points, shape (n, n, 2); the first row is the top.

    Kingma and Welling (2014), appendix A.
    """
    if n < 1:
        raise ValueError(f"n is at least 1, but it is {n}.")
    quantiles = torch.special.ndtri((torch.arange(n, dtype=torch.float64) + 0.5) / n).float().to(device)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    return torch.stack([across, up], -1)


def tile(images: Tensor) -> Tensor:
    """Lay a table of square images side by side as one picture.

    Args:
        images: rows and columns of images as rows of pixels, shape (R, C, side²).

    Returns:
        The picture, shape (R · side, C · side).
    """
    side = math.isqrt(images.shape[-1])
    if images.dim() != 3 or side * side != images.shape[-1]:
        raise ValueError(f"images have shape {tuple(images.shape)}, but (rows, columns, side²) was expected.")
    rows, columns, _ = images.shape
    return images.view(rows, columns, side, side).permute(0, 2, 1, 3).reshape(rows * side, columns * side)


def interpolate(start: Tensor, end: Tensor, steps: int, *, spherical: bool = False) -> Tensor:
    """Return codes on the way from one to another, both ends included.

    Args:
        start, end: codes, shape (..., Z).
        steps: number of codes on each way, at least 2.
        spherical: turn from one direction to the other instead of going straight; a straight way between two samples
            of a prior with many dimensions passes nearer to the origin than samples lie. Where the two directions are
            the same or opposite, there is no single way to turn, and it goes straight.

    Returns:
        Codes, shape (..., steps, Z).
    """
    if steps < 2:
        raise ValueError(f"steps is at least 2, but it is {steps}.")
    share = torch.linspace(0, 1, steps, dtype=start.dtype, device=start.device).unsqueeze(-1)
    start, end = (code.unsqueeze(-2) for code in torch.broadcast_tensors(start, end))
    straight = torch.lerp(start, end, share.expand(*start.shape[:-2], -1, start.shape[-1]))
    if not spherical:
        return straight
    angle = (_unit(start) * _unit(end)).sum(-1, keepdim=True).clamp(-1, 1).acos()
    turned = (((1 - share) * angle).sin() * start + (share * angle).sin() * end) / angle.sin()
    return torch.where(angle.sin() > 1e-4, turned, straight)


def active_dimensions(z_mean: Tensor, threshold: float = 0.01) -> Tensor:
    """Tell which latents carry information: the variance of μ over the images exceeds a threshold.

    Args:
        z_mean: μ of many images, shape (N, Z).
        threshold: the variance from which a dimension counts.

    Returns:
        Whether each latent is active, bool (Z,).

    Burda, Grosse and Salakhutdinov (2016), section 4.
    """
    return z_mean.var(0) > threshold


def nearest(points: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
    """Find for each point the nearest code.

    Args:
        points: shape (M, Z).
        codes: shape (N, Z).

    Returns:
        distances: to the nearest code, shape (M,).
        indices: which code it is, int64 (M,).
    """
    return _nearest(points, codes, 0)


def hole_share(points: Tensor, codes: Tensor, *, quantile: float = 0.99) -> Tensor:
    """Compute the share of points that lie in holes: farther from all codes than nearly all codes are from one another.

    Args:
        points: samples of the prior, or of any other distribution, shape (M, Z).
        codes: of the data, shape (N, Z), at least 2.
        quantile: this share of the codes is nearer to another code than what counts as far; so of points that are
            distributed like the codes, about 1 − quantile lie in holes.

    Returns:
        A share in [0, 1], shape ().
    """
    if not 0 < quantile < 1 or len(codes) < 2:
        raise ValueError(f"quantile is between 0 and 1 and codes at least 2, not {quantile} and {len(codes)}.")
    far = _nearest(codes, codes, 1)[0].double().quantile(quantile)
    return (nearest(points, codes)[0] > far).to(points).mean()


def explained(z: Tensor, factors: Tensor) -> Tensor:
    """Compute which share of each factor's variance a linear function of all latents explains, R².

    It does not depend on how the latent axes are turned.

    Args:
        z: codes, shape (N, Z).
        factors: shape (N, F).

    Returns:
        Shares in [0, 1], shape (F,).
    """
    _same_length(z, factors)
    inputs = torch.cat([z, torch.ones_like(z[:, :1])], -1).double()
    targets = factors.double()
    rest = targets - inputs @ torch.linalg.lstsq(inputs, targets).solution
    return (1 - rest.var(0) / targets.var(0)).to(z.dtype)


def _nearest(points: Tensor, codes: Tensor, skip: int) -> tuple[Tensor, Tensor]:
    """Return distance and index of the nearest code but `skip`, a block of points at a time."""
    if points.shape[-1] != codes.shape[-1]:
        raise ValueError(f"points have {points.shape[-1]} numbers each, but codes have {codes.shape[-1]}.")
    blocks = points.split(max(1, 8_000_000 // len(codes)))
    distances, indices = zip(*(_smallest(block, codes, skip) for block in blocks), strict=True)
    return torch.cat(distances), torch.cat(indices)


def _smallest(block: Tensor, codes: Tensor, skip: int) -> tuple[Tensor, Tensor]:
    exact = torch.cdist(block, codes, compute_mode="donot_use_mm_for_euclid_dist")
    if not skip:
        return exact.min(-1)
    distances, indices = exact.topk(skip + 1, largest=False)
    return distances[:, skip], indices[:, skip]


def _unit(z: Tensor) -> Tensor:
    return z / z.norm(dim=-1, keepdim=True)


def _same_length(z: Tensor, factors: Tensor) -> None:
    if z.dim() != 2 or factors.dim() != 2 or len(z) != len(factors):
        raise ValueError(
            f"z and factors are (N, Z) and (N, F) with the same N, but are {tuple(z.shape)}, {tuple(factors.shape)}."
        )


given.explain(__name__)
