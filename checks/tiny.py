"""The smallest checks there are: to start new ones from, and for the lesson on which the tests try the course's tools."""

from checks.compare import equal
from checks.exercise import exercise


@exercise()
def double(answer, *, numbers=(2,)):
    """Twice each number."""
    for number in numbers:
        equal(answer(number), 2 * number, what=f"Twice {number}", hint="Multiply by two.")


@exercise()
def half(answer, *, numbers=(4,)):
    """Half of each number."""
    for number in numbers:
        equal(answer(number), number / 2, what=f"Half of {number}", hint="Divide by two.")
