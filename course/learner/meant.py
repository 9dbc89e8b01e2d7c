"""Which notebooks a learner means: those that a command's paths name, or those in which there is work."""

import os
from collections.abc import Iterable
from pathlib import Path

from course import paths
from course.errors import CourseError
from course.grading.submission import cells, collect
from course.grading.submission.names import visible
from course.learner import points

SKIPPED_FOLDERS = {".ipynb_checkpoints", ".venv"}


def begun(root: Path) -> list[Path]:
    """Return the learner's notebooks in which there is work, and those that cannot be read.

    Raises:
        CourseError: if there is no work/.
    """
    if not (root / "work").is_dir():
        raise CourseError("There is no folder work/ yet; 'course lab' makes it, with your copies of the lessons.")
    return [path for path in sorted((root / "work").glob("*/*.ipynb")) if _is_begun(root, path)]


def _is_begun(root: Path, path: Path) -> bool:
    if path.stem != path.parent.name or not paths.release_path(root, path.stem).exists():
        return False
    mine = points.own_lesson(root, path)
    return mine is None or cells.holds_work(mine[1])


def place(root: Path, path: Path) -> Path:
    """Return the file or folder that a learner means: from where the terminal is, from the course's folder or work/."""
    places = (path, root / path, root / "work" / path)
    return next((place for place in places if os.path.lexists(place)), path)


def notebooks_in(named: Iterable[Path]) -> dict[Path, Path]:
    """Return the notebooks that the paths name or, for folders, contain, each with the folder that is handed in.

    That is the folder that was named, where it holds one notebook, or else the notebook's own.

    Raises:
        CourseError: if a path does not exist or a folder holds no notebook.
    """
    found: dict[Path, Path] = {}
    for path in named:
        if not os.path.exists(path):
            raise CourseError(f"There is no file or folder {visible(str(path))}.")
        inside = _below(path) if path.is_dir() else [path]
        inside = [
            notebook
            for notebook in inside
            if not SKIPPED_FOLDERS & set(notebook.parts)
            and (not path.is_dir() or ".before-update" not in notebook.name)
        ]
        if not inside:
            raise CourseError(f"The folder {path} holds no notebook.")
        is_one = path.is_dir() and len(inside) == 1
        found |= {one: path if is_one else one.parent for one in inside if one not in found}
    return found


def _below(folder: Path) -> list[Path]:
    """Return the notebooks of a folder, as deep in it as a submission is read."""
    found = []
    for inside, folders, files in os.walk(folder):
        if len(Path(inside).relative_to(folder).parts) >= collect.DEEPEST:
            folders.clear()
        found += [Path(inside, name) for name in files if name.endswith(".ipynb")]
    return sorted(found)
