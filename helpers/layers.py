"""Encoders and decoders as plain torch modules, whose first weights come from a generator, not from the global seed."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from helpers import given


def build(make: Callable[[], nn.Module], *, generator: torch.Generator) -> nn.Module:
    """Build a module on the generator's device, with the weights that torch's layers draw, but from the generator.

    Weights and biases are uniform in ±1/√(inputs of a unit). The global seed is neither read nor moved.

    Args:
        make: returns the module; it is called where tensors take no memory.
        generator: source of the weights.

    Raises:
        ValueError: if the module has parameters of its own beside those of linear and convolutional layers.
    """
    with torch.device("meta"):
        module = make()
    if any(nn.parameter.is_lazy(parameter) for parameter in module.parameters()):
        raise ValueError("Lazy layers do not know yet how many weights they have: say so, as nn.Linear(…, …).")
    module.to_empty(device=generator.device)
    drawn = set()
    with torch.no_grad():
        for layer in module.modules():
            if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                bound = 1 / math.sqrt(layer.weight[0].numel())
                for parameter in layer.parameters():
                    parameter.uniform_(-bound, bound, generator=generator)
                    drawn.add(parameter)
    if len(drawn) != len(list(module.parameters())) or list(module.buffers()):
        raise ValueError("Only nn.Linear, nn.Conv2d and nn.ConvTranspose2d may have parameters here, and none buffers.")
    return module


def perceptron(widths: Sequence[int], *, generator: torch.Generator) -> nn.Sequential:
    """Return linear layers with ReLU between them, from (..., widths[0]) to (..., widths[-1])."""
    if len(widths) < 2 or min(widths) < 1:
        raise ValueError(f"widths are at least two numbers of 1 or more, from input to output, but are {list(widths)}.")

    def make() -> nn.Sequential:
        layers = []
        for inputs, outputs in zip(widths, widths[1:], strict=False):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        return nn.Sequential(*layers[:-1])

    return build(make, generator=generator)


class OnRows(nn.Module):
    """Apply a module for images, (N, C, H, W) to (N, ...), to rows of pixels with any leading dimensions.

    Args:
        module: what to apply.
        shape: (C, H, W) of its input; None if it takes rows.
        flat: whether its output is images, to be flattened into rows.
    """

    def __init__(self, module: nn.Module, shape: tuple[int, int, int] | None, flat: bool = False):
        super().__init__()
        self.module, self.shape, self.flat = module, shape, flat

    def forward(self, rows: Tensor) -> Tensor:
        """Map (..., pixels) to (..., outputs)."""
        leading = rows.shape[:-1]
        batch = rows.reshape(-1, rows.shape[-1])
        out = self.module(batch if self.shape is None else batch.unflatten(-1, self.shape))
        return (out.flatten(1) if self.flat else out).unflatten(0, leading)


def convolutional(
    side: int, outputs: int, channels: tuple[int, int] = (16, 32), *, generator: torch.Generator
) -> nn.Module:
    """Return two convolutions that halve a grey image each, then a linear layer: (..., side²) to (..., outputs)."""
    _divisible(side)
    first, second = channels

    def make() -> nn.Module:
        layers = nn.Sequential(
            nn.Conv2d(1, first, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(first, second, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(second * (side // 4) ** 2, outputs),
        )
        return OnRows(layers, (1, side, side))

    return build(make, generator=generator)


def deconvolutional(
    inputs: int, side: int, channels: tuple[int, int] = (32, 16), *, generator: torch.Generator
) -> nn.Module:
    """Return the mirror image of `convolutional`: (..., inputs) to (..., side²)."""
    _divisible(side)
    first, second = channels

    def make() -> nn.Module:
        layers = nn.Sequential(
            nn.Linear(inputs, first * (side // 4) ** 2),
            nn.ReLU(),
            nn.Unflatten(1, (first, side // 4, side // 4)),
            nn.ConvTranspose2d(first, second, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(second, 1, 4, stride=2, padding=1),
        )
        return OnRows(layers, None, flat=True)

    return build(make, generator=generator)


def _divisible(side: int) -> None:
    if side < 4 or side % 4:
        raise ValueError(f"side is {side}, but two convolutions halve it: choose a multiple of 4.")


given.explain(__name__)
