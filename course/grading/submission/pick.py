"""Take in a submission: read it without following or unpacking anything, and pick the notebook that is to be graded.

A submission in transit is a mapping from names to contents, so that it can travel to another machine. What was left out
on the way travels with it, under a name that no file can have. Whatever cannot be graded ends as one sentence for the
student who handed it in.
"""

import functools
import posixpath
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from course.errors import CourseError
from course.grading.bundle import Bundle
from course.grading.submission import collect, names, notebook, rebuild
from course.grading.submission.match import exercises_in
from course.grading.submission.names import visible

UNPACK = "unpack it and hand in the notebook itself"
INSTEAD = {
    ".zip": UNPACK, ".gz": UNPACK, ".tar": UNPACK, ".tgz": UNPACK, ".7z": UNPACK, ".rar": UNPACK,
    ".html": "hand in the notebook and not a page made from it",
    ".pdf": "hand in the notebook and not a print of it",
    ".py": "hand in the notebook and not a script made from it",
}  # fmt: skip


class Refused(CourseError):
    """Why a submission cannot be graded, for the student."""


@dataclass
class Submission:
    """A notebook to grade, and what came with it.

    Attributes:
        notebook: the release with the student's own text.
        extras: the other files that its code may read, by their names in the submission.
        flags: sentences for a person on what was odd.
        name: the name of the notebook's file.
        folder: the folder of the submission in which it lies; empty for the submission's own.
    """

    notebook: NotebookNode
    extras: dict[str, bytes] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    name: str = ""
    folder: str = ""


def gather(path: Path) -> dict[str, bytes]:
    """Read a notebook or a submission's folder; whatever is odd in it is noted for `read`.

    Args:
        path: a file or folder, which somebody else may have filled.

    Raises:
        CourseError: if there is nothing at this path.
    """
    return collect.gather(path)


@dataclass
class Opened:
    """A submission whose notebooks are parsed: with what was odd about each, or with a sentence on what is damaged."""

    files: dict[str, bytes]
    left_out: list[str]
    meant: str = ""
    parsed: dict[str, tuple[NotebookNode, list[str]]] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)


def opened(files: dict[str, bytes], *, meant: str = "") -> Opened:
    """Parse every notebook of what `gather` returned.

    Args:
        files: by name.
        meant: the one notebook that is to be graded, whatever it is called; empty where that is to be found out.

    Raises:
        Refused: if nothing in it can be graded, with the reason.
    """
    files, notes = collect.with_notes(files)
    if notes.refused:
        raise Refused(notes.refused)
    found = Opened(files, notes.left_out, meant)
    for name in sorted(name for name in files if (name == meant if meant else _may_be_notebook(name, files[name]))):
        try:
            beside = functools.partial(_beside, files, name)
            found.parsed[name] = notebook.notebook(files[name], beside=beside)
        except notebook.Damaged as damage:
            found.damaged[name] = f"{visible(name)} {damage}"
    return found


def read(submission: Opened, bundle: Bundle) -> Submission:
    """Pick the notebook of a submission, and put the student's text into the release.

    Args:
        submission: what `opened` returned.
        bundle: the lesson that it should be.

    Raises:
        Refused: if there is none that could be graded, with the reason.
    """
    release = bundle.notebook()
    found = {
        name: _candidate(name, release, own, flags)
        for name, (own, flags) in submission.parsed.items()
        if exercises_in(release, own)
    }
    if not found:
        raise Refused(_why(submission, submission.parsed, submission.damaged, bundle.lesson))
    best = max(found.values(), key=lambda one: (one.answers, _nearness(one.name, bundle.lesson), one.length))
    others = [] if submission.meant else _about_others(best, found, submission.damaged, bundle.lesson)
    folder, _, _ = best.name.rpartition("/")
    files = {name: content for name, content in submission.files.items() if name != best.name}
    extras, shadows = names.without_shadows(files, folder)
    flags = submission.left_out + others + best.flags + shadows + best.remarks
    return Submission(best.notebook, extras, flags, best.name, folder)


