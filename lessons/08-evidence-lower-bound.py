# %% [markdown]
# # 08 · The bound
# **You will** compute how probable a model finds a point, see sampling fail at it, and derive the bound that
# variational autoencoders climb. One small model goes all the way with you; on it everything can be computed.
#
# **You need** lesson 03 (score, baseline), densities, autograd. Lesson 07 showed why a plain decoder does not
# generate. **Time**: 150 minutes.
#
# Symbols and their names in code: [NOTATION.md](../../NOTATION.md).

# %%
import math

import matplotlib.pyplot as plt
import torch
from ipywidgets import FloatSlider, interact

from checks import evidence_lower_bound as check
from checks.exercise import yours
from helpers import bounds, latent_models, pictures, plotting

torch.set_num_threads(1)  # small tensors
torch.set_default_dtype(torch.float64)
torch.set_printoptions(precision=3, sci_mode=False)
plotting.use_style()

# %% [markdown]
# ## 1 · First the latent, then x
# The decoder of lesson 07 did not generate, since nobody had said which codes to feed it. A **latent variable model**
# says so first: draw a **latent** $z$ from a simple **prior** $P(z) = \mathcal N(0, I)$, then let a **decoder**
# $P_\theta(x \mid z)$ turn it into $x$.
#
# Our model has one latent, and $x$ is a point of the plane. The decoder bends a line into a **bow**:
# $x \sim \mathcal N\big( (z, z^2 - 1),\, 0.5^2 I\big)$.
#
# **Predict**: where do its points lie thickest?
#
# *Your guess:* …

# %%
bow = latent_models.Bow(std=0.5)
g = torch.Generator().manual_seed(1)
z = torch.randn(400, generator=g)
x = bow.decode(z) + 0.5 * torch.randn(400, 2, generator=g)
fig, ax = plt.subplots(figsize=(4.6, 3))
ax.plot(*bow.decode(torch.linspace(-2.4, 2.4, 99)).T, color=plotting.GREY, linewidth=1)
fig.colorbar(ax.scatter(*x.T, s=9, c=z), label="$z$")
ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-3, 3), ylim=(-2.5, 4.5))
plt.show()

# %% [markdown]
# **What you see.** Points around the bow (9 of the 400 lie further out). They lie thickest at its bottom, since most
# $z$ are near 0.
#
# Generating is easy. To say how probable a given $x$ is, all $z$ must be considered (total probability):
#
# $$P(x) = \mathbb E_{z \sim P(z)}\, P_\theta(x \mid z) = \int P(z)\, P_\theta(x \mid z)\, dz$$
#
# $P(x)$ is also called the **evidence**, and learning means to make it large for the data.

# %% [markdown]
# ## 2 · The evidence, exactly
# With one latent the integral is a sum over a fine grid, a **quadrature**. Three points: one on the bow, one between
# its arms, one far away.

# %%
grid = torch.linspace(-7, 7, 1401)
width = 0.01  # distance of neighbouring grid points
x_grid = torch.tensor([[1.0, 0.2], [0.0, 1.2], [20.0, -20.0]])  # on the bow, between the arms, far away
log_p_x = bow.log_p_x(x_grid, grid)  # log P(x | z), shape (3, 1401)
log_p_z = latent_models.log_normal(grid)  # log P(z), shape (1401,)
print("P(x):", (log_p_x.exp() * log_p_z.exp()).sum(-1) * width)
print("log P(x | z) at z = 1:", log_p_x[:, 800])

# %% [markdown]
# The last $P(x)$ is 0: $e^{-1500}$ is below what a number of 64 bits holds, and its logarithm would be $-\infty$. With
# the 32 bits of most networks, that already happens to most images of 784 pixels. So everything stays in logarithms.
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
check.log_evidence(log_evidence)
### BEGIN HIDDEN TESTS
check.log_evidence(log_evidence, pictures=((0.3, -0.9), (2.0, 2.5), (-60.0, 3.0), (0.0, 0.0)), std=0.8, points=281)
### END HIDDEN TESTS

