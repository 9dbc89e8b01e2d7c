# %% [markdown]
# # 03 · The policy gradient theorem
# **You will** compute the gradient of a policy's expected return in four ways on the same MDP, see three of them
# agree to six digits and the fourth within its error, and take the theorem's proof apart.
#
# **You need** lesson 02, the chain rule, autograd. **Time**: 120 minutes.
#
# Symbols and their names in code: [NOTATION.md](../../NOTATION.md).

# %%
import matplotlib.pyplot as plt
import torch
from ipywidgets import FloatSlider, interact

from helpers import checks, mdps, planning, plotting, policy_gradient, worlds

torch.set_num_threads(1)  # small tables
torch.set_printoptions(precision=3, sci_mode=False)
plotting.use_style()

# %% [markdown]
# ## 1 · What is to be climbed
# Lesson 02 computed the best policy from the table $p(s', r \mid s, a)$. With a network as policy and a world that
# nobody can write down, one climbs instead: parameters $\theta$ make the policy $\pi(a \mid s; \theta)$, episodes
# start in $S_0 \sim h$ and end with probability 1, and the **objective** is
#
# $$J(\theta) = \mathbb E_{s \sim h}\, v_\pi(s) = \sum_s h(s)\, v_\pi(s)$$
#
# The environment is not differentiable, yet $J$ is: $\theta$ only shifts probabilities. This lesson finds
# $\nabla_\theta J$.
#
# Our world is small enough to check everything: two starts, a pit, a goal, one wall, γ = 1.

# %%
rows = ["S..", ".#P", "S.G"]
world = worlds.gridworld(rows, slip=0.1)
theta = torch.randn(
    world.num_states, world.num_actions, generator=torch.Generator().manual_seed(1), dtype=torch.float64
)
pi = theta.softmax(-1)
# What the checks below use:
even = torch.full((4, 4), 0.25, dtype=torch.float64)
discounted = worlds.gridworld(["S.", ".G"], slip=0.3, gamma=0.8)
v_check = mdps.evaluate(world, pi)
fig, ax = plt.subplots(figsize=(3, 2.4))
plotting.grid(ax, rows, mdps.evaluate(world, pi), pi)
plt.show()

# %% [markdown]
# **What you see.** A random policy, its arrows as long as the probabilities, and its values: poor ones.
#
# ### Exercise 1 · The objective (5 min, ●○○, 1 point)
# Fill `objective`. `mdps.evaluate(mdp, pi)` gives $v_\pi$, and `mdp.initial` is $h$.
#
# <details><summary>Hint</summary>
#
# A mean over initial states, weighted by how likely each is.
# </details>

# %% exercise="policy-gradient-objective"
def objective(mdp, pi):
    """Return J, a tensor with one number, of the policy π(a | s), shape (S, A)."""
    ### BEGIN SOLUTION
    return (mdp.initial * mdps.evaluate(mdp, pi)).sum()
    ### END SOLUTION

# %% check="policy-gradient-objective-check" points=1
starts = v_check[world.initial > 0]
checks.equal(
    objective(world, pi),
    world.initial @ v_check,
    what="J of the random policy",
    hint="Weight v_π(s) by h(s), and sum.",
    mistakes={
        "h is forgotten: that is the sum over all states.": v_check.sum(),
        "h is forgotten: that is the mean over all states.": [v_check.mean(), v_check[~world.terminal].mean()],
        "That is v of state 0; episodes start in two states.": v_check[0],
        "That divides by the number of states as well; h sums to 1 already.": world.initial @ v_check / len(v_check),
        "That is the value of the best state.": v_check.max(),
        "That adds the values of the start states: their sum without the weights.": starts.sum(),
        "The sum over states is missing.": world.initial * v_check,
        "That is J of the best policy, not of π.": world.initial @ planning.optimal_values(world).v_star,
        "That weights by the visit counts; J weights by h.": mdps.visit_counts(world, pi) @ v_check,
        "The sign is wrong: J is to be climbed, it is no loss.": -world.initial @ v_check,
    },
)
h = torch.arange(1.0, world.num_states + 1, dtype=torch.float64) * ~world.terminal
uneven = mdps.MDP(**vars(world) | {"initial": h / h.sum()})  # some starts are likelier than others
checks.equal(
    objective(uneven, pi),
    uneven.initial @ v_check,
    what="J for other initial states",
    hint="Weight v_π(s) by h(s), and sum.",
    mistakes={
        "That takes all start states alike; weight them by h.": v_check[~world.terminal].mean(),
        "h is that of another world; use mdp.initial.": world.initial @ v_check,
    },
)
### BEGIN HIDDEN TESTS
corridor_check = worlds.short_corridor()
half_check = torch.full((4, 2), 0.5, dtype=torch.float64)
checks.equal(
    objective(corridor_check, half_check), torch.tensor(-12.0, dtype=torch.float64), what="J of a coin in the corridor"
)
### END HIDDEN TESTS
checks.passed(objective)

