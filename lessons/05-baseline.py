# %% [markdown]
# # 05 · The baseline
# **You will** subtract from each return what was to be expected anyway, show that this changes no gradient on
# average, measure how much noise it removes, and train a second network to know what is to be expected.
#
# **You need** lessons 03 and 04. **Time**: 120 minutes.
#
# Symbols and their names in code: [NOTATION.md](../../NOTATION.md).

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import torch
from IPython.display import display
from ipywidgets import FloatSlider, IntProgress, interact

from checks import baseline as check
from checks.exercise import yours
from helpers import baselines, cartpole, networks, plotting, probes, reinforce

torch.set_num_threads(1)  # small tensors
torch.set_printoptions(precision=3, sci_mode=False)
plotting.use_style()

# %% [markdown]
# ## 1 · One state, everything exact
# When all returns are positive, each sampled action is pushed up, the bad ones only less. Lesson 04 showed two
# hundred policies, a quarter of which became certain of the wrong one. Better to push up what was better than expected,
# and down what was worse: weight $\nabla \log \pi$ with $q(a) - b$ for some number $b$, the **baseline**.
#
# Take one state, three actions, and a softmax of preferences $\theta$. Then $\nabla_\theta \log \pi(a)$ is 1 at the
# action, minus π everywhere: row $a$ of `baselines.scores(pi)`.

# %%
pi = torch.tensor([0.6, 0.3, 0.1], dtype=torch.float64)
q = torch.tensor([10.0, 12.0, 5.0], dtype=torch.float64)
print(baselines.scores(pi))

# %% [markdown]
# ### Exercise 1 · The mean push (10 min, ●●○, 2 points)
# Fill `expected_push`: the mean over $a \sim \pi$ of $(q(a) - b)\, \nabla_\theta \log \pi(a)$, one number for each
# preference.
#
# <details><summary>Hint</summary>
#
# Weight row $a$ with π(a) (q(a) − b), which `unsqueeze(-1)` makes a column, and sum over rows.
# </details>

# %% exercise="baseline-expected-push"
def expected_push(pi, q, b):
    """Return E[(q(a) − b) ∇ log π(a)], shape (A,); b is a float or of shape (), or (A,) if it looks at the action."""
    ### BEGIN SOLUTION
    weights = pi * (q - b)
    return (weights.unsqueeze(-1) * baselines.scores(pi)).sum(0)
    ### END SOLUTION

# %% check="baseline-expected-push-check" points=2
check.expected_push(expected_push)
### BEGIN HIDDEN TESTS
check.expected_push(expected_push, states=(((0.2, 0.7, 0.1), (-3.0, 0.5, 4.0), (1.0, 0.0, -2.0)),), numbers=(-4.0, 0.5))
### END HIDDEN TESTS

# %% [markdown]
# **Predict.** How does the mean push change for $b = 10$, for $b = 1000$, and for $b(a) = q(a)$?
#
# *Your guess:* …

# %%
expected_push = yours(baselines.expected_push)
for name, b in (
    ("b = 0", 0.0),
    ("b = 10", 10.0),
    ("b = 1000", 1000.0),
    ("b(a) = q(a)", q),
    ("b(a) = 0, 3, 0", 3 * pi.eq(0.3)),
):
    print(f"{name:15} mean push", expected_push(pi, q, b))

# %% [markdown]
# **What you see.** No number changes the mean: $\sum_a \pi(a)\, b\, \nabla \log \pi(a) = b \sum_a \nabla \pi(a) = b\,
# \nabla 1 = 0$. A baseline that looks at the action does: with $b = q$ nothing is left to learn from, and with the
# last one the push is wrong.

# %% [markdown]
# ## 2 · The variance
# One sample of the push is $\hat g = (q(a) - b)\, \nabla \log \pi(a)$ with $a \sim \pi$. Its variance, summed over
# the preferences, is
#
# $$\operatorname{Var}(b) = \sum_a \pi(a)\, (q(a) - b)^2\, \lVert \nabla \log \pi(a) \rVert^2 - \lVert \mathbb E\, \hat
# g \rVert^2$$
#
# and only the first term depends on $b$.
#
# ### Exercise 2 · Variance of one push (15 min, ●●○, 2 points)
# Fill `push_variance` for a number $b$, a float or a tensor without dimensions.
#
# <details><summary>Hint</summary>
#
# `baselines.scores(pi).square().sum(-1)` has the squared lengths of the rows.
# </details>

