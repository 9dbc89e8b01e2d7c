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


# %% wrong="a new generator of the same seed" says="when one generator is asked twice"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    again = torch.Generator().manual_seed(generator.initial_seed())
    reconstruction, latent_loss = terms(model, x, generator=again)
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="reseeds the global generator" says="seeds torch's own generator"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    again = torch.manual_seed(generator.initial_seed())
    reconstruction, latent_loss = terms(model, x, generator=again)
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="the global generator" says="differs between two calls"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=torch.default_generator)
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="returns each image's losses" says="is no number: average over the images"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    optimizer.step()
    return reconstruction.detach(), latent_loss.detach()


# %% wrong="an optimizer of its own" says="after two steps"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    own = torch.optim.SGD(model.parameters(), lr=0.1)
    reconstruction, latent_loss = terms(model, x, generator=generator)
    own.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    own.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="descends by hand" says="third step with Adam"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= optimizer.param_groups[0]["lr"] * parameter.grad
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="no_grad" says="cut off from the parameters"
@torch.no_grad()
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="forgets return" says="is None"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    optimizer.step()


# %% wrong="numbers as text" says="is no number"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    optimizer.step()
    return f"{reconstruction.mean():.3f}", f"{latent_loss.mean():.3f}"


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


# %% right="a decorated function with other names"
def counting(function):
    def counted(*arguments, **named):
        return function(*arguments, **named)

    return counted


@counting
def training_step(network, descent, images, weight=1.0, *, generator):
    network.train()
    descent.zero_grad()
    means = torch.stack(terms(network, images, generator=generator)).mean(1)
    (means[0] + weight * means[1]).backward()
    descent.step()
    return tuple(means.tolist())


# %% right="other names"
def training_step(network, descent, images, weight=1.0, *, generator):
    for layer in network.modules():
        layer.train()
    one, two = (part.mean() for part in terms(network, images, generator=generator))
    descent.zero_grad()
    one.backward(retain_graph=True)
    (weight * two).backward()
    descent.step()
    return one.detach().reshape(1), two.detach().double()


# %% wrong="puts the generator back to a seed of its own" says="when one generator is asked twice"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    optimizer.zero_grad()
    parts = [part.mean() for part in terms(model, x, generator=generator)]
    generator.manual_seed(0)
    (parts[0] + latent_weight * parts[1]).backward()
    optimizer.step()
    return parts[0].detach(), parts[1].detach()


# %% wrong="takes a weight of 0 for none" says="A weight of 0 is one, too"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + (latent_weight or 1.0) * latent_loss).mean().backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="weight of at least 1" says="with latent_weight = 0"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + max(latent_weight, 1.0) * latent_loss).mean().backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="rounds the weight" says="latent_weight itself"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + round(latent_weight) * latent_loss).mean().backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="weight of at most 10" says="latent_weight itself"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + min(latent_weight, 10) * latent_loss).mean().backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="turns small weights over" says="latent_weight itself"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + (1 / latent_weight if 0 < latent_weight < 1 else latent_weight) * latent_loss).mean().backward()
    optimizer.step()
    return reconstruction.mean().item(), latent_loss.mean().item()


# %% wrong="rounds what it returns" says="Those are rounded"
def training_step(model, optimizer, x, latent_weight=1.0, *, generator):
    model.train()
    reconstruction, latent_loss = terms(model, x, generator=generator)
    optimizer.zero_grad()
    (reconstruction + latent_weight * latent_loss).mean().backward()
    optimizer.step()
    return round(reconstruction.mean().item(), 2), round(latent_loss.mean().item(), 2)
