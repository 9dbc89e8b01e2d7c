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
from ipywidgets import FloatSlider, interact

from helpers import autoencoders, checks, data, denoising, latent, layers, pictures, plotting, training

torch.set_num_threads(1)
torch.set_printoptions(precision=3, sci_mode=False)
plotting.use_style()

# %% [markdown]
# ## 1 · Data without labels
# So far a network took $x$ and gave a distribution over a few answers. Now there is only $x$, and we want to
# understand its distribution $P(x)$, so as to draw new ones. A digit has 784 grey values, and they depend on each
# other.
#
# **Predict**: take every pixel of a new image from the same place of some real digit, each from another one. Each
# pixel's distribution is then exactly right. What will you see?

# %%
x, _, x_test, y_test = data.digits()
g = torch.Generator().manual_seed(1)
real = x[torch.randperm(len(x), generator=g)[:8]]
source = torch.randint(len(x), (8, 784), generator=g)  # for each pixel, the image that it comes from
mixed = x.gather(0, source)

# %%
def rows_of_images(rows, figsize):
    """Draw rows of digits with a name for each row."""
    fig, ax = plt.subplots(figsize=figsize)
    pictures.rows(ax, rows)
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
# The simplest kind is linear, with orthonormal directions as the rows of $V$, shape $(k, D)$:
#
# $$z = V (x - m) \qquad \hat x = V^\top z + m \qquad \text{error} = \sum_i (\hat x_i - x_i)^2$$

# %%
cloud_mean, along = torch.tensor([2.0, 1.0]), torch.tensor([[0.8, 0.6]])  # m, and V with one row
cloud = cloud_mean + torch.randn(40, 1, generator=g) * along + 0.3 * torch.randn(40, 2, generator=g)
z = along @ (cloud[0] - cloud_mean)
print("point:", cloud[0], "code:", z, "rebuilt:", along.T @ z + cloud_mean)

# %% [markdown]
# ### Exercise 1 · There and back (10 min, ●○○, 2 points)
# Fill `there_and_back` for any leading dimensions. The error is **summed** over the $D$ numbers of a point: one
# number for each point.
#
# <details><summary>Hint</summary>
#
# Points are rows here, so multiply from the right: `(x - mean) @ directions.T`. Which product leads back from
# $(\ldots, k)$ to $(\ldots, D)$?
# </details>

# %%
g_check = torch.Generator().manual_seed(5)
v_check = torch.linalg.qr(torch.randn(5, 2, generator=g_check)).Q.T  # two orthonormal rows
m_check = torch.tensor([1.0, -2.0, 0.5, 3.0, -1.0])
points_check = m_check + torch.randn(4, 5, generator=g_check)

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
with checks.unchanged(x=points_check, mean=m_check, directions=v_check):
    got = there_and_back(points_check, m_check, v_check)
got_codes, got_rebuilt, got_error = checks.parts(got, ("codes", "rebuilt", "error"), what="there_and_back(…)")
z_check = torch.einsum("kd,nd->nk", v_check, points_check - m_check)
back_check = m_check + torch.einsum("kd,nk->nd", v_check, z_check)
miss_check = back_check - points_check
checks.equal(
    got_codes,
    z_check,
    what="The codes of four points",
    hint="They are (x − mean) times the directions, one number for each direction.",
    mistakes={
        "Subtract the mean before you encode.": points_check @ v_check.T,
        "The mean is added; subtract it.": (points_check + m_check) @ v_check.T,
        "The mean is subtracted twice, or from the code.": (points_check - 2 * m_check) @ v_check.T,
        "Those are the rebuilt points; return the codes first.": back_check,
        "The directions are rows: transpose them to encode.": z_check.T,
    },
)
checks.equal(
    got_rebuilt,
    back_check,
    what="The rebuilt points",
    hint="They are codes times directions, plus the mean.",
    mistakes={
        "Add the mean after you decode.": back_check - m_check,
        "The mean is subtracted; add it.": back_check - 2 * m_check,
        "That is x itself: it has not passed the bottleneck.": points_check,
        "That is what is lost, not what is rebuilt.": [miss_check, -miss_check],
    },
)
checks.equal(
    got_error,
    miss_check.square().sum(-1),
    what="The error of each point",
    hint="It is the squared difference, summed over the last dimension.",
    mistakes={
        "That averages over the numbers of a point; sum them.": miss_check.square().mean(-1),
        "That mixes the points; each has its own error.": [
            miss_check.square().sum(-1).mean(),
            miss_check.square().sum(),
            miss_check.square().mean(),
            miss_check.square().sum(0),
        ],
        "That is a distance; leave out the square root.": miss_check.norm(dim=-1),
        "Square the differences.": [miss_check.sum(-1), -miss_check.sum(-1), miss_check.abs().sum(-1)],
        "Sum first over nothing: square each difference, then add.": miss_check.sum(-1).square(),
        "Sum over the numbers of each point.": miss_check.square(),
        "Halve nothing: the error is the whole sum.": 0.5 * miss_check.square().sum(-1),
    },
)
### BEGIN HIDDEN TESTS
for shape in ((3,), (2, 7, 3)):
    other = torch.linspace(-2, 3, math.prod(shape)).cos().view(shape)
    others = other, torch.tensor([0.3, 1.0, -4.0]), torch.tensor([[0.6, 0.0, 0.8]])
    what = f"there_and_back(…) for x of shape {shape}"
    got = checks.parts(there_and_back(*others), ("codes", "rebuilt", "error"), what=what)
    for name, one, another in zip(
        ("codes", "rebuilt points", "errors"), got, autoencoders.there_and_back(*others)
    ):
        checks.equal(one, another, what=f"The {name} for x of shape {shape}")
### END HIDDEN TESTS
checks.passed(there_and_back)

