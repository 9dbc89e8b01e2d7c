"""Where a learner stands: `work/overview.md`, on which JupyterLab opens, and the last lines of `course grade`."""

from dataclasses import dataclass
from pathlib import Path

from course import files, paths
from course.errors import CourseError
from course.grading import titles
from course.grading.submission import cells, notebook
from course.grading.submission.cells import is_grade, is_solution
from course.learner import points
from course.words import counted

PLACE = "work/overview.md"
NOT_STARTED = "not started"

PAGE = """\
# Where am I?

**{score} of {total} points.** {following}

| lesson | time | points | |
|:--|--:|--:|:--|
{rows}

**Validate** at the top of a lesson counts its points, and this page follows. **Grade All** above this page counts those
of all lessons that you have begun{hidden}; `course grade` in a terminal (File → New → Terminal) does the same, and says
what is wrong. What you answer in words a person grades; it counts in no total here.

To start an exercise again, run `course reset NAME` with the name of its function: your answer is kept in a file beside
the notebook.{solutions}
"""
HIDDEN = ", and tries other numbers, too"
SOLUTIONS = """ When you have tried one, `course compare NAME` shows the model answer beside yours. The solved
lessons, with every figure, are in the folder `solutions/`; a lesson that you have begun has a link to its own."""


@dataclass
class Standing:
    """How far a learner is in a lesson; `changed` is when work was last saved in it, in seconds, or 0 for never."""

    name: str
    title: str
    time: str
    score: int
    total: int
    state: str
    changed: float

    @property
    def is_done(self) -> bool:
        return self.state.startswith("done")


def write(root: Path) -> None:
    """Write the overview anew.

    Raises:
        CourseError: if it cannot be written.
    """
    try:
        files.write(root / PLACE, page(root))
    except OSError as error:
        raise CourseError(f"{root / PLACE} cannot be written: {error.strerror}.") from None


def page(root: Path) -> str:
    """Return the overview as Markdown."""
    standings = standing(root)
    has_solutions = (root / "solutions").is_dir()
    return PAGE.format(
        score=sum(one.score for one in standings),
        total=sum(one.total for one in standings),
        following=_following(standings),
        rows="\n".join(_row(root, one) for one in standings),
        hidden=HIDDEN if has_solutions else "",
        solutions=SOLUTIONS if has_solutions else "",
    )


def standing(root: Path) -> list[Standing]:
    """Return how far the learner is, lesson by lesson, from what was validated or graded last."""
    found = []
    for release in sorted((root / "notebooks").glob("*/*.ipynb")):
        try:
            found.append(_standing(root, release))
        except CourseError:  # a release that cannot be read: `course lab` tells of it
            continue
    return found


def lines(root: Path) -> list[str]:
    """Return the overview for a terminal: a line a lesson, and the sum."""
    standings = standing(root)
    width = max((len(one.title) for one in standings), default=0)
    score, total = sum(one.score for one in standings), sum(one.total for one in standings)
    shown = [
        f"  {one.title:<{width}}  {f'{one.score} / {one.total}':>9}  {one.state.replace('*', '')}".rstrip()
        for one in standings
    ]
    return ["", *shown, f"  {'all lessons':<{width}}  {f'{score} / {total}':>9}"]


def newer(root: Path, name: str) -> list[str]:
    """Return a sentence if another notebook beside a learner's copy was saved later than the copy itself."""
    own = paths.own_path(root, name)
    others = [path for path in own.parent.glob("*.ipynb") if path != own and ".before-update" not in path.name]
    latest = max(others, key=lambda path: path.stat().st_mtime, default=own)
    if latest.stat().st_mtime <= own.stat().st_mtime:
        return []
    return [
        f"{latest.relative_to(root)} is newer than {own.name} and was not graded; "
        "name it behind 'course grade' if that is where you work."
    ]


def _standing(root: Path, release: Path) -> Standing:
    lesson, name = cells.read(release), release.stem
    known, own, changed, mine = points.read(root, name), None, 0.0, paths.own_path(root, name)
    try:
        own = notebook.as_it_is(mine.read_bytes())[0]
        changed = mine.stat().st_mtime if cells.holds_work(own) else 0.0
        state = ""
    except notebook.Damaged:
        state = "cannot be read"
    except OSError:
        state = NOT_STARTED
    known = known if changed else None  # what is as the course gives it has no points
    earned = {exercise.id: exercise.points for exercise in known.result.exercises} if known else {}
    by_form = {exercise.id for exercise in known.result.exercises if exercise.by_form} if known else set()
    answered = {answer.id for answer in known.result.written if answer.answered} if known else set()
    score, total, left, words = 0, 0, 0, 0
    for cell in filter(is_grade, lesson.cells):
        most, exercise = int(cell.metadata.nbgrader.points), cell.id.removesuffix("-check")
        if is_solution(cell):
            words += cell.id not in answered
        else:
            score, total = score + min(earned.get(exercise, 0), most), total + most
            left += earned.get(exercise, 0) < most and exercise not in by_form
    if not state:
        state = _state(known, own, is_begun=changed > 0, left=left, words=words, waiting=len(by_form))
    title = titles.of_lesson(lesson, name)
    return Standing(name, title, titles.time_of(lesson), score, total, state, changed)


def _state(known: points.Known | None, own, *, is_begun: bool, left: int, words: int, waiting: int) -> str:
    """Return in a few words what is still to do in a lesson, and how much waits for whoever grades it."""
    if not is_begun:
        return NOT_STARTED
    if known is None:
        return "begun; press **Validate**"
    if known.digest != points.digest(own):
        return "changed since; press **Validate** again"
    todo = [counted(left, "exercise")] if left else []
    todo += [counted(words, "answer") + " in words"] if words else []
    state = f"{' and '.join(todo)} left" if todo else "done"
    return f"{state}; {counted(waiting, 'exercise')} for your instructor to judge" if waiting else state


def _following(standings: list[Standing]) -> str:
    """Return what comes next: where the learner worked last, until it is done, or else the first lesson not done."""
    latest = max(standings, key=lambda one: one.changed, default=None)
    if latest is None:
        return ""
    place = standings.index(latest)
    todo = [one for one in standings[place:] + standings[:place] if not one.is_done]
    if not todo:
        return "All is done."
    time = f", {todo[0].time}" if todo[0].time else ""
    return f"{'Go on with' if todo[0].changed else 'Next'}: {_link(todo[0])}{time}."


def _row(root: Path, one: Standing) -> str:
    mark = "✓ " if one.is_done else ""
    solved = f" · [solution](../solutions/{one.name}/{one.name}.ipynb)"
    solution = solved if one.changed and paths.solution_path(root, one.name).exists() else ""
    return f"| {_link(one)} | {one.time} | {one.score} / {one.total} | {mark}{one.state}{solution} |"


def _link(one: Standing) -> str:
    return f"[{one.title.replace('|', '/')}]({one.name}/{one.name}.ipynb)"
