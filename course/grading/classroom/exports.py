"""Points for a learning platform: CSV files that the gradebooks of Moodle and Canvas import.

Each exercise and each written answer has a column under its title, and each lesson a total. An answer that still waits
for a person has an empty cell, which both platforms leave alone. Names are a student's to choose, so no cell can start
a formula.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry, Student

from course import files, paths
from course.errors import CourseError
from course.grading import titles
from course.grading.classroom import gradebook
from course.grading.submission import cells
from course.words import counted

MOODLE = ["ID number", "Username", "First name", "Surname", "Email address"]  # as Moodle's own export names them
CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]  # the importer wants these five, in this order
FORMULA = ("=", "+", "-", "@")


@dataclass
class Table:
    """Columns with their highest points, and for each student a value or None for each column."""

    columns: dict[str, float] = field(default_factory=dict)
    rows: list[tuple[Student, list[float | None]]] = field(default_factory=list)
    waiting: int = 0


def export(root: Path, lessons: Iterable[str], *, moodle: Path | None = None, canvas: Path | None = None) -> list[str]:
    """Write the files that are asked for.

    Args:
        root: the course folder.
        lessons: such as "01-bandits".
        moodle, canvas: where to write which.

    Returns:
        Sentences on what was done and what is missing.

    Raises:
        CourseError: if no file is asked for, a lesson is not in the gradebook, or a file cannot be written.
    """
    if not moodle and not canvas:
        raise CourseError("Say what to write: --moodle FILE, --canvas FILE or both.")
    with gradebook.opened(gradebook.course_directory(root)) as book:
        table = _table(book, {lesson: _titles(root, lesson) for lesson in lessons})
        said = [
            f"{_write(path, text)}: {counted(len(table.rows), 'student')}."
            for path, text in _texts(table, moodle, canvas)
        ]
    if table.waiting:
        said.append(f"{table.waiting} written answers or checks wait for a person; their cells are empty.")
    return said


def _texts(table: Table, moodle: Path | None, canvas: Path | None) -> Iterable[tuple[Path, str]]:
    if moodle:
        rows = [[*_moodle(student), *values] for student, values in table.rows]
        yield moodle, _csv([[*MOODLE, *table.columns], *rows])
    if canvas:
        rows = [[*_canvas(student), *values] for student, values in table.rows]
        possible = ["    Points Possible", "", "", "", "", *table.columns.values()]
        yield canvas, _csv([[*CANVAS, *table.columns], possible, *rows])


def _titles(root: Path, lesson: str) -> dict[str, str]:
    """Return what the lesson calls its exercises; whatever has no name of its own keeps its id."""
    path = paths.release_path(root, lesson)
    found = titles.of(cells.read(path)) if path.exists() else {}
    return {name: title for name, title in found.items() if list(found.values()).count(title) == 1}


def _table(book: Gradebook, lessons: Mapping[str, Mapping[str, str]]) -> Table:
    table, places = Table(), {}
    for lesson, named in lessons.items():
        try:
            graded = book.find_notebook(lesson, lesson).grade_cells
        except MissingEntry:
            raise CourseError(f"The gradebook has no {lesson}; run: course grade-class {lesson}") from None
        places[lesson] = [(cell.name, cell.name.removesuffix("-check"), cell.max_score) for cell in graded]
        table.columns |= {f"{lesson} {named.get(name, name)}": most for _, name, most in places[lesson]}
        table.columns[f"{lesson} total"] = sum(most for _, _, most in places[lesson])
    for student in sorted(book.students, key=lambda student: student.id):
        values = [value for lesson, each in places.items() for value in _values(book, table, student, lesson, each)]
        table.rows.append((student, values))
    return table


def _values(book: Gradebook, table: Table, student: Student, lesson: str, each) -> list[float | None]:
    """Return a student's points for one lesson and their total; nothing at all for what was not handed in."""
    try:
        submission = book.find_submission(lesson, student.id)
    except MissingEntry:
        return [None] * (len(each) + 1)
    grades = {grade.name: grade for notebook in submission.notebooks for grade in notebook.grades}
    table.waiting += sum(grade.needs_manual_grade for grade in grades.values())
    points = [None if grades[name].needs_manual_grade else grades[name].score for name, _, _ in each]
    return [*points, max(0.0, submission.score - submission.late_submission_penalty)]


def _moodle(student: Student) -> list[str]:
    return [student.lms_user_id or student.id, student.id, student.first_name, student.last_name, student.email]


def _canvas(student: Student) -> list[str]:
    """Return what Canvas knows a student by: its own number where the gradebook has it, and the login."""
    name = ", ".join(filter(None, [student.last_name, student.first_name])) or student.id
    return [name, student.lms_user_id, "", student.id, ""]


def _csv(rows: Iterable[Iterable]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[_cell(value) for value in row] for row in rows])
    return text.getvalue()


def _cell(value: str | float | None) -> str:
    """Return a cell's text: points in few digits, and no text from which a spreadsheet would compute something."""
    if value is None:
        return ""
    if isinstance(value, str):
        seen = "".join(one for one in unicodedata.normalize("NFKC", value) if one.isprintable() and not one.isspace())
        return f"'{value}" if seen.startswith(FORMULA) or value.startswith(("\t", "\r", "\n")) else value
    return f"{value:.10g}"


def _write(path: Path, text: str) -> Path:
    with files.told(path):
        files.write(path, text)
    return path
