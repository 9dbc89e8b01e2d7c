"""Lesson 01: what tells right estimates, players and test beds from wrong ones."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from checks import noise
from checks.answer import Answer, Raised
from checks.compare import FALSE_ALARM, equal, frequency, generator, indices, mean, parts, that
from checks.exercise import exercise
from helpers import bandits

KEEP = "Each room's best is found along the last dimension, −1; keepdim=True keeps it for the comparison."
SINGLE = "A single room has no leading dimension: its table is (K,), and its arm is ()."
STRAYS = 3  # of 2²⁴ draws of torch.rand one is 0, and makes the only candidate of a lottery lose: no mistake
VALUES = ((1.0, 2.0, 6.0, -3.0), (0.5, 4.0, 3.0, 1.0), (-2.0, 1.0, -5.0, 0.0))
COUNTS = ((3.0, 2.0, 1.0, 6.0), (4.0, 1.0, 2.0, 5.0), (2.0, 3.0, 5.0, 1.0))
ESTIMATES = ((0.0, 1.0, 3.0, -2.0), (-4.0, -1.0, -2.0, -3.0), (0.5, -1.0, 0.0, 1.5))
ROOMS = ((0, 2, 1), (3, -1, 0), (0, 0.5, 0.7), (-3, -1, -2), (1, 4, 2), (2, 1, 0), (-1, 0, 5))
ARMS = (
    (1, 1, 0, 1, 0),
    (0, 2, 2, 0, 1),
    (2, 2, 0, 1, 0),
    (1, 0, 0, 2, 2),
    (1, 0, 2, 1, 1),
    (0, 1, 1, 0, 1),
    (2, 0, 1, 0, 2),
)


@exercise(own=bandits.sample_average)
def sample_average(answer, *, arms=(0, 2, 3, 0, 2, 2), rewards=(1.0, -2.0, -1.5, 3.0, 0.0, 5.5), num_arms=5):
    """The average of the rewards of each arm in a record; 0 for an arm that was never pulled."""
    arms, rewards = torch.tensor(arms), _real(rewards)
    equal(
        answer(arms, rewards, num_arms),
        bandits.sample_average(arms, rewards, num_arms),
        what=f"Q for arms {arms.tolist()} and rewards {_listed(rewards)}",
        hint="Average only the rewards of arm a; an arm never pulled has Q = 0.",
        mistakes=_wrong_averages(arms, rewards, num_arms),
    )
    for pulls in (1, len(rewards)):
        equal(
            answer(torch.zeros_like(arms[:pulls]), rewards[:pulls], 1),
            rewards[:pulls].mean().view(1),
            what=f"Q of a room with one arm and rewards {_listed(rewards[:pulls])}",
            mistakes={"There is an entry for each arm, even if there is only one arm.": rewards[:pulls].mean()},
        )


def _wrong_averages(arms: Tensor, rewards: Tensor, num_arms: int) -> dict:
    """Return what likely mistakes give."""
    pulled = one_hot(arms, num_arms)
    sums, counts = rewards @ pulled.float(), pulled.sum(0)
    right = sums / counts.clamp(min=1)
    paying = (pulled * (rewards != 0).unsqueeze(-1)).sum(0)
    first, last = torch.zeros(num_arms), torch.zeros(num_arms)
    for t in range(len(arms)):
        last[arms[t]], first[arms[-1 - t]] = rewards[t], rewards[-1 - t]
    return {
        "That is the sum of the rewards; divide it by N(a). `counts[arms] += 1` counts a repeated arm once only.": sums,
        "You divided by the number of steps; divide by the pulls of arm a.": sums / len(arms),
        "You divided by the number of arms; divide by the pulls of arm a.": sums / num_arms,
        "That is the last reward of each arm, not the average.": last,
        "That is the first reward of each arm, not the average.": first,
        "`sums[arms] += rewards` adds only one reward of a repeated arm; scatter_add or bincount adds all.": (
            last / counts.clamp(min=1)
        ),
        "You divided by N(a) + 1.": sums / (counts + 1),
        "An arm never pulled gives 0/0; set its Q to 0.": sums / counts,
        "A reward of 0 is a reward, too; count each pull.": sums / paying.clamp(min=1),
        "An average may be below 0; leave it as it is.": right.clamp(min=0),
        "The last pull is left out; it counts, too.": bandits.sample_average(arms[:-1], rewards[:-1], num_arms),
        "There is an entry for each arm, also for those never pulled.": [
            right[: arms.max() + 1],
            (sums / counts)[: arms.max() + 1],
            right[counts > 0],
        ],
    }


@exercise(own=bandits.update)
def update(answer, *, values=VALUES, counts=COUNTS, arms=(1, 0, 1), rewards=(5.0, -2.0, 0.0), seed=2):
    """Q and N after one pull of each room: Q of the pulled arm moves by (R − Q)/N, where N counts the new pull."""
    values, counts, arms, rewards = _real(values), _real(counts), torch.tensor(arms), _real(rewards)
    _updated(answer, values, counts, arms, rewards, where="after one pull of each room")
    single = values[0], counts[0], arms[0], rewards[0]
    _updated(answer, *single, where="of a single room after a pull", advice=SINGLE)
    first = values[0], torch.zeros_like(counts[0]), arms[0], rewards[0]
    _updated(answer, *first, where="of a single room after its first pull")
    _updated(answer, *[part.unsqueeze(0) for part in single], where="of a batch of one room after a pull")
    _many_updates(answer, seed)


def _updated(answer, values: Tensor, counts: Tensor, arms: Tensor, rewards: Tensor, *, where: str, advice="") -> None:
    """Check one update."""
    new_values, new_counts = bandits.update(values, counts, arms, rewards)
    wrong_values, wrong_counts = _wrong_updates(values, counts, arms, rewards)
    sizes = "Beside the K numbers of each room belong rewards.unsqueeze(-1), arms.unsqueeze(-1) or one_hot(arms, K)."
    record = values, counts, arms, rewards
    got = _pair(answer, ("values", "counts"), *record, what="What update returns", advice=advice, sizes=sizes)
    equal(
        got[1],
        new_counts,
        what=f"N {where}",
        hint="Add 1 for the pulled arm of each room, and for no other.",
        mistakes=wrong_counts | {"Return the values first, then the counts.": new_values},
    )
    equal(
        got[0],
        new_values,
        what=f"Q {where}",
        hint="Q of the pulled arm moves by (R − Q)/N, where N already counts the new pull.",
        mistakes=wrong_values,
    )


def _wrong_updates(values: Tensor, counts: Tensor, arms: Tensor, rewards: Tensor) -> tuple[dict, dict]:
    """Return what likely mistakes give for the values, and for the counts."""
    pulled, error = one_hot(arms, values.shape[-1]), rewards.unsqueeze(-1) - values
    new = counts + pulled
    own = (new * pulled).sum(-1, keepdim=True)
    rows = counts + torch.isin(torch.arange(len(counts)), arms).unsqueeze(-1) if counts.dim() > 1 else counts
    wrong_values = {
        "You divided by the old count; N includes the new pull.": [
            values + pulled / counts * error,
            values + pulled / counts.clamp(min=1) * error,
        ],
        "The step goes the wrong way: the error is R − Q.": values - pulled / new.clamp(min=1) * error,
        "Every arm moved; only the pulled one has a new reward.": [
            values + error / count for count in (counts + 1, own, new, new.clamp(min=1), counts)
        ],
        "Divide by the pulls of this arm, not those of all arms.": values + pulled * error / new.sum(-1, keepdim=True),
        "That is the last reward; move only 1/N of the way.": values + pulled * error,
        "Add the error R − Q over N, not the reward over N.": values + pulled * rewards.unsqueeze(-1) / own,
        "Divide by N: Q is the average of the rewards, not their sum.": values + pulled * rewards.unsqueeze(-1),
        "The estimates did not move.": values,
        "An arm that was never pulled keeps its Q, whatever it is; only the pulled arm moves.": (
            (values * counts + pulled * rewards.unsqueeze(-1)) / new.clamp(min=1)
        ),
    }
    return wrong_values, {"The counts did not move.": counts, "Only the pulled arm is counted.": [counts + 1, rows]}


def _many_updates(answer, seed: int) -> None:
    """Check that many updates of rooms with three leading dimensions give the averages of each room's rewards."""
    shape, num_arms, steps, source = (2, 1, 3), 5, 24, generator(seed)
    arms = torch.randint(num_arms, (steps, *shape), generator=source)
    rewards = torch.randn(steps, *shape, generator=source, dtype=torch.float32)
    nothing = torch.zeros(*shape, num_arms, dtype=torch.float32)

    def probe(function):
        values, counts = nothing, nothing.clone()
        for arm, reward in zip(arms, rewards, strict=True):
            values, counts = function(values, counts, arm, reward)
        return values, counts

    got_values, got_counts = answer.probe(probe)
    rooms = f"of rooms of shape {shape} after {steps} pulls"
    equal(got_counts, one_hot(arms, num_arms).float().sum(0), what=f"N {rooms}", hint="Count each room by itself.")
    wanted = bandits.sample_average(arms.movedim(0, -1), rewards.movedim(0, -1), num_arms)
    equal(got_values, wanted, what=f"Q {rooms}", hint="It must be the average of each room's own rewards.")


