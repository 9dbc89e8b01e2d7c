"""PUCT for many games at once, against one game in plain Python."""

import math

import pytest
import torch

from helpers import alphazero, games, tree_search
from helpers.games import TIC_TAC_TOE, connect


def plain_search(game, evaluate, state, simulations, c):
    """Return the visits of one search, node by node."""

    def expand(state):
        logits, value = evaluate(state.unsqueeze(0))
        legal = game.legal(state)
        priors = logits[0].masked_fill(~legal, -math.inf).softmax(-1).tolist()
        moves = [a for a in range(game.num_actions) if legal[a]]
        over = bool(game.over(state))
        value = float(game.results(state)) if over else float(value[0])
        return {"state": state, "over": over, "value": value, "P": priors, "moves": moves, "N": {}, "W": {}, "next": {}}

    root = expand(state)
    for _ in range(simulations):
        node, path = root, []
        while not node["over"]:
            total = 1 + sum(node["N"].values())

            def score(a, node=node, total=total):
                n = node["N"].get(a, 0)
                return node["W"].get(a, 0) / max(n, 1) + c * node["P"][a] * math.sqrt(total) / (1 + n)

            action = max(node["moves"], key=score)
            path.append((node, action))
            if action not in node["next"]:
                node["next"][action] = expand(game.step(node["state"], torch.tensor(action)))
                node = node["next"][action]
                break
            node = node["next"][action]
        value = node["value"]
        for parent, action in reversed(path):
            value = -value
            parent["N"][action] = parent["N"].get(action, 0) + 1
            parent["W"][action] = parent["W"].get(action, 0) + value
    return [root["N"].get(a, 0) for a in range(game.num_actions)], [
        root["W"].get(a, 0) for a in range(game.num_actions)
    ]


@pytest.mark.parametrize("game", (TIC_TAC_TOE, connect(3, 3, 4)))
def test_many_games_at_once_are_searched_as_one_by_one(game):
    network = alphazero.TwoHeads((), game, 16, generator=torch.Generator().manual_seed(1)).double()

    def evaluate(states):
        return network.heads(game.planes(states).double())

    chosen = game.positions.states[:: len(game.positions.states) // 12]
    with torch.no_grad():
        found = tree_search.search(game, evaluate, chosen, 25, c=1.7)
        for row, state in enumerate(chosen):
            visits, totals = plain_search(game, evaluate, state, 25, 1.7)
            assert found.visits[row].tolist() == visits
            torch.testing.assert_close(found.totals[row], torch.tensor(totals).float(), rtol=1e-4, atol=1e-4)


def test_every_simulation_is_counted_and_none_is_illegal():
    g = torch.Generator().manual_seed(1)
    networks = alphazero.TwoHeads((2,), TIC_TAC_TOE, 8, generator=g)
    states = TIC_TAC_TOE.positions.states[::50].expand(2, -1, 2)
    found = tree_search.search(TIC_TAC_TOE, networks, states, 15, noise=0.5, generator=g)
    over, legal = TIC_TAC_TOE.over(states), TIC_TAC_TOE.legal(states)
    assert torch.equal(found.visits.sum(-1), 15.0 * ~over)
    assert not found.visits[~legal].any() and not found.priors[~legal & ~over.unsqueeze(-1)].any()
    torch.testing.assert_close(found.priors.sum(-1), torch.ones(states.shape[:-1]))
    alone = alphazero.one_of(networks, 1)
    first, second = (
        tree_search.search(TIC_TAC_TOE, network, part, 15).visits
        for network, part in ((networks, states), (alone, states[1]))
    )
    assert torch.equal(first[1], second)


def test_noise_comes_from_the_generator_and_to_the_root_alone():
    network = alphazero.TwoHeads((), TIC_TAC_TOE, 8, generator=torch.Generator().manual_seed(1))
    start, asked = TIC_TAC_TOE.start((5,)), []

    def priors(logits, legal, draws, share):
        asked.append(share)
        return tree_search.root_priors(logits, legal, draws, share)

    options = {"noise": 0.25, "priors": priors}
    one, same, other = (
        tree_search.search(TIC_TAC_TOE, network, start, 3, generator=torch.Generator().manual_seed(seed), **options)
        for seed in (1, 1, 2)
    )
    assert torch.equal(one.priors, same.priors) and not torch.equal(one.priors, other.priors)
    assert not torch.equal(one.priors[0], one.priors[1])
    assert asked[:4] == [0.25, 0, 0, 0]


def test_the_noise_is_uniform_on_the_simplex():
    draws = torch.empty(20_000, 4).exponential_(generator=torch.Generator().manual_seed(1))
    legal = torch.tensor([True, True, False, True])
    eta = tree_search.root_priors(torch.zeros(20_000, 4), legal, draws, 1.0)
    torch.testing.assert_close(eta.mean(0), torch.tensor([1, 1, 0, 1]) / 3, atol=0.01, rtol=0)
    torch.testing.assert_close(eta.var(0), torch.tensor([1, 1, 0, 1]) / 18, atol=0.002, rtol=0)  # Dirichlet(1, 1, 1)


def test_a_player_who_moves_twice_keeps_the_sign():
    value = tree_search.backed_up(torch.tensor([[0], [1], [1]]), torch.tensor([1]), torch.tensor([0.5]))
    assert value[:, 0].tolist() == [-0.5, 0.5, 0.5]


def test_values_may_come_up_in_double_precision():
    game = games.TIC_TAC_TOE
    network = alphazero.TwoHeads((), game, 8, generator=torch.Generator().manual_seed(1))
    double = lambda movers, leaf, value: tree_search.backed_up(movers, leaf, value.double())  # noqa: E731
    plain, wide = (
        tree_search.search(game, network, game.start((2,)), 6, **options) for options in ({}, {"sign": double})
    )
    assert torch.equal(plain.visits, wide.visits) and wide.totals.dtype == torch.float32


def test_temperatures():
    visits = torch.tensor([0.0, 4.0, 4.0, 2.0])
    assert tree_search.visit_policy(visits, 0.0).tolist() == [0, 0.5, 0.5, 0]
    torch.testing.assert_close(tree_search.visit_policy(visits, 0.5), visits**2 / 36)
    assert tree_search.visit_policy(1e5 * visits, 0.01).isfinite().all()


def test_bad_input_gets_a_sentence():
    network = alphazero.TwoHeads((), TIC_TAC_TOE, 8, generator=torch.Generator().manual_seed(1))
    start = TIC_TAC_TOE.start((2,))
    with pytest.raises(ValueError, match="at least 1 simulation"):
        tree_search.search(TIC_TAC_TOE, network, start, 0)
    with pytest.raises(ValueError, match="give generator="):
        tree_search.search(TIC_TAC_TOE, network, start, 3, noise=0.25)

    def believes_in_the_illegal(states):
        return torch.where(TIC_TAC_TOE.legal(states), -torch.inf, 0.0), torch.zeros(len(states))

    with pytest.raises(ValueError, match="gives a root no priors"):
        tree_search.search(TIC_TAC_TOE, believes_in_the_illegal, start, 3)
    with pytest.raises(ValueError, match="at least 0"):
        tree_search.visit_policy(torch.ones(3), -1.0)


def test_search_finds_a_win_whatever_the_network_says():
    state = games.TIC_TAC_TOE.read("XX. / OO. / ...")

    def wrong(states):
        return 3.0 * (torch.arange(9) == 8).expand(*states.shape[:-1], 9), torch.zeros(states.shape[:-1])

    assert tree_search.search(TIC_TAC_TOE, wrong, state.unsqueeze(0), 50).visits.argmax() == 2
