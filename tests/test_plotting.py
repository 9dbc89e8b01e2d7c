"""Figures: every function draws on the given axes and returns them, and names do not lie on each other."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.colors
import matplotlib.pyplot as plt
import pytest
import torch

from helpers import latent, plotting


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


@pytest.mark.parametrize("colour", sorted({*plotting.TEN, plotting.GREY} - {plotting.PURPLE}))
def test_lines_and_their_names_stand_out_on_white(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 3


def test_curves_draw_a_line_and_a_band_for_each_name(ax):
    heights = {"a": torch.zeros(5), "b": torch.ones(5)}
    assert plotting.curves(ax, heights, errors={name: torch.full((5,), 0.1) for name in heights}) is ax
    assert len(ax.get_lines()) == 2 and len(ax.collections) == 2
    assert {text.get_text() for text in ax.texts} == {"a", "b"}
    assert [list(line.get_xdata()) for line in ax.get_lines()] == [[1, 2, 3, 4, 5]] * 2
    assert len({line.get_linestyle() for line in ax.get_lines()}) == 2


def test_medians_draw_the_middle_run_and_a_band_of_half_of_them(ax):
    runs = torch.tensor([[0.0, 1.0, 2.0, 3.0, 100.0], [5.0, 1.0, 4.0, 2.0, 3.0]])  # step, run: in any order
    assert plotting.medians(ax, {"a": runs, "b": runs + 10}) is ax
    one, other = ax.get_lines()
    assert list(one.get_ydata()) == [2, 3] and list(other.get_ydata()) == [12, 13]
    assert list(one.get_xdata()) == [1, 2] and {text.get_text() for text in ax.texts} == {"a", "b"}
    bands = [band.get_paths()[0].vertices for band in ax.collections]
    assert len(bands) == 2
    for band, shift in zip(bands, (0, 10), strict=True):
        edges = [sorted({height for x, height in band.tolist() if x == step}) for step in (1, 2)]
        assert edges == [[1 + shift, 3 + shift], [2 + shift, 4 + shift]]  # first and third quartile
    assert ax.collections[0].get_facecolor()[0, :3].tolist() == list(matplotlib.colors.to_rgb(one.get_color()))


def test_medians_take_positions_and_tensors_with_a_gradient(ax):
    runs = torch.ones(3, 4, requires_grad=True)
    plotting.medians(ax, {"a": runs}, x=torch.tensor([10, 20, 30]))
    assert list(ax.get_lines()[0].get_xdata()) == [10, 20, 30]


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


@pytest.mark.parametrize("last", [2015, 2016, 2022, 2023, 2031, 2080])
def test_the_years_of_a_timeline_do_not_run_together(ax, last):
    plotting.use_style()
    ax.figure.set_size_inches(6, 3)
    plotting.timeline(ax, [(2015, "DQN", "29 of 49"), (last, "another", "one more")])
    ax.figure.canvas.draw()
    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert all(right.x0 - left.x1 > 3 for left, right in zip(boxes, boxes[1:], strict=False))


def test_grid_shows_values_letters_and_likely_actions(ax):
    rows = ["S.#", ".PG"]
    values = torch.tensor([-3.0, -1.5, 0.0, -2.25, 0.0, 0.0], dtype=torch.float64)
    pi = torch.tensor([[0.0, 0.5, 0.5, 0.0]] * 5 + [[0.25] * 4])
    assert plotting.grid(ax, rows, values, pi) is ax
    texts = [text.get_text() for text in ax.texts]
    assert {"-3.0", "-1.5", "-2.2", "S", "P", "G"} <= set(texts) and "0.0" not in texts
    arrows = [(text.xy, text.xyann) for text in ax.texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == 6  # two of equal length in each of the three cells inside
    moves = {(round(x - from_x, 6), round(y - from_y, 6)) for (x, y), (from_x, from_y) in arrows}
    assert moves == {(0.28, 0.0), (0.0, 0.28)}  # right and down, as rows count downwards
    shown = ax.get_images()[0].get_array()
    assert shown[0, 0] == -3
    assert shown.mask.tolist() == [[False, False, True], [False, True, True]]  # ends and walls have no colour
    assert [bool(patch.get_hatch()) for patch in ax.patches] == [True, False, False]  # the wall, P and G
    lowest_tip = max(y % 1 for (_, y), (_, from_y) in arrows if y > from_y)  # downwards, within a cell
    assert lowest_tip < 0.34 - 0.1  # above the number, which is 0.2 high in a small panel


def test_grid_without_numbers_and_with_equal_values(ax):
    plotting.grid(ax, ["SG", ".."], torch.full((4,), -1.0), numbers=False)
    assert [text.get_text() for text in ax.texts] == ["S", "G"]
    low, high = ax.get_images()[0].get_clim()
    assert low < high


def test_grids_to_compare_share_their_colours(ax):
    plotting.grid(ax, ["SG", ".."], torch.tensor([-1.0, 0.0, -3.0, -2.0]), limits=(-9.0, 0.0))
    assert ax.get_images()[0].get_clim() == (-9, 0)


@pytest.mark.parametrize(("first", "q"), [(0.5, (2.0, 1.0)), (0.2, (1.0, 3.0)), (0.7, (1.0, 1.0))])
def test_pushes_add_up_to_their_mean_and_stay_on_the_segment(ax, first, q):
    assert plotting.pushes(ax, first, q) is ax
    assert [text.get_text() for text in ax.legend().get_texts()] == ["draws of 1", "draws of 2", "mean"]
    start = torch.tensor([first, 1 - first])
    one, two, mean = (torch.tensor(text.xy) - start for text in ax.texts)
    torch.testing.assert_close(one + two, mean)
    assert all(abs(float(push.sum())) < 1e-6 for push in (one, two, mean))
    assert one[0] > 0 > two[0]  # each draw makes its own action likelier
    size = 0.4 * first * (1 - first) * (q[0] - q[1])  # π(1) π(2) (q(1) − q(2))
    torch.testing.assert_close(mean, torch.tensor([size, -size]), rtol=1e-5, atol=1e-6)


def test_jensens_gap_is_drawn_where_it_is(ax):
    assert plotting.jensen(ax, [3.5, 0.5, 1.0], [1.0, 0.0, 1.0]) is ax
    mean, heights = 2.25, -(torch.tensor([3.5, 1.0]).log().mean())
    x, y = ax.get_lines()[1].get_data()
    assert list(x) == pytest.approx([mean, mean])
    assert list(y) == pytest.approx([-torch.tensor(mean).log().item(), heights.item()])
    assert ax.texts[0].get_text() == f"gap {y[1] - y[0]:.2f}"


def test_evidence_bars_end_at_one_height_and_write_what_lies_below_the_floor(ax):
    assert plotting.evidence_bars(ax, {"a": (-9.0, 3.0), "b": (-40.0, 34.0)}, floor=-24) is ax
    tops = [bar.get_y() + bar.get_height() for bar in ax.patches]
    assert tops == pytest.approx([-9.0, -6.0, -24.0, -6.0])
    assert ax.get_lines()[0].get_ydata()[0] == -6.0
    assert [text.get_text() for text in ax.texts] == ["ELBO −9.00", "KL 3.00", "ELBO −40.00", "KL 34.00"]
    assert ax.texts[2].get_position()[1] < -24


def test_rows_of_images_are_drawn_in_order_with_their_names(ax):
    images = {name: torch.rand(3, 16, generator=torch.Generator().manual_seed(seed)) for seed, name in enumerate("ab")}
    assert plotting.image_rows(ax, images) is ax
    drawn = torch.as_tensor(ax.images[0].get_array().filled())
    torch.testing.assert_close(drawn, latent.tile(torch.stack(list(images.values()))))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"] and list(ax.get_yticks()) == [2, 6]
    assert ax.images[0].get_clim() == (0, 1)


def test_images_with_a_gradient_can_be_drawn(ax):
    plotting.image_rows(ax, {"one": torch.rand(1, 9).requires_grad_()})
