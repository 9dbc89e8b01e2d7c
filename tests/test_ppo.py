"""PPO: formulas against loops and the definition, both kinds of ending, runs side by side, resuming, bad input."""

import copy
import itertools
import math

import gymnasium
import numpy as np
import pytest
import torch

from helpers import cartpole, policies, ppo, probes, replay
from helpers.networks import Network
from helpers.policies import Gaussian, Normal
from helpers.ppo import Recipe
from helpers.rollouts import World

F64 = torch.float64
SMALL = Recipe(games=3, steps=8, epochs=2, minibatches=2, learning_rate=0.02)


def seeded(seed=0, device="cpu"):
    return torch.Generator(device).manual_seed(seed)


def network(shape=(), inputs=2, outputs=2, seed=0, hidden=8):
    return Network(shape, inputs, hidden, outputs, generator=seeded(seed))


def flat(*modules):
    return torch.cat([part.detach().flatten() for module in modules for part in module.parameters()])


def endings(shape=(3, 9), seed=0):
    """Rewards, values of S_t and S_{t+1}, ends and cuts; where an episode is over S_{t+1} is no S of the next step."""
    g = seeded(seed)
    rewards, v, v_next = (torch.randn(shape, generator=g, dtype=F64) for _ in range(3))
    kind = torch.randint(5, shape, generator=g)
    terminated, truncated = kind == 0, kind == 1
    v_next[..., :-1] = torch.where((terminated | truncated)[..., :-1], v_next[..., :-1], v[..., 1:])
    return rewards, v, v_next, terminated, truncated


class Looked(torch.nn.Module):
    """A value function that reads a state's number."""

    def forward(self, states):
        return states


def segment_of(rewards, v, v_next, terminated, truncated):
    shown = torch.full_like(v_next, 1e6)  # which nobody may look at
    actions = torch.zeros(rewards.shape, dtype=torch.int64)
    parts = (v[..., None], actions, rewards, v_next[..., None], shown[..., None], terminated, truncated)
    return ppo.Segment(*parts, torch.zeros_like(rewards), torch.ones_like(terminated))


# Advantages


@pytest.mark.parametrize("gamma", [0.0, 0.6, 0.9, 1.0])
@pytest.mark.parametrize("trace", [0.0, 0.5, 1.0])
def test_advantages_by_the_definition(gamma, trace):
    """GAE is the mean of n-step advantages with weights (1 − λ) λ^(n−1), the last of which takes the rest."""
    rewards, v, v_next, terminated, truncated = endings()
    segment, over = segment_of(rewards, v, v_next, terminated, truncated), terminated | truncated
    advantages = ppo.gae(ppo.td_errors(segment, Looked(), gamma), over, gamma, trace)
    for game, start in itertools.product(range(3), range(9)):
        last = start
        while last < 8 and not over[game, last]:
            last += 1
        found, total = 0.0, 0.0
        for step in range(start, last + 1):
            total += gamma ** (step - start) * rewards[game, step].item()
            ahead = 0.0 if terminated[game, step] else v_next[game, step].item()
            advantage = total + gamma ** (step - start + 1) * ahead - v[game, start].item()
            weight = trace ** (step - start) * (1 if step == last else 1 - trace)
            found += weight * advantage
        assert advantages[game, start].item() == pytest.approx(found, abs=1e-10)


def test_advantages_take_one_step_leading_dimensions_and_nothing_from_behind():
    deltas = torch.tensor([[[1.0, 2.0, 4.0]]])
    over = torch.tensor([[[False, True, False]]])
    assert ppo.gae(deltas, over, 0.5, 0.5).tolist() == [[[1.5, 2.0, 4.0]]]
    assert ppo.gae(deltas[..., :1], over[..., :1], 0.5, 0.5).tolist() == [[[1.0]]]
    assert ppo.gae(deltas[..., :0], over[..., :0], 0.5, 0.5).shape == (1, 1, 0)
    assert deltas.tolist() == [[[1.0, 2.0, 4.0]]]
    deltas[..., 2] = 1e30
    assert ppo.gae(deltas, over, 0.9, 1.0)[0, 0, 0] == 1 + 0.9 * 2


# Ratio and surrogate


