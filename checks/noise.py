"""What every exercise that draws is held to: a draw is new each time, repeats with the seed, and has one source."""

import itertools
from collections.abc import Callable

import torch
from torch import Tensor

from checks.answer import Answer
from checks.compare import fail, generator, that

FROM = "Draw with generator=generator."
OWN = "Hand `generator` itself to what draws: a seed or a generator made inside gives the same again and again."


def source(answer: Answer, draw: Callable, *, what: str, seed: int = 1, times: int = 6) -> None:
    """Check that what an answer draws is new each time and comes from the generator alone.

    Args:
        answer: the learner's function.
        draw: a function of the learner's function and a generator, which returns a tensor of what was drawn; so much
            that two draws are never equal by chance.
        what: name of what is drawn, which starts the sentence.
        seed: of the generator.
        times: how often one generator is asked: a few seeds in turn, or one after the first call, show only then.

    Raises:
        CheckFailed: if one generator gives the same twice, one seed gives two results, or two seeds give the same.
    """
    start = [generator(seed), generator(seed), generator(seed + 1)]

    def probe(function):
        first, again, other = start
        with torch.random.fork_rng(devices=[]):
            drawn = []
            for number, each in enumerate([first] * times + [again, other]):
                torch.default_generator.manual_seed(number)
                drawn.append(torch.as_tensor(draw(function, each)).detach().clone())
        return drawn

    *drawn, again, other = answer.probe(probe)
    that(_alike(drawn[0], again), f"{what} differs between two calls with the same seed. {FROM}")
    that(not _alike(drawn[0], other), f"{what} is the same for every seed. {FROM}")
    that(
        not any(_alike(one, two) for one, two in itertools.combinations(drawn, 2)),
        f"{what} is the same when one generator is asked twice. {OWN}",
    )


def rows(drawn: Tensor, *, what: str) -> None:
    """Check that rows which ask for the same do not get the same numbers.

    Args:
        drawn: shape (n, ...), n draws that should be independent; so many numbers each that none are equal by chance.
        what: name of what is drawn, which starts the sentence.

    Raises:
        CheckFailed: if all rows are equal.
    """
    if len(drawn) > 1 and bool((drawn == drawn[:1]).all()):
        fail(f"{what} is the same in all {len(drawn)} rows; draw for each row by itself.")


def _alike(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and bool(torch.equal(one, other))
