"""Comparisons: each difference has its own sentence, right answers in any style pass, and rates are as stated."""

import math
import os

import numpy as np
import pytest
import torch

from checks import compare, plain
from checks.failure import CheckFailed

WANTED = torch.tensor([1.5, 1.0, 2.0])


def sentence_of(check, *arguments, **options) -> str:
    with pytest.raises(CheckFailed) as failure:
        check(*arguments, **options)
    assert "\n" not in str(failure.value)
    return str(failure.value)


def equal_sentence(got, expected=WANTED, **options) -> str:
    return sentence_of(compare.equal, got, expected, **({"what": "G", "hint": "Look again."} | options))


@pytest.mark.parametrize(
    "got",
    [
        WANTED.clone(),
        WANTED.double(),
        WANTED + 1e-6,
        torch.nn.Parameter(WANTED),
        WANTED.clone().requires_grad_() * 1,
        WANTED.repeat(2)[::2][[0, 2, 1]],
    ],
)
def test_right_answers_of_any_width_and_kind_pass(got):
    compare.equal(got, WANTED if got[1] == 1 else WANTED.repeat(2)[::2][[0, 2, 1]], what="G")


@pytest.mark.parametrize(
    ("got", "piece"),
    [
        (None, "G is None, but a torch.Tensor was expected. Does the function end with return?"),
        ([1.5, 1.0, 2.0], "G is a list, but a torch.Tensor was expected."),
        (np.array([1.5, 1.0, 2.0]), "G is a numpy.ndarray, but a torch.Tensor was expected. Stay in torch"),
        (1.5, "G is a float, but a torch.Tensor was expected."),
        (WANTED.unsqueeze(0), "G has shape (1, 3), but (3,) was expected. The numbers are as many"),
        (WANTED + WANTED.unsqueeze(1), "G has shape (3, 3), but (3,) was expected. Two shapes were broadcast"),
        (WANTED[:2], "G has shape (2,), but (3,) was expected."),
        (
            torch.tensor([1, 1, 2]),
            "G holds whole numbers (torch.int64), but real numbers (torch.float32) were expected.",
        ),
        (WANTED > 1, "G holds truth values (torch.bool), but real numbers"),
        (plain.Other("torch.Tensor on cuda:0"), "G is on cuda:0, but cpu was expected"),
        (plain.Other("numpy.ndarray"), "G is a numpy.ndarray, but a torch.Tensor was expected. Stay in torch"),
        (torch.tensor([1.5, math.nan, 2.0]), "G is nan at index (1,), but 1 was expected. nan comes from 0/0"),
        (torch.tensor([1.5, 1.0, math.inf]), "G is inf at index (2,), but 2 was expected. An infinity comes from"),
        (torch.tensor([1.5, 1.0, -math.inf]), "G is -inf at index (2,), but 2 was expected. An infinity comes from"),
        (torch.tensor([1.0, 1.0, 2.0]), "G is 1 at index (0,), but 1.5 was expected. Look again."),
        (torch.tensor([1.5, 1.001, 2.0]), "G is 1.001 at index (1,), but 1 was expected."),
        (torch.tensor([1.5, 1.0002, 2.0]), "G is 1.0002 at index (1,), but 1 was expected."),
    ],
)
def test_every_difference_has_its_own_sentence(got, piece):
    assert piece in equal_sentence(got)


def test_a_wrong_shape_is_told_without_a_slow_import(monkeypatch):
    monkeypatch.delattr(torch, "broadcast_shapes")  # at its first call it imports for two seconds
    assert "Two shapes were broadcast" in equal_sentence(WANTED + WANTED.unsqueeze(1))


def test_a_type_that_calls_itself_equal_is_refused():
    class Yes:
        def __eq__(self, other):
            return True

    class Sly(torch.Tensor):
        pass

    assert "Yes, but a torch.Tensor was expected" in equal_sentence(Yes())
    assert "Sly, but a torch.Tensor was expected" in equal_sentence(WANTED.as_subclass(Sly))
    assert "Yes, but a number was expected" in equal_sentence(Yes(), 4.0)


def test_numbers_may_be_of_any_kind_but_bool():
    for got in (90, 90.0, torch.tensor(90), torch.tensor([90.0]), np.float64(90), np.int32(90)):
        compare.equal(got, 90, what="n")
    assert "n is a bool, but a number was expected" in equal_sentence(True, 1, what="n")
    assert "n is a str, but a number was expected" in equal_sentence("90", 90, what="n")
    assert "n has shape (3,), but a single number was expected" in equal_sentence(WANTED, 90, what="n")
    assert "n is 89, but 90 was expected" in equal_sentence(89, 90, what="n")
    assert "n is nan, but 90 was expected" in equal_sentence(math.nan, 90, what="n")


def test_a_known_mistake_is_named_instead_of_the_hint():
    mistakes = {"That is the sum.": torch.tensor([3.0, 1.0, 2.0]), "Divide by N.": torch.tensor([math.nan, 1.0, 2.0])}
    assert equal_sentence(torch.tensor([3.0, 1.0, 2.0]), mistakes=mistakes).endswith("That is the sum.")
    assert equal_sentence(torch.tensor([math.nan, 1.0, 2.0]), mistakes=mistakes).endswith("Divide by N.")
    assert equal_sentence(torch.tensor([4.0, 1.0, 2.0]), mistakes=mistakes).endswith("Look again.")
    assert equal_sentence(None, mistakes=mistakes).endswith("return?")


