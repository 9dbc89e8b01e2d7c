"""Lesson 06: what tells a right architecture search from a wrong one."""

import copy
import math

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from checks import noise, plain, steps
from checks.answer import Raised
from checks.compare import equal, fail, frequency, generator, indices, parts, that
from checks.exercise import exercise
from helpers import architecture_search, search_spaces

# Lesson 06-1: the decisions of a cell


@exercise(own=search_spaces.cell_choices)
def cell_choices(answer, *, cells=((3, 7), (1, 4), (6, 3))):
    """The number of options of each decision of a cell, for cells given as blocks and operations: a flat list."""
    for blocks, operations in cells:
        got = answer(blocks, operations)
        that(got is not None, "The choices are None, but a list was expected. Does the function end with return?")
        that(isinstance(got, list | tuple), f"The choices are {plain.kind(got)}, but a list was expected.")
        that(
            all(type(count) in (int, float) for count in got),
            "The choices are not all whole numbers; make one flat list of Python's own numbers.",
        )
        equal(
            torch.tensor([float(count) for count in got]),
            _right_cell(blocks, operations),
            what=f"The options of {'one block' if blocks == 1 else f'{blocks} blocks'} and {operations} operations",
            hint="Each block adds one output, which later blocks may take as input.",
            mistakes=_wrong_cells(blocks, operations),
        )


def _cell(blocks: int, decisions) -> Tensor:
    return torch.tensor([float(count) for block in range(blocks) for count in decisions(block)])


def _right_cell(blocks: int, n: int) -> Tensor:
    return _cell(blocks, lambda b: (b + 2, b + 2, n, n, 2))


def _wrong_cells(blocks: int, n: int) -> dict:
    """Return what likely mistakes give for cells with `n` operations."""
    right = _right_cell(blocks, n)
    table = right.view(blocks, 5)
    return {
        "A cell has two inputs, so the first block chooses among two.": [
            _cell(blocks, lambda b: (b + 1, b + 1, n, n, 2)),
            _cell(blocks, lambda b: (b, b, n, n, 2)),
        ],
        "A block cannot take its own output as input.": _cell(blocks, lambda b: (b + 3, b + 3, n, n, 2)),
        "Later blocks may also take the outputs of earlier ones.": _cell(blocks, lambda b: (2, 2, n, n, 2)),
        "Not all blocks can take all blocks: only earlier ones.": [
            _cell(blocks, lambda b: (blocks + 2, blocks + 2, n, n, 2)),
            _cell(blocks, lambda b: (blocks + 1, blocks + 1, n, n, 2)),
        ],
        "The order is input, input, operation, operation, combination.": [
            _cell(blocks, lambda b: (b + 2, n, b + 2, n, 2)),
            _cell(blocks, lambda b: (n, n, b + 2, b + 2, 2)),
            _cell(blocks, lambda b: (b + 2, b + 2, 2, n, n)),
        ],
        "Write block after block: all five decisions of one, then those of the next.": [
            table.T.flatten(),
            torch.cat([part.flatten() for part in table.split((2, 2, 1), 1)]),
        ],
        "`operations` says how many there are; use it.": [
            _cell(blocks, lambda b, k=k: (b + 2, b + 2, k, k, 2)) for k in range(1, 21) if k != n
        ],
        "The combination is a decision, too: five a block.": _cell(blocks, lambda b: (b + 2, b + 2, n, n)),
        "A block takes two inputs and two operations.": _cell(blocks, lambda b: (b + 2, n, 2)),
        "The two inputs may be the same; the second has as many options as the first.": (
            _cell(blocks, lambda b: (b + 2, b + 1, n, n, 2))
        ),
        "The combination has two options: add or concatenate.": [
            _cell(blocks, lambda b: (b + 2, b + 2, n, n, 1)),
            _cell(blocks, lambda b: (b + 2, b + 2, n, n, b + 2)),
        ],
        "The last block is missing.": right[:-5] if blocks != 2 else [],
        "Only the first block is there; does return stand inside the loop?": right[:5],
        "The first block is missing.": right[5:] if blocks != 2 else [],
        "Only the last block is there; add each block's decisions to the list.": right[-5:],
    }


# Lesson 06-2: architectures, token by token

ABSENT = -9e8  # logit of an option that a decision does not have
BY_SUM = (-0.6, 0.6, 1.2, -0.3)  # how the sum of the tokens read moves the logits
BY_LAST = (0.9, -0.9, 0.45, 0.3)  # and how the last one does
CHAIN = ((-1.1, -0.5, 0.2), (-0.2, 0.6), (-150.0, -150.1, -151.4))  # the last have no exp in float32, but a softmax
DRAWS = 40_000
IS_GREEDY = "That takes the likeliest token; draw, unless greedy is asked for."
ALIKE = "That draws all tokens alike; use the logits."
ACROSS = "The softmax runs over the batch; it belongs to the options, the last dimension."
ONE_PLACE = "Every place has its own decision: tell each step its place, controller.step(state, place, token)."


class Chain:
    """A controller with known probabilities; its state counts the tokens that it has read, and their sum."""

    def __init__(self, logits):
        self.choices = tuple(map(len, logits))
        self.most = max(self.choices)
        self.base = torch.tensor([(*row, *[ABSENT] * (self.most - len(row))) for row in logits])

    def start(self, batch):
        return torch.zeros(batch, 2, dtype=torch.int64)

    def step(self, state, place, previous):
        that(0 <= place < len(self.choices), f"step got place {place}; places go from 0 to {len(self.choices) - 1}.")
        read, total = state.unbind(-1)
        last = torch.zeros_like(total)
        if place:
            that(previous is not None or read.any(), f"The first step got place {place}; places count from 0.")
            that(previous is not None, f"step at place {place} got previous=None: hand it the tokens.")
            kind = plain.kind(previous)
            that(isinstance(previous, Tensor), f"At place {place}, previous is {kind}: hand it the tensor of tokens.")
            shape = tuple(previous.shape)
            that(shape == total.shape, f"At place {place}, previous has shape {shape}: make it (n,).")
            last = previous
        total = total + last
        logits = self.base[place] + total.unsqueeze(-1) * torch.tensor(BY_SUM[: self.most])
        logits = logits + last.unsqueeze(-1) * torch.tensor(BY_LAST[: self.most])
        return logits, torch.stack([read + 1, total], -1)

    def after(self, *read, state=None) -> Tensor:
        """Return the probabilities after these tokens; `state` replaces the sum of those before the last."""
        at = self.start(1)
        for place in range(len(read) + 1):
            at = at if state is None or place < len(read) else torch.tensor([[place, state]])
            logits, at = self.step(at, place, torch.tensor([read[place - 1]]) if place else None)
        return logits[0].softmax(-1)

    def probability(self, tokens) -> float:
        """Return the probability of a whole architecture."""
        return math.prod(self.after(*tokens[:place])[token].item() for place, token in enumerate(tokens))


