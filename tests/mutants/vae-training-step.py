# %% wrong="forgets zero_grad" says="left over"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="forgets backward" says="have not moved"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    optimizer.zero_grad()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="forgets step" says="have not moved"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="clears before the step" says="have not moved"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="sums the batch" says="The batch is summed"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="no weight" says="latent_weight is not used"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="weight at the reconstruction" says="The weight stands at the reconstruction"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (latent_weight * reconstruction + latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="weight at both" says="multiplies both"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = latent_weight * (reconstruction + latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="subtracts" says="add it"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction - latent_weight * latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="climbs" says="That climbs"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = -(reconstruction + latent_weight * latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="only reconstruction" says="Only the reconstruction"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = reconstruction.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="only latent" says="Only the latent loss"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = latent_weight * latent_loss.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="evaluation mode" says="in evaluation mode"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.eval()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="forgets the mode" says="in evaluation mode"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="returns sums" says="sums over the batch"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.sum().item(), latent_loss.sum().item()


# %% wrong="returns the weighted" says="does not belong into"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_weight * latent_loss.mean().item()


# %% wrong="returns them swapped" says="swapped"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return latent_loss.mean().item(), reconstruction.mean().item()


# %% wrong="returns the loss" says="but a tuple"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong="steps twice" says="after two steps"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="own generator" says="same for every seed"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=torch.Generator().manual_seed(0))
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="losses after the step" says="after the step"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    optimizer.step()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="mean of all numbers" says="The weights after two steps"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().div(784).backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% right="tensors"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    optimizer.zero_grad()
    parts = [part.mean() for part in terms(model, x, generator=generator)]
    (parts[0] + latent_weight * parts[1]).backward()
    optimizer.step()
    return parts[0].detach(), parts[1].detach()


# %% right="clears afterwards"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    total = reconstruction.sum() + latent_weight * latent_loss.sum()
    (total / len(x)).backward()
    optimizer.step()
    model.zero_grad()
    return float(reconstruction.mean()), float(latent_loss.mean())


# %% right="autograd.grad"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    loss = (reconstruction + latent_weight * latent_loss).mean()
    parameters = list(model.parameters())
    for parameter, slope in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.grad = slope
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% right="set_to_none and numpy"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad(set_to_none=False)
    (reconstruction + latent_weight * latent_loss).mean().backward()
    optimizer.step()
    return [part.detach().numpy().mean() for part in (reconstruction, latent_loss)]


# %% right="eval afterwards"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    optimizer.step()
    model.eval()
    return reconstruction.mean().item(), latent_loss.mean().item()
