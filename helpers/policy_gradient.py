"""The policy gradient of a finite MDP: exactly in three ways, and as a mean of samples.

J(θ) = Σ_s h(s) v_π(s) is the expected discounted return of an episode. The parameters are one preference for each state
and action, θ of shape (S, A), and π(a | s; θ) is their softmax; a coarser policy maps its own parameters to this table,
and autograd carries the gradient on.
"""

import torch
from torch import Tensor

from helpers import given, mdps
from helpers.mdps import MDP, TabularEpisodes


def objective(mdp: MDP, pi: Tensor) -> Tensor:
    """Compute J = Σ_s h(s) v_π(s), exactly and differentiably.

    Args:
        mdp: the MDP.
        pi: π(a | s), shape (..., S, A).

    Returns:
        J, shape (...).
    """
    return (mdp.initial * mdps.evaluate(mdp, pi)).sum(-1)


def exact_gradient(mdp: MDP, theta: Tensor) -> Tensor:
    """Compute ∇_θ J by the policy gradient theorem: Σ_s η(s) Σ_a q_π(s, a) ∇π(a | s; θ).

    η(s) are the unnormalised, discounted visit counts, so that this is an equation, not only a proportionality. For a
    softmax of a table the inner sum is π(a | s) (q_π(s, a) − v_π(s)), one number for each preference. One factorisation
    of I − γ P_π serves both v_π and η.

    Args:
        mdp: the MDP.
        theta: preferences, shape (..., S, A).

    Returns:
        ∇_θ J, shape (..., S, A).

    Sutton & Barto (2018), section 13.2.
    """
    pi = theta.detach().softmax(-1)
    values, counts = mdps.values_and_counts(mdp, pi)
    advantage = mdps.action_values(mdp, values) - values.unsqueeze(-1)
    return counts.unsqueeze(-1) * pi * advantage


def autograd_gradient(mdp: MDP, theta: Tensor) -> Tensor:
    """Compute ∇_θ J by differentiating through the exact v_π; the shapes are those of `exact_gradient`."""
    theta = theta.detach().requires_grad_()
    return torch.autograd.grad(objective(mdp, theta.softmax(-1)).sum(), theta)[0]


def central_differences(mdp: MDP, theta: Tensor, step: float = 1e-5) -> Tensor:
    """Compute ∇_θ J, shape (S, A), from two evaluations of J for each entry of `theta` (S, A), all in one batch."""
    shifts = step * torch.eye(theta.numel(), dtype=theta.dtype, device=theta.device).view(-1, *theta.shape)
    above, below = (objective(mdp, (theta.detach() + sign * shifts).softmax(-1)) for sign in (1, -1))
    return ((above - below) / (2 * step)).view(theta.shape)


def score(pi: Tensor, states: Tensor, actions: Tensor) -> Tensor:
    """Return ∇_θ log π(A | S; θ) of a softmax of a table: 1 for the action taken minus π, in the row of the state.

    Args:
        pi: π(a | s), shape (S, A).
        states, actions: int64, shape (...), or a whole number each.

    Returns:
        Scores, shape (..., S, A).
    """
    states, actions = (torch.as_tensor(index, device=pi.device) for index in (states, actions))
    row = torch.nn.functional.one_hot(states, pi.shape[0]).to(pi.dtype).unsqueeze(-1)
    taken = torch.nn.functional.one_hot(actions, pi.shape[1]).to(pi.dtype).unsqueeze(-2)
    return row * (taken - pi)


def sampled_gradients(mdp: MDP, pi: Tensor, episodes: TabularEpisodes, *, baseline: Tensor | None = None) -> Tensor:
    """Return one unbiased estimate of ∇_θ J for each episode: Σ_t γ^t (G_t − b(S_t)) ∇_θ log π(A_t | S_t; θ).

    Args:
        mdp: the MDP that the episodes are from; they must have run to their end.
        pi: π(a | s), shape (S, A).
        episodes: N episodes of T steps.
        baseline: b(s), shape (S,); None means 0.

    Returns:
        Estimates, shape (N, S, A).

    Raises:
        ValueError: if the baseline has another shape.

    Sutton & Barto (2018), sections 13.3 and 13.4.
    """
    if baseline is not None and baseline.shape != pi.shape[:1]:
        raise ValueError(f"A baseline here has shape {tuple(pi.shape[:1])}, but this one has {tuple(baseline.shape)}.")
    steps = torch.arange(episodes.states.shape[-1], dtype=pi.dtype, device=pi.device)  # γ to an int is float32
    weight = mdps.returns(episodes.rewards, mdp.gamma)
    if baseline is not None:
        weight = weight - baseline[episodes.states]
    weight = (weight * mdp.gamma**steps * episodes.mask).to(pi.dtype)
    # A score is 1 for the action taken minus π, so collect the weights of each pair (s, a) and of each state.
    place = episodes.states * pi.shape[1] + episodes.actions
    taken = pi.new_zeros(len(weight), pi.numel()).scatter_add(-1, place, weight).unflatten(-1, pi.shape)
    return taken - taken.sum(-1, keepdim=True) * pi


given.explain(__name__)
