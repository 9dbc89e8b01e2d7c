"""How long do DQN and PPO take to break Breakout's bricks, and what of it is batching, implementation, or tuning?

One bar for each method: a greedy policy that breaks 9 (DQN) or all 10 bricks (PPO) of the small board, which is known
exactly from its table. It is looked at after every 400 steps of play (DQN) or every segment (PPO), with the clock
stopped. Every method runs on every seed, in turn; seconds are those of one thread's CPU time. A run that does not get
there counts with the seconds it took, so its ratio is a lower bound.

- *batched*: the helper on the batched world;
- *gymnasium*: the helper on gymnasium's vector environment, which steps one `BreakoutEnv` after the other;
- *stable-baselines3, same recipe*: on the same environments, with the helper's recipe as far as it has the same knobs:
  what is left is the implementation;
- *stable-baselines3, Atari's settings*: those of its authors' RL Zoo, with smaller buffers and the same small network:
  mostly tuning, with ten times the steps at most. Both are timed where it is installed: `pip install
  stable-baselines3`, or with `--no-deps` to keep torch as it is.
"""

import importlib.util
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import NamedTuple

import gymnasium
import torch
from timing import arguments, write
from torch import Tensor, nn

from helpers import breakout, dqn, ppo
from helpers.networks import Network

BOARD = breakout.Board()
BARS = {"DQN": 9, "PPO": 10}
SEGMENT = ppo.Recipe().games * ppo.Recipe().steps
FINAL = {"DQN": dqn.Recipe().final_rate, "PPO": ppo.Recipe().final_rate}
UPDATES = {"DQN": 4000, "PPO": 60}


class Run(NamedTuple):
    """Seconds of CPU time in training, and whether the bar was met."""

    seconds: float
    solved: bool


class Judge:
    """Look, with the clock stopped, whether a greedy policy meets the bar; true also when patience is at its end."""

    def __init__(self, bar: float, patience: float):
        self.bar, self.patience, self.solved = bar, patience, False
        self.paused, self.start = 0.0, time.process_time()

    @property
    def seconds(self) -> float:
        return time.process_time() - self.start - self.paused

    @torch.no_grad()
    def is_done(self, outputs: Callable[[Tensor], Tensor]) -> bool:
        """Ask with logits or values (S, 3) of pixels (S, 4 · rows · columns)."""
        before = time.process_time()
        actions = outputs(BOARD.pixels(BOARD.table.states)).argmax(-1)
        self.solved = BOARD.table.score(actions).item() >= self.bar
        self.paused += time.process_time() - before
        return self.solved or self.seconds > self.patience


def helper(method: str, on_gymnasium: bool, seed: int, patience: float) -> Run:
    """Train with the course's own functions."""
    g, judge = torch.Generator().manual_seed(seed), Judge(BARS[method], patience)
    inner = [Network((), BOARD.num_pixels, 128, size, generator=g) for size in ((3,) if method == "DQN" else (3, 1))]
    count = (dqn.Recipe() if method == "DQN" else ppo.Recipe()).games
    world = environments(count) if on_gymnasium else BOARD.world
    nets = [nn.Sequential(nn.Flatten(), net) if on_gymnasium else breakout.OnPixels(BOARD, net) for net in inner]
    options = {"updates": UPDATES[method], "generator": g, "report": lambda number, mean: judge.is_done(inner[0])}
    (dqn if method == "DQN" else ppo).train(world, *nets, **options)
    return Run(judge.seconds, judge.solved)


def environments(count: int) -> gymnasium.vector.VectorEnv:
    """Return a vector environment of so many boards."""
    return gymnasium.vector.SyncVectorEnv([partial(breakout.BreakoutEnv, BOARD)] * count)


def baselines3(method: str, settings: str, seed: int, patience: float) -> Run:
    """Train with stable-baselines3."""
    import stable_baselines3
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.env_util import make_vec_env

    chosen, count = SETTINGS[method, settings]()
    judge, every = Judge(BARS[method], patience), 400 if method == "DQN" else SEGMENT

    def outputs(pixels: Tensor) -> Tensor:
        seen = pixels.view(-1, *envs.observation_space.shape)
        return model.q_net(seen) if method == "DQN" else model.policy.get_distribution(seen).distribution.logits

    class AskTheJudge(BaseCallback):
        def _on_step(self) -> bool:
            return self.num_timesteps % every >= count or not judge.is_done(outputs)

    envs = make_vec_env(breakout.BreakoutEnv, n_envs=count, seed=seed, env_kwargs={"board": BOARD})
    network = {"net_arch": [128], "activation_fn": nn.Tanh}
    build = getattr(stable_baselines3, method)
    model = build("MlpPolicy", envs, seed=seed, device="cpu", policy_kwargs=network, **chosen)
    steps = UPDATES[method] * (4 if method == "DQN" else SEGMENT) * (1 if settings == "same recipe" else 10)
    model.learn(steps, callback=AskTheJudge())
    return Run(judge.seconds, judge.solved)


