"""Lesson 02: what tells right returns, values and policies of finite MDPs from wrong ones."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import one_hot, pad

from checks.answer import Raised
from checks.compare import equal, fail, generator, parts, that
from checks.exercise import exercise
from helpers import mdps, planning, worlds
from helpers.mdps import MDP

F64 = torch.float64
SMALL = worlds.from_table(  # two states and the end, two actions
    torch.tensor(
        [[[0.25, 0.6, 0.15], [0.0, 0.3, 0.7]], [[1.0, 0.0, 0.0], [0.1, 0.5, 0.4]], [[0.0, 0.0, 1.0]] * 2], dtype=F64
    ),
    torch.tensor([[1.0, 2.0], [0.0, -4.0], [0.0, 0.0]], dtype=F64),
    torch.tensor([1.0, 0.0, 0.0], dtype=F64),
)
POLICY = torch.tensor([[0.3, 0.7], [0.6, 0.4], [0.5, 0.5]], dtype=F64)
ROWS = ("S.P", "..G")
LONG = torch.arange(120, dtype=F64) % 7 - 3  # rewards of a long episode: γᵗ is 0 there for a small γ
SWEEPS = (*range(31), 40, 50, 60, 80, 100, 200, 300, 400, 500)  # how many somebody may take to be enough


@exercise(own=mdps.returns)
def returns(answer, *, rewards=(1.0, 0.0, -2.0, 0.5, 3.0), gamma=0.8):
    """G_0, …, G_{T-1} of one episode, from its rewards R_1, …, R_T and γ."""
    rewards = torch.tensor(rewards)
    equal(
        answer(rewards, gamma),
        mdps.returns(rewards, gamma),
        what=f"G for rewards {_listed(rewards)} and γ = {gamma:g}",
        hint="Each return is the reward of its step plus γ times the return of the next step.",
        mistakes=_wrong_returns(rewards, gamma),
    )
    of = {"those rewards": rewards.double(), "one step": rewards[:1].double(), f"{len(LONG)} steps": LONG}
    for name, discount in (("those rewards", 1), ("those rewards", 0), ("one step", gamma), (f"{len(LONG)} steps", 1)):
        equal(
            answer(of[name], float(discount)),
            mdps.returns(of[name], discount),
            what=f"G of {name} with γ = {discount:g}",
            hint="G_t is R_{t+1} + γ G_{t+1}, for every γ from 0 to 1; a division by γ, or by γᵗ, fails at 0.",
        )
    equal(
        answer(LONG, 0.001),
        mdps.returns(LONG, 0.001),
        what=f"G of {len(LONG)} steps with γ = 0.001",
        hint="γᵗ becomes 0 in a long episode, so do not divide by γᵗ.",
    )


def _wrong_returns(rewards: Tensor, gamma: float) -> dict:
    """Return what likely mistakes give."""
    wanted, steps = mdps.returns(rewards, gamma), torch.arange(len(rewards))
    discounted, next_return = gamma**steps * rewards, pad(wanted[1:], (0, 1))
    ended = torch.stack([mdps.returns(rewards[t:][: _steps_to_zero(rewards[t:])], gamma)[0] for t in steps])
    return {
        "γ is applied one step early: the step's own reward is not discounted.": gamma * wanted,
        "γ is applied one step late: the reward after the step's own is discounted once.": rewards + next_return,
        "Is γ missing? Later rewards count less.": rewards.flip(0).cumsum(0).flip(0),
        "Those are discounted rewards; sum them up from each step to the end.": discounted,
        "That sums up the past; the return is what is still to come.": [
            mdps.returns(rewards.flip(0), gamma).flip(0),
            discounted.cumsum(0),
            rewards.cumsum(0),
        ],
        "Each return also contains the reward of its own step.": [wanted - rewards, next_return],
        "γ must count from the step itself, not from the start of the episode.": discounted.flip(0).cumsum(0).flip(0),
        "That is the return of the whole episode at every step.": wanted[0].expand_as(wanted),
        "That is G_0 alone; there is one return for each step.": wanted[0],
        "The order is reversed.": wanted.flip(0),
        "γ times the whole return of the next step, not only its reward, must be added.": (
            rewards + gamma * pad(rewards[1:], (0, 1))
        ),
        "Is the last reward missing? Start at the last step.": mdps.returns(pad(rewards[:-1], (0, 1)), gamma),
        "The loop ends after one round: put return behind it, not into it.": pad(rewards[-1:], (len(rewards) - 1, 0)),
        "A reward of 0 does not end the episode.": ended,
    }


def _steps_to_zero(rewards: Tensor) -> int:
    """Return how many steps there are up to the first one that pays nothing, this one included."""
    zeros = (rewards == 0).nonzero()
    return int(zeros[0]) + 1 if len(zeros) else len(rewards)


@exercise(own=mdps.state_values)
def state_values(answer, *, pi=((0.25, 0.75), (1.0, 0.0), (0.4, 0.6)), q=((4.0, 8.0), (-2.0, 6.0), (0.0, -5.0))):
    """v(s), shape (S,), from π(a | s) and q(s, a), each of shape (S, A)."""
    pi, q = torch.tensor(pi, dtype=F64), torch.tensor(q, dtype=F64)
    try:
        got = answer(pi, q)
    except Raised as failure:
        if "cannot be multiplied" in failure.text:
            fail("Multiply the two tables element by element, with *, not @.")
        raise
    wanted, likeliest = (pi * q).sum(-1), pi.argmax(-1, keepdim=True)
    what = f"v for π = {_listed(pi)} and q = {_listed(q)}"
    hint = "Weight each action value by the probability of its action, and sum over actions."
    mistakes = {
        "That is the largest action value; the policy may choose others.": q.amax(-1),
        "That is the plain mean; weight each action by its probability.": q.mean(-1),
        "You averaged after weighting; sum over the actions.": (pi * q).mean(-1),
        "Sum over actions, the last dimension, not over states.": (pi * q).sum(0),
        "That is the unweighted sum; weight by the policy.": q.sum(-1),
        "That is the value of the likeliest action; the policy may choose others.": q.gather(-1, likeliest).squeeze(-1),
        "That is summed over states, too; keep one value for each state.": wanted.sum(),
        "The weights are right. Now sum over the actions.": pi * q,
        "A policy's row belongs to its own state alone, but here each row met every state.": pi @ q.T,
    }
    equal(got, wanted, what=what, hint=hint, mistakes=mistakes)
    _keeps_dtype(got, q, "v")
    equal(answer(pi[:1], q[:1]), wanted[:1], what="v of a single state", hint="One state has one value, in shape (1,).")


@exercise(own=mdps.action_values)
def action_values(answer, *, values=(10.0, -20.0, 0.0), rows=ROWS, slip=0.3, gamma=0.8, seed=1):
    """q(s, a), shape (S, A), from v(s), shape (S,): one step of the environment, then the value of where it leads."""
    values, grid = torch.tensor(values, dtype=F64), worlds.gridworld(rows, slip=slip, gamma=gamma)
    drawn = 5 * torch.randn(grid.num_states, generator=generator(seed), dtype=F64)
    asked = [(name, mdp, values) for name, mdp in _smalls((gamma, 0.0, 1.0))]
    for name, mdp, v in [*asked, (_grid_name(grid), grid, drawn.masked_fill(grid.terminal, 0.0))]:
        try:
            got = answer(mdp, v)
        except Raised as failure:
            if any(piece in failure.text for piece in ("must match the size of tensor", "Expected size for")):
                fail(f"Write mdp.transitions @ values, in this order: it sums over next states. {failure}")
            raise
        equal(
            got,
            mdps.action_values(mdp, v),
            what=f"q of {name}" + (f" and v = {_listed(v)}" if len(v) < 5 else ""),
            hint="It is r(s, a), plus γ times the mean of v over next states.",
            mistakes=_wrong_action_values(mdp, v),
        )
        _keeps_dtype(got, v, "q")


def _wrong_action_values(mdp: MDP, v: Tensor) -> dict:
    """Return what likely mistakes give."""
    p, r, gamma, wanted = mdp.transitions, mdp.rewards, mdp.gamma, mdps.action_values(mdp, v)
    return {
        "γ is missing before the value of the next state.": r + p @ v,
        "γ also discounts the reward; it belongs to the next state alone.": gamma * (r + p @ v),
        "The reward is discounted instead; γ belongs to the value of the next state.": gamma * r + p @ v,
        "The reward r(s, a) is missing.": gamma * p @ v,
        "Use the value of the next state, not of the present one.": r + gamma * v.unsqueeze(-1),
        "The rewards must depend on the action: r(s, a), not its mean or sum over a.": [
            r.mean(-1, keepdim=True) + gamma * p @ v,
            r.sum(-1, keepdim=True) + gamma * p @ v,
        ],
        "The transitions are transposed: sum over the next state, their last dimension.": (
            r + gamma * torch.einsum("tas,t->sa", p, v)
        ),
        "The next state is random: weight the value of each by its probability.": [
            r + gamma * torch.where(p > 0, v, -torch.inf).amax(-1),
            r + gamma * v[p.argmax(-1)],
            r + gamma * v.mean(),
        ],
        "Sum over next states instead of averaging: the probabilities already sum to 1.": r + gamma * (p * v).mean(-1),
        "q has one value for each action in each state: keep the actions, and sum over next states.": [
            wanted.amax(-1),
            wanted.mean(-1),
            r.unsqueeze(-1) + gamma * p * v,
        ],
    }


@exercise(own=mdps.evaluate_horizon)
def evaluate_horizon(answer, *, horizon=3, rows=ROWS, slip=0.3, gamma=0.8, seed=1):
    """v with 0, 1, …, H steps to go, shape (H + 1, S)."""
    corridor = worlds.gridworld(["SG"])  # action 1, right, reaches the goal; the others stay and cost 1
    half = torch.tensor([[0.5, 0.5, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]], dtype=F64)
    grid = worlds.gridworld(rows, slip=slip, gamma=gamma)
    asked = [("a corridor with a half chance of leaving", corridor, half, horizon)]
    asked += [(name, mdp, POLICY, horizon) for name, mdp in _smalls((gamma, 0.0, 1.0))]
    for name, mdp, pi, steps in [*asked, (_grid_name(grid), grid, _policy(grid, seed), 40)]:
        equal(
            answer(mdp, pi, steps),
            mdps.evaluate_horizon(mdp, pi, steps),
            what=f"v for 0 to {steps} steps to go in {name}",
            hint="v with k + 1 steps to go is one step ahead of v with k; row k holds k steps to go.",
            mistakes=_wrong_horizon(mdp, pi, steps),
        )
    equal(
        answer(SMALL, POLICY, 0),
        torch.zeros(1, 3, dtype=F64),
        what="v for a horizon of 0",
        hint="Only the row of no steps to go is left, with v = 0.",
    )


def _wrong_horizon(mdp: MDP, pi: Tensor, steps: int) -> dict:
    """Return what likely mistakes give."""

    def ahead(v):
        return mdps.state_values(pi, mdps.action_values(mdp, v))

    undiscounted, r_pi = _with(mdp, gamma=1.0), (pi * mdp.rewards).sum(-1)
    longer = _swept(mdp, steps + 1, ahead)
    wanted = longer[:-1]
    return {
        "The first row is no steps to go, where v = 0.": longer[1:],
        "One row is missing: k goes from 0 to H, and v = 0 belongs to k = 0.": [wanted[:-1], wanted[1:]],
        "One row too many: after v = 0 there are H steps.": longer,
        "The order is reversed: row k holds k steps to go.": wanted.flip(0),
        "Only zeros: is the best action taken, instead of the policy's, or is no row ever filled?": 0 * wanted,
        "The policy is missing: weight each action by its probability.": (
            _swept(mdp, steps, lambda v: mdps.action_values(mdp, v).mean(-1))
        ),
        "The policy is missing: average over its actions instead of taking the best.": (
            planning.value_iteration(mdp, steps)
        ),
        "Every row is one step ahead of 0; start each step from the row before.": wanted[[0] + [1] * steps],
        "Add the value of where the action leads, not of the present state.": (
            _swept(mdp, steps, lambda v: r_pi + mdp.gamma * v)
        ),
        "All rows are one and the same tensor, changed in place; make a new one for each k.": (
            wanted[-1:].expand_as(wanted)
        ),
        "Keep the values of every k, not only of the last.": wanted[-1],
        "With no steps to go nothing is won: start from zeros, not from h(s).": (
            _swept(mdp, steps, ahead, start=mdp.initial)
        ),
        "Is γ missing? `action_values` takes care of it.": mdps.evaluate_horizon(undiscounted, pi, steps),
        "Values are replaced one by one, so that some are a step ahead of the others.": _one_by_one(mdp, steps, ahead),
    }


@exercise(own=(mdps.evaluate, mdps.evaluate_unchecked, mdps.values_and_counts))
def evaluate(answer, *, rows=ROWS, slip=0.3, gamma=0.8, seed=1):
    """v_π, shape (S,), of an MDP with γ < 1: the solution of v = r_π + γ P_π v."""
    grid = worlds.gridworld(rows, slip=slip, gamma=gamma)
    stuck, up = worlds.gridworld(["SG"], gamma=0.99), torch.tensor([[1.0, 0.0, 0.0, 0.0]] * 2, dtype=F64)
    asked = [(name, mdp, POLICY) for name, mdp in _smalls((gamma, 0.0))]
    asked += [("walking into a border for ever, with γ = 0.99", stuck, up)]
    for name, mdp, pi in [*asked, (_grid_name(grid), grid, _policy(grid, seed))]:
        try:
            got = answer(mdp, pi)
        except Raised as failure:
            if "LinAlgError" in failure.kind and "singular" in failure.text.lower():
                fail("Your system has no single solution, as I − P_π has no inverse. Is γ missing in front of P_π?")
            raise
        equal(
            got,
            mdps.evaluate(mdp, pi),
            what=f"v_π of {name}",
            hint="Solve (I − γ P_π) v = r_π, with both averaged over the policy's actions.",
            mistakes=_wrong_values(mdp, pi),
        )


def _wrong_values(mdp: MDP, pi: Tensor) -> dict:
    """Return what likely mistakes give."""
    p, r, wanted = mdp.transitions, mdp.rewards, mdps.evaluate(mdp, pi)
    p_pi, r_pi, identity = torch.einsum("sa,sat->st", pi, p), (pi * r).sum(-1), torch.eye(len(r), dtype=F64)

    def solved(transitions, rewards):
        return torch.linalg.pinv(identity - mdp.gamma * transitions) @ rewards

    return {
        "P_π is transposed: row s holds where s leads.": solved(p_pi.T, r_pi),
        "Is γ missing in front of P_π?": torch.linalg.pinv(identity - p_pi) @ r_pi,
        "That is r_π alone, the value of one step.": r_pi,
        "Is the policy left out? Average rewards and transitions over its actions, with weights π(a | s).": [
            solved(p.mean(1), r.mean(1)),
            solved(p_pi, r.mean(1)),
            solved(p.mean(1), r_pi),
            solved(p_pi, r.sum(1)),
            planning.optimal_values(mdp).v_star,
        ],
        "The sign is wrong: it is I minus γ P_π.": solved(-p_pi, r_pi),
        "Solve the system, instead of multiplying r_π by its matrix.": (identity - mdp.gamma * p_pi) @ r_pi,
        "The rewards are discounted, but γ belongs to P_π alone.": mdp.gamma * wanted,
        "The identity has ones on its diagonal only: torch.eye.": torch.linalg.pinv(1 - mdp.gamma * p_pi) @ r_pi,
        "That is q; v has one value for each state.": mdps.action_values(mdp, wanted),
        "Average the rewards over the actions, too: sum π(a | s) r(s, a) over a.": solved(p_pi, pi * r),
        "That is the value of a finite horizon; solve the linear system, or sweep until nothing moves.": (
            list(mdps.evaluate_horizon(mdp, pi, max(SWEEPS))[list(SWEEPS)])
        ),
    }


@exercise(own=mdps.monte_carlo)
def monte_carlo(answer, *, samples=(1.0, 3.0, 5.0, 11.0, -2.0, 0.0)):
    """The mean of n sampled returns (n,) and its standard error, two numbers."""
    samples = torch.tensor(samples)
    for of in (samples, samples[:2].double(), torch.full((3,), -7.0)):
        mean, error = parts(answer(of), ("mean", "error"), what="monte_carlo(…)")
        n, std, std_n = len(of), of.std().item(), of.std(correction=0).item()
        equal(
            mean,
            of.mean().item(),
            what=f"The mean of the returns {_listed(of)[1:-1]}",
            hint="Sum and divide by n.",
            mistakes={
                "Take the mean, not the median.": [of.median(), of.quantile(0.5)],
                "To get the mean, divide the sum by n.": of.sum(),
                "The mean divides by n; only the variance divides by n − 1.": of.sum() / (n - 1),
                "The mean comes first, the error second.": [std / n**0.5, std],
                "Do not round.": _rounded(of.mean().item()),
            },
        )
        equal(
            error,
            std / n**0.5,
            what=f"The standard error for the returns {_listed(of)[1:-1]}",
            hint="The standard deviation over √n.",
            mistakes={
                "That is the standard deviation of one return; divide by √n.": [std, std_n],
                "Divide by √n, not by n.": [std / n, std_n / n],
                "That is a variance; take the root.": [std**2 / n, std**2, std_n**2 / n, std_n**2],
                "Divide the standard deviation by √n, not the variance.": std**2 / n**0.5,
                "Use the sample standard deviation, with n − 1 in its divisor.": std_n / n**0.5,
                "Divide by √n: `samples.std()` needs n − 1 once only.": std / (n - 1) ** 0.5,
                "Do not round.": _rounded(std / n**0.5),
            },
        )


def _rounded(number: float) -> list[float]:
    return [round(number, digits) for digits in range(4)]


@exercise(own=planning.value_iteration)
def value_iteration(answer, *, sweeps=3, rows=ROWS, slip=0.3, gamma=0.8):
    """v after 0, 1, …, `sweeps` of Bellman's updates from v = 0, shape (sweeps + 1, S)."""
    asked = [(name, mdp, sweeps) for name, mdp in _smalls((gamma, 0.0, 1.0))]
    for discount in (gamma, 1.0):
        grid = worlds.gridworld(rows, slip=slip, gamma=discount)
        asked.append((_grid_name(grid), grid, 30))
    for name, mdp, count in asked:
        try:
            got = answer(mdp, count)
        except Raised as failure:
            if any(piece in failure.text for piece in ("size mismatch", "Values here have shape")):
                fail(f"Every sweep gives one value for each state: take the maximum over the actions. {failure}")
            raise
        equal(
            got,
            planning.value_iteration(mdp, count),
            what=f"v after 0 to {count} sweeps in {name}",
            hint="Each sweep takes the maximum over actions of r + γ · mean of the last v.",
            mistakes=_wrong_sweeps(mdp, count),
        )
    equal(
        answer(SMALL, 0),
        torch.zeros(1, 3, dtype=F64),
        what="v after 0 sweeps",
        hint="Only the first row is left, v = 0.",
    )


