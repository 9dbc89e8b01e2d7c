# %% [markdown]
# # 08 · The bound
# **You will** compute how probable a model finds a picture, see sampling fail at it, and derive the bound that
# variational autoencoders climb: checked to ten digits, on models where everything is exact.
#
# **You need** lesson 03 (score, baseline), densities, autograd. Lesson 07 showed why a plain autoencoder cannot
# generate; this one does without it. **Time**: 150 minutes.
#
# Symbols and their names in code: [NOTATION.md](../../NOTATION.md).

# %%
import math

import matplotlib.pyplot as plt
import torch
from ipywidgets import FloatSlider, interact

from helpers import bounds, checks, estimators, latent_models, plotting

torch.set_num_threads(1)  # small tensors
torch.set_default_dtype(torch.float64)
torch.set_printoptions(precision=3, sci_mode=False)
plotting.use_style()

# %% [markdown]
# ## 1 · A model of x
# So far a network turned an input into a distribution. Now there is only data $x$, and the network shall **generate**
# it: draw new $x$ from $P(x)$. The trouble is that $x$ has many values and they depend on each other.
#
# **Predict**: draw every amplitude of a short sound on its own, each with its right mean and spread. What will it look
# like?

# %%
sounds = latent_models.waves(4)
g = torch.Generator().manual_seed(1)
z, x = sounds.sample((3,), generator=g)
spread = (sounds.weight**2).sum(1).add(sounds.std**2).sqrt()  # of each amplitude
alone = spread * torch.randn(3, 32, generator=g)
fig, axes = plt.subplots(1, 2, sharey=True)
for ax, waves, name in zip(axes, (x, alone), ("values from one gist", "each value on its own")):
    for wave, (colour, dash) in zip(waves, plotting.STYLES):
        ax.plot(wave, color=colour, linestyle=dash)
    ax.set(title=name, xlabel="place")
axes[0].set_ylabel("amplitude $x$")
plt.show()

# %% [markdown]
# **What you see.** Left, three sounds; right, hiss, although each single value has the same distribution.
#
# The left ones come from a **latent variable model**: first draw the gist $z$ from a simple **prior** $P(z)$, here
# four loudnesses from $\mathcal N(0, I)$, then let a **decoder** $P_\theta(x \mid z)$ turn it into $x$. To generate is
# easy. To say how probable a given $x$ is, all $z$ must be considered (total probability):
#
# $$P(x) = \mathbb E_{z \sim P(z)}\, P_\theta(x \mid z) = \int P(z)\, P_\theta(x \mid z)\, dz$$
#
# $P(x)$ is also called the **evidence**, and learning means to make it large for the data.

# %% [markdown]
# ## 2 · The evidence, exactly
# With one latent the integral is a sum over a fine grid, a **quadrature**. Our decoder bends a line: $x \sim \mathcal
# N\big( (z, z^2 - 1),\, 0.5^2 I\big)$. Three pictures of two values: one on the curve, one between its arms, one far
# away.

# %%
bow = latent_models.Bow(std=0.5)
grid = torch.linspace(-7, 7, 1401)
width = 0.01  # distance of neighbouring grid points
x_grid = torch.tensor([[1.0, 0.2], [0.0, 1.2], [20.0, -20.0]])  # on the curve, between the arms, far away
log_p_x = bow.log_p_x(x_grid, grid)  # log P(x | z), shape (3, 1401)
log_p_z = latent_models.log_normal(grid)  # log P(z), shape (1401,)
rough = grid[::5]  # these two are for the checks
four_check = torch.tensor([[[0.3, -0.9], [2.0, 2.5]], [[-60.0, 3.0], [0.0, 0.0]]])
print("P(x):", (log_p_x.exp() * log_p_z.exp()).sum(-1) * width)
print("log P(x | z) at z = 1:", log_p_x[:, 800])

# %% [markdown]
# The last $P(x)$ is 0: $e^{-1500}$ is below what a float holds, and its logarithm would be $-\infty$. With 784 pixels
# every picture is like that. So everything stays in logarithms.
#
# ### Exercise 1 · Evidence (10 min, ●○○, 2 points)
# Fill `log_evidence`: $\log \sum_i P(x \mid z_i)\, P(z_i) \cdot$ `width`, from the logarithms.
#
# <details><summary>Hint</summary>
#
# A product becomes a sum of logarithms; `torch.logsumexp(…, -1)` is the logarithm of a sum, without underflow.
# </details>

# %% exercise="evidence-lower-bound-evidence"
def log_evidence(log_p_x, log_p_z, width):
    """Return log P(x), shape (...), from log P(x | z_i), shape (..., n), and log P(z_i), shape (n,)."""
    ### BEGIN SOLUTION
    return torch.logsumexp(log_p_x + log_p_z, -1) + math.log(width)
    ### END SOLUTION

# %% check="evidence-lower-bound-evidence-check" points=2
joint = log_p_x + log_p_z
wanted = torch.stack([torch.logsumexp(row, 0) for row in joint]) + math.log(width)
prior_check = log_p_z.exp()
with checks.unchanged(log_p_x=log_p_x, log_p_z=log_p_z):
    got = log_evidence(log_p_x, log_p_z, width)
checks.equal(
    got,
    wanted,
    what="log P(x) of the three pictures",
    hint="It is logsumexp over z of log P(x | z) + log P(z), plus log(width).",
    mistakes={
        "The third picture underflows: do not leave the logarithms, use logsumexp.": [
            (joint.exp().sum(-1) * width).log(),
            (log_p_x.exp() @ prior_check * width).log(),
        ],
        "The small number only hides the underflow: use logsumexp.": [
            ((joint.exp().sum(-1) * width) + tiny).log() for tiny in (1e-8, 1e-10, 1e-12, 1e-16, 1e-20, 1e-30, 1e-300)
        ],
        "That is P(x); its logarithm was asked for.": [wanted.exp(), joint.exp().sum(-1) * width],
        "The width is missing: a sum is no integral yet.": joint.logsumexp(-1),
        "The width multiplies the sum, so its logarithm is added.": [
            joint.logsumexp(-1) + width,
            joint.logsumexp(-1) * width,
        ],
        "The width multiplies the sum; that divides by it.": joint.logsumexp(-1) - math.log(width),
        "The prior is missing: weight each z by P(z).": log_p_x.logsumexp(-1) + math.log(width),
        "The decoder is missing: that is the logarithm of ∫ P(z) dz = 1.": torch.zeros(3),
        "P(z) divides; it has to multiply.": (log_p_x - log_p_z).logsumexp(-1) + math.log(width),
        "Logarithms of a product add up; that multiplies them.": (log_p_x * log_p_z).logsumexp(-1) + math.log(width),
        "That is a mean over the grid; it needs the width of its cells.": joint.logsumexp(-1) - math.log(len(grid)),
        "That is the mean of the logarithms; take the logarithm of the mean.": [
            log_p_x @ prior_check * width,
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
    },
)
checks.equal(
    log_evidence(bow.log_p_x(x_grid[0], rough), latent_models.log_normal(rough), 0.05),
    wanted[0],
    what="log P(x) of one picture, on a grid five times as wide",
    hint="Sum over the last dimension, and use the width that is given.",
)
### BEGIN HIDDEN TESTS
checks.equal(
    log_evidence(bow.log_p_x(four_check, rough), latent_models.log_normal(rough), 0.05),
    bounds.log_evidence(bow.log_p_x(four_check, rough), latent_models.log_normal(rough), 0.05),
    what="log P(x) of four other pictures",
)
### END HIDDEN TESTS
checks.passed(log_evidence)

# %%
evidence = checks.yours(bounds.log_evidence)
print("log P(x):", evidence(log_p_x, log_p_z, width))
plane = torch.stack(torch.meshgrid(torch.linspace(-3, 3, 80), torch.linspace(-2.5, 4.5, 80), indexing="xy"), -1)
heat = evidence(bow.log_p_x(plane, grid[::10]), log_p_z[::10], 10 * width).exp()
fig, ax = plt.subplots(figsize=(4.2, 3))
image = ax.imshow(heat, origin="lower", extent=(-3, 3, -2.5, 4.5), aspect="auto")
drawn = bow.decode(torch.randn(150, generator=g)) + 0.5 * torch.randn(150, 2, generator=g)
ax.plot(*drawn.T, ".", color="white", markersize=2)
ax.plot(*x_grid[:2].T, "o", markerfacecolor="none", markeredgecolor=plotting.VERMILLION, mew=2, markersize=8)
fig.colorbar(image, label="$P(x)$")
ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-3, 3), ylim=(-2.5, 4.5))
plt.show()

