"""What has been graded, kept by content: the same submission under the same checks is never graded twice.

A record is one file, written whole or not at all, so that whatever ends the grader leaves the records before it.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from course import files
from course.errors import CourseError
from course.grading.classroom import task
from course.grading.grade import Outcome

TAKEN_BACK = "taken-back.txt"


class Ledger:
    """The records of one lesson, in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def find(self, key: str) -> Outcome | None:
        """Return the outcome under this key; a record that is not whole counts as none."""
        try:
            return task.outcome_from_json(self._path(key).read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def keep(self, key: str, text: str) -> None:
        """Write an outcome, given as JSON, so that it outlives a loss of power.

        Raises:
            CourseError: if it cannot be written; the folder then holds what it held.
        """
        path = self._path(key)
        try:
            files.write(path, text.encode("utf-8", "surrogatepass"), durable=True)
        except OSError as error:
            raise unwritable(path, error) from None

    def note(self, line: str) -> None:
        """Add a line to what has been taken back from people's grades.

        Raises:
            CourseError: if it cannot be written.
        """
        path = self.folder / TAKEN_BACK
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise unwritable(path, error) from None

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def unwritable(path: Path, error: OSError) -> CourseError:
    """Return what to say where a file of the class cannot be written."""
    return CourseError(
        f"{path} cannot be written: {error.strerror}. What was graded before is kept; make room or rights there, then "
        "run the same command again."
    )


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the class's lock, which goes with the process, however that ends.

    Raises:
        CourseError: if another process holds it, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / "lock").open("w")
    except OSError as error:
        raise unwritable(folder / "lock", error) from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CourseError("This class is being graded already, by another 'course grade-class'.") from None
        yield
