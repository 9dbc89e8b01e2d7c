# %% [markdown]
# # 02 · Markov decision processes
# **You will** write down an environment as a table of probabilities, turn rewards into returns, compute the value of a
# policy in four ways that agree, and find an optimal policy by dynamic programming.
#
# **You need** lesson 01, expectations, linear systems. **Time**: 120 minutes.
#
# Symbols and their names in code: [NOTATION.md](../../NOTATION.md).

# %%
import gymnasium
import matplotlib.pyplot as plt
import torch
from ipywidgets import FloatSlider, interact

from checks import mdps as check
from checks.exercise import yours
from helpers import mdps, planning, plotting, widgets, worlds

torch.set_num_threads(1)  # small tables
torch.set_printoptions(precision=3, sci_mode=False)
plotting.use_style()

# %% [markdown]
# ## 1 · An environment as a table
# A bandit forgets everything between two pulls. Most tasks do not. An **agent** sees a **state** $S_t$, chooses an
# **action** $A_t$, and the **environment** answers with a **reward** $R_{t+1}$ and the next state $S_{t+1}$, at random:
#
# $$p(s', r \mid s, a)$$
#
# is a distribution over pairs of next state and reward. With finitely many states it is a table that one can print and
# sample. Together with the discount $\gamma$ (section 3) it makes a **Markov decision process**, MDP.
#
# Bowling is one. You choose a line; the ball rolls, and nothing in between matters; then pins fall.

# %%
pins = torch.zeros(3, 11, dtype=torch.float64)  # for the gutter, the edge and the middle: how likely 0, …, 10 pins are
pins[0, 0] = 1
pins[1, 3:8] = 0.2
pins[2, [7, 8, 9, 10]] = torch.tensor([0.2, 0.3, 0.3, 0.2], dtype=torch.float64)
bowling = worlds.bowling(pins, roll=3)
print("states: throw, then 3 steps on each of 3 lines, then the end:", bowling.num_states)
print("p(s' | throw, middle) =", bowling.transitions[0, 2])
print("r(last step on the edge line) =", bowling.rewards[6])

# %% [markdown]
# Only the last step before the end pays, and only the first action matters. Feedback that comes long after the action
# that earned it is called **delayed reward**. Chess is extreme: the rewards of a whole game are 0, 0, …, 0 and then
# +1, 0 or −1.
#
# **Predict.** Four players throw at random lines. What do their rewards look like, step by step?
#
# *Your guess:* …

# %%
anything = torch.full((bowling.num_states, 3), 1 / 3, dtype=torch.float64)
throws = mdps.sample_episodes(bowling, anything, 4, 10, generator=torch.Generator().manual_seed(3))
for states, rewards in zip(throws.states, throws.rewards):
    print("states", states.tolist(), "rewards", rewards.long().tolist())

# %% [markdown]
# **What you see.** Three zeros and then the pins, whatever happened before: the ball passes states in which nothing
# is won.
#
# ## 2 · The Markov property
# $p(s', r \mid s, a)$ needs only the present: given $S_t$ and $A_t$, the past says nothing more about the future.
# That is a property of what we *call* the state. CartPole, a pole balanced on a cart, shows four numbers: position,
# velocity, angle, angular velocity. What if the velocities are hidden?
#
# **Predict.** From the two remaining numbers and the action, how well can the next angle be foretold? And from the
# observations and actions of two successive steps?
#
# *Your guess:* …

# %%
env = gymnasium.make("CartPole-v1")
records, generator = [], torch.Generator().manual_seed(4)
while len(records) < 3000:
    now, _ = env.reset(seed=len(records))
    before, last_action, done = None, None, False
    while not done:
        action = int(torch.randint(2, (), generator=generator))
        after, _, terminated, truncated, _ = env.step(action)
        if before is not None:
            records.append([*now, *before[[0, 2]], action, last_action, after[2]])
        before, last_action, now, done = now, action, after, terminated or truncated