# %% [markdown]
# ## 3 · The best line, plane, …
# Which $m$ and $V$ lose least? **Principal component analysis** answers: $m$ is the mean of the data, and the rows of
# $V$ are the directions in which the data vary most. They come from the singular value decomposition $X - m = U S
# V^\top$ of all points, as rows, with the mean taken off. The variance along direction $i$ is $S_i^2 / N$.
#
# ### Exercise 2 · PCA (15 min, ●●○, 3 points)
# Fill `pca`. Directions may point either way; the largest variance comes first.
#
# <details><summary>Hint</summary>
#
# `torch.linalg.svd(…, full_matrices=False)` returns $U$, $S$ and $V^\top$, sorted. The directions are the first rows
# of the last.
# </details>

# %%
stretch = torch.tensor([0.3, 4.0, 1.0, 2.0, 0.6, 0.1])
turn = torch.linalg.qr(torch.randn(6, 6, generator=g_check)).Q
spread_check = torch.randn(50, 6, generator=g_check) * stretch @ turn + torch.tensor([5.0, -3.0, 0.0, 2.0, 4.0, -6.0])

# %% exercise="autoencoders-pca"
def pca(x, k):
    """Return mean (D,), k orthonormal directions (k, D) and variances (k,) of points x (N, D)."""
    ### BEGIN SOLUTION
    mean = x.mean(0)
    _, s, directions = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, directions[:k], s[:k] ** 2 / len(x)
    ### END SOLUTION

# %% check="autoencoders-pca-check" points=3
def span(rows):
    """Return the matrix that projects onto what orthonormal rows span: it does not care for signs."""
    return rows.T @ rows


def leading(table, k=3):
    """Return the k leading right singular vectors of a table as rows."""
    return torch.linalg.svd(table, full_matrices=False).Vh[:k]


with checks.unchanged(x=spread_check):
    got = pca(spread_check, 3)
got_mean, got_rows, got_variances = checks.parts(got, ("mean", "directions", "variances"), what="pca(x, 3)")
best = autoencoders.pca(spread_check, 3)
centred = spread_check - best.mean
whole = torch.linalg.svd(centred, full_matrices=False)
checks.equal(
    got_mean,
    best.mean,
    what="The mean of the points",
    hint="Average over the points: one number for each of the D.",
    mistakes={
        "That averages over the numbers of a point; average over points, dimension 0.": spread_check.mean(1),
        "That averages everything; each of the D numbers has its own mean.": spread_check.mean(),
        "Keep no extra dimension: the shape is (D,).": best.mean.unsqueeze(0),
    },
)
is_table = isinstance(got_rows, torch.Tensor) and got_rows.shape == (3, 6)
checks.equal(
    got_rows.norm(dim=1) if is_table else got_rows,
    torch.ones(3) if is_table else torch.zeros(3, 6),
    what="The length of each direction" if is_table else "directions",
    hint="Its shape is (k, D); each row has length 1: leave the singular values out.",
    mistakes={
        "Directions are rows: return the transpose.": [whole.Vh[:3].T, -whole.Vh[:3].T],
        "Return the first k rows, not all.": [whole.Vh, -whole.Vh],
        "That takes U, which belongs to the points; directions are rows of Vᵀ.": [whole.U[:, :3], -whole.U[:, :3]],
    },
)
checks.that(got_rows.dtype == spread_check.dtype, f"directions are {got_rows.dtype}: keep the dtype of x.")
checks.equal(
    got_rows @ got_rows.T,
    torch.eye(3),
    what="The product of the three directions with each other",
    hint="They are at right angles.",
)
checks.equal(
    span(got_rows),
    span(best.directions),
    what="The projection onto your three directions",
    hint="They are the first rows of Vᵀ, for the points without their mean.",
    mistakes={
        "The points are not centred: subtract the mean before the decomposition.": span(leading(spread_check)),
        "Those are the directions of smallest variance; take the first rows.": span(whole.Vh[-3:]),
        "Those are columns of Vᵀ; the directions are its rows.": span(whole.Vh[:, :3].T),
        "Only the mean is subtracted; do not divide by the spread.": [
            span(leading(centred / centred.std(0))),
            span(leading(centred / centred.std(0, correction=0))),
        ],
        "That subtracts each point's own average; subtract the mean of the points.": span(
            leading(spread_check - spread_check.mean(1, keepdim=True))
        ),
        "That subtracts one average for all numbers.": span(leading(spread_check - spread_check.mean())),
    },
)
along_rows = (centred @ got_rows.T).square().mean(0)
checks.equal(
    along_rows,
    best.variances,
    what="The variance along your directions",
    hint="The direction of largest variance comes first.",
    mistakes={"The order is reversed: largest variance first.": best.variances.flip(0)},
)
checks.equal(
    got_variances,
    best.variances,
    what="The variances",
    hint="They are the squares of the first k singular values over N.",
    mistakes={
        "Those are singular values; square them and divide by N.": whole.S[:3],
        "Divide the squares by N.": whole.S[:3] ** 2,
        "Square the singular values.": whole.S[:3] / 50,
        "Divide by N here, not by N − 1.": whole.S[:3] ** 2 / 49,
        "Those are standard deviations; a variance is their square.": best.variances.sqrt(),
        "Divide by the number of points, not by D.": whole.S[:3] ** 2 / 6,
        "Return the first k only.": whole.S**2 / 50,
        "Those are shares of the whole variance.": whole.S[:3] ** 2 / whole.S.square().sum(),
        "The order is reversed: largest variance first.": best.variances.flip(0),
    },
)
### BEGIN HIDDEN TESTS
few = torch.randn(4, 9, generator=torch.Generator().manual_seed(8)) + 3  # fewer points than numbers
mean, rows, variances = pca(few, 2)
wanted = autoencoders.pca(few, 2)
checks.equal(mean, wanted.mean, what="The mean of four points")
checks.equal(span(rows), span(wanted.directions), what="The projection of four points")
checks.equal(variances, wanted.variances, what="The variances of four points")
### END HIDDEN TESTS
checks.passed(pca)

# %%
mean, directions, variances = checks.yours(autoencoders.pca)(x, 100)
through = checks.yours(autoencoders.there_and_back)
shown = x_test[[y_test.tolist().index(digit) for digit in range(10)]]
linear = {k: through(x_test, mean, directions[:k])[2].mean() / 784 for k in (2, 10, 20)}
for k, error in linear.items():
    seen = through(x, mean, directions[:k])[2].mean() / 784
    print(f"k = {k:2}: squared error a pixel {seen:.4f} on training digits, {error:.4f} on test digits")
