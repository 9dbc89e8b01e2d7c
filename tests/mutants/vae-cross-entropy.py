# %% wrong="mean over pixels" says="averages over the pixels"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").mean(-1)


# %% wrong="default reduction" says="averages everything"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x)


# %% wrong="sum of all" says="adds up the images"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="sum")


# %% wrong="mean over the batch" says="averages everything"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1).mean()


# %% wrong="no sum" says="Sum over the pixels"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none")


# %% wrong="sums the batch" says="Sum over the pixels"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(0)


# %% wrong="log likelihood" says="The sign is wrong"
def cross_entropy(logits, x):
    return -F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)


# %% wrong="sigmoid twice" says="sigmoid is taken twice"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits.sigmoid(), x, reduction="none").sum(-1)


# %% wrong="sigmoid twice, by hand" says="sigmoid is taken twice"
def cross_entropy(logits, x):
    p = logits.sigmoid().sigmoid()
    return F.binary_cross_entropy(p, x, reduction="none").sum(-1)


# %% wrong="half" says="Half is missing: dark"
def cross_entropy(logits, x):
    return -(x * F.logsigmoid(logits)).sum(-1)


# %% wrong="other half" says="Half is missing: bright"
def cross_entropy(logits, x):
    return -((1 - x) * F.logsigmoid(-logits)).sum(-1)


# %% wrong="swaps" says="swapped"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(x, logits, reduction="none").sum(-1)


# %% wrong="squared error" says="a squared error"
def cross_entropy(logits, x):
    return (logits.sigmoid() - x).square().sum(-1)


# %% wrong="logits as probabilities" says="as if they were probabilities"
def cross_entropy(logits, x):
    return -(x * logits.log() + (1 - x) * (1 - logits).log()).sum(-1)


# %% wrong="unstable" says="±200"
def cross_entropy(logits, x):
    p = logits.sigmoid()
    return -(x * p.log() + (1 - x) * (1 - p).log()).sum(-1)


# %% wrong="small number" says="±200"
def cross_entropy(logits, x):
    p = logits.sigmoid()
    return -(x * (p + 1e-9).log() + (1 - x) * (1 - p + 1e-9).log()).sum(-1)


# %% wrong="bits" says="in bits"
def cross_entropy(logits, x):
    import math

    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1) / math.log(2)


# %% wrong="detached" says="cut off"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits.detach(), x, reduction="none").sum(-1)


# %% wrong="in place" says="changed in place"
def cross_entropy(logits, x):
    logits.sigmoid_()
    return F.binary_cross_entropy(logits, x, reduction="none").sum(-1)


# %% wrong="784 times the mean" says="784 pixels for granted"
def cross_entropy(logits, x):
    return 784 * F.binary_cross_entropy_with_logits(logits, x, reduction="none").mean(-1)


# %% wrong="rounds" says="black and white"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x.round(), reduction="none").sum(-1)


# %% wrong="threshold at 0" says="black and white"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, (x > 0).float(), reduction="none").sum(-1)


# %% wrong="black for white" says="Black and white are swapped"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(-logits, x, reduction="none").sum(-1)


# %% wrong="forgets ℓ" says="Sum x log p"
def cross_entropy(logits, x):
    return (F.softplus(logits) - x).sum(-1)


# %% wrong="clamps p" says="±200"
def cross_entropy(logits, x):
    p = logits.sigmoid().clamp(1e-6, 1 - 1e-6)
    return F.binary_cross_entropy(p, x, reduction="none").sum(-1)


# %% wrong="clamps logits" says="Logits are cut off"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits.clamp(-30, 30), x, reduction="none").sum(-1)


# %% wrong="log(1 + exp)" says="±200"
def cross_entropy(logits, x):
    return (torch.log(1 + logits.exp()) - x * logits).sum(-1)


# %% wrong="keepdim" says="reshape, squeeze"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1, keepdim=True)


# %% wrong="second dimension" says="whatever stands before it"
def cross_entropy(logits, x):
    return (F.softplus(logits) - x * logits).sum(1)


# %% wrong="squeezes" says="do not squeeze it"
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1).squeeze()


# %% wrong="subtracts the entropy" says="do not subtract it"
def cross_entropy(logits, x):
    cost = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return (cost + torch.special.xlogy(x, x) + torch.special.xlogy(1 - x, 1 - x)).sum(-1)


# %% wrong="no_grad" says="cut off"
@torch.no_grad()
def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)


# %% wrong="leaves gradients off" says="gradients switched off"
def cross_entropy(logits, x):
    torch.set_grad_enabled(False)
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)


# %% wrong="calls the course's own" says="the course's own function"
def cross_entropy(logits, x):
    return autoencoders.cross_entropy(logits, x)


# %% wrong="sums all but the first dimension" says="whatever stands before it"
def cross_entropy(logits, x):
    return (F.softplus(logits) - x * logits).flatten(1).sum(1) if logits.dim() > 1 else logits.sum()


# %% right="softplus"
def cross_entropy(logits, x):
    return (F.softplus(logits) - x * logits).sum(dim=-1)


# %% right="logsigmoid"
def cross_entropy(logits, x):
    return -(x * F.logsigmoid(logits) + (1 - x) * F.logsigmoid(-logits)).sum(-1)


# %% right="a distribution"
def cross_entropy(logits, x):
    return -torch.distributions.Bernoulli(logits=logits, validate_args=False).log_prob(x).sum(-1)


# %% right="logaddexp"
def cross_entropy(logits, x):
    zero = torch.zeros_like(logits)
    return torch.sum(torch.logaddexp(zero, logits) - logits * x, -1)


# %% right="einsum"
def cross_entropy(logits, x):
    return F.softplus(logits).sum(-1) - torch.einsum("...i,...i->...", x, logits)


# %% right="max trick"
def cross_entropy(logits, x):
    soft = logits.relu() - logits * x + torch.log1p((-logits.abs()).exp())
    return soft.sum(-1)


# %% right="in double precision"
def cross_entropy(logits, x):
    logits, x = logits.double(), x.double()
    return (F.softplus(logits) - x * logits).sum(-1)


# %% right="a callable object"
class CrossEntropy:
    def __call__(self, ell, pixels):
        return (F.softplus(ell) - pixels * ell).sum(-1)


def cross_entropy():
    pass


cross_entropy = CrossEntropy()
