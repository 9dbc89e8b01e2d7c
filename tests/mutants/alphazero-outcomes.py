# %% wrong="a draw is lost" says="nobody has lost"
def outcomes(movers, winner):
    return torch.where(movers == winner.unsqueeze(-1), 1.0, -1.0)


# %% wrong="the wrong player" says="the other player's"
def outcomes(movers, winner):
    z = torch.where(movers == winner.unsqueeze(-1), -1.0, 1.0)
    return torch.where(winner.unsqueeze(-1) < 0, 0.0, z)


# %% wrong="the first player's" says="for the first player at every move"
def outcomes(movers, winner):
    z = torch.where(winner == 0, 1.0, torch.where(winner == 1, -1.0, 0.0))
    return z.unsqueeze(-1).expand(movers.shape).clone()


# %% wrong="alternates" says="flips the sign with every move"
def outcomes(movers, winner):
    z = torch.where(winner == 0, 1.0, torch.where(winner == 1, -1.0, 0.0))
    return z.unsqueeze(-1) * (-1.0) ** torch.arange(movers.shape[-1])


# %% wrong="nothing for the loser" says="not 0"
def outcomes(movers, winner):
    return (movers == winner.unsqueeze(-1)).float()


# %% wrong="a half" says="not ½"
def outcomes(movers, winner):
    z = torch.where(movers == winner.unsqueeze(-1), 1.0, -1.0)
    return torch.where(winner.unsqueeze(-1) < 0, 0.5, z)


# %% wrong="broadcast" says="expected"
def outcomes(movers, winner):
    z = torch.where(movers.transpose(-1, -2) == winner.unsqueeze(-1)[..., :1, :], 1.0, -1.0)
    return torch.where(winner.unsqueeze(-1)[..., :1, :] < 0, 0.0, z)


# %% wrong="a draw is won by the second" says="nobody has lost, nor won"
def outcomes(movers, winner):
    return torch.where(movers == winner.unsqueeze(-1) % 2, 1.0, -1.0)


# %% wrong="only the last move counts" says="not the last alone"
def outcomes(movers, winner):
    z = torch.where(movers == winner.unsqueeze(-1), 1.0, -1.0).masked_fill(winner.unsqueeze(-1) < 0, 0)
    return z * (torch.arange(movers.shape[-1]) == movers.shape[-1] - 1)


# %% wrong="the first player draws" says="a draw is −1"
def outcomes(movers, winner):
    z = torch.where(movers == winner.unsqueeze(-1), 1.0, -1.0)
    return torch.where(winner.unsqueeze(-1) <= 0, 0.0, z)


# %% wrong="one leading dimension" says="more leading dimensions"
def outcomes(movers, winner):
    winner = winner[:, None]
    return torch.where(winner < 0, 0.0, torch.where(movers == winner, 1.0, -1.0))


# %% wrong="whole numbers" says="real numbers"
def outcomes(movers, winner):
    z = torch.where(movers == winner.unsqueeze(-1), 1, -1)
    return z.masked_fill(winner.unsqueeze(-1) < 0, 0)


# %% right="as in the text"
def outcomes(movers, winner):
    z = torch.where(movers == winner.unsqueeze(-1), 1.0, -1.0)
    return torch.where(winner.unsqueeze(-1) < 0, 0.0, z)


# %% right="arithmetic"
def outcomes(movers, winner):
    winner = winner[..., None]
    return (2.0 * (movers == winner) - 1) * (winner >= 0)


# %% right="a loop over time"
def outcomes(movers, winner):
    columns = []
    for t in range(movers.shape[-1]):
        won, lost = movers[..., t] == winner, 1 - movers[..., t] == winner
        columns.append(won.float() - lost.float())
    return torch.stack(columns, -1)
