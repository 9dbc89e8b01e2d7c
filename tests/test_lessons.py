"""Lessons as text: their form, their budgets, and that nothing is lost between text and notebook."""

import re
from pathlib import Path

import pytest

from course.authoring import lessons
from course.errors import CourseError
from course.grading import titles
from course.grading.submission import cells
from tests.samples import LESSONS, ROOT, TINY

# What keeps a lesson readable: its words, the longest cells of prose and of code, and the words before the first code.

WORDS, MARKDOWN, CODE, FIRST_CODE = (400, 2500), 120, 15, 300


def malformed(text: str) -> str:
    with pytest.raises(CourseError) as error:
        lessons.parse(text, Path("lessons/01-tiny.py"))
    return str(error.value)


def line_of(text: str, piece: str) -> int:
    return 1 + next(number for number, line in enumerate(text.split("\n")) if piece in line)


@pytest.mark.parametrize("name", LESSONS)
def test_text_and_notebook_say_the_same(name):
    path = ROOT / "lessons" / f"{name}.py"
    assert lessons.to_text(lessons.to_notebook(lessons.read(path))) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_keeps_to_its_budget(name):
    cells = lessons.read(ROOT / "lessons" / f"{name}.py").cells
    prose = [cell for cell in cells if cell.kind == "markdown" and not cell.grade_id]
    words = [len(cell.source.split()) for cell in prose]
    assert WORDS[0] <= sum(words) <= WORDS[1]
    assert max(words) <= MARKDOWN
    assert all(len(cell.source.split("\n")) <= CODE for cell in cells if cell.kind == "code" and not cell.grade_id)
    first = next(index for index, cell in enumerate(cells) if cell.kind == "code")
    assert sum(len(cell.source.split()) for cell in cells[:first]) <= FIRST_CODE


@pytest.mark.parametrize("name", LESSONS)
def test_an_exercise_says_minutes_difficulty_and_points_and_has_a_hint(name):
    cells = lessons.read(ROOT / "lessons" / f"{name}.py").cells
    headers = [cell.source for cell in cells if "### Exercise" in cell.source]
    points = [cell.marks["points"] for cell in cells if "points" in cell.marks]
    assert len(headers) == len(points)
    for header, worth in zip(headers, points, strict=True):
        line = next(line for line in header.split("\n") if line.startswith("### Exercise"))
        assert " min, " in line and any(mark in line for mark in ("●○○", "●●○", "●●●"))
        assert f"{worth} point" in line
        assert "<details><summary>Hint" in header or "graded by a person" in line


def test_ids_are_unique_in_the_course():
    assert [lesson.name for lesson in lessons.read_all(ROOT)] == LESSONS


def test_the_same_id_in_two_lessons_names_both_files(course_folder):
    (course_folder / "lessons" / "02-tiny.py").write_text(TINY, encoding="utf-8")
    with pytest.raises(CourseError, match=r"lessons/02-tiny.py:8: the id 'tiny-double' is used in 01-tiny.py too"):
        lessons.read_all(course_folder)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('exercise="tiny-half"', 'exercise="tiny-double"', "is used twice"),
        ('exercise="tiny-half"', 'exercise=""', "is no grade id"),
        ('exercise="tiny-half"', "exercise", "unknown mark 'title'"),
        ('exercise="tiny-half"', 'exercise="other-half"', "must start with the lesson's topic"),
        ('exercise="tiny-half"', 'excercise="tiny-half"', "unknown mark 'excercise'"),
        ('check="tiny-half-check" points=3', "", "exercise 'tiny-half' has no check after it"),
        ('check="tiny-double-check" points=2', "", "'### BEGIN HIDDEN TESTS' belongs in a cell marked check"),
        ('check="tiny-half-check" points=3', 'check="tiny-half-check"', "needs points=N"),
        ('check="tiny-half-check" points=3', 'check="tiny-half-check" points=0', "needs points=N"),
        ('check="tiny-half-check" points=3', 'check="tiny-half-check" points=1.5', "needs points=N"),
        (
            'check="tiny-half-check" points=3',
            'check="tiny-third-check" points=3',
            "has no exercise of that name before it",
        ),
        ('check="tiny-half-check" points=3', 'check="tiny-half" points=3', "with -check behind it"),
        ('exercise="tiny-half"', 'exercise="tiny-half" points=3', "points belong on a check or a written answer"),
        ('exercise="tiny-half"', 'exercise="tiny-half" check="tiny-half-check"', "not both"),
        ('written="tiny-why"', 'exercise="tiny-why"', "'exercise' belongs on a code cell"),
        ("    return x / 2\n    ### END SOLUTION", "    return x / 2", "has no '### END SOLUTION' after it"),
        ("    ### BEGIN SOLUTION\n    return x / 2\n", "    return x / 2\n", "has no '### BEGIN SOLUTION' before it"),
        (
            "    return x / 2\n",
            "    ### BEGIN SOLUTION\n    return x / 2\n",
            "stands inside the region that opened at line",
        ),
        ("    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION", "    return x / 2", "would hold the answer"),
        ("### END HIDDEN TESTS\n", "", "has no '### END HIDDEN TESTS' after it"),
        ('print("seven is", 7)', "### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS", "belongs in a cell marked check"),
        ('print("seven is", 7)', "### BEGIN SOLUTION\n### END SOLUTION", "belongs in a cell marked exercise"),
        ("check.double(double)\n###", "###", "has hidden tests only"),
        ("check.half(half)", "assert half(4) == 2", "holds calls such as"),
        ("check.half(half)", "x = 4\ncheck.half(half)", "'tiny-half-check': a check cell holds calls such as"),
        ("check.half(half)", "check.half(half, numbers=torch.ones(2))", "'tiny-half-check'"),
        ("check.half(half)", "check.half(lambda x: x / 2)", "holds calls such as"),
        ("check.half(half)", "check.half(half)\n" * 7, "has more than 6 lines"),
        ('print("seven is", 7)', "import lessons", "never another lesson"),
        ('print("seven is", 7)', "from lessons import other", "never another lesson"),
        ('print("seven is", 7)', "from course import grade", "never another lesson"),
        ('print("seven is", 7)', "print('seven'", "the code does not parse"),
        ("from checks import tiny as check", "7;", "the cell ends with ';'"),
        ('# %%\nprint("seven is", 7)', "# %% [raw]\n# raw", "and this one is raw"),
    ],
)
def test_a_malformed_lesson_gives_one_sentence_with_file_and_line(old, new, sentence):
    assert old in TINY
    message = malformed(TINY.replace(old, new))
    assert sentence in message
    assert message.startswith("lessons/01-tiny.py:") and "\n" not in message


