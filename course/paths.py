"""Where a lesson's files lie in a course folder."""

import functools
import glob
from pathlib import Path
from urllib.parse import quote


def solution_path(root: Path, name: str) -> Path:
    """Return where the executed solution of a lesson lies, such as "01-bandits"."""
    return root / "solutions" / name / f"{name}.ipynb"


def release_path(root: Path, name: str) -> Path:
    """Return where the notebook lies that students get."""
    return root / "notebooks" / name / f"{name}.ipynb"


def own_path(root: Path, name: str) -> Path:
    """Return where the learner's copy lies."""
    return root / "work" / name / f"{name}.ipynb"


def is_own(root: Path, path: Path) -> bool:
    """Tell whether this is a learner's own work: it lies in work/, or the course has no solutions and grades nobody."""
    return path.resolve().is_relative_to((root / "work").resolve()) or not (root / "solutions").is_dir()


def database_url(path: Path) -> str:
    """Return SQLAlchemy's address of a file of SQLite, also where a ? or % in the path would lead elsewhere."""
    from sqlalchemy import URL, make_url

    plain, quoted = f"sqlite:///{path}", URL.create("sqlite", database=str(path)).render_as_string()
    fitting = [url for url in (plain, quoted) if make_url(url).database == str(path)]
    return [*fitting, f"sqlite:///file:{quote(str(path))}?uri=true"][0]  # for SQLAlchemy 2.0, which quotes nothing


@functools.cache
def take_literally(folder: Path) -> None:
    """Have `glob.glob` take the [, ? and * in this folder's path as they are: nbgrader hands it whole paths."""
    path, literal, found = str(folder), glob.escape(str(folder)), glob.glob
    if path != literal:
        glob.glob = lambda pattern, **options: found(
            pattern.replace(path, literal, 1) if isinstance(pattern, str) else pattern, **options
        )
