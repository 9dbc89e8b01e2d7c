"""Lessons as text: read a percent-format file, say where it is malformed, and make the notebook that it describes.

A lesson marks its cells on their first line: `exercise="ID"` for code the learner fills, `check="ID-check" points=N`
for what grades it, and `written="ID" points=N` for an answer in prose that a person grades. The marks become nbgrader's
metadata here and nowhere else, and `to_text` turns them back.
"""

import ast
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from course.errors import CourseError
from course.grading import orders
from course.grading.submission import written
from course.grading.submission.cells import SOLUTION, content_id

MARKS = ("exercise", "check", "written")
KNOWN = {*MARKS, "points", "tags", "lines_to_next_cell"}  # the last one is jupytext's own
CELL_START = re.compile(r"# %%(\s|$)")
GRADE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
LONGEST_CHECK = 6  # lines
PREDICT, GUESS = "**Predict", f"{written.GUESS} …"  # what asks for a prediction, and where it is written down
ANSWERS = ("**What you see.**", "**The prediction.**")  # how the text with its answer begins
HIDDEN = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")
KERNEL = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
LANGUAGE = {"language_info": {"name": "python"}}


@dataclass(frozen=True)
class Cell:
    """One cell: `kind` is "code" or "markdown"; `line` is where its source starts in the lesson, counted from 1."""

    kind: str
    source: str
    line: int
    marks: dict

    @property
    def grade_id(self) -> str | None:
        return next((self.marks[mark] for mark in MARKS if mark in self.marks), None)


@dataclass(frozen=True)
class Lesson:
    """A lesson's name (`NN-name`), its file, and its cells in order."""

    name: str
    path: Path
    cells: tuple[Cell, ...]

    @property
    def topic(self) -> str:
        """The name without its number; every grade id of the lesson starts with it."""
        return self.name.split("-", 1)[1]

    @property
    def code(self) -> list[str]:
        return [cell.source for cell in self.cells if cell.kind == "code"]


def find(root: Path) -> list[Path]:
    """Return the files of all lessons, in the order of the course."""
    return sorted((root / "lessons").glob("*.py"))


def read_all(root: Path) -> list[Lesson]:
    """Read and check every lesson, and that no grade id is used twice in the course.

    Raises:
        CourseError: at the first malformed place, with file and line.
    """
    lessons = [read(path) for path in find(root)]
    seen: dict[str, str] = {}
    for lesson in lessons:
        for cell in lesson.cells:
            if cell.grade_id in seen:
                raise _error(
                    lesson.path, cell.line - 1, f"the id '{cell.grade_id}' is used in {seen[cell.grade_id]} too"
                )
            if cell.grade_id:
                seen[cell.grade_id] = lesson.path.name
    return lessons


def choose(root: Path, names: Iterable[str]) -> list[Lesson]:
    """Return the named lessons, such as "01-bandits", or all where no name is given; read and check every one of them.

    Raises:
        CourseError: as `read_all` does, or if there is no lesson at all or none of such a name.
    """
    course, names = read_all(root), {Path(name).stem for name in names}
    if not course:
        raise CourseError(f"There are no lessons in {root / 'lessons'}; is this the course's folder?")
    there = [lesson.name for lesson in course]
    if unknown := names - set(there):
        raise CourseError(f"There is no lesson '{min(unknown)}'; there are {', '.join(there)}.")
    return [lesson for lesson in course if not names or lesson.name in names]


def read(path: Path) -> Lesson:
    """Read one lesson and check its form.

    Raises:
        CourseError: at the first malformed place, with file and line.
    """
    return parse(path.read_text(encoding="utf-8"), path)


