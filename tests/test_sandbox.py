"""Isolation: each level is what the escape test shows, and a fork has the limits that it was given."""

import contextlib
import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from course.errors import CourseError
from course.grading.limits import Limits
from course.grading.running.session import Died, Killed, Session, Stuck
from course.grading.sandbox import proof, warm
from course.grading.sandbox.child import template
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
SOCKET = "import socket\none = socket.socket(socket.AF_UNIX)\n"
FILL = """
import ctypes, os, socket, threading, time
def fill(one):
    one.setblocking(False)
    try:
        while True:
            one.send(b"x" * 2**16)
    except OSError:
        pass
def pairs():
    held = []
    while len(held) < 400:
        held += socket.socketpair()
        fill(held[-1])
    time.sleep(9)
"""
PAIRS = (
    FILL
    + """
for _ in range(20):
    if os.fork() == 0:
        pairs()
time.sleep(9)
"""
)
WAITING = (
    FILL
    + """
held = []
for number in range(4):
    held.append(socket.socket(socket.AF_UNIX))
    held[-1].bind(str(number))
    held[-1].listen(128)
    for _ in range(128):
        one = socket.socket(socket.AF_UNIX)
        one.connect(str(number))
        fill(one)
        one.close()
time.sleep(9)
"""
)
OWN_TABLES = (
    FILL
    + """
def hide():
    ctypes.CDLL(None).syscall(436, 60, 2**32 - 1, 2)  # close_range, with a table of files of its own
    pairs()
threading.Thread(target=hide).start()
time.sleep(9)
"""
)
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
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(CourseError, match="macOS and Windows grade in a Linux container"):
        proof.require()
    assert proof.require(trusted=True) == "none"


@pytest.fixture
def untried():
    proof.tried.cache_clear()
    yield
    proof.tried.cache_clear()


def test_a_level_below_the_best_is_a_line_with_the_reason(monkeypatch, untried):
    found = {"bubblewrap": ["it did not start: bubblewrap is not installed"], "landlock": []}
    monkeypatch.setattr(proof, "escapes", lambda level, **_: found[level])
    said = []
    assert proof.require(say=said.append) == "landlock"
    assert len(said) == 1 and "Landlock, which shares more" in said[0] and "bubblewrap is not installed" in said[0]
    found["landlock"] = ["it did not start: Landlock is too old here"]
    proof.tried.cache_clear()
    with pytest.raises(CourseError, match=r"bubblewrap is not installed.*Landlock is too old here"):
        proof.require()
    proof.require(trusted=True, say=said.append)
    assert "not isolated" in said[1]


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (errno.ENOSPC, "no room left in /tmp"),
        (errno.ENOMEM, "no memory left"),
        (errno.EAGAIN, "no further process can be started"),
        (errno.EMFILE, "too many files are open"),
        (errno.EROFS, "can only be read"),
    ],
)
@pytest.mark.parametrize("place", ["tempfile.mkdtemp", "subprocess.Popen", "socket.socketpair"])
def test_what_the_machine_lacks_is_named_and_makes_no_level_weaker(number, cause, place, monkeypatch, untried):
    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(warm, "_templates", {})
    monkeypatch.setattr(place, fail)
    with pytest.raises(CourseError, match=cause) as stopped:
        proof.require(trusted=True)
    assert not re.search("bubblewrap|Landlock|trust", str(stopped.value))


def test_a_warm_process_that_tells_of_a_want_in_its_last_line_names_it_too():
    assert "no memory left" in str(warm.Unavailable("OSError: [Errno 12] Cannot allocate memory"))
    assert "enough memory?" in str(warm.Unavailable(warm.KILLED_AT_START))
    assert str(warm.Unavailable("bubblewrap is not installed")) == "bubblewrap is not installed"


@pytest.mark.parametrize("inside", [True, False])
def test_what_root_alone_can_read_is_named_and_nothing_runs_as_root(inside, monkeypatch, tmp_path):
    became = []
    for name in ("setgroups", "setresgid", "setresuid"):
        monkeypatch.setattr(template.os, name, lambda *numbers: became.append(numbers))
    closed = tmp_path / "venv" if inside else tmp_path
    monkeypatch.setattr(template.os, "access", lambda path, _: Path(path) != closed)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    monkeypatch.setattr(sys, "path", ["/"])
    with pytest.raises(SystemExit, match="for root alone, and no submission runs as root") as stopped:
        template.become_nobody()
    assert became == [([],), (65534,) * 3, (65534,) * 3]
    assert (f"chmod -R a+rX {tmp_path / 'venv'}" in str(stopped.value)) == inside


def test_where_root_can_become_nobody_else_nothing_runs(monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(template.os, "setgroups", refuse)
    with pytest.raises(SystemExit, match="root cannot become another user"):
        template.become_nobody()


def test_what_a_submission_reads_is_readable_under_any_umask(monkeypatch, tmp_path):
    for name in ("helpers", "checks"):
        (tmp_path / "course" / name).mkdir(parents=True)
        (tmp_path / "course" / name / "a.py").touch()
    for path in (tmp_path / "course").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    monkeypatch.setattr(warm, "COURSE", tmp_path / "course")
    (tmp_path / "room").mkdir()
    before = os.umask(0o077)
    try:
        warm._furnish(tmp_path / "room")
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "room").rglob("*")} == {0o755, 0o644}


