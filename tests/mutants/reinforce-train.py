# %% wrong="one batch for all updates" says="All updates use the same episodes"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
    for number in range(1, updates + 1):
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="updates ten times a batch" says="Several updates use the same batch"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        for _ in range(10):
            update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="updates twice a batch" says="Several updates use the same batch"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="never updates" says="Training leaves the policy as it was"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
    return torch.stack(history)


# %% wrong="rewards as weights" says="Weight each action by the return that follows it"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, episodes.rewards * recipe.gamma)
    return torch.stack(history)


# %% wrong="the whole return, discounted" says="the return of the whole episode"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(
            policy,
            optimizer,
            episodes,
            returns(episodes.rewards, episodes.mask, recipe.gamma)[:, :1].expand_as(episodes.mask),
        )
    return torch.stack(history)


# %% wrong="the whole return, as it is paid" says="the return of the whole episode"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(
            policy,
            optimizer,
            episodes,
            returns(episodes.rewards, episodes.mask, recipe.gamma**0)[:, :1].expand_as(episodes.mask),
        )
    return torch.stack(history)


# %% wrong="ignores γ" says="not discounted by recipe.gamma"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, 1.0))
    return torch.stack(history)


# %% wrong="reads γ but does not use it" says="not discounted by recipe.gamma"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, max(recipe.gamma, 1.0)))
    return torch.stack(history)


# %% wrong="climbs down" says="The sign is wrong"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, -returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="a mask of ones in the returns" says="Rewards behind an end are counted"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, torch.ones_like(episodes.mask), recipe.gamma))
    return torch.stack(history)


# %% wrong="ignores recipe.episodes" says="A batch is not recipe.episodes episodes"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, 64, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="one episode a batch" says="A batch is not recipe.episodes episodes"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, 1, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="acts greedily" says="training samples its actions"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator, greedy=True)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="ignores stop_at" says="With stop_at=-3 training went on"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="stops below the bar" says="there were 1 batches"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] <= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="stops after the update" says="stop before the update"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
        if history[-1] >= stop_at:
            break
    return torch.stack(history)


# %% wrong="stops on the mean of the history" says="whose own mean return reaches"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if torch.stack(history).mean() >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="stops on the best discounted return" says="whose own mean return reaches"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if returns(episodes.rewards, episodes.mask, recipe.gamma)[:, 0].max() >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="stops before it reports" says="is reported too"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if history[-1] >= stop_at:
            break
        if report:
            report(number, history[-1])
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="never reports" says="report is never called"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for _ in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="counts from zero" says="1 to 5 were expected"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number - 1, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="counts with the recipe's name" says="1 to 5 were expected"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for _ in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(updates, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="reports what is not the mean" says="What was reported"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, episodes.rewards.mean())
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="reports without asking whether there is one" says="report is None if nobody listens"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="a history of discounted returns" says="the mean of a discounted return"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(returns(episodes.rewards, episodes.mask, recipe.gamma)[:, 0].mean())
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="a history of means over steps" says="a mean over steps"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(episodes.rewards[episodes.mask].mean())
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="a history that counts the dead" says="rewards as they are paid"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(episodes.rewards.sum(1).mean())
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="one batch too few" says="With updates=5 there were 4 batches"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="one batch too many" says="With updates=5 there were 6 batches"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 2):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="trains a copy" says="Training leaves the policy as it was"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    policy = copy.deepcopy(policy)
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="a history of the last batch" says="a history of shape (1,)"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history[-1:])


# %% wrong="returns None" says="keep its last line"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))


# %% wrong="makes the optimizer anew for each batch" says="The optimizer is made anew for each batch"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        optimizer = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate)
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="standardises the returns" says="neither centred nor divided by anything"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        weights = returns(episodes.rewards, episodes.mask, recipe.gamma)
        real = weights[episodes.mask]
        update(policy, optimizer, episodes, (weights - real.mean()) / (real.std() + 1e-8))
    return torch.stack(history)


# %% wrong="centres the returns" says="neither centred nor divided by anything"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        weights = returns(episodes.rewards, episodes.mask, recipe.gamma)
        real = weights[episodes.mask]
        update(policy, optimizer, episodes, weights - real.mean())
    return torch.stack(history)


# %% wrong="divides the returns by their mean" says="neither centred nor divided by anything"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        weights = returns(episodes.rewards, episodes.mask, recipe.gamma)
        real = weights[episodes.mask]
        update(policy, optimizer, episodes, weights / real.mean())
    return torch.stack(history)


# %% wrong="divides the returns by their standard deviation" says="neither centred nor divided by anything"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        weights = returns(episodes.rewards, episodes.mask, recipe.gamma)
        real = weights[episodes.mask]
        update(policy, optimizer, episodes, weights / (real.std(correction=0) + 1e-8))
    return torch.stack(history)


