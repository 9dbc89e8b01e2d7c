# %% wrong="the maximum from the online network" says="come from the network that learns"
def update(network, target, optimizer, batch, gamma):
    with torch.no_grad():
        targets = td_target(batch.rewards, batch.ended, network(batch.next_states), gamma)
    loss = td_loss(network(batch.states), batch.actions, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="no zero_grad" says="optimizer.zero_grad()"
def update(network, target, optimizer, batch, gamma):
    targets = td_target(batch.rewards, batch.ended, target(batch.next_states), gamma)
    loss = td_loss(network(batch.states), batch.actions, targets)
    loss.backward()
    optimizer.step()


# %% wrong="no step" says="Nothing moved"
def update(network, target, optimizer, batch, gamma):
    targets = td_target(batch.rewards, batch.ended, target(batch.next_states), gamma)
    loss = td_loss(network(batch.states), batch.actions, targets)
    optimizer.zero_grad()
    loss.backward()


# %% wrong="done ignored" says="Where an episode ended nothing follows"
def update(network, target, optimizer, batch, gamma):
    targets = batch.rewards + gamma * target(batch.next_states).detach().amax(-1)
    loss = td_loss(network(batch.states), batch.actions, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="up the loss" says="goes up the loss"
def update(network, target, optimizer, batch, gamma):
    targets = td_target(batch.rewards, batch.ended, target(batch.next_states), gamma)
    loss = -td_loss(network(batch.states), batch.actions, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="targets of the present states" says="S_{t+1} were meant"
def update(network, target, optimizer, batch, gamma):
    targets = td_target(batch.rewards, batch.ended, target(batch.states), gamma)
    loss = td_loss(network(batch.states), batch.actions, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="no γ" says="γ is missing"
def update(network, target, optimizer, batch, gamma):
    targets = td_target(batch.rewards, batch.ended, target(batch.next_states), 1.0)
    loss = td_loss(network(batch.states), batch.actions, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="copies at every update" says="`target` has other parameters than before"
def update(network, target, optimizer, batch, gamma):
    targets = td_target(batch.rewards, batch.ended, target(batch.next_states), gamma)
    loss = td_loss(network(batch.states), batch.actions, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    target.load_state_dict(network.state_dict())


# %% wrong="a gradient through the network's own next values" says="was expected"
def update(network, target, optimizer, batch, gamma):
    next_q = network(batch.next_states).amax(-1) * ~batch.ended
    taken = network(batch.states).gather(-1, batch.actions.unsqueeze(-1)).squeeze(-1)
    loss = (taken - batch.rewards - gamma * next_q).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="moves by hand" says="moved by hand"
def update(network, target, optimizer, batch, gamma):
    targets = td_target(batch.rewards, batch.ended, target(batch.next_states), gamma)
    loss = td_loss(network(batch.states), batch.actions, targets)
    optimizer.zero_grad()
    loss.backward()
    with torch.no_grad():
        for part in network.parameters():
            part -= optimizer.param_groups[0]["lr"] * part.grad


# %% wrong="the loss of the target network" says="the gradient is the target network's"
def update(network, target, optimizer, batch, gamma):
    targets = td_target(batch.rewards, batch.ended, target(batch.next_states), gamma)
    loss = td_loss(target(batch.states), batch.actions, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="the roles swapped" says="the gradient is the target network's"
def update(network, target, optimizer, batch, gamma):
    targets = td_target(batch.rewards, batch.ended, network(batch.next_states), gamma)
    loss = td_loss(target(batch.states), batch.actions, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% right="no_grad, and modes set"
def update(network, target, optimizer, batch, gamma):
    network.train()
    target.eval()
    optimizer.zero_grad()
    with torch.no_grad():
        targets = td_target(batch.rewards, batch.ended, target(batch.next_states), gamma)
    td_loss(network(batch.states), batch.actions, targets).backward()
    optimizer.step()


# %% right="its own formulas"
def update(network, target, optimizer, batch, gamma):
    best = target(batch.next_states).detach().max(dim=1).values
    targets = torch.where(batch.ended, batch.rewards, batch.rewards + gamma * best)
    taken = network(batch.states)[torch.arange(len(targets)), batch.actions]
    loss = torch.nn.functional.mse_loss(taken, targets)
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    return loss.item()


# %% right="autograd.grad"
def update(network, target, optimizer, batch, gamma):
    states, actions, rewards, next_states, ended = batch
    targets = td_target(rewards, ended, target(next_states), gamma).detach()
    parameters = list(network.parameters())
    gradients = torch.autograd.grad(td_loss(network(states), actions, targets), parameters)
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient
    optimizer.step()
