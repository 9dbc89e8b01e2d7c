"""Grading: the right score with the right sentence, whatever state a notebook is in."""

import json
import shutil
import sys

import nbformat
import pytest

from checks.answer import UNFILLED as NOT_FILLED
from course import paths
from course.errors import CourseError
from course.grading.grade import DIED, TOO_LONG
from course.grading.limits import Limits
from course.grading.result import Result
from course.learner import grade, meant
from tests.samples import LESSONS, ROOT, answers_of, fill, make_course, read

TINY_DOUBLE = "def double(x):\n    return x + x"
TINY_HALF = "def half(x):\n    return 0.5 * x"


def points(result: Result) -> dict[str, int]:
    return {exercise.id: exercise.points for exercise in result.exercises}


def release(lesson: str):
    return paths.release_path(ROOT, lesson)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A built course with the tiny lesson, for tests that must not change it."""
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def grade_tiny(tiny, tmp_path):
    """Grade the tiny release with some cells replaced, after a further change of the notebook."""

    def run(answers, change=lambda notebook: None, **options) -> Result:
        path = fill(paths.release_path(tiny, "01-tiny"), tmp_path / "mine.ipynb", answers)
        notebook = read(path)
        change(notebook)
        nbformat.write(notebook, path)
        return grade.grade(path, tiny, trusted=True, **options)

    return run


@pytest.mark.thorough
@pytest.mark.parametrize("lesson", LESSONS)
def test_an_untouched_release_scores_0_and_stops_nowhere_else(lesson, thorough):
    outcome = grade.outcome(release(lesson), ROOT, trusted=True, everything=thorough)
    result, executed = outcome.result, outcome.executed
    assert result.score == 0 and result.max_score > 0
    assert {exercise.message for exercise in result.exercises} == {NOT_FILLED}
    assert not result.flags and not any(answer.answered for answer in result.written)
    failing = {
        cell.id for cell in executed.cells for output in cell.get("outputs", []) if output.output_type == "error"
    }
    assert failing == {f"{exercise.id}-check" for exercise in result.exercises}


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_solution_scores_full_marks(lesson, tmp_path):
    result = grade.grade(fill(release(lesson), tmp_path / "any name.ipynb", answers_of(lesson)), ROOT, trusted=True)
    assert result.lesson == lesson and result.score == result.max_score
    assert not any(exercise.message for exercise in result.exercises)
    assert not result.flags and all(answer.answered for answer in result.written)


def test_partial_work_gets_the_points_of_what_is_right(grade_tiny):
    result = grade_tiny({"tiny-double": TINY_DOUBLE})
    assert points(result) == {"tiny-double": 2, "tiny-half": 0}
    assert result.exercises[1].message == NOT_FILLED


def test_hidden_tests_count_and_their_sentence_is_shown(grade_tiny):
    result = grade_tiny({"tiny-double": "def double(x):\n    return 4", "tiny-half": TINY_HALF})
    assert points(result) == {"tiny-double": 0, "tiny-half": 3}
    assert result.exercises[0].message == "Twice 5 is 4, but 10 was expected. Multiply by two."


def test_a_changed_check_is_replaced_and_flagged(grade_tiny):
    result = grade_tiny({"tiny-double-check": "pass", "tiny-half": TINY_HALF})
    assert points(result) == {"tiny-double": 0, "tiny-half": 3}
    assert result.flags == ["The check tiny-double-check was changed; the original was used."]


def test_a_deleted_check_comes_back(grade_tiny):
    def delete(notebook):
        notebook.cells = [cell for cell in notebook.cells if not cell.id.endswith("-check")]

    assert grade_tiny({"tiny-double": TINY_DOUBLE, "tiny-half": TINY_HALF}, delete).score == 5


def test_a_deleted_exercise_is_flagged(grade_tiny):
    def delete(notebook):
        notebook.cells = [cell for cell in notebook.cells if cell.id != "tiny-half"]

    result = grade_tiny({"tiny-double": TINY_DOUBLE}, delete)
    assert points(result) == {"tiny-double": 2, "tiny-half": 0}
    assert result.flags == ["The cell tiny-half is missing; it counts as not filled in."]


def test_a_copied_exercise_keeps_all_its_code(grade_tiny):
    def copy_and_mend(notebook):
        index = next(index for index, cell in enumerate(notebook.cells) if cell.id == "tiny-half")
        copy = nbformat.from_dict(notebook.cells[index])
        copy.id, copy.source = "pasted", TINY_HALF
        notebook.cells.insert(index + 1, copy)

    result = grade_tiny({"tiny-double": TINY_DOUBLE, "tiny-half": "def half(x):\n    return x"}, copy_and_mend)
    assert result.score == 5
    assert result.flags == ["The cell tiny-half stands 2 times; all were kept, in order."]


def test_metadata_lost_on_the_way_costs_nothing(grade_tiny):
    def strip(notebook):
        for cell in notebook.cells:
            cell.metadata.pop("nbgrader", None)

    assert grade_tiny({"tiny-double": TINY_DOUBLE, "tiny-half": TINY_HALF}, strip).score == 5


def test_cells_of_ones_own_run_where_they_stand(grade_tiny):
    def define_elsewhere(notebook):
        index = next(index for index, cell in enumerate(notebook.cells) if cell.id == "tiny-half")
        notebook.cells.insert(index, nbformat.v4.new_code_cell("def helper(x):\n    return x / 2"))

    result = grade_tiny({"tiny-half": "def half(x):\n    return helper(x)"}, define_elsewhere)
    assert points(result)["tiny-half"] == 3


def test_edits_of_ungraded_cells_are_kept(grade_tiny):
    def import_more(notebook):
        notebook.cells[1].source += "\nimport math"

    assert points(grade_tiny({"tiny-half": "def half(x):\n    return math.sqrt(x)"}, import_more))["tiny-half"] == 3


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("def half(x):\n    return x +", "Your cell stops with SyntaxError: invalid syntax"),
        ("def half(x):\n    return y", "NameError: name 'y' is not defined"),
        ("half = 1 / 0", "Your cell stops with ZeroDivisionError: division by zero"),
        ("def half(x):\n    import os\n    os._exit(0)", DIED),
        ("import os\nos._exit(0)", DIED),
        (
            "def half(x):\n    while True:\n        pass",
            TOO_LONG,
        ),
    ],
)
def test_an_exercise_that_breaks_costs_its_own_points_and_says_why(grade_tiny, answer, sentence):
    result = grade_tiny({"tiny-double": TINY_DOUBLE, "tiny-half": answer}, limits=Limits(cell_seconds=3))
    assert points(result) == {"tiny-double": 2, "tiny-half": 0}
    assert sentence in result.exercises[1].message


def test_without_solutions_the_visible_checks_count_and_it_is_said(tiny, tmp_path):
    shutil.copytree(tiny / "notebooks", tmp_path / "class" / "notebooks")
    answers = {"tiny-double": "def double(x):\n    return 4", "tiny-half": TINY_HALF}
    mine = fill(paths.release_path(tiny, "01-tiny"), tmp_path / "mine.ipynb", answers)
    result = grade.grade(mine, tmp_path / "class")
    assert result.score == 5 and "Only the visible checks were run" in result.flags[0]


def test_a_warning_costs_nothing(grade_tiny):
    answer = "import sys\ndef half(x):\n    print('careful', file=sys.stderr)\n    return x / 2"
    assert points(grade_tiny({"tiny-half": answer}))["tiny-half"] == 3


def test_a_written_answer_waits_for_a_person(grade_tiny):
    assert [answer.answered for answer in grade_tiny({}).written] == [False]
    assert [answer.answered for answer in grade_tiny({"tiny-why": "So."}).written] == [True]


def test_a_written_answer_brings_the_model_answer_to_its_own_author_alone(tiny, tmp_path, command):
    root = shutil.copytree(tiny, tmp_path / "course")
    own = paths.own_path(root, "01-tiny")
    own.parent.mkdir(parents=True)
    shutil.copy(paths.release_path(root, "01-tiny"), own)
    assert "Because." not in command(root, "grade", own)[1]
    fill(paths.release_path(root, "01-tiny"), own, {"tiny-why": "So."})
    _, said, _ = command(root, "grade", own)
    assert said.endswith("To compare with your answer tiny-why:\n\nBecause.\n") and "###" not in said
    stranger = shutil.copy(own, tmp_path / "stranger.ipynb")
    result = grade.grade(own, root)
    assert grade.model_answers(result, stranger, root) == []
    shutil.rmtree(root / "solutions")
    assert grade.model_answers(result, own, root) == []


def test_the_command_prints_a_table_and_writes_json(tiny, tmp_path, command):
    fill(
        paths.release_path(tiny, "01-tiny"), tmp_path / "class" / "ann" / "01-tiny.ipynb", {"tiny-double": TINY_DOUBLE}
    )
    fill(paths.release_path(tiny, "01-tiny"), tmp_path / "class" / "bob" / "01-tiny.ipynb", {"tiny-half": TINY_HALF})
    code, said, failed = command(
        tiny, "grade", "--trust-submissions", tmp_path / "class", "--json", tmp_path / "scores.json"
    )
    assert code == 0, failed
    assert "✓ tiny-double  2 / 2" in said and "✗ tiny-half    0 / 3  Not filled in yet." in said
    scores = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    assert [(entry["lesson"], entry["score"], entry["max_score"]) for entry in scores] == [
        ("01-tiny", 2, 5),
        ("01-tiny", 3, 5),
    ]
    assert scores[0]["exercises"][1] == {
        "id": "tiny-half", "points": 0, "max_points": 3, "message": "Not filled in yet.", "title": "", "by_form": False,
    }  # fmt: skip
    assert scores[0]["flags"] == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "is not a Jupyter notebook, or it is damaged"),
        (b"[]", "is not a Jupyter notebook, or it is damaged"),
        (b"", "is empty; save it again"),
        (b"\xff\xfe\x00", "is not written in UTF-8"),
        (json.dumps(nbformat.v4.new_notebook()).encode(), "has no exercise of this course"),
    ],
)
def test_what_is_no_notebook_of_the_course_gets_a_sentence(tiny, tmp_path, content, sentence):
    (tmp_path / "odd.ipynb").write_bytes(content)
    with pytest.raises(CourseError, match=sentence):
        grade.grade(tmp_path / "odd.ipynb", tiny)


def test_one_bad_file_does_not_keep_the_others_from_being_graded(tiny, tmp_path, command):
    fill(paths.release_path(tiny, "01-tiny"), tmp_path / "good.ipynb", {"tiny-double": TINY_DOUBLE})
    (tmp_path / "bad.ipynb").write_text("{", encoding="utf-8")
    code, _, failed = command(tiny, "grade", "--trust-submissions", tmp_path, "--json", tmp_path / "scores.json")
    assert code == 1 and "bad.ipynb is not a Jupyter notebook" in failed and "Traceback" not in failed
    assert len(json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))) == 1


def test_paths_that_hold_nothing_get_a_sentence(tiny, tmp_path, command):
    (tmp_path / "empty").mkdir()
    assert "holds no notebook" in command(tiny, "grade", tmp_path / "empty")[2]
    assert "There is no file or folder" in command(tiny, "grade", tmp_path / "nowhere")[2]


def test_paths_that_are_too_long_or_too_deep_are_a_sentence_or_passed_over(tmp_path, nest):
    (tmp_path / "a.ipynb").touch()
    nest(tmp_path, "d" * 10, 1100)
    assert [*meant.notebooks_in([tmp_path])] == [tmp_path / "a.ipynb"]
    for path in ("a" * 300, "a/" * 3000):
        with pytest.raises(CourseError, match="There is no file or folder") as stopped:
            meant.notebooks_in([tmp_path / path])
        assert len(str(stopped.value)) < 200


BESIDE = "def half(x):\n    return x / 2"


@pytest.fixture
def submission(tiny, tmp_path):
    """A submission's folder: a notebook, and a module beside it which it imports."""
    fill(
        paths.release_path(tiny, "01-tiny"),
        tmp_path / "in" / "mine.ipynb",
        {"tiny-half": "from my_answers import half"},
    )
    (tmp_path / "in" / "my_answers.py").write_text(BESIDE, encoding="utf-8")
    return tmp_path / "in"


