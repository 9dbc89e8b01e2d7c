"""Grade a whole class: everything that was handed in for one lesson, into nbgrader's gradebook and its folders.

Workers grade; this process alone writes. Whatever was graded is in the ledger before anything else is written, and the
rest is entered again each time, which changes nothing where it was entered before. So a run that ended anywhere is
finished by the same command.
"""

import contextlib
import json
import os
import re
import time
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

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
from course.words import counted, one_line

FOLDER = ".grading"
EVERY = 5  # seconds between two lines on the progress
DEADLY = "Grading this ended the grader's own process twice, so nothing counts until a person has looked."
BY_THE_MACHINE = "the machine ended its process twice, though it kept its limits"
NO_SOLUTION = "There is no solution of {0} here, so its hidden tests cannot be run; grade a class where solutions/ is."
OF_MANY = re.compile(r"The (points of|check|cell) |It lies here since ")  # after a change, or a late collection

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
        students: whose, each an id or several with commas between; none means everybody's.
        workers: processes on this machine; 0 means one for each core.
        scheduler: address of a Dask scheduler whose workers grade instead.
        trusted: run submissions even where nothing isolates them.
        say: takes a line for each thing that a person should see.

    Raises:
        CourseError: if it cannot begin, or cannot go on; what was graded is kept.
    """
    with only_one(root / FOLDER):
        level = proof.require(trusted=trusted, say=say)
        graded_with = bundle.make(root, lesson)
        if graded_with.visible_only:
            raise CourseError(NO_SOLUTION.format(lesson))
        order = Task(graded_with.to_json(), level)
        office = _Office(root, lesson, graded_with, order, say)
        office.prepare(root)
        office.work_through(students, _runner(order, scheduler, workers, say))
        return office.summary


def _runner(order: Task, scheduler: str, workers: int, say: Callable[[str], None]) -> Runner:
    if scheduler:
        from course.grading.classroom import cluster  # Dask is an extra

        grader = task.RemoteGrader(order)
        return lambda jobs: cluster.run(jobs, grader, scheduler, unfit=grader.unfit, say=say)
    return lambda jobs: pool.run(jobs, task.Grader(order), workers or _cores())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _chosen(there: list[str], wanted: Iterable[str]) -> list[str]:
    """Return the students who are wanted.

    Raises:
        CourseError: if one has handed in nothing.
    """
    composed = {unicodedata.normalize("NFC", student): student for student in there}
    wanted = {name for text in wanted for name in _names(unicodedata.normalize("NFC", text), composed)}
    if unknown := wanted - set(composed):
        raise CourseError(f"{min(unknown)} has not handed in this lesson; {', '.join(there[:10])} … have.")
    return [student for name, student in composed.items() if not wanted or name in wanted]


def _names(text: str, there: Container[str]) -> Iterator[str]:
    """Yield the ids in a text with commas between them; an id that is there may hold commas itself."""
    parts = text.split(",")
    while parts:
        ends = range(len(parts), 0, -1)
        end = next((end for end in ends if ",".join(parts[:end]).strip() in there), 1)
        if name := ",".join(parts[:end]).strip():
            yield name
        parts = parts[end:]


class _Office:
    """The one writer: it knows the ledger, enters what comes, and tells how far it is."""

    def __init__(self, root: Path, lesson: str, graded_with: Bundle, order: Task, say: Callable[[str], None]):
        self.course = gradebook.course_directory(root)
        self.papers = Papers(self.course, lesson)
        self.ledger = Ledger(root / FOLDER / "results" / lesson)
        self.bundle, self.order, self.say = graded_with, order, say
        self.summary = Summary()
        self.alike: dict[str, list[str]] = {}  # by sentence: whom it is about

    def prepare(self, root: Path) -> None:
        """Have the gradebook know the lesson as it is now."""
        if changed := gradebook.prepare(root, self.course, self.bundle.lesson, note=self._note):
            self._remark(changed)

    def work_through(self, wanted: Iterable[str], run: Runner) -> None:
        """Grade those who are wanted, or everybody who has handed in."""
        with gradebook.opened(self.course) as self.book:
            lessons = gradebook.lessons(self.book, self.course)
            for sentence in self.papers.misplaced(lessons):
                self._remark(sentence)
            there = self.papers.students(gradebook.spellings(self.book), self._remark)
            students = _chosen(there, wanted)
            self.total, self.began, self.told = len(students), time.monotonic(), time.monotonic()
            for graded in run(self._unknown(students)):
                self._take(graded)
        for sentence, about in self.alike.items():
            self._remark(f"{', '.join(about)}: {sentence}")

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
        outcome = task.outcome_from_json(graded.text) if graded.text else None
        if outcome and not outcome.unsure:
            self.ledger.keep(self.order.key(graded.job.files), graded.text)
            self.summary.graded += 1
        else:
            self._fail(graded.job.student, graded.fault or BY_THE_MACHINE)
        if graded.deadly:
            outcome = Outcome(refused(self.bundle, graded.job.student, DEADLY, self.order.level), None, unsure=True)
        if outcome:
            with self._of_one(graded.job.student):
                self._enter(graded.job, outcome)
        else:
            self._tell_progress()

    @contextlib.contextmanager
    def _of_one(self, student: str) -> Iterator[None]:
        """Let what goes wrong with one student's result be a line about that student, and the class go on."""
        try:
            yield
        except (CourseError, OSError):  # the class's own, such as its disk
            raise
        except Exception as error:
            if gradebook.is_of_all(error):
                raise
            self.book.db.rollback()
            self._fail(student, f"its result could not be entered: {type(error).__name__}: {error}")

    def _fail(self, student: str, reason: str) -> None:
        self.summary.failed[student] = reason
        self.say(f"! {student}: could not be graded: {one_line(reason)}")

    def _enter(self, job: Job, outcome: Outcome) -> None:
        """Write the gradebook first: as long as the notebook is the old one, it is seen which answers have changed."""
        student, result, times = job.student, outcome.result, self.papers.times(job.student)
        changed = self.papers.changed(student, outcome.executed)
        gradebook.enter(
            self.book,
            result,
            timestamp=times.claimed,
            unclear=bool(times.unclear),
            changed=changed,
            unsure=outcome.unsure,
            taken_back=self._take_back,
        )
        gradebook.penalise(self.course, result.lesson, student)
        self.papers.keep(student, self.bundle, outcome, job.files)
        given = gradebook.given(self.book, result.lesson, student)
        self.papers.tell(student, self.bundle, outcome, notebooks(job.files), given)
        self.summary.results.append(result)
        deadline = gradebook.deadline(self.book, result.lesson, student)
        late = times.about(deadline) if deadline else ""
        for sentence in dict.fromkeys(filter(None, [result.refused, *result.flags, late])):
            if OF_MANY.match(sentence):  # one line in the end, for all of them
                self.alike.setdefault(sentence, []).append(student)
            else:
                self._remark(f"{student}: {sentence}")
        self._tell_progress()

    def _take_back(self, sentence: str) -> None:
        self._note(sentence)
        self._remark(sentence)

    def _note(self, sentence: str) -> None:
        """Keep what a person gave where it outlives the terminal."""
        self.ledger.note(f"{datetime.now():%Y-%m-%d %H:%M} {self.bundle.lesson} {one_line(sentence)}")

    def _remark(self, sentence: str) -> None:
        sentence = one_line(sentence.replace("\n", " "))
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
