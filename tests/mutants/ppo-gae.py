# %% wrong="next episode leaks in" says="leaks in"
def gae(td_errors, over, gamma, trace):
    result, later = torch.zeros_like(td_errors), torch.zeros_like(td_errors[:, 0])
    for t in reversed(range(td_errors.shape[1])):
        later = td_errors[:, t] + gamma * trace * later
        result[:, t] = later
    return result


# %% wrong="ends shifted by one" says="shifted by one"
def gae(td_errors, over, gamma, trace):
    result, later = torch.zeros_like(td_errors), torch.zeros_like(td_errors[:, 0])
    ends = torch.cat([over[:, 1:], over[:, -1:]], 1)
    for t in reversed(range(td_errors.shape[1])):
        later = td_errors[:, t] + gamma * trace * ~ends[:, t] * later
        result[:, t] = later
    return result


# %% wrong="ends shifted the other way" says="shifted by one"
def gae(td_errors, over, gamma, trace):
    result, later = torch.zeros_like(td_errors), torch.zeros_like(td_errors[:, 0])
    ends = torch.cat([over[:, :1], over[:, :-1]], 1)
    for t in reversed(range(td_errors.shape[1])):
        later = td_errors[:, t] + gamma * trace * ~ends[:, t] * later
        result[:, t] = later
    return result


# %% wrong="no last error" says="The last δ of an episode"
def gae(td_errors, over, gamma, trace):
    result, later = torch.zeros_like(td_errors), torch.zeros_like(td_errors[:, 0])
    for t in reversed(range(td_errors.shape[1])):
        later = (td_errors[:, t] + gamma * trace * later) * ~over[:, t]
        result[:, t] = later
    return result


# %% wrong="the other way round" says="other way round"
def gae(td_errors, over, gamma, trace):
    result, later = torch.zeros_like(td_errors), torch.zeros_like(td_errors[:, 0])
    for t in reversed(range(td_errors.shape[1])):
        later = td_errors[:, t] + gamma * trace * over[:, t] * later
        result[:, t] = later
    return result


# %% wrong="no trace" says="λ is missing"
def gae(td_errors, over, gamma, trace):
    result, later = torch.zeros_like(td_errors), torch.zeros_like(td_errors[:, 0])
    for t in reversed(range(td_errors.shape[1])):
        later = td_errors[:, t] + gamma * ~over[:, t] * later
        result[:, t] = later
    return result


# %% wrong="no gamma" says="γ is missing"
def gae(td_errors, over, gamma, trace):
    result, later = torch.zeros_like(td_errors), torch.zeros_like(td_errors[:, 0])
    for t in reversed(range(td_errors.shape[1])):
        later = td_errors[:, t] + trace * ~over[:, t] * later
        result[:, t] = later
    return result


# %% wrong="neither" says="γ and λ are missing"
def gae(td_errors, over, gamma, trace):
    result, later = torch.zeros_like(td_errors), torch.zeros_like(td_errors[:, 0])
    for t in reversed(range(td_errors.shape[1])):
        later = td_errors[:, t] + ~over[:, t] * later
        result[:, t] = later
    return result


# %% wrong="TD errors" says="TD errors themselves"
def gae(td_errors, over, gamma, trace):
    return td_errors


# %% wrong="forwards" says="walks forwards"
def gae(td_errors, over, gamma, trace):
    result, later = torch.zeros_like(td_errors), torch.zeros_like(td_errors[:, 0])
    for t in range(td_errors.shape[1]):
        going = later * ~over[:, t - 1] if t else later
        later = td_errors[:, t] + gamma * trace * going
        result[:, t] = later
    return result


# %% wrong="averaged" says="averages"
def gae(td_errors, over, gamma, trace):
    result, later = torch.zeros_like(td_errors), torch.zeros_like(td_errors[:, 0])
    for t in reversed(range(td_errors.shape[1])):
        later = (1 - trace) * td_errors[:, t] + gamma * trace * ~over[:, t] * later
        result[:, t] = later
    return result


