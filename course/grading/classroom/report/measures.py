"""What an instructor wants to know of a class: numbers, sentences and lists, made from what `gather` found."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import mean, median

import numpy as np

from course.grading.classroom.report import alike
from course.grading.classroom.report.gather import LEFT, SOLVED, STATES, TRIED, WAITING, Class, Item, Submission
from course.words import counted

MOST_SENTENCES = 10
MOST_PAIRS = 30
FEW = 30  # submissions below which a correlation is a hint at most: its standard error is near 1/√n
FEWEST = 3
FAR = 3  # times as late as nine of ten: a clock that is wrong, more often than not
SMALL = 20  # submissions below which being alike says little
STEPS = ((0.3, "well"), (0.2, "somewhat"), (0.0, "hardly"))
REVERSED = "the wrong way round: look at it"
NUMBER = re.compile(r"[-−]?\d[\d.,]*(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class Row:
    """One exercise: how many are in which state, and the item-rest correlation, or why there is none."""

    item: Item
    counts: dict[str, int]
    mean: float | None
    correlation: float | None
    verdict: str

    @property
    def average(self) -> str:
        return "–" if self.mean is None else f"{self.mean:.1f} / {self.item.most:g}"

    @property
    def number(self) -> str:
        return "–" if self.correlation is None else f"{self.correlation:.2f}"


@dataclass(frozen=True)
class Sentence:
    """A sentence that a check said, how many met it, and in which exercises."""

    text: str
    met: int
    places: list[str]


@dataclass
class Report:
    """All that page and terminal show.

    Attributes:
        many: how many submissions may have a passage that is shown as shared.
        days: from release to hand-in, in order; `drawn` are those without what came far later than the rest.
        notes: sentences for each part, on what is missing and why.
    """

    lesson: str
    title: str
    submissions: int
    most: float
    points: list[float]
    rows: list[Row]
    sentences: list[Sentence]
    more_sentences: int
    late: int
    pairs: list[tuple[str, str, alike.Pair]]
    more_pairs: int
    many: int
    days: list[float] = field(default_factory=list)
    drawn: list[float] = field(default_factory=list)
    due_day: float | None = None
    look: list[tuple[str, list[str]]] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def middle(self) -> float:
        return median(self.points)

    @property
    def headline(self) -> str:
        """The class in one line."""
        late = f", {self.late} of them late" if self.late else ""
        number = "1 submission" if self.submissions == 1 else f"{self.submissions} submissions"
        return f"{number}{late}; the median is {self.middle:g} of {self.most:g} points."

    @property
    def about_time(self) -> str:
        low, middle, high = (float(value) for value in np.quantile(self.days, [0.25, 0.5, 0.75]))
        return (
            f"Half had handed in after {middle:.1f} days, a quarter after {low:.1f}, three quarters after {high:.1f}."
        )

    @property
    def about_pairs(self) -> str:
        return (
            "Listed are pairs that share passages which are rare in this class, however names, comments and blanks "
            f"differ; what the release says is left out, and marked is what at most {self.many} have. The share is how "
            "much of the shorter one stands in the other. Short exercises have few right answers, and people learn "
            "together: read both, and ask."
        )


def measure(found: Class) -> Report:
    """Return the numbers of a class."""
    read = [one for one in found.submissions if not one.unread]
    sentences = _sentences(found, read)
    chosen = alike.pairs([one.answers for one in read], found.release)
    report = Report(
        lesson=found.lesson,
        title=found.title,
        submissions=len(found.submissions),
        most=sum(item.most for item in found.items),
        points=[one.points for one in found.submissions],
        rows=[_row(item, read, found.items) for item in found.items],
        sentences=sentences[:MOST_SENTENCES],
        more_sentences=max(0, len(sentences) - MOST_SENTENCES),
        late=sum(one.late > 0 for one in found.submissions),
        pairs=[(read[pair.first].name, read[pair.second].name, pair) for pair in chosen[:MOST_PAIRS]],
        more_pairs=max(0, len(chosen) - MOST_PAIRS),
        many=alike.many(len(read)),
    )
    _time(report, found)
    _look(report, found)
    _note(report, found, read)
    return report


def _row(item: Item, read: Sequence[Submission], items: Sequence[Item]) -> Row:
    entries = [one.entries[item.id] for one in read if item.id in one.entries]
    counts = Counter(entry.state for entry in entries)
    correlation, verdict = _correlation(item, read, items)
    average = mean(entry.points for entry in entries) if entries and not counts[WAITING] else None
    return Row(item, {state: counts[state] for state in STATES}, average, correlation, verdict)


def _correlation(item: Item, read: Sequence[Submission], items: Sequence[Item]) -> tuple[float | None, str]:
    """Return the correlation of an item's points with the points for all others, and what it says.

    What still waits for a person, from anybody, has none, and is left out of the others.
    """
    others = [
        other.id
        for other in items
        if other is not item
        and all(one.entries[other.id].points is not None for one in read if other.id in one.entries)
    ]
    if waiting := sum(one.entries[item.id].points is None for one in read if item.id in one.entries):
        return None, f"{waiting} {'waits' if waiting == 1 else 'wait'} for a person"
    pairs = [
        (one.entries[item.id].points, sum(one.entries[name].points for name in others if name in one.entries))
        for one in read
        if item.id in one.entries
    ]
    if len(pairs) < FEWEST:
        return None, f"too few graded answers ({len(pairs)})"
    own, rest = np.array(pairs, dtype=float).T
    if not others:
        return None, "there is no other exercise to compare with"
    if np.ptp(own) == 0 or np.ptp(rest) == 0:
        return None, f"everybody has the same points {'here' if np.ptp(own) == 0 else 'in all others'}"
    value = float(np.corrcoef(own, rest)[0, 1])
    verdict = next((words for least, words in STEPS if value >= least), REVERSED)
    return value, f"{verdict} ({len(pairs)} answers only)" if len(pairs) < FEW else verdict


def _sentences(found: Class, read: Sequence[Submission]) -> list[Sentence]:
    """Return what checks said, by how many met it; where a number was expected, the numbers make no difference."""
    titles = {item.id: item.title for item in found.items}
    met, wordings, places = defaultdict(set), defaultdict(Counter), defaultdict(Counter)
    for one in read:
        for name, entry in one.entries.items():
            if text := " ".join(entry.sentence.split()):
                kind = NUMBER.sub("#", text) if "expected" in text else text
                met[kind].add(one.name)
                wordings[kind][text] += 1
                places[kind][titles[name]] += 1
    rows = [
        Sentence(min(wordings[kind], key=lambda text: (-wordings[kind][text], text)), len(who), list(places[kind]))
        for kind, who in met.items()
    ]
    return sorted(rows, key=lambda row: (-row.met, row.text))


def _time(report: Report, found: Class) -> None:
    """Enter the days from release to hand-in, as the submissions themselves name the time."""
    notes, known = report.notes["time"], [one.handed_in for one in found.submissions if one.handed_in]
    if found.released is None:
        notes.append(
            "When students got the lesson is not known: name it with --released 'YYYY-MM-DD HH:MM', or release with "
            "'nbgrader release_assignment'."
        )
        return
    days = [(time - found.released).total_seconds() / 86400 for time in known]
    report.days = sorted(day for day in days if day >= 0)
    report.due_day = (found.due - found.released).total_seconds() / 86400 if found.due else None
    limit = max([1, report.due_day or 0, *([FAR * float(np.quantile(report.days, 0.9))] if report.days else [])])
    report.drawn = [day for day in report.days if day <= limit]
    notes.append(f"Students got it {found.released:%Y-%m-%d %H:%M} UTC; when they handed in is what their files say.")
    if missing := len(found.submissions) - len(known):
        notes.append(f"{missing} of {len(found.submissions)} submissions name no time.")
    if early := len(days) - len(report.days):
        notes.append(f"{early} of {len(found.submissions)} name a time before the release, so they are left out here.")
    if far := len(report.days) - len(report.drawn):
        notes.append(f"{far} of {len(found.submissions)} came after more than {limit:.0f} days, and are not drawn.")


def _look(report: Report, found: Class) -> None:
    """Enter who needs a look; those for whom something must be done come first, and who was just late is one line."""
    ranked = {one.name: list(_reasons(one)) for one in found.submissions}
    command = f"course grade-class {found.lesson}"
    ranked |= {name: [(0, f"Handed in and not graded; run: {command}")] for name in found.ungraded}
    order = sorted((min(reasons)[0], name) for name, reasons in ranked.items() if reasons)
    late = {one.name: duration(one.late) for one in found.submissions if one.late > 0}
    for _, name in order:
        why = [reason for _, reason in ranked[name]]
        report.look.append((name, [*why, *([f"Handed in late, by {late.pop(name)}."] if name in late else [])]))
    if late:
        names = ", ".join(f"{name} ({by})" for name, by in late.items())
        report.notes["look"].append(f"Late, and nothing else: {names}.")
    if found.missing:
        report.notes["look"].append(f"In the gradebook, and handed in nothing: {', '.join(found.missing)}.")


def _reasons(one: Submission) -> Iterable[tuple[int, str]]:
    """Yield what to look at, each with its rank: 0 is the first."""
    if one.unread:
        yield 0, f"Could not be read: {one.unread}"
    yield from ((1, remark) for remark in one.remarks)
    counts = Counter(entry.state for entry in one.entries.values())
    decided = len(one.entries) - counts[WAITING]
    if decided and counts[LEFT] == decided:
        yield 2, "Has left every exercise."
    elif decided and 4 * counts[SOLVED] < decided:
        yield 2, f"Has solved {counts[SOLVED]} of {decided}, tried {counts[TRIED]} more and left {counts[LEFT]}."


def duration(seconds: float) -> str:
    """Return a length of time in the unit that fits it."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = math.floor(10 * seconds / size) / 10
            return f"{number:g} {unit}{'' if number == 1 else 's'}"
    return "less than a minute"


def _note(report: Report, found: Class, read: Sequence[Submission]) -> None:
    total = len(found.submissions)
    if total == 1:
        report.notes["top"].append("There is one submission, so nothing can be compared.")
    elif len(set(report.points)) == 1:
        report.notes["top"].append(f"Everybody has {report.points[0]:g} points, so nothing tells strong from weak.")
    if total > len(read):
        report.notes["top"].append(f"{total - len(read)} of {total} could not be read and count in no exercise.")
    if waiting := sum(row.counts[WAITING] for row in report.rows):
        verb = "waits" if waiting == 1 else "wait"
        report.notes["top"].append(f"{counted(waiting, 'answer')} {verb} for a person; such points are not in yet.")
    if len(read) < SMALL:
        report.notes["alike"].append(f"In a class of {len(read)} nobody can tell what is rare: chance is listed, too.")
    if absent := sum(not one.notebook for one in read):
        report.notes["alike"].append(
            f"{absent} graded notebooks are not there any more, so nothing was compared in them."
        )
