"""Lesson 03: what tells right gradients of a policy's expected return from wrong ones."""

import contextlib
from collections.abc import Callable
from unittest import mock

import torch
from torch import Tensor
from torch.nn.functional import pad

from checks import at_hand
from checks.answer import Answer, Raised
from checks.compare import equal, fail, generator, that
from checks.exercise import exercise
from helpers import mdps, planning, policy_gradient, worlds
from helpers.mdps import MDP

F64 = torch.float64
ROWS = ("S..", ".#P", "S.G")
PREFERENCES = ((0.0, 1.0, -1.0, 0.3), (0.5, 0.0, 2.0, 1.0), (1.0, -0.5, 0.2, 0.0))


@exercise(own=policy_gradient.objective)
def objective(answer, *, rows=ROWS, slip=0.1, gamma=0.7, seed=1):
    """J of a policy, a tensor with one number: v_π weighted by how likely episodes start in each state."""
    world, pi = _world(rows, slip, 1.0), _theta(rows, seed).softmax(-1)
    alive = ~world.terminal
    weights = torch.arange(world.num_states, dtype=F64) * alive if alive.sum() > 1 else alive.to(F64)
    uneven = _with(world, initial=weights / weights.sum(), gamma=gamma)  # some starts are likelier than others
    for mdp, starts in ((world, ""), (uneven, " and other starts"), (_with(uneven, gamma=0.0), " and other starts")):
        v = mdps.evaluate(mdp, pi)
        equal(
            answer(mdp, pi),
            mdp.initial @ v,
            what=f"J of the random policy with γ = {mdp.gamma:g}{starts}",
            hint="Weight v_π(s) by h(s), and sum.",
            mistakes=_wrong_objectives(mdp, pi, world.initial @ v),
        )
    coin = torch.full((4, 2), 0.5, dtype=F64)
    equal(answer(worlds.short_corridor(), coin), torch.tensor(-12.0, dtype=F64), what="J of a coin in the corridor")


def _wrong_objectives(mdp: MDP, pi: Tensor, of_other_starts: Tensor) -> dict:
    """Return what likely mistakes give."""
    h, v, starts = mdp.initial, mdps.evaluate(mdp, pi), mdp.initial > 0
    return {
        "h is forgotten: that is the sum over all states.": v.sum(),
        "h is forgotten: that is the mean over all states.": [v.mean(), v[~mdp.terminal].mean()],
        "That is v of state 0; episodes start in other states, too.": v[0],
        "That is v of the likeliest start; episodes start elsewhere, too.": v[h.argmax()],
        "That divides by the number of states as well; h sums to 1 already.": h @ v / len(v),
        "That is the value of the best state.": v.max(),
        "That adds the values of the start states: their sum without the weights.": v[starts].sum(),
        "The sum over states is missing.": h * v,
        "That is J of the best policy, not of π.": h @ planning.optimal_values(mdp).v_star,
        "That weights by the visit counts; J weights by h.": mdps.visit_counts(mdp, pi) @ v,
        "The sign is wrong: J is to be climbed, it is no loss.": -h @ v,
        "That takes all start states alike; weight them by h.": v[starts].mean(),
        "h is that of another world; use mdp.initial.": of_other_starts,
    }


@exercise(own=(mdps.visit_counts, mdps.values_and_counts))
def visit_counts(answer, *, rows=ROWS, slip=0.1, gamma=0.7, seed=1):
    """η(s), shape (S,): the expected visits of an episode, discounted for γ < 1, and 0 for terminal states."""
    pi = _theta(rows, seed).softmax(-1)
    for discount in (gamma, 1.0, 0.0):
        world = _world(rows, slip, discount)
        try:
            got = answer(world, pi)
        except Raised as failure:
            if "LinAlgError" in failure.kind and "singular" in failure.text.lower():
                fail(
                    "I − γ P_πᵀ has no inverse: in your P_π terminal states lead to themselves for ever. Take it from "
                    "mdps.policy_model(mdp, pi), where terminal rows are 0."
                )
            raise
        equal(
            got,
            mdps.visit_counts(world, pi),
            what=f"η of the random policy with γ = {discount:g}",
            hint="Solve (I − γ P_πᵀ) η = h with mdp.gamma, then set terminal states to 0.",
            mistakes=_wrong_counts(world, pi),
        )


