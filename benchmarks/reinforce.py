"""How long does REINFORCE take to balance CartPole's pole, and what of it is batching, tuning, or many runs at once?

One bar for all: a greedy mean return of 475 over 100 fresh episodes. A method may be asked whenever its last batch, or
its last 10 episodes, have a mean return of 200 or more. The same batched evaluator asks all of them with the clock
stopped, so the tables hold training alone. Every method runs on every seed, in turn. The clock of the first two tables
counts seconds of CPU time, which equal those on the wall for one thread on a quiet machine.

1. *The same recipe, what batching buys*: 32 episodes an update, vanilla, learning rate 0.05. All but the way episodes
   are run is the same code: in lock-step as tensors, or one after the other in gymnasium's environment, where the
   policy acts as torch layers, as these with torch.distributions on top, or as numpy arrays.
2. *As a user would pick*: tuning and implementation together, and mostly tuning. Ours was tuned for CartPole; the
   plain program is as tutorials have it (learning rate 0.01, 128 hidden units, dropout 0.6, γ 0.99, normalised returns,
   an update each episode); stable-baselines3 has the settings its authors' RL Zoo publishes for CartPole-v1. It is
   timed where it is installed: `pip install stable-baselines3`, or with `--no-deps` to keep torch as it is.
3. *Many runs at once*: seconds a run for learning curves of 200 episodes.
"""

import importlib.util
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from statistics import mean, median
from typing import NamedTuple

import gymnasium
import numpy as np
import torch
from timing import arguments, in_turn, write
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from helpers import cartpole, reinforce
from helpers.networks import Network
from helpers.reinforce import Recipe
from helpers.rollouts import Episodes

BAR, ASK_FROM = 475, 200
SCALE = torch.tensor([1.0, 1.0, 5.0, 1.0])
SHARED = Recipe(episodes=32)
OURS = {"helper": Recipe(episodes=16, baseline="time"), "helper, vanilla, 64 episodes": Recipe()}
CURVE = Recipe(5, 0.025, gamma=0.985, baseline="time", final_rate=0.1)  # 40 updates make 200 episodes


class Judge:
    """Ask whether a policy meets the bar, with the clock stopped.

    Args:
        seed: of the evaluation's episodes.
        patience: after so many seconds of training a run has failed.
    """

    def __init__(self, seed: int, patience: float):
        self.generator, self.patience = torch.Generator().manual_seed(seed), patience
        self.paused, self.start = 0.0, time.process_time()

    @property
    def seconds(self) -> float:
        return time.process_time() - self.start - self.paused

    @property
    def is_patient(self) -> bool:
        return self.seconds < self.patience

    def accepts(self, policy: nn.Module) -> bool:
        before = time.process_time()
        score = reinforce.evaluate(cartpole.WORLD, policy, generator=self.generator)
        self.paused += time.process_time() - before
        return score.item() >= BAR


class Run(NamedTuple):
    """Seconds of CPU time in training, and whether the bar was met."""

    seconds: float
    solved: bool


# One recipe, four ways to run episodes: each gives a batch of them.


def one_after_the_other(decide: Callable[[np.ndarray], int], count: int, env: gymnasium.Env) -> Episodes:
    """Run episodes in one gymnasium environment."""
    columns = [], [], []
    for _ in range(count):
        states, actions, rewards, over = [], [], [], False
        state, _ = env.reset()
        while not over:
            action = decide(state)
            states.append(state)
            actions.append(action)
            state, reward, terminated, truncated, _ = env.step(action)
            rewards.append(reward)
            over = terminated or truncated
        for column, part in zip(columns, (np.stack(states), actions, rewards), strict=True):
            column.append(torch.tensor(part))
    states, actions, rewards = (pad_sequence(column, batch_first=True) for column in columns)
    lengths = torch.tensor([len(episode) for episode in columns[1]])
    return Episodes(states, actions, rewards, torch.arange(states.shape[1]) < lengths.unsqueeze(-1))


def as_layers(policy: Network) -> nn.Sequential:
    """Copy a policy into torch's own layers, which one state passes faster."""
    (w, v), (b, c) = policy.weights, policy.biases
    layers = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2))
    with torch.no_grad():
        for ours, theirs in zip(layers.parameters(), ((SCALE[:, None] * w).T, b[0], v.T, c[0]), strict=True):
            ours.copy_(theirs)
    return layers


@torch.no_grad()
def acting_with_torch(policy: Network, count: int, env: gymnasium.Env, rng: np.random.Generator) -> Episodes:
    """Ask torch's layers for two logits, and sample in plain Python, the cheapest way."""
    layers = as_layers(policy)

    def decide(state: np.ndarray) -> int:
        left, right = layers(torch.from_numpy(state)).tolist()
        return int(right - left > rng.logistic())

    return one_after_the_other(decide, count, env)


