# %% wrong="mean over pixels" says="That averages over pixels"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x) / x.shape[-1]
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="mean over the batch" says="Each image has its own loss"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x).mean()
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="log likelihood" says="a loss is −log P"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = -cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="sigmoid twice" says="The sigmoid is taken twice"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z).sigmoid(), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="swapped" says="return the reconstruction first"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return latent_loss, reconstruction


# %% wrong="one sum" says="but a tuple"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction + latent_loss


# %% wrong="mean over latents" says="averages over latents"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).mean(-1)
    return reconstruction, latent_loss


# %% wrong="mean of the divergence" says="average later"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1).mean()
    return reconstruction, latent_loss


# %% wrong="−KL" says="never negative"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = -0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="log σ²" says="takes z_log_std for log σ²"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + z_log_std.exp() - 1 - z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="σ for σ²" says="takes z_log_std for log σ²"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + z_log_std.exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="log σ for σ" says="takes z_log_std for σ"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + z_log_std**2 - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="no half" says="The half is missing"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="no −1" says="The −1 is missing"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="no means" says="The means are missing"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * ((2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="sampled divergence" says="the closed form has no noise"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = (latent_models_log(z, z_mean, z_log_std) - latent_models_log(z, torch.zeros(1), torch.zeros(1))).sum(
        -1
    )
    return reconstruction, latent_loss


def latent_models_log(z, mean, log_std):
    return torch.distributions.Normal(mean, log_std.exp()).log_prob(z)


# %% wrong="decodes the mean" says="The mean is decoded"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    reconstruction = cost(model.decode(z_mean), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="decodes the prior" says="drawn from the prior"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = torch.randn(z_mean.shape, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="samples under no_grad" says="for the head of μ"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    with torch.no_grad():
        z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="detaches μ" says="for the head of μ"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean.detach(), z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="detaches σ" says="for the head of log σ"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std.detach(), generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="detaches the divergence" says="The latent loss is cut off"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss.detach()


# %% wrong="two samples" says="decode one z"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(model.decode(z), x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = (reconstruction + cost(model.decode(z), x)) / 2
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="no decoder" says="was not called"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    reconstruction = cost(z, x[:, :3])
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="rounds x" says="The reconstruction loss of 6 images"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = z_mean + z_log_std.exp() * torch.randn(z_mean.shape, generator=generator)
    reconstruction = cost(model.decode(z), x.round())
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return reconstruction, latent_loss


# %% wrong="σ for log σ" says="((z − μ)/σ)²"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std.exp(), generator=generator)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="half of log σ" says="((z − μ)/σ)²"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, 0.5 * z_log_std, generator=generator)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="twice log σ" says="((z − μ)/σ)²"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, 2 * z_log_std, generator=generator)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="spread 1" says="((z − μ)/σ)²"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = z_mean + torch.randn(z_mean.shape, generator=generator)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="noise without σ from log σ" says="((z − μ)/σ)²"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = z_mean + z_log_std * torch.randn(z_mean.shape, generator=generator)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="one noise for latents" says="All latents get the same noise"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = z_mean + z_log_std.exp() * torch.randn(len(x), 1, generator=generator)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="one noise for images" says="All images get the same noise"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = z_mean + z_log_std.exp() * torch.randn(z_mean.shape[-1], generator=generator)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="uniform" says="as if uniform"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = z_mean + z_log_std.exp() * torch.rand(z_mean.shape, generator=generator)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="no generator" says="differs between two calls"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = z_mean + z_log_std.exp() * torch.randn_like(z_mean)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="own generator" says="same for every seed"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=torch.Generator().manual_seed(0))
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="tuple to decode" says="no tensor"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = (z_mean, z_log_std)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="leaves the model in evaluation mode" says="is left in another mode"
def elbo_terms(model, x, *, generator):
    model.eval()
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="leaves the model in training mode" says="is left in another mode"
def elbo_terms(model, x, *, generator):
    model.train()
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="reseeds the global generator" says="seeds torch's own generator"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    torch.manual_seed(generator.initial_seed())
    z = z_mean + z_log_std.exp() * torch.randn_like(z_mean)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="a new generator of the same seed" says="when one generator is asked twice"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=torch.Generator().manual_seed(generator.initial_seed()))
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="squeezes" says="do not squeeze it"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    return cost(model.decode(z), x).squeeze(), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(
        -1
    ).squeeze()


# %% wrong="exponential of σ" says="takes the exponential of σ"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    z_std = z_log_std.exp()
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_std).exp() - 1 - 2 * z_std).sum(-1)