@functools.lru_cache(maxsize=64)  # to read one lesson by name is to read them all
def parse(text: str, path: Path) -> Lesson:
    """Do as `read` does, for a text that is not written yet."""
    if not re.fullmatch(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*", path.stem):
        raise _error(path, 1, "a lesson's file is named NN-name.py, in small letters")
    starts = [number for number, line in enumerate(text.split("\n"), 1) if CELL_START.match(line)]
    if not starts or text.split("\n")[0] != text.split("\n")[starts[0] - 1]:
        raise _error(path, 1, "a lesson starts with a cell: its first line begins with '# %%'")
    nodes = jupytext.reads(text, fmt="py:percent").cells
    if len(nodes) != len(starts):
        raise _error(path, starts[0], "a line inside a string looks like the start of a cell; indent it")
    cells = []
    for node, start in zip(nodes, starts, strict=True):
        marks = {key: value for key, value in node.metadata.items() if key != "lines_to_next_cell"}
        cells.append(Cell(node.cell_type, node.source, start + 1, marks))
    lesson = Lesson(path.stem, path, tuple(cells))
    for cell in cells:
        _check_cell(lesson, cell)
    _check_pairs(lesson)
    _check_predictions(lesson)
    return lesson


def to_notebook(lesson: Lesson) -> NotebookNode:
    """Make the lesson's notebook, without outputs; the same lesson always gives the same notebook."""
    notebook = nbformat.v4.new_notebook(metadata=KERNEL | LANGUAGE)
    taken: set[str] = set()
    for cell in lesson.cells:
        make = nbformat.v4.new_code_cell if cell.kind == "code" else nbformat.v4.new_markdown_cell
        cell_id = _unused(cell.grade_id or content_id(cell.kind, cell.source), taken)
        metadata = {"tags": cell.marks["tags"]} if "tags" in cell.marks else {}
        if cell.grade_id:
            metadata["nbgrader"] = _nbgrader_metadata(cell)
        notebook.cells.append(make(cell.source, id=cell_id, metadata=metadata))
    return notebook


def to_text(notebook: NotebookNode) -> str:
    """Write a solution notebook as a lesson; the inverse of reading it and making its notebook."""
    text = nbformat.v4.new_notebook(
        metadata={
            "jupytext": {
                "notebook_metadata_filter": "-all",
                "cell_metadata_filter": ",".join([*MARKS, "points", "tags"]),
            }
        }
    )
    for cell in notebook.cells:
        marks = _marks(cell.metadata.get("nbgrader", {})) | {"lines_to_next_cell": 1}
        if cell.metadata.get("tags"):
            marks["tags"] = cell.metadata.tags
        text.cells.append(NotebookNode(cell_type=cell.cell_type, source=cell.source, metadata=NotebookNode(marks)))
        if cell.cell_type == "code":
            text.cells[-1].update(outputs=[], execution_count=None)
    return jupytext.writes(text, fmt="py:percent")


@functools.cache  # most helpers are imported by several lessons
def imported_helpers(source: str) -> frozenset[str]:
    """Return the names of the helper modules that a source imports."""
    imports = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom))
    targets = (target for node in imports for target in _targets(node))
    return frozenset(target.split(".")[1] for target in targets if target.startswith("helpers."))


def _targets(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Return the dotted names that an import reaches for; `from helpers import bandits` reaches for helpers.bandits."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{node.module or ''}.{alias.name}" for alias in node.names]


def _nbgrader_metadata(cell: Cell) -> dict:
    metadata = {
        "grade": "exercise" not in cell.marks,
        "grade_id": cell.grade_id,
        "locked": "check" in cell.marks,
        "schema_version": 3,
        "solution": "check" not in cell.marks,
        "task": False,
    }
    return metadata | ({"points": cell.marks["points"]} if "points" in cell.marks else {})


def _marks(metadata: dict) -> dict:
    """Return the marks that stand for a cell's nbgrader metadata."""
    if not metadata.get("grade_id"):
        return {}
    if not metadata.get("grade"):
        return {"exercise": metadata["grade_id"]}
    return {"written" if metadata.get("solution") else "check": metadata["grade_id"], "points": metadata.get("points")}


def _unused(cell_id: str, taken: set[str]) -> str:
    number, candidate = 1, cell_id
    while candidate in taken:
        number += 1
        candidate = f"{cell_id}-{number}"
    taken.add(candidate)
    return candidate


def _check_cell(lesson: Lesson, cell: Cell) -> None:
    """Raise a CourseError if the cell's marks, markers or code are malformed."""

    def fail(message: str, line: int = cell.line - 1) -> None:
        raise _error(lesson.path, line, message)

    unknown = set(cell.marks) - KNOWN
    if unknown:
        fail(f"unknown mark '{min(unknown)}'; a cell takes {', '.join(MARKS)}, points and tags")
    if cell.kind not in ("code", "markdown"):
        fail(f"a lesson's cells are code or markdown, and this one is {cell.kind}")
    marks = [mark for mark in MARKS if mark in cell.marks]
    if len(marks) > 1:
        fail(f"a cell is one of {' and '.join(marks)}, not both")
    if (cell.kind == "markdown") != ("written" in marks) and marks:
        fail(f"'{marks[0]}' belongs on a {'markdown' if marks[0] == 'written' else 'code'} cell")
    if marks:
        _check_grade_id(lesson, cell, fail)
    graded = bool({"check", "written"} & set(marks))
    if graded and not (type(cell.marks.get("points")) is int and cell.marks["points"] > 0):
        fail(f"'{cell.grade_id}' needs points=N with a whole N above 0")
    if not graded and "points" in cell.marks:
        fail("points belong on a check or a written answer")
    _check_regions(
        cell, SOLUTION, bool({"exercise", "written"} & set(marks)), "a cell marked exercise or written", fail
    )
    _check_regions(cell, HIDDEN, "check" in marks, "a cell marked check", fail)
    if {"exercise", "written"} & set(marks) and SOLUTION[0] not in cell.source:
        fail(f"'{cell.grade_id}' has no '{SOLUTION[0]}' region, so its release would hold the answer")
    if cell.kind == "code":
        _check_code(cell, fail)


