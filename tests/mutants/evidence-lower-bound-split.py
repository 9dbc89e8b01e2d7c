# %% wrong="swaps the two" says="return the ELBO first"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_q_z - log_post)).sum(-1) * width, (q * (log_joint - log_q_z)).sum(-1) * width


# %% wrong="forgets the divergence" says="that is the reconstruction alone"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * log_p_x).sum(-1) * width, (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="adds the divergence" says="the bound subtracts it"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_p_x + log_q_z - log_p_z)).sum(-1) * width, (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="forgets log Q" says="− log Q is missing"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * log_joint).sum(-1) * width, (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="forgets the prior" says="The prior is missing."
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_p_x - log_q_z)).sum(-1) * width, (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="adds log Q" says="log Q is added"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint + log_q_z)).sum(-1) * width, (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="averages over the prior" says="That averages over the prior"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (log_p_z.exp() * (log_joint - log_q_z)).sum(-1) * width, (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="averages over the posterior" says="That averages over the posterior"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (log_post.exp() * (log_joint - log_q_z)).sum(-1) * width, (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="forgets to weight" says="The mean over Q is missing"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (log_joint - log_q_z).sum(-1) * width, (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="averages over the grid" says="weight by Q and multiply by the width"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint - log_q_z)).mean(-1), (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="forgets the width" says="The width is missing"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint - log_q_z)).sum(-1), (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="weights by the logarithm" says="not by its logarithm"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (log_q_z * (log_joint - log_q_z)).sum(-1) * width, (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="returns the evidence" says="the logarithm has to be inside"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return evidence(log_p_x, log_p_z, width), (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="returns the loss" says="that is the loss"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return -(q * (log_joint - log_q_z)).sum(-1) * width, (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="sums over pictures" says="That mixes the pictures"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint - log_q_z)).sum() * width, (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="turns the divergence around" says="The direction is wrong"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint - log_q_z)).sum(-1) * width, (log_post.exp() * (log_post - log_q_z)).sum(-1) * width


# %% wrong="turns the sign of the gap" says="no divergence is negative"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint - log_q_z)).sum(-1) * width, (q * (log_post - log_q_z)).sum(-1) * width


# %% wrong="takes the joint for the posterior" says="The posterior is not normalised"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint - log_q_z)).sum(-1) * width, (q * (log_q_z - log_joint)).sum(-1) * width


# %% wrong="takes the prior for the posterior" says="That is the divergence to the prior"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint - log_q_z)).sum(-1) * width, (q * (log_q_z - log_p_z)).sum(-1) * width


# %% wrong="takes the decoder for the posterior" says="The prior is missing in the posterior"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint - log_q_z)).sum(-1) * width, (q * (log_q_z - log_p_x)).sum(-1) * width


# %% wrong="adds the bound" says="subtract."
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    elbo = (q * (log_joint - log_q_z)).sum(-1) * width
    return elbo, evidence(log_p_x, log_p_z, width) + elbo


# %% wrong="subtracts the wrong way" says="negative"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    elbo = (q * (log_joint - log_q_z)).sum(-1) * width
    return elbo, elbo - evidence(log_p_x, log_p_z, width)


# %% wrong="returns the cross entropy" says="that is a cross entropy"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint - log_q_z)).sum(-1) * width, -(q * log_post).sum(-1) * width


# %% wrong="forgets the width of the gap" says="The width is missing"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint - log_q_z)).sum(-1) * width, (q * (log_q_z - log_post)).sum(-1)


# %% wrong="returns the bound only" says="a tuple (elbo, gap) was expected"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint - log_q_z)).sum(-1) * width


# %% wrong="uses the width of the lesson" says="use the width that is given"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    return (q * (log_joint - log_q_z)).sum(-1) * 0.01, (q * (log_q_z - log_post)).sum(-1) * 0.01


# %% wrong="writes into log_p_x" says="`log_p_x` was changed in place"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_e = evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    log_p_x += log_p_z
    q = log_q_z.exp()
    return (q * (log_p_x - log_q_z)).sum(-1) * width, (q * (log_q_z - log_p_x + log_e)).sum(-1) * width


# %% wrong="forgets return" says="End with: return elbo, gap"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    elbo, gap = (q * (log_joint - log_q_z)).sum(-1) * width, (q * (log_q_z - log_post)).sum(-1) * width


# %% wrong="nothing for four pictures" says="of one row by itself has 0 parts"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint, q = log_p_x + log_p_z, log_q_z.exp()
    elbo = (q * (log_joint - log_q_z)).sum(-1) * width
    return (elbo, evidence(log_p_x, log_p_z, width) - elbo) if log_p_x.dim() == 2 else ()


# %% right="the gap as the rest"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    log_post = log_joint - evidence(log_p_x, log_p_z, width).unsqueeze(-1)
    q = log_q_z.exp()
    elbo = (q * (log_joint - log_q_z)).sum(-1) * width
    return elbo, evidence(log_p_x, log_p_z, width) - elbo


# %% right="reconstruction minus divergence"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    q = log_q_z.exp() * width
    elbo = (q * log_p_x).sum(-1) - (q * (log_q_z - log_p_z)).sum(-1)
    log_p = torch.logsumexp(log_p_x + log_p_z, -1) + math.log(width)
    return elbo, (q * (log_q_z - log_p_x - log_p_z)).sum(-1) + log_p * q.sum(-1)


# %% right="einsum, in a list"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    joint = log_p_x + log_p_z
    q = (log_q_z.exp() * width).expand_as(joint)
    posterior = joint - evidence(log_p_x, log_p_z, width)[..., None]
    return [torch.einsum("...n,...n->...", q, g) for g in (joint - log_q_z, log_q_z - posterior)]


# %% right="softmax for the posterior"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    joint = log_p_x + log_p_z
    log_post = torch.log_softmax(joint, -1) - math.log(width)
    q = log_q_z.exp()
    elbo = torch.sum(q * joint, -1) * width + torch.special.entr(q).sum(-1) * width
    return elbo, torch.sum(q * (log_q_z - log_post), -1) * width


# %% wrong="counts dimensions from the first" says="Dimension out of range"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    elbo = (log_q_z.exp() * (log_joint - log_q_z)).sum(1) * width
    return elbo, evidence(log_p_x, log_p_z, width) - elbo


# %% wrong="squeezes" says="of a batch of one row has shape (), but (1,) was expected"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    elbo = (log_q_z.exp() * (log_joint - log_q_z)).sum(-1, keepdim=True).squeeze() * width
    return elbo, evidence(log_p_x, log_p_z, width) - elbo


# %% wrong="sums over pictures in all shapes" says="That runs over the pictures"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    log_joint = log_p_x + log_p_z
    elbo = (log_q_z.exp() * (log_joint - log_q_z)).sum(0) * width
    return elbo, elbo


# %% wrong="leaves the logarithms" says="An infinity comes from"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    joint, q = log_p_x.exp() * log_p_z.exp(), log_q_z.exp()
    posterior = joint / (joint.sum(-1, keepdim=True) * width)
    elbo = (q * (log_p_x + log_p_z - log_q_z)).sum(-1) * width
    return elbo, (q * (log_q_z - posterior.log())).sum(-1) * width


# %% wrong="sums the gap over the pictures" says="That mixes the pictures"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    elbo = (log_q_z.exp() * (log_p_x + log_p_z - log_q_z)).sum(-1) * width
    return elbo, (evidence(log_p_x, log_p_z, width) - elbo).sum()


# %% wrong="stacks the two" says="is a torch.Tensor, but a tuple (elbo, gap) was expected"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    elbo = (log_q_z.exp() * (log_p_x + log_p_z - log_q_z)).sum(-1) * width
    return torch.stack([elbo, evidence(log_p_x, log_p_z, width) - elbo])


# %% right="a named tuple"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    from collections import namedtuple

    elbo = (log_q_z.exp() * (log_p_x + log_p_z - log_q_z)).sum(-1) * width
    return namedtuple("Split", "elbo, gap")(elbo, evidence(log_p_x, log_p_z, width) - elbo)


# %% wrong="lets the evidence underflow" says="Far away P(x) underflows: do not leave the logarithms"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    elbo = (log_q_z.exp() * (log_p_x + log_p_z - log_q_z)).sum(-1) * width
    return elbo, ((log_p_x.exp() * log_p_z.exp()).sum(-1) * width).log() - elbo


# %% wrong="adds a small number to the evidence" says="The small number only hides the underflow"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    elbo = (log_q_z.exp() * (log_p_x + log_p_z - log_q_z)).sum(-1) * width
    return elbo, ((log_p_x.exp() * log_p_z.exp()).sum(-1) * width + 1e-300).log() - elbo


# %% wrong="adds a small number to the posterior" says="The small number only hides the underflow"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    q, joint = log_q_z.exp(), log_p_x + log_p_z
    posterior = joint.exp() / evidence(log_p_x, log_p_z, width).exp()[..., None]
    return (q * (joint - log_q_z)).sum(-1) * width, (q * (log_q_z - (posterior + 1e-300).log())).sum(-1) * width


# %% wrong="gives P(x) no dimension for z" says="as in log P(x)[..., None]"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    q, joint = log_q_z.exp(), log_p_x + log_p_z
    log_posterior = joint - evidence(log_p_x, log_p_z, width)
    return (q * (joint - log_q_z)).sum(-1) * width, (q * (log_q_z - log_posterior)).sum(-1) * width


# %% wrong="takes log_softmax for a density" says="for a density subtract log(width)"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    q, joint = log_q_z.exp() * width, log_p_x + log_p_z
    return (q * (joint - log_q_z)).sum(-1), (q * (log_q_z - joint.log_softmax(-1))).sum(-1)


# %% wrong="forgets the prior in the evidence" says="The prior is missing in P(x)"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    elbo = (log_q_z.exp() * (log_p_x + log_p_z - log_q_z)).sum(-1) * width
    return elbo, log_p_x.logsumexp(-1) + math.log(width) - elbo


# %% wrong="computes in single precision" says="leave the numbers as precise as they come"
def split_evidence(log_p_x, log_p_z, log_q_z, width):
    elbo = ((log_q_z.exp() * (log_p_x + log_p_z - log_q_z)).sum(-1) * width).float()
    return elbo, evidence(log_p_x, log_p_z, width) - elbo