# %% [markdown]
# ## 2 · Where the policy goes
# How often does an episode visit a state? The **visit count** $\eta(s) = \sum_t \gamma^t P(S_t = s)$ obeys a balance:
# a visit is a start, or comes from a visit before,
#
# $$\eta(s') = h(s') + \gamma \sum_s \eta(s)\, P_\pi(s' \mid s)$$
#
# over non-terminal states; the end is not counted. Divided by its sum, which for
# γ = 1 is the mean episode length, it is the **on-policy
# distribution** $\mu(s)$.

# %% [markdown]
# ### Exercise 2 · Visit counts (15 min, ●●○, 3 points)
# Fill `visit_counts` by solving the balance. `mdps.policy_model(mdp, pi)` returns $P_\pi$, whose row $s$ holds where
# $s$ leads (0 in terminal rows), and $r_\pi$.
#
# <details><summary>Hint 1</summary>
#
# In vectors, $\eta = h + \gamma P_\pi^\top \eta$.
# </details>
# <details><summary>Hint 2</summary>
#
# After `torch.linalg.solve`, set the terminal states to 0: `counts.masked_fill(mdp.terminal, 0.0)`.
# </details>

# %% exercise="policy-gradient-visits"
def visit_counts(mdp, pi):
    """Return the expected (for γ < 1 discounted) visits η(s) of an episode, shape (S,), 0 for terminal states."""
    ### BEGIN SOLUTION
    transitions, _ = mdps.policy_model(mdp, pi)
    identity = torch.eye(mdp.num_states, dtype=pi.dtype)
    counts = torch.linalg.solve(identity - mdp.gamma * transitions.T, mdp.initial)
    return counts.masked_fill(mdp.terminal, 0.0)
    ### END SOLUTION

# %% check="policy-gradient-visits-check" points=3
model, _ = mdps.policy_model(world, pi)
identity, alive = torch.eye(world.num_states, dtype=torch.float64), (~world.terminal).double()


def balance(start, sign=-1):
    return torch.linalg.solve(identity + sign * model.T, start)


solved, untransposed = balance(world.initial), torch.linalg.solve(identity - model, world.initial)
checks.equal(
    visit_counts(world, pi),
    mdps.visit_counts(world, pi),
    what="η of the random policy",
    hint="Solve (I − γ P_πᵀ) η = h, then set terminal states to 0.",
    mistakes={
        "P_π is not transposed: visits flow from where a state is reached.": [untransposed * alive, untransposed],
        "Terminal states are counted; the end is no step of the episode.": solved,
        "Set the terminal states to 0, not the others.": solved * (1 - alive),
        "h is forgotten: starts are only in S.": [
            balance(start) * alive for start in (alive / alive.sum(), alive, torch.ones_like(alive) / len(alive))
        ],
        "That is μ, which sums to 1; the counts are not normalised.": [
            solved * alive / (solved @ alive),
            solved / solved.sum(),
        ],
        "The sign is wrong: visits come on top of the starts.": [
            balance(world.initial, sign=1) * alive,
            -solved * alive,
        ],
        "That is h itself, the first step only.": world.initial,
        "Only one step is counted; visits go on until the end.": [
            world.initial + world.initial @ model,
            (world.initial + world.initial @ model) * alive,
        ],
        "Only the last step is left: h is added in every round.": torch.zeros_like(alive),
        "That multiplies h by the matrix; solve for η instead.": (world.initial - world.initial @ model) * alive,
        "That is v_π: solve with the transposed matrix, and with h.": v_check,
        "h is added, not averaged: it sums to 1.": balance((world.initial > 0).double()) * alive,
        "Keep a place for every state, also for the terminal ones.": solved[~world.terminal],
    },
)
eta_check = mdps.visit_counts(discounted, even)
undiscounted = mdps.visit_counts(mdps.MDP(**vars(discounted) | {"gamma": 1.0}), even)
checks.equal(
    visit_counts(discounted, even),
    eta_check,
    what="η of a discounted grid with γ = 0.8",
    hint="Solve (I − γ P_πᵀ) η = h with mdp.gamma.",
    mistakes={
        "γ is forgotten: later visits count less.": undiscounted,
        "γ multiplies the starts, too; they are not discounted.": 0.8 * eta_check,
    },
)
### BEGIN HIDDEN TESTS
tilted = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64).expand(4, 4)
checks.equal(
    visit_counts(discounted, tilted), mdps.visit_counts(discounted, tilted), what="η of another policy with γ = 0.8"
)
### END HIDDEN TESTS
checks.passed(visit_counts)

# %% [markdown]
# **Predict.** Counting gives the same, of course. How many episodes does it take until all cells agree within 5 %?

# %%
count = checks.yours(mdps.visit_counts)
eta = count(world, pi)
episodes = mdps.sample_episodes(world, pi, 40_000, 5000, generator=torch.Generator().manual_seed(2))
for n in (100, 2000, 40_000):
    seen = torch.bincount(episodes.states[:n][episodes.mask[:n]], minlength=world.num_states) / n
    worst = ((seen - eta).abs() / eta.clamp(min=1e-9))[~world.terminal].max()
    print(f"{n} episodes: largest relative difference {100 * worst:.0f} %")
print(f"mean episode length: {eta.sum():.1f} by algebra, {episodes.mask.sum(-1).double().mean():.1f} by counting")

