"""Tests of helpers/baselines.py. The seeds are fixed; every statistical test states its false-alarm rate."""

import itertools

import pytest
import torch
from scipy.optimize import minimize_scalar

from helpers import baselines, cartpole, reinforce
from helpers.networks import Network
from helpers.rollouts import Episodes

F64 = torch.float64
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")),
]


def seeded(seed=0, device="cpu"):
    return torch.Generator(device).manual_seed(seed)


def states(*leading, actions=4, seed=0, device="cpu"):
    """π and q of random states, (..., A)."""
    generator = seeded(seed, device)
    preferences, q = (torch.randn(*leading, actions, generator=generator, dtype=F64, device=device) for _ in range(2))
    return preferences.softmax(-1), 3 * q + 2


def by_enumeration(pi, q, b):
    """Mean and variance of one push, from all its values and their chances."""
    theta = pi.log()
    score = torch.stack([torch.func.grad(lambda x, arm=arm: x.log_softmax(-1)[arm])(theta) for arm in range(len(pi))])
    pushes = (q - b).unsqueeze(-1) * score
    mean = (pi.unsqueeze(-1) * pushes).sum(0)
    return mean, (pi.unsqueeze(-1) * (pushes - mean).square()).sum()


def test_scores_are_autograds():
    pi, _ = states()
    jacobian = torch.func.jacrev(lambda theta: theta.log_softmax(-1))(pi.log())
    torch.testing.assert_close(baselines.scores(pi), jacobian)
    assert baselines.scores(states(2, 3)[0]).shape == (2, 3, 4, 4)


def test_mean_scores_are_zero():
    """Σ_a π(a) ∇ log π(a) = ∇ Σ_a π(a) = 0, of however likely actions."""
    pi = torch.cat([states(50)[0], (20 * states(50, seed=1)[0].log()).softmax(-1)])
    assert (pi.unsqueeze(-1) * baselines.scores(pi)).sum(-2).abs().max() < 1e-14


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("b", [-3.0, 0.0, 1.7])
def test_mean_and_variance_are_what_enumeration_gives(b, device):
    pi, q = states(6, device=device)
    mean, variance = baselines.expected_push(pi, q, b), baselines.push_variance(pi, q, b)
    assert mean.device.type == variance.device.type == device
    for state in range(6):
        for got, wanted in zip((mean[state], variance[state]), by_enumeration(pi[state], q[state], b), strict=True):
            torch.testing.assert_close(got, wanted)


def test_the_mean_is_the_gradient_of_the_value():
    pi, q = states()
    gradient = torch.func.grad(lambda theta: (theta.softmax(-1) * q).sum())(pi.log())
    for b in (0.0, -5.0, 1000.0):
        torch.testing.assert_close(baselines.expected_push(pi, q, b), gradient, atol=1e-10, rtol=0)
    assert not torch.allclose(baselines.expected_push(pi, q, torch.arange(4.0, dtype=F64)), gradient, atol=0.01)


def test_a_constant_on_all_values_moves_nothing_once_v_is_subtracted():
    pi, q = states(5)
    v = (pi * q).sum(-1)
    torch.testing.assert_close(baselines.push_variance(pi, q + 100, v + 100), baselines.push_variance(pi, q, v))
    assert (baselines.push_variance(pi, q + 100, 0.0) > baselines.push_variance(pi, q, 0.0)).all()


def test_the_variance_is_that_of_samples():
    """The mean of 200,000 squared distances within 5 standard errors; false alarms: 1 in 1.7 million."""
    pi, q = states(seed=3)
    arms = torch.multinomial(pi, 200_000, replacement=True, generator=seeded(4))
    pushes = (q - 0.7)[arms].unsqueeze(-1) * baselines.scores(pi)[arms]
    squares = (pushes - baselines.expected_push(pi, q, 0.7)).square().sum(-1)
    assert abs(squares.mean() - baselines.push_variance(pi, q, 0.7)) < 5 * squares.std() / len(squares) ** 0.5
    torch.testing.assert_close(baselines.total_variance(pushes), squares.mean(), rtol=1e-2, atol=0)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_baseline_is_what_a_search_finds(seed):
    pi, q = states(seed=seed)
    found = minimize_scalar(lambda b: baselines.push_variance(pi, q, b).item())
    best = baselines.best_baseline(pi, q)
    assert best.item() == pytest.approx(found.x, abs=1e-5)
    assert (baselines.push_variance(pi, q, best) <= baselines.push_variance(pi, q, (pi * q).sum())).all()


