"""`course measure`: what a project is worth, and one sentence for whatever else a notebook or module does."""

import shutil
import sys

import nbformat
import pytest
import torch

from course import cli, paths
from course.errors import CourseError
from course.grading import bundle
from course.grading.grade import grade_one
from course.grading.limits import Limits
from course.grading.sandbox import proof
from course.grading.submission import collect
from course.learner import measure
from helpers import progress
from tests.samples import ROOT, fill

BALANCE = "observation @ [0.05, 0.1, 1.0, 0.5] > 0"
QUICK = Limits(cell_seconds=20)


def module(tmp_path, text: str):
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")
    return path


def acting(action: str, before: str = "pass") -> str:
    policy = f"    def policy(observation):\n        {before}\n        return {action}\n"
    return f"def agent():\n{policy}    return 'CartPole-v1', policy"


def sentence(tmp_path, text: str, project: str = "agent", **options) -> str:
    with pytest.raises(CourseError) as error:
        measure.measure(project, module(tmp_path, text), **{"limits": QUICK} | options)
    return str(error.value)


@pytest.mark.parametrize("before", ["pass", "print('x' * 10_000)", "observation[:] = observation * 1"])
def test_an_agent_is_played_outside_of_its_process(tmp_path, before):
    found = measure.measure("agent", module(tmp_path, acting(BALANCE, before)), episodes=2)
    assert (found.name, found.episodes, found.mean, found.missed()) == ("CartPole-v1", 2, 500, "")


def test_a_weak_agent_misses_the_bar_and_the_interval_is_that_of_the_mean(tmp_path):
    found = measure.measure("agent", module(tmp_path, acting("1")), episodes=4)
    assert "but 475 or more was expected" in found.missed() and found.low < found.mean < 12
    assert f"{found.low:.1f} … {2 * found.mean - found.low:.1f}, from 4 episodes" in found.text()
    above = found._replace(bar=found.mean - 0.01, rival="your rule")
    assert "and your rule may reach" in above.missed() and "(what your rule may reach)" in above.text()
    assert not found._replace(bar=found.low - 0.01, rival="your rule").missed()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (acting("2"), "policy returns 2, which is no action"),
        (acting("float('nan')"), "policy returns nan, which is no action"),
        (acting("1 / 0"), "with ZeroDivisionError"),
        (acting("0", "raise SystemExit"), "SystemExit"),
        (acting("0", "import os; os._exit(0)"), "The process ended while it was measured"),
        ("x = 1", "mine.py: There is no function agent in it."),
        ("def agent(:", "mine.py: There is no function agent in it. The file stops with SyntaxError"),
        ("import os\nos._exit(0)", "The process ended while it was measured"),
    ],
)
def test_a_careless_agent_gets_one_sentence(tmp_path, text, said):
    got = sentence(tmp_path, text, episodes=2)
    assert said in got and got.startswith(str(tmp_path / "mine.py")) and "\n" not in got


def test_what_stops_the_file_is_told_though_the_agent_can_be_measured(tmp_path, monkeypatch):
    text, told = f"{acting('0')}\nraise ValueError('weights missing')", []
    for level in (None, "none"):
        if level:
            monkeypatch.setattr(proof, "best", lambda: "none")
        measure.measure("agent", module(tmp_path, text), episodes=2, trusted=True, say=told.append)
    assert told == 2 * ["The file stops with ValueError: weights missing"]


def test_a_notebooks_cells_are_numbered_and_its_checks_left_out(tmp_path):
    path, told = tmp_path / "a.ipynb", []
    written = [nbformat.v4.new_code_cell(source) for source in ("x = 1", "y = 1 / 0", "1 / 0", acting("0"))]
    written[1].id = "agent-check"
    nbformat.write(nbformat.v4.new_notebook(cells=written), path)
    measure.measure("agent", path, episodes=2, say=told.append)
    assert told == ["Code cell 3 stops with ZeroDivisionError: division by zero"]


