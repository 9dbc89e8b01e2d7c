"""Figures in the course's style; every function draws on the axes it is given and returns them."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import torch
from cycler import cycler
from matplotlib.axes import Axes
from torch import Tensor

from helpers import latent, pictures

# Okabe and Ito (2008): told apart with every kind of colour vision; these four and black stand out on white.
BLUE, VERMILLION, GREEN, PURPLE, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000"
STYLES = [(BLUE, "-"), (VERMILLION, "--"), (GREEN, "-."), (PURPLE, (0, (1, 1))), (BLACK, (0, (5, 1)))]
GREY = "#767676"
# For ten kinds with a mark each, such as digits: 2, 3, 5 and 8 are far apart, and so are 4, 7 and 9.
TEN = (BLUE, VERMILLION, GREEN, PURPLE, BLACK, "#0000FF", "#777700", "#8866FF", "#773322", "#C00000")


def use_style() -> None:
    """Set size, resolution and fonts of all figures of a notebook, and show each with its text alternative."""
    pictures.show_figures_with_words()
    plt.rcParams.update(
        {
            "figure.figsize": (6, 3),
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": cycler(color=[colour for colour, _ in STYLES]),
            "image.cmap": "cividis",
            "legend.frameon": False,
        }
    )


def curves(
    ax: Axes, lines: Mapping[str, Tensor], *, x: Tensor | None = None, errors: Mapping[str, Tensor] | None = None
) -> Axes:
    """Draw up to five curves with their names at the right end, and a band of one standard error around each.

    Args:
        ax: axes to draw on.
        lines: heights by name, each of shape (N,).
        x: shared positions, shape (N,); by default 1, …, N.
        errors: standard errors by name, each of shape (N,).
    """
    for (name, heights), (colour, dash) in zip(lines.items(), STYLES, strict=False):
        positions = torch.arange(1, len(heights) + 1) if x is None else x
        ax.plot(positions, heights.cpu(), color=colour, linestyle=dash, linewidth=1.5, label=name)
        if errors:
            band = (heights - errors[name]).cpu(), (heights + errors[name]).cpu()
            ax.fill_between(positions, *band, color=colour, alpha=0.2, linewidth=0)
    return name_lines(ax)


def medians(ax: Axes, lines: Mapping[str, Tensor], *, x: Tensor | None = None) -> Axes:
    """Draw up to five groups of runs: the median of each, and a band from the first to the third quartile.

    Args:
        ax: axes to draw on.
        lines: heights by name, each of shape (N, runs).
        x: shared positions, shape (N,); by default 1, …, N.
    """
    for (_, heights), (colour, _) in zip(lines.items(), STYLES, strict=False):
        low, high = heights.detach().cpu().double().quantile(torch.tensor([0.25, 0.75], dtype=torch.float64), -1)
        positions = torch.arange(1, len(low) + 1) if x is None else x
        ax.fill_between(positions, low, high, color=colour, alpha=0.2, linewidth=0)
    middle = {name: heights.detach().cpu().double().quantile(0.5, -1) for name, heights in lines.items()}
    return curves(ax, middle, x=x)


def name_lines(ax: Axes) -> Axes:
    """Write each line's label beside its last point, pushed apart where two would overlap."""
    lines = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
    low, high = ax.get_ylim()
    room = (high - low) * 0.08
    last = float("-inf")
    for line in sorted(lines, key=lambda line: line.get_ydata()[-1]):
        last = max(float(line.get_ydata()[-1]), last + room)
        place = (line.get_xdata()[-1], last)
        text = {"xytext": (4, 0), "textcoords": "offset points", "va": "center", "fontsize": 9}
        ax.annotate(line.get_label(), place, color=line.get_color(), annotation_clip=False, **text)
    ax.margins(x=0)
    ax.set_ylim(low, max(high, last))
    return ax


