"""CartPole-v1 for eyes alone: two pictures, a step of 0.02 s apart, in the place of the four numbers of a state.

The pictures are gymnasium's own in grey, shrunk ten times each way and cut to where cart and pole are. Whole batches of
them are drawn by a few operations on tensors, so that a network can look while it trains; nothing opens a window, and
pygame is not asked.
"""

import functools
import math

import gymnasium
import numpy as np
import torch
from gymnasium.envs.classic_control import CartPoleEnv
from torch import Tensor, nn

from helpers import cartpole, given
from helpers.rollouts import World

NAME = "CartPolePixels-v1"  # for gymnasium.make, once this module is imported
ROWS, COLUMNS = 16, 60
BESIDE = 8  # columns on either side that are drawn and cut off: what leaves the picture goes there
PER_METRE = 12.5  # pixels a metre
PAPER, WOOD, INK = 255, 161, 0
TOP, AXLE = 24.0, 10.75  # heights of the picture's upper edge and of the axle, in pixels
TIP, FOOT = 12.05, 0.5  # the pole above and below the axle
HALF_POLE, HALF_CART = 0.565, 2.55  # half their widths, as gymnasium's soft edges make them
CART_ROWS, CART_SHARES = slice(12, 16), (0.6, 1.0, 1.0, 0.5)  # how much of these rows the cart fills


def cartpole_remembered() -> World:
    """Return CartPole-v1 with states (..., 6): those of `cartpole`, then place (m) and angle (rad) one step before."""

    def reset(shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
        states = cartpole.reset(shape, generator=generator)
        return torch.cat([states, states[..., ::2]], -1)

    def dynamics(states: Tensor, actions: Tensor) -> Tensor:
        return torch.cat([cartpole.step(states[..., :4], actions), states[..., 0:4:2]], -1)

    return World(reset, dynamics, cartpole.outcome, num_actions=2, max_steps=cartpole.MAX_STEPS)


def snapshots(states: Tensor) -> Tensor:
    """Draw each state as two pictures: what was to be seen one step before, and what is to be seen now.

    Args:
        states: of `cartpole_remembered`, shape (..., 6).

    Returns:
        Shades from 0, black, to 255, white: uint8 of shape (..., 2, 16, 60), the upper row first.
    """
    background, shares, heights = _fixed(states.device)
    place = _inside(PER_METRE * states[..., [4, 0]]).unsqueeze(-1)  # (..., 2, 1), the cart before and now
    theta = states[..., [5, 2]].nan_to_num().clamp(-0.9, 0.9).unsqueeze(-1)  # it has fallen long before
    canvas = background.expand(*theta.shape[:-1], ROWS, -1).clone()
    _paint(canvas[..., CART_ROWS, :], place.expand(*place.shape[:-1], len(shares)), HALF_CART, shares, INK)
    cos = theta.cos()
    along = torch.minimum(heights + 0.5, AXLE + TIP * cos) - torch.maximum(heights - 0.5, AXLE - FOOT * cos)
    _paint(canvas, _inside(place + theta.tan() * (heights - AXLE)), HALF_POLE / cos, along.clamp(0, 1), WOOD)
    return canvas[..., BESIDE : BESIDE + COLUMNS].contiguous()


def _inside(place: Tensor) -> Tensor:
    """Keep places within the margins, from the middle of the picture; nan, behind an end, is somewhere, too."""
    return place.nan_to_num().clamp(-COLUMNS / 2 - 4, COLUMNS / 2 + 4)


@functools.lru_cache
def _fixed(device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Return the empty picture with its track, how much of its rows the cart fills, and the heights of all rows."""
    with torch.inference_mode(False):
        background = torch.full((ROWS, COLUMNS + 2 * BESIDE), PAPER, dtype=torch.uint8, device=device)
        background[13] = round(0.9 * PAPER)
        return background, torch.tensor(CART_SHARES, device=device), TOP - 0.5 - torch.arange(ROWS, device=device)


def _paint(canvas: Tensor, middle: Tensor, half: Tensor | float, along: Tensor, shade: int) -> None:
    """Paint in each row what lies between `middle` ± `half`, (..., rows), as far as it fills the row, in place."""
    middle = middle + BESIDE + COLUMNS / 2
    count = 7 if shade == INK else 3  # columns that it may touch
    columns = (middle - half).floor().unsqueeze(-1) + torch.arange(count, device=middle.device)
    half = half.unsqueeze(-1) if isinstance(half, Tensor) else half
    share = (half + 0.5 - (columns + 0.5 - middle.unsqueeze(-1)).abs()).clamp(0, 1) * along.unsqueeze(-1)
    places = columns.long()
    under = canvas.gather(-1, places)
    canvas.scatter_(-1, places, (under + share * (shade - under.float())).round().to(torch.uint8))


class Watching(nn.Module):
    """A policy for `cartpole_remembered` that sees pictures: states (..., N, 6) to snapshots to what a network makes
    of them.

    Args:
        network: from snapshots (..., N, 2, 16, 60), uint8 as gymnasium's environment shows them, to (..., N, K); its
            leading dimensions are kept.
    """

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network, self.shape = network, tuple(getattr(network, "shape", ()))

    def forward(self, states: Tensor) -> Tensor:
        """Map states (..., N, 6) to (..., N, K)."""
        return self.network(snapshots(states))


class CartPolePixelsEnv(CartPoleEnv):
    """CartPole-v1 as gymnasium has it, but for what it shows: `snapshots`, uint8 of shape (2, 16, 60).

    `gymnasium.make(NAME)` makes one that cuts episodes after 500 steps. The arguments are those of gymnasium's own.
    """

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.observation_space = gymnasium.spaces.Box(0, 255, (2, ROWS, COLUMNS), np.uint8)

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple[np.ndarray, dict]:
        """Start an episode; both pictures show its first state."""
        _, info = super().reset(seed=seed, options=options)
        self._now = _drawn(self.state[0], self.state[2])
        return np.stack([self._now, self._now]), info

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        """Take one step: what was and is to be seen, the reward, whether the pole fell, False, and {}."""
        _, *rest = super().step(action)
        before, self._now = self._now, _drawn(self.state[0], self.state[2])
        return np.stack([before, self._now]), *rest


def _drawn(x: float, theta: float) -> np.ndarray:
    """Draw one picture of one state, as `snapshots` does; of few numbers NumPy is ten times quicker."""
    background, shares, heights = (part.numpy() for part in _fixed(torch.device("cpu")))
    shades, columns = background[:, BESIDE:-BESIDE].astype(np.float32), np.arange(COLUMNS) + 0.5
    place, cos = PER_METRE * x + COLUMNS / 2, math.cos(theta)
    body = np.clip(HALF_CART + 0.5 - abs(columns - place), 0, 1)
    shades[CART_ROWS] = np.rint(shades[CART_ROWS] * (1 - shares[:, None] * body))
    along = np.clip(np.minimum(heights + 0.5, AXLE + TIP * cos) - np.maximum(heights - 0.5, AXLE - FOOT * cos), 0, 1)
    lean = place + math.tan(theta) * (heights - AXLE)
    pole = np.clip(HALF_POLE / cos + 0.5 - abs(columns - lean[:, None]), 0, 1) * along[:, None]
    return np.rint(shades + pole * (WOOD - shades)).astype(np.uint8)


if NAME not in gymnasium.registry:
    gymnasium.register(NAME, CartPolePixelsEnv, max_episode_steps=cartpole.MAX_STEPS)
given.explain(__name__)
