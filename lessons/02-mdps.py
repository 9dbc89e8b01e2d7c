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

from helpers import checks, mdps, planning, plotting, widgets, worlds

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
    inputs = torch.cat([table[:, seen], torch.ones(len(table), 1)], 1)
    weights = torch.linalg.lstsq(inputs, table[:, 8:]).solution
    error = (inputs @ weights - table[:, 8:]).std()
    print(f"{name}: the next angle is missed by {1000 * error:.1f} milliradians")

# %% [markdown]
# **What you see.** Without velocities the present is not enough: the same angle may be on its way up or down. Two
# successive steps tell which. The Markov property is kept by putting into the state what the future needs.
#
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
rewards = torch.tensor([1.0, 0.0, 2.0])
with checks.unchanged(rewards=rewards):
    got = returns(rewards, gamma=0.5)
checks.equal(
    got,
    torch.tensor([1.5, 1.0, 2.0]),
    what="G for rewards [1, 0, 2] and γ = 0.5",
    hint="Each return is the reward of its step plus γ times the return of the next step.",
    mistakes={
        "γ is applied one step early: the step's own reward is not discounted.": torch.tensor([0.75, 0.5, 1.0]),
        "γ is applied one step late: the reward after the step's own is discounted once.": torch.full((3,), 2.0),
        "Is γ missing? Later rewards count less.": torch.tensor([3.0, 2.0, 2.0]),
        "Those are discounted rewards; sum them up from each step to the end.": torch.tensor([1.0, 0.0, 0.5]),
        "That sums up the past; the return is what is still to come.": [
            torch.tensor([1.0, 0.5, 2.25]),
            torch.tensor([1.0, 1.0, 1.5]),
            torch.tensor([1.0, 1.0, 3.0]),
        ],
        "Each return also contains the reward of its own step.": torch.tensor([0.5, 1.0, 0.0]),
        "γ must count from the step itself, not from the start of the episode.": torch.tensor([1.5, 0.5, 0.5]),
        "That is the return of the whole episode at every step.": torch.tensor([1.5, 1.5, 1.5]),
        "That is G_0 alone; there is one return for each step.": torch.tensor(1.5),
        "The order is reversed.": torch.tensor([2.0, 1.0, 1.5]),
        "γ times the whole return of the next step, not only its reward, must be added.": torch.tensor([1.0, 1.0, 2.0]),
        "Is the last reward missing? Start at the last step.": torch.tensor([1.0, 0.0, 0.0]),
        "The loop ends after one round: put return behind it, not into it.": torch.tensor([0.0, 0.0, 2.0]),
    },
)
### BEGIN HIDDEN TESTS
checks.equal(
    returns(torch.tensor([-1.0, 2.0, 0.0, 4.0], dtype=torch.float64), gamma=0.9),
    torch.tensor([3.716, 5.24, 3.6, 4.0], dtype=torch.float64),
    what="G for rewards [-1, 2, 0, 4] and γ = 0.9",
    hint="Each return is the reward of its step plus γ times the return of the next step.",
)
checks.equal(returns(torch.tensor([3.0]), gamma=0.3), torch.tensor([3.0]), what="G of an episode of one step")
### END HIDDEN TESTS
checks.passed(returns)

# %% [markdown]
# Why must rewards be bounded? A student asked whether $\gamma < 1$ alone would do. **Predict** the partial sums of
# $\sum_k \gamma^k R_{k+1}$ for $\gamma = 0.9$ with $R = 1$, and with rewards that grow like $R_{k+1} = \gamma^{-k}$.

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
# A **policy** $\pi(a \mid s)$ says how likely each action is in each state: a table of shape (S, A) whose rows sum to
# 1. To *learn* one we give it parameters: preferences $\theta$, of any size and sign, turned into probabilities by a
# softmax, $\pi(a \mid s; \theta) = e^{\theta_{sa}} / \sum_b e^{\theta_{sb}}$. On CartPole a network makes the
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
# `mdp.rewards` is $r(s, a)$, of shape (S, A). A terminal state leads to itself for reward 0.

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
pi_check, q_check = torch.tensor([[0.25, 0.75], [1.0, 0.0]]), torch.tensor([[4.0, 8.0], [-2.0, 6.0]])
with checks.unchanged(pi=pi_check, q=q_check):
    got = state_values(pi_check, q_check)
