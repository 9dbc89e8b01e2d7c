"""Run one rebuilt notebook cell by cell in a fork of the warm process, and keep what it claims apart from what is seen.

The grader sends one cell at a time, so a hidden test reaches the submission's process only when it runs and never as a
file. What comes back is checked for its form and size here. Whether a cell took too long or the process died is what
the grader's own clock and the kernel say.
"""

import base64
import contextlib
import math
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from course.grading import integrity, sandbox
from course.grading.bundle import Bundle
from course.grading.child.wire import Broken, Late
from course.grading.limits import Limits

SLACK = 2**20  # bytes of a message besides its outputs
LEAST_LEFT = 0.05  # seconds with which it makes sense to start a cell


class Died(Exception):
    """The submission's process ended, or sent what is no answer."""


class Stuck(Exception):
    """The cell went on after its time was up and it had been interrupted."""


@dataclass
class Ran:
    """What running a notebook showed, by cell index.

    Attributes:
        errors: name and text of the exception that a cell claims to have stopped with.
        died: cells in which the process ended.
        late: cells that the grader interrupted since their time was up.
        changed: by check, what of the checks' tools was not as it should be.
        unreached: whether the notebook's time was up before its end.
        first_unreached: the first cell that did not run for that reason.
    """

    errors: dict[int, tuple[str, str]] = field(default_factory=dict)
    died: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    changed: dict[int, list[str]] = field(default_factory=dict)
    first_unreached: float = math.inf


class Session:
    """A fork of the warm process, and the questions that it answers."""

    def __init__(self, level: str, limits: Limits, deadline: float):
        """Start it.

        Raises:
            Unavailable: if the machine does not let it start; no code of the submission has run yet.
        """
        self.limits, self.deadline = limits, deadline
        self.fork = sandbox.template(level).fork(limits)
        try:
            self.ask({"do": "files", "files": {}})
        except (Died, Stuck):
            self.fork.close()
            raise sandbox.Unavailable("a process for a submission could not be started") from None

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_) -> None:
        self.fork.close()

    def ask(self, request: dict) -> tuple[dict, bool]:
        """Send one request and wait for its answer; return it, and whether it had to be interrupted.

        Raises:
            Died: if the process ended.
            Stuck: if it took too long and did not stop when interrupted.
        """
        token = secrets.token_hex(16)
        seconds = max(min(self.limits.cell_seconds, self.deadline - time.monotonic()), LEAST_LEFT)
        try:
            self.fork.wire.send({"id": token, **request}, 10)
            try:
                return self._answer(token, seconds), False
            except Late:
                self.fork.interrupt()
            try:
                return self._answer(token, sandbox.GRACE_SECONDS), True
            except Late:
                raise Stuck from None
        except Broken:
            raise Died from None

    def _answer(self, token: str, seconds: float) -> dict:
        most = 8 * self.limits.output + SLACK
        answer = self.fork.wire.receive(seconds, largest=max(most, 64 * SLACK), also=self.fork.keeper)
        if answer.pop("id", None) != token:
            raise Broken
        return answer


def run(notebook: NotebookNode, bundle: Bundle, extras: Mapping[str, bytes], *, limits: Limits, level: str) -> Ran:
    """Execute the code cells in place; a cell that kills the process costs a fresh start without it.

    Args:
        notebook: the rebuilt notebook; outputs are written into it.
        bundle: its lesson, whose checks are run in the place of the visible ones.
        extras: further files of the submission, by name, for its working folder.
        limits: what it may use up.
        level: at which isolation.

    Returns:
        What was seen.
    """
    deadline = time.monotonic() + limits.notebook_seconds
    ran, left_out = Ran(), set()
    while True:
        ran.errors.clear()
        ran.changed.clear()
        with Session(level, limits, deadline) as session:
            guilty = _run_through(notebook, bundle, extras, session, ran, left_out)
        if guilty is None:
            return ran
        left_out.add(guilty)


def _run_through(notebook, bundle, extras, session: Session, ran: Ran, left_out: set[int]) -> int | None:
    """Run what is not left out; return the cell after which a fresh start is needed, or None at the end."""
    budget = session.limits.notebook_output
    if extras:
        files = {name: base64.b64encode(content).decode() for name, content in extras.items()}
        with contextlib.suppress(Died, Stuck):
            session.ask({"do": "files", "files": files})
    for number, (index, cell) in enumerate(_code_cells(notebook)):
        cell.outputs, cell.execution_count = [], None
        if index in left_out or not cell.source.strip():
            continue
        if session.deadline - time.monotonic() < LEAST_LEFT or number >= session.limits.cells:
            ran.first_unreached = min(ran.first_unreached, index)
            return None
        most = min(session.limits.output, budget)
        try:
            if is_grade(cell) and not is_solution(cell):
                answer, late, changed = _graded(session, bundle.checks[cell.id], most)
                if changed:
                    ran.changed[index] = changed
            else:
                answer, late = session.ask({"do": "cell", "source": cell.source, "most": most})
        except Died:
            ran.died.add(index)
            return index
        except Stuck:
            ran.late.add(index)
            return index
        if late:
            ran.late.add(index)
        cell.outputs, cell.execution_count = _outputs(answer, most), number + 1
        budget -= sum(len(str(output)) for output in cell.outputs)
        error = _error(answer)
        if error is not None:
            ran.errors[index] = error
    return None


def _graded(session: Session, source: str, most: int) -> tuple[dict, bool, list[str]]:
    """Run a check between its controls; return its answer, whether it was late, and what was not as it should be."""
    before, after = integrity.around()
    held = [_holds(session, control) for control in before]
    answer, late = session.ask({"do": "check", "source": source, "most": most})
    if not late:
        held += [_holds(session, control) for control in after]
    changed = answer.get("changed")
    changed = [str(name)[:80] for name in changed[:5]] if isinstance(changed, list) else ["the grader's own code"]
    return answer, late, changed + ([] if all(held) else ["what a failing check does"])


def _holds(session: Session, control: integrity.Control) -> bool:
    answer, late = session.ask({"do": "control", "source": control.source, "most": integrity.MOST})
    return not late and control.holds(answer)


def _code_cells(notebook: NotebookNode) -> list[tuple[int, NotebookNode]]:
    return [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]


def _error(answer: dict) -> tuple[str, str] | None:
    """Return the error that an answer tells of; whatever is not plainly no error is one."""
    error = answer.get("error", "missing")
    if error is None:
        return None
    if isinstance(error, list) and len(error) == 2 and all(isinstance(part, str) for part in error):
        return error[0][:200], error[1][:20_000]
    return "RuntimeError", "the cell's result could not be read"


def _outputs(answer: dict, most: int) -> list[NotebookNode]:
    """Return those outputs of an answer that are well formed, up to a size."""
    kept, left = [], 2 * most + SLACK
    for output in answer.get("outputs") if isinstance(answer.get("outputs"), list) else []:
        try:
            node = nbformat.from_dict(dict(output))
            nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[node])]))
        except (nbformat.ValidationError, TypeError, ValueError, KeyError, AttributeError, RecursionError):
            continue
        left -= len(str(node))
        if left < 0:
            break
        kept.append(node)
    return kept
