# %% wrong="has the wrong sign" says="The sign is wrong"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return (advantage * log_pi.sum(-1)).mean()


# %% wrong="forgets the baseline" says="The baseline is missing"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = rewards.detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="adds the baseline" says="The baseline is added"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards + baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="forgets the rewards" says="The rewards are missing"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -log_pi.sum(-1).mean()


# %% wrong="sums over the batch" says="Take the mean over the architectures"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).sum()


# %% wrong="takes the mean over tokens" says="Sum over the tokens"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.mean(-1)).mean()


# %% wrong="takes the mean over the wrong axis" says="turn them round"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.mean(-1)).sum()


# %% wrong="forgets the logarithm" says="The logarithm is missing"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="weights the product of probabilities" says="The logarithm is missing"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.prod(-1)).mean()


# %% wrong="takes logits for logarithms" says="take log_softmax"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="takes the logarithm of the likeliest token" says="likeliest token"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, logits.argmax(-1).unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="takes the softmax over places" says="over the wrong dimension"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="takes the softmax over the batch" says="over the wrong dimension"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(0).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="pairs logits with the token before" says="another place's token"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.roll(1, -1).unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="pairs logits with the next token" says="another place's token"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.roll(-1, -1).unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="counts the last token only" says="Only the last token"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi[:, -1]).mean()


# %% wrong="counts the first token only" says="Only the first token"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi[:, 0]).mean()


# %% wrong="broadcasts advantages" says="were broadcast to (N, N)"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1, keepdim=True)).mean()


# %% wrong="keeps one loss for each architecture" says="The mean over the batch is missing"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -advantage * log_pi.sum(-1)


# %% wrong="lets a gradient into the rewards" says="A gradient flows into the rewards"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = rewards - baseline
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="lets a gradient into the baseline" says="A gradient flows into the baseline"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = rewards.detach() - baseline
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="lets a gradient into the rewards only" says="A gradient flows into the rewards"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = rewards - torch.as_tensor(baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="cuts the gradient" says="no gradient reaches them"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.detach().log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="returns a Python number" says="is a float"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean().item()


# %% wrong="normalises in place" says="`logits` was changed in place"
def search_loss(logits, tokens, rewards, baseline):
    with torch.no_grad():
        logits -= logits.logsumexp(-1, keepdim=True)
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return -((rewards - baseline).detach() * log_pi.sum(-1)).mean()


# %% wrong="divides by a batch of four" says="The loss of two architectures"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).sum() / 4


# %% wrong="forgets return" says="Does the function end with return?"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    loss = -(advantage * log_pi.sum(-1)).mean()


# %% wrong="takes the logarithm of all probabilities" says="log of a softmax has none"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.softmax(-1).log().gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="divides exp by its sum" says="log_softmax subtracts the largest first"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = (logits.exp() / logits.exp().sum(-1, keepdim=True)).gather(-1, tokens.unsqueeze(-1)).squeeze(-1).log()
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="squeezes all dimensions" says="squeeze(-1) only the last"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze()
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="takes a baseline of 0 for none" says="A baseline of 0 is one, too"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - (baseline or rewards.mean())).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="counts what is better only" says="those advantages are negative"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach().clamp(min=0)
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="counts distances from the baseline" says="those advantages are negative"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach().abs()
    return -(advantage * log_pi.sum(-1)).mean()


# %% wrong="divides by the deviation of the rewards" says="The loss is"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = ((rewards - baseline) / rewards.std()).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% right="cross entropy"
def search_loss(logits, tokens, rewards, baseline):
    nll = torch.nn.functional.cross_entropy(logits.transpose(1, 2), tokens, reduction="none").sum(1)
    return ((rewards - baseline).detach() * nll).mean()


# %% right="one hot"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = (torch.nn.functional.one_hot(tokens, logits.shape[-1]) * logits.log_softmax(-1)).sum((-2, -1))
    advantage = torch.as_tensor(rewards - baseline).detach()
    return -torch.dot(advantage.to(log_pi.dtype), log_pi) / len(tokens)


# %% right="loop"
def search_loss(logits, tokens, rewards, baseline):
    total = 0.0
    for i in range(len(tokens)):
        log_pi = logits[i].log_softmax(-1)
        for t in range(tokens.shape[1]):
            total = total - float(rewards[i] - baseline) * log_pi[t, tokens[i, t]]
    return total / len(tokens)


# %% right="Categorical"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = torch.distributions.Categorical(logits=logits).log_prob(tokens).sum(-1)
    with torch.no_grad():
        advantage = rewards - baseline
    return (-advantage * log_pi).mean()


# %% right="logsumexp"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.gather(-1, tokens[..., None])[..., 0] - logits.logsumexp(-1)
    return torch.mean((baseline - rewards).detach()[:, None] * log_pi) * tokens.shape[1]


# %% right="probabilities of the tokens first"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1).log()
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1)).mean()


# %% right="a number as baseline, in place on a copy"
def search_loss(logits, tokens, rewards, baseline):
    advantage = rewards.detach().clone()
    advantage -= float(baseline)
    return torch.einsum("n,nl->", -advantage, logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0]) / len(
        tokens
    )


# %% wrong="takes the logarithm of the product, plus a small number" says="Add logarithms"
def search_loss(logits, tokens, rewards, baseline):
    pi = logits.softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1).prod(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * (pi + 1e-10).log()).mean()


# %% wrong="cuts the logarithm of a token off" says="cut nothing off"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.clamp(min=-5).sum(-1)).mean()


# %% wrong="cuts the sum off" says="nothing cut off"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * log_pi.sum(-1).clamp(min=-10)).mean()


# %% wrong="keeps π from being small" says="cut nothing off"
def search_loss(logits, tokens, rewards, baseline):
    pi = logits.softmax(-1).clamp(min=1e-3).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * pi.log().sum(-1)).mean()


# %% wrong="adds a small number to π" says="add nothing"
def search_loss(logits, tokens, rewards, baseline):
    pi = logits.softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage * (pi + 1e-6).log().sum(-1)).mean()


# %% wrong="cuts advantages off" says="Advantages count as they are"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantage = (rewards - baseline).detach()
    return -(advantage.clamp(-1, 1) * log_pi.sum(-1)).mean()


# %% right="a product of vectors"
def search_loss(logits, tokens, rewards, baseline):
    log_pi = logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0]
    return ((baseline - rewards).detach() @ log_pi.sum(-1)) / len(tokens)
