# %% wrong="sign by depth" says="flips the sign with every level"
def backed_up(movers, leaf_mover, value):
    depth = torch.arange(len(movers)).flip(0).view(-1, *[1] * value.dim())
    return -value * (-1.0) ** depth


# %% wrong="always minus" says="keeps the sign"
def backed_up(movers, leaf_mover, value):
    return -value.expand(movers.shape)


# %% wrong="no sign" says="what one wins the other loses"
def backed_up(movers, leaf_mover, value):
    return value.expand(movers.shape).clone()


# %% wrong="the wrong player" says="wrong everywhere"
def backed_up(movers, leaf_mover, value):
    return torch.where(movers == leaf_mover, -value, value)


# %% wrong="for the first player" says="one of the first player"
def backed_up(movers, leaf_mover, value):
    return torch.where(movers == 0, value, -value)


# %% wrong="compares with the root" says="compares with the root"
def backed_up(movers, leaf_mover, value):
    return torch.where(movers == movers[0], value, -value)


# %% wrong="nothing for the other" says="not nothing"
def backed_up(movers, leaf_mover, value):
    return (movers == leaf_mover) * value


# %% wrong="the root keeps the leaf's value" says="The root moves, too"
def backed_up(movers, leaf_mover, value):
    gains = torch.where(movers == leaf_mover, value, -value)
    gains[0] = value
    return gains


# %% wrong="for who moves next" says="who moves after it"
def backed_up(movers, leaf_mover, value):
    after = torch.cat([movers[1:], leaf_mover.unsqueeze(0)])
    return torch.where(after == leaf_mover, value, -value)


# %% wrong="compares with the last node" says="the leaf's own mover is given"
def backed_up(movers, leaf_mover, value):
    return torch.where(movers == movers[-1], value, -value)


# %% wrong="from the leaf up" says="wrong order"
def backed_up(movers, leaf_mover, value):
    return torch.where(movers == leaf_mover, value, -value).flip(0)


# %% right="as in the text"
def backed_up(movers, leaf_mover, value):
    return torch.where(movers == leaf_mover, value, -value)


# %% right="arithmetic"
def backed_up(movers, leaf_mover, value):
    return value * (1 - 2 * (movers - leaf_mover).abs())


# %% right="a loop"
def backed_up(movers, leaf_mover, value):
    signs = [2.0 * (row == leaf_mover).to(value.dtype) - 1 for row in movers]
    return torch.stack(signs) * value[None]


# %% right="exclusive or"
def backed_up(movers, leaf_mover, value):
    return value * (-1) ** (movers ^ leaf_mover)


# %% right="in double precision"
def backed_up(movers, leaf_mover, value):
    return torch.where(movers == leaf_mover, value.double(), -value.double())