# %% [markdown]
# **What you see.** Thousands of episodes; the rarest cells take longest, since the relative error of a count falls only
# like one over the root of the visits.

# %% [markdown]
# ## 3 · The theorem
# $$\nabla_\theta J = \sum_s \eta(s) \sum_a q_\pi(s, a)\, \nabla_\theta \pi(a \mid s; \theta) \;\propto\; \sum_s
# \mu(s) \sum_a q_\pi(s, a)\, \nabla_\theta \pi(a \mid s; \theta)$$
#
# What is missing is the point: there is no $\nabla \eta$ and no $\nabla q$. Changing $\theta$ changes where the
# policy goes and what happens later, but one may pretend that only the choices at hand change.
#
# For preferences $\theta_{sb}$ and their softmax, $\partial \pi(a \mid s) / \partial \theta_{sb} = \pi(a \mid s)
# (\mathbb 1[a = b] - \pi(b \mid s))$, so that the inner sum becomes
# $\pi(b \mid s)\, \big(q_\pi(s, b) - v_\pi(s)\big)$, for every state and action.

# %% [markdown]
# ### Exercise 3 · By the theorem (15 min, ●●○, 3 points)
# Fill `exact_gradient`, of the shape of `theta`. `mdps.action_values(mdp, v)` gives $q_\pi$ from $v_\pi$.
#
# <details><summary>Hint</summary>
#
# `eta.unsqueeze(-1)` turns the visit counts into a column that multiplies every action of its state.
# </details>

# %% exercise="policy-gradient-exact"
def exact_gradient(mdp, theta):
    """Return ∇J with respect to the preferences θ, shape (S, A), by the policy gradient theorem."""
    ### BEGIN SOLUTION
    pi = theta.softmax(-1)
    v = mdps.evaluate(mdp, pi)
    q = mdps.action_values(mdp, v)
    return mdps.visit_counts(mdp, pi).unsqueeze(-1) * pi * (q - v.unsqueeze(-1))
    ### END SOLUTION

# %% check="policy-gradient-exact-check" points=3
eta_check = mdps.visit_counts(world, pi).unsqueeze(-1)
q_check = mdps.action_values(world, v_check)
gap, r_check = q_check - v_check.unsqueeze(-1), world.rewards
weighted_gap = eta_check * pi * gap
moving = theta.clone().requires_grad_()
q_moving = mdps.action_values(world, mdps.evaluate(world, moving.softmax(-1)))
through_q = torch.autograd.grad((eta_check * moving.softmax(-1) * q_moving).sum(), moving)[0]
with checks.unchanged(theta=theta):
    got = exact_gradient(world, theta)
checks.equal(
    got,
    policy_gradient.autograd_gradient(world, theta),
    what="∇J by the theorem",
    hint="It is η(s) π(b | s) (q(s, b) − v(s)) in place (s, b).",
    mistakes={
        "μ is used for the counts: right in direction, too short by the mean episode length.": weighted_gap
        / eta_check.sum(),
        "π is missing: that weights every action alike.": eta_check * gap,
        "π is in twice.": pi * weighted_gap,
        "The visit counts are missing.": pi * gap,
        "v is not subtracted: the softmax's gradient is π(a) (1[a = b] − π(b)).": eta_check * pi * q_check,
        "That subtracts the plain mean of q; v weights it by π.": eta_check
        * pi
        * (q_check - q_check.mean(-1, keepdim=True)),
        "Each preference moves all actions of its state, not only its own.": eta_check * pi * (1 - pi) * q_check,
        "The sign is wrong: the gradient points uphill.": -weighted_gap,
        "The initial distribution stands where the visit counts should.": world.initial.unsqueeze(-1) * pi * gap,
        "That uses the reward instead of the action value.": [
            eta_check * pi * r_check,
            eta_check * pi * (r_check - (pi * r_check).sum(-1, keepdim=True)),
            eta_check * pi * (r_check - v_check.unsqueeze(-1)),
        ],
        "q is differentiated as well; in the theorem only π is.": through_q,
        "That sums q times the gradient of log π; the theorem has the gradient of π.": eta_check
        * (q_check - pi * q_check.sum(-1, keepdim=True)),
        "Do not sum over the actions: every preference has its own entry.": weighted_gap.sum(-1),
    },
)
### BEGIN HIDDEN TESTS
other = torch.linspace(-1, 1, world.num_states * 4, dtype=torch.float64).view(-1, 4)
checks.equal(exact_gradient(world, other), policy_gradient.autograd_gradient(world, other), what="∇J for another θ")
### END HIDDEN TESTS
checks.passed(exact_gradient)

# %% [markdown]
# ### Exercise 4 · By central differences (10 min, ●●○, 2 points)
# A gradient needs a witness that knows no theorem. Fill `central_differences`: move one entry of `theta` up and down by
# `step`, and divide the change of $J$ by twice the step.
#
# <details><summary>Hint</summary>
#
# Loop over all entries, change a clone, and call `policy_gradient.objective(mdp, changed.softmax(-1))` twice.
# </details>

