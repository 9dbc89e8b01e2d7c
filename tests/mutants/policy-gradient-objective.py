# %% wrong="sums over all states" says="h is forgotten: that is the sum"
def objective(mdp, pi):
    return mdps.evaluate(mdp, pi).sum()


# %% wrong="averages over all states" says="h is forgotten: that is the mean"
def objective(mdp, pi):
    return mdps.evaluate(mdp, pi).mean()


# %% wrong="averages over the states that do not end" says="h is forgotten: that is the mean"
def objective(mdp, pi):
    return mdps.evaluate(mdp, pi)[~mdp.terminal].mean()


# %% wrong="starts in state 0" says="That is v of state 0"
def objective(mdp, pi):
    return mdps.evaluate(mdp, pi)[0]


# %% wrong="starts in the likeliest state only" says="That is v of state 0"
def objective(mdp, pi):
    return mdps.evaluate(mdp, pi)[mdp.initial.argmax()]


# %% wrong="averages instead of summing" says="divides by the number of states as well"
def objective(mdp, pi):
    return (mdp.initial * mdps.evaluate(mdp, pi)).mean()


# %% wrong="takes the best state" says="the value of the best state"
def objective(mdp, pi):
    return mdps.evaluate(mdp, pi).max()


# %% wrong="adds up the start states" says="their sum without the weights"
def objective(mdp, pi):
    return mdps.evaluate(mdp, pi)[mdp.initial > 0].sum()


# %% wrong="averages over the start states alike" says="all start states alike"
def objective(mdp, pi):
    return mdps.evaluate(mdp, pi)[mdp.initial > 0].mean()


# %% wrong="forgets to sum" says="The sum over states is missing"
def objective(mdp, pi):
    return mdp.initial * mdps.evaluate(mdp, pi)


# %% wrong="values the best policy" says="of the best policy, not of π"
def objective(mdp, pi):
    from helpers import planning

    return (mdp.initial * planning.optimal_values(mdp).v_star).sum()


# %% wrong="weights by visit counts" says="by the visit counts"
def objective(mdp, pi):
    return (mdps.visit_counts(mdp, pi) * mdps.evaluate(mdp, pi)).sum()


# %% wrong="has the sign of a loss" says="The sign is wrong"
def objective(mdp, pi):
    return -(mdp.initial * mdps.evaluate(mdp, pi)).sum()


# %% wrong="returns a Python number" says="is a float, but a torch.Tensor was expected"
def objective(mdp, pi):
    return (mdp.initial * mdps.evaluate(mdp, pi)).sum().item()


# %% wrong="keeps a dimension" says="has shape (1,), but () was expected"
def objective(mdp, pi):
    return (mdp.initial * mdps.evaluate(mdp, pi)).sum(-1, keepdim=True)


# %% wrong="forgets return" says="Does the function end with return?"
def objective(mdp, pi):
    (mdp.initial * mdps.evaluate(mdp, pi)).sum()


# %% wrong="calls the course's function" says="the course's own function"
def objective(mdp, pi):
    return policy_gradient.objective(mdp, pi)


# %% wrong="has no γ" says="and other starts"
def objective(mdp, pi):
    from dataclasses import replace

    undiscounted = replace(mdp, gamma=1.0)
    return mdp.initial @ mdps.evaluate(undiscounted, pi)


# %% right="dot product"
def objective(mdp, pi):
    return mdp.initial @ mdps.evaluate(mdp, pi)


# %% right="einsum"
def objective(mdp, pi):
    return torch.einsum("s,s->", mdp.initial, mdps.evaluate(mdp, pi))


# %% right="loop"
def objective(mdp, pi):
    v = mdps.evaluate(mdp, pi)
    total = torch.tensor(0.0)
    for state in range(mdp.num_states):
        total = total + mdp.initial[state] * v[state]
    return total


# %% right="visit counts times rewards"
def objective(mdp, pi):
    return (mdps.visit_counts(mdp, pi).unsqueeze(-1) * pi * mdp.rewards).sum()


# %% right="iteration to convergence"
def objective(mdp, pi):
    v = torch.zeros(mdp.num_states, dtype=pi.dtype)
    for _ in range(3000):
        v = (pi * mdps.action_values(mdp, v)).sum(-1)
    return torch.dot(mdp.initial, v)


# %% right="float32 at the end"
def objective(mdp, pi):
    return (mdp.initial.float() * mdps.evaluate(mdp, pi).float()).sum()
