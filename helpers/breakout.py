"""Breakout on small boards, for whole batches on any device: pixels, exact values, pictures, and gymnasium's face.

The rules are written once, for one ball in `_rules`. A `Board` tries them on every place of ball and paddle and keeps
what comes of it in tables, so that a step is a handful of look-ups, however many games are played at once. A state is
(..., 2): a number that stands for the ball and the paddle, and the bricks that are left, one bit each.
"""

import functools
from dataclasses import dataclass

import gymnasium
import numpy as np
import torch
from torch import Tensor, nn

from helpers import mdps
from helpers.rollouts import World

ACTIONS = ("stay", "left", "right")
PLANES = ("paddle", "ball", "trail", "bricks")
CELL = 16  # pixels of a picture for one cell
PAINT = {"paddle": (0, 114, 178), "ball": (0, 0, 0), "trail": (190, 190, 190), "bricks": (213, 94, 0)}
MOST_BRICKS = 62  # bits of an int64
LARGEST_TABLE = 2**28  # places times sets of bricks that a table looks at, a byte each

# Ball and paddle: column, row, horizontal and vertical direction, the ball's last column and row, and the paddle.
Place = tuple[int, int, int, int, int, int, int]


class Board:
    """A game of Breakout: the tables of its rules, and everything that is done with states.

    The ball moves diagonally, one cell a step. Sides, ceiling and bricks turn it round; a brick that it meets breaks
    and pays 1. The paddle sends it back up, or, met at its edge, back to where it came from, so aiming is possible. The
    game ends when the ball gets past the paddle, and when the last brick is gone. Only the start is random: the ball
    comes from the left or the right wall, below the bricks.

    Args:
        columns, rows: size of the board, at least 3 columns.
        brick_rows: rows of bricks, below an empty one.
        start_row: row in which the ball starts; by default the one below the bricks.
        max_steps: an episode is cut after so many steps; by default 20 for each brick.
        device: where tables and states are.

    Raises:
        ValueError: if the board has no room for bricks, ball and paddle, or more than 62 bricks.

    After MinAtar, Young and Tian (2019). There the ball waits a step at sides and ceiling, passes a brick after it
    broke one, starts between bricks, and bricks grow again when all are gone.
    """

    num_actions = len(ACTIONS)

    def __init__(
        self,
        columns: int = 5,
        rows: int = 6,
        brick_rows: int = 2,
        *,
        start_row: int | None = None,
        max_steps: int | None = None,
        device: torch.device | str = "cpu",
    ):
        start_row = brick_rows + 1 if start_row is None else start_row
        if columns < 3 or brick_rows < 1 or rows < brick_rows + 3 or not 1 <= start_row <= rows - 2:
            raise ValueError(
                f"{columns} × {rows} cells with {brick_rows} rows of bricks and the ball in row {start_row} leave no "
                "room: take at least 3 columns, 1 row of bricks, 3 rows more than that, and a row above the paddle's."
            )
        self.columns, self.rows, self.brick_rows = columns, rows, brick_rows
        self.num_bricks = columns * brick_rows
        if self.num_bricks > MOST_BRICKS:
            raise ValueError(f"A board has at most {MOST_BRICKS} bricks, but this one has {self.num_bricks}.")
        self.max_steps = 20 * self.num_bricks if max_steps is None else max_steps
        self.device = torch.device(device)
        paddle, last = (columns - 1) // 2, columns - 1
        starts = [(0, start_row, 1, 1, 0, start_row, paddle)]
        starts.append((last, start_row, -1, 1, last, start_row, paddle))
        self._compile(starts)
        self.all_bricks = 2**self.num_bricks - 1
        self.starts = torch.tensor([[code, self.all_bricks] for code in (0, 1)], device=self.device)
        self.world = World(self.reset, self.step, self.outcome, self.num_actions, self.max_steps)

    def _compile(self, starts: list[Place]) -> None:
        """Try the rules on every place that can be reached, whatever the bricks are, and number the places.

        Lost balls have the last numbers. Entry 3 c + a of `_bit` has the brick that the ball at place c meets after
        action a, as a bit, and entry 2 (3 c + a) + h of `_next` the place that follows, h being whether it is there.
        """
        places, bits, follows = {place: code for code, place in enumerate(starts)}, [], []
        for place in (todo := list(starts)):
            for action in range(self.num_actions):
                brick, *after = _rules(self, place, action)
                bits.append(1 << brick if brick >= 0 else 0)
                follows.append(after)
                for new in after:
                    if new not in places:
                        places[new] = len(places)
                        todo.append(new)
        lost = [place[1] == self.rows - 1 for place in places]
        order = np.argsort(lost, kind="stable")  # the starts stay first
        code = np.argsort(order)
        self._bit = torch.from_numpy(np.array(bits).reshape(len(places), -1)[order].flatten()).to(self.device)
        after = np.array([[code[places[new]] for new in pair] for pair in follows])
        self._next = torch.from_numpy(after.reshape(len(places), -1)[order].flatten()).to(self.device)
        self.first_lost = len(places) - sum(lost)
        planes = np.zeros((len(places), len(PLANES), self.rows, self.columns), dtype=np.float32)
        for place, old in places.items():
            column, row, _, _, last_column, last_row, paddle = place
            planes[code[old], 0, self.rows - 1, paddle] = 1
            planes[code[old], 1, row, column] = 1
            planes[code[old], 2, last_row, last_column] = 1
        self._planes = torch.from_numpy(planes).flatten(1).to(self.device)
        first = (3 * self.rows + 1) * self.columns  # the row under the ceiling, in the last plane
        self.bricks_at = slice(first, first + self.num_bricks)
        self._bits = 2 ** torch.arange(self.num_bricks, device=self.device)
        # the rules as numpy arrays: bricks that are met, places that follow, pixels, and the bricks' bits
        self.arrays = tuple(table.cpu().numpy() for table in (self._bit, self._next, self._planes, self._bits))

    @property
    def num_pixels(self) -> int:
        """Number of entries of `pixels`: four planes of the board's cells."""
        return len(PLANES) * self.rows * self.columns

    def reset(self, shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
        """Draw initial states, int64 (*shape, 2): the ball starts at the left or at the right wall."""
        side = torch.randint(2, shape, generator=generator, device=generator.device)
        return self.starts[side]

    def step(self, states: Tensor, actions: Tensor) -> Tensor:
        """Play one step everywhere: the next states.

        A lost ball stays where it is. Nobody looks for actions outside 0, 1, 2, since a look would wait for the device.

        Args:
            states: int64, shape (..., 2).
            actions: 0 stays, 1 goes left, 2 goes right, int64, shape (...).

        Raises:
            ValueError: if the shapes or dtypes do not fit.
        """
        if states.shape != (*actions.shape, 2):
            raise ValueError(
                "There must be states of shape (..., 2) and for each of them an action (...), but the shapes are "
                f"{tuple(states.shape)} and {tuple(actions.shape)}."
            )
        if states.dtype != torch.int64 or actions.dtype != torch.int64:
            raise ValueError(f"States and actions must be int64, but they are {states.dtype} and {actions.dtype}.")
        if states.device.type == "cpu":
            return self._step_numpy(states.numpy(), actions.numpy())
        return self._step_tensors(states, actions)

    def _step_numpy(self, states: np.ndarray, actions: np.ndarray) -> Tensor:
        """Do it with numpy: at the few numbers of a batch of games its calls cost a third of torch's."""
        bit, follows, _, _ = self.arrays
        bricks = states[..., 1]
        choice = states[..., 0] * self.num_actions + actions
        brick = bricks & bit[choice]
        after = np.empty(states.shape, dtype=np.int64)
        after[..., 0] = follows[2 * choice + (brick != 0)]
        after[..., 1] = bricks ^ brick
        return torch.from_numpy(after)

    def _step_tensors(self, states: Tensor, actions: Tensor) -> Tensor:
        place, bricks = states.unbind(-1)
        choice = torch.add(actions, place, alpha=self.num_actions)
        brick = bricks & self._bit.take(choice)
        place = self._next.take(torch.add(brick.ne(0), choice, alpha=2))
        return torch.stack([place, bricks ^ brick], -1)

    def outcome(self, states: Tensor, actions: Tensor, next_states: Tensor) -> tuple[Tensor, Tensor]:
        """Return the rewards, 1 for a brick that broke, float32, and whether the game ended; each of shape (...)."""
        if states.device.type == "cpu":
            before, after = states.numpy(), next_states.numpy()
            ended = (after[..., 0] >= self.first_lost) | (after[..., 1] == 0)
            rewards = np.asarray(before[..., 1] != after[..., 1], dtype=np.float32)
            return torch.from_numpy(rewards), torch.from_numpy(np.asarray(ended))
        broke = states[..., 1] != next_states[..., 1]
        return broke.float(), self.ended(next_states)

    def ended(self, states: Tensor) -> Tensor:
        """Tell whether the ball is lost or no brick is left, bool (...)."""
        return (states[..., 0] >= self.first_lost) | (states[..., 1] == 0)

    def pixels(self, states: Tensor) -> Tensor:
        """Return what there is to see, float32 (..., 4 · rows · columns): planes of paddle, ball, trail and bricks.

        The trail is where the ball was a step ago; from it and the ball one sees where the ball is heading.
        """
        if states.device.type == "cpu":
            seen = self.arrays[2].take(states.numpy()[..., 0], axis=0)
            in_bytes = states.numpy()[..., 1, None].astype("<i8", "C").view(np.uint8)  # the lowest bits come first
            seen[..., self.bricks_at] = np.unpackbits(in_bytes, -1, self.num_bricks, bitorder="little")
            return torch.from_numpy(seen)
        return self._pixels_tensors(states)

    def _pixels_tensors(self, states: Tensor) -> Tensor:
        place, bricks = states.unbind(-1)
        pixels = self._planes.index_select(0, place.reshape(-1)).view(*place.shape, self.num_pixels)
        pixels[..., self.bricks_at] = bricks.unsqueeze(-1).bitwise_and(self._bits).ne(0)
        return pixels

    def frames(self, states: Tensor) -> list[np.ndarray]:
        """Draw a sequence of states (T, 2) as RGB pictures, uint8 of shape (16 · rows, 16 · columns, 3).

        Raises:
            ValueError: if `states` has another shape.
        """
        if states.dim() != 2 or states.shape[1] != 2:
            raise ValueError(
                f"frames draws one sequence of states, shape (T, 2), but the shape is {tuple(states.shape)}."
            )
        planes = self.pixels(states).view(-1, len(PLANES), self.rows, self.columns).cpu().numpy() > 0
        pictures = np.full((len(states), self.rows, self.columns, 3), 255, dtype=np.uint8)
        for name in ("bricks", "trail", "paddle", "ball"):
            pictures[planes[:, PLANES.index(name)]] = PAINT[name]
        pictures = pictures.repeat(CELL, 1).repeat(CELL, 2)
        pictures[:, ::CELL] = pictures[:, :, ::CELL] = 255  # lines between the cells
        return list(pictures)

    @functools.cached_property
    def table(self) -> "StateTable":
        """All states that some play reaches, with what planning needs; made when first asked for.

        Raises:
            ValueError: if there are too many places and sets of bricks to look at.
        """
        size = len(self._planes) * (self.all_bricks + 1)
        if size > LARGEST_TABLE:
            raise ValueError(f"A board of {self.num_bricks} bricks has too many states for a table: take fewer bricks.")
        known, frontier = torch.zeros(size, dtype=torch.bool, device=self.device), self.starts
        while len(frontier):
            known[self.keys(frontier)] = True
            actions = torch.arange(self.num_actions, device=self.device).repeat(len(frontier))
            ahead = self.step(frontier.repeat_interleave(self.num_actions, 0), actions)
            ahead = self.keys(ahead[~self.ended(ahead)])
            frontier = self._states(ahead[~known[ahead]].unique())
        return StateTable(self, self._states(known.nonzero()[:, 0]))

    def keys(self, states: Tensor) -> Tensor:
        """Return one number for each state (..., 2), int64 (...), by which a table is sorted."""
        return states[..., 0] * (self.all_bricks + 1) + states[..., 1]

    def _states(self, keys: Tensor) -> Tensor:
        return torch.stack([keys // (self.all_bricks + 1), keys % (self.all_bricks + 1)], -1)


@dataclass(frozen=True, eq=False)
class StateTable:
    """Every state in which there is something to decide, as rows that `planning` can work with.

    Attributes:
        board: whose states they are.
        states: int64 (S, 2), in which no game has ended.
    """

    board: Board
    states: Tensor

    @functools.cached_property
    def next_rows(self) -> Tensor:
        """The row that follows each action, int64 (S, 3); S where the game has ended."""
        after = self._after
        return torch.where(self.board.ended(after), len(self.states), self.rows(after))

    @functools.cached_property
    def rewards(self) -> Tensor:
        """What each action pays, float32 (S, 3)."""
        return (self._after[..., 1] != self.states[:, None, 1]).float()

    @functools.cached_property
    def _after(self) -> Tensor:
        actions = torch.arange(self.board.num_actions, device=self.board.device).expand(len(self.states), -1)
        return self.board.step(self.states.unsqueeze(1).expand(*actions.shape, 2), actions)

    def rows(self, states: Tensor) -> Tensor:
        """Return the rows of states (..., 2), int64 (...); of one that is not in the table a row of another."""
        found = torch.searchsorted(self.board.keys(self.states), self.board.keys(states))
        return found.clamp(max=len(self.states) - 1)

    @functools.cached_property
    def start_rows(self) -> Tensor:
        """The rows of the two starts, each as likely as the other, int64 (2,)."""
        return self.rows(self.board.starts)

    def mdp(self, gamma: float) -> mdps.MDP:
        """Return the game as a finite MDP of S + 1 states, the last of which is the end, on the CPU."""
        count = len(self.states)
        ends = torch.full((1, self.board.num_actions), count)
        next_states = torch.cat([self.next_rows.cpu(), ends]).unsqueeze(-1)
        rewards = torch.cat([self.rewards.cpu(), torch.zeros_like(ends)]).double().unsqueeze(-1)
        initial = torch.zeros(count + 1, dtype=torch.float64)
        initial[self.start_rows.cpu()] = 0.5
        terminal = torch.arange(count + 1) == count
        return mdps.MDP(next_states, torch.ones_like(rewards), rewards, initial, terminal, gamma)

    def score(self, actions: Tensor) -> Tensor:
        """Compute the exact number of bricks that a deterministic policy breaks on average, cut at `max_steps`.

        Args:
            actions: the action in each state, int64 (..., S).

        Returns:
            The mean over the two starts, shape (...).

        Raises:
            ValueError: if there is not one action for each state.
        """
        if actions.shape[-1:] != (len(self.states),):
            raise ValueError(
                f"A policy here has an action for each of {len(self.states)} states, shape (..., {len(self.states)}), "
                f"but the shape is {tuple(actions.shape)}."
            )
        places = self.next_rows.expand(*actions.shape, -1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
        pays = self.rewards.expand(*actions.shape, -1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
        places = nn.functional.pad(places, (0, 1), value=len(self.states))
        pays = nn.functional.pad(pays, (0, 1))
        row, total = self.start_rows.expand(*actions.shape[:-1], -1), 0.0
        for _ in range(self.board.max_steps):
            total = total + pays.gather(-1, row)
            row = places.gather(-1, row)
        return total.mean(-1)


class OnPixels(nn.Module):
    """A network that sees the board: states (..., 2) to pixels to what the network makes of them.

    Args:
        board: whose states it gets.
        network: from pixels (..., N, 4 · rows · columns) to (..., N, K); its leading dimensions are kept.
    """

    def __init__(self, board: Board, network: nn.Module):
        super().__init__()
        self.board, self.network, self.shape = board, network, getattr(network, "shape", ())

    def forward(self, states: Tensor) -> Tensor:
        """Map states (..., N, 2) to (..., N, K)."""
        return self.network(self.board.pixels(states))


class BreakoutEnv(gymnasium.Env):
    """One game as gymnasium has it: pixels out, float32 of shape (4, rows, columns), and an action in.

    Args:
        board: the game; by default 5 × 6 cells with 10 bricks.
        render_mode: "rgb_array" if `render` will be called.

    Raises:
        ValueError: if there is no such render mode.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 6}

    def __init__(self, board: Board | None = None, render_mode: str | None = None):
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f'render_mode must be None or "rgb_array", but it is {render_mode!r}.')
        self.board, self.render_mode = board or Board(), render_mode
        shape = (len(PLANES), self.board.rows, self.board.columns)
        self.observation_space = gymnasium.spaces.Box(0.0, 1.0, shape, np.float32)
        self.action_space = gymnasium.spaces.Discrete(self.board.num_actions)
        bit, follows, self._planes, self._bits = self.board.arrays
        self._bit, self._next = bit.tolist(), follows.tolist()  # of one game plain numbers are quickest
        self._state = None

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple[np.ndarray, dict]:
        """Start a new game; the seed says on which side."""
        super().reset(seed=seed)
        self._state, self._steps = self.board.starts[int(self.np_random.integers(2))].tolist(), 0
        return self._observation(), {}

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        """Take one step: what there is to see, the reward, whether the game ended, whether it was cut, and {}.

        Raises:
            ValueError: if there is no game going on, or no such action.
        """
        if self._state is None:
            raise ValueError("There is no game going on: call reset first.")
        action = action.item() if isinstance(action, Tensor) and action.numel() == 1 else action
        if not self.action_space.contains(action):
            raise ValueError(f"An action is 0, 1 or 2 ({', '.join(ACTIONS)}), but it is {action!r}.")
        place, bricks = self._state
        choice = self.board.num_actions * place + int(action)
        brick = bricks & self._bit[choice]
        place, bricks = self._next[2 * choice + (brick > 0)], bricks ^ brick
        self._state, self._steps = [place, bricks], self._steps + 1
        ended = place >= self.board.first_lost or not bricks
        return self._observation(), float(brick > 0), ended, self._steps >= self.board.max_steps, {}

    def render(self) -> np.ndarray:
        """Return a picture of the board, as `Board.frames` draws it.

        Raises:
            ValueError: if the render mode is not "rgb_array", or there is no game yet.
        """
        if self.render_mode is None:
            raise ValueError('Nothing is drawn without render_mode="rgb_array".')
        if self._state is None:
            raise ValueError("There is no game going on: call reset first.")
        return self.board.frames(torch.tensor([self._state], device=self.board.device))[0]

    def _observation(self) -> np.ndarray:
        seen = self._planes[self._state[0]].copy()
        seen[self.board.bricks_at] = (self._bits & self._state[1]) != 0
        return seen.reshape(self.observation_space.shape)


def _rules(board: Board, place: Place, action: int) -> tuple[int, Place, Place]:
    """Play one step of one ball.

    Returns:
        The number of the brick that the ball may meet, −1 for none, and the place that follows where no brick is there
        and where one is.
    """
    column, row, right, down, _, _, paddle = place
    if row == board.rows - 1:  # a lost ball stays
        return -1, place, place
    paddle = min(max(paddle + (0, -1, 1)[action], 0), board.columns - 1)
    if not 0 <= column + right < board.columns:
        right = -right
    if row + down < 0:
        down = -down
    to_column, to_row, came = column + right, row + down, (column, row, paddle)
    free = (to_column, to_row, right, down, *came)
    back = (to_column, row, right, -down, *came)
    if 1 <= to_row <= board.brick_rows:
        return (to_row - 1) * board.columns + to_column, free, back
    if to_row == board.rows - 1 and paddle == column:
        free = back
    elif to_row == board.rows - 1 and paddle == to_column:
        free = (to_column, row, -right, -down, *came)
    return -1, free, free
