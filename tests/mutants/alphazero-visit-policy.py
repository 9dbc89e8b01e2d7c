# %% wrong="N to the τ" says="the exponent is 1/τ"
def visit_policy(visits, temperature):
    share = visits / visits.amax(-1, keepdim=True)
    weights = share**temperature
    return weights / weights.sum(-1, keepdim=True)


# %% wrong="overflow" says="overflow"
def visit_policy(visits, temperature):
    weights = (visits == visits.amax(-1, keepdim=True)).to(visits) if temperature == 0 else visits ** (1 / temperature)
    return weights / weights.sum(-1, keepdim=True)


# %% wrong="no temperature" says="The temperature is ignored"
def visit_policy(visits, temperature):
    return visits / visits.sum(-1, keepdim=True)


# %% wrong="softmax" says="softmax of visits"
def visit_policy(visits, temperature):
    return visits.softmax(-1)


# %% wrong="one of equals" says="shares 1 among them"
def visit_policy(visits, temperature):
    if temperature == 0:
        return torch.nn.functional.one_hot(visits.argmax(-1), visits.shape[-1]).to(visits)
    weights = (visits / visits.amax(-1, keepdim=True)) ** (1 / temperature)
    return weights / weights.sum(-1, keepdim=True)


# %% wrong="division by zero" says="stops in line"
def visit_policy(visits, temperature):
    weights = (visits / visits.amax(-1, keepdim=True)) ** (1 / temperature)
    return weights / weights.sum(-1, keepdim=True)


# %% wrong="one more visit each" says="never visited"
def visit_policy(visits, temperature):
    visits = visits + 1
    share = visits / visits.amax(-1, keepdim=True)
    weights = (share == 1).to(share) if temperature == 0 else share ** (1 / temperature)
    return weights / weights.sum(-1, keepdim=True)


# %% wrong="not normalised" says="was expected"
def visit_policy(visits, temperature):
    share = visits / visits.amax(-1, keepdim=True)
    return (share == 1).to(share) if temperature == 0 else share ** (1 / temperature)


# %% wrong="a power too large for τ = 0" says="at τ = 0"
def visit_policy(visits, temperature):
    weights = visits ** (1 / max(temperature, 0.01))
    return weights / weights.sum(-1, keepdim=True)


# %% wrong="nearly 0" says="The temperature is ignored"
def visit_policy(visits, temperature):
    weights = (visits == visits.amax(-1, keepdim=True)).to(visits) if temperature == 0 else visits
    return weights / weights.sum(-1, keepdim=True)


# %% wrong="all boards share one sum" says="each row sums to 1"
def visit_policy(visits, temperature):
    share = visits / visits.amax(-1, keepdim=True)
    weights = (share == 1).to(share) if temperature == 0 else share ** (1 / temperature)
    return weights / weights.sum()


# %% wrong="0 as a small temperature" says="nearly as many visits"
def visit_policy(visits, temperature):
    weights = (visits / visits.amax(-1, keepdim=True)) ** (1 / max(temperature, 1e-3))
    return weights / weights.sum(-1, keepdim=True)


# %% wrong="nearly the most visited" says="nearly as many visits"
def visit_policy(visits, temperature):
    share = visits / visits.amax(-1, keepdim=True)
    weights = (share > 0.9).to(share) if temperature == 0 else share ** (1 / temperature)
    return weights / weights.sum(-1, keepdim=True)


# %% wrong="no temperature above 1" says="also if above 1"
def visit_policy(visits, temperature):
    share = visits / visits.amax(-1, keepdim=True)
    weights = (share == 1).to(share) if temperature == 0 else share ** (1 / min(temperature, 1))
    return weights / weights.sum(-1, keepdim=True)


# %% wrong="logarithms of nearly 0" says="never visited gets a chance"
def visit_policy(visits, temperature):
    if temperature == 0:
        best = visits == visits.amax(-1, keepdim=True)
        return best / best.sum(-1, keepdim=True)
    return ((visits + 1e-8).log() / temperature).softmax(-1)


# %% wrong="the largest of all boards" says="each row has its own"
def visit_policy(visits, temperature):
    best = visits == visits.amax(-1, keepdim=True)
    weights = best.to(visits) if temperature == 0 else (visits / visits.max()) ** (1 / temperature)
    return weights / weights.sum(-1, keepdim=True)


# %% wrong="divided by the sum" says="not by the sum"
def visit_policy(visits, temperature):
    best = visits == visits.amax(-1, keepdim=True)
    share = visits / visits.sum(-1, keepdim=True)
    weights = best.to(visits) if temperature == 0 else share ** (1 / temperature)
    return weights / weights.sum(-1, keepdim=True)


# %% right="as in the text"
def visit_policy(visits, temperature):
    share = visits / visits.amax(-1, keepdim=True)
    weights = (share == 1).to(share) if temperature == 0 else share ** (1 / temperature)
    return weights / weights.sum(-1, keepdim=True)


# %% right="softmax of logarithms"
def visit_policy(visits, temperature):
    if temperature == 0:
        best = visits == visits.amax(-1, keepdim=True)
        return best / best.sum(-1, keepdim=True)
    return (visits.log() / temperature).softmax(-1)


# %% right="in double precision"
def visit_policy(visits, temperature):
    visits = visits.double()
    top = visits.amax(-1, keepdim=True)
    weights = (visits == top).double() if temperature == 0 else (visits / top).pow(1 / temperature)
    return weights / weights.sum(-1, keepdim=True)
