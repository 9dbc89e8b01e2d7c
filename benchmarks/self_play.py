"""How many games of self-play a second, at 25 simulations a move?

All methods play tic-tac-toe with the same untrained network, noise at the root, and moves drawn by visits: the batched
search plays 128 games, or those of eight networks, at once; the plain one grows one tree of Python objects at a time;
OpenSpiel's MCTSBot does so, too, where it installs, with the same network as its evaluator.

    .venv/bin/python benchmarks/self_play.py
"""

import importlib.util
import math
from collections.abc import Callable

import torch
from timing import arguments, compare, in_turn, write

from helpers import alphazero, tree_search
from helpers.games import TIC_TAC_TOE as GAME

SIMULATIONS = 25


def batched(networks: alphazero.TwoHeads, count: int, generator: torch.Generator) -> int:
    """Play so many games with each network; return how many that are."""
    recipe = alphazero.Recipe(simulations=SIMULATIONS)

    def search(states: torch.Tensor) -> torch.Tensor:
        options = {"noise": recipe.noise, "generator": generator}
        found = tree_search.search(GAME, networks, states, SIMULATIONS, **options)
        return found.visits + GAME.over(states).unsqueeze(-1)

    start = GAME.start((*networks.shape, count))
    return alphazero.play(search, GAME, start, recipe.temperature, generator=generator).mask[..., 0].numel()


class Node:
    """A position of a plain tree."""

    def __init__(self, state: torch.Tensor, network: Callable, draws: torch.Tensor, noise: float):
        self.state, self.over = state, bool(GAME.over(state))
        logits, value = network(state.unsqueeze(0))
        self.value = float(GAME.results(state)) if self.over else float(value)
        legal = GAME.legal(state)
        self.moves = [] if self.over else legal.nonzero()[:, 0].tolist()
        self.priors = tree_search.root_priors(logits[0], legal, draws, noise).tolist() if self.moves else []
        self.visits, self.totals, self.children = [0] * 9, [0.0] * 9, {}

    def best(self) -> int:
        root = math.sqrt(1 + sum(self.visits))

        def score(a: int) -> float:
            n = self.visits[a]
            return self.totals[a] / max(n, 1) + tree_search.EXPLORATION * self.priors[a] * root / (1 + n)

        return max(self.moves, key=score)


@torch.no_grad()
def plain(network: Callable, count: int, generator: torch.Generator) -> int:
    """Play games one after another, each tree by itself, one position a call of the network."""
    for _ in range(count):
        state = GAME.start()
        while not GAME.over(state):
            root = Node(state, network, torch.empty(9).exponential_(generator=generator), 0.25)
            for _ in range(SIMULATIONS):
                node, path = root, []
                while not node.over:
                    action = node.best()
                    path.append((node, action))
                    is_new = action not in node.children
                    if is_new:
                        after = GAME.advance(node.state, torch.tensor(action))
                        node.children[action] = Node(after, network, torch.ones(9), 0.0)
                    node = node.children[action]
                    if is_new:
                        break
                value = node.value
                for parent, action in reversed(path):
                    value = -value
                    parent.visits[action] += 1
                    parent.totals[action] += value
            chances = torch.tensor(root.visits, dtype=torch.float32)
            state = GAME.advance(state, torch.multinomial(chances, 1, generator=generator)[0])
    return count


@torch.no_grad()
def open_spiel(network: Callable, count: int, generator: torch.Generator) -> int:
    """Play with OpenSpiel's MCTS in Python."""
    import numpy
    import pyspiel
    from open_spiel.python.algorithms import mcts

    class Evaluator(mcts.Evaluator):
        def asked(self, state):
            planes = torch.tensor(state.observation_tensor()).view(3, 9)  # empty, second player, first player
            mine = 2 - state.current_player()
            return network.heads(torch.cat([planes[mine], planes[3 - mine]]).unsqueeze(0))

        def evaluate(self, state):
            value = float(self.asked(state)[1])
            return numpy.array([value, -value]) * (1 if state.current_player() == 0 else -1)

        def prior(self, state):
            legal = state.legal_actions()
            chances = self.asked(state)[0][0][legal].softmax(-1).tolist()
            return list(zip(legal, chances, strict=True))

    game, rng = pyspiel.load_game("tic_tac_toe"), numpy.random.RandomState(1)
    options = {"random_state": rng, "dirichlet_noise": (0.25, 1.0), "child_selection_fn": mcts.SearchNode.puct_value}
    bot = mcts.MCTSBot(game, tree_search.EXPLORATION, SIMULATIONS, Evaluator(), solve=False, **options)
    for _ in range(count):
        state = game.new_initial_state()
        while not state.is_terminal():
            tree = bot.mcts_search(state)
            visits = torch.tensor([float(child.explore_count) for child in tree.children])
            state.apply_action(tree.children[int(torch.multinomial(visits, 1, generator=generator))].action)
    return count


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    torch.set_num_threads(1)
    g = torch.Generator().manual_seed(1)
    network, many = (alphazero.TwoHeads(shape, GAME, generator=g) for shape in ((), (8,)))
    games, few, repeats = (8, 1, 1) if options.quick else (128, 4, 5)
    counts = {"batched": games, "eight networks": 8 * games, "plain Python": few}
    methods = {
        "batched": lambda: batched(network, games, g),
        "eight networks": lambda: batched(many, games, g),
        "plain Python": lambda: plain(network, few, g),
    }
    if importlib.util.find_spec("pyspiel"):
        counts["OpenSpiel's MCTSBot"] = few
        methods["OpenSpiel's MCTSBot"] = lambda: open_spiel(network, few, g)
    else:
        print("open_spiel is not installed, so it is left out.")
    seconds, _ = in_turn(methods, repeats)
    each = {name: [time / counts[name] for time in times] for name, times in seconds.items()}
    print(f"seconds a game, {SIMULATIONS} simulations a move")
    write(compare(each, "batched", "self-play"), options.json)


if __name__ == "__main__":
    main()
