"""What the tests work on: the course folder, a tiny lesson to break, and notebooks filled in as learners do."""

from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted(path.stem for path in (ROOT / "lessons").glob("*.py"))

TINY = '''# %% [markdown]
# # 01 · Tiny

# %%
print("seven is", 7)

# %% exercise="tiny-double"
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% check="tiny-double-check" points=2
assert double(2) == 4, "twice two is four"
### BEGIN HIDDEN TESTS
assert double(5) == 10, "twice five is ten"
### END HIDDEN TESTS

# %% exercise="tiny-half"
def half(x):
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION

# %% check="tiny-half-check" points=3
assert half(4) == 2

# %% [markdown] written="tiny-why" points=1
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
'''


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


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
    """Return the numbers of all living processes that descend from one."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = entry.read_text().rpartition(")")
            state, owner = rest.split()[:2]
            parents |= {int(name.split()[0]): int(owner)} if state != "Z" else {}
        except (OSError, ValueError):
            continue
    found, more = {parent}, {parent}
    while more:
        more = {child for child, owner in parents.items() if owner in more} - found
        found |= more
    return found
