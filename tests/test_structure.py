"""The house keeps its order: imports point one way, docstrings exist, and no path of a machine is in a file."""

import ast
import functools
import subprocess
import sys

import pytest

from tests.samples import LESSONS, ROOT

HELPERS = sorted((ROOT / "helpers").glob("*.py"))
CHECKS = sorted((ROOT / "checks").glob("*.py"))
COURSE = sorted((ROOT / "course").rglob("*.py"))
MOST_MODULES = 14  # in a folder of course/
FOR_PEOPLE = {"plotting", "widgets", "films", "pictures"}  # domain modules import none of these
IN_SEVERAL = {  # public names that mean the same in several helpers, and what they mean; any other has one home
    "Recipe": "how to train what the module is about; the defaults are those that were measured",
    "Result": "what such a training gave",
    "Runs": "runs of one setting that were measured once and came with the course",
    "SHA256": "the checksum of the file that holds them",
    "EXPERIMENTS": "what such runs are of: the names that `measured` takes",
    "draw": "a batch at random from what was seen so far",
    "estimates": "Q_t(a) before every step: bandits computes them, plotting draws them",
    "evaluate": "how good something is, in the measure of its module: a policy, or a model on its images",
    "loss": "what a training goes down, one number a run",
    "measured": "such runs, read from their file",
    "play": "episodes, or games, from their start to their end",
    "rate": "the learning rate of one update, or iteration",
    "returns": "G_t = R_{t+1} + γ G_{t+1}, with the episodes' ends and without",
    "search": "look for what is best: an architecture by trying, or a move by a tree",
    "train": "fit what the module is about, in place",
    "training_step": "one step of an optimiser down the loss of a batch, in place",
    "update": "one step of learning from what was just tried",
}


@functools.cache
def imported(path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", HELPERS, ids=lambda path: path.stem)
def test_helpers_import_neither_lessons_nor_tools_and_domains_nothing_for_people(path):
    names = imported(path)
    assert not {name for name in names if name.split(".")[0] in {"course", "checks", "lessons", "tests", "benchmarks"}}
    if path.stem not in FOR_PEOPLE:
        assert not {name for name in names if name.split(".")[0] == "helpers" and name.split(".")[1] in FOR_PEOPLE}
        assert "matplotlib" not in {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.stem)
def test_checks_know_helpers_and_nothing_of_the_course_or_a_notebook(path):
    rooms = {name.split(".")[0] for name in imported(path)}
    assert not rooms & {"course", "lessons", "tests", "benchmarks"}
    assert "matplotlib" not in rooms


def test_what_runs_beside_a_submission_imports_nothing_of_the_grader():
    for path in (ROOT / "course" / "grading" / "sandbox" / "child").glob("*.py"):
        assert not [name for name in imported(path) if name.startswith("course")]


def test_course_has_small_rooms_and_no_import_goes_in_a_circle():
    folders = [path.parent for path in COURSE if path.stem != "__init__"]
    assert max(map(folders.count, set(folders))) <= MOST_MODULES
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in COURSE}
    arrows = {
        name: {target for target in names for part in imported(path) if part == target or part.startswith(f"{target}.")}
        for name, path in names.items()
        if not name.endswith("__init__")
    }
    while arrows:
        ends = {name for name, targets in arrows.items() if not targets & set(arrows)}
        assert ends, f"a circle among {sorted(arrows)}"
        arrows = {name: targets for name, targets in arrows.items() if name not in ends}


@pytest.mark.parametrize("path", HELPERS, ids=lambda path: path.stem)
def test_helpers_name_no_device_and_set_no_global_seed(path):
    text = path.read_text(encoding="utf-8")
    assert ".cuda(" not in text and "torch.manual_seed(" not in text


@pytest.mark.parametrize("path", [*CHECKS, *HELPERS, *COURSE], ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_modules_and_public_functions_have_docstrings(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or path.stem == "__init__"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node) or node.name == "main" or "course" in path.parts, node.name


def defined(path) -> set[str]:
    """Return the public names that a module defines itself."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def test_a_name_has_one_meaning_in_all_helpers():
    homes = {}
    for path in HELPERS:
        for name in defined(path):
            homes.setdefault(name, []).append(path.stem)
    several = {name: stems for name, stems in homes.items() if len(stems) > 1}
    assert several.keys() == IN_SEVERAL.keys(), several


def test_somebody_imports_each_helper():
    users = {path: imported(path) for room in ("lessons", "checks", "helpers") for path in (ROOT / room).glob("*.py")}
    for helper in HELPERS:
        own = f"helpers.{helper.stem}."
        used = any(f"{name}.".startswith(own) for path in users.keys() - {helper} for name in users[path])
        assert used or helper.stem == "__init__", f"no lesson, no check and no other helper imports {helper.stem}"


def test_packages_have_empty_inits():
    assert all(
        path.read_bytes() == b""
        for name in ("checks", "helpers", "course")
        for path in (ROOT / name).rglob("__init__.py")
    )


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_links_the_notation(name):
    assert "NOTATION.md" in (ROOT / "lessons" / f"{name}.py").read_text(encoding="utf-8")


def test_every_file_passes_the_linter_and_the_formatter():
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "."]
        result = subprocess.run(ruff, cwd=ROOT, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout
