"""Isolation: each level is what the escape test shows, and a fork has the limits that it was given."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from course.errors import CourseError
from course.grading.limits import Limits
from course.grading.running.session import Died, Session, Stuck
from course.grading.sandbox import proof, warm
from tests.samples import ROOT, processes_below

FORKS = """
import os, time
for _ in range({count}):
    if os.fork() == 0:
        {work}
        time.sleep({seconds})
        os._exit(0)
time.sleep(1)
"""
LIBRARY = """
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
if libc.{0} < 0:
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""


@pytest.fixture(scope="module", params=proof.LEVELS)
def level(request) -> str:
    found = proof.escapes(request.param)
    if found:
        pytest.skip(f"{request.param}: {found[0]}")
    return request.param


def session(level: str, seconds: float = 20, **limits) -> Session:
    return Session(level, Limits(cell_seconds=seconds, **limits), time.monotonic() + 60)


def run(started: Session, source: str) -> str:
    """Run a cell; return its error, or what it printed."""
    answer, _ = started.ask({"do": "cell", "source": source, "most": 10_000})
    return ": ".join(answer["error"]) if answer["error"] else "".join(out.get("text", "") for out in answer["outputs"])


def test_without_bounds_the_escape_test_says_what_it_could_do():
    found = proof.escapes("none")
    assert {"it read a file outside", "it wrote a file outside", "it can signal the grader"} <= set(found)
    assert {
        "it reached a TCP port",
        "it reached a UDP port",
        "it left a file outside",
        "it can read the course",
    } <= set(found)


def test_a_level_that_is_not_there_is_not_claimed(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(warm, "_templates", {})
    assert "bubblewrap is not installed" in proof.escapes("bubblewrap")[0]


def test_strangers_are_refused_where_nothing_isolates_them(monkeypatch):
    monkeypatch.setattr(proof, "best", lambda: "none")
    with pytest.raises(CourseError, match="macOS and Windows grade in a Linux container.*--trust-submissions"):
        proof.require()
    assert proof.require(trusted=True) == "none"


def test_one_submission_finds_nothing_of_another(level):
    with session(level) as one:
        assert run(one, "import builtins, torch\nbuiltins.mine = torch.mine = 1\nopen('left', 'w').write('x')") == ""
        with session(level) as other:
            assert run(other, "import os, torch\nprint(os.listdir('.'), hasattr(torch, 'mine'))") == "[] False\n"


def test_memory_files_and_processes_are_limited(level):
    with session(level, memory=2**30, file_size=2**20, processes=30) as started:
        assert run(started, "held = bytearray(2**31)").startswith("MemoryError")
        assert "File too large" in run(started, "with open('x', 'wb') as file:\n    file.write(bytes(2**21))")
        forks = FORKS.format(count=100, work="pass", seconds=9)
        if warm.template(level).user:
            assert run(started, forks).startswith("BlockingIOError")
        else:  # the kernel counts no processes of root, but the keeper does
            with pytest.raises(Died):
                run(started, forks)


@pytest.mark.parametrize(
    "source",
    [
        FORKS.format(count=4, work="held = b'x' * 2**27", seconds=9),
        "import mmap, time\nheld = mmap.mmap(-1, 2**29)\nheld.write(b'x' * 2**29)\ntime.sleep(9)",
    ],
    ids=["several processes", "shared memory"],
)
def test_memory_is_limited_for_all_processes_together(level, source):
    with session(level, memory=2**30, memory_together=2**28) as started, pytest.raises(Died):
        run(started, source)


def test_processes_that_share_little_memory_are_left_alone(level):
    with session(level, memory_together=2**28) as started:
        assert run(started, FORKS.format(count=20, work="pass", seconds=1)) == ""
        assert run(started, "import os\nfor _ in range(20):\n    os.wait()") == ""


def test_what_forks_have_in_common_counts_once(level):
    with session(level, memory_together=2**29) as started:
        run(started, "held = bytearray(b'x') * (150 * 2**20)")
        assert run(started, FORKS.format(count=6, work="pass", seconds=1)) == ""
        assert run(started, "import os\nfor _ in range(6):\n    os.wait()") == ""


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.memfd_create('x')",
        "import os, resource\nresource.prlimit(os.getppid() or 1, resource.RLIMIT_CPU, (1, 1))",
        "import os\nos.setpriority(os.PRIO_PROCESS, os.getppid() or 1, 19)",
        "import os\nos.sched_setaffinity(os.getppid() or 1, {0})",
        "import socket\nsocket.socket(40)",
        LIBRARY.format("unshare(0x10000000)"),
        LIBRARY.format("shmget(0, 4096, 0o1600)"),
        LIBRARY.format("syscall(425, 8, ctypes.create_string_buffer(200))"),
        LIBRARY.format("syscall(250 if platform.machine() == 'x86_64' else 219, 0, -3, 0)"),
    ],
    ids=["memfd", "limits", "priority", "affinity", "vsock", "namespace", "shared memory", "io_uring", "keys"],
)
def test_calls_that_lead_past_the_bounds_are_refused(level, source):
    with session(level) as started:
        assert "Operation not permitted" in run(started, source)


