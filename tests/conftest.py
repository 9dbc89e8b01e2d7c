"""Fixtures shared by all tests."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.samples import ROOT, TINY


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
