# %% wrong="not centred" says="not centred"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x, full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / len(x)


# %% wrong="mean over numbers" says="average over points, dimension 0"
def pca(x, k):
    mean = x.mean(1)
    _, s, v = torch.linalg.svd(x - x.mean(0), full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / len(x)


# %% wrong="mean of all" says="each of the D numbers has its own mean"
def pca(x, k):
    mean = x.mean()
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / len(x)


# %% wrong="keeps a dimension" says="Keep no extra dimension"
def pca(x, k):
    mean = x.mean(0, keepdim=True)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / len(x)


# %% wrong="columns instead of rows" says="Those are columns of"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:, :k].T, s[:k] ** 2 / len(x)


# %% wrong="transposed" says="return the transpose"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k].T, s[:k] ** 2 / len(x)


# %% wrong="takes U" says="That takes U"
def pca(x, k):
    mean = x.mean(0)
    v, s, _ = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:, :k], s[:k] ** 2 / len(x)


# %% wrong="all directions" says="Return the first k rows"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v, s[:k] ** 2 / len(x)


# %% wrong="scaled directions" says="leave the singular values out"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, s[:k, None] * v[:k], s[:k] ** 2 / len(x)


# %% wrong="smallest variance" says="smallest variance"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[-k:], s[:k] ** 2 / len(x)


# %% wrong="eigh without a flip" says="smallest variance"
def pca(x, k):
    mean = x.mean(0)
    variances, vectors = torch.linalg.eigh((x - mean).T @ (x - mean) / len(x))
    return mean, vectors[:, :k].T, variances[:k]


# %% wrong="eigh, smallest of the largest first" says="The order is reversed"
def pca(x, k):
    mean = x.mean(0)
    variances, vectors = torch.linalg.eigh((x - mean).T @ (x - mean) / len(x))
    return mean, vectors[:, -k:].T, variances[-k:]


# %% wrong="standardised" says="do not divide by the spread"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd((x - mean) / x.std(0), full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / len(x)


# %% wrong="centres each point" says="own average"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - x.mean(1, keepdim=True), full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / len(x)


# %% wrong="singular values" says="square them and divide by N"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k], s[:k]


# %% wrong="squares only" says="Divide the squares by N"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k], s[:k] ** 2


# %% wrong="does not square" says="Square the singular values"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k], s[:k] / len(x)


# %% wrong="divides by N − 1" says="not by N − 1"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / (len(x) - 1)


# %% wrong="divides by D" says="not by D"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / x.shape[1]


# %% wrong="standard deviations" says="a variance is their square"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k], s[:k] / len(x) ** 0.5


# %% wrong="all variances" says="Return the first k only"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k], s**2 / len(x)


# %% wrong="shares" says="shares of the whole variance"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / (s**2).sum()


# %% wrong="always three" says="of 5 points with 9 numbers has shape (3, 9)"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    k = 3
    return mean, v[:3], s[:3] ** 2 / len(x)


# %% wrong="centres in place" says="was changed in place"
def pca(x, k):
    mean = x.mean(0)
    x -= mean
    _, s, v = torch.linalg.svd(x, full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / len(x)


# %% wrong="float64" says="keep the dtype of x"
def pca(x, k):
    mean = x.double().mean(0)
    _, s, v = torch.linalg.svd(x.double() - mean)
    return mean, v[:k], s[:k] ** 2 / len(x)


# %% wrong="random directions" says="first rows of Vᵀ"
def pca(x, k):
    mean = x.mean(0)
    v = torch.linalg.qr(torch.randn(x.shape[1], k, generator=torch.Generator().manual_seed(0))).Q.T
    return mean, v, ((x - mean) @ v.T).square().mean(0)


# %% wrong="forgets return" says="but a tuple (mean, directions, variances) was expected"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    pass


# %% wrong="rows of eigenvectors" says="Of eigh's vectors they are the columns"
def pca(x, k):
    mean = x.mean(0)
    variances, vectors = torch.linalg.eigh((x - mean).T @ (x - mean) / len(x))
    return mean, vectors.flip(1)[:k], variances.flip(0)[:k]


# %% wrong="last rows of eigenvectors" says="Of eigh's vectors they are the columns"
def pca(x, k):
    mean = x.mean(0)
    variances, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))
    return mean, vectors[-k:].flip(0), variances[-k:].flip(0)


# %% wrong="eigenvectors, transposed" says="return the transpose"
def pca(x, k):
    mean = x.mean(0)
    variances, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))
    return mean, vectors.flip(1)[:, :k], variances.flip(0)[:k]


# %% wrong="the sum for the mean" says="divide it by N"
def pca(x, k):
    _, s, v = torch.linalg.svd(x - x.mean(0), full_matrices=False)
    return x.sum(0), v[:k], s[:k] ** 2 / len(x)


