# %% wrong="leaves the logarithm" says="do not leave the logarithms"
def log_evidence(log_p_x, log_p_z, width):
    return ((log_p_x + log_p_z).exp().sum(-1) * width).log()


# %% wrong="multiplies densities" says="do not leave the logarithms"
def log_evidence(log_p_x, log_p_z, width):
    return torch.log((log_p_x.exp() * log_p_z.exp() * width).sum(-1))


# %% wrong="hides the underflow" says="only hides the underflow"
def log_evidence(log_p_x, log_p_z, width):
    return torch.log((log_p_x + log_p_z).exp().sum(-1) * width + 1e-12)


# %% wrong="returns P" says="That is P(x); its logarithm"
def log_evidence(log_p_x, log_p_z, width):
    return (log_p_x + log_p_z).exp().sum(-1) * width


# %% wrong="forgets the width" says="The width is missing"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z, -1)


# %% wrong="adds the width" says="its logarithm is added"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z, -1) + width


# %% wrong="multiplies the logarithm by the width" says="its logarithm is added"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z, -1) * width


# %% wrong="divides by the width" says="that divides by it"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z, -1) - math.log(width)


# %% wrong="forgets the prior" says="The prior is missing"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x, -1) + math.log(width)


# %% wrong="divides by the prior" says="P(z) divides"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x - log_p_z, -1) + math.log(width)


# %% wrong="multiplies logarithms" says="Logarithms of a product add up"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x * log_p_z, -1) + math.log(width)


# %% wrong="averages over the grid" says="That is a mean over the grid"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z, -1) - math.log(log_p_x.shape[-1])


# %% wrong="averages the logarithm" says="the mean of the logarithms"
def log_evidence(log_p_x, log_p_z, width):
    return (log_p_x * log_p_z.exp()).sum(-1) * width


# %% wrong="takes the best z" says="the best z only"
def log_evidence(log_p_x, log_p_z, width):
    return (log_p_x + log_p_z).max(-1).values + math.log(width)


# %% wrong="adds up the pictures" says="adds up all pictures"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp((log_p_x + log_p_z).flatten(), 0) + math.log(width)


# %% wrong="sums over the first dimension" says="runs over the pictures"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z, 0) + math.log(width)


# %% wrong="returns the loss" says="The sign is wrong"
def log_evidence(log_p_x, log_p_z, width):
    return -torch.logsumexp(log_p_x + log_p_z, -1) - math.log(width)


# %% wrong="uses the width of the lesson" says="use the width that is given"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z, -1) + math.log(0.01)


# %% wrong="works for two dimensions only" says="Dimension out of range"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z, 1) + math.log(width)


# %% wrong="writes into log_p_x" says="`log_p_x` was changed in place"
def log_evidence(log_p_x, log_p_z, width):
    log_p_x += log_p_z
    return torch.logsumexp(log_p_x, -1) + math.log(width)


# %% wrong="keeps a column" says="has shape (3, 1), but (3,)"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z, -1, keepdim=True) + math.log(width)


# %% wrong="forgets return" says="Does the function end with return?"
def log_evidence(log_p_x, log_p_z, width):
    total = torch.logsumexp(log_p_x + log_p_z, -1) + math.log(width)


# %% right="width inside"
def log_evidence(log_p_x, log_p_z, width):
    return (log_p_x + log_p_z + math.log(width)).logsumexp(dim=-1)


# %% right="subtracts the largest by hand"
def log_evidence(log_p_x, log_p_z, width):
    joint = log_p_x + log_p_z
    top = joint.max(dim=-1, keepdim=True).values
    return torch.log(((joint - top).exp() * width).sum(-1)) + top.squeeze(-1)


# %% right="loop over rows"
def log_evidence(log_p_x, log_p_z, width):
    rows = (log_p_x + log_p_z).reshape(-1, log_p_x.shape[-1])
    values = []
    for row in rows:
        values.append(torch.logsumexp(row, 0) + math.log(width))
    return torch.stack(values).reshape(log_p_x.shape[:-1])


# %% right="logaddexp one by one, in a tensor of the width"
def log_evidence(log_p_x, log_p_z, width):
    joint = (log_p_x + log_p_z + torch.log(torch.tensor(width))).movedim(-1, 0)
    total = joint[0]
    for row in joint[1:]:
        total = torch.logaddexp(total, row)
    return total


# %% wrong="adds P(z) to a logarithm" says="That adds P(z) to a logarithm"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z.exp(), -1) + math.log(width)


# %% wrong="squeezes" says="of a batch of one row has shape (), but (1,) was expected"
def log_evidence(log_p_x, log_p_z, width):
    return (torch.logsumexp(log_p_x + log_p_z, -1) + math.log(width)).squeeze()


# %% wrong="flattens the rows" says="of three leading dimensions has shape"
def log_evidence(log_p_x, log_p_z, width):
    joint = log_p_x + log_p_z
    total = torch.logsumexp(joint.reshape(-1, joint.shape[-1]), -1) + math.log(width)
    return total if joint.dim() > 1 else total[0]


# %% wrong="clamps what underflows" says="only hides the underflow"
def log_evidence(log_p_x, log_p_z, width):
    return ((log_p_x + log_p_z).exp().sum(-1) * width).clamp(min=1e-30).log()


# %% wrong="takes max with its indices" says="Take its .values"
def log_evidence(log_p_x, log_p_z, width):
    return (log_p_x + log_p_z + math.log(width)).max(-1)


# %% wrong="rounds" says="was expected"
def log_evidence(log_p_x, log_p_z, width):
    return torch.round(torch.logsumexp(log_p_x + log_p_z, -1) + math.log(width), decimals=2)


# %% right="an object that is called"
class log_evidence:
    def __new__(cls, log_p_x, log_p_z, width):
        return (log_p_x + log_p_z).logsumexp(-1) + math.log(width)


# %% wrong="halves both ends" says="as torch.trapezoid does"
def log_evidence(log_p_x, log_p_z, width):
    joint = log_p_x + log_p_z
    top = joint.amax(-1, keepdim=True)
    return torch.trapezoid((joint - top).exp(), dx=width, dim=-1).log() + top.squeeze(-1)


# %% wrong="computes the width" says="The width is given; do not compute it"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z, -1) + math.log(14 / (log_p_x.shape[-1] - 1))


# %% wrong="normalises the prior on the grid" says="divide by no sum"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z.log_softmax(-1), -1)


# %% wrong="takes the decimal logarithm" says="math.log, not log10"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z, -1) + math.log10(width)


# %% wrong="multiplies by the width twice" says="once, not each term and the sum"
def log_evidence(log_p_x, log_p_z, width):
    return torch.logsumexp(log_p_x + log_p_z + math.log(width), -1) + math.log(width)


# %% wrong="squeezes the sum's own dimension and others" says="squeeze(-1) only the last"
def log_evidence(log_p_x, log_p_z, width):
    return (torch.logsumexp(log_p_x + log_p_z, -1, keepdim=True) + math.log(width)).squeeze()


# %% wrong="computes in single precision" says="log P(x) is torch.float32, but torch.float64 was expected"
def log_evidence(log_p_x, log_p_z, width):
    return (torch.logsumexp(log_p_x + log_p_z, -1) + math.log(width)).float()


# %% wrong="leaves a gradient on" says="return it with .detach()"
def log_evidence(log_p_x, log_p_z, width):
    width = torch.tensor(width, dtype=log_p_x.dtype, requires_grad=True)
    return torch.logsumexp(log_p_x + log_p_z, -1) + width.log()
