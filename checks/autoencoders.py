"""Lesson 07: what tells a right PCA, autoencoder or denoiser from a wrong one."""

import copy
import functools
import math

import torch
from torch import Tensor, nn

from checks import compare, noise, steps
from checks.answer import Answer, Raised
from checks.compare import equal, generator, parts, that
from checks.exercise import exercise
from helpers import autoencoders, latent, layers

POINTS = ((0.0, 0.0, 0.5), (1.0, 0.2, -0.3), (-0.4, 0.9, 0.0), (0.3, -1.1, 0.7), (-0.4, 0.9, 0.0))  # one twice
NOISY = ((0.4, 0.3, 0.1), (-0.2, 0.5, -0.6), (90.0, -70.0, 40.0), (1.0, 0.2, -0.3), (0.5, -0.6, 0.0), (0.0, 0.0, 0.0))
NOISY += ((8.0, -3.0, 2.13),)  # nearly as far from two of the points, and exp(−‖…‖²/2σ²) is 0 in float32


@exercise(own=autoencoders.there_and_back)
def there_and_back(answer, *, size=5, codes=(2, 1), leading=((7,), (2, 3, 4), (1,), ()), seed=5):
    """Codes, rebuilt points and errors of points with any leading dimensions; as many numbers a code as `codes` say."""
    source = generator(seed)
    for k in codes:
        directions = torch.linalg.qr(torch.randn(size, k, generator=source)).Q.T
        centre = 3 * torch.randn(size, generator=source)
        for lead in leading:
            x = centre + torch.randn(*lead, size, generator=source)
            if len(lead) == 1 and lead[0] > 1:
                x[1] = centre  # its code and its error are 0
            _same_trip(answer, x, centre, directions)
    _same_trip(answer, x.double(), centre.double(), directions.double())


def _same_trip(answer: Answer, x: Tensor, centre: Tensor, directions: Tensor) -> None:
    got = parts(_ask(answer, x, centre, directions), ("codes", "rebuilt", "error"), what="there_and_back(…)")
    z = torch.einsum("kd,...d->...k", directions, x - centre)
    back = centre + torch.einsum("kd,...k->...d", directions, z)
    _same_codes(got[0], z, x, centre, directions, back)
    _same_points(got[1], back, x, centre)
    _same_errors(got[2], back - x, centre)
    for part, name in zip(got, ("codes are", "rebuilt points are", "error is"), strict=True):
        _same_dtype(part, x, f"The {name}", "x")


def _same_dtype(got: Tensor, given: Tensor, what: str, name: str) -> None:
    that(got.dtype == given.dtype, f"{what} {got.dtype}, but {name} is {given.dtype}: keep the dtype of {name}.")


def _same_codes(got, z: Tensor, x: Tensor, centre: Tensor, directions: Tensor, back: Tensor) -> None:
    equal(
        got,
        z,
        what=f"The code for x of shape {tuple(x.shape)}",
        hint="They are (x − mean) times the directions, one number for each direction.",
        mistakes={
            "Subtract the mean before you encode.": x @ directions.T,
            "The mean is added; subtract it.": (x + centre) @ directions.T,
            "The mean is subtracted twice, or from the code.": (x - 2 * centre) @ directions.T,
            "Subtract the argument `mean`, D numbers, and no other average.": [
                (x - other) @ directions.T for other in (x.mean(0), x.reshape(-1, x.shape[-1]).mean(0), centre.mean())
            ],
            "Those are the rebuilt points; return the codes first.": back,
            "The directions are rows: transpose them to encode.": z.mT if z.dim() > 1 else [],
            "Keep the last dimension, even where a code is a single number.": z.squeeze(-1),
            "Keep the dimension of the points, even where there is one only.": z.squeeze(0),
        },
    )


def _same_points(got, back: Tensor, x: Tensor, centre: Tensor) -> None:
    equal(
        got,
        back,
        what=f"The rebuilt point for x of shape {tuple(x.shape)}",
        hint="They are codes times directions, plus the mean.",
        mistakes={
            "Add the mean after you decode.": back - centre,
            "The mean is subtracted; add it.": back - 2 * centre,
            "That is x itself: it has not passed the bottleneck.": x,
            "That is what is lost, not what is rebuilt.": [back - x, x - back],
        },
    )


def _same_errors(got, miss: Tensor, centre: Tensor) -> None:
    squares = miss.square()
    equal(
        got,
        squares.sum(-1),
        what=f"The error for x of shape {tuple(miss.shape)}",
        hint="An error is the squared difference, summed over the last dimension.",
        mistakes={
            "That averages over the numbers of a point; sum them.": squares.mean(-1),
            "That mixes the points; each has its own error.": [
                squares.sum(-1).mean(),
                squares.sum(),
                squares.mean(),
                squares.sum(0),
            ],
            "Any dimensions may stand before the last: count from the end, dim=-1.": [
                squares.sum(dim) for dim in range(1, miss.dim() - 1)
            ],
            "That is a distance; leave out the square root.": miss.norm(dim=-1),
            "Square the differences.": [miss.sum(-1), -miss.sum(-1), miss.abs().sum(-1)],
            "The sum is squared: square each difference, then add.": miss.sum(-1).square(),
            "Compare with x once the mean is added back.": (miss - centre).square().sum(-1),
            "Compare with x itself, not with x − mean.": (miss + centre).square().sum(-1),
            "Keep no extra dimension: one number for each point.": squares.sum(-1, keepdim=True),
            "Sum over the numbers of each point.": squares,
            "Halve nothing: the error is the whole sum.": 0.5 * squares.sum(-1),
        },
    )


def _ask(answer: Answer, x: Tensor, *others):
    """Ask for points x; where they are no plain rows, an exception is told with its likely cause."""
    try:
        return answer(x, *others)
    except Raised as raised:
        if x.dim() == 2:
            raise
        advice = "Any dimensions may stand before the last: count from the end, dim=-1."
        sentence = f"For points of shape {tuple(x.shape)}: {raised} {advice}"
        raise raised.told(sentence) from None


ORDER = "Return the mean first, then the directions, then the variances."


