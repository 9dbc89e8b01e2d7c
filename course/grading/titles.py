"""What people call lessons and exercises: their headings, in the place of ids; and how long a lesson takes."""

import re
from collections.abc import Mapping

from nbformat import NotebookNode

from course.grading.submission.cells import is_solution

EXERCISE = re.compile(r"^### ((?:Exercise|Question) .+?)(?: \([^()]*\))?$", re.MULTILINE)
ID = re.compile(r"[\w-]+")
LESSON = re.compile(r"^# (.+)$", re.MULTILINE)
TIME = re.compile(r"\*\*Time\*\*:\s+([^.\n]+)")


def of(notebook: NotebookNode | None) -> dict[str, str]:
    """Return the title of each exercise and written answer by its id: the last heading of an exercise above it."""
    found, last = {}, None
    for cell in notebook.cells if notebook is not None else []:
        headings = EXERCISE.findall(cell.source) if cell.cell_type == "markdown" else []
        last = headings[-1] if headings else last
        if is_solution(cell) and last:
            found[cell.id], last = last, None
    return found


def put(sentence: str, named: Mapping[str, str]) -> str:
    """Return a sentence in which titles stand for the ids of exercises and their checks."""
    return ID.sub(lambda found: named.get(found[0].removesuffix("-check"), found[0]), sentence)


def of_lesson(notebook: NotebookNode | None, lesson: str) -> str:
    """Return the lesson's own heading, or its name where there is none."""
    found = LESSON.search(notebook.cells[0].source) if notebook is not None and notebook.cells else None
    return found[1] if found else lesson


def time_of(notebook: NotebookNode) -> str:
    """Return how long a lesson takes, as its first cell tells: "150 min"; nothing where it does not."""
    found = TIME.search(notebook.cells[0].source) if notebook.cells else None
    return found[1].replace("minutes", "min") if found else ""