def test_expected_nan_and_infinity_are_met_by_themselves_alone():
    odd = torch.tensor([math.nan, math.inf])
    compare.equal(odd.clone(), odd, what="G")
    assert "at index (1,), but inf was expected" in equal_sentence(torch.tensor([math.nan, 1.0]), odd)


def test_parts_are_counted():
    assert compare.parts([1, 2], ("values", "counts"), what="f") == (1, 2)
    sentence = sentence_of(compare.parts, WANTED, ("values", "counts"), what="f")
    assert sentence == (
        "f is a torch.Tensor, but a tuple (values, counts) was expected. End with: return values, counts"
    )
    assert "f has 3 parts" in sentence_of(compare.parts, (1, 2, 3), ("values", "counts"), what="f")
    assert "f is None" in sentence_of(compare.parts, None, ("values", "counts"), what="f")


def test_indices_are_whole_and_in_range():
    compare.indices(torch.tensor([0, 2]), shape=(2,), below=3, what="arms")
    assert "arms range from 0 to 3, but 0 to 2 was expected" in sentence_of(
        compare.indices, torch.tensor([0, 3]), shape=(2,), below=3, what="arms"
    )
    assert "arms are torch.int32, but torch.int64 was expected" in sentence_of(
        compare.indices, torch.tensor([0, 1], dtype=torch.int32), shape=(2,), below=3, what="arms"
    )
    assert "but (2,) was expected" in sentence_of(compare.indices, torch.tensor(0), shape=(2,), below=3, what="arms")


def test_frequencies_name_the_mistake_and_the_tolerance():
    generator = torch.Generator().manual_seed(0)
    happened = torch.rand(10_000, generator=generator) < 0.4
    compare.frequency(happened, 0.4, what="It happened")
    sentence = sentence_of(
        compare.frequency, happened, 0.85, what="It happened", hint="Look.", mistakes={"ε and 1 − ε are swapped.": 0.4}
    )
    assert "of 10,000 trials, but 85 ± 1.8 % was expected. ε and 1 − ε are swapped." in sentence
    assert sentence_of(compare.frequency, happened, 0.5, what="It happened", hint="Look.").endswith("Look.")
    assert "is a bool, but a torch.Tensor" in sentence_of(compare.frequency, False, 0.5, what="It happened")


def test_certain_and_impossible_events_have_no_tolerance():
    compare.frequency(torch.ones(100).bool(), 1.0, what="It happened")
    compare.frequency(torch.zeros(100).bool(), 0.0, what="It happened")
    once = torch.arange(100_000) == 7
    assert "was expected" in sentence_of(compare.frequency, once, 0.0, what="It happened")
    assert "in 99.999 % of" in sentence_of(compare.frequency, ~once, 1.0, what="It happened")
    compare.frequency(once, 0.0, what="It happened", strays=1)
    compare.frequency(~once, 1.0, what="It happened", strays=1)
    few = torch.arange(100_000) < 2
    assert "was expected" in sentence_of(compare.frequency, few, 0.0, what="It happened", strays=1)


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.85])
def test_the_false_alarm_rate_of_a_frequency_is_as_stated(probability):
    """2000 repetitions at a rate of 5 %: the share of failures lies within five of its standard errors."""
    trials, repetitions, stated = 400, 2000, 0.05
    generator = torch.Generator().manual_seed(1)
    failures = 0
    for happened in torch.rand(repetitions, trials, generator=generator) < probability:
        try:
            compare.frequency(happened, probability, what="It happened", false_alarm=stated)
        except CheckFailed:
            failures += 1
    assert 0.4 * stated <= failures / repetitions <= stated + 5 * math.sqrt(stated * (1 - stated) / repetitions)


def test_the_false_alarm_rate_of_a_mean_is_as_stated():
    repetitions, stated = 2000, 0.05
    samples = 3 + 2 * torch.randn(repetitions, 400, generator=torch.Generator().manual_seed(2))
    failures = 0
    for row in samples:
        try:
            compare.mean(row, 3.0, std=2.0, what="The mean", false_alarm=stated)
        except CheckFailed:
            failures += 1
    assert abs(failures / repetitions - stated) <= 5 * math.sqrt(stated * (1 - stated) / repetitions)


def test_means_that_are_off_or_not_finite_are_named():
    samples = torch.randn(1000, generator=torch.Generator().manual_seed(3))
    compare.mean(samples, 0.0, std=1.0, what="The mean")
    found = sentence_of(compare.mean, samples, 1.0, std=1.0, what="The mean", mistakes={"That is 0.": 0.0})
    assert "over 1,000 samples, but 1 ± 0.15 was expected. That is 0." in found
    samples[0] = math.nan
    assert "The mean is nan" in sentence_of(compare.mean, samples, 0.0, std=1.0, what="The mean")


def test_the_samples_have_no_say_in_how_far_their_mean_may_lie():
    compare.mean(torch.full((1000,), 0.1), 0.1, std=0.0, what="The mean of constants")
    one_far_out = torch.full((20_000,), 0.3)
    one_far_out[0] = -3e5
    assert "was expected" in sentence_of(compare.mean, one_far_out, 0.0, std=1.0, what="The mean")


def test_a_failure_renders_as_one_line_and_whole_in_the_validate_dialog(monkeypatch):
    failure = CheckFailed("It is wrong " * 20)
    assert failure._render_traceback_() == [f"✗ {failure}"]
    monkeypatch.setitem(os.environ, "NBGRADER_VALIDATING", "1")
    lines = failure._render_traceback_()
    assert max(map(len, lines)) <= 80 and " ".join(lines).split() == f"✗ {failure}".split()
