# %% wrong="a cut is an end" says="cut was taken for an end"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return r + gamma * ahead * ~over - v


# %% wrong="a cut is an end, shown" says="cut was taken for an end"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return r + gamma * shown * ~over - v


# %% wrong="reset state leaks in" says="start of another episode"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return r + gamma * shown * on - v


# %% wrong="looks behind the end" says="looks behind the end"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return r + gamma * ahead - v


# %% wrong="looks behind the end, shown" says="looks behind the end"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return r + gamma * shown - v


# %% wrong="ends and cuts mixed up" says="mixed up"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return r + gamma * ahead * ~segment.truncated - v


# %% wrong="the other way round" says="other way round"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return r + gamma * ahead * segment.terminated - v


# %% wrong="no gamma" says="γ is missing"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return r + ahead * on - v


# %% wrong="no v" says="is missing: that is the target"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return r + gamma * ahead * on


# %% wrong="wrong sign" says="sign is wrong"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return v - r - gamma * ahead * on


# %% wrong="no reward" says="The reward is missing"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return gamma * ahead * on - v


# %% wrong="no last reward" says="last reward of an episode"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return (r + gamma * ahead) * on - v


# %% wrong="no last error" says="last reward of an episode"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return (r + gamma * ahead - v) * on


# %% wrong="wide" says="takes the last dimension away"
def td_errors(segment, value, gamma):
    on = ~segment.terminated.unsqueeze(-1)
    return (segment.rewards.unsqueeze(-1) + gamma * value(segment.next_states) * on - value(segment.states)).detach()


# %% wrong="gamma outside" says="γ belongs to what follows"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return gamma * (r + ahead * on) - v


# %% wrong="states of zeros" says="may be worth something"
def td_errors(segment, value, gamma):
    ends = segment.next_states.masked_fill(segment.terminated.unsqueeze(-1), 0)
    return (segment.rewards + gamma * value(ends)[..., 0] - value(segment.states)[..., 0]).detach()


# %% wrong="both is a cut" says="cut with the same step"
def td_errors(segment, value, gamma):
    on = ~(segment.terminated & ~segment.truncated)
    ahead = value(segment.next_states)[..., 0] * on
    return (segment.rewards + gamma * ahead - value(segment.states)[..., 0]).detach()


# %% wrong="squeezes all" says="were broadcast"
def td_errors(segment, value, gamma):
    ahead = value(segment.next_states).squeeze() * ~segment.terminated
    return (segment.rewards + gamma * ahead - value(segment.states).squeeze()).detach()


# %% wrong="broadcast" says="takes the last dimension away"
def td_errors(segment, value, gamma):
    ahead = value(segment.next_states) * ~segment.terminated
    return (segment.rewards + gamma * ahead - value(segment.states)).detach()


# %% wrong="values shifted by one" says="start of another episode"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0]
    ahead = torch.cat([v[:, 1:], value(segment.next_states)[:, -1:, 0]], 1)
    return (segment.rewards + gamma * ahead * ~segment.terminated - v).detach()


# %% right="product"
def td_errors(segment, value, gamma):
    v = value(segment.states)[..., 0].detach()
    ahead = value(segment.next_states)[..., 0].detach()
    over = segment.terminated | segment.truncated
    shown = value(segment.shown)[..., 0].detach()
    on, r = ~segment.terminated, segment.rewards
    return r + gamma * ahead * on - v


# %% right="where"
def td_errors(segment, value, gamma):
    with torch.no_grad():
        ahead = torch.where(segment.terminated, 0.0, value(segment.next_states).squeeze(-1))
        return segment.rewards + gamma * ahead - value(segment.states).squeeze(-1)


# %% right="with a gradient"
def td_errors(segment, value, gamma):
    ahead = value(segment.next_states)[..., 0] * (1 - segment.terminated.float())
    return segment.rewards + gamma * ahead - value(segment.states)[..., 0]


# %% right="game by game"
def td_errors(segment, value, gamma):
    rows = []
    for states, rewards, after, ended in zip(segment.states, segment.rewards, segment.next_states, segment.terminated):
        rows.append(rewards + gamma * value(after)[:, 0] * ~ended - value(states)[:, 0])
    return torch.stack(rows).detach()
