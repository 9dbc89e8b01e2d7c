"""Tests of helpers/mdps.py and planning.py.

The seeds are fixed, so a pass or a failure repeats. Every statistical test states its false-alarm rate: how often right
code would fail on a fresh seed.
"""

import dataclasses

import gymnasium
import numpy as np
import pytest
import scipy.optimize
import torch

from helpers import mdps, planning, worlds
from helpers.mdps import MDP

F64 = torch.float64


def seeded(seed=0, device="cpu"):
    return torch.Generator(device).manual_seed(seed)


def fails(call, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        call()
    assert str(error.value).endswith(".") and "\n" not in str(error.value)


def random_mdp(num_states=6, num_actions=3, outcomes=4, gamma=0.9, seed=0):
    """Random outcome lists, several of which may lead to one state; the last state is terminal."""
    generator, shape = seeded(seed), (num_states, num_actions, outcomes)
    next_states = torch.randint(num_states, shape, generator=generator)
    next_states[..., 0] = num_states - 1
    probabilities = torch.rand(shape, generator=generator, dtype=F64) + 0.05
    rewards = torch.randn(shape, generator=generator, dtype=F64)
    terminal = torch.arange(num_states) == num_states - 1
    next_states[-1], rewards[-1] = num_states - 1, 0
    initial = torch.rand(num_states, generator=generator, dtype=F64)
    probabilities = probabilities / probabilities.sum(-1, keepdim=True)
    return MDP(next_states, probabilities, rewards, initial / initial.sum(), terminal, gamma)


def random_policy(mdp, *leading, seed=1):
    shape = (*leading, mdp.num_states, mdp.num_actions)
    return torch.randn(shape, generator=seeded(seed), dtype=F64).softmax(-1)


def chain(gamma=1.0):
    """State 0 stays (reward 1) or goes to 1 (reward 2) half the time each; state 1 ends with reward 4."""
    return MDP(
        next_states=torch.tensor([[[0, 1]], [[2, 2]], [[2, 2]]]),
        probabilities=torch.tensor([[[0.5, 0.5]], [[1.0, 0.0]], [[1.0, 0.0]]], dtype=F64),
        outcome_rewards=torch.tensor([[[1.0, 2.0]], [[4.0, 0.0]], [[0.0, 0.0]]], dtype=F64),
        initial=torch.tensor([1.0, 0.0, 0.0], dtype=F64),
        terminal=torch.tensor([False, False, True]),
        gamma=gamma,
    )


def slippery(side, gamma):
    rows = ["." * side for _ in range(side)]
    rows[0], rows[-1] = "S" + rows[0][1:], rows[-1][:-1] + "G"
    rows[side // 2] = "#" * (side // 2) + "P" + "." * (side - side // 2 - 1)
    return worlds.gridworld(rows, slip=0.3, gamma=gamma)


def game(name, gamma):
    return worlds.from_gymnasium(*game_tables(name), gamma)


def game_tables(name):
    env = gymnasium.make(name).unwrapped
    return env.P, env.initial_state_distrib


# Tables


def test_tables_by_hand():
    mdp = chain()
    assert (mdp.num_states, mdp.num_actions) == (3, 1)
    assert mdp.transitions[:, 0].tolist() == [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]
    assert mdp.rewards.tolist() == [[1.5], [4.0], [0.0]]


def test_outcomes_with_one_next_state_add_up():
    mdp = random_mdp()
    wanted = torch.zeros(6, 3, 6, dtype=F64)
    for s in range(6):
        for a in range(3):
            for b in range(4):
                wanted[s, a, mdp.next_states[s, a, b]] += mdp.probabilities[s, a, b]
    torch.testing.assert_close(mdp.transitions, wanted)
    torch.testing.assert_close(mdp.transitions.sum(-1), torch.ones(6, 3, dtype=F64))


def test_policy_model_is_the_mean_over_actions_and_batches():
    mdp = random_mdp()
    pi = random_policy(mdp, 2, 5)
    transitions, rewards = mdps.policy_model(mdp, pi)
    alive = (~mdp.terminal).to(F64)
    torch.testing.assert_close(transitions, torch.einsum("...sa,sat->...st", pi, mdp.transitions) * alive.unsqueeze(-1))
    torch.testing.assert_close(rewards, torch.einsum("...sa,sa->...s", pi, mdp.rewards) * alive)


def test_to_changes_the_dtype_of_everything_that_is_not_an_index():
    single = random_mdp().to(torch.float32)
    assert single.probabilities.dtype == single.outcome_rewards.dtype == single.initial.dtype == torch.float32
    assert single.next_states.dtype == torch.int64 and single.terminal.dtype == torch.bool and single.gamma == 0.9
    pi = random_policy(single).float()
    for result in (mdps.evaluate(single, pi), mdps.visit_counts(single, pi), *planning.optimal_values(single)):
        assert result.dtype == torch.float32
    best = planning.optimal_values(random_mdp())
    torch.testing.assert_close(planning.optimal_values(single).v_star, best.v_star.float())


# Values and counts


def test_values_and_counts_by_hand():
    pi = torch.ones(3, 1, dtype=F64)
    # v(0) = 1.5 + γ (v(0) + v(1)) / 2 with v(1) = 4; η(0) = 1 + γ η(0) / 2, η(1) = γ η(0) / 2
    torch.testing.assert_close(mdps.evaluate(chain(), pi), torch.tensor([7.0, 4.0, 0.0], dtype=F64))
    torch.testing.assert_close(mdps.visit_counts(chain(), pi), torch.tensor([2.0, 1.0, 0.0], dtype=F64))
    torch.testing.assert_close(mdps.evaluate(chain(0.5), pi), torch.tensor([10 / 3, 4.0, 0.0], dtype=F64))
    torch.testing.assert_close(mdps.visit_counts(chain(0.5), pi), torch.tensor([4 / 3, 1 / 3, 0.0], dtype=F64))
    torch.testing.assert_close(mdps.evaluate(chain(0.0), pi), torch.tensor([1.5, 4.0, 0.0], dtype=F64))


def test_horizon_by_hand_and_in_the_limit():
    values = mdps.evaluate_horizon(chain(), torch.ones(3, 1, dtype=F64), 3)
    assert values.tolist() == [[0, 0, 0], [1.5, 4, 0], [4.25, 4, 0], [5.625, 4, 0]]
    mdp = random_mdp()
    pi = random_policy(mdp, 4)
    film = mdps.evaluate_horizon(mdp, pi, 400)
    assert film.shape == (401, 4, 6)
    torch.testing.assert_close(film[-1], mdps.evaluate(mdp, pi), rtol=0, atol=1e-12)


@pytest.mark.parametrize("gamma", [0.0, 0.9, 1.0])
def test_values_solve_bellmans_equation_in_a_batch(gamma):
    mdp = random_mdp(gamma=gamma)
    pi = random_policy(mdp, 2, 3)
    v = mdps.evaluate(mdp, pi)
    assert v.shape == (2, 3, 6)
    torch.testing.assert_close(v, mdps.state_values(pi, mdps.action_values(mdp, v)), rtol=0, atol=1e-12)
    for place in ((0, 0), (1, 2)):
        torch.testing.assert_close(v[place], mdps.evaluate(mdp, pi[place]))
        torch.testing.assert_close(mdps.visit_counts(mdp, pi)[place], mdps.visit_counts(mdp, pi[place]))
    # J is the same, counted from the start or from the end.
    reward = (pi * mdp.rewards).sum(-1)
    torch.testing.assert_close((mdps.visit_counts(mdp, pi) * reward).sum(-1), (mdp.initial * v).sum(-1))


@pytest.mark.parametrize("gamma", [0.9, 1.0])
@pytest.mark.parametrize("make", [lambda gamma: slippery(15, gamma), lambda gamma: random_mdp(300, 4, 5, gamma)])
def test_sparse_and_dense_paths_agree(monkeypatch, gamma, make):
    mdp = make(gamma)
    pi = random_policy(mdp)
    assert mdps._is_sparse_case(mdp, pi)
    sparse = mdps.evaluate(mdp, pi), mdps.visit_counts(mdp, pi)
    together = mdps.values_and_counts(mdp, pi)
    in_batch = mdps.evaluate(mdp, pi[None])[0]  # a batch is solved densely
    monkeypatch.setattr(mdps, "SPARSE_FROM", 10**9)
    assert not mdps._is_sparse_case(mdp, pi)
    dense = mdps.evaluate(mdp, pi), mdps.visit_counts(mdp, pi)
    for first, second, third in zip(sparse, together, dense, strict=True):
        torch.testing.assert_close(first, third, rtol=1e-10, atol=1e-10)
        assert torch.equal(first, second)
    assert torch.equal(in_batch, dense[0]) or torch.allclose(in_batch, dense[0], rtol=1e-12)
    for first, second in zip(mdps.values_and_counts(mdp, pi), dense, strict=True):
        assert torch.equal(first, second)


def test_large_mdps_keep_gradients():
    mdp = slippery(15, 0.9)
    pi = random_policy(mdp).requires_grad_()
    assert mdps.evaluate(mdp, pi).requires_grad
    with torch.no_grad():
        assert not mdps.evaluate(mdp, pi).requires_grad


# The optimum


def peer_value_iteration(table, gamma, sweeps=5000):
    """Plain value iteration in numpy on gymnasium's own table, until nothing moves."""
    values = np.zeros(len(table))
    for _ in range(sweeps):
        q = np.array(
            [
                [sum(p * (r + gamma * values[t] * (not ends)) for p, t, r, ends in table[s][a]) for a in table[s]]
                for s in table
            ]
        )
        new = q.max(1)
        if np.abs(new - values).max() < 1e-14:
            break
        values = new
    return q


@pytest.mark.parametrize(
    ("name", "gamma"),
    [("FrozenLake-v1", 0.99), ("FrozenLake-v1", 1.0), ("Taxi-v4", 0.9), ("CliffWalking-v1", 1.0)],
)
def test_toy_text_games_against_plain_value_iteration(name, gamma):
    table, initial = game_tables(name)
    best = planning.optimal_values(worlds.from_gymnasium(table, initial, gamma))
    wanted = torch.from_numpy(peer_value_iteration(table, gamma))
    torch.testing.assert_close(best.q_star[:-1], wanted, rtol=0, atol=1e-10)
    torch.testing.assert_close(best.v_star[:-1], wanted.amax(-1), rtol=0, atol=1e-10)
    assert best.v_star[-1] == 0


def test_known_figures_of_toy_text_games():
    cliff, lake = game("CliffWalking-v1", 1.0), game("FrozenLake-v1", 1.0)
    assert float(cliff.initial @ planning.optimal_values(cliff).v_star) == pytest.approx(-13)  # along the cliff
    assert float(lake.initial @ planning.optimal_values(lake).v_star) == pytest.approx(14 / 17)


@pytest.mark.parametrize("mdp", [slippery(12, 0.95), slippery(20, 0.99), random_mdp(40, 4, 6, 0.9)])
def test_optimum_against_a_linear_program(mdp):
    """v* is the smallest v with v ≥ r + γ P v for all actions."""
    size, actions = mdp.num_states, mdp.num_actions
    model = (mdp.transitions * (~mdp.terminal)[:, None, None]).reshape(-1, size).numpy()
    constraints = mdp.gamma * model - np.repeat(np.eye(size), actions, 0)
    bounds = -mdp.rewards.masked_fill(mdp.terminal[:, None], 0.0).flatten().numpy()
    program = scipy.optimize.linprog(np.ones(size), A_ub=constraints, b_ub=bounds, bounds=(None, None))
    best = planning.optimal_values(mdp)
    torch.testing.assert_close(best.v_star, torch.from_numpy(program.x), rtol=0, atol=1e-6)


@pytest.mark.parametrize("mdp", [slippery(20, 0.99), slippery(20, 1.0), random_mdp(50, 4, 6, 0.99)])
def test_optimum_is_exact_and_kept_by_its_greedy_policy(mdp):
    best = planning.optimal_values(mdp)
    scale = float(1 + best.v_star.abs().max())
    torch.testing.assert_close(mdps.action_values(mdp, best.v_star), best.q_star, rtol=0, atol=1e-12 * scale)
    torch.testing.assert_close(best.q_star.amax(-1), best.v_star, rtol=0, atol=0)
    for ties in ("share", "first"):
        v = mdps.evaluate(mdp, planning.greedy_policy(best.q_star, ties=ties))
        torch.testing.assert_close(v, best.v_star, rtol=0, atol=1e-8)
    limit = planning.value_iteration(mdp, 6000)[-1]
    torch.testing.assert_close(limit, best.v_star, rtol=0, atol=1e-11 * scale)


def test_optimum_with_a_gain_below_the_tolerance_of_ties_ends():
    """The second action is better by less than `greedy_policy` tells apart; the optimum still finds it."""
    mdp = worlds.from_table(
        torch.tensor([[[0.0, 1.0]] * 2, [[0.0, 1.0]] * 2], dtype=F64),
        torch.tensor([[1.0, 1.0 + 1e-10], [0.0, 0.0]], dtype=F64),
        torch.tensor([1.0, 0.0], dtype=F64),
    )
    assert planning.optimal_values(mdp).v_star[0] == 1.0 + 1e-10


def test_optimum_with_free_loops_takes_the_way_out():
    """With γ = 1 a greedy policy may run in circles for nothing; here it must leave, to win 1 in the end."""
    stay, leave = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]
    table = torch.tensor([[stay, leave], [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], [[0.0, 0.0, 1.0]] * 2], dtype=F64)
    rewards = torch.tensor([[0.0, 0.0], [0.0, 1.0], [0.0, 0.0]], dtype=F64)
    mdp = worlds.from_table(table, rewards, torch.tensor([1.0, 0.0, 0.0], dtype=F64))
    assert planning.optimal_values(mdp).v_star.tolist() == [1.0, 1.0, 0.0]


def test_value_iteration_by_hand_and_from_given_values():
    mdp = chain(0.5)
    assert planning.value_iteration(mdp, 2).tolist() == [[0, 0, 0], [1.5, 4, 0], [2.875, 4, 0]]
    start = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]], dtype=F64)
    history = planning.value_iteration(mdp, 1, start)
    assert history.shape == (2, 2, 3) and history[1].tolist() == [[2.0, 4.0, 0.0], [1.5, 4.0, 0.0]]


