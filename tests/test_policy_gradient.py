"""Tests of helpers/policy_gradient.py. The seeds are fixed; every statistical test states its false-alarm rate."""

import functools

import gymnasium
import pytest
import torch

from helpers import mdps, policy_gradient, worlds

F64 = torch.float64


def seeded(seed=0, device="cpu"):
    return torch.Generator(device).manual_seed(seed)


def frozen_lake():
    env = gymnasium.make("FrozenLake-v1").unwrapped
    return worlds.from_gymnasium(env.P, env.initial_state_distrib, 1.0)


def random_table():
    generator = seeded(7)
    transitions = torch.rand(6, 3, 6, generator=generator, dtype=F64)
    rewards = torch.randn(6, 3, generator=generator, dtype=F64)
    transitions = transitions / transitions.sum(-1, keepdim=True)
    return worlds.from_table(transitions, rewards, torch.full((6,), 1 / 6, dtype=F64), gamma=0.8)


WORLDS = {
    "grid": worlds.gridworld(["S..", ".#P", "S.G"], slip=0.1),
    "discounted grid": worlds.gridworld(["S..P", "..#.", "S..G"], slip=0.3, gamma=0.9),
    "corridor": worlds.short_corridor(),
    "bowling": worlds.bowling(torch.tensor([[0.5, 0.5, 0.0], [0.2, 0.2, 0.6]], dtype=F64)),
    "without an end": random_table(),
    "frozen lake": frozen_lake(),
}


def preferences(mdp, *leading, seed=1):
    return torch.randn(*leading, mdp.num_states, mdp.num_actions, generator=seeded(seed), dtype=F64)


@functools.cache
def sampled(name):
    """Return a world, preferences, and 8,000 episodes of their policy, all of which have ended."""
    mdp = WORLDS[name]
    theta = preferences(mdp) / 2
    episodes = mdps.sample_episodes(mdp, theta.softmax(-1), 8_000, 3000, generator=seeded())
    assert episodes.mask.shape[1] < 3000
    return mdp, theta, episodes


def test_objective_by_hand_and_in_a_batch():
    corridor = WORLDS["corridor"]
    coin = torch.full((4, 2), 0.5, dtype=F64)
    assert policy_gradient.objective(corridor, coin).item() == pytest.approx(-12)
    pi = preferences(corridor, 2, 3).softmax(-1)
    assert policy_gradient.objective(corridor, pi).shape == (2, 3)
    assert policy_gradient.objective(corridor, pi)[1, 2] == pytest.approx(
        float(policy_gradient.objective(corridor, pi[1, 2]))
    )


@pytest.mark.parametrize("mdp", WORLDS.values(), ids=WORLDS.keys())
def test_theorem_autograd_and_differences_agree(mdp):
    theta = preferences(mdp)
    theorem = policy_gradient.exact_gradient(mdp, theta)
    by_autograd = policy_gradient.autograd_gradient(mdp, theta)
    scale = float(1 + by_autograd.abs().max())
    torch.testing.assert_close(theorem, by_autograd, rtol=0, atol=1e-12 * scale)
    torch.testing.assert_close(policy_gradient.central_differences(mdp, theta), by_autograd, rtol=0, atol=1e-6)
    assert theorem.abs().max() > 1e-3  # there is something to agree about
    torch.testing.assert_close(theorem.sum(-1), torch.zeros(mdp.num_states, dtype=F64), rtol=0, atol=1e-12 * scale)


def test_gradient_of_a_bandit_by_hand():
    """One decision: ∂J/∂θ_b = π(b) (r(b) − J)."""
    transitions = torch.zeros(2, 3, 2, dtype=F64)
    transitions[..., 1] = 1
    rewards = torch.tensor([[1.0, 2.0, 6.0], [0.0, 0.0, 0.0]], dtype=F64)
    mdp = worlds.from_table(transitions, rewards, torch.tensor([1.0, 0.0], dtype=F64))
    got = policy_gradient.exact_gradient(mdp, torch.zeros(2, 3, dtype=F64))
    torch.testing.assert_close(got, torch.tensor([[-2 / 3, -1 / 3, 1.0], [0.0, 0.0, 0.0]], dtype=F64))


def test_gradients_come_in_batches_too():
    mdp = WORLDS["grid"]
    theta = preferences(mdp, 2, 3)
    for gradient in (policy_gradient.exact_gradient, policy_gradient.autograd_gradient):
        batch = gradient(mdp, theta)
        assert batch.shape == theta.shape
        torch.testing.assert_close(batch[1, 2], gradient(mdp, theta[1, 2]))


def test_large_mdps_agree_with_a_dense_solve():
    side = 18
    mdp = worlds.gridworld(
        ["S" + "." * (side - 1)] + ["." * side] * (side - 2) + ["." * (side - 1) + "G"], slip=0.2, gamma=0.97
    )
    theta = preferences(mdp)
    wanted = policy_gradient.autograd_gradient(mdp, theta)
    got = policy_gradient.exact_gradient(mdp, theta.requires_grad_())
    assert not got.requires_grad
    torch.testing.assert_close(got, wanted, rtol=0, atol=1e-12)  # entries reach 0.001, values 30


