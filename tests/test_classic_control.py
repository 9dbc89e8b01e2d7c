"""Acrobot and MountainCar in batches: gymnasium's own steps, and what shaping leaves alone."""

import gymnasium
import pytest
import torch

from helpers import classic_control

WORLDS = {"Acrobot-v1": classic_control.acrobot(), "MountainCar-v0": classic_control.mountain_car()}


@pytest.mark.parametrize("name", WORLDS)
def test_steps_and_limits_are_gymnasiums(name):
    world, env, g = WORLDS[name], gymnasium.make(name), torch.Generator().manual_seed(0)
    assert world.num_actions == env.action_space.n and world.max_steps == env.spec.max_episode_steps
    observation, _ = env.reset(seed=1)
    states = torch.tensor(observation).double()[None].repeat(3, 1)
    for _ in range(world.max_steps):  # three alike, of which the middle one is compared
        action = torch.randint(3, (1,), generator=g) if name == "Acrobot-v1" else 2 * (states[:1, 1] >= 0).long()
        states, rewards, ended = world.step(states, action.expand(3))
        observation, reward, terminated, _, _ = env.step(int(action))
        torch.testing.assert_close(states[1], torch.tensor(observation).double(), atol=2e-5, rtol=1e-4)
        assert rewards[1] == reward and bool(ended[1]) == terminated
        if terminated:
            break
        inner = torch.tensor(env.unwrapped.state).double()
        exact = classic_control._observed(*inner) if len(inner) == 4 else inner  # since chaos would part the two
        states = exact[None].repeat(3, 1)
    assert terminated or name == "Acrobot-v1"


def test_starts_lie_where_gymnasiums_do():
    g = torch.Generator().manual_seed(0)
    states = WORLDS["Acrobot-v1"].reset((5000,), generator=g)
    angles = torch.stack([torch.atan2(states[:, 1], states[:, 0]), torch.atan2(states[:, 3], states[:, 2])])
    assert 0.099 < angles.abs().max() <= 0.1 and 0.099 < states[:, 4:].abs().max() <= 0.1
    place, speed = WORLDS["MountainCar-v0"].reset((5000,), generator=g).unbind(-1)
    assert -0.6 <= place.min() < -0.599 and -0.401 < place.max() <= -0.4 and (speed == 0).all()


def test_shaping_adds_the_difference_of_potentials_and_ends_nothing():
    shaped = classic_control.mountain_car(lambda states: 100 * states[..., 1])
    states, actions = torch.tensor([[-0.5, 0.01], [0.49, 0.05]]), torch.tensor([2, 2])
    new, plain, ended = WORLDS["MountainCar-v0"].step(states, actions)
    also, rewards, over = shaped.step(states, actions)
    assert torch.equal(new, also) and ended.tolist() == over.tolist() == [False, True]
    torch.testing.assert_close(rewards, plain + 100 * (new - states)[:, 1])
