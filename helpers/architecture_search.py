"""Architecture search: a controller writes architectures token by token and learns by REINFORCE with baseline.

Shapes: leading dimensions `...` hold independent searches, N the architectures of a batch, L the tokens of one, K the
largest number of options. All searches learn in one loop, since Adam treats every parameter by itself.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from helpers import data, progress, search_spaces

TABLE_SHA256 = "ee425aba21acfcbe679d03ea2cc067dbaa7f1acb2f6b190e3954f6260090b132"
UNAVAILABLE = -1e9  # logit of an option that a decision does not have


class Table(NamedTuple):
    """Every architecture of `search_spaces.STAGES`, trained: one row each, in the order of `search_spaces.rows`.

    Attributes:
        tokens: int64 (A, L).
        flops, parameters: cost for one image, and weights to train, float64 (A,).
        dev, test: accuracies in [0, 1] of each training, float64 (A, trainings).
    """

    tokens: Tensor
    flops: Tensor
    parameters: Tensor
    dev: Tensor
    test: Tensor


class Trace(NamedTuple):
    """What a search tried: tokens, int64 (updates, ..., N, L), and their rewards, (updates, ..., N)."""

    tokens: Tensor
    rewards: Tensor


def table(*, device: torch.device | str = "cpu") -> Table:
    """Return the bundled table of 576 trained architectures.

    Args:
        device: where the tensors are to live.

    Raises:
        FileNotFoundError: if the file is not there.
        ValueError: if the file is not the one that came with the course.

    Made by helpers/bundled/make_architectures.py; see helpers/bundled/NOTICE.md.
    """
    lines = data.bundled_rows("architectures.csv", TABLE_SHA256)

    def columns(*names: str) -> Tensor:
        return torch.tensor(
            [[float(line[name]) for name in names] for line in lines], dtype=torch.float64, device=device
        )

    dev, test = ([name for name in lines[0] if name.startswith(part)] for part in ("dev_", "test_"))
    tokens = search_spaces.all_tokens(search_spaces.choices(search_spaces.STAGES)).to(device)
    return Table(tokens, columns("flops")[:, 0], columns("parameters")[:, 0], columns(*dev), columns(*test))


class Controller(nn.Module):
    """LSTM controllers π(a_t | a_1, …, a_{t−1}; θ), which know at each place how many options there are.

    Args:
        shape: leading dimensions, one controller for each entry; () is a single one.
        choices: number of options of each decision, L of them.
        hidden: size of the LSTM's state and of the tokens' embeddings.
        generator: source of the initial parameters, uniform in ±0.08, on the device of choice.

    Zoph and Le (2017), section 3.
    """

    def __init__(self, shape: tuple[int, ...], choices: Sequence[int], hidden: int = 32, *, generator: torch.Generator):
        super().__init__()
        if not len(choices) or min(choices) < 1:
            raise ValueError(f"Each decision needs at least one option, but choices are {tuple(choices)}.")
        self.shape, self.choices, self.hidden = tuple(shape), tuple(choices), hidden
        most, device = max(choices), generator.device

        def parameter(*size: int) -> nn.Parameter:
            uniform = torch.rand(*shape, *size, generator=generator, device=device)
            return nn.Parameter(0.08 * (2 * uniform - 1))

        self.embeddings = parameter(1 + len(choices) * most, hidden)  # the first stands for "nothing yet"
        self.gates, self.gate_biases = parameter(2 * hidden, 4 * hidden), parameter(1, 4 * hidden)
        self.heads, self.head_biases = parameter(len(choices), hidden, most), parameter(len(choices), 1, most)
        options = torch.arange(most, device=device) >= torch.tensor(choices, device=device).unsqueeze(-1)
        self.register_buffer("unavailable", options)

    def start(self, batch: int) -> tuple[Tensor, Tensor]:
        """Return the state before the first token: output and memory of the LSTM, each (..., batch, hidden)."""
        zeros = self.embeddings.new_zeros(*self.shape, batch, self.hidden)
        return zeros, zeros

    def step(
        self, state: tuple[Tensor, Tensor], place: int, previous: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read the previous token and give the logits of the next.

        Args:
            state: from `start` or the last step.
            place: t in [0, L), which decision is to be made.
            previous: tokens a_{t−1}, int64 (..., N); None at place 0.

        Returns:
            Logits (..., N, K), about −10⁹ where the decision has no such option, and the next state.
        """
        output, memory = state
        number = output.new_zeros(output.shape[:-1], dtype=torch.int64)
        if place:
            number = 1 + (place - 1) * max(self.choices) + previous
        index = number.unsqueeze(-1).expand(*number.shape, self.hidden)
        read = torch.cat([self.embeddings.gather(-2, index), output], -1)
        entry, forget, leave, new = (read @ self.gates + self.gate_biases).chunk(4, -1)
        memory = (forget + 1).sigmoid() * memory + entry.sigmoid() * new.tanh()
        output = leave.sigmoid() * memory.tanh()
        logits = output @ self.heads[..., place, :, :] + self.head_biases[..., place, :, :]
        return logits.masked_fill(self.unavailable[place], UNAVAILABLE), (output, memory)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the logits with which each token of given sequences is chosen, (..., N, L, K).

        Args:
            tokens: int64 (..., N, L).
        """
        state, logits = self.start(tokens.shape[-2]), []
        for place in range(len(self.choices)):
            now, state = self.step(state, place, tokens[..., place - 1] if place else None)
            logits.append(now)
        return torch.stack(logits, -2)


@torch.no_grad()
def sample(controller, batch: int, *, greedy: bool = False, generator: torch.Generator) -> Tensor:
    """Draw architectures token by token, each given the tokens before it.

    Args:
        controller: has `choices`, `start` and `step` as `Controller` does.
        batch: N, how many to draw.
        greedy: take the likeliest token at each place instead.
        generator: source of randomness, on the controller's device.

    Returns:
        Tokens, int64 (..., N, L).
    """
    state, token, tokens = controller.start(batch), None, []
    for place in range(len(controller.choices)):
        logits, state = controller.step(state, place, token)
        pi = logits.softmax(-1)
        drawn = torch.multinomial(pi.flatten(0, -2), 1, generator=generator).view(pi.shape[:-1])
        token = logits.argmax(-1) if greedy else drawn
        tokens.append(token)
    return torch.stack(tokens, -1)


def sequence_log_pi(logits: Tensor, tokens: Tensor) -> Tensor:
    """Return log π(a) of whole architectures: the sum over their tokens.

    Args:
        logits: (..., N, L, K).
        tokens: int64 (..., N, L).

    Returns:
        log π, shape (..., N).
    """
    return logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1).sum(-1)


def search_loss(logits: Tensor, tokens: Tensor, rewards: Tensor, baseline: Tensor | float) -> Tensor:
    """Return the REINFORCE loss −mean((R − b) log π(a)); R and b count as constants.

    Args:
        logits: (..., N, L, K).
        tokens: int64 (..., N, L).
        rewards: R of each architecture, (..., N).
        baseline: b, a number or shape (...).

    Returns:
        Loss of each search, (...).

    Raises:
        ValueError: if the rewards are not one an architecture.

    Williams (1992); Zoph and Le (2017), section 3.2.
    """
    if rewards.shape != tokens.shape[:-1]:
        raise ValueError(
            f"rewards have shape {tuple(rewards.shape)}, but {tuple(tokens.shape[:-1])} was expected: "
            "one an architecture."
        )
    advantage = rewards - (baseline.unsqueeze(-1) if isinstance(baseline, Tensor) else baseline)
    return -(advantage.detach().to(logits.dtype) * sequence_log_pi(logits, tokens)).mean(-1)


def update_baseline(baseline: Tensor | float, rewards: Tensor, decay: float = 0.8) -> Tensor:
    """Move the baseline towards the mean of a batch of rewards: b ← decay · b + (1 − decay) · mean R.

    Args:
        baseline: b, a number or shape (...).
        rewards: (..., N).
        decay: share of the old baseline, in [0, 1].

    Returns:
        The new baseline, shape (...).

    Raises:
        ValueError: if `decay` lies outside [0, 1].
    """
    if not 0 <= decay <= 1:
        raise ValueError(f"decay is a share in [0, 1], but it is {decay}.")
    return decay * baseline + (1 - decay) * rewards.mean(-1)


def search_step(
    controller: Controller,
    optimiser: torch.optim.Optimizer,
    evaluate: Callable[[Tensor], Tensor],
    baseline: Tensor | float | None,
    batch: int,
    *,
    decay: float = 0.8,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor, Tensor]:
    """Do one update: draw a batch of architectures, evaluate them, improve the controller, then move the baseline.

    Args:
        controller: what is improved.
        optimiser: of its parameters.
        evaluate: gives rewards (..., N) for tokens (..., N, L).
        baseline: as it was before this batch; None before the first, which then takes its own mean.
        batch: N.
        decay: see `update_baseline`.
        generator: source of the architectures.

    Returns:
        tokens, rewards, and the baseline for the next update.
    """
    tokens = sample(controller, batch, generator=generator)
    rewards = evaluate(tokens)
    given = rewards.mean(-1) if baseline is None else baseline
    optimiser.zero_grad()
    search_loss(controller(tokens), tokens, rewards, given).sum().backward()
    optimiser.step()
    return tokens, rewards, update_baseline(given, rewards, decay)


def search(
    controller: Controller,
    evaluate: Callable[[Tensor], Tensor],
    updates: int,
    batch: int,
    *,
    learning_rate: float = 0.03,
    decay: float = 0.8,
    use_baseline: bool = True,
    generator: torch.Generator,
) -> Trace:
    """Search by REINFORCE, with a moving average as baseline or with none; the controllers are improved in place.

    Args:
        controller: one, or many at once.
        evaluate: gives rewards (..., N) for tokens (..., N, L).
        updates: how many.
        batch: architectures of each.
        learning_rate: of Adam.
        decay: of the baseline, see `update_baseline`.
        use_baseline: False leaves b = 0.
        generator: source of the architectures.
    """
    optimiser = torch.optim.Adam(controller.parameters(), learning_rate)
    baseline, steps = None, []
    for _ in progress.bar("search", range(updates), unit="update"):
        given = baseline if use_baseline else 0.0
        *tried, baseline = search_step(controller, optimiser, evaluate, given, batch, decay=decay, generator=generator)
        steps.append(tried)
    tokens, rewards = zip(*steps, strict=True)
    return Trace(torch.stack(tokens), torch.stack(rewards))


def random_tokens(choices: Sequence[int], shape: tuple[int, ...], *, generator: torch.Generator) -> Tensor:
    """Draw architectures uniformly, with replacement: int64 (*shape, L).

    Args:
        choices: number of options of each decision.
        shape: how many, in as many dimensions as wanted.
        generator: source of randomness, on the device of choice.
    """
    drawn = [torch.randint(count, shape, generator=generator, device=generator.device) for count in choices]
    return torch.stack(drawn, -1)


def train_by_table(values: Tensor, tokens: Tensor, choices: Sequence[int], *, generator: torch.Generator) -> Tensor:
    """Return what one training of each architecture gave, chosen at random among those in the table.

    Args:
        values: of each architecture and training, (A, trainings).
        tokens: int64 (..., L).
        choices: number of options of each decision, whose product is A.
        generator: source of the choice of training, on the device of `values`.

    Returns:
        One value an architecture, shape (...).
    """
    rows = search_spaces.rows(tokens, choices)
    training = torch.randint(values.shape[1], rows.shape, generator=generator, device=values.device)
    return values[rows, training]


def best_so_far(observed: Tensor, judged: Tensor) -> Tensor:
    """Return how good the choice is that one would make after each trial: the one with the best observed reward.

    Args:
        observed: what the search saw, in order, (T, ...).
        judged: what each trial is worth, (T, ...).

    Returns:
        Worth of the choice after each trial, (T, ...).
    """
    return judged.gather(0, observed.cummax(0).indices)


def exponent(gain: float, factor: float = 2.0) -> float:
    """Return β with 1 + gain = factorᵝ: it lets `factor` times the compute pay off from this relative gain on.

    Args:
        gain: relative gain in accuracy, such as 0.05, above −1.
        factor: how many times the compute it may cost, above 0 and not 1.

    Raises:
        ValueError: if there is no such β.

    Tan et al. (2019), section 3.
    """
    if gain <= -1 or factor <= 0 or factor == 1:
        raise ValueError(f"No exponent makes {factor}ᵝ = {1 + gain}: take a gain above −1 and a factor that is not 1.")
    return math.log(1 + gain) / math.log(factor)


def reward(
    accuracy: Tensor, flops: Tensor, target: float, beta: float = 0.07, beta_below: float | None = None
) -> Tensor:
    """Return accuracy · (target / FLOPs)ᵝ.

    Args:
        accuracy: in [0, 1], (...).
        flops: for one image, (...).
        target: FLOPs that neither raise nor lower the reward.
        beta: exponent.
        beta_below: exponent where FLOPs are at most the target; None means the same.

    Raises:
        ValueError: if a number of FLOPs or the target is not positive.

    Tan et al. (2019), section 3.1; Tan and Le (2019), section 4, with one exponent.
    """
    if target <= 0 or (torch.as_tensor(flops) <= 0).any():
        raise ValueError("FLOPs and their target are positive numbers, but one is not.")
    beta_below = beta if beta_below is None else beta_below
    share = target / flops
    return accuracy * torch.where(share >= 1, share**beta_below, share**beta)


def pareto_front(accuracy: Tensor, flops: Tensor) -> Tensor:
    """Tell which architectures no other one dominates: at least as good in both respects, and better in one.

    Args:
        accuracy: the higher the better, (..., A).
        flops: the lower the better, (..., A).

    Returns:
        bool (..., A).
    """
    higher = accuracy.unsqueeze(-2) - accuracy.unsqueeze(-1)  # [i, j]: by how much j is more accurate than i
    cheaper = flops.unsqueeze(-1) - flops.unsqueeze(-2)
    dominates = (higher >= 0) & (cheaper >= 0) & ((higher > 0) | (cheaper > 0))
    return ~dominates.any(-1)
