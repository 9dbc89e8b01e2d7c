# %% wrong="returns the sums" says="divide it by N(a)"
def sample_average(arms, rewards, num_arms):
    return torch.bincount(arms, weights=rewards, minlength=num_arms)


# %% wrong="divides by the number of steps" says="divide by the pulls of arm a"
def sample_average(arms, rewards, num_arms):
    return torch.bincount(arms, weights=rewards, minlength=num_arms) / len(arms)


# %% wrong="averages over arms with the others' rewards as 0" says="divide by the pulls of arm a"
def sample_average(arms, rewards, num_arms):
    return torch.stack([torch.where(arms == a, rewards, 0.0).mean() for a in range(num_arms)])


# %% wrong="divides by the number of arms" says="number of arms"
def sample_average(arms, rewards, num_arms):
    return torch.bincount(arms, weights=rewards, minlength=num_arms) / num_arms


# %% wrong="keeps the last reward" says="last reward"
def sample_average(arms, rewards, num_arms):
    values = torch.zeros(num_arms)
    for arm, reward in zip(arms, rewards):
        values[arm] = reward
    return values


# %% wrong="assigns with repeated indices" says="last reward"
def sample_average(arms, rewards, num_arms):
    values, counts = torch.zeros(num_arms), torch.zeros(num_arms)
    values[arms] += rewards
    counts[arms] += 1
    return values / counts.clamp(min=1)


# %% wrong="adds 1 to every count against 0/0" says="N(a) + 1"
def sample_average(arms, rewards, num_arms):
    sums = torch.bincount(arms, weights=rewards, minlength=num_arms)
    return sums / (torch.bincount(arms, minlength=num_arms) + 1)


# %% wrong="divides 0 by 0" says="never pulled gives 0/0"
def sample_average(arms, rewards, num_arms):
    return torch.bincount(arms, weights=rewards, minlength=num_arms) / torch.bincount(arms, minlength=num_arms)


# %% wrong="takes the mean of nothing" says="never pulled gives 0/0"
def sample_average(arms, rewards, num_arms):
    return torch.stack([rewards[arms == a].mean() for a in range(num_arms)])


# %% wrong="forgets return" says="end with return"
def sample_average(arms, rewards, num_arms):
    sums = torch.bincount(arms, weights=rewards, minlength=num_arms)
    sums / torch.bincount(arms, minlength=num_arms).clamp(min=1)


# %% wrong="returns numpy" says="torch.as_tensor"
def sample_average(arms, rewards, num_arms):
    sums = torch.bincount(arms, weights=rewards, minlength=num_arms)
    return (sums / torch.bincount(arms, minlength=num_arms).clamp(min=1)).numpy()


# %% wrong="returns a list" says="a list, but a torch.Tensor"
def sample_average(arms, rewards, num_arms):
    return [rewards[arms == a].mean().item() if (arms == a).any() else 0.0 for a in range(num_arms)]


# %% wrong="counts no further than the largest arm" says="also for those never pulled"
def sample_average(arms, rewards, num_arms):
    return torch.bincount(arms, weights=rewards) / torch.bincount(arms).clamp(min=1)


# %% wrong="leaves out the arms never pulled" says="also for those never pulled"
def sample_average(arms, rewards, num_arms):
    return torch.stack([rewards[arms == a].mean() for a in arms.unique()])


# %% wrong="keeps a dimension" says="shape (5, 1), but (5,)"
def sample_average(arms, rewards, num_arms):
    pulled = torch.nn.functional.one_hot(arms, num_arms).to(rewards.dtype)
    return (pulled.T @ rewards.unsqueeze(-1)) / pulled.sum(0).clamp(min=1).unsqueeze(-1)


# %% wrong="stores the averages as whole numbers" says="whole numbers (torch.int64)"
def sample_average(arms, rewards, num_arms):
    values = torch.zeros(num_arms, dtype=torch.int64)
    for a in range(num_arms):
        if (arms == a).any():
            values[a] = rewards[arms == a].mean()
    return values


# %% wrong="averages all rewards for every arm" says="Average only the rewards of arm a"
def sample_average(arms, rewards, num_arms):
    return torch.full((num_arms,), rewards.mean().item())


# %% wrong="clears the other arms' rewards in place" says="`rewards` was changed in place"
def sample_average(arms, rewards, num_arms):
    values = torch.zeros(num_arms)
    for a in range(num_arms):
        own = rewards
        own[arms != a] = 0
        values[a] = own.sum() / (arms == a).sum().clamp(min=1)
    return values


# %% wrong="adds the rewards of a repeated arm once, but counts well" says="adds only one reward of a repeated arm"
def sample_average(arms, rewards, num_arms):
    sums = torch.zeros(num_arms)
    sums[arms] += rewards
    return sums / torch.bincount(arms, minlength=num_arms).clamp(min=1)


# %% wrong="counts a repeated arm once, but adds well" says="counts a repeated arm once only"
def sample_average(arms, rewards, num_arms):
    counts = torch.zeros(num_arms)
    counts[arms] += 1
    return torch.bincount(arms, weights=rewards, minlength=num_arms) / counts.clamp(min=1)


