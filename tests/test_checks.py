"""What holds for the check of every exercise: the points depend on the answer alone."""

import ast
import functools
import sys

import cloudpickle
import matplotlib.pyplot as plt
import pytest
import torch
from torch import Tensor

from checks import compare, exercise
from checks.answer import Answer, Here
from checks.failure import CheckFailed
from course import paths
from course.authoring import lessons, mutants
from course.grading import bundle, orders
from course.grading.running import skip
from course.learner import grade
from tests.samples import LESSONS, ROOT, answers_of, fill

SAME_AS_ASKED = {  # what a right answer gives back as it came
    "returns": "with γ = 0 the return is the reward",
    "reward": "at its target a network is worth its accuracy",
    "gaussian_kl": "the slope with respect to μ is μ",
}
MOST_LINES = 6  # of a check cell
MOST_RELEASED = 420 * len(LESSONS)  # lines of all cells of all releases


def lesson_of(name: str) -> lessons.Lesson:
    return lessons.read(ROOT / "lessons" / f"{name}.py")


def own_names(lesson: lessons.Lesson) -> set[str]:
    """Return the names that a lesson's plain cells set."""
    plain = [cell.source for cell in lesson.cells if cell.kind == "code" and cell.grade_id is None]
    return set().union(*(skip.names(ast.parse(source)).writes for source in plain)) - {"check", "yours"}


@functools.cache
def solved(name: str) -> dict[str, tuple]:
    """Return for each exercise its check's order and the solution's function, once what checks depend on has run."""
    lesson = lesson_of(name)
    code = [cell for cell in lesson.cells if cell.kind == "code"]
    own = {str(number): cell.source for number, cell in enumerate(code) if cell.grade_id is None}
    checks = {str(number) for number, cell in enumerate(code) if "check" in cell.marks}
    spare = skip.unneeded([(str(number), cell.source) for number, cell in enumerate(code)], own, checks)
    space, found, module = {"__name__": "__main__", "display": print}, {}, orders.alias(lesson.code)
    with mutants._aside():
        for number, cell in enumerate(code):
            if str(number) in spare:
                continue
            if "check" in cell.marks:
                order = orders.read(cell.source, module)
                found[cell.grade_id] = order, space[order.name]
            else:
                exec(compile(cell.source, cell.grade_id or name, "exec"), space)
                plt.close("all")
    return found


def calls(order: orders.Order):
    """Return the check's function and its data for each call of a check cell, the hidden ones included."""
    known = exercise.of(sys.modules[f"checks.{order.module}"])
    return [(known[check], ast.literal_eval(data)) for check, _, data in order.calls]


def spoiling(*arguments, **named):
    """Change everything in place that can be."""
    for value in [*arguments, *named.values()]:
        for part in value if isinstance(value, tuple | list) else [value]:
            if isinstance(part, Tensor) and not part.requires_grad:
                part.zero_()
    raise ValueError


class Watched(Here):
    """An answer that keeps what each question carried."""

    carried: list[Tensor]

    def _ask(self, question: bytes) -> bytes:
        self.carried += _tensors(cloudpickle.loads(question)[1], set())
        return super()._ask(question)

    def _kept(self, number: int) -> Answer:
        kept = Watched(self.desk.kept[number], number, self.rules, self.desk)
        kept.carried = self.carried
        return kept


def _tensors(value, seen: set[int]) -> list[Tensor]:
    """Return the tensors that a probe carries along: in its closure, its defaults, and what these hold."""
    if id(value) in seen or isinstance(value, torch.nn.Module | torch.Generator):
        return []
    seen.add(id(value))
    if isinstance(value, Tensor):
        return [value.detach()]
    parts = []
    if isinstance(value, tuple | list):
        parts = list(value)
    elif isinstance(value, dict):
        parts = list(value.values())
    elif getattr(value, "__closure__", None) or getattr(value, "__defaults__", None):
        cells = [cell.cell_contents for cell in value.__closure__ or () if cell]
        parts = [*cells, *(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
    return [tensor for part in parts for tensor in _tensors(part, seen)]


@pytest.mark.parametrize("name", LESSONS)
def test_nothing_spoils_the_next_answer_and_no_question_carries_what_the_check_expects(name, monkeypatch):
    """Looked at are tensors of four numbers and more that are not all alike; others coincide by chance."""
    expected = []
    compared = compare._same_values
    monkeypatch.setattr(compare, "_same_values", lambda got, *rest: (expected.append(rest[0]), compared(got, *rest)))
    for order, function in solved(name).values():
        answer = Watched(function, order.name)
        for check, data in calls(order):
            with pytest.raises(CheckFailed):
                check(Here(spoiling, order.name), **data)
            expected.clear()
            answer.carried = []
            check(answer, **data)
            told = [wanted for wanted in expected if wanted.numel() >= 4 and wanted.unique().numel() > 2]
            for wanted in told if order.name not in SAME_AS_ASKED else []:
                for carried in answer.carried:
                    same = carried.shape == wanted.shape and torch.allclose(carried.double(), wanted.double())
                    assert not same, f"{order.name}: a question carries {carried}"


@pytest.mark.thorough
@pytest.mark.parametrize("name", LESSONS)
@pytest.mark.parametrize("turn", range(3))
def test_each_exercise_is_worth_its_own_points_whatever_its_neighbours_do(name, turn, tmp_path, thorough):
    """One third is right, and sets every name of the lesson's plain cells that it does not use itself to nothing; one
    third returns nothing; one third is mocks, also in the place of the lesson's names, of torch and of the checks. In
    three turns each exercise is each of them; `make test` takes one, of each lesson another."""
    if turn != LESSONS.index(name) % 3 and not thorough:
        pytest.skip("`make test-thorough` takes the other turns")
    names, answers, right = own_names(lesson_of(name)), {}, set()
    for number, (identity, source) in enumerate(answers_of(name).items(), turn):
        is_code = "def " in source  # a written answer is no function
        if number % 3 == 0:
            right.add(identity)
            used = skip.names(ast.parse(source)) if is_code else None
            others = sorted(names - used.reads - used.writes) if used else []
            answers[identity] = source + "".join(f"\n{other} = None" for other in others)
        elif number % 3 == 1 and is_code:
            answers[identity] = f"{source.split('):')[0]}):\n    return None"
        elif is_code:
            functions = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
            mocks = "".join(f"{other} = M()\n" for other in sorted((names | {"check", "yours", "torch"}) - functions))
            wrong = "".join(f"def {function}(*a, **k):\n    return M()\n" for function in sorted(functions))
            answers[identity] = f"from unittest.mock import MagicMock as M\n{mocks}{wrong}"
    result = grade.grade(fill(paths.release_path(ROOT, name), tmp_path / "mine.ipynb", answers), ROOT, trusted=True)
    for entry in result.exercises:
        assert entry.points == (entry.max_points if entry.id in right else 0), entry


def test_a_reader_meets_the_lesson_and_not_its_checking():
    lines = 0
    for name in LESSONS:
        for cell in bundle.make(ROOT, name).notebook().cells:
            lines += cell.source.count("\n") + 1
            assert not cell.id.endswith("-check") or cell.source.count("\n") < MOST_LINES
    assert lines < MOST_RELEASED
