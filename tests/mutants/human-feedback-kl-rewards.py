# %% wrong="sign" says="pays for leaving"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (rewards + beta * (log_pi - log_ref)).detach()


# %% wrong="no reference" says="pays for entropy"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (rewards - beta * log_pi).detach()


# %% wrong="no beta" says="β is missing"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (rewards - (log_pi - log_ref)).detach()


# %% wrong="over beta" says="price of a nat"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (rewards - (log_pi - log_ref) / beta).detach()


# %% wrong="beta outside" says="penalty alone"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (beta * (rewards - log_pi + log_ref)).detach()


# %% wrong="probabilities" says="difference of logarithms"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (rewards - beta * (log_pi.exp() - log_ref.exp())).detach()


# %% wrong="k2" says="That is k2"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (rewards - beta * (log_pi - log_ref).square() / 2).detach()


# %% wrong="k3" says="That is k3"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (rewards - beta * ((log_ref - log_pi).exp() - 1 + log_pi - log_ref)).detach()


# %% wrong="absolute" says="rarer than in the reference"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (rewards - beta * (log_pi - log_ref).abs()).detach()


# %% wrong="weighted" says="samples come from π"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (rewards - beta * log_pi.exp() * (log_pi - log_ref)).detach()


# %% wrong="mean penalty" says="penalty of its own"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (rewards - beta * (log_pi - log_ref).mean(-1, keepdim=True)).detach()


# %% wrong="gradient" says="A gradient flows"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return rewards - beta * (log_pi - log_ref)


# %% wrong="beta twice" says="β is there twice"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (rewards - beta * (beta * log_pi - beta * log_ref)).detach()


# %% wrong="baseline" says="subtracted outside"
def kl_rewards(rewards, log_pi, log_ref, beta):
    shaped = (rewards - beta * (log_pi - log_ref)).detach()
    return shaped - shaped.mean(-1, keepdim=True)


# %% wrong="penalty detached" says="of the reward model"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return rewards - (beta * (log_pi - log_ref)).detach()


# %% wrong="policy detached" says="of the reward model"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return rewards - beta * (log_pi.detach() - log_ref)


# %% wrong="reference not detached" says="of the reference"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return rewards.detach() - beta * (log_pi.detach() - log_ref)


# %% right="detach"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return (rewards - beta * (log_pi - log_ref)).detach()


# %% right="no_grad"
def kl_rewards(rewards, log_pi, log_ref, beta):
    with torch.no_grad():
        return rewards - beta * (log_pi - log_ref)


# %% right="detach each"
def kl_rewards(rewards, log_pi, log_ref, beta):
    return rewards.detach() - beta * log_pi.detach() + beta * log_ref.detach()