# %% [markdown]
# **What you see.** $P(x)$ in the plane, with 150 samples as dots: the model knows where data lie. The circles are our
# first two pictures.
#
# ## 3 · By sampling the prior
# Four latents on such a grid need $1401^4$ points. So sample: draw $z_i \sim P(z)$, average $P(x \mid z_i)$. That is
# unbiased. But few sentences fit a given recording, and a sentence drawn at random is hardly ever one of them.
#
# `sounds` is linear-Gaussian, $x \sim \mathcal N(Wz + b, \sigma^2 I)$, so that $P(x)$ has a closed form to compare
# with.
#
# **Predict**: a thousand samples for one sound, again and again. How often will the estimate be less than half of the
# truth?

# %%
z_true, x_sound = sounds.sample(generator=torch.Generator().manual_seed(7))
exact = sounds.log_evidence(x_sound)


def log_fit(z):
    """Return log P(x | z) of the sound, in parts to spare memory."""
    return torch.cat([sounds.log_p_x(x_sound, part) for part in z.split(50)])

# %%
z = torch.randn(2000, 1000, 4, generator=g)  # 2000 estimates, from 1000 samples each
fits = log_fit(z)
naive = fits.logsumexp(-1) - math.log(1000) - exact  # logarithm of estimate over P(x)
print(f"log P(x) = {exact:.2f}")
print(f"estimates below half of P(x): {100 * (naive < -math.log(2)).double().mean():.0f} %")
print(f"mean of all estimates over P(x): {naive.exp().mean():.1f}")
print(f"a thousand samples are worth {bounds.effective_samples(fits).median():.1f}")

# %% [markdown]
# **What you see.** Seven of ten estimates are below half, and a few large ones keep the mean right: each rests on its
# one or two luckiest samples. How does that grow with the number of latents? In closed form, for typical sounds:

# %%
counts = torch.tensor([1, 2, 4, 6, 8, 12, 16])
needed = torch.stack(
    [
        (model := latent_models.waves(int(n))).log_relative_variance(model.sample((200,), generator=g)[1]).median()
        for n in counts
    ]
)
fig, ax = plt.subplots()
ax.semilogy(counts, needed.exp(), "o-", color=plotting.VERMILLION)
ax.set(xlabel="number of latents", ylabel="$\\mathrm{Var}[P(x \\mid z)]\\; /\\; P(x)^2$")
plt.show()
print("samples for an error as large as P(x), 8 latents: about 10 to the", round((needed[4] / math.log(10)).item()))

# %% [markdown]
# **What you see.** A straight line on a logarithmic axis: each latent multiplies the samples needed by about nine.

# %% [markdown]
# ## 4 · Ask an encoder
# Sample instead from an **encoder** $Q_\phi(z \mid x)$ that proposes latents which fit this $x$. Multiply and divide
# by it, and the mean changes its distribution (**importance sampling**):
#
# $$P(x) = \int Q(z \mid x)\, \frac{P(x \mid z)\, P(z)}{Q(z \mid x)}\, dz = \mathbb E_{z \sim Q(z \mid x)}\left[ P(x
# \mid z)\, \frac{P(z)}{Q(z \mid x)} \right]$$
#
# ### Exercise 2 · Importance sampling (15 min, ●●○, 3 points)
# Fill `importance_estimate`: the logarithm of the mean weight of $n$ samples, where the weight is the bracket.
#
# <details><summary>Hint</summary>
#
# Add and subtract to get the logarithm of a weight. A mean is a sum over $n$, so subtract `math.log(n)` in the end.
# </details>

# %%
g_check = torch.Generator().manual_seed(11)
offsets = torch.tensor([-2000.0, -3.0, 900.0]).unsqueeze(-1)  # too small for exp, harmless, too large
fit_check = offsets + 2 * torch.randn(3, 40, generator=g_check)
prior_of_z, q_of_z = -1 - torch.rand(3, 40, generator=g_check), 1.5 * torch.rand(3, 40, generator=g_check)

# %% exercise="evidence-lower-bound-importance"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    """Return an estimate of log P(x), shape (...), from n samples z_i of Q with all logarithms of shape (..., n)."""
    ### BEGIN SOLUTION
    log_weights = log_p_x + log_p_z - log_q_z
    return torch.logsumexp(log_weights, -1) - math.log(log_weights.shape[-1])
    ### END SOLUTION

# %% check="evidence-lower-bound-importance-check" points=3
weights_check = fit_check + prior_of_z - q_of_z


def log_mean(logs):
    """Return the logarithm of the mean of what has these logarithms, in each row."""
    top = logs.amax(-1, keepdim=True)
    return (logs - top).exp().mean(-1).log() + top.squeeze(-1)


with checks.unchanged(log_p_x=fit_check, log_p_z=prior_of_z, log_q_z=q_of_z):
    got = importance_estimate(fit_check, prior_of_z, q_of_z)
checks.equal(
    got,
    log_mean(weights_check),
    what="log P(x), estimated from 40 weights,",
    hint="It is logsumexp of log P(x | z) + log P(z) − log Q(z | x), minus log n.",
    mistakes={
        "exp under- or overflows in some rows: use logsumexp.": weights_check.exp().mean(-1).log(),
        "The ratio is upside down: P(z) is above, Q below.": log_mean(fit_check - prior_of_z + q_of_z),
        "Q divides; it is the distribution that the samples have.": log_mean(fit_check + prior_of_z + q_of_z),
        "Q is missing: the samples are not from the prior.": log_mean(fit_check + prior_of_z),
        "The prior is missing.": log_mean(fit_check - q_of_z),
        "The ratio P(z)/Q is missing: that would be right for samples of the prior.": log_mean(fit_check),
        "The decoder is missing: P(x | z) belongs into the weight.": log_mean(prior_of_z - q_of_z),
        "That is the sum of the weights; subtract log n for their mean.": weights_check.logsumexp(-1),
        "Divide by n: in logarithms, subtract log n.": [
            weights_check.logsumexp(-1) / 40,
            weights_check.logsumexp(-1) - 40,
            weights_check.logsumexp(-1) + math.log(40),
            weights_check.logsumexp(-1) - math.log(3),
            weights_check.logsumexp(-1) - math.log(120),
        ],
        "That is the mean of the logarithms, which is lower; take the logarithm of the mean.": weights_check.mean(-1),
        "That divides by the sum of P(z)/Q; P(z) and Q are normalised, so divide by n.": weights_check.logsumexp(-1)
        - (prior_of_z - q_of_z).logsumexp(-1),
        "That is the largest weight only; average them all.": weights_check.amax(-1),
        "Each row has its own estimate; that mixes them.": [
            log_mean(weights_check.view(-1)),
            log_mean(weights_check).mean(),
        ],
        "That is P(x); its logarithm was asked for.": [log_mean(weights_check).exp(), weights_check.exp().mean(-1)],
        "The sign is wrong.": -log_mean(weights_check),
    },
)
### BEGIN HIDDEN TESTS
one_check = torch.tensor([-1.0, -2.0, -4.0, 0.5, -900.0])
checks.equal(
    importance_estimate(one_check, -one_check.abs().sqrt(), 0.1 * one_check),
    bounds.importance_estimate(one_check, -one_check.abs().sqrt(), 0.1 * one_check),
    what="log P(x), estimated from 5 other weights,",
)
checks.equal(
    importance_estimate(*(table.expand(2, 3, 40) for table in (fit_check, prior_of_z, q_of_z))),
    log_mean(weights_check).expand(2, 3),
    what="log P(x) of a batch of shape (2, 3)",
)
### END HIDDEN TESTS
checks.passed(importance_estimate)

# %% [markdown]
# The ideal encoder is the **posterior** $P(z \mid x)$: how probable each $z$ is once $x$ is seen. Ours is rough: its
# mean, but twice its width. **Predict** how much it helps.

