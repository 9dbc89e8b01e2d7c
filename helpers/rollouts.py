"""Run episodes: many at once on tensor environments, or on gymnasium's vector environments, recorded alike.

Leading dimensions `...` hold independent runs and the episodes of each; time is the last one before what a state holds.
Work follows the device of the generator.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode
from torch import Tensor, nn

from helpers import given
from helpers.networks import Network

CHUNK = 16  # steps between two looks at whether any episode still runs; each look waits for the device


class Episodes(NamedTuple):
    """What happened: `states` S_t (..., T, D), `actions` A_t and `rewards` R_{t+1} (..., T), `mask` (..., T).

    The mask is true where the step happened; behind the end of an episode the other entries mean nothing.
    """

    states: Tensor
    actions: Tensor
    rewards: Tensor
    mask: Tensor


@dataclass(frozen=True)
class World:
    """An episodic environment as functions of whole batches, without hidden state.

    Attributes:
        reset: `reset(shape, generator=…)` draws initial states (*shape, D) from h(s).
        dynamics: `dynamics(states, actions)` gives the next states (..., D), whatever the states are.
        outcome: `outcome(states, actions, next_states)` gives R_{t+1} (...) and whether that ends the episode (...).
        num_actions: number of actions.
        max_steps: an episode is cut after so many steps.
    """

    reset: Callable[..., Tensor]
    dynamics: Callable[[Tensor, Tensor], Tensor]
    outcome: Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
    num_actions: int
    max_steps: int

    def step(self, states: Tensor, actions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Take one step in every episode: next states (..., D), rewards R_{t+1} (...), and whether it ended (...)."""
        next_states = self.dynamics(states, actions)
        return next_states, *self.outcome(states, actions, next_states)


def vectorised(world: World | gymnasium.Env | gymnasium.vector.VectorEnv, episodes: int):
    """Return what many episodes at once run in: so many copies of a plain gymnasium environment, all else as it is.

    Raises:
        ValueError: if it is no environment, or one that cannot be copied, or whose observations are no tensors.
    """
    if isinstance(world, gymnasium.Env):
        if world.spec is None:
            name = type(world.unwrapped).__name__
            raise ValueError(
                f"This {name} cannot be copied, since gymnasium.make did not make it: give many at once, such as "
                f"gymnasium.vector.SyncVectorEnv([{name}] * {episodes})."
            )
        world = gymnasium.make_vec(world.spec, episodes, vectorization_mode="sync", render_mode=None)
    if isinstance(world, gymnasium.vector.VectorEnv):
        space = world.single_observation_space
        if isinstance(space, gymnasium.spaces.Dict | gymnasium.spaces.Tuple):
            raise ValueError(f"Observations are {space}: wrap the world in gymnasium.wrappers.FlattenObservation.")
    elif not hasattr(world, "num_actions"):
        raise ValueError(
            f"The world is a {type(world).__name__}, but an environment is needed: what gymnasium.make or "
            "gymnasium.make_vec returns, or a rollouts.World."
        )
    return world


def rollout(
    world: World, policy: nn.Module, shape: tuple[int, ...], *, generator: torch.Generator, greedy: bool = False
) -> Episodes:
    """Run episodes in lock-step, each until it ends or is cut.

    Episodes that are over go on in silence, and the mask is computed once for every CHUNK of steps: cheaper than asking
    at each.

    Args:
        world: the environment.
        policy: a module that maps states (..., D) to logits of π(a | s), shape (..., A).
        shape: how many episodes, with leading dimensions for independent runs, (..., N).
        generator: source of randomness, on the device of the policy.
        greedy: take the likeliest action instead of a sample.

    Returns:
        Episodes with T the length of the longest one.

    Raises:
        ValueError: if `shape` is empty, or the policy's logits do not fit the world.
    """
    if not shape or min(shape) < 1:
        raise ValueError(f"shape says how many episodes to run, such as (64,), but it is {tuple(shape)}.")
    record = []  # time comes first in it
    with torch.inference_mode():  # faster than no_grad; the tensors made behind this block are ordinary again
        states = world.reset(shape, generator=generator)
        draw, choose = _rule(policy, world.num_actions, shape, states, generator=generator, greedy=greedy)
        alive = torch.ones(shape, dtype=torch.bool, device=states.device)
        for start in range(0, world.max_steps, CHUNK):
            steps = min(CHUNK, world.max_steps - start)
            columns = torch.empty(steps, *shape, 1, dtype=torch.int64, device=states.device)
            actions, seen = columns[..., 0], [states]
            for noise, column, now in zip(draw(steps), columns, actions, strict=True):
                choose(states, noise, out=column)
                states = world.dynamics(states, now)
                seen.append(states)
            seen = torch.stack(seen)
            rewards, terminated = world.outcome(seen[:-1], actions, seen[1:])
            ends = terminated.cumsum(0)
            record.append((seen[:-1], actions, rewards, alive & (ends == terminated)))  # no end before this step
            alive = alive & (ends[-1] == 0)
            if not alive.any():
                break
    states, actions, rewards, mask = (torch.cat(part) for part in zip(*record, strict=True))
    longest = int(mask.sum(0).max())
    others = (part[:longest].movedim(0, -1).contiguous() for part in (actions, rewards, mask))
    return Episodes(states[:longest].movedim(0, -2).contiguous(), *others)


