"""Run one rebuilt notebook cell by cell in a fork of the warm process, and keep what it claims apart from what is seen.

The grader sends one cell at a time, so a hidden test reaches the submission's process only when it runs and never as a
file. What comes back is checked for its form and size here. Whether a cell took too long or the process died is what
the grader's own clock and the kernel say.
"""

import base64
import time
from collections.abc import Collection, Mapping

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from course.grading import evidence, integrity, needs, outputs, sandbox
from course.grading.bundle import Bundle
from course.grading.limits import Limits
from course.grading.names import visible
from course.grading.seen import Ran
from course.grading.session import LEAST_LEFT, SLACK, Died, Session, Stuck, claimed_error

PIECE = 8 * 2**20  # bytes of a file that go in one message
MOST_DEATHS = 5  # a fresh start follows each; whoever dies again and again may be trying other random numbers
NOT_RUN = nbformat.v4.new_output("stream", name="stdout", text="(Not run while grading: no check depends on it.)\n")


def run(
    notebook: NotebookNode,
    bundle: Bundle,
    extras: Mapping[str, bytes],
    *,
    limits: Limits,
    level: str,
    outside: Mapping[str, evidence.Plan],
    spare: Collection[str] = (),
) -> Ran:
    """Execute the code cells in place; a cell that kills the process costs a fresh start without it.

    Args:
        notebook: the rebuilt notebook; outputs are written into it.
        bundle: its lesson, whose checks are run in the place of the visible ones.
        extras: further files of the submission, by name, for its working folder.
        limits: what it may use up.
        level: at which isolation.
        outside: how to run the checks of some exercises outside the submission's process; in it, these have no hidden
            tests.
        spare: ids of cells that need not run.

    Returns:
        What was seen.
    """
    deadline = time.monotonic() + limits.notebook_seconds
    ran, left_out = Ran(), {index for index, cell in _code_cells(notebook) if cell.id in spare}
    while True:
        ran.errors.clear()
        ran.changed.clear()
        ran.outside.clear()
        with Session(level, limits, deadline) as session:
            guilty = _run_through(notebook, bundle, extras, outside, session, ran, left_out)
        if len(ran.died) > MOST_DEATHS:
            ran.first_unreached, guilty = guilty + 1, None
        if guilty is None:
            for _, cell in _code_cells(notebook):
                cell.outputs = [NOT_RUN] if cell.id in spare else cell.outputs
            return ran
        left_out.add(guilty)
        left_out |= {index for index in ran.late if is_grade(notebook.cells[index])}  # what they came to is known


def _run_through(notebook, bundle, extras, outside, session: Session, ran: Ran, left_out: set[int]) -> int | None:
    """Run what is not left out; return the cell after which a fresh start is needed, or None at the end."""
    budget, imports = session.limits.notebook_output, needs.imports(bundle)
    ran.not_there = [name for name, content in extras.items() if not _put(session, name, content)]
    for number, (index, cell) in enumerate(_code_cells(notebook)):
        cell.outputs, cell.execution_count = [], None
        if index in left_out or not cell.source.strip():
            continue
        if session.deadline - time.monotonic() < LEAST_LEFT:
            ran.first_unreached = min(ran.first_unreached, index)
            return None
        most = min(session.limits.output, budget)
        try:
            if is_grade(cell) and not is_solution(cell):
                plan = outside.get(cell.id.removesuffix("-check"))
                source = cell.source if plan else bundle.checks[cell.id]
                answer, late, changed = _graded(session, imports, source, most)
                if changed:
                    ran.changed[index] = changed
                if plan and not (changed or late or claimed_error(answer)):
                    ran.outside[index] = evidence.judge(session, plan)
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
        cell.outputs = outputs.tidy(answer.get("outputs"), 2 * most + SLACK)
        cell.execution_count = number + 1
        budget -= sum(len(str(output)) for output in cell.outputs)
        error = claimed_error(answer)
        if error is not None:
            ran.errors[index] = error
    return None


def _graded(session: Session, imports: str, source: str, most: int) -> tuple[dict, bool, list[str]]:
    """Run a check between its controls; return its answer, whether it was late, and what was not as it should be."""
    before, after = integrity.around()
    held = [_holds(session, control) for control in before]
    answer, late = session.ask({"do": "check", "imports": imports, "source": source, "most": most})
    if not late:
        held += [_holds(session, control) for control in after]
    changed = answer.get("changed")
    changed = [visible(str(name)) for name in changed[:5]] if isinstance(changed, list) else ["the grader's own code"]
    return answer, late, changed + ([] if all(held) else ["what a failing check does"])


def _holds(session: Session, control: integrity.Control) -> bool:
    answer, late = session.ask({"do": "control", "source": control.source, "most": integrity.MOST})
    return not late and control.holds(answer)


def _code_cells(notebook: NotebookNode) -> list[tuple[int, NotebookNode]]:
    return [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]


def _put(session: Session, name: str, content: bytes) -> bool:
    """Write a file into the submission's folder, piece by piece; return whether it could be written.

    Raises:
        Unavailable: if the process ended, though no code of the submission has run in it.
    """
    for start in range(0, max(len(content), 1), PIECE):
        piece = base64.b64encode(content[start : start + PIECE]).decode()
        try:
            answer, late = session.ask({"do": "file", "name": name, "content": piece, "first": start == 0})
        except (Died, Stuck):
            raise sandbox.Unavailable("a process for a submission ended before it had begun") from None
        if late or answer.get("error"):
            return False
    return True