table = torch.tensor(records, dtype=torch.float64)

# %%
columns = {"all four": [0, 1, 2, 3, 6], "no velocities": [0, 2, 6], "no velocities, two steps": [0, 2, 4, 5, 6, 7]}
for name, seen in columns.items():
    inputs = torch.cat([table[:, seen], table.new_ones(len(table), 1)], 1)
    weights = torch.linalg.lstsq(inputs, table[:, 8:]).solution
    error = (inputs @ weights - table[:, 8:]).std()
    print(f"{name}: the next angle is missed by {1000 * error:.1f} milliradians")

# %% [markdown]
# **What you see.** Without velocities the next angle is missed by 11 milliradians, not much less than the 16 by which
# it moves in a step: the same angle may be on its way up or down. Two successive steps tell which. The Markov property
# is kept by putting into the state what the future needs.

# %% [markdown]
# ### Exercise 1 · Hidden velocities (10 min, ●○○, 2 points, graded by a person)
# A friend trains a policy on CartPole that sees position and angle only. Explain in two to four sentences (a) why
# this is no MDP, naming two situations that look alike and are not, and (b) one change of the state that mends it.

# %% [markdown] written="mdps-hidden-velocities" points=2
# ### BEGIN SOLUTION
# (a) The pole upright and falling left, and the pole upright and falling right, show the same position and angle; their
# futures differ, and the past (the previous angle) would tell them apart. So what is seen is not Markov.
#
# (b) Put the velocities into the state, or the previous observation beside the present one, or a summary of the past
# such as the hidden state of a recurrent network.
#
# **Rubric.** 1 point each: (a) two situations with equal observations and different futures; (b) a state that tells
# them apart.
# ### END SOLUTION

# %% [markdown]
# ## 3 · Return
# The reward is the answer to one step. What the agent wants is the **return**, the sum of all that is still to come:
#
# $$G_t = R_{t+1} + \gamma R_{t+2} + \gamma^2 R_{t+3} + \dots = R_{t+1} + \gamma G_{t+1}$$
#
# An **episodic** task ends by itself (bowling), a **finite-horizon** task after $H$ steps, a **continuing** task
# never. If rewards are bounded by $c$ and $\gamma < 1$, the sum is finite: $|G_t| \le c / (1 - \gamma)$.

# %% [markdown]
# ### Exercise 2 · Returns (10 min, ●○○, 2 points)
# Fill `returns`. Place $t$ of `rewards` holds $R_{t+1}$; the last place is the last step of the episode.
#
# <details><summary>Hint</summary>
#
# Walk backwards: the return of the last step is its reward, and each earlier one is made from the one behind it.
# </details>

# %% exercise="mdps-returns"
def returns(rewards, gamma):
    """Return G_0, …, G_{T-1} of one episode, shape (T,)."""
    ### BEGIN SOLUTION
    g, result = 0.0, torch.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        g = rewards[t] + gamma * g
        result[t] = g
    return result
    ### END SOLUTION

# %% check="mdps-returns-check" points=2
check.returns(returns)
### BEGIN HIDDEN TESTS
check.returns(returns, rewards=(-1.0, 2.0, 0.0, 4.0, -3.0, 0.5, 1.5), gamma=0.9)
### END HIDDEN TESTS

# %% [markdown]
# A student asked whether $\gamma < 1$ alone would do, without a bound. **Predict** the partial sums of
# $\sum_k \gamma^k R_{k+1}$ for $\gamma = 0.9$ with $R = 1$, and with rewards that grow like $R_{k+1} = \gamma^{-k}$.
#
# *Your guess:* …

# %%
k = torch.arange(60, dtype=torch.float64)
sums = {"R = 1": (0.9**k).cumsum(0), "R = 1 / γᵏ": (0.9**k * 0.9**-k).cumsum(0)}
fig, ax = plt.subplots()
plotting.level(ax, 1 / (1 - 0.9), "c / (1 − γ)")
plotting.curves(ax, sums, x=k + 1)
ax.set(xlabel="number of terms", ylabel="partial sum")
plt.show()

