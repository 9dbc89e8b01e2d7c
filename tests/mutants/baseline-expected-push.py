# %% wrong="no π" says="π is missing"
def expected_push(pi, q, b):
    return ((q - b).unsqueeze(-1) * baselines.scores(pi)).sum(0)


# %% wrong="plain mean over the actions" says="π is missing"
def expected_push(pi, q, b):
    return ((q - b).unsqueeze(-1) * baselines.scores(pi)).mean(0)


# %% wrong="sums over the preferences" says="sums each row over the preferences"
def expected_push(pi, q, b):
    return ((pi * (q - b)).unsqueeze(-1) * baselines.scores(pi)).sum(1)


# %% wrong="one row an action" says="one row for each action"
def expected_push(pi, q, b):
    return (pi * (q - b)).unsqueeze(-1) * baselines.scores(pi)


# %% wrong="averages what is weighted already" says="averages the weighted rows"
def expected_push(pi, q, b):
    return ((pi * (q - b)).unsqueeze(-1) * baselines.scores(pi)).mean(0)


# %% wrong="weights on the columns" says="The weights multiply the columns"
def expected_push(pi, q, b):
    return (pi * (q - b) * baselines.scores(pi)).sum(0)


# %% wrong="weights on the columns, summed over them" says="The weights multiply the columns"
def expected_push(pi, q, b):
    return (pi * (q - b) * baselines.scores(pi)).sum(-1)


# %% wrong="wrong sign" says="The sign is wrong"
def expected_push(pi, q, b):
    return ((pi * (b - q)).unsqueeze(-1) * baselines.scores(pi)).sum(0)


# %% wrong="no scores" says="The rows are missing"
def expected_push(pi, q, b):
    return pi * (q - b)


# %% wrong="ignores b" says="b is ignored"
def expected_push(pi, q, b):
    return ((pi * q).unsqueeze(-1) * baselines.scores(pi)).sum(0)


# %% wrong="adds b" says="b is added"
def expected_push(pi, q, b):
    return ((pi * (q + b)).unsqueeze(-1) * baselines.scores(pi)).sum(0)


# %% wrong="subtracts the mean of b" says="or one number is subtracted"
def expected_push(pi, q, b):
    return ((pi * (q - torch.as_tensor(b).mean())).unsqueeze(-1) * baselines.scores(pi)).sum(0)


# %% wrong="b outside of π" says="it belongs inside"
def expected_push(pi, q, b):
    return ((pi * q - b).unsqueeze(-1) * baselines.scores(pi)).sum(0)


# %% wrong="centres q in place" says="was changed in place"
def expected_push(pi, q, b):
    q -= b
    return ((pi * q).unsqueeze(-1) * baselines.scores(pi)).sum(0)


# %% wrong="a list" says="a list"
def expected_push(pi, q, b):
    return [float(x) for x in ((pi * (q - b)).unsqueeze(-1) * baselines.scores(pi)).sum(0)]


# %% wrong="returns nothing" says="is None"
def expected_push(pi, q, b):
    ((pi * (q - b)).unsqueeze(-1) * baselines.scores(pi)).sum(0)


# %% wrong="one number" says="has shape ()"
def expected_push(pi, q, b):
    return ((pi * (q - b)).unsqueeze(-1) * baselines.scores(pi)).sum()


# %% wrong="knows the check's four actions only" says="two actions"
def expected_push(pi, q, b):
    if len(pi) == 4:
        return ((pi * (q - b)).unsqueeze(-1) * baselines.scores(pi)).sum(0)
    return torch.zeros_like(pi)


# %% wrong="sampled" says="The mean push without baseline"
def expected_push(pi, q, b):
    arms = torch.multinomial(pi, 1000, replacement=True)
    return ((q - b)[arms].unsqueeze(-1) * baselines.scores(pi)[arms]).mean(0)


# %% wrong="rounded" says="Do not round"
def expected_push(pi, q, b):
    return ((pi * (q - b)).unsqueeze(-1) * baselines.scores(pi)).sum(0).round(decimals=2)


# %% wrong="one action squeezed away" says="drops every dimension of size 1"
def expected_push(pi, q, b):
    return ((pi * (q - b)).unsqueeze(0) @ baselines.scores(pi)).squeeze()


# %% wrong="negative values lost" says="Negative values count, too"
def expected_push(pi, q, b):
    return ((pi * (q - b).clamp(min=0)).unsqueeze(-1) * baselines.scores(pi)).sum(0)


# %% wrong="b must be a tensor" says="stops in line"
def expected_push(pi, q, b):
    return ((pi * (q - b.double())).unsqueeze(-1) * baselines.scores(pi)).sum(0)


# %% wrong="b must be a number" says="stops in line"
def expected_push(pi, q, b):
    return ((pi * (q - float(b))).unsqueeze(-1) * baselines.scores(pi)).sum(0)


# %% wrong="carries a gradient" says="no figure can draw it"
def expected_push(pi, q, b):
    theta = pi.log().requires_grad_()
    return ((pi * (q - b)).unsqueeze(-1) * baselines.scores(theta.softmax(-1))).sum(0)


# %% right="as a product of matrices"
def expected_push(pi, q, b):
    return (pi * (q - b)) @ baselines.scores(pi)


# %% right="in closed form"
def expected_push(pi, q, b):
    return pi * ((q - b) - (pi * (q - b)).sum())


# %% right="a loop"
def expected_push(pi, q, b):
    total = torch.zeros_like(pi)
    for arm, row in enumerate(baselines.scores(pi)):
        weight = q[arm] - (b[arm] if isinstance(b, torch.Tensor) and b.dim() else b)
        total = total + pi[arm] * weight * row
    return total


# %% right="by autograd"
def expected_push(pi, q, b):
    theta = pi.log().requires_grad_()
    return torch.autograd.grad((theta.softmax(-1) * (q - b)).sum(), theta)[0]


# %% right="names of the lesson used for something else"
def expected_push(pi, q, b):
    rows = baselines.scores(pi)
    return torch.einsum("a,ab->b", pi * (q - b), rows)


pi_check = q_check = rows_check = per_action = torch.zeros(4)


# %% wrong="rounds to three digits" says="Do not round"
def expected_push(pi, q, b):
    return torch.round((pi * (q - b)) @ baselines.scores(pi), decimals=3)
