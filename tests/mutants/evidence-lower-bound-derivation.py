# %% wrong="starts with the bound" says="G cannot be line 1. Begin with what P(x) is"
def derivation():
    return "GECBFAD", "1364257"


# %% wrong="starts with the gap" says="D cannot be line 1. Begin"
def derivation():
    return "DAFBGCE", "7524163"


# %% wrong="applies Jensen first" says="G cannot be line 2. First change the distribution"
def derivation():
    return "EGCBFAD", "3164257"


# %% wrong="pulls apart before Jensen" says="B cannot be line 3. Now the logarithm moves inside"
def derivation():
    return "ECBGFAD", "3641257"


# %% wrong="splits the joint first" says="F cannot be line 4. The fourth line is the loss"
def derivation():
    return "ECGFBAD", "3612457"


# %% wrong="names before log P(x) is out" says="D cannot be line 6. log P(x) has to come out"
def derivation():
    return "ECGBFDA", "3614275"


# %% wrong="takes log P(x) out too early" says="A cannot be line 5. From the loss"
def derivation():
    return "ECGBAFD", "3614527"


# %% wrong="takes importance for total probability" says="Line E is not reached by reason 6"
def derivation():
    return "ECGBFAD", "6314257"


# %% wrong="swaps Jensen and importance" says="Line C is not reached by reason 1. It goes from the prior"
def derivation():
    return "ECGBFAD", "3164257"


# %% wrong="takes the product for Jensen" says="Line G is not reached by reason 4. It is where"
def derivation():
    return "ECGBFAD", "3641257"


# %% wrong="takes the name for the product" says="Line B is not reached by reason 7. It makes a sum"
def derivation():
    return "ECGBFAD", "3617254"


# %% wrong="takes the constant for the split" says="Line F is not reached by reason 5. It replaces"
def derivation():
    return "ECGBFAD", "3614527"


# %% wrong="takes the name for the constant" says="Line A is not reached by reason 7. It moves"
def derivation():
    return "ECGBFAD", "3614275"


# %% wrong="gives the reasons in order" says="Line E is not reached by reason 1"
def derivation():
    return "ECGBFAD", "1234567"


# %% wrong="forgets a line" says="The lines are the letters A to G, each once"
def derivation():
    return "ECGBFD", "361427"


# %% wrong="uses a reason twice" says="The reasons are the digits 1 to 7, each once"
def derivation():
    return "ECGBFAD", "3614277"


# %% wrong="returns reasons first" says="lines first, then reasons"
def derivation():
    return "3614257", "ECGBFAD"


# %% wrong="returns one string" says="a tuple (lines, reasons) was expected"
def derivation():
    return "ECGBFAD"


# %% wrong="forgets return" says="End with: return lines, reasons"
def derivation():
    lines, reasons = "ECGBFAD", "3614257"


# %% right="lists"
def derivation():
    return list("ECGBFAD"), [3, 6, 1, 4, 2, 5, 7]


# %% right="from pairs"
def derivation():
    lines, reasons = zip(*("E3", "C6", "G1", "B4", "F2", "A5", "D7"))
    return "".join(lines), "".join(reasons)


# %% right="small letters and spaces"
def derivation():
    return "e c g b f a d", "3 6 1 4 2 5 7"


# %% right="a number for the reasons"
def derivation():
    return "ECGBFAD", 3614257
