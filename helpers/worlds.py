"""Finite MDPs to play with: grids, bowling, the short corridor, gymnasium's toy-text games."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from helpers import given
from helpers.mdps import MDP


def from_table(
    transitions: Tensor, rewards: Tensor, initial: Tensor, terminal: Tensor | None = None, gamma: float = 1.0
) -> MDP:
    """Build an MDP from dense tables.

    Args:
        transitions: p(s' | s, a), shape (S, A, S).
        rewards: r(s, a) of shape (S, A), or r(s, a, s') of shape (S, A, S).
        initial: h(s), shape (S,).
        terminal: where episodes end, bool, shape (S,); by default what only leads to itself, for reward 0.
        gamma: discount γ.

    Raises:
        ValueError: if the tables do not fit each other, and as `MDP` does.
    """
    if transitions.dim() != 3 or transitions.shape[0] != transitions.shape[2]:
        raise ValueError(f"transitions must have shape (S, A, S), but it is {tuple(transitions.shape)}.")
    if rewards.shape not in (transitions.shape, transitions.shape[:2]):
        raise ValueError(
            f"rewards must have shape {tuple(transitions.shape[:2])} or {tuple(transitions.shape)}, "
            f"but it is {tuple(rewards.shape)}."
        )
    num_states, num_actions, _ = transitions.shape
    if rewards.dim() == 2:
        rewards = rewards.unsqueeze(-1).expand_as(transitions)
    if terminal is None:
        stays = transitions.diagonal(dim1=0, dim2=2).T == 1
        terminal = (stays & (rewards.diagonal(dim1=0, dim2=2).T == 0)).all(-1)
    next_states = torch.arange(num_states, device=transitions.device).expand(num_states, num_actions, num_states)
    return MDP(next_states.clone(), transitions, rewards.clone(), initial, terminal, gamma)


def from_gymnasium(table: Mapping, initial: Sequence[float], gamma: float) -> MDP:
    """Build an MDP from a toy-text game's `P` and `initial_state_distrib`.

    An outcome that ends the episode leads to one further state, the last, which is terminal.

    Args:
        table: for each state and action a list of (probability, next state, reward, ends).
        initial: h(s), one number for each state.
        gamma: discount γ.

    Raises:
        ValueError: if h(s) has another number of states, and as `MDP` does.
    """
    num_states, num_actions = len(table), len(table[0])
    if len(initial) != num_states:
        raise ValueError(f"initial must have one entry for each of {num_states} states, but it has {len(initial)}.")
    width = max(len(outcomes) for actions in table.values() for outcomes in actions.values())
    shape = (num_states + 1, num_actions, width)
    next_states, probabilities = torch.full(shape, num_states), torch.zeros(shape, dtype=torch.float64)
    rewards = torch.zeros(shape, dtype=torch.float64)
    probabilities[num_states, :, 0] = 1
    for state, actions in table.items():
        for action, outcomes in actions.items():
            for place, (probability, next_state, reward, ends) in enumerate(outcomes):
                next_states[state, action, place] = num_states if ends else int(next_state)
                probabilities[state, action, place] = probability
                rewards[state, action, place] = reward
    start = torch.tensor([*map(float, initial), 0.0], dtype=torch.float64)
    terminal = torch.arange(num_states + 1) == num_states
    return MDP(next_states, probabilities, rewards, start / start.sum(), terminal, gamma)


def gridworld(
    rows: Sequence[str], *, slip: float = 0.0, step_reward: float = -1.0, gamma: float = 1.0, pit_reward: float = -10.0
) -> MDP:
    """Build a grid in which actions 0 to 3 go up, right, down and left.

    Letters: `S` start (several share h evenly), `G` goal, which ends the episode with reward 0 for the step into it,
    `P` pit, which ends it with `pit_reward`, `#` wall, anything else floor. Walking into a wall or the border stays.

    Args:
        rows: the map, equally long strings.
        slip: probability of going to either side of where one wants, half of it each.
        step_reward: reward of every other step.
        gamma: discount γ.
        pit_reward: reward of the step into a pit.

    Raises:
        ValueError: if there are no cells, the rows are not equally long, no cell is an S, or `slip` is no probability.
    """
    if not rows or not rows[0]:
        raise ValueError("The grid has no cells.")
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise ValueError(
            f"The rows of a grid must be equally long, but they have {sorted({len(r) for r in rows})} cells."
        )
    if not 0 <= slip <= 1:
        raise ValueError(f"slip must lie in [0, 1], but it is {slip}; it is a probability.")
    cells = np.array([list(row) for row in rows])
    if not (cells == "S").any():
        raise ValueError("The grid has no start: mark at least one cell with S.")
    height = len(rows)
    row, column = np.divmod(np.arange(height * width), width)
    targets = []
    for down, right in ((-1, 0), (0, 1), (1, 0), (0, -1)):
        to_row, to_column = np.clip(row + down, 0, height - 1), np.clip(column + right, 0, width - 1)
        blocked = cells[to_row, to_column] == "#"
        targets.append(np.where(blocked, row * width + column, to_row * width + to_column))
    outcome = np.stack([np.stack([targets[a], targets[a - 1], targets[(a + 1) % 4]], -1) for a in range(4)], 1)
    kind = cells.reshape(-1)
    is_end = (kind == "G") | (kind == "P") | (kind == "#")
    outcome[is_end] = np.flatnonzero(is_end)[:, None, None]
    reward = np.where(kind[outcome] == "G", 0.0, np.where(kind[outcome] == "P", pit_reward, step_reward))
    reward[is_end] = 0.0
    weights = torch.tensor([1 - slip, slip / 2, slip / 2], dtype=torch.float64)
    start = torch.from_numpy((kind == "S").astype(float))
    return MDP(
        torch.from_numpy(outcome),
        weights.expand(height * width, 4, 3).clone(),
        torch.from_numpy(reward),
        start / start.sum(),
        torch.from_numpy(is_end),
        gamma,
    )


def bowling(pins: Tensor, roll: int = 3) -> MDP:
    """Build one throw: choose where to aim, watch the ball roll for some steps, and see the pins fall at the end.

    State 0 is the throw; then the ball is on line a at distance 1, …, `roll`; the last state is the end. Only the first
    action matters, and only the last step pays.

    Args:
        pins: probabilities of 0, …, P pins for each line, shape (A, P + 1).
        roll: steps that the ball rolls, at least 1.

    Raises:
        ValueError: if `roll` is below 1 or `pins` no table, and as `MDP` does.
    """
    if roll < 1:
        raise ValueError(f"roll must be at least 1, but it is {roll}.")
    if pins.dim() != 2:
        raise ValueError(f"pins must have shape (A, P + 1), but it is {tuple(pins.shape)}.")
    num_lines, most = pins.shape[0], pins.shape[1]
    num_states = 2 + num_lines * roll
    shape = (num_states, num_lines, most)
    next_states, probabilities = torch.full(shape, num_states - 1, device=pins.device), pins.new_zeros(shape)
    rewards = pins.new_zeros(shape)
    probabilities[..., 0] = 1
    for line in range(num_lines):
        first = 1 + line * roll
        next_states[0, line] = first
        for step in range(roll - 1):
            next_states[first + step] = first + step + 1
        probabilities[first + roll - 1] = pins[line]
        rewards[first + roll - 1] = torch.arange(most, dtype=pins.dtype, device=pins.device)
    states = torch.arange(num_states, device=pins.device)
    return MDP(next_states, probabilities, rewards, (states == 0).to(pins.dtype), states == num_states - 1)


def short_corridor() -> MDP:
    """Build the corridor in which the second of three states swaps left and right; actions are left and right.

    Every step costs 1, and the episode ends behind the third state. A policy that sees all states alike, which is the
    point of this world, does best with right at probability 2 − √2 ≈ 0.59.

    Sutton & Barto (2018), example 13.1.
    """
    next_states = torch.tensor([[0, 1], [2, 0], [1, 3], [3, 3]]).unsqueeze(-1)
    rewards = torch.tensor([[-1.0, -1.0]] * 3 + [[0.0, 0.0]], dtype=torch.float64).unsqueeze(-1)
    initial = torch.tensor([1.0, 0.0, 0.0, 0.0], dtype=torch.float64)
    return MDP(next_states, torch.ones_like(rewards), rewards, initial, torch.tensor([False, False, False, True]))


given.explain(__name__)
