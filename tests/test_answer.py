"""Asking an answer: copies go in, plain data come out, and what it may not do is told in one sentence."""

import collections
import functools
import math
import time
import warnings

import numpy as np
import pytest
import torch

from checks import conduct, mdps, plain
from checks.answer import UNFILLED, Desk, Here, Missing, Raised, Unfilled
from checks.conduct import Rules
from checks.failure import CheckFailed
from course.grading import orders
from course.grading.limits import Limits
from course.grading.running.court import Court
from course.grading.running.session import Session
from course.grading.sandbox import proof
from helpers import reinforce, rollouts

Pair = collections.namedtuple("Pair", "one two")


def learners(source: str, name: str = "f", **rules) -> Here:
    """Return the answer that a cell defines."""
    space = {"__name__": "__main__", "torch": torch, "reinforce": reinforce, "math": math}
    exec(compile(source, "<cell>", "exec"), space)
    return Here(space[name], name, Rules(**rules))


def sentence(answer: Here, *arguments, **named) -> str:
    with pytest.raises(CheckFailed) as failure:
        answer(*arguments, **named)
    return str(failure.value)


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, 2.5, math.inf, "text", [1, [2.0]], (1, "a"), {"a": 1, 2: [3]}, -(10**40),
        torch.tensor([1.0, math.nan]), torch.arange(6).view(2, 3).T, torch.tensor(True), torch.zeros(0, 3),
        torch.ones(2, dtype=torch.bfloat16), [torch.ones(1), (torch.zeros(2, dtype=torch.int64),)],
    ],
    ids=repr,
)  # fmt: skip
def test_plain_values_come_back_as_they_were(value):
    back = plain.decode(plain.encode(value))
    assert type(back) is type(value) and repr(back) == repr(value)


def test_what_has_no_plain_form_keeps_the_name_of_its_type():
    assert plain.decode(plain.encode(np.zeros(2))).kind == "numpy.ndarray"
    assert plain.decode(plain.encode(torch.max(torch.eye(2), 0))).kind == "torch.return_types.max"
    assert plain.decode(plain.encode({1})).kind == "set"
    assert plain.decode(plain.encode(np.float64(2.5))) == 2.5
    assert plain.decode(plain.encode(torch.nn.Parameter(torch.ones(1)))).tolist() == [1]
    pair = plain.decode(plain.encode(Pair(1, torch.ones(1))))
    assert pair[0] == pair.one == 1 and pair.kind.endswith("Pair") and isinstance(pair, tuple)
    episodes = rollouts.Episodes(*(torch.ones(1, 2) for _ in range(4)))
    assert plain.decode(plain.encode(episodes)).mask.shape == (1, 2)


@pytest.mark.parametrize("data", [b"", b"12345678", plain.encode([1])[:-3], b"\xff" * 40, plain.encode("x") + b"x"])
def test_damaged_data_are_refused(data):
    with pytest.raises(plain.Unreadable):
        plain.decode(data)


