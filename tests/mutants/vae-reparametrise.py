# %% wrong="multiplies by log σ" says="multiplied by log σ"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + z_log_std * noise


# %% wrong="multiplies by σ²" says="multiplied by σ²"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + (2 * z_log_std).exp() * noise


# %% wrong="takes log σ for log σ²" says="multiplied by √σ"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + (0.5 * z_log_std).exp() * noise


# %% wrong="forgets σ" says="The noise has spread 1"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + noise


# %% wrong="divides" says="divided by σ"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + noise / z_log_std.exp()


# %% wrong="forgets the noise" says="the noise is missing"
def reparametrise(z_mean, z_log_std, *, generator):
    return z_mean


# %% wrong="draws the prior" says="drawn from the prior"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return noise


# %% wrong="forgets the mean" says="The mean of (z − μ)/σ"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_log_std.exp() * noise


# %% wrong="uniform" says="as if uniform"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.rand(z_mean.shape, generator=generator)
    return z_mean + z_log_std.exp() * noise


# %% wrong="uniform around 0" says="((z − μ)/σ)²"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = 2 * torch.rand(z_mean.shape, generator=generator) - 1
    return z_mean + z_log_std.exp() * noise


# %% wrong="uniform of variance 1" says="has to be normal"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = 12**0.5 * (torch.rand(z_mean.shape, generator=generator) - 0.5)
    return z_mean + z_log_std.exp() * noise


# %% wrong="one noise for all latents" says="All latents get the same noise"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(*z_mean.shape[:-1], 1, generator=generator)
    return z_mean + z_log_std.exp() * noise


# %% wrong="one noise for all images" says="All images get the same noise"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape[-1], generator=generator)
    return z_mean + z_log_std.exp() * noise


# %% wrong="one number" says="same noise"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(1, generator=generator)
    return z_mean + z_log_std.exp() * noise


# %% wrong="repeats the noise" says="repeats the noise"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean[: len(z_mean) // 2].shape, generator=generator)
    return z_mean + z_log_std.exp() * torch.cat([noise, noise])


# %% wrong="no_grad" says="cut off"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    with torch.no_grad():
        return z_mean + z_log_std.exp() * noise


# %% wrong="torch.normal" says="cut off"
def reparametrise(z_mean, z_log_std, *, generator):
    return torch.normal(z_mean.detach(), z_log_std.exp().detach(), generator=generator)


# %% wrong="Normal.sample" says="cut off"
def reparametrise(z_mean, z_log_std, *, generator):
    return torch.distributions.Normal(z_mean, z_log_std.exp()).sample()


# %% wrong="detaches μ" says="∂z/∂μ"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean.detach() + z_log_std.exp() * noise


# %% wrong="detaches σ" says="∂z/∂log σ"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + z_log_std.exp().detach() * noise


# %% wrong="no generator" says="differs between two calls"
def reparametrise(z_mean, z_log_std, *, generator):
    return z_mean + z_log_std.exp() * torch.randn_like(z_mean)


# %% wrong="fixed seed" says="is the same for every seed"
def reparametrise(z_mean, z_log_std, *, generator):
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + z_log_std.exp() * noise


# %% wrong="changes μ in place" says="changed in place"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z_mean.data += z_log_std.exp().detach() * noise
    return z_mean


# %% wrong="forgets return" says="end with return"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z_mean + z_log_std.exp() * noise


# %% wrong="rsample" says="differs between two calls"
def reparametrise(z_mean, z_log_std, *, generator):
    return torch.distributions.Normal(z_mean, z_log_std.exp()).rsample()


# %% wrong="softplus" says="((z − μ)/σ)²"
def reparametrise(z_mean, z_log_std, *, generator):
    return z_mean + F.softplus(z_log_std) * torch.randn(z_mean.shape, generator=generator)


# %% wrong="adds σ" says="The mean of (z − μ)/σ"
def reparametrise(z_mean, z_log_std, *, generator):
    return z_mean + z_log_std.exp() + z_log_std.exp() * torch.randn(z_mean.shape, generator=generator)


# %% wrong="clamps the noise" says="has to be normal"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator).clamp(-2, 2)
    return z_mean + z_log_std.exp() * noise / noise.std()


# %% wrong="absolute noise" says="never negative"
def reparametrise(z_mean, z_log_std, *, generator):
    return z_mean + z_log_std.exp() * torch.randn(z_mean.shape, generator=generator).abs()


# %% wrong="a coin" says="has to be normal"
def reparametrise(z_mean, z_log_std, *, generator):
    return z_mean + z_log_std.exp() * (2 * (torch.rand(z_mean.shape, generator=generator) < 0.5).float() - 1)