@exercise(own=autoencoders.pca)
def pca(answer, *, sizes=((50, 6, 3), (5, 9, 2), (20, 4, 1)), largest=4.0, falls=0.6, seed=5):
    """Mean, k directions and variances of N points with D numbers; `sizes` are (N, D, k), `largest` a spread."""
    for number, (n, size, k) in enumerate((*sizes, sizes[0])):
        on_axes = number == len(sizes)
        spread_out = _spread_out(n, size, largest, falls, generator(seed + number), on_axes=on_axes)
        x, centre, directions, variances = (part.double() if on_axes else part.float() for part in spread_out)
        got = parts(answer(x, k), ("mean", "directions", "variances"), what=f"pca(x, {k})")
        where = f"of {n} points with {size} numbers" + ", each of which varies on its own," * on_axes
        _same_mean(got[0], x, centre, variances[:k], where)
        _same_span(got[1], x, directions[:k], where)
        _same_variances(got[2], got[1], x, variances[:k], where)


def _spread_out(
    n: int, size: int, largest: float, falls: float, source: torch.Generator, *, on_axes: bool = False
) -> tuple[Tensor, ...]:
    """Return points whose mean, directions and variances are known without a decomposition, and these three.

    On the axes the second number varies most, then the third, …, and the first least: what is not sorted shows there.
    """
    rank = min(n - 1, size)
    columns = torch.cat([torch.ones(n, 1), torch.randn(n, rank, generator=source)], 1).double()
    across = torch.linalg.qr(columns).Q[:, 1:]  # of mean 0, of length 1, and at right angles to each other
    turned = torch.linalg.qr(torch.randn(size, size, generator=source).double()).Q
    directions = (torch.eye(size).double().roll(1, 0) if on_axes else turned)[:, :rank].T
    spreads = largest * falls ** torch.arange(rank).double()
    centre = 2 * torch.randn(size, generator=source).double()
    x = math.sqrt(n) * across * spreads @ directions + centre
    return x, centre, directions, spreads.square()


def _same_mean(got, x: Tensor, centre: Tensor, variances: Tensor, where: str) -> None:
    is_table = isinstance(got, Tensor) and got.shape == (len(variances), x.shape[1]) != (1, x.shape[1])
    that(not is_table, f"The first part has shape {tuple(got.shape) if is_table else ()}. {ORDER}")
    equal(
        got,
        centre,
        what=f"The mean {where}",
        hint="Average over the points: one number for each of the D.",
        mistakes={
            "That averages over the numbers of a point; average over points, dimension 0.": x.mean(1),
            "That averages everything; each of the D numbers has its own mean.": x.mean(),
            "Keep no extra dimension: the shape is (D,).": centre.unsqueeze(0),
            "That is the sum of the points; divide it by N.": x.sum(0),
            "The sign is wrong: return the mean, and subtract it.": -centre,
            ORDER: variances,
        },
    )
    _same_dtype(got, x, "The mean is", "x")


def _same_span(got, x: Tensor, directions: Tensor, where: str) -> None:
    """Check the directions but for their signs and their order."""
    k, size = directions.shape
    if not (isinstance(got, Tensor) and got.shape == (k, size)):
        whole = torch.linalg.svd(x - x.mean(0), full_matrices=False)
        equal(
            got.abs() if isinstance(got, Tensor) and got.dtype != torch.bool else got,
            directions,
            what=f"The table of directions {where}",
            hint="Its shape is (k, D).",
            mistakes={
                "Directions are rows: return the transpose.": directions.T.abs(),
                "Return the first k rows, not all.": [whole.Vh.abs(), torch.linalg.svd(x - x.mean(0)).Vh.abs()],
                "That takes U, which belongs to the points; directions are rows of Vᵀ.": [
                    whole.U[:, :k].abs(),
                    whole.U[:, :k].T.abs(),
                    whole.U[:k].abs(),
                ],
                "Those are columns of Vᵀ; the directions are its rows.": [
                    whole.Vh[:, :k].abs(),
                    whole.Vh[:, :k].T.abs(),
                ],
                "That is a covariance of points with each other: torch.cov takes x.T.": [
                    torch.linalg.eigh(torch.cov(x)).eigenvectors.flip(1)[:, :k].T.abs()
                ],
                "Keep the dimension of the directions, even where there is one only: (1, D).": directions[0].abs(),
            },
        )
    _same_dtype(got, x, "The directions are", "x")
    equal(
        got.norm(dim=1),
        torch.ones(k),
        what=f"The length of each direction {where}",
        hint="Each row has length 1: leave the singular values out.",
    )
    equal(
        got @ got.T,
        torch.eye(k),
        what="The product of the directions with each other",
        hint="They are at right angles.",
        atol=1e-4,
    )
    equal(
        _onto(got),
        _onto(directions),
        what=f"The projection onto your directions {where}",
        hint="They are the first rows of Vᵀ, for the points without their mean.",
        mistakes=functools.partial(_wrong_spans, got, x, k),
        atol=1e-4,
    )


def _wrong_spans(got: Tensor, x: Tensor, k: int) -> dict:
    """Return the projections onto what likely mistakes give."""
    centred = x - x.mean(0)
    rows = torch.linalg.svd(centred, full_matrices=False).Vh
    covariance = centred.T @ centred / len(x)
    vectors, unsorted = torch.linalg.eigh(covariance).eigenvectors, torch.linalg.eig(covariance).eigenvectors.real
    return {
        "Nothing sorts what torch.linalg.eig returns; eigh sorts, the smallest first.": _onto(unsorted[:, :k].T),
        "The points are not centred: subtract the mean before the decomposition.": _leading(x, k),
        "Those are the directions of smallest variance; take the first rows.": [
            _onto(rows[-k:]),
            _onto(vectors.T[:k]),
        ],
        "Those are columns of Vᵀ; the directions are its rows. Of eigh's vectors they are the columns.": _if_like(
            got, rows[:, :k].T, vectors[:k], vectors[-k:], vectors.flip(1)[:k], vectors.flip(0)[:k]
        ),
        "Only the mean is subtracted; do not divide by the spread.": [
            _leading(centred / centred.std(0, correction=correction).clamp(min=1e-9), k) for correction in (0, 1)
        ],
        "That subtracts each point's own average; subtract the mean of the points.": _leading(
            x - x.mean(1, keepdim=True), k
        ),
        "That subtracts one average for all numbers.": _leading(x - x.mean(), k),
    }


