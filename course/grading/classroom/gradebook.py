"""Enter results into nbgrader's gradebook as its own autograder would; what a person gave stays.

Entering the same result again changes nothing, so an interrupted run needs no memory of how far it came.
"""

import contextlib
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from course import paths
from course.authoring import build
from course.errors import CourseError
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
        CourseError: if the database refuses, here or in what is done inside.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader adds what SQLAlchemy would add by itself
            with Gradebook(course.db_url, course.course_id) as book:
                yield book
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error))
        raise CourseError(
            f"The gradebook {course.db_url} cannot be used: {reason}. What was graded before is kept; close what holds "
            "it or make room, then run the same command again."
        ) from None


def deadline(book: Gradebook, lesson: str) -> datetime | None:
    """Return when the lesson is due, in UTC, or None if nobody has said so."""
    due = book.find_assignment(lesson).duedate
    return None if due is None else due.replace(tzinfo=UTC)


def prepare(root: Path, course: CourseDirectory, lesson: str) -> None:
    """See to it that the gradebook knows the lesson as it now is; `nbgrader generate_assignment` does the same.

    Raises:
        CourseError: if the lesson has other exercises than when students were entered.
    """
    with opened(course) as book:
        if _known(book, lesson) == _wanted(root, lesson):
            return
    with tempfile.TemporaryDirectory() as folder:
        source = paths.solution_path(Path(folder), lesson)
        source.parent.mkdir(parents=True)
        source.write_bytes(paths.solution_path(root, lesson).read_bytes())
        config = course.config.copy()
        config.merge(Config({"CourseDirectory": {"root": folder, "db_url": course.db_url}}))
        scratch = CourseDirectory(config=config, assignment_id=lesson)
        converter = GenerateAssignment(coursedir=scratch, config=config)
        converter.log.setLevel("CRITICAL")
        try:
            converter.start()
        except SystemExit:
            raise CourseError(
                f"The gradebook knows {lesson} with other exercises, and holds grades for them: grade with the version "
                f"of the course that was released, or 'nbgrader db assignment remove {lesson} --force' drops them."
            ) from None


def enter(
    book: Gradebook,
    result: Result,
    *,
    timestamp: datetime | None,
    changed: set[str],
    unsure: bool = False,
    taken_back: Callable[[str], None],
) -> None:
    """Enter one student's result.

    Args:
        book: the gradebook.
        result: whose `submission` is the student's id.
        timestamp: when it was handed in, if that is known.
        changed: ids of exercises and written answers whose text is not what was in the gradebook's notebook before.
        unsure: have a person look at every part.
        taken_back: is told, before it happens, what a person gave for an answer that is another one now.
    """
    student, lesson = result.submission, result.lesson
    book.update_or_create_student(student)
    book.update_or_create_submission(lesson, student, **({"timestamp": timestamp} if timestamp else {}))
    notebook = book.find_submission_notebook(lesson, lesson, student)
    grades = {grade.name: grade for grade in notebook.grades}
    comments = {comment.name: comment for comment in notebook.comments}
    named = {entry.id: entry.title or entry.id for entry in [*result.exercises, *result.written]}
    for name in sorted(changed):
        lost = _withdraw(grades.get(f"{name}-check", grades.get(name)), comments.get(name))
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


def _withdraw(grade: Grade | None, comment: Comment | None) -> str:
    """Take back what a person gave; return what that was, or nothing."""
    lost = []
    if grade is not None and (grade.manual_score is not None or grade.extra_credit is not None):
        lost.append(f"{(grade.manual_score or 0) + (grade.extra_credit or 0):g} points")
        grade.manual_score = grade.extra_credit = None
    if comment is not None and comment.manual_comment:
        lost.append(f"“{comment.manual_comment}”")
        comment.manual_comment = None
    return " and ".join(lost)


def _known(book: Gradebook, lesson: str) -> Mapping[str, float] | None:
    try:
        return {cell.name: cell.max_score for cell in book.find_notebook(lesson, lesson).grade_cells}
    except MissingEntry:
        return None


def _wanted(root: Path, lesson: str) -> Mapping[str, float]:
    cells = build.nbformat.read(paths.release_path(root, lesson), as_version=4).cells
    marks = [cell.metadata.get("nbgrader", {}) for cell in cells]
    return {mark["grade_id"]: mark["points"] for mark in marks if mark.get("grade")}
