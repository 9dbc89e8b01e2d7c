# %% wrong="wrong sign" says="The sign is wrong"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, values.detach() - returns, mask), value_loss(values, returns, mask)


# %% wrong="no baseline" says="The baseline is missing"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, returns, mask), value_loss(values, returns, mask)


# %% wrong="values as weights" says="The weights are the values"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, values.detach(), mask), value_loss(values, returns, mask)


# %% wrong="mean of the values" says="mean of the values"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, returns - values.detach().mean(), mask), value_loss(
        values, returns, mask
    )


# %% wrong="mean of the real values" says="mean of the values"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, returns - values[mask].mean().detach(), mask), value_loss(
        values, returns, mask
    )


# %% wrong="no mask" says="mask is not passed on"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, returns - values.detach(), torch.ones_like(mask)), value_loss(
        values, returns, mask
    )


# %% wrong="swapped" says="swapped"
def baseline_losses(logits, values, actions, returns, mask):
    return value_loss(values, returns, mask), baselines.weighted_loss(logits, actions, returns - values.detach(), mask)


# %% wrong="squared advantages" says="squared errors"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, (returns - values.detach()) ** 2, mask), value_loss(
        values, returns, mask
    )


# %% wrong="absolute advantages" says="absolute value"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, (returns - values.detach()).abs(), mask), value_loss(
        values, returns, mask
    )


# %% wrong="gradient through the baseline" says="moves the values"
def baseline_losses(logits, values, actions, returns, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -((returns - values) * log_pi)[mask].mean(), value_loss(values, returns, mask)


# %% wrong="value detached in its own loss" says="value's loss is cut off"
def baseline_losses(logits, values, actions, returns, mask):
    values = values.detach()
    return baselines.weighted_loss(logits, actions, returns - values, mask), value_loss(values, returns, mask)


# %% wrong="policy detached" says="policy's loss is cut off"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits.detach(), actions, returns - values.detach(), mask), value_loss(
        values, returns, mask
    )


# %% wrong="value loss leaks into the policy" says="value's loss moves the policy"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, returns - values.detach(), mask), value_loss(
        values, returns, mask
    ) + 0 * logits.mean() + logits.sum() - logits.sum().detach()


# %% wrong="both in both" says="The policy's loss"
def baseline_losses(logits, values, actions, returns, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    total = -((returns - values.detach()) * log_pi)[mask].mean() + value_loss(values, returns, mask)
    return total, total


# %% wrong="their sum" says="but a tuple"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, returns - values.detach(), mask) + value_loss(values, returns, mask)


# %% wrong="value loss on advantages with mask missing" says="The value's loss"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, returns - values.detach(), mask), ((returns - values) ** 2).mean()


# %% wrong="value loss halved" says="The value's loss"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, returns - values.detach(), mask), 0.5 * value_loss(
        values, returns, mask
    )


# %% wrong="value loss summed" says="The value's loss"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, returns - values.detach(), mask), ((returns - values) ** 2)[
        mask
    ].sum()


