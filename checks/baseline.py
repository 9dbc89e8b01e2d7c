"""Lesson 05: what tells a right baseline, and two networks that learn together, from wrong ones."""

import copy
import functools
from collections.abc import Callable, Iterator, Sequence
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from checks import steps
from checks.answer import Answer, Raised
from checks.compare import equal, fail, generator, parts, that
from checks.exercise import exercise
from helpers import baselines, networks, reinforce
from helpers.rollouts import Episodes

FOUR, TWO = ((0.4, 0.3, 0.2, 0.1), (1.0, -2.5, 0.0, 7.0)), ((0.2, 0.8), (1.0, 6.0))  # π and q
UNEVEN = ((0.35, 0.65), (1.37, -2.13))  # nothing that comes of it has few digits
RARE = ((0.05, 0.6, 0.05, 0.3), (-4.0, -0.5, 1.0, -0.5))
RETURNS = (
    (8.0, -7.0, 4.0, -1.5, 60.0, 2.0),
    (3.0, 1.0, 50.0, -70.0, 9.0, -8.0),
    (8.0, 0.0, -4.0, 80.0, -30.0, 7.0),
    (-5.0, 2.0, 40.0, -20.0, 6.0, 90.0),
)
VALUES = (
    (5.0, -3.0, 4.0, 0.5, 4.0, 1.0),
    (4.5, 0.0, 1.0, 2.0, -6.0, 3.0),
    (6.0, 1.0, -4.0, 3.0, 7.0, -2.0),
    (-4.0, 2.375, 1.0, 8.0, -2.0, 5.0),
)
LENGTHS = (4, 1, 3, 2)  # nobody lives to the last two steps
RUNS = "Leading dimensions hold runs, which must not mix: the episodes are dimension −2; keepdim=True keeps it as 1."
SQUEEZE = "squeeze(-1) drops the last dimension; without the −1 every dimension of size 1 goes, that of time, too."
ROUNDED = "Do not round."
WORDS = ("no", "one", "two", "three", "four", "five", "six")


@exercise(own=baselines.expected_push)
def expected_push(
    answer,
    *,
    states=((*FOUR, (3.0, -1.0, 2.0, 5.0)), (*TWO, (-2, 0)), (*UNEVEN, (0.2, 1.7)), ((1.0,), (5.0,), (2.0,))),
    numbers=(10.0, -2.5),
):
    """E[(q(a) − b) ∇ log π(a)] over a ∼ π, for each preference; b is a number, or one number for each action."""
    for pi, q, each in states:
        pi, q, each = map(_precise, (pi, q, each))
        where = f" in a state of {_words(len(pi), 'action')}"
        kinds = {f"with b = {_signed(number)}": number for number in numbers}
        kinds["where b is a tensor without dimensions"] = torch.tensor(numbers[-1])
        for kind, b in {"without baseline": 0.0, **kinds, "with a baseline for each action": each}.items():
            wanted = baselines.expected_push(pi, q, b)
            equal(
                _ready(answer, pi, q, b, what="The mean push"),
                wanted,
                what=f"The mean push {kind}{where}",
                hint="Sum π(a) (q(a) − b) times row a over the actions a.",
                mistakes=_wrong_pushes(pi, q, b, wanted),
            )


def _wrong_pushes(pi: Tensor, q: Tensor, b: Tensor | float, wanted: Tensor) -> dict:
    """Return what likely mistakes give."""
    rows, weights = baselines.scores(pi), pi * (q - b)
    weighted = weights.unsqueeze(-1) * rows
    return {
        "π is missing: actions are drawn from π, so the likely ones count more.": [
            ((q - b).unsqueeze(-1) * rows).sum(0),
            ((q - b).unsqueeze(-1) * rows).mean(0),
        ],
        "That sums each row over the preferences; sum the rows over the actions.": weighted.sum(1),
        "That is one row for each action; sum them.": weighted,
        "That averages the weighted rows; with π as weights a mean is a sum.": weighted.mean(0),
        "The weights multiply the columns; they belong to the rows: unsqueeze(-1).": [
            (weights * rows).sum(0),
            (weights * rows).sum(1),
        ],
        "The sign is wrong: good actions are to be pushed up.": -wanted,
        "The rows are missing: that only weights the values.": weights,
        "Negative values count, too: they push down.": baselines.expected_push(pi, (q - b).clamp(min=0), 0.0),
        "b is ignored, or one number is subtracted: each action has its own here.": baselines.expected_push(pi, q, 0.0),
        "b is added; subtract it.": ((pi * (q + b)).unsqueeze(-1) * rows).sum(0),
        "That subtracts b from π · q; it belongs inside: π (q − b).": ((pi * q - b).unsqueeze(-1) * rows).sum(0),
        "squeeze() without a number drops every dimension of size 1: say which one.": wanted.squeeze(),
        "That sums over the preferences, too; keep one number for each of them.": wanted.sum(),
        ROUNDED: _rounded(wanted),
    }


