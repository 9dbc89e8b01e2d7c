# %% wrong="uses μ" says="μ is used for the counts"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    eta = mdps.visit_counts(mdp, pi)
    return (eta / eta.sum()).unsqueeze(-1) * pi * (mdps.action_values(mdp, v) - v.unsqueeze(-1))


# %% wrong="forgets π" says="π is missing"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    return mdps.visit_counts(mdp, pi).unsqueeze(-1) * (mdps.action_values(mdp, v) - v.unsqueeze(-1))


# %% wrong="multiplies by π twice" says="π is in twice"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    return mdps.visit_counts(mdp, pi).unsqueeze(-1) * pi**2 * (mdps.action_values(mdp, v) - v.unsqueeze(-1))


# %% wrong="forgets the counts" says="The visit counts are missing"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    return pi * (mdps.action_values(mdp, v) - v.unsqueeze(-1))


# %% wrong="takes h for η" says="The initial distribution stands where"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    return mdp.initial.unsqueeze(-1) * pi * (mdps.action_values(mdp, v) - v.unsqueeze(-1))


# %% wrong="does not subtract v" says="v is not subtracted"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    q = mdps.action_values(mdp, mdps.evaluate(mdp, pi))
    return mdps.visit_counts(mdp, pi).unsqueeze(-1) * pi * q


# %% wrong="subtracts the plain mean of q" says="That subtracts the plain mean of q"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    q = mdps.action_values(mdp, mdps.evaluate(mdp, pi))
    return mdps.visit_counts(mdp, pi).unsqueeze(-1) * pi * (q - q.mean(-1, keepdim=True))


# %% wrong="takes the derivative of each action alone" says="Each preference moves all actions"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    q = mdps.action_values(mdp, mdps.evaluate(mdp, pi))
    return mdps.visit_counts(mdp, pi).unsqueeze(-1) * q * pi * (1 - pi)


# %% wrong="subtracts q from v" says="The sign is wrong"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    return mdps.visit_counts(mdp, pi).unsqueeze(-1) * pi * (v.unsqueeze(-1) - mdps.action_values(mdp, v))


# %% wrong="takes rewards for q" says="uses the reward instead of the action value"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    gap = mdp.rewards - (pi * mdp.rewards).sum(-1, keepdim=True)
    return mdps.visit_counts(mdp, pi).unsqueeze(-1) * pi * gap


# %% wrong="takes rewards for q, and subtracts v" says="uses the reward instead of the action value"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    gap = mdp.rewards - mdps.evaluate(mdp, pi).unsqueeze(-1)
    return mdps.visit_counts(mdp, pi).unsqueeze(-1) * pi * gap


# %% wrong="differentiates q as well" says="q is differentiated as well"
def exact_gradient(mdp, theta):
    theta = theta.clone().requires_grad_()
    pi = theta.softmax(-1)
    q = mdps.action_values(mdp, mdps.evaluate(mdp, pi))
    eta = mdps.visit_counts(mdp, pi).detach().unsqueeze(-1)
    return torch.autograd.grad((eta * pi * q).sum(), theta)[0]


# %% wrong="sums q ∇ log π" says="gradient of log π"
def exact_gradient(mdp, theta):
    theta = theta.clone().requires_grad_()
    pi = theta.softmax(-1)
    q = mdps.action_values(mdp, mdps.evaluate(mdp, pi)).detach()
    eta = mdps.visit_counts(mdp, pi).detach().unsqueeze(-1)
    return torch.autograd.grad((eta * theta.log_softmax(-1) * q).sum(), theta)[0]


# %% wrong="forgets to unsqueeze" says="make them columns"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    return mdps.visit_counts(mdp, pi) * pi * (mdps.action_values(mdp, v) - v)


# %% wrong="normalises over states" says="does not sum to 1"
def exact_gradient(mdp, theta):
    pi = theta.softmax(0)
    v = mdps.evaluate(mdp, pi)
    return mdps.visit_counts(mdp, pi).unsqueeze(-1) * pi * (mdps.action_values(mdp, v) - v.unsqueeze(-1))


# %% wrong="sums over actions" says="Do not sum over the actions"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    return (mdps.visit_counts(mdp, pi).unsqueeze(-1) * pi * (mdps.action_values(mdp, v) - v.unsqueeze(-1))).sum(-1)


# %% wrong="changes θ in place" says="`theta` was changed in place"
def exact_gradient(mdp, theta):
    theta -= theta.amax(-1, keepdim=True)
    pi = theta.exp() / theta.exp().sum(-1, keepdim=True)
    v = mdps.evaluate(mdp, pi)
    return mdps.visit_counts(mdp, pi).unsqueeze(-1) * pi * (mdps.action_values(mdp, v) - v.unsqueeze(-1))


# %% wrong="transposes" says="has shape (4, 9), but (9, 4) was expected"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    return mdps.visit_counts(mdp, pi) * (pi * (mdps.action_values(mdp, v) - v.unsqueeze(-1))).T


