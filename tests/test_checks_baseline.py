"""The checks of lesson 05: their own data against numbers by hand, and answers that no line of a lesson can say."""

import functools
import inspect
from types import FunctionType

import pytest
import torch

from checks import baseline as check
from checks import exercise
from checks.failure import CheckFailed
from helpers import baselines, reinforce

MODULES = {"time_baseline": reinforce, "value_loss": reinforce}


def as_answer(name):
    """Return the course's function as if a notebook had defined it."""
    reference = inspect.unwrap(getattr(MODULES.get(name, baselines), name))
    space = vars(MODULES.get(name, baselines)) | {"__name__": "__main__"}
    return FunctionType(reference.__code__, space, name, reference.__defaults__)


def test_one_state_by_hand():
    pi, q = map(check._precise, check.FOUR)
    each = torch.tensor([3.0, -1.0, 2.0, 5.0])
    push = torch.tensor([0.26, -0.855, -0.07, 0.665]).double()
    torch.testing.assert_close(baselines.expected_push(pi, q, 0.0), push)
    wanted = torch.tensor([-0.22, -0.015, -0.11, 0.345]).double()
    torch.testing.assert_close(baselines.expected_push(pi, q, each), wanted)
    for b, variance in ((1.0, 5.46675), (-2.5, 12.25675)):
        assert baselines.push_variance(pi, q, b).item() == pytest.approx(variance)
    assert baselines.best_baseline(pi, q).item() == pytest.approx(0.445 / 0.7)
    pi, q = map(check._precise, check.TWO)
    assert baselines.best_baseline(pi, q).item() == pytest.approx(2)
    assert baselines.push_variance(pi, q, 2).item() == pytest.approx(0, abs=1e-12)


def test_a_batch_by_hand():
    returns, mask = check._batch(check.RETURNS, check.LENGTHS)
    wanted = torch.tensor([[3.5, -5 / 3, 0.0, -1.5, 0.0, 0.0]])
    torch.testing.assert_close(reinforce.time_baseline(returns, mask), wanted)
    wanted = torch.zeros(4, 6)
    wanted[:, 0] = torch.tensor([2.0, 11 / 3, 2.0, 19 / 3])
    wanted[[0, 2, 3], 1] = torch.tensor([1.0, -2.5, -3.5])
    wanted[[0, 2], 2] = torch.tensor([-4.0, 4.0])
    torch.testing.assert_close(check._inside(baselines.leave_one_out(returns, mask), mask), wanted)
    assert check._squared(torch.tensor(check.VALUES), returns, mask).item() == pytest.approx(37.390625 / 10)


@pytest.mark.parametrize("name", exercise.of(check))
def test_the_courses_function_passes_as_a_partial(name):
    exercise.of(check)[name](functools.partial(as_answer(name)))


def test_answers_of_any_kind_pass():
    function = as_answer("value_loss")

    class Callable:
        def __call__(self, values, returns, mask):
            return function(values, returns, mask)

    def decorated(*arguments):
        return function(*arguments)

    for answer in (Callable(), decorated, lambda *arguments: function(*arguments)):
        check.value_loss(answer)


def test_what_an_answer_spoils_meets_no_other():
    with pytest.raises(CheckFailed, match="`returns` was changed in place"):
        check.time_baseline(lambda returns, mask: returns.zero_())
    check.time_baseline(as_answer("time_baseline"))


def test_only_calling_the_courses_function_is_refused():
    with pytest.raises(CheckFailed, match="the course's own function"):
        check.leave_one_out(lambda returns, mask: baselines.leave_one_out(returns, mask))


def test_a_named_pair_of_losses_passes():
    function = as_answer("baseline_losses")
    pair = type("Pair", (tuple,), {})
    check.baseline_losses(lambda *arguments: pair(function(*arguments)))
