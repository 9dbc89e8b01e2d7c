"""Cooling: the hall against plain numbers, exact costs against long simulations, gains against a search, PPO on it."""

import numpy as np
import pytest
import torch

from helpers import cooling, ppo
from helpers.cooling import Hall
from helpers.networks import Network

F64 = torch.float64
HALLS = [Hall(), Hall(0), Hall(1, keep=1.0, price=0.1), Hall(4, cools=0.3, noise=1.0)]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("hall", HALLS)
def test_a_command_arrives_when_it_is_due(hall):
    g = seeded()
    states = hall.reset((3, 2), generator=g)
    assert states.shape == (3, 2, 1 + hall.delay) and (states[..., 1:] == 0).all()
    warm, commands = states[..., 0].clone(), [torch.zeros(3, 2)] * hall.delay
    for _ in range(7):
        actions, noise = torch.randn(3, 2, 1, generator=g), torch.randn(3, 2, generator=g)
        commands.append(actions[..., 0])
        after = hall.step(states, actions, noise)
        reward, ended = hall.outcome(states, actions, after)
        torch.testing.assert_close(reward, -(warm**2 + hall.price * actions[..., 0] ** 2))
        warm = hall.keep * warm - hall.cools * commands.pop(0) + noise
        torch.testing.assert_close(after[..., 0], warm)
        assert not ended.any()
        states = after


@pytest.mark.parametrize("hall", HALLS)
def test_the_matrices_say_the_same(hall):
    g = seeded(1)
    a, b, q, r, _ = (torch.from_numpy(part) for part in hall.matrices())
    states, actions = torch.randn(5, 1 + hall.delay, generator=g, dtype=F64), torch.randn(5, 1, generator=g, dtype=F64)
    torch.testing.assert_close(hall.step(states, actions, torch.zeros(5, dtype=F64)), states @ a.T + actions @ b.T)
    cost = ((states @ q) * states).sum(-1) + ((actions @ r) * actions).sum(-1)
    torch.testing.assert_close(-hall.outcome(states, actions, states)[0], cost)


def test_the_exact_cost_is_that_of_a_long_simulation():
    """2000 halls for 300 steps, within 5 standard errors of 2000 independent means; false alarms: 1 in 500,000."""
    hall, g = Hall(), seeded(2)
    gain, offset = torch.tensor([0.5, -0.2, -0.1]), 0.15
    world, states, total = hall.world(g), hall.reset((2000,), generator=g), 0.0
    for step in range(400):
        actions = (states @ gain + offset).unsqueeze(-1)
        if step >= 100:
            total = total - hall.outcome(states, actions, states)[0] / 300
        states, *_ = world.step(states, actions)
    assert abs(total.mean() - hall.cost(gain, offset)) < 5 * total.std() / 2000**0.5


def test_costs_batch_and_a_swing_that_grows_costs_without_end():
    hall = Hall()
    gains = torch.stack([hall.optimal_gain(), torch.tensor([3.0, 0.0, 0.0], dtype=F64)])
    assert hall.cost(gains).tolist() == [hall.cost(gains[0]).item(), np.inf]
    assert hall.cost(gains.view(2, 1, 3)).shape == (2, 1) and hall.cost(gains[0]).shape == ()
    off = hall.noise**2 / (1 - hall.keep**2)
    assert hall.cost(torch.zeros(3)).item() == pytest.approx(off)


@pytest.mark.parametrize("hall", HALLS)
def test_no_gain_nearby_is_better_than_the_optimal_one(hall):
    best = hall.optimal_gain()
    others = best + 0.1 * torch.randn(50, len(best), generator=seeded(3), dtype=F64)
    assert (hall.cost(others) > hall.cost(best)).all() and hall.cost(best) < hall.cost(best, 0.01)
    alone = hall.memoryless_gain()
    assert (alone[1:] == 0).all()
    for factor in (0.99, 1.01):
        assert hall.cost(factor * alone) > hall.cost(alone)
    assert hall.cost(best) <= hall.cost(alone) * (1 + 1e-9)
    assert hall.cost(alone) <= hall.cost(hall.hasty_gain()) * (1 + 1e-9)


def test_without_a_delay_all_three_gains_are_the_same_and_solve_the_quadratic_equation():
    """With one number Riccati's equation is quadratic: p = 1 + a² p r / (r + b² p)."""
    hall = Hall(0)
    gain = hall.optimal_gain().item()
    a, b, r = hall.keep, hall.cools, hall.price
    p = max(np.roots([b**2, r - a**2 * r - b**2, -r]).real)
    assert gain == pytest.approx(a * b * p / (r + b**2 * p))
    assert hall.memoryless_gain().item() == pytest.approx(gain, abs=1e-4)
    assert hall.hasty_gain().item() == pytest.approx(gain)


def test_the_order_that_the_lesson_tells():
    hall = Hall()
    gains = [hall.optimal_gain(), hall.memoryless_gain(), hall.hasty_gain()]
    costs = [hall.cost(gain).item() for gain in gains]
    thermostats = hall.thermostat_costs(torch.linspace(0.1, 0.5, 5), torch.linspace(0, 0.4, 5), generator=seeded(4))
    assert costs == pytest.approx([0.1452, 0.1529, 0.2195], abs=1e-4)
    assert thermostats.min().item() == pytest.approx(0.163, abs=0.003)
    off = hall.thermostat_costs(torch.tensor([0.3]), torch.tensor([99.0]), generator=seeded(5))
    assert off.item() == pytest.approx(hall.cost(torch.zeros(3)).item(), rel=0.05)


def test_products_let_a_linear_network_be_a_quadratic_form():
    value = cooling.OnProducts(2, lambda size: Network((), size, 0, 1, generator=seeded()))
    with torch.no_grad():
        value.network.weights[0].copy_(torch.tensor([[1.0], [2.0], [3.0], [4.0], [5.0]]))
        value.network.biases[0].zero_()
    assert value(torch.tensor([[2.0, -1.0]])).item() == 2 - 2 + 3 * 4 - 4 * 2 + 5


def test_ppo_comes_near_the_optimum():
    hall, g = Hall(), seeded(5)
    policy, value = cooling.untrained(hall, (2,), generator=g)
    ppo.train(hall.world(g), policy, value, cooling.RECIPE, updates=25, generator=g)
    gains, offsets = cooling.gains(policy)
    assert (hall.cost(gains, offsets) < 0.16).all()


def test_what_makes_no_sense_is_said_in_one_sentence():
    with pytest.raises(ValueError, match="delay is at least 0"):
        Hall(-1)
    with pytest.raises(ValueError, match="keep in \\(0, 1\\]"):
        Hall(keep=1.1)
    with pytest.raises(ValueError, match=r"states \(..., 3\)"):
        Hall().step(torch.zeros(4, 2), torch.zeros(4, 1), torch.zeros(4))
    with pytest.raises(ValueError, match="A gain has 3 numbers"):
        Hall().cost(torch.zeros(2))
