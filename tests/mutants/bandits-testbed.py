# %% wrong="forces a sweep through the arms in order" says="without a round"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for t in range(steps):
        arm = epsilon_greedy(values, epsilon, generator=generator)
        arm = torch.full_like(arm, t) if t < q_star.shape[-1] else arm
        arms.append(arm)
        rewards.append(bandits.pull(q_star, arm, generator=generator))
        values, counts = update(values, counts, arm, rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="forces a sweep in random order" says="without a round"
def testbed(q_star, epsilon, steps, *, generator):
    order = torch.rand(q_star.shape, generator=generator).argsort(-1)
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for t in range(steps):
        arm = epsilon_greedy(values, epsilon, generator=generator)
        arms.append(order[:, t] if t < q_star.shape[-1] else arm)
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="starts from high estimates" says="Start from Q = 0"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.full_like(q_star, 10.0), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, 0.0, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="takes the first of the tied arms" says="at first all arms are tied"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        explore = torch.rand(len(q_star), generator=generator) < epsilon
        anywhere = torch.randint(q_star.shape[-1], (len(q_star),), generator=generator)
        arms.append(torch.where(explore, anywhere, values.argmax(-1)))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="forgets to keep the update" says="always random"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="never explores" says="is epsilon used?"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(greedy(values, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="writes 0.1 where epsilon was meant" says="the share for ε = 0.1"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, 0.1, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="chooses before the newest reward is learned" says="averages of all rewards before the step"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    arm = epsilon_greedy(values, epsilon, generator=generator)
    for _ in range(steps):
        arms.append(arm)
        rewards.append(bandits.pull(q_star, arm, generator=generator))
        arm = epsilon_greedy(values, epsilon, generator=generator)
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="records the arm chosen after the update" says="Pull the chosen arms of q_star"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    arm = epsilon_greedy(values, epsilon, generator=generator)
    for _ in range(steps):
        rewards.append(bandits.pull(q_star, arm, generator=generator))
        values, counts = update(values, counts, arm, rewards[-1])
        arm = epsilon_greedy(values, epsilon, generator=generator)
        arms.append(arm)
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="forgets the counts" says="averages of all rewards before the step"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, _ = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="starts the counts at 1" says="averages of all rewards before the step"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.ones_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="learns from a second pull" says="averages of all rewards before the step"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        second = bandits.pull(q_star, arms[-1], generator=generator)
        values, counts = update(values, counts, arms[-1], second)
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="chooses from the true values" says="nobody knows q_star"
def testbed(q_star, epsilon, steps, *, generator):
    arms, rewards = [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(q_star, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="pays the true values" says="bandits.pull"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(q_star.gather(-1, arms[-1].unsqueeze(-1)).squeeze(-1))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="one noise for all rooms" says="for each room"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        noise = torch.randn((), generator=generator)
        rewards.append(q_star.gather(-1, arms[-1].unsqueeze(-1)).squeeze(-1) + noise)
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="pulls from the room of the estimates" says="Pull the chosen arms of q_star"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(values, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="seeds a generator of its own" says="Draw with generator=generator"
def testbed(q_star, epsilon, steps, *, generator):
    generator = torch.Generator().manual_seed(0)
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="draws the noise from the global generator" says="Draw with generator=generator"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        mean = q_star.gather(-1, arms[-1].unsqueeze(-1)).squeeze(-1)
        rewards.append(mean + torch.randn(mean.shape))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="stacks along the first dimension" says="transpose"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms), torch.stack(rewards)


# %% wrong="returns lists" says="a list, but a torch.Tensor"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return arms, rewards


# %% wrong="returns rewards first" says="The arms of 3000 rooms in 40 steps are torch.float32"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(rewards, -1), torch.stack(arms, -1)


# %% wrong="plays one step too few" says="shape (3000, 39), but (3000, 40)"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(1, steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="returns the estimates" says="has 3 parts, but a tuple (arms, rewards)"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1), values


# %% wrong="forgets return" says="End with: return arms, rewards"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts = torch.zeros_like(q_star), torch.zeros_like(q_star)
    for _ in range(steps):
        arms = epsilon_greedy(values, epsilon, generator=generator)
        rewards = bandits.pull(q_star, arms, generator=generator)
        values, counts = update(values, counts, arms, rewards)


# %% wrong="has the course do it" says="calls the course's own function"
def testbed(q_star, epsilon, steps, *, generator):
    return bandits.testbed(q_star, epsilon, steps, generator=generator)


# %% wrong="the same rooms explore in each step" says="In each step the same rooms explore"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    explore = torch.rand(len(q_star), generator=torch.Generator().manual_seed(20)) < epsilon
    for _ in range(steps):
        anywhere = torch.randint(q_star.shape[-1], (len(q_star),), generator=generator)
        arms.append(torch.where(explore, anywhere, greedy(values, generator=generator)))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="the first rooms explore" says="In each step the same rooms explore"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    explore = torch.arange(len(q_star)) < epsilon * len(q_star)
    for _ in range(steps):
        anywhere = torch.randint(q_star.shape[-1], (len(q_star),), generator=generator)
        arms.append(torch.where(explore, anywhere, greedy(values, generator=generator)))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="exactly round(εn) rooms explore" says="It never explores"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arm = greedy(values, generator=generator)
        chosen = torch.randperm(len(q_star), generator=generator)[: round(epsilon * len(q_star))]
        arm[chosen] = torch.randint(q_star.shape[-1], (len(chosen),), generator=generator)
        arms.append(arm)
        rewards.append(bandits.pull(q_star, arm, generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="one coin for all rooms" says="In each step all rooms explore, or none"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    coins = torch.Generator().manual_seed(4)
    for _ in range(steps):
        explore = bool(torch.rand((), generator=coins) < max(epsilon, 0.3 * (epsilon > 0)))
        arms.append(epsilon_greedy(values, float(explore), generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="explores in every tenth step" says="In each step all rooms explore, or none"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for t in range(1, steps + 1):
        explore = epsilon > 0 and t % round(1 / epsilon) == 0
        arms.append(epsilon_greedy(values, float(explore), generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="explores less and less, 0.1 on average" says="in step 40"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for t in range(steps):
        share = 0.0957 if t < steps - 1 else 0.3
        arms.append(epsilon_greedy(values, share * (epsilon > 0), generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="the same coins in each game" says="Each game tosses new coins"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    coins = torch.Generator().manual_seed(0)
    for _ in range(steps):
        explore = torch.rand(len(q_star), generator=coins) < epsilon
        anywhere = torch.randint(q_star.shape[-1], (len(q_star),), generator=generator)
        arms.append(torch.where(explore, anywhere, greedy(values, generator=generator)))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="the same noise in each step" says="A room gets the same noise in each step"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        fresh = torch.Generator().manual_seed(generator.initial_seed())
        rewards.append(bandits.pull(q_star, arms[-1], generator=fresh))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="the same noise in each game" says="The noise of the rewards is the same"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    fresh = torch.Generator().manual_seed(generator.initial_seed())
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=fresh))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="the same choices in each game" says="The random arm of those who explore is the same"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    fresh = torch.Generator().manual_seed(generator.initial_seed())
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=fresh))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="ties broken alike in each game" says="The choice among tied arms is the same"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for t in range(steps):
        best = greedy(values, generator=torch.Generator().manual_seed(t))
        explore = torch.rand(len(q_star), generator=generator) < epsilon
        anywhere = torch.randint(q_star.shape[-1], (len(q_star),), generator=generator)
        arms.append(torch.where(explore, anywhere, best))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="everything from the generator's first seed" says="when one generator is asked twice"
def testbed(q_star, epsilon, steps, *, generator):
    generator = torch.Generator().manual_seed(generator.initial_seed())
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="never explores the last arm" says="Exploring takes all K arms alike"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        explore = torch.rand(len(q_star), generator=generator) < epsilon
        anywhere = torch.randint(q_star.shape[-1] - 1, (len(q_star),), generator=generator)
        arms.append(torch.where(explore, anywhere, greedy(values, generator=generator)))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="squeezes away a single room" says="The tensor of the arms of 1 room in 450 steps has shape (450,)"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1).squeeze(), torch.stack(rewards, -1).squeeze()


# %% wrong="returns a data class" says="cannot be unpacked into two"
def testbed(q_star, epsilon, steps, *, generator):
    from dataclasses import make_dataclass

    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return make_dataclass("Run", ["arms", "rewards"])(torch.stack(arms, -1), torch.stack(rewards, -1))


# %% wrong="always plays with ten arms" says="Here each room has 8 arms"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros(len(q_star), 10), torch.zeros(len(q_star), 10), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="draws the first arm of ten" says="Here each room has 8 arms"
def testbed(q_star, epsilon, steps, *, generator):
    arms = [torch.randint(10, (len(q_star),), generator=generator)]
    rewards = [bandits.pull(q_star, arms[0], generator=generator)]
    values, counts = update(torch.zeros_like(q_star), torch.zeros_like(q_star), arms[0], rewards[0])
    for _ in range(steps - 1):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="starts from estimates a little too high" says="Start from Q = 0"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.full_like(q_star, 5.0), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="one table for all rooms" says="Each has a table of its own"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star[0]), torch.zeros_like(q_star[0]), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator).expand(len(q_star)))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1][0], rewards[-1].mean())
    return torch.stack(arms, -1), torch.stack(rewards, -1)


# %% wrong="returns the mean rewards so far" says="record the rewards as they are drawn"
def testbed(q_star, epsilon, steps, *, generator):
    values, counts, arms, rewards = torch.zeros_like(q_star), torch.zeros_like(q_star), [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1).cumsum(-1) / torch.arange(1, steps + 1)


# %% right="tables filled step by step"
def testbed(q_star, epsilon, steps, *, generator):
    arms = torch.empty(len(q_star), steps, dtype=torch.int64)
    rewards = torch.empty(len(q_star), steps)
    values, counts = torch.zeros(q_star.shape), torch.zeros(q_star.shape)
    for t in range(steps):
        arms[:, t] = epsilon_greedy(values, epsilon, generator=generator)
        rewards[:, t] = bandits.pull(q_star, arms[:, t], generator=generator)
        values, counts = update(values, counts, arms[:, t], rewards[:, t])
    return arms, rewards


# %% right="sums instead of updates, in float64"
def testbed(q_star, epsilon, steps, *, generator):
    sums, counts = torch.zeros_like(q_star).double(), torch.zeros_like(q_star).double()
    arms, rewards = [], []
    for _ in range(steps):
        arm = epsilon_greedy(sums / counts.clamp(min=1), epsilon, generator=generator)
        reward = bandits.pull(q_star.double(), arm, generator=generator)
        pulled = torch.nn.functional.one_hot(arm, q_star.shape[-1])
        sums, counts = sums + pulled * reward.unsqueeze(-1), counts + pulled
        arms.append(arm)
        rewards.append(reward)
    return torch.stack(arms, dim=1), torch.stack(rewards, dim=1)


# %% right="all noise drawn at the start, own ε-greedy by multinomial"
def testbed(q_star, epsilon, steps, *, generator):
    (rooms, num_arms), arms = q_star.shape, []
    rewards = torch.randn(steps, rooms, generator=generator)
    rows, values, counts = torch.arange(rooms), torch.zeros_like(q_star), torch.zeros_like(q_star)
    for t in range(steps):
        best = (values == values.amax(-1, keepdim=True)).float()
        pi = (1 - epsilon) * best / best.sum(-1, keepdim=True) + epsilon / num_arms
        arm = torch.multinomial(pi, 1, generator=generator).squeeze(1)
        rewards[t] += q_star[rows, arm]
        counts[rows, arm] += 1
        values[rows, arm] += (rewards[t] - values[rows, arm]) / counts[rows, arm]
        arms.append(arm)
    return torch.stack(arms).T, rewards.T


# %% right="the averages of the whole record, computed anew in every step"
def testbed(q_star, epsilon, steps, *, generator):
    arms, rewards = torch.zeros(len(q_star), 0, dtype=torch.int64), torch.zeros(len(q_star), 0)
    for _ in range(steps):
        sums = torch.zeros_like(q_star).scatter_add(1, arms, rewards)
        counts = torch.zeros_like(q_star).scatter_add(1, arms, torch.ones_like(rewards))
        arm = epsilon_greedy(sums / counts.clamp(min=1), epsilon, generator=generator)
        reward = bandits.pull(q_star, arm, generator=generator)
        arms, rewards = torch.cat([arms, arm[:, None]], 1), torch.cat([rewards, reward[:, None]], 1)
    return arms, rewards


# %% right="the course's loop, whose result is a named tuple"
def testbed(q_star, epsilon, steps, *, generator):
    return bandits.run(
        q_star,
        steps,
        choose=lambda values, counts: epsilon_greedy(values, epsilon, generator=generator),
        learn=update,
        generator=generator,
    )


# %% right="a partial function"
@lambda function: __import__("functools").partial(function, start=0.0)
def testbed(q_star, epsilon, steps, *, generator, start):
    values, counts, record = torch.full_like(q_star, start), torch.zeros_like(q_star), []
    while len(record) < steps:
        arms = epsilon_greedy(values, epsilon, generator=generator)
        rewards = bandits.pull(q_star, arms, generator=generator)
        values, counts = update(values, counts, arms, rewards)
        record.append((arms, rewards))
    return [torch.stack(column, 1) for column in zip(*record)]
