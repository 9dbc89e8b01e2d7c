"""One submission in, one result out: no gradebook, no course folder, nothing that outlives the call."""

import re
import sys
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_output

from course.grading import titles
from course.grading.bundle import Bundle
from course.grading.limits import Limits
from course.grading.result import Exercise, Result, Written
from course.grading.running import kernel, outputs, runner, skip
from course.grading.running.seen import Ran
from course.grading.running.session import Killed
from course.grading.submission import cells, pick
from course.grading.submission.cells import is_grade, is_solution
from course.grading.submission.names import visible

OF_CHECKS = {"CheckFailed", "Unfilled", "Missing", "Raised"}  # their text is a whole sentence
TOO_LONG = "This took too long and was interrupted; does a loop in it never end?"
DIED = "The process ended while this ran; look for os._exit(), or for far more memory or processes than are needed."
KILLED = (
    "The machine ended this twice while it ran, though it kept its limits; is there enough memory? "
    "Nothing counts until a person has looked."
)
CELL_CUT = "\n… the rest of this cell is too long to be shown."
OUT_OF_TIME = "The notebook as a whole took too long, so this was not reached; does a cell above never end?"
MISSING = "The package {} is not installed here, and no file of that name was handed in; what needs it could not run."
ABSENT = re.compile(r"^(?:No module named '([\w.]+)'|'(widget|ipympl)' is not a recognised)")
MOST_NAMED = 5
ENDED = "the process ended while this ran, and what follows ran without it."
TOO_OFTEN = "The process ended again and again while this notebook ran, so nothing after the last time was reached."
VISIBLE_ONLY = "Only the visible checks were run; the hidden ones are with the solutions, which are not here."


@dataclass
class Outcome:
    """The result, and the notebook as it was executed (None where nothing was).

    `unsure` tells that the machine failed and not the submission: a person looks, and it is graded anew the next time.
    """

    result: Result
    executed: NotebookNode | None
    unsure: bool = False


def grade_one(
    bundle: Bundle,
    files: dict[str, bytes] | pick.Opened,
    *,
    name: str,
    limits: Limits | None = None,
    isolation: str = "none",
    everything: bool = False,
) -> Outcome:
    """Grade one submission.

    Args:
        bundle: the lesson.
        files: the submission's files, by name, or what became of them when they were opened.
        name: whose submission it is, as the result shall call it.
        limits: what it may use up.
        isolation: the level at which its code runs.
        everything: run also the course's own cells that no check depends on, for their figures.

    Returns:
        The outcome; whatever a submission does, it ends here as sentences in a result.
    """
    limits = limits or Limits()
    try:
        submission = pick.read(files if isinstance(files, pick.Opened) else pick.opened(files), bundle)
    except pick.Refused as refusal:
        return Outcome(refused(bundle, name, str(refusal), isolation), None)
    notebook, flags = submission.notebook, submission.flags
    if isolation == "none" and not sys.platform.startswith("linux"):
        ran = kernel.run(notebook, bundle, submission.extras, limits=limits, folder=submission.folder)
    else:
        spare = set() if everything else skip.spare(bundle, notebook)
        extras, folder = submission.extras, submission.folder
        try:
            ran = runner.run(notebook, bundle, extras, limits=limits, level=isolation, spare=spare, folder=folder)
        except Killed:
            return Outcome(refused(bundle, name, KILLED, isolation), None, unsure=True)
    _tell_ends(notebook, ran)
    for cell in notebook.cells:
        cell.source = outputs.shorter(cell.source, CELL_CUT)
    named = titles.of(bundle.notebook())
    exercises, written = [], []
    for index, cell in enumerate(notebook.cells):
        if not is_grade(cell):
            continue
        points = int(cell.metadata.nbgrader.points)
        if is_solution(cell):
            answered = not cells.is_untouched(cell)
            written.append(Written(cell.id, points, answered, named.get(cell.id, "")))
        else:
            own, message = cell.id.removesuffix("-check"), _message(notebook, index, ran)
            exercises.append(Exercise(own, 0 if message else points, points, message, named.get(own, "")))
    flags = [titles.put(flag, named) for flag in flags + _suspicions(notebook, ran)]
    flags = [VISIBLE_ONLY, *flags] if bundle.visible_only else flags
    return Outcome(Result(name, bundle.lesson, exercises, written, flags, isolation), notebook)


def refused(bundle: Bundle, name: str, sentence: str, isolation: str) -> Result:
    """Return a result in which every exercise has 0 points and the sentence."""
    notebook, exercises, written = bundle.notebook(), [], []
    named = titles.of(notebook)
    for cell in filter(is_grade, notebook.cells):
        points, own = int(cell.metadata.nbgrader.points), cell.id.removesuffix("-check")
        if is_solution(cell):
            written.append(Written(cell.id, points, False, named.get(cell.id, "")))
        else:
            exercises.append(Exercise(own, 0, points, sentence, named.get(own, "")))
    return Result(name, bundle.lesson, exercises, written, [], isolation, refused=sentence)


def _message(notebook: NotebookNode, check: int, ran: Ran) -> str:
    """Return why a check failed, or nothing; an error in the exercise's own cell explains more than what follows."""
    exercise_id = notebook.cells[check].id.removesuffix("-check")
    exercise = next(index for index, cell in enumerate(notebook.cells) if cell.id == exercise_id)
    if {exercise, check} & ran.died:
        return DIED
    if check in ran.late or (exercise in ran.late and check in ran.errors):
        return TOO_LONG
    if check >= ran.first_unreached:
        return TOO_OFTEN if len(ran.died) > runner.MOST_DEATHS else OUT_OF_TIME
    error = ran.errors.get(check)
    if error is None:
        return ""
    name, text = error
    if name in ("Missing", "NameError") and exercise in ran.errors:
        return "Your cell stops with {}: {}".format(*ran.errors[exercise])
    return text if name in OF_CHECKS else f"{name}: {text}"


def _tell_ends(notebook: NotebookNode, ran: Ran) -> None:
    """Have each cell that did not come to its end say so, where its student reads the notebook."""
    for sentence, ended in ((DIED, ran.died), (TOO_LONG, ran.late)):
        for index in ended:
            notebook.cells[index].outputs.append(new_output("stream", name="stderr", text=sentence + "\n"))


def _missing(notebook: NotebookNode) -> list[str]:
    """Return the packages and modules that a notebook imports and that were not there, as its outputs tell."""
    told = [output.evalue for cell in notebook.cells for output in cell.get("outputs", []) if "ename" in output]
    found = [ABSENT.match(text) for text in told]
    return list(dict.fromkeys(one[1] or "ipympl" for one in found if one))[:MOST_NAMED]


def _suspicions(notebook: NotebookNode, ran: Ran) -> list[str]:
    """Return a sentence for a person for each thing in a run that was not as it should be."""
    found = [f"{visible(name)} could not be put beside the notebook." for name in ran.not_there]
    found += [MISSING.format(visible(name)) for name in _missing(notebook)]
    found += [f"{visible(notebook.cells[index].id)}: {ENDED}" for index in sorted(ran.died)]
    return found + ([TOO_OFTEN] if len(ran.died) > runner.MOST_DEATHS else [])
