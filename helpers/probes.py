"""Tiny worlds on which each bug of a REINFORCE program shows by itself.

Action 1 is right in all but `two_states`, where the state decides, and `no_matter`, where nothing does. States are
(..., 2): the first number is what there is to see, the second counts the steps.
"""

import torch
from torch import Tensor

from helpers.rollouts import World


def one_step() -> World:
    """One state and one step; action 1 pays 1. Fails: a wrong sign, the probability of another action."""
    return _world(lambda seen, action: action.float(), lambda seen, clock: clock >= 1, max_steps=1)


def late_reward(steps: int = 4, bait: float = 0.0) -> World:
    """The first action decides what the last step pays. Fails: a program whose returns do not reach back that far.

    Args:
        steps: how many there are.
        bait: what action 0 pays at once; with it, rewards in place of returns learn the wrong action.
    """

    def dynamics(states: Tensor, actions: Tensor) -> Tensor:
        first = torch.where(states[..., 1] == 0, actions.to(states), states[..., 0])
        return torch.stack([first, states[..., 1] + 1], -1)

    def outcome(states: Tensor, actions: Tensor, next_states: Tensor) -> tuple[Tensor, Tensor]:
        ended = next_states[..., 1] >= steps
        paid = torch.where(ended, next_states[..., 0], 0.0)
        return paid + bait * ((states[..., 1] == 0) & (actions == 0)).to(paid), ended

    return World(_nothing, dynamics, outcome, 2, steps)


def two_states() -> World:
    """The state is −1 or 1; action 0 is right in the first, 1 in the second. Fails: a policy that sees no state."""

    def reset(shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
        sign = 2 * torch.randint(2, shape, generator=generator, device=generator.device) - 1
        return torch.stack([sign.float(), torch.zeros_like(sign).float()], -1)

    return _world(lambda seen, action: ((seen > 0) == (action == 1)).float(), lambda seen, clock: clock >= 1, 1, reset)


def early_end() -> World:
    """Action 0 pays 1 and ends; action 1 pays 1 and goes on, at most 3 steps. Behind an end stands a reward of 10.

    Fails: a program that goes on counting when an episode is over.
    """

    def dynamics(states: Tensor, actions: Tensor) -> Tensor:
        over = torch.where(actions == 0, 1.0, states[..., 0])
        return torch.stack([over, states[..., 1] + 1], -1)

    def outcome(states: Tensor, actions: Tensor, next_states: Tensor) -> tuple[Tensor, Tensor]:
        return torch.where(states[..., 0] > 0, 10.0, 1.0), next_states[..., 0] > 0

    return World(_nothing, dynamics, outcome, 2, 3)


def no_matter() -> World:
    """One step; what it pays depends on the state alone, −1 or 1 on top of 5. Here a policy has nothing to learn."""
    return _world(lambda seen, action: 5 + seen, lambda seen, clock: clock >= 1, 1, two_states().reset)


def little_matters() -> World:
    """One step; what it pays is `no_matter`'s 4 or 6 by the state, and 0.4 more for action 1."""
    return _world(
        lambda seen, action: 5 + seen + 0.4 * action.float(), lambda seen, clock: clock >= 1, 1, two_states().reset
    )


def _nothing(shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
    return torch.zeros(*shape, 2, device=generator.device)


def _world(reward, ended, max_steps: int, reset=_nothing) -> World:
    """Return a world whose state never changes but for the clock."""

    def outcome(states: Tensor, actions: Tensor, next_states: Tensor) -> tuple[Tensor, Tensor]:
        return reward(states[..., 0], actions), ended(next_states[..., 0], next_states[..., 1])

    return World(reset, lambda states, actions: states + states.new_tensor([0.0, 1.0]), outcome, 2, max_steps)
