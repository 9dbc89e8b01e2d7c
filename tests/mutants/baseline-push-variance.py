# %% wrong="forgets the mean" says="is not subtracted"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * (q - b) ** 2 * lengths).sum()


# %% wrong="subtracts the mean's sum, which is 0" says="is not subtracted"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * (q - b) ** 2 * lengths).sum() - expected_push(pi, q, b).sum()


# %% wrong="subtracts the length of the mean" says="not its squared length"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * (q - b) ** 2 * lengths).sum() - expected_push(pi, q, b).norm()


# %% wrong="no square of q − b" says="The square of q − b is missing"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * (q - b) * lengths).sum() - expected_push(pi, q, b).square().sum()


# %% wrong="lengths not squared" says="are not squared"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).norm(dim=-1)
    return (pi * (q - b) ** 2 * lengths).sum() - expected_push(pi, q, b).square().sum()


# %% wrong="no π" says="π is missing"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return ((q - b) ** 2 * lengths).sum() - expected_push(pi, q, b).square().sum()


# %% wrong="plain mean" says="π is missing"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return ((q - b) ** 2 * lengths).mean() - expected_push(pi, q, b).square().sum()


# %% wrong="no lengths" says="The lengths of the rows are missing"
def push_variance(pi, q, b):
    return (pi * (q - b) ** 2).sum() - expected_push(pi, q, b).square().sum()


# %% wrong="variance of q" says="The lengths of the rows are missing"
def push_variance(pi, q, b):
    return (pi * q**2).sum() - (pi * q).sum() ** 2


# %% wrong="ignores b" says="b is ignored"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * q**2 * lengths).sum() - expected_push(pi, q, b).square().sum()


# %% wrong="standard deviation" says="standard deviation"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return ((pi * (q - b) ** 2 * lengths).sum() - expected_push(pi, q, b).square().sum()).sqrt()


# %% wrong="π squared" says="π is squared, too"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi**2 * (q - b) ** 2 * lengths).sum() - expected_push(pi, q, b).square().sum()


# %% wrong="one an entry" says="Sum over the preferences"
def push_variance(pi, q, b):
    second = (pi.unsqueeze(-1) * ((q - b).unsqueeze(-1) * baselines.scores(pi)) ** 2).sum(0)
    return second - expected_push(pi, q, b) ** 2


# %% wrong="of the sampled kind" says="The variance with b = 1"
def push_variance(pi, q, b):
    arms = torch.multinomial(pi, 1000, replacement=True)
    return ((q - b)[arms].unsqueeze(-1) * baselines.scores(pi)[arms]).var(0).sum()


# %% wrong="adds the mean" says="The variance with b = 1"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * (q - b) ** 2 * lengths).sum() + expected_push(pi, q, b).square().sum()


# %% wrong="centres q in place" says="was changed in place"
def push_variance(pi, q, b):
    q -= b
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * q**2 * lengths).sum() - expected_push(pi, q, 0.0).square().sum()


# %% wrong="the answer for b = 1" says="b = −2.5"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * (q - 1) ** 2 * lengths).sum() - expected_push(pi, q, b).square().sum()


# %% wrong="returns nothing" says="is None"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    (pi * (q - b) ** 2 * lengths).sum()


# %% wrong="columns in place of rows" says="sums the squares of each column"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(0)
    return (pi * (q - b) ** 2 * lengths).sum() - expected_push(pi, q, b).square().sum()


# %% wrong="the size of b" says="b = −2.5"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * (q - abs(b)) ** 2 * lengths).sum() - expected_push(pi, q, b).square().sum()


# %% wrong="rounded" says="Do not round"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return ((pi * (q - b) ** 2 * lengths).sum() - expected_push(pi, q, b).square().sum()).round(decimals=2)


# %% wrong="adds b" says="subtract b from q"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * (q + b) ** 2 * lengths).sum() - expected_push(pi, q, b).square().sum()


# %% wrong="one number in a list of one" says="a number without dimensions"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * (q - b) ** 2 * lengths).sum(0, keepdim=True) - expected_push(pi, q, b).square().sum()


# %% wrong="mean over the preferences" says="mean over the preferences"
def push_variance(pi, q, b):
    pushes = (q - b).unsqueeze(-1) * baselines.scores(pi)
    return (pi.unsqueeze(-1) * (pushes - expected_push(pi, q, b)) ** 2).sum(0).mean()


# %% wrong="makes b a whole number" says="b = −2.5"
def push_variance(pi, q, b):
    b = int(b)
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * (q - b) ** 2 * lengths).sum() - expected_push(pi, q, b).square().sum()


# %% right="around its mean"
def push_variance(pi, q, b):
    pushes = (q - b).unsqueeze(-1) * baselines.scores(pi)
    return (pi.unsqueeze(-1) * (pushes - expected_push(pi, q, b)) ** 2).sum()


# %% right="a loop"
def push_variance(pi, q, b):
    total = 0
    for p, value, row in zip(pi, q, baselines.scores(pi)):
        total += p * (value - b) ** 2 * row @ row
    push = expected_push(pi, q, b)
    return total - push @ push


# %% right="a Python number"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return float((pi * (q - b) ** 2 * lengths).sum() - expected_push(pi, q, b).square().sum())


# %% right="mean without the baseline"
def push_variance(pi, q, b):
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * (q - b).square() * lengths).sum() - expected_push(pi, q, 0.0).square().sum()


# %% wrong="rounds to three digits" says="Do not round"
def push_variance(pi, q, b):
    pushes = (q - b).unsqueeze(-1) * baselines.scores(pi)
    return round((pi.unsqueeze(-1) * (pushes - expected_push(pi, q, b)) ** 2).sum().item(), 3)
