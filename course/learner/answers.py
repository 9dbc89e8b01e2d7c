"""Start an exercise again, or see the course's answer to it: `course reset` and `course compare`."""

import difflib
import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.sign import NotebookNotary

from course import files, paths
from course.errors import CourseError
from course.grading import titles
from course.grading.submission import cells, definitions, match
from course.grading.submission.cells import is_solution
from course.learner import work
from course.words import broken

GAP = 4  # columns between two answers that stand side by side
RELOAD = (
    "If the notebook is open in JupyterLab and does not show it, choose File → Reload Notebook from Disk; where "
    "JupyterLab asks, choose Revert."
)


@dataclass
class Exercise:
    """An exercise or a question of a lesson: its cell in the release, and the words by which one may call it."""

    lesson: str
    release: NotebookNode
    place: int
    title: str

    @property
    def cell(self) -> NotebookNode:
        return self.release.cells[self.place]

    @property
    def words(self) -> set[str]:
        short = self.cell.id.removeprefix(self.lesson.partition("-")[2]).strip("-")
        functions = definitions.names(self.cell.source) if self.cell.cell_type == "code" else set()
        return set(map(_plain, {self.cell.id, short, self.title, self.title.rpartition("· ")[2], *functions} - {""}))


def reset(root: Path, name: str, here: Path) -> str:
    """Put an exercise's stub back and keep the answer in a file beside the notebook; return what was done.

    Args:
        root: the course folder.
        name: the exercise's function, its id or its title.
        here: the folder where the learner is; in a lesson's own that lesson goes first.

    Raises:
        CourseError: if there is nothing to reset. Then nothing has changed.
    """
    exercise = find(root, name, here)
    own, notebook, mine = _own(root, exercise)
    if not mine:
        raise CourseError(
            f"{own.relative_to(root)} has no cell of {_called(exercise)} any more; rename the notebook, and "
            "'course lab' makes a fresh copy."
        )
    answer = "\n\n".join(cell.source for cell in mine)
    if match.plain(answer) == match.plain(exercise.cell.source):
        raise CourseError(f"{_called(exercise)} is as the course gives it; there is nothing to reset.")
    notary = NotebookNotary()
    was_trusted = notary.check_signature(notebook)
    ending = "py" if exercise.cell.cell_type == "code" else "md"
    kept = work.unused(own.with_name(f"{exercise.cell.id}.{ending}"), "before-reset")
    mine[0].source = exercise.cell.source
    checks = [cell for cell in notebook.cells if cells.grade_id(cell) == f"{exercise.cell.id}-check"]
    for cell in [*mine[:1], *checks]:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.cells = [cell for cell in notebook.cells if not any(cell is copy for copy in mine[1:])]
    with files.told(own.relative_to(root)):
        files.write(kept, answer + "\n")
        files.write(own.resolve(), nbformat.writes(notebook) + "\n")
    if was_trusted:
        notary.sign(notebook)
    return f"{_called(exercise)} is to be filled in again; your answer is in {kept.relative_to(root)}. {RELOAD}"


def compare(root: Path, name: str, here: Path, *, columns: int = 0) -> str:
    """Return the learner's answer and the course's, side by side where both fit.

    Args:
        root: as for `reset`, like `name` and `here`.
        name: the exercise.
        here: the folder where the learner is.
        columns: how wide the terminal is, or 0 where there is none.

    Raises:
        CourseError: if the exercise was not tried yet, or this copy of the course has no model answers.
    """
    exercise = find(root, name, here)
    path = paths.solution_path(root, exercise.lesson)
    if not path.exists():
        raise CourseError("This copy of the course has no model answers; ask who runs your course.")
    _, _, mine = _own(root, exercise)
    answer = "\n\n".join(cell.source for cell in mine)
    if not answer.strip() or match.plain(answer) == match.plain(exercise.cell.source):
        raise CourseError(f"You have not tried {_called(exercise)} yet: fill it in and save it, then compare.")
    solved = next(cell for cell in cells.read(path).cells if cell.id == exercise.cell.id)
    half = (columns - GAP) // 2
    is_prose = exercise.cell.cell_type != "code"
    mine = _column("Yours", answer, half if is_prose else 0)
    course = _column("The course's", cells.without_marks(solved.source), half if is_prose else 0)
    return f"{_called(exercise)}\n\n{_beside(mine, course, half)}"


def find(root: Path, name: str, here: Path) -> Exercise:
    """Return the exercise that a learner calls by some name.

    Raises:
        CourseError: if none is called so, naming the nearest, or if several are.
    """
    exercises = _exercises(root)
    fitting = [exercise for exercise in exercises if _plain(name) in exercise.words]
    near = [one for one in fitting if here.resolve().is_relative_to((root / "work" / one.lesson).resolve())]
    fitting = near or fitting
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        ids = ", ".join(exercise.cell.id for exercise in fitting)
        raise CourseError(f"Several exercises are called {name}; name one of these: {ids}.")
    ids_of = {word: exercise.cell.id for exercise in exercises for word in sorted(exercise.words)}
    close = difflib.get_close_matches(_plain(name), ids_of, n=3, cutoff=0.5)
    nearest = ", ".join(dict.fromkeys(ids_of[word] for word in close))
    advice = f"the nearest: {nearest}" if nearest else "its name is that of the function, as in: course reset greedy"
    raise CourseError(f"There is no exercise {name}; {advice}.")


def _exercises(root: Path) -> list[Exercise]:
    found = []
    for path in sorted((root / "notebooks").glob("*/*.ipynb")):
        release = cells.read(path)
        named = titles.of(release)
        found += [
            Exercise(path.stem, release, place, named.get(cell.id, ""))
            for place, cell in enumerate(release.cells)
            if is_solution(cell)
        ]
    return found


def _own(root: Path, exercise: Exercise) -> tuple[Path, NotebookNode, list[NotebookNode]]:
    """Return the learner's notebook of an exercise, and in it the cells of that exercise."""
    own = paths.own_path(root, exercise.lesson)
    if not own.exists():
        raise CourseError(f"You have not begun {exercise.lesson} yet; 'course lab' makes your copy of it.")
    notebook = cells.read(own)
    places = match.places(exercise.release, notebook)
    return own, notebook, [cell for cell, place in zip(notebook.cells, places, strict=True) if place == exercise.place]


def _called(exercise: Exercise) -> str:
    return f"{exercise.title} ({exercise.cell.id})" if exercise.title else exercise.cell.id


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", name.casefold()).strip("-")


def _column(heading: str, text: str, columns: int) -> list[str]:
    """Return the lines of a text below its heading, broken where columns are given."""
    lines = text.strip("\n").split("\n")
    return [
        heading,
        "-" * len(heading),
        *(part for line in lines for part in broken(line, max(columns, 0)).split("\n")),
    ]


def _beside(left: list[str], right: list[str], half: int) -> str:
    """Return two columns side by side, or one below the other where a line is too long for that."""
    if max(map(len, left + right)) > half:
        return "\n".join([*left, "", *right])
    return "\n".join(f"{one:<{half + GAP}}{other}".rstrip() for one, other in zip_longest(left, right, fillvalue=""))