def test_no_submission_runs_as_root(level):
    with session(level) as started:
        assert run(started, "import os\nprint(os.getuid(), os.geteuid(), os.getgid())").split()[:2] != ["0", "0"]


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
        if level == "bubblewrap":
            assert run(started, forks).startswith("BlockingIOError")
        else:  # the kernel counts all processes of this user, and the keeper those of the submission
            with contextlib.suppress(Died):
                assert run(started, forks).startswith("BlockingIOError")


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


@pytest.mark.parametrize("source", [PAIRS, WAITING, OWN_TABLES], ids=["pairs", "waiting", "a thread's own table"])
def test_sockets_are_limited_for_all_processes_together(level, source):
    with session(level) as started, pytest.raises(Died):
        run(started, source)


def test_no_socket_holds_more_than_others(level):
    with session(level) as started:
        for refused in ("socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)", "one.listen(1000)"):
            assert "Operation not permitted" in run(
                started, f"{SOCKET}one.bind('x') if 'one' in '{refused}' else 0\n{refused}"
            )
        size = "one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**22)\n"
        assert (
            run(started, f"{SOCKET}{size}print(one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) < 2**21)")
            == "True\n"
        )
        assert run(started, "import ctypes\nprint(ctypes.CDLL(None).prctl(4, 0, 0, 0, 0))") == "-1\n"


def test_event_loops_and_pipes_of_processes_work(level):
    source = "import multiprocessing, selectors, asyncio\none, other = multiprocessing.Pipe()\none.send([1])\n"
    source += "loop = asyncio.new_event_loop()\nprint(other.recv(), loop.run_until_complete(asyncio.sleep(0, 2)))"
    with session(level) as started:
        assert run(started, source) == "[1] 2\n"


def test_temporary_files_and_workers_that_send_tensors_work(level):
    source = "import tempfile, torch\nfrom torch.utils.data import DataLoader\n"
    source += "with tempfile.TemporaryDirectory() as folder:\n    open(folder + '/a', 'w').close()\n"
    source += "print(sum(int(part.sum()) for part in DataLoader(torch.arange(9), 4, num_workers=1, timeout=15)))"
    with session(level) as started:
        assert run(started, source) == "36\n"


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
        source = "import os, time\nif open('a', 'wb').write(os.urandom(2**25)):\n    time.sleep(9)"
        if level == "bubblewrap":
            assert "No space left" in run(started, source)
        else:  # the keeper looks at it
            with pytest.raises(Died):
                run(started, source)


def test_the_number_of_files_is_limited(level):
    source = "import time\nfor n in range(60_000):\n    open(f'{n}', 'w').close()\nelse:\n    time.sleep(9)"
    with session(level) as started:
        if level == "bubblewrap":
            assert "No space left" in run(started, source)
        else:
            with pytest.raises(Died):
                run(started, source)


def test_a_death_from_outside_is_told_from_one_of_its_own(level):
    before = processes_below(warm.template(level).process.pid)
    with session(level) as started:
        (inner,) = processes_below(warm.template(level).process.pid) - before - keepers(level)
        os.kill(inner, signal.SIGKILL)
        with pytest.raises(Killed):
            run(started, "print(1)")
    for own in ("import os\nos._exit(137)", "import ctypes\nctypes.string_at(0)", "import os\nos.closerange(3, 99)"):
        with session(level) as started, pytest.raises(Died):
            run(started, own)


def keepers(level: str) -> set[int]:
    """Return the processes that have children of their own: bubblewrap's, the warm process, keepers."""
    return {one for one in processes_below(warm.template(level).process.pid) if len(processes_below(one)) > 1}


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


def test_a_grader_that_is_killed_leaves_neither_processes_nor_folders(level, tmp_path, request):
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
    scratch = Path(tempfile.mkdtemp())
    scratch.chmod(0o755)
    request.addfinalizer(lambda: shutil.rmtree(scratch))
    command, settings = [sys.executable, "-c", script], {**os.environ, "TMPDIR": str(scratch), "PYTHONPATH": str(ROOT)}
    grader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=settings, cwd=tmp_path)
    started = int(grader.stdout.readline())
    below = processes_below(started)
    assert len(below) > 3 and list(scratch.glob("course-grading-*"))
    grader.kill()
    grader.communicate()
    end = time.monotonic() + 10
    while any(Path(f"/proc/{number}/cmdline").exists() and number in processes_below(number) for number in below):
        if time.monotonic() > end:
            raise AssertionError(f"still there: {below}")
        time.sleep(0.05)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(scratch))
        warm._clear_rooms()
    assert not list(scratch.glob("course-grading-*"))
