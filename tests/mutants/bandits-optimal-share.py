# %% wrong="averages over the steps" says="not over the steps"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(1)
    return share, (share * (1 - share) / arms.shape[1]).sqrt()


# %% wrong="counts without dividing" says="divide by how many there are"
def optimal_share(q_star, arms):
    count = (arms == q_star.argmax(-1, keepdim=True)).float().sum(0)
    share = count / len(arms)
    return count, (share * (1 - share) / len(arms)).sqrt()


# %% wrong="returns per cent" says="in per cent"
def optimal_share(q_star, arms):
    share = 100 * (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return share, (share * (100 - share) / len(arms)).sqrt()


# %% wrong="returns the variance" says="take the square root"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return share, share * (1 - share) / len(arms)


# %% wrong="forgets to divide by n" says="standard deviation of one room"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return share, (share * (1 - share)).sqrt()


# %% wrong="divides by n outside the root" says="outside the root"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return share, (share * (1 - share)).sqrt() / len(arms)


# %% wrong="divides by n − 1" says="n − 1"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return share, (share * (1 - share) / (len(arms) - 1)).sqrt()


# %% wrong="takes the sample's standard deviation" says="n − 1"
def optimal_share(q_star, arms):
    hits = (arms == q_star.argmax(-1, keepdim=True)).float()
    return hits.mean(0), hits.std(0) / math.sqrt(len(hits))


# %% wrong="divides by the number of steps" says="not of steps"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return share, (share * (1 - share) / arms.shape[-1]).sqrt()


# %% wrong="forgets 1 − p" says="√(p (1 − p) / n)"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return share, (share / len(arms)).sqrt()


# %% wrong="takes the arm pulled last for the best" says="not with the arm pulled last"
def optimal_share(q_star, arms):
    share = (arms == arms[:, -1:]).float().mean(0)
    return share, (share * (1 - share) / len(arms)).sqrt()


# %% wrong="takes the arm pulled most for the best" says="pulled most"
def optimal_share(q_star, arms):
    share = (arms == arms.mode(-1, keepdim=True).values).float().mean(0)
    return share, (share * (1 - share) / len(arms)).sqrt()


# %% wrong="one best arm for all rooms" says="argmax of its own room's q_star"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax()).float().mean(0)
    return share, (share * (1 - share) / len(arms)).sqrt()


# %% wrong="takes the arm that is best on average" says="argmax of its own room's q_star"
def optimal_share(q_star, arms):
    share = (arms == q_star.mean(0).argmax()).float().mean(0)
    return share, (share * (1 - share) / len(arms)).sqrt()


# %% wrong="forgets keepdim" says="keepdim=True"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1)).float().mean(0)
    return share, (share * (1 - share) / len(arms)).sqrt()


# %% wrong="compares with the pair that max returns" says="gave one bool"
def optimal_share(q_star, arms):
    share = (arms == q_star.max(-1, keepdim=True)).float().mean(0)
    return share, (share * (1 - share) / len(arms)).sqrt()


# %% wrong="averages truth values" says="Truth values have no mean"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).mean(0)
    return share, (share * (1 - share) / len(arms)).sqrt()


# %% wrong="averages over everything" says="has shape (), but"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean()
    return share, (share * (1 - share) / arms.numel()).sqrt()


# %% wrong="returns the share only" says="a tuple (share, error) was expected"
def optimal_share(q_star, arms):
    return (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)


# %% wrong="returns numpy" says="torch.as_tensor"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return share.numpy(), (share * (1 - share) / len(arms)).sqrt().numpy()


# %% wrong="forgets return" says="End with: return share, error"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    error = (share * (1 - share) / len(arms)).sqrt()
    print(share, error)


# %% wrong="divides by the number of arms" says="not of arms"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return share, (share * (1 - share) / q_star.shape[-1]).sqrt()


# %% wrong="divides by the number of all pulls" says="not of all pulls"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return share, (share * (1 - share) / arms.numel()).sqrt()


# %% wrong="takes the worst arm" says="the share for the worst arm"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmin(-1, keepdim=True)).float().mean(0)
    return share, (share * (1 - share) / len(arms)).sqrt()


# %% wrong="rounds to per cent" says="average over the rooms"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0).round(decimals=2)
    return share, (share * (1 - share) / len(arms)).sqrt()


# %% wrong="returns the hits" says="average them over the rooms"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float()
    return share, (share * (1 - share) / len(arms)).sqrt()


# %% wrong="returns the error first" says="Return the share first"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return (share * (1 - share) / len(arms)).sqrt(), share


# %% wrong="takes the corrected deviation, and 0 for a single room" says="n − 1"
def optimal_share(q_star, arms):
    hits = (arms == q_star.argmax(-1, keepdim=True)).float()
    return hits.mean(0), (hits.std(0) / math.sqrt(len(hits))).nan_to_num()


# %% wrong="squeezes away a single step" says="in 1 step has shape ()"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0).squeeze()
    return share, (share * (1 - share) / len(arms)).sqrt()


# %% wrong="returns a data class" says="cannot be unpacked into two"
def optimal_share(q_star, arms):
    from dataclasses import make_dataclass

    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return make_dataclass("Share", ["share", "error"])(share, (share * (1 - share) / len(arms)).sqrt())


# %% wrong="has the course do it" says="calls the course's own function"
def optimal_share(q_star, arms):
    return bandits.optimal_share(q_star, arms)


# %% wrong="looks for the best room of each arm" says="along the last dimension"
def optimal_share(q_star, arms):
    share = (arms == q_star.argmax(0, keepdim=True).T).float().mean(0)
    return share, (share * (1 - share) / len(arms)).sqrt()


# %% right="the values of the pulled arms against the largest"
def optimal_share(q_star, arms):
    hits = q_star.gather(1, arms) == q_star.amax(1, keepdim=True)
    share = hits.double().mean(0)
    return share, torch.sqrt((share - share**2) / hits.shape[0])


# %% right="a loop over steps"
def optimal_share(q_star, arms):
    best, shares = q_star.argmax(1), []
    for arm in arms.T:
        shares.append((arm == best).sum().item() / len(arm))
    return torch.tensor(shares), torch.tensor([math.sqrt(p * (1 - p) / len(arms)) for p in shares])


# %% right="a loop over rooms and steps"
def optimal_share(q_star, arms):
    count = torch.zeros(arms.shape[1])
    for room in range(len(arms)):
        for t in range(arms.shape[1]):
            count[t] += bool(arms[room, t] == q_star[room].argmax())
    share = count / len(arms)
    return share, (share * (1 - share)) ** 0.5 / len(arms) ** 0.5


# %% right="one-hot and einsum"
def optimal_share(q_star, arms):
    pulled = torch.nn.functional.one_hot(arms, q_star.shape[1]).float()
    best = torch.nn.functional.one_hot(q_star.argmax(1), q_star.shape[1]).float()
    share = torch.einsum("ntk,nk->t", pulled, best) / len(arms)
    return share, torch.sqrt(share * (1 - share) / len(arms))


# %% right="the standard deviation of the hits"
def optimal_share(q_star, arms):
    hits = (arms == q_star.max(1, keepdim=True).indices).float()
    return hits.mean(0), hits.std(0, unbiased=False) / math.sqrt(len(arms))


# %% right="numpy inside, torch outside"
def optimal_share(q_star, arms):
    hits = arms.numpy() == q_star.numpy().argmax(1)[:, None]
    share = hits.mean(0)
    return torch.from_numpy(share), torch.from_numpy(hits.std(0) / math.sqrt(len(hits)))


# %% right="a partial function, whose result is a named tuple"
@lambda function: __import__("functools").partial(function, dim=0)
def optimal_share(q_star, arms, dim):
    from collections import namedtuple

    share = (arms == q_star.argmax(-1).unsqueeze(-1)).double().mean(dim)
    return namedtuple("Share", "p error")(share, ((1 - share) * share / arms.shape[dim]).sqrt())


# %% wrong="changes how many threads torch uses" says="how many threads"
def optimal_share(q_star, arms):
    torch.set_num_threads(torch.get_num_threads() + 1)
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return share, (share * (1 - share) / len(arms)).sqrt()
