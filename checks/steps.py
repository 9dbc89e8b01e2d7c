"""Gradients and optimiser steps of an answer, looked at from outside it."""

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from checks.answer import Answer
from checks.compare import fail, scalar


def gradient(value, parameter: Tensor, *, what: str, of: str = "the parameters") -> Tensor:
    """Return the gradient of a scalar with respect to a parameter; for use inside a probe.

    Raises:
        CheckFailed: if `value` is no scalar tensor, or no path leads from the parameter to it.
    """
    scalar(value, what=what)
    found = torch.autograd.grad(value, parameter, allow_unused=True)[0] if value.requires_grad else None
    if found is None:
        fail(
            f"{what} is cut off from {of}, so no gradient reaches them. "
            "Look for .item(), .detach(), torch.tensor(…) or torch.no_grad() on the way."
        )
    return found


def slope(answer: Answer, arguments: Sequence, at: int, *, what: str, of: str = "the parameters", **named) -> Tensor:
    """Return the gradient of an answer's value, one number, with respect to one of its arguments.

    Args:
        answer: the learner's function.
        arguments: what it is called with.
        at: which argument, a tensor of real numbers.
        what: name of the value, which starts the sentence.
        of: what a sentence calls the argument, in the plural.
        named: further arguments by name.

    Raises:
        CheckFailed: if the value is no tensor with a single number, or no path leads from the argument to it.
    """
    arguments = list(arguments)

    def probe(function):
        moving = arguments[at].detach().clone().requires_grad_()
        value = function(*arguments[:at], moving, *arguments[at + 1 :], **named)
        return gradient(value, moving, what=what, of=of)

    return answer.probe(probe)


def flat(network: nn.Module) -> Tensor:
    """Return all parameters of a network as one vector."""
    return torch.cat([part.detach().flatten() for part in network.parameters()])


def leave_gradients(model: nn.Module, step: Callable[[nn.Module], object], size: float) -> None:
    """Give a model gradients that are left over from something else, unless a step clears them behind itself.

    Clearing behind each step is as right as before it, and then there is nothing left over.

    Args:
        model: whose parameters get them.
        step: takes one step of the model that it is given, a copy.
        size: each gradient.
    """
    tried = copy.deepcopy(model)
    step(tried)
    if any(part.grad is not None and part.grad.any() for part in tried.parameters()):
        for part in model.parameters():
            part.grad = torch.full_like(part, size)


def moved(
    make: Callable[[], nn.Module], step: Callable, *, times=1, learning_rate=0.1, method=torch.optim.SGD
) -> Tensor:
    """Return how far some steps move the parameters of a fresh network, as one vector.

    Args:
        make: returns the network, the same each time.
        step: a function of the network and its optimizer that takes one step.
        times: how many.
        learning_rate: of the optimizer.
        method: the optimizer's class.
    """
    network = make()
    optimizer = method(network.parameters(), lr=learning_rate)
    before = flat(network)
    for _ in range(times):
        step(network, optimizer)
    return flat(network) - before
