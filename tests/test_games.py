"""Tic-tac-toe and Connect-k: the rules against plain Python, exact values against recursion, and bad boards."""

import functools

import pytest
import torch

from helpers import games
from helpers.games import TIC_TAC_TOE, Game, connect

SMALL = (Game(2, 3, 2), Game(3, 3, 3), connect(3, 3, 3), connect(2, 2, 3))


def wins(cells, side, game):
    """Look for a line cell by cell."""
    grid = {(place // game.columns, place % game.columns): mark for place, mark in enumerate(cells)}
    for row, column in grid:
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
            line = [grid.get((row + step * down, column + step * right)) for step in range(game.in_a_row)]
            if line == [side] * game.in_a_row:
                return True
    return False


def plain_moves(cells, game):
    """Return for each move the cell that it fills, or None."""
    if not game.drop:
        return [place if mark == "." else None for place, mark in enumerate(cells)]
    columns = [[row * game.columns + column for row in range(game.rows)] for column in range(game.columns)]
    return [max((place for place in column if cells[place] == "."), default=None) for column in columns]


def walk(game):
    """Play every game in plain Python; return the value of each position for who moves, by its cells."""

    @functools.cache
    def value(cells):
        mover = "XO"[cells.count("X") > cells.count("O")]
        if wins(cells, "XO"[mover == "X"], game):
            return -1
        ahead = [-value((*cells[:to], mover, *cells[to + 1 :])) for to in plain_moves(cells, game) if to is not None]
        known[cells] = ahead
        return max(ahead, default=0)

    known = {}
    root = value((".",) * game.cells)
    return root, value, known


@pytest.mark.parametrize("game", SMALL)
def test_positions_and_values_are_those_of_exhaustive_play(game):
    root, value, _ = walk(game)
    positions = game.positions
    assert len(positions.states) == value.cache_info().currsize and positions.values[0] == root
    for row in range(0, len(positions.states), 7):
        state = positions.states[row]
        cells = tuple(game.text(state).replace(" / ", ""))
        assert positions.values[row] == value(cells)
        stones = [cell is not None and not bool(positions.over[row]) for cell in plain_moves(cells, game)]
        assert game.legal(state).tolist() == stones
        assert torch.equal(game.read(game.text(state)), state)


def test_known_counts_of_positions():
    """Tromp counts 161,029 of Connect Four on 4 × 4; tic-tac-toe has 5,478, of which 4,520 go on."""
    positions = TIC_TAC_TOE.positions
    assert len(positions.states) == 5478 and int((~positions.over).sum()) == 4520 and positions.values[0] == 0
    legal = positions.children >= 0
    policy = legal / legal.sum(-1, keepdim=True).clamp(min=1)
    assert positions.perfect_share(policy) == pytest.approx(0.5797, abs=1e-4)
    four = connect(4, 4, 4).positions
    assert len(four.states) == 161_029 and four.values[0] == 0
    three = connect(3, 4, 4).positions
    assert len(three.states) == 41_750 and three.values[0] == 1


@pytest.mark.parametrize("game", SMALL)
def test_best_responses_are_those_of_exhaustive_play(game):
    positions, g = game.positions, torch.Generator().manual_seed(1)
    legal = positions.children >= 0
    policy = torch.rand(2, *legal.shape, generator=g) * legal
    policy = policy / policy.sum(-1, keepdim=True).clamp(min=1e-9)

    def reach(row, player, chances):
        if positions.over[row]:
            return float(positions.results[row])
        ahead = {a: -reach(int(c), player, chances) for a, c in enumerate(positions.children[row]) if c >= 0}
        if positions.movers[row] == player:
            return sum(float(chances[row, a]) * value for a, value in ahead.items())
        return max(ahead.values())

    if game.cells == 6:
        for player in (0, 1):
            found = positions.best_response(policy, player)
            for run in (0, 1):
                wanted = reach(0, player, policy[run]) * (1 - 2 * player)
                assert found[run] == pytest.approx(wanted, abs=1e-5)
    moves = positions.move_values.argmax(-1)
    assert positions.unbeaten(moves) and positions.perfect_share(moves) == 1
    worst = positions.move_values.where(legal, torch.inf).argmin(-1)
    assert positions.perfect_share(worst) < 0.6 and (game != TIC_TAC_TOE or not positions.unbeaten(worst))


def test_large_boards_follow_the_same_rules_as_tables():
    game, wide = connect(3, 4, 4), connect(4, 6, 7)
    table, computed = game._filled, game._find_cells(torch.arange(2**16))
    assert torch.equal(table, computed) and torch.equal(game._lined, game._find_line(torch.arange(2**16)))
    state = wide.start()
    for column in (3, 3, 2, 2, 1, 1):
        state = wide.step(state, torch.tensor(column))
    state = wide.step(state, torch.tensor(0))
    assert wide.over(state) and wide.results(state) == -1 and wide.movers(state) == 1
    assert wide.text(state).endswith("XXXX...")
    assert torch.equal(wide.step(state, torch.tensor(0)), state)


@pytest.mark.parametrize("game", SMALL)
def test_a_turned_board_is_worth_the_same(game):
    positions = game.positions
    planes = game.planes(positions.states)
    cells, actions = game.symmetries
    assert len(cells) == (2 if game.drop else 8 if game.rows == game.columns else 4)
    for moved, renamed in zip(cells, actions, strict=True):
        own, other = (planes.unflatten(-1, (2, -1))[..., moved] * game._bits).sum(-1).long().unbind(-1)
        rows = positions.rows(torch.stack([own, other], -1))
        assert torch.equal(positions.values[rows], positions.values)
        assert torch.equal(positions.move_values[rows], positions.move_values[:, renamed])


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("XXX / OOO / ...", "Both sides have 3 in a row"),
        ("OOO / XX. / .X.", None),
        ("XXX / OO. / O..", "a stone was set after"),
        ("XXX / O.. / ...", "X moves first"),
        ("XO / ..", "3 rows of 3 marks"),
        ("XOZ / ... / ...", "3 rows of 3 marks"),
    ],
)
def test_boards_that_no_play_reaches(text, sentence):
    if sentence is None:
        assert TIC_TAC_TOE.over(TIC_TAC_TOE.read(text))
        return
    with pytest.raises(ValueError, match=sentence):
        TIC_TAC_TOE.read(text)


