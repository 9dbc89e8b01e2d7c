"""Lesson 12: what tells a right search, and what learns from it, from a wrong one."""

from collections.abc import Callable

import torch
from torch import Tensor

from checks import noise, steps
from checks.answer import Answer, Raised
from checks.compare import equal, frequency, generator, parts, that
from checks.exercise import exercise
from helpers import alphazero, games, tree_search

PRIORS = ((0.4, 0.2, 0.1, 0.3), (0.1, 0.55, 0.3, 0.05), (0.25, 0.05, 0.5, 0.2))
VISITS = ((3.0, 0.0, 0.0, 1.0), (0.0, 0.0, 0.0, 0.0), (2.0, 7.0, 1.0, 0.0))
TOTALS = ((-1.2, 0.0, 0.0, 0.8), (0.0, 0.0, 0.0, 0.0), (0.5, -3.0, 1.0, 0.0))
LEGAL = ((True, True, False, True), (True, True, True, False), (True, True, True, False))
MOVERS = ((0, 1, 0), (1, 1, 1), (1, 0, 1), (0, 0, 0), (0, 1, 1))
LOGITS = ((1.0, -2.0, 0.5, 3.0, 0.0), (200.0, -203.0, 150.0, -201.0, 180.0), (0.25, 0.25, 120.0, 2.0, 4.0))
OPEN = ((True, True, False, True, True), (False, True, False, True, False), (False, False, True, False, False))
DRAWS = ((0.3, 1.7, 2.2, 0.1, 0.9), (2.5, 0.4, 3.0, 1.2, 0.7), (0.6, 1.1, 0.2, 2.4, 0.8))
FLOORS = (-10.0, -20.0, -30.0, -50.0, -100.0)  # what some write for −∞
COUNTS = (
    (6.0, 0.0, 15.0, 4.0, 0.0, 2.0, 1.0, 3.0, 0.0),
    (3.0, 3.0, 3.0, 3.0, 1.0, 3.0, 3.0, 3.0, 3.0),
    (0.0, 90000.0, 30000.0, 60000.0, 8.0, 0.0, 0.0, 500.0, 7.0),
    (0.0, 1000.0, 5.0, 0.0, 999.0, 70.0, 2.0, 0.0, 0.0),
)
WON = (0, 1, -1, 0)
WHO = ((0, 1, 0, 1, 0), (0, 1, 1, 0, 1), (0, 1, 0, 1, 1), (1, 0, 0, 0, 1))


@exercise(own=tree_search.puct)
def puct(answer, *, priors=PRIORS, visits=VISITS, totals=TOTALS, legal=LEGAL, c=1.7):
    """Q + c P √(1 + ΣN) / (1 + N), and −∞ for what is illegal; a fresh node, one row, three leading dimensions."""
    tables = [torch.tensor(part)[: len(visits)] for part in (priors, visits, totals, legal)]
    tables[2] = torch.where(tables[1] > 0, tables[2] + 0.25, 0.0)  # what was never tried has won nothing
    wide = [
        part.repeat(2, 1, 1, 1) if part.dtype == torch.bool else part.double().repeat(2, 1, 1, 1) for part in tables
    ]
    for case in (tables, [part[1:2] for part in tables], wide, [part[0] for part in tables]):
        _compare_scores(answer(*case, c), *case, c)
    _compare_scores(answer(*tables, 0.0), *tables, 0.0)


def _compare_scores(got, priors: Tensor, visits: Tensor, totals: Tensor, legal: Tensor, c: float) -> None:
    q, root = totals / visits.clamp(min=1), (1 + visits.sum(-1, keepdim=True)).sqrt()
    masked = lambda scores: scores.masked_fill(~legal, -torch.inf)  # noqa: E731
    explore = c * priors * root / (1 + visits)
    bonuses = _wrong_bonuses(priors, visits, legal, c)
    equal(
        got,
        masked(q + explore),
        what=f"The table of scores of {visits.shape[-1]} moves at {visits[..., 0].numel()} nodes, c = {c:g},",
        hint="W/N, or 0 where N is 0, plus c P √(1 + ΣN) / (1 + N); −∞ where the move is illegal.",
        mistakes={
            "A move not yet tried has N = 0: its Q is 0, not 0/0. Divide by visits.clamp(min=1).": [
                masked(totals / visits + explore),
                totals / visits + explore,
            ],
            "Illegal moves need the score −∞ itself, or the search may choose them.": [
                q + explore,
                (q + explore) * legal,
                q + explore * legal,
                (q + explore).masked_fill(~legal, -1e9),
            ],
            "−∞ takes the place of the score: a prior of −∞ leaves nan where c is 0.": (
                q + c * priors.masked_fill(~legal, -torch.inf) * root / (1 + visits)
            ),
            "Q is the mean W/N, but that adds the sum W.": masked(totals + explore),
            "Q is W/N; that divides by 1 + N.": masked(totals / (1 + visits) + explore),
            "W is already for who moves here: the sign of Q is wrong.": masked(explore - q),
            "Q is missing.": masked(explore),
            "A move not yet tried counts as lost there; its Q is 0.": masked(q.where(visits > 0, -1) + explore),
            "c weighs the exploration alone, outside the root.": [
                masked(c * q + explore),
                masked(q + priors * c**0.5 * root / (1 + visits)),
            ],
            **{sentence: [masked(q + bonus) for bonus in found] for sentence, found in bonuses.items()},
        },
    )


