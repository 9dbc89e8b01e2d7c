# %% wrong="gives the standard deviation" says="That is the standard deviation of one return"
def monte_carlo(samples):
    return samples.mean(), samples.std()


# %% wrong="divides by n" says="not by n"
def monte_carlo(samples):
    return samples.mean(), samples.std() / len(samples)


# %% wrong="gives the variance over n" says="That is a variance"
def monte_carlo(samples):
    return samples.mean(), samples.var() / len(samples)


# %% wrong="gives the variance" says="That is a variance"
def monte_carlo(samples):
    return samples.mean(), samples.var()


# %% wrong="gives the variance over √n" says="not the variance"
def monte_carlo(samples):
    return samples.mean(), samples.var() / len(samples) ** 0.5


# %% wrong="divides the deviation by n inside the root" says="Use the sample standard deviation"
def monte_carlo(samples):
    return samples.mean(), samples.std(correction=0) / len(samples) ** 0.5


# %% wrong="takes the deviation of numpy" says="Use the sample standard deviation"
def monte_carlo(samples):
    array = samples.numpy()
    return array.mean(), array.std() / len(array) ** 0.5


# %% wrong="divides by √(n − 1) as well" says="n − 1 once only"
def monte_carlo(samples):
    return samples.mean(), samples.std() / (len(samples) - 1) ** 0.5


# %% wrong="takes the median" says="not the median"
def monte_carlo(samples):
    return samples.median(), samples.std() / len(samples) ** 0.5


# %% wrong="takes the median of numpy" says="not the median"
def monte_carlo(samples):
    return samples.quantile(0.5), samples.std() / len(samples) ** 0.5


# %% wrong="sums" says="divide the sum by n"
def monte_carlo(samples):
    return samples.sum(), samples.std() / len(samples) ** 0.5


# %% wrong="divides the sum by n − 1" says="The mean divides by n"
def monte_carlo(samples):
    return samples.sum() / (len(samples) - 1), samples.std() / len(samples) ** 0.5


# %% wrong="gives the error first" says="The mean comes first"
def monte_carlo(samples):
    return samples.std() / len(samples) ** 0.5, samples.mean()


# %% wrong="takes std_mean as it comes" says="The mean comes first"
def monte_carlo(samples):
    return torch.std_mean(samples)


# %% wrong="gives the mean only" says="a tuple (mean, error) was expected"
def monte_carlo(samples):
    return samples.mean()


# %% wrong="stacks both into a tensor" says="a tuple (mean, error) was expected"
def monte_carlo(samples):
    return torch.stack([samples.mean(), samples.std() / len(samples) ** 0.5])


# %% wrong="gives n, too" says="has 3 parts"
def monte_carlo(samples):
    return samples.mean(), samples.std() / len(samples) ** 0.5, len(samples)


# %% wrong="divides by the roots of 1 to n" says="a single number was expected"
def monte_carlo(samples):
    return samples.mean(), samples.std() / torch.arange(1, len(samples) + 1) ** 0.5


# %% wrong="returns nothing" says="is None"
def monte_carlo(samples):
    mean, error = samples.mean(), samples.std() / len(samples) ** 0.5


# %% wrong="divides by half of n" says="The standard deviation over √n"
def monte_carlo(samples):
    return samples.mean(), samples.std() * 2 / len(samples)


# %% wrong="rounds" says="Do not round"
def monte_carlo(samples):
    return round(samples.mean().item(), 2), round(samples.std().item() / len(samples) ** 0.5, 2)


# %% wrong="calls the course's function" says="the course's own function"
def monte_carlo(samples):
    return mdps.monte_carlo(samples)


# %% right="Python numbers"
def monte_carlo(samples):
    returns, n = samples.tolist(), len(samples)
    mean = sum(returns) / n
    return mean, (sum((g - mean) ** 2 for g in returns) / (n - 1) / n) ** 0.5


# %% right="the root of the variance, in float64"
def monte_carlo(samples):
    samples = samples.double()
    return samples.mean(), torch.sqrt(samples.var() / samples.numel())


# %% right="std_mean, turned around"
def monte_carlo(samples):
    std, mean = torch.std_mean(samples)
    return mean, std / torch.sqrt(torch.tensor(len(samples)))


# %% right="numpy numbers in a list"
def monte_carlo(samples):
    import numpy as np

    return [np.mean(samples.numpy()), np.std(samples.numpy(), ddof=1) / np.sqrt(len(samples))]


# %% right="the statistics module"
def monte_carlo(samples):
    import statistics

    return statistics.fmean(samples.tolist()), statistics.stdev(samples.tolist()) / len(samples) ** 0.5


# %% right="the last dimension, kept"
def monte_carlo(samples):
    return samples.mean(-1, keepdim=True), samples.std(-1, keepdim=True) * samples.shape[-1] ** -0.5


# %% right="the mean as a tensor, the error as a number"
def monte_carlo(samples):
    mean = sum(samples) / len(samples)
    return mean, float(((samples - mean) ** 2).sum() / (len(samples) * (len(samples) - 1))) ** 0.5
