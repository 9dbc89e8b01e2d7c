"""The smallest checks there are: to start new ones from, and for the lessons on which tests try the course's tools."""

import torch

from checks.compare import equal
from checks.exercise import exercise


@exercise()
def double(answer, *, numbers=(2,)):
    """Twice each number; a tuple of numbers goes in as a tensor."""
    for number in numbers:
        value = torch.tensor(number) if isinstance(number, tuple) else number
        equal(answer(value), 2 * value, what=f"Twice {number}", hint="Multiply by two.")


@exercise()
def half(answer, *, numbers=(4,)):
    """Half of each number."""
    for number in numbers:
        equal(answer(number), number / 2, what=f"Half of {number}", hint="Divide by two.")


@exercise()
def add(answer, *, pairs=((1, 2),)):
    """The sum of each pair."""
    for x, y in pairs:
        equal(answer(x, y), x + y, what=f"The sum of {x} and {y}")


@exercise()
def mean(answer, *, rows=((1.0, 2.0, 6.0),)):
    """The mean of each row, a tensor."""
    for row in rows:
        equal(answer(torch.tensor(row)), torch.tensor(row).mean(), what=f"The mean of {row}")
