# %% wrong="marks the dominated" says="That is the opposite"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) | (flops.unsqueeze(0) < flops.unsqueeze(1))
    return (as_good & better).any(1)


# %% wrong="asks for better in both" says="strict in one of the two suffices"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) & (flops.unsqueeze(0) < flops.unsqueeze(1))
    return ~(as_good & better).any(1)


# %% wrong="asks for strictly better accuracy" says="Equal in accuracy with more FLOPs"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = accuracy.unsqueeze(0) > accuracy.unsqueeze(1)
    return ~(as_good & better).any(1)


# %% wrong="asks for strictly fewer FLOPs" says="Equal in FLOPs with less accuracy"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = flops.unsqueeze(0) < flops.unsqueeze(1)
    return ~(as_good & better).any(1)


# %% wrong="lets a network dominate itself" says="nor does one itself"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) | (flops.unsqueeze(0) < flops.unsqueeze(1))
    return ~as_good.any(1)


# %% wrong="drops equal networks" says="nor does one itself"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) | (flops.unsqueeze(0) < flops.unsqueeze(1))
    return as_good.sum(1) == 1


# %% wrong="keeps the first of two equal ones" says="keep both"
def pareto_front(accuracy, flops):
    order = sorted(range(len(flops)), key=lambda i: (flops[i].item(), -accuracy[i].item()))
    front, best = torch.zeros(len(flops), dtype=torch.bool), -1.0
    for i in order:
        if accuracy[i] > best:
            front[i], best = True, accuracy[i].item()
    return front


# %% wrong="wants many FLOPs" says="Fewer FLOPs are better"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) >= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) | (flops.unsqueeze(0) > flops.unsqueeze(1))
    return ~(as_good & better).any(1)


# %% wrong="wants low accuracy" says="Better accuracy is higher"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) <= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) < accuracy.unsqueeze(1)) | (flops.unsqueeze(0) < flops.unsqueeze(1))
    return ~(as_good & better).any(1)


# %% wrong="takes either for both" says="nor by one of the two alone"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) | (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) | (flops.unsqueeze(0) < flops.unsqueeze(1))
    return ~(as_good & better).any(1)


# %% wrong="reduces over the wrong axis" says="Those dominate no other"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) | (flops.unsqueeze(0) < flops.unsqueeze(1))
    return ~(as_good & better).any(0)


# %% wrong="takes the most accurate" says="FLOPs count, too"
def pareto_front(accuracy, flops):
    return accuracy == accuracy.max()


# %% wrong="returns numbers" says="not indices"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) | (flops.unsqueeze(0) < flops.unsqueeze(1))
    return (~(as_good & better).any(1)).nonzero().squeeze(-1)


# %% wrong="returns 0 and 1" says="holds whole numbers"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) | (flops.unsqueeze(0) < flops.unsqueeze(1))
    return (~(as_good & better).any(1)).long()


# %% wrong="forgets to reduce" says="has shape (14, 14)"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) | (flops.unsqueeze(0) < flops.unsqueeze(1))
    return ~(as_good & better)


# %% wrong="answers for fourteen" says="Another front"
def pareto_front(accuracy, flops):
    return torch.tensor([letter == "x" for letter in "xx......xx.x.x"])


# %% wrong="sorts in place" says="was changed in place"
def pareto_front(accuracy, flops):
    order = flops.argsort(descending=True)
    accuracy[:], flops[:] = accuracy[order].clone(), flops[order].clone()
    return torch.ones(len(flops), dtype=torch.bool)


# %% wrong="forgets return" says="Does the function end with return?"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) | (flops.unsqueeze(0) < flops.unsqueeze(1))
    ~(as_good & better).any(1)


# %% wrong="rounds to per cent" says="unrounded"
def pareto_front(accuracy, flops):
    accuracy = (100 * accuracy).round()
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) | (flops.unsqueeze(0) < flops.unsqueeze(1))
    return ~(as_good & better).any(1)


# %% wrong="starts from accuracy 0" says="The front of one network"
def pareto_front(accuracy, flops):
    front, best = torch.zeros(len(flops), dtype=torch.bool), 0.0
    for cost in sorted(set(flops.tolist())):
        top = accuracy[flops == cost].max()
        if top > best:
            front |= (flops == cost) & (accuracy == top)
            best = top
    return front


