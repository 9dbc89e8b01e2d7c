"""Pictures with words: a figure tells what is drawn in it, as HTML that the grader knows again."""

import base64
import html
import io

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest
import torch
from PIL import Image

from course.grading.running import outputs
from helpers import pictures, plotting


@pytest.fixture
def ax():
    fig, ax = plt.subplots(figsize=(3, 2))
    yield ax
    plt.close(fig)


def words(ax) -> str:
    ax.figure.canvas.draw()
    return pictures.alternative(ax.figure)


def test_curves_are_told_with_their_ends_and_what_lies_beyond_them(ax):
    lines = {"up": torch.tensor([0.0, 1.0]), "over": torch.tensor([1.0, 5.0, 2.0]), "under": torch.tensor([3.0, -4, 3])}
    for name, line in lines.items():
        ax.plot(line, label=name)
    plotting.name_lines(ax).set(xlabel="step $t$", ylabel="$q_\\pi(s)$", title="Three", xlim=(0, 2), ylim=(-4, 6))
    assert words(ax) == (
        "Chart. Three: up: from 0 to 1; over: from 1 to 2, up to 5; under: from 3 to 3, down to −4. "
        "Across: step t (0 to 2), upwards: q_π(s) (−4 to 6)."
    )


def test_many_curves_without_names_are_told_as_one(ax):
    ax.plot(torch.arange(14.0).view(2, 7))
    assert "7 lines, that begin at 0 to 6 and end at 7 to 13." in words(ax)


def test_points_bars_arrows_images_levels_and_names_along_an_axis_are_told(ax):
    fig, axes = plt.subplots(2, 3)
    axes[0, 0].scatter([1, 2], [3, 4])
    axes[0, 1].bar(["a", "b"], [1, 2.5], label="height")
    axes[0, 2].hist([0.1] * 9 + [0.9], bins=20, range=(0, 1))
    axes[1, 0].quiver([0, 1], [0, 1], [1, 1], [1, 1])
    axes[1, 1].imshow([[0, 1]])
    axes[1, 2].plot([1, 2], [5, 5], "o")
    plotting.level(axes[1, 2], 5, "the bar")
    told = words(axes[0, 0])
    plt.close(fig)
    assert told.startswith("Chart with 6 panels. 2 points. Across: (")
    assert "height: bars 1, 2.5. Across: (a, b), upwards: (0 to 2.62)." in told
    assert "20 bars, the tallest at 0.125" in told and "2 arrows" in told and "an image" in told
    assert "2 points, 5 high; written in it: the bar." in told


def test_what_a_function_says_of_its_axes_takes_the_place_and_a_bar_of_colours_is_no_panel(ax):
    picture = ax.imshow([[0, 1]])
    ax.set(xticks=[], yticks=[], title="A")
    pictures.describe(ax, "two pixels")
    ax.figure.colorbar(picture, label="grey")
    assert words(ax) == "Chart. A: two pixels. Colours: grey (0 to 1)."


@pytest.mark.parametrize("pi", [None, torch.tensor([[1.0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 1, 1]]) / 4])
def test_a_grid_is_told_row_by_row(ax, pi):
    plotting.grid(ax, ["S.", "#G"], torch.tensor([-1.0, -2, 0, 0]), pi)
    actions = ("", "") if pi is None else (" up or right", " down")
    assert words(ax) == "Chart. grid, row by row: S -1.0{}, -2.0{}; wall, G.".format(*actions)


def test_the_functions_of_a_formula_stay_words(ax):
    ax.set(xlabel=r"mean of $\max_a Q$", ylabel=r"$\arg\min_\theta \exp x \mid \mathrm{KL}$ at $\log 2$")
    assert "Across: mean of max_a Q (" in words(ax)
    assert "upwards: arg min_θ exp x | KL at log 2 (" in words(ax)


def test_what_has_no_numbers_is_shown_all_the_same(ax):
    ax.plot([1, 2], ["low", "high"])
    ax.figure.suptitle("Words")
    assert words(ax).startswith("Chart. Words. a drawing. Across: (")
    assert pictures.figure_markup(ax.figure).startswith("<img ")


def test_words_have_an_end(ax):
    pictures.describe(ax, "very " * 1000)
    assert len(words(ax)) <= pictures.LONGEST and words(ax).endswith("very …")


def test_a_figure_becomes_html_that_the_grader_takes_apart(ax):
    ax.plot([0, 1], label="<\"&'>")
    shown = pictures.figure_markup(ax.figure)
    png, alt = outputs.picture({"text/html": shown})
    assert alt == pictures.alternative(ax.figure) and "<\"&'>" in alt
    assert shown == f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{png}">'
    small = Image.open(io.BytesIO(base64.b64decode(png)))
    assert small.mode == "P" and small.size[0] > 200
    assert pictures.figure_markup(ax.figure) == shown
