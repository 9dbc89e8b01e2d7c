"""The step of grading: bundles and results travel as JSON, and what comes of a submission tells no secrets."""

import json
import shutil
import subprocess
import sys
import time

import pytest

from course import paths
from course.errors import CourseError
from course.grading import bundle
from course.grading.grade import DIED, OUT_OF_TIME, TOO_LONG, Outcome, grade_one
from course.grading.limits import Limits
from course.grading.result import Exercise, Result, Written, table
from course.grading.running import kernel
from course.grading.sandbox import proof
from course.grading.submission import pick
from course.learner import grade
from tests.samples import PLAIN, ROOT, fill, make_course, replace

HALF = "def half(x):\n    return x / 2"
RIGHT = {"tiny-double": "def double(x):\n    return 2 * x", "tiny-half": HALF}


@pytest.fixture
def tiny(built):
    return built


def files(root, tmp_path, answers) -> dict[str, bytes]:
    return {"01-tiny.ipynb": fill(paths.release_path(root, "01-tiny"), tmp_path / "a.ipynb", answers).read_bytes()}


def run(root, tmp_path, answers, **options) -> Outcome:
    made = bundle.make(root, "01-tiny")
    return grade_one(made, files(root, tmp_path, answers), name="ann", isolation=proof.best(), **options)


def test_a_bundle_travels_and_its_digest_follows_its_content(tiny):
    made = bundle.make(tiny, "01-tiny")
    assert bundle.Bundle.from_json(made.to_json()) == made
    assert "numbers=(5,)" in made.checks["tiny-double-check"] and not made.visible_only
    replace(paths.solution_path(tiny, "01-tiny"), "(5,)", "(6,)")
    assert bundle.make(tiny, "01-tiny").digest != made.digest == bundle.Bundle.from_json(made.to_json()).digest


def test_what_an_outcome_does_not_depend_on_is_not_needed_to_make_one():
    program = "import sys; from course.grading import grade; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = [name.replace(".", "/") for name in done.stdout.split()]
    assert "course/grading/running/runner" in modules and (ROOT / bundle.LATER).is_dir()
    assert not [name for name in modules if name.startswith((bundle.LATER, "course/authoring"))]


def test_without_solutions_a_bundle_has_the_visible_checks_only(tiny):
    shutil.rmtree(tiny / "solutions")
    made = bundle.make(tiny, "01-tiny")
    assert made.visible_only and "numbers=(5,)" not in made.to_json() and "2 * x" not in made.to_json()


def test_a_lesson_that_is_not_there_gets_a_sentence(tiny):
    with pytest.raises(CourseError, match="There is no lesson '02-none'"):
        bundle.make(tiny, "02-none")


def test_a_result_travels():
    result = Result(
        "ann", "01-tiny", [Exercise("a", 1, 2, "no")], [Written("w", 1, True)], ["odd"], "landlock", refused="why"
    )
    data = json.loads(json.dumps(result.to_dict()))
    assert Result.from_dict(data) == result and data["score"] == 1 and data["max_score"] == 2


def test_the_table_has_titles_where_there_are_any():
    named = Result(
        "ann", "01-tiny", [Exercise("a", 1, 2, "no", "Exercise 1 · A")], [Written("w", 1, True, "Question 2")]
    )
    assert "✗ Exercise 1 · A  1 / 2  no" in table(named) and "… Question 2      – / 1" in table(named)
    narrow = table(named, head="01 · Tiny", columns=24).splitlines()
    assert narrow[0] == "01 · Tiny" and max(map(len, narrow)) <= 24
    assert " ".join(" ".join(narrow[1:]).split()) == " ".join(" ".join(table(named).splitlines()[1:]).split())


def test_the_table_says_what_ran_without_isolation():
    assert "without isolation" in table(Result("ann", "01-tiny", [Exercise("a", 1, 2, "no")]))
    assert "without isolation" not in table(Result("ann", "01-tiny", [], isolation="bubblewrap"))


def test_the_executed_notebook_holds_no_hidden_test(tiny, tmp_path):
    outcome = run(tiny, tmp_path, {"tiny-double": "def double(x):\n    return 4"})
    assert outcome.result.exercises[0].message == "Twice 5 is 4, but 10 was expected. Multiply by two."
    assert "numbers" not in json.dumps(outcome.executed) and "HIDDEN" not in json.dumps(outcome.executed)


def test_what_cannot_be_graded_lists_every_exercise_with_the_reason(tiny):
    outcome = grade_one(bundle.make(tiny, "01-tiny"), {"01-tiny.ipynb": b"{"}, name="ann", isolation="bubblewrap")
    assert outcome.executed is None and outcome.result.refused and outcome.result.max_score == 5
    assert {exercise.message for exercise in outcome.result.exercises} == {outcome.result.refused}


def test_the_notebook_as_a_whole_has_a_limit_too(tiny, tmp_path):
    answers = {"tiny-double": "def double(x):\n    while True:\n        pass", "tiny-half": HALF}
    started = time.monotonic()
    result = run(tiny, tmp_path, answers, limits=Limits(cell_seconds=60, notebook_seconds=1)).result
    assert [exercise.message for exercise in result.exercises] == [TOO_LONG, OUT_OF_TIME]
    assert time.monotonic() - started < 30


def test_an_own_notebook_can_be_graded_in_an_ordinary_kernel(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    asks = PLAIN.replace("double=lambda *_, **__: 0", "double=lambda function, **_: function(1)")
    tiny = make_course(tmp_path / "course", asks)
    answers = RIGHT | {"tiny-double": "import os\ndef double(x):\n    os._exit(0)"}
    made = bundle.make(tiny, "01-tiny")
    outcome = grade_one(made, files(tiny, tmp_path, answers), name="ann", isolation="none")
    assert [(exercise.points, exercise.message) for exercise in outcome.result.exercises] == [(0, DIED), (3, "")]
    assert "numbers" not in json.dumps(outcome.executed)
    slow = {"tiny-double": "import time\ndef double(x):\n    while True:\n        time.sleep(0.1)"}
    notebook = pick.read(pick.opened(files(tiny, tmp_path, slow)), made).notebook
    assert kernel.run(notebook, made, {}, limits=Limits(cell_seconds=2)).late


def test_other_peoples_notebooks_are_refused_where_nothing_isolates_them(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(proof, "best", lambda: "none")
    theirs = fill(paths.release_path(tiny, "01-tiny"), tmp_path / "theirs.ipynb", RIGHT)
    mine = fill(paths.release_path(tiny, "01-tiny"), tiny / "work" / "01-tiny" / "01-tiny.ipynb", RIGHT)
    with pytest.raises(CourseError, match="Submissions cannot be isolated on this machine"):
        grade.grade(theirs, tiny)
    for result in (grade.grade(theirs, tiny, trusted=True), grade.grade(mine, tiny)):
        assert result.score == 5 and result.isolation == "none"
