"""Lesson 13: what tells right pieces of RLHF and DPO from wrong ones."""

import math
from collections.abc import Callable
from itertools import permutations

import torch
from torch import Tensor
from torch.nn import functional

from checks import at_hand, steps
from checks.answer import Answer
from checks.compare import equal, generator, parts, that
from checks.exercise import exercise
from helpers import preferences

CHOSEN, REJECTED = (1.5, -0.5, 0.0, 3.0), (0.5, 1.0, 0.0, -1.0)
PI_REF, REWARDS = (0.5, 0.2, 0.2, 0.1), (-1.0, 0.5, 2.0, 0.0)
DRAWN, LOG_PI, LOG_REF = (2.0, -1.0, 0.0, 2.0), (-1.0, -3.0, -0.5, -2.5), (-2.0, -1.5, -0.5, -4.0)
TEXTS = ((2, 0, 1), (1, 1), (0,), (2, 2, 0))
PAIR_LOG_PROBS = ((-1.5, -3.5, -1.0), (-2.5, -1.0, -4.0), (-2.5, -3.0, -2.0), (-1.0, -1.5, -4.0))
LOGITS, POLICY_REF = (0.5, -1.0, 0.0, 1.5, -0.5), (0.4, 0.2, 0.1, 0.25, 0.05)  # N is not 4: rows are not columns
# The best true mean is at 0.25. Those at 0.1, 0.5, 1, 1.5 and 0.4, the proxy's favourite, are 0.3, 0.95, 1.05, 1.7 and
# 2 of its standard errors below it: other deviations, divisors and ways through the list lead to another β.
BETAS = (0.03, 2.0, 0.4, 0.25, 1.0, 0.5, 1.5, 0.1)
PROXY = (
    *((6.2, 2.6, 3.6, 3.2, 3.8), (-1.5, 2.0, 0.1, 1.3, 0.1), (4.0, 5.0, 4.6, 4.5, 4.0), (4.8, 2.5, 1.8, 2.5, 2.9)),
    *((2.8, 1.3, 2.4, -1.3, 2.7), (1.3, 2.8, 1.6, 2.3, 3.0), (1.0, -0.6, 3.1, -0.6, 1.6), (3.4, 3.6, 3.5, 2.6, 4.0)),
)
TRUE = (
    *((-0.1, 1.2, -0.8, -1.4, -1.6), (-0.9, -1.0, 1.1, -0.9, 2.0), (3.1, 2.1, 1.2, 0.9, -2.5)),
    *((3.2, 1.4, 1.1, 1.1, 3.9), (1.9, -0.6, 3.2, 2.6, 0.5), (4.5, 3.3, 0.2, -0.5, 0.4)),
    *((0.8, -1.6, 4.0, 1.7, 0.7), (2.7, 3.4, 3.7, 0.0, 0.0)),
)
OUTSIDE = "The average belongs outside: each pair has a loss of its own, and log of a mean is not the mean of logs."
LABELS = "The size of a difference does not tell who was preferred: that the chosen comes first is the label."
ERROR = "true[best].std() / √m"
LOG_SIGMOID = "The sigmoid of −200 is 0 in float32, and its logarithm −∞: take functional.logsigmoid."


def _leading(part: Tensor) -> Tensor:
    return part.expand(2, 3, *part.shape).clone()


@exercise(own=preferences.bradley_terry_loss)
def bradley_terry_loss(answer, *, chosen=CHOSEN, rejected=REJECTED):
    """−log σ(r(chosen) − r(rejected)), averaged over the pairs of each run; log 2 where both are equal."""
    chosen, rejected = torch.tensor(chosen), torch.tensor(rejected)
    for case in (
        (chosen, rejected),
        (chosen[:1], rejected[:1]),
        (_leading(chosen), _leading(rejected)),
        (chosen.double(), rejected.double()),
    ):
        _compare_bradley_terry(answer(*case), *case)
    equal(
        answer(torch.zeros(1), torch.full((1,), 200.0)),
        torch.tensor(200.0),
        what="The loss of a pair whose rejected response got 200 more",
        hint=LOG_SIGMOID,
    )
    push = -(rejected - chosen).sigmoid() / len(chosen)
    for at, name, right in ((0, "chosen", push), (1, "rejected", -push)):
        equal(
            steps.slope(answer, (chosen, rejected), at, what="The loss", of=f"the rewards of the {name}"),
            right,
            what=f"The gradient of the loss with respect to the rewards of the {name}",
            hint="Both rewards come from the model, and both get a gradient: nothing is detached.",
        )


