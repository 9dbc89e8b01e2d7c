# %% wrong="no mask" says="The mask is missing"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2).mean()


# %% wrong="no mask, summed" says="The mask is missing"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2).sum()


# %% wrong="divides by all places" says="not by all places"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2 * mask).mean()


# %% wrong="sum" says="That is the sum"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2)[mask].sum()


# %% wrong="squares last" says="Square the errors before"
def value_loss(values, returns, mask):
    return (values - returns)[mask].mean() ** 2


# %% wrong="no square" says="Square the errors before"
def value_loss(values, returns, mask):
    return (values - returns)[mask].mean()


# %% wrong="squares the sum" says="Square the errors before"
def value_loss(values, returns, mask):
    return (values - returns)[mask].sum() ** 2


# %% wrong="absolute" says="absolute error"
def value_loss(values, returns, mask):
    return (values - returns).abs()[mask].mean()


# %% wrong="averages episodes first" says="averages each episode by itself"
def value_loss(values, returns, mask):
    return (((values - returns) ** 2 * mask).sum(-1) / mask.sum(-1)).mean()


# %% wrong="half" says="half of it"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2)[mask].mean() / 2


# %% wrong="root" says="root of it"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2)[mask].mean().sqrt()


# %% wrong="negative" says="not negative"
def value_loss(values, returns, mask):
    return -((values - returns) ** 2)[mask].mean()


# %% wrong="values alone" says="compares the values with 0"
def value_loss(values, returns, mask):
    return (values**2)[mask].mean()


# %% wrong="cut off" says="cut off from the values"
def value_loss(values, returns, mask):
    return ((values.detach() - returns) ** 2)[mask].mean()


# %% wrong="a Python number" says="but a torch.Tensor was expected"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2)[mask].mean().item()


# %% wrong="one an episode" says="has shape (4,)"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2 * mask).sum(-1) / mask.sum(-1)


# %% wrong="mask as episodes" says="The value loss"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2)[mask].sum() / len(values)


# %% wrong="errors clipped as in Huber's loss" says="The value loss"
def value_loss(values, returns, mask):
    return torch.nn.functional.smooth_l1_loss(values[mask], returns[mask])


# %% wrong="broadcast" says="The value loss"
def value_loss(values, returns, mask):
    return ((values[mask].unsqueeze(0) - returns[mask].unsqueeze(1)) ** 2).mean()


# %% wrong="half the gradient" says="The gradient of the value loss"
def value_loss(values, returns, mask):
    error = values - returns
    return (error * error.detach())[mask].mean()


# %% wrong="returns changed in place" says="was changed in place"
def value_loss(values, returns, mask):
    returns -= values.detach()
    return (returns**2)[mask].mean()


# %% wrong="returns nothing" says="is None"
def value_loss(values, returns, mask):
    ((values - returns) ** 2)[mask].mean()


# %% wrong="the number of steps of the visible check" says="of other episodes"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2 * mask).sum() / 10


# %% wrong="negative returns lost" says="Negative returns count, too"
def value_loss(values, returns, mask):
    return ((values - returns.clamp(min=0)) ** 2)[mask].mean()


# %% wrong="values as a column" says="must match"
def value_loss(values, returns, mask):
    return ((values.unsqueeze(-1) - returns) ** 2)[mask].mean()


# %% wrong="returns None by a print" says="is None"
def value_loss(values, returns, mask):
    print(((values - returns) ** 2)[mask].mean())


# %% wrong="the check's old data turned into other data" says="The value loss of four episodes is 0"
def value_loss(values, returns, mask):
    return 0 * values.sum()


values_check = torch.ones(3, 5)
returns_runs = [values_check, values_check]
returns_check, error = values_check, 0 * values_check
returns_runs[1] = values_check


# %% wrong="a return of 0 taken for an end" says="A return of 0 counts"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2)[mask & (returns != 0)].mean()


# %% wrong="one step less" says="not by one less"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2)[mask].sum() / (mask.sum() - 1)


# %% wrong="variance of the errors" says="takes the mean error away"
def value_loss(values, returns, mask):
    return (values - returns)[mask].var()


# %% wrong="rounded" says="Do not round"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2)[mask].mean().round(decimals=2)


# %% wrong="one number in a list of one" says="has shape (1,)"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2)[mask].mean(0, keepdim=True)


# %% wrong="counts no step whose error is 0" says="An error of 0 counts, too"
def value_loss(values, returns, mask):
    squares = ((values - returns) ** 2)[mask]
    return squares.sum() / (squares != 0).sum()


# %% right="mse_loss"
def value_loss(values, returns, mask):
    return torch.nn.functional.mse_loss(values[mask], returns[mask])


# %% right="where and a quotient"
def value_loss(values, returns, mask):
    squares = torch.where(mask, (values - returns).square(), 0.0)
    return squares.sum() / mask.sum()


# %% right="mask as factor"
def value_loss(values, returns, mask):
    return ((returns - values).pow(2) * mask).sum() / mask.sum()


# %% right="a loop"
def value_loss(values, returns, mask):
    total, steps = 0, 0
    for v, g, m in zip(values, returns, mask):
        length = int(m.sum())
        total, steps = total + ((v[:length] - g[:length]) ** 2).sum(), steps + length
    return total / steps


# %% right="tries itself out, in a name of the lesson"
def value_loss(values, returns, mask):
    return ((values - returns) ** 2)[mask].mean()


values = torch.tensor([[1.0, 2.0]])
error = value_loss(values, 3 - values, values > 1)
