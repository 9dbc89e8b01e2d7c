"""The folders that nbgrader keeps for a class: what was handed in, the graded notebooks, and the feedback."""

import json
import re
import secrets
import unicodedata
from collections.abc import Callable, Container, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory

from course import files
from course.errors import CourseError
from course.grading.bundle import Bundle
from course.grading.classroom import feedback, ledger, times
from course.grading.classroom.gradebook import Given
from course.grading.classroom.times import TIMESTAMP, Times
from course.grading.grade import Outcome
from course.grading.submission import cells, collect
from course.grading.submission.names import visible
from course.words import counted, one_line, visible_text

SECRET = "submission_secret.txt"  # from `nbgrader submit`, for release_feedback
LONGEST = 200  # bytes of a notebook's name under which there can be a page
MOST_NAMED = 20  # files beside a notebook, of which formgrader's page tells
MOST_SHOWN = 10  # modules among them whose text it shows
LONGEST_TEXT = 20_000  # characters of each
MOST_PAGES = 5  # copies of a page under the names that a student gave to notebooks


class Papers:
    """One lesson's folders."""

    def __init__(self, course: CourseDirectory, lesson: str):
        self.course, self.lesson = course, lesson
        self.all = self._path(course.submitted_directory, "*").parent.parent
        self.folders: dict[str, Path] = {}  # by student: where what was handed in lies

    def students(self, spellings: Mapping[str, str] | None = None, say: Callable[[str], None] = print) -> list[str]:
        """Return who has handed in the lesson.

        Args:
            spellings: ids in the gradebook by their composed form.
            say: takes a sentence for each folder whose name is no student's id as it is.

        Raises:
            CourseError: if nobody has.
        """
        found: dict[str, list[Path]] = {}
        for folder in sorted(self.all.glob(f"[!.]*/{self.lesson}")):
            name = unicodedata.normalize("NFC", folder.parent.name)
            student = (spellings or {}).get(name, one_line(name))
            found.setdefault(student, []).append(folder)
            if unicodedata.normalize("NFC", student) != name:
                say(f"{student}: its folder's name holds what no id can and is written like this; rename the folder.")
        if not found:
            raise CourseError(
                f"Nobody has handed in {self.lesson}: there is no {self.all.name}/STUDENT/{self.lesson}. "
                f"'nbgrader collect {self.lesson}' fetches what students submitted."
            )
        for student, folders in found.items():
            self.folders[student] = folders[0]
            if len(folders) > 1:
                self.folders[student] = max(folders, key=lambda folder: folder.stat().st_ctime)
                say(f"{student}: {len(folders)} folders spell this name in different bytes; the newest one is graded.")
        return sorted(found)

    def misplaced(self, lessons: Container[str]) -> list[str]:
        """Return a sentence for each folder that holds a notebook where none is looked for.

        Args:
            lessons: the names that a folder in a student's folder may have.
        """
        patterns = ["*/" * depth + "*.ipynb" for depth in range(4)]
        found = {path.parent.relative_to(self.all) for pattern in patterns for path in self.all.glob(pattern)}
        strays = [place for place in found if len(place.parts) < 2 or place.parts[1] not in lessons]
        return [
            f"{self.all.name}/{place} holds a notebook and is no lesson's folder, so that is not graded; if it is "
            f"{self.lesson}, move it to {self.all.name}/{[*place.parts, 'STUDENT'][0]}/{self.lesson}."
            for place in sorted(strays)
            if not any(part[0] == "." for part in place.parts)
        ]

    def submission(self, student: str) -> dict[str, bytes]:
        """Return the files that a student handed in, without what `nbgrader submit` added."""
        found = collect.gather(self._submitted(student))
        return {name: content for name, content in found.items() if name not in (TIMESTAMP, SECRET)}

    def times(self, student: str) -> Times:
        """Return what is known of when it was handed in; nbgrader_config.py says in which zone the exchange writes."""
        zone = self.course.config.Exchange.get("timezone", "")
        return times.known(self._submitted(student), zone)

    def changed(self, student: str, executed: NotebookNode | None) -> set[str]:
        """Return the exercises and written answers whose text is another one than in the graded notebook here."""
        try:
            old = cells.read(self._graded(student))
        except CourseError:
            return set()
        before, now = _answers(old), _answers(executed) if executed else {}
        return {name for name in before if name in now and before[name] != now[name]}

    def keep(self, student: str, bundle: Bundle, outcome: Outcome, found: dict[str, bytes]) -> None:
        """Write the notebook that formgrader shows, and in it what else was `found` beside it.

        Raises:
            CourseError: if that fails.
        """
        notebook = outcome.executed or _unread(bundle, outcome.result.refused)
        files, own = collect.with_notes(found)[0], (f"{self.lesson}.ipynb", "feedback/")  # which nbgrader fetches
        beside = _beside({name: content for name, content in files.items() if not name.startswith(own)})
        notebook = NotebookNode(notebook | {"cells": notebook.cells + beside})
        folder = self._graded(student).parent
        self._write(self._graded(student), nbformat.writes(notebook) + "\n")
        self._copy_notes(student, folder)

    def tell(self, student: str, bundle: Bundle, outcome: Outcome, names: list[str], given: Given) -> None:
        """Write the feedback, so that `nbgrader release_feedback` finds it, with the rights that nbgrader gives it.

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
            (folder / f"{Path(name).stem}.html").chmod(0o664 if self.course.groupshared else 0o644)
        further = {"by_person": given.points, "comments": given.comments, "late_penalty": given.penalty}
        data = outcome.result.to_dict() | further
        self._write(folder / f"{self.lesson}.json", json.dumps(data, indent=2, ensure_ascii=False) + "\n")
        self._copy_notes(student, folder)

    def _submitted(self, student: str) -> Path:
        return self.folders.get(student, self._path(self.course.submitted_directory, student))

    def _path(self, step: str, student: str) -> Path:
        return Path(self.course.format_path(step, student, self.lesson))

    def _graded(self, student: str) -> Path:
        return self._path(self.course.autograded_directory, student) / f"{self.lesson}.ipynb"

    def _copy_notes(self, student: str, folder: Path) -> None:
        """Put time and secret beside; without them `nbgrader release_feedback` would stop for the whole class."""
        claimed = self.times(student).claimed
        self._write(folder / TIMESTAMP, f"{claimed:%Y-%m-%d %H:%M:%S.%f} UTC" if claimed else "")
        if secret := self._secret(student):
            self._write(folder / SECRET, secret)
        elif not (folder / SECRET).exists():
            self._write(folder / SECRET, secrets.token_hex(64))

    def _secret(self, student: str) -> str:
        """Return what `nbgrader submit` added for the way back, or nothing; no link is followed."""
        text = collect.beginning(self._submitted(student), SECRET, 300).decode("ascii", "replace").strip()
        return text if re.fullmatch(r"[\w+:. -]*", text, re.ASCII) else ""

    def _write(self, path: Path, text: str) -> None:
        try:
            files.write(path, text.encode("utf-8", "replace"))
        except OSError as error:
            raise ledger.unwritable(path, error) from None


def notebooks(found: dict[str, bytes]) -> list[str]:
    """Return the notebooks at the top of a submission."""
    return sorted(name for name in found if name.endswith(".ipynb") and "/" not in name and visible(name) == name)


def _beside(files: Mapping[str, bytes]) -> list[NotebookNode]:
    """Return cells with what was handed in beside a notebook: the names of all, and the text of modules."""
    if not files:
        return []
    names = ", ".join(f"`{visible(name).replace('`', '?')}`" for name in sorted(files)[:MOST_NAMED])
    more = f" and {counted(len(files) - MOST_NAMED, 'further file')}" if len(files) > MOST_NAMED else ""
    told = f"**Handed in beside the notebook:** {names}{more}."
    shown = [nbformat.v4.new_markdown_cell(told, id=cells.content_id("markdown", told))]  # no text of the student's
    for number, name in enumerate(sorted(name for name in files if name.endswith(".py"))[:MOST_SHOWN]):
        text = files[name].decode("utf-8", "replace")
        cut = f"# {visible(name)}\n{visible_text(text[:LONGEST_TEXT])}" + "\n# …" * (len(text) > LONGEST_TEXT)
        shown.append(nbformat.v4.new_code_cell(cut, id=f"beside-{number}"))
    return shown


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
