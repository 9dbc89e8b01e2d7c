"""Evidence instead of a verdict: run a check outside the submission's process, and call the student's functions there.

The check runs in a process that holds the course's own solutions and no code of the submission. Where it calls a
function of the exercise, the grader carries plain arguments to the submission's process and plain values back. The
submission sees the arguments; the check, the expected answers and the verdict are out of its reach.

Not every check can work so: one that follows a gradient through the student's function cannot. `prove` tries each with
the solution, which must pass, and with a function that returns nothing, which must fail.
"""

import ast
import contextlib
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path

from course import files
from course.grading import needs, proof
from course.grading.bundle import Bundle
from course.grading.child.wire import Broken, Late
from course.grading.limits import Limits
from course.grading.seen import Verdict
from course.grading.session import Died, Session, Stuck, claimed_error

BIG = 3  # points from which an exercise is graded so by default
PROOF = Limits(cell_seconds=40, notebook_seconds=120)
NOTHING = "def {}(*arguments, **named):\n    return None"


@dataclass(frozen=True)
class Plan:
    """How to run one check from outside: what comes before it, and the functions that are the student's."""

    before: list[str]
    names: list[str]
    check: str


def plans(bundle: Bundle) -> dict[str, Plan]:
    """Return, by exercise, how its check would run from outside; exercises that define no function have no plan."""
    found, before = {}, []
    for cell in bundle.release["cells"]:
        if cell["cell_type"] != "code":
            continue
        name = cell["id"].removesuffix("-check")
        if cell["id"] in bundle.checks and name in bundle.solutions:
            check = bundle.checks[cell["id"]]
            used = needs.names(ast.parse(check))[0] & needs.names(ast.parse(bundle.solutions[name]))[1]
            functions = _functions(bundle.solutions[name]) & used
            if functions and functions == used:
                found[name] = Plan(_before(before, check), sorted(functions), check)
        elif cell["id"] not in bundle.checks:
            before += ast.parse(needs.without_magics(bundle.solutions.get(cell["id"], cell["source"]))).body
    return found


def judge(student: Session, plan: Plan) -> Verdict:
    """Run a check on the functions that a submission's process has.

    Args:
        student: the submission's process, after the exercise's cell.
        plan: the check.

    Raises:
        Unavailable: if the machine does not let a second process start.
        Died, Stuck: if the submission's process did so when it was asked.
    """
    end = min(time.monotonic() + student.limits.cell_seconds, student.deadline)
    with Session(student.level, student.limits, end) as court:
        wire, keeper = court.fork.wire, court.fork.keeper
        order = {"before": plan.before, "names": plan.names, "check": plan.check, "most": 100_000}
        try:
            wire.send({"id": "", "do": "judge", **order}, 10)
            while True:
                message = wire.receive(max(end - time.monotonic(), 0.05), also=keeper)
                if "call" not in message:
                    return Verdict(claimed_error(message))
                request = {"name": message["call"], "arguments": message["arguments"], "named": message["named"]}
                answer, late = student.ask({"do": "call", **request}, end)
                if late:
                    return Verdict(late=True)
                wire.send({key: answer[key] for key in ("value", "after", "error") if key in answer}, 10)
        except Late:
            return Verdict(late=True)
        except Broken:
            return Verdict(("RuntimeError", "the check stopped without a result"))


def prove(bundle: Bundle, level: str) -> list[str]:
    """Return the exercises whose checks work from outside: they pass the solution and fail what returns nothing."""
    return [name for name, plan in plans(bundle).items() if _works(plan, bundle.solutions[name], level)]


def with_evidence(bundle: Bundle, folder: Path) -> Bundle:
    """Return the bundle with what trying its solution shows, which is kept in a folder by the bundle's digest.

    Without solutions there is nothing to try, and without isolation there is no outside.
    """
    if not bundle.solutions or proof.best() == "none":
        return bundle
    kept = folder / f"{bundle.lesson}-{bundle.digest[:32]}.json"
    try:
        return replace(bundle, **json.loads(kept.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        found = {"evidence": prove(bundle, proof.best()), "lean": is_lean(bundle, proof.best())}
    with contextlib.suppress(OSError):  # a folder that cannot be written costs the same work the next time
        files.write(kept, json.dumps(found))
    return replace(bundle, **found)


def is_lean(bundle: Bundle, level: str) -> bool:
    """Tell whether the solution keeps full marks where the cells that no check seems to depend on are left out."""
    from course.grading import runner  # which imports this module

    notebook = bundle.notebook()
    for cell in notebook.cells:
        cell.source = bundle.solutions.get(cell.id, cell.source)
    ran = runner.run(
        notebook, bundle, {}, limits=Limits(), level=level, outside={}, spare=needs.spare(bundle, notebook)
    )
    return not (ran.errors or ran.died or ran.late or ran.changed)


def _works(plan: Plan, solution: str, level: str) -> bool:
    """Tell whether the check passes the solution and fails, with some sentence, what returns nothing."""
    nothing = "\n".join(NOTHING.format(name) for name in plan.names)
    return _tried(plan, solution, level) == Verdict() and _tried(plan, nothing, level).error is not None


def _tried(plan: Plan, answer: str, level: str) -> Verdict:
    with Session(level, PROOF, time.monotonic() + PROOF.notebook_seconds) as student:
        try:
            for source in [*plan.before, answer]:
                told, late = student.ask({"do": "cell", "source": source, "most": 1000})
                if late or claimed_error(told):
                    return Verdict(died=True)
            return judge(student, plan)
        except (Died, Stuck):
            return Verdict(died=True)


def _before(statements: list[ast.stmt], check: str) -> list[str]:
    """Return those statements on which a check depends by name, in order, as one source."""
    kept = needs.of(statements, needs.names(ast.parse(check))[0])
    return [ast.unparse(ast.Module(kept, []))] if kept else []


def _functions(source: str) -> set[str]:
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
