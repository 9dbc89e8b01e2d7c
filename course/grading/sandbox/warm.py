"""Start the warm process that runs submissions, shut in at one of three levels.

"bubblewrap": namespaces; a submission sees the system's libraries, Python and the helpers, and no network, no other
process and no other file. "landlock": for machines that refuse namespaces, as most containers do; the kernel denies
files, sockets and signals outside, but process numbers are shared. "none": limits only, for people who trust the
submissions. `proof` tells which level a machine reaches.
"""

import atexit
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from course.grading.limits import Limits
from course.grading.sandbox.child.wire import Wire

ROOM = "course-grading-"
START_SECONDS = 120
GRACE_SECONDS = 3  # from an interrupt to the end
BOUNDS = ("memory", "memory_together", "file_size", "processes", "disk")  # what is kept on the inside
HERE = Path(__file__).resolve().parent
COURSE = HERE.parent.parent.parent


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
            _remove(self.folder)


class Template:
    """The warm process; `fork` gives a process for one submission."""

    def __init__(self, level: str):
        """Start it.

        Raises:
            Unavailable: if it cannot be started at this level.
        """
        self.level = level
        _clear_rooms()
        self.room = tempfile.mkdtemp(prefix=f"{ROOM}{os.getpid()}-")
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
            ready = ours.recv(20)
        except OSError:
            ready = b""
        if not ready.startswith(b"ready"):
            self.process.kill()
            told = self.process.communicate()[1].decode(errors="replace").strip()
            self.close()
            raise Unavailable(told.splitlines()[-1] if told else "the process did not start")
        self.user = int(ready.split()[1])  # as whom submissions run

    def fork(self, limits: Limits) -> Fork:
        """Start a process for one submission.

        Raises:
            Unavailable: if the warm process is dead.
        """
        keeper, their_keeper = socket.socketpair()
        wire, their_wire = socket.socketpair()
        folder = None if self.level == "bubblewrap" else tempfile.mkdtemp(prefix=f"{ROOM}{os.getpid()}-")
        if folder and self.user != os.geteuid():
            os.chown(folder, self.user, -1)
        bounds = {name: getattr(limits, name) for name in BOUNDS}
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
        _remove(self.room)


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


def threads() -> int:
    """Return how many threads a submission starts with: what OMP_NUM_THREADS says, or one for each core."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return int(told) if told.isdigit() and int(told) else len(os.sched_getaffinity(0))


_templates: dict[tuple[int, str], Template] = {}


def _close(owner: int, started: Template) -> None:
    if os.getpid() == owner:
        started.close()


def _clear_rooms() -> None:
    """Remove what graders that were killed have left in the folder for temporary files."""
    for room in Path(tempfile.gettempdir()).glob(f"{ROOM}*-*"):
        owner = room.name.removeprefix(ROOM).split("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            _remove(room)


def _remove(folder: str | Path) -> None:
    """Remove a folder that strangers have filled: nested deeper than Python can follow, or with rights taken away."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
    for words in (["/bin/chmod", "-R", "u+rwX"], ["/bin/rm", "-rf"]):
        if os.path.lexists(folder):
            subprocess.run([*words, "--", str(folder)], **quiet)


def _furnish(room: Path) -> None:
    """Put what a submission may read of this course into a folder: helpers, checks, and the code that runs it."""
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("helpers", "checks"):
        shutil.copytree(COURSE / name, room / name, ignore=ignore)
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
