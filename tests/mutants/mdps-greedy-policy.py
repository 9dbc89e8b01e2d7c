# %% wrong="takes argmax" says="argmax takes one of several best actions"
def greedy_policy(q):
    return torch.nn.functional.one_hot(q.argmax(-1), q.shape[-1]).to(q.dtype)


# %% wrong="takes argmax, in whole numbers" says="argmax takes one of several best actions"
def greedy_policy(q):
    return torch.nn.functional.one_hot(q.argmax(-1), q.shape[-1])


# %% wrong="takes the last of the best" says="argmax takes one of several best actions"
def greedy_policy(q):
    last = q.shape[-1] - 1 - q.flip(-1).argmax(-1)
    return torch.nn.functional.one_hot(last, q.shape[-1]).to(q.dtype)


# %% wrong="gives the actions" says="Those are numbers of actions"
def greedy_policy(q):
    return q.argmax(-1)


# %% wrong="gives the largest values" says="Those are the largest values"
def greedy_policy(q):
    return q.max(-1).values


# %% wrong="only marks the best" says="divide by how many there are"
def greedy_policy(q):
    return (q >= q.max(-1, keepdim=True).values - 1e-6).to(q.dtype)


# %% wrong="marks the best with truth values" says="divide by how many there are"
def greedy_policy(q):
    return q >= q.max(-1, keepdim=True).values - 1e-6


# %% wrong="divides by the number of actions" says="not by the number of actions"
def greedy_policy(q):
    best = (q >= q.max(-1, keepdim=True).values - 1e-6).to(q.dtype)
    return best / q.shape[-1]


# %% wrong="divides by all marks of the table" says="Count the best actions of each row"
def greedy_policy(q):
    best = (q >= q.max(-1, keepdim=True).values - 1e-6).to(q.dtype)
    return best / best.sum()


# %% wrong="divides by the marks of the column" says="Count the best actions of each row"
def greedy_policy(q):
    best = (q >= q.max(-1, keepdim=True).values - 1e-6).to(q.dtype)
    return best / best.sum(-1)


# %% wrong="takes a softmax" says="That is a softmax"
def greedy_policy(q):
    return q.softmax(-1)


# %% wrong="compares exactly" says="Compare up to 1e-6"
def greedy_policy(q):
    best = q == q.max(-1, keepdim=True).values
    return best / best.sum(-1, keepdim=True)


# %% wrong="has a tolerance that is far too wide" says="not nearly as good"
def greedy_policy(q):
    best = q >= q.max(-1, keepdim=True).values - 1e-3
    return best / best.sum(-1, keepdim=True)


# %% wrong="takes the tolerance of isclose" says="not nearly as good"
def greedy_policy(q):
    best = torch.isclose(q, q.max(-1, keepdim=True).values)
    return best / best.sum(-1, keepdim=True)


# %% wrong="compares with the best of the table" says="Compare within each row"
def greedy_policy(q):
    best = q >= q.max() - 1e-6
    return best / best.sum(-1, keepdim=True)


# %% wrong="compares with the best of the table, without nan" says="Compare within each row"
def greedy_policy(q):
    best = q >= q.max() - 1e-6
    return best / best.sum(-1, keepdim=True).clamp(min=1)


# %% wrong="compares down the columns" says="Compare within each row"
def greedy_policy(q):
    best = q >= q.max(0).values - 1e-6
    return best / best.sum(0)


# %% wrong="takes the worst" says="That shares among the worst actions"
def greedy_policy(q):
    best = q <= q.min(-1, keepdim=True).values + 1e-6
    return best / best.sum(-1, keepdim=True)


# %% wrong="divides by the sum of q" says="in proportion to q"
def greedy_policy(q):
    return q / q.sum(-1, keepdim=True)


# %% wrong="adds the tolerance" says="minus the tolerance"
def greedy_policy(q):
    best = q >= q.max(-1, keepdim=True).values + 1e-6
    return best / best.sum(-1, keepdim=True)


# %% wrong="masks in place" says="`q` was changed in place"
def greedy_policy(q):
    best = q >= q.max(-1, keepdim=True).values - 1e-6
    q[:] = best / best.sum(-1, keepdim=True)
    return q


# %% wrong="returns nothing" says="Does the function end with return?"
def greedy_policy(q):
    best = q >= q.max(-1, keepdim=True).values - 1e-6
    pi = best / best.sum(-1, keepdim=True)


# %% wrong="has a tolerance ten times too wide" says="not nearly as good"
def greedy_policy(q):
    best = q >= q.max(-1, keepdim=True).values - 1e-5
    return best / best.sum(-1, keepdim=True)


# %% wrong="rounds before it compares" says="Compare up to 1e-6"
def greedy_policy(q):
    q = (1e6 * q).trunc()
    best = q == q.max(-1, keepdim=True).values
    return best / best.sum(-1, keepdim=True)


# %% wrong="forgets keepdim" says="keep that dimension in .max(-1, keepdim=True)"
def greedy_policy(q):
    best = q >= q.max(-1).values - 1e-6
    return best / best.sum(-1, keepdim=True)


# %% wrong="squeezes a single state away" says="π greedy in a q of shape (1, 4) has shape (4,), but (1, 4) was expected"
def greedy_policy(q):
    best = q >= q.max(-1, keepdim=True).values - 1e-6
    return (best / best.sum(-1, keepdim=True)).squeeze()


# %% wrong="divides by how often each action is best" says="Count the best actions of each row"
def greedy_policy(q):
    best = (q >= q.max(-1, keepdim=True).values - 1e-6).to(q.dtype)
    return best / best.sum(0, keepdim=True)


# %% wrong="calls the course's function" says="the course's own function"
def greedy_policy(q):
    return planning.greedy_policy(q, tolerance=1e-6)


# %% right="isclose without its relative tolerance"
def greedy_policy(q):
    best = torch.isclose(q, q.amax(-1, keepdim=True), rtol=0, atol=1e-6).double()
    return best / best.sum(-1, keepdim=True)


# %% right="a loop over rows"
def greedy_policy(q):
    pi = torch.zeros_like(q)
    for s, row in enumerate(q):
        best = (row > row.max() - 1e-6).nonzero()[:, 0]
        pi[s, best] = 1 / len(best)
    return pi


# %% right="lists of numbers, in float64"
def greedy_policy(q):
    rows = []
    for row in q.tolist():
        best = [max(row) - value <= 1e-6 for value in row]
        rows.append([is_best / sum(best) for is_best in best])
    return torch.tensor(rows, dtype=torch.float64)


# %% right="the gap, normalised"
def greedy_policy(q):
    gap = q.max(dim=-1, keepdim=True)[0] - q
    return torch.nn.functional.normalize(torch.where(gap < 1e-6, 1.0, 0.0), p=1, dim=-1)


# %% right="a softmax over the best alone"
def greedy_policy(q):
    worse = q < q.max(-1, keepdim=True).values - 1e-6
    return torch.zeros_like(q).masked_fill(worse, -torch.inf).softmax(-1)


# %% right="numpy inside, torch outside"
def greedy_policy(q):
    import numpy as np

    table = q.numpy()
    best = (table >= table.max(axis=-1, keepdims=True) - 1e-6).astype(float)
    return torch.from_numpy(best / np.sum(best, axis=1, keepdims=True))
