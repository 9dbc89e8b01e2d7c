# %% wrong="π moves along in k1" says="detach() π(y), and not u"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [
        (log_pi.exp() * u).sum(),
        (pi * u.square() / 2).sum(),
        (pi * ((-u).exp() - 1 + u)).sum(),
        (pi * u.detach() * log_pi).sum(),
    ]
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


# %% wrong="π moves along in k2" says="drawn already"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [
        (pi * u).sum(),
        (log_pi.exp() * u.square() / 2).sum(),
        (pi * ((-u).exp() - 1 + u)).sum(),
        (pi * u.detach() * log_pi).sum(),
    ]
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


# %% wrong="π moves along in k3" says="drawn already"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [
        (pi * u).sum(),
        (pi * u.square() / 2).sum(),
        (log_pi.exp() * ((-u).exp() - 1 + u)).sum(),
        (pi * u.detach() * log_pi).sum(),
    ]
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


# %% wrong="not weighted" says="not weighted by π"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [u.sum(), (pi * u.square() / 2).sum(), (pi * ((-u).exp() - 1 + u)).sum(), (pi * u.detach() * log_pi).sum()]
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


# %% wrong="no half" says="½ of k2"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [
        (pi * u).sum(),
        (pi * u.square()).sum(),
        (pi * ((-u).exp() - 1 + u)).sum(),
        (pi * u.detach() * log_pi).sum(),
    ]
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


# %% wrong="wrong exponent" says="look at the sign of u"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [
        (pi * u).sum(),
        (pi * u.square() / 2).sum(),
        (pi * (u.exp() - 1 - u)).sum(),
        (pi * u.detach() * log_pi).sum(),
    ]
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


# %% wrong="k1 in the loss twice" says="k1 in the loss again"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [(pi * u).sum(), (pi * u.square() / 2).sum(), (pi * ((-u).exp() - 1 + u)).sum(), (pi * u).sum()]
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


# %% wrong="minus" says="without a minus"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [
        (pi * u).sum(),
        (pi * u.square() / 2).sum(),
        (pi * ((-u).exp() - 1 + u)).sum(),
        -(pi * u.detach() * log_pi).sum(),
    ]
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


# %% wrong="reward not detached" says="its own gradient is counted"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [
        (pi * u).sum(),
        (pi * u.square() / 2).sum(),
        (pi * ((-u).exp() - 1 + u)).sum(),
        (pi * u * log_pi).sum() * 2 - (pi * u * log_pi.detach()).sum() * 2,
    ]
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


# %% wrong="k2 in the reward" says="k2 in the reward"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [
        (pi * u).sum(),
        (pi * u.square() / 2).sum(),
        (pi * ((-u).exp() - 1 + u)).sum(),
        (pi * u.detach().square() / 2 * log_pi).sum(),
    ]
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


# %% wrong="three rows" says="was expected"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [(pi * u).sum(), (pi * u.square() / 2).sum(), (pi * ((-u).exp() - 1 + u)).sum()]
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


# %% wrong="a list" says="is no tensor"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [
        (pi * u).sum(),
        (pi * u.square() / 2).sum(),
        (pi * ((-u).exp() - 1 + u)).sum(),
        (pi * u.detach() * log_pi).sum(),
    ]
    return [torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means]


# %% wrong="k1 and k2 exchanged" says="are exchanged"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    terms = [u.square() / 2, u, (-u).exp() - 1 + u, u.detach() * log_pi]
    return torch.stack([torch.autograd.grad((pi * term).sum(), logits, retain_graph=True)[0] for term in terms])


# %% wrong="k2 and k3 exchanged" says="are exchanged"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    terms = [u, (-u).exp() - 1 + u, u.square() / 2, u.detach() * log_pi]
    return torch.stack([torch.autograd.grad((pi * term).sum(), logits, retain_graph=True)[0] for term in terms])


# %% wrong="the reward first" says="are exchanged"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    terms = [u.detach() * log_pi, u, u.square() / 2, (-u).exp() - 1 + u]
    return torch.stack([torch.autograd.grad((pi * term).sum(), logits, retain_graph=True)[0] for term in terms])


