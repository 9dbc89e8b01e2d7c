"""Evidence instead of a verdict: run a check outside the submission's process, and call the student's functions there.

The check runs in a process that holds the course's own solutions and no code of the submission. Where it calls a
function of the exercise, the grader carries plain arguments to the submission's process and plain values back. The
submission sees the arguments; the check, the expected answers and the verdict are out of its reach.

Not every check can work so: `prove` tries each with the solution, which must pass, and with a function that returns
nothing, which must fail.
"""

import ast
import contextlib
import functools
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

LEAST_LEFT = 0.5  # seconds that a check is worth starting with
BIG = 3  # points from which an exercise is graded so by default
PROOF = Limits(cell_seconds=40, notebook_seconds=120)
IN_PLACE = "{} changes what it is given. Make new tensors instead: x + 1 and not x += 1, x.clone() before x[0] = 1."
NOTHING = "def {}(*arguments, **named):\n    return None"


@dataclass(frozen=True)
class Plan:
    """How to run one check from outside.

    Attributes:
        before: what comes before it, as sources.
        names: the functions that are the student's.
        check: the check's source.
        changes: the arguments that the solution changes in place, each as a function's name and the argument's.
    """

    before: list[str]
    names: list[str]
    check: str
    changes: frozenset[tuple[str, str]] = frozenset()


def plans(bundle: Bundle) -> dict[str, Plan]:
    """Return, by exercise, how its check would run from outside; exercises that define no function have no plan."""
    return _plans(bundle.to_json())


@functools.lru_cache(maxsize=2)  # they hang on the lesson alone, and a worker meets it with every submission
def _plans(text: str) -> dict[str, Plan]:
    bundle, found, before = Bundle.from_json(text), {}, []
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
    """Run a check on the functions that a submission's process has; they may change only what the solution changes.

    Args:
        student: the submission's process, after the exercise's cell.
        plan: the check.

    Raises:
        Unavailable: if the machine does not let a second process start.
        Died, Stuck: if the submission's process did so when it was asked.
    """
    verdict, touched = _judged(student, plan)
    unasked = [name for name, argument in touched if (name, argument) not in plan.changes]
    if verdict == Verdict() and unasked:
        return Verdict(("CheckFailed", IN_PLACE.format(unasked[0])))
    return verdict


def _judged(student: Session, plan: Plan) -> tuple[Verdict, list[list[str]]]:
    """Run a check; return the verdict, and which arguments the functions changed in place."""
    now, answer = time.monotonic(), {}
    end = min(now + student.limits.cell_seconds, student.deadline)
    if end - now < LEAST_LEFT:  # a check that cannot start for want of time is no fault of the machine
        return Verdict(late=True), []
    with Session(student.level, student.limits, end) as court:
        wire, keeper = court.fork.wire, court.fork.keeper
        order = {"before": plan.before, "names": plan.names, "check": plan.check, "most": 100_000}
        try:
            wire.send({"id": "", "do": "judge", **order}, 10)
            while True:
                message = wire.receive(max(end - time.monotonic(), 0.05), also=keeper)
                if "ask" not in message:
                    return Verdict(claimed_error(message)), message.get("touched", [])
                answer, late = student.ask(message["ask"], end)
                if late:
                    return Verdict(late=True), []
                if time.monotonic() > end:
                    raise Late
                wire.send({"answer": answer}, 10)
        except (Late, Broken) as ended:
            if "back" in answer:  # the function waits for what the check would have told it
                raise Stuck from None
            error = ("RuntimeError", "the check stopped without a result")
            return Verdict(late=True) if isinstance(ended, Late) else Verdict(error), []


def prove(bundle: Bundle, level: str) -> dict[str, list[list[str]]]:
    """Return the exercises whose checks work from outside: they pass the solution and fail what returns nothing.

    Returns:
        For each, which arguments the solution changes in place: a function's name and the argument's.
    """
    found = {}
    for name, plan in plans(bundle).items():
        nothing = "\n".join(NOTHING.format(function) for function in plan.names)
        verdict, touched = _tried(plan, bundle.solutions[name], level)
        if verdict == Verdict() and _tried(plan, nothing, level)[0].error is not None:
            found[name] = touched
    return found


def chosen(bundle: Bundle, *, everything: bool) -> dict[str, Plan]:
    """Return how to run those checks from outside that shall run so: the big ones, or all that can."""
    points = {cell["id"]: cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in bundle.release["cells"]}
    wanted = {name for name in bundle.evidence if everything or points[f"{name}-check"] >= BIG}
    return {
        name: replace(plan, changes=frozenset(map(tuple, bundle.evidence[name])))
        for name, plan in plans(bundle).items()
        if name in wanted
    }


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


def _tried(plan: Plan, answer: str, level: str) -> tuple[Verdict, list[list[str]]]:
    """Run a check on an answer in a process of its own."""
    with Session(level, PROOF, time.monotonic() + PROOF.notebook_seconds) as student:
        try:
            for source in [*plan.before, answer]:
                told, late = student.ask({"do": "cell", "source": source, "most": 1000})
                if late or claimed_error(told):
                    return Verdict(died=True), []
            return _judged(student, plan)
        except (Died, Stuck):
            return Verdict(died=True), []


def _before(statements: list[ast.stmt], check: str) -> list[str]:
    """Return those statements on which a check depends by name, in order, as one source."""
    kept = needs.of(statements, needs.names(ast.parse(check))[0])
    return [ast.unparse(ast.Module(kept, []))] if kept else []


def _functions(source: str) -> set[str]:
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
