"""Where a learner stands: kept by Validate and `course grade`, shown on a page and in the terminal."""

import copy
import os
import shutil
import sys
from pathlib import Path

import pytest

from checks import at_hand
from course import cli, paths
from course.grading.grade import Outcome
from course.grading.result import table
from course.learner import grade, meant, overview, points, validate, work
from tests.samples import CHECK, PLAIN, ROOT, answers_of, fill, make_course, read, replace

NAME = "01-tiny"
RIGHT = {"tiny-double": "def double(x):\n    return x + x", "tiny-half": "def half(x):\n    return x / 2"}
ONLY_VISIBLE = {"tiny-double": "def double(x):\n    return 4", "tiny-half": RIGHT["tiny-half"]}
PLACED = "# %% [markdown]\n# # 02 · Tiny\n# **Time**: 15 minutes.\n"
IN_SHORT = "import types; check = types.SimpleNamespace(double=print, half=lambda half: print(1 / (half(2) == 1)))"


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A course with two lessons, for tests that copy it; nothing is checked in the second."""
    root = make_course(tmp_path_factory.mktemp("course") / "course")
    second = PLAIN.replace("# %% [markdown]\n# # 01 · Tiny\n", PLACED).replace("tiny-", "other-")
    return make_course(root, second, "02-other")


@pytest.fixture
def course(both, tmp_path):
    root = shutil.copytree(both, tmp_path / "course")
    assert work.refresh(root) == []
    return root


def answer(root, answers, name=NAME):
    return fill(paths.own_path(root, name), paths.own_path(root, name), answers)


def known(root, answers, by=points.GRADE, failed=()):
    """Keep a result of the learner's notebook with these answers, as a validation or a grading would."""
    answer(root, answers)
    own = read(paths.own_path(root, NAME))
    texts = {f"check.{name}({name})": "✗ no" for name in failed}
    result = points.validated(read(paths.release_path(root, NAME)), own, NAME, texts)
    points.note(root, own, result, by)


def row(root, title="01 · Tiny") -> str:
    return next(line for line in overview.page(root).splitlines() if line.startswith(f"| [{title}]"))


def test_at_first_nothing_is_begun_and_the_first_lesson_is_next(course):
    page = overview.page(course)
    assert "**0 of 10 points.** Next: [01 · Tiny](01-tiny/01-tiny.ipynb)." in page
    assert row(course, "02 · Tiny") == "| [02 · Tiny](02-other/02-other.ipynb) | 15 min | 0 / 5 | not started |"
    assert "(../solutions/" not in page and "course compare" in page


def test_a_class_without_solutions_is_told_of_none(course):
    shutil.rmtree(course / "solutions")
    known(course, RIGHT)
    assert "solution" not in overview.page(course) and "course compare" not in overview.page(course)


def test_what_is_left_in_a_lesson_is_counted(course):
    known(course, RIGHT, failed=["half"])
    assert "| 2 / 5 | 1 exercise and 1 answer in words left · [solution](../solutions/01-tiny/01-tiny.ipynb) |" in row(
        course
    )
    assert "**2 of 10 points.** Go on with: [01 · Tiny]" in overview.page(course)


def test_a_finished_lesson_leads_to_the_next_and_the_last_to_the_end(course):
    known(course, RIGHT | {"tiny-why": "So."})
    assert "✓ done" in row(course)
    assert "**5 of 10 points.** Next: [02 · Tiny](02-other/02-other.ipynb), 15 min." in overview.page(course)
    shutil.rmtree(course / "notebooks" / "02-other")
    assert "All is done." in overview.page(course)


SEALED = "08-evidence-lower-bound"


@pytest.fixture
def student(tmp_path, monkeypatch):
    """A student's copy of a lesson in which an exercise has few possible answers, with all of it right."""
    monkeypatch.setattr(at_hand, "LESSONS", tmp_path / "lessons")
    fill(paths.release_path(ROOT, SEALED), paths.release_path(tmp_path, SEALED), {})
    assert work.refresh(tmp_path) == []
    answers = answers_of(SEALED) | {"evidence-lower-bound-why": "So."}
    fill(paths.release_path(tmp_path, SEALED), paths.own_path(tmp_path, SEALED), answers)
    return tmp_path