rows = {f"k = {k}": through(shown, mean, directions[:k])[1] for k in (2, 10, 20, 100)}
rows_of_images({"x": shown} | rows, (6, 3.1))

# %% [markdown]
# **What you see.** Test digits after 2, 10, 20 and 100 numbers. Two tell round from slim; a hundred of 784 suffice to
# read every digit.

# %% [markdown]
# ## 4 · Learn it instead
# Now forget the decomposition. Take a network of two linear layers, $784 \to 10 \to 784$, and let gradients find the
# weights. The loss is the error of exercise 1, averaged over a batch.
#
# ### Exercise 3 · A training step (10 min, ●○○, 2 points)
# Fill `training_step`: forget old gradients, compute the loss, go one step, and return the loss. The target is an
# argument of its own; for an autoencoder it is $x$.
#
# <details><summary>Hint</summary>
#
# Sum over the last dimension, average over the batch; then `loss.backward()` and `optimizer.step()`.
# </details>

# %%
batches = torch.randn(2, 2, 6, 4, generator=g_check).unbind()  # two pairs (input, target) of six points


def fresh():
    """Return a small network and its optimiser, the same every time."""
    model = layers.perceptron([4, 3, 4], generator=torch.Generator().manual_seed(2))
    return model, torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.5)


def weights_of(model):
    """Return all parameters as one tensor."""
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])

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
def two_steps(loss_of, *, keep=False, sign=1.0):
    """Return the losses of two steps and the weights after them, with gradients computed here."""
    model, optimizer = fresh()
    losses, parameters = [], list(model.parameters())
    old = [torch.zeros_like(parameter) for parameter in parameters]
    for pair in batches:
        losses.append(loss_of(model, *pair))
        new = torch.autograd.grad(losses[-1], parameters)
        old = [before + now for before, now in zip(old, new)] if keep else new
        for parameter, gradient in zip(parameters, old):
            parameter.grad = sign * gradient
        optimizer.step()
    return [loss.item() for loss in losses], weights_of(model)


def by(reduce):
    return lambda model, x, target: reduce((model(x) - target).square())


right = by(lambda squares: squares.sum() / 6)
wanted_losses, wanted_weights = two_steps(right)
stepped, its_optimizer = fresh()
autoencoders.training_step(stepped, its_optimizer, *batches[0])
model, optimizer = fresh()
with checks.unchanged(x=batches[0][0], target=batches[0][1]):
    first_loss = training_step(model, optimizer, *batches[0])
checks.equal(
    first_loss,
    wanted_losses[0],
    what="The loss of the first batch",
    hint="Sum the squares over D, average over the batch.",
    mistakes={
        "That averages over the D numbers, too; sum them.": by(torch.mean)(fresh()[0], *batches[0]).item(),
        "That sums over the batch; average it.": by(torch.sum)(fresh()[0], *batches[0]).item(),
        "That compares with x; compare with the target.": right(fresh()[0], batches[0][0], batches[0][0]).item(),
        "The model gets the target; it has to get x.": [
            right(fresh()[0], batches[0][1], batches[0][1]).item(),
            right(fresh()[0], batches[0][1], batches[0][0]).item(),
        ],
        "That is the loss after the step; return the one before.": right(stepped, *batches[0]).item(),
        "The model is not used: that compares x with the target.": right(lambda x: x, *batches[0]).item(),
        "Square the differences.": (fresh()[0](batches[0][0]) - batches[0][1]).abs().sum(-1).mean().item(),
        "The sign is wrong: an error is positive.": -wanted_losses[0],
    },
)
second_loss = training_step(model, optimizer, *batches[1])
checks.equal(
    weights_of(model),
    wanted_weights,
    what="The weights after two steps",
    hint="zero_grad, backward, step: once each.",
    mistakes={
        "The weights have not moved: call backward, then step, and zero_grad before both.": weights_of(fresh()[0]),
        "Gradients of the first batch are left over: call optimizer.zero_grad().": two_steps(right, keep=True)[1],
        "That climbs; go down.": two_steps(right, sign=-1.0)[1],
        "The gradient is that of a mean over the D numbers; sum them.": two_steps(by(torch.mean))[1],
        "The gradient is that of a sum over the batch; average it.": two_steps(by(torch.sum))[1],
    },
)
checks.equal(second_loss, wanted_losses[1], what="The loss of the second batch", hint="Return it from each step.")
### BEGIN HIDDEN TESTS
ends = []
for step in (training_step, autoencoders.training_step):
    model = layers.perceptron([4, 4], generator=torch.Generator().manual_seed(3))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(3):
        loss = step(model, optimizer, batches[0][0][:5], batches[0][1][:5])
    ends.append((float(loss), weights_of(model)))
checks.equal(ends[0][0], ends[1][0], what="The loss of the third step with Adam")
checks.equal(ends[0][1], ends[1][1], what="The weights after three steps with Adam")
### END HIDDEN TESTS
checks.passed(training_step)

# %% [markdown]
# The bottleneck can learn PCA, but will it? Nearly equal errors do not show it: the planes may still be apart. And
# the weights need not be $V$: any invertible mix of the ten codes can be undone by the decoder. What can be compared
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

# %%
frame = torch.linalg.qr(torch.randn(8, 8, generator=g_check, dtype=torch.float64)).Q.T
angles_check = torch.tensor([1.3, 0.4], dtype=torch.float64)
tilted = torch.diag(angles_check.cos()) @ frame[:2] + torch.diag(angles_check.sin()) @ frame[3:5]
mix = torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.5, -1.0], [1.0, 0.0, 3.0]], dtype=torch.float64)
rows_a, rows_b = mix @ frame[:3], mix[:2, :2] @ tilted  # bases that are not orthonormal

