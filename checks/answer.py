"""A learner's answer, and the two ways to ask it something. A check does not know where the answer lives.

`answer(*arguments)` calls the learner's function on copies and brings back its value. `answer.probe(f)` runs
`f(function)` beside the function and brings back what that returns: `f` may do anything, such as build a world that
counters look at, a network, an optimiser. Either way only plain data come back (see `plain`), so that what is judged
is judged out of the answer's reach. No expected value stands in a probe: it would travel to where the answer could
read it.

What every answer is held to stands here once: it leaves its arguments, the mode of networks, the gradient mode and the
default type as they were, calls no function of the course that does the exercise for it, and its exceptions are told in
one sentence with the learner's own line.
"""

import contextlib
import dataclasses
import dis
import functools
import inspect
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FunctionType

import cloudpickle
import torch
from torch import Tensor, nn

from checks import plain
from checks.failure import CheckFailed

UNFILLED = "Not filled in yet."
MISSING = "{} is not there: run the cell of the exercise first, from its first line on."
IS_THE_COURSES = "{} is the course's own here. Run the cell of your exercise again, and then this check."
ADVICE = {  # what an exception says, and what it mostly means
    "does not require grad": (
        "The loss is cut off from the parameters, so backward() finds none. Look for .detach() or torch.no_grad()."
    ),
    "torch.return_types.max": "max(dim) gives values and indices: take its .values or its .indices.",
    "'bool' object has no attribute": "A comparison gave one bool, as with a pair: take values.max(dim).values.",
    "got (bool, Tensor": "A comparison gave one bool, as with a pair: take values.max(dim).values.",
    "Boolean value of Tensor with more than one value": "`if` decides once; torch.where decides for each entry.",
    "could not infer output dtype": "Truth values have no mean; make numbers of them first: .float().",
    "prob_dist must be 1 or 2 dim": "multinomial takes one row or a table; flatten the leading dimensions first.",
    "object is not callable": "A name of a function stands for something else; was it given a value?",
    "Expected all tensors to be on the same device": "Make new tensors where the arguments are: device=x.device.",
    "expected scalar type": "Two kinds of numbers meet; make new tensors with the dtype of the arguments.",
    "must have the same dtype": "Two kinds of numbers meet; make new tensors with the dtype of the arguments.",
    "a leaf Variable that requires grad is being used in an in-place operation": "Work on a copy: x.clone().",
}


class Unfilled(CheckFailed):
    """The exercise still has its stub."""


class Missing(CheckFailed):
    """There is no function of the name that the exercise asks for."""


class Raised(CheckFailed):
    """The learner's code raised an exception.

    Attributes:
        kind: the exception's name.
        text: what it says.
        trace: the lines of the learner's own code that led to it.
    """

    def __init__(self, sentence: str, kind: str, text: str, trace: Sequence[str]):
        super().__init__(sentence)
        self.kind, self.text, self.trace = kind, text, list(trace)


@dataclass(frozen=True)
class Rules:
    """What one exercise asks of an answer besides its value.

    Attributes:
        own: functions of the course that do the exercise, which an answer may not call.
        changes: names, or places for answers that name them otherwise, of arguments that it may change in place:
            tensors, and the mode of networks.
    """

    own: tuple[Callable, ...] = ()
    changes: tuple[str | int, ...] = ()

    def __post_init__(self):
        for function in self.own:
            _own.setdefault(_called(function), function)

    def __reduce__(self):
        return _rules, (tuple(map(_called, self.own)), self.changes)


_own: dict[str, Callable] = {}  # by the names that they had before anything else was bound to these


def _rules(names: tuple[str, ...], changes: tuple[str | int, ...]) -> Rules:
    return Rules(tuple(_own[name] for name in names if name in _own), changes)


def _called(function: Callable) -> str:
    return f"{function.__module__}.{function.__qualname__}"


