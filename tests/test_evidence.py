"""Evidence: checks that call the student's functions from outside, and the plain values that travel for it."""

import ast
import base64
import json
import struct
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from course import mutants
from course.grading import bundle, evidence, needs, proof
from course.grading.child import codec
from course.grading.limits import Limits
from course.grading.session import Died, Session
from helpers import bandits
from tests.samples import LESSONS, ROOT, make_course

INSIDE = {"vae-training-step"}  # its check trains a network of its own class, which cannot travel
LESSON = '''# %% [markdown]
# # 01 · Out

# %%
import torch

from helpers import checks

size = 3

# %%
unrelated = 1 / size
assert unrelated < 1

# %% exercise="out-shift"
def shift(x, by):
    """Return x + by."""
    ### BEGIN SOLUTION
    return x + by
    ### END SOLUTION

# %% check="out-shift-check" points=3
checks.equal(shift(torch.zeros(size), by=2), 2 * torch.ones(size), what="Zeros shifted by 2")
try:
    shift(None, by=1)
except TypeError:
    pass
checks.passed(shift)

# %% exercise="out-draw"
def draw(generator):
    ### BEGIN SOLUTION
    return torch.rand(2, generator=generator)
    ### END SOLUTION

# %% check="out-draw-check" points=1
generator = checks.generator(1)
checks.that(not torch.equal(draw(generator), draw(generator)), "Two draws are the same.")

# %% exercise="out-fill"
def fill(values):
    ### BEGIN SOLUTION
    values[0] = 7
    ### END SOLUTION

# %% check="out-fill-check" points=1
tensor, numbers = torch.zeros(2), [1, 2]
fill(tensor)
fill(numbers)
checks.that(tensor[0] == 7 and numbers == [7, 2], "The first entry is not 7.")

# %% exercise="out-loss"
def loss(weight):
    ### BEGIN SOLUTION
    return (weight**2).sum()
    ### END SOLUTION

# %% check="out-loss-check" points=3
weight = torch.ones(2, requires_grad=True)
checks.equal(checks.gradient(loss(weight), weight, what="The loss"), 2 * torch.ones(2), what="Its gradient")

# %% exercise="out-lenient"
def lenient(x):
    ### BEGIN SOLUTION
    return x
    ### END SOLUTION

# %% check="out-lenient-check" points=3
lenient(1)

# %% exercise="out-number"
### BEGIN SOLUTION
number = 4
### END SOLUTION

# %% check="out-number-check" points=3
assert number == 4
'''


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> bundle.Bundle:
    return bundle.make(make_course(tmp_path_factory.mktemp("course"), LESSON, "01-out"), "01-out")


def verdict(made: bundle.Bundle, exercise: str, answer: str, seconds: float = 20):
    """Judge an answer, in a process of its own."""
    with Session(proof.best(), Limits(cell_seconds=seconds), time.monotonic() + 60) as student:
        student.ask({"do": "cell", "source": f"import torch\n{answer}", "most": 1000})
        plan = replace(evidence.plans(made)[exercise], changes=frozenset({("fill", "0")}))
        return evidence.judge(student, plan)


def test_the_checks_that_work_from_outside_are_found(made):
    found = evidence.prove(made, proof.best())
    assert found == {"out-shift": [], "out-draw": [], "out-fill": [["fill", "0"]], "out-loss": []}
    assert "out-number" not in evidence.plans(made)  # it defines no function


@pytest.mark.thorough
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("lesson", LESSONS)
def test_every_exercise_is_graded_alike_from_outside(lesson, thorough):
    """All checks can, and there they accept the right answers and reject wrong ones with the same sentence.

    To find the checks that can, each was tried with the solution and with a function that returns nothing.
    """
    made = evidence.with_evidence(bundle.make(ROOT, lesson), ROOT / ".grading")
    assert set(made.evidence) == {name.removesuffix("-check") for name in made.checks} - INSIDE
    for exercise, plan in evidence.chosen(made, everything=True).items():
        answers = mutants.read(ROOT / "tests" / "mutants" / f"{exercise}.py")
        right, wrong = ([one for one in answers if (one.says is None) is is_right] for is_right in (True, False))
        for answer in [*right, *wrong[:2]] if thorough else ():
            with Session(proof.best(), Limits(), time.monotonic() + 180) as student:
                for source in [_ground(made, exercise, answer.source), answer.source]:
                    assert student.ask({"do": "cell", "source": source, "most": 1000})[0]["error"] is None
                error = evidence.judge(student, plan).error
            told = " ".join(error[1].split()) if error else None
            assert (error is None) if answer.says is None else (told and answer.says in told), f"{answer}: {error}"


