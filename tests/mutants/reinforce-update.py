# %% wrong="no zero_grad" says="Gradients pile up"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    loss.backward()
    optimizer.step()


# %% wrong="zero_grad between backward and step" says="Nothing has changed"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()


# %% wrong="no backward" says="Nothing has changed"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    optimizer.step()


# %% wrong="no step" says="Nothing has changed"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()


# %% wrong="only the loss" says="Nothing has changed"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)


# %% wrong="climbs the loss" says="The sign is wrong"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    (-loss).backward()
    optimizer.step()


# %% wrong="rewards for weights" says="The weights are not passed on"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, episodes.rewards, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="ones for weights" says="The weights are not passed on"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, torch.ones_like(weights), episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="a mask of ones" says="The mask is not passed on"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, torch.ones_like(episodes.mask))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="two steps on one batch" says="several steps on one batch"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="ten steps on one batch" says="several steps on one batch"
def update(policy, optimizer, episodes, weights):
    for _ in range(10):
        loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %% wrong="greedy actions" says="actions of the episodes"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), policy(episodes.states).argmax(-1), weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="draws the actions anew" says="actions of the episodes"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(
        policy(episodes.states),
        torch.distributions.Categorical(logits=policy(episodes.states)).sample(),
        weights,
        episodes.mask,
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="turns the actions around" says="actions of the episodes"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), 1 - episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="subtracts by hand" says="Let step() of the optimizer given"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in policy.parameters():
            p -= optimizer.param_groups[0]["lr"] * p.grad


# %% wrong="an optimizer of its own" says="by the optimizer of the arguments"
def update(policy, optimizer, episodes, weights):
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.05)

    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="an SGD of its own" says="Let step() of the optimizer given"
def update(policy, optimizer, episodes, weights):
    optimizer = torch.optim.SGD(policy.parameters(), lr=0.1)

    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="normalises the weights" says="neither centred nor divided by anything"
def update(policy, optimizer, episodes, weights):
    weights = (weights - weights.mean()) / weights.std()

    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="takes absolute weights" says="It is the learning rate times"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights.abs(), episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="the first episode only" says="It is the learning rate times"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states[:1]), episodes.actions[:1], weights[:1], episodes.mask[:1])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="the first step only" says="It is the learning rate times"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states[:, :1]), episodes.actions[:, :1], weights[:, :1], episodes.mask[:, :1])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="cuts the gradient" says="look for .detach(), torch.no_grad()"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states).detach(), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="no_grad" says="look for .detach(), torch.no_grad()"
def update(policy, optimizer, episodes, weights):
    with torch.no_grad():
        loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="probabilities for logits" says="The softmax is taken twice"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states).softmax(-1), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="works in the weights" says="`weights` was changed in place"
def update(policy, optimizer, episodes, weights):
    weights[~episodes.mask] = 0

    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="clips the gradient" says="It is the learning rate times"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(policy.parameters(), 0.01)
    optimizer.step()


# %% wrong="centres the weights" says="neither centred nor divided by anything"
def update(policy, optimizer, episodes, weights):
    optimizer.zero_grad()
    weights = weights - weights[episodes.mask].mean()
    policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask).backward()
    optimizer.step()


# %% wrong="leaves the policy in eval mode" says="is left in another mode"
def update(policy, optimizer, episodes, weights):
    optimizer.zero_grad()
    policy.eval()
    policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask).backward()
    optimizer.step()


# %% wrong="changes a copy of the policy" says="Nothing has changed"
def update(policy, optimizer, episodes, weights):
    other = copy.deepcopy(policy)
    optimizer = torch.optim.SGD(other.parameters(), lr=optimizer.param_groups[0]["lr"])
    policy_loss(other(episodes.states), episodes.actions, weights, episodes.mask).backward()
    optimizer.step()


# %% wrong="calls the course's own" says="That calls the course's own function"
def update(policy, optimizer, episodes, weights):
    reinforce.update(policy, optimizer, episodes, weights)


# %% right="zero_grad first"
def update(policy, optimizer, episodes, weights):
    optimizer.zero_grad()

    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    loss.backward()
    optimizer.step()


