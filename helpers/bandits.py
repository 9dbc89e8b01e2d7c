"""K-armed bandits: pull, estimate, choose, and whole test beds as one tensor program.

Leading dimensions `...` hold independent bandits (runs, settings); the last dimension of a table holds the K arms.
All work follows the device and dtype of `q_star` or `values`. The entries of `arms` and of a tensor ε are checked
where that costs nothing: on the CPU. Elsewhere every step would wait for the device.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from helpers import given, progress


class Run(NamedTuple):
    """What happened: `arms` A_t as int64 and `rewards` R_{t+1}, each of shape (..., T)."""

    arms: Tensor
    rewards: Tensor


def pull(q_star: Tensor, arms: Tensor, *, generator: torch.Generator) -> Tensor:
    """Draw one reward R ~ N(q*(A), 1) from every bandit.

    Args:
        q_star: true values q*(a), shape (..., K).
        arms: arms A_t as int64 in [0, K), shape (...).
        generator: source of randomness, on the device of `q_star`.

    Returns:
        Rewards R_{t+1}, shape (...).

    Raises:
        ValueError: if `arms` do not fit `q_star`, or `q_star` holds integers.

    Sutton & Barto (2018), section 2.3.
    """
    _check_floating(q_star)
    _check_arms(arms, q_star)
    mean = q_star.gather(-1, arms.unsqueeze(-1)).squeeze(-1)
    return mean + torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)


def update(
    values: Tensor, counts: Tensor, arms: Tensor, rewards: Tensor, step_size: float | None = None
) -> tuple[Tensor, Tensor]:
    """Move the estimate of the pulled arm towards its reward: Q ← Q + α (R − Q).

    Args:
        values: estimates Q_t(a), shape (..., K).
        counts: pulls so far N_t(a), shape (..., K).
        arms: arms A_t as int64 in [0, K), shape (...).
        rewards: rewards R_{t+1}, shape (...).
        step_size: α in (0, 1]; None means 1/N, the sample average.

    Returns:
        New `values` and `counts`, each (..., K); the arguments stay as they are.

    Raises:
        ValueError: if `step_size` lies outside (0, 1], or the arguments do not fit `values`.

    Sutton & Barto (2018), sections 2.4 and 2.5.
    """
    if step_size is not None and not 0 < step_size <= 1:
        raise ValueError(f"step_size must lie in (0, 1], but it is {step_size}; use None for the sample average.")
    _check_arms(arms, values)
    _check_shape("counts", counts, values.shape)
    _check_shape("rewards", rewards, arms.shape)
    index = arms.unsqueeze(-1)
    counts = counts.scatter_add(-1, index, torch.ones_like(index, dtype=counts.dtype))
    old = values.gather(-1, index)
    error = rewards.unsqueeze(-1) - old
    change = error / counts.gather(-1, index) if step_size is None else step_size * error
    return values.scatter(-1, index, old + change), counts


def sample_average(arms: Tensor, rewards: Tensor, num_arms: int) -> Tensor:
    """Average the rewards of every arm in a record; an arm never pulled has the average 0.

    Args:
        arms: arms A_t as int64 in [0, K), shape (..., T).
        rewards: rewards R_{t+1}, shape (..., T).
        num_arms: number of arms K.

    Returns:
        Estimates Q(a), shape (..., K).

    Raises:
        ValueError: if the shapes differ.

    Sutton & Barto (2018), section 2.2, equation 2.1.
    """
    _check_shape("rewards", rewards, arms.shape)
    table = torch.zeros(*arms.shape[:-1], num_arms, dtype=rewards.dtype, device=rewards.device)
    sums = table.scatter_add(-1, arms, rewards)
    return sums / table.scatter_add(-1, arms, torch.ones_like(rewards)).clamp(min=1)


def estimates(arms: Tensor, rewards: Tensor, num_arms: int) -> Tensor:
    """Return the sample averages that were known before every step of a record.

    Args:
        arms: arms A_t as int64 in [0, K), shape (..., T).
        rewards: rewards R_{t+1}, shape (..., T).
        num_arms: number of arms K.

    Returns:
        Estimates Q_t(a), shape (..., T, K); those of the first step are 0.

    Raises:
        ValueError: if the shapes differ.
    """
    _check_shape("rewards", rewards, arms.shape)
    pulled = torch.nn.functional.one_hot(arms, num_arms).to(rewards.dtype)
    sums = (pulled * rewards.unsqueeze(-1)).cumsum(-2) - pulled * rewards.unsqueeze(-1)
    return sums / (pulled.cumsum(-2) - pulled).clamp(min=1)


def greedy(values: Tensor, *, generator: torch.Generator) -> Tensor:
    """Choose the arm with the largest value, breaking ties uniformly at random.

    Args:
        values: estimates Q_t(a), shape (..., K).
        generator: source of randomness, on the device of `values`.

    Returns:
        Arms A_t as int64 in [0, K), shape (...).

    Sutton & Barto (2018), section 2.2.
    """
    is_best = values == values.amax(-1, keepdim=True)
    lottery = torch.rand(values.shape, generator=generator, device=values.device)
    return torch.where(is_best, lottery, -1.0).argmax(-1)


def epsilon_greedy(values: Tensor, epsilon: float | Tensor, *, generator: torch.Generator) -> Tensor:
    """Choose the greedy arm, or with probability ε any arm.

    Ties between greedy arms are broken uniformly at random.

    Args:
        values: estimates Q_t(a), shape (..., K).
        epsilon: exploration probability ε in [0, 1], a number or a tensor that broadcasts to (...).
        generator: source of randomness, on the device of `values`.

    Returns:
        Arms A_t as int64 in [0, K), shape (...).

    Raises:
        ValueError: if `epsilon` lies outside [0, 1], or does not broadcast to (...).

    Sutton & Barto (2018), section 2.2.
    """
    _check_epsilon(epsilon, values)
    shape, options = values.shape[:-1], {"generator": generator, "device": values.device}
    explore = torch.rand(shape, **options) < epsilon
    anywhere = torch.randint(values.shape[-1], shape, **options)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


def ucb(values: Tensor, counts: Tensor, c: float = 2.0, *, generator: torch.Generator) -> Tensor:
    """Choose the arm with the largest upper confidence bound Q_t(a) + c √(ln t / N_t(a)).

    Arms never pulled come first, in random order.

    Args:
        values: estimates Q_t(a), shape (..., K).
        counts: pulls so far N_t(a), shape (..., K).
        c: weight c ≥ 0 of the bonus, in the unit of the rewards.
        generator: source of randomness, on the device of `values`.

    Returns:
        Arms A_t as int64 in [0, K), shape (...).

    Raises:
        ValueError: if `c` is negative, or `counts` do not fit `values`.

    Sutton & Barto (2018), section 2.7.
    """
    if c < 0:
        raise ValueError(f"c must be at least 0, but it is {c}.")
    _check_shape("counts", counts, values.shape)
    log_t = (counts.sum(-1, keepdim=True) + 1).log()
    bonus = torch.where(counts > 0, c * (log_t / counts.clamp(min=1)).sqrt(), torch.inf)
    return greedy(values + bonus, generator=generator)


def run(
    q_star: Tensor,
    steps: int,
    *,
    choose: Callable[[Tensor, Tensor], Tensor],
    learn: Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]],
    generator: torch.Generator,
    initial: float = 0.0,
    drift: float = 0.0,
) -> Run:
    """Play every bandit for `steps` rounds with any rule.

    Args:
        q_star: true values q*(a), shape (..., K).
        steps: number of rounds T.
        choose: maps values and counts, each (..., K), to arms (...).
        learn: maps values, counts, arms, rewards to new values and counts, as `update` does.
        generator: source of the rewards' noise, on the device of `q_star`.
        initial: first estimate Q_1(a) of every arm; a large one is an optimistic start.
        drift: standard deviation of the random walk that every q*(a) takes at each step.

    Returns:
        The arms and rewards, each (..., T).

    Raises:
        ValueError: if `steps` < 1, or `choose` returns arms that do not fit `q_star`.
    """
    _check_steps(steps)
    values, counts = torch.full_like(q_star, initial), torch.zeros_like(q_star)
    arms, rewards = [], []
    for _ in progress.bar("bandits", range(steps), unit="step"):
        arm = choose(values, counts)
        reward = pull(q_star, arm, generator=generator)
        values, counts = learn(values, counts, arm, reward)
        arms.append(arm)
        rewards.append(reward)
        if drift:
            walk = torch.randn(q_star.shape, generator=generator, device=q_star.device, dtype=q_star.dtype)
            q_star = q_star + drift * walk
    return Run(torch.stack(arms, -1), torch.stack(rewards, -1))


def testbed(
    q_star: Tensor, epsilon: float | Tensor, steps: int, *, generator: torch.Generator, sweep: bool = False
) -> Run:
    """Play every bandit with ε-greedy and sample averages from Q = 0, as fast as eager torch allows.

    The law of the result is that of `run` with `epsilon_greedy` and `update`. Three things make it quick. The arms of
    each bandit are shuffled once, so that a fixed order among greedy places is a fair tie-break. The tables lie as
    (K, bandits), where a maximum over arms is a few vector instructions. All randomness is drawn before the first
    step, into the tensors that will hold the result.

    Args:
        q_star: true values q*(a), shape (..., K).
        epsilon: exploration probability ε in [0, 1], a number or a tensor that broadcasts to (...).
        steps: number of rounds T.
        generator: source of randomness, on the device of `q_star`.
        sweep: pull every arm once first, in random order.

    Returns:
        The arms and rewards, each (..., T).

    Raises:
        ValueError: if `epsilon` lies outside [0, 1] or does not broadcast to (...), if `steps` < 1, or if `q_star`
            holds integers.

    Sutton & Barto (2018), section 2.3, figure 2.2.
    """
    _check_steps(steps)
    _check_floating(q_star)
    _check_epsilon(epsilon, q_star)
    shape, num_arms = q_star.shape[:-1], q_star.shape[-1]
    num_bandits = shape.numel()
    options = {"generator": generator, "device": q_star.device}
    epsilon = torch.as_tensor(epsilon, dtype=q_star.dtype, device=q_star.device).expand(shape).reshape(-1)

    shuffle = torch.rand(num_bandits, num_arms, **options).argsort(-1)  # (B, K): place → arm
    arm_at = shuffle.T.reshape(-1)  # (K · B,), as all tables below
    means = q_star.reshape(-1, num_arms).gather(-1, shuffle).T.reshape(-1)
    values, counts = torch.zeros_like(means), torch.zeros_like(means)
    table = values.view(num_arms, num_bandits)
    is_best = torch.empty_like(table)
    bandits = torch.arange(num_bandits, device=q_star.device)
    places = torch.arange(num_arms, device=q_star.device).unsqueeze(-1)
    rank = places.to(q_star.dtype)  # among several greedy places the last one wins

    rewards = torch.empty(steps, num_bandits, dtype=q_star.dtype, device=q_star.device)
    explore = rewards.uniform_(generator=generator) < epsilon
    rewards.normal_(generator=generator)  # noise until step t, which adds q*(A)
    arms = torch.randint(num_arms, (steps, num_bandits), **options)  # places to explore until step t
    if sweep:
        explore[:num_arms] = True
        arms[:num_arms] = places[:steps]
    for explores, arm, reward in zip(explore, arms, rewards, strict=True):
        torch.eq(table, table.amax(0), out=is_best)
        place = torch.where(explores, arm, is_best.mul_(rank).amax(0).long())
        cell = torch.add(bandits, place, alpha=num_bandits)
        torch.index_select(arm_at, 0, cell, out=arm)
        reward.add_(means.index_select(0, cell))
        count = counts.index_select(0, cell).add_(1)
        old = values.index_select(0, cell)
        counts.scatter_(0, cell, count)
        values.scatter_(0, cell, old.addcdiv(reward - old, count))
    return Run(arms.view(steps, *shape).movedim(0, -1), rewards.view(steps, *shape).movedim(0, -1))


def optimal_share(q_star: Tensor, arms: Tensor) -> tuple[Tensor, Tensor]:
    """Return the share of runs that pull their truly best arm, and its standard error, step by step.

    Args:
        q_star: true values q*(a), shape (..., runs, K).
        arms: arms A_t as int64, shape (..., runs, T).

    Returns:
        Share p in [0, 1] and standard error √(p (1 − p) / runs), each (..., T), in the dtype of `q_star`.

    Raises:
        ValueError: if the shapes do not fit.
    """
    if arms.ndim < 2 or arms.shape[-q_star.ndim : -1] != q_star.shape[:-1]:
        raise ValueError(
            f"arms must have shape (..., runs, T) to fit q_star of shape {tuple(q_star.shape)}, "
            f"but it is {tuple(arms.shape)}."
        )
    runs = arms.shape[-2]
    hits = (arms == q_star.argmax(-1, keepdim=True)).sum(-2, dtype=torch.int32)  # int32 sums the fastest
    share = hits.to(q_star.dtype) / runs
    return share, (share * (1 - share) / runs).sqrt()


def ceiling(epsilon: float, num_arms: int) -> float:
    """Return 1 − ε + ε/K, the share of optimal pulls of ε-greedy once its greedy arm is the best one."""
    return 1 - epsilon + epsilon / num_arms


def runs_needed(p: float, q: float, distance: float) -> int:
    """Return the smallest number of runs of each kind whose shares p and q differ by `distance` standard errors.

    The difference of two independent shares has the variance (p (1 − p) + q (1 − q)) / n.

    Raises:
        ValueError: if p = q, which no number of runs tells apart.
    """
    if p == q:
        raise ValueError(f"p and q must differ, but both are {p}; no number of runs tells them apart.")
    runs = distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2
    return math.ceil(round(runs, 9))  # 196 must not become 197 because 0.6 − 0.5 is not quite 0.1


def gradient_bandit(
    q_star: Tensor, steps: int, alpha: float, *, baseline: bool = True, generator: torch.Generator
) -> Run:
    """Play every bandit with a softmax policy that climbs the gradient of its expected reward.

    The preferences move by α (R − b) (1[a = A] − π(a)), where b is 0, or the mean of the earlier rewards. The first
    reward has none before it and is its own baseline, so it moves nothing.

    Args:
        q_star: true values q*(a), shape (..., K).
        steps: number of rounds T.
        alpha: step size α > 0.
        baseline: whether to subtract the mean reward.
        generator: source of randomness, on the device of `q_star`.

    Returns:
        The arms and rewards, each (..., T).

    Raises:
        ValueError: if `steps` < 1, or `alpha` is not positive.

    Sutton & Barto (2018), section 2.8.
    """
    _check_steps(steps)
    if not alpha > 0:
        raise ValueError(f"alpha must be positive, but it is {alpha}.")
    preferences = torch.zeros_like(q_star)
    mean = torch.zeros_like(q_star[..., 0])
    arms, rewards = [], []
    for t in progress.bar("bandits", range(steps), unit="step"):
        pi = preferences.softmax(-1)
        # Of K exponential clocks with rates π(a), clock a rings first with probability π(a).
        clocks = torch.empty_like(pi).exponential_(generator=generator)
        arm = (pi / clocks).argmax(-1)
        reward = pull(q_star, arm, generator=generator)
        if baseline and t == 0:
            mean = reward
        chosen = torch.nn.functional.one_hot(arm, pi.shape[-1])
        preferences = preferences + alpha * (reward - mean).unsqueeze(-1) * (chosen - pi)
        if baseline:
            mean = mean + (reward - mean) / (t + 1)
        arms.append(arm)
        rewards.append(reward)
    return Run(torch.stack(arms, -1), torch.stack(rewards, -1))


def _check_steps(steps: int) -> None:
    if steps < 1:
        raise ValueError(f"steps must be at least 1, but it is {steps}.")


def _check_shape(name: str, tensor: Tensor, shape: torch.Size) -> None:
    if tensor.shape != shape:
        raise ValueError(f"{name} must have shape {tuple(shape)}, but it is {tuple(tensor.shape)}.")


def _check_floating(q_star: Tensor) -> None:
    if not q_star.is_floating_point():
        raise ValueError(f"q_star must hold floating-point numbers, but its dtype is {q_star.dtype}.")


def _check_arms(arms: Tensor, table: Tensor) -> None:
    """Refuse arms that do not name one of the K arms of each bandit in `table`, shape (..., K)."""
    _check_shape("arms", arms, table.shape[:-1])
    if arms.dtype != torch.int64:
        raise ValueError(f"arms must be int64, but their dtype is {arms.dtype}.")
    num_arms = table.shape[-1]
    if arms.is_cpu and arms.numel() and not (arms.min() >= 0 and arms.max() < num_arms):
        raise ValueError(f"arms must lie in [0, {num_arms}), but they reach from {arms.min()} to {arms.max()}.")


def _check_epsilon(epsilon: float | Tensor, table: Tensor) -> None:
    """Refuse an ε that is no probability, or does not broadcast to the bandits in `table`, shape (..., K)."""
    tensor, shape = torch.as_tensor(epsilon), table.shape[:-1]
    if tensor.is_cpu and not ((tensor >= 0) & (tensor <= 1)).all():
        raise ValueError(f"epsilon must lie in [0, 1], but it is {epsilon}; it is a probability.")
    try:
        tensor.expand(shape)
    except RuntimeError as error:
        raise ValueError(f"epsilon of shape {tuple(tensor.shape)} does not broadcast to {tuple(shape)}.") from error


given.explain(__name__)
