# %% wrong="gives the first block one input" says="chooses among two"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks):
        choices += [block + 1, block + 1, operations, operations, 2]
    return choices


# %% wrong="gives the first block none" says="chooses among two"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks):
        choices += [block, block, operations, operations, 2]
    return choices


# %% wrong="lets a block take itself" says="cannot take its own output"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks):
        choices += [block + 3, block + 3, operations, operations, 2]
    return choices


# %% wrong="forgets earlier blocks" says="may also take the outputs of earlier ones"
def cell_choices(blocks, operations):
    choices = []
    for _ in range(blocks):
        choices += [2, 2, operations, operations, 2]
    return choices


# %% wrong="takes all blocks as input" says="only earlier ones"
def cell_choices(blocks, operations):
    choices = []
    for _ in range(blocks):
        choices += [blocks + 2, blocks + 2, operations, operations, 2]
    return choices


# %% wrong="takes all other blocks as input" says="only earlier ones"
def cell_choices(blocks, operations):
    choices = []
    for _ in range(blocks):
        choices += [blocks + 1, blocks + 1, operations, operations, 2]
    return choices


# %% wrong="writes pair by pair" says="The order is input, input"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks):
        choices += [block + 2, operations, block + 2, operations, 2]
    return choices


# %% wrong="writes operations first" says="The order is input, input"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks):
        choices += [operations, operations, block + 2, block + 2, 2]
    return choices


# %% wrong="writes the combination in the middle" says="The order is input, input"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks):
        choices += [block + 2, block + 2, 2, operations, operations]
    return choices


# %% wrong="forgets the combination" says="five a block"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks):
        choices += [block + 2, block + 2, operations, operations]
    return choices


# %% wrong="takes one input and operation" says="two inputs and two operations"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks):
        choices += [block + 2, operations, 2]
    return choices


# %% wrong="forbids the same input twice" says="may be the same"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks):
        choices += [block + 2, block + 1, operations, operations, 2]
    return choices


# %% wrong="only adds" says="add or concatenate"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks):
        choices += [block + 2, block + 2, operations, operations, 1]
    return choices


# %% wrong="stops one block early" says="The last block is missing"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks - 1):
        choices += [block + 2, block + 2, operations, operations, 2]
    return choices


# %% wrong="counts the sequences" says="The choices are int"
def cell_choices(blocks, operations):
    size = 1
    for block in range(blocks):
        size *= (block + 2) ** 2 * operations**2 * 2
    return size


# %% wrong="nests lists" says="make one flat list"
def cell_choices(blocks, operations):
    return [[block + 2, block + 2, operations, operations, 2] for block in range(blocks)]


# %% wrong="is written for three blocks" says="The options of one block"
def cell_choices(blocks, operations):
    return [2, 2, operations, operations, 2, 3, 3, operations, operations, 2, 4, 4, operations, operations, 2]


# %% wrong="forgets return" says="Does the function end with return?"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks):
        choices += [block + 2, block + 2, operations, operations, 2]


# %% wrong="writes kind by kind" says="Write block after block"
def cell_choices(blocks, operations):
    inputs = [block + 2 for block in range(blocks)]
    return inputs * 2 + [operations] * (2 * blocks) + [2] * blocks


# %% wrong="returns inside the loop" says="does return stand inside the loop"
def cell_choices(blocks, operations):
    choices = []
    for block in range(blocks):
        choices += [block + 2, block + 2, operations, operations, 2]
        return choices


# %% wrong="starts a new list each time" says="Only the last block is there"
def cell_choices(blocks, operations):
    for block in range(blocks):
        choices = [block + 2, block + 2, operations, operations, 2]
    return choices


# %% wrong="starts with the second block" says="The first block is missing"
def cell_choices(blocks, operations):
    choices = []
    for block in range(1, blocks):
        choices += [block + 2, block + 2, operations, operations, 2]
    return choices


# %% wrong="returns a tensor" says="The choices are torch.Tensor"
def cell_choices(blocks, operations):
    return torch.tensor([n for b in range(blocks) for n in (b + 2, b + 2, operations, operations, 2)])


# %% wrong="returns a list of tensors, whose product overflows" says="Python's own numbers"
def cell_choices(blocks, operations):
    return list(torch.tensor([n for b in range(blocks) for n in (b + 2, b + 2, operations, operations, 2)]))


# %% wrong="writes seven operations" says="`operations` says how many"
def cell_choices(blocks, operations):
    return [n for b in range(blocks) for n in (b + 2, b + 2, 7, 7, 2)]


# %% right="comprehension"
def cell_choices(blocks, operations):
    return [n for b in range(blocks) for n in (b + 2, b + 2, operations, operations, 2)]


# %% right="extend, from two"
def cell_choices(blocks, operations):
    choices = []
    for inputs in range(2, blocks + 2):
        choices.extend([inputs] * 2 + [operations] * 2 + [2])
    return choices


# %% right="recursion"
def cell_choices(blocks, operations):
    if blocks == 0:
        return []
    return cell_choices(blocks - 1, operations) + [blocks + 1] * 2 + [operations] * 2 + [2]


# %% right="tuple"
def cell_choices(blocks, operations):
    return sum(((b + 2, b + 2, operations, operations, 2) for b in range(blocks)), ())


# %% right="a list from a tensor"
def cell_choices(blocks, operations):
    inputs = torch.arange(2, blocks + 2).repeat_interleave(2).view(blocks, 2)
    rest = torch.tensor([operations, operations, 2]).expand(blocks, 3)
    return torch.cat([inputs, rest], 1).flatten().tolist()


# %% right="floats, which are whole"
def cell_choices(blocks, operations):
    return [float(n) for b in range(blocks) for n in (b + 2, b + 2, operations, operations, 2)]


# %% right="decorated without wraps"
def as_it_is(function):
    return lambda *arguments, **named: function(*arguments, **named)


@as_it_is
def cell_choices(blocks, operations):
    return [n for b in range(blocks) for n in (b + 2, b + 2, operations, operations, 2)]


# %% wrong="writes NASNet's thirteen operations" says="`operations` says how many"
def cell_choices(blocks, operations):
    return [n for b in range(blocks) for n in (b + 2, b + 2, 13, 13, 2)]


# %% wrong="gives the combination as many options as an input" says="add or concatenate"
def cell_choices(blocks, operations):
    return [n for b in range(blocks) for n in (b + 2, b + 2, operations, operations, b + 2)]


# %% wrong="writes all inputs first" says="Write block after block"
def cell_choices(blocks, operations):
    return [b + 2 for b in range(blocks) for _ in range(2)] + [operations] * 2 * blocks + [2] * blocks


# %% wrong="stops at six inputs" says="of 6 blocks"
def cell_choices(blocks, operations):
    return [n for b in range(blocks) for n in (min(b + 2, 6), min(b + 2, 6), operations, operations, 2)]