def test_what_is_judged_by_its_form_alone_earns_nothing_and_is_no_longer_left(student):
    release, own = (read(place(student, SEALED)) for place in (paths.release_path, paths.own_path))
    result = points.without_forms(points.validated(release, own, SEALED, {}), release)
    points.note(student, own, result, points.VALIDATE)
    assert [one.id for one in result.exercises if one.by_form] == ["evidence-lower-bound-derivation"]
    assert result.score == result.max_score - 2
    line = next(line for line in table(result).splitlines() if "Exercise 4" in line)
    assert line.split()[0] == "◦" and f"– / 2  {points.BY_FORM}" in line
    (standing,) = overview.standing(student)
    assert standing.is_done and standing.state == "done; 1 exercise for your instructor to judge"
    assert standing.score == standing.total - 2


def test_validate_counts_no_form_where_there_are_no_solutions_and_looks_at_none_where_there_are(student, monkeypatch):
    mine = paths.own_path(student, SEALED)
    validate._note(mine, {})
    assert [one.id for one in points.read(student, SEALED).result.exercises if one.by_form] == [
        "evidence-lower-bound-derivation"
    ]
    shutil.copytree(ROOT / "solutions" / SEALED, student / "solutions" / SEALED)
    monkeypatch.setattr(points, "without_forms", None)  # it takes torch along
    validate._note(mine, {})
    result = points.read(student, SEALED).result
    assert result.score == result.max_score


def test_a_grading_without_solutions_counts_no_form_and_one_with_them_all(student, monkeypatch):
    full = points.validated(
        read(paths.release_path(student, SEALED)), read(paths.own_path(student, SEALED)), SEALED, {}
    )
    for exercise in full.exercises:
        exercise.points, exercise.message, exercise.by_form = exercise.max_points, "", False
    monkeypatch.setattr(grade, "grade_one", lambda *_, **__: Outcome(copy.deepcopy(full), None))
    mine = paths.own_path(student, SEALED)
    assert grade.grade(mine, student).score == full.max_score - 2
    shutil.copytree(ROOT / "solutions" / SEALED, student / "solutions" / SEALED)
    assert grade.grade(mine, student).score == full.max_score


def test_a_change_since_is_said_but_a_run_or_a_note_is_none(course):
    known(course, RIGHT)
    path = paths.own_path(course, NAME)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("# 01 · Tiny", "# 01 · Tiny, with my note"), encoding="utf-8")
    assert "changed since" not in row(course)
    answer(course, {"tiny-half": "def half(x):\n    return x"})
    assert "| 5 / 5 | changed since; press **Validate** again" in row(course)


def test_work_without_a_result_asks_for_one_and_a_stub_again_has_no_points(course):
    answer(course, RIGHT)
    assert "| 0 / 5 | begun; press **Validate**" in row(course)
    known(course, RIGHT)
    shutil.copy(paths.release_path(course, NAME), paths.own_path(course, NAME))
    assert "| 0 / 5 | not started |" in row(course)


def test_validate_takes_back_no_grading_of_the_same_answers(course):
    known(course, RIGHT, failed=["half"])
    known(course, RIGHT, points.VALIDATE)
    assert "| 2 / 5 |" in row(course)
    known(course, RIGHT | {"tiny-half": "def half(x):\n    return 0.5 * x"}, points.VALIDATE)
    assert "| 5 / 5 |" in row(course)


@pytest.mark.parametrize("damage", [b"{", b'{"by": 1}', b"\xff"])
def test_a_damaged_file_of_points_or_notebook_costs_only_its_own_line(course, damage):
    known(course, RIGHT)
    (course / "work" / ".points" / f"{NAME}.json").write_bytes(damage)
    assert "| 0 / 5 | begun; press **Validate**" in row(course)
    paths.own_path(course, NAME).write_bytes(damage)
    assert "| 0 / 5 | cannot be read |" in row(course) and row(course, "02 · Tiny")


