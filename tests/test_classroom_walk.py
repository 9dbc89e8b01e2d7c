"""A term in a minute: release, fetch, work, submit, collect, grade, formgrader, feedback, export.

Student and instructor have a course folder each, as they have in a class, and meet in the exchange alone.
"""

import csv
import getpass
import itertools
import json
import shutil
import signal
import zipfile

import pytest
from playwright.sync_api import expect

from course import cli
from course.authoring import handout
from course.grading.classroom import pool
from tests import browser, classroom
from tests.classroom import LESSON, RIGHT
from tests.samples import ROOT, make_course

STUDENT = getpass.getuser()
ACT = "window.stolen=1"
OVER_ALL = 'class="modal-backdrop fade" style="position:fixed;inset:0"'
SCRIPT = f"""<img src='nowhere' onerror='{ACT}'><script>{ACT}</script><a {OVER_ALL} href="javascript:{ACT}">a</a>
<a {OVER_ALL} href="files/javascript:{ACT}">b</a> <a href='/files/javascript:{ACT}'>c</a>
<a href=files/javascript:{ACT}>d</a>
<a href="jav&#x61;script:{ACT}">e</a> <svg><a xlink:href="files/javascript:{ACT}"><text y="9">f</text></a></svg>
<form action="javascript:{ACT}"><button>g</button></form> <a href="#x" onclick="{ACT}">h</a>
<iframe srcdoc="<script>parent.{ACT}</script>"></iframe><math href="javascript:{ACT}"><mtext>i</mtext></math>"""
PROSE = rf"[j](files/javascript:{ACT}) ![k](files/javascript:{ACT}) $\href{{javascript:{ACT}}}{{l}}$ <javascript:{ACT}>"
KINDS = {"HTML": SCRIPT, "Markdown": PROSE, "Latex": PROSE, "SVG": f"<svg onload='{ACT}'><script>{ACT}</script></svg>"}
SHOWN = "".join(f"display({kind}({text!r}))\n" for kind, text in KINDS.items())
SHOWN = f"from IPython.display import {', '.join(KINDS)}, display\n{SHOWN}"
ANSWERS = {"tiny-double": SHOWN + RIGHT["tiny-double"], "tiny-why": f"Because I say so. {PROSE}\n\n{SCRIPT}"}
COMMENT = r"**Nearly**: it is $\frac{1}{2}$."


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
    code, said = classroom.run_nbgrader(root, *words)
    assert code == 0, said
    return said


def row(page, place, lesson=LESSON):
    """Return the lesson's line in one of the lists of JupyterLab's panel."""
    found = page.locator(f"#{place}_assignments_list").filter(has_text=lesson)
    found.wait_for(timeout=browser.MINUTES)
    return found


def fetch_work_and_submit(page):
    page.evaluate("() => jupyterapp.commands.execute('nbgrader:open-assignment-list')")
    row(page, "released").get_by_role("button", name="Fetch").click()
    row(page, "fetched")
    browser.open_notebook(page, f"work/{LESSON}/{LESSON}.ipynb")
    browser.fill(page, ANSWERS)
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    page.evaluate("() => jupyterapp.commands.execute('nbgrader:open-assignment-list')")
    row(page, "fetched").get_by_role("button", name="Submit").click()
    row(page, "submitted")


def see_what_an_instructor_has(page, server):
    assert browser.menu(page, "Nbgrader") == ["Assignment List", "Course List", "Formgrader", "Create assignment"]
    page.evaluate("() => jupyterapp.commands.execute('nbgrader:open-formgrader')")
    page.frame_locator("#formgrader-iframe iframe").get_by_role("link", name=LESSON).first.wait_for()
    for name in ("", "/manage_assignments", "/gradebook", "/manage_students", "/api/status", "/api/students"):
        assert server.get(f"formgrader{name}")[0] == 200
    assert [found["name"] for found in json.loads(server.get("formgrader/api/assignments")[1])] == [LESSON]
    assert json.loads(server.get("formgraders")[1])["value"][0]["course_id"] == "bandits-to-vae"
    assert server.remarks() == []


def grade_the_written_answer(page, server):
    """Find the points in formgrader, give one for the answer in prose, and a comment."""
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
    assert "Because." in page.locator("details.model[open]").inner_text()
    click_everywhere(page)
    for field, text, kind in ((points.nth(2), "1", "grade"), (page.locator("#tiny-why-comment"), COMMENT, "comment")):
        with page.expect_response(lambda answer, kind=kind: f"/api/{kind}/" in answer.url and answer.ok):
            field.fill(text)
            field.blur()


