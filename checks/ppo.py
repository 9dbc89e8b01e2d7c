"""Lesson 11: what tells a right proximal policy optimisation from a wrong one, piece by piece."""

import contextlib
import copy
import dataclasses
import functools
import math
from collections.abc import Callable, Iterator, Sequence
from unittest import mock

import torch
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from checks import noise, steps
from checks.answer import Answer
from checks.compare import equal, generator, that
from checks.exercise import exercise
from checks.steps import flat
from helpers import breakout, networks, policies, ppo
from helpers.rollouts import World

LOGITS = ((0.0, 1.0, -1.0), (2.0, -0.5, 0.5), (-3.0, 0.0, 0.0), (0.0, 1.0, -1.0))
OLD = (0.2, 0.9, 0.002, 0.4)  # π_old of the actions; one ratio is 244
RATIOS = (0.6, 0.9, 1.0, 1.1, 1.5, 8.0)
ADVANTAGES = (2.0, -3.0, 0.0, 0.5)
DELTAS = ((1.0, -2.0, 4.0, 0.5, 3.0), (0.0, 5.0, -1.0, 2.0, -3.0), (2.0, 2.0, 1.0, -4.0, 0.25))
OVER = (
    (False, True, False, False, False),
    (False, False, False, False, True),
    (True, False, False, True, False),
)
MEAN = ((0.5, -1.0, 2.0), (0.0, 3.0, 0.0))
LOG_STD = ((0.0, 0.7, -1.0), (-0.5, 0.2, 0.4))
TAKEN = ((1.0, -1.0, 1.5), (-2.0, 0.0, 0.1))
SUM = "The probabilities of an action's numbers multiply, so their logarithms add up: sum(-1)."
WIDE = "v has shape (N, T, 1): [..., 0] takes the last dimension away."


@exercise(own=(ppo.ratio, policies.log_prob))
def ratio(answer, *, logits=LOGITS, actions=(1, 0, 2, 2), old=OLD):
    """π(A | S) / π_old(A | S): 1 for the policy that acted; the gradient reaches the present policy alone."""
    logits, actions, log_old = torch.tensor(logits), torch.tensor(actions), torch.tensor(old).log()
    leading = lambda part: part.expand(2, 3, *part.shape).clone()  # noqa: E731
    for case in (
        (logits, actions, log_old),
        (logits[:1], actions[:1], log_old[:1]),
        (logits[:, None], actions[:, None], log_old[:, None]),
        (leading(logits), leading(actions), leading(log_old)),
        (logits.double(), actions, log_old.double()),
    ):
        _compare_ratio(answer(*case), *case)
    same = policies.log_prob(logits, actions)
    equal(
        answer(logits, actions, same),
        torch.ones_like(same),
        what="The ratio of a policy to itself",
        hint="It is 1 as long as nothing was learned.",
    )
    far = torch.tensor([[0.0, 200.0]]), torch.tensor([0]), torch.tensor([-199.0])
    equal(
        answer(*far),
        torch.tensor([math.exp(-1)]),
        what="The ratio of two tiny probabilities, e⁻²⁰⁰ / e⁻¹⁹⁹,",
        hint="Both are 0 in float32: subtract log-probabilities first, and then take exp.",
    )

    def probe(function: Callable) -> Tensor:
        moving = logits.clone().requires_grad_()
        return steps.gradient(function(moving, actions, log_old).sum(), moving, what="The ratio")

    pi = logits.softmax(-1)
    chosen = nn.functional.one_hot(actions, logits.shape[-1])
    right = (same - log_old).exp().unsqueeze(-1) * (chosen - pi)
    equal(
        answer.probe(probe),
        right,
        what="The gradient of the summed ratios with respect to the logits",
        hint="It is ρ ∇log π: the present policy has a gradient, and nothing is detached but log_old.",
    )

    def label(function: Callable) -> bool:
        moving = log_old.clone().requires_grad_()
        value = function(logits.clone().requires_grad_(), actions, moving).sum()
        return torch.autograd.grad(value, moving, allow_unused=True)[0] is not None

    that(not answer.probe(label), "A gradient flows into log_old. The old policy is what it was: detach() it.")


def _compare_ratio(got, logits: Tensor, actions: Tensor, log_old: Tensor) -> None:
    log_pi = policies.log_prob(logits, actions)
    raw = logits.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    right = (log_pi - log_old).exp()
    mistakes = {
        "That is upside down: the present policy belongs above, the old one below.": (log_old - log_pi).exp(),
        "That is the logarithm of the ratio: exp is missing.": log_pi - log_old,
        "That is the difference of the probabilities; divide.": log_pi.exp() - log_old.exp(),
        "That divides the logarithms; subtract them, then take exp.": log_pi / log_old,
        "log_old is a logarithm: π_old is its exp.": log_pi.exp() / log_old,
        "That is π(A | S) alone.": log_pi.exp(),
        "That is always 1: it divides the present policy by itself. log_old was noted when the action was taken.": (
            torch.ones_like(right)
        ),
        "Logits are logarithms up to a constant only: take log_softmax(-1).": [
            (raw - log_old).exp(),
            (raw - logits.amax(-1) - log_old).exp(),
        ],
        "That is the probability of the likeliest action; gather that of the action taken.": (
            logits.log_softmax(-1).amax(-1) - log_old
        ).exp(),
        "That has the ratios of all actions; gather that of the action taken.": (
            logits.log_softmax(-1) - log_old.unsqueeze(-1)
        ).exp(),
        "One ratio for each sample was asked for, not their mean.": right.mean(),
    }
    mistakes["The softmax is taken over the samples; it belongs to the actions, the last dimension."] = [
        (logits.log_softmax(dim).gather(-1, actions.unsqueeze(-1)).squeeze(-1) - log_old).exp()
        for dim in range(logits.dim() - 1)
    ]
    equal(
        got,
        right,
        what=f"The ratio of {right.numel()} sample{'s' if right.numel() > 1 else ''}",
        hint="exp of log π(A | S) minus log_old, with log π from log_softmax and gather.",
        mistakes=mistakes,
    )