checks.equal(
    got,
    torch.tensor([7.0, -2.0]),
    what="v for π = [[0.25, 0.75], [1, 0]] and q = [[4, 8], [-2, 6]]",
    hint="Weight each action value by the probability of its action, and sum over actions.",
    mistakes={
        "That is the largest action value; the policy may choose others.": torch.tensor([8.0, 6.0]),
        "That is the plain mean; weight each action by its probability.": torch.tensor([6.0, 2.0]),
        "You averaged after weighting; sum over the actions.": torch.tensor([3.5, -1.0]),
        "Sum over actions, the last dimension, not over states.": torch.tensor([-1.0, 6.0]),
        "That is the unweighted sum; weight by the policy.": torch.tensor([12.0, 4.0]),
        "That is the value of the likeliest action; the policy may choose others.": torch.tensor([8.0, -2.0]),
        "That is summed over states, too; keep one value for each state.": torch.tensor(5.0),
        "The weights are right. Now sum over the actions.": pi_check * q_check,
        "A policy's row belongs to its own state alone, but here each row met every state.": pi_check @ q_check.T,
        "Multiply the two tables element by element, with *, not @.": pi_check @ q_check,
    },
)
### BEGIN HIDDEN TESTS
checks.equal(
    state_values(torch.tensor([[0.2, 0.3, 0.5]]), torch.tensor([[1.0, -2.0, 4.0]])),
    torch.tensor([1.6]),
    what="v for π = [0.2, 0.3, 0.5] and q = [1, -2, 4]",
)
### END HIDDEN TESTS
checks.passed(state_values)

# %%
# A small MDP with γ = 0.5, which the checks below use.
p_check = torch.tensor([[[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]], [[0.0, 0.0, 1.0]] * 2])
r_check, start_check = torch.tensor([[1.0, 2.0], [3.5, 4.0], [0.0, 0.0]]), torch.tensor([1.0, 0.0, 0.0])
mdp_check = worlds.from_table(p_check, r_check, start_check, gamma=0.5)

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
v_check = torch.tensor([10.0, 20.0, 0.0])
with checks.unchanged(values=v_check):
    got = action_values(mdp_check, v_check)
expected = torch.tensor([[8.5, 2.0], [8.5, 9.0], [0.0, 0.0]])
checks.equal(
    got,
    expected,
    what="q of a small MDP with γ = 0.5 and v = [10, 20, 0]",
    hint="It is r(s, a), plus γ times the mean of v over next states.",
    mistakes={
        "γ is missing before the value of the next state.": torch.tensor([[16.0, 2.0], [13.5, 14.0], [0.0, 0.0]]),
        "γ also discounts the reward; it belongs to the next state alone.": torch.tensor(
            [[8.0, 1.0], [6.75, 7.0], [0.0, 0.0]]
        ),
        "The reward is discounted instead; γ belongs to the value of the next state.": torch.tensor(
            [[15.5, 1.0], [11.75, 12.0], [0.0, 0.0]]
        ),
        "The reward r(s, a) is missing.": torch.tensor([[7.5, 0.0], [5.0, 5.0], [0.0, 0.0]]),
        "Use the value of the next state, not of the present one.": torch.tensor(
            [[6.0, 7.0], [13.5, 14.0], [0.0, 0.0]]
        ),
        "The rewards must depend on the action: r(s, a), not its mean or sum over a.": [
            torch.tensor([[9.0, 1.5], [8.75, 8.75], [0.0, 0.0]]),
            torch.tensor([[10.5, 3.0], [12.5, 12.5], [0.0, 0.0]]),
        ],
        "The transitions are transposed: sum over the next state, their last dimension.": r_check
        + 0.5 * torch.stack([v_check @ p_check[:, action] for action in (0, 1)], -1),
        "The next state is random: weight the value of each by its probability.": [
            torch.tensor([[11.0, 2.0], [8.5, 14.0], [0.0, 0.0]]),  # the best
            torch.tensor([[6.0, 2.0], [8.5, 14.0], [0.0, 0.0]]),  # the likeliest
            r_check + 5.0,  # any, with equal chances
        ],
        "Sum over next states instead of averaging: the probabilities already sum to 1.": torch.tensor(
            [[3.5, 2.0], [3.5 + 5 / 3, 4.0 + 5 / 3], [0.0, 0.0]]
        ),
        "q has one value for each action in each state: keep the actions, and sum over next states.": [
            expected.max(-1).values,
            expected.mean(-1),
            r_check[..., None] + 0.5 * p_check * v_check,
        ],
    },
)
### BEGIN HIDDEN TESTS
values = torch.linspace(-5, 3, grid.num_states, dtype=torch.float64).masked_fill(grid.terminal, 0.0)
checks.equal(action_values(grid, values), mdps.action_values(grid, values), what="q of the grid for some v")
### END HIDDEN TESTS
checks.passed(action_values)

