# %% wrong="transposes P_π" says="P_π is transposed"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->ts", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return torch.linalg.solve(torch.eye(len(r), dtype=r.dtype) - mdp.gamma * p, r)


# %% wrong="multiplies the rewards from the left" says="P_π is transposed"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return r @ torch.linalg.inv(torch.eye(len(r), dtype=r.dtype) - mdp.gamma * p)


# %% wrong="forgets γ" says="Is γ missing"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return torch.linalg.solve(torch.eye(len(r), dtype=r.dtype) - p, r)


# %% wrong="forgets γ, with a pseudo-inverse" says="Is γ missing"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return torch.linalg.pinv(torch.eye(len(r), dtype=r.dtype) - p) @ r


# %% wrong="gives the mean reward of one step" says="That is r_π alone"
def evaluate(mdp, pi):
    return (pi * mdp.rewards).sum(-1)


# %% wrong="leaves out the policy" says="Is the policy left out?"
def evaluate(mdp, pi):
    p, r = mdp.transitions.mean(1), mdp.rewards.mean(1)
    return torch.linalg.solve(torch.eye(len(r), dtype=r.dtype) - mdp.gamma * p, r)


# %% wrong="leaves out the policy in the rewards" says="Is the policy left out?"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), mdp.rewards.mean(-1)
    return torch.linalg.solve(torch.eye(len(r), dtype=r.dtype) - mdp.gamma * p, r)


# %% wrong="leaves out the policy in the transitions" says="Is the policy left out?"
def evaluate(mdp, pi):
    p, r = mdp.transitions.mean(1), (pi * mdp.rewards).sum(-1)
    return torch.linalg.solve(torch.eye(len(r), dtype=r.dtype) - mdp.gamma * p, r)


# %% wrong="sums the rewards over actions" says="Is the policy left out?"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), mdp.rewards.sum(-1)
    return torch.linalg.solve(torch.eye(len(r), dtype=r.dtype) - mdp.gamma * p, r)


# %% wrong="has the wrong sign" says="The sign is wrong"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return torch.linalg.solve(torch.eye(len(r), dtype=r.dtype) + mdp.gamma * p, r)


# %% wrong="multiplies by the matrix, and does not solve" says="Solve the system"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return (torch.eye(len(r), dtype=r.dtype) - mdp.gamma * p) @ r


# %% wrong="discounts the reward, too" says="γ belongs to P_π alone"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return torch.linalg.solve(torch.eye(len(r), dtype=r.dtype) - mdp.gamma * p, mdp.gamma * r)


# %% wrong="subtracts from ones" says="identity has ones on its diagonal only"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return torch.linalg.solve(torch.ones_like(p) - mdp.gamma * p, r)


# %% wrong="subtracts from 1" says="identity has ones on its diagonal only"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return torch.linalg.solve(1 - mdp.gamma * p, r)


# %% wrong="makes ten sweeps" says="a finite horizon"
def evaluate(mdp, pi):
    return evaluate_horizon(mdp, pi, 10)[-1]


# %% wrong="makes a hundred sweeps" says="a finite horizon"
def evaluate(mdp, pi):
    return evaluate_horizon(mdp, pi, 100)[-1]


# %% wrong="evaluates the best actions" says="calls the course's own function"
def evaluate(mdp, pi):
    return planning.optimal_values(mdp).v_star


# %% wrong="gives a column" says="squeeze"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return torch.linalg.solve(torch.eye(len(r), dtype=r.dtype) - mdp.gamma * p, r[:, None])


# %% wrong="gives action values" says="one value for each state"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return action_values(mdp, torch.linalg.solve(torch.eye(len(r), dtype=r.dtype) - mdp.gamma * p, r))


# %% wrong="returns nothing" says="Does the function end with return?"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    v = torch.linalg.solve(torch.eye(len(r), dtype=r.dtype) - mdp.gamma * p, r)


# %% wrong="makes five hundred sweeps" says="a finite horizon"
def evaluate(mdp, pi):
    return evaluate_horizon(mdp, pi, 500)[-1]


# %% wrong="returns all that least squares gives" says="but a torch.Tensor was expected"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return torch.linalg.lstsq(torch.eye(len(r), dtype=r.dtype) - mdp.gamma * p, r[:, None])


# %% wrong="takes γ for granted" says="Solve (I − γ P_π) v = r_π"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return torch.linalg.solve(torch.eye(len(r), dtype=r.dtype) - 0.8 * p, r)


# %% wrong="calls the course's function" says="the course's own function"
def evaluate(mdp, pi):
    return mdps.evaluate(mdp, pi)


# %% right="the inverse"
def evaluate(mdp, pi):
    p, r = torch.einsum("sa,sat->st", pi, mdp.transitions), (pi * mdp.rewards).sum(-1)
    return torch.linalg.inv(torch.eye(len(r)) - mdp.gamma * p) @ r


# %% right="loops, in float64"
def evaluate(mdp, pi):
    n = mdp.num_states
    matrix, r = torch.eye(n, dtype=torch.float64), torch.zeros(n, dtype=torch.float64)
    for s in range(n):
        for a in range(mdp.num_actions):
            matrix[s] -= mdp.gamma * pi[s, a] * mdp.transitions[s, a]
            r[s] += pi[s, a] * mdp.rewards[s, a]
    return torch.linalg.solve(matrix, r)


# %% right="sweeps until nothing moves"
def evaluate(mdp, pi):
    v = torch.zeros_like(mdp.initial)
    while True:
        new = state_values(pi, action_values(mdp, v))
        if (new - v).abs().max() < 1e-7:
            return new
        v = new


# %% right="batches of products and least squares"
def evaluate(mdp, pi):
    p = torch.bmm(pi[:, None, :], mdp.transitions).squeeze(1)
    r = torch.einsum("sa,sa->s", pi, mdp.rewards)
    return torch.linalg.lstsq(torch.eye(mdp.num_states) - mdp.gamma * p, r[:, None]).solution.squeeze(-1)


# %% right="numpy inside, torch outside"
def evaluate(mdp, pi):
    import numpy as np

    p = (pi[..., None] * mdp.transitions).sum(1).numpy()
    r = (pi * mdp.rewards).sum(1).numpy()
    return torch.from_numpy(np.linalg.solve(np.identity(len(r)) - mdp.gamma * p, r))


# %% right="from the action values"
def evaluate(mdp, pi):
    n = mdp.num_states * mdp.num_actions
    p = torch.einsum("sat,tb->satb", mdp.transitions, pi).reshape(n, n)
    q = torch.linalg.solve(torch.eye(n, dtype=p.dtype) - mdp.gamma * p, mdp.rewards.reshape(n))
    return state_values(pi, q.reshape(pi.shape))


# %% wrong="forgets to sum the rewards" says="Average the rewards over the actions, too"
def evaluate(mdp, pi):
    transitions = torch.einsum("sa,sat->st", pi, mdp.transitions)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    return torch.linalg.solve(identity - mdp.gamma * transitions, pi * mdp.rewards)


# %% wrong="takes the course's own without its checks" says="calls the course's own function"
def evaluate(mdp, pi):
    return mdps.evaluate_unchecked(mdp, pi)


# %% wrong="takes the course's own values with the counts" says="calls the course's own function"
def evaluate(mdp, pi):
    return mdps.values_and_counts(mdp, pi)[0]
