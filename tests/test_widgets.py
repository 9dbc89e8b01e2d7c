"""Widgets, pressed by a test instead of a person."""

import ipywidgets
import torch

from helpers import widgets, worlds


def test_levers_pay_count_and_reveal():
    q_star = torch.tensor([0.0, 100.0, -100.0])
    box = widgets.levers(q_star, generator=torch.Generator().manual_seed(0))
    columns, status, reveal = box.children
    (first, _), (second, record), _ = (column.children for column in columns.children)
    assert isinstance(first, ipywidgets.Button) and status.value == "No pull yet."
    second.click()
    second.click()
    assert "Lever 1 paid +" in status.value and "after 2 pulls" in status.value
    assert record.value.endswith("(2×)") and 95 < float(record.value.split()[0]) < 105
    reveal.click()
    assert status.value.startswith("Lever 1 is best: +100.00 a pull.") and "+200.00 in 2 pulls" in status.value


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
