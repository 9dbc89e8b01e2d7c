# %% wrong="no reference" says="reference is missing: what counts"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * (chosen - rejected)).mean(-1)


# %% wrong="reference twice" says="subtracted twice"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * (chosen - 2 * ref_chosen - rejected + 2 * ref_rejected)).mean(-1)


# %% wrong="reference added" says="it is subtracted"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * (chosen + ref_chosen - rejected - ref_rejected)).mean(-1)


# %% wrong="divided by beta" says="divides by β"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(((chosen - ref_chosen) - (rejected - ref_rejected)) / beta).mean(-1)


# %% wrong="no beta" says="β is missing"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid((chosen - ref_chosen) - (rejected - ref_rejected)).mean(-1)


# %% wrong="beta outside" says="inside of the sigmoid"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -beta * torch.nn.functional.logsigmoid((chosen - ref_chosen) - (rejected - ref_rejected)).mean(-1)


# %% wrong="swapped" says="Chosen and rejected are swapped"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(-beta * ((chosen - ref_chosen) - (rejected - ref_rejected))).mean(-1)


# %% wrong="references swapped" says="it is subtracted"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * (chosen - ref_rejected - rejected + ref_chosen)).mean(-1)


# %% wrong="chosen only" says="missing for the rejected"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * (chosen - ref_chosen - rejected)).mean(-1)


# %% wrong="rejected only" says="missing for the chosen"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * (chosen - rejected + ref_rejected)).mean(-1)


# %% wrong="reference moves along" says="reference is the policy itself"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ratio = (chosen - chosen.detach()) - (rejected - rejected.detach())
    return -torch.nn.functional.logsigmoid(beta * ratio).mean(-1)


# %% wrong="no gradient" says="cut off from the log π of the chosen"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * ((chosen - ref_chosen) - (rejected - ref_rejected))).mean(-1).detach()


# %% wrong="rejected detached" says="cut off from the log π of the rejected"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * ((chosen - ref_chosen) - (rejected.detach() - ref_rejected))).mean(-1)


# %% wrong="reference learns" says="flows into the reference"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    return -torch.nn.functional.logsigmoid(beta * ((chosen - ref_chosen) - (rejected - ref_rejected))).mean(-1)


# %% wrong="sign" says="The sign is wrong"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return torch.nn.functional.logsigmoid(beta * ((chosen - ref_chosen) - (rejected - ref_rejected))).mean(-1)


# %% wrong="no logarithm" says="logarithm is missing"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -(beta * ((chosen - ref_chosen) - (rejected - ref_rejected))).sigmoid().mean(-1)


# %% wrong="sum" says="sum over the pairs"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * ((chosen - ref_chosen) - (rejected - ref_rejected))).sum(-1)


# %% wrong="exp" says="take no exp"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * ((chosen - ref_chosen).exp() - (rejected - ref_rejected).exp())).mean(
        -1
    )


# %% wrong="beta twice" says="β is there twice"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * (beta * up - beta * down)).mean(-1)


# %% wrong="beta of the chosen only" says="of both responses"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * up - down).mean(-1)


# %% wrong="log of the mean" says="belongs outside"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -(beta * (up - down)).sigmoid().mean(-1).log()


# %% wrong="mean of the differences" says="belongs outside"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -torch.nn.functional.logsigmoid((beta * (up - down)).mean(-1))


# %% wrong="labels ignored" says="who was preferred"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * (up - down).abs()).mean(-1)


# %% wrong="raises both" says="teaches no preference"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * (up + down)).mean(-1)


# %% wrong="two sigmoids" says="each has one of its own"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -(torch.nn.functional.logsigmoid(beta * up) + torch.nn.functional.logsigmoid(-beta * down)).mean(-1)


# %% wrong="log of sigmoid" says="take functional.logsigmoid"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -(beta * (up - down)).sigmoid().log().mean(-1)


# %% wrong="each" says="mean over the pairs is missing"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * (up - down))


# %% wrong="all runs in one" says="each run has a loss"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * (up - down)).mean()


# %% wrong="no rejected" says="The rejected is missing"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * up).mean(-1)


# %% wrong="no chosen" says="The chosen is missing"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(-beta * down).mean(-1)


# %% wrong="1 − β" says="of both responses"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -torch.nn.functional.logsigmoid((1 - beta) * (up - down)).mean(-1)


# %% wrong="half of β" says="of both responses"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta / 2 * (up - down)).mean(-1)


# %% right="implied rewards"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    up, down = beta * (chosen - ref_chosen), beta * (rejected - ref_rejected)
    return -torch.nn.functional.logsigmoid(up - down).mean(-1)


# %% right="softplus"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return torch.nn.functional.softplus(-beta * ((chosen - ref_chosen) - (rejected - ref_rejected))).mean(-1)


# %% right="policy and reference"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    ref_chosen, ref_rejected = ref_chosen.detach(), ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * ((chosen - rejected) - (ref_chosen - ref_rejected))).mean(-1)


# %% right="no_grad"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    with torch.no_grad():
        ref = ref_chosen - ref_rejected
    return -torch.nn.functional.logsigmoid(beta * (chosen - rejected - ref)).mean(-1)


# %% right="Bradley and Terry's loss"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    return preferences.bradley_terry_loss(
        beta * (chosen - ref_chosen.detach()), beta * (rejected - ref_rejected.detach())
    )