def test_what_is_too_much_or_too_deep_is_refused():
    with pytest.raises(ValueError, match="too much memory"):
        plain.encode(torch.zeros(plain.LARGEST // 4 + 1))
    deep = []
    for _ in range(20):
        deep = [deep]
    with pytest.raises(ValueError, match="too deeply"):
        plain.encode(deep)


def test_an_answer_gets_copies_and_gives_values():
    table = torch.ones(2)
    assert learners("def f(x, k=2):\n    return k * x")(table, k=3).tolist() == [3, 3]
    assert "`x` was changed in place" in sentence(learners("def f(x):\n    x += 1\n    return x"), table)
    assert table.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("source", "arguments", "name"),
    [
        ("def f(x):\n    x[0] = 0.0", (torch.tensor([math.nan, 1.0]),), "x"),
        ("def f(a, rows):\n    rows[1].fill_(0)", (1, [torch.ones(1), torch.ones(1)]), "rows"),
        ("def f(a, rows):\n    rows.append(1)", (1, [1]), "rows"),
        ("def f(table):\n    table['k'] = 1", ({},), "table"),
        ("def f(*x):\n    x[0].neg_()", (torch.ones(1),), "number 1"),
        ("import functools\nf = functools.partial(lambda k, x: x.mul_(k), 2)", (torch.ones(1),), "x"),
    ],
)
def test_every_change_in_place_is_seen(source, arguments, name):
    assert f"{name} was changed in place" in sentence(learners(source), *arguments).replace("`", "")


@pytest.mark.parametrize("value", ["x + 1", "(1, [x + 1])"])
def test_what_can_never_be_learned_from_is_refused(value):
    source = f"import torch\n@torch.inference_mode()\ndef f(x):\n    return {value}"
    assert "f returns was made under torch.inference_mode()" in sentence(learners(source), torch.ones(2))
    inside = f"import torch\ndef f(x):\n    with torch.inference_mode():\n        x * x\n    return {value}"
    assert learners(inside)(torch.ones(1)) is not None


def test_a_refused_distribution_does_not_print_its_tensor():
    source = "import torch\ndef f(x):\n    return torch.distributions.Categorical(logits=x)"
    told = sentence(learners(source), torch.full((2, 3), math.nan))
    assert "leave such places out first" in told and "[nan" not in told


def test_what_may_be_changed_is_named_by_the_exercise():
    assert learners("def f(x):\n    x += 1\n    return x", changes=("x",))(torch.zeros(1)).tolist() == [1]


def test_a_probe_brings_back_what_it_made_itself():
    seen = []

    def probe(function):
        seen.append(function(2))
        return seen

    assert learners("def f(x):\n    return x * x").probe(probe) == [4] and seen == []


def test_changes_and_errors_are_seen_in_probes_too():
    answer = learners("def f(x):\n    return x.zero_()")
    with pytest.raises(CheckFailed, match="changed in place"):
        answer.probe(lambda function: function(torch.ones(1)))


def test_what_is_kept_can_be_asked_in_turn():
    policy = learners("def f(k):\n    return torch.nn.Linear(2, k)").keep(lambda make: make(3))
    assert policy(torch.ones(4, 2)).shape == (4, 3)
    assert policy.probe(lambda network: sum(part.numel() for part in network.parameters())) == 9


def test_what_is_kept_has_a_name_in_sentences():
    made = learners("def f(k):\n    return lambda x: x + torch.ones(k)").keep(lambda make: make(3), "policy")
    with pytest.raises(CheckFailed, match="^Your policy stops in line 2"):
        made(torch.ones(2))


def test_what_is_made_is_made_once_for_each_rule():
    answer = learners("calls = []\ndef f():\n    calls.append(0)\n    return lambda: len(calls)")
    assert answer.made()() == answer.made()() == 1
    answer.rules = Rules(dtype=torch.float64)
    assert answer.made()() == 2


@pytest.mark.parametrize(
    ("source", "pieces"),
    [
        ("def f(x):\n    y = 1\n    return x[9]", ["Your f stops in line 3", "IndexError: index 9"]),
        ("def g(x):\n    return 1 / 0\ndef f(x):\n    return g(x)", ["Your g stops in line 2", "division by zero."]),
        ("def f(x):\n    raise ValueError('long ' * 200)", ["ValueError: long long", "long …"]),
        ("def f(x):\n    return torch.load('away.pt')", ["FileNotFoundError", "if it lies beside the notebook"]),
        ("def f(x):\n    return torch.ones(2) @ torch.ones(3)", ["Your f stops in line 2", "RuntimeError"]),
        ("def f(x):\n    raise SystemExit", ["Your f stops", "SystemExit"]),
        ("def f():\n    return 1", ["Your f stops", "TypeError"]),
        ("def f(x):\n    x.sum().backward()", ["RuntimeError", "is cut off from the parameters"]),
    ],
)
def test_an_exception_is_one_sentence_with_the_learners_own_line(source, pieces):
    found = sentence(learners(source), torch.ones(2))
    assert all(piece in found for piece in pieces) and "\n" not in found


def test_an_exception_says_its_kind_and_what_led_there():
    with pytest.raises(Raised) as failure:
        learners("def g(x):\n    return {}[x]\ndef f(x):\n    return g(x)")(7)
    assert (failure.value.kind, failure.value.text) == ("KeyError", "7")
    assert failure.value.trace == ["line 4, in f", "line 2, in g"]


def test_a_stub_is_not_filled_in_and_a_missing_function_is_missing():
    with pytest.raises(Unfilled, match=UNFILLED):
        learners('def f(x):\n    raise NotImplementedError("This exercise is not filled in.")')(1)
    with pytest.raises(Missing, match="f is not there"):
        Here(None, "f", desk=Desk({}))(1)
    assert "NotImplementedError" in sentence(learners("def f(x):\n    return x.to('meta').tolist()"), torch.ones(1))


MODES = {
    "m.eval()": "`m` is left in another mode",
    "m[0].weight.data += 1": "`m` has other parameters than before",
    "m.requires_grad_(False)": "`m` is left without gradients",
    "torch.set_grad_enabled(False)": "leaves gradients switched off",
    "torch.set_default_dtype(torch.float64)": "default type",
    "torch.set_num_threads(torch.get_num_threads() + 1)": "how many threads",
    "torch.autograd.set_detect_anomaly(True)": "search for anomalies",
    "torch.manual_seed(0)": "seeds torch's own generator",
    "__import__('warnings').simplefilter('ignore')": "switches warnings off",
}


@pytest.mark.parametrize("line", MODES)
def test_what_belongs_to_others_is_left_as_it_was(line):
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Dropout())
    with warnings.catch_warnings():
        warnings.resetwarnings()
        before = [look() for look, _, _ in conduct.SHARED], torch.get_rng_state().tolist()
        for _ in range(2):  # it is told again, and not only once
            assert MODES[line] in sentence(learners(f"def f(m):\n    {line}"), network)
        assert ([look() for look, _, _ in conduct.SHARED], torch.get_rng_state().tolist()) == before