def _same_variances(got, directions: Tensor, x: Tensor, variances: Tensor, where: str) -> None:
    n, k = len(x), len(variances)
    centred = x - x.mean(0)
    singular = torch.linalg.svdvals(centred)
    equal(
        (centred @ directions.T).square().mean(0),
        variances,
        what=f"The variance along your directions {where}",
        hint="The direction of largest variance comes first.",
        mistakes={"The order is reversed: largest variance first.": variances.flip(0)},
    )
    equal(
        got,
        variances,
        what=f"The variance {where}",
        hint="They are the squares of the first k singular values over N.",
        mistakes={
            "Those are singular values; square them and divide by N.": singular[:k],
            "Divide the squares by N.": singular[:k] ** 2,
            "Square the singular values.": singular[:k] / n,
            "Divide by N here, not by N − 1.": singular[:k] ** 2 / (n - 1),
            "Those are standard deviations; a variance is their square.": variances.sqrt(),
            "Divide by the number of points, not by D.": singular[:k] ** 2 / x.shape[1],
            "Return the first k only.": [singular**2 / n, torch.cat([singular, singular.new_zeros(99)])[: x.shape[1]]],
            "Those are shares of the whole variance.": singular[:k] ** 2 / singular.square().sum(),
            "Square first, then divide by N, once.": (singular[:k] / n) ** 2,
            "The covariance has the variances as its singular values: do not square them.": [
                variances**2,
                (singular[:k] ** 2 / (n - 1)) ** 2,
            ],
            "Those are variances of the D numbers; take them along the directions.": [
                x.var(0, correction=correction)[:k] for correction in (0, 1)
            ],
            "The order is reversed: largest variance first.": variances.flip(0),
        },
    )
    _same_dtype(got, x, "The variances are", "x")


def _onto(rows: Tensor) -> Tensor:
    """Return the matrix that projects onto what orthonormal rows span: it does not care for signs."""
    return rows.T @ rows


def _leading(table: Tensor, k: int) -> Tensor:
    """Return the projection onto the k leading right singular vectors of a table."""
    return _onto(torch.linalg.svd(table, full_matrices=False).Vh[:k])


def _if_like(got: Tensor, *candidates: Tensor) -> list[Tensor]:
    """Return got's own projection if it is one of some tables but for signs, which no decomposition settles."""
    alike = [
        one.shape == got.shape and torch.allclose(got.abs(), one.abs(), rtol=1e-3, atol=1e-3) for one in candidates
    ]
    return [_onto(got)] if any(alike) else []


@exercise(own=autoencoders.training_step)
def training_step(answer, *, widths=(5, 8, 5), rows=(7, 1, 4), rate=0.05, seed=2):
    """One step down the squared error of a batch: its loss, and where the weights are after a few of them.

    Before the first step gradients are left over from something else, where no step clears them behind itself, and
    the last batch lies so far off that gradients are large. The second model has two numbers more for each point.
    """
    source = generator(seed)
    optimizers = {
        "SGD with momentum": functools.partial(torch.optim.SGD, lr=rate, momentum=0.5),
        "Adam": functools.partial(torch.optim.Adam, lr=rate),
    }
    for more, (name, method) in zip((0, 2), optimizers.items(), strict=True):
        model = layers.perceptron([width + more for width in widths], generator=source)
        shifts = [(1, 1.5)] * (len(rows) - 1) + [(1, 40)]
        pairs = [
            torch.randn(2, n, widths[0] + more, generator=source).mul(torch.tensor(shift).view(2, 1, 1)).unbind()
            for n, shift in zip(rows, shifts, strict=True)
        ]
        losses, weights = answer.probe(
            lambda function, model=model, method=method, pairs=pairs: _trained(function, model, method, pairs)
        )
        wanted_losses, wanted_weights = _trained(_step(), model, method, pairs)
        equal(
            losses[0],
            wanted_losses[0].item(),
            what="The loss of the first batch",
            hint="Sum the squares over D, average over the batch.",
            mistakes=functools.partial(_wrong_losses, model, method, pairs, weights),
        )
        equal(
            weights,
            wanted_weights,
            what=f"The vector of weights after {len(rows)} steps of {name}",
            hint="zero_grad, backward, step: once each, and the step is the optimizer's.",
            mistakes=functools.partial(_wrong_weights, model, method, pairs),
        )
        for number, (loss, wanted) in enumerate(zip(losses, wanted_losses, strict=True), 1):
            equal(loss, wanted.item(), what=f"The loss of batch {number}", hint="Return it from each step.")


def _trained(step, model: nn.Module, method, pairs) -> tuple[list, Tensor]:
    """Take a step of a copy of the model for each pair (x, target); return the losses and the weights at the end."""
    model = copy.deepcopy(model)
    steps.leave_gradients(model, lambda tried: step(tried, method(tried.parameters()), *pairs[0]), 0.3)
    optimizer = method(model.parameters())
    losses = [step(model, optimizer, x, target) for x, target in pairs]
    return losses, steps.flat(model)


def _step(reduce=lambda squares: squares.sum(-1).mean(), *, keep=False, sign=1, times=1, clip=None):
    """Return a training step: the right one, or one with a mistake."""

    def step(model, optimizer, x, target):
        if not keep:
            optimizer.zero_grad()
        loss = reduce((model(x) - target).square())
        (sign * loss).backward()
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        for _ in range(times):
            optimizer.step()
        return loss.detach()

    return step


def _two_steps(model, optimizer, x, target):
    return [_step()(model, optimizer, x, target) for _ in range(2)][1]


WRONG_STEPS = {
    "Gradients of the batch before are left over: call optimizer.zero_grad().": [_step(keep=True)],
    "That climbs; go down.": [_step(sign=-1)],
    "The gradient is that of a mean over the D numbers; sum them.": [_step(torch.mean)],
    "The gradient is that of a sum over the batch; average it.": [_step(torch.sum)],
    "The gradient is that of half the loss: halve nothing.": [_step(sign=0.5)],
    "That goes two steps along one gradient; call optimizer.step() once.": [_step(times=2)],
    "The gradient is clipped; take it as it is.": [_step(clip=size) for size in (0.5, 1.0, 5.0, 10.0, 100.0)],
}


def _wrong_weights(model: nn.Module, method, pairs) -> dict:
    """Return the weights at the end that likely mistakes give."""
    unmoved = (
        "The weights have not moved: zero_grad, backward, step, in this order. Is there a way from the loss to the "
        "weights, without torch.no_grad() or .detach()?"
    )
    return {unmoved: steps.flat(model)} | {
        sentence: [_trained(step, model, method, pairs)[1] for step in wrong] for sentence, wrong in WRONG_STEPS.items()
    }


