# %% wrong="swapped" says="swapped"
def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(rejected - chosen).mean(-1)


# %% wrong="sign" says="The sign is wrong"
def bradley_terry_loss(chosen, rejected):
    return torch.nn.functional.logsigmoid(chosen - rejected).mean(-1)


# %% wrong="sum" says="sum over the pairs"
def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(chosen - rejected).sum(-1)


# %% wrong="each" says="mean over the pairs is missing"
def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(chosen - rejected)


# %% wrong="all runs in one" says="each run has a loss"
def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(chosen - rejected).mean()


# %% wrong="no logarithm" says="logarithm is missing"
def bradley_terry_loss(chosen, rejected):
    return -(chosen - rejected).sigmoid().mean(-1)


# %% wrong="log of the mean" says="belongs outside"
def bradley_terry_loss(chosen, rejected):
    return -(chosen - rejected).sigmoid().mean(-1).log()


# %% wrong="two sigmoids" says="difference of both"
def bradley_terry_loss(chosen, rejected):
    return (torch.nn.functional.logsigmoid(rejected) - torch.nn.functional.logsigmoid(chosen)).mean(-1)


# %% wrong="difference alone" says="difference itself"
def bradley_terry_loss(chosen, rejected):
    return (rejected - chosen).mean(-1)


# %% wrong="log of sigmoid" says="logsigmoid"
def bradley_terry_loss(chosen, rejected):
    return -(chosen - rejected).sigmoid().log().mean(-1)


# %% wrong="detached" says="cut off from the rewards of the chosen"
def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(chosen.detach() - rejected.detach()).mean(-1)


# %% wrong="rejected detached" says="cut off from the rewards of the rejected"
def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(chosen - rejected.detach()).mean(-1)


# %% wrong="labels ignored" says="who was preferred"
def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid((chosen - rejected).abs()).mean(-1)


# %% wrong="mean of the differences" says="belongs outside"
def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid((chosen - rejected).mean(-1))


# %% right="logsigmoid"
def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(chosen - rejected).mean(-1)


# %% right="softplus"
def bradley_terry_loss(chosen, rejected):
    return torch.nn.functional.softplus(rejected - chosen).mean(-1)


# %% right="softmax of both"
def bradley_terry_loss(chosen, rejected):
    return -torch.stack([chosen, rejected]).log_softmax(0)[0].mean(-1)


# %% right="cross-entropy"
def bradley_terry_loss(chosen, rejected):
    gap = chosen - rejected
    return torch.nn.functional.binary_cross_entropy_with_logits(gap, torch.ones_like(gap), reduction="none").mean(-1)
