"""Do the helpers reach the bars of the project 05 · Your own agent, on how many of 100 runs?

A generator seed makes the networks and every episode of ten runs at once. Recipes were chosen on seeds below 100, and
measured once on the seeds listed here. A run counts if its greedy policy has the bar's mean return over 100 fresh
episodes. LunarLander-v3 is not a batched world: a seed is one run, it takes a minute of one core, and Box2D.
"""

import argparse
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path

import gymnasium
import torch
from timing import write
from torch import Tensor, nn

from checks.your_own_agent import BARS
from helpers import classic_control, pixels, ppo, reinforce
from helpers.networks import Network

STATE = torch.tensor([1.0, 1.0, 5.0, 1.0, 0.0, 0.0])  # what the value network looks at while training: no picture
ACROBOT = torch.tensor([1.0, 1.0, 1.0, 1.0, 0.3, 0.2])
MOUNTAIN_CAR = torch.tensor([1.0, 40.0])
LANDER = torch.ones(8)


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


def pixel_cartpole(runs: tuple[int, ...], *, generator: torch.Generator, updates: int = 20) -> Tensor:
    """Balance the pole from pictures; the value network, which nobody needs for playing, sees the state."""
    world = pixels.cartpole_remembered()
    policy = pixels.Watching(Where(Network(runs, 2 * pixels.ROWS, 32, 2, generator=generator)))
    value = Network(runs, 6, 32, 1, scale=STATE, generator=generator)
    recipe = ppo.Recipe(games=16, learning_rate=0.01, gamma=0.99, entropy=0.0)
    ppo.train(world, policy, value, recipe, updates=updates, generator=generator)
    return reinforce.evaluate(world, policy, generator=generator)


def acrobot(runs: tuple[int, ...], *, generator: torch.Generator, updates: int = 40) -> Tensor:
    """Swing the arm up by PPO; REINFORCE with the time baseline fails where no episode of a batch arrives."""
    world = classic_control.acrobot()
    policy, value = (Network(runs, 6, 32, size, scale=ACROBOT, generator=generator) for size in (3, 1))
    recipe = ppo.Recipe(games=16, learning_rate=0.02, gamma=0.99, entropy=0.02)
    ppo.train(world, policy, value, recipe, updates=updates, generator=generator)
    return reinforce.evaluate(world, policy, generator=generator)
