"""Try wrong and right answers on every exercise's check: a check that fails nothing, or for another reason, is found.

`tests/mutants/ID.py` holds answers to the exercise ID, one a cell in percent format; each replaces the exercise's cell.
The first line of a wrong one is `# %% wrong="the mistake" says="a piece of the sentence that names it"`, that of a
right one `# %% right="the style"`. A wrong one has to be caught by what its learner sees, and a right one to pass the
hidden tests, too.
"""

import ast
import contextlib
import io
import itertools
import json
import os
import re
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from unittest import mock

import matplotlib
import matplotlib.pyplot as plt
import torch

from checks import compare, exercise
from checks.failure import CheckFailed
from course.authoring import lessons
from course.authoring.lessons import CELL_START, Cell, Lesson
from course.errors import CourseError
from course.grading.running import skip

FOLDER = "tests/mutants"
LEAST_WRONG, LEAST_RIGHT = 5, 3
MARKS = re.compile(r'# %% (?:wrong="(?P<wrong>[^"]+)" says="(?P<says>[^"]+)"|right="(?P<right>[^"]+)")')


@dataclass
class Row:
    """What came of the answers to one exercise; `problems` are sentences, and a good row has none."""

    lesson: str
    exercise: str
    wrong: int = 0
    wrong_caught: int = 0
    right: int = 0
    right_accepted: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.problems


@dataclass(frozen=True)
class Answer:
    """One cell of a mutants file; `says` is None for a right answer, and `line` is where its source starts."""

    title: str
    says: str | None
    source: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: the {'right' if self.says is None else 'wrong'} answer '{self.title}'"


def try_all(root: Path, names: Iterable[str], seeds: int = 20) -> list[Row]:
    """Try all answers to the exercises of the named lessons, or of all.

    Args:
        root: the course folder.
        names: lessons, such as "01-bandits"; none means all, and that no mutants file may be left over.
        seeds: how many random streams of the checks every right answer has to pass.

    Returns:
        A row for each exercise in the order of the course, and one without a lesson for each file left over.

    Raises:
        CourseError: if a lesson or a mutants file is malformed or fails by itself.
    """
    root, names = root.resolve(), list(names)
    rows = [row for lesson in lessons.choose(root, names) for row in _try_lesson(root, lesson, seeds)]
    return rows if names else rows + _left_over(root, {row.exercise for row in rows})


def table(rows: list[Row]) -> str:
    """Return a line for each exercise, and below them the problems."""
    width = max([len(row.exercise) for row in rows], default=0)
    lines = [
        f"{'✓' if row.is_good else '✗'} {row.exercise:<{width}}  wrong answers caught {row.wrong_caught:2} of "
        f"{row.wrong:2}, right answers accepted {row.right_accepted:2} of {row.right:2}"
        for row in rows
    ]
    return "\n".join(lines + [f"  ! {problem}" for row in rows for problem in row.problems])


def as_json(rows: list[Row]) -> str:
    """Return the counts of every exercise for programs, without the sentences."""
    entries = [asdict(row) for row in rows if row.lesson]
    counts = [{key: value for key, value in entry.items() if key != "problems"} for entry in entries]
    return json.dumps(counts, indent=2, ensure_ascii=False) + "\n"


def _try_lesson(root: Path, lesson: Lesson, seeds: int) -> list[Row]:
    """Run what a lesson's checks depend on, and stop before each exercise to try the answers to it."""
    code = [cell for cell in lesson.cells if cell.kind == "code"]
    files = {cell.grade_id: root / FOLDER / f"{cell.grade_id}.py" for cell in code if "exercise" in cell.marks}
    answers = {name: read(path) for name, path in files.items() if path.exists()}
    code = _needed(code, answers)
    ends = [index for index, cell in enumerate(code) if "check" in cell.marks]
    namespace = {"__name__": "__main__", "display": lambda *_, **__: None}
    rows = []
    with _aside():
        for index, cell in enumerate(code[: max(ends, default=-1) + 1]):
            if "exercise" in cell.marks:
                end = next(end for end in ends if end > index)
                after = [later.source for later in code[index + 1 : end + 1]]
                rows.append(_try_exercise(lesson, cell, answers.get(cell.grade_id), after, namespace, seeds))
            source = lessons.outside(cell.source, lessons.HIDDEN)  # others try the solution on the hidden tests
            _run_alone(source, f"lessons/{lesson.path.name}", cell.line, namespace)
    return rows


def _needed(code: list[Cell], answers: dict[str, list[Answer]]) -> list[Cell]:
    """Return the cells on which a check or an answer depends, and the checks and exercises themselves."""
    sources, own, checks = {}, {}, set()
    for number, cell in enumerate(code):
        sources[name := str(number)] = cell.source
        if "check" in cell.marks:
            checks.add(name)
        elif "exercise" in cell.marks:
            given = [answer.source for answer in answers.get(cell.grade_id, [])]
            sources[name] = "\n".join([*given, cell.source])
        else:
            own[name] = cell.source
    spare = skip.unneeded(sources.items(), own, checks)
    return [cell for name, cell in zip(sources, code, strict=True) if name not in spare]


