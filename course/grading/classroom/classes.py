"""Grade a whole class: everything that was handed in for one lesson, into nbgrader's gradebook and its folders.

Workers grade; this process alone writes. Whatever was graded is in the ledger before anything else is written, and the
rest is entered again each time, which changes nothing where it was entered before. So a run that ended anywhere is
finished by the same command.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from course.errors import CourseError
from course.grading import bundle
from course.grading.bundle import Bundle
from course.grading.classroom import gradebook, pool, task
from course.grading.classroom.ledger import Ledger, only_one
from course.grading.classroom.papers import Papers, notebooks
from course.grading.classroom.pool import Graded, Job
from course.grading.classroom.task import Task
from course.grading.grade import Outcome, refused
from course.grading.result import Result
from course.grading.sandbox import proof
from course.grading.submission.names import visible_text
from course.words import counted

FOLDER = ".grading"
EVERY = 5  # seconds between two lines on the progress
DEADLY = "Grading this ended the grader's own process twice, so nothing counts until a person has looked."
NO_SOLUTION = "There is no solution of {0} here, so its hidden tests cannot be run; grade a class where solutions/ is."

Runner = Callable[[Iterable[Job]], Iterator[Graded]]


@dataclass
class Summary:
    """What came of a run: how many were graded now, how many before, and who could not be graded."""

    graded: int = 0
    known: int = 0
    results: list[Result] = field(default_factory=list)
    look: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def grade(
    root: Path,
    lesson: str,
    *,
    students: Iterable[str] = (),
    workers: int = 0,
    scheduler: str = "",
    trusted: bool = False,
    say: Callable[[str], None] = print,
) -> Summary:
    """Grade what students handed in for a lesson.

    Args:
        root: the course folder, with `solutions/` and nbgrader's `submitted/`.
        lesson: such as "01-bandits".
        students: whose; none means everybody's.
        workers: processes on this machine; 0 means one for each core.
        scheduler: address of a Dask scheduler whose workers grade instead.
        trusted: run submissions even where nothing isolates them.
        say: takes a line for each thing that a person should see.

    Raises:
        CourseError: if it cannot begin, or cannot go on; what was graded is kept.
    """
    with only_one(root / FOLDER):
        level = proof.require(trusted=trusted)
        graded_with = bundle.make(root, lesson)
        if graded_with.visible_only:
            raise CourseError(NO_SOLUTION.format(lesson))
        order = Task(graded_with.to_json(), level)
        office = _Office(root, lesson, graded_with, order, say)
        chosen = _chosen(office.papers.students(), students)
        gradebook.prepare(root, office.course, lesson)
        office.work_through(chosen, _runner(order, scheduler, workers))
        return office.summary


def _runner(order: Task, scheduler: str, workers: int) -> Runner:
    if scheduler:
        from course.grading.classroom import cluster  # Dask is an extra

        return lambda jobs: cluster.run(jobs, task.RemoteGrader(order), scheduler)
    return lambda jobs: pool.run(jobs, task.Grader(order), workers or _cores())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _chosen(there: list[str], wanted: Iterable[str]) -> list[str]:
    """Return the students who are wanted.

    Raises:
        CourseError: if one has handed in nothing.
    """
    wanted = set(wanted)
    if unknown := wanted - set(there):
        raise CourseError(f"{min(unknown)} has not handed in this lesson; {', '.join(there[:10])} … have.")
    return [student for student in there if not wanted or student in wanted]


class _Office:
    """The one writer: it knows the ledger, enters what comes, and tells how far it is."""

    def __init__(self, root: Path, lesson: str, graded_with: Bundle, order: Task, say: Callable[[str], None]):
        self.course = gradebook.course_directory(root)
        self.papers = Papers(self.course, lesson)
        self.ledger = Ledger(root / FOLDER / "results" / lesson)
        self.bundle, self.order, self.say = graded_with, order, say
        self.summary = Summary()

    def work_through(self, students: list[str], run: Runner) -> None:
        self.total, self.began, self.told = len(students), time.monotonic(), time.monotonic()
        with gradebook.opened(self.course) as self.book:
            self.deadline = gradebook.deadline(self.book, self.bundle.lesson)
            for graded in run(self._unknown(students)):
                self._take(graded)

    def _unknown(self, students: list[str]) -> Iterator[Job]:
        """Yield what the ledger does not know; enter what it knows."""
        for student in students:
            job = Job(student, self.papers.submission(student))
            outcome = self.ledger.find(self.order.key(job.files))
            if outcome is None:
                yield job
            else:
                outcome.result.submission = student
                self.summary.known += 1
                with self._of_one(student):
                    self._enter(job, outcome)

    def _take(self, graded: Graded) -> None:
        if graded.text:
            self.ledger.keep(self.order.key(graded.job.files), graded.text)
            self.summary.graded += 1
            with self._of_one(graded.job.student):
                self._enter(graded.job, task.outcome_from_json(graded.text))
            return
        self._fail(graded.job.student, graded.fault)
        if graded.deadly:
            result = refused(self.bundle, graded.job.student, DEADLY, self.order.level)
            result.flags.append(DEADLY)
            with self._of_one(graded.job.student):
                self._enter(graded.job, Outcome(result, None), unsure=True)
        self._tell_progress()

    @contextlib.contextmanager
    def _of_one(self, student: str) -> Iterator[None]:
        """Let what goes wrong with one student's result be a line about that student, and the class go on."""
        try:
            yield
        except (CourseError, SQLAlchemyError, OSError):  # the class's own: its gradebook, its disk
            raise
        except Exception as error:
            self.book.db.rollback()
            self._fail(student, f"its result could not be entered: {type(error).__name__}: {error}")

    def _fail(self, student: str, reason: str) -> None:
        self.summary.failed[student] = reason
        self.say(f"! {student}: could not be graded: {visible_text(reason)}")

    def _enter(self, job: Job, outcome: Outcome, *, unsure: bool = False) -> None:
        """Write the gradebook first: as long as the notebook is the old one, it is seen which answers have changed."""
        student, result = job.student, outcome.result
        changed = self.papers.changed(student, outcome.executed)
        gradebook.enter(
            self.book,
            result,
            timestamp=self.papers.handed_in(student),
            changed=changed,
            unsure=unsure,
            taken_back=self._take_back,
        )
        gradebook.penalise(self.course, result.lesson, student)
        self.papers.keep(student, self.bundle, outcome)
        given = gradebook.given(self.book, result.lesson, student)
        self.papers.tell(student, self.bundle, outcome, notebooks(job.files), given)
        self.summary.results.append(result)
        odd = dict.fromkeys(filter(None, [result.refused, *result.flags, self.papers.late(student, self.deadline)]))
        for sentence in odd:
            self._remark(f"{student}: {sentence}")
        self._tell_progress()

    def _take_back(self, sentence: str) -> None:
        """Keep what a person gave where it outlives the terminal."""
        self.ledger.note(f"{datetime.now():%Y-%m-%d %H:%M} {self.bundle.lesson} {sentence}")
        self._remark(sentence)

    def _remark(self, sentence: str) -> None:
        sentence = visible_text(sentence.replace("\n", " "))
        self.summary.look.append(sentence)
        self.say(f"! {sentence}")

    def _tell_progress(self) -> None:
        done, now = self.summary.graded + self.summary.known + len(self.summary.failed), time.monotonic()
        if now - self.told < EVERY or done == self.total:
            return
        self.told = now
        each = (now - self.began) / max(self.summary.graded, 1)
        self.say(f"  {done} of {self.total} done, about {_duration(each * (self.total - done))} left")


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def report(summary: Summary) -> str:
    """Return the last lines for a terminal."""
    results = summary.results
    mean = sum(result.score for result in results) / max(len(results), 1)
    most = results[0].max_score if results else 0
    lines = [
        f"{len(results)} in the gradebook ({summary.graded} graded now, {summary.known} known from before), "
        f"mean {mean:.1f} of {most} points without written answers."
    ]
    if summary.look:
        verb = "is" if len(summary.look) == 1 else "are"
        lines.append(f"{counted(len(summary.look), 'remark')} above {verb} for a person to look at.")
    if summary.failed:
        lines.append(f"Not graded: {', '.join(sorted(summary.failed))}. Run the same command again to try these anew.")
    return "\n".join(lines)


def as_json(summary: Summary) -> str:
    return json.dumps([result.to_dict() for result in summary.results], indent=2, ensure_ascii=False) + "\n"
