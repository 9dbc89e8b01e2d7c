# %% wrong="swaps the two" says="return the score"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return slope(z), (f(z) - baseline) * noise / std


# %% wrong="forgets the baseline" says="The baseline is not subtracted"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return f(z) * noise / std, slope(z)


# %% wrong="adds the baseline" says="The baseline is added"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) + baseline) * noise / std, slope(z)


# %% wrong="subtracts the baseline last" says="subtracted from the product"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return f(z) * noise / std - baseline, slope(z)


# %% wrong="forgets to divide by σ" says="the division by σ is missing"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * noise, slope(z)


# %% wrong="divides z − μ by σ" says="the division by σ is missing"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * (z - mean) / std, slope(z)


# %% wrong="divides the noise by σ²" says="once too often"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * noise / std**2, slope(z)


# %% wrong="divides by σ² twice" says="twice"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * (z - mean) / std**4, slope(z)


# %% wrong="multiplies by σ" says="multiplies by σ"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * (z - mean), slope(z)


# %% wrong="forgets the score" says="The score is missing"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return f(z) - baseline, slope(z)


# %% wrong="passes the noise" says="f takes z, not the noise"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(noise) - baseline) * noise / std, slope(z)


# %% wrong="turns the sign" says="z − μ, not μ − z"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * (mean - z) / std**2, slope(z)


# %% wrong="takes the slope for f" says="slope(z) in place of f(z)"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (slope(z) - baseline) * noise / std, slope(z)


# %% wrong="multiplies by log N" says="multiplies by log N itself"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * torch.distributions.Normal(mean, std).log_prob(z), slope(z)


# %% wrong="takes the score for σ" says="the score for σ"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * (noise**2 - 1) / std, slope(z)


# %% wrong="averages" says="not their mean"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return ((f(z) - baseline) * noise / std).mean(), slope(z)


# %% wrong="takes z for z − μ" says="takes z for z − μ"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * z / std**2, slope(z)


# %% wrong="multiplies the path by σ" says="dz/dμ is 1; σ"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * noise / std, slope(z) * std


# %% wrong="multiplies the path by the noise" says="the noise is dz/dσ"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * noise / std, slope(z) * noise


# %% wrong="subtracts a baseline from the path" says="The path needs no baseline"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * noise / std, slope(z) - baseline


# %% wrong="takes the slope of the noise" says="slope takes z"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * noise / std, slope(noise)


# %% wrong="takes the slope at the mean" says="slope at the mean"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * noise / std, slope(mean + 0 * noise)


# %% wrong="takes f for the slope" says="f(z) in place of its slope"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * noise / std, f(z)


# %% wrong="averages the path" says="not their mean"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * noise / std, slope(z).mean()


# %% wrong="knows the baseline of the check" says="for a sine"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - 1.5) * noise / std, slope(z)


# %% wrong="knows σ of the check" says="for a sine"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * noise / 0.6, slope(z)


# %% wrong="writes into the noise" says="`noise` was changed in place"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = noise.mul_(std).add_(mean)
    return (f(z) - baseline) * (z - mean) / std**2, slope(z)


# %% wrong="returns the score only" says="a tuple (by_score, by_path) was expected"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - baseline) * noise / std


# %% wrong="forgets return" says="End with: return by_score, by_path"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    by_score, by_path = (f(z) - baseline) * noise / std, slope(z)


# %% wrong="nothing for a row of noise" says="has 0 parts, but a tuple (by_score, by_path)"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return ((f(z) - baseline) * noise / std, slope(z)) if noise.dim() == 2 else ()


# %% right="the score by autograd"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    center = torch.full_like(noise, float(mean)).requires_grad_()
    z = mean + std * noise
    log_prob = torch.distributions.Normal(center, std).log_prob(z)
    score = torch.autograd.grad(log_prob.sum(), center)[0]
    return (f(z) - baseline) * score, slope(z)


# %% right="the path by autograd"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    center = torch.full_like(noise, float(mean), requires_grad=True)
    z = center + std * noise
    path = torch.autograd.grad(f(z).sum(), center)[0]
    return (f(z).detach() - baseline) * noise / std, path


