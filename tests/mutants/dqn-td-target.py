# %% wrong="no done mask" says="looks behind the end"
def td_target(rewards, ended, next_q, gamma):
    return rewards + gamma * next_q.amax(-1)


# %% wrong="the mask the other way round" says="the other way round"
def td_target(rewards, ended, next_q, gamma):
    return rewards + gamma * next_q.amax(-1) * ended


# %% wrong="the mask over all" says="The reward of the last step counts"
def td_target(rewards, ended, next_q, gamma):
    return (rewards + gamma * next_q.amax(-1)) * ~ended


# %% wrong="no γ" says="γ is missing"
def td_target(rewards, ended, next_q, gamma):
    return rewards + next_q.amax(-1) * ~ended


# %% wrong="γ over all" says="not to the reward"
def td_target(rewards, ended, next_q, gamma):
    return gamma * (rewards + next_q.amax(-1) * ~ended)


# %% wrong="argmax for max" says="the index of the best action"
def td_target(rewards, ended, next_q, gamma):
    return rewards + gamma * next_q.argmax(-1) * ~ended


# %% wrong="the mean" says="the mean over actions"
def td_target(rewards, ended, next_q, gamma):
    return rewards + gamma * next_q.mean(-1) * ~ended


# %% wrong="the sum" says="the sum over actions"
def td_target(rewards, ended, next_q, gamma):
    return rewards + gamma * next_q.sum(-1) * ~ended


# %% wrong="the minimum" says="the worst action"
def td_target(rewards, ended, next_q, gamma):
    return rewards + gamma * next_q.amin(-1) * ~ended


# %% wrong="no reward" says="The reward is missing"
def td_target(rewards, ended, next_q, gamma):
    return gamma * next_q.amax(-1) * ~ended


# %% wrong="one maximum for all" says="was expected"
def td_target(rewards, ended, next_q, gamma):
    return rewards + gamma * next_q.max() * ~ended


# %% wrong="max gives a pair" says="TypeError"
def td_target(rewards, ended, next_q, gamma):
    return rewards + gamma * next_q.max(-1) * ~ended


# %% wrong="rewards changed in place" says="changed in place"
def td_target(rewards, ended, next_q, gamma):
    rewards += gamma * next_q.amax(-1) * ~ended
    return rewards


# %% wrong="not of whole numbers" says="it makes −1 and −2"
def td_target(rewards, ended, next_q, gamma):
    return rewards + gamma * next_q.amax(-1) * ~ended.int()


# %% wrong="−∞ behind the end" says="and not −∞"
def td_target(rewards, ended, next_q, gamma):
    return rewards + gamma * next_q.amax(-1).masked_fill(ended, -math.inf)


# %% wrong="three actions" says="here there are more"
def td_target(rewards, ended, next_q, gamma):
    best = torch.maximum(torch.maximum(next_q[..., 0], next_q[..., 1]), next_q[..., 2])
    return rewards + gamma * best * ~ended


# %% right="where"
def td_target(rewards, ended, next_q, gamma):
    return torch.where(ended, rewards, rewards + gamma * next_q.max(dim=-1).values)


# %% right="1 − done"
def td_target(rewards, ended, next_q, gamma):
    return rewards + gamma * (1 - ended.float()) * next_q.amax(dim=-1)


# %% right="masked_fill"
def td_target(rewards, ended, next_q, gamma):
    best, _ = next_q.max(-1)
    return rewards + gamma * best.masked_fill(ended, 0.0)


# %% right="detached, by sorting"
def td_target(rewards, ended, next_q, gamma):
    best = next_q.detach().sort(-1).values[..., -1]
    return rewards + gamma * best * torch.logical_not(ended)
