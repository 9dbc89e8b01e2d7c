"""Grade a submission on this machine: a notebook goes in, a result with a sentence for every exercise comes out.

`grade` is one step without a gradebook. It executes the submission's code as the person who calls it, so it is for your
own notebooks and for those of people you trust.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from course import build, execute, merge
from course.errors import CourseError

NOT_FILLED = "Not filled in yet."
TOO_LONG = "This took too long and was interrupted; does a loop in it never end?"
DIED = "The kernel died while this ran; look for exit(), or for far more memory than the exercise needs."
SKIPPED_FOLDERS = {".ipynb_checkpoints", ".venv"}


@dataclass
class Exercise:
    """The points of one exercise; `message` is the failed check's sentence, or empty."""

    id: str
    points: int
    max_points: int
    message: str


@dataclass
class Written:
    """An answer in prose, which a person grades: its points count in no total here."""

    id: str
    max_points: int
    answered: bool


@dataclass
class Result:
    """What came of one submission; `flags` are sentences on what was odd about it."""

    submission: str
    lesson: str
    exercises: list[Exercise]
    written: list[Written] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    @property
    def score(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def max_score(self) -> int:
        return sum(exercise.max_points for exercise in self.exercises)

    def to_dict(self) -> dict:
        head = {"submission": self.submission, "lesson": self.lesson, "score": self.score, "max_score": self.max_score}
        return head | asdict(self)


def grade(submission: Path, root: Path, *, timeout: float = execute.CELL_TIMEOUT) -> Result:
    """Grade one notebook.

    Args:
        submission: a filled release, under any name.
        root: the course folder, whose checks are used, hidden tests included.
        timeout: seconds that one cell may take.

    Raises:
        CourseError: if the file is no notebook of this course.
    """
    own = merge.read(submission)
    lesson = _lesson(submission, own, root)
    release, remarks = _graded(root, lesson)
    notebook, flags = merge.merge(release, own)
    died = _run(notebook, timeout)
    exercises, written = [], []
    for index, cell in enumerate(notebook.cells):
        if not is_grade(cell):
            continue
        points = int(cell.metadata.nbgrader.points)
        if is_solution(cell):
            written.append(Written(cell.id, points, answered=not merge.is_untouched(cell)))
        else:
            message = _message(notebook, index, died)
            exercises.append(Exercise(cell.id.removesuffix("-check"), 0 if message else points, points, message))
    return Result(str(submission), lesson, exercises, written, remarks + flags)


def notebooks_in(paths: Iterable[Path]) -> list[Path]:
    """Return the notebooks that the paths name or, for folders, contain.

    Raises:
        CourseError: if a path does not exist or a folder holds no notebook.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise CourseError(f"There is no file or folder {path}.")
        inside = sorted(path.rglob("*.ipynb")) if path.is_dir() else [path]
        inside = [
            notebook
            for notebook in inside
            if not SKIPPED_FOLDERS & set(notebook.parts)
            and (not path.is_dir() or ".before-update" not in notebook.name)
        ]
        if not inside:
            raise CourseError(f"The folder {path} holds no notebook.")
        found += [notebook for notebook in inside if notebook not in found]
    return found


def table(result: Result) -> str:
    """Return the result as lines for a terminal."""
    width = max(len(entry.id) for entry in [*result.exercises, *result.written])
    lines = [f"{result.lesson} · {result.submission}"]
    for exercise in result.exercises:
        mark = "✗" if exercise.message else "✓"
        lines.append(
            f"  {mark} {exercise.id:<{width}}  {exercise.points} / {exercise.max_points}  {exercise.message}".rstrip()
        )
    lines += [
        f"  … {answer.id:<{width}}  – / {answer.max_points}  "
        + ("A written answer: a person grades it." if answer.answered else "A written answer, not filled in yet.")
        for answer in result.written
    ]
    lines += [f"  ! {flag}" for flag in result.flags]
    return "\n".join([*lines, f"  {'total':<{width + 2}}  {result.score} / {result.max_score}"])


def as_json(results: list[Result]) -> str:
    return json.dumps([result.to_dict() for result in results], indent=2, ensure_ascii=False) + "\n"


def _lesson(submission: Path, own: NotebookNode, root: Path) -> str:
    """Return the lesson that shares most cells with the notebook."""
    ids = {merge.grade_id(cell) for cell in own.cells} | {cell.get("id") for cell in own.cells}
    shared = {
        path.stem: sum(cell.id in ids for cell in merge.read(path).cells)
        for path in sorted((root / "notebooks").glob("*/*.ipynb"))
    }
    best = max(shared, key=shared.get, default=None)
    if best is None or not shared[best]:
        raise CourseError(f"{submission} has no exercise of this course; is it the right file?")
    return best


def _graded(root: Path, lesson: str) -> tuple[NotebookNode, list[str]]:
    """Return the release with the checks as they are in the solution, hidden tests included, and what is to be said."""
    release = merge.read(build.release_path(root, lesson))
    if not build.solution_path(root, lesson).exists():
        return release, [
            "Only the visible checks were run; the hidden ones are with the solutions, which are not here."
        ]
    checks = {cell.id: cell.source for cell in merge.read(build.solution_path(root, lesson)).cells}
    for cell in release.cells:
        if is_grade(cell) and not is_solution(cell):
            cell.source = checks[cell.id]
    return release, []


def _run(notebook: NotebookNode, timeout: float) -> set[int]:
    """Execute the notebook; return the cells in which the kernel died. Each costs a fresh start without it."""
    died: set[int] = set()
    sources = [cell.source for cell in notebook.cells]
    while True:
        for index in died:
            notebook.cells[index].source = ""
        try:
            execute.run(notebook, keep_going=True, timeout=timeout)
        except execute.KernelDied as death:
            died.add(death.cell)
            continue
        for cell, source in zip(notebook.cells, sources, strict=True):
            cell.source = source
        return died


def _message(notebook: NotebookNode, check: int, died: set[int]) -> str:
    """Return why a check failed, or nothing; an error in the exercise's own cell explains more than what follows."""
    exercise_id = notebook.cells[check].id.removesuffix("-check")
    exercise = next(index for index, cell in enumerate(notebook.cells) if cell.id == exercise_id)
    if {exercise, check} & died:
        return DIED
    error, cause = _error(notebook.cells[check]), _error(notebook.cells[exercise])
    if error is None:
        return ""
    if error.ename == "KeyboardInterrupt":  # nobody but the time limit sends it
        return TOO_LONG
    if error.ename == "NotImplementedError":
        return NOT_FILLED
    if error.ename == "CheckFailed":
        return error.evalue
    if cause is not None:
        return f"Your cell stops with {cause.ename}: {cause.evalue}"
    return f"{error.ename}: {error.evalue}"


def _error(cell: NotebookNode) -> NotebookNode | None:
    return next((output for output in cell.outputs if output.output_type == "error"), None)
