# %% wrong="wrong sign" says="The sign is wrong"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (weights * log_pi)[mask].mean()


# %% wrong="no mask" says="The mask is missing"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi).mean()


# %% wrong="no mask, summed" says="The mask is missing"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi).sum()


# %% wrong="divides by all places" says="divides by all places of the batch"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi * mask).mean()


# %% wrong="sums" says="that is the sum"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].sum()


# %% wrong="divides by the episodes" says="number of episodes"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].sum() / len(logits)


# %% wrong="averages episodes first" says="averages each episode by itself"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -((weights * log_pi * mask).sum(1) / mask.sum(1)).mean()


# %% wrong="mean over time only" says="is not one number"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -torch.where(mask, weights * log_pi, 0.0).sum(1) / mask.sum(1)


# %% wrong="no weights" says="The weights are missing"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(log_pi)[mask].mean()


# %% wrong="sums over all actions" says="only the one taken"
def policy_loss(logits, actions, weights, mask):
    return -(weights.unsqueeze(-1) * logits.log_softmax(-1))[mask].sum(-1).mean()


# %% wrong="averages over all actions" says="only the one taken"
def policy_loss(logits, actions, weights, mask):
    return -(weights.unsqueeze(-1) * logits.log_softmax(-1))[mask].mean()


# %% wrong="logits for log π" says="a softmax is missing"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="π for log π" says="The logarithm is missing"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="the likeliest action" says="the likeliest action, not of the one taken"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).amax(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="the likeliest action's index" says="the likeliest action, not of the one taken"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, logits.argmax(-1).unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="always the last action" says="the same action at every step"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).select(-1, 1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="the action of the next step" says="the action of another step"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.roll(-1, 1).unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="the action of the step before" says="the action of another step"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.roll(1, 1).unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="log of 1 − π" says="log(1 − π)"
def policy_loss(logits, actions, weights, mask):
    log_pi = (1 - logits.softmax(-1)).log().gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="softmax over the steps" says="softmax runs over the steps"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="softmax over the episodes" says="softmax runs over the episodes"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(0).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="softmax over the whole batch" says="softmax runs over the whole table"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.flatten().log_softmax(-1).view_as(logits).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="softmax twice" says="The softmax is taken twice"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.softmax(-1).log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="cross_entropy of probabilities" says="The softmax is taken twice"
def policy_loss(logits, actions, weights, mask):
    losses = torch.nn.functional.cross_entropy(logits.softmax(-1).transpose(1, 2), actions, reduction="none")
    return (weights * losses)[mask].mean()


# %% wrong="cross_entropy averaged before it is weighted" says="averaged before they are multiplied"
def policy_loss(logits, actions, weights, mask):
    return weights[mask].mean() * torch.nn.functional.cross_entropy(logits[mask], actions[mask])


# %% wrong="cross_entropy with its sign turned" says="The sign is wrong"
def policy_loss(logits, actions, weights, mask):
    return -(weights[mask] * torch.nn.functional.cross_entropy(logits[mask], actions[mask], reduction="none")).mean()


# %% wrong="classifier's loss" says="The weights are missing"
def policy_loss(logits, actions, weights, mask):
    return torch.nn.functional.cross_entropy(logits[mask], actions[mask])


# %% wrong="the weight of the first step for all" says="the weight of the first step"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights[:, :1] * log_pi)[mask].mean()


# %% wrong="the log behind the mean" says="The logarithm comes after the mean"
def policy_loss(logits, actions, weights, mask):
    pi = logits.softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * pi)[mask].mean().log()


# %% wrong="whitens the weights" says="neither centred nor divided by anything"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    weights = (weights - weights[mask].mean()) / weights[mask].std()
    return -(weights * log_pi)[mask].mean()


# %% wrong="pairs every weight with every log π" says="multiplied with every"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)[mask]
    return -(weights[mask].unsqueeze(-1) * log_pi).mean()


# %% wrong="masks by zero" says="nan times 0 is nan"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi * mask).sum() / mask.sum()


# %% wrong="cuts with item" says="is cut off from the parameters"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return torch.tensor(-(weights * log_pi)[mask].mean().item())


# %% wrong="detaches" says="is cut off from the parameters"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.detach().log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="no_grad" says="is cut off from the parameters"
def policy_loss(logits, actions, weights, mask):
    with torch.no_grad():
        log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
        return -(weights * log_pi)[mask].mean()


# %% wrong="returns a number" says="is a float, but a torch.Tensor"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean().item()


# %% wrong="not averaged" says="is not one number"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask]


# %% wrong="constant of the visible data" says="is cut off from the parameters"
def policy_loss(logits, actions, weights, mask):
    return torch.tensor(3.125250825, dtype=torch.float64)


# %% wrong="zeroes the weights in place" says="`weights` was changed in place"
def policy_loss(logits, actions, weights, mask):
    weights[~mask] = 0
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi).sum() / mask.sum()


