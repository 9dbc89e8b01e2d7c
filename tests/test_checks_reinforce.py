"""The checks of lesson 04 against numbers worked out by hand, and what its answers of tests/mutants cannot say."""

import math

import pytest
import torch

from checks import compare
from checks import reinforce as check
from checks.answer import Here
from checks.failure import CheckFailed
from helpers import cartpole, networks, reinforce, rollouts


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_returns_of_the_default_data():
    by_hand = torch.tensor([[4.36, 4.8, 4.0, 0, 0], [3.0041, 2.863, 4.09, 8.7, 1.0], [3.0, 0, 0, 0, 0]])

    def returns(rewards, mask, gamma):
        is_default = rewards.shape == by_hand.shape and gamma == 0.7
        return by_hand if is_default else reinforce.returns(rewards, mask, gamma)

    with pytest.raises(CheckFailed, match="the course's own function"):  # that is, the default data pass
        check.returns(Here(returns, "returns"))


def test_the_loss_of_the_default_data_in_plain_arithmetic():
    def policy_loss(logits, actions, weights, mask):
        value = 0.0
        for n, t in mask.nonzero().tolist():
            row = logits[n, t].tolist()
            value -= weights[n, t] * (row[actions[n, t]] - math.log(sum(map(math.exp, row)))) / int(mask.sum())
        return value

    with pytest.raises(CheckFailed, match="is cut off from the parameters"):  # that is, its value passes
        check.policy_loss(Here(policy_loss, "policy_loss"))


def test_what_the_worlds_of_the_checks_pay():
    assert check.EARNS == (0.0, -2.0, 2.0, 3.0)
    wanted = [[0.0, 0.0, 0.0, 0.0], [-1.0, -2.0, 0.0, 0.0], [0.0, 0.0, 4.0, 0.0], [0.125, 0.25, 4.5, 1.0]]
    assert torch.equal(check._returns(0.5)[:, :4], torch.tensor(wanted))
    assert check._returns(0.5, 4)[1].tolist() == [2.75, 5.5, 15.0, 10.0, 0.0, 0.0]  # 0, −2, and 10 behind the end
    world = check._clocked(check.PAYS, check._any_length(check.PAYS))
    record = rollouts.rollout(world, check._Fixed((0.0, 0.0)), (200,), generator=seeded(1))
    earned = torch.where(record.mask, record.rewards, 0.0).sum(1)
    assert torch.equal(earned, torch.tensor(check.EARNS)[record.states[:, 0, 0].long() - 1])


def test_the_mean_returns_of_the_default_data():
    pays, lengths = torch.tensor((-2.0, 0.0, 2.0, 1.5)), torch.tensor((2, 4, 1, 1, 3, 1, 4))
    for count, by_hand in ((37, -25.5 / 37), (100, -70.5 / 100), (1, -2.0)):  # a round of seven earns −5
        check._check_mean_return(torch.tensor(by_hand), pays, lengths[torch.arange(count) % 7])


def test_a_policy_is_judged_alike_by_its_numbers_and_by_asking():
    policy = networks.Network((), 4, 32, 2, scale=torch.tensor([1.0, 1.0, 5.0, 1.0]), generator=seeded(2))
    reinforce.train(cartpole.WORLD, policy, reinforce.Recipe(), updates=2, generator=seeded(3))
    linear = networks.Network((), 4, 0, 2, generator=seeded(4))

    class Wrapped(torch.nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, states):
            return self.inner(states)

    def score(policy):
        return check._greedy_return(Here(lambda: policy, "balance").keep(lambda balance: balance()), 5)

    for each in (policy, linear):
        wanted = reinforce.evaluate(cartpole.WORLD, each, generator=compare.generator(5)).item()
        assert score(each) == score(Wrapped(each)) == pytest.approx(wanted)
    turned = networks.Network((), 4, 0, 2, generator=seeded(4))
    turned.register_forward_hook(lambda module, inputs, logits: -logits)  # no longer what its numbers say
    assert score(turned) == score(Wrapped(turned)) != score(linear)
