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

from checks import policy_gradient as check
from checks.exercise import yours
from helpers import mdps, plotting, policy_gradient, worlds

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
fig, ax = plt.subplots(figsize=(3, 2.4))
plotting.grid(ax, rows, mdps.evaluate(world, pi), pi)
plt.show()

# %% [markdown]
# **What you see.** A random policy and its values, poor ones. Within each cell arrows are as long as actions are
# likely; the likeliest always has the same length.

# %% [markdown]
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
check.objective(objective)
### BEGIN HIDDEN TESTS
check.objective(objective, rows=("S.P", ".S.", "G#.", "..S"), slip=0.2, gamma=0.8, seed=2)
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · Where the policy goes
# How often does an episode visit a state? The **visit count** $\eta(s) = \sum_t \gamma^t P(S_t = s)$ obeys a balance:
# a visit is a start, or comes from a visit before,
#
# $$\eta(s') = h(s') + \gamma \sum_s \eta(s)\, P_\pi(s' \mid s)$$
#
# over non-terminal states; the end is not counted. Divided by its sum, which for γ = 1 is the mean episode length, it
# is the **on-policy distribution** $\mu(s)$.

# %% [markdown]
# ### Exercise 2 · Visit counts (15 min, ●●○, 3 points)
# Fill `visit_counts` by solving the balance. `mdps.policy_model(mdp, pi)` returns $P_\pi$, whose row $s$ holds where
# $s$ leads (0 in terminal rows, where lesson 02 had a 1), and $r_\pi$.
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
check.visit_counts(visit_counts)
### BEGIN HIDDEN TESTS
check.visit_counts(visit_counts, rows=("S.P", ".S.", "G#.", "..S"), slip=0.2, gamma=0.8, seed=2)
### END HIDDEN TESTS

# %% [markdown]
# **Predict.** Counting gives the same, of course. How many episodes does it take until all cells agree within 5 %?
#
# *Your guess:* …

# %%
count = yours(mdps.visit_counts)
eta = count(world, pi)
episodes = mdps.sample_episodes(world, pi, 40_000, 5000, generator=torch.Generator().manual_seed(2))
for n in (100, 400, 1600):
    worst = []
    for start in range(0, 25 * n, n):
        states, mask = episodes.states[start : start + n], episodes.mask[start : start + n]
        seen = torch.bincount(states[mask], minlength=world.num_states) / n
        worst.append(((seen - eta).abs() / eta)[~world.terminal].max())
    mean = 100 * torch.stack(worst).mean()
    print(f"{n} episodes: largest relative difference {mean:.0f} %, the mean of 25 attempts")
print(f"mean episode length: {eta.sum():.1f} by algebra, {episodes.mask.sum(-1).double().mean():.1f} by counting")

# %% [markdown]
# **What you see.** Four times the episodes about halve the difference, so 5 % takes three to four thousand. The rarest
# cells take longest: the relative error of a count falls only like one over the root of the visits.

# %% [markdown]
# ## 3 · The theorem
# $$\nabla_\theta J = \sum_s \eta(s) \sum_a q_\pi(s, a)\, \nabla_\theta \pi(a \mid s; \theta) \;\propto\; \sum_s
# \mu(s) \sum_a q_\pi(s, a)\, \nabla_\theta \pi(a \mid s; \theta)$$
#
# What is missing is the point: there is no $\nabla \eta$ and no $\nabla q$. Changing $\theta$ changes where the
# policy goes and what happens later, but one may pretend that only the choices at hand change.
#
# For preferences $\theta_{sb}$ and their softmax the inner sum has a short form, one number for each state $s$ and
# action $b$. Take a pencil: what is $\partial \pi(a \mid s) / \partial \theta_{sb}$, for $a = b$ and for others? Put it
# in, and look for a $v_\pi(s)$ in what you get.

