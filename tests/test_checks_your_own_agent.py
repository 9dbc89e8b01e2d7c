"""The measure of a learner's own agent: every kind of action, and one sentence for what is none."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from checks import exercise, your_own_agent
from checks.answer import Here
from checks.failure import CheckFailed

BITS = "Bits-v0"
KINDS = {  # of actions, and for each a policy that returns what its observation asks for
    "discrete": (spaces.Discrete(2), lambda asked: int(asked[0])),
    "discrete, from three on": (spaces.Discrete(2, start=3), lambda asked: 3 + int(asked[0])),
    "discrete, as an array of one": (spaces.Discrete(2), lambda asked: asked[:1].astype(int)),
    "box": (spaces.Box(0, 1, (1,)), lambda asked: asked[:1]),
    "box of doubles": (spaces.Box(0, 1, (1,), np.float64), lambda asked: [float(asked[0])]),
    "multi-discrete": (spaces.MultiDiscrete([2, 3]), lambda asked: [int(asked[0]), 2]),
    "multi-binary": (spaces.MultiBinary(2), lambda asked: np.array([asked[0] > 0, True])),
}


class Bits(gymnasium.Env):
    """Ten steps, each of which asks for 0 or 1, and rewards an action that begins with that number."""

    observation_space = spaces.Box(0, 1, (2,), np.float32)

    def __init__(self, space):
        self.action_space = space

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self._ask(), {}

    def step(self, action):
        assert self.action_space.contains(action), action
        given = np.ravel(action - getattr(self.action_space, "start", 0))[0]
        reward, self.steps = float(given == self.asked), self.steps + 1
        return self._ask(), reward, self.steps == 10, False, {}

    def _ask(self):
        self.asked = int(self.np_random.integers(2))
        return np.array([self.asked, 0.5], np.float32)


def sentence(*parts, episodes=2) -> str:
    """Return what the check says of an agent that returns these parts, or nothing."""
    try:
        your_own_agent.agent(Here(lambda: parts, "agent"), episodes=episodes)
    except CheckFailed as failure:
        return str(failure)
    return ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("own", [False, True])
def test_every_kind_of_action_is_played_and_drawn(kind, own):
    space, policy = KINDS[kind]
    gymnasium.register(BITS, lambda: Bits(space))
    try:
        parts = Bits(space) if own else BITS, policy, lambda asked: policy(0 * asked)
        found = your_own_agent.measure(Here(lambda: parts, "agent"), episodes=20, seed=1)
    finally:
        del gymnasium.registry[BITS]
    assert found.mean == 10 and found.missed() == "" and 5 < found.bar < 9


def own(**methods):
    """Return an environment of the learner's own with some methods, or other names, of its class in place of Bits'."""
    return type("Mine", (Bits,), methods)(spaces.Discrete(2))


@pytest.mark.parametrize(
    ("env", "said"),
    [
        (own(reset=lambda self: Bits.reset(self)), "reset of Mine takes no seed: write `def reset(self, *, seed=None"),
        (
            own(reset=lambda self, seed=None: Bits.reset(self, seed=seed)[0]),
            "reset of Mine returns something else than observation, info: end it with return observation, info.",
        ),
        (own(step=lambda self, action: Bits.step(self, action)[:4]), "step of Mine returns something else than observ"),
        (own(_ask=lambda self: {"asked": 1}), "An observation of Mine is a dict, but numbers were expected"),
        (own(_ask=lambda self: (1, [2, 3])), "An observation of Mine is a tuple, but numbers were expected"),
        (own(_ask=lambda self: "left"), "An observation of Mine is a str, but numbers were expected"),
        (own(step=lambda self, action: 1 / 0), "Your agent stops with ZeroDivisionError"),
    ],
)
def test_an_environment_of_ones_own_that_is_none_gets_a_sentence(env, said):
    assert said in sentence(env, lambda asked: 1, lambda asked: 0)


def test_an_environment_without_actions_and_a_policy_with_two_arguments_get_a_sentence():
    env = own()
    del env.action_space
    assert sentence(env, lambda asked: 1, lambda asked: 0).startswith("Mine has no action_space: give it one")
    assert sentence("CartPole-v1", lambda one, two: 1).startswith("Your policy stops with TypeError")


@pytest.mark.parametrize(
    ("space", "action", "said"),
    [
        (spaces.Discrete(3, start=1), 4, "policy returns 4, which is no action: they are 1, 2, 3."),
        (spaces.Discrete(500), -1, "which is no action: they are 0 to 499."),
        (spaces.Box(-1, 1, (2,)), 2.0, "which is no action: they have shape (2,) and entries from -1 to 1."),
        (spaces.MultiBinary(2), [2, 0], "which is no action: they are those of MultiBinary(2)."),
    ],
)
def test_what_is_no_action_is_told_which_there_are(space, action, said):
    assert said in sentence(type("Mine", (Bits,), {})(space), lambda asked: action, lambda asked: 0)


def test_the_bar_of_an_environment_cannot_be_left_behind():
    for made in (gymnasium.make("CartPole-v1"), gymnasium.wrappers.TimeLimit(gymnasium.make("CartPole-v1"), 50)):
        said = sentence(made, lambda state: int(state[2] > 0), lambda state: 0)
        assert said.startswith("The environment is CartPole-v1, made or wrapped: return the name CartPole-v1")
    assert "CartPole-v1 over 2 episodes" in sentence("CartPole", lambda state: int(state[2] > 0), lambda state: 0)


def test_one_action_alone_is_a_rival_in_a_box_too():
    always = own(step=lambda self, action: Bits.step(self, action)[:1] + (float(action[0]), True, False, {}))
    always.action_space = spaces.Box(-1, 1, (1,))
    said = sentence(always, lambda asked: [1.0], lambda asked: [0.0], episodes=20)
    assert "action [1.0] alone may reach 1.0: your whole interval has to lie above that" in said


def test_a_notebook_shows_the_numbers_of_a_pass_where_a_person_looks(monkeypatch, capsys):
    parts = own(), lambda asked: int(asked[0]), lambda asked: 0
    your_own_agent.agent(lambda: parts, episodes=20)
    assert capsys.readouterr().out.startswith("✓ agent passes")
    monkeypatch.setattr(exercise.progress, "is_watched", lambda: True)
    your_own_agent.agent(lambda: parts, episodes=20)
    assert "mean return   10.0, with 95 % in 10.0 … 10.0, from 20 episodes" in capsys.readouterr().out
