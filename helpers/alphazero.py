"""AlphaZero: a network guides a search, plays itself by it, and learns what the search found; one run or many at once.

Leading dimensions `...` hold independent runs; then come G games. Adam sees the sum of the runs' losses, and since it
treats every entry by itself, each run learns as if it were alone.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from helpers import given, training, tree_search
from helpers.games import Game
from helpers.tree_search import visit_policy


@dataclass(frozen=True)
class Recipe:
    """How to train; the defaults make a player of tic-tac-toe whom nobody beats.

    Attributes:
        games: G, played at once in each iteration.
        simulations: of each search during self-play.
        c: weight of exploration in PUCT.
        noise: ε, share of noise in the priors of the roots.
        temperature: of the visits by which moves are chosen; 0 takes the most visited one.
        updates: steps of Adam after the games of an iteration.
        batch_size: positions of an update.
        learning_rate: of Adam.
        final_rate: the learning rate falls linearly to this share of itself.
        symmetries: show the network each position turned and mirrored at random.
        window: iterations whose games are remembered; None keeps all.
    """

    games: int = 128
    simulations: int = 25
    c: float = tree_search.EXPLORATION
    noise: float = 0.25
    temperature: float = 1.0
    updates: int = 120
    batch_size: int = 256
    learning_rate: float = 1e-2
    final_rate: float = 0.1
    symmetries: bool = True
    window: int | None = None

    def __post_init__(self):
        if min(self.games, self.simulations, self.updates, self.batch_size) < 1:
            raise ValueError(
                "games, simulations, updates and batch_size are at least 1, but they are "
                f"{self.games}, {self.simulations}, {self.updates} and {self.batch_size}."
            )
        if not 0 <= self.noise <= 1 or self.temperature < 0:
            raise ValueError(
                f"noise lies in [0, 1] and temperature is not negative, but they are {self.noise} and "
                f"{self.temperature}."
            )
        if self.window is not None and self.window < 1:
            raise ValueError(f"window is at least 1, or None to keep all games, but it is {self.window}.")


class Examples(NamedTuple):
    """What self-play teaches; `mask` is true where a move was made, behind the end of a game all else means nothing.

    Attributes:
        states: int64 (..., G, T, 2).
        policies: what the search would have played, (..., G, T, A).
        z: what who moved there reached in the end: 1, 0 or −1, (..., G, T).
        mask: bool (..., G, T).
    """

    states: Tensor
    policies: Tensor
    z: Tensor
    mask: Tensor


class TwoHeads(nn.Module):
    """A network that sees the stones of who moves and of the other, and gives a logit for each move, and a value.

    Args:
        shape: leading dimensions, one network for each entry; () is a single one.
        game: whose boards it sees.
        hidden: units of each of two rectified layers, which both heads share.
        generator: source of the initial weights, uniform in ±1/√(inputs of the layer), on the device of the game.
    """

    def __init__(self, shape: tuple[int, ...], game: Game, hidden: int = 128, *, generator: torch.Generator):
        super().__init__()
        self.game, self.shape = game, tuple(shape)
        widths = [2 * game.cells, hidden, hidden, game.num_actions + 1]
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for fan_in, fan_out in zip(widths, widths[1:], strict=False):
            for parameters, rows in ((self.weights, fan_in), (self.biases, 1)):
                uniform = torch.rand(*shape, rows, fan_out, device=generator.device, generator=generator)
                parameters.append(nn.Parameter((2 * uniform - 1) / math.sqrt(fan_in)))

    def forward(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Map states (..., N, 2) to logits (..., N, A), and values (..., N) between −1 and 1 for who moves."""
        return self.heads(self.game.planes(states))

    def heads(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Do so from planes (..., N, 2 · cells)."""
        x = planes
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = torch.addmm(bias, x, weight) if x.dim() == weight.dim() == 2 else x @ weight + bias
            x = x.relu() if number < len(self.weights) - 1 else x
        return x[..., :-1], x[..., -1].tanh()


def outcomes(movers: Tensor, winner: Tensor) -> Tensor:
    """Return z_t: 1 where who moves at t wins in the end, −1 where the other does, and 0 in a draw.

    Args:
        movers: who moves, 0 or 1, (..., T).
        winner: 0 or 1, or −1 for a draw, (...).

    Returns:
        float32 (..., T).
    """
    winner = winner.unsqueeze(-1)
    return torch.where(winner < 0, 0.0, torch.where(movers == winner, 1.0, -1.0))


def loss(logits: Tensor, values: Tensor, policies: Tensor, z: Tensor) -> Tensor:
    """Compute the mean over positions of (z − v)² − Σ_a π(a) log p(a).

    Args:
        logits: of p, shape (..., B, A).
        values: v, shape (..., B).
        policies: π, what the search found, shape (..., B, A); no gradient flows into it.
        z: what came of it, shape (..., B).

    Returns:
        The loss of each run, shape (...).

    Silver et al. (2018), equation 1, without weight decay.
    """
    cross_entropy = -(policies.detach() * logits.log_softmax(-1)).sum(-1)
    return ((z.detach() - values).square() + cross_entropy).mean(-1)


def play(search: Callable[[Tensor], Tensor], game: Game, start: Tensor, temperature: float, *, generator) -> Examples:
    """Play games to their ends, both sides by the same search.

    Args:
        search: takes states (..., G, 2), and returns visits (..., G, A); of a game that is over any but 0.
        game: the rules.
        start: where the games begin, (..., G, 2).
        temperature: of the visits by which moves are chosen.
        generator: source of the moves, on the device of the states.

    Returns:
        What is to be learned from them; the policies are visits at temperature 1.
    """
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature).flatten(0, -2)
        actions = torch.multinomial(chances, 1, generator=generator).view(states.shape[:-1])
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, start.dim() - 1) for column in zip(*record, strict=True))
    return Examples(seen, policies, outcomes(game.movers(seen), winners(game, states)), mask)


def winners(game: Game, states: Tensor) -> Tensor:
    """Return who has won, 0 or 1, and −1 where nobody has, int64 (...)."""
    return torch.where(game.results(states) < 0, 1 - game.movers(states), -1)


def train(
    network: TwoHeads,
    recipe: Recipe | None = None,
    *,
    iterations: int = 30,
    generator: torch.Generator,
    report: Callable[[int, TwoHeads], bool | None] | None = None,
    checkpoint: Path | None = None,
    play: Callable = play,
    loss: Callable = loss,
    pieces: dict[str, Callable] | None = None,
) -> Tensor:
    """Train a network in place: games against itself, then updates on all games so far, again and again.

    Args:
        network: who plays; with leading dimensions many runs train at once.
        recipe: how to train; by default `Recipe()`.
        iterations: rounds of self-play and learning.
        generator: source of randomness, on the device of the network.
        report: called after each iteration with its number and the network; training stops where it returns True.
        checkpoint: file to write progress to after each iteration; if it exists, training resumes from it and ends as
            if never interrupted.
        play, loss: what the functions of these names do.
        pieces: what `search` is to use in place of its own, by name.

    Returns:
        The loss of the last update of each iteration, shape (iterations, ...).

    Raises:
        ValueError: if the loss is not finite, or the checkpoint is damaged or of another training.

    Silver et al. (2018), *A general reinforcement learning algorithm that masters chess, shogi, and Go …*.
    """
    recipe, game = recipe or Recipe(), network.game
    fused = generator.device.type in ("cpu", "cuda", "mps")
    optimizer = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate, fused=fused)
    parts, settings = {"network": network, "optimizer": optimizer}, vars(recipe) | {"iterations": iterations}
    settings |= {"game": f"{game.in_a_row} in a row on {game.rows} x {game.columns}"}
    memory, losses = [], []
    if checkpoint is not None and Path(checkpoint).exists():
        memory, losses = training.resume(checkpoint, settings, parts, generator)
        memory = [Examples(*part) for part in memory]

    def searched(states: Tensor) -> Tensor:
        options = {"c": recipe.c, "noise": recipe.noise, "generator": generator}
        visits = tree_search.search(game, network, states, recipe.simulations, **options, **(pieces or {})).visits
        return visits + game.over(states).unsqueeze(-1)

    for number in range(len(losses) + 1, iterations + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate(recipe, number, iterations)
        start = game.start((*network.shape, recipe.games))
        memory.append(play(searched, game, start, recipe.temperature, generator=generator))
        memory = memory[-recipe.window :] if recipe.window else memory
        examples = _in_rows(memory)
        for _ in range(recipe.updates):
            batch = draw(examples, game, recipe, generator=generator)
            value = update(network, optimizer, *batch, loss=loss)
        if not value.isfinite().all():
            raise ValueError(f"The loss is not finite: lower learning_rate={recipe.learning_rate}.")
        losses.append(value)
        if checkpoint is not None:
            training.save(checkpoint, settings, parts, generator, ([list(part) for part in memory], losses))
        if report is not None and report(number, network) is True:
            break
    return torch.stack(losses) if losses else torch.empty(0, *network.shape)


def rate(recipe: Recipe, number: int, iterations: int) -> float:
    """Return the learning rate of iteration `number`, from 1 to `iterations`."""
    return recipe.learning_rate * (1 - (1 - recipe.final_rate) * (number - 1) / max(iterations - 1, 1))


def update(
    network: TwoHeads, optimizer, planes: Tensor, policies: Tensor, z: Tensor, *, loss: Callable = loss
) -> Tensor:
    """Take one step down the loss of a batch (..., B, …), in place; return the loss of each run, (...)."""
    value = loss(*network.heads(planes), policies, z)
    optimizer.zero_grad()
    value.sum().backward()
    optimizer.step()
    return value.detach()


def draw(
    examples: Examples, game: Game, recipe: Recipe, *, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Draw positions of (..., M, …) with replacement: planes (..., B, D), policies (..., B, A) and z (..., B)."""
    shape = (*examples.z.shape[:-1], recipe.batch_size)
    count = examples.mask.sum(-1, keepdim=True)  # those that are true stand first
    places = (torch.rand(shape, generator=generator, device=generator.device) * count).long().clamp(max=count - 1)
    states, policies = (part.gather(-2, places.unsqueeze(-1).expand(*shape, part.shape[-1])) for part in examples[:2])
    planes = game.planes(states)
    if recipe.symmetries:
        cells, actions = game.symmetries
        which = torch.randint(len(cells), shape, generator=generator, device=generator.device)
        planes = planes.gather(-1, torch.cat([cells, cells + game.cells], -1)[which])
        policies = policies.gather(-1, actions[which])
    return planes, policies, examples.z.gather(-1, places)


def _in_rows(memory: list[Examples]) -> Examples:
    """Lay the positions of all games out in one row for each run, (..., M, …), those of no move behind the others."""
    z, mask = (torch.cat([getattr(part, name).flatten(-2) for part in memory], -1) for name in ("z", "mask"))
    states, policies = (
        torch.cat([getattr(part, name).flatten(-3, -2) for part in memory], -2) for name in ("states", "policies")
    )
    order = mask.long().argsort(dim=-1, descending=True, stable=True)
    states, policies = (part.gather(-2, order.unsqueeze(-1).expand_as(part)) for part in (states, policies))
    return Examples(states, policies, z.gather(-1, order), mask.gather(-1, order))


@torch.no_grad()
def moves(network: Callable, game: Game, states: Tensor, simulations: int, **options) -> Tensor:
    """Return the move of each state (..., N, 2), int64 (..., N): the most visited one, or that of the largest prior.

    Args:
        network: as `evaluate` of `tree_search.search`.
        game: the rules.
        states: of games that are not over; of one that is, the move means nothing.
        simulations: of the search; 0 asks the network alone.
        options: of `tree_search.search`.
    """
    if not simulations:
        return network(states)[0].masked_fill(~game.legal(states), -torch.inf).argmax(-1)
    return tree_search.search(game, network, states, simulations, **options).visits.argmax(-1)


def policy_of(network: TwoHeads, simulations: int, **options) -> Tensor:
    """Return the move in every position of the network's game, int64 (..., S), as `moves` does; 0 where it is over."""
    positions = network.game.positions
    going = positions.states[~positions.over]
    chosen = positions.children.new_zeros(*network.shape, len(positions.states))
    parts = going.expand(*network.shape, *going.shape).split(1500, dim=-2)  # larger trees leave the cache
    found = [moves(network, network.game, part, simulations, **options) for part in parts]
    chosen[..., ~positions.over] = torch.cat(found, -1)
    return chosen


def one_of(networks: TwoHeads, run: int) -> TwoHeads:
    """Return a copy of one network of many, (N,), by itself."""
    alone = TwoHeads((), networks.game, networks.weights[0].shape[-1], generator=torch.Generator())
    with torch.no_grad():
        for part, whole in zip(alone.parameters(), networks.parameters(), strict=True):
            part.set_(whole[run].clone())
    return alone


given.explain(__name__)
