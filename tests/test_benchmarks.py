"""Every script in benchmarks/ runs on its small problem and writes its ratios. Speed itself is never asserted here."""

import importlib
import json
import math
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = [path for path in sorted((ROOT / "benchmarks").glob("*.py")) if "\ndef main(" in path.read_text("utf-8")]
SLOW = {"ablations", "deep_rl", "grading", "own_agent", "reinforce", "reliability", "runaway", "vae"}


def test_there_are_scripts():
    assert SCRIPTS


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(path, id=path.stem, marks=[pytest.mark.thorough(only=True)] if path.stem in SLOW else [])
        for path in SCRIPTS
    ],
)
def test_script_writes_ratios(script, tmp_path, monkeypatch):
    target = tmp_path / "ratios.json"
    target.write_text('{"another benchmark: a / b": 2.0}', "utf-8")
    monkeypatch.syspath_prepend(script.parent)
    monkeypatch.setattr(sys, "argv", [script.name, "--quick", "--json", str(target)])
    runpy.run_path(str(script), run_name="__main__")
    ratios = json.loads(target.read_text("utf-8"))
    assert ratios.pop("another benchmark: a / b") == 2.0 and ratios
    for name, ratio in ratios.items():
        assert isinstance(ratio, float) and math.isfinite(ratio) and ratio > 0, f"{name}: {ratio}"


def test_a_worse_model_has_no_ratio_and_hides_no_other(monkeypatch, capsys):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    vae = importlib.import_module("vae")
    reached = {"ours": 117.1, "ours, batch 500": 119.3, "recipe": 117.0, "pythae": 117.2}
    seconds = {"ours": [1.0], "ours, batch 500": [0.5], "recipe": [3.0], "pythae": [2.0]}
    found = vae.ratios(seconds, reached, vae.as_good(reached))
    assert found == {"vae: ours / recipe": 3.0, "vae: ours / pythae": 2.0}
    assert "ours, batch 500: no ratio, since its −ELBO is 2.0 % above the recipe's." in capsys.readouterr().out
