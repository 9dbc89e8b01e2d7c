# %% wrong="mean over the tokens" says="take the sum"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each * mask).sum(-1) / mask.sum(-1)


# %% wrong="mean over the places" says="take the sum"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each * mask).mean(-1)


# %% wrong="padding" says="padding counts"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return each.sum(-1)


# %% wrong="inverted" says="mask is inverted"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each * ~mask).sum(-1)


# %% wrong="raw logits" says="up to a constant"
def sequence_log_prob(logits, tokens, mask):
    return (logits.gather(-1, tokens.unsqueeze(-1)).squeeze(-1) * mask).sum(-1)


# %% wrong="probabilities" says="adds probabilities"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each.exp() * mask).sum(-1)


# %% wrong="probability" says="its logarithm is asked for"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each * mask).sum(-1).exp()


# %% wrong="loss" says="That is the loss"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return -(each * mask).sum(-1)


# %% wrong="shifted" says="shift nothing"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each[..., 1:] * mask[..., 1:]).sum(-1)


# %% wrong="likeliest" says="likeliest token"
def sequence_log_prob(logits, tokens, mask):
    return (logits.log_softmax(-1).amax(-1) * mask).sum(-1)


# %% wrong="all texts in one" says="goes over the texts"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each * mask).sum()


# %% wrong="no sum" says="sum over its tokens is missing"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return each * mask


# %% wrong="detached" says="is cut off"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each * mask).sum(-1).detach()


# %% wrong="mask on the chosen only" says="as if only chosen"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    counted = mask.clone()
    counted[..., 1:, :] = True
    return (each * counted).sum(-1)


# %% wrong="mask on every other text" says="as if only chosen"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    counted = mask.clone()
    counted[..., 1::2, :] = True
    return (each * counted).sum(-1)


# %% wrong="the chosen's mask for both" says="taken for all"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each * mask[..., :1, :]).sum(-1)


# %% wrong="last place missing" says="last place is missing"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each * mask)[..., :-1].sum(-1)


# %% wrong="loop ends early" says="last place is missing"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1)
    total = 0
    for t in range(tokens.shape[-1] - 1):
        total = total + each[..., t, :].gather(-1, tokens[..., t : t + 1])[..., 0] * mask[..., t]
    return total


# %% wrong="logarithm of a softmax" says="take log_softmax"
def sequence_log_prob(logits, tokens, mask):
    each = logits.softmax(-1).log().gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each * mask).sum(-1)


# %% wrong="with a small number" says="take log_softmax"
def sequence_log_prob(logits, tokens, mask):
    each = (logits.softmax(-1) + 1e-8).log().gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each * mask).sum(-1)


# %% wrong="squeeze" says="take squeeze(-1)"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze()
    return (each * mask).sum(-1)


# %% right="gather"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (each * mask).sum(-1)


# %% right="where"
def sequence_log_prob(logits, tokens, mask):
    each = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return torch.where(mask, each, torch.zeros_like(each)).sum(-1)


# %% right="one-hot"
def sequence_log_prob(logits, tokens, mask):
    chosen = torch.nn.functional.one_hot(tokens, logits.shape[-1])
    return (logits.log_softmax(-1) * chosen * mask.unsqueeze(-1)).sum((-2, -1))


# %% right="cross-entropy"
def sequence_log_prob(logits, tokens, mask):
    flat = logits.reshape(-1, logits.shape[-1])
    loss = torch.nn.functional.cross_entropy(flat, tokens.reshape(-1), reduction="none")
    return -(loss.view(tokens.shape) * mask).sum(-1)