def level(ax: Axes, height: float, name: str) -> Axes:
    """Draw a thin horizontal line with its name above its left end."""
    ax.axhline(height, color=GREY, linewidth=0.8, linestyle=":")
    ax.annotate(name, (0.01, height), xycoords=("axes fraction", "data"), va="bottom", color=GREY, fontsize=8)
    return ax


def reward_distributions(ax: Axes, q_star: Tensor) -> Axes:
    """Draw for every arm the density of its rewards N(q*(a), 1), and q*(a) as a bar across it; `q_star` is (K,)."""
    span = torch.linspace(-3, 3, 121)
    density = 0.45 * torch.exp(-(span**2) / 2)
    for arm, mean in enumerate(q_star.cpu().tolist()):
        ax.fill_betweenx(mean + span, arm - density, arm + density, color=BLUE, alpha=0.25, linewidth=0)
        ax.hlines(mean, arm - 0.45, arm + 0.45, color=BLUE, linewidth=2)
    means = ", ".join(f"{mean:.2f}" for mean in q_star.tolist())
    pictures.describe(ax, f"the spread of each arm's rewards, around {means}")
    ax.set(xlabel="arm $a$", ylabel="reward $R$", xticks=range(len(q_star)))
    return ax


def estimates(ax: Axes, values: Tensor, q_star: Tensor, arms: Sequence[int]) -> Axes:
    """Draw how the estimates of some arms move, and dotted where their true values lie.

    Args:
        ax: axes to draw on.
        values: Q_t(a) after each step, shape (T, K).
        q_star: true values q*(a), shape (K,).
        arms: the arms to show, up to five.
    """
    for arm, (colour, _) in zip(arms, STYLES, strict=False):
        ax.axhline(q_star[arm].item(), color=colour, linestyle=":", linewidth=1, label="_")
    curves(ax, {f"arm {arm}": values[:, arm] for arm in arms})
    ax.set(xlabel="step $t$", ylabel="estimate $Q_t(a)$")
    return ax


def timeline(ax: Axes, events: Sequence[tuple[int, str, str]]) -> Axes:
    """Draw events (year, name, number) in order, one row each, with the number in bold."""
    for row, (year, name, number) in enumerate(events):
        ax.plot([year], [-row], "o", color=BLUE)
        ax.annotate(number, (year, -row), (8, 0), textcoords="offset points", va="center", weight="bold", fontsize=9)
        ax.annotate(name, (year, -row), (-8, 0), textcoords="offset points", va="center", ha="right", fontsize=9)
    pictures.describe(ax, "; ".join(f"{year} {name}: {number}" for year, name, number in events))
    first, last = (choose(year for year, _, _ in events) for choose in (min, max))
    span = max(last - first, 1)
    ax.set(xlim=(first - 0.65 * span, last + 0.85 * span), ylim=(-len(events) + 0.4, 0.6), yticks=[], xlabel="year")
    ax.set_xticks(range(first, last + 1, 1 + span // 8))
    ax.tick_params(axis="x", labelsize=8)
    ax.spines["left"].set_visible(False)
    return ax


def grid(
    ax: Axes,
    rows: Sequence[str],
    values: Tensor,
    pi: Tensor | None = None,
    *,
    numbers: bool = True,
    limits: tuple[float, float] | None = None,
) -> Axes:
    """Draw a grid world: values as colour and number, a policy as arrows, walls hatched, starts marked S.

    In each cell the likeliest arrow has full length, and the others are as long in proportion to their probabilities.

    Args:
        ax: axes to draw on.
        rows: the map, as `worlds.gridworld` takes it.
        values: v(s) of the cells, shape (height · width,).
        pi: π(a | s) for up, right, down, left, shape (height · width, 4).
        numbers: whether to write the values.
        limits: values of the darkest and the brightest colour, the same in grids to compare; by default this grid's.
    """
    height, width = len(rows), len(rows[0])
    letters = "".join(rows)
    heights = values.detach().cpu().double().clone()
    inside = torch.tensor([letter not in "#GP" for letter in letters])
    heights[~inside] = float("nan")  # ends and walls have no value to compare
    lowest, highest = limits or (float(heights[inside].min()), float(heights[inside].max()))
    is_flat = highest - lowest < 1e-6 * (1 + abs(highest))  # but for rounding
    colours = ax.imshow(heights.view(height, width).numpy(), vmin=lowest - is_flat, vmax=highest)
    for cell, letter in enumerate(letters):
        row, column = divmod(cell, width)
        if not inside[cell]:
            hatch = {"hatch": "xxxx", "edgecolor": GREY} if letter == "#" else {}  # no colour of the map is hatched
            ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor="white", linewidth=0, **hatch))
            ax.text(column, row, letter.strip("#"), ha="center", va="center", weight="bold")
            continue
        ink = "black" if colours.norm(float(heights[cell])) > 0.5 else "white"
        if numbers:
            ax.text(column, row + 0.34, f"{heights[cell]:.1f}", ha="center", va="center", color=ink, fontsize=7)
        if letter == "S":
            ax.text(column - 0.36, row - 0.32, "S", ha="center", va="center", color=ink, weight="bold", fontsize=7)
        if pi is not None:
            _arrows(ax, column, row - 0.13, pi[cell], ink)
    pictures.describe(ax, _grid_words(rows, heights, pi))
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(True)
    return ax


