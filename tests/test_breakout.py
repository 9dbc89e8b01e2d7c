"""The tables play the rules: step by step against a plain game, all states against an enumeration, exact values."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.utils.env_checker import check_env

from helpers import breakout, planning, reinforce
from helpers.breakout import Board, BreakoutEnv, OnPixels
from helpers.networks import Network

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA"))]
MINATAR = (10, 10, 3)


class PlainGame:
    """One game in plain numbers, with a set of bricks."""

    def __init__(self, columns: int, rows: int, brick_rows: int, start_row: int, side: int):
        self.columns, self.rows = columns, rows
        self.bricks = {(x, y) for x in range(columns) for y in range(1, brick_rows + 1)}
        self.x, self.y, self.dx, self.dy = (0, columns - 1)[side], start_row, (1, -1)[side], 1
        self.trail, self.paddle = (self.x, self.y), (columns - 1) // 2

    def step(self, action: int) -> tuple[int, bool]:
        if action == 1 and self.paddle > 0:
            self.paddle -= 1
        if action == 2 and self.paddle < self.columns - 1:
            self.paddle += 1
        self.trail = self.x, self.y
        if self.x + self.dx in (-1, self.columns):
            self.dx = -self.dx
        if self.y + self.dy == -1:
            self.dy = -self.dy
        ahead = self.x + self.dx, self.y + self.dy
        reward, lost = 0, False
        if ahead in self.bricks:
            self.bricks.remove(ahead)
            reward, self.dy = 1, -self.dy
            self.x = ahead[0]
        elif ahead[1] == self.rows - 1 and self.paddle in (self.x, ahead[0]):
            self.dy = -self.dy
            if self.paddle != self.x:
                self.dx = -self.dx
            self.x = ahead[0]
        else:
            self.x, self.y = ahead
            lost = self.y == self.rows - 1
        return reward, lost or not self.bricks

    def planes(self) -> np.ndarray:
        planes = np.zeros((4, self.rows, self.columns), dtype=np.float32)
        planes[0, self.rows - 1, self.paddle] = planes[1, self.y, self.x] = planes[2, self.trail[1], self.trail[0]] = 1
        for x, y in self.bricks:
            planes[3, y, x] = 1
        return planes

    def key(self) -> tuple:
        return (self.x, self.y, self.dx, self.dy, self.trail, self.paddle, frozenset(self.bricks))


def random(seed: int = 0, device="cpu") -> torch.Generator:
    return torch.Generator(device).manual_seed(seed)


def careful(game: PlainGame, rng: np.random.Generator) -> int:
    """Run after the ball, most of the time."""
    if rng.random() < 0.2:
        return int(rng.integers(3))
    return int(1 + (game.x > game.paddle)) if game.x != game.paddle else 0


@pytest.fixture(scope="module")
def small() -> Board:
    return Board()


@pytest.fixture(scope="module")
def optimum(small) -> tuple[torch.Tensor, torch.Tensor]:
    return planning.optimal_values(small.table.mdp(0.97))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("size", [(5, 6, 2), (6, 7, 2), (3, 4, 1), (7, 5, 1), MINATAR], ids=str)
def test_every_step_is_that_of_a_plain_game(size, device):
    start_row = 3 if size == MINATAR else size[2] + 1
    board, rng, broken = Board(*size, start_row=start_row, device=device), np.random.default_rng(1), 0
    for episode in range(30):
        side = episode % 2
        game, states = PlainGame(*size, start_row, side), board.starts[side : side + 1]
        for _ in range(300):
            action = careful(game, rng)
            reward, over = game.step(action)
            actions = torch.tensor([action], device=device)
            after, rewards, ended = board.world.step(states, actions)
            assert (rewards.item(), ended.item()) == (reward, over)
            assert np.array_equal(board.pixels(after).cpu().numpy().reshape(game.planes().shape), game.planes())
            states, broken = after, broken + reward
            if over:
                break
    assert broken >= 30  # the ball came back from bricks, and often from the paddle


def test_a_batch_plays_as_each_game_alone(small):
    states = small.table.states[torch.randint(len(small.table.states), (4, 3, 5), generator=random())]
    actions = torch.randint(3, (4, 3, 5), generator=random(1))
    after, rewards, ended = small.world.step(states, actions)
    assert after.shape == (4, 3, 5, 2) and rewards.shape == ended.shape == (4, 3, 5)
    for place in ((0, 0, 0), (3, 2, 4), (1, 2, 3)):
        one = small.world.step(states[place], actions[place])
        assert all(torch.equal(part[place], alone) for part, alone in zip((after, rewards, ended), one, strict=True))
    assert small.pixels(states).shape == (4, 3, 5, small.num_pixels)
    assert torch.equal(small.pixels(states)[3, 2, 4], small.pixels(states[3, 2, 4]))


@pytest.mark.parametrize("shape", [(), (1,), (500,), (3, 40), (0, 2)])
def test_other_devices_take_the_same_steps_and_see_the_same(small, shape):
    """What runs there are tensors; here they run on the CPU, beside numpy, which the CPU has instead."""
    states = small.table.states[torch.randint(len(small.table.states), shape, generator=random())]
    actions = torch.randint(3, shape, generator=random(1))
    after, rewards, ended = small.world.step(states, actions)
    assert torch.equal(after, small._step_tensors(states, actions)) and after.dtype == torch.int64
    assert torch.equal(small.pixels(states), small._pixels_tensors(states))
    assert torch.equal(small.pixels(torch.stack(states.unbind(-1)).movedim(0, -1)), small.pixels(states))
    assert torch.equal(ended, small.ended(after)) and torch.equal(rewards, (states != after)[..., 1].float())
    before = small.table.states[:1].clone()
    small.pixels(before[0]).fill_(7.0)  # what was handed out is the caller's
    assert small.pixels(before).max() == 1


@pytest.mark.parametrize(("size", "count"), [((5, 6, 2), 2256), ((3, 5, 2), None), ((4, 5, 1), None)], ids=str)
def test_the_table_holds_what_play_can_reach(size, count):
    seen, todo = {}, []
    for side in (0, 1):
        todo.append((PlainGame(*size, size[2] + 1, side), ()))
        seen[todo[-1][0].key()] = ()
    while todo:
        game, _ = todo.pop()
        for action in range(3):
            ahead = PlainGame(*size, 1, 0)
            ahead.__dict__.update(vars(game) | {"bricks": set(game.bricks)})
            if not ahead.step(action)[1] and ahead.key() not in seen:
                seen[ahead.key()] = ()
                todo.append((ahead, ()))
    board = Board(*size)
    assert len(board.table.states) == len(seen) and count in (None, len(seen))
    assert not board.ended(board.table.states).any()
    assert torch.equal(board.table.rows(board.table.states), torch.arange(len(seen)))


def test_in_the_small_board_pixels_tell_every_state_apart(small):
    assert len(small.pixels(small.table.states).unique(dim=0)) == len(small.table.states)


def test_rows_of_the_table_follow_the_game(small):
    table = small.table
    for action in range(3):
        after, rewards, ended = small.world.step(table.states, torch.full((len(table.states),), action))
        assert torch.equal(table.rewards[:, action], rewards)
        assert torch.equal(table.next_rows[:, action] == len(table.states), ended)
        assert torch.equal(table.states[table.next_rows[~ended, action]], after[~ended])
    assert torch.equal(table.states[table.start_rows], small.starts)


def test_the_best_policy_breaks_all_bricks_and_its_score_is_what_play_gives(small, optimum):
    v_star, q_star = optimum
    greedy = q_star[:-1].argmax(-1)
    assert small.table.score(greedy) == small.num_bricks
    assert 0 < v_star[small.table.start_rows].min() < small.num_bricks
    policies = torch.where(torch.rand(6, len(greedy), generator=random()) < 0.1, 1, greedy)
    scores = small.table.score(policies)
    assert scores.shape == (6,) and len(scores.unique()) > 2

    class Played(torch.nn.Module):
        def forward(self, states):
            return torch.nn.functional.one_hot(policies[0][small.table.rows(states)], 3).float()

    run = reinforce.run_episodes(small.world, Played(), 200, generator=random(), greedy=True)
    sides = run.states[:, 0, 0]
    played = [(run.rewards * run.mask).sum(1)[sides == side] for side in (0, 1)]
    assert all(len(part.unique()) == 1 for part in played)  # nothing else is random
    assert scores[0] == (played[0][0] + played[1][0]) / 2


def test_a_policy_that_sends_the_ball_in_circles_is_cut(small):
    always = Board(max_steps=1)
    assert always.table.score(torch.zeros(len(always.table.states), dtype=torch.int64)) == 0
    assert small.world.max_steps == 200


def test_reset_draws_both_sides_and_follows_the_generator(small):
    states = small.reset((4000,), generator=random(3))
    assert torch.equal(states, small.reset((4000,), generator=random(3)))
    assert 0.45 < (states[:, 0] == 0).double().mean() < 0.55
    assert small.reset((), generator=random()).shape == (2,)


def test_networks_see_pixels_and_learn_by_what_the_course_has():
    small = Board(max_steps=16)
    policy = OnPixels(small, Network((3,), small.num_pixels, 8, 3, generator=random()))
    assert policy.shape == (3,)
    history = reinforce.train(small.world, policy, reinforce.Recipe(episodes=5), updates=2, generator=random(1))
    assert history.shape == (2, 3) and history.isfinite().all()


def test_the_gymnasium_face_is_a_good_one():
    env = BreakoutEnv(render_mode="rgb_array")
    check_env(env, skip_render_check=True)
    observation, _ = env.reset(seed=1)
    assert observation.shape == (4, 6, 5) and observation.dtype == np.float32
    game, total = PlainGame(5, 6, 2, 3, int(observation[1, 3, 4])), 0
    rng, over = np.random.default_rng(0), False
    while not over:
        action = careful(game, rng)
        reward, ended = game.step(action)
        observation, paid, over, cut, _ = env.step(action)
        assert (paid, over, cut) == (reward, ended, False) and np.array_equal(observation, game.planes())
        total += reward
    assert env.render().shape == (6 * 16, 5 * 16, 3) and total > 0
    sides = {env.reset(seed=seed)[0][1, 3, 0] for seed in range(20)}
    assert sides == {0.0, 1.0}


def test_the_face_cuts_and_a_vector_of_them_plays():
    env = BreakoutEnv(Board(max_steps=3))
    env.reset(seed=0)
    assert [env.step(0)[3] for _ in range(3)] == [False, False, True]
    envs = gymnasium.vector.SyncVectorEnv([BreakoutEnv] * 3)
    flat = gymnasium.wrappers.vector.FlattenObservation(envs)
    policy = Network((), 120, 4, 3, generator=random())
    run = reinforce.run_episodes(flat, policy, 3, generator=random())
    assert run.states.shape[0] == 3 and run.states.shape[2] == 120 and run.mask.any(1).all()


def test_pictures_show_paddle_ball_trail_and_bricks(small):
    picture = small.frames(small.starts)[0]
    middle = {name: picture[y * 16 + 8, x * 16 + 8] for name, (x, y) in {"paddle": (2, 5), "ball": (0, 3)}.items()}
    assert all(tuple(colour) == breakout.PAINT[name] for name, colour in middle.items())
    assert [tuple(picture[y * 16 + 8, 40]) == breakout.PAINT["bricks"] for y in range(6)] == [0, 1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda board: Board(2, 6), "at least 3 columns"),
        (lambda board: Board(5, 4, 2), "no room"),
        (lambda board: Board(5, 6, 2, start_row=5), "ball in row 5"),
        (lambda board: Board(16, 9, 4), "at most 62 bricks, but this one has 64"),
        (lambda board: Board(*MINATAR).table, "too many states for a table"),
        (lambda board: board.step(board.starts, torch.zeros(3, dtype=torch.int64)), "for each of them an action"),
        (lambda board: board.step(board.starts, torch.zeros(2)), "must be int64"),
        (lambda board: board.step(board.starts.float(), torch.zeros(2, dtype=torch.int64)), "must be int64"),
        (lambda board: board.table.score(torch.zeros(7, dtype=torch.int64)), "an action for each of 2256 states"),
        (lambda board: board.frames(board.starts[0]), "one sequence of states"),
        (lambda board: BreakoutEnv(render_mode="human"), "render_mode must be"),
        (lambda board: BreakoutEnv(board).step(0), "call reset first"),
        (lambda board: BreakoutEnv(board, "rgb_array").render(), "call reset first"),
    ],
)
def test_bad_input_gets_one_sentence(small, call, part):
    with pytest.raises(ValueError, match=part) as raised:
        call(small)
    assert str(raised.value).endswith(".")


def test_an_action_that_is_none_is_refused_by_the_face(small):
    env = BreakoutEnv(small)
    env.reset(seed=0)
    for action in (3, -1, 0.5):
        with pytest.raises(ValueError, match="An action is 0, 1 or 2"):
            env.step(action)
