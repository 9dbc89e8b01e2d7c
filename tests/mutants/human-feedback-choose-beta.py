# %% wrong="trusts the proxy" says="trusts the proxy"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = proxy.mean(-1).argmax()
    return betas[chosen], means[chosen] - means[proxy.mean(-1).argmax()]


# %% wrong="best mean" says="larger β is the safer"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = best
    return betas[chosen], means[chosen] - means[proxy.mean(-1).argmax()]


# %% wrong="deviation" says="deviation itself"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std()
    near = means >= means[best] - error
    chosen = betas.where(near, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[proxy.mean(-1).argmax()]


# %% wrong="smallest" says="smallest β"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = betas.where(near, torch.inf).argmin()
    return betas[chosen], means[chosen] - means[proxy.mean(-1).argmax()]


# %% wrong="place" says="its place in the list"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = betas.where(near, -torch.inf).argmax()
    return chosen, means[chosen] - means[proxy.mean(-1).argmax()]


# %% wrong="largest of all" says="largest β of all"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = betas.argmax()
    return betas[chosen], means[chosen] - means[proxy.mean(-1).argmax()]


# %% wrong="price's sign" says="sign is wrong"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = betas.where(near, -torch.inf).argmax()
    return betas[chosen], means[proxy.mean(-1).argmax()] - means[chosen]


# %% wrong="price from the best" says="start from that at your β"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = betas.where(near, -torch.inf).argmax()
    return betas[chosen], means[best] - means[proxy.mean(-1).argmax()]


# %% wrong="gap at one β" says="at one β"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = betas.where(near, -torch.inf).argmax()
    return betas[chosen], (proxy.mean(-1) - means)[proxy.mean(-1).argmax()]


# %% wrong="price by the proxy" says="compares proxies"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = betas.where(near, -torch.inf).argmax()
    return betas[chosen], proxy.mean(-1)[chosen] - proxy.mean(-1).max()


# %% wrong="only the β" says="a tuple (beta, price)"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = betas.where(near, -torch.inf).argmax()
    return betas[chosen]


# %% right="where"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = betas.where(near, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[proxy.mean(-1).argmax()]


# %% right="maximum"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = (betas == betas[near].max()).nonzero()[0, 0]
    return betas[chosen], means[chosen] - means[proxy.mean(-1).argmax()]


# %% right="a loop"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best = max(range(len(betas)), key=lambda i: means[i].item())
    limit = means[best].item() - true[best].std().item() / m**0.5
    chosen = max((i for i in range(len(betas)) if means[i].item() >= limit), key=lambda i: betas[i].item())
    trusting = max(range(len(betas)), key=lambda i: proxy[i].mean().item())
    return betas[chosen].item(), (means[chosen] - means[trusting]).item()