# %% [markdown]
# ### Exercise 3 · By the theorem (20 min, ●●○, 3 points)
# Fill `exact_gradient`, of the shape of `theta`. `mdps.action_values(mdp, v)` gives $q_\pi$ from $v_\pi$.
#
# <details><summary>Hint 1</summary>
#
# The derivative of the softmax: $\partial \pi(a \mid s) / \partial \theta_{sb} = \pi(a \mid s) (\mathbb 1[a = b] -
# \pi(b \mid s))$.
# </details>
# <details><summary>Hint 2</summary>
#
# The inner sum: $\pi(b \mid s)\, \big(q_\pi(s, b) - v_\pi(s)\big)$.
# </details>
# <details><summary>Hint 3</summary>
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
check.exact_gradient(exact_gradient)
### BEGIN HIDDEN TESTS
check.exact_gradient(exact_gradient, rows=("S.P", ".S.", "G#.", "..S"), slip=0.2, gamma=0.8, seed=2)
### END HIDDEN TESTS

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
check.central_differences(central_differences)
### BEGIN HIDDEN TESTS
check.central_differences(central_differences, rows=("SP", ".G"), slip=0.2, gamma=0.8, step=0.03, seed=2)
### END HIDDEN TESTS

# %% [markdown]
# **Predict** before you run: will autograd through the exact $v_\pi$, the theorem, and the differences agree to 1e-6?
# To 1e-10? And by which factor is the sum with $\mu$ shorter?
#
# *Your guess:* …

# %%
theorem = yours(policy_gradient.exact_gradient)(world, theta)
witness = yours(policy_gradient.central_differences)(world, theta)
by_autograd = policy_gradient.autograd_gradient(world, theta)
print("theorem and autograd agree to 1e-10:", bool((theorem - by_autograd).abs().max() < 1e-10))
print("differences and autograd agree to 1e-6:", bool((witness - by_autograd).abs().max() < 1e-6))
with_mu = theorem / eta.sum()
print(f"length of ∇J over that with μ: {theorem.norm() / with_mu.norm():.3f}, mean episode length: {eta.sum():.3f}")

# %% [markdown]
# **What you see.** Three independent ways, one gradient. Theorem and autograd agree to 1e-10, if all is float64; the
# differences only to about 1e-8, since the rounding of $J$ is divided by $2 \cdot 10^{-5}$. With $\mu$ for $\eta$ it
# is shorter by exactly the mean episode length: that is all that the $\propto$ of the theorem hides.

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
check.proof(proof)
### BEGIN HIDDEN TESTS
check.proof(proof, right=("ECAGDFB", "3156247"))
### END HIDDEN TESTS

# %% [markdown]
# Step G in numbers. Unroll $k$ times: the terms collected so far, plus a **remainder**
# $\sum_x P(S_k = x)\, \nabla v(x)$ that is still unwritten. **Predict** how the remainder shrinks with $k$.
#
# *Your guess:* …

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
# **What you see.** The two parts always add up to $\nabla J$. As episodes end the remainder shrinks geometrically: it
# halves about every 15 steps, and the collected terms become the theorem's sum.

# %% [markdown]
# ## 5 · From all actions to the one that was taken
# The sum over all actions needs $q$ of actions never tried. Multiply and divide by $\pi$:
#
# $$\sum_a q\, \nabla \pi = \sum_a \pi\, q\, \frac{\nabla \pi}{\pi} = \mathbb E_{a \sim \pi}\big[\, q(s, a)\, \nabla
# \log \pi(a \mid s) \,\big]$$
#
# The expectation can be sampled by acting. $\nabla_\theta \log \pi(A \mid S)$ is called the **score**. For a softmax
# of a table $\log \pi(A \mid S) = \theta_{SA} - \log \sum_b e^{\theta_{Sb}}$: differentiate it by every
# $\theta_{sb}$, also in the rows of other states.