def test_at_a_terminal_the_command_tells_how_far_it_is(tmp_path, monkeypatch, capsys):
    measure.measure("agent", module(tmp_path, acting("0")), episodes=2)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(progress, "is_watched", lambda: True)
    monkeypatch.setattr(progress, "DELAY", 0)
    measure.measure("agent", module(tmp_path, acting("0")), episodes=2)
    shown = capsys.readouterr()
    assert (
        "cell" in shown.err and "Calling agent()" in shown.err and "CartPole-v1, policy" in shown.err and not shown.out
    )


@pytest.mark.parametrize("text", ["while True: pass", acting("0", "while True: pass")])
def test_what_hangs_is_interrupted(tmp_path, text):
    assert "does a loop never end?" in sentence(tmp_path, text, episodes=2, limits=Limits(cell_seconds=1))


def test_what_is_no_file_is_named(tmp_path):
    for path, said in {"none.py": "There is no file", "x.ipynb": "is not a Jupyter notebook"}.items():
        (tmp_path / "x.ipynb").write_text("{", encoding="utf-8")
        with pytest.raises(CourseError, match=said):
            measure.measure("agent", tmp_path / path)


LAKE = """
best = [0, 3, 3, 3, 0, 0, 0, 0, 3, 1, 0, 0, 0, 2, 1, 0]
def agent():
    return 'FrozenLake-v1', lambda place: best[place], RULE
"""


def test_without_a_number_the_bar_is_the_best_of_the_rivals(tmp_path):
    found = measure.measure("agent", module(tmp_path, LAKE.replace("RULE", "lambda place: 2")), episodes=30)
    assert found.rival in ("random actions", "your rule", *[f"action {action} alone" for action in range(4)])
    assert not found.missed() and found.bar < 0.3 < found.low
    equal = measure.measure("agent", module(tmp_path, LAKE.replace("RULE", "lambda place: best[place]")), episodes=30)
    assert equal.rival == "your rule" and equal.bar > equal.mean > equal.low and equal.missed()


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("None", "FrozenLake-v1 has no bar of its own: return environment, policy, rule"),
        ("lambda place: 4", "rule returns 4, which is no action"),
        ("lambda place: None", "rule returns a NoneType, which is no action"),
        ("lambda place: place[0]", "with IndexError"),
    ],
)
def test_a_rule_is_held_to_what_a_policy_is(tmp_path, rule, said):
    assert said in sentence(tmp_path, LAKE.replace("RULE", rule), episodes=2)


def test_pictures_are_shown_outside_of_the_agents_process(tmp_path):
    text = """
columns = [column - 29.5 for column in range(60)]
def policy(observation):
    dark = 255.0 - observation[:, [14, 2]]
    before, now = dark @ columns / dark.sum(-1)
    (cart, tip), (rolled, moved) = now, now - before
    return tip - cart + 20 * (moved - rolled) + 0.02 * cart + rolled > 0
def agent():
    return 'CartPolePixels-v1', policy
"""
    found = measure.measure("agent", module(tmp_path, text), episodes=2)
    assert (found.name, found.mean, found.bar, found.missed()) == ("CartPolePixels-v1", 500, 475, "")


GENERATOR = """
from helpers import pretrained, vae
import torch
def generator():
    model = pretrained.digits_vae(20)
    model.load_state_dict(torch.load("kept/weights.pt"))
    return model.encode, model.decode, lambda n: model.images(torch.randn(n, 20))
"""


