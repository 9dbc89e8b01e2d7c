# %% [markdown]
# # 07 · Autoencoders
# **You will** squeeze digits through a bottleneck, find that a linear one learns PCA, build a denoiser that knows
# where data lie, and see why a decoder alone does not generate.
#
# **You need** matrices, the singular value decomposition, one training loop in torch. Part 2 of the course begins
# here; of part 1 it needs nothing. **Time**: 120 minutes.
#
# Symbols and their names in code: [NOTATION.md](../../NOTATION.md).

# %%
import math

import matplotlib.pyplot as plt
import torch
from IPython.display import display
from ipywidgets import FloatSlider, interact

from checks import autoencoders as check
from checks.exercise import yours
from helpers import autoencoders, data, latent, layers, pictures, plotting, pretrained, training, widgets

torch.set_num_threads(1)
torch.set_printoptions(precision=3, sci_mode=False)
plotting.use_style()

# %% [markdown]
# ## 1 · Data without labels
# So far a network took $x$ and gave a distribution over a few answers. Now there is only $x$, and we want to
# understand its distribution $P(x)$, so as to draw new ones. A digit has 784 grey values, and they depend on each
# other. (`data.mnist()` and `data.fashion_mnist()`, 70,000 images each, download once. With one of them in place of
# `data.digits()` the lesson runs, too, some ten times as long.)
#
# **Predict**: take every pixel of a new image from the same place of some real digit, each from another one. Each
# pixel's distribution is then exactly right. What will you see?
#
# *Your guess:* …

# %%
x, y, x_test, y_test = data.digits()
g = torch.Generator().manual_seed(1)
real = x[torch.randperm(len(x), generator=g)[:8]]
source = torch.randint(len(x), (8, 784), generator=g)  # for each pixel, the image that it comes from
mixed = x.gather(0, source)

# %%
def rows_of_images(rows, figsize):
    """Draw rows of digits with a name for each row."""
    fig, ax = plt.subplots(figsize=figsize)
    plotting.image_rows(ax, rows)
    plt.show()


rows_of_images({"real": real, "each pixel\non its own": mixed}, (6, 1.7))

# %% [markdown]
# **What you see.** Eight digits, and eight clouds of dust: what makes a digit is how pixels go together.
#
# So most of the 784 numbers follow from few: which digit, how wide, how slanted. An **autoencoder** looks for them.
# Its **encoder** turns $x$ into a **code** $z$ of $k$ numbers, its **decoder** turns $z$ into $\hat x$, and both are
# judged by how near $\hat x$ comes to $x$. To copy would be trivial; but with $k \ll 784$ everything has to pass a
# **bottleneck**.

# %% [markdown]
# ## 2 · There and back
# The simplest kind is linear. Write $D$ for how many numbers $x$ has, 784 for a digit, and let the rows of $W$, shape
# $(k, D)$, be orthonormal directions:
#
# $$z = W (x - m) \qquad \hat x = W^\top z + m \qquad \text{error} = \sum_i (\hat x_i - x_i)^2$$

# %%
cloud_mean, along = torch.tensor([2.0, 1.0]), torch.tensor([[0.8, 0.6]])  # m, and W with one row
cloud = cloud_mean + torch.randn(40, 1, generator=g) * along + 0.3 * torch.randn(40, 2, generator=g)
z = along @ (cloud[0] - cloud_mean)
print("point:", cloud[0], "code:", z, "rebuilt:", along.T @ z + cloud_mean)

# %% [markdown]
# ### Exercise 1 · There and back (10 min, ●○○, 2 points)
# Fill `there_and_back` for any leading dimensions. The error is **summed** over the $D$ numbers of a point: one
# number for each point. What comes out has the dtype of what goes in, here and in exercises 2, 4, 5 and 6.
#
# <details><summary>Hint</summary>
#
# Points are rows here, so multiply from the right: `(x - mean) @ directions.T`. Which product leads back from
# $(\ldots, k)$ to $(\ldots, D)$?
# </details>

# %% exercise="autoencoders-there-and-back"
def there_and_back(x, mean, directions):
    """Return codes (..., k), rebuilt points (..., D) and errors (...) of x (..., D), with directions (k, D)."""
    ### BEGIN SOLUTION
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square().sum(-1)
    return codes, rebuilt, error
    ### END SOLUTION

