"""Put what a person wrote in a notebook into a clean copy of its lesson.

Both grading and updating need it. A cell of the course is known again by its grade id or its cell id, and an ungraded
cell's id is a digest of its text, so a cell that still holds what the course wrote tells so itself, in any version.
Where an editor has dropped all ids, cells are known by their likeness.
"""

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, is_grade, is_solution

from course.errors import CourseError
from course.grading import likeness
from course.grading.likeness import grade_id
from course.lessons import content_id


def read(path: Path) -> NotebookNode:
    """Read a notebook that somebody else may have written.

    Raises:
        CourseError: if the file is no notebook.
    """
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
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


def merge(base: NotebookNode, own: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Return a copy of `base` that holds the answers, edits and extra cells of `own`, without outputs.

    Args:
        base: a release of the lesson, of any version.
        own: a person's notebook of the same lesson.

    Returns:
        The merged notebook, and a sentence for each thing a grader should know.
    """
    ids = {cell.id for cell in base.cells}
    places = likeness.by_id(base, own)
    if not any(place is not None for place in places):  # an editor has dropped the ids of all cells
        places = likeness.places(base, own)
    found: dict[int, list[NotebookNode]] = {}  # by place in base: the cells of `own` that stand for it
    extra: dict[int, list[NotebookNode]] = {}  # by place in base: further cells that follow it; -1 is the front
    last = -1
    for cell, place in zip(own.cells, places, strict=True):
        if place is not None:
            found.setdefault(place, []).append(cell)
            last = place
        elif not is_untouched(cell) and cell.source.strip() and not (is_grade(cell) and not is_solution(cell)):
            extra.setdefault(last, []).append(cell)

    merged, remarks = nbformat.from_dict({**base, "cells": []}), []
    merged.cells += [_plain(cell) for cell in extra.get(-1, [])]
    for place, cell in enumerate(base.cells):
        versions, remark = _versions(cell, found.get(place, []))
        merged.cells += versions + [_plain(own_cell) for own_cell in extra.get(place, [])]
        remarks += remark
    for number, cell in enumerate(merged.cells):
        cell.id = cell.id if cell.id in ids else f"own-{number}"
    return merged, remarks


def is_untouched(cell: NotebookNode) -> bool:
    """Tell whether a cell holds what the course wrote into it, in this or an earlier version."""
    if grade_id(cell):
        return cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
    return cell.get("id", "").split("-")[0] == content_id(cell.cell_type, cell.source)


def holds_work(notebook: NotebookNode) -> bool:
    """Tell whether a person has changed or added anything."""
    return any(cell.source.strip() and not is_untouched(cell) for cell in notebook.cells)


def _versions(base: NotebookNode, own: list[NotebookNode]) -> tuple[list[NotebookNode], list[str]]:
    """Return the cells that take the place of one base cell: its copy, the edit, or every edit if there are several."""
    clean = nbformat.from_dict(base)
    if is_grade(base) and not is_solution(base):
        changed = [cell for cell in own if not is_untouched(cell) and cell.source != base.source]
        return [clean], [f"The check {base.id} was changed; the original was used."] if changed else []
    edits = [cell for cell in own if not is_untouched(cell) and cell.source != base.source]
    if not edits:
        missing = is_solution(base) and not own
        return [clean], [f"The cell {base.id} is missing; it counts as not filled in."] if missing else []
    clean.source = edits[0].source
    remarks = [f"The cell {base.id} stands {len(edits)} times; all were kept, in order."] if len(edits) > 1 else []
    return [clean, *(_plain(cell) for cell in edits[1:])], remarks


def _plain(cell: NotebookNode) -> NotebookNode:
    """Return a copy without the course's metadata and without outputs."""
    plain = nbformat.from_dict(cell)
    plain.metadata = NotebookNode()
    if plain.cell_type == "code":
        plain.outputs, plain.execution_count = [], None
    return plain