@exercise(own=bandits.greedy)
def greedy(answer, *, values=ESTIMATES, tied=(-1.0, -1.0, -3.0, -1.0, -2.0), rooms=10_000, seed=3):
    """The arm with the largest value of each room; among arms with equal values any, alike likely."""
    values = _real(values)
    _largest(answer, values, seed)
    close = _real((0.5, 0.49999997, 0.0)).repeat(rooms, 1)
    frequency(
        answer(close, generator=generator(seed + 1)) == 0,
        1.0,
        what="With Q = [0.5, 0.49999997, 0], arm 0 was taken",
        hint="Chance decides only between arms whose values are exactly equal.",
    )
    tied = _real(tied)
    drowned = "Noise added to Q drowns in large numbers: let only the tied arms compete, with random numbers."
    for number, (row, advice) in enumerate(((tied, ""), (4096 * tied, drowned), (torch.zeros_like(tied), ""))):
        _fair_ties(answer, row, rooms, seed + 2 + number, advice or "Draw for each room; argmax takes the first.")
    noise.source(
        answer,
        lambda function, generator: function(tied.repeat(200, 1), generator=generator),
        what="The choice among tied arms",
        seed=seed,
    )
    noise.rows(answer(tied.repeat(2, 200, 1), generator=generator(seed)), what="The choice among tied arms")


