# %% [markdown]
# # 10 · DQN
# **You will** turn value iteration into deep Q-learning, piece by piece, and teach a network Breakout from pixels, on
# a board so small that every value it learns can be held against the true one. Then you find out which of the famous
# parts pays here, and where the others do.
#
# **You need** lessons 01 and 02, `torch.nn`. **Time**: 150 minutes.
#
# Symbols and their names in code: [NOTATION.md](../../NOTATION.md).

# %%
import copy
import math

import matplotlib.pyplot as plt
import torch
from IPython.display import display
from ipywidgets import IntSlider, interact

from checks import dqn as check
from checks.exercise import yours
from helpers import breakout, cartpole, dqn, maximisation, networks, planning, plotting, replay, widgets
from helpers.films import film

torch.set_num_threads(1)  # small tensors
plotting.use_style()

# %% [markdown]
# ## 1 · A game with a known answer
# Breakout: a ball, a paddle, bricks. The paddle stays, goes left or goes right; a broken brick pays 1; a missed
# ball ends the game. Straight below the ball the paddle sends it on, up; one cell ahead it sends the ball back
# where it came from, so one can aim. Here the board has 5 columns, 6 rows and ten bricks, and the agent sees four
# planes of pixels: paddle, ball, where the ball was a step ago, bricks.
#
# With $\gamma = 0.97$ a brick now is worth more than a brick later. `board.table` lists all states that play can
# reach, so lesson 02's planning gives $v_*$.

# %%
board = breakout.Board()
table, gamma = board.table, 0.97
v_star, q_star = planning.optimal_values(table.mdp(gamma))
v_star, q_star = v_star[:-1].float(), q_star[:-1].float()  # without the end
print(f"{len(table.states)} states, {board.num_pixels} pixels")
print(f"v* at the start: {v_star[table.start_rows].mean():.2f}")
print(f"bricks of the optimal policy: {table.score(q_star.argmax(-1)):.0f}")

# %%
fig, axes = plt.subplots(1, 5, figsize=(8, 2))
axes[0].imshow(board.frames(board.starts[:1])[0])
for ax, plane in zip(axes[1:], board.pixels(board.starts[0]).view(4, board.rows, board.columns)):
    ax.imshow(plane, cmap="Greys")
for ax, name in zip(axes, ("the board", *breakout.PLANES)):
    ax.set(title=name, xticks=[], yticks=[])
plt.show()

# %% [markdown]
# **What you see.** The first state and what the network will see of it; at the start the ball has not moved, so its
# trail lies under it. On a real screen there are more states than atoms in the world, and no table. So a network
# $Q(s, a; \theta)$ guesses $q_*$, from states it has seen to those it has not.
#
# ## 2 · The target
# $q_*$ satisfies $q_*(s, a) = \mathbb E[R + \gamma \max_{a'} q_*(S', a')]$. One step of play gives a sample of the
# right side, with the guess in place of $q_*$: the **TD target**
#
# $$y = R_{t+1} + \gamma \max_a Q(S_{t+1}, a), \qquad y = R_{t+1} \text{ where the episode ended.}$$

# %% [markdown]
# An episode may also be *cut*, because time is up. Then the world would have gone on, and what would have come
# counts: a cut is no end, and $y$ looks ahead.
#
# ### Exercise 1 · The target (10 min, ●●○, 2 points)
# Fill `td_target`. `ended` is true where the episode really ended.
#
# <details><summary>Hint</summary>
#
# `amax(-1)` is the value of the best action; numbers times `~ended` are 0 where nothing follows.
# </details>

# %% exercise="dqn-td-target"
def td_target(rewards, ended, next_q, gamma):
    """Return y (...) from rewards and ended (...), and Q(S', a) of shape (..., A)."""
    ### BEGIN SOLUTION
    return rewards + gamma * next_q.amax(-1) * ~ended
    ### END SOLUTION

# %% check="dqn-td-target-check" points=2
check.td_target(td_target)
### BEGIN HIDDEN TESTS
check.td_target(
    td_target, rewards=((0.0, 4.0),), ended=((True, False),), next_q=(((1.0, 3.0), (-2.0, -5.0)),), gamma=0.6
)
### END HIDDEN TESTS