@torch.no_grad()
def acting_with_distributions(policy: Network, count: int, env: gymnasium.Env, rng: np.random.Generator) -> Episodes:
    """Ask torch's layers, and sample with torch.distributions, as tutorials do."""
    layers = as_layers(policy)

    def decide(state: np.ndarray) -> int:
        return torch.distributions.Categorical(logits=layers(torch.from_numpy(state))).sample().item()

    torch.manual_seed(int(rng.integers(2**31)))
    return one_after_the_other(decide, count, env)


def acting_with_numpy(policy: Network, count: int, env: gymnasium.Env, rng: np.random.Generator) -> Episodes:
    """Copy the weights to numpy once a batch, for arrays this small are faster there."""
    (w, v), (b, c) = ([part.detach().numpy() for part in parts] for parts in (policy.weights, policy.biases))
    w, v, b, c = SCALE.numpy()[:, None] * w, v[:, 1] - v[:, 0], b[0], c[0, 1] - c[0, 0]
    return one_after_the_other(lambda state: int(np.tanh(state @ w + b) @ v + c > rng.logistic()), count, env)


def train(recipe: Recipe, way: str, seed: int, patience: float) -> Run:
    """Train until the judge accepts; `way` says how episodes are run."""
    generator, env = torch.Generator().manual_seed(seed), gymnasium.make("CartPole-v1")
    env.reset(seed=seed)
    judge, rng = Judge(seed, patience), np.random.default_rng(seed)
    policy = Network((), 4, 32, 2, scale=SCALE, generator=generator)
    optimizer = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate)
    run_episodes = {
        "lock-step": partial(reinforce.run_episodes, cartpole.WORLD, generator=generator),
        "torch": partial(acting_with_torch, env=env, rng=rng),
        "distributions": partial(acting_with_distributions, env=env, rng=rng),
        "numpy": partial(acting_with_numpy, env=env, rng=rng),
    }[way]
    while judge.is_patient:
        episodes = run_episodes(policy, recipe.episodes)
        weights, _ = reinforce.weigh(episodes, recipe)
        reinforce.update(policy, optimizer, episodes, weights)
        if reinforce.mean_return(episodes) >= ASK_FROM and judge.accepts(policy):
            return Run(judge.seconds, True)
    return Run(judge.seconds, False)


# Peers


def plain_program(seed: int, patience: float) -> Run:
    """One episode an update; a graph grows with every action, and the loss joins them at the end."""
    torch.manual_seed(seed)
    env, recent, episodes = gymnasium.make("CartPole-v1"), deque(maxlen=10), 0
    env.reset(seed=seed)
    judge = Judge(seed, patience)
    policy = nn.Sequential(nn.Linear(4, 128), nn.Dropout(0.6), nn.ReLU(), nn.Linear(128, 2))
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.01)
    while judge.is_patient:
        log_pi, rewards, over = [], [], False
        state, _ = env.reset()
        while not over:
            choice = torch.distributions.Categorical(logits=policy(torch.from_numpy(state)))
            action = choice.sample()
            log_pi.append(choice.log_prob(action))
            state, reward, terminated, truncated, _ = env.step(action.item())
            rewards.append(reward)
            over = terminated or truncated
        g, returns = 0.0, []
        for reward in reversed(rewards):
            g = reward + 0.99 * g
            returns.append(g)
        returns = torch.tensor(returns[::-1])
        returns = (returns - returns.mean()) / (returns.std() + 1e-8)
        optimizer.zero_grad()
        (-torch.stack(log_pi) * returns).sum().backward()
        optimizer.step()
        recent.append(len(rewards))
        episodes += 1
        if episodes % 10 == 0 and mean(recent) >= ASK_FROM:
            accepted = judge.accepts(policy.eval())
            policy.train()
            if accepted:
                return Run(judge.seconds, True)
    return Run(judge.seconds, False)


def baselines3(algorithm: str, seed: int, patience: float) -> Run:
    """Train with stable-baselines3 and the RL Zoo's settings."""
    import stable_baselines3
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.env_util import make_vec_env

    settings, steps = {
        "A2C": ({"ent_coef": 0.0}, 500_000),
        "PPO": (
            {
                "n_steps": 32,
                "batch_size": 256,
                "gae_lambda": 0.8,
                "gamma": 0.98,
                "n_epochs": 20,
                "ent_coef": 0.0,
                "learning_rate": lambda left: 0.001 * left,
                "clip_range": lambda left: 0.2 * left,
            },
            100_000,
        ),
    }[algorithm]

    class Logits(nn.Module):
        def forward(self, states: Tensor) -> Tensor:
            return model.policy.get_distribution(states).distribution.logits

    class AskTheJudge(BaseCallback):
        solved, ended = False, 0

        def _on_step(self) -> bool:
            self.ended += int(self.locals["dones"].sum())
            if self.ended >= 10:
                self.ended = 0
                recent = [episode["r"] for episode in list(model.ep_info_buffer)[-10:]]
                self.solved = len(recent) == 10 and mean(recent) >= ASK_FROM and judge.accepts(Logits())
            return not self.solved and judge.is_patient

    judge, callback = Judge(seed, patience), AskTheJudge()
    envs = make_vec_env("CartPole-v1", n_envs=8, seed=seed)
    model = getattr(stable_baselines3, algorithm)("MlpPolicy", envs, seed=seed, device="cpu", **settings)
    model.learn(steps, callback=callback)
    return Run(judge.seconds, callback.solved)


