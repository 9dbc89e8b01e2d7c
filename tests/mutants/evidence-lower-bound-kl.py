# %% wrong="averages over latents" says="the mean over latents"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).mean(-1)


# %% wrong="forgets the sum" says="The sum over latents is missing"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std)


# %% wrong="sums over the batch" says="adds up the batch"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(0)


# %% wrong="sums everything" says="adds up the batch"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum()


# %% wrong="averages over the batch" says="adds up the batch"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1).mean()


# %% wrong="takes σ for σ²" says="σ stands where σ² should"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + z_log_std.exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="takes log σ for log σ²" says="that takes it for log σ²"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + z_log_std.exp() - 1 - z_log_std).sum(-1)


# %% wrong="forgets the 2" says="the 2 is missing"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - z_log_std).sum(-1)


# %% wrong="takes log σ for σ" says="that takes it for σ."
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + z_log_std**2 - 1 - 2 * z_log_std.log()).sum(-1)


# %% wrong="squares log σ" says="that takes it for σ."
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + z_log_std**2 - 1 - 2 * z_log_std).sum(-1)


# %% wrong="turns the direction around" says="The direction is wrong"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * ((1 + z_mean**2) / (2 * z_log_std).exp() - 1 + 2 * z_log_std).sum(-1)


# %% wrong="turns the sign" says="The sign is wrong"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (1 + 2 * z_log_std - z_mean**2 - (2 * z_log_std).exp()).sum(-1)


# %% wrong="forgets the half" says="The ½ is missing"
def gaussian_kl(z_mean, z_log_std):
    return (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="halves the squares only" says="The ½ belongs to all"
def gaussian_kl(z_mean, z_log_std):
    return (z_mean**2 / 2 + (2 * z_log_std).exp() / 2 - 1 - 2 * z_log_std).sum(-1)


# %% wrong="forgets the square of μ" says="μ is to be squared"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="forgets the mean" says="The mean is missing"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * ((2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="forgets the 1" says="The −1 is missing"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 2 * z_log_std).sum(-1)


# %% wrong="subtracts 1 once" says="belongs to every latent"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * ((z_mean**2 + (2 * z_log_std).exp() - 2 * z_log_std).sum(-1) - 1)


# %% wrong="adds log σ" says="The sign of log σ is wrong"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 + 2 * z_log_std).sum(-1)


# %% wrong="mixes the signs" says="The signs are mixed up"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (1 + 2 * z_log_std - z_mean**2 + (2 * z_log_std).exp()).sum(-1)


# %% wrong="forgets the logarithm" says="The logarithm is missing"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std.exp()).sum(-1)


# %% wrong="knows three latents" says="KL of the prior to itself"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * ((z_mean**2 + (2 * z_log_std).exp() - 2 * z_log_std).sum(-1) - 3)


# %% wrong="sums over dimension 1" says="Dimension out of range"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(1)


# %% wrong="writes into log σ" says="`z_log_std` was changed in place"
def gaussian_kl(z_mean, z_log_std):
    z_log_std *= 2
    return 0.5 * (z_mean**2 + z_log_std.exp() - 1 - z_log_std).sum(-1)


# %% wrong="samples" says="draw nothing, and take the closed form"
def gaussian_kl(z_mean, z_log_std):
    z = z_mean + z_log_std.exp() * torch.randn(1000, *z_mean.shape)
    ratio = 0.5 * z**2 - 0.5 * ((z - z_mean) / z_log_std.exp()) ** 2 - z_log_std
    return ratio.sum(-1).mean(0)


# %% wrong="forgets return" says="Does the function end with return?"
def gaussian_kl(z_mean, z_log_std):
    kl = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% right="the distributions of torch"
def gaussian_kl(z_mean, z_log_std):
    q = torch.distributions.Normal(z_mean, z_log_std.exp())
    p = torch.distributions.Normal(torch.zeros_like(z_mean), torch.ones_like(z_mean))
    return torch.distributions.kl_divergence(q, p).sum(-1)


# %% right="by the variance"
def gaussian_kl(z_mean, z_log_std):
    variance = torch.exp(z_log_std) ** 2
    return -0.5 * torch.sum(1 + variance.log() - z_mean.pow(2) - variance, dim=-1)


# %% right="loop over latents"
def gaussian_kl(z_mean, z_log_std):
    total = 0
    for d in range(z_mean.shape[-1]):
        std = z_log_std[..., d].exp()
        total = total + (z_mean[..., d] ** 2 + std**2 - 1) / 2 - z_log_std[..., d]
    return total


# %% right="independent normals"
def gaussian_kl(z_mean, z_log_std):
    q = torch.distributions.Independent(torch.distributions.Normal(z_mean, z_log_std.exp()), 1)
    p = torch.distributions.Independent(torch.distributions.Normal(0 * z_mean, 1.0), 1)
    return torch.distributions.kl_divergence(q, p)


# %% wrong="takes log σ for σ²" says="that takes it for σ²"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + z_log_std - 1 - z_log_std.log()).sum(-1)


# %% wrong="doubles log σ twice" says="that takes it twice"
def gaussian_kl(z_mean, z_log_std):
    log_variance = 2 * z_log_std
    return 0.5 * (z_mean**2 + (2 * log_variance).exp() - 1 - 2 * log_variance).sum(-1)


# %% wrong="computes without gradients" says="Look for .item(), .detach(), torch.tensor(…) or torch.no_grad()"
@torch.no_grad()
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="detaches the result" says="cut off from the parameters"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1).detach()


