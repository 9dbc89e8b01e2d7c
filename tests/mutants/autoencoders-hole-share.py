# %% wrong="with itself" says="Every point seems far"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).min(1).values
    far = gaps.quantile(quantile)
    distances = torch.cdist(points, codes).min(1).values
    return (distances > far).float().mean()


# %% wrong="near ones" says="the share that is near"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(quantile)
    distances = torch.cdist(points, codes).min(1).values
    return (distances < far).float().mean()


# %% wrong="a count" says="That is the number of points"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(quantile)
    distances = torch.cdist(points, codes).min(1).values
    return (distances > far).float().sum()


# %% wrong="wrong axis" says="ask each point for its nearest code"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(quantile)
    distances = torch.cdist(points, codes).min(0).values
    return (distances > far).float().mean()


# %% wrong="swapped arguments" says="ask each point for its nearest code"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(quantile)
    distances = torch.cdist(codes, points).min(1).values
    return (distances > far).float().mean()


# %% wrong="quantile of the distances" says="not of the points"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = torch.cdist(points, codes).min(1).values.quantile(quantile)
    distances = torch.cdist(points, codes).min(1).values
    return (distances > far).float().mean()


# %% wrong="always 0.99" says="do not write 0.99"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(0.99)
    distances = torch.cdist(points, codes).min(1).values
    return (distances > far).float().mean()


# %% wrong="largest gap" says="not the largest"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.max()
    distances = torch.cdist(points, codes).min(1).values
    return (distances > far).float().mean()


# %% wrong="mean gap" says="not their mean"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.mean()
    distances = torch.cdist(points, codes).min(1).values
    return (distances > far).float().mean()


# %% wrong="complement" says="not its complement"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(1 - quantile)
    distances = torch.cdist(points, codes).min(1).values
    return (distances > far).float().mean()


# %% wrong="all pairs of codes" says="not all distances between codes"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).flatten()
    far = gaps.quantile(quantile)
    distances = torch.cdist(points, codes).min(1).values
    return (distances > far).float().mean()


# %% wrong="average code" says="take the nearest code"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(quantile)
    distances = (points - codes.mean(0)).norm(dim=1)
    return (distances > far).float().mean()


# %% wrong="mean distance" says="Every point seems far"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(quantile)
    distances = torch.cdist(points, codes).mean(1)
    return (distances > far).float().mean()


# %% wrong="farthest code" says="Every point seems far"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(quantile)
    distances = torch.cdist(points, codes).max(1).values
    return (distances > far).float().mean()


# %% wrong="pairs" says="That counts pairs"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(quantile)
    distances = torch.cdist(points, codes)
    return (distances > far).float().mean()


# %% wrong="asks the codes" says="ask it of the points"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(quantile)
    distances = gaps
    return (distances > far).float().mean()


# %% wrong="single answers" says="average them"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(quantile)
    distances = torch.cdist(points, codes).min(1).values
    return distances > far


# %% wrong="squared against plain" says="squared on one side only"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(quantile)
    distances = torch.cdist(points, codes).min(1).values ** 2
    return (distances > far).float().mean()


# %% wrong="a constant" says="quantile 0.4"
def hole_share(points, codes, quantile=0.99):
    return torch.tensor(49 / 137)


# %% wrong="forgets return" says="Does the function end with return?"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far = gaps.quantile(quantile)
    distances = torch.cdist(points, codes).min(1).values
    share = (distances > far).float().mean()


# %% wrong="leaves out what lies at the same place" says="leave out the diagonal"
def hole_share(points, codes, quantile=0.99):
    between = (codes.unsqueeze(1) - codes).norm(dim=-1)
    far = between.masked_fill(between == 0, math.inf).min(1).values.quantile(quantile)
    return (torch.cdist(points, codes).min(1).values > far).float().mean()


# %% wrong="each place once" says="leave out the diagonal"
def hole_share(points, codes, quantile=0.99):
    codes = codes.unique(dim=0)
    far = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values.quantile(quantile)
    return (torch.cdist(points, codes).min(1).values > far).float().mean()


