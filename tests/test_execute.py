"""A notebook is executed though a kernel did not start, and never twice."""

import pytest
from jupyter_client.manager import AsyncKernelManager
from nbformat.v4 import new_code_cell, new_notebook

from course.grading.running import execute


@pytest.fixture
def stillborn(monkeypatch):
    """Let the first kernels die as one does whose port was taken, as many as asked for; list all that were started."""
    start, started, dead = AsyncKernelManager.start_kernel, [], []

    async def start_kernel(self, **options):
        started.append(self)
        await start(self, **options)
        if dead:
            dead.pop()
            await self.shutdown_kernel(now=True)

    monkeypatch.setattr(AsyncKernelManager, "start_kernel", start_kernel)

    def let(number: int) -> list:
        dead.extend(range(number))
        return started

    return let


def test_a_kernel_that_dies_at_its_start_is_started_again(stillborn):
    notebook, started = new_notebook(cells=[new_code_cell("print(1 + 1)")]), stillborn(execute.STARTS - 1)
    assert execute.run(notebook) is None
    assert len(started) == execute.STARTS and notebook.cells[0].outputs[0].text == "2\n"


def test_after_a_few_tries_it_is_told(stillborn):
    started = stillborn(execute.STARTS)
    with pytest.raises(RuntimeError, match="Kernel"):
        execute.run(new_notebook(cells=[new_code_cell("1")]))
    assert len(started) == execute.STARTS


def test_a_kernel_that_dies_in_a_cell_is_not_started_again(stillborn):
    started = stillborn(0)
    with pytest.raises(execute.KernelDied, match="in cell 1"):
        execute.run(new_notebook(cells=[new_code_cell("1"), new_code_cell("import os; os._exit(1)")]))
    assert len(started) == 1
