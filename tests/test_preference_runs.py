"""The measured runs of RLHF and DPO: what lesson 13 says of them, and that the script still makes such."""

import subprocess
import sys

import pytest
import torch

from helpers import preference_runs
from helpers.bundled import make_preferences
from tests.samples import ROOT


def test_every_setting_of_the_script_is_there():
    for experiment, settings, points in (
        ("regret", ["RLHF", "DPO"], make_preferences.SIZES),
        ("betas", make_preferences.PROXIES, make_preferences.BETAS),
    ):
        found = preference_runs.measured(experiment)
        assert sorted(found) == sorted(settings)
        for run in found.values():
            assert run[0].tolist() == pytest.approx(points)
            assert run[1].shape == run[2].shape == (len(points), make_preferences.RUNS[experiment])
    assert list(preference_runs.measured("likelihood")) == list(make_preferences.LIKELIHOODS)


def test_what_the_lesson_says_of_regret():
    runs = {name: run.regret.quantile(0.5, -1) for name, run in preference_runs.measured("regret").items()}
    rlhf, dpo = runs["RLHF"], runs["DPO"]
    assert round(rlhf[0].item(), 2) == round(dpo[0].item(), 2) == 0.76  # as the reference
    assert (rlhf[1:4] < dpo[1:4]).all() and (dpo[4:] < rlhf[4:]).all()
    few = torch.stack([run.regret[0] for run in preference_runs.measured("regret").values()])
    assert few.min().item() == pytest.approx(0.44, abs=0.005) and few.max().item() == pytest.approx(1.46, abs=0.005)
    assert preference_runs.measured("regret")["RLHF"].distance.max() < 0.03


def test_what_the_lesson_says_of_the_likelihood_of_the_chosen():
    runs = preference_runs.measured("likelihood")
    assert all((run.chosen[-1] < 0).all() for run in runs.values())
    few, many, steep = (run.unnamed.quantile(0.5, -1)[[0, -1]].tolist() for run in runs.values())
    assert few == pytest.approx([0.25, 0.54], abs=0.01) and many == pytest.approx([0.10, 0.04], abs=0.01)
    assert steep[0] < 0.1 and steep[1] > 0.4


def test_what_the_lesson_says_of_over_optimisation():
    runs = preference_runs.measured("betas")
    run = runs["counts"]
    true, proxy = run.true.quantile(0.5, -1), run.gains.quantile(0.5, -1)
    assert (proxy.diff() > -1e-3).all() and true.argmax() == 3 and true[-1] < 1
    fell = [int((run.true[-1] < run.true.max(0).values - 0.5).sum()) for run in runs.values()]
    assert fell == [16, 8, 11]


def test_an_unknown_experiment_is_said_to_be_one():
    with pytest.raises(ValueError, match="experiment is one of"):
        preference_runs.measured("go")


@pytest.mark.thorough(only=True)
def test_the_script_makes_such_a_table(tmp_path):
    out = tmp_path / "preferences.csv"
    command = [sys.executable, "-m", "helpers.bundled.make_preferences", "--runs", "1", "--out", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == make_preferences.HEADER and len(lines) == 1 + 2 * 6 + 3 * 6 + 3 * 14
