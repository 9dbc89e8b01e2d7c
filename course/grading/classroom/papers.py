"""The folders that nbgrader keeps for a class: what was handed in, the graded notebooks, and the feedback."""

import contextlib
import json
import os
import re
import secrets
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc

from course import files
from course.errors import CourseError
from course.grading.bundle import Bundle
from course.grading.classroom import feedback, ledger, times
from course.grading.classroom.gradebook import Given
from course.grading.grade import Outcome
from course.grading.submission import cells, collect
from course.grading.submission.names import visible

TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"  # from `nbgrader submit`, for release_feedback
LONGEST = 200  # bytes of a notebook's name under which there can be a page
MOST_PAGES = 5  # copies of a page under the names that a student gave to notebooks


class Papers:
    """One lesson's folders."""

    def __init__(self, course: CourseDirectory, lesson: str):
        self.course, self.lesson = course, lesson

    def students(self) -> list[str]:
        """Return who has handed in the lesson.

        Raises:
            CourseError: if nobody has.
        """
        pattern = Path(self._path(self.course.submitted_directory, "*"))
        found = sorted(
            path.parent.name for path in pattern.parent.parent.glob(f"*/{self.lesson}") if path.parent.name[0] != "."
        )
        if not found:
            raise CourseError(
                f"Nobody has handed in {self.lesson}: there is no {pattern.parent.parent.name}/STUDENT/{self.lesson}. "
                f"'nbgrader collect {self.lesson}' fetches what students submitted."
            )
        return found

    def submission(self, student: str) -> dict[str, bytes]:
        """Return the files that a student handed in, without what `nbgrader submit` added."""
        found = collect.gather(self._path(self.course.submitted_directory, student))
        return {name: content for name, content in found.items() if name not in (TIMESTAMP, SECRET)}

    def handed_in(self, student: str) -> datetime | None:
        """Return when it was handed in, as `nbgrader submit` noted it, or None where that is not known."""
        with contextlib.suppress(ValueError, OverflowError):
            return parse_utc(self._note(student, TIMESTAMP)) if self._note(student, TIMESTAMP) else None
        return None

    def late(self, student: str, deadline: datetime | None) -> str:
        """Return a sentence if the submission may have come after the deadline, whatever its own files say."""
        return times.known(self._path(self.course.submitted_directory, student)).about(deadline) if deadline else ""

    def changed(self, student: str, executed: NotebookNode | None) -> set[str]:
        """Return the exercises and written answers whose text is another one than in the graded notebook here."""
        try:
            old = cells.read(self._graded(student))
        except CourseError:
            return set()
        before, now = _answers(old), _answers(executed) if executed else {}
        return {name for name in before if name in now and before[name] != now[name]}

    def keep(self, student: str, bundle: Bundle, outcome: Outcome) -> None:
        """Write the notebook that formgrader shows.

        Raises:
            CourseError: if that fails.
        """
        notebook = outcome.executed or _unread(bundle, outcome.result.refused)
        folder = self._graded(student).parent
        self._write(self._graded(student), nbformat.writes(notebook) + "\n")
        self._copy_notes(student, folder)

    def tell(self, student: str, bundle: Bundle, outcome: Outcome, names: list[str], given: Given) -> None:
        """Write the feedback, so that `nbgrader release_feedback` finds it.

        Args:
            student: whose.
            bundle: the lesson.
            outcome: what came of the submission.
            names: of the notebooks that were handed in: a student's JupyterLab looks for feedback on each.
            given: what the gradebook has besides the outcome.

        Raises:
            CourseError: if it cannot be written.
        """
        folder = self._path(self.course.feedback_directory, student)
        page = feedback.page(
            outcome.result,
            outcome.executed,
            release=bundle.notebook(),
            points=given.points,
            comments=given.comments,
            penalty=given.penalty,
        )
        for name in [f"{self.lesson}.ipynb", *[name for name in names if len(name.encode()) <= LONGEST][:MOST_PAGES]]:
            self._write(folder / f"{Path(name).stem}.html", page)
        further = {"by_person": given.points, "comments": given.comments, "late_penalty": given.penalty}
        data = outcome.result.to_dict() | further
        self._write(folder / f"{self.lesson}.json", json.dumps(data, indent=2, ensure_ascii=False) + "\n")
        self._copy_notes(student, folder)

    def _path(self, step: str, student: str) -> Path:
        return Path(self.course.format_path(step, student, self.lesson))

    def _graded(self, student: str) -> Path:
        return self._path(self.course.autograded_directory, student) / f"{self.lesson}.ipynb"

    def _copy_notes(self, student: str, folder: Path) -> None:
        """Put time and secret beside; without them `nbgrader release_feedback` would stop for the whole class."""
        self._write(folder / TIMESTAMP, self._note(student, TIMESTAMP))
        if secret := self._note(student, SECRET):
            self._write(folder / SECRET, secret)
        elif not (folder / SECRET).exists():
            self._write(folder / SECRET, secrets.token_hex(64))

    def _note(self, student: str, name: str) -> str:
        """Return one of the small files that `nbgrader submit` added, or nothing; no link is followed."""
        try:
            folder = os.open(
                self._path(self.course.submitted_directory, student), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            )
            try:
                handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
            finally:
                os.close(folder)
            with open(handle, "rb") as file:
                text = file.read(300).decode("ascii", "replace").strip()
        except OSError:
            return ""
        return text if re.fullmatch(r"[\w+:. -]*", text, re.ASCII) else ""

    def _write(self, path: Path, text: str) -> None:
        try:
            files.write(path, text.encode("utf-8", "replace"))
        except OSError as error:
            raise ledger.unwritable(path, error) from None


def notebooks(found: dict[str, bytes]) -> list[str]:
    """Return the notebooks at the top of a submission."""
    return sorted(name for name in found if name.endswith(".ipynb") and "/" not in name and visible(name) == name)


def _answers(notebook: NotebookNode) -> dict[str, str]:
    marked = [cell for cell in notebook.cells if cells.grade_id(cell)]
    return {
        cells.grade_id(cell): cell.source.strip() for cell in marked if cell.metadata.nbgrader.get("solution") is True
    }


def _unread(bundle: Bundle, sentence: str) -> NotebookNode:
    """Return the release with a note for the person who grades: nothing of the submission could be read."""
    notebook = bundle.notebook()
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"**Not graded.** {sentence}", id="not-graded"))
    return notebook
