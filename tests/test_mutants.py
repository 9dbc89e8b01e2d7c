"""Mutants: every check of the course fails wrong answers for the right reason and accepts right ones, and the runner
that says so notices a check which does not."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

import checks
from checks import compare, exercise
from course.authoring import lessons, mutants
from course.errors import CourseError
from tests.samples import LESSONS, ROOT

LESSON = '''# %%
import torch

from checks import tiny as check
from checks.exercise import yours

table = torch.tensor([1.0, 2.0])

# %% exercise="tiny-double"
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return FACTOR * x


FACTOR = 2
### END SOLUTION

# %% check="tiny-double-check" points=2
check.double(double)
### BEGIN HIDDEN TESTS
check.double(double, numbers=(1.0, 1.0))
### END HIDDEN TESTS

# %%
assert yours(double) is double and table.tolist() == [1, 2]
'''
CHECKS = """
import torch
from checks.compare import equal, generator
from checks.exercise import exercise

@exercise()
def double(answer, *, numbers=(1.0, 2.0)):
    table = torch.tensor(numbers)
    equal(
        answer(table),
        2 * table,
        what="Twice the table",
        hint="Multiply by 2.",
        mistakes={"That is the square.": table**2, "That is the half.": table / 2},
    )
"""
LATE = CHECKS + '    assert generator(0).initial_seed() < 3000, "late"\n'
ANSWERS = '''# %% wrong="squares" says="That is the square"
def double(x):
    return x**2


# %% wrong="halves" says="That is the half"
def double(x):
    return x / 2


# %% wrong="triples" says="Multiply by 2"
def double(x):
    return 3 * x


# %% wrong="divides by 0" says="ZeroDivisionError: division by zero"
def double(x):
    return x * (1 / 0)


# %% wrong="forgets return" says="end with return"
def double(x):
    y = 2 * x


# %% right="adds"
def double(x):
    """Come after an answer that changed the table in place."""
    return x + x


# %% right="multiplies"
def double(x):
    return 2.0 * x


# %% right="in place on a copy"
def double(x):
    y = x.clone()
    y *= 2
    return y
'''
FILE = "tests/mutants/tiny-double.py"


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Write a course of one lesson and its answers, and try them."""

    def try_tiny(answers: str | None = ANSWERS, room: str = CHECKS, names=(), lesson=LESSON, **options):
        module = ModuleType("checks.tiny")
        exec(room, vars(module))
        monkeypatch.setitem(sys.modules, "checks.tiny", module)
        monkeypatch.setattr(checks, "tiny", module, raising=False)
        (tmp_path / "lessons").mkdir()
        (tmp_path / "lessons" / "01-tiny.py").write_text(lesson, encoding="utf-8")
        (tmp_path / "tests" / "mutants").mkdir(parents=True)
        if answers is not None:
            (tmp_path / FILE).write_text(answers, encoding="utf-8")
        return mutants.try_all(tmp_path, names, **options)

    return try_tiny


def problems(rows: list[mutants.Row]) -> list[str]:
    return [problem for row in rows for problem in row.problems]


def read_lesson(name: str) -> lessons.Lesson:
    return lessons.read(ROOT / "lessons" / f"{name}.py")


def line_of(piece: str) -> int:
    return ANSWERS[: ANSWERS.index(piece)].count("\n") + 2  # where the source starts, below the marks


@pytest.mark.thorough
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", LESSONS)
def test_every_check_fails_for_the_right_reason_and_accepts_every_style(name, thorough):
    rows = mutants.try_all(ROOT, [name], seeds=10 if thorough else 1)
    exercises = [cell.grade_id for cell in read_lesson(name).cells if "exercise" in cell.marks]
    assert [row.exercise for row in rows] == exercises
    assert problems(rows) == []


def test_every_mutants_file_belongs_to_an_exercise():
    exercises = {cell.grade_id for name in LESSONS for cell in read_lesson(name).cells if "exercise" in cell.marks}
    assert {path.stem for path in (ROOT / "tests" / "mutants").glob("*.py")} == exercises


def test_a_good_check_has_no_problems(tiny):
    (row,) = tiny()
    assert row == mutants.Row("01-tiny", "tiny-double", 5, 5, 3, 3, [])
    assert row.is_good
    assert mutants.table([row]).startswith("✓ tiny-double")
    counts = {"lesson": "01-tiny", "exercise": "tiny-double", "wrong": 5, "wrong_caught": 5}
    assert json.loads(mutants.as_json([row])) == [counts | {"right": 3, "right_accepted": 3}]


def test_a_check_that_cannot_fail_is_reported(tiny):
    rows = tiny(room=CHECKS.replace("answer(table)", "2 * table"))
    assert rows[0].wrong_caught == 0 and rows[0].right_accepted == 3 and not rows[0].is_good
    assert len(problems(rows)) == 5
    line = line_of("squares")
    sentence = f"{FILE}:{line}: the wrong answer 'squares' is not caught; it deserves: \"That is the square\""
    assert sentence in problems(rows)
    assert mutants.table(rows).startswith("✗ tiny-double") and sentence in mutants.table(rows)


def test_a_wrong_message_is_reported(tiny):
    rows = tiny(room=CHECKS.replace('"That is the half."', '"That is odd."'))
    assert rows[0].wrong_caught == 4
    (sentence,) = problems(rows)
    assert sentence.startswith(f"{FILE}:{line_of('halves')}: the wrong answer 'halves' deserves \"That is the half\"")
    assert sentence.endswith('message: "Twice the table is 0.5 at index (0,), but 2 was expected. That is odd."')


