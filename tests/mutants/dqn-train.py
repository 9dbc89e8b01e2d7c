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


# %% wrong="copies the wrong way" says="copy the other way"
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


# %% wrong="the target becomes the network" says="the target has become the network itself"
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
            target = network
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="a copy after every update" says="a copy made after update 1"
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
        target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="a copy one update early" says="a copy made after update 14"
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
        update(network, target, optimizer, batch, recipe.gamma)
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="a copy by a number of its own" says="still the network of the start"
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
        if number % 100 == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="the opposite condition" says="one copy after every recipe.copy_every"
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
        if number % recipe.copy_every:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="a mixture" says="mix nothing"
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
        for old, new in zip(target.parameters(), network.parameters()):
            old.data.lerp_(new.data, 1 / recipe.copy_every)
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="the last ε throughout" says="the ε of the end"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), recipe.epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="1 − ε" says="explores with probability 1 − ε"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), 1 - epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="greedy" says="Nothing is explored"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(network(play.states).argmax(-1))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="all random, after asking" says="All actions are random"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), 1.0, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="the worst action" says="the best one has the largest"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(-network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="an old state" says="before the latest step"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    last = play.states
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        actions, last = dqn.act(network(last), epsilon, generator=generator), play.states
        step = play.step(actions)
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="behind the end" says="You act on next_states"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    shown = play.states
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(shown), epsilon, generator=generator))
        shown = step.next_states
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="games made anew" says="All games start anew"
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
            target.load_state_dict(network.state_dict())
        play = replay.Games(world, (recipe.games,), generator=generator)
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="draws from the whole ring" says="Places are drawn in which nothing was stored yet"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, recipe.capacity, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="the number of the update for the count" says="Places in the lower half"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, number, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="counts updates" says="Places are drawn in which nothing was stored yet"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        store(ring, number, step)
        count = number
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="doubles the count" says="`count` is what store returned last"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count += store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="a short ring" says="Transitions of the newer half of the ring"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    ring = replay.empty_ring(play.states, recipe.batch_size)
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="stores twice" says="each of them once"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="the same places" says="The same places of the ring"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=torch.Generator().manual_seed(0))
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="places from nowhere" says="differs between two calls with the same seed"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        rows = torch.randint(min(count, recipe.capacity), (recipe.batch_size,))
        batch = replay.Transitions(*(column[rows] for column in ring))
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="a batch of 32" says="recipe.batch_size is 40 here"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, 32, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="network and target swapped" says="handed to update the wrong way round"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(target, network, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="a new optimizer" says="Adam forgets"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, torch.optim.Adam(network.parameters(), lr=recipe.learning_rate), batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% wrong="a new optimizer at each copy" says="new after every 15 updates"
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
            target.load_state_dict(network.state_dict())
            optimizer = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% right="its own ε-greedy and its own sample; copies parameter by parameter"
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
            with torch.no_grad():
                for old, new in zip(target.parameters(), network.parameters()):
                    old.copy_(new)
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% right="waits for a whole batch; a new copy each time"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        if count < recipe.batch_size:
            continue
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if not number % recipe.copy_every:
            target = copy.deepcopy(network)
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break


# %% right="Double, its targets detached; copies before the next update"
def train(world, network, recipe, *, updates, generator, report=None):
    target, optimizer = copy.deepcopy(network), torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        if (number - 1) % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        next_q = network(batch.next_states)
        targets = dqn.double_target(batch.rewards, batch.ended, next_q, target(batch.next_states), recipe.gamma)
        loss = td_loss(network(batch.states), batch.actions, targets.detach())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break
