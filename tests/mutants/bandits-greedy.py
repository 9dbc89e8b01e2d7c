# %% wrong="argmax takes the first of the tied arms" says="argmax takes the first"
def greedy(values, *, generator):
    return values.argmax(-1)


# %% wrong="one draw for the whole batch" says="Draw for each room"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    lottery = torch.rand(values.shape[-1], generator=generator)
    return (best * (1 + lottery)).argmax(-1)


# %% wrong="shuffles the arms once for the whole batch" says="Draw for each room"
def greedy(values, *, generator):
    order = torch.randperm(values.shape[-1], generator=generator)
    return order[values[..., order].argmax(-1)]


# %% wrong="takes the last of the tied arms" says="Draw for each room"
def greedy(values, *, generator):
    return values.shape[-1] - 1 - values.flip(-1).argmax(-1)


# %% wrong="takes the worst arm" says="Those are the worst arms"
def greedy(values, *, generator):
    worst = values == values.min(-1, keepdim=True).values
    return (worst * (1 + torch.rand(values.shape, generator=generator))).argmax(-1)


# %% wrong="returns the values" says="return the arms' indices"
def greedy(values, *, generator):
    return values.max(-1).values


# %% wrong="returns the indices as real numbers" says="holds real numbers (torch.float32)"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    return (best * (1 + torch.rand(values.shape, generator=generator))).argmax(-1).float()


# %% wrong="returns int32, which gather and one_hot refuse" says="torch.int64"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    return (best * (1 + torch.rand(values.shape, generator=generator))).argmax(-1).int()


# %% wrong="draws from the global generator" says="Draw with generator=generator"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    return (best * (1 + torch.rand(values.shape))).argmax(-1)


# %% wrong="seeds a generator of its own" says="the same for every seed"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    lottery = torch.rand(values.shape, generator=torch.Generator().manual_seed(0))
    return (best * (1 + lottery)).argmax(-1)


# %% wrong="adds noise of the size of the values" says="exactly equal"
def greedy(values, *, generator):
    return (values + torch.rand(values.shape, generator=generator)).argmax(-1)


# %% wrong="adds noise that is larger than small differences" says="exactly equal"
def greedy(values, *, generator):
    return (values + 0.01 * torch.rand(values.shape, generator=generator)).argmax(-1)


# %% wrong="draws from a softmax" says="exactly equal"
def greedy(values, *, generator):
    flat = (20 * values).softmax(-1).reshape(-1, values.shape[-1])
    return torch.multinomial(flat, 1, generator=generator).reshape(values.shape[:-1])


# %% wrong="looks for the largest value of all rooms" says="not of all rooms"
def greedy(values, *, generator):
    best = values == values.max()
    return (best * (1 + torch.rand(values.shape, generator=generator))).argmax(-1)


# %% wrong="takes one arm for all rooms" says="has shape (), but"
def greedy(values, *, generator):
    return values.argmax()


# %% wrong="takes the largest along the rooms" says="has shape ("
def greedy(values, *, generator):
    best = values == values.max(0, keepdim=True).values
    return (best * (1 + torch.rand(values.shape, generator=generator))).argmax(0)


# %% wrong="multiplies the mask by the values" says="values and randn may be negative"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    return (values * best * (1 + torch.rand(values.shape, generator=generator))).argmax(-1)


# %% wrong="keeps a dimension" says="squeeze"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    return torch.multinomial(best.float(), 1, generator=generator)


# %% wrong="never takes the last of the tied arms" says="Tied arms must be equally likely"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    others = (best.sum(-1) - 1).clamp(min=1)
    place = (torch.rand(others.shape, generator=generator) * others).long() + 1
    return (best.cumsum(-1) == place.unsqueeze(-1)).int().argmax(-1)


# %% wrong="rounds the place among the tied arms" says="Tied arms must be equally likely"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    draw = torch.rand(values.shape[:-1], generator=generator)
    place = (draw * (best.sum(-1) - 1)).round().long() + 1
    return (best.cumsum(-1) == place.unsqueeze(-1)).int().argmax(-1)


# %% wrong="breaks ties in place" says="`values` was changed in place"
def greedy(values, *, generator):
    values += 1e-6 * torch.rand(values.shape, generator=generator)
    return values.argmax(-1)


