"""Things to touch: built from ipywidgets, with plain text inside, so that a keyboard and a screen reader suffice."""

import time
from collections.abc import Callable, Sequence

import ipywidgets
import torch
from matplotlib.figure import Figure
from torch import Tensor

from helpers import bandits, pictures, plotting, tree_search
from helpers.games import Game
from helpers.mdps import MDP


def levers(q_star: Tensor, *, generator: torch.Generator) -> ipywidgets.VBox:
    """Return a machine to play by hand: a button for every arm, what each has paid so far, and the running total.

    Args:
        q_star: true values q*(a), shape (K,); a button reveals them.
        generator: source of the rewards, on the device of `q_star`.
    """
    num_arms = len(q_star)
    values, counts = torch.zeros_like(q_star), torch.zeros_like(q_star)
    total = 0.0
    wide = {"width": "8em"}  # as wide as a record such as -10.25 (100×)
    buttons = [ipywidgets.Button(description=f"pull {arm}", layout=wide) for arm in range(num_arms)]
    records = [ipywidgets.Label("–", layout=wide) for _ in range(num_arms)]
    status = ipywidgets.Label("No pull yet.")
    reveal = ipywidgets.Button(description="reveal q*")

    def pull(arm: int) -> None:
        nonlocal values, counts, total
        arms = torch.tensor(arm, device=q_star.device)
        reward = bandits.pull(q_star, arms, generator=generator)
        values, counts = bandits.update(values, counts, arms, reward)
        total += reward.item()
        records[arm].value = f"{values[arm].item():+.2f} ({int(counts[arm])}×)"
        status.value = f"Arm {arm} paid {reward.item():+.2f}. Total {total:+.2f} after {int(counts.sum())} pulls."

    def tell(_) -> None:
        best, pulls = int(q_star.argmax()), int(counts.sum())
        status.value = f"q* is {', '.join(f'{value:+.2f}' for value in q_star.tolist())}. Always arm {best}: about " + (
            f"{pulls * q_star[best].item():+.2f} in {pulls} pulls; you have {total:+.2f}."
        )

    for arm, button in enumerate(buttons):
        button.on_click(lambda _, arm=arm: pull(arm))
    reveal.on_click(tell)
    columns = [ipywidgets.VBox(pair) for pair in zip(buttons, records, strict=True)]
    return ipywidgets.VBox([ipywidgets.HBox(columns, layout={"flex_flow": "row wrap"}), status, reveal])


def walk(rows: Sequence[str], mdp: MDP, *, generator: torch.Generator) -> ipywidgets.VBox:
    """Return a grid world to walk through by hand: four buttons, the map, and the return so far.

    Args:
        rows: the map, as `worlds.gridworld` takes it.
        mdp: the MDP made from it, on the CPU.
        generator: source of the outcomes.
    """
    names = ("up", "right", "down", "left")
    buttons = {name: ipywidgets.Button(description=name, layout={"width": "5em"}) for name in names}
    again = ipywidgets.Button(description="start again")
    picture, status = ipywidgets.HTML(), ipywidgets.Label()
    state, steps, g = 0, 0, 0.0

    def show(text: str) -> None:
        width = len(rows[0])
        cells = list("".join(rows))
        cells[state] = "@"
        lines = [" ".join(cells[start : start + width]) for start in range(0, len(cells), width)]
        picture.value = "<pre>" + "\n".join(lines) + "</pre>"
        status.value = text

    def start(_=None) -> None:
        nonlocal state, steps, g
        state, steps, g = int(torch.multinomial(mdp.initial, 1, generator=generator)), 0, 0.0
        show("You are @. Every move may slip to a side.")

    def move(action: int) -> None:
        nonlocal state, steps, g
        if mdp.terminal[state]:
            return show(f"The episode is over, with return {g:+.2f} after {steps} steps.")
        outcome = int(torch.multinomial(mdp.probabilities[state, action], 1, generator=generator))
        reward = mdp.outcome_rewards[state, action, outcome].item()
        state = int(mdp.next_states[state, action, outcome])
        g, steps = g + mdp.gamma**steps * reward, steps + 1
        end = " The episode is over." if mdp.terminal[state] else ""
        show(f"Step {steps}, {names[action]}: reward {reward:+.2f}, return so far {g:+.2f}.{end}")

    for action, button in enumerate(buttons.values()):
        button.on_click(lambda _, action=action: move(action))
    again.on_click(start)
    start()
    return ipywidgets.VBox([picture, ipywidgets.HBox([*buttons.values(), again]), status])