# %% exercise="baseline-push-variance"
def push_variance(pi, q, b):
    """Return the variance of (q(a) − b) ∇ log π(a), summed over the preferences: one number."""
    ### BEGIN SOLUTION
    lengths = baselines.scores(pi).square().sum(-1)
    return (pi * (q - b) ** 2 * lengths).sum() - expected_push(pi, q, b).square().sum()
    ### END SOLUTION

# %% check="baseline-push-variance-check" points=2
check.push_variance(push_variance)
### BEGIN HIDDEN TESTS
check.push_variance(push_variance, states=(((0.2, 0.7, 0.1), (-3.0, 0.5, 4.0)),), b=(0.7, -1.5))
### END HIDDEN TESTS

# %%
push_variance = yours(baselines.push_variance)

# %% [markdown]
# ### Exercise 3 · The best number (10 min, ●●○, 2 points)
# The variance is a parabola in $b$. Set its derivative to zero, and fill `best_baseline`.
#
# **Predict** first: is it the value $v = \sum_a \pi(a)\, q(a)$?
#
# *Your guess:* …
#
# <details><summary>Hint</summary>
#
# It is a weighted mean of $q$, with weights $\pi(a) \lVert \nabla \log \pi(a) \rVert^2$ that must be divided by their
# sum.
# </details>

# %% exercise="baseline-best"
def best_baseline(pi, q):
    """Return the number b of least variance."""
    ### BEGIN SOLUTION
    weights = pi * baselines.scores(pi).square().sum(-1)
    return (weights * q).sum() / weights.sum()
    ### END SOLUTION

# %% check="baseline-best-check" points=2
check.best_baseline(best_baseline)
### BEGIN HIDDEN TESTS
check.best_baseline(best_baseline, states=(((0.2, 0.7, 0.1), (-3.0, 0.5, 4.0)),))
### END HIDDEN TESTS

# %%
best_baseline = yours(baselines.best_baseline)
marks = {"0": torch.tensor(0.0), "plain mean of q": q.mean(), "v": (pi * q).sum(), "best": best_baseline(pi, q)}

# %%
fig, axes = plt.subplots(1, 2, figsize=(8, 3))
for ax, span, marked in zip(axes, ((0, 20), (8.7, 10.7)), (["0", "v"], list(marks)[1:])):
    grid = torch.linspace(*span, 81, dtype=torch.float64)
    ax.plot(grid, [push_variance(pi, q, b) for b in grid], color=plotting.GREY)
    for name, colour in zip(marked, (plotting.VERMILLION, plotting.BLUE, plotting.GREEN)):
        place = (marks[name], push_variance(pi, q, marks[name]))
        ax.plot(*place, "o", color=colour)
        side = "right" if name == "v" else "left"
        ax.annotate(name, place, (0, 7), textcoords="offset points", ha=side, color=colour)
    ax.set(xlabel="baseline $b$", ylabel="variance of one push")
axes[1].set_title("the bottom, enlarged", fontsize=9)
plt.show()
for name, b in marks.items():
    print(f"b = {b:5.2f} ({name}): variance {push_variance(pi, q, b):.2f}")

# %% [markdown]
# **What you see.** Left, anything near the values removes nearly all of the variance. Right: no, $v$ is often called
# the best baseline, but the exact minimiser lies beside it, since rare actions have long gradients and count more. In
# practice $v$ is what can be learned, and it is close.
#
# ### Experiment
# Each dot is the mean of ten sampled pushes, seen along two of the three preferences, slightly jittered; the cross is
# the exact mean.
# **Predict** what moves with $b$, then move it.
#
# *Your guess:* …

