"""Train every architecture of `search_spaces.STAGES` on the digits and write helpers/bundled/architectures.csv.

    OMP_NUM_THREADS=1 .venv/bin/python -m helpers.bundled.make_architectures

It takes about a quarter of an hour on one core. Interrupted, it goes on where it was: what is done lies beside the
table in a file that ends in .partial. The same processor gives the same table; another one rounds otherwise, and moves
an accuracy by about as much as another seed does. At the end it prints the checksum, which belongs in
`architecture_search.TABLE_SHA256`.
"""

import argparse
import csv
import hashlib
import io
import time
from pathlib import Path

import torch

from helpers import child_networks as children
from helpers import search_spaces
from helpers.data import BUNDLED

SEEDS = 2  # trainings of each architecture
CHOICES = search_spaces.choices(search_spaces.STAGES)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train every architecture and write the table.")
    parser.add_argument("--out", type=Path, default=BUNDLED / "architectures.csv")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="trainings of each architecture")
    out, seeds = vars(parser.parse_args()).values()
    torch.set_num_threads(1)
    images, tokens = children.images(), search_spaces.all_tokens(CHOICES).tolist()
    partial = out.with_name(out.name + ".partial")
    done = read(partial)
    start, before, total = time.monotonic(), len(done), seeds * len(tokens)
    with open(partial, "a", encoding="utf-8") as file:
        for seed in range(1, seeds + 1):
            for row, architecture in enumerate(tokens):
                if (seed, row) in done:
                    continue
                done[seed, row] = trained = children.measure(architecture, seed, images)
                file.write(f"{seed} {row} {' '.join(map(str, trained))}\n")
                file.flush()
                if len(done) % 48 == 0:
                    left = (time.monotonic() - start) / (len(done) - before) * (total - len(done))
                    print(f"{len(done)} of {total} trainings, about {left / 60:.0f} minutes left", flush=True)
    text = table(tokens, done, seeds)
    out.write_text(text, encoding="utf-8", newline="\n")
    partial.unlink()
    print(f"{out.name}: sha256 {hashlib.sha256(text.encode()).hexdigest()}")


def read(partial: Path) -> dict[tuple[int, int], tuple[float, float]]:
    """Return dev and test accuracy by seed and row, from whole lines; a torn last line is cut off."""
    done, kept = {}, ""
    for line in partial.read_text(encoding="utf-8").splitlines(keepends=True) if partial.exists() else ():
        if line.endswith("\n"):
            seed, row, dev, test = line.split()
            done[int(seed), int(row)] = float(dev), float(test)
            kept += line
    partial.write_text(kept, encoding="utf-8", newline="\n")
    return done


def table(tokens: list, done: dict, seeds: int) -> str:
    """Write the table: the options by name, what the network costs, and its accuracies."""
    file = io.StringIO()
    names = [decision.name for decision in search_spaces.STAGES]
    measured = [f"{part}_{seed}" for part in ("dev", "test") for seed in range(1, seeds + 1)]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*names, "parameters", "flops", *measured])
    for row, architecture in enumerate(tokens):
        network = children.staged_network(architecture, generator=torch.Generator().manual_seed(0))
        accuracies = [f"{done[seed, row][part]:.4f}" for part in (0, 1) for seed in range(1, seeds + 1)]
        options = search_spaces.decode(architecture, search_spaces.STAGES).values()
        writer.writerow([*options, children.parameters(network), children.flops(network), *accuracies])
    return file.getvalue()


if __name__ == "__main__":
    main()
