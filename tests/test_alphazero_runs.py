"""The bundled runs of AlphaZero: what lesson 12 says of them, and that the script which made them still makes such."""

import subprocess
import sys

import pytest

from helpers import alphazero_runs
from helpers.bundled import make_alphazero
from tests.samples import ROOT

RUNS = alphazero_runs.measured()


def test_every_setting_of_the_script_is_there():
    assert list(RUNS) == list(make_alphazero.SETTINGS)
    for name, (*_, networks) in make_alphazero.SETTINGS.items():
        wanted = make_alphazero.SIMULATIONS if name == "AlphaZero" else make_alphazero.SIMULATIONS[::2]
        assert tuple(RUNS[name]) == wanted
        assert all(len(part) == networks for found in RUNS[name].values() for part in found)


@pytest.mark.thorough(only=True)
def test_the_script_makes_such_a_table_and_goes_on_where_it_was(tmp_path):
    out = tmp_path / "alphazero.csv"
    options = ["--runs", "1", "--iterations", "1", "--out", str(out)]
    command = [sys.executable, "-m", "helpers.bundled.make_alphazero", *options]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    text = out.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    assert lines[0].strip() == make_alphazero.HEADER and len(lines) == 3 + 2 * len(make_alphazero.SETTINGS)
    (tmp_path / "alphazero.csv.partial").write_text("".join(lines[1:-2]), encoding="utf-8")
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert out.read_text(encoding="utf-8") == text
