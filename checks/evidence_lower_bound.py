"""Lesson 08: what tells a right evidence, bound, divergence or gradient from a wrong one.

All numbers are of double precision, as in the lesson.
"""

import functools
import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from checks import at_hand
from checks import noise as noises
from checks.answer import Answer, Raised
from checks.compare import equal, fail, frequency, generator, mean, parts, that
from checks.exercise import exercise
from checks.steps import gradient
from helpers import bounds, latent_models

SHAPES = {  # what "..." may stand for, made of a table of rows
    "one row by itself": lambda table: table[0],
    "a batch of one row": lambda table: table[:1],
    "three leading dimensions": lambda table: torch.stack([table, table.flip(0)]).unsqueeze(1),
}
SINGLE = {"rows of one number": lambda table: table[:, :1]}
SHARED = {"one row expanded to several": lambda table: table[0].expand(8, -1)}  # not contiguous, as in the lesson
FROM_THE_LAST = "Count dimensions from the last one, -1: any number may stand before it."
NO_LATENT = "P(x) is one number a row and has no dimension for z: give it one, as in log P(x)[..., None]."
NAMES = ("The score estimate", "The path estimate")
TINY = (1e-8, 1e-10, 1e-12, 1e-16, 1e-20, 1e-30, 1e-300)  # what is added, in the hope that it keeps a logarithm finite

LIKELY_LINES = {  # orders that are often given, by the places of the right one, and what to think about
    "3124567": "Begin with what P(x) is.",
    "7654321": "Begin with what P(x) is: from there the order turns around.",
    "1324567": "First change the distribution that z is drawn from; the equality still holds.",
    "1243567": "Pull nothing apart before the logarithm has moved inside, where = becomes ≥.",
    "1235467": "In the right order, the fourth line is minus the loss: reconstruction minus a divergence to the prior.",
    "1234576": "log P(x) has to come out before the rest gets its name.",
    "1234657": "From the loss, go back to one expectation, and split the joint density the other way.",
}
LIKELY_REASONS = {
    "2134567": "One reason only says what P(x) is, another goes from the prior to Q.",
    "1324567": "Going from the prior to Q keeps the =; only one reason makes a ≥ of it.",
    "1243567": "Only Jensen makes a ≥; a product pulled apart keeps the =.",
    "1237564": "A product pulled apart makes a sum of two terms; a name only names something.",
    "1234657": "One reason replaces P(x | z) P(z), another moves log P(x).",
    "1234576": "One reason moves log P(x), another only names something.",
    "sorted": "Those are the reasons as the list has them; find for each line the one that it needs.",
}


@exercise(own=bounds.log_evidence)
def log_evidence(answer, *, pictures=((1.0, 0.2), (0.0, 1.2), (20.0, -20.0)), std=0.5, points=1401):
    """log P(x) by a sum over a grid of one latent, for any number of pictures, also where P(x) underflows."""
    log_p_x, log_p_z, width = _on_a_grid(pictures, std, points)
    wanted = bounds.log_evidence(log_p_x, log_p_z, width)
    equal(
        answer(log_p_x, log_p_z, width),
        wanted,
        what=f"log P(x) of {len(pictures)} pictures",
        hint="It is logsumexp over z of log P(x | z) + log P(z), plus log(width).",
        mistakes=_wrong_evidence(log_p_x, log_p_z, width, wanted),
    )
    _ready_for_use(answer, (log_p_x, log_p_z, width), ["log P(x)"])
    few = log_p_x[:, ::5].contiguous()
    first = few[:, :3], log_p_z[:15:5], 5 * width
    equal(
        answer(*first),
        bounds.log_evidence(*first),
        what=f"log P(x) of three grid points at a distance of {5 * width:g}",
        hint="Sum over the last dimension, and use the width that is given.",
        mistakes=_wrong_ends(*first),
    )
    _in_all_shapes(
        lambda table: answer(table, log_p_z[::5], 5 * width),
        lambda table: bounds.log_evidence(table, log_p_z[::5], 5 * width),
        [few],
        names={"": f"log P(x) with width = {5 * width:g}"},
        hint="Sum over the last dimension, and use the width that is given.",
    )


def _wrong_evidence(log_p_x: Tensor, log_p_z: Tensor, width: float, wanted: Tensor) -> dict:
    """Return what likely mistakes give."""
    joint, prior = log_p_x + log_p_z, log_p_z.exp()
    mass, total = joint.exp().sum(-1) * width, joint.logsumexp(-1)
    return {
        "Far away P(x) underflows: do not leave the logarithms, use logsumexp.": [
            mass.log(),
            (log_p_x.exp() @ prior * width).log(),
        ],
        "The small number only hides the underflow: use logsumexp.": [
            f(mass, tiny).log() for tiny in TINY for f in (torch.add, torch.clamp)
        ],
        "That is P(x); its logarithm was asked for.": [wanted.exp(), mass],
        "The width is missing: a sum is no integral yet.": total,
        "The width multiplies the sum, so its logarithm is added.": [total + width, total * width],
        "The width multiplies the sum once, not each term and the sum.": total + 2 * math.log(width),
        "log is the natural logarithm: math.log, not log10.": total + math.log10(width),
        "The width multiplies the sum; that divides by it.": total - math.log(width),
        "The prior is missing: weight each z by P(z).": log_p_x.logsumexp(-1) + math.log(width),
        "The decoder is missing: that is the logarithm of ∫ P(z) dz = 1.": [torch.zeros_like(wanted), torch.zeros(())],
        "P(z) divides; it has to multiply.": (log_p_x - log_p_z).logsumexp(-1) + math.log(width),
        "Logarithms of a product add up; that multiplies them.": (log_p_x * log_p_z).logsumexp(-1) + math.log(width),
        "That adds P(z) to a logarithm; take log P(z).": (log_p_x + prior).logsumexp(-1) + math.log(width),
        "That is a mean over the grid; it needs the width of its cells.": total - math.log(log_p_x.shape[-1]),
        "That is the mean of the logarithms; take the logarithm of the mean.": [
            log_p_x @ prior * width,
            joint.mean(-1),
            joint.sum(-1) * width,
        ],
        "That takes the best z only; all z count.": [
            joint.amax(-1) + math.log(width),
            joint.amax(-1),
            log_p_x.amax(-1),
        ],
        "That adds up all pictures; each has its own P(x).": [
            joint.logsumexp((0, 1)) + math.log(width),
            wanted.sum(),
        ],
        "That runs over the pictures; sum over z, the last dimension.": joint.logsumexp(0) + math.log(width),
        "The sign is wrong: that is a loss.": -wanted,
    }


