"""The bundled runs of PPO: what lesson 11 says of them, and that the script which made them still makes such."""

import subprocess
import sys

import pytest

from helpers import ppo_runs
from helpers.bundled import make_ppo
from tests.samples import ROOT


def test_every_setting_and_rate_of_the_script_is_there():
    for experiment in ppo_runs.EXPERIMENTS:
        found = ppo_runs.measured(experiment)
        wanted = {setting: rates for (kind, setting), (_, rates) in make_ppo.SETTINGS.items() if kind == experiment}
        assert {setting: tuple(rates) for setting, rates in found.items()} == wanted
        runs = make_ppo.RUNS * (6 if experiment == "search" else 1)
        assert all(runs == len(part) for rates in found.values() for both in rates.values() for part in both)


def test_what_the_lesson_says_of_breakout():
    runs = ppo_runs.measured("breakout")
    perfect = {name: [int((r.results >= 10).sum()) for r in rates.values()] for name, rates in runs.items()}
    means = {name: [r.results.mean().item() for r in rates.values()] for name, rates in runs.items()}
    assert perfect["PPO"] == [3, 3, 17, 16]
    assert [float(f"{r.largest_ratios.max():.2g}") for r in runs["PPO"].values()] == [1.8, 2.9, 71, 80]
    assert means["no clip"][1] == pytest.approx(means["PPO"][1]) and max(means["no clip"][2:]) < 4.5
    assert max(means["one step"]) == pytest.approx(5.5, abs=0.05) and max(means["no ratio"]) < 4.5
    assert all(one > 1.5 * many for one, many in zip(means["one step"][1:], means["no ratio"][1:], strict=True))


def test_what_the_lesson_says_of_cartpole_and_the_search():
    solved = {
        name: {rate: int((r.results >= 475).sum()) for rate, r in rates.items()}
        for name, rates in ppo_runs.measured("cartpole").items()
    }
    assert solved["PPO"] == {0.003: 1, 0.01: 19, 0.03: 20, 0.1: 20}
    assert solved["REINFORCE"] == {0.01: 20, 0.02: 20, 0.03: 20, 0.05: 18}
    best = {}
    for name, rates in ppo_runs.measured("search").items():
        regrets = min((r.results for r in rates.values()), key=lambda results: results.mean())
        best[name] = regrets.mean().item(), regrets.std().item() / len(regrets) ** 0.5
    assert {name: round(100 * mean, 2) for name, (mean, _) in best.items()} == {
        "PPO": 0.31,
        "no clip": 0.37,
        "REINFORCE": 0.27,
    }
    for mean, error in best.values():
        for other, its in best.values():
            assert abs(mean - other) < 2 * (error**2 + its**2) ** 0.5


def test_an_unknown_experiment_is_said_to_be_one():
    with pytest.raises(ValueError, match="experiment is one of"):
        ppo_runs.measured("go")


@pytest.mark.thorough(only=True)
def test_the_script_makes_such_a_table_and_goes_on_where_it_was(tmp_path):
    out = tmp_path / "ppo.csv"
    command = [sys.executable, "-m", "helpers.bundled.make_ppo", "--runs", "1", "--out", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    text = out.read_text(encoding="utf-8")
    assert text.splitlines()[0] == make_ppo.HEADER
    assert len(text.splitlines()) == 1 + sum(
        (6 if kind == "search" else 1) * len(rates) for (kind, _), (_, rates) in make_ppo.SETTINGS.items()
    )
    lines = text.splitlines(keepends=True)[1:]
    (tmp_path / "ppo.csv.partial").write_text("".join(lines[:-6]), encoding="utf-8")
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert out.read_text(encoding="utf-8") == text