@pytest.mark.parametrize("ratio", [0.5, 0.8, 0.9, 1.0, 1.1, 1.2, 1.5])
@pytest.mark.parametrize("advantage", [-2.0, 0.0, 3.0])
def test_surrogate_and_its_gradient(ratio, advantage):
    """Flat where the ratio has gone too far in the direction of the advantage, and nowhere else."""
    moving = torch.tensor(ratio, dtype=F64, requires_grad=True)
    value = ppo.surrogate(moving, torch.tensor(advantage, dtype=F64), 0.25)
    slope = torch.autograd.grad(value, moving)[0].item()
    is_flat = ratio > 1.25 if advantage > 0 else ratio < 0.75
    assert value.item() == pytest.approx(min(ratio * advantage, min(max(ratio, 0.75), 1.25) * advantage))
    assert slope == (0 if is_flat else advantage)


def test_ratio_is_a_quotient_of_probabilities_and_moves_the_present_policy_alone():
    g = seeded()
    new, old = (torch.randn(4, 5, 3, generator=g, dtype=F64) for _ in range(2))
    actions = torch.randint(3, (4, 5), generator=g)
    log_old = policies.log_prob(old, actions).requires_grad_()
    new.requires_grad_()
    ratio = ppo.ratio(new, actions, log_old)
    probabilities = [logits.softmax(-1).gather(-1, actions[..., None])[..., 0] for logits in (new, old)]
    torch.testing.assert_close(ratio, probabilities[0] / probabilities[1])
    ratio.sum().backward()
    assert log_old.grad is None and new.grad.abs().sum() > 0


# Policies


@pytest.mark.parametrize("shape", [(1,), (4,), (2, 3, 5)])
def test_gaussian_log_probabilities_and_entropy_are_those_of_torch(shape):
    mean, log_std, actions = (torch.randn(*shape, generator=seeded(seed), dtype=F64) for seed in range(3))
    wanted = torch.distributions.Independent(torch.distributions.Normal(mean, log_std.exp()), 1)
    torch.testing.assert_close(policies.log_prob(Normal(mean, log_std), actions), wanted.log_prob(actions))
    constant = shape[-1] * (1 + math.log(2 * math.pi)) / 2
    torch.testing.assert_close(policies.entropy(Normal(mean, log_std)) + constant, wanted.entropy())
    wanted = torch.distributions.Categorical(logits=mean)
    torch.testing.assert_close(policies.entropy(mean), wanted.entropy())


def test_actions_are_drawn_by_their_law():
    """Three shares, a mean and a spread of 20,000 draws, within 5 standard errors; false alarms: 1 in 300,000."""
    logits = torch.tensor([0.5, -1.0, 1.0]).expand(20_000, 3)
    shares = policies.choose(logits, generator=seeded()).bincount() / 20_000
    p = logits[0].softmax(-1)
    assert ((shares - p).abs() < 5 * (p * (1 - p) / 20_000).sqrt()).all()
    normal = Normal(torch.full((20_000, 1), 3.0), torch.full((20_000, 1), math.log(2.0)))
    drawn = policies.choose(normal, generator=seeded(1))
    assert drawn.shape == (20_000, 1)
    assert abs(drawn.mean() - 3) < 5 * 2 / 141 and abs(drawn.std() - 2) < 5 * 2 / 200
    assert policies.choose(logits[:2], generator=seeded(), greedy=True).tolist() == [2, 2]
    assert policies.choose(Normal(*(part[:2] for part in normal)), generator=seeded(), greedy=True).tolist() == [
        [3],
        [3],
    ]


def test_a_spread_that_does_not_learn_stays():
    policy = Gaussian(network(outputs=1), 1, std=0.5, learns_std=False)
    policy(torch.zeros(3, 2)).mean.sum().backward()
    assert policy.log_std.grad is None and policy.log_std.exp().item() == pytest.approx(0.5)


# Segments


def counting(max_steps, length):
    """A world that counts its steps in what it shows, beside a number that tells the episode, and ends or is cut."""
    started = itertools.count()

    def reset(shape, *, generator):
        return torch.stack([torch.zeros(shape), torch.full(shape, float(next(started)))], -1)

    def outcome(states, actions, after):
        return states[..., 0], after[..., 0] >= length

    return World(reset, lambda states, actions: states + torch.tensor([1.0, 0.0]), outcome, 2, max_steps)