def _wrong_ends(log_p_x: Tensor, log_p_z: Tensor, width: float) -> dict:
    """Return what mistakes give that show where there are few grid points, with weight at both ends."""
    joint = log_p_x + log_p_z
    halved = joint - math.log(2) * _doubles([1, 0, 1])
    return {
        "That halves the first and last term, as torch.trapezoid does; the sum takes all alike.": (
            halved.logsumexp(-1) + math.log(width)
        ),
        "The width is given; do not compute it from the number of grid points.": (
            joint.logsumexp(-1) + math.log(14 / (joint.shape[-1] - 1))
        ),
        "P(z) is normalised already, and the width is given: divide by no sum.": (
            joint.logsumexp(-1) - log_p_z.logsumexp(-1)
        ),
    }


@exercise(own=bounds.importance_estimate)
def importance_estimate(answer, *, offsets=(-2000.0, -3.0, 900.0), samples=40, seed=11):
    """The logarithm of the mean weight P(x | z) P(z) / Q(z | x) of each row, where exp would under- or overflow."""
    source, like = generator(seed), {"dtype": torch.float64}
    shape = (len(offsets), samples)
    fit = _doubles(offsets).unsqueeze(-1) + 2 * torch.randn(shape, generator=source, **like)
    prior = -1 - torch.rand(shape, generator=source, **like)
    encoder = 1.5 * torch.rand(shape, generator=source, **like)
    equal(
        answer(fit, prior, encoder),
        bounds.importance_estimate(fit, prior, encoder),
        what=f"log P(x), estimated from {samples} weights,",
        hint="It is logsumexp of log P(x | z) + log P(z) − log Q(z | x), minus log n.",
        mistakes=_wrong_estimates(fit, prior, encoder),
    )
    _ready_for_use(answer, (fit, prior, encoder), ["The estimate of log P(x)"])
    _in_all_shapes(
        answer,
        bounds.importance_estimate,
        [table[:, : samples // 3].contiguous() for table in (fit, prior, encoder)],
        names={"": "log P(x), estimated from another number of weights,"},
        hint="The mean runs over the last dimension, and n is its size.",
        shapes=SHAPES | SINGLE,
    )


def _wrong_estimates(fit: Tensor, prior: Tensor, encoder: Tensor) -> dict:
    """Return what likely mistakes give."""
    weights, n = fit + prior - encoder, fit.shape[-1]
    total = weights.logsumexp(-1)

    def log_mean(logs: Tensor) -> Tensor:
        return logs.logsumexp(-1) - math.log(logs.shape[-1])

    return {
        "exp under- or overflows in some rows: use logsumexp.": weights.exp().mean(-1).log(),
        "The ratio is upside down: P(z) is above, Q below.": log_mean(fit - prior + encoder),
        "Q divides; it is the distribution that the samples have.": log_mean(fit + prior + encoder),
        "Q is missing: the samples are not from the prior.": log_mean(fit + prior),
        "The prior is missing.": log_mean(fit - encoder),
        "The ratio P(z)/Q is missing: that would be right for samples of the prior.": log_mean(fit),
        "The decoder is missing: P(x | z) belongs into the weight.": log_mean(prior - encoder),
        "That is the sum of the weights; subtract log n for their mean.": total,
        "Divide by n: in logarithms, subtract log n.": [
            total / n,
            total - n,
            total + math.log(n),
            total - math.log(n - 1),
            total / math.log(n),
            total - 1 / n,
            total - math.log10(n),
            total - 2 * math.log(n),
        ],
        "n is the size of the last dimension, the samples: log_weights.shape[-1].": [
            total - math.log(len(fit)),
            total - math.log(fit.numel()),
        ],
        "That is the mean of the logarithms, which is lower; take the logarithm of the mean.": weights.mean(-1),
        "That divides by the sum of P(z)/Q; P(z) and Q are normalised, so divide by n.": (
            total - (prior - encoder).logsumexp(-1)
        ),
        "That is the largest weight only; average them all.": weights.amax(-1),
        "Each row has its own estimate; that mixes them.": [log_mean(weights.view(-1)), log_mean(weights).mean()],
        "That runs over the rows; the samples are the last dimension.": weights.logsumexp(0) - math.log(len(fit)),
        "That is P(x); its logarithm was asked for.": [log_mean(weights).exp(), weights.exp().mean(-1)],
        "The sign is wrong.": -log_mean(weights),
    }


@exercise(own=bounds.jensen_gap)
def jensen_gap(
    answer,
    *,
    points=((0.5, 2.0, 1.0, 4.0), (3.0, 0.2, 0.7, 1.5), (1.0, 1.2, 2.5, 0.4)),
    weights=((0.1, 0.2, 0.3, 0.4), (0.7, 0.1, 0.1, 0.1), (0.25, 0.55, 0.0, 0.2)),
):
    """Σ w f(v) − f(Σ w v) in each row, for whatever f is given."""
    points, weights = _doubles(points), _doubles(weights)
    functions = {
        "−log": (_minus_log, points),
        "the square, which is the variance,": (torch.square, points - 1),
        "exp": (torch.exp, points - 1),
        "log, which is concave,": (torch.log, points),
    }
    for name, (f, values) in functions.items():
        equal(
            answer(f, values, weights),
            bounds.jensen_gap(f, values, weights),
            what=f"The gap of {name}",
            hint="It is the mean of f(v) minus f of the mean, both with the weights. Call f; it is not always −log.",
            mistakes=_wrong_gaps(f, values, weights),
        )
    _ready_for_use(answer, (torch.exp, points, weights), ["The gap"])
    _in_all_shapes(
        lambda values, masses: answer(torch.exp, values, masses),
        lambda values, masses: bounds.jensen_gap(torch.exp, values, masses),
        [points, weights],
        names={"": "The gap of exp"},
        hint="Sum over the last dimension, the points of a row.",
    )


def _minus_log(v: Tensor) -> Tensor:
    return -torch.log(v)


def _wrong_gaps(f: Callable, points: Tensor, weights: Tensor) -> dict:
    """Return what likely mistakes give."""
    outside, inside = (weights * f(points)).sum(-1), f((weights * points).sum(-1))
    gap, two = outside - inside, (slice(None), slice(2))
    concave = bool((gap < 0).any())
    return {
        "For a concave f the gap is negative; leave its sign.": [gap.abs(), gap.clamp(min=0)] if concave else [],
        "The sign is wrong: for a convex f the gap is not negative.": -gap,
        "Call f; it is not always −log.": bounds.jensen_gap(_minus_log, points, weights),
        "The weights are missing: that takes the points alike.": [
            f(points).mean(-1) - f(points.mean(-1)),
            f(points).sum(-1) - f(points.sum(-1)),
        ],
        "The weights are missing in the first part.": [f(points).mean(-1) - inside, f(points).sum(-1) - inside],
        "The weights are missing in the second part.": [outside - f(points.mean(-1)), outside - f(points.sum(-1))],
        "The weights belong outside of f in the first part.": f(weights * points).sum(-1) - inside,
        "The weights belong inside of f in the second part.": outside - (weights * f(points)).sum(-1),
        "The weights sum to 1 already: sum, and divide by nothing.": [
            (weights * f(points)).mean(-1) - f((weights * points).mean(-1)),
            (weights * f(points)).mean(-1) - inside,
            outside - f((weights * points).mean(-1)),
        ],
        "That is only the mean of f(v).": outside,
        "That is only f of the mean.": inside,
        "Sum over the last dimension, the points of a row.": (
            (weights * f(points)).sum(0) - f((weights * points).sum(0))
        ),
        "Each row has its own gap; that adds them up.": [gap.sum(), gap.mean()],
        "Only two points are used; there can be more.": (
            (weights * f(points))[two].sum(-1) - f((weights * points)[two].sum(-1))
        ),
    }


@exercise(sealed=True)
def derivation(answer, *, right=()):
    """The lines of the derivation in order, and for each the reason by which it is reached."""
    lines, reasons = at_hand.letters_and_digits(answer, ("lines", "reasons"), name="derivation")
    right = right or at_hand.right_answer("derivation")
    if right is None:
        return at_hand.FORM_ONLY
    hint = "Begin with what P(x) is; each line follows from the one before it by a single reason."
    at_hand.in_order(lines, right[0], what="Lines", hint=hint, likely=LIKELY_LINES)
    hint = "The order of the lines is right. Say for each what changes from the line before it."
    at_hand.in_order(reasons, right[1], what="Reasons", hint=hint, likely=LIKELY_REASONS)


@exercise(own=bounds.split_evidence)
def split_evidence(
    answer,
    *,
    pictures=((1.0, 0.2), (0.0, 1.2), (-1.5, 0.4), (20.0, -20.0)),
    centers=(0.8, -0.9, -0.2, 0.6),
    log_stds=(-1.2, -0.7, -0.4, -0.9),
    std=0.5,
    points=1401,
):
    """The ELBO and the gap KL(Q ‖ P(z | x)) by sums over a grid, for any number of pictures."""
    log_p_x, log_p_z, width = _on_a_grid(pictures, std, points)
    log_q_z = latent_models.log_normal(
        _grid(points)[0], _doubles(centers).unsqueeze(-1), _doubles(log_stds).unsqueeze(-1)
    )
    elbo, gap = bounds.split_evidence(log_p_x, log_p_z, log_q_z, width)
    log_posterior = log_p_x + log_p_z - (elbo + gap).unsqueeze(-1)
    numbers = (log_p_x, log_p_z, log_q_z, log_posterior, width, elbo, gap)
    try:
        got_elbo, got_gap = _split(answer(log_p_x, log_p_z, log_q_z, width))
    except Raised as raised:
        if "must match the size" not in raised.text:
            raise
        raise raised.told(f"{raised} {NO_LATENT}") from None
    equal(
        got_elbo,
        elbo,
        what=f"The ELBO of {len(pictures)} pictures",
        hint="It is the mean over Q of log P(x | z) + log P(z) − log Q(z | x).",
        mistakes=_wrong_bounds(*numbers),
    )
    equal(
        got_gap,
        gap,
        what=f"KL(Q ‖ P(z | x)) of {len(pictures)} pictures",
        hint="It is the mean over Q of log Q(z | x) − log P(z | x).",
        mistakes=_wrong_divergences(*numbers),
    )
    _ready_for_use(answer, (log_p_x, log_p_z, log_q_z, width), ["The ELBO", "KL(Q ‖ P(z | x))"])
    coarse, with_width = log_p_z[::5], f"with width = {5 * width:g}"
    _in_all_shapes(
        lambda fits, encoder: answer(fits, coarse, encoder, 5 * width),
        lambda fits, encoder: bounds.split_evidence(fits, coarse, encoder, 5 * width),
        [log_p_x[:, ::5].contiguous(), log_q_z[:, ::5].contiguous()],
        names={"elbo": f"The ELBO {with_width}", "gap": f"KL(Q ‖ P(z | x)) {with_width}"},
        hint="Sum over the last dimension, and use the width that is given.",
    )
    got_elbo, got_gap = _split(answer(log_p_x, log_p_z, log_posterior, width))
    equal(got_elbo, elbo + gap, what="The ELBO where Q is the posterior", hint="Nothing is lost there: it is log P(x).")
    equal(got_gap, torch.zeros_like(gap), what="KL(Q ‖ P(z | x)) where Q is the posterior", hint="It is 0.")


def _split(got) -> tuple:
    return parts(got, ("elbo", "gap"), what="split_evidence(…)")


def _wrong_bounds(log_p_x, log_p_z, log_q_z, log_posterior, width, elbo, gap) -> dict:
    """Return what likely mistakes give in place of the ELBO."""
    mass, integrand = log_q_z.exp() * width, log_p_x + log_p_z - log_q_z
    reconstruction, to_prior = (mass * log_p_x).sum(-1), (mass * (log_q_z - log_p_z)).sum(-1)
    return {
        "The first value is the gap; return the ELBO first.": gap,
        "The divergence to the prior is missing: that is the reconstruction alone.": reconstruction,
        "That adds the divergence to the prior; the bound subtracts it.": reconstruction + to_prior,
        "− log Q is missing.": (mass * (log_p_x + log_p_z)).sum(-1),
        "The prior is missing.": (mass * (log_p_x - log_q_z)).sum(-1),
        "log Q is added; it has to be subtracted.": (mass * (log_p_x + log_p_z + log_q_z)).sum(-1),
        "That averages over the prior; z comes from Q.": (log_p_z.exp() * integrand).sum(-1) * width,
        "That averages over the posterior; z comes from Q.": (log_posterior.exp() * integrand).sum(-1) * width,
        "The mean over Q is missing: weight by Q(z | x).": [integrand.sum(-1) * width, integrand.mean(-1)],
        "The width is missing.": elbo / width,
        "That is a mean over the grid; weight by Q and multiply by the width.": elbo / width / log_p_x.shape[-1],
        "Weight by Q, not by its logarithm.": (log_q_z * integrand).sum(-1) * width,
        "That is log P(x): the logarithm has to be inside the mean.": elbo + gap,
        "The sign is wrong: that is the loss.": -elbo,
        "That mixes the pictures; sum over the last dimension only.": [elbo.sum(), elbo.mean()],
        "That runs over the pictures; sum over z, the last dimension.": (mass * integrand).sum(0),
    }


def _wrong_divergences(log_p_x, log_p_z, log_q_z, log_posterior, width, elbo, gap) -> dict:
    """Return what likely mistakes give in place of the gap."""
    mass, ratio, joint = log_q_z.exp() * width, log_q_z - log_posterior, log_p_x + log_p_z
    evidence, total = joint.exp().sum(-1) * width, elbo + gap
    number = joint.exp() / total.exp().unsqueeze(-1)
    return {
        "Far away P(x) underflows: do not leave the logarithms, use `evidence`.": [
            evidence.log() - elbo,
            (mass * (log_q_z - number.log())).sum(-1),
        ],
        "The small number only hides the underflow: do not leave the logarithms.": [
            wrong
            for tiny in TINY
            for f in (torch.add, torch.clamp)
            for wrong in (f(evidence, tiny).log() - elbo, (mass * (log_q_z - f(number, tiny).log())).sum(-1))
        ],
        "log_softmax gives the logarithm of each cell's mass; for a density subtract log(width).": (
            gap - mass.sum(-1) * math.log(width)
        ),
        "The prior is missing in P(x).": log_p_x.logsumexp(-1) + math.log(width) - elbo,
        "The direction is wrong: the mean is over Q.": -(log_posterior.exp() * ratio).sum(-1) * width,
        "The sign is wrong: no divergence is negative.": -gap,
        "The posterior is not normalised: divide by P(x).": [-elbo, elbo],
        "That is the divergence to the prior; the gap is that to the posterior.": (
            (mass * (log_q_z - log_p_z)).sum(-1)
        ),
        "The prior is missing in the posterior.": [
            (mass * (log_q_z - log_p_x)).sum(-1),
            (mass * (log_q_z - log_p_x)).sum(-1) + elbo + gap,
        ],
        "That is log P(x) + ELBO; subtract.": 2 * elbo + gap,
        "That is log P(x) itself.": elbo + gap,
        "log Q is missing: that is a cross entropy.": -(mass * log_posterior).sum(-1),
        "The width is missing.": gap / width,
        "The mean is over Q, not over the posterior.": (log_posterior.exp() * ratio).sum(-1) * width,
        "That mixes the pictures; sum over the last dimension only.": [gap.sum(), gap.mean()],
    }


@exercise(own=(bounds.gaussian_kl, bounds.gaussian_kl_by_dimension))
def gaussian_kl(
    answer,
    *,
    z_mean=((0.5, -1.2, 0.0), (2.0, 0.3, -0.7)),
    z_log_std=((-0.4, 0.3, -1.5), (0.2, 0.9, 0.6)),
):
    """KL(N(μ, σ²) ‖ N(0, I)), one number for each row, and its gradient."""
    centers, log_stds = _doubles(z_mean), _doubles(z_log_std)
    hint = "It is ½ Σ (μ² + σ² − 1 − 2 log σ) over latents."
    first, again = answer(centers, log_stds), answer(centers, log_stds)
    that(_is_same(first, again), "KL differs from call to call: draw nothing, and take the closed form.")
    equal(
        first,
        bounds.gaussian_kl(centers, log_stds),
        what="KL of two Gaussians" if len(centers) == 2 else f"KL of {len(centers)} Gaussians",
        hint=hint,
        mistakes=_wrong_kl(centers, log_stds),
    )
    prior = torch.zeros(4, centers.shape[-1] + 1, dtype=torch.float64)
    equal(answer(prior, prior), prior.sum(-1), what="KL of the prior to itself", hint="It is 0.")
    _ready_for_use(answer, (centers, log_stds), ["KL"])
    tables = [centers, log_stds]
    _in_all_shapes(answer, bounds.gaussian_kl, tables, names={"": "KL"}, hint=hint, shapes=SHAPES | SINGLE | SHARED)
    for sign, name in ((-1, "narrow"), (1, "wide")):
        middle, extreme = _doubles([[0.5, -2.0]]), sign * _doubles([[8.0, 7.0]])
        many = sign * torch.linspace(0.5, 1.5, 400, dtype=torch.float64)
        equal(
            answer(middle, extreme),
            bounds.gaussian_kl(middle, extreme),
            what=f"KL of a very {name} Q, with log σ = {8 * sign} and {7 * sign},",
            hint="Any log σ is allowed: clamp nothing, add no small number, and take −2 z_log_std for the logarithm.",
        )
        equal(
            answer(many / 2, many),
            bounds.gaussian_kl(many / 2, many),
            what=f"KL of a {name} Q of 400 latents",
            hint="The product of so many σ² over- or underflows: sum logarithms, over all latents.",
        )
    _slopes_of_kl(answer, centers, log_stds)


def _slopes_of_kl(answer: Answer, centers: Tensor, log_stds: Tensor) -> None:
    both = torch.stack([centers, log_stds])

    def probe(function):
        leaf = both.requires_grad_()
        return gradient(function(*leaf.unbind()).sum(), leaf, what="The divergence")

    of_mean, of_log_std = answer.probe(probe)
    cut = "{} is cut off: gradients have to pass through the divergence. Look for .detach(), .data or torch.no_grad()."
    equal(
        of_mean,
        centers,
        what="The gradient of KL with respect to μ",
        hint="It is μ.",
        mistakes={cut.format("μ"): 0 * centers},
    )
    equal(
        of_log_std,
        (2 * log_stds).exp() - 1,
        what="The gradient of KL with respect to log σ",
        hint="It is σ² − 1.",
        mistakes={
            cut.format("log σ"): 0 * log_stds,
            cut.format("σ²"): 0 * log_stds - 1,
            cut.format("− 2 log σ"): (2 * log_stds).exp(),
        },
    )


def _wrong_kl(m: Tensor, log_s: Tensor) -> dict:
    """Return what likely mistakes give; s is σ."""
    s = log_s.exp()
    terms = bounds.gaussian_kl_by_dimension(m, log_s)
    right = terms.sum(-1)

    def half(square=m**2, variance=s**2, one=1.0, logs=2 * log_s):
        return 0.5 * (square + variance - one - logs).sum(-1)

    return {
        "That is the mean over latents; the divergence is their sum.": terms.mean(-1),
        "The sum over latents is missing.": terms,
        "That adds up the batch; sum over latents, the last dimension.": [terms.sum(0), right.sum(), right.mean()],
        "σ stands where σ² should.": half(variance=s),
        "z_log_std is log σ; that takes it for log σ².": half(variance=s, logs=log_s),
        "log σ² is 2 log σ; the 2 is missing.": half(logs=log_s),
        "log σ² is 2 log σ; that takes it twice.": [half(variance=s**4, logs=4 * log_s), half(logs=4 * log_s)],
        "z_log_std is log σ; that takes it for σ.": [
            half(variance=log_s**2, logs=2 * log_s.log()),
            half(variance=log_s**2),
            half(variance=log_s**2, logs=2 * log_s.abs().log()),
        ],
        "z_log_std is log σ; that takes it for σ².": [half(variance=log_s, logs=log_s.log()), half(variance=log_s)],
        "The direction is wrong: that is KL(N(0, I) ‖ Q).": half(square=m**2 / s**2, variance=s**-2, logs=-2 * log_s),
        "The sign is wrong: no divergence is negative.": -right,
        "The ½ is missing.": 2 * right,
        "The ½ belongs to all four terms.": [
            (m**2 / 2 + s**2 / 2 - 1 - 2 * log_s).sum(-1),
            (m**2 / 2 + s**2 / 2 - 1 - log_s).sum(-1),
            (m**2 / 2 + s**2 - 1 - 2 * log_s).sum(-1),
            (m**2 + s**2 / 2 - 1 - 2 * log_s).sum(-1),
            (m**2 + s**2 - 1).sum(-1) / 2 - 2 * log_s.sum(-1),
        ],
        "μ is to be squared.": [half(square=m), half(square=0) + m.norm(dim=-1) / 2],
        "The mean is missing.": half(square=0),
        "The −1 is missing: for Q = P(z) the divergence is 0.": half(one=0),
        "The −1 belongs to every latent: the sum subtracts it once for each of the last dimension.": [
            half(one=0) - 0.5,
            half(one=0) - len(m) / 2,
        ],
        "The sign of log σ is wrong: a narrow Q is far from the prior.": half(logs=-2 * log_s),
        "The signs are mixed up: μ² and σ² are added, 1 and 2 log σ are subtracted.": half(
            -(m**2), s**2, -1, -2 * log_s
        ),
        "The logarithm is missing: −2 log σ.": half(logs=2 * s),
    }


@exercise(own=(bounds.sampled_elbo, bounds.reparametrise))
def sampled_elbo(
    answer,
    *,
    center=(0.5, -1.2, 2.0),
    log_width=(-0.4, 0.3, -1.1),
    slopes=(1.0, -2.0, 0.5),
    rows=20_000,
    seed=5,
):
    """log P(x | z) at one new z for each row, minus the divergence; gradients reach μ and log σ through both."""
    tilt = torch.linspace(-1, 1, rows, dtype=torch.float64).unsqueeze(-1)  # every row has its own Q
    parameters = torch.stack([_doubles(center) + tilt, _doubles(log_width) - 0.2 * tilt])
    slopes, source = _doubles(slopes), generator(seed)
    got, calls, z, of_parameters = answer.probe(
        lambda function: _bound_and_slope(function, lambda z: (slopes * z).sum(-1), parameters, source)
    )
    that(calls > 0, "log_p_x was not called: reconstruct from the z you drew.")
    that(calls == 1, f"log_p_x was called {calls} times; draw one z for each row, and call it once.")
    normals = _noise_of(z, *parameters)
    _are_standard_normal(normals)
    wanted, mistakes = _bounds(slopes, normals, z, *parameters)
    for number, name in ((z, "z"), (got, "The ELBO")):
        _as_precise(number, parameters, name)
    equal(
        got,
        wanted,
        what="The ELBO of each row",
        hint="It is log_p_x(z) − KL, one number for each row.",
        mistakes=mistakes,
    )
    that(
        of_parameters is not None,
        "The sum of the bounds is cut off from the parameters, so no gradient reaches them. "
        "Look for .detach() or torch.no_grad() on the way.",
    )
    _gradients(of_parameters, slopes, normals, *parameters)
    noises.source(
        answer,
        lambda function, generator: function(lambda z: z.sum(-1), *parameters[:, :50], generator=generator),
        what="The sampled ELBO",
        seed=seed,
    )
    _noise_of_pairs(answer, parameters[:, :: rows - 1], seed)
    _bounds_in_all_shapes(answer, parameters[:, : rows // 2 : rows // 7], seed)
    _bounds_of_extreme_spreads(answer, seed)


def _bound(function: Callable, decoder: Callable, tables: Sequence[Tensor], source: torch.Generator) -> tuple:
    """Return a sampled bound, how often it called the decoder, and its first z."""
    seen = []

    def log_p_x(z):
        that(isinstance(z, Tensor), "log_p_x got no tensor; pass it z.")
        wanted = tuple(tables[0].shape)
        that(
            tuple(z.shape) == wanted,
            f"z has shape {tuple(z.shape)}, but {wanted} was expected: one z for each row, all in one call.",
        )
        seen.append(z.detach())
        return decoder(z)

    value = function(log_p_x, *tables, generator=source)
    return value, len(seen), seen[0] if seen else None


def _bound_and_slope(function: Callable, decoder: Callable, parameters: Tensor, source: torch.Generator) -> tuple:
    """Return the same, and the slope of the sum of all bounds, if it has one."""
    leaf = parameters.clone().requires_grad_()
    value, calls, z = _bound(function, decoder, leaf.unbind(), source)
    has_slope = isinstance(value, Tensor) and value.requires_grad
    return value, calls, z, gradient(value.sum(), leaf, what="The sum of the bounds") if has_slope else None


def _noise_of(z: Tensor, centers: Tensor, log_stds: Tensor) -> Tensor:
    """Return (z − μ)/σ, or fail with what z is instead, where it clearly does not have spread 1."""
    away, sigma, ones = z - centers, log_stds.exp(), torch.ones(z.shape[-1], dtype=torch.float64)
    normals = away / sigma
    that(bool(normals.abs().max() > 1e-6), "z is the mean itself: nothing is drawn.")
    that(
        bool((normals[1:] - normals[:-1]).abs().mean() > 1e-9),
        "All rows get the same noise; draw it for each row.",
    )
    that(
        bool((normals[:, 1:] - normals[:, :-1]).abs().mean() > 1e-9),
        "All latents of a row get the same noise; draw it for each latent: z_mean.shape.",
    )
    if torch.allclose(normals.std(0), ones, rtol=0.04):
        return normals
    likely = {
        "The noise is multiplied by log σ; take exp(z_log_std).": away / log_stds,
        "The noise is multiplied by σ²; z_log_std is log σ, so use σ.": away / sigma**2,
        "The noise is multiplied by √σ: z_log_std is not log σ².": away / sigma**0.5,
        "z has spread 1 around μ in every latent: multiply the noise by σ.": away,
        "That noise is uniform in [0, 1), not normal: use randn.": normals * 12**0.5,
        "That noise is uniform in [−1, 1), not normal: use randn.": normals * 3**0.5,
        "The noise is divided by σ; multiply.": away * sigma,
        "z is like the prior, whatever μ and σ: z is μ + σ · noise.": z,
    }
    for sentence, scaled in likely.items():
        that(not torch.allclose(scaled.double().std(0), ones, rtol=0.04), sentence)
    return normals


def _are_standard_normal(normals: Tensor) -> None:
    """Check the noise of rows of latents: mean, spread, form, and that no two depend on each other."""
    half = len(normals) // 2
    together = {
        "The product of two latents' noise, on average,": normals * normals.roll(1, -1),
        "The product of two rows' noise, on average,": normals[: 2 * half : 2] * normals[1::2],
        "The product of the noise of two rows far apart, on average,": normals[:half] * normals[half : 2 * half],
    }
    for d, column in enumerate(normals.unbind(-1)):
        mean(column, 0.0, std=1.0, what=f"The mean of (z − μ)/σ in latent {d}", hint="z is μ + σ · noise.")
        mean(
            column**2,
            1.0,
            std=math.sqrt(2),
            what=f"The mean of ((z − μ)/σ)² in latent {d}",
            hint="The noise has variance 1, and σ is exp(z_log_std).",
        )
        for bound, share in ((0.6744898, 0.5), (1.959964, 0.95)):
            frequency(
                column.abs() < bound,
                share,
                what=f"Noise of latent {d} lies between −{bound:.2f} and {bound:.2f}",
                hint="The noise has to be normal: use randn.",
            )
        for what, products in together.items():
            of_what = "Latents" if "latents" in what else "Rows"
            mean(products[:, d], 0.0, std=1.0, what=what, hint=f"{of_what} need independent noise.")
    frequency(
        normals.abs() > 3.2,
        math.erfc(3.2 / math.sqrt(2)),
        what="Noise lies beyond ±3.2",
        hint="The noise has to be normal, far out as well: use randn, and cut nothing off.",
        false_alarm=1e-7,
    )


def _bounds(slopes: Tensor, normals: Tensor, z: Tensor, centers: Tensor, log_stds: Tensor) -> tuple[Tensor, dict]:
    """Return the bound of every row at its z, and what likely mistakes give."""
    rebuilt = (slopes * (centers + log_stds.exp() * normals)).sum(-1)
    terms = bounds.gaussian_kl_by_dimension(centers, log_stds)
    divergence = terms.sum(-1)
    ratio = (latent_models.log_normal(z) - latent_models.log_normal(z, centers, log_stds)).sum(-1)
    wanted = rebuilt - divergence
    return wanted, {
        "The divergence is missing.": rebuilt,
        "The divergence is added; the bound subtracts it.": rebuilt + divergence,
        "The divergence is averaged over latents; it is their sum.": rebuilt - terms.mean(-1),
        "That is averaged over rows; each has its own bound.": [
            wanted.mean(),
            wanted.sum(),
            rebuilt.mean() - divergence,
        ],
        "log_p_x gives one number for each row already; sum nothing.": rebuilt.sum() - divergence,
        "kl takes log σ, not σ.": rebuilt - bounds.gaussian_kl(centers, log_stds.exp()),
        "kl takes μ, not z.": rebuilt - bounds.gaussian_kl(z, log_stds),
        "log P(z) is in the divergence already.": wanted + latent_models.log_normal(z).sum(-1),
        "Only the reconstruction keeps its rows; so must the divergence.": [
            rebuilt - divergence.mean(),
            rebuilt - divergence.sum(),
        ],
        "The sign is wrong: that is the loss.": -wanted,
        "That samples the divergence, too; take the closed form, which does not vary.": rebuilt + ratio,
        "That is the divergence alone.": [divergence, -divergence],
    }


def _gradients(got: Tensor, slopes: Tensor, normals: Tensor, centers: Tensor, log_stds: Tensor) -> None:
    """Check the slopes of the bounds with respect to μ and log σ, each as the sum of two ways that lead there."""
    sigma = log_stds.exp()
    ways = {
        "μ": (slopes.expand_as(centers), -centers),
        "log σ": (slopes * sigma * normals, 1 - sigma**2),
    }
    for found, (name, (through_z, through_kl)) in zip(got, ways.items(), strict=True):
        short = name.removeprefix("log ")
        equal(
            found,
            through_z + through_kl,
            what=f"The gradient with respect to {name}",
            hint=f"It reaches {name} through z and through the divergence.",
            mistakes={
                f"z is cut off from {short} (detach, no_grad or torch.normal): only the divergence's slope is left.": (
                    through_kl
                ),
                f"The divergence is cut off from {short}.": through_z,
                f"{short} is cut off everywhere: no gradient reaches it.": 0 * through_z,
            },
        )


def _bounds_in_all_shapes(answer: Answer, parameters: Tensor, seed: int) -> None:
    """Check the bound in other shapes, with a curved decoder, and that every row has its own noise there, too."""
    for shape, arrange in (SHAPES | SINGLE | SHARED).items():
        tables, source = [arrange(table) for table in parameters], generator(seed)
        got, calls, z = _asked(
            answer.probe, [functools.partial(_bound, decoder=_curved, tables=tables, source=source)], shape
        )
        that(calls == 1, f"log_p_x was called {calls} times with {shape}; draw one z for each row, and call it once.")
        equal(
            got,
            _curved(z) - bounds.gaussian_kl(*tables),
            what=f"The ELBO of {shape}",
            hint="It is log_p_x(z) − KL, one number for each row.",
        )
        normals = ((z - tables[0]) / tables[1].exp()).reshape(-1, z.shape[-1])
        that(
            len(normals) == 1 or bool(torch.pdist(normals).min() > 1e-9),
            f"Two rows get the same noise with {shape}; draw it for each: z_mean.shape.",
        )


def _bounds_of_extreme_spreads(answer: Answer, seed: int) -> None:
    """Check that no bound is set to log σ, neither in z nor in the divergence."""
    for log_std in (-8.0, 8.0):
        tables = [torch.full((2000, 2), number, dtype=torch.float64) for number in (0.5, log_std)]
        got, _, z = answer.probe(functools.partial(_bound, decoder=_curved, tables=tables, source=generator(seed)))
        hint = "Any log σ is allowed: clamp nothing, and add no small number."
        what = f"The mean of ((z − μ)/σ)² for log σ = {log_std:g}"
        mean(((z - tables[0]) / tables[1].exp()) ** 2, 1.0, std=math.sqrt(2), what=what, hint=hint)
        what = f"The ELBO for log σ = {log_std:g}"
        equal(got, _curved(z) - bounds.gaussian_kl(*tables), what=what, hint=hint)


def _noise_of_pairs(answer: Answer, tables: Tensor, seed: int, *, calls: int = 400) -> None:
    """Check the noise of two rows over many calls, which must know nothing of each other."""
    source = generator(seed)

    def probe(function):
        return torch.stack([_bound(function, _curved, tables, source)[2] for _ in range(calls)])

    normals = (answer.probe(probe) - tables[0]) / tables[1].exp()
    what, hint = "over many calls with two rows", "Take it as randn gives it: no row's noise has a say in another's."
    mean(normals.prod(-2), 0.0, std=1.0, what=f"The product of two rows' noise, {what},", hint=hint)
    mean(normals**2, 1.0, std=math.sqrt(2), what=f"The mean of ((z − μ)/σ)², {what},", hint=hint)


def _curved(z: Tensor) -> Tensor:
    return z.square().sum(-1)


@exercise(own=bounds.gradient_estimates)
def gradient_estimates(
    answer,
    *,
    coefficients=(1.0, -2.0, 0.0, 1.0),
    center=0.7,
    std=0.6,
    baseline=1.5,
    noise=((0.3, -1.1, 2.0, 0.0), (-0.4, 0.9, -2.2, 1.3)),
):
    """The estimates by the score and by the path for each noise, for any f, baseline and shape."""
    noise = _doubles(noise)
    f = functools.partial(_polynomial, coefficients)
    slope = functools.partial(_polynomial, [power * number for power, number in enumerate(coefficients)][1:])
    given = f, slope, center, std, noise, baseline
    first, again = _estimates(answer(*given)), _estimates(answer(*given))
    for one, other, name in zip(first, again, NAMES, strict=True):
        that(_is_same(one, other), f"{name} differs from call to call: draw nothing, and use the noise that is given.")
    wanted = bounds.gradient_estimates(*given)
    wrong = _wrong_scores(*given), _wrong_paths(*given)
    hints = "It is (f(z) − b) (z − μ)/σ² with z = μ + σ · noise.", "It is f'(z) · 1 with z = μ + σ · noise."
    for got, right, name, hint, mistakes in zip(first, wanted, NAMES, hints, wrong, strict=True):
        equal(got, right, what=name, hint=hint, mistakes=mistakes)
    _ready_for_use(answer, given, NAMES)
    other = torch.sin, torch.cos, center - 1.1, std + 1.1, noise
    for got, right, name in zip(_estimates(answer(*other)), bounds.gradient_estimates(*other), NAMES, strict=True):
        equal(
            got,
            right,
            what=f"{name} for a sine, without a baseline,",
            hint="Use f, slope, mean, std and baseline as they are given.",
        )
    _in_all_shapes(
        lambda table: answer(f, slope, center, std, table, -baseline),
        lambda table: bounds.gradient_estimates(f, slope, center, std, table, -baseline),
        [noise],
        names=dict(zip(("by_score", "by_path"), (f"{name} with b = {-baseline:g}" for name in NAMES), strict=True)),
        hint="It has the shape of the noise, and b may be negative.",
        shapes=SHAPES | SINGLE,
    )


def _is_same(one, other) -> bool:
    """Tell whether two calls gave the same; what is no tensor is named elsewhere."""
    if not isinstance(one, Tensor) or not isinstance(other, Tensor):
        return True
    return one.shape == other.shape and torch.allclose(one.double(), other.double(), equal_nan=True)


def _estimates(got) -> tuple:
    return parts(got, ("by_score", "by_path"), what="gradient_estimates(…)")


def _polynomial(coefficients: Sequence[float], z: Tensor) -> Tensor:
    """Return c_0 + c_1 z + c_2 z² + …"""
    return sum(number * z**power for power, number in enumerate(coefficients))


def _wrong_scores(f, slope, center, std, noise, baseline) -> dict:
    """Return what likely mistakes give in place of the estimate by the score."""
    z = center + std * noise
    lifted = f(z) - baseline
    right = lifted * noise / std
    squared, wide = f(center + std**2 * noise) - baseline, f(center + noise) - baseline
    return {
        "The first value is by the path; return the score's first.": slope(z),
        "The baseline is not subtracted.": f(z) * noise / std,
        "The baseline is added; subtract it.": (f(z) + baseline) * noise / std,
        "The baseline is subtracted from the product; it belongs to f(z).": f(z) * noise / std - baseline,
        "Parentheses are missing: the score multiplies f(z) − b, not b alone.": f(z) - baseline * noise / std,
        "b is given; do not take the mean of f in its place.": [
            (f(z) - f(z).mean()) * noise / std,
            (f(z) - f(z).mean(-1, keepdim=True)) * noise / std,
        ],
        "The score is noise/σ; the division by σ is missing.": lifted * noise,
        "The score is (z − μ)/σ², which is noise/σ; that divides by σ once too often.": lifted * noise / std**2,
        "(z − μ)/σ² has the square; that divides by σ² twice.": lifted * noise / std**3,
        "That multiplies by σ; the score divides.": lifted * noise * std,
        "The score is missing: that is f(z) − b.": lifted,
        "f takes z, not the noise.": (f(noise) - baseline) * noise / std,
        "That is minus the score: z − μ, not μ − z.": -right,
        "That has slope(z) in place of f(z).": (slope(z) - baseline) * noise / std,
        "The score is the derivative of the logarithm; that multiplies by log N itself.": (
            lifted * latent_models.log_normal(z, center, math.log(std))
        ),
        "The score is the derivative of the logarithm, not that of the density.": [
            lifted * latent_models.log_normal(z, center, math.log(std)).exp() * noise / std,
            lifted * latent_models.log_normal(z, center, math.log(std)).exp(),
        ],
        "That is the score for σ; μ was asked for.": lifted * (noise**2 - 1) / std,
        "One estimate for each noise was asked for, not their mean.": [right.mean(), right.mean(-1), right.sum()],
        "That takes z for z − μ.": lifted * z / std**2,
        "z is μ + σ · noise; that takes σ² for σ.": [squared * noise, squared * noise / std],
        "z is μ + σ · noise; σ is missing there.": [wide * noise, wide * noise / std, wide * noise / std**2],
    }


def _wrong_paths(f, slope, center, std, noise, baseline) -> dict:
    """Return what likely mistakes give in place of the estimate by the path."""
    z = center + std * noise
    return {
        "dz/dμ is 1; σ does not come in.": [slope(z) * std, slope(z) / std],
        "dz/dμ is 1; the noise is dz/dσ.": [slope(z) * noise, slope(z) * noise / std],
        "The path needs no baseline.": slope(z) - baseline,
        "slope takes z, not the noise.": slope(noise),
        "That is the slope at the mean; take it at z.": slope(torch.full_like(noise, center)),
        "That has f(z) in place of its slope.": [f(z), f(z) - baseline],
        "One estimate for each noise was asked for, not their mean.": [slope(z).mean(), slope(z).sum()],
    }


def _ready_for_use(answer: Answer, arguments: Sequence, names: Sequence[str]) -> None:
    """Check that results are as precise as what they are made of, and that no gradient is left to pass through them."""

    def probe(function):
        got = function(*arguments)
        got = list(got) if isinstance(got, tuple | list) else [got]
        return got, [part.requires_grad for part in got]

    for got, hangs_on, name in zip(*answer.probe(probe), names, strict=True):
        _as_precise(got, next(part for part in arguments if isinstance(part, Tensor)), name)
        that(not hangs_on, f"{name} still requires grad, though nothing given does: return it with .detach().")


def _as_precise(got: Tensor, given: Tensor, name: str) -> None:
    if isinstance(got, Tensor):  # what is none is named elsewhere
        wanted = f"{given.dtype} was expected: leave the numbers as precise as they come."
        that(got.dtype == given.dtype, f"{name} is {got.dtype}, but {wanted}")


def _doubles(numbers) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def _grid(points: int) -> tuple[Tensor, float]:
    """Return an even grid of latents from −7 to 7, and the distance of neighbours."""
    return torch.linspace(-7, 7, points, dtype=torch.float64), 14 / (points - 1)


def _on_a_grid(pictures, std: float, points: int) -> tuple[Tensor, Tensor, float]:
    """Return log P(x | z), log P(z) and the width of a grid, for the lesson's curve."""
    grid, width = _grid(points)
    return latent_models.Bow(std).log_p_x(_doubles(pictures), grid), latent_models.log_normal(grid), width


def _in_all_shapes(
    ask: Callable,
    right: Callable,
    tables: Sequence[Tensor],
    *,
    names: Mapping[str, str],
    hint: str,
    shapes: Mapping[str, Callable] = SHAPES,
) -> None:
    """Check an answer where "..." stands for something else than in a table of rows.

    Args:
        ask: gets the tables and returns what the answer makes of them.
        right: the same for a right answer.
        tables: each of shape (m, n).
        names: what starts the sentence on each part of a tuple, by the part's name; a single one is no tuple.
        hint: what to look at.
        shapes: what to make of a table, by name.
    """
    for shape, arrange in shapes.items():
        arranged = [arrange(table) for table in tables]
        got, wanted = _asked(ask, arranged, shape), right(*arranged)
        if len(names) == 1:
            got, wanted = (got,), (wanted,)
        got = parts(got, list(names), what=f"The result of {shape}")
        for one, other, name in zip(got, wanted, names.values(), strict=True):
            equal(one, other, what=f"{name.rstrip(',')} of {shape}", hint=hint)


def _asked(ask: Callable, arguments: Sequence, shape: str):
    """Return what an answer gives; where it stops, say with which shape."""
    try:
        return ask(*arguments)
    except Raised as raised:
        fail(f"{raised} That was with {shape}. {FROM_THE_LAST}")