# %%
state_values, action_values = checks.yours(mdps.state_values), checks.yours(mdps.action_values)

# %% [markdown]
# With a finite horizon and γ = 1 the two half-steps, repeated, already give the exact value. Let $v_k(s)$ be the
# expected return of the next $k$ steps. No steps bring nothing, $v_0 = 0$, in code `torch.zeros_like(mdp.initial)`;
# and $v_{k+1}$ follows from $v_k$.
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
short = worlds.gridworld(["SG"], step_reward=-1.0)  # action 1, right, reaches the goal; the others stay and cost 1
half = torch.tensor([[0.5, 0.5, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]], dtype=torch.float64)
got = evaluate_horizon(short, half, 3)
checks.equal(
    got,
    torch.tensor([[0.0, 0.0], [-0.5, 0.0], [-0.75, 0.0], [-0.875, 0.0]], dtype=torch.float64),
    what="v for 0 to 3 steps to go, in a corridor with a half chance of leaving",
    hint="v with k + 1 steps to go is one step ahead of v with k; row k holds k steps to go.",
    mistakes={
        "The first row is no steps to go, where v = 0.": torch.tensor(
            [[-0.5, 0.0], [-0.75, 0.0], [-0.875, 0.0], [-0.9375, 0.0]], dtype=torch.float64
        ),
        "One row is missing: k goes from 0 to H, and v = 0 belongs to k = 0.": [
            torch.tensor([[0.0, 0.0], [-0.5, 0.0], [-0.75, 0.0]], dtype=torch.float64),
            torch.tensor([[-0.5, 0.0], [-0.75, 0.0], [-0.875, 0.0]], dtype=torch.float64),
        ],
        "One row too many: after v = 0 there are H steps.": torch.tensor(
            [[0.0, 0.0], [-0.5, 0.0], [-0.75, 0.0], [-0.875, 0.0], [-0.9375, 0.0]], dtype=torch.float64
        ),
        "The order is reversed: row k holds k steps to go.": torch.tensor(
            [[-0.875, 0.0], [-0.75, 0.0], [-0.5, 0.0], [0.0, 0.0]], dtype=torch.float64
        ),
        "Only zeros: is the best action taken, instead of the policy's, or is no row ever filled?": torch.zeros(4, 2),
        "The policy is missing: weight each action by its probability.": torch.tensor(
            [[0.0, 0.0], [-0.75, 0.0], [-1.3125, 0.0], [-1.734375, 0.0]], dtype=torch.float64
        ),
        "Every row is one step ahead of 0; start each step from the row before.": torch.tensor(
            [[0.0, 0.0], [-0.5, 0.0], [-0.5, 0.0], [-0.5, 0.0]], dtype=torch.float64
        ),
        "Add the value of where the action leads, not of the present state.": torch.tensor(
            [[0.0, 0.0], [-0.5, 0.0], [-1.0, 0.0], [-1.5, 0.0]], dtype=torch.float64
        ),
        "All rows are one and the same tensor, changed in place; make a new one for each k.": torch.tensor(
            [[-0.875, 0.0]] * 4, dtype=torch.float64
        ),
        "Keep the values of every k, not only of the last.": torch.tensor([-0.875, 0.0], dtype=torch.float64),
        "With no steps to go nothing is won: start from zeros, not from h(s).": torch.tensor(
            [[1.0, 0.0], [0.0, 0.0], [-0.5, 0.0], [-0.75, 0.0]], dtype=torch.float64
        ),
    },
)
pi_check = torch.tensor([[0.5, 0.5], [0.25, 0.75], [0.5, 0.5]])
checks.equal(
    evaluate_horizon(mdp_check, pi_check, 2),
    torch.tensor([[0.0, 0.0, 0.0], [1.5, 3.875, 0.0], [2.171875, 4.789063, 0.0]]),
    what="v for 0 to 2 steps to go in a small MDP with γ = 0.5",
    hint="v with k + 1 steps to go is one step ahead of v with k; row k holds k steps to go.",
    mistakes={
        "Is γ missing? `action_values` takes care of it.": torch.tensor(
            [[0.0, 0.0, 0.0], [1.5, 3.875, 0.0], [2.84375, 5.703125, 0.0]]
        ),
        "Values are replaced one by one, so that some are a step ahead of the others.": torch.tensor(
            [[0.0, 0.0, 0.0], [1.5, 4.0625, 0.0], [2.195313, 4.911133, 0.0]]
        ),
        "The policy is missing: average over its actions instead of taking the best.": torch.tensor(
            [[0.0, 0.0, 0.0], [2.0, 4.0, 0.0], [2.5, 5.0, 0.0]]
        ),
    },
)
### BEGIN HIDDEN TESTS
checks.equal(
    evaluate_horizon(bowling, anything, 4)[:, 0],
    torch.tensor([0.0, 0.0, 0.0, 0.0, 4.5], dtype=torch.float64),
    what="v of the bowling throw for 0 to 4 steps to go",
    hint="The pins fall in the fourth step.",
)
### END HIDDEN TESTS
checks.passed(evaluate_horizon)

