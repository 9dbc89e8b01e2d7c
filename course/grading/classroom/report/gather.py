"""What is kept of a class's work on one lesson, read and not changed: gradebook, graded notebooks, feedback, times."""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry, Student, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.orm import selectinload

from course import paths
from course.errors import CourseError
from course.grading import titles
from course.grading.classroom import gradebook
from course.grading.classroom.papers import Papers
from course.grading.submission import cells
from course.grading.submission.cells import is_grade, is_solution
from course.grading.submission.notebook import Damaged, notebook

SOLVED, TRIED, LEFT, WAITING = "solved", "tried", "left", "waiting"
STATES = (SOLVED, TRIED, LEFT, WAITING)
UNFILLED = "Not filled in yet."  # as checks say it
UNREAD = "not-graded"  # id of the note in a graded notebook of which nothing could be read


@dataclass(frozen=True)
class Item:
    """An exercise or a written answer, with the title that its heading gives it, and its highest points."""

    id: str
    title: str
    most: float


@dataclass(frozen=True)
class Entry:
    """What came of one item: a state, its points (None while a person is awaited), and why a check failed."""

    state: str
    points: float | None
    sentence: str = ""


@dataclass(frozen=True)
class Answer:
    """A cell that a student wrote or changed: where it stands, whether it is prose, and its text."""

    place: str
    is_prose: bool
    text: str


@dataclass
class Submission:
    """One student's work: entries by item, points with penalties off, when it came (UTC), what was odd about it.

    Attributes:
        late: seconds after the due date, extensions included.
        unread: why nothing of it could be read, or empty; it then has no entries.
        notebook: whether the graded notebook lies there, from which the answers are.
    """

    name: str
    entries: dict[str, Entry] = field(default_factory=dict)
    points: float = 0
    handed_in: datetime | None = None
    late: float = 0
    unread: str = ""
    remarks: list[str] = field(default_factory=list)
    notebook: bool = False
    answers: list[Answer] = field(default_factory=list)


@dataclass
class Class:
    """All that the report is made from.

    Attributes:
        missing: who is in the gradebook and has handed in nothing.
        ungraded: who has handed in and is not graded.
        known_names: everything that names a person of this class.
    """

    lesson: str
    title: str
    items: list[Item]
    release: NotebookNode
    submissions: list[Submission]
    released: datetime | None = None
    due: datetime | None = None
    missing: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    known_names: set[str] = field(default_factory=set)


def gather(root: Path, lesson: str, *, released: str = "") -> Class:
    """Read what is kept of a lesson.

    Args:
        root: the course folder.
        lesson: such as "01-bandits".
        released: when students got it, as ISO 8601, on this machine's clock unless it names another; none takes the
            time from nbgrader's exchange, if it was released there.

    Raises:
        CourseError: if there is no such lesson, nothing of it is graded, the gradebook cannot be used, or that time
            is none.
    """
    path = paths.release_path(root, lesson)
    if not path.exists():
        raise CourseError(f"There is no lesson '{lesson}' in {root / 'notebooks'}.")
    release, course = cells.read(path), gradebook.course_directory(root)
    moment = _moment(released) if released else _released(course, lesson)
    nothing = CourseError(f"Nothing of {lesson} is graded yet; run: course grade-class {lesson}")
    if not _exists(course.db_url):  # opening it would make one
        raise nothing
    with gradebook.opened(course) as book:
        try:
            known = book.find_notebook(lesson, lesson)
        except MissingEntry:
            raise nothing from None
        named = titles.of(release)
        most = {cell.name.removesuffix("-check"): cell.max_score for cell in known.grade_cells}
        ids = [cell.id.removesuffix("-check") for cell in release.cells if is_grade(cell)]
        items = [Item(name, named.get(name, name), most[name]) for name in ids if name in most]
        found = [_submission(course, lesson, one, items, named) for one in _graded(book, known.id)]
        if not found:
            raise nothing
        handed_in = _handed_in(course, lesson, book)
        graded = {one.name for one in found}
        return Class(
            lesson,
            titles.of_lesson(release, lesson),
            items,
            release,
            sorted(found, key=lambda one: one.name),
            moment,
            gradebook.deadline(book, lesson),
            missing=sorted({student.id for student in book.students} - graded - handed_in),
            ungraded=sorted(handed_in - graded),
            known_names=handed_in | {name for student in book.students for name in _names(student)},
        )


def _exists(url: str) -> bool:
    """Tell whether there is a gradebook; of one on a server, nobody can tell without asking it."""
    address = make_url(url)
    return address.get_backend_name() != "sqlite" or os.path.exists(address.database or "")


