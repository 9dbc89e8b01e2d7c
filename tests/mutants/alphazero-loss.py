# %% wrong="no value" says="value's part is missing"
def loss(logits, values, policies, z):
    return -(policies.detach() * logits.log_softmax(-1)).sum(-1).mean()


# %% wrong="no policy" says="policy's part is missing"
def loss(logits, values, policies, z):
    return (z.detach() - values).square().mean()


# %% wrong="sign" says="sign of the cross-entropy"
def loss(logits, values, policies, z):
    return ((z.detach() - values).square() + (policies.detach() * logits.log_softmax(-1)).sum(-1)).mean()


# %% wrong="mean over moves" says="averages over moves"
def loss(logits, values, policies, z):
    return (z.detach() - values).square().mean() - (policies.detach() * logits.log_softmax(-1)).mean()


# %% wrong="no logarithm" says="log_softmax"
def loss(logits, values, policies, z):
    return ((z.detach() - values).square() - (policies.detach() * logits).sum(-1)).mean()


# %% wrong="the best move alone" says="most visited move alone"
def loss(logits, values, policies, z):
    cross_entropy = torch.nn.functional.cross_entropy(logits, policies.argmax(-1), reduction="none")
    return ((z.detach() - values).square() + cross_entropy).mean()


# %% wrong="labels move" says="flows into"
def loss(logits, values, policies, z):
    return ((z - values).square() - (policies * logits.log_softmax(-1)).sum(-1)).mean()


# %% wrong="sum" says="average"
def loss(logits, values, policies, z):
    return ((z.detach() - values).square() - (policies.detach() * logits.log_softmax(-1)).sum(-1)).sum()


# %% wrong="detached" says="cut off"
def loss(logits, values, policies, z):
    return ((z - values).square() - (policies * logits.log_softmax(-1)).sum(-1)).mean().detach()


# %% wrong="softmax over positions" says="over positions"
def loss(logits, values, policies, z):
    return ((z.detach() - values).square() - (policies.detach() * logits.log_softmax(0)).sum(-1)).mean()


# %% wrong="every z with every v" says="broadcast"
def loss(logits, values, policies, z):
    error = (z.detach().unsqueeze(-1) - values).square().mean()
    return error - (policies.detach() * logits.log_softmax(-1)).sum(-1).mean()


# %% wrong="divergence" says="entropy"
def loss(logits, values, policies, z):
    divergence = torch.nn.functional.kl_div(logits.log_softmax(-1), policies.detach(), reduction="batchmean")
    return divergence + (z.detach() - values).square().mean()


# %% wrong="the value alone learns" says="cut off"
def loss(logits, values, policies, z):
    cross_entropy = -(policies.detach() * logits.detach().log_softmax(-1)).sum(-1)
    return ((z.detach() - values).square() + cross_entropy).mean()


# %% wrong="the logarithm of a softmax" says="A small p becomes 0"
def loss(logits, values, policies, z):
    cross_entropy = -(policies.detach() * logits.softmax(-1).log()).sum(-1)
    return ((z.detach() - values).square() + cross_entropy).mean()


# %% wrong="a floor for p" says="A small p becomes 0"
def loss(logits, values, policies, z):
    cross_entropy = -(policies.detach() * (logits.softmax(-1) + 1e-8).log()).sum(-1)
    return ((z.detach() - values).square() + cross_entropy).mean()


# %% wrong="softmax of a distribution" says="needs no softmax"
def loss(logits, values, policies, z):
    functional = torch.nn.functional
    policies = policies.detach().softmax(-1)
    return functional.cross_entropy(logits, policies) + functional.mse_loss(values, z.detach())


# %% wrong="arguments swapped" says="p and π are swapped"
def loss(logits, values, policies, z):
    functional = torch.nn.functional
    return functional.cross_entropy(policies.detach(), logits.softmax(-1)) + (values - z.detach()).square().mean()


# %% right="as in the text"
def loss(logits, values, policies, z):
    cross_entropy = -(policies.detach() * logits.log_softmax(-1)).sum(-1)
    return ((z.detach() - values).square() + cross_entropy).mean()


# %% right="functions"
def loss(logits, values, policies, z):
    functional = torch.nn.functional
    return functional.cross_entropy(logits, policies.detach()) + functional.mse_loss(values, z.detach())


# %% right="no gradient for the labels"
def loss(logits, values, policies, z):
    with torch.no_grad():
        policies, z = policies.clone(), z.clone()
    log_p = logits - logits.logsumexp(-1, keepdim=True)
    return torch.mean((values - z) ** 2) - torch.einsum("ba,ba->b", policies, log_p).mean()
