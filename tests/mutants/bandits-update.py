# %% wrong="divides by the old count" says="divided by the old count"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    return values + pulled / counts * (rewards.unsqueeze(-1) - values), counts + pulled


# %% wrong="takes the error with the wrong sign" says="the error is R − Q"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    return values + pulled / counts.clamp(min=1) * (values - rewards.unsqueeze(-1)), counts


# %% wrong="moves every arm" says="Every arm moved"
def update(values, counts, arms, rewards):
    counts = counts + torch.nn.functional.one_hot(arms, values.shape[-1])
    return values + (rewards.unsqueeze(-1) - values) / counts.clamp(min=1), counts


# %% wrong="moves every arm as if all had been pulled" says="Every arm moved"
def update(values, counts, arms, rewards):
    new_values = values + (rewards.unsqueeze(-1) - values) / (counts + 1)
    return new_values, counts + torch.nn.functional.one_hot(arms, values.shape[-1])


# %% wrong="counts every arm" says="Only the pulled arm is counted"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + 1
    return values + pulled / counts * (rewards.unsqueeze(-1) - values), counts


# %% wrong="uses the arms as rows" says="Only the pulled arm is counted"
def update(values, counts, arms, rewards):
    values, counts = values.clone(), counts.clone()
    counts[arms] += 1
    values[arms] += (rewards.unsqueeze(-1) - values[arms]) / counts[arms]
    return values, counts


# %% wrong="uses the arms of all rooms as columns" says="and for no other"
def update(values, counts, arms, rewards):
    values, counts = values.clone(), counts.clone()
    counts[..., arms] += 1
    values[..., arms] += (rewards.unsqueeze(-1) - values[..., arms]) / counts[..., arms]
    return values, counts


# %% wrong="stores the last reward" says="That is the last reward"
def update(values, counts, arms, rewards):
    index = arms.unsqueeze(-1)
    new_values = values.scatter(-1, index, rewards.unsqueeze(-1))
    return new_values, counts + torch.nn.functional.one_hot(arms, values.shape[-1])


# %% wrong="adds R/N" says="not the reward over N"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    return values + pulled * rewards.unsqueeze(-1) / counts.clamp(min=1), counts


# %% wrong="returns the old values" says="The estimates did not move"
def update(values, counts, arms, rewards):
    return values, counts + torch.nn.functional.one_hot(arms, values.shape[-1])


# %% wrong="returns the old counts" says="The counts did not move"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    step = pulled / (counts + pulled).clamp(min=1)
    return values + step * (rewards.unsqueeze(-1) - values), counts


# %% wrong="divides by the pulls of all arms" says="not those of all arms"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    return values + pulled * (rewards.unsqueeze(-1) - values) / counts.sum(-1, keepdim=True), counts


# %% wrong="indexes rows that a single room lacks" says="A single room has no leading dimension"
def update(values, counts, arms, rewards):
    values, counts, rooms = values.clone(), counts.clone(), torch.arange(len(arms))
    counts[rooms, arms] += 1
    values[rooms, arms] += (rewards - values[rooms, arms]) / counts[rooms, arms]
    return values, counts


# %% wrong="indexes the rooms by their arms" says="unsqueeze(-1)"
def update(values, counts, arms, rewards):
    values, counts = values.clone(), counts.clone()
    counts[arms] += 1
    values[arms] += (rewards - values[arms]) / counts[arms]
    return values, counts


# %% wrong="forgets to unsqueeze the rewards" says="unsqueeze(-1)"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    return values + pulled / counts.clamp(min=1) * (rewards - values), counts


# %% wrong="changes the counts in place" says="`counts` was changed in place"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts += pulled
    return values + pulled / counts.clamp(min=1) * (rewards.unsqueeze(-1) - values), counts


# %% wrong="changes the values in place under a new name" says="`values` was changed in place"
def update(values, counts, arms, rewards):
    new_values, index = values, arms.unsqueeze(-1)
    counts = counts + torch.nn.functional.one_hot(arms, values.shape[-1])
    error = rewards.unsqueeze(-1) - values.gather(-1, index)
    new_values.scatter_add_(-1, index, error / counts.gather(-1, index))
    return new_values, counts