# %% exercise="autoencoders-principal-angles"
def principal_angles(a, b):
    """Return the angles, largest first, shape (min(k, m),), between what the rows of a (k, D) and b (m, D) span."""
    ### BEGIN SOLUTION
    basis_a, basis_b = torch.linalg.qr(a.T).Q, torch.linalg.qr(b.T).Q
    cosines = torch.linalg.svdvals(basis_a.T @ basis_b).clamp(max=1)
    return cosines.acos().flip(0)
    ### END SOLUTION

# %% check="autoencoders-principal-angles-check" points=2
with checks.unchanged(a=rows_a, b=rows_b):
    got = principal_angles(rows_a, rows_b)
raw = torch.linalg.svdvals(rows_a @ rows_b.T).clamp(max=1)
unit_a, unit_b = (rows / rows.norm(dim=1, keepdim=True) for rows in (rows_a, rows_b))
checks.equal(
    got,
    angles_check,
    what="The angles between a space and a plane",
    hint="Singular values of the product of two orthonormal bases are cosines.",
    mistakes={
        "The order is reversed: the largest angle comes first.": angles_check.flip(0),
        "Those are cosines; take acos.": [angles_check.cos(), angles_check.cos().flip(0)],
        "Those are sines of the angles.": [angles_check.sin(), angles_check.sin().flip(0)],
        "Those are degrees; radians were asked for.": [angles_check.rad2deg(), angles_check.rad2deg().flip(0)],
        "The rows are not orthonormal yet: take a basis by QR.": [raw.acos().flip(0), raw.acos()],
        "Rows of length 1 are not yet at right angles: take a basis by QR.": [
            torch.linalg.svdvals(unit_a @ unit_b.T).clamp(max=1).acos().flip(0),
            torch.linalg.svdvals(unit_a @ unit_b.T).clamp(max=1).acos(),
        ],
        "That compares row with row; a subspace has many bases.": [
            (unit_a[:2] * unit_b).sum(1).clamp(-1, 1).acos(),
            (unit_a[:2] * unit_b).sum(1).abs().acos(),
        ],
        "That is the largest angle only; there is one for each dimension.": angles_check[0],
        "Those are squares of the cosines.": [angles_check.cos() ** 2, (angles_check.cos() ** 2).flip(0)],
        "That takes asin of cosines.": [angles_check.cos().asin(), angles_check.cos().asin().flip(0)],
    },
)
for seed in range(20):
    mixing = torch.randn(3, 3, generator=checks.generator(seed), dtype=torch.float64) + 3 * torch.eye(3)
    checks.equal(
        principal_angles(rows_a, mixing @ rows_a),
        torch.zeros(3, dtype=torch.float64),
        what="An angle between a space and itself",
        hint="Rounding pushes cosines above 1: clamp them before acos.",
    )
### BEGIN HIDDEN TESTS
pair = torch.randn(12, 12, generator=checks.generator(7), dtype=torch.float64).split((5, 7))
checks.equal(principal_angles(*pair), autoencoders.principal_angles(*pair), what="The angles of 5 and 7 dimensions")
flat = torch.eye(6, dtype=torch.float64)
checks.equal(
    principal_angles(flat[:2], flat[3:5]), torch.full((2,), math.pi / 2, dtype=torch.float64), what="Right angles"
)
### END HIDDEN TESTS
checks.passed(principal_angles)

# %% [markdown]
# **Predict**: when the error is within 1 % of PCA's, how large is the largest angle still?

# %%
angles_between, step = checks.yours(autoencoders.principal_angles), checks.yours(autoencoders.training_step)
centred_x = x - mean
learned = autoencoders.Autoencoder(10, hidden=(), generator=g)  # two linear layers
optimiser = torch.optim.Adam(learned.parameters(), lr=0.02, betas=(0.9, 0.99), fused=True)
pca_error = through(x, mean, directions[:10])[2].mean()
history = []
for epoch in range(16):
    for part, batch in enumerate(torch.randperm(len(x), generator=g).split(100)):
        optimiser.param_groups[0]["lr"] = 0.02 * (1 - (epoch + part / 80) / 16)
        step(learned, optimiser, centred_x[batch], centred_x[batch])
    excess = autoencoders.squared_error(learned.reconstruct(centred_x), centred_x).mean() / pca_error - 1
    angles = angles_between(learned.decoder[0].weight.detach().T, directions[:10]).rad2deg()
    history.append(torch.stack([100 * excess, angles[0]]))

# %%
excess, largest = torch.stack(history).T
fig, ax = plt.subplots()
epochs = torch.arange(1, len(history) + 1)
ax.semilogy(epochs, largest, color=plotting.BLUE, label="largest angle, degrees")
ax.semilogy(epochs, excess, color=plotting.VERMILLION, linestyle="--", label="error above PCA's, %")
ax.set(xlabel="epoch", ylabel="distance from PCA")
ax.legend(loc="lower left")
plt.show()
close = int((excess < 1).double().argmax())  # the first epoch within 1 % of the least error
print("first epoch within 1 %: largest angle above 3°:", bool(largest[close] > 3))
print("at the end: error within 0.1 %:", bool(excess[-1] < 0.1), "and all angles below 4°:", bool(largest[-1] < 4))
mixing = learned.decoder[0].weight.detach().T @ directions[:10].T  # its directions in terms of PCA's
print("share of the mix on the diagonal below a half:", bool(mixing.diagonal().norm() < 0.5 * mixing.norm()))

# %% [markdown]
# **What you see.** At an error 1 % above PCA's, the planes are still about 6 degrees apart: the excess goes with the
# square of the angle. As the step size falls, both vanish. The network ends up drawing what PCA draws, but its ten
# codes are a mix of PCA's, neither at right angles nor sorted.
#
# ## 5 · A curved bottleneck
# Digits do not fill a flat subspace. Give encoder and decoder a hidden layer each, and the bottleneck may bend.
# **Predict**: at the same width of 10, what share of PCA's error is left?