def _wrong_bonuses(priors: Tensor, visits: Tensor, legal: Tensor, c: float) -> dict[str, list[Tensor]]:
    """Return what likely mistakes explore by."""
    total, tried = visits.sum(-1, keepdim=True), visits.clamp(min=1)
    root = (1 + total).sqrt()
    explore, wanted = c * priors * root / (1 + visits), c * priors / (1 + visits)
    return {
        "At a fresh node ΣN is 0, and √0 leaves the priors without a say: N(s) is 1 + ΣN.": [wanted * total.sqrt()],
        "The exploration is missing.": [0 * explore],
        "The prior is missing.": [c * root / (1 + visits)],
        "c is missing.": [priors * root / (1 + visits)],
        "The root is over N(s) alone, not over 1 + N(s, a).": [c * priors * ((1 + total) / (1 + visits)).sqrt()],
        "The root of N(s) is missing.": [wanted * (1 + total)],
        "The 1 + N(s, a) below is missing: what was tried often needs less trying.": [c * priors * root],
        "Below stands 1 + N(s, a), not N(s, a).": [c * priors * root / tried],
        "That bonus is UCB's, with a logarithm; here it is c P √N(s) / (1 + N).": [
            c * priors * ((1 + total).log() / tried).sqrt(),
            c * priors * ((1 + total).log() / (1 + visits)).sqrt(),
            c * ((1 + total).log() / tried).sqrt(),
            wanted * (1 + total).log().sqrt(),
        ],
        "N(s) counts the visits of all moves of the node, not of the one.": [wanted * (1 + visits).sqrt()],
        "N(s) sums over the moves of one node: sum(-1, keepdim=True).": [
            wanted * (1 + number).sqrt() for number in (visits.sum(), visits.sum(0, keepdim=True))
        ],
        "N(s) is 1 + ΣN: the 1 comes once, at every node, and not for each move.": [
            wanted * number.sqrt() for number in ((1 + visits).sum(-1, keepdim=True), total.clamp(min=1))
        ],
        "The 1 of N(s) stands under the root, too.": [wanted * (1 + total.sqrt())],
        "The priors stay as they are: they need no new sum over legal moves.": [
            explore / (priors * legal).sum(-1, keepdim=True)
        ],
    }


@exercise(own=tree_search.backed_up)
def backed_up(answer, *, movers=MOVERS, leaf_mover=(1, 1, 0), value=(0.6, -0.25, 1.0)):
    """The leaf's value where its mover moves, its negative where the other does; also where one moves twice."""
    movers, leaf_mover, value = torch.tensor(movers), torch.tensor(leaf_mover), torch.tensor(value)
    leading = (
        movers.view(len(movers), 1, 1, -1).repeat(1, 2, 1, 1),
        leaf_mover.repeat(2, 1, 1),
        value.double().repeat(2, 1, 1),
    )
    for case in ((movers, leaf_mover, value), (movers[:1, :1], leaf_mover[:1], value[:1]), leading):
        _compare_backup(answer(*case), *case)


def _compare_backup(got, movers: Tensor, leaf_mover: Tensor, value: Tensor) -> None:
    up = torch.arange(len(movers)).flip(0).view(-1, *[1] * value.dim())
    alternating = value * (-1.0) ** up
    right = torch.where(movers == leaf_mover, value, -value)
    after = torch.cat([movers[1:], leaf_mover.unsqueeze(0)])
    equal(
        got,
        right,
        what=f"What {value.numel()} leaves are worth at {len(movers)} nodes above each",
        hint="Where the leaf's mover moves it is the value, where the other moves its negative.",
        mistakes={
            "That flips the sign with every level; a player who moves twice in a row keeps it. Ask who moves.": [
                alternating,
                -alternating,
            ],
            "The sign is wrong everywhere: the value is for who moves at the leaf.": -right,
            "That is the same for both players: what one wins the other loses.": value.expand(movers.shape),
            "What the leaf is worth is told to everybody negated; its own mover keeps the sign.": (-value).expand(
                movers.shape
            ),
            "That takes the value for one of the first player; it is for who moves at the leaf.": [
                torch.where(movers == 0, value, -value),
                torch.where(movers == 1, value, -value),
            ],
            "That compares with the root's mover; the value is for who moves at the leaf.": torch.where(
                movers == movers[0], value, -value
            ),
            "That compares with who moves at the last node; the leaf's own mover is given.": torch.where(
                movers == movers[-1], value, -value
            ),
            "The nodes are in the wrong order: row d belongs to row d of movers.": right.flip(0),
            "That asks who moves after it; what a node gets is for who moves there.": torch.where(
                after == leaf_mover, value, -value
            ),
            "The root moves, too: what is backed up there has its sign like that of any node.": torch.cat(
                [value.unsqueeze(0), right[1:]]
            ),
            "Who does not move at the leaf gets the negative, not nothing.": torch.where(
                movers == leaf_mover, value, 0 * value
            ),
        },
    )