# %%
estimate = checks.yours(bounds.importance_estimate)
z_mean, precision = sounds.posterior(x_sound)
z_log_std = math.log(2) - 0.5 * precision.diagonal().log()
z = z_mean + z_log_std.exp() * torch.randn(2000, 1000, 4, generator=g)
log_q_z = latent_models.log_normal(z, z_mean, z_log_std).sum(-1)
guided = estimate(log_fit(z), latent_models.log_normal(z).sum(-1), log_q_z) - exact
fig, ax = plt.subplots()
bins = torch.linspace(-8, 2, 81).numpy()
for logs, colour, name in ((naive, plotting.VERMILLION, "z from the prior"), (guided, plotting.BLUE, "z from Q")):
    ax.hist((logs / math.log(10)).clamp(-8, 2).numpy(), bins=bins, color=colour, alpha=0.7, label=name)
ax.set(xlabel="$\\log_{10}$ of estimate / $P(x)$", ylabel="estimates of 2000", yscale="log")
ax.legend(loc="upper left")
plt.show()
print(f"estimates from Q off by more than a tenth: {100 * ((guided.exp() - 1).abs() > 0.1).double().mean():.0f} %")

# %% [markdown]
# **What you see.** The same budget, 1000 samples an estimate, and both axes logarithmic. From the prior the estimates
# spread over six powers of ten; from $Q$ they stand within a few bars at 1.

# %% [markdown]
# ## 5 · Jensen
# Learning needs $\log P(x)$, the logarithm of a mean, and wants one sample. How do a logarithm and a mean change
# places? For a **convex** $f$ the line between two points of the curve lies above it. So it does for any mixture of
# points, with weights $w_i \ge 0$ of sum 1, and for an expectation:
#
# $$f\Big(\sum_i w_i v_i\Big) \le \sum_i w_i f(v_i) \qquad f(\mathbb E\, v) \le \mathbb E f(v)$$
#
# ### Exercise 3 · Jensen's gap (5 min, ●○○, 1 point)
# Fill `jensen_gap`, the right side minus the left.
#
# <details><summary>Hint</summary>
#
# `f` takes tensors of any shape. Weight and sum once outside, once inside.
# </details>

# %%
v_check = torch.tensor([[0.5, 2.0, 1.0, 4.0], [3.0, 0.2, 0.7, 1.5], [1.0, 1.2, 2.5, 0.4]])
w_check = torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [0.25, 0.5, 0.05, 0.2]])


def minus_log(v):
    return -torch.log(v)

# %% exercise="evidence-lower-bound-jensen"
def jensen_gap(f, points, weights):
    """Return Σ w_i f(v_i) − f(Σ w_i v_i), shape (...), for points and weights of shape (..., n)."""
    ### BEGIN SOLUTION
    return (weights * f(points)).sum(-1) - f((weights * points).sum(-1))
    ### END SOLUTION

# %% check="evidence-lower-bound-jensen-check" points=1
outside, inside = (w_check * minus_log(v_check)).sum(-1), minus_log((w_check * v_check).sum(-1))
with checks.unchanged(points=v_check, weights=w_check):
    got = jensen_gap(minus_log, v_check, w_check)
checks.equal(
    got,
    outside - inside,
    what="The gap of −log",
    hint="The mean of f(v) minus f of the mean, both with the weights.",
    mistakes={
        "The sign is wrong: for a convex f the gap is not negative.": inside - outside,
        "The weights are missing: that takes the points alike.": minus_log(v_check).mean(-1)
        - minus_log(v_check.mean(-1)),
        "The weights are missing in the first part.": [
            minus_log(v_check).mean(-1) - inside,
            minus_log(v_check).sum(-1) - inside,
        ],
        "The weights are missing in the second part.": [
            outside - minus_log(v_check.mean(-1)),
            outside - minus_log(v_check.sum(-1)),
        ],
        "The weights belong outside of f in the first part.": minus_log(w_check * v_check).sum(-1) - inside,
        "That is only the mean of f(v).": outside,
        "That is only f of the mean.": inside,
        "That uses −log whatever f is given; call f.": torch.full((3,), math.nan),
        "Sum over the last dimension, the points of a row.": (w_check * minus_log(v_check)).sum(0)
        - minus_log((w_check * v_check).sum(0)),
        "Each row has its own gap; that adds them up.": [(outside - inside).sum(), outside.sum() - inside.sum()],
        "Only two points are used; there can be more.": (w_check * minus_log(v_check))[:, :2].sum(-1)
        - minus_log((w_check * v_check)[:, :2].sum(-1)),
    },
)
checks.equal(
    jensen_gap(torch.square, v_check, w_check),
    (w_check * v_check**2).sum(-1) - (w_check * v_check).sum(-1) ** 2,
    what="The gap of the square, which is the variance,",
    hint="Call f; it is not always −log.",
)
### BEGIN HIDDEN TESTS
checks.equal(
    jensen_gap(torch.exp, v_check[0, :3], torch.tensor([0.5, 0.2, 0.3])),
    bounds.jensen_gap(torch.exp, v_check[0, :3], torch.tensor([0.5, 0.2, 0.3])),
    what="The gap of exp",
)
checks.equal(
    jensen_gap(torch.log, v_check.expand(2, 3, 4), w_check),
    (inside - outside).expand(2, 3),
    what="The gap of log, which is concave,",
)
### END HIDDEN TESTS
checks.passed(jensen_gap)

# %% [markdown]
# $-\log$ is convex. Drag three points and the weight of the middle one: all mixtures fill the red area, and none gets
# below the curve. When does the green gap vanish?

# %% tags=["nbval-ignore-output"]
@interact(
    first=FloatSlider(0.3, min=0.1, max=4, step=0.1),
    middle=FloatSlider(1.0, min=0.1, max=4, step=0.1),
    last=FloatSlider(3.5, min=0.1, max=4, step=0.1),
    weight=FloatSlider(0.2, min=0, max=1, step=0.05, description="w middle"),
)
def drag(first, middle, last, weight):
    fig, ax = plt.subplots(figsize=(4, 3))
    plotting.jensen(ax, (first, middle, last), ((1 - weight) / 2, weight, (1 - weight) / 2))
    plt.show()

# %%
fig, axes = plt.subplots(1, 3, figsize=(9, 2.8), sharey=True)
many = torch.distributions.LogNormal(0.0, 0.6).icdf(torch.linspace(0.02, 0.98, 25))
names = ("two points", "three points", "an expectation")
for ax, points, name in zip(axes, ([0.3, 3.5], [0.3, 1.0, 3.5], many), names):
    plotting.jensen(ax, points, torch.ones(len(points))).set_title(name)
yours = checks.yours(bounds.jensen_gap)
print(f"gap of the expectation: {yours(minus_log, many, torch.ones(25) / 25):.2f}")
plt.show()

# %% [markdown]
# **What you see.** Without a kernel: line, triangle, and the hull of many points, all above the curve. The gap
# vanishes when all points with weight are the same.

# %% [markdown]
# ## 6 · The bound
# The whole derivation, out of order. Its fourth line is the lecture's loss; the last says what is lost. Two lines need
# the **Kullback-Leibler divergence** $\mathrm{KL}(Q \,\|\, P) = \mathbb E_Q \log (Q / P)$. By Jensen it is at least
# $-\log \mathbb E_Q (P / Q) = -\log 1 = 0$.

# %% [markdown]
# - **A** $= \log P(x) + \mathbb E_Q \log \big[ P(z \mid x) / Q(z \mid x) \big]$
# - **B** $= \mathbb E_Q \log P(x \mid z) - \mathrm{KL}\big(Q(z \mid x) \,\|\, P(z)\big)$
# - **C** $= \log \mathbb E_Q \big[ P(x \mid z)\, P(z) / Q(z \mid x) \big]$
# - **D** $= \log P(x) - \mathrm{KL}\big(Q(z \mid x) \,\|\, P(z \mid x)\big)$
# - **E** $\log P(x) = \log \mathbb E_{P(z)} P(x \mid z)$
# - **F** $= \mathbb E_Q \log \big[ P(z \mid x)\, P(x) / Q(z \mid x) \big]$
# - **G** $\ge \mathbb E_Q \log \big[ P(x \mid z)\, P(z) / Q(z \mid x) \big]$