# %% wrong="decodes under no_grad" says="The reconstruction loss is cut off"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    with torch.no_grad():
        logits = model.decode(sample(z_mean, z_log_std, generator=generator))
    return cost(logits, x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="the same z for all images of a batch" says="All images get the same noise"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = z_mean + sample(torch.zeros(z_mean.shape[-1]), z_log_std[0], generator=generator)
    z = z_mean + (z - z_mean) * (z_log_std - z_log_std[0]).exp()
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="encodes x twice, halved" says="The latent loss of 6 images"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    z_mean, z_log_std = model.encode(x / 2)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% wrong="three latents" says="Your elbo_terms stops in line"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = z_mean + z_log_std.exp() * torch.randn(len(x), 3, generator=generator)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% right="by hand"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z_std = torch.exp(z_log_std)
    noise = torch.randn(z_mean.shape, generator=generator)
    logits = model.decode(z_mean + z_std * noise)
    reconstruction = (F.softplus(logits) - x * logits).sum(1)
    latent_loss = -0.5 * torch.sum(1 + 2 * z_log_std - z_mean.pow(2) - z_std.pow(2), dim=1)
    return reconstruction, latent_loss


# %% right="distributions"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    q = torch.distributions.Normal(z_mean, z_log_std.exp())
    z = sample(z_mean, z_log_std, generator=generator)
    prior = torch.distributions.Normal(torch.zeros_like(z_mean), torch.ones_like(z_mean))
    return cost(model.decode(z), x), torch.distributions.kl_divergence(q, prior).sum(-1)


# %% right="helpers"
def elbo_terms(model, x, *, generator):
    heads = model.encode(x)
    z = sample(*heads, generator=generator)
    return -vae.bernoulli_log_likelihood(model.decode(z), x), bounds.gaussian_kl(*heads)


# %% right="minus the noise"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = z_mean - z_log_std.exp() * torch.randn(z_mean.shape, generator=generator)
    return cost(model.decode(z), x), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% right="a third of the images at a time"
def elbo_terms(model, x, *, generator):
    pairs = []
    for some in x.split(max(1, len(x) // 3)):
        z_mean, z_log_std = model.encode(some)
        z = sample(z_mean, z_log_std, generator=generator)
        latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
        pairs.append(torch.stack([cost(model.decode(z), some), latent_loss]))
    return tuple(torch.cat(pairs, 1))


# %% right="evaluation mode for a while"
def elbo_terms(model, x, *, generator):
    training = model.training
    z_mean, z_log_std = model.eval().encode(x)
    model.train(training)
    z = sample(z_mean, z_log_std, generator=generator)
    return -model.log_p_x(x, z), 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)


# %% right="a partial function, a list"
def elbo_terms(half, vae, images, *, generator):
    z_mean, z_log_std = vae.encode(images)
    z = sample(z_mean, z_log_std, generator=generator)
    return [cost(vae.decode(z), images), half * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)]


elbo_terms = __import__("functools").partial(elbo_terms, 0.5)


# %% wrong="puts the generator back to a seed of its own" says="when one generator is asked twice"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    generator.manual_seed(len(x))
    return cost(model.decode(z), x), bounds.gaussian_kl(z_mean, z_log_std)


# %% wrong="decodes the mean in evaluation mode" says="The mean is decoded in evaluation mode"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator) if model.training else z_mean
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return cost(model.decode(z), x), latent_loss


# %% wrong="decodes the mean without gradients" says="The mean is decoded under torch.no_grad()"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator) if torch.is_grad_enabled() else z_mean
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return cost(model.decode(z), x), latent_loss


# %% wrong="cuts log σ off" says="Cut nothing off"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z_log_std = z_log_std.clamp(-4, 4)
    z = sample(z_mean, z_log_std, generator=generator)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return cost(model.decode(z), x), latent_loss


# %% wrong="cuts the divergence off" says="Cut nothing off"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return cost(model.decode(z), x), latent_loss.clamp(max=100)


# %% wrong="logarithm of a sigmoid" says="no logarithm of a sigmoid"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x)
    z = sample(z_mean, z_log_std, generator=generator)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return F.binary_cross_entropy(model.decode(z).sigmoid(), x, reduction="none").sum(-1), latent_loss


# %% wrong="stretches the images" says="Take logits and x as they are"
def elbo_terms(model, x, *, generator):
    z_mean, z_log_std = model.encode(x / x.max())
    z = sample(z_mean, z_log_std, generator=generator)
    latent_loss = 0.5 * (z_mean**2 + (2 * z_log_std).exp() - 1 - 2 * z_log_std).sum(-1)
    return cost(model.decode(z), x / x.max()), latent_loss
