"""What the grader saw while a notebook ran."""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Verdict:
    """What a check outside the submission's process came to: its error, or None, and how that process behaved."""

    error: tuple[str, str] | None = None
    died: bool = False
    late: bool = False


@dataclass
class Ran:
    """What running a notebook showed, by cell index.

    Attributes:
        errors: name and text of the exception that a cell claims to have stopped with.
        died: cells in which the process ended.
        late: cells that the grader interrupted since their time was up.
        changed: by check, what of the checks' tools was not as it should be.
        first_unreached: the first cell that did not run since the notebook's time was up.
        outside: by check, what running it outside the submission's process showed.
        not_there: files of the submission that could not be put into its folder.
    """

    errors: dict[int, tuple[str, str]] = field(default_factory=dict)
    died: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    changed: dict[int, list[str]] = field(default_factory=dict)
    first_unreached: float = math.inf
    outside: dict[int, Verdict] = field(default_factory=dict)
    not_there: list[str] = field(default_factory=list)
