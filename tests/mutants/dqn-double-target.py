# %% wrong="selects by the target" says="the other way round"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    chosen = next_q_target.argmax(-1, keepdim=True)
    return rewards + gamma * next_q.gather(-1, chosen).squeeze(-1) * ~ended


# %% wrong="the target's own maximum" says="the target network's own maximum"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    return rewards + gamma * next_q_target.amax(-1) * ~ended


# %% wrong="the network's own maximum" says="the network's own maximum"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    return rewards + gamma * next_q.amax(-1) * ~ended


# %% wrong="no done mask" says="looks behind the end"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    chosen = next_q.argmax(-1, keepdim=True)
    return rewards + gamma * next_q_target.gather(-1, chosen).squeeze(-1)


# %% wrong="no γ" says="γ is missing"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    chosen = next_q.argmax(-1, keepdim=True)
    return rewards + next_q_target.gather(-1, chosen).squeeze(-1) * ~ended


# %% wrong="the mask the other way round" says="the other way round"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    chosen = next_q.argmax(-1, keepdim=True)
    return rewards + gamma * next_q_target.gather(-1, chosen).squeeze(-1) * ended


# %% wrong="the index" says="the index of the action"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    return rewards + gamma * next_q.argmax(-1) * ~ended


# %% wrong="the smaller maximum" says="the smaller of the two maxima"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    return rewards + gamma * torch.minimum(next_q.amax(-1), next_q_target.amax(-1)) * ~ended


# %% wrong="no reward" says="The reward is missing"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    chosen = next_q.argmax(-1, keepdim=True)
    return gamma * next_q_target.gather(-1, chosen).squeeze(-1) * ~ended


# %% wrong="γ over all" says="not to the reward"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    value = next_q_target.gather(-1, next_q.argmax(-1, keepdim=True)).squeeze(-1)
    return gamma * (rewards + value * ~ended)


# %% wrong="the mask over all" says="The reward of the last step counts"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    value = next_q_target.gather(-1, next_q.argmax(-1, keepdim=True)).squeeze(-1)
    return (rewards + gamma * value) * ~ended


# %% wrong="every dimension of one squeezed" says="was expected"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    value = next_q_target.gather(-1, next_q.argmax(-1, keepdim=True)).squeeze()
    return rewards + gamma * value * ~ended


# %% right="one-hot"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    chosen = torch.nn.functional.one_hot(next_q.argmax(-1), next_q.shape[-1]).to(next_q_target)
    return torch.where(ended, rewards, rewards + gamma * (next_q_target * chosen).sum(-1))


# %% right="take_along_dim"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    best = next_q.max(-1, keepdim=True).indices
    value = torch.take_along_dim(next_q_target, best, -1)[..., 0]
    return rewards + gamma * value.masked_fill(ended, 0.0)


# %% right="1 − done"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    value = next_q_target.gather(-1, next_q.argmax(-1).unsqueeze(-1)).squeeze(-1)
    return rewards + gamma * (1 - ended.int()) * value
