# %% wrong="a stale tree" says="stale tree"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(start)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="learns of the start" says="boards that were searched"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((start, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="the move that was made" says="whole policy of the search"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        made = torch.nn.functional.one_hot(actions, game.num_actions).float()
        record.append((states, made, ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="the moves' temperature" says="learns visits at temperature 1"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, chances, ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="visits themselves" says="normalise them"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visits, ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="greedy" says="begin with the same move"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = visits.argmax(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="always temperature 1" says="At temperature 0"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, 1.0)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="any legal move" says="same chance"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = (visits > 0).float() if temperature else visit_policy(visits, 0.0)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="a draw is running" says="A draw is no game that still runs"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask & (z != 0))


# %% wrong="behind the end" says="never made"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), torch.ones_like(actions) > 0))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="the boards after" says="the one before"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        over = game.over(states)
        states = game.step(states, actions)
        record.append((states, visit_policy(visits, 1.0), ~over))
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="the other player's z" says="other player's"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(1 - game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="from the global stream" says="differs between two calls"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="one move for all games" says="draw one for each"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances[0], 1, generator=generator).expand(len(states))
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="the last move is lost" says="the last move of each game is lost"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        before, states = states, game.step(states, actions)
        record.append((before, visit_policy(visits, 1.0), ~game.over(states)))
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="who moves at the end" says="one player at every move"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(states).unsqueeze(-1).expand(seen.shape[:2]), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="the winner halfway" says="winner at the end"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, seen[:, -1]))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="two temperatures alone" says="ignores the temperature"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, 0 if temperature == 0 else 1)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="the temperature squared" says="heats twice"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature**2)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="chances squared" says="heats twice"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature) ** 2
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="greedy from the second move on" says="as at temperature 0"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, 0 if record else temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="any legal move from the second on" says="same chance"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        chances = (visits > 0).float() if record and temperature else chances
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="the first board's moves" says="for each board by itself"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        fits = visits.gather(-1, actions[:1].expand(len(actions)).unsqueeze(-1)).squeeze(-1) > 0
        actions = torch.where(fits & bool(record), actions[0], actions)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="one search before the loop" says="asked once for a whole game"
def play(search, game, start, temperature, *, generator):
    states, record, visits = start, [], search(start)
    while not game.over(states).all():
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="only boards that go on" says="all of them"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        live = ~game.over(states)
        visits = torch.ones(len(states), game.num_actions)
        visits[live] = search(states[live])
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="two searches a step" says="asked twice"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(search(states), 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="a column of moves" says="needs squeeze(-1)"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% wrong="the triple in another order" says="the boards first"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((visit_policy(visits, 1.0), states, ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% right="as in the text"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% right="lists"
def play(search, game, start, temperature, *, generator):
    states, boards, found, alive = start, [], [], []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        boards.append(states)
        found.append(visits / visits.sum(-1, keepdim=True))
        alive.append(game.over(states).logical_not())
        states = game.step(states, actions)
    seen, policies, mask = torch.stack(boards, 1), torch.stack(found, 1), torch.stack(alive, 1)
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% right="the exponential race"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = (chances / torch.empty_like(chances).exponential_(generator=generator)).argmax(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)


# %% right="the winner's stones"
def play(search, game, start, temperature, *, generator):
    states, record = start, []
    while not game.over(states).all():
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    lost = game.results(states)
    z = torch.where(game.movers(seen) == game.movers(states).unsqueeze(-1), 1.0, -1.0) * lost.unsqueeze(-1)
    return alphazero.Examples(seen, policies, z, mask)
