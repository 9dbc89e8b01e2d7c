"""The project after lesson 09: what a learner's own generator of digits is worth, by numbers that it does not compute.

`generator()` returns three functions: `encode(x)` gives μ and log σ of Q(z | x), `decode(z)` the logits of the pixels,
`sample(n)` n new images. Latents are drawn here, and everything is computed here from what the three return.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from checks import plain
from checks.answer import Answer
from checks.compare import generator as source
from checks.compare import that
from checks.exercise import Numbers, exercise
from helpers import bounds, data, pretrained, vae

BARS = {"elbo": -125.0, "alien": 0.4, "variety": 0.35, "copies": 0.1}
PARTS = ("encode", "decode", "sample")
ACTIVE = 0.01  # variance of a latent's means over the images, above which it is active
AT_ONCE = 4000  # latents that are decoded in one question
NEAR = 1.7  # distance, of all pixels together, that 99 % of the test digits keep from every training digit
WIDEST = 20  # of |log σ|: beyond, σ or 1/σ is 0 beside the other numbers
GAIN = 5  # nats that another reading of what `encode` or `decode` returns has to bring before it is named
TRAIN = "Train longer, or look at the two losses one by one."
PROBABILITIES = "decode returns numbers from 0 to 1 alone, as if it were probabilities: leave the sigmoid out."
READINGS = {  # of what encode returns as log σ, and what log σ is then
    "Is that log σ² which encode returns? With half of it the ELBO is {:.0f}.": lambda given: given / 2,
    "Is that σ which encode returns, and not log σ? With its logarithm the ELBO is {:.0f}.": Tensor.log,
}
ONLY_Z = (
    "decode(z) has other logits for a z when it is asked for it among others: they are to come from that row of z and "
    "nothing else. Is there a batch norm or dropout in training mode (.eval() ends that), or noise?"
)


class Measured(NamedTuple):
    """What a generator is worth on test images.

    Attributes:
        elbo, evidence: mean ELBO, and the importance-weighted estimate of log P(x), in nats an image.
        error: standard error of the ELBO, over the images.
        active, latents: how many latents vary with the image, and how many there are.
        alien: share of its images that the judge rebuilds worse than 99 % of what it rebuilds itself.
        variety: variance of the pixels over its images, as a share of that over the test images.
        copies: share of its images that lie nearer than `NEAR` to a training image, or to another of its own.
        hint: what is likely the cause of a low ELBO.
    """

    elbo: float
    error: float
    evidence: float
    active: int
    latents: int
    alien: float
    variety: float
    copies: float
    hint: str = TRAIN

    def text(self) -> str:
        """Return the numbers in words, a line each."""
        return (
            f"test ELBO             {self.elbo:.1f} ± {1.96 * self.error:.1f} nats an image\n"
            f"importance-weighted   {self.evidence:.1f} nats an image\n"
            f"active latents        {self.active} of {self.latents}\n"
            f"alien share           {self.alien:.1%}\n"
            f"variety               {self.variety:.0%}\n"
            f"copies                {self.copies:.0%}"
        )

    def missed(self) -> str:
        """Return which bar is missed, in one sentence, or nothing."""
        if not self.elbo >= BARS["elbo"]:
            return (
                f"The test ELBO is {self.elbo:.1f} nats an image, but {BARS['elbo']:.0f} or more was expected. "
                f"{self.hint}"
            )
        if not self.alien <= BARS["alien"]:
            return (
                f"{self.alien:.0%} of the images that sample draws are alien, but {BARS['alien']:.0%} at most was "
                "expected: its z lie where the codes of images do not, or its images are not what decode makes of z."
            )
        if not self.variety >= BARS["variety"]:
            return (
                f"The images that sample draws have {self.variety:.0%} of the variety of real ones, but "
                f"{BARS['variety']:.0%} or more was expected. Draw a new z for each of them."
            )
        if not self.copies <= BARS["copies"]:
            return (
                f"{self.copies:.0%} of the images that sample draws are copies, of training images or of one another, "
                f"but {BARS['copies']:.0%} at most was expected. Draw a new z for each of them, and decode it."
            )
        return ""


@exercise()
def generator(answer, *, images=500, draws=500, samples=64, seed=1):
    """A generator of digits that meets the bars of the ELBO, of aliens, of variety and of copies."""
    seen, _, x, _ = data.digits()
    x = x[:: max(1, len(x) // images)]
    found = measure(answer, x, seen, draws=draws, samples=samples, seed=seed)
    that(not found.missed(), found.missed())
    return Numbers(found.text())


def measure(answer: Answer, x: Tensor, seen: Tensor, *, draws: int, samples: int, seed: int) -> Measured:
    """Measure a generator.

    Args:
        answer: `generator`, the learner's function.
        x: test images, shape (N, 784).
        seen: training images, shape (M, 784).
        draws: how many images it is to draw.
        samples: K, latents an image for the importance-weighted estimate, which is made for every fifth image.
        seed: of the latents that are drawn here.

    Raises:
        CheckFailed: if one of the three functions fails, or returns something else than it should.
    """
    three = answer.made()
    kinds = three.probe(lambda three: [callable(one) for one in three] if isinstance(three, tuple | list) else [])
    that(kinds == [True] * 3, "generator returns something else than three functions: return encode, decode, sample.")
    encode, decode, sample = (
        three.keep(lambda three, place=place: three[place], name) for place, name in enumerate(PARTS)
    )
    g = source(seed)
    mean, log_std = _encoded(encode, x)
    z = bounds.reparametrise(mean, log_std, generator=g)
    logits = _decoded(decode, z)
    again = _decoded(decode, z[::5].flip(0)).flip(0)
    that(torch.allclose(again, logits[::5], rtol=1e-2, atol=1e-2), ONLY_Z)
    elbo = _elbo(logits, x, mean, log_std)
    new = _numbers(sample.probe(lambda sample: _plain(sample(draws))), (draws, x.shape[1]), f"sample({draws})")
    that(new.min() >= 0 and new.max() <= 1, "sample returns pixels outside [0, 1]: take the sigmoid of the logits.")
    drawn = _surprise(new)
    usual = _surprise(_decoded(decode, mean).sigmoid()).quantile(0.99)
    found = Measured(
        elbo=elbo.mean().item(),
        error=elbo.std().item() / len(x) ** 0.5,
        evidence=_evidence(decode, x[::5], mean[::5], log_std[::5], samples, g),
        active=int((mean.var(0) > ACTIVE).sum()),
        latents=mean.shape[1],
        alien=(drawn > usual).double().mean().item(),
        variety=(new.var(0).sum() / x.var(0).sum()).item(),
        copies=_copies(new, seen),
    )
    return found if found.elbo >= BARS["elbo"] else found._replace(hint=_cause(decode, x, mean, log_std, logits, g))


def _plain(value):
    """Return tensors and arrays as tensors without a gradient; beside the answer, which may return either."""
    if isinstance(value, tuple | list):
        parts = map(_plain, value)
        return list(parts) if isinstance(value, list) else tuple(parts)
    return torch.as_tensor(value).detach().cpu().float() if hasattr(value, "shape") else value


def _encoded(encode: Answer, x: Tensor) -> tuple[Tensor, Tensor]:
    got = encode.probe(lambda encode: _plain(encode(x.clone())))
    is_pair = isinstance(got, tuple | list) and len(got) == 2
    that(is_pair, "encode returns no pair: return μ and log σ, each of shape (N, Z).")
    shape = (len(x), *got[0].shape[1:2]) if isinstance(got[0], Tensor) and got[0].dim() == 2 else (len(x), 1)
    mean, log_std = (_numbers(part, shape, f"{name} of encode") for part, name in zip(got, ("μ", "log σ"), strict=True))
    most = log_std.abs().max().item()
    that(most <= WIDEST, f"|log σ| of encode reaches {most:.3g}, but {WIDEST} at most can be measured: clamp log σ.")
    return mean, log_std


def _decoded(decode: Answer, z: Tensor) -> Tensor:
    """Return the logits (N, 784) of latents (N, Z)."""
    parts = [
        _numbers(decode.probe(lambda decode, part=part: _plain(decode(part.clone()))), (len(part), 784), "decode(z)")
        for part in z.split(AT_ONCE)
    ]
    return torch.cat(parts)


def _numbers(got, shape: tuple[int, ...], what: str) -> Tensor:
    that(isinstance(got, Tensor), f"{what} returns {plain.kind(got)}, but a tensor of shape {shape} was expected.")
    that(got.shape == shape, f"{what} has shape {tuple(got.shape)}, but {shape} was expected.")
    that(bool(got.isfinite().all()), f"{what} holds nan or inf, so nothing can be measured.")
    return got


def _elbo(logits: Tensor, x: Tensor, mean: Tensor, log_std: Tensor) -> Tensor:
    return vae.bernoulli_log_likelihood(logits, x) - bounds.gaussian_kl(mean, log_std)


def _cause(decode: Answer, x: Tensor, mean: Tensor, log_std: Tensor, logits: Tensor, g: torch.Generator) -> str:
    """Return what is the likely cause of a low ELBO: another reading of an output under which it is higher."""
    if logits.min() >= 0 and logits.max() <= 1:
        return PROBABILITIES
    reached = {_elbo(logits, x, mean, log_std).mean().item() + GAIN: TRAIN}
    for sentence, read in READINGS.items():
        other = read(log_std)
        if other.isfinite().all():
            z = bounds.reparametrise(mean, other, generator=g)
            elbo = _elbo(_decoded(decode, z), x, mean, other).mean().item()
            reached[elbo] = sentence.format(elbo)
    return reached[max(reached)]


def _copies(new: Tensor, seen: Tensor) -> float:
    """Return the share of new images that lie too near to one seen, or to another new one."""
    others = torch.cdist(new, new).fill_diagonal_(torch.inf)
    nearest = torch.minimum(torch.cdist(new, seen).amin(1), others.amin(1))
    return (nearest < NEAR).double().mean().item()


def _evidence(decode: Answer, x: Tensor, mean: Tensor, log_std: Tensor, samples: int, g: torch.Generator) -> float:
    """Estimate the mean of log P(x) by `samples` latents an image, as `vae.importance_weighted` does."""
    mean, log_std = (part.repeat_interleave(samples, 0) for part in (mean, log_std))
    z = bounds.reparametrise(mean, log_std, generator=g)
    log_p_x = vae.bernoulli_log_likelihood(_decoded(decode, z), x.repeat_interleave(samples, 0))
    logs = log_p_x, vae.gaussian_log_density(z), vae.gaussian_log_density(z, mean, log_std)
    return bounds.importance_estimate(*(log.view(len(x), samples) for log in logs)).mean().item()


@torch.no_grad()
def _surprise(images: Tensor) -> Tensor:
    """Return how much worse than perfectly lesson 09's judge rebuilds images (N, 784), in nats (N,)."""
    judge = pretrained.digits_vae(20)
    logits = judge.decode(judge.encode(images)[0])
    perfect = torch.special.xlogy(images, images) + torch.special.xlogy(1 - images, 1 - images)
    return perfect.sum(-1) - vae.bernoulli_log_likelihood(logits, images)
