"""What a policy says about a state: logits of discrete actions, or a Gaussian of continuous ones."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from helpers import given


class Normal(NamedTuple):
    """A Gaussian policy's answer: `mean` and `log_std`, the logarithm of its spread, both (..., D)."""

    mean: Tensor
    log_std: Tensor


class Gaussian(nn.Module):
    """A policy of continuous actions: a network's output is the mean, the spread is a parameter of its own.

    Args:
        network: from states to means, (..., N, K) to (..., N, D); its leading dimensions are kept.
        size: D, how many numbers an action has.
        std: the spread at the start.
        learns_std: whether training changes the spread.
        device: where the spread is.
    """

    def __init__(
        self,
        network: nn.Module,
        size: int,
        std: float = 1.0,
        *,
        learns_std: bool = True,
        device: torch.device | str = "cpu",
    ):
        super().__init__()
        if std <= 0:
            raise ValueError(f"A spread is positive, but std is {std}.")
        self.network, self.shape = network, tuple(getattr(network, "shape", ()))
        log_std = torch.full((*self.shape, 1, size), math.log(std), device=device)
        self.log_std = nn.Parameter(log_std, requires_grad=learns_std)

    def forward(self, states: Tensor) -> Normal:
        """Return means and logarithms of spreads for states (..., N, K), each (..., N, D)."""
        mean = self.network(states)
        return Normal(mean, self.log_std.expand_as(mean))


def log_prob(outputs: Tensor | Normal, actions: Tensor) -> Tensor:
    """Compute log π(A | S) from what a policy says about S.

    Args:
        outputs: logits (..., A), or a `Normal` of actions (..., D).
        actions: int64 (...), or (..., D).

    Returns:
        Shape (...).

    Raises:
        ValueError: if an action is none of the A.
    """
    if isinstance(outputs, Normal):
        return gaussian_log_prob(*outputs, actions)
    try:
        return outputs.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    except RuntimeError:
        raise ValueError(
            f"Actions are whole numbers in 0, …, {outputs.shape[-1] - 1}, one for each row of logits "
            f"{tuple(outputs.shape)}, but they are {actions.dtype} of shape {tuple(actions.shape)} from "
            f"{actions.min()} to {actions.max()}."
        ) from None


def gaussian_log_prob(mean: Tensor, log_std: Tensor, actions: Tensor) -> Tensor:
    """Compute log 𝒩(A; μ, σ²), summed over the D numbers of an action, which are drawn independently.

    Args:
        mean, log_std: μ and log σ, shape (..., D).
        actions: shape (..., D).

    Returns:
        Shape (...).

    Raises:
        ValueError: if the actions have another shape.

    Sutton & Barto (2018), section 13.7.
    """
    if actions.shape != mean.shape:
        raise ValueError(
            f"Actions have shape {tuple(actions.shape)}, but {tuple(mean.shape)} was expected, like their mean."
        )
    z = (actions - mean) * (-log_std).exp()
    return (-z.square() / 2 - log_std - math.log(2 * math.pi) / 2).sum(-1)


def choose(outputs: Tensor | Normal, *, generator: torch.Generator, greedy: bool = False) -> Tensor:
    """Sample A ~ π(a | s), or take the likeliest action.

    Args:
        outputs: logits (..., A), or a `Normal` of actions (..., D).
        generator: source of randomness, on the device of `outputs`.
        greedy: take the likeliest action instead of a sample.

    Returns:
        int64 (...), or (..., D).
    """
    if isinstance(outputs, Normal):
        mean, log_std = outputs
        if greedy:
            return mean
        noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
        return mean + log_std.exp() * noise
    if greedy:
        return outputs.argmax(-1)
    return (outputs - torch.empty_like(outputs).exponential_(generator=generator).log_()).argmax(-1)  # Gumbel's trick


def entropy(outputs: Tensor | Normal) -> Tensor:
    """Compute −E log π(A | S), (...), of a Gaussian up to a constant."""
    if isinstance(outputs, Normal):
        return outputs.log_std.sum(-1)
    log_pi = outputs.log_softmax(-1)
    return -(log_pi.exp() * log_pi).sum(-1)


def on_segment(policy: nn.Module, states: Tensor) -> Tensor | Normal:
    """Apply a policy to the states of all steps of a segment, (..., N, T, …)."""
    axis = len(getattr(policy, "shape", ()))
    found, sizes = policy(states.flatten(axis, axis + 1)), states.shape[axis : axis + 2]
    if isinstance(found, Normal):
        return Normal(*(part.unflatten(axis, sizes) for part in found))
    return found.unflatten(axis, sizes)


given.explain(__name__)
