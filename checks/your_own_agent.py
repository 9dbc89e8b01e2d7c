"""The project after lesson 05: what a learner's own agent earns in an environment that it cannot touch.

`agent()` returns an environment and `policy(observation)`. An environment that gymnasium makes by its name runs here,
and the policy is asked for actions alone. One of the learner's own can only run beside the policy. Where no number is
the bar, there are rivals that learn nothing: random actions, each action alone, and a rule that comes with the agent.
"""

import inspect
import warnings
from typing import NamedTuple

import gymnasium
import numpy as np

from checks.answer import Answer
from checks.compare import that
from checks.exercise import Numbers, exercise
from checks.failure import CheckFailed
from helpers import pixels, progress

BARS = {  # of the mean return; benchmarks/own_agent.py tells how surely the helpers reach them
    "CartPole-v1": 475.0,
    pixels.NAME: 475.0,
    "MountainCar-v0": -150.0,
    "Acrobot-v1": -105.0,
}
LONGEST = 1000  # steps of an episode in an environment that sets no limit
MOST_ACTIONS = 8  # that are tried alone
PARTS = "agent returns neither two parts nor three: return environment, policy, or environment, policy, rule."
NO_RULE = (
    "{} has no bar of its own: return environment, policy, rule, where rule(observation) is the action that you would "
    "take by a line or two, without learning."
)
MADE = "The environment is {0}, made or wrapped: return the name {0} in its place, and its bar counts."
NO_SPACE = "{} has no action_space: give it one, such as gymnasium.spaces.Discrete(2)."
NO_SEED = "reset of {} takes no seed: write `def reset(self, *, seed=None, options=None):`."
NO_ARRAY = "An observation of {} is {}, but numbers were expected: return an array, as FlattenObservation makes one."
RETURNED = {  # by an environment's method, and of how many parts
    "reset": ("observation, info", 2),
    "step": ("observation, reward, terminated, truncated, info", 5),
}
AT_ONCE = 10  # episodes of a learner's own environment that are asked for in one question
STEPPED = "policy steps or resets the environment itself: it gets an observation and returns an action, no more."


class Measured(NamedTuple):
    """What a policy earned.

    Attributes:
        name: of the environment.
        mean, error: of the undiscounted returns, and the mean's standard error.
        episodes: how many there were.
        bar: what the mean has to reach; if there is a rival, what the whole interval has to exceed.
        rival: whose upper end of the interval the bar is, the best of several; "" where the bar is a number.
    """

    name: str
    mean: float
    error: float
    episodes: int
    bar: float
    rival: str = ""

    @property
    def low(self) -> float:
        """The lower end of the 95 % interval of the mean."""
        return self.mean - 1.96 * self.error

    def text(self) -> str:
        """Return the numbers in words, a line each."""
        bar = f"what {self.rival} may reach" if self.rival else "to be reached"
        return (
            f"environment   {self.name}\n"
            f"mean return   {self.mean:.1f}, with 95 % in {self.low:.1f} … {2 * self.mean - self.low:.1f}, "
            f"from {self.episodes} episodes\n"
            f"bar           {self.bar:.1f} ({bar})"
        )

    def missed(self) -> str:
        """Return in one sentence that the bar is missed, or nothing."""
        if self.rival and not self.low > self.bar:
            return (
                f"The mean return on {self.name} is {self.mean:.1f} ± {1.96 * self.error:.1f} over {self.episodes} "
                f"episodes, and {self.rival} may reach {self.bar:.1f}: your whole interval has to lie above that."
            )
        if not self.rival and not self.mean >= self.bar:
            return (
                f"The mean return on {self.name} over {self.episodes} episodes is {self.mean:.1f}, but {self.bar:.0f} "
                "or more was expected. Train longer, or look at how the returns rise."
            )
        return ""


@exercise()
def agent(answer, *, episodes=100, seed=1):
    """A policy that reaches the bar of an environment of the learner's choice, or does better than its rivals there."""
    found = measure(answer, episodes=episodes, seed=seed)
    that(not found.missed(), found.missed())
    return Numbers(found.text())