def test_greedy_policy_by_hand():
    q = torch.tensor([[1.0, 3.0, 3.0 - 1e-10], [-2.0, -1.0, -5.0]], dtype=F64)
    assert planning.greedy_policy(q).tolist() == [[0, 0.5, 0.5], [0, 1, 0]]
    assert planning.greedy_policy(q, ties="first").tolist() == [[0, 1, 0], [0, 1, 0]]
    assert planning.greedy_policy(q, tolerance=0.0).tolist() == [[0, 1, 0], [0, 1, 0]]
    assert planning.greedy_policy(q.expand(4, 2, 3)).shape == (4, 2, 3)


# Returns and samples


def test_returns_by_hand_and_in_a_batch():
    rewards = torch.tensor([[1.0, 0.0, 2.0], [-1.0, 4.0, 0.0]])
    assert mdps.returns(rewards, 0.5).tolist() == [[1.5, 1.0, 2.0], [1.0, 4.0, 0.0]]
    assert mdps.returns(rewards.expand(5, 2, 3), 1.0).shape == (5, 2, 3)


def test_monte_carlo_by_hand():
    mean, error = mdps.monte_carlo(torch.tensor([[1.0, 3.0, 5.0, 7.0], [2.0, 2.0, 2.0, 2.0]], dtype=F64))
    assert mean.tolist() == [4.0, 2.0]
    torch.testing.assert_close(error, torch.tensor([(5 / 3) ** 0.5, 0.0], dtype=F64))


