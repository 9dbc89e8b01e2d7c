"""On how many fresh seeds does REINFORCE balance CartPole's pole?

A generator seed makes the policies, every episode and every evaluation, so each row of docs/reliability.csv can be
repeated by itself with `measure`. Recipes were chosen on seeds below 1000, and measured once on the seeds listed.

To a bar: a seed is one run. Training ends when the greedy policy has a mean return of 475 over 100 fresh episodes. It
is asked after each batch with a mean return of 250 or more; a run fails if 100 updates do not suffice. Lesson 04: its
solutions, as a learner would write them, train until a batch has a mean return of 475, with γ = 1. With 200 training
episodes: a seed makes 50 independent runs at once. All episodes are used, the learning rate falls to a tenth,
and one evaluation at the end must reach 490.

Also told: what each trained policy has on 1000 more episodes, of generator seed 1,000,000 + seed. An evaluation that
decides when to stop is favourable to the policy; this one is not.
"""

import argparse
import csv
import math
import time
from functools import cache
from pathlib import Path
from statistics import median
from typing import NamedTuple

import torch
from timing import write

from course.authoring import lessons, solved
from helpers import cartpole, reinforce
from helpers.networks import Network
from helpers.reinforce import Recipe

SCALE = torch.tensor([1.0, 1.0, 5.0, 1.0])
TO_A_BAR = {
    "vanilla, 64 episodes": Recipe(),
    "vanilla, 32 episodes": Recipe(episodes=32),
    "time baseline, 16 episodes": Recipe(episodes=16, baseline="time"),
    "value network, 16 episodes": Recipe(episodes=16, baseline="value"),
}
WITH_200_EPISODES = {
    "200 episodes: time baseline, 5 at once": Recipe(5, 0.025, gamma=0.985, baseline="time", final_rate=0.1),
    "200 episodes: time baseline, 8 at once": Recipe(8, 0.07, baseline="time", final_rate=0.1),
    "200 episodes: vanilla, 4 at once": Recipe(4, 0.03, final_rate=0.1),
}
LESSON = "lesson 04, its own code"
RECIPES = TO_A_BAR | WITH_200_EPISODES
SEEDS = dict.fromkeys([LESSON, *TO_A_BAR], range(1000, 1100)) | dict.fromkeys(WITH_200_EPISODES, range(2000, 2008))
AT_ONCE = dict.fromkeys([LESSON, *TO_A_BAR], ()) | dict.fromkeys(WITH_200_EPISODES, (50,))


class Run(NamedTuple):
    """One row of the table: mean returns over `evaluation` 100 and `afterwards` 1000 greedy episodes."""

    recipe: str
    seed: int
    place: int  # among the runs of the seed
    solved: int
    updates: int
    episodes: int
    evaluation: float
    afterwards: float


def measure_lesson(seed: int) -> list[Run]:
    """Balance the pole with the functions of lesson 04's solutions."""
    generator, batches = torch.Generator().manual_seed(seed), []
    balance = lesson_functions()["balance"]
    policy = balance(generator, report=lambda number, mean: batches.append(mean))
    score = reinforce.evaluate(cartpole.WORLD, policy, generator=generator).item()
    again = torch.Generator().manual_seed(1_000_000 + seed)
    afterwards = reinforce.evaluate(cartpole.WORLD, policy, 1000, generator=again).item()
    counts = len(batches), 64 * len(batches)
    return [Run(LESSON, seed, 0, int(score >= 475), *counts, round(score, 2), round(afterwards, 2))]


@cache
def lesson_functions() -> dict:
    """Return lesson 04's solutions, with the two names that plain cells of it define."""
    functions = solved.functions(lessons.read(Path(__file__).resolve().parents[1] / "lessons" / "04-reinforce.py"))
    functions["balance"].__globals__.update(
        world=cartpole.WORLD, new_policy=lambda generator: Network((), 4, 32, 2, scale=SCALE, generator=generator)
    )
    return functions


def measure(name: str, seed: int) -> list[Run]:
    """Train the runs of one seed."""
    if name == LESSON:
        return measure_lesson(seed)
    recipe, generator, shape = RECIPES[name], torch.Generator().manual_seed(seed), AT_ONCE[name]
    policy = Network(shape, 4, 32, 2, scale=SCALE, generator=generator)
    value = Network(shape, 4, 64, 1, scale=SCALE, generator=generator) if recipe.baseline == "value" else None
    world, options = cartpole.WORLD, {"generator": generator, "value": value}
    if name in TO_A_BAR:
        history, score, solved_after = reinforce.solve(world, policy, recipe, bar=475, evaluate_from=250, **options)
        solved, score = solved_after >= 0, score.clamp(min=0)  # −∞ where none was due
    else:
        history = reinforce.train(world, policy, recipe, updates=200 // recipe.episodes, **options)
        score = reinforce.evaluate(world, policy, generator=generator)
        solved = score >= 490
    again = torch.Generator().manual_seed(1_000_000 + seed)
    afterwards = reinforce.evaluate(world, policy, 1000, generator=again)
    columns = (part.view(-1).tolist() for part in (solved.int(), score, afterwards))
    updates, episodes = len(history), len(history) * recipe.episodes
    return [
        Run(name, seed, place, success, updates, episodes, round(one, 2), round(other, 2))
        for place, (success, one, other) in enumerate(zip(*columns, strict=True))
    ]


def interval(successes: int, runs: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a rate, in per cent: Wilson (1927), which also holds near 0 and 100 %."""
    rate, weight = successes / runs, z * z / runs
    middle, half = rate + weight / 2, z * math.sqrt((rate * (1 - rate) + weight / 4) / runs)
    return 100 * (middle - half) / (1 + weight), 100 * (middle + half) / (1 + weight)


def describe(rows: list[Run]) -> None:
    """Print one line about the runs of one recipe."""
    solved, bar = sum(row.solved for row in rows), 490 if rows[0].recipe in WITH_200_EPISODES else 475
    low, high = interval(solved, len(rows))
    kept = sum(row.afterwards >= bar for row in rows)
    updates, episodes = ([row[column] for row in rows] for column in (4, 5))
    line = f"{rows[0].recipe:40} {solved:4} of {len(rows):<4} {low:5.1f} to {high:5.1f} %"
    line += f"  {kept:4} of {len(rows)} still ≥ {bar} on 1000 more"
    line += f"  updates {median(updates):g} (at most {max(updates)})  episodes {median(episodes):g}"
    print(line, flush=True)


def read(path: Path) -> list[Run]:
    """Read a table that this script wrote."""
    with open(path, encoding="utf-8", newline="") as file:
        kinds = Run.__annotations__
        return [Run(**{name: kinds[name](text) for name, text in row.items()}) for row in csv.DictReader(file)]


def save(rows: list[Run], path: Path) -> None:
    """Write a table for `read`."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(Run._fields)
        table.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="a seed of those recipes that take seconds, to see that it works"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the share of solved runs to FILE")
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="write a row for each run; docs/reliability.csv is one"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    start, rows, chosen = time.perf_counter(), [], SEEDS
    if options.quick:
        chosen = {name: SEEDS[name][:1] for name in (LESSON, *TO_A_BAR)}
    for name, seeds in chosen.items():
        rows.append([run for seed in seeds for run in measure(name, seed)])
        describe(rows[-1])
    print(f"One thread, {time.perf_counter() - start:.0f} s in all.")
    write({f"reliability: {runs[0].recipe}": sum(r.solved for r in runs) / len(runs) for runs in rows}, options.json)
    if options.csv:
        save([run for runs in rows for run in runs], options.csv)


if __name__ == "__main__":
    main()
