"""The checks of lesson 10 against numbers worked out by hand, and what its answers of tests/mutants cannot say."""

import copy
import math

import pytest
import torch

from checks import compare, dqn_loop
from checks import dqn as check
from checks.answer import Here
from checks.failure import CheckFailed
from helpers import breakout, dqn, replay

RECIPE = dqn.Recipe(4, 6, 40, gamma=0.9, learning_rate=0.05, epsilon=0.2, exploring=0.5, copy_every=7)


def passes(name: str, function) -> None:
    """Run a check on a function that is no helper's."""
    getattr(check, name)(Here(function, name))


def test_the_targets_of_the_default_data_in_plain_arithmetic():
    by_hand = torch.tensor([[2.8, 0.0], [-2.45, 0.725], [3.0, 7.1]])

    def td_target(rewards, ended, next_q, gamma):
        if rewards.shape == (3, 2):
            return by_hand
        return rewards + gamma * next_q.amax(-1) * ~ended

    passes("td_target", td_target)


def test_doubles_targets_of_the_default_data_in_plain_arithmetic():
    by_hand = torch.tensor([[1.27, 0.0], [-4.7, 2.48], [3.0, -0.19]])

    def double_target(rewards, ended, next_q, next_q_target, gamma):
        if rewards.shape == (3, 2):
            return by_hand
        chosen = next_q.argmax(-1, keepdim=True)
        return rewards + gamma * next_q_target.gather(-1, chosen).squeeze(-1) * ~ended

    passes("double_target", double_target)


def test_no_two_likely_mistakes_give_the_same_targets():
    rewards, ended, q, other = (
        torch.tensor(part) for part in (check.REWARDS, check.ENDED, check.NEXT_Q, check.OTHER_Q)
    )
    found = [
        dqn.td_target(rewards, ended, q, 0.9),
        dqn.td_target(rewards, ended, other, 0.9),
        dqn.double_target(rewards, ended, q, other, 0.9),
        dqn.double_target(rewards, ended, other, q, 0.9),
    ]
    for place, one in enumerate(found):
        assert not any(torch.allclose(one, another) for another in found[place + 1 :])


def test_the_loss_of_the_default_data_in_plain_arithmetic():
    value = ((1.0 - 2.0) ** 2 + 0.7**2 + (-3.0 + 1.0) ** 2 + (-1.2 - 0.5) ** 2 + (4.4 - 4.5) ** 2) / 5

    def td_loss(q, actions, targets):
        return torch.tensor(value if len(q) == 5 else 0.49)

    with pytest.raises(CheckFailed, match="cut off from the parameters"):  # that is, its value passes
        passes("td_loss", td_loss)


def test_the_spread_of_a_maximum():
    assert check._spread_of_max(1) == pytest.approx(1)
    assert check._spread_of_max(2) == pytest.approx(math.sqrt(1 - 1 / math.pi))


def test_no_state_of_the_loops_world_comes_twice():
    diary = dqn_loop.follow(learn, RECIPE, 30, compare.generator(1))
    after = torch.cat([entry[3] for entry in diary if entry[0] == "played"])
    assert len(after.unique()) == 30 * RECIPE.games
    assert (torch.diff(after.sort().values) >= 1).all() and after.min() > RECIPE.games


@pytest.mark.parametrize("seed", range(5))
def test_the_loop_of_the_course_is_judged_right_whatever_it_draws(seed):
    diary = dqn_loop.follow(learn, RECIPE, 60, compare.generator(seed))
    dqn_loop.judge(diary, RECIPE, 60)


def test_the_weights_that_the_loop_should_have_are_those_of_the_courses_own_updates():
    """The check works them out by hand from what was drawn; here the course's update makes the same steps."""
    seen, heard = [], dqn.update

    def noting(network, target, optimizer, batch, gamma):
        heard(network, target, optimizer, batch, gamma)
        seen.append(network.weight.item())

    dqn.update = noting
    try:
        diary = dqn_loop.follow(learn, RECIPE, 40, compare.generator(3))
    finally:
        dqn.update = heard
    rounds = []
    for kind, *rest in diary[:-1]:
        if kind == "played":
            rounds.append(dqn_loop.Round([], *rest))
        elif rounds:
            rounds[-1].asked.append(tuple(rest))
    wanted = dqn_loop._weights(dqn_loop._batches(rounds, RECIPE), rounds, RECIPE)
    torch.testing.assert_close(wanted[1:], torch.tensor(seen), rtol=1e-4, atol=1e-5)


def test_a_training_that_never_sees_breakouts_pixels_misses_the_bar():
    """It learns in the other world, and on Breakout returns at once: the bar is looked at in the court."""

    def train(world, network, recipe, *, updates, generator, report=None):
        if not isinstance(network, breakout.OnPixels):
            learn(world, network, recipe, updates, generator, report)

    with pytest.raises(CheckFailed, match="of 10 bricks, but 9 were expected"):
        passes("train", train)


def learn(world, network, recipe, updates, generator, report=None):
    """Do what the lesson's loop does."""
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=1.0)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = replay.store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        dqn.update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break