def test_threads_processes_and_own_limits_work(level):
    with session(level) as started:
        work = "import threading, subprocess, resource, os\nt = threading.Thread(target=print)\nt.start()\nt.join()\n"
        work += (
            "resource.setrlimit(resource.RLIMIT_CPU, (100, 100))\nos.sched_setaffinity(0, os.sched_getaffinity(0))\n"
        )
        assert "two" in run(started, work + "print(subprocess.run(['echo', 'two'], capture_output=True).stdout)")


def test_a_folder_that_is_nested_deeper_than_python_can_follow_is_removed(level):
    with session(level) as started:
        run(started, "import os\nfor _ in range(1500):\n    os.mkdir('d')\n    os.chdir('d')")
        folder = started.fork.folder
    assert folder is None or not os.path.lexists(folder)


def test_the_disk_is_limited(level):
    with session(level, disk=2**24) as started:
        source = "import os, time\nopen('a', 'wb').write(os.urandom(2**25))\ntime.sleep(9)"
        if level == "bubblewrap":
            assert "No space left" in run(started, source)
        else:  # the keeper looks at it
            with pytest.raises(Died):
                run(started, source)


def test_the_number_of_files_is_limited(level):
    source = "import time\nfor n in range(60_000):\n    open(f'{n}', 'w').close()\ntime.sleep(9)"
    with session(level) as started:
        if level == "bubblewrap":
            assert "No space left" in run(started, source)
        else:
            with pytest.raises(Died):
                run(started, source)


def test_a_dead_process_is_told_from_a_slow_one(level):
    with session(level) as started, pytest.raises(Died):
        run(started, "import os\nos._exit(3)")
    with session(level, seconds=0.3) as started:
        _, late = started.ask({"do": "cell", "source": "while True: pass", "most": 100})
        assert late and run(started, "print('goes on')") == "goes on\n"


def test_what_ignores_an_interrupt_is_stuck(level, monkeypatch):
    monkeypatch.setattr(warm, "GRACE_SECONDS", 0.3)
    source = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    with session(level, seconds=0.3) as started, pytest.raises(Stuck):
        started.ask({"do": "cell", "source": source, "most": 100})


def test_the_warm_process_comes_back_when_it_has_died(level):
    started = warm.template(level)
    started.process.kill()
    started.process.wait()
    with session(level) as started:
        assert run(started, "print(6 * 7)") == "42\n"


def test_no_graphics_card_was_touched_before_the_fork(level):
    with session(level) as started:
        assert run(started, "import torch\nprint(torch.cuda.is_initialized())") == "False\n"


def test_a_grader_that_is_killed_leaves_neither_processes_nor_folders(level, tmp_path):
    script = f"""
import time
from course.grading.sandbox import warm
from course.grading.limits import Limits
fork = warm.template({level!r}).fork(Limits())
sleeper = "[sys.executable, '-c', 'import time; time.sleep(9)']"
source = "import subprocess, sys\\nsubprocess.Popen(" + sleeper + ")\\nwhile True: pass"
fork.wire.send(dict(id=1, do="cell", source=source, most=9))
time.sleep(1)
print(warm.template({level!r}).process.pid, flush=True)
time.sleep(99)
"""
    command, settings = [sys.executable, "-c", script], {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    grader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=settings, cwd=tmp_path)
    started = int(grader.stdout.readline())
    below = processes_below(started)
    assert len(below) > 3 and list(tmp_path.glob("course-grading-*"))
    grader.kill()
    grader.communicate()
    end = time.monotonic() + 10
    while any(Path(f"/proc/{number}/cmdline").exists() and number in processes_below(number) for number in below):
        if time.monotonic() > end:
            raise AssertionError(f"still there: {below}")
        time.sleep(0.05)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path))
        warm._clear_rooms()
    assert not list(tmp_path.glob("course-grading-*"))