def _wrong_counts(world: MDP, pi: Tensor) -> dict:
    """Return what likely mistakes give."""
    gamma, h, alive = world.gamma, world.initial, (~world.terminal).to(F64)
    flow = gamma * mdps.policy_model(world, pi)[0]
    identity = torch.eye(world.num_states, dtype=F64)

    def balance(start, of=flow):
        return torch.linalg.solve(identity - of.T, start)

    solved, untransposed = balance(h), balance(h, flow.T)
    wanted, one_step = solved * alive, h + h @ flow
    return {
        "P_π is not transposed: visits flow from where a state is reached.": [untransposed * alive, untransposed],
        "In your P_π terminal states lead to themselves for ever: take it from mdps.policy_model(mdp, pi).": (
            torch.linalg.pinv(identity - gamma * torch.einsum("sa,sat->ts", pi, world.transitions)) @ h * alive
        ),
        "Terminal states are counted; the end is no step of the episode.": solved,
        "Set the terminal states to 0, not the others.": solved * (1 - alive),
        "h is forgotten: starts are only in S.": [
            balance(start) * alive for start in (alive / alive.sum(), alive, torch.ones_like(alive) / len(alive))
        ],
        "That is μ, which sums to 1; the counts are not normalised.": [
            wanted / wanted.sum(),
            solved / solved.sum(),
            *([(1 - gamma) * wanted] if gamma < 1 else []),
        ],
        "The sign is wrong: visits come on top of the starts.": [balance(h, -flow) * alive, -wanted],
        "That is h itself, the first step only.": h,
        "Only one step is counted; visits go on until the end.": [one_step, one_step * alive],
        "Only the last step is left: h is added in every round.": torch.zeros_like(h),
        "That multiplies h by the matrix; solve for η instead.": (h - h @ flow) * alive,
        "That is v_π: solve with the transposed matrix, and with h.": mdps.evaluate(world, pi),
        "h is added, not averaged: it sums to 1.": balance((h > 0).to(F64)) * alive,
        "Keep a place for every state, also for the terminal ones.": solved[~world.terminal],
        "γ is forgotten: later visits count less.": mdps.visit_counts(_with(world, gamma=1.0), pi),
        "γ multiplies the starts, too; they are not discounted.": gamma * wanted,
    }


@exercise(own=(policy_gradient.exact_gradient, policy_gradient.autograd_gradient, policy_gradient.central_differences))
def exact_gradient(answer, *, rows=ROWS, slip=0.1, gamma=0.7, seed=1):
    """∇J with respect to the preferences θ, shape (S, A), by the policy gradient theorem."""
    theta = _theta(rows, seed)
    for discount in (1.0, gamma, 0.0):
        world = _world(rows, slip, discount)
        try:
            got = answer(world, theta)
        except Raised as failure:
            if "must match the size of tensor" in failure.text:
                fail(f"η and v have one number for each state: make them columns, with .unsqueeze(-1). {failure}")
            raise
        equal(
            got,
            policy_gradient.autograd_gradient(world, theta),
            what=f"∇J by the theorem with γ = {discount:g}",
            hint="Place (s, b) holds η(s) times the derivative of π(· | s) by θ_sb, weighted by q: see the hints.",
            mistakes=_wrong_gradients(world, theta),
        )
        _of_policies_alone(answer, world, theta)


def _of_policies_alone(answer: Answer, world: MDP, theta: Tensor) -> None:
    """Check that no gradient passes through what the course computes of v and η: the theorem differentiates π alone."""

    def probe(function):
        with contextlib.ExitStack() as stack:
            for name in ("evaluate", "evaluate_unchecked", "visit_counts", "values_and_counts"):
                stack.enter_context(mock.patch.object(mdps, name, _constant(getattr(mdps, name))))
            return function(world, theta)

    whole = "That differentiates J as a whole; by the theorem only π is differentiated, and v and η are constants."
    try:
        got = answer.probe(probe)
    except Raised as failure:
        fail(whole if "does not require grad" in failure.text else str(failure))
    that(torch.allclose(got, policy_gradient.autograd_gradient(world, theta), atol=1e-5), whole)


def _constant(function: Callable) -> Callable:
    """Return a function of an MDP whose results carry no gradient."""

    def constant(mdp, pi):
        with torch.no_grad():
            return function(mdp, pi)

    return constant


