"""REINFORCE, with and without baseline, for one policy or for many independent runs at once.

Leading dimensions `...` hold independent runs; then come N episodes and T steps. Adam sees the sum of the runs' losses,
and since it treats every entry by itself, each run learns as if it were alone.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import gymnasium
import torch
from torch import Tensor, nn

from helpers import cartpole, given, progress, rollouts, training
from helpers.networks import Network
from helpers.rollouts import Episodes, World, play, rollout

BASELINES = ("none", "time", "value")


@dataclass(frozen=True)
class Recipe:
    """How to train; the defaults solve CartPole-v1 on at least 99 of 100 seeds.

    Attributes:
        episodes: N, how many episodes make a batch, which gives one update.
        learning_rate: of Adam, for the policy.
        gamma: discount γ of the returns. The lecture has γ = 1; a little less learns faster.
        baseline: "none" takes the returns, divided by their mean; "time" subtracts the mean return of all episodes
            alive at the same step; "value" subtracts a value network's output, and divides by the standard deviation.
        final_rate: the learning rate falls linearly to this share of itself.
        value_rate, value_steps: learning rate of the value network's Adam, and its steps for every update.
    """

    episodes: int = 64
    learning_rate: float = 0.05
    gamma: float = 0.99
    baseline: str = "none"
    final_rate: float = 1.0
    value_rate: float = 0.02
    value_steps: int = 3

    def __post_init__(self):
        if self.baseline not in BASELINES:
            raise ValueError(f"baseline is one of {BASELINES}, but it is {self.baseline!r}.")
        if self.episodes < 1 or not 0 <= self.gamma <= 1:
            raise ValueError(f"episodes is at least 1 and γ in [0, 1], but they are {self.episodes} and {self.gamma}.")


class Result(NamedTuple):
    """What training gave.

    Attributes:
        history: mean undiscounted return of each batch, shape (updates, ...).
        score: mean return of the best evaluation, (...); −∞ where none was made.
        solved_after: number of updates until the bar was met, int64 (...); −1 where it was not.
    """

    history: Tensor
    score: Tensor
    solved_after: Tensor


def returns(rewards: Tensor, mask: Tensor, gamma: float) -> Tensor:
    """Compute G_t = R_{t+1} + γ G_{t+1} up to the end of each episode; `mdps.returns` does so where none ends early.

    Takes ⌈log₂ T⌉ rounds: after round k every place holds the discounted sum of its next 2ᵏ rewards.

    Args:
        rewards: R_{t+1} at place t, shape (..., T).
        mask: whether step t happened, bool (..., T).
        gamma: discount γ.

    Returns:
        G_t, shape (..., T), 0 behind the end.

    Sutton & Barto (2018), equation 3.9.
    """
    if rewards.shape != mask.shape or mask.dtype != torch.bool:
        raise ValueError(
            f"mask is bool and shaped like rewards {tuple(rewards.shape)}, "
            f"but it is {mask.dtype} of shape {tuple(mask.shape)}."
        )
    g, span = torch.where(mask, rewards, 0.0), 1
    while span < g.shape[-1]:
        g = g + gamma**span * nn.functional.pad(g[..., span:], (0, span))
        span *= 2
    return g


def policy_loss(logits: Tensor, actions: Tensor, weights: Tensor, mask: Tensor) -> Tensor:
    """Compute the mean over all steps of −w_t log π(A_t | S_t), whose negative gradient is REINFORCE's update.

    Args:
        logits: unnormalised log π(a | s), shape (..., N, T, A).
        actions: A_t as int64, shape (..., N, T).
        weights: G_t, or G_t minus a baseline, (..., N, T); no gradient flows into them.
        mask: whether step t happened, bool (..., N, T).

    Returns:
        The loss of each run, shape (...).

    Williams (1992); Sutton & Barto (2018), sections 13.3 and 13.4.
    """
    return weighted_loss(logits, actions, weights.detach(), mask)


def weighted_loss(logits: Tensor, actions: Tensor, weights: Tensor, mask: Tensor) -> Tensor:
    """Compute the mean over all steps of −w_t log π(A_t | S_t), with gradients that also reach the weights.

    `policy_loss` has the same value and detaches the weights. Here that is left to the caller.

    Args:
        logits: unnormalised log π(a | s), shape (..., N, T, A).
        actions: A_t as int64, shape (..., N, T).
        weights: G_t, or G_t minus a baseline, (..., N, T).
        mask: whether step t happened, bool (..., N, T).

    Returns:
        The loss of each run, shape (...).

    Williams (1992); Sutton & Barto (2018), sections 13.3 and 13.4.
    """
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    weighted = torch.where(mask, weights, 0.0) * torch.where(mask, log_pi, 0.0)
    return -weighted.sum((-2, -1)) / mask.sum((-2, -1))


def time_baseline(returns: Tensor, mask: Tensor) -> Tensor:
    """Compute for each step the mean return of the episodes of the batch that are alive at it.

    Each episode is in its own baseline, which shrinks the expected gradient by 1/n where n episodes are alive.

    Args:
        returns: G_t, shape (..., N, T).
        mask: whether step t happened, bool (..., N, T).

    Returns:
        b_t, shape (..., 1, T).
    """
    return torch.where(mask, returns, 0.0).sum(-2, keepdim=True) / mask.sum(-2, keepdim=True).clamp(min=1)


def batch_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Compute the mean over the steps that happened, (..., N, T) to (..., 1, 1)."""
    return torch.where(mask, values, 0.0).sum((-2, -1), keepdim=True) / mask.sum((-2, -1), keepdim=True)