# %%
def cloud(ax, b):
    """Draw 300 means of ten sampled pushes each for baseline b, and the exact mean."""
    g = torch.Generator().manual_seed(1)
    arms = torch.multinomial(pi, 3000, replacement=True, generator=g).view(300, 10)
    pushes = (q - b)[arms].unsqueeze(-1) * baselines.scores(pi)[arms]
    jitter = 0.12 * torch.randn(300, 2, generator=g)
    ax.plot(*(pushes.mean(1)[:, :2] + jitter).T, ".", color=plotting.BLUE, alpha=0.4, markersize=4)
    ax.plot(*expected_push(pi, q, b)[:2], "+", color=plotting.VERMILLION, markersize=14, markeredgewidth=2)
    ax.set(xlabel="push on θ(0)", ylabel="push on θ(1)", xlim=(-7, 7), ylim=(-7, 7), aspect="equal")
    ax.set_title(f"b = {b:g}: variance of one push {push_variance(pi, q, b):.1f}", fontsize=9)

# %% tags=["nbval-ignore-output"]
@interact(b=FloatSlider(0.0, min=0, max=20, step=0.5))
def explore(b):
    fig, (left, right) = plt.subplots(1, 2, figsize=(7, 3.2))
    grid = torch.linspace(0, 20, 81, dtype=torch.float64)
    left.plot(grid, [push_variance(pi, q, x) for x in grid], color=plotting.GREY)
    left.plot(b, push_variance(pi, q, b), "o", color=plotting.VERMILLION)
    left.set(xlabel="baseline $b$", ylabel="variance of one push")
    cloud(right, b)
    plt.show()

# %%
fig, axes = plt.subplots(1, 3, figsize=(8.5, 3), sharey=True)
for ax, b in zip(axes, (0.0, 10.0, 20.0)):
    cloud(ax, b)
    ax.label_outer()
plt.show()

# %% [markdown]
# **What you see.** The same as a fixed picture, for three settings of the slider. The cloud shrinks and widens around
# a cross that stays where it is.
#
# ### A constant on top of all rewards
# Add 100 to every reward, and no policy becomes better or worse than another. **Predict** the variance without
# baseline, and with $v$.
#
# *Your guess:* …

# %%
for c in (0, 10, 100):
    v = (pi * (q + c)).sum()
    bare, centred = push_variance(pi, q + c, 0.0), push_variance(pi, q + c, v)
    print(f"c = {c:3}: variance {bare:8.1f} without baseline, {centred:.2f} with v")

# %% [markdown]
# **What you see.** Without baseline the noise grows with the square of a constant that means nothing. With $v$, which
# moves along, nothing changes.
#
# ### The mean of a batch
# Nobody tells us $v$. The mean of what was drawn is the nearest thing, but it contains each draw's own value.
#
# **Predict** the mean push of two draws, with the mean of both as baseline, and with the *other's* value. All nine
# pairs of draws are summed exactly.
#
# *Your guess:* …

# %%
pairs = torch.cartesian_prod(torch.arange(3), torch.arange(3))  # all that two draws can give
chance = pi[pairs].prod(-1, keepdim=True)
for name, b in (("0", 0.0), ("the mean of both", q[pairs].mean(-1, keepdim=True)), ("the other's", q[pairs.flip(-1)])):
    pushes = ((q[pairs] - b).unsqueeze(-1) * baselines.scores(pi)[pairs]).mean(1)
    print(f"two draws, baseline {name:17} mean push", (chance * pushes).sum(0))

# %% [markdown]
# **What you see.** A mean that contains the draw's own value does look at the action: here half of the push is lost,
# with $N$ draws a share of $1/N$. The direction stays, so few mind. With the other's value nothing is lost.

# %% [markdown]
# ## 3 · What can be subtracted on CartPole
# A baseline may depend on the state, or on anything else that the action does not change. Three candidates:
#
# - one number: the mean of all returns of the batch;
# - the **mean per time step**: what the episodes still alive at step $t$ got on average from there on;
# - a network $v(s)$, trained on the returns.

# %% [markdown]
# ### Exercise 4 · Mean per time step (10 min, ●●○, 2 points)
# Fill `time_baseline`. Episodes that are over count neither above nor below the fraction. Leading dimensions hold
# independent runs, which must not mix: the episodes are dimension −2.
#
# <details><summary>Hint</summary>
#
# Sum over dimension −2 with `keepdim=True`. Where nobody is alive, 0/0 must not become nan: `clamp(min=1)`.
# </details>