def _grid_words(rows: Sequence[str], values: Tensor, pi: Tensor | None) -> str:
    """Tell a grid world row by row: its marks, its values, and the likeliest action of each cell."""
    cells = []
    for cell, letter in enumerate("".join(rows)):
        value = "" if letter in "#GP" else f"{values[cell]:.1f}"
        best = [] if pi is None or not value else (pi[cell] > 0.99 * pi[cell].max()).nonzero().flatten().tolist()
        actions = " or ".join(("up", "right", "down", "left")[action] for action in best)
        mark = {"#": "wall", ".": ""}.get(letter, letter)
        cells.append(" ".join(filter(None, (mark, value, actions))))
    width = len(rows[0])
    lines = (", ".join(cells[start : start + width]) for start in range(0, len(cells), width))
    return "grid, row by row: " + "; ".join(lines)


def _arrows(ax: Axes, x: float, y: float, pi: Tensor, ink: str) -> None:
    """Draw an arrow for each direction that is at all likely; the likeliest has full length."""
    for probability, (down, right) in zip(pi.tolist(), ((-1, 0), (0, 1), (1, 0), (0, -1)), strict=True):
        length = 0.28 * probability / float(pi.max())
        if length > 0.03:
            style = {"arrowstyle": "->", "color": ink, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7}
            ax.annotate("", (x + right * length, y + down * length), (x, y), arrowprops=style)


def pushes(ax: Axes, first: float, q: tuple[float, float]) -> Axes:
    """Draw a policy of two actions as a point of the segment of all policies, and how sampled policy gradients push it.

    Arrows are the changes of the two preferences, at 0.4 of their length.

    Args:
        ax: axes to draw on.
        first: probability of the first action.
        q: values of the two actions; a draw of action a pushes by q(a) ∇ log π(a).
    """
    pi = torch.tensor([first, 1 - first])
    push = pi.diag() * torch.tensor(q) @ (torch.eye(2) - pi)  # row a: π(a) q(a) ∇ log π(a)
    ax.plot([0, 1], [1, 0], color=GREY, linewidth=1)
    ax.plot(*pi.unsqueeze(-1), "o", color=BLACK, markersize=4)
    sizes = []
    for arrow, colour, name in (
        (push[0], BLUE, "draws of 1"),
        (push[1], VERMILLION, "draws of 2"),
        (push.sum(0), BLACK, "mean"),
    ):
        tip = (pi + 0.4 * arrow).tolist()
        ax.annotate(
            "", tip, pi.tolist(), arrowprops={"arrowstyle": "->", "color": colour, "lw": 2 if name == "mean" else 1.3}
        )
        ax.plot([], [], color=colour, label=name)
        sizes.append(f"{name} {float(arrow[0]):+.2f}")
    pictures.describe(ax, f"the policy π(1) = {first:.2f} and its pushes of the first action: {', '.join(sizes)}")
    ax.set(xlabel="$\\pi(1)$", ylabel="$\\pi(2)$", xlim=(-0.05, 1.05), ylim=(-0.05, 1.05), aspect="equal")
    return ax