def test_a_generator_has_the_numbers_of_its_model_and_the_weights_beside_it(tmp_path):
    from helpers import data, pretrained, vae

    model = pretrained.digits_vae(20)
    (tmp_path / "kept").mkdir()
    torch.save(model.state_dict(), tmp_path / "kept" / "weights.pt")
    found = measure.measure("generator", module(tmp_path, GENERATOR), most=200, draws=100, samples=8)
    x, g = data.digits().x_test[::10], torch.Generator().manual_seed(0)
    assert found.elbo == pytest.approx(-sum(vae.evaluate(model, x, generator=g)).item(), abs=3 * found.error / 5)
    expected = vae.importance_weighted(model, x[::5], 8, generator=g).mean().item()
    assert found.evidence == pytest.approx(expected, abs=1) and found.latents == 20
    assert found.missed() == "" and "alien share" in found.text()
    assert "variety" in found._replace(variety=0.1).missed() and "alien" in found._replace(alien=0.9).missed()
    assert "ELBO" in found._replace(elbo=-200).missed()


def test_a_careless_generator_gets_one_sentence(tmp_path):
    broken = GENERATOR.replace("model.load", "# ").replace("model.decode,", "lambda z: model.decode(z) / 0 * 0,")
    assert "decode(z) holds nan or inf" in sentence(tmp_path, broken, "generator", most=20, draws=10)
    assert "three functions" in sentence(tmp_path, "def generator():\n    return 1", "generator", most=20)


def test_what_would_not_be_handed_in_is_not_there_and_told(tmp_path, monkeypatch):
    (tmp_path / "random.py").write_text("1 / 0", encoding="utf-8")
    said = sentence(tmp_path, acting("0", "open('random.py')"), episodes=2)
    assert "No such file" in said and "random.py was left out: it would take the place of the module random." in said
    monkeypatch.setattr(collect, "MOST_FILES", 1)
    assert "cannot be measured with what lies beside it" in sentence(tmp_path, acting("0"))


def test_without_isolation_its_owner_alone_is_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(proof, "best", lambda: "none")
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "balance.py").write_text(f"def push(observation):\n    return {BALANCE}", encoding="utf-8")
    (tmp_path / "note.txt").write_text("here", encoding="utf-8")
    path = module(tmp_path, acting("push(observation)", "open('note.txt').close()") + "\nfrom balance import push")
    with pytest.raises(CourseError):
        measure.measure("agent", path, episodes=2)
    assert measure.measure("agent", path, episodes=2, trusted=True).mean == 500
    assert paths.is_own(tmp_path, path) and not paths.is_own(ROOT, path)


def test_the_command_finds_a_project_from_any_folder_and_prints_numbers_and_bar(tmp_path, monkeypatch, capsys):
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    for place in ("notebooks", "work/mine", "work/00-other"):
        (tmp_path / place).mkdir(parents=True)
    module(tmp_path / "work" / "mine", acting("1"))
    monkeypatch.chdir(tmp_path / "work" / "00-other")
    assert cli.main(["measure", "agent", "mine/mine.py"]) == 1
    said = capsys.readouterr().out
    assert "mean return   9" in said and "bar           475.0" in said and "but 475 or more was expected" in said
    assert cli.main(["measure", "agent", "mine/mine.py", "--data", "digits"]) == 1
    assert "--data is for a generator" in capsys.readouterr().err


def test_a_project_is_graded_as_a_lesson_is_with_what_lies_beside_its_notebook(tmp_path):
    made = bundle.make(ROOT, "05-your-own-agent")
    rule = (
        "from agent import push\ncalls = []\n\ndef agent():\n    calls.append(0)\n"
        "    assert len(calls) == 1, 'trained twice'\n    return 'MountainCar-v0', lambda seen: push(seen[1])"
    )
    beside = (
        "from pathlib import Path\n\ndef push(speed):\n    return 2 * (speed >= float(Path('car/edge').read_text()))"
    )
    answers = {"your-own-agent-agent": rule, "your-own-agent-report": "A rule."}
    filled = fill(paths.release_path(ROOT, "05-your-own-agent"), tmp_path / "a.ipynb", answers)
    files = {"a.ipynb": filled.read_bytes(), "agent.py": beside.encode(), "car/edge": b"0"}
    result = grade_one(made, files, name="ann", isolation=proof.best()).result
    assert (result.score, [written.answered for written in result.written]) == (6, [True])