# %% exercise="baseline-time"
def time_baseline(returns, mask):
    """Return the mean return of the episodes alive at each step: returns and mask (..., N, T) to (..., 1, T)."""
    ### BEGIN SOLUTION
    total = torch.where(mask, returns, 0.0).sum(-2, keepdim=True)
    return total / mask.sum(-2, keepdim=True).clamp(min=1)
    ### END SOLUTION

# %% check="baseline-time-check" points=2
check.time_baseline(time_baseline)
### BEGIN HIDDEN TESTS
check.time_baseline(
    time_baseline, returns=((2.0, 5.0, -8.0), (1.0, 7.0, 9.0), (-4.0, -6.0, 2.5), (0.0, 1.0, 6.0)), lengths=(3, 1, 3, 2)
)
### END HIDDEN TESTS

# %%
time_baseline = yours(reinforce.time_baseline)

# %% [markdown]
# ### Exercise 5 · Leave yourself out (10 min, ●●○, 2 points)
# The mean per step contains each episode's own return, as the mean of both draws did. Fill `leave_one_out`: for each
# step of each episode the mean return of the **other** episodes alive at it, and 0 if
# there is no other. Behind an episode's end it may hold anything.
#
# <details><summary>Hint</summary>
#
# Take its own return from the sum, and itself (`mask.long()`) from the number of those alive.
# </details>

# %% exercise="baseline-leave-one-out"
def leave_one_out(returns, mask):
    """Return for each step the mean return of the other episodes alive at it; all tensors are (..., N, T)."""
    ### BEGIN SOLUTION
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    return (real.sum(-2, keepdim=True) - real) / others.clamp(min=1)
    ### END SOLUTION

# %% check="baseline-leave-one-out-check" points=2
check.leave_one_out(leave_one_out)
### BEGIN HIDDEN TESTS
check.leave_one_out(
    leave_one_out, returns=((2.0, 5.0, -8.0), (1.0, 7.0, 9.0), (-4.0, 5.0, 2.5), (0.0, 1.0, 6.0)), lengths=(3, 1, 3, 2)
)
### END HIDDEN TESTS

# %%
leave_one_out = yours(baselines.leave_one_out)

# %% [markdown]
# ### Exercise 6 · Train a value on returns (5 min, ●○○, 2 points)
# $v_\pi(s)$ is the mean of $G_t$ over the visits of $s$, and a mean is what a squared error finds. Fill `value_loss`:
# the mean over the steps that happened of $(v(S_t) - G_t)^2$.
#
# <details><summary>Hint</summary>
#
# `squares[mask]` picks the steps that happened.
# </details>

# %% exercise="baseline-value-loss"
def value_loss(values, returns, mask):
    """Return the mean squared error of values against returns, one number, from tensors (N, T)."""
    ### BEGIN SOLUTION
    return ((values - returns) ** 2)[mask].mean()
    ### END SOLUTION

# %% check="baseline-value-loss-check" points=2
check.value_loss(value_loss)
### BEGIN HIDDEN TESTS
check.value_loss(value_loss, values=((0.5, -1, 2), (3, 0, 1)), returns=((2.0, -1, 0), (-5, 9, -9)), lengths=(3, 2))
### END HIDDEN TESTS

# %%
value_loss = yours(reinforce.value_loss)

# %% [markdown]
# ### Exercise 7 · Two heads, two losses (15 min, ●●●, 3 points)
# The policy's loss now weights each step with the **advantage** $G_t - v(S_t)$. To the policy this is a number: its
# loss must not move the value, which would learn to please the policy instead of predicting returns. And the value's
# loss must not move the policy.
#
# Fill `baseline_losses`. `baselines.weighted_loss` is lesson 04's `policy_loss`; gradients pass through its weights
# if you let them.
#
# <details><summary>Hint</summary>
#
# `values.detach()` has the same numbers and passes no gradient on.
# </details>

# %% exercise="baseline-losses"
def baseline_losses(logits, values, actions, returns, mask):
    """Return the policy's loss and the value's loss, from logits (N, T, A) and four tensors (N, T)."""
    ### BEGIN SOLUTION
    advantages = returns - values.detach()
    return baselines.weighted_loss(logits, actions, advantages, mask), value_loss(values, returns, mask)
    ### END SOLUTION

