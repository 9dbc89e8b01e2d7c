# %% wrong="forgets to square the distance" says="The distance must be squared"
def runs_needed(p, q, distance):
    return math.ceil(distance * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2)


# %% wrong="forgets to square the difference" says="The difference p − q must be squared"
def runs_needed(p, q, distance):
    return math.ceil(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q))


# %% wrong="forgets to square the absolute difference" says="The difference p − q must be squared"
def runs_needed(p, q, distance):
    return math.ceil(distance**2 * (p * (1 - p) + q * (1 - q)) / abs(p - q))


# %% wrong="squares neither" says="Nothing is squared yet"
def runs_needed(p, q, distance):
    return math.ceil(distance * (p * (1 - p) + q * (1 - q)) / (p - q))


# %% wrong="squares neither, with the absolute difference" says="Nothing is squared yet"
def runs_needed(p, q, distance):
    return math.ceil(distance * (p * (1 - p) + q * (1 - q)) / abs(p - q))


# %% wrong="forgets the variance of p" says="Only one of the variances"
def runs_needed(p, q, distance):
    return math.ceil(distance**2 * q * (1 - q) / (p - q) ** 2)


# %% wrong="forgets the variance of q" says="Only one of the variances"
def runs_needed(p, q, distance):
    return math.ceil(distance**2 * p * (1 - p) / (p - q) ** 2)


# %% wrong="adds standard errors" says="neither standard errors"
def runs_needed(p, q, distance):
    deviation = math.sqrt(p * (1 - p)) + math.sqrt(q * (1 - q))
    return math.ceil((distance * deviation / (p - q)) ** 2)


# %% wrong="subtracts the variances" says="Variances add up"
def runs_needed(p, q, distance):
    return math.ceil(distance**2 * abs(p * (1 - p) - q * (1 - q)) / (p - q) ** 2)


# %% wrong="pools the shares" says="do not pool"
def runs_needed(p, q, distance):
    mean = (p + q) / 2
    return math.ceil(distance**2 * 2 * mean * (1 - mean) / (p - q) ** 2)


# %% wrong="counts the runs of both kinds together" says="of each kind"
def runs_needed(p, q, distance):
    return 2 * math.ceil(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2)


# %% wrong="rounds down" says="Round up"
def runs_needed(p, q, distance):
    return int(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2)


# %% wrong="rounds to the nearest" says="Round up"
def runs_needed(p, q, distance):
    return round(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2)


# %% wrong="does not round" says="Round up"
def runs_needed(p, q, distance):
    return distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2


# %% wrong="adds one after rounding up" says="one run too many"
def runs_needed(p, q, distance):
    return math.ceil(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2) + 1


# %% wrong="forgets return" says="end with return"
def runs_needed(p, q, distance):
    n = math.ceil(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2)
    print(n)


# %% wrong="returns a text" says="a str, but a number"
def runs_needed(p, q, distance):
    return f"{math.ceil(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2)} runs"


# %% wrong="adds one instead of rounding up" says="A whole number is enough"
def runs_needed(p, q, distance):
    return int(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2) + 1


# %% wrong="takes more than the distance" says="A whole number is enough"
def runs_needed(p, q, distance):
    n = 1
    while abs(p - q) <= distance * math.sqrt((p * (1 - p) + q * (1 - q)) / n):
        n += 1
    return n


# %% wrong="takes the first share for the larger one" says="0.5 and 0.53"
def runs_needed(p, q, distance):
    n = 1
    while p > q and p - q < distance * math.sqrt((p * (1 - p) + q * (1 - q)) / n):
        n += 1
    return n


# %% wrong="solves without any square" says="Nothing is squared yet"
def runs_needed(p, q, distance):
    return math.ceil(distance * math.sqrt(p * (1 - p) + q * (1 - q)) / abs(p - q))


# %% wrong="subtracts the standard errors" says="Variances add up"
def runs_needed(p, q, distance):
    return math.ceil((distance * (math.sqrt(p * (1 - p)) - math.sqrt(q * (1 - q))) / (p - q)) ** 2)


# %% wrong="has the course do it" says="calls the course's own function"
def runs_needed(p, q, distance):
    return bandits.runs_needed(p, q, distance)


# %% wrong="rounds the half to an even number" says="one run too many"
def runs_needed(p, q, distance):
    return round(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2 + 0.5)


# %% wrong="adds almost one and rounds down" says="one run fewer is not enough"
def runs_needed(p, q, distance):
    return int(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2 + 0.9)


# %% wrong="a loop that begins with two runs" says="even n = 1"
def runs_needed(p, q, distance):
    n = 2
    while abs(p - q) < distance * math.sqrt((p * (1 - p) + q * (1 - q)) / n):
        n += 1
    return n


# %% wrong="rounds both parts up" says="round up once, at the end"
def runs_needed(p, q, distance):
    return sum(math.ceil(distance**2 * share * (1 - share) / (p - q) ** 2) for share in (p, q))


# %% right="the quotient squared as a whole"
def runs_needed(p, q, distance):
    return math.ceil((distance / (p - q)) ** 2 * (p * (1 - p) + q * (1 - q)))


# %% right="the square of a root"
def runs_needed(p, q, distance):
    deviation = math.sqrt(p * (1 - p) + q * (1 - q))
    return math.ceil((distance * deviation / abs(p - q)) ** 2)


# %% right="variances as p − p², divided first"
def runs_needed(p, q, distance):
    return -int(-(p - p**2 + q - q**2) / (p - q) ** 2 * distance**2 // 1)


# %% right="a loop that tries one run after the other"
def runs_needed(p, q, distance):
    n = 1
    while abs(p - q) < distance * math.sqrt((p * (1 - p) + q * (1 - q)) / n):
        n += 1
    return n


# %% right="torch's ceil in float64"
def runs_needed(p, q, distance):
    p, q = torch.tensor([p, q], dtype=torch.float64)
    return torch.ceil(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2)


# %% right="torch's ceil in float32, as a whole number"
def runs_needed(p, q, distance):
    shares = torch.tensor([p, q])
    return int(torch.ceil((shares * (1 - shares)).sum() * (distance / shares.diff()) ** 2))


# %% right="numpy's ceil"
def runs_needed(p, q, distance):
    import numpy as np

    return np.ceil(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2)


# %% right="a partial function"
@lambda function: __import__("functools").partial(function, rounded=math.ceil)
def runs_needed(p, q, distance, rounded):
    return rounded((distance / (p - q)) ** 2 * sum(share - share**2 for share in (p, q)))


# %% right="an object that can be called"
@lambda kind: kind()
class runs_needed:
    def __call__(self, p, q, distance):
        return math.ceil(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2)


# %% wrong="switches warnings off" says="switches warnings off"
def runs_needed(p, q, distance):
    import warnings

    warnings.simplefilter("ignore", UserWarning)
    return math.ceil(round(distance**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2, 9))
