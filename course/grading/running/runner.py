"""Run one rebuilt notebook cell by cell in a fork of the warm process, and have each check judged in the court.

No check runs where the submission does, and what a process claims is checked for its form and size here. Whether a cell
took too long or the process died is what the grader's own clock and the kernel say.
"""

import base64
import time
from collections import Counter
from collections.abc import Collection, Mapping

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from course.grading.bundle import Bundle
from course.grading.limits import Limits
from course.grading.orders import Order
from course.grading.running import outputs, skip
from course.grading.running.court import Court
from course.grading.running.seen import Ran, Verdict
from course.grading.running.session import LEAST_LEFT, SLACK, Died, Killed, Session, Stuck, claimed_error
from course.grading.sandbox import warm
from course.grading.submission.cells import is_grade, is_solution

PIECE = 8 * 2**20  # bytes of a file that go in one message
MOST_KILLS = 1  # from outside, after each of which everything is tried again
MOST_DEATHS = 5  # a fresh start follows each; whoever dies again and again may be trying other random numbers
NOT_RUN_AT_ALL = {"SyntaxError", "IndentationError", "TabError"}
NOT_RUN = nbformat.v4.new_output("stream", name="stdout", text="(Not run while grading: no check depends on it.)\n")


def run(
    notebook: NotebookNode,
    bundle: Bundle,
    extras: Mapping[str, bytes],
    *,
    limits: Limits,
    level: str,
    spare: Collection[str] = (),
    folder: str = "",
) -> Ran:
    """Execute the code cells in place; a cell that kills the process costs a fresh start without it.

    A process that somebody else has ended costs a fresh start with all of it, and all of its time.

    Args:
        notebook: the rebuilt notebook; outputs are written into it.
        bundle: its lesson, whose checks are judged, hidden tests included.
        extras: further files of the submission, by name.
        limits: what it may use up.
        level: at which isolation.
        spare: ids of cells that need not run.
        folder: where the notebook lies among these files; empty for above them.

    Returns:
        What was seen.

    Raises:
        Unavailable: if the machine does not let a process start.
        Killed: if somebody else has ended the submission's processes again and again.
    """
    deadline, kills = time.monotonic() + limits.notebook_seconds, 0
    ran, left_out = Ran(), Counter({index: 2 for index, cell in _code_cells(notebook) if cell.id in spare})
    while True:
        ran.errors.clear()
        try:
            with Session(level, limits, deadline) as session, Court(session) as court:
                ran.not_there = [name for name, content in extras.items() if not put(session, name, content)]
                if folder:
                    session.ask({"do": "enter", "folder": folder})
                guilty = _run_through(notebook, bundle, session, court, ran, left_out)
        except Killed:
            kills += 1
            if kills > MOST_KILLS:
                raise
            deadline = time.monotonic() + limits.notebook_seconds
            continue
        if len(ran.died) > MOST_DEATHS:
            ran.first_unreached, guilty = guilty + 1, None
        if guilty is None:
            for _, cell in _code_cells(notebook):
                cell.outputs = [NOT_RUN] if cell.id in spare else cell.outputs
            return ran
        left_out[guilty] += 1
        left_out |= {index: 1 for index in ran.late if is_grade(notebook.cells[index])}  # what they came to is known


def _run_through(
    notebook: NotebookNode,
    bundle: Bundle,
    session: Session,
    court: Court,
    ran: Ran,
    left_out: Counter[int],
) -> int | None:
    """Run what is not left out; return the cell after which a fresh start is needed, or None at the end.

    A cell that is left out once and was changed by the student still runs with the course's own text.
    """
    budget, own = session.limits.notebook_output, bundle.own_cells()
    sources = {cell.id: cell.source for _, cell in _code_cells(notebook)}
    known = {cell["id"] for cell in bundle.release["cells"]}
    further = skip.read_by(source for name, source in sources.items() if name not in known)
    for number, (index, cell) in enumerate(_code_cells(notebook)):
        cell.outputs, cell.execution_count = [], None
        is_changed = own.get(cell.id, cell.source) != cell.source
        if left_out[index] > is_changed or not cell.source.strip():
            continue
        if session.deadline - time.monotonic() < LEAST_LEFT:
            ran.first_unreached = min(ran.first_unreached, index)
            return None
        try:
            if left_out[index]:
                _complete(session, own[cell.id])
                continue
            if is_grade(cell) and not is_solution(cell):
                reads = skip.read_by([sources[cell.id.removesuffix("-check")]])
                keep = None if reads is None or further is None else reads | further
                late, error = _judged(session, court, bundle.order(cell.id), cell, keep)
            else:
                most = min(session.limits.output, budget)
                sets = sorted(skip.set_by(cell.source)) if own.get(cell.id) == cell.source else []
                answer, late = session.ask({"do": "cell", "source": cell.source, "most": most, "sets": sets})
                cell.outputs, error = outputs.tidy(answer.get("outputs"), 2 * most + SLACK), claimed_error(answer)
                if is_changed:
                    _complete(session, own[cell.id], always=late or bool(error) and error[0] in NOT_RUN_AT_ALL)
        except Died:
            ran.died.add(index)
            return index
        except Stuck:
            ran.late.add(index)
            return index
        if late:
            ran.late.add(index)
        if error is not None:
            ran.errors[index] = error
        cell.execution_count = number + 1
        budget -= sum(outputs.weight(output) for output in cell.outputs)
    return None


def _judged(
    session: Session, court: Court, order: Order, cell: NotebookNode, keep: set[str] | None
) -> tuple[bool, tuple[str, str] | None]:
    """Have a check judged, write what it says under its cell, and tell the submission's process, which goes on with it.

    Args:
        session: the submission's process.
        court: where the check runs.
        order: what it is asked to do.
        cell: the check's.
        keep: which names of the course's stay what the student's cells have made of them; None means all.

    Returns:
        Whether it took too long, and its error.
    """
    if keep is not None:
        session.ask({"do": "names", "keep": sorted(keep | {order.name})})
    verdict = court.judge(order)
    session.ask({"do": "told", "name": order.name, "passed": verdict == Verdict()})
    if verdict.late:
        return True, None
    if verdict.error:
        name, text = verdict.error
        cell.outputs = [new_output("error", ename=name, evalue=text, traceback=[f"✗ {text}"])]
    else:
        cell.outputs = [new_output("stream", name="stdout", text=f"✓ {order.name} passes its check.\n")]
    return False, verdict.error


def _complete(session: Session, source: str, *, always: bool = True) -> None:
    """Have the course's own text of a changed cell run: always, or where a name is missing that it gives."""
    session.ask({"do": "course", "source": source, "sets": sorted(skip.set_by(source)), "always": always})


def _code_cells(notebook: NotebookNode) -> list[tuple[int, NotebookNode]]:
    return [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]


def put(session: Session, name: str, content: bytes) -> bool:
    """Write a file into the submission's folder, piece by piece; return whether it could be written.

    Raises:
        Unavailable: if the process ended, though no code of the submission has run in it.
    """
    for start in range(0, max(len(content), 1), PIECE):
        piece = base64.b64encode(content[start : start + PIECE]).decode()
        try:
            answer, late = session.ask({"do": "file", "name": name, "content": piece, "first": start == 0})
        except (Died, Stuck):
            raise warm.Unavailable("a process for a submission ended before it had begun") from None
        if late or answer.get("error"):
            return False
    return True
