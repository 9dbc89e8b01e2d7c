"""How well this machine isolates a submission: what an escape test has shown, and not what is installed."""

import contextlib
import functools
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from course.errors import CourseError
from course.grading.limits import Limits
from course.grading.sandbox import warm
from course.grading.sandbox.child.wire import Broken, Late

LEVELS = ("bubblewrap", "landlock")
REFUSED = "Submissions cannot be isolated on this machine, so they are not run. "
ELSEWHERE = "On macOS and Windows grade in a Linux container (Docker, Podman) or under WSL 2."
ON_LINUX = "It takes bubblewrap, or a kernel with Landlock (6.12 or newer)."
WEAKER = {
    "landlock": "Submissions are isolated by Landlock, which shares more of this machine than bubblewrap does. {0}",
    "none": "Submissions are not isolated: each runs as any program that you start. {0}",
}


def best() -> str:
    """Return the highest level that passes the escape test here; "none" if none does.

    Raises:
        CourseError: if the machine lacks something for now, so that it cannot be told.
    """
    return next((level for level, why in tried().items() if not why), "none")


@functools.cache
def tried() -> dict[str, str]:
    """Return the levels from the highest down to the first that holds, and of each why it does not, if so.

    Raises:
        CourseError: if the machine lacks something for now: that makes no level weaker.
    """
    found = {}
    for level in LEVELS if sys.platform.startswith("linux") else ():
        found[level] = "; ".join(escapes(level, for_now=True))
        if not found[level]:
            break
    return found


def require(*, trusted: bool = False, say: Callable[[str], None] = lambda line: None) -> str:
    """Return the level at which to run what strangers wrote.

    Args:
        trusted: whether they may run where nothing isolates them.
        say: takes a line where the level is not the highest, with the reason.

    Raises:
        CourseError: if there is no isolation here and nobody said that the submissions are trusted.
    """
    level = best()
    if level == "none" and not trusted:
        raise CourseError(REFUSED + (f"{ON_LINUX} {_reasons()}" if sys.platform.startswith("linux") else ELSEWHERE))
    if level in WEAKER:
        say("! " + WEAKER[level].format(_reasons()).strip())
    return level


def _reasons() -> str:
    """Return a sentence for each level that does not hold here."""
    return " ".join(f"{level.capitalize()}: {why}." for level, why in tried().items() if why)


def escapes(level: str, *, for_now: bool = False) -> list[str]:
    """Run the escape test in a fork of the warm process; return what it could do, in words.

    Raises:
        CourseError: with `for_now`, if it could not be run since the machine lacks something.
    """
    try:
        with _target() as target:
            fork = warm.template(level).fork(Limits())
            try:
                source = f"target = {target.told!r}\n" + (warm.HERE / "child" / "escape.py").read_text(encoding="utf-8")
                fork.wire.send({"id": 0, "do": "cell", "source": source, "most": 100_000}, 10)
                answer = fork.wire.receive(60, also=fork.keeper)
            finally:
                fork.close()
            if answer.get("error") or answer.get("failed"):
                return [f"the escape test failed: {answer.get('error') or answer['failed']}"]
            said = [line for output in answer["outputs"] for line in output.get("text", "").splitlines()]
            return said[said.index("done") + 1 :] + target.seen() if "done" in said else ["the escape test ended early"]
    except (warm.Unavailable, OSError) as error:
        lack = warm.lack(str(error))
        if lack and for_now:
            raise CourseError(f"Submissions are not run: {lack}. Then run the same command again.") from None
        return [f"it did not start: {error}"]
    except (Broken, Late):
        return ["it did not start"]


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
            "course": str(warm.COURSE / "solutions"),
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
        if os.stat(self.folder).st_mode & 0o777 != 0o777:
            found.append("it changed the rights of a folder outside")
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