class Answer:
    """The learner's function; what differs between here and another process is `_ask` alone."""

    rules = Rules()
    target: str | int = ""  # the name of the function, or the number of what `keep` kept

    def __call__(self, *arguments, **named):
        """Call the learner's function on copies of the arguments; return its value as plain data.

        Raises:
            CheckFailed: if it is not filled in, raises something, or changes what it may not change.
        """
        return self.probe(lambda function: function(*arguments, **named))

    def probe(self, f: Callable):
        """Run `f(function)` beside the learner's function; return what it returns, as plain data.

        Raises:
            CheckFailed: as when it is called, or raised by `f`.
        """
        return self._asked(f, keep=False)

    def keep(self, f: Callable) -> "Answer":
        """Run `f(function)` there and leave what it returns there, as something that can be asked in turn."""
        return self._kept(self._asked(f, keep=True))

    def _asked(self, f: Callable, *, keep: bool):
        question = cloudpickle.dumps((self.target, f, self.rules, keep))
        record = plain.decode(self._ask(question))
        if "value" in record:
            return record["value"]
        if "failed" in record:
            raise CheckFailed(str(record["failed"]))
        if "unfilled" in record:
            raise Unfilled(UNFILLED)
        if "missing" in record:
            raise Missing(MISSING.format(record["missing"]))
        name, text, sentence, trace = record["raised"]
        raise Raised(str(sentence), str(name), str(text), list(map(str, trace)))

    def _kept(self, number: int) -> "Answer":
        raise NotImplementedError

    def _ask(self, question: bytes) -> bytes:
        """Bring a question to the `Desk` beside the answer, and its reply back."""
        raise NotImplementedError


class Here(Answer):
    """A function of this process."""

    def __init__(self, function: Callable, name: str = "", rules: Rules = Rules(), desk: "Desk | None" = None):
        self.rules, self.target = rules, name
        self.desk = desk or Desk({name: function})

    def _kept(self, number: int) -> "Here":
        return Here(self.desk.kept[number], number, self.rules, self.desk)

    def _ask(self, question: bytes) -> bytes:
        return self.desk.reply(question)


class Desk:
    """Takes questions where the answers are, and replies with plain data.

    Args:
        space: the functions by name; the notebook's names, for example.
        dtype: the default type of numbers under which the learner's code runs; that of this process without it.
    """

    def __init__(self, space: dict, dtype: torch.dtype | None = None):
        self.space, self.kept, self.dtype = space, [], dtype

    def reply(self, question: bytes) -> bytes:
        """Run one probe beside its function; return a record of what came of it, as bytes of `plain`."""
        target, f, rules, keep = cloudpickle.loads(question)
        if isinstance(target, str) and target not in self.space:
            return plain.encode({"missing": target})
        function = self.space[target] if isinstance(target, str) else self.kept[target]
        if isinstance(target, str) and _is_of_the_course(function):
            return plain.encode({"failed": IS_THE_COURSES.format(target)})
        try:
            with _settings(self.dtype):
                value = f(_watched(function, target, rules))
            if keep:
                self.kept.append(value)
                value = len(self.kept) - 1
            return plain.encode({"value": value})
        except CheckFailed as failure:
            return plain.encode({"failed": str(failure)})
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # exit() is one, too
            return plain.encode(_told(error, target))


@contextlib.contextmanager
def _settings(dtype: torch.dtype | None) -> Iterator[None]:
    """Run the code inside with gradients on and with the learner's default type; put both back, and say if they moved.

    Raises:
        CheckFailed: if the code inside leaves another gradient mode or default type behind.
    """
    outer = torch.get_default_dtype()
    torch.set_default_dtype(dtype or outer)
    try:
        with torch.enable_grad():
            yield
            if not torch.is_grad_enabled():
                raise CheckFailed("Your code leaves gradients switched off: use `with torch.no_grad():` around lines.")
            if torch.get_default_dtype() != (dtype or outer):
                raise CheckFailed("Your code changes torch's default type for everybody: give each tensor its dtype.")
    finally:
        torch.set_default_dtype(outer)


def _watched(function, name: str | int, rules: Rules):
    """Return the function with a look at what each call of it does to its arguments."""
    if isinstance(function, nn.Module) or not callable(function):
        return function

    @functools.wraps(function, updated=())
    def watched(*arguments, **named):
        free = [arguments[place] for place in rules.changes if isinstance(place, int) and place < len(arguments)]
        before = [
            (key, value, _look(value))
            for key, value in _named(function, arguments, named).items()
            if key not in rules.changes and not any(value is one for one in free)
        ]
        with _refusing(rules.own, name):
            value = function(*arguments, **named)
        for key, argument, look in before:
            _compare(f"`{key}`" if isinstance(key, str) else f"number {key + 1}", argument, look)
        return value

    return watched


def _named(function, arguments: tuple, named: dict) -> dict:
    """Return the arguments of a call by their names, or by their places where a function takes any number of them."""
    try:
        signature = inspect.signature(function)
        if all(each.kind is not each.VAR_POSITIONAL for each in signature.parameters.values()):
            return dict(signature.bind(*arguments, **named).arguments)
    except (TypeError, ValueError):
        pass
    return dict(enumerate(arguments)) | named


