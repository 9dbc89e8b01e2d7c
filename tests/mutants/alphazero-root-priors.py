# %% wrong="mask leaves zeros" says="mask the logits"
def root_priors(logits, legal, draws, share):
    priors = logits.softmax(-1) * legal
    noise = draws * legal
    return (1 - share) * priors / priors.sum(-1, keepdim=True) + share * noise / noise.sum(-1, keepdim=True)


# %% wrong="noise on illegal moves" says="Noise reaches illegal moves"
def root_priors(logits, legal, draws, share):
    priors = logits.masked_fill(~legal, -torch.inf).softmax(-1)
    return (1 - share) * priors + share * draws / draws.sum(-1, keepdim=True)


# %% wrong="noise too small" says="sum over legal moves, not over all"
def root_priors(logits, legal, draws, share):
    priors = logits.masked_fill(~legal, -torch.inf).softmax(-1)
    return (1 - share) * priors + share * draws / draws.sum(-1, keepdim=True) * legal


# %% wrong="no noise" says="The noise is missing"
def root_priors(logits, legal, draws, share):
    return logits.masked_fill(~legal, -torch.inf).softmax(-1)


# %% wrong="shares swapped" says="swapped"
def root_priors(logits, legal, draws, share):
    priors = logits.masked_fill(~legal, -torch.inf).softmax(-1)
    noise = draws * legal
    return share * priors + (1 - share) * noise / noise.sum(-1, keepdim=True)


# %% wrong="no mask" says="Illegal moves keep some"
def root_priors(logits, legal, draws, share):
    noise = draws * legal
    return (1 - share) * logits.softmax(-1) + share * noise / noise.sum(-1, keepdim=True)


# %% wrong="logits of 0" says="Illegal moves keep some"
def root_priors(logits, legal, draws, share):
    noise = draws * legal
    return (1 - share) * (logits * legal).softmax(-1) + share * noise / noise.sum(-1, keepdim=True)


# %% wrong="not normalised" says="not divided"
def root_priors(logits, legal, draws, share):
    return (1 - share) * logits.masked_fill(~legal, -torch.inf).softmax(-1) + share * draws * legal


# %% wrong="softmax of the draws" says="no softmax"
def root_priors(logits, legal, draws, share):
    priors = logits.masked_fill(~legal, -torch.inf).softmax(-1)
    return (1 - share) * priors + share * draws.masked_fill(~legal, -torch.inf).softmax(-1)


# %% wrong="all boards share one sum" says="of each board"
def root_priors(logits, legal, draws, share):
    noise = draws * legal
    return (1 - share) * logits.masked_fill(~legal, -torch.inf).softmax(-1) + share * noise / noise.sum()


# %% wrong="a finite number" says="A finite number in place of −∞"
def root_priors(logits, legal, draws, share):
    priors = logits.masked_fill(~legal, -100.0).softmax(-1)
    noise = draws * legal
    return (1 - share) * priors + share * noise / noise.sum(-1, keepdim=True)


# %% wrong="exp overflows" says="exp of a large logit"
def root_priors(logits, legal, draws, share):
    weights = logits.masked_fill(~legal, -torch.inf).exp()
    noise = draws * legal
    return (1 - share) * weights / weights.sum(-1, keepdim=True) + share * noise / noise.sum(-1, keepdim=True)


# %% wrong="exp and then the mask" says="exp of a large logit"
def root_priors(logits, legal, draws, share):
    weights, noise = logits.exp() * legal, draws * legal
    return (1 - share) * weights / weights.sum(-1, keepdim=True) + share * noise / noise.sum(-1, keepdim=True)


# %% wrong="hardly anything for illegal moves" says="exactly 0 is asked"
def root_priors(logits, legal, draws, share):
    priors = logits.masked_fill(~legal, -torch.inf).softmax(-1) + 1e-9
    noise = draws * legal
    return (1 - share) * priors + share * noise / noise.sum(-1, keepdim=True)


# %% wrong="mixes and then masks" says="each by itself"
def root_priors(logits, legal, draws, share):
    priors = logits.masked_fill(~legal, -torch.inf).softmax(-1)
    mixed = ((1 - share) * priors + share * draws / draws.sum(-1, keepdim=True)) * legal
    return mixed / mixed.sum(-1, keepdim=True)


# %% right="as in the text"
def root_priors(logits, legal, draws, share):
    priors = logits.masked_fill(~legal, -torch.inf).softmax(-1)
    noise = draws * legal
    return (1 - share) * priors + share * noise / noise.sum(-1, keepdim=True)


# %% right="where and exp"
def root_priors(logits, legal, draws, share):
    logits = torch.where(legal, logits, float("-inf"))
    weights = (logits - logits.amax(-1, keepdim=True)).exp()
    eta = torch.where(legal, draws, 0.0)
    return torch.lerp(weights / weights.sum(-1, keepdim=True), eta / eta.sum(-1, keepdim=True), share)


# %% right="normalised by a function"
def root_priors(logits, legal, draws, share):
    priors = torch.softmax(logits + torch.log(legal.to(logits.dtype)), dim=-1)
    return share * torch.nn.functional.normalize(draws * legal, p=1, dim=-1) + priors * (1 - share)
