"""The checks of lesson 11 against numbers worked out by hand, and what its answers of tests/mutants cannot say."""

import math

import pytest
import torch

from checks import compare
from checks import ppo as check
from checks.answer import Here
from checks.failure import CheckFailed
from helpers import breakout, policies, ppo, replay


def passes(name: str, function) -> None:
    """Run a check on a function that is no helper's."""
    getattr(check, name)(Here(function, name))


def test_the_advantages_of_the_default_data_in_plain_arithmetic():
    """With γλ = 0.72; the first game is cut in two after its second step."""
    by_hand = torch.tensor(
        [
            [1 - 0.72 * 2, -2.0, 4 + 0.72 * (0.5 + 0.72 * 3), 0.5 + 0.72 * 3, 3.0],
            [3.136147, 4.355760, -0.8947776, 2 - 0.72 * 3, -3.0],
            [2.0, 2 + 0.72 * (1 - 0.72 * 4), 1 - 0.72 * 4, -4.0, 0.25],
        ]
    )
    by_hand[1, 2] = -1 + 0.72 * (2 - 0.72 * 3)
    by_hand[1, 1] = 5 + 0.72 * by_hand[1, 2]
    by_hand[1, 0] = 0.72 * by_hand[1, 1]

    def gae(td_errors, over, gamma, trace):
        if td_errors.shape == by_hand.shape and gamma * trace == pytest.approx(0.72):
            return by_hand.to(td_errors.dtype)
        return check._sums(td_errors, ~over, gamma * trace)

    passes("gae", gae)


def test_the_surrogate_of_the_default_data_in_plain_arithmetic():
    def surrogate(ratio, advantages, clip):
        rows = zip(ratio.flatten().tolist(), advantages.flatten().tolist(), strict=True)
        values = [min(rho * a, min(max(rho, 1 - clip), 1 + clip) * a) for rho, a in rows]
        return torch.tensor(values, dtype=ratio.dtype).view(ratio.shape)

    with pytest.raises(CheckFailed, match="cut off from the parameters"):  # that is, its values pass
        passes("surrogate", surrogate)


def test_the_gaussian_of_the_default_data_in_plain_arithmetic():
    def gaussian_log_prob(mean, log_std, actions):
        parts = (part.reshape(-1, part.shape[-1]).tolist() for part in (mean, log_std, actions))
        values = [
            sum(-((a - m) ** 2) / (2 * math.exp(2 * s)) - s - 0.5 * math.log(2 * math.pi) for m, s, a in zip(*row))  # noqa: B905
            for row in zip(*parts, strict=True)
        ]
        return torch.tensor(values, dtype=mean.dtype).view(mean.shape[:-1])

    with pytest.raises(CheckFailed, match="cut off from the parameters"):  # that is, its values pass
        passes("gaussian_log_prob", gaussian_log_prob)


def test_the_segment_of_the_check_has_every_kind_of_step_and_tells_three_states_apart():
    segment = check._segment((3, 7), 5)
    over = segment.terminated | segment.truncated
    assert segment.terminated.any() and segment.truncated.any() and (~over).any()
    assert (segment.terminated & segment.truncated).any()  # an end, which happens to come when time is up
    same = (segment.next_states == segment.shown).all(-1)
    assert torch.equal(same, ~over) and torch.equal(segment.shown[:, :-1], segment.states[:, 1:])
    assert check._segment((1, 1), 5).truncated.all()


def test_no_state_of_the_world_that_counts_minibatches_comes_twice():
    games = replay.Games(check._drift(), (4,), generator=compare.generator(1))
    g = compare.generator(2)
    seen = torch.stack([games.step(torch.randint(2, (4,), generator=g)).states[:, 0] for _ in range(48)])
    assert len(seen.unique()) == seen.numel()


def test_a_training_that_never_sees_breakouts_pixels_misses_the_bar():
    """It learns in the small worlds, and on another board returns at once: the bar is looked at in the court."""

    def train(world, policy, value, recipe, *, updates, generator, report=None):
        if not isinstance(policy, breakout.OnPixels):
            learn(world, policy, value, recipe, updates, generator, report)

    with pytest.raises(CheckFailed, match="of 10 bricks, the better of two tries, but 10 were expected"):
        passes("train", train)


def learn(world, policy, value, recipe, updates, generator, report):
    """Do what the lesson's loop does."""
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()])
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = ppo.gae(ppo.td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                ppo.update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


def test_a_ratio_of_one_is_what_the_check_calls_the_policy_itself():
    logits, actions = torch.tensor(check.LOGITS), torch.tensor([1, 0, 2, 2])
    same = policies.log_prob(logits, actions)
    assert torch.equal(ppo.ratio(logits, actions, same), torch.ones(4))