# %% exercise="policy-gradient-differences"
def central_differences(mdp, theta, step=1e-5):
    """Return ∇J, shape (S, A), from two evaluations of J for every entry of θ."""
    ### BEGIN SOLUTION
    gradient = torch.zeros_like(theta)
    for index in range(theta.numel()):
        shift = torch.zeros_like(theta)
        shift.view(-1)[index] = step
        above, below = (policy_gradient.objective(mdp, (theta + sign * shift).softmax(-1)) for sign in (1, -1))
        gradient.view(-1)[index] = (above - below) / (2 * step)
    return gradient
    ### END SOLUTION

# %% check="policy-gradient-differences-check" points=2
with checks.unchanged(theta=theta):
    got = central_differences(world, theta, step=0.01)
wanted = policy_gradient.central_differences(world, theta, step=0.01)
shifts = 0.01 * torch.eye(theta.numel(), dtype=torch.float64).view(-1, *theta.shape)


def change(up, down, at=theta):
    above, below = (policy_gradient.objective(world, (at + move).softmax(-1)) for move in (up, down))
    return above - below


upper, lower = change(shifts, 0 * shifts).view_as(wanted), change(0 * shifts, -shifts).view_as(wanted)
columns = shifts.view(*theta.shape, *theta.shape).sum(0)
checks.equal(
    got,
    wanted,
    what="∇J by central differences with step 0.01",
    hint="Change one preference at a time, by +step and −step, and divide by 2 · step.",
    rtol=1e-6,
    atol=1e-8,
    mistakes={
        "Divide by twice the step: the two points lie 2 · step apart.": 2 * wanted,
        "Divide by the step; that is only the difference.": [0.02 * wanted, upper, lower],
        "That divides by 2 and multiplies by the step: put brackets around 2 * step.": 0.01**2 * wanted,
        "That is a one-sided difference; go up and down by step, from θ.": [
            side / width for side in (upper, lower) for width in (0.01, 0.02)
        ],
        "The sign is wrong: above minus below.": -wanted,
        "Is `step` used? That is another step's result.": [
            policy_gradient.central_differences(world, theta),
            policy_gradient.exact_gradient(world, theta),
        ],
        "After each entry move it back, or start from a fresh clone.": [
            change(shifts, -shifts, theta - shifts.cumsum(0) + shifts).view_as(wanted) / 0.02,
            change(shifts, -shifts, theta + shifts.cumsum(0) - shifts).view_as(wanted) / 0.02,
        ],
        "That is 0 everywhere: the softmax does not see a row that moves as a whole. Move one entry of θ.": 0 * wanted,
        "Move one entry of θ, not an action in all states.": (change(columns, -columns) / 0.02).expand_as(wanted),
        "The softmax is taken twice; move θ, not π.": change(shifts, -shifts, pi).view_as(wanted) / 0.02,
        "Only the first entry is filled. Is return inside the loop?": wanted * (shifts[0] > 0),
    },
)
### BEGIN HIDDEN TESTS
checks.equal(
    central_differences(discounted, even),
    policy_gradient.autograd_gradient(discounted, even),
    what="∇J of a discounted grid",
)
### END HIDDEN TESTS
checks.passed(central_differences)

# %% [markdown]
# **Predict** before you run: will autograd through the exact $v_\pi$, the theorem, and the differences agree to 1e-6?
# To 1e-10? And by which factor is the sum with $\mu$ shorter?

# %%
theorem = checks.yours(policy_gradient.exact_gradient)(world, theta)
witness = checks.yours(policy_gradient.central_differences)(world, theta)
by_autograd = policy_gradient.autograd_gradient(world, theta)
print("theorem and autograd agree to 1e-10:", bool((theorem - by_autograd).abs().max() < 1e-10))
print("differences and autograd agree to 1e-6:", bool((witness - by_autograd).abs().max() < 1e-6))
with_mu = theorem / eta.sum()
print(f"length of ∇J over that with μ: {theorem.norm() / with_mu.norm():.3f}, mean episode length: {eta.sum():.3f}")

# %% [markdown]
# **What you see.** Three independent ways, one gradient. With $\mu$ for $\eta$ it is shorter by exactly the mean
# episode length: that is all that the $\propto$ of the theorem hides.

# %% [markdown]
# ## 4 · The proof
# Seven steps, out of order, and seven reasons. We write $P(s \to x, k)$ for the probability of being in $x$ after $k$
# steps.

# %% [markdown]
# - **A** $\nabla v(s) = \sum_a \big[ q\, \nabla \pi + \pi \sum_{s'} p(s' \mid s, a)\, \nabla v(s') \big]$
# - **B** $\nabla J \propto \sum_x \mu(x) \sum_a q(x, a)\, \nabla \pi(a \mid x)$
# - **C** $\nabla v(s) = \sum_a \big[ q\, \nabla \pi + \pi\, \nabla q \big]$
# - **D** $\nabla v(s) = \sum_x \sum_k P(s \to x, k) \sum_a q(x, a)\, \nabla \pi(a \mid x)$
# - **E** $v(s) = \sum_a \pi(a \mid s)\, q(s, a)$
# - **F** $\nabla J = \sum_x \eta(x) \sum_a q(x, a)\, \nabla \pi(a \mid x)$
# - **G** $\nabla v(s')$ in A is written by A itself, again and again, until every episode has ended, where $v = 0$

