"""Why the maximum of estimates is too large: the mean of a maximum, and the example where it leads an agent astray."""

import math

import torch
from torch import Tensor

ALPHA, EPSILON = 0.1, 0.1  # step size and exploration of the example
ARMS = 10  # actions in state B, each of which pays N(−0.1, 1)
MEAN = -0.1


def expected_max(n: int, samples: int, *, generator: torch.Generator) -> Tensor:
    """Estimate E max(X_1, …, X_n) of n independent standard normals by the mean over samples.

    Args:
        n: how many numbers compete, at least 1.
        samples: how many maxima are averaged.
        generator: source of randomness.

    Returns:
        The estimate, shape ().

    Raises:
        ValueError: if n or samples is below 1.
    """
    if n < 1 or samples < 1:
        raise ValueError(f"n and samples are at least 1, but they are {n} and {samples}.")
    return torch.randn(samples, n, generator=generator, device=generator.device).amax(-1).mean()


def exact_expected_max(n: int) -> float:
    """Compute E max(X_1, …, X_n) = ∫ x n φ(x) Φ(x)ⁿ⁻¹ dx by the trapezoid rule, to twelve digits."""
    x = torch.linspace(-12, 12, 24_001, dtype=torch.float64)
    density = (-x.square() / 2).exp() / math.sqrt(2 * math.pi)
    below = (1 + torch.erf(x / math.sqrt(2))) / 2
    return torch.trapezoid(x * n * density * below ** (n - 1), x).item()


def two_rooms(runs: int, episodes: int, *, double: bool, generator: torch.Generator) -> Tensor:
    """Learn in the world where left is worth −0.1 and looks better; return the share of runs that went left.

    From A, right ends the episode for 0. Left leads to B, where each of ten actions ends it and pays N(−0.1, 1).
    Q-learning from Q = 0 with α = 0.1, ε = 0.1 and γ = 1, ties broken at random.

    Args:
        runs: independent learners.
        episodes: how many each plays.
        double: double Q-learning, with two tables that take turns at random and act by their sum.
        generator: source of randomness.

    Returns:
        The share of runs whose action in A was left, shape (episodes,).

    Sutton & Barto (2018), example 6.7 and figure 6.5.
    """
    device, tables = generator.device, 2 if double else 1
    q_a, q_b = torch.zeros(runs, tables, 2, device=device), torch.zeros(runs, tables, ARMS, device=device)
    run, shares = torch.arange(runs, device=device), torch.empty(episodes, device=device)
    for episode in range(episodes):
        noise = torch.rand(runs, 2 + 2 * ARMS + 3, generator=generator, device=device)
        reward = MEAN + torch.randn(runs, generator=generator, device=device)
        left = _choose(q_a.sum(1), noise[:, :2], noise[:, -1]) == 0
        learns = (noise[:, -3] < 0.5).long() if double else torch.zeros_like(run)
        target = torch.zeros_like(reward)
        here = left.nonzero()[:, 0]  # only these reach B
        learner, there, noise = learns[here], q_b[here], noise[here]
        arm = _choose(there.sum(1), noise[:, 2 : 2 + ARMS], noise[:, -2])
        own = there[torch.arange(len(here), device=device), learner]
        best = (own + 1e-6 * noise[:, 2 + ARMS : 2 + 2 * ARMS]).max(-1).indices  # ties at random
        target[here] = q_b[here, 1 - learner if double else learner, best]
        side = (~left).long()
        q_a[run, learns, side] += ALPHA * (target - q_a[run, learns, side])
        q_b[here, learner, arm] += ALPHA * (reward[here] - q_b[here, learner, arm])
        shares[episode] = left.float().mean()
    return shares


def _choose(values: Tensor, noise: Tensor, coin: Tensor) -> Tensor:
    """Choose ε-greedily in each row of values (N, A), from uniform noise of that shape and coins (N,)."""
    choice = (values + 1e-6 * noise).max(-1).indices  # ties at random; `argmax` is slower on rows this short
    explorers = (coin < EPSILON).nonzero()[:, 0]
    choice[explorers] = noise[explorers].argmax(-1)
    return choice