# %% right="loop"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    score, path = torch.zeros_like(noise), torch.zeros_like(noise)
    for i, e in enumerate(noise.flatten()):
        z = mean + std * e
        score.view(-1)[i] = (f(z) - baseline) * (z - mean) / std / std
        path.view(-1)[i] = slope(z)
    return [score, path]


# %% wrong="draws noise of its own" says="draw nothing, and use the noise that is given"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    noise = torch.randn(noise.shape)
    z = mean + std * noise
    return (f(z) - baseline) * noise / std, slope(z)


# %% wrong="draws the same noise of its own each time" says="(z − μ)/σ² with z = μ + σ · noise"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    noise = torch.randn(noise.shape, generator=torch.Generator().manual_seed(0))
    z = mean + std * noise
    return (f(z) - baseline) * noise / std, slope(z)


# %% wrong="takes std for the variance" says="that takes σ² for σ"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std**2 * noise
    return (f(z) - baseline) * (z - mean) / std**2, slope(z)


# %% wrong="forgets σ in z" says="σ is missing there"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + noise
    return (f(z) - baseline) * (z - mean) / std**2, slope(z)


# %% wrong="squeezes" says="has shape"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = (mean + std * noise).squeeze()
    return (f(z) - baseline) * (z - mean) / std**2, slope(z)


# %% wrong="flattens" says="has shape (8,), but (2, 4) was expected"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    noise = noise.flatten()
    z = mean + std * noise
    return (f(z) - baseline) * noise / std, slope(z)


# %% wrong="knows two dimensions" says="That was with one row by itself"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    score, path = torch.zeros_like(noise), torch.zeros_like(noise)
    for i in range(noise.shape[0]):
        for j in range(noise.shape[1]):
            z = mean + std * noise[i, j]
            score[i, j], path[i, j] = (f(z) - baseline) * noise[i, j] / std, slope(z)
    return score, path


# %% wrong="halves the precision" says="leave the numbers as precise as they come"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    noise = noise.float()
    z = mean + std * noise
    return (f(z) - baseline) * noise / std, slope(z)


# %% wrong="subtracts the mean of f, whatever the baseline" says="The score estimate"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - f(z).mean()) * noise / std, slope(z)


# %% wrong="leaves out a baseline that is 0 or less" says="The score estimate"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - max(baseline, 0.0)) * noise / std, slope(z)


# %% right="a named tuple, from a partial"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0, *, kind):
    z = torch.add(noise * std, mean)
    return kind((f(z) - baseline) * (z - mean) / std**2, slope(z))


gradient_estimates = __import__("functools").partial(
    gradient_estimates, kind=__import__("collections").namedtuple("Estimates", "score, path")
)


# %% wrong="multiplies the baseline alone by the score" says="Parentheses are missing"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return f(z) - baseline * (z - mean) / std**2, slope(z)


# %% wrong="takes the mean of f for the baseline" says="b is given; do not take the mean of f"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    return (f(z) - f(z).mean()) * (z - mean) / std**2, slope(z)


# %% wrong="differentiates the density" says="not that of the density"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = mean + std * noise
    density = latent_models.log_normal(z, mean, math.log(std)).exp()
    return (f(z) - baseline) * density * (z - mean) / std**2, slope(z)


# %% wrong="makes a parameter of μ" says="The score estimate still requires grad"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = torch.tensor(mean, dtype=noise.dtype, requires_grad=True) + std * noise
    return (f(z) - baseline) * noise / std, slope(z)


# %% wrong="keeps the path's graph" says="The path estimate still requires grad"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    z = (mean + std * noise).requires_grad_()
    (path,) = torch.autograd.grad(f(z).sum(), z, create_graph=True)
    return ((f(z) - baseline) * noise / std).detach(), path


# %% right="autograd for both, detached"
def gradient_estimates(f, slope, mean, std, noise, baseline=0.0):
    moving = torch.full_like(noise, mean, requires_grad=True)
    z = moving + std * noise
    (path,) = torch.autograd.grad(f(z).sum(), moving)
    (score,) = torch.autograd.grad(latent_models.log_normal(z.detach(), moving, math.log(std)).sum(), moving)
    return (f(z).detach() - baseline) * score, path
