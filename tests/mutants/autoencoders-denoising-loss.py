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