# %% wrong="squeezes a single direction" says="even where there is one only: (1, D)"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k].squeeze(0), s[:k] ** 2 / len(x)


# %% wrong="a mean in float64" says="The mean is torch.float64"
def pca(x, k):
    mean = x.double().mean(0)
    _, s, v = torch.linalg.svd(x - mean.float(), full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / len(x)


# %% wrong="divides by a fixed 50" says="The variance of 5 points"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / 50


# %% wrong="calls the course's own" says="the course's own function"
def pca(x, k):
    return autoencoders.pca(x, k)


# %% wrong="another order" says="Return the mean first"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return v[:k], mean, s[:k] ** 2 / len(x)


# %% wrong="variances first" says="Return the mean first"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return s[:k] ** 2 / len(x), v[:k], mean


# %% wrong="columns, as columns" says="Those are columns of"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:, :k], s[:k] ** 2 / len(x)


# %% wrong="takes U, transposed" says="That takes U"
def pca(x, k):
    mean = x.mean(0)
    u, s, _ = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, u[:, :k].T, s[:k] ** 2 / len(x)


# %% wrong="a covariance of points" says="torch.cov takes x.T"
def pca(x, k):
    variances, vectors = torch.linalg.eigh(torch.cov(x, correction=0))
    return x.mean(0), vectors.flip(1)[:, :k].T, variances.flip(0)[:k]


# %% wrong="squares of the covariance's" says="do not square them"
def pca(x, k):
    _, s, v = torch.linalg.svd(torch.cov(x.T, correction=0))
    return x.mean(0), v[:k], s[:k] ** 2


# %% wrong="divides, then squares" says="Square first, then divide by N"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, v[:k], (s[:k] / len(x)) ** 2


# %% wrong="variances of the numbers" says="take them along the directions"
def pca(x, k):
    mean = x.mean(0)
    v = torch.linalg.svd(x - mean, full_matrices=False).Vh
    return mean, v[:k], x.var(0, correction=0)[:k]


# %% wrong="eigenvalues in no order" says="eigh sorts, the smallest first"
def pca(x, k):
    mean = x.mean(0)
    variances, vectors = torch.linalg.eig((x - mean).T @ (x - mean) / len(x))
    return mean, vectors.real[:, :k].T, variances.real[:k]


# %% wrong="variances in float64" says="The variances are torch.float64"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd((x - mean).double(), full_matrices=False)
    return mean, v[:k].to(x.dtype), s[:k] ** 2 / len(x)


# %% wrong="in float32" says="The mean is torch.float32, but x is torch.float64"
def pca(x, k):
    mean = x.float().mean(0)
    _, s, v = torch.linalg.svd(x.float() - mean, full_matrices=False)
    return mean, v[:k], s[:k] ** 2 / len(x)


# %% right="eigenvectors of the covariance"
def pca(x, k):
    mean = x.mean(0)
    variances, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))
    return mean, vectors.flip(1)[:, :k].T, variances.flip(0)[:k]


# %% right="the other signs"
def pca(x, k):
    mean = torch.mean(x, dim=0)
    u, s, v = torch.svd(x - mean)
    return mean, -v[:, :k].T, s[:k].square() / x.shape[0]


# %% right="of either sign"
def pca(x, k):
    mean = x.mean(0)
    _, s, v = torch.linalg.svd(x - mean)
    signs = torch.ones(len(v[:k]), 1)
    signs[::2] = -1
    return mean, signs * v[:k], s[:k].square().div(len(x))


# %% right="variances of codes"
def pca(x, k):
    mean = x.sum(0) / len(x)
    v = torch.linalg.svd(x - mean, full_matrices=False).Vh[:k]
    return mean, v, ((x - mean) @ v.T).var(0, correction=0)


# %% right="numpy"
def pca(x, k):
    import numpy as np

    points = x.numpy()
    mean = points.mean(0)
    _, s, v = np.linalg.svd(points - mean, full_matrices=False)
    return [torch.from_numpy(part) for part in (mean, v[:k], s[:k] ** 2 / len(points))]


# %% right="products of points, where these are few"
def pca(x, k):
    mean = x.double().mean(0)
    centred = x.double() - mean
    squares, u = torch.linalg.eigh(centred @ centred.T)
    rows = u.flip(1)[:, :k].T @ centred
    return mean.to(x), (rows / rows.norm(dim=1, keepdim=True)).to(x), (squares.flip(0)[:k] / len(x)).to(x)


# %% right="one mean square less another, as an object"
class Pca:
    def __call__(self, x, k):
        points = x.double()
        variances, vectors = torch.linalg.eigh(points.T @ points / len(x) - x.mean(0).outer(points.mean(0)))
        return x.mean(0), vectors[:, -k:].flip(1).T.to(x), variances[-k:].flip(0).to(x)


def pca(x, k):
    pass


pca = Pca()