# %% wrong="in place" says="was changed in place"
def gae(td_errors, over, gamma, trace):
    for t in reversed(range(td_errors.shape[1] - 1)):
        td_errors[:, t] += gamma * trace * ~over[:, t] * td_errors[:, t + 1]
    return td_errors


# %% wrong="six steps alone" says="Backwards in time"
def gae(td_errors, over, gamma, trace):
    result, alive = td_errors.clone(), torch.ones_like(td_errors)
    for k in range(1, min(6, td_errors.shape[1])):
        alive = alive[:, :-1] * ~over[:, k - 1 : -1]
        result[:, :-k] += (gamma * trace) ** k * alive * td_errors[:, k:]
    return result


# %% wrong="last step first" says="turn them around"
def gae(td_errors, over, gamma, trace):
    result, later = [], torch.zeros_like(td_errors[:, 0])
    for t in reversed(range(td_errors.shape[1])):
        later = td_errors[:, t] + gamma * trace * ~over[:, t] * later
        result.append(later)
    return torch.stack(result, 1)


# %% wrong="no last step" says="last step of a segment"
def gae(td_errors, over, gamma, trace):
    result = torch.zeros_like(td_errors)
    for t in reversed(range(td_errors.shape[1] - 1)):
        result[:, t] = td_errors[:, t] + gamma * trace * ~over[:, t] * result[:, t + 1]
    return result


# %% wrong="own error discounted" says="counts in full"
def gae(td_errors, over, gamma, trace):
    result = gamma * trace * td_errors
    for t in reversed(range(td_errors.shape[1] - 1)):
        result[:, t] += gamma * trace * ~over[:, t] * result[:, t + 1]
    return result


# %% wrong="next error alone" says="not its δ"
def gae(td_errors, over, gamma, trace):
    result = td_errors.clone()
    for t in reversed(range(td_errors.shape[1] - 1)):
        result[:, t] += gamma * trace * ~over[:, t] * td_errors[:, t + 1]
    return result


# %% wrong="forwards by its own end" says="walks forwards"
def gae(td_errors, over, gamma, trace):
    result, later = torch.zeros_like(td_errors), torch.zeros_like(td_errors[:, 0])
    for t in range(td_errors.shape[1]):
        later = td_errors[:, t] + gamma * trace * ~over[:, t] * later
        result[:, t] = later
    return result


# %% right="backwards"
def gae(td_errors, over, gamma, trace):
    result, later = torch.zeros_like(td_errors), torch.zeros_like(td_errors[:, 0])
    for t in reversed(range(td_errors.shape[1])):
        later = td_errors[:, t] + gamma * trace * torch.where(over[:, t], 0.0, later)
        result[:, t] = later
    return result


# %% right="on a copy"
def gae(td_errors, over, gamma, trace):
    result = td_errors.clone()
    for t in reversed(range(td_errors.shape[1] - 1)):
        result[:, t] += gamma * trace * (~over[:, t]).to(result.dtype) * result[:, t + 1]
    return result


# %% right="in plain numbers"
def gae(td_errors, over, gamma, trace):
    rows = []
    for deltas, ends in zip(td_errors.tolist(), over.tolist()):
        row, later = [], 0.0
        for delta, end in zip(reversed(deltas), reversed(ends)):
            later = delta + (0.0 if end else gamma * trace * later)
            row.insert(0, later)
        rows.append(row)
    return torch.tensor(rows, dtype=td_errors.dtype)


# %% right="by doubling"
def gae(td_errors, over, gamma, trace):
    keep = gamma * trace * (~over).to(td_errors.dtype)
    result, span = td_errors.clone(), 1
    while span < result.shape[1]:
        pad = torch.nn.functional.pad
        result = result + keep * pad(result[:, span:], (0, span))
        keep = keep * pad(keep[:, span:], (0, span))
        span *= 2
    return result
