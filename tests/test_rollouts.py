"""Tests of helpers/rollouts.py. The seeds are fixed; every statistical test states its false-alarm rate.

Most of them look at a world that counts: its states hold how long the episode is to be, the step, and a number made of
the actions so far, so that a record whose parts do not belong together shows.
"""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode

from helpers import cartpole
from helpers.networks import Network
from helpers.rollouts import CHUNK, World, play, rollout

LENGTHS = [1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 1000]


def seeded(seed=0, device="cpu"):
    return torch.Generator(device).manual_seed(seed)


def counting(lengths, max_steps, num_actions=2, wild=False):
    """A world whose episodes have these lengths; behind an end it is as wild as it may be."""
    lengths = torch.tensor(lengths, dtype=torch.float32)

    def reset(shape, *, generator):
        return torch.stack([lengths.expand(shape), torch.zeros(shape), torch.zeros(shape)], -1)

    def dynamics(states, actions):
        assert actions.dtype == torch.int64 and actions.shape == states.shape[:-1]
        length, clock, number = states.unbind(-1)
        if wild:
            length = torch.where(clock + 1 > length, torch.nan, length)
        return torch.stack([length, clock + 1, (number * num_actions + actions) % 1009], -1)

    def outcome(states, actions, next_states):
        # An end does not last: behind it, the world says that nothing has ended.
        return 10 * next_states[..., 1] + actions, next_states[..., 1] == next_states[..., 0]

    return World(reset, dynamics, outcome, num_actions, max_steps)


class Fixed(torch.nn.Module):
    """A policy with the same logits everywhere."""

    def __init__(self, *logits):
        super().__init__()
        self.logits = torch.nn.Parameter(torch.tensor(logits))

    def forward(self, states):
        return self.logits.expand(*states.shape[:-1], len(self.logits))


def step_by_step(world, lengths, actions):
    """Return states, rewards and mask as one episode after the other has them, with Python loops."""
    for length, sequence in zip(lengths, actions.tolist(), strict=True):
        states, rewards, number = [], [], 0
        for clock, action in enumerate(sequence[: min(length, world.max_steps)]):
            states.append([float(length), float(clock), float(number)])
            rewards.append(10.0 * (clock + 1) + action)
            number = (number * world.num_actions + action) % 1009
        yield states, rewards


@pytest.mark.parametrize("wild", [False, True])
@pytest.mark.parametrize("num_actions", [2, 3])
@pytest.mark.parametrize("max_steps", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 100])
def test_records_are_those_of_single_episodes(max_steps, num_actions, wild):
    world = counting(LENGTHS, max_steps, num_actions, wild)
    episodes = rollout(world, Fixed(*[0.0] * num_actions), (len(LENGTHS),), generator=seeded())
    assert episodes.mask.shape == (len(LENGTHS), max_steps) == episodes.states.shape[:2]
    assert episodes.mask.sum(-1).tolist() == [min(length, max_steps) for length in LENGTHS]
    expected = step_by_step(world, LENGTHS, episodes.actions)
    for states, rewards, mask, (true_states, true_rewards) in zip(
        episodes.states, episodes.rewards, episodes.mask, expected, strict=True
    ):
        assert mask[: len(true_states)].all()  # no gap
        assert states[mask].tolist() == true_states and rewards[mask].tolist() == true_rewards


@pytest.mark.parametrize("longest", [1, 5, CHUNK, CHUNK + 1, 40])
def test_time_is_as_long_as_the_longest_episode(longest):
    episodes = rollout(counting([1, longest], 200), Fixed(0.0, 0.0), (2,), generator=seeded())
    assert episodes.mask.shape == episodes.rewards.shape == (2, longest)
    assert episodes.mask.sum(-1).tolist() == [1, longest]


def test_records_are_ordinary_tensors():
    episodes = rollout(counting([3], 5), Fixed(0.0, 0.0), (1,), generator=seeded())
    assert episodes.actions.dtype == torch.int64 and episodes.mask.dtype == torch.bool
    for part in episodes:
        assert not part.is_inference() and not part.requires_grad and part.is_contiguous()


def test_cartpole_is_as_by_hand():
    """The recorded actions, taken one step at a time from the recorded start, give the record again."""
    policy = Network((3,), 4, 8, 2, generator=seeded(1))
    episodes = rollout(cartpole.WORLD, policy, (3, 20), generator=seeded())
    states, alive = episodes.states[..., 0, :], torch.ones(3, 20, dtype=torch.bool)
    for t in range(episodes.mask.shape[-1]):
        assert torch.equal(episodes.mask[..., t], alive)
        torch.testing.assert_close(episodes.states[..., t, :][alive], states[alive], rtol=0, atol=1e-4)
        states = cartpole.step(states, episodes.actions[..., t])
        alive = alive & ~cartpole.terminated(states)
    assert not alive.any() and (episodes.rewards == 1).all()


