"""A world of four-letter words in which every response can be listed, and small language models that write them.

The letters are seven, so there are 7⁴ = 2401 responses, of which 94 are words. Leading dimensions `...` hold
independent models.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from helpers import given, preferences
from helpers.networks import Network
from helpers.preferences import PADDING, Pairs

LETTERS, LENGTH = "aelmnst", 4
WORDS = """
alas ales alms alts amen ante ants ease east eats eels ells elms else lama lame lams lane lase lass last late lats
lean leas lees lens lent less lest lets male mall malt mama mane mans mass mast mate mats matt meal mean meat meet
melt meme mesa mess meta mete name neat nest nets sale salt same sane sans sass sate seal seam seas seat seem seen
sees sell sent sets slam slat stat stem tale tall tame tams tans tats teal team teas teat teem teen tees tell tens
tent test
""".split()  # noqa: SIM905, see helpers/bundled/NOTICE.md
DISLIKE = 4.0  # of what is no word


@dataclass(frozen=True)
class Recipe:
    """How to train a language model by RLHF or DPO.

    Attributes:
        steps: of Adam.
        batch_size: fresh samples (RLHF), or pairs (DPO), of one step.
        learning_rate: of Adam; it falls linearly to 0.
        held_out: share of the pairs that are not learned from: what is kept are the weights that tell those best. With
            0 the last weights are kept, and otherwise the first ones if none is better.
    """

    steps: int = 300
    batch_size: int = 128
    learning_rate: float = 0.02
    held_out: float = 0.0

    def __post_init__(self):
        if min(self.steps, self.batch_size) < 1 or self.learning_rate <= 0:
            raise ValueError(
                f"steps, batch_size and learning_rate are positive, but they are {self.steps}, {self.batch_size} and "
                f"{self.learning_rate}."
            )
        if not 0 <= self.held_out < 1:
            raise ValueError(f"held_out is a share in [0, 1), but it is {self.held_out}.")


RLHF = Recipe()
DPO = Recipe(600, 256, 0.005, held_out=0.2)
REWARDS = Recipe(600, 256, 0.03, held_out=0.2)
READING = Recipe(300, len(WORDS), 0.03)


def responses() -> Tensor:
    """Return the letters of all responses, int64 (2401, 4), in the order of the alphabet."""
    return torch.cartesian_prod(*[torch.arange(len(LETTERS))] * LENGTH)


def spell(tokens: Tensor) -> list[str]:
    """Return responses (n, 4) as text."""
    return ["".join(LETTERS[token] for token in row) for row in tokens.tolist()]


def is_word() -> Tensor:
    """Return for all responses whether they are words, bool (2401,)."""
    return torch.tensor([text in WORDS for text in spell(responses())])


def true_rewards() -> Tensor:
    """Return what the human thinks of all responses, (2401,): one for each s and each e, and −4 for what is no word."""
    tokens = responses()
    liked = (tokens == LETTERS.index("s")) | (tokens == LETTERS.index("e"))
    return liked.sum(-1).float() - DISLIKE * ~is_word()


class LanguageModel(nn.Module):
    """Write letter by letter: a network looks at the letters so far, and says what may be next.

    Args:
        shape: leading dimensions, one model for each entry.
        hidden: width of the hidden layer.
        generator: source of the initial weights, on the device of choice.
    """

    def __init__(self, shape: tuple[int, ...] = (), hidden: int = 64, *, generator: torch.Generator):
        super().__init__()
        self.shape, size = tuple(shape), len(LETTERS) + 1  # the last one is "not yet"
        self.network = Network(shape, (LENGTH - 1) * size, hidden, len(LETTERS), generator=generator)
        seen = []
        for length in range(LENGTH):
            prefixes = responses()[:: len(LETTERS) ** (LENGTH - length), : LENGTH - 1].clone()
            prefixes[:, length:] = len(LETTERS)
            seen.append(nn.functional.one_hot(prefixes, size).flatten(1))
        self.register_buffer("prefixes", torch.cat(seen).float().to(generator.device))  # 1 + 7 + 49 + 343
        places = responses() * len(self.prefixes) + _prefix_of(responses())
        self.register_buffer("places", places.to(generator.device))  # of each letter in log π of all, (2401, 4)

    def log_probs(self, which: Tensor | None = None) -> Tensor:
        """Return log π of all responses, shape (..., 2401), or of those at places `which` (..., n) in their list."""
        places = self.places if which is None else self.places[which]
        log_pi = self.network(self.prefixes).mT.log_softmax(-2).flatten(-2)  # by columns, as rows of 7 are slow
        letters = places.flatten(-2).expand(*log_pi.shape[:-1], -1)
        return log_pi.gather(-1, letters).unflatten(-1, (-1, LENGTH)).sum(-1)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the logits of each place, (..., n, L, 7), for tokens (..., n, L) with L up to 4, −1 behind an end."""
        if tokens.numel() and not PADDING <= tokens.min() <= tokens.max() < len(LETTERS):
            raise ValueError(
                f"Tokens are in [0, {len(LETTERS)}), or {PADDING} behind the end of a text, but they reach from "
                f"{int(tokens.min())} to {int(tokens.max())}."
            )
        seen = self.prefixes[_prefix_of(tokens)]
        return self.network(seen.flatten(-3, -2)).unflatten(-2, tokens.shape[-2:])


