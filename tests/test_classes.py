"""A class is graded once and completely, whatever dies or fills up on the way."""

import errno
import json
import os
import shutil
import signal
import subprocess
import time

import psutil
import pytest

from course import cli, files, paths
from course.errors import CourseError
from course.grading.classroom import classes, exports, gradebook, ledger, pool
from course.grading.grade import KILLED
from course.grading.running import runner, session
from course.grading.submission import cells
from tests import classroom
from tests.classroom import HALF, LESSON, RIGHT, at_once, grades, hand_in
from tests.samples import ROOT, answers_of, make_course, read, replace

WRONG = {"tiny-double": "def double(x):\n    return 3 * x"}
SLOW = {"tiny-double": "import time\ntime.sleep(0.7)\n" + RIGHT["tiny-double"]}
CLASS = {"ann": RIGHT, "bob": {}, "eve": HALF, "kim": WRONG}
DESERVED = {"ann": [2, 3], "bob": [0, 0], "eve": [0, 3], "kim": [0, 0]}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A course with one tiny lesson and what grading it has found out about its checks."""
    root = make_course(tmp_path_factory.mktemp("built") / "course")
    with classroom.gradebook(root):
        empty = (root / "gradebook.db").read_bytes()
    hand_in(root, "ann", RIGHT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "run", at_once)
        grade(root)
    for name in ("submitted", "autograded", "feedback", ".grading/results"):
        shutil.rmtree(root / name)
    (root / "gradebook.db").write_bytes(empty)
    return root


@pytest.fixture
def course(built, tmp_path, monkeypatch):
    """A copy, with a class that has handed in; the pool has a test file of its own, and is killed from outside here."""
    monkeypatch.setattr(pool, "run", at_once)
    root = shutil.copytree(built, tmp_path / "course")
    for student, answers in CLASS.items():
        hand_in(root, student, answers)
    return root


def grade(root, **options):
    said = []
    summary = classes.grade(root, LESSON, say=said.append, **{"workers": 1} | options)
    return summary, said


def auto_scores(root):
    checks = {(who, name): entry[0] for (who, name), entry in grades(root).items() if name.endswith("-check")}
    return {who: [checks[who, "tiny-double-check"], checks[who, "tiny-half-check"]] for who, _ in checks}


def records(root):
    return sorted((root / ".grading" / "results" / LESSON).glob("*.json"))


def test_a_class_gets_points_written_answers_wait_and_a_second_run_changes_nothing(course):
    (course / "submitted" / "zed" / LESSON).mkdir(parents=True)
    (course / "submitted" / "zed" / LESSON / f"{LESSON}.ipynb").write_text("{", encoding="utf-8")
    summary, said = grade(course)
    assert auto_scores(course) == DESERVED | {"zed": [0, 0]}
    entered = grades(course)
    assert entered["eve", "tiny-why"] == (None, None, True, None)
    assert entered["ann", "tiny-why"] == (0, None, False, "No response.")
    assert entered["kim", "tiny-double-check"][3] == "Twice 2 is 6, but 4 was expected. Multiply by two."
    assert entered["bob", "tiny-half-check"][3] == "Not filled in yet."
    assert "damaged" in entered["zed", "tiny-half-check"][3] and any(line.startswith("! zed: ") for line in said)
    assert (summary.graded, summary.known, summary.failed) == (5, 0, {})

    again, _ = grade(course)
    assert (again.graded, again.known) == (0, 5) and grades(course) == entered
    assert "5 in the gradebook (0 graded now, 5 known from before), mean 1.6 of 5 points" in classes.report(again)
    listed = {entry["submission"]: entry["score"] for entry in json.loads(classes.as_json(again))}
    assert listed == {who: sum(points) for who, points in DESERVED.items()} | {"zed": 0}


def test_a_claim_of_having_been_in_time_does_not_count(course):
    """Submissions lie here since now; what a student's computer wrote beside them may be years older."""
    folder = course / "submitted" / "eve" / LESSON
    (folder / "timestamp.txt").write_text("2020-01-01 10:00:00 UTC", encoding="utf-8")
    for path in folder.iterdir():
        os.utime(path, (1_500_000_000, 1_500_000_000))
    _, said = grade(course, students=["eve"])
    assert said == []
    with classroom.gradebook(course) as book:
        book.update_or_create_assignment(LESSON, duedate="2021-01-01 00:00:00 UTC")
    _, said = grade(course, students=["eve"])
    assert len(said) == 1 and "after the deadline. Its own files name an earlier time" in said[0]


