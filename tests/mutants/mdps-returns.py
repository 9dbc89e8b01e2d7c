# %% wrong="discounts the step's own reward" says="γ is applied one step early"
def returns(rewards, gamma):
    g, result = 0.0, torch.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        g = gamma * (rewards[t] + g)
        result[t] = g
    return result


# %% wrong="starts to discount one step late" says="γ is applied one step late"
def returns(rewards, gamma):
    result = torch.zeros_like(rewards)
    for t in range(len(rewards)):
        for k, reward in enumerate(rewards[t:]):
            result[t] += gamma ** max(k - 1, 0) * reward
    return result


# %% wrong="forgets γ" says="Is γ missing?"
def returns(rewards, gamma):
    return rewards.flip(0).cumsum(0).flip(0)


# %% wrong="gives the discounted rewards" says="sum them up from each step to the end"
def returns(rewards, gamma):
    return gamma ** torch.arange(len(rewards)) * rewards


# %% wrong="walks forwards" says="That sums up the past"
def returns(rewards, gamma):
    g, result = 0.0, torch.zeros_like(rewards)
    for t in range(len(rewards)):
        g = rewards[t] + gamma * g
        result[t] = g
    return result


# %% wrong="sums discounted rewards from the start" says="That sums up the past"
def returns(rewards, gamma):
    return (gamma ** torch.arange(len(rewards)) * rewards).cumsum(0)


# %% wrong="sums rewards from the start, without γ" says="That sums up the past"
def returns(rewards, gamma):
    return rewards.cumsum(0)


# %% wrong="leaves out the step's own reward" says="also contains the reward of its own step"
def returns(rewards, gamma):
    g, result = 0.0, torch.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        result[t] = gamma * g
        g = rewards[t] + gamma * g
    return result


# %% wrong="discounts from the start of the episode" says="not from the start of the episode"
def returns(rewards, gamma):
    discounted = gamma ** torch.arange(len(rewards)) * rewards
    return discounted.flip(0).cumsum(0).flip(0)


# %% wrong="adds the next reward, not the next return" says="not only its reward"
def returns(rewards, gamma):
    result = rewards.clone()
    result[:-1] += gamma * rewards[1:]
    return result


# %% wrong="leaves out the last reward" says="Is the last reward missing?"
def returns(rewards, gamma):
    g, result = 0.0, torch.zeros_like(rewards)
    for t in reversed(range(len(rewards) - 1)):
        g = rewards[t] + gamma * g
        result[t] = g
    return result


# %% wrong="gives the return of the episode only" says="one return for each step"
def returns(rewards, gamma):
    return (gamma ** torch.arange(len(rewards)) * rewards).sum()


# %% wrong="repeats the return of the episode" says="the return of the whole episode at every step"
def returns(rewards, gamma):
    return (gamma ** torch.arange(len(rewards)) * rewards).sum().expand(len(rewards))


# %% wrong="appends backwards and does not turn around" says="The order is reversed"
def returns(rewards, gamma):
    g, result = 0.0, []
    for reward in rewards.flip(0):
        g = reward + gamma * g
        result.append(g)
    return torch.stack(result)


# %% wrong="adds in place" says="`rewards` was changed in place"
def returns(rewards, gamma):
    for t in reversed(range(len(rewards) - 1)):
        rewards[t] += gamma * rewards[t + 1]
    return rewards


# %% wrong="gives a list" says="is a list"
def returns(rewards, gamma):
    g, result = 0.0, []
    for reward in reversed(rewards.tolist()):
        g = reward + gamma * g
        result.insert(0, g)
    return result


# %% wrong="gives a numpy array" says="Stay in torch"
def returns(rewards, gamma):
    result = rewards.numpy().copy()
    for t in reversed(range(len(result) - 1)):
        result[t] += gamma * result[t + 1]
    return result


# %% wrong="gives a column" says="squeeze"
def returns(rewards, gamma):
    result = rewards.clone()[:, None]
    for t in reversed(range(len(result) - 1)):
        result[t] += gamma * result[t + 1]
    return result