# %% [markdown]
# Reasons:
#
# 1. Jensen, for $-\log$
# 2. the joint density, split the other way
# 3. total probability over $z$
# 4. the logarithm of a product, pulled apart
# 5. what does not depend on $z$ leaves the expectation
# 6. multiply and divide, to sample from elsewhere
# 7. $\mathbb E_Q \log (Q / P)$ has a name

# %% [markdown]
# ### Exercise 4 · Put it in order (10 min, ●●○, 2 points)
# Fill `derivation`: the letters in order, and for each line the number of the reason by which it is reached, each
# once.
#
# <details><summary>Hint</summary>
#
# Begin with what $P(x)$ is. The first equation that holds only as an inequality is where the logarithm moves inside.
# </details>

# %% exercise="evidence-lower-bound-derivation"
def derivation():
    """Return the lines in order, such as "ABCDEFG", and the reasons in the same order, such as "1234567"."""
    ### BEGIN SOLUTION
    return "ECGBFAD", "3614257"
    ### END SOLUTION

# %% check="evidence-lower-bound-derivation-check" points=2


def joined(part):
    """Return a string or list of letters or digits as one string."""
    return "".join(map(str, part if isinstance(part, list | tuple) else [part])).replace(" ", "").upper()


lines, reasons = map(joined, checks.parts(derivation(), ("lines", "reasons"), what="derivation()"))
checks.that(not lines[:1].isdigit(), "Return the lines first, then reasons: letters, then digits.")
checks.that(sorted(lines) == list("ABCDEFG"), "The lines are the letters A to G, each once, in one string.")
checks.that(sorted(reasons) == list("1234567"), "The reasons are the digits 1 to 7, each once, in one string.")
sealed = ["3a922012", "a49dff9a", "de453a5c", "cfa4740e", "e9d99cbc", "9d437917", "905b0d2f"]
hints = (
    "Begin with what P(x) is.",
    "First change the distribution that z is drawn from; the equality still holds.",
    "Now the logarithm moves inside, and = becomes ≥.",
    "The fourth line is the loss: reconstruction minus a divergence to the prior.",
    "From the loss, go back to one expectation, and split the joint density the other way.",
    "log P(x) has to come out before the rest gets its name.",
    "",
)
for place, (line, wanted, hint) in enumerate(zip(lines, sealed, hints), 1):
    checks.that(checks.seal(f"line {place} is {line}") == wanted, f"{line} cannot be line {place}. {hint}")
sealed = ["f2810328", "d8a79b0c", "69134c79", "2938eb9a", "36d20a37", "85f7086d", "ca97977f"]
hints = (
    "It only says what P(x) is.",
    "It goes from the prior to Q.",
    "It is where ≥ comes from.",
    "It makes a sum of two terms.",
    "It replaces P(x | z) P(z).",
    "It moves log P(x).",
    "It only names something.",
)
for place, (line, got, wanted, hint) in enumerate(zip(lines, reasons, sealed, hints), 1):
    correct = checks.seal(f"why line {place}: {got}") == wanted
    checks.that(correct, f"Line {line} is not reached by reason {got}. {hint}")
checks.passed(derivation)

# %% [markdown]
# The right side of G is the **evidence lower bound**, and the derivation reads it in two ways:
#
# $$\mathcal L = \mathbb E_Q \log P_\theta(x \mid z) - \mathrm{KL}\big(Q_\phi(z \mid x) \,\|\, P(z)\big) = \log
# P_\theta(x) - \mathrm{KL}\big( Q_\phi(z \mid x) \,\|\, P_\theta(z \mid x)\big)$$
#
# The first can be computed: reconstruct, and stay near the prior. The second explains why it helps: what Jensen loses
# is the divergence to the **posterior**, the decoder turned around. Whatever value $\mathcal L$ reaches, $\log P(x)$
# is at least as high.

# %% [markdown]
# ### Exercise 5 · Bound and gap (15 min, ●●○, 3 points)
# Fill `split_evidence` by quadrature: $\mathcal L$ as in G, and $\mathrm{KL}(Q \,\|\, P(z \mid x))$. `evidence` from
# above gives $\log P(x)$.
#
# <details><summary>Hint 1</summary>
#
# $\mathbb E_Q\, g(z)$ on the grid is `(log_q_z.exp() * g).sum(-1) * width`.
# </details>
# <details><summary>Hint 2</summary>
#
# The logarithm of the posterior is that of $P(x \mid z)\, P(z) / P(x)$.
# </details>

# %% exercise="evidence-lower-bound-split"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    """Return the ELBO and KL(Q ‖ P(z | x)), each (...), from logarithms on the grid, each (..., n)."""
    ### BEGIN SOLUTION
    log_joint = log_p_x + log_p_z
    log_posterior = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    elbo = (log_q_z.exp() * (log_joint - log_q_z)).sum(-1) * width
    gap = (log_q_z.exp() * (log_q_z - log_posterior)).sum(-1) * width
    return elbo, gap
    ### END SOLUTION

# %% check="evidence-lower-bound-split-check" points=3
two_q = latent_models.log_normal(grid, torch.tensor([[0.8], [-0.9]]), torch.tensor([[-1.2], [-0.7]]))
q_mass, two_fits = two_q.exp() * width, log_p_x[:2]
log_post = two_fits + log_p_z - torch.logsumexp(two_fits + log_p_z, -1, keepdim=True) - math.log(width)
gap_check = (q_mass * (two_q - log_post)).sum(-1)
elbo_check = (q_mass * (two_fits + log_p_z - two_q)).sum(-1)
reconstruction, to_prior = (q_mass * two_fits).sum(-1), (q_mass * (two_q - log_p_z)).sum(-1)
with checks.unchanged(log_p_x=two_fits, log_p_z=log_p_z, log_q_z=two_q):
    got = split_evidence(two_fits, log_p_z, two_q, width)
got_elbo, got_gap = checks.parts(got, ("elbo", "gap"), what="split_evidence(…)")
checks.equal(
    got_elbo,
    elbo_check,
    what="The ELBO of two pictures",
    hint="It is the mean over Q of log P(x | z) + log P(z) − log Q(z | x).",
    mistakes={
        "The first value is the gap; return the ELBO first.": gap_check,
        "The divergence to the prior is missing: that is the reconstruction alone.": reconstruction,
        "That adds the divergence to the prior; the bound subtracts it.": reconstruction + to_prior,
        "− log Q is missing.": (q_mass * (two_fits + log_p_z)).sum(-1),
        "The prior is missing.": (q_mass * (two_fits - two_q)).sum(-1),
        "log Q is added; it has to be subtracted.": (q_mass * (two_fits + log_p_z + two_q)).sum(-1),
        "That averages over the prior; z comes from Q.": (log_p_z.exp() * (two_fits + log_p_z - two_q)).sum(-1) * width,
        "That averages over the posterior; z comes from Q.": (log_post.exp() * (two_fits + log_p_z - two_q)).sum(-1)
        * width,
        "The mean over Q is missing: weight by Q(z | x).": (two_fits + log_p_z - two_q).sum(-1) * width,
        "The width is missing.": elbo_check / width,
        "That is a mean over the grid; weight by Q and multiply by the width.": elbo_check / width / len(grid),
        "Weight by Q, not by its logarithm.": (two_q * (two_fits + log_p_z - two_q)).sum(-1) * width,
        "That is log P(x): the logarithm has to be inside the mean.": torch.logsumexp(two_fits + log_p_z, -1)
        + math.log(width),
        "The sign is wrong: that is the loss.": -elbo_check,
        "That mixes the pictures; sum over the last dimension only.": [elbo_check.sum(), elbo_check.mean()],
    },
)
checks.equal(
    got_gap,
    gap_check,
    what="KL(Q ‖ P(z | x)) of two pictures",
    hint="It is the mean over Q of log Q(z | x) − log P(z | x).",
    mistakes={
        "The direction is wrong: the mean is over Q.": (log_post.exp() * (log_post - two_q)).sum(-1) * width,
        "The sign is wrong: no divergence is negative.": -gap_check,
        "The posterior is not normalised: divide by P(x).": [-elbo_check, elbo_check],
        "That is the divergence to the prior; the gap is that to the posterior.": to_prior,
        "The prior is missing in the posterior.": -(q_mass * (two_fits - two_q)).sum(-1),
        "That is log P(x) + ELBO; subtract.": 2 * elbo_check + gap_check,
        "That is ELBO − log P(x); a gap is not negative.": -gap_check,
        "That is log P(x) itself.": elbo_check + gap_check,
        "log Q is missing: that is a cross entropy.": -(q_mass * log_post).sum(-1),
        "The width is missing.": gap_check / width,
        "The mean is over Q, not over the posterior.": (log_post.exp() * (two_q - log_post)).sum(-1) * width,
    },
)
### BEGIN HIDDEN TESTS
third_q = latent_models.log_normal(rough, 0.4, -0.3)
others = bow.log_p_x(four_check, rough), latent_models.log_normal(rough), third_q, 0.05
got = checks.parts(split_evidence(*others), ("elbo", "gap"), what="split_evidence(…) of four other pictures")
for ours, theirs, name in zip(bounds.split_evidence(*others), got, ("The ELBO", "KL(Q ‖ P(z | x))")):
    checks.equal(theirs, ours, what=f"{name} of four other pictures")
