"""Solutions: every code cell was executed in order, and nbval would notice a wrong output."""

import os
import re
import subprocess
import sys

import nbformat
import pytest

from course.grading.running import outputs
from tests.samples import LESSONS, ROOT, read


def unexecuted(notebook) -> list[int]:
    """Return the code cells that were not executed in order; nbval would skip them in silence."""
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    return [index for index, count in enumerate(counts) if count != index + 1]


def run_nbval(path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pytest", "--nbval", str(path), "--nbval-current-env", "--nbval-cell-timeout=60"]
    command += ["-p", "no:cacheprovider", "--rootdir", str(path.parent), "-c", os.devnull]
    command += ["--nbval-sanitize-with", str(ROOT / "tests" / "nbval.cfg")]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("name", LESSONS)
def test_every_code_cell_was_executed_in_order(name):
    assert unexecuted(read(ROOT / "solutions" / name / f"{name}.ipynb")) == []


@pytest.mark.parametrize("name", LESSONS)
def test_no_code_cell_failed_or_warned(name):
    for cell in read(ROOT / "solutions" / name / f"{name}.ipynb").cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error" and output.get("name") != "stderr"


@pytest.mark.parametrize("name", LESSONS)
def test_every_picture_is_stored_once_and_has_words(name):
    shown = [
        output.data
        for cell in read(ROOT / "solutions" / name / f"{name}.ipynb").cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "data" in output
    ]
    assert not [data for data in shown if any(kind.startswith("image/") for kind in data)]
    pages = [data["text/html"] for data in shown if "<img" in data.get("text/html", "")]
    found = [alt for page in pages for alt, _ in outputs.PICTURE.findall(page)]  # a widget's still may hold several
    assert len(found) >= 2 and len(found) == sum(page.count("<img") for page in pages)
    for alt in found:
        assert len(alt.split()) >= 6 and "empty" not in alt and not re.search(r"[$\\\\{}]", alt)


def test_an_unexecuted_cell_is_noticed():
    notebook = read(ROOT / "solutions" / "00-start-here" / "00-start-here.ipynb")
    next(cell for cell in notebook.cells if cell.cell_type == "code").execution_count = None
    assert unexecuted(notebook) == [0]


def test_nbval_fails_for_an_altered_text_and_for_no_altered_picture(tmp_path):
    """That all cells pass as they are stored is what `make nbval` tries; pictures differ between machines."""
    notebook = read(ROOT / "solutions" / "00-start-here" / "00-start-here.ipynb")
    stored = [
        (number, output)
        for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code")
        for output in cell.outputs
    ]
    drawn = next(output.data for _, output in stored if "data" in output)
    drawn["text/html"] = drawn["text/html"].replace("base64,", "base64,AAAA").replace("Chart", "Another")
    number, printed = next((number, output) for number, output in stored if "✓" in output.get("text", ""))
    printed.text = printed.text.replace("passes", "fails")
    nbformat.write(notebook, tmp_path / "altered.ipynb")
    result = run_nbval(tmp_path / "altered.ipynb")
    failed = re.findall(r"^_+ altered\.ipynb::Cell (\d+) _+$", result.stdout, re.MULTILINE)  # CI=1 has no short summary
    assert result.returncode == 1 and failed == [str(number)]