# %% right="zero_grad last"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()


# %% right="autograd.grad"
def update(policy, optimizer, episodes, weights):
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    parameters = list(policy.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.grad = gradient
    optimizer.step()


# %% right="its own loss on the steps that happened"
def update(policy, optimizer, episodes, weights):
    mask = episodes.mask
    losses = torch.nn.functional.cross_entropy(policy(episodes.states[mask]), episodes.actions[mask], reduction="none")
    policy.zero_grad()
    (weights[mask] * losses).mean().backward()
    optimizer.step()


# %% right="a closure"
def update(policy, optimizer, episodes, weights):
    def closure():
        optimizer.zero_grad(set_to_none=False)
        loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
        loss.backward()
        return loss

    return optimizer.step(closure)


# %% right="episode by episode"
def update(policy, optimizer, episodes, weights):
    optimizer.zero_grad()
    steps = episodes.mask.sum()
    for states, actions, weight, mask in zip(episodes.states, episodes.actions, weights, episodes.mask):
        log_pi = policy(states).log_softmax(-1)[torch.arange(len(actions)), actions]
        (-(weight * log_pi)[mask].sum() / steps).backward()
    optimizer.step()


# %% right="an object that can be called"
class Update:
    def __call__(self, policy, optimizer, episodes, weights):
        states, actions, rewards, mask = episodes
        optimizer.zero_grad()
        policy_loss(policy(states), actions, weights, mask).backward()
        optimizer.step()


def update(policy, optimizer, episodes, weights):
    raise NotImplementedError


update = Update()


# %% wrong="leaves the last place out" says="The last place is a step like others"
def update(policy, optimizer, episodes, weights):
    optimizer.zero_grad()
    states, actions, _, mask = (part[:, :-1] for part in episodes)
    policy_loss(policy(states), actions, weights[:, :-1], mask).backward()
    optimizer.step()


# %% wrong="cuts a long gradient to 5" says="Take the gradient as it is, however large"
def update(policy, optimizer, episodes, weights):
    optimizer.zero_grad()
    policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask).backward()
    torch.nn.utils.clip_grad_norm_(policy.parameters(), 5.0)
    optimizer.step()


# %% wrong="cuts large parts of the gradient" says="Take the gradient as it is, however large"
def update(policy, optimizer, episodes, weights):
    optimizer.zero_grad()
    policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask).backward()
    torch.nn.utils.clip_grad_value_(policy.parameters(), 1.0)
    optimizer.step()


# %% wrong="returns computed anew" says="returns computed anew stand in their place"
def update(policy, optimizer, episodes, weights):
    optimizer.zero_grad()
    g = returns(episodes.rewards, episodes.mask, 1.0)
    policy_loss(policy(episodes.states), episodes.actions, g, episodes.mask).backward()
    optimizer.step()


# %% wrong="the next states with these actions" says="States and actions are of different steps"
def update(policy, optimizer, episodes, weights):
    optimizer.zero_grad()
    states, mask = episodes.states[:, 1:], episodes.mask[:, :-1]
    policy_loss(policy(states), episodes.actions[:, :-1], weights[:, :-1], mask).backward()
    optimizer.step()


# %% wrong="sums over the steps" says="multiplied by the number of steps"
def update(policy, optimizer, episodes, weights):
    optimizer.zero_grad()
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    (loss * episodes.mask.sum()).backward()
    optimizer.step()


# %% wrong="centres over all places" says="neither centred nor divided by anything"
def update(policy, optimizer, episodes, weights):
    optimizer.zero_grad()
    weights = weights - weights.mean()
    policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask).backward()
    optimizer.step()


# %% wrong="squeezes every dimension" says="With episodes of one step"
def update(policy, optimizer, episodes, weights):
    log_pi = policy(episodes.states).log_softmax(-1).gather(-1, episodes.actions.unsqueeze(-1)).squeeze()
    optimizer.zero_grad()
    (-weights[episodes.mask] * log_pi[episodes.mask]).mean().backward()
    optimizer.step()