def test_bad_input_gets_a_sentence():
    game = TIC_TAC_TOE
    state = game.read("X.. / .O. / ...")
    for action, sentence in ((0, "that cell is taken"), (9, "moves 0 to 8"), (-1, "moves 0 to 8")):
        with pytest.raises(ValueError, match=f"Move {action} on board 1 is illegal: .*{sentence}"):
            game.step(torch.stack([state, state]), torch.tensor([1, action]))
    full = connect(2, 2, 3).start()
    for _ in range(2):
        full = connect(3, 2, 3).step(full, torch.tensor(0))
    with pytest.raises(ValueError, match="that column is full"):
        connect(3, 2, 3).step(full, torch.tensor(0))
    with pytest.raises(ValueError, match="hangs in the air"):
        connect(3, 3, 3).read("X.. / ... / ...")
    with pytest.raises(ValueError, match="No play leads to"):
        game.positions.rows(torch.tensor([7, 448]))
    with pytest.raises(ValueError, match="more than 2,000,000 positions"):
        _ = connect(4, 6, 7).positions
    for arguments, sentence in (((2, 2, 3), "do not fit"), ((9, 9, 3), "at most 62 cells")):
        with pytest.raises(ValueError, match=sentence):
            Game(*arguments)


def test_a_policy_on_illegal_moves_is_refused():
    positions = TIC_TAC_TOE.positions
    legal = positions.children >= 0
    taken = ~legal / (~legal).sum(-1, keepdim=True).clamp(min=1)
    with pytest.raises(ValueError, match="gives legal moves a probability of 0 in all, but 1 was expected"):
        positions.best_response(taken, 0)
    with pytest.raises(ValueError, match="mask illegal moves, then normalise"):
        positions.unbeaten(torch.full(legal.shape, 1 / 9))
    with pytest.raises(ValueError, match="one row of 9 probabilities"):
        positions.perfect_share(torch.ones(3, 9))
    with pytest.raises(ValueError, match="player is 0"):
        positions.best_response(legal.float(), 2)


def test_open_spiel_agrees():
    """The same games by random play of an independent implementation."""
    spiel = pytest.importorskip("pyspiel")
    for name, game in (("tic_tac_toe", TIC_TAC_TOE), ("connect_four", connect(4, 6, 7))):
        theirs, g = spiel.load_game(name), torch.Generator().manual_seed(2)
        for _ in range(20):
            state, ours = theirs.new_initial_state(), game.start()
            while not state.is_terminal():
                assert state.legal_actions() == game.legal(ours).nonzero()[:, 0].tolist()
                assert state.current_player() == game.movers(ours)
                actions = state.legal_actions()
                action = actions[int(torch.randint(len(actions), (), generator=g))]
                state.apply_action(action)
                ours = game.step(ours, torch.tensor(action))
            assert game.over(ours)
            assert state.returns()[int(game.movers(ours))] == game.results(ours)


def test_work_is_on_the_device_of_the_game():
    assert games.Game(device="meta").start((2,)).device.type == "meta"
