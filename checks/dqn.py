"""Lesson 10: what tells a right deep Q-network from a wrong one, piece by piece."""

import copy
import functools
import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from checks import dqn_loop, noise, plain, steps
from checks.answer import Answer, Raised
from checks.compare import equal, generator, mean, that
from checks.exercise import exercise
from helpers import breakout, dqn, maximisation, networks, replay
from helpers.replay import Step, Transitions

NEXT_Q = (
    ((0.5, 2.0, -1.0), (3.0, 0.0, 1.5)),
    ((-4.0, -0.5, -2.0), (0.25, 0.25, 0.0)),
    ((7.0, 6.0, 5.0), (1.0, 4.0, 9.0)),
)
OTHER_Q = (
    ((1.0, 0.3, 2.5), (-2.0, 5.0, 0.7)),
    ((0.4, -3.0, 6.0), (2.2, -1.2, 8.0)),
    ((-0.6, 3.0, 4.4), (8.0, -5.0, 0.9)),
)
REWARDS = ((1.0, 0.0), (-2.0, 0.5), (3.0, -1.0))
ENDED = ((False, True), (False, False), (True, False))
DONE = "Where an episode ended nothing follows: there the target is the reward alone."
Momentum = functools.partial(torch.optim.SGD, momentum=0.9)  # whose second step is not as its first
SWAPPED = "Where `ended` is true nothing follows; you have it the other way round."


@exercise(own=maximisation.expected_max)
def expected_max(answer, *, n=10, samples=400, seed=1):
    """The mean, over samples, of the maximum of n standard normals; one number, new with each call."""
    for number, size in ((n, samples), (2, samples), (1, samples), (n + 3, 4)):
        source = generator(seed + number)
        drawn = answer.probe(
            lambda function, number=number, size=size, source=source: [
                function(number, size, generator=source) for _ in range(100)
            ]
        )
        for value in drawn:
            that(
                isinstance(value, float) or (isinstance(value, Tensor) and value.dim() == 0),
                f"E max of {number} normals is {_named(value)}, but one number was expected: the maximum over the n "
                "numbers of each sample, and then the mean over samples.",
            )
        _compare_maxima(torch.tensor([float(value) for value in drawn]), number, size)
    noise.source(
        answer,
        lambda function, generator: torch.as_tensor(function(n, samples, generator=generator)),
        what="The estimate",
        seed=seed,
    )


def _compare_maxima(drawn: Tensor, number: int, samples: int) -> None:
    """Look at estimates of E max of so many normals: at their mean, and at how far they scatter."""
    exact, spread = maximisation.exact_expected_max(number), _spread_of_max(number) / math.sqrt(samples)
    that(len(drawn.unique()) > 1, f"The estimate is the same when one generator is asked twice. {noise.OWN}")
    middle = drawn.mean().item()
    for rivals, sentence in (
        (number * samples, "That is the largest of all numbers: average over samples."),
        (samples, "That is the maximum over the samples; it belongs to the n numbers that compete."),
    ):
        near = abs(middle - maximisation.exact_expected_max(rivals)) < min(0.15, abs(middle - 2 * exact))
        that(
            not near or rivals <= 2 * number or samples < 100, f"E max of {number} normals is {middle:.2f}. {sentence}"
        )
    mean(
        drawn,
        exact,
        std=spread,
        what=f"The mean of 100 estimates of E max of {number} normals",
        hint="Draw samples × n normals, take the maximum of each row, and average.",
        mistakes={
            "That is the mean of all numbers: take the maximum of the n numbers of each sample first.": 0.0,
            "That is the minimum.": -exact,
            "A maximum that starts from 0 is never below it; start from the first number.": _positive_part(number),
            "Those are uniform numbers: torch.randn draws normal ones.": number / (number + 1),
            "That is the sum of the n numbers' maxima.": number * exact,
            "That is the largest number less the smallest.": 2 * exact,
        },
    )
    ratio = drawn.std().item() / spread
    that(
        0.6 < ratio < 1.6,
        f"Estimates from {samples} samples scatter {'less' if ratio < 1 else 'more'} than they should: each is the "
        "mean of as many maxima as `samples` says.",
    )


def _positive_part(n: int) -> float:
    """Return E max(0, X_1, …, X_n) of standard normals."""
    x = torch.linspace(0, 12, 12_001, dtype=torch.float64)
    below = (1 + torch.erf(x / math.sqrt(2))) / 2
    return torch.trapezoid(1 - below**n, x).item()


