"""Checks that say in one sentence what is wrong: name, got, where, wanted, then a hint.

A check looks at the type first, then at shape, kind of number, device and values, so that the first thing named is the
cause and not a consequence. It knows the value that a likely mistake gives, and then names that mistake.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

import numpy as np
import torch
from torch import Tensor

from checks import plain
from checks.failure import CheckFailed

FALSE_ALARM = 1e-6  # how often a statistical check fails a right answer
seed_shift = 0  # the tests raise it, to meet every check with other random numbers


def equal(
    got,
    expected,
    *,
    what: str,
    hint: str = "",
    mistakes: Mapping[str, object] | Callable[[], Mapping[str, object]] | None = None,
    rtol: float = 1e-4,
    atol: float = 1e-5,
) -> None:
    """Check that a tensor or number is the expected one.

    Args:
        got: what the learner's code gave.
        expected: a tensor, or a Python number; a tensor with one element may stand for a number.
        what: name of the value, which starts the sentence.
        hint: what to look at, if the difference is none of `mistakes`.
        mistakes: for each likely mistake, the hint that names it and the value, or a list of values, that it gives. A
            function stands for what takes long to compute, all of it or one value: it is called only for a wrong
            answer, that of a value only if none before it is the answer's.
        rtol, atol: tolerances relative to, and besides, the expected size.

    Raises:
        CheckFailed: at the first difference in type, shape, kind of number, device or value, in this order.
    """
    try:
        _equal(got, expected, what, "", hint, rtol, atol)
    except CheckFailed:
        mistakes = mistakes() if callable(mistakes) else mistakes
        known = _named(mistakes, lambda value: _is_same(got, value, rtol, atol))
        _equal(got, expected, what, known, known or hint, rtol, atol)


def _equal(got, expected, what: str, known: str, hint: str, rtol: float, atol: float) -> None:
    """Do the work of `equal`; `known` names the mistake, if it is one of those that are."""
    if not isinstance(expected, Tensor):
        got = _as_number_tensor(got, what, hint)
        expected = torch.tensor(expected, dtype=torch.float64)
        got = got.to(expected)
    else:
        _same_type(got, what)
        _same_shape(got, expected, what, known)
        _same_kind(got, expected, what, known)
    _same_values(Tensor.detach(got), Tensor.detach(expected), what, hint, rtol, atol)


def parts(got, names: Sequence[str], *, what: str) -> tuple:
    """Check that a function returned a tuple with as many parts as there are names, and return it.

    Raises:
        CheckFailed: if it did not.
    """
    wanted = f"a tuple ({', '.join(names)}) was expected"
    if not isinstance(got, tuple | list):
        fail(f"{what} is {_kind(got)}, but {wanted}. End with: return {', '.join(names)}")
    if len(got) != len(names):
        fail(f"{what} has {len(got)} parts, but {wanted}.")
    return tuple(got)


def indices(got, *, shape: tuple[int, ...], below: int, what: str) -> None:
    """Check that a tensor holds whole numbers in [0, `below`) and has this shape.

    Raises:
        CheckFailed: if it does not.
    """
    tensor = f"The tensor of {what[0].lower()}{what[1:]}"  # names of indices are plural
    _same_type(got, tensor)
    _same_shape(got, torch.empty(shape, device="meta"), tensor)
    that(
        got.dtype == torch.int64, f"{what} are {got.dtype}, but torch.int64 was expected: no other number is an index."
    )
    lowest, highest = int(got.min()), int(got.max())
    that(
        lowest >= 0 and highest < below, f"{what} range from {lowest} to {highest}, but 0 to {below - 1} was expected."
    )


def that(condition: bool, sentence: str) -> None:
    """Check anything else; the sentence says what is wrong and what to look at.

    Raises:
        CheckFailed: if the condition does not hold.
    """
    if not condition:
        fail(sentence)


def scalar(got, *, what: str) -> None:
    """Check that a value is a tensor with no dimension.

    Raises:
        CheckFailed: if it is not.
    """
    _same_type(got, what)
    if got.dim():
        fail(f"{what} has shape {tuple(got.shape)}, but a single number was expected. Sum or average it first.")


def frequency(
    happened: Tensor,
    probability: float,
    *,
    what: str,
    hint: str = "",
    mistakes: Mapping[str, float] | None = None,
    false_alarm: float = FALSE_ALARM,
    strays: int = 0,
) -> None:
    """Check that an event happens with the expected probability.

    The tolerance is the normal quantile that a right answer leaves with probability `false_alarm`, in standard errors.

    Args:
        happened: independent trials, bool, any shape.
        probability: expected probability in [0, 1].
        what: name of the event, which starts the sentence.
        hint: what to look at, if the share is none of `mistakes`.
        mistakes: for each likely mistake, the hint that names it and the probability that it gives.
        false_alarm: probability of failing a right answer.
        strays: how many trials may differ all the same, where the tolerance is none since all or no trials are wanted.

    Raises:
        CheckFailed: if the share of trials differs by more than the tolerance.
    """
    _same_type(happened, f"The record of whether {what[0].lower()}{what[1:]}")
    trials, share = happened.numel(), happened.double().mean().item()
    if abs(share - probability) <= max(_tolerance(probability, trials, false_alarm), strays / trials):
        return
    hint = _named(mistakes, lambda value: abs(share - value) <= _tolerance(value, trials, false_alarm)) or hint
    wanted = f"{100 * probability:.3g} ± {100 * _tolerance(probability, trials, false_alarm):.2g} %"
    digits = 3 if f"{100 * share:.3g}" != f"{100 * probability:.3g}" else 8
    fail(f"{what} in {100 * share:.{digits}g} % of {trials:,} trials, but {wanted} was expected. {hint}")


def mean(
    samples: Tensor,
    expected: float,
    *,
    std: float,
    what: str,
    hint: str = "",
    mistakes: Mapping[str, float] | None = None,
    false_alarm: float = FALSE_ALARM,
) -> None:
    """Check that samples have the expected mean, within the normal quantile of `false_alarm` in standard errors.

    Args:
        samples: independent samples, any shape, at least a hundred.
        expected: the mean of a right answer.
        std: the standard deviation of one sample of a right answer; what was drawn has no say in how far it may lie.
        what: name of the mean, which starts the sentence.
        hint: what to look at, if the mean is none of `mistakes`.
        mistakes: for each likely mistake, the hint that names it and the mean that it gives.
        false_alarm: probability of failing a right answer.

    Raises:
        CheckFailed: if the mean differs by more than the tolerance, or is not finite.
    """
    _same_type(samples, f"The tensor of samples for {what[0].lower()}{what[1:]}")
    average = samples.detach().double().mean().item()
    tolerance = _normal_quantile(false_alarm) * std / math.sqrt(samples.numel()) + 1e-6 * max(abs(expected), std)
    if abs(average - expected) <= tolerance:
        return
    hint = _named(mistakes, lambda value: abs(average - value) <= tolerance) or hint
    wanted = f"{_number(expected)} ± {tolerance:.2g}"
    fail(f"{what} is {_number(average)} over {samples.numel():,} samples, but {wanted} was expected. {hint}")


def generator(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a source of randomness for a check; the tests shift its seed."""
    return torch.Generator(device).manual_seed(seed + seed_shift)