def _look(value):
    """Return what can be compared later: copies of tensors, modes of networks."""
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, nn.Module):
        return [part.training for part in value.modules()]
    if isinstance(value, tuple | list):
        return [_look(part) for part in value]
    if isinstance(value, dict):
        return {key: _look(part) for key, part in value.items()}
    if dataclasses.is_dataclass(value):
        return _look(_fields(value))
    return None


def _fields(value) -> dict:
    """Return the parts of a data class by their names."""
    return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}


def _compare(name: str, value, look) -> None:
    """Raise a CheckFailed if a value is not what it was when it was looked at; `name` is what a sentence calls it."""
    changed = f"The argument {name} was changed in place"
    if isinstance(value, Tensor):
        if not _are_same(value.detach(), look):
            raise CheckFailed(f"{changed}. Work on a copy, made by .clone(), and return that.")
    elif isinstance(value, nn.Module):
        if [part.training for part in value.modules()] != look:
            for part, training in zip(value.modules(), look, strict=False):
                part.training = training
            raise CheckFailed(f"{name} is left in another mode: who calls its .eval() or .train() puts it back.")
    elif isinstance(value, tuple | list):
        if len(value) != len(look):
            raise CheckFailed(f"{changed}: it has {len(value)} parts, not {len(look)}.")
        for part, part_look in zip(value, look, strict=True):
            _compare(name, part, part_look)
    elif isinstance(value, dict):
        if value.keys() != look.keys():
            raise CheckFailed(f"{changed}: its keys are others now.")
        for key, part in value.items():
            _compare(name, part, look[key])
    elif dataclasses.is_dataclass(value):
        for key, part in _fields(value).items():
            _compare(f"{name[:-1]}.{key}`" if name.endswith("`") else name, part, look[key])


def _are_same(one: Tensor, other: Tensor) -> bool:
    """Tell whether two tensors hold the same numbers; nan is like nan, and like nothing else."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return bool(((one == other) | ((one != one) & (other != other))).all())


@contextlib.contextmanager
def _refusing(functions: Sequence[Callable], name: str | int) -> Iterator[None]:
    """Have functions of the course refuse to run, under whatever name they are known, while an answer runs."""

    def refuse(*arguments, **named):
        from checks.failure import CheckFailed

        raise CheckFailed("That calls the course's own function, which does what you are to write here.")

    functions = [function for function in map(inspect.unwrap, functions) if isinstance(function, FunctionType)]
    codes = [(function, function.__code__, function.__kwdefaults__, function.__defaults__) for function in functions]
    try:
        for function in functions:
            if not function.__code__.co_freevars:
                function.__code__ = refuse.__code__
        yield
    finally:
        for function, code, named, defaults in codes:
            function.__code__, function.__kwdefaults__, function.__defaults__ = code, named, defaults


def _is_of_the_course(function) -> bool:
    return (getattr(function, "__module__", None) or "").startswith("helpers.")


def _told(error: BaseException, target: str | int) -> dict:
    """Return the record of an exception: the learner's own line, and the lines that led there."""
    name, text = type(error).__name__, _text(error)
    frames = [
        (frame, line) for frame, line in traceback.walk_tb(error.__traceback__) if _is_the_learners(frame.f_globals)
    ]
    if isinstance(error, NotImplementedError) and _is_a_stub(error):
        return {"unfilled": True}
    found = [
        entry
        for entry in traceback.extract_tb(error.__traceback__)
        if any(entry.lineno == line and entry.filename == frame.f_code.co_filename for frame, line in frames)
    ]
    where = f" in line {found[-1].lineno}" if found else ""
    where += f", `{found[-1].line[:60]}`," if found and found[-1].line else ""
    who = found[-1].name if found and found[-1].name.isidentifier() else str(target)
    advice = next((sentence for piece, sentence in ADVICE.items() if piece in text), "")
    sentence = f"Your {who} stops{where} with {name}: {text}".rstrip(": ")
    sentence += f"{'' if sentence.endswith(('.', '!', '?')) else '.'} {advice}"
    trace = [f"line {entry.lineno}, in {entry.name}: {entry.line or ''}".rstrip(": ") for entry in found]
    return {"raised": [name, text, sentence.strip(), trace]}


def _is_a_stub(error: NotImplementedError) -> bool:
    """Tell whether the learner's own code raised it, by a raise and not by a call of a library."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code.co_code
    return _is_the_learners(trace.tb_frame.f_globals) and code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def _is_the_learners(space: dict) -> bool:
    """Tell whether code with these global names is the notebook's."""
    return space.get("__name__") == "__main__"


def _text(error: BaseException) -> str:
    try:
        lines = " ".join(str(error).split())
    except BaseException:
        return "an error whose text cannot be shown"
    return lines[:1000].encode("utf-8", "replace").decode("utf-8")