# %% [markdown]
# ### Exercise 6 · Score (10 min, ●●○, 2 points)
# Fill `score` for one step. `state` and `action` are whole numbers, or tensors with one such as `states[t]`, and the
# result has the dtype of `pi`.
#
# <details><summary>Hint 1</summary>
#
# The second term has the derivative $-\pi(b \mid S)$ by $\theta_{Sb}$; the first, 1 by $\theta_{SA}$ alone.
# </details>
# <details><summary>Hint 2</summary>
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
check.score(score)
### BEGIN HIDDEN TESTS
check.score(score, preferences=((0.4, -1.0, 0.0), (2.0, 0.0, 0.7)), steps=((1, 0), (0, 0), (0, 1), (1, 2)))
### END HIDDEN TESTS

# %%
score = yours(policy_gradient.score)

# %% [markdown]
# ### Good actions more often, weighted by how good
# A state with two actions, both with positive values. Each time an action is drawn, its own probability is pushed up,
# by its value. Yet on average only the better one gains: it is pushed harder. Coloured arrows show each action's push
# on the two preferences times how often it is drawn; black is their sum, the mean push of a draw. All are drawn at 0.4
# of their length. Move the sliders.

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

# %% [markdown]
# The same as a fixed picture, with three settings.

# %%
fig, axes = plt.subplots(1, 3, figsize=(8, 2.8))
for ax, (first, q) in zip(axes, ((0.5, (2.0, 1.0)), (0.2, (2.0, 1.0)), (0.5, (1.0, 1.0)))):
    plotting.pushes(ax, first, q).set_title(f"π(1) = {first}, q = {q[0]:g}, {q[1]:g}", fontsize=9)
axes[0].legend(fontsize=7)
plt.show()

# %% [markdown]
# **What you see.** Equal values push in both directions alike, and on average the policy stays at its dot, however
# large they are. The mean push moves each preference by $\pi(1)\,\pi(2)\,(q_1 - q_2)$, up or down, so it fades when
# either action gets rare.

# %% [markdown]
# ## 6 · By sampling
# The fourth way needs no table at all. Sum over the steps of an episode, with the return $G_t$ in place of $q$, whose
# sample it is, and with $\gamma^t$ from the discounted visits $\eta$:
#
# $$\hat g = \sum_t \gamma^t\, G_t\, \nabla \log \pi(A_t \mid S_t) \qquad \mathbb E[\hat g] = \nabla J$$

# %% [markdown]
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
check.episode_gradient(episode_gradient)
### BEGIN HIDDEN TESTS
check.episode_gradient(
    episode_gradient, states=(2, 2, 1, 2, 0), actions=(1, 0, 2, 1, 3), rewards=(-2.0, 0.0, 1.5, 0.0, 4.0), gamma=0.4
)
### END HIDDEN TESTS

# %% [markdown]
# **Predict.** From $n$ episodes the mean of $\hat g$ has an error. How large is it for 100 episodes, compared with
# $\nabla J$ itself? (`sampled_gradients` does what your `episode_gradient` does, for all episodes at once.)
#
# *Your guess:* …

# %%
estimates = policy_gradient.sampled_gradients(world, pi, episodes)
for n in (100, 2000, 40_000):
    error = (estimates[:n].mean(0) - exact).norm() / exact.norm()
    expected = (estimates.var(0).sum() / n).sqrt() / exact.norm()
    print(f"{n} episodes: relative error {100 * error:.0f} %, expected about {100 * expected:.0f} %")
z = ((estimates.mean(0) - exact) / (estimates.std(0) / len(estimates) ** 0.5))[~world.terminal]
print(f"largest deviation of {z.numel()} entries: {z.abs().max():.1f} standard errors")

# %% [markdown]
# **What you see.** The sampled gradient is right on average and wrong in every instance. A hundred episodes tell
# little: an error of two thirds of $\nabla J$ is to be expected, and to halve it takes four times as many.

# %% [markdown]
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

# %% [markdown]
# ## 8 · Experiment: the short corridor
# Three states in a row look alike, every step costs 1, and in the middle one left and right are swapped. The policy
# sees no state: it has one number, the probability of going right. Always right or always left never arrive.
#
# **Predict** the best probability.
#
# *Your guess:* …

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
# Next: [04 · REINFORCE](../04-reinforce/04-reinforce.ipynb).
