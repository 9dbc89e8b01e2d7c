# %% wrong="forgets zero_grad" says="left over"
def training_step(model, optimizer, x, target):
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="forgets backward" says="The weights have not moved"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    optimizer.step()
    return loss.detach()


# %% wrong="forgets step" says="The weights have not moved"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    return loss.detach()


# %% wrong="clears before the step" says="The weights have not moved"
def training_step(model, optimizer, x, target):
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.detach()


# %% wrong="steps before backward" says="The weights"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    optimizer.step()
    loss.backward()
    return loss.detach()


# %% wrong="mean over pixels" says="That averages over the D numbers"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="mse_loss" says="That averages over the D numbers"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x), target)
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="sum over the batch" says="That sums over the batch"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum()
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="compares with x" says="compare with the target"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - x).square().sum(-1).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="feeds the target" says="The model gets the target"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(target) - target).square().sum(-1).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="swaps" says="The model gets the target"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(target) - x).square().sum(-1).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="no model" says="The model is not used"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (x - target).square().sum(-1).mean().requires_grad_()
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="absolute differences" says="Square the differences"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).abs().sum(-1).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="climbs" says="That climbs"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    (-loss).backward()
    optimizer.step()
    return loss.detach()


# %% wrong="steps on the mean" says="The gradient is that of a mean"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    (loss / x.shape[-1]).backward()
    optimizer.step()
    return loss.detach()


# %% wrong="steps on the sum" says="The gradient is that of a sum"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    (loss * len(x)).backward()
    optimizer.step()
    return loss.detach()


# %% wrong="returns the loss after" says="That is the loss after the step"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    optimizer.step()
    return (model(x) - target).square().sum(-1).mean().detach()


# %% wrong="returns minus the loss" says="an error is positive"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    optimizer.step()
    return -loss.detach()


# %% wrong="steps twice" says="two steps along one gradient"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    optimizer.step()
    optimizer.step()
    return loss.detach()


# %% wrong="noise on the input in place" says="was changed in place"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    x += 0.1
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="forgets return" says="Does the function end with return?"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    optimizer.step()


# %% wrong="leaves eval on" says="left in another mode"
def training_step(model, optimizer, x, target):
    model.eval()
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="without gradients" says="cut off from the parameters"
@torch.no_grad()
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    optimizer.step()
    return loss


# %% wrong="steps by hand" says="the step is the optimizer's"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= optimizer.param_groups[0]["lr"] * parameter.grad
    return loss.detach()


# %% wrong="errors of points" says="Each point has its error here"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    errors = (model(x) - target).square().sum(-1)
    errors.mean().backward()
    optimizer.step()
    return errors.detach()


# %% wrong="a distance" says="leave out the square root"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).norm(dim=-1).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="a batch of seven for ever" says="The vector of weights after 3 steps"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum() / 7
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="calls the course's own" says="the course's own function"
def training_step(model, optimizer, x, target):
    return autoencoders.training_step(model, optimizer, x, target)


# %% right="clears afterwards"
def training_step(model, optimizer, x, target):
    loss = ((model(x) - target) ** 2).sum() / x.shape[0]
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.detach()


# %% wrong="clips" says="The gradient is clipped"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 100.0)
    optimizer.step()
    return loss.detach()


# %% wrong="a mean times five" says="Sum the squares over D"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = 5 * torch.nn.functional.mse_loss(model(x), target)
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="without gradients, but told to have some" says="without torch.no_grad()"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    with torch.no_grad():
        loss = (model(x) - target).square().sum(-1).mean()
    loss.requires_grad_().backward()
    optimizer.step()
    return loss.detach()


# %% wrong="two steps in a loop" says="two steps for one batch"
def training_step(model, optimizer, x, target):
    for _ in range(2):
        optimizer.zero_grad()
        loss = (model(x) - target).square().sum(-1).mean()
        loss.backward()
        optimizer.step()
    return loss.detach()


# %% wrong="halves" says="the error is the whole sum"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean() / 2
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% wrong="steps on the half" says="halve nothing"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(-1).mean()
    (loss / 2).backward()
    optimizer.step()
    return loss.detach()


# %% wrong="sums over the batch, averages over the numbers" says="the other way round"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = (model(x) - target).square().sum(0).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


# %% right="a number"
def training_step(model, optimizer, x, target):
    loss = torch.nn.functional.mse_loss(model(x), target, reduction="sum") / len(x)
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    return loss.item()


# %% right="clears the model"
def training_step(model, optimizer, x, target):
    model.zero_grad()
    error = torch.linalg.vector_norm(target - model(x), dim=1) ** 2
    loss = torch.mean(error)
    loss.backward()
    optimizer.step()
    return loss


# %% right="autograd.grad"
def training_step(model, optimizer, x, target):
    loss = ((model(x) - target) ** 2).sum(dim=1).mean()
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for p, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        p.grad = gradient
    optimizer.step()
    return loss.detach()


# %% right="clears before and afterwards"
def training_step(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = ((model(x) - target) ** 2).sum() / x.shape[0]
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.detach()


# %% right="a closure"
def training_step(model, optimizer, x, target):
    model.train()

    def closure():
        optimizer.zero_grad()
        loss = (model(x) - target).pow(2).sum(1).mean(0)
        loss.backward()
        return loss

    return optimizer.step(closure)


# %% right="decorated"
def watched(step):
    return lambda *arguments, **named: step(*arguments, **named)


@watched
def training_step(model, optimizer, x, target):
    for parameter in model.parameters():
        parameter.grad = None
    miss = model(x) - target
    loss = torch.einsum("bd,bd->", miss, miss) / len(miss)
    loss.backward()
    optimizer.step()
    return float(loss)
