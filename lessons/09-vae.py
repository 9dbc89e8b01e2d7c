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
import matplotlib.pyplot as plt
import torch
from IPython.display import display
from ipywidgets import FloatSlider, interact
from torch.nn import functional as F

from checks import vae as check
from checks.exercise import yours
from helpers import autoencoders, bounds, clinic, data, faces, latent, layers, pictures, plotting, pretrained, vae
from helpers.widgets import Progress

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
#
# *Your guess:* …

# %%
x, _, x_test, y_test = data.digits()
g = torch.Generator().manual_seed(1)
first_network = layers.perceptron([784, 400, 6], generator=g)  # Z = 3: six numbers for each image
output = first_network(x_test[:2])
print("last layer:", output.detach())
print("σ of the first image:", output[0, 3:].exp().detach())

# %% [markdown]
# **The prediction.** Near 1: small random weights give numbers near 0, and $e^0 = 1$.
#
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
check.encode(encode)
### BEGIN HIDDEN TESTS
check.encode(encode, latents=(2, 4), pixels=5, shapes=((6,), (3, 4, 2), (4, 1), ()), seed=7)
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · A sample that lets gradients pass
# $z = \mu + \sigma \odot \varepsilon$ with $\varepsilon \sim \mathcal N(0, I)$: the noise has no parameters, so
# derivatives reach $\mu$ and $\sigma$. You wrote it inside the bound in lesson 08; here it stands alone, and it has
# to be right.
#
# **Predict**: $\partial z / \partial \log \sigma$ for one latent. What if the noise happens to be 0?
#
# *Your guess:* …

# %% [markdown]
# ### Exercise 2 · Reparametrise (10 min, ●●○, 3 points)
# Fill `reparametrise`. Every latent of every image has its own noise.
#
# <details><summary>Hint</summary>
#
# `torch.randn(z_mean.shape, generator=generator)` is the noise, `z_log_std.exp()` is $\sigma$.
# </details>

# %% exercise="vae-reparametrise"
def reparametrise(z_mean, z_log_std, *, generator):
    """Return one z ~ N(z_mean, σ²) for each mean, shape (..., Z), through which gradients reach both arguments."""
    ### BEGIN SOLUTION
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + z_log_std.exp() * noise
    ### END SOLUTION

# %% check="vae-reparametrise-check" points=3
check.reparametrise(reparametrise)
### BEGIN HIDDEN TESTS
check.reparametrise(reparametrise, means=(1.6, -0.3), log_stds=(0.6, -0.9), images=15_000, seed=9)
### END HIDDEN TESTS

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
#
# *Your guess:* …

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

# %% exercise="vae-cross-entropy"
def cross_entropy(logits, x):
    """Return −log P(x | z) in nats, shape (...), for logits and pixels x in [0, 1] of shape (..., pixels)."""
    ### BEGIN SOLUTION
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)
    ### END SOLUTION

# %% check="vae-cross-entropy-check" points=2
check.cross_entropy(cross_entropy)
### BEGIN HIDDEN TESTS
check.cross_entropy(cross_entropy, logits=((-0.6, 3, 1.1), (0, -2.5, 0.8)), pixels=((0.4, 1, 0), (0, 0.5, 0.9)))
check.cross_entropy(cross_entropy, steep=((-300.0, 120.0, 95.0), (-140.0, 0.0, 170.0)))
### END HIDDEN TESTS

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
sample, cost = yours(bounds.reparametrise), yours(autoencoders.cross_entropy)

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
check.elbo_terms(elbo_terms)
### BEGIN HIDDEN TESTS
check.elbo_terms(elbo_terms, images=5, pixels=7, latents=2, seed=8)
### END HIDDEN TESTS

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
terms = yours(vae.elbo_terms)

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
check.training_step(training_step)
### BEGIN HIDDEN TESTS
check.training_step(training_step, batches=(3, 5), pixels=6, latents=2, weight=0.4, seed=8)
### END HIDDEN TESTS

# %% [markdown]
# Everything together, with two latents so that we can look: 8000 digits, six times each.
#
# **Predict** for both losses whether they rise or fall.
#
# *Your guess:* …

# %%
read, step = yours(vae.encode), yours(vae.training_step)


class Plane(vae.VAE):
    """The course's layers, with two latents, read by your `encode`."""

    def encode(self, x):
        return read(self.encoder, x)