@pytest.mark.parametrize(("max_steps", "length", "last"), [(4, 9, 3), (9, 3, 2)])
def test_a_segment_tells_ends_from_cuts_and_where_a_step_led_from_what_is_shown(max_steps, length, last):
    play = replay.games(counting(max_steps, length), (2,), generator=seeded())
    segment = ppo.collect(play, network(), 5, generator=seeded(1))
    over = torch.arange(5) == last
    assert torch.equal(segment.terminated, (over & (length == 3)).expand(2, 5))
    assert torch.equal(segment.truncated, (over & (length == 9)).expand(2, 5))
    assert segment.next_states[:, last, 0].tolist() == [last + 1] * 2 and segment.shown[:, last, 0].tolist() == [0, 0]
    assert torch.equal(segment.shown[:, :-1], segment.states[:, 1:]) and segment.mask.all()
    logits = network()(segment.states.flatten(0, 1)).log_softmax(-1).view(2, 5, 2)
    torch.testing.assert_close(segment.log_old, logits.gather(-1, segment.actions[..., None])[..., 0])


class Clock(gymnasium.Env):
    """Shows how many steps were made, and ends after three; or is cut by its wrapper. Actions pay themselves."""

    observation_space = gymnasium.spaces.Box(-9.0, 9.0, (2,), np.float32)

    def __init__(self, space, length):
        self.action_space, self.length = space, length

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time = 0
        return np.zeros(2, np.float32), {}

    def step(self, action):
        self.time += 1
        observation = np.array([self.time, 1], np.float32)
        return observation, float(np.sum(action)), self.time >= self.length, False, {}


def clocks(space, length=3, cut=9):
    make = lambda: gymnasium.wrappers.TimeLimit(Clock(space, length), cut)  # noqa: E731
    return gymnasium.vector.SyncVectorEnv([make, make])


@pytest.mark.parametrize(("length", "cut"), [(3, 9), (9, 3)])
def test_a_vector_environment_gives_such_a_segment_and_says_which_steps_only_start_anew(length, cut):
    play = replay.games(clocks(gymnasium.spaces.Discrete(2), length, cut), (9,), generator=seeded())
    segment = ppo.collect(play, network(), 6, generator=seeded(1))
    assert segment.mask.tolist() == [[True, True, True, False, True, True]] * 2
    assert segment.next_states[0, :, 0].tolist() == [1, 2, 3, 0, 1, 2]
    over = [[False, False, True, False, False, False]] * 2
    assert (segment.terminated if length == 3 else segment.truncated).tolist() == over
    steps = ppo.batch(segment, segment.rewards, network(outputs=1), standardise=False)
    assert steps.states[:, 0].tolist() == [0, 1, 2, 0, 1] * 2
    assert play.returns[0] == segment.rewards[0, :3].sum()


def test_continuous_actions_beyond_the_box_are_moved_to_its_edge():
    play = replay.games(clocks(gymnasium.spaces.Box(-1.0, 1.0, (2,), np.float32)), (2,), generator=seeded())
    policy = Gaussian(network(outputs=2), 2, std=5.0)
    segment = ppo.collect(play, policy, 2, generator=seeded(1))
    assert segment.actions.shape == (2, 2, 2) and segment.actions.abs().max() > 1
    torch.testing.assert_close(segment.rewards, segment.actions.clamp(-1, 1).sum(-1))


def test_a_batch_is_standardised_for_each_run_and_keeps_steps_together():
    parts = endings((2, 3, 4))
    segment = segment_of(*parts)
    advantages = 3 + 2 * torch.randn(2, 3, 4, generator=seeded(5), dtype=F64)
    steps = ppo.batch(segment, advantages, Looked())
    torch.testing.assert_close(steps.targets, (advantages + parts[1]).view(2, 12))
    torch.testing.assert_close(steps.advantages.mean(-1), torch.zeros(2, dtype=F64), atol=1e-12, rtol=0)
    torch.testing.assert_close(steps.advantages.square().mean(-1), torch.ones(2, dtype=F64))
    some = ppo.pick(steps, torch.tensor([5, 0]))
    assert torch.equal(some.states[..., 0], parts[1].view(2, 12)[:, [5, 0]]) and some.targets.shape == (2, 2)


# Training


def random_batch(shape=(), size=7, seed=3):
    g = seeded(seed)
    states, actions = torch.randn(*shape, size, 2, generator=g), torch.randint(2, (*shape, size), generator=g)
    log_old, advantages, targets = (torch.randn(*shape, size, generator=g) for _ in range(3))
    return ppo.Batch(states, actions, -log_old.abs(), advantages, targets)


