"""Start JupyterLab as a learner does, and drive it with a real browser."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

TOKEN = "for-tests"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MINUTES = 60_000  # milliseconds, as Playwright counts


@dataclass
class Server:
    """A running JupyterLab: its process, address and log, and the folders it works in."""

    process: subprocess.Popen
    url: str
    log: Path
    root: Path
    environment: dict[str, str]

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of a page."""
        request = urllib.request.Request(f"{self.url}/{path}", headers={"Authorization": f"token {TOKEN}"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def remarks(self) -> list[str]:
        """Return the lines of the terminal that are more than information."""
        return [line for line in self.log.read_text(encoding="utf-8").splitlines() if not line.startswith("[I ")]


@contextlib.contextmanager
def serve(root: Path, home: Path, *arguments: str) -> Iterator[Server]:
    """Run `course lab` in a course folder, for a person with an empty home."""
    home.mkdir(exist_ok=True)
    apart = ("JUPYTER", "XDG", "NO_COLOR")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(apart)}
    environment |= {"HOME": str(home), "OMP_NUM_THREADS": "1"}
    port = _free_port()
    words = [f"--port={port}", "--no-browser", "--allow-root", f"--IdentityProvider.token={TOKEN}"]
    words += ["--LabApp.expose_app_in_browser=True", *arguments]
    log = home / f"{port}.log"
    with log.open("w", encoding="utf-8") as terminal:
        command = [sys.executable, "-m", "course.cli", "lab", *words]
        streams = {"stdin": subprocess.DEVNULL, "stdout": terminal, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(command, cwd=root, env=environment, **streams)
    server = Server(process, f"http://127.0.0.1:{port}", log, root, environment)
    try:
        _wait_for(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser without a window; skip the test where there is none."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path  # of `playwright install chromium`
        found = next(filter(None, map(shutil.which, [*NAMES, MAC, own])), None)
        if found is None:
            pytest.skip("There is no Chromium or Chrome here; 'playwright install chromium' gets one.")
        yield playwright.chromium.launch(executable_path=found, args=FLAGS)


def browse(browser: Browser, server: Server) -> Page:
    """Open JupyterLab; `page.complaints` collects errors in the console and requests that leave the machine."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.complaints = []
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
    page.on("request", lambda request: _is_foreign(request.url, server) and page.complaints.append(request.url))
    page.goto(f"{server.url}/?token={TOKEN}")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=MINUTES)
    page.wait_for_selector(".jp-DirListing-item", timeout=MINUTES)
    return page


def open_notebook(page: Page, path: str) -> None:
    """Open a notebook and wait for its kernel."""
    page.evaluate("async path => { await jupyterapp.commands.execute('docmanager:open', {path}) }", path)
    page.evaluate("() => jupyterapp.shell.currentWidget.context.ready")
    page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.ready")
    page.wait_for_function(
        "jupyterapp.shell.currentWidget.sessionContext.kernelDisplayStatus === 'idle'", timeout=MINUTES
    )


def sources(page: Page) -> list[str]:
    """Return the text of every cell of the open notebook."""
    return page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.widgets.map(w => w.model.sharedModel.getSource())"
    )


def cell(page: Page, index: int) -> Locator:
    """Scroll a cell of the open notebook into view and return it."""
    page.evaluate(
        """async index => {
            const notebook = jupyterapp.shell.currentWidget.content;
            notebook.activeCellIndex = index;
            await notebook.scrollToItem(index, 'start');
        }""",
        index,
    )
    return page.locator(f".jp-Notebook:visible .jp-Cell[data-windowed-list-index='{index}']")


def type_into(page: Page, index: int, text: str) -> None:
    """Replace the text of a cell as a person does, from the keyboard."""
    cell(page, index).locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)


def fill(page: Page, answers: dict[str, str]) -> None:
    """Replace the text of cells, by id, without typing."""
    page.evaluate(
        """answers => jupyterapp.shell.currentWidget.content.widgets
            .filter(widget => widget.model.id in answers)
            .forEach(widget => widget.model.sharedModel.setSource(answers[widget.model.id]))""",
        answers,
    )


def run_all(page: Page) -> list[str]:
    """Run all cells of the open notebook and return the errors that came of it."""
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    return _errors(page)


def run_to(page: Page, index: int) -> list[str]:
    """Run the cells of the open notebook down to one, and return the errors that came of it."""
    cell(page, index + 1)
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-above')")
    return _errors(page)


def _errors(page: Page) -> list[str]:
    return page.evaluate(
        """() => jupyterapp.shell.currentWidget.content.widgets
            .flatMap(widget => widget.model.outputs ? widget.model.outputs.toJSON() : [])
            .filter(output => output.output_type === 'error').map(output => output.evalue)"""
    )


def validate(page: Page) -> str:
    """Press Validate, close the dialog that answers, and return its text."""
    page.locator(".jp-NotebookPanel:visible .jp-Toolbar").get_by_text("Validate", exact=True).click()
    dialog = page.locator(".jp-Dialog")
    dialog.wait_for(timeout=4 * MINUTES)
    text = dialog.inner_text()
    dialog.get_by_role("button", name="Ok").click()
    return text


def menu(page: Page, title: str) -> list[str]:
    """Return what a menu offers."""
    page.locator(".lm-MenuBar-item").get_by_text(title, exact=True).click()
    items = page.locator(".lm-Menu-item:visible:not([data-type='separator']) .lm-Menu-itemLabel").all_inner_texts()
    page.keyboard.press("Escape")
    return items


def _is_foreign(url: str, server: Server) -> bool:
    return not url.startswith((server.url, server.url.replace("http", "ws", 1), "data:", "blob:"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(server: Server) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.process.poll() is None:
        with contextlib.suppress(OSError):
            server.get("api")
            return
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{server.log.read_text(encoding='utf-8')}")