def test_graded_notebooks_and_feedback_lie_where_nbgrader_looks_and_show_no_hidden_test(course):
    hand_in(course, "eve", HALF, name="my tiny")
    (course / "submitted" / "eve" / LESSON / f"{LESSON}.ipynb").unlink()
    (course / "submitted" / "eve" / LESSON / "timestamp.txt").write_text("2026-03-01 10:00:00 UTC", encoding="utf-8")
    (course / "submitted" / "eve" / LESSON / "submission_secret.txt").write_text("ab12", encoding="utf-8")
    (course / "submitted" / "eve" / LESSON / "mine.py").write_text("x = 1 # \u202e", encoding="utf-8")
    (course / "submitted" / "eve" / LESSON / "weights").mkdir()
    (course / "submitted" / "eve" / LESSON / "weights" / "a.pt").write_bytes(b"\0")
    grade(course, students=["eve"])
    assert set(auto_scores(course)) == {"eve"}
    assert classroom.graded_cell(course, "eve", "tiny-half") == RIGHT["tiny-half"]
    folder = course / "feedback" / "eve" / LESSON
    assert {path.name for path in folder.iterdir()} == {
        f"{LESSON}.html",
        "my tiny.html",
        f"{LESSON}.json",
        "timestamp.txt",
        "submission_secret.txt",
    }
    assert (folder / "submission_secret.txt").read_text(encoding="utf-8") == "ab12"
    names, module = read(course / "autograded" / "eve" / LESSON / f"{LESSON}.ipynb").cells[-2:]
    assert names.source.endswith(":** `mine.py`, `my tiny.ipynb`, `weights/a.pt`.") and cells.is_untouched(names)
    assert module.source == "# mine.py\nx = 1 # \\u202e" and "mine.py" not in (folder / f"{LESSON}.html").read_text()
    with classroom.gradebook(course) as book:
        assert str(book.find_submission(LESSON, "eve").timestamp) == "2026-03-01 10:00:00"
    for path in [*folder.iterdir(), *(course / "autograded" / "eve" / LESSON).iterdir()]:
        assert "double(5)" not in path.read_text(encoding="utf-8"), path


