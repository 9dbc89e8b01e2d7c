"""Films: animated PNGs that move as their pictures do, side by side, with a text alternative."""

import io

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from helpers import films, pictures


def square(at: int, colour=(200, 150, 100)) -> np.ndarray:
    picture = np.full((40, 60, 3), 255, dtype=np.uint8)
    picture[10:30, at : at + 10] = colour
    return picture


def moving(count: int) -> list[np.ndarray]:
    return [square(2 * step) for step in range(count)]


def decoded(film) -> tuple[list[np.ndarray], list[float]]:
    image = Image.open(io.BytesIO(film.data))
    pictures, durations = [], []
    for frame in range(image.n_frames):
        image.seek(frame)
        pictures.append(np.asarray(image.convert("RGB")))
        durations.append(image.info.get("duration"))
    return pictures, durations


def test_films_run_side_by_side_and_the_shorter_one_waits_pale():
    film = films.film({"long": moving(10), "short": moving(4)}, alt="Two squares.", fps=20, width=60)
    pictures, durations = decoded(film)
    assert len(pictures) == 10 and durations == [50.0] * 9 + [1000.0]
    left, top = films.MARGIN, films.TITLE
    for step, picture in enumerate(pictures):
        assert picture.shape == (40 + top, 2 * (60 + 2 * left), 3)
        first, second = np.split(picture, 2, axis=1)
        assert np.abs(first[top:, left:-left].astype(int) - square(2 * step)).max() <= 8  # 32 shades a channel
        wanted = square(2 * step) if step < 4 else square(6, (237, 220, 204))
        assert np.abs(second[top:, left:-left].astype(int) - wanted).max() <= 8
        assert (picture[-1] == 255).all()  # white stays white
    assert (pictures[0][:top] < 128).any() and (pictures[0][:top] == pictures[9][:top]).all()  # titles


def test_pictures_are_scaled_and_equal_ones_cost_nothing():
    still = films.film({"": [square(0)] * 50}, alt="A square.", width=30)
    assert Image.open(io.BytesIO(still.data)).size == (30 + 2 * films.MARGIN, 20 + films.TITLE)
    assert len(still.data) < 2000
    assert len(decoded(films.film({"": [square(0)]}, alt="A square."))[0]) == 1


def test_more_colours_than_fit_are_told_apart_roughly():
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    (picture,), _ = decoded(films.film({"": [noise]}, alt="Noise.", width=60))
    inside = picture[films.TITLE :, films.MARGIN : -films.MARGIN].astype(int)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) <= films.COLOURS
    assert np.abs(inside - noise).mean() < 40  # a third of what two random colours differ by is 28


def test_equal_pictures_give_equal_bytes():
    one, other = (films.film({"a": moving(5)}, alt="A square.") for _ in range(2))
    assert one.data == other.data


def test_a_notebook_gets_the_film_once_with_its_words():
    film = films.film({"a": moving(2)}, alt="A square moves.")
    data, metadata = DisplayFormatter().format(film)
    assert data == {"text/html": pictures.markup(film.data, film.alt), "text/plain": film.alt} and metadata == {}


@pytest.mark.parametrize(
    ("pictures", "alt", "says"),
    [
        ({}, "x", "at least one picture"),
        ({"a": []}, "x", "at least one picture"),
        ({"a": [square(0)], "b": [square(0)[1:]]}, "x", "of one shape"),
        ({"a": [square(0)[..., 0]]}, "x", "RGB"),
        ({"a": [square(0) / 255]}, "x", "uint8"),
        ({"a": [square(0)]}, " ", "alt must say"),
    ],
)
def test_what_film_does_not_take(pictures, alt, says):
    with pytest.raises(ValueError, match=says):
        films.film(pictures, alt=alt)
