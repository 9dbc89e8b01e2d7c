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


def run(jobs: Iterable[Job], perform: Callable[[Job], str], address: str) -> Iterator[Graded]:
    """Perform every job on the cluster, and yield what came of each as soon as it is there.

    Args:
        jobs: taken one by one, a few more at a time than there are threads.
        perform: what a worker does with a job; it can be pickled.
        address: of the scheduler, such as tcp://10.0.0.1:8786.

    Raises:
        CourseError: if Dask is not installed, or no scheduler or worker answers.
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

        def submit(job: Job, *, alone: bool) -> None:
            # With each job goes the whole grader: were it shared, all jobs would be lost with the workers that hold it.
            future = client.submit(_perform, perform, job.student, job.files, MOST_SECONDS, pure=False)
            pending[future.key] = job, alone
            done.add(future)

        while True:
            while len(pending) < AHEAD * max(sum(client.nthreads().values()), 1):
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
