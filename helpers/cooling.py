"""Cooling a hall of computers that answers late: a world of continuous actions whose best policy is known exactly.

Temperature and power are told as distances from their set points. Each step the hall forgets a little of its distance,
the computers add noise, and the command of `delay` steps ago arrives. What is linear with a quadratic cost is solved by
Riccati's equation; the cost of any linear policy follows from Lyapunov's.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy import linalg, optimize
from torch import Tensor, nn

from helpers.networks import Network
from helpers.policies import Gaussian
from helpers.ppo import Recipe
from helpers.rollouts import World

# Within 1 % of the optimum's cost after 60 updates, with a spread of 0.5 that stays; see tests/test_cooling.py.
RECIPE = Recipe(games=128, steps=32, epochs=8, gamma=0.98, learning_rate=0.03, final_rate=0.05, entropy=0.0)


@dataclass(frozen=True)
class Hall:
    """A hall: X_{t+1} = keep · X_t − cools · U_{t−delay} + noise · 𝒩(0, 1), and each step costs X_t² + price · U_t².

    A state is (..., 1 + delay): the temperature X_t, and the commands that are on their way, the oldest first.

    Attributes:
        delay: steps until a command arrives.
        keep: share of the distance from the set point that is left after a step without cooling.
        cools: kelvin that a unit of power takes away.
        noise: kelvin, standard deviation.
        price: of a squared unit of power, in squared kelvin.
        max_steps: an episode is cut after so many; it never ends.

    Raises:
        ValueError: if a number is out of range.
    """

    delay: int = 2
    keep: float = 0.95
    cools: float = 0.5
    noise: float = 0.2
    price: float = 0.75
    max_steps: int = 64

    num_actions = 1  # numbers that make an action

    def __post_init__(self):
        if (
            self.delay < 0
            or self.max_steps < 1
            or not 0 < self.keep <= 1
            or min(self.cools, self.noise, self.price) <= 0
        ):
            raise ValueError(
                "delay is at least 0, max_steps at least 1, keep in (0, 1], and cools, noise and price are positive, "
                f"but this is {self}."
            )

    def reset(self, shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
        """Draw initial states (*shape, 1 + delay): 𝒩(0, 1) kelvin, with no command on its way."""
        states = torch.zeros(*shape, 1 + self.delay, device=generator.device)
        states[..., 0].normal_(generator=generator)
        return states

    def step(self, states: Tensor, actions: Tensor, noise: Tensor) -> Tensor:
        """Let a step pass: the next states (..., 1 + delay).

        Args:
            states: shape (..., 1 + delay).
            actions: commands U_t, shape (..., 1).
            noise: what the computers add, in kelvin, shape (...).

        Raises:
            ValueError: if the shapes do not fit.
        """
        if states.shape[-1] != 1 + self.delay or actions.shape != (*states.shape[:-1], 1):
            raise ValueError(
                f"There must be states (..., {1 + self.delay}) and for each of them an action (..., 1), but the shapes "
                f"are {tuple(states.shape)} and {tuple(actions.shape)}."
            )
        waiting = torch.cat([states[..., 1:], actions], -1)
        warm = self.keep * states[..., 0] - self.cools * waiting[..., 0] + noise
        return torch.cat([warm.unsqueeze(-1), waiting[..., 1:]], -1)

    def outcome(self, states: Tensor, actions: Tensor, next_states: Tensor) -> tuple[Tensor, Tensor]:
        """Return the rewards −(X_t² + price · U_t²), and that nothing ends; each of shape (...)."""
        cost = states[..., 0].square() + self.price * actions[..., 0].square()
        return -cost, torch.zeros_like(cost, dtype=torch.bool)

    def world(self, generator: torch.Generator) -> World:
        """Return the hall as a world; its noise comes from the generator, best the one that training gets."""

        def dynamics(states: Tensor, actions: Tensor) -> Tensor:
            noise = torch.randn(states.shape[:-1], generator=generator, device=states.device, dtype=states.dtype)
            return self.step(states, actions, self.noise * noise)

        return World(self.reset, dynamics, self.outcome, self.num_actions, self.max_steps)

    def matrices(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return A, B, Q, R, W of S' = A S + B U + noise with covariance W, and of the cost S'QS + U'RU; float64."""
        size = 1 + self.delay
        a, b, q, w = np.zeros((size, size)), np.zeros((size, 1)), np.zeros((size, size)), np.zeros((size, size))
        a[0, 0], q[0, 0], w[0, 0] = self.keep, 1, self.noise**2
        b[-1, 0] = 1 if self.delay else -self.cools
        if self.delay:
            a[0, 1] = -self.cools
        a[range(1, size - 1), range(2, size)] = 1  # commands move up
        return a, b, q, np.array([[self.price]]), w

    def cost(self, gain: Tensor, offset: Tensor | float = 0.0) -> Tensor:
        """Compute the exact mean cost a step of U = gain · S + offset, in the long run.

        Args:
            gain: shape (..., 1 + delay).
            offset: shape (...).

        Returns:
            float64 (...), on the device of `gain`; ∞ where the temperature swings ever wider.

        Lyapunov's equation: S has the covariance Σ = M Σ M' + W with M = A + B · gain.
        """
        if gain.shape[-1] != 1 + self.delay:
            raise ValueError(f"A gain has {1 + self.delay} numbers, (..., {1 + self.delay}), not {tuple(gain.shape)}.")
        gains = gain.detach().cpu().double().reshape(-1, 1 + self.delay).numpy()
        offsets = torch.as_tensor(offset).detach().cpu().double().expand(gain.shape[:-1]).reshape(-1).numpy()
        costs = [self._cost(k[None], o) for k, o in zip(gains, offsets, strict=True)]
        return torch.tensor(costs, dtype=torch.float64, device=gain.device).view(gain.shape[:-1])

    def _cost(self, gain: np.ndarray, offset: float) -> float:
        a, b, q, r, w = self.matrices()
        m = a + b @ gain
        if abs(linalg.eigvals(m)).max() >= 1:
            return np.inf
        mean = linalg.solve(np.eye(len(m)) - m, b[:, 0] * offset)
        second = linalg.solve_discrete_lyapunov(m, w) + np.outer(mean, mean)
        power = gain @ second @ gain.T + 2 * offset * (gain @ mean) + offset**2
        return float(np.trace(q @ second) + (r * power).item())

    def optimal_gain(self) -> Tensor:
        """Return the gain of the best of all policies, float64 (1 + delay,): Riccati's equation.

        Sutton & Barto (2018), section 1.7, tell its history; Bertsekas (2017), section 3.1.
        """
        a, b, q, r, _ = self.matrices()
        p = linalg.solve_discrete_are(a, b, q, r)
        return -torch.from_numpy(linalg.solve(r + b.T @ p @ b, b.T @ p @ a)[0])

    def memoryless_gain(self) -> Tensor:
        """Return the best gain that looks at the temperature alone, float64 (1 + delay,)."""
        start = float(self.optimal_gain()[0])
        costs = {share: float(self.cost(self._alone(share * start))) for share in np.linspace(0.02, 1, 50)}
        near = min(costs, key=costs.get)
        found = optimize.minimize_scalar(
            lambda share: float(self.cost(self._alone(share * start))),
            bounds=(near - 0.02, near + 0.02),
            method="bounded",
            options={"xatol": 1e-8},
        )
        return self._alone(found.x * start)

    def hasty_gain(self) -> Tensor:
        """Return the gain that would be optimal if commands arrived at once, float64 (1 + delay,)."""
        now = Hall(0, self.keep, self.cools, self.noise, self.price)
        return self._alone(float(now.optimal_gain()[0]))

    def _alone(self, gain: float) -> Tensor:
        return torch.tensor([gain] + [0.0] * self.delay, dtype=torch.float64)

    def thermostat_costs(
        self, powers: Tensor, bands: Tensor, *, steps: int = 500, halls: int = 500, generator: torch.Generator
    ) -> Tensor:
        """Measure what thermostats cost a step: power u where it is warmer than a band, −u where colder, else 0.

        Args:
            powers: u, shape (P,).
            bands: kelvin around the set point, shape (B,).
            steps: how long each hall is watched, after a fifth of that.
            halls: how many are watched with each thermostat; all thermostats meet the same noise.
            generator: source of the noise, on the device of `powers`.

        Returns:
            Mean costs, shape (P, B).
        """
        power, band = powers.view(-1, 1, 1), bands.view(1, -1, 1)
        states = powers.new_zeros(len(powers), len(bands), halls, 1 + self.delay)
        total, wait = 0.0, steps // 5
        for number in range(steps + wait):
            x = states[..., 0]
            actions = (power * ((x > band).to(x) - (x < -band).to(x))).unsqueeze(-1)
            if number >= wait:
                total = total - self.outcome(states, actions, states)[0].mean(-1)
            noise = torch.randn(halls, generator=generator, device=powers.device, dtype=powers.dtype)
            states = self.step(states, actions, self.noise * noise.expand_as(x))
        return total / steps


