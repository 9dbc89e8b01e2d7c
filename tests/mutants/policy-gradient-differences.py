# %% wrong="goes up only" says="That is a one-sided difference"
def central_differences(mdp, theta, step=1e-5):
    gradient, here = torch.zeros_like(theta), policy_gradient.objective(mdp, theta.softmax(-1))
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            changed = theta.clone()
            changed[s, a] += step
            gradient[s, a] = (policy_gradient.objective(mdp, changed.softmax(-1)) - here) / step
    return gradient


# %% wrong="goes down only" says="That is a one-sided difference"
def central_differences(mdp, theta, step=1e-5):
    gradient, here = torch.zeros_like(theta), policy_gradient.objective(mdp, theta.softmax(-1))
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            changed = theta.clone()
            changed[s, a] -= step
            gradient[s, a] = (here - policy_gradient.objective(mdp, changed.softmax(-1))) / step
    return gradient


# %% wrong="goes up only, and divides by twice the step" says="That is a one-sided difference"
def central_differences(mdp, theta, step=1e-5):
    gradient, here = torch.zeros_like(theta), policy_gradient.objective(mdp, theta.softmax(-1))
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            changed = theta.clone()
            changed[s, a] += step
            gradient[s, a] = (policy_gradient.objective(mdp, changed.softmax(-1)) - here) / (2 * step)
    return gradient


# %% wrong="divides by the step" says="Divide by twice the step"
def central_differences(mdp, theta, step=1e-5):
    gradient = torch.zeros_like(theta)
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            above, below = theta.clone(), theta.clone()
            above[s, a] += step
            below[s, a] -= step
            change = policy_gradient.objective(mdp, above.softmax(-1)) - policy_gradient.objective(
                mdp, below.softmax(-1)
            )
            gradient[s, a] = change / step
    return gradient


# %% wrong="divides by 2, then multiplies by the step" says="multiplies by the step"
def central_differences(mdp, theta, step=1e-5):
    gradient = torch.zeros_like(theta)
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            above, below = theta.clone(), theta.clone()
            above[s, a] += step
            below[s, a] -= step
            change = policy_gradient.objective(mdp, above.softmax(-1)) - policy_gradient.objective(
                mdp, below.softmax(-1)
            )
            gradient[s, a] = change / 2 * step
    return gradient


# %% wrong="does not divide" says="that is only the difference"
def central_differences(mdp, theta, step=1e-5):
    gradient = torch.zeros_like(theta)
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            above, below = theta.clone(), theta.clone()
            above[s, a] += step
            below[s, a] -= step
            gradient[s, a] = policy_gradient.objective(mdp, above.softmax(-1)) - policy_gradient.objective(
                mdp, below.softmax(-1)
            )
    return gradient


# %% wrong="subtracts above from below" says="The sign is wrong"
def central_differences(mdp, theta, step=1e-5):
    gradient = torch.zeros_like(theta)
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            above, below = theta.clone(), theta.clone()
            above[s, a] += step
            below[s, a] -= step
            change = policy_gradient.objective(mdp, below.softmax(-1)) - policy_gradient.objective(
                mdp, above.softmax(-1)
            )
            gradient[s, a] = change / (2 * step)
    return gradient


# %% wrong="writes its own step" says="Is `step` used?"
def central_differences(mdp, theta, step=1e-5):
    step = 1e-5
    gradient = torch.zeros_like(theta)
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            above, below = theta.clone(), theta.clone()
            above[s, a] += step
            below[s, a] -= step
            change = policy_gradient.objective(mdp, above.softmax(-1)) - policy_gradient.objective(
                mdp, below.softmax(-1)
            )
            gradient[s, a] = change / (2 * step)
    return gradient


# %% wrong="returns the exact gradient" says="Is `step` used?"
def central_differences(mdp, theta, step=1e-5):
    return policy_gradient.exact_gradient(mdp, theta)