# %% wrong="policy loss summed" says="That is the sum over the steps"
def baseline_losses(logits, values, actions, returns, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -((returns - values.detach()) * log_pi)[mask].sum(), value_loss(values, returns, mask)


# %% wrong="divides by the padded steps too" says="not by all places"
def baseline_losses(logits, values, actions, returns, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -((returns - values.detach()) * log_pi * mask).mean(), value_loss(values, returns, mask)


# %% wrong="likeliest action" says="not of the likeliest"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, logits.argmax(-1), returns - values.detach(), mask), value_loss(
        values, returns, mask
    )


# %% wrong="normalised advantages" says="are normalised"
def baseline_losses(logits, values, actions, returns, mask):
    a = returns - values.detach()
    a = (a - a[mask].mean()) / a[mask].std()
    return baselines.weighted_loss(logits, actions, a, mask), value_loss(values, returns, mask)


# %% wrong="a baseline that uses the action" says="The policy's loss"
def baseline_losses(logits, values, actions, returns, mask):
    b = values.detach() * logits.detach().softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return baselines.weighted_loss(logits, actions, returns - b, mask), value_loss(values, returns, mask)


# %% wrong="advantage in place" says="was changed in place"
def baseline_losses(logits, values, actions, returns, mask):
    returns -= values.detach()
    return baselines.weighted_loss(logits, actions, returns, mask), (returns**2)[mask].mean()


# %% wrong="half the value's gradient" says="The gradient of the value's loss"
def baseline_losses(logits, values, actions, returns, mask):
    e = values - returns
    return baselines.weighted_loss(logits, actions, -e.detach(), mask), (e * e.detach())[mask].mean()


# %% wrong="returns nothing" says="is None"
def baseline_losses(logits, values, actions, returns, mask):
    baselines.weighted_loss(logits, actions, returns - values.detach(), mask), value_loss(values, returns, mask)


# %% wrong="gradient through the baseline, in the given loss" says="moves the values"
def baseline_losses(logits, values, actions, returns, mask):
    return baselines.weighted_loss(logits, actions, returns - values, mask), value_loss(values, returns, mask)


# %% wrong="returns detached instead" says="moves the values"
def baseline_losses(logits, values, actions, returns, mask):
    advantages = returns.detach() - values
    return baselines.weighted_loss(logits, actions, advantages, mask), value_loss(values, returns, mask)


# %% wrong="both under no_grad" says="policy's loss is cut off"
def baseline_losses(logits, values, actions, returns, mask):
    with torch.no_grad():
        policy = baselines.weighted_loss(logits, actions, returns - values, mask)
    return policy, value_loss(values, returns, mask)


# %% wrong="values detached in place" says="detached in place"
def baseline_losses(logits, values, actions, returns, mask):
    values = values.detach_()
    return baselines.weighted_loss(logits, actions, returns - values, mask), value_loss(values, returns, mask)


# %% wrong="the number of steps of the visible check" says="of other episodes"
def baseline_losses(logits, values, actions, returns, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -((returns - values.detach()) * log_pi * mask).sum() / 10, value_loss(values, returns, mask)


# %% wrong="negative returns lost" says="Negative returns count, too"
def baseline_losses(logits, values, actions, returns, mask):
    advantages = returns.clamp(min=0) - values.detach()
    return baselines.weighted_loss(logits, actions, advantages, mask), value_loss(values, returns, mask)


# %% wrong="centred advantages" says="are normalised"
def baseline_losses(logits, values, actions, returns, mask):
    a = returns - values.detach()
    return baselines.weighted_loss(logits, actions, a - a[mask].mean(), mask), value_loss(values, returns, mask)


# %% wrong="scaled advantages" says="are normalised"
def baseline_losses(logits, values, actions, returns, mask):
    a = returns - values.detach()
    return baselines.weighted_loss(logits, actions, a / a[mask].std(), mask), value_loss(values, returns, mask)


# %% wrong="log π squeezed" says="without the −1"
def baseline_losses(logits, values, actions, returns, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze()
    weighted = (returns - values.detach()) * log_pi * mask
    return -weighted.sum() / mask.sum(), value_loss(values, returns, mask)


# %% wrong="π in place of log π" says="weight log π, not π"
def baseline_losses(logits, values, actions, returns, mask):
    pi = logits.softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -((returns - values.detach()) * pi)[mask].mean(), value_loss(values, returns, mask)


# %% wrong="softmax over time" says="runs over the wrong dimension"
def baseline_losses(logits, values, actions, returns, mask):
    log_pi = logits.log_softmax(1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -((returns - values.detach()) * log_pi)[mask].mean(), value_loss(values, returns, mask)


# %% wrong="logits in place of log π" says="Logits are not log π yet"
def baseline_losses(logits, values, actions, returns, mask):
    taken = logits.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -((returns - values.detach()) * taken)[mask].mean(), value_loss(values, returns, mask)


# %% wrong="negative advantages lost" says="they push down"
def baseline_losses(logits, values, actions, returns, mask):
    advantages = (returns - values.detach()).clamp(min=0)
    return baselines.weighted_loss(logits, actions, advantages, mask), value_loss(values, returns, mask)


# %% wrong="three parts" says="has 3 parts"
def baseline_losses(logits, values, actions, returns, mask):
    advantages = returns - values.detach()
    return baselines.weighted_loss(logits, actions, advantages, mask), value_loss(values, returns, mask), advantages


# %% wrong="by name" says="but a tuple"
def baseline_losses(logits, values, actions, returns, mask):
    policy = baselines.weighted_loss(logits, actions, returns - values.detach(), mask)
    return {"policy": policy, "value": value_loss(values, returns, mask)}


# %% wrong="policy loss as a Python number" says="but a torch.Tensor was expected"
def baseline_losses(logits, values, actions, returns, mask):
    policy = baselines.weighted_loss(logits, actions, returns - values.detach(), mask)
    return policy.item(), value_loss(values, returns, mask)


# %% wrong="a minus too many" says="has the minus of the loss"
def baseline_losses(logits, values, actions, returns, mask):
    loss = baselines.weighted_loss(logits, actions, returns - values.detach(), mask)
    return -loss, value_loss(values, returns, mask)


# %% wrong="sums over the time, averages over the episodes" says="that is the number of episodes"
def baseline_losses(logits, values, actions, returns, mask):
    loss = baselines.weighted_loss(logits, actions, returns - values.detach(), mask)
    return loss * mask.sum() / len(mask), value_loss(values, returns, mask)


# %% wrong="adds the entropy" says="and no more"
def baseline_losses(logits, values, actions, returns, mask):
    loss = baselines.weighted_loss(logits, actions, returns - values.detach(), mask)
    entropy = -(logits.softmax(-1) * logits.log_softmax(-1)).sum(-1)[mask].mean()
    return loss - 0.01 * entropy, value_loss(values, returns, mask)


# %% right="a loss that detaches by itself"
def baseline_losses(logits, values, actions, returns, mask):
    return reinforce.policy_loss(logits, actions, returns - values, mask), value_loss(values, returns, mask)


# %% right="advantage named first"
def baseline_losses(logits, values, actions, returns, mask):
    advantages = (returns - values).detach()
    return baselines.weighted_loss(logits, actions, advantages, mask), value_loss(values, returns, mask)


# %% right="written out"
def baseline_losses(logits, values, actions, returns, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    n = mask.sum()
    policy = -(log_pi * (returns - values.detach()) * mask).sum() / n
    return policy, ((values - returns) ** 2 * mask).sum() / n


# %% right="under no_grad, as a list"
def baseline_losses(logits, values, actions, returns, mask):
    with torch.no_grad():
        advantages = returns - values
    return [baselines.weighted_loss(logits, actions, advantages, mask), value_loss(values, returns, mask)]


# %% right="cross-entropy"
def baseline_losses(logits, values, actions, returns, mask):
    nll = torch.nn.functional.cross_entropy(logits[mask], actions[mask], reduction="none")
    return (nll * (returns - values.detach())[mask]).mean(), torch.nn.functional.mse_loss(values[mask], returns[mask])
