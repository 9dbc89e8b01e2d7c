# %% wrong="a cut taken for an end" says="A cut was taken for an end"
def store(ring, count, step):
    places = (count + torch.arange(len(step.actions))) % len(ring.actions)
    over = step.terminated | step.truncated
    for column, part in zip(ring, (*step[:4], over)):
        column[places] = part
    return count + len(step.actions)


# %% wrong="the reset for the next state" says="the start of another episode"
def store(ring, count, step):
    places = (count + torch.arange(len(step.actions))) % len(ring.actions)
    parts = (step.states, step.actions, step.rewards, step.shown, step.terminated)
    for column, part in zip(ring, parts):
        column[places] = part
    return count + len(step.actions)


# %% wrong="cuts for ends" says="where episodes were cut"
def store(ring, count, step):
    places = (count + torch.arange(len(step.actions))) % len(ring.actions)
    for column, part in zip(ring, (*step[:4], step.truncated)):
        column[places] = part
    return count + len(step.actions)


# %% wrong="the state after the step" says="the state after the step"
def store(ring, count, step):
    places = (count + torch.arange(len(step.actions))) % len(ring.actions)
    parts = (step.next_states, step.actions, step.rewards, step.next_states, step.terminated)
    for column, part in zip(ring, parts):
        column[places] = part
    return count + len(step.actions)


# %% wrong="counts steps" says="each of the N games makes a transition"
def store(ring, count, step):
    places = (count + torch.arange(len(step.actions))) % len(ring.actions)
    for column, part in zip(ring, (*step[:4], step.terminated)):
        column[places] = part
    return count + 1


# %% wrong="not round" says="IndexError"
def store(ring, count, step):
    places = count + torch.arange(len(step.actions))
    for column, part in zip(ring, (*step[:4], step.terminated)):
        column[places] = part
    return count + len(step.actions)


# %% wrong="stops when full" says="goes to place (count + i) % capacity"
def store(ring, count, step):
    places = (count + torch.arange(len(step.actions))).clamp(max=len(ring.actions) - 1)
    for column, part in zip(ring, (*step[:4], step.terminated)):
        column[places] = part
    return count + len(step.actions)


# %% wrong="always the first places" says="goes to place (count + i) % capacity"
def store(ring, count, step):
    for column, part in zip(ring, (*step[:4], step.terminated)):
        column[: len(part)] = part
    return count + len(step.actions)


# %% wrong="returns the place" says="how many were written in all"
def store(ring, count, step):
    places = (count + torch.arange(len(step.actions))) % len(ring.actions)
    for column, part in zip(ring, (*step[:4], step.terminated)):
        column[places] = part
    return (count + len(step.actions)) % len(ring.actions)


# %% wrong="starts anew at the edge" says="goes to place (count + i) % capacity"
def store(ring, count, step):
    n, capacity = len(step.actions), len(ring.actions)
    start = count % capacity
    start = 0 if start + n > capacity else start
    for column, part in zip(ring, (*step[:4], step.terminated)):
        column[start : start + n] = part
    return count + n


# %% wrong="forgets return" says="the number of transitions written so far"
def store(ring, count, step):
    places = (count + torch.arange(len(step.actions))) % len(ring.actions)
    for column, part in zip(ring, (*step[:4], step.terminated)):
        column[places] = part


# %% wrong="changes the step" says="changed in place"
def store(ring, count, step):
    places = (count + torch.arange(len(step.actions))) % len(ring.actions)
    step.rewards[step.terminated] = 0.0
    for column, part in zip(ring, (*step[:4], step.terminated)):
        column[places] = part
    return count + len(step.actions)


# %% wrong="a cut ends no episode that ended" says="that is an end"
def store(ring, count, step):
    places = (count + torch.arange(len(step.actions))) % len(ring.actions)
    for column, part in zip(ring, (*step[:4], step.terminated & ~step.truncated)):
        column[places] = part
    return count + len(step.actions)


# %% wrong="old ends stay" says="write True and False over what was"
def store(ring, count, step):
    places = (count + torch.arange(len(step.actions))) % len(ring.actions)
    for column, part in zip(ring, step[:4]):
        column[places] = part
    ring.ended[places] |= step.terminated
    return count + len(step.actions)


# %% wrong="the number of columns for the capacity" says="the number of its columns"
def store(ring, count, step):
    places = (count + torch.arange(len(step.actions))) % len(ring)
    for column, part in zip(ring, (*step[:4], step.terminated)):
        column[places] = part
    return count + len(step.actions)


# %% wrong="the number of columns for N" says="N is the length of one"
def store(ring, count, step):
    places = (count + torch.arange(len(step))) % len(ring.actions)
    for column, part in zip(ring, (*step[:4], step.terminated)):
        column[places] = part
    return count + len(step)


# %% right="a loop over games"
def store(ring, count, step):
    for game in range(len(step.actions)):
        place = count % ring.actions.shape[0]
        ring.states[place] = step.states[game]
        ring.actions[place] = step.actions[game]
        ring.rewards[place] = step.rewards[game]
        ring.next_states[place] = step.next_states[game]
        ring.ended[place] = step.terminated[game]
        count += 1
    return count


# %% right="index_copy_"
def store(ring, count, step):
    n = len(step.rewards)
    places = torch.remainder(torch.arange(count, count + n), len(ring.rewards))
    columns = (step.states, step.actions, step.rewards, step.next_states, step.terminated)
    for tensor, column in zip(ring, columns):
        tensor.index_copy_(0, places, column)
    return count + n


# %% right="two slices"
def store(ring, count, step):
    n, capacity = len(step.actions), len(ring.actions)
    start = count % capacity
    first = min(n, capacity - start)
    for tensor, column in zip(ring, (*step[:4], step.terminated)):
        tensor[start : start + first] = column[:first]
        tensor[: n - first] = column[first:]
    return count + n


# %% right="other names of the arguments"
def store(memory, so_far, happened):
    where = [(so_far + game) % len(memory.actions) for game in range(len(happened.actions))]
    memory.states[where], memory.next_states[where] = happened.states, happened.next_states
    memory.actions[where], memory.rewards[where] = happened.actions, happened.rewards
    memory.ended[where] = happened.terminated
    return so_far + len(where)