def test_modes_may_change_for_a_while():
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Dropout())
    assert learners("def f(m):\n    m.eval()\n    m.train()\n    return 1")(network) == 1


def test_an_argument_keeps_its_way_to_the_gradients():
    told = sentence(learners("def f(x):\n    return x.requires_grad_().sum()"), torch.ones(1))
    assert "`x` was told to record gradients in place" in told

    def probe(function):
        return function(2 * torch.ones(1, requires_grad=True))

    with pytest.raises(CheckFailed, match="`x` was detached in place"):
        learners("def f(x):\n    return x.detach_() + 1").probe(probe)


def test_networks_move_where_they_are_to_learn():
    step = "def f(m, o=None):\n    m.weight.data += 1\n    return 1"
    assert learners(step, trains=("m",))(torch.nn.Linear(1, 1)) == 1

    def probe(function):
        network = torch.nn.Linear(1, 1)
        return function(network, torch.optim.SGD(network.parameters(), lr=1))

    assert learners(step).probe(probe) == 1
    free = learners("def f(m):\n    m.eval()\n    m.weight.data += 1", changes=("m",))
    assert "other parameters" in sentence(free, torch.nn.Linear(1, 1))


def test_an_answer_that_is_a_network_is_watched_too():
    source = "class F(torch.nn.Module):\n    def forward(self, x):\n        return x.add_(1)\nf = F()"
    assert "changed in place" in sentence(learners(source), torch.ones(1))


def test_each_call_hands_out_numbers_of_its_own():
    answer = learners("store = torch.zeros(2)\ndef f(x):\n    return store.copy_(x)")
    assert answer(torch.ones(2)).tolist() == [1, 1]
    assert "returned before is other numbers" in sentence(answer, 2 * torch.ones(2))


def test_a_notebook_with_another_default_type_is_asked_under_its_own():
    space = {"__name__": "__main__", "torch": torch}
    exec("def f(x):\n    return x + torch.zeros(1)", space)
    answer = Here(space["f"], "f", desk=Desk(space, torch.float64))
    assert answer(torch.ones(1, dtype=torch.float64)).dtype == torch.float64
    assert torch.get_default_dtype() == torch.float32


