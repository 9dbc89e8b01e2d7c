"""One training loop for autoencoders: images as one tensor on the device, Adam, progress, checkpoints that resume."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from helpers import checkpoints

Loss = Callable[[nn.Module, Tensor], tuple[Tensor, tuple[Tensor, ...]]]


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
        report: called after each epoch with its number from 1 and its terms, shape (terms,).
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
        history = [terms.cpu() for terms in checkpoints.resume_training(checkpoint, settings, parts, generator)]
    model.train()
    for epoch in range(len(history) + 1, epochs + 1):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * (1 - (1 - final_rate) * (epoch - 1) / max(epochs - 1, 1))
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
            raise ValueError(f"The loss is not finite in epoch {epoch}: lower learning_rate={learning_rate}.")
        if checkpoint is not None and (epoch % save_every == 0 or epoch == epochs):
            checkpoints.save_training(checkpoint, settings, parts, generator, history)
        if report is not None:
            report(epoch, history[-1])
    model.eval()
    return torch.stack(history) if history else torch.empty(0, 0)


def fast_precision(device: torch.device | str) -> torch.dtype:
    """Return torch.bfloat16 where the device multiplies it in hardware, and otherwise torch.float32."""
    device = torch.device(device)
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    has_bf16 = device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return torch.bfloat16 if has_bf16 else torch.float32


def print_progress(every: int = 1) -> Callable[[int, Tensor], None]:
    """Return a `report` that prints one line each so many epochs."""

    def report(epoch: int, terms: Tensor) -> None:
        if epoch % every == 0:
            print(f"epoch {epoch:3}: " + ", ".join(f"{term:.1f}" for term in terms.tolist()))

    return report


def _autocast(device: torch.device, precision: torch.dtype):
    if precision == torch.float32:
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=precision)


def _check(
    model: nn.Module, x: Tensor, epochs: int, batch_size: int, learning_rate: float, generator: torch.Generator
) -> None:
    if x.dim() != 2 or not len(x):
        raise ValueError(f"x has shape {tuple(x.shape)}, but (images, pixels) was expected: flatten the images.")
    if epochs < 0 or batch_size < 1 or learning_rate <= 0:
        raise ValueError(
            "epochs is at least 0, batch_size at least 1 and learning_rate positive, "
            f"but they are {epochs}, {batch_size} and {learning_rate}."
        )
    devices = {"model": next(model.parameters()).device, "generator": generator.device}
    for name, device in devices.items():
        if device != x.device:
            raise ValueError(f"The {name} is on {device}, but x is on {x.device}: make both on one device.")
