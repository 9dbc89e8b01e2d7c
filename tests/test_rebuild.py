"""Rebuilding: a student's text ends in its place, whatever the notebook around it has gone through."""

import nbformat
import pytest

from course import build
from course.grading import rebuild
from tests.samples import LESSONS, ROOT, answers_of, read


def release(lesson: str) -> nbformat.NotebookNode:
    return read(build.release_path(ROOT, lesson))


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
