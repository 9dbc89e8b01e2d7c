# %% [markdown]
# # 01 · Bandits
# **You will** estimate the value of slot machines from what they pay, choose among them greedily and ε-greedily,
# measure both on thousands of machines at once, and reproduce the classic figure of exploration.
#
# **You need** lesson 00, PyTorch tensors with several dimensions, mean and variance. **Time**: 150 minutes.
#
# Symbols and their names in code: [NOTATION.md](../../NOTATION.md).

# %%
import math
from functools import partial

import matplotlib.pyplot as plt
import torch
from ipywidgets import FloatSlider, interact

from checks import bandits as check
from checks.exercise import yours
from helpers import bandits, plotting, widgets

torch.set_num_threads(1)  # many small steps: a second thread would mostly wait
plotting.use_style()

# %% [markdown]
# ## 1 · A room full of machines
# A slot machine has one arm and takes your money: a *one-armed bandit*. In a room with $K$ of them you choose in every
# round $t$ one arm $A_t$ and receive a reward $R_{t+1}$. Nobody tells you how well the other arms would have paid.
#
# What arm $a$ pays on average is its **value** $q_*(a) = \mathbb E[R_{t+1} \mid A_t = a]$. Our machines pay $R_{t+1}
# \sim \mathcal N(q_*(A_t), 1)$, and the room itself is random: each $q_*(a) \sim \mathcal N(0, 1)$. Whoever knew
# $q_*$ would pull $\operatorname{argmax}_a q_*(a)$ for ever.
#
# Here is one room, with the curtain drawn back.

# %%
q_star = torch.randn(10, generator=torch.Generator().manual_seed(9))
fig, ax = plt.subplots()
plotting.reward_distributions(ax, q_star)
plt.show()

# %% [markdown]
# **What you see.** For each arm the spread of its rewards, and a bar at $q_*(a)$. The spreads overlap so much that
# one pull tells little about which arm is better.
#
# ### Play by hand
# The next cell makes another room. **Predict** how many pulls you need to be fairly sure of the best arm, then play.
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
room = torch.randn(5, generator=torch.Generator().manual_seed(25))
widgets.levers(room, generator=torch.Generator().manual_seed(22))

# %% [markdown]
# The same as a fixed picture: somebody pulls arms of that room at random, 30 times.

# %%
generator = torch.Generator().manual_seed(23)
arms = torch.randint(5, (30,), generator=generator)
rewards = bandits.pull(room.expand(30, 5), arms, generator=generator)
fig, ax = plt.subplots()
ax.scatter(arms, rewards, color=plotting.BLUE, s=18, alpha=0.7)
ax.set(xlabel="arm $a$", ylabel="reward $R$", xticks=range(5), title=f"total {rewards.sum():.1f} in 30 pulls")
plt.show()

# %% [markdown]
# **What you see.** A handful of rewards for each arm, scattered by more than the arms differ. The averages of the two
# best, arms 2 and 0, lie 0.35 apart in the long run. To tell them apart by two standard errors (section 5) takes some
# 64 pulls of each.

