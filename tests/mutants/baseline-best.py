# %% wrong="v" says="That is v"
def best_baseline(pi, q):
    return (pi * q).sum()


# %% wrong="plain mean" says="plain mean of q"
def best_baseline(pi, q):
    return q.mean()


# %% wrong="weights not normalised" says="divide by their sum"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).square().sum(-1)
    return (weights * q).sum()


# %% wrong="weights averaged" says="divide by their sum"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).square().sum(-1)
    return (weights * q).mean()


# %% wrong="no π" says="π is missing"
def best_baseline(pi, q):
    weights = baselines.scores(pi).square().sum(-1)
    return (weights * q).sum() / weights.sum()


# %% wrong="lengths not squared" says="are to be squared"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).norm(dim=-1)
    return (weights * q).sum() / weights.sum()


# %% wrong="largest value" says="largest value"
def best_baseline(pi, q):
    return q.max()


# %% wrong="π twice" says="π is in twice"
def best_baseline(pi, q):
    weights = pi**2 * baselines.scores(pi).square().sum(-1)
    return (weights * q).sum() / weights.sum()


# %% wrong="wrong sign" says="The sign is wrong"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).square().sum(-1)
    return -(weights * q).sum() / weights.sum()


# %% wrong="searched on a coarse grid" says="The best baseline"
def best_baseline(pi, q):
    grid = torch.linspace(-2, 7, 91, dtype=torch.float64)
    return grid[torch.stack([push_variance(pi, q, b) for b in grid]).argmin()]


# %% wrong="one an action" says="has shape (4,)"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).square().sum(-1)
    return weights * q / weights.sum()


# %% wrong="median" says="The best baseline"
def best_baseline(pi, q):
    return q.median()


# %% wrong="the likeliest action's value" says="The best baseline"
def best_baseline(pi, q):
    return q[pi.argmax()]


# %% wrong="the least variance itself" says="The best baseline"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).square().sum(-1)
    return push_variance(pi, q, (weights * q).sum() / weights.sum())


# %% wrong="returns nothing" says="is None"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).square().sum(-1)
    (weights * q).sum() / weights.sum()


# %% wrong="the answer of the visible check" says="another policy"
def best_baseline(pi, q):
    weights = torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64)
    weights = weights * baselines.scores(weights).square().sum(-1)
    return (weights * q).sum() / weights.sum()


# %% wrong="columns in place of rows" says="sums the squares of each column"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).square().sum(0)
    return (weights * q).sum() / weights.sum()


# %% wrong="only the entry of the action itself" says="The best baseline"
def best_baseline(pi, q):
    weights = pi * (1 - pi) ** 2
    return (weights * q).sum() / weights.sum()


# %% wrong="all squares in one sum" says="That is v"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).square().sum()
    return (weights * q).sum() / weights.sum()


# %% wrong="rounded" says="Do not round"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).square().sum(-1)
    return round(float((weights * q).sum() / weights.sum()), 2)


# %% wrong="one number in a list of one" says="a number without dimensions"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).square().sum(-1)
    return (weights * q).sum(0, keepdim=True) / weights.sum()


# %% wrong="carries a gradient" says="no figure can draw it"
def best_baseline(pi, q):
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(push_variance(pi, q, b), b, create_graph=True)
    (curvature,) = torch.autograd.grad(slope, b)
    return b - slope / curvature


# %% wrong="q squared" says="q is squared"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).square().sum(-1)
    return (weights * q**2).sum() / weights.sum()


# %% wrong="not below 0" says="The best baseline of another policy"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).square().sum(-1)
    return ((weights * q).sum() / weights.sum()).clamp(min=0)


# %% right="lengths in closed form"
def best_baseline(pi, q):
    weights = pi * (1 - 2 * pi + (pi**2).sum())
    return (weights * q).sum() / weights.sum()


# %% right="torch.dot"
def best_baseline(pi, q):
    weights = pi * baselines.scores(pi).norm(dim=-1) ** 2
    return torch.dot(weights / weights.sum(), q)


# %% right="vertex of the parabola"
def best_baseline(pi, q):
    low, middle, high = (push_variance(pi, q, b) for b in (-1.0, 0.0, 1.0))
    return (low - high) / (2 * (low + high - 2 * middle))


# %% right="a Python number"
def best_baseline(pi, q):
    weights = [p * (row @ row) for p, row in zip(pi, baselines.scores(pi))]
    return float(sum(w * value for w, value in zip(weights, q)) / sum(weights))


# %% right="a step of Newton"
def best_baseline(pi, q):
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(push_variance(pi, q, b), b, create_graph=True)
    (curvature,) = torch.autograd.grad(slope, b)
    return (b - slope / curvature).detach()


lengths_check = pi_check = None