@exercise(own=tree_search.root_priors)
def root_priors(answer, *, logits=LOGITS, legal=OPEN, draws=DRAWS, share=0.25):
    """(1 − ε) P + ε η over legal moves alone, also where the network hardly believes in any of these."""
    logits, legal, draws = (torch.tensor(part)[: len(logits)] for part in (logits, legal, draws))
    wide = (logits.double().repeat(2, 1, 1, 1), legal.repeat(2, 1, 1, 1), draws.double().repeat(2, 1, 1, 1))
    cases = [(logits, legal, draws, share), (logits[:1], legal[:1], draws[:1], 0.0), (*wide, share)]
    for case in (*cases, (logits, legal, draws, 1.0), (logits[-1], legal[-1], draws[-1], share)):
        got = answer(*case)
        _compare_priors(got, *case)
        that(not got[~case[1]].any(), "An illegal move gets hardly anything, but exactly 0 is asked: mask with −∞.")


def _compare_priors(got, logits: Tensor, legal: Tensor, draws: Tensor, share: float) -> None:
    normal = lambda part: part / part.sum(-1, keepdim=True)  # noqa: E731
    mix = lambda p, e: (1 - share) * p + share * e  # noqa: E731
    masked, soft = logits.masked_fill(~legal, -torch.inf), logits.softmax(-1)
    priors, eta = masked.softmax(-1), normal(draws * legal)
    equal(
        got,
        mix(priors, eta),
        what=f"The table of priors with a share {share:g} of noise",
        hint="Softmax over the legal moves alone, and draws divided by their sum over the legal moves.",
        mistakes={
            "Where the network believes in illegal moves alone, softmax and then the mask leave 0/0: mask the logits "
            "with −∞ first.": mix(normal(soft * legal), eta),
            "exp of a large logit is ∞, and ∞/∞ is nan: softmax takes the largest logit away first.": mix(
                normal(logits.exp() * legal), eta
            ),
            "A finite number in place of −∞ may be larger than what the network says of legal moves.": [
                mix(logits.masked_fill(~legal, number).softmax(-1), eta) for number in FLOORS
            ],
            "Mask and normalise priors and noise each by itself before you mix them.": [
                normal(mix(part, normal(draws)) * legal) for part in (priors, soft)
            ],
            "Noise reaches illegal moves: mask the draws, and divide by their sum over legal moves.": [
                mix(priors, normal(draws)),
                mix(priors, draws),
            ],
            "The draws of legal moves must sum to 1: divide by their sum over legal moves, not over all.": mix(
                priors, normal(draws) * legal
            ),
            "The draws are not divided by their sum.": mix(priors, draws * legal),
            "Divide the draws by their sum: no softmax.": [
                mix(priors, draws.masked_fill(~legal, -torch.inf).softmax(-1)),
                mix(priors, (draws * legal).softmax(-1)),
            ],
            "The draws of each board sum to 1: divide by the sum over its own legal moves.": mix(
                priors, draws * legal / (draws * legal).sum()
            ),
            "Illegal moves keep some of the network's belief: mask the logits.": [
                mix(part, eta) for part in (soft, (logits * legal).softmax(-1))
            ],
            "After the mask the priors no longer sum to 1: mask the logits with −∞ before the softmax.": mix(
                soft * legal, eta
            ),
            "The noise is missing.": priors,
            "ε and 1 − ε are swapped.": share * priors + (1 - share) * eta,
            "The priors keep the share 1 − ε; that adds noise to all of them.": priors + share * eta,
            "That noise is the same for all legal moves: use the draws.": mix(priors, normal(legal.to(priors))),
        },
    )


@exercise(own=tree_search.visit_policy)
def visit_policy(answer, *, visits=COUNTS, temperatures=(1.0, 0.5, 5.0, 0.02, 0.0)):
    """N^(1/τ) / Σ N^(1/τ); τ = 0 is the most visited move, shared among equals; no power overflows."""
    visits = torch.tensor(visits)
    for temperature in temperatures:
        for case in (visits, visits[1], visits.double().repeat(2, 1, 1, 1)):
            _compare_policy(answer(case, temperature), case, temperature)