def _wrong_losses(model: nn.Module, method, pairs, weights: Tensor) -> dict:
    """Return the losses of the first batch that likely mistakes give, if the weights end where they do."""
    x, target = pairs[0]
    late, end = _trained(_two_steps, model, method, pairs)
    with torch.no_grad():
        y = model(x)
        squares = (y - target).square()
        swapped = (model(target) - target).square(), (model(target) - x).square()
    return {
        "That goes two steps for one batch; go one, and return the loss before it.": (
            [late[0]] if weights.shape == end.shape and torch.allclose(weights, end, rtol=1e-4, atol=1e-4) else []
        ),
        "That averages over the D numbers, too; sum them.": squares.mean(),
        "That sums over the batch; average it.": squares.sum(),
        "That sums over the batch and averages over D; do it the other way round.": squares.sum(0).mean(),
        "That compares with x; compare with the target.": (y - x).square().sum(-1).mean(),
        "The model gets the target; it has to get x.": [error.sum(-1).mean() for error in swapped],
        "That is the loss after the step; return the one before.": late[0],
        "The model is not used: that compares x with the target.": (x - target).square().sum(-1).mean(),
        "Square the differences.": squares.sqrt().sum(-1).mean(),
        "That is a distance; leave out the square root.": squares.sum(-1).sqrt().mean(),
        "The sign is wrong: an error is positive.": -squares.sum(-1).mean(),
        "Each point has its error here; average them.": squares.sum(-1),
        "Halve nothing: the error is the whole sum.": squares.sum(-1).mean() / 2,
    }


@exercise(own=autoencoders.principal_angles)
def principal_angles(answer, *, angles=(1.3, 0.4), k=3, size=8, seed=3):
    """The angles between spaces of k and of fewer dimensions, largest first, and exact cases: 0 and a right angle."""
    source, m = generator(seed), len(angles)
    angles = torch.tensor(angles, dtype=torch.float64)
    frame = torch.linalg.qr(torch.randn(size, size, generator=source, dtype=torch.float64)).Q.T
    tilted = angles.cos().diag() @ frame[:m] + angles.sin().diag() @ frame[k : k + m]
    a, b = _mixed(frame[:k], source), _mixed(tilted, source)  # bases that are not orthonormal
    for larger, smaller in ((a, b), (b, a)):
        equal(
            _angles(answer, larger, smaller),
            angles,
            what=f"The tensor of angles between {len(larger)} and {len(smaller)} dimensions",
            hint="Singular values of the product of two orthonormal bases are cosines.",
            mistakes=_wrong_angles(larger, smaller, angles),
        )
    for _ in range(20):
        _same_zeros(answer(a, _mixed(a, source)), k, "An angle between a space and itself")
    _same_zeros(answer(a, _mixed(frame[:m], source)), m, "An angle between a space and a part of it")
    right = torch.full((m,), math.pi / 2, dtype=torch.float64)
    equal(answer(frame[:m], frame[k : k + m]), right, what="An angle between spaces at right angles")
    equal(
        answer(2 * frame[:1], -tilted[:1]),
        angles[:1],
        what="The tensor of angles between two lines",
        hint="A line points both ways: its angle lies between 0 and π/2, and stands in a tensor of shape (1,).",
    )
    small = 0.0165 * angles
    near = _mixed(small.cos().diag() @ frame[:m] + small.sin().diag() @ frame[k : k + m], source)
    equal(
        answer(a, near),
        small,
        what="The tensor of angles between spaces that are nearly the same",
        hint="Small angles count, too: round nothing, and leave cosines below 1 as they are.",
    )
    single = answer(a.float(), b.float())
    equal(
        single,
        angles,
        what="The tensor of angles of numbers in float32",
        hint="The lesson goes on with float32: work with whatever dtype a and b have.",
        atol=1e-3,
    )
    _same_dtype(single, a.float(), "The angles are", "a")


def _angles(answer: Answer, a: Tensor, b: Tensor):
    """Ask for angles; where shapes do not fit, say of which matrix the basis is."""
    try:
        return answer(a, b)
    except Raised as raised:
        (k, size), m = a.shape, len(b)
        advice = {
            f"({k}x{k} and {m}x{m})": "Those are bases of the columns, k numbers each: take qr(a.T) and qr(b.T).",
            f"({size}x{k} and {m}x{size})": "The columns are the bases: multiply the transpose of one with the other.",
        }
        for shapes, sentence in advice.items():
            if shapes in raised.text:
                raise raised.told(
                    f"principal_angles multiplies matrices that do not fit {shapes}. {sentence}"
                ) from None
        raise


def _mixed(rows: Tensor, source: torch.Generator) -> Tensor:
    """Return other rows that span the same space."""
    return (torch.randn(len(rows), len(rows), generator=source, dtype=rows.dtype) + 3 * torch.eye(len(rows))) @ rows


def _wrong_angles(a: Tensor, b: Tensor, angles: Tensor) -> dict:
    """Return what likely mistakes give, in either order where an order is left."""
    unit_a, unit_b = (rows / rows.norm(dim=1, keepdim=True) for rows in (a, b))
    raw, nearly = (torch.linalg.svdvals(one @ other.T).clamp(max=1) for one, other in ((a, b), (unit_a, unit_b)))
    diagonal = (torch.linalg.qr(a.T).Q.T @ torch.linalg.qr(b.T).Q).diagonal().clamp(-1, 1)
    least = min(len(a), len(b))
    each = (unit_a[:least] * unit_b[:least]).sum(1)
    cosines, sines = angles.cos(), angles.sin()
    return {
        "The order is reversed: the largest angle comes first.": angles.flip(0),
        "Those are cosines; take acos.": [cosines, cosines.flip(0)],
        "Those are sines of the angles.": [sines, sines.flip(0)],
        "Those are degrees; radians were asked for.": [angles.rad2deg(), angles.rad2deg().flip(0)],
        "The rows are not orthonormal yet: take a basis by QR.": [raw.acos(), raw.acos().flip(0)],
        "Rows of length 1 are not yet at right angles: take a basis by QR.": [nearly.acos(), nearly.acos().flip(0)],
        "That compares row with row; a subspace has many bases.": [each.clamp(-1, 1).acos(), each.abs().acos()],
        "Take the singular values of the product, not its diagonal.": [
            each
            for angle in (diagonal.acos(), diagonal.abs().acos())
            for each in (angle, angle.flip(0), angle.sort(descending=True).values)
        ],
        "That is a basis of everything: take as many rows of Vᵀ, or columns of Q, as a and b have rows.": [
            a.new_zeros(a.shape[1])
        ],
        "That is the largest angle only; there is one for each dimension.": [angles[0], angles[:1]],
        "That is the smallest angle only; there is one for each dimension.": [angles[-1], angles[-1:]],
        "Those are squares of the cosines.": [cosines**2, cosines.flip(0) ** 2],
        "That takes acos of squares of cosines.": [(cosines**2).acos(), (cosines**2).acos().flip(0)],
        "That takes asin of cosines.": [cosines.asin(), cosines.asin().flip(0)],
    }


