"""Hostile and broken submissions: each gets what it deserves and the right sentence, and harms nobody."""

import json
import os
import signal
import time
from dataclasses import replace

import nbformat
import pytest

from course import paths
from course.grading import bundle
from course.grading.grade import DIED, ENDED, KILLED, OUT_OF_TIME, TOO_OFTEN, Outcome, grade_one
from course.grading.limits import Limits
from course.grading.running import runner, session, skip
from course.grading.running.court import Court
from course.grading.sandbox import proof, warm
from tests.hostile.attacks import CASES, LESSON, RIGHT, WRONG, Case
from tests.samples import ROOT, make_course, processes_below, read

LIMITS = Limits(cell_seconds=5, notebook_seconds=30, processes=64, output=2**20)
RIGHT_ONE, WRONG_ONE = Case("right", **RIGHT), Case("wrong", **WRONG)


@pytest.fixture(scope="module")
def victim(tmp_path_factory) -> bundle.Bundle:
    """The lesson that all cases fill, built; its outputs do not matter, so no kernel makes them."""
    root = make_course(tmp_path_factory.mktemp("course"), LESSON, "01-victim", executed=False)
    return bundle.make(root, "01-victim")


@pytest.fixture(scope="module", autouse=True)
def isolated():
    if proof.best() != "bubblewrap":
        pytest.skip(f"the best isolation here is {proof.best()}")


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(warm, "GRACE_SECONDS", 0.5)


def submission(lesson: bundle.Bundle, case: Case) -> dict[str, bytes]:
    """Return the files of a case's submission."""
    notebook = lesson.notebook()
    for cell in notebook.cells:
        if cell.id in ("victim-add", "victim-mean", "victim-double"):
            cell.source = getattr(case, cell.id.removeprefix("victim-"))
    notebook.cells.insert(2, nbformat.v4.new_code_cell(case.own, id="own"))
    return {"01-victim.ipynb": nbformat.writes(notebook).encode(), **case.files}


def grade(lesson: bundle.Bundle, case: Case) -> Outcome:
    limits = replace(LIMITS, cell_seconds=case.seconds)
    return grade_one(lesson, submission(lesson, case), name=case.name, limits=limits, isolation="bubblewrap")


def points(outcome: Outcome) -> tuple[int, ...]:
    return tuple(exercise.points for exercise in outcome.result.exercises)


def nothing_more_than(before: set[int], started: warm.Template) -> bool:
    """Tell whether, a moment after a submission, only those processes are left that were there before it."""
    end = time.monotonic() + 5
    while processes_below(started.process.pid) - before and time.monotonic() < end:
        time.sleep(0.02)
    return not processes_below(started.process.pid) - before


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_gets_what_it_deserves_and_harms_nobody(case, victim, quick):
    started = warm.template("bubblewrap")
    before = processes_below(started.process.pid)
    outcome = grade(victim, case)
    told = [(exercise.id, exercise.points, exercise.message) for exercise in outcome.result.exercises]
    assert points(outcome) == case.deserved, told
    lost = [exercise.message for exercise in outcome.result.exercises if exercise.message]
    assert case.says in "".join(lost[:1]), told
    flags = [flag for flag in outcome.result.flags if ENDED not in flag]
    assert bool(flags) == bool(case.flag) and case.flag in " ".join(flags)
    assert case.prints in json.dumps([cell.get("outputs") for cell in outcome.executed.cells], ensure_ascii=False)
    assert len(json.dumps(outcome.executed)) < 10 * LIMITS.output
    assert warm.template("bubblewrap") is started and nothing_more_than(before, started)


def test_a_right_neighbour_loses_and_a_wrong_one_gains_nothing_by_all_of_them(victim):
    assert points(grade(victim, RIGHT_ONE)) == (1, 2, 3)
    assert points(grade(victim, WRONG_ONE)) == (0, 0, 0)


