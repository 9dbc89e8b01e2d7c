"""Measure what each part of AlphaZero is good for, and write helpers/bundled/alphazero.csv.

    OMP_NUM_THREADS=1 .venv/bin/python -m helpers.bundled.make_alphazero

It takes about a quarter of an hour on one core. Interrupted, it goes on where it was: what is done lies beside the
table in a file that ends in .partial. Another processor rounds otherwise, and moves a result by about as much as
another seed does. At the end it prints the checksum, which belongs in `alphazero_runs.SHA256`.

Each row is one network, played with so many simulations: `perfect` is the share of perfect moves over all positions,
`unbeaten` whether no opponent does better than perfect play allows, on either side, `first` and `second` what the
player reaches on each side against the opponent who answers best.
"""

import argparse
import hashlib
from pathlib import Path

import torch

from helpers import alphazero, games
from helpers.data import BUNDLED
from helpers.files import write_whole

ITERATIONS = 30
SIMULATIONS = (0, 10, 25, 100)  # of AlphaZero itself; of the others the first and the third
THREE, FOUR = games.connect(3, 4, 4), games.connect(4, 4, 4)


def same(movers: torch.Tensor, leaf_mover: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Give everybody the leaf's value, whoever moves: the sign is missing."""
    return value.expand(movers.shape)


SETTINGS = {  # game, what a setting changes in the recipe, pieces of the search, and networks
    "AlphaZero": (games.TIC_TAC_TOE, {}, {}, 20),
    "no root noise": (games.TIC_TAC_TOE, {"noise": 0.0}, {}, 10),
    "greedy moves": (games.TIC_TAC_TOE, {"temperature": 0.0}, {}, 10),
    "no symmetries": (games.TIC_TAC_TOE, {"symmetries": False}, {}, 10),
    "no sign flip": (games.TIC_TAC_TOE, {}, {"sign": same}, 3),
    "Connect-3 on 4 × 4": (THREE, {}, {}, 2),
    "Connect-4 on 4 × 4": (FOUR, {}, {}, 1),
    "5 simulations": (games.TIC_TAC_TOE, {"simulations": 5}, {}, 10),
    "greedy moves and no root noise": (games.TIC_TAC_TOE, {"temperature": 0.0, "noise": 0.0}, {}, 10),
    "8 iterations kept": (games.TIC_TAC_TOE, {"window": 8}, {}, 10),
}
HEADER = "setting,simulations,seed,perfect,unbeaten,first,second"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure AlphaZero and write the table.")
    parser.add_argument("--out", type=Path, default=BUNDLED / "alphazero.csv")
    parser.add_argument("--runs", type=int, help="networks of each setting")
    parser.add_argument("--iterations", type=int, default=ITERATIONS)
    parser.add_argument("--seed", type=int, default=12)
    out, runs, iterations, seed = vars(parser.parse_args()).values()
    torch.set_num_threads(1)
    partial = out.with_name(out.name + ".partial")
    done = partial.read_text(encoding="utf-8") if partial.exists() else ""
    for number, name in enumerate(SETTINGS):
        if f"\n{name}," in f"\n{done}":
            continue
        done += measure(name, runs, iterations, generator=torch.Generator().manual_seed(100 * seed + number))
        write_whole(partial, done.encode())
        print(done.splitlines()[-1], flush=True)
    text = f"{HEADER}\n{done}"
    out.write_text(text, encoding="utf-8", newline="\n")
    partial.unlink()
    print(f"{out.name}: sha256 {hashlib.sha256(text.encode()).hexdigest()}")


def measure(name: str, runs: int | None, iterations: int, *, generator: torch.Generator) -> str:
    """Train the networks of a setting, and return its rows; what plays is searched with the setting's pieces, too."""
    game, options, pieces, networks = SETTINGS[name]
    network = alphazero.TwoHeads((runs or networks,), game, generator=generator)
    alphazero.train(network, alphazero.Recipe(**options), iterations=iterations, generator=generator, pieces=pieces)
    rows = ""
    for simulations in SIMULATIONS if name == "AlphaZero" else SIMULATIONS[::2]:
        moves = torch.stack([play(network, run, simulations, pieces) for run in range(network.shape[0])])
        perfect, unbeaten = game.positions.perfect_share(moves), game.positions.unbeaten(moves)
        first, second = (game.positions.best_response(moves, player) for player in (0, 1))
        for run, row in enumerate(zip(perfect, unbeaten, first, second, strict=True)):
            rows += f"{name},{simulations},{run},{row[0]:.4f},{int(row[1])},{row[2]:.0f},{row[3]:.0f}\n"
    return rows


def play(network: alphazero.TwoHeads, run: int, simulations: int, pieces: dict) -> torch.Tensor:
    """Return one network's move in every position; a few thousand at a time, since trees take memory."""
    alone = alphazero.one_of(network, run)
    parts = [
        alphazero.moves(alone, network.game, part, simulations, **(pieces if simulations else {}))
        for part in network.game.positions.states.split(8000)
    ]
    return torch.cat(parts)


if __name__ == "__main__":
    main()
