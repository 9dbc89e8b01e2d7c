"""What makes a function a check, and whose functions a lesson goes on with.

In a notebook `check.returns(returns)` asks the function in its own process, prints a ✓ or one calm sentence, and
remembers what passed. Who grades hands over an `Answer` that may live elsewhere, and hears of a failure by exception.
"""

import contextlib
import dataclasses
import functools
import sys
from collections.abc import Callable, Iterator, Sequence

import torch

from checks import notebook
from checks.answer import Answer, Desk, Here, Missing, Unfilled
from checks.conduct import Rules
from checks.failure import CheckFailed
from helpers import progress

STUMBLED = "What {} returns is not of the kind that is asked for, and the check stumbled over it ({})."

_passed: dict[str, Callable] = {}  # the learner's functions that passed their checks, by the name of the exercise


class Numbers(str):
    """What a check measured and found good; it is shown above the ✓, where a person looks on."""


def exercise(
    *,
    own: Callable | Sequence[Callable] = (),
    changes: Sequence[str | int] = (),
    trains: Sequence[str | int] = (),
    sealed: bool = False,
) -> Callable:
    """Make a function of an `Answer` the check of one exercise, with the name of what the learner writes.

    Args:
        own: the course's functions that do the exercise; an answer that only calls one of them is refused.
        changes: names, or places, of arguments that the exercise is to change in place, or whose mode it is to set.
        trains: the same of networks that it trains without having their optimizer as an argument.
        sealed: whether it looks at the form alone where the right answer is not at hand (see `at_hand`).
    """
    rules = Rules((own,) if callable(own) else tuple(own), tuple(changes), tuple(trains))

    def decorate(check: Callable) -> Callable:
        @functools.wraps(check)
        def public(answer, **data) -> None:
            if isinstance(answer, Answer):
                _judge(check, answer, rules, data)
            else:
                _in_a_notebook(check, answer, rules, data)

        public.is_exercise, public.is_sealed = True, sealed
        return public

    return decorate


def of(module) -> dict[str, Callable]:
    """Return the checks of a module by name."""
    return {name: check for name, check in vars(module).items() if getattr(check, "is_exercise", False)}


def passed(name: str, function: Callable) -> None:
    """Remember for `yours` that a function passed the check of an exercise."""
    _passed[name] = function


def yours(reference: Callable) -> Callable:
    """Return the learner's function of that name once it has passed its check; until then the reference, saying so."""
    name = reference.__name__
    if name not in _passed:
        print(f"◦ Until your {name} passes its check, the course's own takes its place here.")
        return reference
    latest = getattr(sys.modules["__main__"], name, None)
    if latest is not None and latest is not _passed[name] and latest is not reference:
        print(f"◦ Your {name} has changed since its check; run the check again. The version that passed is used here.")
    return _passed[name]


def _judge(check: Callable, answer: Answer, rules: Rules, data: dict) -> str | None:
    """Run a check on an answer; return its sentence, if it could look at the form alone, or its `Numbers`.

    Where the notebook has another default type than torch, an answer may rely on it, or follow what it is given: what
    fails under the notebook's type is asked under torch's own before it is refused.

    Raises:
        CheckFailed: what it found; or that it stumbled over a value of a kind that it did not look for.
    """
    answer.rules = rules
    try:
        return _run(check, answer, data)
    except (Unfilled, Missing):
        raise
    except CheckFailed:
        if answer.probe(lambda function: torch.get_default_dtype() == torch.float32):
            raise
        answer.rules = dataclasses.replace(rules, dtype=torch.float32)
        with contextlib.suppress(CheckFailed):
            return _run(check, answer, data)
        raise


def _run(check: Callable, answer: Answer, data: dict) -> str | None:
    try:
        return check(answer, **data)
    except CheckFailed:
        raise
    except Exception as error:
        told = f"{type(error).__name__}: {error}".rstrip(". ")
        raise CheckFailed(STUMBLED.format(check.__name__, told)) from error


def _in_a_notebook(check: Callable, function: Callable, rules: Rules, data: dict) -> None:
    """Run a check on a function of this process, and tell its learner what came of it.

    Raises:
        CheckFailed: if it failed and somebody should see it; see `notebook.tell`.
    """
    name = check.__name__
    try:
        with _plain_numbers() as dtype:
            said = _judge(check, Here(function, name, desk=Desk({name: function}, dtype)), rules, data)
    except CheckFailed as failure:
        notebook.tell(failure, name)
        return
    passed(name, function)
    if isinstance(said, Numbers):
        if progress.is_watched():
            print(said)
        said = None
    verdict = "passes with other numbers, too." if data.keys() - {"right"} else "passes its check."
    print(f"◦ {name}: {said}" if said else f"{notebook.passing_mark()} {name} {verdict}")


@contextlib.contextmanager
def _plain_numbers() -> Iterator[torch.dtype]:
    """Have a check make its data with torch's own default type, whatever the notebook has set; yield that one."""
    dtype = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        yield dtype
    finally:
        torch.set_default_dtype(dtype)
