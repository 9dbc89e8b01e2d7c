"""nbgrader as its users expect it: generate, validate, autograde, feedback and export on the course's own lessons."""

import csv
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook

from course import paths
from tests.samples import ROOT, answers_of, fill, read

LESSONS = ["00-start-here", "01-bandits"]  # quick ones, without and with written answers
EACH = [LESSONS[0], pytest.param(LESSONS[1], marks=pytest.mark.thorough(only=True))]


def nbgrader(folder, *words) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "nbgrader", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)


@pytest.fixture(scope="module")
def graded(pytestconfig) -> list[str]:
    """The lessons that are graded: nbgrader takes a minute for the second one."""
    return LESSONS if pytestconfig.getoption("thorough") else LESSONS[:1]


@pytest.fixture(scope="module")
def classroom(tmp_path_factory, graded):
    """A course folder in which three students have handed in and everything was graded."""
    root = tmp_path_factory.mktemp("class")
    for name in ("solutions", "notebooks"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    results = {}
    for lesson in graded:
        results["generate", lesson] = nbgrader(root, "generate_assignment", lesson, "--force")
        solved = answers_of(lesson)
        for student, answers in (("ann", solved), ("bob", {}), ("eve", dict(list(solved.items())[::2]))):
            target = root / "submitted" / student / lesson / f"{lesson}.ipynb"
            fill(paths.release_path(ROOT, lesson), target, answers)
        if lesson == LESSONS[0]:
            hand_in_with_a_warning(root, lesson)
        for step in ("autograde", "generate_feedback"):
            results[step, lesson] = nbgrader(root, step, lesson)
    results["export", ""] = nbgrader(root, "export")
    return root, results


def test_every_step_ends_well(classroom):
    for (step, lesson), result in classroom[1].items():
        assert result.returncode == 0, f"{step} {lesson}: {result.stderr[-2000:]}"


@pytest.mark.parametrize("lesson", EACH)
def test_generating_gives_the_release_byte_for_byte(classroom, lesson):
    assert paths.release_path(classroom[0], lesson).read_bytes() == paths.release_path(ROOT, lesson).read_bytes()


@pytest.mark.parametrize("lesson", EACH)
def test_the_gradebook_has_the_deserved_points(classroom, lesson):
    solved = answers_of(lesson)
    chosen = {"ann": solved, "bob": {}, "eve": dict(list(solved.items())[::2])}
    with Gradebook(f"sqlite:///{classroom[0]}/gradebook.db", "bandits-to-vae") as gradebook:
        for student, answers in chosen.items():
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
    assert set(rows) == {(student, lesson) for student in ("ann", "bob", "eve") for lesson in graded}
    assert all(rows["bob", lesson] == 0 < rows["ann", lesson] for lesson in graded)


@pytest.mark.parametrize("lesson", EACH)
def test_the_feedback_is_a_page(classroom, lesson):
    page = (classroom[0] / "feedback" / "eve" / lesson / f"{lesson}.html").read_text(encoding="utf-8")
    assert "Score:" in page and lesson in page


def hand_in_with_a_warning(root, lesson):
    """Have eve, whose answer is ann's, print to stderr."""
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
def test_validate_passes_a_solved_notebook_and_says_of_another_what_fails_in_whole_sentences(lesson, tmp_path):
    answers, sentence = FAILING[lesson]
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    fill(paths.release_path(ROOT, lesson), tmp_path / "solved.ipynb", answers_of(lesson))
    failing = fill(paths.release_path(ROOT, lesson), tmp_path / "failing.ipynb", answers)
    said = nbgrader(tmp_path, "validate", "solved.ipynb", "failing.ipynb").stdout
    of_solved, of_failing = " ".join(said.split()).split("VALIDATION FAILED ON")
    assert "Success! Your notebook passes all the tests." in of_solved
    unanswered = sum(
        cell.id.endswith("-check")
        or (cell.metadata.get("nbgrader", {}).get("grade", False) and cell.cell_type == "markdown")
        for cell in read(failing).cells
    )
    assert of_failing.startswith(f" {unanswered} CELL(S)") and sentence in of_failing