def _spread_of_max(n: int) -> float:
    """Return the standard deviation of the maximum of n standard normals."""
    x = torch.linspace(-12, 12, 24_001, dtype=torch.float64)
    density = n * torch.exp(-x.square() / 2) / math.sqrt(2 * math.pi)
    density = density * ((1 + torch.erf(x / math.sqrt(2))) / 2) ** (n - 1)
    first, second = (torch.trapezoid(x**power * density, x) for power in (1, 2))
    return (second - first.square()).sqrt().item()


@exercise(own=dqn.td_target)
def td_target(answer, *, rewards=REWARDS, ended=ENDED, next_q=NEXT_Q, gamma=0.9):
    """R + γ max_a Q(S′, a), and R alone where the episode ended; any leading dimensions, one row, float64."""
    rewards, ended, next_q = torch.tensor(rewards), torch.tensor(ended), torch.tensor(next_q)
    for case in ((rewards, ended, next_q), (rewards[:1, :1], ended[:1, :1], next_q[:1, :1])):
        _compare_target(answer(*case, gamma), *case, gamma)
    more = nn.functional.pad(next_q.double(), (0, 1), value=8.5)  # an action more, often the best one
    wide = (rewards.double().repeat(2, 1, 1), ended.repeat(2, 1, 1), more.repeat(2, 1, 1, 1))
    _compare_target(answer(*wide, gamma), *wide, gamma)


def _compare_target(got, rewards: Tensor, ended: Tensor, next_q: Tensor, gamma: float) -> None:
    going, best = (~ended).to(next_q), next_q.amax(-1)
    that(
        not isinstance(got, Tensor) or not got.isinf().any(),
        f"A target is infinite. {DONE} What follows is worth 0 there, and not −∞.",
    )
    mistakes = {
        f"That looks behind the end. {DONE}": rewards + gamma * best,
        SWAPPED: rewards + gamma * best * ended,
        "The reward of the last step counts: it is what follows it that is nothing.": (rewards + gamma * best) * going,
        "γ is missing: what follows is worth γ of itself.": rewards + best * going,
        "γ belongs to what follows, not to the reward.": [
            gamma * (rewards + best * going),
            gamma * rewards + best * going,
        ],
        "The reward is missing.": gamma * best * going,
        "That is the mean over actions; the best action is taken.": rewards + gamma * next_q.mean(-1) * going,
        "That is the sum over actions; the best action is taken.": rewards + gamma * next_q.sum(-1) * going,
        "That is the index of the best action (argmax); its value is max.": rewards + gamma * next_q.argmax(-1) * going,
        "That is the worst action.": rewards + gamma * next_q.amin(-1) * going,
        "That is the best of the first actions only; here there are more.": [
            rewards + gamma * next_q[..., :number].amax(-1) * going for number in (2, 3)
        ],
        "~ says not of truth values; of whole numbers 0 and 1 it makes −1 and −2. Take ~ first.": (
            rewards - gamma * best * (1 + ended.to(next_q))
        ),
    }
    if next_q.dim() > 1 and next_q.shape[-2] == next_q.shape[-1]:
        mistakes["That is the maximum over the rows; it belongs to the actions."] = (
            rewards + gamma * next_q.amax(-2) * going
        )
    equal(
        got,
        rewards + gamma * best * going,
        what=f"The target of {rewards.numel()} steps with γ = {gamma:g}",
        hint="R + γ times the largest value of the next state, and R alone where the episode ended.",
        mistakes=mistakes,
    )


@exercise(own=dqn.td_loss)
def td_loss(
    answer, *, q=OTHER_Q[0] + OTHER_Q[1] + OTHER_Q[2][:1], actions=(0, 2, 1, 1, 2), targets=(2.0, 0.0, -1.0, 0.5, 4.5)
):
    """The mean of (Q(S, A) − y)² over steps, with a gradient in the taken actions alone and none in the targets."""
    q, actions, targets = torch.tensor(q), torch.tensor(actions), torch.tensor(targets)
    for case in ((q, actions, targets), (q[1:2], actions[1:2], targets[1:2]), (q.double(), actions, targets.double())):
        _compare_loss(answer(*case), *case)
    what = "The gradient with respect to Q"
    rows = torch.arange(len(actions))
    wanted = torch.zeros_like(q)
    wanted[rows, actions] = 2 * (q[rows, actions] - targets) / len(actions)
    equal(
        steps.slope(answer, (q, actions, targets), 0, what="The loss"),
        wanted,
        what=what,
        hint="Only the value of the action taken is pulled towards its target.",
    )

    def probe(function: Callable) -> bool:
        moving = targets.clone().requires_grad_()
        loss = function(q.clone().requires_grad_(), actions, moving)
        return torch.autograd.grad(loss, moving, allow_unused=True)[0] is not None

    that(
        not answer.probe(probe),
        "A gradient flows into the targets, so they move towards Q as well. A label stays where it is: detach() them.",
    )