# %% [markdown]
# **What you see.** Bounded rewards stay below $c/(1 - \gamma) = 10$. Rewards that grow as fast as the discount
# shrinks make every term 1, and the sum has no limit, as if nothing were discounted.

# %% [markdown]
# ## 4 · Policies
# A **policy** $\pi(a \mid s)$ says how likely each action is in each state. It is a table of shape (S, A), and each row
# sums to 1. To *learn* one we give it parameters: preferences $\theta$, of any size and sign, turned into probabilities
# by a softmax, $\pi(a \mid s; \theta) = e^{\theta_{sa}} / \sum_b e^{\theta_{sb}}$. On CartPole a network makes the
# preferences: four numbers in, one for each action out.

# %% [markdown]
# Our playground is a grid with a goal `G`, a pit `P` and a wall. Each step costs 1, the step into the goal costs
# nothing, and the one into the pit costs 10; both end the episode. With probability 0.2 you slip, half the time to
# either side of where you want to go.

# %%
rows = ["S...", ".#.P", "...G"]
grid = worlds.gridworld(rows, slip=0.2, step_reward=-1.0, gamma=0.95)
theta = torch.zeros(grid.num_states, grid.num_actions, dtype=torch.float64)
theta[:, [1, 2]] = 1.0  # right and down a little more often
pi = theta.softmax(-1)
print("π(up, right, down, left | any cell) =", pi[0])

# %% [markdown]
# ## 5 · Values
# The **state value** $v_\pi(s)$ is the expected return from $s$ under $\pi$; the **action value** $q_\pi(s, a)$ that
# of first doing $a$. Each is one half-step away from the other:
#
# $$v_\pi(s) = \sum_a \pi(a \mid s)\, q_\pi(s, a) \qquad q_\pi(s, a) = r(s, a) + \gamma \sum_{s'} p(s' \mid s, a)\,
# v_\pi(s')$$
#
# with $r(s, a) = \mathbb E[R \mid s, a]$. In code: `mdp.transitions` is $p(s' \mid s, a)$, of shape (S, A, S), and
# `mdp.rewards` is $r(s, a)$, of shape (S, A). A terminal state leads to itself for reward 0. All tables are float64;
# results stay so.

# %% [markdown]
# ### Exercise 3 · From q to v (5 min, ●○○, 1 point)
# Fill `state_values`.
#
# <details><summary>Hint</summary>
#
# It is the mean of q over actions, weighted by the policy.
# </details>

# %% exercise="mdps-state-values"
def state_values(pi, q):
    """Return v(s), shape (S,), from π(a | s) and q(s, a), each (S, A)."""
    ### BEGIN SOLUTION
    return (pi * q).sum(-1)
    ### END SOLUTION

# %% check="mdps-state-values-check" points=1
check.state_values(state_values)
### BEGIN HIDDEN TESTS
check.state_values(state_values, pi=((0.2, 0.3, 0.5), (0.0, 0.9, 0.1)), q=((1.0, -2.0, 4.0), (6.0, 0.0, -3.0)))
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 4 · From v to q (10 min, ●●○, 2 points)
# Fill `action_values`: one step of the environment, then the value of where it leads.
#
# <details><summary>Hint</summary>
#
# `mdp.transitions @ values` sums over the last dimension, the next states.
# </details>

# %% exercise="mdps-action-values"
def action_values(mdp, values):
    """Return q(s, a), shape (S, A), from v(s), shape (S,)."""
    ### BEGIN SOLUTION
    return mdp.rewards + mdp.gamma * mdp.transitions @ values
    ### END SOLUTION

# %% check="mdps-action-values-check" points=2
check.action_values(action_values)
### BEGIN HIDDEN TESTS
check.action_values(action_values, values=(-3.0, 7.0, 0.0), rows=("P.S.", "G#.."), slip=0.4, gamma=0.9, seed=2)
### END HIDDEN TESTS

