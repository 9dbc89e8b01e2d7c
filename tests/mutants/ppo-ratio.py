# %% wrong="upside down" says="upside down"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (log_old - log_pi).exp()


# %% wrong="no exp" says="exp is missing"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return log_pi - log_old


# %% wrong="difference" says="divide"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return log_pi.exp() - log_old.exp()


# %% wrong="divides logarithms" says="divides the logarithms"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return log_pi / log_old


# %% wrong="log_old for a probability" says="log_old is a logarithm"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return log_pi.exp() / log_old


# %% wrong="new alone" says="alone"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return log_pi.exp()


# %% wrong="always one" says="always 1"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (log_pi - log_pi.detach()).exp()


# %% wrong="detached" says="is cut off"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (log_pi.detach() - log_old).exp()


# %% wrong="raw logits" says="up to a constant"
def ratio(logits, actions, log_old):
    return (logits.gather(-1, actions.unsqueeze(-1)).squeeze(-1) - log_old).exp()


# %% wrong="likeliest action" says="likeliest action"
def ratio(logits, actions, log_old):
    return (logits.log_softmax(-1).amax(-1) - log_old).exp()


# %% wrong="all actions" says="ratios of all actions"
def ratio(logits, actions, log_old):
    return (logits.log_softmax(-1) - log_old.unsqueeze(-1)).exp()


# %% wrong="mean" says="not their mean"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (log_pi - log_old).exp().mean()


# %% wrong="softmax over samples" says="over the samples"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(0).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (log_pi - log_old).exp()


# %% wrong="old policy learns" says="flows into log_old"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (log_pi - log_old).exp()


# %% wrong="quotient of probabilities" says="tiny probabilities"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return log_pi.exp() / log_old.detach().exp()


# %% wrong="at most ten" says="but 243.9 was expected"
def ratio(logits, actions, log_old):
    return (logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1) - log_old.detach()).exp().clamp(max=10)


# %% wrong="logarithms within five" says="but 243.9 was expected"
def ratio(logits, actions, log_old):
    return (logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1) - log_old.detach()).clamp(-5, 5).exp()


# %% wrong="squeezes all" says="were broadcast"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze()
    return (log_pi - log_old.detach()).exp()


# %% wrong="softmax over the second dimension" says="over the samples"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(min(1, logits.dim() - 2)).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (log_pi - log_old.detach()).exp()


# %% wrong="less the largest logit" says="up to a constant"
def ratio(logits, actions, log_old):
    raw = (logits - logits.amax(-1, keepdim=True)).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (raw - log_old.detach()).exp()


# %% right="gather"
def ratio(logits, actions, log_old):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return torch.exp(log_pi - log_old.detach())


# %% right="one-hot"
def ratio(logits, actions, log_old):
    chosen = torch.nn.functional.one_hot(actions, logits.shape[-1])
    log_pi = (logits.log_softmax(-1) * chosen).sum(-1)
    return (log_pi - log_old.detach()).exp()


# %% right="distribution"
def ratio(logits, actions, log_old):
    log_pi = torch.distributions.Categorical(logits=logits).log_prob(actions)
    return (log_pi - log_old.detach()).exp()


# %% right="cross-entropy"
def ratio(logits, actions, log_old):
    flat = logits.reshape(-1, logits.shape[-1])
    loss = torch.nn.functional.cross_entropy(flat, actions.reshape(-1), reduction="none")
    return (-loss.view(actions.shape) - log_old.detach()).exp()
