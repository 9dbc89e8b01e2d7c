"""Why does Q run away on CartPole with Huber's loss and no target network, and not with the squared one?

Five networks of rectified units for each setting, γ = 0.99, one step of one game and one batch of 64 an update. In
`Huber, ends squared` the errors of steps that end an episode are squared, and those of all others are Huber's. Printed
are the median over networks of the mean of max_a Q, how long the poles stay up, and the growth along a step,
max_a Q(S′, a) / Q(S, A): above 1/γ every target lies above its guess.
"""

import torch
from timing import arguments, write
from torch import nn

from helpers import cartpole, dqn, replay

SCALE = torch.tensor([1.0, 1.0, 5.0, 1.0])
SETTINGS = {
    "Huber": (None, "huber"),
    "squared": (None, "squared"),
    "Huber, ends squared": (None, "mixed"),
    "Huber, a copy every 250": (250, "huber"),
}


def mixed(taken: torch.Tensor, targets: torch.Tensor, reduction: str) -> torch.Tensor:
    """Square the errors of ends, where the target is the reward of 1 alone, and take Huber's loss elsewhere."""
    squared = (taken - targets).square() / 2
    return torch.where(targets == 1, squared, nn.functional.smooth_l1_loss(taken, targets, reduction=reduction))


def measure(name: str, updates: int) -> tuple[float, float, float]:
    """Train a setting; return median Q, mean steps of the latest episodes, and median growth along a step."""
    every, loss = SETTINGS[name]
    recipe = dqn.Recipe(1, gamma=0.99, learning_rate=1e-3, final_rate=1.0, copy_every=every, loss=loss)
    g = torch.Generator().manual_seed(3000)
    runs = dqn.Rectified((5,), 4, 64, 2, scale=SCALE, generator=g)
    result = dqn.train(cartpole.WORLD, runs, recipe, updates=updates, generator=g)
    games, growth = replay.Games(cartpole.WORLD, (5, 50), generator=g), []
    with torch.no_grad():
        for _ in range(60):
            q = runs(games.states)
            step = games.step(dqn.act(q, 0.05, generator=g))
            taken = q.gather(-1, step.actions.unsqueeze(-1)).squeeze(-1)
            growth.append((runs(step.next_states).amax(-1) / taken)[~step.terminated])
    return result.q_means[-1].median().item(), result.history[-1].median().item(), torch.cat(growth).median().item()


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    torch.set_num_threads(1)
    dqn.TD_LOSSES["mixed"] = mixed
    updates, found = 300 if options.quick else 3000, {}
    for name in SETTINGS:
        q, length, growth = measure(name, updates)
        found[f"runaway: {name}"] = q
        print(f"{name:24} Q {q:8.1f}, {length:4.0f} steps, growth along a step {growth:.3f}", flush=True)
    write(found, options.json)


if __name__ == "__main__":
    main()
