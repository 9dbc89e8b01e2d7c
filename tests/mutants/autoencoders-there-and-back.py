# %% wrong="not centred" says="Subtract the mean before you encode"
def there_and_back(x, mean, directions):
    codes = x @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square().sum(-1)
    return codes, rebuilt, error


# %% wrong="adds the mean to encode" says="The mean is added; subtract it"
def there_and_back(x, mean, directions):
    codes = (x + mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square().sum(-1)
    return codes, rebuilt, error


# %% wrong="transposed codes" says="transpose them to encode"
def there_and_back(x, mean, directions):
    codes = directions @ (x - mean).T
    rebuilt = codes.T @ directions + mean
    error = (rebuilt - x).square().sum(-1)
    return codes, rebuilt, error


# %% wrong="returns the rebuilt first" says="return the codes first"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square().sum(-1)
    return rebuilt, codes, error


# %% wrong="forgets the mean on the way back" says="Add the mean after you decode"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions
    error = (rebuilt - x).square().sum(-1)
    return codes, rebuilt, error


# %% wrong="subtracts the mean twice" says="The mean is subtracted; add it"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions - mean
    error = (rebuilt - x).square().sum(-1)
    return codes, rebuilt, error


# %% wrong="copies" says="has not passed the bottleneck"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = x.clone()
    error = (rebuilt - x).square().sum(-1)
    return codes, rebuilt, error


# %% wrong="returns what is lost" says="what is lost"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean - x
    error = rebuilt.square().sum(-1)
    return codes, rebuilt, error


# %% wrong="mean over the numbers" says="That averages over the numbers of a point"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square().mean(-1)
    return codes, rebuilt, error


# %% wrong="mean over all" says="That mixes the points"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square().mean()
    return codes, rebuilt, error


# %% wrong="sums over points" says="That mixes the points"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square().sum(0)
    return codes, rebuilt, error


# %% wrong="averages over the batch" says="That mixes the points"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square().sum(-1).mean()
    return codes, rebuilt, error


# %% wrong="a distance" says="leave out the square root"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).norm(dim=-1)
    return codes, rebuilt, error


# %% wrong="absolute differences" says="Square the differences"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).abs().sum(-1)
    return codes, rebuilt, error


# %% wrong="squares the sum" says="square each difference, then add"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).sum(-1).square()
    return codes, rebuilt, error


# %% wrong="does not sum" says="Sum over the numbers of each point"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square()
    return codes, rebuilt, error


# %% wrong="halves" says="the error is the whole sum"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square().sum(-1) / 2
    return codes, rebuilt, error


# %% wrong="centres in place" says="was changed in place"
def there_and_back(x, mean, directions):
    x -= mean
    codes = x @ directions.T
    rebuilt = codes @ directions + mean
    return codes, rebuilt, (rebuilt - x - mean).square().sum(-1)


# %% wrong="returns two parts" says="has 2 parts"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square().sum(-1)
    return codes, rebuilt


# %% wrong="forgets return" says="but a tuple (codes, rebuilt, error) was expected"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square().sum(-1)
    pass


# %% wrong="works for rows only" says="For points of shape (2, 3, 4, 5)"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T if x.dim() == 2 else x[..., :1]
    rebuilt = codes @ directions + mean
    error = (rebuilt - x).square().sum(-1)
    return codes, rebuilt, error


# %% wrong="nothing for a single point" says="has 0 parts"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    return (codes, rebuilt, (rebuilt - x).square().sum(-1)) if x.dim() == 2 else ()


# %% wrong="a dimension counted from the front" says="count from the end, dim=-1"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    return codes, rebuilt, (rebuilt - x).square().sum(1)


# %% wrong="the mean over rows" says="The rebuilt point for x of shape (2, 3, 4, 5)"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = (codes @ directions).view(len(x), -1)
    rebuilt = rebuilt + mean.repeat(rebuilt.shape[1] // len(mean))
    return codes, rebuilt, (rebuilt - x.reshape(len(x), -1)).square().sum(-1)


# %% wrong="squeezes the codes" says="even where a code is a single number"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    return codes.squeeze(-1), rebuilt, (rebuilt - x).square().sum(-1)


# %% wrong="squeezes everything" says="even where there is one only"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    return codes.squeeze(), rebuilt, (rebuilt - x).square().sum(-1)


# %% wrong="keeps a dimension" says="Keep no extra dimension"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    return codes, rebuilt, (rebuilt - x).square().sum(-1, keepdim=True)


# %% wrong="returns numbers of no gradient as numpy" says="a numpy.ndarray"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    return codes.numpy(), rebuilt.numpy(), (rebuilt - x).square().sum(-1).numpy()


# %% wrong="calls the course's own" says="the course's own function"
def there_and_back(x, mean, directions):
    return autoencoders.there_and_back(x, mean, directions)


# %% wrong="the error before the mean is back" says="once the mean is added back"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions
    error = (rebuilt - x).square().sum(-1)
    return codes, rebuilt + mean, error


# %% wrong="the error against what is centred" says="not with x − mean"
def there_and_back(x, mean, directions):
    centred = x - mean
    codes = centred @ directions.T
    rebuilt = codes @ directions + mean
    return codes, rebuilt, (rebuilt - centred).square().sum(-1)


# %% wrong="the mean of x" says="and no other average"
def there_and_back(x, mean, directions):
    centre = x.mean(0)
    codes = (x - centre) @ directions.T
    rebuilt = codes @ directions + centre
    return codes, rebuilt, (rebuilt - x).square().sum(-1)


# %% wrong="one mean for all numbers" says="and no other average"
def there_and_back(x, mean, directions):
    codes = (x - mean.mean()) @ directions.T
    rebuilt = codes @ directions + mean.mean()
    return codes, rebuilt, (rebuilt - x).square().sum(-1)


# %% wrong="forgets the transpose" says="they have to be of one length"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions
    rebuilt = codes @ directions.T + mean
    return codes, rebuilt, (rebuilt - x).square().sum(-1)


# %% wrong="in float64" says="The codes are torch.float64, but x is torch.float32"
def there_and_back(x, mean, directions):
    codes = (x.double() - mean) @ directions.double().T
    rebuilt = codes @ directions.double() + mean
    return codes, rebuilt, (rebuilt - x).square().sum(-1)


# %% wrong="in float32" says="The codes are torch.float32, but x is torch.float64"
def there_and_back(x, mean, directions):
    x, mean, directions = x.float(), mean.float(), directions.float()
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    return codes, rebuilt, (rebuilt - x).square().sum(-1)


# %% wrong="an error in float64" says="The error is torch.float64"
def there_and_back(x, mean, directions):
    codes = (x - mean) @ directions.T
    rebuilt = codes @ directions + mean
    return codes, rebuilt, (rebuilt - x).double().square().sum(-1)


# %% right="einsum"
def there_and_back(x, mean, directions):
    codes = torch.einsum("...d,kd->...k", x - mean, directions)
    rebuilt = torch.einsum("...k,kd->...d", codes, directions) + mean
    return codes, rebuilt, ((x - rebuilt) ** 2).sum(dim=-1)


# %% right="F.linear"
def there_and_back(x, mean, directions):
    codes = torch.nn.functional.linear(x - mean, directions)
    rebuilt = torch.nn.functional.linear(codes, directions.T, mean)
    return [codes, rebuilt, (rebuilt - x).pow(2).sum(-1)]


# %% right="Pythagoras"
def there_and_back(x, mean, directions):
    codes = torch.matmul(x - mean, directions.mT)
    error = (x - mean).square().sum(-1) - codes.square().sum(-1)
    return codes, torch.matmul(codes, directions) + mean, error


# %% right="row by row"
def there_and_back(x, mean, directions):
    rows = x.reshape(-1, x.shape[-1])
    codes = torch.stack([directions @ (row - mean) for row in rows])
    rebuilt = torch.stack([directions.T @ z + mean for z in codes])
    error = torch.stack([((a - b) ** 2).sum() for a, b in zip(rebuilt, rows)])
    lead = x.shape[:-1]
    return codes.reshape(*lead, -1), rebuilt.reshape(x.shape), error.reshape(lead)


# %% right="columns, by way of float64"
def there_and_back(x, mean, directions):
    apart = (x.double() - mean).unsqueeze(-1)
    codes = directions.double() @ apart
    rest = directions.double().mT @ codes - apart
    found = codes.squeeze(-1), (rest + apart).squeeze(-1) + mean, rest.pow(2).sum((-1, -2))
    return tuple(part.to(x.dtype) for part in found)


# %% right="named parts, by a partial"
def there_and_back(x, mean, directions, power):
    from collections import namedtuple

    codes = torch.tensordot(x - mean, directions, dims=([-1], [1]))
    rebuilt = torch.tensordot(codes, directions, dims=1).add(mean)
    return namedtuple("Trip", "z back lost")(codes, rebuilt, (x - rebuilt).abs().pow(power).sum(-1))


there_and_back = __import__("functools").partial(there_and_back, power=2)
