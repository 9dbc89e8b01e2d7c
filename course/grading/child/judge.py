"""Run a check where no code of the submission is: its functions are called in the other process, through the grader.

The check sees a stand-in for each of the learner's functions. A stand-in sends plain arguments and gets plain values
back, so the submission sees the questions, but neither the check nor the expected answers, and cannot touch either.
"""

import builtins

import torch

from . import codec, shell
from .wire import Wire

IN_PLACE = "{} changes what it is given. Make new tensors instead: x + 1 and not x += 1, x.clone() before x[0] = 1."


def run(wire: Wire, made, request: dict) -> dict:
    """Prepare the check's space of names with the course's own cells, then run it on the stand-ins."""
    most, touched = request["most"], []
    for source in request["before"]:
        ran = shell.run(made, source, most, plain=True)
        if ran["error"]:
            return {**ran, "unprepared": True}
    for name in request["names"]:
        made.user_ns[name] = _stand_in(wire, name, made.user_ns.get(name), touched)
    ran = shell.run(made, request["check"], most, plain=True)
    if ran["error"] is None and touched:
        return {**ran, "error": ["CheckFailed", IN_PLACE.format(touched[0])]}
    return ran


def _stand_in(wire: Wire, name: str, original, touched: list[str]):
    """Return a function that asks the other process; it notes its name where that changes what it should not."""

    def function(*arguments, **named):
        before = codec.encode(list(arguments)), codec.encode(named)
        wire.send({"call": name, "arguments": before[0], "named": before[1]})
        reply = wire.receive()
        if "error" in reply:
            raise _exception(*reply["error"])
        if not _are_same(before, reply["after"]) and not _changes(original, before):
            touched.append(name)
        after = codec.decode(reply["after"][0]), codec.decode(reply["after"][1])
        for old, new in zip([*arguments, *named.values()], [*after[0], *after[1].values()], strict=True):
            _follow(old, new)
        return codec.decode(reply["value"])

    function.__name__ = function.__qualname__ = name
    function.__module__ = "__main__"
    function.__doc__ = getattr(original, "__doc__", None)
    return function


def _changes(solution, encoded: tuple) -> bool:
    """Tell whether the course's own function changes these arguments, too."""
    arguments, named = codec.decode(encoded[0]), codec.decode(encoded[1])
    try:
        solution(*arguments, **named)
    except Exception:
        return False
    return not _are_same(encoded, (codec.encode(arguments), codec.encode(named)))


def _are_same(one, other) -> bool:
    """Tell whether encoded values agree; a generator may have been drawn from, and a set has no order."""
    if isinstance(one, dict) and isinstance(other, dict):
        if set(one) != set(other) or "generator" in one:
            return set(one) == set(other)
        if "set" in one:
            return sorted(map(repr, one["set"])) == sorted(map(repr, other["set"]))
        return all(_are_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_are_same, one, other))
    return one == other


def _follow(old, new):
    """Bring a change that the function made to an argument back: a drawn random number, an entry set in place.

    Returns:
        The old object with the new content, or the new value where nothing can be changed in place.
    """
    if type(old) is not type(new):
        return new
    if isinstance(old, torch.Generator):
        old.set_state(new.get_state())
    elif isinstance(old, torch.Tensor) and old.shape == new.shape and old.dtype == new.dtype:
        if not torch.equal(old, new):
            with torch.no_grad():
                old.copy_(new)
    elif type(old) is list:
        old[:] = [*map(_follow, old, new), *new[len(old) :]]
    elif type(old) is dict:
        changed = {key: _follow(old[key], value) if key in old else value for key, value in new.items()}
        old.clear()
        old.update(changed)
    else:
        return new
    return old


def _exception(name: str, text: str) -> BaseException:
    """Return an exception of that name; the built-in one if there is, so that a check can expect it."""
    kind = getattr(builtins, str(name), None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = type(str(name), (Exception,), {})
    try:
        return kind(str(text))
    except Exception:
        return RuntimeError(str(text))
