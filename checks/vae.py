"""Lesson 09: what tells a right variational autoencoder from a wrong one, piece by piece."""

import copy
import itertools
import math
import re

import torch
from torch import Tensor
from torch.nn import functional as F

from checks import at_hand, noise, steps
from checks.answer import Raised
from checks.compare import equal, fail, generator, mean, parts, that
from checks.exercise import exercise
from helpers import autoencoders, bounds, latent, layers, vae

HEADS = ("z_mean", "z_log_std")
LOSSES = ("reconstruction", "latent")
LOGITS = ((0.0, 2.0, -1.0, 0.5, -3.0), (1.5, -0.7, 4.0, 0.2, -2.0), (-1.2, 0.9, 2.5, -4.0, 0.3))
PIXELS = ((0.8, 0.3, 0.0, 1.0, 0.1), (0.25, 0.0, 0.9, 0.6, 1.0), (1.0, 0.45, 0.7, 0.0, 0.2))
STEEP = ((200.0, -200.0, 150.0), (-150.0, 90.0, 0.0))
SHARP = ((1.0, 0.0, 0.0), (1.0, 0.5, 1.0))
SQUEEZED = "A batch of one image has one number in a row: do not squeeze it."
RATE = 0.003  # of the optimisers
CLUES = (
    "A rebuilds better than the healthy one, and σ is 1.00, what the latent loss alone wants: who ignores it?",
    "B's reconstruction costs 784 · log 2 = 543 nats: every p is near ½. Why are no logits negative?",
    "C costs what the mean image costs and its latent loss is 0: one of the two losses is far too light.",
    "D's curves and reconstructions are the healthy one's: it was trained well. What is left?",
    "E's latent loss grows as the reconstruction gains by it: nothing holds the codes or drives them out.",
)


@exercise(own=vae.encode)
def encode(answer, *, latents=(3, 2), pixels=784, shapes=((4,), (2, 4), (1,), (3, 1, 2), ()), seed=2):
    """The two halves of what a network gives for images: μ, then log σ, for any leading dimensions."""
    first, another = _reader(pixels, latents[0], seed), _reader(pixels, latents[1], seed, scale=12.0).eval()
    x = _images((*shapes[0], pixels), seed)
    got = parts(answer(first, x), HEADS, what="encode(…)")
    whole = first(x).detach()
    for part, right, name in zip(got, whole.chunk(2, -1), HEADS, strict=True):
        order = "first" if name == HEADS[0] else "second"
        equal(
            part,
            right,
            what=f"{name} of {len(x)} images",
            hint=f"It is the {order} half of what the argument `network` gives, here another network than yours.",
            mistakes=_wrong_heads(whole)[name],
        )
        _as_wide(part, x, name)
    for shape in shapes:
        x = _images((*shape, pixels), seed + 1)
        _other_heads(answer, another, x, latents[1])
    _slopes_of_heads(answer, another, _images((5, pixels), seed))


def _reader(pixels: int, latents: int, seed: int, scale: float = 1.2):
    """Return a network to 2 Z numbers, each of which is now negative, now positive, of about this size."""
    network = layers.perceptron([pixels, 6, 2 * latents], generator=generator(seed))
    _spread(network, _images((50, pixels), seed), scale)
    return network


def _wrong_heads(whole: Tensor) -> dict:
    """Return what likely mistakes give for each head, from what the network gives, (B, 2 Z)."""
    left, right = whole.chunk(2, -1)
    return {
        "z_mean": {
            "The halves are swapped: the mean comes first.": right,
            "That cuts the images in two groups; cut the last dimension.": whole.chunk(2, 0)[0],
            "That takes every second number; take the first half.": whole[:, ::2],
            "That is the whole output; half of it is the mean.": whole,
            "A mean may be any number; leave it as it is.": [left.exp(), left.tanh(), left.sigmoid(), left.relu()],
        },
        "z_log_std": {
            "That is σ; log σ was asked for, and the network gives it.": right.exp(),
            "That is σ², from a logarithm; return log σ as it is.": (2 * right).exp(),
            "That halves or doubles it, as if it were log σ²; the head is log σ.": [0.5 * right, 2 * right],
            "A logarithm may be negative: leave it as it is.": [
                right.abs(),
                F.softplus(right),
                right.relu(),
                right.square(),
                right.sigmoid(),
                right.tanh(),
            ],
            "That takes the logarithm again; the head is log σ already.": [right.log(), right.abs().log()],
            "That is the mean a second time.": left,
        },
    }


def _other_heads(answer, network, x: Tensor, latents: int) -> None:
    whole = network(x).detach()
    got = parts(answer(network, x), HEADS, what="encode(…) of another network")
    for place, name in enumerate(HEADS):
        cuts = [whole.chunk(2, dim)[min(place, len(whole.chunk(2, dim)) - 1)] for dim in range(whole.dim() - 1)]
        equal(
            got[place],
            whole.chunk(2, -1)[place],
            what=f"{name} of another network, with Z = {latents}, for images of shape {tuple(x.shape)}",
            hint="Take the halves of the last dimension of network(x), whatever its length, with nothing cut off.",
            mistakes={"Cut the last dimension, −1, whatever stands before it; dim=1 is another one here.": cuts},
        )


def _slopes_of_heads(answer, network, x: Tensor) -> None:
    def slope(function, place):
        z_mean, z_log_std = function(network, x)
        return steps.gradient((z_mean, z_log_std)[place].sum(), network[-1].weight, what=HEADS[place])

    slopes = answer.probe(lambda function: [slope(function, place) for place in range(2)])
    for part, slope, name in zip(network(x).chunk(2, -1), slopes, HEADS, strict=True):
        wanted = torch.autograd.grad(part.sum(), network[-1].weight, retain_graph=True)[0]
        equal(slope, wanted, what=f"The gradient of {name} for the last layer", hint="Return the halves as they are.")


