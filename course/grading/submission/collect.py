"""Read the files of a submission from the disk: no link is followed, no device opened, and sizes are capped."""

import json
import os
import re
import stat
from dataclasses import asdict, dataclass, field
from pathlib import Path

from course.errors import CourseError
from course.grading.submission.names import fault, in_unicode, visible

LARGEST_FILE = 64 * 2**20  # bytes; an honest notebook with a long stored output stays below it
LARGEST_ALL = 128 * 2**20
MOST_FILES = 500
DEEPEST = 20  # folders within folders
# Windows knows no handles of folders, nor these words; there a learner's own work is all that is read.
HAS_HANDLES = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
SAFELY = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"))
NOTES = "\0notes"  # a name that no file can have
WANTED = "the notebook and what it reads"
UNSEEN = re.compile(
    r"\.(_.*|~.*|.*\.sw.|DS_Store|directory|ipynb_checkpoints|git.*|venv|vscode|idea|jupyter.*|.*cache|points|nbgrader\.log)"
)
IGNORED = {"timestamp.txt", "submission_secret.txt", "__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"}


@dataclass
class Notes:
    """What `gather` saw besides files: why nothing can be graded, or sentences on what was left out."""

    refused: str = ""
    left_out: list[str] = field(default_factory=list)


def gather(path: Path) -> dict[str, bytes]:
    """Read a file or a folder; what was odd is noted under `NOTES`.

    Raises:
        CourseError: if there is nothing at this path.
    """
    if not os.path.lexists(path):
        raise CourseError(f"There is no file or folder {path}.")
    reader = _Reader()
    if path.is_dir() and not path.is_symlink():
        reader.enter(path, "", DEEPEST)
    else:
        reader.take(path, path.name)
    files, notes = {} if reader.notes.refused else reader.files, reader.notes
    return files | ({NOTES: json.dumps(asdict(notes)).encode()} if notes != Notes() else {})


def with_notes(files: dict[str, bytes]) -> tuple[dict[str, bytes], Notes]:
    """Return the files alone, and what `gather` noted."""
    notes = Notes(**json.loads(files[NOTES])) if NOTES in files else Notes()
    return {name: content for name, content in files.items() if name != NOTES}, notes


def beginning(folder: Path, name: str, most: int) -> bytes:
    """Return the first bytes of one file of a folder, or none where it cannot be read; no link is followed."""
    try:
        handle = os.open(folder, os.O_DIRECTORY | SAFELY)
        try:
            file = os.open(name, SAFELY, dir_fd=handle)
        finally:
            os.close(handle)
        with open(file, "rb") as opened:
            return opened.read(most)
    except OSError:
        return b""


class _Reader:
    """Reads files into `files` until they are too many or too large; `notes` say what was left out."""

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.notes = Notes()
        self.seen = 0
        self.size = 0

    def enter(self, folder: Path | str, prefix: str, depth: int, parent: int | None = None) -> None:
        """Read a folder, whose name within the submission is `prefix`, and `depth` folders into it.

        It is opened once, and what is in it by that handle, whatever takes its place meanwhile.
        """
        if not HAS_HANDLES:
            self._walk(folder, prefix, depth)
            return
        try:
            handle = os.open(folder, os.O_DIRECTORY | SAFELY, dir_fd=parent)
        except OSError as error:
            self._leave_out(prefix or ".", f"it cannot be read ({error.strerror})")
            return
        try:
            self._walk(handle, prefix, depth)
        finally:
            os.close(handle)

    def _walk(self, folder: int | Path | str, prefix: str, depth: int) -> None:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._leave_out(prefix or ".", f"it cannot be read ({error.strerror})")
            return
        parent = folder if isinstance(folder, int) else None
        for entry in entries:
            name, place = prefix + entry.name, entry.path if parent is None else entry.name
            if self.notes.refused:
                return
            if entry.name in IGNORED or UNSEEN.fullmatch(entry.name):
                continue
            if entry.name.startswith("."):
                self._leave_out(name, "its name starts with a dot")
                continue
            if not entry.is_dir(follow_symlinks=False):
                self.take(place, name, parent)
            elif depth:
                self.enter(place, f"{name}/", depth - 1, parent)
            else:
                self._leave_out(name, "it lies too many folders deep")

    def take(self, path: Path | str, name: str, folder: int | None = None) -> None:
        """Read one file, or note why not."""
        content, reason = _read(path, folder) if not fault(name) else (b"", fault(name))
        if reason:
            self._leave_out(name, reason)
        else:
            self.files[in_unicode(name)] = content
        self.seen += 1
        self.size += len(content)
        if self.seen > MOST_FILES:
            self.notes.refused = f"This submission has more than {MOST_FILES} files; hand in {WANTED}."
        elif self.size > LARGEST_ALL:
            self.notes.refused = f"This submission has more than {LARGEST_ALL // 2**20} MB; hand in {WANTED}."

    def _leave_out(self, name: str, reason: str) -> None:
        self.notes.left_out.append(f"{visible(name)} was left out: {reason}.")


def _read(path: Path | str, folder: int | None) -> tuple[bytes, str]:
    """Return a regular file's content, or why it is not read; what it is, is asked of the file that was opened."""
    try:
        mode = os.stat(path, dir_fd=folder, follow_symlinks=False).st_mode
        if not stat.S_ISREG(mode):
            return b"", _kind(mode)
        handle = os.open(path, SAFELY, dir_fd=folder)
    except OSError as error:
        return b"", f"it cannot be read ({error.strerror})"
    with open(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            return b"", _kind(found.st_mode)
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        advice = "clear its outputs and hand it in again" if str(path).endswith(".ipynb") else "store less in it"
        return b"", f"it has more than {LARGEST_FILE // 2**20} MB; {advice}"
    return content, ""


def _kind(mode: int) -> str:
    return "it is a link, and links are not followed" if stat.S_ISLNK(mode) else "it is no regular file"