# %%
evidence = yours(bounds.log_evidence)
print("log P(x):", evidence(log_p_x, log_p_z, width))
plane = torch.stack(torch.meshgrid(torch.linspace(-3, 3, 80), torch.linspace(-2.5, 4.5, 80), indexing="xy"), -1)
heat = evidence(bow.log_p_x(plane, grid[::10]), log_p_z[::10], 10 * width).exp()
fig, ax = plt.subplots(figsize=(4.2, 3))
image = ax.imshow(heat, origin="lower", extent=(-3, 3, -2.5, 4.5), aspect="auto")
ax.plot(*x_grid[:2].T, "o", markerfacecolor="none", markeredgecolor="white", mew=2, markersize=9)
for point, name in zip(x_grid, ("on the bow", "between the arms")):
    ax.annotate(name, point, (8, 5), textcoords="offset points", color="white", fontsize=8)
fig.colorbar(image, label="$P(x)$")
pictures.describe(ax, "P(x) as colour, with a circle on the bow and one between its arms")
ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-3, 3), ylim=(-2.5, 4.5))
plt.show()

# %% [markdown]
# **What you see.** $P(x)$ in the plane: the model knows where its points lie. The circles are our first two.
#
# ## 3 · By sampling the prior
# A drawing of eight such points has eight latents. Here each belongs to one point, so $P(x)$ is a product of eight
# sums, and we know it. In general latents act together, and a grid needs $1401^8$ places. So sample: draw
# $z_i \sim P(z)$, average $P(x \mid z_i)$. That is unbiased. But few $z$ fit a given $x$, and one drawn at random is
# hardly ever among them.
#
# **Predict**: a thousand samples for one drawing, again and again. How often will the estimate be less than half of
# the truth?
#
# *Your guess:* …

# %%
g_eight = torch.Generator().manual_seed(8)
x_eight = bow.decode(torch.randn(8, generator=g_eight)) + 0.5 * torch.randn(8, 2, generator=g_eight)
exact = evidence(bow.log_p_x(x_eight, grid), log_p_z, width).sum()


def log_fit(z):
    """Return log P(x | z) of the drawing for latents (..., 8), in parts to spare memory."""
    parts = (bow.decode(part) for part in z.split(50))
    return torch.cat([latent_models.log_normal(x_eight, mean, math.log(0.5)).sum((-1, -2)) for mean in parts])

# %%
z = torch.randn(1000, 1000, 8, generator=g)  # 1000 estimates, from 1000 samples each
fits = log_fit(z)
naive = fits.logsumexp(-1) - math.log(1000) - exact  # logarithm of estimate over P(x)
print(f"log P(x) = {exact:.2f}")
print(f"estimates below half of P(x): {100 * (naive < -math.log(2)).double().mean():.0f} %")
print(f"mean of all estimates over P(x): {naive.exp().mean():.1f}")
print(f"a thousand samples are worth {bounds.effective_samples(fits).median():.1f}")

# %% [markdown]
# **What you see.** Three of four estimates are below half, and a few large ones carry the mean: even after a million
# samples it is only near the truth (run the cell again: mostly 0.8 to 1.3). Each estimate rests on its one or two
# luckiest samples. How many are needed for more latents? By quadrature, for 200 drawings:

# %%
x_many = bow.decode(torch.randn(200, 16, generator=g)) + 0.5 * torch.randn(200, 16, 2, generator=g)
log_p_many, half = bow.log_p_x(x_many, grid[::2]), (log_p_z[::2], 2 * width)
growth = evidence(2 * log_p_many, *half) - 2 * evidence(log_p_many, *half)  # log of E P(x | z)² / P(x)², a point
needed = growth.cumsum(-1).expm1().median(0).values
fig, ax = plt.subplots()
ax.semilogy(torch.arange(1, 17), needed, "o-", color=plotting.VERMILLION)
ax.set(xlabel="number of latents", ylabel="$\\mathrm{Var}[P(x \\mid z)]\\; /\\; P(x)^2$")
plt.show()
print("samples for an error as large as P(x), 8 latents: about 10 to the", round(needed[7].log10().item()))

# %% [markdown]
# **What you see.** Nearly a straight line on a logarithmic axis: each latent multiplies the samples needed by four
# to five.

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

# %% exercise="evidence-lower-bound-importance"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    """Return an estimate of log P(x), shape (...), from n samples z_i of Q with all logarithms of shape (..., n)."""
    ### BEGIN SOLUTION
    log_weights = log_p_x + log_p_z - log_q_z
    return torch.logsumexp(log_weights, -1) - math.log(log_weights.shape[-1])
    ### END SOLUTION