@exercise(own=ppo.surrogate)
def surrogate(answer, *, ratio=RATIOS, advantages=ADVANTAGES, clip=0.25):
    """min(ρ A, clip(ρ) A) for every sample, and its gradient: flat in two of six cases, A in the others."""
    rho, a = torch.cartesian_prod(torch.tensor(ratio), torch.tensor(advantages)).unbind(-1)
    for case in (
        (rho, a),
        (rho[:1], a[:1]),
        (rho.view(1, -1, 2).repeat(2, 1, 1), a.view(1, -1, 2).repeat(2, 1, 1)),
        (rho.double(), a.double()),
    ):
        _compare_surrogate(answer(*case, clip), *case, clip)

    def probe(function: Callable) -> Tensor:
        moving = rho.clone().requires_grad_()
        return steps.gradient(function(moving, a, clip).sum(), moving, what="The surrogate")

    slopes = answer.probe(probe)
    for place, (one, advantage) in enumerate(zip(rho.tolist(), a.tolist(), strict=True)):
        good = advantage > 0
        is_flat = advantage != 0 and (one > 1 + clip if good else one < 1 - clip)
        where = "above" if one > 1 + clip else "below" if one < 1 - clip else "inside"
        equal(
            slopes[place],
            torch.tensor(0.0 if is_flat else advantage),
            what=f"The gradient for A = {advantage:g} at a ratio of {one:g}, {where} 1 ± {clip:g},",
            hint="It is 0 where the ratio has left the band in the direction of its advantage, and A everywhere else.",
        )


def _compare_surrogate(got, rho: Tensor, a: Tensor, clip: float) -> None:
    inside = rho.clamp(1 - clip, 1 + clip)
    right = torch.minimum(rho * a, inside * a)
    equal(
        got,
        right,
        what=f"The surrogate of {right.numel()} sample{'s' if right.numel() > 1 else ''} with ε = {clip:g}",
        hint="The smaller of ρ A and clip(ρ, 1 − ε, 1 + ε) A, for each sample.",
        mistakes={
            "That is the larger of the two: what has gone far enough must not pay any more.": torch.maximum(
                rho * a, inside * a
            ),
            "That clips always, so what went the wrong way is never called back: take the minimum with ρ A.": inside
            * a,
            "The minimum comes after multiplying by A: with a negative A the order turns around.": (
                torch.minimum(rho, inside) * a
            ),
            "That is ρ A without a clip.": rho * a,
            "ε is `clip`, whatever it is.": torch.minimum(rho * a, rho.clamp(0.8, 1.2) * a),
            "The sign belongs to the loss: here is what is to become large.": -right,
            "One number for each sample was asked for; the mean comes later.": [right.mean(), -right.mean()],
            "The band is 1 ± ε: clamp(1 - clip, 1 + clip).": [
                torch.minimum(rho * a, rho.clamp(-clip, clip) * a),
                torch.minimum(rho * a, rho.clamp(0, clip) * a),
            ],
            "Only the upper side is clipped; a bad action that is rare enough must not push, either.": (
                torch.minimum(rho * a, rho.clamp(max=1 + clip) * a)
            ),
            "Only the lower side is clipped; a good action that is likely enough must not push, either.": (
                torch.minimum(rho * a, rho.clamp(min=1 - clip) * a)
            ),
            "That clips ρ A instead of ρ.": torch.minimum(rho * a, (rho * a).clamp(1 - clip, 1 + clip)),
            "That is the product with the absolute advantage.": torch.minimum(rho, inside) * a.abs(),
        },
    )


class _Read(nn.Module):
    """A value function of states with two numbers, not 0 at 0, with parameters, so that gradients could flow."""

    def __init__(self):
        super().__init__()
        self.weights, self.bias = nn.Parameter(torch.tensor([[1.5], [-0.5]])), nn.Parameter(torch.tensor(2.5))

    def forward(self, states: Tensor) -> Tensor:
        return states @ self.weights.to(states.dtype) + self.bias.to(states.dtype)


@exercise(own=ppo.td_errors)
def td_errors(answer, *, gamma=0.9, games=3, steps=7, seed=5):
    """δ = R + γ v(S′) − v(S): an end is worth nothing, a cut is worth v of where the step led."""
    for number, shape in enumerate(((1, steps), (games, steps), (1, 1), (games, 1))):
        segment, value = _segment(shape, seed + number), _Read()
        if number == 3:
            real = ("states", "rewards", "next_states", "shown")
            segment = segment._replace(**{name: getattr(segment, name).double() for name in real})
        _compare_td_errors(answer(segment, value, gamma), segment, value, gamma)