def _compare_policy(got, visits: Tensor, temperature: float) -> None:
    normal = lambda part: part / part.sum(-1, keepdim=True)  # noqa: E731
    share = visits / visits.amax(-1, keepdim=True)
    first = torch.nn.functional.one_hot(visits.argmax(-1), visits.shape[-1]).to(visits)
    right = normal((share == 1).to(visits) if temperature == 0 else share.double() ** (1 / temperature)).to(visits)
    mistakes = {
        "Where several moves are the most visited, τ = 0 shares 1 among them.": [first] if temperature == 0 else [],
        "At τ = 0 all of it belongs to the most visited; nearly as many visits are not enough.": (
            [normal(share**power) for power in (1e2, 1e3, 1e4)]
            + [normal((share > part).to(visits)) for part in (0.9, 0.99)]
            if temperature == 0
            else []
        ),
        "That divides by the largest number of all rows; each row has its own.": (
            normal((visits / visits.max()) ** (1 / temperature) if temperature else (visits == visits.max()).to(visits))
        ),
        "The temperature is ignored, also if above 1.": [normal(visits)] if temperature > 1 else [],
        "The temperature is ignored.": [normal(visits)] if 0 <= temperature < 1 else [],
        "That is N^τ; the exponent is 1/τ.": normal(share**temperature),
        "That is a softmax of visits; the visits themselves are to be normalised.": [
            (visits / max(temperature, 1e-9)).softmax(-1),
            visits.softmax(-1),
        ],
        "The powers do not sum to 1: divide by their sum over moves.": (
            visits ** (1 / temperature) if temperature else (share == 1).to(visits)
        ),
        "Moves that were never visited get a chance: 0 visits are 0.": normal((visits + 1) ** (1 / temperature))
        if temperature
        else normal(torch.ones_like(visits)),
        "That divides by the sum of all rows; each row sums to 1 by itself.": share / share.sum(),
    }
    if temperature:
        overflowing, small = visits ** (1 / temperature), normal(visits) ** (1 / temperature)
        mistakes["The powers overflow: divide by the largest number of visits first."] = normal(overflowing)
        mistakes["Powers of small shares become 0, and 0/0 is nan: divide by the largest number, not by the sum."] = (
            normal(small)
        )
        mistakes["A move that was never visited gets a chance: of a logarithm, that of 0 is −∞, and exp of it 0."] = (
            normal((visits + 1e-8) ** (1 / temperature))
        )
    equal(
        got,
        right,
        what=f"The policy of visits at τ = {temperature:g}",
        hint="N^(1/τ), divided by the sum over moves; at τ = 0 all of it on the most visited.",
        mistakes={sentence: values for sentence, values in mistakes.items() if not _agrees(values, right)},
    )


def _agrees(values, right: Tensor) -> bool:
    """Tell whether what a mistake gives is right here, by chance."""
    return any(
        torch.allclose(value.to(right), right, equal_nan=True)
        for value in (values if isinstance(values, list) else [values])
    )


@exercise(own=alphazero.outcomes)
def outcomes(answer, *, movers=WHO, winner=WON):
    """1 for the moves of who wins, −1 for the other's, 0 in a draw; whoever moves when."""
    movers, winner = torch.tensor(movers), torch.tensor(winner)
    for case in ((movers, winner), (movers[:1, :1], winner[:1]), (movers.repeat(2, 1, 1, 1), winner.repeat(2, 1, 1))):
        try:
            got = answer(*case)
        except Raised as raised:
            many = (
                "" if case[0].dim() <= 2 else "Games may have more leading dimensions: winner.unsqueeze(-1) fits all."
            )
            raise raised.told(f"{raised} {many}".strip()) from None
        _compare_outcomes(got, *case)


def _compare_outcomes(got, movers: Tensor, winner: Tensor) -> None:
    column = winner.unsqueeze(-1)
    draw = (column < 0).expand(movers.shape)
    sign = torch.where(movers == column, 1.0, -1.0)
    right = sign.masked_fill(draw, 0)
    time = (-1.0) ** torch.arange(movers.shape[-1])
    first = torch.where(column == 0, 1.0, torch.where(column == 1, -1.0, 0.0))
    equal(
        got,
        right,
        what=f"z of {movers.numel()} moves",
        hint="1 where the mover is the winner, −1 where he is not, 0 everywhere in a draw.",
        mistakes={
            "In a draw nobody has lost, nor won: z is 0 at every move.": [
                sign,
                torch.where(movers == column % 2, 1.0, -1.0),
            ],
            "Every move of a game has its z, not the last alone.": right
            * (torch.arange(movers.shape[-1]) == movers.shape[-1] - 1),
            "That is the other player's: z is for who moves at t.": -right,
            "That is the result for the first player at every move; z is for who moves at t.": first.expand(
                movers.shape
            ),
            "That flips the sign with every move; ask who moves, since one may move twice.": [
                first * time,
                first * -time,
                -first * time.flip(0),
                first * time.flip(0),
                right[..., -1:] * time.flip(0),
                right[..., :1] * time,
            ],
            "0 is the first player, who may win; a draw is −1.": right.masked_fill(column <= 0, 0),
            "Who loses gets −1, not 0.": (movers == column).float(),
            "A draw is 0, not ½.": torch.where(draw, 0.5, sign),
            "That is between 0 and 1; z goes from −1 to 1.": (right + 1) / 2,
        },
    )


