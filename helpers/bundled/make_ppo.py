"""Measure PPO beside what it is made of, and write helpers/bundled/ppo.csv.

    OMP_NUM_THREADS=1 .venv/bin/python -m helpers.bundled.make_ppo

It takes about ten minutes on one core. Interrupted, it goes on where it was: what is done lies beside the table in a
file that ends in .partial. Another processor rounds otherwise, and moves a result by about as much as another seed
does. At the end it prints the checksum, which belongs in `ppo_runs.SHA256`.

Each row is one run: `result` is the exact number of bricks of the greedy policy (breakout), its mean return over 100
episodes (cartpole), or how much the network chosen is worse than the best of the table in dev accuracy (search);
`largest_ratio` is the largest π/π_old that the run met.
"""

import argparse
import hashlib
from pathlib import Path

import torch
from torch import Tensor

from helpers import architecture_search, breakout, cartpole, ppo, reinforce, search_spaces
from helpers.data import BUNDLED
from helpers.files import write_whole
from helpers.networks import Network

RUNS = 20
SEARCHES = 120
STEPS = {"breakout": 30 * 1024, "cartpole": 50 * 1024}  # of play
ONE_STEP = {"objective": "log", "epochs": 1, "minibatches": 1, "steps": 16}  # shorter segments suit it better
SETTINGS = {  # what a setting changes in a recipe, and its learning rates
    ("breakout", "PPO"): ({}, (0.001, 0.003, 0.01, 0.03)),
    ("breakout", "no clip"): ({"objective": "ratio"}, (0.001, 0.003, 0.01, 0.03)),
    ("breakout", "no ratio"): ({"objective": "log"}, (0.001, 0.003, 0.01, 0.03)),
    ("breakout", "one step"): (ONE_STEP, (0.001, 0.003, 0.01, 0.03)),
    ("cartpole", "PPO"): ({"gamma": 0.99, "entropy": 0.0, "final_rate": 1.0}, (0.003, 0.01, 0.03, 0.1)),
    ("cartpole", "REINFORCE"): ({}, (0.01, 0.02, 0.03, 0.05)),
    ("search", "PPO"): ({"clip": 0.2}, (0.001, 0.003, 0.01, 0.03)),
    ("search", "no clip"): ({"clip": None}, (0.001, 0.003, 0.01, 0.03)),
    ("search", "REINFORCE"): ({"epochs": 1, "clip": None}, (0.001, 0.003, 0.01, 0.03)),
}
HEADER = "experiment,setting,rate,seed,result,largest_ratio"
SCALE = torch.tensor([1.0, 1.0, 5.0, 1.0])


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure PPO and write the table.")
    parser.add_argument("--out", type=Path, default=BUNDLED / "ppo.csv")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each game; six times as many searches")
    parser.add_argument("--seed", type=int, default=11)
    out, runs, seed = vars(parser.parse_args()).values()
    torch.set_num_threads(1)
    partial = out.with_name(out.name + ".partial")
    done = partial.read_text(encoding="utf-8") if partial.exists() else ""
    for number, ((experiment, setting), (options, rates)) in enumerate(SETTINGS.items()):
        for rate in rates:
            start = f"{experiment},{setting},{rate:g},"
            if start in done:
                continue
            g = torch.Generator().manual_seed(100 * seed + number)
            results, ratios = MEASURE[experiment](runs, setting, options, rate, generator=g)
            pairs = zip(results.tolist(), ratios.tolist(), strict=True)
            done += "".join(f"{start}{run},{result:.4f},{ratio:.4g}\n" for run, (result, ratio) in enumerate(pairs))
            write_whole(partial, done.encode())
            print(f"{start} mean {results.mean():.4f}, largest ratio {ratios.max():.3g}", flush=True)
    text = f"{HEADER}\n{done}"
    out.write_text(text, encoding="utf-8", newline="\n")
    partial.unlink()
    print(f"{out.name}: sha256 {hashlib.sha256(text.encode()).hexdigest()}")


