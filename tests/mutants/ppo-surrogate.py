# %% wrong="max for min" says="larger of the two"
def surrogate(ratio, advantages, clip):
    return torch.maximum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


# %% wrong="clamp alone" says="never called back"
def surrogate(ratio, advantages, clip):
    return ratio.clamp(1 - clip, 1 + clip) * advantages


# %% wrong="minimum before multiplying" says="after multiplying"
def surrogate(ratio, advantages, clip):
    return torch.minimum(ratio, ratio.clamp(1 - clip, 1 + clip)) * advantages


# %% wrong="no clip" says="without a clip"
def surrogate(ratio, advantages, clip):
    return ratio * advantages


# %% wrong="loss" says="sign belongs to the loss"
def surrogate(ratio, advantages, clip):
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


# %% wrong="mean" says="One number for each sample"
def surrogate(ratio, advantages, clip):
    return torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


# %% wrong="band around 0" says="The band is 1"
def surrogate(ratio, advantages, clip):
    return torch.minimum(ratio * advantages, ratio.clamp(-clip, clip) * advantages)


# %% wrong="upper side only" says="Only the upper side"
def surrogate(ratio, advantages, clip):
    return torch.minimum(ratio * advantages, ratio.clamp(max=1 + clip) * advantages)


# %% wrong="lower side only" says="Only the lower side"
def surrogate(ratio, advantages, clip):
    return torch.minimum(ratio * advantages, ratio.clamp(min=1 - clip) * advantages)


# %% wrong="clips the product" says="clips ρ A"
def surrogate(ratio, advantages, clip):
    return torch.minimum(ratio * advantages, (ratio * advantages).clamp(1 - clip, 1 + clip))


# %% wrong="detached ratio" says="is cut off"
def surrogate(ratio, advantages, clip):
    ratio = ratio.detach()
    return torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


# %% wrong="gradient through the clip" says="The gradient for A = -3 at a ratio of 0.6"
def surrogate(ratio, advantages, clip):
    value = torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)
    return ratio * advantages + (value - ratio * advantages).detach()


# %% wrong="log-probability style" says="The gradient for A = "
def surrogate(ratio, advantages, clip):
    value = torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)
    return value.detach() + (ratio - ratio.detach()) * advantages.abs()


# %% wrong="dual clip" says="but -24 was expected"
def surrogate(ratio, advantages, clip):
    gains = torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)
    return torch.where(advantages < 0, gains.maximum(3 * advantages), gains)


# %% wrong="ratio at most five" says="but -24 was expected"
def surrogate(ratio, advantages, clip):
    rho = ratio.clamp(max=5)
    return torch.minimum(rho * advantages, rho.clamp(1 - clip, 1 + clip) * advantages)


# %% wrong="always 0.2" says="whatever it is"
def surrogate(ratio, advantages, clip):
    return torch.minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages)


# %% right="minimum"
def surrogate(ratio, advantages, clip):
    return torch.min(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


# %% right="by the sign"
def surrogate(ratio, advantages, clip):
    top, bottom = ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip)
    return torch.where(advantages >= 0, top, bottom) * advantages


# %% right="stacked"
def surrogate(ratio, advantages, clip):
    return torch.stack([ratio, ratio.clamp(1 - clip, 1 + clip)]).mul(advantages).amin(0)


# %% right="where"
def surrogate(ratio, advantages, clip):
    is_flat = ((advantages > 0) & (ratio > 1 + clip)) | ((advantages < 0) & (ratio < 1 - clip))
    edge = 1 + clip * advantages.sign()
    return torch.where(is_flat, edge, ratio) * advantages