def test_the_best_baseline_by_hand():
    """With two actions both scores are equally long but for their chance: b* weights each value by the other's π."""
    pi, q = torch.tensor([0.8, 0.2], dtype=F64), torch.tensor([1.0, 6.0], dtype=F64)
    assert baselines.best_baseline(pi, q).item() == pytest.approx(0.2 * 1 + 0.8 * 6)
    assert baselines.push_variance(pi, q, baselines.best_baseline(pi, q)).item() == pytest.approx(0, abs=1e-12)
    even = torch.full((3,), 1 / 3, dtype=F64)
    assert baselines.best_baseline(even, torch.tensor([1.0, 2.0, 6.0], dtype=F64)).item() == pytest.approx(3)
    pi, q = states(2, 3)
    torch.testing.assert_close(baselines.best_baseline(pi, q)[1, 2], baselines.best_baseline(pi[1, 2], q[1, 2]))


def test_each_state_may_have_its_own_number():
    pi, q = states(2, 3)
    b = (pi * q).sum(-1)
    variances = baselines.push_variance(pi, q, b)
    assert variances.shape == (2, 3)
    for state in itertools.product(range(2), range(3)):
        torch.testing.assert_close(variances[state], by_enumeration(pi[state], q[state], b[state])[1])


@pytest.mark.parametrize("dtype", [torch.float32, F64])
def test_results_have_the_dtype_of_the_values(dtype):
    pi, q = (part.to(dtype) for part in states(6))
    for got, wide in (
        (baselines.scores(pi), baselines.scores(pi.double())),
        (baselines.expected_push(pi, q, 1.5), baselines.expected_push(pi.double(), q.double(), 1.5)),
        (baselines.push_variance(pi, q, 1.5), baselines.push_variance(pi.double(), q.double(), 1.5)),
        (baselines.best_baseline(pi, q), baselines.best_baseline(pi.double(), q.double())),
    ):
        assert got.dtype == dtype
        torch.testing.assert_close(got.double(), wide, rtol=1e-4, atol=1e-5)
    returns, mask = batches((2,))
    assert baselines.leave_one_out(returns.to(dtype), mask).dtype == dtype


@pytest.mark.parametrize("function", [baselines.expected_push, baselines.push_variance, baselines.best_baseline])
def test_a_value_for_each_action(function):
    with pytest.raises(ValueError, match="pi has 4 actions and q has 3"):
        function(states()[0], states(actions=3)[1], *[0.0] * (function is not baselines.best_baseline))


def batches(runs=(), episodes=5, steps=7, seed=0, device="cpu"):
    generator = seeded(seed, device)
    lengths = torch.randint(1, steps + 1, (*runs, episodes, 1), generator=generator, device=device)
    returns = torch.randn(*runs, episodes, steps, generator=generator, device=device, dtype=F64)
    return returns, torch.arange(steps, device=device) < lengths


@pytest.mark.parametrize("device", DEVICES)
def test_leave_one_out_by_a_loop(device):
    returns, mask = batches((2, 3), device=device)
    got = baselines.leave_one_out(returns.masked_fill(~mask, float("nan")), mask)
    assert got.device.type == device
    for run in itertools.product(range(2), range(3)):
        for episode, step in mask[run].nonzero().tolist():
            others = [
                returns[(*run, other, step)].item()
                for other in range(5)
                if other != episode and mask[(*run, other, step)]
            ]
            wanted = sum(others) / len(others) if others else 0.0
            assert got[(*run, episode, step)].item() == pytest.approx(wanted)


def test_leave_one_out_is_the_mean_per_step_stretched():
    """G − (mean of the others) = n/(n − 1) · (G − mean), where n > 1 episodes are alive."""
    returns, mask = batches((4,), episodes=9, seed=1)
    n = mask.sum(-2, keepdim=True)
    stretched = n / (n - 1).clamp(min=1) * (returns - reinforce.time_baseline(returns, mask))
    where = mask & (n > 1)
    assert where.sum() > 100
    torch.testing.assert_close((returns - baselines.leave_one_out(returns, mask))[where], stretched[where])


