"""What travels between a check in its own process and the functions that it calls in a submission's."""

import time

import pytest
import torch

from course.grading import evidence, proof
from course.grading.child import called, codec, judge, models
from course.grading.limits import Limits
from course.grading.session import Session, Stuck
from helpers import autoencoders, networks

IMPORTS = "import torch\nfrom helpers import checks, networks, rollouts, vae"


def verdict(check: str, answer: str, *names: str, changes=()):
    """Judge an answer with a check, in a process each; return the verdict's error."""
    plan = evidence.Plan([IMPORTS], list(names), check, frozenset(changes))
    with Session(proof.best(), Limits(cell_seconds=20), time.monotonic() + 60) as student:
        told, _ = student.ask({"do": "cell", "source": f"{IMPORTS}\n{answer}", "most": 1000})
        assert told["error"] is None, told
        return evidence.judge(student, plan).error


SLOPE = """
leaf = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
first, other = leaf[:1], leaf[1:]
checks.equal(checks.gradient(f(first, other), leaf, what="f"), torch.tensor([2.0, 1.0, 1.0]), what="The slope")
"""


def test_a_check_follows_a_gradient_through_the_answer():
    assert verdict(SLOPE, "def f(a, b):\n    return (a**2).sum() + b.sum()", "f") is None
    wrong = verdict(SLOPE, "def f(a, b):\n    return (a**3).sum() + b.sum()", "f")
    assert wrong == ("CheckFailed", "The slope is 3 at index (0,), but 2 was expected.")
    cut = verdict(SLOPE, "def f(a, b):\n    return (a**2).sum().detach() + 0.0", "f")
    assert cut[1].startswith("f is cut off from the parameters")
    half = verdict(SLOPE, "def f(a, b):\n    return (a**2).sum() + b.sum().detach()", "f")
    assert half[1].startswith("The slope is 0 at index (1,)")
    number = verdict(SLOPE, "def f(a, b):\n    return torch.tensor(4.0, requires_grad=True)", "f")
    assert number[1].startswith("f is cut off from the parameters")


def test_a_tensor_that_does_not_move_another_has_no_slope_there():
    check = (
        "x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)\n"
        "one, both = f(x, y)\n"
        "found = torch.autograd.grad(one, [x, y], allow_unused=True)\n"
        "checks.that(found[0] is not None and found[1] is None, 'one')\n"
        "found = torch.autograd.grad(both, [x, y])\n"
        "checks.that(found[1].tolist() == [3, 3], 'both')"
    )
    assert verdict(check, "def f(x, y):\n    return x.sum(), (x + 3 * y).sum()", "f") is None


def test_without_gradients_none_are_recorded():
    check = "x = torch.ones(2, requires_grad=True)\nwith torch.no_grad():\n    y = f(x)\nassert not y.requires_grad"
    assert verdict(check, "def f(x):\n    assert not torch.is_grad_enabled()\n    return 2 * x", "f") is None
    check = "seen = []\nf(lambda x: seen.append(torch.is_grad_enabled()) or x)\nassert seen == [True, False], seen"
    answer = "def f(g):\n    g(torch.ones(1))\n    with torch.no_grad():\n        g(torch.ones(1))"
    assert verdict(check, answer, "f") is None


THROUGH = """
seen, gain = [], torch.tensor(3.0, requires_grad=True)
def square(z):
    seen.append(z)
    return gain * z**2
x = torch.tensor(2.0, requires_grad=True)
y = f(square, x)
slopes = torch.autograd.grad(y, [x, gain])
checks.that(len(seen) == 1, f"{len(seen)} calls")
checks.equal(y, 49.0, what="y")
checks.equal(slopes[0], 48.5, what="dy/dx")
checks.equal(slopes[1], 16.0, what="dy/dgain")
"""


def test_a_gradient_goes_through_a_function_of_the_check_and_back():
    assert verdict(THROUGH, "def f(g, x):\n    return g(2 * x) + x / 2", "f") is None
    assert verdict(THROUGH, "def f(g, x):\n    g(x)\n    return g(2 * x) + x / 2", "f") == ("CheckFailed", "2 calls")
    assert verdict(THROUGH, "def f(g, x):\n    return g(2 * x).detach() + x / 2", "f")[0] == "RuntimeError"


