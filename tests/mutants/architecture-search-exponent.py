# %% wrong="takes the natural logarithm" says="The natural logarithm"
def exponent(gain):
    return math.log(1 + gain)


# %% wrong="takes log1p alone" says="The natural logarithm"
def exponent(gain):
    return math.log1p(gain)


# %% wrong="takes the decimal logarithm" says="The decimal logarithm"
def exponent(gain):
    return math.log10(1 + gain)


# %% wrong="has the wrong sign" says="The sign is wrong"
def exponent(gain):
    return -math.log2(1 + gain)


# %% wrong="takes the logarithm of 1 − gain" says="The sign is wrong"
def exponent(gain):
    return math.log2(1 - gain)


# %% wrong="takes what is lost" says="That is the accuracy kept"
def exponent(gain):
    return -math.log2(1 - gain)


# %% wrong="is the paper's constant" says="β depends on the gain"
def exponent(gain):
    return 0.07


# %% wrong="is the paper's constant with three digits" says="β depends on the gain"
def exponent(gain):
    return 0.0704


# %% wrong="takes the logarithm of the gain" says="Take the logarithm of 1 + gain"
def exponent(gain):
    return math.log2(gain)


# %% wrong="raises 2 to the gain" says="2 to the power of the gain"
def exponent(gain):
    return 2**gain


# %% wrong="turns the fraction over" says="turned over"
def exponent(gain):
    return math.log(2) / math.log(1 + gain)


# %% wrong="is linear" says="The gain is no power of 2"
def exponent(gain):
    return gain


# %% wrong="halves" says="The gain is no power of 2"
def exponent(gain):
    return gain / 2


# %% wrong="is the exact constant" says="β depends on the gain"
def exponent(gain):
    return math.log2(1.05)


# %% wrong="uses the first order" says="Solve 1 + gain"
def exponent(gain):
    return gain / math.log(2)


# %% wrong="forgets return" says="Does the function end with return?"
def exponent(gain):
    beta = math.log2(1 + gain)


# %% wrong="rounds to six digits" says="That is rounded"
def exponent(gain):
    return round(math.log2(1 + gain), 5)


# %% wrong="returns a tensor of shape (1,)" says="return a single number"
def exponent(gain):
    return torch.log2(torch.tensor([1.0 + gain], dtype=torch.float64))


# %% wrong="takes a gain of 0 for none" says="β for a gain of 0"
def exponent(gain):
    return math.log2(1 + gain) if gain else 0.07


# %% right="natural logarithms"
def exponent(gain):
    return math.log(1 + gain) / math.log(2)


# %% right="log1p"
def exponent(gain):
    return math.log1p(gain) / math.log1p(1)


# %% right="torch, a tensor"
def exponent(gain):
    return torch.log2(torch.tensor(1.0 + gain, dtype=torch.float64))


# %% right="bisection"
def exponent(gain):
    low, high = 0.0, 4.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if 2**middle < 1 + gain else (low, middle)
    return low


# %% right="torch, float32"
def exponent(gain):
    return torch.log2(torch.tensor(1 + gain))


# %% wrong="scales the constant" says="The gain is no power of 2"
def exponent(gain):
    return 0.07 * gain / 0.05