# %% [markdown]
# Reasons:
#
# 1. the product rule
# 2. terms are collected by the state in which they arise, and by the step
# 3. what v and q mean
# 4. the average over initial states, $S_0 \sim h$, turns probabilities into counts
# 5. $q = r + \sum p\, v$, and neither $r$ nor $p$ depends on $\theta$
# 6. what holds for every state holds for the next one, until an episode has ended
# 7. counts are the mean episode length times a distribution (γ = 1)

# %% [markdown]
# ### Exercise 5 · Put it in order (10 min, ●●○, 2 points)
# Fill `proof`: the letters in order, and for each step the number of the reason by which it is reached, each once.
#
# <details><summary>Hint</summary>
#
# Begin with what v means, end with ∝. Each step changes one thing of the step before.
# </details>

# %% exercise="policy-gradient-proof"
def proof():
    """Return the steps in order, such as "ABCDEFG", and the reasons in the same order, such as "1234567"."""
    ### BEGIN SOLUTION
    return "ECAGDFB", "3156247"
    ### END SOLUTION

# %% check="policy-gradient-proof-check" points=2


def joined(part):
    """Return a string or list of letters or digits as one string."""
    return "".join(map(str, part if isinstance(part, list | tuple) else [part])).replace(" ", "").upper()


steps, reasons = map(joined, checks.parts(proof(), ("steps", "reasons"), what="proof()"))
checks.that(not steps[:1].isdigit(), "Return the steps first, then reasons: letters, then digits.")
checks.that(sorted(steps) == list("ABCDEFG"), "The steps are the letters A to G, each once, in one string.")
checks.that(sorted(reasons) == list("1234567"), "The reasons are the digits 1 to 7, each once, in one string.")
sealed = ["0cc80ed4", "179e037d", "ccb51e10", "2c178085", "13b0ee07", "e0ab1f6d", "80ce9c8f"]
hints = (
    "Before anything is differentiated, say what v is.",
    "First differentiate the product; p appears only after that.",
    "∇q is still there; write it through the next state.",
    "∇v stands on both sides; first get rid of the right one.",
    "Collect the terms of the unrolled sum before you average.",
    "Average over the initial states before you normalise.",
    "",
)
for place, (step, wanted, hint) in enumerate(zip(steps, sealed, hints), 1):
    checks.that(checks.seal(f"step {place} is {step}") == wanted, f"{step} cannot be step {place}. {hint}")
sealed = ["6f1df71d", "1c12fafa", "bf7e69c6", "4e0d36fb", "5023211c", "ea3ed260", "ec134e0b"]
hints = (
    "It only says what v and q mean.",
    "Both factors depend on θ.",
    "It replaces ∇q.",
    "It uses the step before for the next state.",
    "It sorts the terms.",
    "It averages over h.",
    "It turns η into μ.",
)
for place, (step, got, wanted, hint) in enumerate(zip(steps, reasons, sealed, hints), 1):
    correct = checks.seal(f"reason {place} is {got}") == wanted
    checks.that(correct, f"Step {step} is not reached by reason {got}. {hint}")
checks.passed(proof)

# %% [markdown]
# Step G in numbers. Unroll $k$ times: the terms collected so far, plus a **remainder**
# $\sum_x P(S_k = x)\, \nabla v(x)$ that is still unwritten. **Predict** how the remainder shrinks with $k$.

# %%
def unroll(mdp, theta, depth):
    """Return the collected terms and the remainder of ∇J after so many steps, each (S, A)."""
    rows_of_theta = theta.detach().requires_grad_()
    exact = mdps.evaluate(mdp, rows_of_theta.softmax(-1))
    transitions, _ = mdps.policy_model(mdp, theta.softmax(-1))
    inner = theta.softmax(-1) * (mdps.action_values(mdp, exact) - exact.unsqueeze(-1)).detach()
    present, collected = mdp.initial.masked_fill(mdp.terminal, 0.0), torch.zeros_like(theta)
    for _ in range(depth):
        collected = collected + present.unsqueeze(-1) * inner
        present = mdp.gamma * present @ transitions
    return collected, torch.autograd.grad(present @ exact, rows_of_theta)[0]

# %%
depths = range(0, 201, 10)
unrolled = [unroll(world, theta, depth) for depth in depths]
exact = policy_gradient.exact_gradient(world, theta)
print(
    "collected + remainder = ∇J at every depth:", all(torch.allclose(sum(pair), exact, atol=1e-9) for pair in unrolled)
)
fig, ax = plt.subplots()
x = torch.tensor(list(depths))
parts = {"collected": 0, "remainder": 1}
plotting.curves(ax, {name: torch.stack([pair[part].norm() for pair in unrolled]) for name, part in parts.items()}, x=x)
ax.set(xlabel="steps unrolled", ylabel="length of the vector")
plt.show()

