"""Write the state of a training to a file and read it back, so that an interrupted one goes on where it was."""

import os
import pickle
from io import BytesIO
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
    content = BytesIO(path.read_bytes())
    try:
        state = torch.load(content, map_location=device, weights_only=True)
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise ValueError(
            f"{path} is no checkpoint of this course, or a damaged one. Remove it to start anew."
        ) from error
    if not isinstance(state, dict):
        raise ValueError(f"{path} is no checkpoint of the course. Remove it to start anew.")
    return state