@exercise(own=bounds.reparametrise)
def reparametrise(answer, *, means=(0.5, -1.2, 2.0), log_stds=(-6.0, 0.4, 3.0), images=20_000, seed=5):
    """One z ~ N(μ, σ²) for each mean, with noise of its own, through which gradients reach μ and log σ."""
    latents, lean = len(means), torch.linspace(-1, 1, images).unsqueeze(-1)  # every image has its own Q
    z_mean, z_log_std = torch.tensor(means) + lean, torch.tensor(log_stds) - 0.2 * lean
    z = answer(z_mean, z_log_std, generator=generator(seed))
    that(isinstance(z, Tensor), "z is no tensor. Does the function end with return?")
    wanted = (images, latents)
    that(tuple(z.shape) == wanted, f"z has shape {tuple(z.shape)}, but {wanted} was expected: that of z_mean.")
    _as_wide(z, z_mean, "z")
    _is_from_q(z, z_mean, z_log_std)
    for shape in ((4, 1, latents), (3, 2, latents), (1, latents), (latents,)):
        got = answer(torch.zeros(shape), torch.zeros(shape), generator=generator(seed))
        that(
            isinstance(got, Tensor) and tuple(got.shape) == shape,
            f"For means of shape {shape}, z has another shape: draw the noise in z_mean.shape, whatever it is.",
        )
    _slopes_of_sample(answer, z_mean[:50], z_log_std[:50], seed)
    blocks = answer(torch.zeros(3, 2, 5, 8), torch.zeros(3, 2, 5, 8), generator=generator(seed))
    for part, where in ((blocks, "first"), (blocks.transpose(0, 1), "second"), (blocks.transpose(0, 2), "third")):
        noise.rows(part, what=f"The noise along the {where} dimension of means of shape (3, 2, 5, 8)")
    noise.source(answer, lambda function, g: function(z_mean[:50], z_log_std[:50], generator=g), what="z", seed=seed)
    _one_by_one(answer, z_mean[:1], z_log_std[:1], seed)


def _slopes_of_sample(answer, z_mean: Tensor, z_log_std: Tensor, seed: int) -> None:
    two, source = torch.stack([z_mean, z_log_std]), generator(seed)

    def probe(function):
        moving = two.clone().requires_grad_()
        z = function(*moving, generator=source)
        return z, steps.gradient(z.sum(), moving, what="z")

    z, slopes = answer.probe(probe)
    equal(
        slopes[0],
        torch.ones_like(z_mean),
        what="∂z/∂μ",
        hint="It is 1: add μ itself, once.",
        mistakes={"It is 1: no .detach() and no torch.no_grad() on μ.": torch.zeros_like(z_mean)},
    )
    equal(
        slopes[1],
        z - z_mean,
        what="∂z/∂log σ",
        hint="It is σ · noise: σ is exp(z_log_std), as it is.",
        rtol=1e-3,
        mistakes={"It is σ · noise: no .detach() and no torch.no_grad() on σ.": torch.zeros_like(z_mean)},
    )


def _one_by_one(answer, z_mean: Tensor, z_log_std: Tensor, seed: int, draws: int = 500) -> None:
    """Check the law of draws for one image at a time, from one generator."""
    source = generator(seed)
    z = answer.probe(lambda function: torch.cat([function(z_mean, z_log_std, generator=source) for _ in range(draws)]))
    drawn = (z - z_mean) / z_log_std.exp()
    for d in range(drawn.shape[-1]):
        what, hint = f"(z − μ)/σ in latent {d}, one image at a time,", "Leave the noise as randn gives it."
        mean(drawn[:, d], 0.0, std=1.0, what=f"The mean of {what}", hint=hint)
        mean(drawn[:, d] ** 2, 1.0, std=math.sqrt(2), what=f"The mean of the square of {what}", hint=hint)


def _is_from_q(
    z: Tensor,
    z_mean: Tensor,
    z_log_std: Tensor,
    *,
    bare="z is the mean itself: the noise is missing.",
    hint="Use randn, and σ = exp(z_log_std), nothing cut off or added.",
) -> None:
    """Check that rows of z (N, Z) are independent samples of N(μ, σ²), with μ and σ that differ from row to row."""
    away, std = (z - z_mean).float(), z_log_std.exp()
    drawn = away / std
    that(bool(drawn.abs().max() > 1e-6), bare)
    that(bool(drawn.std(0).min() > 1e-3), "All images get the same noise; draw it in the shape of z_mean.")
    that(bool(drawn.std(1).max() > 1e-3), "All latents get the same noise; draw it in the shape of z_mean.")
    named, spread_first = "", False
    if not _have_spread(drawn):
        that(not _have_spread(z), "z is drawn from the prior, not from Q.")
        that(not _have_spread(z / std * math.sqrt(12)), "The mean is missing, the noise uniform.")
        scales = {
            "The noise is multiplied by log σ; take its exponential.": z_log_std,
            "The noise is multiplied by σ²; σ is exp(z_log_std).": std**2,
            "The noise is multiplied by √σ, as if z_log_std were log σ²; here it is log σ.": std.sqrt(),
            "The noise has spread 1: multiply it by σ.": torch.ones_like(std),
            "The noise is divided by σ; multiply.": 1 / std,
            "The noise is multiplied by exp(σ): z_log_std is log σ, so one exponential is enough.": std.exp(),
        }
        named = next((sentence for sentence, scale in scales.items() if _have_spread(away / scale)), "")
        spread_first = bool(named) or bool((drawn.mean(0).abs() * math.sqrt(len(z)) < 5 * drawn.std(0)).all())
    beyond = bool(drawn.max() > 1.5)
    kind = "leave it as randn gives it" if beyond else "as if uniform in [0, 1): use randn"
    that(bool(drawn.min() < -0.1), f"The noise is never negative{':' if beyond else ','} {kind}.")
    names = ("(z − μ)/σ", "((z − μ)/σ)²", "((z − μ)/σ)⁴")
    hints = ("z is μ + σ · noise.", named or hint, "The noise has to be normal: use randn.")
    _are_normal(drawn, names, hints, spread_first=spread_first)


