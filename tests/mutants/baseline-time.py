# %% wrong="no mask" says="Rubbish behind the ends is averaged"
def time_baseline(returns, mask):
    return returns.mean(-2, keepdim=True)


# %% wrong="divides by all episodes" says="divides by all episodes"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return real.mean(-2, keepdim=True)


# %% wrong="mask below the fraction only" says="Rubbish is summed"
def time_baseline(returns, mask):
    return returns.sum(-2, keepdim=True) / mask.sum(-2, keepdim=True).clamp(min=1)


# %% wrong="mean over the time" says="mean over time of each episode"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return real.sum(-1, keepdim=True) / mask.sum(-1, keepdim=True)


# %% wrong="mean over the time, as a row" says="mean over time of each episode"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return (real.sum(-1) / mask.sum(-1)).unsqueeze(-2)


# %% wrong="one number" says="one number for the whole batch"
def time_baseline(returns, mask):
    return returns[mask].mean()


# %% wrong="one number for each step" says="one number for the whole batch"
def time_baseline(returns, mask):
    return returns[mask].mean().expand(1, returns.shape[-1])


# %% wrong="nan where nobody is alive" says="0/0 becomes nan"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return real.sum(-2, keepdim=True) / mask.sum(-2, keepdim=True)


# %% wrong="sum" says="that is the sum"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return real.sum(-2, keepdim=True)


# %% wrong="dimension lost" says="keepdim=True"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return real.sum(-2) / mask.sum(-2).clamp(min=1)


# %% wrong="number alive" says="counts the episodes"
def time_baseline(returns, mask):
    return mask.sum(-2, keepdim=True).float()


# %% wrong="return minus mean" says="return minus the mean"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return returns - real.sum(-2, keepdim=True) / mask.sum(-2, keepdim=True).clamp(min=1)


# %% wrong="dimension 0" says="runs must not mix"
def time_baseline(returns, mask):
    return torch.where(mask, returns, 0.0).sum(0, keepdim=True) / mask.sum(0, keepdim=True).clamp(min=1)


# %% wrong="all runs in one" says="The runs are mixed"
def time_baseline(returns, mask):
    returns, mask = returns.flatten(0, -2), mask.flatten(0, -2)
    return torch.where(mask, returns, 0.0).sum(0, keepdim=True) / mask.sum(0, keepdim=True).clamp(min=1)


# %% wrong="rubbish zeroed in place" says="was changed in place"
def time_baseline(returns, mask):
    returns[~mask] = 0
    return returns.sum(-2, keepdim=True) / mask.sum(-2, keepdim=True).clamp(min=1)


# %% wrong="clamps from above" says="The mean per time step"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return real.sum(-2, keepdim=True) / mask.sum(-2, keepdim=True).clamp(max=1)


# %% wrong="adds one to the number" says="The mean per time step"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return real.sum(-2, keepdim=True) / (mask.sum(-2, keepdim=True) + 1)


# %% wrong="returns nothing" says="is None"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    real.sum(-2, keepdim=True) / mask.sum(-2, keepdim=True).clamp(min=1)


# %% wrong="one run only" says="two runs"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return (
        real.sum(0, keepdim=True) / mask.sum(0, keepdim=True).clamp(min=1)
        if real.dim() == 2
        else real.mean(-2, keepdim=True)
    )


# %% wrong="nan turned into −1" says="The mean per time step"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return torch.nan_to_num(real.sum(-2, keepdim=True) / mask.sum(-2, keepdim=True), -1.0)


# %% wrong="one row an episode" says="One row is enough"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return (real.sum(-2, keepdim=True) / mask.sum(-2, keepdim=True).clamp(min=1)).expand_as(returns)


# %% wrong="one row an episode, masked" says="One row is enough"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return real.sum(-2, keepdim=True) / mask.sum(-2, keepdim=True).clamp(min=1) * mask