# %%
td_target = yours(dqn.td_target)

# %% [markdown]
# ## 3 · The best of several guesses is too good
# Guesses err. The maximum picks the one that errs upwards: if ten actions are all worth 0 and each guess is off by
# $\mathcal N(0, 1)$, the target is not 0 but $\mathbb E \max$ of ten normals.
#
# ### Exercise 2 · How much too good? (10 min, ●○○, 2 points)
# Fill `expected_max`: the mean over `samples` draws of the maximum of `n` standard normals.
#
# <details><summary>Hint</summary>
#
# One `torch.randn(samples, n, generator=generator)`, one maximum over the right dimension, one mean.
# </details>

# %% exercise="dqn-expected-max"
def expected_max(n, samples, *, generator):
    """Return an estimate of E max(X_1, …, X_n), one number."""
    ### BEGIN SOLUTION
    return torch.randn(samples, n, generator=generator).amax(-1).mean()
    ### END SOLUTION

# %% check="dqn-expected-max-check" points=2
check.expected_max(expected_max)
### BEGIN HIDDEN TESTS
check.expected_max(expected_max, n=6, samples=250, seed=9)
### END HIDDEN TESTS

# %% [markdown]
# Sutton and Barto's example 6.7: from A, *right* ends for 0. *Left* leads to B, where each of ten actions pays
# $\mathcal N(-0.1, 1)$. Left is the worse choice. Q-learning starts from $Q = 0$ and explores with
# $\varepsilon = 0.1$, so an agent that knew would go left in 5 % of the episodes.
#
# **Predict** the curves of 4,000 agents: how many go left at the worst moment, and does it heal? **Double**
# Q-learning keeps two tables: one chooses the best action, the other, with errors of its own, says what it is worth.
#
# *Your guess:* …

# %%
expected_max = yours(maximisation.expected_max)
g = torch.Generator().manual_seed(1)
print(f"E max of ten normals: {expected_max(10, 100_000, generator=g):.2f}")
lefts = {
    name: maximisation.two_rooms(4000, 300, double=double, generator=g)
    for name, double in (("Q-learning", False), ("Double", True))
}
fig, ax = plt.subplots()
plotting.curves(ax, {name: 100 * share for name, share in lefts.items()})
plotting.level(ax, 5, "best possible")
ax.set(xlabel="episode", ylabel="went left (%)")
plt.show()
for name, share in lefts.items():
    print(f"{name}: at most {100 * share.max():.0f} %, at the end {100 * share[-20:].mean():.0f} %")

# %% [markdown]
# **What you see.** With one table more than nine in ten go left after twenty episodes: the largest of ten noisy
# guesses promises something, although nothing is there. It heals slowly, since only going left shows that left is
# bad. With two tables the promise never arises: the half they begin with is the coin flip of the first episode.

# %% [markdown]
# ## 4 · A loss for a guess
# The network regresses on the target as on a label,
# $L(\theta) = \frac 1 B \sum \big(Q(S_t, A_t; \theta) - y_t\big)^2$. Two things differ from a classifier. Only the
# action taken has a target. And the label is made of the network's own guess: pull $Q(S_t)$ up, and $Q(S_{t+1})$,
# which looks alike, comes along, so the label has moved up, too. Nothing but the rewards ties it to the world. It
# *may* run away; section 8 shows where it does.

# %% [markdown]
# ### Exercise 3 · The loss (10 min, ●●○, 2 points)
# Fill `td_loss`. No gradient may flow into the targets.
#
# <details><summary>Hint</summary>
#
# `q.gather(-1, actions.unsqueeze(-1))` picks the value of the action taken, as a column; `.detach()` makes a label.
# </details>

# %% exercise="dqn-td-loss"
def td_loss(q, actions, targets):
    """Return the loss, one number, from Q(S, a) (B, A), actions (B,) and targets (B,)."""
    ### BEGIN SOLUTION
    taken = q.gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return (taken - targets.detach()).square().mean()
    ### END SOLUTION

# %% check="dqn-td-loss-check" points=2
check.td_loss(td_loss)
### BEGIN HIDDEN TESTS
check.td_loss(td_loss, q=((1.0, -2.0), (0.5, 3.0), (4.0, 0.0)), actions=(1, 0, 0), targets=(0.5, -1.0, 2.5))
### END HIDDEN TESTS

