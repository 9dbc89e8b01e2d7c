"""Widgets, pressed by a test instead of a person."""

import ipywidgets
import torch

from helpers import widgets


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