# %%
deep = autoencoders.Autoencoder(10, hidden=(128,), generator=g)
autoencoders.train(deep, x, epochs=10, learning_rate=2e-3, final_rate=0.05, generator=g)
deep_error = autoencoders.squared_error(deep.reconstruct(x_test), x_test).mean() / 784
print(f"test error a pixel at k = 10: linear {linear[10]:.3f}, curved {deep_error:.3f}")
flat = through(shown, mean, directions[:10])[1]
rows_of_images({"x": shown, "PCA": flat, "curved": deep.reconstruct(shown)}, (6, 2))

# %% [markdown]
# **What you see.** Ten numbers each, and three quarters of the error. PCA leaves grey ghosts around blurred strokes;
# the curved network draws clearer ones, though its 4 and 7 stay doubtful.
#
# ## 6 · Denoise
# A bottleneck is one way to make copying hard. Another: spoil the input with noise, and ask for the **clean** image.
#
# $$\mathbb E_{\varepsilon \sim \mathcal N(0, I)} \big\| D(x + \sigma \varepsilon) - x \big\|^2$$
#
# ### Exercise 5 · Denoising loss (10 min, ●●○, 2 points)
# Fill `denoising_loss`, for one draw of the noise, summed over $D$ and averaged over the batch.
#
# <details><summary>Hint</summary>
#
# `torch.randn(x.shape, generator=generator)` draws independent noise for every number. What is the target?
# </details>

# %%
clean_check = torch.stack([torch.linspace(-1, 1, 20_000), torch.full((20_000,), 0.4), torch.ones(20_000)], -1)

# %% exercise="autoencoders-denoising-loss"
def denoising_loss(model, x, noise_std, *, generator):
    """Return the mean over the batch of ‖model(x + noise) − x‖², with noise of spread noise_std on x (B, D)."""
    ### BEGIN SOLUTION
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    return (model(noisy) - x).square().sum(-1).mean()
    ### END SOLUTION

# %% check="autoencoders-denoising-loss-check" points=2
seen = []
gain = torch.tensor([0.5, 0.8, 1.1], requires_grad=True)


def scale(noisy):
    seen.append(noisy.detach().clone() if isinstance(noisy, torch.Tensor) else noisy)
    return gain * noisy + 0.1


with checks.unchanged(x=clean_check):
    got = denoising_loss(scale, clean_check, 0.4, generator=checks.generator(12))
checks.that(len(seen) == 1, f"The model was called {len(seen)} times, but it cleans one noisy batch: call it once.")
checks.that(
    isinstance(seen[0], torch.Tensor) and seen[0].shape == clean_check.shape,
    f"The model got {tuple(getattr(seen[0], 'shape', ()))}, but noisy points of shape (20000, 3) were expected.",
)
added = (seen[0] - clean_check) / 0.4
spreads = added.std().item()
for sentence, is_so in {
    "The model got the clean x: add noise to what it gets.": added.abs().max() < 1e-3,
    "All numbers got the same noise: draw one for each.": (added - added[0, 0]).abs().max() < 1e-3,
    "All points got the same noise: draw noise of the shape of x.": added.std(0).max() < 1e-3,
    "All numbers of a point got the same noise: draw noise of the shape of x.": added.std(1).max() < 1e-3,
    "The model got noise alone: add it to x.": abs((seen[0] / 0.4)[:, 2].mean()) < 0.1,
    "The noisy x was cut to [0, 1]; leave it as it is.": bool((seen[0] >= 0).all() and (seen[0] <= 1).all()),
    "The noise was multiplied by σ²; multiply it by σ.": abs(spreads - 0.4) < 0.02,
    "The noise was multiplied by √σ; multiply it by σ.": abs(spreads - 0.4**-0.5) < 0.02,
    "The noise has spread 1; multiply it by noise_std.": abs(spreads - 1 / 0.4) < 0.04,
    "That noise is uniform in [0, 1): draw with randn.": bool((added > -1e-4).all() and (added < 1.0001).all()),
    "That noise takes only two values: draw with randn.": (added.abs() - 1).abs().max() < 1e-3,
    "That noise is uniform: draw with randn.": added.abs().max() < 2 and added.var() ** 2 < 0.7 * (added**4).mean(),
}.items():
    checks.that(not is_so, sentence)
checks.mean(added, 0.0, what="The mean of noise/σ", hint="Noise has mean 0: use randn.")
checks.mean(added**2, 1.0, what="The mean of (noise/σ)²", hint="Noise has spread noise_std.")
checks.mean(added**4, 3.0, what="The mean of (noise/σ)⁴", hint="The noise has to be normal: use randn.")
checks.mean(added[:, 0] * added[:, 1], 0.0, what="The product of two numbers' noise", hint="Draw it for each number.")
checks.mean(added[::2] * added[1::2], 0.0, what="The product of two points' noise", hint="Draw it for each point.")
squares_check = (gain * seen[0] + 0.1 - clean_check).square()
astray = (gain * seen[0] + 0.1 - seen[0]).square()
checks.equal(
    got,
    squares_check.sum(-1).mean(),
    what="The loss",
    hint="Compare with the clean x; square, sum over D, average over the batch.",
    mistakes={
        "The target is the noisy x; it has to be the clean one.": [astray.sum(-1).mean(), astray.mean()],
        "That averages over D, too; sum over the numbers of a point.": squares_check.mean(),
        "That sums over the batch; average it.": squares_check.sum(),
        "That predicts the noise; the target is x.": [
            (gain * seen[0] + 0.1 - noise).square().sum(-1).mean() for noise in (added, 0.4 * added)
        ],
        "Each point has its error here; average them.": squares_check.sum(-1),
        "Square the differences.": squares_check.sqrt().sum(-1).mean(),
        "That compares the noisy x with x; the model's output is missing.": (seen[0] - clean_check)
        .square()
        .sum(-1)
        .mean(),
    },
)
checks.equal(
    checks.gradient(got, gain, what="The loss"),
    torch.autograd.grad(squares_check.sum(-1).mean(), gain)[0],
    what="The gradient with respect to the model's weights",
    hint="It passes through the model's output only.",
)
checks.reproducible(
    lambda generator: denoising_loss(lambda noisy: noisy, clean_check[:50], 0.3, generator=generator), what="The loss"
)
### BEGIN HIDDEN TESTS
late = []
got = denoising_loss(lambda z: late.append(z) or z.sin(), clean_check[:7], 2.0, generator=checks.generator(3))
checks.equal(got, (late[0].sin() - clean_check[:7]).square().sum() / 7, what="The loss of seven points")
### END HIDDEN TESTS
checks.passed(denoising_loss)

