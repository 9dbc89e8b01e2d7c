"""What the process of one submission does for the grader: run a cell, run a check, call a function."""

import base64
import os

from . import codec, judge, shell
from .wire import Wire


def serve(wire: Wire, made, watcher) -> None:
    """Answer the grader's requests until it hangs up."""
    while True:
        request = wire.receive()
        try:
            shell.interruptible(True)
            answer = _answer(request, wire, made, watcher)
        except KeyboardInterrupt:
            answer = {"error": ["KeyboardInterrupt", ""], "outputs": [], "changed": []}
        finally:
            shell.interruptible(False)
        wire.send({"id": request["id"], **answer})


def _answer(request: dict, wire: Wire, made, watcher) -> dict:
    kind = request["do"]
    if kind == "cell":
        return shell.run(made, request["source"], request["most"], plain=False)
    if kind == "check":
        before = watcher.changes()
        ran = shell.run(made, request["source"], request["most"], plain=True)
        return {**ran, "changed": sorted({*before, *watcher.changes()})[:10]}
    if kind == "control":
        return shell.run(made, request["source"], request["most"], plain=True, space={"__name__": "__main__"})
    if kind == "call":
        return codec.call(made.user_ns, request)
    if kind == "judge":
        return judge.run(wire, made, request)
    if kind == "files":
        for name, content in request["files"].items():
            os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
            with open(name, "xb") as file:
                file.write(base64.b64decode(content))
        return {}
    raise ValueError(kind)