def _wrong_sweeps(mdp: MDP, sweeps: int) -> dict:
    """Return what likely mistakes give."""

    def q(v):
        return mdps.action_values(mdp, v)

    def best(v):
        return q(v).amax(-1)

    longer = planning.value_iteration(mdp, sweeps + 1)
    wanted = longer[:-1]
    return {
        "That averages over actions; take the best one.": _swept(mdp, sweeps, lambda v: q(v).mean(-1)),
        "That sums over actions; take the best one.": _swept(mdp, sweeps, lambda v: q(v).sum(-1)),
        "That takes the worst action.": _swept(mdp, sweeps, lambda v: q(v).amin(-1)),
        "Take the value of the best action, not its index.": _swept(mdp, sweeps, lambda v: q(v).argmax(-1).to(v)),
        "Start from v = 0 and keep it as the first row.": longer[1:],
        "Start from v = 0, not from h(s).": _swept(mdp, sweeps, best, start=mdp.initial),
        "One row is missing: v = 0, and then one for each sweep.": [wanted[1:], wanted[:-1]],
        "One row too many: v = 0, and then one for each sweep.": longer,
        "γ is missing.": planning.value_iteration(_with(mdp, gamma=1.0), sweeps),
        "The same action must serve both: take the maximum of the sum, not the sum of two maxima.": _swept(
            mdp, sweeps, lambda v: mdp.rewards.amax(-1) + mdp.gamma * (mdp.transitions @ v).amax(-1)
        ),
        "That is the best reward alone; the value of the next state is missing.": wanted[[0] + [1] * sweeps],
        "Values are replaced one by one; compute a whole sweep from the v before it.": _one_by_one(mdp, sweeps, best),
        "All rows are one and the same tensor, changed in place; make a new one in each sweep.": (
            wanted[-1:].expand_as(wanted)
        ),
        "Keep the values after every sweep, not only the last.": wanted[-1],
        "The order is reversed: the first row is v = 0.": wanted.flip(0),
        "Sweeps are rows, and states are columns: torch.stack(values).": wanted.T,
    }


