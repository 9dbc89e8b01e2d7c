"""What do the parts of DQN buy on the small Breakout? Bricks of the greedy policy, exactly, over seeds.

Every setting trains as many independent networks as there are seeds, all in one tensor, with the recipe of lesson 10
but for the part that its name says. The score is the exact mean over both starts, from the table of all states, after a
third of the updates and after all. Without a ring a batch is the step that was just made in all games.
"""

import argparse
import csv
import time
from pathlib import Path

import torch
from timing import write

from helpers import breakout, dqn
from helpers.dqn import Recipe
from helpers.networks import Network

UPDATES, HIDDEN = 3000, 128
SETTINGS = {
    "DQN": Recipe(),
    "Double DQN": Recipe(double=True),
    "no target network": Recipe(copy_every=None),
    "no replay": Recipe(replay=False, batch_size=4),
    "neither": Recipe(copy_every=None, replay=False, batch_size=4),
    "an end taken for a step": Recipe(),
}


def measure(name: str, seeds: int, updates: int, size: tuple[int, int] = (5, 6)) -> dict[int, torch.Tensor]:
    """Train the runs of a setting; return by the number of updates what each breaks, (seeds,)."""
    board, generator = breakout.Board(*size), torch.Generator().manual_seed(2000)
    q = breakout.OnPixels(board, Network((seeds,), board.num_pixels, HIDDEN, 3, generator=generator))
    table, found = board.table, {}

    def look(number: int, _: torch.Tensor) -> None:
        if number in (updates // 3, updates):
            with torch.no_grad():
                found[number] = table.score(q(table.states.expand(seeds, -1, -1)).argmax(-1))

    right = dqn.td_target
    if name == "an end taken for a step":
        dqn.td_target = lambda rewards, ended, next_q, gamma: right(rewards, torch.zeros_like(ended), next_q, gamma)
    try:
        dqn.train(board.world, q, SETTINGS[name], updates=updates, generator=generator, report=look)
    finally:
        dqn.td_target = right
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two seeds and a few updates, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the mean number of bricks to FILE")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write a row for each run")
    options = parser.parse_args()
    torch.set_num_threads(1)
    seeds, updates = (2, 300) if options.quick else (20, UPDATES)
    rows, means = [], {}
    for name in SETTINGS:
        start = time.process_time()
        for number, score in measure(name, seeds, updates).items():
            quartiles = score.quantile(torch.tensor([0.25, 0.5, 0.75])).tolist()
            rows += [(name, number, seed, value) for seed, value in enumerate(score.flatten().tolist())]
            print(
                f"{name:24} {number:5} updates: mean {score.mean():5.2f}, quartiles {quartiles}, "
                f"at least nine bricks on {int((score >= 9).sum())} of {seeds}, all on {int((score == 10).sum())}",
                flush=True,
            )
        print(f"{'':24} {time.process_time() - start:.0f} s of CPU", flush=True)
        means[f"ablations: {name}"] = max(score.mean().item(), 0.01)  # a ratio is never 0
    write(means, options.json)
    if options.csv:
        with open(options.csv, "w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(("setting", "updates", "seed", "bricks"))
            table.writerows(rows)


if __name__ == "__main__":
    main()