def _have_spread(drawn: Tensor) -> bool:
    """Tell whether all columns (N, Z) have variance 1, within 5 standard errors of normal samples."""
    return bool(((drawn.float().var(0) - 1).abs() < 5 * math.sqrt(2 / len(drawn))).all())


def _are_normal(drawn: Tensor, names, hints, *, spread_first: bool = False) -> None:
    """Check that the numbers of a table (N, Z) are independent samples of N(0, 1)."""
    half = len(drawn) // 2
    laws = [(1, 0.0, 1.0), (2, 1.0, math.sqrt(2)), (4, 3.0, math.sqrt(96))]  # power, mean, standard deviation
    for d in range(drawn.shape[1]):
        column, before = drawn[:, d], drawn[:, d - 1]
        found = [
            (column**power, expected, std, f"The mean of {name} in latent {d}", hint)
            for (power, expected, std), name, hint in zip(laws, names, hints, strict=True)
        ]
        if spread_first:
            found = [found[1], found[0], found[2]]
        for samples, expected, std, what, hint in found:
            mean(samples, expected, std=std, what=what, hint=hint)
        again = {"The second half of the images repeats the noise of the first.": 1.0}
        for samples, who, mistakes in (
            (column * before, "latents", {}),
            (column[: 2 * half : 2] * column[1 : 2 * half : 2], "images", {}),
            (column[:half] * column[half : 2 * half], "images half a batch apart", again),
        ):
            what, hint = f"The product of the noise of two {who}, on average,", "Each needs noise of its own."
            mean(samples, 0.0, std=1.0, what=what, hint=hint, mistakes=mistakes)


@exercise(own=(autoencoders.cross_entropy, vae.bernoulli_log_likelihood))
def cross_entropy(answer, *, logits=LOGITS, pixels=PIXELS, steep=STEEP, sharp=SHARP):
    """−log P(x | z) in nats, a sum over pixels for each image, from logits that may be steep."""
    logits, x, steep, sharp = map(torch.tensor, (logits, pixels, steep, sharp))
    wanted = autoencoders.cross_entropy(logits, x)
    hint = "Sum x log p + (1 − x) log (1 − p) over the pixels, with p = sigmoid(logits), and turn the sign."
    equal(
        answer(logits, x),
        wanted,
        what=f"The cost of {len(x)} images",
        hint=hint,
        mistakes=_wrong_costs(logits, x),
    )
    equal(
        answer(steep, sharp),
        autoencoders.cross_entropy(steep, sharp),
        what=f"The cost for logits of ±{steep.abs().max():g}",
        hint="Do not take the logarithm of a sigmoid: F.binary_cross_entropy_with_logits or F.softplus stay exact.",
        mistakes={
            "Logits are cut off; leave them as they are.": [
                autoencoders.cross_entropy(steep.clamp(-most, most), sharp) for most in (5, 10, 15, 20, 30, 50, 80, 100)
            ]
        },
    )
    table, grey = torch.stack([logits, 0.5 - logits], 1), torch.stack([x, x.flip(0)], 1)
    for some, seen in ((table, grey), (table[:1, :1], grey[:1, :1]), (logits[:1], x[:1]), (logits[0], x[0])):
        pixel_costs = F.binary_cross_entropy_with_logits(some, seen, reduction="none")
        equal(
            answer(some, seen),
            pixel_costs.sum(-1),
            what=f"The cost of a batch of shape {tuple(some.shape[:-1])}",
            hint="Sum over the last dimension.",
            mistakes={
                "Sum over the last dimension, whatever stands before it.": [
                    *(pixel_costs.sum(dim) for dim in range(some.dim() - 1)),
                    pixel_costs.reshape(len(some), -1).sum(1),
                ],
                SQUEEZED: pixel_costs.sum(-1).squeeze(),
            },
        )
    logits = logits + 0.05  # max(ℓ, 0) and |ℓ| have no derivative at 0
    slope = answer.probe(lambda function: _slope_of_costs(function, logits, x))
    what, hint = "The derivative of the cost by the logits", "It is p − x: keep logits and pixels as they are."
    equal(slope, logits.sigmoid() - x, what=what, hint=hint)


def _slope_of_costs(function, logits: Tensor, x: Tensor) -> Tensor:
    moving = logits.clone().requires_grad_()
    return steps.gradient(function(moving, x).sum(), moving, what="The cost")


def _wrong_costs(logits: Tensor, x: Tensor) -> dict:
    """Return what likely mistakes give for logits and pixels of images, (B, pixels)."""

    def from_logits(logits, x):
        costs = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
        return costs.sum(-1)

    p = logits.sigmoid()
    costs = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return {
        "That averages over the pixels; sum them, or the latent loss will outweigh it.": costs.mean(-1),
        "That averages everything; each image has its own cost, a sum over its pixels.": [
            costs.mean(),
            costs.sum(-1).mean(),
        ],
        "That adds up the images, too; each has its own cost.": costs.sum(),
        "Sum over the pixels, the last dimension.": [costs, costs.sum(0), costs.mean(0)],
        "The sign is wrong: that is log P(x | z), and the cost is its negative.": -costs.sum(-1),
        "The sigmoid is taken twice: with_logits takes logits.": from_logits(p, x),
        "The sigmoid is taken twice.": F.binary_cross_entropy(p.sigmoid(), x, reduction="none").sum(-1),
        "Half is missing: dark pixels cost −(1 − x) log (1 − p).": -(x * p.log()).sum(-1),
        "Half is missing: bright pixels cost −x log p.": -((1 - x) * (1 - p).log()).sum(-1),
        "Logits and pixels are swapped.": from_logits(x, logits),
        "That is a squared error; pixels are probabilities here.": [
            (p - x).square().sum(-1),
            (logits - x).square().sum(-1),
        ],
        "That compares the logits as if they were probabilities.": [
            -(x * logits + (1 - x) * (1 - logits)).sum(-1),
            -(x * logits.log() + (1 - x) * (1 - logits).log()).sum(-1),
        ],
        "That takes 784 pixels for granted; sum over those of the argument.": 784 * costs.mean(-1),
        "The pixels are made black and white; grey ones count as they are.": [
            from_logits(logits, x.round()),
            from_logits(logits, x.ceil()),
        ],
        "Black and white are swapped: x belongs to log p.": from_logits(logits, 1 - x),
        "That is in bits; use the natural logarithm.": costs.sum(-1) / math.log(2),
        "The smallest possible cost, the entropy of the pixels, counts, too: do not subtract it.": (
            costs.sum(-1) + (torch.special.xlogy(x, x) + torch.special.xlogy(1 - x, 1 - x)).sum(-1)
        ),
    }


