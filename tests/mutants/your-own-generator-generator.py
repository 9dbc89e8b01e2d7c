# %% wrong="a model in the place of three functions" says="return encode, decode, sample"
def generator():
    return pretrained.digits_vae(20)


# %% wrong="two functions" says="return encode, decode, sample"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, model.decode


# %% wrong="only the mean" says="encode returns no pair"
def generator():
    model = pretrained.digits_vae(20)
    return lambda x: model.encode(x)[0], model.decode, lambda n: model.images(torch.randn(n, 20))


# %% wrong="an untrained model" says="The test ELBO is"
def generator():
    g = torch.Generator().manual_seed(0)
    model = vae.VAE(20, hidden=(200,), generator=g)
    return model.encode, model.decode, lambda n: vae.generate(model, n, generator=g)


# %% wrong="nan from the decoder" says="holds nan or inf"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, lambda z: model.decode(z) * float("nan"), lambda n: model.images(torch.randn(n, 20))


# %% wrong="pictures in the place of rows" says="decode(z) has shape"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, lambda z: model.decode(z).view(-1, 28, 28), lambda n: model.images(torch.randn(n, 20))


# %% wrong="probabilities in the place of logits" says="leave the sigmoid out"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, model.images, lambda n: model.images(torch.randn(n, 20))


# %% wrong="σ in the place of log σ" says="Is that σ which encode returns"
def generator():
    model = pretrained.digits_vae(20)

    def encode(x):
        mean, log_std = model.encode(x)
        return mean, log_std.exp()

    return encode, model.decode, lambda n: model.images(torch.randn(n, 20))


# %% wrong="log σ² in the place of log σ" says="Is that log σ² which encode returns"
def generator():
    model = pretrained.digits_vae(20)

    def encode(x):
        mean, log_std = model.encode(x)
        return mean, 2 * log_std

    return encode, model.decode, lambda n: model.images(torch.randn(n, 20))


# %% wrong="no noise in Q" says="at most can be measured: clamp"
def generator():
    model = pretrained.digits_vae(20)
    return (
        lambda x: (model.encode(x)[0], torch.full((len(x), 20), -1e5)),
        model.decode,
        lambda n: model.images(torch.randn(n, 20)),
    )


# %% wrong="decode returns what encode saw" says="nothing else"
def generator():
    seen = []

    def encode(x):
        seen[:] = [x]
        return torch.zeros(len(x), 1), torch.zeros(len(x), 1)

    def decode(z):
        rows = seen[0] if len(z) == len(seen[0]) else seen[0][::5].repeat_interleave(64, 0)
        return rows[: len(z)].clamp(1e-3, 1 - 1e-3).logit()

    return encode, decode, lambda n: x_train[:n]


# %% wrong="dropout stays on" says=".eval() ends that"
def generator():
    model = pretrained.digits_vae(20)
    dropout = torch.nn.Dropout(0.1)
    return model.encode, lambda z: dropout(model.decode(z)), lambda n: model.images(torch.randn(n, 20))


# %% wrong="ten rebuilt digits, again and again" says="are copies"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, model.decode, lambda n: model.images(model.encode(x_train[:10])[0]).repeat(n // 10, 1)


# %% wrong="training images, and a decoder as sharp as they are" says="are copies"
def generator():
    place = torch.linspace(-3, 3, len(x_test))

    def encode(x):
        nearest = torch.cdist(x, x_test).argmin(1)
        return place[nearest, None], torch.full((len(x), 1), -9.0)

    def decode(z):
        return x_test[(z - place).abs().argmin(1)].clamp(1e-3, 1 - 1e-3).logit()

    return encode, decode, lambda n: x_train[:n]


# %% wrong="a list of samples" says="sample(500) returns list"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, model.decode, lambda n: list(model.images(torch.randn(n, 20)))


# %% wrong="decode and encode have changed places" says="Your encode stops"
def generator():
    model = pretrained.digits_vae(20)
    return model.decode, model.encode, lambda n: model.images(torch.randn(n, 20))


# %% wrong="seeds torch for everybody" says="one of your own"
def generator():
    model = pretrained.digits_vae(20)

    def sample(n):
        torch.manual_seed(0)
        return model.images(torch.randn(n, 20))

    return model.encode, model.decode, sample


# %% wrong="samples are logits" says="outside [0, 1]"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, model.decode, lambda n: model.decode(torch.randn(n, 20))


# %% wrong="one image again and again" says="of the variety of real ones"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, model.decode, lambda n: model.images(model.encode(x_train[:1])[0]).expand(n, 784)


# %% wrong="samples from far outside the prior" says="are alien"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, model.decode, lambda n: model.images(4 * torch.randn(n, 20))


# %% wrong="noise" says="are alien"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, model.decode, lambda n: torch.rand(n, 784)


# %% wrong="too few samples" says="sample(500) has shape"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, model.decode, lambda n: model.images(torch.randn(10, 20))


# %% right="trained before"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, model.decode, lambda n: vae.generate(model, n, generator=torch.Generator().manual_seed(3))


# %% right="ten latents, and NumPy's arrays"
def generator():
    model = pretrained.digits_vae(10)

    def encode(x):
        with torch.no_grad():
            return [part.numpy() for part in model.encode(x)]

    return encode, model.decode, lambda n: model.images(torch.randn(n, 10)).numpy()


# %% right="double precision, with gradients"
def generator():
    model = pretrained.digits_vae(20).double()
    return (
        lambda x: model.encode(x.double()),
        lambda z: model.decode(z.double()),
        lambda n: model.decode(torch.randn(n, 20, dtype=torch.float64)).sigmoid(),
    )