def click_everywhere(page):
    """See that nothing of what the student wrote acts: neither on its own nor wherever a person clicks."""
    address = page.url
    page.context.route(lambda url: not url.startswith(address[:20]), lambda route: route.abort())  # links lead out
    height = page.evaluate("document.body.scrollHeight")
    for top in range(0, height, 700):
        page.evaluate("top => window.scrollTo(0, top)", top)
        for x, y in itertools.product(range(150, 600, 90), range(80, 860, 40)):  # left of the buttons that give points
            page.mouse.click(x, y)
    page.evaluate("() => document.querySelectorAll('#notebook a').forEach(link => link.click())")
    page.evaluate(  # whatever else might come through the filter
        """act => {
            const bad = `<a id="bad" href="javascript:${act}">x</a><b onclick="${act}">y</b>`;
            const worse = `<img src="data:," onerror="${act}">`;
            document.querySelector("#notebook").insertAdjacentHTML("beforeend", bad + worse);
            document.querySelectorAll("#bad, #notebook b").forEach(node => node.click());
        }""",
        ACT,
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.stolen") is None and page.url.split("?")[0] == address.split("?")[0]


def try_addresses(page, server):
    """See that an address alone runs nothing, whoever made a person click on it."""
    trap = server.root / "submitted" / STUDENT / LESSON
    (trap / "nbgrader_config.py").write_text(f"open({str(trap / 'ran')!r}, 'w')\n", encoding="utf-8")
    assert server.get(f"formgrader?path={trap}")[0] == 200 and not (trap / "ran").exists()
    (trap / "nbgrader_config.py").unlink()
    assert server.get(f"formgrader/manage_students/%22;{ACT}//")[0] == 404
    (number,) = (
        entry["id"] for entry in json.loads(server.get(f"formgrader/api/submitted_notebooks/{LESSON}/{LESSON}")[1])
    )
    own = server.root / "autograded" / STUDENT / LESSON / "page.html"
    own.write_text(f"<p>here<script>{ACT}</script>", encoding="utf-8")
    page.goto(f"{server.url}/formgrader/submissions/{number}/page.html")
    assert page.inner_text("p") == "here" and page.evaluate("window.stolen") is None
    own.unlink()


def press_the_bolt(page, server):
    """Have formgrader grade the student again: that is the course's own command, which also renews the feedback."""
    page.goto(f"{server.url}/formgrader/manage_submissions/{LESSON}")
    page.locator(".autograde a").click()
    expect(page.locator(".modal-body")).to_contain_text("(0 graded now, 1 known from before)", timeout=browser.MINUTES)
    assert f'course grade-class "{LESSON}"' in page.content()


def end_with_control_c(server):
    before = server.log.read_text(encoding="utf-8")
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(timeout=120) == 0
    assert "Traceback" not in server.log.read_text(encoding="utf-8").removeprefix(before)


def read_feedback(page, server):
    page.locator("#refresh_assignments_list").click()
    submitted = row(page, "submitted")
    submitted.get_by_role("button", name="Fetch Feedback").click()
    submitted.locator("a", has_text="view feedback").wait_for(timeout=browser.MINUTES)
    (path,) = (server.root / "work" / LESSON / "feedback").glob(f"*/{LESSON}.html")
    page.goto(f"{server.url}/files/{path.relative_to(server.root)}?token={browser.TOKEN}")
    assert (
        page.locator(".comment strong").first.inner_text() == "Nearly" and page.locator(".comment mfrac").count() == 2
    )
    return page.inner_text("body")


def test_a_term_from_release_to_export(instructor, student, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(instructor)
    monkeypatch.setattr(pool, "run", classroom.at_once)
    nbgrader(instructor, "release_assignment", LESSON)
    with browser.chromium() as chromium, browser.serve(student, tmp_path / "home") as server:
        page = browser.browse(chromium, server)
        fetch_work_and_submit(page)

        assert "Collecting submission" in nbgrader(instructor, "collect", LESSON)
        assert cli.main(["grade-class", LESSON]) == 0 and "1 in the gradebook (1 graded" in capsys.readouterr().out
        assert classroom.grades(instructor)[STUDENT, "tiny-why"][2]
        with browser.serve(instructor, tmp_path / "office", "--instructor") as office:
            desk = browser.browse(chromium, office)
            see_what_an_instructor_has(desk, office)
            grade_the_written_answer(desk, office)
            try_addresses(desk, office)
            press_the_bolt(desk, office)
            end_with_control_c(office)
        assert classroom.grades(instructor)[STUDENT, "tiny-why"][:3] == (None, 1, False)

        nbgrader(instructor, "release_feedback", LESSON)
        text = read_feedback(page, server)
    assert "3 of 6" in text or "3 / 6" in text, text
    assert "Not filled in yet." in text and "tiny" in text.lower()

    nbgrader(instructor, "export")
    with open(instructor / "grades.csv", encoding="utf-8") as file:
        assert [(line["student_id"], float(line["score"])) for line in csv.DictReader(file)] == [(STUDENT, 3)]
    assert cli.main(["export", LESSON, "--canvas", "c.csv"]) == 0
    assert (instructor / "c.csv").read_text(encoding="utf-8").splitlines()[2].endswith(",2,0,1,3")


@pytest.mark.thorough(only=True)
def test_a_student_with_the_archive_has_nothing_to_fetch(instructor, tmp_path, monkeypatch):
    lesson = "00-start-here"
    handout.make(ROOT, tmp_path / "class.zip")
    with zipfile.ZipFile(tmp_path / "class.zip") as archive:
        archive.extractall(tmp_path)
    root = tmp_path / handout.FOLDER
    shutil.copytree(root / "notebooks" / lesson, instructor / "notebooks" / lesson)
    monkeypatch.setenv("COURSE_EXCHANGE", str(instructor / "exchange"))
    nbgrader(instructor, "release_assignment", lesson)
    with browser.chromium() as chromium, browser.serve(root, tmp_path / "home") as server:
        page = browser.browse(chromium, server)
        browser.open_notebook(page, f"work/{lesson}/{lesson}.ipynb")
        page.evaluate("() => jupyterapp.commands.execute('nbgrader:open-assignment-list')")
        row(page, "fetched", lesson).get_by_role("button", name="Submit").click()
        row(page, "submitted", lesson)
        assert lesson not in page.locator("#released_assignments_list").inner_text()
    assert "Collecting submission" in nbgrader(instructor, "collect", lesson)
