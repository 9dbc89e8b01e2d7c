# %% wrong="one epoch" says="of 65 are 195"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(1):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="one minibatch" says="sees all 65 steps at once"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in [torch.randperm(over.numel(), generator=generator)]:
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="in the order of play" says="order of play"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.arange(over.numel()).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="shuffled once" says="shuffle anew"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        parts = torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches)
        for _ in range(recipe.epochs):
            for places in parts:
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="with replacement" says="comes twice"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randint(over.numel(), (over.numel(),), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="minibatches of the wrong number" says="updates on a segment"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).split(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="log_old anew" says="log_old what was noted"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                part = ppo.pick(steps, places)
                with torch.no_grad():
                    part = part._replace(log_old=policies.log_prob(policy(part.states), part.actions))
                update(policy, value, optimizer, part, recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="no clip" says="recipe.clip passed on"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), 1e9, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="TD errors for advantages" says="gae is missing"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = td_errors(segment, value, recipe.gamma)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="a fixed trace" says="λ is recipe.trace"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, 0.95)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="a fixed gamma" says="γ is recipe.gamma"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, 0.97), over, 0.97, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="gamma and trace mixed up" says="mixed up"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.trace), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="cuts are not over" says="An episode that is cut is over"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="ends are not over" says="An episode that ended is over"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="seeded by itself" says="shuffle anew"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator.manual_seed(1)).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="from the global stream" says="differs between two calls"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel()).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="no learning" says="never learns"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                ppo.pick(steps, places)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="no end" says="leave the lines"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report:
            report(number, play.returns.mean())


# %% wrong="a part left over" says="updates on a segment"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            order, size = torch.randperm(over.numel(), generator=generator), over.numel() // recipe.minibatches
            for start in range(0, len(order), size):
                update(
                    policy, value, optimizer, ppo.pick(steps, order[start : start + size]), recipe.clip, recipe.entropy
                )
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="the rest dropped" says="of 65 are 195"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator)[: over.numel() // 4 * 4].chunk(
                recipe.minibatches
            ):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="games shuffled" says="order of play"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            order = torch.arange(over.numel()).view_as(over)
            order = order[torch.randperm(recipe.games, generator=generator)].flatten()
            for places in order.chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="order rolled" says="order of play"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            start = int(torch.randint(over.numel(), (), generator=generator))
            for places in torch.arange(over.numel()).roll(start).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="minibatches shuffled" says="order of play"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            parts = torch.arange(over.numel()).chunk(recipe.minibatches)
            for places in [parts[k] for k in torch.randperm(len(parts), generator=generator)]:
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="seeded anew in each segment" says="shuffle anew"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        own = torch.Generator().manual_seed(0)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=own).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="log_old anew in each epoch" says="log_old what was noted"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            with torch.no_grad():
                steps = steps._replace(log_old=policies.log_prob(policy(steps.states), steps.actions))
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="log_old anew, of all steps" says="log_old what was noted"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                old = policies.log_prob(policy(steps.states), steps.actions).detach()
                update(
                    policy, value, optimizer, ppo.pick(steps._replace(log_old=old), places), recipe.clip, recipe.entropy
                )
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="clip and entropy mixed up" says="are mixed up"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.entropy, recipe.clip)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="clip of 0.2" says="recipe.clip passed on"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), 0.2, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="no entropy" says="recipe.entropy passed on"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, 0.0)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="usual entropy" says="recipe.entropy passed on"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, 0.03)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="down the entropy" says="recipe.entropy passed on"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, -recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="advantages as they are" says="standardises the advantages"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value, standardise=False)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="advantages shuffled apart" says="stay together"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                part, others = ppo.pick(steps, places), ppo.pick(steps, places.flip(0))
                part = part._replace(advantages=others.advantages)
                update(policy, value, optimizer, part, recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="the same learning rate" says="learning rate falls"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% wrong="an optimizer for each segment" says="serves all segments"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        rate = ppo.rate(recipe, number, updates)
        optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=rate)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% right="as in the text"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% right="argsort of noise"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            for places in torch.rand(over.numel(), generator=generator).argsort().tensor_split(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% right="cuts the order by hand"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        size = -(-over.numel() // recipe.minibatches)
        steps = ppo.batch(
            segment, gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace), value
        )
        for _ in range(recipe.epochs):
            order = torch.randperm(over.numel(), generator=generator)
            for start in range(0, len(order), size):
                part = ppo.Batch(*(column[order[start : start + size]] for column in steps))
                update(policy, value, optimizer, part, recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% right="helpers"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = ppo.gae(ppo.td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages.detach(), value, standardise=True)
        for _ in range(recipe.epochs):
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break


# %% right="looks at all steps"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            with torch.no_grad():
                policies.entropy(policy(steps.states)).mean()
            for places in torch.randperm(over.numel(), generator=generator).chunk(recipe.minibatches):
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        ratio(policy(steps.states), steps.actions, steps.log_old).max().detach()
        if report and report(number, play.returns.mean()) is True:
            break


# %% right="by masks"
def train(world, policy, value, recipe, *, updates, generator, report=None):
    optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"] = ppo.rate(recipe, number, updates)
        segment = ppo.collect(play, policy, recipe.steps, generator=generator)
        over = segment.terminated | segment.truncated
        advantages = gae(td_errors(segment, value, recipe.gamma), over, recipe.gamma, recipe.trace)
        steps = ppo.batch(segment, advantages, value)
        for _ in range(recipe.epochs):
            part = torch.randperm(over.numel(), generator=generator) % recipe.minibatches
            for places in [torch.nonzero(part == k)[:, 0] for k in range(recipe.minibatches)]:
                update(policy, value, optimizer, ppo.pick(steps, places), recipe.clip, recipe.entropy)
        if report and report(number, play.returns.mean()) is True:
            break
