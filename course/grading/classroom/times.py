"""When a submission was handed in, as far as anybody can know.

A student's own computer writes timestamp.txt and the time of a file's last change, so both can say anything. The moment
at which a file came to lie where it lies is set by the kernel of the machine that collects. It is the latest moment at
which the submission can have been handed in.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from course.grading.submission import collect

LONGEST_STAMP = 100  # bytes


@dataclass(frozen=True)
class Times:
    """What is known of a submission; all times are in UTC.

    Attributes:
        claimed: what timestamp.txt says, or None: written on the student's side.
        saved: the last change of any file, or None: copied along with the file, so set on the student's side, too.
        collected: when the newest file came to lie here, or None for an empty folder: nobody can set it back.
    """

    claimed: datetime | None
    saved: datetime | None
    collected: datetime | None

    def about(self, deadline: datetime) -> str:
        """Return a sentence on whether it was late, or nothing if it was certainly in time."""
        if self.collected is None or self.collected <= deadline:
            return ""
        said = [time for time in (self.claimed, self.saved) if time is not None]
        if said and max(said) > deadline:
            return f"Handed in late: its own files say {max(said):%Y-%m-%d %H:%M} UTC."
        return (
            f"It lies here since {self.collected:%Y-%m-%d %H:%M} UTC, after the deadline. Its own files name an "
            "earlier time, which a student can set; what counts is when your exchange or learning platform received it."
        )


def known(folder: Path) -> Times:
    """Return what can be known of the submission that lies in a folder."""
    found = list(_files(folder))
    saved = max((one.st_mtime for one in found), default=None)
    collected = max((one.st_ctime for one in found), default=None)
    return Times(_claimed(folder / "timestamp.txt"), _moment(saved), _moment(collected))


def _files(folder: Path) -> Iterator[os.stat_result]:
    """Yield what the disk knows of each file, as deep in the folder as a submission is read."""
    for inside, folders, names, handle in os.fwalk(folder):
        if len(Path(inside).relative_to(folder).parts) >= collect.DEEPEST:
            folders.clear()
        for name in names:
            with contextlib.suppress(OSError):
                yield os.stat(name, dir_fd=handle, follow_symlinks=False)


def _claimed(path: Path) -> datetime | None:
    """Return what a timestamp.txt says, if it is a file and says a time."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LONGEST_STAMP:
            return None
        return parse_utc(path.read_text(encoding="utf-8").strip()).replace(tzinfo=UTC)
    except (OSError, ValueError, OverflowError):
        return None


def _moment(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
