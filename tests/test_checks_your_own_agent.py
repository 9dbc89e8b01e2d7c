"""The measure of a learner's own agent: every kind of action, and one sentence for what is none."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from checks import your_own_agent
from checks.answer import Here

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
