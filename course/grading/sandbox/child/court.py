"""The court: a process in which checks run and no code of a submission does.

A check asks the learner's function through `There`: questions go to the submission's process by way of the grader, and
plain data come back, which nothing unpickles. So expected values, hidden numbers and verdicts are out of its reach.
"""

import ast
import base64
import importlib

import torch

from checks import exercise
from checks.answer import Answer, Rules
from checks.failure import CheckFailed

from .wire import Wire


class There(Answer):
    """A function of the submission's process, by its name there or by the number of what was kept."""

    def __init__(self, wire: Wire, target: str | int, rules: Rules | None = None):
        self.wire, self.target, self.rules = wire, target, rules or Rules()

    def _kept(self, number: int) -> "There":
        return There(self.wire, number, self.rules)

    def _ask(self, question: bytes) -> bytes:
        self.wire.send({"ask": base64.b64encode(question).decode()})
        reply = self.wire.receive()["reply"]
        return base64.b64decode(reply) if isinstance(reply, str) else b""


def judge(wire: Wire, request: dict) -> dict:
    """Run the calls of one check cell; return the name and the sentence of what failed, or None, under `error`."""
    torch.set_num_threads(request["threads"])
    try:
        known = exercise.of(importlib.import_module(f"checks.{request['module']}"))
        answers = {name: There(wire, name) for _, name, _ in request["calls"]}  # so that what is made once serves all
        for check, name, data in request["calls"]:
            known[check](answers[name], **ast.literal_eval(data))
    except CheckFailed as failure:
        return {"error": [type(failure).__name__, str(failure)]}
    except Exception as error:
        return {"error": [type(error).__name__, str(error)]}
    return {"error": None}