class OnProducts(nn.Module):
    """A network that also sees all products of two numbers of a state; linear in them, it can be any quadratic form.

    Args:
        size: K, numbers of a state.
        make: returns a network for so many inputs, (..., N, inputs) to (..., N, O).
    """

    def __init__(self, size: int, make: Callable[[int], nn.Module]):
        super().__init__()
        self.network = make(size + size * (size + 1) // 2)
        self.shape = getattr(self.network, "shape", ())
        self.register_buffer("pairs", torch.triu_indices(size, size))

    def forward(self, states: Tensor) -> Tensor:
        """Map states (..., N, K) to (..., N, O)."""
        one, other = self.pairs
        return self.network(torch.cat([states, states[..., one] * states[..., other]], -1))


def untrained(hall: Hall, shape: tuple[int, ...] = (), *, generator: torch.Generator) -> tuple[Gaussian, OnProducts]:
    """Return a policy that does nothing yet but try, and a value network that says 0.

    The policy's mean is linear in the state, and its spread 0.5 stays. With a spread that learns, trying, which costs
    power, would end before the gains are found.

    Args:
        hall: whose states they get.
        shape: leading dimensions, independent runs.
        generator: of the device of choice.
    """
    size = 1 + hall.delay
    policy = Gaussian(
        Network(shape, size, 0, 1, generator=generator), 1, 0.5, learns_std=False, device=generator.device
    )
    value = OnProducts(size, lambda inputs: Network(shape, inputs, 0, 1, generator=generator)).to(generator.device)
    with torch.no_grad():
        for part in (*policy.network.parameters(), *value.parameters()):
            part.zero_()
    return policy, value


def gains(policy: Gaussian) -> tuple[Tensor, Tensor]:
    """Return gain (..., K) and offset (...) of a policy whose mean is one linear layer, without gradient."""
    weights, biases = policy.network.weights, policy.network.biases
    if len(weights) != 1:
        raise ValueError(f"A gain is read off one linear layer, but this network has {len(weights)}.")
    return weights[0].detach()[..., 0], biases[0].detach()[..., 0, 0]