# %% [markdown]
# Is it right? The honest test is to write out **every** possible trajectory with its probability and its return, and
# to sum. An MDP of this course lists the outcomes of each state and action: `mdp.next_states`, `mdp.probabilities`
# and `mdp.outcome_rewards`. **Predict** how many there are in 4 steps on a grid with 4 actions and 3 outcomes each.

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
by_sweeps = checks.yours(mdps.evaluate_horizon)(undiscounted, pi, 4)[4, 0]
print(f"{ways} trajectories of 4 steps: {value:.4f}; four sweeps: {by_sweeps:.4f}")
print("equal to 1e-12:", bool(abs(value - by_sweeps) < 1e-12))

# %% [markdown]
# **What you see.** Twenty thousand trajectories and four small matrix products give the same number. That is dynamic
# programming: shared futures are computed once.
#
# ### Exercise 6 · For ever (10 min, ●●○, 2 points)
# Without a horizon, $v_\pi = r_\pi + \gamma P_\pi v_\pi$ is a linear system, where $P_\pi(s' \mid s) = \sum_a \pi(a
# \mid s)\, p(s' \mid s, a)$ and $r_\pi(s) = \sum_a \pi(a \mid s)\, r(s, a)$. For $\gamma < 1$, or if every episode
# ends with probability 1, it has exactly one solution. Fill `evaluate`.
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
pi_check = torch.tensor([[0.5, 0.5], [0.25, 0.75], [0.5, 0.5]])
try:
    got = evaluate(mdp_check, pi_check)
