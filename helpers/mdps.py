"""Finite Markov decision processes: evaluate policies exactly, count visits, and sample whole batches of episodes.

The dynamics p(s', r | s, a) are kept as a list of outcomes for each state and action, as gymnasium's toy-text games do:
B outcomes, each a next state, a reward and a probability. Policies and values may have leading dimensions `...`.
Exactness is the point here, so the tables are float64 unless told otherwise.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
import torch
from torch import Tensor

from helpers import given

SPARSE_FROM = 200  # states; below, one dense solve is quicker than building a sparse matrix


@dataclass(frozen=True, eq=False)
class MDP:
    """A finite MDP; making one checks it.

    Attributes:
        next_states: s' of each outcome, int64, shape (S, A, B).
        probabilities: probability of each outcome, shape (S, A, B); unused places hold 0.
        outcome_rewards: r of each outcome, shape (S, A, B).
        initial: distribution h(s) of initial states, shape (S,).
        terminal: where episodes end, bool, shape (S,); a terminal state has value 0 and is never left.
        gamma: discount γ in [0, 1].

    Raises:
        ValueError: if shapes do not fit, a probability is negative, not finite or does not sum to 1, or γ is off.

    Sutton & Barto (2018), section 3.1.
    """

    next_states: Tensor
    probabilities: Tensor
    outcome_rewards: Tensor
    initial: Tensor
    terminal: Tensor
    gamma: float = 1.0

    def __post_init__(self):
        _check(self)

    @property
    def num_states(self) -> int:
        return self.next_states.shape[0]

    @property
    def num_actions(self) -> int:
        return self.next_states.shape[1]

    @property
    def transitions(self) -> Tensor:
        """p(s' | s, a) as a dense table, shape (S, A, S)."""
        table = self.probabilities.new_zeros(self.num_states, self.num_actions, self.num_states)
        return table.scatter_add(-1, self.next_states, self.probabilities)

    @property
    def rewards(self) -> Tensor:
        """r(s, a) = E[R | s, a], shape (S, A)."""
        return (self.probabilities * self.outcome_rewards).sum(-1)

    def to(self, *arguments) -> "MDP":
        """Return the MDP on another device or with another floating dtype."""
        move = [tensor.to(*arguments) if tensor.is_floating_point() else tensor for tensor in self._tensors()]
        states, probabilities, rewards, initial, terminal = move
        return MDP(states.to(rewards.device), probabilities, rewards, initial, terminal.to(rewards.device), self.gamma)

    def _tensors(self) -> tuple[Tensor, ...]:
        return self.next_states, self.probabilities, self.outcome_rewards, self.initial, self.terminal


class TabularEpisodes(NamedTuple):
    """Sampled episodes: S_t and A_t as numbers of states and actions, R_{t+1}, and whether step t happened, all (N, T).

    `rollouts.Episodes` has the same fields, with states as rows of numbers.
    """

    states: Tensor
    actions: Tensor
    rewards: Tensor
    mask: Tensor


def policy_model(mdp: MDP, pi: Tensor) -> tuple[Tensor, Tensor]:
    """Return what the policy makes of the MDP: P_π(s' | s), with terminal rows 0, and r_π(s).

    Args:
        mdp: the MDP.
        pi: π(a | s), shape (..., S, A).

    Returns:
        Tables of shape (..., S, S) and (..., S).
    """
    alive = (~mdp.terminal).to(pi.dtype).unsqueeze(-1)
    weights = (pi * alive).unsqueeze(-1) * mdp.probabilities
    flat = weights.flatten(-2)
    table = flat.new_zeros(*flat.shape[:-1], mdp.num_states)
    transitions = table.scatter_add(-1, mdp.next_states.flatten(1).expand_as(flat), flat)
    return transitions, (weights * mdp.outcome_rewards).sum((-2, -1))


def evaluate(mdp: MDP, pi: Tensor) -> Tensor:
    """Compute v_π exactly, from the linear system v = r_π + γ P_π v.

    A single large policy on the CPU that needs no gradient is solved by a sparse factorisation; everything else, with
    gradients and on any device, by a dense one.

    Args:
        mdp: the MDP.
        pi: π(a | s), shape (..., S, A).

    Returns:
        v_π, shape (..., S).

    Raises:
        ValueError: if π is no policy of this MDP, or γ = 1 and some state never reaches a terminal one under π, so that
            its value is no finite sum.

    Sutton & Barto (2018), section 3.5.
    """
    _check_policy(mdp, pi)
    return evaluate_unchecked(mdp, pi)


def evaluate_unchecked(mdp: MDP, pi: Tensor) -> Tensor:
    """Do as `evaluate` does, for a policy that is known to be right."""
    if _is_sparse_case(mdp, pi):
        return torch.from_numpy(_factorise(mdp, pi).solve(_policy_rewards(mdp, pi), trans="T"))
    transitions, rewards = policy_model(mdp, pi)
    return torch.linalg.solve(_identity_minus(mdp.gamma * transitions), rewards.unsqueeze(-1)).squeeze(-1)


def values_and_counts(mdp: MDP, pi: Tensor) -> tuple[Tensor, Tensor]:
    """Compute v_π and the visit counts η together, from one factorisation where `evaluate` would use a sparse one."""
    if not _is_sparse_case(mdp, pi):
        return evaluate(mdp, pi), visit_counts(mdp, pi)
    _check_policy(mdp, pi)
    factors = _factorise(mdp, pi)
    values = factors.solve(_policy_rewards(mdp, pi), trans="T")
    counts = factors.solve(_starts(mdp, pi.dtype).numpy())
    return torch.from_numpy(values), torch.from_numpy(counts).masked_fill(mdp.terminal, 0.0)


def evaluate_horizon(mdp: MDP, pi: Tensor, horizon: int) -> Tensor:
    """Compute v_π with k = 0, …, H steps to go, by one backward sweep for each.

    Args:
        mdp: the MDP.
        pi: π(a | s), shape (..., S, A).
        horizon: number of steps H.

    Returns:
        Values of shape (H + 1, ..., S); entry k is the expected return of the next k steps.

    Raises:
        ValueError: if π is no policy of this MDP.
    """
    _check_rows(mdp, pi)
    values = [torch.zeros(pi.shape[:-1], dtype=pi.dtype, device=pi.device)]
    for _ in range(horizon):
        values.append(state_values(pi, action_values(mdp, values[-1])))
    return torch.stack(values)


def action_values(mdp: MDP, values: Tensor) -> Tensor:
    """Look one step ahead: q(s, a) = Σ p(s', r | s, a) (r + γ v(s')), and 0 in terminal states.

    Args:
        mdp: the MDP.
        values: v(s), shape (..., S).

    Returns:
        q(s, a), shape (..., S, A).

    Raises:
        ValueError: if there is not one value for each state.
    """
    if values.shape[-1:] != (mdp.num_states,):
        raise ValueError(f"Values here have shape (..., {mdp.num_states}), but these have {tuple(values.shape)}.")
    ahead = mdp.outcome_rewards + mdp.gamma * values[..., mdp.next_states]
    return ((mdp.probabilities * ahead).sum(-1)).masked_fill(mdp.terminal.unsqueeze(-1), 0.0)


def state_values(pi: Tensor, q: Tensor) -> Tensor:
    """Average over actions: v(s) = Σ_a π(a | s) q(s, a), from two tables (..., S, A) to one (..., S).

    Raises:
        ValueError: if the tables differ in states or actions.
    """
    if pi.shape[-2:] != q.shape[-2:]:
        raise ValueError(
            f"π and q need tables of one shape (..., S, A), but have {tuple(pi.shape)} and {tuple(q.shape)}."
        )
    return (pi * q).sum(-1)


def monte_carlo(samples: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean of n independent samples (..., n) and its standard error, each (...)."""
    return samples.mean(-1), samples.std(-1) / samples.shape[-1] ** 0.5


def visit_counts(mdp: MDP, pi: Tensor) -> Tensor:
    """Compute the expected discounted number of visits η(s) = Σ_t γ^t P(S_t = s), exactly.

    With γ = 1 these are plain counts, and their sum over non-terminal states is the mean episode length. Divided by
    their sum they are the on-policy distribution μ(s).

    Args:
        mdp: the MDP.
        pi: π(a | s), shape (..., S, A).

    Returns:
        η(s), shape (..., S); 0 for terminal states.

    Sutton & Barto (2018), section 9.2.
    """
    _check_policy(mdp, pi)
    if _is_sparse_case(mdp, pi):
        counts = torch.from_numpy(_factorise(mdp, pi).solve(_starts(mdp, pi.dtype).numpy()))
    else:
        transitions, _ = policy_model(mdp, pi)
        matrix = _identity_minus(mdp.gamma * transitions).transpose(-1, -2)
        start = _starts(mdp, matrix.dtype)
        counts = torch.linalg.solve(matrix, start.expand(matrix.shape[:-1]).unsqueeze(-1)).squeeze(-1)
    return counts.masked_fill(mdp.terminal, 0.0)


def sample_episodes(
    mdp: MDP, pi: Tensor, episodes: int, horizon: int, *, generator: torch.Generator
) -> TabularEpisodes:
    """Sample episodes in lock-step, until all have ended or the horizon is reached.

    Args:
        mdp: the MDP.
        pi: π(a | s), shape (S, A).
        episodes: number N.
        horizon: longest length; T is the longest that occurred.
        generator: source of randomness, on the MDP's device.

    Returns:
        States, actions, rewards and mask, each (N, T); where the mask is false the rewards are 0.

    Raises:
        ValueError: if π is no policy of this MDP, or no step can be taken.
    """
    if pi.dim() != 2:
        raise ValueError(f"Episodes are sampled from one policy (S, A), but this one has {tuple(pi.shape)}.")
    _check_rows(mdp, pi)
    state = torch.multinomial(mdp.initial, episodes, replacement=True, generator=generator)
    steps = []
    while len(steps) < horizon:
        mask = ~mdp.terminal[state]
        going = mask.nonzero()[:, 0]  # only these draw: the longest episode lasts many times the mean
        if not len(going):
            break
        at = state[going]
        action = torch.multinomial(pi[at], 1, generator=generator).squeeze(-1)
        outcome = torch.multinomial(mdp.probabilities[at, action], 1, generator=generator).squeeze(-1)
        reward = mdp.outcome_rewards[at, action, outcome]
        columns = (part.new_zeros(episodes).index_copy_(0, going, part) for part in (action, reward))
        steps.append((state, *columns, mask))
        state = state.index_copy(0, going, mdp.next_states[at, action, outcome])
    if not steps:
        raise ValueError("No step was taken: every initial state is terminal, or the horizon is below 1.")
    return TabularEpisodes(*(torch.stack(column, -1) for column in zip(*steps, strict=True)))


def returns(rewards: Tensor, gamma: float) -> Tensor:
    """Compute G_t = R_{t+1} + γ G_{t+1} for every step; `reinforce.returns` does so for episodes of different lengths.

    Args:
        rewards: R_{t+1} at place t, shape (..., T).
        gamma: discount γ.

    Returns:
        G_t, shape (..., T).

    Sutton & Barto (2018), section 3.3.
    """
    g, result = torch.zeros_like(rewards[..., 0]), []
    for reward in rewards.unbind(-1)[::-1]:
        g = reward + gamma * g
        result.append(g)
    return torch.stack(result[::-1], -1)


def _check(mdp: MDP) -> None:
    shape = mdp.next_states.shape
    if mdp.next_states.dim() != 3 or mdp.probabilities.shape != shape or mdp.outcome_rewards.shape != shape:
        shapes = [tuple(tensor.shape) for tensor in (mdp.next_states, mdp.probabilities, mdp.outcome_rewards)]
        raise ValueError(f"Outcomes need three tables of one shape (S, A, B), but the shapes are {shapes}.")
    if 0 in shape:
        raise ValueError(f"An MDP needs states, actions and outcomes, but the shape (S, A, B) is {tuple(shape)}.")
    if mdp.next_states.dtype != torch.int64 or mdp.terminal.dtype != torch.bool:
        raise ValueError(
            "next_states must be int64 and terminal bool, "
            f"but they are {mdp.next_states.dtype} and {mdp.terminal.dtype}."
        )
    num_states = shape[0]
    if mdp.initial.shape != (num_states,) or mdp.terminal.shape != (num_states,):
        raise ValueError(
            f"initial and terminal need one entry for each of {num_states} states, but have "
            f"{tuple(mdp.initial.shape)} and {tuple(mdp.terminal.shape)}."
        )
    if not 0 <= mdp.gamma <= 1:
        raise ValueError(f"gamma must lie in [0, 1], but it is {mdp.gamma}.")
    if mdp.next_states.min() < 0 or mdp.next_states.max() >= num_states:
        raise ValueError(
            f"Next states must lie in 0, …, {num_states - 1}, but one is {_outside(mdp.next_states, num_states)}."
        )
    if not torch.isfinite(mdp.outcome_rewards).all():
        state, action, _ = (~torch.isfinite(mdp.outcome_rewards)).nonzero()[0].tolist()
        raise ValueError(f"The rewards of state {state} and action {action} are not finite.")
    _check_distribution(mdp.probabilities, "p(s', r | s, a) of state {0} and action {1}")
    _check_distribution(mdp.initial, "h(s)")
    stays = (mdp.next_states == torch.arange(num_states, device=mdp.next_states.device)[:, None, None]) | (
        mdp.probabilities == 0
    )
    pays = (mdp.outcome_rewards != 0) & (mdp.probabilities > 0)
    wrong = mdp.terminal & (~stays | pays).flatten(1).any(-1)
    if wrong.any():
        state = int(wrong.nonzero()[0])
        raise ValueError(f"The terminal state {state} leads on or pays: a terminal state leads to itself for reward 0.")


def _check_distribution(table: Tensor, name: str) -> None:
    """Raise a ValueError that names the first row of the last dimension which is no distribution."""
    sums = table.sum(-1)
    problems = {
        "is not finite": ~torch.isfinite(table).all(-1),
        "has a negative probability": (table < 0).any(-1),
        "does not sum to 1": (sums - 1).abs() > max(1e-6, 100 * torch.finfo(table.dtype).eps),
    }
    for problem, rows in problems.items():
        if rows.any():
            row = rows.nonzero()[0].tolist()
            total = f" but to {sums[tuple(row)]:.6g}" if "sum" in problem else ""
            raise ValueError(f"{name.format(*row)} {problem}{total}.")


def _outside(states: Tensor, num_states: int) -> int:
    return int(states[(states < 0) | (states >= num_states)][0])


def _check_rows(mdp: MDP, pi: Tensor) -> None:
    if pi.shape[-2:] != (mdp.num_states, mdp.num_actions):
        raise ValueError(
            f"A policy here has shape (..., {mdp.num_states}, {mdp.num_actions}), but this one has {tuple(pi.shape)}."
        )
    places = ", ".join(f"{{{place}}}" for place in range(pi.dim() - 1))
    _check_distribution(pi.detach(), f"π(a | s) of row {places}")


def _check_policy(mdp: MDP, pi: Tensor) -> None:
    _check_rows(mdp, pi)
    if mdp.gamma == 1:
        lost = ~reaches_end(mdp, pi.detach() > 0)
        if lost.any():
            state = int(lost.nonzero()[0][-1])
            raise ValueError(
                f"With γ = 1 every state must reach a terminal one, but state {state} never does under this policy; "
                "take γ < 1, a finite horizon, or another policy."
            )


def reaches_end(mdp: MDP, allowed: Tensor) -> Tensor:
    """Tell for each state whether the allowed actions (..., S, A) can lead to a terminal state, shape (..., S)."""
    reached = mdp.terminal.expand(allowed.shape[:-1])
    possible = allowed.unsqueeze(-1) & (mdp.probabilities > 0)
    while True:
        wider = reached | (possible & reached[..., mdp.next_states]).flatten(-2).any(-1)
        if torch.equal(wider, reached):
            return reached
        reached = wider


def _identity_minus(matrix: Tensor) -> Tensor:
    return torch.eye(matrix.shape[-1], dtype=matrix.dtype, device=matrix.device) - matrix


def _is_sparse_case(mdp: MDP, pi: Tensor) -> bool:
    is_plain = pi.dim() == 2 and not (pi.requires_grad and torch.is_grad_enabled())
    is_large = mdp.num_states >= max(SPARSE_FROM, 4 * mdp.next_states[0].numel())  # and most of P_π is 0
    return is_plain and is_large and pi.device.type == "cpu" and pi.dtype == mdp.initial.dtype == torch.float64


def _factorise(mdp: MDP, pi: Tensor) -> scipy.sparse.linalg.SuperLU:
    """Factorise (I − γ P_π)ᵀ of one policy, on the CPU; its columns are the rows of the outcome lists."""
    weights = -mdp.gamma * (pi.detach().masked_fill(mdp.terminal.unsqueeze(-1), 0.0).unsqueeze(-1) * mdp.probabilities)
    states = torch.arange(mdp.num_states).unsqueeze(-1)
    entries = torch.cat([torch.ones_like(states, dtype=pi.dtype), weights.flatten(1)], 1)
    places = torch.cat([states, mdp.next_states.flatten(1)], 1).to(torch.int32)
    starts = np.arange(mdp.num_states + 1, dtype=np.int32) * entries.shape[1]
    size = (mdp.num_states, mdp.num_states)
    matrix = scipy.sparse.csc_matrix((entries.flatten().numpy(), places.flatten().numpy(), starts), shape=size)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    # The diagonal dominates, so no rows need to be exchanged, and the order may follow the pattern of both directions.
    options = {"SymmetricMode": True, "Equil": False}
    return scipy.sparse.linalg.splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options)


def _starts(mdp: MDP, dtype: torch.dtype) -> Tensor:
    """Return h(s) without the part that starts at the end."""
    return mdp.initial.masked_fill(mdp.terminal, 0.0).to(dtype)


def _policy_rewards(mdp: MDP, pi: Tensor) -> np.ndarray:
    return (pi.detach() * mdp.rewards).sum(-1).masked_fill(mdp.terminal, 0.0).numpy()


given.explain(__name__)
