"""Where a lesson's files lie in a course folder."""

from pathlib import Path


def solution_path(root: Path, name: str) -> Path:
    """Return where the executed solution of a lesson lies, such as "01-bandits"."""
    return root / "solutions" / name / f"{name}.ipynb"


def release_path(root: Path, name: str) -> Path:
    """Return where the notebook lies that students get."""
    return root / "notebooks" / name / f"{name}.ipynb"


def own_path(root: Path, name: str) -> Path:
    """Return where the learner's copy lies."""
    return root / "work" / name / f"{name}.ipynb"
