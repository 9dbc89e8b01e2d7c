"""Acrobot-v1 and MountainCar-v0 as worlds of whole batches, with gymnasium's physics, rewards and limits.

What a policy learns here it can do in gymnasium's environments: states are their observations, in the same order.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from helpers.rollouts import World

FASTEST = (4 * math.pi, 9 * math.pi)  # of the two rates of Acrobot, rad/s
SECONDS = 0.2  # seconds a step of Acrobot


def acrobot() -> World:
    """Return Acrobot-v1: swing a double pendulum up by a motor between its two links.

    States (..., 6) are cos θ₁, sin θ₁, cos θ₂, sin θ₂ and the rates of the two angles in rad/s; θ₁ = 0 hangs down, and
    θ₂ is measured from the first link. Actions 0, 1, 2 are torques of −1, 0 and 1 N m. Each step costs 1 until the tip
    is one link above the axis.

    Sutton (1996); Sutton and Barto (1998), section 11.3.
    """
    return World(_hang, _swing, _swung, num_actions=3, max_steps=500)


def mountain_car(potential: Callable[[Tensor], Tensor] | None = None) -> World:
    """Return MountainCar-v0: rock a weak car out of a valley, in 200 steps at most; each step costs 1.

    States (..., 2) are place and speed. Actions 0, 1, 2 push to the left, not at all, and to the right.

    Args:
        potential: Φ, from states (..., 2) to numbers (...). If it is given, a step also earns Φ(S_{t+1}) − Φ(S_t): with
            γ = 1 and Φ = 0 at the end that changes no best policy (Ng, Harada and Russell, 1999).

    Moore (1990); Sutton and Barto (2018), section 10.1.
    """

    def outcome(states: Tensor, actions: Tensor, next_states: Tensor) -> tuple[Tensor, Tensor]:
        place, speed = next_states.unbind(-1)
        ended = (place >= 0.5) & (speed >= 0)
        rewards = -torch.ones_like(place)
        if potential is not None:
            rewards = rewards + potential(next_states) - potential(states)
        return rewards, ended

    return World(_park, _drive, outcome, num_actions=3, max_steps=200)


def _hang(shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
    start = torch.empty(*shape, 4, device=generator.device).uniform_(-0.1, 0.1, generator=generator)
    return _observed(*start.unbind(-1))


def _observed(first: Tensor, second: Tensor, first_rate: Tensor, second_rate: Tensor) -> Tensor:
    return torch.stack([first.cos(), first.sin(), second.cos(), second.sin(), first_rate, second_rate], -1)


def _swing(states: Tensor, actions: Tensor) -> Tensor:
    """Take one step of 0.2 s by Runge and Kutta's method of fourth order."""
    cos1, sin1, cos2, sin2, rate1, rate2 = states.unbind(-1)
    start = torch.stack([torch.atan2(sin1, cos1), torch.atan2(sin2, cos2), rate1, rate2])
    torque = actions.to(states.dtype) - 1
    k1 = _rates(start, torque)
    k2 = _rates(start + SECONDS / 2 * k1, torque)
    k3 = _rates(start + SECONDS / 2 * k2, torque)
    k4 = _rates(start + SECONDS * k3, torque)
    first, second, rate1, rate2 = start + SECONDS / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return _observed(first, second, rate1.clamp(-FASTEST[0], FASTEST[0]), rate2.clamp(-FASTEST[1], FASTEST[1]))


def _rates(state: Tensor, torque: Tensor) -> Tensor:
    """Return the derivatives (4, ...) of both angles and rates: links of 1 m and 1 kg, centres at 0.5 m, inertia 1."""
    first, second, rate1, rate2 = state
    cos2, sin2, g = second.cos(), second.sin(), 9.8
    d1, d2 = 3.5 + cos2, 1.25 + 0.5 * cos2
    phi2 = 0.5 * g * (first + second - math.pi / 2).cos()
    phi1 = -0.5 * sin2 * rate2 * (rate2 + 2 * rate1) + 1.5 * g * (first - math.pi / 2).cos() + phi2
    second_push = torque + d2 / d1 * phi1 - 0.5 * rate1.square() * sin2 - phi2
    second_acceleration = second_push / (1.25 - d2.square() / d1)
    return torch.stack([rate1, rate2, -(d2 * second_acceleration + phi1) / d1, second_acceleration])


def _swung(states: Tensor, actions: Tensor, next_states: Tensor) -> tuple[Tensor, Tensor]:
    cos1, sin1, cos2, sin2, _, _ = next_states.unbind(-1)
    ended = -cos1 - (cos1 * cos2 - sin1 * sin2) > 1
    return torch.where(ended, 0.0, -1.0).to(next_states.dtype), ended


def _park(shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
    place = torch.empty(shape, device=generator.device).uniform_(-0.6, -0.4, generator=generator)
    return torch.stack([place, torch.zeros_like(place)], -1)


def _drive(states: Tensor, actions: Tensor) -> Tensor:
    place, speed = states.unbind(-1)
    speed = (speed + 0.001 * (actions - 1) - 0.0025 * (3 * place).cos()).clamp(-0.07, 0.07)
    place = (place + speed).clamp(-1.2, 0.6)
    return torch.stack([place, torch.where((place <= -1.2) & (speed < 0), 0.0, speed)], -1)