# %%
denoise = checks.yours(denoising.denoising_loss)
cleaner = layers.perceptron([784, 256, 784], generator=g)  # no bottleneck that is worth the name


def batch_loss(model, batch):
    loss = denoise(model, batch, 0.5, generator=g)
    return loss, (loss.expand(len(batch)),)

# %%
training.fit(cleaner, x, batch_loss, epochs=6, batch_size=100, learning_rate=2e-3, final_rate=0.05, generator=g)
noisy = autoencoders.corrupt(shown, 0.5, generator=g)
rows_of_images({"noisy": noisy, "cleaned": cleaner(noisy), "x": shown}, (6, 2))
many = autoencoders.corrupt(x_test, 0.5, generator=g)
before, after = (autoencoders.squared_error(images, x_test).mean() / 784 for images in (many, cleaner(many).detach()))
print(f"error a pixel: noisy {before:.2f}, cleaned {after:.2f}")

# %% [markdown]
# **What you see.** Strokes come out of snow. To do so the network must know what digits look like.
#
# What exactly does it know? Suppose the data are $N$ points, each as likely. Then the denoiser of least error is
# known: the mean of all points, each weighted by how probable it makes what we see (lesson 08 calls that a
# posterior).
#
# $$D(\tilde x) = \mathbb E[x \mid \tilde x] = \sum_i w_i x_i \qquad w_i \propto \exp\left( -\frac{\|\tilde x -
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

# %%
sites = torch.tensor([[0.0, 0.0], [1.0, 0.2], [-0.4, 0.9], [0.3, -1.1]])
noisy_check = torch.tensor([[0.4, 0.3], [-0.2, 0.5], [0.5, -0.6], [9.0, -7.0], [0.1, 0.1]])

# %% exercise="autoencoders-best-denoiser"
def best_denoiser(noisy, points, noise_std):
    """Return E[x | noisy], shape (..., D), of noisy (..., D), if x is one of points (N, D), each equally probable."""
    ### BEGIN SOLUTION
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), -1)
    return weights @ points
    ### END SOLUTION

# %% check="autoencoders-best-denoiser-check" points=3
squares_to = torch.stack([(noisy_check - site).square().sum(-1) for site in sites], -1)
fit_check = -squares_to / (2 * 0.5**2)
good = fit_check.softmax(-1) @ sites
with checks.unchanged(noisy=noisy_check, points=sites):
    got = best_denoiser(noisy_check, sites, 0.5)
checks.equal(
    got,
    good,
    what="The cleaned points",
    hint="They are softmax(−‖noisy − point‖²/2σ²) over the points, times the points.",
    mistakes={
        "Far away all exponentials underflow: use softmax of the exponents.": [
            (fit_check.exp() / fit_check.exp().sum(-1, keepdim=True)) @ sites,
            (fit_check.exp() / (fit_check.exp().sum(-1, keepdim=True) + 1e-8)) @ sites,
            (fit_check.exp() / (fit_check.exp().sum(-1, keepdim=True) + 1e-12)) @ sites,
        ],
        "The weights do not sum to 1: divide by their sum.": fit_check.exp() @ sites,
        "That takes the nearest point only; all points have a weight.": sites[squares_to.argmin(-1)],
        "That is the plain mean of all points; weight them.": sites.mean(0).expand(5, 2),
        "The 2 is missing: the exponent is −‖…‖²/(2σ²).": (2 * fit_check).softmax(-1) @ sites,
        "Divide by 2σ², not by 2σ.": (-squares_to / (2 * 0.5)).softmax(-1) @ sites,
        "noise_std is missing: divide by 2σ².": [
            (-squares_to / 2).softmax(-1) @ sites,
            (-squares_to).softmax(-1) @ sites,
        ],
        "That divides by 2 and multiplies by σ²: put 2σ² in brackets.": (-squares_to / 2 * 0.5**2).softmax(-1) @ sites,
        "The distance has to be squared.": (-squares_to.sqrt() / (2 * 0.5**2)).softmax(-1) @ sites,
        "The sign is wrong: a far point weighs little.": (-fit_check).softmax(-1) @ sites,
        "The weights of one noisy point sum to 1: softmax runs over the points.": fit_check.softmax(0) @ sites,
        "That is where to move; add noisy, or leave out the subtraction.": good - noisy_check,
        "Those are the weights; multiply them with the points.": fit_check.softmax(-1),
        "That is noisy itself.": noisy_check,
    },
)
### BEGIN HIDDEN TESTS
stacked = torch.linspace(-1, 1, 36).cos().view(2, 6, 3)
trio = torch.tensor([[0.9, 0.8, 0.7], [1.0, 0.5, 0.6]])
checks.equal(best_denoiser(stacked, trio, 0.2), denoising.best_denoiser(stacked, trio, 0.2), what="A batch of (2, 6)")
one = stacked[0, 0]
checks.equal(best_denoiser(one, trio, 0.7), denoising.best_denoiser(one, trio, 0.7), what="One point")
### END HIDDEN TESTS
checks.passed(best_denoiser)

# %% [markdown]
# Now a plane in place of 784 dimensions: 300 points on a spiral, and a network that learns to denoise with noise of
# spread 0.15. **Predict** where its arrows $D(x) - x$ point: on the spiral, beside it, between its arms?

# %%
turns = 1 + 3 * math.pi * torch.rand(300, 1, generator=g)
spiral = torch.cat([turns * turns.cos(), turns * turns.sin()], -1) / 8
net = layers.perceptron([2, 64, 64, 2], generator=g)
optimiser = torch.optim.Adam(net.parameters(), lr=0.01, fused=True)
for i in range(1500):
    optimiser.param_groups[0]["lr"] = 0.01 * (1 - i / 1500)
    step(net, optimiser, autoencoders.corrupt(spiral, 0.15, generator=g), spiral)