def _compare_loss(got, q: Tensor, actions: Tensor, targets: Tensor) -> None:
    rows = torch.arange(len(actions))
    error = q[rows, actions] - targets
    whole = q - targets.unsqueeze(-1)
    huber = nn.functional.smooth_l1_loss(q[rows, actions], targets)
    equal(
        got,
        error.square().mean(),
        what=f"The loss of {len(actions)} step{'s' if len(actions) > 1 else ''}",
        hint="Pick Q(S_t, A_t) with gather, subtract the target, square, and average over steps.",
        mistakes={
            "That pulls the values of all actions towards the target; only the one taken was tried.": [
                whole.square().mean(),
                whole.square().sum(-1).mean(),
            ],
            "That is the value of the best action, not of the one taken.": (q.amax(-1) - targets).square().mean(),
            "That is the sum over steps; average.": error.square().sum(),
            "The square is missing.": [error.abs().mean(), error.mean()],
            "There is no ½ in this loss.": error.square().mean() / 2,
            "That is the Huber loss; here it is the square.": huber,
            "That compares every step with the target of every other: the shapes (B, 1) and (B,) were broadcast.": (
                q[rows, actions].unsqueeze(-1) - targets
            )
            .square()
            .mean(),
            "That squares the mean error; average the squares.": error.mean().square(),
            "q[:, actions] takes all of these actions in every row; each row has one action of its own.": [
                (q[:, actions] - other).square().mean() for other in (targets, targets.unsqueeze(-1))
            ],
            "That averages over all actions, though only one of each row was tried; average over steps.": (
                error.square().sum() / q.numel()
            ),
        },
    )


@exercise(own=replay.store, changes=("ring", 0))
def store(answer, *, capacity=7, games=3, rounds=6, seed=3):
    """N transitions go behind those written so far, round and round; the next state is the true one, a cut no end."""
    source = generator(seed)
    seen = [_step(games, source, number % 2 == 1) for number in range(rounds)]
    empty = replay.empty_ring(seen[0].states, capacity)

    def probe(function: Callable) -> list:
        ring, count, found = copy.deepcopy(empty), 0, []
        for step in seen:
            count = function(ring, count, step)
            found.append((count, [part.clone() for part in ring]))
            if count is None:
                break
        return found

    try:
        found = answer.probe(probe)
    except Raised as error:
        if "indexing result of shape [7" not in error.text or games == len(Step._fields):
            raise
        raise error.told(f"{error} len(step) is {len(Step._fields)}, its columns: N is the length of one.") from None
    wanted = [part.clone() for part in empty]
    columns = [[*step[:4], step.terminated] for step in seen]
    for number, (count, ring) in enumerate(found):
        that(
            not isinstance(count, bool)
            and (isinstance(count, int) or (isinstance(count, Tensor) and count.numel() == 1)),
            f"store returns {_named(count)}, but the number of transitions written so far was expected.",
        )
        equal(
            count,
            games * (number + 1),
            what=f"What store returns after {number + 1} step{'s' if number else ''} of {games} games",
            hint="Return count + N, which goes on growing when the ring is full.",
            mistakes={
                "That counts steps; each of the N games makes a transition.": number + 1,
                "That is the place in the ring; return how many were written in all.": games * (number + 1) % capacity,
                "That is how many the ring holds; return how many were written in all.": min(
                    games * (number + 1), capacity
                ),
                "That is how many were written this time; add them to `count`.": games,
            },
        )
        before = [part.clone() for part in wanted]
        for game in range(games):
            place = (games * number + game) % capacity
            for part, column in zip(wanted, columns[number], strict=True):
                part[place] = column[game]
        _compare_ring(ring, wanted, before, seen[number], games * number)


