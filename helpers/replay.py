"""What a learner from replay remembers, and where it comes from: one ring of tensors, and games that start anew.

Leading dimensions `...` hold independent runs, each with games and memories of its own.
"""

import math
from typing import NamedTuple

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode
from torch import Tensor

from helpers import given
from helpers.rollouts import World


class Step(NamedTuple):
    """One step of some games, as gymnasium tells it: everything (..., N, …).

    Attributes:
        states: S_t, what was shown before the step.
        actions, rewards: A_t and R_{t+1}.
        next_states: S_{t+1}, to which the step led.
        shown: what is shown now: S_{t+1}, or where an episode is over the first state of the next one.
        terminated: whether the episode ended.
        truncated: whether it was cut, though the world would have gone on.
    """

    states: Tensor
    actions: Tensor
    rewards: Tensor
    next_states: Tensor
    shown: Tensor
    terminated: Tensor
    truncated: Tensor


class Transitions(NamedTuple):
    """What is remembered: S_t (..., B, …), A_t, R_{t+1}, S_{t+1}, and whether the episode
    ended there; a cut is no end."""

    states: Tensor
    actions: Tensor
    rewards: Tensor
    next_states: Tensor
    ended: Tensor


def empty_ring(states: Tensor, capacity: int, axis: int = 0) -> Transitions:
    """Return room for so many transitions.

    Args:
        states: what games show, (..., N, …); the ring has its device and dtype.
        capacity: transitions that are remembered.
        axis: number of leading dimensions `...`, independent runs.

    Returns:
        Tensors (..., capacity, …) of zeros.
    """
    shape = (*states.shape[:axis], capacity)
    place = {"device": states.device}
    zeros = [torch.zeros(shape, dtype=kind, **place) for kind in (torch.int64, torch.float32, torch.bool)]
    old, new = (states.new_zeros((*shape, *states.shape[axis + 1 :])) for _ in range(2))
    return Transitions(old, zeros[0], zeros[1], new, zeros[2])


def store(ring: Transitions, count: int, step: Step, axis: int = 0) -> int:
    """Write the N transitions of a step behind the `count` written so far, round and round, over the oldest ones.

    Args:
        ring: tensors (..., capacity, …), which are changed in place.
        count: how many were written before.
        step: what happened in N games.
        axis: number of leading dimensions `...`, independent runs.

    Returns:
        count + N.

    Raises:
        ValueError: if the ring has no room for N at once.
    """
    capacity, number = ring.actions.shape[axis], step.actions.shape[axis]
    if number > capacity:
        raise ValueError(f"The ring has room for {capacity} steps, but {number} were to be added at once.")
    start = count % capacity
    first = min(number, capacity - start)  # so many fit behind what is there, the others go to the ring's start
    for column, part in zip(ring, (*step[:4], step.terminated), strict=True):
        if first == number:
            column.narrow(axis, start, number).copy_(part)
        else:
            column.narrow(axis, start, first).copy_(part.narrow(axis, 0, first))
            column.narrow(axis, 0, number - first).copy_(part.narrow(axis, first, number - first))
    return count + number


def draw(ring: Transitions, count: int, size: int, *, generator: torch.Generator, axis: int = 0) -> Transitions:
    """Draw transitions (..., size, …), each with equal probability and with replacement, for each run by itself.

    Args:
        ring: tensors (..., capacity, …).
        count: how many were written so far, at least 1.
        size: how many to draw.
        generator: source of randomness, on the device of the ring.
        axis: number of leading dimensions `...`.

    Raises:
        ValueError: if nothing was written yet.
    """
    if count < 1:
        raise ValueError("The ring is empty: store transitions before you draw any.")
    *shape, capacity = ring.actions.shape
    device, runs = ring.actions.device, math.prod(shape)
    places = torch.randint(min(count, capacity), (*shape, size), generator=generator, device=device)
    if not shape:
        return Transitions(*(column.index_select(0, places) for column in ring))
    flat = (places.view(runs, size) + capacity * torch.arange(runs, device=device).unsqueeze(1)).view(-1)
    return Transitions(
        *(c.flatten(0, axis).index_select(0, flat).view(*shape, size, *c.shape[axis + 1 :]) for c in ring)
    )


