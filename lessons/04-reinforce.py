# %% [markdown]
# # 04 · REINFORCE
# **You will** turn the policy gradient theorem into an algorithm of forty lines, try it on worlds so small that each
# bug shows, and balance a pole with it in seconds.
#
# **You need** lessons 02 and 03, `torch.nn`. **Time**: 150 minutes.
#
# Symbols and their names in code: [NOTATION.md](../../NOTATION.md).

# %%
import copy

import matplotlib.pyplot as plt
import torch
from IPython.display import display
from ipywidgets import IntSlider, interact

from checks import reinforce as check
from checks.exercise import yours
from helpers import cartpole, films, mdps, networks, pictures, plotting, policy_gradient, probes, reinforce, rollouts
from helpers import widgets, worlds

torch.set_num_threads(1)  # small tensors
torch.set_printoptions(precision=3, sci_mode=False)
plotting.use_style()

# %% [markdown]
# ## 1 · A world without a table
# A pole stands on a cart. Each fiftieth of a second the agent sees four numbers, the cart's position $x$ and speed
# $\dot x$, the pole's angle $\vartheta$ and its speed $\dot\vartheta$, and pushes left (0) or right (1). Every step
# pays 1. The episode ends when the pole leans by more than 12°, the cart leaves the track, or 500 steps are over.
#
# This is CartPole-v1. `cartpole.WORLD` computes it for many episodes at once: `reset((n,), generator=g)` gives states
# (n, 4), and `step(states, actions)` gives next states, rewards and whether each episode ended.

# %% [markdown]
# The policy is a network with a softmax on top. It gives two **logits**, the logarithms of $\pi(a \mid s;\theta)$ up
# to a constant.

# %%
world, g = cartpole.WORLD, torch.Generator().manual_seed(1)
scale = torch.tensor([1.0, 1.0, 5.0, 1.0])  # angles are small numbers; this brings them up to the others


def new_policy(generator, inputs=4, scale=scale):
    """Return an untrained policy: one hidden layer of 32 tanh units, two logits."""
    return networks.Network((), inputs, 32, 2, scale=scale, generator=generator)


states = world.reset((3,), generator=g)
print(states)
print("π(a | s):", new_policy(g)(states).detach().softmax(-1))

# %% [markdown]
# **What you see.** Three starts close to upright, and a policy without strong preferences yet.
#
# ### Exercise 1 · Sample an action (10 min, ●○○, 2 points)
# Fill `choose_actions`: a sample of $\pi$ for each row of `logits`, or with `greedy=True` the likeliest action.
#
# <details><summary>Hint</summary>
#
# `softmax`, then `torch.multinomial(pi, 1, generator=generator)`, which returns a column.
# </details>

# %% exercise="reinforce-choose-actions"
def choose_actions(logits, *, generator, greedy=False):
    """Return one action for each row of logits (N, A), as int64 of shape (N,)."""
    ### BEGIN SOLUTION
    if greedy:
        return logits.argmax(-1)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)
    ### END SOLUTION

# %% check="reinforce-choose-actions-check" points=2
check.choose_actions(choose_actions)
### BEGIN HIDDEN TESTS
check.choose_actions(choose_actions, logits=((0.0, 2.0), (-1.0, 0.5)), seed=3)
### END HIDDEN TESTS

# %%
choose_actions = yours(reinforce.choose_actions)

# %% [markdown]
# ## 2 · A batch of episodes
# Episodes in lock-step differ in length. Those that are over keep their place, and a **mask** says which steps really
# happened: true from the start up to and including the step that ends the episode. What stands behind it is rubbish:
# finite numbers in our worlds, perhaps nan in another. Every formula from here on must leave it out.

# %% [markdown]
# ### Exercise 2 · Run episodes (20 min, ●●●, 3 points)
# Fill `run_episodes`. Until no episode is alive or `world.max_steps` are done: choose actions from the logits
# `policy(states)`, take a step, and note `(states, actions, rewards, alive)`, with `alive` as it was *before* the
# step. Return all of it stacked along time, as `rollouts.Episodes`.
#
# <details><summary>Hint 1</summary>
#
# `alive & ~terminated`: what is over stays over, even if its pole swings up again.
# </details>
# <details><summary>Hint 2</summary>
#
# `zip(*record)` turns a list of steps into four columns; `torch.stack(column, 1)` makes (N, T) of one.
# </details>