def falling(rate: float, method: str) -> Callable[[float], float]:
    """Return the learning rate as a function of the share of the training that is left."""
    return lambda left: rate * (FINAL[method] + (1 - FINAL[method]) * left)


def same_dqn() -> tuple[dict, int]:
    r = dqn.Recipe()
    settings = {"buffer_size": r.capacity, "batch_size": r.batch_size, "gamma": r.gamma, "learning_starts": 64}
    settings |= {"train_freq": 1, "gradient_steps": 1, "target_update_interval": r.copy_every * r.games}
    settings |= {"exploration_fraction": r.exploring, "exploration_final_eps": r.epsilon}
    return settings | {"learning_rate": falling(r.learning_rate, "DQN")}, r.games


def same_ppo() -> tuple[dict, int]:
    r = ppo.Recipe()
    settings = {"n_steps": r.steps, "batch_size": SEGMENT // r.minibatches, "n_epochs": r.epochs, "gamma": r.gamma}
    settings |= {"gae_lambda": r.trace, "clip_range": r.clip, "ent_coef": r.entropy}
    return settings | {"learning_rate": falling(r.learning_rate, "PPO")}, r.games


def atari_dqn() -> tuple[dict, int]:
    return {"learning_rate": 1e-4, "buffer_size": 10_000, "learning_starts": 1000, "exploration_final_eps": 0.01}, 1


def atari_ppo() -> tuple[dict, int]:
    settings = {"n_steps": 128, "n_epochs": 4, "batch_size": 256, "ent_coef": 0.01, "vf_coef": 0.5}
    return settings | {"learning_rate": lambda left: 2.5e-4 * left, "clip_range": lambda left: 0.1 * left}, 8


SETTINGS = {
    ("DQN", "same recipe"): same_dqn,
    ("DQN", "Atari's settings"): atari_dqn,
    ("PPO", "same recipe"): same_ppo,
    ("PPO", "Atari's settings"): atari_ppo,
}


def table(method: str, methods: dict[str, Callable], seeds: range, patience: float) -> dict[str, float]:
    """Run all on all seeds in turn, print a table, and return ratios of the median seconds."""
    runs = {name: [] for name in methods}
    for seed in seeds:
        for name, run in methods.items():
            runs[name].append(run(seed=seed, patience=patience))
    ours, width = next(iter(methods)), max(map(len, methods))
    middle = {name: median(run.seconds for run in runs[name]) for name in methods}
    print(f"\n{method} to {BARS[method]} bricks; seeds {seeds[0]} to {seeds[-1]}, patience {patience:g} s")
    print(f"{'':{width}}  {'seconds':>8}  {'min':>8} {'max':>8}  solved    times faster is {ours}")
    for name, found in runs.items():
        times, solved = [run.seconds for run in found], sum(run.solved for run in found)
        line = f"{name:{width}}  {middle[name]:8.3g}  {min(times):8.3g} {max(times):8.3g}  {solved} of {len(seeds)}"
        print(f"{line:{width + 40}}  {middle[name] / middle[ours]:.3g}x", flush=True)
    return {f"{method}: {ours} / {name}": middle[name] / middle[ours] for name in methods if name != ours}


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    torch.set_num_threads(1)
    seeds, patience = (range(5000, 5001), 1.0) if options.quick else (range(5000, 5010), 60.0)
    has_peer, ratios = importlib.util.find_spec("stable_baselines3") is not None, {}
    if not has_peer:
        print("stable-baselines3 is not installed, so it is left out.")
    for method in BARS:
        methods = {"batched": partial(helper, method, False), "gymnasium": partial(helper, method, True)}
        if has_peer:
            for settings in ("same recipe", "Atari's settings"):
                methods[f"stable-baselines3, {settings}"] = partial(baselines3, method, settings)
        ratios |= table(method, methods, seeds, patience)
    write(ratios, options.json)


if __name__ == "__main__":
    main()