# %% check="evidence-lower-bound-importance-check" points=3
check.importance_estimate(importance_estimate)
### BEGIN HIDDEN TESTS
check.importance_estimate(importance_estimate, offsets=(1500.0, 0.0, -5.0, -1200.0), samples=25, seed=3)
### END HIDDEN TESTS

# %% [markdown]
# The ideal encoder is the **posterior** $P(z \mid x)$: how probable each $z$ is once $x$ is seen. Ours is rough. It
# looks at $x_1$ alone, which is $z$ with noise of 0.5: for each point, $Q(z \mid x) = \mathcal N(x_1, 0.5^2)$.
# **Predict** how much it helps.
#
# *Your guess:* …

# %%
estimate = yours(bounds.importance_estimate)
z = x_eight[:, 0] + 0.5 * torch.randn(1000, 1000, 8, generator=g)
log_q_z = latent_models.log_normal(z, x_eight[:, 0], math.log(0.5)).sum(-1)
guided = estimate(log_fit(z), latent_models.log_normal(z).sum(-1), log_q_z) - exact
fig, ax = plt.subplots()
bins = torch.linspace(-5, 3, 81).numpy()
for logs, colour, name in ((naive, plotting.VERMILLION, "z from the prior"), (guided, plotting.BLUE, "z from Q")):
    ax.hist((logs / math.log(10)).clamp(-5, 3).numpy(), bins=bins, color=colour, alpha=0.7, label=name)
ax.set(xlabel="$\\log_{10}$ of estimate / $P(x)$", ylabel="estimates of 1000", yscale="log")
ax.legend(loc="upper left")
plt.show()
for logs, name in ((naive, "the prior"), (guided, "Q")):
    print(f"from {name}: {100 * (logs.abs() < math.log(2)).double().mean():.0f} % within a factor of two of P(x)")

# %% [markdown]
# **What you see.** The same budget, 1000 samples an estimate, and both axes logarithmic. From the prior the estimates
# spread over some five powers of ten; nearly all of those from $Q$ are within a factor of two.

# %% [markdown]
# ## 5 · Jensen
# Learning needs $\log P(x)$, the logarithm of a mean, from a single sample. How do a logarithm and a mean change
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

# %% exercise="evidence-lower-bound-jensen"
def jensen_gap(f, points, weights):
    """Return Σ w_i f(v_i) − f(Σ w_i v_i), shape (...), for points and weights of shape (..., n)."""
    ### BEGIN SOLUTION
    return (weights * f(points)).sum(-1) - f((weights * points).sum(-1))
    ### END SOLUTION

# %% check="evidence-lower-bound-jensen-check" points=1
check.jensen_gap(jensen_gap)
### BEGIN HIDDEN TESTS
check.jensen_gap(jensen_gap, points=((2.0, 0.3, 1.4), (0.6, 5.0, 1.0)), weights=((0.5, 0.2, 0.3), (0.0, 0.15, 0.85)))
### END HIDDEN TESTS

# %% [markdown]
# $-\log$ is convex. Drag three points and the weight of the middle one: all mixtures fill the shaded area, and none
# gets below the curve. When does the green gap vanish?

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
    plotting.jensen(ax, points, torch.ones(len(points))).set(title=name, ylabel="")
axes[0].set_ylabel("$-\\log v$")
gap_of = yours(bounds.jensen_gap)
print(f"gap of the expectation: {gap_of(lambda v: -v.log(), many, torch.ones(25) / 25):.2f}")
plt.show()

# %% [markdown]
# **What you see.** The same as a fixed picture: line, triangle, and the hull of many points, all above the curve. The
# gap vanishes when all points with weight are the same.

# %% [markdown]
# ## 6 · The bound
# The whole derivation, out of order. In the right order, the fourth line is minus the lecture's loss, and the last says
# what is lost. Lines B and D use the **Kullback-Leibler divergence** $\mathrm{KL}(Q \,\|\, P) = \mathbb E_Q \log (Q /
# P)$. By Jensen it is at least $-\log \mathbb E_Q (P / Q) = -\log 1 = 0$.

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
# 4. the logarithm of a product, pulled apart into reconstruction and divergence
# 5. what does not depend on $z$ leaves the expectation
# 6. multiply and divide, to sample from elsewhere
# 7. nothing changes: $\mathbb E_Q \log (P / Q)$ only gets its name, $-\mathrm{KL}$

