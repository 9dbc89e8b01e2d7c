"""The page on which a person grades: a submission, with titles for ids and the model answer beside each answer."""

from html import escape
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets import Unicode

from course import paths
from course.grading import titles
from course.grading.submission import cells
from course.grading.submission.cells import is_solution

TEMPLATES = Path(__file__).resolve().parent / "templates"


class Page(HTMLExporter):
    """Make the page of one submission; `root` is the course folder, which has the solutions."""

    root = Unicode()

    def from_notebook_node(self, nb: NotebookNode, resources: dict | None = None, **words) -> tuple[str, dict]:
        resources = self._init_resources(resources)
        texts = {name: escape(value) for name, value in resources.items() if isinstance(value, str)}  # names, too
        resources |= texts
        solution = _solution(Path(self.root), resources.get("assignment_id", ""))
        resources["titles"] = titles.of(solution or nb)
        resources["models"] = models(solution)
        return super().from_notebook_node(nb, resources=resources, **words)


def models(solution: NotebookNode | None) -> dict[str, str]:
    """Return the lesson's own answer to each exercise and written question by id, rubrics included."""
    asked = filter(is_solution, solution.cells) if solution else ()
    return {cell.id: cells.without_marks(cell.source) for cell in asked}


def _solution(root: Path, lesson: str) -> NotebookNode | None:
    try:
        return nbformat.read(paths.solution_path(root, lesson), as_version=4)
    except (OSError, ValueError):
        return None
