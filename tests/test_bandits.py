"""Tests of helpers/bandits.py.

The seeds are fixed, so a pass or a failure repeats. Every statistical test states its false-alarm rate: how often right
code would fail on a fresh seed. A figure that must agree within 4 standard errors fails right code once in 16,000.
"""

import pytest
import torch

from helpers import bandits

EPSILONS = torch.tensor([[0.0], [0.01], [0.1]])  # (3, 1): one row of runs each


def seeded(seed=0, device="cpu"):
    return torch.Generator(device).manual_seed(seed)


def epsilon_rule(epsilon, generator):
    return lambda values, counts: bandits.epsilon_greedy(values, epsilon, generator=generator)


def shares(arms, num_arms):
    """Return how often each arm occurs along the last dimension, shape (..., K)."""
    return torch.nn.functional.one_hot(arms, num_arms).double().mean(-2)


# pull


def test_pull_takes_the_mean_of_the_arm():
    q_star = 1000 * torch.arange(12.0).view(2, 2, 3)
    arms = torch.tensor([[0, 2], [1, 0]])
    rewards = bandits.pull(q_star, arms, generator=seeded())
    assert rewards.shape == (2, 2)
    assert (rewards / 1000).round().tolist() == [[0, 5], [7, 9]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_pull_adds_standard_normal_noise(dtype):
    runs = 20_000
    q_star = torch.tensor([5.0, -1.0], dtype=dtype).expand(runs, 2)
    rewards = bandits.pull(q_star, torch.ones(runs, dtype=torch.int64), generator=seeded())
    assert rewards.dtype == dtype
    # Standard errors 1/√n of the mean and √(2/n) of the variance; false alarms: 1 in 8,000.
    assert abs(rewards.mean() + 1) < 4 / runs**0.5
    assert abs(rewards.var() - 1) < 4 * (2 / runs) ** 0.5


# update


def test_update_by_hand():
    values, counts = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[3.0, 0.0], [1.0, 1.0]])
    arms, rewards = torch.tensor([0, 1]), torch.tensor([5.0, 2.0])
    new_values, new_counts = bandits.update(values, counts, arms, rewards)
    assert new_values.tolist() == [[2.0, 2.0], [3.0, 3.0]]  # 1 + (5 − 1)/4 and 4 + (2 − 4)/2
    assert new_counts.tolist() == [[4.0, 0.0], [1.0, 2.0]]
    assert values.tolist() == [[1.0, 2.0], [3.0, 4.0]] and counts.tolist() == [[3.0, 0.0], [1.0, 1.0]]


def test_update_with_a_step_size_by_hand():
    values, counts = torch.tensor([1.0, 2.0]), torch.tensor([3, 0])
    new_values, new_counts = bandits.update(values, counts, torch.tensor(0), torch.tensor(5.0), step_size=0.5)
    assert new_values.tolist() == [3.0, 2.0]
    assert new_counts.tolist() == [4, 0]


@pytest.mark.parametrize("count_dtype", [torch.float64, torch.int64])
def test_update_is_the_sample_average(count_dtype):
    generator = seeded()
    arms = torch.randint(3, (4, 50), generator=generator)
    rewards = torch.randn(4, 50, generator=generator, dtype=torch.float64)
    values, counts = torch.zeros(4, 3, dtype=torch.float64), torch.zeros(4, 3, dtype=count_dtype)
    for arm, reward in zip(arms.T, rewards.T, strict=True):
        values, counts = bandits.update(values, counts, arm, reward)
    pulled = torch.nn.functional.one_hot(arms, 3).to(rewards)
    torch.testing.assert_close(values, (pulled * rewards.unsqueeze(-1)).sum(1) / pulled.sum(1), rtol=0, atol=1e-14)
    assert counts.dtype == count_dtype and counts.tolist() == pulled.sum(1).tolist()


# sample_average, estimates


def test_sample_average_by_hand():
    arms = torch.tensor([[0, 2, 0, 2], [1, 1, 1, 1]])
    rewards = torch.tensor([[1.0, 5.0, 2.0, 7.0], [1.0, 2.0, 3.0, 6.0]], dtype=torch.float64)
    values = bandits.sample_average(arms, rewards, 3)
    assert values.dtype == torch.float64
    assert values.tolist() == [[1.5, 0.0, 6.0], [0.0, 3.0, 0.0]]
    assert bandits.sample_average(arms[0], rewards[0], 4).tolist() == [1.5, 0.0, 6.0, 0.0]


