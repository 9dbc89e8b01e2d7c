"""Fixtures shared by all tests."""

import gc
import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from unittest import mock

import pytest
from xdist.scheduler import LoadFileScheduling

from course import cli
from tests.samples import LESSONS, PLAIN, ROOT, TINY, make_course

LONG = {"test_checks.py", "test_grade.py", "test_mutants.py"}
# What takes longest begins first, so that no worker waits for another at the end.
FIRST = (
    "06-arch",
    "test_lab",
    "test_mutants",
    "test_classes",
    "09-vae",
    "10-dqn",
    "test_classroom_walk",
    "test_nbgrader",
    "test_grade",
)
collect_ignore = ["older"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="take the time to try what `make test` tries in part")


def pytest_runtest_setup(item: pytest.Item) -> None:
    mark = item.get_closest_marker("thorough")
    if mark and mark.kwargs.get("only") and not item.config.getoption("thorough"):
        pytest.skip("`make test-thorough` takes the time for this")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while tests are collected, and later in nothing that was made here: it stays to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {name: rank for rank, name in enumerate(FIRST)}
    items.sort(
        key=lambda item: next((rank for name, rank in ranks.items() if name in item.nodeid.split("[")[0]), len(ranks))
    )


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are cores: a part of the tests waits for servers, kernels and limits."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) + 1


class Scheduling(LoadFileScheduling):
    """Keep the tests of a file on one worker, but let a lesson's long ones, which share nothing, go anywhere."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        return nodeid if Path(file).name in LONG and any(lesson in test for lesson in LESSONS) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling | None:
    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True, scope="module")
def environment() -> Iterator[None]:
    """Put back after each file what commands set in this process, such as a longer PYTHONPATH."""
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """A course with one tiny lesson, not built yet."""
    root = tmp_path / "course"
    (root / "lessons").mkdir(parents=True)
    (root / "lessons" / "01-tiny.py").write_text(TINY, encoding="utf-8")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    return root


@pytest.fixture
def thorough(pytestconfig: pytest.Config) -> bool:
    """Whether to take the time to try all that could be tried."""
    return pytestconfig.getoption("thorough")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A course with one tiny lesson, built."""
    return make_course(tmp_path / "course")


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """The same where no check is tried: its lesson runs in a fraction of the time."""
    return make_course(tmp_path / "course", PLAIN)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Callable[..., tuple[int, str, str]]:
    """Run the course command in a folder, in this process; return its exit code and what it printed to both streams."""

    def run(folder: Path, *words: object) -> tuple[int, str, str]:
        monkeypatch.chdir(folder)
        capsys.readouterr()
        return cli.main([*map(str, words)]), *capsys.readouterr()

    return run


@pytest.fixture
def nest() -> Iterator[Callable[[Path, str, int], None]]:
    """Make folders within folders, as deep as no path may lead; pytest itself could not remove them."""
    made = []

    def dig(folder: Path, name: str, depth: int) -> None:
        made.append(folder / name)
        here = os.open(folder, os.O_RDONLY)
        for _ in range(depth):
            os.mkdir(name, dir_fd=here)
            inner = os.open(name, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
        os.close(here)

    yield dig
    subprocess.run(["rm", "-rf", *made], check=True)
