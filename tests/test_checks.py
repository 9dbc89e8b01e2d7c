"""The checks: each difference has its own sentence, right answers in any style pass, and rates are as stated."""

import math
import os
import sys

import numpy as np
import pytest
import torch

from helpers import checks

WANTED = torch.tensor([1.5, 1.0, 2.0])


def sentence_of(check, *arguments, **options) -> str:
    with pytest.raises(checks.CheckFailed) as failure:
        check(*arguments, **options)
    assert "\n" not in str(failure.value)
    return str(failure.value)


def equal_sentence(got, expected=WANTED, **options) -> str:
    return sentence_of(checks.equal, got, expected, **({"what": "G", "hint": "Look again."} | options))


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
    checks.equal(got, WANTED if got[1] == 1 else WANTED.repeat(2)[::2][[0, 2, 1]], what="G")


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
        (WANTED.to("meta"), "G is on meta, but cpu was expected"),
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
        checks.equal(got, 90, what="n")
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
    checks.equal(odd.clone(), odd, what="G")
    assert "at index (1,), but inf was expected" in equal_sentence(torch.tensor([math.nan, 1.0]), odd)


def test_parts_are_counted():
    assert checks.parts([1, 2], ("values", "counts"), what="f") == (1, 2)
    sentence = sentence_of(checks.parts, WANTED, ("values", "counts"), what="f")
    assert sentence == (
        "f is a torch.Tensor, but a tuple (values, counts) was expected. End with: return values, counts"
    )
    assert "f has 3 parts" in sentence_of(checks.parts, (1, 2, 3), ("values", "counts"), what="f")
    assert "f is None" in sentence_of(checks.parts, None, ("values", "counts"), what="f")


def test_indices_are_whole_and_in_range():
    checks.indices(torch.tensor([0, 2]), shape=(2,), below=3, what="arms")
    assert "arms range from 0 to 3, but 0 to 2 was expected" in sentence_of(
        checks.indices, torch.tensor([0, 3]), shape=(2,), below=3, what="arms"
    )
    assert "arms are torch.int32, but torch.int64 was expected" in sentence_of(
        checks.indices, torch.tensor([0, 1], dtype=torch.int32), shape=(2,), below=3, what="arms"
    )
    assert "but (2,) was expected" in sentence_of(checks.indices, torch.tensor(0), shape=(2,), below=3, what="arms")


def test_a_change_in_place_names_the_argument():
    values, counts = torch.zeros(2), torch.tensor([math.nan, 1.0])
    with checks.unchanged(values=values, counts=counts):
        pass
    with (
        pytest.raises(checks.CheckFailed, match="The argument `counts` was changed in place"),
        checks.unchanged(values=values, counts=counts),
    ):
        counts += 1


def test_a_gradient_that_is_cut_off_is_named():
    theta = torch.tensor([1.0, 2.0], requires_grad=True)
    checks.equal(checks.gradient((theta**2).sum(), theta, what="loss"), torch.tensor([2.0, 4.0]), what="∇loss")
    for loss in (
        (theta.detach() ** 2).sum(),
        torch.tensor(float(theta.sum().detach())),
        torch.ones(1, requires_grad=True).sum(),
    ):
        assert "cut off from the parameters" in sentence_of(checks.gradient, loss, theta, what="The loss")
    assert "single number" in sentence_of(checks.gradient, theta * 2, theta, what="The loss")
    assert "is a float" in sentence_of(checks.gradient, 1.0, theta, what="The loss")


def test_a_seed_decides_everything():
    checks.reproducible(lambda generator: torch.rand(3, generator=generator), what="The draw")
    assert "differs between two calls" in sentence_of(
        checks.reproducible, lambda generator: torch.rand(3), what="The draw"
    )
    assert "same for every seed" in sentence_of(checks.reproducible, lambda generator: torch.ones(3), what="The draw")