@pytest.mark.parametrize("objective", ppo.OBJECTIVES)
def test_an_update_is_a_step_of_the_loss(objective):
    policy, value, data = network(seed=1), network(outputs=1, seed=2), random_batch()
    start = copy.deepcopy((policy, value))
    log_pi = torch.distributions.Categorical(logits=policy(data.states)).log_prob(data.actions)
    ratio = (log_pi - data.log_old).exp()
    clipped = torch.min(ratio * data.advantages, ratio.clip(0.7, 1.3) * data.advantages)
    gain = {"clipped": clipped, "ratio": ratio * data.advantages, "log": log_pi * data.advantages}[objective]
    loss = -gain.mean() + (value(data.states)[:, 0] - data.targets).square().mean()
    parameters = [*policy.parameters(), *value.parameters()]
    gradients = torch.autograd.grad(loss, parameters)
    found = ppo.update(policy, value, torch.optim.SGD(parameters, lr=0.5), data, 0.3, objective=objective)
    torch.testing.assert_close(found, ratio.detach())
    before = [*start[0].parameters(), *start[1].parameters()]
    for now, then, gradient in zip(parameters, before, gradients, strict=True):
        torch.testing.assert_close(now, then - 0.5 * gradient)


def test_at_first_the_ratio_is_one_and_the_step_that_of_the_policy_gradient():
    world, ends = probes.two_states(), []
    for objective in ("clipped", "ratio", "log"):
        policy, value = network(seed=1), network(outputs=1, seed=2)
        segment = ppo.collect(replay.games(world, (16,), generator=seeded(3)), policy, 4, generator=seeded(4))
        steps = ppo.batch(segment, ppo.td_errors(segment, value, 0.9), value)
        optimizer = torch.optim.SGD([*policy.parameters(), *value.parameters()], lr=0.1)
        ratios = ppo.update(policy, value, optimizer, steps, 0.2, objective=objective)
        torch.testing.assert_close(ratios, torch.ones_like(ratios))
        ends.append(flat(policy, value))
    torch.testing.assert_close(ends[0], ends[1])
    torch.testing.assert_close(ends[0], ends[2])


@pytest.mark.parametrize("name", ["one_step", "late_reward", "two_states", "early_end"])
def test_tiny_worlds_are_learned(name):
    world = getattr(probes, name)()
    policy, value = network(seed=1, hidden=32), network(outputs=1, seed=2)
    recipe = Recipe(games=8, steps=16, learning_rate=0.02, gamma=0.99)
    result = ppo.train(world, policy, value, recipe, updates=30, generator=seeded(3))
    assert result.history.shape == result.largest_ratio.shape == (30,)
    pi = policy(torch.tensor([[-1.0, 0.0], [1.0, 0.0]])).softmax(-1)
    assert pi[1, 1] > 0.8 and (name != "two_states" or pi[0, 0] > 0.8)


def test_runs_side_by_side_learn_as_each_by_itself():
    """The same start and the same segment, in a batch of two runs and alone."""
    both = network((2,), seed=1), network((2,), outputs=1, seed=2)
    data = random_batch((2,))
    alone = []
    for run in range(2):
        parts = network(), network(outputs=1)
        for one, many in zip(parts, both, strict=True):
            one.load_state_dict({name: t[run] if name != "scale" else t for name, t in many.state_dict().items()})
            one.biases[0].data = one.biases[0].data.view(1, -1)
        optimizer = torch.optim.Adam([*parts[0].parameters(), *parts[1].parameters()], lr=0.1)
        for _ in range(3):
            ppo.update(*parts, optimizer, ppo.Batch(*(part[run] for part in data)), 0.2, 0.01)
        alone.append(parts)
    optimizer = torch.optim.Adam([*both[0].parameters(), *both[1].parameters()], lr=0.1)
    for _ in range(3):
        ppo.update(*both, optimizer, data, 0.2, 0.01)
    for run in range(2):
        for one, many in zip(alone[run], both, strict=True):
            for a, b in zip(one.parameters(), many.parameters(), strict=True):
                torch.testing.assert_close(a, b[run], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(), (2,)])
