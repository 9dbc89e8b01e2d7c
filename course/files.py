"""Write a file whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from course.errors import CourseError


@contextlib.contextmanager
def told(path: Path, but: str = "") -> Iterator[None]:
    """Say in a sentence that a path cannot be written; `but` is what follows from it.

    Raises:
        CourseError: if the code inside raises an OSError.
    """
    try:
        yield
    except OSError as error:
        raise CourseError(f"{path} cannot be written{but}: {error.strerror}.") from None


def write(path: Path, content: str | bytes, *, durable: bool = False) -> bool:
    """Replace the file's content in one step; return whether it changed.

    Args:
        path: the file; its folder is made if need be.
        content: text, or bytes.
        durable: wait until a loss of power would not undo it.

    Raises:
        OSError: if it cannot be written; then there is what was there before.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.exists() and not path.is_file():  # a pipe or /dev/stdout
        path.write_bytes(data)
        return True
    if path.exists() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    if durable:
        _sync(path.parent)
    return True


def _sync(folder: Path) -> None:
    """Have the folder's new entry written to the disk, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
