"""nbgrader as its users expect it: generate, validate, autograde, feedback and export on the course's own lessons."""

import csv
import shutil

import nbformat
import pytest
from nbgrader.api import Gradebook

from course import paths
from tests.classroom import run_nbgrader
from tests.samples import ROOT, answers_of, fill, read

LESSONS = ["00-start-here", "01-bandits"]  # quick ones, without and with written answers
EACH = [LESSONS[0], pytest.param(LESSONS[1], marks=pytest.mark.thorough(only=True))]


@pytest.fixture(scope="module")
def graded(pytestconfig) -> list[str]:
    """The lessons that are graded: nbgrader takes a minute for the second one."""
    return LESSONS if pytestconfig.getoption("thorough") else LESSONS[:1]


def answers_by_student(lesson) -> dict[str, dict[str, str]]:
    """Return who has handed in what: all, nothing, or half, which is all where there is one exercise."""
    solved = answers_of(lesson)
    all_of_it = {"ann": solved} if len(solved) > 1 else {}
    return all_of_it | {"bob": {}, "eve": dict(list(solved.items())[::2])}


@pytest.fixture(scope="module")
def classroom(tmp_path_factory, graded):
    """A course folder in which students have handed in and everything was graded."""
    root = tmp_path_factory.mktemp("class")
    for name in ("solutions", "notebooks"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    results = {}
    for lesson in graded:
        results["generate", lesson] = run_nbgrader(root, "generate_assignment", lesson, "--force")
        for student, answers in answers_by_student(lesson).items():
            target = root / "submitted" / student / lesson / f"{lesson}.ipynb"
            fill(paths.release_path(ROOT, lesson), target, answers)
        if lesson == LESSONS[0]:
            hand_in_with_a_warning(root, lesson)
        for step in ("autograde", "generate_feedback"):
            results[step, lesson] = run_nbgrader(root, step, lesson)
    results["export", ""] = run_nbgrader(root, "export")
    return root, results


def test_every_step_ends_well(classroom):
    for (step, lesson), (code, said) in classroom[1].items():
        assert code == 0, f"{step} {lesson}: {said[-2000:]}"


@pytest.mark.parametrize("lesson", EACH)
def test_generating_gives_the_release_byte_for_byte(classroom, lesson):
    assert paths.release_path(classroom[0], lesson).read_bytes() == paths.release_path(ROOT, lesson).read_bytes()


@pytest.mark.parametrize("lesson", EACH)
def test_the_gradebook_has_the_deserved_points(classroom, lesson):
    with Gradebook(f"sqlite:///{classroom[0]}/gradebook.db", "bandits-to-vae") as gradebook:
        for student, answers in answers_by_student(lesson).items():
            notebook = gradebook.find_submission_notebook(lesson, lesson, student)
            for grade in notebook.grades:
                exercise = grade.name.removesuffix("-check")
                if grade.name == exercise:  # a written answer: 0 if untouched, else a person's to grade
                    assert grade.needs_manual_grade == (exercise in answers)
                else:
                    assert grade.auto_score == (grade.max_score if exercise in answers else 0), (student, grade.name)


def test_the_export_has_a_line_for_each_student_and_lesson(classroom, graded):
    with open(classroom[0] / "grades.csv", encoding="utf-8") as file:
        rows = {(row["student_id"], row["assignment"]): float(row["score"]) for row in csv.DictReader(file)}
    students = {student for lesson in graded for student in answers_by_student(lesson)}
    assert set(rows) == {(student, lesson) for lesson in graded for student in students}
    assert all(rows["bob", lesson] == 0 < rows["eve", lesson] for lesson in graded)


@pytest.mark.parametrize("lesson", EACH)
def test_the_feedback_is_a_page(classroom, lesson):
    page = (classroom[0] / "feedback" / "eve" / lesson / f"{lesson}.html").read_text(encoding="utf-8")
    assert "Score:" in page and lesson in page


def hand_in_with_a_warning(root, lesson):
    """Have eve, whose answer is right, print to stderr."""
    answer = answers_of(lesson)["start-here-human-normalised"] + "\n\nimport sys; print('careful', file=sys.stderr)"
    target = root / "submitted" / "eve" / lesson / f"{lesson}.ipynb"
    fill(paths.release_path(ROOT, lesson), target, {"start-here-human-normalised": answer})
    notebook = read(target)
    check = "start-here-human-normalised-check"  # and it is lost, too
    notebook.cells = [cell for cell in notebook.cells if cell.id != check]
    nbformat.write(notebook, target)


def test_a_warning_on_stderr_costs_nothing(classroom):
    with Gradebook(f"sqlite:///{classroom[0]}/gradebook.db", "bandits-to-vae") as gradebook:
        assert gradebook.find_submission(LESSONS[0], "eve").score == 1


SHARE = "def human_normalised(score, random, human):\n    return (score - random) / (human - random)"
FAILING = {  # by lesson: the answers, and what is said
    LESSONS[0]: ({"start-here-human-normalised": SHARE}, "That is a share; multiply by 100 for per cent."),
    LESSONS[1]: ({}, "Not filled in yet."),
}


@pytest.mark.parametrize("lesson", EACH)
def test_validate_says_of_a_notebook_what_fails_in_whole_sentences(lesson, tmp_path):
    """That it passes a solved one is seen where its button is pressed, in `test_lab.py`."""
    answers, sentence = FAILING[lesson]
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    failing = fill(paths.release_path(ROOT, lesson), tmp_path / "failing.ipynb", answers)
    said = " ".join(run_nbgrader(tmp_path, "validate", "failing.ipynb")[1].split())
    unanswered = sum(
        cell.id.endswith("-check")
        or (cell.metadata.get("nbgrader", {}).get("grade", False) and cell.cell_type == "markdown")
        for cell in read(failing).cells
    )
    assert f"VALIDATION FAILED ON {unanswered} CELL(S)" in said and sentence in said
