"""The project after lesson 09: what a learner's own generator of digits is worth, by numbers that it does not compute.

`generator()` returns three functions: `encode(x)` gives μ and log σ of Q(z | x), `decode(z)` the logits of the pixels,
`sample(n)` n new images. Latents are drawn here, and everything is computed here from what the three return.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from checks.answer import Answer
from checks.compare import generator as source
from checks.compare import that
from checks.exercise import exercise
from helpers import bounds, data, pretrained, vae

BARS = {"elbo": -125.0, "alien": 0.25, "variety": 0.35}
ACTIVE = 0.01  # variance of a latent's means over the images, above which it is active
AT_ONCE = 4000  # latents that are decoded in one question


class Measured(NamedTuple):
    """What a generator is worth on test images.

    Attributes:
        elbo, evidence: mean ELBO, and the importance-weighted estimate of log P(x), in nats an image.
        error: standard error of the ELBO, over the images.
        active, latents: how many latents vary with the image, and how many there are.
        alien: share of its images that the judge rebuilds worse than 99 % of what it rebuilds itself.
        variety: variance of the pixels over its images, as a share of that over the test images.
    """

    elbo: float
    error: float
    evidence: float
    active: int
    latents: int
    alien: float
    variety: float

    def text(self) -> str:
        """Return the numbers in words, a line each."""
        return (
            f"test ELBO             {self.elbo:.1f} ± {1.96 * self.error:.1f} nats an image\n"
            f"importance-weighted   {self.evidence:.1f} nats an image\n"
            f"active latents        {self.active} of {self.latents}\n"
            f"alien share           {self.alien:.1%}\n"
            f"variety               {self.variety:.0%}"
        )

    def missed(self) -> str:
        """Return which bar is missed, in one sentence, or nothing."""
        if not self.elbo >= BARS["elbo"]:
            return (
                f"The test ELBO is {self.elbo:.1f} nats an image, but {BARS['elbo']:.0f} or more was expected. "
                "Train longer, or look at the two losses one by one."
            )
        if not self.alien <= BARS["alien"]:
            return (
                f"{self.alien:.0%} of the images that sample draws are alien, but {BARS['alien']:.0%} at most was "
                "expected. Do they come from where the codes of images lie?"
            )
        if not self.variety >= BARS["variety"]:
            return (
                f"The images that sample draws have {self.variety:.0%} of the variety of real ones, but "
                f"{BARS['variety']:.0%} or more was expected. Draw a new z for each of them."
            )
        return ""


@exercise()
def generator(answer, *, images=500, draws=500, samples=64, seed=1):
    """A generator of digits that meets the bars of the ELBO, of aliens and of variety."""
    x = data.digits().x_test
    found = measure(answer, x[:: max(1, len(x) // images)], draws=draws, samples=samples, seed=seed)
    that(not found.missed(), found.missed())


def measure(answer: Answer, x: Tensor, *, draws: int, samples: int, seed: int) -> Measured:
    """Measure a generator.

    Args:
        answer: `generator`, the learner's function.
        x: test images, shape (N, 784).
        draws: how many images it is to draw.
        samples: K, latents an image for the importance-weighted estimate, which is made for every fifth image.
        seed: of the latents that are drawn here.

    Raises:
        CheckFailed: if one of the three functions fails, or returns something else than it should.
    """
    three = answer.keep(lambda generator: generator())
    kinds = three.probe(lambda three: [callable(one) for one in three] if isinstance(three, tuple | list) else [])
    that(kinds == [True] * 3, "generator returns something else than three functions: return encode, decode, sample.")
    encode, decode, sample = (_named(three, place) for place in range(3))
    g = source(seed)
    mean, log_std = _encoded(encode, x)
    z = bounds.reparametrise(mean, log_std, generator=g)
    logits = _decoded(decode, z)
    elbo = vae.bernoulli_log_likelihood(logits, x) - bounds.gaussian_kl(mean, log_std)
    new = _numbers(sample.probe(lambda sample: _plain(sample(draws))), (draws, x.shape[1]), f"sample({draws})")
    that(new.min() >= 0 and new.max() <= 1, "sample returns pixels outside [0, 1]: take the sigmoid of the logits.")
    drawn = _surprise(new)
    usual = _surprise(_decoded(decode, mean).sigmoid()).quantile(0.99)
    return Measured(
        elbo=elbo.mean().item(),
        error=elbo.std().item() / len(x) ** 0.5,
        evidence=_evidence(decode, x[::5], mean[::5], log_std[::5], samples, g),
        active=int((mean.var(0) > ACTIVE).sum()),
        latents=mean.shape[1],
        alien=(drawn > usual).double().mean().item(),
        variety=(new.var(0).sum() / x.var(0).sum()).item(),
    )


def _named(three: Answer, place: int) -> Answer:
    return three.keep(lambda three: three[place])


def _plain(value):
    """Return tensors and arrays as tensors without a gradient; beside the answer, which may return either."""
    if isinstance(value, tuple | list):
        return tuple(map(_plain, value))
    return torch.as_tensor(value).detach().cpu().float() if hasattr(value, "shape") else value


def _encoded(encode: Answer, x: Tensor) -> tuple[Tensor, Tensor]:
    got = encode.probe(lambda encode: _plain(encode(x.clone())))
    that(isinstance(got, tuple) and len(got) == 2, "encode returns no pair: return μ and log σ, each of shape (N, Z).")
    shape = (len(x), *got[0].shape[1:2]) if isinstance(got[0], Tensor) and got[0].dim() == 2 else (len(x), 1)
    return tuple(_numbers(part, shape, f"{name} of encode") for part, name in zip(got, ("μ", "log σ"), strict=True))


def _decoded(decode: Answer, z: Tensor) -> Tensor:
    """Return the logits (N, 784) of latents (N, Z)."""
    parts = [
        _numbers(decode.probe(lambda decode, part=part: _plain(decode(part.clone()))), (len(part), 784), "decode(z)")
        for part in z.split(AT_ONCE)
    ]
    return torch.cat(parts)


def _numbers(got, shape: tuple[int, ...], what: str) -> Tensor:
    that(isinstance(got, Tensor), f"{what} returns {type(got).__name__}, but a tensor of shape {shape} was expected.")
    that(got.shape == shape, f"{what} has shape {tuple(got.shape)}, but {shape} was expected.")
    that(bool(got.isfinite().all()), f"{what} holds nan or inf, so nothing can be measured.")
    return got


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
