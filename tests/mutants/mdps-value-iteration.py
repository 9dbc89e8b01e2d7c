# %% wrong="averages over actions" says="That averages over actions"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[-1]).mean(-1))
    return torch.stack(values)


# %% wrong="sums over actions" says="That sums over actions"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[-1]).sum(-1))
    return torch.stack(values)


# %% wrong="takes the worst action" says="That takes the worst action"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[-1]).min(-1).values)
    return torch.stack(values)


# %% wrong="leaves out the first row" says="Start from v = 0 and keep it as the first row"
def value_iteration(mdp, sweeps):
    values, v = [], torch.zeros_like(mdp.initial)
    for _ in range(sweeps + 1):
        v = action_values(mdp, v).max(-1).values
        values.append(v)
    return torch.stack(values)


# %% wrong="leaves out the first row, and is a row short" says="One row is missing"
def value_iteration(mdp, sweeps):
    values, v = [], torch.zeros_like(mdp.initial)
    for _ in range(sweeps):
        v = action_values(mdp, v).max(-1).values
        values.append(v)
    return torch.stack(values)


# %% wrong="ends one sweep early" says="One row is missing"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps - 1):
        values.append(action_values(mdp, values[-1]).max(-1).values)
    return torch.stack(values)


# %% wrong="makes one sweep too many" says="One row too many"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps + 1):
        values.append(action_values(mdp, values[-1]).max(-1).values)
    return torch.stack(values)


# %% wrong="has no γ" says="γ is missing"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append((mdp.rewards + mdp.transitions @ values[-1]).max(-1).values)
    return torch.stack(values)


# %% wrong="takes the maxima of reward and future apart" says="the maximum of the sum"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(mdp.rewards.max(-1).values + mdp.gamma * (mdp.transitions @ values[-1]).max(-1).values)
    return torch.stack(values)


# %% wrong="takes only the largest reward" says="the value of the next state is missing"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[0]).max(-1).values)
    return torch.stack(values)


# %% wrong="replaces values one by one" says="replaced one by one"
def value_iteration(mdp, sweeps):
    v = torch.zeros_like(mdp.initial)
    values = [v.clone()]
    for _ in range(sweeps):
        for s in range(mdp.num_states):
            v[s] = action_values(mdp, v)[s].max()
        values.append(v.clone())
    return torch.stack(values)


# %% wrong="writes every sweep into the same tensor" says="All rows are one and the same tensor"
def value_iteration(mdp, sweeps):
    v = torch.zeros_like(mdp.initial)
    values = [v]
    for _ in range(sweeps):
        v[:] = action_values(mdp, v).max(-1).values
        values.append(v)
    return torch.stack(values)


# %% wrong="gives the last values only" says="Keep the values after every sweep"
def value_iteration(mdp, sweeps):
    v = torch.zeros_like(mdp.initial)
    for _ in range(sweeps):
        v = action_values(mdp, v).max(-1).values
    return v


# %% wrong="gives indices of actions" says="not its index"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[-1]).argmax(-1).to(mdp.initial.dtype))
    return torch.stack(values)


# %% wrong="has the order reversed" says="The order is reversed"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.insert(0, action_values(mdp, values[0]).max(-1).values)
    return torch.stack(values)


# %% wrong="has states before sweeps" says="Sweeps are rows"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[-1]).max(-1).values)
    return torch.stack(values, dim=-1)


# %% wrong="starts from h(s)" says="Start from v = 0"
def value_iteration(mdp, sweeps):
    values = [mdp.initial]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[-1]).max(-1).values)
    return torch.stack(values)


# %% wrong="gives a list" says="is a list"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[-1]).max(-1).values)
    return values


# %% wrong="returns nothing" says="Does the function end with return?"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[-1]).max(-1).values)


# %% wrong="forgets .values" says="take its .values"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[-1]).max(-1))
    return torch.stack(values)


# %% wrong="takes the best state of each action" says="take the maximum over the actions"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[-1]).max(0).values)
    return torch.stack(values)


# %% wrong="never lets a value fall below 0" says="v after 0 to 30 sweeps in a grid"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[-1]).max(-1).values.clamp(min=0))
    return torch.stack(values)


# %% wrong="calls the course's function" says="the course's own function"
def value_iteration(mdp, sweeps):
    return planning.value_iteration(mdp, sweeps)


# %% right="fills a table, with amax"
def value_iteration(mdp, sweeps):
    values = mdp.initial.new_zeros(sweeps + 1, mdp.num_states)
    for k in range(1, sweeps + 1):
        values[k] = torch.amax(action_values(mdp, values[k - 1]), dim=1)
    return values


# %% right="Bellman's equation spelled out"
def value_iteration(mdp, sweeps):
    v = torch.zeros(mdp.num_states, dtype=mdp.rewards.dtype)
    values = [v]
    for _ in range(sweeps):
        v, _ = (mdp.rewards + mdp.gamma * torch.einsum("sat,t->sa", mdp.transitions, v)).max(dim=-1)
        values.append(v)
    return torch.stack(values)


# %% right="loops, in float64"
def value_iteration(mdp, sweeps):
    p, r = mdp.transitions.tolist(), mdp.rewards.tolist()
    states, actions = range(mdp.num_states), range(mdp.num_actions)
    values = [[0.0] * mdp.num_states]
    for _ in range(sweeps):
        v = values[-1]
        values.append(
            [max(r[s][a] + mdp.gamma * sum(p[s][a][t] * v[t] for t in states) for a in actions) for s in states]
        )
    return torch.tensor(values, dtype=torch.float64)


# %% right="a one-hot greedy policy in each sweep"
def value_iteration(mdp, sweeps):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        q = action_values(mdp, values[-1])
        best = torch.nn.functional.one_hot(q.argmax(-1), mdp.num_actions)
        values.append(state_values(best, q))
    return torch.stack(values)


# %% right="recursion"
def value_iteration(mdp, sweeps):
    if sweeps == 0:
        return torch.zeros_like(mdp.initial)[None]
    before = value_iteration(mdp, sweeps - 1)
    return torch.cat([before, action_values(mdp, before[-1]).max(1, keepdim=True).values.T])


# %% wrong="starts from another kind of number" says="Two kinds of numbers meet"
def value_iteration(mdp, sweeps):
    values = [torch.zeros(mdp.num_states)]
    for _ in range(sweeps):
        values.append((mdp.rewards + mdp.gamma * mdp.transitions @ values[-1]).max(-1).values)
    return torch.stack(values)
