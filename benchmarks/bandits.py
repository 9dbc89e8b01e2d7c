"""How much faster is the 10-armed test bed as one tensor program than a loop over agents, or numpy one ε at a time?

Every method ends with the curves of figure 2.2 of Sutton & Barto (2018): mean reward and share of optimal pulls at
every step, for three values of ε. It draws its own bandits and must reach the same figures before speed is compared.
"""

import numpy as np
import torch
from timing import arguments, compare, in_turn, write

from helpers import bandits

EPSILONS = (0.0, 0.01, 0.1)
NUM_ARMS = 10


def testbed(runs: int, steps: int, *, generator: torch.Generator) -> np.ndarray:
    """All values of ε and all runs as one batch; curves of shape (2, ε, T), as the other methods return."""
    q_star = torch.randn(len(EPSILONS), runs, NUM_ARMS, generator=generator, device=generator.device)
    epsilon = torch.tensor(EPSILONS, device=generator.device).unsqueeze(-1)
    arms, rewards = bandits.testbed(q_star, epsilon, steps, generator=generator)
    share, _ = bandits.optimal_share(q_star, arms)
    return torch.stack([rewards.mean(-2), share]).cpu().numpy()  # the copy waits for a GPU


class Agent:
    """One run the way textbook code has it: an object that acts and learns one pull at a time."""

    def __init__(self, epsilon: float):
        self.epsilon = epsilon
        self.q_star = np.random.randn(NUM_ARMS)
        self.best = self.q_star.argmax()
        self.arms = np.arange(NUM_ARMS)
        self.values = np.zeros(NUM_ARMS)
        self.counts = np.zeros(NUM_ARMS)

    def act(self) -> int:
        if np.random.rand() < self.epsilon:
            return np.random.choice(self.arms)
        return np.random.choice(np.flatnonzero(self.values == self.values.max()))

    def step(self, arm: int) -> float:
        reward = self.q_star[arm] + np.random.randn()
        self.counts[arm] += 1
        self.values[arm] += (reward - self.values[arm]) / self.counts[arm]
        return reward


def object_loop(runs: int, steps: int) -> np.ndarray:
    """One agent a run."""
    curves = np.zeros((2, len(EPSILONS), runs, steps))
    for setting, epsilon in enumerate(EPSILONS):
        for run in range(runs):
            agent = Agent(epsilon)
            for t in range(steps):
                arm = agent.act()
                curves[0, setting, run, t] = agent.step(arm)
                curves[1, setting, run, t] = arm == agent.best
    return curves.mean(2)


def numpy_runs(runs: int, steps: int, epsilon: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """All runs of one ε as numpy arrays, in float32 as torch has it; curves of shape (T,) each.

    The true values of the arms are exchangeable, so the first of several greedy arms is a fair choice.
    """
    q_star = rng.standard_normal((runs, NUM_ARMS), dtype=np.float32)
    best, run = q_star.argmax(1), np.arange(runs)
    values, counts = np.zeros_like(q_star), np.zeros_like(q_star)
    reward_curve, optimal_curve = np.empty(steps), np.empty(steps)
    for t in range(steps):
        arms = values.argmax(1)
        explore = rng.random(runs, dtype=np.float32) < epsilon
        arms[explore] = rng.integers(NUM_ARMS, size=np.count_nonzero(explore))
        rewards = q_star[run, arms] + rng.standard_normal(runs, dtype=np.float32)
        counts[run, arms] += 1
        values[run, arms] += (rewards - values[run, arms]) / counts[run, arms]
        reward_curve[t], optimal_curve[t] = rewards.mean(), (arms == best).mean()
    return reward_curve, optimal_curve


def check_agreement(results: dict[str, list[np.ndarray]], runs: dict[str, int], steps: int) -> None:
    """Print what every method reached at the last step, all rounds together; stop if one differs from the test bed.

    Figures agree within 5 standard errors of their difference; right methods fail once in 100,000 times.
    """
    last = {name: np.mean(rounds, axis=0)[..., -1] for name, rounds in results.items()}  # (2, ε)
    total = {name: runs[name] * len(rounds) for name, rounds in results.items()}
    width = max(map(len, results))
    print(f"{'':{width}}  {'runs':>7}    {'% optimal':17}   mean reward, at step {steps}, for each ε")
    for name, (reward, share) in last.items():
        percents, means = " ".join(f"{100 * x:5.1f}" for x in share), " ".join(f"{x:5.2f}" for x in reward)
        print(f"{name:{width}}  {total[name]:7,}    {percents}   {means}")
    for name in results:
        p = (last[name][1] + last["testbed"][1]) / 2
        variance = np.stack([np.full_like(p, 2.0), p * (1 - p)])  # a reward: 1 of noise, and at most 1 of q*
        error = np.sqrt(variance * (1 / total[name] + 1 / total["testbed"]))
        if (np.abs(last[name] - last["testbed"]) > 5 * error).any():
            raise SystemExit(f"{name} and testbed reach different figures, so their speed means nothing.")
    print("All agree with testbed within 5 standard errors.")


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    runs, loop_runs, steps, repeats = (100, 5, 100, 2) if options.quick else (2000, 40, 1000, 9)
    torch.set_num_threads(1)
    np.random.seed(0)
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    methods = {
        "testbed": lambda: testbed(runs, steps, generator=generator),
        "numpy": lambda: np.stack([numpy_runs(runs, steps, epsilon, rng) for epsilon in EPSILONS], axis=1),
        "object loop": lambda: object_loop(loop_runs, steps),
    }
    if torch.cuda.is_available():
        device_generator = torch.Generator("cuda").manual_seed(0)
        methods["testbed on the GPU"] = lambda: testbed(runs, steps, generator=device_generator)

    seconds, results = in_turn(methods, repeats)
    print(f"{NUM_ARMS} arms, {runs} runs, {steps} steps, ε = {EPSILONS}; one thread; {repeats} rounds in turn.\n")
    check_agreement(results, {name: loop_runs if name == "object loop" else runs for name in methods}, steps)
    seconds["object loop"] = [runs / loop_runs * s for s in seconds["object loop"]]
    ratios = compare(seconds, "testbed", "bandits")
    print(f"The object loop played {loop_runs} of the {runs} runs; its time is scaled by {runs // loop_runs}.")
    write(ratios, options.json)


if __name__ == "__main__":
    main()
