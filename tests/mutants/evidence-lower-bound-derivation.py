# %% wrong="starts with the bound" says="Lines in their place: 4 of 7. Begin with what P(x) is"
def derivation():
    return "GECBFAD", "1364257"


# %% wrong="starts with the gap" says="1 of 7. Begin with what P(x) is: from there the order turns around"
def derivation():
    return "DAFBGCE", "7524163"


# %% wrong="applies Jensen first" says="5 of 7. First change the distribution"
def derivation():
    return "EGCBFAD", "3164257"


# %% wrong="pulls apart before Jensen" says="5 of 7. Pull nothing apart before the logarithm has moved inside"
def derivation():
    return "ECBGFAD", "3641257"


# %% wrong="splits the joint first" says="5 of 7. In the right order, the fourth line is minus the loss"
def derivation():
    return "ECGFBAD", "3612457"


# %% wrong="names before log P(x) is out" says="5 of 7. log P(x) has to come out"
def derivation():
    return "ECGBFDA", "3614275"


# %% wrong="takes log P(x) out too early" says="5 of 7. From the loss"
def derivation():
    return "ECGBAFD", "3614527"


# %% wrong="takes importance for total probability" says="Reasons in their place: 5 of 7. One reason only"
def derivation():
    return "ECGBFAD", "6314257"


# %% wrong="swaps Jensen and importance" says="5 of 7. Going from the prior to Q keeps the ="
def derivation():
    return "ECGBFAD", "3164257"


# %% wrong="takes the product for Jensen" says="5 of 7. Only Jensen makes a ≥"
def derivation():
    return "ECGBFAD", "3641257"


# %% wrong="takes the name for the product" says="5 of 7. A product pulled apart makes a sum"
def derivation():
    return "ECGBFAD", "3617254"


# %% wrong="takes the constant for the split" says="5 of 7. One reason replaces P(x | z) P(z)"
def derivation():
    return "ECGBFAD", "3614527"


# %% wrong="takes the name for the constant" says="5 of 7. One reason moves log P(x)"
def derivation():
    return "ECGBFAD", "3614275"


# %% wrong="gives the reasons in order" says="2 of 7. Those are the reasons as the list has them"
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


# %% wrong="has another order in mind" says="Lines in their place: 0 of 7. Begin with what P(x) is; each line follows"
def derivation():
    return "ADEFCBG", "3614257"


# %% wrong="has other reasons in mind" says="Reasons in their place: 5 of 7. The order of the lines is right."
def derivation():
    return "ECGBFAD", "3674251"


# %% right="pairs"
def derivation():
    return list(zip("ECGBFAD", "3614257"))


# %% right="a partial"
def derivation(lines="ECGBFAD", reasons="3614257"):
    return lines, reasons


derivation = __import__("functools").partial(derivation, reasons=tuple("3614257"))


# %% right="commas and dashes"
def derivation():
    return "E, C, G, B, F, A, D", "3-6-1-4-2-5-7"


# %% right="arrays"
def derivation():
    import numpy as np

    return np.array(list("ECGBFAD")), np.array([3, 6, 1, 4, 2, 5, 7])


# %% right="a tensor for the reasons"
def derivation():
    return "ECGBFAD", torch.tensor([3, 6, 1, 4, 2, 5, 7])


# %% right="a dictionary"
def derivation():
    return dict(zip("ECGBFAD", (3, 6, 1, 4, 2, 5, 7)))


# %% right="pairs in one string"
def derivation():
    return "E3 C6 G1 B4 F2 A5 D7"


# %% wrong="has a letter too many" says="The lines are the letters A to G, each once"
def derivation():
    return "E, C, G, B, F, A, D, H", "3-6-1-4-2-5-7"
