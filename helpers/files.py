"""Write files that are whole or not there: what is not whole yet waits beside its file, with the ending .partial."""

import os
from pathlib import Path


def partial(path: Path) -> Path:
    """Return where a file grows until it is whole."""
    return path.with_name(path.name + ".partial")


def finish(path: Path) -> None:
    """Give what has grown at `partial(path)` its name, in one step and once the disk has all of it.

    Raises:
        FileNotFoundError: if nothing has grown.
    """
    with open(partial(path), "rb+") as file:
        os.fsync(file.fileno())
    os.replace(partial(path), path)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that nobody sees half-written: until the new one is whole, the old one stays.

    Args:
        path: the file; its folder is made if need be.
        content: all of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial(path).write_bytes(content)
    finish(path)