def _prefix_of(tokens: Tensor) -> Tensor:
    """Return for each of the tokens (..., L) where the letters before it stand in the list of all prefixes."""
    found = [torch.zeros_like(tokens[..., 0])]
    for token in tokens.unbind(-1)[:-1]:
        found.append(len(LETTERS) * found[-1] + 1 + token)  # as in a heap, whose first entry is "nothing yet"
    return torch.stack(found, -1)


def _descend(
    model: nn.Module,
    recipe: Recipe,
    loss: Callable[[], Tensor],
    report: Callable[[int, Tensor], object] | None = None,
    held_out: Callable[[], Tensor] | None = None,
) -> None:
    """Take the recipe's steps of Adam down a loss (...), summed over runs; keep what `held_out` (...) likes best."""
    fused = next(model.parameters()).device.type in ("cpu", "cuda", "mps")
    optimizer = torch.optim.Adam(model.parameters(), recipe.learning_rate, fused=fused)
    kept = [part.detach().clone() for part in model.parameters()]
    with torch.no_grad():
        lowest = held_out() if held_out else None
    for number in range(1, recipe.steps + 1):
        optimizer.zero_grad()
        optimizer.param_groups[0]["lr"] = recipe.learning_rate * (1 - (number - 1) / recipe.steps)
        value = loss()
        value.backward(torch.ones_like(value))
        optimizer.step()
        if held_out and (number % 20 == 0 or number == recipe.steps):
            with torch.no_grad():
                now = held_out()
            better, lowest = now < lowest, torch.minimum(now, lowest)
            for old, part in zip(kept, model.parameters(), strict=True):
                old[better] = part.detach()[better]
        if report is not None and report(number, value.detach()) is True:
            break
    if held_out:
        with torch.no_grad():
            for old, part in zip(kept, model.parameters(), strict=True):
                part.copy_(old)


def read_words(model: LanguageModel, recipe: Recipe = READING, *, smoothing: float = 0.1) -> None:
    """Train a model in place on the words, all equally often, until it has read them well: the reference.

    Args:
        model: what to train.
        recipe: its batch is always all words.
        smoothing: share of the texts that is spread over all responses, as typing errors.
    """
    share = is_word().float().to(model.prefixes)
    share = (1 - smoothing) * share / share.sum() + smoothing / len(share)
    _descend(model, recipe, lambda: -(model.log_probs() * share).sum(-1))


def reward_model(
    shape: tuple[int, ...] = (), hidden: int = 64, *, counts: bool = False, generator: torch.Generator
) -> Network:
    """Return an untrained reward model; hidden = 0 makes it linear, and with counts it sees no order of the letters."""
    return Network(shape, (1 if counts else LENGTH) * len(LETTERS), hidden, 1, generator=generator)


def judge(model: Network) -> Tensor:
    """Return what a reward model thinks of all responses, shape (..., 2401)."""
    return model(_features(model))[..., 0]


def _features(model: Network) -> Tensor:
    """Return what a reward model sees of all responses: every letter, or how often each comes."""
    letters = nn.functional.one_hot(responses(), len(LETTERS)).to(model.scale)
    return letters.sum(1) if len(model.scale) == len(LETTERS) else letters.flatten(1)


