# %% wrong="no step" says="Nothing has changed"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()


# %% wrong="no backward" says="Nothing has changed"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    optimizer.step()


# %% wrong="zero_grad between backward and step" says="no zero_grad() between them"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    (policy_loss + value_loss).backward()
    optimizer.zero_grad()
    optimizer.step()


# %% wrong="γ = 1" says="γ is ignored"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, 1.0)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="climbs" says="The sign is wrong"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (-policy_loss - value_loss).backward()
    optimizer.step()


# %% wrong="no baseline" says="The baseline is missing"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss = reinforce.policy_loss(logits, episodes.actions, g, episodes.mask)
    value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)[1]
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="policy loss alone" says="The value's loss is missing"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    policy_loss.backward()
    optimizer.step()


# %% wrong="value loss alone" says="The policy's loss is missing"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    value_loss.backward()
    optimizer.step()


# %% wrong="gradients pile up" says="zero_grad() is missing"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="losses subtracted" says="the value's is subtracted"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss - value_loss).backward()
    optimizer.step()


# %% wrong="value loss halved" says="The change of the value network's parameters"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + 0.5 * value_loss).backward()
    optimizer.step()


# %% wrong="rewards in place of returns" says="The weights are rewards"
def update_both(policy, value, optimizer, episodes, gamma):
    g = episodes.rewards
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="return of the whole episode" says="return of the whole episode"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    g = g[:, :1].expand_as(g)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="values keep their last dimension" says="The values are (N, T, 1)"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="two steps" says="The change of the policy's parameters"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()
    optimizer.step()


# %% wrong="mask full" says="give baseline_losses the mask"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, torch.ones_like(episodes.mask))
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="returns without the mask" says="give reinforce.returns the mask"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, torch.ones_like(episodes.mask), gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="own optimizer" says="The change of the policy's parameters"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    fresh = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=0.01)
    fresh.zero_grad()
    (policy_loss + value_loss).backward()
    fresh.step()


# %% wrong="gradient through the baseline" says="The policy's loss moves the value network"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    _, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    log_pi = logits.log_softmax(-1).gather(-1, episodes.actions.unsqueeze(-1)).squeeze(-1)
    policy_loss = -((g - values) * log_pi)[episodes.mask].mean()
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="γ of the check" says="γ = 0"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, 0.9)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="own optimizer of the same kind" says="use the optimizer that is given"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    fresh = torch.optim.SGD([*policy.parameters(), *value.parameters()], lr=0.05)
    fresh.zero_grad()
    (policy_loss + value_loss).backward()
    fresh.step()


# %% wrong="parameters moved by hand" says="use the optimizer that is given"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    losses = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    parameters = [*policy.parameters(), *value.parameters()]
    slopes = torch.autograd.grad(sum(losses), parameters)
    with torch.no_grad():
        for parameter, slope in zip(parameters, slopes):
            parameter -= 0.05 * slope


# %% wrong="not squeezed" says="squeeze(-1) makes them agree"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="two steps a call" says="The change of the policy's parameters by one update"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    for _ in range(2):
        logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
        optimizer.zero_grad()
        sum(baseline_losses(logits, values, episodes.actions, g, episodes.mask)).backward()
        optimizer.step()


# %% wrong="zero_grad between two backward passes" says="zero_grad() belongs in front"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    policy_loss.backward()
    optimizer.zero_grad()
    value_loss.backward()
    optimizer.step()


# %% wrong="zero_grad before each backward pass" says="The gradient of the value's loss is lost"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    value_loss.backward()
    optimizer.zero_grad()
    policy_loss.backward()
    optimizer.step()


# %% wrong="values detached" says="hand on the values as they are"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1).detach()
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="values under no_grad" says="hand on the values as they are"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    with torch.no_grad():
        values = value(episodes.states).squeeze(-1)
    logits = policy(episodes.states)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="logits detached" says="hand on the logits as they are"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states).detach(), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="squeezed without a dimension" says="without the −1"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze()
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="losses multiplied" says="are multiplied"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss * value_loss).backward()
    optimizer.step()


# %% wrong="mean of both losses" says="mean of both losses"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    ((policy_loss + value_loss) / 2).backward()
    optimizer.step()


# %% wrong="values flattened" says="stops in line"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).flatten()
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="one long episode of rewards" says="The weights are rewards"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, episodes.rewards, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="an optimizer for the value alone" says="The gradient of the policy's loss is lost"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer = torch.optim.SGD(value.parameters(), lr=0.1)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="clears the policy's gradients only" says="The value's gradients pile up"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    policy.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="clears the value's gradients only" says="The policy's gradients pile up"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    value.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="clips large gradients" says="as they are, however large"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    for network in (policy, value):
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
    optimizer.step()


# %% wrong="clips large returns" says="as they are, however large"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma).clamp(-10, 10)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% wrong="rubbish zeroed in place" says="`episodes.rewards` was changed in place"
def update_both(policy, value, optimizer, episodes, gamma):
    episodes.rewards[~episodes.mask] = 0
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


# %% right="two backward passes"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    policy_loss.backward()
    value_loss.backward()
    optimizer.step()


# %% right="zero_grad at the end"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    (policy_loss + value_loss).backward()
    optimizer.step()
    optimizer.zero_grad()


# %% right="real steps only"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    real = episodes.mask
    states, actions, g = episodes.states[real], episodes.actions[real], g[real]
    shape = (1, len(g))
    losses = baseline_losses(
        policy(states).unsqueeze(0),
        value(states).view(shape),
        actions.view(shape),
        g.view(shape),
        torch.ones(shape).bool(),
    )
    optimizer.zero_grad()
    sum(losses).backward()
    optimizer.step()


# %% right="value first"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    values = value(episodes.states)[..., 0]
    optimizer.zero_grad(set_to_none=False)
    torch.stack(baseline_losses(policy(episodes.states), values, episodes.actions, g, episodes.mask)).sum().backward()
    optimizer.step()


# %% right="torch.autograd.backward"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    torch.autograd.backward([policy_loss, value_loss])
    optimizer.step()


# %% right="returns its loss"
def update_both(policy, value, optimizer, episodes, gamma):
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()
    return float(policy_loss.detach() + value_loss.detach())
