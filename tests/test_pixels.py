"""CartPole from pixels: gymnasium's pictures and steps, alike for whole batches and behind gymnasium's face."""

import importlib
import itertools

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.utils.env_checker import check_env

from helpers import cartpole, layers, networks, pixels, ppo, reinforce
from tests.samples import ROOT

WORLD = pixels.cartpole_remembered()


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def states():
    spread = torch.tensor([2.4, 1.0, 0.25, 1.0, 2.4, 0.25])
    return torch.empty(24, 6).uniform_(-1, 1, generator=seeded()) * spread


def test_pictures_are_gymnasiums_in_grey_and_smaller(states):
    large = np.stack(cartpole.frames(states[:, :4])) @ [0.299, 0.587, 0.114]
    small = large[:, 160:320].reshape(-1, 16, 10, 60, 10).mean((2, 4))
    apart = np.abs(small - pixels.snapshots(states)[:, 1].numpy())
    assert apart.mean() < 0.3 and apart.max() < 20  # soft edges and whole pixels, of 255 shades


def test_the_first_picture_is_that_of_the_step_before(states):
    old = torch.cat([states[:, [4]], states[:, [1]], states[:, [5]], states[:, [3]], states[:, 4:]], -1)
    assert torch.equal(pixels.snapshots(states)[:, 0], pixels.snapshots(old)[:, 1])
    begun, g = WORLD.reset((9,), generator=seeded()), seeded(1)
    assert torch.equal(*pixels.snapshots(begun).unbind(1))
    moved = WORLD.dynamics(begun, torch.randint(2, (9,), generator=g))
    assert torch.equal(pixels.snapshots(moved)[:, 0], pixels.snapshots(begun)[:, 1])
    assert torch.equal(moved[:, :4], cartpole.step(begun[:, :4], torch.randint(2, (9,), generator=seeded(1))))


def test_leading_dimensions_and_what_lies_behind_an_end(states):
    one_by_one = torch.stack([pixels.snapshots(state) for state in states])
    assert torch.equal(pixels.snapshots(states.view(2, 3, 4, 6)), one_by_one.view(2, 3, 4, 2, 16, 60))
    gone = torch.tensor([[30.0, 1, 9, 1, -30, -9], [torch.nan] * 6, [torch.inf, 0, torch.inf, 0, -torch.inf, 1.6]])
    assert pixels.snapshots(gone).shape == (3, 2, 16, 60)
    assert (pixels.snapshots(gone)[0, :, :12] == 255).all()  # far outside of the picture


def test_the_environment_is_a_good_one_and_shows_what_the_world_shows():
    env, plain = gymnasium.make(pixels.NAME), gymnasium.make("CartPole-v1")
    check_env(env.unwrapped, skip_render_check=True)
    assert env.spec.max_episode_steps == plain.spec.max_episode_steps == WORLD.max_steps
    shown, (observation, _) = env.reset(seed=3)[0], plain.reset(seed=3)
    state = torch.tensor([*observation, *observation[::2]])
    for step in itertools.count():
        apart = shown.astype(int) - pixels.snapshots(state).numpy()
        assert np.abs(apart).max() <= 1  # an entry may be rounded otherwise
        action = int(observation @ [0.05, 0.1, 1.0, 0.5] > 0) if step < 50 else 1
        shown, *rest = env.step(action)
        before = state[[0, 2]]
        observation, *wanted = plain.step(action)
        state = torch.cat([torch.tensor(observation), before])
        assert rest == wanted
        if rest[1]:
            break


def test_a_policy_learns_from_pictures_and_plays_gymnasiums_environment(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    where, g = importlib.import_module("own_agent").Where, seeded(4)
    policy = pixels.Watching(where(networks.Network((), 32, 16, 2, generator=g)))
    value = networks.Network((), 6, 16, 1, generator=g)  # of states: playing needs it not
    recipe = ppo.Recipe(games=8, steps=64, learning_rate=0.02, gamma=0.99, entropy=0.0, epochs=3)
    untrained = reinforce.evaluate(WORLD, policy, 10, generator=seeded(5))
    ppo.train(WORLD, policy, value, recipe, updates=6, generator=g)
    trained = reinforce.evaluate(WORLD, policy, 10, generator=seeded(5))
    assert trained > untrained + 20
    env = gymnasium.make_vec(pixels.NAME, 4, vectorization_mode="sync")
    assert reinforce.evaluate(env, policy.network, 4, generator=seeded(6)) > untrained + 20  # by pictures alone


def test_a_network_may_be_convolutional():
    def make():
        shrink = torch.nn.Conv2d(2, 4, (16, 8), stride=(1, 4))
        return torch.nn.Sequential(shrink, torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(4 * 14, 2))

    class Shades(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = layers.build(make, generator=seeded())

        def forward(self, pictures):
            return self.network(pictures.float() / 255)

    policy, recipe = pixels.Watching(Shades()), reinforce.Recipe(episodes=2)
    before = [part.clone() for part in policy.parameters()]
    assert reinforce.train(WORLD, policy, recipe, updates=1, generator=seeded()) >= 8
    assert all(not torch.equal(old, new) for old, new in zip(before, policy.parameters(), strict=True))
