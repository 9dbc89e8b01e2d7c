# %% wrong="swaps the weights" says="The weights are swapped"
def update_baseline(baseline, rewards, decay):
    return (1 - decay) * baseline + decay * rewards.mean()


# %% wrong="takes the sum of the rewards" says="not their sum"
def update_baseline(baseline, rewards, decay):
    return decay * baseline + (1 - decay) * rewards.sum()


# %% wrong="forgets the old one" says="keep a share of the old baseline"
def update_baseline(baseline, rewards, decay):
    return rewards.mean()


# %% wrong="ignores the decay" says="half old, half new"
def update_baseline(baseline, rewards, decay):
    return (baseline + rewards.mean()) / 2


# %% wrong="takes the last reward" says="That uses the last reward"
def update_baseline(baseline, rewards, decay):
    return decay * baseline + (1 - decay) * rewards[-1]


# %% wrong="takes the best reward" says="That uses the best reward"
def update_baseline(baseline, rewards, decay):
    return decay * baseline + (1 - decay) * rewards.max()


# %% wrong="forgets 1 − decay" says="The factor 1 − decay is missing"
def update_baseline(baseline, rewards, decay):
    return decay * baseline + rewards.mean()


# %% wrong="keeps the old one whole" says="keeps its full weight"
def update_baseline(baseline, rewards, decay):
    return baseline + (1 - decay) * rewards.mean()


# %% wrong="keeps one a reward" says="one baseline a reward"
def update_baseline(baseline, rewards, decay):
    return decay * baseline + (1 - decay) * rewards


# %% wrong="does not move" says="The baseline has not moved"
def update_baseline(baseline, rewards, decay):
    return baseline + 0 * rewards.mean()


# %% wrong="moves away" says="moves away from the mean"
def update_baseline(baseline, rewards, decay):
    return baseline - (1 - decay) * (rewards.mean() - baseline)


# %% wrong="moves reward by reward" says="one after another"
def update_baseline(baseline, rewards, decay):
    for reward in rewards:
        baseline = decay * baseline + (1 - decay) * reward
    return baseline


# %% wrong="works in place" says="`baseline` was changed in place"
def update_baseline(baseline, rewards, decay):
    baseline *= decay
    baseline += (1 - decay) * rewards.mean()
    return baseline


# %% wrong="has the decay 0.9" says="The baseline elsewhere"
def update_baseline(baseline, rewards, decay):
    return 0.9 * baseline + 0.1 * rewards.mean()


# %% wrong="divides by five" says="The baseline elsewhere"
def update_baseline(baseline, rewards, decay):
    return decay * baseline + (1 - decay) * rewards.sum() / 5


# %% wrong="returns a Python number" says="is a float"
def update_baseline(baseline, rewards, decay):
    return (decay * baseline + (1 - decay) * rewards.mean()).item()


# %% wrong="forgets return" says="Does the function end with return?"
def update_baseline(baseline, rewards, decay):
    baseline = decay * baseline + (1 - decay) * rewards.mean()


# %% wrong="takes the median" says="That uses the median"
def update_baseline(baseline, rewards, decay):
    return decay * baseline + (1 - decay) * rewards.median()


# %% wrong="takes a baseline of 0 for none" says="A baseline of 0 is one, too"
def update_baseline(baseline, rewards, decay):
    if not baseline:
        return rewards.mean()
    return decay * baseline + (1 - decay) * rewards.mean()


# %% wrong="takes a decay of 0 for none" says="The baseline elsewhere"
def update_baseline(baseline, rewards, decay):
    decay = decay or 0.9
    return decay * baseline + (1 - decay) * rewards.mean()


# %% wrong="keeps the baseline from falling" says="The baseline elsewhere"
def update_baseline(baseline, rewards, decay):
    return torch.maximum(baseline, decay * baseline + (1 - decay) * rewards.mean())


# %% right="lerp"
def update_baseline(baseline, rewards, decay):
    return torch.lerp(rewards.mean(), torch.as_tensor(baseline), decay)


# %% right="step towards the mean"
def update_baseline(baseline, rewards, decay):
    return baseline + (1 - decay) * (rewards.mean() - baseline)


# %% right="sum over the length"
def update_baseline(baseline, rewards, decay):
    return baseline * decay + rewards.sum() * (1 - decay) / len(rewards)


# %% right="float64"
def update_baseline(baseline, rewards, decay):
    return decay * torch.as_tensor(baseline).double() + (1 - decay) * rewards.double().mean()


# %% right="cumulated in place on a copy"
def update_baseline(baseline, rewards, decay):
    return baseline.clone().mul_(decay).add_(rewards.mean(), alpha=1 - decay)


# %% right="a callable object"
class Average:
    def __call__(self, baseline, rewards, decay):
        return decay * baseline + (1 - decay) * rewards.mean()


def update_baseline(baseline, rewards, decay):
    raise NotImplementedError


update_baseline = Average()


# %% wrong="never lets it fall below 0" says="The baseline elsewhere is 0"
def update_baseline(baseline, rewards, decay):
    return (decay * baseline + (1 - decay) * rewards.mean()).clamp(min=0)


# %% wrong="drops the sign" says="The baseline elsewhere"
def update_baseline(baseline, rewards, decay):
    return (decay * baseline + (1 - decay) * rewards.mean()).abs()
