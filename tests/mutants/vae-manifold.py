# %% wrong="upside down" says="grow upwards"
def manifold(model, n):
    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles, quantiles, indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)


# %% wrong="right to left" says="grows to the left"
def manifold(model, n):
    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles.flip(0), quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)


# %% wrong="turned by a half" says="grows to the left"
def manifold(model, n):
    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles.flip(0), quantiles, indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)


# %% wrong="ij" says="axes are swapped"
def manifold(model, n):
    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles, quantiles, indexing="ij")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)


# %% wrong="ij, flipped" says="axes are swapped"
def manifold(model, n):
    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="ij")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)


# %% wrong="logits" says="apply the sigmoid"
def manifold(model, n):
    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1))
    return latent.tile(images)


# %% wrong="evenly spaced" says="evenly spaced"
def manifold(model, n):
    quantiles = torch.linspace(-2, 2, n)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)


# %% wrong="evenly to 3" says="evenly spaced"
def manifold(model, n):
    quantiles = torch.linspace(-3, 3, n)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)


# %% wrong="probabilities" says="Those are probabilities"
def manifold(model, n):
    quantiles = (torch.arange(n) + 0.5) / n
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)


# %% wrong="i/n" says="of 0 is −∞"
def manifold(model, n):
    quantiles = torch.special.ndtri(torch.arange(n) / n)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)


# %% wrong="(i + 1)/(n + 1)" says="from i = 0 on"
def manifold(model, n):
    quantiles = torch.special.ndtri(torch.arange(1, n + 1) / (n + 1))
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)


# %% wrong="linspace of shares" says="from i = 0 on"
def manifold(model, n):
    quantiles = torch.special.ndtri(torch.linspace(0.05, 0.95, n))
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)


# %% wrong="untiled" says="has shape"
def manifold(model, n):
    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return images


# %% wrong="reshaped" says="A reshape alone"
def manifold(model, n):
    import math

    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    side = math.isqrt(images.shape[-1])
    return images.reshape(n * side, n * side)


# %% wrong="training mode" says="in training mode"
def manifold(model, n):
    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.train().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images)


# %% wrong="forgets return" says="is None"
def manifold(model, n):
    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    latent.tile(images)


# %% wrong="flips the picture" says="upside down"
def manifold(model, n):
    q = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    model.eval()
    z = torch.stack(torch.meshgrid(q, q, indexing="xy"), -1)
    with torch.no_grad():
        picture = latent.tile(model.decode(z).sigmoid())
    return picture.flip(0)


# %% wrong="mirrors the picture" says="mirrored"
def manifold(model, n):
    q = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    model.eval()
    z = torch.stack(torch.meshgrid(q.flip(0), q.flip(0), indexing="xy"), -1)
    with torch.no_grad():
        picture = latent.tile(model.decode(z).sigmoid())
    return picture.flip(1)


# %% wrong="transposes the picture" says="on its side"
def manifold(model, n):
    q = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    model.eval()
    z = torch.stack(torch.meshgrid(q, q, indexing="xy"), -1)
    with torch.no_grad():
        picture = latent.tile(model.decode(z).sigmoid())
    return picture.T


# %% wrong="forgets eval" says="in training mode"
def manifold(model, n):
    q = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    z = torch.stack(torch.meshgrid(q, q.flip(0), indexing="xy"), -1)
    with torch.no_grad():
        picture = latent.tile(model.decode(z).sigmoid())
    return picture


# %% wrong="records gradients" says="Gradients are recorded"
def manifold(model, n):
    q = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    z = torch.stack(torch.meshgrid(q, q.flip(0), indexing="xy"), -1)
    return latent.tile(model.eval().decode(z).sigmoid())


# %% wrong="(i + 1)/n" says="of 1 it is ∞"
def manifold(model, n):
    q = torch.special.ndtri(torch.arange(1, n + 1) / n)
    z = torch.stack(torch.meshgrid(q, q.flip(0), indexing="xy"), -1)
    return latent.tile(model.eval().images(z))


# %% wrong="always four" says="The picture of 1 × 1 points has shape (20, 20)"
def manifold(model, n):
    n = 4
    q = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    z = torch.stack(torch.meshgrid(q, q.flip(0), indexing="xy"), -1)
    return latent.tile(model.eval().images(z))


