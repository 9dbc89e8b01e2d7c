# %% wrong="no sign" says="the sign is missing"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = values[children]
        ours = (policy[layer] * ahead).sum(-1)
        theirs = ahead.where(children >= 0, -torch.inf).amax(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% wrong="sides swapped" says="it is `player` whose policy is fixed"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = -values[children]
        ours = (policy[layer] * ahead).sum(-1)
        theirs = ahead.where(children >= 0, -torch.inf).amax(-1)
        chosen = torch.where(positions.movers[layer] != player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% wrong="worst answer" says="takes the largest"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = -values[children]
        ours = (policy[layer] * ahead).sum(-1)
        theirs = ahead.where(children >= 0, torch.inf).amin(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% wrong="for who begins" says="for who begins"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = -values[children]
        ours = (policy[layer] * ahead).sum(-1)
        theirs = ahead.where(children >= 0, -torch.inf).amax(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0]


# %% wrong="a random opponent" says="plays at random"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = -values[children]
        ours = (policy[layer] * ahead).sum(-1)
        legal = children >= 0
        theirs = (ahead * legal).sum(-1) / legal.sum(-1).clamp(min=1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% wrong="both play perfectly" says="the policy's own moves count"
def best_response(positions, policy, player):
    return positions.values[0] if player == 0 else -positions.values[0]


# %% wrong="illegal moves, too" says="expected"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        ahead = -values[positions.children[layer]]
        ours = (policy[layer] * ahead).sum(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, ahead.amax(-1))
        values[layer] = torch.where(positions.over[layer], values[layer], chosen + 1)
    return values[0] if player == 0 else -values[0]


# %% wrong="both choose the best" says="the policy's own moves count"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = -values[children]
        ours = theirs = ahead.where(children >= 0, -torch.inf).amax(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% wrong="both choose the worst" says="the policy's own moves count"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = -values[children]
        ours = theirs = ahead.where(children >= 0, torch.inf).amin(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% wrong="illegal moves may win" says="Illegal moves must not win"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = -values[children]
        ours = (policy[layer] * ahead).sum(-1)
        theirs = ahead.amax(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% wrong="an illegal move draws" says="Illegal moves must not win"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = -values[children]
        ours = (policy[layer] * ahead).sum(-1)
        theirs = ahead.where(children >= 0, 0.0).amax(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% wrong="nothing stored" says="No result came up to the start"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in positions.layers:
        children = positions.children[layer]
        ahead = -values[children]
        ours = (policy[layer] * ahead).sum(-1)
        theirs = ahead.where(children >= 0, -torch.inf).amax(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% wrong="the likeliest move" says="likeliest move alone"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = -values[children]
        ours = ahead.gather(-1, policy[layer].argmax(-1, keepdim=True)).squeeze(-1)
        theirs = ahead.where(children >= 0, -torch.inf).amax(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% wrong="infinite for both" says="0 · ∞ is nan"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = (-values[children]).where(children >= 0, -torch.inf)
        ours, theirs = (policy[layer] * ahead).sum(-1), ahead.amax(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% wrong="in place" says="was changed in place"
def best_response(positions, policy, player):
    values = positions.results
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = -values[children]
        ours = (policy[layer] * ahead).sum(-1)
        theirs = ahead.where(children >= 0, -torch.inf).amax(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% right="as in the text"
def best_response(positions, policy, player):
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = -values[children]
        ours = (policy[layer] * ahead).sum(-1)
        theirs = ahead.where(children >= 0, -torch.inf).amax(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
    return values[0] if player == 0 else -values[0]


# %% right="position by position"
def best_response(positions, policy, player):
    values, children = positions.results.tolist(), positions.children.tolist()
    over, movers, chances = positions.over.tolist(), positions.movers.tolist(), policy.tolist()
    for row in reversed(range(len(values))):
        if not over[row]:
            ahead = [(chances[row][a], -values[child]) for a, child in enumerate(children[row]) if child >= 0]
            mine = movers[row] == player
            values[row] = sum(p * v for p, v in ahead) if mine else max(v for _, v in ahead)
    return (1 - 2 * player) * values[0]


# %% right="recursion with a memory"
def best_response(positions, policy, player):
    known = {}

    def value(row):
        if bool(positions.over[row]):
            return float(positions.results[row])
        if row not in known:
            ahead = {a: -value(int(child)) for a, child in enumerate(positions.children[row]) if child >= 0}
            mine = int(positions.movers[row]) == player
            known[row] = sum(float(policy[row, a]) * v for a, v in ahead.items()) if mine else max(ahead.values())
        return known[row]

    return value(0) if player == 0 else -value(0)


# %% right="all for the player"
def best_response(positions, policy, player):
    values = torch.where(positions.movers == player, positions.results, -positions.results)
    for layer in reversed(positions.layers):
        legal, ahead = positions.children[layer] >= 0, values[positions.children[layer]]
        ours = (policy[layer] * ahead).sum(-1)
        theirs = ahead.masked_fill(~legal, torch.inf).min(-1).values
        mine, over = positions.movers[layer] == player, positions.over[layer]
        values[layer] = torch.where(over, values[layer], torch.where(mine, ours, theirs))
    return values[0]