def test_estimates_are_what_was_known_before_each_step():
    generator = seeded()
    arms = torch.randint(3, (4, 30), generator=generator)
    rewards = torch.randn(4, 30, generator=generator, dtype=torch.float64)
    known = bandits.estimates(arms, rewards, 3)
    assert known.shape == (4, 30, 3) and known.dtype == torch.float64
    for t in range(30):
        torch.testing.assert_close(known[:, t], bandits.sample_average(arms[:, :t], rewards[:, :t], 3))


# greedy, epsilon_greedy, ucb


def test_greedy_by_hand():
    values = torch.tensor([[[0.0, 3.0, 1.0], [-1.0, -2.0, -3.0]], [[0.0, 0.0, 0.5], [float("inf"), 1.0, 9.0]]])
    arms = bandits.greedy(values, generator=seeded())
    assert arms.dtype == torch.int64
    assert arms.tolist() == [[1, 0], [2, 0]]


def test_greedy_breaks_ties_fairly():
    runs = 30_000
    arms = bandits.greedy(torch.tensor([1.0, 0.0, 1.0, 1.0]).expand(runs, 4), generator=seeded())
    share = shares(arms, 4)
    assert share[1] == 0
    # Standard error √(1/3 · 2/3 / n); three shares within 4.5 of them; false alarms: 1 in 50,000.
    assert (share[[0, 2, 3]] - 1 / 3).abs().max() < 4.5 * (2 / 9 / runs) ** 0.5


def test_epsilon_greedy_explores_at_the_given_rate():
    runs, epsilon = 20_000, torch.tensor([[0.0], [0.3], [1.0]])
    values = torch.tensor([0.0, 2.0, 0.0, 1.0]).expand(3, runs, 4)
    share = shares(bandits.epsilon_greedy(values, epsilon, generator=seeded()), 4)
    assert share[0].tolist() == [0, 1, 0, 0]
    wanted = epsilon / 4 + torch.tensor([0.0, 1.0, 0.0, 0.0]) * (1 - epsilon)
    # Eight shares within 4.5 standard errors; false alarms: 1 in 18,000.
    assert ((share - wanted).abs() <= 4.5 * (wanted * (1 - wanted) / runs).sqrt() + 1e-7).all()


def test_epsilon_greedy_ties_are_fair_and_numbers_do():
    runs = 20_000
    share = shares(bandits.epsilon_greedy(torch.zeros(runs, 5), 0.2, generator=seeded()), 5)
    # Five shares within 4.5 standard errors; false alarms: 1 in 29,000.
    assert (share - 0.2).abs().max() < 4.5 * (0.16 / runs) ** 0.5


def test_ucb_by_hand():
    # t = 13; bounds with c = 1: 1 + √(ln 13 / 8) = 1.57, 0.6 + √(ln 13 / 2) = 1.73, 0 + √(ln 13 / 2) = 1.13.
    values, counts = torch.tensor([1.0, 0.6, 0.0]), torch.tensor([8, 2, 2])
    assert bandits.ucb(values, counts, 1.0, generator=seeded()) == 1
    assert bandits.ucb(values, counts, 0.0, generator=seeded()) == 0
    # The second overtakes the first at c = 0.4 / (√(ln 13 / 2) − √(ln 13 / 8)) = 0.706.
    assert bandits.ucb(values, counts, 0.70, generator=seeded()) == 0
    assert bandits.ucb(values, counts, 0.71, generator=seeded()) == 1


def test_ucb_pulls_untried_arms_first_in_random_order():
    runs = 20_000
    values, counts = torch.tensor([9.0, 0.0, 5.0]).expand(runs, 3), torch.tensor([7.0, 0.0, 0.0]).expand(runs, 3)
    share = shares(bandits.ucb(values, counts, generator=seeded()), 3)
    assert share[0] == 0
    assert abs(share[1] - 0.5) < 4 * (0.25 / runs) ** 0.5  # false alarms: 1 in 16,000


# run


