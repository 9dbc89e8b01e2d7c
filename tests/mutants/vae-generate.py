# %% wrong="forgets eval" says="in training mode"
def generate(model, images, *, generator):
    with torch.no_grad():
        z = torch.randn(images, model.latents, generator=generator)
        return model.decode(z).sigmoid()


# %% wrong="training mode" says="in training mode"
def generate(model, images, *, generator):
    model.train()
    with torch.no_grad():
        z = torch.randn(images, model.latents, generator=generator)
        return model.decode(z).sigmoid()


# %% wrong="records gradients" says="Gradients are recorded"
def generate(model, images, *, generator):
    model.eval()
    z = torch.randn(images, model.latents, generator=generator)
    return model.decode(z).sigmoid()


# %% right="detaches afterwards"
def generate(model, images, *, generator):
    model.eval()
    z = torch.randn(images, model.latents, generator=generator)
    return model.decode(z).sigmoid().detach()


# %% wrong="uniform" says="as if uniform"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.rand(images, model.latents, generator=generator)
        return model.decode(z).sigmoid()


# %% wrong="uniform around 0" says="prior"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = 3.46 * torch.rand(images, model.latents, generator=generator) - 1.73
        return model.decode(z).sigmoid()


# %% wrong="wider" says="has variance 1"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = 2 * torch.randn(images, model.latents, generator=generator)
        return model.decode(z).sigmoid()


# %% wrong="variance 2" says="has variance 1"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = 2**0.5 * torch.randn(images, model.latents, generator=generator)
        return model.decode(z).sigmoid()


# %% wrong="narrower" says="variance"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = 0.7 * torch.randn(images, model.latents, generator=generator)
        return model.decode(z).sigmoid()


# %% wrong="shifted" says="The mean of z"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, model.latents, generator=generator) + 0.5
        return model.decode(z).sigmoid()


# %% wrong="one number an image" says="All latents of an image are the same"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, 1, generator=generator).expand(-1, model.latents)
        return model.decode(z).sigmoid()


# %% wrong="one z for all" says="All images have the same z"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(1, model.latents, generator=generator).expand(images, -1)
        return model.decode(z).sigmoid()


# %% wrong="wrong shape" says="but (6000, 3)"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, 2, generator=generator)
        z = torch.cat([z, z], -1)[:, : model.latents].T.reshape(-1)[:3]
        return model.decode(z).sigmoid()


# %% wrong="latents of train" says="Something is encoded"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = model.encode(data.digits()[0][:images])[0]
        return model.decode(z).sigmoid()


# %% wrong="logits" says="apply the sigmoid"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, model.latents, generator=generator)
        return model.decode(z)


# %% wrong="sigmoid twice" says="applied twice"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, model.latents, generator=generator)
        return model.decode(z).sigmoid().sigmoid()


# %% wrong="black and white" says="black and white"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, model.latents, generator=generator)
        return (model.decode(z) > 0).float()


# %% wrong="draws pixels" says="return the probabilities themselves"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, model.latents, generator=generator)
        return torch.bernoulli(model.decode(z).sigmoid(), generator=generator)


# %% wrong="no generator" says="differs between two calls"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, model.latents)
        return model.decode(z).sigmoid()


# %% wrong="three latents" says="model.latents"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        return model.decode(torch.randn(images, 3, generator=generator)).sigmoid()


# %% wrong="two latents" says="model.latents"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        return model.decode(torch.randn(images, 2, generator=generator)).sigmoid()


# %% wrong="clamps" says="They are the sigmoid"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        return model.decode(torch.randn(images, model.latents, generator=generator)).clamp(0, 1)


# %% wrong="log σ of 1" says="has variance 1"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        one = torch.ones(images, model.latents)
        return model.decode(sample(0 * one, one, generator=generator)).sigmoid()


# %% wrong="draws pixels by comparing" says="return the probabilities themselves"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        p = model.decode(torch.randn(images, model.latents, generator=generator)).sigmoid()
        return (torch.rand(p.shape, generator=generator) < p).float()


# %% wrong="reseeds the global generator" says="seeds torch's own generator"
def generate(model, images, *, generator):
    model.eval()
    torch.manual_seed(generator.initial_seed())
    with torch.no_grad():
        return model.decode(torch.randn(images, model.latents)).sigmoid()


