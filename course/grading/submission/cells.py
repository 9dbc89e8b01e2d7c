"""What a notebook's cells say of themselves: whose they are, and whether they hold what the course wrote.

A cell of the course is known again by its grade id or its cell id, and an ungraded cell's id is a digest of its text,
so a cell that still holds what the course wrote tells so itself, in any version.
"""

import hashlib
from pathlib import Path

import nbformat
from nbformat import NotebookNode, reader

from course.errors import CourseError

SOLUTION = ("### BEGIN SOLUTION", "### END SOLUTION")  # lines around what a release leaves out


def read(path: Path) -> NotebookNode:
    """Read a notebook of this course that somebody may have worked in.

    Raises:
        CourseError: if the file is no notebook.
    """
    try:
        notebook = nbformat.convert(reader.reads(path.read_text(encoding="utf-8")), 4)  # nbformat.reads validates, too
        nbformat.validate(notebook)
    except FileNotFoundError:
        raise CourseError(f"There is no file {path}.") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CourseError(
            f"{path} is not written in UTF-8, so it is no notebook; save it again from JupyterLab."
        ) from None
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError, nbformat.ValidationError):
        raise CourseError(
            f"{path} is not a Jupyter notebook, or it is damaged; save it again from JupyterLab."
        ) from None
    return notebook


def grade_id(cell: NotebookNode) -> str | None:
    """Return the cell's nbgrader id, or None."""
    metadata = cell.metadata.get("nbgrader")
    return metadata.get("grade_id") if isinstance(metadata, dict) else None


def is_grade(cell: NotebookNode) -> bool:
    """Tell whether the cell has points, as nbgrader.utils does, which takes a second to import."""
    return cell.metadata.get("nbgrader", {}).get("grade", False)


def is_solution(cell: NotebookNode) -> bool:
    """Tell whether the cell holds an answer."""
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def is_locked(cell: NotebookNode) -> bool:
    """Tell whether the course's own text counts, whatever a student has made of it."""
    return not is_solution(cell) and (is_grade(cell) or cell.metadata.get("nbgrader", {}).get("locked", False))


def checksum(cell: NotebookNode) -> str:
    """Return nbgrader's digest of a cell's text and marks, which a release stores beside them."""
    parts = [cell.source, cell.cell_type, *map(str, (is_grade(cell), is_solution(cell), is_locked(cell)))]
    parts += [cell.metadata.nbgrader["grade_id"]]
    parts += [str(float(cell.metadata.nbgrader["points"]))] if is_grade(cell) else []
    return hashlib.md5("".join(parts).encode()).hexdigest()


def content_id(kind: str, source: str) -> str:
    """Return the id of an ungraded cell; it tells later whether the cell still holds what the course wrote."""
    return hashlib.sha256(f"{kind}\n{source}".encode()).hexdigest()[:16]


def is_untouched(cell: NotebookNode) -> bool:
    """Tell whether a cell says of itself, and truly, that it holds what the course wrote, in this or an older version.

    Odd metadata say nothing.
    """
    try:
        if grade_id(cell):
            return cell.metadata.nbgrader.get("checksum") == checksum(cell)
        return cell.get("id", "").split("-")[0] == content_id(cell.cell_type, cell.source)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def without_marks(source: str) -> str:
    """Return a solved cell's text without the lines that mark its solution."""
    return "\n".join(line for line in source.split("\n") if line.strip() not in SOLUTION).strip("\n")


def holds_work(notebook: NotebookNode) -> bool:
    """Tell whether a person has changed or added anything."""
    return any(cell.source.strip() and not is_untouched(cell) for cell in notebook.cells)