# %% [markdown]
# ### Exercise 4 · Put it in order (10 min, ●●○, 2 points)
# Fill `derivation`: the letters in order, and for each line the number of the reason by which it is reached, each
# once.
#
# <details><summary>Hint</summary>
#
# Begin with what $P(x)$ is. The first line that holds only as an inequality is where the logarithm moves inside.
# </details>

# %% exercise="evidence-lower-bound-derivation"
def derivation():
    """Return the lines in order, such as "ABCDEFG", and the reasons in the same order, such as "1234567"."""
    ### BEGIN SOLUTION
    return "ECGBFAD", "3614257"
    ### END SOLUTION

# %% check="evidence-lower-bound-derivation-check" points=2
check.derivation(derivation)
### BEGIN HIDDEN TESTS
check.derivation(derivation, right=("ECGBFAD", "3614257"))
### END HIDDEN TESTS

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
check.split_evidence(split_evidence)
### BEGIN HIDDEN TESTS
check.split_evidence(
    split_evidence, pictures=((2.0, 2.5), (0.0, 0.3)), centers=(1.1, 0.2), log_stds=(-0.9, -0.3), std=0.7, points=281
)
### END HIDDEN TESTS

# %% [markdown]
# Now $Q = \mathcal N(\mu, \sigma^2)$ for the second point, the one between the arms. **Predict**: what happens to
# the sum of bound and gap when you move $Q$? Where is the gap smallest?
#
# *Your guess:* …

# %%
split = yours(bounds.split_evidence)
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
        pictures.describe(ax, f"black: the posterior, with two arms; dashed: Q, with μ = {mu:.3g} and σ = {sigma:.3g}")
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
# **What you see.** Black: the posterior, with two arms; dashed: $Q$. The bars, drawn from −24 on, split differently and
# end at the same height, $\log P(x) = -6.04$. A Gaussian does best on one arm, with a gap near $\log 2 = 0.69$: it
# knows half of the truth. The best that covers both arms loses three times as much, since $\mathbb E_Q \log Q/P$
# punishes mass where the posterior has none.

# %% [markdown]
# With $n$ samples instead of one inside the logarithm of G, the bound gets tighter: Exercise 2 again, for $Q = \mathcal
# N(1, 1^2)$, on one arm and wide enough to reach the other. **Predict** the bound for $n = 1$.
#
# *Your guess:* …

# %%
log_q = latent_models.log_normal(grid, 1.0, 0.0)
z = 1.0 + torch.randn(100_000, generator=g)
rows = bow.log_p_x(x_grid[1], z), latent_models.log_normal(z), latent_models.log_normal(z, 1.0, 0.0)
print(f"ELBO {split(log_p_x[1], log_p_z, log_q, width)[0]:.1f}, log P(x) {log_p_two:.1f}")
for n in (1, 10, 100, 1000):
    print(f"mean of log estimates from {n:4} samples: {estimate(*(row.view(-1, n) for row in rows)).mean():.1f}")

# %% [markdown]
# **What you see.** One sample gives the ELBO (but for noise), a thousand nearly $\log P(x)$: the estimate of $P(x)$ is
# unbiased, that of its logarithm is too low, by Jensen, the more so the more it varies.

# %% [markdown]
# ## 7 · Gaussian Q
# The lecture's encoder is a network that gives, for each $x$, a mean $\mu$ (`z_mean`) and $\log \sigma$ (`z_log_std`),
# so that $\sigma = e^{\log \sigma}$ is positive. With the prior $\mathcal N(0, I)$ the divergence has a closed form:
#
# $$\mathrm{KL}\big(\mathcal N(\mu, \sigma^2) \,\|\, \mathcal N(0, I)\big) = \tfrac12 \sum_d \big( \mu_d^2 + \sigma_d^2
# - 1 - 2 \log \sigma_d \big)$$
#
# ### Exercise 6 · Gaussian KL (10 min, ●●○, 2 points)
# Fill `gaussian_kl`. It is a sum over latents, one number for each $x$; gradients have to pass through it.
#
# <details><summary>Hint</summary>
#
# $\sigma^2 = e^{2 \log \sigma}$.
# </details>

