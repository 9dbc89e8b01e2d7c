"""Tic-tac-toe and Connect-k on any board: functions of whole batches, and all their positions with exact values.

A state is (..., 2): the stones of the player to move, and those of the other, each an int64 with one bit a cell, in
reading order. Moves alternate; the first player's stones are shown as X. Work follows the device of the game.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers import given

SMALL = 16  # cells up to which the rules are tables
MOST_CELLS = 62  # bits of an int64
MOST_POSITIONS = 2_000_000


@dataclass(frozen=True)
class Game:
    """Two players set stones in turn; who first has `in_a_row` of them in a line has won.

    Attributes:
        rows, columns: size of the board.
        in_a_row: stones in a line that win: along rows, columns and both diagonals.
        drop: a move names a column, and the stone falls to its lowest empty cell; otherwise it names a cell.
        device: where states are.

    Raises:
        ValueError: if the board has more than 62 cells, or no line fits on it.
    """

    rows: int = 3
    columns: int = 3
    in_a_row: int = 3
    drop: bool = False
    device: torch.device | str = "cpu"

    def __post_init__(self):
        if min(self.rows, self.columns, self.in_a_row) < 1 or self.in_a_row > max(self.rows, self.columns):
            raise ValueError(
                f"{self.in_a_row} in a row do not fit on {self.rows} × {self.columns} cells: take a longer side, or "
                "fewer in a row."
            )
        if self.cells > MOST_CELLS:
            raise ValueError(f"A board has at most {MOST_CELLS} cells, but {self.rows} × {self.columns} are more.")

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.rows * self.columns

    @property
    def num_actions(self) -> int:
        """Number of moves, legal or not: one for each column, or for each cell."""
        return self.columns if self.drop else self.cells

    def start(self, shape: tuple[int, ...] = ()) -> Tensor:
        """Return empty boards, int64 (*shape, 2)."""
        return torch.zeros(*shape, 2, dtype=torch.int64, device=self.device)

    def legal(self, states: Tensor) -> Tensor:
        """Tell which moves are legal, bool (..., A); none is when the game is over."""
        return (self._fills(states.sum(-1)) != 0) & ~self.over(states).unsqueeze(-1)

    def over(self, states: Tensor) -> Tensor:
        """Tell whether somebody has won or no cell is empty, bool (...)."""
        return self._has_line(states[..., 1]) | (states.sum(-1) == 2**self.cells - 1)

    def results(self, states: Tensor) -> Tensor:
        """Return what is reached for the player to move: −1 where the other has a line and otherwise 0, float32 (...).

        Who moves has no line himself: the game would have been over a move before.
        """
        return 0 - self._has_line(states[..., 1]).float()

    def movers(self, states: Tensor) -> Tensor:
        """Return who moves, 0 for the first player and 1 for the second, int64 (...)."""
        return (states.sum(-1).unsqueeze(-1) & self._bits).ne(0).sum(-1) % 2

    def step(self, states: Tensor, actions: Tensor) -> Tensor:
        """Make a move on every board: the next states (..., 2), seen by who moves then. What is over stays as it is.

        Args:
            states: int64, shape (..., 2).
            actions: a legal move on each that is not over, int64 (...).

        Raises:
            ValueError: if a move is illegal.
        """
        inside, over = (actions >= 0) & (actions < self.num_actions), self.over(states)
        legal = inside & self.legal(states).gather(-1, actions.where(inside, 0).unsqueeze(-1)).squeeze(-1)
        if not (legal | over).all():
            place = int((~(legal | over)).flatten().nonzero()[0])
            action, state = int(actions.flatten()[place]), states.reshape(-1, 2)[place]
            why = f"there are moves 0 to {self.num_actions - 1}"
            if 0 <= action < self.num_actions:
                why = f"{'that column is full' if self.drop else 'that cell is taken'} on {self.text(state)!r}"
            raise ValueError(f"Move {action} on board {place} is illegal: {why}. Choose where legal(states) is true.")
        return torch.where(over.unsqueeze(-1), states, self.advance(states, actions.where(~over, 0)))

    def advance(self, states: Tensor, actions: Tensor) -> Tensor:
        """Move without a look at what is legal, or over."""
        own, other = states.unbind(-1)
        stone = self._fills(own + other).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
        return torch.stack([other, own | stone], -1)

    def planes(self, states: Tensor) -> Tensor:
        """Return where the stones are, float32 (..., 2 · cells): those of who moves, then those of the other."""
        return (states.unsqueeze(-1) & self._bits).ne(0).flatten(-2).float()

    @functools.cached_property
    def symmetries(self) -> tuple[Tensor, Tensor]:
        """Which cell, and which move, comes to each place when the board is turned or mirrored: (S, cells), (S, A).

        A square board without gravity has eight, another one four, and one with gravity two; the first moves nothing.
        """
        grid, seen = torch.arange(self.cells, device=self.device).view(self.rows, self.columns), []
        for turns in (0,) if self.drop else range(4) if self.rows == self.columns else (0, 2):
            turned = grid.rot90(turns)
            seen += [turned, turned.flip(1)]
        cells = torch.stack(seen).flatten(1)
        return cells, torch.stack([one[0] for one in seen]) if self.drop else cells

    def text(self, state: Tensor) -> str:
        """Write one state (2,) as rows such as "XO. / .X. / ..O"."""
        marks = ["O", "X"] if self.movers(state) else ["X", "O"]
        own, other = self.planes(state).view(2, -1).bool().tolist()
        cells = [marks[0] if one else marks[1] if two else "." for one, two in zip(own, other, strict=True)]
        return " / ".join("".join(cells[place : place + self.columns]) for place in range(0, self.cells, self.columns))

    def read(self, text: str) -> Tensor:
        """Return the state (2,) that `text` wrote; blanks, line ends and "/" separate nothing.

        Raises:
            ValueError: if no game leads to it: a wrong size or mark, a stone too many, both sides winning, a move after
                the end, or a stone in the air.
        """
        cells = [mark.upper() for mark in text if not mark.isspace() and mark not in "/|"]
        if len(cells) != self.cells or set(cells) - set("XO."):
            raise ValueError(f"A board is {self.rows} rows of {self.columns} marks X, O or ., but this is {text!r}.")
        x, o = (sum(1 << place for place, mark in enumerate(cells) if mark == side) for side in "XO")
        if not 0 <= cells.count("X") - cells.count("O") <= 1:
            raise ValueError(
                f"X moves first and then they alternate, but {text!r} has {cells.count('X')} X and {cells.count('O')} "
                "O: set a stone or take one away."
            )
        state = torch.tensor([o, x] if cells.count("X") > cells.count("O") else [x, o], device=self.device)
        mover, last = self._has_line(state).tolist()
        if mover and last:
            raise ValueError(f"Both sides have {self.in_a_row} in a row on {text!r}: the first to have them ends it.")
        if mover:
            raise ValueError(f"On {text!r} a stone was set after the other side had won: take it away.")
        floating = self.drop and any(
            cells[place] != "." == cells[place + self.columns] for place in range(self.cells - self.columns)
        )
        if floating:
            raise ValueError(
                f"A stone hangs in the air on {text!r}: each falls to the lowest empty cell of its column."
            )
        return state

    @functools.cached_property
    def positions(self) -> "Positions":
        """All positions that some play reaches; made when first asked for.

        Raises:
            ValueError: if there are more than two million.
        """
        layers, frontier, count = [], self.start((1,)), 0
        while len(frontier):
            layers.append(frontier)
            count += len(frontier)
            if count > MOST_POSITIONS or 2 * self.cells > MOST_CELLS:
                raise ValueError(
                    f"{self.in_a_row} in a row on {self.rows} × {self.columns} cells has more than "
                    f"{MOST_POSITIONS:,} positions: take a smaller board."
                )
            row, action = self.legal(frontier).nonzero().unbind(-1)
            keys = self._keys(self.advance(frontier[row], action)).unique()
            frontier = torch.stack([keys >> self.cells, keys & (1 << self.cells) - 1], -1)
        return Positions(self, layers)

    def _keys(self, states: Tensor) -> Tensor:
        """Return one number for each state, (...)."""
        return states[..., 0] << self.cells | states[..., 1]

    @functools.cached_property
    def _bits(self) -> Tensor:
        return 1 << torch.arange(self.cells, device=self.device)

    @functools.cached_property
    def _lines(self) -> Tensor:
        """The stones of every line that wins, int64 (L,)."""
        masks = []
        for row in range(self.rows):
            for column in range(self.columns):
                for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
                    line = [(row + step * down, column + step * right) for step in range(self.in_a_row)]
                    if all(r < self.rows and 0 <= c < self.columns for r, c in (line[-1],)):
                        masks.append(sum(1 << r * self.columns + c for r, c in line))
        return torch.tensor(sorted(set(masks)), device=self.device)

    def _has_line(self, stones: Tensor) -> Tensor:
        return self._lined[stones] if self.cells <= SMALL else self._find_line(stones)

    def _find_line(self, stones: Tensor) -> Tensor:
        return ((stones.unsqueeze(-1) & self._lines) == self._lines).any(-1)

    def _fills(self, taken: Tensor) -> Tensor:
        """Return the bit of the cell that each move fills, 0 where there is none, int64 (..., A)."""
        return self._filled[taken] if self.cells <= SMALL else self._find_cells(taken)

    def _find_cells(self, taken: Tensor) -> Tensor:
        empty = (taken.unsqueeze(-1) & self._bits) == 0
        if not self.drop:
            return empty * self._bits
        left = empty.unflatten(-1, (self.rows, self.columns)).sum(-2)  # empty cells of each column
        cells = (left - 1).clamp(min=0) * self.columns + torch.arange(self.columns, device=self.device)
        return (left > 0) * self._bits[cells]

    @functools.cached_property
    def _lined(self) -> Tensor:
        return self._find_line(torch.arange(2**self.cells, device=self.device))

    @functools.cached_property
    def _filled(self) -> Tensor:
        return self._find_cells(torch.arange(2**self.cells, device=self.device))


class Positions:
    """Every position of a game, those of one number of stones behind those with fewer, and what is exact about it.

    Attributes:
        game: whose they are.
        states: int64 (S, 2).
        layers: for each number of stones the rows of its positions, as slices.
        movers: who moves, int64 (S,).
        over: whether the game is over, bool (S,).
        results: for who is to move, where it is over, float32 (S,).
        children: the row that each move leads to, int64 (S, A); −1 where it is illegal.
        values: v*, what who moves reaches if both play perfectly: 1, 0 or −1, float32 (S,).
        move_values: the same after each move, still for who makes it, float32 (S, A); −∞ where it is illegal.
    """

    def __init__(self, game: Game, layers: Sequence[Tensor]):
        self.game, self.states = game, torch.cat(list(layers))
        ends = torch.tensor([0, *map(len, layers)]).cumsum(0).tolist()
        self.layers = [slice(start, end) for start, end in zip(ends, ends[1:], strict=False)]
        stones = [torch.full((len(layer),), number) for number, layer in enumerate(layers)]
        self.movers = (torch.cat(stones) % 2).to(self.states.device)
        self.over, self.results = game.over(self.states), game.results(self.states)
        self._sorted = [game._keys(layer) for layer in layers]
        legal = game.legal(self.states)
        self.children = torch.full(legal.shape, -1, device=self.states.device)
        for layer, below in zip(self.layers, range(1, len(layers)), strict=False):
            row, action = legal[layer].nonzero().unbind(-1)
            ahead = game._keys(game.advance(self.states[layer][row], action))
            found = torch.searchsorted(self._sorted[below], ahead) + ends[below]
            self.children[layer][row, action] = found
        self.values, self.move_values = self._backwards(lambda layer, ahead: ahead.amax(-1))

    def _backwards(self, choose) -> tuple[Tensor, Tensor]:
        """Go from the last stones to the first; `choose(layer, ahead)` says what a position is worth by its moves."""
        values, moves = self.results.clone(), self.results.new_full(self.children.shape, -torch.inf)
        for layer in reversed(self.layers):
            children = self.children[layer]
            ahead = torch.where(children >= 0, 0 - values[children], -torch.inf)
            moves[layer], values[layer] = (
                ahead,
                torch.where(self.over[layer], self.results[layer], choose(layer, ahead)),
            )
        return values, moves

    def rows(self, states: Tensor) -> Tensor:
        """Return the rows of states (..., 2), int64 (...).

        Raises:
            ValueError: if some state is reached by no play.
        """
        stones = (states.sum(-1).unsqueeze(-1) & self.game._bits).ne(0).sum(-1)
        rows = torch.full_like(stones, -1)
        for number, (layer, keys) in enumerate(zip(self.layers, self._sorted, strict=True)):
            mine = stones == number
            wanted = self.game._keys(states[mine])
            found = torch.searchsorted(keys, wanted).clamp(max=len(keys) - 1)
            rows[mine] = torch.where(keys[found] == wanted, found + layer.start, -1)
        if (rows < 0).any():
            state = states.reshape(-1, 2)[int((rows < 0).flatten().nonzero()[0])]
            raise ValueError(f"No play leads to {self.game.text(state)!r}.")
        return rows

    @property
    def perfect(self) -> Tensor:
        """Whether a move keeps what the position is worth, bool (S, A)."""
        return (self.move_values == self.values.unsqueeze(-1)) & (self.children >= 0)

    def perfect_share(self, policy: Tensor) -> Tensor:
        """Return the probability of a perfect move, averaged over all positions in which there is a move, (...).

        Args:
            policy: π(a | s) of every position, shape (..., S, A); or one move for each, int64 (..., S).
        """
        policy = self._checked(policy)
        return (policy * self.perfect).sum(-1)[..., ~self.over].mean(-1)

    def best_response(self, policy: Tensor, player: int) -> Tensor:
        """Return what `player` reaches with a fixed policy against the opponent who knows it and answers best.

        Args:
            policy: π(a | s) of every position, shape (..., S, A); or one move for each, int64 (..., S).
            player: whom the policy plays for, 0 who begins, 1 the other.

        Returns:
            The value of the start for that player, shape (...): −1 is a sure loss, below 0 is beaten more often than
            not. Where the policy is one move for each position it is no average: 0 means that nobody beats it.

        Raises:
            ValueError: if `player` is neither 0 nor 1, or the policy gives legal moves no probability, or illegal some.
        """
        if player not in (0, 1):
            raise ValueError(f"player is 0, who begins, or 1, but it is {player}.")
        policy = self._checked(policy)
        values = self.results.expand(policy.shape[:-1]).clone()
        for layer in reversed(self.layers):
            children = self.children[layer]
            ahead = 0 - values[..., children]
            ours = (policy[..., layer, :] * ahead).sum(-1)
            theirs = ahead.where(children >= 0, -torch.inf).amax(-1)
            chosen = torch.where(self.movers[layer] == player, ours, theirs)
            values[..., layer] = torch.where(self.over[layer], values[..., layer], chosen)
        return values[..., 0] if player == 0 else 0 - values[..., 0]

    def unbeaten(self, policy: Tensor) -> Tensor:
        """Tell whether no opponent does better than perfect play allows, on either side, bool (...); as above."""
        best = self.values[0] * self.values.new_tensor([1, -1])
        return torch.stack([self.best_response(policy, player) >= best[player] for player in (0, 1)]).all(0)

    def _checked(self, policy: Tensor) -> Tensor:
        """Return probabilities (..., S, A), with zeros where the game is over."""
        count, legal = len(self.states), self.children >= 0
        if not policy.is_floating_point() and policy.shape[-1:] == (count,):
            policy = torch.nn.functional.one_hot(policy, self.game.num_actions).float()
        if policy.shape[-2:] != legal.shape:
            raise ValueError(
                f"A policy has one row of {self.game.num_actions} probabilities for each of {count} positions, but its "
                f"shape is {tuple(policy.shape)}."
            )
        sums = (policy * legal).sum(-1)
        bad = ((sums - 1).abs() > 1e-4) | ~policy.isfinite().all(-1) | (policy < 0).any(-1)
        bad = (bad | ((policy * ~legal).sum(-1).abs() > 1e-4)) & ~self.over
        if bad.any():
            place = int(bad.reshape(-1, count).any(0).nonzero()[0])
            row = policy.reshape(-1, *legal.shape)[:, place][bad.reshape(-1, count)[:, place]][0]
            raise ValueError(
                f"On {self.game.text(self.states[place])!r} the policy gives legal moves a probability of "
                f"{float((row * legal[place]).sum()):.3g} in all, but 1 was expected: mask illegal moves, then "
                "normalise."
            )
        return policy * legal


TIC_TAC_TOE = Game()


def connect(in_a_row: int, rows: int, columns: int, *, device: torch.device | str = "cpu") -> Game:
    """Return Connect-k: stones fall, and `in_a_row` of them in a line win. Connect Four is `connect(4, 6, 7)`."""
    return Game(rows, columns, in_a_row, drop=True, device=device)


given.explain(__name__)
