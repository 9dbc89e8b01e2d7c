"""What a learner on Windows uses needs nothing that Windows lacks, in an imitation: see `windows/sitecustomize.py`."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from course import paths
from course.learner.validate import ValidateHandler
from tests.samples import ROOT, fill

NAME = "01-tiny"
RIGHT = {"tiny-double": "def double(x):\n    return 2 * x"}
NOT_FOR_LEARNERS = ("course/authoring", "course/students", "course/grading/classroom", "course/grading/sandbox/child")


def on_windows(folder: Path, *words: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "windows"), str(ROOT)])}
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize("word", ["import fcntl", "import os; os.fork", "from os import geteuid"])
def test_the_imitation_lacks_what_windows_lacks(tmp_path, word):
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "__init__.py").write_text(word, encoding="utf-8")
    result = on_windows(tmp_path, "-c", "import checks")
    assert result.returncode == 1 and result.stderr.splitlines()[-1].split(":")[0].endswith("Error")


def test_every_module_of_a_learners_is_imported():
    files = [path.relative_to(ROOT) for room in ("course", "checks", "helpers") for path in (ROOT / room).rglob("*.py")]
    # what is left out runs for instructors, within the warm process, or as a configuration or script of its own
    names = [
        ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(files)
        if not path.as_posix().startswith(NOT_FOR_LEARNERS) and path.parent.name not in ("jupyter", "bundled")
    ]
    assert {"course.learner.lab", "course.grading.grade", "checks.vae", "helpers.plotting"} <= set(names)
    result = on_windows(ROOT, "-c", f"import importlib\nfor name in {names}: importlib.import_module(name)")
    assert result.returncode == 0, result.stderr


def test_a_lesson_is_opened_validated_and_graded(built):
    opened = on_windows(built, "-m", "course.cli", "lab", "--version")
    assert opened.returncode == 0 and opened.stdout.startswith("4."), opened.stderr
    own = built / "work" / NAME / f"{NAME}.ipynb"
    assert own.exists()
    fill(paths.release_path(built, NAME), own, RIGHT)
    (own.parent / "deeper").mkdir()
    (own.parent / "deeper" / "data.csv").write_text("1,2\n", encoding="utf-8")
    validated = on_windows(built, "-m", "course.learner.validate", str(built), f"work/{NAME}/{NAME}.ipynb")
    failed = json.loads(validated.stdout.splitlines()[-1])["value"]["failed"]
    assert [each["source"] for each in failed] == ["The check of half", "*Your answer here.*"]
    graded = on_windows(built, "-m", "course.cli", "grade", "work", "--json", "found.json")
    assert graded.returncode == 0, graded.stderr
    found = json.loads((built / "found.json").read_text(encoding="utf-8"))[0]
    assert [each["points"] for each in found["exercises"]] == [2, 0] and found["isolation"] == "none"
    assert found["flags"] == []


def test_validate_starts_its_process_where_the_event_loop_can_start_none(tmp_path):
    """As on Windows, where Jupyter's server takes the selector's loop."""

    class Loop(asyncio.SelectorEventLoop):
        async def subprocess_exec(self, *words, **named):
            raise NotImplementedError

    said = []
    handler = SimpleNamespace(get_argument=lambda *_: "no.ipynb", root_dir=str(tmp_path), finish=said.append)
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(ValidateHandler.post.__wrapped__(handler))
    assert "no.ipynb" in json.loads(said[0])["value"]