def test_a_death_in_a_check_costs_that_check_alone(victim):
    dies = "import os\ndef add(x, y):\n    if x == 20:\n        os._exit(0)\n    return x + y"
    outcome = grade(victim, Case("dies", add=dies, mean=RIGHT["mean"], double=RIGHT["double"]))
    assert points(outcome) == (0, 2, 3) and outcome.result.exercises[0].message == DIED
    assert [flag for flag in outcome.result.flags if flag.startswith("victim-add-check: the process ended")]


class Struck(session.Session):
    """A session whose process somebody else kills when it is asked to judge or run something, a number of times."""

    strikes = 0

    def ask(self, request, end=None):
        if Struck.strikes and request.get("source", "").startswith("def mean"):
            Struck.strikes -= 1
            inner = processes_below(warm.template(self.level).process.pid)
            for number in inner - {one for one in inner if len(processes_below(one)) > 1}:
                os.kill(number, signal.SIGKILL)
        return super().ask(request, end)


@pytest.mark.parametrize(("strikes", "deserved"), [(1, (1, 2, 3)), (2, (0, 0, 0))])
def test_a_death_from_outside_costs_nothing_and_a_second_one_waits_for_a_person(victim, strikes, deserved, monkeypatch):
    monkeypatch.setattr(runner, "Session", Struck)
    monkeypatch.setattr(Struck, "strikes", strikes)
    outcome = grade(victim, RIGHT_ONE)
    assert points(outcome) == deserved and outcome.unsure == (strikes == 2) and Struck.strikes == 0
    assert outcome.result.refused == (KILLED if strikes == 2 else "")


def test_a_court_that_is_killed_starts_anew(victim, monkeypatch):
    heard, struck = Court._heard, []

    def hear(self, order, end):
        if not struck and self.session is not None:
            struck.append(1)
            before = processes_below(warm.template("bubblewrap").process.pid)
            for number in before - {one for one in before if len(processes_below(one)) > 1}:
                os.kill(number, signal.SIGKILL)
        return heard(self, order, end)

    monkeypatch.setattr(Court, "_heard", hear)
    outcome = grade(victim, RIGHT_ONE)
    assert struck and points(outcome) == (1, 2, 3) and not outcome.unsure


@pytest.fixture(scope="module")
def world() -> bundle.Bundle:
    """A real lesson, whose checks know helpers that a submission can reach."""
    return bundle.make(ROOT, "02-mdps")


HELPERS_BENT = {
    "bound to the answer": "def evaluate(mdp, pi):\n    return torch.zeros(pi.shape[0], dtype=pi.dtype)\n"
    "from helpers import mdps\nmdps.evaluate = evaluate",
    "in every module": "def evaluate(mdp, pi):\n    return torch.zeros(pi.shape[0], dtype=pi.dtype)\n"
    "import sys\nfor module in list(sys.modules.values()):\n"
    "    if hasattr(module, 'evaluate'):\n        module.evaluate = evaluate",
    "its code exchanged": "def evaluate(mdp, pi):\n    return torch.zeros(pi.shape[0], dtype=pi.dtype)\n"
    "from helpers import mdps\nmdps.evaluate.__code__ = evaluate.__code__",
    "called after another took its name": "from helpers import mdps\nkept = mdps.evaluate\n"
    "mdps.evaluate = lambda mdp, pi: 0\ndef evaluate(mdp, pi):\n    return kept(mdp, pi)",
    "called under another name": "from helpers.mdps import evaluate as other\n"
    "def evaluate(mdp, pi):\n    return other(mdp, pi)",
}


@pytest.mark.parametrize("bent", HELPERS_BENT)
def test_a_bent_helper_earns_nothing(world, bent):
    assert evaluated(world, HELPERS_BENT[bent]) == 0


