# %% wrong="a fresh node has no say" says="N(s) is 1 + ΣN"
def puct(priors, visits, totals, legal, c):
    scores = totals / visits.clamp(min=1) + c * priors * visits.sum(-1, keepdim=True).sqrt() / (1 + visits)
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="0/0" says="not 0/0"
def puct(priors, visits, totals, legal, c):
    scores = totals / visits + c * priors * (1 + visits.sum(-1, keepdim=True)).sqrt() / (1 + visits)
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="visits on illegal moves" says="Illegal moves need the score"
def puct(priors, visits, totals, legal, c):
    return totals / visits.clamp(min=1) + c * priors * (1 + visits.sum(-1, keepdim=True)).sqrt() / (1 + visits)


# %% wrong="the other player's Q" says="the sign of Q is wrong"
def puct(priors, visits, totals, legal, c):
    scores = c * priors * (1 + visits.sum(-1, keepdim=True)).sqrt() / (1 + visits) - totals / visits.clamp(min=1)
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="sum for mean" says="adds the sum W"
def puct(priors, visits, totals, legal, c):
    scores = totals + c * priors * (1 + visits.sum(-1, keepdim=True)).sqrt() / (1 + visits)
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="no priors" says="The prior is missing"
def puct(priors, visits, totals, legal, c):
    scores = totals / visits.clamp(min=1) + c * (1 + visits.sum(-1, keepdim=True)).sqrt() / (1 + visits)
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="root over everything" says="The root is over N(s) alone"
def puct(priors, visits, totals, legal, c):
    scores = totals / visits.clamp(min=1) + c * priors * ((1 + visits.sum(-1, keepdim=True)) / (1 + visits)).sqrt()
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="all nodes together" says="was expected"
def puct(priors, visits, totals, legal, c):
    scores = totals / visits.clamp(min=1) + c * priors * (1 + visits.sum()).sqrt() / (1 + visits)
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="N alone below" says="Below stands 1 + N"
def puct(priors, visits, totals, legal, c):
    n = visits.clamp(min=1)
    scores = totals / n + c * priors * (1 + visits.sum(-1, keepdim=True)).sqrt() / n
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="no root" says="The root of N(s) is missing"
def puct(priors, visits, totals, legal, c):
    scores = totals / visits.clamp(min=1) + c * priors * (1 + visits.sum(-1, keepdim=True)) / (1 + visits)
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="lesson 01's bonus" says="That bonus is UCB's"
def puct(priors, visits, totals, legal, c):
    n = visits.clamp(min=1)
    scores = totals / n + c * priors * ((1 + visits.sum(-1, keepdim=True)).log() / n).sqrt()
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="untried is lost" says="its Q is 0"
def puct(priors, visits, totals, legal, c):
    q = torch.where(visits > 0, totals / visits.clamp(min=1), -1.0)
    scores = q + c * priors * (1 + visits.sum(-1, keepdim=True)).sqrt() / (1 + visits)
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="priors of −∞" says="leaves nan where c is 0"
def puct(priors, visits, totals, legal, c):
    priors = priors.masked_fill(~legal, -torch.inf)
    return totals / visits.clamp(min=1) + c * priors * (1 + visits.sum(-1, keepdim=True)).sqrt() / (1 + visits)


# %% wrong="priors in place" says="changed in place"
def puct(priors, visits, totals, legal, c):
    priors[~legal] = 0
    scores = totals / visits.clamp(min=1) + c * priors * (1 + visits.sum(-1, keepdim=True)).sqrt() / (1 + visits)
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="priors divided by their sum" says="no new sum"
def puct(priors, visits, totals, legal, c):
    priors = priors * legal / (priors * legal).sum(-1, keepdim=True)
    scores = totals / visits.clamp(min=1) + c * priors * (1 + visits.sum(-1, keepdim=True)).sqrt() / (1 + visits)
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="a large number" says="−∞ itself"
def puct(priors, visits, totals, legal, c):
    scores = totals / visits.clamp(min=1) + c * priors * (1 + visits.sum(-1, keepdim=True)).sqrt() / (1 + visits)
    return scores.masked_fill(~legal, -1e9)


# %% wrong="all nodes share N(s)" says="over the moves of one node"
def puct(priors, visits, totals, legal, c):
    scores = totals / visits.clamp(min=1) + c * priors * (1 + visits.sum()).sqrt() / (1 + visits)
    return scores.masked_fill(~legal, -torch.inf)


# %% wrong="1 for each move" says="the 1 comes once"
def puct(priors, visits, totals, legal, c):
    scores = totals / visits.clamp(min=1) + c * priors * (1 + visits).sum(-1, keepdim=True).sqrt() / (1 + visits)
    return scores.masked_fill(~legal, -torch.inf)


# %% right="as in the text"
def puct(priors, visits, totals, legal, c):
    q = totals / visits.clamp(min=1)
    explore = c * priors * (1 + visits.sum(-1, keepdim=True)).sqrt() / (1 + visits)
    return (q + explore).masked_fill(~legal, -torch.inf)


# %% right="where"
def puct(priors, visits, totals, legal, c):
    tried = visits > 0
    q = torch.where(tried, totals / torch.where(tried, visits, 1), 0.0)
    n = visits.sum(-1)[..., None] + 1
    return torch.where(legal, q + c * priors * n**0.5 / (visits + 1), -torch.inf)


# %% right="a loop over moves"
def puct(priors, visits, totals, legal, c):
    columns, root = [], (visits.sum(-1) + 1).sqrt()
    for a in range(priors.shape[-1]):
        n = visits[..., a]
        score = totals[..., a] / n.clamp(min=1) + c * priors[..., a] * root / (1 + n)
        columns.append(score.masked_fill(~legal[..., a], float("-inf")))
    return torch.stack(columns, -1)
