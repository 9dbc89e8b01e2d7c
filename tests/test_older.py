"""Nothing in flight is lost: notebooks and a gradebook from before checks were functions, when they were text in cells.

`tests/older/` holds what a course of that time made: two releases, filled in and with a note of their owner, and the
gradebook of a class in which a person had graded an answer.
"""

import shutil
import sqlite3

import pytest

from course import paths
from course.grading.classroom import classes, pool
from course.learner import grade, work
from tests import classroom
from tests.samples import ROOT, answers_of, read

OLDER = ROOT / "tests" / "older"
LESSON = "05-baseline"


@pytest.mark.parametrize("lesson", ["00-start-here", LESSON])
def test_a_submission_of_an_older_release_gets_its_points(lesson):
    assert "helpers import" in str(read(OLDER / f"{lesson}.ipynb")) and "checks.equal" in str(
        read(OLDER / f"{lesson}.ipynb")
    )
    result = grade.grade(OLDER / f"{lesson}.ipynb", ROOT, trusted=True)
    assert result.lesson == lesson and result.score == result.max_score, result.exercises
    assert not result.flags


def test_an_own_copy_is_carried_over_with_its_answers_and_notes(tmp_path):
    shutil.copytree(ROOT / "notebooks" / LESSON, tmp_path / "notebooks" / LESSON)
    own = paths.own_path(tmp_path, LESSON)
    own.parent.mkdir(parents=True)
    shutil.copy(OLDER / f"{LESSON}.ipynb", own)
    (sentence,) = work.refresh(tmp_path)
    assert "your answers are carried over" in sentence
    old, now, release = (read(path) for path in (OLDER / f"{LESSON}.ipynb", own, paths.release_path(ROOT, LESSON)))
    sources = {cell.id: cell.source for cell in now.cells}
    assert {cell.id: cell.source for cell in old.cells if cell.metadata.get("nbgrader", {}).get("solution")} == {
        name: sources[name] for name in answers_of(LESSON)
    }
    assert "My own note." in sources.values() and not any("checks.equal" in source for source in sources.values())
    assert len(now.cells) == len(release.cells) + 1
    assert own.with_name(f"{LESSON}.before-update.ipynb").read_bytes() == (OLDER / f"{LESSON}.ipynb").read_bytes()


@pytest.fixture
def older_class(tmp_path):
    """A class of that time in the course of today: ann's and bob's points, and what a person gave ann."""
    for name in ("notebooks", "solutions"):
        shutil.copytree(ROOT / name / LESSON, tmp_path / name / LESSON)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    with sqlite3.connect(tmp_path / "gradebook.db") as book:
        book.executescript((OLDER / "gradebook.sql").read_text(encoding="utf-8"))
    folder = tmp_path / "submitted" / "ann" / LESSON
    folder.mkdir(parents=True)
    shutil.copy(OLDER / f"{LESSON}.ipynb", folder)
    return tmp_path


def test_a_gradebook_keeps_what_it_holds_and_what_a_person_gave(older_class, monkeypatch):
    monkeypatch.setattr(pool, "run", classroom.at_once)
    before = classroom.grades(older_class, LESSON)
    assert before["ann", "baseline-state-not-action"][1] == 2 and len({who for who, _ in before}) == 2
    summary = classes.grade(older_class, LESSON, workers=1, trusted=True, say=lambda _: None)
    assert not summary.failed and summary.graded == 1
    assert classroom.grades(older_class, LESSON) == before