def jensen(ax: Axes, points: Sequence[float], weights: Sequence[float]) -> Axes:
    """Draw −log, points on it with all their convex combinations, and the gap at one combination.

    Args:
        ax: axes to draw on.
        points: positive numbers v_i.
        weights: w_i ≥ 0, scaled to sum 1 here.
    """
    v = torch.as_tensor(points, dtype=torch.float64)
    w = torch.as_tensor(weights, dtype=torch.float64)
    w = w / w.sum()
    order = v.argsort()
    heights = -v.log()
    span = torch.linspace(0.08, 4.2, 200, dtype=torch.float64)
    ax.plot(span, -span.log(), color=BLUE)
    ax.fill(v[order], heights[order], facecolor=VERMILLION, edgecolor=VERMILLION, alpha=0.25)
    ax.scatter(v, heights, s=8 + 60 * w, color=BLACK, zorder=3)
    mean, above = float(w @ v), float(w @ heights)
    below = -float(torch.tensor(mean).log())
    ax.plot([mean, mean], [below, above], color=GREEN, linewidth=2)
    ax.plot([mean], [above], "o", color=VERMILLION, zorder=4)
    ax.plot([mean], [below], "o", color=BLUE, zorder=4)
    ax.annotate(f"gap {above - below:.2f}", (mean, above), (6, 4), textcoords="offset points", color=GREEN, fontsize=9)
    pictures.describe(
        ax, f"−log, points on it, their combinations, and above the curve at {mean:.2f} a gap of {above - below:.2f}"
    )
    ax.set(xlabel="$v$", ylabel="$-\\log v$", xlim=(0, 4.2), ylim=(-1.6, 2.7))
    return ax


def evidence_bars(ax: Axes, parts: Mapping[str, tuple[float, float]], *, floor: float) -> Axes:
    """Draw for each Q its ELBO and on top of it KL(Q ‖ P(z | x)), as stacked bars; their tops lie at log P(x).

    Args:
        ax: axes to draw on.
        parts: ELBO and gap by name.
        floor: where the axis and the lower bars begin; a lower ELBO is written below the floor.
    """
    numbers = {name: f"ELBO {elbo:.2f}".replace("-", "−") for name, (elbo, _) in parts.items()}
    for place, (name, (elbo, gap)) in enumerate(parts.items()):
        low = max(elbo, floor)
        ax.bar(place, low - floor, bottom=floor, width=0.6, color=BLUE)
        ax.bar(place, elbo + gap - low, bottom=low, width=0.6, color="white", edgecolor=VERMILLION, hatch="//")
        ink, middle = ("white", (low + floor) / 2) if low - floor > 1 else (BLUE, floor - 0.6)
        ax.text(place, middle, numbers[name], ha="center", va="center", color=ink, fontsize=8)
        ax.text(place, elbo + gap + 0.4, f"KL {gap:.2f}", ha="center", va="bottom", color=VERMILLION, fontsize=8)
    pictures.describe(ax, "; ".join(f"{name}: {numbers[name]}, KL {gap:.2f}" for name, (_, gap) in parts.items()))
    top = elbo + gap
    ax.axhline(top, color=BLACK, linewidth=0.8)
    ax.set(xticks=range(len(parts)), xticklabels=list(parts), ylim=(floor - 1.2, top + 2.5), ylabel="nats")
    return ax


