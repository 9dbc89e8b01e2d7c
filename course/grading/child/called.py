"""Call a function of the submission for a check that runs in another process.

Whatever this sends is a claim. Networks and optimisers are made here anew from plain data; what stays in the check's
process is stood for by something that asks there.
"""

import importlib

import torch
from torch import Tensor, nn

from . import codec, gradients, models
from .codec import CannotSend
from .wire import Wire

OVER = "what a check hands over can only be used while it waits for the function"


class Called:
    """The functions of a submission, for a check that calls them from outside."""

    def __init__(self, wire: Wire, space: dict):
        self.wire, self.space, self.token = wire, space, None
        self.returned: list[nn.Module] = []  # networks that the check may call
        self.calls: dict[int, _Call] = {}  # those that have given away a tensor with a gradient
        self.is_asked = False  # whether the check is asking for slopes

    def answer(self, request: dict) -> dict:
        """Do what a check asks: call a function, or say what slopes a tensor has that a call gave."""
        if request["do"] == "call" and request["call"] == 0:  # another check begins
            self.returned.clear()
            self.calls.clear()
        try:
            if request["do"] == "slopes":
                return {"slopes": codec.encode(self.calls[request["call"]].slopes(request))}
            return _Call(self, request["call"]).make(request)
        except CannotSend as error:
            return {"error": ["TypeError", str(error)]}
        except BaseException as error:
            return {"error": codec.told(error)}

    def ask(self, question: dict) -> dict:
        """Ask the check's process something in the middle of a call, and serve it until it answers."""
        self.wire.send({"id": self.token, "back": question})
        while True:
            request = self.wire.receive()
            self.token = request["id"]
            if request["do"] == "back":
                return request
            answer = self.answer(request)
            self.wire.send({"id": self.token, **answer})