# %%
state_values, action_values = yours(mdps.state_values), yours(mdps.action_values)

# %% [markdown]
# With a finite horizon the two half-steps, repeated, already give the exact value, whatever γ is. Let $v_k(s)$ be the
# expected return of the next $k$ steps. No steps bring nothing, $v_0 = 0$: in code `torch.zeros_like(mdp.initial)`, as
# `mdp.initial` has a place for each state. And $v_{k+1}$ follows from $v_k$.
#
# ### Exercise 5 · A finite horizon (10 min, ●●○, 2 points)
# Fill `evaluate_horizon`: the values with 0, 1, …, H steps to go.
#
# <details><summary>Hint</summary>
#
# Start a list with zeros, and append `state_values(pi, action_values(mdp, values[-1]))` H times. `torch.stack` joins
# it.
# </details>

# %% exercise="mdps-horizon"
def evaluate_horizon(mdp, pi, horizon):
    """Return v_0, …, v_H, shape (H + 1, S)."""
    ### BEGIN SOLUTION
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(horizon):
        values.append(state_values(pi, action_values(mdp, values[-1])))
    return torch.stack(values)
    ### END SOLUTION

# %% check="mdps-horizon-check" points=2
check.evaluate_horizon(evaluate_horizon)
### BEGIN HIDDEN TESTS
check.evaluate_horizon(evaluate_horizon, horizon=5, rows=("P.S.", "G#.."), slip=0.4, gamma=0.9, seed=2)
### END HIDDEN TESTS

# %% [markdown]
# Is it right? The honest test is to write out **every** possible trajectory with its probability and its return, and
# to sum. An MDP of this course lists the outcomes of each state and action: `mdp.next_states`, `mdp.probabilities`
# and `mdp.outcome_rewards`. **Predict** how many there are in 4 steps on a grid with 4 actions and 3 outcomes each.
#
# *Your guess:* …

# %%
def enumerate_all(mdp, pi, state, steps):
    """Return the expected return and the number of trajectories of so many steps from a state."""
    if steps == 0 or mdp.terminal[state]:
        return 0.0, 1
    total, count = 0.0, 0
    for action in range(mdp.num_actions):
        for next_state, p, r in zip(
            mdp.next_states[state, action], mdp.probabilities[state, action], mdp.outcome_rewards[state, action]
        ):
            value, ways = enumerate_all(mdp, pi, next_state, steps - 1)
            total += pi[state, action] * p * (r + mdp.gamma * value)
            count += ways
    return total, count

# %%
undiscounted = worlds.gridworld(rows, slip=0.2)
value, ways = enumerate_all(undiscounted, pi, 0, 4)
by_sweeps = yours(mdps.evaluate_horizon)(undiscounted, pi, 4)[4, 0]
print(f"{ways} trajectories of 4 steps: {value:.4f}; four sweeps: {by_sweeps:.4f}")
print("equal to 1e-5:", bool(abs(value - by_sweeps) < 1e-5))

# %% [markdown]
# **What you see.** $(4 \cdot 3)^4 = 20736$ trajectories and four small matrix products give the same number. That is
# dynamic programming: shared futures are computed once.

# %% [markdown]
# ### Exercise 6 · For ever (10 min, ●●○, 2 points)
# Without a horizon, $v_\pi = r_\pi + \gamma P_\pi v_\pi$ is a linear system, where $P_\pi(s' \mid s) = \sum_a \pi(a
# \mid s)\, p(s' \mid s, a)$ and $r_\pi(s) = \sum_a \pi(a \mid s)\, r(s, a)$. For $\gamma < 1$ it has exactly one
# solution. (For $\gamma = 1$ the row of a terminal state, which leads to itself, says 0 = 0, and the matrix is
# singular. Lesson 03 therefore takes a $P_\pi$ with 0 in these rows.) Fill `evaluate`.
#
# <details><summary>Hint</summary>
#
# `torch.einsum("sa,sat->st", pi, mdp.transitions)` is $P_\pi$. Then `torch.linalg.solve` with the identity minus
# $\gamma P_\pi$.
# </details>