def _try_exercise(
    lesson: Lesson, exercise: Cell, answers: list[Answer] | None, after: list[str], namespace: dict, seeds: int
) -> Row:
    """Try the answers to one exercise; `after` holds the cells that follow it, up to its check."""
    row = Row(lesson.name, exercise.grade_id)
    file = f"{FOLDER}/{row.exercise}.py"
    if answers is None:
        row.problems.append(f"{file} is missing: write wrong and right answers to {row.exercise}")
        return row
    for answer in answers:
        missing = _defined(exercise.source) - _defined(answer.source)
        if missing:
            problem = f"does not define {min(missing)}"
        elif answer.says is None:
            problem = _rejection(answer, after, namespace, seeds)
        else:
            problem = _escape(answer, after, namespace)
        row.problems += [f"{answer} {problem}"] if problem else []
        if answer.says is None:
            row.right, row.right_accepted = row.right + 1, row.right_accepted + (not problem)
        else:
            row.wrong, row.wrong_caught = row.wrong + 1, row.wrong_caught + (not problem)
    for number, least, kind in ((row.wrong, LEAST_WRONG, "wrong"), (row.right, LEAST_RIGHT, "right")):
        if number < least:
            row.problems.append(f"{file} has {number} {kind} answers; at least {least} are needed")
    return row


def _rejection(answer: Answer, after: list[str], namespace: dict, seeds: int) -> str:
    """Return on which seed a right answer is rejected and how, or nothing."""
    for seed in range(seeds):
        sentence = _failure(answer, after, namespace, seed)
        if sentence is not None:
            return f'is rejected on seed {seed}: "{sentence}"'
    return ""


def _escape(answer: Answer, after: list[str], namespace: dict) -> str:
    """Return how a wrong answer escapes the sentence that it deserves, without the hidden tests, or nothing."""
    sentence = _failure(answer, [lessons.outside(source, lessons.HIDDEN) for source in after], namespace, seed=0)
    if sentence is None:
        return f'is not caught; it deserves: "{answer.says}"'
    return "" if answer.says in sentence else f'deserves "{answer.says}", but gets another message: "{sentence}"'


def _failure(answer: Answer, after: list[str], namespace: dict, seed: int) -> str | None:
    """Return the sentence with which the check fails the answer, or None; nothing that happens here is left behind."""
    with (
        mock.patch.object(compare, "seed_shift", 1000 * seed),
        mock.patch.dict(exercise._passed),
        torch.random.fork_rng(devices=[]),
    ):
        torch.manual_seed(seed)
        own = dict(namespace)
        _run_alone(answer.source, answer.file, answer.line, own)
        try:
            for source in after:
                _run(source, "check", 1, own)
        except CheckFailed as failure:
            return str(failure)
        except Exception as error:  # of any kind: the learner's code may do anything
            return _told(error)
    return None


def _run_alone(source: str, file: str, line: int, namespace: dict) -> None:
    """Run a cell that has to work by itself.

    Raises:
        CourseError: if it does not, with file and line.
    """
    try:
        _run(source, file, line, namespace)
    except Exception as error:
        traceback, at = error.__traceback__, line
        while traceback:
            at = traceback.tb_lineno if traceback.tb_frame.f_code.co_filename == file else at
            traceback = traceback.tb_next
        raise CourseError(f"{file}:{at}: this cell fails: {_told(error)}") from error


def _run(source: str, file: str, line: int, namespace: dict) -> None:
    exec(compile("\n" * (line - 1) + source, file, "exec", dont_inherit=True), namespace)
    plt.close("all")


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


@contextlib.contextmanager
def _aside() -> Iterator[None]:
    """Show nothing of what the code inside prints and draws, and put back what it sets."""
    threads, dtype, backend = torch.get_num_threads(), torch.get_default_dtype(), matplotlib.get_backend()
    try:
        matplotlib.use("Agg")
        with (
            tempfile.TemporaryDirectory() as folder,
            contextlib.chdir(folder),
            contextlib.redirect_stdout(io.StringIO()),
            warnings.catch_warnings(),
            matplotlib.rc_context(),
            mock.patch.dict(exercise._passed, clear=True),
            mock.patch.dict(os.environ, NBGRADER_EXECUTION="mutants"),
        ):
            warnings.simplefilter("ignore")  # plt.show() warns that nothing is shown
            yield
    finally:
        matplotlib.use(backend)
        torch.set_num_threads(threads)
        torch.set_default_dtype(dtype)


def read(path: Path) -> list[Answer]:
    """Read a mutants file.

    Raises:
        CourseError: at the first malformed place, with file and line.
    """
    lines, file = path.read_text(encoding="utf-8").split("\n"), f"{FOLDER}/{path.name}"
    starts = [number for number, line in enumerate(lines) if CELL_START.match(line)]
    if starts[:1] != [0]:
        raise CourseError(f"{file}:1: every answer is a cell, and the first line of the file begins one with '# %%'.")
    answers = []
    for start, end in itertools.pairwise([*starts, len(lines)]):
        marks, source = MARKS.fullmatch(lines[start]), "\n".join(lines[start + 1 : end]).rstrip("\n")
        if not marks:
            raise CourseError(f'{file}:{start + 1}: a cell starts with # %% wrong="…" says="…" or with # %% right="…".')
        try:
            ast.parse(source)
        except SyntaxError as error:
            line = start + 1 + (error.lineno or 1)
            raise CourseError(f"{file}:{line}: the code does not parse: {error.msg}.") from None
        answers.append(Answer(marks["wrong"] or marks["right"], marks["says"], source, file, start + 2))
    return answers


def _defined(source: str) -> set[str]:
    """Return the names of the functions and classes that a cell defines."""
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _left_over(root: Path, exercises: set[str]) -> list[Row]:
    """Return a row for each mutants file that belongs to no exercise."""
    strays = [path for path in sorted((root / FOLDER).glob("*.py")) if path.stem not in exercises]
    return [Row("", path.stem, problems=[f"{FOLDER}/{path.name} belongs to no exercise"]) for path in strays]
