"""Lesson 04: what tells a right REINFORCE from a wrong one."""

import torch
from torch import Tensor
from torch.nn.functional import pad

from checks import noise
from checks.compare import equal, frequency, generator, indices, that
from checks.exercise import exercise
from helpers import reinforce

REWARDS = ((1.0, 2.0, 4.0, 50.0, -7.0), (1.0, 0.0, -2.0, 8.0, 1.0), (3.0, 70.0, 90.0, 20.0, 5.0))


@exercise(own=reinforce.choose_actions)
def choose_actions(answer, *, logits=((1.0, -1.0, 0.0), (2.0, 0.0, -1.0)), draws=15_000, seed=1):
    """A sample of π for each row of two kinds of rows in turn; the likeliest action with `greedy=True`."""
    first, second = torch.tensor(logits)
    rows = torch.stack([first, second]).repeat(draws, 1)
    drawn = answer(rows, generator=generator(seed))
    indices(drawn, shape=(2 * draws,), below=len(first), what="The actions")
    few = answer.probe(
        lambda function: torch.stack([function(rows[:20:2], generator=generator(30 + k)) for k in range(20)])
    )
    that(
        bool((few == few[0, 0]).all() or (few != few[:, :1]).any()),
        "All rows share one random number; draw for each row by itself.",
    )
    pi, other = first.softmax(-1), second.softmax(-1)
    name = ", ".join(f"{number:g}" for number in first.tolist())
    across = rows.softmax(0)[0] / rows.softmax(0)[0].sum()
    for action in range(len(first) - 1):
        frequency(
            drawn[::2] == action,
            pi[action].item(),
            what=f"Action {action}, with logits ({name}), is drawn",
            hint="Draw from softmax(logits).",
            mistakes={
                "That draws every action alike.": 1 / len(first),
                "That is always the likeliest action; it should be a sample.": float(action == first.argmax()),
                "That is never the likeliest action.": float(action != first.argmax()),
                "Logits are logarithms: they need a softmax, which −logits turn around.": (-first).softmax(-1)[action],
                "The softmax is taken twice.": pi.softmax(-1)[action],
                "Logits are logarithms; a sigmoid of each is no distribution.": (
                    first.sigmoid() / first.sigmoid().sum()
                )[action],
                "The softmax runs over the rows; it belongs to the actions, the last dimension.": across[action],
            },
        )
    frequency(
        drawn[1::2] == 0,
        other[0].item(),
        what="Action 0, in every second row, is drawn",
        hint="Each row has its own distribution.",
        mistakes={"That is the distribution of another row; each row has its own.": pi[0].item()},
    )
    frequency(
        (drawn[::2] == 0) & (drawn[1::2] == 0),
        (pi[0] * other[0]).item(),
        what="Action 0 is drawn in both of two rows running",
        hint="Rows must be independent.",
    )
    noise.source(
        answer, lambda function, generator: function(rows[:100], generator=generator), what="The sample", seed=seed
    )
    _greedy_choice(answer)


def _greedy_choice(answer) -> None:
    mixed = torch.tensor([[0.2, 0.1], [-1.0, 2.0], [0.0, 0.3], [5.0, 4.0], [1.0, -3.0]])
    chosen = answer.probe(lambda function: [function(mixed, generator=generator(k), greedy=True) for k in range(20)])
    that(
        not all(isinstance(one, Tensor) for one in chosen) or all(torch.equal(one, chosen[0]) for one in chosen),
        "Greedy actions differ from call to call: with greedy=True nothing is drawn.",
    )
    equal(
        chosen[0],
        torch.tensor([0, 1, 1, 0, 0]),
        what="The greedy choice",
        hint="Take the index of the largest logit in each row.",
        mistakes={
            "That is the smallest logit.": torch.tensor([1, 0, 0, 1, 1]),
            "That takes the maximum over the rows; it belongs to the actions.": torch.tensor([3, 3]),
            "That is one index for the whole table; every row needs its own.": mixed.argmax(),
        },
    )


@exercise(own=reinforce.returns)
def returns(answer, *, rewards=REWARDS, lengths=(3, 5, 1), gamma=0.7):
    """G_t of a batch of episodes: what stands behind an end counts nothing, and G is 0 there."""
    rewards, lengths = torch.tensor(rewards), torch.tensor(lengths)
    mask = torch.arange(rewards.shape[1]) < lengths.unsqueeze(1)
    wanted = reinforce.returns(rewards, mask, gamma)
    equal(
        answer(rewards, mask, gamma),
        wanted,
        what=f"G of {len(rewards)} episodes with γ = {gamma:g}",
        hint="G_t is R_{t+1} + γ G_{t+1}, from the last step back to the first.",
        mistakes=_wrong_returns(rewards, mask, gamma, wanted),
    )
    for rubbish in (float("nan"), float("inf")):
        spoilt = torch.where(mask, rewards, rubbish)
        equal(
            answer(spoilt, mask, gamma),
            wanted,
            what=f"G where rubbish behind the end is {rubbish}",
            hint="nan times 0 is nan, and so is ∞ times 0: use torch.where.",
        )
    for other in (0.0, 1.0):
        equal(
            answer(rewards, mask, other),
            reinforce.returns(rewards, mask, other),
            what=f"G with γ = {other:g}",
            hint="Use the arguments, gamma among them; a division by γ fails at 0.",
        )


def _wrong_returns(rewards: Tensor, mask: Tensor, gamma: float, wanted: Tensor) -> dict:
    """Return what likely mistakes give."""
    every, steps = torch.ones_like(mask), rewards.shape[1]
    real = torch.where(mask, rewards, 0.0)
    unmasked = reinforce.returns(rewards, every, gamma)
    before = reinforce.returns(real.flip(1), every, gamma).flip(1)
    one_row = reinforce.returns(real.view(1, -1), every.view(1, -1), gamma).view_as(real)
    across = reinforce.returns(real.T.contiguous(), every.T, gamma).T
    return {
        "Rewards behind the end are counted; the mask must remove them first.": [unmasked, unmasked * mask],
        "γ is forgotten.": real.flip(1).cumsum(1).flip(1),
        "That gives all steps the return of the whole episode; step t counts what comes after it.": [
            wanted[:, :1].expand_as(wanted),
            wanted[:, :1] * mask,
            real.sum(1, keepdim=True).expand_as(wanted),
            real.sum(1, keepdim=True) * mask,
            wanted[:, 0],
        ],
        "That discounts from the start of the episode; γ counts from step t: the first reward after t is whole.": (
            (real * gamma ** torch.arange(steps)).flip(1).cumsum(1).flip(1)
        ),
        "That sums what came before; sum what comes after.": [
            real.cumsum(1),
            real.cumsum(1) * mask,
            before,
            before * mask,
        ],
        "G_t contains R_{t+1} itself, undiscounted.": [gamma * wanted, wanted - real, pad(wanted[:, 1:], (0, 1))],
        "The last step is missing.": pad(reinforce.returns(rewards[:, :-1], mask[:, :-1], gamma), (0, 1)),
        "The first step is missing.": wanted * (torch.arange(steps) > 0),
        "That looks one step ahead only; G_t sums all of what follows.": real + gamma * pad(real[:, 1:], (0, 1)),
        "Rewards leak from one episode into the next; each row is by itself.": [one_row, one_row * mask],
        "The order is reversed: the last step stands first.": wanted.flip(1),
        "That runs over the episodes; time is the last dimension.": across,
        "Those are the rewards; sum what follows, too.": real,
    }