# %% wrong="forgets return" says="Does the function end with return?"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    mdps.visit_counts(mdp, pi).unsqueeze(-1) * pi * (mdps.action_values(mdp, v) - v.unsqueeze(-1))


# %% wrong="takes the gradient from autograd" says="the course's own function"
def exact_gradient(mdp, theta):
    return policy_gradient.autograd_gradient(mdp, theta)


# %% wrong="counts visits without γ" says="The visits count without γ"
def exact_gradient(mdp, theta):
    from dataclasses import replace

    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    eta = mdps.visit_counts(replace(mdp, gamma=1.0), pi)
    return eta.unsqueeze(-1) * pi * (mdps.action_values(mdp, v) - v.unsqueeze(-1))


# %% right="loop over states and actions"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    v, eta = mdps.evaluate(mdp, pi), mdps.visit_counts(mdp, pi)
    q = mdps.action_values(mdp, v)
    gradient = torch.zeros_like(theta)
    for s in range(mdp.num_states):
        for b in range(mdp.num_actions):
            gradient[s, b] = eta[s] * pi[s, b] * (q[s, b] - v[s])
    return gradient


# %% right="the softmax's whole Jacobian, by einsum"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    q = mdps.action_values(mdp, mdps.evaluate(mdp, pi))
    jacobian = torch.diag_embed(pi) - torch.einsum("sa,sb->sab", pi, pi)
    return torch.einsum("s,sa,sab->sb", mdps.visit_counts(mdp, pi), q, jacobian)


# %% right="autograd through π alone"
def exact_gradient(mdp, theta):
    theta = theta.detach().clone().requires_grad_()
    pi = theta.softmax(-1)
    with torch.no_grad():
        weights = mdps.visit_counts(mdp, pi).unsqueeze(-1) * mdps.action_values(mdp, mdps.evaluate(mdp, pi))
    (weights * pi).sum().backward()
    return theta.grad


# %% right="autograd through π log π with fixed weights"
def exact_gradient(mdp, theta):
    theta = theta.detach().clone().requires_grad_()
    pi = theta.detach().softmax(-1)
    weights = mdps.visit_counts(mdp, pi)[:, None] * pi * mdps.action_values(mdp, mdps.evaluate(mdp, pi))
    return torch.autograd.grad((weights * theta.log_softmax(-1)).sum(), theta)[0]


# %% right="mean of q instead of v"
def exact_gradient(mdp, theta):
    pi = theta.exp() / theta.exp().sum(dim=1, keepdim=True)
    q = mdps.action_values(mdp, mdps.evaluate(mdp, pi))
    advantage = q - (pi * q).sum(dim=1, keepdim=True)
    return torch.diag(mdps.visit_counts(mdp, pi)) @ (pi * advantage)


# %% right="transposed twice"
def exact_gradient(mdp, theta):
    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    return (mdps.visit_counts(mdp, pi) * pi.T * (mdps.action_values(mdp, v).T - v)).T


# %% wrong="differentiates the visit counts as well" says="η is differentiated as well"
def exact_gradient(mdp, theta):
    theta = theta.clone().requires_grad_()
    pi = theta.softmax(-1)
    q = mdps.action_values(mdp, mdps.evaluate(mdp, pi)).detach()
    eta = mdps.visit_counts(mdp, pi).unsqueeze(-1)
    return torch.autograd.grad((eta * pi * q).sum(), theta)[0]


# %% wrong="differentiates everything" says="η and q are differentiated as well"
def exact_gradient(mdp, theta):
    theta = theta.clone().requires_grad_()
    pi = theta.softmax(-1)
    q = mdps.action_values(mdp, mdps.evaluate(mdp, pi))
    eta = mdps.visit_counts(mdp, pi).unsqueeze(-1)
    return torch.autograd.grad((eta * pi * q).sum(), theta)[0]


# %% wrong="autograd through J of the course" says="differentiates J as a whole"
def exact_gradient(mdp, theta):
    moving = theta.detach().clone().requires_grad_()
    return torch.autograd.grad(policy_gradient.objective(mdp, moving.softmax(-1)), moving)[0]


# %% wrong="autograd through J of its own" says="differentiates J as a whole"
def exact_gradient(mdp, theta):
    moving = theta.detach().clone().requires_grad_()
    (mdp.initial @ mdps.evaluate(mdp, moving.softmax(-1))).backward()
    return moving.grad


# %% wrong="lets the argument record gradients" says="was told to record gradients in place"
def exact_gradient(mdp, theta):
    pi = theta.requires_grad_().softmax(-1)
    with torch.no_grad():
        weights = mdps.visit_counts(mdp, pi).unsqueeze(-1) * mdps.action_values(mdp, mdps.evaluate(mdp, pi))
    return torch.autograd.grad((weights * pi).sum(), theta)[0]
