"""Pictures that a notebook shows with a text alternative: JupyterLab gives an `image/png` none, so they are HTML.

The alternative of a figure is made from the figure, so it holds for what a learner's own code has drawn. What only an
eye sees in it, such as an image, a plot function says with `describe`.
"""

import base64
import html
import io
import re
import unicodedata
import weakref
from collections.abc import Iterable, Sequence

from IPython import get_ipython
from IPython.core.pylabtools import print_figure
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryFormatter
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FuncFormatter
from PIL import Image

SHADES = 128  # nobody misses more in a plot, and a notebook with them has a quarter of the bytes
LONGEST = 900  # characters of a text alternative
MOST = 12  # bars, or texts, of one panel that are told one by one
COLOURBAR = "<colorbar>"  # as matplotlib labels its axes
FEW = 4  # lines without names that are told one by one
FUNCTIONS = re.compile("arg|(arc)?(cos|sin|tan)|(cos|sin|tan)h|det|dim|exp|inf|lim|ln|log|max|min|Pr|sup")
NAMES = FixedFormatter | FuncFormatter | StrCategoryFormatter  # what writes names along an axis, not its numbers

_words: weakref.WeakKeyDictionary[Axes, str] = weakref.WeakKeyDictionary()


def describe(ax: Axes, words: str) -> None:
    """Say what these axes show, in the place of what `alternative` would find out; title and labels it still names."""
    _words[ax] = words


def markup(png: bytes, alt: str) -> str:
    """Return a picture with its text alternative as HTML; the grader knows it again by this form."""
    source = base64.b64encode(png).decode()
    return f'<img alt="{html.escape(" ".join(alt.split()))}" src="data:image/png;base64,{source}">'


def figure_markup(figure: Figure) -> str:
    """Return a figure as a notebook shows it."""
    small = io.BytesIO()
    drawn = Image.open(io.BytesIO(print_figure(figure, "png", base64=False)))
    drawn.convert("RGB").quantize(SHADES).save(small, "PNG", optimize=True)
    return markup(small.getvalue(), alternative(figure))


def show_figures_with_words() -> None:
    """Have this notebook show every figure of matplotlib with its text alternative."""
    shell = get_ipython()
    if shell is not None:
        shell.display_formatter.ipython_display_formatter.for_type(Figure, _show)


def alternative(figure: Figure) -> str:
    """Return what a figure shows, in words: its panels with their axes, curves, bars, points and texts."""
    shown = [ax for ax in figure.axes if ax.get_visible()]
    panels = sum(ax.get_label() != COLOURBAR for ax in shown)
    title = f"{_plain(figure.get_suptitle())}." * bool(figure.get_suptitle())
    parts = [f"Chart with {panels} panels." if panels > 1 else "Chart.", title, *map(_panel, shown)]
    text = " ".join(filter(None, parts))
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0] + " …"


def _show(figure: Figure) -> None:
    data = {"text/plain": repr(figure)}
    if figure.axes or figure.lines:  # as matplotlib's own: of nothing there is no picture
        data["text/html"] = figure_markup(figure)
    display(data, raw=True)


def _panel(ax: Axes) -> str:
    title, across, upwards = (_plain(text) for text in (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()))
    if ax.get_label() == COLOURBAR:
        return f"Colours: {upwards or across} {_range(ax.yaxis if upwards else ax.xaxis)}."
    try:
        content = _words.get(ax) or "; ".join(_content(ax)) or "empty"
    except Exception:  # a learner may draw anything, dates and words included, and shall see it
        content = "a drawing"
    axes = [
        f"{where}: {name} {_range(axis)}".replace(":  ", ": ").rstrip()
        for where, name, axis in (("Across", across, ax.xaxis), ("upwards", upwards, ax.yaxis))
        if name or (ax not in _words and _range(axis))
    ]
    return (f"{title}: " if title else "") + ". ".join([content, ", ".join(axes)] if axes else [content]) + "."


