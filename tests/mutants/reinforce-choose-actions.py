# %% wrong="always greedy" says="always the likeliest action"
def choose_actions(logits, *, generator, greedy=False):
    return logits.argmax(-1)


# %% wrong="draws uniformly" says="draws every action alike"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.randint(logits.shape[-1], logits.shape[:-1], generator=generator)


# %% wrong="softmax over the rows" says="softmax runs over the rows"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial(logits.softmax(0), 1, generator=generator).squeeze(-1)


# %% wrong="turns the logits around" says="−logits"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial((-logits).softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong="takes softmax twice" says="softmax is taken twice"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    pi = logits.softmax(-1)
    return torch.multinomial(pi.softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong="a sigmoid of each logit" says="a sigmoid of each is no distribution"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial(logits.sigmoid(), 1, generator=generator).squeeze(-1)


# %% wrong="adds normal noise instead of Gumbel noise" says="Draw from softmax(logits)"
def choose_actions(logits, *, generator, greedy=False):
    noise = torch.randn(logits.shape, generator=generator)
    return (logits if greedy else logits + noise).argmax(-1)


# %% wrong="knows two actions only" says="Draw from softmax(logits)"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    pi = logits.softmax(-1)
    return (torch.rand(len(pi), generator=generator) < pi[:, 1]).long()


# %% wrong="samples although greedy was asked" says="with greedy=True nothing is drawn"
def choose_actions(logits, *, generator, greedy=False):
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong="has greedy the wrong way round" says="always the likeliest action"
def choose_actions(logits, *, generator, greedy=False):
    if not greedy:
        return logits.argmax(-1)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong="greedy takes the smallest logit" says="the smallest logit"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmin(-1)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong="greedy over the rows" says="maximum over the rows"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(0)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong="greedy over all entries" says="one index for the whole table"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax()
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong="greedy returns the logit" says="whole numbers"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.amax(-1)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong="greedy returns values and indices" says="Take its .values or its .indices"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.max(-1)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong="leaves the column" says="squeeze"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator)


# %% wrong="draws one action for all rows" says="All rows share one random number"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    pi = logits.softmax(-1)
    return torch.multinomial(pi[0], 1, generator=generator).expand(len(pi))


# %% wrong="one uniform number for all rows" says="All rows share one random number"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    edges = logits.softmax(-1).cumsum(-1)[:, :-1]
    return (torch.rand((), generator=generator) > edges).sum(-1)


# %% wrong="draws all rows from the first row's distribution" says="the distribution of another row"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial(logits[0].softmax(-1), len(logits), replacement=True, generator=generator)


# %% wrong="draws all rows from the mean logits" says="Draw from softmax(logits)"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial(logits.mean(0).softmax(-1), len(logits), replacement=True, generator=generator)


# %% wrong="shifts the logits in place" says="`logits` was changed in place"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    logits -= logits.amax(-1, keepdim=True)
    return torch.multinomial(logits.exp(), 1, generator=generator).squeeze(-1)


# %% wrong="forgets the generator" says="differs between two calls with the same seed"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial(logits.softmax(-1), 1).squeeze(-1)


# %% wrong="makes its own generator" says="is the same for every seed"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    own = torch.Generator().manual_seed(0)
    return torch.multinomial(logits.softmax(-1), 1, generator=own).squeeze(-1)


# %% wrong="returns floats" says="no other number is an index"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1).float()
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1).float()


# %% wrong="returns the probabilities" says="has shape (30000, 3)"
def choose_actions(logits, *, generator, greedy=False):
    return logits.argmax(-1) if greedy else logits.softmax(-1)


# %% wrong="forgets return" says="Does the function end with return?"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong="squeezes every dimension" says="squeeze(-1) takes the last dimension alone"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze()


# %% wrong="seeds a generator with the seed of the other" says="is the same when one generator is asked twice"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    own = torch.Generator().manual_seed(generator.initial_seed())
    return torch.multinomial(logits.softmax(-1), 1, generator=own).squeeze(-1)


# %% wrong="calls the course's own" says="That calls the course's own function"
def choose_actions(logits, *, generator, greedy=False):
    return reinforce.choose_actions(logits, generator=generator, greedy=greedy)


# %% right="Gumbel noise"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    noise = -torch.rand(logits.shape, generator=generator).log()
    return (logits - noise.log()).argmax(-1)


# %% right="inverse of the distribution function"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.max(-1).indices
    edges = logits.softmax(-1).cumsum(-1)[:, :-1]
    return (torch.rand(len(logits), 1, generator=generator) > edges).sum(-1)


# %% right="unnormalised exponentials"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.softmax(-1).argmax(dim=1)
    weights = (logits - logits.amax(-1, keepdim=True)).exp()
    return torch.multinomial(weights, 1, generator=generator)[:, 0]


# %% right="loop over rows"
def choose_actions(logits, *, generator, greedy=False):
    noise = torch.rand(len(logits), generator=generator).tolist()
    actions = []
    for row, u in zip(logits.softmax(-1).tolist(), noise):
        if greedy:
            actions.append(row.index(max(row)))
            continue
        action = 0
        while action < len(row) - 1 and u >= row[action]:
            u, action = u - row[action], action + 1
        actions.append(action)
    return torch.tensor(actions)


# %% right="smallest of exponential waiting times, in float64"
def choose_actions(logits, *, generator, greedy=False):
    pi = logits.double().softmax(-1)
    if greedy:
        return pi.argmax(-1)
    return (torch.empty_like(pi).exponential_(generator=generator) / pi).argmin(-1)


# %% wrong="takes exp of the logits as they are" says="exp alone becomes ∞"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    pi = logits.exp() / logits.exp().sum(-1, keepdim=True)
    return torch.multinomial(pi, 1, generator=generator).squeeze(-1)


# %% wrong="compares a random number with sums of exp" says="exp alone becomes ∞"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    weights = logits.exp()
    edges = (weights / weights.sum(-1, keepdim=True)).cumsum(-1)[:, :-1]
    return (torch.rand(len(logits), 1, generator=generator) > edges).sum(-1)


# %% wrong="greedy compares two actions" says="looks at the first two actions only"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return (logits[:, 1] > logits[:, 0]).long()
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong="greedy rounds the probability of action 1" says="index of the largest logit in each row"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.softmax(-1).round().long()[:, 1]
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong="subtracts the largest logit of the whole table" says="subtract each row's own maximum"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial((logits - logits.max()).exp(), 1, generator=generator).squeeze(-1)


# %% wrong="exp in float64" says="exp alone becomes ∞"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    weights = logits.double().exp()
    return torch.multinomial(weights / weights.sum(-1, keepdim=True), 1, generator=generator).squeeze(-1)


# %% wrong="adds a little to every probability" says="add nothing to π"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial(logits.softmax(-1) + 0.01, 1, generator=generator).squeeze(-1)


# %% wrong="logits for probabilities" says="Logits need a softmax"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial(logits, 1, generator=generator).squeeze(-1)


# %% wrong="log π for probabilities" says="Logits need a softmax, and no logarithm"
def choose_actions(logits, *, generator, greedy=False):
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial(logits.log_softmax(-1), 1, generator=generator).squeeze(-1)
