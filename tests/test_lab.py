"""JupyterLab as learners and instructors meet it, in a real browser and on the terminal."""

import os
import re
import shutil
import subprocess
import sys
import time

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import expect

from course import files
from course.errors import CourseError
from course.learner import lab, overview, work
from tests import browser
from tests.classroom import run_nbgrader
from tests.samples import LESSONS, ROOT, answers_of, read

LESSON = "01-bandits"
QUICK = "02-mdps"  # the quickest with a slider
RELEASED = f"notebooks/{QUICK}/{QUICK}.ipynb"
UNTOUCHED = "notebooks/00-start-here/00-start-here.ipynb"
WELCOME = "work/00-start-here/00-start-here.ipynb"
SLIDER = ".widget-slider [role='slider']"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """What one has after cloning, as far as JupyterLab shows it."""
    root = tmp_path_factory.mktemp("lab") / "course"
    for name in ("notebooks", "solutions"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("nbgrader_config.py", "NOTATION.md"):
        shutil.copy(ROOT / name, root)
    return root


@pytest.fixture(scope="module")
def learner(course):
    """The first start."""
    with browser.serve(course, course.parent / "learner") as server:
        yield server


@pytest.fixture(scope="module")
def chromium():
    with browser.chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def page(learner, chromium):
    return browser.browse(chromium, learner)


def test_root_is_told_what_jupyterlab_wants_before_anything_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0, raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "settings"))
    with pytest.raises(CourseError, match="make lab ARGS=--allow-root"):
        lab.main(tmp_path, ["--no-browser"])
    assert list(tmp_path.iterdir()) == [] and not lab._is_refused(["--no-browser", "--allow-root"])
    files.write(tmp_path / "settings" / "jupyter_server_config.py", "c.ServerApp.allow_root = True\n")
    assert not lab._is_refused([])


def test_the_first_start_shows_the_overview_and_the_work_folder(page):
    assert page.locator(".lm-DockPanel-tabBar .lm-TabBar-tabLabel").all_inner_texts() == ["overview.md"]
    shown = page.locator(".jp-MarkdownViewer:visible")
    shown.get_by_role("heading", name="Where am I?").wait_for()
    assert shown.locator("tbody tr").count() == len(LESSONS) and "Next: 00 · Start here, 15 min." in text_of(shown)
    assert page.locator(".jp-BreadCrumbs").inner_text().replace("\n", "").replace(" ", "") == "/work/"
    assert LESSON in page.locator(".jp-DirListing-itemName").all_inner_texts()


def test_nothing_pops_up_and_nothing_is_fetched_from_elsewhere(page):
    page.wait_for_timeout(2000)
    assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
    assert page.complaints == []


def text_of(place) -> str:
    return " ".join(place.inner_text().split())


def dirty(page) -> list[str]:
    """Return the tabs that JupyterLab calls unsaved."""
    return page.locator(".lm-TabBar-tab.jp-mod-dirty .lm-TabBar-tabLabel").all_inner_texts()


def open_file(page, path):
    page.evaluate("async path => { await jupyterapp.commands.execute('docmanager:open', {path}) }", path)


def wait_until(is_so, seconds=60):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_overview_leads_to_a_lesson_which_is_clean_when_opened(page, learner):
    page.locator(".jp-MarkdownViewer").get_by_role("link", name="00 · Start here").first.click()
    page.wait_for_function(
        "jupyterapp.shell.currentWidget?.sessionContext?.kernelDisplayStatus === 'idle'", timeout=browser.MINUTES
    )
    page.wait_for_timeout(500)  # in which the kernel's language would come in
    own = learner.root / WELCOME
    assert dirty(page) == [] and own.read_bytes() == work.fresh(read(learner.root / UNTOUCHED)).encode()


def test_untouched_it_runs_to_its_end_and_says_what_is_missing(page):
    assert browser.run_all(page) == []
    shown = page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.widgets.filter(w => w.model.executionCount)"
        ".map(w => JSON.stringify(w.model.outputs.toJSON()))"
    )
    code = [cell for cell in read(ROOT / UNTOUCHED).cells if cell.cell_type == "code"]
    assert len(shown) == len(code) and "human_normalised: Not filled in yet." in "".join(shown)


