# %% wrong="forgets return" says="Does it end with return policy?"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(world, policy, recipe, updates=2, generator=generator, stop_at=475, report=report)


# %% wrong="returns the history" says="Does it end with return policy?"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    history = train(world, policy, recipe, updates=2, generator=generator, stop_at=475, report=report)
    return history


# %% wrong="does not pass report on" says="report was never called"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(world, policy, recipe, updates=2, generator=generator, stop_at=475)
    return policy


# %% wrong="does not train" says="report was never called"
def balance(generator, report=None):
    return new_policy(generator)


# %% wrong="returns another policy" says="Return the policy that was trained"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(world, policy, recipe, updates=100, generator=generator, stop_at=475, report=report)
    return new_policy(generator)


# %% wrong="one update" says="Train until a batch reaches 475"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(world, policy, recipe, updates=1, generator=generator, stop_at=475, report=report)
    return policy


# %% wrong="stops at 100" says="Train until a batch reaches 475"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(world, policy, recipe, updates=100, generator=generator, stop_at=100, report=report)
    return policy


# %% wrong="too small a learning rate" says="Train until a batch reaches 475"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=1e-5, gamma=1.0)
    train(world, policy, recipe, updates=30, generator=generator, stop_at=475, report=report)
    return policy


# %% wrong="too large a learning rate" says="Train until a batch reaches 475"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=50.0, gamma=1.0)
    train(world, policy, recipe, updates=100, generator=generator, stop_at=475, report=report)
    return policy


# %% wrong="γ = 0" says="Train until a batch reaches 475"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=0.0)
    train(world, policy, recipe, updates=30, generator=generator, stop_at=475, report=report)
    return policy


# %% wrong="one episode a batch and tiny steps" says="Train until a batch reaches 475"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=1, learning_rate=1e-5, gamma=1.0)
    train(world, policy, recipe, updates=100, generator=generator, stop_at=475, report=report)
    return policy


# %% wrong="a policy that sees no angle" says="Train until a batch reaches 475"
def balance(generator, report=None):
    policy = new_policy(generator, 4, torch.tensor([1.0, 1.0, 0.0, 0.0]))
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(world, policy, recipe, updates=30, generator=generator, stop_at=475, report=report)
    return policy


# %% wrong="a rule by hand, with no training" says="report was never called"
def balance(generator, report=None):
    class Rule(torch.nn.Module):
        def forward(self, states):
            lean = states[..., 2] + 0.5 * states[..., 3] + 0.05 * states[..., 0] + 0.1 * states[..., 1]
            return torch.stack([-lean, lean], -1)

    return Rule()


# %% wrong="more updates than allowed" says="at most 100 are allowed"
def balance(generator, report=None):
    policy = new_policy(generator, 2, None)
    recipe = reinforce.Recipe(episodes=1, learning_rate=0.01, gamma=1.0)
    train(probes.one_step(), policy, recipe, updates=101, generator=generator, report=report)
    return policy


# %% wrong="the same for every seed" says="The policy is the same for every seed"
def balance(generator, report=None):
    generator = torch.Generator().manual_seed(3)
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(world, policy, recipe, updates=100, generator=generator, stop_at=475, report=report)
    return policy


# %% wrong="listens without asking whether there is a report" says="report is None if nobody listens"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(
        world,
        policy,
        recipe,
        updates=100,
        generator=generator,
        stop_at=475,
        report=lambda number, mean: report(number, mean),
    )
    return policy


# %% wrong="returns policy and history" says="Does it end with return policy?"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(world, policy, recipe, updates=2, generator=generator, stop_at=475, report=report)
    return policy, recipe


# %% wrong="returns a function" says="Does it end with return policy?"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(world, policy, recipe, updates=2, generator=generator, stop_at=475, report=report)
    return lambda states: policy(states)