def exercises_by_lesson(submission: Opened, releases: dict[str, NotebookNode], called: str) -> dict[str, int]:
    """Return how many exercises of each lesson the submission's notebooks have.

    Args:
        submission: what `opened` returned.
        releases: the lessons' releases by name.
        called: how a sentence names a submission that is a single file.

    Raises:
        Refused: if no notebook in it can be parsed, with the reason.
    """
    if not submission.parsed:
        damaged = dict(submission.damaged)
        if len(damaged) == 1:
            (name, sentence), damaged = damaged.popitem(), {}
            damaged[called] = sentence.replace(visible(name), visible(called), 1)
        raise Refused(_why(submission, {}, damaged, "the lesson"))
    return {
        lesson: max(exercises_in(release, notebook) for notebook, _ in submission.parsed.values())
        for lesson, release in releases.items()
    }


@dataclass
class _Candidate:
    """A notebook of the lesson, rebuilt: how many answers it holds, and how many characters these have."""

    name: str
    notebook: NotebookNode
    flags: list[str]
    remarks: list[str]
    answers: int
    length: int


def _beside(files: dict[str, bytes], notebook: str, name: str) -> bytes | None:
    """Return the file that a notebook means by a relative name, or None."""
    return files.get(posixpath.normpath(posixpath.join(posixpath.dirname(notebook), name)))


def _is_named_so(name: str) -> bool:
    return ".ipynb" in name.rsplit("/", 1)[-1].casefold()


def _may_be_notebook(name: str, content: bytes) -> bool:
    """Tell whether to look into a file: browsers and people add endings, or take them away."""
    return _is_named_so(name) or (content.lstrip()[:1] == b"{" and b'"cells"' in content)


def _why(submission: Opened, others: dict, damaged: dict[str, str], lesson: str) -> str:
    """Return why there is nothing to grade, from what comes nearest to being the notebook."""
    nearest = sorted([*others, *damaged], key=lambda name: _nearness(name, lesson))
    if nearest:
        name = nearest[-1]
        return damaged.get(name, f"{visible(name)} has no exercise of {lesson}; is it the right file?")
    for name in sorted(submission.files):
        advice = INSTEAD.get(Path(name).suffix.casefold())
        if advice:
            return f"There is no notebook in this submission, only {visible(name)}: {advice}."
    return " ".join(
        [*submission.left_out[:3], f"There is no notebook in this submission; hand in the one of {lesson}."]
    )


def _candidate(name: str, release: NotebookNode, own: NotebookNode, flags: list[str]) -> _Candidate:
    """Put a notebook's text into the release, and count what it holds."""
    built, remarks = rebuild.rebuild(release, own)
    base = {cell.id: cell.source for cell in release.cells}
    texts = [cell for cell in built.cells if cell.source != base.get(cell.id)]
    answers = sum("nbgrader" in cell.metadata for cell in texts)
    return _Candidate(name, built, flags, remarks, answers, sum(len(cell.source) for cell in texts) if answers else 0)


def _nearness(name: str, lesson: str) -> tuple[bool, bool, int]:
    """Return how near a file's name comes to what it should be."""
    return name == f"{lesson}.ipynb", name.casefold().endswith(".ipynb"), -name.count("/")


def _about_others(best: _Candidate, found: dict[str, _Candidate], damaged: dict[str, str], lesson: str) -> list[str]:
    """Return sentences on a name that is not the lesson's, and on other notebooks that were not graded."""
    flags = []
    if best.name != f"{lesson}.ipynb":
        flags.append(f"The notebook is named {visible(best.name)} and not {lesson}.ipynb; it was graded all the same.")
    answered = [visible(one.name) for one in found.values() if one is not best and one.answers]
    if answered:
        flags.append(f"{visible(best.name)} was graded, which holds most answers; there is also {', '.join(answered)}.")
    return flags + [f"{sentence} {visible(best.name)} was graded." for sentence in damaged.values()]
