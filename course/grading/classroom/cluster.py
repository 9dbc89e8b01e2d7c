"""Grade on the workers of a Dask scheduler: the same jobs as in the pool, on machines that share no disk.

A job and its outcome travel through the scheduler as bytes and text; a worker needs the course's package and nothing
else. A worker that hangs ends itself. Dask gives the jobs of a worker that died to others, and a job that kills several
workers by itself is told.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator

from course.errors import CourseError
from course.grading.classroom.pool import MOST_SECONDS, Graded, Job

AHEAD = 2  # jobs for each thread of the cluster that are under way, so that none waits for the next
CONNECT_SECONDS = 20
NEEDED = "Dask is not installed here; this installs it: .venv/bin/pip install --editable '.[dask]'"
_one_at_a_time = threading.Lock()  # a worker's warm process serves one submission at a time


def run(
    jobs: Iterable[Job],
    perform: Callable[[Job], str],
    address: str,
    *,
    unfit: Callable[[], str] = lambda: "",
    say: Callable[[str], None] = print,
) -> Iterator[Graded]:
    """Perform every job on the cluster, and yield what came of each as soon as it is there.

    Args:
        jobs: taken one by one, a few more at a time than there are threads.
        perform: what a worker does with a job; it can be pickled.
        address: of the scheduler, such as tcp://10.0.0.1:8786.
        unfit: what a worker calls to say why it can take no jobs, or nothing; it can be pickled.
        say: takes a line for each worker that can take none.

    Raises:
        CourseError: if Dask is not installed, or no scheduler or worker answers, or none can take jobs.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise CourseError(NEEDED) from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except (TimeoutError, OSError, ValueError) as error:
        raise CourseError(f"No Dask scheduler with workers answers at {address}: {error}.") from None
    with client:
        waiting, suspects, pending, done = iter(jobs), [], {}, as_completed(loop=client.loop)
        crew = _Crew(client, unfit, say)

        def submit(job: Job, *, alone: bool) -> None:
            # With each job goes the whole grader: were it shared, all jobs would be lost with the workers that hold it.
            options = {"pure": False, "workers": crew.fit()}
            future = client.submit(_perform, perform, job.student, job.files, MOST_SECONDS, **options)
            pending[future.key] = job, alone
            done.add(future)

        while True:
            while len(pending) < AHEAD * max(sum(client.nthreads(crew.fit()).values()), 1):
                job = next(waiting, None)
                if job is None:
                    break
                submit(job, alone=False)
            if not pending and not suspects:
                return
            if not pending:
                submit(suspects.pop(), alone=True)
            future = next(done)
            job, alone = pending.pop(future.key)
            graded = _graded(job, future)
            if graded.deadly and not alone:  # Dask blames all that a dead worker had: each is tried once more, alone
                suspects.append(job)
            else:
                yield graded


class _Crew:
    """The workers of a cluster: each is asked once, when it is first seen, whether it can take jobs."""

    def __init__(self, client, unfit: Callable[[], str], say: Callable[[str], None]):
        self.client, self.unfit, self.say = client, unfit, say
        self.faults: dict[str, str] = {}

    def fit(self) -> list[str] | None:
        """Return the addresses of those that can; None means all, also those that come later in the place of one.

        Raises:
            CourseError: if there are workers, and none can.
        """
        there = list(self.client.nthreads())
        new = [worker for worker in there if worker not in self.faults]
        told = self.client.run(self.unfit, workers=new, on_error="return") if new else {}
        for worker, fault in told.items():
            self.faults[worker] = f"{type(fault).__name__}: {fault}" if isinstance(fault, Exception) else fault
            if self.faults[worker]:
                self.say(f"! The worker {worker} takes no jobs: {self.faults[worker]}.")
        fit = [worker for worker in there if not self.faults.get(worker)]
        if there and not fit:
            raise CourseError(f"No worker can take jobs: {self.faults[there[0]]}.")
        return fit if len(fit) < len(there) else None


def _graded(job: Job, future) -> Graded:
    """Fetch what came of a job; if the worker that held it has died since, this waits until Dask has it made again."""
    from distributed import KilledWorker

    try:
        return Graded(job, text=future.result())
    except KilledWorker:
        return Graded(job, fault="the workers that graded it died or hung", deadly=True)
    except Exception as error:
        return Graded(job, fault=f"{type(error).__name__}: {error}")


def _perform(perform: Callable[[Job], str], student: str, files: dict[str, bytes], seconds: float) -> str:
    with _one_at_a_time:
        end_if_hung = threading.Timer(seconds, os._exit, [1])
        end_if_hung.daemon = True
        end_if_hung.start()
        try:
            return perform(Job(student, files))
        finally:
            end_if_hung.cancel()
