# %% wrong="does not transpose" says="P_π is not transposed"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity - mdp.gamma * transitions, mdp.initial)
    return counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="does not transpose, and counts the end" says="P_π is not transposed"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    return torch.linalg.solve(identity - mdp.gamma * transitions, mdp.initial)


# %% wrong="counts the end" says="Terminal states are counted"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    return torch.linalg.solve(identity - mdp.gamma * transitions.T, mdp.initial)


# %% wrong="keeps only the end" says="Set the terminal states to 0, not the others"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity - mdp.gamma * transitions.T, mdp.initial)
    return counts.masked_fill(~mdp.terminal, 0.0)


# %% wrong="starts everywhere once" says="h is forgotten"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity - mdp.gamma * transitions.T, torch.ones_like(mdp.initial))
    return counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="starts in any state" says="h is forgotten"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    start = torch.full_like(mdp.initial, 1 / mdp.num_states)
    return torch.linalg.solve(identity - mdp.gamma * transitions.T, start).masked_fill(mdp.terminal, 0.0)


# %% wrong="starts in any state that does not end" says="h is forgotten"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    start = (~mdp.terminal).double() / (~mdp.terminal).sum()
    return torch.linalg.solve(identity - mdp.gamma * transitions.T, start).masked_fill(mdp.terminal, 0.0)


# %% wrong="starts once in each start state" says="h is added, not averaged"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity - mdp.gamma * transitions.T, (mdp.initial > 0).to(pi.dtype))
    return counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="returns μ" says="That is μ, which sums to 1"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity - mdp.gamma * transitions.T, mdp.initial).masked_fill(mdp.terminal, 0.0)
    return counts / counts.sum()


# %% wrong="has plus for minus" says="The sign is wrong"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity + mdp.gamma * transitions.T, mdp.initial)
    return counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="solves P − I" says="The sign is wrong"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(mdp.gamma * transitions.T - identity, mdp.initial)
    return counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="returns h" says="That is h itself"
def visit_counts(mdp, pi):
    return mdp.initial


# %% wrong="takes one step" says="Only one step is counted"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    counts = mdp.initial + mdp.gamma * transitions.T @ mdp.initial
    return counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="multiplies instead of solving" says="multiplies h by the matrix"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    return ((identity - mdp.gamma * transitions.T) @ mdp.initial).masked_fill(mdp.terminal, 0.0)


# %% wrong="solves for the values" says="That is v_π"
def visit_counts(mdp, pi):
    transitions, rewards = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    return torch.linalg.solve(identity - mdp.gamma * transitions, rewards)


# %% wrong="forgets γ" says="γ is forgotten"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    return torch.linalg.solve(identity - transitions.T, mdp.initial).masked_fill(mdp.terminal, 0.0)


# %% wrong="multiplies h by γ as well" says="γ multiplies the starts, too"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity - mdp.gamma * transitions.T, mdp.gamma * mdp.initial)
    return counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="loses the start in the loop" says="Only the last step is left"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    counts = mdp.initial
    for _ in range(1000):
        counts = mdp.gamma * transitions.T @ counts
    return counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="returns a column" says="has shape (9, 1), but (9,) was expected"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity - mdp.gamma * transitions.T, mdp.initial.unsqueeze(-1))
    return counts.masked_fill(mdp.terminal.unsqueeze(-1), 0.0)


# %% wrong="leaves the terminal states out" says="Keep a place for every state"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    return torch.linalg.solve(identity - mdp.gamma * transitions.T, mdp.initial)[~mdp.terminal]


# %% wrong="mixes float32 and float64" says="dtype"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states)
    counts = torch.linalg.solve((identity - mdp.gamma * transitions.T).float(), mdp.initial)
    return counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="forgets return" says="Does the function end with return?"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity - mdp.gamma * transitions.T, mdp.initial)
    counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="takes P_π from the table, with its terminal rows" says="terminal states lead to themselves for ever"
