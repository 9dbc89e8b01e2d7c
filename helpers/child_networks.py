"""Small convolutional networks for the digits, built from the tokens of a search space: their FLOPs, their training."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from helpers import data, search_spaces
from helpers.search_spaces import BLOCKS, CELLS, STAGES, decode

SIDE = 28  # images are (N, 1, SIDE, SIDE)
CLASSES = 10
STEM = 4  # channels after the first layer of a staged network
EXPANSION = 3  # how many times wider an inverted bottleneck is inside
CELL_WIDTH = 4  # channels inside the first cells; doubled at each reduction


class Images(NamedTuple):
    """Images (N, 1, 28, 28) and labels (N,): to train children, to reward the controller, and for the last report."""

    x_train: Tensor
    y_train: Tensor
    x_dev: Tensor
    y_dev: Tensor
    x_test: Tensor
    y_test: Tensor


def images(*, device: torch.device | str = "cpu") -> Images:
    """Split the digits for a search: 2000 images train a child, 2000 others reward it, the test part is left alone.

    Both are carved from the training part of `data.digits`: every fourth image is for the reward, and of the others
    every third is trained on, so all ten classes keep their shares.
    """
    x_train, y_train, x_test, y_test = data.digits(device=device)
    x, x_test = (part.view(-1, 1, SIDE, SIDE) for part in (x_train, x_test))
    is_dev = torch.arange(len(x), device=x.device) % 4 == 3
    x_rest, y_rest = x[~is_dev], y_train[~is_dev]
    return Images(x_rest[::3].contiguous(), y_rest[::3], x[is_dev], y_train[is_dev], x_test, y_test)


def staged_network(tokens: Sequence[int] | Tensor, *, generator: torch.Generator) -> nn.Sequential:
    """Build a network of `STAGES`: a strided first layer, two strided stages, a mean over quarters, ten logits.

    Args:
        tokens: eight tokens.
        generator: source of the initial weights; the network is on its device.

    Raises:
        ValueError: if the tokens do not describe a network of the space.

    Tan and Le (2019); inverted bottlenecks: Sandler et al. (2018). A repeated layer has an identity path around it.
    """
    chosen = decode(tokens, STAGES)
    layers, channels = [*_convolution(1, STEM, 3, stride=2), nn.ReLU()], STEM
    for stage in (1, 2):
        operation, kernel, width, depth = (
            chosen[f"{name}_{stage}"] for name in ("operation", "kernel", "width", "depth")
        )
        layers.append(_layer(operation, channels, width, kernel, stride=2))
        layers += [_Residual(_layer(operation, width, width, kernel)) for _ in range(depth - 1)]
        channels = width
    network = nn.Sequential(*layers, nn.AvgPool2d(2), nn.Flatten(), nn.Linear(4 * channels, CLASSES))
    return _initialise(network, generator)


def cell_network(tokens: Sequence[int] | Tensor, *, generator: torch.Generator) -> nn.Module:
    """Build a network of `CELLS`: a strided first layer, then twice a reduction and a normal cell.

    Args:
        tokens: ten tokens for the normal cell, then ten for the reduction cell.
        generator: source of the initial weights; the network is on its device.

    Raises:
        ValueError: if the tokens do not describe a network of the space.

    Zoph, Vasudevan, Shlens and Le (2018).
    """
    network = _initialise(_CellNetwork(decode(tokens, CELLS)), generator)
    return network.to(memory_format=torch.channels_last)  # in which convolutions of single channels are faster


def train(
    network: nn.Module,
    x: Tensor,
    y: Tensor,
    *,
    epochs: int = 3,
    batch: int = 50,
    learning_rate: float = 0.03,
    generator: torch.Generator,
) -> nn.Module:
    """Train a child by Adam on the cross entropy, with a one-cycle learning rate; in place.

    Args:
        network: gives logits (N, 10).
        x, y: images (N, 1, 28, 28) and labels (N,).
        epochs: passes over the images.
        batch: images a step.
        learning_rate: the highest of the cycle.
        generator: source of the order of the images, on their device.

    Returns:
        The network, ready to be evaluated.
    """
    fused = x.device.type in ("cpu", "cuda", "mps")
    optimiser = torch.optim.Adam(network.parameters(), learning_rate, fused=fused)
    steps = epochs * math.ceil(len(x) / batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, learning_rate, total_steps=steps)
    network.train()
    for _ in range(epochs):
        for chosen in torch.randperm(len(x), generator=generator, device=x.device).split(batch):
            optimiser.zero_grad()
            nn.functional.cross_entropy(network(x[chosen]), y[chosen]).backward()
            optimiser.step()
            schedule.step()
    return network.eval()


def measure(tokens: Sequence[int] | Tensor, seed: int, images: Images) -> tuple[float, float]:
    """Train an architecture of `STAGES` as the bundled table does, and return its dev and test accuracy.

    Args:
        tokens: eight tokens.
        seed: which training; each architecture has its own random numbers for each seed.
        images: from `images`.
    """
    row = int(search_spaces.rows(torch.as_tensor(tokens), search_spaces.choices(STAGES)))
    generator = torch.Generator(images.x_train.device).manual_seed(10_000 * seed + row)
    network = staged_network(tokens, generator=generator)
    train(network, images.x_train, images.y_train, generator=generator)
    return accuracy(network, images.x_dev, images.y_dev), accuracy(network, images.x_test, images.y_test)


@torch.no_grad()
def accuracy(network: nn.Module, x: Tensor, y: Tensor) -> float:
    """Return the share of images that an evaluated network names right."""
    network.eval()
    guesses = torch.cat([network(part).argmax(-1) for part in x.split(500)])
    return (guesses == y).double().mean().item()


@torch.no_grad()
def flops(network: nn.Module, shape: tuple[int, ...] = (1, SIDE, SIDE)) -> int:
    """Count the additions and multiplications of all convolutions and linear layers for one image.

    A multiplication with the addition that follows it counts as two; normalisation, pooling and ReLU are left out.

    Args:
        network: any network of Conv2d and Linear layers.
        shape: of one image.
    """
    total = 0

    def count(layer: nn.Module, _, output: Tensor) -> None:
        nonlocal total
        total += 2 * output.numel() * layer.weight[0].numel()  # each output is a sum over one row of weights

    hooks = [
        layer.register_forward_hook(count) for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)
    ]
    was_training = network.training
    network.eval()(next(network.parameters()).new_zeros(1, *shape))
    network.train(was_training)
    for hook in hooks:
        hook.remove()
    return total


def parameters(network: nn.Module) -> int:
    """Count the numbers that training changes."""
    return sum(parameter.numel() for parameter in network.parameters())


def _convolution(inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [layer, nn.BatchNorm2d(outputs)]


def _layer(operation: str, inputs: int, outputs: int, kernel: int, *, stride: int = 1) -> nn.Sequential:
    if operation == "convolution":
        return nn.Sequential(*_convolution(inputs, outputs, kernel, stride=stride), nn.ReLU())
    if operation == "separable":
        depthwise = _convolution(inputs, inputs, kernel, stride=stride, groups=inputs)
        return nn.Sequential(*depthwise, nn.ReLU(), *_convolution(inputs, outputs, 1), nn.ReLU())
    wide = EXPANSION * inputs
    depthwise = _convolution(wide, wide, kernel, stride=stride, groups=wide)
    return nn.Sequential(
        *_convolution(inputs, wide, 1), nn.ReLU(), *depthwise, nn.ReLU(), *_convolution(wide, outputs, 1)
    )


class _Residual(nn.Module):
    """x + f(x)."""

    def __init__(self, inside: nn.Module):
        super().__init__()
        self.inside = inside

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inside(x)


class _Cell(nn.Module):
    """Blocks on two inputs; a reduction cell strides where a block takes an input of the cell."""

    def __init__(self, chosen: dict, kind: str, from_input: int, from_previous: int, shrink_previous: bool, width: int):
        super().__init__()
        self.chosen, self.kind = chosen, kind
        stride = 2 if shrink_previous else 1  # `previous` comes from before a reduction
        self.align = nn.ModuleDict(
            {
                "input": nn.Sequential(*_convolution(from_input, width, 1), nn.ReLU()),
                "previous": nn.Sequential(*_convolution(from_previous, width, 1, stride=stride), nn.ReLU()),
            }
        )
        self.operations, self.combinations, used = nn.ModuleDict(), nn.ModuleDict(), set()
        for block in range(1, BLOCKS + 1):
            for side in "ab":
                source = self._of(block, f"input_{side}")
                used.add(source)
                strides = kind == "reduction" and source in ("input", "previous")
                operation = _operation(self._of(block, f"operation_{side}"), width, 2 if strides else 1)
                self.operations[f"{block}{side}"] = operation
            if self._of(block, "combine") == "concatenate":
                self.combinations[str(block)] = nn.Sequential(*_convolution(2 * width, width, 1), nn.ReLU())
        self.last = [block for block in range(1, BLOCKS + 1) if f"block {block}" not in used]
        self.width = width * len(self.last)  # blocks that no other takes are concatenated

    def _of(self, block: int, what: str):
        return self.chosen[f"{self.kind}_{block}_{what}"]

    def forward(self, x: Tensor, previous: Tensor) -> Tensor:
        values = {"input": self.align["input"](x), "previous": self.align["previous"](previous)}
        for block in range(1, BLOCKS + 1):
            a, b = (self.operations[f"{block}{side}"](values[self._of(block, f"input_{side}")]) for side in "ab")
            is_sum = self._of(block, "combine") == "add"
            values[f"block {block}"] = a + b if is_sum else self.combinations[str(block)](torch.cat([a, b], 1))
        return torch.cat([values[f"block {block}"] for block in self.last], 1)


class _CellNetwork(nn.Module):
    """Reduction, normal, reduction, normal; each cell sees the outputs of the two before it."""

    def __init__(self, chosen: dict):
        super().__init__()
        self.stem = nn.Sequential(*_convolution(1, CELL_WIDTH, 3, stride=2), nn.ReLU())
        self.cells = nn.ModuleList()
        width, from_input, from_previous, shrink = CELL_WIDTH, CELL_WIDTH, CELL_WIDTH, False
        for kind in ("reduction", "normal", "reduction", "normal"):
            if kind == "reduction":
                width *= 2
            cell = _Cell(chosen, kind, from_input, from_previous, shrink, width)
            self.cells.append(cell)
            from_input, from_previous, shrink = cell.width, from_input, kind == "reduction"
        self.head = nn.Sequential(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(4 * from_input, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        previous = current = self.stem(x)
        for cell in self.cells:
            current, previous = cell(current, previous), current
        return self.head(current)


def _operation(name: str, width: int, stride: int) -> nn.Module:
    """Return an operation of a cell that keeps the number of channels."""
    if name == "identity":
        return nn.Identity() if stride == 1 else nn.Sequential(*_convolution(width, width, 1, stride=stride))
    kind, kernel = name.split()
    if kind == "separable":
        return _layer("separable", width, width, int(kernel), stride=stride)
    if kind == "average":
        return nn.AvgPool2d(int(kernel), stride, int(kernel) // 2, count_include_pad=False)
    return nn.MaxPool2d(int(kernel), stride, int(kernel) // 2)


def _initialise(network: nn.Module, generator: torch.Generator) -> nn.Module:
    """Draw all weights from the generator: He et al. (2015) for convolutions, ±1/√inputs for the last layer."""
    network = network.to(generator.device)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
        elif isinstance(layer, nn.Linear):
            nn.init.uniform_(
                layer.weight, -1 / math.sqrt(layer.in_features), 1 / math.sqrt(layer.in_features), generator
            )
            nn.init.zeros_(layer.bias)
    return network
