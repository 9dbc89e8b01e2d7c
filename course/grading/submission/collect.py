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
NOTES = "\0notes"  # a name that no file can have
WANTED = "the notebook and what it reads"
UNSEEN = re.compile(
    r"\.(_.*|~.*|.*\.sw.|DS_Store|directory|ipynb_checkpoints|git.*|venv|vscode|idea|jupyter.*|.*cache|nbgrader\.log)"
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
    if path.is_symlink() or not path.is_dir():
        reader.take(path, path.name)
    else:
        reader.walk(path, "", DEEPEST)
    files, notes = {} if reader.notes.refused else reader.files, reader.notes
    return files | ({NOTES: json.dumps(asdict(notes)).encode()} if notes != Notes() else {})


def with_notes(files: dict[str, bytes]) -> tuple[dict[str, bytes], Notes]:
    """Return the files alone, and what `gather` noted."""
    notes = Notes(**json.loads(files[NOTES])) if NOTES in files else Notes()
    return {name: content for name, content in files.items() if name != NOTES}, notes


class _Reader:
    """Reads files into `files` until they are too many or too large; `notes` say what was left out."""

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.notes = Notes()
        self.seen = 0
        self.size = 0

    def walk(self, folder: Path, prefix: str, depth: int) -> None:
        """Read a folder, whose name within the submission is `prefix`, and `depth` folders into it."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._leave_out(prefix or ".", f"it cannot be read ({error.strerror})")
            return
        for entry in entries:
            name = prefix + entry.name
            if self.notes.refused:
                return
            if entry.name in IGNORED or UNSEEN.fullmatch(entry.name):
                continue
            if entry.name.startswith("."):
                self._leave_out(name, "its name starts with a dot")
                continue
            if not entry.is_dir(follow_symlinks=False):
                self.take(Path(entry.path), name)
            elif depth:
                self.walk(Path(entry.path), f"{name}/", depth - 1)
            else:
                self._leave_out(name, "it lies too many folders deep")

    def take(self, path: Path, name: str) -> None:
        """Read one file, or note why not."""
        content, reason = _read(path) if not fault(name) else (b"", fault(name))
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


def _read(path: Path) -> tuple[bytes, str]:
    """Return a regular file's content, or why it is not read; what it is, is asked of the file that was opened."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return b"", _kind(os.lstat(path).st_mode)
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return b"", f"it cannot be read ({error.strerror})"
    with open(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            return b"", _kind(found.st_mode)
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        return b"", f"it has more than {LARGEST_FILE // 2**20} MB; clear its outputs and hand it in again"
    return content, ""


def _kind(mode: int) -> str:
    return "it is a link, and links are not followed" if stat.S_ISLNK(mode) else "it is no regular file"
