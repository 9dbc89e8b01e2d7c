"""A lesson as a page to read: text, figures and stubs, the solutions folded or left out, and nothing that checks."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import paths
from course.authoring import lessons
from course.errors import CourseError
from course.grading import titles
from course.grading.submission import cells
from course.grading.submission.cells import is_grade, is_solution

ABOUT = re.compile(r"\*\*You will\*\*\s+(.+?)\n\n", re.DOTALL)
LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\((?!\w+:)([^)#\s]+\.(?:md|ipynb))(#[^)\s]*)?\)")


def page(root: Path, name: str, *, pages: Mapping[str, str], for_class: bool) -> NotebookNode:
    """Return a lesson as the notebook of its page.

    Args:
        root: the course folder.
        name: the lesson, such as "01-bandits".
        pages: for each file of the course that is a page, its path, where the page lies; other links become text.
        for_class: leave the solutions and model answers out, instead of folding them.

    Raises:
        CourseError: if solution or release is missing or damaged, or the release is of another state of the lesson.
    """
    place = paths.release_path(root, name)
    stubs = {cell.id: cell.source for cell in cells.read(place).cells if is_solution(cell)}
    solution = cells.read(paths.solution_path(root, name))
    found = []
    for cell in solution.cells:
        if is_solution(cell):
            if cell.id not in stubs:
                raise CourseError(f"{place.relative_to(root)} has no '{cell.id}'; run: course build {name}")
            if cell.cell_type == "code":
                found.append(_code(stubs[cell.id]))
            if not for_class:
                found += _folded(cell)
        elif not is_grade(cell):
            found.append(
                _code(cell.source, cell.outputs) if cell.cell_type == "code" else new_markdown_cell(cell.source)
            )
    for cell in found:
        if cell.cell_type == "markdown":
            cell.source = relinked(cell.source, place.relative_to(root).parent.as_posix(), pages)
    return new_notebook(cells=found, metadata=lessons.KERNEL | lessons.LANGUAGE)


def relinked(text: str, folder: str, pages: Mapping[str, str]) -> str:
    """Return a text of some folder of the course with its links leading from page to page."""

    def link(found: re.Match) -> str:
        target = posixpath.normpath(posixpath.join(folder, found[2]))
        words = "Notation" if found[1] == "NOTATION.md" else found[1]
        return f"[{words}]({pages[target]}{found[3] or ''})" if target in pages else words

    return LINK.sub(link, text)


def row(root: Path, name: str) -> str:
    """Return a lesson's row in a table: its page, what one does there, and how long that takes."""
    lesson = cells.read(paths.release_path(root, name))
    found = ABOUT.search(lesson.cells[0].source)
    about, time = " ".join(found[1].split()) if found else "", titles.time_of(lesson).replace(" ", "&nbsp;")
    return f"| [{titles.of_lesson(lesson, name)}]({name}.ipynb) | {about[:1].upper()}{about[1:]} | {time} |"


def _folded(cell: NotebookNode) -> Iterable[NotebookNode]:
    """Return a solved cell below a line that opens it."""
    source = cells.without_marks(cell.source)
    is_code = cell.cell_type == "code"
    title = "Solution" if is_code else "Model answer and rubric"
    yield new_markdown_cell(f'<details class="solution"><summary>{title}</summary>')
    yield _code(source, cell.outputs) if is_code else new_markdown_cell(source)
    yield new_markdown_cell("</details>")


def _code(source: str, outputs: Iterable[NotebookNode] = ()) -> NotebookNode:
    """Return a code cell with what it has shown."""
    return new_code_cell(source, outputs=list(outputs))
