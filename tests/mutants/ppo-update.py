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
