"""Solve finite MDPs: policy iteration, value iteration and greedy policies."""

from typing import NamedTuple

import torch
from torch import Tensor

from helpers import given, mdps
from helpers.mdps import MDP

SWEEPS = 16  # of value iteration between two looks at what is greedy


class Optimum(NamedTuple):
    """Optimal values v* (S,) and q* (S, A)."""

    v_star: Tensor
    q_star: Tensor


def optimal_values(mdp: MDP) -> Optimum:
    """Compute v* and q* exactly, by policy iteration: evaluate, be greedy, repeat until nothing gets better.

    It starts from the policy that some sweeps of value iteration lead to, which is often optimal already. The work is
    done in float64, and the result has the dtype of the MDP.

    Raises:
        ValueError: if γ = 1 and some state cannot reach a terminal one, or rewards can be collected for ever.

    Sutton & Barto (2018), sections 4.3 and 4.4.
    """
    if mdp.initial.dtype != torch.float64:
        return Optimum(*(table.to(mdp.initial.dtype) for table in optimal_values(mdp.to(torch.float64))))
    pi, before = _first_policy(mdp), None
    while True:
        if mdp.gamma == 1 and not (reaches := mdps.reaches_end(mdp, pi > 0)).all():
            raise ValueError(f"With γ = 1 rewards can be collected for ever from state {int((~reaches).nonzero()[0])}.")
        v = mdps.evaluate_unchecked(mdp, pi)
        q = mdps.action_values(mdp, v)
        best = q.amax(-1)
        slack = 1e-12 * (1 + v.abs())
        better = best > v + slack
        # Being greedy where it pays raises some value by more than the slack, unless rounding only pretended it pays.
        if not better.any() or (before is not None and (v <= before + slack / 2).all()):
            return Optimum(best, q)
        before, pi = v, torch.where(better.unsqueeze(-1), _deterministic(mdp, q.argmax(-1)), pi)


def value_iteration(mdp: MDP, sweeps: int, values: Tensor | None = None) -> Tensor:
    """Apply Bellman's optimality update several times, v ← max_a q(s, a).

    Args:
        mdp: the MDP.
        sweeps: number of updates.
        values: where to start, shape (..., S); by default 0.

    Returns:
        The values before the first and after each sweep, shape (sweeps + 1, ..., S).

    Sutton & Barto (2018), section 4.4.
    """
    history = [mdp.initial.new_zeros(mdp.num_states) if values is None else values]
    for _ in range(sweeps):
        history.append(mdps.action_values(mdp, history[-1]).amax(-1))
    return torch.stack(history)


def greedy_policy(q: Tensor, *, ties: str = "share", tolerance: float = 1e-9) -> Tensor:
    """Return the policy that is greedy in q.

    Args:
        q: action values, shape (..., S, A).
        ties: "share" splits evenly between actions within `tolerance` of the best, "first" takes the first of them.
        tolerance: how far below the best an action may be to count as best, relative to 1 + |best|.

    Returns:
        π(a | s), shape (..., S, A).
    """
    if ties not in ("share", "first"):
        raise ValueError(f"ties is 'share' or 'first', but it is {ties!r}.")
    best = q.amax(-1, keepdim=True)
    is_best = q >= best - tolerance * (1 + best.abs())
    if ties == "first":
        is_best = is_best & (is_best.cumsum(-1) == 1)
    return is_best.to(q.dtype) / is_best.sum(-1, keepdim=True)


def _first_policy(mdp: MDP) -> Tensor:
    """Return a deterministic policy that is good, and with γ = 1 reaches a terminal state from everywhere."""
    ways = _ways_to_the_end(mdp) if mdp.gamma == 1 else None
    ahead = mdp.next_states.permute(2, 0, 1).contiguous()  # outcomes first: sums of whole planes are quick
    weights = mdp.gamma * mdp.probabilities.permute(2, 0, 1).contiguous()
    rewards = mdp.rewards
    values, actions = rewards.new_zeros(mdp.num_states), None
    for _ in range(64):  # ties may never settle
        for _ in range(SWEEPS):
            q = rewards + (weights * values.take(ahead)).sum(0)
            values = q.amax(-1)
        before, actions = actions, q.argmax(-1)
        if before is not None and torch.equal(before, actions):
            break
    pi = _deterministic(mdp, actions)
    return pi if ways is None or mdps.reaches_end(mdp, pi > 0).all() else _deterministic(mdp, ways)


def _ways_to_the_end(mdp: MDP) -> Tensor:
    """Return for each state an action that may lead nearer to a terminal one, shape (S,)."""
    reached, action = mdp.terminal.clone(), torch.zeros_like(mdp.next_states[:, 0, 0])
    while True:
        leads = ((mdp.probabilities > 0) & reached[mdp.next_states]).any(-1)
        new = leads.any(-1) & ~reached
        if not new.any():
            break
        action = torch.where(new, leads.long().argmax(-1), action)
        reached = reached | new
    if not reached.all():
        state = int((~reached).nonzero()[0])
        raise ValueError(f"With γ = 1 every state must be able to reach a terminal one, but state {state} cannot.")
    return action


def _deterministic(mdp: MDP, actions: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(actions, mdp.num_actions).to(mdp.initial.dtype)


given.explain(__name__)