class Progress:
    """A progress bar with a curve that grows while something trains; `box` is what to show.

    The curve is drawn at the last update, and before it so seldom that a tenth of the time goes into pictures.

    Args:
        updates: number of updates that fill the bar.
        name: what is plotted, on the vertical axis.
        level: a height to mark, such as the bar to reach.
        unit: what the bar counts.
    """

    def __init__(self, updates: int, name: str, level: float | None = None, unit: str = "update"):
        self.name, self.level, self.unit, self.numbers, self.heights = name, level, unit, [], []
        self.bar = ipywidgets.IntProgress(max=updates, layout={"width": "20em"})
        self.status = ipywidgets.Label("Nothing has happened yet.")
        self.picture, self.due = ipywidgets.HTML(), 0.0
        self.box = ipywidgets.VBox([ipywidgets.HBox([self.bar, self.status]), self.picture])

    def __call__(self, number: int, height: float) -> None:
        """Add a point; this is what a training loop takes as `report`."""
        self.numbers.append(number)
        self.heights.append(float(height))
        self.bar.value = number
        self.status.value = f"{self.unit} {number}: {self.name} {self.heights[-1]:.0f}"
        if number >= self.bar.max or time.monotonic() >= self.due:
            self.draw()

    def draw(self) -> None:
        """Draw the curve as far as it is known; for a training that may end early."""
        start = time.monotonic()
        figure = Figure(figsize=(5, 2.2))
        ax = figure.add_subplot()
        ax.plot(self.numbers, self.heights, color=plotting.BLUE)
        ax.set(xlabel=self.unit, ylabel=self.name)
        if self.level is not None:
            plotting.level(ax, self.level, f"{self.level:g}")
        self.picture.value = pictures.figure_markup(figure)
        now = time.monotonic()
        self.due = now + 9 * (now - start)


def duel(game: Game, network: Callable) -> ipywidgets.VBox:
    """Return a board to play on by mouse against a network, with what its search thought of its last move.

    Args:
        game: the rules; where stones fall, a click on any cell of a column drops one there.
        network: as `evaluate` of `tree_search.search`.
    """
    small, state = {"width": "4.5em", "height": "3.5em"}, game.start((1,))
    depth = ipywidgets.ToggleButtons(options=[0, 10, 100], description="simulations")
    cells = [ipywidgets.Button(layout=small) for _ in range(game.cells)]
    first, second = (ipywidgets.Button(description=who) for who in ("you begin", "it begins"))
    status, said = ipywidgets.Label(), ""

    def show(numbers: Sequence[str] = ()) -> None:
        legal, marks = game.legal(state)[0].tolist(), game.text(state[0]).replace(" / ", "")
        for cell, (button, mark) in enumerate(zip(cells, marks, strict=True)):
            action = cell % game.columns if game.drop else cell
            is_number = mark == "." and len(numbers) and (not game.drop or cell < game.columns)
            button.description = numbers[action] if is_number else mark.replace(".", " ")
            button.button_style = {"X": "primary", "O": "warning"}.get(mark, "")
            button.disabled = not legal[action] or mark != "."
        over = bool(game.over(state))
        winner = "You have" if "You" in said else "It has"
        end = f"{winner if bool(game.results(state)) else 'Nobody has'} won."
        status.value = f"{said} {end if over else 'Your move.'}"

    def move(action: int, who: str) -> None:
        nonlocal state, said
        state, said = game.step(state, torch.tensor([action])), f"{who} moved to {action}."

    def answer() -> None:
        nonlocal said
        before, count = game.legal(state)[0].tolist(), depth.value
        if count:
            visits = tree_search.search(game, network, state, count).visits[0]
            best, numbers = int(visits.argmax()), [f"{part:.0f}" for part in visits.tolist()]
        else:
            with torch.no_grad():
                logits = network(state)[0][0].masked_fill(~game.legal(state)[0], -torch.inf)
            best, numbers = int(logits.argmax()), [f"{100 * part:.0f}%" for part in logits.softmax(-1).tolist()]
        move(best, "It")
        said += f" Numbers: {'its visits' if count else 'its priors'}, {numbers[best]} here."
        show([number if legal else " " for number, legal in zip(numbers, before, strict=True)])

    def click(cell: int) -> None:
        move(cell % game.columns if game.drop else cell, "You")
        show() if game.over(state) else answer()

    def start(begins: bool) -> None:
        nonlocal state, said
        state, said = game.start((1,)), ""
        show() if begins else answer()

    for cell, button in enumerate(cells):
        button.on_click(lambda _, cell=cell: click(cell))
    first.on_click(lambda _: start(True))
    second.on_click(lambda _: start(False))
    show()
    rows = [ipywidgets.HBox(cells[place : place + game.columns]) for place in range(0, game.cells, game.columns)]
    return ipywidgets.VBox([depth, ipywidgets.HBox([first, second]), *rows, status])
