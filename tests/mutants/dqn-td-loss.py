# %% wrong="all actions" says="the values of all actions"
def td_loss(q, actions, targets):
    return (q - targets.detach().unsqueeze(-1)).square().mean()


# %% wrong="all actions, summed" says="the values of all actions"
def td_loss(q, actions, targets):
    return (q - targets.detach().unsqueeze(-1)).square().sum(-1).mean()


# %% wrong="the best action" says="the best action, not of the one taken"
def td_loss(q, actions, targets):
    return (q.amax(-1) - targets.detach()).square().mean()


# %% wrong="summed" says="the sum over steps"
def td_loss(q, actions, targets):
    taken = q.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (taken - targets.detach()).square().sum()


# %% wrong="absolute" says="The square is missing"
def td_loss(q, actions, targets):
    taken = q.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (taken - targets.detach()).abs().mean()


# %% wrong="half" says="no ½"
def td_loss(q, actions, targets):
    taken = q.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (taken - targets.detach()).square().mean() / 2


# %% wrong="Huber" says="Huber loss"
def td_loss(q, actions, targets):
    taken = q.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return torch.nn.functional.smooth_l1_loss(taken, targets.detach())


# %% wrong="broadcast" says="broadcast"
def td_loss(q, actions, targets):
    taken = q.gather(-1, actions.unsqueeze(-1))
    return (taken - targets.detach()).square().mean()


# %% wrong="a gradient into the targets" says="flows into the targets"
def td_loss(q, actions, targets):
    taken = q.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (taken - targets).square().mean()


# %% wrong="cut off" says="cut off from the parameters"
def td_loss(q, actions, targets):
    taken = q.detach().gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (taken - targets.detach()).square().mean()


# %% wrong="not averaged" says="was expected"
def td_loss(q, actions, targets):
    taken = q.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (taken - targets.detach()).square()


# %% wrong="all these actions in every row" says="each row has one action of its own"
def td_loss(q, actions, targets):
    return (q[:, actions] - targets.detach()).square().mean()


# %% wrong="a mean over actions, too" says="averages over all actions"
def td_loss(q, actions, targets):
    chosen = torch.nn.functional.one_hot(actions, q.shape[-1])
    return ((q - targets.detach().unsqueeze(-1)) * chosen).square().mean()


# %% right="indices"
def td_loss(q, actions, targets):
    taken = q[torch.arange(len(actions)), actions]
    return (taken - targets.detach()).pow(2).mean()


# %% right="one-hot"
def td_loss(q, actions, targets):
    chosen = torch.nn.functional.one_hot(actions, q.shape[-1]).to(q)
    return torch.nn.functional.mse_loss((q * chosen).sum(-1), targets.detach())


# %% right="columns"
def td_loss(q, actions, targets):
    taken = q.gather(1, actions[:, None])
    with torch.no_grad():
        labels = targets[:, None]
    return ((taken - labels.clone().detach()) ** 2).mean()


# %% right="a loop"
def td_loss(q, actions, targets):
    total = 0.0
    for row, action, target in zip(q, actions, targets):
        total = total + (row[action] - target.item()) ** 2
    return total / len(q)