# %% exercise="evidence-lower-bound-kl"
def gaussian_kl(z_mean, z_log_std):
    """Return KL(N(μ, σ²) ‖ N(0, I)), shape (...), for μ and log σ of shape (..., D)."""
    ### BEGIN SOLUTION
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    ### END SOLUTION

# %% check="evidence-lower-bound-kl-check" points=2
check.gaussian_kl(gaussian_kl)
### BEGIN HIDDEN TESTS
check.gaussian_kl(
    gaussian_kl, z_mean=((1.5, -0.2), (0.0, 0.9), (-2.0, 0.4)), z_log_std=((0.7, -1.1), (-0.3, 0.0), (0.5, 0.2))
)
### END HIDDEN TESTS

# %% [markdown]
# **Predict**: the same number by sampling, $\log Q(z) - \log P(z)$ averaged over $z \sim Q$. How many samples for two
# decimal places?
#
# *Your guess:* …

# %%
mu, log_std = torch.tensor([[0.5, -1.2, 0.0], [-0.4, 0.3, -1.5]])
closed = yours(bounds.gaussian_kl)(mu, log_std)
z = mu + log_std.exp() * torch.randn(8, 40_000, 3, generator=g)
ratio = (latent_models.log_normal(z, mu, log_std) - latent_models.log_normal(z)).sum(-1)
n = torch.arange(1, 40_001)
running, error = ratio.cumsum(-1) / n, ratio.std() / n.sqrt()
fig, ax = plt.subplots()
ax.semilogx(n[9:], running[:, 9:].T, color=plotting.BLUE, linewidth=0.7)
ax.fill_between(n[9:], (closed - 2 * error)[9:], (closed + 2 * error)[9:], color=plotting.BLUE, alpha=0.2, linewidth=0)
ax.axhline(closed, color=plotting.BLACK, linestyle=":")
ax.set(xlabel="samples", ylabel="mean of log Q − log P, nats")
plt.show()
print(f"closed form {closed:.3f}; samples for an error of 0.01: {(ratio.std() / 0.01) ** 2:.0e}")

# %% [markdown]
# **What you see.** Two decimal places take some 40,000 samples: the error falls like one over the root of
# their number (eight runs; dotted: closed form; band: two standard errors). The closed form costs nothing, so only the
# reconstruction is left to be sampled.

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
# your `gaussian_kl`. Each latent of each row has its own noise, new in each call, from `generator`.
#
# <details><summary>Hint</summary>
#
# `torch.randn(z_mean.shape, generator=generator)` is the noise.
# </details>

# %%
kl = yours(bounds.gaussian_kl)

# %% exercise="evidence-lower-bound-sampled"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    """Return one-sample estimates of the ELBO, shape (...), for Q = N(z_mean, exp(z_log_std)²), each (..., D)."""
    ### BEGIN SOLUTION
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)
    ### END SOLUTION

# %% check="evidence-lower-bound-sampled-check" points=3
check.sampled_elbo(sampled_elbo)
### BEGIN HIDDEN TESTS
check.sampled_elbo(sampled_elbo, center=(-0.7, 1.6), log_width=(0.5, -0.8), slopes=(-1.5, 3.0), rows=15_001, seed=8)
### END HIDDEN TESTS

# %% [markdown]
# Climb the sampled ELBO for two points at once, the one on the bow and the one between its arms, each with its own $Q$.
# Both start where "off" was above. **Predict** how far below its $\log P(x)$ each bound ends.
#
# *Your guess:* …

# %%
elbo_of = yours(bounds.sampled_elbo)
parameters = torch.tensor([[[1.6], [1.6]], [[0.3], [0.3]]])  # μ and σ of Q for both points
parameters[1].log_()
optimiser = torch.optim.Adam([parameters.requires_grad_()], lr=0.03)
g_fit, gaps = torch.Generator().manual_seed(3), []


def log_fit_two(z):
    """Return log P(x | z) of both points, for z of shape (..., 2, 1)."""
    return latent_models.log_normal(x_grid[:2], bow.decode(z[..., 0]), math.log(0.5)).sum(-1)

