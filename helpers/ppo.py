"""Proximal policy optimisation (PPO) with discrete or continuous actions; one run or many at once.

Leading dimensions `...` hold independent runs; then come N games and T steps, or B steps of a minibatch. Adam sees the
sum of the runs' losses, and since it treats every entry by itself, each run learns as if it were alone; only the order
of the minibatches is the same in all runs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import gymnasium
import torch
from torch import Tensor, nn

from helpers import given, policies, progress, rollouts, training
from helpers.policies import Normal
from helpers.reinforce import on_steps
from helpers.replay import Games, VectorGames, games
from helpers.rollouts import World

OBJECTIVES = ("clipped", "ratio", "log")
PATIENCE = 10  # segments in which an episode must end if γ = 1


@dataclass(frozen=True)
class Recipe:
    """How to train; the defaults break all bricks of the small Breakout, see helpers/bundled/make_ppo.py.

    Attributes:
        games: N, played in lock-step.
        steps: T, steps of each game between two updates; a segment has N · T of them.
        epochs: how often an update goes through its segment.
        minibatches: steps of Adam in each epoch.
        clip: ε; the surrogate is flat where the ratio has left 1 ± ε in the direction of its advantage.
        objective: "clipped"; "ratio" takes ratio times advantage, without a clip; "log" takes log π times advantage, as
            if every epoch had fresh samples.
        gamma: discount γ.
        trace: λ of the advantages; 0 is the TD error, 1 the return minus v.
        learning_rate: of Adam, for policy and value network.
        final_rate: the learning rate falls linearly to this share of itself.
        entropy: weight of the policy's entropy in what is made large; it keeps a policy trying.
        standardise: whether a segment's advantages get mean 0 and standard deviation 1.
    """

    games: int = 8
    steps: int = 128
    epochs: int = 4
    minibatches: int = 4
    clip: float = 0.2
    objective: str = "clipped"
    gamma: float = 0.97
    trace: float = 0.95
    learning_rate: float = 0.02
    final_rate: float = 0.1
    entropy: float = 0.03
    standardise: bool = True

    def __post_init__(self):
        whole = (self.games, self.steps, self.epochs, self.minibatches)
        if min(whole) < 1 or self.minibatches > self.games * self.steps:
            raise ValueError(
                "games, steps, epochs and minibatches are at least 1, and a minibatch holds a step or more, but they "
                f"are {', '.join(map(str, whole))}."
            )
        if not 0 <= self.gamma <= 1 or not 0 <= self.trace <= 1:
            raise ValueError(f"γ and λ (trace) lie in [0, 1], but they are {self.gamma} and {self.trace}.")
        if self.clip <= 0:
            raise ValueError(f"clip is positive, but it is {self.clip}.")
        if self.objective not in OBJECTIVES:
            raise ValueError(f"objective is one of {OBJECTIVES}, but it is {self.objective!r}.")


class Result(NamedTuple):
    """What training gave, for each update.

    Attributes:
        history: mean undiscounted return of the latest episode of each game, shape (updates, ...).
        largest_ratio: the largest π(A | S) / π_old(A | S) that an update met, shape (updates, ...).
    """

    history: Tensor
    largest_ratio: Tensor


class Segment(NamedTuple):
    """T steps of each of N games, everything (..., N, T, …); `replay.Step` says what the parts are.

    Attributes:
        log_old: log π(A_t | S_t) of the policy that acted, shape (..., N, T).
        mask: whether the step happened; a vector environment also has steps in which it only starts anew.
    """

    states: Tensor
    actions: Tensor
    rewards: Tensor
    next_states: Tensor
    shown: Tensor
    terminated: Tensor
    truncated: Tensor
    log_old: Tensor
    mask: Tensor


class Batch(NamedTuple):
    """What an update learns from: S_t, A_t (..., B, …), log π_old(A_t | S_t), advantages and value targets (..., B)."""

    states: Tensor
    actions: Tensor
    log_old: Tensor
    advantages: Tensor
    targets: Tensor


def ratio(outputs: Tensor | Normal, actions: Tensor, log_old: Tensor) -> Tensor:
    """Compute π(A | S) / π_old(A | S), which weights a sample of the old policy as one of the present.

    Args:
        outputs, actions: of the present policy, as in `policies.log_prob`.
        log_old: log π_old(A | S), shape (...); no gradient flows into it.

    Returns:
        Shape (...).

    Schulman et al. (2017), section 3.
    """
    return (policies.log_prob(outputs, actions) - log_old.detach()).exp()


def surrogate(ratio: Tensor, advantages: Tensor, clip: float) -> Tensor:
    """Compute min(ρ A, clip(ρ, 1 − ε, 1 + ε) A) for every sample.

    Args:
        ratio: ρ, shape (...).
        advantages: A, shape (...); no gradient flows into them.
        clip: ε.

    Returns:
        Shape (...), to be made large.

    Schulman et al. (2017), equation 7.
    """
    advantages = advantages.detach()
    return torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


def td_errors(segment: Segment, value: nn.Module, gamma: float) -> Tensor:
    """Compute δ_t = R_{t+1} + γ v(S_{t+1}) − v(S_t), where v(S_{t+1}) counts as 0 if the episode ended there.

    An episode that was only cut has not ended: v of the state to which its last step led stands for what would have
    come, and not that of the state which is shown next.

    Args:
        segment: steps (..., N, T).
        value: v(s), from states (..., K) to (..., 1).
        gamma: discount γ.

    Returns:
        Shape (..., N, T), without gradient.

    Sutton & Barto (2018), section 12.4; Pardo et al. (2018) for what is cut.
    """
    with torch.no_grad():
        here, there = (on_steps(value, states)[..., 0] for states in (segment.states, segment.next_states))
    return segment.rewards + gamma * torch.where(segment.terminated, 0.0, there) - here


def gae(td_errors: Tensor, over: Tensor, gamma: float, trace: float) -> Tensor:
    """Compute generalised advantages A_t = δ_t + γ λ A_{t+1}, and δ_t alone where an episode is over.

    Args:
        td_errors: δ_t, shape (..., T).
        over: whether the episode ended or was cut with step t, bool (..., T).
        gamma: discount γ.
        trace: λ; 0 gives the TD error, 1 the discounted return, with v behind its last step, minus v(S_t).

    Returns:
        Shape (..., T).

    Raises:
        ValueError: if `over` has another shape or dtype.

    Schulman et al. (2016), equation 16.
    """
    if over.shape != td_errors.shape or over.dtype != torch.bool:
        raise ValueError(
            f"over is bool and shaped like the TD errors {tuple(td_errors.shape)}, but it is {over.dtype} of shape "
            f"{tuple(over.shape)}."
        )
    if not td_errors.numel():
        return td_errors.clone()
    keep = gamma * trace * (~over).to(td_errors.dtype)
    *earlier, last = zip(td_errors.unbind(-1), keep.unbind(-1), strict=True)  # one call instead of one a step
    advantages = [last[0]]
    for error, kept in reversed(earlier):
        advantages.append(error + kept * advantages[-1])
    return torch.stack(advantages[::-1], -1)


def collect(play: Games | VectorGames, policy: nn.Module, steps: int, *, generator: torch.Generator) -> Segment:
    """Play T steps in each game with samples of the policy, and note how likely each action was.

    Args:
        play: games, which go on where they are; see `replay.games`.
        policy: from what they show to logits (..., N, A) or a `policies.Normal` of (..., N, D).
        steps: T.
        generator: source of the actions.
    """
    record, masks = [], []
    with torch.no_grad():
        for _ in range(steps):
            step, mask = play.advance(policies.choose(policy(play.states), generator=generator))
            record.append(step)
            masks.append(mask)
        axis = len(play.shape)
        columns = [torch.stack(column, axis) for column in zip(*record, strict=True)]
        log_old = policies.log_prob(policies.on_segment(policy, columns[0]), columns[1])
    return Segment(*columns, log_old, torch.stack(masks, axis))


def batch(segment: Segment, advantages: Tensor, value: nn.Module, *, standardise: bool = True) -> Batch:
    """Lay a segment out as N · T steps, (..., N, T, …) to (..., N · T, …); steps that only start anew are left out.

    Args:
        segment: steps (..., N, T).
        advantages: of each step, shape (..., N, T).
        value: v(s); advantage plus v(S_t) is its target.
        standardise: give the advantages of each run mean 0 and standard deviation 1.
    """
    axis, advantages = advantages.dim() - 2, advantages.detach()
    with torch.no_grad():
        targets = advantages + on_steps(value, segment.states)[..., 0]
    parts = (segment.states, segment.actions, segment.log_old, advantages, targets)
    states, actions, log_old, advantages, targets = (part.flatten(axis, axis + 1) for part in parts)
    if axis == 0:  # several runs come from worlds, in which every step happened
        real = segment.mask.flatten()
        states, actions, log_old, advantages, targets = (
            part[real] for part in (states, actions, log_old, advantages, targets)
        )
    if standardise:
        centred = advantages - advantages.mean(-1, keepdim=True)
        advantages = centred / (centred.square().mean(-1, keepdim=True).sqrt() + 1e-8)
    return Batch(states, actions, log_old, advantages, targets)


def pick(batch: Batch, places: Tensor) -> Batch:
    """Return the steps at some places, int64 (M,), the same in all runs."""
    axis = batch.advantages.dim() - 1
    return Batch(*(part.index_select(axis, places) for part in batch))


def update(
    policy: nn.Module,
    value: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    clip: float,
    bonus: float = 0.0,
    *,
    objective: str = "clipped",
) -> Tensor:
    """Take one step of the optimiser up surrogate and entropy, and down (v(S_t) − target)², in place.

    Args:
        policy: logits, or a `policies.Normal`.
        value: v(s), from states to one number.
        optimizer: of the parameters of both.
        batch: steps (..., B).
        clip: ε.
        bonus: weight of the entropy.
        objective: as in `Recipe`.

    Returns:
        The ratios before the step, (..., B), without gradient.
    """
    outputs, advantages = policy(batch.states), batch.advantages.detach()
    ratios = ratio(outputs, batch.actions, batch.log_old)
    if objective == "clipped":
        gains = surrogate(ratios, advantages, clip)
    else:
        gains = (ratios if objective == "ratio" else policies.log_prob(outputs, batch.actions)) * advantages
    errors = value(batch.states)[..., 0] - batch.targets.detach()
    if bonus:
        gains = gains + bonus * policies.entropy(outputs)
    optimizer.zero_grad()
    (errors.square().mean(-1) - gains.mean(-1)).sum().backward()
    optimizer.step()
    return ratios.detach()


@progress.shown("PPO", "updates", "mean return")
def train(
    world: World | gymnasium.Env | gymnasium.vector.VectorEnv,
    policy: nn.Module,
    value: nn.Module,
    recipe: Recipe | None = None,
    *,
    updates: int = 50,
    generator: torch.Generator,
    report: Callable[[int, Tensor], bool | None] | None = None,
    checkpoint: Path | None = None,
    save_every: int = 10,
) -> Result:
    """Train a policy and its value network in place.

    Args:
        world: a batched environment, or a gymnasium one (then one run); a vector environment has its own games.
        policy: logits or a `policies.Normal` from states; a `Network` with leading dimensions trains many runs at once.
        value: v(s), from states to one number, with the same leading dimensions.
        recipe: how to train; by default `Recipe()`.
        updates: number of segments, each followed by `recipe.epochs` times `recipe.minibatches` steps of Adam.
        generator: source of randomness, on the device of the policy.
        report: called after each update with its number from 1 and the mean return of the latest episode of each game,
            shape (...); training stops where it returns True. By default a bar.
        checkpoint: file to write progress to; if it exists, training resumes from it and ends as if never interrupted.
            For batched worlds only.
        save_every: number of updates between two writes.

    Returns:
        The mean returns, and the largest ratios.

    Raises:
        ValueError: if policy or value do not fit the world, a reward is not finite, no episode ends though γ = 1, or
            the checkpoint is damaged or of another training.

    Schulman et al. (2017), algorithm 1.
    """
    recipe = recipe or Recipe()
    world = rollouts.vectorised(world, recipe.games)
    is_vector, shape = isinstance(world, gymnasium.vector.VectorEnv), tuple(getattr(policy, "shape", ()))
    if is_vector and (shape or checkpoint is not None):
        raise ValueError("A vector environment plays one run and cannot be put back: no leading shape, no checkpoint.")
    play = games(world, (*shape, recipe.games), generator=generator)
    given.check_network("policy", policy, play.states, (*play.shape, play.num_actions))
    given.check_network("value network", value, play.states, (*play.shape, 1))
    fused = generator.device.type in ("cpu", "cuda", "mps")
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate, fused=fused)
    parts = {"policy": policy, "value": value, "optimizer": optimizer}
    settings, history, has_ended = vars(recipe) | {"updates": updates}, [], False
    if checkpoint is not None and Path(checkpoint).exists():
        history, has_ended, games_state = training.resume(checkpoint, settings, parts, generator)
        play.load(games_state)
    for number in range(len(history) + 1, updates + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate(recipe, number, updates)
        segment = collect(play, policy, recipe.steps, generator=generator)
        has_ended = has_ended or bool(segment.terminated.any())
        _look(segment, recipe.gamma, number, has_ended)
        largest = _learn(policy, value, optimizer, segment, recipe, generator)
        history.append((play.returns.mean(-1), largest))
        if checkpoint is not None and (number % save_every == 0 or number == updates):
            training.save(checkpoint, settings, parts, generator, (history, has_ended, play.state()))
        if report is not None and report(number, history[-1][0]) is True:
            break
    if not history:
        return Result(torch.empty(0, *shape), torch.empty(0, *shape))
    return Result(*(torch.stack(column) for column in zip(*history, strict=True)))


def rate(recipe: Recipe, number: int, updates: int) -> float:
    """Return the learning rate of update `number`, from 1 to `updates`."""
    return training.falling_rate(recipe.learning_rate, recipe.final_rate, number, updates)


def _learn(
    policy: nn.Module,
    value: nn.Module,
    optimizer: torch.optim.Optimizer,
    segment: Segment,
    recipe: Recipe,
    generator: torch.Generator,
) -> Tensor:
    """Go through a segment for some epochs; return the largest ratio met, shape (...)."""
    over = segment.terminated | segment.truncated
    advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
    steps, largest = batch(segment, advantages, value, standardise=recipe.standardise), []
    count, device = steps.advantages.shape[-1], generator.device
    for _ in range(recipe.epochs):
        for places in torch.randperm(count, generator=generator, device=device).chunk(recipe.minibatches):
            part = pick(steps, places)
            ratios = update(policy, value, optimizer, part, recipe.clip, recipe.entropy, objective=recipe.objective)
            largest.append(ratios.amax(-1))
    return torch.stack(largest).amax(0)


def _look(segment: Segment, gamma: float, number: int, has_ended: bool) -> None:
    """Raise a ValueError if what was played cannot be learned from."""
    if not segment.rewards.isfinite().all():
        raise ValueError(f"A reward of the segment before update {number} is not finite.")
    if gamma == 1 and number >= PATIENCE and not has_ended:
        raise ValueError(
            f"With γ = 1 values are finite only where episodes end, but in {number} segments none did: take γ < 1."
        )


given.explain(__name__)