### END HIDDEN TESTS
checks.passed(split_evidence)

# %% [markdown]
# Now $Q = \mathcal N(\mu, \sigma^2)$ for the second picture, the one between the arms. **Predict**: what happens to
# the sum of the two bars when you move $Q$? Where is the gap smallest?

# %%
split = checks.yours(bounds.split_evidence)
log_p_two = evidence(log_p_x, log_p_z, width)[1]
posterior = (log_p_x[1] + log_p_z - log_p_two).exp()


def show(mu, sigma, axes):
    """Draw the posterior with Q, and the split that Q makes of log P(x)."""
    log_q = latent_models.log_normal(grid, mu, math.log(sigma))
    elbo, gap = split(log_p_x[1], log_p_z, log_q, width)
    for ax in axes:
        ax.plot(grid, posterior, color=plotting.BLACK)
        ax.plot(grid, log_q.exp(), "--", color=plotting.BLUE)
        ax.set(xlim=(-3, 3), ylim=(0, 2.2), xlabel="$z$")
    return elbo.item(), gap.item()

# %% tags=["nbval-ignore-output"]
@interact(mu=FloatSlider(0.0, min=-2, max=2, step=0.1), sigma=FloatSlider(1.0, min=0.1, max=1.2, step=0.05))
def move(mu, sigma):
    fig, axes = plt.subplots(1, 2, figsize=(6, 3), width_ratios=(2, 1))
    elbo, gap = show(mu, sigma, axes[:1])
    plotting.evidence_bars(axes[1], {"Q": (elbo, gap)}, floor=-24)
    plt.show()

# %%
settings = {"prior": (0, 1.0), "both arms": (0, 0.77), "one arm": (1.2, 0.2), "sure": (1.2, 0.05), "off": (1.6, 0.3)}
fig, axes = plt.subplots(2, 5, figsize=(9, 4), height_ratios=(1, 1.7))
rows = {name: show(*setting, [ax]) for ax, (name, setting) in zip(axes[0], settings.items())}
grids = axes[1, 0].get_gridspec()
for ax in axes[1]:
    ax.remove()
plotting.evidence_bars(fig.add_subplot(grids[1, :]), rows, floor=-24)
axes[0, 0].set_ylabel("density of $z$")
plt.show()
total = torch.tensor(list(rows.values())).sum(-1)
print(f"ELBO + KL − log P(x), largest of five: below 1e-6 is {bool((total - log_p_two).abs().max() < 1e-6)}")

# %% [markdown]
# **What you see.** Black: the posterior, with two arms; dashed: $Q$. The bars split differently and end at the same
# height, $\log P(x) = -6.04$. A Gaussian does best on one arm, with a gap near $\log 2 = 0.69$: it knows half of the
# truth. The best that covers both arms loses three times as much, since $\mathbb E_Q \log Q/P$ punishes mass where the
# posterior has none.

# %% [markdown]
# With $n$ samples instead of one inside the logarithm of G, the bound gets tighter: Exercise 2 again, for $Q$ on one
# arm and, to be fair, wider. **Predict** the bound for $n = 1$.

# %%
log_q = latent_models.log_normal(grid, 1.0, 0.0)
z = 1.0 + torch.randn(100_000, generator=g)
rows = bow.log_p_x(x_grid[1], z), latent_models.log_normal(z), latent_models.log_normal(z, 1.0, 0.0)
print(f"ELBO {split(log_p_x[1], log_p_z, log_q, width)[0]:.1f}, log P(x) {log_p_two:.1f}")
for n in (1, 10, 100, 1000):
    print(f"mean of log estimates from {n:4} samples: {estimate(*(row.view(-1, n) for row in rows)).mean():.1f}")

# %% [markdown]
# **What you see.** One sample gives the ELBO, a thousand nearly $\log P(x)$: the estimate of $P(x)$ is unbiased, that
# of its logarithm is too low, by Jensen, the more so the more it varies.

# %% [markdown]
# ## 7 · Gaussian Q
# The lecture's encoder is a network that gives, for each $x$, a mean $\mu$ (`z_mean`) and $\log \sigma$ (`z_log_std`),
# so that $\sigma = e^{\log \sigma}$ is positive. With the prior $\mathcal N(0, I)$ the divergence has a closed form:
#
# $$\mathrm{KL}\big(\mathcal N(\mu, \sigma^2) \,\|\, \mathcal N(0, I)\big) = \tfrac12 \sum_d \big( \mu_d^2 + \sigma_d^2
# - 1 - 2 \log \sigma_d \big)$$
#
# ### Exercise 6 · Gaussian KL (10 min, ●●○, 2 points)
# Fill `gaussian_kl`. It is a sum over latents, one number for each $x$.
#
# <details><summary>Hint</summary>
#
# $\sigma^2 = e^{2 \log \sigma}$.
# </details>

# %%
mu_check = torch.tensor([[0.5, -1.2, 0.0], [2.0, 0.3, -0.7]])
log_std_check = torch.tensor([[-0.4, 0.3, -1.5], [0.2, -0.9, 0.6]])
normal = torch.distributions.Normal

# %% exercise="evidence-lower-bound-kl"
def gaussian_kl(z_mean, z_log_std):
    """Return KL(N(μ, σ²) ‖ N(0, I)), shape (...), for μ and log σ of shape (..., D)."""
    ### BEGIN SOLUTION
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    ### END SOLUTION

# %% check="evidence-lower-bound-kl-check" points=2
m, s = mu_check, log_std_check.exp()
terms = torch.distributions.kl_divergence(normal(m, s), normal(0.0, 1.0))
with checks.unchanged(z_mean=mu_check, z_log_std=log_std_check):
    got = gaussian_kl(mu_check, log_std_check)
