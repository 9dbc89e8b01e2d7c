# %% wrong="A moves along" says="4 of the 5 diagnoses are right"
def diagnose_losses():
    return "84317"


# %% wrong="B with a doubled β" says="4 of the 5 diagnoses are right"
def diagnose_losses():
    return "62317"


# %% wrong="C errs never" says="4 of the 5 diagnoses are right"
def diagnose_losses():
    return "64517"


# %% wrong="D twice" says="no digit is there twice"
def diagnose_losses():
    return "64367"


# %% wrong="E with a doubled β" says="4 of the 5 diagnoses are right"
def diagnose_losses():
    return "64312"


# %% wrong="A and D exchanged" says="3 of the 5 diagnoses are right"
def diagnose_losses():
    return "14367"


# %% wrong="four digits" says="Return five digits"
def diagnose_losses():
    return "6431"


# %% wrong="names" says="Return five digits"
def diagnose_losses():
    return "ABCDE"


# %% wrong="forgets return" says="end with return"
def diagnose_losses():
    "64317"


# %% right="string"
def diagnose_losses():
    return "64317"


# %% right="list"
def diagnose_losses():
    return [6, 4, 3, 1, 7]


# %% right="spaces"
def diagnose_losses():
    return "6 4 3 1 7"