# %% wrong="keeps the first reward" says="first reward"
def sample_average(arms, rewards, num_arms):
    values = torch.zeros(num_arms)
    for a in range(num_arms):
        if (arms == a).any():
            values[a] = rewards[arms == a][0]
    return values


# %% wrong="takes a reward of 0 for no pull" says="A reward of 0 is a reward, too"
def sample_average(arms, rewards, num_arms):
    table = torch.nn.functional.one_hot(arms, num_arms) * rewards.unsqueeze(-1)
    return table.sum(0) / (table != 0).sum(0).clamp(min=1)


# %% wrong="takes a sum below 0 for no pull" says="An average may be below 0"
def sample_average(arms, rewards, num_arms):
    sums = torch.bincount(arms, weights=rewards, minlength=num_arms)
    return torch.where(sums > 0, sums / torch.bincount(arms, minlength=num_arms).clamp(min=1), 0.0)


# %% wrong="squeezes away a single arm" says="even if there is only one arm"
def sample_average(arms, rewards, num_arms):
    pulled = torch.nn.functional.one_hot(arms, num_arms).to(rewards.dtype)
    return (pulled.T @ rewards / pulled.sum(0).clamp(min=1)).squeeze()


# %% wrong="rounds to cents" says="Average only the rewards of arm a"
def sample_average(arms, rewards, num_arms):
    sums = torch.bincount(arms, weights=rewards, minlength=num_arms)
    return (sums / torch.bincount(arms, minlength=num_arms).clamp(min=1)).round(decimals=2)


# %% wrong="has the course do it" says="calls the course's own function"
def sample_average(arms, rewards, num_arms):
    return bandits.sample_average(arms, rewards, num_arms)


# %% wrong="leaves out the last pull" says="The last pull is left out"
def sample_average(arms, rewards, num_arms):
    arms, rewards = arms[:-1], rewards[:-1]
    return torch.bincount(arms, rewards, num_arms) / torch.bincount(arms, minlength=num_arms).clamp(min=1)


# %% wrong="counts no further than the largest arm, nor against 0/0" says="also for those never pulled"
def sample_average(arms, rewards, num_arms):
    return torch.bincount(arms, weights=rewards) / torch.bincount(arms)


# %% right="a loop over arms"
def sample_average(arms, rewards, num_arms):
    values = torch.zeros(num_arms)
    for a in range(num_arms):
        if (arms == a).any():
            values[a] = rewards[arms == a].mean()
    return values


# %% right="a loop over steps with running averages"
def sample_average(arms, rewards, num_arms):
    values, counts = [0.0] * num_arms, [0] * num_arms
    for arm, reward in zip(arms.tolist(), rewards.tolist()):
        counts[arm] += 1
        values[arm] += (reward - values[arm]) / counts[arm]
    return torch.tensor(values)


# %% right="one-hot and a product of matrices"
def sample_average(arms, rewards, num_arms):
    pulled = torch.nn.functional.one_hot(arms, num_arms).to(rewards.dtype)
    return rewards @ pulled / pulled.sum(0).clamp(min=1)


# %% right="einsum in float64"
def sample_average(arms, rewards, num_arms):
    pulled = (arms.unsqueeze(-1) == torch.arange(num_arms)).double()
    return torch.einsum("tk,t->k", pulled, rewards.double()) / pulled.sum(0).clamp(min=1)


# %% right="bincount, and nan replaced by 0"
def sample_average(arms, rewards, num_arms):
    sums = torch.bincount(arms, weights=rewards, minlength=num_arms)
    return torch.nan_to_num(sums / torch.bincount(arms, minlength=num_arms), nan=0.0)


# %% right="scatter_reduce with mean"
def sample_average(arms, rewards, num_arms):
    table = torch.zeros(num_arms, dtype=rewards.dtype)
    return table.scatter_reduce(0, arms, rewards, reduce="mean", include_self=False)


# %% right="scatter_add into a table of the default dtype"
def sample_average(arms, rewards, num_arms):
    sums = torch.zeros(num_arms).scatter_add(0, arms, rewards)
    counts = torch.zeros(num_arms).scatter_add(0, arms, torch.ones(len(arms)))
    return sums / counts.clamp(min=1)


# %% right="numpy inside, torch outside"
def sample_average(arms, rewards, num_arms):
    import numpy as np

    sums, counts = np.zeros(num_arms), np.zeros(num_arms)
    np.add.at(sums, arms.numpy(), rewards.numpy())
    np.add.at(counts, arms.numpy(), 1)
    return torch.from_numpy(np.divide(sums, counts, out=np.zeros(num_arms), where=counts > 0))


# %% right="a partial function"
@lambda function: __import__("functools").partial(function, empty=0.0)
def sample_average(arms, rewards, num_arms, empty):
    return torch.stack([rewards[arms == a].mean() if a in arms else torch.tensor(empty) for a in range(num_arms)])


# %% right="an object that can be called"
@lambda kind: kind()
class sample_average:
    def __call__(self, arms, rewards, num_arms):
        sums = torch.zeros(num_arms).index_add(0, arms, rewards)
        return sums / torch.bincount(arms, minlength=num_arms).clamp(min=1)
