# %% wrong="multiplies by log σ" says="multiplied by log σ"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="multiplies by σ²" says="multiplied by σ²"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + (2 * z_log_std).exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="takes log σ for log σ²" says="multiplied by √σ"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + (0.5 * z_log_std).exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="forgets σ" says="spread 1 around μ in every latent"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="divides by σ" says="divided by σ"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + noise / z_log_std.exp()
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="samples the prior" says="like the prior, whatever"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="forgets the noise" says="nothing is drawn"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="draws uniform noise" says="That noise is uniform in [0, 1)"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.rand(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="draws uniform noise of mean 0" says="uniform"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = 2 * torch.rand(z_mean.shape, generator=generator) - 1
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="draws uniform noise of variance 1" says="has to be normal"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = 12**0.5 * (torch.rand(z_mean.shape, generator=generator) - 0.5)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="draws signs" says="has to be normal"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = (torch.rand(z_mean.shape, generator=generator) < 0.5) * 2.0 - 1
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="draws one noise for all latents" says="All latents of a row get the same noise"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(*z_mean.shape[:-1], 1, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="draws one noise for all rows" says="All rows get the same noise"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape[-1], generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="draws one number" says="same noise"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(1, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="draws half of the rows" says="Rows need independent noise"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    noise[1::2] = noise[: len(noise) // 2 * 2 : 2]
    noise[1::2] *= -1
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="forgets the divergence" says="The divergence is missing"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z)


# %% wrong="adds the divergence" says="The divergence is added"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) + kl(z_mean, z_log_std)


# %% wrong="averages the divergence over latents" says="averaged over latents"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std) / z_mean.shape[-1]


# %% wrong="averages over rows" says="averaged over rows"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return (log_p_x(z) - kl(z_mean, z_log_std)).mean()


# %% wrong="averages the divergence over rows" says="Only the reconstruction keeps its rows"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std).mean()


# %% wrong="returns the loss" says="that is the loss"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return kl(z_mean, z_log_std) - log_p_x(z)


# %% wrong="samples the divergence" says="samples the divergence, too"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) + (0.5 * noise**2 + z_log_std - 0.5 * z**2).sum(-1)


# %% wrong="samples without gradient" says="z is cut off from μ"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    with torch.no_grad():
        z = z_mean + z_log_std.exp() * torch.randn(z_mean.shape, generator=generator)
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="detaches z" says="z is cut off from μ"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z.detach()) - kl(z_mean, z_log_std)


# %% wrong="detaches μ in z" says="z is cut off from μ"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean.detach() + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="detaches σ in z" says="z is cut off from σ"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp().detach() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="detaches μ in the divergence" says="The divergence is cut off from μ"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean.detach(), z_log_std)


# %% wrong="detaches log σ in the divergence" says="The divergence is cut off from σ"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std.detach())


# %% wrong="detaches everything" says="cut off from the parameters"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return (log_p_x(z) - kl(z_mean, z_log_std)).detach()


# %% wrong="lets torch.normal draw" says="z is cut off from μ"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    z = torch.normal(z_mean, z_log_std.exp(), generator=generator)
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="ignores the generator" says="differs between two calls with the same seed"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="seeds by itself" says="the same for every seed"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=torch.Generator().manual_seed(0))
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z) - kl(z_mean, z_log_std)


# %% wrong="draws many and averages" says="called 10 times"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    draws = [log_p_x(z_mean + z_log_std.exp() * torch.randn(z_mean.shape, generator=generator)) for _ in range(10)]
    return torch.stack(draws).mean(0) - kl(z_mean, z_log_std)


# %% wrong="draws ten at once" says="z has shape (10, 20000, 3)"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(10, *z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return log_p_x(z).mean(0) - kl(z_mean, z_log_std)


# %% wrong="reconstructs nothing" says="log_p_x was not called"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    return -kl(z_mean, z_log_std)


# %% wrong="forgets return" says="Does the function end with return?"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    z = z_mean + z_log_std.exp() * noise
    elbo = log_p_x(z) - kl(z_mean, z_log_std)


# %% right="in place normal"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.empty_like(z_mean).normal_(generator=generator)
    return log_p_x(torch.addcmul(z_mean, torch.exp(z_log_std), noise)) - kl(z_mean, z_log_std)


# %% right="own closed form"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    std = z_log_std.exp()
    z = z_mean + std * torch.randn(z_mean.size(), dtype=z_mean.dtype, generator=generator)
    latent = -0.5 * (1 + 2 * z_log_std - z_mean.pow(2) - std.pow(2)).sum(dim=-1)
    return log_p_x(z) - latent


# %% right="Box and Muller"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    u, v = torch.rand(2, *z_mean.shape, generator=generator).unbind()
    noise = (-2 * (1 - u).log()).sqrt() * (2 * math.pi * v).cos()
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% right="noise row by row"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    flat = [torch.randn(z_mean.shape[-1], generator=generator) for _ in range(z_mean[..., 0].numel())]
    noise = torch.stack(flat).reshape(z_mean.shape)
    return log_p_x(z_mean + noise * z_log_std.exp()) - kl(z_mean, z_log_std)


