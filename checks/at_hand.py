"""Exercises with few possible answers: a check that knew the right one would fall to trying them all.

So the right answer stands in the hidden test alone, and no digest of it anywhere. Where the lessons' sources are, with
their solutions, a check looks it up there. Anywhere else, as in a class's copy and beside a submission, it looks at the
form, and the verdict comes when somebody grades. It never tells which part is wrong.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from torch import Tensor

from checks.answer import Answer
from checks.compare import parts, that

LESSONS = Path(__file__).resolve().parent.parent / "lessons"
FORM_ONLY = "The form is right. Whether the answer is, is told when it is graded."


def right_answer(name: str):
    """Return what the hidden test of an exercise gives as `right`, or None where the lessons are not at hand."""
    call = re.compile(rf"^check\.{name}\({name}, right=(.+)\)$", re.MULTILINE)
    for path in sorted(LESSONS.glob("*.py")):
        if found := call.search(path.read_text(encoding="utf-8")):
            return ast.literal_eval(found[1])
    return None


def in_order(given: str, right: str, *, what: str, hint: str, likely: Mapping[str, str]) -> None:
    """Check that letters or digits are in the right order.

    Args:
        given: the learner's, each of them once.
        right: the right order.
        what: what a sentence calls them.
        hint: what to think about.
        likely: what to think about instead where the order is an often given one: "2134567" has the first two
            exchanged, and "sorted" is that of the lesson's list, which told the right one if it were written so.

    Raises:
        CheckFailed: with how many are in their place, and never which.
    """
    correct = sum(one == other for one, other in zip(given, right, strict=True))
    places = "".join(str(right.index(one) + 1) for one in given)
    hint = likely.get("sorted" if sorted(given) == list(given) else places, hint)
    that(correct == len(right), f"{what} in their place: {correct} of {len(right)}. {hint}")


def diagnosed(found, name: str, right: str, clues: Sequence[str]) -> str | None:
    """Check the diagnoses of five patients, A to E, as digits from 1 to 8.

    Args:
        found: what the learner's function returned.
        name: the function's.
        right: the digits, or nothing where the check does not hold them.
        clues: sentences of which one is told where some are wrong; it depends on what was given alone.

    Returns:
        `FORM_ONLY` where only the form could be looked at.

    Raises:
        CheckFailed: with how many are right, and never which.
    """
    that(found is not None, f"{name}() is None. Does the function end with return?")
    text = joined(found)
    that(
        len(text) == 5 and set(text) <= set("12345678"),
        "Return five digits from 1 to 8, for A, B, C, D and E, in one string.",
    )
    right = right or right_answer(name)
    if right is None:
        return FORM_ONLY
    count = sum(got == wanted for got, wanted in zip(text, right, strict=True))
    clue = clues[sum(map(int, text)) % len(clues)]  # of any patient, right or wrong: it must not tell which
    that(count == len(text), f"{count} of the 5 diagnoses {'is' if count == 1 else 'are'} right. A clue: {clue}")


def asked(answer: Answer):
    """Return what an answer without arguments gives, arrays as lists."""
    return answer.probe(lambda function: _as_lists(function()))


def _as_lists(found):
    if isinstance(found, list | tuple):
        return [_as_lists(part) for part in found]
    return found.tolist() if isinstance(found, np.ndarray) else found


def letters_and_digits(answer: Answer, names: tuple[str, str], *, name: str) -> tuple[str, str]:
    """Return the letters A to G and the digits 1 to 7 of an answer, however they are written, in pairs as well.

    Args:
        answer: gives two strings, or lists, arrays, pairs or a dictionary of single ones.
        names: what the letters and the digits are called.
        name: the function's.

    Raises:
        CheckFailed: if they are not all there once.
    """
    found = asked(answer)
    text = joined(found)
    letters, digits = ("".join(filter(kind, text)) for kind in (str.isalpha, str.isdigit))
    if not letters or not digits:
        parts(found, names, what=f"{name}()")
    that(not text[:1].isdigit(), f"Return the {names[0]} first, then {names[1]}: letters, then digits.")
    that(sorted(letters) == list("ABCDEFG"), f"The {names[0]} are the letters A to G, each once, in one string.")
    that(sorted(digits) == list("1234567"), f"The {names[1]} are the digits 1 to 7, each once, in one string.")
    return letters, digits


def joined(part) -> str:
    """Return letters or digits as one string, without what separates them."""
    if isinstance(part, dict):
        part = list(part.items())
    if isinstance(part, Tensor):
        part = part.tolist()
    return "".join(map(joined, part)) if isinstance(part, list | tuple) else re.sub(r"[\W_]", "", str(part)).upper()
