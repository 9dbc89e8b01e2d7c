"""Things to touch: built from ipywidgets, with plain text inside, so that a keyboard and a screen reader suffice."""

import ipywidgets
import torch
from torch import Tensor

from helpers import bandits


def levers(q_star: Tensor, *, generator: torch.Generator) -> ipywidgets.VBox:
    """Return a machine to play by hand: a lever for every arm, what each has paid so far, and the running total.

    Args:
        q_star: true values q*(a), shape (K,); a button reveals them.
        generator: source of the rewards, on the device of `q_star`.
    """
    num_arms = len(q_star)
    values, counts = torch.zeros_like(q_star), torch.zeros_like(q_star)
    total = 0.0
    buttons = [ipywidgets.Button(description=f"pull {arm}", layout={"width": "5em"}) for arm in range(num_arms)]
    records = [ipywidgets.Label("–", layout={"width": "5em"}) for _ in range(num_arms)]
    status = ipywidgets.Label("No pull yet.")
    reveal = ipywidgets.Button(description="reveal q*")

    def pull(arm: int) -> None:
        nonlocal values, counts, total
        arms = torch.tensor(arm, device=q_star.device)
        reward = bandits.pull(q_star, arms, generator=generator)
        values, counts = bandits.update(values, counts, arms, reward)
        total += reward.item()
        records[arm].value = f"{values[arm].item():+.2f} ({int(counts[arm])}×)"
        status.value = f"Lever {arm} paid {reward.item():+.2f}. Total {total:+.2f} after {int(counts.sum())} pulls."

    def tell(_) -> None:
        best = int(q_star.argmax())
        pulls = int(counts.sum())
        status.value = f"Lever {best} is best: {q_star[best].item():+.2f} a pull. Always pulled, it pays about " + (
            f"{pulls * q_star[best].item():+.2f} in {pulls} pulls; you have {total:+.2f}."
        )

    for arm, button in enumerate(buttons):
        button.on_click(lambda _, arm=arm: pull(arm))
    reveal.on_click(tell)
    columns = [ipywidgets.VBox(pair) for pair in zip(buttons, records, strict=True)]
    return ipywidgets.VBox([ipywidgets.HBox(columns, layout={"flex_flow": "row wrap"}), status, reveal])