def test_a_tick_is_green_and_validate_moves_the_points_of_the_overview(page):
    browser.fill(page, answers_of("00-start-here"))
    assert dirty(page) == ["00-start-here.ipynb"]
    assert browser.run_all(page) == []
    place = next(index for index, source in enumerate(browser.sources(page)) if source.startswith("check."))
    tick = browser.cell(page, place).locator(".ansi-green-fg")
    assert tick.inner_text() == "✓" and tick.evaluate("tick => getComputedStyle(tick).color") == "rgb(0, 162, 80)"
    assert tick.evaluate("tick => getComputedStyle(tick.closest('pre')).wordBreak") == "normal"
    assert "Success" in browser.validate(page)
    open_file(page, overview.PLACE)
    page.get_by_text(re.compile(r"^1 of \d+ points")).wait_for()
    page.locator(".jp-MarkdownViewer:visible").get_by_role("link", name="solution").wait_for()


def find_slider(page):
    """Return the index of the open notebook's first cell with a slider."""
    return next(index for index, source in enumerate(browser.sources(page)) if "@interact" in source)


def pictures(page) -> list[str]:
    """Return the text alternatives of all pictures of the open notebook that have come to be drawn."""
    found = []
    for index, source in enumerate(browser.sources(page)):
        if "plt." in source or "display(" in source:
            images = browser.cell(page, index).locator("img")
            found += images.evaluate_all("found => found.map(image => image.naturalWidth ? image.alt : '')")
    return found


def move_slider(page, steps=1):
    """Move the first slider of the open notebook, and wait until its plot is another one."""
    cell = browser.cell(page, find_slider(page))
    image = cell.locator(".jp-OutputArea img")
    before = image.get_attribute("src")
    cell.locator(SLIDER).first.focus()
    for _ in range(steps):
        page.keyboard.press("ArrowRight")
    expect(image).not_to_have_attribute("src", before, timeout=60_000)


def test_figures_have_words_and_a_slider_moves_its_plot(page):
    """The slider of a lesson, typed into another where it needs nothing of its own lesson."""
    open_file(page, WELCOME)
    words = pictures(page)
    assert len(words) >= 2 and all(word.startswith("Chart") for word in words)
    release = read(ROOT / "notebooks" / "03-policy-gradient" / "03-policy-gradient.ipynb")
    slider = next(cell.source for cell in release.cells if "@interact" in cell.source)
    typed = f"from ipywidgets import FloatSlider, interact\n\n{slider}"
    place = next(index for index, source in enumerate(browser.sources(page)) if "def human_normalised" in source)
    browser.type_into(page, place, typed)
    assert browser.sources(page)[place] == typed
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-cell')")
    move_slider(page)


def test_grade_all_above_the_overview_grades_what_was_just_typed_and_the_page_follows(page):
    browser.open_notebook(page, WELCOME)
    browser.fill(page, {"start-here-human-normalised": "def human_normalised(*scores):\n    return 0.0"})
    open_file(page, overview.PLACE)
    page.locator(".jp-Toolbar:visible").get_by_text("Grade All", exact=True).click()
    page.get_by_text("Grading all lessons that you have begun").wait_for()
    page.get_by_text(re.compile(r"^Graded: 0 of \d+ points so far")).wait_for(timeout=4 * browser.MINUTES)
    page.get_by_text(re.compile(r"^0 of \d+ points")).wait_for()
    assert page.evaluate("jupyterapp.commands.isEnabled('course:grade-all')") and page.complaints == []


def test_two_reasons_to_save_at_once_save_once(page):
    open_file(page, WELCOME)
    browser.fill(page, answers_of("00-start-here"))
    saved = []
    page.on("request", lambda request: request.method == "PUT" and "/api/contents/" in request.url and saved.append(1))
    page.evaluate("() => ['blur', 'blur'].forEach(name => window.dispatchEvent(new Event(name)))")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
    page.wait_for_timeout(500)
    assert len(saved) == 1 and page.locator(".jp-Dialog").count() == 0


def test_next_is_a_link_that_opens_the_next_lesson(page):
    open_file(page, WELCOME)
    browser.cell(page, len(browser.sources(page)) - 1).get_by_role("link", name="01 · Bandits").click()
    page.wait_for_function("jupyterapp.shell.currentWidget?.context?.path === 'work/01-bandits/01-bandits.ipynb'")
    assert page.locator(".jp-Dialog").count() == 0