@exercise(own=planning.greedy_policy)
def greedy_policy(
    answer,
    *,
    q=(
        (1.0, 3.0, 3.0, 0.0),
        (-2.0, -1.0, -5.0, -4.0),
        (0.0, 0.0, 0.0, 0.0),
        (8.0, 7.999997, 7.9999993, 0.0),
        (-0.5, -7.0, -6.0, -0.5),
    ),
):
    """π(a | s), shape (S, A), even over all actions whose q(s, a) lies within 1e-6 of the best."""
    q = torch.tensor(q, dtype=F64)
    try:
        got = answer(q)
    except Raised as failure:
        if "must match the size of tensor" in failure.text:
            fail(
                "Two shapes do not go together. Count the best actions of each row: .sum(-1, keepdim=True); and keep "
                "that dimension in .max(-1, keepdim=True), too."
            )
        raise
    wanted = _shared(_near_best(q))
    equal(
        got,
        wanted,
        what="π greedy in a q with ties",
        hint="Every action within 1e-6 of the best of its row gets an even share.",
        mistakes=_wrong_greedy(q),
    )
    for part in (q[:1], q[:, 3:]):
        equal(
            answer(part),
            _shared(_near_best(part)),
            what=f"π greedy in a q of shape {tuple(part.shape)}",
            hint="One state has a row of its own, and a single action has probability 1.",
        )


