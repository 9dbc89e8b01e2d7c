"""Short films for a notebook, as animated PNGs: small, without a player, and a still picture where nothing can move."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from helpers import pictures

TITLE, MARGIN = 22, 6  # pixels above each film, and at its sides
COLOURS = 64
REST = 1000  # ms that the last picture stays


@dataclass(frozen=True, repr=False)
class Film:
    """An animated PNG with a text alternative, which is also what a terminal prints."""

    data: bytes
    alt: str

    def _repr_html_(self) -> str:
        return pictures.markup(self.data, self.alt)

    def __repr__(self) -> str:
        return self.alt


def film(films: Mapping[str, Sequence[np.ndarray]], *, alt: str, fps: float = 25.0, width: int = 300) -> Film:
    """Show films side by side, again and again, each below its title.

    A film that is over before the others turns pale and stands still. Equal pictures give equal bytes.

    Args:
        films: by title, RGB pictures of uint8, all of one shape (height, width, 3).
        alt: what there is to see, in a sentence or two.
        fps: pictures a second.
        width: of each film, in pixels.

    Returns:
        What a notebook shows as the value of a cell, or by `display`.

    Raises:
        ValueError: if there is no picture, or the pictures are not RGB of one shape, or `alt` is empty.
    """
    shapes = {(picture.shape, picture.dtype) for pictures in films.values() for picture in pictures}
    if not films or not all(len(pictures) for pictures in films.values()):
        raise ValueError("Every film needs a title and at least one picture.")
    if len(shapes) > 1 or any(dtype != np.uint8 or len(shape) != 3 or shape[2] != 3 for shape, dtype in shapes):
        raise ValueError("All pictures must be RGB of uint8 and of one shape (height, width, 3).")
    if not alt.strip():
        raise ValueError("alt must say what there is to see, for those who cannot.")
    length = max(map(len, films.values()))
    strips = [_strip(title, pictures, length, width) for title, pictures in films.items()]
    first, *rest = _indexed([np.concatenate(parts, axis=1) for parts in zip(*strips, strict=True)])
    durations = [round(1000 / fps)] * (length - 1) + [REST]
    data = io.BytesIO()
    first.save(data, "PNG", save_all=True, append_images=rest, duration=durations, loop=0)
    return Film(data.getvalue(), alt)


def _indexed(pictures: list[np.ndarray]) -> list[Image.Image]:
    """Give pictures one palette of their most frequent colours, with 32 shades a channel, and white among them."""
    codes = [(picture >> 3) @ np.array([1024, 32, 1]) for picture in pictures]
    counts = sum(np.bincount(code.ravel(), minlength=2**15) for code in codes)
    shades = np.stack(np.unravel_index(np.arange(2**15), (32, 32, 32)), -1)
    used = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    kept = used[:COLOURS]
    distance = ((shades[used, None] - shades[kept]) ** 2).sum(-1)
    index = np.zeros(2**15, dtype=np.uint8)
    index[used] = distance.argmin(-1)
    result = [Image.fromarray(index[code]) for code in codes]
    for picture in result:
        picture.putpalette((shades[kept] * 255 // 31).astype(np.uint8).tobytes())
    return result


def _strip(title: str, pictures: Sequence[np.ndarray], length: int, width: int) -> list[np.ndarray]:
    """Return one film at its size below its title, as long as the longest."""
    height = round(pictures[0].shape[0] * width / pictures[0].shape[1])
    head = Image.new("RGB", (width, TITLE), "white")
    ImageDraw.Draw(head).text((width / 2, TITLE / 2), title, "black", ImageFont.load_default(14), anchor="mm")
    small = [np.asarray(Image.fromarray(p).resize((width, height), Image.Resampling.BOX)) for p in pictures]
    pale = 255 - (255 - small[-1]) // 3
    whole = [np.concatenate([np.asarray(head), picture]) for picture in small + [pale] * (length - len(small))]
    return [np.pad(picture, ((0, 0), (MARGIN, MARGIN), (0, 0)), constant_values=255) for picture in whole]
