# %% wrong="forgets the mask" says="Rewards behind the end are counted"
def returns(rewards, mask, gamma):
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result


# %% wrong="masks the returns only" says="Rewards behind the end are counted"
def returns(rewards, mask, gamma):
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result * mask


# %% wrong="forgets γ" says="γ is forgotten"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + later
        result[:, t] = later
    return result


# %% wrong="whole episode's return for all steps" says="the return of the whole episode"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result[:, :1].expand_as(result)


# %% wrong="whole episode's return, masked" says="the return of the whole episode"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result[:, :1] * mask


# %% wrong="whole undiscounted return" says="the return of the whole episode"
def returns(rewards, mask, gamma):
    rewards = rewards * mask
    return rewards.sum(1, keepdim=True) * mask


# %% wrong="discounts from the start" says="γ counts from step t"
def returns(rewards, mask, gamma):
    rewards = rewards * mask
    powers = gamma ** torch.arange(rewards.shape[1])
    return (rewards * powers).flip(1).cumsum(1).flip(1)


# %% wrong="sums the past" says="sum what comes after"
def returns(rewards, mask, gamma):
    return (rewards * mask).cumsum(1)


# %% wrong="sums the discounted past" says="sum what comes after"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in range(rewards.shape[1]):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result


# %% wrong="discounts the first reward" says="undiscounted"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = gamma * (rewards[:, t] + later)
        result[:, t] = later
    return result


# %% wrong="leaves the step's reward out" says="undiscounted"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        result[:, t] = gamma * later
        later = rewards[:, t] + gamma * later
    return result


# %% wrong="leaves the step's reward out, and a γ too" says="undiscounted"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        result[:, t] = later
        later = rewards[:, t] + gamma * later
    return result


# %% wrong="runs over the episodes" says="time is the last dimension"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[0])
    for n in reversed(range(len(rewards))):
        later = rewards[n] + gamma * later
        result[n] = later
    return result


# %% wrong="forgets the last step" says="The last step is missing"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1] - 1)):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result


# %% wrong="forgets the first step" says="The first step is missing"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(1, rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result


# %% wrong="one step ahead only" says="one step ahead only"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    return rewards + gamma * torch.nn.functional.pad(rewards[:, 1:], (0, 1))


# %% wrong="returns the rewards" says="Those are the rewards"
def returns(rewards, mask, gamma):
    return torch.where(mask, rewards, 0.0)


# %% wrong="mixes the episodes" says="from one episode into the next"
def returns(rewards, mask, gamma):
    flat = torch.where(mask, rewards, 0.0).flatten()
    result, later = torch.zeros_like(flat), 0.0
    for t in reversed(range(len(flat))):
        later = flat[t] + gamma * later
        result[t] = later
    return result.view_as(rewards) * mask


# %% wrong="returns G_0 alone" says="the return of the whole episode"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result[:, 0]


# %% wrong="stacks backwards" says="the last step stands first"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = [], torch.zeros(len(rewards))
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result.append(later)
    return torch.stack(result, 1)


# %% wrong="stacks along dimension 0" says="has shape (5, 3)"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = [], torch.zeros(len(rewards))
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result.insert(0, later)
    return torch.stack(result)


# %% wrong="multiplies by the mask" says="nan times 0 is nan"
def returns(rewards, mask, gamma):
    rewards = rewards * mask
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result


# %% wrong="normalises by the number of steps" says="G_t is R_{t+1} + γ G_{t+1}"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result / mask.sum(1, keepdim=True)


# %% wrong="zeroes in place" says="`rewards` was changed in place"
def returns(rewards, mask, gamma):
    rewards[~mask] = 0.0
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result


# %% wrong="works in the rewards" says="`rewards` was changed in place"
def returns(rewards, mask, gamma):
    rewards *= mask
    for t in reversed(range(rewards.shape[1] - 1)):
        rewards[:, t] += gamma * rewards[:, t + 1]
    return rewards


# %% wrong="constants for the visible data" says="has shape (3, 4), but (3, 5)"
def returns(rewards, mask, gamma):
    return torch.tensor([[3.0, 4.0, 4.0, 0.0], [2.5, 3.0, 6.0, 8.0], [3.0, 0.0, 0.0, 0.0]])


