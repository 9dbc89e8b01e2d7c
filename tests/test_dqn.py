"""Deep Q-learning: formulas against loops, bugs that do not show in a score, runs side by side, resuming, bad input."""

import copy
import math

import gymnasium
import numpy as np
import pytest
import torch

from helpers import breakout, cartpole, dqn, probes
from helpers.dqn import Recipe
from helpers.networks import Network
from helpers.replay import Transitions
from helpers.rollouts import World

SMALL = Recipe(games=3, batch_size=8, capacity=50, copy_every=10, learning_rate=0.01)


def seeded(seed=0, device="cpu"):
    return torch.Generator(device).manual_seed(seed)


def batch(shape=(4, 6), actions=3, seed=0, dtype=torch.float64):
    g = seeded(seed)
    q, other = (torch.randn(*shape, actions, generator=g, dtype=dtype) for _ in range(2))
    rewards, ended = torch.randn(shape, generator=g, dtype=dtype), torch.rand(shape, generator=g) < 0.4
    return rewards, ended, q, other, torch.randint(actions, shape, generator=g)


def network(shape=(), inputs=2, outputs=2, seed=0):
    return Network(shape, inputs, 8, outputs, generator=seeded(seed))


def flat(module):
    return torch.cat([part.detach().flatten() for part in module.parameters()])


