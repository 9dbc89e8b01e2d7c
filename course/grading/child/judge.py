"""Run a check where no code of the submission is: its functions are called in the other process, through the grader.

The check sees a stand-in for each of the learner's functions. A stand-in sends plain arguments and gets plain values
back, so the submission sees the questions, but neither the check nor the expected answers, and cannot touch either.
"""

import builtins

import torch

from . import codec, shell
from .wire import Wire


def run(wire: Wire, made, request: dict) -> dict:
    """Prepare the check's space of names with the course's own cells, then run it on the stand-ins."""
    most = request["most"]
    for source in request["before"]:
        ran = shell.run(made, source, most, plain=True)
        if ran["error"]:
            return {**ran, "unprepared": True}
    for name in request["names"]:
        made.user_ns[name] = _stand_in(wire, name, made.user_ns.get(name))
    return shell.run(made, request["check"], most, plain=True)


def _stand_in(wire: Wire, name: str, original):
    def function(*arguments, **named):
        wire.send({"call": name, "arguments": codec.encode(arguments), "named": codec.encode(named)})
        reply = wire.receive()
        if "error" in reply:
            raise _exception(*reply["error"])
        after = codec.decode(reply["after"][0]), codec.decode(reply["after"][1])
        for old, new in zip([*arguments, *named.values()], [*after[0], *after[1].values()], strict=True):
            _follow(old, new)
        return codec.decode(reply["value"])

    function.__name__ = function.__qualname__ = name
    function.__module__ = "__main__"
    function.__doc__ = getattr(original, "__doc__", None)
    return function


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