@pytest.mark.parametrize(
    "source",
    [
        "f = lambda x: reinforce.mean_return(x)",
        "from helpers.reinforce import mean_return as g\ndef f(x):\n    return g(x)",
        "def g(x):\n    return reinforce.mean_return(x)\ndef f(x):\n    return g(x)",
    ],
)
def test_a_wrapper_around_the_courses_own_function_is_refused(source):
    episodes = rollouts.Episodes(*(torch.ones(1, 2) for _ in range(4)))
    found = sentence(learners(source, own=(reinforce.mean_return,)), episodes)
    assert found == "That calls the course's own function, which does what you are to write here."
    assert reinforce.mean_return(rollouts.Episodes(*[torch.ones(1, 2)] * 3, torch.ones(1, 2).bool())) == 2
    assert "is the course's own here" in sentence(Here(reinforce.mean_return, "f"), episodes)


class Doubles:
    def __call__(self, x):
        return 2 * x


def decorated(function):
    def inner(*arguments, **named):
        return function(*arguments, **named)

    return inner


@pytest.mark.parametrize(
    "function",
    [
        lambda x: 2 * x,
        functools.partial(lambda k, x: k * x, 2),
        Doubles(),
        decorated(lambda x: 2 * x),
        Doubles().__call__,
    ],
)
def test_answers_are_callables_of_any_kind(function):
    assert Here(function, "f")(torch.ones(2)).tolist() == [2, 2]


SHORT = "samples.mean(), samples.std() / len(samples) ** 0.5"
STYLES = {
    "a named tuple": f"""
from collections import namedtuple
Pair = namedtuple("Pair", "mean error")
def monte_carlo(samples):
    return Pair({SHORT})""",
    "a tuple of its own kind": f"""
class Pair(tuple):
    pass
def monte_carlo(samples):
    return Pair([{SHORT}])""",
    "a data class that can be unpacked": f"""
from dataclasses import dataclass
@dataclass
class Pair:
    mean: float
    error: float
def monte_carlo(samples):
    return Pair({SHORT})""",
    "an object": f"""
class Estimate:
    def __call__(self, samples):
        return {SHORT}
monte_carlo = Estimate()""",
    "a network": f"""
class Estimate(torch.nn.Module):
    def forward(self, samples):
        return {SHORT}
monte_carlo = Estimate()""",
    "a partial function": """
from functools import partial
def estimate(power, samples):
    return samples.mean(), samples.std() / len(samples) ** power
monte_carlo = partial(estimate, 0.5)""",
    "a decorated function": f"""
def loud(function):
    def inner(*arguments, **named):
        return function(*arguments, **named)
    return inner
@loud
@torch.no_grad()
def monte_carlo(samples):
    return {SHORT}""",
    "a function with a memory": f"""
from functools import lru_cache
@lru_cache
def monte_carlo(samples):
    return {SHORT}""",
    "a compiled function": f"""
@torch.compile(backend="eager")
def monte_carlo(samples):
    return {SHORT}""",
    "numpy's numbers": """
import numpy as np
def monte_carlo(samples):
    return np.mean(samples.numpy()), np.std(samples.numpy(), ddof=1) / np.sqrt(len(samples))""",
}


@pytest.mark.parametrize("style", STYLES)
def test_a_right_answer_passes_in_every_style_in_the_kernel(style, capsys):
    space = {"__name__": "__main__", "torch": torch}
    exec(STYLES[style], space)
    mdps.monte_carlo(space["monte_carlo"])
    assert "✓ monte_carlo passes" in capsys.readouterr().out


def test_a_right_answer_passes_in_every_style_in_the_court():
    order = orders.Order("mdps", (("monte_carlo", "monte_carlo", "{}"),))
    with Session(proof.best(), Limits(cell_seconds=60), time.monotonic() + 200) as student, Court(student) as court:
        for style, source in STYLES.items():
            answer, _ = student.ask({"do": "cell", "source": "import torch\n" + source, "most": 10_000})
            assert answer["error"] is None, (style, answer)
            assert court.judge(order).error is None, style
        wrong = "def monte_carlo(samples):\n    return samples.mean(), samples.std()"
        student.ask({"do": "cell", "source": wrong, "most": 10_000})
        assert "divide by √n" in court.judge(order).error[1]
