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


# %% wrong="one row" says="has shape (1, 5)"
def leave_one_out(returns, mask):
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    return ((real.sum(-2, keepdim=True) - real) / others.clamp(min=1)).mean(-2, keepdim=True)


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