class Watched(vae.VAE):
    """A VAE that notes which z it decodes, and in which mode."""

    def decode(self, z):
        """Return the logits for z, as a VAE does."""
        that(isinstance(z, Tensor), "model.decode got no tensor; pass it z.")
        shape, latents = tuple(z.shape), self.latents
        that(shape[-1:] == (latents,), f"z has shape {shape}, but its last dimension is model.latents, here {latents}.")
        self.decoded.append((z.detach().clone(), self.training))
        return self.decoder(z)


class Closed(Watched):
    """A VAE that must not be shown any image."""

    def encode(self, x):
        """Say that nothing is to be encoded."""
        fail("Something is encoded; new images start from the prior, not from data.")


def _model(latents: int, pixels: int, seed: int, kind=Watched, *, scale: float = 1.0) -> Watched:
    """Return a VAE whose heads and logits differ clearly from image to image; σ is below 1 mostly.

    With a larger scale both heads and the logits are that many times as large.
    """
    model = kind(latents, hidden=(7,), pixels=pixels, generator=generator(seed))
    model.decoded = []
    _spread(model.encoder, _images((50, pixels), seed))
    _spread(model.decoder, torch.randn(50, latents, generator=generator(seed)), 2.0)
    with torch.no_grad():
        model.encoder[-1].weight[latents:] *= 0.5
        model.encoder[-1].bias[latents:].mul_(0.5).sub_(0.7)
        for part in (*model.encoder[-1].parameters(), *model.decoder[-1].parameters()):
            part.mul_(scale)
    return model


def _spread(network, inputs: Tensor, scale: float = 1.2) -> None:
    """Move and stretch the last layer so that its outputs have mean 0 and one standard deviation."""
    with torch.no_grad():
        std, middle = torch.std_mean(network(inputs), 0)
        network[-1].weight.mul_(scale / std.unsqueeze(-1))
        network[-1].bias.sub_(middle).mul_(scale / std)


def _images(shape, seed: int) -> Tensor:
    """Return grey pixels, some of them all black or white."""
    return torch.rand(shape, generator=generator(seed)).mul(1.4).sub(0.2).clamp(0, 1)


def _as_wide(got: Tensor, like: Tensor, what: str) -> None:
    that(
        got.dtype == like.dtype,
        f"{what} holds {got.dtype}, but the model goes on with {like.dtype}: make new tensors with that dtype.",
    )