def measure(answer: Answer, *, episodes: int, seed: int) -> Measured:
    """Measure a policy over so many episodes.

    Args:
        answer: `agent`, the learner's function.
        episodes: how many to run, each from a start of its own.
        seed: of the starts, and of the random actions that are compared.

    Raises:
        CheckFailed: if there is no such environment, a rule is needed and missing, or the policy or the rule fails or
            returns no action.
    """
    parts = answer.made()
    found = parts.probe(_kind)
    that(found is not None, PARTS)
    kind, name, has_policy, has_rule, alone = found
    that(has_policy, "The policy that agent returns is no function: return environment, policy.")
    that(kind, f"The environment is {name}, but gymnasium's name of one, or a gymnasium.Env, was expected.")
    if kind == "name":
        env = _made(name)
        name, alone = env.spec.id, _alone(env.action_space)
    that(kind != "own" or name not in BARS, MADE.format(name))
    has_bar = kind == "name" and name in BARS
    that(has_bar or has_rule, NO_RULE.format(name))

    def play(player: str | int | list) -> tuple[float, float]:
        """Return the mean return of what plays, and its standard error."""
        if kind == "name":
            returns = _returns(name, parts, player, episodes, seed)
        else:
            asked = [range(first, min(first + AT_ONCE, episodes)) for first in range(0, episodes, AT_ONCE)]
            asked = progress.bar(f"{name}, {player}", asked, unit=f"×{AT_ONCE} episodes")
            returns = np.concatenate([parts.probe(_played(player, numbers, seed)) for numbers in asked])
        that(bool(np.isfinite(returns).all()), f"The rewards of {name} are not all finite numbers.")
        return float(returns.mean()), float(returns.std(ddof=1) / len(returns) ** 0.5)

    mean, error = play("policy")
    if has_bar:
        return Measured(name, mean, error, episodes, BARS[name])
    always = {f"action {str(action)[:60]} alone": action for action in alone}
    rivals = {"random actions": "random", "your rule": "rule"} | always
    reached = {rival: play(player) for rival, player in rivals.items()}
    ends = {rival: mean + 1.96 * error for rival, (mean, error) in reached.items()}
    best = max(ends, key=ends.get)
    return Measured(name, mean, error, episodes, ends[best], best)


def _kind(parts) -> tuple[str, str, bool, bool, list] | None:
    """Return what stands for the environment, its name, whether there are policy and rule, and which actions are tried
    alone in one that is here; or None where there are other parts."""
    if not isinstance(parts, tuple | list) or len(parts) not in (2, 3):
        return None
    environment, *functions = parts
    has = [callable(function) for function in (*functions, None)[:2]]
    if isinstance(environment, str):
        return "name", environment, *has, []
    if isinstance(environment, gymnasium.Env):
        inner = environment.unwrapped
        name = inner.spec.id if inner.spec else type(inner).__name__
        that(isinstance(getattr(environment, "action_space", None), gymnasium.Space), NO_SPACE.format(name))
        that(_takes_seed(environment.reset), NO_SEED.format(name))
        return "own", name, *has, _alone(environment.action_space)
    return "", type(environment).__name__, *has, []


def _takes_seed(reset) -> bool:
    try:
        inspect.signature(reset).bind(seed=0)
    except TypeError:
        return False
    return True


def _alone(space: gymnasium.Space) -> list[int | list]:
    """Return the actions that a rival takes always: all, if they are few; of a box the lowest, highest and middle."""
    if isinstance(space, gymnasium.spaces.Discrete) and space.n <= MOST_ACTIONS:
        return [int(space.start) + action for action in range(int(space.n))]
    if isinstance(space, gymnasium.spaces.Box) and space.is_bounded():
        return [space.low.tolist(), space.high.tolist(), ((space.low + space.high) / 2).tolist()]
    return []


def _function(parts, player: str):
    return parts[1 if player == "policy" else 2]


def _returns(name: str, parts: Answer, player: str | int | list, episodes: int, seed: int) -> np.ndarray:
    """Run episodes of an environment of gymnasium's here, all in step: the policy's, the rule's, of random actions, or
    of one action alone."""
    envs = [_made(name) for _ in range(episodes)]
    envs[0].action_space.seed(seed)
    seen = [env.reset(seed=1000 * seed + number)[0] for number, env in enumerate(envs)]
    # In a list, since a look at what each single call does would take longer than the calls.
    asked = parts.keep(lambda parts: [_function(parts, player)], player) if player in ("policy", "rule") else None
    shown = progress.bar(f"{name}, {player}", total=envs[0].spec.max_episode_steps, unit="step")
    total, alive = np.zeros(episodes), list(range(episodes))
    while alive:
        if asked is not None:
            actions = asked.probe(_asked(np.stack([_array(seen[number], name) for number in alive])))
        else:
            space = envs[0].action_space
            actions = [space.sample() if player == "random" else _fitting(player, space) for _ in alive]
        still = []
        for number, action in zip(alive, actions, strict=True):
            env = envs[number]
            action = action if asked is None else _fitting(action, env.action_space, player)
            seen[number], reward, terminated, truncated, _ = env.step(action)
            total[number] += reward
            if not (terminated or truncated):
                still.append(number)
        alive = still
        shown.set_postfix({"episodes that run": len(alive)}, refresh=False)
        shown.update()
    shown.close()
    for env in envs:
        env.close()
    return total