def value_loss(values: Tensor, returns: Tensor, mask: Tensor) -> Tensor:
    """Compute the mean over all steps of (v(S_t) − G_t)², from v and G (..., N, T), for each run (...)."""
    return batch_mean((values - returns.detach()).square(), mask)[..., 0, 0]


def mean_return(episodes: Episodes) -> Tensor:
    """Compute the mean undiscounted return of the episodes, shape (...)."""
    return torch.where(episodes.mask, episodes.rewards, 0.0).sum(-1).mean(-1)


def choose_actions(logits: Tensor, *, generator: torch.Generator, greedy: bool = False) -> Tensor:
    """Sample A ~ π(a | s), or take the likeliest action.

    Args:
        logits: unnormalised log π(a | s), shape (..., A).
        generator: source of randomness, on the device of `logits`.
        greedy: take the likeliest action, the first of several.

    Returns:
        Actions as int64, shape (...).
    """
    if greedy:
        return logits.argmax(-1)
    pi = logits.softmax(-1)
    return torch.multinomial(pi.reshape(-1, pi.shape[-1]), 1, generator=generator).view(pi.shape[:-1])


def run_episodes(
    world: World | gymnasium.vector.VectorEnv,
    policy: nn.Module,
    episodes: int,
    *,
    generator: torch.Generator,
    greedy: bool = False,
) -> Episodes:
    """Run `episodes` of them for each run of the policy; a vector environment runs its own number."""
    if isinstance(world, gymnasium.vector.VectorEnv):
        return play(world, policy, generator=generator, greedy=greedy)
    return rollout(world, policy, (*getattr(policy, "shape", ()), episodes), generator=generator, greedy=greedy)


def evaluate(
    world: World | gymnasium.Env | gymnasium.vector.VectorEnv,
    policy: nn.Module,
    episodes: int = 100,
    *,
    generator: torch.Generator,
) -> Tensor:
    """Compute the mean undiscounted return of the greedy policy over fresh episodes, shape (...).

    A vector environment runs its own number, again and again until it has run at least as many.
    """
    world = rollouts.vectorised(world, episodes)
    rounds = math.ceil(episodes / world.num_envs) if isinstance(world, gymnasium.vector.VectorEnv) else 1
    runs = (run_episodes(world, policy, episodes, generator=generator, greedy=True) for _ in range(rounds))
    return torch.stack([mean_return(run) for run in runs]).mean(0)


def weigh(episodes: Episodes, recipe: Recipe, value: nn.Module | None = None) -> tuple[Tensor, Tensor]:
    """Compute the weights of the policy's loss that a recipe prescribes, and the returns G_t; both (..., N, T)."""
    g = returns(episodes.rewards, episodes.mask, recipe.gamma)
    if recipe.baseline == "time":
        return g - time_baseline(g, episodes.mask), g
    if recipe.baseline == "value":
        with torch.no_grad():
            advantage = g - on_steps(value, episodes.states)[..., 0]
        centred = advantage - batch_mean(advantage, episodes.mask)
        return centred / (batch_mean(centred.square(), episodes.mask).sqrt() + 1e-8), g
    return g / batch_mean(g, episodes.mask).abs().clamp(min=1e-8), g


def update(policy: nn.Module, optimizer: torch.optim.Optimizer, episodes: Episodes, weights: Tensor) -> None:
    """Take one step of the optimiser along the negative gradient of `policy_loss`, in place.

    Args:
        policy: logits of π(a | s) from states.
        optimizer: of the policy's parameters.
        episodes: a batch, (..., N, T).
        weights: G_t, or G_t minus a baseline, (..., N, T).
    """
    episodes, weights = _without_padding(policy, episodes, weights)
    optimizer.zero_grad()
    policy_loss(on_steps(policy, episodes.states), episodes.actions, weights, episodes.mask).sum().backward()
    optimizer.step()