# %% check="autoencoders-there-and-back-check" points=2
check.there_and_back(there_and_back)
### BEGIN HIDDEN TESTS
check.there_and_back(there_and_back, size=3, codes=(1, 2), leading=((5,), (), (3, 1, 2)), seed=8)
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · The best line, plane, …
# Which $m$ and $W$ lose least? **Principal component analysis** answers: $m$ is the mean of the data, and the rows of
# $W$ are the directions in which the data vary most. They come from the singular value decomposition $X - m = U S
# V^\top$, where the $N$ points are the rows of $X$: the rows of $W$ are the first $k$ rows of $V^\top$. The variance
# along direction $i$ is $S_i^2 / N$.

# %% [markdown]
# ### Exercise 2 · PCA (15 min, ●●○, 3 points)
# Fill `pca`. Directions may point either way; the largest variance comes first.
#
# <details><summary>Hint</summary>
#
# `torch.linalg.svd(…, full_matrices=False)` returns $U$, $S$ and $V^\top$, sorted. The directions are the first rows
# of the last.
# </details>

# %% exercise="autoencoders-pca"
def pca(x, k):
    """Return mean (D,), k orthonormal directions (k, D) and variances (k,) of points x (N, D)."""
    ### BEGIN SOLUTION
    mean = x.mean(0)
    _, s, directions = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, directions[:k], s[:k] ** 2 / len(x)
    ### END SOLUTION

# %% check="autoencoders-pca-check" points=3
check.pca(pca)
### BEGIN HIDDEN TESTS
check.pca(pca, sizes=((4, 9, 2), (40, 7, 4), (30, 3, 1)), largest=2.5, falls=0.5, seed=21)
### END HIDDEN TESTS

# %%
mean, directions, variances = yours(autoencoders.pca)(x, 100)
through = yours(autoencoders.there_and_back)
shown = x_test[[y_test.tolist().index(digit) for digit in range(10)]]
linear = {k: through(x_test, mean, directions[:k])[2].mean() / 784 for k in (2, 10, 20)}
for k, error in linear.items():
    seen = through(x, mean, directions[:k])[2].mean() / 784
    print(f"k = {k:2}: squared error a pixel {seen:.4f} on training digits, {error:.4f} on test digits")
rows = {f"k = {k}": through(shown, mean, directions[:k])[1] for k in (2, 10, 20, 100)}
rows_of_images({"x": shown} | rows, (6, 3.1))

# %% [markdown]
# **What you see.** Ten test digits, rebuilt from 2, 10, 20 and 100 numbers each. Two tell round from slim; a hundred
# suffice to read every digit.

# %% [markdown]
# ## 4 · Learn it instead
# Now forget the decomposition. Take a network of two linear layers, $784 \to 10 \to 784$, and let gradients find the
# weights. The loss is the error of exercise 1, averaged over a batch.
#
# ### Exercise 3 · A training step (10 min, ●○○, 2 points)
# Fill `training_step`: forget old gradients, compute the loss, go one step, and return the loss. The target is an
# argument of its own; for an autoencoder it is $x$. (The first check of it takes some seconds, in which torch loads its
# optimizers.)
#
# <details><summary>Hint</summary>
#
# Sum over the last dimension, average over the batch; then `loss.backward()` and `optimizer.step()`.
# </details>

# %% exercise="autoencoders-training-step"
def training_step(model, optimizer, x, target):
    """Take one step down the squared error between model(x) and target, both (B, D); return the loss before it."""
    ### BEGIN SOLUTION
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()
    ### END SOLUTION

# %% check="autoencoders-training-step-check" points=2
check.training_step(training_step)
### BEGIN HIDDEN TESTS
check.training_step(training_step, widths=(4, 9, 4), rows=(3, 5, 1, 6), rate=0.02, seed=9)
### END HIDDEN TESTS

# %% [markdown]
# The bottleneck can learn PCA, but will it? Nearly equal errors do not show it: the planes may still be apart. And
# the weights need not be $W$: any invertible mix of the ten codes can be undone by the decoder. What can be compared
# is the **subspace** of all that the decoder can draw, and how far two subspaces are apart is told by their
# **principal angles**: the cosines are the singular values of $Q_a^\top Q_b$, where the columns of $Q_a$ and $Q_b$
# are orthonormal bases.

