"""What those who grade a class meet besides students: zones, names, rights, old gradebooks, a lesson that changes."""

import glob
import io
import os
import shutil
import sqlite3
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import nbgrader
import pytest
import sqlalchemy
from nbgrader.exchange.default import ExchangeReleaseFeedback

from course import cli
from course.errors import CourseError
from course.grading.classroom import classes, exports, gradebook, ledger, pool
from tests import classroom
from tests.classroom import HALF, LESSON, RIGHT, at_once, grades, hand_in
from tests.samples import ROOT, TINY, make_course

DUE = datetime(2026, 7, 1, 11, tzinfo=UTC)
PENALTY = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
THIRD = """
# %% exercise="tiny-third"
def third(x):
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION

# %% check="tiny-third-check" points=4
check.half(third)
"""
WHY = TINY[TINY.index("\n# %% [markdown] written=") :]
CHANGED = TINY.replace(WHY, THIRD).replace("points=3", "points=2")  # one exercise more, one less, and other points


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """A course whose ledger knows what two students handed in, so that nothing is executed again."""
    root = make_course(tmp_path_factory.mktemp("known") / "course")
    for student, answers in (("ann", RIGHT), ("eve", HALF)):
        hand_in(root, student, answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "run", at_once)
        grade(root)
    return root


@pytest.fixture
def course(known, tmp_path, monkeypatch):
    """A copy of it; its submissions lie here since now, long after the lesson was due."""
    monkeypatch.setattr(pool, "run", at_once)
    return shutil.copytree(known, tmp_path / "course")


def grade(root, *students):
    said = []
    return classes.grade(root, LESSON, students=students, workers=1, say=said.append), said


def is_due(root, config=PENALTY):
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(config)
    with classroom.gradebook(root) as book:
        book.update_or_create_assignment(LESSON, duedate=DUE)


def says(root, student, stamp):
    hand_in(root, student, RIGHT)
    (root / "submitted" / student / LESSON / "timestamp.txt").write_text(stamp, encoding="utf-8")


def penalties(root):
    with classroom.gradebook(root) as book:
        return {one.student.id: one.late_submission_penalty for one in book.assignment_submissions(LESSON)}


def test_a_time_in_any_zone_is_late_when_it_is_late(course):
    is_due(course)
    for student, stamp in {
        "prague": "2026-07-01 12:59:59.9 CEST",
        "tokyo": "2026-07-01 19:00:00.0 JST",
        "sydney": "2026-07-01 20:00:00.0 AEST",
        "offset": "2026-07-01 12:00:00.0 +0200",
        "named": "2026-07-01 12:00:00.0 Europe/Prague",
        "late": "2026-07-01 13:00:01.0 CEST",
        "late-west": "2026-07-01 10:00:00.0 -0400",
    }.items():
        says(course, student, stamp)
    said = grade(course)[1]
    assert {student for student, points in penalties(course).items() if points} == {"late", "late-west"}
    assert [line.split(":")[0] for line in said if "Handed in late" in line] == ["! late", "! late-west"]
    copied = course / "autograded" / "prague" / LESSON / "timestamp.txt"
    assert copied.read_text(encoding="utf-8") == "2026-07-01 10:59:59.900000 UTC"


def test_an_ambiguous_zone_is_a_remark_and_takes_back_what_was_taken_off_for_it(course):
    is_due(course)
    for zone, penalty in (("UTC", 5), ("IST", 0)):
        says(course, "india", f"2026-07-01 16:00:00.0 {zone}")
        said = grade(course, "india")[1]
        assert penalties(course)["india"] == penalty
    assert len(said) == 1 and "“2026-07-01 16:00:00.0 IST”, which is no one moment: no penalty" in said[0]


def test_the_exchange_says_what_its_own_zone_means(course):
    is_due(course, PENALTY + 'c.Exchange.timezone = "Asia/Kolkata"\n')
    says(course, "india", "2026-07-01 16:00:00.0 IST")
    says(course, "india-late", "2026-07-01 17:00:00.0 IST")
    said = grade(course, "india", "india-late")[1]
    assert [penalties(course)[name] for name in ("india", "india-late")] == [0, 5]
    assert "Handed in late: its timestamp.txt says 2026-07-01 11:30 UTC." in said[0]


def test_an_extension_counts_for_the_penalty_and_for_the_remark(course):
    is_due(course)
    for student in ("ann", "eve"):
        (course / "submitted" / student / LESSON / "timestamp.txt").write_text("2026-07-01 12:00:00 UTC")
    with classroom.gradebook(course) as book:
        book.grant_extension(LESSON, "ann", days=36500)
    said = grade(course)[1]
    assert penalties(course) == {"ann": 0, "eve": 3}
    assert len(said) == 1 and said[0].startswith("! eve: Handed in late")


def test_when_files_were_unpacked_is_not_what_they_say(course):
    is_due(course)
    said = grade(course)[1]
    assert len(said) <= 2 and all("Nothing beside it says when it was handed in" in line for line in said)


