"""The same class on Dask: two worker processes, one of which is killed in the middle, and what a cluster can lack."""

import os
import signal
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from multiprocessing import get_context

import pytest

dask = pytest.importorskip("dask", reason="pip install --editable '.[dask]' adds Dask")
distributed = pytest.importorskip("distributed", reason="pip install --editable '.[dask]' adds Dask")

from course.errors import CourseError  # noqa: E402
from course.grading import bundle  # noqa: E402
from course.grading.classroom import classes, cluster, task  # noqa: E402
from course.grading.classroom.pool import Job  # noqa: E402
from tests.classroom import LESSON, RIGHT, grades, hand_in  # noqa: E402
from tests.cluster_jobs import die, fail, hang, is_old, too_old, where  # noqa: E402
from tests.samples import make_course  # noqa: E402

SLOW = {"tiny-double": "import time\ntime.sleep(0.7)\n" + RIGHT["tiny-double"]}


def jobs(*students):
    return [Job(student, {}) for student in students]


@pytest.fixture(scope="module")
def address():
    """Where a scheduler listens that has two workers, each a process of its own."""
    dask.config.set({"distributed.scheduler.allowed-failures": 1})
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**options) as found:
        yield found.scheduler_address


def kill_a_worker_after(condition, address):
    """Kill the first worker with a job, once the condition holds."""
    with distributed.Client(address, set_as_default=False) as client:
        while not condition():
            time.sleep(0.05)
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)


@pytest.mark.thorough(only=True)
def test_a_class_on_a_cluster_ends_as_on_one_machine_though_a_worker_is_killed(address, tmp_path):
    root = make_course(tmp_path / "course")
    for number in range(6):
        hand_in(root, f"s{number}", SLOW | {"tiny-why": f"I am number {number}."})
    records = root / ".grading" / "results" / LESSON
    started = partial(lambda: any(records.glob("*.json")))
    killer = threading.Thread(target=kill_a_worker_after, args=(started, address), daemon=True)
    killer.start()
    summary = classes.grade(root, LESSON, scheduler=address, say=lambda line: None)
    killer.join(30)
    assert (summary.graded, summary.failed) == (6, {})
    assert grades(root) == {
        (f"s{number}", cell): entry
        for number in range(6)
        for cell, entry in {
            "tiny-double-check": (2, None, False, None),
            "tiny-half-check": (0, None, False, "Not filled in yet."),
            "tiny-why": (None, None, True, None),
        }.items()
    }


@pytest.mark.thorough(only=True)
def test_a_job_that_kills_its_workers_is_told_and_the_others_come_back(address):
    found = {one.job.student: one for one in cluster.run(jobs("ann", "deadly", "bob"), die, address)}
    assert (found["ann"].text, found["bob"].text) == ("ANN", "BOB")
    assert found["deadly"].deadly and "died" in found["deadly"].fault


def test_a_worker_that_hangs_ends_itself():
    worker = get_context("spawn").Process(target=cluster._perform, args=(hang, "hung", {}, 1.0))
    worker.start()
    worker.join(60)
    assert worker.exitcode == 1
    assert cluster._perform(hang, "ann", {}, 0.2) == "ANN"
    time.sleep(0.4)  # and one that does not lives on


def test_a_result_that_dies_with_its_worker_is_made_again(address, monkeypatch):
    fetch = cluster._graded

    def fetch_too_late(job, future):
        monkeypatch.undo()
        (holder,) = future.client.who_has(future)[future.key]
        (number,) = future.client.run(os.getpid, workers=[holder]).values()
        os.kill(number, signal.SIGKILL)
        while holder in future.client.who_has(future)[future.key]:  # another may have made it again at once
            time.sleep(0.02)
        return fetch(job, future)

    monkeypatch.setattr(cluster, "_graded", fetch_too_late)
    assert [(one.text, one.fault) for one in cluster.run(jobs("ann"), die, address)] == [("ANN", "")]


def test_a_worker_that_cannot_grade_takes_no_jobs_and_is_named_once(address):
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(2)  # the test before has killed one
        old, *others = client.run(os.getpid).values()
    said = []
    found = cluster.run(jobs("ann", "bob", "eve", "kim"), where, address, unfit=partial(is_old, old), say=said.append)
    assert {one.text for one in found} <= set(map(str, others)) and len(said) == 1
    assert "takes no jobs: it has another version of the course." in said[0]
    with pytest.raises(CourseError, match="No worker can take jobs: it is old"):
        list(cluster.run(jobs("ann"), where, address, unfit=too_old, say=said.append))


def test_a_fault_of_a_worker_is_told(address):
    (found,) = cluster.run(jobs("ann"), fail, address)
    assert (found.text, found.fault, found.deadly) == ("", "RuntimeError: this machine is odd", False)


def test_a_worker_refuses_another_course_and_too_little_isolation(monkeypatch):
    plain = bundle.Bundle("01-tiny", {"cells": []}, {}, environment=bundle.environment())
    other = task.Task(replace(plain, environment="another").to_json(), "none")
    with pytest.raises(RuntimeError, match="another version of the course"):
        task.RemoteGrader(other)(Job("ann", {}))
    monkeypatch.setattr(task.proof, "best", lambda: "landlock")
    with pytest.raises(RuntimeError, match="at the level landlock, not bubblewrap"):
        task.RemoteGrader(task.Task(plain.to_json(), "bubblewrap"))(Job("ann", {}))


def test_a_cluster_that_does_not_answer_is_a_sentence(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    for address in ("tcp://127.0.0.1:9", "nowhere"):
        with pytest.raises(CourseError, match=f"No Dask scheduler with workers answers at {address}"):
            list(cluster.run(jobs("ann"), die, address))


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CourseError, match=r"pip install --editable '\.\[dask\]'"):
        list(cluster.run(jobs("ann"), die, "tcp://127.0.0.1:9"))
