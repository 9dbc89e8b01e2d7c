"""CartPole-v1 for whole batches on any device: gymnasium's physics, limits, pictures and face as a `VectorEnv`.

States (..., 4) hold place x (m) and speed ẋ (m/s) of the cart, angle θ (rad, 0 is upright) and rate θ̇ (rad/s) of the
pole. `reset` lays each of the four out as one block; `step` keeps the layout it is given, and blocks are fastest.
"""

import functools
import math
import os

import gymnasium
import numpy as np
import torch
from gymnasium.envs.classic_control.utils import maybe_parse_reset_bounds
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from torch import Tensor

from helpers.rollouts import World

MAX_STEPS = 500  # an episode is cut after so many
MAX_X = 2.4  # m
MAX_THETA = math.radians(12)
START = 0.05  # every entry of S_0 lies within ± this

GRAVITY = 9.8  # m/s²
POLE, TOTAL = 0.1, 1.1  # masses of the pole, and of pole and cart, kg
HALF_LENGTH = 0.5  # of the pole, m
FORCE = 10.0  # N
TAU = 0.02  # seconds a step


def reset(shape: tuple[int, ...], *, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
    """Draw initial states, each entry uniform in ±0.05.

    Args:
        shape: how many episodes, with any leading dimensions; () is one.
        generator: source of randomness; the states are on its device.
        dtype: float32 or float64.

    Returns:
        States S_0, shape (*shape, 4).
    """
    columns = torch.empty((4, *shape), dtype=dtype, device=generator.device)
    return columns.uniform_(-START, START, generator=generator).movedim(0, -1)


def step(states: Tensor, actions: Tensor) -> Tensor:
    """Push every cart for one step of 0.02 s: Euler's method on the equations of motion, as gymnasium has it.

    It knows no end of an episode: ask `terminated`, and count to MAX_STEPS.

    Args:
        states: S_t, float32 or float64, shape (..., 4).
        actions: A_t, 0 or False to the left, 1 or True to the right, shape (...). Nobody looks for other values, since
            a look would wait for the device; they push harder.

    Returns:
        S_{t+1}, shape (..., 4).

    Raises:
        ValueError: if the states have not four entries, or not one action each, or a dtype does not fit.

    Barto, Sutton and Anderson (1983); Florian (2007), without friction.
    """
    if states.shape != (*actions.shape, 4):
        raise ValueError(
            "There must be states of shape (..., 4) and for each of them an action (...), but the shapes are "
            f"{tuple(states.shape)} and {tuple(actions.shape)}."
        )
    if actions.is_floating_point() or not states.is_floating_point():
        raise ValueError(
            "States must be floating-point numbers and actions integers or bools, but they are "
            f"{states.dtype} and {actions.dtype}."
        )
    # At small batches the number of operations is what costs: constants are folded into them. M is the total mass,
    # m and l are those of the pole. Below stands θ̈ = (g sin θ − a cos θ) / (l (4/3 − m/M cos² θ)), divided by g.
    left, heavy = _constants(states.dtype, states.device)
    _, x_dot, theta, theta_dot = states.unbind(-1)
    sin, cos = theta.sin(), theta.cos()
    a = torch.addcmul(left, sin * theta_dot, theta_dot, value=POLE * HALF_LENGTH / TOTAL)
    a = a.add_(actions, alpha=2 * FORCE / TOTAL)  # (± F + m l θ̇² sin θ) / M
    bottom = torch.addcmul(heavy, cos, cos, value=-HALF_LENGTH * POLE / TOTAL / GRAVITY)
    theta_ddot = torch.addcmul(sin, cos, a, value=-1 / GRAVITY).div_(bottom)
    x_ddot = torch.addcmul(a, cos, theta_ddot, value=-POLE * HALF_LENGTH / TOTAL)
    rates = torch.stack([x_dot, x_ddot, theta_dot, theta_ddot])
    return torch.add(states, rates.movedim(0, -1), alpha=TAU)


@functools.lru_cache
def _constants(dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return −F/M and 4l/3g as tensors, which some fused operations ask for."""
    with torch.inference_mode(False):  # later callers may be outside of it
        return torch.tensor([-FORCE / TOTAL, HALF_LENGTH * 4 / 3 / GRAVITY], dtype=dtype, device=device).unbind()


def terminated(states: Tensor) -> Tensor:
    """Tell whether the cart has left the track, |x| > 2.4 m, or the pole has fallen, |θ| > 12°.

    Args:
        states: shape (..., 4).

    Returns:
        bool, shape (...).
    """
    return (states[..., 0].abs() > MAX_X) | (states[..., 2].abs() > MAX_THETA)


def outcome(states: Tensor, actions: Tensor, next_states: Tensor) -> tuple[Tensor, Tensor]:
    """Return the rewards, 1 for every step, and whether the episode ended; each of shape (...)."""
    ended = terminated(next_states)
    return torch.ones_like(next_states[..., 0]), ended


WORLD = World(reset, step, outcome, num_actions=2, max_steps=MAX_STEPS)


def frames(states: Tensor, *, every: int = 1) -> list[np.ndarray]:
    """Let gymnasium draw states; no window opens.

    Args:
        states: a sequence of states, shape (T, 4).
        every: draw the first of so many states; there are 50 a second.

    Returns:
        RGB pictures, uint8 of shape (400, 600, 3).

    Raises:
        ValueError: if `states` has another shape, or `every` is below 1.
    """
    if states.dim() != 2 or states.shape[1] != 4:
        raise ValueError(f"frames draws one sequence of states, shape (T, 4), but the shape is {tuple(states.shape)}.")
    if every < 1:
        raise ValueError(f"every must be at least 1, but it is {every}.")
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # it would greet in the notebook
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # there may be no screen
    env = gymnasium.make("CartPole-v1", render_mode="rgb_array").unwrapped
    pictures = []
    for env.state in states[::every].cpu().double().numpy():
        pictures.append(env.render())
    env.close()
    return pictures


class CartPoleVectorEnv(gymnasium.vector.VectorEnv):
    """Many CartPoles as gymnasium's own `CartPoleVectorEnv` has them: numpy arrays in and out, reward 1 for every step.

    The step after the end of an episode starts a new one, whatever the action, for reward 0. With one seed and the same
    actions the episodes are gymnasium's own, but for rounding. float32 is faster and rounds earlier.

    Args:
        num_envs: number of environments N.
        max_episode_steps: an episode is cut after so many steps.
        render_mode: "rgb_array" if `render` will be called.
        dtype: of the states, float32 or float64; observations are float32.

    Raises:
        ValueError: if there are no environments, or no such render mode.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 50, "autoreset_mode": AutoresetMode.NEXT_STEP}

    def __init__(
        self,
        num_envs: int = 1,
        max_episode_steps: int = MAX_STEPS,
        render_mode: str | None = None,
        *,
        dtype: torch.dtype = torch.float64,
    ):
        if num_envs < 1:
            raise ValueError(f"num_envs must be at least 1, but it is {num_envs}.")
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f'render_mode must be None or "rgb_array", but it is {render_mode!r}.')
        self.num_envs, self.max_episode_steps, self.render_mode = num_envs, max_episode_steps, render_mode
        high = np.array([2 * MAX_X, np.inf, 2 * MAX_THETA, np.inf], dtype=np.float32)
        self.single_observation_space = gymnasium.spaces.Box(-high, high)
        self.single_action_space = gymnasium.spaces.Discrete(2)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._states = torch.empty(4, num_envs, dtype=dtype).movedim(0, -1)
        self._steps = None

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple[np.ndarray, dict]:
        """Start all episodes anew; `options` may hold other bounds than ±0.05, as `low` and `high`."""
        super().reset(seed=seed)
        self._bounds = maybe_parse_reset_bounds(options, -START, START)
        self._steps = np.zeros(self.num_envs, dtype=np.int32)
        self._is_over = np.zeros(self.num_envs, dtype=bool)
        self._start(np.arange(self.num_envs))
        return self._observations(), {}

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict]:
        """Take one step everywhere.

        Args:
            actions: A_t, 0 or 1, shape (N,); other values are not looked for.

        Returns:
            Observations, float32 of shape (N, 4), rewards R_{t+1}, float32, whether episodes ended, and whether they
            were cut, all (N,), and no further information.

        Raises:
            ValueError: if `reset` was not called before, or there are not N actions.
        """
        if self._steps is None:
            raise ValueError("The environments have no states yet: call reset first.")
        with torch.inference_mode():
            self._states = step(self._states, torch.as_tensor(actions))
        x, _, theta, _ = self._states.numpy().T
        ended = (np.abs(x) > MAX_X) | (np.abs(theta) > MAX_THETA)
        self._steps += 1
        cut = self._steps >= self.max_episode_steps
        rewards = np.ones(self.num_envs, dtype=np.float32)
        if len(fresh := np.flatnonzero(self._is_over)):
            self._start(fresh)
            rewards[fresh], ended[fresh], cut[fresh] = 0, False, False
        self._is_over = ended | cut
        return self._observations(), rewards, ended, cut, {}

    def render(self) -> tuple[np.ndarray, ...]:
        """Return a picture of every environment, as `frames` draws it.

        Raises:
            ValueError: if the render mode is not "rgb_array".
        """
        if self.render_mode is None:
            raise ValueError('Nothing is drawn without render_mode="rgb_array".')
        return tuple(frames(self._states))

    def _start(self, fresh: np.ndarray) -> None:
        """Draw first states as gymnasium draws them, entry by entry."""
        self._steps[fresh] = 0
        self._states.numpy()[fresh] = self.np_random.uniform(*self._bounds, size=(4, len(fresh))).T

    def _observations(self) -> np.ndarray:
        return self._states.numpy().astype(np.float32)  # a copy, which its owner may write to