@exercise(own=vae.elbo_terms)
def elbo_terms(answer, *, images=6, pixels=9, latents=3, seed=4):
    """Reconstruction and latent loss of each image, with one z ~ Q(z | x) for each."""
    model, x = _model(latents, pixels, seed), _images((images, pixels), seed)
    _losses(answer, model.train(), x, seed)
    _losses(answer, _model(latents + 2, pixels, seed).eval(), x[:1], seed)
    _losses(answer, _model(latents, pixels, seed, scale=6.0), 0.8 * x, seed, far=True)
    many = x.repeat(6_000 // images, 1)
    source = generator(seed)
    _, noted = answer.probe(lambda function: _decoded(function, model, many, generator=source))
    _is_from_q(
        noted["z"],
        *(part.detach() for part in model.encode(many)),
        bare="The mean is decoded; decode a sample of Q.",
        hint="Give `sample` μ and log σ as they are.",
    )
    _is_always_drawn(answer, model, x, seed)
    _slopes_of_losses(answer, model, x, seed)
    noise.source(
        answer,
        lambda function, g: function(model, x, generator=g)[0],
        what="The reconstruction loss",
        seed=seed,
    )


def _is_always_drawn(answer, model: Watched, x: Tensor, seed: int) -> None:
    """Check that z is no mean in evaluation mode and without gradients, either."""
    for where, training, recorded in (("in evaluation mode", False, True), ("under torch.no_grad()", True, False)):
        source = generator(seed)

        def probe(function, source=source, training=training, recorded=recorded):
            with torch.set_grad_enabled(recorded):
                return _decoded(function, model.train(training), x, generator=source)[1]["z"]

        away = answer.probe(probe) - model.encode(x)[0].detach()
        that(bool(away.abs().max() > 1e-6), f"The mean is decoded {where}; decode a sample of Q there, too.")


def _decoded(function, model: Watched, *arguments, **named) -> tuple:
    """Return what a function of a model gives, and what the model noted meanwhile; for use in a probe."""
    value = function(model, *arguments, **named)
    z, training = zip(*model.decoded, strict=True) if model.decoded else ((), ())
    recorded = getattr(value, "requires_grad", False)
    rows = torch.cat([torch.empty(0, model.latents), *(one.reshape(-1, model.latents) for one in z)])
    shape = tuple(z[0].shape) if z else ()
    return value, {"z": rows, "calls": len(z), "shape": shape, "training": any(training), "recorded": recorded}


def _shown(answer, model: Watched, *arguments, **named) -> tuple:
    """Return what `_decoded` does of an answer; say it where 28 × 28 pixels are taken for granted."""
    try:
        return answer.probe(lambda function: _decoded(function, model, *arguments, **named))
    except Raised as error:
        pixels = model.decoder[-1].out_features
        if any(int(number) and int(number) % 28 == 0 for number in re.findall(r"\d+", error.text)):
            raise error.told(f"{error} Images have {pixels} pixels here, not 784; their own shape tells.") from None
        raise


def _losses(answer, model: Watched, x: Tensor, seed: int, *, far: bool = False) -> None:
    """Check both losses of images, given the z that the decoder got; `far` is whether heads and logits are large."""
    source = generator(seed)
    got, noted = answer.probe(lambda function: _decoded(function, model, x, generator=source))
    got = parts(got, LOSSES, what="elbo_terms(…)")
    z = _one_each(noted, (len(x), model.latents))
    z_mean, z_log_std = (part.detach() for part in model.encode(x))
    logits = model.decoder(z).detach()
    number = f"{len(x)} images" if len(x) > 1 else "one image"
    number += ", with large heads and logits," if far else ""
    equal(
        got[0],
        autoencoders.cross_entropy(logits, x),
        what=f"The reconstruction loss of {number}",
        hint="It is cost(model.decode(z), x)." + " Take logits and x as they are, and no logarithm of a sigmoid." * far,
        mistakes=lambda: _wrong_reconstructions(logits, x, bounds.gaussian_kl(z_mean, z_log_std)),
    )
    equal(
        got[1],
        bounds.gaussian_kl(z_mean, z_log_std),
        what=f"The latent loss of {number}",
        hint="It is ½ Σ (μ² + σ² − 1 − 2 log σ) over latents." + " Cut nothing off." * far,
        mistakes=lambda: _wrong_divergences(z_mean, z_log_std, z),
    )


def _one_each(noted: dict, shape: tuple[int, int]) -> Tensor:
    """Return the z that were decoded, one for each image, as a table."""
    calls, first = noted["calls"], noted["shape"]
    that(calls > 0, "model.decode was not called.")
    right = tuple(noted["z"].shape) == shape
    that(right or calls == 1, f"model.decode was called {calls} times; decode one z for each image.")
    that(
        right and (calls > 1 or shape[0] == 1 or first == shape),
        f"z has shape {first}, but {shape} was expected: one z for each image.",
    )
    return noted["z"]


def _wrong_reconstructions(logits: Tensor, x: Tensor, divergence: Tensor) -> dict:
    costs = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return {
        SQUEEZED: costs.sum(-1).squeeze(),
        "That averages over pixels; sum them.": costs.mean(-1),
        "Each image has its own loss; average later.": [costs.sum(-1).mean(), costs.mean(), costs.sum()],
        "The sign is wrong: a loss is −log P(x | z).": -costs.sum(-1),
        "The sigmoid is taken twice: `cost` takes logits.": autoencoders.cross_entropy(logits.sigmoid(), x),
        "That is the latent loss; return the reconstruction first.": divergence,
        "That is their sum; return the two losses apart.": costs.sum(-1) + divergence,
    }


def _wrong_divergences(z_mean: Tensor, z_log_std: Tensor, z: Tensor) -> dict:
    """Return what likely mistakes give for the latent loss; `z` is what was drawn."""
    square, std = z_mean**2, z_log_std.exp()
    right = (square + std**2 - 1 - 2 * z_log_std) / 2
    noise_squared = ((z - z_mean) / std) ** 2
    wrong = {
        SQUEEZED: right.sum(-1).squeeze(),
        "That averages over latents; sum them.": right.mean(-1),
        "Each image has its own loss; average later.": [right.sum(-1).mean(), right.mean(), right.sum()],
        "The sign is wrong: that is −KL, and a divergence is never negative.": -right.sum(-1),
        "The half is missing.": 2 * right.sum(-1),
    }
    by_latent = {
        "That takes z_log_std for log σ²; it is log σ, so σ² is exp(2 · z_log_std).": [
            (square + std - 1 - z_log_std) / 2,
            (square + std - 1 - 2 * z_log_std) / 2,
            (square + std**2 - 1 - z_log_std) / 2,
        ],
        "That takes z_log_std for σ; it is log σ.": [
            (square + z_log_std**2 - 1 - 2 * z_log_std) / 2,
            (square + z_log_std**2 - 1 - 2 * z_log_std.abs().log()) / 2,
        ],
        "That takes the exponential of σ: z_log_std is log σ, and σ² is exp(2 · z_log_std).": (
            (square + (2 * std).exp() - 1 - 2 * std) / 2
        ),
        "The −1 is missing: KL of the prior to itself is 0.": right + 0.5,
        "The means are missing.": right - square / 2,
        "Only the means are left; σ counts, too.": square / 2,
        "The means are to be squared.": right - square / 2 + z_mean / 2,
        "That is log Q(z | x) − log P(z) at the sample: right on average, but the closed form has no noise.": (
            (z**2 - noise_squared) / 2 - z_log_std
        ),
    }
    for sentence, values in by_latent.items():
        values = values if isinstance(values, list) else [values]
        wrong[sentence] = [value.sum(-1) for value in values]
    return wrong


def _slopes_of_losses(answer, model: Watched, x: Tensor, seed: int) -> None:
    """Check that gradients reach every parameter, through the z that was drawn, too."""
    parameters, source = dict(model.named_parameters()), generator(seed)

    def slopes_of(loss: Tensor, parameters) -> dict:
        slopes = torch.autograd.grad(loss.sum(), list(parameters.values()), retain_graph=True, materialize_grads=True)
        return dict(zip(parameters, slopes, strict=True))

    def probe(function):
        both, noted = _decoded(function, model, x, generator=source)
        own = dict(model.named_parameters())
        slopes = [slopes_of(part, own) if part.requires_grad else None for part in both]
        return slopes, noted

    found, noted = answer.probe(probe)
    z_mean, z_log_std = model.encode(x)
    drawn = ((_one_each(noted, tuple(z_mean.shape)) - z_mean) / z_log_std.exp()).detach()
    logits = model.decoder(z_mean + z_log_std.exp() * drawn)
    right = autoencoders.cross_entropy(logits, x), bounds.gaussian_kl(z_mean, z_log_std)
    for which, slopes, loss in zip(LOSSES, found, right, strict=True):
        that(slopes is not None, f"The {which} loss is cut off: no gradient reaches any weight through it.")
        wanted = slopes_of(loss, parameters)
        for name, take in _places(model.latents).items():
            equal(
                take(slopes),
                take(wanted),
                what=f"The gradient of the {which} loss for {name}",
                hint=f"Nothing may cut {name.removeprefix('the head of ')} off: no detach, no no_grad.",
                rtol=1e-3,
                atol=1e-4,
            )


def _places(latents: int) -> dict:
    """Return where a gradient is looked at, by name."""
    return {
        "the head of μ": lambda slopes: slopes["encoder.2.weight"][:latents],
        "the head of log σ": lambda slopes: slopes["encoder.2.weight"][latents:],
        "the encoder": lambda slopes: slopes["encoder.0.weight"],
        "the decoder": lambda slopes: slopes["decoder.2.weight"],
    }


@exercise(own=vae.training_step, changes=("model", 0))
def training_step(answer, *, batches=(4, 2), pixels=9, latents=3, weight=3.0, seed=4):
    """One step down the mean of reconstruction + weight · latent, in training mode; the losses before it."""
    model = _model(latents, pixels, seed).eval()
    with torch.no_grad():
        model.encoder[-1].bias[latents:] -= 20  # σ is nearly 0, so that every z is its mean
    x = _images((sum(batches), pixels), seed)
    _two_steps(answer, model, x.split(batches), weight, seed)
    _other_weights(answer, model, x, seed)
    _steps_with_adam(answer, model, (x[:1], x, x[1:]), seed)
    usual = _model(latents, pixels, seed)

    def draw(function, g):
        own = copy.deepcopy(usual)
        told = function(own, torch.optim.SGD(own.parameters(), lr=RATE), x, generator=g)
        return torch.cat([torch.tensor([float(told[0])]), steps.flat(own)])

    noise.source(answer, draw, what="The step", seed=seed)


def _two_steps(answer, model: Watched, batches, weight: float, seed: int) -> None:
    source = generator(seed)

    def probe(function):
        optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
        told = [function(model, optimizer, x, weight, generator=source) for x in batches]
        return told, [training for _, training in model.decoded], steps.flat(model)

    told, modes, got_weights = answer.probe(probe)
    got = [_numbers(pair) for pair in told]
    that(all(modes), "The model is in evaluation mode while it trains: call model.train() first.")

    def loss(reconstruction, latent_loss):
        return (reconstruction + weight * latent_loss).mean()

    losses, weights = _trained(model, batches, loss)
    equal(
        got[0],
        losses[0],
        what="The two losses of the first batch",
        hint="Each is the mean over the images of one of the two terms.",
        rtol=1e-4,
        mistakes={
            "Those are sums over the batch; average.": len(batches[0]) * losses[0],
            "The weight does not belong into what is returned.": losses[0] * torch.tensor([1.0, weight]),
            "Those are the losses after the step; return those before it.": (
                _trained(model, batches[:1] * 2, loss)[0][1]
            ),
            "The two are swapped: reconstruction first.": losses[0].flip(0),
            "Those are rounded; return all digits.": [losses[0].round(decimals=digits) for digits in range(3)],
        },
    )
    equal(
        got_weights,
        weights,
        what="The weights after two steps",
        hint="zero_grad, backward, step, once each, on the mean of reconstruction + weight · latent.",
        rtol=1e-3,
        mistakes=lambda: _wrong_weights(model, batches, weight, loss),
    )
    what, hint = "The losses of the second batch", "Return the losses before the step."
    equal(got[1], losses[1], what=what, hint=hint, rtol=1e-4)


def _numbers(told) -> Tensor:
    """Return the two losses that a step told, each a number, as one tensor."""
    pair = parts(told, LOSSES, what="training_step(…)")
    for part, name in zip(pair, LOSSES, strict=True):
        one = part.numel() == 1 if isinstance(part, Tensor) else type(part) in (int, float)
        shape = f" of shape {tuple(part.shape)}" if isinstance(part, Tensor) else ""
        that(one, f"The {name} loss{shape} that training_step returns is no number: average over the images.")
    return torch.tensor([float(part) for part in pair])


def _trained(
    model: Watched, batches, loss, *, method=torch.optim.SGD, keep=False, sign=1.0, each=1, rate=RATE
) -> tuple:
    """Return the losses before each of some steps of a copy, and its weights after them.

    Args:
        loss: of both losses of each image.
        keep: whether gradients of earlier batches are left over.
        sign: −1 climbs.
        each: how many steps the optimiser takes for each gradient.
        rate: the learning rate.
    """
    model = copy.deepcopy(model)
    optimizer, losses, left = method(model.parameters(), lr=rate), [], 0.0
    parameters = list(model.parameters())
    for x in batches:
        z_mean, z_log_std = model.encode(x)
        both = autoencoders.cross_entropy(model.decoder(z_mean), x), bounds.gaussian_kl(z_mean, z_log_std)
        losses.append(torch.stack(both).mean(-1).detach())
        slopes = torch.autograd.grad(loss(*both), parameters, materialize_grads=True)
        left = torch.cat([slope.flatten() for slope in slopes]) + (left if keep else 0.0)
        for parameter, slope in zip(parameters, left.split([one.numel() for one in parameters]), strict=True):
            parameter.grad = sign * slope.view_as(parameter)
        for _ in range(each):
            optimizer.step()
    return losses, steps.flat(model)


def _wrong_weights(model: Watched, batches, weight: float, loss) -> dict:
    """Return the weights that likely mistakes give after two steps."""
    still = "The weights have not moved: call backward, then step, and zero_grad before both."
    options = {
        "Gradients of the first batch are left over: call optimizer.zero_grad().": {"keep": True},
        "That climbs; go down.": {"sign": -1.0},
        "The optimizer steps twice for each batch; once is enough.": {"each": 2},
    }
    losses = {
        "The batch is summed; average it.": lambda one, two: (one + weight * two).sum(),
        "latent_weight is not used.": lambda one, two: (one + two).mean(),
        "The weight stands at the reconstruction; it belongs to the latent loss.": (
            lambda one, two: (weight * one + two).mean()
        ),
        "The weight multiplies both losses.": lambda one, two: weight * (one + two).mean(),
        "The latent loss is subtracted; add it.": lambda one, two: (one - weight * two).mean(),
        "Only the reconstruction is trained.": lambda one, two: one.mean(),
        "Only the latent loss is trained.": lambda one, two: weight * two.mean(),
    }
    return (
        {still: steps.flat(model)}
        | {sentence: lambda o=option: _trained(model, batches, loss, **o)[1] for sentence, option in options.items()}
        | {sentence: lambda other=other: _trained(model, batches, other)[1] for sentence, other in losses.items()}
    )


def _other_weights(answer, model: Watched, x: Tensor, seed: int, weights=(0.0, 0.01, 50.0)) -> None:
    """Check one large step with each of these weights of the latent loss, the first of them 0."""
    sources = [generator(seed) for _ in weights]

    def probe(function):
        reached = []
        for weight, source in zip(weights, sources, strict=True):
            own = copy.deepcopy(model)
            function(own, torch.optim.SGD(own.parameters(), lr=1.0), x, weight, generator=source)
            reached.append(steps.flat(own))
        return reached

    for weight, got in zip(weights, answer.probe(probe), strict=True):

        def after(weight):
            return _trained(model, [x], lambda one, two: (one + weight * two).mean(), rate=1.0)[1]

        equal(
            got,
            after(weight),
            what=f"The weights after a step with latent_weight = {weight:g}",
            hint="Multiply the latent loss by latent_weight itself, whatever number it is.",
            mistakes={"A weight of 0 is one, too: that takes 1.": after(1.0)} if weight == 0 else {},
        )


def _adam(parameters, lr: float) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=lr, eps=1e-3)