def _largest(answer, values: Tensor, seed: int) -> None:
    """Check rooms without ties, in several shapes."""
    wanted = values.argmax(-1)
    best = values == values.amax(-1, keepdim=True)
    got = _advised(answer, values, sizes=KEEP, generator=generator(seed))
    equal(
        got,
        wanted,
        what=f"What greedy returns for Q = {', '.join(map(_listed, values))}",
        hint="Each room needs the index of its own largest value, not of all rooms; values may be negative.",
        mistakes={
            "Those are the worst arms.": values.argmin(-1),
            "Those are the values; return the arms' indices.": values.amax(-1),
            "Each room took arm 0. values.max(-1) is a pair, equal to nothing; compare with its .values.": (
                torch.zeros_like(wanted)
            ),
            "Multiply the mask by random numbers above 0: values and randn may be negative, and lose to the zeros.": (
                (values * best).argmax(-1)
            ),
            "Look for the largest value of each room, not of all rooms.": (values == values.max()).int().argmax(-1),
            "That runs over the rooms; the arms are the last dimension.": values.argmax(0),
            "That is one index for all rooms; each room needs its own.": values.argmax(),
        },
    )
    indices(got, shape=tuple(wanted.shape), below=values.shape[-1], what="The greedy arms")
    one = _advised(answer, values[0], advice=SINGLE, generator=generator(seed))
    equal(one, wanted[0], what=f"The greedy arm of a single room with Q = {_listed(values[0])}", hint=SINGLE)
    equal(
        answer(values[-1:].double(), generator=generator(seed)),
        wanted[-1:],
        what=f"The greedy arm of a batch of one room with Q = {_listed(values[-1])}",
        hint="Take the largest value of each room along the last dimension.",
    )
    table = torch.stack([values, values.flip(0)]).unsqueeze(1)
    equal(
        answer(table, generator=generator(seed)),
        torch.stack([wanted, wanted.flip(0)]).unsqueeze(1),
        what=f"The greedy arms of rooms of shape {tuple(table.shape[:-1])}",
        hint="Take the largest value of each room along the last dimension; chance decides between equal ones only.",
    )