# %%
for step in range(300):
    log_q = latent_models.log_normal(grid, *parameters.detach())
    gaps.append(split(log_p_x[:2], log_p_z, log_q, width)[1])
    rows = (row.expand(8, 2, 1) for row in parameters)  # each Q eight times, with eight noises
    loss = -elbo_of(log_fit_two, *rows, generator=g_fit).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.param_groups[0]["lr"] = 0.03 * (1 - step / 300)
    optimiser.step()

# %%
fig, ax = plt.subplots()
for gap, colour, name, place in zip(
    torch.stack(gaps, -1), plotting.STYLES, ("on the bow", "between the arms"), (0.055, 1.0)
):
    ax.semilogy(gap, color=colour[0], linestyle=colour[1], label=name)
    ax.text(300, place, name, color=colour[0], ha="right")
ax.axhline(math.log(2), color=plotting.GREY, linestyle=":", linewidth=1)
ax.text(150, 0.6, "log 2", color=plotting.GREY, va="top")
ax.set(xlabel="step", ylabel="log P(x) − ELBO, nats")
plt.show()
print("gaps at the end:", ", ".join(f"{gap:.1g}" for gap in gaps[-1]))

# %% [markdown]
# **What you see.** On the bow the gap all but closes: that posterior is nearly Gaussian. Between the arms it stays near
# $\log 2$: the best Gaussian knows one arm, and no training of $Q$ helps.
#
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
check.gradient_estimates(gradient_estimates)
### BEGIN HIDDEN TESTS
check.gradient_estimates(
    gradient_estimates, coefficients=(-3, 0.5, 2), center=-1.2, std=1.8, baseline=-4, noise=((0, 2, 1.3), (-3, 1.4, 1))
)
### END HIDDEN TESTS

# %% [markdown]
# The smallest case: $f(z) = z^2$, $z \sim \mathcal N(1.5, 0.8^2)$. Since $\mathbb E z^2 = \mu^2 + \sigma^2$, the
# gradient is $2 \mu = 3$. **Predict** which of three one-sample estimates varies least: score, score with the mean of
# $f$ as baseline, path. The variances below are exact: `normal_nodes` integrates polynomials without error.
#
# *Your guess:* …

# %%
both = yours(bounds.gradient_estimates)
case, average = (torch.square, lambda z: 2 * z, 1.5, 0.8), 1.5**2 + 0.8**2
nodes, masses = bounds.normal_nodes(12)
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
# is twenty times better than the plain score (2.6). A curve jumps where its estimate turns around as $z$ moves. The
# first is REINFORCE, with the return as $f$; the second its baseline; the third trains VAEs. The score asks only for
# values of $f$, be it a game or a validation accuracy; the path needs its derivative.

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
# - $P(x) = \mathbb E_{P(z)} P(x \mid z)$; sampling the prior takes exponentially many samples in the number of latents.
# - Jensen: $\log \mathbb E \ge \mathbb E \log$; importance sampling: $\mathbb E_P\, g = \mathbb E_Q\, g\, P/Q$.
# - $\mathcal L = \mathbb E_Q \log P_\theta(x \mid z) - \mathrm{KL}(Q \,\|\, P(z)) = \log P_\theta(x) - \mathrm{KL}(Q
#   \,\|\, P_\theta(z \mid x))$.
# - $\mathrm{KL}(\mathcal N(\mu, \sigma^2) \,\|\, \mathcal N(0, I)) = \frac12 \sum_d (\mu_d^2 + \sigma_d^2 - 1 - 2 \log
#   \sigma_d)$.
# - $z = \mu + \sigma \odot \varepsilon$ lets gradients pass; where nothing can be differentiated, the score remains.
# - On pictures: `vae.train` of `helpers`, with `data.mnist()` or `data.fashion_mnist()`.

# %% [markdown]
# **References.** The lecture, part 2, latent variable models to the reparametrisation trick. Kingma and Welling
# (2014), sections 2.1 to 2.4 and appendix B. Rezende, Mohamed and Wierstra (2014). Goodfellow, Bengio and Courville
# (2016), sections 19.1, 20.9 and 20.10.3. Bishop (2006), sections 1.6.1 and 10.1. Burda, Grosse and Salakhutdinov
# (2016), section 3, for more samples. Williams (1992) for the score. Mohamed, Rosca, Figurnov and Mnih (2020) for
# estimators.
#
# Next: [09 · The variational autoencoder](../09-vae/09-vae.ipynb).