def _segment(shape: tuple[int, int], seed: int) -> ppo.Segment:
    """Return steps of which some end, some are cut, one or two are both, and the others go on."""
    source = generator(seed)
    states, after, fresh = (torch.randn(*shape, 2, generator=source) for _ in range(3))
    kind = torch.randint(3, shape, generator=source)
    kind.view(-1)[:4] = torch.tensor([1, 0, 2, 3])[: kind.numel()]  # each kind is there; a single step is cut
    terminated, truncated = (kind == 0) | (kind == 3), (kind == 1) | (kind == 3)
    over = (terminated | truncated).unsqueeze(-1)
    after[:, :-1] = torch.where(over[:, :-1], after[:, :-1], states[:, 1:])
    shown = torch.where(over, fresh, after)
    shown[:, :-1] = states[:, 1:]
    rewards, log_old = torch.randn(shape, generator=source), -torch.rand(shape, generator=source)
    actions = torch.randint(2, shape, generator=source)
    mask = torch.ones(shape, dtype=torch.bool)
    return ppo.Segment(states, actions, rewards, after, shown, terminated, truncated, log_old, mask)


def _compare_td_errors(got, segment: ppo.Segment, value: nn.Module, gamma: float) -> None:
    with torch.no_grad():
        origin = value(torch.zeros_like(segment.states))[..., 0]
        here, there, shown = (value(part)[..., 0] for part in (segment.states, segment.next_states, segment.shown))
    r, ended, cut = segment.rewards, segment.terminated, segment.truncated
    shifted = torch.cat([here[:, 1:], there[:, -1:]], 1)
    right = r + gamma * there * ~ended - here
    equal(
        got,
        right,
        what=f"δ of {ended.shape[0]} game{'s' if len(ended) > 1 else ''} with γ = {gamma:g}",
        hint="R + γ v(next_states), without the second part where the episode terminated, minus v(states).",
        mistakes={
            "A cut was taken for an end: the world would have gone on, so v of where the step led counts.": [
                r + gamma * there * ~(ended | cut) - here,
                r + gamma * shown * ~(ended | cut) - here,
            ],
            "What is shown after a reset is the start of another episode: take v(next_states).": [
                r + gamma * shown * ~ended - here,
                r + gamma * shifted * ~ended - here,
            ],
            "That looks behind the end: where an episode terminated nothing follows.": [
                r + gamma * there - here,
                r + gamma * shown - here,
                r + gamma * shifted - here,
            ],
            "It is v(S′) that counts as 0 at an end; a state of zeros may be worth something.": (
                r + gamma * torch.where(ended, origin, there) - here
            ),
            "Where an episode terminated nothing follows, even if it is cut with the same step.": (
                r + gamma * there * ~(ended & ~cut) - here
            ),
            "Cuts and ends are mixed up: after an end nothing follows, after a cut the world would have gone on.": (
                r + gamma * there * ~cut - here
            ),
            "Where `terminated` is true nothing follows; you have it the other way round.": r
            + gamma * there * ended
            - here,
            "γ is missing.": r + there * ~ended - here,
            "v(S_t) is missing: that is the target, and δ is the target minus the guess.": r + gamma * there * ~ended,
            "The sign is wrong: an action that brings more than v(S_t) has a positive δ.": -right,
            "The reward is missing.": gamma * there * ~ended - here,
            "The last reward of an episode counts: it is what follows it that is nothing.": [
                (r + gamma * there) * ~ended - here,
                (r + gamma * there - here) * ~ended,
            ],
            WIDE: [
                r.unsqueeze(-1) + gamma * there.unsqueeze(-1) * ~ended.unsqueeze(-1) - here.unsqueeze(-1),
                r + gamma * there.unsqueeze(-1) * ~ended - here.unsqueeze(-1) if len(r) == 1 else right,
            ],
            "γ belongs to what follows, not to all of it.": gamma * (r + there * ~ended) - here,
        },
    )


@exercise(own=ppo.gae)
def gae(answer, *, td_errors=DELTAS, over=OVER, gamma=0.9, trace=0.8):
    """Sums of TD errors with weights (γλ)ᵏ up to the end of the episode; λ = 0 and λ = 1; one step; float64."""
    deltas, over = torch.tensor(td_errors), torch.tensor(over)
    long = deltas.flatten().repeat(4)[None]  # an episode of so many steps
    for case in (
        (deltas, over, gamma, trace),
        (long, torch.zeros_like(long, dtype=torch.bool), gamma, trace),
        (deltas, over, gamma, 1.0),
        (deltas, over, 1.0, trace),
        (deltas[-1:, :3], over[-1:, :3], gamma, 0.0),
        (deltas[:1, :1], over[:1, :1], gamma, trace),
        (deltas.double(), over, gamma, trace),
    ):
        _compare_gae(answer(*case), *case)


def _sums(deltas: Tensor, goes_on: Tensor, discount: float) -> Tensor:
    """Return sums of what follows, backwards: entry t takes the next one on if goes_on[t]."""
    found, later = torch.zeros_like(deltas), torch.zeros_like(deltas[:, 0])
    for t in reversed(range(deltas.shape[1])):
        later = deltas[:, t] + discount * goes_on[:, t] * later
        found[:, t] = later
    return found


