"""What trainings share: the device, one loop for autoencoders, and checkpoints from which an interrupted one goes on.

The loop has the images as one tensor on the device, Adam, and a report of its progress.
"""

import contextlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from helpers import files, given, progress

MEND = "Name another file, or remove it to start anew."
Loss = Callable[[nn.Module, Tensor], tuple[Tensor, tuple[Tensor, ...]]]


def best_device() -> torch.device:
    """Return the accelerator of this machine if torch sees one, and otherwise the CPU."""
    if torch.accelerator.is_available():
        return torch.accelerator.current_accelerator()
    return torch.device("cpu")


@progress.shown("training", "epochs")
def fit(
    model: nn.Module,
    x: Tensor,
    loss: Loss,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    final_rate: float = 1.0,
    generator: torch.Generator,
    report: Callable[[int, Tensor], None] | None = None,
    checkpoint: Path | None = None,
    save_every: int = 1,
    precision: torch.dtype = torch.float32,
    settings: dict | None = None,
) -> Tensor:
    """Train a model in place with Adam on shuffled batches; the last batch of an epoch may be smaller.

    Args:
        model: what to train, on the device of `x`.
        x: images, shape (N, pixels).
        loss: takes the model and a batch (B, pixels); returns the loss, and terms of shape (B,) to record.
        epochs: number of passes over `x`.
        batch_size: images for one step of Adam.
        learning_rate: of Adam.
        final_rate: the learning rate falls linearly, epoch by epoch, to this share of itself.
        generator: source of the order and of what `loss` draws, on the device of `x`.
        report: called after each epoch with its number from 1 and its terms, shape (terms,); by default a bar.
        checkpoint: file to write progress to; if it exists, training goes on from it, and ends bit for bit as if it had
            never been interrupted.
        save_every: number of epochs between two writes; the last epoch is always written.
        precision: of the matrix products; torch.bfloat16 is faster where `fast_precision` returns it.
        settings: numbers that a checkpoint must share, beside those of this function.

    Returns:
        The terms, averaged over the images of each epoch while it trained, shape (epochs, terms).

    Raises:
        ValueError: if an argument is out of range, the loss becomes infinite, or the checkpoint is of another training.

    Kingma and Ba (2015) for Adam.
    """
    _check(model, x, epochs, batch_size, learning_rate, generator)
    settings = {"batch_size": batch_size, "learning_rate": learning_rate, "final_rate": final_rate} | (settings or {})
    settings |= {"images": len(x), "precision": str(precision)} | ({"epochs": epochs} if final_rate != 1 else {})
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, fused=x.device.type in ("cpu", "cuda", "mps"))
    history: list[Tensor] = []
    parts = {"model": model, "optimizer": optimizer}
    if checkpoint is not None and Path(checkpoint).exists():
        history = [terms.cpu() for terms in resume(checkpoint, settings, parts, generator)]
    model.train()
    for epoch in range(len(history) + 1, epochs + 1):
        for group in optimizer.param_groups:
            group["lr"] = falling_rate(learning_rate, final_rate, epoch, epochs)
        total = 0.0
        for batch in torch.randperm(len(x), generator=generator, device=x.device).split(batch_size):
            optimizer.zero_grad()
            with _autocast(x.device, precision):
                value, terms = loss(model, x.index_select(0, batch))
            value.backward()
            optimizer.step()
            total = total + torch.stack([term.detach().sum() for term in terms])
        history.append((total / len(x)).cpu())
        if not history[-1].isfinite().all():
            raise ValueError(
                f"The loss is not finite in epoch {epoch}: lower learning_rate={learning_rate}, or scale x, which "
                f"reaches from {x.min():g} to {x.max():g}, to about 1."
            )
        if checkpoint is not None and (epoch % save_every == 0 or epoch == epochs):
            save(checkpoint, settings, parts, generator, history)
        if report is not None:
            report(epoch, history[-1])
    model.eval()
    return torch.stack(history) if history else torch.empty(0, 0)


def falling_rate(first: float, final: float, number: int, updates: int) -> float:
    """Return the learning rate of update `number`, from 1 to `updates`; it falls linearly to the share `final`."""
    return first * (1 - (number - 1) / max(updates - 1, 1) * (1 - final))


def fast_precision(device: torch.device | str) -> torch.dtype:
    """Return torch.bfloat16 where the device multiplies it in hardware, and otherwise torch.float32."""
    device = torch.device(device)
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    has_bf16 = device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return torch.bfloat16 if has_bf16 else torch.float32


def save_state(path: Path, state: dict) -> None:
    """Write a nested dict of tensors, numbers, strings, lists and None; the file is never half-written.

    Args:
        path: the file; its folder is made if need be.
        state: what to keep.
    """
    content = io.BytesIO()
    torch.save(state, content)
    files.write_whole(Path(path), content.getvalue())


def load_state(path: Path, *, device: torch.device | str = "cpu") -> dict:
    """Read what `save_state` wrote; nothing in the file is executed.

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


def save(path: Path, settings: dict, parts: dict, generator: torch.Generator, progress) -> None:
    """Write where a training stands.

    Args:
        path: the file.
        settings: numbers and words that a training which goes on from here must share.
        parts: networks and optimizers by name, each with a `state_dict`.
        generator: the training's source of randomness.
        progress: what else the training needs to go on, of the kinds that `save_state` writes.
    """
    state = {name: part.state_dict() for name, part in parts.items()}
    save_state(path, {"settings": settings, "parts": state, "generator": generator.get_state(), "progress": progress})


def resume(path: Path, settings: dict, parts: dict, generator: torch.Generator):
    """Put everything back to where it was when `save` wrote the file, and return the progress.

    Raises:
        ValueError: if the file is damaged, or of a training with other settings or other parts.
    """
    state = load_state(path, device=generator.device)
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


def _autocast(device: torch.device, precision: torch.dtype):
    if precision == torch.float32:
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=precision)


def _check(
    model: nn.Module, x: Tensor, epochs: int, batch_size: int, learning_rate: float, generator: torch.Generator
) -> None:
    given.check_images(x, model)
    if x.dim() != 2:
        raise ValueError(f"x has shape {tuple(x.shape)}, but (images, pixels) was expected: flatten the images.")
    if epochs < 0 or batch_size < 1 or learning_rate <= 0:
        raise ValueError(
            "epochs is at least 0, batch_size at least 1 and learning_rate positive, "
            f"but they are {epochs}, {batch_size} and {learning_rate}."
        )
    if generator.device != x.device:
        raise ValueError(f"The generator is on {generator.device}, but x is on {x.device}: make both on one device.")


given.explain(__name__)