def test_a_terminal_in_a_lessons_folder_knows_what_was_just_typed_and_a_reset_shows(page, learner):
    open_file(page, WELCOME)
    browser.fill(page, {name: f"# once more\n{text}" for name, text in answers_of("00-start-here").items()})
    page.evaluate("async () => { await jupyterapp.commands.execute('terminal:create-new', {cwd: 'work/01-bandits'}) }")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context")
    page.locator(".jp-Terminal:visible .xterm-screen").click()
    page.wait_for_timeout(500)  # in which the notebook is saved and the shell starts
    page.keyboard.type("course reset human_normalised\n")
    kept = (learner.root / WELCOME).with_name("start-here-human-normalised.before-reset.py")
    wait_until(kept.exists)
    assert kept.read_text(encoding="utf-8").startswith("# once more\n")
    page.wait_for_function(
        "[...jupyterapp.shell.widgets('main')].find(widget => widget.context?.path.startsWith('work/00'))"
        ".content.widgets.some(cell => cell.model.sharedModel.getSource().includes('NotImplementedError'))"
    )
    assert dirty(page) == [] and page.locator(".jp-Dialog").count() == 0
    page.evaluate("() => jupyterapp.shell.currentWidget.close()")


def test_what_is_typed_meanwhile_survives_a_reset_until_its_learner_has_chosen(page, learner):
    open_file(page, WELCOME)
    place = next(index for index, source in enumerate(browser.sources(page)) if "NotImplementedError" in source)
    browser.type_into(page, place, "mine = 1")
    page.evaluate("() => jupyterapp.shell.currentWidget.context.save()")
    browser.type_into(page, place, "mine = 2")
    command = [sys.executable, "-m", "course.cli", "reset", "human_normalised"]
    subprocess.run(command, cwd=learner.root, env=learner.environment, check=True, capture_output=True)
    page.wait_for_timeout(2500)  # longer than it takes the plugin to look at the disk
    assert browser.sources(page)[place] == "mine = 2"
    page.keyboard.press("ControlOrMeta+s")
    dialog = page.locator(".jp-Dialog")
    dialog.get_by_text("File Changed").wait_for()
    page.evaluate("() => window.dispatchEvent(new Event('blur'))")
    page.wait_for_timeout(300)
    assert dialog.count() == 1
    dialog.get_by_role("button", name="Revert").click()
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
    assert "NotImplementedError" in browser.sources(page)[place]


def test_a_learner_sees_validate_and_the_assignment_list_only(page, learner):
    open_file(page, WELCOME)
    assert browser.menu(page, "Nbgrader") == ["Assignment List"]
    assert page.locator(".jp-NotebookPanel:visible .jp-Toolbar").get_by_text("Validate", exact=True).is_visible()
    assert page.get_by_text("Create Assignment").count() == 0


def test_notation_opens_rendered_and_lessons_as_text_stay_text(page):
    open_file(page, "NOTATION.md")
    page.locator(".jp-MarkdownViewer:visible h1").get_by_text("Notation").wait_for()
    page.evaluate("() => jupyterapp.shell.currentWidget.close()")
    assert not [item for item in browser.menu(page, "File") if "jupytext" in item.lower()]


@pytest.mark.thorough(only=True)
def test_a_lesson_runs_and_its_slider_moves(page):
    """The whole way of a learner through a lesson, in the release itself; Validate takes as long again."""
    browser.open_notebook(page, RELEASED)
    browser.fill(page, answers_of(QUICK))
    assert browser.run_all(page) == []
    words = pictures(page)
    assert len(words) >= 6 and all(word.startswith("Chart") for word in words)
    assert len(set(words)) == len(words)

    move_slider(page)
    assert "Success" in browser.validate(page)


def has_slider(lesson: str) -> bool:
    return "@interact" in (ROOT / "lessons" / f"{lesson}.py").read_text(encoding="utf-8")


@pytest.mark.thorough(only=True)
@pytest.mark.parametrize("lesson", [name for name in LESSONS if name != QUICK and has_slider(name)])
def test_every_other_lesson_runs_down_to_its_slider_which_moves(page, lesson):
    """What follows the slider needs no browser; every solution is run whole elsewhere."""
    browser.open_notebook(page, f"notebooks/{lesson}/{lesson}.ipynb")
    browser.fill(page, answers_of(lesson))
    assert browser.run_to(page, find_slider(page)) == []
    move_slider(page, steps=20)  # far enough to choose another network in lesson 06
    if lesson == "12-alphazero":
        for simulations in (0, 10, 100):
            click_the_centre(page, simulations)