except torch.linalg.LinAlgError:
    checks.fail("Your system has no single solution, as I − P_π has no inverse. Is γ missing in front of P_π?")
expected = mdps.evaluate(mdp_check, pi_check)
p_pi, r_pi = torch.einsum("sa,sat->st", pi_check, p_check), (pi_check * r_check).sum(-1)
identity, p_even, r_even = torch.eye(3), p_check.mean(1), r_check.mean(1)
checks.equal(
    got,
    expected,
    what="v_π of a small MDP with γ = 0.5",
    hint="Solve (I − γ P_π) v = r_π, with both averaged over the policy's actions.",
    mistakes={
        "P_π is transposed: row s holds where s leads.": torch.linalg.solve(identity - 0.5 * p_pi.T, r_pi),
        "Is γ missing in front of P_π?": torch.linalg.pinv(identity - p_pi) @ r_pi,
        "That is r_π alone, the value of one step.": r_pi,
        "Is the policy left out? Average rewards and transitions over its actions, with weights π(a | s).": [
            torch.linalg.solve(identity - 0.5 * p_even, r_even),
            torch.linalg.solve(identity - 0.5 * p_pi, r_even),
            torch.linalg.solve(identity - 0.5 * p_even, r_pi),
            torch.linalg.solve(identity - 0.5 * p_pi, r_check.sum(-1)),
            planning.optimal_values(mdp_check).v_star,
        ],
        "The sign is wrong: it is I minus γ P_π.": torch.linalg.solve(identity + 0.5 * p_pi, r_pi),
        "Solve the system, instead of multiplying r_π by its matrix.": (identity - 0.5 * p_pi) @ r_pi,
        "The rewards are discounted, but γ belongs to P_π alone.": 0.5 * expected,
        "The identity has ones on its diagonal only: torch.eye.": torch.linalg.solve(1 - 0.5 * p_pi, r_pi),
        "That is q; v has one value for each state.": mdps.action_values(mdp_check, expected),
    },
)
stuck = worlds.gridworld(["SG"], gamma=0.99)
up = torch.tensor([[1.0, 0.0, 0.0, 0.0]] * 2, dtype=torch.float64)
checks.equal(
    evaluate(stuck, up),
    torch.tensor([-100.0, 0.0], dtype=torch.float64),
    what="v_π of walking into a border for ever, with γ = 0.99",
    hint="Solve (I − γ P_π) v = r_π, with both averaged over the policy's actions.",
    mistakes={
        "That is the value of a finite horizon; solve the linear system, or sweep until nothing moves.": list(
            mdps.evaluate_horizon(stuck, up, 1000)
        )
    },
)
### BEGIN HIDDEN TESTS
checks.equal(evaluate(grid, pi), mdps.evaluate(grid, pi), what="v_π of the grid")
### END HIDDEN TESTS
checks.passed(evaluate)

# %% [markdown]
# The same values by **iterative evaluation**: repeat the half-steps until nothing moves. **Predict** in which cells
# values change first.

# %%
film = mdps.evaluate_horizon(grid, pi, 60)
fig, axes = plt.subplots(1, 4, figsize=(8, 1.8))
for ax, sweep in zip(axes, (1, 2, 5, 60)):
    plotting.grid(ax, rows, film[sweep], pi if sweep == 60 else None)
    ax.set_title(f"sweep {sweep}", fontsize=9)
plt.show()
exact = checks.yours(mdps.evaluate)(grid, pi)
print(f"after 60 sweeps the largest error is {(film[60] - exact).abs().max():.3f}")