# %% wrong="a new generator of the same seed" says="when one generator is asked twice"
def generate(model, images, *, generator):
    model.eval()
    again = torch.Generator().manual_seed(generator.initial_seed())
    with torch.no_grad():
        return model.decode(torch.randn(images, model.latents, generator=again)).sigmoid()


# %% wrong="fixed seed" says="is the same for every seed"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, model.latents, generator=torch.Generator().manual_seed(0))
        return model.decode(z).sigmoid()


# %% wrong="squeezes" says="The one new image has shape (4,)"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        return model.decode(torch.randn(images, model.latents, generator=generator)).sigmoid().squeeze()


# %% wrong="doubles" says="goes on with torch.float32"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        return model.decode(torch.randn(images, model.latents, generator=generator)).sigmoid().double()


# %% wrong="softmax" says="a softmax shares one among all"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        return model.decode(torch.randn(images, model.latents, generator=generator)).softmax(-1)


# %% wrong="probabilities of black" says="the probabilities of black"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        return 1 - model.decode(torch.randn(images, model.latents, generator=generator)).sigmoid()


# %% wrong="leaves gradients off" says="gradients switched off"
def generate(model, images, *, generator):
    model.eval()
    torch.set_grad_enabled(False)
    return model.decode(torch.randn(images, model.latents, generator=generator)).sigmoid()


# %% wrong="forgets return" says="is None"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        model.decode(torch.randn(images, model.latents, generator=generator)).sigmoid()


# %% right="decorated"
@torch.no_grad()
def generate(model, images, *, generator):
    return torch.sigmoid(model.eval().decode(torch.randn((images, model.latents), generator=generator)))


# %% right="one at a time"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(model.latents, images, generator=generator).T
        return torch.cat([model.decode(part).sigmoid() for part in z.split(5000)])


# %% right="model.images"
def generate(model, images, *, generator):
    z = torch.empty(images, model.latents).normal_(generator=generator)
    return model.eval().images(z)


# %% right="one image at a time"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        draw = lambda: torch.randn(model.latents, generator=generator)  # noqa: E731
        return torch.stack([model.decode(draw()).sigmoid() for _ in range(images)])


# %% right="sample of the prior"
def generate(model, images, *, generator):
    zero = torch.zeros(images, model.latents)
    return model.eval().images(sample(zero, zero, generator=generator))


# %% right="other names, and training goes on"
def generate(vae, n, *, generator):
    training = vae.training
    vae.eval()
    with torch.no_grad():
        p = 1 / (1 + (-vae.decode(torch.randn(n, vae.latents, generator=generator))).exp())
    vae.train(training)
    return p


# %% right="decorated without its name"
def quietly(function):
    def quiet(*arguments, **named):
        with torch.no_grad():
            return function(*arguments, **named)

    return quiet


@quietly
def generate(model, images, *, generator):
    return model.eval().decode(torch.randn(images, model.latents, generator=generator)).sigmoid()


# %% wrong="one of two sets of images" says="when one generator is asked twice"
@torch.no_grad()
def generate(model, images, *, generator):
    own = torch.Generator().manual_seed(int(torch.randint(2, (), generator=generator)))
    return torch.sigmoid(model.eval().decode(torch.randn((images, model.latents), generator=own)))


# %% wrong="freezes the model for good" says="is left without gradients"
def generate(model, images, *, generator):
    model.eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    with torch.no_grad():
        return torch.sigmoid(model.decode(torch.randn((images, model.latents), generator=generator)))


# %% wrong="standardises each latent" says="moved and scaled"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, model.latents, generator=generator)
        return model.decode((z - z.mean(0)) / z.std(0)).sigmoid()


# %% wrong="standardises all numbers" says="moved and scaled"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, model.latents, generator=generator)
        return model.decode((z - z.mean()) / z.std()).sigmoid()


# %% wrong="images of 28 by 28" says="not 784"
def generate(model, images, *, generator):
    model.eval()
    with torch.no_grad():
        z = torch.randn(images, model.latents, generator=generator)
        return model.decode(z).sigmoid().view(images, 28, 28)


# %% wrong="inference mode" says="use torch.no_grad()"
def generate(model, images, *, generator):
    model.eval()
    with torch.inference_mode():
        z = torch.randn(images, model.latents, generator=generator)
        return model.decode(z).sigmoid()