def test_an_interrupted_training_goes_on_as_if_it_had_not_been(shape, tmp_path):
    def fresh():
        return network(shape, 4, seed=1), network(shape, 4, 1, seed=2)

    whole, parts = fresh(), fresh()
    ppo.train(cartpole.WORLD, *whole, SMALL, updates=6, generator=seeded(3))
    file, options = tmp_path / "ppo", {"updates": 6, "save_every": 2}
    ppo.train(
        cartpole.WORLD, *parts, SMALL, generator=seeded(3), checkpoint=file, report=lambda n, _: n == 4, **options
    )
    again = fresh()
    result = ppo.train(cartpole.WORLD, *again, SMALL, generator=seeded(9), checkpoint=file, **options)
    assert torch.equal(flat(*again), flat(*whole)) and len(result.history) == 6
    with pytest.raises(ValueError, match=r"clip = 0.2, but now it is 0.5"):
        other = Recipe(**{**vars(SMALL), "clip": 0.5})
        ppo.train(cartpole.WORLD, *fresh(), other, generator=seeded(3), checkpoint=file, **options)


def test_it_runs_on_a_vector_environment():
    envs = gymnasium.make_vec("CartPole-v1", num_envs=4)
    policy, value = network((), 4, hidden=16), network((), 4, 1, hidden=16)
    recipe = Recipe(steps=64, learning_rate=0.01, gamma=0.99)
    result = ppo.train(envs, policy, value, recipe, updates=15, generator=seeded(1))
    assert result.history[-1] > 2 * result.history[0].clamp(min=15)
    envs = clocks(gymnasium.spaces.Box(-1.0, 1.0, (2,), np.float32), 9, 4)
    ppo.train(envs, Gaussian(network(), 2), network((), 2, 1), SMALL, updates=2, generator=seeded(1))


# Bad input


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"games": 0}, "games, steps, epochs and minibatches are at least 1"),
        ({"games": 1, "steps": 2, "minibatches": 3}, "a minibatch holds a step or more"),
        ({"gamma": 1.1}, "lie in \\[0, 1\\]"),
        ({"trace": -0.1}, "lie in \\[0, 1\\]"),
        ({"clip": 0.0}, "clip is positive"),
        ({"objective": "max"}, "objective is one of"),
    ],
)
def test_recipes_that_make_no_sense(options, says):
    with pytest.raises(ValueError, match=says):
        Recipe(**options)


def test_what_does_not_fit_is_said_in_one_sentence(tmp_path):
    good = network((), 4), network((), 4, 1)
    for policy, value, says in (
        (network((), 3), good[1], "the policy does not take"),
        (network((), 4, 3), good[1], r"numbers of shape \(8, 3\), but \(8, 2\) was expected"),
        (good[0], network((), 4, 2), r"the value network makes numbers of shape \(8, 2\)"),
    ):
        with pytest.raises(ValueError, match=says):
            ppo.train(cartpole.WORLD, policy, value, updates=1, generator=seeded())
    envs = clocks(gymnasium.spaces.MultiBinary(2))
    with pytest.raises(ValueError, match="Discrete, or a Box"):
        ppo.train(envs, *good, updates=1, generator=seeded())
    envs = clocks(gymnasium.spaces.Discrete(2))
    with pytest.raises(ValueError, match="no checkpoint"):
        ppo.train(envs, *good, updates=1, generator=seeded(), checkpoint=tmp_path / "x")
    with pytest.raises(ValueError, match="from 0 to 3"):
        ppo.ratio(torch.zeros(2, 3), torch.tensor([0, 3]), torch.zeros(2))
    with pytest.raises(ValueError, match="like their mean"):
        policies.gaussian_log_prob(torch.zeros(3, 2), torch.zeros(3, 2), torch.zeros(3))
    with pytest.raises(ValueError, match="over is bool"):
        ppo.gae(torch.zeros(3), torch.zeros(3), 0.9, 0.9)
    with pytest.raises(ValueError, match="A spread is positive"):
        Gaussian(good[0], 1, std=0.0)


def test_rewards_that_are_not_finite_and_worlds_without_end():
    def world(reward):
        def outcome(states, actions, after):
            return torch.full(actions.shape, reward), torch.zeros_like(actions, dtype=torch.bool)

        reset = lambda shape, generator: torch.zeros(*shape, 2)  # noqa: E731
        return World(reset, lambda states, actions: states, outcome, 2, 5)

    parts = network(), network(outputs=1)
    with pytest.raises(ValueError, match="before update 1 is not finite"):
        ppo.train(world(math.nan), *parts, SMALL, updates=2, generator=seeded())
    with pytest.raises(ValueError, match="in 10 segments none did: take γ < 1"):
        ppo.train(world(1.0), *parts, Recipe(games=2, steps=4, gamma=1.0), updates=12, generator=seeded())