# %% [markdown]
# **What you see.** First only pit, goal and the price of a step show; with every sweep the news travels one cell
# further. The arrows in the last picture are the policy.
#
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
got = checks.parts(monte_carlo(torch.tensor([1.0, 3.0, 5.0, 11.0])), ("mean", "error"), what="monte_carlo(…)")
checks.equal(
    got[0],
    5.0,
    what="The mean of the returns 1, 3, 5, 11",
    hint="Sum and divide by n.",
    mistakes={
        "Take the mean, not the median.": [3.0, 4.0],
        "To get the mean, divide the sum by n.": 20.0,
        "The mean divides by n; only the variance divides by n − 1.": 6.666667,
        "The mean comes first, the error second.": [2.160247, 4.320494],
    },
)
checks.equal(
    got[1],
    2.160247,
    what="The standard error for the returns 1, 3, 5, 11",
    hint="The standard deviation over √n.",
    mistakes={
        "That is the standard deviation of one return; divide by √n.": [4.320494, 3.741657],
        "Divide by √n, not by n.": 1.080123,
        "That is a variance; take the root.": [4.666667, 18.666667],
        "Divide the standard deviation by √n, not the variance.": 9.333333,
        "Use the sample standard deviation, with n − 1 in its divisor.": 1.870829,
        "Divide by √n: `samples.std()` needs n − 1 once only.": 2.494438,
    },
)
### BEGIN HIDDEN TESTS
got = checks.parts(
    monte_carlo(torch.tensor([-2.0, 4.0], dtype=torch.float64)), ("mean", "error"), what="monte_carlo(…)"
)
checks.equal(got[0], 1.0, what="The mean of the returns -2 and 4")
checks.equal(got[1], 3.0, what="The standard error for the returns -2 and 4")
### END HIDDEN TESTS
checks.passed(monte_carlo)

# %%
episodes = mdps.sample_episodes(grid, pi, 10_000, 2000, generator=torch.Generator().manual_seed(5))
first = mdps.returns(episodes.rewards, grid.gamma)[:, 0]
estimate, sizes = checks.yours(mdps.monte_carlo), [10, 30, 100, 300, 1000, 3000, 10_000]
points = [estimate(first[:n]) for n in sizes]
fig, ax = plt.subplots()
plotting.level(ax, float(exact[0]), "exact $v_\\pi$(start)")
ax.errorbar(sizes, [mean for mean, _ in points], [2 * error for _, error in points], fmt="o", color=plotting.BLUE)
ax.set(xscale="log", xlabel="episodes $n$", ylabel="estimate ± 2 standard errors")
plt.show()

# %% [markdown]
# **What you see.** The bars shrink like $1/\sqrt n$ towards the exact value; to halve them takes four times the
# episodes. About one bar in twenty misses it, here that of ten episodes.

