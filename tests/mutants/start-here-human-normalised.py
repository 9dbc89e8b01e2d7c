# %% wrong="forgets the per cent" says="multiply by 100"
def human_normalised(score, random, human):
    return (score - random) / (human - random)


# %% wrong="divides the raw score by the human's" says="Random play must give 0"
def human_normalised(score, random, human):
    return 100 * score / human


# %% wrong="divides by the human's score, not by the distance to it" says="not by the human's score"
def human_normalised(score, random, human):
    return 100 * (score - random) / human


# %% wrong="measures from the human" says="measure from the human"
def human_normalised(score, random, human):
    return 100 * (score - human) / (human - random)


# %% wrong="swaps numerator and denominator" says="swap the numerator and the denominator"
def human_normalised(score, random, human):
    return 100 * (human - random) / (score - random)


# %% wrong="measures what is missing to the human" says="missing to the human"
def human_normalised(score, random, human):
    return 100 * (human - score) / (human - random)


# %% wrong="forgets both brackets" says="brackets"
def human_normalised(score, random, human):
    return 100 * score - random / human - random


# %% wrong="forgets the brackets of the denominator" says="brackets"
def human_normalised(score, random, human):
    return 100 * (score - random) / human - random


# %% wrong="forgets return" says="return"
def human_normalised(score, random, human):
    result = 100 * (score - random) / (human - random)
    print(result)


# %% wrong="returns a text" says="a str, but a number"
def human_normalised(score, random, human):
    return f"{100 * (score - random) / (human - random):.1f} %"


# %% wrong="rounds to whole per cent" says="round"
def human_normalised(score, random, human):
    return round(100 * (score - random) / (human - random))


# %% wrong="divides with //" says="round"
def human_normalised(score, random, human):
    return 100 * (score - random) // (human - random)


# %% wrong="stops at the human" says="better than the human"
def human_normalised(score, random, human):
    return min(100.0, 100 * (score - random) / (human - random))


# %% wrong="stops at random play" says="worse than random play"
def human_normalised(score, random, human):
    return max(0.0, 100 * (score - random) / (human - random))


# %% wrong="takes distances without their sign" says="worse than random play"
def human_normalised(score, random, human):
    return 100 * abs(score - random) / abs(human - random)


# %% right="a share first, then per cent"
def human_normalised(score, random, human):
    above_random = score - random
    way = human - random
    return above_random / way * 100.0


# %% right="slope and intercept of the straight line"
def human_normalised(score, random, human):
    slope = 100 / (human - random)
    return slope * score - slope * random


# %% right="per cent of both scores, subtracted"
def human_normalised(score, random, human):
    return 100 * score / (human - random) - 100 * random / (human - random)


# %% right="a tensor in float64"
def human_normalised(score, random, human):
    score, random, human = torch.tensor([score, random, human], dtype=torch.float64)
    return 100 * (score - random) / (human - random)


# %% right="a tensor in float32 with one element"
def human_normalised(score, random, human):
    return torch.tensor([100.0]) * (score - random) / (human - random)


# %% right="numpy's numbers"
def human_normalised(score, random, human):
    import numpy as np

    return np.divide(np.subtract(score, random), np.subtract(human, random)) * 100


# %% right="the distances change sign together"
def human_normalised(score, random, human):
    return 100 * (random - score) / (random - human)


# %% wrong="takes the size of the difference" says="A human may be worse than random play"
def human_normalised(score, random, human):
    return 100 * (score - random) / abs(human - random)
