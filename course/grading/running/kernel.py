"""Run a notebook in an ordinary kernel, without isolation: for a learner's own work where no warm process can be.

The warm process needs Linux. On macOS and Windows a learner still wants to know what an own notebook would get, and
nothing has to be kept from one's own machine.
"""

from collections.abc import Mapping

from nbformat import NotebookNode

from course.grading.bundle import Bundle
from course.grading.limits import Limits
from course.grading.running import execute
from course.grading.running.seen import Ran


def run(
    notebook: NotebookNode, bundle: Bundle, extras: Mapping[str, bytes], *, limits: Limits, folder: str = ""
) -> Ran:
    """Execute the notebook in place; each cell in which the kernel dies costs a fresh start without it.

    The arguments are those of `runner.run`.
    """
    ran, shown, own = Ran(), [cell.source for cell in notebook.cells], bundle.own_cells()
    while True:
        for index, cell in enumerate(notebook.cells):
            texts = [own[cell.id]] if own.get(cell.id, shown[index]) != shown[index] else []  # runs whatever follows
            texts += [] if index in ran.died else [bundle.checks.get(cell.id, shown[index])]
            each = (f"get_ipython().run_cell({text!r});" for text in texts)
            cell.source = "\n".join(texts if len(texts) < 2 else each)
        try:
            timeout = limits.cell_seconds
            execute.run(notebook, keep_going=True, timeout=timeout, graded=True, beside=extras, folder=folder)
            break
        except execute.KernelDied as death:
            ran.died.add(death.cell)
    for index, (cell, source) in enumerate(zip(notebook.cells, shown, strict=True)):
        cell.source = source
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                ran.errors[index] = output.ename, output.evalue
                ran.late |= {index} if output.ename == "KeyboardInterrupt" else set()  # nobody else sends it
    return ran
