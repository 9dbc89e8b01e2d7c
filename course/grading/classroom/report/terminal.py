"""The report as lines for a terminal."""

from collections.abc import Iterable, Sequence

import numpy as np

from course.grading.classroom.report.gather import STATES
from course.grading.classroom.report.measures import Report
from course.grading.submission.names import visible
from course.words import visible_text

BINS = 10
BAR = 40  # characters of the longest bar
MOST_LOOK = 40


def text(report: Report) -> str:
    """Return the lines; whatever students wrote can neither colour nor move anything."""
    return visible_text("\n".join(_lines(report)))


def _lines(report: Report) -> Iterable[str]:
    yield f"{report.title}: {report.headline}"
    yield from report.notes["top"]
    yield from ("", "Points")
    yield from _bars(report.points, report.most)
    yield ""
    head = ["Exercise", *(state.capitalize() for state in STATES), "Mean", "Item-rest", "Tells strong from weak"]
    body = [[row.item.title, *row.counts.values(), row.average, row.number, row.verdict] for row in report.rows]
    yield from _table([head, *body], left={0, 7})
    yield from ("", "What checks said most often")
    yield from [f"{row.met:>5}  {row.text}  ({'; '.join(row.places)})" for row in report.sentences] or ["  nothing"]
    if report.more_sentences:
        yield f"       and {report.more_sentences} further sentences, less often"
    yield from ("", "From release to hand-in")
    if report.days:
        yield f"  {report.about_time}"
    yield from (f"  {note}" for note in report.notes["time"])
    yield from ("", "Who needs a look")
    yield from [f"  {visible(who)}: {' '.join(' '.join(why).split())}" for who, why in report.look[:MOST_LOOK]] or [
        "  nobody"
    ]
    if len(report.look) > MOST_LOOK:
        yield f"  and {len(report.look) - MOST_LOOK} more; --html FILE names all of them"
    yield from (f"  {' '.join(note.split())}" for note in report.notes["look"])
    yield from ("", f"Answers that are alike: a hint for a person, and no verdict. {report.about_pairs}")
    yield from report.notes["alike"]
    for first, second, pair in report.pairs:
        places = "; ".join(dict.fromkeys(passage.places[0] for passage in pair.passages))
        yield f"  {pair.share:4.0%}  {visible(first)} and {visible(second)}: {places}"
    if not report.pairs:
        yield "  no two submissions share that much"
    elif report.more_pairs:
        yield f"  and {report.more_pairs} further pairs, which share less"
    if report.pairs:
        yield "  --html FILE shows the passages side by side."


def _bars(points: Sequence[float], most: float) -> Iterable[str]:
    """Yield the distribution of points, a line for each range."""
    whole = most + 1 <= 2 * BINS
    edges = np.arange(most + 2) - 0.5 if whole else np.linspace(0, most, BINS + 1)
    counts, _ = np.histogram(np.clip(points, 0, most), edges)
    names = (
        [f"{number}" for number in range(len(counts))]
        if whole
        else [f"{low:.3g}–{high:.3g}" for low, high in zip(edges, edges[1:], strict=False)]
    )
    for name, count in zip(names, counts, strict=True):
        yield f"  {name:>9}  {'█' * round(BAR * count / counts.max())} {count}"


def _table(rows: Sequence[Sequence[object]], *, left: set[int]) -> Iterable[str]:
    """Yield the rows with columns of one width; those in `left` start on the left."""
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        parts = [
            str(value).ljust(width) if column in left else str(value).rjust(width)
            for column, (value, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  " + "  ".join(parts).rstrip()