# %% wrong="keeps the last of two equal ones" says="keep both"
def pareto_front(accuracy, flops):
    no_worse = (accuracy >= accuracy[:, None]) & (flops <= flops[:, None])
    later = torch.arange(len(flops)) > torch.arange(len(flops))[:, None]
    return ~(no_worse & (~no_worse.T | later)).any(1)


# %% wrong="takes the cheapest" says="accuracy counts, too"
def pareto_front(accuracy, flops):
    return flops == flops.min()


# %% wrong="takes the best at each number of FLOPs" says="Dominated: another one"
def pareto_front(accuracy, flops):
    return torch.stack([a == accuracy[flops == f].max() for a, f in zip(accuracy, flops)])


# %% wrong="sweeps and keeps equals in accuracy" says="Equal in accuracy with more FLOPs"
def pareto_front(accuracy, flops):
    front, best = torch.zeros(len(flops), dtype=torch.bool), float("-inf")
    for cost in sorted(set(flops.tolist())):
        top = accuracy[flops == cost].max()
        if top >= best:
            front |= (flops == cost) & (accuracy == top)
            best = top
    return front


# %% right="loop over pairs"
def pareto_front(accuracy, flops):
    front = torch.ones(len(flops), dtype=torch.bool)
    for i in range(len(flops)):
        for j in range(len(flops)):
            no_worse = accuracy[j] >= accuracy[i] and flops[j] <= flops[i]
            if no_worse and (accuracy[j] > accuracy[i] or flops[j] < flops[i]):
                front[i] = False
    return front


# %% right="sorted sweep"
def pareto_front(accuracy, flops):
    front, best = torch.zeros(len(flops), dtype=torch.bool), float("-inf")
    for cost in sorted(set(flops.tolist())):
        top = accuracy[flops == cost].max()
        if top > best:
            front |= (flops == cost) & (accuracy == top)
            best = top
    return front


# %% right="as good and not equal"
def pareto_front(accuracy, flops):
    no_worse = (accuracy >= accuracy[:, None]) & (flops <= flops[:, None])
    equal = (accuracy == accuracy[:, None]) & (flops == flops[:, None])
    return (no_worse & ~equal).sum(1) == 0


# %% right="no worse in one direction only"
def pareto_front(accuracy, flops):
    no_worse = (accuracy >= accuracy[:, None]) & (flops <= flops[:, None])
    return ~(no_worse & ~no_worse.T).any(1)


# %% right="one network after another"
def pareto_front(accuracy, flops):
    rows = []
    for a, f in zip(accuracy, flops):
        rows.append(not bool(((accuracy >= a) & (flops < f) | (accuracy > a) & (flops <= f)).any()))
    return torch.tensor(rows)


# %% wrong="asks for better in exactly one" says="Better in both is better in one, too"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1)) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) ^ (flops.unsqueeze(0) < flops.unsqueeze(1))
    return ~(as_good & better).any(1)


# %% wrong="asks for better in one and equal in the other" says="Better in both is better in one, too"
def pareto_front(accuracy, flops):
    above = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) & (flops.unsqueeze(0) == flops.unsqueeze(1))
    left = (accuracy.unsqueeze(0) == accuracy.unsqueeze(1)) & (flops.unsqueeze(0) < flops.unsqueeze(1))
    return ~(above | left).any(1)


# %% wrong="takes nearly as good for as good" says="unrounded"
def pareto_front(accuracy, flops):
    as_good = (accuracy.unsqueeze(0) >= accuracy.unsqueeze(1) - 1e-3) & (flops.unsqueeze(0) <= flops.unsqueeze(1))
    better = (accuracy.unsqueeze(0) > accuracy.unsqueeze(1)) | (flops.unsqueeze(0) < flops.unsqueeze(1))
    return ~(as_good & better).any(1)


# %% wrong="takes the corners of the hull" says="the best of weighted sums"
def pareto_front(accuracy, flops):
    front = torch.zeros(len(flops), dtype=torch.bool)
    for weight in torch.logspace(-12, 6, 3000, dtype=torch.float64):
        value = accuracy - weight * flops
        front |= value == value.max()
    return front