def _wrong_gradients(world: MDP, theta: Tensor) -> dict:
    """Return what likely mistakes give."""
    moving = theta.clone().requires_grad_()
    pi, r, h = theta.softmax(-1), world.rewards, world.initial.unsqueeze(-1)
    v, eta = mdps.evaluate(world, pi).unsqueeze(-1), mdps.visit_counts(world, pi).unsqueeze(-1)
    q = mdps.action_values(world, v.squeeze(-1))
    pi_moving = moving.softmax(-1)
    q_moving = mdps.action_values(world, mdps.evaluate(world, pi_moving))
    eta_moving = mdps.visit_counts(world, pi_moving).unsqueeze(-1)
    both_moving = (eta_moving * pi_moving * q_moving).sum()
    wanted = eta * pi * (q - v)
    return {
        "μ is used for the counts: right in direction, too short by the mean episode length.": wanted / eta.sum(),
        "π is missing: that weights every action alike.": eta * (q - v),
        "π is in twice.": pi * wanted,
        "The visit counts are missing.": pi * (q - v),
        "v is not subtracted: the softmax's gradient is π(a) (1[a = b] − π(b)).": eta * pi * q,
        "That subtracts the plain mean of q; v weights it by π.": eta * pi * (q - q.mean(-1, keepdim=True)),
        "Each preference moves all actions of its state, not only its own.": eta * pi * (1 - pi) * q,
        "The sign is wrong: the gradient points uphill.": -wanted,
        "The initial distribution stands where the visit counts should.": h * pi * (q - v),
        "That uses the reward instead of the action value.": [
            eta * pi * (r - less) for less in (0, (pi * r).sum(-1, keepdim=True), v)
        ],
        "q is differentiated as well; in the theorem only π is.": (
            torch.autograd.grad((eta * pi_moving * q_moving).sum(), moving, retain_graph=True)[0]
        ),
        "η is differentiated as well; in the theorem only π is.": (
            torch.autograd.grad((eta_moving * pi_moving * q).sum(), moving, retain_graph=True)[0]
        ),
        "η and q are differentiated as well; in the theorem only π is.": torch.autograd.grad(both_moving, moving)[0],
        "That sums q times the gradient of log π; the theorem has the gradient of π.": (
            eta * (q - pi * q.sum(-1, keepdim=True))
        ),
        "Do not sum over the actions: every preference has its own entry.": wanted.sum(-1),
        "The visits count without γ; η has the γ of this MDP.": (
            mdps.visit_counts(_with(world, gamma=1.0), pi).unsqueeze(-1) * pi * (q - v)
        ),
    }


@exercise(own=policy_gradient.central_differences)
def central_differences(answer, *, rows=ROWS, slip=0.1, gamma=0.7, step=0.01, seed=1):
    """∇J, shape (S, A), from the change of J when each entry of θ moves up and down by `step`."""
    world, theta = _world(rows, slip, 1.0), _theta(rows, seed)
    equal(
        answer(world, theta, step=step),
        policy_gradient.central_differences(world, theta, step=step),
        what=f"∇J by central differences with step {step:g}",
        hint="Change one preference at a time, by +step and −step, and divide by 2 · step.",
        rtol=1e-6,
        atol=1e-8,
        mistakes=_wrong_differences(world, theta, step),
    )
    discounted = _world(rows, slip, gamma)
    equal(
        answer(discounted, theta),
        policy_gradient.autograd_gradient(discounted, theta),
        what=f"∇J with the step left as it is, 1e-5, and γ = {gamma:g}",
        hint="Move the entries of θ in the world that is given.",
    )


