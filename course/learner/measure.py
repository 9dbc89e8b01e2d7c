"""Measure what a project defines in a notebook or a module: `course measure agent FILE`, `… generator FILE`.

The learner's code runs in a process of its own, isolated where this machine can; questions go there, plain data come
back, and the numbers are computed here.
"""

import base64
import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

from checks import your_own_agent, your_own_generator
from checks.answer import Answer, Desk, Here, Missing, Rules
from checks.failure import CheckFailed
from course.errors import CourseError
from course.grading.limits import Limits
from course.grading.sandbox import proof
from course.grading.submission import cells, collect
from course.grading.submission.names import visible, without_shadows
from helpers import data, progress

DIED = "The process ended while it was measured; look for exit(), or for far more memory than is needed."
STOPS = "{} stops with {}: {}"
ASKED = "Calling {}, which may train for minutes …"
LATE = "It took too long and was interrupted; does a loop never end? Train elsewhere, and load the weights from a file."
ABSENT = "There is no function {} in it."

Measured = your_own_agent.Measured | your_own_generator.Measured


class Asked(Answer):
    """A function in the process of a session, by its name there or by the number of what was kept."""

    def __init__(self, session, end: float, target: str | int, rules: Rules | None = None):
        self.session, self.end, self.target, self.rules = session, end, target, rules or Rules()

    def _kept(self, number: int) -> "Asked":
        return Asked(self.session, self.end, number, self.rules)

    def _ask(self, question: bytes) -> bytes:
        request = {"do": "ask", "question": base64.b64encode(question).decode()}
        answer, late = self.session.ask(request, self.end)
        if late:
            raise CheckFailed(LATE)
        reply = answer.get("reply")
        return base64.b64decode(reply) if isinstance(reply, str) else b""


def measure(
    project: str,
    path: Path,
    *,
    images: str = "digits",
    limits: Limits | None = None,
    trusted: bool = False,
    say: Callable[[str], None] = lambda sentence: None,
    **options,
) -> Measured:
    """Measure the function of a notebook or module that is called as the project.

    Args:
        project: "agent" or "generator".
        path: the notebook, its folder, or a Python file; files beside it go along.
        images: "digits" or "fashion-mnist", for a generator.
        limits: what it may use up.
        trusted: run it even where nothing isolates it.
        say: what is told of the first cell that stops, and of files that are left out.
        options: such as `episodes`, `draws` and `seed`, of `measure` in the project's checks.

    Raises:
        CourseError: if there is no such file or function, or something is wrong with what it gives.
    """
    sources, level = _sources(path), proof.require(trusted=trusted)
    judge, remarks = _judge(project, images, options), []
    try:
        if level == "none":
            sys.path.insert(0, str(_folder(path)))
            with contextlib.chdir(_folder(path)):
                found = judge(_beside(sources, project, remarks))
        else:
            found = _isolated(path, sources, project, judge, level, limits or Limits(), remarks)
    except CheckFailed as failure:
        sentence = ABSENT.format(project) if isinstance(failure, Missing) else failure
        raise CourseError(" ".join([f"{visible(str(path))}: {sentence}", *remarks])) from None
    for remark in remarks:
        say(remark)
    return found


def _judge(project: str, images: str, options: dict) -> Callable[[Answer], Measured]:
    if project == "agent":
        return lambda answer: your_own_agent.measure(answer, **{"episodes": 100, "seed": 1} | options)
    seen, _, x, _ = data.digits() if images == "digits" else data.fashion_mnist()
    x, options = x[:: max(1, len(x) // options.pop("most", 500))], {"draws": 500, "samples": 64, "seed": 1} | options
    return lambda answer: your_own_generator.measure(answer, x, seen, **options)


def _beside(sources: dict[str, str], project: str, remarks: list[str]) -> Here:
    """Run the code in this process, for its owner, where no other can be had; what stops a cell stops it alone."""
    space = {"__name__": "__main__"}
    for name, source in sources.items():
        try:
            exec(compile(source, "<cell>", "exec"), space)
        except Exception as error:
            remarks[:] = remarks or [STOPS.format(name, type(error).__name__, error)]
    _tell(project)
    return Here(space.get(project), project, desk=Desk(space))


def _tell(project: str) -> None:
    if progress.is_watched():
        print(ASKED.format(f"{project}()"), file=sys.stderr, flush=True)


def _isolated(
    path: Path, sources: dict[str, str], project: str, judge: Callable, level: str, limits: Limits, remarks: list[str]
) -> Measured:
    from course.grading.running.session import Died, Killed, Session, Stuck  # Linux alone has it
    from course.grading.sandbox import warm

    end = time.monotonic() + limits.notebook_seconds
    try:
        with Session(level, limits, end) as session:
            left_out = _bring(session, path)
            for name, source in progress.bar("running the cells", sources.items(), unit="cell"):
                remarks += _run(session, name, source)
            remarks[1:] = left_out[:2]  # after the first cell that stops, if one does
            _tell(project)
            return judge(Asked(session, min(end, time.monotonic() + limits.cell_seconds), project))
    except (Died, Killed):
        raise CheckFailed(DIED) from None
    except Stuck:
        raise CheckFailed(LATE) from None
    except warm.Unavailable as error:
        raise CourseError(f"Nothing can be measured here now: {error}.") from None


def _sources(path: Path) -> dict[str, str]:
    """Return the code of a notebook cell by cell, but for its checks; or of a module; with what a sentence calls it."""
    notebooks = sorted(path.glob("*.ipynb")) if path.is_dir() else []
    path = notebooks[0] if len(notebooks) == 1 else path
    if not path.is_file():
        raise CourseError(f"There is no file {visible(str(path))}; name a notebook, or a Python file.")
    try:
        if path.suffix == ".py":
            return {"The file": path.read_text(encoding="utf-8")}
        notebook = cells.read(path)
    except (OSError, ValueError) as error:
        raise CourseError(f"{visible(str(path))} cannot be read: {error}.") from None
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return {
        f"Code cell {number}": cell.source
        for number, cell in enumerate(code, 1)
        if not cell.get("id", "").endswith("-check")
    }


def _run(session, name: str, source: str) -> list[str]:
    """Run one cell; return the sentence of what stopped it, if anything did."""
    from course.grading.running.session import Stuck, claimed_error

    answer, late = session.ask({"do": "cell", "source": source, "most": session.limits.output, "sets": []})
    if late:
        raise Stuck
    error = claimed_error(answer)
    return [STOPS.format(name, error[0], " ".join(error[1].split())[:200])] if error else []


def _folder(path: Path) -> Path:
    return path.resolve() if path.is_dir() else path.resolve().parent


def _bring(session, path: Path) -> list[str]:
    """Put what would be handed in with a notebook or module beside it there, too; return what was left out, and why."""
    from course.grading.running import runner

    found, notes = collect.with_notes(collect.gather(_folder(path)))
    if notes.refused:
        raise CourseError(f"{visible(str(path))} cannot be measured with what lies beside it. {notes.refused}")
    found, shadows = without_shadows(found)
    for name, content in found.items():
        runner.put(session, name, content)
    return notes.left_out + shadows
