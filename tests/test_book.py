"""The book: every page in a real browser without a network, and what it must not tell."""

import functools
import html
import http.server
import re
import threading

import pytest
from playwright.sync_api import expect

from course import cli
from course.authoring import lessons
from course.authoring.book import pages, site
from course.errors import CourseError
from tests import browser
from tests.samples import LESSONS, ROOT, read

pytest.importorskip("sphinx_book_theme", reason="pip install --editable '.[book]' adds Sphinx")
pytestmark = pytest.mark.thorough  # with the whole book
FEW = ("00-start-here", "04-reinforce")


def made(tmp_path_factory, pytestconfig, *words):
    """Return the folder of a book that the command has made."""
    folder = tmp_path_factory.mktemp("book") / "made"
    few = () if pytestconfig.getoption("thorough") else FEW
    assert cli.main(["book", *few, "--output", str(folder), *words]) == 0
    return folder


@pytest.fixture(scope="module")
def book(tmp_path_factory, pytestconfig):
    return made(tmp_path_factory, pytestconfig)


@pytest.fixture(scope="module")
def for_class(tmp_path_factory, pytestconfig):
    return made(tmp_path_factory, pytestconfig, "--for-class")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(book):
    """The book on a server of its own."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=book)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium():
    with browser.chromium() as chromium:
        yield chromium


@pytest.fixture
def page(chromium):
    """A page that must not complain, and load from `page.home` alone; what it leaves in mid-load is no complaint."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    complaints, page.home = [], "nowhere"

    def foreign(request):
        return not request.url.startswith((page.home, "data:", "blob:"))

    page.on("console", lambda message: message.type in ("error", "warning") and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: "ABORTED" in (request.failure or "") or complaints.append(request.url))
    page.on("request", lambda request: foreign(request) and complaints.append(request.url))
    page.on("response", lambda answer: answer.status >= 400 and complaints.append(answer.url))
    yield page
    page.close()
    assert complaints == []


def visit(page, home, path):
    page.home = home
    page.goto(f"{home}/{path}")
    settled(page)


def settled(page):
    """Wait until the formulas are set: until then they push what stands below them down, from under a click."""
    page.wait_for_function("!document.querySelector('.math') || window.MathJax?.startup?.promise")
    page.evaluate("() => window.MathJax?.startup?.promise")


def text(path):
    """Return the words of a page, its pictures' and menus' included."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", path.read_text(encoding="utf-8"))).split())


def test_every_page_loads_quietly_with_its_formulas_and_with_words_for_each_picture(book, address, page):
    found = sorted(path.name for path in book.glob("*.html"))
    assert {"index.html", "notation.html", "04-reinforce.html"} <= set(found)
    for name in found:
        visit(page, address, name)
        assert page.locator("mjx-merror").count() == 0, name
        assert page.locator(".math").count() == page.locator(".math > mjx-container").count(), name
        images = page.locator("main img").evaluate_all("found => found.map(i => [i.naturalWidth, i.alt])")
        assert all(width and alt for width, alt in images), name
        shown = page.locator(".cell_output").all_inner_texts()
        assert not [text for text in shown if re.search(r"Box\(|interactive\(|Progress\(", text)], name


def test_a_page_from_the_disk_is_searched_and_leads_on(book, page):
    visit(page, book.as_uri(), "index.html")
    names = page.locator("article table a").all_inner_texts()
    page.locator(".bd-sidebar-primary .search-button__button").click()
    page.locator("dialog input[name=q]").fill("baseline")
    page.keyboard.press("Enter")
    expect(page.locator(".search-summary")).to_contain_text("Search finished")
    for link, title in (
        (page.locator("#search-results").get_by_role("link", name="04 · REINFORCE"), "04 · REINFORCE"),
        (page.locator("article").get_by_role("link", name="Notation").first, "Notation"),
        (page.locator("a.left-prev"), names[-1]),
        (page.locator("a.left-prev"), names[-2]),
        (page.locator("a.right-next"), names[-1]),
    ):
        link.click()
        page.wait_for_function("t => document.querySelector('article h1')?.innerText.includes(t)", arg=title)
        settled(page)


def test_lesson_04_has_its_film_its_formulas_and_its_widgets_as_pictures(address, page):
    visit(page, address, "04-reinforce.html")
    film = page.get_by_alt_text("Three films of the cart")
    assert film.evaluate("image => image.naturalWidth") > 600
    assert page.locator("mjx-container[display=true] mjx-frac").count() and page.locator("mjx-assistive-mml").count()
    training = page.locator(".cell_output").filter(has=page.locator("progress"))
    assert training.locator("img[alt^=Chart]").count() == training.count() == 2
    assert "batch: 1 (from 1 to 6)" in page.locator("article").inner_text()


def test_a_solution_is_folded_below_its_stub(address, page):
    visit(page, address, "00-start-here.html")
    solution = page.locator("details.solution")
    assert "This exercise is not filled in." in page.locator("article").inner_text()
    assert not solution.get_by_text("return 100").is_visible()
    solution.get_by_text("Solution", exact=True).click()
    assert "return 100 * (score - random) / (human - random)" in solution.inner_text()
    assert "###" not in solution.inner_text()


def test_the_page_turns_dark(address, page):
    visit(page, address, "00-start-here.html")
    page.emulate_media(color_scheme="light")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.locator(".bd-header-article .theme-switch-button").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert light == "rgb(255, 255, 255)" and page.evaluate(ground) != light


def told(name, mark):
    """Return the lines that stand in a lesson's cells of one kind, and in nothing that a class gets."""
    lesson = lessons.read(ROOT / "lessons" / f"{name}.py")
    released = "\n".join(cell.source for cell in read(ROOT / "notebooks" / name / f"{name}.ipynb").cells)
    lines = {line.strip() for cell in lesson.cells if mark in cell.marks for line in cell.source.split("\n")}
    return {" ".join(line.split()) for line in lines if len(line) > 20 and line not in released}