def _compare_ring(ring: Sequence, wanted: Sequence[Tensor], before: Sequence[Tensor], step: Step, count: int) -> None:
    games, capacity = len(step.actions), len(before[0])
    places = (torch.arange(games) + count) % capacity
    columns = [*step[:4], step.terminated]
    for name, part, right, old, new in zip(Transitions._fields, ring, wanted, before, columns, strict=True):
        mistakes = {}
        if capacity > len(before):
            wrong = (torch.arange(games) + count) % len(before)
            sentence = f"len(ring) is {len(before)}, the number of its columns; the capacity is the length of one."
            mistakes[sentence] = old.clone().index_copy_(0, wrong, new)
        if name == "ended":
            for sentence, wrong in (
                (
                    "An end of an earlier transition is still there: write True and False over what was.",
                    old[places] | step.terminated,
                ),
                (
                    "An episode may end in the very step in which its time is up, too: that is an end.",
                    step.terminated & ~step.truncated,
                ),
                (
                    "A cut was taken for an end: the world would have gone on, so what follows counts.",
                    step.terminated | step.truncated,
                ),
                ("That is where episodes were cut; `ended` holds where they ended.", step.truncated),
                ("That is where episodes go on.", ~step.terminated),
            ):
                mistakes[sentence] = right.index_copy(0, places, wrong)
        if name == "next_states":
            mistakes["That is what is shown after the reset, the start of another episode; keep S_{t+1} itself."] = (
                right.index_copy(0, places, step.shown)
            )
            mistakes["That is S_t once more."] = right.index_copy(0, places, step.states)
        if name == "states":
            mistakes["That is the state after the step."] = [
                right.index_copy(0, places, step.next_states),
                right.index_copy(0, places, step.shown),
            ]
        equal(
            part,
            right,
            what=f"ring.{name} after {count + games} transitions, with room for {capacity},",
            hint="Game i of the step goes to place (count + i) % capacity, and nothing else changes.",
            mistakes=mistakes,
        )


def _step(games: int, source: torch.Generator, both: bool) -> Step:
    """Return a step in which one game ends, and its time may be up, too, one is cut, and the others go on."""
    order = torch.randperm(games, generator=source)
    states, after, fresh = (torch.randn(games, 2, generator=source) for _ in range(3))
    terminated, truncated = order == 0, (order == 1) | ((order == 0) if both else False)
    shown = torch.where((terminated | truncated).unsqueeze(-1), fresh, after)
    actions = torch.randint(1, 4, (games,), generator=source)
    return Step(states, actions, torch.randn(games, generator=source), after, shown, terminated, truncated)


@exercise(own=dqn.update, changes=("network", 0, "target", 1))
def update(answer, *, gamma=0.8, batch=6, learning_rate=0.05, seed=11):
    """One step of the optimizer down the loss; the targets come from the target network."""
    data = _batch(batch, seed)
    start, other = (
        networks.Network((), 3, 5, 4, generator=generator(seed + 1)),
        networks.Network((), 3, 5, 4, generator=generator(seed + 2)),
    )

    def probe(function: Callable) -> tuple:
        target = copy.deepcopy(other)
        one, two = (
            steps.moved(
                lambda: copy.deepcopy(start),
                lambda network, optimizer: function(network, target, optimizer, data, gamma),
                learning_rate=learning_rate,
                times=times,
                method=Momentum,
            )
            for times in (1, 2)
        )
        is_pulled = any(part.grad is not None and bool(part.grad.any()) for part in target.parameters())
        return one, two, steps.flat(target), is_pulled

    one, two, target, is_pulled = answer.probe(probe)
    equal(
        target,
        steps.flat(other),
        what="The target network after an update",
        hint="It stands still; only `network` learns.",
    )
    that(
        not is_pulled or bool(one.any()),
        "Nothing moved, and the gradient is the target network's: the loss is that of `network` for batch.states, and "
        "`target` makes the labels, from batch.next_states.",
    )
    _compare_moves(one, two, start, other, data, gamma, learning_rate)


