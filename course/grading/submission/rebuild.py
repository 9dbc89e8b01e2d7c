"""Put a student's own text into the pristine release, whatever an editor or a student did to the notebook around it.

Everything but the student's text comes from the release: the checks, the points, the order, the metadata. Where it is
not clear what belongs where, all of the student's code is kept, in order, and a sentence says so.
"""

from dataclasses import dataclass, field
from operator import itemgetter

import nbformat
from nbformat import NotebookNode

from course.grading.submission import definitions, match, written
from course.grading.submission.cells import grade_id, is_grade, is_solution, is_untouched
from course.grading.submission.match import is_exercise, plain


@dataclass
class _Found:
    """What a notebook holds: `edits` by place in the release, `extra` by the place that it follows (-1: none)."""

    present: set[int] = field(default_factory=set)
    edits: dict[int, list[NotebookNode]] = field(default_factory=dict)
    extra: dict[int, list[NotebookNode]] = field(default_factory=dict)


def rebuild(release: NotebookNode, own: NotebookNode, *, lend: bool = True) -> tuple[NotebookNode, list[str]]:
    """Return the release with the answers, edits and further cells of `own`, without outputs.

    Args:
        release: the lesson as students got it.
        own: a student's notebook of the lesson, in any state.
        lend: fill an exercise whose own cell is empty with what another cell defines for it, and a written answer
            with what stands beside it.

    Returns:
        The notebook to run, and a sentence for each thing that a person should know.
    """
    found = _sort(release, own)
    lent = _lent(release, found) if lend else {}
    answers = written.found_beside(release, found.present, found.edits, found.extra) if lend else {}
    lent |= {place: "\n\n".join(answer.texts) for place, answer in answers.items()}
    notebook, flags = nbformat.from_dict({**release, "cells": []}), []
    notebook.cells += [_further(cell) for cell in found.extra.get(-1, [])]
    for place, base in enumerate(release.cells):
        cell = nbformat.from_dict(base)
        edits = found.edits.get(place, [])
        if _is_check(base):
            flags += [f"The check {base.id} was changed; the original was used."] if edits else []
        else:
            cell.source = edits[0].source if edits else lent.get(place, base.source)
            pictures = answers[place].pictures if place in answers else edits[0].get("attachments") if edits else None
            cell.update({"attachments": pictures} if pictures else {})
            flags += _remarks(base, edits, place in found.present, place in lent)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        notebook.cells += [cell, *(_further(other) for other in found.extra.get(place, []))]
    _number(notebook, {cell.id for cell in release.cells})
    return notebook, flags + _marks_changed(release, own)


def _sort(release: NotebookNode, own: NotebookNode) -> _Found:
    """Tell a student's text from the course's, and where it belongs; a cell's second version stays where it stands."""
    found, last = _Found(), -1
    for cell, place in zip(own.cells, match.places(release, own), strict=True):
        is_first = place is not None and place not in found.present
        last = place if is_first else last
        found.present |= {place} if is_first else set()
        if not cell.get("attachments") and (not cell.source.strip() or is_untouched(cell)):
            continue
        if place is None:
            found.extra.setdefault(last, []).append(cell)
        elif cell.get("attachments") or plain(cell.source) != plain(release.cells[place].source):
            found.edits.setdefault(place, []).append(cell)
            if _is_own_text(release.cells[place], cell, len(found.edits[place])):
                found.extra.setdefault(last, []).append(cell)
    return found


def _is_own_text(base: NotebookNode, cell: NotebookNode, version: int) -> bool:
    """Tell whether an edited cell is kept beside its place: all but the first, and what no longer resembles a check."""
    return not match.are_alike(base, cell) if _is_check(base) else version > 1


def _lent(release: NotebookNode, found: _Found) -> dict[int, str]:
    """Return, for exercises whose own cell is empty, what the student defined for them in some other cell.

    The last cell above the check wins, as it would if the notebook ran from top to bottom, or else the first below.
    """
    asked = {place: definitions.names(cell.source) for place, cell in enumerate(release.cells) if is_exercise(cell)}
    cells = [(place, cell) for part in (found.edits, found.extra) for place in part for cell in part[place]]
    defined = [(at, cell.source, definitions.names(cell.source)) for at, cell in cells]
    lent = {}
    for place, names in asked.items():
        if place in found.edits or not names:
            continue
        above = [(at, source) for at, source, own in defined if at <= place and names <= own]
        below = [(at, source) for at, source, own in defined if at > place and names <= own]
        if above or below:
            _, source = sorted(above, key=itemgetter(0))[-1] if above else min(below, key=itemgetter(0))
            others = frozenset().union(*asked.values()) - names
            lent[place] = definitions.only(source, without=others)
    return lent


def _remarks(base: NotebookNode, edits: list[NotebookNode], is_present: bool, is_lent: bool) -> list[str]:
    """Return a sentence for each odd thing about one cell of the lesson that is no check."""
    remarks = []
    if is_lent:
        remarks.append(f"The answer to {base.id} was found in another cell, and was used.")
    elif is_solution(base) and not is_present:
        remarks.append(f"The cell {base.id} is missing; it counts as not filled in.")
    if len(edits) > 1:
        remarks.append(f"The cell {base.id} stands {len(edits)} times; all were kept, in order.")
    if edits and edits[0].cell_type != base.cell_type and is_solution(base):
        kind = "code" if base.cell_type == "code" else "text"
        remarks.append(f"The cell {base.id} had become a {edits[0].cell_type} cell; it was read as {kind}.")
    return remarks


def _marks_changed(release: NotebookNode, own: NotebookNode) -> list[str]:
    """Return a sentence for each cell that claims other points than the course gives."""
    points = {cell.id: cell.metadata.nbgrader.get("points") for cell in release.cells if is_grade(cell)}
    claims = {grade_id(cell): cell.metadata.nbgrader.get("points") for cell in own.cells if grade_id(cell)}
    return [
        f"The points of {name} were changed to {claims[name]}; the original {value} were used."
        for name, value in points.items()
        if isinstance(claims.get(name), int | float) and claims[name] != value
    ]


def _further(cell: NotebookNode) -> NotebookNode:
    """Return a student's own cell without the course's metadata and without outputs."""
    plain_cell = NotebookNode(cell_type=cell.cell_type, id="", metadata=NotebookNode(), source=cell.source)
    if cell.cell_type == "code":
        plain_cell.update(outputs=[], execution_count=None)
    return NotebookNode(plain_cell | ({"attachments": cell.attachments} if "attachments" in cell else {}))


def _number(notebook: NotebookNode, taken: set[str]) -> None:
    """Give each cell of the student's an id that tells whose it is and is the same in every run."""
    for number, cell in enumerate(notebook.cells):
        if cell.id not in taken:
            cell.id = f"own-{number}"


def _is_check(cell: NotebookNode) -> bool:
    return is_grade(cell) and not is_solution(cell)