def _check_grade_id(lesson: Lesson, cell: Cell, fail) -> None:
    if not isinstance(cell.grade_id, str) or not GRADE_ID.fullmatch(cell.grade_id):
        fail(f"'{cell.grade_id}' is no grade id; write {lesson.topic}-concept, in small letters")
    if not cell.grade_id.startswith(lesson.topic + "-"):
        fail(f"'{cell.grade_id}' must start with the lesson's topic: {lesson.topic}-")
    if ("check" in cell.marks) != cell.grade_id.endswith("-check"):
        fail(f"'{cell.grade_id}': a check's id is its exercise's id with -check behind it, and no other id ends so")


def _check_regions(cell: Cell, markers: tuple[str, str], allowed: bool, where: str, fail) -> None:
    begin, end = markers
    opened = None
    for number, line in enumerate(cell.source.split("\n"), cell.line):
        is_begin, is_end = begin in line, end in line
        if (is_begin or is_end) and not allowed:
            fail(f"'{begin}' belongs in {where}", number)
        if is_begin and opened:
            fail(f"'{begin}' stands inside the region that opened at line {opened}", number)
        if is_end and not opened:
            fail(f"'{end}' has no '{begin}' before it", number)
        opened = number if is_begin else None if is_end else opened
    if opened:
        fail(f"'{begin}' has no '{end}' after it", opened)


def _check_code(cell: Cell, fail) -> None:
    try:
        tree = ast.parse(cell.source)
    except SyntaxError as error:
        fail(f"the code does not parse: {error.msg}", cell.line + (error.lineno or 1) - 1)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and any(
            re.match(r"\.|lessons\b|solutions\b|notebooks\b|course\b", target) for target in _targets(node)
        ):
            fail(
                "a lesson imports helpers and libraries, never another lesson or the course's tools",
                cell.line + node.lineno - 1,
            )
    if cell.source.rstrip().endswith(";"):
        fail(
            "the cell ends with ';', which nbval does not honour; end a plot with plt.show()",
            cell.line + cell.source.count("\n"),
        )
    if "check" in cell.marks:
        _check_calls(cell, fail)


def _check_calls(cell: Cell, fail) -> None:
    """Fail unless a check cell is short, and nothing but calls of checks: the rest belongs in `checks/`."""
    if not ast.parse(outside(cell.source, HIDDEN)).body:
        fail(f"'{cell.grade_id}' has hidden tests only, so a learner would see an empty cell")
    try:
        orders.read(cell.source, "")
    except ValueError as error:
        fail(f"'{cell.grade_id}': {error}")
    if cell.source.count("\n") >= LONGEST_CHECK:
        fail(f"'{cell.grade_id}' has more than {LONGEST_CHECK} lines; its data belong in the check's defaults")


def _check_pairs(lesson: Lesson) -> None:
    """Raise a CourseError unless every exercise is followed by its check before the next exercise."""
    waiting: Cell | None = None
    seen: set[str] = set()
    for cell in lesson.cells:
        if cell.grade_id in seen:
            raise _error(lesson.path, cell.line - 1, f"the id '{cell.grade_id}' is used twice")
        seen |= {cell.grade_id} - {None}
        if "check" in cell.marks:
            if waiting is None or cell.grade_id != f"{waiting.grade_id}-check":
                raise _error(lesson.path, cell.line - 1, f"'{cell.grade_id}' has no exercise of that name before it")
            waiting = None
        if "exercise" in cell.marks:
            if waiting:
                break
            waiting = cell
    if waiting:
        raise _error(lesson.path, waiting.line - 1, f"exercise '{waiting.grade_id}' has no check after it")


def _check_predictions(lesson: Lesson) -> None:
    """Raise a CourseError unless every prediction has its line to write it down, and an answer before the next one."""
    waiting: Cell | None = None
    for cell in lesson.cells:
        before, asks, behind = cell.source.partition(PREDICT)
        is_form_kept = behind.split("\n\n").count(GUESS) == bool(asks) and GUESS not in before and PREDICT not in behind
        if not is_form_kept:
            message = f"a prediction is one '{PREDICT}…' in a text, and below it one paragraph '{GUESS}'"
            raise _error(lesson.path, cell.line, message)
        if cell.source.startswith(ANSWERS):
            waiting = None
        if asks and waiting:
            break
        waiting = cell if asks else waiting
    if waiting:
        message = f"this prediction has no text with its answer, which begins '{ANSWERS[0]}'"
        raise _error(lesson.path, waiting.line, message)


def outside(source: str, markers: tuple[str, str]) -> str:
    """Return the source without the regions between the markers."""
    return re.sub(rf"[^\n]*{markers[0]}.*?{markers[1]}[^\n]*", "", source, flags=re.DOTALL)


def _error(path: Path, line: int, message: str) -> CourseError:
    return CourseError(f"{path.parent.name}/{path.name}:{line}: {message}.")
