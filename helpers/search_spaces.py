"""Spaces of small convolutional networks: what there is to decide, and the tokens that say how it was decided.

A space is a tuple of decisions; a token says which option of its decision is taken. `STAGES` follows EfficientNet (each
stage chooses operation, kernel, width and depth), `CELLS` follows NASNet (blocks of two inputs, two operations and one
combination, in a normal and a reduction cell). Both are small enough to train their networks on one core.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

BLOCKS = 2  # blocks a cell


class Decision(NamedTuple):
    """What one token decides: a `name`, and the `options` it chooses from."""

    name: str
    options: tuple


def _stage(number: int, widths: tuple[int, int]) -> tuple[Decision, ...]:
    return (
        Decision(f"operation_{number}", ("convolution", "separable", "bottleneck")),
        Decision(f"kernel_{number}", (3, 5)),
        Decision(f"width_{number}", widths),
        Decision(f"depth_{number}", (1, 2)),
    )


def _cell(kind: str) -> tuple[Decision, ...]:
    operations = ("identity", "separable 3", "separable 5", "average 3", "maximum 3")
    decisions = []
    for block in range(BLOCKS):
        inputs = ("input", "previous", *(f"block {earlier + 1}" for earlier in range(block)))
        decisions += [Decision(f"{kind}_{block + 1}_input_{side}", inputs) for side in "ab"]
        decisions += [Decision(f"{kind}_{block + 1}_operation_{side}", operations) for side in "ab"]
        decisions += [Decision(f"{kind}_{block + 1}_combine", ("add", "concatenate"))]
    return tuple(decisions)


STAGES = _stage(1, (4, 12)) + _stage(2, (8, 24))
CELLS = _cell("normal") + _cell("reduction")


def choices(space: Sequence[Decision]) -> tuple[int, ...]:
    """Return how many options each decision of a space has."""
    return tuple(len(decision.options) for decision in space)


def cell_choices(blocks: int, operations: int) -> list[int]:
    """Count the options of each decision of one cell: two inputs, two operations and one combination a block.

    A block may read both inputs of the cell and all blocks before it.

    Args:
        blocks: number of blocks.
        operations: number of operations to choose from.

    Returns:
        5 · `blocks` numbers, in the order in which the tokens are written.

    Zoph, Vasudevan, Shlens and Le (2018), section 3.
    """
    return [count for block in range(blocks) for count in (block + 2, block + 2, operations, operations, 2)]


def decode(tokens: Sequence[int] | Tensor, space: Sequence[Decision]) -> dict:
    """Return the option that each token takes, by the name of its decision.

    Raises:
        ValueError: if there is not one token a decision, or a token is no index of an option.
    """
    tokens = [int(token) for token in tokens]
    if len(tokens) != len(space):
        raise ValueError(f"An architecture of this space has {len(space)} tokens, but {len(tokens)} were given.")
    for token, decision in zip(tokens, space, strict=True):
        if not 0 <= token < len(decision.options):
            raise ValueError(f"{decision.name} takes a token from 0 to {len(decision.options) - 1}, but it is {token}.")
    return {decision.name: decision.options[token] for token, decision in zip(tokens, space, strict=True)}


def rows(tokens: Tensor, choices: Sequence[int]) -> Tensor:
    """Number token sequences in lexicographic order, the first token counting most.

    Args:
        tokens: int64 (..., L).
        choices: number of options of each decision, L of them.

    Returns:
        Numbers in [0, product of `choices`), int64 (...).

    Raises:
        ValueError: if the last dimension is not as long as `choices`.
    """
    if tokens.shape[-1:] != (len(choices),):
        raise ValueError(f"tokens have shape {tuple(tokens.shape)}, but the last dimension must be {len(choices)}.")
    weights = [math.prod(choices[place + 1 :]) for place in range(len(choices))]
    return (tokens * torch.tensor(weights, device=tokens.device)).sum(-1)


def all_tokens(choices: Sequence[int]) -> Tensor:
    """Return every token sequence, in the order of `rows`: int64 (product of `choices`, L)."""
    return torch.cartesian_prod(*(torch.arange(count) for count in choices)).view(-1, len(choices))
