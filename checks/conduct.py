"""What every exercise holds an answer to besides its value, wherever the answer lives.

It leaves its arguments, networks and what belongs to everybody as they were, hands out numbers of its own, and calls no
function of the course that does the exercise for it.
"""

import contextlib
import dataclasses
import functools
import inspect
import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FunctionType

import torch
from torch import Tensor, nn

from checks.failure import CheckFailed

LOUD = (Warning, UserWarning, RuntimeWarning)  # kinds that nobody hides for everybody
INFERENCE = "What {} returns was made under torch.inference_mode(), so nothing can learn from it: use torch.no_grad()."
RECYCLED = "What {} returned before is other numbers after the next call. Make a new tensor in each call."


@dataclass(frozen=True)
class Rules:
    """What one exercise asks of an answer besides its value.

    Attributes:
        own: functions of the course that do the exercise, which an answer may not call.
        changes: names, or places for answers that name them otherwise, of arguments that it may change in place:
            tensors, and the mode of networks.
        trains: the same of networks whose numbers it may change; those that an optimizer holds need no name.
        dtype: torch's default type while the answer runs; None is that of the learner's notebook.
    """

    own: tuple[Callable, ...] = ()
    changes: tuple[str | int, ...] = ()
    trains: tuple[str | int, ...] = ()
    dtype: torch.dtype | None = None

    def __post_init__(self):
        for function in self.own:
            _own.setdefault(_called(function), function)

    def __reduce__(self):
        return _rules, (tuple(map(_called, self.own)), self.changes, self.trains, self.dtype)


_own: dict[str, Callable] = {}  # by the names that they had before anything else was bound to these


def _rules(names: tuple[str, ...], *rest) -> Rules:
    return Rules(tuple(_own[name] for name in names if name in _own), *rest)


def _called(function: Callable) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _silent() -> list:
    """Return the rules that hide warnings, whatever these say; those that libraries add are narrower."""
    return [rule for rule in warnings.filters if rule in [("ignore", None, kind, None, 0) for kind in LOUD]]


def _speak(before: list) -> None:
    warnings.filters[:] = [rule for rule in warnings.filters if rule in before or rule not in _silent()]


SHARED = (  # what belongs to everybody: how to look at it, how to put it back, and what to say of who moves it
    (
        torch.is_grad_enabled,
        torch.set_grad_enabled,
        "Your code leaves gradients switched off: use `with torch.no_grad():` around lines.",
    ),
    (
        torch.get_default_dtype,
        torch.set_default_dtype,
        "Your code changes torch's default type for everybody: give each tensor its dtype.",
    ),
    (
        torch.get_num_threads,
        torch.set_num_threads,
        "Your code changes how many threads torch uses for everybody: leave torch.set_num_threads out.",
    ),
    (
        torch.is_anomaly_enabled,
        torch.autograd.set_detect_anomaly,
        "Your code leaves the search for anomalies switched on, which slows everything: leave set_detect_anomaly out.",
    ),
    (
        torch.initial_seed,
        torch.default_generator.manual_seed,
        "Your code seeds torch's own generator, from which everybody draws: leave torch.manual_seed out. Hand the "
        "torch.Generator that you are given to what draws, or, where you are given none, one of your own.",
    ),
    (
        _silent,
        _speak,
        "Your code switches warnings off for everybody: use `with warnings.catch_warnings():` around lines.",
    ),
)


_SEEDS = itertools.count(7_300_000_000)  # none that an answer would take, so that one which seeds is seen


@contextlib.contextmanager
def settings(dtype: torch.dtype | None) -> Iterator[None]:
    """Run the code inside with gradients on and with a default type; say if it moves what is everybody's.

    Raises:
        CheckFailed: if the code inside leaves behind another state of anything in `SHARED`.
    """
    outer = torch.get_default_dtype()
    torch.set_default_dtype(dtype or outer)
    try:
        with torch.enable_grad(), torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(next(_SEEDS))
            before = [look() for look, _, _ in SHARED]
            yield
            moved = [
                (put_back, was, sentence)
                for (look, put_back, sentence), was in zip(SHARED, before, strict=True)
                if look() != was
            ]
            for put_back, was, _ in moved:
                put_back(was)
            if moved:
                raise CheckFailed(moved[0][-1])
    finally:
        torch.set_default_dtype(outer)


def watched(function, name: str, rules: Rules, last: list, *, is_kept: bool = False):
    """Return the function with a look at what each call of it does to its arguments, and to what it returned before.

    Args:
        function: the learner's, or what a probe has kept.
        name: what it is called.
        rules: what the exercise allows.
        last: the latest values that the function returned, each with a look at it; kept up to date.
        is_kept: whether a probe has kept it; a network then stays as it is, with all its methods.
    """
    if not callable(function) or (isinstance(function, nn.Module) and is_kept):
        return function

    signature = _signature(function)

    @functools.wraps(function, updated=())
    def called(*arguments, **named):
        given = _named(signature, arguments, named)
        free, trained = (
            [value for key, value in given.items() if _is_one(key, value, allowed, arguments)]
            for allowed in (rules.changes, rules.trains)
        )
        learning = {id(part) for one in given.values() for part in _parameters(one, trained)}
        before = [
            (_place(key), value, _look(value, learning), any(value is one for one in free))
            for key, value in given.items()
        ]
        with _refusing(rules.own, name):
            value = function(*arguments, **named)
        for key, argument, look, is_free in before:
            if isinstance(argument, nn.Module):
                _compare_network(key, argument, *look, any_mode=is_free)
            elif not is_free:
                _compare(key, argument, look)
        if _is_inference(value):
            raise CheckFailed(INFERENCE.format(name))
        if any(not _is_still(*earlier) for earlier in last):
            raise CheckFailed(RECYCLED.format(name))
        last[:] = [*last[-3:], (value, _look(value))]
        return value

    return called