def test_frequencies_name_the_mistake_and_the_tolerance():
    generator = torch.Generator().manual_seed(0)
    happened = torch.rand(10_000, generator=generator) < 0.4
    checks.frequency(happened, 0.4, what="It happened")
    sentence = sentence_of(
        checks.frequency, happened, 0.85, what="It happened", hint="Look.", mistakes={"ε and 1 − ε are swapped.": 0.4}
    )
    assert "of 10,000 trials, but 85 ± 1.8 % was expected. ε and 1 − ε are swapped." in sentence
    assert sentence_of(checks.frequency, happened, 0.5, what="It happened", hint="Look.").endswith("Look.")
    assert "is a bool, but a torch.Tensor" in sentence_of(checks.frequency, False, 0.5, what="It happened")


def test_certain_and_impossible_events_have_no_tolerance():
    checks.frequency(torch.ones(100).bool(), 1.0, what="It happened")
    checks.frequency(torch.zeros(100).bool(), 0.0, what="It happened")
    once = torch.arange(100_000) == 7
    assert "was expected" in sentence_of(checks.frequency, once, 0.0, what="It happened")


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.85])
def test_the_false_alarm_rate_of_a_frequency_is_as_stated(probability):
    """2000 repetitions at a rate of 5 %: the share of failures lies within five of its standard errors."""
    trials, repetitions, stated = 400, 2000, 0.05
    generator = torch.Generator().manual_seed(1)
    failures = 0
    for happened in torch.rand(repetitions, trials, generator=generator) < probability:
        try:
            checks.frequency(happened, probability, what="It happened", false_alarm=stated)
        except checks.CheckFailed:
            failures += 1
    assert 0.4 * stated <= failures / repetitions <= stated + 5 * math.sqrt(stated * (1 - stated) / repetitions)


def test_the_false_alarm_rate_of_a_mean_is_as_stated():
    repetitions, stated = 2000, 0.05
    samples = 3 + 2 * torch.randn(repetitions, 400, generator=torch.Generator().manual_seed(2))
    failures = 0
    for row in samples:
        try:
            checks.mean(row, 3.0, what="The mean", false_alarm=stated)
        except checks.CheckFailed:
            failures += 1
    assert abs(failures / repetitions - stated) <= 5 * math.sqrt(stated * (1 - stated) / repetitions)


def test_means_that_are_off_or_not_finite_are_named():
    samples = torch.randn(1000, generator=torch.Generator().manual_seed(3))
    checks.mean(samples, 0.0, what="The mean")
    assert "over 1,000 samples, but 1 ± 0.15 was expected" in sentence_of(checks.mean, samples, 1.0, what="The mean")
    samples[0] = math.nan
    assert "The mean is nan" in sentence_of(checks.mean, samples, 0.0, what="The mean")


def test_a_failure_renders_as_one_line_and_whole_in_the_validate_dialog(monkeypatch):
    failure = checks.CheckFailed("It is wrong " * 20)
    assert failure._render_traceback_() == [f"✗ {failure}"]
    monkeypatch.setitem(os.environ, "NBGRADER_VALIDATING", "1")
    lines = failure._render_traceback_()
    assert max(map(len, lines)) <= 80 and " ".join(lines).split() == f"✗ {failure}".split()


def test_yours_is_the_learners_function_once_it_passed(capsys, monkeypatch):
    monkeypatch.setattr(checks, "_passed", {})

    def greedy():
        """The course's."""

    reference, own = greedy, type(greedy)(greedy.__code__, globals(), "greedy")
    assert checks.yours(reference) is reference
    assert "Until your greedy passes" in capsys.readouterr().out
    checks.passed(own)
    assert checks.yours(reference) is own
    assert capsys.readouterr().out == "✓ greedy passes its check.\n"
    monkeypatch.setattr(sys.modules["__main__"], "greedy", lambda: None, raising=False)
    assert checks.yours(reference) is own
    assert "has changed since its check" in capsys.readouterr().out


def test_the_courses_own_function_earns_no_points(monkeypatch):
    monkeypatch.setattr(checks, "_passed", {})
    assert "is the course's own here" in sentence_of(checks.passed, checks.generator)
    assert not checks._passed


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_result_on_the_wrong_device_is_named():
    checks.equal(WANTED.cuda(), WANTED.cuda(), what="G")
    assert "G is on cpu, but cuda:0 was expected" in equal_sentence(WANTED, WANTED.cuda())
