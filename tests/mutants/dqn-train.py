# %% wrong="a target that is never copied" says="copy the network's parameters"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="acting by the target" says="You act by the target network"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(target(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="the target is not used" says="The target network is never asked"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, network, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="nothing is stored" says="The ring is empty"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="no updates" says="The target network is never asked"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="two updates a step" says="one each was expected"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="plays twice" says="each update follows one step"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="always random" says="never asked for the values of play.states"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(torch.randint(2, (recipe.games,), generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="the latest step alone" says="learns from the latest steps alone"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.Transitions(*step[:4], step.terminated)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="copies the wrong way" says="should be worth"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            network.load_state_dict(target.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="γ missing" says="γ is missing"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, 1.0)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% right="copies parameter by parameter"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            with torch.no_grad():
                for old, new in zip(target.parameters(), network.parameters()):
                    old.copy_(new)
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% right="a new copy each time"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if not number % recipe.copy_every:
            target = copy.deepcopy(network)
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% right="its own ε-greedy and its own sample"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        with torch.no_grad():
            best = network(play.states).argmax(-1)
        coin = torch.rand(len(best), generator=generator) < epsilon
        random = torch.randint(world.num_actions, (len(best),), generator=generator)
        step = play.step(torch.where(coin, random, best))
        count = store(ring, count, step)
        rows = torch.randint(min(count, recipe.capacity), (recipe.batch_size,), generator=generator)
        batch = replay.Transitions(*(column[rows] for column in ring))
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break