# %% exercise="mdps-evaluate"
def evaluate(mdp, pi):
    """Return v_π, shape (S,), of an MDP with γ < 1."""
    ### BEGIN SOLUTION
    transitions = torch.einsum("sa,sat->st", pi, mdp.transitions)
    rewards = (pi * mdp.rewards).sum(-1)
    identity = torch.eye(len(rewards), dtype=rewards.dtype)
    return torch.linalg.solve(identity - mdp.gamma * transitions, rewards)
    ### END SOLUTION

# %% check="mdps-evaluate-check" points=2
check.evaluate(evaluate)
### BEGIN HIDDEN TESTS
check.evaluate(evaluate, rows=("P.S.", "G#.."), slip=0.4, gamma=0.7, seed=2)
### END HIDDEN TESTS

# %% [markdown]
# The same values by **iterative evaluation**: repeat the half-steps until nothing moves, with your `evaluate_horizon`.
# **Predict** in which cells pit and goal are felt first, and where last.
#
# *Your guess:* …

# %%
film = yours(mdps.evaluate_horizon)(grid, pi, 60)
fig, axes = plt.subplots(1, 4, figsize=(8.5, 1.9))
for ax, sweep in zip(axes, (1, 2, 5, 60)):
    plotting.grid(ax, rows, film[sweep], pi if sweep == 60 else None, limits=(-12.5, 0))
    ax.set_title(f"sweep {sweep}", fontsize=9)
plt.show()
exact = yours(mdps.evaluate)(grid, pi)
print(f"after 60 sweeps the largest error is {(film[60] - exact).abs().max():.3f}")

# %% [markdown]
# **What you see.** The first sweep gives every cell the price of a step, and more only beside pit and goal; with every
# sweep the news travels one cell further, to the start last. Arrows in the last picture: the policy, the likeliest
# action longest.

# %% [markdown]
# ### Exercise 7 · By sampling (10 min, ●●○, 2 points)
# If nobody gives you the table, sample: the mean of $n$ returns is an unbiased estimate of $v_\pi(s)$, and its
# **standard error** is their standard deviation over $\sqrt n$. Fill `monte_carlo`.
#
# <details><summary>Hint</summary>
#
# `samples.std()` divides by n − 1 already.
# </details>

# %% exercise="mdps-monte-carlo"
def monte_carlo(samples):
    """Return the mean of sampled returns (n,) and its standard error, two numbers."""
    ### BEGIN SOLUTION
    return samples.mean(), samples.std() / len(samples) ** 0.5
    ### END SOLUTION

# %% check="mdps-monte-carlo-check" points=2
check.monte_carlo(monte_carlo)
### BEGIN HIDDEN TESTS
check.monte_carlo(monte_carlo, samples=(-2.0, 4.5, 0.0, -7.0, 1.0, 9.0, -2.0))
### END HIDDEN TESTS

# %%
episodes = mdps.sample_episodes(grid, pi, 10_000, 2000, generator=torch.Generator().manual_seed(5))
first = mdps.returns(episodes.rewards, grid.gamma)[:, 0]  # as yours, for all episodes at once
estimate, sizes = yours(mdps.monte_carlo), [10, 30, 100, 300, 1000, 3000, 10_000]
points = [tuple(map(float, estimate(first[:n]))) for n in sizes]
fig, ax = plt.subplots()
plotting.level(ax, float(exact[0]), "exact $v_\\pi$(start)")
ax.errorbar(sizes, [mean for mean, _ in points], [2 * error for _, error in points], fmt="o", color=plotting.BLUE)
ax.set(xscale="log", xlabel="episodes $n$", ylabel="estimate ± 2 standard errors")
plt.show()

