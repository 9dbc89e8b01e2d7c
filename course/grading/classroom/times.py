"""When a submission was handed in, as far as anybody can know.

A student's own computer writes timestamp.txt and the time of a file's last change, so both can say anything. The moment
at which a file came to lie where it lies is set by the kernel of the machine that collects. It is the latest moment at
which the submission can have been handed in.
"""

import contextlib
import os
import re
import zoneinfo
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, partial
from itertools import product
from pathlib import Path

from dateutil.parser import parse

from course.grading.submission import collect
from course.grading.submission.names import visible

TIMESTAMP = "timestamp.txt"  # from `nbgrader submit`, in the exchange's own time zone
LONGEST_STAMP = 100  # bytes
BESIDE_UTC = re.compile(r"(?:UTC|GMT)(?=[+-]\d)")  # of UTC+2, which dateutil would read as west of Greenwich
COUNTS = "what counts is when your exchange or learning platform received it."


@dataclass(frozen=True)
class Times:
    """What is known of a submission; all times are in UTC.

    Attributes:
        claimed: what timestamp.txt says, or None: written on the student's side.
        saved: the last change of any file, or None: copied along with the file, so set on the student's side, too.
        collected: when the newest file came to lie here, or None for an empty folder: nobody can set it back.
        unclear: what timestamp.txt says where nobody can tell which moment that is, or nothing.
    """

    claimed: datetime | None
    saved: datetime | None
    collected: datetime | None
    unclear: str = ""

    def about(self, deadline: datetime) -> str:
        """Return a sentence on whether it was late, or nothing if it was certainly in time."""
        if self.collected is None or self.collected <= deadline:
            return ""
        if self.claimed is not None and self.claimed > deadline:
            return f"Handed in late: its timestamp.txt says {self.claimed:%Y-%m-%d %H:%M} UTC."
        since = f"It lies here since {self.collected:%Y-%m-%d %H:%M} UTC, after the deadline."
        if self.unclear:
            return f"{since} Its timestamp.txt says “{self.unclear}”, which is no one moment: no penalty, and {COUNTS}"
        if self.claimed is None and (self.saved is None or self.saved > deadline):
            return f"{since} Nothing beside it says when it was handed in; {COUNTS}"
        return f"{since} Its own files name an earlier time, which a student can set; {COUNTS}"


def known(folder: Path, here: str = "") -> Times:
    """Return what can be known of the submission that lies in a folder, handed in where `here` is the time zone."""
    found = list(_files(folder))
    saved = max((one.st_mtime for one in found), default=None)
    collected = max((one.st_ctime for one in found), default=None)
    stamp = _stamp(folder)
    claimed = read(stamp, here)
    return Times(claimed, _moment(saved), _moment(collected), "" if claimed else visible(stamp))


def _files(folder: Path) -> Iterator[os.stat_result]:
    """Yield what the disk knows of each file, as deep in the folder as a submission is read."""
    for inside, folders, names, handle in os.fwalk(folder):
        if len(Path(inside).relative_to(folder).parts) >= collect.DEEPEST:
            folders.clear()
        for name in names:
            with contextlib.suppress(OSError):
                yield os.stat(name, dir_fd=handle, follow_symlinks=False)


def read(stamp: str, here: str = "") -> datetime | None:
    """Return the moment that a date and time of day name, in UTC, or None if that is none or one of several.

    Args:
        stamp: such as "2026-07-01 12:00:00.0 CEST", with an offset, a zone of the tz database, its abbreviation, or
            nothing behind it.
        here: the zone in which it was written, if that is known: it says what its own abbreviations mean.
    """
    time, _, name = stamp.rpartition(" ")
    own = _zones().get(here, UTC)
    if "/" in name and name in _zones():
        own = _zones()[name]
    else:
        time = BESIDE_UTC.sub("", stamp.upper())
    defaults = datetime(1, 1, 1), datetime(2, 2, 2, 2)  # of what is missing
    try:
        moment, other = (parse(time, default=one, tzinfos=partial(_offset, own)) for one in defaults)
        return moment.replace(tzinfo=moment.tzinfo or own).astimezone(UTC) if moment == other else None
    except (ValueError, OverflowError):
        return None


def _offset(own: tzinfo, name: str | None, seconds: int | None) -> int | tzinfo | None:
    """Return what a zone's name or its offset means to dateutil.

    Raises:
        ValueError: if no zone has this abbreviation, or several with different offsets, or it has an offset besides.
    """
    if name in (None, "UTC", "GMT", "Z"):
        return seconds if name is None else 0
    offsets = _abbreviations(own).get(name) or _abbreviations(*_zones().values()).get(name, ())
    if len(offsets) != 1 or seconds is not None:
        raise ValueError(f"{name} is no time zone, or several")
    return timezone(*offsets)


@cache
def _zones() -> dict[str, tzinfo]:
    return {name: zoneinfo.ZoneInfo(name) for name in sorted(zoneinfo.available_timezones())}


@cache
def _abbreviations(*zones: tzinfo) -> dict[str, set[timedelta]]:
    """Return the offsets for which each abbreviation stands in these zones, in summer or in winter."""
    found, year = defaultdict(set), datetime.now().year
    for zone, month in product(zones, (1, 7)):
        found[datetime(year, month, 1, tzinfo=zone).tzname()].add(datetime(year, month, 1, tzinfo=zone).utcoffset())
    return found


def _stamp(folder: Path) -> str:
    """Return what a timestamp.txt says, if it is a file and not too long."""
    text = collect.beginning(folder, TIMESTAMP, LONGEST_STAMP + 1)
    return "" if len(text) > LONGEST_STAMP else text.decode("utf-8", "replace").strip()


def _moment(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
