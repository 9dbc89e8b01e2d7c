"""Everything that grading one lesson needs, as plain data that can travel to another machine."""

import functools
import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course import paths
from course.errors import CourseError
from course.grading import orders
from course.grading.orders import Order
from course.grading.submission import cells
from course.grading.submission.cells import is_grade, is_solution

SOURCES = ("checks/**/*.py", "helpers/**/*.py", "course/grading/**/*.py")
LATER = "course/grading/classroom"  # what only handles an outcome: a change of it grades nobody anew
LIBRARIES = ("torch", "numpy", "scipy", "gymnasium", "safetensors", "cloudpickle")


@dataclass(frozen=True)
class Bundle:
    """One lesson for grading.

    Attributes:
        lesson: its name, such as "01-bandits".
        release: the notebook that students get, as nbformat's plain data.
        checks: source of each check by cell id, hidden tests included unless `visible_only`.
        visible_only: whether hidden tests are missing, since the solutions are.
        environment: digest of the helpers, the checks, the grader, Python and its libraries.
    """

    lesson: str
    release: dict
    checks: dict[str, str]
    visible_only: bool = False
    environment: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 over all of it: the same digest grades the same submission alike."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def notebook(self) -> NotebookNode:
        """Return a fresh copy of the release."""
        return nbformat.from_dict(json.loads(json.dumps(self.release)))

    def own_cells(self) -> dict[str, str]:
        """Return the source of each of the course's own code cells that are neither exercise nor check, by id."""
        graded = {*self.checks, *(name.removesuffix("-check") for name in self.checks)}
        code = (cell for cell in self.release["cells"] if cell["cell_type"] == "code")
        return {cell["id"]: cell["source"] for cell in code if cell["id"] not in graded}

    def order(self, check: str) -> Order:
        """Return what the court is asked to do for a check cell."""
        return orders.read(self.checks[check], self._module)

    @functools.cached_property
    def _module(self) -> str:
        """The module of `checks` that the lesson calls `check`."""
        return orders.alias(self.own_cells().values())

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Bundle":
        return cls(**json.loads(text))


def make(root: Path, lesson: str) -> Bundle:
    """Gather what grading the lesson needs.

    Args:
        root: the course folder; without its `solutions/` only the visible checks can be run.
        lesson: such as "01-bandits".

    Raises:
        CourseError: if the lesson has no release here, or its solution is damaged.
    """
    path, solved_path = paths.release_path(root, lesson), paths.solution_path(root, lesson)
    if not path.exists():
        raise CourseError(f"There is no lesson '{lesson}' in {root / 'notebooks'}.")
    release, solved = cells.read(path), {}
    if solved_path.exists():
        solved = {cell.id: cell.source for cell in cells.read(solved_path).cells}
    ids = [cell.id for cell in release.cells if is_grade(cell) and not is_solution(cell)]
    missing = [name for name in ids if solved and name not in solved]
    if missing:
        raise CourseError(f"{solved_path} has no check {missing[0]}; run: course build {lesson}")
    visible = {cell.id: cell.source for cell in release.cells}
    return Bundle(
        lesson=lesson,
        release=json.loads(json.dumps(release)),
        checks={name: solved.get(name, visible[name]) for name in ids},
        visible_only=not solved,
        environment=environment(),
    )


def environment() -> str:
    """Return a digest of everything besides the lesson that a verdict depends on, so not of what handles it later."""
    root = Path(__file__).resolve().parent.parent.parent
    versions = [f"{name} {version(name)}" for name in LIBRARIES]
    digest = hashlib.sha256("\n".join([sys.version, *versions, ""]).encode())
    for path in sorted(path for pattern in SOURCES for path in root.glob(pattern)):
        name = path.relative_to(root).as_posix()
        if not name.startswith(LATER):
            digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