def _made(name: str) -> gymnasium.Env:
    if ":" in name:  # gymnasium would import what stands before it
        raise CheckFailed(f"{name} is no environment of gymnasium's own: return the environment itself.")
    try:
        with warnings.catch_warnings(action="ignore"):  # of a newer version, or none in the name
            env = gymnasium.make(name, disable_env_checker=True)
    except Exception as error:
        said = " ".join(str(error).split())[:200].rstrip(".")
        raise CheckFailed(f"gymnasium cannot make the environment {name[:60]} here: {said}.") from None
    return gymnasium.wrappers.TimeLimit(env, LONGEST) if env.spec.max_episode_steps is None else env


def _asked(observations: np.ndarray):
    """Return a question for the policy's actions, as numbers or lists of them."""
    return lambda policies: [_number(policies[0](observation.copy())) for observation in observations]


def _array(observation, name: str) -> np.ndarray:
    """Return an observation as an array of its own.

    Raises:
        CheckFailed: if it holds something else than numbers.
    """
    try:
        found = np.array(observation)
    except ValueError:  # of parts that differ in shape
        found = np.array(None)
    that(found.dtype.kind in "biuf", NO_ARRAY.format(name, f"a {type(observation).__name__}"))
    return found


def _number(action):
    """Return an action as a plain number or list; what is neither is told by its kind."""
    if hasattr(action, "tolist"):
        return action.tolist()
    action = list(action) if isinstance(action, tuple) else action
    return action if isinstance(action, int | float | list) else f"a {type(action).__name__}"


def _fitting(action, space: gymnasium.Space, player: str | int | list = "policy"):
    """Return an action as the space has it; `player` is what a sentence calls who returned it.

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
    is_one = found is not None and space.contains(found)
    that(is_one, f"{player} returns {said}, which is no action: {_actions(space)}.")
    return found


def _actions(space: gymnasium.Space) -> str:
    """Return in words which actions there are."""
    if isinstance(space, gymnasium.spaces.Discrete):
        first, last = int(space.start), int(space.start + space.n) - 1
        few = ", ".join(map(str, range(first, last + 1))) if space.n <= MOST_ACTIONS else ""
        return f"they are {few or f'{first} to {last}'}"
    if isinstance(space, gymnasium.spaces.Box):
        return f"they have shape {space.shape} and entries from {space.low.min():g} to {space.high.max():g}"
    return f"they are those of {space}"


def _parts(got, method: str, name: str) -> tuple:
    """Return what a method of the learner's own environment returned.

    Raises:
        CheckFailed: if it has other parts than gymnasium asks for.
    """
    wanted, number = RETURNED[method]
    is_good = isinstance(got, tuple) and len(got) == number and isinstance(got[-1], dict)
    that(is_good, f"{method} of {name} returns something else than {wanted}: end it with return {wanted}.")
    return got


def _played(player: str | int | list, numbers: range, seed: int):
    """Return a question that plays episodes of the learner's own environment beside it: the returns of what plays."""

    def play(parts) -> list[float]:
        env, calls, name = parts[0], [0], type(parts[0].unwrapped).__name__
        plain_step, plain_reset = env.step, env.reset

        def counted(function):
            def call(*arguments, **named):
                calls[0] += 1
                return function(*arguments, **named)

            return call

        def choose(observation):
            if player in ("policy", "rule"):
                return _fitting(_number(_function(parts, player)(_array(observation, name))), env.action_space, player)
            return env.action_space.sample() if player == "random" else _fitting(player, env.action_space)

        env.step, env.reset = counted(plain_step), counted(plain_reset)
        env.action_space.seed(seed + numbers[0])
        returns, own = [], 0
        try:
            for number in numbers:
                observation, _ = _parts(env.reset(seed=1000 * seed + number), "reset", name)
                total, own = 0.0, own + 1
                for _ in range(LONGEST):
                    action = choose(observation)
                    if calls[0] != own:
                        raise CheckFailed(STEPPED)
                    observation, reward, terminated, truncated, _ = _parts(env.step(action), "step", name)
                    total, own = total + float(reward), own + 1
                    if terminated or truncated:
                        break
                returns.append(total)
        finally:
            env.step, env.reset = plain_step, plain_reset
        return returns

    return play
