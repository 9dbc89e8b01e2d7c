"""What came of a learner's notebooks when they were last validated or graded: `work/.points/NN-name.json`."""

import hashlib
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from course import files, paths
from course.errors import CourseError
from course.grading import orders, titles
from course.grading.result import Exercise, Result, Written
from course.grading.submission import cells, notebook
from course.grading.submission.cells import is_grade, is_solution

VALIDATE, GRADE = "Validate", "course grade"
BY_FORM = "Its form is right. The answer itself is judged, and the points come, where your instructor grades."


@dataclass
class Known:
    """A result, what it was made by, and the digest of the notebook that it is of."""

    result: Result
    by: str
    digest: str


def digest(own: NotebookNode) -> str:
    """Return what changes with a notebook's code and answers, and with nothing else in it."""
    texts = [cell.source for cell in own.cells if cell.cell_type == "code" or cells.grade_id(cell)]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def own_lesson(root: Path, path: Path) -> tuple[str, NotebookNode] | None:
    """Return the name and the state of the lesson of which this is the learner's copy, or None where it is none."""
    name = path.stem
    if not paths.release_path(root, name).exists() or path.resolve() != paths.own_path(root, name).resolve():
        return None
    try:
        return name, notebook.as_it_is(path.read_bytes())[0]
    except (notebook.Damaged, OSError):
        return None


def note(root: Path, own: NotebookNode, result: Result, by: str) -> None:
    """Keep a result; Validate, which has no hidden tests, takes nothing back from a grading of the same answers.

    Raises:
        CourseError: if it cannot be written.
    """
    state, known = digest(own), read(root, result.lesson)
    if by == VALIDATE and known and known.by == GRADE and known.digest == state:
        return
    data = {"by": by, "digest": state, "result": result.to_dict()}
    path = _path(root, result.lesson)
    try:
        files.write(path, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise CourseError(f"{path} cannot be written, so the points are not kept: {error.strerror}.") from None


def read(root: Path, lesson: str) -> Known | None:
    """Return what is known of a lesson; None where there is nothing that can be read."""
    try:
        data = json.loads(_path(root, lesson).read_text(encoding="utf-8"))
        return Known(Result.from_dict(data["result"]), str(data["by"]), str(data["digest"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def validated(release: NotebookNode, own: NotebookNode, lesson: str, failed: Mapping[str, str]) -> Result:
    """Return the result of a validation.

    Args:
        release: the lesson as learners get it.
        own: the notebook that was validated.
        lesson: the lesson's name.
        failed: the error of each check that failed, by the text of its cell.
    """
    texts, named = {cells.grade_id(cell): cell for cell in own.cells}, titles.of(release)
    result = Result(f"work/{lesson}/{lesson}.ipynb", lesson, [])
    for cell in filter(is_grade, release.cells):
        points, mine = int(cell.metadata.nbgrader.points), texts.get(cell.id)
        if is_solution(cell):
            answered = mine is not None and not cells.is_untouched(mine)
            result.written.append(Written(cell.id, points, answered, named.get(cell.id, "")))
        else:
            message = "The check is not there." if mine is None else failed.get(mine.source.strip(), "")
            own_id = cell.id.removesuffix("-check")
            result.exercises.append(Exercise(own_id, 0 if message else points, points, message, named.get(own_id, "")))
    return result


def without_forms(result: Result, release: NotebookNode) -> Result:
    """Return the result without the points for what visible checks judge by its form, since the answer is not here."""
    sealed = _sealed(release)
    for exercise in result.exercises:
        if exercise.id in sealed and not exercise.message:
            exercise.points, exercise.message, exercise.by_form = 0, BY_FORM, True
    return result


def _sealed(release: NotebookNode) -> set[str]:
    """Return the exercises of a lesson whose right answer no check can look up here."""
    from checks import at_hand, exercise  # they take torch along

    module = orders.alias(cell.source for cell in release.cells if cell.cell_type == "code")
    known = exercise.of(importlib.import_module(f"checks.{module}")) if module else {}
    calls = {
        cell.id: orders.read(cell.source, module).calls for cell in release.cells if cell.source.startswith("check.")
    }
    return {
        name.removesuffix("-check")
        for name, ((check, *_), *_) in calls.items()
        if known[check].is_sealed and at_hand.right_answer(check) is None
    }


def _path(root: Path, lesson: str) -> Path:
    return root / "work" / ".points" / f"{lesson}.json"
