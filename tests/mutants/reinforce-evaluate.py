# %% wrong="samples" says="Act greedily"
def evaluate(world, policy, episodes=100, *, generator):
    return reinforce.mean_return(run_episodes(world, policy, episodes, generator=generator))


# %% wrong="a mean over steps" says="a mean over steps"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return batch.rewards[batch.mask].mean()


# %% wrong="sums over the episodes" says="That sums over the episodes"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return batch.rewards[batch.mask].sum()


# %% wrong="counts the dead" says="Only steps of the mask count"
def evaluate(world, policy, episodes=100, *, generator):
    return run_episodes(world, policy, episodes, generator=generator, greedy=True).rewards.sum(1).mean()


# %% wrong="the best episode" says="That is the best episode"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return (batch.rewards * batch.mask).sum(1).max()


# %% wrong="the median" says="That is the median"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return (batch.rewards * batch.mask).sum(1).median()


# %% wrong="does not average" says="a single number was expected"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return (batch.rewards * batch.mask).sum(1)


# %% wrong="always 100 episodes" says="asked for 37"
def evaluate(world, policy, episodes=100, *, generator):
    return reinforce.mean_return(run_episodes(world, policy, 100, generator=generator, greedy=True))


# %% wrong="one default for all" says="asked for 37"
def evaluate(world, policy, episodes=64, *, generator):
    return reinforce.mean_return(run_episodes(world, policy, episodes, generator=generator, greedy=True))


# %% wrong="discounts" says="Nothing is discounted"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return returns(batch.rewards, batch.mask, 0.99)[:, 0].mean()


# %% wrong="the mean of all G_t" says="averages G_t over all steps"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return returns(batch.rewards, batch.mask, 1.0)[batch.mask].mean()


# %% wrong="its own generator" says="is the same for every seed"
def evaluate(world, policy, episodes=100, *, generator):
    own = torch.Generator().manual_seed(0)
    return reinforce.mean_return(run_episodes(world, policy, episodes, generator=own, greedy=True))


# %% wrong="returns the episodes" says="a number was expected"
def evaluate(world, policy, episodes=100, *, generator):
    return run_episodes(world, policy, episodes, generator=generator, greedy=True)


# %% wrong="forgets return" says="Does the function end with return?"
def evaluate(world, policy, episodes=100, *, generator):
    reinforce.mean_return(run_episodes(world, policy, episodes, generator=generator, greedy=True))


# %% wrong="lengths for returns" says="how long the episodes last"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return batch.mask.sum(1).float().mean()


# %% wrong="positive rewards only" says="Act greedily"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return (batch.rewards.clamp(min=0) * batch.mask).sum(1).mean()


# %% wrong="episodes that earn 0 do not count" says="Act greedily"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    paid = torch.where(batch.mask, batch.rewards, 0.0).sum(1)
    return paid[paid != 0].mean()


# %% wrong="rounds" says="That is rounded"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return round(float(reinforce.mean_return(batch)), 2)


# %% wrong="keeps a dimension" says="but one number was expected"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return (batch.rewards * batch.mask).sum(1).mean(0, keepdim=True)


# %% wrong="the same episodes every time" says="is the same when one generator is asked twice"
def evaluate(world, policy, episodes=100, *, generator):
    own = torch.Generator().manual_seed(generator.initial_seed())
    return reinforce.mean_return(run_episodes(world, policy, episodes, generator=own, greedy=True))


# %% wrong="leaves the policy in eval mode" says="is left in another mode"
def evaluate(world, policy, episodes=100, *, generator):
    policy.eval()
    return reinforce.mean_return(run_episodes(world, policy, episodes, generator=generator, greedy=True))


# %% wrong="calls the course's own" says="That calls the course's own function"
def evaluate(world, policy, episodes=100, *, generator):
    return reinforce.evaluate(world, policy, episodes, generator=generator)


# %% right="its own mean"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return torch.where(batch.mask, batch.rewards, 0.0).sum(1).mean()


# %% right="a Python number, without gradients"
def evaluate(world, policy, episodes=100, *, generator):
    with torch.no_grad():
        return reinforce.mean_return(run_episodes(world, policy, episodes, generator=generator, greedy=True)).item()


# %% right="return of the first step"
def evaluate(world, policy, episodes=100, *, generator):
    states, actions, rewards, mask = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return returns(rewards, mask, 1)[:, 0].mean()


# %% right="all that was paid, over the episodes"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    return batch.rewards[batch.mask].sum() / episodes


# %% right="one episode after the other"
def evaluate(world, policy, episodes=100, *, generator):
    total = 0.0
    for _ in range(episodes):
        batch = run_episodes(world, policy, 1, generator=generator, greedy=True)
        total += batch.rewards[batch.mask].sum().item()
    return total / episodes


# %% right="in evaluation mode, and back"
def evaluate(world, policy, episodes=100, *, generator):
    was = policy.training
    policy.eval()
    score = reinforce.mean_return(run_episodes(world, policy, episodes, generator=generator, greedy=True))
    policy.train(was)
    return score


# %% wrong="moves the policy it looks at" says="has other parameters than before"
def evaluate(world, policy, episodes=100, *, generator):
    batch = run_episodes(world, policy, episodes, generator=generator, greedy=True)
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.mul_(0.9)
    return reinforce.mean_return(batch)


# %% wrong="freezes the policy for good" says="is left without gradients"
def evaluate(world, policy, episodes=100, *, generator):
    policy.requires_grad_(False)
    return reinforce.mean_return(run_episodes(world, policy, episodes, generator=generator, greedy=True))


# %% wrong="a whole number" says="That is rounded"
def evaluate(world, policy, episodes=100, *, generator):
    mean = reinforce.mean_return(run_episodes(world, policy, episodes, generator=generator, greedy=True))
    return int(mean)
