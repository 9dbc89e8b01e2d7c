"""What comes of grading one submission, and how a terminal shows it."""

from dataclasses import asdict, dataclass, field

from nbformat import NotebookNode

from course.grading import titles
from course.grading.submission.cells import is_grade, is_solution
from course.words import broken, visible_text


@dataclass
class Exercise:
    """The points of one exercise; `message` is the failed check's sentence, or empty.

    Where `by_form`, the answer was looked at for its form alone: that is right, and earns nothing yet.
    """

    id: str
    points: int
    max_points: int
    message: str
    title: str = ""
    by_form: bool = False


@dataclass
class Written:
    """An answer in prose, which a person grades: its points count in no total here."""

    id: str
    max_points: int
    answered: bool
    title: str = ""


@dataclass
class Result:
    """What came of one submission.

    `flags` are sentences on what was odd about it, `isolation` is the level at which its code ran, and `refused` is the
    sentence for a submission that could not be graded at all.
    """

    submission: str
    lesson: str
    exercises: list[Exercise]
    written: list[Written] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    isolation: str = "none"
    refused: str = ""

    @classmethod
    def of_nothing(cls, submission: str, release: NotebookNode, lesson: str, sentence: str = "", **more) -> "Result":
        """Return the result for a lesson without any answer: no points, and the sentence for each exercise."""
        named, found = titles.of(release), cls(submission, lesson, [], **more)
        for cell in filter(is_grade, release.cells):
            points, own = int(cell.metadata.nbgrader.points), cell.id.removesuffix("-check")
            if is_solution(cell):
                found.written.append(Written(own, points, False, named.get(own, "")))
            else:
                found.exercises.append(Exercise(own, 0, points, sentence, named.get(own, "")))
        return found

    @property
    def score(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def max_score(self) -> int:
        return sum(exercise.max_points for exercise in self.exercises)

    def to_dict(self) -> dict:
        """Return the result as plain data for JSON, totals included."""
        head = {"submission": self.submission, "lesson": self.lesson, "score": self.score, "max_score": self.max_score}
        return head | asdict(self)

    @classmethod
    def from_dict(cls, data: dict) -> "Result":
        """Return the result that `to_dict` described; the totals are computed anew."""
        plain = {key: value for key, value in data.items() if key not in ("score", "max_score")}
        plain["exercises"] = [Exercise(**entry) for entry in plain["exercises"]]
        plain["written"] = [Written(**entry) for entry in plain.get("written", [])]
        return cls(**plain)


def table(result: Result, *, head: str = "", columns: int = 0) -> str:
    """Return the result as lines for a terminal.

    Args:
        result: what came of a submission.
        head: the first line, in the place of the lesson's and the submission's names.
        columns: where lines are broken, between words; 0 breaks none.
    """
    width = max((len(entry.title or entry.id) for entry in [*result.exercises, *result.written]), default=5)
    lines = [head or f"{result.lesson} · {result.submission}"]
    for exercise in result.exercises:
        mark = "◦" if exercise.by_form else "✗" if exercise.message else "✓"
        points = f"{'–' if exercise.by_form else exercise.points} / {exercise.max_points}"
        lines.append(
            f"  {mark} {exercise.title or exercise.id:<{width}}  {points}  {_indented(exercise.message)}".rstrip()
        )
    lines += [
        f"  … {answer.title or answer.id:<{width}}  – / {answer.max_points}  "
        + ("A written answer: a person grades it." if answer.answered else "A written answer, not filled in yet.")
        for answer in result.written
    ]
    lines += [f"  ! {_indented(flag)}" for flag in result.flags]
    lines.append(f"  {'total':<{width + 2}}  {result.score} / {result.max_score}")
    if result.isolation == "none":
        lines.append("  It ran without isolation, as any program that you start.")
    text = visible_text("\n".join(lines))
    return "\n".join(broken(line, columns, indent=8) for line in text.split("\n"))


def _indented(text: str) -> str:
    """Return a text of which no line can be taken for one of the table's own."""
    return text.replace("\n", "\n      ")