def test_beside_bent_helpers_a_right_answer_has_its_points(world):
    right = next(
        cell["source"] for cell in read(paths.solution_path(ROOT, "02-mdps")).cells if cell.id == "mdps-evaluate"
    )
    assert evaluated(world, f"{right}\nfrom helpers import mdps\nmdps.evaluate = evaluate") > 0


def evaluated(lesson: bundle.Bundle, answer: str) -> int:
    """Return the points of one exercise of a real lesson whose other exercises are left alone."""
    notebook = lesson.notebook()
    next(cell for cell in notebook.cells if cell.id == "mdps-evaluate").source = answer
    files = {"02-mdps.ipynb": nbformat.writes(notebook).encode()}
    outcome = grade_one(lesson, files, name="one", isolation="bubblewrap")
    return next(one.points for one in outcome.result.exercises if one.id == "mdps-evaluate")


def test_dying_again_and_again_is_no_way_to_other_random_numbers(victim):
    notebook = nbformat.reads(submission(victim, RIGHT_ONE)["01-victim.ipynb"], as_version=4)
    dying = [nbformat.v4.new_code_cell("import os\nos._exit(1)", id=f"own-{number}") for number in range(20)]
    place = next(index for index, cell in enumerate(notebook.cells) if cell.id == "victim-mean")
    notebook.cells[place:place] = dying
    files = {"01-victim.ipynb": nbformat.writes(notebook).encode()}
    outcome = grade_one(victim, files, name="dying", limits=LIMITS, isolation="bubblewrap")
    assert points(outcome) == (1, 0, 0) and outcome.result.exercises[1].message == TOO_OFTEN
    told = [
        cell.outputs[0].text for cell in outcome.executed.cells if cell.id.startswith("own-") and cell.get("outputs")
    ]
    assert told == [f"{DIED}\n"] * (runner.MOST_DEATHS + 1)
    assert TOO_OFTEN in outcome.result.flags


def test_what_would_take_long_to_compile_here_is_read_and_not_compiled(victim):
    nest = "pass"
    for _ in range(14):
        nest = "try:\n pass\nfinally:\n" + "".join(f" {line}\n" for line in nest.splitlines())
    began = time.monotonic()
    assert skip.unneeded([("a", nest), ("b", "x = 1")], {"b": "x = 1"}, []) == {"b"}
    assert skip.unneeded([("a", "a\n" * 2**19), ("b", "x = 1")], {"b": "x = 1"}, []) == set()
    assert skip.unneeded([(str(number), "x = 1\n" * 9000) for number in range(20)], {}, []) == set()
    assert time.monotonic() - began < 5


def test_a_cell_of_far_too_many_lines_is_shown_in_part(victim):
    answer = RIGHT["mean"] + "\n" * 50_000
    outcome = grade(victim, Case("long", add=RIGHT["add"], mean=answer, double=RIGHT["double"]))
    source = next(cell.source for cell in outcome.executed.cells if cell.id == "victim-mean")
    assert points(outcome) == (1, 2, 3) and source.count("\n") < 20_000 and source.endswith("too long to be shown.")


@pytest.mark.thorough(only=True)
def test_ten_thousand_cells_end_in_time_and_cost_what_comes_after(victim):
    notebook = nbformat.reads(submission(victim, RIGHT_ONE)["01-victim.ipynb"], as_version=4)
    many = [nbformat.v4.new_code_cell(f"x{number} = 1", id=f"own-{number}") for number in range(10_000)]
    place = next(index for index, cell in enumerate(notebook.cells) if cell.id == "victim-mean")
    notebook.cells[place:place] = many
    files = {"01-victim.ipynb": nbformat.writes(notebook).encode()}
    limits = Limits(cell_seconds=3, notebook_seconds=3)
    outcome = grade_one(victim, files, name="many", limits=limits, isolation="bubblewrap")
    assert points(outcome) == (1, 0, 0) and outcome.result.exercises[1].message == OUT_OF_TIME
    assert points(grade(victim, RIGHT_ONE)) == (1, 2, 3)