def _graded(book: Gradebook, notebook_id: str) -> Iterable[SubmittedNotebook]:
    """Return the submitted notebooks of which a grader or a person has given points."""
    wanted = [selectinload(part) for part in (SubmittedNotebook.grades, SubmittedNotebook.comments)]
    found = book.db.query(SubmittedNotebook).filter_by(notebook_id=notebook_id).options(*wanted).all()
    return [one for one in found if any({grade.auto_score, grade.manual_score} != {None} for grade in one.grades)]


def _submission(
    course: CourseDirectory, lesson: str, entered: SubmittedNotebook, items: list[Item], named: dict[str, str]
) -> Submission:
    """Return one student's work: points from the gradebook, answers from the notebook, remarks from the feedback."""
    handed_in, student = entered.assignment, entered.assignment.student.id
    told = _told(Path(course.format_path(course.feedback_directory, student, lesson)) / f"{lesson}.json")
    graded = _notebook(Path(course.format_path(course.autograded_directory, student, lesson)) / f"{lesson}.ipynb")
    grades = {grade.name.removesuffix("-check"): grade for grade in entered.grades}
    sentences = {comment.name: comment.auto_comment or "" for comment in entered.comments}
    unread = told["refused"]
    if graded and graded.cells and graded.cells[0].id == UNREAD:
        unread = unread or "nothing of it could be read"
    found = Submission(
        student,
        points=max(0.0, sum(grade.score for grade in grades.values()) - (entered.late_submission_penalty or 0)),
        handed_in=handed_in.timestamp and handed_in.timestamp.replace(tzinfo=UTC),
        late=handed_in.total_seconds_late,
        unread=unread,
        remarks=[flag for flag in told["flags"] if flag != unread],
        notebook=graded is not None,
        answers=list(_answers(graded, named)) if graded and not unread else [],
    )
    untouched = {cells.grade_id(cell) for cell in graded.cells if cells.is_untouched(cell)} if graded else set()
    for item in items if not unread else []:
        if item.id in grades:
            found.entries[item.id] = _entry(item, grades[item.id], sentences.get(item.id, ""), item.id in untouched)
    return found


def _entry(item: Item, grade, sentence: str, is_untouched: bool) -> Entry:
    if grade.needs_manual_grade and grade.manual_score is None:
        return Entry(WAITING, None, sentence)
    if grade.score >= item.most:
        return Entry(SOLVED, grade.score)
    is_left = is_untouched or sentence in (UNFILLED, "No response.")
    return Entry(LEFT if is_left and not grade.score else TRIED, grade.score, "" if is_left else sentence)


def _answers(graded: NotebookNode, named: dict[str, str]) -> Iterable[Answer]:
    """Yield the cells with a student's own text; the place of a further one is below an exercise."""
    last = ""
    for cell in graded.cells:
        own = named.get(cells.grade_id(cell))
        last = own or last
        is_check = is_grade(cell) and not is_solution(cell)
        if is_check or not cell.source.strip() or cells.is_untouched(cell):
            continue
        further = f"a further cell below {last}" if last else "a further cell"
        yield Answer(own or further, cell.cell_type != "code", cell.source)


def _notebook(path: Path) -> NotebookNode | None:
    with suppress(OSError, Damaged):
        return notebook(path.read_bytes())[0]
    return None


def _told(path: Path) -> dict:
    """Return what the student's feedback says besides points: remarks, and why it was refused."""
    try:
        data = json.loads(path.read_bytes())
        return {"flags": [flag for flag in data["flags"] if isinstance(flag, str)], "refused": str(data["refused"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {"flags": [], "refused": ""}


def _handed_in(course: CourseDirectory, lesson: str, book: Gradebook) -> set[str]:
    with suppress(CourseError):  # nobody has
        return set(Papers(course, lesson).students(gradebook.spellings(book), say=lambda _: None))
    return set()


def _released(course: CourseDirectory, lesson: str) -> datetime | None:
    """Return when `nbgrader release_assignment` put the lesson into the exchange."""
    root = course.config.get("Exchange", {}).get("root")
    folder = Path(root, course.course_id, "outbound", lesson) if root else None
    times = [path.stat().st_ctime for path in folder.glob("*.ipynb")] if folder else []
    return datetime.fromtimestamp(min(times), UTC) if times else None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise CourseError(f"--released takes a time such as '2026-10-01 09:00', and not '{text}'.") from None


def _names(student: Student) -> Iterable[str]:
    parts = (student.id, student.first_name, student.last_name, student.email, student.lms_user_id)
    return [part for part in parts if part]