def _compare_bradley_terry(got, chosen: Tensor, rejected: Tensor) -> None:
    gap = chosen - rejected
    each = -functional.logsigmoid(gap)
    equal(
        got,
        each.mean(-1),
        what=f"The loss of rewards of shape {tuple(gap.shape)}",
        hint="−log σ(r(chosen) − r(rejected)), averaged over the last dimension.",
        mistakes={
            "Chosen and rejected are swapped: that teaches to prefer the worse.": -functional.logsigmoid(-gap).mean(-1),
            "The sign is wrong: a loss is −log of the probability of what was observed.": -each.mean(-1),
            "That is the sum over the pairs; take their mean.": each.sum(-1),
            "The mean over the pairs is missing.": each,
            "The mean is over the pairs alone, the last dimension: each run has a loss of its own.": each.mean(),
            "The logarithm is missing.": [gap.sigmoid().mean(-1), 1 - gap.sigmoid().mean(-1), -gap.sigmoid().mean(-1)],
            OUTSIDE: [-gap.sigmoid().mean(-1).log(), -functional.logsigmoid(gap.mean(-1))],
            LABELS: -functional.logsigmoid(gap.abs()).mean(-1),
            "The sigmoid takes the difference of both rewards.": [
                (functional.logsigmoid(rejected) - functional.logsigmoid(chosen)).mean(-1),
                -functional.logsigmoid(chosen).mean(-1),
                -(chosen.sigmoid() - rejected.sigmoid()).mean(-1),
            ],
            "That is the difference itself; Bradley and Terry ask for −log σ of it.": [gap.mean(-1), -gap.mean(-1)],
        },
    )


@exercise(own=(preferences.tilt, preferences.kl_rewards))
def tilt(answer, *, pi_ref=PI_REF, rewards=REWARDS, beta=0.7):
    """log π* = log π_ref + r/β − log Z, and log Z itself."""
    log_ref, rewards = torch.tensor(pi_ref).log(), torch.tensor(rewards)
    for case in (
        (log_ref, rewards),
        (torch.zeros(1), rewards[:1]),
        (_leading(log_ref), _leading(rewards)),
        (log_ref.double(), rewards.double()),
    ):
        _compare_tilt(answer(*case, beta), *case, beta)
    far = torch.tensor([0.5, 0.5]).log(), torch.tensor([0.0, 500.0])
    log_pi, log_z = parts(answer(*far, 1.0), ("log_pi", "log_z"), what="tilt(…)")
    equal(
        log_pi,
        torch.tensor([-500.0, 0.0]),
        what="log π* where one reward is 500 nats above the other",
        hint="exp(500) is infinite and exp(−500) is 0: stay with logarithms from first to last.",
    )
    equal(
        log_z,
        torch.tensor(500 - math.log(2)),
        what="log Z of a reward of 500 nats",
        hint="exp(500) is infinite: stay with logarithms, logsumexp(-1).",
    )