# %% wrong="divides 0 by 0 for arms never pulled" says="0/0"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    return values + pulled / counts * (rewards.unsqueeze(-1) - values), counts


# %% wrong="forgets return" says="End with: return values, counts"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    values = values + pulled / counts.clamp(min=1) * (rewards.unsqueeze(-1) - values)


# %% wrong="returns the values only" says="a tuple (values, counts) was expected"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    return values + pulled / (counts + 1) * (rewards.unsqueeze(-1) - values)


# %% wrong="returns counts first" says="values first"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    return counts, values + pulled / counts.clamp(min=1) * (rewards.unsqueeze(-1) - values)


# %% wrong="moves by a constant step" says="moves by (R − Q)/N"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    return values + 0.1 * pulled * (rewards.unsqueeze(-1) - values), counts + pulled


# %% wrong="needs exactly one leading dimension" says="len() of a 0-d tensor"
def update(values, counts, arms, rewards):
    values, counts, rooms = values.clone(), counts.clone(), range(len(arms))
    counts[rooms, arms] += 1
    values[rooms, arms] += (rewards - values[rooms, arms]) / counts[rooms, arms]
    return values, counts


# %% wrong="takes the arms for rooms in a single room" says="A single room has no leading dimension"
def update(values, counts, arms, rewards):
    values, counts, rooms = values.clone(), counts.clone(), torch.arange(values.shape[0])
    counts[rooms, arms] += 1
    values[rooms, arms] += (rewards - values[rooms, arms]) / counts[rooms, arms]
    return values, counts


# %% wrong="indexes a single leading dimension" says="of a single room after a pull has shape (1, 4)"
def update(values, counts, arms, rewards):
    values, counts, arms = values.clone(), counts.clone(), arms.reshape(-1)
    values, counts = values.reshape(-1, values.shape[-1]), counts.reshape(-1, counts.shape[-1])
    rooms = torch.arange(len(arms))
    counts[rooms, arms] += 1
    values[rooms, arms] += (rewards - values[rooms, arms]) / counts[rooms, arms]
    return values, counts


# %% wrong="squeezes away a single room" says="has shape (4,), but (1, 4)"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    values = values + pulled / counts.clamp(min=1) * (rewards.unsqueeze(-1) - values)
    return values.squeeze(), counts.squeeze()


# %% wrong="adds up the rewards" says="not their sum"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    return values + pulled * rewards.unsqueeze(-1), counts + pulled


# %% wrong="takes a reward of 0 for no pull" says="Add 1 for the pulled arm of each room"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1]) * (rewards != 0).unsqueeze(-1)
    counts = counts + pulled
    return values + pulled / counts.clamp(min=1) * (rewards.unsqueeze(-1) - values), counts


# %% wrong="learns only from rewards above 0" says="moves by (R − Q)/N"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    error = rewards.clamp(min=0).unsqueeze(-1) - values
    return values + pulled / counts.clamp(min=1) * error, counts


# %% wrong="mixes the rooms of two leading dimensions" says="of rooms of shape (2, 1, 3)"
def update(values, counts, arms, rewards):
    if values.dim() > 2:
        arms, rewards = arms.flip(-1), rewards.flip(-1)
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    return values + pulled / counts.clamp(min=1) * (rewards.unsqueeze(-1) - values), counts


# %% wrong="returns a data class" says="cannot be unpacked into two"
def update(values, counts, arms, rewards):
    from dataclasses import make_dataclass

    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    values = values + pulled / counts.clamp(min=1) * (rewards.unsqueeze(-1) - values)
    return make_dataclass("Estimates", ["values", "counts"])(values, counts)


# %% wrong="has the course do it" says="calls the course's own function"
def update(values, counts, arms, rewards):
    return bandits.update(values, counts, arms, rewards)