def _fair_ties(answer, row: Tensor, rooms: int, seed: int, advice: str) -> None:
    """Check that tied arms are alike likely, and drawn for each room."""
    best = row == row.max()
    names = ", ".join(map(str, best.nonzero().flatten().tolist()))
    got = answer(row.repeat(rooms, 1), generator=generator(seed))
    indices(got, shape=(rooms,), below=len(row), what=f"The greedy arms of {rooms:,} rooms")
    that(
        len(got.unique()) > 1,
        f"All {rooms:,} rooms with arms {names} tied take {int(got[0])}. {advice}",
    )
    for arm, is_best in enumerate(best.tolist()):
        frequency(
            got == arm,
            is_best / int(best.sum()),
            what=f"With Q = {_listed(row)}, where arms {names} are tied, arm {arm} was taken",
            hint="Tied arms must be equally likely, and no other arm possible.",
            mistakes={"Every arm was a candidate; only the tied ones are.": 1 / len(row)},
        )
    frequency(
        got[:-1:2] == got[1::2],
        1 / int(best.sum()),
        what=f"With arms {names} tied, two rooms side by side took the same arm",
        hint="Rooms must be independent: draw for each room by itself.",
    )


@exercise(own=bandits.epsilon_greedy)
def epsilon_greedy(answer, *, values=(0.0, 1.0, 5.0, 2.0), epsilon=0.2, rooms=12_000, seed=8):
    """The greedy arm, or with probability ε any arm, which may be the greedy one; each room has a coin of its own."""
    values = _real(values)
    num_arms = len(values)
    for shape in ((6,), (2, 3), (2, 1, 3), (1,), ()):
        same = torch.zeros(*shape, num_arms)
        advice, sizes = "" if shape else SINGLE, "Coins and random arms have the shape of the rooms, values.shape[:-1]."
        got = _advised(answer, same, 0.5, advice=advice, sizes=sizes, generator=generator(seed))
        indices(got, shape=shape, below=num_arms, what=f"The arms of rooms of shape {shape}")
    table = values.repeat(2, rooms // 2, 1)
    got = answer(table, epsilon, generator=generator(seed))
    indices(got, shape=(2, rooms // 2), below=num_arms, what=f"The arms of {rooms:,} rooms")
    _explored(got, values, epsilon)
    for extreme in (1.0, 0.0):
        frequency(
            answer(table, extreme, generator=generator(seed + 1)) == values.argmax(),
            extreme / num_arms + 1 - extreme,
            what=f"With ε = {extreme:g} and {num_arms} arms, the greedy arm was taken",
            hint="It is taken with probability 1 − ε + ε/K.",
            strays=STRAYS,
        )
    for few, plays in ((1, 400), (4, 700)):
        _coins(answer, values, epsilon, seed + 2, rooms=few, plays=plays)
    left, other = got != values.argmax(), (num_arms - 1) / num_arms
    _apart(left[0], left[1], epsilon, other)
    _apart(left[:, :-1:2], left[:, 1::2], epsilon, other)
    tied = torch.tensor([3.0, 0.0, 3.0]).repeat(rooms, 1)
    frequency(
        answer(tied.double(), 0.0, generator=generator(seed + 3)) == 2,
        0.5,
        what="With ε = 0 and arms 0 and 2 tied, arm 2 was taken",
        hint="Break ties as `greedy` does.",
    )
    for chance, rows in ((epsilon, table[0, :400]), (1.0, table[0, :400]), (0.0, tied[:400])):
        noise.source(
            answer,
            lambda function, generator, rows=rows, chance=chance: function(rows, chance, generator=generator),
            what=f"The choice of arms with ε = {chance:g}",
            seed=seed,
        )


def _explored(got: Tensor, values: Tensor, epsilon: float) -> None:
    """Check which arms were taken in two rows of rooms."""
    best, num_arms = int(values.argmax()), len(values)
    left, leave = got != best, epsilon * (num_arms - 1) / num_arms
    that(
        len(got[left].unique()) != 1,
        "All rooms that explored took the same arm. Draw a random arm for each room, besides its coin.",
    )
    case = f"With ε = {epsilon:g} and {num_arms} arms,"
    frequency(
        ~left,
        1 - leave,
        what=f"{case} the greedy arm was taken",
        hint="It is taken with probability 1 − ε + ε/K: exploring takes all K arms alike.",
        mistakes={
            "Are ε and 1 − ε swapped? ε is the probability of exploring.": epsilon + (1 - epsilon) / num_arms,
            "Exploring skipped the greedy arm; any arm means all K.": 1 - epsilon,
            "All rooms were greedy. Each one tosses a coin and draws an arm of its own.": 1.0,
            "All rooms explored. Each one tosses a coin of its own.": 1 / num_arms,
        },
    )
    for arm in range(num_arms):
        if arm != best:
            frequency(
                got == arm,
                epsilon / num_arms,
                what=f"{case} arm {arm} was taken",
                hint="Exploring takes all arms alike.",
            )


def _coins(answer, values: Tensor, epsilon: float, seed: int, *, rooms: int, plays: int) -> None:
    """Check that a few rooms, asked again and again, toss a new coin and draw a new arm each time."""
    table, best, other = values.repeat(rooms, 1), int(values.argmax()), (len(values) - 1) / len(values)
    source = generator(seed)
    got = answer.probe(lambda function: torch.stack([function(table, epsilon, generator=source) for _ in range(plays)]))
    left = got != best
    for room in range(rooms):
        that(
            len(got[:, room][left[:, room]].unique()) != 1,
            f"Room {room} of {rooms} explores the same arm in all of {plays} calls; draw the arm anew in each call.",
        )
        frequency(
            left[:, room],
            epsilon * other,
            what=f"With ε = {epsilon:g}, room {room} of {rooms} left the greedy arm",
            hint="In each call each room tosses a coin of its own.",
            mistakes={
                "The same rooms explore each time, or as many; toss a coin for each room, anew in each call.": [
                    0.0,
                    other,
                    1.0,
                ]
            },
        )
    if rooms > 1:
        _apart(left[:, ::2], left[:, 1::2], epsilon, other)


def _apart(one: Tensor, another: Tensor, epsilon: float, other: float) -> None:
    """Check that pairs of rooms leave the greedy arm independently."""
    frequency(
        one & another,
        (epsilon * other) ** 2,
        what=f"With ε = {epsilon:g}, another arm than the greedy one was taken in both of two rooms",
        hint="Rooms must be independent: each one tosses a coin, so that the number of those that explore varies.",
        mistakes={"Two rooms share a coin; each one tosses its own.": epsilon * other**2},
    )


@exercise(own=bandits.testbed)
def testbed(answer, *, rooms=3000, num_arms=10, epsilon=0.1, steps=40, seed=11):
    """Arms and rewards of many ε-greedy players, who start from Q = 0 and learn from each reward."""
    q_star = torch.randn(rooms, num_arms, generator=generator(seed))
    records = []
    for chance in (0.0, epsilon, epsilon):
        arms, rewards = _played(answer, q_star, chance, steps, seed + 1 + len(records))
        left, clear = _choices(arms, rewards, num_arms)
        _exploring(left, clear, num_arms, chance)
        records.append((left, clear))
    fewer = num_arms - 2
    advice = f"Here each room has {fewer} arms, as many as q_star has columns."
    anywhere, _ = _record(answer, q_star[:, :fewer], 1.0, 2, seed, advice)
    for arm in range(fewer):
        frequency(
            anywhere == arm,
            1 / fewer,
            what=f"With ε = 1, arm {arm} was taken",
            hint="Exploring takes all K arms alike.",
        )
    _one_source(answer, q_star[:50], epsilon, seed)
    (left, clear), (left_again, clear_again) = records[1:]
    leave = epsilon * (num_arms - 1) / num_arms
    frequency(
        (left & left_again)[clear & clear_again],
        leave**2,
        what=f"With ε = {epsilon:g}, a room left the greedy arm in the same step of two games",
        hint="Each game tosses new coins: draw them from `generator`.",
    )
    _one_room(answer, num_arms, epsilon, seed)


def _one_source(answer, q_star: Tensor, epsilon: float, seed: int) -> None:
    """Check that all that is random in a game is new each time, and comes from the generator."""
    for what, part, table, chance in (
        ("The noise of the rewards", 1, torch.zeros_like(q_star), epsilon),
        ("The random arm of those who explore", 0, q_star, 1.0),
        ("The choice among tied arms", 0, q_star, 0.0),
    ):
        noise.source(
            answer,
            lambda function, generator, part=part, table=table, chance=chance: function(
                table, chance, 1 if chance == 0 else 3, generator=generator
            )[part],
            what=what,
            seed=seed,
            times=4,
        )


def _played(answer, q_star: Tensor, epsilon: float, steps: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return arms and rewards of a game, after a look at what can be said without the estimates."""
    num_arms = q_star.shape[1]
    arms, rewards = _record(answer, q_star, epsilon, steps, seed)
    swept = (arms[:, :num_arms].sort(1).values == torch.arange(num_arms)).all(1) if steps >= num_arms else arms < 0
    that(
        bool(swept.double().mean() < 0.5),
        f"The rooms pull each arm once in their first {num_arms} steps. Start from Q = 0, without a round.",
    )
    error = rewards - q_star.gather(1, arms)
    if error.std() > 0.1:
        that(
            bool(error.std(0).min() > 0.1),
            "In each step all rooms get the same noise. Draw it for each room, as bandits.pull does.",
        )
        that(
            bool(error.std(1).min() > 1e-3),
            "A room gets the same noise in each step. Draw it anew: hand `generator` itself to bandits.pull.",
        )
    mean(
        error,
        0.0,
        std=1.0,
        what="The mean of R − q*(A)",
        hint="Pull the chosen arms of q_star, and record the rewards as they are drawn, each with its own noise.",
    )
    mean(
        error**2,
        1.0,
        std=math.sqrt(2),
        what="The variance of the rewards",
        hint="Draw each reward with bandits.pull, once a step.",
    )
    that(
        len(arms[:, 0].unique()) > 1,
        f"All rooms pull arm {int(arms[0, 0])} first. Each has a table of its own, where at first all arms are tied.",
    )
    that(
        bool((arms[:, 0] == q_star.argmax(1)).double().mean() < 0.6),
        "The first pulls are those of the truly best arms: choose by the estimates, for nobody knows q_star.",
    )
    frequency(
        arms[:, 0] == 0,
        1 / num_arms,
        what="In the first step, arm 0 was taken",
        hint="At first all arms are tied.",
    )
    return arms, rewards


def _choices(arms: Tensor, rewards: Tensor, num_arms: int) -> tuple[Tensor, Tensor]:
    """Return where another arm than the greedy one was taken, and where it is clear which one is greedy; (B, T)."""
    known = bandits.estimates(arms, rewards, num_arms)
    clear = known.topk(2).values.diff().squeeze(-1) < -1e-4
    return known.gather(-1, arms.unsqueeze(-1)).squeeze(-1) < known.amax(-1) - 1e-4, clear


def _exploring(left: Tensor, clear: Tensor, num_arms: int, epsilon: float) -> None:
    """Check how often another arm than the greedy one was taken, in all steps and in each."""
    other, number = (num_arms - 1) / num_arms, clear.sum(0)
    in_step = ((left & clear).sum(0) / number)[number > len(left) / 3]
    busy, quiet = in_step > 0.5 * other, in_step < 0.01
    that(
        not (busy.any() and quiet.any() and (busy | quiet).all()),
        "In each step all rooms explore, or none: toss a coin for each room.",
    )
    in_room = (left & clear).sum(1) / clear.sum(1).clamp(min=1)
    busy, quiet = in_room > 0.5 * other, in_room == 0
    that(
        not (busy.any() and quiet.any() and (busy | quiet).all()),
        "In each step the same rooms explore: toss the coins anew in each step.",
    )
    what = f"With ε = {epsilon:g}, another arm than the greedy one was taken"
    frequency(
        left[clear],
        other * epsilon,
        what=what,
        hint="Choose from the averages of all rewards before the step, and update them after it.",
        mistakes={
            "Exploration never happens; is epsilon used?": 0.0,
            "Is epsilon used? This is the share for ε = 0.1.": 0.1 * other,
            "Is the choice always random?": other,
        },
        strays=STRAYS,
    )
    if epsilon:
        step = (in_step - other * epsilon).abs().argmax()
        step = int((number > len(left) / 3).nonzero()[step])
        frequency(
            left[:, step][clear[:, step]],
            other * epsilon,
            what=f"{what} in step {step + 1}",
            hint="In every step each room tosses a coin of its own.",
            false_alarm=FALSE_ALARM / left.shape[1],
        )


def _one_room(answer, num_arms: int, epsilon: float, seed: int, steps=450) -> None:
    """Check a long game in a single room, where neither a share of the rooms can explore nor always the same ones."""
    q_star = torch.randn(1, num_arms, generator=generator(seed))
    arms, rewards = _record(answer, q_star, epsilon, steps, seed)
    left, clear = _choices(arms, rewards, num_arms)
    other = (num_arms - 1) / num_arms
    frequency(
        left[clear],
        other * epsilon,
        what=f"With ε = {epsilon:g}, another arm than the greedy one was taken in a single room",
        hint="Choose from the averages of all rewards before the step, and update them after it.",
        mistakes={
            "It never explores: toss a coin for each room, whatever their number.": 0.0,
            "It always explores: toss a coin for each room, whatever their number.": other,
        },
    )


def _record(answer, q_star: Tensor, epsilon: float, steps: int, seed: int, advice="") -> tuple[Tensor, Tensor]:
    """Return the arms and rewards of a game, which have the right type and shape."""
    names, shape = ("arms", "rewards"), (len(q_star), steps)
    game, what = (q_star, epsilon, steps), "What testbed returns"
    arms, rewards = _pair(answer, names, *game, what=what, advice=advice, generator=generator(seed))
    record = f"{len(q_star)} room{'s' * (len(q_star) > 1)} in {steps} steps"
    indices(arms, shape=shape, below=q_star.shape[1], what=f"The arms of {record}")
    equal(rewards, torch.zeros(shape), what=f"The tensor of the rewards of {record}", atol=math.inf)
    return arms, rewards


@exercise(own=bandits.optimal_share)
def optimal_share(answer, *, q_star=ROOMS, arms=ARMS):
    """The share of rooms that pull their truly best arm in each step, and its standard error."""
    q_star, arms = _real(q_star), torch.tensor(arms)
    _share(answer, q_star, arms)
    _share(answer, q_star[:1], arms[:1])
    _share(answer, q_star, arms[:, :1])


def _share(answer, q_star: Tensor, arms: Tensor) -> None:
    """Check one record."""
    (rooms, steps), num_arms = arms.shape, q_star.shape[1]
    wanted, error = bandits.optimal_share(q_star, arms)
    got = _pair(answer, ("share", "error"), q_star, arms, what="What optimal_share returns", sizes=KEEP)
    record = f"{rooms} room{'s' * (rooms > 1)} in {steps} step{'s' * (steps > 1)}"
    hits = (arms == q_star.argmax(-1, keepdim=True)).float()
    variance = wanted * (1 - wanted)
    equal(
        got[0],
        wanted,
        what=f"The share of optimal pulls of {record}",
        hint="Compare each arm with argmax of its own room's q_star, and average over the rooms.",
        mistakes={
            "Average over the rooms, not over the steps.": hits.mean(1),
            "That is the number of rooms; divide by how many there are.": hits.sum(0),
            "That is in per cent; return a share between 0 and 1.": 100 * wanted,
            "Compare with the truly best arm, not with the arm pulled most.": (
                (arms == arms.mode(-1, keepdim=True).values).float().mean(0)
            ),
            "Compare with the truly best arm, not with the arm pulled last.": (arms == arms[:, -1:]).float().mean(0),
            "That is the share for the worst arm; take argmax.": (
                (arms == q_star.argmin(-1, keepdim=True)).float().mean(0)
            ),
            "Those are truth values for each room; average them over the rooms.": [hits, hits.mT],
            "That is the share over all steps; each step has its own.": [hits.mean(), hits.mean().expand(steps)],
            "Return the share first, then its error.": error,
        },
    )
    equal(
        got[1],
        error,
        what=f"The standard error for {record}",
        hint="It is √(p (1 − p) / n) with n rooms.",
        mistakes={
            "That is the variance; take the square root.": variance / rooms,
            "Divide by n: that is the standard deviation of one room.": variance.sqrt(),
            "You divided by n outside the root.": variance.sqrt() / rooms,
            "You divided by n − 1.": (variance / torch.tensor(rooms - 1)).sqrt(),
            "Here n is the number of rooms, not of steps.": (variance / steps).sqrt(),
            "Here n is the number of rooms, not of arms.": (variance / num_arms).sqrt(),
            "Here n is the number of rooms alone, not of all pulls.": (variance / arms.numel()).sqrt(),
            "That is in per cent; return the error of a share between 0 and 1.": 100 * error,
        },
    )


@exercise(own=bandits.runs_needed)
def runs_needed(answer, *, cases=((0.8, 0.45, 4), (0.5, 0.53, 2), (1.0, 0.5, 3), (1.0, 0.2, 0.5))):
    """The smallest n, for shares p and q and a distance in standard errors."""
    for p, q, distance in cases:
        equal(
            answer(p, q, distance),
            bandits.runs_needed(p, q, distance),
            what=f"The number of runs that separates shares {p:g} and {q:g} by {distance:g} standard errors",
            hint="n is the square of distance/(p − q), times both variances p(1 − p) + q(1 − q), rounded up.",
            rtol=0,
            atol=0.01,
            mistakes=_wrong_runs(p, q, distance),
        )


def _wrong_runs(p: float, q: float, distance: float) -> dict[str, list[float]]:
    """Return what likely mistakes give, rounded up where that is right."""
    variances, gap = (p * (1 - p), q * (1 - q)), p - q
    total, (one, other) = sum(variances), map(math.sqrt, variances)
    runs = distance**2 * total / gap**2
    least = bandits.runs_needed(p, q, distance)
    middle = (p + q) / 2
    return {
        "Round up: one run fewer is not enough.": [least - 1, runs],
        "That is one run too many: round up once, at the end, and add nothing. A whole number is enough, even n = 1.": [
            least + 1
        ],
        "The distance must be squared too.": _up(distance * total / gap**2),
        "The difference p − q must be squared too.": _up(distance**2 * total / gap, distance**2 * total / abs(gap)),
        "Only one of the variances is in; both shares are uncertain.": _up(
            *[distance**2 * variance / gap**2 for variance in variances]
        ),
        "Nothing is squared yet: solve the inequality for n.": _up(
            distance * total / gap, distance * total / abs(gap), distance * math.sqrt(total) / abs(gap)
        ),
        "Variances add up, and then comes the root; neither standard errors nor their difference.": _up(
            (distance * (one + other) / gap) ** 2,
            (distance * (one - other) / gap) ** 2,
            distance**2 * (variances[0] - variances[1]) / gap**2,
            distance**2 * abs(variances[0] - variances[1]) / gap**2,
        ),
        "Each share has its own variance; do not pool them.": _up(distance**2 * 2 * middle * (1 - middle) / gap**2),
        "That counts both kinds together; n is the number of runs of each kind.": [2 * least, *_up(2 * runs)],
    }


def _up(*values: float) -> list[int]:
    """Return the numbers rounded up, with and without what computing has added to whole ones."""
    return [math.ceil(number) for value in values for number in (value, round(value, 9))]


def _advised(answer: Answer, *arguments, advice: str = "", sizes: str = "", **named):
    """Call the answer; add advice to the sentence about an error that it raises, in particular of sizes."""
    try:
        return answer(*arguments, **named)
    except Raised as error:
        raise _with(error, advice, sizes) from None


def _with(error: Raised, advice: str, sizes: str) -> Raised:
    advice = advice or (sizes if "must match" in error.text else "")
    return error.told(f"{error} {advice}".strip())


def _pair(
    answer: Answer, names: tuple[str, str], *arguments, what: str, advice: str = "", sizes: str = "", **named
) -> tuple:
    """Return the two parts of what a call returns, which later cells unpack."""

    def call(function):
        got = function(*arguments, **named)
        return got, got is None or isinstance(got, Tensor | tuple | list) or hasattr(got, "__iter__")

    try:
        got, unpacks = answer.probe(call)
    except Raised as error:
        raise _with(error, advice, sizes) from None
    that(unpacks, f"{what} cannot be unpacked into two. End with: return {', '.join(names)}")
    return parts(got, names, what=what)


def _real(numbers: Sequence) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float32)


def _listed(numbers: Tensor) -> str:
    return f"[{', '.join(f'{number:g}' for number in numbers.tolist())}]"