@exercise(own=alphazero.loss)
def loss(answer, *, size=5, actions=4, seed=3):
    """The mean of (z − v)² − Σ π log p, with gradients in logits and values alone."""
    source = generator(seed)
    logits, values = 2 * torch.randn(size, actions, generator=source), torch.rand(size, generator=source) - 0.5
    policies = torch.rand(size, actions, generator=source) * (torch.arange(actions) != size % actions)
    policies, z = policies / policies.sum(-1, keepdim=True), torch.arange(size) % 3 - 1.0
    logits[0, size % actions], logits[1, (size + 1) % actions] = -200.0, -30.0  # one where π is 0, one where it is not
    for rows in (slice(None), slice(1, 2)):
        for kind in (torch.float32, torch.float64):
            case = [part[rows].to(kind) for part in (logits, values, policies, z)]
            _compare_loss(answer(*case), *case)
    for at, name, wanted in (
        (0, "the logits", (logits.softmax(-1) - policies) / size),
        (1, "the values", 2 * (values - z) / size),
    ):
        equal(
            steps.slope(answer, (logits, values, policies, z), at, what="The loss"),
            wanted,
            what=f"The gradient with respect to {name}",
            hint="Nothing of what the network says is detached.",
        )

    def probe(function: Callable) -> list:
        moving = [part.clone().requires_grad_() for part in (logits, values, policies, z)]
        found = torch.autograd.grad(function(*moving), moving[2:], allow_unused=True)
        return [gradient is not None and bool(gradient.abs().sum() > 0) for gradient in found]

    that(
        not any(answer.probe(probe)),
        "A gradient flows into π or z. They are labels, made by the search and the game: detach() them.",
    )


def _compare_loss(got, logits: Tensor, values: Tensor, policies: Tensor, z: Tensor) -> None:
    log_p, error = logits.log_softmax(-1), (z - values).square()
    cross = -(policies * log_p).sum(-1)
    best = -log_p.gather(-1, policies.argmax(-1, keepdim=True)).squeeze(-1)
    equal(
        got,
        (error + cross).mean(),
        what=f"The loss of {len(z)} position{'s' if len(z) > 1 else ''}",
        hint="(z − v)² minus the sum over moves of π log p, averaged over positions.",
        mistakes={
            "The sign of the cross-entropy is wrong: log p is to become large where π is.": (error - cross).mean(),
            "The value's part is missing.": cross.mean(),
            "The policy's part is missing.": error.mean(),
            "That averages over moves, too; sum over them.": (error - (policies * log_p).mean(-1)).mean(),
            "That is the sum over positions; average.": (error + cross).sum(),
            "The logits are no logarithms of probabilities yet: log_softmax(-1).": (
                error - (policies * logits).sum(-1)
            ).mean(),
            "That is Kullback and Leibler's divergence: it subtracts the entropy of π, which this loss does not.": (
                error + cross + torch.xlogy(policies, policies).sum(-1)
            ).mean(),
            "That softmax goes over positions; p sums to 1 over moves.": (
                error - (policies * logits.log_softmax(0)).sum(-1)
            ).mean(),
            "A small p becomes 0, and its logarithm −∞ or what keeps it from that: log_softmax(-1).": [
                (error - (policies * p.log()).sum(-1)).mean()
                for p in (log_p.exp(), log_p.exp() + 1e-8, log_p.exp().clamp(min=1e-8))
            ],
            "π is a distribution as it is: it needs no softmax.": (
                error - (policies.softmax(-1) * log_p).sum(-1)
            ).mean(),
            "That is p, not log p.": (error - (policies * log_p.exp()).sum(-1)).mean(),
            "That learns the most visited move alone; π is a distribution.": (error + best).mean(),
            "p and π are swapped: the network's is the one in the logarithm.": [
                (error - (log_p.exp() * policies.log()).sum(-1)).mean(),
                (error - (log_p.exp() * policies.clamp(min=1e-8).log()).sum(-1)).mean(),
                (error - (log_p.exp() * policies.log_softmax(-1)).sum(-1)).mean(),
            ],
            "The square is missing.": [((z - values).abs() + cross).mean(), (z - values + cross).mean()],
            "There is no ½ in this loss.": [(error / 2 + cross).mean(), (error + cross).mean() / 2],
            "v and z have opposite signs: it is z − v.": ((z + values).square() + cross).mean(),
            "That compares every z with every v: the shapes were broadcast.": (
                (z.unsqueeze(-1) - values).square().mean() + cross.mean()
            ),
        },
    )


@exercise(own=(games.Positions.best_response, games.Positions._backwards))
def best_response(answer, *, boards=((3, 3, 3, False), (2, 3, 2, True)), seed=5):
    """What a fixed policy reaches on either side against an opponent who knows it; drawn, greedy and perfect ones."""
    cases = []
    for rows, columns, in_a_row, drop in boards:
        positions = games.Game(rows, columns, in_a_row, drop).positions
        legal, source = positions.children >= 0, generator(seed)
        drawn = torch.rand(legal.shape, generator=source) * legal
        drawn = drawn / drawn.sum(-1, keepdim=True).clamp(min=1e-9)
        greedy = torch.nn.functional.one_hot(drawn.argmax(-1), legal.shape[-1]) * legal
        perfect = positions.perfect / positions.perfect.sum(-1, keepdim=True).clamp(min=1)
        policies = {"drawn at random": drawn, "that is certain": greedy.float(), "that is perfect": perfect}
        for name, policy in policies.items():
            what = f"What a policy {name} reaches as player {{}} on {rows} × {columns} cells"
            cases += [(what.format(player), positions, policy, player) for player in (0, 1)]
    got = [_response(answer, *case[1:]) for case in cases]
    hint = (
        "From the last layer to the first: where `player` moves the mean by the policy of −values[children], where the "
        "other moves the largest of these over legal moves."
    )
    rights = [_reached(*case[1:]) for case in cases]
    for number, (what, *_) in enumerate(cases):
        equal(
            got[number],
            rights[number],
            what=what,
            hint=hint,
            mistakes=lambda number=number: {_named(got, cases) or hint: got[number]},
        )


