"""The page of feedback: everything that a student should read, nothing that runs, and no hidden test."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import nbformat
import pytest

from course import paths
from course.grading import bundle, titles
from course.grading.classroom import feedback
from course.grading.grade import grade_one
from course.grading.result import Exercise, Result, Written
from course.grading.sandbox import proof
from course.grading.submission import pick
from course.words import visible_text
from tests import browser
from tests.samples import ROOT, answers_of, fill, read

LESSON = "00-start-here"
EXERCISE = "start-here-human-normalised"
BAD = '<script>alert(1)</script><img src=x onerror="alert(2)"> & "quoted" \u202e'
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode()
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "h1",
    "h2",
    "h3",
    "p",
    "table",
    "thead",
    "tbody",
    "tr",
}
TAGS |= {"th", "td", "ul", "li", "pre", "code", "div", "b", "img"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "scope", "src", "alt"}


class Parsed(HTMLParser):
    """Every tag and attribute of a page, and its text."""

    def __init__(self, page: str):
        super().__init__()
        self.tags, self.attributes, self.text, self.within = set(), [], "", ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.within = tag
        self.attributes += attributes

    def handle_endtag(self, tag):
        self.within = ""

    def handle_data(self, data):
        self.text += data if self.within != "style" else ""


def output(kind: str, **fields) -> nbformat.NotebookNode:
    return nbformat.from_dict({"output_type": kind, "metadata": {}, **fields})


@pytest.fixture
def executed() -> nbformat.NotebookNode:
    """The first lesson as it ran, with a hostile answer and outputs of every kind."""
    notebook = read(paths.release_path(ROOT, LESSON))
    cell = next(cell for cell in notebook.cells if cell.id == EXERCISE)
    cell.source = f"x = '''{BAD}'''"
    cell.outputs = [
        output("stream", name="stdout", text=BAD),
        output("error", ename=BAD, evalue=BAD, traceback=[BAD]),
        output("display_data", data={"text/html": BAD, "text/plain": "a table"}),
        output("display_data", data={"text/html": BAD, "text/plain": "<IPython.core.display.HTML object>"}),
        output("display_data", data={"image/svg+xml": f"<svg onload='alert(3)'>{BAD}</svg>"}),
        output("display_data", data={"application/javascript": "alert(4)"}),
        output("display_data", data={"image/png": PNG, "text/html": BAD, "text/plain": f'"{BAD}'}),
        output("display_data", data={"image/png": f'"{BAD}', "text/plain": "no picture"}),
        output("display_data", data={"image/png": base64.b64encode(b"<svg>").decode(), "text/plain": "no PNG"}),
    ]
    notebook.cells.insert(3, nbformat.v4.new_markdown_cell(BAD, id="own-3"))
    return notebook


def result(**fields) -> Result:
    exercises = [Exercise(EXERCISE, 0, 1, BAD)]
    return Result(**{"submission": BAD, "lesson": LESSON, "exercises": exercises, "flags": [BAD]} | fields)


def test_nothing_of_a_student_becomes_markup(executed):
    page = feedback.page(result(), executed, comments={EXERCISE: BAD})
    parsed = Parsed(page)
    assert parsed.tags <= TAGS and {name for name, _ in parsed.attributes} <= ATTRIBUTES
    sources = [value for name, value in parsed.attributes if name == "src"]
    assert sources == [f"data:image/png;base64,{PNG}"]
    (alt,) = (value for name, value in parsed.attributes if name == "alt")
    assert alt == visible_text(f'"{BAD}')
    assert "\u202e" not in page and parsed.text.count("\\u202e") == 10
    for shown in ("a table", "no picture", "no PNG", feedback.NOT_HERE):
        assert shown in parsed.text


def test_its_policy_allows_its_own_style_and_data_pictures_alone(executed):
    page = feedback.page(result(), executed)
    policy = dict(Parsed(page).attributes)["http-equiv"], re.search(r'content="(default-src[^"]*)"', page)[1]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == ("Content-Security-Policy", f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'")


def test_a_browser_runs_and_loads_nothing(executed, tmp_path):
    (tmp_path / "page.html").write_text(feedback.page(result(), executed), encoding="utf-8")
    with browser.chromium() as chromium:
        page = chromium.new_page()
        requests, said = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(f"file://{tmp_path}/page.html")
        weight = page.eval_on_selector(".total", "node => getComputedStyle(node).fontWeight")
        page.close()
    assert weight == "600" and said == []  # the style is in force
    assert [url for url in requests if not url.startswith("data:")] == [f"file://{tmp_path}/page.html"]


def test_names_points_sentences_and_checks_are_there_and_the_code_of_checks_is_not(tmp_path):
    lesson = bundle.make(ROOT, LESSON)
    wrong = (
        "def human_normalised(score, random, human):\n    print('mine')\n    return (score - random) / (human - random)"
    )
    path = fill(paths.release_path(ROOT, LESSON), tmp_path / f"{LESSON}.ipynb", {EXERCISE: wrong})
    outcome = grade_one(lesson, pick.gather(path), name="ann", isolation=proof.best())
    page = feedback.page(outcome.result, outcome.executed)
    text = Parsed(page).text
    assert "00 · Start here" in text and "Exercise 1 · Human-normalised score" in text and "0 / 1" in text
    assert "That is a share; multiply by 100 for per cent." in text and "return (score - random)" in text
    for line in lesson.checks[f"{EXERCISE}-check"].split("\n"):
        assert not line.strip().startswith("check.") or line.strip() not in text


def test_a_refused_submission_has_a_page(tmp_path):
    lesson = bundle.make(ROOT, LESSON)
    (tmp_path / f"{LESSON}.ipynb").write_bytes(b"")
    outcome = grade_one(lesson, pick.gather(tmp_path), name="ann", isolation="none")
    text = Parsed(feedback.page(outcome.result, outcome.executed, release=lesson.notebook())).text
    assert f"{LESSON}.ipynb is empty" in text and "0 of 1 point" in text
    assert "Exercise 1 · Human-normalised score" in text and "Your notebook" not in text


def test_a_persons_points_and_comments_count():
    release = read(paths.release_path(ROOT, "01-bandits"))
    exercises = [Exercise("bandits-estimate", 0, 2, "Wrong.")]
    graded = Result("ann", "01-bandits", exercises, [Written("bandits-sweep", 3, True)])
    waiting = Parsed(feedback.page(graded, None, release=release)).text
    assert "0 of 2 points; 3 more wait for a person" in waiting and "A person grades this answer." in waiting
    points, comments = {"bandits-sweep": 2.5, "bandits-estimate": 1}, {"bandits-sweep": "How often?\nSee 2."}
    done = Parsed(feedback.page(graded, None, release=release, points=points, comments=comments)).text
    assert "3.5 of 5 points" in done and "2.5 / 3" in done and "How often?\nSee 2." in done and "wait" not in done


def test_endless_outputs_are_cut(executed):
    cell = next(cell for cell in executed.cells if cell.id == EXERCISE)
    cell.outputs = [output("stream", name="stdout", text="x" * 10**6)]
    cell.outputs += [output("display_data", data={"image/png": PNG}) for _ in range(100)]
    page = feedback.page(result(), executed)
    assert len(page) < 100_000 and "980,000 characters more" in page and page.count("<img") == feedback.MOST_PICTURES


@pytest.mark.parametrize("lesson", ["01-bandits", "03-policy-gradient", "08-evidence-lower-bound"])
def test_every_exercise_has_its_name_from_the_lesson(lesson):
    names = titles.of(read(paths.release_path(ROOT, lesson)))
    assert set(names) == set(answers_of(lesson)) and all(name.startswith("Exercise ") for name in names.values())
