# %% wrong="A is a negative" says="Patient A does not suffer from 4"
def diagnose():
    return "46382"


# %% wrong="B is the learning rate" says="Patient B does not suffer from 7"
def diagnose():
    return "57382"


# %% wrong="C without latent loss" says="Patient C does not suffer from 2"
def diagnose():
    return "56282"


# %% wrong="D is a negative" says="Patient D does not suffer from 4"
def diagnose():
    return "56342"


# %% wrong="E has the wrong sign" says="Patient E does not suffer from 1"
def diagnose():
    return "56381"


# %% wrong="four digits" says="Return five digits"
def diagnose():
    return "5638"


# %% wrong="names" says="Return five digits"
def diagnose():
    return "ABCDE"


# %% wrong="nine" says="Return five digits"
def diagnose():
    return "56389"


# %% wrong="forgets return" says="end with return"
def diagnose():
    "56382"


# %% right="a number"
def diagnose():
    return 56382


# %% right="a list"
def diagnose():
    return [5, 6, 3, 8, 2]


# %% right="with commas"
def diagnose():
    return "5, 6, 3, 8, 2"