# the law of actions


class Rows(torch.nn.Module):
    """Three-action logits by the sign of the first entry of the state."""

    def forward(self, states):
        return torch.where(states[..., :1] > 0, torch.tensor([1.0, -1.0, 0.5]), torch.tensor([-2.0, 0.0, 0.0]))


def signs(num_actions, steps=1):
    def reset(shape, *, generator):
        return 2.0 * torch.randint(2, (*shape, 1), generator=generator) - 1

    def outcome(states, actions, next_states):
        return torch.ones_like(states[..., 0]), torch.zeros_like(states[..., 0], dtype=torch.bool)

    return World(reset, lambda states, actions: states.clone(), outcome, num_actions, steps)


class Wrapped(torch.nn.Module):
    """The same policy, but nobody sees that it is a `Network`."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, states):
        return self.network(states)


@pytest.mark.parametrize("kind", ["network", "module", "three actions"])
def test_actions_are_samples_of_the_policy(kind):
    network = Network((), 1, 4, 2, scale=torch.tensor([2.0]), generator=seeded(3))
    policy = {"network": network, "module": Wrapped(network), "three actions": Rows()}[kind]
    num_actions, count = (3 if kind == "three actions" else 2), 200_000
    episodes = rollout(signs(num_actions), policy, (count,), generator=seeded(4))
    states, actions = episodes.states[:, 0], episodes.actions[:, 0]
    for sign in (-1.0, 1.0):
        pi = policy(torch.tensor([[sign]])).softmax(-1)[0]
        drawn = actions[states[:, 0] == sign]
        for action in range(num_actions):
            # 4 standard errors; all of them fail falsely once in 2,500.
            error = (pi[action] * (1 - pi[action]) / len(drawn)).sqrt()
            assert abs((drawn == action).double().mean() - pi[action]) < 4 * error


@pytest.mark.parametrize("num_actions", [2, 3])
def test_actions_are_independent_over_episodes_and_steps(num_actions):
    policy = Fixed(*torch.linspace(0, 1, num_actions).tolist())
    actions = rollout(signs(num_actions, steps=50), policy, (4, 500), generator=seeded(5)).actions
    pi = policy.logits.softmax(-1)[0].item()
    hit = (actions == 0).double() - pi
    pairs = {
        "next step": hit[..., 1:] * hit[..., :-1],
        "same place in the next chunk": hit[..., CHUNK:] * hit[..., :-CHUNK],
        "next episode": hit[:, 1:] * hit[:, :-1],
        "next run": hit[1:] * hit[:-1],
    }
    for name, products in pairs.items():  # each has mean 0 and standard deviation π(1 − π); false alarms: 1 in 2,000
        assert abs(products.mean()) < 4.5 * pi * (1 - pi) / products.numel() ** 0.5, name


def test_each_run_follows_its_own_policy():
    policy = Network((3,), 1, 4, 2, scale=torch.tensor([4.0]), generator=seeded(6))
    with torch.no_grad():
        policy.biases[-1][..., 0, 1] += torch.tensor([-1.0, 0.0, 1.0])
    episodes = rollout(signs(2), policy, (3, 100_000), generator=seeded(7))
    pi = policy(episodes.states[:, :, 0]).softmax(-1)[..., 1].detach()
    assert pi.mean(-1).diff().abs().min() > 0.1  # else the runs could be mixed up unseen
    difference = (episodes.actions[..., 0] - pi).mean(-1)
    assert (difference.abs() < 4.5 * (pi * (1 - pi)).mean(-1).sqrt() / 100_000**0.5).all()  # 1 in 50,000


def test_many_runs_of_one_policy_have_the_law_of_one_run():
    one = Network((), 4, 8, 2, generator=seeded(1))
    many = Network((2, 5), 4, 8, 2, generator=seeded(1))
    with torch.no_grad():
        for wide, narrow in zip(many.parameters(), one.parameters(), strict=True):
            wide.copy_(narrow.expand_as(wide))
    lengths = rollout(cartpole.WORLD, many, (2, 5, 1000), generator=seeded(2)).mask.sum(-1).double().flatten(0, 1)
    single = rollout(cartpole.WORLD, one, (10_000,), generator=seeded(3)).mask.sum(-1).double()
    error = (single.var() / 10_000 + lengths.var(-1) / 1000).sqrt()
    assert ((lengths.mean(-1) - single.mean()).abs() < 4.5 * error).all()  # 1 in 15,000
    centred = (lengths - lengths.mean(-1, keepdim=True)) / lengths.std(-1, keepdim=True)
    correlation = (centred @ centred.T / 1000).triu(1).abs().max()
    assert correlation < 5 / 1000**0.5  # 45 pairs; 1 in 40,000


@pytest.mark.parametrize("num_actions", [2, 3])
def test_greedy_takes_the_likeliest_action_and_the_first_of_several(num_actions):
    for logits in ([0.0, 1.0, 0.5], [1.0, 0.0, 2.0], [0.3, 0.3, 0.3], [0.0, 1.0, 1.0]):
        policy = Fixed(*logits[:num_actions])
        episodes = rollout(counting([5], 40, num_actions), policy, (30,), generator=seeded(), greedy=True)
        assert episodes.actions.unique().tolist() == [int(policy.logits.argmax())]


def test_greedy_networks_take_the_larger_output():
    policy = Network((4,), 4, 8, 2, generator=seeded(1))
    episodes = rollout(cartpole.WORLD, policy, (4, 10), generator=seeded(), greedy=True)
    with torch.no_grad():
        logits = policy(episodes.states.flatten(1, 2)).unflatten(1, episodes.states.shape[1:3])
    clear = (logits.diff(dim=-1)[..., 0].abs() > 1e-5) & episodes.mask
    assert clear.any() and torch.equal(episodes.actions[clear], logits.argmax(-1)[clear])


def test_a_network_with_another_forward_acts_by_it():
    class Stubborn(Network):
        def forward(self, states):
            return super().forward(states) + torch.tensor([0.0, 100.0])

    policy = Stubborn((), 4, 8, 2, generator=seeded())
    assert (rollout(cartpole.WORLD, policy, (50,), generator=seeded()).actions == 1).all()


def test_the_generator_alone_decides():
    policy = Network((), 4, 8, 2, generator=seeded(1))
    torch.manual_seed(1)
    one = rollout(cartpole.WORLD, policy, (10,), generator=seeded(2))
    torch.manual_seed(2)
    two, other = (rollout(cartpole.WORLD, policy, (10,), generator=seeded(seed)) for seed in (2, 3))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert not torch.equal(one.states[:, 0], other.states[:, 0])


def test_float64_worlds():
    def reset(shape, *, generator):
        return cartpole.reset(shape, generator=generator, dtype=torch.float64)

    world = World(reset, cartpole.step, cartpole.outcome, 2, 50)
    episodes = rollout(world, Network((), 4, 8, 2, generator=seeded()).double(), (10,), generator=seeded())
    assert episodes.states.dtype == episodes.rewards.dtype == torch.float64


@pytest.mark.parametrize("shape", [(), (0,), (3, 0)])
def test_no_episodes_are_refused(shape):
    with pytest.raises(ValueError, match="shape says how many episodes to run"):
        rollout(cartpole.WORLD, Fixed(0.0, 0.0), shape, generator=seeded())


@pytest.mark.parametrize("logits", [(0.0,), (0.0, 0.0, 0.0)])
def test_logits_that_do_not_fit_are_refused(logits):
    with pytest.raises(ValueError, match=rf"logits of shape \(7, {len(logits)}\), but \(7, 2\) was expected"):
        rollout(cartpole.WORLD, Fixed(*logits), (7,), generator=seeded())
    envs = gymnasium.make_vec("CartPole-v1", 7, vectorization_mode="sync")
    with pytest.raises(ValueError, match=rf"logits of shape \(7, {len(logits)}\), but \(7, 2\) was expected"):
        play(envs, Fixed(*logits), generator=seeded())
    envs.close()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_episodes_live_on_the_device_of_the_generator():
    generator = seeded(device="cuda")
    policy = Network((2,), 4, 8, 2, generator=generator)
    assert all(part.is_cuda for part in rollout(cartpole.WORLD, policy, (2, 5), generator=generator))
    envs = gymnasium.make_vec("CartPole-v1", 3, vectorization_mode="sync")
    single = Network((), 4, 8, 2, generator=generator)
    assert all(part.is_cuda for part in play(envs, single, generator=generator))
    envs.close()


# gymnasium's vector environments


class NoteSeed(gymnasium.vector.VectorWrapper):
    """Remember the seed of the last reset."""

    def reset(self, *, seed=None, options=None):
        self.last_seed = seed
        return super().reset(seed=seed, options=options)


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("name, max_steps", [("CartPole-v1", 500), ("CartPole-v1", 17), ("Acrobot-v1", 40)])
def test_play_records_what_single_environments_do(name, max_steps, mode):
    count = 4
    envs = NoteSeed(gymnasium.make_vec(name, count, vectorization_mode=mode, max_episode_steps=max_steps))
    inputs, actions = envs.single_observation_space.shape[0], int(envs.single_action_space.n)
    policy = Network((), inputs, 8, actions, generator=seeded(1))
    generator = seeded(2)
    for _ in range(2):  # a second round must not see the first one
        episodes = play(envs, policy, generator=generator)
        for number in range(count):
            env = gymnasium.make(name, max_episode_steps=max_steps)
            observation, _ = env.reset(seed=envs.last_seed + number)
            for t in range(int(episodes.mask[number].sum())):
                assert episodes.mask[number, t]
                assert np.array_equal(episodes.states[number, t].numpy(), observation)
                action = episodes.actions[number, t].item()
                observation, reward, terminated, truncated, _ = env.step(action)
                assert episodes.rewards[number, t] == reward
            assert terminated or truncated
            assert not episodes.mask[number, t + 1 :].any()
        assert episodes.mask.any(0).all()  # T is the longest episode
    envs.close()


def test_play_of_gymnasiums_own_vector_cartpole_and_of_ours():
    for envs in (
        gymnasium.make_vec("CartPole-v1", 6, vectorization_mode="vector_entry_point"),
        cartpole.CartPoleVectorEnv(6),
    ):
        episodes = play(envs, Network((), 4, 8, 2, generator=seeded(1)), generator=seeded(2))
        states, alive = episodes.states[:, 0], torch.ones(6, dtype=torch.bool)
        for t in range(episodes.mask.shape[1]):
            assert torch.equal(episodes.mask[:, t], alive) and (episodes.rewards[alive, t] == 1).all()
            torch.testing.assert_close(episodes.states[alive, t], states[alive], rtol=0, atol=1e-4)
            states = cartpole.step(states, episodes.actions[:, t])
            alive = alive & ~cartpole.terminated(states)
        assert not alive.any()
        envs.close()


def test_play_and_rollout_have_one_law():
    policy = Network((), 4, 8, 2, generator=seeded(1))
    envs = cartpole.CartPoleVectorEnv(4000)
    played = play(envs, policy, generator=seeded(2)).mask.sum(-1).double()
    rolled = rollout(cartpole.WORLD, policy, (4000,), generator=seeded(3)).mask.sum(-1).double()
    error = ((played.var() + rolled.var()) / 4000).sqrt()
    assert abs(played.mean() - rolled.mean()) < 4 * error  # false alarms: 1 in 16,000


def test_play_copies_observations_that_an_environment_reuses():
    makers = [lambda: gymnasium.make("CartPole-v1")] * 3
    policy = Network((), 4, 8, 2, generator=seeded(1))
    records = []
    for copy in (True, False):
        envs = gymnasium.vector.SyncVectorEnv(makers, copy=copy)
        records.append(play(envs, policy, generator=seeded(2)))
        envs.close()
    assert all(torch.equal(a, b) for a, b in zip(*records, strict=True))


class FromFive(gymnasium.Env):
    """Actions are 5, 6 and 7; action 6 pays 1; three steps."""

    observation_space = gymnasium.spaces.Box(-1, 1, (1,))
    action_space = gymnasium.spaces.Discrete(3, start=5)

    def reset(self, *, seed=None, options=None):
        self.clock = 0
        return np.zeros(1, dtype=np.float32), {}

    def step(self, action):
        assert self.action_space.contains(action)
        self.clock += 1
        return np.zeros(1, dtype=np.float32), float(action == 6), self.clock == 3, False, {}


def test_play_starts_to_count_where_the_action_space_does():
    envs = gymnasium.vector.SyncVectorEnv([FromFive] * 50)
    episodes = play(envs, Fixed(0.0, 0.0, 0.0), generator=seeded())
    assert episodes.actions.unique().tolist() == [0, 1, 2]
    assert torch.equal(episodes.rewards, (episodes.actions == 1).float())
    assert (play(envs, Fixed(0.0, 1.0, 0.0), generator=seeded(), greedy=True).rewards == 1).all()
    envs.close()


def test_play_follows_the_dtype_of_the_policy():
    envs = cartpole.CartPoleVectorEnv(2)
    episodes = play(envs, Network((), 4, 8, 2, generator=seeded()).double(), generator=seeded())
    assert episodes.states.dtype == episodes.rewards.dtype == torch.float64


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.DISABLED])
def test_play_refuses_environments_that_hide_an_end(mode):
    envs = gymnasium.vector.SyncVectorEnv([lambda: gymnasium.make("CartPole-v1")] * 2, autoreset_mode=mode)
    with pytest.raises(ValueError, match="AutoresetMode.NEXT_STEP"):
        play(envs, Fixed(0.0, 0.0), generator=seeded())
    envs.close()


def test_play_refuses_continuous_actions():
    envs = gymnasium.vector.SyncVectorEnv([lambda: gymnasium.make("Pendulum-v1")] * 2)
    with pytest.raises(ValueError, match="choose Discrete ones"):
        play(envs, Fixed(0.0, 0.0), generator=seeded())
    envs.close()