def test_a_wrong_answer_that_only_the_hidden_tests_catch_is_reported(tiny):
    lesson = LESSON.replace("check.double(double)\n###", "check.double(double, numbers=(0.0,))\n###")
    found = problems(tiny(lesson=lesson))
    assert any(f"{FILE}:{line_of('squares')}: the wrong answer 'squares' is not caught" in problem for problem in found)


def test_a_right_answer_that_is_rejected_is_reported_with_the_seed(tiny):
    rows = tiny(room=LATE)
    assert rows[0].wrong_caught == 5 and rows[0].right_accepted == 0
    line = line_of("adds")
    said = f"{FILE}:{line}: the right answer 'adds' is rejected on seed 3: "
    assert any(problem.startswith(said) and "AssertionError: late" in problem for problem in problems(rows))


def test_as_many_seeds_are_tried_as_asked_for(tiny):
    assert problems(tiny(room=LATE, seeds=3)) == []


def test_a_missing_mutants_file_is_reported(tiny):
    rows = tiny(answers=None)
    assert problems(rows) == [f"{FILE} is missing: write wrong and right answers to tiny-double"]
    assert json.loads(mutants.as_json(rows))[0]["wrong"] == 0


def test_too_few_answers_are_reported(tiny):
    squares, right = ANSWERS.index('# %% wrong="halves"'), ANSWERS.index("# %% right")
    found = problems(tiny(answers=ANSWERS[:squares] + ANSWERS[right : ANSWERS.index('# %% right="in place')]))
    assert found == [
        f"{FILE} has 1 wrong answers; at least 5 are needed",
        f"{FILE} has 2 right answers; at least 3 are needed",
    ]


def test_a_file_that_belongs_to_no_exercise_is_reported_where_all_lessons_are_tried(tiny, tmp_path):
    assert problems(tiny(names=["01-tiny"])) == []
    (tmp_path / "tests" / "mutants" / "tiny-treble.py").write_text(ANSWERS, encoding="utf-8")
    assert problems(mutants.try_all(tmp_path, ["lessons/01-tiny.py"], seeds=1)) == []
    rows = mutants.try_all(tmp_path, [], seeds=1)
    assert problems(rows) == ["tests/mutants/tiny-treble.py belongs to no exercise"]
    assert [entry["exercise"] for entry in json.loads(mutants.as_json(rows))] == ["tiny-double"]


def test_an_answer_that_defines_something_else_is_reported(tiny):
    rows = tiny(answers=ANSWERS.replace("def double(x):\n    return x**2", "def twice(x):\n    return x**2"))
    assert problems(rows) == [f"{FILE}:2: the wrong answer 'squares' does not define double"]
    assert rows[0].wrong_caught == 4


def test_an_answer_does_not_see_what_the_solution_defined(tiny):
    found = problems(tiny(answers=ANSWERS.replace("return 2.0 * x", "return FACTOR * x")))
    assert len(found) == 1 and "NameError: name 'FACTOR' is not defined" in found[0]


def test_nothing_is_left_behind_or_shown(tiny, capsys):
    before = Path.cwd(), torch.get_num_threads(), dict(exercise._passed), torch.get_rng_state()
    settings = "torch.set_num_threads(2)\ntorch.set_default_dtype(torch.float64)\nprint('noise')\n"
    assert problems(tiny(lesson=LESSON.replace("import torch\n", f"import torch\n\n{settings}", 1))) == []
    assert (Path.cwd(), torch.get_num_threads(), exercise._passed) == before[:3]
    assert torch.get_default_dtype() == torch.float32
    assert torch.equal(torch.get_rng_state(), before[3]) and compare.seed_shift == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('# %% wrong="halves" says="That is the half"', "# %%", ':6: a cell starts with # %% wrong="…" says="…"'),
        (' says="That is the half"', "", ':6: a cell starts with # %% wrong="…" says="…"'),
        ('says="That is the half"', 'says=""', ':6: a cell starts with # %% wrong="…" says="…"'),
        ("return x / 2", "return (x / 2", ":8: the code does not parse: '(' was never closed."),
        (
            "def double(x):\n    return x / 2",
            "import nowhere\n\n\ndef double(x):\n    return x / 2",
            ":7: this cell fails: ModuleNotFoundError: No module named 'nowhere'",
        ),
        ('# %% wrong="squares"', '"""Answers."""\n\n# %% wrong="squares"', ":1: every answer is a cell"),
    ],
)
def test_a_malformed_file_gives_one_sentence_with_file_and_line(tiny, old, new, sentence):
    assert old in ANSWERS
    with pytest.raises(CourseError) as error:
        tiny(answers=ANSWERS.replace(old, new, 1))
    assert str(error.value).startswith(FILE + sentence)


def test_a_lesson_that_fails_by_itself_gives_one_sentence_with_file_and_line(tiny):
    lesson = LESSON.replace("FACTOR = 2", "FACTOR = 3")
    line = LESSON[: LESSON.index("check.double")].count("\n") + 1
    with pytest.raises(CourseError) as error:
        tiny(lesson=lesson)
    assert str(error.value).startswith(f"lessons/01-tiny.py:{line}: this cell fails: CheckFailed: Twice the table is 3")


def test_an_unknown_lesson_is_refused(tiny):
    with pytest.raises(CourseError, match="There is no lesson '02-none'; there are 01-tiny."):
        tiny(names=["02-none"])