checks.equal(
    got,
    terms.sum(-1),
    what="KL of two Gaussians with three latents",
    hint="It is ½ Σ (μ² + σ² − 1 − 2 log σ) over latents.",
    mistakes={
        "That is the mean over latents; the divergence is their sum.": terms.mean(-1),
        "The sum over latents is missing.": terms,
        "That adds up the batch; sum over latents, the last dimension.": [
            terms.sum(0),
            terms.sum(),
            terms.sum(-1).mean(),
        ],
        "σ stands where σ² should.": 0.5 * (m**2 + s - 1 - 2 * s.log()).sum(-1),
        "z_log_std is log σ; that takes it for log σ².": 0.5 * (m**2 + s - 1 - s.log()).sum(-1),
        "log σ² is 2 log σ; the 2 is missing.": 0.5 * (m**2 + s**2 - 1 - s.log()).sum(-1),
        "z_log_std is log σ; that takes it for σ.": [
            0.5 * (m**2 + log_std_check**2 - 1 - 2 * log_std_check.log()).sum(-1),
            0.5 * (m**2 + log_std_check**2 - 1 - 2 * log_std_check).sum(-1),
            0.5 * (m**2 + log_std_check**2 - 1 - 2 * log_std_check.abs().log()).sum(-1),
        ],
        "The direction is wrong: that is KL(N(0, I) ‖ Q).": torch.distributions.kl_divergence(
            normal(0.0, 1.0), normal(m, s)
        ).sum(-1),
        "The sign is wrong: no divergence is negative.": -terms.sum(-1),
        "The ½ is missing.": 2 * terms.sum(-1),
        "The ½ belongs to all four terms.": [
            (m**2 / 2 + s**2 / 2 - 1 - 2 * s.log()).sum(-1),
            (m**2 / 2 + s**2 / 2 - 1 - s.log()).sum(-1),
            (m**2 + s**2 - 1).sum(-1) / 2 - 2 * s.log().sum(-1),
        ],
        "μ is to be squared.": 0.5 * (m + s**2 - 1 - 2 * s.log()).sum(-1),
        "The mean is missing.": 0.5 * (s**2 - 1 - 2 * s.log()).sum(-1),
        "The −1 is missing: for Q = P(z) the divergence is 0.": 0.5 * (m**2 + s**2 - 2 * s.log()).sum(-1),
        "The −1 belongs to every latent.": 0.5 * ((m**2 + s**2 - 2 * s.log()).sum(-1) - 1),
        "The sign of log σ is wrong: a narrow Q is far from the prior.": 0.5 * (m**2 + s**2 - 1 + 2 * s.log()).sum(-1),
        "The signs are mixed up: μ² and σ² are added, 1 and 2 log σ are subtracted.": 0.5
        * (1 + 2 * s.log() - m**2 + s**2).sum(-1),
        "The logarithm is missing: −2 log σ.": 0.5 * (m**2 + s**2 - 1 - 2 * s).sum(-1),
    },
)
checks.equal(
    gaussian_kl(torch.zeros(4, 2), torch.zeros(4, 2)), torch.zeros(4), what="KL of the prior to itself", hint="It is 0."
)
### BEGIN HIDDEN TESTS
checks.equal(gaussian_kl(m[0], log_std_check[0]), terms[0].sum(), what="KL of a single Gaussian")
wide = torch.linspace(-2, 2, 40).view(2, 4, 5)
checks.equal(
    gaussian_kl(wide, wide.flip(-1) / 2), bounds.gaussian_kl(wide, wide.flip(-1) / 2), what="KL of a batch of (2, 4)"
)
### END HIDDEN TESTS
checks.passed(gaussian_kl)

# %% [markdown]
# **Predict**: the same number by sampling, $\log Q(z) - \log P(z)$ averaged over $z \sim Q$. How many samples for two
# digits?

# %%
closed = checks.yours(bounds.gaussian_kl)(mu_check[0], log_std_check[0])
z = mu_check[0] + log_std_check[0].exp() * torch.randn(8, 30_000, 3, generator=g)
ratio = (latent_models.log_normal(z, mu_check[0], log_std_check[0]) - latent_models.log_normal(z)).sum(-1)
n = torch.arange(1, 30_001)
running, error = ratio.cumsum(-1) / n, ratio.std() / n.sqrt()
fig, ax = plt.subplots()
ax.semilogx(n[9:], running[:, 9:].T, color=plotting.BLUE, linewidth=0.7)
ax.fill_between(n[9:], (closed - 2 * error)[9:], (closed + 2 * error)[9:], color=plotting.BLUE, alpha=0.2, linewidth=0)
ax.axhline(closed, color=plotting.BLACK, linestyle=":")
ax.set(xlabel="samples", ylabel="mean of log Q − log P, nats")
plt.show()
print(f"closed form {closed:.3f}; samples for an error of 0.01: {(ratio.std() / 0.01) ** 2:.0e}")

# %% [markdown]
# **What you see.** Sampling gets there like one over the root of the number of samples (eight runs; dotted: closed
# form; band: two standard errors). The closed form costs nothing, so only the reconstruction is left to be sampled.

# %% [markdown]
# ## 8 · Draw z so that gradients pass
# $\mathbb E_Q \log P(x \mid z)$ is estimated from **one** $z \sim \mathcal N(\mu, \sigma^2)$. But a random number has
# no derivative. The way out is to draw noise without parameters, and to compute $z$ from it (**reparametrisation**):
#
# $$z = \mu + \sigma \odot \varepsilon, \qquad \varepsilon \sim \mathcal N(0, I)$$
#
# Now $z$ is a differentiable function of $\mu$ and $\sigma$. (This ε is not the exploration of lesson 01; code calls
# it `noise`.)

# %% [markdown]
# ### Exercise 7 · Sampled ELBO (15 min, ●●●, 3 points)
# Fill `sampled_elbo`: draw one $z$ for each row and return `log_p_x(z)` minus the divergence in closed form. `kl` is
# your `gaussian_kl`. Each latent of each row has its own noise.
#
# <details><summary>Hint</summary>
#
# `torch.randn(z_mean.shape, generator=generator)` is the noise.
# </details>

# %%
kl = checks.yours(bounds.gaussian_kl)
many_rows = 20_000

# %% exercise="evidence-lower-bound-sampled"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    """Return one-sample estimates of the ELBO, shape (...), for Q = N(z_mean, exp(z_log_std)²), each (..., D)."""
    ### BEGIN SOLUTION
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)
    ### END SOLUTION

# %% check="evidence-lower-bound-sampled-check" points=3
tilt = torch.linspace(-1, 1, many_rows).unsqueeze(-1)  # every row has its own Q
center_and_log = torch.stack(
    [torch.tensor([0.5, -1.2, 2.0]) + tilt, torch.tensor([-0.4, 0.3, -1.1]) - 0.2 * tilt]
).requires_grad_()
center, log_width = center_and_log.unbind()
slopes = torch.tensor([1.0, -2.0, 0.5])
seen = []


def recorded(z):
    """Stand for a decoder: return a linear log P(x | z), and remember the z."""
    seen.append(z)
    return (slopes * z).sum(-1)


with checks.unchanged(z_mean=center, z_log_std=log_width):
    got = sampled_elbo(recorded, center, log_width, generator=checks.generator(5))
checks.that(len(seen) > 0, "log_p_x was not called: reconstruct from the z you drew.")
checks.that(len(seen) == 1, f"log_p_x was called {len(seen)} times; draw one z for each row, and call it once.")
z_seen = seen[0]
checks.that(isinstance(z_seen, torch.Tensor), "log_p_x got no tensor; pass it z.")
checks.that(
    z_seen.shape == center.shape, f"z has shape {tuple(z_seen.shape)}, but {tuple(center.shape)} was expected."
)
away, sigma_check = (z_seen - center).detach(), log_width.exp().detach()
noise_seen = away / sigma_check
checks.that(bool(noise_seen.abs().max() > 1e-6), "z is the mean itself: nothing is drawn.")
checks.that(
    bool((noise_seen[1:] - noise_seen[:-1]).abs().mean() > 1e-9),
    "All rows get the same noise; draw it for each row.",
)
checks.that(
    bool((noise_seen[:, 1:] - noise_seen[:, :-1]).abs().mean() > 1e-9),
    "All latents of a row get the same noise; draw it for each latent: z_mean.shape.",
)
for sentence, scale in {
    "The noise is multiplied by log σ; take exp(z_log_std).": log_width.detach().abs(),
    "The noise is multiplied by σ²; z_log_std is log σ, so use σ.": sigma_check**2,
    "The noise is multiplied by √σ: z_log_std is not log σ².": sigma_check**0.5,
    "z has spread 1 around μ in every latent: multiply the noise by σ.": torch.ones(3),
    "That noise is uniform in [0, 1), not normal: use randn.": sigma_check / 12**0.5,
    "That noise is uniform in [−1, 1), not normal: use randn.": sigma_check / 3**0.5,
    "The noise is divided by σ; multiply.": 1 / sigma_check,
}.items():
    checks.that(not torch.allclose((away / scale).std(0), torch.ones(3), rtol=0.04), sentence)
