# %% wrong="exponentials" says="Far away all exponentials underflow"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.exp(-squares / (2 * noise_std**2))
    weights = weights / weights.sum(-1, keepdim=True)
    return weights @ points


# %% wrong="a small number" says="Far away all exponentials underflow"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.exp(-squares / (2 * noise_std**2))
    weights = weights / (weights.sum(-1, keepdim=True) + 1e-12)
    return weights @ points


# %% wrong="not normalised" says="The weights do not sum to 1"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.exp(-squares / (2 * noise_std**2))
    return weights @ points


# %% wrong="nearest point" says="That takes the nearest point only"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), -1)
    return points[squares.argmin(-1)]


# %% wrong="plain mean" says="the plain mean of all points"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), -1)
    return points.mean(0).expand(noisy.shape)


# %% wrong="forgets the 2" says="The 2 is missing"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / noise_std**2, -1)
    return weights @ points


# %% wrong="divides by σ" says="not by 2σ"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std), -1)
    return weights @ points


# %% wrong="forgets σ" says="noise_std is missing"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / 2, -1)
    return weights @ points


# %% wrong="bracket" says="put 2σ² in brackets"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / 2 * noise_std**2, -1)
    return weights @ points


# %% wrong="distance" says="The distance has to be squared"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares.sqrt() / (2 * noise_std**2), -1)
    return weights @ points


# %% wrong="sign" says="a far point weighs little"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(squares / (2 * noise_std**2), -1)
    return weights @ points


# %% wrong="wrong axis" says="softmax runs over the points"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), 0)
    return weights @ points


# %% wrong="the field" says="That is where to move"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), -1)
    return weights @ points - noisy


# %% wrong="weights" says="Those are the weights"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), -1)
    return weights


# %% wrong="identity" says="That is noisy itself"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), -1)
    return noisy.clone()


# %% wrong="two dimensions only" says="softmax(−‖noisy − point‖²/2σ²)"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points)[..., :2].square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), -1)
    return weights @ points


# %% wrong="always 0.4" says="σ = 1.5"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * 0.4**2), -1)
    return weights @ points


# %% wrong="changes in place" says="was changed in place"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), -1)
    noisy[:] = weights @ points
    return noisy


# %% wrong="forgets return" says="Does the function end with return?"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), -1)
    cleaned = weights @ points


# %% wrong="exponentials in float64" says="Far away all exponentials underflow"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1).double()
    weights = torch.exp(-squares / (2 * noise_std**2))
    return (weights / weights.sum(-1, keepdim=True) @ points.double()).to(noisy)


# %% wrong="one maximum for all" says="Far away all exponentials underflow"
def best_denoiser(noisy, points, noise_std):
    logs = -(noisy.unsqueeze(-2) - points).square().sum(-1) / (2 * noise_std**2)
    weights = torch.exp(logs - logs.max())
    return weights / weights.sum(-1, keepdim=True) @ points


# %% wrong="mean of squares" says="over the D numbers"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().mean(-1)
    return torch.softmax(-squares / (2 * noise_std**2), -1) @ points


# %% wrong="softmax counted from the front" says="softmax runs over the points"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    return torch.softmax(-squares / (2 * noise_std**2), 1) @ points


# %% wrong="dimensions counted from the front" says="count from the end, dim=-1"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(1) - points.unsqueeze(0)).square().sum(2)
    return torch.softmax(-squares / (2 * noise_std**2), 1) @ points


# %% wrong="squeezes" says="Keep every dimension"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    return (torch.softmax(-squares / (2 * noise_std**2), -1) @ points).squeeze()


# %% wrong="each place once" says="twice as probable"
def best_denoiser(noisy, points, noise_std):
    points = points.unique(dim=0)
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    return torch.softmax(-squares / (2 * noise_std**2), -1) @ points


# %% wrong="returns float64" says="keep the dtype of noisy"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1).double()
    return torch.softmax(-squares / (2 * noise_std**2), -1) @ points.double()


