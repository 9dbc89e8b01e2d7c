"""Tests of helpers/probes.py: each world by hand, what is the best one can do, and that training finds it."""

import itertools

import pytest
import torch

from helpers import probes, reinforce
from helpers.networks import Network
from helpers.rollouts import rollout

WORLDS = {
    "one_step": probes.one_step,
    "late_reward": probes.late_reward,
    "two_states": probes.two_states,
    "early_end": probes.early_end,
    "no_matter": probes.no_matter,
    "little_matters": probes.little_matters,
}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def follow(world, actions, shape=(400,)):
    """Take the same actions everywhere; return first states, rewards (T, ...), and how long episodes were."""
    states = first = world.reset(shape, generator=seeded())
    rewards, ended = [], torch.zeros(shape, dtype=torch.bool)
    lengths = torch.zeros(shape, dtype=torch.int64)
    for action in actions[: world.max_steps]:
        lengths += ~ended
        states, reward, terminated = world.step(states, torch.full(shape, action))
        assert states.shape == (*shape, 2) and reward.shape == terminated.shape == shape
        assert terminated.dtype == torch.bool
        rewards.append(reward)
        ended = ended | terminated
    return first, torch.stack(rewards), lengths


@pytest.mark.parametrize("action", [0, 1])
def test_one_step_pays_its_action(action):
    _, rewards, lengths = follow(probes.one_step(), [action])
    assert rewards.unique().tolist() == [action] and lengths.unique().tolist() == [1]


@pytest.mark.parametrize("steps", [1, 2, 4, 7])
def test_late_reward_pays_the_first_action_at_the_last_step(steps):
    for actions in itertools.product([0, 1], repeat=steps):
        _, rewards, lengths = follow(probes.late_reward(steps), actions, shape=(3,))
        assert rewards.unique(dim=1).T.tolist() == [[0.0] * (steps - 1) + [float(actions[0])]]
        assert lengths.unique().tolist() == [steps]


def test_a_bait_pays_the_first_action_0_at_once():
    for actions in itertools.product([0, 1], repeat=3):
        _, rewards, _ = follow(probes.late_reward(3, bait=0.25), actions, shape=(2,))
        assert rewards[:, 0].tolist() == [0.25 * (actions[0] == 0), 0.0, float(actions[0])]


@pytest.mark.parametrize("weights, share", [("rewards", 0.1), ("returns", 0.9)])
def test_only_returns_resist_a_bait(weights, share):
    """Forty runs each. Measured: all of 400 runs with returns have π(1) > 0.98, and all with rewards below 0.001."""
    generator, world = seeded(5), probes.late_reward(bait=0.25)
    policy = Network((40,), 2, 32, 2, generator=generator)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.05)
    for _ in range(30):
        episodes = rollout(world, policy, (40, 64), generator=generator)
        g = reinforce.returns(episodes.rewards, episodes.mask, 1.0)
        reinforce.update(policy, optimizer, episodes, g if weights == "returns" else episodes.rewards)
    pi = policy(torch.zeros(40, 1, 2)).softmax(-1)[:, 0, 1]
    assert (pi > share).all() if share > 0.5 else (pi < share).all()


@pytest.mark.parametrize("action", [0, 1])
def test_two_states_pays_the_action_that_fits(action):
    first, rewards, lengths = follow(probes.two_states(), [action])
    assert set(first[:, 0].tolist()) == {-1.0, 1.0} and lengths.unique().tolist() == [1]
    assert rewards[0].tolist() == [float((seen > 0) == (action == 1)) for seen in first[:, 0].tolist()]


@pytest.mark.parametrize("reset", [probes.two_states().reset, probes.no_matter().reset])
def test_both_states_are_alike_likely(reset):
    share = (reset((10_000,), generator=seeded())[:, 0] > 0).double().mean()
    assert abs(share - 0.5) < 4 * 0.5 / 100  # 4 standard errors; false alarms: 1 in 16,000


@pytest.mark.parametrize(
    "actions, rewards, length",
    [((0, 1, 1), [1, 10, 10], 1), ((1, 0, 1), [1, 1, 10], 2), ((1, 1, 0), [1, 1, 1], 3), ((1, 1, 1), [1, 1, 1], 3)],
)
def test_early_end_pays_ten_behind_an_end(actions, rewards, length):
    _, paid, lengths = follow(probes.early_end(), actions, shape=(2,))
    assert paid[:, 0].tolist() == rewards and lengths.tolist() == [length] * 2


@pytest.mark.parametrize("action", [0, 1])
def test_no_matter_pays_the_state(action):
    first, rewards, _ = follow(probes.no_matter(), [action])
    assert torch.equal(rewards[0], 5 + first[:, 0])
    first, rewards, _ = follow(probes.little_matters(), [action])
    assert torch.equal(rewards[0], 5 + first[:, 0] + 0.4 * action)


@pytest.mark.parametrize("name", WORLDS)
def test_worlds_take_leading_dimensions(name):
    policy = Network((2, 3), 2, 4, 2, generator=seeded(1))
    episodes = rollout(WORLDS[name](), policy, (2, 3, 5), generator=seeded(2))
    assert episodes.states.shape[:3] == (2, 3, 5) and episodes.mask.any(-1).all()


@pytest.mark.parametrize("baseline", reinforce.BASELINES)
@pytest.mark.parametrize(
    "name, best", [("one_step", 1.0), ("late_reward", 1.0), ("two_states", 1.0), ("early_end", 3.0)]
)
def test_training_finds_the_best_policy(name, best, baseline):
    """Twenty runs each. Measured: all of 2,000 runs of each kind have the best greedy return."""
    generator = seeded(3)
    policy = Network((20,), 2, 16, 2, generator=generator)
    value = Network((20,), 2, 16, 1, generator=generator) if baseline == "value" else None
    recipe = reinforce.Recipe(episodes=32, gamma=1.0, baseline=baseline)
    reinforce.train(WORLDS[name](), policy, recipe, updates=40, generator=generator, value=value)
    assert (reinforce.evaluate(WORLDS[name](), policy, 50, generator=generator) == best).all()