def fit_rewards(model: Network, pairs: Pairs, recipe: Recipe = REWARDS, *, generator: torch.Generator) -> None:
    """Train a reward model in place on pairs (..., n) by Bradley and Terry's loss.

    Args:
        model: from `reward_model`.
        pairs: one row for each model.
        recipe: how; batch_size pairs a step.
        generator: source of the minibatches.
    """
    letters = _features(model)

    def loss(some: Tensor) -> Tensor:
        rewards = model(letters[some.flatten(-2)])[..., 0]
        return preferences.bradley_terry_loss(*rewards.chunk(2, -1))

    _learn(model, pairs, recipe, loss, generator)


def _learn(
    model: nn.Module,
    pairs: Pairs,
    recipe: Recipe,
    loss: Callable[[Tensor], Tensor],
    generator: torch.Generator,
    report: Callable[[int, Tensor], object] | None = None,
) -> None:
    """Train on minibatches of pairs, the same places in every run; `loss` gets chosen and rejected, (..., 2, b)."""
    count = pairs.chosen.shape[-1]
    spared = round(recipe.held_out * count)
    if count - spared < 1:
        raise ValueError(f"Of {count} pairs {spared} are held out, so that none is left to learn from.")
    aside, rest = torch.stack(pairs, -2).split([spared, count - spared], -1)
    shape = recipe.steps, recipe.batch_size
    places = iter(torch.randint(count - spared, shape, generator=generator, device=rest.device))
    _descend(model, recipe, lambda: loss(rest[..., next(places)]), report, (lambda: loss(aside)) if spared else None)


def rlhf(
    model: LanguageModel,
    log_ref: Tensor,
    rewards: Tensor,
    beta: float,
    recipe: Recipe = RLHF,
    *,
    generator: torch.Generator,
    report: Callable[[int, Tensor], object] | None = None,
) -> None:
    """Train a model in place by REINFORCE on r − β log(π / π_ref), minus the mean of the others in the batch.

    Args:
        model: the policy, which starts as a copy of the reference.
        log_ref: log π_ref of all responses, shape (..., 2401).
        rewards: what the reward model thinks of all of them, shape (..., 2401); it is asked about sampled ones only.
        beta: β.
        recipe: how; batch_size fresh samples a step, at least two.
        generator: source of the samples, on the device of the model.
        report: called with each step's number and loss (...); training ends where it returns True.

    Raises:
        ValueError: if β is not positive, or a batch has one sample.

    Ouyang et al. (2022), equation 2, with the estimator of lesson 05 in place of PPO.
    """
    preferences.check_beta(beta)
    if recipe.batch_size < 2:
        raise ValueError("batch_size is 1: a baseline from the other samples needs two or more.")
    log_ref, rewards = log_ref.detach(), rewards.detach()

    def loss() -> Tensor:
        log_pi = model.log_probs()
        flat = log_pi.detach().exp().reshape(-1, log_pi.shape[-1])
        places = torch.multinomial(flat, recipe.batch_size, replacement=True, generator=generator)
        places = places.view(*log_pi.shape[:-1], -1)
        drawn, reference, r = (part.expand_as(log_pi).gather(-1, places) for part in (log_pi, log_ref, rewards))
        gains = preferences.kl_rewards(r, drawn, reference, beta)
        others = (gains.sum(-1, keepdim=True) - gains) / (recipe.batch_size - 1)
        return -((gains - others) * drawn).mean(-1)

    _descend(model, recipe, loss, report)


def dpo(
    model: LanguageModel,
    log_ref: Tensor,
    pairs: Pairs,
    beta: float,
    recipe: Recipe = DPO,
    *,
    generator: torch.Generator,
    report: Callable[[int, Tensor], object] | None = None,
) -> None:
    """Train a model in place on pairs (..., n) by direct preference optimisation; it draws no response.

    Args:
        model: the policy, which starts as a copy of the reference.
        log_ref: log π_ref of all responses, shape (..., 2401).
        pairs: one row for each run.
        beta: β.
        recipe: how; batch_size pairs a step.
        generator: source of the minibatches.
        report: called with each step's number and loss (...); training ends where it returns True.

    Raises:
        ValueError: if β is not positive.

    Rafailov et al. (2023).
    """
    preferences.check_beta(beta)
    log_ref = log_ref.detach()

    def loss(some: Tensor) -> Tensor:
        both = some.flatten(-2)
        moved = model.log_probs(both) - log_ref.expand(*both.shape[:-1], -1).gather(-1, both)
        return preferences.bradley_terry_loss(*(beta * moved).chunk(2, -1))  # dpo_loss, both at once

    _learn(model, pairs, recipe, loss, generator, report)


given.explain(__name__)