# %% [markdown]
# **What you see.** The bars shrink like $1/\sqrt n$ towards the exact value; to halve them takes four times the
# episodes. About one bar in twenty misses it; of bars from ten episodes, whose length is a rough estimate itself, one
# in twelve. Here all of them hold it.

# %% [markdown]
# ## 6 · The best that can be done
# $v_*(s) = \max_\pi v_\pi(s)$ and $q_*(s, a) = \max_\pi q_\pi(s, a)$ are the **optimal values**. They exist for a
# finite horizon or $\gamma < 1$; for $\gamma = 1$ if every episode must end, under every policy, or if the goal can be
# reached from everywhere and never ending costs without bound, as on our grid. They are unique, and whoever knows $q_*$
# acts optimally by being greedy in it. Bellman's equation needs no policy at all:
#
# $$v_*(s) = \max_a \Big( r(s, a) + \gamma \sum_{s'} p(s' \mid s, a)\, v_*(s') \Big)$$

# %% [markdown]
# ### Exercise 8 · Value iteration (10 min, ●●○, 2 points)
# Fill `value_iteration`: turn the equation into an update, and repeat it `sweeps` times from $v = 0$, again
# `torch.zeros_like(mdp.initial)`.
#
# <details><summary>Hint</summary>
#
# `action_values` does everything but the maximum.
# </details>

# %% exercise="mdps-value-iteration"
def value_iteration(mdp, sweeps):
    """Return v after 0, 1, …, `sweeps` updates, shape (sweeps + 1, S)."""
    ### BEGIN SOLUTION
    values = [torch.zeros_like(mdp.initial)]
    for _ in range(sweeps):
        values.append(action_values(mdp, values[-1]).max(-1).values)
    return torch.stack(values)
    ### END SOLUTION

# %% check="mdps-value-iteration-check" points=2
check.value_iteration(value_iteration)
### BEGIN HIDDEN TESTS
check.value_iteration(value_iteration, sweeps=5, rows=("P.S.", "G#.."), slip=0.4, gamma=0.9)
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 9 · All optimal actions (10 min, ●●○, 2 points)
# $q_*$ is unique, an optimal policy need not be: two actions may be equally good. Fill `greedy_policy` so that all
# actions within $10^{-6}$ of the best share the probability evenly.
#
# <details><summary>Hint</summary>
#
# Compare `q` with its maximum over the last dimension minus the tolerance; then divide each row by how many passed.
# </details>

# %% exercise="mdps-greedy-policy"
def greedy_policy(q):
    """Return π(a | s), shape (S, A), even over all actions that are best in q(s, a) up to 1e-6."""
    ### BEGIN SOLUTION
    is_best = q >= q.max(-1, keepdim=True).values - 1e-6
    return is_best.to(q.dtype) / is_best.sum(-1, keepdim=True)
    ### END SOLUTION

# %% check="mdps-greedy-policy-check" points=2
check.greedy_policy(greedy_policy)
### BEGIN HIDDEN TESTS
check.greedy_policy(greedy_policy, q=((5.0, -1.0, 4.9999996, 2.0, 5.0), (-6.0, -6.000002, -7.0, -9.0, -8.0)))
### END HIDDEN TESTS

# %% [markdown]
# **Predict.** On a grid without pit and slipping, from the upper left to the lower right corner: how many optimal
# policies without chance are there, and how many $v_*$?
#
# *Your guess:* …

# %%
plain_rows = ["S...", "....", "...G"]
plain = worlds.gridworld(plain_rows)
solve, improve = yours(planning.value_iteration), yours(planning.greedy_policy)
fig, axes = plt.subplots(1, 2, figsize=(7, 2.4))
for ax, world, world_rows in zip(axes, (plain, grid), (plain_rows, rows)):
    v_star = solve(world, 200)[-1]
    plotting.grid(ax, world_rows, v_star, improve(mdps.action_values(world, v_star)), limits=(-6, 0))
