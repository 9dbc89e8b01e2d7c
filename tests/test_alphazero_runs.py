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


def test_what_the_lesson_says_of_its_parts():
    unbeaten = {name: [int(found[count].unbeaten.sum()) for count in (0, 25)] for name, found in RUNS.items()}
    assert unbeaten["AlphaZero"] == [20, 20] and unbeaten["8 iterations kept"] == [10, 10]
    assert unbeaten["no root noise"] == [8, 10] and unbeaten["greedy moves"] == [7, 5]
    assert unbeaten["no symmetries"] == [0, 1]
    assert all(unbeaten[name] == [0, 0] for name in ("no sign flip", "5 simulations", "greedy moves and no root noise"))
    for name in ("no root noise", "8 iterations kept"):
        for count in (0, 25):
            assert RUNS[name][count].perfect.mean() < RUNS["AlphaZero"][count].perfect.mean()
    searched = RUNS["no symmetries"][25]
    assert searched.first.eq(0).all() and searched.second.eq(-1).sum() == 9
    assert RUNS["no sign flip"][25].perfect.mean() < 0.6
    three, four = RUNS["Connect-3 on 4 × 4"], RUNS["Connect-4 on 4 × 4"]
    assert all(three[count].first.eq(1).all() for count in (0, 25))
    assert four[25].perfect.mean() > 0.99 and not four[25].unbeaten.any()


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
