"""How well this machine isolates a submission: what an escape test has shown, and not what is installed."""

import contextlib
import functools
import os
import socket
import sys
import tempfile
from pathlib import Path

from course.errors import CourseError
from course.grading.limits import Limits
from course.grading.sandbox import warm
from course.grading.sandbox.child.wire import Broken, Late

LEVELS = ("bubblewrap", "landlock")
REFUSED = (
    "Submissions cannot be isolated on this machine, so they are not run. On Linux install bubblewrap (or use a kernel "
    "with Landlock, 6.12 or newer); on macOS and Windows grade in a Linux container (Docker, Podman) or under WSL 2. "
    "If you trust every submission as you trust yourself, add --trust-submissions."
)


@functools.cache
def best() -> str:
    """Return the highest level that passes the escape test here; "none" if none does."""
    if not sys.platform.startswith("linux"):
        return "none"
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
    except (warm.Unavailable, Broken, Late) as error:
        return [f"it did not start: {error}"]


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