# Tables


def table(title: str, methods: dict[str, Callable], seeds: range, patience: float) -> dict[str, float]:
    """Run all methods on all seeds in turn, print a table, and return how many times faster the first one is.

    Ratios are those of the medians, since two methods share nothing with one seed.
    """
    runs = {name: [] for name in methods}
    for method in methods.values():
        method(seed=0, patience=1.0)  # to warm up
    for seed in seeds:
        for name, method in methods.items():
            runs[name].append(method(seed=seed, patience=patience))
    ours, width = next(iter(methods)), max(map(len, methods))
    middle = {name: median(run.seconds for run in runs[name]) for name in methods}
    print(f"\n{title}; seeds {seeds[0]} to {seeds[-1]}")
    print(f"{'':{width}}  {'seconds':>8}  {'min':>8} {'max':>8}  solved      times faster is {ours}")
    for name in methods:
        times, solved = [run.seconds for run in runs[name]], sum(run.solved for run in runs[name])
        ratio = "" if name == ours else f"{middle[name] / middle[ours]:.3g}x"
        line = f"{name:{width}}  {middle[name]:8.3g}  {min(times):8.3g} {max(times):8.3g}  {solved} of {len(seeds)}"
        print(f"{line:{width + 42}}  {ratio}", flush=True)
    return {f"{title}: {ours} / {name}": middle[name] / middle[ours] for name in methods if name != ours}


def curves(runs: int, updates: int, *, device: str = "cpu") -> None:
    """Train this many runs at once for so many updates, without evaluation."""
    generator = torch.Generator(device).manual_seed(runs)
    policies = Network((runs,), 4, 32, 2, scale=SCALE, generator=generator)
    history = reinforce.train(cartpole.WORLD, policies, CURVE, updates=updates, generator=generator)
    history.sum().item()  # waits for a GPU


def many_runs(sizes: list[int], updates: int, repeats: int) -> dict[str, float]:
    """Print seconds a run for one run and for many at once, and return what doing many at once saves."""
    devices = ["cpu"] + ["cuda"] * torch.cuda.is_available()
    methods = {(device, runs): partial(curves, runs, updates, device=device) for device in devices for runs in sizes}
    if torch.cuda.is_available():
        methods["cuda", 1000] = partial(curves, 1000, updates, device="cuda")
    seconds, _ = in_turn(methods, repeats)
    each = {key: median(times) / key[1] for key, times in seconds.items()}
    print(f"\nMany runs at once; learning curves of {updates * CURVE.episodes} episodes; {repeats} rounds in turn")
    for (device, runs), one in each.items():
        place = "GPU" if device == "cuda" else "CPU"
        print(
            f"{place}, {runs:4} at once  {one:8.3g} seconds a run    {each['cpu', 1] / one:.3g}x one by one on the CPU"
        )
    return {
        f"Many runs: {runs} at once on {device} / one": each["cpu", 1] / one for (device, runs), one in each.items()
    }


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    torch.set_num_threads(1)
    seeds, patience = (range(3000, 3002), 2.0) if options.quick else (range(3000, 3020), 60.0)
    same = {
        "helper": partial(train, SHARED, "lock-step"),
        "one environment, torch": partial(train, SHARED, "torch"),
        "one environment, torch.distributions": partial(train, SHARED, "distributions"),
        "one environment, numpy": partial(train, SHARED, "numpy"),
    }
    picked = {name: partial(train, recipe, "lock-step") for name, recipe in OURS.items()}
    picked["plain PyTorch, an episode an update"] = plain_program
    if importlib.util.find_spec("stable_baselines3"):
        picked |= {f"stable-baselines3 {name}, RL Zoo": partial(baselines3, name) for name in ("A2C", "PPO")}
    print("One thread; training alone, evaluations are not counted.")
    ratios = table("Same recipe, what batching buys", same, seeds, patience)
    ratios |= table("As a user would pick: tuning and implementation", picked, seeds, patience)
    ratios |= many_runs(
        [1, 10] if options.quick else [1, 10, 50], 4 if options.quick else 40, 1 if options.quick else 3
    )
    write(ratios, options.json)


if __name__ == "__main__":
    main()
