"""Write the state of a training to a file and read it back, so that an interrupted one goes on where it was."""

import os
import zipfile
from pathlib import Path

import torch

MEND = "Name another file, or remove it to start anew."


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


def save_training(path: Path, settings: dict, parts: dict, generator: torch.Generator, progress) -> None:
    """Write where a training stands.

    Args:
        path: the file.
        settings: numbers and words that a training which goes on from here must share.
        parts: networks and optimizers by name, each with a `state_dict`.
        generator: the training's source of randomness.
        progress: what else the training needs to go on, of the kinds that `save` writes.
    """
    state = {name: part.state_dict() for name, part in parts.items()}
    save(path, {"settings": settings, "parts": state, "generator": generator.get_state(), "progress": progress})


def resume_training(path: Path, settings: dict, parts: dict, generator: torch.Generator):
    """Put everything back to where it was when `save_training` wrote the file, and return the progress.

    Raises:
        ValueError: if the file is damaged, or of a training with other settings or other parts.
    """
    state = load(path, device=generator.device)
    if set(state) != {"settings", "parts", "generator", "progress"}:
        raise ValueError(f"{path} is a checkpoint of something else. {MEND}")
    for name in sorted(settings.keys() | state["settings"].keys()):
        then, now = state["settings"].get(name), settings.get(name)
        if then != now:
            raise ValueError(f"{path} is a checkpoint of a training with {name} = {then}, but now it is {now}. {MEND}")
    if set(state["parts"]) != set(parts):
        raise ValueError(f"{path} is a checkpoint of a training with other networks. {MEND}")
    try:
        for name, part in parts.items():
            part.load_state_dict(state["parts"][name])
    except (RuntimeError, ValueError):
        raise ValueError(f"{path} is a checkpoint of a model with other layers. {MEND}") from None
    generator.set_state(state["generator"].cpu())
    return state["progress"]
