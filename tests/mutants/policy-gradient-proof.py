# %% wrong="starts with the derivative" says="Steps in their place: 5 of 7. Before anything"
def proof():
    return "CEAGDFB", "1356247"


# %% wrong="starts with the theorem" says="Steps in their place: 1 of 7. Before anything"
def proof():
    return "BFDGACE", "7426513"


# %% wrong="puts p before the product rule" says="Steps in their place: 5 of 7. First differentiate"
def proof():
    return "EACGDFB", "3516247"


# %% wrong="unrolls what is not there yet" says="Steps in their place: 5 of 7. ∇q is still there"
def proof():
    return "ECGADFB", "3165247"


# %% wrong="collects before unrolling" says="Steps in their place: 5 of 7. ∇v stands on both sides"
def proof():
    return "ECADGFB", "3152647"


# %% wrong="averages before collecting" says="Steps in their place: 5 of 7. Collect the terms"
def proof():
    return "ECAGFDB", "3156427"


# %% wrong="normalises before averaging" says="Steps in their place: 5 of 7. Average over"
def proof():
    return "ECAGDBF", "3156274"


# %% wrong="takes the product rule for what q is" says="Reasons in their place: 5 of 7. One reason only says"
def proof():
    return "ECAGDFB", "1356247"


# %% wrong="takes dynamics for the product rule" says="Reasons in their place: 5 of 7. Both factors"
def proof():
    return "ECAGDFB", "3516247"


# %% wrong="takes unrolling for the dynamics" says="Reasons in their place: 5 of 7. One reason replaces ∇q"
def proof():
    return "ECAGDFB", "3165247"


# %% wrong="takes collecting for unrolling" says="Reasons in their place: 5 of 7. One reason uses the step before"
def proof():
    return "ECAGDFB", "3152647"


# %% wrong="takes the average for collecting" says="Reasons in their place: 5 of 7. One reason sorts"
def proof():
    return "ECAGDFB", "3156427"


# %% wrong="takes the normalisation for the average" says="Reasons in their place: 5 of 7. One reason averages over h"
def proof():
    return "ECAGDFB", "3156274"


# %% wrong="gives the reasons by letter" says="Reasons in their place: 1 of 7. The order of the steps is right"
def proof():
    return "ECAGDFB", "5712346"


# %% wrong="forgets a step" says="The steps are the letters A to G, each once"
def proof():
    return "ECADFB", "3156247"


# %% wrong="uses a reason twice" says="The reasons are the digits 1 to 7, each once"
def proof():
    return "ECAGDFB", "3156227"


# %% wrong="returns reasons first" says="steps first, then reasons"
def proof():
    return "3156247", "ECAGDFB"


# %% right="one string of both"
def proof():
    return "E3 C1 A5 G6 D2 F4 B7"


# %% wrong="returns the steps only" says="a tuple (steps, reasons) was expected"
def proof():
    return ("ECAGDFB",)


# %% right="pairs every step with its reason"
def proof():
    return [("E", 3), ("C", 1), ("A", 5), ("G", 6), ("D", 2), ("F", 4), ("B", 7)]


# %% wrong="forgets return" says="End with: return steps, reasons"
def proof():
    steps, reasons = "ECAGDFB", "3156247"


# %% right="join of lists"
def proof():
    steps = ["E", "C", "A", "G", "D", "F", "B"]
    reasons = [3, 1, 5, 6, 2, 4, 7]
    return "".join(steps), "".join(str(reason) for reason in reasons)


# %% right="from pairs"
def proof():
    pairs = ("E3", "C1", "A5", "G6", "D2", "F4", "B7")
    steps, reasons = map("".join, zip(*pairs))
    return steps, reasons


# %% right="from a dict, in a list"
def proof():
    reason_of = {"A": "5", "B": "7", "C": "1", "D": "2", "E": "3", "F": "4", "G": "6"}
    steps = "ECAGDFB"
    return [steps, steps.translate(str.maketrans(reason_of))]


# %% right="two lists, one of them of numbers"
def proof():
    return list("ECAGDFB"), [3, 1, 5, 6, 2, 4, 7]


# %% right="a number for the reasons"
def proof():
    return "ECAGDFB", 3156247


# %% right="small letters and spaces"
def proof():
    return "e c a g d f b", "3 1 5 6 2 4 7"