checks.that(
    not torch.allclose(z_seen.detach().std(0), torch.ones(3), rtol=0.04),
    "z is like the prior, whatever μ and σ: z is μ + σ · noise.",
)
for d in range(3):
    checks.mean(noise_seen[:, d], 0.0, what=f"The mean of (z − μ)/σ in latent {d}", hint="z is μ + σ · noise.")
    checks.mean(
        noise_seen[:, d] ** 2,
        1.0,
        what=f"The mean of ((z − μ)/σ)² in latent {d}",
        hint="The noise has variance 1, and σ is exp(z_log_std).",
    )
    checks.mean(
        noise_seen[:, d] ** 4,
        3.0,
        what=f"The mean of ((z − μ)/σ)⁴ in latent {d}",
        hint="The noise has to be normal: use randn.",
    )
    checks.mean(
        noise_seen[:, d] * noise_seen[:, d - 1],
        0.0,
        what="The product of two latents' noise, on average,",
        hint="Latents need independent noise.",
    )
    checks.mean(
        noise_seen[::2, d] * noise_seen[1::2, d],
        0.0,
        what="The product of two rows' noise, on average,",
        hint="Rows need independent noise.",
    )
again_mean, again_log_std = (t.detach().clone().requires_grad_() for t in (center, log_width))
term = torch.distributions.kl_divergence(normal(again_mean, again_log_std.exp()), normal(0.0, 1.0))
rebuilt = (slopes * (again_mean + again_log_std.exp() * noise_seen)).sum(-1)
wanted = rebuilt - term.sum(-1)
ratio_check = latent_models.log_normal(z_seen) - latent_models.log_normal(z_seen, center, log_width)
checks.equal(
    got,
    wanted,
    what="The ELBO of each row",
    hint="It is log_p_x(z) − KL, one number for each row.",
    mistakes={
        "The divergence is missing.": rebuilt,
        "The divergence is added; the bound subtracts it.": rebuilt + term.sum(-1),
        "The divergence is averaged over latents; it is their sum.": rebuilt - term.mean(-1),
        "That is averaged over rows; each has its own bound.": [wanted.mean(), rebuilt.mean() - term.sum(-1)],
        "Only the reconstruction keeps its rows; so must the divergence.": [
            rebuilt - term.sum(-1).mean(),
            rebuilt - term.sum(),
        ],
        "The sign is wrong: that is the loss.": -wanted,
        "That samples the divergence, too; take the closed form, which does not vary.": (
            rebuilt + ratio_check.sum(-1)
        ).detach(),
        "That is the divergence alone.": [term.sum(-1), -term.sum(-1)],
    },
)
of_mean, of_width = checks.gradient(got.sum(), center_and_log, what="The sum of the bounds")
wanted_mean, wanted_width = torch.autograd.grad(wanted.sum(), (again_mean, again_log_std), retain_graph=True)
kl_mean, kl_width = torch.autograd.grad(-term.sum(), (again_mean, again_log_std))
checks.equal(
    of_mean,
    wanted_mean,
    what="The gradient with respect to μ",
    hint="It reaches μ through z and through the divergence.",
    mistakes={
        "z is cut off from μ (detach, no_grad or torch.normal): only the divergence's gradient is left.": kl_mean,
        "The divergence is cut off from μ.": wanted_mean - kl_mean,
        "μ is cut off everywhere: no gradient reaches it.": 0 * kl_mean,
    },
)
checks.equal(
    of_width,
    wanted_width,
    what="The gradient with respect to log σ",
    hint="It reaches log σ through z and through the divergence.",
    mistakes={
        "z is cut off from σ (detach, no_grad or torch.normal): only the divergence's gradient is left.": kl_width,
        "The divergence is cut off from σ.": wanted_width - kl_width,
        "σ is cut off everywhere: no gradient reaches it.": 0 * kl_width,
    },
)
checks.reproducible(
    lambda generator: sampled_elbo(recorded, center[:50], log_width[:50], generator=generator), what="The sampled ELBO"
)
### BEGIN HIDDEN TESTS
shifted = torch.linspace(-1, 1, 24).view(2, 3, 4)
seen_later = []
got = sampled_elbo(
    lambda z: seen_later.append(z) or z.square().sum(-1), shifted, 0.3 * shifted, generator=checks.generator(6)
)
checks.equal(got, seen_later[0].square().sum(-1) - bounds.gaussian_kl(shifted, 0.3 * shifted), what="A batch of (2, 3)")
### END HIDDEN TESTS
checks.passed(sampled_elbo)

# %% [markdown]
# Fit $Q$ to the sound: climb the sampled ELBO. Its posterior is a Gaussian with independent latents, so $Q$ can match
# it. **Predict** where the bound ends.

# %%
elbo_of = checks.yours(bounds.sampled_elbo)
parameters = torch.zeros(2, 4, requires_grad=True)  # z_mean and z_log_std; Q starts as the prior
optimiser = torch.optim.Adam([parameters], lr=0.05)
g_fit, gaps = torch.Generator().manual_seed(3), []
for step in range(600):
    gaps.append(sounds.gap(x_sound, *parameters.detach()))
    rows = (row.expand(8, 4) for row in parameters)  # the same Q eight times, with eight noises
    loss = -elbo_of(lambda z: sounds.log_p_x(x_sound, z), *rows, generator=g_fit).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.param_groups[0]["lr"] = 0.05 * (1 - step / 600)
    optimiser.step()

# %%
fig, ax = plt.subplots()
ax.semilogy(torch.stack(gaps), color=plotting.BLUE)
ax.set(xlabel="step", ylabel="log P(x) − ELBO, nats")
plt.show()
z_mean, z_log_std = parameters.detach()
gap = sounds.gap(x_sound, z_mean, z_log_std)
whole = sounds.elbo(x_sound, z_mean, z_log_std) + gap
print("gap at the end below 0.05 nats:", bool(gap < 0.05))
print("ELBO + gap = log P(x) to 1e-10:", bool((whole - exact).abs() < 1e-10))

# %% [markdown]
# **What you see.** The bound ends about a hundredth of a nat below $\log P(x)$: $Q$ has all but become the posterior.
# In a VAE one network gives $\mu$ and $\log \sigma$ for every $x$, and $\theta$ learns as well. Lesson 09 builds it.
#
# ## 9 · One story, two estimators
# In REINFORCE the gradient also had to pass through a random draw, and the way out was the **score**. Both ways, for
# $\nabla_\mu\, \mathbb E f(z)$ with $z = \mu + \sigma \varepsilon$:
#
# $$\big(f(z) - b\big)\, \frac{\partial \log \mathcal N(z; \mu, \sigma^2)}{\partial \mu} \qquad \text{or} \qquad
# f'(z)\, \frac{\partial z}{\partial \mu}$$

# %% [markdown]
# ### Exercise 8 · Score and path (15 min, ●●○, 3 points)
# Fill `gradient_estimates`: both, for each noise, with $b$ in the first.
#
# <details><summary>Hint</summary>
#
# $\partial \log \mathcal N / \partial \mu = (z - \mu) / \sigma^2$, and $\partial z / \partial \mu = 1$.
# </details>

# %% exercise="evidence-lower-bound-estimators"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    """Return estimates of d/d mean E f(z) by the score and by the path, each of the shape of noise; slope is f'."""
    ### BEGIN SOLUTION
    z = mean + std * noise
    by_score = (f(z) - baseline) * (z - mean) / std**2
    by_path = slope(z)
    return by_score, by_path
    ### END SOLUTION

# %% check="evidence-lower-bound-estimators-check" points=3
def cubic(z):
    return z**3 - 2 * z + 1


def cubic_slope(z):
    return 3 * z**2 - 2


e_check = torch.tensor([[0.3, -1.1, 2.0], [-0.4, 0.9, -2.2]])
z_check = 0.7 + 0.6 * e_check
lifted = cubic(z_check) - 1.5
with checks.unchanged(noise=e_check):
    got = gradient_estimates(cubic, cubic_slope, 0.7, 0.6, e_check, 1.5)
