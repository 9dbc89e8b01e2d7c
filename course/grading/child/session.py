"""What the process of one submission does for the grader: run a cell, run a check, call a function."""

import base64
import builtins
import os

from . import judge, shell
from .called import Called
from .wire import Wire


def serve(wire: Wire, made, watcher) -> None:
    """Answer the grader's requests until it hangs up."""
    called = Called(wire, made.user_ns)
    while True:
        request = wire.receive()
        called.token = request["id"]
        try:
            shell.interruptible(True)
            answer = _answer(request, wire, made, watcher, called)
        except KeyboardInterrupt:
            answer = {"error": ["KeyboardInterrupt", ""], "outputs": [], "changed": []}
        finally:
            shell.interruptible(False)
        wire.send({"id": called.token, **answer})


def _answer(request: dict, wire: Wire, made, watcher, called: Called) -> dict:
    kind = request["do"]
    if kind == "cell":
        return shell.run(made, request["source"], request["most"], plain=False)
    if kind == "check":
        before = watcher.changes()
        ran = _check(made, request["imports"], request["source"], request["most"])
        return {**ran, "changed": sorted({*before, *watcher.changes()})[:10]}
    if kind == "control":
        return shell.run(made, request["source"], request["most"], plain=True, space={"__name__": "__main__"})
    if kind in ("call", "slopes"):
        return called.answer(request)
    if kind == "judge":
        return judge.run(wire, made, request)
    if kind == "file":
        return _write(request["name"], base64.b64decode(request["content"]), first=request["first"])
    if kind == "ready":
        return {}
    raise ValueError(kind)


def _check(made, imports: str, source: str, most: int) -> dict:
    """Run a check on the notebook's names, but with the course's own imports and with Python's built-ins.

    So it does not matter what else the notebook calls `checks`, `torch` or `range`. What the check sets is the
    notebook's afterwards.
    """
    held = made.user_ns
    space = {name: value for name, value in held.items() if not hasattr(builtins, name)} | {"__builtins__": builtins}
    ran = shell.run(made, imports, most, plain=True, space=space)
    if ran["error"]:
        return ran
    before = dict(space)
    ran = shell.run(made, source, most, plain=True, space=space)
    held.update({name: value for name, value in space.items() if name not in before or before[name] is not value})
    return ran


def _write(name: str, content: bytes, *, first: bool) -> dict:
    """Write a file, or add a piece to it."""
    try:
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "xb" if first else "ab") as file:
            file.write(content)
    except (OSError, ValueError) as error:
        return {"error": [type(error).__name__, str(error)]}
    return {}
