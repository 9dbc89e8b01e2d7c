"""A class for tests: a course folder with a tiny lesson, students who handed it in, and what its gradebook says."""

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from unittest import mock

import nbgrader.api
from jupyter_core.application import NoStart
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderApp
from nbgrader.validator import Validator

from course import paths
from course.grading.classroom.gradebook import version
from course.grading.classroom.pool import Graded, Job
from tests.samples import fill, read

LESSON = "01-tiny"
RIGHT = {"tiny-double": "def double(x):\n    return 2 * x", "tiny-half": "def half(x):\n    return x / 2"}
HALF = {"tiny-half": RIGHT["tiny-half"], "tiny-why": "Because it is so."}


def hand_in(root: Path, student: str, answers: dict[str, str], name: str = LESSON, lesson: str = LESSON) -> Path:
    """Put a filled notebook where `nbgrader collect` would."""
    return fill(paths.release_path(root, lesson), root / "submitted" / student / lesson / f"{name}.ipynb", answers)


def command(root: Path, *words: object) -> list[str]:
    return [sys.executable, "-m", "course.cli", "grade-class", LESSON, *map(str, words)]


def at_once(jobs: Iterable[Job], perform: Callable[[Job], str], workers: int) -> Iterator[Graded]:
    """Grade in this process as `pool.run` does in others, each of which would import everything anew."""
    return (Graded(job, perform(job)) for job in jobs)


def run_nbgrader(root: Path, *words: str) -> tuple[int, str]:
    """Run nbgrader in a course folder, in this process as its own tests do; return its exit code and what it said."""
    app, code, said = NbGraderApp(), 0, io.StringIO()
    with (
        contextlib.chdir(root),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
        warnings.catch_warnings(action="ignore"),
        mock.patch.dict(os.environ),
        mock.patch.object(sys, "path", [*sys.path]),
        mock.patch.object(Validator, "stream", said),
        mock.patch.object(nbgrader.api, "get_alembic_version", version),
    ):
        try:
            app.initialize(list(words))
            with contextlib.suppress(NoStart):  # which says that a subcommand was
                app.start()
        except SystemExit as end:
            code = end.code or 0
        finally:
            app.reset()
    return code, said.getvalue()


def gradebook(root: Path) -> Gradebook:
    """Open the gradebook, or make one, for which nbgrader would start a process to learn its own version."""
    with mock.patch.object(nbgrader.api, "get_alembic_version", version):
        return Gradebook(f"sqlite:///{root}/gradebook.db", "bandits-to-vae")


def grades(root: Path, lesson: str = LESSON) -> dict:
    """Return all that the gradebook says: by student and cell, what the grader and a person gave."""
    with gradebook(root) as book:
        found = {}
        for submission in book.assignment_submissions(lesson):
            notebook = submission.notebooks[0]
            comments = {comment.name: comment.comment for comment in notebook.comments}
            for grade in notebook.grades:
                entry = (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                found[submission.student.id, grade.name] = (*entry, comments.get(grade.name.removesuffix("-check")))
        return found


def graded_cell(root: Path, student: str, cell: str) -> str:
    """Return the source of a cell in the notebook that formgrader shows."""
    notebook = read(root / "autograded" / student / LESSON / f"{LESSON}.ipynb")
    return next(one.source for one in notebook.cells if one.id == cell)