def test_a_lesson_may_gain_and_lose_exercises_and_change_points_in_mid_term(course):
    with classroom.gradebook(course) as book:
        for name, points, comment in (("tiny-why", 1, "Well said."), ("tiny-half", 2.5, "Nearly.")):
            found = book.find_grade({"tiny-half": "tiny-half-check"}.get(name, name), LESSON, LESSON, "eve")
            found.manual_score, found.needs_manual_grade = points, False
            book.find_comment(name, LESSON, LESSON, "eve").manual_comment = comment
        book.db.commit()
    for student in ("kim", "zoe"):
        hand_in(course, student, {})
    make_course(course, CHANGED, executed=False)
    summary, said = grade(course)
    assert not summary.failed and {result.max_score for result in summary.results} == {8}
    assert grades(course)["eve", "tiny-half-check"][1] == 2.5
    assert grades(course)["eve", "tiny-half-check"][3] == "Nearly."
    assert grades(course)["ann", "tiny-third-check"] == (0, None, False, "Not filled in yet.")
    assert not [cell for _, cell in grades(course) if cell == "tiny-why"]
    change = [line for line in said if "has changed since students were entered" in line]
    assert len(change) == 1
    for part in ("tiny-third is new", "tiny-why is gone", "tiny-half has 2 points instead of 3", "taken-back.txt"):
        assert part in change[0]
    kept = (course / ".grading" / "results" / LESSON / ledger.TAKEN_BACK).read_text(encoding="utf-8")
    assert "eve: tiny-why is no longer in the lesson; a person gave 1 point and “Well said.” for it." in kept
    about_points = [line for line in said if "The points of tiny-half" in line]
    assert about_points == [
        "! ann, eve, kim, zoe: The points of tiny-half-check were changed to 3; the original 2 were used."
    ]
    assert len(said) == 3  # and one for all that tiny-third is missing

    make_course(course, TINY)
    said = grade(course)[1]
    assert "tiny-third is gone, tiny-why is new" in said[0] and grades(course)["eve", "tiny-why"][2]
    assert not [line for line in grade(course)[1] if "has changed" in line]


def test_names_that_no_id_can_have_are_graded_and_shown(course):
    names = [b"m\xfcller", b"e\x1b[31mve", b"two\nlines", b"tab\there", "a\u202eb".encode()]
    for name in names:
        target = os.fsencode(course / "submitted") + b"/" + name
        shutil.copytree(os.fsencode(course / "submitted" / "ann"), target)
    summary, said = grade(course)
    ids = {result.submission for result in summary.results}
    assert ids == {"ann", "eve", "m\\xfcller", "e\\u001b[31mve", "two\\nlines", "tab\\there", "a\\u202eb"}
    assert len(said) == 5 and all(line.isprintable() and "rename the folder" in line for line in said)
    assert classroom.graded_cell(course, "m\\xfcller", "tiny-half") == RIGHT["tiny-half"]
    exports.export(course, [LESSON], moodle=course / "moodle.csv")
    assert grade(course, "m\\xfcller")[0].known == 1


def test_a_name_in_two_unicode_spellings_is_one_student(course):
    composed, apart = (unicodedata.normalize(form, "Jörg") for form in ("NFC", "NFD"))
    hand_in(course, apart, RIGHT)
    assert [result.submission for result in grade(course, composed)[0].results] == [composed]
    hand_in(course, composed, HALF)
    summary, said = grade(course, apart)
    assert [(result.submission, result.score) for result in summary.results] == [(composed, 3)]
    assert len(said) == 1 and "2 folders spell this name in different bytes; the newest one is graded" in said[0]
    with classroom.gradebook(course) as book:
        assert [student.id for student in book.students if student.id[0] == "J"] == [composed]


def test_the_gradebooks_spelling_of_a_name_is_kept(course):
    apart = unicodedata.normalize("NFD", "Zoë")
    with classroom.gradebook(course) as book:
        book.add_student(apart)
    hand_in(course, "Zoë", RIGHT)
    summary, said = grade(course, "Zoë")
    assert [result.submission for result in summary.results] == [apart] and said == []


def test_ids_may_hold_commas(course):
    for student in ("Doe, Jane", "Jane"):
        hand_in(course, student, RIGHT)
    for asked, got in {
        "Doe, Jane": ["Doe, Jane"],
        "Jane": ["Jane"],
        "ann, Doe, Jane,eve": ["Doe, Jane", "ann", "eve"],
        "Jane,": ["Jane"],
    }.items():
        assert [result.submission for result in grade(course, asked)[0].results] == got
    with pytest.raises(CourseError, match="Doe has not handed in"):
        grade(course, "Doe, ann")


