# %% wrong="no sum" says="logarithms add up"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return -z.square() / 2 - log_std - constant


# %% wrong="mean" says="logarithms add up"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() / 2 - log_std - constant).mean(-1)


# %% wrong="product" says="logarithms add up"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() / 2 - log_std - constant).prod(-1)


# %% wrong="sum over everything" says="sums over everything"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() / 2 - log_std - constant).sum()


# %% wrong="sum over the actions" says="sums over the actions"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() / 2 - log_std - constant).sum(0)


# %% wrong="density" says="density itself"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() / 2 - log_std - constant).sum(-1).exp()


# %% wrong="no log std" says="−log σ is missing"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() / 2 - constant).sum(-1)


# %% wrong="plus log std" says="sign of log σ"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() / 2 + log_std - constant).sum(-1)


# %% wrong="no constant" says="½ log 2π is missing"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() / 2 - log_std).sum(-1)


# %% wrong="the constant once" says="½ log 2π is missing"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() / 2 - log_std).sum(-1) - constant


# %% wrong="the constant twice" says="½ log 2π was meant"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() / 2 - log_std - 2 * constant).sum(-1)


# %% wrong="divided by std" says="σ² was meant"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-((actions - mean) ** 2) / (2 * log_std.exp()) - log_std - constant).sum(-1)


# %% wrong="log std for std" says="log_std is a logarithm"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-(((actions - mean) / log_std) ** 2) / 2 - log_std.abs().log() - constant).sum(-1)


# %% wrong="log of the variance" says="not log σ²"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-((actions - mean) ** 2) / (2 * log_std.exp()) - log_std / 2 - constant).sum(-1)


# %% wrong="no half" says="½ of the square"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() - log_std - constant).sum(-1)


# %% wrong="wrong sign" says="sign of the square"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (z.square() / 2 - log_std - constant).sum(-1)


# %% wrong="loss" says="That is the loss"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return -(-z.square() / 2 - log_std - constant).sum(-1)


# %% wrong="spread detached" says="is cut off"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    log_std = log_std.detach()
    z = (actions - mean) / log_std.exp()
    return (-z.square() / 2 - log_std - constant).sum(-1)


# %% wrong="logarithm of each density" says="density is 0 in float32"
def gaussian_log_prob(mean, log_std, actions):
    std = log_std.exp()
    density = (-((actions - mean) ** 2) / (2 * std**2)).exp() / (std * math.sqrt(2 * math.pi))
    return density.log().sum(-1)


# %% wrong="logarithm of the density" says="density is 0 in float32"
def gaussian_log_prob(mean, log_std, actions):
    std = log_std.exp()
    density = (-((actions - mean) ** 2) / (2 * std**2)).exp() / (std * math.sqrt(2 * math.pi))
    return density.prod(-1).log()


# %% wrong="D from the second dimension" says="of shape (4, 5, 2, 3)"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() / 2 - log_std).sum(-1) - mean.shape[1] * constant


# %% wrong="spread kept within bounds" says="leave log σ as it is"
def gaussian_log_prob(mean, log_std, actions):
    log_std = log_std.clamp(-5, 2)
    return (-(((actions - mean) / log_std.exp()) ** 2) / 2 - log_std - math.log(2 * math.pi) / 2).sum(-1)


# %% wrong="spread of a tenth at least" says="leave log σ as it is"
def gaussian_log_prob(mean, log_std, actions):
    z = (actions - mean) / log_std.exp().clamp(min=0.1)
    return (-z.square() / 2 - log_std - math.log(2 * math.pi) / 2).sum(-1)


# %% right="as in the text"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return (-z.square() / 2 - log_std - constant).sum(-1)


# %% right="distribution"
def gaussian_log_prob(mean, log_std, actions):
    return torch.distributions.Normal(mean, log_std.exp()).log_prob(actions).sum(-1)


# %% right="density first, one number at a time"
def gaussian_log_prob(mean, log_std, actions):
    total = 0
    for m, s, a in zip(mean.unbind(-1), log_std.exp().unbind(-1), actions.unbind(-1)):
        total = total - (a - m) ** 2 / (2 * s**2) - (s * math.sqrt(2 * math.pi)).log()
    return total


# %% right="einsum"
def gaussian_log_prob(mean, log_std, actions):
    z, constant = (actions - mean) / log_std.exp(), math.log(2 * math.pi) / 2
    return -torch.einsum("...d,...d->...", z, z) / 2 - (log_std + constant).sum(-1)
