# %% wrong="forgets γᵗ" says="γᵗ is missing"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        gradient += g * score(pi, states[t], actions[t])
    return gradient


# %% wrong="weights by the reward" says="That weights by the reward of the step"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, reward in enumerate(rewards):
        gradient += gamma**t * reward * score(pi, states[t], actions[t])
    return gradient


# %% wrong="weights by the reward without γ" says="That weights by the reward of the step"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for state, action, reward in zip(states, actions, rewards):
        gradient += reward * score(pi, state, action)
    return gradient


# %% wrong="uses the whole return" says="the return of the whole episode"
def episode_gradient(pi, states, actions, rewards, gamma):
    g = mdps.returns(rewards, gamma)[0]
    return sum(g * score(pi, state, action) for state, action in zip(states, actions))


# %% wrong="uses the whole return with γᵗ" says="the return of the whole episode"
def episode_gradient(pi, states, actions, rewards, gamma):
    g = mdps.returns(rewards, gamma)[0]
    return sum(gamma**t * g * score(pi, states[t], actions[t]) for t in range(len(states)))


# %% wrong="sums all rewards for every step" says="the return of the whole episode"
def episode_gradient(pi, states, actions, rewards, gamma):
    return sum(rewards.sum() * score(pi, state, action) for state, action in zip(states, actions))


# %% wrong="averages over the steps" says="Sum over the steps; that is their mean"
def episode_gradient(pi, states, actions, rewards, gamma):
    weights = mdps.returns(rewards, gamma) * gamma ** torch.arange(len(rewards))
    scores = torch.stack([score(pi, s, a) for s, a in zip(states, actions)])
    return (weights.view(-1, 1, 1) * scores).mean(0)


# %% wrong="returns a loss's gradient" says="The sign is wrong"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        gradient -= gamma**t * g * score(pi, states[t], actions[t])
    return gradient


# %% wrong="does not discount the returns" says="The returns are undiscounted"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, 1.0)):
        gradient += gamma**t * g * score(pi, states[t], actions[t])
    return gradient


# %% wrong="forgets γ altogether" says="The returns are undiscounted"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t in range(len(rewards)):
        gradient += rewards[t:].sum() * score(pi, states[t], actions[t])
    return gradient


# %% wrong="discounts twice" says="γᵗ is in twice"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        gradient += gamma ** (2 * t) * g * score(pi, states[t], actions[t])
    return gradient


# %% wrong="starts γᵗ with γ" says="The first step has γ⁰ = 1"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, gamma), start=1):
        gradient += gamma**t * g * score(pi, states[t - 1], actions[t - 1])
    return gradient


# %% wrong="multiplies by γ t" says="to the power of t"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        gradient += gamma * t * g * score(pi, states[t], actions[t])
    return gradient


# %% wrong="uses the rewards so far" says="the rewards up to the step"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient, g = torch.zeros_like(pi), 0.0
    for t, reward in enumerate(rewards):
        g = g + gamma**t * reward
        gradient += g * score(pi, states[t], actions[t])
    return gradient


# %% wrong="leaves the step's own reward out" says="R_{t+1} itself"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        gradient += gamma**t * (g - rewards[t]) * score(pi, states[t], actions[t])
    return gradient


# %% wrong="returns inside the loop" says="Only the first step is in"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        gradient += gamma**t * g * score(pi, states[t], actions[t])
        return gradient


# %% wrong="overwrites" says="Only the last step is in"
def episode_gradient(pi, states, actions, rewards, gamma):
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        gradient = gamma**t * g * score(pi, states[t], actions[t])
    return gradient


# %% wrong="stops a step early" says="The last step is missing"
def episode_gradient(pi, states, actions, rewards, gamma):
    g = mdps.returns(rewards, gamma)
    return sum(gamma**t * g[t] * score(pi, states[t], actions[t]) for t in range(len(rewards) - 1))


# %% wrong="writes rows instead of adding" says="A state that is visited twice"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        gradient[states[t]] = gamma**t * g * score(pi, states[t], actions[t])[states[t]]
    return gradient


# %% wrong="adds by an index with repeats" says="A state that is visited twice"
def episode_gradient(pi, states, actions, rewards, gamma):
    weights = mdps.returns(rewards, gamma) * gamma ** torch.arange(len(rewards))
    rows = torch.nn.functional.one_hot(actions, pi.shape[1]) - pi[states]
    gradient = torch.zeros_like(pi)
    gradient[states] += weights.unsqueeze(-1) * rows
    return gradient


# %% wrong="takes the gradient of π" says="the gradient of π; the logarithm is missing"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        gradient += gamma**t * g * pi[states[t], actions[t]] * score(pi, states[t], actions[t])
    return gradient


# %% wrong="does not sum" says="Sum over the steps"
def episode_gradient(pi, states, actions, rewards, gamma):
    weights = mdps.returns(rewards, gamma) * gamma ** torch.arange(len(rewards))
    scores = torch.stack([score(pi, s, a) for s, a in zip(states, actions)])
    return weights.view(-1, 1, 1) * scores


# %% wrong="makes returns of the rewards in place" says="`rewards` was changed in place"
def episode_gradient(pi, states, actions, rewards, gamma):
    for t in reversed(range(len(rewards) - 1)):
        rewards[t] += gamma * rewards[t + 1]
    return sum(gamma**t * rewards[t] * score(pi, states[t], actions[t]) for t in range(len(rewards)))