class Noting(Chain):
    """A chain that notes the tokens which each step was told."""

    def __init__(self, logits):
        super().__init__(logits)
        self.told = []

    def step(self, state, place, previous):
        if isinstance(previous, Tensor):
            self.told.append(previous.clone())
        return super().step(state, place, previous)


@exercise(own=architecture_search.sample)
def sample(answer, *, logits=CHAIN, choices=(2, 3), seed=1):
    """Architectures drawn token by token, each step given the last token and state; the likeliest with `greedy`."""
    chain = Chain(logits)
    for batch in (5, 1):
        few = _drawn(answer, chain, batch, seed)
        indices(few, shape=(batch, len(chain.choices)), below=chain.most, what="The tokens")
    sources = [generator(seed + k) for k in range(20)]
    pairs = answer.probe(lambda function: torch.stack([function(chain, 2, generator=each) for each in sources]))
    that(
        bool((pairs[:, 0] != pairs[:, 1]).any() or (pairs == pairs[0]).all()),
        "All architectures of a batch are the same; draw one for each row.",
    )
    drawn = answer(chain, DRAWS, generator=generator(seed))
    indices(drawn, shape=(DRAWS, len(chain.choices)), below=chain.most, what="The tokens")
    told = _told(answer, logits, seed)
    _first_place(chain, drawn)
    _second_place(chain, drawn, told)
    _third_place(chain, drawn)
    that(
        bool((drawn < torch.tensor(chain.choices)).all()),
        "A token is drawn that its decision does not have: its logit is −9·10⁸, so its probability is 0.",
    )
    _whole(drawn, chain.choices, chain.probability)
    _greedy_tokens(answer, chain, seed)
    _of_an_lstm(answer, choices, seed)
    noise.source(
        answer, lambda function, generator: function(chain, 50, generator=generator), what="The sample", seed=seed
    )


def _drawn(answer, chain: Chain, batch: int, seed: int):
    """Draw a few architectures; say what it means if multinomial does not like its probabilities."""
    try:
        return answer(chain, batch, generator=generator(seed))
    except Raised as error:
        if "probability tensor contains" in error.text or "invalid multinomial" in error.text:
            fail(f"{error} Logits are no probabilities, and exp alone may give 0 or ∞: take logits.softmax(-1).")
        raise


def _told(answer, logits, seed: int) -> bool:
    """Tell whether each step is told the tokens that are returned; fail if these are the right ones in other places."""
    source = generator(seed)

    def probe(function):
        chain = Noting(logits)
        tokens = function(chain, 50, generator=source)
        return tokens, [each for each in chain.told if each.shape == tokens.shape[:1]]

    tokens, told = answer.probe(probe)
    if len(told) != tokens.shape[1] - 1:
        return False
    mixed = tokens.flatten()[: len(told) * len(tokens)]
    that(
        torch.equal(tokens[:, 0], told[0]) or not torch.equal(mixed, torch.cat(told)),
        "A reshape mixes the rows: torch.stack(tokens, -1) gives each row its own tokens.",
    )
    return all(torch.equal(tokens[:, place], each) for place, each in enumerate(told))


def _first_place(chain: Chain, drawn: Tensor) -> None:
    first = chain.after()
    top = int(first.argmax())
    frequency(
        drawn[:, 0] == top,
        first[top].item(),
        what=f"Token {top} at place 0",
        hint="Draw from softmax(logits).",
        mistakes={
            IS_GREEDY: 1.0,
            "That never takes the likeliest token.": 0.0,
            ACROSS if _is_across(chain, drawn, top) else ALIKE: [1 / chain.most, 1 / chain.choices[0]],
            "The softmax is taken twice.": first.softmax(-1)[top].item(),
            "Logits are logarithms: they need a softmax, which −logits turn around.": (-chain.base[0])
            .softmax(-1)[top]
            .item(),
        },
    )
    for token, probability in enumerate(first.tolist()):
        frequency(
            drawn[:, 0] == token, probability, what=f"Token {token} at place 0", hint="Draw from softmax(logits)."
        )


def _is_across(chain: Chain, drawn: Tensor, token: int) -> bool:
    """Tell whether tokens at place 1, after this one, look like those of a softmax over the rows and not like any."""
    chosen = drawn[:, 0] == token
    if not chosen.any():
        return False
    logits, _ = chain.step(chain.step(chain.start(len(drawn)), 0, None)[1], 1, drawn[:, 0])
    across = logits.double().softmax(0)[chosen][0]
    across = across[1] / across.sum()
    seen = (drawn[chosen, 1] == 1).double().mean()
    return bool((seen - across).abs() < min((seen - 1 / n).abs() for n in (chain.most, chain.choices[1])))


def _second_place(chain: Chain, drawn: Tensor, told: bool) -> None:
    """Check what follows the first token; `told` is whether each step reads the tokens that are returned."""
    first, pi = chain.after(), chain.after(1)
    one_row = "Each row has its own probabilities; do not draw all rows from those of one, or from a mean."
    second = torch.stack([chain.after(token) for token in range(chain.choices[0])])
    mean = first[: chain.choices[0]] @ second
    own_row = {one_row: [*second[:, 1].tolist(), mean[1].item()] if told else second[int(drawn[0, 0]), 1].item()}
    _after(
        drawn,
        1,
        pi,
        (own_row if told else {})
        | {
            "That is the likeliest token always; draw at every place.": float(pi.argmax() == 1),
            "The next step must read the drawn token; that reads 0.": chain.after(0)[1].item(),
            "The next step must read the drawn token, not the likeliest.": chain.after(int(first.argmax()))[1].item(),
            ONE_PLACE: first[1].item(),
            "One random number serves all places; draw anew at each.": _of_one_number(first, pi),
            ALIKE: [1 / chain.choices[1], 1 / chain.most],
            **own_row,
        },
    )
    for token in range(chain.choices[0]):
        _after(drawn, token, chain.after(token), own_row)


