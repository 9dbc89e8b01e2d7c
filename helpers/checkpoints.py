"""Write the state of a training to a file and read it back, so that an interrupted one goes on where it was."""

import os
import zipfile
from pathlib import Path

import torch


def save(path: Path, state: dict) -> None:
    """Write a nested dict of tensors, numbers, strings, lists and None; the file is never half-written.

    Args:
        path: the file; its folder is made if need be.
        state: what to keep.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with open(partial, "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def load(path: Path, *, device: torch.device | str = "cpu") -> dict:
    """Read what `save` wrote; nothing in the file is executed.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no checkpoint, or a damaged one.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no checkpoint {path}.")
    try:
        with zipfile.ZipFile(path) as archive:  # which is what torch writes, with a checksum for each part
            damaged = archive.testzip()
        state = None if damaged else torch.load(path, map_location=device, weights_only=True)
    except OSError:
        raise
    except Exception as error:  # a damaged file fails in more ways than one can name
        raise ValueError(
            f"{path} is no checkpoint of the course, or a damaged one. Remove it to start anew."
        ) from error
    if not isinstance(state, dict):
        raise ValueError(f"{path} is no checkpoint of the course, or a damaged one. Remove it to start anew.")
    return state