def test_run_hands_over_estimates_and_records_the_pulls():
    seen = []

    def choose(values, counts):
        seen.append((values.clone(), counts.clone()))
        return torch.full((2,), len(seen) % 3)

    q_star = 1000 * torch.arange(6.0, dtype=torch.float64).view(2, 3)
    before = q_star.clone()
    result = bandits.run(q_star, 4, choose=choose, learn=bandits.update, generator=seeded(), initial=5.0)
    assert result.arms.tolist() == [[1, 2, 0, 1]] * 2
    assert (result.rewards / 1000).round().tolist() == [[1, 2, 0, 1], [4, 5, 3, 4]]
    assert result.rewards.dtype == torch.float64
    assert torch.equal(q_star, before)
    values, counts = seen[0]
    assert values.tolist() == [[5.0] * 3] * 2 and counts.tolist() == [[0.0] * 3] * 2
    values, counts = seen[3]
    assert counts.tolist() == [[1.0] * 3] * 2
    torch.testing.assert_close(values[:, [1, 2, 0]], result.rewards[:, :3])


def test_run_lets_q_star_walk():
    runs, steps, drift = 5_000, 5, 0.7
    q_star = torch.zeros(runs, 1)
    rewards = bandits.run(
        q_star, steps, choose=epsilon_rule(0.0, seeded(1)), learn=bandits.update, generator=seeded(), drift=drift
    ).rewards
    assert torch.equal(q_star, torch.zeros(runs, 1))
    wanted = 1 + drift**2 * torch.arange(steps)
    # Variance 1 + t · drift² at step t, standard error √(2/n) of it; five within 4.5; false alarms: 1 in 29,000.
    assert ((rewards.var(0) / wanted - 1).abs() < 4.5 * (2 / runs) ** 0.5).all()


# testbed


def figures(result, q_star):
    """Return % optimal at the last step and the mean reward of the last 100 steps, with standard errors, each (3,)."""
    share, share_error = bandits.optimal_share(q_star, result.arms)
    late = result.rewards[..., -100:].mean(-1)
    return share[:, -1], share_error[:, -1], late.mean(-1), late.std(-1) / late.shape[-1] ** 0.5


@pytest.mark.parametrize(
    ("sweep", "optimal", "reward", "other_runs"),
    [
        (False, [0.361, 0.607, 0.799], [1.03, 1.31, 1.36], 4000),
        (True, [0.693, 0.743, 0.800], [1.437, 1.441, 1.362], 20_000),
    ],
)
def test_testbed_reproduces_the_known_figures(sweep, optimal, reward, other_runs):
    """The figures were measured with independent programs, over `other_runs` runs, and rounded.

    Six figures within 4 standard errors of the difference; false alarms: 1 in 2,600.
    """
    runs, generator = 2000, seeded()
    q_star = torch.randn(3, runs, 10, generator=generator)
    result = bandits.testbed(q_star, EPSILONS, 1000, generator=generator, sweep=sweep)
    share, share_error, late, late_error = figures(result, q_star)
    width = 4 * (1 + runs / other_runs) ** 0.5
    assert ((share - torch.tensor(optimal)).abs() < width * share_error + 0.0005).all(), share
    assert ((late - torch.tensor(reward)).abs() < width * late_error + 0.005).all(), late


def test_testbed_and_run_follow_one_law():
    """The share of every arm at every step, and the mean and spread of all rewards, agree between the two.

    With q* the same in all runs the arms are not exchangeable, so an unfair tie-break shows. False alarms: 270 shares
    within 5.5 standard errors, and 6 figures within 5: 1 in 70,000 at most.
    """
    runs, steps, num_arms = 4000, 30, 3
    q_star = torch.tensor([0.0, 0.5, 1.0]).expand(3, runs, num_arms)
    slow = bandits.run(
        q_star, steps, choose=epsilon_rule(EPSILONS, seeded(1)), learn=bandits.update, generator=seeded()
    )
    fast = bandits.testbed(q_star, EPSILONS, steps, generator=seeded(2))
    p, q = (shares(result.arms.mT, num_arms) for result in (slow, fast))
    pooled = (p + q) / 2
    assert ((p - q).abs() < 5.5 * (2 * pooled * (1 - pooled) / runs).sqrt()).all()
    slow_mean, fast_mean = (result.rewards.mean(-1) for result in (slow, fast))  # (3, runs)
    spread = slow_mean.std(-1)
    assert ((slow_mean.mean(-1) - fast_mean.mean(-1)).abs() < 5 * spread * (2 / runs) ** 0.5).all()
    # The variance of a variance also needs the fourth moment.
    slow_square, fast_square = ((mean - slow_mean.mean(-1, keepdim=True)) ** 2 for mean in (slow_mean, fast_mean))
    spread = slow_square.std(-1)
    assert ((slow_square.mean(-1) - fast_square.mean(-1)).abs() < 5 * spread * (2 / runs) ** 0.5).all()