def _wrong_differences(world: MDP, theta: Tensor, step: float) -> dict:
    """Return what likely mistakes give."""
    wanted = policy_gradient.central_differences(world, theta, step=step)
    shifts = step * torch.eye(theta.numel(), dtype=F64).view(-1, *theta.shape)
    columns = shifts.view(*theta.shape, *theta.shape).sum(0)

    def change(up, down, at=theta):
        above, below = (policy_gradient.objective(world, (at + move).softmax(-1)) for move in (up, down))
        return above - below

    upper, lower = change(shifts, 0 * shifts).view_as(wanted), change(0 * shifts, -shifts).view_as(wanted)
    return {
        "Divide by twice the step: the two points lie 2 · step apart.": 2 * wanted,
        "Divide by the step; that is only the difference.": [2 * step * wanted, upper, lower],
        "That divides by 2 and multiplies by the step: put brackets around 2 * step.": step**2 * wanted,
        "That is a one-sided difference; go up and down by step, from θ.": [
            side / width for side in (upper, lower) for width in (step, 2 * step)
        ],
        "The sign is wrong: above minus below.": -wanted,
        "Is `step` used? That is another step's result.": [
            wanted * step / 1e-5,
            policy_gradient.central_differences(world, theta),
            policy_gradient.exact_gradient(world, theta),
        ],
        "After each entry move it back, or start from a fresh clone.": [
            change(shifts, -shifts, theta - shifts.cumsum(0) + shifts).view_as(wanted) / (2 * step),
            change(shifts, -shifts, theta + shifts.cumsum(0) - shifts).view_as(wanted) / (2 * step),
        ],
        "That is 0 everywhere: the softmax does not see a row that moves as a whole. Move one entry of θ.": 0 * wanted,
        "Move one entry of θ, not an action in all states.": (
            (change(columns, -columns) / (2 * step)).expand_as(wanted)
        ),
        "The softmax is taken twice; move θ, not π.": (
            change(shifts, -shifts, theta.softmax(-1)).view_as(wanted) / (2 * step)
        ),
        "Only the first entry is filled. Is return inside the loop?": wanted * (shifts[0] > 0),
    }


@exercise(sealed=True)
def proof(answer, *, right=()):
    """The steps of the proof in order, such as "ABCDEFG", and for each the number of its reason, such as "1234567"."""
    steps, reasons = at_hand.letters_and_digits(answer, ("steps", "reasons"), name="proof")
    right = right or at_hand.right_answer("proof")
    if right is None:
        return at_hand.FORM_ONLY
    hint = "Begin with what v means, end with ∝; each step changes one thing of the step before."
    at_hand.in_order(steps, right[0], what="Steps", hint=hint, likely=LIKELY_STEPS)
    hint = "The order of the steps is right. Say for each what changes from the step before it."
    at_hand.in_order(reasons, right[1], what="Reasons", hint=hint, likely=LIKELY_REASONS)


SAY_V_FIRST = "Before anything is differentiated, say what v is."
LIKELY_STEPS = {  # orders that are often given, by the places of the right one
    "2134567": SAY_V_FIRST,
    "7654321": SAY_V_FIRST,
    "1324567": "First differentiate the product; p appears only after that.",
    "1243567": "∇q is still there; write it through the next state.",
    "1235467": "∇v stands on both sides; first get rid of the right one.",
    "1234657": "Collect the terms of the unrolled sum before you average.",
    "1234576": "Average over the initial states before you normalise.",
}
LIKELY_REASONS = {
    "2134567": "One reason only says what v and q mean; both factors of π q depend on θ.",
    "1324567": "Both factors depend on θ; another reason replaces ∇q.",
    "1243567": "One reason replaces ∇q, another uses the step before for the next state.",
    "1235467": "One reason uses the step before for the next state, another sorts the terms.",
    "1234657": "One reason sorts the terms, another averages over h.",
    "1234576": "One reason averages over h, another turns η into μ.",
}


@exercise(own=policy_gradient.score)
def score(answer, *, preferences=PREFERENCES, steps=((1, 2), (0, 0), (2, 3), (2, 1))):
    """∇_θ log π(action | state), shape (S, A), of the softmax policy π, for one step."""
    theta = torch.tensor(preferences, dtype=F64, requires_grad=True)
    pi = theta.detach().softmax(-1)
    for state, action in steps:
        got = answer(pi, state, action)
        equal(
            got,
            torch.autograd.grad(theta.log_softmax(-1)[state, action], theta)[0],
            what=f"The score of action {action} in state {state}",
            hint="Differentiate log π(A | S) by every θ_sb; the other rows do not enter it.",
            mistakes=_wrong_scores(theta, state, action),
        )
        that(
            got.dtype == pi.dtype,
            f"The score is {got.dtype}, but π is {pi.dtype}, and the next exercise combines the two. "
            "Start from torch.zeros_like(pi).",
        )
    state, action = steps[0]
    equal(
        answer(pi, torch.tensor(state), torch.tensor(action)),
        policy_gradient.score(pi, state, action),
        what="The score of a step given as tensors, such as states[t] and actions[t],",
        hint="These index like whole numbers.",
    )
    equal(
        answer(pi[:1], 0, 1),
        policy_gradient.score(pi[:1], 0, 1),
        what="The score in a world with a single state",
        hint="It has the shape of pi, (1, A).",
    )