def _compare_tilt(got, log_ref: Tensor, rewards: Tensor, beta: float) -> None:
    log_pi, log_z = parts(got, ("log_pi", "log_z"), what="tilt(…)")

    def tilted(score: Tensor) -> Tensor:
        return score.log_softmax(-1)

    score = log_ref + rewards / beta
    equal(
        log_pi,
        tilted(score),
        what=f"log π* of {log_ref.shape[-1]} responses",
        hint="log π_ref + r/β, minus log Z.",
        mistakes={
            "The reference is missing: π* ∝ π_ref · exp(r / β).": tilted(rewards / beta),
            "That multiplies by β: the smaller β, the more the reward counts.": tilted(log_ref + rewards * beta),
            "β is missing.": tilted(log_ref + rewards),
            "The reward's sign is wrong: what is better becomes likelier.": tilted(log_ref - rewards / beta),
            "The reference is divided by β, too; it is not.": [
                tilted((log_ref + rewards) / beta),
                tilted(score / beta),
            ],
            "The reference is there twice.": tilted(score + log_ref),
            "log Z is missing: the probabilities have to add up to 1.": score,
            "That is π*; its logarithm is asked for.": tilted(score).exp(),
            "π_ref was taken for its logarithm.": [tilted(log_ref.exp() + rewards / beta)],
            "That multiplies logarithms: log of a product is a sum.": tilted(log_ref * rewards / beta),
        },
    )
    equal(
        log_z,
        score.logsumexp(-1),
        what="log Z",
        hint="Z is the sum of π_ref · exp(r / β) over all responses: logsumexp(-1).",
        mistakes={
            "That is Z; its logarithm is asked for.": score.exp().sum(-1),
            "That is β log Z, the objective's largest value.": beta * score.logsumexp(-1),
            "The dimension of the responses is still there: it is one number a run.": [
                score.logsumexp(-1, keepdim=True)
            ],
            "π_ref is missing in Z.": (rewards / beta).logsumexp(-1),
            "Z is the sum over the responses, not their mean.": score.logsumexp(-1) - math.log(score.shape[-1]),
            "The log of a sum is not the sum of the logs: exp first, then sum, then log.": score.sum(-1),
        },
    )


@exercise(own=(preferences.kl_rewards, preferences.regularised))
def kl_rewards(answer, *, rewards=DRAWN, log_pi=LOG_PI, log_ref=LOG_REF, beta=0.3):
    """r − β (log π − log π_ref) of sampled responses, through which no gradient flows."""
    data = tuple(map(torch.tensor, (rewards, log_pi, log_ref)))
    cases = (data, [p[:1] for p in data], list(map(_leading, data)), [p.double() for p in data])
    for r, pi, ref in cases:
        _compare_kl_rewards(answer(r, pi, ref, beta), r, pi, ref, beta)

    def probe(function: Callable) -> list[bool]:
        moving = [[part.clone().requires_grad_(place == at) for place, part in enumerate(data)] for at in range(3)]
        return [function(*case, beta).requires_grad for case in moving]

    of_rewards, of_policy, of_reference = answer.probe(probe)
    that(
        not of_policy,
        "A gradient flows through the reward: E u ∇log π is the gradient of the KL already; that of u itself is 0 "
        "on average and only adds noise. detach() it.",
    )
    that(
        not of_rewards and not of_reference,
        f"A gradient of {'the reward model' if of_rewards else 'the reference'} flows through the shaped reward, which "
        "is a number here: detach() all of it.",
    )


def _compare_kl_rewards(got, rewards: Tensor, log_pi: Tensor, log_ref: Tensor, beta: float) -> None:
    u = log_pi - log_ref
    equal(
        got,
        rewards - beta * u,
        what=f"The reward of {rewards.shape[-1]} sample{'s' if rewards.shape[-1] > 1 else ''}",
        hint="r − β (log π − log π_ref), for each sample.",
        mistakes={
            "The penalty's sign is wrong: that pays for leaving the reference.": rewards + beta * u,
            "The reference is missing: that pays for entropy.": [rewards - beta * log_pi, rewards + beta * log_ref],
            "β is missing.": rewards - u,
            "That divides by β: β is the price of a nat.": rewards - u / beta,
            "β is there twice.": rewards - beta**2 * u,
            "A baseline is subtracted outside, from these rewards; here it is the reward itself.": [
                rewards - beta * u - (rewards - beta * u).mean(-1, keepdim=True),
                rewards - beta * u - rewards.mean(-1, keepdim=True),
            ],
            "β multiplies the penalty alone.": beta * (rewards - u),
            "That is the penalty alone.": -beta * u,
            "The penalty is a difference of logarithms.": [
                rewards - beta * (log_pi.exp() - log_ref.exp()),
                rewards - beta * u.exp(),
                rewards - beta * log_pi / log_ref,
            ],
            "That is k2. In the reward its mean is not that of the KL, and E k ∇log π not its gradient.": (
                rewards - beta * u.square() / 2
            ),
            "That is k3. In the reward its mean gradient is not that of the KL.": rewards - beta * ((-u).exp() - 1 + u),
            "That penalises what is rarer than in the reference, too.": rewards - beta * u.abs(),
            "That weights the penalty with π: the samples come from π already.": [
                rewards - beta * log_pi.exp() * u,
                rewards - beta * (log_pi.exp() * u).sum(-1, keepdim=True),
            ],
            "Each sample has a penalty of its own, not the batch's mean.": rewards - beta * u.mean(-1, keepdim=True),
        },
    )