# %% [markdown]
# ### Exercise 4 · Principal angles (10 min, ●●○, 2 points)
# Fill `principal_angles`, in radians, the largest first. All angles are 0 if one subspace lies in the other.
#
# <details><summary>Hint</summary>
#
# `torch.linalg.qr(a.T).Q` is a basis of what the rows of `a` span. `torch.linalg.svdvals` sorts from large to small.
# Rounding may push a cosine above 1, where `acos` is nan: `clamp(max=1)`.
# </details>

# %% exercise="autoencoders-principal-angles"
def principal_angles(a, b):
    """Return the angles, largest first, shape (min(k, m),), between what the rows of a (k, D) and b (m, D) span."""
    ### BEGIN SOLUTION
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines.acos().flip(0)
    ### END SOLUTION

# %% check="autoencoders-principal-angles-check" points=2
check.principal_angles(principal_angles)
### BEGIN HIDDEN TESTS
check.principal_angles(principal_angles, angles=(1.1, 0.8, 0.2), k=5, size=12, seed=7)
### END HIDDEN TESTS

# %% [markdown]
# **Predict**: when the error is within 1 % of PCA's, how large is the largest angle still?
#
# *Your guess:* …

# %%
def watch(epochs, name="error of an image"):
    """Show a curve that grows with every epoch, and return what a training loop reports to."""
    live = widgets.Progress(epochs, name, unit="epoch")
    display(live.box)
    return live

# %% tags=["nbval-ignore-output"]
angles_between, step = yours(autoencoders.principal_angles), yours(autoencoders.training_step)
centred_x = x - mean
learned = autoencoders.Autoencoder(10, hidden=(), generator=g)  # two linear layers
optimizer = torch.optim.Adam(learned.parameters(), lr=0.02, betas=(0.9, 0.99), fused=True)
pca_error = through(x, mean, directions[:10])[2].mean()
history, live = [], watch(16, "largest angle, °")
for epoch in range(16):
    batches = torch.randperm(len(x), generator=g).split(100)
    for part, batch in enumerate(batches):
        optimizer.param_groups[0]["lr"] = 0.02 * (1 - (epoch + part / len(batches)) / 16)
        step(learned, optimizer, centred_x[batch], centred_x[batch])
    excess = autoencoders.squared_error(learned.reconstruct(centred_x), centred_x).mean() / pca_error - 1
    angles = angles_between(learned.decoder[0].weight.detach().T, directions[:10]).rad2deg()
    history.append(torch.stack([100 * excess, angles[0]]))
    live(epoch + 1, angles[0])

# %%
excess, largest = torch.stack(history).T
fig, ax = plt.subplots()
epochs = torch.arange(1, len(history) + 1)
for line, name, (colour, dash) in zip((largest, excess), ("largest angle, °", "excess error, %"), plotting.STYLES):
    ax.semilogy(epochs, line, color=colour, linestyle=dash)
    ax.annotate(name, (epochs[-5], line[-5]), xytext=(6, 6), textcoords="offset points", color=colour)
ax.set(xlabel="epoch", ylabel="distance from PCA")
plt.show()
close = int((excess < 1).double().argmax())  # the first epoch within 1 % of the least error
print("first epoch within 1 %: largest angle above 3°:", bool(largest[close] > 3))
print("at the end: error within 0.1 %:", bool(excess[-1] < 0.1), "and all angles below 4°:", bool(largest[-1] < 4))
mixing = learned.decoder[0].weight.detach().T @ directions[:10].T  # its directions in terms of PCA's
print("share of the mix on the diagonal below a half:", bool(mixing.diagonal().norm() < 0.5 * mixing.norm()))

# %% [markdown]
# **What you see.** At an error 1 % above PCA's, the largest angle is still some 6 degrees: near the best subspace the
# error hardly grows, as at the bottom of any bowl. As the step size falls, both shrink, in the end to some hundredths
# of a per cent and a degree or two. The network then draws what PCA draws, but each of its ten codes mixes PCA's: the
# diagonal, where like meets like, has less than half of the mix.

# %% [markdown]
# ## 5 · A curved bottleneck
# Digits do not fill a flat subspace. Give encoder and decoder a hidden layer each, and the bottleneck may bend.
# **Predict**: at the same width of 10, what share of PCA's error is left?
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
deep = autoencoders.Autoencoder(10, hidden=(128,), generator=g)
losses = autoencoders.train(deep, x, epochs=10, learning_rate=2e-3, final_rate=0.05, generator=g, report=watch(10))