# %% wrong="forgets the clone" says="`theta` was changed in place"
def central_differences(mdp, theta, step=1e-5):
    gradient = torch.zeros_like(theta)
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            theta[s, a] += step
            above = policy_gradient.objective(mdp, theta.softmax(-1))
            theta[s, a] -= 2 * step
            gradient[s, a] = (above - policy_gradient.objective(mdp, theta.softmax(-1))) / (2 * step)
    return gradient


# %% wrong="clones once and never moves back" says="move it back"
def central_differences(mdp, theta, step=1e-5):
    gradient, changed = torch.zeros_like(theta), theta.clone()
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            changed[s, a] += step
            above = policy_gradient.objective(mdp, changed.softmax(-1))
            changed[s, a] -= 2 * step
            gradient[s, a] = (above - policy_gradient.objective(mdp, changed.softmax(-1))) / (2 * step)
    return gradient


# %% wrong="goes from above back to θ" says="That is a one-sided difference"
def central_differences(mdp, theta, step=1e-5):
    gradient = torch.zeros_like(theta)
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            changed = theta.clone()
            changed[s, a] += step
            above = policy_gradient.objective(mdp, changed.softmax(-1))
            changed[s, a] -= step
            gradient[s, a] = (above - policy_gradient.objective(mdp, changed.softmax(-1))) / (2 * step)
    return gradient


# %% wrong="moves a whole row" says="0 everywhere: the softmax does not see"
def central_differences(mdp, theta, step=1e-5):
    gradient = torch.zeros_like(theta)
    for s in range(theta.shape[0]):
        above, below = theta.clone(), theta.clone()
        above[s] += step
        below[s] -= step
        change = policy_gradient.objective(mdp, above.softmax(-1)) - policy_gradient.objective(mdp, below.softmax(-1))
        gradient[s] = change / (2 * step)
    return gradient


# %% wrong="moves everything at once" says="0 everywhere: the softmax does not see"
def central_differences(mdp, theta, step=1e-5):
    above, below = ((theta + move).softmax(-1) for move in (step, -step))
    change = policy_gradient.objective(mdp, above) - policy_gradient.objective(mdp, below)
    return (change / (2 * step)).expand_as(theta)


# %% wrong="moves an action in all states" says="Move one entry of θ"
def central_differences(mdp, theta, step=1e-5):
    gradient = torch.zeros_like(theta)
    for a in range(theta.shape[1]):
        above, below = theta.clone(), theta.clone()
        above[:, a] += step
        below[:, a] -= step
        change = policy_gradient.objective(mdp, above.softmax(-1)) - policy_gradient.objective(mdp, below.softmax(-1))
        gradient[:, a] = change / (2 * step)
    return gradient


# %% wrong="moves π instead of θ" says="does not sum to 1"
def central_differences(mdp, theta, step=1e-5):
    gradient, pi = torch.zeros_like(theta), theta.softmax(-1)
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            above, below = pi.clone(), pi.clone()
            above[s, a] += step
            below[s, a] -= step
            change = policy_gradient.objective(mdp, above) - policy_gradient.objective(mdp, below)
            gradient[s, a] = change / (2 * step)
    return gradient


# %% wrong="takes the softmax twice" says="The softmax is taken twice"
def central_differences(mdp, theta, step=1e-5):
    gradient, pi = torch.zeros_like(theta), theta.softmax(-1)
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            above, below = pi.clone(), pi.clone()
            above[s, a] += step
            below[s, a] -= step
            change = policy_gradient.objective(mdp, above.softmax(-1)) - policy_gradient.objective(
                mdp, below.softmax(-1)
            )
            gradient[s, a] = change / (2 * step)
    return gradient


# %% wrong="returns a flat list of numbers" says="has shape (36,), but (9, 4) was expected"
def central_differences(mdp, theta, step=1e-5):
    shifts = step * torch.eye(theta.numel(), dtype=theta.dtype).view(-1, *theta.shape)
    above, below = (policy_gradient.objective(mdp, (theta + sign * shifts).softmax(-1)) for sign in (1, -1))
    return (above - below) / (2 * step)


