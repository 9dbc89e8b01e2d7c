"""Start the warm process that runs submissions, shut in as far as this machine allows, and prove how far that is.

A level is what an escape test has shown and not what is installed. "bubblewrap": namespaces; a submission sees the
system's libraries, Python and the helpers, and no network, no other process and no other file. "landlock": for machines
that refuse namespaces, as most containers do; the kernel denies files, sockets and signals outside, but process numbers
are shared. "none": limits only, for people who trust the submissions.
"""

import atexit
import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from course.errors import CourseError
from course.grading.child.wire import Broken, Late, Wire
from course.grading.limits import Limits

LEVELS = ("bubblewrap", "landlock")
START_SECONDS = 120
GRACE_SECONDS = 3  # from an interrupt to the end
HERE = Path(__file__).resolve().parent
HELPERS = HERE.parent.parent / "helpers"
REFUSED = (
    "Submissions cannot be isolated on this machine, so they are not run. On Linux install bubblewrap (or use a kernel "
    "with Landlock, 6.12 or newer); on macOS and Windows grade in a Linux container (Docker, Podman) or under WSL 2. "
    "If you trust every submission as you trust yourself, add --trust-submissions."
)


class Unavailable(Exception):
    """The warm process could not be started, or died: a fault of the machine and not of a submission."""


class Fork:
    """One forked process: a wire to it, and a keeper that interrupts and ends it."""

    def __init__(self, wire: Wire, keeper: socket.socket, folder: str | None):
        self.wire, self.keeper, self.folder = wire, keeper, folder

    def interrupt(self) -> None:
        with contextlib.suppress(OSError):
            self.keeper.send(b"i")

    def close(self) -> None:
        """End the process and everything that it started, and wait until that is done."""
        self.wire.close()
        with contextlib.suppress(OSError):
            self.keeper.send(b"k")
            self.keeper.settimeout(10)
            while self.keeper.recv(4096):
                pass
        self.keeper.close()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