@pytest.mark.parametrize("sweep", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_testbed_is_greedy_on_its_own_sample_averages(dtype, sweep):
    """Replay: with ε = 0 each arm pulled has the largest average of the rewards so far."""
    generator = seeded()
    q_star = torch.randn(2, 50, 4, generator=generator, dtype=dtype)
    result = bandits.testbed(q_star, 0.0, 40, generator=generator, sweep=sweep)
    values, counts = torch.zeros_like(q_star), torch.zeros_like(q_star)
    for t in range(40):
        arm = result.arms[..., t]
        if not sweep or t >= 4:
            chosen = values.gather(-1, arm.unsqueeze(-1)).squeeze(-1)
            assert (chosen >= values.amax(-1) - 1e-5).all()  # the two writings may round differently
        values, counts = bandits.update(values, counts, arm, result.rewards[..., t])
    if sweep:
        assert (result.arms[..., :4].sort(-1).values == torch.arange(4)).all()


def test_testbed_rewards_belong_to_its_arms():
    q_star = 1000 * torch.arange(40.0, dtype=torch.float64).view(2, 4, 5).flip(-1)
    result = bandits.testbed(q_star, 0.5, 600, generator=seeded())
    noise = result.rewards - q_star.gather(-1, result.arms)
    # 4800 draws: mean within 1/√n and variance within √(2/n), 4 times; false alarms: 1 in 8,000.
    assert abs(noise.mean()) < 4 / 4800**0.5
    assert abs(noise.var() - 1) < 4 * (2 / 4800) ** 0.5


def test_testbed_explores_every_arm_alike():
    share = shares(bandits.testbed(torch.arange(4.0), 1.0, 20_000, generator=seeded()).arms, 4)
    # Four shares within 4.5 standard errors; false alarms: 1 in 37,000.
    assert (share - 0.25).abs().max() < 4.5 * (0.1875 / 20_000) ** 0.5


@pytest.mark.parametrize(("shape", "epsilon"), [((), 0.1), ((3,), torch.tensor([0.0, 0.5, 1.0])), ((2, 3), EPSILONS.T)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_testbed_shapes_dtypes_and_inputs(shape, epsilon, dtype):
    q_star = torch.randn(*shape, 5, generator=seeded(), dtype=dtype)
    before = q_star.clone()
    for steps in (1, 7):
        result = bandits.testbed(q_star, epsilon, steps, generator=seeded(), sweep=True)
        assert result.arms.shape == result.rewards.shape == (*shape, steps)
        assert result.arms.dtype == torch.int64 and result.rewards.dtype == dtype
        assert result.arms.min() >= 0 and result.arms.max() < 5
    assert torch.equal(q_star, before)


# The generator alone decides.


PLAYS = {
    "testbed": lambda q_star, generator: bandits.testbed(q_star, 0.2, 20, generator=generator),
    "run": lambda q_star, generator: bandits.run(
        q_star, 20, choose=epsilon_rule(0.2, generator), learn=bandits.update, generator=generator
    ),
    "gradient_bandit": lambda q_star, generator: bandits.gradient_bandit(q_star, 20, 0.1, generator=generator),
}


@pytest.mark.parametrize("play", PLAYS.values(), ids=PLAYS.keys())
def test_one_seed_gives_one_result(play):
    q_star = torch.randn(6, 4, generator=seeded())
    torch.manual_seed(1)
    first = play(q_star, seeded(1))
    torch.manual_seed(2)  # the global seed must not matter
    again, other = play(q_star, seeded(1)), play(q_star, seeded(2))
    assert torch.equal(first.arms, again.arms) and torch.equal(first.rewards, again.rewards)
    assert not torch.equal(first.rewards, other.rewards)


# optimal_share, ceiling, runs_needed


def test_optimal_share_by_hand():
    q_star = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    arms = torch.tensor([[1, 0], [0, 1], [1, 0], [0, 1]])
    share, error = bandits.optimal_share(q_star, torch.stack([arms, 1 - arms]))
    assert share.tolist() == [[0.75, 0.25], [0.25, 0.75]]
    torch.testing.assert_close(error, torch.full((2, 2), (0.75 * 0.25 / 4) ** 0.5))
    assert bandits.optimal_share(q_star.double(), arms)[0].dtype == torch.float64


def test_ceiling_by_hand():
    assert bandits.ceiling(0.1, 10) == pytest.approx(0.91)
    assert bandits.ceiling(0.01, 10) == pytest.approx(0.991)
    assert bandits.ceiling(0, 3) == 1


@pytest.mark.parametrize(
    ("p", "q", "distance", "runs"),
    [(0.6, 0.8, 3, 90), (0.8, 0.6, 3, 90), (0.5, 0.6, 2, 196), (0.5, 0.7, 2, 46), (0.5, 0.53, 2, 2219)],
)
def test_runs_needed_by_hand(p, q, distance, runs):
    assert bandits.runs_needed(p, q, distance) == runs  # d² (p (1 − p) + q (1 − q)) / (p − q)², rounded up


# gradient_bandit


@pytest.mark.parametrize("baseline", [True, False])
def test_gradient_bandit_draws_from_its_own_policy(baseline):
    """Replay π from arms and rewards: 1[a = A] − π(a), weighted by what is known before the draw, has mean 0.

    The weights are 1, the arm pulled before, and the preferences; eighteen sums in the two cases lie within 4.5
    standard errors; false alarms: 1 in 8,000.
    """
    generator = seeded()
    q_star = 3 * torch.randn(4000, 3, generator=generator, dtype=torch.float64) + 2
    steps, alpha = 20, 0.3
    arms, rewards = bandits.gradient_bandit(q_star, steps, alpha, baseline=baseline, generator=generator)
    preferences, before = torch.zeros_like(q_star), torch.zeros_like(q_star)
    total, variance = torch.zeros(3, 3), torch.zeros(3, 3)
    for t in range(steps):
        pi = preferences.exp() / preferences.exp().sum(-1, keepdim=True)
        pulled = torch.nn.functional.one_hot(arms[:, t], 3)
        for row, weight in enumerate((torch.ones(()), before, preferences)):
            total[row] += (weight * (pulled - pi)).sum(0)
            variance[row] += (weight**2 * pi * (1 - pi)).sum(0)
        b = rewards[:, : max(t, 1)].mean(-1) if baseline else torch.zeros(())
        preferences = preferences + alpha * (rewards[:, t] - b).unsqueeze(-1) * (pulled - pi)
        before = pulled
    assert (total.abs() < 4.5 * variance.sqrt()).all(), total / variance.sqrt()


def test_gradient_bandit_needs_its_baseline_when_rewards_are_large():
    """As in figure 2.5 of the book, q* ~ N(4, 1); the difference is some ten standard errors."""
    generator = seeded()
    q_star = torch.randn(1000, 10, generator=generator) + 4
    (with_it, error), (without, other) = (
        bandits.optimal_share(q_star, bandits.gradient_bandit(q_star, 300, 0.4, baseline=b, generator=generator).arms)
        for b in (True, False)
    )
    assert (with_it - without)[-1] > 5 * (error**2 + other**2)[-1].sqrt()


# Errors say what is wrong.


def fails(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


@pytest.mark.parametrize("epsilon", [-0.1, 1.5, float("nan"), torch.tensor([0.5, 2.0])])
def test_epsilon_must_be_a_probability(epsilon):
    table = torch.zeros(2, 3)
    fails(lambda: bandits.epsilon_greedy(table, epsilon, generator=seeded()), r"epsilon must lie in \[0, 1\]")
    fails(lambda: bandits.testbed(table, epsilon, 5, generator=seeded()), r"epsilon must lie in \[0, 1\]")


def test_epsilon_must_broadcast():
    table, epsilon = torch.zeros(2, 3), torch.full((4, 2), 0.1)
    sentence = r"epsilon of shape \(4, 2\) does not broadcast to \(2,\)"
    fails(lambda: bandits.epsilon_greedy(table, epsilon, generator=seeded()), sentence)
    fails(lambda: bandits.testbed(table, epsilon, 5, generator=seeded()), sentence)


@pytest.mark.parametrize("step_size", [0, -0.1, 1.1, float("nan")])
def test_step_size_must_lie_in_its_range(step_size):
    arguments = torch.zeros(3), torch.zeros(3), torch.tensor(0), torch.tensor(1.0)
    fails(lambda: bandits.update(*arguments, step_size=step_size), r"step_size must lie in \(0, 1\]")


def test_steps_must_be_positive():
    q_star, generator = torch.zeros(2, 3), seeded()
    sentence = "steps must be at least 1, but it is 0"
    fails(lambda: bandits.testbed(q_star, 0.1, 0, generator=generator), sentence)
    fails(lambda: bandits.gradient_bandit(q_star, 0, 0.1, generator=generator), sentence)
    choose = epsilon_rule(0.1, generator)
    fails(lambda: bandits.run(q_star, 0, choose=choose, learn=bandits.update, generator=generator), sentence)


@pytest.mark.parametrize(
    ("arms", "sentence"),
    [
        (torch.tensor([0, 1, 2]), r"arms must have shape \(2,\), but it is \(3,\)"),
        (torch.tensor([0, 3]), r"arms must lie in \[0, 3\), but they reach from 0 to 3"),
        (torch.tensor([-1, 0]), r"arms must lie in \[0, 3\), but they reach from -1 to 0"),
        (torch.tensor([0.0, 1.0]), "arms must be int64, but their dtype is torch.float32"),
    ],
)
def test_arms_must_fit(arms, sentence):
    table, generator = torch.zeros(2, 3), seeded()
    fails(lambda: bandits.pull(table, arms, generator=generator), sentence)
    fails(lambda: bandits.update(table, table, arms, torch.zeros(arms.shape)), sentence)
    learn = bandits.update
    fails(lambda: bandits.run(table, 2, choose=lambda *_: arms, learn=learn, generator=generator), sentence)


def test_tables_must_fit():
    table, arms, generator = torch.zeros(2, 3), torch.tensor([0, 1]), seeded()
    fails(lambda: bandits.update(table, table[:1], arms, torch.zeros(2)), r"counts must have shape \(2, 3\)")
    fails(lambda: bandits.update(table, table, arms, torch.zeros(())), r"rewards must have shape \(2,\)")
    fails(lambda: bandits.sample_average(arms, torch.zeros(3), 3), r"rewards must have shape \(2,\)")
    fails(lambda: bandits.estimates(arms, torch.zeros(3), 3), r"rewards must have shape \(2,\)")
    fails(lambda: bandits.ucb(table, table[:1], generator=generator), r"counts must have shape \(2, 3\)")
    fails(lambda: bandits.optimal_share(table, torch.zeros(4, 5)), r"arms must have shape \(\.\.\., runs, T\)")
    fails(lambda: bandits.optimal_share(table[0], torch.zeros(5)), r"arms must have shape \(\.\.\., runs, T\)")


def test_other_arguments_must_make_sense():
    table, generator = torch.zeros(2, 3), seeded()
    fails(lambda: bandits.ucb(table, table, -1.0, generator=generator), "c must be at least 0, but it is -1.0")
    fails(lambda: bandits.gradient_bandit(table, 5, 0.0, generator=generator), "alpha must be positive")
    fails(lambda: bandits.runs_needed(0.5, 0.5, 2), "p and q must differ, but both are 0.5")
    integers = torch.zeros(2, 3, dtype=torch.int64)
    sentence = "q_star must hold floating-point numbers, but its dtype is torch.int64"
    fails(lambda: bandits.pull(integers, torch.tensor([0, 1]), generator=generator), sentence)
    fails(lambda: bandits.testbed(integers, 0.1, 5, generator=generator), sentence)


# GPU


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU, and torch sees none")
def test_everything_follows_the_device():
    """On a GPU: the same figures, results on the device, and no step that waits for it."""
    generator, device = seeded(0, "cuda"), torch.device("cuda", torch.cuda.current_device())
    q_star = torch.randn(3, 2000, 10, generator=generator, device=device)
    epsilon = EPSILONS.to(device)
    result = bandits.testbed(q_star, epsilon, 1000, generator=generator)
    assert result.arms.device == result.rewards.device == device
    share, error, *_ = (figure.cpu() for figure in figures(result, q_star))
    assert ((share - torch.tensor([0.361, 0.607, 0.799])).abs() < 4 * 1.5**0.5 * error + 0.0005).all()  # as on the CPU

    rules = [
        epsilon_rule(epsilon, generator),
        epsilon_rule(0.1, generator),
        lambda values, counts: bandits.ucb(values, counts, generator=generator),
    ]
    torch.cuda.set_sync_debug_mode("error")
    try:
        results = [bandits.run(q_star, 5, choose=rule, learn=bandits.update, generator=generator) for rule in rules]
        results.append(bandits.gradient_bandit(q_star, 5, 0.1, generator=generator))
    finally:
        torch.cuda.set_sync_debug_mode("default")
    for result in results:
        assert result.arms.device == result.rewards.device == device
        assert result.arms.shape == result.rewards.shape == (3, 2000, 5)
