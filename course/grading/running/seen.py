"""What the grader saw while a notebook ran."""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Verdict:
    """What a check came to in the court: its error, or None, and whether it took too long."""

    error: tuple[str, str] | None = None
    late: bool = False


@dataclass
class Ran:
    """What running a notebook showed, by cell index.

    Attributes:
        errors: name and text of the exception that a cell claims to have stopped with, or that the court found.
        died: cells in which the process ended.
        late: cells that the grader interrupted since their time was up.
        first_unreached: the first cell that did not run since the notebook's time was up.
        not_there: files of the submission that could not be put into its folder.
    """

    errors: dict[int, tuple[str, str]] = field(default_factory=dict)
    died: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    first_unreached: float = math.inf
    not_there: list[str] = field(default_factory=list)