# %%
best_of = checks.yours(denoising.best_denoiser)
axis = torch.linspace(-1.4, 1.4, 21)
plane = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1)
fig, axes = plt.subplots(1, 2, figsize=(7, 3.5), sharey=True)
fields = {"network": net(plane).detach() - plane, "best": best_of(plane, spiral, 0.15) - plane}
for ax, (name, field) in zip(axes, fields.items()):
    ax.plot(*spiral.T, ".", color=plotting.VERMILLION, markersize=2)
    arrows = {"angles": "xy", "scale_units": "xy", "scale": 1, "color": plotting.BLUE, "width": 0.004}
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
# **What you see.** Each bad point is sent to a good one; on the spiral arrows vanish, between two arms they part.
# Left is learnt, right computed.
#
# The arrows have a meaning: $D(x) - x = \sigma^2\, \nabla \log p_\sigma(x)$, where $p_\sigma$ is the density of the
# noisy data. A denoiser is the slope of a log-density, uphill to where data are dense. Check it with autograd:

# %%
at = plane.reshape(-1, 2).clone().requires_grad_()
slope = torch.autograd.grad(denoising.log_density(at, spiral, 0.15).sum(), at)[0]
print("equal:", torch.allclose(best_of(plane, spiral, 0.15) - plane, 0.15**2 * slope.view(21, 21, 2), atol=1e-4))

# %% [markdown]
# ## 7 · Why its decoder does not generate
# A decoder turns codes into images, so draw a code and decode it? To look, take a bottleneck of two numbers.
# **Predict**: do the codes of all digits fill the plane?

# %%
flat_map = autoencoders.Autoencoder(2, hidden=(256, 64), generator=g)
autoencoders.train(flat_map, x, epochs=14, batch_size=200, learning_rate=2e-3, final_rate=0.05, generator=g)
codes = flat_map.encode(x[::2]).detach()  # every second digit
labels = data.digits().y_train[::2]
low, high = (codes.quantile(share, 0) for share in (0.01, 0.99))
middle, half = (low + high) / 2, 0.55 * (high - low)
corner = (middle - half).tolist(), (middle + half).tolist()
extent = (corner[0][0], corner[1][0], corner[0][1], corner[1][1])


def lattice(n):
    """Return n × n codes over the map, shape (n, n, 2), the first row at the top."""
    across, up = (torch.linspace(a, b, n) for a, b in zip(*corner))
    return torch.stack(torch.meshgrid(across, up.flip(0), indexing="xy"), -1)

# %%
def draw_map(ax):
    """Draw codes as their digits, over the distance to the nearest code."""
    points = lattice(90)
    distance = latent.nearest(points.view(-1, 2), codes)[0].view(90, 90)
    ax.imshow(distance, extent=extent, aspect="auto", cmap="Greys", vmax=2 * distance.quantile(0.97))
    for digit in range(10):
        colour = plotting.STYLES[digit % 5][0]
        ax.plot(*codes[labels == digit][::10].T, color=colour, marker=f"${digit}$", markersize=4, linewidth=0)
    ax.set(xlabel="$z_1$", ylabel="$z_2$", xlim=extent[:2], ylim=extent[2:])

# %%
def show_code(z1, z2):
    """Show where a code lies and what the decoder makes of it."""
    z = torch.tensor([[z1, z2]])
    fig, axes = plt.subplots(1, 2, width_ratios=(2, 1))
    draw_map(axes[0])
    axes[0].plot(z1, z2, "+", color=plotting.BLACK, markersize=20, mew=3)
    axes[1].imshow(flat_map.images(z).view(28, 28), cmap="gray", vmin=0, vmax=1)
    axes[1].set(xticks=[], yticks=[], title=f"nearest code: {latent.nearest(z, codes)[0].item():.2f}")
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
fig, axes = plt.subplots(1, 2, figsize=(7.6, 3.8))
draw_map(axes[0])
decoded = latent.tile(flat_map.images(lattice(11)))
axes[1].imshow(decoded, extent=extent, aspect="auto", cmap="gray", vmin=0, vmax=1, interpolation="nearest")
axes[1].set(xlabel="$z_1$", ylabel="$z_2$")
plt.show()

# %% [markdown]
# **What you see.** Without a kernel: the map of codes, darker where the next code is far, and what the decoder draws
# all over it. Arms of digits crowd in the middle and leave gaps and corners empty; there, as at the top right, it
# draws shapes that are no digit. It was never trained there, and nothing told the encoder where to put its codes.

# %% [markdown]
# ### Exercise 7 · Holes (15 min, ●●○, 3 points)
# How much is hole? Call a distance **far** if it exceeds what 99 % of the codes have to their nearest **other** code.
# Fill `hole_share`: the share of points whose nearest code is far.
#
# <details><summary>Hint</summary>
#
# `torch.cdist(a, b)` gives all distances, shape (len(a), len(b)). A code's distance to itself is 0; put infinity on
# the diagonal with `.fill_diagonal_`.
# </details>

# %%
g_holes = torch.Generator().manual_seed(1)
round_check = torch.randn(60, 2, generator=g_holes)
codes_check = 2 * round_check / round_check.norm(dim=1, keepdim=True) + 0.4 * torch.randn(60, 2, generator=g_holes)
guesses_check = 1.4 * torch.randn(40, 2, generator=g_holes)

# %% exercise="autoencoders-hole-share"
def hole_share(points, codes, quantile=0.99):
    """Return the share of points (M, Z) farther from all codes (N, Z) than that quantile of the codes' own gaps."""
    ### BEGIN SOLUTION
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    distances = torch.cdist(points, codes).min(1).values
    return (distances > gaps.quantile(quantile)).float().mean()
    ### END SOLUTION

# %% check="autoencoders-hole-share-check" points=3
def share_beyond(bound, distances):
    return (distances > bound).float().mean()


