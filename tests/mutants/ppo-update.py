# %% wrong="no step" says="Nothing moved"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()


# %% wrong="no backward" says="Nothing moved"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    optimizer.step()


# %% wrong="no zero_grad" says="begins with optimizer.zero_grad"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    loss.backward()
    optimizer.step()


# %% wrong="down the surrogate" says="surrogate has the wrong sign"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() + gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="up the error" says="squared error has the wrong sign"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = -errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="climbs the loss" says="Both signs are wrong"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    (-loss).backward()
    optimizer.step()


# %% wrong="no value loss" says="value network learns nothing"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = -gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="no surrogate" says="policy learns nothing"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="no entropy" says="The entropy is missing"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="down the entropy" says="entropy has the wrong sign"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() + bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="entropy in full" says="entropy counts"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="ratio always one" says="always 1"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(
        ratio(logits, batch.actions, policies.log_prob(logits, batch.actions).detach()), batch.advantages, clip
    )
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="no clip" says="without the clip"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = ratio(logits, batch.actions, batch.log_old) * batch.advantages
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="no ratio" says="The ratio is missing"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = policies.log_prob(logits, batch.actions) * batch.advantages
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="inverted" says="upside down"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(1 / ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="broadcast" says="were broadcast"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states) - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="sums" says="do not sum"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().sum() - gains.sum() - bonus * policies.entropy(logits).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="half" says="not half"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() / 2 - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="towards the advantages" says="not to the advantages"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.advantages
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="detached" says="policy learns nothing"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old).detach(), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="twice" says="several steps"
def update(policy, value, optimizer, batch, clip, bonus):
    for _ in range(2):
        logits = policy(batch.states)
        gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
        errors = value(batch.states)[..., 0] - batch.targets
        loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %% wrong="always 0.2" says="whatever it is"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, 0.2)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="nothing where far" says="Nothing moved"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    with torch.no_grad():
        if (batch.log_old - policies.log_prob(logits, batch.actions)).mean() > 0.5:
            return
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="gradients cut at ten" says="Down the gradient"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_([*policy.parameters(), *value.parameters()], 10.0)
    optimizer.step()


# %% wrong="Huber" says="Down the gradient"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = (
        2 * torch.nn.functional.huber_loss(errors, torch.zeros_like(errors), delta=10.0)
        - gains.mean()
        - bonus * policies.entropy(logits).mean()
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="by hand, without the optimizer" says="step is the optimizer"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    with torch.no_grad():
        for part in [*policy.parameters(), *value.parameters()]:
            part -= optimizer.param_groups[0]["lr"] * part.grad


# %% wrong="zero_grad after backward" says="Nothing moved"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()


# %% wrong="minimum of means" says="for each sample by itself"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    rho, a = ratio(logits, batch.actions, batch.log_old), batch.advantages
    gains = torch.minimum((rho * a).mean(), (rho.clamp(1 - clip, 1 + clip) * a).mean())
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="clips always" says="for each sample by itself"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = ratio(logits, batch.actions, batch.log_old).clamp(1 - clip, 1 + clip) * batch.advantages
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="clip and bonus mixed up" says="are mixed up"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, bonus)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - clip * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="wide ratio" says="ratio of a sample is one number"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(
        (logits.log_softmax(-1).gather(-1, batch.actions.unsqueeze(-1)) - batch.log_old).exp(), batch.advantages, clip
    )
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="entropy summed" says="do not sum"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="entropy of probabilities" says="does the softmax itself"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits.softmax(-1)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="entropy of the actions taken" says="not over those taken"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * -policies.log_prob(logits, batch.actions).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="standardised again" says="for the whole segment"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    a = (batch.advantages - batch.advantages.mean()) / (batch.advantages.std() + 1e-8)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), a, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="errors for advantages" says="advantages are in the batch"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    errors = value(batch.states)[..., 0] - batch.targets
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), -errors.detach(), clip)
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% wrong="steps twice" says="several steps"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    optimizer.step()


# %% right="as in the text"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = errors.square().mean() - gains.mean() - bonus * policies.entropy(logits).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


# %% right="two losses"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    errors = value(batch.states)[..., 0] - batch.targets
    loss = None
    optimizer.zero_grad()
    errors.square().mean().backward()
    (-gains.mean() - bonus * policies.entropy(logits).mean()).backward()
    optimizer.step()


# %% right="mse_loss"
def update(policy, value, optimizer, batch, clip, bonus):
    optimizer.zero_grad()
    logits = policy(batch.states)
    rho = ratio(logits, batch.actions, batch.log_old)
    loss = torch.nn.functional.mse_loss(value(batch.states).squeeze(-1), batch.targets)
    loss = loss - (surrogate(rho, batch.advantages, clip) + bonus * policies.entropy(logits)).mean()
    loss.backward()
    optimizer.step()


# %% right="by hand"
def update(policy, value, optimizer, batch, clip, bonus):
    logits = policy(batch.states)
    log_pi = logits.log_softmax(-1)
    entropy = -(log_pi.exp() * log_pi).sum(-1)
    gains = surrogate(ratio(logits, batch.actions, batch.log_old), batch.advantages, clip)
    loss = ((value(batch.states)[:, 0] - batch.targets) ** 2 - gains - bonus * entropy).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