# %% wrong="u the other way" says="look at the sign of u"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_ref - log_pi
    terms = [u, u.square() / 2, (-u).exp() - 1 + u, u.detach() * log_pi]
    return torch.stack([torch.autograd.grad((pi * term).sum(), logits, retain_graph=True)[0] for term in terms])


# %% wrong="u detached everywhere" says="and not u"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), (log_pi - log_ref).detach()
    terms = [term * log_pi for term in (u, u.square() / 2, (-u).exp() - 1 + u, u)]
    return torch.stack([torch.autograd.grad((pi * term).sum(), logits, retain_graph=True)[0] for term in terms])


# %% wrong="k1 moves in the reward" says="its own gradient is counted"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    terms = [u, u.square() / 2, (-u).exp() - 1 + u, u * log_pi]
    return torch.stack([torch.autograd.grad((pi * term).sum(), logits, retain_graph=True)[0] for term in terms])


# %% wrong="mean for sum" says="take .sum()"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    terms = [u, u.square() / 2, (-u).exp() - 1 + u, u.detach() * log_pi]
    return torch.stack([torch.autograd.grad((pi * term).mean(), logits, retain_graph=True)[0] for term in terms])


# %% wrong="columns for rows" says="one below the other"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    terms = [u, u.square() / 2, (-u).exp() - 1 + u, u.detach() * log_pi]
    return torch.stack([torch.autograd.grad((pi * term).sum(), logits, retain_graph=True)[0] for term in terms], -1)


# %% wrong="one buffer" says="Keep a .clone()"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    terms = [u, u.square() / 2, (-u).exp() - 1 + u, u.detach() * log_pi]
    rows = []
    for term in terms:
        if logits.grad is not None:
            logits.grad.zero_()
        (pi * term).sum().backward(retain_graph=True)
        rows.append(logits.grad)
    return torch.stack(rows)


# %% wrong="sums up" says="holds those above it"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    terms = [u, u.square() / 2, (-u).exp() - 1 + u, u.detach() * log_pi]
    rows = []
    for term in terms:
        (pi * term).sum().backward(retain_graph=True)
        rows.append(logits.grad.clone())
    return torch.stack(rows)


# %% wrong="graph gone" says="say retain_graph=True"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    terms = [u, u.square() / 2, (-u).exp() - 1 + u, u.detach() * log_pi]
    return torch.stack([torch.autograd.grad((pi * term).sum(), logits)[0] for term in terms])


# %% wrong="no requires_grad_" says="a missing .requires_grad_()"
def kl_gradients(logits, log_ref):
    logits = logits.detach()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    terms = [u, u.square() / 2, (-u).exp() - 1 + u, u.detach() * log_pi]
    return torch.stack([torch.autograd.grad((pi * term).sum(), logits, retain_graph=True)[0] for term in terms])


# %% right="autograd"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    means = [
        (pi * u).sum(),
        (pi * u.square() / 2).sum(),
        (pi * ((-u).exp() - 1 + u)).sum(),
        (pi * u.detach() * log_pi).sum(),
    ]
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


# %% right="by formula"
def kl_gradients(logits, log_ref):
    log_pi = logits.log_softmax(-1)
    pi = log_pi.exp()
    u = log_pi - log_ref
    here = pi * (u - (pi * u).sum())
    return torch.stack([torch.zeros_like(pi), here, pi - log_ref.exp(), here])


# %% right="scores"
def kl_gradients(logits, log_ref):
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp(), log_pi - log_ref
    scores = torch.eye(len(pi), dtype=pi.dtype) - pi
    slopes = torch.stack([torch.ones_like(u), u, 1 - (-u).exp(), u])
    return (slopes * pi) @ scores


# %% right="backward"
def kl_gradients(logits, log_ref):
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    terms = [u, u.square() / 2, (-u).exp() - 1 + u, u.detach() * log_pi]
    rows = []
    for term in terms:
        logits.grad = None
        (pi * term).sum().backward(retain_graph=True)
        rows.append(logits.grad)
    return torch.stack(rows)