def _content(ax: Axes) -> Iterable[str]:
    """Yield what is drawn, the legend's names for what is not told one by one, and the free texts."""
    drawn = [line for line in ax.get_lines() if line.get_transform() == ax.transData and len(line.get_xdata())]
    bars = [container for container in ax.containers if hasattr(container, "patches")]
    names = {artist: _plain(str(artist.get_label())) for artist in [*drawn, *bars]}
    nameless = [line for line in drawn if names[line].startswith("_")]
    if len(nameless) > FEW:
        yield _bundle(nameless)
    for artist, name in names.items():
        if len(nameless) <= FEW or artist not in nameless:
            tell = _line if artist in drawn else _bars
            yield tell(artist, "" if name.startswith("_") else f"{name}: ")
    sizes = [len(group.get_offsets()) for group in ax.collections]
    if any(size > 1 for size in sizes):
        yield f"{sum(sizes)} {'arrows' if any(hasattr(group, 'U') for group in ax.collections) else 'points'}"
    yield from ["an image"] * bool(ax.images)
    told = set(names.values())
    for title, texts in (("", ax.get_legend_handles_labels()[1]), ("written in it: ", map(Text.get_text, ax.texts))):
        new = [text for text in dict.fromkeys(map(_plain, texts)) if text and text not in told]
        told.update(new)
        if new:
            yield title + ", ".join(new[:MOST]) + " …" * (len(new) > MOST)


def _bundle(lines: Sequence[Line2D]) -> str:
    ends = ([float(line.get_ydata()[end]) for line in lines] for end in (0, -1))
    first, last = (f"{_number(min(heights))} to {_number(max(heights))}" for heights in ends)
    return f"{len(lines)} lines, that begin at {first} and end at {last}"


def _line(line: Line2D, name: str) -> str:
    heights = [float(height) for height in line.get_ydata()]
    if line.get_linestyle() == "None":
        span = [_number(height) for height in sorted({min(heights), max(heights)})]
        return f"{name}{len(heights)} point{'s' * (len(heights) > 1)}, {' to '.join(span)} high"
    first, last, low, high = heights[0], heights[-1], min(heights), max(heights)
    margin = 0.1 * (high - low)
    between = f", up to {_number(high)}" * (high > max(first, last) + margin)
    between += f", down to {_number(low)}" * (low < min(first, last) - margin)
    return f"{name or 'line '}from {_number(first)} to {_number(last)}{between}"


def _bars(container: BarContainer, name: str) -> str:
    is_flat = container.orientation == "horizontal"
    sizes = [float(bar.get_width() if is_flat else bar.get_height()) for bar in container.patches]
    if len(sizes) <= MOST:
        return f"{name}bars {', '.join(map(_number, sizes))}"
    tallest = container.patches[sizes.index(max(sizes))]
    return f"{name}{len(sizes)} bars, the tallest at {_number(tallest.get_x() + tallest.get_width() / 2)}"


def _range(axis: Axis) -> str:
    """Return the ends of an axis, or the names along it."""
    if isinstance(axis.get_major_formatter(), NAMES):
        return "(" + ", ".join(_plain(label.get_text()) for label in axis.get_ticklabels()) + ")"
    low, high = sorted(axis.get_view_interval())
    scale = "" if axis.get_scale() == "linear" else f", {axis.get_scale()} scale"
    return f"({_number(low)} to {_number(high)}{scale})" if len(axis.get_ticklocs()) else ""


def _number(value: float) -> str:
    return (f"{value:,.0f}" if 1000 <= abs(value) < 10**6 else f"{value:.3g}").replace("-", "−")


def _plain(text: str) -> str:
    """Return a text without the marks of mathematics: Greek letters as letters, the rest as its bare words."""
    if "$" not in text:
        return " ".join(text.split())
    text = re.sub(r"\\([A-Za-z]+)", _spelt, text)
    return " ".join(re.sub(r"\\.|[${}]", "", text).replace(" _", "_").split())


def _spelt(command: re.Match) -> str:
    try:
        return unicodedata.lookup(f"GREEK SMALL LETTER {command[1].removeprefix('var')}")
    except KeyError:
        word = command[1]
        return "|" if word == "mid" else f"{word} " * bool(FUNCTIONS.fullmatch(word))