def fail(sentence: str) -> NoReturn:
    """Raise a CheckFailed with this sentence."""
    raise CheckFailed(sentence.strip())


def _same_type(got, what: str) -> None:
    if type(got) in (Tensor, torch.nn.Parameter):
        return
    if _kind(got).startswith("a torch.Tensor on "):
        fail(f"{what} is on {_kind(got).split()[-1]}, but cpu was expected: make new tensors where the inputs are.")
    advice = {
        "None": "Does the function end with return?",
        "a numpy.ndarray": "Stay in torch, or convert with torch.as_tensor.",
        "a torch.return_types.max": "Take its .values or its .indices.",
        "a torch.return_types.min": "Take its .values or its .indices.",
        "a tuple": "Return the one tensor that is asked for.",
    }.get(_kind(got), "Return the tensor itself.")
    fail(f"{what} is {_kind(got)}, but a torch.Tensor was expected. {advice}")


def _as_number_tensor(got, what: str, hint: str) -> Tensor:
    """Return the number as a tensor, or fail: a bool, a string or a longer tensor is no number."""
    if type(got) in (Tensor, torch.nn.Parameter):
        _same_type(got, what)
        if got.numel() != 1:
            fail(f"{what} has shape {tuple(got.shape)}, but a single number was expected. {hint}")
        return Tensor.detach(got).reshape(())
    if isinstance(got, np.number) and type(got).__module__ == "numpy":
        got = got.item()
    if type(got) not in (int, float):
        advice = "Does the function end with return?" if got is None else ""
        fail(f"{what} is {_kind(got)}, but a number was expected. {advice}")
    return torch.tensor(got, dtype=torch.float64)