# %% wrong="γ is always one half" says="G of 3 episodes with γ = 0.7"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + 0.5 * later
        result[:, t] = later
    return result


# %% wrong="returns a list" says="a torch.Tensor was expected"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result.tolist()


# %% wrong="returns None" says="Does the function end with return?"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result[:, t] = later


# %% wrong="squeezes every dimension" says="G of a single episode"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0).squeeze()
    result = torch.zeros_like(rewards)
    later = torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = rewards[..., t] + gamma * later
        result[..., t] = later
    return result


# %% wrong="calls the course's own" says="That calls the course's own function"
def returns(rewards, mask, gamma):
    return reinforce.returns(rewards, mask, gamma)


# %% right="doubling"
def returns(rewards, mask, gamma):
    g, span = torch.where(mask, rewards, 0.0), 1
    while span < g.shape[1]:
        g = g + gamma**span * torch.nn.functional.pad(g[:, span:], (0, span))
        span *= 2
    return g


# %% right="matrix of discounts"
def returns(rewards, mask, gamma):
    steps = torch.arange(rewards.shape[1])
    ahead = steps.unsqueeze(1) - steps  # row: when a reward comes, column: from where it is seen
    discounts = torch.where(ahead >= 0, float(gamma) ** ahead.clamp(min=0), 0.0)
    return rewards.masked_fill(~mask, 0.0) @ discounts


# %% right="loop over episodes and steps"
def returns(rewards, mask, gamma):
    result = torch.zeros(rewards.shape)
    for n in range(len(rewards)):
        g = 0.0
        for t in range(int(mask[n].sum()) - 1, -1, -1):
            g = rewards[n, t].item() + gamma * g
            result[n, t] = g
    return result


# %% right="stacked from the back, in float64"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0).double()
    result = [rewards[:, -1]]
    for t in range(rewards.shape[1] - 2, -1, -1):
        result.insert(0, rewards[:, t] + gamma * result[0])
    return torch.stack(result, 1)


# %% right="on a copy, with where at each step"
def returns(rewards, mask, gamma):
    g = rewards.clone()
    g[~mask] = 0
    for t in range(rewards.shape[1] - 1)[::-1]:
        g[:, t] = torch.where(mask[:, t + 1], g[:, t] + gamma * g[:, t + 1], g[:, t])
    return g


# %% right="discounted sums from each step on"
def returns(rewards, mask, gamma):
    rewards = torch.nan_to_num(rewards) * mask
    n = rewards.shape[1]
    powers = float(gamma) ** torch.arange(n)
    return torch.stack([(rewards[:, t:] * powers[: n - t]).sum(1) for t in range(n)], 1)


# %% wrong="divides by powers of γ, with a guard" says="do not divide by γᵗ"
def returns(rewards, mask, gamma):
    real = torch.where(mask, rewards, 0.0)
    if gamma == 0:
        return real
    powers = gamma ** torch.arange(rewards.shape[1])
    return (real * powers).flip(1).cumsum(1).flip(1) / powers


# %% wrong="looks a hundred steps ahead" says="All that follows counts, however far away"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    g, steps = torch.zeros_like(rewards), rewards.shape[1]
    for k in range(min(100, steps)):
        g[:, : steps - k] += gamma**k * rewards[:, k:]
    return g


# %% wrong="never comes to the first step" says="The first step gets its reward alone"
def returns(rewards, mask, gamma):
    g = torch.where(mask, rewards, 0.0)
    for t in range(rewards.shape[1] - 2, 0, -1):
        g[:, t] += gamma * g[:, t + 1]
    return g


# %% wrong="the sum less what was paid by then, where γ is 1" says="G with γ = 1 is"
def returns(rewards, mask, gamma):
    rewards = torch.where(mask, rewards, 0.0)
    if gamma == 1:
        return rewards.sum(1, keepdim=True) - rewards.cumsum(1)
    g, later = torch.zeros_like(rewards), 0.0
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        g[:, t] = later
    return g
