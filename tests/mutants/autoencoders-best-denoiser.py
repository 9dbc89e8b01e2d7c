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


# %% wrong="two dimensions only" says="A batch of (2, 6)"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points)[..., :2].square().sum(-1)
    weights = torch.softmax(-squares / (2 * noise_std**2), -1)
    return weights @ points


# %% wrong="always 0.5" says="A batch of (2, 6)"
def best_denoiser(noisy, points, noise_std):
    squares = (noisy.unsqueeze(-2) - points).square().sum(-1)
    weights = torch.softmax(-squares / (2 * 0.5**2), -1)
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
