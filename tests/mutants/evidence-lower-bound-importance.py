# %% wrong="leaves the logarithm" says="exp under- or overflows"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return (log_p_x + log_p_z - log_q_z).exp().mean(-1).log()


# %% wrong="turns the ratio around" says="The ratio is upside down"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x - log_p_z + log_q_z, -1) - math.log(log_p_x.shape[-1])


# %% wrong="adds log Q" says="Q divides"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x + log_p_z + log_q_z, -1) - math.log(log_p_x.shape[-1])


# %% wrong="forgets Q" says="Q is missing"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x + log_p_z, -1) - math.log(log_p_x.shape[-1])


# %% wrong="forgets the prior" says="The prior is missing"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x - log_q_z, -1) - math.log(log_p_x.shape[-1])


# %% wrong="forgets the ratio" says="The ratio P(z)/Q is missing"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x, -1) - math.log(log_p_x.shape[-1])


# %% wrong="forgets the decoder" says="The decoder is missing"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_z - log_q_z, -1) - math.log(log_p_x.shape[-1])


# %% wrong="sums" says="That is the sum of the weights"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x + log_p_z - log_q_z, -1)


# %% wrong="divides the logarithm by n" says="in logarithms, subtract log n"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x + log_p_z - log_q_z, -1) / log_p_x.shape[-1]


# %% wrong="divides by the rows" says="n is the size of the last dimension"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x + log_p_z - log_q_z, -1) - math.log(len(log_p_x))


# %% wrong="divides by all numbers" says="n is the size of the last dimension"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x + log_p_z - log_q_z, -1) - math.log(log_p_x.numel())


# %% wrong="averages the logarithms" says="take the logarithm of the mean"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return (log_p_x + log_p_z - log_q_z).mean(-1)


# %% wrong="normalises the weights" says="divides by the sum of P(z)/Q"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    log_ratio = log_p_z - log_q_z
    return torch.logsumexp(log_p_x + log_ratio, -1) - torch.logsumexp(log_ratio, -1)


# %% wrong="takes the largest" says="the largest weight only"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return (log_p_x + log_p_z - log_q_z).amax(-1)


# %% wrong="mixes the rows" says="Each row has its own estimate"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    w = (log_p_x + log_p_z - log_q_z).flatten()
    return torch.logsumexp(w, 0) - math.log(len(w))


# %% wrong="returns P" says="its logarithm was asked for"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return (log_p_x + log_p_z - log_q_z).exp().mean(-1)


# %% wrong="knows 40" says="is "
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x + log_p_z - log_q_z, -1) - math.log(40)


# %% wrong="runs over the rows" says="was expected"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    w = log_p_x + log_p_z - log_q_z
    return torch.logsumexp(w, 0) - math.log(len(w))


# %% wrong="writes into log_p_x" says="`log_p_x` was changed in place"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    log_p_x += log_p_z
    log_p_x -= log_q_z
    return torch.logsumexp(log_p_x, -1) - math.log(log_p_x.shape[-1])


# %% wrong="forgets return" says="Does the function end with return?"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    w = torch.logsumexp(log_p_x + log_p_z - log_q_z, -1) - math.log(log_p_x.shape[-1])


# %% right="subtracts the largest by hand"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    w = log_p_x + log_p_z - log_q_z
    top = w.max(-1, keepdim=True).values
    return torch.exp(w - top).mean(-1).log() + top[..., 0]


# %% right="log n inside"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    n = log_p_x.size(-1)
    return (log_p_x + log_p_z - log_q_z - torch.log(torch.tensor(float(n)))).logsumexp(-1)


# %% right="loop over rows"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    w = (log_p_x + (log_p_z - log_q_z)).reshape(-1, log_p_x.shape[-1])
    values = [row.logsumexp(0) - math.log(len(row)) for row in w]
    return torch.stack(values).reshape(log_p_x.shape[:-1])


# %% right="mean of ones by logsumexp"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    w = log_p_x + log_p_z - log_q_z
    return torch.logsumexp(w, -1) - torch.logsumexp(torch.zeros_like(w), -1)


# %% wrong="counts dimensions from the first" says="Dimension out of range"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x + log_p_z - log_q_z, 1) - math.log(log_p_x.shape[1])


# %% wrong="takes n from dimension 1" says="Count dimensions from the last"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x + log_p_z - log_q_z, -1) - math.log(log_p_x.shape[1])


# %% wrong="divides by n − 1" says="in logarithms, subtract log n"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    return torch.logsumexp(log_p_x + log_p_z - log_q_z, -1) - math.log(log_p_x.shape[-1] - 1)


# %% wrong="squeezes" says="of a batch of one row has shape (), but (1,) was expected"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    w = log_p_x + log_p_z - log_q_z
    return (torch.logsumexp(w, -1, keepdim=True) - math.log(w.shape[-1])).squeeze()


# %% wrong="keeps a column" says="has shape (3, 1), but (3,)"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    w = log_p_x + log_p_z - log_q_z
    return torch.logsumexp(w, -1, keepdim=True) - math.log(w.shape[-1])


# %% wrong="takes off the mean weight of the samples" says="was expected"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    w = log_p_x + log_p_z - log_q_z
    top = w.max()
    return (w - top).exp().mean(-1).log() + top


# %% right="a partial"
def importance_estimate(log_p_x, log_p_z, log_q_z, dim):
    w = log_p_x + log_p_z - log_q_z
    return w.logsumexp(dim) - math.log(w.shape[dim])


importance_estimate = __import__("functools").partial(importance_estimate, dim=-1)


# %% wrong="takes n for its logarithm" says="in logarithms, subtract log n"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    log_weights = log_p_x + log_p_z - log_q_z
    return log_weights.logsumexp(-1) / math.log(log_weights.shape[-1])


# %% wrong="computes in single precision" says="leave the numbers as precise as they come"
def importance_estimate(log_p_x, log_p_z, log_q_z):
    log_weights = (log_p_x + log_p_z - log_q_z).float()
    return torch.logsumexp(log_weights, -1) - math.log(log_weights.shape[-1])