def _ground(made: bundle.Bundle, exercise: str, answer: str) -> str:
    """Return what an answer finds in its notebook, as far as it names it."""
    statements = []
    for cell in made.release["cells"]:
        if cell["id"] == exercise:
            break
        if cell["cell_type"] == "code" and cell["id"] not in made.checks:
            source = needs.without_magics(made.solutions.get(cell["id"], cell["source"]))
            statements += ast.parse(source).body
    return ast.unparse(ast.Module(needs.of(statements, needs.names(ast.parse(answer))[0]), []))


def test_only_what_a_check_needs_comes_before_it(made):
    before = "\n".join(evidence.plans(made)["out-shift"].before)
    assert "import torch" in before and "size = 3" in before and "unrelated" not in before


def test_right_and_wrong_answers_get_the_sentence_of_the_check(made):
    assert verdict(made, "out-shift", "def shift(x, by):\n    return by + x").error is None
    wrong = verdict(made, "out-shift", "def shift(x, by):\n    return x")
    assert wrong.error == ("CheckFailed", "Zeros shifted by 2 is 0 at index (0,), but 2 was expected.")
    assert verdict(made, "out-shift", "shift = None").error == ("TypeError", "'NoneType' object is not callable")
    assert verdict(made, "out-shift", "").error == ("NameError", "name 'shift' is not defined")
    stub = "def shift(x, by):\n    raise NotImplementedError('no')"
    assert verdict(made, "out-shift", stub).error == ("NotImplementedError", "no")


def test_a_type_that_cannot_travel_is_called_by_its_name(made):
    wrong = verdict(made, "out-shift", "class Odd:\n    pass\ndef shift(x, by):\n    return Odd()")
    assert "is a __main__.Odd, but a torch.Tensor was expected" in wrong.error[1]


def test_a_function_that_hangs_or_dies_is_told_apart(made):
    assert verdict(made, "out-shift", "def shift(x, by):\n    while True:\n        pass", seconds=1).late
    with pytest.raises(Died):
        verdict(made, "out-shift", "import os\ndef shift(x, by):\n    os._exit(0)")


def test_what_the_solution_leaves_alone_is_not_changed_in_place(made):
    wrong = verdict(made, "out-shift", "def shift(x, by):\n    y = x + by\n    x.fill_(9)\n    return y")
    assert wrong.error == ("CheckFailed", evidence.IN_PLACE.format("shift"))
    draw = "def draw(generator):\n    return torch.rand(2, generator=generator)"
    assert verdict(made, "out-draw", draw).error is None  # a generator may be drawn from
    fill = "def fill(values):\n    values[0] = 7"
    assert verdict(made, "out-fill", fill).error is None  # and the solution does so, too


def test_the_submission_never_sees_the_check(made):
    spy = (
        "import sys\ndef shift(x, by):\n    frame, seen = sys._getframe(), []\n    while frame:\n"
        "        seen += [str(value) for value in [*frame.f_locals.values(), *frame.f_globals.values()]]\n"
        "        frame = frame.f_back\n    raise ValueError(str(any('shifted' + ' by' in text for text in seen)))"
    )
    assert verdict(made, "out-shift", spy).error == ("ValueError", "False")