# %% [markdown]
# **What you see.** The two parts always add up to $\nabla J$; the remainder shrinks geometrically, as the episodes
# end, and the collected terms become the theorem's sum.

# %% [markdown]
# ## 5 · From all actions to the one that was taken
# The sum over all actions needs $q$ of actions never tried. Multiply and divide by $\pi$:
#
# $$\sum_a q\, \nabla \pi = \sum_a \pi\, q\, \frac{\nabla \pi}{\pi} = \mathbb E_{a \sim \pi}\big[\, q(s, a)\, \nabla
# \log \pi(a \mid s) \,\big]$$
#
# The expectation can be sampled by acting. $\nabla_\theta \log \pi(A \mid S)$ is called the **score**. For a softmax
# of a table it is $\mathbb 1[b = A] - \pi(b \mid S)$ in the row of the state $S$, and 0 in all other rows.

# %% [markdown]
# ### Exercise 6 · Score (10 min, ●●○, 2 points)
# Fill `score` for one step.
#
# <details><summary>Hint</summary>
#
# Start from zeros of the shape of `pi`; write minus π into the row, then add 1 at the action.
# </details>

# %% exercise="policy-gradient-score"
def score(pi, state, action):
    """Return ∇_θ log π(action | state), shape (S, A), for the softmax policy π, shape (S, A)."""
    ### BEGIN SOLUTION
    gradient = torch.zeros_like(pi)
    gradient[state] = -pi[state]
    gradient[state, action] += 1
    return gradient
    ### END SOLUTION

# %% check="policy-gradient-score-check" points=2
preferences = torch.tensor([[0.0, 1.0, -1.0, 0.3], [0.5, 0.0, 2.0, 1.0], [1.0, -0.5, 0.2, 0.0]], requires_grad=True)
pi_check = preferences.softmax(-1)
by_log = torch.autograd.grad(pi_check.log()[1, 2], preferences, retain_graph=True)[0]
by_pi = torch.autograd.grad(pi_check[1, 2], preferences)[0]
pi_check = pi_check.detach()
row, taken = torch.zeros(3, 4), torch.zeros(3, 4)
row[1], taken[1, 2] = 1, 1
with checks.unchanged(pi=pi_check):
    got = score(pi_check, 1, 2)
checks.equal(
    got,
    by_log,
    what="The score of action 2 in state 1",
    hint="It is 1[b = A] − π(b | S) in row S, and 0 elsewhere.",
    mistakes={
        "That is the gradient of π; the logarithm is missing.": by_pi,
        "The sign is wrong: the action taken gets a positive entry.": -by_log,
        "π is added; it has to be subtracted.": taken + row * pi_check,
        "Only the row of the state has entries; others do not enter π(A | S).": [
            taken.sum(0) - pi_check,
            taken - pi_check,
        ],
        "π is not subtracted.": taken,
        "The 1 of the action taken is missing.": -row * pi_check,
        "That is 1/π at the action, the derivative of the logarithm alone.": taken / pi_check,
        "Subtract π from every entry of the row, also from the action's own.": taken - (row - taken) * pi_check,
        "The other actions of the row are missing: each gets −π.": taken * (1 - pi_check),
        "Add 1 at the action only, not in its whole row.": row * (1 - pi_check),
        "State and action are swapped: rows are states.": policy_gradient.score(
            pi_check, torch.tensor(2), torch.tensor(1)
        ),
        "That is log π itself; its gradient was asked for.": [taken * pi_check.log(), row * pi_check.log()],
        "The softmax is taken twice: the argument is π, not θ.": taken - row * pi_check.softmax(-1),
        "That is divided by π again: the gradient of log π is that of π, divided once.": by_log / pi_check[1, 2],
        "Write it into row S of zeros like pi.": by_log[1],
    },
)
### BEGIN HIDDEN TESTS
checks.equal(
    score(pi_check, 0, 0),
    policy_gradient.score(pi_check, torch.tensor(0), torch.tensor(0)),
    what="The score of action 0 in state 0",
)
### END HIDDEN TESTS
checks.passed(score)

# %%
score = checks.yours(policy_gradient.score)

# %% [markdown]
# ### Good actions more often, weighted by how good
# A state with two actions, both with positive values. Each time an action is drawn, its own probability is pushed up,
# by its value. Yet on average only the better one gains: it is pushed harder. Coloured arrows show each action's
# pushes times how often it is drawn; black is their sum. Move the sliders.

# %% tags=["nbval-ignore-output"]
@interact(
    first=FloatSlider(0.5, min=0.05, max=0.95, step=0.05),
    q_1=FloatSlider(2.0, min=0, max=3),
    q_2=FloatSlider(1.0, min=0, max=3),
)
def explore(first, q_1, q_2):
    fig, ax = plt.subplots(figsize=(3.5, 3))
    plotting.pushes(ax, first, (q_1, q_2)).legend(fontsize=8)
    plt.show()

# %%
fig, axes = plt.subplots(1, 3, figsize=(8, 2.8))
for ax, (first, q) in zip(axes, ((0.5, (2.0, 1.0)), (0.2, (2.0, 1.0)), (0.5, (1.0, 1.0)))):
    plotting.pushes(ax, first, q).set_title(f"π(1) = {first}, q = {q[0]:g}, {q[1]:g}", fontsize=9)
