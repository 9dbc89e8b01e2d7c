# %% [markdown]
# # 09 · The variational autoencoder
# **You will** write a VAE piece by piece and train it: two heads, a sample that lets gradients pass, two losses, a
# step. Then you look around in its latent plane, turn its two knobs too far in both directions, and find out what
# ails five others.
#
# **You need** lesson 08 (the bound, Gaussian divergence, reparametrisation) and a little of lesson 07 (why a plain
# decoder does not generate). **Time**: 150 minutes.
#
# Symbols and their names in code: [NOTATION.md](../../NOTATION.md).

# %%
import math

import matplotlib.pyplot as plt
import torch
from ipywidgets import FloatSlider, interact
from torch.nn import functional as F

from helpers import autoencoders, bounds, checks, clinic, data, faces, latent, layers
from helpers import pictures, plotting, pretrained, vae

torch.set_num_threads(1)
torch.set_printoptions(precision=3, sci_mode=False)
plotting.use_style()

# %% [markdown]
# ## 1 · An encoder that is unsure
# Lesson 08 ended with a bound on $\log P(x)$ that needs one sample $z \sim Q_\phi(z \mid x)$:
#
# $$\mathcal L = \mathbb E_Q \log P_\theta(x \mid z) - \mathrm{KL}\big(Q_\phi(z \mid x) \,\|\, \mathcal N(0, I)\big),
# \qquad Q_\phi(z \mid x) = \mathcal N\big(\mu_\phi(x), \sigma_\phi(x)^2\big)$$
#
# A network reads the image and its last layer has **two heads**: the mean $\mu$ and the spread $\sigma$, for each
# of $Z$ latents. A spread is positive, a layer's output may be anything. So the second head is $\log \sigma$, and
# $\sigma$ is its exponential.
#
# **Predict**: a network with random weights reads a digit. About how large will its $\sigma$ be?

# %%
x, _, x_test, y_test = data.digits()
g = torch.Generator().manual_seed(1)
first_network = layers.perceptron([784, 400, 6], generator=g)  # Z = 3: six numbers for each image
output = first_network(x_test[:2])
print("last layer:", output.detach())
print("σ of the first image:", output[0, 3:].exp().detach())

# %% [markdown]
# ### Exercise 1 · Two heads (5 min, ●○○, 1 point)
# Fill `encode`: the first $Z$ numbers of the network's output are $\mu$, the last $Z$ are $\log \sigma$.
#
# <details><summary>Hint</summary>
#
# `.chunk(2, -1)` cuts the last dimension into two halves.
# </details>

# %% exercise="vae-encode"
def encode(network, x):
    """Return z_mean and z_log_std, each (..., Z), of images x (..., pixels); the network gives (..., 2 Z)."""
    ### BEGIN SOLUTION
    z_mean, z_log_std = network(x).chunk(2, -1)
    return z_mean, z_log_std
    ### END SOLUTION

# %% check="vae-encode-check" points=1
four_images = x_test[500:504]
whole = first_network(four_images)
left, right = whole[:, :3], whole[:, 3:]
with checks.unchanged(x=four_images):
    got = encode(first_network, four_images)
