"""The CSV files that Moodle and Canvas import, read back as a spreadsheet does."""

import csv

import pytest

from course import paths
from course.errors import CourseError
from course.grading.classroom import exports, gradebook
from course.grading.result import Exercise, Result, Written
from tests.classroom import LESSON, run_nbgrader
from tests.samples import ROOT, make_course

COLUMNS = [f"{LESSON} tiny-double", f"{LESSON} tiny-half", f"{LESSON} tiny-why", f"{LESSON} total"]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A gradebook with three students who handed in and one who did not; two have names that are formulas."""
    root = make_course(tmp_path_factory.mktemp("exports") / "course")
    directory = gradebook.course_directory(root)
    gradebook.prepare(root, directory, LESSON)
    with gradebook.opened(directory) as book:
        for student, points, answered in (("ann", [2, 3], False), ("bob", [0, 3], True), ("=eve", [2, 0], True)):
            exercises = [Exercise("tiny-double", points[0], 2, ""), Exercise("tiny-half", points[1], 3, "")]
            result = Result(student, LESSON, exercises, [Written("tiny-why", 1, answered)])
            gradebook.enter(book, result, timestamp=None, changed=set(), taken_back=print)
        bob = {"first_name": "Bob", "last_name": '=HYPERLINK("http://evil")', "email": "@sum", "lms_user_id": "4711"}
        book.update_or_create_student("bob", **bob)
        book.update_or_create_student("zoe", first_name="Zoë", last_name="Müller, Jr.", email="zoe@uni.example")
        found = book.find_grade("tiny-why", LESSON, LESSON, "=eve")
        found.manual_score, found.needs_manual_grade = 0.5, False
        book.db.commit()
    return root


@pytest.fixture(scope="module")
def written(course):
    said = exports.export(course, [LESSON], moodle=course / "moodle.csv", canvas=course / "canvas.csv")
    return {name: _read(course / f"{name}.csv") for name in ("moodle", "canvas")}, said


def _read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_moodle_gets_a_column_for_each_exercise_and_each_way_to_know_a_student(written):
    head, eve, ann, bob, zoe = written[0]["moodle"]
    assert head == ["ID number", "Username", "First name", "Surname", "Email address", *COLUMNS]
    assert ann == ["ann", "ann", "", "", "", "2", "3", "0", "5"]
    assert eve == ["'=eve", "'=eve", "", "", "", "2", "0", "0.5", "2.5"]
    assert bob == ["4711", "bob", "Bob", '\'=HYPERLINK("http://evil")', "'@sum", "0", "3", "", "3"]
    assert zoe == ["zoe", "zoe", "Zoë", "Müller, Jr.", "zoe@uni.example", "", "", "", ""]


def test_canvas_gets_its_five_columns_and_the_points_possible(written):
    head, possible, _, ann, bob, zoe = written[0]["canvas"]
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *COLUMNS]
    assert possible == ["    Points Possible", "", "", "", "", "2", "3", "1", "6"]
    assert ann == ["ann", "", "", "ann", "", "2", "3", "0", "5"]
    assert bob[:5] == ['\'=HYPERLINK("http://evil"), Bob', "4711", "", "bob", ""]
    assert zoe[0] == "Müller, Jr., Zoë"


def test_columns_bear_titles():
    assert exports._titles(ROOT, "01-bandits")["bandits-sweep"] == "Exercise 8 · Why?"


def test_what_has_no_title_of_its_own_keeps_its_id(tmp_path, monkeypatch):
    path = paths.release_path(tmp_path, LESSON)
    path.parent.mkdir(parents=True)
    path.write_bytes(paths.release_path(ROOT, "01-bandits").read_bytes())
    monkeypatch.setattr(exports.titles, "of", lambda _: {"a": "Exercise 1", "b": "Exercise 1", "c": "Exercise 2"})
    assert exports._titles(tmp_path, LESSON) == {"c": "Exercise 2"} and exports._titles(tmp_path, "02-none") == {}


def test_no_cell_starts_a_formula(written):
    cells = [cell for rows in written[0].values() for row in rows for cell in row]
    assert not [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))]
    for text in ("=1", "+1", "-1", "@a", "\t=1", " =1", "\n=1", "\r\n =1", "\u00a0=1", "\u200b=1", "\uff1d1", "\n"):
        assert exports._cell(text) == f"'{text}"


def test_what_waits_for_a_person_is_said(written):
    assert written[1][-1] == "1 written answers or checks wait for a person; their cells are empty."


def test_the_command_exports(course, command, tmp_path):
    code, said, _ = command(course, "export", LESSON, "--moodle", tmp_path / "a.csv")
    assert code == 0 and "a.csv: 4 students." in said
    assert _read(tmp_path / "a.csv") == _read(course / "moodle.csv")


def test_what_cannot_be_is_a_sentence(course):
    with pytest.raises(CourseError, match="--moodle FILE, --canvas FILE or both"):
        exports.export(course, [LESSON])
    with pytest.raises(CourseError, match="The gradebook has no 09-none; run: course grade-class 09-none"):
        exports.export(course, ["09-none"], moodle=course / "x.csv")
    with pytest.raises(CourseError, match="x.csv cannot be written"):
        exports.export(course, [LESSON], canvas=course / "gradebook.db" / "x.csv")


def test_nbgraders_own_export_still_works(course):
    code, said = run_nbgrader(course, "export", "--to", "grades.csv")
    assert code == 0, said
    with open(course / "grades.csv", encoding="utf-8") as file:
        assert "ann" in file.read()


def test_a_gradebook_that_is_none_is_a_sentence(tmp_path):
    root = make_course(tmp_path / "course")
    (root / "gradebook.db").write_text("no database at all", encoding="utf-8")
    with pytest.raises(CourseError, match="cannot be used: file is not a database"):
        exports.export(root, [LESSON], moodle=root / "x.csv")