def _steps_with_adam(answer, model: Watched, batches, seed: int) -> None:
    source = generator(seed)

    def probe(function):
        optimizer = _adam(model.parameters(), lr=RATE)
        for x in batches:
            last = torch.as_tensor(function(model, optimizer, x, generator=source))
        return last, steps.flat(model)

    try:
        last, got_weights = answer.probe(probe)
    except Raised as error:
        if error.trace:
            raise
        fail("torch.as_tensor(training_step(…)) fails: return a plain tuple of two numbers.")
    losses, weights = _trained(model, batches, lambda one, two: (one + two).mean(), method=_adam)
    hint = "Without latent_weight both losses weigh the same; a batch may have one image."
    equal(last, losses[-1], what="The losses of the third step with Adam", hint=hint, rtol=1e-3)
    equal(got_weights, weights, what="The weights after three steps with Adam", hint=hint, rtol=1e-3)


@exercise(own=vae.generate, changes=("model", 0))
def generate(answer, *, sizes=((6_000, 3, 9), (4, 2, 16), (1, 5, 4)), seed=5):
    """New images from z ~ N(0, I), as probabilities, in evaluation mode and without gradients.

    `sizes` are how many images, latents and pixels; the first has so many images that their law can be seen.
    """
    for number, (images, latents, pixels) in enumerate(sizes):
        model, source = _model(latents, pixels, seed, Closed).train(), generator(seed)
        new, noted = _shown(answer, model, images, generator=source)
        that(noted["calls"] > 0, "model.decode was not called.")
        got, wanted = tuple(noted["z"].shape), (images, latents)
        that(got == wanted, f"The decoder got z of shape {got}, but {wanted} was expected.")
        that(not noted["training"], "The model generates in training mode: call model.eval() first.")
        that(not noted["recorded"], "Gradients are recorded; generate inside torch.no_grad().")
        _are_images(new, model.decoder(noted["z"]).detach())
        if number == 0:
            _is_from_prior(noted["z"])
    model = _model(sizes[0][1], sizes[0][2], seed)
    noise.source(answer, lambda function, g: function(model, 4, generator=g), what="What generate returns", seed=seed)


