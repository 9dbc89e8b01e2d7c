# %% wrong="swaps ε and 1 − ε" says="ε and 1 − ε swapped"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1], generator=generator) > epsilon
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="explores only the other arms" says="Exploring skipped the greedy arm"
def epsilon_greedy(values, epsilon, *, generator):
    shape, num_arms = values.shape[:-1], values.shape[-1]
    best = greedy(values, generator=generator)
    other = (best + torch.randint(1, num_arms, shape, generator=generator)) % num_arms
    return torch.where(torch.rand(shape, generator=generator) < epsilon, other, best)


# %% wrong="one coin for all rooms" says="Each one tosses a coin"
def epsilon_greedy(values, epsilon, *, generator):
    if torch.rand((), generator=generator) < epsilon:
        return torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return greedy(values, generator=generator)


# %% wrong="one coin for all rooms, and it shows explore" says="Each one tosses a coin"
def epsilon_greedy(values, epsilon, *, generator):
    if torch.rand((), generator=generator) > epsilon:
        return torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return greedy(values, generator=generator)


# %% wrong="one random arm for all rooms" says="took the same arm"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1], generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], (), generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="one number for the coin and for the arm" says="took the same arm"
def epsilon_greedy(values, epsilon, *, generator):
    draw = torch.rand(values.shape[:-1], generator=generator)
    return torch.where(draw < epsilon, (draw * values.shape[-1]).long(), greedy(values, generator=generator))


# %% wrong="never explores the last arm" says="all K arms alike"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1], generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1] - 1, values.shape[:-1], generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="never explores the first arm" says="Exploring takes all arms alike"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1], generator=generator) < epsilon
    anywhere = torch.randint(1, values.shape[-1], values.shape[:-1], generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="rounds the random arm, so that the ends are rare" says="Exploring takes all arms alike"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1], generator=generator) < epsilon
    anywhere = (torch.rand(values.shape[:-1], generator=generator) * (values.shape[-1] - 1)).round().long()
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="ignores ε" says="1 − ε + ε/K"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1], generator=generator) < 0.1
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="takes the first of the tied arms" says="Break ties as `greedy` does"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1], generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return torch.where(explore, anywhere, values.argmax(-1))


# %% wrong="tosses with the global generator" says="Draw with generator=generator"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1]) < epsilon
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="draws the arm with the global generator" says="Draw with generator=generator"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1], generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], values.shape[:-1])
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="returns real numbers" says="are torch.float32, but torch.int64 was expected"
def epsilon_greedy(values, epsilon, *, generator):
    explore = (torch.rand(values.shape[:-1], generator=generator) < epsilon).float()
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return explore * anywhere + (1 - explore) * greedy(values, generator=generator)


# %% wrong="returns int32, which gather and one_hot refuse" says="torch.int64"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1], generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator)).int()


# %% wrong="overwrites the values of the rooms that explore" says="`values` was changed in place"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1], generator=generator) < epsilon
    values[explore] = torch.rand(values[explore].shape, generator=generator)
    return greedy(values, generator=generator)


# %% wrong="counts arms from 1" says="but 0 to 3 was expected"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1], generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator)) + 1


# %% wrong="forgets return" says="end with return"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[:-1], generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="tosses a coin for every arm" says="values.shape[:-1]"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape, generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="decides with if" says="decides once"
def epsilon_greedy(values, epsilon, *, generator):
    shape = values.shape[:-1]
    if torch.rand(shape, generator=generator) < epsilon:
        return torch.randint(values.shape[-1], shape, generator=generator)
    return greedy(values, generator=generator)


# %% wrong="needs exactly one leading dimension" says="values.shape[:-1]"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[0], generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], (values.shape[0],), generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="exactly round(εn) rooms explore" says="or as many"
def epsilon_greedy(values, epsilon, *, generator):
    arms = greedy(values, generator=generator).reshape(-1)
    chosen = torch.randperm(len(arms), generator=generator)[: round(epsilon * len(arms))]
    arms[chosen] = torch.randint(values.shape[-1], (len(chosen),), generator=generator)
    return arms.reshape(values.shape[:-1])