def _same_shape(got: Tensor, expected: Tensor, what: str, hint: str = "") -> None:
    if got.shape != expected.shape:
        hint = hint or _shape_hint(got.shape, expected.shape)
        fail(f"{what} has shape {tuple(got.shape)}, but {tuple(expected.shape)} was expected. {hint}")


def _shape_hint(got: torch.Size, expected: torch.Size) -> str:
    if len(got) < len(expected) and [n for n in got if n != 1] == [n for n in expected if n != 1]:
        return "A dimension of size 1 got lost: squeeze() takes each of them away, squeeze(-1) only the last."
    if math.prod(got) == math.prod(expected):
        return "The numbers are as many; reshape, squeeze or transpose them."
    if _is_broadcast(got, expected):
        return "Two shapes were broadcast against each other; make them agree before you combine them."
    return ""


def _is_broadcast(larger: torch.Size, smaller: torch.Size) -> bool:
    """Tell whether the larger shape is what comes of combining the smaller one with a transposed copy of itself."""
    try:
        return (
            len(smaller) > 0
            and math.prod(larger) > math.prod(smaller)
            and np.broadcast_shapes(larger, smaller) == larger  # torch's own imports for seconds at its first call
        )
    except ValueError:
        return False


def _same_kind(got: Tensor, expected: Tensor, what: str, hint: str = "") -> None:
    """Compare bool, whole and real; the width of a number is the learner's choice."""
    got_kind, wanted_kind = _kind_of_dtype(got.dtype), _kind_of_dtype(expected.dtype)
    if got_kind != wanted_kind:
        fail(f"{what} holds {got_kind} ({got.dtype}), but {wanted_kind} ({expected.dtype}) were expected. {hint}")


def _same_values(got: Tensor, expected: Tensor, what: str, hint: str, rtol: float, atol: float) -> None:
    got, expected = got.to("cpu", torch.float64), expected.to("cpu", torch.float64)
    wrong = ~torch.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)
    if not wrong.any():
        return
    index = tuple(wrong.nonzero()[0].tolist())
    value, wanted = got[index].item(), expected[index].item()
    where = f" at index {index}" if index else ""
    if math.isnan(value):
        hint = f"nan comes from 0/0, 0 · ∞, ∞ − ∞ or the logarithm of a negative number. {hint}"
    elif math.isinf(value):
        hint = f"An infinity comes from a division by 0, the logarithm of 0 or an overflow. {hint}"
    digits = 4 if _number(value) != _number(wanted) and abs(value) < 1000 else 8
    fail(f"{what} is {_number(value, digits)}{where}, but {_number(wanted, digits)} was expected. {hint}")


def _named(mistakes: Mapping[str, object] | None, is_it: Callable[[object], bool]) -> str:
    """Return the sentence of the first mistake one of whose values it is, or nothing."""
    for sentence, values in (mistakes or {}).items():
        values = values() if callable(values) else values
        if any(map(is_it, values if isinstance(values, list) else [values])):
            return sentence
    return ""


def _is_same(got, value, rtol: float, atol: float) -> bool:
    """Tell whether `got` is the value of a known mistake."""
    try:
        got, value = torch.as_tensor(got).detach().double().cpu(), torch.as_tensor(value).double().cpu()
    except (TypeError, ValueError, RuntimeError):
        return False
    return got.shape == value.shape and torch.allclose(got, value, rtol=rtol, atol=atol, equal_nan=True)


def _tolerance(probability: float, trials: int, false_alarm: float) -> float:
    """Return how far a share may lie from its probability; half a trial of it is for shares being fractions."""
    error = math.sqrt(probability * (1 - probability) / trials)
    return _normal_quantile(false_alarm) * error + (0.5 / trials if error else 0)


def _normal_quantile(false_alarm: float) -> float:
    """Return z with P(|N(0, 1)| > z) = false_alarm."""
    return math.sqrt(2) * torch.erfinv(torch.tensor(1 - false_alarm, dtype=torch.float64)).item()


def _kind(value) -> str:
    if value is None:
        return "None"
    name = plain.kind(value)
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _kind_of_dtype(dtype: torch.dtype) -> str:
    return "truth values" if dtype == torch.bool else "real numbers" if dtype.is_floating_point else "whole numbers"


def _number(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}g}"
