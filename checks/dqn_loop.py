"""A loop of deep Q-learning, followed step by step in a world where no state comes twice.

So it can be told from the states that a network is asked about when they were played, and from the one weight of that
network after which update it was asked. What a loop did is a diary of plain data, written beside the answer; it is
judged elsewhere.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from checks.compare import equal, fail, frequency, that
from helpers import dqn
from helpers.rollouts import World

NUM_ACTIONS, LIVES = 5, 6  # every sixth state is an end
SIZES = {"rtol": 1e-4, "atol": 1e-5}


def base(numbers: Tensor) -> Tensor:
    """Return the values (..., A) of states that have these numbers, but for the weight."""
    return torch.sin(numbers.unsqueeze(-1) * torch.arange(1, NUM_ACTIONS + 1).double().sqrt())


def pays(before: Tensor, actions: Tensor) -> Tensor:
    """Return R_{t+1}."""
    return 1 + torch.cos(before * 1.7) + 0.5 * actions


class OneWeight(nn.Module):
    """Values `base` plus one weight; notes who is asked, a copy or itself, with gradients or not, and about what."""

    def __init__(self, diary: list, is_copy: bool = False):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.diary, self.is_copy = diary, is_copy

    def forward(self, states: Tensor) -> Tensor:
        numbers = states[..., 0].detach().double()
        values = base(numbers).to(states) + self.weight
        self.diary.append(("asked", self.is_copy, values.requires_grad, self.weight.item(), numbers))
        return values

    def __deepcopy__(self, memo: dict) -> "OneWeight":
        new = OneWeight(self.diary, True)
        new.load_state_dict(self.state_dict())
        return new


def world(diary: list) -> World:
    """Return a world that numbers its states 1, 2, 3, … as they come, and notes each step."""
    numbers = itertools.count(1)

    def fresh(shape: Sequence[int]) -> Tensor:
        new = torch.tensor([float(next(numbers)) for _ in range(torch.Size(shape).numel())])
        return new.view(*shape, 1)

    def reset(shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
        return fresh(shape)

    def dynamics(states: Tensor, actions: Tensor) -> Tensor:
        after = fresh(actions.shape)
        diary.append(("played", states[..., 0].double(), actions.clone(), after[..., 0].double()))
        return after

    def outcome(states: Tensor, actions: Tensor, after: Tensor) -> tuple[Tensor, Tensor]:
        return pays(states[..., 0].double(), actions).float(), after[..., 0] % LIVES == 0

    return World(reset, dynamics, outcome, NUM_ACTIONS, 4)


def follow(function: Callable, recipe: dqn.Recipe, updates: int, source: torch.Generator, report=None) -> list:
    """Run a loop; return its diary, which ends with the weight."""
    diary = []
    network = OneWeight(diary)
    function(world(diary), network, recipe, updates=updates, generator=source, **({"report": report} if report else {}))
    return [*diary, ("end", network.weight.item())]


def drawn(diary: Sequence) -> Tensor:
    """Return all that was random in a diary: actions, and the numbers of states that were asked about."""
    return torch.cat([part.flatten().double() for entry in diary for part in entry if isinstance(part, Tensor)])


@dataclass(frozen=True)
class Round:
    """What lies between one step of the games and the next.

    Attributes:
        asked: (is a copy, with gradients, weight, numbers of the states) of each question.
        before, actions, after: the step itself.
    """

    asked: list
    before: Tensor
    actions: Tensor
    after: Tensor


def judge(diary: Sequence, recipe: dqn.Recipe, updates: int) -> None:
    """Look at acting, drawing, copying and learning, in this order."""
    steps = sum(entry[0] == "played" for entry in diary)
    that(
        steps == updates,
        f"In {updates} updates all games took {steps} steps; each update follows one step in all games.",
    )
    first, rounds = [], []
    for kind, *rest in diary[:-1]:
        if kind == "played":
            rounds.append(Round([], *rest))
        else:
            (rounds[-1].asked if rounds else first).append(tuple(rest))
    _judge_acting([first, *(one.asked for one in rounds)], rounds, recipe)
    batches = _batches(rounds, recipe)
    _judge_draws(batches, rounds, recipe)
    _judge_copies(batches, recipe)
    _judge_learning(batches, rounds, recipe, diary[-1][1])


def _judge_acting(asked: Sequence, rounds: Sequence[Round], recipe: dqn.Recipe) -> None:
    goes_on = torch.stack([one.after == two.before for one, two in itertools.pairwise(rounds)])
    that(bool(goes_on.float().mean() > 0.3), "All games start anew at each update: `play` is made once, and goes on.")
    for number, (questions, step) in enumerate(zip(asked, rounds, strict=False)):
        who = [is_copy for is_copy, _, _, numbers in questions if torch.equal(numbers, step.before)]
        that(
            not who or not all(who),
            "You act by the target network: that one makes targets, and the network that learns chooses the actions.",
        )
        if not who:
            last = rounds[number - 1] if number else step
            about = [numbers for *_, numbers in questions]
            that(
                not any(torch.equal(numbers, last.before) for numbers in about if number),
                "You act on what the games showed before the latest step: ask the network for play.states anew.",
            )
            that(
                not any(torch.equal(numbers, last.after) for numbers in about if number),
                "You act on next_states; where an episode is over the game already shows another state, play.states.",
            )
            fail("The network is never asked for the values of play.states, in which to act.")
    greedy = torch.stack([step.actions == base(step.before).argmax(-1) for step in rounds])
    worst = torch.stack([step.actions == base(step.before).argmin(-1) for step in rounds])
    epsilons = [dqn.rates(recipe, number + 1, len(rounds))[1] for number in range(len(rounds))]
    half, rest = len(rounds) // 2, 1 - 1 / NUM_ACTIONS
    for name, part, epsilon in (
        ("later half", slice(half, None), sum(epsilons[half:]) / (len(rounds) - half)),
        ("first half", slice(half), sum(epsilons[:half]) / half),
    ):
        that(
            worst[part].float().mean() <= greedy[part].float().mean() + 0.1,
            "The action of the smallest value is taken; the best one has the largest.",
        )
        frequency(
            greedy[part],
            1 - epsilon * rest,
            what=f"In the {name} of the updates the network's best action is taken",
            hint="Act by `epsilon`, the ε of this update, which falls from 1.",
            mistakes={
                "All actions are random: hand `epsilon` to what chooses them.": 1 - rest,
                "Nothing is explored: with probability `epsilon` any action is taken.": 1.0,
                "That is recipe.epsilon, the ε of the end; `epsilon` falls to it.": 1 - recipe.epsilon * rest,
                "That explores with probability 1 − ε.": 1 - (1 - epsilon) * rest,
            },
        )


@dataclass(frozen=True)
class Batch:
    """One update: its round from 1 on, the transitions by their places in time, and the two weights it met."""

    round: int
    rows: Tensor
    weight: float
    target: float


def _batches(rounds: Sequence[Round], recipe: dqn.Recipe) -> list[Batch]:
    """Return what was learned from, one batch a round; none is asked for while the ring holds less than one."""
    size, games, found = recipe.batch_size, recipe.games, []
    when = {number: place for place, number in enumerate(torch.cat([step.after for step in rounds]).tolist())}
    before = torch.cat([step.before for step in rounds])
    _judge_roles(rounds, recipe)
    for number, step in enumerate(rounds, 1):
        targets = [(weight, numbers) for is_copy, _, weight, numbers in step.asked if is_copy and len(numbers) == size]
        batches = []
        for weight, numbers in targets:
            rows = [when.get(each, -1) for each in numbers.tolist()]
            that(
                min(rows) >= 0 and max(rows) < number * games,
                "Places are drawn in which nothing was stored yet: `count` is what store returned last, and draw takes "
                "it to know how far the ring is filled.",
            )
            rows = torch.tensor(rows)
            own = [one[2] for one in step.asked if not one[0] and one[1] and torch.equal(one[3], before[rows])]
            that(
                bool(own),
                "The network is not asked for the states of the very batch whose next states the target was asked for.",
            )
            batches.append(Batch(number, rows, own[0], weight))
        that(
            len(batches) == 1 or (not batches and number * games < size),
            f"After step {number} of all games the network learned from {len(batches)} batches of {size}; one each was "
            "expected: draw recipe.batch_size transitions and call update.",
        )
        found += batches
    return found


def _judge_roles(rounds: Sequence[Round], recipe: dqn.Recipe) -> None:
    """Look at who is asked for how much, and at who learns."""
    size, asked = recipe.batch_size, [question for step in rounds for question in step.asked]
    copies = [len(numbers) for is_copy, _, _, numbers in asked if is_copy]
    others = {len(numbers) for _, is_graded, _, numbers in asked if is_graded} - {size, recipe.games}
    that(
        recipe.games not in copies,
        f"The network learns from the latest steps alone: draw {size} transitions from the ring.",
    )
    that(
        not others or size in copies,
        f"Batches have {min(others, default=0)} transitions, but recipe.batch_size is {size} here.",
    )
    that(
        size in copies,
        "The target network is never asked: it is built and not used. Your update takes it as its second argument.",
    )
    starts = rounds[0].before  # nobody's next states
    that(
        not any(is_copy and bool(torch.isin(numbers, starts).any()) for is_copy, _, _, numbers in asked),
        "The target network is asked for S_t, where the network itself learns: they are handed to update the wrong "
        "way round.",
    )
    late = [one for step in rounds[recipe.copy_every :] for one in step.asked if len(one[3]) == size]
    that(
        not late or any(is_copy for is_copy, *_ in late),
        f"After update {recipe.copy_every} no copy is asked any more: the target has become the network itself, and "
        "moves with it at every update.",
    )


def _judge_draws(batches: Sequence[Batch], rounds: Sequence[Round], recipe: dqn.Recipe) -> None:
    capacity, games = recipe.capacity, recipe.games
    newer, lower, first, same = [], [], [], 0
    last = None
    for batch in batches:
        count = batch.round * games
        held = min(count, capacity)
        places = batch.rows % capacity
        that(
            bool((batch.rows >= count - held).all()),
            f"What was drawn lies further back than the latest {capacity} transitions, which the ring holds now: store "
            "the step first, then draw.",
        )
        newer.append(count - 1 - batch.rows < held // 2)
        lower.append(places < held // 2)
        first.append(batch.rows % games < games // 2)
        same += last is not None and count > capacity and torch.equal(places, last)
        last = places
    that(same == 0, "The same places of the ring are drawn at every update: hand `generator` itself to what draws.")
    ring = "every transition that the ring holds is drawn with equal probability"
    for what, happened, hint in (
        (
            "Places in the lower half of the filled ring are drawn",
            lower,
            f"With draw(ring, count, …) and the `count` that store returned, {ring}.",
        ),
        (
            "Transitions of the newer half of the ring are drawn",
            newer,
            f"The ring holds recipe.capacity transitions, each of them once, and {ring}.",
        ),
        (
            "Transitions of the first half of the games are drawn",
            first,
            f"Each step adds one transition of each game behind all that are there; {ring}.",
        ),
    ):
        frequency(torch.stack(happened), 0.5, what=what, hint=hint)


def _judge_copies(batches: Sequence[Batch], recipe: dqn.Recipe) -> None:
    """Look at which network each target was made of; counting from the first step or the first update is the same."""
    every = recipe.copy_every
    weights = torch.tensor([batch.weight for batch in batches], dtype=torch.float64)
    found = torch.tensor([batch.target for batch in batches], dtype=torch.float64)
    late = batches[0].round - 1  # rounds before the first update
    wanted = [[max(0, (n + shift) // every * every - shift) for n in range(len(batches))] for shift in (0, late)]
    if any(torch.allclose(found, weights[rows], rtol=1e-6, atol=1e-7) for rows in wanted):
        return
    gap = (found - weights[wanted[0]]).abs()
    number = int((gap > 1e-6).nonzero()[0, 0])
    near = (weights[: number + 1] - found[number]).abs()
    is_one = bool(near.min() < 1e-6)
    made = int(near.argmin())
    that(
        is_one,
        f"At update {number + 1} the target network is none that the network has ever been: copy all parameters as "
        "they are, and mix nothing.",
    )
    that(
        made != 0,
        f"At update {number + 1} the target is still the network of the start: copy the network's parameters into the "
        f"target every {every} updates.",
    )
    fail(
        f"At update {number + 1} the target is a copy made after update {made}, but after update "
        f"{wanted[0][number]} was expected: one copy after every recipe.copy_every = {every} updates."
    )


def _judge_learning(batches: Sequence[Batch], rounds: Sequence[Round], recipe: dqn.Recipe, end: float) -> None:
    got = torch.tensor([batch.weight for batch in batches] + [end])
    wanted = _weights(batches, rounds, recipe)
    every = recipe.copy_every
    if torch.allclose(got, wanted, **SIZES):
        return
    number = int((~torch.isclose(got, wanted, **SIZES)).nonzero()[0, 0])
    equal(
        got[number],
        wanted[number],
        what=f"The only weight of a tiny network, after update {number},",
        hint="Everything of a transition is stored side by side, and the loss, γ and the optimizer are those given.",
        mistakes={
            f"The network is put back to the target after {every} updates: copy the other way.": (
                torch.tensor(batches[0].weight) if number and number % every == 0 else torch.tensor(torch.nan)
            ),
            "γ is missing, or it is another than recipe.gamma.": [
                _weights(batches, rounds, recipe, gamma=gamma)[number] for gamma in (1.0, 0.97, 0.99)
            ],
            "The optimizer is new at every update, and Adam forgets what it has seen: make it once.": (
                [_weights(batches, rounds, recipe, renewed=1, falls=falls)[number] for falls in (True, False)]
            ),
            f"The optimizer is new after every {every} updates, and Adam forgets what it has seen: make it once.": (
                [_weights(batches, rounds, recipe, renewed=every, falls=falls)[number] for falls in (True, False)]
            ),
            "Ends are not kept: behind them nothing follows.": _weights(batches, rounds, recipe, ends=False)[number],
        },
        **SIZES,
    )


def _weights(
    batches: Sequence[Batch],
    rounds: Sequence[Round],
    recipe: dqn.Recipe,
    *,
    gamma=None,
    renewed=0,
    falls=True,
    ends=True,
) -> Tensor:
    """Return the weight before each update and after the last, as it should be after these draws and targets."""
    before, actions, after = (
        torch.cat([getattr(one, name) for one in rounds]) for name in ("before", "actions", "after")
    )
    rewards, ended = pays(before, actions), (after % LIVES == 0) & torch.tensor(ends)
    slope = (recipe.gamma if gamma is None else gamma) * (~ended).double()  # of the target in the copy's weight
    gap = rewards + slope * base(after).amax(-1) - base(before).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    weight = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer, found = torch.optim.Adam([weight]), []
    for number, batch in enumerate(batches):
        found.append(weight.item())
        rate = dqn.rates(recipe, batch.round, len(rounds))[0]
        if renewed and number % renewed == 0:
            optimizer = torch.optim.Adam([weight])
            rate = rate if falls else recipe.learning_rate
        optimizer.param_groups[0]["lr"] = rate
        error = weight.detach() - gap[batch.rows] - slope[batch.rows] * batch.target
        weight.grad = 2 * error.mean()
        optimizer.step()
    return torch.tensor([*found, weight.item()])
