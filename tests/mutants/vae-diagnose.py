# %% wrong="A is a negative" says="4 of the 5 diagnoses are right"
def diagnose():
    return "46382"


# %% wrong="B is the learning rate" says="4 of the 5 diagnoses are right"
def diagnose():
    return "57382"


# %% wrong="C without latent loss" says="4 of the 5 diagnoses are right"
def diagnose():
    return "56282"


# %% wrong="D is a negative" says="4 of the 5 diagnoses are right"
def diagnose():
    return "56342"


# %% wrong="E has the wrong sign" says="4 of the 5 diagnoses are right"
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


# %% wrong="A and B" says="3 of the 5 diagnoses are right"
def diagnose():
    return "65382"


# %% wrong="only D" says="1 of the 5 diagnoses is right"
def diagnose():
    return "11181"


# %% wrong="another wrong A says no more than a wrong E" says="4 of the 5 diagnoses are right"
def diagnose():
    return "16382"


# %% wrong="none" says="0 of the 5 diagnoses are right"
def diagnose():
    return "77777"


# %% wrong="a clue, whatever is right" says="A clue: C costs what the mean image costs"
def diagnose():
    return "56381"[:4] + "5"


# %% wrong="six digits" says="Return five digits"
def diagnose():
    return 563820


# %% wrong="by letter" says="Return five digits"
def diagnose():
    return {"A": 5, "B": 6, "C": 3, "D": 8, "E": 2}


# %% right="a number"
def diagnose():
    return 56382


# %% right="a list"
def diagnose():
    return [5, 6, 3, 8, 2]


# %% right="with commas"
def diagnose():
    return "5, 6, 3, 8, 2"


# %% right="a tuple of text"
def diagnose():
    return "5", "6", "3", "8", "2"


# %% right="a tensor"
def diagnose():
    return torch.tensor([5, 6, 3, 8, 2])