got_mean, got_log_std = checks.parts(got, ("z_mean", "z_log_std"), what="encode(…)")
checks.equal(
    got_mean,
    left,
    what="z_mean of four images",
    hint="It is the first half of the last dimension.",
    mistakes={
        "The halves are swapped: the mean comes first.": right,
        "That cuts the images in two groups; cut the last dimension.": whole[:2],
        "That takes every second number; take the first half.": whole[:, ::2],
        "That is the whole output; half of it is the mean.": whole,
        "A mean may be any number; leave it as it is.": [left.exp(), left.tanh(), left.sigmoid(), left.relu()],
    },
)
checks.equal(
    got_log_std,
    right,
    what="z_log_std of four images",
    hint="It is the second half of the last dimension, as it is.",
    mistakes={
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
)
checks.gradient(
    sum(part.sum() for part in encode(first_network, four_images)), first_network[0].weight, what="encode(…)"
)
pair_network = layers.perceptron([784, 4], generator=torch.Generator().manual_seed(2))
pairs = four_images.view(2, 2, 784)
heads = checks.parts(encode(pair_network, pairs), ("z_mean", "z_log_std"), what="encode(…) of another network")
for got, right, name in zip(heads, pair_network(pairs).chunk(2, -1), ("z_mean", "z_log_std")):
    checks.equal(
        got,
        right,
        what=f"{name} of another network, with Z = 2,",
        hint="Take the halves of the last dimension of network(x), whatever its length.",
    )
### BEGIN HIDDEN TESTS
other_network = layers.perceptron([5, 4], generator=torch.Generator().manual_seed(2))
other_images = torch.linspace(0, 1, 30).view(2, 3, 5)
heads = encode(other_network, other_images)
heads = checks.parts(heads, ("z_mean", "z_log_std"), what="encode(…) of images of shape (2, 3, 5)")
for one, another in zip(heads, vae.encode(other_network, other_images)):
    checks.equal(one, another, what="A head of another network, for images of shape (2, 3, 5),")
### END HIDDEN TESTS
checks.passed(encode)

# %% [markdown]
# ## 2 · A sample that lets gradients pass
# $z = \mu + \sigma \odot \varepsilon$ with $\varepsilon \sim \mathcal N(0, I)$: the noise has no parameters, so
# derivatives reach $\mu$ and $\sigma$. You wrote it inside the bound in lesson 08; here it stands alone, and it has
# to be right.
#
# **Predict**: $\partial z / \partial \log \sigma$ for one latent. What if the noise happens to be 0?

# %% [markdown]
# ### Exercise 2 · Reparametrise (10 min, ●●○, 3 points)
# Fill `reparametrise`. Every latent of every image has its own noise.
#
# <details><summary>Hint</summary>
#
# `torch.randn(z_mean.shape, generator=generator)` is the noise, `z_log_std.exp()` is $\sigma$.
# </details>

# %%
many = 20_000
lean = torch.linspace(-1, 1, many).unsqueeze(-1)  # every row has its own Q
mean_check = torch.tensor([0.5, -1.2, 2.0]) + lean
log_std_check = torch.tensor([-0.5, 0.4, -1.2]) - 0.2 * lean

# %% exercise="vae-reparametrise"
def reparametrise(z_mean, z_log_std, *, generator):
    """Return one z ~ N(z_mean, σ²) for each mean, shape (..., Z), through which gradients reach both arguments."""
    ### BEGIN SOLUTION
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + z_log_std.exp() * noise
    ### END SOLUTION

# %% check="vae-reparametrise-check" points=3
two = torch.stack([mean_check, log_std_check]).requires_grad_()
with checks.unchanged(z_mean=two[0], z_log_std=two[1]):
    z_got = reparametrise(*two, generator=checks.generator(5))
checks.that(isinstance(z_got, torch.Tensor), "z is no tensor. Does the function end with return?")
checks.that(
    z_got.shape == (many, 3), f"z has shape {tuple(z_got.shape)}, but {(many, 3)} was expected: that of z_mean."
)
away = (z_got - mean_check).detach().float()
noise_got = away / log_std_check.exp()
checks.that(bool(noise_got.abs().max() > 1e-6), "z is the mean itself: the noise is missing.")
checks.that(bool(noise_got.std(0).min() > 1e-3), "All images get the same noise; draw it in the shape of z_mean.")
checks.that(bool(noise_got.std(1).max() > 1e-3), "All latents get the same noise; draw it in the shape of z_mean.")
for sentence, scale in {
    "The noise is multiplied by log σ; take its exponential.": log_std_check,
    "The noise is multiplied by σ²; σ is exp(z_log_std).": (2 * log_std_check).exp(),
    "The noise is multiplied by √σ, as if z_log_std were log σ²; here it is log σ.": (0.5 * log_std_check).exp(),
    "The noise has spread 1: multiply it by σ.": torch.ones_like(log_std_check),
    "The noise is divided by σ; multiply.": (-log_std_check).exp(),
}.items():
    checks.that(not torch.allclose((away / scale).std(0), torch.ones(3), rtol=0.04), sentence)
raw = (z_got.detach().float() / log_std_check.exp()).std(0)
checks.that(
    not torch.allclose(z_got.detach().float().std(0), torch.ones(3), rtol=0.04),
    "z is drawn from the prior, not from Q.",
)
checks.that(
    not torch.allclose(raw.square(), torch.full((3,), 1 / 12), rtol=0.04), "The mean is missing, the noise uniform."
)
checks.that(bool(noise_got.min() < -0.1), "The noise is never negative, as if uniform in [0, 1): use randn.")
for d in range(3):
    column = noise_got[:, d]
    checks.mean(column, 0.0, what=f"The mean of (z − μ)/σ in latent {d}", hint="z is μ + σ · noise.")
    checks.mean(
        column**2, 1.0, what=f"The mean of ((z − μ)/σ)² in latent {d}", hint="Use randn, and σ = exp(z_log_std)."
    )
    checks.mean(
        column**4, 3.0, what=f"The mean of ((z − μ)/σ)⁴ in latent {d}", hint="The noise has to be normal: use randn."
    )
    checks.mean(
        column * noise_got[:, d - 1],
        0.0,
        what="The product of two latents' noise, on average,",
        hint="Latents need independent noise.",
    )
    checks.mean(
        column[::2] * column[1::2],
        0.0,
        what="The product of two images' noise, on average,",
        hint="Images need independent noise.",
    )
half = many // 2
checks.that(
    not torch.allclose(noise_got[:half], noise_got[half:], atol=1e-3),
    "The second half of the images repeats the noise of the first.",
)
slopes = checks.gradient(z_got.sum(), two, what="z")
checks.equal(slopes[0], torch.ones(many, 3), what="∂z/∂μ", hint="It is 1: no .detach() and no torch.no_grad() on μ.")
checks.equal(
    slopes[1],
    away,
    what="∂z/∂log σ",
    hint="It is σ · noise: no .detach() and no torch.no_grad() on σ.",
    rtol=1e-3,
)
checks.reproducible(lambda g: reparametrise(mean_check, log_std_check, generator=g), what="z")
checks.that(
    reparametrise(torch.zeros(4, 1, 3), torch.zeros(4, 1, 3), generator=checks.generator(5)).shape == (4, 1, 3),
    "For means of shape (4, 1, 3), z has another shape: draw the noise in z_mean.shape, whatever it is.",
)
### BEGIN HIDDEN TESTS
table_check = torch.linspace(-1, 1, 24).view(2, 3, 4)
checks.equal(
    reparametrise(table_check, torch.full((2, 3, 4), -20.0), generator=checks.generator(1)),
    table_check,
    what="z of shape (2, 3, 4) for σ near 0",
)
few_seeds = torch.stack(
    [reparametrise(torch.zeros(1), torch.tensor([0.7]), generator=checks.generator(seed)) for seed in range(900)]
)
checks.mean(few_seeds**2, math.exp(1.4), what="The variance of z for log σ = 0.7")
### END HIDDEN TESTS
checks.passed(reparametrise)

# %% [markdown]
# **The prediction.** $\partial z / \partial \log \sigma = \sigma \varepsilon$. Where the noise is 0, $z$ is $\mu$ for
# any $\sigma$: that draw teaches $\sigma$ nothing, and the next one will.

# %% [markdown]
# ## 3 · Two losses
# The negative bound is a sum of two costs, in nats for each image. The **reconstruction loss** $-\log P(x \mid z)$:
# the decoder gives for every pixel a logit $\ell_i$, with $p_i = 1/(1 + e^{-\ell_i})$ the probability of white:
#
# $$-\log P(x \mid z) = -\sum_i \big( x_i \log p_i + (1 - x_i) \log (1 - p_i) \big)$$
#
# Our pixels are grey. Read $x_i = 0.8$ as "white in 8 of 10 prints".
#
# **Predict**: what does a perfect decoder pay, with $p_i = x_i$ everywhere? Nothing?

# %%
def entropy(images):
    """Return the smallest possible reconstruction loss of grey images, that for p = x."""
    return -(torch.special.xlogy(images, images) + torch.special.xlogy(1 - images, 1 - images)).sum(-1)


mean_image = x.mean(0)
mean_cost = F.binary_cross_entropy(mean_image.expand_as(x_test), x_test, reduction="none").sum(-1).mean()
print(f"perfect: {entropy(x_test).mean():.1f} nats an image; the mean image for all: {mean_cost:.1f}")

# %% [markdown]
# **What you see.** A perfect copy costs 46 nats, since grey is undecided; and to draw the average of all digits,
# every time, costs 207. A VAE has to live between the two.
#
# ### Exercise 3 · Reconstruction (10 min, ●●○, 2 points)
# Fill `cross_entropy` from logits. It is a **sum** over pixels: one number for each image. It must survive logits
# of ±200, where `log(sigmoid(…))` does not.
#
# <details><summary>Hint</summary>
#
# `F.binary_cross_entropy_with_logits` is stable, and `reduction="none"` keeps the pixels for you to sum. Or
# simplify the formula to $\log(1 + e^{\ell}) - x \ell$; `F.softplus` is the first part.
# </details>

# %%
g_check = torch.Generator().manual_seed(3)
logits_check = 2 * torch.randn(5, 8, generator=g_check)
pixels_check = torch.rand(5, 8, generator=g_check)
batch_check = torch.rand(6, 9, generator=g_check)  # for exercises 4 and 5
steep_check = torch.tensor([[200.0, -200.0, 150.0], [-150.0, 90.0, 0.0]])
sharp_check = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.5, 1.0]])

# %% exercise="vae-cross-entropy"
def cross_entropy(logits, x):
    """Return −log P(x | z) in nats, shape (...), for logits and pixels x in [0, 1] of shape (..., pixels)."""
    ### BEGIN SOLUTION
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)
    ### END SOLUTION

# %% check="vae-cross-entropy-check" points=2
p_check = 1 / (1 + (-logits_check).exp())
costs = -(pixels_check * p_check.log() + (1 - pixels_check) * (1 - p_check).log())
twice = 1 / (1 + (-p_check).exp())
with checks.unchanged(logits=logits_check, x=pixels_check):
    got = cross_entropy(logits_check, pixels_check)