def _same_zeros(got, number: int, what: str) -> None:
    single = isinstance(got, Tensor) and got.dtype.is_floating_point and got.numel() > 0
    equal(
        got,
        torch.zeros(number, dtype=torch.float64),
        what=what,
        hint="Rounding pushes cosines above 1: clamp them before acos.",
        mistakes={
            "Those are cosines; take acos.": torch.ones(number),
            "Clamp at 1 and no lower: what is below has an angle.": (
                [got] if single and got.isfinite().all() and got.min() > 0 and got.max() - got.min() < 1e-9 else []
            ),
            "Keep the dtype of a and b: in float32 an angle near 0 is off by 0.0005.": (
                [got] if single and got.dtype == torch.float32 and got.isfinite().all() and got.max() < 0.01 else []
            ),
        },
    )


@exercise(own=autoencoders.denoising_loss)
def denoising_loss(answer, *, noise_std=0.4, gain=(0.5, 0.8, 1.1), beside=(0.4, 1.0), rows=20_000, seed=12):
    """The error of a model, gain · x + 0.1, with normal noise on its input: the noise, the loss and its gradient."""
    x = torch.cat([torch.linspace(-1, 1, rows).unsqueeze(1), torch.tensor(beside).expand(rows, -1)], 1)
    _same_noise(_noted(answer, x, noise_std, gain, seed)[1], x, noise_std)
    for batch in (x, x[: rows // 3000, 1:], x[-1:].double()):
        weights = gain[-batch.shape[1] :]
        loss, seen, _ = _noted(answer, batch, noise_std, weights, seed)
        _same_loss(loss, seen, batch, weights, noise_std, f"The loss of a batch of {len(batch):,}")
    loss, _, _ = _noted(answer, x, 0.0, gain, seed)
    _same_loss(loss, x, x, gain, 1.0, "The loss without noise")  # what the model noted has no say in it
    _, seen, slope = _noted(answer, x, noise_std, gain, seed, slope=True)
    equal(
        slope,
        2 * ((torch.tensor(gain) * seen + 0.1 - x) * seen).mean(0),
        what="The gradient with respect to the model's weights",
        hint="It passes through the model's output only.",
    )
    noise.source(
        answer,
        lambda function, generator: function(_Scale(gain), x[:50], noise_std, generator=generator),
        what="The loss",
        seed=seed,
    )
    _same_small_noise(answer, x, noise_std, gain, seed)


class _Scale(nn.Module):
    """A model, gain · x + 0.1, that notes what it is given."""

    def __init__(self, gain: tuple[float, ...]):
        super().__init__()
        self.gain, self.seen = nn.Parameter(torch.tensor(gain)), []

    def forward(self, noisy: Tensor) -> Tensor:
        self.seen.append(noisy.detach().clone() if isinstance(noisy, Tensor) else noisy)
        return self.gain * noisy + 0.1


def _noted(answer: Answer, x: Tensor, noise_std: float, gain, seed: int, *, slope=False) -> tuple:
    """Return the loss, what the model got, and on request the gradient with respect to its gain."""
    source = generator(seed)

    def probe(function):
        model = _Scale(gain)
        loss = function(model, x, noise_std, generator=source)
        that(model.gain.grad is None, "Return the loss: who calls denoising_loss calls backward() on what it returns.")
        return loss, model.seen, steps.gradient(loss, model.gain, what="The loss") if slope else None

    loss, seen, found = answer.probe(probe)
    that(len(seen) == 1, f"The model was called {len(seen)} times, but it cleans one noisy batch: call it once.")
    that(
        isinstance(seen[0], Tensor) and seen[0].shape == x.shape,
        f"The model got {tuple(getattr(seen[0], 'shape', ()))}, but noisy points of shape {tuple(x.shape)} "
        "were expected.",
    )
    that(seen[0].dtype == x.dtype, f"The model got {seen[0].dtype}, but x is {x.dtype}: draw noise with dtype=x.dtype.")
    return loss, seen[0], found


def _same_noise(seen: Tensor, x: Tensor, noise_std: float) -> None:
    added = (seen - x) / noise_std
    spread = added.std().item()
    sentences = {
        "The model got the clean x: add noise to what it gets.": added.abs().max() < 1e-3,
        "All numbers got the same noise: draw one for each.": (added - added[0, 0]).abs().max() < 1e-3,
        "All points got the same noise: draw noise of the shape of x.": added.std(0).max() < 1e-3,
        "All numbers of a point got the same noise: draw noise of the shape of x.": added.std(1).max() < 1e-3,
        "x was multiplied by √(1 − σ²); leave it as it is, and add the noise.": (
            noise_std < 1 and _is_near(seen.mean(0), math.sqrt(1 - noise_std**2) * x.mean(0), 6 * noise_std, len(x))
        ),
        "The noise was multiplied by x; add it, of one size for all numbers.": _is_near(
            added.square().mean(0).sqrt(), x.square().mean(0).sqrt(), 6, len(x)
        ),
        "The model got noise alone: add it to x.": (seen.mean(0) / noise_std).abs().max() < 0.1 < x.mean(0).abs().max(),
        "The noisy x was cut to [0, 1]; leave it as it is.": bool((seen >= 0).all() and (seen <= 1).all()),
        "The noise was multiplied by σ²; multiply it by σ.": abs(spread / noise_std - 1) < 0.05,
        "The noise was multiplied by √σ; multiply it by σ.": abs(spread * math.sqrt(noise_std) - 1) < 0.05,
        "The noise has spread 1; multiply it by noise_std.": abs(spread * noise_std - 1) < 0.05,
        "That noise is uniform in [0, 1): draw with randn.": bool((added > -1e-4).all() and (added < 1.0001).all()),
        "That noise takes only two values: draw with randn.": (added.abs() - 1).abs().max() < 1e-3,
        "That noise is uniform: draw with randn.": added.abs().max() < 2 and added.var() ** 2 < 0.7 * (added**4).mean(),
        "Some points got the same noise: draw it for each point.": _places(added) < 0.9 * len(added),
    }
    for sentence, is_so in sentences.items():
        that(not is_so, sentence)
    half = len(added) // 2
    pairs, (first, second) = added[: 2 * half].view(half, 2, -1), (added[:half], added[half : 2 * half])
    for samples, expected, std, what, hint in (
        (added, 0.0, 1.0, "The mean of noise/σ", "Noise has mean 0: use randn."),
        (added**2, 1.0, 2**0.5, "The mean of (noise/σ)²", "Noise has spread noise_std."),
        (added**4, 3.0, 96**0.5, "The mean of (noise/σ)⁴", "Noise has to be normal: use randn."),
        (added[:, :-1] * added[:, 1:], 0.0, 1.0, "The product of two numbers' noise", "Draw it for each number."),
        (pairs[:, 0] * pairs[:, 1], 0.0, 1.0, "The product of two points' noise", "Draw it for each point."),
        (first * second, 0.0, 1.0, "The product of two points' noise, in either half,", "Draw it for each point."),
    ):
        compare.mean(samples, expected, std=std, what=what, hint=hint)


def _places(rows: Tensor) -> int:
    """Return how many different rows there are, to three decimals."""
    return len(rows.round(decimals=3).unique(dim=0))


def _is_near(found: Tensor, wanted: Tensor, std: float, number: int) -> bool:
    return bool((found - wanted).abs().max() < std / math.sqrt(number))


def _same_small_noise(answer: Answer, x: Tensor, noise_std: float, gain, seed: int) -> None:
    """Check the noise of batches so small that what is done to a batch shows, and of a model in eval mode."""
    source, kinds = generator(seed), [(rows, mode) for rows in (1, 2) for mode in (True, False) for _ in range(3)]

    def probe(function):
        model = _Scale(gain)
        for rows, mode in kinds:
            function(model.train(mode), x[:rows], noise_std, generator=source)
        return model.seen

    added = [(seen - x[: len(seen)]) / noise_std for seen in answer.probe(probe)]
    silent = [kind for kind, noise in zip(kinds, added, strict=True) if noise.abs().max() < 1e-3]
    pairs = [noise for noise in added if len(noise) == 2]
    sentences = {
        "A batch of one point got no noise: each point has its own.": (1, True) in silent,
        "A model in eval mode got the clean x: the noise is the same in either mode.": bool(silent),
        "The noise of a batch is shifted to mean 0; leave it as it was drawn.": (
            all(noise.mean().abs() < 1e-3 for noise in pairs)
            or all(noise.mean(0).abs().max() < 1e-3 for noise in pairs)
        ),
        "The noise of a batch is divided by its own spread; leave it as it was drawn.": any(
            all((noise.std(correction=correction) - 1).abs() < 1e-3 for noise in pairs) for correction in (0, 1)
        ),
    }
    for sentence, is_so in sentences.items():
        that(not is_so, sentence)


def _same_loss(got, seen: Tensor, x: Tensor, gain, noise_std: float, what: str) -> None:
    cleaned = torch.tensor(gain) * seen + 0.1
    squares, astray = (cleaned - x).square(), (cleaned - seen).square()
    noises = seen - x, (seen - x) / noise_std
    equal(
        got,
        squares.sum(-1).mean(),
        what=what,
        hint="Compare with the clean x; square, sum over D, average over the batch.",
        mistakes={
            "The target is the noisy x; it has to be the clean one.": [astray.sum(-1).mean(), astray.mean()],
            "That averages over D, too; sum over the numbers of a point.": squares.mean(),
            "That sums over the batch; average it.": squares.sum(),
            "That predicts the noise; the target is x.": [(cleaned - one).square().sum(-1).mean() for one in noises],
            "Each point has its error here; average them.": squares.sum(-1),
            "Square the differences.": squares.sqrt().sum(-1).mean(),
            "That is a distance; leave out the square root.": squares.sum(-1).sqrt().mean(),
            "That compares the noisy x with x; the model's output is missing.": (seen - x).square().sum(-1).mean(),
            "Halve nothing: the error is the whole sum.": squares.sum(-1).mean() / 2,
        },
    )


@exercise(own=autoencoders.best_denoiser)
def best_denoiser(answer, *, points=POINTS, noisy=NOISY, noise_stds=(0.4, 1.5), leading=((2, 3, 4), (1,)), seed=6):
    """E[x | noisy] of rows, near and far, for each σ; then of batches with these leading dimensions."""
    points, rows, source = torch.tensor(points), torch.tensor(noisy), generator(seed)
    batches = [torch.randn(*lead, points.shape[1], generator=source) for lead in leading]
    for noise_std in noise_stds:
        for batch in (rows, *batches):
            _same_means(_ask(answer, batch, points, noise_std), batch, points, noise_std)
    single = points[1:2]
    _same_means(_ask(answer, rows, single, noise_stds[0]), rows, single, noise_stds[0])
    rows, points = rows.double(), points.double()
    _same_means(_ask(answer, rows, points, noise_stds[0]), rows, points, noise_stds[0])


def _same_means(got, noisy: Tensor, points: Tensor, noise_std: float) -> None:
    equal(
        got,
        _fits(noisy, points, noise_std).softmax(-1) @ points.double(),
        what=f"The cleaned tensor of shape {tuple(noisy.shape)}, with {len(points)} points and σ = {noise_std:g},",
        hint="It is softmax(−‖noisy − point‖²/2σ²) over the points, times the points.",
        mistakes=_wrong_means(noisy, points.double(), noise_std),
        atol=1e-4,
    )
    _same_dtype(got, noisy, "The cleaned points are", "noisy")


SMALL = (0, 1e-16, 1e-12, 1e-10, 1e-9, 1e-8, 1e-6)  # what is added to a sum so that nobody divides by 0


def _wrong_means(noisy: Tensor, sites: Tensor, noise_std: float) -> dict:
    """Return what likely mistakes give."""
    fits, places = _fits(noisy, sites, noise_std), sites.unique(dim=0)
    squares, good, tiny = -fits * 2 * noise_std**2, fits.softmax(-1) @ sites, fits.exp()
    single = fits.float().exp().double()
    naive, nearest = single / single.sum(-1, keepdim=True) @ sites, sites[squares.argmin(-1)]
    products = noisy.double() @ sites.T

    def by(exponents: Tensor) -> Tensor:
        return exponents.softmax(-1) @ sites

    return {
        "Far away all exponentials underflow: use softmax of the exponents.": [
            *((each / (each.sum(-1, keepdim=True) + more)) @ sites for each in (tiny, single) for more in SMALL),
            torch.where(naive.isnan(), nearest, naive),
            torch.where(naive.isnan(), sites.mean(0), naive),
        ],
        "The weights do not sum to 1: divide by their sum.": tiny @ sites,
        "That takes the nearest point only; all points have a weight.": nearest,
        "That is the plain mean of all points; weight them.": sites.mean(0).expand_as(noisy),
        "The 2 is missing: the exponent is −‖…‖²/(2σ²).": by(2 * fits),
        "Divide by 2σ², not by 2σ.": by(-squares / (2 * noise_std)),
        "noise_std is missing: divide by 2σ².": [by(-squares / 2), by(-squares)],
        "That divides by 2 and multiplies by σ²: put 2σ² in brackets.": by(-squares / 2 * noise_std**2),
        "The distance has to be squared.": by(-squares.sqrt() / (2 * noise_std**2)),
        "That averages the squares over the D numbers; sum them.": by(fits / noisy.shape[-1]),
        "The sign is wrong: a far point weighs little.": by(-fits),
        "‖noisy − point‖² has ‖point‖² in it, too: it differs from point to point.": [
            by(products / noise_std**2),
            by(products / (2 * noise_std**2)),
        ],
        "Those are logarithms of the weights: softmax, not log_softmax.": fits.log_softmax(-1) @ sites,
        "softmax takes the exponentials itself: give it the exponents.": by(fits.exp()),
        "Those are points divided by σ; weight the points themselves.": good / noise_std,
        "The weighted points are averaged; sum them: weights @ points.": good / len(sites),
        "Divide the exponents by 2σ², before softmax.": by(-squares) / (2 * noise_std**2),
        "The weights of one noisy point sum to 1: softmax runs over the points.": [
            fits.softmax(dim) @ sites for dim in range(noisy.dim() - 1)
        ],
        "That is where to move; add noisy, or leave out the subtraction.": [good - noisy, noisy - good],
        "Those are the weights; multiply them with the points.": fits.softmax(-1),
        "That is noisy itself.": noisy,
        "Keep every dimension, even where there is one noisy point or one point only.": good.squeeze(),
        "A point that occurs twice is twice as probable.": _fits(noisy, places, noise_std).softmax(-1) @ places,
    }


def _fits(noisy: Tensor, points: Tensor, noise_std: float) -> Tensor:
    """Return −‖noisy − point‖²/2σ² for every point, computed one by one and in float64."""
    squares = torch.stack([(noisy.double() - point).square().sum(-1) for point in points.double()], -1)
    return -squares / (2 * noise_std**2)


NO_DIAGONAL = "No distance from a point to a code is left out: only a code skips itself."


@exercise(own=latent.hole_share)
def hole_share(answer, *, codes=220, points=137, size=2, quantiles=(0.77, 0.4), seed=16):
    """The share of points in holes between codes, for each quantile and for the default one.

    Codes spread differently in each of their `size` numbers; then they have one number more, and then gaps are large.
    Whether a quantile lies between two gaps or on one of them, and whether far begins at it or beyond, changes nothing.
    """
    rows, guesses = _codes_and_points(codes, points, size, (*quantiles, 0.99), generator(seed))
    far = rows[:1] + torch.tensor([1000.0] * 8 + [5000]).unsqueeze(1)
    share = _number(answer(torch.cat([far, rows[:1]]), rows, quantiles[0]))
    that(
        share != 0, "No point is far, not even 1,000 away. ∞ · 0 is nan: set the diagonal by .fill_diagonal_(math.inf)."
    )
    at = codes // 2  # no other code is there
    turns = [_number(answer(rows[at : at + 1], rows.roll(shift, 0), quantiles[0])) for shift in (-at, 1 - at)]
    that(not turns[0] > turns[1], f"Whether a point is far changes with the order of the codes. {NO_DIAGONAL}")
    for quantile in quantiles:
        _same_share(answer(guesses, rows, quantile), guesses, rows, quantile)
    hint = "Leave quantile=0.99 in the first line as it is."
    _same_share(answer(guesses, rows), guesses, rows, 0.99, hint=hint, mistakes=False)
    more, others = _codes_and_points(codes, points, size + 1, quantiles, generator(seed + 1))
    _same_share(answer(others, more, quantiles[0]), others, more, quantiles[0])
    wide = 128 * guesses, 128 * rows  # with the same rounding
    _same_share(answer(*wide, quantiles[0]), *wide, quantiles[0])
    equal(answer(far[:1], rows, quantiles[0]), 1.0, what="The share in holes of one point that is far away")
    equal(
        answer(rows[at : at + 1], rows.roll(-at, 0), quantiles[0]),
        0.0,
        what="The share in holes of one point at the place of a code",
        hint=NO_DIAGONAL,
    )


def _number(got) -> float:
    """Return what may be a number, or nan."""
    is_one = isinstance(got, float) or (isinstance(got, Tensor) and got.numel() == 1)
    return float(got) if is_one else math.nan


def _codes_and_points(n: int, m: int, size: int, quantiles, source: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return codes round a stretched hole, a few of them twice, and points that no convention of quantiles disputes."""
    around = torch.randn(n, size, generator=source)
    codes = 2 * around / around.norm(dim=1, keepdim=True) + 0.4 * torch.randn(n, size, generator=source)
    codes[-(n // 12) :] = codes[: n // 12]
    codes[n // 2] *= 1.7  # far from all others
    wide, close = torch.randn(2, 40 * m, size, generator=source)
    points = torch.cat([1.4 * wide, codes.repeat(40 * m // n + 1, 1)[: 40 * m] + 0.1 * close])
    stretch = torch.linspace(1, 3, size)
    codes, points = codes * stretch, points * stretch
    points = points[torch.randperm(len(points), generator=source)]
    gaps, found = _gaps(_apart(codes, codes)).sort().values, points[:0]
    for some in points.split(4 * m):  # mostly the first are enough
        near, is_clear = _apart(some, codes).amin(1), torch.ones(len(some), dtype=torch.bool)
        for quantile in quantiles:
            low, high = gaps[max(0, math.floor(quantile * n) - 1)], gaps[min(n - 1, math.ceil(quantile * n))]
            is_clear &= (near < low - 1e-3) | (near > high + 1e-3)
        found = torch.cat([found, some[is_clear]])
        if len(found) >= m:
            break
    return codes, found[:m]


def _same_share(got, points: Tensor, codes: Tensor, quantile: float, *, hint: str = "", mistakes: bool = True) -> None:
    equal(
        got,
        _share(points, codes, quantile),
        what=f"The share in holes of {len(points)} points of {points.shape[1]} numbers, at the quantile {quantile:g},",
        hint=hint or "Far is the quantile of the codes' distances to their nearest other code.",
        mistakes=functools.partial(_wrong_shares, points, codes, quantile) if mistakes else None,
    )
    is_number = not isinstance(got, Tensor) or got.dim() == 0
    that(is_number, "The share is a tensor with a dimension, but a single number was expected; leave out the brackets.")


def _share(points: Tensor, codes: Tensor, quantile: float, power: float = 2.0) -> float:
    return _beyond(_gaps(_apart(codes, codes, power)).quantile(quantile), _apart(points, codes, power).amin(1))


def _wrong_shares(points: Tensor, codes: Tensor, quantile: float) -> dict:
    """Return the shares that likely mistakes give."""
    between, to_codes = _apart(codes, codes), _apart(points, codes)
    gaps, near = _gaps(between), to_codes.amin(1)
    far, spread = gaps.quantile(quantile), codes.std(0)
    share = _beyond(far, near)
    return {
        "Put infinity on the diagonal: a gap may be larger than any other number.": [
            _beyond(gaps.clamp(max=most).quantile(quantile), near) for most in (1, 10, 100)
        ],
        "Every point seems far. Is each code its own nearest code? Is each point's distance to its nearest code? Is "
        "`quantile` a share, and not per cent?": [
            _beyond(1e-3, near),
            _beyond(far, to_codes.mean(1)),
            _beyond(far, to_codes.amax(1)),
        ],
        "That is the share that is near.": 1 - share,
        "That is the number of points; divide by how many there are.": share * len(near),
        "Divide by the number of points, not of codes.": share * len(near) / len(codes),
        "That is in per cent; a share lies between 0 and 1.": share * 100,
        "The arguments are swapped: points come first, then codes.": _share(codes, points, quantile),
        "That asks each code for its nearest point; ask each point for its nearest code.": _beyond(
            far, to_codes.amin(0)
        ),
        "That counts pairs of point and code; take the nearest code first.": _beyond(far, to_codes),
        "Those are single answers; average them.": near > far,
        "One bound serves all points: not the gap of the code that is nearest.": (
            (near > gaps[to_codes.argmin(1)]).double().mean().item()
        ),
        "Take each point's nearest code, not its second.": _beyond(far, to_codes.sort(1).values[:, 1]),
        "That takes distances to the average code; take the nearest code.": _beyond(
            far, (points - codes.mean(0)).norm(dim=1)
        ),
        "That asks whether codes lie in holes; ask it of the points.": _beyond(far, gaps),
        "Distances are squared on one side only.": [_beyond(far, near**2), _beyond(far**2, near)],
        "Take Euclidean distances.": [_share(points, codes, quantile, power) for power in (1.0, math.inf)],
        "Take the codes as they are, not divided by their spread.": _share(points / spread, codes / spread, quantile),
        "Take distances in all numbers of a code, not in some.": [
            _share(points[:, :few], codes[:, :few], quantile) for few in range(1, codes.shape[1])
        ],
    } | _wrong_quantiles(between, codes, near, quantile)


def _wrong_quantiles(between: Tensor, codes: Tensor, near: Tensor, quantile: float) -> dict:
    """Return the shares of points, whose nearest codes are so near, if something else is taken for far."""
    gaps, places, ordered = _gaps(between), codes.unique(dim=0), between.sort(1).values
    bounds = {
        "Far is a quantile of the codes' own gaps, not of the points' distances.": [near.quantile(quantile)],
        "Take the quantile that is given; do not write 0.99.": [gaps.quantile(0.99)],
        "Take the quantile of the gaps, not the largest.": [gaps.max()],
        "Take the quantile of the gaps, not that share of the largest.": [quantile * gaps.max()],
        "Take the quantile of the gaps, not their mean.": [gaps.mean()],
        "Take the quantile that is given, not its complement.": [gaps.quantile(1 - quantile)],
        "Take each code's nearest other code, not all distances between codes.": [
            between.quantile(quantile),
            between[~torch.eye(len(codes), dtype=torch.bool)].quantile(quantile),
        ],
        "A row's smallest distance is the code's own 0, its second the nearest other code: that takes the third.": [
            ordered[:, 2].quantile(quantile)
        ],
        "A code at the same place is another code: leave out the diagonal, not each distance of 0.": [
            between.masked_fill(between < 1e-3, math.inf).amin(1).quantile(quantile),
            _gaps(_apart(places, places)).quantile(quantile),
        ],
    }
    return {sentence: [_beyond(bound, near) for bound in some] for sentence, some in bounds.items()}


def _apart(points: Tensor, codes: Tensor, power: float = 2.0) -> Tensor:
    """Return all distances, computed one by one and in float64; those of `cdist` are rounded."""
    return (points.double().unsqueeze(1) - codes.double()).norm(p=power, dim=-1)


def _gaps(between: Tensor) -> Tensor:
    """Return each code's distance to its nearest other code."""
    return between.masked_fill(torch.eye(len(between), dtype=torch.bool), math.inf).amin(1)


def _beyond(bound, distances: Tensor) -> float:
    return (distances > bound).double().mean().item()