def _response(answer: Answer, positions, policy: Tensor, player: int):
    got, results = answer.probe(lambda function: (function(positions, policy.clone(), player), positions.results))
    that(
        torch.equal(results, positions.results),
        "`positions.results` was changed in place: work on a copy, made by .clone().",
    )
    return got


def _largest(ahead: Tensor, legal: Tensor) -> Tensor:
    return ahead.where(legal, -torch.inf).amax(-1)


def _least(ahead: Tensor, legal: Tensor) -> Tensor:
    return ahead.where(legal, torch.inf).amin(-1)


def _reached(positions, policy: Tensor, player: int, choose: Callable = _largest, *, ours=True, sign=-1) -> float:
    """Go backwards; `ours` says whether the player's policy is fixed, `choose` how the other one chooses."""
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        children = positions.children[layer]
        ahead = sign * values[children]
        mine = (positions.movers[layer] == player) == ours
        chosen = torch.where(mine, (policy[layer] * ahead).sum(-1), choose(ahead, children >= 0))
        values[layer] = torch.where(positions.over[layer], positions.results[layer], chosen)
    return values[0].item() if player == 0 else -values[0].item()


def _mistaken(positions, policy: Tensor, player: int) -> dict[str, list[float]]:
    """Return what likely mistakes give."""

    def value(*arguments, policy=policy, **named) -> float:
        return _reached(positions, policy, player, *arguments, **named)

    def at_random(ahead: Tensor, legal: Tensor) -> Tensor:
        return ahead.where(legal, 0).sum(-1) / legal.sum(-1).clamp(min=1)

    side, right, swapped = 1 if player == 0 else -1, value(), value(ours=False)
    sure = torch.nn.functional.one_hot(policy.argmax(-1), policy.shape[-1]).float()
    return {
        "The value of the start is for who begins; for the second player it is the negative.": [-right, side * right],
        "That fixes the opponent, and answers him best: it is `player` whose policy is fixed.": [swapped, -swapped],
        "That plays for who begins, whoever `player` is.": [right if player == 0 else swapped],
        "The opponent takes what is worst for him; a value is for who moves, so he takes the largest.": [value(_least)],
        "Illegal moves must not win the opponent's maximum: they are −∞ in it.": [
            value(lambda ahead, legal: ahead.amax(-1)),
            value(lambda ahead, legal: (ahead * legal).amax(-1)),
        ],
        "A child's value is for who moves there, the other player: the sign is missing.": [
            value(sign=1),
            value(_least, sign=1),
        ],
        "That opponent plays at random; he is to choose the best answer.": [value(at_random)],
        "That is the game's value if both play perfectly; the policy's own moves count.": [
            side * positions.values[0].item()
        ],
        "No result came up to the start: store each layer in `values`, the last one first; what is over keeps its "
        "result.": [0.0],
        "That takes the policy's likeliest move alone; it is worth the mean over its moves.": [value(policy=sure)],
        "That rounds; a mean over moves may be any number from −1 to 1.": [float(round(right))],
    }


def _named(got: list, cases: list) -> str:
    """Return the sentence of the mistake that gives all that was got: one number tells few of them apart."""
    try:
        got = torch.tensor([float(part) for part in got])
    except (TypeError, ValueError, RuntimeError):
        return ""
    if got.isnan().any():
        return "0 · ∞ is nan: −∞ belongs in the opponent's maximum alone, and what is over keeps its result."
    found = [_mistaken(*case[1:]) for case in cases]
    for sentence in found[0]:
        for values in zip(*(each[sentence] for each in found), strict=True):
            if torch.allclose(got, torch.tensor(values), rtol=1e-4, atol=1e-5):
                return sentence
    return ""


@exercise(own=alphazero.play)
def play(answer, *, count=400, temperatures=(1.0, 0.5, 0.0), seed=7, bar=True):
    """Self-play: what was searched, by what the moves were chosen, and what is kept; then a player nobody beats."""
    game, source = games.TIC_TAC_TOE, generator(seed)
    for heat in temperatures:

        def probe(function: Callable, heat=heat) -> tuple:
            asked = []

            def search(states: Tensor) -> Tensor:
                asked.append(states.clone())
                return _visits(states, game)

            try:
                return tuple(function(search, game, game.start((count,)), heat, generator=source)), asked
            except ValueError as error:  # moves that fit another board are illegal
                stale = asked and torch.equal(asked[0], asked[-1]) and "taken" in str(error)
                if not stale:
                    raise
                return (), asked

        found, asked = _told(answer, probe)
        _check_examples(found, asked, game, count, heat)
    noise.source(
        answer,
        lambda function, source: function(
            lambda states: _visits(states, game), game, game.start((60,)), 1.0, generator=source
        )[0],
        what="The course of the games",
        seed=seed,
    )
    if bar:
        _train(answer, seed + 1)


