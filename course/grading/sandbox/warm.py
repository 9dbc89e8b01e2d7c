"""Start the warm process that runs submissions, shut in at one of three levels.

"bubblewrap": namespaces; a submission sees the system's libraries, Python and the helpers, and no network, no other
process and no other file. "landlock": for machines that refuse namespaces, as most containers do; the kernel denies
files, sockets and signals outside, but process numbers are shared. "none": limits only, for people who trust the
submissions. `proof` tells which level a machine reaches.
"""

import atexit
import contextlib
import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from course.grading.limits import Limits
from course.grading.sandbox.child.wire import ENDED, KILLED, Wire

ROOM = "course-grading-"
START_SECONDS = 120
GRACE_SECONDS = 3  # from an interrupt to the end
BOUNDS = ("memory", "memory_together", "file_size", "processes", "sockets", "disk")  # what is kept on the inside
LACKING = {  # what the system says where the machine lacks something, and what helps
    os.strerror(errno.ENOSPC): "there is no room left in /tmp, or where TMPDIR is; make room there",
    "No usable temporary directory": "nothing can be written in /tmp, or where TMPDIR is; make room or rights there",
    os.strerror(errno.EDQUOT): "the quota of /tmp, or of where TMPDIR is, is used up; make room there",
    os.strerror(errno.EROFS): "/tmp, or where TMPDIR is, can only be read; set TMPDIR to a folder that can be written",
    os.strerror(errno.ENOMEM): "there is no memory left; end other programs, or grade with fewer --workers",
    "MemoryError": "there is no memory left; end other programs, or grade with fewer --workers",
    os.strerror(errno.EAGAIN): "no further process can be started; see 'ulimit -u' and the container's limit",
    "can't start new thread": "no further thread can be started; see 'ulimit -u' and the container's limit",
    os.strerror(errno.EMFILE): "too many files are open; see 'ulimit -n'",
    os.strerror(errno.ENFILE): "too many files are open on this machine; end other programs",
    "killed as it started": "a process was killed as it started; is there enough memory?",
}
KILLED_AT_START = "killed as it started"
HERE = Path(__file__).resolve().parent
COURSE = HERE.parent.parent.parent


class Unavailable(Exception):
    """The warm process could not be started, or died: a fault of the machine and not of a submission."""

    def __init__(self, told: str):
        super().__init__(lack(told) or told)


def lack(told: str) -> str:
    """Return what the machine lacks for now by what its system said, and what helps; nothing for another fault."""
    return next((sentence for said, sentence in LACKING.items() if said in told or sentence == told), "")


class Fork:
    """One forked process: a wire to it, and a keeper that interrupts and ends it."""

    def __init__(self, wire: Wire, keeper: socket.socket, folder: str | None):
        self.wire, self.keeper, self.folder = wire, keeper, folder
        self._last_word: bytes | None = None

    def interrupt(self) -> None:
        with contextlib.suppress(OSError):
            self.keeper.send(b"i")

    def fate(self) -> str:
        """End a process that is silent; return what kept it from starting, or how it ended: see `wire`.

        A keeper that is gone without a word was killed itself.
        """
        return self._end(b"w").decode("utf-8", "replace")

    def close(self) -> None:
        """End the process and everything that it started, and wait until that is done."""
        self.wire.close()
        self._end(b"k")
        self.keeper.close()
        if self.folder:
            _remove(self.folder)

    def _end(self, word: bytes) -> bytes:
        if self._last_word is None:
            told = []
            with contextlib.suppress(BrokenPipeError):
                self.keeper.send(word)
            try:
                self.keeper.settimeout(10)
                while piece := self.keeper.recv(4096):
                    told.append(piece)
                self._last_word = b"".join(told) or KILLED
            except ConnectionError:
                self._last_word = b"".join(told) or KILLED
            except OSError:  # it hangs
                self._last_word = ENDED
        return self._last_word


class Template:
    """The warm process; `fork` gives a process for one submission."""

    def __init__(self, level: str):
        """Start it.

        Raises:
            Unavailable: if it cannot be started at this level.
        """
        self.level = level
        _clear_rooms()
        self.room = _room()
        ours, theirs = _pair()
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
            raise Unavailable(self._last_line())
        self.user = int(ready.split()[1])  # as whom submissions run

    def _last_line(self) -> str:
        """End a process that has not become ready, and return why, as far as it told."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        code = self.process.poll()
        self.process.kill()
        told = self.process.communicate()[1].decode(errors="replace").strip()
        self.close()
        if told:
            return told.splitlines()[-1]
        return KILLED_AT_START if code in (-signal.SIGKILL, 128 + signal.SIGKILL) else "the process did not start"

    def fork(self, limits: Limits) -> Fork:
        """Start a process for one submission.

        Raises:
            Unavailable: if the warm process is dead, or the machine lacks something.
        """
        folder = None if self.level == "bubblewrap" else _room()
        if folder and self.user != os.geteuid():
            os.chown(folder, self.user, -1)
        (keeper, their_keeper), (wire, their_wire) = _pair(), _pair()
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


def _room() -> str:
    """Make a folder of this process's own for a warm process or for one submission.

    Raises:
        Unavailable: if there is no place for one.
    """
    try:
        return tempfile.mkdtemp(prefix=f"{ROOM}{os.getpid()}-")
    except OSError as error:
        raise Unavailable(str(error)) from None


def _pair() -> tuple[socket.socket, socket.socket]:
    try:
        return socket.socketpair()
    except OSError as error:
        raise Unavailable(str(error)) from None


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
    """Put what a submission may read of this course into a folder: helpers, checks, and the code that runs it.

    Whoever runs it may read all of it, whatever rights the course's own files have.
    """
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("helpers", "checks"):
        shutil.copytree(COURSE / name, room / name, ignore=ignore)
    shutil.copytree(HERE / "child", room / "child", ignore=ignore)
    (room / "home").mkdir()
    for path in (room, *room.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


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
    words += ["--perms", "0755", "--dir", "/etc"]
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
