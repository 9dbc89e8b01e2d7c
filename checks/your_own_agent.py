"""The project after lesson 05: what a learner's own agent earns in an environment that it cannot touch.

`agent()` returns an environment and `policy(observation)`. An environment that gymnasium makes by its name runs here,
and the policy is asked for actions alone. One of the learner's own can only run beside the policy.
"""

import math
from typing import NamedTuple

import gymnasium
import numpy as np

from checks.answer import Answer
from checks.compare import that
from checks.exercise import exercise
from checks.failure import CheckFailed

BARS = {"CartPole-v1": 475.0, "MountainCar-v0": -150.0}  # of the mean return; elsewhere a random policy is the bar
LONGEST = 1000  # steps of an episode in an environment that is not gymnasium's
PAIR = "agent returns something else than a pair: return environment, policy."
STEPPED = "policy steps or resets the environment itself: it gets an observation and returns an action, no more."


class Measured(NamedTuple):
    """What a policy earned.

    Attributes:
        name: of the environment.
        mean, error: of the undiscounted returns, and the mean's standard error.
        episodes: how many there were.
        bar: what the mean has to reach.
        random: whether that bar comes from a random policy, which the whole interval then has to exceed.
    """

    name: str
    mean: float
    error: float
    episodes: int
    bar: float
    random: bool

    @property
    def low(self) -> float:
        """The lower end of the 95 % interval of the mean."""
        return self.mean - 1.96 * self.error

    def text(self) -> str:
        """Return the numbers in words, a line each."""
        bar = "what random actions reach" if self.random else "to be reached"
        return (
            f"environment   {self.name}\n"
            f"mean return   {self.mean:.1f}, with 95 % in {self.low:.1f} … {2 * self.mean - self.low:.1f}, "
            f"from {self.episodes} episodes\n"
            f"bar           {self.bar:.1f} ({bar})"
        )

    def missed(self) -> str:
        """Return in one sentence that the bar is missed, or nothing."""
        if self.random and not self.low > self.bar:
            return (
                f"The mean return on {self.name} is {self.mean:.1f} ± {1.96 * self.error:.1f} over {self.episodes} "
                f"episodes, which random actions reach, too (up to {self.bar:.1f}). Does the policy learn?"
            )
        if not self.random and not self.mean >= self.bar:
            return (
                f"The mean return on {self.name} over {self.episodes} episodes is {self.mean:.1f}, but {self.bar:.0f} "
                "or more was expected. Train longer, or look at how the returns rise."
            )
        return ""


@exercise()
def agent(answer, *, episodes=100, seed=1):
    """A policy that reaches the bar of an environment of the learner's choice."""
    found = measure(answer, episodes=episodes, seed=seed)
    that(not found.missed(), found.missed())


def measure(answer: Answer, *, episodes: int, seed: int) -> Measured:
    """Measure a policy over so many episodes.

    Args:
        answer: `agent`, the learner's function.
        episodes: how many to run, each from a start of its own.
        seed: of the starts, and of the random policy that is compared.

    Raises:
        CheckFailed: if there is no such environment, or the policy fails or returns no action.
    """
    pair = answer.keep(lambda agent: agent())
    found = pair.probe(_kind)
    that(found is not None, PAIR)
    kind, name, has_policy = found
    that(has_policy, "The policy that agent returns is no function: return environment, policy.")
    if kind == "own":
        returns, others = (pair.probe(_played(episodes, seed, drawn)) for drawn in (False, True))
        return _measured(name, np.array(returns), np.array(others))
    that(kind == "name", f"The environment is {name}, but gymnasium's name of one, or a gymnasium.Env, was expected.")
    policy = pair.keep(lambda pair: pair[1])
    returns = _returns(name, policy, episodes, seed)
    return _measured(name, returns, None if name in BARS else _returns(name, None, episodes, seed))


def _measured(name: str, returns: np.ndarray, random: np.ndarray | None) -> Measured:
    that(bool(np.isfinite(returns).all()), f"The rewards of {name} are not all finite numbers.")
    bar = BARS.get(name, math.nan) if random is None else random.mean() + 1.96 * _error(random)
    return Measured(name, float(returns.mean()), _error(returns), len(returns), float(bar), random is not None)


