# %% wrong="takes the best action" says="That is the largest action value"
def state_values(pi, q):
    return q.max(-1).values


# %% wrong="takes the most likely action" says="of the likeliest action"
def state_values(pi, q):
    return q.gather(-1, pi.argmax(-1, keepdim=True)).squeeze(-1)


# %% wrong="averages without the policy" says="That is the plain mean"
def state_values(pi, q):
    return q.mean(-1)


# %% wrong="averages after weighting" says="You averaged after weighting"
def state_values(pi, q):
    return (pi * q).mean(-1)


# %% wrong="sums over states" says="not over states"
def state_values(pi, q):
    return (pi * q).sum(0)


# %% wrong="sums without the policy" says="That is the unweighted sum"
def state_values(pi, q):
    return q.sum(-1)


# %% wrong="sums over everything" says="keep one value for each state"
def state_values(pi, q):
    return (pi * q).sum()


# %% wrong="does not sum" says="Now sum over the actions"
def state_values(pi, q):
    return pi * q


# %% wrong="multiplies every row with every row" says="belongs to its own state"
def state_values(pi, q):
    return pi @ q.T


# %% wrong="multiplies the tables as matrices" says="element by element"
def state_values(pi, q):
    return pi @ q


# %% wrong="keeps the dimension of the actions" says="squeeze"
def state_values(pi, q):
    return (pi * q).sum(-1, keepdim=True)


# %% wrong="weights in place" says="`q` was changed in place"
def state_values(pi, q):
    q *= pi
    return q.sum(-1)


# %% wrong="takes what max gives" says="Take its .values"
def state_values(pi, q):
    return (pi * q).max(-1)


# %% wrong="returns nothing" says="Does the function end with return?"
def state_values(pi, q):
    v = (pi * q).sum(-1)


# %% wrong="gives a list" says="is a list"
def state_values(pi, q):
    return [float(p @ row) for p, row in zip(pi, q)]


# %% wrong="squeezes a single state away" says="v of a single state has shape (), but (1,) was expected"
def state_values(pi, q):
    return (pi.unsqueeze(1) @ q.unsqueeze(2)).squeeze()


# %% wrong="gives float32" says="v is torch.float32, but the tables are torch.float64"
def state_values(pi, q):
    v = torch.zeros(len(q))
    for s in range(len(q)):
        v[s] = pi[s] @ q[s]
    return v


# %% wrong="calls the course's function" says="the course's own function"
def state_values(pi, q):
    return mdps.state_values(pi, q)


# %% right="einsum"
def state_values(pi, q):
    return torch.einsum("sa,sa->s", pi, q)


# %% right="a loop over states"
def state_values(pi, q):
    return torch.stack([torch.dot(p, row) for p, row in zip(pi, q)])


# %% right="two loops, in float64"
def state_values(pi, q):
    v = torch.zeros(len(q), dtype=torch.float64)
    for s in range(q.shape[0]):
        for a in range(q.shape[1]):
            v[s] += pi[s, a] * q[s, a]
    return v


# %% right="the diagonal of a product"
def state_values(pi, q):
    return (pi @ q.T).diagonal()


# %% right="linalg.vecdot"
def state_values(pi, q):
    return torch.linalg.vecdot(pi, q)


# %% right="batches of products"
def state_values(pi, q):
    return torch.bmm(pi[:, None, :], q[:, :, None])[:, 0, 0]


# %% right="a tensor of its own, of the same type"
def state_values(pi, q):
    v = torch.zeros(len(q), dtype=q.dtype)
    for a in range(q.shape[1]):
        v += pi[:, a] * q[:, a]
    return v


# %% wrong="seeds torch for everybody" says="seeds torch's own generator"
def state_values(pi, q):
    torch.manual_seed(0)
    return (pi * q).sum(-1)
