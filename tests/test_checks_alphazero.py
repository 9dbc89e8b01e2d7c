"""The checks of lesson 12 against numbers worked out by hand, and what its answers of tests/mutants cannot say."""

import inspect
import math

import pytest
import torch

from checks import alphazero as check
from checks.answer import Here
from checks.failure import CheckFailed
from helpers import alphazero, games


def passes(name: str, function, **numbers) -> None:
    """Run a check on a function that is no helper's."""
    getattr(check, name)(Here(function, name), **numbers)


def by_rows(compute, *tables):
    """Return what `compute` makes of each row of the tables, all plain lists, as a tensor of the first one's kind."""
    first = tables[0]
    rows = zip(*(part.reshape(-1, part.shape[-1]).tolist() for part in tables), strict=True)
    return torch.tensor([compute(*row) for row in rows], dtype=first.dtype).view(first.shape)


def test_the_scores_of_the_default_data_in_plain_arithmetic():
    def puct(priors, visits, totals, legal, c):
        def row(priors, visits, totals, legal):
            root = math.sqrt(1 + sum(visits))
            scores = [w / n if n else 0.0 for w, n in zip(totals, visits, strict=True)]
            scores = [q + c * p * root / (1 + n) for q, p, n in zip(scores, priors, visits, strict=True)]
            return [score if may else -math.inf for score, may in zip(scores, legal, strict=True)]

        return by_rows(row, priors, visits, totals, legal)

    passes("puct", puct)


def test_what_leaves_are_worth_in_the_default_data_by_hand():
    by_hand = torch.tensor([[-0.6, -0.25, 1.0], [0.6, -0.25, -1.0], [0.6, 0.25, -1.0], [-0.6, 0.25, 1.0]])
    by_hand = torch.cat([by_hand, torch.tensor([[-0.6, -0.25, -1.0]])])

    def backed_up(movers, leaf_mover, value):
        return by_hand if movers.shape == (5, 3) else torch.where(movers == leaf_mover, value, -value)

    passes("backed_up", backed_up)


def test_the_default_leaf_is_told_from_the_root_the_first_player_and_the_depth():
    defaults = inspect.signature(check.backed_up).parameters
    movers, leaf = (torch.tensor(defaults[name].default) for name in ("movers", "leaf_mover"))
    same = movers == leaf
    assert not torch.equal(movers[0], leaf) and (movers[0] == leaf).any()
    assert not torch.equal(same, movers == 0) and not torch.equal(same, movers == movers[0])
    assert (same[1:] == same[:-1]).any() and (same[1:] != same[:-1]).any()  # somebody moves twice, and not always


def test_the_priors_of_the_default_data_in_plain_arithmetic():
    def root_priors(logits, legal, draws, share):
        def row(logits, legal, draws):
            weights = [math.exp(part) if may else 0.0 for part, may in zip(logits, legal, strict=True)]
            noise = [part if may else 0.0 for part, may in zip(draws, legal, strict=True)]
            both = zip(weights, noise, strict=True)
            return [(1 - share) * w / sum(weights) + share * eta / sum(noise) for w, eta in both]

        return by_rows(row, logits, legal, draws)

    passes("root_priors", root_priors)


def test_the_policies_of_the_default_data_in_plain_arithmetic():
    def visit_policy(visits, temperature):
        def row(visits):
            if temperature == 0:
                powers = [int(part == max(visits)) for part in visits]
            else:
                powers = [part ** (1 / temperature) for part in visits]  # 90,000 to the 50th fits in Python's floats
            return [part / sum(powers) for part in powers]

        return by_rows(row, visits)

    passes("visit_policy", visit_policy)


def test_z_of_the_default_data_by_hand():
    by_hand = [[1, -1, 1, -1, 1], [-1, 1, 1, -1, 1], [0, 0, 0, 0, 0], [-1, 1, 1, 1, -1]]

    def outcomes(movers, winner):
        if movers.shape == (4, 5):
            return torch.tensor(by_hand).float()
        won, drawn = movers == winner.unsqueeze(-1), winner.unsqueeze(-1) < 0
        return (2.0 * won - 1) * ~drawn

    passes("outcomes", outcomes)


def test_the_loss_of_the_default_data_in_plain_arithmetic():
    def loss(logits, values, policies, z):
        total = 0.0
        for logit, v, pi, reached in zip(*(part.tolist() for part in (logits, values, policies, z)), strict=True):
            log_sum = math.log(sum(map(math.exp, logit)))
            total += (reached - v) ** 2 - sum(p * (part - log_sum) for p, part in zip(pi, logit, strict=True))
        return torch.tensor(total / len(z), dtype=logits.dtype)

    with pytest.raises(CheckFailed, match="cut off from the parameters"):  # that is, its values pass
        passes("loss", loss)


def test_best_responses_by_the_rules_alone():
    """Every game is played out on the board; no table of positions but the policy's own rows."""

    def best_response(positions, policy, player):
        game = positions.game

        def value(state):
            if bool(game.over(state)):
                return float(game.results(state))
            worth = {a: -value(game.step(state, torch.tensor(a))) for a in game.legal(state).nonzero()[:, 0].tolist()}
            if int(game.movers(state)) != player:
                return max(worth.values())
            return sum(float(policy[positions.rows(state), a]) * part for a, part in worth.items())

        return value(game.start()) * (1 - 2 * player)

    passes("best_response", best_response, boards=((2, 3, 2, True), (2, 2, 2, False)))


def test_the_visits_of_the_search_that_play_is_given_tell_boards_and_moves_apart():
    positions = games.TIC_TAC_TOE.positions
    visits = check._visits(positions.states, positions.game)
    running = ~positions.over
    assert torch.equal(visits[running] > 0, (positions.children >= 0)[running])
    top = visits == visits.amax(-1, keepdim=True)
    assert (top[running].sum(-1) == 1).all()  # at temperature 0 there is one move
    assert len(visits.unique(dim=0)) > 1000 and len(visits[0].unique()) > 4


def test_whoever_learns_from_the_first_board_alone_misses_the_bar(monkeypatch):
    """What was learned is judged by the best response, not by what the training reports."""

    def play(search, game, start, temperature, *, generator):
        visits = search(start)
        policies = (visits / visits.sum(-1, keepdim=True)).unsqueeze(1)
        return alphazero.Examples(start.unsqueeze(1), policies, policies[..., 0] * 0, policies[..., 0] >= 0)

    train, little = alphazero.train, alphazero.Recipe(games=4, simulations=2, updates=2)
    short = {"iterations": 6}
    monkeypatch.setattr(alphazero, "train", lambda network, **options: train(network, little, **options | short))
    with pytest.raises(CheckFailed, match="somebody beats the network that plays with 25 simulations"):
        check._train(Here(play, "play"), 3)