# %% wrong="the numbers of the visible check" says="two runs"
def time_baseline(returns, mask):
    return torch.tensor([[3.5, -5 / 3, 0.0, -1.5, 0.0, 0.0]])


# %% wrong="negative sums lost" says="A negative sum has a mean, too"
def time_baseline(returns, mask):
    total = torch.where(mask, returns, 0.0).sum(-2, keepdim=True)
    return torch.where(total > 0, total / mask.sum(-2, keepdim=True), 0.0)


# %% wrong="a return of 0 taken for an end" says="A return of 0 counts"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return real.sum(-2, keepdim=True) / (real != 0).sum(-2, keepdim=True).clamp(min=1)


# %% wrong="rounded" says="Do not round"
def time_baseline(returns, mask):
    total = torch.where(mask, returns, 0.0).sum(-2, keepdim=True)
    return torch.round(total / mask.sum(-2, keepdim=True).clamp(min=1), decimals=2)


# %% wrong="two dimensions only" says="Leading dimensions hold runs"
def time_baseline(returns, mask):
    episodes, steps = returns.shape
    real = torch.where(mask, returns, 0.0)
    return (real.sum(0) / mask.sum(0).clamp(min=1)).view(1, steps)


# %% wrong="at most one leading dimension" says="three leading dimensions"
def time_baseline(returns, mask):
    total = torch.where(mask, returns, 0.0).sum(-2, keepdim=True)
    b = total / mask.sum(-2, keepdim=True).clamp(min=1)
    return b if b.dim() < 4 else b.mean(0, keepdim=True)


# %% wrong="steps and episodes transposed" says="The mean per time step"
def time_baseline(returns, mask):
    total = torch.where(mask, returns, 0.0).sum(-2, keepdim=True)
    return (total / mask.sum(-2, keepdim=True).clamp(min=1)).mT


# %% wrong="the kept dimension in front of the runs" says="where it was, −2"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    return (real.sum(-2) / mask.sum(-2).clamp(min=1)).unsqueeze(0)


# %% wrong="a loop over dimension 1" says="Leading dimensions hold runs"
def time_baseline(returns, mask):
    columns = [returns[:, t][mask[:, t]] for t in range(returns.shape[1])]
    return torch.stack([column.mean() if len(column) else torch.tensor(0.0) for column in columns]).unsqueeze(0)


# %% right="mask as factor"
def time_baseline(returns, mask):
    return (returns * mask).sum(-2, keepdim=True) / mask.sum(-2, keepdim=True).clamp(min=1)


# %% right="nanmean"
def time_baseline(returns, mask):
    return returns.masked_fill(~mask, float("nan")).nanmean(-2, keepdim=True).nan_to_num(0.0)


# %% right="a loop over the steps"
def time_baseline(returns, mask):
    real = torch.where(mask, returns, 0.0)
    steps = [real[..., t].sum(-1) / mask[..., t].sum(-1).clamp(min=1) for t in range(returns.shape[-1])]
    return torch.stack(steps, -1).unsqueeze(-2)


# %% right="where against 0/0"
def time_baseline(returns, mask):
    number = mask.sum(-2, keepdim=True)
    total = returns.masked_fill(~mask, 0.0).sum(-2, keepdim=True)
    return torch.where(number > 0, total / number, torch.zeros_like(total))


# %% right="einsum"
def time_baseline(returns, mask):
    total = torch.einsum("...nt,...nt->...t", returns, mask.float()).unsqueeze(-2)
    return total / mask.sum(-2, keepdim=True).clamp(min=1)


# %% right="names of the lesson used for something else"
def time_baseline(returns, mask):
    alive = mask.to(returns.dtype)
    return torch.where(mask, returns, 0.0).sum(-2, keepdim=True) / alive.sum(-2, keepdim=True).clamp(min=1)


returns_check = real_check = torch.zeros(3, 5)
mask_check = mask_runs = None