# %% wrong="images of nine pixels" says="Your manifold stops in line"
def manifold(model, n):
    q = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    z = torch.stack(torch.meshgrid(q, q.flip(0), indexing="xy"), -1)
    return model.eval().images(z).view(n, n, 3, 3).permute(0, 2, 1, 3).reshape(3 * n, 3 * n)


# %% wrong="black and white" says="return the probabilities"
def manifold(model, n):
    q = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    z = torch.stack(torch.meshgrid(q, q.flip(0), indexing="xy"), -1)
    return latent.tile(model.eval().images(z).round())


# %% wrong="images on top of each other's columns" says="The order of dimensions"
def manifold(model, n):
    q = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    z = torch.stack(torch.meshgrid(q, q.flip(0), indexing="xy"), -1)
    side = round(model.pixels**0.5)
    return model.eval().images(z).view(n, n, side, side).permute(0, 3, 1, 2).reshape(n * side, n * side)


# %% wrong="leaves gradients off" says="gradients switched off"
def manifold(model, n):
    q = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    z = torch.stack(torch.meshgrid(q, q.flip(0), indexing="xy"), -1)
    torch.set_grad_enabled(False)
    return latent.tile(model.eval().decode(z).sigmoid())


# %% wrong="calls the course's own" says="the course's own function"
def manifold(model, n):
    return vae.manifold(model, n)


# %% right="one by one"
def manifold(model, n):
    import math

    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    rows = []
    model.eval()
    for z2 in reversed(quantiles.tolist()):
        z = torch.stack([quantiles, torch.full((n,), z2)], 1)
        with torch.no_grad():
            row = torch.sigmoid(model.decode(z))
        side = math.isqrt(row.shape[1])
        rows.append(torch.cat([image.view(side, side) for image in row], 1))
    return torch.cat(rows, 0)


# %% right="icdf"
def manifold(model, n):
    normal = torch.distributions.Normal(0.0, 1.0)
    steps = normal.icdf(torch.linspace(0.5 / n, 1 - 0.5 / n, n))
    z = torch.cartesian_prod(steps.flip(0), steps).flip(1)
    images = model.eval().images(z)
    return latent.tile(images.view(n, n, -1))


# %% right="permute"
def manifold(model, n):
    z = latent.quantile_grid(n)
    images = model.eval().images(z)
    side = round(images.shape[-1] ** 0.5)
    return images.unflatten(-1, (side, side)).permute(0, 2, 1, 3).reshape(n * side, -1)


# %% right="trains on afterwards"
def manifold(model, n):
    q = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    model.eval()
    z = torch.stack(torch.meshgrid(q, q.flip(0), indexing="xy"), -1)
    with torch.no_grad():
        picture = latent.tile(model.decode(z).sigmoid())
    model.train()
    return picture


# %% right="detaches, erfinv"
def manifold(model, n):
    import math

    q = math.sqrt(2) * torch.erfinv(2 * (torch.arange(n) + 0.5) / n - 1)
    z = torch.stack(torch.meshgrid(q, q.flip(0), indexing="xy"), -1)
    return latent.tile(model.eval().decode(z).sigmoid().detach())


# %% right="a callable object with other names"
class Manifold:
    @torch.no_grad()
    def __call__(self, network, count):
        q = torch.special.ndtri((torch.arange(count) + 0.5) / count)
        z = torch.stack([q.repeat(count), q.flip(0).repeat_interleave(count)], -1)
        return latent.tile(network.eval().decode(z).sigmoid().view(count, count, -1))


def manifold():
    pass


manifold = Manifold()


# %% wrong="trains the model a little" says="has other parameters than before"
def manifold(model, n):
    model.eval()
    cuts = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    z = torch.stack([cuts.expand(n, -1), cuts.flip(0).unsqueeze(1).expand(-1, n)], -1)
    with torch.no_grad():
        picture = latent.tile(model.decode(z).sigmoid())
        for parameter in model.parameters():
            parameter.mul_(1.01)
    return picture


# %% wrong="mirrors the pixels" says="flip points, no pixels"
def manifold(model, n):
    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return latent.tile(images.flip(-1))


# %% wrong="images of 28 by 28" says="not 784"
def manifold(model, n):
    quantiles = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    across, up = torch.meshgrid(quantiles, quantiles.flip(0), indexing="xy")
    with torch.no_grad():
        images = model.eval().decode(torch.stack([across, up], -1)).sigmoid()
    return images.reshape(n * 28, n * 28)