class _Call:
    """One call, with the tensors and objects that travelled for it."""

    def __init__(self, called: Called, number: int):
        self.called, self.number = called, number
        self.leaves: list[Tensor] = []  # tensors of the check's for which it may want slopes
        self.kept: list[Tensor] = []  # tensors given to it that have slopes
        self.given = range(0)  # which of these were the arguments of the answer that is being read
        self.objects, self.far, self.is_open = [], {}, False
        names = ("leaf", "network", "optimizer", "object", "own", "function", "far")
        self.kinds = {name: getattr(self, f"_{name}") for name in names}

    def make(self, request: dict) -> dict:
        """Call the function that the request names; return its value, or its exception, and what it changed."""
        arguments, named = self.decode(request["arguments"]), self.decode(request["named"])
        if "object" in request:
            function = self.called.returned[request["object"]]
        elif request["name"] in self.called.space:
            function = self.called.space[request["name"]]
        else:
            raise NameError(f"name '{request['name']}' is not defined")
        self.is_open = True
        try:
            with torch.set_grad_enabled(request["gradients"]):
                value = function(*arguments, **named)
        finally:
            self.is_open = False
        after = [codec.encode(list(arguments)), codec.encode(named)]
        states = [models.state(thing) for thing in self.objects]
        return {"value": self.encode(value), "after": after, "states": states}

    def slopes(self, request: dict) -> list[Tensor | None]:
        """Return the slopes of a tensor with respect to each leaf, times the gradient that comes from behind it."""
        self.called.is_asked = True
        try:
            return gradients.slopes(self.kept[request["kept"]], self.leaves, codec.decode(request["gradient"]))
        finally:
            self.called.is_asked = False

    def encode(self, value):
        return codec.encode(value, special=self._special)

    def decode(self, data):
        return codec.decode(data, special=self.kinds)

    def ask(self, question: dict) -> dict:
        """Ask the check's process something.

        Raises:
            Exception: what was raised there.
            RuntimeError: if the check does not wait for this call any more.
        """
        if not self.is_open:
            raise RuntimeError(OVER)
        answer = self.called.ask(question)
        if "error" in answer:
            raise codec.exception(*answer["error"])
        return answer

    def _far_slopes(self, number: int, given: range, gradient: Tensor) -> list[Tensor | None]:
        """Return the slopes of a tensor that the check's process made of tensors of this one.

        Where that process is asking for slopes itself, it follows this part of the way, too.
        """
        if self.called.is_asked:
            return [None] * len(given)
        question = {"slopes": number, "given": [*given], "gradient": codec.encode(gradient)}
        return codec.decode(self.ask(question)["slopes"])

    def attribute(self, of: int, name: str):
        """Return an attribute of what stays in the check's process."""
        return self.decode(self.ask({"of": of, "attribute": name})["value"])

    def call_far(self, of: int, arguments: tuple, named: dict):
        """Call something that stays in the check's process."""
        first = len(self.kept)
        sent = {"arguments": self.encode(list(arguments)), "named": self.encode(named)}
        given = range(first, len(self.kept))
        answer = self.ask({"of": of, **sent, "gradients": torch.is_grad_enabled()})
        codec.follow_all(arguments, named, answer["after"])
        self.given = given
        try:
            return self.decode(answer["value"])
        finally:
            self.given = range(0)

    def _special(self, value, depth: int) -> dict | None:
        """Return how a value goes back that has no plain form, or None."""
        if type(value) in (Tensor, nn.Parameter) and value.requires_grad:
            self.kept.append(value)
            self.called.calls[self.number] = self
            return {"kept": [len(self.kept) - 1, codec.encode(value.detach())]}
        for number, thing in enumerate(self.objects):
            if thing is value:
                return {"object": number}
        for number, thing in self.far.items():
            if thing is value:
                return {"here": number}
        if isinstance(value, nn.Module):
            self.called.returned.append(value)
            return {"theirs": len(self.called.returned) - 1}
        return None

    def _leaf(self, body, depth: int) -> Tensor:
        number, content, is_parameter, has_gradient = body
        if number < len(self.leaves):
            return self.leaves[number]
        tensor, slope = (codec.decode(part, depth) for part in content)
        if is_parameter:
            tensor = nn.Parameter(tensor, has_gradient)
        elif self.given:
            given, made_of = self.given, [self.kept[kept] for kept in self.given]
            tensor = gradients.Linked.apply(lambda behind: self._far_slopes(number, given, behind), tensor, *made_of)
        else:
            tensor.requires_grad_()
        if slope is not None:
            tensor.grad = slope
        self.leaves.append(tensor)
        return tensor

    def _network(self, body, _depth: int) -> nn.Module:
        return self._made(lambda: models.decode_module(body, self.decode))

    def _optimizer(self, body, _depth: int) -> torch.optim.Optimizer:
        return self._made(lambda: models.decode_optimizer(body, self.decode))

    def _made(self, make):
        number = len(self.objects)
        self.objects.append(None)
        self.objects[number] = make()
        return self.objects[number]

    def _object(self, body, _depth: int):
        return self.objects[body]

    def _own(self, body, _depth: int):
        return self.called.space[body]

    def _function(self, body, _depth: int):
        module, name = body
        return getattr(importlib.import_module(module), name)

    def _far(self, body, _depth: int):
        number, training, name = body
        if number not in self.far:
            kind = Far if training is None else FarModule
            self.far[number] = type(name, (kind,), {"__module__": "__main__"})(self, number)
            if training is not None:
                self.far[number].training = training
        return self.far[number]


class Far:
    """Stands for a function or object of the check's process."""

    def __init__(self, call: _Call, number: int):
        self._call, self._number = call, number

    def __call__(self, *arguments, **named):
        return self._call.call_far(self._number, arguments, named)

    def __getattr__(self, name: str):
        return _far_attribute(self, name)


class FarModule(nn.Module):
    """Stands for a network of the check's process."""

    def __init__(self, call: _Call, number: int):
        super().__init__()
        self._call, self._number = call, number

    def forward(self, *arguments, **named):
        return self._call.call_far(self._number, arguments, named)

    def __getattr__(self, name: str):
        return _far_attribute(self, name)

    def parameters(self, recurse: bool = True):
        return iter(self._call.attribute(self._number, "parameters")(recurse))

    def train(self, mode: bool = True):
        self.training = mode
        self._call.attribute(self._number, "train")(mode)
        return self


def _far_attribute(thing: Far | FarModule, name: str):
    if name.startswith("_"):
        raise AttributeError(f"'{type(thing).__name__}' object has no attribute '{name}'")
    value = thing._call.attribute(thing._number, name)
    if isinstance(value, Far):  # a method, which stays what it is
        setattr(thing, name, value)
    return value
