# %% wrong="the mean per step" says="Its own return is still inside"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return (real.sum(-2, keepdim=True) / mask.sum(-2, keepdim=True).clamp(min=1)).expand_as(returns)


# %% wrong="the mean per step, not spread" says="Its own return is still inside"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return real.sum(-2) / mask.sum(-2).clamp(min=1)


# %% wrong="divides by all alive" says="the number does not"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return (real.sum(-2, keepdim=True) - real) / mask.sum(-2, keepdim=True).clamp(min=1)


# %% wrong="keeps itself in the sum" says="the sum does not"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    return real.sum(-2, keepdim=True) / others.clamp(min=1)


# %% wrong="divides by N − 1" says="only those alive at the step count"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return (real.sum(-2, keepdim=True) - real) / (returns.shape[-2] - 1)


# %% wrong="no mask above" says="Rubbish behind the ends"
def leave_one_out(returns, mask):
    others = mask.sum(-2, keepdim=True) - mask.long()
    return (returns.sum(-2, keepdim=True) - returns) / others.clamp(min=1)


# %% wrong="no mask at all" says="Rubbish behind the ends"
def leave_one_out(returns, mask):
    return (returns.sum(-2, keepdim=True) - returns) / (returns.shape[-2] - 1)


# %% wrong="nan where alone" says="0/0 becomes nan"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    return (real.sum(-2, keepdim=True) - real) / others


# %% wrong="sum of the others" says="sum of the others"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return real.sum(-2, keepdim=True) - real


# %% wrong="the weights" says="return minus the baseline"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    return returns - (real.sum(-2, keepdim=True) - real) / others.clamp(min=1)


# %% wrong="leaves a step out" says="leaves out a step"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return (real.sum(-1, keepdim=True) - real) / (mask.sum(-1, keepdim=True) - 1)


# %% wrong="own return where alone" says="its own return comes back"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    b = (real.sum(-2, keepdim=True) - real) / others.clamp(min=1)
    return torch.where(others == 0, returns, b)


# %% wrong="dimension 0" says="two runs"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(0, keepdim=True) - mask.long()
    return (real.sum(0, keepdim=True) - real) / others.clamp(min=1)


# %% wrong="one number an episode" says="The mean return of the others"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    total, number = real.sum(), mask.sum()
    b = (total - real.sum(-1)) / (number - mask.sum(-1))
    return b.unsqueeze(-1).expand_as(returns)


# %% wrong="the next episode's return" says="The mean return of the others"
def leave_one_out(returns, mask):
    return torch.where(mask, returns, 0.0).roll(1, -2)


# %% wrong="rubbish zeroed in place" says="was changed in place"
def leave_one_out(returns, mask):
    returns[~mask] = 0
    others = mask.sum(-2, keepdim=True) - mask.long()
    return (returns.sum(-2, keepdim=True) - returns) / others.clamp(min=1)


# %% wrong="truth values subtracted as numbers" says="The mean return of the others"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return real.sum(-2, keepdim=True) - real / mask.sum(-2, keepdim=True).clamp(min=1)


# %% wrong="returns nothing" says="is None"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    (real.sum(-2, keepdim=True) - real) / others.clamp(min=1)


# %% wrong="one row" says="has shape (1, 6)"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    return ((real.sum(-2, keepdim=True) - real) / others.clamp(min=1)).mean(-2, keepdim=True)


# %% wrong="equal returns left out, too" says="leave out by place, not by value"
def leave_one_out(returns, mask):
    others = mask.unsqueeze(-3) & (returns.unsqueeze(-2) != returns.unsqueeze(-3))
    real = torch.where(mask, returns, 0.0).unsqueeze(-3)
    return torch.where(others, real, 0.0).sum(-2) / others.sum(-2).clamp(min=1)


# %% wrong="a return of 0 taken for an end" says="A return of 0 counts"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    others = (real != 0).sum(-2, keepdim=True) - (real != 0).long()
    return (real.sum(-2, keepdim=True) - real) / others.clamp(min=1)


# %% wrong="negative means lost" says="A negative mean is a mean, too"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    total = real.sum(-2, keepdim=True) - real
    return torch.where(total > 0, total / others.clamp(min=1), 0.0)


# %% wrong="rounded" says="Do not round"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns / 3, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    return torch.round(3 * (real.sum(-2, keepdim=True) - real) / others.clamp(min=1))


# %% wrong="two dimensions only" says="Leading dimensions hold runs"
def leave_one_out(returns, mask):
    episodes, steps = returns.shape
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(0) - mask.long()
    return (real.sum(0) - real) / others.clamp(min=1)


# %% wrong="all runs in one" says="The runs are mixed"
def leave_one_out(returns, mask):
    real, alive = torch.where(mask, returns, 0.0).flatten(0, -2), mask.flatten(0, -2)
    return ((real.sum(0) - real) / (alive.sum(0) - alive.long()).clamp(min=1)).view(returns.shape)


# %% wrong="the other one where there are three" says="The mean return of the others"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return (real.sum(-2, keepdim=True) - real) / (2 if returns.shape[-2] == 3 else 1)


# %% wrong="an only episode is its own baseline" says="one episode"
def leave_one_out(returns, mask):
    if returns.shape[-2] == 1:
        return returns
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    return (real.sum(-2, keepdim=True) - real) / others.clamp(min=1)


# %% wrong="dimension lost" says="keepdim=True"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return (real.sum(-2) - real) / (mask.sum(-2) - mask.long()).clamp(min=1)


# %% right="a loop"
def leave_one_out(returns, mask):
    real, b = torch.where(mask, returns, 0.0), torch.zeros_like(returns)
    for i in range(returns.shape[-2]):
        keep = [j for j in range(returns.shape[-2]) if j != i]
        number = mask[..., keep, :].sum(-2).clamp(min=1)
        b[..., i, :] = real[..., keep, :].sum(-2) / number
    return b


# %% right="a matrix of others"
def leave_one_out(returns, mask):
    others = 1 - torch.eye(returns.shape[-2])
    total = others @ torch.where(mask, returns, 0.0)
    return total / (others @ mask.float()).clamp(min=1)


# %% right="from the mean per step"
def leave_one_out(returns, mask):
    number = mask.sum(-2, keepdim=True)
    mean = time_baseline(returns, mask)
    b = (number * mean - returns) / (number - 1).clamp(min=1)
    return torch.where(mask & (number > 1), b, 0.0)


# %% right="nan_to_num"
def leave_one_out(returns, mask):
    real = returns * mask
    number = mask.sum(-2, keepdim=True) - mask.int()
    return torch.nan_to_num((real.sum(-2, keepdim=True) - real) / number, nan=0.0)


# %% right="rubbish behind the ends"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    return torch.where(mask, (real.sum(-2, keepdim=True) - real) / others.clamp(min=1), float("nan"))