checks.equal(
    got,
    costs.sum(-1),
    what="The cost of five images",
    hint="Sum x log p + (1 − x) log (1 − p) over the pixels, with p = sigmoid(logits), and turn the sign.",
    mistakes={
        "That averages over the pixels; sum them, or the latent loss will outweigh it.": costs.mean(-1),
        "That averages everything; each image has its own cost, a sum over its pixels.": [
            costs.mean(),
            costs.sum(-1).mean(),
        ],
        "That adds up the images, too; each has its own cost.": costs.sum(),
        "Sum over the pixels, the last dimension.": [costs, costs.sum(0), costs.mean(0)],
        "The sign is wrong: that is log P(x | z), and the cost is its negative.": -costs.sum(-1),
        "The sigmoid is taken twice: with_logits takes logits.": F.binary_cross_entropy_with_logits(
            p_check, pixels_check, reduction="none"
        ).sum(-1),
        "The sigmoid is taken twice.": F.binary_cross_entropy(twice, pixels_check, reduction="none").sum(-1),
        "Half is missing: dark pixels cost −(1 − x) log (1 − p).": -(pixels_check * p_check.log()).sum(-1),
        "Half is missing: bright pixels cost −x log p.": -((1 - pixels_check) * (1 - p_check).log()).sum(-1),
        "Logits and pixels are swapped.": F.binary_cross_entropy_with_logits(
            pixels_check, logits_check, reduction="none"
        ).sum(-1),
        "That is a squared error; pixels are probabilities here.": [
            (p_check - pixels_check).square().sum(-1),
            (logits_check - pixels_check).square().sum(-1),
        ],
        "That compares the logits as if they were probabilities.": [
            -(pixels_check * logits_check + (1 - pixels_check) * (1 - logits_check)).sum(-1),
            -(pixels_check * logits_check.log() + (1 - pixels_check) * (1 - logits_check).log()).sum(-1),
        ],
        "That takes 784 pixels for granted; sum over those of the argument.": 784 * costs.mean(-1),
        "The pixels are made black and white; grey ones count as they are.": [
            F.binary_cross_entropy_with_logits(logits_check, pixels_check.round(), reduction="none").sum(-1),
            F.binary_cross_entropy_with_logits(logits_check, pixels_check.ceil(), reduction="none").sum(-1),
        ],
        "Black and white are swapped: x belongs to log p.": (costs + (2 * pixels_check - 1) * logits_check).sum(-1),
        "That is in bits; use the natural logarithm.": costs.sum(-1) / math.log(2),
    },
)
steep_cost = (F.softplus(steep_check) - sharp_check * steep_check).sum(-1)
checks.equal(
    cross_entropy(steep_check, sharp_check),
    steep_cost,
    what="The cost for logits of ±200",
    hint="Do not take the logarithm of a sigmoid: F.binary_cross_entropy_with_logits or F.softplus stay exact.",
)
leaf = logits_check.clone().requires_grad_()
checks.equal(
    checks.gradient(cross_entropy(leaf, pixels_check).sum(), leaf, what="The cost"),
    p_check - pixels_check,
    what="The derivative of the cost by the logits",
    hint="It is p − x: keep logits and pixels as they are.",
)
costs_of_table = costs.view(5, 2, 4)
checks.equal(
    cross_entropy(logits_check.view(5, 2, 4), pixels_check.view(5, 2, 4)),
    costs_of_table.sum(-1),
    what="The cost of a batch of shape (5, 2)",
    hint="Sum over the last dimension.",
    mistakes={"Sum over the last dimension, whatever stands before it.": costs_of_table.sum(1)},
)
### BEGIN HIDDEN TESTS
cube = torch.linspace(-3, 3, 24).view(2, 3, 4)
checks.equal(
    cross_entropy(cube, cube.sin().square()),
    autoencoders.cross_entropy(cube, cube.sin().square()),
    what="The cost of a batch of shape (2, 3)",
)
### END HIDDEN TESTS
checks.passed(cross_entropy)

# %% [markdown]
# The **latent loss** is the divergence of exercise 6 in lesson 08, a sum over latents, here with its sign so that
# less is better:
#
# $$\mathrm{KL}\big(Q(z \mid x) \,\|\, \mathcal N(0, I)\big) = \tfrac12 \sum_d \big( \mu_d^2 + \sigma_d^2 - 1 - 2 \log
# \sigma_d \big)$$
#
# ### Exercise 4 · Both losses (15 min, ●●●, 3 points)
# Fill `elbo_terms`: encode, draw **one** $z$ for each image, decode, and return both losses, one number each for
# every image. `sample` and `cost` are your functions. `model.encode(x)` gives $\mu$ and $\log \sigma$,
# `model.decode(z)` the logits.
#
# <details><summary>Hint</summary>
#
# $\sigma^2 = e^{2 \log \sigma}$. Sum over the last dimension, average over nothing.
# </details>

# %%
sample, cost = checks.yours(bounds.reparametrise), checks.yours(autoencoders.cross_entropy)


class Watched(vae.VAE):
    """A VAE that remembers which z it decoded, and in which mode."""

    def decode(self, z):
        checks.that(isinstance(z, torch.Tensor), "model.decode got no tensor; pass it z.")
        shape, latents = tuple(z.shape), self.latents
        checks.that(
            shape[-1:] == (latents,), f"z has shape {shape}, but its last dimension is model.latents, here {latents}."
        )
        self.decoded.append((z, self.training, torch.is_grad_enabled()))
        return super().decode(z)

# %%
def watched(latents=3):
    model = Watched(latents, hidden=(7,), pixels=9, generator=torch.Generator().manual_seed(4))
    model.decoded = []
    return model

# %% exercise="vae-elbo-terms"
def elbo_terms(model, x, *, generator):
    """Return reconstruction and latent loss in nats, each of shape (B,), of images x (B, pixels)."""
    ### BEGIN SOLUTION
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss
    ### END SOLUTION

# %% check="vae-elbo-terms-check" points=3
model = watched()
with checks.unchanged(x=batch_check):
    got = elbo_terms(model, batch_check, generator=checks.generator(5))
got_reconstruction, got_latent = checks.parts(got, ("reconstruction", "latent"), what="elbo_terms(…)")
checks.that(len(model.decoded) > 0, "model.decode was not called.")
checks.that(
    len(model.decoded) == 1, f"model.decode was called {len(model.decoded)} times; decode one z for each image."
)
z_check = model.decoded[0][0]
checks.that(
    z_check.shape == (6, 3), f"z has shape {tuple(z_check.shape)}, but (6, 3) was expected: one z for each image."
)
mean_of, log_std_of = model.encode(batch_check)
noise_of = ((z_check - mean_of) / log_std_of.exp()).detach()
checks.that(bool(noise_of.abs().max() > 1e-6), "The mean is decoded; decode a sample of Q.")
checks.that(
    bool((z_check - torch.randn(6, 3, generator=checks.generator(5))).abs().max() > 1e-6),
    "z is drawn from the prior; draw it from Q, with `sample`.",
)
crowd_model = watched()
with torch.no_grad():
    crowd_model.encoder[2].bias[3:] -= 1  # σ far from 1, so that no wrong spread looks right
    elbo_terms(crowd_model, batch_check.repeat(2000, 1), generator=checks.generator(6))
    crowd_mean, crowd_log_std = crowd_model.encode(batch_check.repeat(2000, 1))
    crowd_noise = (crowd_model.decoded[0][0] - crowd_mean) / crowd_log_std.exp()
checks.that(
    bool(crowd_noise.std(1).max() > 1e-3), "All latents get the same noise; each has its own, as in `sample`."
)
checks.that(bool(crowd_noise.std(0).min() > 1e-3), "All images get the same noise; each has its own, as in `sample`.")
for d in range(3):
    noise = crowd_noise[:, d]
    checks.mean(
        noise, 0.0, what=f"The mean of (z − μ)/σ in latent {d}", hint="Give `sample` μ and log σ as they are."
    )
    checks.mean(
        noise**2, 1.0, what=f"The mean of ((z − μ)/σ)² in latent {d}", hint="Give `sample` μ and log σ as they are."
    )
    checks.mean(noise**4, 3.0, what=f"The mean of ((z − μ)/σ)⁴ in latent {d}", hint="The noise is normal.")
