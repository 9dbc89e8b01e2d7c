"""CartPole-v1 for whole batches on any device: gymnasium's physics, limits and rendering, and a face as its `VectorEnv`.

States (..., 4) hold the cart's place x (m), its speed ẋ (m/s), the pole's angle θ (rad, 0 is upright) and θ̇ (rad/s).
Here they are views of columns (4, ...), so that arithmetic on a column runs through memory in order.
"""

import math
import os
from collections.abc import Sequence

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from torch import Tensor

from helpers.rollouts import World

MAX_STEPS = 500  # an episode is cut here
MAX_X = 2.4  # m
MAX_THETA = math.radians(12)
START = 0.05  # an episode starts within ± this, in every column

GRAVITY = 9.8  # m/s²
CART, POLE = 1.0, 0.1  # masses, kg
HALF_LENGTH = 0.5  # of the pole, m
FORCE = 10.0  # N
TAU = 0.02  # s, one step
TOTAL = CART + POLE


def reset(shape: tuple[int, ...], *, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
    """Draw initial states, each column uniform in ±0.05.

    Args:
        shape: how many episodes, with any leading dimensions; () is one.
        generator: source of randomness; the states are on its device.
        dtype: float32 or float64.

    Returns:
        States S_0, shape (*shape, 4).
    """
    columns = torch.empty((4, *shape), dtype=dtype, device=generator.device)
    return columns.uniform_(-START, START, generator=generator).movedim(0, -1)


@torch.no_grad()
def step(states: Tensor, actions: Tensor) -> Tensor:
    """Push each cart for one time step of 0.02 s: Euler's method on the equations of motion, as gymnasium has it.

    Episodes that are over go on by the same physics: ask `terminated`, and count steps. No gradient flows.

    Args:
        states: S_t, float32 or float64, shape (..., 4).
        actions: A_t, shape (...): 0 or False pushes left, 1 or True right. Other values are not looked for, which would
            cost as much as the step; they push harder.

    Returns:
        States S_{t+1}, shape (..., 4), of the dtype of `states`.

    Raises:
        ValueError: if `states` has not four columns, or there is not one action for each state.

    Barto, Sutton and Anderson (1983), with the corrected equations of Florian (2007).
    """
    if states.shape[-1:] != (4,) or actions.shape != states.shape[:-1]:
        raise ValueError(
            f"states must have shape (..., 4) and actions (...), but they are {tuple(states.shape)} and "
            f"{tuple(actions.shape)}."
        )
    x, x_dot, theta, theta_dot = states.unbind(-1)
    sin, cos = theta.sin(), theta.cos()
    push = (sin * theta_dot).mul_(theta_dot).mul_(POLE * HALF_LENGTH / TOTAL).sub_(FORCE / TOTAL)
    push.add_(actions, alpha=2 * FORCE / TOTAL)  # (F + m l θ̇² sin θ) / M
    top = torch.addcmul(sin, cos, push, value=-1 / GRAVITY)
    scale = HALF_LENGTH / GRAVITY / TAU
    bottom = cos.square().mul_(-scale * POLE / TOTAL).add_(scale * 4 / 3)
    turn = top.div_(bottom)  # τ θ̈
    columns = torch.empty((4, *actions.shape), dtype=states.dtype, device=states.device)
    next_x, next_x_dot, next_theta, next_theta_dot = columns.unbind(0)
    torch.add(x, x_dot, alpha=TAU, out=next_x)
    torch.add(theta, theta_dot, alpha=TAU, out=next_theta)
    torch.add(theta_dot, turn, out=next_theta_dot)
    torch.add(x_dot, push, alpha=TAU, out=next_x_dot).addcmul_(cos, turn, value=-POLE * HALF_LENGTH / TOTAL)
    return columns.movedim(0, -1)


def terminated(states: Tensor) -> Tensor:
    """Return whether the cart has left the track, |x| > 2.4 m, or the pole has fallen, |θ| > 12°.

    Args:
        states: shape (..., 4), after the step.

    Returns:
        bool, shape (...).
    """
    return (states[..., 0].abs() > MAX_X) | (states[..., 2].abs() > MAX_THETA)


def outcome(states: Tensor, actions: Tensor, next_states: Tensor) -> tuple[Tensor, Tensor]:
    """Return the rewards, 1 for every step, and whether the episode ended; each of shape (...)."""
    ended = terminated(next_states)
    return torch.ones_like(next_states[..., 0]), ended


WORLD = World(reset, step, outcome, num_actions=2, max_steps=MAX_STEPS)