# %% wrong="cuts off μ" says="μ is cut off"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean.detach() ** 2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="cuts off log σ" says="log σ is cut off"
def gaussian_kl(z_mean, z_log_std):
    z_log_std = z_log_std.data
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="cuts off σ²" says="σ² is cut off"
def gaussian_kl(z_mean, z_log_std):
    with torch.no_grad():
        variance = (2 * z_log_std).exp()
    return 0.5 * (z_mean**2 + variance - 1 - 2 * z_log_std).sum(-1)


# %% wrong="squeezes" says="of a batch of one row has shape (), but (1,) was expected"
def gaussian_kl(z_mean, z_log_std):
    return (0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)).squeeze()


# %% wrong="flattens the rows" says="of three leading dimensions has shape"
def gaussian_kl(z_mean, z_log_std):
    terms = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std)
    return terms.reshape(-1, terms.shape[-1]).sum(-1) if terms.dim() > 1 else terms.sum()


# %% wrong="keeps a column" says="has shape (2, 1), but (2,)"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1, keepdim=True)


# %% wrong="is never negative, whatever comes" says="was expected"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean.clamp(min=0) ** 2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% right="decorated, and near 0 exact"
def doubled(function):
    return lambda *arguments: 2 * function(*arguments) / 2


@doubled
def gaussian_kl(z_mean, z_log_std):
    return ((z_mean.square() + torch.expm1(2 * z_log_std)) / 2 - z_log_std).sum(dim=-1)


# %% wrong="multiplies the variances" says="of 400 latents"
def gaussian_kl(z_mean, z_log_std):
    variance = (2 * z_log_std).exp()
    return 0.5 * ((z_mean**2 + variance).sum(-1) - z_mean.shape[-1] - variance.prod(-1).log())


# %% wrong="clamps log σ from above" says="Any log σ is allowed: clamp nothing"
def gaussian_kl(z_mean, z_log_std):
    z_log_std = z_log_std.clamp(max=5)
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="clamps log σ on both sides" says="Any log σ is allowed: clamp nothing"
def gaussian_kl(z_mean, z_log_std):
    z_log_std = z_log_std.clamp(-5, 5)
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="clamps σ" says="Any log σ is allowed: clamp nothing"
def gaussian_kl(z_mean, z_log_std):
    std = z_log_std.exp().clamp(min=1e-3)
    return 0.5 * (z_mean**2 + std**2 - 1 - 2 * std.log()).sum(-1)


# %% wrong="adds a small number to σ²" says="add no small number"
def gaussian_kl(z_mean, z_log_std):
    variance = (2 * z_log_std).exp()
    return 0.5 * (z_mean**2 + variance - 1 - (variance + 1e-7).log()).sum(-1)


# %% wrong="halves μ² alone" says="The ½ belongs to all four terms"
def gaussian_kl(z_mean, z_log_std):
    return (0.5 * z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="takes the norm for its square" says="μ is to be squared"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean.norm(dim=-1) + ((2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1))


# %% wrong="subtracts the number of rows" says="once for each of the last dimension"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * ((z_mean**2 + (2 * z_log_std).exp() - 2 * z_log_std).sum(-1) - len(z_mean))


# %% wrong="computes in single precision" says="leave the numbers as precise as they come"
def gaussian_kl(z_mean, z_log_std):
    return 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1).float()


# %% right="a divergence of distributions"
def gaussian_kl(z_mean, z_log_std):
    from torch.distributions import Normal, kl_divergence

    return kl_divergence(Normal(z_mean, z_log_std.exp()), Normal(0.0, 1.0)).sum(-1)
