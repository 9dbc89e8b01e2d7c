"""The checks of lesson 06: their references agree with numbers found by hand, and their mistakes can be told apart."""

import functools
import itertools

import pytest
import torch

from checks import architecture_search as check
from checks import compare
from checks.answer import Here
from helpers import architecture_search

LOGITS = torch.tensor([[[0.0, 0.0]], [[0.0, 1.0986123]]])  # π = (1/2, 1/2) and (1/4, 3/4)


def test_a_cell_of_three_blocks_has_these_options():
    assert check._right_cell(3, 7).tolist() == [2, 2, 7, 7, 2, 3, 3, 7, 7, 2, 4, 4, 7, 7, 2]


def test_the_chain_has_these_probabilities():
    chain = check.Chain(check.CHAIN)
    torch.testing.assert_close(chain.after(), torch.tensor([0.15405, 0.28070, 0.56525]), atol=1e-5, rtol=0)
    torch.testing.assert_close(chain.after(2), torch.tensor([0.59869, 0.40131, 0.0]), atol=1e-5, rtol=0)
    every = check.search_spaces.all_tokens(chain.choices).tolist()
    assert sum(map(chain.probability, every)) == pytest.approx(1, abs=1e-5)
    assert max(every, key=chain.probability) == [2, 1, 2]  # the greedy ones are 2, 0, 1


def test_the_loss_of_two_architectures_is_this():
    tokens, rewards = torch.tensor([[1], [0]]), torch.tensor([0.9, 0.2])
    found, _ = check._loss(LOGITS, tokens, rewards, torch.tensor(0.5))
    assert found.item() == pytest.approx((0.4 * 0.693147 - 0.3 * 1.386294) / 2, abs=1e-5)


def test_the_rewards_and_the_front_are_these():
    defaults = check.reward.__wrapped__.__kwdefaults__
    accuracy, flops = (torch.tensor(defaults[name], dtype=torch.float64) for name in ("accuracy", "flops"))
    found = architecture_search.reward(accuracy, flops, defaults["target"])
    assert found.tolist() == pytest.approx([0.9, 0.862143, 0.881524, 0.571583, 0, 0.722590], abs=1e-5)
    front = architecture_search.pareto_front(torch.tensor(check.ACCURACY), torch.tensor(check.FLOPS))
    assert "".join(".x"[mark] for mark in front) == "xx......xx.x.x"


def mistakes():
    """Yield what is right and what mistakes give, for the default data."""
    yield "cells", check._right_cell(3, 7), check._wrong_cells(3, 7)
    b, rewards = torch.tensor(0.6), torch.tensor([0.9, 0.7, 0.95, 0.85, 0.8])
    yield "baseline", torch.tensor(0.624), check._wrong_baselines(b, rewards, 0.9)
    accuracy, flops = torch.tensor(check.ACCURACY).double(), torch.tensor(check.FLOPS).double()
    yield "front", architecture_search.pareto_front(accuracy, flops), check._wrong_fronts(accuracy, flops)
    for gain, beta in ((0.05, 0.0703893), (0.3, 0.3785116)):
        yield f"exponent of {gain}", beta, check._wrong_exponents(gain)


@pytest.mark.parametrize(("right", "wrong"), [case[1:] for case in mistakes()], ids=[case[0] for case in mistakes()])
def test_no_two_mistakes_give_the_same(right, wrong):
    found = {"right": [right]} | {name: value if isinstance(value, list) else [value] for name, value in wrong.items()}
    for (name, values), (other, others) in itertools.combinations(found.items(), 2):
        for one, two in itertools.product(values, others):
            assert not compare._is_same(torch.as_tensor(one), two, 1e-6, 1e-7), f"{name} | {other}"


@pytest.mark.parametrize("kind", ["partial", "lambda", "object"])
def test_an_answer_is_a_callable_of_any_kind(kind):
    class Weighed:
        def __call__(self, accuracy, flops, target, beta=0.07, beta_below=None, power=1):
            low = beta if beta_below is None else beta_below
            return accuracy**power * (target / flops) ** torch.where(flops <= target, low, beta)

    weighed = Weighed()
    answers = {
        "partial": functools.partial(weighed, power=1),
        "lambda": lambda *arguments, **named: weighed(*arguments, **named),
        "object": weighed,
    }
    check.reward(Here(answers[kind], "reward"))
