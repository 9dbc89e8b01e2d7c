"""Do the helpers reach the bars of the project 05 · Your own agent, in how many of 100 runs?

A generator seed makes the networks and every episode of 10 or 50 runs at once. Recipes were chosen on other seeds
than those listed. A run counts if its greedy policy has the bar's mean return over 100 fresh episodes.
"""

import time

import torch
from timing import arguments, write
from torch import Tensor, nn

from checks.your_own_agent import BARS
from helpers import classic_control, pixels, ppo, reinforce
from helpers.networks import Network

STATE = torch.tensor([1.0, 1.0, 5.0, 1.0, 0.0, 0.0])  # what the value network looks at while training: no picture
ACROBOT = torch.tensor([1.0, 1.0, 1.0, 1.0, 0.3, 0.2])
MOUNTAIN_CAR = torch.tensor([1.0, 40.0])
RUNS = 100


class Where(nn.Module):
    """A policy that asks in each row of two pictures where the dark is, and how it has moved (Levine et al., 2016)."""

    def __init__(self, network: Network):
        super().__init__()
        self.network, self.shape = network, network.shape
        columns = torch.arange(float(pixels.COLUMNS)) - (pixels.COLUMNS - 1) / 2
        self.register_buffer("sums", torch.stack([columns, torch.ones_like(columns)], -1))

    def forward(self, snapshots: Tensor) -> Tensor:
        """Map snapshots (..., N, 2, 16, 60) to logits (..., N, 2)."""
        moment, light = (snapshots.float() @ self.sums).unbind(-1)  # of each row
        before, now = (-moment / (255 * pixels.COLUMNS + 1 - light)).unbind(-2)
        return self.network(torch.cat([now / 10, 2 * (now - before)], -1))


def pixel_cartpole(runs: tuple[int, ...], *, generator: torch.Generator, updates: int = 30) -> Tensor:
    """Balance the pole from pictures; the value network, which nobody needs for playing, sees the state."""
    world = pixels.cartpole_remembered()
    policy = pixels.Watching(Where(Network(runs, 2 * pixels.ROWS, 32, 2, generator=generator)))
    value = Network(runs, 6, 32, 1, scale=STATE, generator=generator)
    recipe = ppo.Recipe(games=16, learning_rate=0.01, gamma=0.99, entropy=0.0, minibatches=8)
    ppo.train(world, policy, value, recipe, updates=updates, generator=generator)
    return reinforce.evaluate(world, policy, generator=generator)


def acrobot(runs: tuple[int, ...], *, generator: torch.Generator, updates: int = 60) -> Tensor:
    """Swing the arm up by PPO; REINFORCE with the time baseline fails where no episode of a batch arrives."""
    world = classic_control.acrobot()
    policy, value = (Network(runs, 6, 32, size, scale=ACROBOT, generator=generator) for size in (3, 1))
    recipe = ppo.Recipe(games=16, learning_rate=0.02, gamma=0.99, entropy=0.02)
    ppo.train(world, policy, value, recipe, updates=updates, generator=generator)
    return reinforce.evaluate(world, policy, generator=generator)


def mountain_car(runs: tuple[int, ...], *, generator: torch.Generator, updates: int = 60) -> Tensor:
    """Rock the car out by the project's own solution: energy as potential, REINFORCE with the time baseline."""

    def energy(states: Tensor) -> Tensor:
        place, speed = states.unbind(-1)
        return 60_000 * (speed.square() / 2 + 0.0025 / 3 * (3 * place).sin())

    policy = Network(runs, 2, 32, 3, scale=MOUNTAIN_CAR, generator=generator)
    recipe = reinforce.Recipe(16, 0.03, gamma=1.0, baseline="time", final_rate=0.1)
    reinforce.train(classic_control.mountain_car(energy), policy, recipe, updates=updates, generator=generator)
    return reinforce.evaluate(classic_control.mountain_car(), policy, generator=generator)


TRAINED = {pixels.NAME: pixel_cartpole, "Acrobot-v1": acrobot, "MountainCar-v0": mountain_car}
SEEDS = {pixels.NAME: range(100, 110), "Acrobot-v1": range(200, 202), "MountainCar-v0": range(100, 102)}


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    torch.set_num_threads(1)
    shares = {}
    for name, train in TRAINED.items():
        start, settings = time.perf_counter(), {"updates": 2} if options.quick else {}
        seeds, runs = (SEEDS[name][:1], 2) if options.quick else (SEEDS[name], RUNS // len(SEEDS[name]))
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        returns = torch.cat([train((runs,), generator=g, **settings) for g in generators]).sort().values
        reached = int((returns >= BARS[name]).sum())
        print(
            f"{name:18} bar {BARS[name]:4.0f}  reached by {reached} of {len(returns)} runs  worst {returns[0]:.1f}  "
            f"median {returns.median():.1f}  {(time.perf_counter() - start) / len(returns):.1f} s a run",
            flush=True,
        )
        shares[f"own agent: {name}"] = (reached + 1) / (len(returns) + 2)  # Laplace's estimate
    write(shares, options.json)


if __name__ == "__main__":
    main()
