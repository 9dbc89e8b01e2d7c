# %% wrong="no reference" says="reference is missing"
def tilt(log_ref, rewards, beta):
    score = rewards / beta
    return score.log_softmax(-1), score.logsumexp(-1)


# %% wrong="times beta" says="multiplies by β"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards * beta
    return score.log_softmax(-1), score.logsumexp(-1)


# %% wrong="no beta" says="β is missing"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards
    return score.log_softmax(-1), score.logsumexp(-1)


# %% wrong="sign" says="sign is wrong"
def tilt(log_ref, rewards, beta):
    score = log_ref - rewards / beta
    return score.log_softmax(-1), score.logsumexp(-1)


# %% wrong="reference over beta" says="divided by β, too"
def tilt(log_ref, rewards, beta):
    score = (log_ref + rewards / beta) / beta
    return score.log_softmax(-1), score.logsumexp(-1)


# %% wrong="reference twice" says="there twice"
def tilt(log_ref, rewards, beta):
    score = 2 * log_ref + rewards / beta
    return score.log_softmax(-1), score.logsumexp(-1)


# %% wrong="not normalised" says="log Z is missing"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards / beta
    return score, score.logsumexp(-1)


# %% wrong="probabilities" says="its logarithm is asked for"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards / beta
    return score.softmax(-1), score.logsumexp(-1)


# %% wrong="Z" says="That is Z"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards / beta
    return score.log_softmax(-1), score.exp().sum(-1)


# %% wrong="beta log Z" says="That is β log Z"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards / beta
    return score.log_softmax(-1), beta * score.logsumexp(-1)


# %% wrong="keeps the dimension" says="dimension of the responses"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards / beta
    return score.log_softmax(-1), score.logsumexp(-1, keepdim=True)


# %% wrong="overflow" says="stay with logarithms"
def tilt(log_ref, rewards, beta):
    weights = log_ref.exp() * (rewards / beta).exp()
    score = log_ref + rewards / beta
    return score.log_softmax(-1), weights.sum(-1).log()


# %% wrong="one of two" says="a tuple (log_pi, log_z)"
def tilt(log_ref, rewards, beta):
    return (log_ref + rewards / beta).log_softmax(-1)


# %% wrong="mean for sum" says="not their mean"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards / beta
    return score.log_softmax(-1), score.exp().mean(-1).log()


# %% wrong="sum of logs" says="is not the sum of the logs"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards / beta
    return score.log_softmax(-1), score.sum(-1)


# %% wrong="all over beta" says="divided by β, too"
def tilt(log_ref, rewards, beta):
    score = (log_ref + rewards) / beta
    z = score.logsumexp(-1)
    return score - z.unsqueeze(-1), z


# %% wrong="whole division" says="minus log Z"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards // beta
    z = score.logsumexp(-1)
    return score - z.unsqueeze(-1), z


# %% wrong="rounded" says="minus log Z"
def tilt(log_ref, rewards, beta):
    score = log_ref + (rewards / beta).round()
    z = score.logsumexp(-1)
    return score - z.unsqueeze(-1), z


# %% wrong="logarithm of a softmax" says="from first to last"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards / beta
    return score.softmax(-1).log(), score.logsumexp(-1)


# %% wrong="logarithm of a product" says="from first to last"
def tilt(log_ref, rewards, beta):
    log_z = (log_ref + rewards / beta).logsumexp(-1)
    return (log_ref.exp() * (rewards / beta).exp()).log() - log_z.unsqueeze(-1), log_z


# %% right="log_softmax"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards / beta
    return score.log_softmax(-1), score.logsumexp(-1)


# %% right="logsumexp"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards / beta
    log_z = torch.logsumexp(score, dim=-1)
    return score - log_z[..., None], log_z


# %% right="largest first"
def tilt(log_ref, rewards, beta):
    score = rewards / beta + log_ref
    top = score.amax(-1, keepdim=True)
    log_z = (score - top).exp().sum(-1, keepdim=True).log() + top
    return score - log_z, log_z.squeeze(-1)


# %% right="a number for β"
def tilt(log_ref, rewards, beta):
    score = log_ref + rewards / float(beta)
    z = score.logsumexp(-1)
    return score - z.unsqueeze(-1), z