# %%
td_loss = yours(dqn.td_loss)

# %% [markdown]
# ## 5 · Replay
# Steps that follow each other look alike, and a network that learns from them alone forgets the rest. So transitions
# $(S_t, A_t, R_{t+1}, S_{t+1}, \text{ended})$ go into a **ring**: tensors of fixed size, written round and round,
# from which every update draws at random. This needs no fresh episodes, unlike REINFORCE: the target holds for any
# action, whoever chose it (**off-policy**).

# %% [markdown]
# ### Exercise 4 · The ring (15 min, ●●●, 3 points)
# Fill `store`. `step` holds what happened in $N$ games at once: `states`, `actions`, `rewards`, `next_states`,
# `shown`, `terminated`, `truncated`. Where an episode is over, `shown` is already the first state of the next one.
# Write the five columns of `ring` (`states`, `actions`, `rewards`, `next_states`, `ended`), tensors (capacity, …), in
# place: game $i$ goes to place `count + i`, modulo the capacity.
#
# <details><summary>Hint 1</summary>
#
# `places = (count + torch.arange(N)) % capacity`, and then `ring.rewards[places] = step.rewards`.
# </details>
# <details><summary>Hint 2</summary>
#
# Which of `next_states` and `shown` does the target look at? Is what was `truncated` over?
# </details>

# %% exercise="dqn-store"
def store(ring, count, step):
    """Write N transitions into the ring in place; return how many were written since the beginning."""
    ### BEGIN SOLUTION
    places = (count + torch.arange(len(step.actions))) % len(ring.actions)
    ring.states[places], ring.actions[places] = step.states, step.actions
    ring.rewards[places], ring.next_states[places] = step.rewards, step.next_states
    ring.ended[places] = step.terminated
    return count + len(step.actions)
    ### END SOLUTION

# %% check="dqn-store-check" points=3
check.store(store)
### BEGIN HIDDEN TESTS
check.store(store, capacity=5, games=4, rounds=4, seed=30)
### END HIDDEN TESTS

# %%
store = yours(replay.store)

# %% [markdown]
# ## 6 · A target that stands still
# DQN makes its targets with a **target network** $Q^-$: a copy of the network that is renewed only now and then, so
# that in between the labels stand still.
#
# ### Exercise 5 · One update (15 min, ●●○, 3 points)
# Fill `update`: targets from `target`, the loss of `network`, one step of the optimizer.
#
# <details><summary>Hint</summary>
#
# `td_target(batch.rewards, batch.ended, target(batch.next_states), gamma)`; then three lines of every training.
# </details>