def test_an_answer_may_follow_a_gradient_through_a_function_of_the_check():
    check = "x = torch.tensor([1.0, 2.0])\nchecks.equal(f(lambda z: (z**3).sum(), x), 3 * x**2, what='The slope')"
    by_grad = "def f(g, x):\n    x = x.clone().requires_grad_()\n    return torch.autograd.grad(g(2 * x / 2), x)[0]"
    assert verdict(check, by_grad, "f") is None
    by_backward = "def f(g, x):\n    x = x.clone().requires_grad_()\n    g(g(x) * 0 + x).backward()\n    return x.grad"
    assert verdict(check, by_backward, "f") is None


def test_what_an_argument_s_function_draws_is_drawn_from_the_generator_of_the_answer():
    check = (
        "def draw(generator):\n    return torch.rand(3, generator=generator)\n"
        "g = torch.Generator().manual_seed(2)\nrow = f(draw, g)\n"
        "same = torch.Generator().manual_seed(2)\n"
        "checks.equal(row, torch.rand(9, generator=same), what='The row')\n"
        "checks.equal(torch.rand(1, generator=g), torch.rand(1, generator=same), what='What follows')"
    )
    answer = "def f(draw, g):\n    return torch.cat([draw(generator=g), torch.rand(3, generator=g), draw(generator=g)])"
    assert verdict(check, answer, "f") is None


WORLD = """
class Counter:
    step = 2
    def __init__(self):
        self.number, self._hidden = 0, "no"
    def add(self, by):
        checks.that(by > 0, "by is not positive")
        self.number += by
        return self
counter = Counter()
f(counter)
checks.that(counter.number == 6, f"{counter.number}")
"""


def test_an_object_of_the_check_stays_there_and_can_be_asked():
    ask = (
        "def f(counter):\n    assert counter.step == 2 and counter.number == 0\n    assert counter.add(2) is counter\n"
    )
    assert verdict(WORLD, f"{ask}    counter.add(by=4)\n    assert counter.number == 6", "f") is None
    assert verdict(WORLD, "def f(counter):\n    counter.nothing", "f") == (
        "AttributeError",
        "'Counter' object has no attribute 'nothing'",
    )


def test_a_check_that_fails_inside_of_the_answer_has_failed():
    swallow = "def f(counter):\n    try:\n        counter.add(-1)\n    except Exception:\n        counter.add(6)"
    assert verdict(WORLD, swallow, "f") == ("CheckFailed", "by is not positive")


FORGE = """
def ask(thing, **question):
    call = object.__getattribute__(thing, "_call")
    return call.called.ask(dict(of=object.__getattribute__(thing, "_number"), **question))

def f(counter):
    raise ValueError(str({}))
"""


@pytest.mark.parametrize("name", ["_hidden", "__class__", "__init__", "__dict__"])
def test_what_begins_with_an_underscore_is_nobody_s_business(name):
    kind, text = verdict(WORLD, FORGE.format(f"ask(counter, attribute='{name}')"), "f")
    assert kind == "ValueError" and "AttributeError" in text and "has no attribute" in text


@pytest.mark.parametrize("name", ["__globals__", "__code__", "__closure__", "anything"])
def test_a_function_can_only_be_called(name):
    kind, text = verdict(WORLD, FORGE.format(f"ask(counter.add, attribute='{name}')"), "f")
    assert kind == "ValueError" and "AttributeError" in text


@pytest.mark.parametrize(
    "question",
    ["dict(of=99)", "dict(of={})", "dict(slopes=0, given=[0], gradient=None)", "dict()", "dict(of=0, attribute=3)"],
)
def test_a_forged_question_gets_an_error_and_harms_nothing(question):
    answer = (
        "def f(counter):\n    called = object.__getattribute__(counter, '_call').called\n"
        f"    assert 'error' in called.ask({question})\n    counter.add(6)"
    )
    assert verdict(WORLD, answer, "f") is None


TRAIN = """
def fresh():
    network = networks.Network((), 3, 4, 2, generator=torch.Generator().manual_seed(1))
    return network, torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
x = torch.arange(6.0).view(2, 3)
def after(step, times=3):
    network, optimizer = fresh()
    for _ in range(times):
        step(network, optimizer, x)
    return torch.cat([p.detach().flatten() for p in network.parameters()])
def right(network, optimizer, x):
    optimizer.zero_grad()
    network(x).square().mean().backward()
    optimizer.step()
checks.equal(after(f), after(right), what="The weights")
"""
STEP = (
    "def f(network, optimizer, x):\n    assert isinstance(network, networks.Network) and len(network.weights) == 2\n"
    "    assert optimizer.param_groups[0]['params'][0] is next(network.parameters())\n"
    "    optimizer.zero_grad()\n    network(x).square().mean().backward()\n    optimizer.step()"
)
BOTH = {("f", "object 0"), ("f", "object 1")}


