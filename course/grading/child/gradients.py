"""Gradients through two processes: each follows its part of the graph, and asks the other one for what lies there."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


class Linked(torch.autograd.Function):
    """A tensor that the other process made, as a function of tensors of this one.

    `Linked.apply(ask, value, *given)` returns the value. `ask(gradient)` returns its slopes with respect to each of
    those given, times the gradient that comes from behind; None stands where it does not depend on one.
    """

    @staticmethod
    def forward(context, ask, value: Tensor, *_: Tensor) -> Tensor:
        context.ask = ask
        return value

    @staticmethod
    @once_differentiable
    def backward(context, gradient: Tensor) -> tuple:
        return None, None, *context.ask(gradient)


def slopes(value: Tensor, leaves: Sequence[Tensor], gradient: Tensor) -> list[Tensor | None]:
    """Return the slopes of a tensor with respect to each leaf, times the gradient that comes from behind it."""
    wanted = [leaf for leaf in leaves if leaf.requires_grad]
    found = iter(torch.autograd.grad(value, wanted, gradient, retain_graph=True, allow_unused=True) if wanted else ())
    return [next(found) if leaf.requires_grad else None for leaf in leaves]