def _after(drawn: Tensor, token: int, pi: Tensor, mistakes: dict) -> None:
    """Check how often token 1 follows this one."""
    frequency(
        drawn[drawn[:, 0] == token][:, 1] == 1,
        pi[1].item(),
        what=f"Token 1 at place 1, after token {token},",
        hint="Hand the drawn tokens to the next step as `previous`, and draw anew at each place.",
        mistakes=mistakes,
    )


def _of_one_number(first: Tensor, pi: Tensor) -> list[float]:
    """Return how often token 1 follows token 1 where one random number a row, or an option, serves both places."""
    number = torch.linspace(0, 1, 100_001, dtype=torch.float64)[:, None]
    found = [(number > p.double().cumsum(-1)).sum(-1) for p in (first, pi)]
    source = generator(1)
    race = torch.empty(100_000, len(first)).exponential_(generator=source)
    pairs = [found, [(p / race).argmax(-1) for p in (first, pi)]]
    return [(second[one == 1] == 1).double().mean().item() for one, second in pairs]


def _third_place(chain: Chain, drawn: Tensor) -> None:
    first = chain.after()
    top = int(first.argmax())
    frequency(
        drawn[(drawn[:, 0] == top) & (drawn[:, 1] == 1)][:, 2] == 0,
        chain.after(top, 1)[0].item(),
        what=f"Token 0 at place 2, after tokens {top} and 1,",
        hint="Each step takes the state that the last one returned, and the last token.",
        mistakes={
            "The state is not handed on: each step takes what the last one returned.": (
                chain.after(top, 1, state=0)[0].item()
            ),
            "`previous` is the token just drawn, not the first one.": chain.after(top, top)[0].item(),
            ONE_PLACE: first[0].item(),
        },
    )


def _whole(drawn: Tensor, choices, probability) -> None:
    """Check how often each architecture is drawn, if often enough for a normal distribution of the number."""
    for tokens in search_spaces.all_tokens(choices).tolist():
        same = (drawn == torch.tensor(tokens)).all(-1)
        chance, name = float(probability(tokens)), f"Architecture {tokens} is drawn"
        if chance * len(drawn) > 100:
            frequency(same, chance, what=name, hint="π(a) is the product over its tokens.", false_alarm=1e-7)


def _greedy_tokens(answer, chain: Chain, seed: int) -> None:
    right: list[int] = []
    alone: list[int] = []  # without the state of earlier steps
    for place in range(len(chain.choices)):
        right.append(int(chain.after(*right).argmax()))
        alone.append(int(chain.after(*alone, state=0 if place > 1 else None).argmax()))
    whole = max(search_spaces.all_tokens(chain.choices).tolist(), key=chain.probability)
    got = answer(chain, 40, greedy=True, generator=generator(seed + 1))
    indices(got, shape=(40, len(right)), below=chain.most, what="The greedy tokens")
    that(
        bool((got[:, 0] != right[0]).any() or (got == got[0]).all()),
        "Greedy architectures differ after place 0: hand the likeliest token to the next step, no drawn one.",
    )
    equal(
        got,
        torch.tensor([right] * 40),
        what="The greedy tokens",
        hint="Take the argmax of the logits at every place, given the tokens taken before.",
        mistakes={
            "That is the likeliest sequence as a whole; take the argmax at each place.": torch.tensor([whole] * 40),
            "The greedy branch, too, hands on the state that each step returns.": torch.tensor([alone] * 40),
        },
    )