# %% wrong="goes on at the bar itself" says="reaches stop_at=0, but training went on"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] > stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="takes a bar of 0 for none" says="reaches stop_at=0, but training went on"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if stop_at and history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="leaves steps that pay 0 out" says="Each batch gives one update"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        episodes = episodes._replace(mask=episodes.mask & (episodes.rewards != 0))
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="takes a mean of 0 for none" says="reaches stop_at=0, but training went on"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] and history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="a history of lengths" says="how long the episodes last"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(episodes.mask.sum(1).float().mean())
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="a history of sums" says="That is the sum over the batch"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(episodes.rewards[episodes.mask].sum())
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="the same noise for every batch" says="All batches start alike"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(
            world, policy, recipe.episodes, generator=torch.Generator().manual_seed(generator.initial_seed())
        )
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="seeds the batches by their number" says="is the same for every seed"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=torch.Generator().manual_seed(number))
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="seeds the batches by seed and number" says="is the same when one generator is asked twice"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(
            world, policy, recipe.episodes, generator=torch.Generator().manual_seed(generator.initial_seed() + number)
        )
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="draws from the global generator" says="differs between two calls with the same seed"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=torch.default_generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="an eighth of the episodes at a time" says="A batch is not recipe.episodes episodes in one go"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, max(1, recipe.episodes // 8), generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="reports the whole history" says="What was reported"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history)
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="leaves the policy in eval mode" says="is left in another mode"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    policy.eval()
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="a history of text" says="keep its last line"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return str(history)


# %% wrong="calls the course's own" says="That calls the course's own function"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    options = {"updates": updates, "generator": generator, "stop_at": stop_at, "report": report}
    return reinforce.train(world, policy, recipe, **options)


# %% wrong="calls what the course's own calls" says="That calls the course's own function"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    options = {"updates": updates, "generator": generator, "stop_at": stop_at, "report": report}
    return reinforce.solve(world, policy, recipe, **options).history


# %% right="while loop"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    number, mean = 0, -float("inf")
    while number < updates and mean < stop_at:
        number += 1
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        mean = reinforce.mean_return(episodes)
        history.append(mean)
        if report is not None:
            report(number, mean)
        if mean < stop_at:
            update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% right="its own mean, and enumerate"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number, _ in enumerate(range(updates), start=1):
        states, actions, rewards, mask = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append((rewards * mask).sum() / recipe.episodes)
        if report:
            report(number, history[-1].item())
        if history[-1] >= stop_at:
            break
        weights = returns(rewards, mask, recipe.gamma)
        update(policy, optimizer, rollouts.Episodes(states, actions, rewards, mask), weights)
    return torch.stack(history)


# %% right="its own update"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        mean = torch.where(episodes.mask, episodes.rewards, 0.0).sum(1).mean()
        history.append(mean)
        if report:
            report(number, mean)
        if mean >= stop_at:
            return torch.stack(history)
        weights = returns(episodes.rewards, episodes.mask, recipe.gamma)
        loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
        policy.zero_grad()
        loss.backward()
        optimizer.step()
    return torch.stack(history)


# %% right="its own optimizer, kept"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), torch.zeros(0)
    report = report or (lambda number, mean: None)
    for number in range(updates):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history = torch.cat([history, reinforce.mean_return(episodes).view(1)])
        report(number + 1, history[-1])
        if not history[-1] < stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return history


# %% right="Python numbers in the history, and a recursive inner function"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []

    def go_on(number):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        mean = float(reinforce.mean_return(episodes))
        history.append(mean)
        if callable(report):
            report(number, mean)
        if mean < stop_at:
            update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
            if number < updates:
                go_on(number + 1)

    go_on(1)
    return torch.tensor(history)


# %% right="a function with its arguments bound"
def bound(function, first):
    from functools import partial

    return partial(function, first)


def train(make, world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = make(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history += [episodes.rewards[episodes.mask].sum() / len(episodes.rewards)]
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


train = bound(train, torch.optim.Adam)


# %% wrong="reports after the update" says="report a batch before its update"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        is_over = history[-1] >= stop_at
        if not is_over:
            update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
        if report:
            report(number, history[-1])
        if is_over:
            break
    return torch.stack(history)


# %% wrong="γᵗ before each return" says="That weights step t by γᵗ G_t"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        weights = returns(episodes.rewards, episodes.mask, recipe.gamma) * recipe.gamma ** torch.arange(
            episodes.mask.shape[1]
        )
        update(policy, optimizer, episodes, weights)
    return torch.stack(history)


# %% wrong="divides the returns by the number of episodes" says="neither divided by anything nor cut"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        weights = returns(episodes.rewards, episodes.mask, recipe.gamma) / recipe.episodes
        update(policy, optimizer, episodes, weights)
    return torch.stack(history)


# %% wrong="divides the returns by a hundred" says="neither centred nor divided by anything"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        weights = returns(episodes.rewards, episodes.mask, recipe.gamma) / 100
        update(policy, optimizer, episodes, weights)
    return torch.stack(history)


# %% wrong="cuts large returns" says="neither divided by anything nor cut"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        weights = returns(episodes.rewards, episodes.mask, recipe.gamma).clamp(-10, 10)
        update(policy, optimizer, episodes, weights)
    return torch.stack(history)


# %% wrong="divides the returns by the largest" says="the policy's parameters are nan"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        weights = returns(episodes.rewards, episodes.mask, recipe.gamma)
        update(policy, optimizer, episodes, weights / weights.abs().max())
    return torch.stack(history)


# %% wrong="no update after the last batch" says="The last batch gives no update"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        if number < updates:
            update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    return torch.stack(history)


# %% wrong="standardises the returns over all places" says="neither centred nor divided by anything"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        weights = returns(episodes.rewards, episodes.mask, recipe.gamma)
        update(policy, optimizer, episodes, (weights - weights.mean()) / (weights.std() + 1e-8))
    return torch.stack(history)