# %% wrong="seeds torch with the generator's seed" says="seeds torch's own generator"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    torch.manual_seed(generator.initial_seed())
    noise = torch.randn(z_mean.shape)
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% wrong="makes a generator of the same seed" says="a seed or a generator made inside gives the same again"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    own = torch.Generator().manual_seed(generator.initial_seed())
    noise = torch.randn(z_mean.shape, generator=own)
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% wrong="seeds the generator again" says="is the same"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator.manual_seed(1))
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% wrong="keeps the first noise" says="The sampled ELBO"
drawn_once = {}


def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    if z_mean.shape not in drawn_once:
        drawn_once[z_mean.shape] = torch.randn(z_mean.shape, generator=generator)
    return log_p_x(z_mean + z_log_std.exp() * drawn_once[z_mean.shape]) - kl(z_mean, z_log_std)


# %% wrong="computes without gradients" says="cut off from the parameters"
@torch.no_grad()
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% wrong="draws one noise for all leading dimensions" says="Two rows get the same noise with three leading"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape[-2:], generator=generator)
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% wrong="knows two dimensions" says="That was with one row by itself"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    rows, latents = z_mean.shape
    noise = torch.randn(rows, latents, generator=generator)
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% wrong="sums its own divergence over dimension 1" says="Dimension out of range"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    latent = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(1)
    return log_p_x(z_mean + z_log_std.exp() * noise) - latent


# %% wrong="squeezes" says="of a batch of one row has shape (), but (1,) was expected"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return (log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)).squeeze()


# %% wrong="draws half of the rows twice" says="Rows need independent noise"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    half = len(noise) // 2
    noise[half : 2 * half] = noise[:half]
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% wrong="draws one noise and turns its latents" says="Latents need independent noise"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    noise[..., 1:] = -noise[..., :1]
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% wrong="goes through the rows" says="z has shape (3,), but (20000, 3) was expected: one z for each row"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    values = []
    for mean, log_std in zip(z_mean, z_log_std):
        z = mean + log_std.exp() * torch.randn(mean.shape, generator=generator)
        values.append(log_p_x(z) - kl(mean, log_std))
    return torch.stack(values)


# %% wrong="gives the decoder a list" says="log_p_x got no tensor; pass it z"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return log_p_x([z_mean + z_log_std.exp() * noise]) - kl(z_mean, z_log_std)


# %% wrong="sums over rows" says="averaged over rows; each has its own bound"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return (log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)).sum()


# %% right="a partial of an object"
class sampled_elbo:
    def __init__(self, draw):
        self.draw = draw

    def __call__(self, log_p_x, z_mean, z_log_std, *, generator):
        z = z_mean + self.draw(z_mean.shape, generator=generator) * torch.exp(z_log_std)
        return log_p_x(z) - kl(z_mean, z_log_std)


sampled_elbo = sampled_elbo(torch.randn)


# %% wrong="seeds torch itself by a number drawn" says="seeds torch's own generator"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))
    return log_p_x(z_mean + z_log_std.exp() * torch.randn_like(z_mean)) - kl(z_mean, z_log_std)


# %% wrong="standardises the noise over the rows" says="no row's noise has a say in another's"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    noise = (noise - noise.mean(0)) / noise.std(0)
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% wrong="mirrors half of the rows" says="no row's noise has a say in another's"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    half = len(noise) // 2
    if half:
        noise[-half:] = -noise[:half].flip(0)
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% wrong="cuts the noise off" says="cut nothing off"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator).clamp(-3, 3)
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% wrong="clamps log σ everywhere" says="Any log σ is allowed: clamp nothing"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    z_log_std = z_log_std.clamp(-4, 2)
    noise = torch.randn(z_mean.shape, generator=generator)
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std)


# %% wrong="clamps log σ in the divergence" says="The ELBO for log σ = -8"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return log_p_x(z_mean + z_log_std.exp() * noise) - kl(z_mean, z_log_std.clamp(-4, 2))


# %% wrong="draws in single precision" says="z is torch.float32, but torch.float64 was expected"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    noise = torch.randn(z_mean.shape, generator=generator)
    return log_p_x((z_mean + z_log_std.exp() * noise).float()) - kl(z_mean, z_log_std)


# %% wrong="gives kl σ" says="kl takes log σ, not σ"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    std = z_log_std.exp()
    return log_p_x(z_mean + std * torch.randn(z_mean.shape, generator=generator)) - kl(z_mean, std)


# %% wrong="gives kl z" says="kl takes μ, not z"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    z = z_mean + z_log_std.exp() * torch.randn(z_mean.shape, generator=generator)
    return log_p_x(z) - kl(z, z_log_std)


# %% wrong="sums the rows' reconstructions" says="one number for each row already"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    z = z_mean + z_log_std.exp() * torch.randn(z_mean.shape, generator=generator)
    return log_p_x(z).sum(-1) - kl(z_mean, z_log_std)


# %% wrong="adds log P(z)" says="log P(z) is in the divergence already"
def sampled_elbo(log_p_x, z_mean, z_log_std, *, generator):
    z = z_mean + z_log_std.exp() * torch.randn(z_mean.shape, generator=generator)
    return log_p_x(z) + latent_models.log_normal(z).sum(-1) - kl(z_mean, z_log_std)