axes[0].set_title("no slip, γ = 1", fontsize=9)
axes[1].set_title("slip 0.2, pit, γ = 0.95", fontsize=9)
plt.show()

# %% [markdown]
# **What you see.** Left, two arrows in six cells: each of the $2^6 = 64$ ways to choose among them is optimal, and
# all share one $v_*$. (Mixing them gives infinitely many more.) Right, the upper right corner turns away from the
# pit, while from the second cell of the top row the shorter way past it still wins.

# %% [markdown]
# ## 7 · Experiment: move the world
# Three sliders: what the future counts, how slippery the floor is, what a step costs. **Predict** settings in which
# staying away from the goal is optimal, then try them. (`optimal_values` finds what your sweeps tend to.)
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
@interact(
    gamma=FloatSlider(0.95, min=0.5, max=0.99, step=0.01),
    slip=FloatSlider(0.2, min=0, max=0.8, step=0.1),
    step_reward=FloatSlider(-1.0, min=-3, max=1, step=0.25),
)
def explore(gamma, slip, step_reward):
    world = worlds.gridworld(rows, slip=slip, step_reward=step_reward, gamma=gamma)
    best = planning.optimal_values(world)
    fig, ax = plt.subplots(figsize=(4, 2.6))
    plotting.grid(ax, rows, best.v_star, planning.greedy_policy(best.q_star))
    plt.show()

# %% [markdown]
# The same as a fixed picture, with four settings.

# %%
settings = [(0.95, 0.0, -1.0), (0.95, 0.6, -1.0), (0.95, 0.2, 0.5), (0.5, 0.2, -1.0)]
fig, axes = plt.subplots(1, 4, figsize=(8.5, 1.9))
for ax, (gamma, slip, step_reward) in zip(axes, settings):
    world = worlds.gridworld(rows, slip=slip, step_reward=step_reward, gamma=gamma)
    best = planning.optimal_values(world)
    plotting.grid(ax, rows, best.v_star, planning.greedy_policy(best.q_star), limits=(-11, 11))
    ax.set_title(f"γ {gamma}, slip {slip}, step {step_reward}", fontsize=8)
plt.show()

# %% [markdown]
# **What you see.** With slip 0.6 the way to the goal is so long that in the upper right corner the pit is the lesser
# evil. Staying away is optimal where steps pay: every policy that never ends is worth $0.5 / (1 - 0.95) = 10$, so all
# arrows show where there is no danger of ending, and one direction where there is. With γ = 0.5 a far goal hardly
# counts: in the top row the value is close to the −2 of walking for ever.
#
# And by hand: walk an episode yourself, and watch the return grow.

# %% tags=["nbval-ignore-output"]
widgets.walk(rows, grid, generator=torch.Generator().manual_seed(6))

# %% [markdown]
# ## Summary
# - $p(s', r \mid s, a)$, the Markov property, and the return $G_t = R_{t+1} + \gamma G_{t+1}$; bounded rewards and
#   $\gamma < 1$, or a finite horizon, keep it finite.
# - $v_\pi(s) = \sum_a \pi q_\pi$, $q_\pi = r + \gamma \sum p\, v_\pi$: two half-steps of one loop.
# - $v_\pi$ by sweeps, by $(I - \gamma P_\pi) v = r_\pi$, by enumeration, by sampling: all agree.
# - $v_*$ and $q_*$ are unique, optimal policies need not be; greedy in $q_*$ is optimal.
#
# From here on the course uses $\gamma = 1$ with episodes that end, after a finite horizon or with probability 1,
# unless it says otherwise.

# %% [markdown]
# **References.** The lecture, part 1, Markov decision processes. Sutton and Barto (2018), sections 3.1 to 3.6, 4.1
# and 4.4. Bellman (1957), *Dynamic Programming*. Barto, Sutton and Anderson (1983) for the pole on a cart.
#
# Next: [03 · The policy gradient theorem](../03-policy-gradient/03-policy-gradient.ipynb).