# %%
deep_error = autoencoders.squared_error(deep.reconstruct(x_test), x_test).mean() / 784
print(f"test error a pixel at k = 10: linear {linear[10]:.3f}, curved {deep_error:.3f}")
flat = through(shown, mean, directions[:10])[1]
rows_of_images({"x": shown, "PCA": flat, "curved": deep.reconstruct(shown)}, (6, 2))

# %% [markdown]
# **What you see.** Ten numbers each, and three quarters of the error. PCA leaves grey ghosts around blurred strokes;
# the curved network draws clearer ones, though not every digit can be told.
#
# ## 6 · Denoise
# A bottleneck is one way to make copying hard. Another: spoil the input with noise, and ask a network $f$ for the
# **clean** image. (From here on $\varepsilon$ is noise; in part 1 it was exploration.)
#
# $$\mathbb E_{\varepsilon \sim \mathcal N(0, I)} \big\| f(x + \sigma \varepsilon) - x \big\|^2$$

# %% [markdown]
# ### Exercise 5 · Denoising loss (10 min, ●●○, 2 points)
# Fill `denoising_loss`, for one draw of the noise, summed over the $D$ numbers of an image and averaged over the batch.
#
# <details><summary>Hint</summary>
#
# `torch.randn(x.shape, generator=generator)` draws independent noise for every number. What is the target?
# </details>

# %% exercise="autoencoders-denoising-loss"
def denoising_loss(model, x, noise_std, *, generator):
    """Return the mean over the batch of ‖model(x + noise) − x‖², with noise of spread noise_std on x (B, D)."""
    ### BEGIN SOLUTION
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    return (model(noisy) - x).square().sum(-1).mean()
    ### END SOLUTION

# %% check="autoencoders-denoising-loss-check" points=2
check.denoising_loss(denoising_loss)
### BEGIN HIDDEN TESTS
check.denoising_loss(denoising_loss, noise_std=1.7, gain=(1.2, 0.3, -0.6, 0.9), beside=(-2, 0.7, 0), rows=9_000, seed=3)
### END HIDDEN TESTS

# %%
denoise = yours(autoencoders.denoising_loss)
cleaner = layers.perceptron([784, 256, 784], generator=g)  # no bottleneck that is worth the name


def batch_loss(model, batch):
    loss = denoise(model, batch, 0.5, generator=g)
    return loss, (loss.expand(len(batch)),)

# %% tags=["nbval-ignore-output"]
rates = {"learning_rate": 2e-3, "final_rate": 0.05}
losses = training.fit(cleaner, x, batch_loss, epochs=6, batch_size=100, **rates, generator=g, report=watch(6))

# %%
noisy = autoencoders.corrupt(shown, 0.5, generator=g)
rows_of_images({"noisy": noisy, "cleaned": cleaner(noisy), "x": shown}, (6, 2))
many = autoencoders.corrupt(x_test, 0.5, generator=g)
before, after = (autoencoders.squared_error(images, x_test).mean() / 784 for images in (many, cleaner(many).detach()))
print(f"error a pixel: noisy {before:.2f}, cleaned {after:.2f}")

# %% [markdown]
# **What you see.** Strokes come out of snow. To do so the network must know what digits look like.
#
# What exactly does it know? Suppose the data are $N$ points, all equally likely. Then the denoiser of least error is
# known: the mean of all points, each weighted by how probable it makes what we see (lesson 08 calls that a
# posterior).
#
# $$f(\tilde x) = \mathbb E[x \mid \tilde x] = \sum_i w_i x_i \qquad w_i \propto \exp\left( -\frac{\|\tilde x -
# x_i\|^2}{2 \sigma^2} \right) \qquad \sum_i w_i = 1$$

# %% [markdown]
# ### Exercise 6 · The best denoiser (10 min, ●●○, 3 points)
# Fill `best_denoiser`. Far from all points every exponential underflows to 0, and 0/0 is nan; so use `softmax`.
#
# <details><summary>Hint</summary>
#
# `noisy.unsqueeze(-2) - points` has shape (…, N, D). Softmax runs over the $N$ points; the weighted mean is a matrix
# product.
# </details>

# %% exercise="autoencoders-best-denoiser"
def best_denoiser(noisy, points, noise_std):
    """Return E[x | noisy], shape (..., D), of noisy (..., D), if x is one of points (N, D), each equally probable."""
    ### BEGIN SOLUTION
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), -1)
    return weights @ points
    ### END SOLUTION