# %% wrong="two dimensions" says="draw the noise in z_mean.shape"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape[0], z_mean.shape[-1], generator=generator)
    return z_mean + z_log_std.exp() * noise


# %% wrong="twice the exponential" says="one exponential is enough"
def reparametrise(z_mean, z_log_std, *, generator):
    return z_mean + z_log_std.exp().exp() * torch.randn(z_mean.shape, generator=generator)


# %% wrong="reseeds the global generator" says="seeds torch's own generator"
def reparametrise(z_mean, z_log_std, *, generator):
    torch.manual_seed(generator.initial_seed())
    return z_mean + z_log_std.exp() * torch.randn_like(z_mean)


# %% wrong="a new generator of the same seed" says="when one generator is asked twice"
def reparametrise(z_mean, z_log_std, *, generator):
    again = torch.Generator().manual_seed(generator.initial_seed())
    return z_mean + z_log_std.exp() * torch.randn(z_mean.shape, generator=again)


# %% wrong="puts the generator back" says="when one generator is asked twice"
def reparametrise(z_mean, z_log_std, *, generator):
    state = generator.get_state()
    noise = torch.randn(z_mean.shape, generator=generator)
    generator.set_state(state)
    return z_mean + z_log_std.exp() * noise


# %% wrong="standardises the noise" says="one image at a time"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    noise = (noise - noise.mean(0)) / noise.std(0)
    return z_mean + z_log_std.exp() * noise


# %% wrong="one table of noise for all tables" says="along the first dimension"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape[-2:], generator=generator)
    return z_mean + z_log_std.exp() * noise


# %% wrong="one noise along the second dimension" says="along the second dimension"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    noise = noise[:, :1] if noise.dim() > 2 else noise
    return z_mean + z_log_std.exp() * noise


# %% wrong="noise and its opposite" says="images half a batch apart"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean[: (len(z_mean) + 1) // 2].shape, generator=generator)
    return z_mean + z_log_std.exp() * torch.cat([noise, -noise])[: len(z_mean)]


# %% wrong="double noise" says="goes on with torch.float32"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator, dtype=torch.float64)
    return z_mean + z_log_std.exp() * noise


# %% wrong="adds to μ itself" says="changed in place"
def reparametrise(z_mean, z_log_std, *, generator):
    with torch.no_grad():
        z_mean += z_log_std.exp() * torch.randn(z_mean.shape, generator=generator)
    return z_mean


# %% right="addcmul"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return torch.addcmul(z_mean, torch.exp(z_log_std), noise)


# %% right="latents first"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(*z_mean.shape[::-1], generator=generator)
    return z_mean + torch.exp(z_log_std) * noise.permute(*range(noise.dim() - 1, -1, -1))


# %% right="normal_"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.empty_like(z_mean.detach()).normal_(generator=generator)
    return noise * z_log_std.exp() + z_mean


# %% right="minus the noise"
def reparametrise(z_mean, z_log_std, *, generator):
    return z_mean - (2 * z_log_std).exp().sqrt() * torch.randn(z_mean.size(), generator=generator)


# %% right="torch.normal of noise"
def reparametrise(z_mean, z_log_std, *, generator):
    import math

    noise = torch.normal(0.0, 1.0, z_mean.shape, generator=generator)
    return torch.add(z_mean, torch.mul(noise, math.e**z_log_std))


# %% right="double noise, as wide as μ in the end"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator, dtype=torch.float64)
    return z_mean + z_log_std.exp() * noise.to(z_mean.dtype)


# %% right="a generator seeded by a draw"
def reparametrise(z_mean, z_log_std, *, generator):
    seed = torch.randint(2**62, (), generator=generator).item()
    return z_mean + z_log_std.exp() * torch.randn(z_mean.shape, generator=torch.Generator().manual_seed(seed))


# %% right="a decorated function with other names"
def noisy(function):
    def with_noise(*arguments, generator):
        return function(*arguments, torch.randn(arguments[0].shape, generator=generator))

    return with_noise


@noisy
def reparametrise(a, b, c):
    return a + b.exp() * c


# %% wrong="cuts log σ off" says="nothing cut off or added"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + z_log_std.clamp(-4, 2).exp() * noise


# %% wrong="adds a small number to σ²" says="nothing cut off or added"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + ((2 * z_log_std).exp() + 1e-4).sqrt() * noise


# %% wrong="takes the size of the noise" says="leave it as randn gives it"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + z_log_std.exp() * noise.abs()


# %% wrong="doubles the slope by μ" says="add μ itself, once"
def reparametrise(z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return z_mean + z_log_std.exp() * noise + (z_mean - z_mean.detach())