@exercise(own=baselines.push_variance)
def push_variance(answer, *, states=(FOUR, TWO, UNEVEN), b=(1.0, -2.5, 0.0, 2)):
    """The variance of (q(a) − b) ∇ log π(a), summed over the preferences: one number."""
    for pi, q in states:
        pi, q = _precise(pi), _precise(q)
        for number in b:
            wanted = baselines.push_variance(pi, q, number)
            equal(
                _number(answer, pi, q, number, what="The variance"),
                wanted.item(),
                what=f"The variance with b = {_signed(number)}",
                hint="It is E‖ĝ‖² − ‖E ĝ‖².",
                mistakes=_wrong_variances(pi, q, number, wanted),
            )
        for dtype in (torch.float32, torch.float64):
            equal(
                _number(answer, pi, q, torch.tensor(b[1], dtype=dtype), what="The variance"),
                baselines.push_variance(pi, q, b[1]).item(),
                what=f"The variance where b is a tensor, {_signed(b[1])}",
                hint="Below, b comes as a tensor without dimensions, too.",
            )


def _wrong_variances(pi: Tensor, q: Tensor, b: float, wanted: Tensor) -> dict:
    rows, mean = baselines.scores(pi), baselines.expected_push(pi, q, b)
    squares, error = rows.square().sum(-1), q - b
    second, subtracted = (pi * error**2 * squares).sum(), mean.square().sum()
    return {
        "The squared length of the mean is not subtracted; the square of its sum is 0.": second,
        "That subtracts the mean, not its squared length.": second - mean.norm(),
        "The squared length of the mean is added; subtract it.": second + subtracted,
        "The square of q − b is missing.": (pi * error * squares).sum() - subtracted,
        "The rows' lengths are not squared.": (pi * error**2 * squares.sqrt()).sum() - subtracted,
        "π is missing in the mean of the squares.": [
            (error**2 * squares).sum() - subtracted,
            (error**2 * squares).mean() - subtracted,
        ],
        "The lengths of the rows are missing: that is not the variance of the push.": [
            (pi * error**2).sum() - subtracted,
            (pi * q**2).sum() - (pi * q).sum() ** 2,
        ],
        "That sums the squares of each column; the length of row a sums over dimension −1.": (
            (pi * error**2 * rows.square().sum(0)).sum() - subtracted
        ),
        "b is ignored: it changes the variance.": baselines.push_variance(pi, q, 0.0),
        "That is the variance for −b: subtract b from q.": baselines.push_variance(pi, q, -b),
        "That is the standard deviation.": wanted.clamp(min=0).sqrt(),
        "π is squared, too: draws are weighted by π once.": (pi**2 * error**2 * squares).sum() - subtracted,
        "Sum over the preferences: the answer is one number.": (
            (pi.unsqueeze(-1) * (error.unsqueeze(-1) * rows) ** 2).sum(0) - mean**2
        ),
        "That is the mean over the preferences; sum over them.": wanted / len(pi),
        ROUNDED: _rounded(wanted),
    }


@exercise(own=baselines.best_baseline)
def best_baseline(answer, *, states=(FOUR, RARE, TWO)):
    """The number b of least variance."""
    for number, (pi, q) in enumerate(states):
        pi, q = _precise(pi), _precise(q)
        wanted = baselines.best_baseline(pi, q)
        equal(
            _number(answer, pi, q, what="The best baseline"),
            wanted.item(),
            what="The best baseline" + " of another policy" * (number > 0),
            hint="Σ π ‖∇ log π‖² q divided by Σ π ‖∇ log π‖².",
            mistakes=_wrong_numbers(pi, q, wanted),
        )


def _wrong_numbers(pi: Tensor, q: Tensor, best: Tensor) -> dict:
    rows = baselines.scores(pi)
    lengths = rows.square().sum(-1)

    def mean(weights: Tensor) -> Tensor:
        return (weights * q).sum() / weights.sum()

    return {
        "That is v, the usual choice: near the best, but the best weights q by ‖∇ log π‖² as well.": mean(pi),
        "That is the plain mean of q.": q.mean(),
        "The weights do not sum to 1: divide by their sum.": [(pi * lengths * q).sum(), (pi * lengths * q).mean()],
        "π is missing in the weights.": mean(lengths),
        "The lengths in the weights are to be squared.": mean(pi * lengths.sqrt()),
        "That sums the squares of each column; the length of row a sums over dimension −1.": mean(
            pi * rows.square().sum(0)
        ),
        "That is the largest value.": q.max(),
        "That is the value of the likeliest action; all of them count.": q[pi.argmax()],
        "That is the least variance itself; return the b that has it.": baselines.push_variance(pi, q, best),
        "π is in twice.": mean(pi**2 * lengths),
        "q is squared; the weights are, but not q.": (pi * lengths * q**2).sum() / (pi * lengths).sum(),
        "The sign is wrong.": -best,
        ROUNDED: _rounded(best),
    }


