"""Run a notebook in a kernel of its own, with nothing random left in what is stored."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from traitlets.config import Config

from course import files

EMPTY = MappingProxyType({})
CELL_TIMEOUT = 180  # seconds; nbgrader_config.py gives nbgrader the same
STARTS = 3  # a port that was free may be taken by the time a kernel binds it, and that kernel dies or stays silent
MISSES_NO_REPLY = Config({"KernelManager": {"client_class": "course.grading.running.client.Client"}})
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # holds a random model id, and means nothing without a kernel


class KernelDied(Exception):
    """The kernel died; `cell` is the index of the cell that ran."""

    def __init__(self, cell: int):
        super().__init__(f"the kernel died in cell {cell}")
        self.cell = cell


def run(
    notebook: NotebookNode,
    *,
    keep_going: bool = False,
    timeout: float = CELL_TIMEOUT,
    graded: bool = False,
    beside: Mapping[str, bytes] = EMPTY,
    folder: str = "",
    finish: Callable[[NotebookNode], None] = lambda _: None,
) -> int | None:
    """Execute all cells in place, in a working folder of its own.

    Args:
        notebook: outputs and execution counts are written into its code cells.
        keep_going: go on after a cell that fails or takes too long.
        timeout: seconds that one cell may take.
        graded: have unfilled exercises fail their checks, as for everybody who counts points.
        beside: files to lay there, by relative name.
        folder: where among these files the notebook lies.
        finish: sees the notebook once all cells have run, with the states of its widgets, which are not kept.

    Returns:
        The index of the first cell that failed where `keep_going` is false; otherwise None.

    Raises:
        KernelDied: if the kernel process ended on its own.
        RuntimeError: if no kernel started, as often as it was tried.
    """
    progress = [0]
    client = NotebookClient(
        notebook,
        config=MISSES_NO_REPLY,
        timeout=timeout,
        interrupt_on_timeout=keep_going,
        allow_errors=keep_going,
        record_timing=False,
        coalesce_streams=True,
        on_cell_start=lambda cell, cell_index: progress.__setitem__(0, cell_index),
    )
    with tempfile.TemporaryDirectory() as top:
        for name, content in beside.items():
            files.write(Path(top, name), content)
        Path(top, folder).mkdir(parents=True, exist_ok=True)
        client.resources = {"metadata": {"path": str(Path(top, folder))}}
        try:
            _start(client, graded=graded)
            client.execute()
            finish(notebook)
        except (CellExecutionError, CellTimeoutError):
            return progress[0]
        except DeadKernelError:
            raise KernelDied(progress[0]) from None
        finally:
            _forget_what_varies(notebook)
    return None


def _start(client: NotebookClient, *, graded: bool) -> None:
    environment = os.environ | {"NO_COLOR": "1"} | ({"NBGRADER_EXECUTION": "grade"} if graded else {})
    for start in range(1, STARTS + 1):
        client.create_kernel_manager()
        client.start_new_kernel(stderr=subprocess.DEVNULL, env=environment)
        try:
            return client.start_new_kernel_client()
        except RuntimeError:
            if start == STARTS:
                raise


def _forget_what_varies(notebook: NotebookNode) -> None:
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
