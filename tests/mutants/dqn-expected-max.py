# %% wrong="the mean of all" says="the mean of all numbers"
def expected_max(n, samples, *, generator):
    return torch.randn(samples, n, generator=generator).mean()


# %% wrong="the minimum" says="That is the minimum"
def expected_max(n, samples, *, generator):
    return torch.randn(samples, n, generator=generator).amin(-1).mean()


# %% wrong="the largest of all" says="the largest of all numbers"
def expected_max(n, samples, *, generator):
    return torch.randn(samples, n, generator=generator).max()


# %% wrong="over the samples" says="the maximum over the samples"
def expected_max(n, samples, *, generator):
    return torch.randn(samples, n, generator=generator).amax(0).mean()


# %% wrong="uniform numbers" says="uniform numbers"
def expected_max(n, samples, *, generator):
    return torch.rand(samples, n, generator=generator).amax(-1).mean()


# %% wrong="not averaged" says="one number was expected"
def expected_max(n, samples, *, generator):
    return torch.randn(samples, n, generator=generator).amax(-1)


# %% wrong="the index" says="was expected"
def expected_max(n, samples, *, generator):
    return torch.randn(samples, n, generator=generator).argmax(-1).double().mean()


# %% wrong="the global seed" says="generator=generator"
def expected_max(n, samples, *, generator):
    return torch.randn(samples, n).amax(-1).mean()


# %% wrong="absolute values" says="was expected"
def expected_max(n, samples, *, generator):
    return torch.randn(samples, n, generator=generator).abs().amax(-1).mean()


# %% wrong="a number of samples of its own" says="as `samples` says"
def expected_max(n, samples, *, generator):
    return torch.randn(10_000, n, generator=generator).amax(-1).mean()


# %% wrong="a tenth of the samples" says="scatter more than they should"
def expected_max(n, samples, *, generator):
    return torch.randn(max(samples // 10, 1), n, generator=generator).amax(-1).mean()


# %% wrong="one sample less" says="was expected"
def expected_max(n, samples, *, generator):
    return torch.randn(samples, n, generator=generator).amax(-1).sum() / (samples - 1)


# %% wrong="keeps a dimension" says="one number was expected"
def expected_max(n, samples, *, generator):
    return torch.randn(samples, n, generator=generator).amax(-1).mean(0, keepdim=True)


# %% wrong="starts from 0" says="starts from 0"
def expected_max(n, samples, *, generator):
    best = torch.zeros(samples)
    for _ in range(n):
        best = torch.maximum(best, torch.randn(samples, generator=generator))
    return best.mean()


# %% wrong="the range" says="less the smallest"
def expected_max(n, samples, *, generator):
    numbers = torch.randn(samples, n, generator=generator)
    return (numbers.amax(-1) - numbers.amin(-1)).mean()


# %% wrong="a seed inside" says="Hand `generator` itself"
def expected_max(n, samples, *, generator):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(samples, n, generator=generator).amax(-1).mean()


# %% right="max().values"
def expected_max(n, samples, *, generator):
    numbers = torch.randn(samples, n, generator=generator)
    return numbers.max(dim=1).values.mean()


# %% right="a Python number, from columns"
def expected_max(n, samples, *, generator):
    return torch.randn(n, samples, generator=generator).amax(0).mean().item()


# %% right="a loop, in float64"
def expected_max(n, samples, *, generator):
    total = 0.0
    for _ in range(samples):
        total += torch.randn(n, generator=generator, dtype=torch.float64).max().item()
    return total / samples
