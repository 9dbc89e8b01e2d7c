"""Measure RLHF and DPO in the world of words, and write helpers/bundled/preferences.csv.

    OMP_NUM_THREADS=1 .venv/bin/python -m helpers.bundled.make_preferences

It takes about five minutes on one core. At the end it prints the checksum, which belongs in
`preference_runs.SHA256`.
Each row is one run: `x`, and two numbers.

- regret, RLHF or DPO: x pairs; J* − J at β = 1, and for RLHF KL(π ‖ π*) for the optimum under its own reward model.
- betas, counts or places: RLHF from a reward model that adds up a weight for each letter, or for each letter in each
  place, with 1000 pairs, at β = x; mean true reward, and by how much the reward model's mean exceeds that of the
  reference. "few errors" starts from a reference with two typing errors in a hundred, not ten.
- likelihood, number of pairs and β: DPO for x steps, nothing held out; the mean of log π(chosen) − log π_ref(chosen),
  and the probability of all responses that no pair names.
"""

import argparse
import copy
import hashlib
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from helpers import preferences, word_world
from helpers.data import BUNDLED
from helpers.files import write_whole

SIZES = (100, 300, 1000, 3000, 10_000, 30_000)
BETAS = (1.0, 0.5, 0.25, 0.12, 0.06, 0.03)
PROXIES = {"counts": (True, 0.1), "places": (False, 0.1), "places and few errors": (False, 0.02)}
LIKELIHOODS = {"100 pairs": (100, 1.0), "1000 pairs": (1000, 1.0), "1000 pairs at β = 0.1": (1000, 0.1)}
RUNS = {"regret": 10, "betas": 20, "likelihood": 20}
HEADER = "experiment,setting,x,run,first,second"
LEARN_BY_HEART = word_world.Recipe(600, 256, 0.005)
Row = tuple[str, float, Tensor, Tensor]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure RLHF and DPO and write the table.")
    parser.add_argument("--out", type=Path, default=BUNDLED / "preferences.csv")
    parser.add_argument("--runs", type=int, help="runs of each experiment; by default 10 or 20")
    parser.add_argument("--seed", type=int, default=13)
    out, runs, seed = vars(parser.parse_args()).values()
    torch.set_num_threads(1)
    lines = [HEADER]
    for number, (experiment, measure) in enumerate(MEASURE.items()):
        g = torch.Generator().manual_seed(100 * seed + number)
        for setting, x, first, second in measure(runs or RUNS[experiment], g):
            print(f"{experiment}, {setting}, {x:g}: medians {first.median():.4g}, {second.median():.4g}", flush=True)
            pairs = enumerate(zip(first.tolist(), second.tolist(), strict=True))
            lines += [f"{experiment},{setting},{x:g},{run},{one:.5g},{other:.5g}" for run, (one, other) in pairs]
    content = ("\n".join(lines) + "\n").encode()
    write_whole(out, content)
    print(f"{out.name}: sha256 {hashlib.sha256(content).hexdigest()}")


def reference(runs: int, g: torch.Generator, **reading) -> tuple[word_world.LanguageModel, Tensor]:
    """Return models that have read the words, one for each run, and log π_ref of all responses."""
    model = word_world.LanguageModel((runs,), generator=g)
    word_world.read_words(model, **reading)
    return model, model.log_probs().detach()


def learn_rewards(log_ref: Tensor, pairs: preferences.Pairs, g: torch.Generator, **kind) -> Tensor:
    """Return what reward models think of all responses after training on pairs."""
    model = word_world.reward_model(log_ref.shape[:-1], **kind, generator=g)
    word_world.fit_rewards(model, pairs, generator=g)
    return word_world.judge(model).detach()


def regret(runs: int, g: torch.Generator) -> Iterator[Row]:
    start, log_ref = reference(runs, g)
    rewards = word_world.true_rewards()
    for size in SIZES:
        pairs = preferences.draw_pairs(log_ref, rewards, size, generator=g)
        proxy = learn_rewards(log_ref, pairs, g)
        model = copy.deepcopy(start)
        word_world.rlhf(model, log_ref, proxy, 1.0, generator=g)
        log_pi = model.log_probs().detach()
        own = preferences.kl(log_pi, preferences.tilt(log_ref, proxy, 1.0)[0])
        yield "RLHF", size, preferences.regret(log_pi, log_ref, rewards, 1.0), own
        model = copy.deepcopy(start)
        word_world.dpo(model, log_ref, pairs, 1.0, generator=g)
        lost = preferences.regret(model.log_probs().detach(), log_ref, rewards, 1.0)
        yield "DPO", size, lost, torch.zeros_like(lost)


def betas(runs: int, g: torch.Generator) -> Iterator[Row]:
    rewards = word_world.true_rewards()
    for setting, (counts, smoothing) in PROXIES.items():
        start, log_ref = reference(runs, g, smoothing=smoothing)
        pairs = preferences.draw_pairs(log_ref, rewards, 1000, generator=g)
        proxy = learn_rewards(log_ref, pairs, g, hidden=0, counts=counts)
        for beta in BETAS:
            model = copy.deepcopy(start)
            word_world.rlhf(model, log_ref, proxy, beta, generator=g)
            pi = model.log_probs().detach().exp()
            yield setting, beta, (pi * rewards).sum(-1), ((pi - log_ref.exp()) * proxy).sum(-1)


def likelihood(runs: int, g: torch.Generator) -> Iterator[Row]:
    start, log_ref = reference(runs, g)
    for setting, (size, beta) in LIKELIHOODS.items():
        pairs = preferences.draw_pairs(log_ref, word_world.true_rewards(), size, generator=g)
        named, model, rows = torch.zeros_like(log_ref), copy.deepcopy(start), []
        named.scatter_(-1, torch.cat(pairs, -1), 1.0)

        def look(number, loss, model=model, pairs=pairs, named=named, rows=rows) -> None:
            if number % 50 == 0 or number == 1:
                log_pi = model.log_probs().detach()
                moved = (log_pi - log_ref).gather(-1, pairs.chosen).mean(-1)
                rows.append((number, moved, (log_pi.exp() * (1 - named)).sum(-1)))

        look(1, None)
        rows[0] = (0, *rows[0][1:])
        word_world.dpo(model, log_ref, pairs, beta, LEARN_BY_HEART, generator=g, report=look)
        yield from ((setting, *row) for row in rows)


MEASURE = {"regret": regret, "betas": betas, "likelihood": likelihood}


if __name__ == "__main__":
    main()