@exercise(own=reinforce.time_baseline)
def time_baseline(answer, *, returns=RETURNS, lengths=LENGTHS):
    """The mean return of the episodes alive at each step: (..., N, T) to (..., 1, T), and 0 where nobody is alive."""
    returns, mask = _batch(returns, lengths)
    wanted = reinforce.time_baseline(returns, mask)
    equal(
        answer(returns, mask),
        wanted,
        what=f"The mean per time step of {_words(len(returns), 'episode')}",
        hint="Divide the sum of the returns by the number of episodes, both of those alive at the step.",
        mistakes=_wrong_means(returns, mask, wanted),
    )
    for name, returns_there, mask_there in _other_shapes(returns, mask):
        real, wanted = torch.where(mask_there, returns_there, 0.0), reinforce.time_baseline(returns_there, mask_there)
        equal(
            _asked(answer, returns_there, mask_there, advice=RUNS if real.dim() > 2 else ""),
            wanted,
            what=f"The mean per time step of {name}",
            hint=RUNS if real.dim() > 2 else "Whatever N and T are, the result is (1, T), and 0 where nobody is alive.",
            mistakes={
                "Dimension 0 holds the runs here, and runs must not mix; the episodes are dimension −2.": _mean(
                    real, mask_there, 0
                ),
                "Keep the dimension of the episodes where it was, −2: keepdim=True.": wanted.squeeze(-2).unsqueeze(0),
                RUNS: _mean(real, mask_there, (0, -1))[..., 0],  # of a loop over dimension 1
                "The runs are mixed: sum over the episodes of each run only.": [
                    _mean(real.flatten(0, -2), mask_there.flatten(0, -2), 0),
                    _mean(real.flatten(0, -2), mask_there.flatten(0, -2), 0)[0],
                    _mean(real, mask_there, tuple(range(real.dim() - 1))),
                ],
            },
        )


def _wrong_means(returns: Tensor, mask: Tensor, wanted: Tensor) -> dict:
    real, alive = torch.where(mask, returns, 0.0), mask.sum(0, keepdim=True)
    over_time = real.sum(1) / mask.sum(1)
    return {
        "Rubbish behind the ends is averaged, too: use the mask.": returns.mean(0, keepdim=True),
        "That divides by all episodes; only those alive at the step count.": real.mean(0, keepdim=True),
        "Rubbish is summed, and divided by the number alive.": returns.sum(0, keepdim=True) / alive.clamp(min=1),
        "That is the mean over time of each episode; average over the episodes.": [
            over_time.unsqueeze(0),
            over_time.unsqueeze(1),
            over_time,
            real.mean(1, keepdim=True),
        ],
        "That is one number for the whole batch; each step has its own.": [
            returns[mask].mean(),
            returns[mask].mean().expand_as(wanted),
        ],
        "Where no episode is alive, 0/0 becomes nan: divide by at least 1.": torch.where(
            alive > 0, wanted, float("nan")
        ),
        "A return of 0 counts, too: the mask says who is alive.": _mean(real, real != 0, 0),
        "A negative sum has a mean, too: 0 stands only where nobody is alive.": [
            wanted.clamp(min=0),
            wanted.clamp(min=0)[0],
        ],
        "Divide by the number of episodes alive: that is the sum.": real.sum(0, keepdim=True),
        "Keep the dimension of the episodes, as 1: keepdim=True.": wanted[0],
        "One row is enough for all episodes, (1, T): leave out the expand.": [wanted.expand_as(real), wanted * mask],
        "That counts the episodes; the mean of their returns was asked for.": [alive.float(), alive],
        "That is the return minus the mean; the mean alone was asked for.": [
            returns - wanted,
            real - wanted,
            torch.where(mask, returns - wanted, 0.0),
        ],
        "That is the transposed: episodes are dimension −2, steps dimension −1.": wanted.T,
        ROUNDED: _rounded(wanted),
    }


@exercise(own=baselines.leave_one_out)
def leave_one_out(answer, *, returns=RETURNS, lengths=LENGTHS):
    """The mean return of the other episodes alive at each step of each, (..., N, T), and 0 if there is no other."""
    returns, mask = _batch(returns, lengths)
    wanted = baselines.leave_one_out(returns, mask)
    equal(
        _inside(answer(returns, mask), mask),
        _inside(wanted, mask),
        what="The mean return of the others",
        hint="Divide the sum of the others' returns by their number, both of those alive at the step.",
        mistakes=_wrong_others(returns, mask, wanted),
    )
    for name, returns_there, mask_there in _other_shapes(returns, mask):
        real, wanted = torch.where(mask_there, returns_there, 0.0), baselines.leave_one_out(returns_there, mask_there)
        equal(
            _inside(_asked(answer, returns_there, mask_there, advice=RUNS if real.dim() > 2 else ""), mask_there),
            _inside(wanted, mask_there),
            what=f"The mean return of the others in {name}",
            hint=RUNS if real.dim() > 2 else "Where no other episode is alive it is 0.",
            mistakes={
                "Dimension 0 holds the runs here, and runs must not mix; the episodes are dimension −2.": _inside(
                    _others(real, mask_there, 0), mask_there
                ),
                "The runs are mixed: only episodes of the same run count.": _inside(
                    _others(real, mask_there, tuple(range(real.dim() - 1))), mask_there
                ),
            },
        )