# %% exercise="dqn-update"
def update(network, target, optimizer, batch, gamma):
    """Change the network's parameters in place by one step of the optimizer."""
    ### BEGIN SOLUTION
    targets = td_target(batch.rewards, batch.ended, target(batch.next_states), gamma)
    loss = td_loss(network(batch.states), batch.actions, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    ### END SOLUTION

# %% check="dqn-update-check" points=3
check.update(update)
### BEGIN HIDDEN TESTS
check.update(update, gamma=0.5, batch=9, learning_rate=0.2, seed=33)
### END HIDDEN TESTS

# %%
update = yours(dqn.update)

# %% [markdown]
# **Double DQN** needs no third network: the one that learns chooses the action, and the target network says what it
# is worth.
#
# ### Exercise 6 · Double (10 min, ●●○, 2 points)
# Fill `double_target`: $y = R_{t+1} + \gamma\, Q^-\big(S_{t+1}, \arg\max_a Q(S_{t+1}, a)\big)$, and $R_{t+1}$ at an
# end.
#
# <details><summary>Hint</summary>
#
# `argmax(-1, keepdim=True)` is a column of actions, as `gather` likes it.
# </details>

# %% exercise="dqn-double-target"
def double_target(rewards, ended, next_q, next_q_target, gamma):
    """Return y (...) from Q(S', a) and Q⁻(S', a), both (..., A)."""
    ### BEGIN SOLUTION
    chosen = next_q.argmax(-1, keepdim=True)
    return rewards + gamma * next_q_target.gather(-1, chosen).squeeze(-1) * ~ended
    ### END SOLUTION

# %% check="dqn-double-target-check" points=2
check.double_target(double_target)
### BEGIN HIDDEN TESTS
check.double_target(double_target, gamma=0.7)
### END HIDDEN TESTS

# %% [markdown]
# ## 7 · Breakout from pixels
# Four games run side by side. `play.step(actions)` takes one step in each and starts anew what is over; `play.states`
# is what they show. `dqn.act` takes a random action with probability ε, which `dqn.rates` lets fall: at first all
# actions are random, later one in twenty.

# %% [markdown]
# ### Exercise 7 · The loop (30 min, ●●●, 4 points)
# Fill `train`: act on what `network` says, take the step, store it, draw `recipe.batch_size` transitions, update, and
# every `recipe.copy_every` updates copy the network into the target. The check follows each step in a world where no
# state comes twice, and then plays Breakout until the greedy policy breaks nine of the ten bricks; a right loop did so
# from each of 200 fresh seeds, within 3500 updates.
#
# <details><summary>Hint 1</summary>
#
# `dqn.act(network(play.states), epsilon, generator=generator)`, and `replay.draw(ring, count, recipe.batch_size,
# generator=generator)`.
# </details>
# <details><summary>Hint 2</summary>
#
# `target.load_state_dict(network.state_dict())` copies; `target = network` would make them one.
# </details>

# %% exercise="dqn-train"
def train(world, network, recipe, *, updates, generator, report=None):
    """Train the network in place; a report that returns True ends it."""
    target = copy.deepcopy(network)
    optimizer = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate, fused=True)
    play = replay.Games(world, (recipe.games,), generator=generator)
    ring, count = replay.empty_ring(play.states, recipe.capacity), 0
    for number in range(1, updates + 1):
        optimizer.param_groups[0]["lr"], epsilon = dqn.rates(recipe, number, updates)
        ### BEGIN SOLUTION
        step = play.step(dqn.act(network(play.states), epsilon, generator=generator))
        count = store(ring, count, step)
        batch = replay.draw(ring, count, recipe.batch_size, generator=generator)
        update(network, target, optimizer, batch, recipe.gamma)
        if number % recipe.copy_every == 0:
            target.load_state_dict(network.state_dict())
        ### END SOLUTION
        if report and number % 100 == 0 and report(number, play.returns.mean()) is True:
            break

# %% check="dqn-train-check" points=4
check.train(train)
### BEGIN HIDDEN TESTS
check.train(train, games=20, updates=150, copy_every=12, batch_size=30, seed=70, bar=None)
### END HIDDEN TESTS

# %%
train = yours(dqn.train)


def new_network(generator):
    """Return an untrained network: from states to pixels, to 128 tanh units, to a value for each action."""
    return breakout.OnPixels(board, networks.Network((), board.num_pixels, 128, 3, generator=generator))


def bricks(network):
    """Return how many bricks the greedy policy breaks, exactly, on average over both starts."""
    return table.score(network(table.states).argmax(-1)).item()

# %% [markdown]
# Now watch what it learns: $\max_a Q$ of every state, against $v_*$.
#
# **Predict**: after 100 updates, where will the cloud of 2,256 points lie? And on which boards does the network err
# longest, on full ones or on those with few bricks left?
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
network = new_network(torch.Generator().manual_seed(4))
snapshots, values = [copy.deepcopy(network)], [network(table.states).detach().amax(-1)]
live = widgets.Progress(3000, "bricks", level=board.num_bricks)
display(live.box)


def note(number, mean):
    snapshots.append(copy.deepcopy(network))
    values.append(network(table.states).detach().amax(-1))
    live(number, bricks(network))


g = torch.Generator().manual_seed(5)
train(board.world, network, dqn.Recipe(gamma=gamma), updates=3000, generator=g, report=note)

# %%
left = board.pixels(table.states).view(-1, 4, 30)[:, 3].sum(-1)