def test_episodes_follow_the_rules_of_the_table():
    mdp = slippery(5, 1.0)
    states, actions, rewards, mask = mdps.sample_episodes(mdp, random_policy(mdp), 200, 5000, generator=seeded())
    assert states.shape == actions.shape == rewards.shape == mask.shape
    assert mask[:, 0].all() and (mask[:, 1:] <= mask[:, :-1]).all() and mask[:, -1].any()
    assert torch.equal(mask, ~mdp.terminal[states]) and (rewards[~mask] == 0).all()
    possible = mdp.transitions[states[:, :-1], actions[:, :-1], states[:, 1:]]
    assert (possible[mask[:, :-1]] > 0).all()
    assert mdps.sample_episodes(mdp, random_policy(mdp), 7, 3, generator=seeded()).states.shape == (7, 3)


@pytest.mark.parametrize("gamma", [0.9, 1.0])
def test_samples_agree_with_exact_values_and_counts(gamma):
    """J and the counts of eight non-terminal states, each within 4.5 standard errors; false alarms: 1 in 15,000."""
    mdp = random_mdp(9, 3, 4, gamma)
    pi, number = random_policy(mdp), 20_000
    episodes = mdps.sample_episodes(mdp, pi, number, 2000, generator=seeded())
    mean, error = mdps.monte_carlo(mdps.returns(episodes.rewards, gamma)[:, 0])
    assert abs(mean - mdp.initial @ mdps.evaluate(mdp, pi)) < 4.5 * error
    weights = gamma ** torch.arange(episodes.mask.shape[1], dtype=F64) * episodes.mask
    visits = torch.zeros(number, 9, dtype=F64).scatter_add(1, episodes.states, weights)
    mean, error = mdps.monte_carlo(visits.T)
    assert ((mean - mdps.visit_counts(mdp, pi)).abs()[:-1] < 4.5 * error[:-1]).all()


