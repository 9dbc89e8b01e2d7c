"""Whether this copy of the course works on this machine; `make test` runs it in less than a minute."""

import importlib
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import torch

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*/*.ipynb"))


def test_torch_computes():
    weights = torch.ones(3, requires_grad=True)
    (weights**2).sum().backward()
    assert torch.equal(weights.grad, 2 * torch.ones(3))


@pytest.mark.parametrize("path", sorted((ROOT / "helpers").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_a_helper_can_be_imported(path):
    module = importlib.import_module(f"helpers.{path.stem}")
    assert Path(module.__file__).resolve() == path, f"helpers come from {module.__file__}; run: make clean, make setup"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_can_be_opened(lesson):
    notebook = nbformat.read(ROOT / "notebooks" / lesson / f"{lesson}.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert any("nbgrader" in cell.metadata for cell in notebook.cells)


def test_the_first_lesson_is_run_and_graded():
    command = [sys.executable, "-m", "course.cli", "grade", f"notebooks/{LESSONS[0]}"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr
    assert "Not filled in yet." in result.stdout and "Only the visible checks were run" in result.stdout