# %% exercise="reinforce-run-episodes"
def run_episodes(world, policy, episodes, *, generator, greedy=False):
    """Return Episodes with states (N, T, D), actions (N, T), rewards (N, T) and mask (N, T)."""
    states = world.reset((episodes,), generator=generator)
    ### BEGIN SOLUTION
    alive, record = torch.ones(episodes, dtype=torch.bool), []
    while alive.any() and len(record) < world.max_steps:
        actions = choose_actions(policy(states).detach(), generator=generator, greedy=greedy)
        next_states, rewards, terminated = world.step(states, actions)
        record.append((states, actions, rewards, alive))
        states, alive = next_states, alive & ~terminated
    return rollouts.Episodes(*(torch.stack(column, 1) for column in zip(*record)))
    ### END SOLUTION

# %% check="reinforce-run-episodes-check" points=3
check.run_episodes(run_episodes)
### BEGIN HIDDEN TESTS
check.run_episodes(run_episodes, episodes=60, max_steps=5, logits=(-0.4, 1.1, 0.3), seed=40)
### END HIDDEN TESTS

# %%
run_episodes = yours(reinforce.run_episodes)
untrained = new_policy(torch.Generator().manual_seed(2))
episodes = run_episodes(world, untrained, 64, generator=torch.Generator().manual_seed(3))
lengths = episodes.mask.sum(1)
fig, ax = plt.subplots(figsize=(6, 2.5))
ax.imshow(episodes.mask[lengths.argsort()], aspect="auto", cmap="Greys", vmax=1.6)
pictures.describe(ax, "a grey row for each of 64 episodes, as long as it lasted, the shortest on top")
ax.set(xlabel="step $t$", ylabel="episode", yticks=[])
plt.show()
print(f"mean length {lengths.double().mean():.0f}, shortest {lengths.min()}, longest {lengths.max()}")

# %% [markdown]
# **What you see.** The mask of 64 episodes, sorted: grey is what happened. An untrained policy drops the pole after
# about 25 steps on average.

# %% [markdown]
# ## 3 · Returns
# One episode gives one sample of $q_\pi(S_t, A_t)$ for each of its steps: the return $G_t = R_{t+1} + \gamma R_{t+2} +
# \dots$ up to the end. It is unbiased, and noisy. Like the lecture we keep $\gamma = 1$; an episode has at most 500
# steps, so the sum stays finite.

# %% [markdown]
# ### Exercise 3 · Returns of a batch (10 min, ●●○, 2 points)
# Fill `returns`. Walk backwards through time with all episodes at once; rewards behind an end count nothing.
#
# <details><summary>Hint</summary>
#
# `rewards * mask` removes the rubbish, if it is finite; `torch.where(mask, rewards, 0.0)` removes it in any case.
# </details>

# %% exercise="reinforce-returns"
def returns(rewards, mask, gamma):
    """Return G_t for every step, shape (N, T), and 0 where no step happened."""
    ### BEGIN SOLUTION
    rewards = torch.where(mask, rewards, 0.0)
    result, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        later = rewards[:, t] + gamma * later
        result[:, t] = later
    return result
    ### END SOLUTION

# %% check="reinforce-returns-check" points=2
check.returns(returns)
### BEGIN HIDDEN TESTS
check.returns(returns, rewards=((3.0, -1.0), (0.5, 4.0)), lengths=(2, 1), gamma=0.3)
### END HIDDEN TESTS

# %%
returns = yours(reinforce.returns)

# %% [markdown]
# ## 4 · Sampled actions as gold labels
# Lesson 03 ended with $\nabla J \propto \mathbb E_{s \sim \mu,\, a \sim \pi}\,[\,q_\pi(s, a)\, \nabla \log \pi(a \mid
# s;\theta)]$. States of episodes are samples of $\mu$, their actions of $\pi$, and $G_t$ is a sample of $q_\pi$. So
# the average of $G_t\, \nabla \log \pi(A_t \mid S_t)$ over steps should point along $\nabla J$, and
#
# $$L(\theta) = -\frac{1}{n} \sum_{t} G_t\, \log \pi(A_t \mid S_t; \theta)$$
#
# over the $n$ steps that happened is a loss whose negative gradient does so.