# %% [markdown]
# ## 6 · The best that can be done
# $v_*(s) = \max_\pi v_\pi(s)$ and $q_*(s, a) = \max_\pi q_\pi(s, a)$ are the **optimal values**. They exist for a
# finite horizon or $\gamma < 1$ (or if every episode can end), they are unique, and whoever knows $q_*$ acts
# optimally by being greedy in it. Bellman's equation needs no policy at all:
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
got = value_iteration(mdp_check, 2)
expected = torch.tensor([[0.0, 0.0, 0.0], [2.0, 4.0, 0.0], [2.5, 5.0, 0.0]])
third = torch.tensor([[2.875, 5.25, 0.0]])
checks.equal(
    got,
    expected,
    what="v after 0, 1 and 2 sweeps of a small MDP with γ = 0.5",
    hint="Each sweep takes the maximum over actions of r + γ · mean of the last v.",
    mistakes={
        "That averages over actions; take the best one.": torch.tensor(
            [[0.0, 0.0, 0.0], [1.5, 3.75, 0.0], [2.15625, 4.59375, 0.0]]
        ),
        "That sums over actions; take the best one.": torch.tensor(
            [[0.0, 0.0, 0.0], [3.0, 7.5, 0.0], [5.625, 10.875, 0.0]]
        ),
        "That takes the worst action.": torch.tensor([[0.0, 0.0, 0.0], [1.0, 3.5, 0.0], [2.0, 4.0, 0.0]]),
        "Take the value of the best action, not its index.": torch.tensor([[0.0, 0.0, 0.0]] + [[1.0, 1.0, 0.0]] * 2),
        "Start from v = 0 and keep it as the first row.": torch.cat([expected[1:], third]),
        "Start from v = 0, not from h(s).": torch.tensor([[1.0, 0.0, 0.0], [2.0, 4.0, 0.0], [2.5, 5.0, 0.0]]),
        "One row is missing: v = 0, and then one for each sweep.": [expected[1:], expected[:-1]],
        "One row too many: v = 0, and then one for each sweep.": torch.cat([expected, third]),
        "γ is missing.": torch.tensor([[0.0, 0.0, 0.0], [2.0, 4.0, 0.0], [4.0, 6.0, 0.0]]),
        "The same action must serve both: take the maximum of the sum, not the sum of two maxima.": torch.tensor(
            [[0.0, 0.0, 0.0], [2.0, 4.0, 0.0], [3.5, 5.0, 0.0]]
        ),
        "That is the best reward alone; the value of the next state is missing.": expected[[0, 1, 1]],
        "Values are replaced one by one; compute a whole sweep from the v before it.": torch.tensor(
            [[0.0, 0.0, 0.0], [2.0, 4.5, 0.0], [2.625, 5.125, 0.0]]
        ),
        "All rows are one and the same tensor, changed in place; make a new one in each sweep.": expected[[2, 2, 2]],
        "Keep the values after every sweep, not only the last.": expected[2],
        "The order is reversed: the first row is v = 0.": expected.flip(0),
        "Sweeps are rows, and states are columns: torch.stack(values).": expected.T,
    },
)
checks.equal(value_iteration(grid, 3), planning.value_iteration(grid, 3), what="v of the grid over 3 sweeps")
### BEGIN HIDDEN TESTS
checks.equal(value_iteration(grid, 30), planning.value_iteration(grid, 30), what="v of the grid over 30 sweeps")
### END HIDDEN TESTS
checks.passed(value_iteration)

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
q_check = torch.tensor(
    [[1.0, 3.0, 3.0, 0.0], [-2.0, -1.0, -5.0, -4.0], [0.0, 0.0, 0.0, 0.0], [8.0, 8.0 - 5e-5, 8.0 - 5e-7, 0.0]]
)
with checks.unchanged(q=q_check):
    got = greedy_policy(q_check)
marked = torch.tensor([[0.0, 1.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 1.0, 0.0]])
expected = torch.tensor([[0.0, 0.5, 0.5, 0.0], [0.0, 1.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25], [0.5, 0.0, 0.5, 0.0]])
one_hot, last = torch.nn.functional.one_hot, 3 - marked.flip(-1).argmax(-1)
best_of_table = (q_check >= q_check.max() - 1e-6).float()
best_of_column = (q_check >= q_check.max(0).values - 1e-6).float()
worst = (q_check <= q_check.min(-1, keepdim=True).values + 1e-6).float()
checks.equal(
    got,
    expected,
    what="π greedy in a q with ties",
    hint="Every action within 1e-6 of the best of its row gets an even share.",
    mistakes={
        "argmax takes one of several best actions; let all of them share.": [
            one_hot(q_check.argmax(-1), 4),
            one_hot(last, 4),
            one_hot(torch.tensor([2, 1, 3, 0]), 4),
        ],
        "Those are numbers of actions; π(a | s) is a probability for each action.": [q_check.argmax(-1), last],
        "Those are the largest values; π(a | s) is a probability for each action.": q_check.max(-1).values,
        "The best actions are marked; divide by how many there are.": marked,
        "Divide by how many actions are best, not by the number of actions.": marked / 4,
        "Count the best actions of each row: .sum(-1, keepdim=True).": [
            marked / marked.sum(),
            marked / marked.sum(-1),
            marked / marked.sum(0),
        ],
        "That is a softmax: it gives worse actions a share, too.": q_check.softmax(-1),
        "Compare up to 1e-6: sums of floats are rarely equal to the last digit.": torch.cat(
            [expected[:3], torch.tensor([[1.0, 0.0, 0.0, 0.0]])]
        ),
        "An action 5e-5 below the best is not nearly as good; the tolerance is 1e-6, and not relative.": torch.cat(
            [expected[:3], torch.tensor([[1.0, 1.0, 1.0, 0.0]]) / 3]
        ),
        "Compare within each row, not with the best of the whole table or of a column.": [
            best_of_table,
            best_of_table / best_of_table.sum(-1, keepdim=True),
            best_of_table / best_of_table.sum(),
            best_of_column / best_of_column.sum(0),
            best_of_column / best_of_column.sum(-1, keepdim=True),
        ],
        "No action passed the comparison: it is the best minus the tolerance.": torch.full((4, 4), torch.nan),
        "That shares among the worst actions.": worst / worst.sum(-1, keepdim=True),
        "Shares are even among the best actions, not in proportion to q.": q_check / q_check.sum(-1, keepdim=True),
    },
)
### BEGIN HIDDEN TESTS
checks.equal(
    greedy_policy(torch.tensor([[5.0, -1.0, 5.0]])), torch.tensor([[0.5, 0.0, 0.5]]), what="π greedy in q = [5, -1, 5]"
)
### END HIDDEN TESTS
checks.passed(greedy_policy)

