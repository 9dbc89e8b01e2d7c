"""Write a file whole or not at all."""

import os
from pathlib import Path


def write(path: Path, content: str | bytes) -> bool:
    """Replace the file's content in one step; return whether it changed."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.exists() and not path.is_file():  # a pipe or /dev/stdout
        path.write_bytes(data)
        return True
    if path.exists() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)
    return True
