"""How many submissions a minute does `course grade-class` grade, and how many `nbgrader autograde`?

Both grade the same lesson in copies of the course. The class is a mix that is the same each time: of ten students four
have all answers, three have half of them, one has wrong ones, one has filled in nothing, and one has a file that is cut
in the middle. Each submission has a line of its own, so that no two are the same and nothing is known from before.

`course grade-class` runs with isolation, on one worker and on two, on all submissions. nbgrader has no workers and no
isolation; it grades the first few of them one after the other, in one command. A rate is submissions by wall time of
the whole command, its start included.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbgrader.utils import is_grade, is_solution
from timing import write

from course.grading.sandbox import proof

ROOT = Path(__file__).resolve().parent.parent
MIX = ("right", "partial", "right", "untouched", "partial", "wrong", "right", "broken", "partial", "right")
WRONG = "\n{0} = lambda *inputs, **named: 0\n"  # after a right answer: the last definition counts


def main() -> None:
    options = _arguments()
    print(f"isolation: {proof.require()}; cores: {os.cpu_count()}")
    ratios = {}
    for lesson in options.lessons or ["00-start-here", "01-bandits"]:
        ratios |= _measure(lesson, options.submissions, options.peer, [2] if options.quick else [1, 2])
    write(ratios, options.json)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="none means 00-start-here and 01-bandits")
    parser.add_argument("--submissions", type=int, default=1000, metavar="N", help="for course grade-class")
    parser.add_argument("--peer", type=int, default=50, metavar="M", help="the first M of them, for nbgrader autograde")
    parser.add_argument(
        "--quick", action="store_true", help="a few submissions of lesson 00 on two workers, to see that it works"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the ratios to FILE")
    options = parser.parse_args()
    if options.quick:
        options.lessons, options.submissions, options.peer = ["00-start-here"], 3, 1
    return options


def _measure(lesson: str, count: int, peer: int, numbers: list[int]) -> dict[str, float]:
    """Print a table for one lesson, and return how many times nbgrader's rate each of ours is."""
    print(f"\n{lesson}: {count} submissions, of which nbgrader grades {min(peer, count)}")
    rates = {}
    for workers in numbers:
        with tempfile.TemporaryDirectory() as folder:
            root = _class(Path(folder), lesson, count)
            seconds = _seconds(root, "course.cli", "grade-class", lesson, "--workers", workers)
            _assert_graded(root, lesson, count)
        rates[f"{workers} worker{'s' if workers > 1 else ''}"] = 60 * count / seconds
    with tempfile.TemporaryDirectory() as folder:
        root = _class(Path(folder), lesson, min(peer, count))
        _seconds(root, "nbgrader", "generate_assignment", lesson, "--force")
        theirs = 60 * min(peer, count) / _seconds(root, "nbgrader", "autograde", lesson, may_fail=True)
    print(f"{'':18}{'a minute':>9}    times nbgrader's rate")
    for name, rate in rates.items():
        print(f"{name:18}{rate:9.1f}    {rate / theirs:.2f}x")
    print(f"{'nbgrader autograde':18}{theirs:9.1f}")
    return {f"grading: {lesson}, {name} / nbgrader autograde": rate / theirs for name, rate in rates.items()}


def _class(root: Path, lesson: str, count: int) -> Path:
    """Make a copy of the course's built lesson, with submissions."""
    for folder in ("lessons", f"solutions/{lesson}", f"notebooks/{lesson}", "helpers", "checks", "course"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "nbgrader_config.py", root)
    release = nbformat.read(root / "notebooks" / lesson / f"{lesson}.ipynb", as_version=4)
    solution = nbformat.read(root / "solutions" / lesson / f"{lesson}.ipynb", as_version=4)
    answers = {cell.id: cell.source for cell in solution.cells if is_solution(cell) and not is_grade(cell)}
    for number in range(count):
        target = root / "submitted" / f"student{number:04}" / lesson / f"{lesson}.ipynb"
        target.parent.mkdir(parents=True)
        target.write_text(_submission(release, answers, MIX[number % len(MIX)], number), encoding="utf-8")
    return root


def _submission(release: nbformat.NotebookNode, answers: dict[str, str], kind: str, number: int) -> str:
    notebook = nbformat.from_dict(release)
    given = {"right": list(answers), "partial": list(answers)[::2], "wrong": list(answers)}.get(kind, [])
    for cell in notebook.cells:
        if cell.id in given:
            cell.source = answers[cell.id] + (_wrongly(answers[cell.id]) if kind == "wrong" else "")
    notebook.cells.append(nbformat.v4.new_code_cell(f"mine = {number}", id=f"mine-{number}"))
    text = nbformat.writes(notebook)
    return text[: len(text) // 2] if kind == "broken" else text


def _wrongly(answer: str) -> str:
    """Return a line that puts a wrong function, or a wrong value, in place of what an answer defines last."""
    functions = re.findall(r"^def (\w+)", answer, re.MULTILINE)
    values = re.findall(r"^(\w+) = ", answer, re.MULTILINE)
    return WRONG.format(functions[-1]) if functions else f"\n{values[-1]} = None\n" if values else "\nassert False\n"


def _seconds(root: Path, module: str, *words: object, may_fail: bool = False) -> float:
    """Run a command in a course folder; return its wall time."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", module, *map(str, words)]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode and not may_fail:  # nbgrader's code tells of each file that it could not read
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return seconds


def _assert_graded(root: Path, lesson: str, count: int) -> None:
    found = len(list((root / "autograded").glob(f"*/{lesson}/{lesson}.ipynb")))
    if found != count:
        sys.exit(f"Only {found} of {count} submissions were graded.")


if __name__ == "__main__":
    main()
