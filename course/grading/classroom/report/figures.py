"""The report's figures: each with a text in its place, and in two sets of colours, for a light page and a dark one."""

import base64
import io
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course.grading.classroom.report.gather import LEFT, SOLVED, STATES, TRIED, WAITING
from course.grading.classroom.report.measures import Report

LIGHT = {"ink": "#1b1b1b", "quiet": "#6b6b6b", "bar": "#0072b2", "on": "#ffffff"}
LIGHT |= {SOLVED: "#006b4e", TRIED: "#a33f00", LEFT: "#6b6b6b", WAITING: "#0072b2"}
DARK = {"ink": "#ececec", "quiet": "#a8a8a8", "bar": "#56b4e9", "on": "#16181b"}
DARK |= {SOLVED: "#34c79c", TRIED: "#f0914a", LEFT: "#a8a8a8", WAITING: "#56b4e9"}
WIDTH = 7.2  # inches
NARROWEST = 0.05  # share of the widest bar in which a number has room
LABEL = 34  # characters of a title in one line
MOST_BINS = 30


@dataclass(frozen=True)
class Picture:
    """A figure as SVG in base64, in both colours, and what it shows in words."""

    light: str
    dark: str
    text: str


def points(report: Report) -> Picture:
    """Return the distribution of points."""
    counts, edges = _binned(report.points, max(report.most, *report.points, 1))
    share = report.middle

    def draw(ax: Axes) -> None:
        _histogram(ax, counts, edges)
        _line(ax, share, f"median {share:g}")
        ax.set(xlabel=f"points of {report.most:g}", ylabel="submissions")

    low, high = np.quantile(report.points, [0.25, 0.75])
    text = (
        f"Histogram of the points of {report.submissions} submissions, from {min(report.points):g} to "
        f"{max(report.points):g} of {report.most:g}; the median is {share:g}, the middle half has {low:g} to {high:g}."
    )
    return _picture(draw, text, 2.6)


def exercises(report: Report) -> Picture:
    """Return how many solved, tried and left each exercise."""
    rows = report.rows
    states = [state for state in STATES if any(row.counts[state] for row in rows)]
    widest = max([sum(row.counts.values()) for row in rows] or [0]) or 1

    def draw(ax: Axes) -> None:
        before = np.zeros(len(rows))
        for state in states:
            counts = np.array([row.counts[state] for row in rows])
            bars = ax.barh(range(len(rows)), counts, left=before, color=LIGHT[state], label=state)
            shown = [str(count) if count >= NARROWEST * widest else "" for count in counts]
            ax.bar_label(bars, shown, label_type="center", color=LIGHT["on"], fontsize=9)
            before = before + counts
        ax.set_yticks(range(len(rows)), ["\n".join(textwrap.wrap(row.item.title, LABEL)) for row in rows])
        ax.set(xlabel="submissions", xlim=(0, widest), ylim=(len(rows) - 0.4, -0.6))
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(STATES), labelcolor=LIGHT["ink"])

    parts = [f"{row.item.title}: " + ", ".join(f"{row.counts[state]} {state}" for state in states) for row in rows]
    return _picture(draw, "A bar for each exercise. " + "; ".join(parts) + ".", 0.9 + 0.42 * len(rows))


def times(report: Report) -> Picture:
    """Return the distribution of the time from release to hand-in."""
    in_hours = report.drawn[-1] < 3
    unit, size = ("hours", 24) if in_hours else ("days", 1)
    values = [size * day for day in report.drawn]
    due = None if report.due_day is None else size * report.due_day
    longest = max(values[-1], due or 0)
    counts, edges = _binned(values, longest, np.ceil(longest) or 1)

    def draw(ax: Axes) -> None:
        _histogram(ax, counts, edges)
        if due is not None and due >= 0:
            _line(ax, due, "due")
        ax.set(xlabel=f"{unit} from release to hand-in", ylabel="submissions")

    middle = float(np.median(values))
    text = (
        f"Histogram of the time from release to hand-in of {len(values)} submissions, from {values[0]:.1f} to "
        f"{values[-1]:.1f} {unit}; the median is {middle:.1f} {unit}"
        + (f", and the due date lies at {due:.1f} {unit}." if due is not None else ".")
    )
    return _picture(draw, text, 2.6)


def _binned(values: Sequence[float], most: float, steps: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Count values in bins, if possible one for each whole number: around it for points, up to it for times."""
    number = int(min(steps or most + 1, MOST_BINS))
    if steps:
        edges = np.linspace(0, steps, number + 1)
    elif most + 1 <= MOST_BINS:
        edges = np.arange(int(np.ceil(most)) + 2) - 0.5
    else:
        edges = np.linspace(0, most, number + 1)
    return np.histogram(values, edges)


def _histogram(ax: Axes, counts: np.ndarray, edges: np.ndarray) -> None:
    ax.bar(edges[:-1], counts, np.diff(edges) * 0.92, align="edge", color=LIGHT["bar"])
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10))
    ax.set_xlim(edges[0], edges[-1])


def _line(ax: Axes, at: float, name: str) -> None:
    ax.axvline(at, color=LIGHT["ink"], linestyle="--", linewidth=1)
    ax.annotate(
        name,
        (at, 1),
        (0, 2),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        color=LIGHT["ink"],
        ha="center",
    )


def _picture(draw: Callable[[Axes], None], text: str, height: float) -> Picture:
    svg = _svg(draw, height)
    dark = {colour: DARK[name] for name, colour in LIGHT.items()}
    both = svg, re.sub("|".join(dark), lambda found: dark[found[0]], svg)
    return Picture(*(base64.b64encode(one.encode()).decode() for one in both), text)


def _svg(draw: Callable[[Axes], None], height: float) -> str:
    """Draw on a transparent ground, in the colours of a light page; the same numbers give the same bytes."""
    ink = {name: LIGHT["ink"] for name in ("text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor")}
    ink |= {name: LIGHT["quiet"] for name in ("axes.edgecolor", "xtick.color", "ytick.color")}
    style = {"svg.hashsalt": "report", "text.parse_math": False, "font.size": 10, "legend.frameon": False}
    style |= {"axes.spines.top": False, "axes.spines.right": False}
    with matplotlib.rc_context(style | ink):
        figure = Figure((WIDTH, height), layout="constrained")
        draw(figure.add_subplot())
        written = io.BytesIO()
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    return written.getvalue().decode()
