"""Grade notebooks on this machine for their owner: choose the lesson, then take the same step as for a class."""

import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from course import paths
from course.errors import CourseError
from course.grading import bundle, titles
from course.grading.grade import Outcome, grade_one
from course.grading.limits import Limits
from course.grading.result import Result
from course.grading.sandbox import proof
from course.grading.submission import cells, collect, names, pick
from course.learner import points

ALONE = "The notebook was graded without the files beside it: {} has more of them than a submission may have."
SKIPPED_FOLDERS = {".ipynb_checkpoints", ".venv"}


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
    name = names.one_line(str(submission))
    found = grade_one(made, opened, name=name, limits=limits, isolation=level, everything=everything)
    if made.visible_only:
        points.without_forms(found.result, made.notebook())
    return found


def begun(root: Path) -> list[Path]:
    """Return the learner's notebooks in which there is work, and those that cannot be read.

    Raises:
        CourseError: if there is no work/.
    """
    if not (root / "work").is_dir():
        raise CourseError("There is no folder work/ yet; 'course lab' makes it, with your copies of the lessons.")
    return [path for path in sorted((root / "work").glob("*/*.ipynb")) if _is_begun(root, path)]


def _is_begun(root: Path, path: Path) -> bool:
    if path.stem != path.parent.name or not paths.release_path(root, path.stem).exists():
        return False
    mine = points.own_lesson(root, path)
    return mine is None or cells.holds_work(mine[1])


def meant(root: Path, path: Path) -> Path:
    """Return the file or folder that a learner means: from where the terminal is, from the course's folder or work/."""
    places = (path, root / path, root / "work" / path)
    return next((place for place in places if os.path.lexists(place)), path)


def head(result: Result, path: Path, root: Path) -> str:
    """Return a result's first line: the lesson's title, and what was graded in which state."""
    title = titles.of_lesson(cells.read(paths.release_path(root, result.lesson)), result.lesson)
    place = path.relative_to(root) if path.is_relative_to(root) else result.submission
    return f"{title} · {place}, saved {time.strftime('%d %b %H:%M:%S', time.localtime(path.stat().st_mtime))}"


def notebooks_in(paths: Iterable[Path]) -> dict[Path, Path]:
    """Return the notebooks that the paths name or, for folders, contain, each with the folder that is handed in.

    That is the folder that was named, where it holds one notebook, or else the notebook's own.

    Raises:
        CourseError: if a path does not exist or a folder holds no notebook.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if not os.path.exists(path):
            raise CourseError(f"There is no file or folder {names.visible(str(path))}.")
        inside = _below(path) if path.is_dir() else [path]
        inside = [
            notebook
            for notebook in inside
            if not SKIPPED_FOLDERS & set(notebook.parts)
            and (not path.is_dir() or ".before-update" not in notebook.name)
        ]
        if not inside:
            raise CourseError(f"The folder {path} holds no notebook.")
        is_one = path.is_dir() and len(inside) == 1
        found |= {one: path if is_one else one.parent for one in inside if one not in found}
    return found


def _below(folder: Path) -> list[Path]:
    """Return the notebooks of a folder, as deep in it as a submission is read."""
    found = []
    for inside, folders, files in os.walk(folder):
        if len(Path(inside).relative_to(folder).parts) >= collect.DEEPEST:
            folders.clear()
        found += [Path(inside, name) for name in files if name.endswith(".ipynb")]
    return sorted(found)


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