# %% wrong="forgets return" says="end with return"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    (best * (1 + torch.rand(values.shape, generator=generator))).argmax(-1)


# %% wrong="returns a list" says="a list, but a torch.Tensor"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    return (best * (1 + torch.rand(values.shape, generator=generator))).argmax(-1).tolist()


# %% wrong="compares with the pair that max returns" says="compare with its .values"
def greedy(values, *, generator):
    best = values == values.max(-1)
    return (best * (1 + torch.rand(values.shape, generator=generator))).argmax(-1)


# %% wrong="compares with the pair that max returns, in torch.where" says="gave one bool"
def greedy(values, *, generator):
    lottery = torch.rand(values.shape, generator=generator)
    return torch.where(values == values.max(-1, keepdim=True), lottery, -1.0).argmax(-1)


# %% wrong="compares along the rooms" says="keepdim=True"
def greedy(values, *, generator):
    best = values == values.max(-1).values
    return (best * torch.rand(values.shape, generator=generator)).argmax(-1)


# %% wrong="hands multinomial more than a table" says="flatten the leading dimensions"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    return torch.multinomial(best.float(), 1, generator=generator).squeeze(-1)


# %% wrong="returns the pair that max returns" says="Take its .values or its .indices"
def greedy(values, *, generator):
    return values.max(-1)


# %% wrong="seeds torch with the generator's first seed" says="seeds torch's own generator"
def greedy(values, *, generator):
    torch.manual_seed(generator.initial_seed())
    best = values == values.max(-1, keepdim=True).values
    return (best * (1 + torch.rand(values.shape))).argmax(-1)


# %% wrong="makes a generator with the same seed in each call" says="when one generator is asked twice"
def greedy(values, *, generator):
    fresh = torch.Generator().manual_seed(generator.initial_seed())
    best = values == values.max(-1, keepdim=True).values
    return (best * (1 + torch.rand(values.shape, generator=fresh))).argmax(-1)


# %% wrong="one lottery for all rows of two leading dimensions" says="draw for each row by itself"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    lottery = torch.rand(values.shape[-2:], generator=generator)
    return (best * (1 + lottery)).argmax(-1)


# %% wrong="hands tied arms out in turn" says="Rooms must be independent"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    turn = torch.arange(best[..., 0].numel()).reshape(values.shape[:-1]) + torch.randint(60, (), generator=generator)
    place = turn % best.sum(-1) + 1
    return (best.cumsum(-1) == place.unsqueeze(-1)).int().argmax(-1)


# %% wrong="adds noise that drowns in large values" says="drowns in large numbers"
def greedy(values, *, generator):
    noise = torch.rand(values.shape, generator=generator, dtype=torch.float64)
    return (values.double() + 1e-13 * noise).argmax(-1)


# %% wrong="squeezes away a single room" says="The greedy arm of a batch of one room"
def greedy(values, *, generator):
    best = values == values.max(-1, keepdim=True).values
    return (best * (1 + torch.rand(values.shape, generator=generator))).argmax(-1).squeeze()


# %% wrong="counts the rooms, which a single one has not" says="A single room has no leading dimension"
def greedy(values, *, generator):
    best = values == values.max(1, keepdim=True).values
    return (best * (1 + torch.rand(values.shape, generator=generator))).argmax(1)


# %% wrong="breaks ties fairly, unless all values are 0" says="arms 0, 1, 2, 3, 4 tied take 0"
def greedy(values, *, generator):
    best = (values == values.max(-1, keepdim=True).values) & (values != 0)
    return (best * (1 + torch.rand(values.shape, generator=generator))).argmax(-1)


# %% wrong="has the course do it" says="calls the course's own function"
def greedy(values, *, generator):
    return bandits.greedy(values, generator=generator)


# %% wrong="takes values that are close for equal" says="exactly equal"
def greedy(values, *, generator):
    best = torch.isclose(values, values.amax(-1, keepdim=True))
    return (best * (1 + torch.rand(values.shape, generator=generator))).argmax(-1)


# %% wrong="adds little noise in float64" says="exactly equal"
def greedy(values, *, generator):
    noise = torch.rand(values.shape, generator=generator, dtype=torch.float64)
    return (values.double() + 1e-6 * noise).argmax(-1)


