"""Deep Q-learning (DQN): a network of action values, replay, a target network, Double DQN; one run or many at once.

Leading dimensions `...` hold independent runs; then come B steps of a batch. Adam sees the sum of the runs' losses, and
since it treats every entry by itself, each run learns as if it were alone.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import gymnasium
import torch
from torch import Tensor, nn

from helpers import given, progress, rollouts, training
from helpers.networks import Network
from helpers.replay import Transitions, draw, empty_ring, games, store
from helpers.rollouts import World

TD_LOSSES = {"squared": nn.functional.mse_loss, "huber": nn.functional.smooth_l1_loss}


@dataclass(frozen=True)
class Recipe:
    """How to train; the defaults break nine of the small Breakout's ten bricks, see benchmarks/ablations.py.

    Attributes:
        games: N, played in lock-step; each update follows one step in all of them.
        batch_size: steps drawn from the ring for one update.
        capacity: steps that the ring remembers.
        replay: whether there is a ring; without it an update sees the N latest steps alone.
        gamma: discount γ.
        learning_rate: of Adam.
        final_rate: the learning rate falls linearly to this share of itself.
        epsilon: probability of a random action at the end; it falls linearly from 1.
        exploring: share of the updates during which it falls.
        copy_every: updates between two copies into the target network; None has no target network.
        double: the network chooses the next action, and the target network says what it is worth.
        loss: "squared", or "huber", which grows linearly from an error of 1 on.
    """

    games: int = 4
    batch_size: int = 64
    capacity: int = 10_000
    replay: bool = True
    gamma: float = 0.97
    learning_rate: float = 4e-3
    final_rate: float = 0.1
    epsilon: float = 0.05
    exploring: float = 0.3
    copy_every: int | None = 100
    double: bool = False
    loss: str = "squared"

    def __post_init__(self):
        if min(self.games, self.batch_size) < 1 or not 0 <= self.gamma <= 1 or not 0 <= self.epsilon <= 1:
            raise ValueError(
                "games and batch_size are at least 1, γ and ε in [0, 1], but they are "
                f"{self.games}, {self.batch_size}, {self.gamma} and {self.epsilon}."
            )
        if self.capacity < max(self.batch_size, self.games):
            raise ValueError(
                f"The ring remembers {self.capacity} steps, but a batch has {self.batch_size} and a step of all games "
                f"{self.games}: take a larger capacity."
            )
        if self.copy_every is not None and self.copy_every < 1:
            raise ValueError(f"copy_every is at least 1, or None for no target network, but it is {self.copy_every}.")
        if self.double and self.copy_every is None:
            raise ValueError("Double DQN needs two networks: give copy_every.")
        if not self.replay and self.batch_size != self.games:
            raise ValueError("Without a ring a batch is one step of all games: make batch_size and games equal.")
        if self.loss not in TD_LOSSES:
            raise ValueError(f"loss is one of {tuple(TD_LOSSES)}, but it is {self.loss!r}.")


class Result(NamedTuple):
    """What training gave, at each report.

    Attributes:
        history: mean undiscounted return of the latest episode of each game, shape (reports, ...).
        q_means: mean over a batch of max_a Q(S_t, a), shape (reports, ...).
    """

    history: Tensor
    q_means: Tensor


class Rectified(Network):
    """A `Network` with rectified units, max(0, x), where that has tanh: its values have no bound, like those of DQN."""

    def forward(self, states: Tensor) -> Tensor:
        """Map states (..., N, D) to (..., N, K)."""
        *inner, last = zip(self._scaled_weights(), self.biases, strict=True)
        for weight, bias in inner:
            states = (states @ weight + bias).relu()
        return states @ last[0] + last[1]


def td_target(rewards: Tensor, ended: Tensor, next_q: Tensor, gamma: float) -> Tensor:
    """Compute y = R_{t+1} + γ max_a Q(S_{t+1}, a), and R_{t+1} alone where the episode ended.

    An episode that was only cut has not ended: the world would have gone on, and what would have come counts.

    Args:
        rewards: R_{t+1}, shape (...).
        ended: whether the episode ended at this step, bool (...).
        next_q: Q(S_{t+1}, a), shape (..., A); no gradient flows into it.
        gamma: discount γ.

    Returns:
        Targets, shape (...).

    Mnih et al. (2015), algorithm 1; Sutton & Barto (2018), equation 6.8.
    """
    return rewards + gamma * torch.where(ended, 0.0, next_q.detach().amax(-1))


def double_target(rewards: Tensor, ended: Tensor, next_q: Tensor, next_q_target: Tensor, gamma: float) -> Tensor:
    """Compute R_{t+1} + γ Q⁻(S_{t+1}, argmax_a Q(S_{t+1}, a)): one network chooses, the other says what it is worth.

    Args:
        rewards, ended: as in `td_target`, shape (...).
        next_q: Q(S_{t+1}, a) of the network that learns, shape (..., A).
        next_q_target: Q⁻(S_{t+1}, a) of the target network, shape (..., A).
        gamma: discount γ.

    Returns:
        Targets, shape (...), without gradient.

    Van Hasselt, Guez and Silver (2016), equation 4.
    """
    chosen = next_q.detach().argmax(-1, keepdim=True)
    return rewards + gamma * torch.where(ended, 0.0, next_q_target.detach().gather(-1, chosen).squeeze(-1))


def td_loss(q: Tensor, actions: Tensor, targets: Tensor, loss: str = "squared") -> Tensor:
    """Compute the mean over steps of the loss between Q(S_t, A_t) and its target.

    Args:
        q: Q(S_t, a), shape (..., B, A).
        actions: A_t, int64 (..., B).
        targets: y_t, shape (..., B); no gradient flows into them.
        loss: "squared", (Q − y)², or "huber", half of it up to an error of 1 and |Q − y| − ½ beyond.

    Returns:
        The loss of each run, shape (...).

    Raises:
        ValueError: if an action is none of the A.
    """
    try:
        taken = q.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    except RuntimeError:
        raise ValueError(
            f"Actions are whole numbers in 0, …, {q.shape[-1] - 1}, one for each row of q {tuple(q.shape)}, but they "
            f"are {actions.dtype} of shape {tuple(actions.shape)} from {actions.min()} to {actions.max()}."
        ) from None
    return TD_LOSSES[loss](taken, targets.detach(), reduction="none").mean(-1)


def copies_needed(gamma: float, share: float) -> int:
    """Return how often the target must be copied until Q can reach a share of its bound 1/(1 − γ), rewards being 1.

    From Q = 0 on, targets made of k copies see k rewards ahead, 1 + γ + … + γ^(k−1) = (1 − γᵏ)/(1 − γ).

    Raises:
        ValueError: if γ or the share lies outside (0, 1).
    """
    if not 0 < gamma < 1 or not 0 < share < 1:
        raise ValueError(f"γ and share lie between 0 and 1, but they are {gamma} and {share}.")
    return math.ceil(math.log(1 - share) / math.log(gamma) - 1e-9)


def act(q: Tensor, epsilon: float, *, generator: torch.Generator) -> Tensor:
    """Choose the best action of each row of Q (..., A), or with probability ε any one; int64 (...).

    `bandits.epsilon_greedy` does so with ties broken at random, which costs a network's values nothing to miss.
    """
    random = torch.randint(q.shape[-1], q.shape[:-1], generator=generator, device=q.device)
    return torch.where(torch.rand(q.shape[:-1], generator=generator, device=q.device) < epsilon, random, q.argmax(-1))


@progress.shown("DQN", "updates", "mean return")
def train(
    world: World | gymnasium.Env | gymnasium.vector.VectorEnv,
    network: nn.Module,
    recipe: Recipe | None = None,
    *,
    updates: int = 3000,
    generator: torch.Generator,
    report: Callable[[int, Tensor], bool | None] | None = None,
    report_every: int = 100,
    checkpoint: Path | None = None,
) -> Result:
    """Train a network of action values in place.

    Args:
        world: a batched environment, or a gymnasium one (then one run); a vector environment has its own games.
        network: Q(s, a) from states, (..., N, D) to (..., N, A); a `Network` with leading dimensions trains many runs.
        recipe: how to train; by default `Recipe()`.
        updates: number of updates, each after one step in all games.
        generator: source of randomness, on the device of the network.
        report: called after every `report_every` updates and the last with the number of updates and the mean return
            of the latest episode of each game, shape (...); training stops where it returns True. By default a bar.
        report_every: updates between two reports.
        checkpoint: file to write progress to at each report; if it exists, training resumes from it and ends as if
            never interrupted. For batched worlds only.

    Returns:
        What was reported, and the mean of max_a Q at these times.

    Raises:
        ValueError: if the network does not fit the world, the target would never be copied, a reward is not finite,
            no episode ends though γ = 1, or the checkpoint is damaged or of another training.
    """
    recipe = recipe or Recipe()
    if recipe.copy_every is not None and recipe.copy_every > updates > 0:
        raise ValueError(
            f"The target network would never be copied: copy_every is {recipe.copy_every}, but there are only "
            f"{updates} updates. Without one, copy_every is None."
        )
    world = rollouts.vectorised(world, recipe.games)
    is_vector, shape = isinstance(world, gymnasium.vector.VectorEnv), tuple(getattr(network, "shape", ()))
    if is_vector and (shape or checkpoint is not None):
        raise ValueError("A vector environment plays one run and cannot be put back: no leading shape, no checkpoint.")
    if is_vector and not isinstance(world.single_action_space, gymnasium.spaces.Discrete):
        raise ValueError(f"DQN chooses among discrete actions, but here they are {world.single_action_space}.")
    play = games(world, (*shape, recipe.games), generator=generator)
    given.check_network("network", network, play.states, (*play.shape, play.num_actions))
    axis, target = len(shape), None if recipe.copy_every is None else copy.deepcopy(network)
    ring, count = empty_ring(play.states, recipe.capacity, axis), 0
    fused = generator.device.type in ("cpu", "cuda", "mps")
    optimizer = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate, fused=fused)
    parts = {"network": network, "optimizer": optimizer} | ({} if target is None else {"target": target})
    settings, history, done = vars(recipe) | {"updates": updates, "report_every": report_every}, [], 0
    if checkpoint is not None and Path(checkpoint).exists():
        done, count, history, ring, games_state = training.resume(checkpoint, settings, parts, generator)
        ring = Transitions(*ring)
        play.load(games_state)
    for number in range(done + 1, updates + 1):
        rate, epsilon = rates(recipe, number, updates)
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.no_grad():
            step = play.step(act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step, axis)
        batch = Transitions(*step[:4], step.terminated)
        if recipe.replay:
            batch = draw(ring, count, recipe.batch_size, generator=generator, axis=axis)
        if batch.actions.shape[-1]:  # where all environments only start anew, no step was made
            q = update(network, target, optimizer, batch, recipe.gamma, double=recipe.double, loss=recipe.loss)
        if target is not None and number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if number % report_every == 0 or number == updates:
            _look(ring, count, recipe, number)
            history.append((play.returns.mean(-1), q.amax(-1).mean(-1)))
            if checkpoint is not None:
                progress = (number, count, history, list(ring), play.state())
                training.save(checkpoint, settings, parts, generator, progress)
            if report is not None and report(number, history[-1][0]) is True:
                break
    if not history:
        return Result(torch.empty(0, *shape), torch.empty(0, *shape))
    return Result(*(torch.stack(column) for column in zip(*history, strict=True)))


def rates(recipe: Recipe, number: int, updates: int) -> tuple[float, float]:
    """Return the learning rate and ε of update `number`, from 1 to `updates`."""
    share = (number - 1) / max(updates - 1, 1)
    falling = 1 - (1 - recipe.epsilon) * share / max(recipe.exploring, 1e-9)
    rate = training.falling_rate(recipe.learning_rate, recipe.final_rate, number, updates)
    return rate, max(recipe.epsilon, falling)


def update(
    network: nn.Module,
    target: nn.Module | None,
    optimizer: torch.optim.Optimizer,
    batch: Transitions,
    gamma: float,
    *,
    double: bool = False,
    loss: str = "squared",
) -> Tensor:
    """Take one step of the optimiser towards the targets of a batch, in place; return Q(S_t, a) before it, (..., B, A).

    Args:
        network: Q, which learns.
        target: Q⁻, of which the targets are made; None takes the network itself.
        optimizer: of the network's parameters.
        batch: transitions (..., B, …).
        gamma: discount γ.
        double: take `double_target`.
        loss: as in `td_loss`.
    """
    with torch.no_grad():
        next_q = (network if target is None else target)(batch.next_states)
        if double:
            targets = double_target(batch.rewards, batch.ended, network(batch.next_states), next_q, gamma)
        else:
            targets = td_target(batch.rewards, batch.ended, next_q, gamma)
    q = network(batch.states)
    optimizer.zero_grad()
    td_loss(q, batch.actions, targets, loss).sum().backward()
    optimizer.step()
    return q.detach()


def _look(ring: Transitions, count: int, recipe: Recipe, number: int) -> None:
    """Raise a ValueError if what is remembered cannot be learned from."""
    known = min(count, recipe.capacity)
    if not ring.rewards[..., :known].isfinite().all():
        raise ValueError(f"A reward among the last {known} steps before update {number} is not finite.")
    if recipe.gamma == 1 and count >= recipe.capacity and not ring.ended.any():
        raise ValueError(
            f"With γ = 1 values are finite only where episodes end, but none of the last {known} steps ended one: take "
            "γ < 1."
        )


given.explain(__name__)