def _wrong_others(returns: Tensor, mask: Tensor, wanted: Tensor) -> dict:
    def inside(numbers: Tensor) -> Tensor:
        return _inside(numbers, mask)

    real, alive = torch.where(mask, returns, 0.0), mask.sum(0, keepdim=True)
    everyone, most = real.sum(0, keepdim=True).expand_as(real), len(real) - 1
    per_step, rest = everyone / alive.clamp(min=1), everyone - real
    of_time = (real.sum(1, keepdim=True) - real) / (mask.sum(1, keepdim=True) - 1)
    unequal = (mask & (returns[:, None] != returns)).float()  # [i, j]: at each step, where j differs from i
    return {
        "Its own return is still inside: that is the mean per step.": [per_step[:1], per_step[0], inside(per_step)],
        "The sum leaves itself out, the number does not: divide by the others.": inside(rest / alive.clamp(min=1)),
        "The number leaves itself out, the sum does not: take its own return from it.": [
            inside(everyone / (alive - 1).clamp(min=1)),
            inside(everyone / (alive - 1)),
        ],
        "That divides by all other episodes; only those alive at the step count.": inside(rest / most),
        "Rubbish behind the ends is averaged, too: use the mask.": [
            inside((returns.sum(0) - returns) / number) for number in (most, (alive - 1).clamp(min=1), alive - 1, alive)
        ],
        "Where no other episode is alive, 0/0 becomes nan: divide by at least 1.": inside(rest / (alive - 1)),
        "That is the sum of the others; divide it by their number.": inside(rest),
        "That is the return minus the baseline; the baseline alone was asked for.": [
            inside(real - wanted),
            real - inside(wanted),
            inside(returns - per_step),
        ],
        "That leaves out a step, not an episode: the sum runs over the time.": [
            inside(of_time),
            inside(of_time.nan_to_num(0.0)),
        ],
        "Where an episode is alone, its own return comes back, which looks at its actions; 0 was asked.": torch.where(
            mask & (alive == 1), returns, inside(wanted)
        ),
        "Another episode with the same return is another all the same: leave out by place, not by value.": inside(
            (unequal * real).sum(1) / unequal.sum(1).clamp(min=1)
        ),
        "A return of 0 counts, too: the mask says who is alive.": inside(_others(real, real != 0, 0)),
        "A negative mean is a mean, too: 0 stands only where there is no other.": inside(wanted.clamp(min=0)),
        ROUNDED: [inside(number) for number in _rounded(wanted)],
    }


@exercise(own=reinforce.value_loss)
def value_loss(answer, *, values=VALUES, returns=RETURNS, lengths=LENGTHS):
    """The mean of (v(S_t) − G_t)² over the steps that happened, with a gradient for the values."""
    values, (returns, mask) = torch.tensor(values), _batch(returns, lengths)
    equal(
        answer(values, returns, mask),
        _squared(values, returns, mask),
        what=f"The value loss of {_words(len(values), 'episode')}",
        hint="Average the squared errors of the steps of the mask.",
        mistakes=_wrong_value_losses(values, returns, mask),
    )
    others, mask_there = _other_episodes(returns, mask)
    cases = {
        "of other episodes": (values, others, mask_there),
        "of perfect values": (returns, returns, mask),
        "of one episode": (values[:1], returns[:1], mask[:1]),
        "of one step": (values[:, :1], returns[:, :1], mask[:, :1]),
        "without a place behind an end": (values, returns, torch.ones_like(mask)),
    }
    for name, case in cases.items():
        equal(
            answer(*case),
            _squared(*case),
            what=f"The value loss {name}",
            hint="Average the squared errors of the steps of the mask.",
        )
    for case in ((values, returns, mask), cases["of one step"]):
        equal(
            steps.slope(answer, case, 0, what="The value loss", of="the values"),
            _squared_slope(*case),
            what="The gradient of the value loss",
            hint="It is 2 (v − G) over the number of steps, and 0 behind an end.",
        )


def _squared(values: Tensor, returns: Tensor, mask: Tensor) -> Tensor:
    return (values - returns)[mask].square().mean()


def _squared_slope(values: Tensor, returns: Tensor, mask: Tensor) -> Tensor:
    return 2 * torch.where(mask, values - returns, 0.0) / mask.sum()


def _wrong_value_losses(values: Tensor, returns: Tensor, mask: Tensor) -> dict:
    everywhere = values - returns
    error, wanted = everywhere[mask], _squared(values, returns, mask)
    of_each = (everywhere.square() * mask).sum(1) / mask.sum(1)
    return {
        "The mask is missing.": [everywhere.square().mean(), everywhere.square().sum()],
        "Divide by the steps that happened, not by all places.": (everywhere.square() * mask).mean(),
        "That is the sum; take the mean over steps.": error.square().sum(),
        "Divide by the number of steps; that is the number of episodes.": error.square().sum() / len(values),
        "Square the errors before you average them.": [error.mean().square(), error.mean(), error.sum().square()],
        "That is the absolute error, whose minimum is the median, not the mean.": error.abs().mean(),
        "That averages each episode by itself first; all steps weigh the same.": of_each.mean(),
        "That is one number for each episode; average over all steps.": of_each,
        "That is half of it.": wanted / 2,
        "That is the root of it.": wanted.sqrt(),
        "A squared error is not negative: no minus sign here.": -wanted,
        "That compares the values with 0.": values[mask].square().mean(),
        "A return of 0 counts, too: the mask says which steps happened.": _squared(
            values, returns, mask & (returns != 0)
        ),
        "An error of 0 counts, too: the mask says which steps happened.": error.square().sum() / (error != 0).sum(),
        "Divide by the number of steps, not by one less.": error.square().sum() / (len(error) - 1),
        "That takes the mean error away first; square the errors themselves.": [error.var(), error.var(correction=0)],
        "Negative returns count, too.": _squared(values, returns.clamp(min=0), mask),
        "That compares each value with every return; each step has its own.": (
            (values[mask].unsqueeze(0) - returns[mask].unsqueeze(1)).square().mean()
        ),
        ROUNDED: _rounded(wanted),
    }