def visit_counts(mdp, pi):
    transitions = torch.einsum("sa,sat->st", pi, mdp.transitions)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity - mdp.gamma * transitions.T, mdp.initial)
    return counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="does so with the inverse" says="terminal states lead to themselves for ever"
def visit_counts(mdp, pi):
    transitions = (pi.unsqueeze(-1) * mdp.transitions).sum(1)
    inverse = torch.linalg.inv(torch.eye(mdp.num_states, dtype=pi.dtype) - mdp.gamma * transitions)
    return (mdp.initial @ inverse).masked_fill(mdp.terminal, 0.0)


# %% wrong="does so with the pseudo-inverse" says="terminal states lead to themselves for ever"
def visit_counts(mdp, pi):
    transitions = torch.einsum("sa,sat->st", pi, mdp.transitions)
    inverse = torch.linalg.pinv(torch.eye(mdp.num_states, dtype=pi.dtype) - mdp.gamma * transitions.T)
    return (inverse @ mdp.initial).masked_fill(mdp.terminal, 0.0)


# %% wrong="scales by 1 − γ" says="That is μ, which sums to 1"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity - mdp.gamma * transitions.T, mdp.initial)
    return (1 - mdp.gamma) * counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="sets the MDP's own starts to 0" says="`mdp.initial` was changed in place"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    counts, present = torch.zeros_like(mdp.initial), mdp.initial
    for _ in range(500):
        counts += present
        present[:] = mdp.gamma * present @ transitions
    return counts.masked_fill(mdp.terminal, 0.0)


# %% wrong="calls the course's function" says="the course's own function"
def visit_counts(mdp, pi):
    return mdps.visit_counts(mdp, pi)


# %% right="iteration to convergence"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    counts = mdp.initial.clone()
    for _ in range(5000):
        counts = mdp.initial + mdp.gamma * counts @ transitions
    return counts * ~mdp.terminal


# %% right="sum over steps"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    present, counts = mdp.initial, torch.zeros_like(mdp.initial)
    while present.max() > 1e-14:
        counts = counts + present
        present = mdp.gamma * torch.einsum("s,sx->x", present, transitions)
    return torch.where(mdp.terminal, torch.zeros_like(counts), counts)


# %% right="only the states that do not end"
def visit_counts(mdp, pi):
    alive = ~mdp.terminal
    inner = mdps.policy_model(mdp, pi)[0][alive][:, alive]
    counts = torch.zeros(mdp.num_states, dtype=torch.float64)
    counts[alive] = torch.linalg.solve(torch.eye(len(inner)) - mdp.gamma * inner.T, mdp.initial[alive])
    return counts


# %% right="inverse, and h from the left"
def visit_counts(mdp, pi):
    transitions, _ = mdps.policy_model(mdp, pi)
    inverse = torch.linalg.inv(torch.eye(mdp.num_states, dtype=pi.dtype) - mdp.gamma * transitions)
    counts = mdp.initial @ inverse
    counts[mdp.terminal] = 0
    return counts


# %% right="numpy inside, torch outside"
def visit_counts(mdp, pi):
    import numpy as np

    matrix = np.eye(mdp.num_states) - mdp.gamma * mdps.policy_model(mdp, pi)[0].numpy().T
    counts = torch.from_numpy(np.linalg.solve(matrix, mdp.initial.numpy()))
    return counts.masked_fill(mdp.terminal, 0.0)


# %% right="derivative of v with respect to the rewards"
def visit_counts(mdp, pi):
    transitions, rewards = mdps.policy_model(mdp, pi)
    rewards = rewards.clone().requires_grad_()
    v = torch.linalg.solve(torch.eye(mdp.num_states, dtype=pi.dtype) - mdp.gamma * transitions, rewards)
    return torch.autograd.grad(mdp.initial @ v, rewards)[0].masked_fill(mdp.terminal, 0.0)


# %% right="the table, with its terminal rows set to 0"
def visit_counts(mdp, pi):
    transitions = torch.einsum("sa,sat->st", pi, mdp.transitions)
    transitions[mdp.terminal] = 0
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity - mdp.gamma * transitions.T, mdp.initial)
    return torch.where(mdp.terminal, 0.0, counts)