def test_what_lies_beside_a_notebook_goes_along(tiny, submission, tmp_path):
    fill(paths.release_path(tiny, "01-tiny"), submission / "01-tiny.ipynb", {"tiny-double": TINY_DOUBLE})
    result = grade.grade(submission / "mine.ipynb", tiny, trusted=True)
    assert points(result) == {"tiny-double": 0, "tiny-half": 3} and result.flags == []
    (tmp_path / "link.ipynb").symlink_to(submission / "mine.ipynb")
    assert points(grade.grade(tmp_path / "link.ipynb", tiny, trusted=True))["tiny-half"] == 3


def test_a_module_above_goes_along_with_the_folder_that_is_named_and_a_notebook_for_run_is_no_fault(
    tiny, submission, command
):
    (submission / "deep").mkdir()
    (submission / "mine.ipynb").rename(submission / "deep" / "mine.ipynb")
    code, said, failed = command(tiny, "grade", "--trust-submissions", submission)
    assert code == 0 and "✓ tiny-half    3 / 3" in said, failed
    (submission / "my_answers.py").rename(submission / "deep" / "my_answers.py")
    tools = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("tool = 1")])
    nbformat.write(tools, submission / "deep" / "tools.ipynb")
    code, said, failed = command(tiny, "grade", "--trust-submissions", submission)
    assert code == 0 and "✓ tiny-half    3 / 3" in said and "tools.ipynb has no exercise of this course" in failed


def test_beside_too_much_a_notebook_is_graded_alone_and_it_is_said(tiny, submission, monkeypatch):
    monkeypatch.setattr(grade.pick.collect, "MOST_FILES", 1)
    result = grade.grade(submission / "mine.ipynb", tiny, trusted=True)
    assert points(result)["tiny-half"] == 0
    assert "was graded without the files beside it" in result.flags[0] and "my_answers" in result.flags[1]


def test_without_a_warm_process_the_same_counts(tiny, submission, monkeypatch):
    """As on macOS and Windows: files beside, a failing import, imports in words."""
    monkeypatch.setattr(sys, "platform", "darwin")
    notebook = read(submission / "mine.ipynb")
    notebook.cells[1].source = f"import seaborn\n{notebook.cells[1].source}"
    nbformat.write(notebook, submission / "mine.ipynb")
    result = grade.grade(submission / "mine.ipynb", tiny, trusted=True)
    assert points(result)["tiny-half"] == 3 and "The package seaborn is not installed here" in result.flags[0]