def _are_images(new, logits: Tensor) -> None:
    """Check that images are the probabilities that belong to the logits."""
    p, drawn = logits.sigmoid(), False
    if isinstance(new, Tensor) and new.shape == p.shape:
        drawn = bool(((new == 0) | (new == 1)).all()) and not torch.equal(new.to(p), (logits > 0).to(p))
    equal(
        new,
        p,
        what=f"The new images, {len(p)} of them," if len(p) > 1 else "The one new image",
        hint=(
            "They are the sigmoid of what the decoder gives."
            + " Yours are drawn black or white; return the probabilities themselves, the means." * drawn
        ),
        mistakes={
            "Those are logits; images are probabilities: apply the sigmoid.": logits,
            "The sigmoid is applied twice.": p.sigmoid(),
            "Those are black and white; return the probabilities.": [(logits > 0).float(), p.round()],
            "That is the exponential; a probability is the sigmoid of the logit.": logits.exp(),
            "Those are the probabilities of black; white has sigmoid(logit).": 1 - p,
            "A sigmoid gives each pixel its own probability; a softmax shares one among all.": logits.softmax(-1),
        },
    )
    _as_wide(new, p, "What generate returns")


def _is_from_prior(z: Tensor) -> None:
    """Check that rows of z are independent samples of N(0, I)."""
    that(bool(z.std(1).max() > 1e-3), "All latents of an image are the same; draw images × latents numbers.")
    that(bool(z.std(0).min() > 1e-3), "All images have the same z; draw images × latents numbers.")
    that(bool(z.min() < -1), "z is never negative, as if uniform: use torch.randn.")
    one, each = z.mean() * math.sqrt(z.numel()), z.mean(0) * math.sqrt(len(z))
    is_scaled = bool((each.abs() < 1e-3).all()) or bool(one.abs() < 1e-3 and (z.std() - 1).abs() < 1e-5)
    that(not is_scaled, "The noise is moved and scaled to mean 0 and spread 1; leave it as randn gives it.")
    hints = "The prior is N(0, I).", "The prior N(0, I) has variance 1.", "The prior is normal: use randn."
    _are_normal(z, ("z", "z²", "z⁴"), hints)