def play_breakout(runs: int, setting: str, options: dict, rate: float, *, generator) -> tuple[Tensor, Tensor]:
    board = breakout.Board()
    policy, value = (
        breakout.OnPixels(board, Network((runs,), board.num_pixels, 128, size, generator=generator)) for size in (3, 1)
    )
    recipe = ppo.Recipe(learning_rate=rate, **options)
    updates = STEPS["breakout"] // (recipe.games * recipe.steps)
    result = ppo.train(board.world, policy, value, recipe, updates=updates, generator=generator)
    actions = policy(board.table.states.expand(runs, -1, 2)).argmax(-1)
    return board.table.score(actions), result.largest_ratio.amax(0)


def balance(runs: int, setting: str, options: dict, rate: float, *, generator) -> tuple[Tensor, Tensor]:
    policy, value = (Network((runs,), 4, 32, size, scale=SCALE, generator=generator) for size in (2, 1))
    largest = torch.ones(runs)
    if setting == "REINFORCE":
        reinforce_for(policy, value, rate, STEPS["cartpole"], generator=generator)
    else:
        recipe = ppo.Recipe(learning_rate=rate, **options)
        updates = STEPS["cartpole"] // (recipe.games * recipe.steps)
        largest = ppo.train(cartpole.WORLD, policy, value, recipe, updates=updates, generator=generator).largest_ratio
        largest = largest.amax(0)
    return reinforce.evaluate(cartpole.WORLD, policy, generator=generator), largest


def reinforce_for(policy: Network, value: Network, rate: float, steps: int, *, generator) -> None:
    """Train by REINFORCE with a value network; each run keeps the weights it had when it had made so many steps."""
    recipe = reinforce.Recipe(16, learning_rate=rate, baseline="value")
    optimizer, value_optimizer = (
        torch.optim.Adam(module.parameters(), lr=speed)
        for module, speed in ((policy, rate), (value, recipe.value_rate))
    )
    made, kept = torch.zeros(policy.shape), [part.detach().clone() for part in policy.parameters()]
    while (made < steps).any():
        episodes = reinforce.run_episodes(cartpole.WORLD, policy, recipe.episodes, generator=generator)
        weights, g = reinforce.weigh(episodes, recipe, value)
        reinforce.update(policy, optimizer, episodes, weights)
        reinforce.fit_value(value, value_optimizer, episodes, g, recipe.value_steps)
        for old, now in zip(kept, policy.parameters(), strict=True):
            old[made < steps] = now.detach()[made < steps]
        made += episodes.mask.sum((-2, -1))
    with torch.no_grad():
        for old, now in zip(kept, policy.parameters(), strict=True):
            now.copy_(old)


def search(runs: int, setting: str, options: dict, rate: float, *, generator) -> tuple[Tensor, Tensor]:
    """Let controllers try 200 networks of lesson 06's table, 20 batches of 10."""
    runs, epochs, clip = 6 * runs, options.get("epochs", 4), options["clip"]
    table, choices = architecture_search.table(), search_spaces.choices(search_spaces.STAGES)
    controller = architecture_search.Controller((runs,), choices, generator=generator)
    optimizer = torch.optim.Adam(controller.parameters(), rate)
    baseline, largest, seen, worth = None, torch.ones(runs), [], []
    mean_dev = table.dev.mean(-1)
    for _ in range(20):
        tokens = architecture_search.sample(controller, 10, generator=generator)
        rewards = architecture_search.train_by_table(table.dev, tokens, choices, generator=generator).float()
        baseline = rewards.mean(-1) if baseline is None else baseline
        advantages, old = rewards - baseline.unsqueeze(-1), None
        advantages = advantages / (advantages.std(-1, keepdim=True) + 1e-8)
        for _ in range(epochs):
            log_pi = architecture_search.sequence_log_pi(controller(tokens), tokens)
            old = log_pi.detach() if old is None else old
            ratio = (log_pi - old).exp()
            largest = torch.maximum(largest, ratio.detach().amax(-1))
            gains = ratio * advantages if clip is None else ppo.surrogate(ratio, advantages, clip)
            optimizer.zero_grad()
            (-gains.mean(-1)).sum().backward()
            optimizer.step()
        baseline = architecture_search.update_baseline(baseline, rewards)
        seen.append(rewards)
        worth.append(mean_dev[search_spaces.rows(tokens, choices)])
    best = torch.cat(seen, -1).argmax(-1, keepdim=True)
    return mean_dev.max() - torch.cat(worth, -1).gather(-1, best)[:, 0], largest


MEASURE = {"breakout": play_breakout, "cartpole": balance, "search": search}


if __name__ == "__main__":
    main()