# %% wrong="adds noise in proportion to the values" says="exactly equal"
def greedy(values, *, generator):
    return (values + 1e-5 * (1 + values.abs()) * torch.rand(values.shape, generator=generator)).argmax(-1)


# %% wrong="draws from a cold softmax in float64" says="exactly equal"
def greedy(values, *, generator):
    flat = (values.double() / 1e-6).softmax(-1).reshape(-1, values.shape[-1])
    return torch.multinomial(flat, 1, generator=generator).reshape(values.shape[:-1])


# %% wrong="multiplies the mask by numbers that may be negative" says="values and randn may be negative"
def greedy(values, *, generator):
    best = values == values.amax(-1, keepdim=True)
    return (best * torch.randn(values.shape, generator=generator)).argmax(-1)


# %% wrong="multiplies the values by random numbers" says="chance decides between equal ones only"
def greedy(values, *, generator):
    return (values * torch.rand(values.shape, generator=generator)).argmax(-1)


# %% right="where, with -1 for the other arms"
def greedy(values, *, generator):
    lottery = torch.rand(values.shape, generator=generator)
    return torch.where(values == values.amax(-1, keepdim=True), lottery, -1.0).argmax(-1)


# %% right="multinomial on the tied arms"
def greedy(values, *, generator):
    best = (values == values.amax(-1, keepdim=True)).float().reshape(-1, values.shape[-1])
    return torch.multinomial(best, 1, generator=generator).reshape(values.shape[:-1])


# %% right="the arms of each room shuffled, then argmax"
def greedy(values, *, generator):
    order = torch.rand(values.shape, generator=generator).argsort(-1)
    place = values.gather(-1, order).argmax(-1, keepdim=True)
    return order.gather(-1, place).squeeze(-1)


# %% right="a place among the tied arms, in float64"
def greedy(values, *, generator):
    best = values == values.amax(-1, keepdim=True)
    draw = torch.rand(values.shape[:-1], generator=generator, dtype=torch.float64)
    place = (draw * best.sum(-1)).floor() + 1
    return (best.cumsum(-1) == place.unsqueeze(-1)).int().argmax(-1)


# %% right="a loop over rooms"
def greedy(values, *, generator):
    rows = values.reshape(-1, values.shape[-1]).tolist()
    arms = []
    for row, draw in zip(rows, torch.rand(len(rows), generator=generator, dtype=torch.float64).tolist()):
        largest = max(row)
        tied = [arm for arm, value in enumerate(row) if value == largest]
        arms.append(tied[int(draw * len(tied))])
    return torch.tensor(arms).reshape(values.shape[:-1])


# %% right="a loop over arms, each new tie replacing the choice by chance"
def greedy(values, *, generator):
    largest, arms = values[..., 0], torch.zeros(values.shape[:-1], dtype=torch.int64)
    ties = torch.ones_like(arms)
    for arm in range(1, values.shape[-1]):
        value = values[..., arm]
        ties = torch.where(value > largest, 1, torch.where(value == largest, ties + 1, ties))
        is_drawn = torch.rand(arms.shape, generator=generator) < 1 / ties
        arms = torch.where((value > largest) | ((value == largest) & is_drawn), arm, arms)
        largest = torch.maximum(largest, value)
    return arms


# %% right="exponential clocks, the first of the tied arms to ring"
def greedy(values, *, generator):
    clocks = torch.empty(values.shape).exponential_(generator=generator)
    return clocks.masked_fill(values < values.amax(-1, keepdim=True), math.inf).argmin(-1)


# %% right="numpy inside, seeded from the generator"
def greedy(values, *, generator):
    import numpy as np

    seed = torch.randint(2**31, (), generator=generator).item()
    table = values.numpy()
    lottery = np.random.default_rng(seed).random(table.shape)
    return torch.as_tensor(np.where(table == table.max(-1, keepdims=True), lottery, -1).argmax(-1))


# %% right="a partial function"
@lambda function: __import__("functools").partial(function, loser=-1.0)
def greedy(values, *, generator, loser):
    lottery = torch.rand(values.shape, generator=generator)
    return torch.where(values == values.max(dim=-1, keepdim=True)[0], lottery, loser).argmax(-1)