@exercise(own=baselines.baseline_losses)
def baseline_losses(answer, *, values=VALUES, returns=RETURNS, lengths=LENGTHS, actions=3, seed=7):
    """The policy's loss with weights G_t − v(S_t), and the value's squared error; neither moves the other's network."""
    values, (returns, mask), drawn = torch.tensor(values), _batch(returns, lengths), generator(seed)
    logits = torch.randn(*mask.shape, actions, generator=drawn)
    taken = torch.randint(actions, mask.shape, generator=drawn)
    case = (logits, values, taken, returns, mask)
    _two_losses(answer, case, "", _wrong_policy_losses(*case))
    _their_gradients(answer, case)
    _two_losses(answer, (logits, values, taken, *_other_episodes(returns, mask)), " of other episodes")
    _two_losses(answer, (logits, 0 * values, taken, returns, mask), " with values 0")
    _two_losses(answer, tuple(part[:1] for part in case), " of one episode", advice=SQUEEZE)
    _two_losses(answer, tuple(part[:, :1] for part in case), " of one step", advice=SQUEEZE)


def _two_losses(answer: Answer, case: tuple, which: str, mistakes: dict | None = None, *, advice: str = "") -> None:
    logits, values, actions, returns, mask = case
    pair = _asked(answer, *case, advice=advice) if advice else answer(*case)
    policy, value = parts(pair, ("policy loss", "value loss"), what="The result")
    wanted = _squared(values, returns, mask)
    equal(
        policy,
        reinforce.policy_loss(logits, actions, returns - values, mask),
        what=f"The policy's loss{which}",
        hint=advice or "It is the mean of −(G_t − v(S_t)) log π(A_t | S_t) over the steps that happened, and no more.",
        mistakes=mistakes,
    )
    equal(
        value,
        wanted,
        what=f"The value's loss{which}",
        hint=advice or "Give value_loss the values, returns and mask.",
        mistakes={
            "The mask is not passed on.": (values - returns).square().mean(),
            "That is half of it; value_loss itself was asked for.": wanted / 2,
            "That is the sum over the steps; take their mean.": wanted * mask.sum(),
        },
    )


def _wrong_policy_losses(logits: Tensor, values: Tensor, actions: Tensor, returns: Tensor, mask: Tensor) -> dict:
    def policy(weights: Tensor, actions=actions, mask=mask) -> Tensor:
        return reinforce.policy_loss(logits, actions, weights, mask)

    def plain(log_pi: Tensor) -> Tensor:
        return -(advantage * log_pi.gather(-1, actions.unsqueeze(-1))[..., 0])[mask].mean()

    advantage = returns - values
    mean, std = advantage[mask].mean(), advantage[mask].std()
    right, value = policy(advantage), _squared(values, returns, mask)
    return {
        "The sign is wrong: the weights are G − v, and weighted_loss has the minus of the loss.": policy(-advantage),
        "The baseline is missing: the weights are still the returns.": policy(returns),
        "The weights are the values; the advantage is G − v.": policy(values),
        "The mean of the values is subtracted; each step has its own.": [
            policy(returns - values.mean()),
            policy(returns - values[mask].mean()),
        ],
        "The mask is not passed on.": policy(advantage, mask=torch.ones_like(mask)),
        "The two losses are swapped.": value,
        "That is the sum of both losses; return them by themselves.": right + value,
        "That is the sum over the steps; take their mean.": right * mask.sum(),
        "Divide by the number of steps; that is the number of episodes.": right * mask.sum() / len(mask),
        "Divide by the steps that happened, not by all places.": right * mask.double().mean(),
        "The advantages are normalised; here G − v itself is the weight.": [
            policy((advantage - mean) / std),
            policy(advantage / std),
            policy(advantage - mean),
        ],
        "Take log π of the actions that were taken, not of the likeliest.": policy(advantage, logits.argmax(-1)),
        "The weights are squared errors; the advantage keeps its sign.": policy(advantage.square()),
        "The absolute value loses what matters: whether it was better or worse than expected.": policy(advantage.abs()),
        "Negative returns count, too.": policy(returns.clamp(min=0) - values),
        "Negative advantages count, too: they push down.": policy(advantage.clamp(min=0)),
        "The logarithm is missing: weight log π, not π.": plain(logits.softmax(-1)),
        "Logits are not log π yet: log_softmax(-1).": plain(logits),
        "The softmax runs over the wrong dimension; the actions are the last one.": [
            plain(logits.log_softmax(0)),
            plain(logits.log_softmax(1)),
        ],
    }