def _told(answer: Answer, probe: Callable) -> tuple:
    """Ask, and say what torch's own words mean here."""
    meanings = {
        "same number of dimensions": "game.step takes one move a board, (G,): multinomial's column needs squeeze(-1).",
        "bitwise": "Each triple of `record` has the boards first, then the policy, then the mask.",
    }
    try:
        return answer.probe(probe)
    except Raised as raised:
        meaning = next((sentence for piece, sentence in meanings.items() if piece in raised.text), "")
        raise raised.told(f"{raised} {meaning}".strip()) from None


def _visits(states: Tensor, game: games.Game) -> Tensor:
    """Return numbers of visits that differ from board to board, and 0 for what is illegal; 1 each where it is over."""
    mixed = (states[..., :1] * 7 + states[..., 1:] * 13 + 5 * torch.arange(game.num_actions) ** 2) % 23 + 1.0
    return torch.where(game.over(states).unsqueeze(-1), 1.0, mixed * game.legal(states))


def _check_examples(found, asked: list, game: games.Game, count: int, temperature: float) -> None:
    _check_questions(asked, count)
    states, policies, mask, z = _kept(found)
    right = torch.stack(asked, 1)
    visits, running = _visits(right, game), ~game.over(right)
    ends = game.step(right[:, -1], visits[:, -1].argmax(-1))  # the last move is the only one, or at temperature 0 this
    moved = (right.sum(-1)[:, 1:] - right.sum(-1)[:, :-1]).unsqueeze(-1) & game._bits
    moved = torch.cat([moved.ne(0), moved.new_zeros(count, 1, game.num_actions).bool()], 1)
    _compare_states(states, right, ends)
    _compare_policies(policies, visits, running, moved, temperature)
    _compare_mask(mask, running, game.over(ends), z)
    actions, chosen = moved.float().argmax(-1), moved.any(-1) & running
    that(bool((visits * moved).sum(-1)[chosen].all()), "Some move was illegal: draw moves by the visits.")
    _check_moves(actions, chosen, visits, temperature)
    _compare_z(z, game, right, ends)


def _check_questions(asked: list, count: int) -> None:
    """Look at what the search was asked."""
    that(len(asked) > 1, "The search is asked once for a whole game; ask it before every move.")
    that(
        not all(torch.equal(one, asked[0]) for one in asked[1:]),
        "The search is asked about the start again and again: a stale tree. Ask it about `states`, as they are now.",
    )
    that(
        all(one.shape == (count, 2) for one in asked),
        "The search is asked about some of the boards; ask it about `states`, all of them, also those that are over.",
    )
    that(
        not any(torch.equal(one, other) for one, other in zip(asked, asked[1:], strict=False)),
        "The search is asked twice about the same boards; ask it once a step, and keep what it found.",
    )


def _kept(found) -> tuple:
    states, policies, z, mask = parts(found, alphazero.Examples._fields, what="What play returns")
    return states, policies, mask, z


def _compare_states(states, right: Tensor, ends: Tensor) -> None:
    equal(
        states,
        right,
        what="The table of states that are kept",
        hint="Keep the boards that were searched, before the move; stack them as (G, T, 2).",
        mistakes={
            "Those are the start at every step: keep the boards that were searched.": right[:, :1].expand(right.shape),
            "Those are the boards after the move; what the search saw is the one before.": torch.cat(
                [right[:, 1:], ends.unsqueeze(1)], 1
            ),
        },
    )


def _compare_policies(policies, visits: Tensor, running: Tensor, moved: Tensor, temperature: float) -> None:
    share = visits / visits.sum(-1, keepdim=True)
    blank = lambda part: torch.where(running.unsqueeze(-1), part, 0.0)  # noqa: E731
    that(
        isinstance(policies, Tensor) and policies.shape == share.shape,
        f"The policies have another shape than {tuple(share.shape)}: one row for each board that was searched.",
    )
    made = torch.where(moved.any(-1, keepdim=True), moved.float(), share)
    heated = [blank(tree_search.visit_policy(visits, temperature))] if temperature != 1 else []
    equal(
        blank(policies),
        blank(share),
        what="The table of policies that are kept",
        hint="visit_policy(visits, 1.0) of each board, whatever the temperature of the moves is.",
        mistakes={
            "That keeps the policy at the moves' temperature; the network learns visits at temperature 1.": heated,
            "That keeps the move that was made; what is to be learned is the whole policy of the search.": [
                blank(made),
                blank(moved.float()),
            ],
            "Those are the visits themselves; normalise them with visit_policy(visits, 1.0).": blank(visits),
        },
    )


