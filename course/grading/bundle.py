"""Everything that grading one lesson needs, as plain data that can travel to another machine."""

import hashlib
import json
import sys
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from course import build, merge
from course.errors import CourseError

SOURCES = ("helpers/**/*.py", "course/grading/**/*.py", "course/merge.py")
# Modules here that only handle an outcome: a change of theirs grades nobody anew.
LATER = {"classes", "cluster", "exports", "feedback", "gradebook", "ledger", "papers", "pool", "safe", "times"}


@dataclass(frozen=True)
class Bundle:
    """One lesson for grading.

    Attributes:
        lesson: its name, such as "01-bandits".
        release: the notebook that students get, as nbformat's plain data.
        checks: source of each check by cell id, hidden tests included unless `visible_only`.
        solutions: source of each exercise's solution by cell id; empty if the solutions are not here.
        evidence: ids of the exercises that can be graded by calling the student's functions from outside, and for each
            which arguments the solution changes in place.
        lean: whether the cells that no check depends on can be left out; see `needs`.
        visible_only: whether hidden tests are missing, since the solutions are.
        environment: digest of the helpers, the grader, Python and torch.
    """

    lesson: str
    release: dict
    checks: dict[str, str]
    solutions: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, list[list[str]]] = field(default_factory=dict)
    lean: bool = False
    visible_only: bool = False
    environment: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 over all of it: the same digest grades the same submission alike."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def notebook(self) -> NotebookNode:
        """Return a fresh copy of the release."""
        return nbformat.from_dict(json.loads(json.dumps(self.release)))

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
    path, solved_path = build.release_path(root, lesson), build.solution_path(root, lesson)
    if not path.exists():
        raise CourseError(f"There is no lesson '{lesson}' in {root / 'notebooks'}.")
    release, solved = merge.read(path), {}
    if solved_path.exists():
        solved = {cell.id: cell.source for cell in merge.read(solved_path).cells}
    ids = [cell.id for cell in release.cells if is_grade(cell) and not is_solution(cell)]
    missing = [name for name in ids if solved and name not in solved]
    if missing:
        raise CourseError(f"{solved_path} has no check {missing[0]}; run: course build {lesson}")
    visible = {cell.id: cell.source for cell in release.cells}
    exercises = [cell.id for cell in release.cells if is_solution(cell) and not is_grade(cell)]
    return Bundle(
        lesson=lesson,
        release=json.loads(json.dumps(release)),
        checks={name: solved.get(name, visible[name]) for name in ids},
        solutions={name: solved[name] for name in exercises if name in solved},
        visible_only=not solved,
        environment=environment(),
    )


def environment() -> str:
    """Return a digest of everything besides the lesson that a verdict depends on, so not of what handles it later."""
    here = Path(__file__).resolve().parent
    root = here.parent.parent
    digest = hashlib.sha256(f"{sys.version}\n{version('torch')}\n".encode())
    for path in sorted(path for pattern in SOURCES for path in root.glob(pattern)):
        if path.parent != here or path.stem not in LATER:
            digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
