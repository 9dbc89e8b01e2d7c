"""Widgets, pressed by a test instead of a person."""

from types import SimpleNamespace

import ipywidgets
import matplotlib.pyplot as plt
import pytest
import torch

from helpers import alphazero, games, widgets, worlds


def test_levers_pay_count_and_reveal():
    q_star = torch.tensor([0.0, 100.0, -100.0])
    box = widgets.levers(q_star, generator=torch.Generator().manual_seed(0))
    columns, status, reveal = box.children
    (first, _), (second, record), _ = (column.children for column in columns.children)
    assert isinstance(first, ipywidgets.Button) and status.value == "No pull yet."
    second.click()
    second.click()
    assert "Arm 1 paid +" in status.value and "after 2 pulls" in status.value
    assert record.value.endswith("(2×)") and 95 < float(record.value.split()[0]) < 105
    reveal.click()
    assert status.value.startswith("q* is +0.00, +100.00, -100.00. Always arm 1: about +200.00 in 2 pulls")


def test_walk_moves_pays_ends_and_starts_again():
    rows = ["S.G", "..P"]
    world = worlds.gridworld(rows, gamma=0.5)
    box = widgets.walk(rows, world, generator=torch.Generator().manual_seed(0))
    picture, buttons, status = box.children
    up, right, down, left, again = buttons.children
    assert [button.description for button in buttons.children] == ["up", "right", "down", "left", "start again"]
    assert picture.value == "<pre>@ . G\n. . P</pre>"
    up.click()  # the border
    assert picture.value == "<pre>@ . G\n. . P</pre>"
    assert status.value == "Step 1, up: reward -1.00, return so far -1.00."
    down.click()
    assert picture.value == "<pre>S . G\n@ . P</pre>"
    right.click()
    right.click()
    assert picture.value == "<pre>S . G\n. . @</pre>"
    # −1 − 1/2 − 1/4 − 10/8
    assert status.value == "Step 4, right: reward -10.00, return so far -3.00. The episode is over."
    left.click()
    assert status.value == "The episode is over, with return -3.00 after 4 steps."
    again.click()
    assert picture.value == "<pre>@ . G\n. . P</pre>" and status.value.startswith("You are @.")
    right.click()
    right.click()
    assert status.value == "Step 2, right: reward +0.00, return so far -1.00. The episode is over."


def test_progress_grows_with_every_report():
    progress = widgets.Progress(5, "mean return", level=30)
    bar, status = progress.box.children[0].children
    assert progress.box.children[1] is progress.picture and isinstance(progress.picture, ipywidgets.HTML)
    assert (bar.value, bar.max, status.value) == (0, 5, "Nothing has happened yet.")
    progress(1, torch.tensor(20.4))
    progress.due, first = 0, progress.picture.value
    progress(2, 45.0)
    assert first.startswith('<img alt="Chart. ') and progress.picture.value.startswith('<img alt="Chart. ')
    assert first != progress.picture.value and "from 20.4 to 45" in progress.picture.value
    assert (bar.value, status.value) == (2, "update 2: mean return 45")
    assert progress.heights == [pytest.approx(20.4), 45.0]


def test_progress_spends_a_tenth_of_the_time_on_pictures_and_draws_the_last_report(monkeypatch):
    drawn, clock = [], [100.0]

    def draw(figure):
        clock[0] += 2
        drawn.append(len(figure.axes[0].lines[0].get_xdata()))
        return ""

    monkeypatch.setattr(widgets, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(widgets.pictures, "figure_markup", draw)
    progress = widgets.Progress(50, "loss")
    for number in range(1, 50):
        clock[0] += 1
        progress(number, 1.0)
    assert drawn == [1, 19, 37] and len(progress.heights) == 49
    progress.draw()
    progress(50, 1.0)
    assert drawn[3:] == [49, 50]


def test_progress_counts_in_the_unit_it_is_given():
    progress = widgets.Progress(5, "loss", unit="epoch")
    progress(2, 30.0)
    progress.due = 0
    progress(4, 20.0)
    assert progress.box.children[0].children[1].value == "epoch 4: loss 20"
    assert "Across: epoch (1.9 to 4.1)" in progress.picture.value


def test_progress_marks_a_level_only_if_there_is_one_and_leaves_no_figure_open():
    before = plt.get_fignums()
    pictures = []
    for level in (None, 30.0):
        progress = widgets.Progress(5, "mean return", level=level)
        progress(1, 20.0)
        pictures.append(progress.picture.value)
    assert pictures[0] != pictures[1] and plt.get_fignums() == before


@pytest.mark.parametrize("game", (games.TIC_TAC_TOE, games.connect(3, 3, 4)))
def test_a_game_can_be_played_against_a_network_until_it_is_over(game):
    network = alphazero.TwoHeads((), game, 8, generator=torch.Generator().manual_seed(1))
    box = widgets.duel(game, network)
    depth, starts, *rows, status = box.children
    cells = [button for row in rows for button in row.children]
    assert len(cells) == game.cells and status.value.strip() == "Your move."
    for begins, simulations in ((0, 0), (1, 10)):
        depth.value = simulations
        starts.children[begins].click()
        assert sum(button.description == "X" for button in cells) == begins
        for _ in range(game.cells):
            free = [button for button in cells if not button.disabled]
            if not free:
                break
            free[-1].click()
        assert "won." in status.value
    assert {button.description for button in cells} >= {"X", "O"}


def test_the_network_says_how_often_it_visited_each_move():
    game = games.TIC_TAC_TOE
    network = alphazero.TwoHeads((), game, 8, generator=torch.Generator().manual_seed(1))
    depth, _, *rows, status = widgets.duel(game, network).children
    cells = [button for row in rows for button in row.children]
    depth.value = 100
    cells[4].click()
    shown = [int(button.description) for button in cells if button.description not in "XO"]
    (mine,) = (int(part) for part in status.value.split() if part.isdigit())
    assert sum(shown) + mine == 100 and "It moved to" in status.value
    assert cells[4].disabled and cells[4].description == "X"
