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


@torch.no_grad()
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
    states = world.reset(shape, generator=generator)
    logits = policy(states)
    if logits.shape != (*shape, world.num_actions):
        raise ValueError(
            f"The policy gives logits of shape {tuple(logits.shape)}, but {(*shape, world.num_actions)} was expected: "
            "one for each action."
        )
    act = _chooser(policy, world.num_actions, shape, generator=generator, greedy=greedy)
    alive = torch.ones(shape, dtype=torch.bool, device=states.device)
    record = []
    for start in range(0, world.max_steps, CHUNK):
        seen, taken = [], []
        for choose in act(min(CHUNK, world.max_steps - start)):
            actions = choose(states)
            seen.append(states)
            taken.append(actions)
            states = world.dynamics(states, actions)
        before, actions = torch.stack(seen, -2), torch.stack(taken, -1).long()
        after = torch.cat([before[..., 1:, :], states.unsqueeze(-2)], -2)
        rewards, terminated = world.outcome(before, actions, after)
        ended = terminated.cumsum(-1)
        record.append((before, actions, rewards, alive.unsqueeze(-1) & (ended - terminated.long() == 0)))
        alive = alive & (ended[..., -1] == 0)
        if not alive.any():
            break
    states, actions, rewards, mask = zip(*record, strict=True)
    episodes = Episodes(torch.cat(states, -2), *(torch.cat(part, -1) for part in (actions, rewards, mask)))
    return _cut(episodes, int(episodes.mask.sum(-1).max()))


@torch.no_grad()
def play(
    envs: gymnasium.vector.VectorEnv, policy: nn.Module, *, generator: torch.Generator, greedy: bool = False
) -> Episodes:
    """Run one episode in each environment of a gymnasium vector environment, recorded as `rollout` does.

    Args:
        envs: environments with N sub-environments and discrete actions; observations of any shape.
        policy: a module that maps observations (N, ...) to logits of π(a | s), shape (N, A).
        generator: source of randomness, on the device of the policy; it also seeds the reset.
        greedy: take the likeliest action instead of a sample.

    Raises:
        ValueError: if the actions are not discrete, or the sub-environments reset themselves within a step.
    """
    space = envs.single_action_space
    if not isinstance(space, gymnasium.spaces.Discrete):
        raise ValueError(f"REINFORCE here has a categorical policy, but the actions are {space}: choose Discrete ones.")
    if envs.metadata.get("autoreset_mode") == AutoresetMode.SAME_STEP:
        raise ValueError(
            "An environment that resets within the step hides where an episode ends: use AutoresetMode.NEXT_STEP."
        )
    act = _chooser(policy, int(space.n), (envs.num_envs,), generator=generator, greedy=greedy)
    seed = int(torch.randint(2**31, (), generator=generator, device=generator.device))
    observation, _ = envs.reset(seed=seed)
    alive, record = np.ones(envs.num_envs, dtype=bool), []
    while alive.any():
        for choose in act(CHUNK):
            states = torch.as_tensor(observation, device=generator.device).float()
            actions = choose(states).long()
            observation, rewards, terminated, truncated, _ = envs.step(actions.cpu().numpy() + space.start)
            record.append((states, actions, torch.as_tensor(rewards).float(), torch.from_numpy(alive)))
            alive = alive & ~(terminated | truncated)
            if not alive.any():
                break
    states, *others = (torch.stack(part, 1).to(generator.device) for part in zip(*record, strict=True))
    return Episodes(states, *others)


def _cut(episodes: Episodes, steps: int) -> Episodes:
    """Keep the first `steps` steps of every episode."""
    return Episodes(episodes.states[..., :steps, :], *(part[..., :steps] for part in episodes[1:]))


def _chooser(
    policy: nn.Module, num_actions: int, shape: tuple[int, ...], *, generator: torch.Generator, greedy: bool
) -> Callable:
    """Return a function that yields, for each of some steps, a function from states to actions.

    The noise of all these steps is drawn in one go: A = argmax_a (log π(a | s) + Gumbel noise) is a sample of π. With
    two actions the difference of the logits is compared with logistic noise, and a `Network` computes just this.
    """
    device = generator.device
    if num_actions == 2 and isinstance(policy, Network):
        logit = policy.difference()
    elif num_actions == 2:

        def logit(states: Tensor) -> Tensor:
            return policy(states).diff(dim=-1)
    else:
        logit = None

    def act(steps: int):
        if greedy:
            for _ in range(steps):
                yield (lambda states: policy(states).argmax(-1)) if logit is None else lambda s: logit(s)[..., 0] > 0
        elif logit is None:
            noise = torch.empty(steps, *shape, num_actions, device=device).exponential_(generator=generator).log_()
            for at in noise:
                yield lambda states, at=at: (policy(states) - at).argmax(-1)
        else:
            noise = torch.rand(steps, *shape, 1, device=device, generator=generator).logit_()
            for at in noise:
                yield lambda states, at=at: (logit(states) > at)[..., 0]

    return act