def _compare_mask(mask, running: Tensor, over: Tensor, z) -> None:
    equal(
        mask,
        running,
        what="The mask",
        hint="True where the game was not over yet, so that a move was made.",
        mistakes={
            "That is true where the game is over; `mask` tells where a move was made.": ~running,
            "That looks after the move, so the last move of each game is lost: ask before it is made.": torch.cat(
                [running[:, 1:], ~over.unsqueeze(1)], 1
            ),
            "A draw is no game that still runs, nor does it teach nothing: ask game.over, not whether z is 0.": [
                running & (z != 0) if isinstance(z, Tensor) and z.shape == running.shape else ~running
            ],
            "Moves behind the end of a game were never made: ~game.over(states).": torch.ones_like(running),
        },
    )


def _compare_z(z, game: games.Game, right: Tensor, ends: Tensor) -> None:
    running, movers, winner = ~game.over(right), game.movers(right), alphazero.winners(game, ends)
    plain = lambda part: torch.where(running, part, 0.0)  # noqa: E731
    wanted = alphazero.outcomes(movers, winner)
    equal(
        plain(z),
        plain(wanted),
        what="z",
        hint="outcomes(game.movers(…), winner) of the boards that were kept, with the winner at the end of the game.",
        mistakes={
            "That is the other player's: z is for who moves.": plain(-wanted),
            "That is the result for one player at every move; z is for who moves.": [
                plain(alphazero.outcomes(torch.zeros_like(movers), winner)),
                plain(alphazero.outcomes(torch.ones_like(movers), winner)),
                plain(alphazero.outcomes(game.movers(ends).unsqueeze(-1).expand(movers.shape), winner)),
            ],
        },
    )


def _check_moves(actions: Tensor, chosen: Tensor, visits: Tensor, temperature: float) -> None:
    """Look at the moves (G, T) where `chosen`: all games start alike, and later ones differ as the games do."""
    best = visits.argmax(-1)
    if temperature == 0:
        that(
            bool((actions == best)[chosen].all()),
            "At temperature 0 some move is not the most visited: choose by visit_policy(visits, temperature).",
        )
        return
    weights = tree_search.visit_policy(visits, temperature)
    that(
        len(actions[:, 0].unique()) > 1,
        "All games begin with the same move, though the temperature is not 0: draw one for each by its policy.",
    )
    alike = (visits > 0) / (visits > 0).sum(-1, keepdim=True)
    others = {
        "That draws all moves with the same chance.": alike,
        "That ignores the temperature.": tree_search.visit_policy(visits, 1.0),
        "That heats twice: the chances are visit_policy(visits, temperature) as they are.": weights**2
        / (weights**2).sum(-1, keepdim=True),
        "That takes the most visited move, as at temperature 0.": tree_search.visit_policy(visits, 0.0),
    }
    for time, name in ((0, "first"), (1, "second")):
        often = weights[:, time].mean(0) > 0.1  # of what is rare the tolerance would not hold
        for action in often.nonzero()[:, 0].tolist():
            _compare_chance(
                actions[:, time] == action,
                weights[:, time, action],
                {sentence: part[:, time, action] for sentence, part in others.items()},
                f"At temperature {temperature:g} the {name} move {action} was made",
                "Draw each move, for each board by itself, by visit_policy(visits, temperature).",
            )
    chosen = chosen & (torch.arange(chosen.shape[-1]) > 0) & ((visits > 0).sum(-1) > 1)
    at_best = lambda part: part.gather(-1, best.unsqueeze(-1)).squeeze(-1)[chosen]  # noqa: E731
    _compare_chance(
        (actions == best)[chosen],
        at_best(weights),
        {sentence: at_best(part) for sentence, part in others.items()},
        f"At temperature {temperature:g} the most visited move was made after the first one",
        "Draw all moves alike, by visit_policy(visits, temperature).",
    )


def _compare_chance(happened: Tensor, chances: Tensor, others: dict, what: str, hint: str) -> None:
    """Compare how often something happened; trials whose chances differ vary no more than those that share the mean."""
    mistakes = {sentence: part.mean().item() for sentence, part in others.items()}
    frequency(happened, chances.mean().item(), what=what, hint=hint, mistakes=mistakes)


def _train(answer: Answer, seed: int) -> None:
    """Train by what the learner wrote until nobody beats the network with 25 simulations; look at that here."""
    game, source = games.TIC_TAC_TOE, generator(seed)
    network = alphazero.TwoHeads((), game, generator=source)

    def probe(function: Callable) -> Tensor:
        latest = []

        def enough(number: int, trained) -> bool:
            if number >= 6 and number % 2 == 0:
                latest[:] = [alphazero.policy_of(trained, 25)]
            return bool(latest) and bool(game.positions.unbeaten(latest[0]))

        alphazero.train(network, iterations=30, generator=source, report=enough, play=function)
        return latest[0]

    moves = answer.probe(probe)
    reached = [game.positions.best_response(moves, player).item() for player in (0, 1)]
    that(
        min(reached) >= 0,
        "After 30 iterations with your play somebody beats the network that plays with 25 simulations, though the "
        "examples looked at were right: do the policies come from the search that play is given?",
    )