def fit_value(
    value: nn.Module, optimizer: torch.optim.Optimizer, episodes: Episodes, returns: Tensor, steps: int = 1
) -> None:
    """Take steps of the optimiser that bring v(S_t) nearer to G_t, in place; the arguments are those of `update`."""
    episodes, returns = _without_padding(value, episodes, returns)
    for _ in range(steps):
        optimizer.zero_grad()
        value_loss(on_steps(value, episodes.states)[..., 0], returns, episodes.mask).sum().backward()
        optimizer.step()


def on_steps(module: nn.Module, states: Tensor) -> Tensor:
    """Apply a module to the states of all steps, (..., N, T, D) to (..., N, T, K)."""
    axis = len(getattr(module, "shape", ()))
    return module(states.flatten(axis, axis + 1)).unflatten(axis, states.shape[axis : axis + 2])


def _without_padding(module: nn.Module, episodes: Episodes, numbers: Tensor) -> tuple[Episodes, Tensor]:
    """Leave out what lies behind the ends, as one long episode; several runs, which differ in length, have zeros there.

    A world may do as it likes behind an end: zeros keep an infinite state there out of the gradient.
    """
    real = episodes.mask
    if getattr(module, "shape", ()):
        states = torch.where(real.unsqueeze(-1), episodes.states, 0)  # an integer keeps the dtype of any states
        return episodes._replace(states=states), torch.where(real, numbers, 0.0)
    return Episodes(*(part[real].unsqueeze(0) for part in episodes)), numbers[real].unsqueeze(0)


def train(
    world: World | gymnasium.Env | gymnasium.vector.VectorEnv,
    policy: nn.Module,
    recipe: Recipe,
    *,
    updates: int,
    generator: torch.Generator,
    stop_at: float = math.inf,
    value: nn.Module | None = None,
    report: Callable[[int, Tensor], None] | None = None,
) -> Tensor:
    """Train until every run has had a batch with this mean return, at most for some updates; no greedy evaluation.

    The other arguments are those of `solve`.

    Returns:
        The mean undiscounted return of each batch, shape (batches, ...).
    """
    options = {"generator": generator, "value": value, "report": report}
    return solve(world, policy, recipe, updates=updates, stop_at=stop_at, **options).history