@exercise(own=vae.manifold, changes=("model", 0))
def manifold(answer, *, sizes=((4, 3), (1, 5), (5, 2)), seed=4):
    """The picture of n × n decoded quantiles of the prior: z₁ to the right, z₂ upwards.

    `sizes` are n, and the side of an image in pixels.
    """
    for n, side in sizes:
        model = _model(2, side * side, seed).train()
        got, noted = _shown(answer, model, n)
        cuts = torch.special.ndtri((torch.arange(n) + 0.5) / n)
        equal(
            got,
            _picture(model, cuts, cuts.flip(0)),
            what=f"The picture of {n} × {n} points",
            hint="Points are the quantiles (i + ½)/n of N(0, 1), z₁ to the right, z₂ upwards, as probabilities.",
            rtol=1e-3,
            mistakes=lambda n=n, model=model: _wrong_pictures(model, n),
        )
        that(not noted["recorded"], "Gradients are recorded; decode inside torch.no_grad().")
        that(not noted["training"], "The model decodes in training mode: call model.eval() first.")


def _picture(
    model: Watched, across: Tensor, down: Tensor, paint=torch.sigmoid, *, swapped=False, lay=latent.tile
) -> Tensor:
    """Return the picture of the points (across_j, down_i), or with `swapped` of (down_i, across_j)."""
    points = [across.expand(len(down), -1), down.unsqueeze(1).expand(-1, len(across))]
    z = torch.stack(points[::-1] if swapped else points, -1)
    return lay(paint(model.decoder(z)).detach().contiguous())


def _permuted(images: Tensor, order: tuple[int, ...]) -> Tensor:
    """Return the picture of images (n, n, pixels), with rows, columns and both sides of an image in this order."""
    side = math.isqrt(images.shape[-1])
    return images.unflatten(-1, (side, side)).permute(order).reshape(len(images) * side, -1)


def _wrong_pictures(model: Watched, n: int) -> dict:
    """Return what likely mistakes give."""
    shares = (torch.arange(n) + 0.5) / n
    cuts, even = torch.special.ndtri(shares), torch.linspace(-2, 2, n)
    back = cuts.flip(0)

    def upwards(points: Tensor, paint=torch.sigmoid) -> Tensor:
        return _picture(model, points, points.flip(0), paint)

    def quantiles(shares: Tensor) -> Tensor:
        return upwards(torch.special.ndtri(shares))

    return {
        "z₂ grows downwards; it has to grow upwards: flip it.": _picture(model, cuts, cuts),
        "The digits stand upside down: flip the points, not the picture.": _picture(model, cuts, cuts).flip(0),
        "Every digit is mirrored: flip the points, not the picture.": _picture(model, back, back).flip(1),
        "Every digit lies on its side: exchange the points, not the picture's axes.": [
            _picture(model, *points).T for points in ((cuts, cuts), (cuts, back), (back, cuts))
        ],
        "A reshape alone cuts the digits into lines: latent.tile lays them side by side.": (
            _picture(model, cuts, back, lay=lambda images: _permuted(images, (0, 1, 2, 3)))
        ),
        "Every digit is mirrored, or upside down: flip points, no pixels.": [
            _picture(model, cuts, back, lambda logits: logits.sigmoid().flip(-1)),
            _picture(model, cuts, back).flip(0),
            _picture(model, cuts, back).flip(1),
        ],
        "z₁ grows to the left.": [_picture(model, back, back), _picture(model, back, cuts)],
        "The axes are swapped: z₁ runs from left to right.": [
            _picture(model, *points, swapped=True)
            for points in ((back, cuts), (cuts, cuts), (cuts, back), (back, back))
        ],
        "Those are logits; apply the sigmoid.": upwards(cuts, lambda logits: logits),
        "Those are black and white; return the probabilities.": upwards(cuts, lambda logits: (logits > 0).float()),
        "The points are evenly spaced; take quantiles of N(0, 1), with torch.special.ndtri.": [
            upwards(points) for points in (even, 1.5 * even, 0.5 * even, 1.25 * even)
        ],
        "Those are probabilities; turn them into quantiles with torch.special.ndtri.": upwards(shares),
        "The quantiles are (i + ½)/n; the one of 0 is −∞, of 1 it is ∞.": [
            quantiles(torch.arange(1, n + 1) / n),
            quantiles(torch.arange(n) / n),
            quantiles(torch.linspace(0, 1, n)),
        ],
        "The quantiles are (i + ½)/n, from i = 0 on.": [
            quantiles(torch.arange(1, n + 1) / (n + 1)),
            quantiles(torch.linspace(0.05, 0.95, n)),
            quantiles(torch.linspace(0.01, 0.99, n)),
        ],
        "The order of dimensions is row, line, column, pixel of the line; latent.tile does it.": [
            _picture(model, cuts, back, lay=lambda images, order=order: _permuted(images, order))
            for order in itertools.permutations(range(4))
            if order not in ((0, 2, 1, 3), (0, 1, 2, 3))
        ],
    }


@exercise(sealed=True)
def diagnose(answer, *, right=""):
    """The number of the mistake of A, B, C, D and E, as one string of five digits."""
    return at_hand.diagnosed(at_hand.asked(answer), "diagnose", right, CLUES)