def _their_gradients(answer: Answer, case: tuple) -> None:
    """Check that each loss has the gradient of its own network, and none of the other's."""
    logits, values, actions, returns, mask = case

    def probe(function):
        leaves = [logits.clone().requires_grad_(), values.clone().requires_grad_()]
        losses, slopes = function(*leaves, actions, returns, mask), []
        for loss in losses if leaves[1].requires_grad else ():
            cut = not loss.requires_grad
            slopes.append(None if cut else torch.autograd.grad(loss, leaves, allow_unused=True, retain_graph=True))
        return slopes

    slopes = answer.probe(probe)
    detached = "The values were detached in place, for their own loss, too: values.detach() makes a new tensor."
    that(len(slopes) > 0, detached)
    for found, name in zip(slopes, ("policy's", "value's"), strict=True):
        that(found is not None, f"The {name} loss is cut off from its network: detach only the weights of the policy.")
    (by_logits, leak), (other_leak, by_values) = slopes
    that(
        not _moves(leak),
        "The policy's loss moves the values: it would bend them to please the policy. "
        "Detach the values in the advantage.",
    )
    that(_moves(by_values), "The value's loss does not move the values: detach them in the advantage only.")
    that(not _moves(other_leak), "The value's loss moves the policy: it needs only values.")
    that(_moves(by_logits), "The policy's loss does not move the policy: no detach() on the logits.")
    off = logits.softmax(-1) - one_hot(actions, logits.shape[-1])
    equal(
        by_logits,
        ((returns - values) * mask).unsqueeze(-1) * off / mask.sum(),
        what="The gradient of the policy's loss with respect to the logits",
        hint="It is (G − v) (π − 1 at the action taken) over the number of steps.",
    )
    equal(
        by_values,
        _squared_slope(values, returns, mask),
        what="The gradient of the value's loss with respect to the values",
        hint="It is 2 (v − G) over the number of steps, and 0 behind an end.",
    )


def _moves(slope: Tensor | None) -> bool:
    return slope is not None and bool(slope.any())


@exercise(own=baselines.update_both)
def update_both(answer, *, lengths=(5, 1, 7, 4, 2), gamma=0.9, learning_rate=0.05, seed=6):
    """One step of the optimizer, which holds both networks, on the sum of the policy's and the value's loss."""
    drawn = generator(seed)
    batch = _episodes(lengths, drawn)
    pair = nn.ModuleList([networks.Network((), 4, 8, outputs, generator=drawn) for outputs in (3, 1)])
    reach = functools.partial(_reach, pair, learning_rate=learning_rate)

    got, right = _seen(answer, reach, batch, gamma), reach(baselines.update_both, batch, gamma)
    that(
        bool(got[0].any() or got[1].any()),
        "Nothing has changed: backward() finds the gradient, step() uses it. Call both, in this order, and no "
        "zero_grad() between them.",
    )
    for index in range(2):
        if not got[index].any():
            fail(_why_still(answer, pair, batch, gamma, index))
    wrong = {name: functools.partial(reach, step, batch, gamma) for name, step in _wrong_steps(batch, gamma).items()}
    _same_change(got, right, "by one update", "One step of the optimizer on the sum of both losses.", wrong)

    wrong = {
        "Gradients pile up from update to update: zero_grad() is missing.": functools.partial(
            reach, _variant(fresh=(False, False)), batch, gamma, times=3
        ),
        "The value's gradients pile up from update to update: optimizer.zero_grad() clears both networks'.": (
            functools.partial(reach, _variant(fresh=(True, False)), batch, gamma, times=3)
        ),
        "The policy's gradients pile up from update to update: optimizer.zero_grad() clears both networks'.": (
            functools.partial(reach, _variant(fresh=(False, True)), batch, gamma, times=3)
        ),
        "Earlier steps are forgotten: use the optimizer that is given, and make none.": functools.partial(
            reach, baselines.update_both, batch, gamma, times=3, momentum=0
        ),
    }
    got, right = _seen(answer, reach, batch, gamma, times=3), reach(baselines.update_both, batch, gamma, times=3)
    _same_change(got, right, "by three updates", "Compute everything anew in each.", wrong)
    for other, size, pay in ((0.0, 1, ""), (1.0, 10, " and large rewards")):
        rich = batch._replace(rewards=size * batch.rewards)
        got, right = _seen(answer, reach, rich, other), reach(baselines.update_both, rich, other)
        hint = "Use the γ that is given, and returns and gradients as they are, however large."
        _same_change(got, right, f"with γ = {other:g}{pay}", hint, atol=2e-6 * size)
    for name, cut in (("of one episode", slice(1)), ("of one step", (slice(None), slice(1)))):
        small = Episodes(*(part[cut] for part in batch))
        got, right = _seen(answer, reach, small, gamma), reach(baselines.update_both, small, gamma)
        _same_change(got, right, f"by a batch {name}", SQUEEZE)


