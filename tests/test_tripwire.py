"""Words that call a person, in a student's cells and not in the course's own."""

import time

import nbformat
import pytest

from course.grading import tripwire
from course.grading.bundle import Bundle

OWN = {"id": "own", "cell_type": "code", "source": "import sys\nsys._getframe()"}


def remarks(source: str, cell_id: str = "mine") -> list[str]:
    cell = nbformat.v4.new_code_cell(source, id=cell_id)
    return tripwire.remarks(nbformat.v4.new_notebook(cells=[cell]), Bundle("01-x", {"cells": [OWN]}, {}))


@pytest.mark.parametrize(
    "source",
    [
        "import sys\nsys._getframe(1)",
        "frame.f_locals['expected']",
        "import gc\ngc.get_objects()",
        "from unittest.mock import MagicMock as M",
        "checks = 3",
        "checks, torch = 1, 2",
        "checks._same_values = print",
        "import child.session",
        "sys.modules['torch'] = None",
        "__builtins__ = {}",
    ],
)
def test_what_no_answer_needs_calls_a_person(source):
    (sentence,) = remarks(source)
    assert sentence.startswith("mine: it has ") and sentence.endswith(tripwire.ASKS)


@pytest.mark.parametrize(
    "source",
    [
        "checks.equal(1, 1, what='one')",
        "import torch, gc\ngc.collect()\ntorch.manual_seed(0)",
        "child = 3\nframe = child",
        "if checks == 3 or torch == 4: pass",
        "children, checks_done = 1, 2",
        "loss = torch.zeros(3)",
    ],
)
def test_ordinary_code_does_not(source):
    assert remarks(source) == []


def test_a_million_empty_lines_are_read_at_once():
    began = time.monotonic()
    assert remarks("\n" * 10**6) == remarks(" " * 10**6) == []
    assert time.monotonic() - began < 5


def test_the_courses_own_cell_may_hold_anything_until_somebody_changes_it():
    assert remarks(OWN["source"], "own") == []
    assert remarks(OWN["source"] + "\n", "own") != []
