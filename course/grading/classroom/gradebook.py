"""Enter results into nbgrader's gradebook as its own autograder would; what a person gave stays.

Entering the same result again changes nothing, so an interrupted run needs no memory of how far it came.
"""

import contextlib
import functools
import tempfile
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy
from alembic.script import ScriptDirectory
from nbgrader import dbutil
from nbgrader.api import Grade, Gradebook, InvalidEntry, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import OperationalError, SAWarning, SQLAlchemyError
from tornado.log import app_log
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from course import paths
from course.authoring import build
from course.errors import CourseError
from course.grading.classroom import changes
from course.grading.result import Result

LATE_PENALTIES = {"AssignLatePenalties", "LateSubmissionPlugin"}  # what nbgrader_config.py sets for them


@dataclass(frozen=True)
class Given:
    """What stands in the gradebook besides the grader's points: a person's points and comments by the id of an exercise
    or written answer, and what is taken off since it was handed in late."""

    points: dict[str, float]
    comments: dict[str, str]
    penalty: float


def course_directory(root: Path) -> CourseDirectory:
    """Return nbgrader's view of the course, as nbgrader_config.py has it."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.merge(Config({"CourseDirectory": {"root": str(root)}}))
    return CourseDirectory(config=config)


@contextlib.contextmanager
def opened(course: CourseDirectory) -> Iterator[Gradebook]:
    """Open the gradebook.

    Raises:
        CourseError: if the database refuses, here or in what is done inside, or another version of nbgrader made it.
    """
    app_log.disabled, was = True, app_log.disabled  # nbgrader writes SQL and a stack there, and raises besides
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader adds what SQLAlchemy would add by itself
            _refuse_another_version(course)
            with Gradebook(course.db_url, course.course_id) as book:
                yield book
    except (SQLAlchemyError, InvalidEntry) as error:
        cause = error if isinstance(error, SQLAlchemyError) else error.__context__
        raise _unusable(course, str(getattr(cause, "orig", error))) from None
    finally:
        app_log.disabled = was


def is_of_all(error: Exception) -> bool:
    """Tell whether an error is the database's, so that nobody's result can be entered: read-only, locked, full."""
    return isinstance(error, SQLAlchemyError) or isinstance(error.__context__, OperationalError)


@functools.cache
def version() -> str:
    """Return the version of a gradebook that the installed nbgrader makes."""
    return ScriptDirectory(dbutil.ALEMBIC_DIR).get_current_head()


def _refuse_another_version(course: CourseDirectory) -> None:
    """Look before nbgrader does, which would add its new tables to those of an old version."""
    engine = sqlalchemy.create_engine(course.db_url)
    with engine.connect() as connection:
        tables = sqlalchemy.inspect(connection).get_table_names()
        query = "SELECT version_num FROM alembic_version"
        versions = list(connection.exec_driver_sql(query).scalars()) if "alembic_version" in tables else []
    engine.dispose()
    if tables and versions != [version()]:
        raise _unusable(
            course, "another version of nbgrader made it, and 'nbgrader db upgrade' renews it and keeps a copy"
        )


def _unusable(course: CourseDirectory, reason: str) -> CourseError:
    return CourseError(
        f"The gradebook {sqlalchemy.make_url(course.db_url).render_as_string()} cannot be used: {reason}. What was "
        "graded before is kept; mend that, make room or close what holds it, then run the same command again."
    )


def deadline(book: Gradebook, lesson: str, student: str = "") -> datetime | None:
    """Return when the lesson is due, for a student with any extension, in UTC, or None if nobody has said so."""
    due = book.find_assignment(lesson).duedate
    if due is not None and student:
        due = book.find_submission(lesson, student).duedate
    return None if due is None else due.replace(tzinfo=UTC)


def spellings(book: Gradebook) -> dict[str, str]:
    """Return the id of every student by its composed form: an ö of one character or of two is the same."""
    return {unicodedata.normalize("NFC", student.id): student.id for student in book.students}


def lessons(book: Gradebook, course: CourseDirectory) -> set[str]:
    """Return the names that a folder with a submission may have: all that was released, or is in the gradebook."""
    released = Path(course.format_path(course.release_directory, ".", "*")).parent
    return {path.name for path in released.glob("*")} | {assignment.name for assignment in book.assignments}


def prepare(root: Path, course: CourseDirectory, lesson: str, *, note: Callable[[str], None] = print) -> str:
    """See to it that the gradebook knows the lesson as it now is; `nbgrader generate_assignment` does the same.

    Args:
        root: the course folder.
        course: nbgrader's view of it.
        lesson: such as "01-bandits".
        note: is told, before it happens, what a person gave for an exercise that is no longer in the lesson.

    Returns:
        A sentence on what has changed since students were entered, or nothing.

    Raises:
        CourseError: if the gradebook cannot be used.
    """
    solution = paths.solution_path(root, lesson)
    cells = [cell for cell in build.nbformat.read(solution, as_version=4).cells if cell.metadata.get("nbgrader")]
    marks = [cell.metadata.nbgrader for cell in cells]
    wanted = {mark.grade_id: float(mark.points) for mark in marks if mark.grade}
    said = ""
    with opened(course) as book:
        known = _known(book, lesson)
        if known == wanted:
            return ""
        book.update_or_create_assignment(lesson)  # a database that takes nothing says so here, in a sentence
        if known is not None and book.find_notebook(lesson, lesson).submissions:
            kept = changes.adapt(book, book.find_notebook(lesson, lesson), cells, note)
            said = changes.sentence(lesson, known, wanted, kept)
    with tempfile.TemporaryDirectory() as folder:
        source = paths.solution_path(Path(folder), lesson)
        source.parent.mkdir(parents=True)
        source.write_bytes(solution.read_bytes())
        config = course.config.copy()
        config.merge(Config({"CourseDirectory": {"root": folder, "db_url": course.db_url}}))
        scratch = CourseDirectory(config=config, assignment_id=lesson)
        converter = GenerateAssignment(coursedir=scratch, config=config)
        converter.log.setLevel("CRITICAL")
        try:
            converter.start()
        except (NbGraderException, SystemExit):
            raise _unusable(course, f"nbgrader could not enter {lesson}") from None
    return said


def enter(
    book: Gradebook,
    result: Result,
    *,
    timestamp: datetime | None,
    unclear: bool = False,
    changed: set[str],
    unsure: bool = False,
    taken_back: Callable[[str], None],
) -> None:
    """Enter one student's result.

    Args:
        book: the gradebook.
        result: whose `submission` is the student's id.
        timestamp: when it was handed in, if that is known; if not, what stands there stays.
        unclear: no time counts, whatever stands there.
        changed: ids of exercises and written answers whose text is not what was in the gradebook's notebook before.
        unsure: have a person look at every part.
        taken_back: is told, before it happens, what a person gave for an answer that is another one now.
    """
    student, lesson = result.submission, result.lesson
    book.update_or_create_student(student)
    book.update_or_create_submission(lesson, student, **({"timestamp": timestamp} if timestamp or unclear else {}))
    notebook = book.find_submission_notebook(lesson, lesson, student)
    grades = {grade.name: grade for grade in notebook.grades}
    comments = {comment.name: comment for comment in notebook.comments}
    named = {entry.id: entry.title or entry.id for entry in [*result.exercises, *result.written]}
    for name in sorted(changed):
        lost = changes.withdraw(grades.get(f"{name}-check", grades.get(name)), comments.get(name))
        if lost:
            what = named.get(name, name)
            taken_back(f"{student}: {what} is another answer than the one that a person gave {lost}; grade it again.")
    for exercise in result.exercises:
        _score(grades[f"{exercise.id}-check"], exercise.points, waits=unsure)
        comments[exercise.id].auto_comment = exercise.message or None
    for answer in result.written:
        _score(grades[answer.id], None if answer.answered else 0, waits=unsure or answer.answered)
        comments[answer.id].auto_comment = None if answer.answered else "No response."
    book.db.commit()


def penalise(course: CourseDirectory, lesson: str, student: str) -> None:
    """Have nbgrader's plugin for late submissions do its work, where one is set."""
    if not LATE_PENALTIES & set(course.config):
        return
    names = {"notebook": lesson, "assignment": lesson, "student": student, "db_url": course.db_url}
    AssignLatePenalties(config=course.config).preprocess(build.nbformat.v4.new_notebook(), {"nbgrader": names})


def given(book: Gradebook, lesson: str, student: str) -> Given:
    """Return what stands there for a student besides the grader's points."""
    notebook = book.find_submission_notebook(lesson, lesson, student)
    points = {
        grade.name.removesuffix("-check"): grade.score for grade in notebook.grades if grade.manual_score is not None
    }
    comments = {comment.name: comment.manual_comment for comment in notebook.comments if comment.manual_comment}
    return Given(points, comments, notebook.late_submission_penalty or 0)


def _score(grade: Grade, points: float | None, *, waits: bool) -> None:
    """Set what the grader gives; whether a person is awaited is theirs to end, by giving points."""
    grade.auto_score = points
    grade.needs_manual_grade = waits and grade.manual_score is None


def _known(book: Gradebook, lesson: str) -> Mapping[str, float] | None:
    try:
        return {cell.name: cell.max_score for cell in book.find_notebook(lesson, lesson).grade_cells}
    except MissingEntry:
        return None
