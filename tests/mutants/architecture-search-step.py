# %% wrong="forgets step" says="The parameters have not moved"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="forgets backward" says="The parameters have not moved"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given)
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="forgets zero_grad" says="left over from before"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="steps before backward" says="Only old gradients are in"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.step()
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="zeroes after backward" says="The parameters have not moved"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.zero_grad()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="climbs the loss" says="That climbs the loss"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    (-search_loss(controller(tokens), tokens, rewards, given)).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="updates twice" says="two updates"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    for _ in range(2):
        optimiser.zero_grad()
        search_loss(controller(tokens), tokens, rewards, given).backward()
        optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="moves the baseline first" says="The baseline was moved first"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    given = update_baseline(given, rewards, 0.8)
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, given


# %% wrong="uses the batch's own mean" says="although there is a baseline"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, rewards.mean()).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="subtracts no baseline" says="The baseline is not subtracted"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, 0.0).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="starts from zero" says="The baseline is not subtracted"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = 0.0 if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="does not move the baseline" says="The baseline has not moved"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, given


# %% wrong="moves the baseline twice" says="The baseline moved twice"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(update_baseline(given, rewards, 0.8), rewards, 0.8)


# %% wrong="returns the batch's mean" says="That is the batch's mean"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, rewards.mean()


# %% wrong="uses decay 0.2" says="The new baseline"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.2)


# %% wrong="evaluates twice" says="evaluate was called 2 times"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, evaluate(tokens), given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="evaluates one by one" says="evaluate was called 8 times"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = torch.cat([evaluate(row.unsqueeze(0)) for row in tokens])
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="evaluates others than it learns from" says="The returned tokens"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(sample(controller, batch, generator=generator))
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="samples greedily" says="should not be greedy"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, greedy=True, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="draws one architecture" says="has shape (1, 3)"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, 1, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="forgets the baseline in the result" says="has 2 parts"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards


# %% wrong="sums the rewards in the first batch" says="with no baseline yet"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.sum() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="returns advantages" says="The returned rewards"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards - given, update_baseline(given, rewards, 0.8)


# %% wrong="forgets return" says="a tuple (tokens, rewards, baseline) was expected"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    update_baseline(given, rewards, 0.8)


# %% wrong="takes a baseline of 0 for none" says="test for `is None`"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = baseline or rewards.mean()
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="makes a generator of its own" says="Hand `generator` itself"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=torch.Generator().manual_seed(generator.initial_seed()))
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="has a fixed seed" says="is the same for every seed"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=torch.Generator().manual_seed(3))
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="draws all architectures alike" says="sample from the controller"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = architecture_search.random_tokens(controller.choices, (batch,), generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="returns the rewards first" says="The order is tokens, rewards, baseline"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return rewards, tokens, update_baseline(given, rewards, 0.8)


# %% wrong="keeps a fifth" says="The decay is the share that is kept"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.2)


# %% wrong="normalises the advantages" says="The direction is right, but not the length"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, (rewards - given) / rewards.std(), 0.0).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% right="if instead of a conditional"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    if baseline is None:
        baseline = rewards.mean()
    loss = search_loss(controller(tokens), tokens, rewards, baseline)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    baseline = update_baseline(baseline, rewards, 0.8)
    return tokens, rewards, baseline


# %% right="clears afterwards"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    old = rewards.mean() if baseline is None else baseline
    search_loss(controller(tokens), tokens, rewards, old).backward()
    optimiser.step()
    optimiser.zero_grad()
    return tokens, rewards, update_baseline(old, rewards, 0.8)


# %% right="grads set to None, formula written out"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    controller.zero_grad(set_to_none=True)
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens).detach()
    old = rewards.mean() if baseline is None else baseline
    log_pi = torch.distributions.Categorical(logits=controller(tokens)).log_prob(tokens).sum(-1)
    (-(rewards - old) * log_pi).mean().backward()
    optimiser.step()
    return tokens, rewards, 0.8 * old + 0.2 * rewards.mean()


# %% right="gradients by autograd.grad"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    old = baseline if baseline is not None else rewards.mean()
    parameters = list(controller.parameters())
    slopes = torch.autograd.grad(search_loss(controller(tokens), tokens, rewards, old), parameters)
    for parameter, slope in zip(parameters, slopes, strict=True):
        parameter.grad = slope
    optimiser.step()
    return [tokens, rewards, update_baseline(old, rewards, 0.8)]


# %% right="a float as baseline"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, 0.8 * float(given) + 0.2 * float(rewards.mean())


# %% wrong="starts from the first reward" says="The first baseline is the mean"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards[0] if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="clips the gradient" says="The direction is right, but not the length"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    torch.nn.utils.clip_grad_norm_(controller.parameters(), 0.05)
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="makes an optimiser of its own" says="One step of `optimiser`"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser = torch.optim.Adam(controller.parameters(), lr=0.03)
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)


# %% wrong="learns from another batch" says="down search_loss of this batch"
def search_step(controller, optimiser, evaluate, baseline, batch, *, generator):
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean() if baseline is None else baseline
    optimiser.zero_grad()
    others = sample(controller, batch, generator=generator)
    search_loss(controller(others), others, rewards, given).backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, 0.8)