def test_validate_keeps_its_points_and_writes_the_page(course):
    answer(course, ONLY_VISIBLE | {"tiny-why": "So."})
    validate._note(paths.own_path(course, NAME), {})
    page = (course / overview.PLACE).read_text(encoding="utf-8")
    assert "**5 of 10 points.**" in page
    answer(course, {"tiny-half": "def half(x):\n    return x", "tiny-why": "*Your answer here.*"})
    replace(paths.own_path(course, NAME), CHECK, IN_SHORT)
    validate.verdict(str(course), f"work/{NAME}/{NAME}.ipynb")
    assert "| 2 / 5 | 1 exercise and 1 answer in words left" in (course / overview.PLACE).read_text(encoding="utf-8")


def test_validate_keeps_nothing_of_a_changed_check_or_of_another_folder(course):
    answer(course, RIGHT | {"tiny-half-check": "pass"})
    replace(paths.own_path(course, NAME), CHECK, IN_SHORT)
    assert "changed" in validate.verdict(str(course), f"work/{NAME}/{NAME}.ipynb")["value"]
    validate._note(fill(paths.release_path(course, NAME), course / "elsewhere" / f"{NAME}.ipynb", RIGHT), {})
    assert not (course / "work" / ".points").exists() and not (course / overview.PLACE).exists()


def test_grade_without_a_path_grades_what_is_begun_from_any_folder_and_adds_it_up(course, monkeypatch, capsys):
    answer(course, ONLY_VISIBLE)
    copy = shutil.copy(paths.own_path(course, NAME), course / "work" / NAME / "01-tiny-Copy1.ipynb")
    os.utime(copy, (2e9, 2e9))
    monkeypatch.chdir(course / "work" / "02-other")
    assert cli.main(["grade"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("01 · Tiny · work/01-tiny/01-tiny.ipynb, saved ")
    assert "work/01-tiny/01-tiny-Copy1.ipynb is newer than 01-tiny.ipynb and was not graded" in said
    assert [" ".join(line.split()) for line in said.splitlines()[-3:]] == [
        "01 · Tiny 3 / 5 1 exercise and 1 answer in words left",
        "02 · Tiny 0 / 5 not started",
        "all lessons 3 / 10",
    ]
    assert "**3 of 10 points.**" in (course / overview.PLACE).read_text(encoding="utf-8")


def test_grade_without_a_path_says_where_nothing_is_begun_and_where_there_is_no_work(course, monkeypatch, capsys):
    monkeypatch.chdir(course)
    assert cli.main(["grade"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["all", "lessons", "0", "/", "10"]
    shutil.rmtree(course / "work")
    assert cli.main(["grade"]) == 1
    assert capsys.readouterr().err.startswith("There is no folder work/ yet; 'course lab' makes it")


def test_a_terminal_is_told_what_is_being_graded_as_long_as_it_is(monkeypatch, capsys):
    for is_terminal, said in ((True, "Grading 01-tiny …"), (False, "")):
        monkeypatch.setattr(sys.stdout, "isatty", lambda answer=is_terminal: answer)
        with cli._shown("Grading 01-tiny …"):
            assert capsys.readouterr().out == said
        assert capsys.readouterr().out == (f"\r{' ' * len(said)}\r" if said else "")


@pytest.mark.parametrize("said", ["work/02-other", "02-other", "../02-other", "../../work/02-other/02-other.ipynb"])
def test_a_path_is_meant_from_the_terminal_from_the_course_or_from_work(course, said, monkeypatch):
    monkeypatch.chdir(course / "work" / NAME)
    found = meant.place(course, Path(said)).resolve()
    assert found in (course / "work" / "02-other", paths.own_path(course, "02-other"))


def test_results_come_in_the_order_of_the_lessons(course):
    for name, answers in ((NAME, RIGHT), ("02-other", {"other-double": RIGHT["tiny-double"]})):
        answer(course, answers, name)
    assert [path.stem for path in meant.notebooks_in(meant.begun(course))] == [NAME, "02-other"]
