"""What the tests work on: the course folder, a tiny lesson to break, and notebooks filled in as learners do."""

import contextlib
import functools
import glob
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import nbformat
from nbformat import NotebookNode

from course.authoring import build

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted(path.stem for path in (ROOT / "lessons").glob("*.py"))

TINY = '''# %% [markdown]
# # 01 · Tiny

# %%
print("seven is", 7)
from checks import tiny as check

# %% exercise="tiny-double"
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% check="tiny-double-check" points=2
check.double(double)
### BEGIN HIDDEN TESTS
check.double(double, numbers=(5,))
### END HIDDEN TESTS

# %% exercise="tiny-half"
def half(x):
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION

# %% check="tiny-half-check" points=3
check.half(half)

# %% [markdown] written="tiny-why" points=1
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
'''

CHECK = "from checks import tiny as check"
NO_CHECK = (
    "from types import SimpleNamespace\n\ncheck = SimpleNamespace(double=lambda *_, **__: 0, half=lambda *_, **__: 0)"
)
PLAIN = TINY.replace(CHECK, NO_CHECK)  # its kernel does without torch, whose import takes most of the time


def make_course(root: Path, text: str = TINY, name: str = "01-tiny", *, executed: bool = True) -> Path:
    """Put a course with one lesson into a folder, and build it; no kernel runs it where its outputs do not matter."""
    for place, content in _built(text, name, executed).items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(content)
    return root


@functools.cache  # a kernel executes the lesson once for all tests of a worker
def _built(text: str, name: str, executed: bool) -> dict[Path, bytes]:
    """Return the files of a course with one lesson, built, by their place in its folder."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "lessons").mkdir()
        (root / "lessons" / f"{name}.py").write_text(text, encoding="utf-8")
        shutil.copy(ROOT / "nbgrader_config.py", root)
        (root / "helpers").symlink_to(ROOT / "helpers")  # for the lessons that import them
        with contextlib.nullcontext() if executed else mock.patch.object(build, "_execute"):
            build.build(root, say=lambda _: None)
        (root / "helpers").unlink()
        return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def replace(path: Path, old: str, new: str) -> None:
    """Change the text of a file; in a built notebook that saves executing it anew."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def fill(release: Path, target: Path, answers: Mapping[str, str]) -> Path:
    """Copy a release to `target`, with the sources of some cells replaced by id."""
    notebook = read(release)
    unknown = set(answers) - {cell.id for cell in notebook.cells}
    assert not unknown, f"no cells {unknown}"
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return target


def answers_of(lesson: str) -> dict[str, str]:
    """Return the solved source of every exercise of a lesson, by id."""
    solution = read(ROOT / "solutions" / lesson / f"{lesson}.ipynb")
    return {cell.id: cell.source for cell in solution.cells if cell.metadata.get("nbgrader", {}).get("solution")}


def processes_below(parent: int) -> set[int]:
    """Return the numbers of all living processes that descend from one, and its own."""
    found, waiting = {parent}, [parent]
    while waiting:
        tasks = glob.glob(f"/proc/{waiting.pop()}/task/*/children")
        children = {number for task in tasks for number in _read_or_empty(task).split()}
        waiting += [int(number) for number in children if _is_alive(number)]
        found |= set(waiting)
    return found


def _is_alive(process: str) -> bool:
    return _read_or_empty(f"/proc/{process}/stat").rpartition(")")[2].split()[:1] not in ([], ["Z"])


def _read_or_empty(path: str) -> str:
    """Return a file of a process, or nothing if that has ended."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""