z_right = mean_of + log_std_of.exp() * noise_of
pixel_costs = F.binary_cross_entropy_with_logits(vae.VAE.decode(model, z_right), batch_check, reduction="none")
latent_costs = 0.5 * (mean_of**2 + (2 * log_std_of).exp() - 1 - 2 * log_std_of)
as_variance = 0.5 * (mean_of**2 + log_std_of.exp() - 1 - log_std_of)
checks.equal(
    got_reconstruction,
    pixel_costs.sum(-1),
    what="The reconstruction loss of six images",
    hint="It is cost(model.decode(z), x).",
    mistakes={
        "That averages over pixels; sum them.": pixel_costs.mean(-1),
        "Each image has its own loss; average later.": [
            pixel_costs.sum(-1).mean(),
            pixel_costs.mean(),
            pixel_costs.sum(),
        ],
        "The sign is wrong: a loss is −log P(x | z).": -pixel_costs.sum(-1),
        "The sigmoid is taken twice: `cost` takes logits.": cost(
            vae.VAE.decode(model, z_right).sigmoid(), batch_check
        ),
        "That is the latent loss; return the reconstruction first.": latent_costs.sum(-1),
        "That is their sum; return the two losses apart.": pixel_costs.sum(-1) + latent_costs.sum(-1),
    },
)
checks.equal(
    got_latent,
    latent_costs.sum(-1),
    what="The latent loss of six images",
    hint="It is ½ Σ (μ² + σ² − 1 − 2 log σ) over latents.",
    mistakes={
        "That averages over latents; sum them.": latent_costs.mean(-1),
        "Each image has its own loss; average later.": [
            latent_costs.sum(-1).mean(),
            latent_costs.mean(),
            latent_costs.sum(),
        ],
        "The sign is wrong: that is −KL, and a divergence is never negative.": -latent_costs.sum(-1),
        "That takes z_log_std for log σ²; it is log σ, so σ² is exp(2 · z_log_std).": [
            as_variance.sum(-1),
            0.5 * (mean_of**2 + log_std_of.exp() - 1 - 2 * log_std_of).sum(-1),
            0.5 * (mean_of**2 + (2 * log_std_of).exp() - 1 - log_std_of).sum(-1),
        ],
        "That takes z_log_std for σ; it is log σ.": [
            0.5 * (mean_of**2 + log_std_of**2 - 1 - 2 * log_std_of).sum(-1),
            0.5 * (mean_of**2 + log_std_of**2 - 1 - 2 * log_std_of.abs().log()).sum(-1),
        ],
        "The half is missing.": 2 * latent_costs.sum(-1),
        "The −1 is missing: KL of the prior to itself is 0.": (latent_costs + 0.5).sum(-1),
        "The means are missing.": (latent_costs - 0.5 * mean_of**2).sum(-1),
        "Only the means are left; σ counts, too.": 0.5 * (mean_of**2).sum(-1),
        "The means are to be squared.": (latent_costs - 0.5 * mean_of**2 + 0.5 * mean_of).sum(-1),
        "That is log Q(z | x) − log P(z) at the sample: right on average, but the closed form has no noise.": (
            -0.5 * noise_of**2 - log_std_of + 0.5 * z_check**2
        ).sum(-1),
    },
)
heads = model.encoder[2].weight
for which, part, right in (
    ("reconstruction", got_reconstruction, pixel_costs.sum(-1)),
    ("latent", got_latent, latent_costs.sum(-1)),
):
    checks.that(part.requires_grad, f"The {which} loss is cut off: no gradient reaches any weight through it.")
    slopes = [
        torch.autograd.grad(loss.sum(), heads, retain_graph=True, allow_unused=True)[0] for loss in (part, right)
    ]
    slope, wanted_slope = (torch.zeros_like(heads) if one is None else one for one in slopes)
    for name, rows in (("μ", slice(0, 3)), ("log σ", slice(3, 6))):
        checks.equal(
            slope[rows],
            wanted_slope[rows],
            what=f"The gradient of the {which} loss for the head of {name}",
            hint=f"Nothing may cut {name} off: no detach, no no_grad.",
            rtol=1e-3,
        )
### BEGIN HIDDEN TESTS
gauss = watched(2)
seen_losses = elbo_terms(gauss, batch_check[:1], generator=checks.generator(7))
z_one = gauss.decoded[-1][0]
checks.equal(
    seen_losses[0], autoencoders.cross_entropy(vae.VAE.decode(gauss, z_one), batch_check[:1]), what="One image's loss"
)
checks.equal(seen_losses[1], bounds.gaussian_kl(*gauss.encode(batch_check[:1])), what="One image's latent loss")
### END HIDDEN TESTS
checks.reproducible(lambda g: elbo_terms(watched(), batch_check, generator=g)[0], what="The reconstruction loss")
checks.passed(elbo_terms)

# %% [markdown]
# ## 4 · Train
# The loss of a batch is the **mean** over its images of reconstruction + $\beta$ · latent. With $\beta = 1$ that is
# $-\mathcal L$; the **weight of the latent loss** $\beta$ is a knob for section 9.
#
# ### Exercise 5 · A training step (10 min, ●●○, 2 points)
# Fill `training_step`: put the model into training mode, forget old gradients, go one step down, and return the
# means of both losses before it. `terms` is your `elbo_terms`.
#
# <details><summary>Hint</summary>
#
# `model.train()`, `optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`. The weight belongs to one of the
# two losses only.
# </details>

# %%
terms = checks.yours(vae.elbo_terms)


def sure():
    """Return a VAE whose σ is nearly 0, so that every z is its mean, and its optimiser; the same every time."""
    model = watched()
    with torch.no_grad():
        model.encoder[2].bias[3:] -= 12
    return model.eval(), torch.optim.SGD(model.parameters(), lr=1e-2)


def weights_of(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])

# %% exercise="vae-training-step"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    """Take one step on images x (B, pixels); return the means of reconstruction and latent loss, each a number."""
    ### BEGIN SOLUTION
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()
    ### END SOLUTION

# %% check="vae-training-step-check" points=2
def two_steps(loss_of, keep=False, sign=1.0):
    """Return the losses before each of two steps, and the weights after both, with gradients computed here."""
    model, optimizer = sure()
    losses, before = [], 0.0
    for images in batch_check.split(3):
        mean, log_std = model.encode(images)
        pair = autoencoders.cross_entropy(model.decode(mean), images), bounds.gaussian_kl(mean, log_std)
        losses.append([pair[0].mean().item(), pair[1].mean().item()])
        now = torch.cat(
            [
                slope.flatten()
                for slope in torch.autograd.grad(loss_of(*pair), list(model.parameters()), materialize_grads=True)
            ]
        )
        before = before + now if keep else now
        pieces = before.split([parameter.numel() for parameter in model.parameters()])
        for parameter, piece in zip(model.parameters(), pieces):
            parameter.grad = sign * piece.view_as(parameter)
        optimizer.step()
    return losses, weights_of(model)


def right_loss(reconstruction, latent_loss):
    return (reconstruction + 3 * latent_loss).mean()


wanted_losses, wanted_weights = two_steps(right_loss)
model, optimizer = sure()
right_loss(*vae.elbo_terms(model, batch_check[:3], generator=checks.generator(5))).backward()
optimizer.step()
after_step = [part.mean().item() for part in vae.elbo_terms(model, batch_check[:3], generator=checks.generator(5))]
model, optimizer = sure()
got_losses = []
for images in batch_check.split(3):
    step = training_step(model, optimizer, images, 3.0, generator=checks.generator(5))
    got_losses.append(
        [float(part) for part in checks.parts(step, ("reconstruction", "latent"), what="training_step(…)")]
    )
    checks.that(model.decoded[-1][1], "The model is in evaluation mode while it trains: call model.train() first.")