# %% [markdown]
# **Predict.** On a grid without pit and slipping, from the upper left to the lower right corner: how many optimal
# policies without chance are there, and how many $v_*$?

# %%
plain_rows = ["S...", "....", "...G"]
plain = worlds.gridworld(plain_rows)
solve, improve = checks.yours(planning.value_iteration), checks.yours(planning.greedy_policy)
fig, axes = plt.subplots(1, 2, figsize=(7, 2.4))
for ax, world, world_rows in zip(axes, (plain, grid), (plain_rows, rows)):
    v_star = solve(world, 200)[-1]
    plotting.grid(ax, world_rows, v_star, improve(mdps.action_values(world, v_star)))
axes[0].set_title("no slip, γ = 1", fontsize=9)
axes[1].set_title("slip 0.2, pit, γ = 0.95", fontsize=9)
plt.show()

# %% [markdown]
# **What you see.** Left, two arrows in six cells: each of the $2^6 = 64$ ways to choose among them is optimal, and
# all share one $v_*$. (Mixing them gives infinitely many more.) Right, the upper right corner turns away from the
# pit, while from the second cell of the top row the shorter way past it still wins.
#
# ## 7 · Experiment: move the world
# Three sliders: what the future counts, how slippery the floor is, what a step costs. Find settings in which staying
# away from the goal is optimal.

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
# The same without a kernel: four corners of the settings.

# %%
settings = [(0.95, 0.0, -1.0), (0.95, 0.6, -1.0), (0.95, 0.2, 0.5), (0.5, 0.2, -1.0)]
fig, axes = plt.subplots(1, 4, figsize=(8.5, 1.9))
for ax, (gamma, slip, step_reward) in zip(axes, settings):
    world = worlds.gridworld(rows, slip=slip, step_reward=step_reward, gamma=gamma)
    best = planning.optimal_values(world)
    plotting.grid(ax, rows, best.v_star, planning.greedy_policy(best.q_star), numbers=False)
    ax.set_title(f"γ {gamma}, slip {slip}, step {step_reward}", fontsize=8)
plt.show()

# %% [markdown]
# **What you see.** With slip 0.6 the way to the goal is so long that in the upper right corner the pit is the lesser
# evil. Where steps pay, every policy that never ends is optimal, so all arrows show where there is no danger of
# ending, and one direction where there is. With γ = 0.5 a far goal hardly counts.
#
# And by hand: walk an episode yourself, and watch the return grow.

# %%
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
# Next: **03 · The policy gradient theorem**.
