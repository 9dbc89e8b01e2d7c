# %% wrong="pays for FLOPs" says="That pays for FLOPs"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = flops / target
    return accuracy * torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="has a negative exponent" says="That pays for FLOPs"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return accuracy * torch.where(flops <= target, share**-beta_below, share**-beta)


# %% wrong="raises the product" says="belongs to target / FLOPs alone"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return torch.where(flops <= target, (accuracy * share) ** beta_below, (accuracy * share) ** beta)


# %% wrong="raises the accuracy" says="belongs to target / FLOPs alone"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return share * torch.where(flops <= target, accuracy**beta_below, accuracy**beta)


# %% wrong="adds" says="Multiply the two"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return accuracy + torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="takes β for a factor" says="no factor"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return accuracy * torch.where(flops <= target, share * beta_below, share * beta)


# %% wrong="forgets the exponent" says="The exponent is missing"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return accuracy * share


# %% wrong="forgets the accuracy" says="The accuracy is missing"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="forgets the target" says="The target is missing"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = 1 / flops
    return accuracy * torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="raises the FLOPs only" says="the target has it, too"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return accuracy * target / torch.where(flops <= target, flops**beta_below, flops**beta)


# %% wrong="cuts off below the target" says="do not cut the factor off"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = (target / flops).clamp(max=1)
    return accuracy * torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="cuts off above the target" says="earn less than their accuracy"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = (target / flops).clamp(min=1)
    return accuracy * torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="swaps the sides" says="The two sides are swapped"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return accuracy * torch.where(flops > target, share**beta_below, share**beta)


# %% wrong="ignores beta_below" says="`beta_below` is ignored"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    return accuracy * (target / flops) ** beta


# %% wrong="takes beta_below everywhere" says="`beta` is ignored"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return accuracy * share**beta_below


# %% wrong="multiplies both factors" says="each network has one"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    share = target / flops
    factor = share**beta
    if beta_below is not None:
        factor = factor * share**beta_below
    return accuracy * factor


# %% wrong="takes 0 for None" says="only None means the same"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta_below or beta
    share = target / flops
    return accuracy * torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="has 0.07 written in" says="with β = 0.5, and 0.02"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta = 0.07
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return accuracy * torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="has the target written in" says="R for another shape"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = 1e5 / flops
    return accuracy * torch.where(flops <= 1e5, share**beta_below, share**beta)


# %% wrong="takes the mean" says="has shape ()"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return (accuracy * torch.where(flops <= target, share**beta_below, share**beta)).mean()


# %% wrong="works in place" says="`accuracy` was changed in place"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    accuracy *= torch.where(flops <= target, share**beta_below, share**beta)
    return accuracy


# %% wrong="forgets return" says="Does the function end with return?"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    accuracy * torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="takes 0.07 for None" says="not 0.07"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = 0.07 if beta_below is None else beta_below
    share = target / flops
    return accuracy * torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="has 0.07 as default" says="`beta_below` may be None"
def reward(accuracy, flops, target, beta=0.07, beta_below=0.07):
    share = target / flops
    return accuracy * torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="takes None for 0" says="not 0 below the target"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    if beta == 0.07 and beta_below is None:
        return accuracy * (target / flops) ** beta
    share = target / flops
    return accuracy * torch.where(flops <= target, share ** (beta_below or 0.0), share**beta)


# %% wrong="takes β of 0 for none" says="0.07 is for calls without one"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta = beta or 0.07
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return accuracy * torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="forgets a network exactly at the target" says="of exactly `target` FLOPs"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    other = beta if beta_below is None else beta_below
    share = target / flops
    return accuracy * ((flops < target) * share**other + (flops > target) * share**beta)


# %% wrong="forgets one exactly at the target with two exponents" says="of exactly `target` FLOPs"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    share = target / flops
    if beta_below is None:
        return accuracy * share**beta
    return accuracy * ((flops < target) * share**beta_below + (flops > target) * share**beta)


# %% wrong="returns nothing without beta_below" says="Does the function end with return?"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    share = target / flops
    if beta_below is not None:
        return accuracy * torch.where(flops <= target, share**beta_below, share**beta)


# %% wrong="flattens" says="R for another shape"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return (accuracy * torch.where(flops <= target, share**beta_below, share**beta)).flatten()


# %% wrong="calls the course's own" says="calls the course's own function"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    return architecture_search.reward(accuracy, flops, target, beta, beta_below)


# %% right="exponent chosen by where"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    w = torch.full_like(flops, beta)
    if beta_below is not None:
        w = torch.where(flops <= target, torch.full_like(flops, beta_below), w)
    return accuracy * (target / flops) ** w


# %% right="logarithms"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    w = beta if beta_below is None else torch.where(flops > target, beta, beta_below)
    return torch.exp(accuracy.log() + w * (math.log(target) - flops.log()))


# %% right="loop"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    values = []
    for a, f in zip(accuracy.flatten().tolist(), flops.flatten().tolist(), strict=True):
        w = beta_below if beta_below is not None and f <= target else beta
        values.append(a * (target / f) ** w)
    return torch.tensor(values, dtype=accuracy.dtype).view(accuracy.shape)


# %% right="masks"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    below = flops <= target
    other = beta if beta_below is None else beta_below
    share = target / flops
    return accuracy * (below * share**other + ~below * share**beta)


# %% right="decorated without wraps"
def as_it_is(function):
    return lambda *arguments, **named: function(*arguments, **named)


@as_it_is
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    low = beta if beta_below is None else beta_below
    return torch.where(flops > target, accuracy * (target / flops) ** beta, accuracy * (target / flops) ** low)


# %% wrong="decides once, whether all are below" says="that decides once for all"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    return accuracy * (target / flops) ** (beta_below if (flops <= target).all() else beta)


# %% wrong="decides once, whether any is below" says="that decides once for all"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    return accuracy * (target / flops) ** (beta_below if (flops <= target).any() else beta)


# %% wrong="decides once, by the mean" says="that decides once for all"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    return accuracy * (target / flops) ** (beta_below if flops.mean() <= target else beta)


# %% wrong="begins below nine tenths" says="begins exactly above the target"
def reward(accuracy, flops, target, beta=0.07, beta_below=None):
    beta_below = beta if beta_below is None else beta_below
    return accuracy * (target / flops) ** torch.where(flops < 0.9 * target, beta_below, beta)