def _near_best(q: Tensor, tolerance: float = 1e-6) -> Tensor:
    return q >= q.amax(-1, keepdim=True) - tolerance


def _shared(marked: Tensor) -> Tensor:
    return marked.double() / marked.sum(-1, keepdim=True)


def _wrong_greedy(q: Tensor) -> dict:
    """Return what likely mistakes give."""
    actions, best = q.shape[-1], q.amax(-1, keepdim=True)
    marked, exact, worst = _near_best(q), q == best, q <= q.amin(-1, keepdim=True) + 1e-6
    chosen = [actions - 1 - mark.long().flip(-1).argmax(-1) for mark in (exact, marked)]
    chosen += [mark.long().argmax(-1) for mark in (exact, marked)]
    in_table, in_column = q >= q.max() - 1e-6, q >= q.amax(0) - 1e-6
    return {
        "argmax takes one of several best actions; let all of them share.": [one_hot(one, actions) for one in chosen],
        "Those are numbers of actions; π(a | s) is a probability for each action.": chosen,
        "Those are the largest values; π(a | s) is a probability for each action.": best.squeeze(-1),
        "The best actions are marked; divide by how many there are.": marked,
        "Divide by how many actions are best, not by the number of actions.": marked / actions,
        "Count the best actions of each row: .sum(-1, keepdim=True).": [marked / marked.sum(), marked / marked.sum(0)],
        "That is a softmax: it gives worse actions a share, too.": q.softmax(-1),
        "Compare up to 1e-6: sums of floats are rarely equal to the last digit.": _shared(exact),
        "An action 3e-6 below the best is not nearly as good; the tolerance is 1e-6, and not relative.": [
            _shared(torch.isclose(q, best)),
            *(_shared(_near_best(q, tolerance)) for tolerance in (1e-5, 1e-4, 1e-3, 1e-2)),
        ],
        "Compare within each row, not with the best of the whole table or of a column.": [
            _shared(in_table),
            in_table / in_table.sum(-1, keepdim=True).clamp(min=1),
            in_table / in_table.sum(),
            in_column / in_column.sum(0),
            _shared(in_column),
            in_column / in_column.sum(-1, keepdim=True).clamp(min=1),
        ],
        "No action passed the comparison: it is the best minus the tolerance.": torch.full_like(q, torch.nan),
        "That shares among the worst actions.": _shared(worst),
        "Shares are even among the best actions, not in proportion to q.": q / q.sum(-1, keepdim=True),
    }