def _compare_gae(got, deltas: Tensor, over: Tensor, gamma: float, trace: float) -> None:
    on, discount = ~over, gamma * trace
    later, earlier = (torch.cat(pair, 1) for pair in ((on[:, 1:], on[:, -1:]), (on[:, :1], on[:, :-1])))
    inner = torch.arange(deltas.shape[1]) < deltas.shape[1] - 1
    right = _sums(deltas, on, discount)
    equal(
        got,
        right,
        what=f"The advantage Â for γ = {gamma:g} and λ = {trace:g}",
        hint="Backwards in time: δ plus γ λ times the next step's advantage, and δ alone where the episode is over.",
        mistakes={
            "The next episode leaks in: what comes after the step with which an episode is over is not its doing.": (
                _sums(deltas, torch.ones_like(on), discount)
            ),
            "The ends are shifted by one: over[..., t] cuts between t and t + 1.": [
                _sums(deltas, later, discount),
                _sums(deltas, earlier, discount),
            ],
            "The last δ of an episode counts: it is what follows it that does not.": [
                _sums(deltas * on, on, discount),
                _sums(deltas * on, torch.ones_like(on), discount),
            ],
            "Where `over` is true nothing follows; you have it the other way round.": _sums(deltas, over, discount),
            "λ is missing: each step further counts γ λ of the one before.": _sums(deltas, on, gamma),
            "γ is missing: each step further counts γ λ of the one before.": _sums(deltas, on, trace),
            "γ and λ are missing: each step further counts γ λ of the one before.": _sums(deltas, on, 1.0),
            "Those are the TD errors themselves; the later ones of the episode are missing.": deltas,
            "That walks forwards: an advantage contains what comes after its step.": [
                _sums(deltas.flip(1), torch.cat([on[:, :1] | True, on[:, :-1]], 1).flip(1), discount).flip(1),
                _sums(deltas.flip(1), on.flip(1), discount).flip(1),
            ],
            "The steps come in the order of your walk, the last one first: turn them around.": right.flip(1),
            "The last step of a segment is missing: it has its own δ.": torch.cat(
                [_sums(deltas * inner, on, discount)[:, :-1], 0 * deltas[:, -1:]], 1
            ),
            "γ λ belongs to what comes later; a step's own δ counts in full.": discount * right,
            "That stops after one step more: what comes later is Â of the next step, not its δ.": (
                deltas + discount * on * torch.cat([deltas[:, 1:], 0 * deltas[:, -1:]], 1)
            ),
            "That averages: weights 1 − λ belong to n-step advantages, and are already in the sum of δ.": (
                (1 - trace) * right
            ),
        },
    )


class _Pair(nn.Module):
    """A policy and a value function, to be moved together."""

    def __init__(self, source: torch.Generator, inputs: int = 3, actions: int = 4):
        super().__init__()
        self.policy = networks.Network((), inputs, 5, actions, generator=source)
        self.value = networks.Network((), inputs, 5, 1, generator=source)


@exercise(own=ppo.update)
def update(answer, *, clip=0.4, bonus=0.3, size=12, learning_rate=0.05, seed=11):
    """One step of the optimizer, up surrogate and entropy, down the squared error, from ratios of 1 and far from it."""
    start, source = _Pair(generator(seed)), generator(seed + 1)
    states, actions = torch.randn(size, 3, generator=source), torch.randint(4, (size,), generator=source)
    advantages, targets = 3 * torch.randn(size, generator=source), 2 + 30 * torch.randn(size, generator=source)
    with torch.no_grad():
        own = policies.log_prob(start.policy(states), actions)
    rho = torch.tensor([1 + 0.8 * clip, 1 - 0.8 * clip, 1.0, 6.0, 0.02, 0.05])[torch.arange(size) % 6]
    for name, log_old in (("with ratios of 0.02 to 6", own - rho.log()), ("whose ratios are all 1", own)):
        batch = ppo.Batch(states, actions, log_old, advantages, targets)
        _compare_update(answer, start, batch, (clip, bonus), learning_rate, name)


def _compare_update(
    answer: Answer, start: _Pair, batch: ppo.Batch, weights: tuple[float, float], rate: float, name: str
) -> None:
    def moved(step: Callable, times: int, momentum: float = 0.5) -> Tensor:
        method = functools.partial(torch.optim.SGD, momentum=momentum)
        return steps.moved(lambda: copy.deepcopy(start), step, learning_rate=rate, times=times, method=method)

    def change(times: int = 1, momentum: float = 0.5, **options) -> Tensor:
        return moved(lambda pair, optimizer: _step(pair, optimizer, batch, *weights, **options), times, momentum)

    def yours(times: int = 1) -> Tensor:
        return answer.probe(
            lambda function: moved(
                lambda pair, optimizer: function(pair.policy, pair.value, optimizer, batch, *weights), times
            )
        )

    sizes = {"rtol": 1e-3, "atol": 1e-6}
    equal(
        yours(),
        change(),
        what=f"The change of the parameters by one update on a minibatch {name}",
        hint="Down the gradient of mean (v − target)² minus mean surrogate minus bonus times mean entropy.",
        mistakes=lambda: {
            sentence: lambda many=many: [change(**options) for options in many]
            for sentence, many in _mistaken_steps(batch, weights[1]).items()
        },
        **sizes,
    )
    equal(
        yours(times=3),
        change(times=3),
        what=f"The change of the parameters by three updates on a minibatch {name}",
        hint="Each begins with optimizer.zero_grad(): without it the gradients of the one before are still there.",
        mistakes=lambda: {"The step is the optimizer's: optimizer.step().": change(times=3, momentum=0.0)},
        **sizes,
    )


