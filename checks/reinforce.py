"""Lesson 04: what tells a right REINFORCE from a wrong one."""

import contextlib
import copy
import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import accumulate

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot, pad

from checks import noise, plain, steps
from checks.answer import Answer, Raised
from checks.compare import equal, fail, frequency, generator, indices, that
from checks.exercise import exercise
from helpers import cartpole, networks, probes, reinforce, rollouts
from helpers.rollouts import Episodes, World

REWARDS = ((1.0, 2.0, 4.0, 50.0, -7.0), (1.0, 0.0, -2.0, 8.0, 1.0), (3.0, 70.0, 90.0, 20.0, 5.0))
WEIGHTS = ((4.0, -3.0, 0.0, 9.0, 6.0), (7.0, 5.0, 2.0, -1.0, 2.0), (-2.0, 30.0, 40.0, -8.0, 11.0))
PAYS = (0.0, -2.0, 4.0, 1.0)  # what the steps of an episode pay: nothing, less than nothing, more than one
EARNS = tuple(accumulate(PAYS))  # what episodes of 1, 2, … steps earn
BEHIND = 10.0  # what a step behind an end pays
RARE = 1e-3  # the share of draws of an impossible action that says something is mixed in; chance is far below
SMALL = 1e-6  # so much less, and gradients are so small that Adam's ε tells by what the returns were divided
ENOUGH = 8  # batches of CartPole that reach 475: a training that goes on has no stop_at
SQUEEZE = "A squeeze() that names no dimension takes every one of size 1."
RECORD = "rollouts.Episodes(states, actions, rewards, mask)"


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
    single = answer(rows[:1], generator=generator(seed))
    that(
        isinstance(single, Tensor) and single.shape == (1,),
        f"The action of a single row is {_named(single)}, but shape (1,) was expected: squeeze(-1) takes the last "
        "dimension alone.",
    )
    noise.source(
        answer, lambda function, generator: function(rows[:100], generator=generator), what="The sample", seed=seed
    )
    _large_logits(answer, first, draws // 3, seed + 1)
    _sure_of_one(answer, draws // 3, seed + 2)
    _greedy_choice(answer)


def _large_logits(answer: Answer, logits: Tensor, draws: int, seed: int) -> None:
    """Check that logits which are all larger, or smaller, by the same number are the same policy."""
    far, hint = (
        1000,
        "exp alone becomes ∞ or 0 there; take logits.softmax(-1), which subtracts each row's largest first.",
    )
    both = f"with logits that are all {far} larger in one row and {far} smaller in the next"
    try:
        drawn = answer(torch.stack([logits + far, logits - far]).repeat(draws // 2, 1), generator=generator(seed))
    except Raised as raised:
        fail(f"{both.capitalize()}: {raised} {hint}")
    frequency(drawn == 0, logits.softmax(-1)[0].item(), what=f"Action 0, {both}, is drawn", hint=hint)


def _sure_of_one(answer: Answer, draws: int, seed: int) -> None:
    """Check that actions whose probability is as good as 0 are not drawn."""
    drawn = answer(torch.tensor([[0.0, 50.0, 0.0]]).expand(draws, 3).clone(), generator=generator(seed))
    share = (drawn != 1).double().mean().item()
    that(
        share < RARE,
        f"With logits (0, 50, 0) {100 * share:.2g} % of the actions are not 1, whose probability is 1: add nothing to "
        "π, and cut nothing off.",
    )


def _greedy_choice(answer) -> None:
    mixed = torch.tensor([[0.2, 0.1, -2.0], [-1.0, 1.0, 2.0], [0.0, 0.3, 0.2], [5.0, 4.0, 4.5], [1.0, -3.0, 1.1]])
    chosen = answer.probe(lambda function: [function(mixed, generator=generator(k), greedy=True) for k in range(20)])
    that(
        not all(isinstance(one, Tensor) for one in chosen) or all(torch.equal(one, chosen[0]) for one in chosen),
        "Greedy actions differ from call to call: with greedy=True nothing is drawn.",
    )
    equal(
        chosen[0],
        mixed.argmax(-1),
        what="The greedy choice",
        hint="Take the index of the largest logit in each row.",
        mistakes={
            "That is the smallest logit.": mixed.argmin(-1),
            "That looks at the first two actions only; a row may have more.": mixed[:, :2].argmax(-1),
            "That takes the maximum over the rows; it belongs to the actions.": mixed.argmax(0),
            "That is one index for the whole table; every row needs its own.": mixed.argmax(),
        },
    )


@exercise(own=(reinforce.run_episodes, rollouts.rollout))
def run_episodes(answer, *, episodes=100, max_steps=7, logits=(0.9, -0.6, 0.2), seed=4):
    """Episodes in lock-step, each step noted with `alive` as it was before it, until all are over or cut."""
    _balancing(answer, episodes, seed)
    _ended_stay_ended(answer, episodes, seed + 1)
    world, policy = _endless(max_steps), _policy(generator(seed + 2), 3, 3)
    got = answer(_counted(world, 4), policy, 4, generator=generator(seed + 3), greedy=True)
    record = _record(got, 4, actions=3)
    equal(
        record.mask,
        torch.ones(4, max_steps, dtype=torch.bool),
        what=f"The mask of a world that never ends, with max_steps={max_steps}",
        hint="Take at most world.max_steps steps.",
        mistakes={
            f"That is a step too many or too few; world.max_steps = {max_steps} counts the steps.": [
                torch.ones(4, max_steps + k, dtype=torch.bool) for k in (-1, 1)
            ]
        },
    )
    equal(
        record.actions,
        policy(record.states).argmax(-1),
        what="The row of actions with greedy=True",
        hint="Pass greedy on to choose_actions, and the logits of the present states.",
        mistakes={
            "Those are the likeliest actions of the states before: the logits are to be those of the present ones.": (
                policy(record.states[:, [0, *range(max_steps - 1)]]).argmax(-1)
            )
        },
    )
    _draws(answer, world, logits, seed + 4)


def _balancing(answer: Answer, episodes: int, seed: int) -> None:
    """Run a policy on CartPole, where steps pay the cart's speed, and look at all that was noted."""
    scale, source = torch.tensor([1.0, 1.0, 5.0, 1.0]), torch.Generator().manual_seed(5)
    policy = networks.Network((), 4, 32, 2, scale=scale, generator=source)
    policy.weights[1].data.mul_(12)  # it prefers one action clearly, but not always
    world = World(cartpole.reset, cartpole.step, _speed, 2, cartpole.MAX_STEPS)
    record = _record(answer(_counted(world, episodes), policy, episodes, generator=generator(seed)), episodes)
    after, paid, ends = world.step(record.states, record.actions)
    mask = ends.long().cumsum(1) == ends  # no end before this step
    _moves_on(record, after, ends, mask)
    that(
        mask.all() or not record.mask.all() or record.mask.shape[1] < cartpole.MAX_STEPS,
        "The mask is true everywhere, and no episode ever ends: what step() says has ended is over, as in "
        "`alive & ~terminated`; a reward of 0 is no end, and `|` ends nothing.",
    )
    equal(
        record.mask,
        mask,
        what="The mask",
        hint="True up to and including the step that ends the episode, false from then on.",
        mistakes=_wrong_masks(mask, ends),
    )
    that(
        bool(mask.any(0).all()),
        "The record goes on when all episodes are over: stop there, or it takes many times longer.",
    )
    equal(
        record.rewards[mask],
        paid[mask],
        what="The record of rewards",
        hint="Note what each step pays, by itself.",
        mistakes={
            "That sums the rewards up; note what each step pays, by itself.": paid.cumsum(1)[mask],
            "That is what another step pays.": [pad(paid, (way, -way))[mask] for way in (-1, 1)],
            "Those are ones; the world says what a step pays.": torch.ones_like(paid)[mask],
        },
    )
    _follows(record.actions, policy(record.states).softmax(-1).detach(), mask)


def _moves_on(record: Episodes, after: Tensor, ends: Tensor, mask: Tensor) -> None:
    """Check that states are noted before their step, follow each other, and go on to the last end."""
    states, long = record.states, record.states.shape[1]
    that(
        bool((states[:, 0].abs() <= cartpole.START).all()),
        "The first states are not those of the reset: note a state before its step.",
    )
    moved = (after[:, :-1] - states[:, 1:]).abs().amax(-1) < 1e-5
    that(
        bool(moved[mask[:, 1:]].all()),
        "State t + 1 is not what step() makes of state t and action t. Note the state before the step, then move on.",
    )
    that(
        bool(ends.any(1).all()) or long == cartpole.MAX_STEPS,
        f"The record stops after {long} steps, when some episodes are still alive; go on while any is, and note the "
        "step that ends the last of them, too.",
    )


def _speed(states: Tensor, actions: Tensor, after: Tensor) -> tuple[Tensor, Tensor]:
    """Return the cart's speed as rewards, and whether the episodes of CartPole ended."""
    return after[..., 1], cartpole.terminated(after)


def _wrong_masks(wanted: Tensor, ends: Tensor) -> dict:
    """Return the masks that likely mistakes give."""
    return {
        "The step that ends an episode happened, and it pays: note `alive` as it was before it.": wanted & ~ends,
        "The mask is true everywhere; after its end an episode is dead.": torch.ones_like(wanted),
        "That is true where the episode is over; `alive` is the opposite.": ~wanted,
        "All places hold the last `alive`: to change it in place changes what was noted before; make a new tensor.": (
            (wanted & ~ends)[:, -1:].expand_as(wanted)
        ),
    }


def _follows(actions: Tensor, pi: Tensor, mask: Tensor) -> None:
    """Check that the actions are samples of π at each step."""
    that(
        bool((actions != actions[:, :1])[mask].any()),
        "The actions never change within an episode: draw anew at every step.",
    )
    frequency(
        (actions == pi.argmax(-1))[mask],
        pi.amax(-1)[mask].mean().item(),
        what="The likelier action is taken",
        hint="Draw with choose_actions from the logits of the present states.",
        mistakes={
            "That is always the likelier one; draw a sample unless greedy is true.": 1.0,
            "The actions do not follow the logits of the present states: at each step pass these, and the generator "
            "as it is, to choose_actions.": 0.5,
            "The softmax is taken twice: choose_actions takes the logits as they are.": (
                pi.softmax(-1).amax(-1)[mask].mean().item()
            ),
        },
    )


def _ended_stay_ended(answer: Answer, episodes: int, seed: int) -> None:
    """Look at the record of a world in which what is over looks alive again, and in which steps pay 0, too."""
    world = _clocked(PAYS, _any_length(PAYS))
    record = _record(answer(world, _policy(generator(seed), 2), episodes, generator=generator(seed + 1)), episodes)
    length = record.states[:, :1, 0]
    clock = torch.arange(record.mask.shape[1]).expand_as(record.mask)
    paid = torch.tensor((*PAYS, BEHIND, BEHIND))[clock]
    that(
        clock.shape[1] >= int(length.max()),
        f"The record stops after {clock.shape[1]} steps, when some episodes are still alive. A step that pays 0 is no "
        "end: step() says itself what has ended.",
    )
    equal(
        record.mask,
        clock < length,
        what="The mask of a world in which the ended look alive again",
        hint="What is over stays over.",
        mistakes={"An episode that is over comes back to life: combine with the old `alive`.": clock != length},
    )
    equal(
        record.rewards[record.mask],
        paid[record.mask],
        what="The record of rewards",
        hint="Note what each step pays, by itself.",
    )
    that(
        clock.shape[1] <= int(length.max()),
        f"The record goes on when all episodes are over, for {clock.shape[1]} steps where the longest has "
        f"{int(length.max())}: what is over need not say so again, so look at `alive`.",
    )


def _draws(answer: Answer, world: World, logits: Sequence[float], seed: int) -> None:
    """Look at the actions of a policy that is the same everywhere: each step and each episode draws by itself."""
    policy, source = _Fixed(logits), generator(seed)
    pi = policy.logits.detach().softmax(-1)[0].item()
    for part, what in ((1, "The record of actions"), (0, "The record of states")):
        noise.source(
            answer,
            lambda run_episodes, source, part=part: run_episodes(world, policy, 20, generator=source)[part],
            what=what,
            seed=seed + 1,
        )
    drawn = _record(answer(world, policy, 400, generator=source), 400, actions=3).actions == 0
    for what, both in (
        ("both of two steps running", drawn[:, :-1:2] & drawn[:, 1::2]),
        ("the same step of both of two episodes", drawn[::2] & drawn[1::2]),
    ):
        frequency(
            both,
            pi**2,
            what=f"Action 0 is drawn in {what}",
            hint="Each step of each episode draws by itself: hand `generator` to choose_actions as it is.",
        )
    sure = _record(answer(world, _Fixed((0.0, 50.0, 0.0)), 400, generator=source), 400, actions=3).actions
    share = (sure != 1).double().mean().item()
    that(
        share < RARE,
        f"A policy that is sure of action 1 takes another in {100 * share:.2g} % of the steps: take what "
        "choose_actions draws, and mix nothing in.",
    )
    single = answer.probe(lambda run_episodes: [run_episodes(world, policy, 1, generator=source) for _ in range(60)])
    drawn = torch.cat([_record(one, 1, actions=3).actions for one in single]) == 0
    frequency(drawn, pi, what="Action 0 is drawn in episodes that are run one by one")


def _record(got, episodes: int, *, actions=2) -> Episodes:
    """Return what run_episodes returned, if it is a record that the rest of the lesson can use."""
    advice = "Does the function end with return?" if got is None else "Later cells ask for its parts by these names."
    that(
        isinstance(got, plain.Parts) and got.kind == "helpers.rollouts.Episodes",
        f"The record is {_named(got)}, but {RECORD} was expected. {advice}",
    )
    steps = got.states.shape[1] if isinstance(got.states, Tensor) and got.states.dim() > 1 else 0
    for name, part, depth in zip(Episodes._fields, got, (3, 2, 2, 2), strict=True):
        that(
            isinstance(part, Tensor) and part.dim() == depth and part.shape[:2] == (episodes, max(steps, 1)),
            f"The {name} should be one tensor that begins with (N, T), here ({episodes}, T), and as long as the "
            "states. Stack the steps along dimension 1.",
        )
    record = Episodes(*got)
    indices(record.actions, shape=(episodes, steps), below=actions, what="The actions")
    as_given = {"states": record.states.dtype == torch.float32, "rewards": record.rewards.is_floating_point()}
    for name, holds in as_given.items():
        that(holds, f"The {name} are {getattr(record, name).dtype}; note them as the world gives them.")
    that(record.mask.dtype == torch.bool, f"The mask is {record.mask.dtype}; keep `alive` itself, which is bool.")
    return record


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
            mistakes=_wrong_returns(rewards, mask, other, reinforce.returns(rewards, mask, other)),
        )
    long = torch.arange(800.0).view(2, 400) % 7 - 2, torch.ones(2, 400, dtype=torch.bool)
    for other, hint in (
        (gamma / 2, "γᵗ becomes 0 in a long episode, so do not divide by γᵗ."),
        (1.0, "All that follows counts, however far away."),
    ):
        equal(
            answer(*long, other),
            reinforce.returns(*long, other),
            what=f"G of two episodes of 400 steps with γ = {other:g}",
            hint=hint,
        )
    for what, one in (("a single episode", (slice(0, 1),)), ("episodes of one step", (slice(None), slice(0, 1)))):
        few = rewards[one], mask[one], gamma
        equal(_asked(answer, few, what), reinforce.returns(*few), what=f"G of {what}", hint=SQUEEZE)


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
        "The first step gets its reward alone: go back to t = 0.": torch.where(torch.arange(steps) > 0, wanted, real),
        "That looks one step ahead only; G_t sums all of what follows.": real + gamma * pad(real[:, 1:], (0, 1)),
        "Rewards leak from one episode into the next; each row is by itself.": [one_row, one_row * mask],
        "The order is reversed: the last step stands first.": wanted.flip(1),
        "That runs over the episodes; time is the last dimension.": across,
        "Those are the rewards; sum what follows, too.": real,
    }


@exercise(own=(reinforce.policy_loss, reinforce.weighted_loss))
def policy_loss(answer, *, weights=WEIGHTS, lengths=(3, 5, 1), actions=4, seed=7):
    """The mean of −G_t log π(A_t | S_t) over the steps that happened; what is behind an end may be nan."""
    weights, source = torch.tensor(weights, dtype=torch.float64), generator(seed)
    mask = torch.arange(weights.shape[1]) < torch.tensor(lengths).unsqueeze(1)
    logits = torch.randn(*weights.shape, actions, generator=source, dtype=torch.float64)
    taken = torch.randint(actions, weights.shape, generator=source)
    wanted = reinforce.policy_loss(logits, taken, weights, mask)
    _check_loss(answer, (logits, taken, weights, mask), wanted)
    equal(
        steps.slope(answer, (logits, taken, weights, mask), 0, what="The loss"),
        weights.unsqueeze(-1) * (logits.softmax(-1) - one_hot(taken, actions)) * mask.unsqueeze(-1) / mask.sum(),
        what="The gradient of the loss with respect to the logits",
        hint="Each logit's gradient is G_t (π(a) − 1[a = A_t]) over the number of steps, and 0 behind an end.",
    )
    hint = "nan times 0 is nan, and so is ∞ times 0: select the steps of the mask, or use torch.where."
    for part, rubbish in (("logits", math.nan), ("logits", math.inf), ("weights", math.nan), ("weights", math.inf)):
        broken = logits.float(), taken, weights.float(), mask
        broken[0 if part == "logits" else 2][~mask] = rubbish
        what = f"The loss where {part} behind an end are {rubbish}"
        try:
            got = answer(*broken)
        except Raised as raised:
            fail(f"{what} cannot be told: {raised} {hint}")
        equal(got, wanted, what=what, hint=hint)
    sharp = (200 * logits).float(), taken, weights.float(), mask
    equal(
        answer(*sharp),
        reinforce.policy_loss(*sharp),
        what="The loss where logits differ by hundreds",
        hint="log π reaches −100 and less there: take log_softmax, which needs no π. The logarithm of a softmax is −∞ "
        "where π becomes 0, and to add or cut something changes the loss.",
    )
    second = min(1, len(weights) - 1)
    for what, one in (
        ("a single episode", (slice(second, second + 1),)),
        ("episodes of one step", (slice(None), slice(0, 1))),
    ):
        few = [part[one] for part in (logits.float(), taken, weights.float(), mask)]
        got = _asked(answer, few, what)
        equal(got, reinforce.policy_loss(*few), what=f"The loss of {what}", hint=SQUEEZE)


def _check_loss(answer: Answer, arguments: tuple[Tensor, ...], wanted: Tensor) -> None:
    got = answer(*arguments)
    if isinstance(got, Tensor):
        that(got.dim() == 0, f"The loss has shape {tuple(got.shape)}, so it is not one number: average over steps.")
    equal(
        got,
        wanted,
        what=f"The loss of {len(arguments[0])} episodes",
        hint="Sum −G_t log π(A_t | S_t) over the steps of the mask, and divide by their number.",
        mistakes=_wrong_means(*arguments) | _wrong_terms(*arguments),
    )


def _wrong_means(logits: Tensor, actions: Tensor, weights: Tensor, mask: Tensor) -> dict:
    """Return what comes of the right terms by a wrong sum."""
    log_pi = logits.log_softmax(-1)
    taken = log_pi.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    terms, every = -(weights * taken), -(weights.unsqueeze(-1) * log_pi)[mask]
    episodes, places = mask.shape
    return {
        "The sign is wrong: a loss is minimised, J is to be climbed.": -terms[mask].mean(),
        "The mask is missing: steps behind the end of an episode are counted.": [terms.mean(), terms.sum()],
        "The mask is turned around: true is where a step happened.": terms[~mask].mean(),
        "That divides by all places of the batch, also those behind an end; divide by the steps that happened.": (
            (terms * mask).mean()
        ),
        "Divide by the number of steps; that is the sum.": terms[mask].sum(),
        "That divides by the number of episodes; the loss is a mean over steps.": terms[mask].sum() / episodes,
        "That divides by the length of the longest episode; divide by all steps that happened.": (
            terms[mask].sum() / places
        ),
        "That divides by the sum of the weights; divide by the number of steps.": (
            terms[mask].sum() / weights[mask].sum()
        ),
        "That averages each episode by itself first, so that steps of short episodes weigh more.": (
            (terms * mask).sum(1) / mask.sum(1)
        ).mean(),
        "The weights are missing: that is a classifier's loss, which treats all actions as right.": (
            -taken[mask].mean()
        ),
        "That sums over all actions; only the one taken has a term.": [every.mean(), every.sum(-1).mean()],
        "The weights are averaged before they are multiplied, or multiplied with every log π; "
        "each step keeps its own.": -weights[mask].mean() * taken[mask].mean(),
        "The logarithm comes after the mean; it belongs to each π by itself.": -(
            (weights * taken.exp())[mask].mean().log()
        ),
        "The logarithm is missing.": [
            -(weights * taken.exp())[mask].mean(),
            -(weights.unsqueeze(-1) * log_pi.exp())[mask].mean(),
        ],
    }


def _wrong_terms(logits: Tensor, actions: Tensor, weights: Tensor, mask: Tensor) -> dict:
    """Return the loss with something else in the place of log π, of the actions or of the weights."""
    log_pi = logits.log_softmax(-1)

    def loss(log_pi: Tensor = log_pi, actions: Tensor = actions, weights: Tensor = weights) -> Tensor:
        return -(weights * log_pi.gather(-1, actions.unsqueeze(-1)).squeeze(-1))[mask].mean()

    real = weights[mask]
    return {
        "That takes the logits for log π; a softmax is missing.": loss(logits),
        "That is the log-probability of the likeliest action, not of the one taken.": loss(actions=log_pi.argmax(-1)),
        "That takes the same action at every step; each step has its own.": [
            loss(actions=torch.full_like(actions, action)) for action in range(logits.shape[-1])
        ],
        "That takes the action of another step.": [loss(actions=actions.roll(way, 1)) for way in (-1, 1)],
        "That is log(1 − π), of the action not being taken.": loss((1 - log_pi.exp()).log()),
        "The softmax runs over the steps; it belongs to the actions.": loss(logits.log_softmax(1)),
        "The softmax runs over the episodes; it belongs to the actions.": loss(logits.log_softmax(0)),
        "The softmax runs over the whole table; it belongs to the actions.": loss(logits - logits.logsumexp((0, 1, 2))),
        "The softmax is taken twice.": loss(logits.softmax(-1).log_softmax(-1)),
        "That is the weight of the first step for all steps of an episode.": loss(weights=weights[:, :1]),
        "The weights are used as they are: neither centred nor divided by anything.": [
            loss(weights=(weights - real.mean()) / real.std()),
            loss(weights=(weights - real.mean()) / real.std(correction=0)),
            loss(weights=weights - real.mean()),
            loss(weights=weights / real.mean()),
            loss(weights=weights / real.std()),
        ],
    }


@exercise(own=reinforce.update)
def update(answer, *, lengths=(4, 1, 6, 3), learning_rate=0.1, seed=8):
    """One step of the given optimizer down the gradient of the loss, on the steps of the episodes."""
    source = generator(seed)
    batch, policy = _batch(lengths, source), _policy(source, 3)
    weights = 3 * torch.randn(batch.mask.shape, generator=source) - 1

    def moved(step: Callable, **options) -> Tensor:
        return steps.moved(lambda: copy.deepcopy(policy), step, **{"learning_rate": learning_rate} | options)

    def yours(**options) -> Tensor:
        return answer.probe(lambda update: moved(lambda p, o: update(p, o, batch, weights), **options))

    def right(fresh: bool = True, **options) -> Tensor:
        return moved(lambda p, o: _descend(p, o, batch, weights, fresh=fresh), **options)

    got = yours()
    that(
        torch.equal(got, yours()),
        "Two updates from the same start differ: something is drawn. Use the actions of the episodes.",
    )
    equal(
        got,
        right(),
        what="The change of the parameters by one update",
        hint="It is the learning rate times the negative gradient of policy_loss, by the optimizer of the arguments.",
        mistakes=lambda: _wrong_updates(moved, batch, weights),
    )
    piled = "Gradients pile up from update to update: zero_grad() is missing, or comes too late."
    equal(
        yours(times=3),
        right(times=3),
        what="The change of the parameters by three updates",
        hint="Compute the loss anew in each.",
        mistakes={piled: right(fresh=False, times=3)},
    )
    equal(
        yours(times=2, method=torch.optim.Adam),
        right(times=2, method=torch.optim.Adam),
        what="The change of the parameters by two updates with Adam",
        hint="Let step() of the optimizer given do it: each kind moves the parameters in its own way.",
        rtol=1e-2,
        atol=1e-3,
    )
    steep, gently = 100 * weights, {"learning_rate": learning_rate / 100}
    for what, columns, hint in (
        ("weights a hundred times as large", max(lengths) + 1, "Take the gradient as it is, however large."),
        ("a batch whose longest episode fills it", max(lengths), "The last place is a step like others."),
        ("episodes of one step", 1, SQUEEZE),
    ):
        part, weighed = Episodes(*(each[:, :columns] for each in batch)), steep[:, :columns]
        try:
            got = answer.probe(lambda update, part=part, w=weighed: moved(lambda p, o: update(p, o, part, w), **gently))
        except Raised as raised:
            fail(f"With {what}: {raised} {hint}")
        equal(
            got,
            moved(lambda p, o, part=part, w=weighed: _descend(p, o, part, w), **gently),
            what=f"The change of the parameters by one update with {what}",
            hint=hint,
        )


def _batch(lengths: Sequence[int], source: torch.Generator) -> Episodes:
    """Return episodes of such lengths in which all is drawn, what stands behind the ends, too."""
    mask = torch.arange(max(lengths) + 1) < torch.tensor(lengths).unsqueeze(1)
    states, rewards = torch.randn(*mask.shape, 3, generator=source), torch.randn(mask.shape, generator=source)
    return Episodes(states, torch.randint(2, mask.shape, generator=source), rewards, mask)


def _descend(policy, optimizer, batch: Episodes, weights: Tensor, *, times=1, fresh=True, of=lambda logits: logits):
    """Take one step as it should be, or with a mistake in it."""
    if fresh:
        optimizer.zero_grad()
    (times * reinforce.policy_loss(of(policy(batch.states)), batch.actions, weights, batch.mask)).backward()
    optimizer.step()


def _wrong_updates(moved: Callable, batch: Episodes, weights: Tensor) -> dict:
    """Return how likely mistakes move the parameters."""

    def change(weights: Tensor = weights, steps: int = 1, step: Callable = _descend, **parts) -> Tensor:
        return moved(lambda p, o: step(p, o, batch._replace(**parts), weights), times=steps)

    def likeliest(policy, optimizer) -> None:
        _descend(policy, optimizer, batch._replace(actions=policy(batch.states).argmax(-1)), weights)

    return {
        "Nothing has changed: backward() finds the gradient, step() uses it, and both are needed.": lambda: (
            0 * change()
        ),
        "The sign is wrong: that climbs the loss.": lambda: change(step=partial(_descend, times=-1)),
        "The loss is multiplied by the number of steps: take the mean that policy_loss gives.": lambda: change(
            step=partial(_descend, times=batch.mask.sum())
        ),
        "The softmax is taken twice: the policy gives logits, and policy_loss takes these.": lambda: change(
            step=partial(_descend, of=lambda logits: logits.softmax(-1))
        ),
        "The weights are not passed on: rewards stand in their place.": lambda: change(batch.rewards),
        "The weights are not passed on: returns computed anew stand in their place.": lambda: [
            change(reinforce.returns(batch.rewards, batch.mask, gamma)) for gamma in (1.0, 0.99)
        ],
        "The weights are not passed on: all steps weigh 1.": lambda: change(torch.ones_like(weights)),
        "The mask is not passed on.": lambda: change(mask=torch.ones_like(batch.mask)),
        "States and actions are of different steps.": lambda: [
            change(states=batch.states.roll(-1, 1)),
            change(states=batch.states.roll(1, 1)),
        ],
        "The first step of every episode is left out.": lambda: change(
            mask=batch.mask & (torch.arange(batch.mask.shape[1]) > 0)
        ),
        "Those are several steps on one batch; one was asked.": lambda: [change(steps=n) for n in (2, 3, 5, 10)],
        "Use the actions of the episodes; these are turned around, or the likeliest ones.": lambda: [
            change(actions=1 - batch.actions),
            moved(likeliest),
        ],
        "Pass the weights on as they are: neither centred nor divided by anything.": lambda: [
            change(weights - weights[batch.mask].mean()),
            change(weights - weights.mean()),
            change((weights - weights.mean()) / weights.std()),
            change((weights - weights[batch.mask].mean()) / weights[batch.mask].std()),
            change(weights / weights[batch.mask].mean()),
        ],
    }


@exercise(own=(reinforce.train, reinforce.solve), trains=("policy", 1))
def train(answer, *, episodes=32, updates=5, gamma=0.7, learning_rate=0.01, late=4, seed=13):
    """Fresh episodes and one update on them, again and again: the mean returns, what is reported, where it stops."""
    recipe = reinforce.Recipe(episodes=episodes, learning_rate=learning_rate, gamma=gamma)
    for size, number, scale in ((episodes, updates, 1.0), (1, 6, 100.0), (episodes, 2, SMALL)):
        run = _trained(answer, dataclasses.replace(recipe, episodes=size), seed + number, scale, updates=number)
        if scale != SMALL:
            _check_history(run, number)
            _check_reports(run, number)
        if size > 1:
            _check_freshness(run)
        _check_parameters(run)
    _check_stops(answer, recipe, seed + 10)
    short = _short_training(recipe, _policy(generator(seed), 2))
    noise.source(answer, short, what="The trained policy", seed=seed + 20, times=3)
    _check_tiny_worlds(answer, late, seed + 30)


@dataclasses.dataclass(frozen=True)
class _Training:
    """What was to be seen of a training on the world that pays `PAYS`.

    Attributes:
        recipe, policy: what it was given; the policy as it was before.
        scale: by what all that is paid was multiplied.
        history: what train returned.
        reports: number, mean, and the policy's parameters at each report.
        after: the policy's parameters afterwards.
        lengths: of the episodes of each batch.
        batches: states and actions of all steps of each batch.
    """

    recipe: reinforce.Recipe
    policy: networks.Network
    scale: float
    history: Tensor
    reports: list
    after: Tensor
    lengths: list[Tensor]
    batches: list[tuple[Tensor, Tensor]]


def _trained(answer: Answer, recipe: reinforce.Recipe, seed: int, scale=1.0, **options) -> _Training:
    """Train a fresh policy where all that is paid is `scale` times `PAYS`."""
    world, policy, source = _clocked(PAYS, _any_length(PAYS)), _policy(generator(seed), 2), generator(seed + 100)
    world = dataclasses.replace(world, outcome=_scaled(world.outcome, scale))

    def probe(train: Callable):
        lengths, taken, reports, trained = [], [], [], copy.deepcopy(policy)

        def report(number, mean) -> None:
            reports.append((number, mean, steps.flat(trained)))

        noted = _noting(world, lengths, taken, trained)
        history = train(noted, trained, recipe, generator=source, report=report, **options)
        return history, reports, steps.flat(trained), lengths, taken

    history, reports, after, lengths, taken = answer.probe(probe)
    that(
        isinstance(history, Tensor) and history.dim() == 1,
        "train does not return a tensor of numbers; keep its last line, return torch.stack(…).",
    )
    taken = [[part[1:] for part in taken if part[0] == number] for number in range(1, len(lengths) + 1)]
    batches = [tuple(map(torch.cat, zip(*part, strict=True))) for part in taken if part]
    return _Training(recipe, policy, scale, history, reports, after, lengths, batches)


def _scaled(outcome: Callable, scale: float) -> Callable:
    """Return an outcome that pays so many times as much."""

    def scaled(*step: Tensor) -> tuple[Tensor, Tensor]:
        rewards, ended = outcome(*step)
        return scale * rewards, ended

    return scaled


def _noting(world: World, lengths: list, taken: list, trained: nn.Module) -> World:
    """Return the world, which notes how long episodes last, and each step with the number of its batch."""

    def reset(shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
        that(
            bool(steps.flat(trained).isfinite().all()),
            "After an update the policy's parameters are nan. Where a batch earns nothing all returns are 0: is "
            "something divided by them?",
        )
        states = world.reset(shape, generator=generator)
        lengths.append(states[..., 0].clone())
        return states

    def dynamics(states: Tensor, actions: Tensor) -> Tensor:
        taken.append((len(lengths), states.reshape(-1, 2).clone(), actions.reshape(-1).long()))
        return world.dynamics(states, actions)

    return dataclasses.replace(world, reset=reset, dynamics=dynamics)


def _check_history(run: _Training, updates: int) -> None:
    got, lengths, episodes = run.history, run.lengths, run.recipe.episodes
    that(
        len(lengths) > 1 or len(got) == 1,
        "All updates use the same episodes: run fresh ones for each, since the policy has changed.",
    )
    that(
        all(batch.shape == (episodes,) for batch in lengths),
        f"A batch is not recipe.episodes episodes in one go: {tuple(lengths[0].shape)} were started, "
        f"but ({episodes},) was expected.",
    )
    that(
        got.shape == (updates,) and len(run.batches) == updates,
        f"With updates={updates} there were {len(lengths)} batches and a history of shape {tuple(got.shape)}, "
        f"but {updates} were expected.",
    )
    discounted = run.scale * _returns(run.recipe.gamma)[:, 0]
    earned = [run.scale * torch.tensor(EARNS)[batch.long() - 1] for batch in lengths]
    equal(
        got,
        torch.stack([batch.mean() for batch in earned]),
        what="The history of mean returns",
        hint="Note reinforce.mean_return of each batch: rewards as they are paid, summed up to the end, averaged.",
        mistakes={
            "That is the mean of a discounted return; the history has what was paid, without γ.": (
                torch.stack([discounted[batch.long() - 1].mean() for batch in lengths])
            ),
            "That is a mean over steps; sum the rewards of an episode.": (
                torch.stack([batch.sum() / length.sum() for batch, length in zip(earned, lengths, strict=True)])
            ),
            "That is how long the episodes last; sum what they pay.": torch.stack([batch.mean() for batch in lengths]),
            "That is the sum over the batch; average over the episodes.": (
                torch.stack([batch.sum() for batch in earned])
            ),
        },
    )


def _check_reports(run: _Training, updates: int) -> None:
    numbers = [number for number, *_ in run.reports]
    that(len(numbers) > 0, "report is never called; call report(number, mean) for every batch, if it is given.")
    that(
        numbers == list(range(1, updates + 1)),
        f"report was called with the numbers {numbers}, but 1 to {updates} were expected.",
    )
    for (_, mean, _), wanted in zip(run.reports, run.history.tolist(), strict=True):
        equal(mean, wanted, what="What was reported", hint="Report the mean return of each batch.")
    that(
        torch.equal(run.reports[0][2], steps.flat(run.policy)),
        "When report is called the policy has changed already: report a batch before its update, so that who listens "
        "sees the policy that ran it.",
    )


def _check_freshness(run: _Training) -> None:
    """Look at whether batches, and the actions within them, are drawn."""
    that(
        len(run.lengths) < 2 or not all(torch.equal(batch, run.lengths[0]) for batch in run.lengths),
        f"All batches start alike: the same is drawn for each. {noise.OWN}",
    )
    that(
        any(
            len(torch.cat([states, actions.view(-1, 1)], 1).unique(dim=0)) > len(states.unique(dim=0))
            for states, actions in run.batches
        ),
        "In the same state all episodes take the same action: training samples its actions, so leave greedy out.",
    )


def _returns(gamma: float, longest: int | None = None) -> Tensor:
    """Return G_t of episodes of 1, 2, … steps, each a row; with `longest`, without a mask up to so many steps."""
    size = len(PAYS)
    mask = torch.ones(size, size + 2).tril().bool()
    paid = torch.where(mask, pad(torch.tensor(PAYS), (0, 2)), BEHIND)
    if longest is None:
        return reinforce.returns(paid, mask, gamma)
    return pad(reinforce.returns(paid[:, :longest], torch.ones_like(mask[:, :longest]), gamma), (0, size + 2 - longest))


def _replayed(run: _Training, weigh: Callable, *, times=1, fresh=False, last=None) -> Tensor:
    """Return how the steps of a training move its policy if `weigh` gives the weights, from length, clock and mask."""
    policy = copy.deepcopy(run.policy)
    optimizer = torch.optim.Adam(policy.parameters(), lr=run.recipe.learning_rate)
    for states, actions in run.batches[:last]:
        length, clock = states.long().T
        mask = clock < length
        weights = torch.where(mask, run.scale * weigh(length, clock, mask), 0.0)
        batch = Episodes(*(part.unsqueeze(0) for part in (states, actions, weights, mask)))
        if fresh:
            optimizer = torch.optim.Adam(policy.parameters(), lr=run.recipe.learning_rate)
        for _ in range(times):
            reinforce.update(policy, optimizer, batch, batch.rewards)
    return steps.flat(policy) - steps.flat(run.policy)


def _check_parameters(run: _Training) -> None:
    """Compare what training made of the policy with updates on the steps it took."""
    gamma, learning_rate = run.recipe.gamma, run.recipe.learning_rate
    hint = "Each batch gives one update, with the returns G_t for γ = recipe.gamma as weights."
    if run.scale != 1:
        hint = "The returns are the weights as they are, large or small: neither divided by anything nor cut."
    equal(
        run.after - steps.flat(run.policy),
        _replayed(run, lambda length, clock, mask: _returns(gamma)[length - 1, clock]),
        what=f"The change of the parameters by {len(run.batches)} batches of {run.recipe.episodes} with γ = {gamma:g}"
        + (f", where rewards are {run.scale:g} times as large," if run.scale != 1 else ""),
        hint=hint,
        mistakes=lambda: _wrong_trainings(run),
        rtol=1e-3,
        atol=learning_rate / 200,
    )


def _wrong_trainings(run: _Training) -> dict:
    """Return how likely mistakes change the parameters."""
    gamma = run.recipe.gamma
    table, paid, earned = _returns(gamma), _returns(0.0), torch.tensor(EARNS).unsqueeze(1)

    def by(table: Tensor, change: Callable = lambda weights, real: weights, **options) -> Tensor:
        return _replayed(run, lambda length, clock, mask: change(w := table[length - 1, clock], w[mask]), **options)

    return {
        "Training leaves the policy as it was: update the policy of the arguments after each batch.": lambda: (
            torch.zeros_like(run.after)
        ),
        "Each step gets the return of the whole episode; weight it by what comes after it.": lambda: [
            by(table[:, :1].expand_as(table)),
            by(earned.expand_as(table)),
        ],
        "The returns are not discounted by recipe.gamma.": lambda: by(_returns(1.0)),
        "That weights step t by γᵗ G_t; the loss here takes G_t itself.": lambda: by(
            table * gamma ** torch.arange(table.shape[1])
        ),
        "The last batch gives no update; each does, but one that reaches stop_at.": lambda: by(table, last=-1),
        "Weight each action by the return that follows it, not by its reward.": lambda: [by(paid), by(gamma * paid)],
        "The sign is wrong: the policy learns to earn less.": lambda: by(-table),
        "Rewards behind an end are counted; give returns the mask of the episodes.": lambda: _replayed(
            run, lambda length, clock, mask: _returns(gamma, int(length.max()))[length - 1, clock]
        ),
        "Several updates use the same batch; one was asked.": lambda: [by(table, times=times) for times in (2, 3, 10)],
        "The optimizer is made anew for each batch, and forgets: make it once, before the loop.": lambda: by(
            table, fresh=True
        ),
        "The returns are the weights as they are: neither centred nor divided by anything.": lambda: [
            by(table, lambda weights, real: (weights - real.mean()) / (_std(real) + 1e-8)),
            by(table, lambda weights, real: weights - real.mean()),
            by(table, lambda weights, real: weights / real.mean()),
            by(table, lambda weights, real: weights / (_std(real) + 1e-8)),
            by(table, lambda weights, real: (weights - weights.mean()) / (weights.std() + 1e-8)),
            by(table, lambda weights, real: weights - weights.mean()),
            by(table, lambda weights, real: weights / 100),
        ],
    }


def _std(weights: Tensor) -> Tensor:
    """Return the standard deviation; that of a single number is 0."""
    return weights.std(correction=min(1, len(weights) - 1))


def _check_stops(answer: Answer, recipe: reinforce.Recipe, seed: int) -> None:
    """Look at where training ends: at a bar below all returns, at one that is met exactly, and at one in between."""
    earns, bar = torch.tensor(EARNS), min(EARNS) - 1
    run = _trained(answer, recipe, seed, updates=9, stop_at=bar)
    that(
        len(run.history) == 1,
        f"With stop_at={bar:g} training went on for {len(run.history)} batches, though the first had a mean return "
        f"of {earns[run.lengths[0].long() - 1].mean():.2g}.",
    )
    numbers = [number for number, *_ in run.reports]
    that(numbers == [1], f"The batch that reaches stop_at is reported too; the numbers were {numbers}, not [1].")
    that(
        torch.equal(run.after, steps.flat(run.policy)),
        "The batch that reaches stop_at still changes the policy: stop before the update.",
    )
    _check_exact_stop(answer, recipe, seed + 1)
    bar = round((earns.mean() + 1.2 * earns.std(correction=0) / math.sqrt(recipe.episodes)).item(), 2)
    run = _trained(answer, recipe, seed + 2, updates=40, stop_at=bar)
    _check_history(run, len(run.lengths))
    that(
        bool((run.history[:-1] < bar).all() and (len(run.history) == 40 or run.history[-1] >= bar)),
        f"With stop_at={bar:g} training should end with the first batch whose own mean return reaches {bar:g}, and "
        "not before.",
    )


def _check_exact_stop(answer: Answer, recipe: reinforce.Recipe, seed: int) -> None:
    """Train where each episode pays 3, then −3, and 0 is to be reached; nobody listens to reports."""
    world = _clocked((3.0, -3.0), lambda shape, generator: torch.full(shape, 2))
    policy, source = _policy(generator(seed), 2), generator(seed + 1)
    with _unheard():
        history = answer(world, policy, recipe, updates=4, generator=source, stop_at=0.0)
    equal(history[:1], torch.zeros(1), what="The mean return where each episode pays 3, then −3")
    that(
        len(history) == 1,
        f"A mean return of exactly 0 reaches stop_at=0, but training went on for {len(history)} batches: it stops at "
        "stop_at or above.",
    )


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Say what is wrong if an answer calls `report` though there is none."""
    try:
        yield
    except Raised as raised:
        if "'NoneType' object is not callable" not in raised.text:
            raise
        fail("report is None if nobody listens: call it only if it is given.")


def _short_training(recipe: reinforce.Recipe, policy: networks.Network) -> Callable:
    """Return a function of train and a generator that gives the parameters after two updates."""
    world = _clocked(PAYS, _any_length(PAYS))

    def draw(train: Callable, source: torch.Generator) -> Tensor:
        trained = copy.deepcopy(policy)
        train(world, trained, recipe, updates=2, generator=source)
        return steps.flat(trained)

    return draw


def _check_tiny_worlds(answer: Answer, late: int, seed: int) -> None:
    """Train on four worlds, each of which shows one bug by itself."""
    for world, right, sentence in (
        (
            probes.one_step(),
            ((1, 1),),
            "One step, action 1 pays 1: after 30 updates π(1) is {:.2g}, but above 0.9 was expected. "
            "Does update get the returns?",
        ),
        (
            probes.late_reward(late, bait=0.25),
            ((1, 1),),
            f"Action 1 pays 1, but {late - 1} steps later, action 0 pays 0.25 at once: π(1) is {{:.2g}}, but above 0.9 "
            "was expected. Weight each action by the return that follows it, not by its reward.",
        ),
        (
            probes.two_states(),
            ((0, 0), (2, 1)),
            "Action 0 is right in state −1, 1 in state 1: their probabilities are {:.2g} and {:.2g}, but above 0.9 "
            "was expected. Does the policy see the states of the episodes?",
        ),
        (
            probes.early_end(),
            ((1, 1),),
            "Action 0 ends the episode, action 1 earns more: π(1) is {:.2g}, but above 0.9 was expected. "
            "Is something counted behind the end?",
        ),
    ):
        pi = _learnt(answer, world, seed)
        chosen = [pi[place].item() for place in right]
        that(min(chosen) > 0.9, sentence.format(*chosen))


def _learnt(answer: Answer, world: World, seed: int) -> Tensor:
    """Train on a tiny world; return π(a | s) in the states −1, 0 and 1 at its first step, shape (3, 2)."""
    policy, source = _policy(generator(seed), 2), generator(seed + 1)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.1, gamma=1.0)

    def probe(train: Callable) -> Tensor:
        train(world, policy, recipe, updates=30, generator=source)
        return steps.flat(policy)

    nn.utils.vector_to_parameters(answer.probe(probe), policy.parameters())
    return policy(torch.tensor([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])).softmax(-1).detach()


@exercise(own=reinforce.evaluate)
def evaluate(answer, *, pays=(-2.0, 0.0, 2.0, 1.5), lengths=(2, 4, 1, 1, 3, 1, 4), episodes=37, seed=17):
    """The mean return of the greedy policy over fresh episodes, one number."""
    policy, source = _Fixed((-0.1, 0.1)), generator(seed)
    asked = ({"episodes": episodes}, {}, {"episodes": 1})

    def probe(evaluate: Callable) -> list:
        found = []
        for options in asked:
            started = []
            world = _clocked(pays, _in_turn(lengths, started), price=3.0)
            found.append((evaluate(world, policy, generator=source, **options), sum(started)))
        return found

    found = answer.probe(probe)
    counts = [count for _, count in found]
    that(
        counts == [episodes, 100, 1],
        "Run as many episodes as the argument `episodes` says, and 100 by default; "
        f"asked for {episodes} and then for none, evaluate ran {counts[0]} and {counts[1]}.",
    )
    for (got, _), count in zip(found, counts, strict=True):
        length = torch.tensor(lengths)[torch.arange(count) % len(lengths)]
        _check_mean_return(got, torch.tensor(pays), length)
    world = World(_uniform, lambda states, actions: states + 1, _worth, 2, 1)
    noise.source(
        answer,
        lambda evaluate, source: torch.as_tensor(evaluate(world, policy, generator=source)),
        what="The mean return",
        seed=seed + 1,
    )


def _check_mean_return(got, pays: Tensor, lengths: Tensor) -> None:
    """Compare a mean return with that of episodes of such lengths."""
    mask = torch.arange(len(pays)) < lengths.unsqueeze(1)
    paid = pays.expand_as(mask)
    g = (paid * mask).sum(1)
    longest = int(lengths.max())
    that(
        not isinstance(got, Tensor) or got.dim() == 0 or got.numel() != 1,
        f"The mean return has shape {tuple(getattr(got, 'shape', ()))}, but one number was expected: sum each "
        "episode, and average over all of them.",
    )
    equal(
        got,
        g.mean().item(),
        what=f"The mean return of {len(lengths)} episodes",
        hint="Act greedily, with greedy=True, sum the rewards of each episode, and average over episodes.",
        mistakes={
            "That is a mean over steps; sum the rewards of an episode.": (paid * mask).sum() / mask.sum(),
            "That is rounded; return the mean as it is.": [
                *(float(whole(g.mean().item())) for whole in (int, math.floor, math.ceil)),
                *(round(g.mean().item(), digits) for digits in (0, 1, 2)),
            ],
            "That sums over the episodes.": g.sum(),
            "That is how long the episodes last; sum what they pay.": lengths.double().mean(),
            "Only steps of the mask count, and each episode counts alike.": [
                torch.where(mask, paid, BEHIND)[:, :longest].sum(1).mean(),
                torch.where(mask, paid, BEHIND)[:, :longest].mean(),
            ],
            "That is the best episode; average over all.": g.max(),
            "That is the median.": g.median(),
            "Nothing is discounted: sum what is paid.": [
                reinforce.returns(paid, mask, gamma)[:, 0].mean() for gamma in (0.9, 0.95, 0.99)
            ],
            "That averages G_t over all steps; the return of an episode is that of its first.": (
                reinforce.returns(paid, mask, 1.0)[mask].mean()
            ),
        },
    )


def _uniform(shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
    return torch.rand(*shape, 2, generator=generator, dtype=torch.float32)


def _worth(states: Tensor, actions: Tensor, after: Tensor) -> tuple[Tensor, Tensor]:
    """Return what the state holds as the reward, and that the episode has ended."""
    return states[..., 0], torch.ones_like(states[..., 0], dtype=torch.bool)


@exercise(own=reinforce.balance)
def balance(answer, *, seeds=(22, 31)):
    """A policy that keeps CartPole's pole up, trained with at most 100 updates, from each of two seeds."""
    sources = [generator(seed) for seed in seeds]

    def probe(balance: Callable) -> tuple:
        reports = []

        def report(number, mean) -> None:
            reports.append((int(number), float(mean)))
            that(
                sum(mean >= 475 for _, mean in reports) < ENOUGH,
                f"{ENOUGH} batches have reached 475, and training goes on: pass stop_at=475 on to train. Batches of "
                "500 steps take long, and a grader does not wait for a hundred of them.",
            )

        return balance(sources[0], report=report), reports

    both = answer.keep(probe)
    policies, reports = [both.keep(lambda both: both[0])], both.probe(lambda both: both[1])
    _check_kind(policies[0])
    that(len(reports) > 0, "report was never called: pass it on, train(…, report=report).")
    last = max(len(reports), *(number for number, _ in reports))
    that(last <= 100, f"Training took {last} updates; at most 100 are allowed.")
    _check_score(_greedy_return(policies[0], seeds[0] + 1), [mean for _, mean in reports])
    for seed, source in zip(seeds[1:], sources[1:], strict=True):
        with _unheard():
            policies.append(answer.keep(lambda balance, source=source: balance(source)))
        _check_kind(policies[-1])
        score = _greedy_return(policies[-1], seed + 1)
        that(
            score >= 475,
            f"With another seed the greedy policy's mean return over 100 episodes is {score:.0f}, but 475 or more was "
            "expected. Choose what does not hang on luck: more episodes a batch, or another learning rate.",
        )
    states = cartpole.reset((100,), generator=generator(seeds[0] + 2))
    logits = [policy(states) for policy in policies]
    that(
        not any(torch.equal(logits[0], other) for other in logits[1:]),
        f"The policy is the same for every seed: new_policy and train get `generator`. {noise.OWN}",
    )


def _check_kind(policy: Answer) -> None:
    is_module, name = policy.probe(lambda policy: (isinstance(policy, nn.Module), type(policy).__name__))
    that(is_module, f"balance returns {name}, but the trained policy was expected. Does it end with return policy?")


def _check_score(score: float, means: Sequence[float]) -> None:
    """Check what a policy earned, knowing the mean returns of the batches it was trained on."""
    best = max(means)
    that(
        score >= 475 or best < 475,
        f"The best batch had a mean return of {best:.0f}, but the policy that balance returns has "
        f"{score:.0f}. Return the policy that was trained, and stop at stop_at=475.",
    )
    that(score < 475 or len(means) > 1, "report was called once, before any update: train the policy that you return.")
    advice = ""
    if best < 2 * means[0]:
        advice = "It hardly learns: look at the learning rate, γ and the number of updates."
    elif means[-1] < 0.6 * best:
        advice = f"It had come to {best:.0f} and fell back: is the learning rate too large?"
    that(
        score >= 475,
        f"The greedy policy's mean return over 100 episodes is {score:.0f}, but 475 or more was expected. "
        f"Train until a batch reaches 475, at most for 100 updates. {advice}",
    )


def _greedy_return(policy: Answer, seed: int) -> float:
    """Return the mean return of 100 greedy episodes of CartPole, run here: the policy is asked for logits alone."""
    states = cartpole.reset((100,), generator=generator(seed))
    got = policy(states)
    that(
        isinstance(got, Tensor) and got.shape == (100, 2),
        f"The policy gives {_named(got)} for 100 states, but logits of shape (100, 2) were expected.",
    )
    ask = _rebuilt(policy, states, got)
    alive, total = torch.ones(100, dtype=torch.bool), torch.zeros(100)
    for _ in range(cartpole.MAX_STEPS):
        states, rewards, ended = cartpole.WORLD.step(states, ask(states).argmax(-1))
        total, alive = total + rewards * alive, alive & ~ended
        if not alive.any():
            break
    return total.mean().item()


def _rebuilt(policy: Answer, states: Tensor, logits: Tensor) -> Callable:
    """Return what is faster to ask than a policy: the same network, made here of its numbers, if it is the course's."""

    def numbers(policy: nn.Module):
        is_known = type(policy) is networks.Network and not policy.shape
        return (policy.scale, [*policy.weights], [*policy.biases]) if is_known else None

    found = policy.probe(numbers)
    if found is None:
        return policy
    scale, weights, biases = found

    def rebuilt(states: Tensor) -> Tensor:
        x = states * scale
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            x = (x @ weight + bias).tanh()
        return x @ weights[-1] + biases[-1]

    return rebuilt if torch.allclose(rebuilt(states), logits, atol=1e-3) else policy


class _Fixed(nn.Module):
    """A policy that sees nothing."""

    def __init__(self, logits: Sequence[float]):
        super().__init__()
        self.logits = nn.Parameter(torch.tensor(logits))

    def forward(self, states: Tensor) -> Tensor:
        return self.logits.expand(*states.shape[:-1], -1)


def _policy(source: torch.Generator, inputs: int, outputs: int = 2) -> networks.Network:
    """Return an untrained policy."""
    return networks.Network((), inputs, 32, outputs, generator=source)


def _any_length(pays: Sequence[float]) -> Callable:
    """Return what draws the lengths of episodes, of which each step may be the last."""
    return lambda shape, generator: torch.randint(1, len(pays) + 1, shape, generator=generator)


def _clocked(pays: Sequence[float], lengths: Callable, price: float = 0.0) -> World:
    """Return a world whose states hold the length of the episode and a clock.

    Args:
        pays: what the steps pay.
        lengths: a function of a shape and a generator that says how long the episodes last.
        price: what action 0 costs.
    """
    pays = torch.tensor(pays, dtype=torch.float32)

    def reset(shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
        length = lengths(shape, generator).float()
        return torch.stack([length, torch.zeros_like(length)], -1)

    def outcome(states: Tensor, actions: Tensor, after: Tensor) -> tuple[Tensor, Tensor]:
        length, clock = states.unbind(-1)
        paid = pays[clock.long().clamp(max=len(pays) - 1)] - price * (actions == 0)
        return torch.where(clock < length, paid, BEHIND), after[..., 1] == length  # later it looks alive again

    return World(reset, lambda states, actions: states + states.new_tensor([0.0, 1.0]), outcome, 2, len(pays) + 2)


def _in_turn(lengths: Sequence[int], started: list[int]) -> Callable:
    """Return what gives the lengths in turn, over all resets, and notes in `started` how many episodes each started."""

    def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        first = sum(started)
        started.append(math.prod(shape))
        return torch.tensor(lengths)[torch.arange(first, sum(started)) % len(lengths)].view(shape)

    return draw


def _endless(max_steps: int) -> World:
    """Return a world with three actions that pay −1, 0 and 1, in which no episode ever ends."""

    def reset(shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
        return torch.randn(*shape, 3, generator=generator, dtype=torch.float32)

    def outcome(states: Tensor, actions: Tensor, after: Tensor) -> tuple[Tensor, Tensor]:
        return actions.float() - 1, torch.zeros_like(actions, dtype=torch.bool)

    return World(reset, lambda states, actions: states + 0.3 * (actions.unsqueeze(-1) - 1), outcome, 3, max_steps)


def _counted(world: World, episodes: int) -> World:
    """Return the world, which refuses to go on for ever; a few steps too many are left for a sentence of their own."""
    taken = []

    def dynamics(states: Tensor, actions: Tensor) -> Tensor:
        taken.append(actions.numel())
        that(
            sum(taken) <= episodes * (2 * world.max_steps + 6),
            f"The loop goes on after world.max_steps = {world.max_steps} steps; stop there at the latest.",
        )
        return world.dynamics(states, actions)

    return dataclasses.replace(world, dynamics=dynamics)


def _named(value) -> str:
    """Return what a sentence calls a value: None, or its type."""
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    return "None" if value is None else f"a {plain.kind(value)}"


def _asked(answer: Answer, arguments: Sequence, what: str):
    """Ask for data of an unusual size; if that stops, say which it was."""
    try:
        return answer(*arguments)
    except Raised as raised:
        fail(f"With {what}: {raised} {SQUEEZE}")