# %% wrong="logits of one action" says="logits of shape (100, 2) were expected"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(world, policy, recipe, updates=2, generator=generator, stop_at=475, report=report)
    return torch.nn.Sequential(policy, torch.nn.Linear(2, 1))


# %% wrong="stops learning after a few updates" says="Train until a batch reaches 475"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(world, policy, recipe, updates=3, generator=generator, stop_at=475, report=report)
    return policy


# %% wrong="hardly learns" says="It hardly learns"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=1e-4, gamma=1.0)
    train(world, policy, recipe, updates=20, generator=generator, stop_at=475, report=report)
    return policy


# %% wrong="calls the course's own" says="That calls the course's own function"
def balance(generator, report=None):
    return reinforce.balance(generator, report)


# %% right="γ = 0.99"
def balance(generator, report=None):
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=0.99)
    train(world, policy, recipe, updates=100, generator=generator, stop_at=475, report=report)
    return policy


# %% right="a linear policy"
def balance(generator, report=None):
    policy = networks.Network((), 4, 0, 2, scale=scale, generator=generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.2, gamma=1.0)
    train(world, policy, recipe, updates=100, generator=generator, stop_at=475, report=report)
    return policy


# %% right="torch.nn, with its own scale"
def balance(generator, report=None):
    class Policy(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.nn.Sequential(torch.nn.Linear(4, 64), torch.nn.Tanh(), torch.nn.Linear(64, 2))
            with torch.no_grad():
                for p in self.layers.parameters():
                    p.uniform_(-0.3, 0.3, generator=generator)

        def forward(self, states):
            return self.layers(states * torch.tensor([1.0, 1.0, 8.0, 2.0]))

    policy = Policy()
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.03, gamma=0.99)
    train(world, policy, recipe, updates=100, generator=generator, stop_at=475, report=report)
    return policy


# %% right="its own loop, returns divided by their mean"
def balance(generator, report=None):
    policy = new_policy(generator)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.05)
    for number in range(1, 101):
        episodes = run_episodes(world, policy, 64, generator=generator)
        mean = reinforce.mean_return(episodes)
        if report:
            report(number, mean)
        if mean >= 475:
            break
        g = returns(episodes.rewards, episodes.mask, 0.99)
        g = g / g[episodes.mask].mean()
        update(policy, optimizer, episodes, g)
    return policy


# %% right="its own loop, normalised"
def balance(generator, report=None):
    policy = new_policy(generator)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.05)
    for number in range(1, 101):
        episodes = run_episodes(world, policy, 64, generator=generator)
        mean = reinforce.mean_return(episodes)
        if report:
            report(number, mean)
        if mean >= 475:
            break
        g = returns(episodes.rewards, episodes.mask, 0.99)
        real = g[episodes.mask]
        g = (g - real.mean()) / (real.std() + 1e-8)
        update(policy, optimizer, episodes, g)
    return policy


# %% wrong="a rule by hand, reported once" says="report was called once, before any update"
def balance(generator, report=None):
    class Rule(torch.nn.Module):
        def forward(self, states):
            lean = states[..., 2] + 0.5 * states[..., 3] + 0.05 * states[..., 0] + 0.1 * states[..., 1]
            return torch.stack([-lean, lean], -1)

    if report:
        report(1, 500.0)
    return Rule()


# %% wrong="goes on at the top" says="pass stop_at=475 on to train"
def balance(generator, report=None):
    policy = new_policy(generator, 2, None)
    train(probes.one_step(), policy, reinforce.Recipe(1), updates=2, generator=generator, report=report)
    for number in range(3, 101):
        if report:
            report(number, 500.0)  # as CartPole would without stop_at, in minutes
    return policy


# %% wrong="restarts until a hundred are over" says="at most 100 are allowed"
def balance(generator, report=None):
    for _ in range(6):
        policy = new_policy(generator, 2, None)
        train(probes.one_step(), policy, reinforce.Recipe(1), updates=20, generator=generator, report=report)
    return policy