axes[0].legend(fontsize=7)
plt.show()

# %% [markdown]
# **What you see.** Without a kernel: three settings of the sliders. Equal values push in both directions alike and
# the mean stays put, however large they are; the mean is $\pi(1)\,\pi(2)\,(q_1 - q_2)$ long, so it fades when either
# action gets rare.

# %% [markdown]
# ## 6 · By sampling
# The fourth way needs no table at all. Sum over the steps of an episode, with the return $G_t$ in place of $q$, whose
# sample it is, and with $\gamma^t$ from the discounted visits $\eta$:
#
# $$\hat g = \sum_t \gamma^t\, G_t\, \nabla \log \pi(A_t \mid S_t) \qquad \mathbb E[\hat g] = \nabla J$$
#
# ### Exercise 7 · One episode, one estimate (15 min, ●●●, 3 points)
# Fill `episode_gradient` for one episode, given as `states`, `actions` and `rewards` of shape (T,).
#
# <details><summary>Hint</summary>
#
# `mdps.returns(rewards, gamma)` gives all $G_t$; add up `score(pi, states[t], actions[t])` with their weights.
# </details>

# %% exercise="policy-gradient-episode"
def episode_gradient(pi, states, actions, rewards, gamma):
    """Return an unbiased estimate of ∇J, shape (S, A), from one whole episode."""
    ### BEGIN SOLUTION
    gradient = torch.zeros_like(pi)
    for t, g in enumerate(mdps.returns(rewards, gamma)):
        gradient += gamma**t * g * score(pi, states[t], actions[t])
    return gradient
    ### END SOLUTION

# %% check="policy-gradient-episode-check" points=3
pi_check = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]])
states, actions, rewards = torch.tensor([0, 1, 0]), torch.tensor([1, 0, 2]), torch.tensor([1.0, 0.0, 2.0])
with checks.unchanged(pi=pi_check, rewards=rewards):
    got = episode_gradient(pi_check, states, actions, rewards, 0.5)
terms = torch.stack([policy_gradient.score(pi_check, s, a) for s, a in zip(states, actions)])


def weighted(*weights):
    return (torch.tensor(weights).view(-1, 1, 1) * terms).sum(0)


checks.equal(
    got,
    weighted(1.5, 0.5, 0.5),
    what="ĝ of an episode with rewards [1, 0, 2] and γ = 0.5",
    hint="Weight the score of step t by γᵗ G_t, and sum over steps.",
    mistakes={
        "γᵗ is missing: later steps count less in J.": weighted(1.5, 1.0, 2.0),
        "γᵗ is in twice; G_t begins with an undiscounted R.": weighted(1.5, 0.25, 0.125),
        "The first step has γ⁰ = 1.": weighted(0.75, 0.25, 0.25),
        "Raise γ to the power of t; that multiplies by t.": weighted(0.0, 0.5, 2.0),
        "That weights by the reward of the step; use the return that follows it.": [
            weighted(1.0, 0.0, 2.0),
            weighted(1.0, 0.0, 0.5),
        ],
        "That weights by the rewards up to the step; use those from it on.": [
            weighted(1.0, 1.0, 1.5),
            weighted(1.0, 1.0, 3.0),
            weighted(1.0, 0.5, 0.75),
        ],
        "G_t contains R_{t+1} itself, the reward of the action taken.": [
            weighted(0.5, 0.5, 0.0),
            weighted(0.5, 1.0, 0.0),
        ],
        "That gives every step the return of the whole episode.": [
            weighted(1.5, 1.5, 1.5),
            weighted(1.5, 0.75, 0.375),
            weighted(3.0, 3.0, 3.0),
        ],
        "Sum over the steps; that is their mean.": weighted(1.5, 0.5, 0.5) / 3,
        "Sum over the steps; that has an entry for each.": torch.tensor([1.5, 0.5, 0.5]).view(-1, 1, 1) * terms,
        "The sign is wrong: a gradient to climb, not a loss.": weighted(-1.5, -0.5, -0.5),
        "The returns are undiscounted; use γ in them, too.": [weighted(3.0, 2.0, 2.0), weighted(3.0, 1.0, 0.5)],
        "Only the first step is in; every step of the episode has a term.": weighted(1.5, 0.0, 0.0),
        "Only the last step is in; add up the terms.": weighted(0.0, 0.0, 0.5),
        "The last step is missing; it has a term, too.": weighted(1.5, 0.5, 0.0),
        "A state that is visited twice needs both terms; add them up.": weighted(0.0, 0.5, 0.5),
        "That has the gradient of π; the logarithm is missing.": weighted(1.5 * 0.3, 0.5 * 0.1, 0.5 * 0.2),
    },
)
### BEGIN HIDDEN TESTS
steps_check = mdps.sample_episodes(discounted, even, 1, 200, generator=torch.Generator().manual_seed(4))
checks.equal(
    episode_gradient(even, steps_check.states[0], steps_check.actions[0], steps_check.rewards[0], 0.8),
    policy_gradient.sampled_gradients(discounted, even, steps_check)[0],
    what="ĝ of a sampled episode with γ = 0.8",
)
### END HIDDEN TESTS
checks.passed(episode_gradient)

