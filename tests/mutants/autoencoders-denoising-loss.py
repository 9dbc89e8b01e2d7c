# %% wrong="against the noisy image" says="The target is the noisy x"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std * noise
    return (model(noisy) - noisy).square().sum(-1).mean()


# %% wrong="feeds the clean image" says="The model got the clean x"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std * noise
    return (model(x) - noisy).square().sum(-1).mean()


# %% wrong="noise on the target too" says="Compare with the clean x"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std * noise
    target = x + noise_std * torch.randn(x.shape, generator=generator)
    return (model(noisy) - target).square().sum(-1).mean()


# %% wrong="mean over pixels" says="That averages over D"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().mean()


# %% wrong="sum over the batch" says="That sums over the batch"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum()


# %% wrong="no mean" says="Each point has its error here"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum(-1)


# %% wrong="absolute" says="Square the differences"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std * noise
    return (model(noisy) - x).abs().sum(-1).mean()


# %% wrong="predicts the noise" says="That predicts the noise"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std * noise
    return (model(noisy) - noise).square().sum(-1).mean()


# %% wrong="uniform noise" says="That noise is uniform in [0, 1)"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.rand(x.shape, generator=generator)
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="uniform noise of mean 0" says="That noise is uniform: draw with randn"
def denoising_loss(model, x, noise_std, *, generator):
    noise = 12**0.5 * (torch.rand(x.shape, generator=generator) - 0.5)
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="signs" says="only two values"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.where(torch.rand(x.shape, generator=generator) < 0.5, 1.0, -1.0)
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="variance for spread" says="multiplied by σ²"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std**2 * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="root of the spread" says="multiplied by √σ"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std**0.5 * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="spread 1" says="has spread 1"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="noise alone" says="The model got noise alone"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = noise_std * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="cuts" says="was cut to [0, 1]"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = (x + noise_std * noise).clamp(0, 1)
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="one noise for all points" says="All points got the same noise"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape[-1], generator=generator)
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="one noise for a point" says="All numbers of a point got the same noise"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(len(x), 1, generator=generator)
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="one number" says="All numbers got the same noise"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(1, generator=generator)
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="half of the points" says="two points"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noise[1::2] = -noise[: len(x) // 2 * 2 : 2]
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="the second half mirrors the first" says="in either half"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    half = len(x) // 2
    noise[half : 2 * half] = -noise[:half]
    return (model(x + noise_std * noise) - x).square().sum(-1).mean()


# %% wrong="in place" says="was changed in place"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x.add_(noise_std * noise)
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="detaches" says="cut off from the parameters"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum(-1).mean().detach()


# %% wrong="no generator" says="differs between two calls with the same seed"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape)
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="own seed" says="the same for every seed"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="no model" says="called 0 times"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std * noise
    return (noisy - x).square().sum(-1).mean()


# %% wrong="calls twice" says="called 2 times"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std * noise
    return ((model(noisy) - x).square().sum(-1).mean() + (model(x) - x).square().sum(-1).mean()) / 2


# %% wrong="forgets return" says="Does the function end with return?"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noisy = x + noise_std * noise
    loss = (model(noisy) - x).square().sum(-1).mean()


# %% wrong="the seed of the generator" says="seeds torch's own generator"
def denoising_loss(model, x, noise_std, *, generator):
    torch.manual_seed(generator.initial_seed())
    noise = torch.randn_like(x)
    noisy = x + noise_std * noise
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="a copy of the generator" says="the same when one generator is asked twice"
def denoising_loss(model, x, noise_std, *, generator):
    again = torch.Generator().manual_seed(generator.initial_seed())
    noisy = x + noise_std * torch.randn(x.shape, generator=again)
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="a fixed seed" says="seeds torch's own generator"
def denoising_loss(model, x, noise_std, *, generator):
    torch.manual_seed(0)
    noisy = x + noise_std * torch.randn_like(x)
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="sets the generator back" says="the same when one generator is asked twice"
def denoising_loss(model, x, noise_std, *, generator):
    generator.manual_seed(generator.initial_seed())
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="randn_like" says="differs between two calls with the same seed"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn_like(x)
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="noise in float64" says="draw noise with dtype=x.dtype"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn(x.shape, generator=generator, dtype=torch.float64)
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="a number" says="The loss of a batch of 20,000 is a float"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    return (model(noisy) - x).square().sum(-1).mean().item()


# %% wrong="a distance" says="leave out the square root"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    return (model(noisy) - x).norm(dim=-1).mean()


# %% wrong="halves" says="the error is the whole sum"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    return 0.5 * (model(noisy) - x).square().sum(-1).mean()


# %% wrong="one number for 20,000" says="The loss of a batch of 6"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    return (model(noisy) - x).square().sum() / 20_000


# %% wrong="leaves eval on" says="left in another mode"
def denoising_loss(model, x, noise_std, *, generator):
    model.eval()
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="without gradients" says="cut off from the parameters"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    with torch.no_grad():
        cleaned = model(noisy)
    return (cleaned - x).square().sum(-1).mean()


# %% wrong="calls the course's own" says="the course's own function"
def denoising_loss(model, x, noise_std, *, generator):
    return autoencoders.denoising_loss(model, x, noise_std, generator=generator)


# %% wrong="goes backward" says="calls backward() on what it returns"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    loss = (model(noisy) - x).square().sum(-1).mean()
    loss.backward()
    return loss


# %% wrong="goes backward and keeps the graph" says="calls backward() on what it returns"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    loss = (model(noisy) - x).square().sum(-1).mean()
    loss.backward(retain_graph=True)
    return loss


# %% wrong="a mean times three" says="The loss of a batch of 6"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    return 3 * torch.nn.functional.mse_loss(model(noisy), x)


# %% wrong="shifts the noise" says="is shifted to mean 0"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noise = noise - noise.mean()
    return (model(x + noise_std * noise) - x).square().sum(-1).mean()


# %% wrong="shifts each number's noise" says="A batch of one point got no noise"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noise = noise - noise.mean(0)
    return (model(x + noise_std * noise) - x).square().sum(-1).mean()


# %% wrong="scales the noise" says="divided by its own spread"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    noise = noise / noise.std()
    return (model(x + noise_std * noise) - x).square().sum(-1).mean()


# %% wrong="scales the noise of more than one point" says="divided by its own spread"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.shape, generator=generator)
    if len(x) > 1:
        noise = noise / noise.std()
    return (model(x + noise_std * noise) - x).square().sum(-1).mean()


# %% wrong="noise in training only" says="A model in eval mode got the clean x"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    return (model(noisy if model.training else x) - x).square().sum(-1).mean()


# %% wrong="keeps the variance" says="x was multiplied by √(1 − σ²)"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = math.sqrt(1 - noise_std**2) * x + noise_std * torch.randn(x.shape, generator=generator)
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="multiplies" says="The noise was multiplied by x"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x * (1 + noise_std * torch.randn(x.shape, generator=generator))
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="noise of a hundred points, repeated" says="Some points got the same noise"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(100, x.shape[1], generator=generator).repeat(len(x) // 100 + 1, 1)[: len(x)]
    return (model(x + noise_std * noise) - x).square().sum(-1).mean()


# %% wrong="in float32" says="The model got torch.float32, but x is torch.float64"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x.float() + noise_std * torch.randn(x.shape, generator=generator)
    return (model(noisy) - x).square().sum(-1).mean()


# %% right="in place normal"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.empty_like(x).normal_(std=noise_std, generator=generator)
    return torch.nn.functional.mse_loss(model(x + noise), x, reduction="sum") / len(x)


# %% right="torch.normal"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = torch.normal(x, noise_std, generator=generator)
    return ((x - model(noisy)) ** 2).sum(dim=1).mean(dim=0)


# %% right="Box and Muller"
def denoising_loss(model, x, noise_std, *, generator):
    u, v = torch.rand(2, *x.shape, generator=generator).unbind()
    noise = (-2 * (1 - u).log()).sqrt() * (2 * math.pi * v).cos()
    return (model(x + noise_std * noise) - x).norm(dim=-1).square().mean()


# %% right="with the helper"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = autoencoders.corrupt(x, noise_std, generator=generator)
    return autoencoders.squared_error(model(noisy), x).mean()


# %% right="forward, and noise of its own place"
def denoising_loss(model, x, noise_std, *, generator):
    noise = torch.randn(x.numel(), generator=generator, dtype=x.dtype, device=x.device).view_as(x)
    miss = model.forward(torch.add(x, noise, alpha=noise_std)).sub(x)
    return torch.einsum("bd,bd->b", miss, miss).mean()


# %% right="a partial"
def denoising_loss(power, model, x, noise_std, *, generator):
    noisy = x.clone().add_(torch.zeros_like(x).normal_(generator=generator).mul_(noise_std))
    return torch.pow(model(noisy) - x, power).mean(0).sum()


denoising_loss = __import__("functools").partial(denoising_loss, 2)


# %% wrong="seeds the generator when it is done" says="when one generator is asked twice"
def denoising_loss(model, x, noise_std, *, generator):
    noisy = x + noise_std * torch.randn(x.shape, generator=generator)
    generator.manual_seed(5)
    return (model(noisy) - x).square().sum(-1).mean()


# %% wrong="draws one of three seeds" says="when one generator is asked twice"
def denoising_loss(model, x, noise_std, *, generator):
    own = torch.Generator().manual_seed(int(torch.randint(3, (), generator=generator)))
    return (model(x + noise_std * torch.randn(x.shape, generator=own)) - x).square().sum(-1).mean()
