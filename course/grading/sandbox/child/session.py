"""What the process of one submission does for the grader: run a cell, answer a check's questions, hear its verdict.

The court of a submission is such a process, too, in which no cell runs.
"""

import base64
import os
import sys

from checks import exercise
from checks.answer import Desk

from . import court, shell
from .wire import Wire


def serve(wire: Wire, made) -> None:
    """Answer the grader's requests until it hangs up."""
    notebook = Notebook(made)
    while True:
        request = wire.receive()
        try:
            shell.interruptible(True)
            answer = notebook.answer(request, wire)
        except KeyboardInterrupt:
            answer = {"error": ["KeyboardInterrupt", ""], "outputs": []}
        finally:
            shell.interruptible(False)
        wire.send({"id": request["id"], **answer})


class Notebook:
    """The names of a notebook, what the course's own cells gave them, and who answers for them."""

    def __init__(self, made):
        self.shell, self.space = made, made.user_ns
        self.desk = Desk(self.space)
        self.own: dict[str, object] = {}

    def answer(self, request: dict, wire: Wire) -> dict:
        """Do what the grader asks."""
        kind = request["do"]
        if kind == "cell":
            return self._run(request["source"], request["most"], request.get("sets", []))
        if kind == "course":
            return self._complete(request["source"], request["sets"], always=request["always"])
        if kind == "ask":
            return {"reply": base64.b64encode(self.desk.reply(base64.b64decode(request["question"]))).decode()}
        if kind == "names":
            return self._give_back(set(request["keep"]))
        if kind == "told":
            return self._hear(request["name"], passed=request["passed"])
        if kind == "judge":
            return court.judge(wire, request)
        if kind == "file":
            return _write(request["name"], base64.b64decode(request["content"]), first=request["first"])
        if kind == "enter":
            return _enter(request["folder"])
        if kind == "ready":
            return {}
        raise ValueError(kind)

    def _run(self, source: str, most: int, sets: list[str]) -> dict:
        """Run a cell; one of the course's own tells which names it sets, and what it gave them is noted."""
        ran = shell.run(self.shell, source, most)
        self.own |= {name: self.space[name] for name in sets if name in self.space}
        return ran

    def _complete(self, source: str, sets: list[str], *, always: bool) -> dict:
        """Run the course's own text of a cell that a student changed, where names of it are missing, or always.

        What the student's text has made of the other names stays.
        """
        if not always and all(name in self.space for name in sets):
            return {"error": None}
        mine = {name: self.space[name] for name in sets if name in self.space}
        error = shell.run(self.shell, source, 0)["error"]
        self.space.update(mine)
        return {"error": error}

    def _hear(self, name: str, *, passed: bool) -> dict:
        """Take a verdict: what passed is the learner's from here on."""
        if passed and name in self.space:
            exercise.passed(name, self.space[name])
        self.desk = Desk(self.space)
        return self._give_back({name})

    def _give_back(self, keep: set[str]) -> dict:
        """Make the course's own names its own again, but for some: an answer's `world = …` reaches nothing else."""
        self.space.update({name: value for name, value in self.own.items() if name not in keep})
        return {}


def _write(name: str, content: bytes, *, first: bool) -> dict:
    """Write a file, or add a piece to it."""
    try:
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "xb" if first else "ab") as file:
            file.write(content)
    except (OSError, ValueError) as error:
        return {"error": [type(error).__name__, str(error)]}
    return {}


def _enter(folder: str) -> dict:
    """Go to where the notebook lies among the files, which is also where its modules are."""
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    sys.path.append(os.getcwd())
    return {}