# %% check="autoencoders-best-denoiser-check" points=3
check.best_denoiser(best_denoiser)
### BEGIN HIDDEN TESTS
check.best_denoiser(best_denoiser, points=((0.9, 0.8), (1.0, -0.5), (0.0, 0.6)), noise_stds=(0.2, 0.7),
                    noisy=((0.5, 0.1), (70.0, -90.0), (1.0, -0.5), (0.2, 0.2)), leading=((3, 1, 2),), seed=8)
### END HIDDEN TESTS

# %% [markdown]
# Now a plane in place of 784 dimensions: 300 points on a spiral, and a network that learns to denoise with noise of
# spread 0.15. **Predict** where its arrows $f(x) - x$ point: on the spiral, beside it, between its arms?
#
# *Your guess:* …

# %%
g = torch.Generator().manual_seed(3)  # a fresh start, however your denoising_loss drew its noise
turns = 1 + 3 * math.pi * torch.rand(300, 1, generator=g)
spiral = torch.cat([turns * turns.cos(), turns * turns.sin()], -1) / 8
net = layers.perceptron([2, 64, 64, 2], generator=g)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01, fused=True)
for i in range(1500):
    optimizer.param_groups[0]["lr"] = 0.01 * (1 - i / 1500)
    step(net, optimizer, autoencoders.corrupt(spiral, 0.15, generator=g), spiral)

# %%
best_of = yours(autoencoders.best_denoiser)
axis = torch.linspace(-1.3, 1.3, 15)
plane = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1)
fig, axes = plt.subplots(1, 2, figsize=(7, 3.7), sharey=True)
fields = {"network": net(plane).detach() - plane, "best": best_of(plane, spiral, 0.15) - plane}
for ax, (name, field) in zip(axes, fields.items()):
    ax.plot(*spiral.T, ".", color=plotting.VERMILLION, markersize=4)
    arrows = {"angles": "xy", "scale_units": "xy", "scale": 1, "color": plotting.BLUE, "width": 0.005}
    ax.quiver(*plane.reshape(-1, 2).T, *field.reshape(-1, 2).T, **arrows)
    ax.set(title=name, xlabel="$x_1$", aspect="equal")
axes[0].set_ylabel("$x_2$")
plt.show()

# %%
clean = spiral.repeat(100, 1)
bad = autoencoders.corrupt(clean, 0.15, generator=g)
learnt, least = (autoencoders.squared_error(d, clean).mean() for d in (net(bad).detach(), best_of(bad, spiral, 0.15)))
print("network within 10 % of the least error:", bool(least < learnt < 1.1 * least))

# %% [markdown]
# **What you see.** Each bad point is sent towards good ones; on the spiral the arrows nearly vanish, between two arms
# they part.
#
# The arrows have a meaning: $f(x) - x = \sigma^2\, \nabla \log p_\sigma(x)$, where $p_\sigma$ is the density of the
# noisy data. A denoiser is the slope of a log-density, uphill to where data are dense. Check it with autograd:

# %%
at = plane.reshape(-1, 2).clone().requires_grad_()
slope = torch.autograd.grad(autoencoders.log_density(at, spiral, 0.15).sum(), at)[0]
print("equal:", torch.allclose(best_of(plane, spiral, 0.15) - plane, 0.15**2 * slope.view(15, 15, 2), atol=1e-4))

# %% [markdown]
# ## 7 · Why its decoder does not generate
# A decoder turns codes into images, so draw a code and decode it? To look, take a bottleneck of two numbers.
# **Predict**: do the codes of all digits fill the plane?
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
g = torch.Generator().manual_seed(1)
flat_map = autoencoders.Autoencoder(2, hidden=(256, 64), generator=g)
losses = autoencoders.train(flat_map, x, epochs=14, batch_size=200, **rates, generator=g, report=watch(14))