def test_what_a_person_gave_stays_until_the_answer_is_another_one(course):
    grade(course)
    with classroom.gradebook(course) as book:
        for student, cell, points in (("eve", "tiny-why", 1), ("kim", "tiny-double-check", 1.5)):
            found = book.find_grade(cell, LESSON, LESSON, student)
            found.manual_score, found.needs_manual_grade = points, False
        book.find_comment("tiny-why", LESSON, LESSON, "eve").manual_comment = "Well said."
        book.db.commit()
    grade(course)
    assert grades(course)["eve", "tiny-why"] == (None, 1, False, "Well said.")
    assert grades(course)["kim", "tiny-double-check"][:3] == (0, 1.5, False)
    assert "Well said." in (course / "feedback" / "eve" / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")

    hand_in(course, "eve", HALF | {"tiny-why": "On second thoughts, no."})
    hand_in(course, "kim", WRONG | {"tiny-half": RIGHT["tiny-half"]})
    said = grade(course)[1]
    assert grades(course)["eve", "tiny-why"] == (None, None, True, None)
    assert grades(course)["kim", "tiny-double-check"][:3] == (0, 1.5, False)
    assert auto_scores(course)["kim"] == [0, 3]
    assert [line for line in said if "tiny-why is another answer" in line and "1 point and “Well said.”" in line]
    kept = (course / ".grading" / "results" / LESSON / ledger.TAKEN_BACK).read_text(encoding="utf-8")
    assert kept.count("\n") == 1 and "eve: tiny-why is another answer" in kept and "1 point and “Well said.”" in kept


def test_what_nbgrader_takes_off_for_a_late_submission_is_taken_off_here_too(course):
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
    for student in ("ann", "eve"):
        said = {"ann": "2026-03-02 10:00:00 UTC", "eve": "2026-02-28 10:00:00 UTC"}[student]
        (course / "submitted" / student / LESSON / "timestamp.txt").write_text(said, encoding="utf-8")
    gradebook.prepare(course, gradebook.course_directory(course), LESSON)
    with classroom.gradebook(course) as book:
        book.update_or_create_assignment(LESSON, duedate="2026-03-01 00:00:00 UTC")
    grade(course, students=["ann", "eve"])
    with classroom.gradebook(course) as book:
        off = {who: book.find_submission(LESSON, who).late_submission_penalty for who in ("ann", "eve")}
    assert off == {"ann": 5, "eve": 0}
    for student, told in (("ann", True), ("eve", False)):
        page = (course / "feedback" / student / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
        assert ("5 points are taken off, since this was handed in late." in page) == told
    exports.export(course, [LESSON], moodle=course / "moodle.csv")
    assert (course / "moodle.csv").read_text(encoding="utf-8").splitlines()[1].endswith(",2,3,0,0")


AGENT, GENERATOR = "05-your-own-agent", "09-your-own-generator"
PROJECTS = {  # by student: an agent, a generator, and their points
    "bob": ({}, {}, 0),
    "kim": (
        {"your-own-agent-agent": "def agent():\n    return 'MountainCar-v0', lambda seen: 2"},
        {"your-own-generator-generator": "def generator():\n    return 1, 2, 3"},
        0,
    ),
    "eve": (
        {"your-own-agent-agent": "from mine import agent", "your-own-agent-report": "See mine.py."},
        {"your-own-generator-generator": "from mine import generator", "your-own-generator-report": "See mine.py."},
        6,
    ),
}
MINE = """
import torch
from helpers import pretrained

def agent():
    edge = torch.load("kept/edge.pt")
    return "MountainCar-v0", lambda seen: 2 if seen[1] >= edge else 0

def generator():
    model = pretrained.digits_vae(20)
    model.load_state_dict(torch.load("kept/weights.pt"))
    return model.encode, model.decode, lambda n: model.images(torch.randn(n, 20))
"""


@pytest.mark.thorough(only=True)
def test_the_projects_are_graded_with_modules_and_weights_beside_them(tmp_path, monkeypatch):
    import torch

    from helpers import pretrained

    monkeypatch.setattr(pool, "run", at_once)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    for lesson in (AGENT, GENERATOR):
        for folder in ("solutions", "notebooks"):
            shutil.copytree(ROOT / folder / lesson, tmp_path / folder / lesson)
    for student, (agent, generator, _) in PROJECTS.items():
        for lesson, answers in ((AGENT, agent), (GENERATOR, generator)):
            folder = hand_in(tmp_path, student, answers, name=lesson, lesson=lesson).parent
            if student == "eve":
                (folder / "mine.py").write_text(MINE, encoding="utf-8")
                (folder / "kept").mkdir()
                torch.save(torch.tensor(0.0), folder / "kept" / "edge.pt")
                torch.save(pretrained.digits_vae(20).state_dict(), folder / "kept" / "weights.pt")
    hand_in(tmp_path, "ann", answers_of(AGENT), name=AGENT, lesson=AGENT)
    for lesson in (AGENT, GENERATOR):
        summary = classes.grade(tmp_path, lesson, say=lambda _: None, workers=1)
        deserved = {who: points for who, (*_, points) in PROJECTS.items()} | ({"ann": 6} if lesson == AGENT else {})
        assert {result.submission: result.score for result in summary.results} == deserved and not summary.look
        graded = grades(tmp_path, lesson)
        report = f"{lesson.partition('-')[2]}-report"
        assert [graded[who, report][2] for who in ("bob", "eve")] == [False, True]
        assert read(tmp_path / "autograded" / "eve" / lesson / f"{lesson}.ipynb").cells[-1].source.endswith(MINE)


def test_a_changed_lesson_is_graded_anew_and_an_equal_submission_only_once(course):
    hand_in(course, "twin", CLASS["ann"])
    summary, _ = grade(course, students=["ann", "twin"])
    assert auto_scores(course)["twin"] == [2, 3] and len(records(course)) == 1
    replace(paths.solution_path(course, LESSON), "numbers=(5,)", "numbers=(6,)")
    assert grade(course, students=["ann"])[0].graded == 1


def workers_of(process):
    return [child for child in process.children(recursive=True) if "spawn_main" in " ".join(child.cmdline())]


def start(root, *words):
    return psutil.Popen(
        classroom.command(root, *words), cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def is_gone(process):
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def slow_class(root, answers=SLOW):
    shutil.rmtree(root / "submitted")
    for number in range(6):
        hand_in(root, f"slow{number}", answers | {"tiny-why": f"I am number {number}."})


@pytest.fixture
def undisturbed(course, tmp_path):
    """The gradebook of a class that was graded in one go; its answers do the same and are quick."""
    root = shutil.copytree(course, tmp_path / "undisturbed")
    slow_class(root, {"tiny-double": RIGHT["tiny-double"]})
    grade(root)
    return grades(root)


def test_the_grader_is_killed_and_started_again(course, undisturbed):
    slow_class(course)
    process = start(course, "--workers", 1)
    wait_until(lambda: len(records(course)) >= 2)
    helpers = process.children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_until(lambda: all(map(is_gone, helpers)), 20)
    kept = len(records(course))
    assert 2 <= kept < 6
    summary, _ = grade(course)
    assert (summary.known, summary.graded) == (kept, 6 - kept)
    assert grades(course) == undisturbed


@pytest.mark.thorough(only=True)
def test_a_worker_is_killed_in_the_middle(course, undisturbed):
    slow_class(course)
    process = start(course, "--workers", 2)
    wait_until(lambda: len(records(course)) >= 1)
    workers_of(process)[0].send_signal(signal.SIGKILL)
    output = process.communicate()[0]
    assert process.returncode == 0 and "6 in the gradebook (6 graded now" in output, output
    assert len(records(course)) == 6 and grades(course) == undisturbed


@pytest.mark.parametrize("place", ["the ledger", "a page of feedback"])
def test_a_full_disk_stops_with_a_sentence_and_loses_nothing(course, monkeypatch, place):
    calls = []

    def full_at_the_third(*arguments, **named):
        calls.append(arguments)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments, **named)

    where, name = (files.os, "fsync") if place == "the ledger" else (files, "write")
    real = getattr(where, name)
    monkeypatch.setattr(where, name, full_at_the_third)
    with pytest.raises(CourseError, match="cannot be written: No space left on device. What was"):
        grade(course)
    monkeypatch.setattr(where, name, real)
    kept = records(course)
    assert kept and not list(kept[0].parent.glob("*.part"))
    summary, _ = grade(course)
    assert (summary.known, summary.graded) == (len(kept), 4 - len(kept))
    assert auto_scores(course) == DESERVED


def test_a_record_that_power_cut_short_counts_as_none(course):
    grade(course)
    entered = grades(course)
    for number, path in enumerate(records(course)):
        text = path.read_text(encoding="utf-8")
        path.write_text([text[: len(text) // 2], "", "\0" * 100, "[]"][number], encoding="utf-8")
    assert grade(course)[0].graded == 4 and grades(course) == entered


def test_what_kills_its_grader_twice_waits_for_a_person_and_is_tried_again_next_time(course, monkeypatch):
    def run(jobs, perform, workers):
        for job in jobs:
            yield pool.Graded(job, fault="the process that graded it died or hung", deadly=True)

    monkeypatch.setattr(pool, "run", run)
    summary, said = grade(course, students=["ann"])
    assert grades(course)["ann", "tiny-half-check"] == (0, None, True, classes.DEADLY)
    assert set(summary.failed) == {"ann"} and "Not graded: ann." in classes.report(summary)
    assert [line for line in said if classes.DEADLY in line]
    monkeypatch.setattr(pool, "run", at_once)
    grade(course)
    assert auto_scores(course) == DESERVED and not grades(course)["ann", "tiny-half-check"][2]


def test_what_the_machine_ended_twice_waits_for_a_person_and_is_kept_in_no_ledger(course, monkeypatch):
    def killed(*_, **__):
        raise session.Killed

    monkeypatch.setattr(pool, "run", at_once)
    with monkeypatch.context() as patch:
        patch.setattr(runner, "run", killed)
        summary, said = grade(course, students=["ann"])
    assert grades(course)["ann", "tiny-half-check"] == (0, None, True, KILLED)
    assert set(summary.failed) == {"ann"} and summary.graded == 0
    assert [line for line in said if "the machine ended its process twice" in line]
    assert not list((course / ".grading" / "results" / LESSON).glob("*.json"))
    grade(course)
    assert auto_scores(course) == DESERVED and not grades(course)["ann", "tiny-half-check"][2]


ODD = {
    "half a pair": "raise ValueError(chr(0xD800))",
    "a terminal's code": "raise ValueError('\\x1b[2Jtotal 6 / 6')",
    "deep data": "x = []\nfor _ in range(480):\n    x = [x]\ndisplay({'text/plain': ''}, metadata={'a': x}, raw=True)",
    "forged names": (
        "import checks.answer\nchecks.answer.Desk.reply = lambda *a: chr(0xD800).encode('utf-8', 'surrogatepass')"
    ),
    "forged outputs": (
        "import child.shell\nchild.shell.record = lambda s, e: {'outputs': [{'text': ['x']}] * 9, 'error': None}"
    ),
}


def test_no_submission_stops_the_class(course):
    for student, answer in ODD.items():
        hand_in(course, student, {"tiny-double": answer})
    for _ in range(2):  # graded, then known
        summary, said = grade(course)
        assert len(summary.results) == len(CLASS) + len(ODD) and not summary.failed
        assert not any("\x1b" in line or "\n" in line for line in said)
    assert auto_scores(course) == DESERVED | dict.fromkeys(ODD, [0, 0])


def test_a_result_that_cannot_be_entered_is_told_and_the_others_are(course, monkeypatch):
    enter = gradebook.enter

    def enter_all_but_one(book, result, **options):
        if result.submission == "ann":
            raise UnicodeError("odd \x1b text")
        enter(book, result, **options)

    monkeypatch.setattr(gradebook, "enter", enter_all_but_one)
    summary, said = grade(course)
    assert set(summary.failed) == {"ann"} and set(auto_scores(course)) == set(CLASS) - {"ann"}
    assert "! ann: could not be graded: its result could not be entered: UnicodeError: odd \\u001b text" in said


def test_names_that_are_too_long_or_folders_do_not_stop_it(course):
    folder = course / "submitted" / "ann" / LESSON
    (folder / ("课" * 82 + ".ipynb")).write_text("{}")
    shutil.rmtree(folder / "timestamp.txt", ignore_errors=True)
    (folder / "timestamp.txt").unlink(missing_ok=True)
    (folder / "timestamp.txt").mkdir()
    (folder / "submission_secret.txt").mkdir()
    summary, _ = grade(course)
    assert not summary.failed and len(summary.results) == len(CLASS)


def test_two_graders_at_once_and_what_is_not_there_are_refused_in_a_sentence(course, monkeypatch, capsys):
    with ledger.only_one(course / ".grading"), pytest.raises(CourseError, match="being graded already"):
        grade(course)
    with pytest.raises(CourseError, match="kit has not handed in this lesson; ann, bob"):
        grade(course, students=["kit"])
    shutil.rmtree(course / "submitted")
    with pytest.raises(CourseError, match="Nobody has handed in 01-tiny: there is no submitted/STUDENT/01-tiny"):
        grade(course)
    shutil.rmtree(course / "solutions")
    with pytest.raises(CourseError, match="no solution of 01-tiny here"):
        grade(course)
    monkeypatch.chdir(course)
    for words in (["--class", LESSON], [f"--class={LESSON}"]):
        assert cli.main(["grade", *words]) == 1
        told = capsys.readouterr().err
        assert f"is now: course grade-class {LESSON}\n" in told
        assert told.count("\n") == 2 and "no solution of 01-tiny here" in told