first_sum = [[3 * part for part in wanted_losses[0]], wanted_losses[1]]
checks.equal(
    torch.tensor(got_losses[0]),
    torch.tensor(wanted_losses[0]),
    what="The two losses of the first batch",
    hint="Each is the mean over the images of one of the two terms.",
    rtol=1e-3,
    mistakes={
        "Those are sums over the batch; average.": torch.tensor(first_sum[0]),
        "The weight does not belong into what is returned.": torch.tensor(
            [wanted_losses[0][0], 3 * wanted_losses[0][1]]
        ),
        "Those are the losses after the step; return those before it.": torch.tensor(after_step),
        "The two are swapped: reconstruction first.": torch.tensor(wanted_losses[0][::-1]),
    },
)
checks.equal(
    weights_of(model),
    wanted_weights,
    what="The weights after two steps",
    hint="zero_grad, backward, step, once each, on the mean of reconstruction + weight · latent.",
    rtol=1e-3,
    mistakes={
        "The weights have not moved: call backward, then step, and zero_grad before both.": weights_of(sure()[0]),
        "Gradients of the first batch are left over: call optimizer.zero_grad().": two_steps(right_loss, keep=True)[
            1
        ],
        "That climbs; go down.": two_steps(right_loss, sign=-1.0)[1],
        "The batch is summed; average it.": two_steps(lambda one, two: (one + 3 * two).sum())[1],
        "latent_weight is not used.": two_steps(lambda one, two: (one + two).mean())[1],
        "The weight stands at the reconstruction; it belongs to the latent loss.": two_steps(
            lambda one, two: (3 * one + two).mean()
        )[1],
        "The weight multiplies both losses.": two_steps(lambda one, two: 3 * (one + two).mean())[1],
        "The latent loss is subtracted; add it.": two_steps(lambda one, two: (one - 3 * two).mean())[1],
        "Only the reconstruction is trained.": two_steps(lambda one, two: one.mean())[1],
        "Only the latent loss is trained.": two_steps(lambda one, two: 3 * two.mean())[1],
    },
)
checks.equal(
    torch.tensor(got_losses[1]),
    torch.tensor(wanted_losses[1]),
    what="The losses of the second batch",
    hint="Return the losses before the step.",
    rtol=1e-3,
)
### BEGIN HIDDEN TESTS
ends = []
for take in (training_step, vae.training_step):
    model, _ = sure()
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(3):
        last = take(model, adam, batch_check[:5], generator=checks.generator(8))
    ends.append((torch.tensor([float(part) for part in last]), weights_of(model)))
checks.equal(ends[0][0], ends[1][0], what="The losses of the third step with Adam", rtol=1e-3)
checks.equal(ends[0][1], ends[1][1], what="The weights after three steps with Adam", rtol=1e-3)
### END HIDDEN TESTS


def first_loss(g):
    model = watched()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
    return torch.tensor(float(training_step(model, optimizer, batch_check, generator=g)[0]))


checks.reproducible(first_loss, what="The reconstruction loss of a step")
checks.passed(training_step)

# %% [markdown]
# Everything together, with two latents so that we can look: 8000 digits, six times each.
#
# **Predict** for both losses whether they rise or fall.

# %%
read, step = checks.yours(vae.encode), checks.yours(vae.training_step)


class Plane(vae.VAE):
    """The course's layers, with two latents, read by your `encode`."""

    def encode(self, x):
        return read(self.encoder, x)

# %%
def train(images, latent_weight=1.0, epochs=6, hidden=400, seed=3):
    """Return a VAE trained by your step, and its losses, averaged over twenty steps each."""
    g = torch.Generator().manual_seed(seed)
    model = Plane(2, hidden=(hidden,), generator=g)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, fused=True)
    losses = []
    for rows in (rows for _ in range(epochs) for rows in torch.randperm(len(images), generator=g).split(100)):
        losses.append(torch.as_tensor(step(model, optimizer, images[rows], latent_weight, generator=g)))
    return model.eval(), torch.stack(losses).view(-1, 20, 2).mean(1)


plane, losses = train(x)

# %%
fig, axes = plt.subplots(1, 2, figsize=(8, 3))
steps = 20 * torch.arange(1, len(losses) + 1)
for ax, curve, name in zip(axes, losses.T, ("reconstruction loss", "latent loss")):
    ax.plot(steps, curve, color=plotting.BLUE)
    ax.set(xlabel="steps", ylabel=f"{name}, nats an image", ylim=(0, None))
plotting.level(axes[0], mean_cost.item(), "mean image")
plotting.level(axes[0], entropy(x).mean().item(), "perfect")
plt.show()
shown = x_test[[y_test.tolist().index(digit) for digit in range(10)]]
fig, ax = plt.subplots(figsize=(6, 1.6))
pictures.rows(ax, {"x": shown, "decoded μ": plane.images(plane.encode(shown)[0])})
plt.show()

# %% [markdown]
# **What you see.** The reconstruction falls below the cost of the mean image within fifty steps, since the latents
# carry something. The latent loss is the price: after a dip it **stays** at about 5 nats. Rebuilt from two numbers,
# a digit keeps its kind at best.
#
# ## 5 · Generate
# No image goes in: draw $z$ from the **prior** and decode. Show the mean of $P(x \mid z)$, the probabilities $p$.
# To draw each pixel black or white would only add dust.
#
# ### Exercise 6 · Generate (10 min, ●●○, 2 points)
# Fill `generate`, in evaluation mode and without gradients. `model.latents` is $Z$.
#
# <details><summary>Hint</summary>
#
# `model.eval()`, `torch.no_grad()`, `torch.randn`. The decoder gives logits; `.sigmoid()` makes probabilities.
# </details>

# %% exercise="vae-generate"
def generate(model, images, *, generator):
    """Return that many new images as probabilities of white, shape (images, pixels)."""
    ### BEGIN SOLUTION
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, model.latents, generator=generator)
        return model.decode(z).sigmoid()
    ### END SOLUTION

# %% check="vae-generate-check" points=2
def spied():
    """Return a VAE in training mode whose encoder must not be called."""
    model = watched().train()
    model.encode = lambda x: checks.fail("Something is encoded; new images start from the prior, not from data.")
    return model


model = spied()
new = generate(model, 20_000, generator=checks.generator(5))
checks.that(len(model.decoded) > 0, "model.decode was not called.")
z_seen = torch.cat([z.reshape(-1, 3) for z, _, _ in model.decoded])
checks.that(
    z_seen.shape == (20_000, 3), f"The decoder got z of shape {tuple(z_seen.shape)}, but (20000, 3) was expected."
)
checks.that(
    not any(mode for _, mode, _ in model.decoded), "The model generates in training mode: call model.eval() first."
)
checks.that(not any(grad for _, _, grad in model.decoded), "Gradients are recorded; generate inside torch.no_grad().")
checks.that(bool(z_seen.std(1).max() > 1e-3), "All latents of an image are the same; draw images × latents numbers.")
checks.that(bool(z_seen.std(0).min() > 1e-3), "All images have the same z; draw images × latents numbers.")
checks.that(bool(z_seen.min() < -1), "z is never negative, as if uniform: use torch.randn.")
for d in range(3):
    checks.mean(z_seen[:, d], 0.0, what=f"The mean of z in latent {d}", hint="The prior is N(0, I).")
    checks.mean(
        z_seen[:, d] ** 2, 1.0, what=f"The variance of z in latent {d}", hint="The prior N(0, I) has variance 1."
    )
    checks.mean(
        z_seen[:, d] ** 4, 3.0, what=f"The fourth moment of z in latent {d}", hint="The prior is normal: use randn."
    )
    checks.mean(
        z_seen[:, d] * z_seen[:, d - 1], 0.0, what="The product of two latents, on average,", hint="Draw them apart."
    )
    checks.mean(
        z_seen[::2, d] * z_seen[1::2, d],
        0.0,
        what="The product of two images' z, on average,",
        hint="Draw them apart.",
    )
with torch.no_grad():
    made = vae.VAE.decode(model, z_seen)
checks.equal(
    new,
    made.sigmoid(),
    what="The new images",
    hint="They are the sigmoid of what the decoder gives.",
    mistakes={
        "Those are logits; images are probabilities: apply the sigmoid.": made,
        "The sigmoid is applied twice.": made.sigmoid().sigmoid(),
        "Those are black and white; return the probabilities.": (made > 0).float(),
        "That is the exponential; a probability is the sigmoid of the logit.": made.exp(),
    },
)
checks.that(
    generate(watched(2), 4, generator=checks.generator(5)).shape == (4, 9),
    "With two latents and four images, the shape is not (4, 9): take model.latents and images from the arguments.",
)
checks.reproducible(lambda g: generate(watched(), 4, generator=g), what="What generate returns")
### BEGIN HIDDEN TESTS
other = watched(5)
three = generate(other, 3, generator=checks.generator(2))
with torch.no_grad():
    wanted = vae.VAE.decode(other, torch.cat([z.reshape(-1, 5) for z, _, _ in other.decoded])).sigmoid()
