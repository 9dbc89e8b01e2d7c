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


# %% wrong="probabilities in the place of logits" says="The test ELBO is"
def generator():
    model = pretrained.digits_vae(20)
    return model.encode, model.images, lambda n: model.images(torch.randn(n, 20))


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