def show_values(ax, value):
    """Draw a point for each state: v* to the right, the network's value upwards; colour tells the bricks left."""
    points = ax.scatter(v_star, value, c=left, s=3, vmin=0, vmax=10)
    ax.plot([0, 6], [0, 6], color="black", linewidth=0.8)
    ax.set(xlabel="$v_*(s)$", ylabel=r"$\max_a Q(s, a)$", xlim=(0, 6), ylim=(-1, 6))
    return points

# %% tags=["nbval-ignore-output"]
@interact(report=IntSlider(0, min=0, max=len(values) - 1))
def explore(report):
    fig, ax = plt.subplots(figsize=(4, 3.2))
    fig.colorbar(show_values(ax, values[report]), label="bricks left")
    ax.set_title(f"after {100 * report} updates")
    plt.show()

# %%
fig, axes = plt.subplots(1, 4, figsize=(8, 2.4), sharey=True)
for ax, report in zip(axes, (1, 5, 15, 30)):
    points = show_values(ax, values[report])
    ax.set_title(f"{100 * report} updates")
    ax.label_outer()
fig.colorbar(points, ax=axes, label="bricks left")
plt.show()
first, last = (torch.corrcoef(torch.stack([v_star, values[n]]))[0, 1] for n in (0, -1))
print(f"correlation with v* above 0.7: before {bool(first > 0.7)}, after {bool(last > 0.7)}")
few, many = (values[-1] - v_star)[v_star < 1].mean(), (values[-1] - v_star)[v_star > 4].mean()
print(f"guesses err upwards most where little is left to win: {bool(few > many + 0.2)}")
full, one = ((values[10] - v_star)[left == n].square().mean().sqrt() for n in (10, 1))
print(f"after 1000 updates full boards are further off than those with one brick: {bool(full > one + 0.5)}")

# %% [markdown]
# **What you see.** The same as a fixed picture. First all states look alike. Then the cloud turns onto the
# diagonal, from the left: where few bricks are left there is little to win, and it is near. The network errs
# longest on full boards, though every game shows them, and says too little: their ten bricks lie far ahead, and
# come back step by step. Where $v_* < 1$ guesses scatter, in the end mostly upwards: the maximum once more.

# %% tags=["nbval-ignore-output"]
films, middle = {}, next((one for one in snapshots if bricks(one) >= 2), network)
for name, snapshot in (("before", snapshots[0]), ("during", middle), ("after", network)):
    shown = [board.starts[0]]
    while not board.ended(shown[-1]) and len(shown) < 60:
        shown.append(board.step(shown[-1], snapshot(shown[-1].unsqueeze(0)).argmax(-1)[0]))
    broken = board.num_bricks - int(board.pixels(shown[-1]).view(4, -1)[3].sum())
    films[f"{name}: {broken} of 10"] = board.frames(torch.stack(shown))
about = "Three films of a ball, a paddle and ten bricks, at most 60 steps long. " + "; ".join(films)
display(film(films, alt=about, fps=6, width=150))

# %% [markdown]
# **What you see.** One greedy game each, cut after 60 steps. The untrained paddle misses; later it meets the ball,
# and in the end it also aims. With one brick left it stops at nine: the ball goes round on a path that misses this
# brick, until time is up. The optimal policy breaks all ten.
#
# ### Which part pays?
# **Predict**, for 20 networks each, before you look at the next cell: what is lost without the ring, without the target
# network, without both, and if ends are taken for ordinary steps?
#
# *Your guess:* …

# %%
measured = {  # quartiles of the bricks after 3000 updates, 20 networks each
    "DQN": (9.0, 9.0, 9.0),
    "Double DQN": (9.0, 9.0, 9.0),
    "no target network": (8.4, 9.0, 9.0),
    "no replay": (2.5, 4.2, 5.5),
    "neither": (5.0, 6.5, 7.9),
    "ends are steps": (0.0, 0.5, 1.5),
}
fig, ax = plt.subplots(figsize=(6, 2.5))
for row, (low, middle, high) in enumerate(reversed(measured.values())):
    ax.plot([low, high], [row, row], color=plotting.BLUE, linewidth=4, alpha=0.4)
    ax.plot(middle, row, "o", color=plotting.BLUE)
ax.set(xlim=(-0.3, 10), xlabel="bricks of ten")
ax.set_yticks(range(6), reversed(measured))
plt.show()

