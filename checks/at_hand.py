"""Exercises with few possible answers: a check that knew the right one would fall to trying them all.

So the right answer stands in the hidden test alone, and no digest of it anywhere. Where the lessons' sources are, with
their solutions, a check looks it up there. Anywhere else, as in a class's copy and beside a submission, it looks at the
form, and the verdict comes when somebody grades. It never tells which part is wrong.
"""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from checks.compare import that

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


def joined(part) -> str:
    """Return a string, a number, or a list of letters or digits as one string."""
    return "".join(map(str, part if isinstance(part, list | tuple) else [part])).replace(" ", "").upper()
