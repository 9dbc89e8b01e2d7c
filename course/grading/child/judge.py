"""Run a check where no code of the submission is: its functions are called in the other process, through the grader.

The check sees a stand-in for each of the learner's functions. A stand-in sends plain arguments and gets plain values
back, so the submission sees the questions, but neither the check nor the expected answers, and cannot touch either.

What has no plain form goes so. Networks and optimisers of the course and of torch travel whole, and their state comes
back. Functions, and objects of the check's own classes, stay here, and the submission can ask them. A tensor
with a gradient keeps it: where the check follows it, the other process is asked for slopes.
"""

import importlib
import types
from collections.abc import Callable

import torch
from torch import Tensor, nn

from . import codec, gradients, models, shell
from .codec import CannotSend
from .wire import Wire

OF_MODULES = {"train", "eval", "parameters"}  # what may be asked of a network that stays here, besides its own


def run(wire: Wire, made, request: dict) -> dict:
    """Prepare the check's space of names with the course's own cells, then run it on the stand-ins.

    Returns:
        A record, as of a cell, and under `touched` which arguments the functions changed in place.
    """
    judge = Judge(wire, request["names"])
    for source in request["before"]:
        ran = shell.run(made, source, request["most"], plain=True)
        if ran["error"]:
            return {**ran, "unprepared": True}
    for name in request["names"]:
        judge.own[name] = made.user_ns[name] = judge.stand_in({"name": name}, name, made.user_ns.get(name))
    return {**shell.run(made, request["check"], request["most"], plain=True), "touched": sorted(judge.touched)}


class Judge:
    """What a check's process knows of the other one."""

    def __init__(self, wire: Wire, names: list[str]):
        self.wire, self.own = wire, dict.fromkeys(names)
        self.kept_here = []  # what the other process may ask something of, by number
        self.touched: set[tuple[str, str]] = set()
        self.failure: BaseException | None = None
        self.calls = 0

    def stand_in(self, target: dict, name: str, original: object = None):
        """Return a function that calls one of the other process."""

        def function(*arguments, **named):
            return Call(self, name).make(target, arguments, named)

        function.__name__ = function.__qualname__ = name
        function.__module__ = "__main__"
        function.__doc__ = getattr(original, "__doc__", None)
        return function

    def ask(self, request: dict, serve: Callable[[dict], dict]) -> dict:
        """Send a request to the other process, and serve what it asks before it has its own answer.

        Raises:
            Exception: what the check found when it was asked something.
        """
        self.wire.send({"ask": request})
        answer = self.wire.receive()["answer"]
        while "back" in answer:
            self.wire.send({"ask": {"do": "back", **serve(answer["back"])}})
            answer = self.wire.receive()["answer"]
        if self.failure:
            raise self.failure
        return answer