def _place(key: str | int) -> str:
    """Return what a sentence calls an argument."""
    return f"`{key}`" if isinstance(key, str) else f"number {key + 1}"


def _is_one(key, value, allowed: tuple[str | int, ...], arguments: tuple) -> bool:
    """Tell whether an argument of a call is among those that are named, or placed, in a rule."""
    places = [arguments[place] for place in allowed if isinstance(place, int) and place < len(arguments)]
    return key in allowed or any(value is one for one in places)


def _parameters(value, trained: list) -> list[Tensor]:
    """Return the parameters that an argument lets a call move: those of an optimizer, or of what is to be trained."""
    if isinstance(value, torch.optim.Optimizer):
        return [part for group in value.param_groups for part in group["params"]]
    return [*value.parameters()] if any(value is one for one in trained) and isinstance(value, nn.Module) else []


def _signature(function) -> inspect.Signature | None:
    """Return a function's signature, if it can be told and names all of its arguments."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    kinds = {each.kind for each in signature.parameters.values()}
    return None if inspect.Parameter.VAR_POSITIONAL in kinds else signature


def _named(signature: inspect.Signature | None, arguments: tuple, named: dict) -> dict:
    """Return the arguments of a call by their names, or by their places where the names are not known."""
    with contextlib.suppress(TypeError):
        if signature is not None:
            return dict(signature.bind(*arguments, **named).arguments)
    return dict(enumerate(arguments)) | named


def _look(value, learning: set[int] = frozenset()):
    """Return what can be compared later: copies of tensors, and modes and parameters of networks.

    Args:
        value: what to look at.
        learning: identities of parameters whose numbers may change.
    """
    if isinstance(value, Tensor):
        return value.detach().clone(), value.requires_grad
    if isinstance(value, nn.Module):
        parameters = [*value.named_parameters(), *value.named_buffers()]
        fixed = {name: _look(part) for name, part in parameters if id(part) not in learning}
        return [part.training for part in value.modules()], fixed
    if isinstance(value, tuple | list):
        return [_look(part, learning) for part in value]
    if isinstance(value, dict):
        return {key: _look(part, learning) for key, part in value.items()}
    if dataclasses.is_dataclass(value):
        return _look(_fields(value), learning)
    return None


def _fields(value) -> dict:
    """Return the parts of a data class by their names."""
    return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}


def _compare(name: str, value, look) -> None:
    """Raise a CheckFailed if a value is not what it was when it was looked at; `name` is what a sentence calls it."""
    changed = f"The argument {name} was changed in place"
    if isinstance(value, Tensor):
        numbers, has_gradient = look
        if not _are_same(value.detach(), numbers):
            raise CheckFailed(f"{changed}. Work on a copy, made by .clone().")
        if value.requires_grad != has_gradient:
            how = "detached" if has_gradient else "told to record gradients"
            raise CheckFailed(f"The argument {name} was {how} in place. Work on a copy, made by .detach() or .clone().")
    elif isinstance(value, nn.Module):
        _compare_network(name, value, *look)
    elif isinstance(value, tuple | list):
        if len(value) != len(look):
            raise CheckFailed(f"{changed}: it has {len(value)} parts, not {len(look)}.")
        keys = getattr(value, "_fields", [None] * len(value))  # of a named tuple
        for key, part, part_look in zip(keys, value, look, strict=True):
            _compare(_part(name, key), part, part_look)
    elif isinstance(value, dict):
        if value.keys() != look.keys():
            raise CheckFailed(f"{changed}: its keys are others now.")
        for key, part in value.items():
            _compare(name, part, look[key])
    elif dataclasses.is_dataclass(value):
        for key, part in _fields(value).items():
            _compare(_part(name, key), part, look[key])


def _part(name: str, key: str | None) -> str:
    """Return what a sentence calls a part of what it calls `name`."""
    return f"{name[:-1]}.{key}`" if key and name.endswith("`") else name


def _compare_network(name: str, network: nn.Module, modes: list[bool], fixed: dict, *, any_mode=False) -> None:
    if not any_mode and [part.training for part in network.modules()] != modes:
        for part, training in zip(network.modules(), modes, strict=False):
            part.training = training
        raise CheckFailed(f"{name} is left in another mode: who calls its .eval() or .train() puts it back.")
    parts = dict([*network.named_parameters(), *network.named_buffers()])
    for key, (numbers, has_gradient) in fixed.items():
        if key not in parts or not _are_same(parts[key].detach(), numbers):
            raise CheckFailed(f"{name} has other parameters than before: leave the network as it is here.")
        if parts[key].requires_grad != has_gradient:
            raise CheckFailed(f"{name} is left without gradients: use `with torch.no_grad():` around lines instead.")


def _are_same(one: Tensor, other: Tensor) -> bool:
    """Tell whether two tensors hold the same numbers; nan is like nan, and like nothing else."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return torch.equal(one, other) or bool(((one == other) | ((one != one) & (other != other))).all())


def _is_inference(value) -> bool:
    """Tell whether a tensor that was returned is barred from autograd for good."""
    if isinstance(value, tuple | list):
        return any(map(_is_inference, value))
    return type(value) in (Tensor, nn.Parameter) and value.is_inference()  # another class may say what it likes


def _is_still(value, look) -> bool:
    """Tell whether what was returned is what it was; the mode and the parameters of a network may have moved."""
    if isinstance(value, Tensor):
        return _are_same(value.detach(), look[0])
    if isinstance(value, tuple | list):
        return len(value) == len(look) and all(map(_is_still, value, look))
    return True


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