# %% [markdown]
# **What you see.** Medians, and bands from the first to the third quartile; where both are 9 there is only the dot.
# Replay pays: without it the median falls to 4.2 bricks. Then the target network even harms: with neither it is
# 6.5. Ends taken for steps ruin everything. With replay the target network, so famous, does little: nine bricks on
# 19 of 20 networks with it and on 14 without, which chance alone sets as far apart one time in eleven. Nothing shows of
# Double. A board as small as this gives a guess little room to err.

# %% [markdown]
# ## 8 · Where the target network shows
# CartPole (lesson 04) pays 1 a step, so with $\gamma = 0.99$ no policy is worth more than $1/(1-\gamma) = 100$. After
# $k$ copies, the one at the start included, targets have looked $k$ rewards ahead: from $Q \approx 0$ on,
#
# $$Q \lesssim 1 + \gamma + \dots + \gamma^{k-1} = \frac{1 - \gamma^k}{1 - \gamma}.$$

# %% [markdown]
# ### Exercise 8 · How many copies? (5 min, ●○○, 1 point)
# Fill `copies_needed`: the smallest $k$ with which this bound reaches `share` of $1/(1-\gamma)$.
#
# <details><summary>Hint</summary>
#
# $1 - \gamma^k = $ share. Take logarithms, and round up.
# </details>

# %% exercise="dqn-copies-needed"
def copies_needed(gamma, share):
    """Return the number of copies k, a whole number."""
    ### BEGIN SOLUTION
    return math.ceil(math.log(1 - share) / math.log(gamma))
    ### END SOLUTION

# %% check="dqn-copies-needed-check" points=1
check.copies_needed(copies_needed)
### BEGIN HIDDEN TESTS
check.copies_needed(copies_needed, cases=((0.8, 0.3), (0.995, 0.9)))
### END HIDDEN TESTS

# %%
copies_needed = yours(dqn.copies_needed)
print(f"for half of 100 with γ = 0.99: {copies_needed(0.99, 0.5)} copies")

