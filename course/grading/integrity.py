"""Controls around every graded cell: some must fail, some must succeed, and only then does the cell's own word count.

A control is a small check with fresh numbers. The grader knows what has to come of it and compares here, outside the
process that runs the submission. They come in random order around the check itself.

What this cannot stop: the submission's code shares a process with the checks that run there. Code that is aimed at
this grader in particular can walk the stack into a running check, tell a control from a check by its text, answer in
the place of the code that runs cells, or read a hidden test as it arrives and print it. Such code is not written by
mistake, so what is noticed calls a person; the exercises that matter most are graded from outside, see `evidence`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

MOST = 10_000  # bytes of output of a control
_random = random.SystemRandom()


@dataclass(frozen=True)
class Control:
    """A cell's source, and whether a record of it is what an untouched process gives."""

    source: str
    holds: Callable[[dict], bool]


def around() -> tuple[list[Control], list[Control]]:
    """Return controls for before and for after a graded cell: one of each family, and two more of any."""
    families = [*FAMILIES, *_random.choices(FAMILIES, k=2)]
    chosen = [_random.choice(family)() for family in families]
    _random.shuffle(chosen)
    place = _random.randint(1, len(chosen) - 1)
    return chosen[:place], chosen[place:]


def _numbers() -> tuple[int, int, str]:
    """Return two different small whole numbers, and a word that nobody can guess."""
    one, other = _random.sample(range(2, 900), 2)
    return one, other, f"value {_random.getrandbits(60):x}"


def _fails(source: str, name: str, text: str) -> Control:
    return Control(source, lambda record: record.get("error") == [name, text])


def _succeeds(source: str) -> Control:
    return Control(source, lambda record: record.get("error", "") is None)


def _assertion() -> Control:
    one, other, word = _numbers()
    return _fails(f"assert {one} == {other}, '{word}'", "AssertionError", word)


def _equal() -> Control:
    one, other, word = _numbers()
    return _fails(
        f"import torch\nfrom helpers import checks\n"
        f"checks.equal(torch.tensor([1.0, {one}]), torch.tensor([1.0, {other}]), what='{word}', hint='Look again.')",
        "CheckFailed",
        f"{word} is {one} at index (1,), but {other} was expected. Look again.",
    )


def _shape() -> Control:
    one, other, word = _numbers()
    return _fails(
        f"import torch\nfrom helpers import checks\n"
        f"checks.equal(torch.zeros({one}, 2), torch.zeros({other}, 2), what='{word}')",
        "CheckFailed",
        f"{word} has shape ({one}, 2), but ({other}, 2) was expected.",
    )


def _number() -> Control:
    one, other, word = _numbers()
    return _fails(
        f"from helpers import checks\nchecks.equal({one}.0, {other}.0, what='{word}')",
        "CheckFailed",
        f"{word} is {one}, but {other} was expected.",
    )


def _that() -> Control:
    one, other, word = _numbers()
    return _fails(f"from helpers import checks\nchecks.that({one} == {other}, '{word}')", "CheckFailed", word)


def _close() -> Control:
    one, other, word = _numbers()
    compared = _random.choice(["allclose", "equal"])
    return _fails(
        f"import torch\nassert torch.{compared}(torch.tensor([{one}.0]), torch.tensor([{other}.0])), '{word}'",
        "AssertionError",
        word,
    )


def _operators() -> Control:
    one, other, word = _numbers()
    return _fails(
        f"import torch\nassert (torch.tensor([{one}.0, 1.0]) == torch.tensor([{other}.0, 1.0])).all(), '{word}'",
        "AssertionError",
        word,
    )


def _numpy() -> Control:
    one, other, word = _numbers()
    return _fails(f"import numpy\nassert numpy.allclose({one}, {other}), '{word}'", "AssertionError", word)


def _numpy_testing() -> Control:
    one, other, _ = _numbers()
    return Control(
        f"import numpy\nnumpy.testing.assert_allclose({one}, {other})",
        lambda record: (
            (record.get("error") or ["", ""])[0] == "AssertionError"
            and "Not equal to tolerance" in (record.get("error") or ["", ""])[1]
        ),
    )


def _computed() -> Control:
    one, other, word = _numbers()
    return _fails(f"raise ValueError('{word} %d' % sum([{one}, {other}]))", "ValueError", f"{word} {one + other}")


def _right_equal() -> Control:
    one, other, word = _numbers()
    return _succeeds(
        f"import torch\nfrom helpers import checks\n"
        f"checks.equal(torch.tensor([{one}.0, {other}]), torch.tensor([{one}.0, {other}]), what='{word}')"
    )


def _right_number() -> Control:
    one, other, word = _numbers()
    return _succeeds(
        f"from helpers import checks\nchecks.that({one} != {other}, '{word}')\n"
        f"checks.equal({one} + {other}, {one + other}, what='{word}')"
    )


def _printed() -> Control:
    one, other, word = _numbers()
    wanted = f"{word} {one * other}\n"

    def holds(record: dict) -> bool:
        outputs = record.get("outputs", [])
        return record.get("error", "") is None and any(output.get("text") == wanted for output in outputs)

    return Control(f"print('{word}', {one} * {other})", holds)


FAMILIES = (
    (_equal, _shape, _number),
    (_assertion, _that, _computed),
    (_close, _operators, _numpy, _numpy_testing),
    (_right_equal, _right_number, _printed),
)