@pytest.mark.parametrize("shape", [(), (3,)])
def test_rectified_units_have_no_bound(shape):
    q, g = dqn.Rectified(shape, 2, 8, 3, scale=torch.tensor([2.0, 0.5]), generator=seeded()), seeded(1)
    states = torch.randn(*shape, 5, 2, generator=g)
    hidden = (states * q.scale) @ q.weights[0] + q.biases[0]
    torch.testing.assert_close(q(states), hidden.clamp(min=0) @ q.weights[1] + q.biases[1])
    far = (q(2e6 * states) - q(1e6 * states)) / 1e6
    torch.testing.assert_close(far, (q(4e6 * states) - q(2e6 * states)) / 2e6, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("shape", [(), (5,), (4, 6), (2, 3, 4)])
def test_targets_by_a_loop(shape):
    rewards, ended, q, other, _ = batch(shape)
    plain, double = dqn.td_target(rewards, ended, q, 0.9), dqn.double_target(rewards, ended, q, other, 0.9)
    for place in np.ndindex(shape):
        row, judge = q[place].tolist(), other[place].tolist()
        best = 0.0 if ended[place] else max(row)
        judged = 0.0 if ended[place] else judge[row.index(max(row))]
        assert plain[place].item() == pytest.approx(rewards[place].item() + 0.9 * best)
        assert double[place].item() == pytest.approx(rewards[place].item() + 0.9 * judged)


def test_what_stands_behind_an_end_is_not_looked_at():
    q = torch.tensor([[math.nan, 1.0], [math.inf, 2.0]])
    ended = torch.tensor([True, True])
    assert dqn.td_target(torch.ones(2), ended, q, 0.9).tolist() == [1, 1]
    assert dqn.double_target(torch.ones(2), ended, q, q, 0.9).tolist() == [1, 1]


@pytest.mark.parametrize("loss", ["squared", "huber"])
def test_loss_and_gradient_by_a_loop(loss):
    rewards, _, q, _, actions = batch((2, 6))
    q, targets = q.requires_grad_(), (3 * rewards).requires_grad_()
    value = dqn.td_loss(q, actions, targets, loss)
    value.sum().backward()
    assert targets.grad is None and value.shape == (2,)
    for run in range(2):
        total = 0.0
        for step in range(6):
            error = (q[run, step, actions[run, step]] - targets[run, step]).item()
            small = abs(error) < 1
            total += error**2 if loss == "squared" else error**2 / 2 if small else abs(error) - 0.5
            slope = (2 * error if loss == "squared" else error if small else math.copysign(1, error)) / 6
            wanted = torch.zeros(3, dtype=q.dtype)
            wanted[actions[run, step]] = slope
            torch.testing.assert_close(q.grad[run, step], wanted)
        assert value[run].item() == pytest.approx(total / 6)


@pytest.mark.parametrize(
    ("gamma", "share", "copies"), [(0.5, 0.75, 2), (0.5, 0.76, 3), (0.99, 0.5, 69), (0.9, 0.9, 22)]
)
def test_copies_needed(gamma, share, copies):
    assert dqn.copies_needed(gamma, share) == copies
    assert 1 - gamma**copies >= share - 1e-12 > 1 - gamma ** (copies - 1)


def test_act_is_greedy_but_for_its_share_of_random_actions():
    q = torch.tensor([[0.0, 3.0, 1.0]]).expand(20_000, 3)
    assert (dqn.act(q, 0.0, generator=seeded()) == 1).all()
    shares = dqn.act(q, 0.3, generator=seeded()).bincount() / 20_000
    assert (shares - torch.tensor([0.1, 0.8, 0.1])).abs().max() < 0.015  # five standard errors


def test_rates_fall_in_lines():
    recipe = Recipe(learning_rate=1.0, final_rate=0.1, epsilon=0.2, exploring=0.5)
    first, middle, last = (dqn.rates(recipe, number, 101) for number in (1, 51, 101))
    assert first == (1.0, 1.0) and last == pytest.approx((0.1, 0.2))
    assert middle == pytest.approx((0.55, 0.2)) and dqn.rates(recipe, 26, 101)[1] == pytest.approx(0.6)
    assert dqn.rates(recipe, 1, 1) == (1.0, 1.0)


@pytest.mark.parametrize("double", [False, True])
def test_an_update_makes_its_targets_of_the_target_network(double):
    online, target, g = network(seed=1), network(seed=2), seeded(3)
    data = Transitions(
        torch.randn(7, 2, generator=g),
        torch.randint(2, (7,), generator=g),
        torch.ones(7),
        torch.randn(7, 2, generator=g),
        torch.arange(7) % 3 == 0,
    )
    by_hand, standing = copy.deepcopy(online), flat(target)
    next_q, own = target(data.next_states).detach(), online(data.next_states).detach()
    best = next_q.gather(1, own.argmax(1, keepdim=True))[:, 0] if double else next_q.amax(1)
    targets = data.rewards + 0.9 * best * ~data.ended
    loss = (by_hand(data.states)[torch.arange(7), data.actions] - targets).square().mean()
    gradients = torch.autograd.grad(loss, list(by_hand.parameters()))
    dqn.update(online, target, torch.optim.SGD(online.parameters(), lr=0.5), data, 0.9, double=double)
    with torch.no_grad():
        for part, gradient in zip(by_hand.parameters(), gradients, strict=True):
            part -= 0.5 * gradient
    torch.testing.assert_close(flat(online), flat(by_hand))
    assert torch.equal(flat(target), standing)


class Corridor:
    """Four rooms in a row, one step to the right each; the last pays 1. Nobody chooses anything."""

    @staticmethod
    def world(max_steps: int, ends: bool) -> World:
        def reset(shape, *, generator):
            return torch.eye(4)[torch.zeros(shape, dtype=torch.int64)]

        def outcome(states, actions, after):
            last = states.argmax(-1) == 3
            return last.float(), last & ends

        return World(reset, lambda states, actions: states.roll(1, -1), outcome, 2, max_steps)


@pytest.mark.parametrize(("ends", "value"), [(True, 0.5**3), (False, 0.5**3 / (1 - 0.5**4))])
def test_an_end_is_worth_nothing_and_a_cut_hides_nothing(ends, value):
    """Cut after four steps, where the world would go round for ever: a cut taken for an end would give 1/8, too."""
    q = Network((), 4, 0, 2, generator=seeded())
    recipe = Recipe(2, 16, 100, gamma=0.5, learning_rate=0.05, epsilon=1.0, copy_every=10)
    dqn.train(Corridor.world(4, ends), q, recipe, updates=600, generator=seeded(1))
    assert (q(torch.eye(4)[:1]) - value).abs().max() < 0.005


@pytest.mark.parametrize(
    "recipe",
    [
        SMALL,
        Recipe(3, 3, 50, copy_every=None, replay=False),
        Recipe(3, 8, 50, copy_every=10, double=True, loss="huber"),
    ],
)
def test_runs_side_by_side_learn_as_one_by_one_would(recipe):
    """Each run has its own network, ring and games; the same draws for all make them equal where they start equal."""
    runs = network((3,))
    with torch.no_grad():
        for part in runs.parameters():
            part[1:] = part[:1]
    result = dqn.train(probes.two_states(), runs, recipe, updates=60, generator=seeded(1), report_every=20)
    assert result.history.shape == result.q_means.shape == (3, 3)
    values = runs(torch.tensor([[1.0, 0.0]]).expand(3, 1, 2))
    assert values.isfinite().all() and len(values.unique(dim=0)) == 3  # each drew its own steps


def test_a_step_of_several_runs_is_the_step_of_each():
    runs, target, g = network((2,), seed=1), network((2,), seed=2), seeded(3)
    data = Transitions(
        torch.randn(2, 7, 2, generator=g),
        torch.randint(2, (2, 7), generator=g),
        torch.randn(2, 7, generator=g),
        torch.randn(2, 7, 2, generator=g),
        torch.rand(2, 7, generator=g) < 0.3,
    )

    def alone(module, run):
        one = network()
        with torch.no_grad():
            for part, whole in zip(one.parameters(), module.parameters(), strict=True):
                part.copy_(whole[run])
        return one

    singles = [(alone(runs, run), alone(target, run)) for run in (0, 1)]
    dqn.update(runs, target, torch.optim.Adam(runs.parameters(), lr=0.1), data, 0.9)
    for run, (one, its_target) in enumerate(singles):
        part = Transitions(*(column[run] for column in data))
        dqn.update(one, its_target, torch.optim.Adam(one.parameters(), lr=0.1), part, 0.9)
        torch.testing.assert_close(flat(one), flat(alone(runs, run)))


def test_training_learns_to_see():
    q = network(seed=5)
    recipe = Recipe(games=4, batch_size=32, capacity=500, learning_rate=0.02, copy_every=20)
    result = dqn.train(probes.two_states(), q, recipe, updates=300, generator=seeded(2))
    assert (q(torch.tensor([[-1.0, 0.0], [1.0, 0.0]])) - torch.tensor([[1.0, 0.0], [0.0, 1.0]])).abs().max() < 0.15
    assert result.history.shape == (3,) and result.history[-1] >= 0.5


def test_reports_come_after_every_hundred_and_may_stop():
    seen = []
    q = network()
    dqn.train(probes.one_step(), q, SMALL, updates=250, generator=seeded(), report=lambda n, r: seen.append(n))
    dqn.train(
        probes.one_step(), q, SMALL, updates=250, generator=seeded(), report=lambda n, r: seen.append(n) or n == 100
    )
    assert seen == [100, 200, 250, 100]


@pytest.mark.parametrize("shape", [(), (2,)])
def test_a_resumed_training_ends_as_an_undisturbed_one(tmp_path, shape):
    ends = []
    for stop in (None, 60):
        q, g, path = network(shape), seeded(4), tmp_path / f"{stop}"
        options = {"updates": 100, "report_every": 20, "checkpoint": path}
        if stop:
            dqn.train(probes.late_reward(), q, SMALL, generator=g, report=lambda n, r: n == 60, **options)
            q, g = network(shape, seed=9), seeded(5)
        result = dqn.train(probes.late_reward(), q, SMALL, generator=g, **options)
        ends.append((flat(q), result.history, result.q_means))
    for one, other in zip(*ends, strict=True):
        assert torch.equal(one, other)
    with pytest.raises(ValueError, match="gamma = 0.97, but now it is 0.5"):
        dqn.train(
            probes.late_reward(),
            network(shape),
            Recipe(3, 8, 50, gamma=0.5, copy_every=10, learning_rate=0.01),
            generator=seeded(),
            **options,
        )


def test_it_plays_gymnasiums_vector_environments():
    envs = gymnasium.make_vec("CartPole-v1", 3, vectorization_mode="sync")
    q = network((), 4)
    result = dqn.train(envs, q, SMALL, updates=120, generator=seeded())
    assert result.history.shape == (2,) and result.history[-1] > 8
    pixels = gymnasium.vector.SyncVectorEnv([breakout.BreakoutEnv] * 2)

    class Flat(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = Network((), 120, 8, 3, generator=seeded())

        def forward(self, observations):
            return self.inner(observations.flatten(-3))

    q = Flat()
    before = flat(q)
    dqn.train(pixels, q, SMALL, updates=30, generator=seeded())
    assert flat(q).isfinite().all() and not torch.equal(flat(q), before)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_training_lives_on_the_device_of_the_generator():
    board, g = breakout.Board(device="cuda"), seeded(device="cuda")
    q = breakout.OnPixels(board, Network((2,), board.num_pixels, 8, 3, generator=g))
    assert dqn.train(board.world, q, SMALL, updates=30, generator=g).q_means.is_cuda


BAD_REWARD = World(probes.one_step().reset, lambda s, a: s, lambda s, a, n: (a / 0, a < 0), 2, 5)


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda: Recipe(capacity=10), "The ring remembers 10 steps, but a batch has 64"),
        (lambda: Recipe(copy_every=0), "copy_every is at least 1"),
        (lambda: Recipe(gamma=1.5), "γ and ε in"),
        (lambda: Recipe(loss="cubed"), "loss is one of"),
        (lambda: Recipe(copy_every=None, double=True), "needs two networks"),
        (lambda: Recipe(replay=False), "Without a ring a batch is one step of all games"),
        (lambda: dqn.train(cartpole.WORLD, network((), 4), updates=50, generator=seeded()), "never be copied"),
        (
            lambda: dqn.train(cartpole.WORLD, network((), 3), SMALL, updates=50, generator=seeded()),
            "Observations have shape",
        ),
        (
            lambda: dqn.train(breakout.Board().world, network((), 2, 3), SMALL, updates=50, generator=seeded()),
            "dtype torch.int64",
        ),
        (
            lambda: dqn.train(cartpole.WORLD, network((), 4, 3), SMALL, updates=50, generator=seeded()),
            r"the network makes numbers of shape \(3, 3\), but \(3, 2\) was expected",
        ),
        (lambda: dqn.train(BAD_REWARD, network(), SMALL, updates=50, generator=seeded()), "is not finite"),
        (
            lambda: dqn.train(
                Corridor.world(9, False),
                network((), 4),
                Recipe(5, 8, 20, gamma=1.0, copy_every=10),
                updates=50,
                generator=seeded(),
            ),
            "With γ = 1 values are finite only where episodes end",
        ),
        (lambda: dqn.td_loss(torch.zeros(2, 3), torch.tensor([0, 3]), torch.zeros(2)), "whole numbers in 0, …, 2"),
        (lambda: dqn.copies_needed(1.0, 0.5), "between 0 and 1"),
        (
            lambda: dqn.train(
                gymnasium.make_vec("Pendulum-v1", 2), network((), 3), SMALL, updates=50, generator=seeded()
            ),
            "discrete actions",
        ),
        (
            lambda: dqn.train(
                gymnasium.make_vec("CartPole-v1", 2), network((2,), 4), SMALL, updates=50, generator=seeded()
            ),
            "plays one run",
        ),
    ],
)
def test_bad_input_gets_one_sentence(call, part):
    with pytest.raises(ValueError, match=part) as raised:
        call()
    assert "\n" not in str(raised.value)