def _error(returns: np.ndarray) -> float:
    return float(returns.std(ddof=1) / len(returns) ** 0.5)


def _kind(pair) -> tuple[str, str, bool] | None:
    """Return what stands for the environment, its name, and whether there is a policy; or None for no pair."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        return None
    environment, policy = pair
    if isinstance(environment, str):
        return "name", environment, callable(policy)
    return "own" if isinstance(environment, gymnasium.Env) else "", type(environment).__name__, callable(policy)


def _returns(name: str, policy: Answer | None, episodes: int, seed: int) -> np.ndarray:
    """Run episodes of an environment of gymnasium's here, all in step; without a policy the actions are random."""
    envs = [_made(name) for _ in range(episodes)]
    envs[0].action_space.seed(seed)
    seen = [env.reset(seed=1000 * seed + number)[0] for number, env in enumerate(envs)]
    total, alive = np.zeros(episodes), list(range(episodes))
    while alive:
        if policy is None:
            actions = [envs[0].action_space.sample() for _ in alive]
        else:
            observations = np.stack([seen[number] for number in alive])
            actions = policy.probe(_asked(observations))
        still = []
        for number, action in zip(alive, actions, strict=True):
            env = envs[number]
            seen[number], reward, terminated, truncated, _ = env.step(_fitting(action, env.action_space))
            total[number] += reward
            if not (terminated or truncated):
                still.append(number)
        alive = still
    for env in envs:
        env.close()
    return total


def _made(name: str) -> gymnasium.Env:
    if ":" in name:  # gymnasium would import what stands before it
        raise CheckFailed(f"{name} is no environment of gymnasium's own: return the environment itself.")
    try:
        env = gymnasium.make(name, disable_env_checker=True)
    except Exception as error:
        said = " ".join(str(error).split())[:200].rstrip(".")
        raise CheckFailed(f"gymnasium cannot make the environment {name[:60]} here: {said}.") from None
    if env.spec.max_episode_steps is None:
        return gymnasium.wrappers.TimeLimit(env, LONGEST)
    return env


def _asked(observations: np.ndarray):
    """Return a question for the policy's actions, as numbers or lists of them."""
    return lambda policy: [_number(policy(observation.copy())) for observation in observations]


def _number(action):
    """Return an action as a plain number or list; what is neither is told by its kind."""
    if hasattr(action, "tolist"):
        return action.tolist()
    return action if isinstance(action, int | float | list) else f"a {type(action).__name__}"


def _fitting(action, space: gymnasium.Space):
    """Return an action as the space has it.

    Raises:
        CheckFailed: if the space does not hold it.
    """
    said = str(action)[:60]
    if isinstance(space, gymnasium.spaces.Discrete):
        action = action[0] if isinstance(action, list) and len(action) == 1 else action
        found = int(action) if isinstance(action, int | float) and action == action // 1 else None
    else:
        try:
            found = np.asarray(action, space.dtype).reshape(space.shape)
        except (TypeError, ValueError):
            found = None
    that(found is not None and space.contains(found), f"policy returns {said}, which is no action: {space} has none.")
    return found


def _played(episodes: int, seed: int, drawn: bool):
    """Return a question that plays the learner's own environment beside it: the returns, of random actions if drawn."""

    def play(pair) -> list[float]:
        env, policy = pair
        calls, plain_step, plain_reset = [0], env.step, env.reset

        def counted(function):
            def call(*arguments, **named):
                calls[0] += 1
                return function(*arguments, **named)

            return call

        env.step, env.reset = counted(plain_step), counted(plain_reset)
        env.action_space.seed(seed)
        returns, own = [], 0
        try:
            for number in range(episodes):
                observation, _ = env.reset(seed=1000 * seed + number)
                total, own = 0.0, own + 1
                for _ in range(LONGEST):
                    action = env.action_space.sample() if drawn else policy(np.array(observation))
                    if not drawn:
                        action = _fitting(_number(action), env.action_space)
                    if calls[0] != own:
                        raise CheckFailed(STEPPED)
                    observation, reward, terminated, truncated, _ = env.step(action)
                    total, own = total + float(reward), own + 1
                    if terminated or truncated:
                        break
                returns.append(total)
        finally:
            env.step, env.reset = plain_step, plain_reset
        return returns

    return play
