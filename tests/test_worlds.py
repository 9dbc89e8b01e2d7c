"""Tests of helpers/worlds.py. The seeds are fixed; every statistical test states its false-alarm rate."""

import gymnasium
import pytest
import torch

from helpers import mdps, planning, worlds

F64 = torch.float64
UP, RIGHT, DOWN, LEFT = range(4)


def fails(call, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        call()
    assert str(error.value).endswith(".") and "\n" not in str(error.value)


# Tables


def test_from_table_finds_the_end_and_takes_both_kinds_of_rewards():
    transitions = torch.tensor([[[0.5, 0.5, 0.0]], [[0.0, 0.0, 1.0]], [[0.0, 0.0, 1.0]]], dtype=F64)
    on_arrival = torch.tensor([[[1.0, 2.0, 9.0]], [[9.0, 9.0, 4.0]], [[9.0, 9.0, 0.0]]], dtype=F64)
    on_average = torch.tensor([[1.5], [4.0], [0.0]], dtype=F64)
    initial = torch.tensor([1.0, 0.0, 0.0], dtype=F64)
    for rewards in (on_arrival, on_average):
        mdp = worlds.from_table(transitions, rewards, initial)
        assert mdp.terminal.tolist() == [False, False, True]
        assert torch.equal(mdp.transitions, transitions) and torch.equal(mdp.rewards, on_average)
        assert mdps.evaluate(mdp, torch.ones(3, 1, dtype=F64)).tolist() == [7.0, 4.0, 0.0]


def test_a_state_that_pays_for_ever_is_no_end():
    transitions, initial = torch.ones(1, 1, 1), torch.ones(1)
    mdp = worlds.from_table(transitions, torch.ones(1, 1), initial, gamma=0.5)
    assert not mdp.terminal.any() and mdps.evaluate(mdp, torch.ones(1, 1)).item() == 2
    no_end = torch.tensor([False])
    assert not worlds.from_table(transitions, torch.zeros(1, 1), initial, no_end, gamma=0.5).terminal.any()


@pytest.mark.parametrize("name", ["FrozenLake-v1", "Taxi-v4", "CliffWalking-v1"])
def test_from_gymnasium_copies_the_game(name):
    env = gymnasium.make(name).unwrapped
    mdp = worlds.from_gymnasium(env.P, env.initial_state_distrib, 0.9)
    end = mdp.num_states - 1
    assert mdp.num_states == env.observation_space.n + 1 and mdp.num_actions == env.action_space.n
    assert mdp.terminal.nonzero().tolist() == [[end]]
    transitions, rewards = torch.zeros_like(mdp.transitions), torch.zeros_like(mdp.rewards)
    for state, actions in env.P.items():
        for action, outcomes in actions.items():
            for probability, next_state, reward, ends in outcomes:
                transitions[state, action, end if ends else next_state] += probability
                rewards[state, action] += probability * reward
    transitions[end, :, end] = 1
    torch.testing.assert_close(mdp.transitions, transitions)
    torch.testing.assert_close(mdp.rewards, rewards)


def test_grid_by_hand():
    mdp = worlds.gridworld(["S.#", "SPG"], slip=0.2, step_reward=-2.0, pit_reward=-7.0, gamma=0.5)
    assert mdp.gamma == 0.5 and mdp.initial.tolist() == [0.5, 0, 0, 0.5, 0, 0]
    assert mdp.terminal.tolist() == [False, False, True, False, True, True]
    # From cell 1: right is a wall, left is cell 0, up is the border, down is the pit.
    torch.testing.assert_close(mdp.transitions[1, RIGHT], torch.tensor([0, 0.9, 0, 0, 0.1, 0], dtype=F64))
    torch.testing.assert_close(mdp.transitions[1, DOWN], torch.tensor([0.1, 0.1, 0, 0, 0.8, 0], dtype=F64))
    torch.testing.assert_close(mdp.transitions[1, UP], torch.tensor([0.1, 0.9, 0, 0, 0, 0], dtype=F64))
    torch.testing.assert_close(mdp.transitions[1, LEFT], torch.tensor([0.8, 0.1, 0, 0, 0.1, 0], dtype=F64))
    torch.testing.assert_close(mdp.rewards[1], torch.tensor([-2.0, -2.5, -6.0, -2.5], dtype=F64))
    assert (mdp.rewards[mdp.terminal] == 0).all()
    last = worlds.gridworld(["SG"])
    assert last.rewards[0, RIGHT] == 0 and last.rewards[0, LEFT] == -1


def test_bowling_by_hand():
    pins = torch.tensor([[1.0, 0.0, 0.0], [0.25, 0.25, 0.5]])
    mdp = worlds.bowling(pins, roll=2)
    assert mdp.num_states == 6 and mdp.num_actions == 2 and mdp.initial.dtype == torch.float32
    assert planning.optimal_values(mdp).v_star.tolist() == [1.25, 0.0, 0.0, 1.25, 1.25, 0.0]
    episodes = mdps.sample_episodes(mdp, torch.full((6, 2), 0.5), 100, 9, generator=torch.Generator().manual_seed(0))
    assert episodes.mask.shape == (100, 3) and episodes.mask.all() and (episodes.rewards[:, :2] == 0).all()


def test_short_corridor_has_the_optimum_of_the_book():
    mdp = worlds.short_corridor()

    def objective(right):
        pi = torch.stack([1 - right, right], -1).unsqueeze(-2).expand(*right.shape, 4, 2)
        return mdps.evaluate(mdp, pi)[..., 0]

    best = torch.tensor(2 - 2**0.5, dtype=F64)
    assert objective(best).item() == pytest.approx(-6 - 4 * 2**0.5, abs=1e-12)
    assert objective(torch.tensor(0.5, dtype=F64)).item() == pytest.approx(-12)
    rights = torch.linspace(0.01, 0.99, 99, dtype=F64)
    assert (objective(rights) <= objective(best)).all() and rights[objective(rights).argmax()].item() == pytest.approx(
        0.59
    )
    slope = torch.autograd.grad(objective(best.requires_grad_()), best)[0]
    assert abs(slope) < 1e-9


def test_wrong_worlds_are_refused():
    square, start = torch.eye(2).unsqueeze(1), torch.tensor([1.0, 0.0])
    fails(lambda: worlds.from_table(square[0], torch.zeros(1, 2), start), r"transitions must have shape \(S, A, S\)")
    fails(lambda: worlds.from_table(square, torch.zeros(2), start), r"rewards must have shape \(2, 1\) or \(2, 1, 2\)")
    fails(lambda: worlds.from_table(2 * square, torch.zeros(2, 1), start, gamma=0.5), "does not sum to 1 but to 2")
    fails(lambda: worlds.from_gymnasium({0: {0: [(1.0, 0, 0.0, True)]}}, [0.5, 0.5], 1.0), "one entry for each of 1")
    fails(lambda: worlds.from_gymnasium({0: {0: [(0.9, 0, 0.0, True)]}}, [1.0], 1.0), r"does not sum to 1 but to 0\.9")
    fails(lambda: worlds.gridworld(["S.", "G"]), "must be equally long")
    fails(lambda: worlds.gridworld([]), "no cells")
    fails(lambda: worlds.gridworld(["..G"]), "no start")
    fails(lambda: worlds.gridworld(["SG"], slip=1.5), r"slip must lie in \[0, 1\]")
    fails(lambda: worlds.gridworld(["SG"], gamma=2.0), r"gamma must lie in \[0, 1\]")
    fails(lambda: worlds.bowling(torch.ones(2, 1), roll=0), "roll must be at least 1")
    fails(lambda: worlds.bowling(torch.ones(2)), "pins must have shape")
    fails(lambda: worlds.bowling(torch.ones(2, 2)), "does not sum to 1")
