"""Fixtures shared by all tests."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.samples import ROOT, TINY


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file on one worker, but let what marks a group of its own go where there is room."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.name))


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """A course with one tiny lesson, not built yet."""
    root = tmp_path / "course"
    (root / "lessons").mkdir(parents=True)
    (root / "lessons" / "01-tiny.py").write_text(TINY, encoding="utf-8")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    return root


@pytest.fixture
def course_command() -> Callable[..., subprocess.CompletedProcess]:
    """Run the course command in a folder and return what came of it."""

    def run(folder: Path, *words: object) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "course.cli", *map(str, words)]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)

    return run
