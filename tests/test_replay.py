"""The ring and the games that fill it: what is written where, what is drawn, and where episodes begin and end."""

import gymnasium
import numpy as np
import pytest
import torch

from helpers import probes, replay
from helpers.replay import Step, Transitions


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def numbered(first: int, games: int, shape=()) -> Step:
    """Return a step in which every game's numbers are its own; the first game ends, the last is cut."""
    number = (first + torch.arange(games)).expand(*shape, games)
    ended = (torch.arange(games) == 0).expand(*shape, games)
    states = number.float().unsqueeze(-1)
    return Step(states, number, number.float(), states + 0.5, states * 0, ended, ended.flip(-1))


@pytest.mark.parametrize("shape", [(), (2,)])
@pytest.mark.parametrize(("capacity", "games", "steps"), [(7, 3, 5), (4, 4, 3), (10, 1, 4), (5, 2, 1)])
def test_the_ring_keeps_the_last_steps(shape, capacity, games, steps):
    axis = len(shape)
    ring, count = replay.empty_ring(numbered(0, games, shape).states, capacity, axis), 0
    for step in range(steps):
        count = replay.store(ring, count, numbered(games * step, games, shape), axis)
    assert count == games * steps
    kept = ring.actions.flatten(0, axis)[:capacity][: min(count, capacity)] if not shape else ring.actions[0][:count]
    assert sorted(kept.tolist()) == list(range(max(0, count - capacity), count))
    drawn = replay.draw(ring, count, 200, generator=seeded(), axis=axis)
    assert drawn.actions.shape == (*shape, 200) and drawn.states.shape == (*shape, 200, 1)
    assert set(drawn.actions.flatten().tolist()) == set(kept.tolist())
    assert torch.equal(drawn.next_states[..., 0], drawn.actions + 0.5) and torch.equal(
        drawn.rewards, drawn.actions.float()
    )
    assert torch.equal(drawn.ended, drawn.actions % games == 0)  # and no cut is one


def test_each_run_draws_by_itself_and_evenly():
    ring = replay.empty_ring(numbered(0, 5, (2,)).states, 8, 1)
    count = replay.store(ring, 0, numbered(0, 5, (2,)), 1)
    drawn = replay.draw(ring, count, 20_000, generator=seeded(), axis=1).actions
    assert not torch.equal(*drawn)
    for row in drawn:
        assert ((row.bincount() / 20_000 - 0.2).abs() < 0.015).all()  # five standard errors


def test_an_empty_ring_and_a_step_that_is_too_wide_are_refused():
    ring = replay.empty_ring(torch.zeros(3, 2), 4)
    with pytest.raises(ValueError, match="ring is empty"):
        replay.draw(ring, 0, 5, generator=seeded())
    with pytest.raises(ValueError, match="room for 4 steps, but 6"):
        replay.store(ring, 0, numbered(0, 6))


def test_games_start_anew_and_keep_what_was_true():
    world = probes.late_reward(4)
    games = replay.Games(world, (50,), generator=seeded())
    for number in range(1, 9):
        before = games.states
        step = games.step(torch.ones(50, dtype=torch.int64))
        assert torch.equal(step.states, before) and torch.equal(step.shown, games.states)
        assert torch.equal(step.next_states[:, 1], torch.full((50,), float((number - 1) % 4 + 1)))
        over = number % 4 == 0
        assert step.terminated.all() == over and not step.truncated.any()
        assert (games.states[:, 1] == 0).all() == over
        assert (games.returns == float(number >= 4)).all()


def test_a_cut_is_told_from_an_end():
    games = replay.Games(probes.early_end(), (40,), generator=seeded())
    actions = torch.arange(40) % 2
    for number in range(3):
        step = games.step(torch.where(torch.tensor(number == 2), actions, 1))
    assert torch.equal(step.terminated, actions == 0) and torch.equal(step.truncated, actions == 1)
    assert torch.equal(games.returns, torch.full((40,), 3.0))


class Counter(gymnasium.Env):
    """Counts steps; action 1 ends the episode, and it is cut after four."""

    observation_space = gymnasium.spaces.Box(0, 9, (1,), np.float32)
    action_space = gymnasium.spaces.Discrete(2, start=5)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return np.array([0.0], dtype=np.float32), {}

    def step(self, action):
        self.count += 1
        return np.array([self.count], dtype=np.float32), 1.0, action == 6, self.count == 4, {}


def test_steps_of_a_vector_environment_leave_resets_out():
    games = replay.VectorGames(gymnasium.vector.SyncVectorEnv([Counter] * 2), generator=seeded())
    assert games.num_actions == 2
    seen = [games.step(torch.tensor([0, int(number == 1)])) for number in range(6)]
    assert [len(step.actions) for step in seen] == [2, 2, 1, 2, 1, 2]
    first = torch.cat([step.states[:1, 0] for step in seen])
    assert first.tolist() == [0, 1, 2, 3, 1, 0]
    assert seen[3].next_states[0].item() == 4 and seen[3].truncated.tolist() == [True, False]
    assert seen[1].terminated.tolist() == [False, True] and seen[1].next_states[1].item() == 2
    assert games.returns.tolist() == [4.0, 2.0]
    with pytest.raises(ValueError, match="NEXT_STEP"):
        mode = gymnasium.vector.AutoresetMode.SAME_STEP
        replay.VectorGames(gymnasium.vector.SyncVectorEnv([Counter], autoreset_mode=mode), generator=seeded())


def test_transitions_have_the_names_that_a_ring_has():
    assert Transitions._fields == ("states", "actions", "rewards", "next_states", "ended")