# %% [markdown]
# You know it: $-\log \pi(A \mid S)$ is the cross-entropy of a classifier. There a person gave the label. Here the
# policy drew it itself, and the return says how much it is worth.
#
# **Predict.** For logits that give π = (0.8, 0.2), action 1 was sampled. Where does the loss push them if $G$ is 1, or
# 10, or −10?
#
# *Your guess:* …

# %%
logits = torch.tensor([[0.8, 0.2]]).log().requires_grad_()
for g_t in (1.0, 10.0, -10.0):
    loss = g_t * torch.nn.functional.cross_entropy(logits, torch.tensor([1]))
    print(f"G = {g_t:3g}: the logits move by", -torch.autograd.grad(loss, logits)[0][0])

# %% [markdown]
# **What you see.** With $G = 1$ it is a classifier's step, towards the sampled action by $1 - \pi$. A large return
# makes the step larger, a negative one turns it around.
#
# ### Exercise 4 · The loss (15 min, ●●○, 3 points)
# Fill `policy_loss`. `weights` holds $G_t$ for now; in lesson 05 something better will stand there. Logits and weights
# behind an end may be nan, and the loss is a number all the same: select the steps of the mask; a product with 0 would
# keep the nan.
#
# <details><summary>Hint</summary>
#
# `logits.log_softmax(-1)`, then `gather(-1, actions.unsqueeze(-1))` picks the actions taken.
# </details>

# %% exercise="reinforce-policy-loss"
def policy_loss(logits, actions, weights, mask):
    """Return the loss, one number, from logits (N, T, A), actions, weights and mask (N, T)."""
    ### BEGIN SOLUTION
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()
    ### END SOLUTION

# %% check="reinforce-policy-loss-check" points=3
check.policy_loss(policy_loss)
### BEGIN HIDDEN TESTS
check.policy_loss(policy_loss, weights=((3.0, -2.0), (0.0, -7.0), (5.0, 8.0)), lengths=(1, 2, 2), actions=5, seed=9)
### END HIDDEN TESTS

# %%
policy_loss = yours(reinforce.policy_loss)

# %% [markdown]
# ### Does it point along ∇J?
# Lesson 03's grid world has an exact $\nabla J$ to compare with. Its policy is a table of logits, so the gradient of
# your loss is a table, too.
#
# **Predict** the angle between $\nabla J$ and the loss's negative gradient, from 30 episodes and from 3000. Which of
# the two is longer?
#
# *Your guess:* …