def _wrong_scores(theta: Tensor, state: int, action: int) -> dict:
    """Return what likely mistakes give."""
    pi = theta.detach().softmax(-1)
    wanted, row, taken = policy_gradient.score(pi, state, action), torch.zeros_like(pi), torch.zeros_like(pi)
    row[state], taken[state, action] = 1, 1
    exists = action < len(pi) and state < pi.shape[1]
    return {
        "That is the gradient of π; the logarithm is missing.": wanted * pi[state, action],
        "The sign is wrong: the action taken gets a positive entry.": -wanted,
        "π is added; it has to be subtracted.": taken + row * pi,
        "Only the row of the state has entries; others do not enter π(A | S).": [taken.sum(0) - pi, taken - pi],
        "π is not subtracted.": taken,
        "The 1 of the action taken is missing.": -row * pi,
        "That is 1/π at the action, the derivative of the logarithm alone.": taken / pi,
        "Subtract π from every entry of the row, also from the action's own.": taken - (row - taken) * pi,
        "The other actions of the row are missing: each gets −π.": taken * (1 - pi),
        "Add 1 at the action only, not in its whole row.": row * (1 - pi),
        "State and action are swapped: rows are states.": (
            [policy_gradient.score(pi, action, state)] if exists else []
        ),
        "That is log π itself; its gradient was asked for.": [taken * pi.log(), row * pi.log()],
        "The softmax is taken twice: the argument is π, not θ.": taken - row * pi.softmax(-1),
        "That is divided by π again: the gradient of log π is that of π, divided once.": wanted / pi[state, action],
        "Write it into row S of zeros like pi.": wanted[state],
    }


@exercise(own=policy_gradient.sampled_gradients)
def episode_gradient(
    answer,
    *,
    preferences=PREFERENCES,
    states=(0, 1, 0, 2, 1, 0, 0),
    actions=(1, 0, 1, 3, 2, 1, 3),
    rewards=(1.0, 0.0, -2.0, 0.5, 3.0, 0.0, -1.0),
    gamma=0.7,
):
    """An unbiased estimate of ∇J, shape (S, A), from one whole episode of steps (S_t, A_t, R_{t+1})."""
    pi = torch.tensor(preferences, dtype=F64).softmax(-1)
    states, actions, rewards = torch.tensor(states), torch.tensor(actions), torch.tensor(rewards, dtype=F64)
    try:
        got = answer(pi, states, actions, rewards, gamma)
    except Raised as failure:
        if "must match the size of tensor" in failure.text:
            fail(f"Each step has one number as its weight: take place t of the returns. {failure}")
        raise
    equal(
        got,
        _estimate(pi, states, actions, rewards, gamma),
        what=f"ĝ of an episode of {len(states)} steps with γ = {gamma:g}",
        hint="Weight the score of step t by γᵗ G_t, and sum over steps.",
        mistakes=_wrong_estimates(pi, states, actions, rewards, gamma),
    )
    steps = torch.arange(120)
    long = steps % len(pi), steps % pi.shape[1], steps % 7 - 3.0
    for (s, a, r), discount, hint in (
        ((states, actions, rewards), 1.0, "With γ = 1 all steps count alike."),
        ((states, actions, rewards), 0.0, "0⁰ = 1; a division by γ, or by γᵗ, fails at 0."),
        ((states[:1], actions[:1], rewards[:1]), gamma, "A single step has one term."),
        (long, 1.0, "Every step of the episode has a term."),
        (long, 0.001, "γᵗ becomes 0 in a long episode, so do not divide by γᵗ."),
    ):
        equal(
            answer(pi, s, a, r.to(F64), discount),
            _estimate(pi, s, a, r.to(F64), discount),
            what=f"ĝ of an episode of {len(s)} step{'s' if len(s) > 1 else ''} with γ = {discount:g}",
            hint=hint,
        )


def _estimate(pi: Tensor, states: Tensor, actions: Tensor, rewards: Tensor, gamma: float) -> Tensor:
    weights = gamma ** torch.arange(len(rewards), dtype=F64) * mdps.returns(rewards, gamma)
    return torch.einsum("t,tsb->sb", weights, policy_gradient.score(pi, states, actions))