checks.equal(three, wanted, what="Three images of another model")
### END HIDDEN TESTS
checks.passed(generate)

# %%
create = checks.yours(vae.generate)
fig, ax = plt.subplots(figsize=(6, 1.6))
new = create(plane, 20, generator=torch.Generator().manual_seed(1))
pictures.rows(ax, {"new": new[:10], "and more": new[10:]})
plt.show()

# %% [markdown]
# **What you see.** Twenty digits that nobody has written, blurred, most of them readable: the prior now leads where
# codes are.

# %% [markdown]
# ## 6 · The latent plane
# Cut the prior into $n \times n$ cells of equal probability: along each axis, take the quantiles $(i + \tfrac12)/n$
# of $\mathcal N(0, 1)$, for $i = 0, \ldots, n - 1$, and decode all points.
#
# ### Exercise 7 · Manifold (15 min, ●●○, 3 points)
# Fill `manifold`: one picture, $z_1$ growing from left to right and $z_2$ from **bottom to top**, in evaluation
# mode and without gradients, as before.
#
# <details><summary>Hint 1</summary>
#
# `torch.special.ndtri` turns probabilities into quantiles. `latent.tile` lays images of shape (rows, columns,
# pixels) side by side; its first row is the top.
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.meshgrid(across, up, indexing="xy")` and `torch.stack(…, -1)` give the points. Which axis must be flipped?
# </details>

# %% exercise="vae-manifold"
def manifold(model, n):
    """Return the picture of n × n decoded points, shape (n · side, n · side), for a model with two latents."""
    ### BEGIN SOLUTION
    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)
    ### END SOLUTION

# %% check="vae-manifold-check" points=3
flat_model = watched(2)
cuts = torch.special.ndtri((torch.arange(4) + 0.5) / 4)


def laid(across, down, decoded=lambda logits: logits.sigmoid()):
    """Return the picture of the points (across_j, down_i)."""
    points = torch.stack([across.expand(4, 4), down.unsqueeze(1).expand(4, 4)], -1)
    with torch.no_grad():
        images = decoded(vae.VAE.decode(flat_model, points))
    return images.view(4, 4, 3, 3).transpose(1, 2).reshape(12, 12)


got = manifold(flat_model, 4)
even = torch.linspace(-2, 2, 4)
checks.equal(
    got,
    laid(cuts, cuts.flip(0)),
    what="The picture of 4 × 4 points",
    hint="Points are the quantiles (i + ½)/n of N(0, 1), z₁ to the right, z₂ upwards, decoded to probabilities.",
    rtol=1e-3,
    mistakes={
        "z₂ grows downwards; it has to grow upwards: flip it.": laid(cuts, cuts),
        "The digits stand upside down: flip the points, not the picture.": laid(cuts, cuts).flip(0),
        "Every digit is mirrored: flip the points, not the picture.": laid(cuts.flip(0), cuts.flip(0)).flip(1),
        "Every digit lies on its side: exchange the points, not the picture's axes.": [
            laid(cuts, cuts).T,
            laid(cuts, cuts.flip(0)).T,
            laid(cuts.flip(0), cuts).T,
        ],
        "z₁ grows to the left.": [laid(cuts.flip(0), cuts.flip(0)), laid(cuts.flip(0), cuts)],
        "The axes are swapped: z₁ runs from left to right.": [
            laid(cuts, cuts.flip(0)).view(4, 3, 4, 3).permute(2, 1, 0, 3).reshape(12, 12),
            latent.tile(
                vae.VAE.decode(flat_model, torch.stack(torch.meshgrid(cuts, cuts, indexing="ij"), -1))
                .sigmoid()
                .detach()
            ),
            latent.tile(
                vae.VAE.decode(flat_model, torch.stack(torch.meshgrid(cuts, cuts.flip(0), indexing="ij"), -1))
                .sigmoid()
                .detach()
            ),
            latent.tile(
                vae.VAE.decode(flat_model, torch.stack(torch.meshgrid(cuts.flip(0), cuts, indexing="ij"), -1))
                .sigmoid()
                .detach()
            ),
        ],
        "Those are logits; apply the sigmoid.": laid(cuts, cuts.flip(0), lambda logits: logits),
        "The points are evenly spaced; take quantiles of N(0, 1), with torch.special.ndtri.": [
            laid(points, points.flip(0))
            for points in (even, 1.5 * even, 0.5 * even, torch.linspace(-1, 1, 4), torch.linspace(-2.5, 2.5, 4))
        ],
        "Those are probabilities; turn them into quantiles with torch.special.ndtri.": laid(
            (torch.arange(4) + 0.5) / 4, ((torch.arange(4) + 0.5) / 4).flip(0)
        ),
        "The quantiles are (i + ½)/n; the one of 0 is −∞, of 1 it is ∞.": [
            laid(torch.special.ndtri(torch.arange(1, 5) / 4), torch.special.ndtri(torch.arange(1, 5) / 4).flip(0)),
            laid(torch.special.ndtri(torch.arange(4) / 4), torch.special.ndtri(torch.arange(4) / 4).flip(0)),
            laid(torch.special.ndtri(torch.linspace(0, 1, 4)), torch.special.ndtri(torch.linspace(0, 1, 4)).flip(0)),
        ],
        "The quantiles are (i + ½)/n, from i = 0 on.": [
            laid(torch.special.ndtri(shares), torch.special.ndtri(shares).flip(0))
            for shares in (torch.arange(1, 5) / 5, torch.linspace(0.05, 0.95, 4), torch.linspace(0.01, 0.99, 4))
        ],
    },
)
checks.that(not got.requires_grad, "Gradients are recorded; decode inside torch.no_grad().")
checks.that(
    not any(mode for _, mode, _ in flat_model.decoded), "The model decodes in training mode: call model.eval() first."
)
### BEGIN HIDDEN TESTS
checks.equal(manifold(flat_model, 3), vae.manifold(flat_model, 3), what="The picture of 3 × 3 points", rtol=1e-3)
checks.equal(manifold(flat_model, 1), vae.manifold(flat_model, 1), what="The picture of one point", rtol=1e-3)
### END HIDDEN TESTS
checks.passed(manifold)

# %%
overview = checks.yours(vae.manifold)
with torch.no_grad():
    codes = plane.encode(x_test)[0]
fig, axes = plt.subplots(1, 2, figsize=(7.6, 3.8))
axes[0].imshow(overview(plane, 12), cmap="gray")
axes[0].set(xticks=[], yticks=[], xlabel="$z_1$, by quantiles", ylabel="$z_2$, by quantiles")
for digit in range(10):
    middle = codes[y_test == digit].median(0).values
    axes[1].plot(*codes[y_test == digit].T, ".", markersize=2, color=plt.cm.tab10(digit))
    axes[1].text(
        *middle, str(digit), weight="bold", ha="center", va="center", bbox={"color": "white", "alpha": 0.7, "pad": 1}
    )
axes[1].set(xlabel="$z_1$", ylabel="$z_2$", xlim=(-4, 4), ylim=(-4, 4))
plt.show()

# %% [markdown]
# **What you see.** Left, the plane as the prior weighs it; right, where the encoder puts test digits. Neighbours
# look alike, and kinds of digits that share strokes border on each other.

# %% [markdown]
# Fly over the plane. Where does one digit become another, and is there anything in between that is none?

# %% tags=["nbval-ignore-output"]
@interact(z1=FloatSlider(0.0, min=-3, max=3, step=0.1), z2=FloatSlider(0.0, min=-3, max=3, step=0.1))
def fly(z1, z2):
    fig, axes = plt.subplots(1, 2, figsize=(5.4, 2.6))
    axes[0].scatter(*codes.T, s=1, c=y_test, cmap="tab10")
    axes[0].plot(z1, z2, "P", color="black", markersize=10, markeredgecolor="white")
    axes[0].set(xlabel="$z_1$", ylabel="$z_2$", xlim=(-4, 4), ylim=(-4, 4))
    pictures.rows(axes[1], {"": plane.images(torch.tensor([[z1, z2]]))})
    plt.show()

# %%
ends = plane.encode(shown[:2])[0]
rows = {
    "codes": plane.images(latent.interpolate(*ends, 10)),
    "pixels": torch.lerp(shown[0], shown[1], torch.linspace(0, 1, 10).unsqueeze(1)),
}
fig, ax = plt.subplots(figsize=(6, 1.6))
pictures.rows(ax, rows)
plt.show()

# %% [markdown]
# **What you see.** Without a kernel: a straight flight from a 0 to a 1. The codes pass through other shapes, some
# near a 3; a mixture of pixels is two faint digits on top of each other.

# %% [markdown]
# ## 7 · Faces: what do the axes mean?
# The lecture shows a latent plane of faces, where one way turns the head and another changes the mood. Nobody told
# the model. Our faces are drawn by a formula from **pose** and **mood**, so here it can be measured.
#
# **Predict**: will $z_1$ be pose and $z_2$ mood, or the other way round, or neither?

# %%
crowd = faces.dataset(4000, generator=torch.Generator().manual_seed(6))
gallery, _ = train(crowd.x, epochs=20, hidden=256)
unseen = faces.dataset(1000, generator=torch.Generator().manual_seed(7))
face_codes = gallery.encode(unseen.x)[0].detach()
factors = torch.stack([unseen.pose, unseen.mood], -1)

# %%
fig, axes = plt.subplot_mosaic("AB;AC", figsize=(7, 3.4), width_ratios=(1.3, 1), layout="constrained")
axes["A"].imshow(overview(gallery, 6), cmap="gray", vmin=0, vmax=1)
axes["A"].set(xticks=[], yticks=[], xlabel="$z_1$, by quantiles", ylabel="$z_2$, by quantiles")
for ax, factor, name in zip((axes["B"], axes["C"]), factors.T, ("pose", "mood")):
    dots = ax.scatter(*face_codes.T, s=4, c=factor, cmap="cividis")
    fig.colorbar(dots, ax=ax, label=name)
    ax.set(xlabel="$z_1$", ylabel="$z_2$")
plt.show()
by_line = latent.explained(face_codes, factors).sqrt()
print(f"correlation of pose with the best line in z above 0.98: {bool(by_line[0] > 0.98)}")
print(f"correlation of mood with the best line in z above 0.98: {bool(by_line[1] > 0.98)}")

# %% [markdown]
# **What you see.** To the right the mood brightens, upwards the head turns: each factor has a direction of its own.
# Here the directions are nearly the axes. Train with seed 4 or 6 and they are turned: the prior is round, so no
# loss prefers one pair of axes to another. But there, too, a line in $z$ gives each factor.

# %% [markdown]
# ## 8 · More latents
# Two numbers are few. The course ships VAEs with $Z = 2, 5, 10, 20, 50$, thirty epochs each
# (`helpers/pretrained.py`). Three measures on test digits: $-\mathcal L$; a tighter bound on $-\log P(x)$ from 50
# importance samples (lesson 08); and the number of **active** latents: those for which the variance of $\mu$ over
# the images exceeds 0.1.
#
# **Predict**: is $Z = 50$ much better than $Z = 20$?

# %%
sizes = (2, 5, 10, 20, 50)
models = {size: pretrained.digits_vae(size) for size in sizes}
g = torch.Generator().manual_seed(2)
rows, spent, half_test = {}, {}, x_test[::2]
print("  Z   −ELBO   −log P(x) at most   active")
for size, model in models.items():
    reconstruction, latent_loss = vae.evaluate(model, half_test, generator=g)
    tighter = -vae.importance_weighted(model, half_test, 50, generator=g).mean()
    z_mean, z_log_std = (part.detach() for part in model.encode(x_test))
    spent[size] = bounds.gaussian_kl_by_dimension(z_mean, z_log_std).mean(0).sort(descending=True).values
    active = latent.active_dimensions(z_mean, 0.1).sum()
    print(f"{size:3} {reconstruction + latent_loss:7.1f} {tighter:13.1f} {active:14}")
    rows[f"Z = {size}"] = create(model, 12, generator=torch.Generator().manual_seed(1))

# %%
fig, ax = plt.subplots(figsize=(6, 2.8))
pictures.rows(ax, rows)
plt.show()
fig, ax = plt.subplots()
plotting.curves(ax, {f"Z = {size}": spent[size] for size in (5, 20, 50)})
ax.set(xlabel="latent, by what it carries", ylabel="its KL, nats", xlim=(0, 58))
plt.show()

# %% [markdown]
# **What you see.** The bound falls from 161 to 111 nats and then no further. Each of 5 latents carries two nats; of
# 50, some 27 do the work, and the others stay at the prior, where they cost next to nothing. Samples get sharper
# and more varied, and some of the sharp ones are no digit.

# %% [markdown]
# ## 9 · The weight of the latent loss
# Now the other knob, $\beta$ in reconstruction + $\beta$ · latent. First with two latents and your own training
# step.
#
# **Predict**: $\beta = 50$, what will the map of codes look like? And $\beta = 0.01$?

# %%
planes = {0.01: train(x, 0.01)[0], 1: plane, 50: train(x, 50.0)[0]}
g = torch.Generator().manual_seed(4)
from_prior = torch.randn(2000, 2, generator=g)
fig, axes = plt.subplots(1, 3, figsize=(8, 2.8), sharey=True)
for ax, (weight, model) in zip(axes, planes.items()):
    z = bounds.reparametrise(*model.encode(x_test), generator=g).detach()
    ax.plot(*from_prior[::4].T, ".", markersize=1, color=plotting.BLACK)
    ax.scatter(*z[::2].T, s=1, c=y_test[::2], cmap="tab10")
    ax.set(title=f"weight {weight}", xlabel="$z_1$", xlim=(-10, 10), ylim=(-10, 10))
    wide, holes = z.std() > 2, latent.hole_share(from_prior, z) > 0.05
    print(f"weight {weight}: codes spread beyond 2 {bool(wide)}, a twentieth of the prior in holes {bool(holes)}")
axes[0].set_ylabel("$z_2$")
plt.show()

# %% [markdown]
# **What you see.** Black: the prior. At 0.01 the codes fly apart in arms with gaps between, and the prior knows
# only their middle. At 1 they cover it. At 50 every image gets the prior itself, whatever it shows.
#
# Now as pictures and numbers, with $Z = 20$. Call an image **alien** if the model of weight 1 rebuilds it worse
# than 99 % of what the drawing model itself rebuilds from real digits: so blur alone makes no alien.

# %%
weights = (0.01, 0.1, 1, 4, 20, 50)
models = {weight: pretrained.digits_vae(20, weight) for weight in weights}
judge = models[1]


@torch.no_grad()
def surprise(images):
    """Return how much worse than perfectly the model of weight 1 rebuilds images, nats (N,)."""
    return cost(judge.decode(judge.encode(images)[0]), images) - entropy(images)


losses = {weight: vae.evaluate(model, x_test, generator=g) for weight, model in models.items()}

# %%
print("weight   reconstruction    KL   alien")
rebuilt, drawn = {"x": shown[::2]}, {"real": shown[1::2]}
for weight, model in models.items():
    z = bounds.reparametrise(*model.encode(x_test[::2]), generator=g)
    usual = surprise(model.images(z)).quantile(0.99)  # 99 % of its own reconstructions surprise less
    alien = (surprise(create(model, 1000, generator=g)) > usual).double().mean()
    print(f"{weight:6} {losses[weight][0]:16.1f} {losses[weight][1]:6.1f} {alien:6.0%}")
    rebuilt[f"weight {weight}"] = model.images(model.encode(shown[::2])[0])
    drawn[f"weight {weight}"] = create(model, 5, generator=torch.Generator().manual_seed(1))
print(f"weight 50 costs as much as the mean image, to 0.5 nats: {bool((losses[50][0] - mean_cost).abs() < 0.5)}")

# %%
fig, axes = plt.subplots(1, 2, figsize=(6, 2.6))
for ax, rows, name in zip(axes, (rebuilt, drawn), ("rebuilt", "drawn from the prior")):
    pictures.rows(ax, rows).set_title(name)
plt.show()

# %% [markdown]
# **What you see.** A small weight rebuilds best and draws worst: a quarter of its images are aliens. A large one
# rebuilds worst: at 20 the codes still tell 0.4 nats, enough for a 0; at 50 every code covers the whole prior, so
# the decoder learns nothing from it and answers with the **average image**, at its price. From $\beta = 1$ on the
# loss is a bound on $-\log P(x)$, and at 1 it is the tightest.

# %% [markdown]
# ## 10 · Five patients
# Five people trained a VAE with ten latents, and each made one mistake. On the chart of each: both losses while it
# trained (dashed: a healthy one), what it rebuilds, what it draws, and its mean $\sigma$.

# %%
charts = {
    name: clinic.admit(name, x, shown[::2], generator=torch.Generator().manual_seed(3))
    for name in ("healthy", *"ABCDE")
}


def chart(name, axes):
    steps = 10 * torch.arange(1, len(charts[name].curves) + 1)
    for curve, usual, colour in zip(
        charts[name].curves.T, charts["healthy"].curves.T, (plotting.BLUE, plotting.VERMILLION)
    ):
        axes[0].plot(steps, curve, color=colour)
        axes[0].plot(steps, usual, "--", color=colour, linewidth=0.8)
    axes[0].set(ylim=(0, 600), ylabel="nats", title=f"{name}: mean $\\sigma$ = {charts[name].spread:.2f}")
    pictures.rows(axes[1], {"x": shown[::2], "rebuilt": charts[name].rebuilt, "drawn": charts[name].drawn})

# %%
fig, axes = plt.subplots(6, 2, figsize=(5.6, 7.6), width_ratios=(1, 1.2), layout="constrained")
for name, row in zip(charts, axes):
    chart(name, row)
axes[-1, 0].set_xlabel("steps (blue: reconstruction, red: latent)")
plt.show()

# %% [markdown]
# 1. The latent loss has the wrong sign.
# 2. The latent loss is missing.
# 3. The reconstruction is averaged over the pixels instead of summed.
# 4. The loss compares with the negative, $1 - x$.
# 5. Nothing is drawn: the decoder gets $\mu$.
# 6. The sigmoid is applied twice.
# 7. The learning rate is a hundred times too large.
# 8. What it draws starts from a wider distribution than the prior.

# %% [markdown]
# ### Exercise 8 · Diagnose (20 min, ●●●, 5 points)
# Fill `diagnose`: the number of the mistake of A, B, C, D and E, as one string of five digits.
#
# <details><summary>Hint</summary>
#
# Ask of each: does it rebuild? Does it draw? What would the missing piece have pulled on: on $\mu$, on $\sigma$, on
# both? What does an image cost that is grey everywhere?
# </details>

# %% exercise="vae-diagnose"
def diagnose():
    ### BEGIN SOLUTION
    return "56382"
    ### END SOLUTION

# %% check="vae-diagnose-check" points=5
answer = diagnose()
checks.that(answer is not None, "diagnose() is None. Does the function end with return?")
found = "".join(map(str, answer if isinstance(answer, list | tuple) else [answer])).replace(" ", "").replace(",", "")
checks.that(
    len(found) == 5 and set(found) <= set("12345678"),
    "Return five digits from 1 to 8, for A, B, C, D and E, in one string.",
)
sealed = ["0f978f6c", "7bc2e919", "70fc49b4", "6cc0359f", "4ae21ffb"]
hints = {
    "A": "It rebuilds better than the healthy one, and σ is 1.00, what the latent loss alone wants: who ignores it?",
    "B": "Its reconstruction costs 784 · log 2 = 543 nats: every p is near ½. Why are no logits negative?",
    "C": "It costs what the mean image costs and its latent loss is 0: one of the two losses is far too light.",
    "D": "Curves and reconstructions are the healthy one's: it was trained well. What is left?",
    "E": "Its latent loss grows as the reconstruction gains by it: nothing holds the codes or drives them out.",
}
for (patient, hint), got, wanted in zip(hints.items(), found, sealed):
    checks.that(
        checks.seal(f"patient {patient}: {got}") == wanted, f"Patient {patient} does not suffer from {got}. {hint}"
    )
checks.passed(diagnose)

# %% [markdown]
# ### Exercise 9 · Why a Gaussian encoder? (20 min, ●●○, 3 points, graded by a person)
# Explain in six to ten sentences: (a) three reasons for a Gaussian $Q(z \mid x)$ with independent latents, of which
# at least one is no convenience of computation; (b) what it costs when the true posterior is no Gaussian, and to
# which quantity of lesson 08 that cost is equal; (c) why a Gaussian encoder and a Gaussian prior do **not** make
# $P(x)$ a Gaussian.

# %% [markdown] written="vae-why" points=3
# ### BEGIN SOLUTION
# (a) Its divergence to the prior has a closed form, so the latent loss needs no samples. A sample is a
# differentiable function of μ, σ and noise without parameters, so one z is enough to train. And among all
# distributions with a given mean and variance the Gaussian has the largest entropy: it says nothing about z beyond
# where it is and how sure the encoder is, so it adds no assumption.
#
# (b) The bound then stays below log P(x) even for the best encoder: the gap is KL(Q(z | x) ‖ P(z | x)). With two
# separate explanations for an image, Q has to choose one of them; with latents that depend on each other given x, Q
# cannot say so. Training also bends the decoder towards models whose posterior is nearly Gaussian, since that
# closes the gap as well.
#
# (c) P(x) is the mean of P(x | z) over the prior, and the decoder is a curved function of z. A mixture of
# infinitely many simple distributions along a curve can have almost any shape: the bow of lesson 08 was one. Q is
# only a tool to find that mixture; nothing is drawn from it when the model generates.
#
# **Rubric.** 1 point each: (a) closed form, reparametrisation, and largest entropy (or: the posterior tends to a
# Gaussian as an image determines its z); (b) the gap KL(Q ‖ posterior), with what goes wrong; (c) the decoder is
# not linear, so the mixture is not Gaussian.
# ### END SOLUTION

# %% [markdown]
# ## Summary
# - Encoder $Q(z \mid x) = \mathcal N(\mu, \sigma^2)$ with heads $\mu$ and $\log \sigma$; sample $z = \mu + \sigma \odot
#   \varepsilon$; decoder gives $P(x \mid z)$.
# - Loss $= -\log P(x \mid z) + \beta \cdot \tfrac12 \sum_d (\mu_d^2 + \sigma_d^2 - 1 - 2 \log \sigma_d)$: summed over
#   pixels and latents, averaged over images. With $\beta = 1$ it is $-\mathcal L \ge -\log P(x)$.
# - To generate: $z \sim \mathcal N(0, I)$, decode.
# - More latents: sharper, up to a number that the data decide. Too large a $\beta$: every image is the average; too
#   small: holes, and aliens.

# %% [markdown]
# **References.** The lecture, part 2, from training a VAE to its end. Kingma and Welling (2014), sections 2 and 3,
# appendices A and B. Rezende, Mohamed and Wierstra (2014). Burda, Grosse and Salakhutdinov (2016), sections 3 and
# 4. Higgins et al. (2017) for the weight of the latent loss. LeCun and Cortes (1998) for the digits.
#
# This is the last lesson. Where the two halves of the course meet is section 9 of lesson 08: one gradient, by the
# score or by the path.
