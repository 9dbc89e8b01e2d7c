"""Faces to learn from, drawn by a formula: the pose and the mood of every image are known, at any size, on any device.

A head is an ellipsoid that turns about its vertical axis. Eyes, brows, mouth and hair lie on its surface, given by
longitude and height; the nose stands out, and the ears sit at the sides. A face has two numbers, both in [−1, 1]:
pose turns it from its right to its left, mood bends the mouth from sad to happy and moves brows and lids.
Pixels are grey in [0, 1], 0 is the background.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

MAX_YAW = math.radians(60)  # how far pose ±1 turns the head
WIDTH, HEIGHT = 0.62, 0.80  # half axes of the head, where the image spans [−1, 1]
SKIN, HAIR, DARK, WHITE, CLOTH = 0.78, 0.28, 0.06, 1.0, 0.42
SUPERSAMPLING = 2  # each pixel averages 2 × 2 points
CHUNK = {"cpu": 100_000}  # points drawn at once: what a CPU's cache holds, elsewhere what bounds the memory


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
    step = max(1, CHUNK.get(pose.device.type, 10_000_000) // (SUPERSAMPLING * size) ** 2)
    parts = zip(pose.reshape(-1).split(step), mood.reshape(-1).split(step), strict=True)
    images = [_draw(some_pose, some_mood, size) for some_pose, some_mood in parts]
    return torch.cat(images).reshape(*pose.shape, size, size)


def _draw(pose: Tensor, mood: Tensor, size: int) -> Tensor:
    """Paint from back to front, (N,) and (N,) to (N, size, size)."""
    points = SUPERSAMPLING * size
    line = (torch.arange(points, device=pose.device, dtype=pose.dtype) + 0.5) * (2 / points) - 1
    x, y = line, -line.unsqueeze(-1)
    yaw, mood = MAX_YAW * pose.view(-1, 1, 1), mood.view(-1, 1, 1)
    edge = 2 / points  # over which a border fades

    def paint(image: Tensor, shade: Tensor | float, distance: Tensor, where: Tensor | float = 1.0) -> Tensor:
        cover = where * (0.5 - distance / edge).clamp(0, 1)
        return image.lerp(torch.as_tensor(shade, dtype=image.dtype, device=image.device), cover)

    image = torch.zeros(1, points, points, device=pose.device, dtype=pose.dtype)
    image = paint(image, CLOTH, _ellipse(x, y + 1.22, 0.80, 0.42))
    image = paint(image, 0.75 * SKIN, torch.maximum((x.abs() - 0.2), (y + 0.55)))

    ears = [(side * WIDTH * yaw.cos(), -side * yaw.sin(), side) for side in (-1, 1)]  # place, depth
    for place, depth, _ in ears:
        image = paint(image, 0.85 * SKIN, _ellipse(x - 1.06 * place, y - 0.02, 0.11, 0.17), (depth < 0).to(x))

    across = WIDTH * (1 - (y / HEIGHT).square()).clamp(min=1e-6).sqrt()
    sine = (x / across).clamp(-1, 1)
    light = 0.80 + 0.20 * (0.55 * y / HEIGHT + 0.8 * (1 - sine.square()).sqrt())
    head = _ellipse(x, y, WIDTH, HEIGHT)
    image = paint(image, SKIN * light, head)

    longitude = sine.asin() - yaw
    u, is_front = WIDTH * longitude, (longitude.abs() < math.pi / 2).to(x)
    inside = (0.5 - head / edge).clamp(0, 1)
    image = _features(image, lambda *what: paint(*what, where=inside), u, y, mood, is_front)
    for place, depth, _ in ears:
        image = paint(
            image, 0.85 * SKIN, _ellipse(x - 0.97 * place, y - 0.02, 0.03 + 0.08 * depth.abs(), 0.17), (depth > 0).to(x)
        )
    tip = yaw.sin()
    image = paint(image, 0.55 * SKIN, _stroke(x, y, 0.58 * tip, 0.05, 0.76 * tip, -0.16) - 0.08)
    image = paint(image, 1.08 * SKIN, _stroke(x, y, 0.58 * tip, 0.12, 0.74 * tip, -0.12) - 0.06)
    return F.avg_pool2d(image.unsqueeze(1), SUPERSAMPLING).squeeze(1).clamp(0, 1)


def _features(image: Tensor, paint, u: Tensor, y: Tensor, mood: Tensor, is_front: Tensor) -> Tensor:
    """Paint what lies on the head's surface, at arc length u from the middle of the face, and height y."""
    far = 1 - is_front  # moves what is not in front out of reach
    hairline = torch.where(u.abs() > 0.90, -0.30, 0.46 - 0.25 * (u / 0.9).square())
    image = paint(image, HAIR, hairline - y)
    for side in (-1, 1):
        v = u - side * 0.27
        lid = 0.108 + 0.012 * mood
        image = paint(image, WHITE, _ellipse(v, y - 0.13, 0.125, lid) + far)
        image = paint(image, DARK, _ellipse(v, y - 0.12, 0.062, 0.075) + far)
        slope = side * (0.15 * mood - 0.05)
        brow = 0.325 + 0.03 * mood + slope * v - (0.5 + 0.8 * mood) * v.square()
        image = paint(image, HAIR * 0.6, torch.maximum((y - brow).abs() - 0.032, v.abs() - 0.16) + far)
    w = 0.30 + 0.04 * mood
    arch = (u / w).square()
    upper = -0.40 + 0.16 * mood * (arch - 0.6)
    opening = 0.055 + 0.045 * mood.clamp(min=0).square()
    middle = upper + 0.015 - opening * (1 - arch)
    gap = torch.maximum(y - upper - 0.02, middle - 0.02 - y)
    return paint(image, DARK, torch.maximum(gap, u.abs() - w) + far)


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