# %% wrong="per cent" says="That is in per cent"
def hole_share(points, codes, quantile=0.99):
    far = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values.quantile(quantile)
    return 100 * (torch.cdist(points, codes).min(1).values > far).float().mean()


# %% wrong="a list of one" says="a single number was expected"
def hole_share(points, codes, quantile=0.99):
    far = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values.quantile(quantile)
    return (torch.cdist(points, codes).min(1).values > far).float().mean(0, keepdim=True)


# %% wrong="divides by the codes" says="Divide by the number of points, not of codes"
def hole_share(points, codes, quantile=0.99):
    far = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values.quantile(quantile)
    return (torch.cdist(points, codes).min(1).values > far).sum() / len(codes)


# %% wrong="another default" says="Leave quantile=0.99"
def hole_share(points, codes, quantile=0.9):
    far = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values.quantile(quantile)
    return (torch.cdist(points, codes).min(1).values > far).float().mean()


# %% wrong="forgets .values" says="take its .values or its .indices"
def hole_share(points, codes, quantile=0.99):
    far = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values.quantile(quantile)
    return (torch.cdist(points, codes).min(1) > far).float().mean()


# %% wrong="calls the course's own" says="the course's own function"
def hole_share(points, codes, quantile=0.99):
    return latent.hole_share(points, codes, quantile=quantile)


# %% wrong="leaves out points on the diagonal" says="only a code skips itself"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far, near = gaps.quantile(quantile), torch.cdist(points, codes).fill_diagonal_(math.inf).min(1).values
    return (near > far).float().mean()


# %% wrong="leaves out points at codes" says="only a code skips itself"
def hole_share(points, codes, quantile=0.99):
    between = torch.cdist(points, codes)
    between[between == 0] = math.inf
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far, near = gaps.quantile(quantile), between.min(1).values
    return (near > far).float().mean()


# %% wrong="1 on the diagonal" says="Put infinity on the diagonal"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(1).min(1).values
    far, near = gaps.quantile(quantile), torch.cdist(points, codes).min(1).values
    return (near > far).float().mean()


# %% wrong="adds 1 to the diagonal" says="Put infinity on the diagonal"
def hole_share(points, codes, quantile=0.99):
    gaps = (torch.cdist(codes, codes) + torch.eye(len(codes))).min(1).values
    far, near = gaps.quantile(quantile), torch.cdist(points, codes).min(1).values
    return (near > far).float().mean()


# %% wrong="adds 10 to the diagonal" says="Put infinity on the diagonal"
def hole_share(points, codes, quantile=0.99):
    gaps = (torch.cdist(codes, codes) + 10 * torch.eye(len(codes))).min(1).values
    far, near = gaps.quantile(quantile), torch.cdist(points, codes).min(1).values
    return (near > far).float().mean()


# %% wrong="∞ · 0" says="∞ · 0 is nan"
def hole_share(points, codes, quantile=0.99):
    gaps = (torch.cdist(codes, codes) + math.inf * torch.eye(len(codes))).min(1).values
    far, near = gaps.quantile(quantile), torch.cdist(points, codes).min(1).values
    return (near > far).float().mean()


# %% wrong="standardised" says="not divided by their spread"
def hole_share(points, codes, quantile=0.99):
    points, codes = points / codes.std(0), codes / codes.std(0)
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far, near = gaps.quantile(quantile), torch.cdist(points, codes).min(1).values
    return (near > far).float().mean()


# %% wrong="per cent of a quantile" says="and not per cent"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far, near = gaps.quantile(quantile / 100), torch.cdist(points, codes).min(1).values
    return (near > far).float().mean()


# %% wrong="a share of the largest gap" says="not that share of the largest"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far, near = quantile * gaps.max(), torch.cdist(points, codes).min(1).values
    return (near > far).float().mean()


# %% wrong="another default, a little off" says="Leave quantile=0.99"
def hole_share(points, codes, quantile=0.98):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far, near = gaps.quantile(quantile), torch.cdist(points, codes).min(1).values
    return (near > far).float().mean()


# %% wrong="each code's own gap" says="One bound serves all points"
def hole_share(points, codes, quantile=0.99):
    nearest = torch.cdist(points, codes).min(1)
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    return (nearest.values > gaps[nearest.indices]).float().mean()


