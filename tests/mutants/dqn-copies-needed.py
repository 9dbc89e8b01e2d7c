# %% wrong="rounds down" says="round up"
def copies_needed(gamma, share):
    return math.floor(math.log(1 - share) / math.log(gamma))


# %% wrong="does not round" says="whole numbers"
def copies_needed(gamma, share):
    return math.log(1 - share) / math.log(gamma)


# %% wrong="the share left" says="leave only the share"
def copies_needed(gamma, share):
    return math.ceil(math.log(share) / math.log(gamma))


# %% wrong="a share of the horizon" says="ever more slowly"
def copies_needed(gamma, share):
    return math.ceil(share / (1 - gamma))


# %% wrong="the sign" says="The sign is wrong"
def copies_needed(gamma, share):
    return -math.ceil(math.log(1 - share) / math.log(gamma))


# %% wrong="one too many" says="one too many"
def copies_needed(gamma, share):
    return math.floor(math.log(1 - share) / math.log(gamma)) + 1


# %% wrong="upside down" says="was expected"
def copies_needed(gamma, share):
    return math.ceil(math.log(gamma) / math.log(1 - share))


# %% wrong="to the nearest" says="round up"
def copies_needed(gamma, share):
    return round(math.log(1 - share) / math.log(gamma))


# %% wrong="to the nearest of a half more" says="one too many"
def copies_needed(gamma, share):
    return round(math.log(1 - share) / math.log(gamma) + 0.5)


# %% wrong="1 − γ for the logarithm" says="takes 1 − γ for −ln γ"
def copies_needed(gamma, share):
    return math.ceil(-math.log(1 - share) / (1 - gamma))


# %% wrong="looks up to 1000" says="StopIteration"
def copies_needed(gamma, share):
    return next(k for k in range(1, 1000) if 1 - gamma**k >= share)


# %% right="counts"
def copies_needed(gamma, share):
    copies = 0
    while 1 - gamma**copies < share - 1e-12:
        copies += 1
    return copies


# %% right="with torch, as a whole number"
def copies_needed(gamma, share):
    gamma, share = torch.tensor([gamma, share], dtype=torch.float64)
    return int(torch.ceil(torch.log1p(-share) / torch.log(gamma) - 1e-9))


# %% right="sums rewards"
def copies_needed(gamma, share):
    value, copies, wanted = 0.0, 0, share / (1 - gamma)
    while value < wanted - 1e-9:
        value, copies = 1 + gamma * value, copies + 1
    return copies


# %% right="logarithms to base 2"
def copies_needed(gamma, share):
    return math.ceil(math.log2(1 - share) / math.log2(gamma) - 1e-9)