# %% check="baseline-losses-check" points=3
check.baseline_losses(baseline_losses)
### BEGIN HIDDEN TESTS
check.baseline_losses(
    baseline_losses, values=((0.5, -1, 2), (3, 0, 1)), returns=((2.0, -1, 0), (-5, 9, -9)), lengths=(3, 2), actions=5
)
### END HIDDEN TESTS

# %%
baseline_losses = yours(baselines.baseline_losses)

# %% [markdown]
# ### Exercise 8 · One update of both (10 min, ●●○, 2 points)
# Fill `update_both`: returns of the batch, logits and values of its states, both losses, and one step of the
# optimizer, which holds the parameters of both networks. The value network gives (N, T, 1).
#
# <details><summary>Hint</summary>
#
# One `backward` on the sum of the losses is enough: neither reaches the other's network.
# </details>

# %% exercise="baseline-update-both"
def update_both(policy, value, optimizer, episodes, gamma):
    """Change the parameters of both networks in place by one step of the optimizer."""
    ### BEGIN SOLUTION
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()
    ### END SOLUTION

# %% check="baseline-update-both-check" points=2
check.update_both(update_both)
### BEGIN HIDDEN TESTS
check.update_both(update_both, lengths=(2, 6, 3), gamma=0.6, learning_rate=0.03, seed=3)
### END HIDDEN TESTS

# %% [markdown]
# Both together, where $v$ matters: an episode has one step, its state pays −10 or 10 by luck, and action 1 pays 1
# more. Eight pairs of networks learn by your `update_both` with plain gradient steps. In eight more the value network
# has a learning rate of 0, and stays near 0.
#
# **Predict**: must $v$ be good before the policy can learn?
#
# *Your guess:* …

# %%
update_both = yours(baselines.update_both)
both = torch.tensor([[-1.0, 0.0], [1.0, 0.0]])  # the two states: what they pay, and a clock


def outcome(states, actions, next_states):
    """Return a reward of ±10 for the state, 1 more for action 1, and whether the clock has struck."""
    return 10 * states[..., 0] + actions, next_states[..., 1] >= 1


luck = replace(probes.no_matter(), outcome=outcome)

# %%
def learn(value_rate, seed):
    """Return the mean π(1) of both states, (40,), and their v, (40, 2), before each of 40 updates."""
    g = torch.Generator().manual_seed(seed)
    policy, value = networks.Network((), 2, 16, 2, generator=g), networks.Network((), 2, 16, 1, generator=g)
    rates = [{"params": policy.parameters(), "lr": 0.1}, {"params": value.parameters(), "lr": value_rate}]
    optimizer, pi_1, v = torch.optim.SGD(rates), [], []
    for _ in range(40):
        pi_1.append(policy(both).softmax(-1)[:, 1].mean().detach())
        v.append(value(both)[:, 0].detach())
        update_both(policy, value, optimizer, reinforce.run_episodes(luck, policy, 8, generator=g), 1.0)
    return torch.stack(pi_1), torch.stack(v)

# %%
fig, axes = plt.subplots(1, 2, figsize=(8.5, 3))
for rate, name, (colour, dash) in ((0.05, "v learns", plotting.STYLES[0]), (0.0, "v stays", plotting.STYLES[1])):
    runs = [learn(rate, seed) for seed in range(16, 24)]
    for pi_1, v in runs:
        axes[0].plot(v, color=colour, linestyle=dash, linewidth=0.8)
        axes[1].plot(pi_1, color=colour, linestyle=dash, linewidth=1)
    axes[1].plot([], [], color=colour, linestyle=dash, label=name)
    print(f"{name}: {sum(bool(pi_1[-1] > 0.8) for pi_1, _ in runs)} of 8 policies end above 0.8")