def _same_change(got: list, right: list, which: str, hint: str, wrong: dict | None = None, *, atol=2e-6) -> None:
    """Compare how far both networks moved; what likely mistakes give is computed only where something differs."""
    if all(torch.allclose(one, other, rtol=1e-4, atol=atol) for one, other in zip(got, right, strict=True)):
        return
    wrong = {sentence: changes() for sentence, changes in (wrong or {}).items()}
    for index, name in enumerate(("policy", "value network")):
        equal(
            got[index],
            right[index],
            what=f"The change of the {name}'s parameters {which}",
            hint=hint,
            atol=atol,
            mistakes={sentence: changes[index] for sentence, changes in wrong.items()},
        )


def _reach(
    pair: nn.ModuleList, step: Callable, batch: Episodes, gamma: float, *, learning_rate: float, times=1, momentum=0.5
) -> list[Tensor]:
    """Return how far some steps of gradient descent move policy and value network."""
    moved = steps.moved(
        lambda: copy.deepcopy(pair),
        lambda both, optimizer: step(*both, optimizer, batch, gamma),
        times=times,
        learning_rate=learning_rate,
        method=functools.partial(torch.optim.SGD, momentum=momentum),
    )
    return list(moved.split([len(steps.flat(network)) for network in pair]))


def _seen(answer: Answer, reach: Callable, batch: Episodes, gamma: float, **more) -> list[Tensor]:
    """Return how far steps of an answer move the two networks; say what the likeliest clash of shapes comes from.

    Raises:
        CheckFailed: if the answer raises something.
    """
    episodes, longest = batch.mask.shape
    try:
        return answer.probe(lambda function: reach(function, batch, gamma, **more))
    except Raised as error:
        if longest == 1:
            fail(f"A batch of one step fails. {SQUEEZE} {error}")
        if "must match" in error.text and f"({longest})" in error.text and f"({episodes})" in error.text:
            fail(f"The values are (N, T, 1), but the returns (N, T): value(…).squeeze(-1) makes them agree. {error}")
        raise


def _wrong_steps(batch: Episodes, gamma: float) -> dict:
    """Return what takes a step as likely mistakes do."""
    unmasked = reinforce.returns(batch.rewards, torch.ones_like(batch.mask), gamma)
    return {
        "γ is ignored.": lambda *arguments: baselines.update_both(*arguments[:4], 1.0),
        "Add the two losses: the value's is subtracted.": _variant(1, -1),
        "The sign is wrong: that climbs the losses.": _variant(-1, -1),
        "The value's loss is halved; add both as they are.": _variant(1, 0.5),
        "That is the mean of both losses; add them.": _variant(0.5, 0.5),
        "The losses are multiplied; add them.": _variant(product=True),
        "One gradient and one step were asked for; that takes two of each.": _twice,
        "step() is called twice; once is enough.": _variant(count=2),
        "The baseline is missing in the policy's weights.": _variant(weights=lambda g, v: g),
        "The weights have the wrong sign: the advantage is G − v.": _variant(weights=lambda g, v: v.detach() - g),
        "Each step gets the return of the whole episode; weight it by what comes after it.": _variant(
            weights=lambda g, v: g[:, :1] - v.detach()
        ),
        "The weights are rewards; take the returns.": _variant(weights=lambda g, v: batch.rewards - v.detach()),
        "The returns count rewards behind the ends: give reinforce.returns the mask.": _variant(
            weights=lambda g, v: unmasked - v.detach()
        ),
        "Steps behind the ends count: give baseline_losses the mask.": _variant(padded=True),
        "The policy's loss moves the value network: take both losses from baseline_losses.": _variant(
            weights=lambda g, v: g - v
        ),
    }


def _variant(policy=1.0, value=1.0, *, weights=None, fresh=(True, True), padded=False, product=False, count=1):
    """Return what takes a step as `update_both` does, but for these changes."""

    def step(pi, v, optimizer, episodes, gamma):
        g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
        logits, values = pi(episodes.states), v(episodes.states).squeeze(-1)
        mask = torch.ones_like(episodes.mask) if padded else episodes.mask
        losses = baselines.baseline_losses(logits, values, episodes.actions, g, mask)
        if weights:
            losses = baselines.weighted_loss(logits, episodes.actions, weights(g, values), mask), losses[1]
        for network, clear in zip((pi, v), fresh, strict=True):
            if clear:
                network.zero_grad()
        (losses[0] * losses[1] if product else policy * losses[0] + value * losses[1]).backward()
        for _ in range(count):
            optimizer.step()

    return step


def _twice(*arguments) -> None:
    for _ in range(2):
        baselines.update_both(*arguments)