def test_networks_and_optimisers_travel_and_their_state_comes_back():
    assert verdict(TRAIN, STEP, "f", changes=BOTH) is None
    piling = STEP.replace("    optimizer.zero_grad()\n", "")
    assert verdict(TRAIN, piling, "f", changes=BOTH)[1].startswith("The weights is")
    assert verdict(TRAIN, "def f(network, optimizer, x):\n    pass", "f", changes=BOTH)[1].startswith("The weights is")


def test_what_the_solution_leaves_alone_stays_alone():
    assert verdict(TRAIN, STEP, "f", changes={("f", "object 0")}) == ("CheckFailed", evidence.IN_PLACE.format("f"))
    check = "network = torch.nn.Linear(2, 2)\nf(network, torch.ones(1, 2))"
    spoil = "def f(network, x):\n    network.weight.data.zero_()\n    return network(x)"
    assert verdict(check, spoil, "f") == ("CheckFailed", evidence.IN_PLACE.format("f"))
    assert verdict(check, "def f(network, x):\n    network.train()\n    return network(x)", "f") is None
    assert verdict(check, spoil, "f", changes={("f", "object 0")}) is None


def test_gradients_reach_the_weights_of_a_network_that_travelled():
    check = (
        "network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))\n"
        "x = torch.ones(4, 2)\nwanted = torch.autograd.grad(network(x).sum(), list(network.parameters()))\n"
        "found = torch.autograd.grad(f(network, x), list(network.parameters()))\n"
        "for one, other in zip(found, wanted):\n    checks.equal(one, other, what='A slope')"
    )
    assert verdict(check, "def f(network, x):\n    return network(x).sum()", "f") is None
    assert verdict(check, "def f(network, x):\n    return 2 * network(x).sum()", "f")[1].startswith("A slope is")


FAR = """
class Watched(torch.nn.Linear):
    def forward(self, x):
        modes.append(self.training)
        return super().forward(x)
modes, x = [], torch.arange(4.0).view(2, 2)
network = Watched(2, 2).eval()
found = torch.autograd.grad(f(network, x), list(network.parameters()))
wanted = torch.autograd.grad(torch.nn.functional.linear(x, network.weight, network.bias).sum(), network.weight)
checks.equal(found[0], wanted[0], what="A slope")
checks.that(modes == [True], f"{modes}")
"""
FAR_SUM = (
    "def f(network, x):\n    assert not network.training and isinstance(network, torch.nn.Module)\n"
    "    network.train()\n"
    "    assert network.training and next(network.parameters()).shape == (2, 2)\n    return network(x).sum()"
)


def test_a_network_of_the_check_s_own_stays_there():
    assert verdict(FAR, FAR_SUM, "f") is None
    assert verdict(FAR, FAR_SUM.replace("network(x)", "(2 * network(x))"), "f")[1].startswith("A slope is")
    assert verdict(FAR, FAR_SUM.replace("    network.train()\n    assert network.training and", "    assert"), "f") == (
        "CheckFailed",
        "[False]",
    )


def test_an_optimiser_does_not_travel_without_its_network():
    check = f"{FAR[: FAR.index('found')]}f(network, torch.optim.SGD(network.parameters()))"
    assert verdict(check, "def f(network, optimizer):\n    pass", "f")[0] == "CannotSend"


RETURNED = """
network = f(torch.Generator().manual_seed(2))
checks.that(isinstance(network, torch.nn.Module), f"{type(network).__name__} is no network")
checks.equal(network.eval()(torch.ones(1, 3)), torch.full((1, 2), 3.0), what="What it gives")
"""


def test_a_network_that_is_returned_stays_and_can_be_called():
    own = (
        "class Sum(torch.nn.Module):\n    def forward(self, x):\n        return x.sum(-1, keepdim=True).expand(1, 2)\n"
    )
    assert verdict(RETURNED, f"{own}def f(generator):\n    return Sum()", "f") is None
    assert verdict(RETURNED, f"{own}def f(generator):\n    return Sum", "f")[1].endswith("is no network")
    assert verdict(RETURNED, "def f(generator):\n    return torch.nn.Identity()", "f")[1].startswith(
        "What it gives has"
    )


