"""How many steps a second does Breakout make, against MinAtar's and against plain numpy?

Every method plays the same random actions on MinAtar's board, 10 × 10 cells with three rows of bricks, says at each
step what there is to see and what it pays, and starts over what has ended. `tensors` is `breakout.Board`, `face` its
gymnasium.Env, one object a game. `numpy` is a game written out for whole arrays, rule by rule, as one would write it
without tables. MinAtar (Young and Tian, 2019) has one Python object a game, here without sticky actions; its rules
differ a little (see `breakout.Board`), so the lengths of first episodes are printed and need not be equal.

MinAtar is timed where it is installed (`pip install minatar`); the course does not need it.
"""

import importlib.util
import logging
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np
import torch
from timing import arguments, compare, in_turn, write

from helpers import breakout

SIZE = (10, 10, 3)
STEPS = {1: 2000, 64: 1000, 1024: 200}  # by the number of boards


def tensors(board: breakout.Board, actions: torch.Tensor) -> float:
    """Play actions (T, N); return the mean length of the first episodes that ended."""
    fresh, over = board.reset(actions.shape, generator=torch.Generator().manual_seed(1)), []
    states = fresh[0]
    with torch.inference_mode():
        for now, start in zip(actions, fresh, strict=True):
            after, _, ended = board.world.step(states, now)
            board.pixels(after)
            over.append(ended)
            states = torch.where(ended.unsqueeze(-1), start, after)
    return _first(torch.stack(over).numpy())


def face(envs: list, actions: np.ndarray) -> float:
    """Play actions (T, N) with one object a game, as gymnasium has it."""
    for seed, env in enumerate(envs):
        env.reset(seed=seed)
    over = np.empty(actions.shape, dtype=bool)
    for now, end in zip(actions, over, strict=True):
        for place, env in enumerate(envs):
            _, _, end[place], _, _ = env.step(now[place])
            if end[place]:
                env.reset()
    return _first(over)


def minatar(envs: list, actions: np.ndarray) -> float:
    """Play actions (T, N) with MinAtar; its left is 1 and its right 3."""
    for env in envs:
        env.reset()
    over = np.empty(actions.shape, dtype=bool)
    moves = np.array([0, 1, 3])[actions].tolist()
    for now, end in zip(moves, over, strict=True):
        for place, env in enumerate(envs):
            _, end[place] = env.act(now[place])
            env.state()
            if end[place]:
                env.reset()
    return _first(over)


def arrays(actions: np.ndarray) -> float:
    """Play actions (T, N) on arrays, rule by rule."""
    columns, rows, brick_rows = SIZE
    count, rng = actions.shape[1], np.random.default_rng(1)
    game = np.arange(count)
    x, y, dx, dy, paddle = (np.empty(count, dtype=np.int64) for _ in range(5))
    bricks = np.empty((count, rows, columns), dtype=bool)

    def start(fresh: np.ndarray) -> None:
        side = rng.integers(2, size=len(fresh))
        x[fresh], y[fresh], dx[fresh], dy[fresh] = side * (columns - 1), brick_rows + 1, 1 - 2 * side, 1
        paddle[fresh] = (columns - 1) // 2
        bricks[fresh] = False
        bricks[fresh, 1 : brick_rows + 1] = True

    start(game)
    over = np.empty(actions.shape, dtype=bool)
    for now, end in zip(actions, over, strict=True):
        paddle = np.clip(paddle + np.array([0, -1, 1])[now], 0, columns - 1)
        old_x, old_y = x, y
        dx = np.where((x + dx < 0) | (x + dx >= columns), -dx, dx)
        dy = np.where(y + dy < 0, -dy, dy)
        x, to = x + dx, y + dy
        hit = bricks[game, to, x]
        bricks[game[hit], to[hit], x[hit]] = False
        at_paddle = (to == rows - 1) & ((paddle == old_x) | (paddle == x))
        back = hit | at_paddle
        dx = np.where(at_paddle & (paddle != old_x), -dx, dx)
        dy = np.where(back, -dy, dy)
        y = np.where(back, y, to)
        planes = np.zeros((count, 4, rows, columns), dtype=np.float32)
        planes[game, 0, rows - 1, paddle] = planes[game, 1, y, x] = planes[game, 2, old_y, old_x] = 1
        planes[:, 3] = bricks
        end[:] = (y == rows - 1) | ~bricks.any((1, 2))
        if end.any():
            start(np.flatnonzero(end))
    return _first(over)


def _first(over: np.ndarray) -> float:
    """Return the mean length of first episodes, of at most the steps that were played."""
    return float(np.where(over.any(0), over.argmax(0) + 1, len(over)).mean())


def methods(board: breakout.Board, count: int, steps: int) -> dict[str, Callable]:
    """Return functions that play the same actions in each way."""
    actions = torch.randint(3, (steps, count), generator=torch.Generator().manual_seed(0))
    result = {"tensors": partial(tensors, board, actions), "numpy": partial(arrays, actions.numpy())}
    if count <= 64:
        result["face"] = partial(face, [breakout.BreakoutEnv(board) for _ in range(count)], actions.numpy())
    if importlib.util.find_spec("minatar"):
        logging.disable()  # it warns that it cannot draw without seaborn
        from minatar import Environment

        games = [Environment("breakout", sticky_action_prob=0.0) for _ in range(count)]
        result["MinAtar"] = partial(minatar, games, actions.numpy())
    return result


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    repeats, share = (1, 20) if options.quick else (7, 1)
    torch.set_num_threads(1)
    board, ratios = breakout.Board(*SIZE), {}
    print(f"Random actions, pixels at each step, one thread, {repeats} rounds in turn.")
    for count, steps in STEPS.items():
        steps //= share
        seconds, lengths = in_turn(methods(board, count, steps), repeats)
        print(f"\n{count:,} boards, {steps} steps")
        ratios |= compare(seconds, "tensors", f"Breakout × {count}")
        rates = (f"{name} {count * steps / median(times):,.0f}" for name, times in seconds.items())
        print(f"Steps a second: {', '.join(rates)}")
        print("First episodes: " + ", ".join(f"{name} {found[-1]:.1f} steps" for name, found in lengths.items()))
    write(ratios, options.json)


if __name__ == "__main__":
    main()