def test_with_mu_the_gradient_is_short_by_the_mean_episode_length():
    """The length is also that of sampled episodes, within 4.5 standard errors; false alarms: 1 in 147,000."""
    mdp, theta, episodes = sampled("grid")
    pi = theta.softmax(-1)
    v, counts = mdps.values_and_counts(mdp, pi)
    inner = pi * (mdps.action_values(mdp, v) - v.unsqueeze(-1))
    with_mu = (counts / counts.sum()).unsqueeze(-1) * inner
    exact = policy_gradient.autograd_gradient(mdp, theta)
    torch.testing.assert_close(counts.sum() * with_mu, exact, rtol=1e-10, atol=1e-10)
    mean, error = mdps.monte_carlo(episodes.mask.sum(-1).to(F64))
    assert abs(mean - counts.sum()) < 4.5 * error


def test_score_is_the_gradient_of_the_logarithm():
    theta = preferences(WORLDS["corridor"]).requires_grad_()
    states, actions = torch.tensor([[0, 2, 2], [3, 1, 0]]), torch.tensor([[1, 0, 1], [1, 1, 0]])
    got = policy_gradient.score(theta.detach().softmax(-1), states, actions)
    assert got.shape == (2, 3, 4, 2)
    for place in ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)):
        log_pi = theta.log_softmax(-1)[states[place], actions[place]]
        torch.testing.assert_close(got[place], torch.autograd.grad(log_pi, theta)[0])


@pytest.mark.parametrize("with_baseline", [False, True])
def test_sampled_gradients_by_the_definition(with_baseline):
    mdp = WORLDS["discounted grid"]
    pi = preferences(mdp).softmax(-1)
    episodes = mdps.sample_episodes(mdp, pi, 20, 1000, generator=seeded())
    baseline = torch.linspace(-3, 2, mdp.num_states, dtype=F64) if with_baseline else None
    got = policy_gradient.sampled_gradients(mdp, pi, episodes, baseline=baseline)
    for n in range(20):
        wanted = torch.zeros_like(pi)
        for t in range(int(episodes.mask[n].sum())):
            rest = episodes.rewards[n, t:]
            weight = (0.9 ** torch.arange(len(rest), dtype=F64) * rest).sum()
            state, action = episodes.states[n, t], episodes.actions[n, t]
            weight = weight - (baseline[state] if with_baseline else 0)
            wanted += 0.9**t * weight * policy_gradient.score(pi, state, action)
        torch.testing.assert_close(got[n], wanted, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", ["grid", "discounted grid", "corridor", "bowling"])
def test_sampled_gradients_are_unbiased(name):
    """All entries within 5 standard errors, at most 48 of them in 2 cases; false alarms: 1 in 18,000 a world."""
    mdp, theta, episodes = sampled(name)
    pi = theta.softmax(-1)
    exact = policy_gradient.exact_gradient(mdp, theta)
    spreads = []
    for baseline in (None, mdps.evaluate(mdp, pi)):
        samples = policy_gradient.sampled_gradients(mdp, pi, episodes, baseline=baseline)
        mean, error = mdps.monte_carlo(samples.movedim(0, -1))
        assert ((mean - exact).abs() <= 5 * error + 1e-12).all()
        spreads.append(samples.var(0).sum())
    assert spreads[1] < spreads[0]  # what a baseline is for


def test_baseline_must_fit():
    mdp = WORLDS["corridor"]
    pi = preferences(mdp).softmax(-1)
    episodes = mdps.sample_episodes(mdp, pi, 3, 1000, generator=seeded())
    with pytest.raises(ValueError, match=r"A baseline here has shape \(4,\), but this one has \(3,\)\."):
        policy_gradient.sampled_gradients(mdp, pi, episodes, baseline=torch.zeros(3))


def test_ascent_in_the_corridor_ends_at_the_optimum_of_the_book():
    """A policy that sees all states alike: θ is one number, and autograd carries the gradient on to it."""
    mdp, preference = WORLDS["corridor"], torch.tensor(0.0, dtype=F64, requires_grad=True)
    for _ in range(300):
        right = preference.sigmoid()
        pi = torch.stack([1 - right, right]).expand(4, 2)
        slope = torch.autograd.grad(policy_gradient.objective(mdp, pi), preference)[0]
        preference = (preference + 0.05 * slope).detach().requires_grad_()
    assert preference.sigmoid().item() == pytest.approx(2 - 2**0.5, abs=1e-6)
    assert policy_gradient.objective(mdp, pi).item() == pytest.approx(-6 - 4 * 2**0.5, abs=1e-9)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU, and torch sees none")
def test_gradients_follow_the_device():
    mdp = WORLDS["grid"]
    theta, there = preferences(mdp), mdp.to("cuda")
    wanted = policy_gradient.exact_gradient(mdp, theta)
    for gradient in (
        policy_gradient.exact_gradient,
        policy_gradient.autograd_gradient,
        policy_gradient.central_differences,
    ):
        got = gradient(there, theta.cuda())
        assert got.device == there.initial.device
        torch.testing.assert_close(got.cpu(), wanted, rtol=0, atol=1e-6)
    pi = theta.cuda().softmax(-1)
    episodes = mdps.sample_episodes(there, pi, 100, 1000, generator=seeded(0, "cuda"))
    assert policy_gradient.sampled_gradients(there, pi, episodes).device == there.initial.device
