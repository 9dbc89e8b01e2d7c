"""Workers die in every way, and no job is lost or done twice."""

import os
import signal
import time
from functools import partial
from types import SimpleNamespace

import psutil
import pytest

from course.errors import CourseError
from course.grading.classroom import pool
from course.grading.classroom.pool import Job


def echo(job):
    return f"{job.student} {os.environ['OMP_NUM_THREADS']} {job.files['a'].decode()}"


def die_once(marks, job):
    """Kill the worker the first time that it meets "fatal", and each time that it meets "deadly"."""
    mark = marks / job.student
    if job.student == "deadly" or (job.student == "fatal" and not mark.exists()):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return job.student


def fail(job):
    raise ValueError(f"nothing works for {job.student}")


def work_or_sleep(marks, job):
    if job.student == "bob":
        (marks / f"bob-{os.getpid()}").touch()
        time.sleep(60)
    return job.student


def jobs(*students):
    return [Job(student, {"a": student.upper().encode()}) for student in students]


def texts(graded):
    return sorted(one.text for one in graded)


def test_every_job_comes_back_once_from_workers_with_one_thread():
    students = [f"s{number}" for number in range(7)]
    assert texts(pool.run(jobs(*students), echo, 2)) == [f"{one} 1 {one.upper()}" for one in students]


def test_jobs_are_taken_one_by_one_as_workers_are_free():
    taken = []

    def slowly():
        for job in jobs("a", "b", "c", "d"):
            taken.append(job.student)
            yield job

    results = pool.run(slowly(), echo, 1)
    next(results)
    assert len(taken) == 1
    assert len(list(results)) == 3 and taken == ["a", "b", "c", "d"]


def test_a_worker_that_dies_costs_nothing_and_one_that_dies_twice_over_a_job_is_told(tmp_path):
    found = list(pool.run(jobs("ann", "fatal", "deadly", "bob"), partial(die_once, tmp_path), 2))
    assert texts(one for one in found if one.text) == ["ann", "bob", "fatal"]
    assert [(one.job.student, one.deadly) for one in found if not one.text] == [("deadly", True)]


def test_a_worker_that_hangs_is_ended_and_the_others_go_on(tmp_path, monkeypatch):
    found = []

    def now():
        """Once the others are done, time flies whenever a worker has fallen asleep."""
        asleep = len(list(tmp_path.glob("bob-*"))) if len(found) == 2 else 0
        return time.monotonic() + asleep * pool.MOST_SECONDS

    monkeypatch.setattr(pool, "time", SimpleNamespace(monotonic=now))
    for graded in pool.run(jobs("ann", "bob", "eve"), partial(work_or_sleep, tmp_path), 2):
        found.append(graded)
    assert texts(one for one in found if one.text) == ["ann", "eve"]
    assert [(one.job.student, one.deadly) for one in found if not one.text] == [("bob", True)]


def test_a_fault_of_the_machine_is_told_after_a_second_try():
    found = list(pool.run(jobs("ann"), fail, 2))
    assert [(one.fault, one.deadly) for one in found] == [("ValueError: nothing works for ann", False)]


def test_where_no_worker_can_start_the_run_ends(monkeypatch):
    monkeypatch.setattr(pool, "_serve", os._exit)  # pickled by name, it ends the process at once
    with pytest.raises(CourseError, match="No process that grades can be started"):
        list(pool.run(jobs("ann"), echo, 1))


def test_who_stops_listening_leaves_no_process_behind(tmp_path):
    results = pool.run(jobs("ann", "bob"), partial(work_or_sleep, tmp_path), 2)
    assert next(results).text == "ann"
    while not (marks := list(tmp_path.glob("bob-*"))):
        time.sleep(0.1)
    results.close()
    assert not psutil.pid_exists(int(marks[0].name.removeprefix("bob-")))
