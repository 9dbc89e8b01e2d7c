# %% wrong="swaps the heads" says="The halves are swapped"
def encode(network, x):
    z_log_std, z_mean = network(x).chunk(2, -1)
    return z_mean, z_log_std


# %% wrong="cuts the batch" says="cut the last dimension"
def encode(network, x):
    z_mean, z_log_std = network(x).chunk(2, 0)
    return z_mean, z_log_std


# %% wrong="cuts the batch by default" says="cut the last dimension"
def encode(network, x):
    z_mean, z_log_std = network(x).chunk(2)
    return z_mean, z_log_std


# %% wrong="takes every second" says="takes every second number"
def encode(network, x):
    output = network(x)
    return output[..., ::2], output[..., 1::2]


# %% wrong="returns σ" says="That is σ; log σ was asked for"
def encode(network, x):
    z_mean, z_log_std = network(x).chunk(2, -1)
    return z_mean, z_log_std.exp()


# %% wrong="returns σ²" says="That is σ², from a logarithm"
def encode(network, x):
    z_mean, z_log_std = network(x).chunk(2, -1)
    return z_mean, (2 * z_log_std).exp()


# %% wrong="takes log σ²" says="as if it were log σ²"
def encode(network, x):
    z_mean, z_log_std = network(x).chunk(2, -1)
    return z_mean, 0.5 * z_log_std


# %% wrong="softplus" says="may be negative"
def encode(network, x):
    z_mean, z_log_std = network(x).chunk(2, -1)
    return z_mean, F.softplus(z_log_std)


# %% wrong="logarithm" says="takes the logarithm again"
def encode(network, x):
    z_mean, z_log_std = network(x).chunk(2, -1)
    return z_mean, z_log_std.log()


# %% wrong="squashes the mean" says="A mean may be any number"
def encode(network, x):
    z_mean, z_log_std = network(x).chunk(2, -1)
    return torch.sigmoid(z_mean), z_log_std


# %% wrong="whole output" says="but a tuple"
def encode(network, x):
    return network(x)


# %% wrong="the mean twice" says="That is the mean a second time"
def encode(network, x):
    half = network(x).shape[-1] // 2
    return network(x)[..., :half], network(x)[..., :half]


# %% wrong="cuts the gradient" says="cut off"
def encode(network, x):
    with torch.no_grad():
        z_mean, z_log_std = network(x).chunk(2, -1)
    return z_mean, z_log_std


# %% wrong="forgets return" says="is None"
def encode(network, x):
    z_mean, z_log_std = network(x).chunk(2, -1)


# %% wrong="cuts at 3" says="another network"
def encode(network, x):
    output = network(x)
    return output[:, :3], output[:, 3:]


# %% wrong="first_network" says="another network"
def encode(network, x):
    return first_network(x).chunk(2, -1)


# %% wrong="last three" says="another network"
def encode(network, x):
    output = network(x)
    return output[:, :-3], output[:, -3:]


# %% wrong="three numbers each" says="another network"
def encode(network, x):
    return network(x).split(3, -1)


# %% wrong="nothing for another network" says="of another network has 0 parts"
def encode(network, x):
    output = network(x)
    return output.chunk(2, -1) if output.shape[-1] == 6 else ()


# %% wrong="one head only for leading dimensions" says="has 1 parts"
def encode(network, x):
    return network(x).chunk(2, -1)[: 1 if x.dim() > 2 else 2]


# %% wrong="dim=1" says="dim=1 is another one here"
def encode(network, x):
    return network(x).chunk(2, dim=1)


# %% wrong="slices of the second dimension" says="dim=1 is another one here"
def encode(network, x):
    output = network(x)
    half = output.shape[1] // 2
    return output[:, :half], output[:, half:]


# %% wrong="squeezes a batch of one" says="but (1, 2) was expected"
def encode(network, x):
    return network(x).squeeze().chunk(2, -1)


# %% wrong="detaches log σ" says="z_log_std is cut off"
def encode(network, x):
    z_mean, z_log_std = network(x).chunk(2, -1)
    return z_mean, z_log_std.detach()


# %% wrong="leaves the network in evaluation mode" says="is left in another mode"
def encode(network, x):
    return network.eval()(x).chunk(2, -1)


# %% wrong="doubles" says="goes on with torch.float32"
def encode(network, x):
    return network(x).double().chunk(2, -1)


# %% right="slices"
def encode(network, x):
    output = network(x)
    latents = output.shape[-1] // 2
    return output[..., :latents], output[..., latents:]


# %% right="split"
def encode(network, x):
    output = network(x)
    return torch.split(output, output.size(-1) // 2, dim=-1)


# %% right="unflatten"
def encode(network, x):
    return network(x).unflatten(-1, (2, -1)).unbind(-2)


# %% right="forward, halves by unbind"
def encode(network, x):
    output = network.forward(x)
    return output.view(*output.shape[:-1], 2, -1).unbind(-2)


# %% right="tensor_split"
def encode(network, x):
    return torch.tensor_split(network(x), 2, dim=-1)


# %% right="a callable object"
class Encode:
    def __call__(self, layers, images):
        return layers(images).chunk(2, -1)


def encode():
    pass


encode = Encode()


# %% right="a list, from a partial function"
def encode(halves, network, x):
    return list(network(x).chunk(halves, dim=-1))


encode = __import__("functools").partial(encode, 2)


# %% wrong="leaves the network in training mode" says="is left in another mode"
def encode(network, x):
    network.train()
    return network(x).chunk(2, -1)


# %% wrong="cuts log σ off" says="Return the halves as they are"
def encode(network, x):
    z_mean, z_log_std = network(x).chunk(2, -1)
    return z_mean, z_log_std.clamp(-5, 5)