# %% wrong="normalises the logits in place" says="`logits` was changed in place"
def policy_loss(logits, actions, weights, mask):
    logits -= logits.logsumexp(-1, keepdim=True)
    log_pi = logits.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()


# %% wrong="returns None" says="Does the function end with return?"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    loss = -(weights * log_pi)[mask].mean()


# %% wrong="divides by the sum of the weights" says="divides by the sum of the weights"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].sum() / weights[mask].sum()


# %% wrong="divides by the longest episode" says="the length of the longest episode"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].sum() / mask.shape[1]


# %% wrong="turns the mask around" says="The mask is turned around"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[~mask].mean()


# %% wrong="squeezes every dimension" says="With episodes of one step: Your policy_loss stops"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze()
    return -(weights * log_pi)[mask].mean()


# %% wrong="leaves steps without a weight out" says="Sum −G_t log π(A_t | S_t) over the steps"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask & (weights != 0)].mean()


# %% wrong="leaves default types behind" says="torch's default type"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    torch.set_default_dtype(torch.float64)
    return -(weights * log_pi)[mask].mean()


# %% wrong="calls the course's own" says="That calls the course's own function"
def policy_loss(logits, actions, weights, mask):
    return reinforce.policy_loss(logits, actions, weights, mask)


# %% wrong="calls what the course's own calls" says="That calls the course's own function"
def policy_loss(logits, actions, weights, mask):
    return reinforce.weighted_loss(logits, actions, weights, mask)


# %% right="cross_entropy with reduction none"
def policy_loss(logits, actions, weights, mask):
    losses = torch.nn.functional.cross_entropy(logits[mask], actions[mask], reduction="none")
    return (weights[mask] * losses).mean()


# %% right="cross_entropy on transposed logits"
def policy_loss(logits, actions, weights, mask):
    losses = torch.nn.functional.cross_entropy(logits.transpose(1, 2), actions, reduction="none")
    return torch.where(mask, weights * losses, 0.0).sum() / mask.sum()


# %% right="torch.distributions"
def policy_loss(logits, actions, weights, mask):
    pi = torch.distributions.Categorical(logits=logits[mask])
    return torch.mean(-weights[mask] * pi.log_prob(actions[mask]))


# %% right="loop"
def policy_loss(logits, actions, weights, mask):
    total, steps = 0.0, 0
    for n in range(logits.shape[0]):
        for t in range(logits.shape[1]):
            if mask[n, t]:
                log_pi = logits[n, t] - logits[n, t].logsumexp(-1)
                total, steps = total - weights[n, t] * log_pi[actions[n, t]], steps + 1
    return total / steps


# %% right="one-hot"
def policy_loss(logits, actions, weights, mask):
    one_hot = torch.nn.functional.one_hot(actions, logits.shape[-1])
    log_pi = torch.where(mask, (logits.log_softmax(-1) * one_hot).sum(-1), 0.0)
    return -(torch.where(mask, weights, 0.0).detach() * log_pi).sum() / mask.float().sum()


# %% right="logsumexp and indices"
def policy_loss(logits, actions, weights, mask):
    n, t = mask.nonzero(as_tuple=True)
    taken = logits[n, t, actions[n, t]] - logits[n, t].logsumexp(-1)
    return torch.dot(-weights[n, t], taken) / len(n)


# %% right="a function with its arguments bound"
def bound(function, first):
    from functools import partial

    return partial(function, first)


def policy_loss(reduction, logits, actions, weights, mask):
    losses = torch.nn.functional.cross_entropy(logits.flatten(0, 1), actions.flatten(), reduction=reduction)
    return (weights * losses.view_as(weights))[mask].mean()


policy_loss = bound(policy_loss, "none")


# %% wrong="the logarithm of a softmax" says="take log_softmax"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.softmax(-1).log().gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights[mask] * log_pi[mask]).mean()


# %% wrong="the logarithm of a softmax and a little" says="to add or cut something changes the loss"
def policy_loss(logits, actions, weights, mask):
    log_pi = (logits.softmax(-1) + 1e-8).log().gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights[mask] * log_pi[mask]).mean()


# %% wrong="cuts log π off" says="to add or cut something changes the loss"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).clamp(min=-5).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights[mask] * log_pi[mask]).mean()


# %% wrong="masks the logits, but weights by zero" says="The loss where weights behind an end are nan"
def policy_loss(logits, actions, weights, mask):
    logits = torch.where(mask.unsqueeze(-1), logits, 0.0)
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi * mask).sum() / mask.sum()


# %% wrong="a distribution over all places" says="leave such places out first"
def policy_loss(logits, actions, weights, mask):
    log_pi = torch.distributions.Categorical(logits=logits).log_prob(actions)
    return -(weights * log_pi)[mask].mean()


# %% right="where, at the end"
def policy_loss(logits, actions, weights, mask):
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return torch.where(mask, -weights * log_pi, 0.0).sum() / mask.sum()
