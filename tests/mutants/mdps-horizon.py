# %% wrong="leaves out the row of no steps" says="The first row is no steps to go"
def evaluate_horizon(mdp, pi, horizon):
    values, v = [], torch.zeros_like(mdp.initial)
    for _ in range(horizon + 1):
        v = state_values(pi, action_values(mdp, v))
        values.append(v)
    return torch.stack(values)


# %% wrong="leaves out the row of no steps, and is a row short" says="One row is missing"
def evaluate_horizon(mdp, pi, horizon):
    values, v = [], torch.zeros_like(mdp.initial)
    for _ in range(horizon):
        v = state_values(pi, action_values(mdp, v))
        values.append(v)
    return torch.stack(values)


# %% wrong="ends one step early" says="One row is missing"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(1, horizon):
        values.append(state_values(pi, action_values(mdp, values[-1])))
    return torch.stack(values)


# %% wrong="goes one step too far" says="One row too many"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon + 1):
        values.append(state_values(pi, action_values(mdp, values[-1])))
    return torch.stack(values)


# %% wrong="stacks in the order of time" says="The order is reversed"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon):
        values.insert(0, state_values(pi, action_values(mdp, values[0])))
    return torch.stack(values)


# %% wrong="takes the best action" says="is the best action taken"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon):
        values.append(action_values(mdp, values[-1]).max(-1).values)
    return torch.stack(values)


# %% wrong="averages over actions without the policy" says="The policy is missing"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon):
        values.append(action_values(mdp, values[-1]).mean(-1))
    return torch.stack(values)


# %% wrong="starts each step from 0" says="Every row is one step ahead of 0"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon):
        values.append(state_values(pi, action_values(mdp, values[0])))
    return torch.stack(values)


# %% wrong="stays in the present state" says="where the action leads"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon):
        values.append(state_values(pi, mdp.rewards) + mdp.gamma * values[-1])
    return torch.stack(values)


# %% wrong="writes every step into the same tensor" says="All rows are one and the same tensor"
def evaluate_horizon(mdp, pi, horizon):
    v = torch.zeros_like(mdp.initial)
    values = [v]
    for _ in range(horizon):
        v[:] = state_values(pi, action_values(mdp, v))
        values.append(v)
    return torch.stack(values)


# %% wrong="fills a table and keeps zeros" says="Only zeros"
def evaluate_horizon(mdp, pi, horizon):
    values = mdp.initial.new_zeros(horizon + 1, mdp.num_states)
    for k in range(horizon):
        v = state_values(pi, action_values(mdp, values[k]))
    return values


# %% wrong="gives the last values only" says="Keep the values of every k"
def evaluate_horizon(mdp, pi, horizon):
    v = torch.zeros_like(mdp.initial)
    for _ in range(horizon):
        v = state_values(pi, action_values(mdp, v))
    return v


# %% wrong="starts from h(s)" says="start from zeros"
def evaluate_horizon(mdp, pi, horizon):
    values = [mdp.initial]
    for _ in range(horizon):
        values.append(state_values(pi, action_values(mdp, values[-1])))
    return torch.stack(values)


# %% wrong="has no γ" says="Is γ missing?"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon):
        values.append(state_values(pi, mdp.rewards + mdp.transitions @ values[-1]))
    return torch.stack(values)


# %% wrong="lets a sweep use its own new values" says="replaced one by one"
def evaluate_horizon(mdp, pi, horizon):
    v = torch.zeros_like(mdp.initial)
    values = [v.clone()]
    for _ in range(horizon):
        for s in range(mdp.num_states):
            v[s] = state_values(pi, action_values(mdp, v))[s]
        values.append(v.clone())
    return torch.stack(values)


# %% wrong="has states before steps" says="transpose"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon):
        values.append(state_values(pi, action_values(mdp, values[-1])))
    return torch.stack(values, dim=1)


# %% wrong="gives a list" says="is a list"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon):
        values.append(state_values(pi, action_values(mdp, values[-1])))
    return values


# %% wrong="returns nothing" says="Does the function end with return?"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon):
        values.append(state_values(pi, action_values(mdp, values[-1])))


# %% wrong="leaves a row out where there is no step" says="v for a horizon of 0"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    while len(values) < max(horizon, 1) + 1:
        values.append(state_values(pi, action_values(mdp, values[-1])))
    return torch.stack(values)


# %% wrong="stops when nothing moves" says="steps to go in"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon):
        values.append(state_values(pi, action_values(mdp, values[-1])))
        if torch.allclose(values[-1], values[-2]):
            break
    return torch.stack(values)


# %% wrong="calls the course's function" says="the course's own function"
def evaluate_horizon(mdp, pi, horizon):
    return mdps.evaluate_horizon(mdp, pi, horizon)


# %% right="fills a table"
def evaluate_horizon(mdp, pi, horizon):
    values = torch.zeros(horizon + 1, mdp.num_states, dtype=pi.dtype)
    for k in range(horizon):
        values[k + 1] = state_values(pi, action_values(mdp, values[k]))
    return values


# %% right="the policy's own model"
def evaluate_horizon(mdp, pi, horizon):
    p = torch.einsum("sa,sat->st", pi, mdp.transitions)
    r = (pi * mdp.rewards).sum(-1)
    values = [torch.zeros_like(r)]
    for _ in range(horizon):
        values += [r + mdp.gamma * p @ values[-1]]
    return torch.stack(values)


# %% right="recursion"
def evaluate_horizon(mdp, pi, horizon):
    if horizon == 0:
        return torch.zeros(1, mdp.num_states, dtype=pi.dtype)
    fewer = evaluate_horizon(mdp, pi, horizon - 1)
    return torch.vstack([fewer, state_values(pi, action_values(mdp, fewer[-1]))])


# %% right="loops, in float64"
def evaluate_horizon(mdp, pi, horizon):
    p, r = mdp.transitions.tolist(), mdp.rewards.tolist()
    states, actions = range(mdp.num_states), range(mdp.num_actions)
    values = [[0.0 for _ in states]]
    for _ in range(horizon):
        v = values[-1]
        q = [[r[s][a] + mdp.gamma * sum(p[s][a][t] * v[t] for t in states) for a in actions] for s in states]
        values.append([sum(float(pi[s, a]) * q[s][a] for a in actions) for s in states])
    return torch.tensor(values, dtype=torch.float64)


# %% right="a new tensor for each step, put in front and turned around"
def evaluate_horizon(mdp, pi, horizon):
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon):
        values.insert(0, state_values(pi, action_values(mdp, values[0])))
    return torch.stack(values).flip(0)
