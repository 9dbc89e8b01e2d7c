"""Rebuilding: a student's text ends in its place, whatever the notebook around it has gone through."""

import jupytext
import nbformat
import pytest
from nbgrader.utils import is_grade, is_solution

from course import paths
from course.grading.submission import rebuild, written
from tests.samples import LESSONS, ROOT, answers_of, read


def release(lesson: str) -> nbformat.NotebookNode:
    return read(paths.release_path(ROOT, lesson))


def filled(lesson: str) -> nbformat.NotebookNode:
    """Return the release with every answer of the solution."""
    notebook, answers = release(lesson), answers_of(lesson)
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    return notebook


def sources(notebook) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def strip(notebook, number: int = 0) -> None:
    """Take all ids and metadata, as some editors do."""
    for index, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = nbformat.NotebookNode(), f"other-{number}-{index}"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_notebook_as_it_should_be_is_only_cleaned(lesson):
    built, flags = rebuild.rebuild(release(lesson), filled(lesson))
    assert sources(built) == sources(filled(lesson)) and flags == []
    assert [cell.id for cell in built.cells] == [cell.id for cell in release(lesson).cells]


@pytest.mark.parametrize("lesson", LESSONS)
def test_without_ids_and_metadata_every_answer_is_found(lesson):
    own = filled(lesson)
    strip(own)
    built, flags = rebuild.rebuild(release(lesson), own)
    assert sources(built) == sources(filled(lesson)) and flags == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_half_filled_without_ids_is_half_filled(lesson):
    own, answers = release(lesson), dict(list(answers_of(lesson).items())[::2])
    for cell in own.cells:
        cell.source = answers.get(cell.id, cell.source)
    wanted = sources(own)
    strip(own)
    built, flags = rebuild.rebuild(release(lesson), own)
    assert sources(built) == wanted and flags == []


@pytest.mark.parametrize("form", ["py:percent", "py:light", "md", "Rmd"])
def test_a_round_trip_through_jupytext_costs_nothing(form):
    """A real editor's path: the notebook becomes a text and comes back with new ids and less metadata."""
    lesson = "01-bandits"
    own = jupytext.reads(jupytext.writes(filled(lesson), fmt=form), fmt=form)
    built, flags = rebuild.rebuild(release(lesson), own)
    answers = answers_of(lesson)
    assert {cell.id: cell.source for cell in built.cells if cell.id in answers} == answers and flags == []


def tiny(*cells: tuple[str, str]) -> nbformat.NotebookNode:
    """Return a lesson with one exercise and its check around some further cells, each with an id and a source."""
    notebook = nbformat.v4.new_notebook()
    for name, source in cells:
        marks = {
            "grade_id": name,
            "grade": name.endswith("-check"),
            "solution": not name.endswith("-check"),
            "points": 1,
        }
        metadata = {"nbgrader": marks} if name.startswith("half") else {}
        notebook.cells.append(nbformat.v4.new_code_cell(source, id=name, metadata=metadata))
    return notebook


STUB, CHECK = ("half", "def half(x):\n    raise NotImplementedError"), ("half-check", "assert half(4) == 2")
FIRST, SECOND = (
    ("a", "def half(x):\n    return 1"),
    ("b", "import math\n\ndef aid():\n    return 2\n\ndef half(x):\n    return 2\n\nhalf(3)"),
)


@pytest.mark.parametrize(
    ("own", "answer"),
    [
        ((FIRST, STUB, CHECK), "return 1"),
        ((FIRST, SECOND, STUB, CHECK), "return 2"),
        ((SECOND, FIRST, STUB, CHECK), "return 1"),
        ((STUB, CHECK, FIRST, SECOND), "return 1"),
        ((STUB, FIRST, CHECK, SECOND), "return 1"),
    ],
)
def test_an_answer_in_another_cell_is_the_last_above_the_check_or_the_first_below(own, answer):
    built, flags = rebuild.rebuild(tiny(STUB, CHECK), tiny(*own))
    exercise = next(cell for cell in built.cells if cell.id == "half")
    assert answer in exercise.source and "half(3)" not in exercise.source
    assert flags == ["The answer to half was found in another cell, and was used."]
    assert ("import math" in exercise.source and "def aid" in exercise.source) == ("return 2" in answer)


def test_an_answer_below_brings_no_other_exercise_along():
    release = tiny(
        STUB, CHECK, ("half-2", "def quarter(x):\n    raise NotImplementedError"), ("half-2-check", "assert 1")
    )
    all_in_one = ("mine", "def quarter(x):\n    return 9\n\ndef half(x):\n    return 1\n\nhalf(1)")
    built, _ = rebuild.rebuild(release, tiny(*[(cell.id, cell.source) for cell in release.cells], all_in_one))
    exercises = {cell.id: cell.source for cell in built.cells}
    assert "return 9" not in exercises["half"] and "return 1" in exercises["half"]
    assert "return 9" in exercises["half-2"] and "return 1" not in exercises["half-2"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_guess_that_is_written_down_answers_no_question(lesson):
    own, stubs = release(lesson), {}
    for cell in own.cells:
        if written.GUESS in cell.source:
            cell.source = cell.source.replace(
                f"{written.GUESS} …", f"{written.GUESS} more than before, since it learns"
            )
        elif is_grade(cell) and is_solution(cell):
            stubs[cell.id] = cell.source
    built, _ = rebuild.rebuild(release(lesson), own)
    assert {cell.id: cell.source for cell in built.cells if cell.id in stubs} == stubs


def test_what_stands_twice_stays_in_order_and_where_it_stood():
    twice = ("half", "def half(x):\n    return 7")
    own = tiny(("half", "def half(x):\n    return x / 2"), CHECK, ("mine", "z = 1"))
    own.cells.append(tiny(twice).cells[0])
    built, flags = rebuild.rebuild(tiny(STUB, CHECK), own)
    assert [cell.source for cell in built.cells][0::2] == ["def half(x):\n    return x / 2", "z = 1"]
    assert built.cells[-1].source == twice[1] and "nbgrader" not in built.cells[-1].metadata
    assert flags == ["The cell half stands 2 times; all were kept, in order."]


def test_rebuilding_twice_changes_nothing():
    own = filled("01-bandits")
    own.cells[3:3] = [nbformat.v4.new_code_cell("mine = 1"), nbformat.v4.new_markdown_cell("A note.")]
    once, _ = rebuild.rebuild(release("01-bandits"), own)
    again, flags = rebuild.rebuild(release("01-bandits"), once)
    assert again == once and flags == []