# %%
few = slice(None, None, len(x) // 4000)  # 4,000 images, evenly spaced; all distances between more fill the memory
codes, labels = flat_map.encode(x[few]).detach(), y[few]
low, high = (codes.quantile(share, 0) for share in (0.01, 0.99))
middle, half = (low + high) / 2, 0.55 * (high - low)
corner = (middle - half).tolist(), (middle + half).tolist()
extent = (corner[0][0], corner[1][0], corner[0][1], corner[1][1])


def lattice(n):
    """Return n × n codes over the map, shape (n, n, 2), the first row at the top."""
    across, up = (torch.linspace(a, b, n) for a, b in zip(*corner))
    return torch.stack(torch.meshgrid(across, up.flip(0), indexing="xy"), -1)

# %%
FEW_GREYS = plt.get_cmap("gray", 16)  # a figure keeps 128 shades, and the ten colours of the map need some


def draw_map(ax):
    """Draw codes as their digits, over the distance to the nearest code."""
    points = lattice(90)
    distance = latent.nearest(points.view(-1, 2), codes)[0].view(90, 90)
    ax.imshow(distance, extent=extent, aspect="auto", cmap=plt.get_cmap("Greys", 8), vmax=1.3 * distance.quantile(0.97))
    for digit, colour in enumerate(plotting.TEN):
        ax.plot(*codes[labels == digit][::14].T, color=colour, marker=f"${digit}$", markersize=6.5, linewidth=0)
    ax.set(xlabel="$z_1$", ylabel="$z_2$", xlim=extent[:2], ylim=extent[2:])
    pictures.describe(ax, "the codes, each as its digit, over the distance to the nearest code as grey")

# %%
def show_code(z1, z2):
    """Show where a code lies and what the decoder makes of it."""
    z = torch.tensor([[z1, z2]])
    fig, axes = plt.subplots(1, 2, width_ratios=(2, 1))
    draw_map(axes[0])
    axes[0].plot(z1, z2, "+", color=plotting.BLACK, markersize=20, mew=3)
    axes[1].imshow(flat_map.images(z).view(28, 28), cmap=FEW_GREYS, vmin=0, vmax=1)
    axes[1].set(xticks=[], yticks=[], title=f"nearest code: {latent.nearest(z, codes)[0].item():.2f}")
    pictures.describe(axes[1], "the picture decoded at the cross")
    plt.show()

# %% [markdown]
# Move through the plane. What does the decoder draw inside a cloud, between two clouds, and where it is empty?

# %% tags=["nbval-ignore-output"]
@interact(
    z1=FloatSlider(round(middle[0].item(), 1), min=extent[0], max=extent[1], step=0.1),
    z2=FloatSlider(round(middle[1].item(), 1), min=extent[2], max=extent[3], step=0.1),
)
def travel(z1, z2):
    show_code(z1, z2)

# %%
fig, axes = plt.subplots(1, 2, figsize=(7.6, 4))
draw_map(axes[0])
axes[0].set_title("codes; darker: far from all")
decoded = latent.tile(flat_map.images(lattice(11)))
axes[1].imshow(decoded, extent=extent, aspect="auto", cmap=FEW_GREYS, vmin=0, vmax=1, interpolation="nearest")
axes[1].set(xlabel="$z_1$", ylabel="$z_2$", title="what the decoder draws there")
pictures.describe(axes[1], "11 by 11 pictures, each in the place of its code")
plt.show()

# %% [markdown]
# **What you see.** The same as a fixed picture. Inside a cloud the decoder draws its digit, between two clouds a shape
# on the way from one to the other. The codes do not fill the plane: they crowd in arms that overlap, and leave gaps and
# corners. What comes out there is chance: here the 0s at the bottom right look sound, and the shapes at the bottom left
# are no digit. (Yours may bend otherwise.) The decoder was never trained there, and nothing told the encoder where to
# put its codes.

# %% [markdown]
# ### Exercise 7 · Holes (15 min, ●●○, 3 points)
# How much is hole? Call a distance **far** if it exceeds what 99 % of the codes have to their nearest **other** code.
# Fill `hole_share`: the share of points whose nearest code is far.
#
# <details><summary>Hint</summary>
#
# `torch.cdist(a, b)` gives all distances, shape (len(a), len(b)). A code's distance to itself is 0, but for rounding;
# put infinity on the diagonal with `.fill_diagonal_`.
# </details>

# %% exercise="autoencoders-hole-share"
def hole_share(points, codes, quantile=0.99):
    """Return the share of points (M, k) farther from all codes (N, k) than that quantile of the codes' own gaps."""
    ### BEGIN SOLUTION
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    distances = torch.cdist(points, codes).min(1).values
    return (distances > gaps.quantile(quantile)).float().mean()
    ### END SOLUTION

# %% check="autoencoders-hole-share-check" points=3
check.hole_share(hole_share)
### BEGIN HIDDEN TESTS
check.hole_share(hole_share, codes=45, points=52, size=3, quantiles=(0.5, 0.8), seed=4)
### END HIDDEN TESTS

# %% [markdown]
# Back to ten codes, which reconstruct far better. Four ways to choose codes:
#
# - encode test digits;
# - **parts**: each of the ten numbers from the code of some digit, each from another one (as in section 1);
# - **Gaussian**: a normal distribution with the mean and covariance of the codes;
# - **prior**: $\mathcal N(0, I)$, which we would like to draw from.
#
# **Predict** the share of each in holes.
#
# *Your guess:* …

# %%
share_of, g_draw = yours(latent.hole_share), torch.Generator().manual_seed(2)
ten = deep.encode(x[few]).detach()


def drawn(codes, number):
    """Draw from a normal distribution with the mean and covariance of some codes."""
    spread = torch.linalg.cholesky(torch.cov(codes.T))
    return codes.mean(0) + torch.randn(number, 10, generator=g_draw) @ spread.T

# %% tags=["nbval-ignore-output"]
choices = {
    "test digits": deep.encode(x_test).detach(),
    "parts": ten.gather(0, torch.randint(len(ten), (2000, 10), generator=g_draw)),
    "Gaussian": drawn(ten, 2000),
    "prior": torch.randn(2000, 10, generator=g_draw),
}
for name, points in choices.items():
    print(f"{name:11} in holes {share_of(points, ten):4.0%}")
some = torch.randperm(2000, generator=g_draw)[:12]
rows_of_images({name: deep.images(points[some]) for name, points in choices.items()}, (6, 2.2))

# %% [markdown]
# **What you see.** About 1 % of the test digits lie in holes, nearly half of the parts, about a quarter of the
# Gaussian's codes, nine tenths of the prior's. Parts that each occur in the data combine into scribbles, though every
# single number is right, as the dust of section 1 had every single pixel right. A Gaussian also knows how pairs of
# numbers go together, and most of its images read as digits. The prior's are worst.

# %% [markdown]
# So why not fit a Gaussian, and be done? Count its failures. Call an image **alien** if a judge rebuilds it worse than
# 99 % of what the same decoder makes of real digits. The judge is a model of lesson 09 that was trained on digits.
#
# **Predict**: what share of the Gaussian's images is alien, and do their codes lie in holes?
#
# *Your guess:* …

# %%
judge, vae = pretrained.digits_vae(20), pretrained.digits_vae(10)  # how they work is the matter of lesson 09


@torch.no_grad()
def surprise(images):
    """Return how much worse than perfectly the judge rebuilds images, in nats, shape (N,)."""
    images = images.clamp(0, 1)
    perfect = torch.special.entr(images) + torch.special.entr(1 - images)
    return autoencoders.cross_entropy(judge.decode(judge.encode(images)[0]), images) - perfect.sum(-1)


def is_alien(model, z, real):
    """Tell which images of codes z surprise more than 99 % of the images of the codes of real digits, bool (N,)."""
    return surprise(model.images(z)) > surprise(model.images(real)).quantile(0.99)

# %% tags=["nbval-ignore-output"]
alien = {name: is_alien(deep, points, choices["test digits"]) for name, points in choices.items()}
each_kind = torch.cat([drawn(deep.encode(x[y == digit]).detach(), 200) for digit in range(10)])
alien["ten Gaussians"] = is_alien(deep, each_kind, choices["test digits"])
alien["a VAE's prior"] = is_alien(vae, choices["prior"], vae.encode(x_test)[0].detach())
for name, which in alien.items():
    print(f"{name:13} alien {which.double().mean():4.0%}")
for name, which in {"aliens": alien["Gaussian"], "other images": ~alien["Gaussian"]}.items():
    print(f"of the Gaussian's {name}, {share_of(choices['Gaussian'][which], ten):.0%} lie in holes")
z_mean, z_log_std = (part.detach() for part in vae.encode(x[few]))
vae_codes = z_mean + z_log_std.exp() * torch.randn(z_mean.shape, generator=g_draw)
print(f"of the VAE's prior, {share_of(choices['prior'], vae_codes):.0%} lie in holes of its codes")

# %%
order = [alien[name].double().mean() for name in ("a VAE's prior", "Gaussian", "parts", "prior")]
print("more aliens from step to step, VAE, Gaussian, parts, prior:", order == sorted(order))

# %% [markdown]
# **What you see.** 1 % of the rebuilt digits are alien, by definition. Over seven other trainings, so are 8 to 14 % of
# the Gaussian's images, 9 to 20 % of the parts, 65 to 76 % of the prior's. Of the Gaussian's aliens 72 to 90 % lie in
# holes, of its other images 10 to 30 %: the codes are no Gaussian cloud.

# %% [markdown]
# The last row is where lessons 08 and 09 lead, a **variational** autoencoder (VAE) with ten codes and a wider network:
# drawn from $\mathcal N(0, I)$, 4 % are alien. Is a fit so much worse? One Gaussian for each kind of digit, in the row
# above, leaves 5 %. So to fit a distribution to the codes afterwards is a fair way to generate; latent diffusion works
# like that.

# %% [markdown]
# What does a VAE give that a fit does not?
#
# - Its prior is fixed first, and training moves the codes until they fill most of it. About a seventh still lies in
#   holes, as the last line tells, not nine tenths. Nothing is fitted afterwards.
# - Noise on every code teaches the decoder what to draw between codes.
# - Its loss bounds $\log P(x)$ of the very model that draws; an error of reconstruction does not tell how probable an
#   image is. Lesson 08 derives that bound.

# %% [markdown]
# ### Exercise 8 · Why? (15 min, ●●○, 3 points, graded by a person)
# Explain in five to eight sentences: (a) why the decoder of a plain autoencoder draws nonsense from a random code,
# although its test error is small; (b) why a smaller error of reconstruction does not cure that; (c) what would have
# to be true of the codes, so that drawing $z \sim \mathcal N(0, I)$ and decoding it gave digits.

# %% [markdown] written="autoencoders-why" points=3
# ### BEGIN SOLUTION
# (a) The loss looks at the decoder only where the encoder puts data. Test digits are encoded near training digits, so
# their error is small. A random code may lie in a hole or combine numbers that never occur together; no training
# example ever said what to draw there, so the output is whatever the network happens to interpolate.
#
# (b) The error of reconstruction says nothing about the distribution of codes. To lower it, the encoder may spread
# codes out, or take more of them, which makes room for more holes: with ten codes the error was smaller than with
# two, but of codes drawn from N(0, I) nine tenths lie in holes, with two a tenth to a third. In the extreme every image
# has a point of its own, with nothing between.
#
# (c) The codes of all data together would have to be distributed like the prior, without holes and without
# dependencies that the prior lacks: each z that the prior draws is then also a code of something like a digit, and
# the decoder was trained near it. It must also vary smoothly, so that neighbours of a code decode to neighbours of
# its image. A second term in the loss has to ask for that.
#
# **Rubric.** 1 point each: (a) the decoder is trained only at codes of data, and random codes lie elsewhere; (b) the
# loss does not constrain where codes lie (or: more room, more holes); (c) the codes together fill the prior (any
# wording of: the distribution of codes is the prior's).
# ### END SOLUTION

# %% [markdown]
# ## Summary
# - Autoencoder: $z = \text{encoder}(x)$, $\hat x = \text{decoder}(z)$, loss $\sum_i (\hat x_i - x_i)^2$, averaged
#   over images; a bottleneck or noise keeps it from copying.
# - PCA: $X - m = U S V^\top$, $W$ is the first rows of $V^\top$, $z = W(x - m)$. A linear autoencoder learns the same
#   subspace, not the same axes.
# - Denoising: $\mathbb E \| f(x + \sigma \varepsilon) - x \|^2$; the best $f(\tilde x) = \mathbb E[x \mid \tilde x] =
#   \tilde x + \sigma^2\, \nabla \log p_\sigma(\tilde x)$.
# - Its decoder alone does not generate: codes leave holes, and parts drawn apart combine into nonsense. Fit a
#   distribution to the codes, or train them to fill one.

# %% [markdown]
# **References.** The lecture, part 2, from its beginning to autoencoders. Goodfellow, Bengio and Courville (2016),
# sections 2.12, 5.8.1 and 14.1 to 14.5. Bishop (2006), section 12.1. Baldi and Hornik (1989). Hinton and
# Salakhutdinov (2006). Vincent, Larochelle, Bengio and Manzagol (2008), section 2; Vincent et al. (2010), section 3.
# Alain and Bengio (2014), sections 2 and 3. Ghosh et al. (2020) for distributions fitted to codes; Rombach et al.
# (2022) for latent diffusion. Björck and Golub (1973) for principal angles. LeCun and Cortes (1998) for
# the digits.
#
# Next: [08 · The bound](../08-evidence-lower-bound/08-evidence-lower-bound.ipynb).