def test_an_answer_s_other_function_can_be_handed_over_and_objects_come_back_as_themselves():
    check = "checks.that(f(g, 2) == 6, 'not 6')\nchecks.that(h(print) is print, 'print')"
    answer = "def g(x):\n    return 3 * x\ndef f(function, x):\n    return function(x)\ndef h(thing):\n    return thing"
    assert verdict(check, answer, "f", "g", "h") is None


def test_when_a_call_is_over_only_slopes_are_served():
    calls, made = [], judge.Judge(None, [])
    made.kept_here.append(lambda: calls.append(1))
    call = judge.Call(made, "f")
    question = {"of": 0, "arguments": {"list": []}, "named": {"dict": []}, "gradients": False}
    assert "value" in call.serve(question) and calls == [1]
    assert call._serve_slopes(question) == {"error": ["RuntimeError", "the call is over"]} and calls == [1]


def test_what_is_kept_of_a_check_is_of_no_use_later():
    check = "f(lambda: 3)\nchecks.equal(g(), 3, what='g')"
    answer = (
        "def f(function):\n    global kept\n    kept = function\n    assert kept() == 3\ndef g():\n    return kept()"
    )
    assert verdict(check, answer, "f", "g") == ("RuntimeError", called.OVER)


def test_what_cannot_be_sent_is_not_counted_as_sent():
    check = (
        "w, odd = torch.ones(1, requires_grad=True), torch.zeros(5_000_000, dtype=torch.float64)\n"
        "y = f(lambda: (2 * w, odd), lambda x: 3 * w * x, torch.ones(1))\n"
        "checks.equal(torch.autograd.grad(y, w)[0], torch.tensor([3.0]), what='The slope')"
    )
    answer = (
        "def f(both, one, x):\n    try:\n        both()\n    except Exception:\n        return one(x)\n"
        "    raise ValueError('it was sent')"
    )
    assert verdict(check, answer, "f") is None


def test_endless_questions_end_with_the_time_of_the_cell():
    plan = evidence.Plan([IMPORTS], ["f"], "f(lambda x: x)")
    with Session(proof.best(), Limits(cell_seconds=1), time.monotonic() + 60) as student:
        student.ask({"do": "cell", "source": "def f(g):\n    while True:\n        g(1)", "most": 1000})
        with pytest.raises(Stuck):  # so that a fresh process goes on without it
            evidence.judge(student, plan)


@pytest.mark.parametrize(
    ("piece", "sentence"),
    [
        ("{'slopes': {'list': []}}", "the slopes have come back damaged"),
        ("{'slopes': {'list': [{'int': '3'}]}}", "a slope has come back with another shape"),
        ("{'slopes': 3}", "malformed"),
        ("{'error': ['ValueError', 'mine']}", "mine"),
    ],
)
def test_forged_slopes_are_refused(piece, sentence):
    check = "x = torch.ones(2, requires_grad=True)\nchecks.gradient(f(x), x, what='f')"
    answer = (
        f"import sys\ndef f(x):\n    sys.modules['child.called'].Called.answer = lambda *_: {piece}\n    return x.sum()"
    )
    assert sentence in verdict(check, answer, "f")[1]


def test_a_state_of_another_shape_is_refused():
    network = networks.Network((), 3, 4, 2, generator=torch.Generator().manual_seed(1))
    smaller = networks.Network((), 3, 3, 2, generator=torch.Generator().manual_seed(1))
    before = [parameter.clone() for parameter in network.parameters()]
    for damaged in (models.state(smaller), {}, None, {"tensors": [], "slopes": [], "training": []}):
        with pytest.raises(codec.CannotSend):
            models.restore(network, damaged)
    assert all(map(torch.equal, before[1:], list(network.parameters())[1:]))
    optimizer = torch.optim.Adam(network.parameters())
    with pytest.raises(codec.CannotSend):
        models.restore(optimizer, models.state(torch.optim.Adam([torch.zeros(1, requires_grad=True)])))


def test_only_the_course_s_and_torch_s_networks_travel():
    class Own(torch.nn.Linear):
        pass

    assert models.can_travel(torch.nn.Sequential(torch.nn.Linear(1, 1)))
    assert models.can_travel(autoencoders.Autoencoder(1, hidden=(), pixels=2, generator=torch.Generator()))
    assert not models.can_travel(torch.nn.Sequential(Own(1, 1)))
    with pytest.raises(codec.CannotSend):
        models.decode_module({"kind": ["os", "system"]}, codec.decode)
