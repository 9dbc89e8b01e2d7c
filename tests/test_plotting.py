"""Figures: every function draws on the given axes and returns them, and names do not lie on each other."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest
import torch

from helpers import plotting


@pytest.fixture
def ax():
    plotting.use_style()
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [plotting.BLUE, plotting.VERMILLION, plotting.GREEN, plotting.BLACK, plotting.GREY])
def test_lines_and_their_names_stand_out_on_white(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 3


def test_curves_draw_a_line_and_a_band_for_each_name(ax):
    heights = {"a": torch.zeros(5), "b": torch.ones(5)}
    assert plotting.curves(ax, heights, errors={name: torch.full((5,), 0.1) for name in heights}) is ax
    assert len(ax.get_lines()) == 2 and len(ax.collections) == 2
    assert {text.get_text() for text in ax.texts} == {"a", "b"}
    assert [list(line.get_xdata()) for line in ax.get_lines()] == [[1, 2, 3, 4, 5]] * 2
    assert len({line.get_linestyle() for line in ax.get_lines()}) == 2


def test_names_of_lines_that_end_together_are_pushed_apart(ax):
    plotting.curves(ax, {name: torch.tensor([0.0, height]) for name, height in (("a", 1.0), ("b", 1.01), ("c", 1.02))})
    places = sorted(text.xy[1] for text in ax.texts)
    assert min(after - before for before, after in zip(places, places[1:], strict=False)) > 0.05


def test_every_plot_returns_its_axes(ax):
    q_star = torch.tensor([0.5, -1.0, 2.0])
    assert plotting.level(ax, 0.9, "ceiling") is ax
    assert plotting.reward_distributions(ax, q_star) is ax
    assert plotting.estimates(ax, torch.zeros(4, 3), q_star, arms=[0, 2]) is ax
    assert plotting.timeline(ax, [(2015, "DQN", "29"), (2016, "AlphaGo", "4 : 1")]) is ax