# %% [markdown]
# **Predict.** From $n$ episodes the mean of $\hat g$ has an error. How large is it for 100 episodes, compared with
# $\nabla J$ itself?

# %%
estimates = policy_gradient.sampled_gradients(world, pi, episodes)
for n in (100, 2000, 40_000):
    error = (estimates[:n].mean(0) - exact).norm() / exact.norm()
    expected = (estimates.var(0).sum() / n).sqrt() / exact.norm()
    print(f"{n} episodes: relative error {100 * error:.0f} %, expected about {100 * expected:.0f} %")
z = ((estimates.mean(0) - exact) / (estimates.std(0) / len(estimates) ** 0.5))[~world.terminal]
print(f"largest deviation of {z.numel()} entries: {z.abs().max():.1f} standard errors")

# %% [markdown]
# **What you see.** The sampled gradient is right on average and wrong in every instance: a hundred episodes tell
# little.
#
# ## 7 · What may be subtracted
# Subtract any $b(s)$ from the values of all actions in a state: $\sum_a b(s)\, \nabla \pi(a \mid s) = b(s)\, \nabla
# \sum_a \pi = b(s)\, \nabla 1 = 0$. So a **baseline** changes nothing on average. It changes the variance: lesson 05
# is about that. A first look:

# %%
shift = torch.linspace(-30, 30, world.num_states, dtype=torch.float64)
jacobian = torch.stack([torch.autograd.functional.jacobian(lambda row: row.softmax(-1), row) for row in theta])
print("Σ_a b(s) ∇π(a | s) is zero up to", f"1e-12: {bool((shift[:, None] * jacobian.sum(1)).abs().max() < 1e-12)}")
for name, baseline in (
    ("no baseline", None),
    ("b = v", mdps.evaluate(world, pi)),
    ("b = −20", torch.full_like(shift, -20)),
):
    samples = policy_gradient.sampled_gradients(world, pi, episodes, baseline=baseline)
    apart = (samples.mean(0) - exact).norm() / exact.norm()
    print(f"{name}: mean within {100 * apart:.0f} % of ∇J, variance {samples.var(0).sum():.0f}")

# %% [markdown]
# **What you see.** All three estimate the same gradient; with $b = v_\pi$ the variance is less than half of what it
# is without, and a constant near the mean of the values does nearly as well.
#
# ## 8 · Experiment: the short corridor
# Three states in a row look alike, every step costs 1, and in the middle one left and right are swapped. The policy
# sees no state: it has one number, the probability of going right. Always right or always left never arrive.
#
# **Predict** the best probability.

# %%
corridor = worlds.short_corridor()


def return_of(right):
    """Return J of going right with this probability in every state; `right` may have any shape."""
    pi = torch.stack([1 - right, right], -1).unsqueeze(-2).expand(*right.shape, 4, 2)
    return policy_gradient.objective(corridor, pi)


preference = torch.tensor(-2.0, dtype=torch.float64, requires_grad=True)
path = []
for _ in range(200):
    path.append(preference.sigmoid().item())
    slope = torch.autograd.grad(return_of(preference.sigmoid()), preference)[0]
    preference = (preference + 0.01 * slope).detach().requires_grad_()

# %%
grid = torch.linspace(0.04, 0.96, 200, dtype=torch.float64)
fig, ax = plt.subplots()
ax.plot(grid, return_of(grid), color=plotting.BLUE)
ax.plot(
    path[::10], return_of(torch.tensor(path[::10], dtype=torch.float64)), "o", color=plotting.VERMILLION, markersize=4
)
ax.set(xlabel="probability of right", ylabel="$J$", ylim=(-60, 0))
plt.show()
best = grid[return_of(grid).argmax()]
print(f"best probability {best:.2f} with J = {return_of(best):.1f}; the climb ends at {path[-1]:.2f}")

# %% [markdown]
# **What you see.** The best policy among those that see no state is random: right with probability 0.59. Gradient
# ascent (dots, from the left) finds it; a method that only knows greedy actions never could.

# %% [markdown]
# ## Summary
# - $J(\theta) = \sum_s h(s)\, v_\pi(s)$, climbed along $\nabla J = \sum_s \eta(s) \sum_a q_\pi(s, a)\, \nabla \pi(a
#   \mid s; \theta)$.
# - $\propto$ with $\mu$ instead of $\eta$: the factor is the mean episode length.
# - $\sum_a q\, \nabla \pi = \mathbb E_{a \sim \pi}[q\, \nabla \log \pi]$ can be sampled; $G_t$ is a sample of $q$.
# - A baseline $b(s)$ leaves the mean alone, because $\sum_a \nabla \pi = 0$.

# %% [markdown]
# **References.** The lecture, part 1, policy gradient theorem. Sutton and Barto (2018), sections 9.2, 13.1 to 13.4 and
# example 13.1. Sutton, McAllester, Singh and Mansour (2000). Williams (1992).
#
# Next: **04 · REINFORCE**.