got_score, got_path = checks.parts(got, ("by_score", "by_path"), what="gradient_estimates(…)")
checks.equal(
    got_score,
    lifted * e_check / 0.6,
    what="The score estimate",
    hint="It is (f(z) − b) (z − μ)/σ².",
    mistakes={
        "The first value is by the path; return the score's first.": cubic_slope(z_check),
        "The baseline is not subtracted.": cubic(z_check) * e_check / 0.6,
        "The baseline is added; subtract it.": (cubic(z_check) + 1.5) * e_check / 0.6,
        "The baseline is subtracted from the product; it belongs to f(z).": cubic(z_check) * e_check / 0.6 - 1.5,
        "The score is noise/σ; the division by σ is missing.": lifted * e_check,
        "The score is (z − μ)/σ², which is noise/σ; that divides by σ once too often.": lifted * e_check / 0.36,
        "(z − μ)/σ² has the square; that divides by σ² twice.": lifted * e_check / 0.6**3,
        "That multiplies by σ; the score divides.": lifted * e_check * 0.6,
        "The score is missing: that is f(z) − b.": lifted,
        "f takes z, not the noise.": (cubic(e_check) - 1.5) * e_check / 0.6,
        "That is minus the score: z − μ, not μ − z.": -lifted * e_check / 0.6,
        "That has slope(z) in place of f(z).": (cubic_slope(z_check) - 1.5) * e_check / 0.6,
        "The score is the derivative of the logarithm; that multiplies by log N itself.": lifted
        * latent_models.log_normal(z_check, 0.7, math.log(0.6)),
        "That is the score for σ; μ was asked for.": lifted * (e_check**2 - 1) / 0.6,
        "One estimate for each noise was asked for, not their mean.": [
            (lifted * e_check / 0.6).mean(),
            (lifted * e_check / 0.6).mean(-1),
        ],
        "That takes z for z − μ.": lifted * z_check / 0.36,
    },
)
checks.equal(
    got_path,
    cubic_slope(z_check),
    what="The path estimate",
    hint="It is f'(z) · 1.",
    mistakes={
        "dz/dμ is 1; σ does not come in.": [cubic_slope(z_check) * 0.6, cubic_slope(z_check) / 0.6],
        "dz/dμ is 1; the noise is dz/dσ.": [cubic_slope(z_check) * e_check, cubic_slope(z_check) * e_check / 0.6],
        "The path needs no baseline.": cubic_slope(z_check) - 1.5,
        "slope takes z, not the noise.": cubic_slope(e_check),
        "That is the slope at the mean; take it at z.": torch.full((2, 3), cubic_slope(0.7)),
        "That has f(z) in place of its slope.": [cubic(z_check), lifted],
        "One estimate for each noise was asked for, not their mean.": [
            cubic_slope(z_check).mean(),
            cubic_slope(z_check).sum(),
        ],
    },
)
### BEGIN HIDDEN TESTS
others = torch.sin, torch.cos, -0.4, 1.7, e_check[0]
got = checks.parts(gradient_estimates(*others), ("by_score", "by_path"), what="gradient_estimates(…) for a sine")
for ours, theirs, name in zip(
    estimators.gradient_estimates(*others), got, ("The score estimate", "The path estimate")
):
    checks.equal(theirs, ours, what=f"{name} for a sine, without a baseline,")
### END HIDDEN TESTS
checks.passed(gradient_estimates)

# %% [markdown]
# The smallest case: $f(z) = z^2$, $z \sim \mathcal N(1.5, 0.8^2)$. Since $\mathbb E z^2 = \mu^2 + \sigma^2$, the
# gradient is $2 \mu = 3$. **Predict** which of three one-sample estimates varies least: score, score with the mean of
# $f$ as baseline, path. The variances below are exact: `normal_nodes` integrates polynomials without error.

# %%
both = checks.yours(estimators.gradient_estimates)
case, average = (torch.square, lambda z: 2 * z, 1.5, 0.8), 1.5**2 + 0.8**2
nodes, masses = estimators.normal_nodes(12)
noise = torch.randn(200_000, generator=g)


def three(noise):
    """Return the three estimates for each noise by name."""
    score, path = both(*case, noise)
    return {"score": score, "score, b = mean": both(*case, noise, average)[0], "path": path}


for name, values in three(nodes).items():
    mean = masses @ values
    print(f"{name}: mean {mean:.2f}, variance {masses @ (values - mean) ** 2:.1f}")

# %%
fig, ax = plt.subplots()
for (name, values), (colour, dash) in zip(three(noise).items(), plotting.STYLES):
    line = {"histtype": "step", "color": colour, "linestyle": dash, "label": name}
    ax.hist(values.numpy(), bins=240, range=(-30, 70), density=True, **line)
ax.axvline(3, color=plotting.BLACK, linewidth=0.8)
ax.set(xlabel="one-sample estimate of the gradient", ylabel="density", yscale="log", xlim=(-10, 30), ylim=(1e-4, 1))
ax.legend()
plt.show()

# %% [markdown]
# **What you see.** All three are right on average. The score varies wildly (49), a baseline halves that (24), the path
# is twenty times better than the plain score (2.6). The first is REINFORCE, with the return as $f$; the second its
# baseline; the third trains VAEs. The score asks only for values of $f$, be it a game or a validation accuracy; the
# path needs its derivative.

# %% [markdown]
# ### Exercise 9 · Why? (15 min, ●●○, 3 points, graded by a person)
# Explain in five to eight sentences: (a) why climbing the ELBO in $\theta$ helps although it is not $\log P(x)$, and
# in which way it may mislead; (b) why the best Gaussian $Q$ of section 6 sat on one arm instead of covering both; (c)
# why REINFORCE on a game could not use the path estimator, and why a VAE can.

# %% [markdown] written="evidence-lower-bound-why" points=3
# ### BEGIN SOLUTION
# (a) The ELBO never exceeds log P(x), so whatever it reaches, the evidence has reached as well. But its climb has two
# sources: log P(x) can rise, or the gap KL(Q ‖ P(z | x)) can shrink. So θ may prefer a decoder whose posterior is easy
# for Q (Gaussian, independent latents) to one that gives the data more probability, and comparing two models by their
# ELBOs compares their gaps, too.
#
# (b) The gap is a mean over Q of log Q(z | x) / P(z | x). Where the posterior is nearly 0, as between the arms, this
# logarithm is huge, so Q must not put mass there. An arm that Q leaves out costs little: Q is about twice the
# posterior on the other arm, hence log 2. The other direction, a mean over the posterior, would punish what Q leaves
# out, and cover both arms.
#
# (c) The path needs the derivative of the return with respect to the action. An action is discrete, and nobody can
# differentiate the game, so only values of the return are known: that is all the score needs. In a VAE the thing
# inside the expectation is log P(x | z), a network that we can differentiate, and z is continuous and a differentiable
# function of μ, σ and noise.
#
# **Rubric.** 1 point each: (a) the bound carries log P(x) with it, and the gap can change too; (b) the mean is over Q,
# so mass where the posterior is small is punished, and leaving an arm out is cheap (about log 2); (c) no derivative of
# the return (or discrete actions) against a differentiable decoder and a continuous z.
# ### END SOLUTION

# %% [markdown]
# ## Summary
# - $P(x) = \mathbb E_{P(z)} P(x \mid z)$; one sample of the prior is hopeless, exponentially in the number of latents.
# - Jensen: $\log \mathbb E \ge \mathbb E \log$; importance sampling: $\mathbb E_P\, g = \mathbb E_Q\, g\, P/Q$.
# - $\mathcal L = \mathbb E_Q \log P_\theta(x \mid z) - \mathrm{KL}(Q \,\|\, P(z)) = \log P_\theta(x) - \mathrm{KL}(Q
#   \,\|\, P_\theta(z \mid x))$.
# - $\mathrm{KL}(\mathcal N(\mu, \sigma^2) \,\|\, \mathcal N(0, I)) = \frac12 \sum_d (\mu_d^2 + \sigma_d^2 - 1 - 2 \log
#   \sigma_d)$.
# - $z = \mu + \sigma \odot \varepsilon$ lets gradients pass; where nothing can be differentiated, the score remains.

# %% [markdown]
# **References.** The lecture, part 2, latent variable models to the reparametrisation trick. Kingma and Welling
# (2014), sections 2.1 to 2.4 and appendix B. Rezende, Mohamed and Wierstra (2014). Goodfellow, Bengio and Courville
# (2016), sections 19.1, 20.9 and 20.10.3. Bishop (2006), sections 1.6.1 and 10.1. Burda, Grosse and Salakhutdinov
# (2016), section 3, for more samples. Williams (1992) for the score. Mohamed, Rosca, Figurnov and Mnih (2020) for
# estimators.
#
# Next: **09 · The variational autoencoder**.