def test_each_notebook_in_no_lessons_folder_has_a_line(course):
    tiny = course / "submitted" / "ann" / LESSON / f"{LESSON}.ipynb"
    for place in (
        "eve",
        "flo/01-tiny (1)",
        "gus/01-Tiny",
        "01-tiny/hal",
        "ida/Downloads/01-tiny",
        "kim/.ipynb_checkpoints",
    ):
        (course / "submitted" / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(tiny, course / "submitted" / place)
    shutil.copytree(course / "notebooks" / LESSON, course / "notebooks" / "02-other")
    shutil.copytree(tiny.parent, course / "submitted" / "ann" / "02-other")
    summary, said = grade(course)
    stray = ["01-tiny/hal", "eve", "flo/01-tiny (1)", "gus/01-Tiny", "ida/Downloads/01-tiny"]
    assert [line.split(" holds a notebook")[0] for line in said] == [f"! submitted/{place}" for place in stray]
    assert "move it to submitted/flo/01-tiny." in said[2] and len(summary.results) == 2


def test_feedback_can_be_fetched_whatever_the_umask(course):
    before = os.umask(0o077)
    try:
        grade(course)
    finally:
        os.umask(before)
    pages = list((course / "feedback").glob("*/*/*.html"))
    assert pages and {path.stat().st_mode & 0o777 for path in pages} == {0o644}


def test_a_path_with_the_marks_of_patterns_and_addresses(known, tmp_path, monkeypatch):
    monkeypatch.setattr(glob, "glob", glob.glob)
    root = shutil.copytree(known, tmp_path / "a[x] *b?c=d&e%41#f" / "course")
    (root / "gradebook.db").unlink()
    (root / "exchange").mkdir()
    (root / "exchange").chmod(0o777)
    assert len(grade(root)[0].results) == 2 and (root / "gradebook.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["a[x] *b?c=d&e%41#f"]
    exports.export(root, [LESSON], moodle=root / "moodle.csv")
    directory = gradebook.course_directory(root)
    directory.assignment_id = LESSON
    ExchangeReleaseFeedback(coursedir=directory, config=directory.config).start()
    assert len(list((root / "exchange").rglob("*.html"))) == 2
    assert glob.glob(f"{glob.escape(str(root))}/feedback/*") and glob.glob(b"*") is not None


def test_an_old_gradebook_names_the_command_that_renews_it_and_is_left_as_it_is(course):
    old = Path(nbgrader.__file__).parent / "tests" / "apps" / "files" / "gradebook.db"  # of nbgrader 0.4
    shutil.copy(old, course / "gradebook.db")
    with pytest.raises(CourseError, match="another version of nbgrader made it, and 'nbgrader db upgrade' renews it"):
        grade(course)
    with pytest.raises(CourseError, match="nbgrader db upgrade"):
        exports.export(course, [LESSON], moodle=course / "x.csv")
    assert (course / "gradebook.db").read_bytes() == old.read_bytes()


@pytest.mark.parametrize("is_new", [False, True], ids=["known lesson", "new gradebook"])
def test_a_gradebook_that_cannot_be_written_is_one_sentence(course, capfd, is_new):
    if is_new:
        sqlite3.connect(course / "gradebook.db").executescript("DELETE FROM notebook; DELETE FROM assignment;")
    else:
        hand_in(course, "new", RIGHT)
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('c.CourseDirectory.db_url = f"sqlite:///file:{root}/gradebook.db?mode=ro&uri=true"\n')
    with pytest.raises(CourseError, match="cannot be used: attempt to write a readonly database. What was") as told:
        grade(course)
    assert "\n" not in str(told.value) and "INSERT" not in str(told.value) and capfd.readouterr().err == ""


def test_a_full_gradebook_is_one_sentence_and_nobodys_fault(course, capfd):
    def fill(connection, _):
        connection.execute("PRAGMA max_page_count = 1")  # which counts as what it has

    for number in range(15):
        shutil.copytree(course / "submitted" / "ann", course / "submitted" / f"student-{number}")
    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", fill)
    try:
        with pytest.raises(CourseError, match="cannot be used: database or disk is full. What was") as told:
            grade(course)
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "connect", fill)
    assert "INSERT" not in str(told.value) and capfd.readouterr().err == ""
    assert len(grade(course)[0].results) == 17


@pytest.mark.parametrize(
    ("encoding", "shown"), [("ascii", b'x + ... "a" - \\xfc'), ("cp1252", "x + … “a” · ü".encode("cp1252"))]
)
def test_a_terminal_of_any_encoding_shows_the_sentence(encoding, shown, monkeypatch):
    terminal = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert cli.main(["grade", "✗ ✓ … “a” · ü\x1b[2J\udcfc"]) == 1
    terminal.flush()
    told = terminal.buffer.getvalue()
    assert shown in told and b"\\u001b[2J\\xfc" in told and b"\x1b" not in told


def test_the_courses_helpers_come_before_others_of_that_name(tmp_path):
    (tmp_path / "helpers.py").write_text("", encoding="utf-8")
    shown = "import helpers; print(helpers.__file__)"
    code = f"import subprocess, sys\nfrom course.cli import main\ntry: main(['none'])\nexcept SystemExit: {shown}\n"
    code += f"subprocess.run([sys.executable, '-c', {shown!r}])"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT / "docs", capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == [str(ROOT / "helpers" / "__init__.py")] * 2


def test_kernels_that_nbgrader_starts_take_the_courses_helpers(course, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for _ in range(2):
        gradebook.course_directory(course)
        assert os.environ["PYTHONPATH"].split(os.pathsep) == [str(course), str(tmp_path)]