# %% wrong="forgets what an arm never pulled began with" says="An arm that was never pulled keeps its Q"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    total = values * counts + pulled * rewards.unsqueeze(-1)
    counts = counts + pulled
    return total / counts.clamp(min=1), counts


# %% wrong="makes 0 of what an arm never pulled began with" says="An arm that was never pulled keeps its Q"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    total = values * counts + pulled * rewards.unsqueeze(-1)
    return (total / (counts + pulled)).nan_to_num(), counts + pulled


# %% wrong="leaves the number of arms to one_hot" says="one_hot(arms, K)"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms)
    counts = counts + pulled
    return values + pulled / counts.clamp(min=1) * (rewards.unsqueeze(-1) - values), counts


# %% right="gather and scatter"
def update(values, counts, arms, rewards):
    index = arms.unsqueeze(-1)
    number, old = counts.gather(-1, index) + 1, values.gather(-1, index)
    new = old + (rewards.unsqueeze(-1) - old) / number
    return values.scatter(-1, index, new), counts.scatter(-1, index, number)


# %% right="where on a mask"
def update(values, counts, arms, rewards):
    is_pulled = torch.arange(values.shape[-1]) == arms[..., None]
    counts = torch.where(is_pulled, counts + 1, counts)
    return torch.where(is_pulled, values + (rewards[..., None] - values) / counts, values), counts


# %% right="from the sums of rewards"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    new_counts = counts + pulled
    average = (values * counts + pulled * rewards.unsqueeze(-1)) / new_counts.clamp(min=1)
    return torch.where(new_counts > 0, average, values), new_counts


# %% right="a loop over rooms on flat copies"
def update(values, counts, arms, rewards):
    shape = values.shape
    values, counts = values.reshape(-1, shape[-1]).clone(), counts.reshape(-1, shape[-1]).clone()
    for room, (arm, reward) in enumerate(zip(arms.flatten(), rewards.flatten())):
        counts[room, arm] += 1
        values[room, arm] += (reward - values[room, arm]) / counts[room, arm]
    return values.reshape(shape), counts.reshape(shape)


# %% right="advanced indices on flat copies"
def update(values, counts, arms, rewards):
    shape = values.shape
    values, counts, arms = values.reshape(-1, shape[-1]).clone(), counts.reshape(-1, shape[-1]).clone(), arms.flatten()
    cell = (torch.arange(len(arms)), arms)
    counts[cell] += 1
    values[cell] += (rewards.flatten() - values[cell]) / counts[cell]
    return values.view(shape), counts.view(shape)


# %% right="einsum in float64"
def update(values, counts, arms, rewards):
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1]).double()
    counts = counts + pulled
    error = rewards.unsqueeze(-1) - values
    return values + torch.einsum("...k,...k->...k", pulled / counts.clamp(min=1), error), counts


# %% right="scatter_add of ones of the default dtype"
def update(values, counts, arms, rewards):
    index = arms.unsqueeze(-1)
    counts = counts.scatter_add(-1, index, torch.ones(index.shape))
    error = rewards.unsqueeze(-1) - values.gather(-1, index)
    return values.scatter_add(-1, index, error / counts.gather(-1, index)), counts


# %% right="numpy inside, torch outside"
def update(values, counts, arms, rewards):
    import numpy as np

    index = arms.numpy()[..., None]
    new_values, new_counts = values.numpy().copy(), counts.numpy().copy()
    number = np.take_along_axis(new_counts, index, -1) + 1
    old = np.take_along_axis(new_values, index, -1)
    np.put_along_axis(new_counts, index, number, -1)
    np.put_along_axis(new_values, index, old + (rewards.numpy()[..., None] - old) / number, -1)
    return [torch.from_numpy(new_values), torch.from_numpy(new_counts)]


# %% right="a partial function, whose result is a named tuple"
@lambda function: __import__("functools").partial(function, least=1)
def update(values, counts, arms, rewards, least):
    from collections import namedtuple

    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    values = values + pulled / counts.clamp(min=least) * (rewards.unsqueeze(-1) - values)
    return namedtuple("Estimates", "values counts")(values, counts)