def play(
    envs: gymnasium.vector.VectorEnv, policy: nn.Module, *, generator: torch.Generator, greedy: bool = False
) -> Episodes:
    """Run one episode in each environment of a gymnasium vector environment, recorded as `rollout` does.

    Args:
        envs: environments with N sub-environments and discrete actions; observations of any shape.
        policy: a module that maps observations (N, ...) to logits of π(a | s), shape (N, A).
        generator: source of randomness, on the device of the policy; it also seeds the reset.
        greedy: take the likeliest action instead of a sample.

    Returns:
        Episodes with states of shape (N, T, ...), T the length of the longest one; states and rewards have the dtype of
        the policy's parameters.

    Raises:
        ValueError: if the actions are not discrete, the policy's logits do not fit them, or the sub-environments do not
            reset themselves in the step after an end.
    """
    space, mode = envs.single_action_space, envs.metadata.get("autoreset_mode", AutoresetMode.NEXT_STEP)
    if not isinstance(space, gymnasium.spaces.Discrete):
        raise ValueError(f"REINFORCE here has a categorical policy, but the actions are {space}: choose Discrete ones.")
    if mode != AutoresetMode.NEXT_STEP:
        raise ValueError(f"An episode ends where AutoresetMode.NEXT_STEP shows it, but here the mode is {mode}.")
    device, dtype = generator.device, next((p.dtype for p in policy.parameters()), torch.float32)
    seed = int(torch.randint(2**31, (), generator=generator, device=device))
    observation, _ = envs.reset(seed=seed)
    alive, record = np.ones(envs.num_envs, dtype=bool), []
    with torch.inference_mode():
        states = torch.tensor(observation, dtype=dtype, device=device)  # a copy, since some reuse their arrays
        draw, choose = _rule(policy, int(space.n), (envs.num_envs,), states, generator=generator, greedy=greedy)
        while alive.any():
            for noise in draw(CHUNK):
                actions = torch.empty(envs.num_envs, 1, dtype=torch.int64, device=device)
                choose(states, noise, out=actions)
                actions = actions[:, 0]
                observation, rewards, terminated, truncated, _ = envs.step(actions.cpu().numpy() + space.start)
                record.append((states, actions, torch.tensor(rewards, dtype=dtype), torch.tensor(alive)))
                alive = alive & ~(terminated | truncated)
                if not alive.any():
                    break
                states = torch.tensor(observation, dtype=dtype, device=device)
    return Episodes(*(torch.stack(part, 1).to(device) for part in zip(*record, strict=True)))


def _rule(
    policy: nn.Module,
    num_actions: int,
    shape: tuple[int, ...],
    states: Tensor,
    *,
    generator: torch.Generator,
    greedy: bool,
) -> tuple[Callable, Callable]:
    """Return two functions: one draws the noise of so many steps, one turns states and noise into actions (..., 1).

    A = argmax_a (log π(a | s) − log E_a) with E_a exponential is a sample of π, the Gumbel trick. With two actions the
    difference of the logits is compared with logistic noise, and a `Network` computes just this difference. The noise
    of many steps is drawn in one go, since a call costs as much as a few numbers.

    Raises:
        ValueError: if the policy's logits for `states` have not the shape (*shape, num_actions).
    """
    logits = policy(states)
    if logits.shape != (*shape, num_actions):
        raise ValueError(
            f"The policy gives logits of shape {tuple(logits.shape)}, but {(*shape, num_actions)} was expected: "
            "one for each action."
        )
    options = {"device": logits.device, "dtype": logits.dtype}
    if num_actions == 2:
        frozen = policy.difference() if type(policy) is Network else lambda states: policy(states).diff(dim=-1)

        def draw(steps: int) -> Tensor:
            return torch.rand(steps, *shape, 1, generator=generator, **options).logit_()

        def choose(states: Tensor, noise: Tensor, *, out: Tensor) -> None:
            torch.gt(frozen(states), noise, out=out)

    else:

        def draw(steps: int) -> Tensor:
            return torch.empty(steps, *shape, num_actions, **options).exponential_(generator=generator).log_()

        def choose(states: Tensor, noise: Tensor, *, out: Tensor) -> None:
            torch.argmax(policy(states) - noise, -1, keepdim=True, out=out)

    return (lambda steps: torch.zeros(steps, 1, **options)) if greedy else draw, choose


given.explain(__name__)
