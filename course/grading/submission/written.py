"""Answers in words that stand beside their cell: whatever a student wrote near an untouched one belongs to it.

They stand in a cell of their own above or below, in the question's cell, in its place, or as comments in code.
"""

import ast
import re
import warnings
from dataclasses import dataclass, field

from nbformat import NotebookNode

from course.grading.submission import definitions
from course.grading.submission.cells import is_grade, is_solution

COMMENT = re.compile(r"^\s*#.*\w")
GUESS = "*Your guess:*"  # begins a prediction, which answers no question
OF_IPYTHON = re.compile(r"^\s*[%!?]", re.MULTILINE)

Cells = dict[int, list[NotebookNode]]


@dataclass
class Answer:
    """What belongs to a written answer: its texts, in order, and the pictures in them."""

    texts: list[str] = field(default_factory=list)
    pictures: dict[str, dict] = field(default_factory=dict)


def found_beside(release: NotebookNode, present: set[int], edits: Cells, extra: Cells) -> dict[int, Answer]:
    """Return the answers to questions whose own cell is untouched, by place in the release.

    A text in a cell of its own moves into the answer, and the question comes back; all else stays where it is, too.

    Args:
        release: the lesson.
        present: the places whose cells are there; of a cell that is gone, the text may stand anywhere.
        edits: a student's versions of its cells, by place.
        extra: a student's own cells, by the place that they follow.
    """
    marked = [place for place, cell in enumerate(release.cells) if "nbgrader" in cell.metadata]
    asked = [definitions.names(release.cells[place].source) for place in marked]
    answers, taken = {}, set()
    for place in marked:
        if place in edits or not (is_grade(release.cells[place]) and is_solution(release.cells[place])):
            continue
        before = max((other for other in marked if other < place), default=-1)
        after = min((other for other in marked if other > place), default=len(release.cells))
        question, answer = _question(release, before, place), Answer()
        for at in range(before, _question(release, place, after)):
            base = release.cells[at] if at >= 0 else None
            for cell in edits.get(at, []) if at > before or at >= 0 and not is_solution(base) else []:
                _add(answer, cell, _added(base, cell))
            if at == question and base.cell_type == "markdown" and answer.texts:
                edits.pop(at, None)
            for cell in [cell for cell in extra.get(at, []) if id(cell) not in taken]:
                names = definitions.names(cell.source)
                is_code = cell.cell_type == "code"
                if is_code and (
                    at < question and not _is_prose(cell.source) or any(one and one <= names for one in asked)
                ):
                    continue
                taken.add(id(cell))
                _add(answer, cell, f"```python\n{cell.source}\n```" if is_code else cell.source)
                if not is_code and at >= question:
                    extra[at] = [other for other in extra[at] if other is not cell]
        if place not in present and not answer.texts:
            for cell in (cell for at in sorted(extra) for cell in extra[at] if cell.cell_type != "code"):
                _add(answer, cell, cell.source)
        if answer.texts:
            answers[place] = answer
    return answers


def _question(release: NotebookNode, before: int, place: int) -> int:
    """Return the last text between two cells, which asks for the second, or that cell itself."""
    texts = [
        at for at in range(before + 1, min(place, len(release.cells))) if release.cells[at].cell_type == "markdown"
    ]
    return texts[-1] if texts and place < len(release.cells) else place


def _add(answer: Answer, cell: NotebookNode, text: str) -> None:
    if text.strip():
        answer.texts.append(text.strip())
        answer.pictures |= cell.get("attachments", {})


def _added(base: NotebookNode, cell: NotebookNode) -> str:
    """Return the lines that a student added to a cell of the course, of code the comments alone."""
    known = {line.strip() for line in base.source.split("\n")}
    lines = [line for line in cell.source.split("\n") if not line.strip() or line.strip() not in known]
    is_text = base.cell_type == "markdown"
    return "\n".join(line for line in lines if (not line.startswith(GUESS) if is_text else COMMENT.match(line)))


def _is_prose(source: str) -> bool:
    """Tell whether a code cell holds words and nothing that runs: comments, strings, or what is no Python at all."""
    if len(source) > definitions.LONGEST or OF_IPYTHON.search(source):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nodes = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return all(isinstance(node, ast.Expr) and _says(node.value) for node in nodes)


def _says(value: ast.expr) -> bool:
    """Tell whether this is a string, or prints some."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print":
        return all(map(_says, value.args))
    return isinstance(value, ast.Constant | ast.JoinedStr)
