"""Faces to learn from, drawn by a formula: the pose and the mood of every image are known, at any size, on any device.

A head is an ellipsoid that turns about its vertical axis. Eyes, brows, mouth and hair lie on its surface, given by
longitude and height; the nose stands out, and the ears sit at the sides. A face has two numbers, both in [−1, 1]:
pose turns it to the left or right of the image; mood makes it sad or happy: it bends the mouth, moves brows and lids,
and lets the head hang or rise. Turned by −pose, a face is its own mirror image.
Pixels are grey in [0, 1], 0 is the background.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

MAX_YAW = math.radians(33)  # how far pose ±1 turns the head
WIDTH, HEIGHT = 0.76, 0.90  # half axes of the head, where the image spans [−1, 1]
HAIR_SIDE = 0.75  # arc length from the middle of the face at which the hair of the sides begins
NOD = 0.09  # how far mood ±1 lifts or drops the head, and the features on it once more
SKIN, HAIR, DARK, WHITE = 0.78, 0.28, 0.06, 1.0  # grey levels
AMBIENT = 0.15  # how bright the sides of the head are: the light comes from where the face looks
SOFTNESS = 0.08  # width over which a border fades
SUPERSAMPLING = 2  # each pixel averages 2 × 2 points
AT_ONCE = {"cpu": 100_000}  # points drawn together: what a CPU's cache holds, elsewhere what bounds the memory


class Faces(NamedTuple):
    """Images `x` (N, size²) with the factors that made them, `pose` (N,) and `mood` (N,), both in [−1, 1]."""

    x: Tensor
    pose: Tensor
    mood: Tensor


def dataset(n: int, *, size: int = 28, generator: torch.Generator) -> Faces:
    """Draw n faces with pose and mood uniform in [−1, 1] and independent.

    Args:
        n: number of faces.
        size: width and height in pixels.
        generator: source of pose and mood, on the device of choice.
    """
    pose, mood = 2 * torch.rand(2, n, generator=generator, device=generator.device) - 1
    return Faces(faces(pose, mood, size=size).flatten(-2), pose, mood)


def faces(pose: Tensor, mood: Tensor, *, size: int = 28) -> Tensor:
    """Draw faces.

    Args:
        pose: from −1 (turned to the left of the image) to 1 (to the right), shape (...), or one that broadcasts.
        mood: from −1 (sad) to 1 (happy), shape (...), or one that broadcasts.
        size: width and height in pixels.

    Returns:
        Images, shape (..., size, size); the first row is the top.

    Raises:
        ValueError: if pose or mood leaves [−1, 1], or size is less than 8.
    """
    if size < 8:
        raise ValueError(f"size is {size}, but a face needs at least 8 × 8 pixels.")
    pose, mood = torch.broadcast_tensors(pose, mood)
    for name, factor in (("pose", pose), ("mood", mood)):
        if not ((factor >= -1) & (factor <= 1)).all():
            raise ValueError(
                f"{name} is from −1 to 1, but it holds {factor.min().item():.3g} to {factor.max().item():.3g}."
            )
    step = max(1, AT_ONCE.get(pose.device.type, 10_000_000) // (SUPERSAMPLING * size) ** 2)
    parts = zip(pose.reshape(-1).split(step), mood.reshape(-1).split(step), strict=True)
    images = [_draw(some_pose, some_mood, size) for some_pose, some_mood in parts]
    return torch.cat(images).reshape(*pose.shape, size, size)


def _draw(pose: Tensor, mood: Tensor, size: int) -> Tensor:
    """Paint from back to front, (N,) and (N,) to (N, size, size)."""
    points = SUPERSAMPLING * size
    line = (torch.arange(points, device=pose.device, dtype=pose.dtype) + 0.5) * (2 / points) - 1
    x, y = line, -line.unsqueeze(-1)
    yaw, mood = MAX_YAW * pose.view(-1, 1, 1), mood.view(-1, 1, 1)
    soft = max(2 / points, SOFTNESS)

    def paint(image: Tensor, shade: Tensor | float, distance: Tensor, where: Tensor | float = 1.0) -> Tensor:
        cover = where * (0.5 - distance / soft).clamp(0, 1)
        return image.lerp(torch.as_tensor(shade, dtype=image.dtype, device=image.device), cover)

    image = torch.zeros(1, points, points, device=pose.device, dtype=pose.dtype)
    image = paint(image, 0.7 * SKIN, torch.maximum((x.abs() - 0.26), (y + 0.7)))
    y = y - NOD * mood
    ears = [(side * WIDTH * yaw.cos(), -side * yaw.sin()) for side in (-1, 1)]  # place, and depth before the middle
    for place, _ in ears:
        image = paint(image, 0.85 * SKIN, _ellipse(x - 1.04 * place, y, 0.12, 0.18))

    across = WIDTH * (1 - (y / HEIGHT).square()).clamp(min=1e-6).sqrt()
    sine = (x / across).clamp(-1, 1)
    longitude = sine.asin() - yaw
    light = AMBIENT + (1 - AMBIENT) * longitude.cos().clamp(min=0) + 0.08 * y
    head = _ellipse(x, y, WIDTH, HEIGHT)
    image = paint(image, SKIN * light, head)
    inside = (0.5 - head / soft).clamp(0, 1)
    u = WIDTH * longitude
    image = _features(image, lambda *what: paint(*what, where=inside), u, y - NOD * mood, mood)
    for place, depth in ears:
        ear = _ellipse(x - 0.96 * place, y, 0.03 + 0.1 * depth.abs(), 0.18)
        image = paint(image, 0.85 * SKIN, ear, (3 * depth).clamp(0, 1))
    tip, nose = yaw.sin(), y - NOD * mood
    image = paint(image, 0.55 * SKIN, _stroke(x, nose, 0.70 * tip, 0.00, 0.92 * tip, -0.18) - 0.09)
    image = paint(image, 1.08 * SKIN, _stroke(x, nose, 0.70 * tip, 0.12, 0.90 * tip, -0.14) - 0.07)
    return F.avg_pool2d(image.unsqueeze(1), SUPERSAMPLING).squeeze(1)


def _features(image: Tensor, paint, u: Tensor, y: Tensor, mood: Tensor) -> Tensor:
    """Paint what lies on the head's surface, at arc length u from the middle of the face, and height y."""
    fringe, sides = 0.56 - 0.2 * u.square() - y, torch.maximum(HAIR_SIDE - u.abs(), -0.3 - y)
    image = paint(image, HAIR, torch.minimum(fringe, sides))
    for side in (-1, 1):
        v = u - side * 0.33
        image = paint(image, WHITE, _ellipse(v, y - 0.14, 0.16, 0.135 + 0.02 * mood))
        image = paint(image, DARK, _ellipse(v, y - 0.13, 0.08, 0.095))
        brow = 0.37 + 0.05 * mood + side * (0.22 * mood - 0.08) * v - (0.5 + 0.8 * mood) * v.square()
        image = paint(image, 0.5 * HAIR, torch.maximum((y - brow).abs() - 0.045, v.abs() - 0.2))
    half = 0.36 + 0.06 * mood
    arch = (u / half).square()
    upper = -0.47 + 0.26 * mood * (arch - 0.5)
    depth = (0.07 + 0.11 * mood.clamp(min=0)) * (1 - arch)
    image = paint(image, DARK, torch.maximum(torch.maximum(y - upper - 0.03, upper - depth - 0.03 - y), u.abs() - half))
    teeth = torch.maximum((y - upper + 0.25 * depth).abs() - 0.4 * depth, u.abs() - 0.8 * half)
    return paint(image, WHITE, teeth + 0.1 * (1 - mood))


def _ellipse(x: Tensor, y: Tensor, a: Tensor | float, b: Tensor | float) -> Tensor:
    """Return about the signed distance to an ellipse with half axes a and b, negative inside."""
    level = ((x / a).square() + (y / b).square()).clamp(min=1e-12)
    slope = ((x / (a * a)).square() + (y / (b * b)).square()).clamp(min=1e-12).sqrt()
    return (level - level.sqrt()) / slope


def _stroke(x: Tensor, y: Tensor, x0: Tensor, y0: float, x1: Tensor, y1: float) -> Tensor:
    """Return the distance to the segment from (x0, y0) to (x1, y1)."""
    dx, dy = x1 - x0, y1 - y0
    along = (((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)).clamp(0, 1)
    return ((x - x0 - along * dx).square() + (y - y0 - along * dy).square()).clamp(min=1e-12).sqrt()
