"""A term in a minute: release, fetch, work, validate, submit, collect, grade, formgrader, feedback, export.

Student and instructor have a course folder each, as they have in a class, and meet in the exchange alone.
"""

import csv
import getpass
import os
import shutil
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests import browser, classroom
from tests.classroom import LESSON, RIGHT
from tests.samples import ROOT, make_course

STUDENT = getpass.getuser()
SCRIPT = "<img src='nowhere' onerror='window.stolen = 1'><script>window.stolen = 1</script>"
SHOWN = f"from IPython.display import HTML, display\ndisplay(HTML({SCRIPT!r}))\n"
ANSWERS = {"tiny-double": SHOWN + RIGHT["tiny-double"], "tiny-why": f"Because I say so. {SCRIPT}"}


@pytest.fixture
def instructor(tmp_path):
    """The instructor's course, with the exchange that all share."""
    root = make_course(tmp_path / "instructor")
    (root / "exchange").mkdir()
    (root / "exchange").chmod(0o777)
    return root


@pytest.fixture
def student(tmp_path, instructor, monkeypatch):
    """A student's course, which does not have the lesson yet."""
    root = tmp_path / "student"
    shutil.copytree(ROOT / "notebooks" / "00-start-here", root / "notebooks" / "00-start-here")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    monkeypatch.setenv("COURSE_EXCHANGE", str(instructor / "exchange"))
    return root


def nbgrader(root, *words):
    result = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words], cwd=root, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stderr


def grade(root, says):
    result = classroom.grade(root, "--workers", 1)
    assert result.returncode == 0 and says in result.stdout, result.stdout + result.stderr


def row(page, place):
    """Return the lesson's line in one of the lists of JupyterLab's panel."""
    found = page.locator(f"#{place}_assignments_list").filter(has_text=LESSON)
    found.wait_for(timeout=browser.MINUTES)
    return found


def fetch_work_and_submit(page):
    page.evaluate("() => jupyterapp.commands.execute('nbgrader:open-assignment-list')")
    row(page, "released").get_by_role("button", name="Fetch").click()
    row(page, "fetched")
    browser.open_notebook(page, f"work/{LESSON}/{LESSON}.ipynb")
    browser.fill(page, ANSWERS)
    assert "Not filled in yet." in browser.validate(page)  # the half is left out
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    page.evaluate("() => jupyterapp.commands.execute('nbgrader:open-assignment-list')")
    row(page, "fetched").get_by_role("button", name="Submit").click()
    row(page, "submitted")


def grade_the_written_answer(page, server):
    """Find the points in formgrader, give one for the answer in prose, and see that the student's script is dead."""
    page.goto(f"{server.url}/formgrader/gradebook/{LESSON}/{LESSON}")
    line = page.locator("tbody tr").first
    line.get_by_role("link").first.wait_for()
    assert "2" in line.inner_text()
    line.get_by_role("link", name="Submission #1").click()
    page.get_by_text("Because I say so.").wait_for()
    points = page.locator("input.score")
    expect(points.nth(0)).to_have_attribute("placeholder", "2")
    expect(points.nth(1)).to_have_attribute("placeholder", "0")
    assert points.count() == 3 and points.nth(2).get_attribute("placeholder") is None
    assert page.evaluate("window.stolen") is None
    with page.expect_response(lambda answer: "/formgrader/api/grade/" in answer.url and answer.request.method == "PUT"):
        points.nth(2).fill("1")
        points.nth(2).blur()


def read_feedback(page, server):
    page.goto(f"{server.url}/lab?token={browser.TOKEN}")
    page.wait_for_selector(".jp-DirListing-item", timeout=browser.MINUTES)
    page.evaluate("() => jupyterapp.commands.execute('nbgrader:open-assignment-list')")
    submitted = row(page, "submitted")
    submitted.get_by_role("button", name="Fetch Feedback").click()
    submitted.locator("a", has_text="view feedback").wait_for(timeout=browser.MINUTES)
    (path,) = (server.root / "work" / LESSON / "feedback").glob(f"*/{LESSON}.html")
    page.goto(f"{server.url}/files/{path.relative_to(server.root)}?token={browser.TOKEN}")
    return page.inner_text("body")


def test_a_term_from_release_to_export(instructor, student, tmp_path):
    nbgrader(instructor, "release_assignment", LESSON)
    with browser.chromium() as chromium, browser.serve(student, tmp_path / "home") as server:
        page = browser.browse(chromium, server)
        fetch_work_and_submit(page)

        assert "Collecting submission" in nbgrader(instructor, "collect", LESSON)
        grade(instructor, "1 in the gradebook (1 graded now")
        assert classroom.grades(instructor)[STUDENT, "tiny-why"][2]
        with browser.serve(instructor, tmp_path / "office", "--instructor") as office:
            grade_the_written_answer(browser.browse(chromium, office), office)
        grade(instructor, "(0 graded now, 1 known from before)")
        assert classroom.grades(instructor)[STUDENT, "tiny-why"][:3] == (None, 1, False)

        nbgrader(instructor, "release_feedback", LESSON)
        text = read_feedback(page, server)
    assert "3 of 6" in text or "3 / 6" in text, text
    assert "Not filled in yet." in text and "tiny" in text.lower()

    nbgrader(instructor, "export")
    with open(instructor / "grades.csv", encoding="utf-8") as file:
        assert [(line["student_id"], float(line["score"])) for line in csv.DictReader(file)] == [(STUDENT, 3)]
    words = [sys.executable, "-m", "course.cli", "export", LESSON, "--canvas", "c.csv"]
    subprocess.run(words, cwd=instructor, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert (instructor / "c.csv").read_text(encoding="utf-8").splitlines()[2].endswith(",2,0,1,3")