def test_the_generator_alone_decides():
    mdp = random_mdp()
    first, again, other = (
        mdps.sample_episodes(mdp, random_policy(mdp), 50, 20, generator=seeded(seed)) for seed in (1, 1, 2)
    )
    assert all(torch.equal(x, y) for x, y in zip(first, again, strict=True))
    assert not torch.equal(first.states[:, 0], other.states[:, 0])


# Errors say what is wrong.


def change(field, place, value, mdp=None):
    mdp = mdp or chain()
    table = getattr(mdp, field).clone()
    table[place] = value
    return lambda: dataclasses.replace(mdp, **{field: table})


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (change("probabilities", (0, 0, 1), 0.4), r"of state 0 and action 0 does not sum to 1 but to 0\.9"),
        (change("probabilities", (1, 0), torch.tensor([1.5, -0.5])), "of state 1 and action 0 has a negative prob"),
        (change("probabilities", (1, 0, 0), float("nan")), "of state 1 and action 0 is not finite"),
        (change("probabilities", (1, 0, 0), float("inf")), "of state 1 and action 0 is not finite"),
        (change("outcome_rewards", (1, 0, 1), float("nan")), "rewards of state 1 and action 0 are not finite"),
        (change("initial", 1, 0.5), r"h\(s\) does not sum to 1 but to 1\.5"),
        (change("initial", slice(2), torch.tensor([2.0, -1.0])), r"h\(s\) has a negative probability"),
        (change("next_states", (0, 0, 0), 3), "Next states must lie in 0, …, 2, but one is 3"),
        (change("next_states", (0, 0, 0), -1), "Next states must lie in 0, …, 2, but one is -1"),
        (change("next_states", (2, 0, 0), 1), "terminal state 2 leads on or pays"),
        (change("outcome_rewards", (2, 0, 0), 1.0), "terminal state 2 leads on or pays"),
        (change("terminal", 1, True), "terminal state 1 leads on or pays"),
    ],
)
def test_wrong_dynamics_are_refused(call, sentence):
    fails(call, sentence)