@exercise(own=preferences.sequence_log_prob)
def sequence_log_prob(answer, *, texts=TEXTS, letters=3, seed=5):
    """Sum of log π of the tokens that count; what stands behind the end of a text does not matter."""
    length = max(map(len, texts)) + 1
    tokens, mask = torch.zeros(len(texts), length, dtype=torch.int64), torch.zeros(len(texts), length, dtype=torch.bool)
    for row, text in enumerate(texts):
        tokens[row, : len(text)], mask[row, : len(text)] = torch.tensor(text), True
    logits = 2 * torch.randn(*tokens.shape, letters, generator=generator(seed))
    for case in (
        (logits, tokens, mask),
        (logits[:1], tokens[:1], mask[:1]),
        tuple(map(_leading, (logits, tokens, mask))),
        (logits[:, :-1].double(), tokens[:, :-1].contiguous(), mask[:, :-1].contiguous()),  # a text fills the table
    ):
        _compare_sequence(answer(*case), *case)
    far = torch.tensor([[[0.0, 200.0]], [[3.0, 0.0]]])
    right = far.log_softmax(-1)[:, 0, 0]
    equal(
        answer(far, torch.zeros(2, 1, dtype=torch.int64), torch.ones(2, 1, dtype=torch.bool)),
        right,
        what="log π of two texts of one letter, one of them 200 nats below the other letter,",
        hint="The softmax of a logit 200 below another is 0 in float32, and its logarithm −∞: take log_softmax.",
        mistakes={"squeeze() took the dimension of the places away, too: take squeeze(-1).": right.sum().repeat(2)},
    )
    other = (tokens + 1) % letters
    equal(
        answer(logits, tokens.where(mask, other), mask),
        preferences.sequence_log_prob(logits, tokens, mask),
        what="log π of texts with another padding behind them",
        hint="What stands where the mask is false does not count.",
    )
    one_hot = functional.one_hot(tokens, letters)
    equal(
        answer.probe(_slope_of_sum(logits, tokens, mask)),
        (one_hot - logits.softmax(-1)) * mask.unsqueeze(-1),
        what="The gradient of the summed log π with respect to the logits",
        hint="Each token that counts pushes its own logits, and padding none.",
    )


def _slope_of_sum(logits: Tensor, tokens: Tensor, mask: Tensor) -> Callable:
    def probe(function: Callable) -> Tensor:
        moving = logits.clone().requires_grad_()
        return steps.gradient(function(moving, tokens, mask).sum(), moving, what="log π")

    return probe