PREDICTION = "# %% [markdown]\n# **Predict.** Up?\n#\n# *Your guess:* …\n\n"
ANSWER = "# %% [markdown]\n# **What you see.** Up.\n\n"


def test_a_prediction_has_one_line_for_the_guess_and_its_answer_below():
    lessons.parse(PREDICTION + ANSWER + PREDICTION + ANSWER, Path("lessons/01-tiny.py"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (PREDICTION.replace("*Your guess:* …", "Mine: …") + ANSWER, "below it one paragraph '*Your guess:* …'"),
        (PREDICTION.replace("#\n# *Your", "# *Your") + ANSWER, "below it one paragraph"),
        (PREDICTION + "# *Your guess:* …\n" + ANSWER, "below it one paragraph"),
        (PREDICTION.replace("# **", "# *Your guess:* …\n# **") + ANSWER, "below it one paragraph"),
        (PREDICTION.replace("**Predict.**", "Think.") + ANSWER, "a prediction is one '**Predict…'"),
        (PREDICTION.replace("Up?", "Up? **Predict** more.") + ANSWER, "a prediction is one"),
        ("# %%\n# **Predict.**\nx = 1\n\n" + ANSWER, "in a text"),
        (PREDICTION + PREDICTION + ANSWER, "01-tiny.py:2: this prediction has no text with its answer"),
        (PREDICTION, "begins '**What you see.**'"),
    ],
)
def test_a_prediction_in_another_form_is_named(text, sentence):
    assert sentence in malformed(text)


def test_the_line_is_the_line_of_the_mistake():
    text = TINY.replace('    ### END SOLUTION\n\n# %% check="tiny-half', '\n# %% check="tiny-half')
    assert malformed(text).startswith(f"lessons/01-tiny.py:{line_of(text, 'def half') + 1}:")
    text = TINY.replace("check.half(half)", "check.half(half)\ncheck.half(half")
    assert malformed(text).startswith(f"lessons/01-tiny.py:{line_of(text, 'check.half') + 1}:")


def test_a_lesson_starts_with_a_cell():
    assert "starts with a cell" in malformed("import torch\n" + TINY)
    assert "starts with a cell" in malformed("")


def test_a_badly_named_lesson_is_refused():
    with pytest.raises(CourseError, match="NN-name.py"):
        lessons.parse(TINY, Path("lessons/tiny.py"))


def test_marks_become_nbgrader_metadata():
    notebook = lessons.to_notebook(lessons.parse(TINY, Path("lessons/01-tiny.py")))
    exercise, check, written = (
        next(cell for cell in notebook.cells if cell.id == name)
        for name in ("tiny-double", "tiny-double-check", "tiny-why")
    )
    assert exercise.metadata.nbgrader == {
        "grade": False,
        "grade_id": "tiny-double",
        "locked": False,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    assert check.metadata.nbgrader["points"] == 2 and check.metadata.nbgrader["locked"]
    assert written.metadata.nbgrader["grade"] and written.metadata.nbgrader["solution"]


def test_two_cells_with_the_same_text_have_different_ids():
    notebook = lessons.to_notebook(lessons.parse("# %%\nx = 1\n\n# %%\nx = 1\n", Path("lessons/01-tiny.py")))
    assert len({cell.id for cell in notebook.cells}) == 2


def test_imported_helpers_are_found_in_every_form():
    sources = [
        "from helpers import bandits, checks",
        "import helpers.plotting as p",
        "from helpers.widgets import levers",
    ]
    assert lessons.imported_helpers("\n".join(sources)) == {"bandits", "checks", "plotting", "widgets"}


@pytest.mark.parametrize("lesson", LESSONS)
def test_next_is_a_link_with_the_title_of_the_lesson_that_it_opens(lesson):
    text = (ROOT / "lessons" / f"{lesson}.py").read_text(encoding="utf-8")
    links = re.findall(r"^# Next: \[(.+)\]\(\.\./([\w-]+)/\2\.ipynb\)", text, re.MULTILINE)
    assert len(links) == text.count("\n# Next: ")
    for title, name in links:
        assert f"\n# # {title}\n" in (ROOT / "lessons" / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_first_cell_tells_how_long_the_lesson_takes(lesson):
    release = cells.read(ROOT / "notebooks" / lesson / f"{lesson}.ipynb")
    assert re.fullmatch(r"\d+ min.*", titles.time_of(release))