@pytest.mark.parametrize("gamma", [-0.1, 1.1, float("nan")])
def test_gamma_must_lie_in_its_range(gamma):
    fails(lambda: chain(gamma), r"gamma must lie in \[0, 1\], but it is")


def test_tables_must_fit_each_other():
    mdp = chain()
    replace = dataclasses.replace
    fails(lambda: replace(mdp, probabilities=mdp.probabilities[:2]), r"one shape \(S, A, B\), but the shapes are")
    fails(lambda: replace(mdp, next_states=mdp.next_states[0]), r"one shape \(S, A, B\), but the shapes are")
    fails(lambda: replace(mdp, initial=mdp.initial[:2]), "one entry for each of 3 states")
    fails(lambda: replace(mdp, terminal=mdp.terminal[:2]), "one entry for each of 3 states")
    fails(lambda: replace(mdp, next_states=mdp.next_states.int()), "next_states must be int64 and terminal bool")
    fails(lambda: replace(mdp, terminal=mdp.terminal.long()), "next_states must be int64 and terminal bool")
    empty = {name: getattr(mdp, name)[:, :0] for name in ("next_states", "probabilities", "outcome_rewards")}
    fails(lambda: replace(mdp, **empty), "needs states, actions and outcomes")


@pytest.mark.parametrize(
    "use",
    [
        mdps.evaluate,
        mdps.visit_counts,
        mdps.values_and_counts,
        lambda mdp, pi: mdps.evaluate_horizon(mdp, pi, 3),
        lambda mdp, pi: mdps.sample_episodes(mdp, pi, 5, 5, generator=seeded()),
    ],
)
def test_policies_must_fit(use):
    mdp = random_mdp()
    pi = random_policy(mdp)
    fails(lambda: use(mdp, pi[:, :2]), r"A policy here has shape \(\.\.\., 6, 3\), but this one has \(6, 2\)")
    fails(lambda: use(mdp, 2 * pi), r"π\(a \| s\) of row 0 does not sum to 1 but to 2")
    for number, problem in ((float("nan"), "is not finite"), (-0.5, "has a negative probability")):
        wrong = pi.clone()
        wrong[4, 1] = number
        fails(lambda wrong=wrong, problem=problem: use(mdp, wrong), rf"of row 4 {problem}")