# %%
grid = worlds.gridworld(["S..", ".#P", "S.G"], slip=0.1)
theta = torch.randn(9, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
run = mdps.sample_episodes(grid, theta.softmax(-1), 3000, 5000, generator=torch.Generator().manual_seed(2))
exact, table = policy_gradient.exact_gradient(grid, theta).float(), theta.float().requires_grad_()
for n in (30, 300, 3000):
    states, actions, rewards, mask = (part[:n] for part in run)
    loss = policy_loss(table[states], actions, returns(rewards.float(), mask, 1.0), mask)
    step = -torch.autograd.grad(loss, table)[0]
    angle = torch.cosine_similarity(step.flatten(), exact.flatten(), dim=0).acos().rad2deg()
    length = exact.norm() / step.norm()
    print(f"{n} episodes of {mask.sum() / n:.0f} steps: {angle:.0f}° off, ∇J is {length:.0f} times as long")

# %% [markdown]
# **What you see.** Thirty episodes miss the direction of $\nabla J$ by three quarters of a right angle, three thousand
# nearly hit it. $\nabla J$ is longer by the mean episode length, since your loss averages over steps, and $J$ over
# episodes: that is what lesson 03's $\propto$ hides. With few episodes noise adds to the step's length, so there it is
# less.
#
# ### Exercise 5 · One update (10 min, ●●○, 2 points)
# Fill `update`: one step of `optimizer` down the gradient of your loss, with the episodes' states, actions and mask.
#
# <details><summary>Hint</summary>
#
# Three lines of every training in torch: `zero_grad`, `backward`, `step`.
# </details>

# %% exercise="reinforce-update"
def update(policy, optimizer, episodes, weights):
    """Change the policy's parameters in place by one step of the optimizer."""
    ### BEGIN SOLUTION
    loss = policy_loss(policy(episodes.states), episodes.actions, weights, episodes.mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    ### END SOLUTION

# %% check="reinforce-update-check" points=2
check.update(update)
### BEGIN HIDDEN TESTS
check.update(update, lengths=(2, 5, 1), learning_rate=0.5, seed=31)
### END HIDDEN TESTS

# %%
update = yours(reinforce.update)

# %% [markdown]
# ## 5 · The loop
# Run a batch, update on every step of it, throw it away: after the update its actions are no samples of the policy
# any more, and the expectation is over that.

# %% [markdown]
# ### Exercise 6 · Train (15 min, ●●○, 3 points)
# Fill `train`. For each of at most `updates` batches: run `recipe.episodes` episodes, note their mean return, call
# `report(number, mean)` with numbers from 1 if there is a `report`, stop if the mean reaches `stop_at`, and otherwise
# update with the returns for `recipe.gamma` as weights. `reinforce.mean_return(episodes)` sums and averages.
#
# <details><summary>Hint</summary>
#
# `torch.stack(history)` makes a tensor of a list of numbers.
# </details>

# %% exercise="reinforce-train"
def train(world, policy, recipe, *, updates, generator, stop_at=float("inf"), report=None):
    """Train the policy in place, and return the mean return of each batch, shape (batches,)."""
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    ### BEGIN SOLUTION
    for number in range(1, updates + 1):
        episodes = run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        if report:
            report(number, history[-1])
        if history[-1] >= stop_at:
            break
        update(policy, optimizer, episodes, returns(episodes.rewards, episodes.mask, recipe.gamma))
    ### END SOLUTION
    return torch.stack(history)

# %% check="reinforce-train-check" points=3
check.train(train)
### BEGIN HIDDEN TESTS
check.train(train, episodes=24, updates=4, gamma=0.4, learning_rate=0.02, late=6, seed=50)
### END HIDDEN TESTS

# %%
train = yours(reinforce.train)

# %% [markdown]
# ### Four tiny worlds and a stranger's program
# A pole that falls does not say why. In tiny worlds a bug shows by itself:
#
# - `one_step`: action 1 pays 1;
# - `late_reward`: first, action 0 pays 0.25 at once, 1 pays 1 three steps later;
# - `two_states`: the state says which action pays;
# - `early_end`: a step pays 1, action 0 ends the episode, and what is over seems to pay 10 a step.
#
# The check trained your `train` in them; now watch it, beside a stranger's. That one never balances a pole, and all it
# takes from the course is right.
#
# **Predict**: which line of it is wrong, and in which worlds does that show?
#
# *Your guess:* …

# %%
def strange(world, policy, recipe, *, updates, generator):
    """Train the policy in place, with γ = 1, and return the mean return of each batch. There is a bug in it."""
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=recipe.learning_rate), []
    for _ in range(updates):
        episodes = reinforce.run_episodes(world, policy, recipe.episodes, generator=generator)
        history.append(reinforce.mean_return(episodes))
        backwards = episodes.rewards.flip(1)  # the last step comes first
        weights = backwards.cumsum(1).flip(1)
        reinforce.update(policy, optimizer, episodes, weights)
    return torch.stack(history)

# %%
tiny = {"one_step": probes.one_step(), "late_reward": probes.late_reward(bait=0.25)}
tiny |= {"two_states": probes.two_states(), "early_end": probes.early_end()}
recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
fig, axes = plt.subplots(1, 4, figsize=(8, 2.4), sharey=True)
for ax, (name, small), best in zip(axes, tiny.items(), (1, 1, 1, 3)):  # the best return in each
    for who, program, (colour, dash) in zip(("yours", "the stranger's"), (train, strange), plotting.STYLES):
        g = torch.Generator().manual_seed(3)
        means = program(small, new_policy(g, 2, None), recipe, updates=30, generator=g)
        ax.plot(range(1, 31), means / best, color=colour, linestyle=dash)
        print(f"{name}, {who}: {means[-1] / best:.1f} of the best return")
        if name == "early_end":
            ax.text(30, means[-1] / best - 0.1, who, color=colour, ha="right")
    ax.set(title=name, xlabel="batch", ylim=(0, 1.05))
axes[0].set_ylabel("mean return / best")
plt.show()

# %% [markdown]
# **What you see.** Your line reaches the best return in all four. The stranger's does so in three, and in `early_end`
# learns to end at once: the backward sum has no mask, and counts what stands behind the end. On CartPole, too, steps
# behind an end pay 1. There each $G_t$ is what is left of the longest episode of the batch, whatever was done.
#
# A wrong sign fails in all four worlds, rewards in place of returns in `late_reward`, a policy that sees no state in
# `two_states`. Keep such worlds for whatever you write.

# %% [markdown]
# ## 6 · CartPole
# While training samples, the finished policy acts **greedily**. It is judged by its mean return over 100 fresh
# episodes; CartPole-v1 counts as solved from 475.

# %% [markdown]
# ### Exercise 7 · Evaluate (5 min, ●○○, 1 point)
# Fill `evaluate`.
#
# <details><summary>Hint</summary>
#
# `run_episodes` has a switch, and `reinforce.mean_return` does the rest.
# </details>

# %% exercise="reinforce-evaluate"
def evaluate(world, policy, episodes=100, *, generator):
    """Return the mean return of the greedy policy over fresh episodes, one number."""
    ### BEGIN SOLUTION
    return reinforce.mean_return(run_episodes(world, policy, episodes, generator=generator, greedy=True))
    ### END SOLUTION

# %% check="reinforce-evaluate-check" points=1
check.evaluate(evaluate)
### BEGIN HIDDEN TESTS
check.evaluate(evaluate, pays=(4.0, -1.5, 0.0), lengths=(3, 1, 1, 2, 3), episodes=53, seed=60)
### END HIDDEN TESTS

# %%
evaluate = yours(reinforce.evaluate)

# %% [markdown]
# ### Exercise 8 · Balance the pole (10 min, ●●○, 3 points)
# Fill `balance`: make a policy, choose a recipe, train with at most 100 updates in all, and return it. The check calls
# it with two seeds, and both policies must reach 475; any way is as good. Solving takes seconds, each batch of 500
# steps one or two more, and the grader waits 180 s. Try before you look below: what do larger batches buy, and when
# should training stop?
#
# <details><summary>Hint 1</summary>
#
# `new_policy(generator)` and `reinforce.Recipe(episodes=…, learning_rate=…, gamma=…)`.
# </details>
# <details><summary>Hint 2</summary>
#
# 64 episodes a batch, a learning rate of 0.05, γ = 1 and `stop_at=475` solved CartPole with each of 100 fresh seeds.
# </details>

# %% exercise="reinforce-balance"
def balance(generator, report=None):
    """Return a policy trained on `world`; pass `report` on to `train`."""
    ### BEGIN SOLUTION
    policy = new_policy(generator)
    recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
    train(world, policy, recipe, updates=100, generator=generator, stop_at=475, report=report)
    return policy
    ### END SOLUTION

# %% check="reinforce-balance-check" points=3
check.balance(balance)

# %% [markdown]
# Now watch it learn, once more and step by step. **Predict**: how many batches will it take?
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
g = torch.Generator().manual_seed(4)
policy, snapshots = new_policy(g), []
live = widgets.Progress(100, "mean return", level=475)
display(live.box)


def note(number, mean):
    """Draw the curve, and keep a copy of the policy that ran this batch."""
    live(number, mean)
    snapshots.append(copy.deepcopy(policy))


recipe = reinforce.Recipe(episodes=64, learning_rate=0.05, gamma=1.0)
history = train(world, policy, recipe, updates=100, generator=g, stop_at=475, report=note)
live.draw()

# %%
fig, ax = plt.subplots()
ax.plot(torch.arange(1, len(history) + 1), history, "o-", color=plotting.BLUE)
plotting.level(ax, 475, "solved")
ax.set(xlabel="batch", ylabel="mean return")
plt.show()
middle = int((history < 150).sum()) - 1
for name, snapshot in (("before", snapshots[0]), ("during", snapshots[middle]), ("after", snapshots[-1])):
    score = evaluate(world, snapshot, generator=torch.Generator().manual_seed(5))
    print(f"{name} training: {score:.0f} steps on average, greedily")

# %% [markdown]
# **What you see.** A handful of batches, and one gradient step between each and the next. Your draws differ from
# ours; in 30 runs of ours the batch that reached 475 was the sixth to the fourteenth. Nobody told the policy what an
# angle is.

# %%
seen = {}
for name, snapshot in (("before", snapshots[0]), ("during", snapshots[middle]), ("after", snapshots[-1])):
    run = run_episodes(world, snapshot, 1, generator=torch.Generator().manual_seed(10), greedy=True)
    seen[f"{name}: {int(run.mask.sum())} steps"] = cartpole.frames(run.states[0, :250], every=5)
about = "Three films of the cart with its pole, at most five seconds long. " + "; ".join(seen)
display(films.film(seen, alt=about, fps=10))

# %% [markdown]
# **What you see.** The first five seconds, at most, of one greedy episode of each policy; the titles say how long it
# was. The trained policy keeps the pole up. The untrained one mostly drops it within a second, though now and then
# chance has drawn a better one.
#
# ### What does the policy look at?
# The colour is $\pi(\text{right} \mid s)$ over the pole's angle and speed, for a cart at rest in the middle; the line
# is the first second of a greedy episode. Move through the training.

# %%
def show_policy(ax, snapshot):
    """Draw π(right | s) over angle and angular speed, with the first second of a greedy episode on it."""
    angle, speed = torch.meshgrid(torch.linspace(-12, 12, 61), torch.linspace(-2, 2, 61), indexing="ij")
    states = torch.stack([0 * angle, 0 * angle, angle.deg2rad(), speed], -1)
    right = snapshot(states).softmax(-1)[..., 1].detach()
    picture = ax.pcolormesh(angle, speed, right, vmin=0, vmax=1)
    run = run_episodes(world, snapshot, 1, generator=torch.Generator().manual_seed(7), greedy=True)
    path = run.states[0, :50, 2].rad2deg(), run.states[0, :50, 3]  # one second; more would be a blot
    ax.plot(*path, color="black", linewidth=1.4)
    ax.plot(*path, color="white", linewidth=0.6)
    ax.set(xlabel="angle (°)", ylabel="angular speed (rad/s)", xlim=(-12, 12), ylim=(-2, 2))
    pictures.describe(ax, f"π(right | s) as colour, {right.min():.2f} to {right.max():.2f}; one second of an episode")
    return picture

# %% tags=["nbval-ignore-output"]
@interact(batch=IntSlider(1, min=1, max=len(snapshots)))
def explore(batch):
    fig, ax = plt.subplots(figsize=(4, 3))
    fig.colorbar(show_policy(ax, snapshots[batch - 1]), label="π(right | s)")
    plt.show()

# %%
fig, axes = plt.subplots(1, 3, figsize=(8, 2.6), sharey=True)
for ax, (name, snapshot) in zip(axes, {"before": snapshots[0], "during": snapshots[middle], "after": policy}.items()):
    picture = show_policy(ax, snapshot)
    ax.set_title(name)
    ax.label_outer()
fig.colorbar(picture, label="π(right | s)")
plt.show()

# %% [markdown]
# **What you see.** The same as a fixed picture, at three moments. Grey is undecided, white the episode's first second.
# Training draws a border: push right where the pole leans or falls to the right, and left where it does so to the left.

# %% [markdown]
# ## 7 · The return of the whole episode?
# REINFORCE may also weight every step with $G_0$, the return of the whole episode. With $\gamma = 1$ that is the same
# gradient on average: what came before $A_t$ does not depend on it, and $\mathbb E[\nabla \log \pi(A_t \mid S_t)] =
# 0$. But what came before is noise.
#
# **Predict** what this costs, with 16 episodes a batch and 20 updates. The cell runs the course's functions, which do
# what yours do, for 20 policies at once.
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
g, curves, live = torch.Generator().manual_seed(8), {}, widgets.Progress(40, "mean return")
display(live.box)
for name in ("G of the whole episode", "G from step t on"):
    runs = networks.Network((20,), 4, 32, 2, scale=scale, generator=g)  # 20 policies in one
    optimizer, means = torch.optim.Adam(runs.parameters(), lr=0.05), []
    for _ in range(20):
        batch = reinforce.run_episodes(world, runs, 16, generator=g)
        weights = reinforce.returns(batch.rewards, batch.mask, 1.0)
        if name == "G of the whole episode":
            weights = weights[..., :1].expand_as(weights)
        reinforce.update(runs, optimizer, batch, weights)
        means.append(reinforce.mean_return(batch))
        live(20 * len(curves) + len(means), means[-1].median())
    curves[name] = torch.stack(means)

# %%
fig, ax = plt.subplots()
plotting.medians(ax, curves)
ax.set(xlabel="batch", ylabel="mean return", xticks=[1, 5, 10, 15, 20])
plt.show()
for name, curve in curves.items():
    share = "most" if (curve[-1] > 300).sum() > 10 else "few"
    print(f"{name}: {share} of the 20 runs are above 300 at the end")

# %% [markdown]
# **What you see.** Medians, and bands from the first to the third quartile. With returns from step $t$ on most runs
# arrive within 20 updates, with returns of the whole episode few: unbiased is not enough.

# %% [markdown]
# ## 8 · All rewards positive
# On CartPole every return is positive, so every action that is drawn becomes likelier, the bad ones a little less. On
# average that is right. From samples it is a lottery: here is a world of one step that pays 4 or 6, as the state has
# it, and 0.4 more for action 1.
#
# **Predict** π(1) of 200 policies after 60 updates: with plain gradient steps weighted by $G$; with the same at a fifth
# of the learning rate; with the full rate and $G - 5$; and with Adam. (Again the course's functions run all policies
# at once.)
#
# *Your guess:* …

# %%
def gamble(kind, rate, subtracted):
    """Return π(1) in state 1 of 200 policies after 60 updates, shape (200,)."""
    g, start = torch.Generator().manual_seed(9), torch.tensor([[1.0, 0.0]]).expand(200, 1, 2)
    runs = networks.Network((200,), 2, 32, 2, generator=g)
    optimizer = kind(runs.parameters(), lr=rate)
    for _ in range(60):
        batch = reinforce.run_episodes(probes.little_matters(), runs, 16, generator=g)
        reinforce.update(runs, optimizer, batch, batch.rewards - subtracted)
    return runs(start).softmax(-1)[:, 0, 1].detach()

# %%
plain, adam = torch.optim.SGD, torch.optim.Adam
games = {"G": (plain, 0.1, 0), "G, rate / 5": (plain, 0.02, 0), "G − 5": (plain, 0.1, 5)}
games |= {"Adam, G": (adam, 0.05, 0), "Adam, G − 5": (adam, 0.05, 5)}
fig, axes = plt.subplots(1, 5, figsize=(8, 2.4), sharey=True)
for ax, (name, game) in zip(axes, games.items()):
    pi = gamble(*game)
    ax.hist(pi, bins=10, range=(0, 1), color=plotting.BLUE)
    ax.set(title=name, xlabel="π(1)", xticks=[0, 1])
    shares = [(pi > 0.9).double().mean(), (pi < 0.1).double().mean()]
    right, wrong = ("nearly all" if share > 0.8 else "many" if share > 0.2 else "few" for share in shares)
    print(f"{name}: {right} end near π(1) = 1, {wrong} near 0")
axes[0].set_ylabel("policies")
plt.show()

# %% [markdown]
# **What you see.** Weighted by $G$, a quarter of the policies become nearly certain of the wrong action. Each draw
# pushes its action up by about 5, and only 0.4 of that says which is better. What chance draws more often is pushed up
# more often, is drawn more often still, until the other never comes again. A fifth of the rate makes that rare, but
# then 60 updates teach little: the 0.4 shrinks, too. $G - 5$ leaves the 0.4 as it is and makes the rest five times
# smaller: nearly all find action 1. So subtract what was to be expected anyway: lesson 05.

# %% [markdown]
# Adam does not help: it divides every push by the usual size of such pushes, so that noise takes long steps, too. By
# $G$ not far from half of its policies end in the wrong place, by $G - 5$ about one in ten.

# %% [markdown]
# ### Exercise 9 · Why fresh episodes? (10 min, ●●○, 3 points, graded by a person)
# Training throws each batch away after one update, though the same steps could be used for ten. Say in a few
# sentences what would go wrong, in terms of the expectation that the loss estimates, and when it would matter most.

# %% [markdown] written="reinforce-fresh-episodes" points=3
# ### BEGIN SOLUTION
# The loss estimates an expectation over states and actions of the *present* policy: states as it visits them, actions
# as it draws them, returns as it would earn them. After an update the old batch is a sample of the old policy. Its
# average still has a gradient, but no longer that of $J$: actions the new policy hardly takes are counted as often as
# before, and the returns are values of the old policy's future. It matters most when an update changes the policy
# much, as at large learning rates or after many updates on one batch; then the policy can be pushed far in a
# direction that the data say nothing about. (Weights $\pi_{new}/\pi_{old}$ would mend the first part, at the price of
# variance.)
#
# **Rubric.** 1 point for "the expectation is over the present policy", 1 for what is wrong with old actions or returns,
# 1 for when it matters (large changes, many reuses).
# ### END SOLUTION

# %% [markdown]
# ## 9 · A world that you choose
# Nothing in your functions is about poles. `rollouts.play` runs one episode in each of several environments of
# gymnasium's and records them as you do; your returns and your update take it from there. Begin with gymnasium's own
# pole, then change the name and run it again. `Acrobot-v1` is an arm of two links that is to swing up, at −1 a step and
# no more than 500 of them: its first batches earn −500, or hardly more, and it takes patience. `LunarLander-v3`
# comes with `pip install "gymnasium[box2d]"`. The project after lesson 05 asks for an agent of your own.

# %% tags=["nbval-ignore-output"]
import gymnasium

envs, g = gymnasium.make_vec("CartPole-v1", num_envs=16), torch.Generator().manual_seed(10)
inputs, actions = envs.single_observation_space.shape[0], int(envs.single_action_space.n)
player = networks.Network((), inputs, 32, actions, generator=g)
optimizer = torch.optim.Adam(player.parameters(), lr=0.02)
for batch in range(1, 31):
    episodes = rollouts.play(envs, player, generator=g)
    update(player, optimizer, episodes, returns(episodes.rewards, episodes.mask, 0.99))
    if batch % 10 == 0 or batch == 1:
        print(f"batch {batch:2}: mean return {reinforce.mean_return(episodes):.0f}")
envs.close()

# %% [markdown]
# ## Summary
# - $\nabla J \propto \mathbb E[\,G_t\, \nabla \log \pi(A_t \mid S_t; \theta)]$: a cross-entropy with sampled labels,
#   weighted by the return.
# - Run episodes with the present policy, update on every step of them, repeat.
# - The mask keeps what is behind an end out of every formula.
# - Returns from step $t$ on; those of the whole episode give the same gradient on average, with far more variance.
# - Where all returns are positive every sampled action is pushed up, mostly by noise. Lesson 05 subtracts what was to
#   be expected.

# %% [markdown]
# **References.** The lecture, part 1, REINFORCE. Williams (1992), *Simple statistical gradient-following algorithms*.
# Sutton and Barto (2018), sections 13.2 and 13.3. Barto, Sutton and Anderson (1983) for the pole; Florian (2007) for
# its equations; CartPole-v1 is gymnasium's.
#
# Next: [05 · The baseline](../05-baseline/05-baseline.ipynb).
