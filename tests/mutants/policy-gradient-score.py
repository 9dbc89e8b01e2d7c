# %% wrong="takes the gradient of π" says="the logarithm is missing"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state] = -pi[state] * pi[state, action]
    gradient[state, action] += pi[state, action]
    return gradient


# %% wrong="subtracts 1 from π" says="The sign is wrong"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state] = pi[state]
    gradient[state, action] -= 1
    return gradient


# %% wrong="adds π" says="π is added"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state] = pi[state]
    gradient[state, action] += 1
    return gradient


# %% wrong="fills every row" says="Only the row of the state has entries"
def score(pi, state, action):
    gradient = -pi
    gradient[:, action] += 1
    return gradient


# %% wrong="subtracts π in every row" says="Only the row of the state has entries"
def score(pi, state, action):
    gradient = -pi
    gradient[state, action] += 1
    return gradient


# %% wrong="is one-hot" says="π is not subtracted"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state, action] = 1
    return gradient


# %% wrong="forgets the 1" says="The 1 of the action taken is missing"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state] = -pi[state]
    return gradient


# %% wrong="differentiates the logarithm alone" says="That is 1/π at the action"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state, action] = 1 / pi[state, action]
    return gradient


# %% wrong="writes 1 over the action's entry" says="Subtract π from every entry of the row"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state] = -pi[state]
    gradient[state, action] = 1
    return gradient


# %% wrong="fills the action's entry only" says="The other actions of the row are missing"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state, action] = 1 - pi[state, action]
    return gradient


# %% wrong="adds 1 to the whole row" says="Add 1 at the action only"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state] = 1 - pi[state]
    return gradient


# %% wrong="swaps state and action" says="State and action are swapped"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[action] = -pi[action]
    gradient[action, state] += 1
    return gradient


# %% wrong="writes log π" says="That is log π itself"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state, action] = pi[state, action].log()
    return gradient


# %% wrong="takes π for θ" says="The softmax is taken twice"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state] = -pi[state].softmax(-1)
    gradient[state, action] += 1
    return gradient


# %% wrong="divides by π once more" says="divided by π again"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state] = -pi[state]
    gradient[state, action] += 1
    return gradient / pi[state, action]


# %% wrong="returns the row" says="Write it into row S of zeros like pi"
def score(pi, state, action):
    row = -pi[state]
    row[action] += 1
    return row


# %% wrong="writes into π" says="`pi` was changed in place"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    row = pi[state]
    row *= -1
    row[action] += 1
    gradient[state] = row
    return gradient


# %% wrong="transposes" says="has shape (4, 3), but (3, 4) was expected"
def score(pi, state, action):
    gradient = torch.zeros(pi.shape[1], pi.shape[0])
    gradient[:, state] = -pi[state]
    gradient[action, state] += 1
    return gradient


# %% wrong="forgets return" says="Does the function end with return?"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state] = -pi[state]
    gradient[state, action] += 1


# %% wrong="makes zeros of another type" says="Start from torch.zeros_like(pi)"
def score(pi, state, action):
    gradient = torch.zeros(pi.shape)
    gradient[state] = -pi[state].float()
    gradient[state, action] += 1
    return gradient


# %% wrong="compares by identity" says="given as tensors"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    for s in range(pi.shape[0]):
        for b in range(pi.shape[1]):
            if s is state:
                gradient[s, b] = float(b is action) - pi[s, b]
    return gradient


# %% wrong="squeezes a single state away" says="in a world with a single state has shape (4,)"
def score(pi, state, action):
    gradient = torch.zeros_like(pi)
    gradient[state] = -pi[state]
    gradient[state, action] += 1
    return gradient.squeeze()


# %% wrong="calls the course's function" says="the course's own function"
def score(pi, state, action):
    return policy_gradient.score(pi, state, action)


# %% right="one_hot"
def score(pi, state, action):
    row = torch.nn.functional.one_hot(torch.as_tensor(state), pi.shape[0]).to(pi.dtype)
    taken = torch.nn.functional.one_hot(torch.as_tensor(action), pi.shape[1]).to(pi.dtype)
    return torch.outer(row, taken - pi[state])


# %% right="loop with if"
def score(pi, state, action):
    gradient = torch.zeros(pi.shape, dtype=pi.dtype)
    for s in range(pi.shape[0]):
        for b in range(pi.shape[1]):
            if s == state:
                gradient[s, b] = (1.0 if b == action else 0.0) - pi[s, b]
    return gradient


# %% right="autograd through log_softmax of log π"
def score(pi, state, action):
    theta = pi.detach().log().requires_grad_()
    return torch.autograd.grad(theta.log_softmax(-1)[state, action], theta)[0]


# %% right="minus the gradient of the cross entropy, in float64"
def score(pi, state, action):
    theta = pi.detach().double().log().requires_grad_()
    loss = torch.nn.functional.cross_entropy(theta[state].unsqueeze(0), torch.as_tensor(action).reshape(1))
    loss.backward()
    return -theta.grad


# %% right="gradient of π over π"
def score(pi, state, action):
    jacobian = torch.diag(pi[state]) - torch.outer(pi[state], pi[state])
    gradient = torch.zeros_like(pi)
    gradient[state] = jacobian[action] / pi[state, action]
    return gradient


# %% right="masks"
def score(pi, state, action):
    in_row = (torch.arange(pi.shape[0]) == state).unsqueeze(-1)
    is_taken = torch.arange(pi.shape[1]) == action
    return torch.where(in_row, is_taken.to(pi.dtype) - pi, torch.zeros_like(pi))


# %% right="rows of the identity"
def score(pi, state, action):
    rows, columns = torch.eye(len(pi), dtype=pi.dtype), torch.eye(pi.shape[-1], dtype=pi.dtype)
    return torch.einsum("s,b->sb", rows[state], columns[action] - pi[state])