def _why_still(answer: Answer, pair: nn.ModuleList, batch: Episodes, gamma: float, index: int) -> str:
    """Return why a step leaves one of the two networks as it is, by what goes backward and where it arrives."""

    def probe(function):
        both, arrived, losses = copy.deepcopy(pair), [], []
        for parameter in both[index].parameters():
            parameter.register_hook(lambda slope: arrived.append(bool(slope.any())))
        backward = torch.autograd.backward

        def noted(tensors, *rest, **more):
            losses.extend(loss.sum().item() for loss in ([tensors] if isinstance(tensors, Tensor) else tensors))
            return backward(tensors, *rest, **more)

        with mock.patch.object(torch.autograd, "backward", noted):
            function(*both, torch.optim.SGD(both.parameters(), lr=0.05), batch, gamma)
        return any(arrived), sum(losses)

    arrived, total = answer.probe(probe)
    name, outputs = (("policy", "logits"), ("value", "values"))[index]
    if arrived:
        return (
            f"The gradient of the {name}'s loss is lost before step(): zero_grad() belongs in front of both backward() "
            "calls, not between them."
        )
    policy, value = (network(batch.states).detach() for network in pair)
    g = reinforce.returns(batch.rewards, batch.mask, gamma)
    both = sum(baselines.baseline_losses(policy, value.squeeze(-1), batch.actions, g, batch.mask)).item()
    if abs(total - both) <= 1e-4 * abs(both):
        return (
            f"The {name}'s loss is in the sum, but cut off from its network: hand on the {outputs} as they are, "
            "without detach() or no_grad()."
        )
    return f"The {name}'s loss is missing."


def _episodes(lengths: Sequence[int], drawn: torch.Generator) -> Episodes:
    """Return a batch of episodes of these lengths, with rewards from −2 to 3, and rubbish behind the ends."""
    shape = len(lengths), max(lengths)
    return Episodes(
        torch.randn(*shape, 4, generator=drawn),
        torch.randint(3, shape, generator=drawn),
        torch.randint(-2, 4, shape, generator=drawn).float(),
        torch.arange(shape[1]) < torch.tensor(lengths).unsqueeze(1),
    )


def _batch(returns: Sequence, lengths: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Return the returns of episodes and their mask, both (N, T)."""
    returns = torch.tensor(returns)
    return returns, torch.arange(returns.shape[1]) < torch.tensor(lengths).unsqueeze(1)


def _other_episodes(returns: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Return other episodes of the same shape: T + 1 − L steps where the first had L."""
    lengths = returns.shape[1] + 1 - mask.sum(1, keepdim=True)
    return 3 - returns.roll(1, 0), torch.arange(returns.shape[1]) < lengths


def _other_shapes(returns: Tensor, mask: Tensor) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Yield returns and masks with leading dimensions, with few episodes or steps, and with extreme masks."""
    others, mask_there = _other_episodes(returns, mask)
    runs, masks = torch.stack([returns, others]), torch.stack([mask, mask_there])
    yield "two runs at once", runs, masks
    deep, deep_mask = (torch.stack([part, part.flip(0)]).unsqueeze(2) for part in (runs, masks))
    yield "runs with three leading dimensions", deep, deep_mask
    yield "two episodes", returns[:2], mask[:2]
    yield "one episode", returns[:1], mask[:1]
    yield "one step", returns[:, :1], mask[:, :1]
    yield "episodes without an end", returns, torch.ones_like(mask)
    yield "episodes that are all over", returns, torch.zeros_like(mask)


def _mean(real: Tensor, mask: Tensor, dims: int | tuple) -> Tensor:
    return real.sum(dims, keepdim=True) / mask.sum(dims, keepdim=True).clamp(min=1)


def _others(real: Tensor, mask: Tensor, dims: int | tuple) -> Tensor:
    number = mask.sum(dims, keepdim=True) - mask.long()
    return (real.sum(dims, keepdim=True) - real) / number.clamp(min=1)


def _inside(numbers, mask: Tensor):
    """Return what stands on the steps of the mask, and 0 elsewhere; what has another shape stays as it is."""
    fits = isinstance(numbers, Tensor) and numbers.shape == mask.shape
    return torch.where(mask, numbers, 0.0) if fits else numbers


def _asked(answer: Answer, *arguments, advice: str):
    """Call an answer, and say what may be behind it if it raises something."""
    try:
        return answer(*arguments)
    except Raised as error:
        fail(f"{error} {advice}")


def _ready(answer: Answer, *arguments, what: str):
    """Return the value of an answer, which the figures of the lesson must be able to draw."""
    value, carries = answer.probe(lambda function: _with_graph(function(*arguments)))
    that(not carries, f"{what} still carries what a gradient needs, and no figure can draw it: end with .detach().")
    return value


def _with_graph(value) -> tuple:
    return value, bool(getattr(value, "requires_grad", False))


def _number(answer: Answer, *arguments, what: str):
    """Return the value of an answer that is to be one number, which the lesson must be able to print as one."""
    value = _ready(answer, *arguments, what=what)
    if isinstance(value, Tensor) and value.dim() and value.numel() == 1:
        fail(f"{what} has shape {tuple(value.shape)}, but a number without dimensions was expected: .squeeze() it.")
    return value


def _precise(numbers: Sequence[float]) -> Tensor:
    """Return numbers as float64, as the lesson has them; whole numbers stay whole."""
    return torch.tensor(numbers, dtype=torch.int64 if all(isinstance(n, int) for n in numbers) else torch.float64)


def _rounded(value: Tensor) -> list[Tensor]:
    return [torch.round(value, decimals=digits) for digits in range(4)]


def _signed(number) -> str:
    return f"{float(number):g}".replace("-", "−")


def _words(number: int, noun: str) -> str:
    return f"{WORDS[number] if number < len(WORDS) else number} {noun}{'s' * (number != 1)}"