@progress.shown("REINFORCE", "updates", "mean return")
def solve(
    world: World | gymnasium.Env | gymnasium.vector.VectorEnv,
    policy: nn.Module,
    recipe: Recipe | None = None,
    *,
    updates: int = 100,
    generator: torch.Generator,
    value: nn.Module | None = None,
    stop_at: float = math.inf,
    bar: float | None = None,
    evaluate_from: float = -math.inf,
    report: Callable[[int, Tensor], None] | None = None,
    checkpoint: Path | None = None,
    save_every: int = 10,
) -> Result:
    """Train a policy until it reaches a bar; it ends with the weights of its best evaluation, if there was one.

    Args:
        world: a batched environment, or a gymnasium one (then one run); a vector environment runs its own number.
        policy: logits of π(a | s) from states; a `Network` with leading dimensions trains many runs at once.
        recipe: how to train; by default `Recipe()`.
        updates: at most so many updates.
        generator: source of randomness, on the device of the policy.
        value: a network from states to one number, for the recipe's baseline "value".
        stop_at: training stops, before another update, when each run has had a batch with this mean return.
        bar: a run is solved when the greedy policy reaches this mean return over 100 fresh episodes; training stops
            when all runs are. None trains all updates without evaluation.
        evaluate_from: evaluate only after batches whose mean return reaches this, since an evaluation costs time.
        report: called for each batch, before its update, with its number from 1 and its mean return, shape (...);
            by default a bar.
        checkpoint: file to write progress to; if it exists, training resumes from it and ends as if never interrupted.
        save_every: number of updates between two writes.

    Returns:
        The history, the best score, and when the bar was met.

    Raises:
        ValueError: if the recipe needs a value network and there is none, if the checkpoint is of another recipe or
            other networks, or if it is damaged.
    """
    recipe = recipe or Recipe()
    if (recipe.baseline == "value") != (value is not None):
        raise ValueError(
            f"A value network goes with baseline='value', and only with it; here it is {recipe.baseline!r}."
        )
    world = rollouts.vectorised(world, recipe.episodes)
    _fits(world, policy, value, recipe, generator)
    optimizer = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate)
    settings = vars(recipe) | ({} if recipe.final_rate == 1 else {"updates": updates})  # what resuming must not change
    value_optimizer = torch.optim.Adam(value.parameters(), lr=recipe.value_rate) if value is not None else None
    device, shape = generator.device, getattr(policy, "shape", ())
    best = {name: tensor.clone() for name, tensor in policy.state_dict().items()}
    progress = {
        "history": [],
        "score": torch.full(shape, -math.inf, device=device),
        "solved_after": torch.full(shape, -1, device=device),
    }
    parts = {"policy": policy, "optimizer": optimizer, "value": value, "value_optimizer": value_optimizer}
    parts = {name: part for name, part in parts.items() if part is not None}
    if checkpoint is not None and Path(checkpoint).exists():
        best, progress = training.resume(checkpoint, settings, parts, generator)

    for number in range(len(progress["history"]) + 1, updates + 1):
        if bar is not None and (progress["solved_after"] >= 0).all():
            break
        for group in optimizer.param_groups:
            group["lr"] = training.falling_rate(recipe.learning_rate, recipe.final_rate, number, updates)
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        reached = mean_return(episodes)
        progress["history"].append(reached)
        if report is not None:
            report(number, reached)
        if (torch.stack(progress["history"]).amax(0) >= stop_at).all():
            break
        weights, g = weigh(episodes, recipe, value)
        update(policy, optimizer, episodes, weights)
        if value is not None:
            fit_value(value, value_optimizer, episodes, g, recipe.value_steps)
        if bar is not None and (reached >= evaluate_from).any():
            score = evaluate(world, policy, generator=generator)
            better = score > progress["score"]
            _keep(best, policy.state_dict(), better)
            progress["score"] = torch.where(better, score, progress["score"])
            newly = (score >= bar) & (progress["solved_after"] < 0)
            progress["solved_after"] = torch.where(newly, number, progress["solved_after"])
        if checkpoint is not None and (number % save_every == 0 or number == updates):
            training.save(checkpoint, settings, parts, generator, (best, progress))
    if bar is not None:
        _keep(best, policy.state_dict(), progress["score"].isneginf())  # runs without an evaluation stay as they are
        policy.load_state_dict(best)
    history = torch.stack(progress["history"]) if progress["history"] else torch.empty(0, *shape, device=device)
    return Result(history, progress["score"], progress["solved_after"])


def _fits(world, policy: nn.Module, value: nn.Module | None, recipe: Recipe, generator: torch.Generator) -> None:
    """Raise a ValueError if the networks do not fit the world; no state that training sees is touched."""
    if isinstance(world, gymnasium.vector.VectorEnv):
        shape, space = (world.num_envs,), world.single_action_space
        if not isinstance(space, gymnasium.spaces.Discrete):
            raise ValueError(f"REINFORCE here has a categorical policy, but the actions are {space}.")
        dtype = next((p.dtype for p in policy.parameters()), torch.float32)
        states, actions = torch.tensor(world.reset(seed=0)[0], dtype=dtype, device=generator.device), int(space.n)
    else:
        shape, actions = (*getattr(policy, "shape", ()), recipe.episodes), world.num_actions
        states = world.reset(shape, generator=torch.Generator(generator.device).manual_seed(0))
    given.check_network("policy", policy, states, (*shape, actions))
    if value is not None:
        given.check_network("value network", value, states, (*shape, 1))


def _keep(best: dict[str, Tensor], now: dict[str, Tensor], better: Tensor) -> None:
    """Copy the weights of the runs that are better; a buffer that the runs share is never different."""
    for name, tensor in now.items():
        if tensor.shape[: better.dim()] == better.shape:
            wide = better.view(*better.shape, *[1] * (tensor.dim() - better.dim()))
            best[name] = torch.where(wide, tensor, best[name])


def balance(generator: torch.Generator, report: Callable[[int, Tensor], None] | None = None) -> Network:
    """Return a policy that balances CartPole's pole, trained until a batch of episodes has a mean return of 475.

    Each of 100 fresh seeds ended with a greedy mean return of 475 or more. Angles are multiplied by 5, and γ = 1.
    """
    scale = torch.tensor([1.0, 1.0, 5.0, 1.0], device=generator.device)
    policy = Network((), 4, 32, 2, scale=scale, generator=generator)
    train(cartpole.WORLD, policy, Recipe(gamma=1.0), updates=100, generator=generator, stop_at=475, report=report)
    return policy


given.explain(__name__)
