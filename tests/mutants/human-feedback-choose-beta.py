# %% wrong="trusts the proxy" says="trusts the proxy"
def choose_beta(betas, proxy, true):
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    near = means >= means[best] - error
    chosen = proxy.mean(-1).argmax()
    return betas[chosen], means[chosen] - means[proxy.mean(-1).argmax()]


# %% wrong="best mean" says="A larger one lies within"
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


# %% wrong="smallest" says="the largest is the safest"
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


# %% wrong="all samples' deviation" says="further below the best"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true.std() / m**0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="own standard error" says="further below the best"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true.std(-1) / m**0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="one sample less" says="further below the best"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true[best].std() / (m - 1) ** 0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="the trusted one's" says="further below the best"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true[trusted].std() / m**0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="biased deviation" says="A larger one lies within"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true[best].std(unbiased=False) / m**0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="n for m" says="A larger one lies within"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true[best].std() / len(betas) ** 0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="deviation of the means" says="A larger one lies within"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = means.std() / len(betas) ** 0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="the proxy's deviation" says="A larger one lies within"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = proxy[best].std() / m**0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="over m" says="A larger one lies within"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true[best].std() / m
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="variance over m" says="A larger one lies within"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true[best].var() / m
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="fixed" says="A larger one lies within"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = 0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="next best mean only" says="A larger one lies within"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true[best].std() / m**0.5
    chosen = means.argsort(descending=True)[1]
    if means[chosen] < means[best] - error or betas[chosen] < betas[best]:
        chosen = best
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="up to the first gap" says="A larger one lies within"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true[best].std() / m**0.5
    order = betas.argsort()
    place = int((order == best).nonzero())
    while place + 1 < len(betas) and means[order[place + 1]] >= means[best] - error:
        place += 1
    chosen = order[place]
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="last in the list" says="any order"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true[best].std() / m**0.5
    chosen = (means >= means[best] - error).nonzero()[-1, 0]
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="error added" says="at least the best mean minus"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = -true[best].std() / m**0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[trusted]


# %% wrong="price at the smallest β" says="not the smallest β"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true[best].std() / m**0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[betas.argmin()]


# %% wrong="price at the largest sample" says="of its largest sample"
def choose_beta(betas, proxy, true):
    means, m = true.mean(-1), true.shape[-1]
    best, trusted = means.argmax(), proxy.mean(-1).argmax()
    error = true[best].std() / m**0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[proxy.amax(-1).argmax()]


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