class Call:
    """One call of a function of the other process, with the tensors and objects that travelled for it."""

    def __init__(self, judge: Judge, name: str):
        self.judge, self.name, self.number = judge, name, judge.calls
        judge.calls += 1
        self.leaves: list[Tensor] = []  # what the other process can give slopes for
        self.linked: dict[int, Tensor] = {}  # tensors of the other process, by its number
        self.objects, self.states = [], []  # networks and optimisers that are there, too, and how they were
        self.sent: set[int] = set()  # ids of the parameters of the networks that travel
        self.kinds = {"kept": self._linked, "object": self._object, "here": self._here, "theirs": self._theirs}

    def make(self, target: dict, arguments: tuple, named: dict):
        """Call it; return its value.

        Raises:
            Exception: the function's own, or what the check found when the function asked something of it.
        """
        before = [codec.encode(list(arguments)), codec.encode(named)]
        networks = [value for value in [*arguments, *named.values()] if isinstance(value, nn.Module)]
        self.sent = {id(part) for network in networks if models.can_travel(network) for part in network.parameters()}
        sent = {"arguments": self.encode(list(arguments)), "named": self.encode(named)}
        request = {"do": "call", **target, **sent, "call": self.number, "gradients": torch.is_grad_enabled()}
        answer = self.judge.ask(request, self.serve)
        self.linked.clear()
        if "error" in answer:
            raise codec.exception(*answer["error"])
        self._bring_back(arguments, named, before, answer)
        return self.decode(answer["value"])

    def encode(self, value):
        return codec.encode(value, special=self._special)

    def decode(self, data):
        return codec.decode(data, special=self.kinds)

    def serve(self, question: dict) -> dict:
        """Answer a question of the other process: a call of what stays here, an attribute of it, or slopes."""
        known = [(held, len(held)) for held in (self.leaves, self.objects, self.states)]
        try:
            if "slopes" in question:
                given = [self.linked[kept] for kept in question["given"]]
                gradient = codec.decode(question["gradient"])
                return {"slopes": codec.encode(gradients.slopes(self.leaves[question["slopes"]], given, gradient))}
            thing = self.judge.kept_here[question["of"]]
            if "attribute" in question:
                return {"value": self.encode(_attribute(thing, question["attribute"]))}
            arguments, named = self.decode(question["arguments"]), self.decode(question["named"])
            with torch.set_grad_enabled(bool(question["gradients"])):
                value = thing(*arguments, **named)
            value = list(value) if isinstance(value, types.GeneratorType) else value
            return {"value": self.encode(value), "after": [codec.encode(list(arguments)), codec.encode(named)]}
        except Exception as error:
            if type(error).__name__ == "CheckFailed":
                self.judge.failure = error  # the function may swallow it, but the check has failed all the same
            for held, count in known:  # what was not sent is not known there
                del held[count:]
            return {"error": codec.told(error)}

    def _serve_slopes(self, question: dict) -> dict:
        """Answer a question that comes when the call is over: only slopes are of use then."""
        return self.serve(question) if "slopes" in question else {"error": ["RuntimeError", "the call is over"]}

    def _slopes(self, kept: int, gradient: Tensor, leaves: int) -> list[Tensor | None]:
        """Ask the other process for the slopes of one of its tensors with respect to the first leaves."""
        request = {"do": "slopes", "call": self.number, "kept": kept, "gradient": codec.encode(gradient)}
        answer = self.judge.ask(request, self._serve_slopes)
        if "error" in answer:
            raise codec.exception(*answer["error"])
        found = codec.decode(answer["slopes"])
        if not isinstance(found, list) or len(found) < leaves:
            raise CannotSend("the slopes have come back damaged")
        return [_slope(leaf, slope) for leaf, slope in zip(self.leaves[:leaves], found, strict=False)]

    def _bring_back(self, arguments: tuple, named: dict, before: list, answer: dict) -> None:
        """Do here what the function did to its arguments, and note which these are."""
        after = answer["after"]
        keys, old = [*map(str, range(len(arguments))), *named], [*arguments, *named.values()]
        pairs = [[*data[0]["list"], *(value for _, value in data[1]["dict"])] for data in (before, after)]
        for key, value, one, other in zip(keys, old, *pairs, strict=True):
            if codec.are_same(one, other):
                continue
            self.judge.touched.add((self.name, key))
            if isinstance(value, Tensor) and value.requires_grad and not other["tensor"][3]:
                value.requires_grad_(False) if value.is_leaf else value.detach_()
        codec.follow_all(arguments, named, after)
        for number, (thing, was, data) in enumerate(zip(self.objects, self.states, answer["states"], strict=True)):
            if not codec.are_same(was, data):
                self.judge.touched.add((self.name, f"object {number}"))
                models.restore(thing, data)

    def _special(self, value, depth: int) -> dict | None:
        """Return how a value travels that has no plain form, or None."""
        if type(value) is nn.Parameter or (type(value) is Tensor and value.requires_grad):
            return {"leaf": self._leaf(value)}
        if isinstance(value, nn.Module) and models.can_travel(value):
            return self._travels(value, "network", models.encode_module, depth)
        if isinstance(value, torch.optim.Optimizer):
            if not models.parameters(value) <= self.sent:
                raise CannotSend("an optimiser cannot be sent without its network")
            return self._travels(value, "optimizer", models.encode_optimizer, depth)
        if any(value is function for function in self.judge.own.values()):
            return {"own": value.__name__}
        if isinstance(value, types.FunctionType) and _is_of_the_course(value):
            return {"function": [value.__module__, value.__qualname__]}
        if type(value).__module__ == "__main__" or (callable(value) and not isinstance(value, type)):
            training = value.training if isinstance(value, nn.Module) else None
            return {"far": [_number(value, self.judge.kept_here)[0], training, type(value).__name__]}
        return None

    def _leaf(self, tensor: Tensor) -> list:
        """Return a tensor's number among the leaves; its numbers go along the first time."""
        (number, is_new), content = _number(tensor, self.leaves), None
        if is_new:
            content = [codec.encode(part) for part in (tensor.detach(), tensor.grad if tensor.is_leaf else None)]
        return [number, content, isinstance(tensor, nn.Parameter), tensor.requires_grad]

    def _travels(self, thing, kind: str, encode, depth: int) -> dict:
        number, is_new = _number(thing, self.objects)
        if not is_new:
            return {"object": number}
        self.states.append(models.state(thing))
        return {kind: encode(thing, depth, self._special)}

    def _linked(self, body, depth: int) -> Tensor:
        """Return a tensor whose gradient goes on in the other process, and from there to the leaves."""
        kept, data = body
        value = codec.decode(data, depth)
        if not isinstance(value, Tensor):
            raise CannotSend("no tensor")
        leaves = len(self.leaves)
        linked = gradients.Linked.apply(lambda gradient: self._slopes(kept, gradient, leaves), value, *self.leaves)
        if torch.is_grad_enabled() and not linked.requires_grad:
            linked.requires_grad_()
        self.linked[kept] = linked
        return linked

    def _object(self, body, _depth: int):
        return self.objects[body]

    def _here(self, body, _depth: int):
        return self.judge.kept_here[body]

    def _theirs(self, body, _depth: int) -> nn.Module:
        return Theirs(self.judge.stand_in({"object": int(body)}, f"What {self.name} returns"))