def click_the_centre(page, simulations: int):
    """Begin a game on the board of the open notebook by mouse, and look at the answer and at what it came from."""
    place = next(index for index, source in enumerate(browser.sources(page)) if "widgets.duel" in source)
    board = browser.cell(page, place)
    board.get_by_role("button", name=str(simulations), exact=True).click()
    board.get_by_role("button", name="you begin").click()
    cells = board.locator(".widget-hbox .widget-button").filter(has_not_text="begin")
    cells.nth(4).click()
    said = board.get_by_text("It moved to")
    expect(said).to_contain_text("its visits" if simulations else "its priors")
    texts = [text.strip() for text in cells.all_inner_texts()]
    assert texts[4] == "X" and texts.count("O") == 1 and len(texts) == 9
    numbers = [*texts, re.search(r"(\d+%?) here", said.inner_text())[1]]
    shown = [int(text.rstrip("%")) for text in numbers if text not in ("X", "O")]
    assert sum(shown) == simulations if simulations else abs(sum(shown) - 100) <= 4  # rounded


def test_a_released_assignment_is_listed_and_handed_in_from_work(page, learner):
    code, said = run_nbgrader(learner.root, "release_assignment", LESSON)
    assert code == 0 and "WARNING" not in said, said
    page.evaluate("() => jupyterapp.commands.execute('nbgrader:open-assignment-list')")
    row = page.locator("#fetched_assignments_list").filter(has_text=LESSON)
    row.get_by_role("button", name="Submit").click()
    page.locator("#submitted_assignments_list").filter(has_text=LESSON).wait_for()
    assert page.locator(".jp-Dialog").count() == 0
    inbound = list((learner.root / "exchange" / "bandits-to-vae" / "inbound").glob(f"*+{LESSON}+*/*.ipynb"))
    assert [path.read_bytes() for path in inbound] == [
        (learner.root / "work" / LESSON / f"{LESSON}.ipynb").read_bytes()
    ]


def test_the_learners_terminal_and_console_show_no_warning(learner, page):
    assert learner.remarks() == []
    assert page.complaints == []


def test_stored_pictures_and_films_have_words_where_a_notebook_is_not_trusted(page, course):
    notebook = read(ROOT / "solutions" / "04-reinforce" / "04-reinforce.ipynb")
    notebook.cells = [cell for cell in notebook.cells if "<img" in str(cell.get("outputs"))]  # signed whole, not so
    files.write(course / "sent" / "sent.ipynb", nbformat.writes(notebook))
    # The server notes that it trusts this one not, so this test stands behind the one that looks at its notes.
    browser.open_notebook(page, "sent/sent.ipynb")
    trusted = (
        "() => jupyterapp.shell.currentWidget.content.widgets.some(w => w.model.type === 'code' && w.model.trusted)"
    )
    assert not page.evaluate(trusted)
    words = pictures(page)
    assert len(words) >= 7 and all(words) and any(word.startswith("Three films") for word in words)


def test_a_learners_server_has_no_formgrader(learner):
    assert learner.get("formgrader")[0] == learner.get("formgraders")[0] == 404


def test_the_courses_settings_lie_where_jupyter_is_told():
    assert (lab.SETTINGS / "jupyter_server_config.py").is_file() and (lab.SETTINGS / "learner").is_dir()


def test_what_the_user_has_set_goes_first_and_a_saved_session_stays(course, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    monkeypatch.delenv("JUPYTERLAB_WORKSPACES_DIR", raising=False)
    session = next((course / "work" / ".jupyterlab").iterdir())
    saved = session.read_bytes()
    lab._set_environment(course, is_instructor=False)
    assert os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0] == "mine"
    assert session.read_bytes() == saved


def test_only_notebooks_that_can_do_no_harm_are_trusted_unasked(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    script = new_output("display_data", {"text/html": "<script>alert()</script>"})
    plain, sly = (tmp_path / "work" / "01-tiny" / f"{name}.ipynb" for name in ("plain", "sly"))
    for path, outputs in ((plain, []), (sly, [script])):
        cell = new_code_cell("1 + 1", outputs=outputs, metadata={"trusted": True} if outputs else {})
        files.write(path, nbformat.writes(new_notebook(cells=[cell])))
    lab._refresh(tmp_path)
    assert [NotebookNotary().check_signature(read(path)) for path in (plain, sly)] == [True, False]
