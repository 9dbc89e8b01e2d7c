# %% wrong="only a policy" says="return environment, policy"
def agent():
    return lambda observation: 1


# %% wrong="nothing returned" says="return environment, policy"
def agent():
    def policy(observation):
        return 1


# %% wrong="a name in the place of the policy" says="is no function"
def agent():
    return "MountainCar-v0", "policy"


# %% wrong="an environment that is not there" says="gymnasium cannot make the environment"
def agent():
    return "MountainClimb-v0", lambda observation: 1


# %% wrong="a module that gymnasium would import" says="no environment of gymnasium's own"
def agent():
    return "os:CartPole-v1", lambda observation: 1


# %% wrong="always right" says="but -150 or more was expected"
def agent():
    return "MountainCar-v0", lambda observation: 2


# %% wrong="the pictures, as if they were the state" says="with ValueError"
def agent():
    return "CartPolePixels-v1", lambda observation: int(observation @ [0.05, 0.1, 1.0, 0.5] > 0)


# %% wrong="no rule where there is no bar" says="return environment, policy, rule"
def agent():
    return "FrozenLake-v1", lambda observation: 2


# %% wrong="the rule is no function" says="return environment, policy, rule"
def agent():
    return "FrozenLake-v1", lambda observation: 2, 2


# %% wrong="no better than its rule" says="and your rule may reach"
def agent():
    best = [0, 3, 3, 3, 0, 0, 0, 0, 3, 1, 0, 0, 0, 2, 1, 0]
    return "FrozenLake-v1", lambda place: best[place], lambda place: best[place]


# %% wrong="an action outside the space" says="which is no action"
def agent():
    return "MountainCar-v0", lambda observation: 3


# %% wrong="logits for an action" says="which is no action"
def agent():
    return "MountainCar-v0", lambda observation: torch.tensor([0.1, 0.2, 0.7])


# %% wrong="no action" says="policy returns a NoneType"
def agent():
    def policy(observation):
        2 if observation[1] > 0 else 0

    return "MountainCar-v0", policy


# %% wrong="raises" says="with IndexError"
def agent():
    return "MountainCar-v0", lambda observation: int(observation[2] > 0)


# %% wrong="the rewards of its own environment tell nothing" says="may reach"
def agent():
    class Idle(gymnasium.Env):
        observation_space, action_space = gymnasium.spaces.Box(0, 1, (1,)), gymnasium.spaces.Discrete(2)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return [0.0], {}

        def step(self, action):
            return [0.0], float(self.np_random.random()), True, False, {}

    return Idle(), lambda observation: 1, lambda observation: 0


# %% wrong="its own environment always wants the same" says="action 1 alone may reach"
def agent():
    class Always(gymnasium.Env):
        observation_space, action_space = gymnasium.spaces.Box(0, 1, (1,)), gymnasium.spaces.Discrete(2)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return [0.0], {}

        def step(self, action):
            return [0.0], float(action), True, False, {}

    return Always(), lambda observation: 1, lambda observation: 0


# %% wrong="steps the environment itself" says="policy steps or resets the environment itself"
def agent():
    env = gymnasium.make("FrozenLake-v1", is_slippery=False)

    def policy(observation):
        env.step(2)
        return 2

    return env, policy, lambda observation: 2


# %% wrong="makes the environment, and leaves its bar behind" says="MountainCar-v0, made or wrapped: return the name"
def agent():
    return gymnasium.make("MountainCar-v0"), lambda observation: 2, lambda observation: 0


# %% wrong="seeds torch for everybody" says="one of your own"
def agent():
    torch.manual_seed(0)
    return "MountainCar-v0", lambda observation: int(torch.randint(3, ()))


# %% wrong="its own environment resets as those of old" says="returns something else than observation, info"
def agent():
    class Old(gymnasium.Env):
        observation_space, action_space = gymnasium.spaces.Box(0, 1, (2,)), gymnasium.spaces.Discrete(2)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return [0.0, 1.0]

        def step(self, action):
            return [0.0, 1.0], float(action), True, {}

    return Old(), lambda observation: int(observation[1]), lambda observation: 0


# %% right="a rule"
def agent():
    return "MountainCar-v0", lambda observation: 2 if observation[1] >= 0 else 0


# %% right="a rule for the pole, that gives NumPy's truth value"
def agent():
    return "CartPole-v1", lambda observation: observation @ [0.05, 0.1, 1.0, 0.5] > 0


# %% right="an environment of its own"
def agent():
    class Ask(gymnasium.Env):
        observation_space, action_space = gymnasium.spaces.Box(0, 1, (1,)), gymnasium.spaces.Discrete(2)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.wanted = int(self.np_random.integers(2))
            return [float(self.wanted)], {}

        def step(self, action):
            return [0.0], float(action == self.wanted), True, False, {}

    return Ask(), lambda observation: int(observation[0]), lambda observation: 1


# %% right="a tensor as the action"
def agent():
    return "MountainCar-v0", lambda observation: torch.tensor(2 * (observation[1] >= 0))