def test_what_is_found_is_kept_until_the_bundle_changes(made, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(evidence, "prove", lambda *_: asked.append(1) or {"out-shift": []})
    monkeypatch.setattr(proof, "best", lambda: "bubblewrap")
    first = evidence.with_evidence(made, tmp_path)
    assert first.evidence == {"out-shift": []} == evidence.with_evidence(made, tmp_path).evidence and len(asked) == 1
    changed = bundle.Bundle.from_json(made.to_json().replace("Two draws", "Both draws"))
    evidence.with_evidence(changed, tmp_path)
    assert len(asked) == 2


VALUES = [
    None, True, 3, 10**30, -0.0, float("inf"), 1 + 2j, "text", [1, (2, {3})], {"a": [1.5], 2: None},
    torch.tensor([[1.0, 2.0]]), torch.tensor(3), torch.zeros(0, 4), torch.tensor([True]),
    torch.ones(2, dtype=torch.bfloat16), torch.ones(1, 4)[:, ::2].T[:1], torch.arange(6.0).view(2, 3).T,
    torch.Size([2, 3]), torch.float64, torch.device("cpu"), np.arange(6).reshape(2, 3), np.float32(2.5),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back_as_they_were(value):
    back = codec.decode(json.loads(json.dumps(codec.encode(value))))
    assert type(back) is type(value)
    if isinstance(value, torch.Tensor):
        assert back.dtype == value.dtype and torch.equal(back, value)
    elif isinstance(value, np.ndarray):
        assert np.array_equal(back, value)
    else:
        assert repr(back) == repr(value)


def test_a_generator_goes_on_where_it_was():
    generator = torch.Generator().manual_seed(3)
    for number in (0, 5, 618, 1, 623, 2000):
        torch.rand(number, generator=generator)
        copy = codec.decode(codec.encode(generator))
        assert torch.equal(torch.rand(2, generator=copy), torch.rand(2, generator=generator))


def forged_state(left: int, following: int) -> str:
    """Return the state of a generator that draws from beyond its numbers."""
    state = bytearray(torch.Generator().get_state().numpy().tobytes())
    struct.pack_into("=i4xq", state, 8, left, following)
    return base64.b64encode(state).decode()


@pytest.mark.parametrize(
    "forged",
    [
        {"tensor": ["float32", [10**9, 10**9], "", False]},
        {"tensor": ["load", [1], "AAAA", False]},
        {"generator": forged_state(624, 624)},
        {"generator": forged_state(1, -1)},
        {"array": ["O", [1], "AAAA", False]},
        {"helper": ["os", "system", {}]},
        {"helper": ["helpers.checks", "fail", {}]},
        {"dict": [[{"list": []}, None]]},
        {"unknown": 1},
        {"int": "1", "float": "0x1p0"},
        [],
        {"int": "9" * 10_000},
    ],
    ids=str,
)
def test_forged_values_are_refused(forged):
    with pytest.raises(codec.CannotSend):
        codec.decode(forged)


def test_no_exception_of_an_answer_ends_a_loop_of_the_check():
    assert type(codec.exception("KeyError", "a")) is KeyError
    for name in ("StopIteration", "StopAsyncIteration"):
        error = codec.exception(name, "done")
        assert type(error) is RuntimeError and str(error) == f"{name}: done"


def test_a_check_is_not_started_when_the_time_is_over(made):
    with Session(proof.best(), Limits(), time.monotonic() + 30) as student:
        student.deadline = time.monotonic() + 0.1
        assert evidence.judge(student, evidence.plans(made)["out-shift"]).late


def test_nothing_that_a_submission_wrote_is_unpickled():
    apart = {"cluster.py"}  # it takes a digest of what pickle writes, and reads nothing back
    for path in (path for path in (ROOT / "course" / "grading").rglob("*.py") if path.name not in apart):
        names = {
            node.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)
        }
        assert not names & {"pickle", "marshal", "shelve", "eval"}, path


def test_named_tuples_of_the_helpers_travel():
    value = bandits.Run(*[torch.ones(2) * number for number in range(len(bandits.Run._fields))])
    back = codec.decode(codec.encode(value))
    assert type(back) is bandits.Run and all(torch.equal(one, other) for one, other in zip(value, back, strict=True))