class Template:
    """The warm process; `fork` gives a process for one submission."""

    def __init__(self, level: str):
        """Start it.

        Raises:
            Unavailable: if it cannot be started at this level.
        """
        self.level = level
        self.room = tempfile.mkdtemp(prefix="grading-")
        os.chmod(self.room, 0o755)
        ours, theirs = socket.socketpair()
        self.control = ours
        try:
            _furnish(Path(self.room))
            command = [sys.executable, "-P", "-B", "-m", "child.template", str(theirs.fileno()), level]
            outside = _bubblewrap(self.room) if level == "bubblewrap" else []
            self.process = subprocess.Popen(
                [*outside, *command],
                pass_fds=[theirs.fileno()],
                env=_environment(self.room, level),
                cwd=self.room,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            self.close()
            raise Unavailable(str(error)) from None
        finally:
            theirs.close()
        ours.settimeout(START_SECONDS)
        try:
            ready = ours.recv(6)
        except OSError:
            ready = b""
        if ready != b"ready\n":
            self.process.kill()
            told = self.process.communicate()[1].decode(errors="replace").strip()
            self.close()
            raise Unavailable(told.splitlines()[-1] if told else "the process did not start")

    def fork(self, limits: Limits) -> Fork:
        """Start a process for one submission.

        Raises:
            Unavailable: if the warm process is dead.
        """
        keeper, their_keeper = socket.socketpair()
        wire, their_wire = socket.socketpair()
        folder = None if self.level == "bubblewrap" else tempfile.mkdtemp(prefix="submission-")
        bounds = {name: getattr(limits, name) for name in ("memory", "file_size", "processes", "disk")}
        order = {"level": self.level, "bounds": bounds, "threads": threads(), "folder": folder}
        try:
            handles = [their_keeper.fileno(), their_wire.fileno()]
            socket.send_fds(self.control, [json.dumps(order).encode()], handles)
        except OSError:
            raise Unavailable("the warm process has died") from None
        finally:
            their_keeper.close()
            their_wire.close()
        return Fork(Wire(wire), keeper, folder)

    def close(self) -> None:
        self.control.close()
        process = getattr(self, "process", None)
        if process is not None:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stderr.close()
        shutil.rmtree(self.room, ignore_errors=True)


def template(level: str) -> Template:
    """Return this process's warm process at a level, started anew if it has died.

    Raises:
        Unavailable: if it cannot be started.
    """
    found = _templates.get((os.getpid(), level))
    if found is None or found.process.poll() is not None:
        found = _templates[os.getpid(), level] = Template(level)
        atexit.register(_close, os.getpid(), found)
    return found


@functools.cache
def best() -> str:
    """Return the highest level that passes the escape test here; "none" if none does."""
    return next((level for level in LEVELS if not escapes(level)), "none")


def require(*, trusted: bool = False) -> str:
    """Return the level at which to run what strangers wrote.

    Raises:
        CourseError: if there is no isolation here and nobody said that the submissions are trusted.
    """
    level = best()
    if level == "none" and not trusted:
        raise CourseError(REFUSED)
    return level


def escapes(level: str) -> list[str]:
    """Run the escape test in a fork of the warm process; return what it could do, in words."""
    if level == "none":
        return ["there are no bounds"]
    try:
        with _target() as target:
            fork = template(level).fork(Limits())
            try:
                source = f"target = {target.told!r}\n" + (HERE / "child" / "escape.py").read_text(encoding="utf-8")
                fork.wire.send({"id": 0, "do": "cell", "source": source, "most": 100_000}, 10)
                answer = fork.wire.receive(60, also=fork.keeper)
            finally:
                fork.close()
            if answer.get("error") or answer.get("failed"):
                return [f"the escape test failed: {answer.get('error') or answer['failed']}"]
            said = [line for output in answer["outputs"] for line in output.get("text", "").splitlines()]
            return said[said.index("done") + 1 :] + target.seen() if "done" in said else ["the escape test ended early"]
    except (Unavailable, Broken, Late) as error:
        return [f"it did not start: {error}"]


def threads() -> int:
    """Return how many threads a submission starts with: what OMP_NUM_THREADS says, or one for each core."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return int(told) if told.isdigit() and int(told) else len(os.sched_getaffinity(0))


_templates: dict[tuple[int, str], Template] = {}


def _close(owner: int, started: Template) -> None:
    if os.getpid() == owner:
        started.close()


class _Target:
    """What the escape test aims at: a file, a port for each protocol, and this process."""

    def __init__(self, folder: str):
        self.folder = folder
        Path(folder, "secret").write_text("secret", encoding="utf-8")
        os.chmod(folder, 0o777)
        self.tcp, self.udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        for end in (self.tcp, self.udp):
            end.bind(("127.0.0.1", 0))
            end.setblocking(False)
        self.tcp.listen()
        self.told = {
            "folder": folder,
            "tcp": self.tcp.getsockname(),
            "udp": self.udp.getsockname(),
            "process": os.getpid(),
        }

    def seen(self) -> list[str]:
        """Return what arrived here, whatever the test itself says."""
        found = []
        with contextlib.suppress(BlockingIOError):
            self.tcp.accept()[0].close()
            found.append("it reached a TCP port")
        with contextlib.suppress(BlockingIOError):
            self.udp.recv(10)
            found.append("it reached a UDP port")
        if Path(self.folder, "left").exists():
            found.append("it left a file outside")
        return found


@contextlib.contextmanager
def _target():
    with tempfile.TemporaryDirectory(prefix="target-") as folder:
        target = _Target(folder)
        try:
            yield target
        finally:
            target.tcp.close()
            target.udp.close()


def _furnish(room: Path) -> None:
    """Put what a submission may read of this course into a folder: the helpers, and the code that runs it."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(HELPERS, room / "helpers", ignore=ignore)
    shutil.copytree(HERE / "child", room / "child", ignore=ignore)
    (room / "home").mkdir()


def _environment(room: str, level: str) -> dict[str, str]:
    inside = level == "bubblewrap"
    home = "/box/home" if inside else f"{room}/home"
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "TMPDIR": "/box/tmp" if inside else home,
        "PYTHONPATH": "/grader" if inside else room,
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    } | {name: os.environ[name] for name in ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA") if name in os.environ}


def _bubblewrap(room: str) -> list[str]:
    """Return the command that shuts in what follows it.

    Root keeps the right to become somebody else, for only then does the kernel count its processes.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise OSError("bubblewrap is not installed")
    words = [program, "--die-with-parent", "--new-session"]
    if os.geteuid() == 0:
        words += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
        words += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        words += ["--unshare-all"]
    for folder in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(folder):
            words += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            words += ["--ro-bind", folder, folder]
    for path in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/sys/devices/system/cpu"):
        words += ["--ro-bind-try", path, path]
    words += ["--perms", "1777", "--tmpfs", "/box", "--ro-bind", room, "/grader"]
    prefixes = [path for path in dict.fromkeys([sys.prefix, sys.base_prefix]) if not Path(path).is_relative_to("/usr")]
    for path in prefixes:
        for parent in list(reversed(Path(path).parents))[1:]:
            words += ["--perms", "0755", "--dir", str(parent)]
        words += ["--ro-bind", path, path]
    if not any(Path(path).is_relative_to("/tmp") for path in prefixes):
        words += ["--symlink", "/box/tmp", "/tmp"]
    return [
        *words,
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--remount-ro",
        "/dev",
        "--remount-ro",
        "/",
        "--chdir",
        "/grader",
        "--",
    ]