def test_only_leave_one_out_keeps_the_mean():
    """One state, three draws, all 64 triples: the mean of all shrinks the push by a third, that of the others not."""
    pi, q = states(seed=5)
    triples = torch.cartesian_prod(*[torch.arange(4)] * 3)
    returns, mask = q[triples].unsqueeze(-1), torch.ones(64, 3, 1, dtype=torch.bool)
    means = {}
    for baseline in (reinforce.time_baseline, baselines.leave_one_out):
        pushes = (returns - baseline(returns, mask)) * baselines.scores(pi)[triples]
        means[baseline.__name__] = (pi[triples].prod(-1, keepdim=True) * pushes.mean(1)).sum(0)
    torch.testing.assert_close(means["leave_one_out"], baselines.expected_push(pi, q, 0.0))
    torch.testing.assert_close(means["time_baseline"], 2 / 3 * baselines.expected_push(pi, q, 0.0))


def heads(runs=(), seed=0):
    returns, mask = batches(runs, seed=seed)
    generator = seeded(seed + 1)
    logits = torch.randn(*mask.shape, 3, generator=generator, dtype=F64, requires_grad=True)
    values = torch.randn(*mask.shape, generator=generator, dtype=F64, requires_grad=True)
    return logits, values, torch.randint(3, mask.shape, generator=generator), returns, mask


def test_losses_by_a_loop_and_no_gradient_leaks():
    logits, values, actions, returns, mask = heads()
    policy, value = baselines.baseline_losses(logits, values, actions, returns, mask)
    steps = mask.nonzero().tolist()
    log_pi = logits.log_softmax(-1)
    one = -sum((returns[n, t] - values[n, t]).item() * log_pi[n, t, actions[n, t]] for n, t in steps) / len(steps)
    other = sum((returns[n, t] - values[n, t]) ** 2 for n, t in steps) / len(steps)
    torch.testing.assert_close((policy, value), (one, other))
    for got, wanted, head, stranger in ((policy, one, logits, values), (value, other, values, logits)):
        gradients = torch.autograd.grad(got, (head, stranger), allow_unused=True)
        torch.testing.assert_close(gradients[0], torch.autograd.grad(wanted, head)[0])
        assert gradients[1] is None
        assert gradients[0][~mask].abs().max() == 0


def test_losses_of_many_runs_are_those_of_each():
    parts = heads((2,), seed=3)
    losses = baselines.baseline_losses(*parts)
    for run in range(2):
        alone = baselines.baseline_losses(*(part[run] for part in parts))
        torch.testing.assert_close(tuple(loss[run] for loss in losses), alone)


def test_the_weighted_loss_is_the_policys_loss_but_reaches_its_weights():
    logits, values, actions, returns, mask = heads((2,), seed=4)
    loss = baselines.weighted_loss(logits, actions, returns - values, mask)
    detached = reinforce.policy_loss(logits, actions, returns - values, mask)
    torch.testing.assert_close(loss, detached)
    one, other = (torch.autograd.grad(part.sum(), (logits, values), allow_unused=True) for part in (loss, detached))
    torch.testing.assert_close(one[0], other[0])
    assert one[1][mask].abs().min() > 0
    assert other[1] is None


def pair_of_networks(seed=0):
    generator = seeded(seed)
    return [Network((), 4, 8, outputs, generator=generator) for outputs in (2, 1)]


def vector(module):
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()])