def _wrong_estimates(pi: Tensor, states: Tensor, actions: Tensor, rewards: Tensor, gamma: float) -> dict:
    """Return what likely mistakes give."""
    scores, steps = policy_gradient.score(pi, states, actions), torch.arange(len(rewards))
    discount, g, plain = gamma ** steps.to(F64), mdps.returns(rewards, gamma), mdps.returns(rewards, 1.0)
    whole, chosen = discount * g, pi[states, actions]
    forwards = mdps.returns(rewards.flip(0), gamma).flip(0)

    def summed(*weights):
        return [torch.einsum("t,tsb->sb", weight, scores) for weight in weights]

    return {
        "γᵗ is missing: later steps count less in J.": summed(g),
        "γᵗ is in twice; G_t begins with an undiscounted R.": summed(discount * whole),
        "The first step has γ⁰ = 1.": summed(gamma * whole),
        "Raise γ to the power of t; that multiplies by t.": summed(gamma * steps * g, steps * g),
        "That weights by the reward of the step; use the return that follows it.": summed(rewards, discount * rewards),
        "That weights by the rewards up to the step; use those from it on.": [
            *summed(rewards.cumsum(0), (discount * rewards).cumsum(0), forwards),
            *summed(discount * rewards.cumsum(0), discount * (discount * rewards).cumsum(0), discount * forwards),
        ],
        "G_t contains R_{t+1} itself, the reward of the action taken.": [
            *summed(g - rewards, discount * (g - rewards)),
            *summed(pad(g[1:], (0, 1)), discount * pad(g[1:], (0, 1))),
        ],
        "That gives every step the return of the whole episode.": [
            *summed(g[0].expand_as(g), discount * g[0], plain[0].expand_as(g), discount * plain[0])
        ],
        "Sum over the steps; that is their mean.": [total / len(steps) for total in summed(whole)],
        "Sum over the steps; that has an entry for each.": whole.view(-1, 1, 1) * scores,
        "The sign is wrong: a gradient to climb, not a loss.": summed(-whole),
        "The returns are undiscounted; use γ in them, too.": summed(plain, discount * plain),
        "Only the first step is in; every step of the episode has a term.": summed(whole * (steps == 0)),
        "Only the last step is in; add up the terms.": summed(whole * (steps == steps[-1])),
        "The last step is missing; it has a term, too.": summed(whole * (steps < steps[-1])),
        "A state that is visited twice needs both terms; add them up.": _without_repeats(pi, states, actions, whole),
        "That has the gradient of π; the logarithm is missing.": summed(whole * chosen),
        "A step that pays nothing has a term, too: what comes after it counts.": summed(whole * (rewards != 0)),
    }


def _without_repeats(pi: Tensor, states: Tensor, actions: Tensor, weights: Tensor) -> list[Tensor]:
    """Return the sums in which only the first or the last visit of a state, or of a state and action, is left."""
    scores, times = policy_gradient.score(pi, states, actions), torch.arange(len(states))
    place = states * pi.shape[1] + actions
    kept = []
    for key in (states, place):
        same = key.unsqueeze(0) == key.unsqueeze(1)
        kept += [~(same & (times.unsqueeze(0) < times.unsqueeze(1))).any(1)]  # the first of its kind
        kept += [~(same & (times.unsqueeze(0) > times.unsqueeze(1))).any(1)]  # the last
    all_pi = torch.zeros(len(pi), dtype=F64).index_add(0, states, weights).unsqueeze(-1) * pi
    sums = [torch.einsum("t,tsb->sb", weights * keep, scores) for keep in kept]
    for keep in kept[2:]:  # as `taken[states, actions] += weights` loses them, though each state has its sum
        sums.append(torch.zeros_like(pi).flatten().index_add(0, place, weights * keep).view_as(pi) - all_pi)
    return sums


def _world(rows, slip: float, gamma: float) -> MDP:
    return worlds.gridworld(rows, slip=slip, gamma=gamma)


def _with(mdp: MDP, **changes) -> MDP:
    return MDP(**vars(mdp) | changes)


def _theta(rows, seed: int) -> Tensor:
    """Return random preferences for the four actions of each cell."""
    return torch.randn(len(rows) * len(rows[0]), 4, generator=generator(seed), dtype=F64)
