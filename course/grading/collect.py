"""Read the files of a submission from the disk: no link is followed, no device opened, and sizes are capped."""

import json
import os
import stat
from dataclasses import asdict, dataclass, field
from pathlib import Path

from course.errors import CourseError
from course.grading.names import fault, in_unicode, visible

LARGEST_FILE = 64 * 2**20  # bytes; an honest notebook with a long stored output stays below it
LARGEST_ALL = 128 * 2**20
MOST_FILES = 500
DEEPEST = 20  # folders within folders
NOTES = "\0notes"  # a name that no file can have
IGNORED = {"timestamp.txt", "__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"}


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
    files, notes = {}, Notes()
    if path.is_symlink() or not path.is_dir():
        _take(path, path.name, files, notes)
    else:
        _walk(path, "", files, notes, DEEPEST)
    if notes.refused:
        files = {}
    return files | ({NOTES: json.dumps(asdict(notes)).encode()} if notes != Notes() else {})


def with_notes(files: dict[str, bytes]) -> tuple[dict[str, bytes], Notes]:
    """Return the files alone, and what `gather` noted."""
    notes = Notes(**json.loads(files[NOTES])) if NOTES in files else Notes()
    return {name: content for name, content in files.items() if name != NOTES}, notes


def _walk(folder: Path, prefix: str, files: dict[str, bytes], notes: Notes, depth: int) -> None:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        notes.left_out.append(f"{visible(prefix or '.')} was left out: it cannot be read ({error.strerror}).")
        return
    for entry in entries:
        name = prefix + entry.name
        if entry.name.startswith(".") or entry.name in IGNORED or notes.refused:
            continue
        if not entry.is_dir(follow_symlinks=False):
            _take(Path(entry.path), name, files, notes)
        elif depth:
            _walk(Path(entry.path), f"{name}/", files, notes, depth - 1)
        else:
            notes.left_out.append(f"{visible(name)} was left out: it lies too many folders deep.")


def _take(path: Path, name: str, files: dict[str, bytes], notes: Notes) -> None:
    """Read one file into `files`, or note why not."""
    reason = fault(name)
    if not reason:
        content, reason = _read(path)
    if reason:
        notes.left_out.append(f"{visible(name)} was left out: {reason}.")
        return
    files[in_unicode(name)] = content
    if len(files) > MOST_FILES:
        notes.refused = f"This submission has more than {MOST_FILES} files; hand in the notebook and what it reads."
    elif sum(map(len, files.values())) > LARGEST_ALL:
        notes.refused = (
            f"This submission has more than {LARGEST_ALL // 2**20} MB; hand in the notebook and what it reads."
        )


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