apart = (codes_check.unsqueeze(1) - codes_check).square().sum(-1).sqrt()
others = apart.masked_fill(torch.eye(60, dtype=torch.bool), math.inf)
to_codes = (guesses_check.unsqueeze(1) - codes_check).square().sum(-1).sqrt()
gap_check, near_check = others.amin(1), to_codes.amin(1)
far_check = gap_check.quantile(0.77)
share_check = share_beyond(far_check, near_check)
with checks.unchanged(points=guesses_check, codes=codes_check):
    got = hole_share(guesses_check, codes_check, 0.77)
checks.equal(
    got,
    share_check,
    what="The share of 40 points in holes, at the quantile 0.77,",
    hint="Far is the quantile of the codes' distances to their nearest other code.",
    mistakes={
        "Every point seems far. Is each code its own nearest code? Did you take each point's nearest code, by min?": [
            share_beyond(1e-3, near_check),
            share_beyond(far_check, to_codes.mean(1)),
            share_beyond(far_check, to_codes.amax(1)),
        ],
        "That is the share that is near.": 1 - share_check,
        "That is the number of points; divide by how many there are.": share_check * 40,
        "That asks each code for its nearest point; ask each point for its nearest code.": share_beyond(
            far_check, to_codes.amin(0)
        ),
        "Far is a quantile of the codes' own gaps, not of the points' distances.": share_beyond(
            near_check.quantile(0.77), near_check
        ),
        "Take the quantile that is given; do not write 0.99.": share_beyond(gap_check.quantile(0.99), near_check),
        "Take the quantile of the gaps, not the largest.": share_beyond(gap_check.max(), near_check),
        "Take the quantile of the gaps, not their mean.": share_beyond(gap_check.mean(), near_check),
        "Take the quantile that is given, not its complement.": share_beyond(gap_check.quantile(0.23), near_check),
        "Take each code's nearest other code, not all distances between codes.": [
            share_beyond(apart.quantile(0.77), near_check),
            share_beyond(apart[others.isfinite()].quantile(0.77), near_check),
        ],
        "That takes distances to the average code; take the nearest code.": share_beyond(
            far_check, (guesses_check - codes_check.mean(0)).norm(dim=1)
        ),
        "That counts pairs of point and code; take the nearest code first.": share_beyond(far_check, to_codes),
        "That asks whether codes lie in holes; ask it of the points.": share_beyond(far_check, gap_check),
        "Those are single answers; average them.": (near_check > far_check),
    },
)
### BEGIN HIDDEN TESTS
for share in (0.5, 0.95):
    checks.equal(
        hole_share(codes_check[:30] + 0.1, codes_check[20:], share),
        latent.hole_share(codes_check[:30] + 0.1, codes_check[20:], quantile=share),
        what=f"The share in holes of other points, at the quantile {share},",
    )
in_3d = torch.linspace(0, 50, 240).sin().view(80, 3)
apart_3d = 1.5 * in_3d[:50], in_3d[30:]
checks.equal(hole_share(*apart_3d), latent.hole_share(*apart_3d), what="The share in 3-D, at the quantile 0.99,")
### END HIDDEN TESTS
checks.passed(hole_share)

# %% [markdown]
# Back to ten codes, which reconstruct far better. Four ways to choose codes:
#
# - encode test digits;
# - **parts**: each of the ten numbers from the code of some digit, each from another one (as in section 1);
# - **Gaussian**: a normal distribution with the mean and covariance of the codes;
# - **prior**: $\mathcal N(0, I)$, which we would like to draw from.
#
# **Predict** the share of each in holes.

# %%
share_of, g_draw = checks.yours(latent.hole_share), torch.Generator().manual_seed(2)
ten = deep.encode(x[::2]).detach()
shape = torch.linalg.cholesky(torch.cov(ten.T))
choices = {
    "test digits": deep.encode(x_test).detach(),
    "parts": ten.gather(0, torch.randint(len(ten), (2000, 10), generator=g_draw)),
    "Gaussian": ten.mean(0) + torch.randn(2000, 10, generator=g_draw) @ shape.T,
    "prior": torch.randn(2000, 10, generator=g_draw),
}
for name, points in choices.items():
    print(f"{name}: {share_of(points, ten):.1f} in holes")
some = torch.randperm(2000, generator=g_draw)[:10]
rows_of_images({name: deep.images(points[some]) for name, points in choices.items()}, (6, 2.5))

# %% [markdown]
# **What you see.** Decoded test digits are digits. Parts that each occur in the data combine into scribbles:
# nonsense, though every single number is right, as the dust of section 1 had every single pixel right. A Gaussian
# around the codes is little better, the prior worst.
#
# So a decoder needs codes whose distribution is known and filled, and for that the training has to see to it. Then
# one may draw $z$ from the prior and decode it. That is the **variational** autoencoder.

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
# two, but the share of random codes in holes larger. In the extreme every image has a point of its own, with nothing
# between.
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
# - PCA: $X - m = U S V^\top$, $z = V(x - m)$. A linear autoencoder learns the same subspace, not the same axes.
# - Denoising: $\mathbb E \| D(x + \sigma \varepsilon) - x \|^2$; the best $D(\tilde x) = \mathbb E[x \mid \tilde x] =
#   \tilde x + \sigma^2\, \nabla \log p_\sigma(\tilde x)$.
# - Its decoder does not generate: codes leave holes, and parts drawn apart combine into nonsense.

# %% [markdown]
# **References.** The lecture, part 2, from its beginning to autoencoders. Goodfellow, Bengio and Courville (2016),
# sections 2.12, 5.8.1 and 14.1 to 14.5. Bishop (2006), section 12.1. Baldi and Hornik (1989). Hinton and
# Salakhutdinov (2006). Vincent, Larochelle, Bengio and Manzagol (2008), section 2; Vincent et al. (2010), section 3.
# Alain and Bengio (2014), sections 2 and 3. Björck and Golub (1973) for principal angles. LeCun and Cortes (1998) for
# the digits.
#
# Next: **08 · The bound**.
