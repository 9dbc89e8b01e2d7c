"""Grade on this machine in several processes, of which any may die at any moment.

Each worker is started afresh (never forked), keeps one warm process for its submissions, and holds one job at a time,
so that it is known which submission a dead worker had. A worker that hangs is ended. A death is a fault of the machine
until it strikes one submission twice. Workers touch neither the ledger nor the gradebook.
"""

import contextlib
import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import connection, get_context, parent_process

from course.errors import CourseError
from course.grading.sandbox import warm

MOST_TRIES = 2
MOST_SECONDS = 2700  # for one job: more than the tries that a submission may have take, so it is the grader's own fault
LOOK_SECONDS = 1  # between two looks at workers that may hang
MOST_STILLBORN = 3  # processes in a row that die before they can take a job
CONTEXT = get_context("spawn")


@dataclass(frozen=True)
class Job:
    """One submission: whose it is, and its files by name."""

    student: str
    files: dict[str, bytes] = field(repr=False)


@dataclass(frozen=True)
class Graded:
    """What came of a job: `text` from the worker, or a sentence on the `fault` that kept it from coming.

    `deadly` tells that the worker died each time it had this job, which the submission may have caused.
    """

    job: Job
    text: str = ""
    fault: str = ""
    deadly: bool = False


def run(jobs: Iterable[Job], perform: Callable[[Job], str], workers: int) -> Iterator[Graded]:
    """Perform every job, and yield what came of each as soon as it is there.

    Args:
        jobs: taken one by one, when a worker is free.
        perform: what a worker does with a job; it can be pickled.
        workers: how many processes.
    """
    crew, again, waiting, tries, stillborn = [], deque(), iter(jobs), Counter(), 0
    try:
        while True:
            while sum(worker.job is not None for worker in crew) < workers:
                job = again.popleft() if again else next(waiting, None)
                if job is None:
                    break
                _hand_out(job, crew, perform)
            busy = {worker.pipe: worker for worker in crew if worker.job is not None}
            if not busy:
                return
            for worker in busy.values():
                worker.end_if_hung()
            for worker in [busy[pipe] for pipe in connection.wait(list(busy), LOOK_SECONDS)]:
                graded = worker.collect()
                if graded is None:
                    continue
                crew = [other for other in crew if other.pipe is not worker.pipe or not graded.deadly]
                stillborn = stillborn + 1 if graded.deadly and not worker.is_ready else 0
                if stillborn >= MOST_STILLBORN:
                    raise CourseError("No process that grades can be started here; is there enough memory?")
                tries[graded.job.student] += not graded.text and worker.is_ready
                if graded.text or tries[graded.job.student] >= MOST_TRIES:
                    yield graded
                else:
                    again.append(graded.job)
    finally:
        for worker in crew:
            worker.close()


def _hand_out(job: Job, crew: list["_Worker"], perform) -> None:
    """Give a job to an idle worker, or to a new one; one that died idle is replaced."""
    for worker in [worker for worker in crew if worker.job is None]:
        if worker.take(job):
            return
        crew.remove(worker)
        worker.close()
    crew.append(_Worker(perform))
    crew[-1].take(job)


class _Worker:
    """A process, the pipe to it, and the job that it holds."""

    def __init__(self, perform):
        try:
            self.pipe, theirs = CONTEXT.Pipe()
            self.process = CONTEXT.Process(target=_serve, args=(theirs, perform), daemon=True)
            self.process.start()
        except OSError as error:
            raise CourseError(f"No process that grades can be started: {warm.lack(str(error)) or error}.") from None
        theirs.close()
        self.job: Job | None = None
        self.since = 0.0
        self.is_ready = False

    def take(self, job: Job) -> bool:
        """Hand over a job; return whether the process could take it, and hold it in any case."""
        self.job, self.since = job, time.monotonic()
        try:
            self.pipe.send(job)
        except OSError:
            return False
        return True

    def collect(self) -> Graded | None:
        """Return what came of the job, or None for the news that the process has started; nothing is unpickled."""
        try:
            kind, _, text = self.pipe.recv_bytes().decode("utf-8", "surrogatepass").partition(" ")
        except (EOFError, OSError):
            job, self.job = self.job, None
            self.close()
            return Graded(job, fault="the process that graded it died or hung", deadly=True)
        if kind == "ready":
            self.is_ready = True
            return None
        job, self.job = self.job, None
        return Graded(job, text=text) if kind == "done" else Graded(job, fault=text)

    def end_if_hung(self) -> None:
        """Kill the process if it has been at its job for too long; `collect` then tells that it died."""
        if time.monotonic() - self.since > MOST_SECONDS:
            self.process.kill()

    def close(self) -> None:
        """End the process: by itself if it has nothing to do, otherwise at once."""
        self.pipe.close()
        if self.job is not None:
            self.process.kill()
        self.process.join(10)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _serve(pipe: connection.Connection, perform: Callable[[Job], str]) -> None:
    """Perform jobs until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    os.environ["OMP_NUM_THREADS"] = "1"
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        pipe.send_bytes(b"ready")
        while True:
            job = pipe.recv()
            try:
                answer = f"done {perform(job)}"
            except Exception as error:  # a bug, or a fault of the machine: the parent tells it and goes on
                answer = f"fault {type(error).__name__}: {error}"
            pipe.send_bytes(answer.encode("utf-8", "surrogatepass"))


def _end_with_parent() -> None:
    """End this process, whatever it is doing, when the one that started it is gone."""
    connection.wait([parent_process().sentinel])
    os._exit(1)