# %% wrong="calls the course's own" says="the course's own function"
def best_denoiser(noisy, points, noise_std):
    return autoencoders.best_denoiser(noisy, points, noise_std)


# %% wrong="the nearest where all underflow" says="Far away all exponentials underflow"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.exp(-squares / (2 * noise_std**2))
    cleaned = weights / weights.sum(-1, keepdim=True) @ points
    return torch.where(cleaned.isnan(), points[squares.argmin(-1)], cleaned)


# %% wrong="products only" says="it differs from point to point"
def best_denoiser(noisy, points, noise_std):
    return torch.softmax(noisy @ points.T / noise_std**2, -1) @ points


# %% wrong="log_softmax" says="softmax, not log_softmax"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    return torch.log_softmax(-squares / (2 * noise_std**2), -1) @ points


# %% wrong="softmax of exponentials" says="give it the exponents"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    return torch.softmax(torch.exp(-squares / (2 * noise_std**2)), -1) @ points


# %% wrong="points in units of σ" says="weight the points themselves"
def best_denoiser(noisy, points, noise_std):
    noisy, points = noisy / noise_std, points / noise_std
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    return torch.softmax(-squares / 2, -1) @ points


# %% wrong="averages weighted points" says="sum them: weights @ points"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), -1)
    return (weights.unsqueeze(-1) * points).mean(-2)


# %% wrong="divides the weights" says="Divide the exponents by 2σ²"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    return torch.softmax(-squares, -1) / (2 * noise_std**2) @ points


# %% wrong="in float32" says="The cleaned points are torch.float32, but noisy is torch.float64"
def best_denoiser(noisy, points, noise_std):
    noisy, points = noisy.float(), points.float()
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    return torch.softmax(-squares / (2 * noise_std**2), -1) @ points


# %% right="cdist"
def best_denoiser(noisy, points, noise_std):
    batch = noisy.reshape(-1, noisy.shape[-1])
    weights = torch.softmax(-(torch.cdist(batch, points) ** 2) / (2 * noise_std**2), dim=1)
    return (weights @ points).reshape(noisy.shape)


# %% right="expanded square"
def best_denoiser(noisy, points, noise_std):
    logs = (noisy @ points.T - points.square().sum(-1) / 2) / noise_std**2
    return torch.softmax(logs, -1) @ points


# %% right="logsumexp"
def best_denoiser(noisy, points, noise_std):
    logs = -0.5 * ((noisy[..., None, :] - points) / noise_std).pow(2).sum(-1)
    weights = (logs - logs.logsumexp(-1, keepdim=True)).exp()
    return torch.einsum("...n,nd->...d", weights, points)


# %% right="loop"
def best_denoiser(noisy, points, noise_std):
    rows = []
    for point in noisy.reshape(-1, noisy.shape[-1]):
        logs = -((point - points) ** 2).sum(-1) / (2 * noise_std**2)
        weights = (logs - logs.max()).exp()
        rows.append((weights[:, None] * points).sum(0) / weights.sum())
    return torch.stack(rows).reshape(noisy.shape)


# %% right="cdist of what is given"
def best_denoiser(noisy, points, noise_std):
    return torch.softmax(-torch.cdist(noisy, points).square() / (2 * noise_std**2), -1) @ points


# %% right="up the slope of the log-density"
def best_denoiser(noisy, points, noise_std):
    at = noisy.clone().requires_grad_()
    slope = torch.autograd.grad(autoencoders.log_density(at, points, noise_std).sum(), at)[0]
    return noisy + noise_std**2 * slope


# %% right="a normal density"
def best_denoiser(noisy, points, noise_std):
    logs = torch.distributions.Normal(points, noise_std).log_prob(noisy[..., None, :]).sum(-1)
    return (logs.softmax(-1).unsqueeze(-1) * points).sum(-2)