def _compare_moves(one: Tensor, two: Tensor, start, other, data: Transitions, gamma: float, rate: float) -> None:
    """Look at how far one update moved the parameters, and two."""
    sizes = {"rtol": 1e-3, "atol": 1e-6}
    wrong = {
        "The targets come from the network that learns: target(…) gives the next values.": _move(
            start, start, data, gamma, rate
        ),
        DONE: _move(start, other, data._replace(ended=torch.zeros_like(data.ended)), gamma, rate),
        "That goes up the loss.": -_move(start, other, data, gamma, rate),
        "Those are the values of S_t where those of S_{t+1} were meant.": _move(
            start, other, data._replace(next_states=data.states), gamma, rate
        ),
        "γ is missing.": _move(start, other, data, 1.0, rate),
        "Nothing moved: loss.backward(), then optimizer.step().": torch.zeros_like(one),
    }
    equal(
        one,
        _move(start, other, data, gamma, rate),
        what="The change of the parameters by one update",
        hint="Targets from the target network, the loss of the network, zero_grad, backward, step.",
        mistakes=wrong,
        **sizes,
    )
    equal(
        two,
        _move(start, other, data, gamma, rate, times=2),
        what="The change of the parameters by two updates",
        hint="Each begins with optimizer.zero_grad(): without it the gradients of the one before are still there.",
        mistakes={
            "The parameters are moved by hand; optimizer.step() is what moves them, each optimizer in its own way.": (
                _move(start, other, data, gamma, rate, times=2, method=torch.optim.SGD)
            )
        },
        **sizes,
    )


def _move(start, target, data: Transitions, gamma: float, rate: float, times: int = 1, method=None) -> Tensor:
    return steps.moved(
        lambda: copy.deepcopy(start),
        lambda network, optimizer: dqn.update(network, target, optimizer, data, gamma),
        learning_rate=rate,
        times=times,
        method=method or Momentum,
    )


def _batch(size: int, seed: int) -> Transitions:
    """Return transitions of a world with three numbers and four actions, one in two of which ended."""
    source = generator(seed)
    states, after = torch.randn(size, 3, generator=source), torch.randn(size, 3, generator=source)
    actions = torch.randint(4, (size,), generator=source)
    return Transitions(states, actions, 2 + torch.randn(size, generator=source), after, torch.arange(size) % 2 == 0)


@exercise(own=dqn.double_target)
def double_target(answer, *, rewards=REWARDS, ended=ENDED, next_q=NEXT_Q, next_q_target=OTHER_Q, gamma=0.9):
    """R + γ Q⁻(S′, argmax_a Q(S′, a)): the network chooses, the target network says what the choice is worth."""
    rewards, ended, q, other = (torch.tensor(part) for part in (rewards, ended, next_q, next_q_target))
    for case in (
        (rewards, ended, q, other),
        *((rewards[:n, :1], ended[:n, :1], q[:n, :1], other[:n, :1]) for n in (1, len(rewards))),
        (
            rewards.double().repeat(2, 1, 1),
            ended.repeat(2, 1, 1),
            q.double().repeat(2, 1, 1, 1),
            other.double().repeat(2, 1, 1, 1),
        ),
    ):
        _compare_double(answer(*case, gamma), *case, gamma)


def _compare_double(got, rewards: Tensor, ended: Tensor, q: Tensor, other: Tensor, gamma: float) -> None:
    going, chosen, swapped = (~ended).to(q), q.argmax(-1, keepdim=True), other.argmax(-1, keepdim=True)
    value = other.gather(-1, chosen).squeeze(-1)
    equal(
        got,
        rewards + gamma * value * going,
        what=f"Double DQN's target of {rewards.numel()} steps",
        hint="The network's argmax says which action, the target network's value of that action what it is worth.",
        mistakes={
            "That chooses by the target network and asks the network what it is worth: it is the other way round.": (
                rewards + gamma * q.gather(-1, swapped).squeeze(-1) * going
            ),
            "That is the target network's own maximum, as in DQN: let the network choose.": (
                rewards + gamma * other.amax(-1) * going
            ),
            "That is the network's own maximum: the target network says what the choice is worth.": (
                rewards + gamma * q.amax(-1) * going
            ),
            f"That looks behind the end. {DONE}": rewards + gamma * value,
            SWAPPED: rewards + gamma * value * ended,
            "γ is missing.": rewards + value * going,
            "γ belongs to what follows, not to the reward.": gamma * (rewards + value * going),
            "The reward of the last step counts: it is what follows it that is nothing.": (
                (rewards + gamma * value) * going
            ),
            "The reward is missing.": gamma * value * going,
            "That is the index of the action; gather its value from the target network.": (
                rewards + gamma * chosen.squeeze(-1) * going
            ),
            "That is the smaller of the two maxima, which is another method.": (
                rewards + gamma * torch.minimum(q.amax(-1), other.amax(-1)) * going
            ),
        },
    )


