"""The work on one submission as data that travels: a task goes to a worker once, jobs follow, JSON comes back."""

import hashlib
import json
from dataclasses import dataclass, field

import nbformat

from course.grading.bundle import Bundle, environment
from course.grading.classroom.pool import Job
from course.grading.grade import Outcome, grade_one
from course.grading.result import Result
from course.grading.sandbox import proof


@dataclass(frozen=True)
class Task:
    """How every submission of one run is graded.

    Attributes:
        bundle: the lesson, as JSON.
        level: the isolation at which submissions run; a worker that does not reach it refuses.
    """

    bundle: str = field(repr=False)
    level: str

    def key(self, files: dict[str, bytes]) -> str:
        """Return the digest of everything that the outcome of a submission depends on."""
        digest = hashlib.sha256(f"{hashlib.sha256(self.bundle.encode()).hexdigest()} {self.level}".encode())
        for name, content in sorted(files.items()):
            digest.update(f"\0{len(name)} {name} {len(content)} ".encode("utf-8", "surrogateescape") + content)
        return digest.hexdigest()


@dataclass(frozen=True)
class Grader:
    """What a worker calls for each job."""

    task: Task

    def __call__(self, job: Job) -> str:
        """Grade one submission and return its outcome as JSON."""
        bundle = Bundle.from_json(self.task.bundle)
        outcome = grade_one(bundle, job.files, name=job.student, isolation=self.task.level)
        return outcome_to_json(outcome)


@dataclass(frozen=True)
class RemoteGrader:
    """What a worker on another machine calls for each job; it makes sure of that machine first."""

    task: Task

    def __call__(self, job: Job) -> str:
        """Grade one submission and return its outcome as JSON.

        Raises:
            RuntimeError: if this machine has another course or torch, or isolates less than the task asks.
        """
        if fault := self.unfit():
            raise RuntimeError(f"a worker cannot grade this: {fault}")
        return Grader(self.task)(job)

    def unfit(self) -> str:
        """Return why this machine can grade nothing of the task, or nothing."""
        if environment() != Bundle.from_json(self.task.bundle).environment:
            return "it has another version of the course, of Python or of torch than the machine that grades"
        if self.task.level != "none" and proof.best() != self.task.level:
            return f"it isolates submissions at the level {proof.best()}, not {self.task.level}"
        return ""


def outcome_to_json(outcome: Outcome) -> str:
    data = {"result": outcome.result.to_dict(), "executed": outcome.executed, "unsure": outcome.unsure}
    return json.dumps(data, ensure_ascii=False)


def outcome_from_json(text: str) -> Outcome:
    """Return the outcome that `outcome_to_json` wrote.

    Raises:
        ValueError, KeyError, TypeError: if the text is something else, or cut short.
    """
    data = json.loads(text)
    executed = data["executed"]
    executed = None if executed is None else nbformat.from_dict(executed)
    return Outcome(Result.from_dict(data["result"]), executed, data["unsure"])