class Theirs(nn.Module):
    """A network that is in the other process."""

    def __init__(self, call):
        super().__init__()
        self.call = call

    def forward(self, *arguments, **named):
        return self.call(*arguments, **named)


def _attribute(thing: object, name: str) -> object:
    """Return an attribute of an object of the check's; of those that classes elsewhere give it, only a few."""
    own = [vars(kind) for kind in type(thing).__mro__ if kind.__module__.startswith(("__main__", "helpers."))]
    parts = [getattr(thing, part) for part in models.PARTS] if isinstance(thing, nn.Module) else []
    known = any(name in names for names in [vars(thing) if hasattr(thing, "__dict__") else {}, *own, *parts])
    known = known or any("__getattr__" in names for names in own) or (bool(parts) and name in OF_MODULES)
    if name.startswith("_") or not known or isinstance(thing, types.FunctionType):
        raise AttributeError(f"'{type(thing).__name__}' object has no attribute '{name}'")
    return getattr(thing, name)


def _is_of_the_course(function: types.FunctionType) -> bool:
    """Tell whether the other process finds this function under its name."""
    module = function.__module__ or ""
    return module.startswith("helpers.") and getattr(importlib.import_module(module), function.__name__, 0) is function


def _number(thing: object, held: list) -> tuple[int, bool]:
    """Return the place of an object in a list, and whether it was put there, at the end, just now."""
    for number, other in enumerate(held):
        if other is thing:
            return number, False
    held.append(thing)
    return len(held) - 1, True


def _slope(leaf: Tensor, slope: object) -> Tensor | None:
    if slope is None:
        return None
    if not isinstance(slope, Tensor) or slope.shape != leaf.shape or not leaf.requires_grad:
        raise CannotSend("a slope has come back with another shape")
    return slope.to(leaf.dtype)