@exercise(own=dqn.copies_needed)
def copies_needed(answer, *, cases=((0.99, 0.5), (0.9, 0.3), (0.5, 0.875), (0.97, 0.05), (0.999, 0.7))):
    """The smallest k for which (1 − γᵏ)/(1 − γ) is a share of 1/(1 − γ)."""
    for gamma, share in cases:
        wanted = dqn.copies_needed(gamma, share)
        real = math.log(1 - share) / math.log(gamma)
        got = answer(gamma, share)
        equal(
            got,
            wanted,
            what=f"The number of copies for γ = {gamma:g} and a share of {share:g}",
            hint="(1 − γᵏ)/(1 − γ) is the share of 1/(1 − γ) where 1 − γᵏ = share; solve for k and round up.",
            mistakes={
                "After so many copies the share is not reached yet: round up.": [
                    float(math.floor(real)),
                    float(round(real)),
                ]
                if math.floor(real) < wanted
                else [],
                "Copies are counted in whole numbers: round up.": real,
                "That many copies leave only the share: γᵏ = 1 − share is meant.": [
                    float(math.ceil(math.log(share) / math.log(gamma))),
                    math.log(share) / math.log(gamma),
                ],
                "That is the horizon 1/(1 − γ) times the share; the bound is approached ever more slowly.": [
                    share / (1 - gamma),
                    float(math.ceil(share / (1 - gamma))),
                ],
                "That takes 1 − γ for −ln γ, which is a little more; take the logarithm itself.": [
                    -math.log(1 - share) / (1 - gamma),
                    float(math.ceil(-math.log(1 - share) / (1 - gamma))),
                ],
                "The sign is wrong: both logarithms are negative.": -float(wanted),
                "That is one too many.": float(wanted + 1),
            },
            rtol=1e-9,
            atol=1e-6,
        )


@exercise(own=dqn.train, trains=("network", 1))
def train(answer, *, games=24, updates=120, copy_every=15, batch_size=40, seed=21, bar=9):
    """The loop: act, store, sample, update, copy. A world without repeats shows each step of it; then Breakout."""
    recipe = dqn.Recipe(
        games=games,
        batch_size=batch_size,
        capacity=10 * games,
        gamma=0.9,
        learning_rate=0.05,
        copy_every=copy_every,
        exploring=0.5,
        epsilon=0.2,
    )
    source = generator(seed)

    def probe(function: Callable) -> tuple:
        reports = []
        diary = dqn_loop.follow(function, recipe, updates, source, lambda number, _: reports.append(int(number)))
        return diary, reports

    def stop(function: Callable) -> list:
        stopped = []
        dqn_loop.follow(function, recipe, 250, source, lambda number, _: stopped.append(int(number)) or True)
        return stopped

    try:
        diary, reports = answer.probe(probe)
    except Raised as error:
        if error.kind != "OverflowError":
            raise
        said = "The loop's `count` grows beyond all bounds: `count` is what store returned last, and nothing besides."
        raise error.told(said) from None
    dqn_loop.judge(diary, recipe, updates)
    wanted = list(range(100, updates + 1, 100))
    that(
        reports == wanted,
        f"report was called after the updates {reports}, but {wanted} was expected: leave the line that does that as "
        "it is.",
    )
    that(
        answer.probe(stop) == [100],
        "A report that returns True ends the training: leave the line that does that as it is.",
    )
    noise.source(
        answer,
        lambda function, source: dqn_loop.drawn(dqn_loop.follow(function, recipe, copy_every, source)),
        what="What the loop draws",
        seed=seed + 1,
        times=2,
    )
    if bar is not None:
        _break_bricks(answer, bar, seed + 2)


def _break_bricks(answer: Answer, bar: float, seed: int) -> None:
    """Train on Breakout until the greedy policy meets the bar; look here at what was learned."""
    board, source = breakout.Board(), generator(seed)
    inner = networks.Network((), board.num_pixels, 128, 3, generator=source)

    def probe(function: Callable) -> Tensor:
        network, table = breakout.OnPixels(board, inner), board.table

        def enough(number: int, value: Tensor) -> bool:
            with torch.no_grad():
                return table.score(network(table.states).argmax(-1)).item() >= bar

        function(board.world, network, dqn.Recipe(), updates=8000, generator=source, report=enough)
        with torch.no_grad():
            return network(table.states)

    score = board.table.score(answer.probe(probe).argmax(-1)).item()
    that(
        score >= bar,
        f"After 8000 updates on Breakout the greedy policy breaks {score:g} of {board.num_bricks} bricks, but {bar:g} "
        "were expected, though each step of the loop was right in another world: write nothing for one world alone.",
    )


def _named(value) -> str:
    """Return what a sentence calls a value: None, or its type."""
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    return "None" if value is None else f"a {plain.kind(value)}"
