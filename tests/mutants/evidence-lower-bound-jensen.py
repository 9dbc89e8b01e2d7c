# %% wrong="turns the sign" says="The sign is wrong"
def jensen_gap(f, points, weights):
    return f((weights * points).sum(-1)) - (weights * f(points)).sum(-1)


# %% wrong="averages" says="takes the points alike"
def jensen_gap(f, points, weights):
    return f(points).mean(-1) - f(points.mean(-1))


# %% wrong="averages the first part" says="missing in the first part"
def jensen_gap(f, points, weights):
    return f(points).mean(-1) - f((weights * points).sum(-1))


# %% wrong="sums the first part" says="missing in the first part"
def jensen_gap(f, points, weights):
    return f(points).sum(-1) - f((weights * points).sum(-1))


# %% wrong="averages the second part" says="missing in the second part"
def jensen_gap(f, points, weights):
    return (weights * f(points)).sum(-1) - f(points.mean(-1))


# %% wrong="weights inside f" says="belong outside of f"
def jensen_gap(f, points, weights):
    return f(weights * points).sum(-1) - f((weights * points).sum(-1))


# %% wrong="leaves out f of the mean" says="only the mean of f(v)"
def jensen_gap(f, points, weights):
    return (weights * f(points)).sum(-1)


# %% wrong="leaves out the mean of f" says="only f of the mean"
def jensen_gap(f, points, weights):
    return f((weights * points).sum(-1))


# %% wrong="uses the logarithm" says="Call f; it is not always"
def jensen_gap(f, points, weights):
    return (weights * -torch.log(points)).sum(-1) + torch.log((weights * points).sum(-1))


# %% wrong="sums over rows" says="was expected"
def jensen_gap(f, points, weights):
    return (weights * f(points)).sum(0) - f((weights * points).sum(0))


# %% wrong="adds up the rows" says="Each row has its own gap"
def jensen_gap(f, points, weights):
    return ((weights * f(points)).sum(-1) - f((weights * points).sum(-1))).sum()


# %% wrong="uses two points" says="Only two points are used"
def jensen_gap(f, points, weights):
    w, v = weights[..., :2], points[..., :2]
    return (w * f(v)).sum(-1) - f((w * v).sum(-1))


# %% wrong="takes the absolute value" says="of log, which is concave"
def jensen_gap(f, points, weights):
    return ((weights * f(points)).sum(-1) - f((weights * points).sum(-1))).abs()


# %% wrong="clamps at 0" says="of log, which is concave"
def jensen_gap(f, points, weights):
    return ((weights * f(points)).sum(-1) - f((weights * points).sum(-1))).clamp(min=0)


# %% wrong="multiplies matrices" says="was expected"
def jensen_gap(f, points, weights):
    return weights @ f(points).T - f(weights @ points.T)


# %% wrong="writes into the points" says="`points` was changed in place"
def jensen_gap(f, points, weights):
    outside = (weights * f(points)).sum(-1)
    points *= weights
    return outside - f(points.sum(-1))


# %% wrong="forgets return" says="Does the function end with return?"
def jensen_gap(f, points, weights):
    gap = (weights * f(points)).sum(-1) - f((weights * points).sum(-1))


# %% right="einsum"
def jensen_gap(f, points, weights):
    outside = torch.einsum("...n,...n->...", weights.expand_as(points), f(points))
    return outside - f(torch.einsum("...n,...n->...", weights.expand_as(points), points))


# %% right="loop over points"
def jensen_gap(f, points, weights):
    outside, mean = 0, 0
    for i in range(points.shape[-1]):
        outside = outside + weights[..., i] * f(points[..., i])
        mean = mean + weights[..., i] * points[..., i]
    return outside - f(mean)


# %% right="normalises what sums to 1"
def jensen_gap(f, points, weights):
    w = weights / weights.sum(-1, keepdim=True)
    mean = (w * points).sum(-1, keepdim=True)
    return ((f(points) - f(mean)) * w).sum(-1)


# %% wrong="counts dimensions from the first" says="Dimension out of range"
def jensen_gap(f, points, weights):
    return (weights * f(points)).sum(1) - f((weights * points).sum(1))


# %% wrong="divides by the number of points" says="divide by nothing"
def jensen_gap(f, points, weights):
    return (weights * f(points)).mean(-1) - f((weights * points).mean(-1))


# %% wrong="forgets f in the second part" says="was expected"
def jensen_gap(f, points, weights):
    return (weights * f(points)).sum(-1) - (weights * points).sum(-1)


# %% wrong="weighs outside of f in the second part" says="belong inside of f in the second part"
def jensen_gap(f, points, weights):
    return (weights * f(points)).sum(-1) - (weights * f(points)).sum(-1)


# %% wrong="squeezes" says="of a batch of one row has shape (), but (1,) was expected"
def jensen_gap(f, points, weights):
    return ((weights * f(points)).sum(-1) - f((weights * points).sum(-1))).squeeze()


# %% wrong="leaves out negative points" says="was expected"
def jensen_gap(f, points, weights):
    points = points.clamp(min=0)
    return (weights * f(points)).sum(-1) - f((weights * points).sum(-1))


# %% wrong="keeps a column" says="has shape (3, 1), but (3,)"
def jensen_gap(f, points, weights):
    return (weights * f(points)).sum(-1, keepdim=True) - f((weights * points).sum(-1, keepdim=True))


# %% right="a lambda"
def jensen_gap(f, points, weights):
    raise NotImplementedError


jensen_gap = __import__("functools").partial(
    lambda f, points, weights: torch.linalg.vecdot(weights, f(points)) - f(torch.linalg.vecdot(weights, points))
)


# %% wrong="computes in single precision" says="leave the numbers as precise as they come"
def jensen_gap(f, points, weights):
    points, weights = points.float(), weights.float()
    return (weights * f(points)).sum(-1) - f((weights * points).sum(-1))