# %% wrong="returns nothing" says="Does the function end with return?"
def returns(rewards, gamma):
    result = rewards.clone()
    for t in reversed(range(len(result) - 1)):
        result[t] += gamma * result[t + 1]


# %% wrong="returns after the first round of the loop" says="The loop ends after one round"
def returns(rewards, gamma):
    g, result = 0.0, torch.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        g = rewards[t] + gamma * g
        result[t] = g
        return result


# %% wrong="divides by the discount so far" says="a division by γ, or by γᵗ, fails at 0"
def returns(rewards, gamma):
    discounts = gamma ** torch.arange(len(rewards), dtype=torch.float64)
    return (discounts * rewards).flip(0).cumsum(0).flip(0) / discounts


# %% wrong="divides by the discount so far, except at γ = 0" says="do not divide by γᵗ"
def returns(rewards, gamma):
    if gamma == 0:
        return rewards
    discounts = gamma ** torch.arange(len(rewards), dtype=torch.float64)
    return (discounts * rewards).flip(0).cumsum(0).flip(0) / discounts


# %% wrong="takes a reward of 0 for the end" says="A reward of 0 does not end"
def returns(rewards, gamma):
    g, result = 0.0, torch.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        g = rewards[t] + gamma * g if rewards[t] else rewards[t]
        result[t] = g
    return result


# %% wrong="has a γ of its own" says="with γ = 1 is"
def returns(rewards, gamma):
    g, result, gamma = 0.0, torch.zeros_like(rewards), 0.8
    for t in reversed(range(len(rewards))):
        g = rewards[t] + gamma * g
        result[t] = g
    return result


# %% wrong="squeezes a single step away" says="G of one step with γ = 0.8 has shape (), but (1,) was expected"
def returns(rewards, gamma):
    t = torch.arange(len(rewards))
    ahead = t - t[:, None]
    powers = torch.where(ahead >= 0, gamma ** ahead.clamp(min=0), 0.0).to(rewards)
    return (powers @ rewards[:, None]).squeeze()


# %% wrong="calls the course's function" says="the course's own function"
def returns(rewards, gamma):
    return mdps.returns(rewards, gamma)


# %% right="backwards on a copy"
def returns(rewards, gamma):
    result = rewards.clone()
    for t in range(len(result) - 2, -1, -1):
        result[t] += gamma * result[t + 1]
    return result


# %% right="a matrix of powers of γ"
def returns(rewards, gamma):
    t = torch.arange(len(rewards))
    ahead = t - t[:, None]
    return torch.where(ahead >= 0, gamma ** ahead.clamp(min=0), 0.0).to(rewards) @ rewards


# %% right="a list of numbers, in float64"
def returns(rewards, gamma):
    g, result = 0.0, []
    for reward in reversed(rewards.tolist()):
        g = reward + gamma * g
        result.append(g)
    return torch.tensor(result[::-1], dtype=torch.float64)


# %% right="recursion"
def returns(rewards, gamma):
    if len(rewards) == 1:
        return rewards
    later = returns(rewards[1:], gamma)
    return torch.cat([rewards[:1] + gamma * later[:1], later])


# %% right="a sum for every step"
def returns(rewards, gamma):
    return torch.stack([sum(gamma**k * r for k, r in enumerate(rewards[t:])) for t in range(len(rewards))])


# %% right="accumulate"
def returns(rewards, gamma):
    from itertools import accumulate

    backwards = accumulate(reversed(rewards.tolist()), lambda g, reward: reward + gamma * g)
    return torch.tensor(list(backwards)[::-1])


# %% right="a decorated function"
@torch.no_grad()
def returns(rewards, gamma):
    later, result = torch.zeros(()), []
    for reward in rewards.flip(0):
        later = reward + gamma * later
        result.insert(0, later)
    return torch.stack(result)


# %% wrong="hands out the same table each time" says="other numbers after the next call"
table = torch.zeros(200, dtype=torch.float64)


def returns(rewards, gamma):
    g = 0.0
    for t in range(len(rewards) - 1, -1, -1):
        g = rewards[t] + gamma * g
        table[t] = g
    return table[: len(rewards)]