def _mistaken_steps(batch: ppo.Batch, bonus: float) -> dict[str, list[dict]]:
    """Return for each likely mistake of an update what `_step` must be given to make it."""
    n = len(batch.targets)
    return {
        "Nothing moved: zero_grad(), then loss.backward(), then optimizer.step().": [{"steps": 0}],
        "The surrogate has the wrong sign: an optimizer goes down, so its minus belongs in the loss.": [{"up": -1}],
        "The squared error has the wrong sign: v should come nearer to its targets.": [{"down": -1}],
        "Both signs are wrong: that climbs the loss.": [{"up": -1, "down": -1, "mixed": -1}, {"up": -1, "down": -1}],
        "The entropy is missing: bonus times its mean is to become large, too.": [{"mixed": 0}],
        "The entropy has the wrong sign: it is to become large, so its minus belongs in the loss.": [{"mixed": -1}],
        "The entropy counts `bonus` times.": [{"mixed": 1 / bonus}, {"mixed": bonus}],
        "The value network learns nothing: the squared error is missing.": [{"down": 0}],
        "The policy learns nothing: the surrogate is missing, or cut off from it.": [{"up": 0}],
        "The ratio is missing, or always 1: log_old is from play, and the present policy has moved since.": [
            {"gains": "log"}
        ],
        "That is ρ A without the clip.": [{"gains": "ratio"}],
        "Take the minimum with ρ A, for each sample by itself, and only then the mean.": [{"gains": "always"}],
        "ε is `clip`, whatever it is.": [{"gains": "fixed"}],
        "`clip` and `bonus` are mixed up.": [{"swapped": True}],
        "The ratio is upside down.": [{"gains": "inverted"}],
        "The shapes (B, 1) and (B,) were broadcast: [..., 0] takes the last dimension of v away.": [{"wide": True}],
        "The shapes (B, 1) and (B,) were broadcast: the ratio of a sample is one number.": [{"gains": "wide"}],
        "Average over the minibatch, do not sum.": [
            {"up": up, "down": down, "mixed": mixed} for up in (1, n) for down in (1, n) for mixed in (1, n)
        ][1:],
        "The squared error counts once, not half.": [{"down": 0.5}],
        "v is to come near to `targets`, not to the advantages.": [{"goal": batch.advantages}],
        "The advantages are in the batch; they are not the present errors of v.": [{"advantages": "errors"}],
        "The advantages were standardised for the whole segment: take them as they are.": [
            {"advantages": "standardised"}
        ],
        "policies.entropy takes logits, and does the softmax itself.": [{"entropy": "of the softmax"}],
        "The entropy averages −log π over all actions, not over those taken.": [{"entropy": "of the taken"}],
        "Those are several steps on one minibatch; one was asked.": [{"times": 2}, {"steps": 2}],
    }


def _step(
    pair,
    optimizer,
    batch,
    clip,
    bonus,
    *,
    up=1.0,
    down=1.0,
    mixed=1.0,
    gains="clipped",
    entropy="",
    advantages="",
    goal=None,
    wide=False,
    swapped=False,
    steps=1,
):
    """Take one step as it should be, or with a mistake in it."""
    clip, bonus = (bonus, clip) if swapped else (clip, bonus)
    logits, v = pair.policy(batch.states), pair.value(batch.states)
    log_pi, a = policies.log_prob(logits, batch.actions), batch.advantages
    rho = (log_pi - batch.log_old).exp()
    if advantages:
        a = (a - a.mean()) / a.std() if advantages == "standardised" else (batch.targets - v[..., 0]).detach()
    gain = {
        "clipped": lambda: ppo.surrogate(rho, a, clip).mean(),
        "log": lambda: (log_pi * a).mean(),
        "ratio": lambda: (rho * a).mean(),
        "always": lambda: (rho.clamp(1 - clip, 1 + clip) * a).mean(),
        "fixed": lambda: ppo.surrogate(rho, a, 0.2).mean(),
        "inverted": lambda: ppo.surrogate(1 / rho, a, clip).mean(),
        "wide": lambda: ppo.surrogate((log_pi.unsqueeze(-1) - batch.log_old).exp(), a, clip).mean(),
    }[gains]()
    errors = (v if wide else v[..., 0]) - (batch.targets if goal is None else goal)
    spread = -log_pi if entropy == "of the taken" else policies.entropy(logits.softmax(-1) if entropy else logits)
    optimizer.zero_grad()
    (down * errors.square().mean() - up * gain - mixed * bonus * spread.mean()).backward()
    for _ in range(steps):
        optimizer.step()


@exercise(own=ppo.train, trains=("policy", 1, "value", 2))
def train(answer, *, games=5, steps=13, epochs=3, minibatches=4, seed=21, bar=10):
    """Advantages once, epochs of shuffled minibatches, each step as it should be; then all bricks."""
    recipe = ppo.Recipe(games, steps, epochs, minibatches, 0.1, gamma=0.8, trace=0.6, learning_rate=0.03, entropy=0.3)
    pair, source, updates = _Pair(generator(seed), 2, 2), generator(seed + 1), 3

    def probe(function: Callable) -> tuple:
        moving, reports = copy.deepcopy(pair), []
        spied = _Spy(moving.policy)
        with spied.watching():
            function(
                _drift(),
                spied,
                moving.value,
                recipe,
                updates=updates,
                generator=source,
                report=lambda number, mean: reports.append(int(number)),
            )
        return spied.segments, spied.given, flat(moving), reports

    def stop(function: Callable) -> list:
        once, stopped = copy.deepcopy(pair), []
        function(
            _drift(),
            once.policy,
            once.value,
            recipe,
            updates=updates,
            generator=source,
            report=lambda number, mean: stopped.append(int(number)) or True,
        )
        function(_drift(), once.policy, once.value, recipe, updates=1, generator=source)
        return stopped

    segments, given, trained, reports = answer.probe(probe)
    segments = [(ppo.Segment(*segment), _places(segment[0], parts)) for segment, parts in segments]
    _check_minibatches(segments, recipe, updates)
    _check_advantages(given, recipe, updates)
    that(
        reports == list(range(1, updates + 1)) and answer.probe(stop) == [1],
        "report is called after each segment, and ends the training where it returns True: leave the lines that do so "
        "as they are.",
    )
    _check_learning(trained - flat(pair), pair, segments, recipe)
    noise.source(answer, _short_training(pair), what="What training makes of a policy", seed=seed + 2)
    if bar is not None:
        _break_bricks(answer, bar, seed + 3)