# %% wrong="the same rooms explore in each call" says="The same rooms explore each time"
def epsilon_greedy(values, epsilon, *, generator):
    shape = values.shape[:-1]
    explore = torch.rand(shape, generator=torch.Generator().manual_seed(0)) < epsilon
    anywhere = torch.randint(values.shape[-1], shape, generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="every fifth room explores, or so" says="The same rooms explore each time"
def epsilon_greedy(values, epsilon, *, generator):
    shape = values.shape[:-1]
    turn = torch.arange(shape.numel()).reshape(shape)
    explore = ((turn + 1) * epsilon).floor() > (turn * epsilon).floor()
    anywhere = torch.randint(values.shape[-1], shape, generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="a coin seeded with the generator's first seed" says="The same rooms explore each time"
def epsilon_greedy(values, epsilon, *, generator):
    shape = values.shape[:-1]
    fresh = torch.Generator().manual_seed(generator.initial_seed())
    explore = torch.rand(shape, generator=fresh) < epsilon
    anywhere = torch.randint(values.shape[-1], shape, generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="an arm seeded with the generator's first seed" says="seeds torch's own generator"
def epsilon_greedy(values, epsilon, *, generator):
    shape = values.shape[:-1]
    explore = torch.rand(shape, generator=generator) < epsilon
    torch.manual_seed(generator.initial_seed())
    return torch.where(explore, torch.randint(values.shape[-1], shape), greedy(values, generator=generator))


# %% wrong="ties broken with the generator's first seed" says="with ε = 0 is the same when one generator is asked twice"
def epsilon_greedy(values, epsilon, *, generator):
    shape = values.shape[:-1]
    explore = torch.rand(shape, generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], shape, generator=generator)
    best = greedy(values, generator=torch.Generator().manual_seed(generator.initial_seed()))
    return torch.where(explore, anywhere, best)


# %% wrong="everything from the generator's first seed" says="The same rooms explore each time"
def epsilon_greedy(values, epsilon, *, generator):
    generator = torch.Generator().manual_seed(generator.initial_seed())
    explore = torch.rand(values.shape[:-1], generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="a fixed number of rooms explores, rounded by chance" says="so that the number of those that explore varies"
def epsilon_greedy(values, epsilon, *, generator):
    arms = greedy(values, generator=generator).reshape(-1)
    number = int(epsilon * len(arms) + torch.rand((), generator=generator))
    chosen = torch.randperm(len(arms), generator=generator)[:number]
    arms[chosen] = torch.randint(values.shape[-1], (number,), generator=generator)
    return arms.reshape(values.shape[:-1])


# %% wrong="one coin for a column of two leading dimensions" says="Two rooms share a coin"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values.shape[-2:-1], generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="squeezes away a single room" says="has shape (), but (1,)"
def epsilon_greedy(values, epsilon, *, generator):
    shape = values.shape[:-1]
    explore = torch.rand(shape, generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], shape, generator=generator)
    arms = torch.where(explore, anywhere, greedy(values, generator=generator))
    return arms.squeeze() if arms.numel() == 1 else arms


# %% wrong="a single room has a coin of shape (1,)" says="The tensor of the arms of rooms of shape () has shape (1,)"
def epsilon_greedy(values, epsilon, *, generator):
    shape = values.shape[:-1] or (1,)
    explore = torch.rand(shape, generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], shape, generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% wrong="has the course do it" says="calls the course's own function"
def epsilon_greedy(values, epsilon, *, generator):
    return bandits.epsilon_greedy(values, epsilon, generator=generator)


# %% right="a greedy arm that loses its lottery once in 2²⁴ draws"
def epsilon_greedy(values, epsilon, *, generator):
    best = values == values.amax(-1, keepdim=True)
    lottery = best * torch.rand(values.shape, generator=generator)
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return torch.where(torch.rand(values.shape[:-1], generator=generator) < epsilon, anywhere, lottery.argmax(-1))


# %% right="a copy of the greedy arms with some replaced"
def epsilon_greedy(values, epsilon, *, generator):
    arms = greedy(values, generator=generator)
    explore = torch.rand(arms.shape, generator=generator, dtype=torch.float64) < epsilon
    arms[explore] = torch.randint(values.shape[-1], (int(explore.sum()),), generator=generator)
    return arms


# %% right="a loop over rooms"
def epsilon_greedy(values, epsilon, *, generator):
    shape, num_arms = values.shape[:-1], values.shape[-1]
    arms = greedy(values, generator=generator).flatten().tolist()
    anywhere = torch.randint(num_arms, (len(arms),), generator=generator).tolist()
    for room, coin in enumerate(torch.rand(len(arms), generator=generator).tolist()):
        if coin < epsilon:
            arms[room] = anywhere[room]
    return torch.tensor(arms).reshape(shape)


# %% right="the probabilities of all arms, and multinomial"
def epsilon_greedy(values, epsilon, *, generator):
    num_arms = values.shape[-1]
    best = torch.nn.functional.one_hot(greedy(values, generator=generator), num_arms)
    pi = (1 - epsilon) * best + epsilon / num_arms
    return torch.multinomial(pi.reshape(-1, num_arms), 1, generator=generator).reshape(values.shape[:-1])


# %% right="ties shared out in the probabilities, and the inverse distribution in float64"
def epsilon_greedy(values, epsilon, *, generator):
    best = (values == values.amax(-1, keepdim=True)).double()
    pi = (1 - epsilon) * best / best.sum(-1, keepdim=True) + epsilon / values.shape[-1]
    draw = torch.rand(values.shape[:-1], generator=generator, dtype=torch.float64)
    return (pi.cumsum(-1)[..., :-1] <= draw.unsqueeze(-1)).sum(-1)


# %% right="another arm with probability ε (K − 1)/K"
def epsilon_greedy(values, epsilon, *, generator):
    shape, num_arms = values.shape[:-1], values.shape[-1]
    arms = greedy(values, generator=generator)
    leave = torch.rand(shape, generator=generator) < epsilon * (num_arms - 1) / num_arms
    return (arms + leave * torch.randint(1, num_arms, shape, generator=generator)) % num_arms


# %% right="random values for the rooms that explore"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.bernoulli(torch.full(values.shape[:-1], float(epsilon)), generator=generator).bool()
    noise = torch.rand(values.shape, generator=generator, dtype=values.dtype)
    return greedy(torch.where(explore.unsqueeze(-1), noise, values), generator=generator)


# %% right="arithmetic with whole numbers"
def epsilon_greedy(values, epsilon, *, generator):
    exploit = (torch.rand(values.shape[:-1], generator=generator) >= epsilon).long()
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return exploit * greedy(values, generator=generator) + (1 - exploit) * anywhere


# %% right="numpy inside, seeded from the generator"
def epsilon_greedy(values, epsilon, *, generator):
    import numpy as np

    rng = np.random.default_rng(torch.randint(2**31, (), generator=generator).item())
    best, shape = greedy(values, generator=generator).numpy(), tuple(values.shape[:-1])
    return torch.as_tensor(np.where(rng.random(shape) < epsilon, rng.integers(values.shape[-1], size=shape), best))


# %% wrong="a coin with a dimension too many" says="Two shapes were broadcast against each other"
def epsilon_greedy(values, epsilon, *, generator):
    explore = torch.rand(values[..., :1].shape, generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], values.shape[:-1], generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))


# %% right="an object that can be called"
@lambda kind: kind()
class epsilon_greedy:
    def __call__(self, values, epsilon, *, generator):
        arms = greedy(values, generator=generator)
        anywhere = torch.randint_like(arms, values.shape[-1]).random_(values.shape[-1], generator=generator)
        return anywhere.where(torch.rand(arms.shape, generator=generator) < epsilon, arms)
