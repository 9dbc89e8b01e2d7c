"""Grade notebooks on this machine for their owner: choose the lesson, then take the same step as for a class."""

import json
import time
from collections.abc import Callable
from pathlib import Path

from course import paths, words
from course.errors import CourseError
from course.grading import bundle, titles
from course.grading.grade import Outcome, grade_one
from course.grading.limits import Limits
from course.grading.result import Result
from course.grading.sandbox import proof
from course.grading.submission import cells, names, pick
from course.learner import points

ALONE = "The notebook was graded without the files beside it: {} has more of them than a submission may have."


class OfNoLesson(CourseError):
    """A notebook has no exercise of this course."""


def grade(submission: Path, root: Path, **options) -> Result:
    """Grade one notebook; the arguments are those of `outcome`."""
    return outcome(submission, root, **options).result


def outcome(
    submission: Path,
    root: Path,
    *,
    limits: Limits | None = None,
    trusted: bool = False,
    everything: bool = False,
    folder: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Outcome:
    """Grade one notebook, and keep what its execution gave.

    Args:
        submission: a filled release, under any name.
        root: the course folder, whose checks are used, hidden tests included.
        limits: what the submission may use up.
        trusted: run it even where nothing isolates it.
        everything: run also the course's own cells that no check depends on, for their figures.
        folder: what is handed in, with the notebook somewhere in it; by default the notebook's own folder.
        say: takes a line if somebody else's notebook runs with less isolation than there could be.

    Raises:
        CourseError: if the file is no notebook of this course, or nothing isolates somebody else's notebook here.
    """
    opened = _opened(submission, folder)
    lesson = _lesson(submission, opened, root)
    is_own = paths.is_own(root, submission)
    level = proof.require(trusted=trusted or is_own, **({} if is_own else {"say": say}))
    made = bundle.make(root, lesson)
    name = words.one_line(str(submission))
    found = grade_one(made, opened, name=name, limits=limits, isolation=level, everything=everything)
    if made.visible_only:
        points.without_forms(found.result, made.notebook())
    return found


def head(result: Result, path: Path, root: Path) -> str:
    """Return a result's first line: the lesson's title, and what was graded in which state."""
    title = titles.of_lesson(cells.read(paths.release_path(root, result.lesson)), result.lesson)
    place = path.relative_to(root) if path.is_relative_to(root) else result.submission
    return f"{title} · {place}, saved {time.strftime('%d %b %H:%M:%S', time.localtime(path.stat().st_mtime))}"


def model_answers(result: Result, submission: Path, root: Path) -> list[str]:
    """Return the model answer and its rubric for each written answer of a learner's own work, once it is written.

    Where there are no solutions, as in a class's copy, there is nothing to return.
    """
    path = paths.solution_path(root, result.lesson)
    if not path.exists() or not paths.is_own(root, submission):
        return []
    texts = {cell.id: cell.source for cell in cells.read(path).cells}
    return [
        f"\nTo compare with your answer {answer.title or answer.id}:\n\n{cells.without_marks(texts[answer.id])}"
        for answer in result.written
        if answer.answered and answer.id in texts
    ]


def _opened(submission: Path, folder: Path | None) -> pick.Opened:
    """Read a notebook and what lies beside it, or deeper, as for a class; whoever names one file means it.

    Raises:
        CourseError: if it is not there, or cannot be graded.
    """
    if submission.is_dir() or not submission.exists():
        return pick.opened(pick.gather(submission))
    is_link = submission.is_symlink()  # its owner has made it; what lies beside the file itself goes along
    notebook = submission.resolve() if is_link else submission
    folder = notebook.parent if is_link or folder is None else folder
    name = names.in_unicode(notebook.relative_to(folder).as_posix())
    try:
        return pick.opened(pick.gather(folder), meant=name)
    except pick.Refused:
        opened = pick.opened(pick.gather(notebook), meant=names.in_unicode(notebook.name))
        opened.left_out.append(ALONE.format(names.visible(str(folder))))
        return opened


def as_json(results: list[Result]) -> str:
    return json.dumps([result.to_dict() for result in results], indent=2, ensure_ascii=False) + "\n"


def _lesson(submission: Path, opened: pick.Opened, root: Path) -> str:
    """Return the lesson of which the submission has most exercises.

    Raises:
        CourseError: if it has none of any lesson.
    """
    releases = {path.stem: cells.read(path) for path in sorted((root / "notebooks").glob("*/*.ipynb"))}
    shared = pick.exercises_by_lesson(opened, releases, str(submission))
    best = max(shared, key=shared.get, default=None)
    if best is None or not shared[best]:
        raise OfNoLesson(f"{names.visible(str(submission))} has no exercise of this course; is it the right file?")
    return best