def _of_an_lstm(answer, choices, seed: int) -> None:
    """Check what is drawn from a controller of the lesson, with clear preferences."""
    controller = architecture_search.Controller((), choices, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        controller.head_biases[0, 0, 0] = 1.0
        controller.heads.mul_(30)
        every = search_spaces.all_tokens(choices)
        log_pi = architecture_search.sequence_log_pi(controller(every), every)
    drawn = answer(controller, 20_000, generator=generator(seed + 2))
    indices(drawn, shape=(20_000, len(choices)), below=max(choices), what="The tokens of an LSTM")
    _whole(drawn, choices, lambda tokens: log_pi[search_spaces.rows(torch.tensor(tokens), choices)].exp())


# Lesson 06-3 and 06-4: what it learns from

LOSS = "It is −mean over N of (R − b) · Σ_t log π(a_t)."
TOKENS = ((4, 0, 1), (0, 2, 3), (2, 1, 0), (3, 2, 2))


@exercise(own=architecture_search.search_loss)
def search_loss(answer, *, tokens=TOKENS, choices=(5, 3, 5), rewards=(0.9, 0.2, 0.7, -0.4), baseline=0.3, seed=4):
    """−mean over N of (R − b) · log π(a) for random logits: its value, and its gradient in the logits alone."""
    tokens, rewards, baseline = torch.tensor(tokens), torch.tensor(rewards), torch.tensor(baseline)
    logits = torch.randn(*tokens.shape, max(choices), generator=generator(seed))
    logits = logits.masked_fill(torch.arange(max(choices)) >= torch.tensor(choices)[:, None], -1e9)
    right, each = _loss(logits, tokens, rewards, baseline)
    equal(
        answer(logits, tokens, rewards, baseline),
        right,
        what="The loss",
        hint=LOSS,
        mistakes=lambda: _wrong_losses(logits, tokens, rewards, baseline, each, right),
    )
    _loss_gradient(answer, logits, tokens, rewards, baseline)
    _other_losses(answer, logits, tokens, rewards, baseline)
    _long_losses(answer, baseline, seed)


def _loss(logits: Tensor, tokens: Tensor, rewards: Tensor, baseline: Tensor) -> tuple[Tensor, Tensor]:
    """Return the loss, and log π of each token."""
    each = logits.double().log_softmax(-1)[one_hot(tokens, logits.shape[-1]).bool()].view(tokens.shape)
    return -((rewards - baseline) * each.sum(-1)).mean().to(logits.dtype), each


def _other_losses(answer, logits: Tensor, tokens: Tensor, rewards: Tensor, baseline: Tensor) -> None:
    """Check the loss of batches whose size, length or numbers are out of the ordinary."""
    sums = -(rewards - baseline).mean() * _loss(logits, tokens, rewards, baseline)[1][:, 0].sum()
    own = _loss(logits, tokens, rewards, rewards.mean())[0]
    infinite = [torch.tensor(float(number)) for number in ("nan", "inf", "-inf")]
    for what, arguments, mistakes in (
        ("of two architectures", (logits[:2], tokens[:2], rewards[:2], baseline + 0.2), {}),
        ("of one architecture", (logits[-1:], tokens[-1:], rewards[-1:], baseline), {}),
        (
            "of architectures of one token",
            (logits[:, :1], tokens[:, :1], rewards, baseline),
            {"squeeze() takes out every dimension of size 1; squeeze(-1) only the last.": sums},
        ),
        (
            "with a baseline of 0",
            (logits, tokens, rewards, 0 * baseline),
            {"A baseline of 0 is one, too: that takes the mean of the batch.": own},
        ),
        (
            "for logits that are all smaller by 150",
            (logits - 150, tokens, rewards, baseline),
            {"exp of small logits is 0; log_softmax subtracts the largest first.": infinite},
        ),
        ("in float64", (logits.double(), tokens, rewards.double(), baseline.double()), {}),
    ):
        equal(answer(*arguments), _loss(*arguments)[0], what=f"The loss {what}", hint=LOSS, mistakes=mistakes)


def _long_losses(answer, baseline: Tensor, seed: int) -> None:
    """Check that nothing is added or cut off: long architectures, unlikely tokens, and large rewards."""
    logits = torch.randn(3, 50, 4, generator=generator(seed))
    tokens = torch.randint(4, (3, 50), generator=generator(seed + 1))
    unlikely = logits - 25.0 * one_hot(tokens, 4) * (torch.arange(50) == 3)[:, None]
    usual, large = torch.tensor([[0.9, -0.4, 0.7], [3.0, -2.0, 0.5]])
    by_logarithms = "Add logarithms, nothing cut off: the product of so many π is next to 0."
    exactly = "log_softmax is exact there: add nothing, cut nothing off."
    for what, given, paid, hint in (
        ("of architectures of 50 tokens", logits, usual, by_logarithms),
        ("of tokens with π near e^−25", unlikely, usual, exactly),
        ("for rewards of 3 and −2", unlikely, large, "Advantages count as they are, however large."),
    ):
        arguments = given, tokens, paid, baseline
        equal(answer(*arguments), _loss(*arguments)[0], what=f"The loss {what}", hint=hint)
    _loss_gradient(answer, unlikely, tokens, large, baseline)


def _wrong_losses(logits, tokens, rewards, baseline, each, right) -> dict:
    """Return what likely mistakes give; `each` holds log π of each token."""
    number, length = tokens.shape
    taken = one_hot(tokens, logits.shape[-1]).bool()
    advantage, pi, log_pi = rewards - baseline, logits.softmax(-1), logits.log_softmax(-1)

    def weighted(log, weight=advantage):
        return -(weight * log).mean()

    def of(values):
        return values[taken].view(tokens.shape).sum(-1)

    def shifted(by):
        return log_pi.gather(-1, tokens.roll(by, -1).unsqueeze(-1)).squeeze(-1).sum(-1)

    return {
        "The sign is wrong: better than the baseline must become likelier when the loss falls.": -right,
        "The baseline is missing.": weighted(each.sum(-1), rewards),
        "The baseline is added; subtract it.": weighted(each.sum(-1), rewards + baseline),
        "The rewards are missing: that is the likelihood of the tokens alone.": -each.sum(-1).mean(),
        "Take the mean over the architectures; that is their sum.": number * right,
        "Sum over the tokens; that is their mean.": right / length,
        "That is the mean over the tokens and the sum over the architectures; turn them round.": (
            right * number / length
        ),
        "The logarithm is missing.": [
            weighted(of(pi)),
            weighted(pi[taken].view(tokens.shape).prod(-1)),
        ],
        "Logits are no logarithms of probabilities yet; take log_softmax.": weighted(of(logits)),
        "That is the logarithm of the likeliest token; take that of the token drawn.": (
            weighted(log_pi.amax(-1).sum(-1))
        ),
        "The softmax runs over the wrong dimension; options come last.": [
            weighted(of(logits.log_softmax(0))),
            weighted(of(logits.log_softmax(1))),
        ],
        "Those are the probabilities of another place's token: logits t belong to token t.": [
            weighted(shifted(1)),
            weighted(shifted(-1)),
        ],
        "Only the last token counts there; sum over all of them.": weighted(each[:, -1]),
        "Only the first token counts there; sum over all of them.": weighted(each[:, 0]),
        "Advantages and log π were broadcast to (N, N); each architecture has its own advantage.": (
            weighted(each.sum(-1), advantage.mean())
        ),
        "The mean over the batch is missing.": -(advantage * each.sum(-1)),
        "What is worse than the baseline counts, too: those advantages are negative.": [
            weighted(each.sum(-1), advantage.clamp(min=0)),
            weighted(each.sum(-1), advantage.abs()),
        ],
    }


def _loss_gradient(answer, logits: Tensor, tokens: Tensor, rewards: Tensor, baseline: Tensor) -> None:
    def probe(function):
        leaf, paid, subtracted = (part.clone().requires_grad_() for part in (logits, rewards, baseline))
        value = function(leaf, tokens, paid, subtracted)
        leaks = [None, None]
        if value.requires_grad:
            leaks = torch.autograd.grad(value, [paid, subtracted], retain_graph=True, allow_unused=True)
        return [leak is not None and bool(leak.any()) for leak in leaks], steps.gradient(value, leaf, what="The loss")

    leaks, gradient = answer.probe(probe)
    for leak, name in zip(leaks, ("rewards", "baseline"), strict=True):
        that(not leak, f"A gradient flows into the {name}: the advantage is a constant, detach it.")
    pi = logits.softmax(-1)
    advantage = (rewards - baseline)[:, None, None] / len(tokens)
    equal(
        gradient,
        -advantage * (one_hot(tokens, logits.shape[-1]) - pi),
        what="The gradient with respect to the logits",
        hint="It is −(R − b)/N · (1[a = a_t] − π(a)) at each place; log of a softmax has none where π is 0, "
        "log_softmax has.",
    )


@exercise(own=architecture_search.update_baseline)
def update_baseline(answer, *, baseline=0.6, rewards=(0.9, 0.7, 0.95, 0.85, 0.8), decay=0.9):
    """The baseline after a batch: decay · b + (1 − decay) · mean R, a tensor with one number."""
    b, paid = torch.tensor(baseline), torch.tensor(rewards)
    equal(
        answer(b, paid, decay),
        decay * b + (1 - decay) * paid.mean(),
        what=f"The baseline after rewards of mean {paid.mean():.3g}, from {baseline:g} with decay {decay:g}",
        hint="decay · b + (1 − decay) · mean.",
        mistakes=_wrong_baselines(b, paid, decay),
    )
    others = ((-0.2, (1.0, 0.4), 0.3), (0.0, (0.5, -0.8, 0.6), 0.7), (0.4, (0.1,), 0.8), (-0.6, (0.3, -0.7), 0.9))
    for old, batch, kept in (*others, (baseline, rewards, 0.0), (baseline, rewards, 1.0)):
        mean = torch.tensor(batch).mean()
        equal(
            answer(torch.tensor(old), torch.tensor(batch), kept),
            kept * torch.tensor(old) + (1 - kept) * mean,
            what="The baseline elsewhere",
            hint=f"From {old:g}, rewards of mean {mean:.3g} with decay {kept:g}: take the arguments as they are.",
            mistakes={} if old else {"A baseline of 0 is one, too.": mean},
        )


def _wrong_baselines(b: Tensor, rewards: Tensor, decay: float) -> dict:
    """Return what likely mistakes give."""
    mean, new, n = rewards.mean(), 1 - decay, len(rewards)
    in_turn = decay**n * b + new * (decay ** torch.arange(n - 1.0, -1, -1) * rewards).sum()
    return {
        "The weights are swapped: the decay is the share that is kept.": new * b + decay * mean,
        "Take the mean of the rewards, not their sum.": decay * b + new * rewards.sum(),
        "That is the batch's own mean; keep a share of the old baseline.": mean,
        "That is half old, half new; use the decay.": (b + mean) / 2,
        "That uses the last reward; use the mean.": decay * b + new * rewards[-1],
        "That uses the best reward; use the mean.": decay * b + new * rewards.max(),
        "That uses the median; use the mean.": decay * b + new * rewards.median(),
        "The factor 1 − decay is missing.": decay * b + mean,
        "The old baseline keeps its full weight there; multiply it by the decay.": b + new * mean,
        "That is one baseline a reward; take their mean.": decay * b + new * rewards,
        "The baseline has not moved.": b,
        "That moves away from the mean of the rewards.": b - new * (mean - b),
        "That takes the rewards one after another; a batch moves the baseline once.": in_turn,
    }


# Lesson 06-5: one update

TINY = (0.3, 0.5, 0.1, 0.9, -0.2, 0.8, 0.4, 0.6, 0.35, 0.7, 0.15, 0.55)
UPDATES, WANTED = 20, 92  # per cent; 300 of 300 seeds reach 92.7 after these updates, and all networks have 89


@exercise(own=architecture_search.search_step)
def search_step(answer, *, rewards=TINY, choices=(3, 2, 2), baseline=0.2, batch=8, seed=5):
    """One update of a controller from a batch: tokens, their rewards, and the baseline, which moves afterwards."""
    table = torch.tensor(rewards)
    for given, number in ((baseline, batch), (None, batch), (0.0, batch), (baseline, 1)):
        _one_step(answer, table, choices, given, number, seed)
    learner = _learner(choices)
    source = generator(seed + 1)
    tokens = answer.probe(lambda function: _step(function, learner, table, choices, None, 4000, source)[0][0])
    indices(tokens, shape=(4000, len(choices)), below=max(choices), what="The returned tokens")
    logits = learner(tokens[:1]).detach()[0, 0]
    frequency(
        tokens[:, 0] == 0,
        logits.softmax(-1)[0].item(),
        what="Token 0 at place 0 of a batch",
        hint="Draw the batch by sample(controller, batch, generator=generator).",
        mistakes={"That draws all alike; sample from the controller.": 1 / choices[0]},
    )
    noise.source(
        answer,
        lambda function, generator: _step(function, learner, table, choices, None, 30, generator)[0][0],
        what="The batch",
        seed=seed,
    )
    _training(answer, seed)


def _learner(choices) -> architecture_search.Controller:
    """Return a small controller that prefers each decision's first option."""
    learner = architecture_search.Controller((), choices, 6, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        learner.head_biases[:, 0, 0] += 1
    return learner


def _step(function, learner, table: Tensor, choices, baseline, batch: int, source: torch.Generator):
    """Let a function take one step of a copy; return its result, what was evaluated, and the parameters then."""
    learner, calls = copy.deepcopy(learner), []

    def evaluate(tokens):
        """Return the rewards of tokens (N, L)."""
        calls.append(tokens.clone())
        return table[search_spaces.rows(tokens, choices)]

    def step(network, source, batch):
        optimiser = torch.optim.SGD(network.parameters(), lr=1.0)
        return function(network, optimiser, evaluate, baseline, batch, generator=source)

    steps.leave_gradients(learner, lambda network: step(network, torch.Generator().manual_seed(0), 2), 0.01)
    calls.clear()
    return step(learner, source, batch), calls, steps.flat(learner)


def _one_step(answer, table: Tensor, choices, given: float | None, batch: int, seed: int) -> None:
    """Check one update that starts from this baseline."""
    learner, source = _learner(choices), generator(seed)
    b = None if given is None else torch.tensor(given)
    got, calls, reached = answer.probe(lambda function: _step(function, learner, table, choices, b, batch, source))
    tokens, rewards, moved = parts(got, ("tokens", "rewards", "baseline"), what="The result")
    that(len(calls) == 1, f"evaluate was called {len(calls)} times; call it once with the whole batch.")
    indices(calls[0], shape=(batch, len(choices)), below=max(choices), what="The evaluated tokens")
    that(
        batch == 1 or bool((calls[0] != calls[0][0]).any()),
        "All architectures are the same: the batch should not be greedy.",
    )
    right = table[search_spaces.rows(calls[0], choices)]
    order = {"The order is tokens, rewards, baseline.": [right, calls[0]]}
    equal(tokens, calls[0], what="The returned tokens", hint="Return those that were evaluated.", mistakes=order)
    equal(rewards, right, what="The returned rewards", hint="Return those of `evaluate`.", mistakes=order)
    _step_taken(learner, tokens, rewards, given, reached)
    _baseline_moved(moved, rewards, given)


def _step_taken(learner, tokens: Tensor, rewards: Tensor, given: float | None, reached: Tensor) -> None:
    """Check where the parameters are after the update."""
    mean = rewards.mean()
    b, start = mean if given is None else given, steps.flat(learner)

    def after(baseline, sign=-1, extra=0.0, times=1):
        """Return the parameters after steps along the gradient with this baseline."""
        network = copy.deepcopy(learner)
        for _ in range(times):
            loss = architecture_search.search_loss(network(tokens), tokens, rewards, baseline)
            slopes = torch.autograd.grad(loss, list(network.parameters()))
            with torch.no_grad():
                for parameter, slope in zip(network.parameters(), slopes, strict=True):
                    parameter += sign * (slope + extra)
        return steps.flat(network)

    right = after(b)

    def mistakes() -> dict:
        along = (reached - start) @ (right - start) / (right - start).square().sum()
        found = {
            "The parameters have not moved: backward() and step() are both needed.": start,
            "The gradients left over from before are still in: zero_grad() comes before backward().": after(
                b, extra=0.01
            ),
            "Only old gradients are in: backward() comes before step().": start - 0.01,
            "That climbs the loss; the optimiser descends it already.": after(b, sign=1),
            "That makes two updates; make one.": after(b, times=2),
        }
        if given is not None:
            own_mean = "That uses the batch's own mean although there is a baseline."
            found |= {
                "The baseline was moved first: the update needs the one from before.": after(0.8 * b + 0.2 * mean),
                own_mean if given else "A baseline of 0 is one, too: test for `is None`.": after(mean),
            }
        else:
            found["The first baseline is the mean of the batch's rewards."] = [
                after(paid) for paid in (rewards[0], rewards[-1], rewards.max(), rewards.min(), rewards.median())
            ]
        found["The baseline is not subtracted."] = after(0.0)
        found["The direction is right, but not the length: use `optimiser`, the loss and its gradient as they are."] = (
            start + along * (right - start)
        )
        return found

    hint = "One step of `optimiser` down search_loss of this batch, its rewards and the baseline, as they are."
    what = "A parameter, with no baseline yet," if given is None else "A parameter after the update"
    equal(reached, right, what=what, hint=hint, mistakes=mistakes, atol=2e-6)


def _baseline_moved(moved, rewards: Tensor, given: float | None) -> None:
    mean = rewards.mean().item()
    b, new = mean if given is None else given, 0.8 * (mean if given is None else given) + 0.2 * mean
    mistakes = {"From None, the baseline is the mean of the batch.": 0.2 * mean}
    if given is not None:
        mistakes = {
            "The baseline has not moved.": b,
            "The baseline moved twice.": 0.8 * new + 0.2 * mean,
            "That is the batch's mean; move from the old baseline by decay 0.8.": mean,
            "The decay is the share that is kept, 0.8.": 0.2 * b + 0.8 * mean,
        }
    what = "The new baseline" if given is not None else "The new baseline, from None,"
    equal(moved, new, what=what, hint="update_baseline(baseline, rewards, 0.8).", mistakes=mistakes)


def _training(answer, seed: int) -> None:
    """Check that updates one after another find good networks in the lesson's table."""
    table, choices = architecture_search.table(), search_spaces.choices(search_spaces.STAGES)
    accuracy = table.dev.mean(-1)
    sources = generator(seed + 2), generator(seed + 3)

    def train(function):
        learner, baseline = architecture_search.Controller((), choices, generator=sources[0]), None
        optimiser = torch.optim.Adam(learner.parameters(), lr=0.03)

        def evaluate(tokens):
            """Return the mean dev accuracy of each architecture (N, L)."""
            return accuracy[search_spaces.rows(tokens, choices)].float()

        for _ in range(UPDATES):
            *_, baseline = function(learner, optimiser, evaluate, baseline, 10, generator=sources[1])
        return learner

    logits = answer.keep(train)(table.tokens)
    pi = architecture_search.sequence_log_pi(logits.double(), table.tokens).exp()
    reached = 100 * (pi * accuracy).sum().item()
    that(
        reached >= WANTED,
        f"After {UPDATES} updates on the table, the controller's networks have {reached:.0f} % mean accuracy, "
        f"but {WANTED} % was expected.",
    )


# Lesson 06-6 to 06-8: efficiency in the reward


@exercise(own=architecture_search.exponent)
def exponent(answer, *, gains=(0.3, 1.0, 0.05, 0.0)):
    """β at which twice the FLOPs and a factor of 1 + gain in accuracy cancel; all digits of it."""
    for gain in gains:
        got = answer(gain)
        equal(
            got,
            math.log2(1 + gain),
            what="β where twice the compute doubles the accuracy" if gain == 1 else f"β for a gain of {gain:g}",
            hint="Solve 1 + gain = 2^β.",
            mistakes=_wrong_exponents(gain) if 0 < gain < 1 else {},
            rtol=1e-6,
            atol=1e-7,
        )
        that(
            not isinstance(got, Tensor) or got.dim() == 0,
            f"β has shape {tuple(getattr(got, 'shape', ()))}: return a single number, a float.",
        )


def _wrong_exponents(gain: float) -> dict:
    """Return what likely mistakes give for a gain in (0, 1)."""
    right, factor = math.log2(1 + gain), f"{1 + gain:g}"
    return {
        f"The natural logarithm of {factor} has to be divided by that of 2.": math.log(1 + gain),
        f"The decimal logarithm of {factor} has to be divided by that of 2.": math.log10(1 + gain),
        "The sign is wrong: the formula has Target / FLOPs, which falls already.": [-right, math.log2(1 - gain)],
        "That is the accuracy kept, 1 − gain; it gains.": -math.log2(1 - gain),
        "That is rounded; leave all digits.": [round(right, digits) for digits in range(1, 6)],
        "Take the logarithm of 1 + gain.": math.log2(gain),
        "That is 2 to the power of the gain; solve for the exponent.": [2**gain, 2**gain - 1],
        f"That is turned over: log {factor} divided by log 2.": 1 / right,
        "The gain is no power of 2; take a logarithm.": [
            gain / 2,
            gain,
            (1 + gain) / 2,
            (1 + gain) ** 2,
            *([1.4 * gain] if gain != 0.05 else []),
        ],
        "β depends on the gain; 0.07 belongs to one of 0.05.": [0.07, 0.0704, math.log2(1.05)] if gain != 0.05 else [],
        "That is the first term of a series. Solve 1 + gain = 2^β.": gain / math.log(2),
    }


@exercise(own=architecture_search.reward)
def reward(
    answer,
    *,
    accuracy=(0.9, 0.95, 0.8, 0.6, 0.0, 0.72),
    flops=(1e5, 4e5, 2.5e4, 2e5, 5e4, 9.5e4),
    target=1e5,
    beta=0.5,
    below=0.02,
):
    """accuracy · (target / FLOPs)^β for tensors of any shape, with another exponent for at most `target` FLOPs."""
    accuracy, flops = torch.tensor(accuracy, dtype=torch.float64), torch.tensor(flops, dtype=torch.float64)
    _plain_reward(answer, accuracy, flops, target)
    _two_exponents(answer, accuracy, flops, target, beta, below)
    _no_other_exponent(answer, accuracy, flops, target, beta)
    for shape in ((2, -1), (1, 2, -1), (-1, 1)):
        a, f = accuracy.view(shape), flops.view(shape)
        wanted = architecture_search.reward(a, f, 3 * target, 0.4 * beta)
        what = "R for another shape, target and β"
        equal(answer(a, f, 3 * target, beta=0.4 * beta), wanted, what=what, hint="Use the arguments.", rtol=1e-6)
    wanted = architecture_search.reward(accuracy[1], flops[1], target, beta)
    equal(answer(accuracy[1], flops[1], target, beta), wanted, what="R of one network, with shape (),", rtol=1e-6)


def _plain_reward(answer, accuracy: Tensor, flops: Tensor, target: float) -> None:
    share, beta = target / flops, 0.07
    equal(
        answer(accuracy, flops, target),
        accuracy * share**beta,
        what=f"R for a target of {target:.3g}",
        hint="accuracy · (target / FLOPs)^β.",
        mistakes={
            "That pays for FLOPs; target / FLOPs falls with them.": accuracy * share**-beta,
            "The exponent belongs to target / FLOPs alone.": [(accuracy * share) ** beta, accuracy**beta * share],
            "Multiply the two; that adds them.": accuracy + share**beta,
            "β is an exponent, no factor.": accuracy * share * beta,
            "The exponent is missing.": accuracy * share,
            "The accuracy is missing.": share**beta,
            "The target is missing.": [accuracy * flops**-beta, accuracy / flops**beta],
            "Only FLOPs have the exponent; the target has it, too.": accuracy * target / flops**beta,
            "Below the target networks earn more than their accuracy; do not cut the factor off at 1.": (
                accuracy * share.clamp(max=1) ** beta
            ),
            "Above the target networks earn less than their accuracy.": accuracy * share.clamp(min=1) ** beta,
            "A network of exactly `target` FLOPs is at most there, and earns its accuracy.": (
                accuracy * (share != 1) * share**beta
            ),
        },
        rtol=1e-6,
    )


def _two_exponents(answer, accuracy: Tensor, flops: Tensor, target: float, beta: float, below: float) -> None:
    share = target / flops

    def sides(low, high):
        return accuracy * torch.where(share >= 1, share**low, share**high)

    def decides_once() -> bool:
        """Tell whether networks that lie on one side, and are asked about by themselves, get the right exponent."""
        sided = ((part, sides(below, beta)[part]) for part in (share >= 1, share < 1) if part.any())
        return all(
            torch.allclose(answer(accuracy[part], flops[part], target, beta, below), wanted) for part, wanted in sided
        )

    def mistakes() -> dict:
        once = "Each network is compared with the target by itself; that decides once for all: torch.where."
        ignored = {
            "`beta_below` is ignored.": [sides(beta, beta)],
            "`beta` is ignored.": [sides(below, below), sides(below, 0.07)],
        }
        return {
            "The two sides are swapped: `beta_below` is for few FLOPs.": sides(beta, below),
            **({once: sum(ignored.values(), [])} if decides_once() else ignored),
            "The factors of both sides are multiplied; each network has one.": sides(beta + below, beta + below),
            "A network of exactly `target` FLOPs is at most there, and earns its accuracy.": (
                sides(below, beta) * (share != 1)
            ),
            "The other exponent begins exactly above the target.": [
                accuracy * torch.where(share >= least, share**below, share**beta) for least in (1.1, 2, 0.4)
            ],
        }

    equal(
        answer(accuracy, flops, target, beta=beta, beta_below=below),
        sides(below, beta),
        what=f"R with β = {beta:g}, and {below:g} below the target",
        hint="The exponent depends on whether FLOPs are at most the target.",
        mistakes=mistakes,
        rtol=1e-6,
    )
    equal(
        answer(accuracy, flops, target, beta=beta, beta_below=0.0),
        sides(0.0, beta),
        what=f"R with β = {beta:g}, and 0 below the target",
        hint="An exponent of 0 is no missing one: test for `is None`.",
        mistakes={"0 counts as a given exponent; only None means the same as β.": sides(beta, beta)},
        rtol=1e-6,
    )


def _no_other_exponent(answer, accuracy: Tensor, flops: Tensor, target: float, beta: float) -> None:
    """Check that `beta_below=None`, given or not, means β itself, and that β may be 0."""
    share = target / flops
    one_sided = torch.where(share >= 1, 0 * share, share.log())
    try:
        got = answer(accuracy, flops, target, beta, None)
    except Raised as error:
        if "NoneType" in error.text:
            fail(f"{error} `beta_below` may be None: then β holds on both sides.")
        raise
    equal(
        got,
        accuracy * share**beta,
        what=f"R with β = {beta:g}, and None below the target",
        hint="None means that β holds on both sides.",
        mistakes={
            "None means that β itself holds below the target, whatever it is, not 0.07.": (
                accuracy * torch.where(share >= 1, share**0.07, share**beta)
            ),
            "None means that β holds on both sides, not 0 below the target.": accuracy * (beta * one_sided).exp(),
        },
        rtol=1e-6,
    )
    equal(
        answer(accuracy, flops, target, 0.0),
        accuracy,
        what="R with β = 0",
        hint="(target / FLOPs)^0 is 1.",
        mistakes={"β = 0 counts as a given exponent; 0.07 is for calls without one.": accuracy * share**0.07},
        rtol=1e-6,
    )


ACCURACY = (0.7995, 0.7995, 0.5, 0.9, 0.5, 0.5, 0.5, 0.799, 0.9, 0.7, 0.7, 0.8995, 0.45, 0.75)
FLOPS = (3e5, 3e5, 3e5, 5e5, 2e5, 5e5, 5e5, 3e5, 4e5, 2e5, 3e5, 3.9e5, 6e5, 2.8e5)


@exercise(own=architecture_search.pareto_front)
def pareto_front(answer, *, accuracy=ACCURACY, flops=FLOPS, points=40, seed=6):
    """Which networks no other dominates: a bool for each; equal ones stay or go together."""
    accuracy, flops = torch.tensor(accuracy, dtype=torch.float64), torch.tensor(flops, dtype=torch.float64)
    grid = torch.randint(6, (2, points), generator=generator(seed)).double()
    large = {
        f"The front of {len(accuracy)} networks": (accuracy, flops),
        "Another front": (grid[0] / 5, 1e5 * (1 + grid[1])),
    }
    for what, (a, f) in large.items():
        equal(
            answer(a, f),
            architecture_search.pareto_front(a, f),
            what=what,
            hint="Dominated: another one at least as good in both, and better in one.",
            mistakes=lambda a=a, f=f: _wrong_fronts(a, f),
        )
    small = {
        "The front of one network with accuracy 0": (torch.zeros(1).double(), "Without another, none is dominated."),
        "The front of three equal networks": (accuracy[:1].repeat(3), "None of equal ones dominates; keep them all."),
    }
    for what, (a, hint) in small.items():
        f = flops[:1].expand_as(a).clone()
        equal(answer(a, f), torch.ones(len(a), dtype=torch.bool), what=what, hint=hint)


def _wrong_fronts(accuracy: Tensor, flops: Tensor) -> dict:
    """Return what likely mistakes give; entry [i, j] of a table compares network j with i."""
    no_worse, higher = accuracy >= accuracy[:, None], accuracy > accuracy[:, None]
    no_dearer, cheaper = flops <= flops[:, None], flops < flops[:, None]
    dominates = no_worse & no_dearer & (higher | cheaper)
    front, equal_ones = ~dominates.any(1), no_worse & no_worse.T & no_dearer & no_dearer.T
    return {
        "That is the opposite: true where a network is dominated.": ~front,
        "Better in both is too much to ask: strict in one of the two suffices.": ~(higher & cheaper).any(1),
        "Better in both is better in one, too; so is better in one and equal in the other.": (
            ~(no_worse & no_dearer & (higher ^ cheaper)).any(1)
        ),
        "Equal in accuracy with more FLOPs is dominated, too.": ~(no_dearer & higher).any(1),
        "Equal in FLOPs with less accuracy is dominated, too.": ~(no_worse & cheaper).any(1),
        "Two equal networks do not dominate each other, nor does one itself: better in one is needed.": (
            (no_worse & no_dearer).sum(1) == 1
        ),
        "Nothing is left: a network does not dominate its equal, nor does one itself, nor by one of the two alone.": (
            torch.zeros_like(front)
        ),
        "Of two equal networks none dominates the other; keep both.": [
            front & ~equal_ones.tril(-1).any(1),
            front & ~equal_ones.triu(1).any(1),
        ],
        "Fewer FLOPs are better.": ~(no_worse & ~cheaper & (higher | ~no_dearer)).any(1),
        "Better accuracy is higher.": ~(~higher & no_dearer & (~no_worse | cheaper)).any(1),
        "Those are the best in accuracy alone: FLOPs count, too.": accuracy == accuracy.max(),
        "Those are the cheapest: accuracy counts, too.": flops == flops.min(),
        "Those dominate no other; ask which no other one dominates.": ~dominates.any(0),
        "Return a bool for each network, not indices.": front.nonzero().squeeze(-1),
        "Compare the numbers as they are, unrounded.": [
            _rounded_front(accuracy, flops),
            ~((accuracy >= accuracy[:, None] - 1e-3) & no_dearer & (higher | cheaper)).any(1),
        ],
        "The front has more than the best of weighted sums: ask of each whether another dominates it.": (
            _corners(accuracy, flops)
        ),
    }


def _rounded_front(accuracy: Tensor, flops: Tensor) -> Tensor:
    return architecture_search.pareto_front((accuracy * 100).round(), (flops / 1000).round())


def _corners(accuracy: Tensor, flops: Tensor) -> Tensor:
    """Return which networks have the largest accuracy − w · FLOPs for some w > 0."""
    weights = torch.logspace(-12, -3, 2000, dtype=torch.float64)[:, None]
    sums = accuracy - weights * flops
    return (sums >= sums.amax(1, keepdim=True)).any(0)