# %% [markdown]
# ## 2 · Estimates
# How good is an arm? The obvious **estimate** is the average of what it has paid so far:
#
# $$Q_t(a) = \frac{1}{N_t(a)} \sum_{i < t,\ A_i = a} R_{i+1}$$
#
# where $N_t(a)$ counts the pulls of arm $a$ before step $t$.
#
# ### Exercise 1 · Sample average (10 min, ●○○, 2 points)
# Fill `sample_average`. Arms that were never pulled have the estimate 0.
#
# <details><summary>Hint 1</summary>
#
# First the sum of rewards and the number of pulls of every arm; a loop over arms is fine.
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.bincount(arms, weights=rewards, minlength=num_arms)` adds up per arm. What does 0/0 give?
# </details>

# %% exercise="bandits-estimate"
def sample_average(arms, rewards, num_arms):
    """Return Q(a) for every arm, shape (K,), from a record of arms (T,) and rewards (T,)."""
    ### BEGIN SOLUTION
    sums = torch.zeros(num_arms, dtype=rewards.dtype).scatter_add(0, arms, rewards)
    counts = torch.bincount(arms, minlength=num_arms)
    return sums / counts.clamp(min=1)
    ### END SOLUTION

# %% check="bandits-estimate-check" points=2
check.sample_average(sample_average)
### BEGIN HIDDEN TESTS
check.sample_average(sample_average, arms=(3, 1, 3, 1, 1, 5), rewards=(-1, 0.5, 2, 0, -4, -2.5), num_arms=8)
### END HIDDEN TESTS

# %% [markdown]
# Is the average a good estimate? After any fixed number $n \ge 1$ of pulls its expectation is $q_*(a)$: it is
# **unbiased**, even from a single reward. And by the law of large numbers it **converges** to $q_*(a)$; its standard
# deviation is $1/\sqrt n$, since one reward has variance 1.
#
# **Predict.** An arm with $q_* = 1$ is pulled 1, 4, 16, 64 times. In 2000 repetitions, where do the estimates lie?
#
# *Your guess:* …

# %%
estimate = yours(bandits.sample_average)
generator, pulls = torch.Generator().manual_seed(1), [1, 4, 16, 64]
fig, ax = plt.subplots()
for n in pulls:
    samples = 1 + torch.randn(2000, n, generator=generator)
    q = torch.stack([estimate(torch.zeros(n, dtype=torch.int64), rewards, 1)[0] for rewards in samples])
    print(f"{n:2} pulls: mean {q.mean():.2f}, standard deviation {q.std():.3f}, expected {n**-0.5:.3f}")
    ax.hist(q, bins=60, range=(-2, 4), histtype="step", linewidth=1.5, label=f"n = {n}", density=True)
ax.set(xlabel="estimate $Q$", ylabel="density")
ax.legend()
plt.show()

# %% [markdown]
# **What you see.** All four histograms are centred at $q_* = 1$; they get narrower by half for every fourfold $n$.
#
# ### One pull at a time
# Nobody wants to store all rewards. With $N$ pulls including the newest one, the average moves by
#
# $$Q \leftarrow Q + \frac{1}{N}\,(R - Q)$$
#
# towards the new reward: old estimate, plus step size times error. You will meet this form all over the course.

# %% [markdown]
# ### Exercise 2 · Update (15 min, ●●○, 3 points)
# Fill `update` for many rooms at once. The leading dimensions `...` hold independent rooms, the last one their arms;
# for a single room `...` is empty. Only the pulled arm of each room changes. Return new tensors, and leave the
# arguments as they are.
#
# <details><summary>Hint 1</summary>
#
# `arms.unsqueeze(-1)` has the shape that `gather` and `scatter` want along the last dimension.
# </details>
# <details><summary>Hint 2</summary>
#
# Or make a mask of the pulled arms: `torch.nn.functional.one_hot(arms, K)`. Raise the count first, then divide; arms
# never pulled have N = 0, so clamp it.
# </details>

# %% exercise="bandits-update"
def update(values, counts, arms, rewards):
    """Return new values and counts, each (..., K), after arms (...) paid rewards (...)."""
    ### BEGIN SOLUTION
    pulled = torch.nn.functional.one_hot(arms, values.shape[-1])
    counts = counts + pulled
    step = pulled / counts.clamp(min=1)
    return values + step * (rewards.unsqueeze(-1) - values), counts
    ### END SOLUTION

# %% check="bandits-update-check" points=3
check.update(update)
### BEGIN HIDDEN TESTS
check.update(update, values=((-1.5, 2, 0, 3, 1), (4, 1, 0.5, -1, 2)), counts=((2, 1, 3, 4, 6), (6, 3, 2, 5, 1)),
    arms=(2, 0), rewards=(-3, 0), seed=7)
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · Greedy
# The arm that looks best now, $\operatorname{argmax}_a Q_t(a)$, is called **greedy**. A student asked: what is the
# difference between greedy and optimal? *Greedy* looks at the estimates $Q_t$, *optimal* at the true values $q_*$. As
# long as the estimates are wrong, the two can be different arms.
#
# ### Exercise 3 · Greedy, with fair ties (10 min, ●●○, 2 points)
# At the start all estimates are 0: every arm is greedy. Fill `greedy` so that ties are broken uniformly at random,
# for each room by its own draw from `generator`.
#
# <details><summary>Hint</summary>
#
# `argmax` takes the first of equal numbers. Give every arm a random number, and let only the tied arms compete with
# theirs.
# </details>

# %% exercise="bandits-greedy"
def greedy(values, *, generator):
    """Return for each room an arm with the largest value, as int64; values (..., K), arms (...)."""
    ### BEGIN SOLUTION
    best = values == values.max(-1, keepdim=True).values
    lottery = torch.rand(values.shape, generator=generator)
    return (best * (1 + lottery)).argmax(-1)
    ### END SOLUTION

# %% check="bandits-greedy-check" points=2
check.greedy(greedy)
### BEGIN HIDDEN TESTS
check.greedy(greedy, values=((-3, -1, -7, -2, -5), (0, 2.5, 1, 4, 3)), tied=(2, 3, 3, -1, 3, 3), seed=5)
### END HIDDEN TESTS

# %% [markdown]
# **Predict.** A greedy player starts in the room of the first figure. Which arms does she try in 200 rounds? To show
# all readers the same story, this player runs the course's `greedy`; others happen upon other arms.
#
# *Your guess:* …

# %%
greedy, update = yours(bandits.greedy), yours(bandits.update)  # for the exercises to come
generator, history = torch.Generator().manual_seed(17), []
values, counts = torch.zeros(10), torch.zeros(10)
for _ in range(200):
    arm = bandits.greedy(values, generator=generator)
    values, counts = bandits.update(values, counts, arm, bandits.pull(q_star, arm, generator=generator))
    history.append(values)
tried = counts.nonzero().flatten().tolist()
print("pulls by arm:", {arm: int(counts[arm]) for arm in tried}, "best arm:", int(q_star.argmax()))

# %%
fig, ax = plt.subplots()
plotting.estimates(ax, torch.stack(history), q_star, arms=[1, 2, 4])
plt.show()

# %% [markdown]
# **What you see.** She tries three of ten arms. Arm 2 disappoints, and so does arm 0 (not drawn). Arm 4 keeps an
# estimate above 0, so she never leaves it. That estimate ends at its true value (dotted). The best arm, 1, stays at 0,
# untested: it is what she does not know that hurts.
#
# She has **locked in**. **Predict**: in 2000 rooms, how often does greedy end on the best arm of ten? (The cell runs
# the course's `testbed`; you write yours in section 5.)
#
# *Your guess:* …

# %%
generator = torch.Generator().manual_seed(7)
rooms = torch.randn(2000, 10, generator=generator)
last = bandits.testbed(rooms, 0.0, 500, generator=generator).arms[:, -1]
rank = (rooms > rooms.gather(-1, last.unsqueeze(-1))).sum(-1)
share = torch.bincount(rank, minlength=10) / 2000
fig, ax = plt.subplots()
ax.bar(range(1, 11), 100 * share, color=plotting.BLUE)
ax.set(xlabel="true rank of the arm where greedy ends (1 = best)", ylabel="% of rooms", xticks=range(1, 11))
plt.show()

# %% [markdown]
# **What you see.** Only about a third of the rooms end on the best arm, and a good quarter on the second best.

# %% [markdown]
# ## 4 · Explore or exploit
# Think of a restaurant. Ordering your favourite dish **exploits** what you know. But the menu may hide a dish that
# you would like better, and only ordering something new, to **explore**, can find it. Too much of either is a pity.
#
# The simplest mixture is **ε-greedy**: with probability $1 - \varepsilon$ the greedy arm, with probability
# $\varepsilon$ any arm, each equally likely (the greedy one too).
#
# ### Exercise 4 · ε-greedy (10 min, ●●○, 3 points)
# Fill `epsilon_greedy`. Each room tosses a coin of its own.
#
# <details><summary>Hint</summary>
#
# Compute both answers for all rooms, those of `greedy` and uniformly random ones, and choose between them with
# `torch.where`.
# </details>

# %% exercise="bandits-epsilon-greedy"
def epsilon_greedy(values, epsilon, *, generator):
    """Return the greedy arm, or with probability ε any arm; values (..., K), arms (...)."""
    ### BEGIN SOLUTION
    shape = values.shape[:-1]
    explore = torch.rand(shape, generator=generator) < epsilon
    anywhere = torch.randint(values.shape[-1], shape, generator=generator)
    return torch.where(explore, anywhere, greedy(values, generator=generator))
    ### END SOLUTION

# %% check="bandits-epsilon-greedy-check" points=3
check.epsilon_greedy(epsilon_greedy)
### BEGIN HIDDEN TESTS
check.epsilon_greedy(epsilon_greedy, values=(-1, 0, 0.5, 4, 1), epsilon=0.35, seed=10)
### END HIDDEN TESTS

# %%
epsilon_greedy = yours(bandits.epsilon_greedy)

# %% [markdown]
# ## 5 · The testbed
# One room proves nothing. The **10-armed testbed** plays thousands of rooms for 1000 steps and averages. Rooms do not
# talk to each other, so all of them are one tensor: a loop over steps is enough.
#
# ### Exercise 5 · Testbed (15 min, ●●○, 3 points)
# Fill `testbed`. In every step all rooms choose ε-greedily from what they know *before* the step,
# `bandits.pull(q_star, arm, generator=generator)` draws the rewards, and the estimates are updated. All estimates
# start at 0, without any first round through all arms.
#
# <details><summary>Hint</summary>
#
# Collect the arms and rewards of each step in two lists, and join them with `torch.stack(..., dim=-1)`. The functions
# that you wrote take all rooms at once.
# </details>

# %% exercise="bandits-testbed"
def testbed(q_star, epsilon, steps, *, generator):
    """Return arms and rewards, each (B, T), of B ε-greedy players; q_star is (B, K)."""
    ### BEGIN SOLUTION
    values, counts = torch.zeros_like(q_star), torch.zeros_like(q_star)
    arms, rewards = [], []
    for _ in range(steps):
        arms.append(epsilon_greedy(values, epsilon, generator=generator))
        rewards.append(bandits.pull(q_star, arms[-1], generator=generator))
        values, counts = update(values, counts, arms[-1], rewards[-1])
    return torch.stack(arms, -1), torch.stack(rewards, -1)
    ### END SOLUTION

# %% check="bandits-testbed-check" points=3
check.testbed(testbed)
### BEGIN HIDDEN TESTS
check.testbed(testbed, rooms=3000, num_arms=6, epsilon=0.3, steps=30, seed=21)
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 6 · Share of optimal pulls (10 min, ●○○, 2 points)
# How good is a player? In each step, count the share $p_t$ of rooms in which the pulled arm is the room's truly best
# one, $\operatorname{argmax}_a q_*(a)$. Over $n$ independent rooms it has the **standard error** $\sqrt{p_t (1 - p_t)
# / n}$: repeat the experiment, and two times out of three the new share lies within one standard error of the truth.
#
# Fill `optimal_share`.
#
# <details><summary>Hint</summary>
#
# Compare `arms` with `q_star.argmax(-1, keepdim=True)`; the comparison broadcasts over the steps.
# </details>

# %% exercise="bandits-optimal-share"
def optimal_share(q_star, arms):
    """Return the share of optimal pulls and its standard error, each (T,); q_star is (n, K), arms (n, T)."""
    ### BEGIN SOLUTION
    share = (arms == q_star.argmax(-1, keepdim=True)).float().mean(0)
    return share, (share * (1 - share) / len(arms)).sqrt()
    ### END SOLUTION

# %% check="bandits-optimal-share-check" points=2
check.optimal_share(optimal_share)
### BEGIN HIDDEN TESTS
check.optimal_share(optimal_share, q_star=((-1, 0, 2), (5, 4, 1), (0, 1, 3), (2, -2, 0), (-3, -1, -2), (1, 3, 2)),
    arms=((2, 0, 1, 2), (0, 1, 2, 0), (2, 1, 0, 2), (0, 2, 1, 0), (1, 1, 0, 0), (0, 2, 0, 2)))
### END HIDDEN TESTS

# %% [markdown]
# Now the figure that all this was for. Three players meet the same 2000 rooms: ε = 0 (greedy), 0.01 and 0.1.
#
# **Predict.** Which curve is highest after 100 steps, after 1000, after a million? Even with perfect estimates,
# ε-greedy pulls the best arm with probability
#
# $$1 - \varepsilon + \frac{\varepsilon}{K}$$
#
# so the **ceilings** are 0.991 for ε = 0.01 and 0.91 for ε = 0.1.
#
# *Your guess:* …

# %%
play, measure = yours(bandits.testbed), yours(bandits.optimal_share)
generator, shares, errors = torch.Generator().manual_seed(14), {}, {}
rooms = torch.randn(2000, 10, generator=generator)
for epsilon in (0.0, 0.01, 0.1):
    name = f"ε = {epsilon:g}"
    print(f"{name}: 2000 rooms,", end=" ", flush=True)  # so that you see how far it is
    arms, rewards = play(rooms, epsilon, 1000, generator=generator)
    shares[name], errors[name] = measure(rooms, arms)
    late = rewards[:, -100:].mean()
    print(f"{100 * shares[name][-1]:.0f} ± {100 * errors[name][-1]:.0f} % optimal, reward {late:.2f}")

# %% tags=["picture-testbed"]
fig, ax = plt.subplots()
for epsilon in (0.01, 0.1):
    plotting.level(ax, 100 * bandits.ceiling(epsilon, 10), f"ceiling for ε = {epsilon}")
percent = {name: 100 * share for name, share in shares.items()}
plotting.curves(ax, percent, errors={name: 100 * error for name, error in errors.items()})
ax.set(xlabel="step $t$", ylabel="% optimal arm", ylim=(0, 104))
plt.show()

# %% [markdown]
# **What you see.** Greedy stalls near one third. ε = 0.1 leads after 100 steps and after 1000, with about 80 %, below
# its ceiling. ε = 0.01 is slower but still climbs: it draws level by step 10,000 (both near 86 %), and leads after a
# million, with 97 to 98 % against 91 %. The bands are one standard error over 2000 rooms.

# %% [markdown]
# ### How many rooms are enough?
# Two shares $p$ and $q$ from $n$ rooms each differ by $p - q$, give or take $\sqrt{p(1-p)/n + q(1-q)/n}$.
#
# **Predict.** ε = 0.01 and 0.1 differ by some 20 points at step 1000. With only 20 rooms for each, how often does the
# worse player come out ahead, or equal? From here on the figures run `bandits.testbed`: yours, made faster.
#
# *Your guess:* …

# %%
last_is_best, generator = {}, torch.Generator().manual_seed(24)
print("4000 rooms for each player")
for epsilon in (0.01, 0.1):
    many = torch.randn(4000, 10, generator=generator)
    arms, _ = bandits.testbed(many, epsilon, 1000, generator=generator)
    last_is_best[epsilon] = (arms[:, -1] == many.argmax(-1)).float()
few = {n: {epsilon: 100 * best.view(-1, n).mean(-1) for epsilon, best in last_is_best.items()} for n in (20, 100, 400)}
for n, shares_of_n in few.items():
    wrong = (shares_of_n[0.01] >= shares_of_n[0.1]).float().mean()
    print(f"{n} rooms: wrong order in {100 * wrong:.0f} % of {4000 // n} repetitions")

# %%
fig, ax = plt.subplots()
for column, shares_of_n in enumerate(few.values()):
    for offset, marker, colour, epsilon in ((-0.15, "x", plotting.VERMILLION, 0.01), (0.15, "o", plotting.GREEN, 0.1)):
        spread = column + offset + 0.08 * torch.linspace(-1, 1, len(shares_of_n[epsilon]))
        ax.plot(spread, shares_of_n[epsilon], marker, markersize=3, color=colour, label=f"ε = {epsilon}")
ax.legend(*(entries[:2] for entries in ax.get_legend_handles_labels()))
ax.set(xticks=range(3), xticklabels=["20 rooms", "100 rooms", "400 rooms"], ylabel="% optimal at step 1000")
plt.show()

# %% [markdown]
# **What you see.** Each mark is one whole experiment, a cross for ε = 0.01 and a dot for ε = 0.1. With 20 rooms the two
# clouds overlap: in the long run the order is wrong in 12 % of such experiments. With 400 rooms they are far apart.
#
# ### Exercise 7 · Rooms needed (10 min, ●●○, 2 points)
# Fill `runs_needed`: the smallest $n$ for which the difference of two shares is at least `distance` of its standard
# errors.
#
# <details><summary>Hint</summary>
#
# Solve $|p - q| \ge d \sqrt{(p(1-p) + q(1-q))/n}$ for $n$, and round up.
# </details>

# %% exercise="bandits-runs-needed"
def runs_needed(p, q, distance):
    """Return the smallest number of runs of each kind that separates shares p and q by `distance` standard errors."""
    ### BEGIN SOLUTION
    variance = p * (1 - p) + q * (1 - q)
    return math.ceil(distance**2 * variance / (p - q) ** 2)
    ### END SOLUTION

# %% check="bandits-runs-needed-check" points=2
check.runs_needed(runs_needed)
### BEGIN HIDDEN TESTS
check.runs_needed(runs_needed, cases=((0.4, 0.7, 2.5), (0.35, 0.25, 3.5), (0.5, 0, 8)))
### END HIDDEN TESTS

# %%
needed = yours(bandits.runs_needed)
p, q = (shares[name][-1].item() for name in ("ε = 0.01", "ε = 0.1"))
print(f"{p:.2f} against {q:.2f} at step 1000, by 3 standard errors: {needed(p, q, 3)} rooms")

# %% [markdown]
# ## 6 · Experiment: your own ε
# **Predict** which ε is best after 100 steps, and which after 300. Then move the slider; each setting plays the same
# 500 rooms.
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
@interact(epsilon=FloatSlider(value=0.1, min=0, max=0.5, step=0.01, description="ε", continuous_update=False))
def explore(epsilon):
    generator = torch.Generator().manual_seed(15)
    arms, _ = bandits.testbed(rooms[:500], epsilon, 300, generator=generator)
    fig, ax = plt.subplots()
    plotting.level(ax, 100 * bandits.ceiling(epsilon, 10), "ceiling")
    plotting.curves(ax, {f"ε = {epsilon:.2f}": 100 * bandits.optimal_share(rooms[:500], arms)[0]})
    ax.set(xlabel="step $t$", ylabel="% optimal arm", ylim=(0, 104))
    plt.show()

# %% [markdown]
# As a fixed picture, with 1000 rooms: ten settings at once, and their ceilings. A point is the mean of the 50 steps up
# to the one named.

# %%
settings = torch.tensor([0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5])
many = rooms[:1000].expand(len(settings), 1000, 10)
arms, _ = bandits.testbed(many, settings.unsqueeze(-1), 1000, generator=torch.Generator().manual_seed(16))
share, _ = bandits.optimal_share(many, arms)
fig, ax = plt.subplots()
moments = {f"step {t}": 100 * share[:, t - 50 : t].mean(-1) for t in (100, 300, 1000)}
plotting.curves(ax, {**moments, "ceiling": 100 * bandits.ceiling(settings, 10)}, x=settings)
ax.set(xlabel="exploration $ε$", ylabel="% optimal arm")
plt.show()

# %% [markdown]
# **What you see.** At step 100 the best ε is near 0.2, later near 0.1: early on, finding the best arm counts most;
# later, every random pull costs. With a large ε the curves soon come close to their ceiling, which is low.
#
# ## 7 · The trap of the first sweep
# Descriptions of the testbed often say that the player tries every arm once at first. The famous curves do not: they
# start from $Q = 0$. **Predict** what one forced round through all arms does to the three players.
#
# *Your guess:* …

# %%
generator = torch.Generator().manual_seed(17)
everyone = rooms.expand(3, 2000, 10)
three = torch.tensor([[0.0], [0.01], [0.1]])
arms, rewards = bandits.testbed(everyone, three, 1000, sweep=True, generator=generator)
share, error = bandits.optimal_share(everyone, arms)
for i, name in enumerate(shares):
    print(f"{name}: {100 * share[i, -1]:.0f} % optimal with the sweep, {100 * shares[name][-1]:.0f} % without")

# %%
fig, ax = plt.subplots()
with_sweep = {name: 100 * curve for name, curve in zip(shares, share)}
plotting.curves(ax, with_sweep, errors={name: 100 * curve for name, curve in zip(shares, error)})
ax.set(xlabel="step $t$", ylabel="% optimal arm", ylim=(0, 104), title="with one forced round through all arms")
plt.show()

# %% [markdown]
# **What you see.** Ten forced pulls nearly double greedy's share of best arms, lift ε = 0.01 by more than ten points,
# and change nothing for ε = 0.1 at step 1000. That is the trap: one sentence of a description, ten pulls of a
# thousand, gives other curves. And what do they earn?

# %%
fig, ax = plt.subplots()
earned = {name: reward.mean(0).unfold(0, 20, 20).mean(-1) for name, reward in zip(shares, rewards)}
ax.set(xlabel="step $t$", ylabel="mean reward", ylim=(1.1, 1.6), title="with one forced round through all arms")
plotting.level(ax, 1.54, "the best arm of ten, on average: 1.54")
plotting.curves(ax, earned, x=torch.arange(10.0, 1000, 20))
plt.show()

# %% [markdown]
# **What you see.** Greedy earns more than ε = 0.1 all the way, though it finds the best arm less often at the end. An
# arm at random pays 0 on average, the best of ten 1.54.

# %% [markdown]
# ### Exercise 8 · Why? (10 min, ●●○, 3 points, graded by a person)
# Explain in three to six sentences: (a) why greedy without the sweep locks in so early when it starts from $Q = 0$;
# (b) why the sweep helps greedy so much more than ε = 0.1; (c) greedy after the sweep or ε = 0.1, for 10,000 steps:
# which one would you choose if the share of best arms counts, and which if the reward collected counts? Say why, with
# the last two figures and the 1.54.

# %% [markdown] written="bandits-sweep" points=3
# ### BEGIN SOLUTION
# (a) Every untried arm has Q = 0. As soon as one arm's average is above 0 and stays there, all untried arms look
# worse, so greedy never tries them. An arm of middling value is enough for that.
#
# (b) After the sweep every arm has one noisy reward instead of an arbitrary 0, so greedy starts with the best of ten
# samples. The player with ε = 0.1 tries all arms anyway within the first hundred steps or so; the sweep only saves a
# little time.
#
# (c) For the share: ε = 0.1. It tries every arm again and again, so its estimates keep converging and its share rises
# towards 91 %, while greedy stays with the arm it has, which in about 3 of 10 rooms is not the best. For the reward:
# greedy. It earns about 1.42 a step, since its arm is rarely much worse than the best. ε = 0.1 pulls at random in a
# tenth of its steps, which pays 0, so even with perfect estimates it earns no more than 0.9 · 1.54 = 1.39.
#
# **Rubric.** 1 point each: (a) names the comparison of a positive estimate with the untested 0; (b) says that greedy
# gains information it would never get, and ε-greedy gets it later by itself; (c) ε = 0.1 for the share, with a reason
# that mentions the long run, and any reasoned choice for the reward that weighs the cost of exploring.
# ### END SOLUTION

# %% [markdown]
# ## Summary
# - Value $q_*(a) = \mathbb E[R \mid A = a]$; estimate $Q_t(a)$, the sample average: unbiased, converges like $1/\sqrt
#   n$.
# - Update: $Q \leftarrow Q + \frac 1 N (R - Q)$.
# - Greedy is best for the estimates, optimal for the truth. Greedy locks in; ε-greedy explores for ever, with ceiling
#   $1 - \varepsilon + \varepsilon / K$.
# - A curve without its standard error says little.
#
# **References.** The lecture, part 1, multi-armed bandits. Sutton and Barto (2018), *Reinforcement Learning*, chapter
# 2: sections 2.1 to 2.4 (values, ε-greedy, testbed, update), 2.5 (walking values), 2.6 (optimism), 2.7 (UCB), 2.8
# (gradient bandits). Okabe and Ito (2008) for the colours.
#
# Next: [02 · Markov decision processes](../02-mdps/02-mdps.ipynb).

# %% [markdown]
# ## Appendix · Beyond the lecture
# No points here, four ideas to play with. Each changes the player or the room in a line of code.
#
# **Optimistic start.** Start from $Q = 5$ instead of 0, with a constant step size: every arm disappoints at first, so
# greedy tries them all.
#
# **Upper confidence bound.** Choose $\operatorname{argmax}_a\, Q_t(a) + c \sqrt{\ln t / N_t(a)}$: the benefit of the
# doubt, largest for arms rarely pulled.

# %%
generator = torch.Generator().manual_seed(18)
fresh = torch.randn(1000, 10, generator=generator)


def player(rule, step_size=None, **options):
    """Return the share of optimal pulls in % of a player whose `rule` maps values and counts to arms."""
    learn = partial(bandits.update, step_size=step_size)
    run = bandits.run(fresh, 500, choose=rule, learn=learn, generator=generator, **options)
    return 100 * bandits.optimal_share(fresh, run.arms)[0]

# %%
fair = {"generator": generator}
players = {
    "ε = 0.1": player(lambda values, counts: bandits.epsilon_greedy(values, 0.1, **fair)),
    "optimistic": player(lambda values, counts: bandits.greedy(values, **fair), step_size=0.1, initial=5.0),
    "UCB, c = 2": player(lambda values, counts: bandits.ucb(values, counts, 2.0, **fair)),
}

# %%
fig, ax = plt.subplots()
plotting.curves(ax, players)
ax.set(xlabel="step $t$", ylabel="% optimal arm", ylim=(0, 104))
plt.show()

# %% [markdown]
# **What you see.** UCB leads from early on. The optimist passes ε = 0.1 near step 250 and UCB near step 375. Both pay
# at first for trying everything. Their spikes at step 11 come when every arm of every room has been pulled once, and
# the best first reward decides.

# %% [markdown]
# **Gradient bandit.** No values at all: keep a preference for each arm, choose from their softmax $\pi$, and climb
# the gradient of the expected reward, $h(a) \leftarrow h(a) + \alpha (R - b)(\mathbb 1[a = A] - \pi(a))$. This is the
# first *policy gradient* of the course. The **baseline** $b$ is the mean of the rewards so far; lesson 05 explains
# what it does here, where every room pays 4 more than before.

# %%
generator = torch.Generator().manual_seed(19)
climbers = {}
for name, baseline, shift in (("baseline, +4", True, 4), ("none, +4", False, 4), ("none, +0", False, 0)):
    run = bandits.gradient_bandit(fresh + shift, 500, alpha=0.1, baseline=baseline, generator=generator)
    climbers[name] = 100 * bandits.optimal_share(fresh, run.arms)[0]
    print(f"{name}: {climbers[name][-50:].mean():.0f} % optimal at the end")
fig, ax = plt.subplots()
plotting.curves(ax, climbers)
ax.set(xlabel="step $t$", ylabel="% optimal arm", ylim=(0, 104))
plt.show()

# %% [markdown]
# **What you see.** Without baseline, adding 4 to all rewards ruins the climb. With it the 4 cannot matter: it is in $R$
# and in $b$, and cancels in $R - b$.
#
# **Rooms that change.** Let every $q_*(a)$ walk at random. A sample average trusts old rewards as much as new
# ones; a constant step size forgets.

# %%
def rule(values, counts):
    return bandits.epsilon_greedy(values, 0.1, generator=generator)


generator = torch.Generator().manual_seed(20)
earned, middle = {}, torch.arange(25.0, 3000, 50)
for name, step_size in (("constant step 0.1", 0.1), ("sample average", None)):
    learn, start = partial(bandits.update, step_size=step_size), torch.zeros(500, 10)
    run = bandits.run(start, 3000, choose=rule, learn=learn, drift=0.03, generator=generator)
    earned[name] = run.rewards.mean(0).unfold(0, 50, 50).mean(-1)
    print(f"{name}: mean reward {run.rewards.mean():.2f}")

# %%
earned["best arm"] = 1.54 * 0.03 * middle.sqrt()  # after t steps q*(a) has standard deviation 0.03 √t
fig, ax = plt.subplots()
plotting.curves(ax, earned, x=middle)
ax.set(xlabel="step $t$", ylabel="mean reward")
plt.show()

# %% [markdown]
# **What you see.** Forgetting pays: the constant step size stays closer to the best arm, whose expected value is the
# upper line.
