# %% wrong="forgets γ" says="γ is missing"
def action_values(mdp, values):
    return mdp.rewards + mdp.transitions @ values


# %% wrong="discounts the reward, too" says="γ also discounts the reward"
def action_values(mdp, values):
    return mdp.gamma * (mdp.rewards + mdp.transitions @ values)


# %% wrong="discounts the reward instead" says="γ belongs to the value of the next state"
def action_values(mdp, values):
    return mdp.gamma * mdp.rewards + mdp.transitions @ values


# %% wrong="forgets the reward" says="The reward r(s, a) is missing"
def action_values(mdp, values):
    return mdp.gamma * mdp.transitions @ values


# %% wrong="uses the value of the present state" says="not of the present one"
def action_values(mdp, values):
    return mdp.rewards + mdp.gamma * values[:, None]


# %% wrong="averages the rewards over actions" says="The rewards must depend on the action"
def action_values(mdp, values):
    return mdp.rewards.mean(-1, keepdim=True) + mdp.gamma * mdp.transitions @ values


# %% wrong="sums the rewards over actions" says="The rewards must depend on the action"
def action_values(mdp, values):
    return mdp.rewards.sum(-1, keepdim=True) + mdp.gamma * mdp.transitions @ values


# %% wrong="transposes the transitions" says="sum over the next state"
def action_values(mdp, values):
    return mdp.rewards + mdp.gamma * torch.einsum("tas,t->sa", mdp.transitions, values)


# %% wrong="takes the best next state" says="The next state is random"
def action_values(mdp, values):
    possible = torch.where(mdp.transitions > 0, values, -torch.inf)
    return mdp.rewards + mdp.gamma * possible.max(-1).values


# %% wrong="takes the likeliest next state" says="The next state is random"
def action_values(mdp, values):
    return mdp.rewards + mdp.gamma * values[mdp.transitions.argmax(-1)]


# %% wrong="takes the mean of v over all states" says="The next state is random"
def action_values(mdp, values):
    return mdp.rewards + mdp.gamma * values.mean()


# %% wrong="divides the weighted sum by the number of states" says="already sum to 1"
def action_values(mdp, values):
    return mdp.rewards + mdp.gamma * (mdp.transitions * values).mean(-1)


# %% wrong="takes the best action" says="one value for each action"
def action_values(mdp, values):
    return (mdp.rewards + mdp.gamma * mdp.transitions @ values).max(-1).values


# %% wrong="does not sum over next states" says="one value for each action"
def action_values(mdp, values):
    return mdp.rewards[..., None] + mdp.gamma * mdp.transitions * values


# %% wrong="discounts the values in place" says="`values` was changed in place"
def action_values(mdp, values):
    values *= mdp.gamma
    return mdp.rewards + mdp.transitions @ values


# %% wrong="has actions before states" says="transpose"
def action_values(mdp, values):
    return (mdp.rewards + mdp.gamma * mdp.transitions @ values).T


# %% wrong="gives a numpy array" says="Stay in torch"
def action_values(mdp, values):
    return mdp.rewards.numpy() + mdp.gamma * mdp.transitions.numpy() @ values.numpy()


# %% wrong="returns nothing" says="Does the function end with return?"
def action_values(mdp, values):
    q = mdp.rewards + mdp.gamma * mdp.transitions @ values


# %% wrong="works in float32" says="q is torch.float32, but the tables are torch.float64"
def action_values(mdp, values):
    return mdp.rewards.float() + mdp.gamma * mdp.transitions.float() @ values.float()


# %% wrong="discounts the MDP's own probabilities" says="`mdp.probabilities` was changed in place"
def action_values(mdp, values):
    rewards = mdp.rewards
    mdp.probabilities.mul_(mdp.gamma)
    return rewards + mdp.transitions @ values


# %% wrong="takes the largest without its value" says="Take its .values"
def action_values(mdp, values):
    return (mdp.rewards + mdp.gamma * mdp.transitions @ values).max(-1)


# %% wrong="has a γ of its own" says="with γ = 0 "
def action_values(mdp, values):
    return mdp.rewards + 0.8 * mdp.transitions @ values


# %% wrong="calls the course's function" says="the course's own function"
def action_values(mdp, values):
    return mdps.action_values(mdp, values)


# %% right="einsum"
def action_values(mdp, values):
    return mdp.rewards + mdp.gamma * torch.einsum("sat,t->sa", mdp.transitions, values)


# %% right="loops, in float64"
def action_values(mdp, values):
    q = mdp.rewards.double()
    for s in range(mdp.num_states):
        for a in range(mdp.num_actions):
            for following in range(mdp.num_states):
                q[s, a] += mdp.gamma * mdp.transitions[s, a, following] * values[following]
    return q


# %% right="a broadcast product and a sum"
def action_values(mdp, values):
    return mdp.rewards + mdp.gamma * (mdp.transitions * values[None, None, :]).sum(-1)


# %% right="the list of outcomes"
def action_values(mdp, values):
    ahead = mdp.outcome_rewards + mdp.gamma * values[mdp.next_states]
    return (mdp.probabilities * ahead).sum(-1)


# %% right="tensordot, with 0 in terminal states"
def action_values(mdp, values):
    q = mdp.rewards + mdp.gamma * torch.tensordot(mdp.transitions, values, dims=1)
    q[mdp.terminal] = 0
    return q


# %% right="one action after the other"
def action_values(mdp, values):
    p, r = mdp.transitions, mdp.rewards
    return torch.stack([r[:, a] + mdp.gamma * torch.mv(p[:, a], values) for a in range(r.shape[1])], dim=-1)


# %% wrong="multiplies element by element" says="Write mdp.transitions @ values, in this order"
def action_values(mdp, values):
    return mdp.rewards + mdp.gamma * (mdp.transitions * values.unsqueeze(-1)).sum(-1)


# %% wrong="multiplies from the other side" says="Write mdp.transitions @ values, in this order"
def action_values(mdp, values):
    return mdp.rewards + mdp.gamma * values @ mdp.transitions


# %% wrong="forgets to sum over next states" says="Write mdp.transitions @ values, in this order"
def action_values(mdp, values):
    return mdp.rewards + mdp.gamma * mdp.transitions * values