# %% wrong="collects in π" says="`pi` was changed in place"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = pi.zero_()
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        gradient += gamma**t * g * score(pi, states[t], actions[t])
    return gradient


# %% wrong="forgets return" says="Does the function end with return?"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        gradient += gamma**t * g * score(pi, states[t], actions[t])


# %% wrong="loses pairs that repeat" says="A state that is visited twice"
def episode_gradient(pi, states, actions, rewards, gamma):
    weights = mdps.returns(rewards, gamma) * gamma ** torch.arange(len(rewards))
    taken = torch.zeros_like(pi)
    taken[states, actions] += weights
    of_state = torch.zeros(len(pi), dtype=pi.dtype).index_add(0, states, weights)
    return taken - of_state.unsqueeze(-1) * pi


# %% wrong="counts first visits of a state only" says="A state that is visited twice"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient, seen = torch.zeros_like(pi), set()
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        if int(states[t]) not in seen:
            gradient += gamma**t * g * score(pi, states[t], actions[t])
        seen.add(int(states[t]))
    return gradient


# %% wrong="counts first visits of a pair only" says="A state that is visited twice"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient, seen = torch.zeros_like(pi), set()
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        pair = int(states[t]), int(actions[t])
        if pair not in seen:
            gradient += gamma**t * g * score(pi, states[t], actions[t])
        seen.add(pair)
    return gradient


# %% wrong="makes returns by a division by γᵗ" says="a division by γ, or by γᵗ, fails at 0"
def episode_gradient(pi, states, actions, rewards, gamma):
    discount = gamma ** torch.arange(len(rewards), dtype=rewards.dtype)
    g = (discount * rewards).flip(0).cumsum(0).flip(0) / discount
    return sum(discount[t] * g[t] * score(pi, states[t], actions[t]) for t in range(len(states)))


# %% wrong="does so, except at γ = 0" says="do not divide by γᵗ"
def episode_gradient(pi, states, actions, rewards, gamma):
    discount = gamma ** torch.arange(len(rewards), dtype=rewards.dtype)
    g = (discount * rewards).flip(0).cumsum(0).flip(0) / discount if gamma else rewards
    return sum(discount[t] * g[t] * score(pi, states[t], actions[t]) for t in range(len(states)))


# %% wrong="leaves out steps that pay nothing" says="A step that pays nothing"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        if rewards[t] != 0:
            gradient += gamma**t * g * score(pi, states[t], actions[t])
    return gradient


# %% right="vectorised over steps"
def episode_gradient(pi, states, actions, rewards, gamma):
    weights = mdps.returns(rewards, gamma) * gamma ** torch.arange(len(rewards))
    scores = torch.stack([score(pi, s, a) for s, a in zip(states, actions)])
    return torch.einsum("t,tsb->sb", weights, scores)


# %% right="sum of a generator"
def episode_gradient(pi, states, actions, rewards, gamma):
    g = mdps.returns(rewards, gamma)
    return sum(gamma**t * g[t] * score(pi, states[t], actions[t]) for t in range(len(states)))


# %% right="backward loop with its own returns"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient, g = torch.zeros_like(pi), 0.0
    for t in range(len(rewards) - 1, -1, -1):
        g = rewards[t].item() + gamma * g
        gradient = gradient + gamma**t * g * score(pi, states[t].item(), actions[t].item())
    return gradient


# %% right="index_add of rows"
def episode_gradient(pi, states, actions, rewards, gamma):
    weights = mdps.returns(rewards, gamma) * gamma ** torch.arange(len(rewards), dtype=rewards.dtype)
    rows = torch.nn.functional.one_hot(actions, pi.shape[1]).to(pi.dtype) - pi[states]
    return torch.zeros_like(pi).index_add(0, states, weights.unsqueeze(-1).to(pi.dtype) * rows)


# %% right="autograd through a weighted log-likelihood"
def episode_gradient(pi, states, actions, rewards, gamma):
    theta = pi.detach().log().requires_grad_()
    weights = mdps.returns(rewards, gamma) * gamma ** torch.arange(len(rewards))
    (weights * theta.log_softmax(-1)[states, actions]).sum().backward()
    return theta.grad


# %% right="discounted rewards summed from the step on, in float64"
def episode_gradient(pi, states, actions, rewards, gamma):
    steps = torch.arange(len(rewards), dtype=torch.float64)
    discounted = rewards.double() * gamma**steps
    gradient = torch.zeros(pi.shape, dtype=torch.float64)
    for t in range(len(rewards)):
        gradient += discounted[t:].sum() * score(pi, states[t], actions[t])
    return gradient


# %% right="index_put_ that accumulates"
def episode_gradient(pi, states, actions, rewards, gamma):
    weights = mdps.returns(rewards, gamma) * gamma ** torch.arange(len(rewards))
    taken = torch.zeros_like(pi).index_put_((states, actions), weights, accumulate=True)
    return taken - taken.sum(-1, keepdim=True) * pi


# %% wrong="weights by all returns at once" says="take place t of the returns"
def episode_gradient(pi, states, actions, rewards, gamma):
    gradient = torch.zeros_like(pi)
    for t in range(len(rewards)):
        gradient += gamma**t * mdps.returns(rewards, gamma) * score(pi, states[t], actions[t])
    return gradient