def test_one_policy_of_a_batch_is_named():
    mdp = random_mdp()
    pi = random_policy(mdp, 3)
    pi[2, 5] = 0
    fails(lambda: mdps.evaluate(mdp, pi), r"of row 2, 5 does not sum to 1 but to 0")


def test_values_must_fit():
    mdp = random_mdp()
    fails(
        lambda: mdps.action_values(mdp, torch.zeros(5)), r"Values here have shape \(\.\.\., 6\), but these have \(5,\)"
    )
    fails(lambda: planning.value_iteration(mdp, 2, torch.zeros(2, 5)), r"but these have \(2, 5\)")
    fails(lambda: mdps.state_values(torch.ones(6, 3), torch.ones(6, 1)), "need tables of one shape")
    fails(
        lambda: mdps.sample_episodes(mdp, random_policy(mdp, 2), 5, 5, generator=seeded()), r"from one policy \(S, A\)"
    )
    fails(lambda: mdps.sample_episodes(mdp, random_policy(mdp), 5, 0, generator=seeded()), "No step was taken")


def test_without_discount_the_end_must_be_in_reach():
    corridor = worlds.short_corridor()
    left = torch.tensor([[1.0, 0.0]] * 4, dtype=F64)
    for use in (mdps.evaluate, mdps.visit_counts, mdps.values_and_counts):
        fails(lambda use=use: use(corridor, left), "but state 0 never does under this policy; take γ < 1")
    assert torch.isfinite(mdps.evaluate(dataclasses.replace(corridor, gamma=0.9), left)).all()
    island = worlds.gridworld(["S.", "##", ".G"])
    fails(lambda: planning.optimal_values(island), "but state 0 cannot")
    rich = worlds.gridworld(["S..G"], step_reward=1.0)
    fails(lambda: planning.optimal_values(rich), "With γ = 1 rewards can be collected for ever from state 0")


# GPU


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU, and torch sees none")
def test_everything_follows_the_device():
    mdp = slippery(15, 0.95)
    pi, there = random_policy(mdp), mdp.to("cuda")
    device = there.initial.device
    pairs = [
        (mdps.evaluate(mdp, pi), mdps.evaluate(there, pi.to(device))),
        (mdps.visit_counts(mdp, pi), mdps.visit_counts(there, pi.to(device))),
        (planning.optimal_values(mdp).q_star, planning.optimal_values(there).q_star),
        (planning.value_iteration(mdp, 20), planning.value_iteration(there, 20)),
    ]
    for here, far in pairs:
        assert far.device == device
        torch.testing.assert_close(far.cpu(), here, rtol=1e-9, atol=1e-9)
    episodes = mdps.sample_episodes(there, pi.to(device), 100, 50, generator=seeded(0, "cuda"))
    assert all(table.device == device for table in episodes)