def architectures(ax: Axes, accuracy: Tensor, flops: Tensor, front: Tensor | None = None) -> Axes:
    """Draw architectures as dots, and a line through those of the Pareto front.

    Args:
        ax: axes to draw on.
        accuracy: in [0, 1], shape (A,).
        flops: for one image, shape (A,).
        front: which of them no other one dominates, bool (A,).
    """
    ax.plot(flops.cpu(), 100 * accuracy.cpu(), ".", color=GREY, markersize=3, alpha=0.6)
    if front is not None:
        order = flops[front].argsort()
        x, y = flops[front][order].cpu(), 100 * accuracy[front][order].cpu()
        ax.plot(x, y, ".-", color=BLUE, markersize=5, linewidth=1, drawstyle="steps-post")
    ax.set(xscale="log", xlabel="FLOPs for one image", ylabel="dev accuracy, %")
    return ax


def decisions(ax: Axes, pi: Sequence[Tensor], names: Sequence[str], options: Sequence[Sequence]) -> Axes:
    """Draw the probabilities of each decision's options as colours, one row a decision, with the options written in.

    Args:
        ax: axes to draw on.
        pi: probabilities of each decision, each of shape (options,).
        names: of the decisions.
        options: of each decision.
    """
    for row, (probabilities, labels) in enumerate(zip(pi, options, strict=True)):
        for place, (probability, label) in enumerate(zip(probabilities.tolist(), labels, strict=True)):
            width = 1 / len(labels)
            colour = plt.get_cmap("cividis")(probability)
            ax.add_patch(plt.Rectangle((place * width, row - 0.45), width, 0.9, color=colour))
            ink = "black" if probability > 0.5 else "white"
            text = f"{label}  {probability:.2f}"
            ax.text((place + 0.5) * width, row, text, ha="center", va="center", color=ink, fontsize=7)
    texts = iter(ax.texts)
    told = (
        f"{name}: {', '.join(next(texts).get_text() for _ in labels)}"
        for name, labels in zip(names, options, strict=True)
    )
    pictures.describe(ax, "; ".join(told))
    ax.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.5), xticks=[], yticks=range(len(names)))
    ax.set_yticklabels(names)
    return ax


def image_rows(ax: Axes, images: Mapping[str, Tensor]) -> Axes:
    """Draw rows of square grey images with a name for each row.

    Args:
        ax: where to draw.
        images: for each name a row of as many images, shape (n, side²), grey levels in [0, 1].
    """
    table = torch.stack([row.detach().cpu() for row in images.values()])
    side = round(table.shape[-1] ** 0.5)
    ax.imshow(latent.tile(table).numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    names = ", ".join(filter(None, images))
    pictures.describe(ax, f"{table.shape[1]} pictures in each row{': ' * bool(names)}{names}")
    ax.set(xticks=[], yticks=[side / 2 + side * i for i in range(len(images))], yticklabels=images)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def board(ax: Axes, text: str, numbers: Sequence[str] = ()) -> Axes:
    """Draw a board with its stones, and what stands in its cells.

    Args:
        ax: axes to draw on.
        text: rows such as "XO. / .X. / ..O", as `games.Game.text` writes them.
        numbers: what to write into the cells that are empty, in reading order; "" leaves one empty.
    """
    rows = text.split(" / ")
    for place, mark in enumerate("".join(rows)):
        row, column = divmod(place, len(rows[0]))
        if mark != ".":
            ax.text(column, row, mark, size=18, ha="center", va="center", color=BLUE if mark == "X" else VERMILLION)
        elif len(numbers):
            ax.text(column, row, numbers[place], size=9, ha="center", va="center", color="black")
    ax.set(xlim=(-0.5, len(rows[0]) - 0.5), ylim=(len(rows) - 0.5, -0.5), xticks=[], yticks=[], aspect="equal")
    for edge in range(1, max(len(rows), len(rows[0]))):
        for line, limit in ((ax.axvline, len(rows[0])), (ax.axhline, len(rows))):
            if edge < limit:
                line(edge - 0.5, color=GREY, linewidth=0.8)
    words = [f"the board {text}", *[" ".join(filter(None, numbers))] * bool(numbers)]
    pictures.describe(ax, ", with numbers ".join(words))
    return ax