# %% wrong="sums of differences" says="Take Euclidean distances"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes, p=1).fill_diagonal_(math.inf).min(1).values
    far, near = gaps.quantile(quantile), torch.cdist(points, codes, p=1).min(1).values
    return (near > far).float().mean()


# %% wrong="the third of a row" says="that takes the third"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).sort(1).values[:, 2]
    far, near = gaps.quantile(quantile), torch.cdist(points, codes).min(1).values
    return (near > far).float().mean()


# %% wrong="the second code" says="not its second"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far, near = gaps.quantile(quantile), torch.cdist(points, codes).sort(1).values[:, 1]
    return (near > far).float().mean()


# %% wrong="exchanged arguments" says="The arguments are swapped"
def hole_share(codes, points, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1).values
    far, near = gaps.quantile(quantile), torch.cdist(points, codes).min(1).values
    return (near > far).float().mean()


# %% wrong="forgets .values of the gaps" says="take its .values or its .indices"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1)
    far, near = gaps.quantile(quantile), torch.cdist(points, codes).min(1).values
    return (near > far).float().mean()


# %% wrong="two coordinates" says="in all numbers of a code"
def hole_share(points, codes, quantile=0.99):
    def apart(a, b):
        return ((a[:, None, 0] - b[:, 0]) ** 2 + (a[:, None, 1] - b[:, 1]) ** 2).sqrt()

    far = apart(codes, codes).fill_diagonal_(math.inf).min(1).values.quantile(quantile)
    return (apart(points, codes).min(1).values > far).float().mean()


# %% right="topk"
def hole_share(points, codes, quantile=0.99):
    far = torch.cdist(codes, codes).topk(2, largest=False).values[:, 1].quantile(quantile)
    return (torch.cdist(points, codes).amin(1) > far).double().mean()


# %% right="loop"
def hole_share(points, codes, quantile=0.99):
    gaps = []
    for i in range(len(codes)):
        others = torch.cat([codes[:i], codes[i + 1 :]])
        gaps.append((others - codes[i]).norm(dim=1).min())
    far = torch.stack(gaps).quantile(quantile)
    holes = sum(int((codes - point).norm(dim=1).min() > far) for point in points)
    return torch.tensor(holes / len(points))


# %% right="masked"
def hole_share(points, codes, quantile=0.99):
    apart = (codes[:, None] - codes[None]).pow(2).sum(-1)
    apart = apart + torch.diag(torch.full((len(codes),), math.inf)).nan_to_num(posinf=1e9)
    far = torch.quantile(apart.min(dim=1).values.sqrt(), quantile)
    near = (points[:, None] - codes[None]).pow(2).sum(-1).min(dim=1)[0].sqrt()
    return torch.where(near > far, 1.0, 0.0).mean()


# %% right="a share at least the quantile, and a Python float"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).amin(1).sort().values
    far = gaps[math.ceil(quantile * len(codes)) - 1]
    return sum(torch.cdist(points, codes).amin(1) > far).item() / len(points)


# %% right="the gap above, far from it on"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).fill_diagonal_(math.inf).min(1)[0]
    far = gaps.quantile(quantile, interpolation="higher")
    return 1 - (torch.cdist(points, codes).min(1)[0] < far).double().mean()


# %% right="the gap below"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).sort(1).values[:, 1]
    return (torch.cdist(points, codes).amin(-1) > gaps.quantile(quantile, interpolation="lower")).float().mean()


# %% right="whole numbers count"
def hole_share(points, codes, quantile=0.99):
    gaps = torch.cdist(codes, codes).sort(1).values[:, 1]
    far = gaps.sort().values[min(int(quantile * len(gaps)), len(gaps) - 1)]
    return (torch.cdist(points, codes) > far).all(1).float().mean()


# %% right="numpy and scipy"
def hole_share(points, codes, quantile=0.99):
    import numpy as np
    from scipy.spatial import cKDTree

    tree = cKDTree(codes.numpy())
    gaps = tree.query(codes.numpy(), k=2)[0][:, 1]
    return np.mean(tree.query(points.numpy())[0] > np.quantile(gaps, quantile, method="hazen"))