def _compare_sequence(got, logits: Tensor, tokens: Tensor, mask: Tensor) -> None:
    log_pi = logits.log_softmax(-1)
    each = log_pi.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    raw = logits.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    right = (each * mask).sum(-1)
    shifted = each[..., 1:].where(mask[..., 1:], 0).sum(-1)
    rows = torch.arange(mask.shape[-2]).unsqueeze(-1)
    equal(
        got,
        right,
        what=f"log π of {right.numel()} text{'s' if right.numel() > 1 else ''}",
        hint="log_softmax, gather each token's, and sum those where the mask is true.",
        mistakes={
            "That is the mean over a text's tokens. Probabilities of tokens multiply, so take the sum.": [
                right / mask.sum(-1),
                (each * mask).mean(-1),
            ],
            "The last place is missing: a text may fill the whole table.": (each * mask)[..., :-1].sum(-1),
            "The padding counts, too: leave out what is not in the mask.": each.sum(-1),
            "The mask is inverted: it is true where a token counts.": (each * ~mask).sum(-1),
            "The padding of one text only is left out, as if only chosen responses had any: each text has its own.": [
                (each * (mask | behind)).sum(-1) for behind in (rows != 0, rows % 2 == 1, rows >= (len(rows) + 1) // 2)
            ],
            "One text's mask was taken for all: each text, chosen or rejected, has its own.": [
                (each * mask[..., :1, :]).sum(-1),
                (each * mask[..., -1:, :]).sum(-1),
            ],
            "Logits are logarithms up to a constant only: take log_softmax(-1).": (raw * mask).sum(-1),
            "That adds probabilities; their logarithms add up.": [
                (each.exp() * mask).sum(-1),
                (each.exp() * mask).sum(-1).log(),
            ],
            "That is the probability; its logarithm is asked for.": right.exp(),
            "That is the loss: log π itself is asked for.": -right,
            "The logits at place t say what token t may be: shift nothing.": [
                shifted,
                log_pi[..., :-1, :].gather(-1, tokens[..., 1:, None])[..., 0].where(mask[..., 1:], 0).sum(-1),
            ],
            "That takes the likeliest token; gather the text's own.": (log_pi.amax(-1) * mask).sum(-1),
            "The sum is over a text's places, the last dimension; it goes over the texts here.": (each * mask).sum(),
            "One number a text was asked for; the sum over its tokens is missing.": each * mask,
        },
    )


@exercise(own=preferences.dpo_loss)  # bradley_terry_loss may stand for a learner's own that is not there yet
def dpo_loss(answer, *, pairs=PAIR_LOG_PROBS, beta=0.3, seed=3):
    """Bradley and Terry's loss of β log(π/π_ref): log 2 at the reference, that of the true rewards at π*."""
    data = tuple(map(torch.tensor, pairs))
    for case in (data, [p[:1] for p in data], list(map(_leading, data)), [p.double() for p in data]):
        _compare_dpo(answer(*case, beta), *case, beta)
    ref = data[2:]
    equal(
        answer(*ref, *ref, beta),
        torch.tensor(math.log(2)),
        what="The loss where policy and reference are the same",
        hint="Nothing was learned yet: each pair is a coin, −log ½.",
    )
    far = torch.zeros(1), torch.full((1,), 200 / beta), torch.zeros(1), torch.zeros(1)
    equal(
        answer(*far, beta),
        torch.tensor(200.0),
        what="The loss of a pair whose rejected response implies 200 more",
        hint=LOG_SIGMOID,
    )
    log_ref, rewards = torch.randn(2, 6, generator=generator(seed))
    log_ref = log_ref.log_softmax(-1)
    log_pi, _ = preferences.tilt(log_ref, rewards, beta)
    first, second = torch.combinations(torch.arange(6)).unbind(-1)
    equal(
        answer(log_pi[first], log_pi[second], log_ref[first], log_ref[second], beta),
        -functional.logsigmoid(rewards[first] - rewards[second]).mean(),
        what="The loss at π*, where the implied rewards are the true ones up to log Z,",
        hint="It is Bradley and Terry's loss of the true rewards: log Z falls out of the difference.",
    )
    gap = (data[0] - data[2]) - (data[1] - data[3])
    push = -beta * (-beta * gap).sigmoid() / gap.shape[-1]
    for at, name, right in ((0, "chosen", push), (1, "rejected", -push)):
        equal(
            steps.slope(answer, (*data, beta), at, what="The loss", of=f"the log π of the {name}"),
            right,
            what=f"The gradient of the loss with respect to log π of the {name}",
            hint="Both log π of the policy get a gradient: nothing of them is detached.",
        )
    that(
        not answer.probe(_reference_learns(data, beta)),
        "A gradient flows into the reference. It stays what it was: detach() it.",
    )


def _reference_learns(data: tuple, beta: float) -> Callable:
    def probe(function: Callable) -> bool:
        references = [part.clone().requires_grad_() for part in data[2:]]
        loss = function(*(part.clone().requires_grad_() for part in data[:2]), *references, beta)
        return any(part is not None for part in torch.autograd.grad(loss.sum(), references, allow_unused=True))

    return probe


def _compare_dpo(got, chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float) -> None:
    def loss(gap: Tensor) -> Tensor:
        return -functional.logsigmoid(gap).mean(-1)

    up, down = chosen - ref_chosen, rejected - ref_rejected
    each = -functional.logsigmoid(beta * (up - down))
    equal(
        got,
        each.mean(-1),
        what=f"The loss of pairs of shape {tuple(chosen.shape)}",
        hint="Bradley and Terry's loss of β (log π − log π_ref) of both responses.",
        mistakes={
            "The reference is missing: what counts is how far the policy left it.": loss(beta * (chosen - rejected)),
            "The reference is subtracted twice.": loss(beta * (up - down - ref_chosen + ref_rejected)),
            "The reference is added; it is subtracted.": loss(beta * (chosen + ref_chosen - rejected - ref_rejected)),
            "That divides by β: the implied reward is β log(π/π_ref).": loss((up - down) / beta),
            "β is missing.": loss(up - down),
            "β is there twice.": loss(beta**2 * (up - down)),
            "β multiplies the log-ratios of both responses.": [loss(beta * up - down), loss(up - beta * down)],
            "β belongs inside of the sigmoid.": beta * loss(up - down),
            "Chosen and rejected are swapped: that teaches to prefer the worse.": loss(-beta * (up - down)),
            "The rejected is missing: the sigmoid takes the difference of both.": loss(beta * up),
            "The chosen is missing: the sigmoid takes the difference of both.": loss(-beta * down),
            "The reference is missing for the rejected.": loss(beta * (up - rejected)),
            "The reference is missing for the chosen.": loss(beta * (chosen - down)),
            "That is always log 2: the reference is the policy itself.": loss(torch.zeros_like(up)),
            "The sign is wrong: a loss is −log σ(…).": -each.mean(-1),
            "The logarithm is missing.": [
                -(beta * (up - down)).sigmoid().mean(-1),
                1 - (beta * (up - down)).sigmoid().mean(-1),
            ],
            "That is the sum over the pairs; take their mean.": each.sum(-1),
            "The mean over the pairs is missing.": each,
            "The mean is over the pairs alone, the last dimension: each run has a loss of its own.": each.mean(),
            "The ratios are differences of logarithms; take no exp.": loss(beta * (up.exp() - down.exp())),
            OUTSIDE: [-(beta * (up - down)).sigmoid().mean(-1).log(), loss(beta * (up - down).mean(-1, keepdim=True))],
            LABELS: loss(beta * (up - down).abs()),
            "The rejected's log-ratio is subtracted: what raises both teaches no preference.": loss(beta * (up + down)),
            "The sigmoid takes the difference of both implied rewards; here each has one of its own.": [
                loss(beta * up) + loss(-beta * down),
                (loss(beta * up) + loss(-beta * down)) / 2,
                loss(beta * up) - loss(beta * down),
            ],
        },
    )


@exercise(own=(preferences.kl_gradients, preferences.kl_estimates))
def kl_gradients(answer, *, logits=LOGITS, pi_ref=POLICY_REF):
    """E ∇k1 = 0, E ∇k2 = ∇KL(π ‖ π_ref), E ∇k3 = ∇KL(π_ref ‖ π), E k1 ∇log π = ∇KL(π ‖ π_ref)."""
    logits, log_ref = torch.tensor(logits), torch.tensor(pi_ref).log()
    for case in ((logits, log_ref), (logits.double(), log_ref.double()), (logits[:2], log_ref[:2].log_softmax(-1))):
        _compare_kl_gradients(answer, *case)


def _compare_kl_gradients(answer: Answer, logits: Tensor, log_ref: Tensor) -> None:
    log_pi = logits.log_softmax(-1)
    pi, ref, u = log_pi.exp(), log_ref.exp(), log_pi - log_ref
    here, there = pi * (u - (pi * u).sum()), pi - ref  # gradients of KL(π ‖ π_ref) and of KL(π_ref ‖ π)
    got = answer(logits, log_ref)
    shape = f"a tensor (4, {len(pi)}), a row each for k1, k2, k3 in the loss and k1 in the reward"
    that(isinstance(got, Tensor), f"kl_gradients(…) is no tensor, but {shape} was expected: torch.stack the four.")
    stack = "torch.stack(rows) lays them one below the other."
    that(got.shape == (4, len(pi)), f"kl_gradients(…) has shape {tuple(got.shape)}, but {shape} was expected: {stack}")

    def through(k: Tensor) -> Tensor:  # Σ π k with a gradient through π, too, minus that of k alone
        return pi * (k - (pi * k).sum())

    k2, k3 = u.square() / 2, (-u).exp() - 1 + u
    drawn = "The samples are drawn already: their probabilities are constants, so detach() π in the mean."
    rows = (
        (
            "k1 in the loss",
            torch.zeros_like(pi),
            {
                "That is ∇KL: π(y) moves along, or u is detached. In the loss, detach() π(y), and not u.": here,
                "That is not weighted by π: the mean is over samples of π.": 1 - len(pi) * pi,
            },
        ),
        (
            "k2 in the loss",
            here,
            {
                drawn: here + through(k2),
                "The ½ of k2 = u²/2 is missing.": 2 * here,
                "That is not weighted by π: the mean is over samples of π.": u - pi * u.sum(),
            },
        ),
        (
            "k3 in the loss",
            there,
            {
                drawn: there + through(k3),
                "That is e^u − 1 − u, as with π/π_ref for π_ref/π: look at the sign of u, and at that in exp.": (
                    _wrong_exponent(pi, u)
                ),
            },
        ),
        (
            "k1 in the reward",
            here,
            {
                "In the reward k1 is a number that weights ∇log π; that is k1 in the loss again.": torch.zeros_like(pi),
                "A reward is made large, a KL small; the gradient of E k1 itself is asked for, without a minus.": -here,
                "In the reward k1 is a constant: detach() it, or its own gradient is counted, too.": [
                    here + through(log_pi),
                    2 * here,
                ],
                "That is k2 in the reward; k1 was asked for.": through(k2),
            },
        ),
    )
    _compare_all_rows(got, torch.stack([right for _, right, _ in rows]).to(got.dtype))
    for row, (name, right, mistakes) in zip(got, rows, strict=True):
        equal(
            row,
            right.to(row.dtype),
            what=f"The mean gradient of {name}",
            hint="Σ π(y) k(y) with π(y) detached; in the reward, Σ π(y) k1(y) log π(y) with π(y) and k1(y) detached.",
            mistakes=mistakes,
        )


def _compare_all_rows(got: Tensor, wanted: Tensor) -> None:
    """Look for what is wrong with all four rows together."""

    def is_made_of(*others: Tensor) -> bool:
        return any(torch.allclose(got, other, 1e-4, 1e-5) for other in others)

    if is_made_of(wanted):
        return
    that(
        not is_made_of(got[:1].expand(4, -1)),
        "All four rows of kl_gradients(…) are the same: `.grad` is one tensor, which each backward() changes. Keep a "
        ".clone() of it, or take torch.autograd.grad.",
    )
    that(
        not is_made_of(wanted.cumsum(0)),
        "Each row of kl_gradients(…) holds those above it, too: backward() adds to `.grad`. Clear it before each one.",
    )
    that(
        not is_made_of(wanted / wanted.shape[-1]),
        "kl_gradients(…) is too small by the number of responses: Σ π(y) … is the mean already, so take .sum().",
    )
    that(
        not is_made_of(*(wanted[list(order)] for order in permutations(range(4)))),
        "The rows of kl_gradients(…) are exchanged: k1, k2 and k3 in the loss, in this order, then k1 in the reward.",
    )


def _wrong_exponent(pi: Tensor, u: Tensor) -> Tensor:
    """Return the mean gradient of e^u − 1 − u with respect to logits."""
    weights = pi * (u.exp() - 1)
    return weights - pi * weights.sum()


@exercise(own=preferences.choose_beta)
def choose_beta(answer, *, betas=BETAS, proxy=PROXY, true=TRUE):
    """The largest β within one standard error of the best, and what trusting the proxy would cost."""
    data = tuple(map(torch.tensor, (betas, proxy, true)))
    back = [part.flip(0) for part in data]
    for case in (data, back, [part.double() for part in data], [part[:2] for part in data]):
        _compare_choice(answer(*case), *case)


def _compare_choice(got, betas: Tensor, proxy: Tensor, true: Tensor) -> None:
    beta, price = parts(got, ("beta", "price"), what="choose_beta(…)")
    means, rows = true.mean(-1), true.shape[-1]
    best = int(means.argmax())
    spread, betas_within = true[best].std(), lambda slack: betas[means >= means[best] - slack]
    good = betas_within(spread / rows**0.5)
    wanted, cost = preferences.choose_beta(betas, proxy, true)
    equal(
        beta,
        wanted.item(),
        what=f"The β chosen among {len(betas)}",
        hint="The largest β whose mean true reward is at least the best mean minus its standard error.",
        mistakes={
            "That trusts the proxy, which rises and rises: ask the true reward.": betas[proxy.mean(-1).argmax()].item(),
            f"That is the β of the best mean. A larger one lies within one standard error of it, {ERROR}, too.": (
                betas[best].item()
            ),
            "The standard error is the deviation divided by √m; that is the deviation itself.": (
                betas_within(spread).max().item()
            ),
            "Of the β that are good enough, the largest is the safest; they come in any order.": [
                good.min().item(),
                good[0].item(),
                good[-1].item(),
            ],
            "That is its place in the list; return the β.": [float((betas == wanted).nonzero()[0]), float(best)],
            "That is the largest β of all.": betas.max().item(),
            f"Its mean is further below the best one than one standard error of that, {ERROR}.": [
                beta.item() for beta in betas.double() if beta > wanted
            ],
        },
    )
    most = proxy.mean(-1).argmax()
    equal(
        price,
        cost.item(),
        what="What trusting the proxy would cost",
        hint="The mean true reward at your β, minus that at the β whose mean proxy is largest.",
        mistakes={
            "The sign is wrong: your β's minus the proxy's.": -cost.item(),
            "The proxy's choice is the β of its largest mean, not the smallest β, nor that of its largest sample.": [
                (means[betas == wanted][0] - means[other]).item() for other in (betas.argmin(), proxy.amax(-1).argmax())
            ],
            "That starts from the best mean; start from that at your β.": (means[best] - means[most]).item(),
            "That is the gap between proxy and true reward at one β.": (proxy.mean(-1)[most] - means[most]).item(),
            "That compares proxies; ask the true reward at both β.": (
                proxy.mean(-1)[betas == wanted][0] - proxy.mean(-1)[most]
            ).item(),
        },
    )


CLUES = (
    "What is the slope of log(π/π_ref) over r, and what is 1/β?",
    "What is left of log(π/π_ref) after r/β, and does it go with log π_ref?",
    "A policy that likes the worse has a slope below 0.",
    "A text has three letters.",
)


@exercise(sealed=True)
def diagnose_losses(answer, *, right=""):
    """The number of the mistake of A, B, C, D and E, as one string of five digits."""
    found = at_hand.asked(answer)
    text = at_hand.joined(found)
    that(len(text) != 5 or len({*text}) == 5, "Each of the five made another mistake: no digit is there twice.")
    return at_hand.diagnosed(found, "diagnose_losses", right, CLUES)