axes[0].set(xlabel="updates", ylabel="$v(s)$ of both states")
axes[1].set(xlabel="updates", ylabel="π(1), mean of both states", ylim=(-0.02, 1.02))
axes[1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# **What you see.** Left, one line for each run and state: within ten updates $v$ is near what each state pays. Right:
# it need not be exact, but from then on most policies find action 1. Where $v$ stays, luck is ten times as large as
# what is to be learnt, and throws policies to the wrong action in one state or in both. Of 48 pairs, these included,
# nine in ten ended above 0.8 where $v$ learns, and half where it stays.

# %% [markdown]
# ## 4 · How much noise each removes
# Half-way through its training a policy is frozen and runs 1000 episodes. Each gives one gradient, and we measure the
# variance over the thousand, summed over all parameters, with six weights: the return of the whole episode, $G_t$,
# and $G_t$ minus each baseline. The value network is fitted to other episodes of the same policy. All with
# $\gamma = 1$: only then does the return of the whole episode have the same mean.
#
# **Predict** the order.
#
# *Your guess:* …

# %%
scale = torch.tensor([1.0, 1.0, 5.0, 1.0])  # angles are small numbers; this brings them up to the others
g = torch.Generator().manual_seed(1)
policy = networks.Network((), 4, 32, 2, scale=scale, generator=g)
reinforce.train(cartpole.WORLD, policy, reinforce.Recipe(gamma=1.0), updates=50, generator=g, stop_at=120)
value = networks.Network((), 4, 64, 1, scale=scale, generator=g)
fitted = reinforce.run_episodes(cartpole.WORLD, policy, 256, generator=g)
goal = reinforce.returns(fitted.rewards, fitted.mask, 1.0) / 100  # around 1, where a network learns fast
reinforce.fit_value(value, torch.optim.Adam(value.parameters(), lr=0.02), fitted, goal, steps=100)
episodes = reinforce.run_episodes(cartpole.WORLD, policy, 1000, generator=g)
returns = reinforce.returns(episodes.rewards, episodes.mask, 1.0)
print(f"mean return between 100 and 200: {bool(100 < reinforce.mean_return(episodes) < 200)}")

# %%
values = 100 * reinforce.on_steps(value, episodes.states)[..., 0].detach()
weights = {
    "whole episode": returns[:, :1].expand_as(returns),
    "$G_t$, from step t on": returns,
    "minus the mean": returns - returns[episodes.mask].mean(),
    "minus mean per step": returns - time_baseline(returns, episodes.mask),
    "minus the others' mean": returns - leave_one_out(returns, episodes.mask),
    "minus v(s)": returns - values,
}
gradients = {name: baselines.episode_gradients(policy, episodes, w) for name, w in weights.items()}
variances = torch.stack([baselines.total_variance(samples) for samples in gradients.values()])
less = variances[1] / variances

# %%
fig, ax = plt.subplots()
ax.bar_label(ax.barh(list(weights), less, color=plotting.BLUE), fmt="%.2g", padding=3)
ax.set(xlabel="how many times less variance than with $G_t$")
ax.invert_yaxis()
plt.show()
whole, _, mean, per_step, others, by_state = less.tolist()
print(f"whole episode < G_t < minus the mean: {whole < 1 < mean}")
print(f"minus the mean < both means per step: {mean < min(per_step, others)}")
print(f"both means per step < minus v(s): {max(per_step, others) < by_state}")

# %% [markdown]
# **What you see.** The order is that of the bars. With the value network one episode is worth several without; with
# the return of the whole episode, about a quarter of one. With so many episodes the two means per step are alike. Six
# other policies at this stage gave the same order; there the value network gained between 2.5 and 10.

# %% [markdown]
# ## 5 · Any function of the state will do
# The six means should agree. And so should that of a bad baseline, even of a network with random weights, as long as
# it looks at the state only. One that looks at the action should not: here 30 is subtracted whenever the action
# is 1. For each of the 226 parameters, how far from the mean with $G_t$ is each mean, in standard errors?

# %%
nonsense = networks.Network((), 4, 32, 1, generator=torch.Generator().manual_seed(2))
of_state = 50 * reinforce.on_steps(nonsense, episodes.states)[..., 0].detach()
for name, b in (("minus nonsense of s", of_state), ("minus 30 if A = 1", 30.0 * episodes.actions)):
    gradients[name] = baselines.episode_gradients(policy, episodes, returns - b)
plain = gradients.pop("$G_t$, from step t on")
z = {name: baselines.mean_in_errors(samples - plain) for name, samples in gradients.items()}
for name, distances in z.items():
    print(f"{name:23} {'agrees' if distances.square().mean().sqrt() < 2 else 'differs'}")

# %%
fig, ax = plt.subplots(figsize=(6, 3.2))
for row, distances in enumerate(z.values()):
    ax.plot(distances, torch.full_like(distances, row), "|", color=plotting.BLUE, markersize=9)
ax.axvspan(-2, 2, color=plotting.GREY, alpha=0.25, linewidth=0)
ax.set_yticks(range(len(z)), z)
ax.set_xscale("symlog", linthresh=4)
ax.set_xticks([-50, -10, -2, 0, 2, 10, 50], ["−50", "−10", "−2", "0", "2", "10", "50"])
ax.set(xlabel="difference of the mean gradients, standard errors", ylim=(len(z) - 0.4, -0.6))
plt.show()

# %% [markdown]
# **What you see.** One mark for each parameter, beyond ±4 on a logarithmic scale. In six rows all lie within two
# standard errors. (The marks are not 226 separate trials: all come from the same episodes and move together.)
# Nonsense is harmless to the mean. A glance at the action is not, since it rewards or punishes the action itself.
#
# So an imperfect $v$ costs some variance and no more. It may be trained along with the policy, from scratch, on the
# same returns.

# %% [markdown]
# ## 6 · Does it learn faster?
# A rule from another course: 200 training episodes, then a greedy mean return of 490. The course's own `train` does
# thirty runs at once, in 40 batches of 5 episodes, with a learning rate that falls to a tenth. `baseline="value"` fits
# the network between updates, in two steps of its own optimizer; Adam does not mind how large the weights are.
#
# Here γ is 0.985. Then the theorem wants each step also weighted with $\gamma^t$ (lesson 03); like most programs,
# this one leaves that out, so that late steps count as well.
#
# **Predict** how many of thirty get there without a baseline.
#
# *Your guess:* …

# %%
def thirty_runs(baseline):
    """Return the mean returns of 40 batches of 30 runs, shape (40, 30), and the greedy scores at the end, (30,)."""
    g = torch.Generator().manual_seed(3)
    recipe = reinforce.Recipe(5, 0.025, gamma=0.985, baseline=baseline, final_rate=0.1, value_steps=2)
    policy = networks.Network((30,), 4, 32, 2, scale=scale, generator=g)
    value = networks.Network((30,), 4, 32, 1, scale=scale, generator=g) if baseline == "value" else None
    history = reinforce.train(cartpole.WORLD, policy, recipe, updates=40, generator=g, value=value, report=tick)
    return history, reinforce.evaluate(cartpole.WORLD, policy, generator=g)

# %% tags=["nbval-ignore-output"]
bar = IntProgress(max=120, description="updates")
display(bar)


def tick(*_):
    """Move the bar by one update."""
    bar.value += 1


names = {"none": "no baseline", "time": "mean per step", "value": "value network"}
results = {names[baseline]: thirty_runs(baseline) for baseline in names}

# %%
fig, ax = plt.subplots()
plotting.medians(ax, {name: history for name, (history, _) in results.items()}, x=torch.arange(5, 201, 5))
ax.set(xlabel="training episodes", ylabel="mean return of a batch")
plt.show()

# %% tags=["nbval-ignore-output"]
for name, (_, scores) in results.items():
    print(f"{name}: {(scores >= 490).sum()} of 30 runs end with 490 or more")

# %% [markdown]
# **What you see.** Medians, and bands from the first to the third quartile. With the mean per step nearly all runs
# have learned by then, with the value network most, and without a baseline about half. A fairer comparison gives each
# the settings that were chosen for it, on other seeds. On 400 fresh ones 387 got there with the mean per step (those
# above), and 213 without a baseline (batches of 4, a learning rate of 0.03, and γ = 0.99).

# %% [markdown]
# ### The lottery again
# In lesson 04's last world action 1 earned 0.4 more. Without that 0.4 nothing matters: the reward is 4 or 6 by the
# state alone. **Predict** what two hundred policies do there with a value network as baseline. (Again the course's
# own code, and plain gradient descent: Adam makes steps of one size even of pure noise.)
#
# *Your guess:* …

# %%
g = torch.Generator().manual_seed(9)
start = torch.tensor([[1.0, 0.0]]).expand(200, 1, 2)
after = {}
for name in ("none", "value"):
    runs = networks.Network((200,), 2, 32, 2, generator=g)
    values = networks.Network((200,), 2, 32, 1, generator=g)
    descent, fitting = torch.optim.SGD(runs.parameters(), lr=0.1), torch.optim.Adam(values.parameters(), lr=0.05)
    for _ in range(60):
        batch = reinforce.run_episodes(probes.no_matter(), runs, 64, generator=g)
        known = reinforce.on_steps(values, batch.states)[..., 0].detach() if name == "value" else 0.0
        reinforce.update(runs, descent, batch, batch.rewards - known)
        if name == "value":
            reinforce.fit_value(values, fitting, batch, batch.rewards, steps=3)
    after[name] = runs(start).softmax(-1)[:, 0, 1].detach()

# %%
fig, ax = plt.subplots()
colours = [plotting.GREY, plotting.BLUE]
ax.hist(list(after.values()), bins=20, range=(0, 1), color=colours, label=["no baseline", "value network"])
ax.set(xlabel="π(1)", ylabel="policies")
ax.legend()
plt.show()
certain = {name: ((p < 0.1) | (p > 0.9)).double().mean() for name, p in after.items()}
print(f"nearly certain without baseline: more than 40 %: {bool(certain['none'] > 0.4)}")
print(f"nearly certain with the value network: less than 5 %: {bool(certain['value'] < 0.05)}")

# %% [markdown]
# **What you see.** Without baseline more than half of the policies are certain of something that does not matter.
# Once the network knows what each state pays, little is left to learn from. From where it began, which the histogram
# does not show, a policy then moves π(1) by 0.11 on average, and by 0.35 without baseline.

# %% [markdown]
# ### Exercise 9 · State, but not action (10 min, ●●○, 3 points, graded by a person)
# Why may the baseline depend on the state, but not on the action? And is it a mistake to use a value network that is
# still wrong? Answer in a few sentences, with the sum that decides it.

# %% [markdown] written="baseline-state-not-action" points=3
# ### BEGIN SOLUTION
# What the baseline adds to the mean gradient in a state is $-\sum_a \pi(a \mid s)\, b\, \nabla \log \pi(a \mid s) =
# -\sum_a b\, \nabla \pi(a \mid s)$. If $b$ depends on $s$ alone it leaves the sum, and $b(s)\, \nabla \sum_a \pi =
# b(s)\, \nabla 1 = 0$. If it depends on $a$ it stays inside, each action is pushed by its own $b(a)$, and the sum is
# in general not 0. A wrong value network is still a function of the state, so the gradient stays right on average; it
# only removes less variance than $v_\pi$ would, and could even add some.
#
# **Rubric.** 1 point for the sum that vanishes, 1 for why an action-dependent $b$ does not leave it, 1 for "wrong
# values cost variance, not bias".
# ### END SOLUTION

# %% [markdown]
# ## Summary
# - $\mathbb E\,[(G_t - b(S_t))\, \nabla \log \pi(A_t \mid S_t)] = \mathbb E\,[G_t\, \nabla \log \pi(A_t \mid S_t)]$,
#   because $\sum_a \nabla \pi = 0$.
# - The exact minimiser weights $q$ by $\lVert \nabla \log \pi \rVert^2$; $v_\pi$ is close, and can be learned from
#   $\min \sum_t (v(S_t) - G_t)^2$.
# - The mean of $N$ episodes contains the own return, and loses a share of $1/N$ of the push; the mean of the others
#   does not.
# - The policy's loss must not move the value, and the value's not the policy: detach.
# - Less variance is fewer episodes.

# %% [markdown]
# **References.** The lecture, part 1, REINFORCE with baseline. Williams (1992). Sutton and Barto (2018), section
# 13.4. Greensmith, Bartlett and Baxter (2004), *Variance reduction techniques for gradient estimates in reinforcement
# learning*. Kool, van Hoof and Welling (2019), *Buy 4 REINFORCE samples, get a baseline for free!*, on leaving
# oneself out.
#
# Next: [06 · Architecture search](../06-architecture-search/06-architecture-search.ipynb), or before it the project
# [Your own agent](../05-your-own-agent/05-your-own-agent.ipynb).
