"""A check in a notebook: what it says, whom it tells, and whose functions the lesson goes on with."""

import functools
import sys

import nbformat
import pytest

import checks
from checks import exercise, tiny
from checks.answer import Here
from checks.exercise import yours
from checks.failure import CheckFailed
from course.grading.running import execute
from tests.samples import LESSONS, ROOT


@pytest.fixture(autouse=True)
def nothing_passed(monkeypatch):
    monkeypatch.setattr(exercise, "_passed", {})


def double(x):
    """Stand for the course's own."""
    return 2 * x


def test_what_passes_is_said_and_remembered_under_the_name_of_the_exercise(capsys):
    assert yours(double) is double
    assert "Until your double passes" in capsys.readouterr().out
    own = functools.partial(lambda factor, x: factor * x, 2)
    tiny.double(own)
    assert yours(double) is own and capsys.readouterr().out == "✓ double passes its check.\n"
    tiny.double(own, numbers=(7,))
    assert capsys.readouterr().out == "✓ double passes with other numbers, too.\n"


def test_a_tick_is_green_for_a_person_and_plain_where_it_is_stored_or_graded(capsys, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    tiny.double(lambda x: 2 * x)
    assert capsys.readouterr().out == "\x1b[32m✓\x1b[0m double passes its check.\n"
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    tiny.double(lambda x: 2 * x)
    assert capsys.readouterr().out == "✓ double passes its check.\n"


def test_what_has_changed_since_is_said_and_the_version_that_passed_is_used(capsys, monkeypatch):
    own = functools.partial(lambda factor, x: factor * x, 2)
    tiny.double(own)
    monkeypatch.setattr(sys.modules["__main__"], "double", lambda x: 3 * x, raising=False)
    assert yours(double) is own and "has changed since its check" in capsys.readouterr().out


def test_a_check_that_stumbles_over_a_value_says_so_and_shows_none_of_its_code():
    @exercise.exercise()
    def odd(answer):
        """Look into what is no list."""
        return answer(1)[0]

    with pytest.raises(CheckFailed) as failure:
        odd(lambda x: x)
    assert "What odd returns is not of the kind that is asked for" in str(failure.value)
    assert failure.value._render_traceback_() == [f"✗ {failure.value}"]


def test_a_wrong_answer_is_refused_and_not_remembered():
    with pytest.raises(CheckFailed, match="Twice 2 is 6, but 4 was expected"):
        tiny.double(lambda x: 3 * x)
    assert not exercise._passed


def test_an_answer_that_lives_elsewhere_is_asked_there_and_says_nothing(capsys):
    tiny.double(Here(lambda x: 2 * x, "double"))
    assert capsys.readouterr().out == "" and not exercise._passed


def test_every_module_of_a_lesson_has_a_check_for_each_of_its_exercises():
    from course.authoring import lessons
    from course.grading import orders

    for name in LESSONS:
        lesson = lessons.read(ROOT / "lessons" / f"{name}.py")
        module = getattr(__import__(f"checks.{orders.alias(lesson.code)}"), orders.alias(lesson.code))
        called = {
            check
            for cell in lesson.cells
            if "check" in cell.marks
            for check, answer, _ in orders.read(cell.source, "").calls
            if check == answer
        }
        assert called == set(exercise.of(module)), name
        assert all(check.__doc__ for check in exercise.of(module).values())


UNFILLED = 'def double(x):\n    raise NotImplementedError("This exercise is not filled in.")'
CELLS = {
    "import": "from checks import tiny as check",
    "stub": UNFILLED,
    "unfilled": "check.double(double)",
    "error": "def double(x):\n    y = []\n    return y[x]",
    "its check": "check.double(double)",
    "syntax": "def half(x)\n    return x / 2",
    "no half": "check.half(half)",
    "stops": "1 / 0\ndef add(x, y):\n    return x + y",
    "no add": "check.add(add)",
    "never run": "check.mean(mean)",
    "other": "nowhere",
}


def run(*cells: str, graded: bool = False) -> list[nbformat.NotebookNode]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    execute.run(notebook, keep_going=True, graded=graded)
    return notebook.cells


@pytest.fixture(scope="module")
def shown():
    return dict(zip(CELLS, run(*CELLS.values()), strict=True))


def rendered(cell) -> str:
    (error,) = [output for output in cell.outputs if output.output_type == "error"]
    return "\n".join(error.traceback)


def test_what_is_not_filled_in_is_one_line_and_stops_nothing(shown):
    (output,) = shown["unfilled"].outputs
    assert output.text == "◦ double: Not filled in yet.\n"


def test_what_is_not_filled_in_fails_where_somebody_counts(monkeypatch):
    (cell,) = run("import os\nprint(os.environ['NBGRADER_EXECUTION'])", graded=True)
    monkeypatch.setenv("NBGRADER_EXECUTION", cell.outputs[0].text.strip())
    exec(UNFILLED, space := {"__name__": "__main__"})
    with pytest.raises(CheckFailed) as failure:
        tiny.double(space["double"])
    assert failure.value._render_traceback_() == ["✗ Not filled in yet."]


def test_an_error_is_one_line_with_what_led_there_one_click_away(shown):
    fold, error = shown["its check"].outputs
    assert "<details>" in fold.data["text/html"] and "line 3, in double: return y[x]" in fold.data["text/html"]
    assert error.traceback == [
        "✗ Your double stops in line 3, `return y[x]`, with IndexError: list index out of range."
    ]


def test_a_function_that_is_not_there_is_said_to_be_so_with_the_cause(shown):
    assert rendered(shown["no half"]).startswith("✗ half is not there, since its cell stops with SyntaxError in line 1")
    assert rendered(shown["no add"]).startswith("✗ add is not there, since its cell stops with ZeroDivisionError")
    assert rendered(shown["never run"]).startswith("✗ mean is not there: run the cell of the exercise first")


def test_other_errors_look_as_they_always_do(shown):
    assert "NameError" in rendered(shown["other"]) and "Traceback" in rendered(shown["other"])


def test_nothing_of_a_check_is_shown(shown):
    assert not any("checks/" in str(cell.outputs) or "answer(" in str(cell.outputs) for cell in shown.values())


def test_the_package_holds_nothing_by_itself():
    assert (ROOT / "checks" / "__init__.py").read_bytes() == b"" and checks.__path__