# %% [markdown]
# **Predict**, for 1500 updates on CartPole: the mean of $\max_a Q$ with a copy every 250 updates, that is after 1, 2,
# …, 6 targets; and without a target network, with the squared loss and with the **Huber loss**, which grows only
# linearly from an error of 1 on and which DQN is mostly written with. (The course's functions run five networks at
# once.)
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
settings = {"Huber, copies": (250, "huber"), "squared, no copy": (None, "squared"), "Huber, no copy": (None, "huber")}
q_means, returns, live = {}, {}, widgets.Progress(18, "mean return")
display(live.box)
for place, (name, (every, loss)) in enumerate(settings.items()):
    recipe = dqn.Recipe(1, gamma=0.99, learning_rate=1e-3, final_rate=1.0, copy_every=every, loss=loss)
    g, scale = torch.Generator().manual_seed(6), torch.tensor([1.0, 1.0, 5.0, 1.0])
    runs = dqn.Rectified((5,), 4, 64, 2, scale=scale, generator=g)

    def report(number, mean, place=place):
        live(6 * place + number // 250, mean.median())

    result = dqn.train(cartpole.WORLD, runs, recipe, updates=1500, generator=g, report=report, report_every=250)
    q_means[name], returns[name] = result.q_means, result.history

# %%
x, (fig, axes) = torch.arange(1, 7), plt.subplots(1, 2, figsize=(8, 3))
law = (1 - 0.99**x) / (1 - 0.99)
plotting.medians(axes[0], q_means, x=250 * x)
plotting.level(axes[0], 100, r"$1/(1-\gamma)$")
plotting.medians(axes[1], {"copies": q_means["Huber, copies"]}, x=250 * x)
axes[1].plot(250 * x, law, "o", color="black", markersize=4, clip_on=False)
for ax, name in zip(axes, ("all three", "with copies; dots: the law")):
    ax.set(title=name, xlabel="update", ylabel=r"mean of $\max_a Q$", xticks=[500, 1000, 1500])
plt.show()
copied = q_means["Huber, copies"].median(1).values
print("the law after 1, …, 6 targets:", *(f"{height:.1f}" for height in law))
print(f"measured: within 10 % from the second on: {bool(((copied / law - 1).abs() < 0.1)[1:].all())}")
for name, q in q_means.items():
    print(f"{name}: Q above 100: {bool(q[-1].median() > 100)}")
print(f"Huber, no copy: poles fall within 20 steps: {bool(returns['Huber, no copy'][-1].median() < 20)}")

# %% [markdown]
# **What you see.** With copies $Q$ climbs the law's dots, one reward further with each copy. That is slow, and
# safe. Without, and with Huber's loss, $Q$ runs away to nearly 900, where nothing can be worth more than 100, while
# the poles fall after ten steps. With the squared loss it stays below 100.

# %% [markdown]
# **Why Huber?** While a pole falls its numbers grow, and a network of rectified units goes on in straight lines:
# each state of the fall looks better than the one before. So every target, $1 + \gamma \max Q$, lies above its
# guess, and the pull is upwards everywhere but at the ends. There the network says thousands, and the target is 1.
# A squared loss pulls with that error, and holds the whole line down. Huber's pull never exceeds that of an error
# of 1, and most steps pull the other way.

# %% [markdown]
# We tried it (`benchmarks/runaway.py` of the course's sources): Huber for the steps that lead on, the square for
# those that end, no copies. After 3000 updates $Q$ is 35, where the square throughout has 37 and Huber throughout
# 3300.

# %% [markdown]
# ## 9 · What DQN and Agent57 did
# DQN (2015) played 49 Atari games from pixels with one recipe. Against a human tester it had 2539 % in Video Pinball
# and 1327 % in Breakout, above 75 % in 29 games; 13 % in Ms. Pac-Man, and 0 % in Montezuma's Revenge, where the first
# reward is far away. Five years later MuZero's mean over 57 games was 5662 % of human and its median 2382 %, on 51
# games above human. Agent57 had less of both, 4766 % and 1933 %, and was above human on all 57.

# %% [markdown]
# ### Exercise 9 · Which is better? (10 min, ●●○, 3 points, graded by a person)
# Which of the two would you call better at Atari? Say what the mean, the median and the minimum over games each tell
# and hide, and what that means for how *you* report 20 seeds of the network above.

# %% [markdown] written="dqn-minimum" points=3
# ### BEGIN SOLUTION
# The mean is carried by a few games in which scores can grow without end: 2539 % in one game makes up for twenty
# games at 0 %. The median says nothing about half of the games, among them the hard ones. The minimum is what a claim
# about *all* games needs: an agent that is above human on the worst one has a general recipe, and Agent57's claim is
# just this; it hides how much better than human it is elsewhere. So MuZero is better where it is good, and Agent57 is
# good everywhere. For seeds it is the same: a mean of 8.9 bricks may hide a network that is stuck at 7, and somebody
# who trains once gets one seed. Report the spread and the worst seed, or on how many of how many seeds the bar was
# met, chosen before looking.
#
# Rubric: 1 point for what the mean is carried by, 1 for what the median cannot see and the minimum shows, 1 for seeds
# (spread, worst seed, or share above a bar).
# ### END SOLUTION

# %% [markdown]
# ## Summary
# - $y = R_{t+1} + \gamma \max_a Q^-(S_{t+1}, a)$, and the reward alone at an end; a cut is no end.
# - The maximum of noisy guesses is too large; Double lets one network choose and the other judge.
# - Replay uses each step many times, whoever acted: off-policy.
# - The target network bounds how fast guesses can grow, $(1-\gamma^k)/(1-\gamma)$ after $k$ copies. Whether it pays in
#   score is to be measured.

# %% [markdown]
# **References.** The lecture, part 1, successes. Mnih et al. (2015), *Human-level control through deep reinforcement
# learning*. Van Hasselt, Guez and Silver (2016) for Double DQN. Sutton and Barto (2018), sections 6.5, 6.7 and 16.5.
# Lin (1992) for replay. Young and Tian (2019), *MinAtar*. Badia et al. (2020), *Agent57*; Schrittwieser et al.
# (2020), *MuZero*. The ablations are `benchmarks/ablations.py` in the course's sources.
#
# Next: [11 · PPO](../11-ppo/11-ppo.ipynb).