# %%
def train(images, latent_weight=1.0, epochs=6, hidden=400, seed=3, step=step):
    """Return a VAE trained by your step, and its losses, averaged over twenty steps each."""
    g = torch.Generator().manual_seed(seed)
    model = Plane(2, hidden=(hidden,), generator=g)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, fused=True)
    batches = (rows for _ in range(epochs) for rows in torch.randperm(len(images), generator=g).split(100))
    losses, live = [], Progress(epochs * len(images) // 100, "loss in nats")
    display(live.box)
    for number, rows in enumerate(batches, 1):
        losses.append(torch.as_tensor(step(model, optimizer, images[rows], latent_weight, generator=g)))
        if number % 40 == 0:
            live(number, torch.stack(losses[-40:]).mean(0) @ torch.tensor([1, latent_weight]))
    return model.eval(), torch.stack(losses).view(-1, 20, 2).mean(1)

# %% tags=["nbval-ignore-output"]
plane, losses = train(x)

# %%
fig, axes = plt.subplots(1, 2, figsize=(8, 3))
steps = 20 * torch.arange(1, len(losses) + 1)
for ax, curve, name in zip(axes, losses.T, ("reconstruction loss", "latent loss")):
    ax.plot(steps, curve, color=plotting.BLUE)
    ax.set(xlabel="steps", ylabel=f"{name}, nats an image", ylim=(0, None))
plotting.level(axes[0], mean_cost.item(), "mean image")
plotting.level(axes[0], entropy(x).mean().item(), "perfect")
for name in axes[0].texts:
    name.set_x(0.7)  # the curve is lower there
plt.show()
shown = x_test[[y_test.tolist().index(digit) for digit in range(10)]]
fig, ax = plt.subplots(figsize=(6, 1.6))
plotting.image_rows(ax, {"x": shown, "decoded μ": plane.images(plane.encode(shown)[0])})
plt.show()

# %% [markdown]
# **What you see.** The reconstruction falls below the cost of the mean image within sixty steps, since the latents
# carry something. The latent loss is the price: it **stays** near 5 nats. Rebuilt from two numbers,
# a digit keeps its kind at best.
#
# ## 5 · Generate
# No image goes in: draw $z$ from the **prior** and decode. Show the mean of $P(x \mid z)$, the probabilities $p$.
# To draw each pixel black or white would only add dust.
#
# ### Exercise 6 · Generate (10 min, ●●○, 2 points)
# Fill `generate`, in evaluation mode and under `torch.no_grad()`. `model.latents` is $Z$.
#
# <details><summary>Hint</summary>
#
# `model.eval()` and `torch.randn`. The decoder gives logits; `.sigmoid()` makes probabilities.
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
check.generate(generate)
### BEGIN HIDDEN TESTS
check.generate(generate, sizes=((5_000, 5, 4), (3, 2, 7), (1, 4, 9)), seed=8)
### END HIDDEN TESTS

# %%
create = yours(vae.generate)
fig, ax = plt.subplots(figsize=(6, 1.6))
new = create(plane, 20, generator=torch.Generator().manual_seed(1))
plotting.image_rows(ax, {"new": new[:10], "and more": new[10:]})
plt.show()

# %% [markdown]
# **What you see.** Twenty digits that nobody has written, blurred, half of them or more readable: the prior now
# leads where codes are.

# %% [markdown]
# ## 6 · The latent plane
# Cut the prior into $n \times n$ cells of equal probability: along each axis, take the quantiles $(i + \tfrac12)/n$
# of $\mathcal N(0, 1)$, for $i = 0, \ldots, n - 1$, and decode all points.
#
# ### Exercise 7 · Manifold (15 min, ●●○, 3 points)
# Fill `manifold`: one picture, $z_1$ growing from left to right and $z_2$ from **bottom to top**, in evaluation
# mode and under `torch.no_grad()`, as before.
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
check.manifold(manifold)
### BEGIN HIDDEN TESTS
check.manifold(manifold, sizes=((3, 2), (2, 4), (6, 1)), seed=8)
### END HIDDEN TESTS

# %%
overview = yours(vae.manifold)
with torch.no_grad():
    codes = plane.encode(x_test)[0]
fig, axes = plt.subplots(1, 2, figsize=(6.2, 3.1))
axes[0].imshow(overview(plane, 10), cmap="gray")
pictures.describe(axes[0], "10 by 10 decoded digits")
axes[0].set(xticks=[], yticks=[], xlabel="$z_1$, by quantiles", ylabel="$z_2$, by quantiles")
name_tag = {"weight": "bold", "size": 8, "ha": "center", "bbox": {"color": "white", "alpha": 0.5, "pad": 0}}
for digit in range(10):
    axes[1].plot(*codes[y_test == digit].T, ".", markersize=2, color=plt.cm.tab10(digit))
    axes[1].text(*codes[y_test == digit].median(0).values, str(digit), **name_tag)
axes[1].set(xlabel="$z_1$", ylabel="$z_2$", xlim=(-5, 5), ylim=(-5, 5))
pictures.describe(axes[1], "the codes of test digits, one colour and its name for each digit")
plt.show()

# %% [markdown]
# **What you see.** Left, the plane as the prior weighs it, out to ±1.64; right, out to ±5, where the encoder puts test
# digits, many of them beyond the left picture. Neighbours look alike, and kinds of digits that share strokes border on
# each other.

# %% [markdown]
# Fly over the plane. Where does one digit become another, and what in between is no digit?

# %% tags=["nbval-ignore-output"]
@interact(z1=FloatSlider(0.0, min=-3, max=3, step=0.1), z2=FloatSlider(0.0, min=-3, max=3, step=0.1))
def fly(z1, z2):
    fig, axes = plt.subplots(1, 2, figsize=(5.4, 2.6))
    axes[0].scatter(*codes.T, s=1, c=y_test, cmap="tab10")
    axes[0].plot(z1, z2, "P", color="black", markersize=10, markeredgecolor="white")
    axes[0].set(xlabel="$z_1$", ylabel="$z_2$", xlim=(-5, 5), ylim=(-5, 5))
    plotting.image_rows(axes[1], {"": plane.images(torch.tensor([[z1, z2]]))})
    plt.show()

# %%
ends = plane.encode(shown[:2])[0]
rows = {
    "codes": plane.images(latent.interpolate(*ends, 10)),
    "pixels": torch.lerp(shown[0], shown[1], torch.linspace(0, 1, 10).unsqueeze(1)),
}
fig, ax = plt.subplots(figsize=(6, 1.6))
plotting.image_rows(ax, rows)
plt.show()

# %% [markdown]
# **What you see.** The same as a fixed picture: a straight flight from a 0 to a 1. The codes pass through other shapes,
# some of them no digit; a mixture of pixels is two faint digits on top of each other.

# %% [markdown]
# ## 7 · Faces: what do the axes mean?
# The lecture shows a latent plane of faces, where one way turns the head and another changes the mood. Nobody told
# the model. Our faces are drawn by a formula from **pose** and **mood**, so here it can be measured.
#
# **Predict**: will $z_1$ be pose and $z_2$ mood, or the other way round, or neither? (Here the course's own step
# trains, so that we all look at the same faces.)
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
crowd = faces.dataset(4000, generator=torch.Generator().manual_seed(6))
gallery, _ = train(crowd.x, epochs=20, hidden=256, step=vae.training_step)
unseen = faces.dataset(1000, generator=torch.Generator().manual_seed(7))
face_codes = gallery.encode(unseen.x)[0].detach()
factors = torch.stack([unseen.pose, unseen.mood], -1)

# %%
fig, axes = plt.subplot_mosaic("AB;AC", figsize=(5.6, 2.6), width_ratios=(1.3, 1), layout="constrained")
axes["A"].imshow(overview(gallery, 5), cmap="gray", vmin=0, vmax=1)
pictures.describe(axes["A"], "5 by 5 decoded faces")
axes["A"].set(xticks=[], yticks=[], xlabel="$z_1$, by quantiles", ylabel="$z_2$, by quantiles")
for ax, factor, name in zip((axes["B"], axes["C"]), factors.T, ("pose", "mood")):
    dots = ax.scatter(*face_codes[::4].T, s=4, c=factor[::4], cmap="cividis")
    fig.colorbar(dots, ax=ax, label=name)
    ax.set(xlabel="$z_1$", ylabel="$z_2$")
plt.show()
by_line = latent.explained(face_codes, factors).sqrt()
print(f"correlation of pose with the best line in z above 0.98: {bool(by_line[0] > 0.98)}")
print(f"correlation of mood with the best line in z above 0.98: {bool(by_line[1] > 0.98)}")

# %% [markdown]
# **What you see.** From left to right the mood brightens, from bottom to top the head turns: each factor has a
# direction of its own. Here the directions are nearly the axes. Train with seed 4 or 6 and they are turned: the prior
# is round, so no loss prefers one pair of axes to another. But there, too, a line in $z$ gives each factor.

# %% [markdown]
# ## 8 · More latents
# Two numbers are few. The course ships VAEs with $Z = 2, 5, 10, 20, 50$, thirty epochs each
# (`helpers/pretrained.py`). Three measures on test digits: $-\mathcal L$; a tighter bound on $-\log P(x)$ from 50
# importance samples (lesson 08); and the number of **active** latents: those for which the variance of $\mu$ over
# the images exceeds 0.1.
#
# **Predict**: is $Z = 50$ much better than $Z = 20$?
#
# *Your guess:* …

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
fig, ax = plt.subplots(figsize=(5.6, 2.6))
plotting.image_rows(ax, rows)
plt.show()
fig, ax = plt.subplots()
for size, (colour, dash), place in zip((5, 20, 50), plotting.STYLES, ((5.6, 2.05), (12.5, 1.35), (26, 0.25))):
    ax.plot(range(1, size + 1), spent[size], color=colour, linestyle=dash)
    ax.text(*place, f"Z = {size}", color=colour)
ax.set(xlabel="latent, by what it carries", ylabel="its KL, nats", xlim=(0, 51))
plt.show()

# %% [markdown]
# **What you see.** The bound falls from 161 to 111 nats and then no further. Each of 5 latents carries two nats; of
# 50, some 27 do the work, and the others stay at the prior, where they cost next to nothing. Samples get sharper
# and more varied, but not truer: at $Z = 10$ and 50 fewer than half can be read as a digit.

# %% [markdown]
# ## 9 · The weight of the latent loss
# Now the other knob, $\beta$ in reconstruction + $\beta$ · latent. First with two latents and your own training
# step.
#
# **Predict**: $\beta = 50$, what will the map of codes look like? And $\beta = 0.01$?
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
planes = {0.01: train(x, 0.01)[0], 1: plane, 50: train(x[::2], 50.0)[0]}  # at 50 half of the digits suffice

# %%
g = torch.Generator().manual_seed(4)
from_prior = torch.randn(2000, 2, generator=g)
fig, axes = plt.subplots(1, 3, figsize=(8, 2.8), sharey=True)
for ax, (weight, model) in zip(axes, planes.items()):
    z = bounds.reparametrise(*model.encode(x_test), generator=g).detach()
    ax.plot(*from_prior[::4].T, ".", markersize=1, color=plotting.BLACK)
    ax.scatter(*z[::2].T, s=1, c=y_test[::2], cmap="tab10")
    ax.set(title=f"weight {weight}", xlabel="$z_1$", xlim=(-12, 12), ylim=(-12, 12))
    alone = latent.nearest(from_prior, z)[0] > 0.5  # in a hole: so far from every code
    wide, holes = z.std() > 2, alone.double().mean() > 0.06
    print(f"weight {weight}: codes spread beyond 2 {bool(wide)}, 6 % of the prior in holes {bool(holes)}")
axes[0].set_ylabel("$z_2$")
plt.show()

# %% [markdown]
# **What you see.** Black: the prior. At 0.01 the codes fly apart in arms with gaps between, and the prior knows
# only their middle. At 1 they cover it. At 50 every image gets the prior itself, whatever it shows.
#
# Now as pictures and numbers, with $Z = 20$. Call an image **alien** if the model of weight 1 rebuilds it worse
# than 99 % of what the drawing model itself rebuilds from real digits: so blur alone makes no alien. But a model that
# always draws one good image makes none either. So also measure **variety**: the variance of the pixels over the images
# drawn, in per cent of that of real digits.

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
print("weight   reconstruction    KL   alien   variety")
rebuilt, drawn = {"x": shown[::2]}, {"real": shown[1::2]}
for weight, model in models.items():
    z = bounds.reparametrise(*model.encode(x_test[::2]), generator=g)
    usual = surprise(model.images(z)).quantile(0.99)  # 99 % of its own reconstructions surprise less
    new = create(model, 1000, generator=g)
    alien, variety = (surprise(new) > usual).double().mean(), new.var(0).sum() / x_test.var(0).sum()
    print(f"{weight:6} {losses[weight][0]:16.1f} {losses[weight][1]:6.1f} {alien:7.0%} {variety:8.0%}")
    rebuilt[f"weight {weight}"] = model.images(model.encode(shown[::2])[0])
    drawn[f"weight {weight}"] = create(model, 5, generator=torch.Generator().manual_seed(1))
print(f"weight 50 costs as much as the mean image, to 0.5 nats: {bool((losses[50][0] - mean_cost).abs() < 0.5)}")

# %%
fig, axes = plt.subplots(1, 2, figsize=(5.6, 2.5))
for ax, rows, name in zip(axes, (rebuilt, drawn), ("rebuilt", "drawn from the prior")):
    plotting.image_rows(ax, rows).set_title(name)
plt.show()

# %% [markdown]
# **What you see.** A small weight rebuilds best and draws worst: about a quarter of its images are aliens. A large one
# rebuilds worst: at 20 the codes still tell 0.4 nats, enough for a 0; at 50 every code covers the whole prior, so
# the decoder learns nothing from it and answers with the **average image**, at its price. That image is no alien, hence
# the 1 %, but its variety is nil; at 4, too, fewer aliens are bought with variety. From $\beta = 1$ on the loss is a
# bound on $-\log P(x)$; at 1 it is the tightest, and what is drawn varies most.

# %% [markdown]
# ## 10 · Five patients
# Five people trained a VAE with ten latents, and each made one mistake. On the chart of each: both losses while it
# trained (dashed: a healthy one, hidden where the two agree; the latent loss on a logarithmic axis), what it rebuilds,
# what it draws, and its mean $\sigma$.

# %% tags=["nbval-ignore-output"]
charts, live = {}, Progress(6, "final loss in nats")
display(live.box)
for number, name in enumerate(("healthy", *"ABCDE"), 1):
    charts[name] = clinic.admit(name, x[::2], shown[::2], epochs=4, generator=torch.Generator().manual_seed(3))
    live(number, charts[name].curves[-1].sum())

# %%
def chart(name):
    """Draw one patient: both losses over its steps, and images."""
    fig, axes = plt.subplots(1, 3, figsize=(7.4, 2), width_ratios=(1, 1, 1.5))
    fig.suptitle(f"{name}: mean $\\sigma$ = {charts[name].spread:.2f}")
    steps = 10 * torch.arange(1, len(charts[name].curves) + 1)
    for i, ax in enumerate(axes[:2]):
        ax.plot(steps, charts["healthy"].curves[:, i].clamp(min=0.01), "--", color=plotting.BLACK, linewidth=0.8)
        ax.plot(steps, charts[name].curves[:, i].clamp(min=0.01), color=plotting.BLUE)
    axes[0].set(xlabel="steps", ylabel="reconstruction, nats", ylim=(0, 600))
    axes[1].set(xlabel="steps", ylabel="latent loss, nats", yscale="log", ylim=(0.008, 300))
    plotting.image_rows(axes[2], {"x": shown[::2], "rebuilt": charts[name].rebuilt, "drawn": charts[name].drawn})
    plt.show()

# %%
for name in charts:
    chart(name)

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
check.diagnose(diagnose)
### BEGIN HIDDEN TESTS
check.diagnose(diagnose, right="56382")
### END HIDDEN TESTS

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
# - For other pictures: `data.fashion_mnist()` downloads them once, and `vae.ConvVAE` has convolutions.

# %% [markdown]
# **References.** The lecture, part 2, from training a VAE to its end. Kingma and Welling (2014), sections 2 and 3,
# appendices A and B. Rezende, Mohamed and Wierstra (2014). Burda, Grosse and Salakhutdinov (2016), sections 3 and
# 4. Higgins et al. (2017) for the weight of the latent loss. LeCun and Cortes (1998) for the digits.
#
# Where the two halves of the course meet is section 9 of lesson 08: one gradient, by the score or by the path.
#
# Next: [10 · DQN](../10-dqn/10-dqn.ipynb), the first of the lecture's systems, or before it the project
# [Your own generator](../09-your-own-generator/09-your-own-generator.ipynb).