def test_update_both_is_one_step_for_each_network_by_itself():
    policy, value = pair_of_networks()
    episodes = reinforce.run_episodes(cartpole.WORLD, policy, 6, generator=seeded(1))
    both = torch.optim.SGD([*policy.parameters(), *value.parameters()], lr=0.05)
    alone, fitted = pair_of_networks()
    g = reinforce.returns(episodes.rewards, episodes.mask, 0.9)
    weights = g - reinforce.on_steps(value, episodes.states)[..., 0].detach()
    baselines.update_both(policy, value, both, episodes, 0.9)
    reinforce.update(alone, torch.optim.SGD(alone.parameters(), lr=0.05), episodes, weights)
    reinforce.fit_value(fitted, torch.optim.SGD(fitted.parameters(), lr=0.05), episodes, g)
    torch.testing.assert_close(vector(policy), vector(alone), rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(vector(value), vector(fitted), rtol=1e-4, atol=1e-6)


def test_update_both_learns_what_the_episodes_return():
    """With a policy that never changes the value network comes to the mean return of its only state, 5."""
    policy, value = pair_of_networks(2)
    mask = torch.ones(2, 1, dtype=torch.bool)
    still = Episodes(torch.zeros(2, 1, 4), torch.zeros(2, 1, dtype=torch.long), torch.tensor([[4.0], [6.0]]), mask)
    optimizer = torch.optim.SGD(value.parameters(), lr=0.1)
    for _ in range(200):
        baselines.update_both(policy, value, optimizer, still, 1.0)
    assert value(torch.zeros(1, 4)).item() == pytest.approx(5, abs=1e-3)


def small_episodes():
    policy = Network((), 4, 3, 2, generator=seeded(3)).double()
    policy.scale = policy.scale.double()
    episodes = reinforce.run_episodes(cartpole.WORLD, Network((), 4, 3, 2, generator=seeded(3)), 5, generator=seeded(4))
    return policy, episodes._replace(states=episodes.states.double())


def test_episode_gradients_are_autograds_of_each_episode():
    policy, episodes = small_episodes()
    weights = torch.randn(episodes.mask.shape, generator=seeded(5), dtype=F64)
    got = baselines.episode_gradients(policy, episodes, weights)
    assert got.shape == (5, sum(parameter.numel() for parameter in policy.parameters()))
    for number in range(5):
        length = int(episodes.mask[number].sum())
        log_pi = policy(episodes.states[number, :length]).log_softmax(-1)
        taken = log_pi[range(length), episodes.actions[number, :length]]
        wanted = torch.autograd.grad((weights[number, :length] * taken).sum(), list(policy.parameters()))
        torch.testing.assert_close(got[number], torch.cat([part.flatten() for part in wanted]))


def test_episode_gradients_sum_to_the_gradient_of_the_loss():
    policy, episodes = small_episodes()
    weights = reinforce.returns(episodes.rewards, episodes.mask, 1.0).double()
    loss = reinforce.policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    gradient = torch.cat([part.flatten() for part in torch.autograd.grad(loss, list(policy.parameters()))])
    total = baselines.episode_gradients(policy, episodes, weights).sum(0)
    torch.testing.assert_close(-total / episodes.mask.sum(), gradient)


def test_weights_have_one_number_a_step():
    policy, episodes = small_episodes()
    for weights in (torch.ones(5, 1), torch.ones(5), torch.ones(1, *episodes.mask.shape)):
        with pytest.raises(ValueError, match="one number a step is needed"):
            baselines.episode_gradients(policy, episodes, weights)


def test_baselines_lower_the_variance_and_keep_the_mean_on_cartpole():
    """The mean of all z² below 4: of 58 entries that depend on each other, with at least five free directions.

    False alarms: 1 in 800 for such a χ² over 5; the baseline that looks at the action is 20 standard errors off.
    """
    policy = Network((), 4, 8, 2, generator=seeded(6))
    episodes = reinforce.run_episodes(cartpole.WORLD, policy, 1000, generator=seeded(7))
    g = reinforce.returns(episodes.rewards, episodes.mask, 1.0)
    plain = baselines.episode_gradients(policy, episodes, g)
    away = {}
    for name, b in (
        ("mean", g[episodes.mask].mean()),
        ("step", reinforce.time_baseline(g, episodes.mask)),
        ("others", baselines.leave_one_out(g, episodes.mask)),
        ("action", 20.0 * episodes.actions),
    ):
        samples = baselines.episode_gradients(policy, episodes, g - b)
        away[name] = baselines.mean_in_errors(samples - plain).square().mean().item()
        assert name == "action" or baselines.total_variance(samples) < 0.8 * baselines.total_variance(plain)
    assert max(away["mean"], away["step"], away["others"]) < 4
    assert away["action"] > 100


def test_variance_and_errors_by_hand():
    samples = torch.tensor([[1.0, 0.0, 7.0], [3.0, 0.0, 7.0]])
    assert baselines.total_variance(samples).item() == pytest.approx(2)
    assert baselines.mean_in_errors(samples).tolist() == [pytest.approx(2), 0, float("inf")]
    for function in (baselines.total_variance, baselines.mean_in_errors):
        with pytest.raises(ValueError, match="at least two samples"):
            function(samples[:1])
