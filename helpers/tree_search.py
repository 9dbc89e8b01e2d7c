"""PUCT: a tree search that a network guides, for many games at once, with one call of the network a simulation.

Nodes of all games lie in one table: what simulation k adds to game g is row k · G + g, so every step of the search is a
handful of operations on all games together. Each node keeps which child comes next, and only the nodes that a
simulation passed through are scored anew; walking down is looking up. Work follows the device of the states.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from helpers import given
from helpers.games import Game

Evaluate = Callable[[Tensor], tuple[Tensor, Tensor]]
EXPLORATION = 3.0  # of a game as small as tic-tac-toe; AlphaZero's grows slowly from 1.25


class Found(NamedTuple):
    """What a search found about each state it was given.

    Attributes:
        visits: N(s, a), how many simulations began with each move, float32 (..., A).
        totals: W(s, a), the sum of what they reached, for who moves in s, float32 (..., A).
        priors: P(s, a) of the root, with its noise, float32 (..., A).
    """

    visits: Tensor
    totals: Tensor
    priors: Tensor


def puct(priors: Tensor, visits: Tensor, totals: Tensor, legal: Tensor, c: float) -> Tensor:
    """Score moves by Q(s, a) + c P(s, a) √N(s) / (1 + N(s, a)), the largest of which a search tries next.

    Q is W/N, and 0 for a move not yet tried. N(s) = 1 + Σ N(s, a) counts the visit that made the node, too; without it
    the root of a fresh tree were all ties, and the first move would not ask the priors.

    Args:
        priors: P(s, a), shape (..., A).
        visits, totals: N(s, a) and W(s, a), shape (..., A).
        legal: bool (..., A).
        c: weight of exploration.

    Returns:
        Scores, shape (..., A); −∞ for illegal moves.

    Silver et al. (2017), *Mastering the game of Go without human knowledge*, methods; Rosin (2011).
    """
    explore = (c * (1 + visits.sum(-1, keepdim=True)).sqrt()) * priors
    scores = (totals / visits.clamp(min=1)).add_(explore.div_(1 + visits))
    return scores.masked_fill_(~legal, -torch.inf)


def backed_up(movers: Tensor, leaf_mover: Tensor, value: Tensor) -> Tensor:
    """Turn a leaf's value into what it is worth for who moves at each node above it.

    Args:
        movers: who moves at the nodes on the way, (D, ...).
        leaf_mover: who moves at the leaf, (...).
        value: for the leaf's mover, (...).

    Returns:
        Values (D, ...): the same where the leaf's mover moves, and the negative where the other does.
    """
    return torch.where(movers == leaf_mover, value, 0 - value)


def root_priors(logits: Tensor, legal: Tensor, draws: Tensor, share: float) -> Tensor:
    """Mask a network's logits, and mix noise into what is left: (1 − ε) P + ε η, both over legal moves alone.

    Args:
        logits: of all moves, shape (..., A).
        legal: bool (..., A), at least one of each row.
        draws: independent positive numbers, shape (..., A), of a gamma distribution; divided by their sum over legal
            moves they are a draw η of Dirichlet's. Exponential ones give the uniform one, α = 1.
        share: ε in [0, 1]; 0 inside the tree.

    Returns:
        Priors, shape (..., A), that sum to 1; exactly 0 for illegal moves.

    Silver et al. (2018), *A general reinforcement learning algorithm …*, with α = 0.3 for chess and 0.03 for Go.
    """
    priors = logits.masked_fill(~legal, -torch.inf).softmax(-1)
    if share == 0:
        return priors
    noise = draws * legal
    return (1 - share) * priors + share * noise / noise.sum(-1, keepdim=True)


def visit_policy(visits: Tensor, temperature: float) -> Tensor:
    """Turn visits into probabilities N^(1/τ) / Σ N^(1/τ), shape (..., A); τ = 0 shares 1 among the most visited moves.

    Raises:
        ValueError: if the temperature is negative.
    """
    if temperature < 0:
        raise ValueError(f"A temperature is at least 0, but it is {temperature}.")
    share = visits / visits.amax(-1, keepdim=True).clamp(min=1e-30)  # at most 1, so no power overflows
    weights = (share == 1).to(share) if temperature == 0 else share ** (1 / temperature)
    return weights / weights.sum(-1, keepdim=True)


@torch.no_grad()
def search(
    game: Game,
    evaluate: Evaluate,
    states: Tensor,
    simulations: int,
    *,
    c: float = EXPLORATION,
    noise: float = 0.0,
    generator: torch.Generator | None = None,
    score: Callable = puct,
    sign: Callable = backed_up,
    priors: Callable = root_priors,
) -> Found:
    """Search from every state at once.

    Args:
        game: the rules.
        evaluate: takes states (..., G, 2); returns logits (..., G, A) and values (..., G) for who moves.
        states: where to start, int64 (..., G, 2); of a game that is over all visits are 0.
        simulations: how often each tree grows.
        c: weight of exploration.
        noise: ε, share of noise in the priors of the roots.
        generator: source of the noise, on the device of the states.
        score, sign, priors: what `puct`, `backed_up` and `root_priors` do.

    Raises:
        ValueError: if there are no states or no simulations, noise has no generator, or the network gives no numbers.
    """
    if simulations < 1 or states.shape[-1:] != (2,) or not states.numel():
        raise ValueError(
            f"A search needs states (..., 2) and at least 1 simulation, but there are states {tuple(states.shape)} and "
            f"{simulations} simulations. The priors alone are the network's."
        )
    if noise and generator is None:
        raise ValueError("Noise at the root is drawn: give generator=.")
    tree = _Tree(game, evaluate, states, simulations, c, score, sign, priors)
    tree.plant(noise, generator)
    for number in range(1, simulations + 1):
        tree.grow(number)
    shape = (*states.shape[:-1], game.num_actions)
    return Found(*(part[: tree.count].view(shape) for part in (tree.visits, tree.totals, tree.priors)))


class _Tree:
    """The nodes of all games; the last row is where nothing is: games that wait while others walk on write there."""

    def __init__(self, game, evaluate, states, simulations, c, score, sign, priors):
        self.game, self.evaluate, self.shape, self.c = game, evaluate, states.shape, c
        self.score, self.sign, self.mask = score, sign, priors
        self.count = states.numel() // 2
        rows = self.nothing = (simulations + 1) * self.count
        device, actions = states.device, game.num_actions
        self.states = torch.zeros(rows + 1, 2, dtype=torch.int64, device=device)
        self.states[: self.count] = states.reshape(-1, 2)
        self.visits, self.totals, self.priors = torch.zeros(3, rows + 1, actions, device=device)
        self.legal = torch.zeros(rows + 1, actions, dtype=torch.bool, device=device)
        self.over = torch.zeros(rows + 1, dtype=torch.bool, device=device)
        self.results = torch.zeros(rows + 1, device=device)
        self.movers, self.best = torch.zeros(2, rows + 1, dtype=torch.int64, device=device)
        self.ahead = torch.full((rows + 1,), rows, device=device)  # the child by the best move
        self.children = torch.full((rows + 1, actions), rows, device=device)
        self.roots = torch.arange(self.count, device=device)

    def plant(self, noise: float, generator: torch.Generator | None) -> None:
        """Evaluate the roots."""
        draws = self.priors.new_ones(self.count, self.game.num_actions)
        if noise:
            draws = draws.exponential_(generator=generator)
        self.movers[: self.count] = self.game.movers(self.states[: self.count])
        self.fill(slice(0, self.count), draws, noise)
        if not self.priors[: self.count][~self.over[: self.count]].isfinite().all():
            raise ValueError("The network gives a root no priors: are its logits finite on the legal moves?")
        self.rank(self.roots)

    def fill(self, rows: slice, draws: Tensor, noise: float) -> Tensor:
        """Write what is known of new nodes, and return their values for who moves there."""
        states = self.states[rows]
        legal, results = self.game.legal(states), self.game.results(states)
        over = ~legal.any(-1)
        logits, values = self.evaluate(states.view(self.shape))
        self.legal[rows], self.over[rows], self.results[rows] = legal, over, results
        self.priors[rows] = self.mask(logits.reshape(legal.shape).float(), legal | over.unsqueeze(-1), draws, noise)
        return torch.where(over, results, values.reshape(-1).float())

    def rank(self, rows: Tensor) -> None:
        """Score the moves of nodes, and note which comes next."""
        table = (self.priors, self.visits, self.totals, self.legal)
        best = self.score(*(part.index_select(0, rows) for part in table), self.c).argmax(-1)
        self.best[rows] = best
        self.ahead[rows] = self.children.view(-1).take(rows * self.game.num_actions + best)

    def grow(self, number: int) -> None:
        """Walk down in every game, add a node, and carry its value up."""
        nothing, actions = self.nothing, self.game.num_actions
        leaf, path = self.roots, [self.roots]
        while True:
            node = self.ahead.take(path[-1])
            here = node != nothing
            if not here.any():
                break
            leaf = torch.where(here, node, leaf)
            path.append(node)
        ended, new = self.over.take(leaf), slice(number * self.count, (number + 1) * self.count)
        best = self.best.take(leaf)
        edge = torch.where(ended, nothing * actions, leaf * actions + best)  # nothing grows where a game is over
        self.states[new] = self.game.advance(self.states.index_select(0, leaf), best)
        movers = self.movers[new] = 1 - self.movers.take(leaf)
        values = self.fill(new, self.priors.new_ones(self.count, actions), 0.0)
        self.children.view(-1)[edge] = self.roots + new.start
        self.children[nothing] = nothing
        values = torch.where(ended, self.results.take(leaf), values)
        movers = torch.where(ended, 1 - movers, movers)
        nodes = torch.stack(path)
        nodes = nodes.masked_fill_((nodes == leaf) & ended, nothing)
        edges = (nodes * actions + self.best.take(nodes)).view(-1)
        gains = self.sign(self.movers.take(nodes), movers, values)
        self.visits.view(-1).index_add_(0, edges, torch.ones_like(edges, dtype=torch.float32))
        self.totals.view(-1).index_add_(0, edges, gains.reshape(-1).to(self.totals))
        self.rank(torch.cat([nodes.view(-1), self.roots + new.start]))


given.explain(__name__)
