"""Run one rebuilt notebook cell by cell in a fork of the warm process, and keep what it claims apart from what is seen.

The grader sends one cell at a time, so a hidden test reaches the submission's process only when it runs and never as a
file. What comes back is checked for its form and size here. Whether a cell took too long or the process died is what
the grader's own clock and the kernel say.
"""

import base64
import contextlib
import time
from collections.abc import Collection, Mapping

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from course.grading import evidence, integrity
from course.grading.bundle import Bundle
from course.grading.limits import Limits
from course.grading.seen import Ran
from course.grading.session import LEAST_LEFT, SLACK, Died, Session, Stuck, claimed_error

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
        if guilty is None:
            for _, cell in _code_cells(notebook):
                cell.outputs = [NOT_RUN] if cell.id in spare else cell.outputs
            return ran
        left_out.add(guilty)
        left_out |= {index for index in ran.late if is_grade(notebook.cells[index])}  # what they came to is known


def _run_through(notebook, bundle, extras, outside, session: Session, ran: Ran, left_out: set[int]) -> int | None:
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
        if session.deadline - time.monotonic() < LEAST_LEFT:
            ran.first_unreached = min(ran.first_unreached, index)
            return None
        most = min(session.limits.output, budget)
        try:
            if is_grade(cell) and not is_solution(cell):
                plan = outside.get(cell.id.removesuffix("-check"))
                answer, late, changed = _graded(session, cell.source if plan else bundle.checks[cell.id], most)
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
        cell.outputs, cell.execution_count = _outputs(answer, most), number + 1
        budget -= sum(len(str(output)) for output in cell.outputs)
        error = claimed_error(answer)
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
