"""What a learner from replay remembers, and where it comes from: one ring of tensors, and games that start anew.

Leading dimensions `...` hold independent runs, each with games and memories of its own.
"""

from typing import NamedTuple

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode
from torch import Tensor

from helpers.rollouts import World


class Transitions(NamedTuple):
    """Steps: S_t (..., B, D), A_t, R_{t+1}, S_{t+1}, and whether the episode *ended* there; a cut is no end."""

    states: Tensor
    actions: Tensor
    rewards: Tensor
    next_states: Tensor
    ended: Tensor


class Ring:
    """The last steps of some runs, in tensors that are written round and round; they live where the steps live.

    Args:
        shape: leading dimensions, one memory for each entry; () is a single one.
        capacity: steps that each remembers.
    """

    def __init__(self, shape: tuple[int, ...], capacity: int):
        self.shape, self.capacity = tuple(shape), capacity
        self.count, self.columns = 0, None  # steps ever added, and the tensors (..., capacity, …)

    def add(self, steps: Transitions) -> None:
        """Write steps (..., N, …) over the oldest ones; they may be at most `capacity`."""
        if self.columns is None:
            axis = len(self.shape)
            shapes = ((*self.shape, self.capacity, *part.shape[axis + 1 :]) for part in steps)
            self.columns = Transitions(*(p.new_zeros(shape) for p, shape in zip(steps, shapes, strict=True)))
        number, start = steps.actions.shape[-1], self.count % self.capacity
        if number > self.capacity:
            raise ValueError(f"The ring has room for {self.capacity} steps, but {number} were to be added at once.")
        places = torch.arange(start, start + number, device=steps.actions.device) % self.capacity
        for column, part in zip(self.columns, steps, strict=True):
            column.index_copy_(len(self.shape), places, part)
        self.count += number

    def __len__(self) -> int:
        return min(self.count, self.capacity)

    def sample(self, size: int, *, generator: torch.Generator) -> Transitions:
        """Draw steps (..., size, …), each with equal probability and with replacement, for each run by itself.

        Raises:
            ValueError: if nothing was added yet.
        """
        if not self.count:
            raise ValueError("The ring is empty: add steps before you sample.")
        device = self.columns.actions.device
        places = torch.randint(len(self), (*self.shape, size), generator=generator, device=device)
        runs = self.columns.actions[..., 0].numel()
        flat = (places.view(runs, size) + self.capacity * torch.arange(runs, device=device).unsqueeze(1)).view(-1)
        axis = len(self.shape)
        return Transitions(
            *(c.flatten(0, axis).index_select(0, flat).view(*places.shape, *c.shape[axis + 1 :]) for c in self.columns)
        )

    def state(self) -> dict:
        """Return what `load` needs, of the kinds that a checkpoint takes."""
        return {"count": self.count, "columns": None if self.columns is None else list(self.columns)}

    def load(self, state: dict) -> None:
        """Put everything back to where it was when `state` was asked for."""
        self.count = state["count"]
        self.columns = None if state["columns"] is None else Transitions(*state["columns"])


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

    def step(self, actions: Tensor) -> Transitions:
        """Take actions (..., N) everywhere, and return what happened; `states` are those to act in next."""
        before = self.states
        after, rewards, ended = self.world.step(before, actions)
        self.ages += 1
        self.running += rewards
        over = ended | (self.ages >= self.world.max_steps)
        if over.is_cuda or over.any():  # asking would wait for the device
            wide = over.view(*over.shape, *[1] * (after.dim() - over.dim()))
            self.states = torch.where(wide, self.world.reset(self.shape, generator=self.generator), after)
            self.returns = torch.where(over, self.running, self.returns)
            self.ages, self.running = self.ages * ~over, self.running * ~over
        else:
            self.states = after
        return Transitions(before, actions, rewards, after, ended)

    def state(self) -> dict:
        """Return what `load` needs, of the kinds that a checkpoint takes."""
        return {name: getattr(self, name) for name in ("states", "ages", "returns", "running")}

    def load(self, state: dict) -> None:
        """Put everything back to where it was when `state` was asked for."""
        vars(self).update(state)


class VectorGames:
    """The same for a gymnasium vector environment of N sub-environments with discrete actions; one run only.

    Args:
        envs: sub-environments that reset themselves in the step after an end; that step is no transition.
        generator: source of randomness; it also seeds the reset.

    Raises:
        ValueError: if the actions are not discrete, or the sub-environments reset themselves otherwise.
    """

    def __init__(self, envs: gymnasium.vector.VectorEnv, *, generator: torch.Generator):
        space, mode = envs.single_action_space, envs.metadata.get("autoreset_mode", AutoresetMode.NEXT_STEP)
        if not isinstance(space, gymnasium.spaces.Discrete):
            raise ValueError(f"DQN chooses among discrete actions, but the actions are {space}: choose Discrete ones.")
        if mode != AutoresetMode.NEXT_STEP:
            raise ValueError(
                f"An episode ends where AutoresetMode.NEXT_STEP shows it, but here the mode is {mode}."
            )
        self.envs, self.num_actions, self.first = envs, int(space.n), int(space.start)
        self.device, self.shape = generator.device, (envs.num_envs,)
        seed = int(torch.randint(2**31, (), generator=generator, device=self.device))
        self.states = self._tensor(envs.reset(seed=seed)[0])
        self.is_over = np.zeros(envs.num_envs, dtype=bool)
        self.returns, self._running = torch.zeros(self.shape, device=self.device), np.zeros(envs.num_envs)

    def step(self, actions: Tensor) -> Transitions:
        """Take actions (N,) everywhere, and return the steps that were no resets."""
        before = self.states
        observation, rewards, ended, cut, _ = self.envs.step(actions.cpu().numpy() + self.first)
        self.states = self._tensor(observation)
        real, over = ~self.is_over, ended | cut
        self._running = np.where(real, self._running + rewards, 0.0)
        for place in np.flatnonzero(over & real):
            self.returns[place] = float(self._running[place])
        self.is_over = over
        parts = (before, actions, self._tensor(rewards), self.states, torch.tensor(ended, device=self.device))
        kept = torch.tensor(np.flatnonzero(real), device=self.device)
        return Transitions(*(part.index_select(0, kept) for part in parts))

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