class _Spy(nn.Module):
    """A policy that notes, for each segment, the states from which each step of an optimizer learned.

    Attributes:
        segments: for each a tuple of its parts, and a list of what each step saw.
        given: for each call of `ppo.batch` the advantages, and what they should be made of.
    """

    def __init__(self, inner: nn.Module):
        super().__init__()
        self.inner, self.segments, self.given, self.seen = inner, [], [], []

    def forward(self, states: Tensor) -> Tensor:
        logits = self.inner(states)
        if logits.requires_grad:  # what is only looked at never gets a gradient
            rows = states.detach().reshape(-1, states.shape[-1]).clone()
            logits.register_hook(lambda gradient: self._note(rows))
        return logits

    def _note(self, rows: Tensor) -> None:
        if not any(torch.equal(rows, other) for other in self.seen):  # one minibatch may be asked for twice
            self.seen.append(rows)

    def _step(self, *_) -> None:
        if self.seen and self.segments:
            self.segments[-1][1].append(torch.cat(self.seen))
        self.seen = []

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Watch `ppo.collect`, `ppo.batch` and all optimizers."""
        right = ppo.collect, ppo.batch

        def collect(*arguments, **options):
            segment = right[0](*arguments, **options)
            self.segments.append((tuple(segment), []))
            return segment

        def batch(segment, advantages, value, **options):
            with torch.no_grad():
                guesses = [value(part)[..., 0] for part in (segment.states, segment.next_states)]
            parts = (segment.rewards, segment.terminated, segment.truncated)
            self.given.append((torch.as_tensor(advantages).detach().clone(), *parts, *guesses))
            return right[1](segment, advantages, value, **options)

        steps_taken = register_optimizer_step_post_hook(self._step)
        try:
            with mock.patch.multiple(ppo, collect=collect, batch=batch):
                yield
        finally:
            steps_taken.remove()


def _drift() -> World:
    """Return a world in which no state comes twice: a number that wanders, and is paid where action 1 is taken."""

    def reset(shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
        return torch.rand(*shape, 2, generator=generator)

    def dynamics(states: Tensor, actions: Tensor) -> Tensor:
        return (1.7 * states + 0.1 + 0.01 * actions.unsqueeze(-1)) % 1

    def outcome(states: Tensor, actions: Tensor, after: Tensor) -> tuple[Tensor, Tensor]:
        return actions + states[..., 1], after[..., 0] < 0.1

    return World(reset, dynamics, outcome, 2, 5)


def _places(states: Tensor, parts: Sequence) -> list[Tensor]:
    """Return where in a segment the steps of each minibatch stand; no state comes twice in this world."""
    rows = states.flatten(0, 1)
    return [(part.unsqueeze(1) == rows).all(-1).int().argmax(-1) for part in parts]


def _check_minibatches(segments: Sequence, recipe: ppo.Recipe, updates: int) -> None:
    """Look at which steps each update saw: segments are pairs of a segment and the places of its minibatches."""
    epochs, minibatches, count, known = recipe.epochs, recipe.minibatches, recipe.games * recipe.steps, set()
    that(len(segments) == updates, f"In {updates} updates {len(segments)} segments were played; one each is right.")
    for _, parts in segments:
        sizes = [len(part) for part in parts]
        that(len(parts) > 0, "The policy never learns: call update(policy, value, optimizer, …) for each minibatch.")
        that(
            max(sizes) < count or minibatches == 1,
            f"An update sees all {count} steps at once; cut the shuffled steps into {minibatches} minibatches.",
        )
        that(
            sum(sizes) == epochs * count,
            f"The updates on a segment saw {sum(sizes)} steps, but {epochs} epochs of {count} are {epochs * count}: in "
            "each epoch every step comes once.",
        )
        that(
            len(parts) == epochs * minibatches,
            f"There were {len(parts)} updates on a segment, but {epochs} epochs of {minibatches} minibatches are "
            f"{epochs * minibatches}.",
        )
        for start in range(0, len(parts), minibatches):
            epoch = parts[start : start + minibatches]
            order = torch.cat(epoch)
            that(
                len(order.unique()) == count,
                "In an epoch some step comes twice and another never: permute the places of the segment, and cut the "
                "permutation into parts.",
            )
            that(
                (order.diff().abs() == 1).sum() < 0.6 * count,
                "Most steps come in the order of play: shuffle all of them, since those of one game are alike.",
            )
            known.add(frozenset(frozenset(part.tolist()) for part in epoch))
    that(
        len(known) == epochs * updates,
        "Epochs have the same minibatches: shuffle anew in each, with generator=generator.",
    )


def _check_advantages(given: Sequence, recipe: ppo.Recipe, updates: int) -> None:
    that(
        len(given) > 0,
        "ppo.batch was never called: it lays the steps out in one row, with targets and standardised advantages.",
    )
    for got, rewards, terminated, truncated, here, there in given:
        ahead, over = torch.where(terminated, 0.0, there), terminated | truncated

        def wanted(gamma, trace, over=over, ahead=ahead, rewards=rewards, here=here):
            return _sums(rewards + gamma * ahead - here, ~over, gamma * trace)

        equal(
            got,
            wanted(recipe.gamma, recipe.trace),
            what="What ppo.batch is given as advantages",
            hint="gae of td_errors, with over = terminated | truncated, recipe.gamma and recipe.trace.",
            mistakes={
                "Those are the TD errors; gae is missing.": wanted(recipe.gamma, 0.0),
                "λ is recipe.trace.": [wanted(recipe.gamma, trace) for trace in (0.8, 0.9, 0.95, 1.0)],
                "γ is recipe.gamma.": [wanted(gamma, recipe.trace) for gamma in (0.9, 0.95, 0.97, 0.99, 1.0)],
                "γ and λ are mixed up.": _sums(
                    rewards + recipe.trace * ahead - here, ~over, recipe.gamma * recipe.trace
                ),
                "An episode that is cut is over, too: over = terminated | truncated.": wanted(
                    recipe.gamma, recipe.trace, over=terminated
                ),
                "An episode that ended is over, too: over = terminated | truncated.": wanted(
                    recipe.gamma, recipe.trace, over=truncated
                ),
            },
            rtol=1e-3,
            atol=1e-4,
        )
    that(
        len(given) == updates,
        f"ppo.batch was called {len(given)} times in {updates} updates; advantages are computed once for each segment.",
    )


def _check_learning(got: Tensor, start: _Pair, segments: Sequence, recipe: ppo.Recipe) -> None:
    """Go through the same minibatches in the same order: from there on nothing is left to chance."""

    def change(plan: ppo.Recipe = recipe, **options) -> Tensor:
        return _relearned(start, segments, plan, **options)

    def other(**settings) -> Tensor:
        return change(dataclasses.replace(recipe, **settings))

    equal(
        got,
        change(),
        what=f"The change of the parameters by {len(segments)} segments",
        hint="Do states, actions and advantages stay together, and does each minibatch go to update as it is?",
        mistakes=lambda: {
            "Is log_old what was noted during play, in all epochs?": lambda: [
                change(anew="update"),
                change(anew="epoch"),
            ],
            "Is recipe.clip passed on?": lambda: [other(clip=1e9), other(clip=0.2)],
            "Is recipe.entropy passed on, as it is?": lambda: [
                other(entropy=e) for e in (0.0, 0.03, 0.01, -recipe.entropy)
            ],
            "recipe.clip and recipe.entropy are mixed up; the clip comes first.": lambda: other(
                clip=recipe.entropy, entropy=recipe.clip
            ),
            "ppo.batch standardises the advantages, unless it is told not to.": lambda: other(standardise=False),
            "The learning rate falls from segment to segment: leave the line that does so as it is.": lambda: other(
                final_rate=1.0
            ),
            "One optimizer serves all segments: it remembers the steps before.": lambda: change(forgets=True),
        },
        rtol=0.01,
        atol=1e-3,
    )


def _relearned(
    start: _Pair, segments: Sequence, recipe: ppo.Recipe, *, anew: str = "", forgets: bool = False
) -> Tensor:
    """Return how minibatches at known places change the parameters; `anew` is when log_old is noted again."""
    pair = copy.deepcopy(start)
    adam = functools.partial(torch.optim.Adam, [*pair.policy.parameters(), *pair.value.parameters()])
    optimizer = adam()
    for number, (segment, parts) in enumerate(segments, start=1):
        optimizer = adam() if forgets else optimizer
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, len(segments))
        over = segment.terminated | segment.truncated
        advantages = ppo.gae(ppo.td_errors(segment, pair.value, recipe.gamma), over, recipe.gamma, recipe.trace)
        batch = ppo.batch(segment, advantages, pair.value, standardise=recipe.standardise)
        for count, places in enumerate(parts):
            if anew == "update" or anew == "epoch" and count % recipe.minibatches == 0:
                with torch.no_grad():
                    batch = batch._replace(log_old=policies.log_prob(pair.policy(batch.states), batch.actions))
            ppo.update(pair.policy, pair.value, optimizer, ppo.pick(batch, places), recipe.clip, recipe.entropy)
    return flat(pair) - flat(start)


def _short_training(pair: _Pair) -> Callable:
    """Return a function of train and a generator that gives the parameters after two updates."""
    recipe = ppo.Recipe(4, 8, 2, 2, learning_rate=0.02)

    def draw(function: Callable, source: torch.Generator) -> Tensor:
        trained = copy.deepcopy(pair)
        function(_drift(), trained.policy, trained.value, recipe, updates=2, generator=source)
        return flat(trained)

    return draw


def _break_bricks(answer: Answer, bar: float, seed: int) -> None:
    """Train on Breakout until the greedy policy meets the bar; one run in a hundred is stuck, hence a second try."""
    board = breakout.Board()
    score = _bricks(answer, board, bar, seed)
    if score < bar:
        score = max(_bricks(answer, board, bar, seed + 1), score)
    that(
        score >= bar,
        f"After 60 segments on Breakout the greedy policy breaks {score:g} of {board.num_bricks} bricks, the better of "
        f"two tries, but {bar:g} were expected. The small worlds were right: is it recipe.clip that your update gets?",
    )


def _bricks(answer: Answer, board: breakout.Board, bar: float, seed: int) -> float:
    """Train until the bar is met, or for 60 segments; count here what the policy breaks."""
    source = generator(seed)
    inner = [networks.Network((), board.num_pixels, 128, size, generator=source) for size in (3, 1)]

    def probe(function: Callable) -> Tensor:
        policy, value = (breakout.OnPixels(board, network) for network in inner)
        table = board.table

        def enough(number: int, mean: Tensor) -> bool:
            with torch.no_grad():
                return table.score(policy(table.states).argmax(-1)).item() >= bar

        function(board.world, policy, value, ppo.Recipe(), updates=60, generator=source, report=enough)
        with torch.no_grad():
            return policy(table.states)

    return board.table.score(answer.probe(probe).argmax(-1)).item()


@exercise(own=(policies.gaussian_log_prob, policies.log_prob))
def gaussian_log_prob(answer, *, mean=MEAN, log_std=LOG_STD, actions=TAKEN):
    """log 𝒩(a; μ, σ²), summed over the numbers of an action; one number and leading dimensions, too."""
    mean, log_std, actions = torch.tensor(mean), torch.tensor(log_std), torch.tensor(actions)
    leading = lambda part: part.expand(4, 5, *part.shape).clone()  # noqa: E731
    for case in (
        (mean, log_std, actions),
        (mean[:1, :1], log_std[:1, :1], actions[:1, :1]),
        tuple(map(leading, (mean, log_std, actions))),
        (mean.double(), log_std.double(), actions.double()),
    ):
        _compare_gaussian(answer(*case), *case)
    far = torch.zeros(2, 2), torch.tensor([[-6.0, 3.0], [-1.0, -1.0]]), torch.tensor([[0.002, 30.0], [40.0, -40.0]])
    equal(
        answer(*far),
        policies.gaussian_log_prob(*far),
        what="log π for narrow and wide Gaussians, and for numbers 100 σ away from μ,",
        hint="Such a density is 0 in float32: add up logarithms, and leave log σ as it is.",
    )
    for at, name in ((0, "mean"), (1, "log_std")):
        wanted = torch.autograd.functional.jacobian(
            lambda part, at=at: policies.gaussian_log_prob(
                *(part if place == at else other for place, other in enumerate((mean, log_std))), actions
            ).sum(),
            (mean, log_std)[at],
        )

        def probe(function: Callable, at=at) -> Tensor:
            parts = [mean.clone(), log_std.clone()]
            parts[at].requires_grad_()
            return steps.gradient(function(*parts, actions).sum(), parts[at], what="The log-probability")

        equal(
            answer.probe(probe),
            wanted,
            what=f"The gradient of the summed log-probabilities with respect to {name}",
            hint="Nothing is detached: the policy learns its mean, and its spread as well.",
        )


def _compare_gaussian(got, mean: Tensor, log_std: Tensor, actions: Tensor) -> None:
    std, constant = log_std.exp(), math.log(2 * math.pi) / 2
    z = (actions - mean) / std
    each = -z.square() / 2 - log_std - constant
    equal(
        got,
        each.sum(-1),
        what=f"log π of actions of shape {tuple(actions.shape)}",
        hint="−(a − μ)²/(2σ²) − log σ − ½ log 2π, summed over the last dimension.",
        mistakes={
            SUM: [each, each.mean(-1), each.prod(-1)],
            "That sums over everything; sum over an action's own numbers, the last dimension.": each.sum(),
            "That sums over the actions; sum over an action's own numbers, the last dimension.": each.sum(0),
            "That is the density itself; its logarithm is asked for.": [each.exp().prod(-1), each.sum(-1).exp()],
            "−log σ is missing: a narrow Gaussian is higher.": (-z.square() / 2 - constant).sum(-1),
            "The sign of log σ is wrong: a narrow Gaussian is higher.": (-z.square() / 2 + log_std - constant).sum(-1),
            "½ log 2π is missing, once for each of the D numbers.": [
                (-z.square() / 2 - log_std).sum(-1),
                (-z.square() / 2 - log_std).sum(-1) - constant,
            ],
            "That is log 2π where ½ log 2π was meant.": (each - constant).sum(-1),
            "The square is missing, or divided by σ where σ² was meant.": [
                (-(actions - mean).square() / (2 * std) - log_std - constant).sum(-1),
                (-z / 2 - log_std - constant).sum(-1),
                (-z.abs() / 2 - log_std - constant).sum(-1),
            ],
            "That divides by σ², squared once more.": (
                -((actions - mean) / std.square()).square() / 2 - log_std - constant
            ).sum(-1),
            "log_std is a logarithm: σ is log_std.exp().": [
                (-((actions - mean) / log_std).square() / 2 - log_std.abs().log() - constant).sum(-1),
                (-((actions - mean) / log_std).square() / 2 - log_std - constant).sum(-1),
            ],
            "log_std is log σ, not log σ².": [
                (-(actions - mean).square() / (2 * std) - log_std / 2 - constant).sum(-1),
                (-z.square() / 2 - log_std / 2 - constant).sum(-1),
            ],
            "The ½ of the square is missing.": (-z.square() - log_std - constant).sum(-1),
            "The sign of the square is wrong: what lies further away is less likely.": (
                z.square() / 2 - log_std - constant
            ).sum(-1),
            "That is the loss: the log-probability itself is asked for.": -each.sum(-1),
        },
    )
