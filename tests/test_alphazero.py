"""AlphaZero: what self-play keeps, the loss, many runs as one, checkpoints, and that it learns."""

import copy
import dataclasses

import pytest
import torch

from helpers import alphazero, games
from helpers.alphazero import Recipe, TwoHeads

TINY = Recipe(games=6, simulations=4, updates=3, batch_size=8)
GAME = games.Game(2, 3, 2)


def seeded(seed=1):
    return torch.Generator().manual_seed(seed)


def visits_of(game):
    """Return a search that likes all legal moves alike."""
    return lambda states: game.legal(states).float() + game.over(states).unsqueeze(-1)


@pytest.mark.parametrize("game", (games.TIC_TAC_TOE, games.connect(3, 3, 4)))
def test_games_are_told_as_they_were(game):
    start = game.start((2, 30))
    states, policies, z, mask = alphazero.play(visits_of(game), game, start, 1.0, generator=seeded())
    assert torch.equal(mask, ~game.over(states)) and mask[..., 0].all()
    assert torch.equal(policies > 0, torch.where(mask.unsqueeze(-1), game.legal(states), True))
    for run in range(2):
        for number in range(30):
            path = states[run, number][mask[run, number]]
            rows = game.positions.rows(path)
            children = game.positions.children[rows]
            assert all(int(after) in children[at] for at, after in enumerate(rows[1:]))
            who, reached = game.movers(path), z[run, number][mask[run, number]]
            signs = torch.where(who == who[-1], 1.0, -1.0) * reached[-1]
            assert torch.equal(reached, signs) and reached[-1] in (0, 1)
    assert {-1.0, 0.0, 1.0} == set(z[mask].tolist())


def test_z_and_the_loss_by_hand():
    z = alphazero.outcomes(torch.tensor([[0, 1, 1], [0, 1, 0]]), torch.tensor([1, -1]))
    assert z.tolist() == [[-1, 1, 1], [0, 0, 0]]
    logits, policies = torch.zeros(2, 1, 4), torch.tensor([0.5, 0.5, 0, 0]).expand(2, 1, 4)
    value = alphazero.loss(logits, torch.full((2, 1), 0.5), policies, torch.tensor([[1.0], [-1.0]]))
    torch.testing.assert_close(value, torch.tensor([0.25, 2.25]) + torch.tensor(4.0).log())


def test_examples_are_turned_together_and_drawn_from_what_was_played():
    game = games.TIC_TAC_TOE
    seen = alphazero.play(visits_of(game), game, game.start((3, 8)), 1.0, generator=seeded())
    rows = alphazero._in_rows([seen, seen])
    assert rows.mask.sum() == 2 * seen.mask.sum()
    planes, policies, z = alphazero.draw(rows, game, Recipe(batch_size=500), generator=seeded(2))
    taken = planes.unflatten(-1, (2, 9)).sum(-2) > 0
    assert torch.equal(policies > 0, ~taken)  # uniform over what is empty, turned as the board is
    assert planes[..., :9].mean((0, 1)).std() > 0 and set(z.flatten().tolist()) == {-1, 0, 1}
    only = alphazero.draw(rows, game, Recipe(batch_size=500, symmetries=False), generator=seeded(2))[0]
    known = {tuple(part) for part in game.planes(seen.states[seen.mask]).tolist()}
    assert {tuple(part) for part in only.flatten(0, 1).tolist()} <= known


def test_many_runs_learn_as_one_by_one():
    """The losses do not mix: a run's gradient is that of the run alone."""
    networks = TwoHeads((3,), GAME, 8, generator=seeded())
    planes, policies = torch.rand(3, 5, 12, generator=seeded(2)), torch.rand(3, 5, 6, generator=seeded(3)).softmax(-1)
    z = torch.rand(3, 5, generator=seeded(4))
    single = alphazero.one_of(networks, 1)
    for network, part in ((networks, (planes, policies, z)), (single, (planes[1], policies[1], z[1]))):
        alphazero.update(network, torch.optim.Adam(network.parameters(), lr=0.1), *part)
    for whole, alone in zip(networks.parameters(), single.parameters(), strict=True):
        torch.testing.assert_close(whole[1].view_as(alone), alone, rtol=1e-4, atol=1e-5)


def test_an_interrupted_training_ends_as_if_it_had_not_been(tmp_path):
    start = TwoHeads((2,), GAME, 8, generator=seeded())
    whole, parts = copy.deepcopy(start), copy.deepcopy(start)
    losses = alphazero.train(whole, TINY, iterations=4, generator=seeded(5))
    options = {"iterations": 4, "checkpoint": tmp_path / "run"}
    alphazero.train(parts, TINY, generator=seeded(5), report=lambda number, _: number == 2, **options)
    again = alphazero.train(copy.deepcopy(start), TINY, generator=seeded(6), **options)
    assert torch.equal(losses, again) and losses.shape == (4, 2)
    with pytest.raises(ValueError, match="batch_size = 8, but now it is 9"):
        alphazero.train(start, dataclasses.replace(TINY, batch_size=9), generator=seeded(), **options)


def test_it_learns_a_small_game_and_nobody_beats_it():
    game = games.connect(3, 3, 4)
    network = TwoHeads((), game, 64, generator=seeded(3))
    before = game.positions.perfect_share(alphazero.policy_of(network, 0))
    recipe = Recipe(games=32, simulations=12, updates=20, batch_size=64)
    alphazero.train(network, recipe, iterations=6, generator=seeded(4))
    after = game.positions.perfect_share(alphazero.policy_of(network, 0))
    assert after > before + 0.1 and game.positions.unbeaten(alphazero.policy_of(network, 25))


@pytest.mark.parametrize("window, kept", [(1, 1), (2, 2), (None, 3)])
def test_a_window_forgets(window, kept, monkeypatch):
    sizes, in_rows = [], alphazero._in_rows
    monkeypatch.setattr(alphazero, "_in_rows", lambda memory: sizes.append(len(memory)) or in_rows(memory))
    recipe = dataclasses.replace(TINY, window=window)
    alphazero.train(TwoHeads((), GAME, 8, generator=seeded()), recipe, iterations=3, generator=seeded(2))
    assert sizes[-1] == kept


def test_bad_input_gets_a_sentence():
    for options, sentence in (
        ({"games": 0}, "at least 1"),
        ({"noise": 2.0}, "noise lies in"),
        ({"window": 0}, "window is at least 1"),
    ):
        with pytest.raises(ValueError, match=sentence):
            Recipe(**options)
    network = TwoHeads((), GAME, 8, generator=seeded())
    with pytest.raises(ValueError, match="not finite"):
        alphazero.train(
            network, TINY, iterations=1, generator=seeded(), loss=lambda logits, *_: torch.nan * logits.sum()
        )
