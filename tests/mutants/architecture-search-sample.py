# %% wrong="is always greedy" says="That takes the likeliest token; draw"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1)
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="draws although greedy is asked" says="Take the argmax of the logits at every place"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="swaps greedy and drawing" says="That takes the likeliest token; draw"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = drawn if greedy else logits.argmax(-1)
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="takes the least likely when greedy" says="Take the argmax of the logits at every place"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmin(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="draws all tokens alike" says="That draws all tokens alike"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(torch.ones_like(logits), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="takes the softmax twice" says="The softmax is taken twice"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1).softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="turns the logits round" says="−logits turn around"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial((-logits).softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="does not hand on the state" says="The state is not handed on"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, _ = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="hands no token to the next step" says="got previous=None"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, None)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="hands zeros to the next step" says="that reads 0"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, torch.zeros(batch, dtype=torch.int64))
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="hands the likeliest token to the next step" says="not the likeliest"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        token = logits.argmax(-1)
        tokens.append(token if greedy else torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1))
    return torch.stack(tokens, -1)


# %% wrong="always hands on the first token" says="not the first one"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, tokens[0] if tokens else None)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="draws one architecture for all" says="All architectures of a batch"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(1), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1).expand(batch, len(tokens))


# %% wrong="draws one number for all rows" says="All architectures of a batch"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits[0].softmax(-1), 1, generator=generator).expand(batch)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="uses the first row's probabilities" says="do not draw all rows from those of one"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits[0].softmax(-1), batch, replacement=True, generator=generator)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="keeps the column" says="previous has shape"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="stacks along the first dimension" says="has shape (3, 5)"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens)


# %% wrong="returns only the last token" says="has shape (5,)"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return token


# %% wrong="leaves out the last decision" says="(5, 2)"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices) - 1):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="draws without the generator" says="Draw with generator=generator"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.distributions.Categorical(logits=logits).sample()
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="returns a list" says="is a list"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return tokens


# %% wrong="returns floats" says="torch.int64 was expected"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1).float()


# %% wrong="forgets return" says="Does the function end with return?"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    torch.stack(tokens, -1)


# %% wrong="takes the softmax over the batch" says="The softmax runs over the batch"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(0), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="takes the sigmoid" says="take logits.softmax"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.sigmoid(), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="always asks for place 0" says="tell each step its place"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for _ in range(len(controller.choices)):
        logits, state = controller.step(state, 0, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="counts places from 1" says="places count from 0"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place + 1, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="always asks for the last place" says="places count from 0"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for _ in range(len(controller.choices)):
        logits, state = controller.step(state, len(controller.choices) - 1, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="asks for one place too many" says="places go from 0 to 2"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices) + 1):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="takes exp alone" says="take logits.softmax"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.exp(), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="takes exp over its sum" says="take logits.softmax"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.exp() / logits.exp().sum(-1, keepdim=True), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="draws from the logits" says="take logits.softmax"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits, 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="takes the whole result of max" says="previous is torch.return_types.max"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.max(-1) if greedy else logits.max(-1)
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="squeezes all dimensions" says="make it (n,)"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze()
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="squeezes the result" says="has shape (3,), but (1, 3)"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1).squeeze()


# %% wrong="makes a generator of its own" says="Hand `generator` itself"
def sample(controller, batch, *, greedy=False, generator):
    own = torch.Generator().manual_seed(generator.initial_seed())
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=own).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="sets the global seed" says="seeds torch's own generator"
def sample(controller, batch, *, greedy=False, generator):
    torch.manual_seed(generator.initial_seed())
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="has a fixed seed" says="is the same for every seed"
def sample(controller, batch, *, greedy=False, generator):
    own = torch.Generator().manual_seed(0)
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=own).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="sets the seed at each place" says="One random number serves all places"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        own = torch.Generator().manual_seed(generator.initial_seed())
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=own).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="draws one number for all places" says="One random number serves all places"
def sample(controller, batch, *, greedy=False, generator):
    number = torch.rand(batch, 1, generator=generator)
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = (number > logits.double().softmax(-1).cumsum(-1)).sum(-1).clamp(max=logits.shape[-1] - 1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="hands drawn tokens on when greedy" says="hand the likeliest token to the next step"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = drawn
        tokens.append(logits.argmax(-1) if greedy else drawn)
    return torch.stack(tokens, -1)


# %% wrong="sometimes draws an option that is not there" says="that its decision does not have"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1) + 1e-3, 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% right="Gumbel noise"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = (logits - torch.empty_like(logits).exponential_(generator=generator).log()).argmax(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% right="cumulative probabilities"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = (
            (torch.rand(batch, 1, generator=generator) > logits.double().softmax(-1).cumsum(-1))
            .sum(-1)
            .clamp(max=logits.shape[-1] - 1)
        )
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% right="exp of log_softmax, cat of columns"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.log_softmax(-1).exp(), 1, generator=generator)[:, 0]
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token.unsqueeze(1))
    return torch.cat(tokens, 1)


# %% right="no grad, into a table"
def sample(controller, batch, *, greedy=False, generator):
    tokens = torch.zeros(batch, len(controller.choices), dtype=torch.int64)
    with torch.no_grad():
        state = controller.start(batch)
        for place in range(tokens.shape[1]):
            logits, state = controller.step(state, place, tokens[:, place - 1] if place else None)
            if greedy:
                tokens[:, place] = logits.max(-1).indices
            else:
                tokens[:, place] = torch.multinomial(logits.softmax(-1), 1, generator=generator).flatten()
    return tokens


# %% right="two halves"
def some(controller, batch, greedy, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


def sample(controller, batch, *, greedy=False, generator):
    if batch == 1:
        return some(controller, 1, greedy, generator)
    sizes = batch // 2, batch - batch // 2
    return torch.cat([some(controller, size, greedy, generator) for size in sizes])


# %% right="argmax written by max, place by place"
def sample(controller, batch, *, greedy=False, generator):
    def choose(logits):
        if greedy:
            return logits.max(dim=-1)[1]
        return torch.multinomial(torch.nn.functional.softmax(logits, dim=-1), 1, generator=generator).view(batch)

    logits, state = controller.step(controller.start(batch), 0, None)
    columns = [choose(logits)]
    for place, _ in enumerate(controller.choices[1:], 1):
        logits, state = controller.step(state, place, columns[-1])
        columns.append(choose(logits))
    return torch.stack(columns, dim=1)


# %% wrong="draws one of five seeds" says="when one generator is asked twice"
def sample(controller, batch, *, greedy=False, generator):
    own = torch.Generator().manual_seed(int(torch.randint(5, (), generator=generator)))
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        token = logits.argmax(-1) if greedy else torch.multinomial(logits.softmax(-1), 1, generator=own).squeeze(-1)
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="does not hand on the state when greedy" says="The greedy branch, too"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, new = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
        state = state if greedy else new
    return torch.stack(tokens, -1)


# %% wrong="uses the last row's probabilities" says="do not draw all rows from those of one"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1)[-1].expand(batch, -1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="uses the mean of all rows" says="do not draw all rows from those of one"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1).mean(0).expand(batch, -1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


# %% wrong="mixes the rows by a reshape" says="A reshape mixes the rows"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens).view(batch, -1)