def _keeps_dtype(got: Tensor, table: Tensor, what: str) -> None:
    that(
        got.dtype == table.dtype,
        f"{what} is {got.dtype}, but the tables are {table.dtype}, and what comes later combines the two. "
        "Make new tensors with dtype=, or by torch.zeros_like.",
    )


def _smalls(discounts: tuple[float, ...]) -> list[tuple[str, MDP]]:
    """Return the small MDP with each γ, and its name in a sentence: a learner may look at `check.SMALL`."""
    return [(f"check.SMALL with γ = {gamma:g}", _with(SMALL, gamma=gamma)) for gamma in discounts]


def _with(mdp: MDP, **changes) -> MDP:
    return MDP(**vars(mdp) | changes)


def _grid_name(grid: MDP) -> str:
    return f"a grid of {grid.num_states} cells with γ = {grid.gamma:g}"


def _policy(mdp: MDP, seed: int) -> Tensor:
    return torch.randn(mdp.num_states, mdp.num_actions, generator=generator(seed), dtype=F64).softmax(-1)


def _swept(mdp: MDP, sweeps: int, step: Callable[[Tensor], Tensor], start: Tensor | None = None) -> Tensor:
    """Return v, step(v), step(step(v)), … as rows, from v = 0 or another start."""
    rows = [torch.zeros_like(mdp.initial) if start is None else start]
    for _ in range(sweeps):
        rows.append(step(rows[-1]))
    return torch.stack(rows)


def _one_by_one(mdp: MDP, sweeps: int, step: Callable[[Tensor], Tensor]) -> Tensor:
    """Return the rows of sweeps that replace one value after the other."""

    def sweep(v):
        v = v.clone()
        for state in range(mdp.num_states):
            v[state] = step(v)[state]
        return v

    return _swept(mdp, sweeps, sweep)


def _listed(numbers: Tensor) -> str:
    """Return a tensor's numbers as short text, such as [1, -2]."""
    if numbers.dim():
        return f"[{', '.join(map(_listed, numbers))}]"
    return f"{numbers.item():g}"