def test_a_class_gets_no_solution_and_nobody_the_checks(book, for_class):
    assert not [*for_class.rglob("*.ipynb")]
    for name in (name for name in LESSONS if (book / f"{name}.html").exists()):
        whole, class_text = (text(folder / f"{name}.html") for folder in (book, for_class))
        solved, written = told(name, "exercise"), told(name, "written")
        assert solved and not [line for line in solved if line not in whole], name
        assert not [line for line in solved | written if line in class_text], name
        assert ("Model answer and rubric" in whole) == bool(written) and "Model answer" not in class_text, name
        cells = lessons.read(ROOT / "lessons" / f"{name}.py").cells
        checks = {line for cell in cells if "check" in cell.marks for line in cell.source.split("\n") if len(line) > 9}
        assert checks and not [line for line in checks if line in whole or line in class_text], name
        assert "Exercise 1" in class_text and "not filled in" in class_text, name


def test_links_lead_from_page_to_page_and_others_become_words():
    known = {"NOTATION.md": "/notation.md", "notebooks/04-b/04-b.ipynb": "/04-b.ipynb"}
    for link, wanted in {
        "[NOTATION.md](../../NOTATION.md)": "[Notation](/notation.md)",
        "[**04 · B**](../04-b/04-b.ipynb#loop).": "[**04 · B**](/04-b.ipynb#loop).",
        "[05](../05-c/05-c.ipynb)": "05",
        "[x](https://x.org/a.md)": "[x](https://x.org/a.md)",
    }.items():
        assert pages.relinked(link, "notebooks/03-a", known) == wanted


def test_a_release_that_lacks_an_exercise_is_named(plain):
    release = plain / "notebooks" / "01-tiny" / "01-tiny.ipynb"
    release.write_text(release.read_text().replace('"solution": true', '"solution": false', 1))
    with pytest.raises(CourseError, match="has no 'tiny-double'; run: course build 01-tiny"):
        pages.page(plain, "01-tiny", pages={}, for_class=False)


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(CourseError, match="holds something else than a book"):
        site.make(ROOT, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_fault_is_told_and_the_book_that_was_there_stays(tmp_path, monkeypatch):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / site.MARK).write_text("old")

    def faulty(_, folder, *__, **___):
        (folder / "_static").mkdir(parents=True)
        (folder / "index.md").write_text("# A book\n\n[gone](nowhere.md)")

    monkeypatch.setattr(site, "_write_source", faulty)
    with pytest.raises(CourseError, match=r"as they are:\nindex\.md:3: WARNING: .*nowhere\.md"):
        site.make(ROOT, tmp_path / "book")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [site.MARK]


def test_missing_packages_are_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(site, "MATHJAX", "no_such_package")
    with pytest.raises(CourseError, match="run 'make book'"):
        site.make(ROOT, tmp_path / "book")