# %% wrong="returns inside the loop" says="Only the first entry is filled"
def central_differences(mdp, theta, step=1e-5):
    gradient = torch.zeros_like(theta)
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            above, below = theta.clone(), theta.clone()
            above[s, a] += step
            below[s, a] -= step
            change = policy_gradient.objective(mdp, above.softmax(-1)) - policy_gradient.objective(
                mdp, below.softmax(-1)
            )
            gradient[s, a] = change / (2 * step)
            return gradient


# %% wrong="forgets return" says="Does the function end with return?"
def central_differences(mdp, theta, step=1e-5):
    gradient = torch.zeros_like(theta)
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            above, below = theta.clone(), theta.clone()
            above[s, a] += step
            below[s, a] -= step
            change = policy_gradient.objective(mdp, above.softmax(-1)) - policy_gradient.objective(
                mdp, below.softmax(-1)
            )
            gradient[s, a] = change / (2 * step)


# %% wrong="moves by step, and divides by the usual one" says="Is `step` used?"
def central_differences(mdp, theta, step=1e-5):
    shifts = step * torch.eye(theta.numel(), dtype=theta.dtype).view(-1, *theta.shape)
    above, below = (policy_gradient.objective(mdp, (theta + sign * shifts).softmax(-1)) for sign in (1, -1))
    return ((above - below) / (2 * 1e-5)).view_as(theta)


# %% wrong="has no step of its own" says="missing 1 required positional argument: 'step'"
def central_differences(mdp, theta, step):
    shifts = step * torch.eye(theta.numel(), dtype=theta.dtype).view(-1, *theta.shape)
    above, below = (policy_gradient.objective(mdp, (theta + sign * shifts).softmax(-1)) for sign in (1, -1))
    return ((above - below) / (2 * step)).view_as(theta)


# %% wrong="calls the course's function" says="the course's own function"
def central_differences(mdp, theta, step=1e-5):
    return policy_gradient.central_differences(mdp, theta, step)


# %% right="two loops and two clones"
def central_differences(mdp, theta, step=1e-5):
    gradient = torch.zeros_like(theta)
    for s in range(theta.shape[0]):
        for a in range(theta.shape[1]):
            above, below = theta.clone(), theta.clone()
            above[s, a] += step
            below[s, a] -= step
            change = policy_gradient.objective(mdp, above.softmax(-1)) - policy_gradient.objective(
                mdp, below.softmax(-1)
            )
            gradient[s, a] = change / (2 * step)
    return gradient


# %% right="one batch"
def central_differences(mdp, theta, step=1e-5):
    shifts = step * torch.eye(theta.numel(), dtype=theta.dtype).view(-1, *theta.shape)
    above, below = (policy_gradient.objective(mdp, (theta + sign * shifts).softmax(-1)) for sign in (1, -1))
    return ((above - below) / (2 * step)).view_as(theta)


# %% right="one-hot shifts and diff"
def central_differences(mdp, theta, step=1e-5):
    places = torch.nn.functional.one_hot(torch.arange(theta.numel())).double().reshape(-1, *theta.shape)
    values = [policy_gradient.objective(mdp, (theta + step * sign * places).softmax(-1)) for sign in (-1, 1)]
    return torch.diff(torch.stack(values), dim=0).reshape(theta.shape) / step / 2


# %% right="one clone, moved and put back"
def central_differences(mdp, theta, step=1e-5):
    gradient, changed = torch.empty(theta.shape, dtype=torch.float64), theta.clone()
    for place in range(theta.numel()):
        old = changed.view(-1)[place].item()
        values = []
        for new in (old + step, old - step):
            changed.view(-1)[place] = new
            values.append(policy_gradient.objective(mdp, changed.softmax(-1)).item())
        changed.view(-1)[place] = old
        gradient.view(-1)[place] = (values[0] - values[1]) / (2 * step)
    return gradient


# %% right="list of numbers, made a tensor"
def central_differences(mdp, theta, step=1e-5):
    def value(s, a, move):
        changed = theta.clone()
        changed[s, a] += move
        return objective(mdp, changed.softmax(-1)).item()

    return torch.tensor(
        [
            [(value(s, a, step) - value(s, a, -step)) / (2 * step) for a in range(mdp.num_actions)]
            for s in range(mdp.num_states)
        ]
    )