class Games:
    """Games of a batched world that go on for ever: what has ended or was cut starts anew.

    Args:
        world: the environment.
        shape: how many games, with leading dimensions for independent runs, (..., N).
        generator: source of randomness.

    Attributes:
        states: what the games show now, (..., N, D).
        returns: the undiscounted return of each game's last finished episode, (..., N); 0 until there is one.
    """

    def __init__(self, world: World, shape: tuple[int, ...], *, generator: torch.Generator):
        self.world, self.shape, self.generator = world, tuple(shape), generator
        self.num_actions = world.num_actions
        self.states = world.reset(self.shape, generator=generator)
        device = self.states.device
        self.ages = torch.zeros(self.shape, dtype=torch.int64, device=device)
        self.returns, self.running = torch.zeros(self.shape, device=device), torch.zeros(self.shape, device=device)

    def advance(self, actions: Tensor) -> tuple[Step, Tensor]:
        """Take a step, and also say in which games it was one: here in all, bool (..., N)."""
        step = self.step(actions)
        return step, torch.ones_like(step.terminated)

    def step(self, actions: Tensor) -> Step:
        """Take actions (..., N) everywhere, (..., N, D) where they have D numbers, and return what happened."""
        before = self.states
        after, rewards, ended = self.world.step(before, actions)
        self.ages += 1
        self.running += rewards
        cut = (self.ages >= self.world.max_steps) & ~ended
        over = ended | cut
        if over.is_cuda or over.any():  # asking would wait for the device
            wide = over.view(*over.shape, *[1] * (after.dim() - over.dim()))
            self.states = torch.where(wide, self.world.reset(self.shape, generator=self.generator), after)
            self.returns = torch.where(over, self.running, self.returns)
            self.ages, self.running = self.ages * ~over, self.running * ~over
        else:
            self.states = after
        return Step(before, actions, rewards, after, self.states, ended, cut)

    def state(self) -> dict:
        """Return what `load` needs, of the kinds that a checkpoint takes."""
        return {name: getattr(self, name) for name in ("states", "ages", "returns", "running")}

    def load(self, state: dict) -> None:
        """Put everything back to where it was when `state` was asked for."""
        vars(self).update(state)


class VectorGames:
    """The same for a gymnasium vector environment of N sub-environments; one run only.

    Actions are discrete, or boxes of D numbers, where what lies outside of the box is moved to its edge.

    Args:
        envs: sub-environments that reset themselves in the step after an end; that step is no transition.
        generator: source of randomness; it also seeds the reset.

    Raises:
        ValueError: if the actions are of another kind, or the sub-environments reset themselves otherwise.
    """

    def __init__(self, envs: gymnasium.vector.VectorEnv, *, generator: torch.Generator):
        space, mode = envs.single_action_space, envs.metadata.get("autoreset_mode", AutoresetMode.NEXT_STEP)
        self.is_discrete = isinstance(space, gymnasium.spaces.Discrete)
        if not self.is_discrete and not (isinstance(space, gymnasium.spaces.Box) and len(space.shape) == 1):
            raise ValueError(f"Actions are Discrete, or a Box of one dimension, but here they are {space}.")
        if mode != AutoresetMode.NEXT_STEP:
            raise ValueError(f"An episode ends where AutoresetMode.NEXT_STEP shows it, but here the mode is {mode}.")
        self.envs, self.space = envs, space
        self.num_actions = int(space.n) if self.is_discrete else space.shape[0]
        self.device, self.shape = generator.device, (envs.num_envs,)
        seed = int(torch.randint(2**31, (), generator=generator, device=self.device))
        self.states = self._tensor(envs.reset(seed=seed)[0])
        self.is_over = np.zeros(envs.num_envs, dtype=bool)
        self.returns, self._running = torch.zeros(self.shape, device=self.device), np.zeros(envs.num_envs)

    def step(self, actions: Tensor) -> Step:
        """Take actions (N,) everywhere, and return the steps that were no resets."""
        step, real = self.advance(actions)
        kept = real.nonzero()[:, 0]
        return Step(*(part.index_select(0, kept) for part in step))

    def advance(self, actions: Tensor) -> tuple[Step, Tensor]:
        """Take actions (N,) or (N, D) everywhere, and also say which steps were no resets, bool (N,)."""
        before, taken = self.states, actions.cpu().numpy()
        if self.is_discrete:
            taken = taken + self.space.start
        else:
            taken = taken.clip(self.space.low, self.space.high).astype(self.space.dtype)
        observation, rewards, ended, cut, _ = self.envs.step(taken)
        self.states = self._tensor(observation)
        real, over = ~self.is_over, ended | cut
        self._running = np.where(real, self._running + rewards, 0.0)
        for place in np.flatnonzero(over & real):
            self.returns[place] = float(self._running[place])
        self.is_over = over
        ends = (torch.tensor(part, device=self.device) for part in (ended, cut & ~ended))
        step = Step(before, actions, self._tensor(rewards), self.states, self.states, *ends)
        return step, torch.tensor(real, device=self.device)

    def _tensor(self, array: np.ndarray) -> Tensor:
        """Copy an array, since some environments reuse theirs; float64 becomes float32."""
        array = np.asarray(array)
        dtype = torch.float32 if array.dtype == np.float64 else None
        return torch.tensor(array, dtype=dtype, device=self.device)


def games(
    world: World | gymnasium.vector.VectorEnv, shape: tuple[int, ...], *, generator: torch.Generator
) -> Games | VectorGames:
    """Return games of a world, or of a vector environment, which has its own number of them."""
    if isinstance(world, gymnasium.vector.VectorEnv):
        return VectorGames(world, generator=generator)
    return Games(world, shape, generator=generator)


given.explain(__name__)
