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


# %% wrong="uses the first row's probabilities" says="at place 1, after token 1"
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


# %% wrong="stacks along the first dimension" says="has shape (3, 40000)"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens)


# %% wrong="returns only the last token" says="has shape (40000,)"
def sample(controller, batch, *, greedy=False, generator):
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        drawn = torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return token


# %% wrong="leaves out the last decision" says="(40000, 2)"
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
