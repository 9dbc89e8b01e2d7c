"""How much faster are exact values, optimal values and the exact policy gradient than loops, and than peers?

The world is a slippery grid with some walls, γ = 0.99. Loops are plain Python over states, actions and outcomes, as
textbooks print them: in place, on numpy arrays, until nothing changes by more than 1e-8. Such a loop stops within
1e-8 / (1 − γ) of the exact values; all other methods must agree to 1e-9 before speed is compared.
"""

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
import torch
from timing import arguments, compare, in_turn, write

from helpers import mdps, planning, policy_gradient, worlds

GAMMA, TOLERANCE = 0.99, 1e-8


def slippery_grid(side: int) -> mdps.MDP:
    """A square grid from one corner to the other, a tenth of it walls, all of it slippery."""
    cells = np.full(side * side, ".")
    walls = torch.randperm(side * side - 2, generator=torch.Generator().manual_seed(0))[: side * side // 10] + 1
    cells[walls.numpy()], cells[0], cells[-1] = "#", "S", "G"
    return worlds.gridworld(["".join(row) for row in cells.reshape(side, side)], slip=0.2, gamma=GAMMA)


def outcome_lists(mdp: mdps.MDP) -> list[list[list[tuple[float, int, float]]]]:
    """The dynamics as lists of (probability, next state, reward), for each state and action."""
    tables = (mdp.probabilities.tolist(), mdp.next_states.tolist(), mdp.outcome_rewards.tolist())
    return [[list(zip(*lists, strict=True)) for lists in zip(*rows, strict=True)] for rows in zip(*tables, strict=True)]


def evaluation_loop(outcomes: list, pi: np.ndarray) -> np.ndarray:
    """Iterative policy evaluation."""
    values = np.zeros(len(outcomes))
    while True:
        change = 0.0
        for state, actions in enumerate(outcomes):
            value = 0.0
            for action, results in enumerate(actions):
                for probability, next_state, reward in results:
                    value += pi[state, action] * probability * (reward + GAMMA * values[next_state])
            change = max(change, abs(value - values[state]))
            values[state] = value
        if change < TOLERANCE:
            return values


def optimality_loop(outcomes: list) -> np.ndarray:
    """Value iteration."""
    values = np.zeros(len(outcomes))
    while True:
        change = 0.0
        for state, actions in enumerate(outcomes):
            q = np.zeros(len(actions))
            for action, results in enumerate(actions):
                for probability, next_state, reward in results:
                    q[action] += probability * (reward + GAMMA * values[next_state])
            change = max(change, abs(q.max() - values[state]))
            values[state] = q.max()
        if change < TOLERANCE:
            return values


def sparse_solve(mdp: mdps.MDP, pi: torch.Tensor) -> np.ndarray:
    """scipy's sparse solver with its defaults, from the same tables."""
    weights = (pi.unsqueeze(-1) * mdp.probabilities * ~mdp.terminal[:, None, None]).numpy()
    rows = np.arange(mdp.num_states).repeat(weights[0].size)
    size = (mdp.num_states, mdp.num_states)
    model = scipy.sparse.csr_matrix((weights.ravel(), (rows, mdp.next_states.numpy().ravel())), shape=size)
    rewards = (weights * mdp.outcome_rewards.numpy()).sum((1, 2))
    return scipy.sparse.linalg.spsolve((scipy.sparse.identity(mdp.num_states) - GAMMA * model).tocsc(), rewards)


def dense_autograd(mdp: mdps.MDP, theta: torch.Tensor) -> torch.Tensor:
    """∇J by autograd through a dense solve of the same system."""
    theta = theta.clone().requires_grad_()
    transitions, rewards = mdps.policy_model(mdp, theta.softmax(-1))
    values = torch.linalg.solve(torch.eye(mdp.num_states, dtype=theta.dtype) - GAMMA * transitions, rewards)
    return torch.autograd.grad(mdp.initial @ values, theta)[0]


def race(label: str, methods: dict, repeats: int) -> dict[str, float]:
    """Time methods in turn; stop if one differs from the first, which is ours. Return its ratios to the others."""
    seconds, results = in_turn(methods, repeats)
    ours = next(iter(methods))
    wanted, worst = np.asarray(results[ours][0]), {}
    for name, rounds in results.items():
        worst[name] = max(np.abs(np.asarray(result) - wanted).max() for result in rounds)
        if not worst[name] <= (TOLERANCE / (1 - GAMMA) if "loop" in name else 1e-9 * (1 + np.abs(wanted).max())):
            raise SystemExit(f"{label}: {name} differs from {ours} by {worst[name]:.1g}, so their speed means nothing.")
    print(f"\n{label}: largest difference {', '.join(f'{name} {gap:.1g}' for name, gap in worst.items() if gap)}.")
    return compare(seconds, ours, label)


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    sides, gradient_sides, repeats = ((3, 5), (15,), 1) if options.quick else ((20, 30), (20, 30, 50), 5)
    torch.set_num_threads(1)
    print(f"A slippery grid, γ = {GAMMA}, float64; one thread; {repeats} rounds in turn.")
    ratios = {}
    for side in sorted({*sides, *gradient_sides}):
        mdp, generator = slippery_grid(side), torch.Generator().manual_seed(1)
        theta = torch.randn(mdp.num_states, mdp.num_actions, generator=generator, dtype=torch.float64)
        pi, outcomes, size = theta.softmax(-1), outcome_lists(mdp), f"{side * side} states"
        if side in sides:
            methods = {
                "evaluate": lambda mdp=mdp, pi=pi: mdps.evaluate(mdp, pi).numpy(),
                "spsolve": lambda mdp=mdp, pi=pi: sparse_solve(mdp, pi),
                "loop": lambda outcomes=outcomes, pi=pi: evaluation_loop(outcomes, pi.numpy()),
            }
            ratios |= race(f"v_π, {size}", methods, repeats)
            methods = {
                "optimal_values": lambda mdp=mdp: planning.optimal_values(mdp).v_star.numpy(),
                "loop": lambda outcomes=outcomes: optimality_loop(outcomes),
            }
            ratios |= race(f"v*, {size}", methods, repeats)
        if side in gradient_sides:
            methods = {
                "exact_gradient": lambda mdp=mdp, theta=theta: policy_gradient.exact_gradient(mdp, theta),
                "dense autograd": lambda mdp=mdp, theta=theta: dense_autograd(mdp, theta),
            }
            ratios |= race(f"gradient, {size}", methods, repeats)
    write(ratios, options.json)


if __name__ == "__main__":
    main()
