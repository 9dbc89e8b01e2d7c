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
from helpers import cartpole, networks, plotting, probes, reinforce, rollouts, widgets
from helpers.films import film

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
# **What you see.** Three starts close to upright, and a policy that prefers little yet.
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
# happened: true from the start up to and including the step that ends the episode. What stands behind it is rubbish,
# and every formula from here on must leave it out.

# %% [markdown]
# ### Exercise 2 · Run episodes (20 min, ●●●, 3 points)
# Fill `run_episodes`. Until no episode is alive or `world.max_steps` are done: choose actions from the logits
# `policy(states)`, take a step, and note `(states, actions, rewards, alive)`, with `alive` as it was *before* the
# step. Return all of it stacked along time.
#
# <details><summary>Hint 1</summary>
#
# `alive & ~terminated`: what is over stays over, even if its pole swings up again.
# </details>
# <details><summary>Hint 2</summary>
#
# `zip(*record)` turns a list of steps into four columns; `torch.stack(column, 1)` makes (N, T) of one.
# </details>

# %%
# What several checks use.
def lasting(drawn):
    """Return a world of 1 to 4 steps that pay 1 each, noting how many in `drawn`; what is over pays 10 a step."""

    def reset(shape, generator):
        drawn.append(torch.randint(1, 5, shape, generator=generator).float())
        return torch.stack([drawn[-1], torch.zeros(shape)], -1)

    def outcome(states, actions, after):
        clock, steps = states[..., 1], states[..., 0]
        return torch.where(clock < steps, 1.0, 10.0), after[..., 1] == steps  # later it looks alive again

    return rollouts.World(reset, lambda states, actions: states + torch.tensor([0.0, 1.0]), outcome, 2, 6)

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
policy_check = new_policy(torch.Generator().manual_seed(5))
policy_check.weights[1].data.mul_(12)  # it prefers one action clearly, but not always
steps_check = []


def counted(states, actions):
    """Take a step of CartPole, and count it, so that an endless loop is found."""
    steps_check.append(len(states))
    checks.that(sum(steps_check) <= 60_000, "The loop goes on after world.max_steps steps; stop there at the latest.")
    return cartpole.step(states, actions)


counted_check = rollouts.World(cartpole.reset, counted, cartpole.outcome, 2, cartpole.MAX_STEPS)
got = run_episodes(counted_check, policy_check, 100, generator=checks.generator(4))
parts_check = checks.parts(got, ("states", "actions", "rewards", "mask"), what="The record")
seen, acted, paid, mask = parts_check
for name, part, depth in zip(("states", "actions", "rewards", "mask"), parts_check, (3, 2, 2, 2)):
    checks.that(
        isinstance(part, torch.Tensor) and part.dim() == depth and part.shape[:2] == (100, len(parts_check[0][0])),
        f"The {name} should be one tensor that begins with (N, T), here (100, T), and as long as the states. "
        "Stack the steps along dimension 1.",
    )
checks.indices(acted, shape=tuple(seen.shape[:2]), below=2, what="The actions")
checks.that(mask.dtype == torch.bool, f"The mask is {mask.dtype}; keep `alive` itself, which is bool.")
checks.that(
    bool((seen[:, 0].abs() <= 0.05).all()), "The first states are not those of the reset: note a state before its step."
)
after, _, over = world.step(seen, acted)
ended_before = over.long().cumsum(1) - over.long() > 0
wanted = ~ended_before
moved = (after[:, :-1] - seen[:, 1:]).abs().amax(-1) < 1e-5
checks.that(
    bool(moved[wanted[:, 1:]].all()),
    "State t + 1 is not what step() makes of state t and action t. Note the state before the step, then move on.",
)
checks.that(
    bool(over.any(1).all()) or seen.shape[1] == cartpole.MAX_STEPS,
    f"The record stops after {seen.shape[1]} steps, when some episodes are still alive; go on while any is.",
)
checks.equal(
    mask,
    wanted,
    what="The mask",
    hint="True up to and including the step that ends the episode, false from then on.",
    mistakes={
        "The step that ends an episode happened, and it pays: note `alive` as it was before it.": wanted & ~over,
        "The mask is true everywhere; after its end an episode is dead.": torch.ones_like(wanted),
        "That is true where the episode is over; `alive` is the opposite.": ~wanted,
        "All places hold the last `alive`: to change it in place changes what was noted before; make a new tensor.": (
            (wanted & ~over)[:, -1:].expand_as(wanted)
        ),
    },
)
checks.that(
    bool(mask.any(0).all()),
    "The record goes on when all episodes are over: stop there, or it takes many times longer.",
)
checks.equal(
    paid[mask], torch.ones(int(mask.sum())), what="The record of rewards", hint="Note what each step pays, by itself."
)
checks.that(
    bool((acted != acted[:, :1])[mask].any()), "The actions never change within an episode: draw anew at every step."
)
pi_check = policy_check(seen[mask]).softmax(-1).detach()
checks.frequency(
    acted[mask] == pi_check.argmax(-1),
    pi_check.amax(-1).mean().item(),
    what="The likelier action is taken",
    hint="Draw with choose_actions from the logits of the present states.",
    mistakes={
        "That is always the likelier one; draw a sample unless greedy is true.": 1.0,
        "The actions do not follow the logits of the present states: at each step pass these, and the generator as "
        "it is, to choose_actions.": 0.5,
    },
)
drawn_check = []
short_check = run_episodes(
    lasting(drawn_check), new_policy(checks.generator(6), 2, None), 100, generator=checks.generator(7)
)
clock_check, length_check = torch.arange(6).expand(100, 6), drawn_check[-1].unsqueeze(-1)
checks.equal(
    short_check[3],
    (clock_check < length_check)[:, :4],
    what="The mask of a world in which the ended look alive again",
    hint="What is over stays over.",
    mistakes={
        "An episode that is over comes back to life: combine with the old `alive`.": (clock_check != length_check)
    },
)


def drift(states, actions):
    """Take a step in a world that never ends."""
    steps_check.append(len(states))
    checks.that(sum(steps_check) <= 80, "The loop goes on after world.max_steps = 7 steps; stop there at the latest.")
    return states + 0.01 * (2 * actions.unsqueeze(-1) - 1)


never = rollouts.World(
    cartpole.reset, drift, lambda s, a, after: (torch.ones(len(s)), torch.zeros(len(s), dtype=torch.bool)), 2, 7
)
steps_check.clear()
greedy_check = run_episodes(never, policy_check, 4, generator=checks.generator(5), greedy=True)
checks.equal(
    greedy_check[3],
    torch.ones(4, 7, dtype=torch.bool),
    what="The mask of a world that never ends, with max_steps=7",
    hint="Take at most world.max_steps steps.",
    mistakes={
        "That is a step too many or too few; world.max_steps = 7 counts the steps.": [
            torch.ones(4, 8, dtype=torch.bool),
            torch.ones(4, 6, dtype=torch.bool),
        ]
    },
)
checks.equal(
    greedy_check[1],
    policy_check(greedy_check[0]).argmax(-1),
    what="The row of actions with greedy=True",
    hint="Pass greedy on to choose_actions.",
)
checks.reproducible(
    lambda generator: run_episodes(world, policy_check, 5, generator=generator)[1][:, :5], what="The record of actions"
)
### BEGIN HIDDEN TESTS
early_policy = new_policy(torch.Generator().manual_seed(6), 2, None)
early = rollouts.Episodes(*run_episodes(probes.early_end(), early_policy, 300, generator=checks.generator(6)))
checks.equal(early.mask[:, 1], early.actions[:, 0] == 1, what="The mask at step 1 of a world that action 0 ends")
checks.equal(early.rewards[early.mask], torch.ones(int(early.mask.sum())), what="Its rewards")
### END HIDDEN TESTS
checks.passed(run_episodes)

# %%
run_episodes = checks.yours(reinforce.run_episodes)
untrained = new_policy(torch.Generator().manual_seed(2))
episodes = run_episodes(world, untrained, 64, generator=torch.Generator().manual_seed(3))
lengths = episodes.mask.sum(1)
fig, ax = plt.subplots(figsize=(6, 2.5))
ax.imshow(episodes.mask[lengths.argsort()], aspect="auto", cmap="Greys", vmax=1.6)
ax.set(xlabel="step $t$", ylabel="episode", yticks=[])
plt.show()
print(f"mean length {lengths.double().mean():.0f}, shortest {lengths.min()}, longest {lengths.max()}")

# %% [markdown]
# **What you see.** The mask of 64 episodes, sorted: grey is what happened. An untrained policy drops the pole after
# some twenty steps.

# %% [markdown]
# ## 3 · Returns
# One episode gives one sample of $q_\pi(S_t, A_t)$ for each of its steps: the return $G_t = R_{t+1} + \gamma R_{t+2}
# + \dots$ up to the end. It is unbiased, and noisy. Like the lecture we keep $\gamma = 1$; an episode has at most 500
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
# the average of $G_t\, \nabla \log \pi(A_t \mid S_t)$ over steps points along $\nabla J$, and
#
# $$L(\theta) = -\frac{1}{n} \sum_{t} G_t\, \log \pi(A_t \mid S_t; \theta)$$
#
# over the $n$ steps that happened is a loss whose negative gradient does so.

# %% [markdown]
# You know it: $-\log \pi(A \mid S)$ is the cross-entropy of a classifier. There a person gave the label. Here the
# policy drew it itself, and the return says how much it is worth.
#
# **Predict.** For logits that give π = (0.8, 0.2), action 1 was sampled. Where does each loss push?

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
# Fill `policy_loss`. `weights` holds $G_t$ for now; in lesson 05 something better will stand there. What lies behind
# an end may be nan, so select the steps of the mask; a product with 0 would keep the nan.
#
# <details><summary>Hint</summary>
#
# `logits.log_softmax(-1)`, then `gather(-1, actions.unsqueeze(-1))` picks the actions taken.
# </details>

# %%
# What the check below uses.
g_check = torch.Generator().manual_seed(7)
scores = torch.randn(3, 4, 3, generator=g_check, dtype=torch.float64)
labels = torch.randint(3, (3, 4), generator=g_check)
worths = torch.tensor([[4.0, 3.0, 1.0, 9.0], [7.0, 5.0, 2.0, -1.0], [2.0, 30.0, 40.0, -8.0]], dtype=torch.float64)

# %% exercise="reinforce-policy-loss"
def policy_loss(logits, actions, weights, mask):
    """Return the loss, one number, from logits (N, T, A), actions, weights and mask (N, T)."""
    ### BEGIN SOLUTION
    log_pi = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    return -(weights * log_pi)[mask].mean()
    ### END SOLUTION

# %% check="reinforce-policy-loss-check" points=3
log_pi = scores.log_softmax(-1)
taken = log_pi.gather(-1, labels.unsqueeze(-1)).squeeze(-1)
real = mask_check
with checks.unchanged(logits=scores, actions=labels, weights=worths, mask=real):
    got = policy_loss(scores, labels, worths, real)
if isinstance(got, torch.Tensor):
    checks.that(got.dim() == 0, f"The loss has shape {tuple(got.shape)}, so it is not one number: average over steps.")


def loss_with(log_pi=log_pi, actions=labels, weights=worths):
    """Return the loss with something else in the place of log π, of the actions or of the weights."""
    return -(weights * log_pi.gather(-1, actions.unsqueeze(-1)).squeeze(-1))[real].mean()


checks.equal(
    got,
    -(worths * taken)[real].mean(),
    what="The loss of three episodes",
    hint="Sum −G_t log π(A_t | S_t) over the steps of the mask, and divide by their number.",
    mistakes={
        "The sign is wrong: a loss is minimised, J is to be climbed.": (worths * taken)[real].mean(),
        "The mask is missing: steps behind the end of an episode are counted.": [
            -(worths * taken).mean(),
            -(worths * taken).sum(),
        ],
        "That divides by all places of the batch, also those behind an end; divide by the steps that happened.": -(
            worths * taken * real
        ).mean(),
        "Divide by the number of steps; that is the sum.": -(worths * taken)[real].sum(),
        "That divides by the number of episodes; the loss is a mean over steps.": -(worths * taken)[real].sum() / 3,
        "That averages each episode by itself first, so that steps of short episodes weigh more.": -(
            (worths * taken * real).sum(1) / real.sum(1)
        ).mean(),
        "The weights are missing: that is a classifier's loss, which treats all actions as right.": -taken[real].mean(),
        "That sums over all actions; only the one taken has a term.": [
            -(worths.unsqueeze(-1) * log_pi)[real].mean(),
            -(worths.unsqueeze(-1) * log_pi)[real].sum(-1).mean(),
        ],
        "That takes the logits for log π; a softmax is missing.": loss_with(scores),
        "The logarithm is missing.": [
            -(worths * taken.exp())[real].mean(),
            -(worths.unsqueeze(-1) * log_pi.exp())[real].mean(),
        ],
        "That is the log-probability of the likeliest action, not of the one taken.": loss_with(
            actions=log_pi.argmax(-1)
        ),
        "That takes the same action at every step; each step has its own.": [
            loss_with(actions=torch.full_like(labels, action)) for action in range(3)
        ],
        "That takes the action of another step.": [loss_with(actions=labels.roll(way, 1)) for way in (-1, 1)],
        "That is log(1 − π), of the action not being taken.": loss_with((1 - log_pi.exp()).log()),
        "The softmax runs over the steps; it belongs to the actions.": loss_with(scores.log_softmax(1)),
        "The softmax runs over the episodes; it belongs to the actions.": loss_with(scores.log_softmax(0)),
        "The softmax runs over the whole table; it belongs to the actions.": loss_with(
            scores - scores.logsumexp((0, 1, 2))
        ),
        "The softmax is taken twice.": loss_with(scores.softmax(-1).log_softmax(-1)),
        "That is the weight of the first step for all steps of an episode.": loss_with(weights=worths[:, :1]),
        "The weights are averaged before they are multiplied, or multiplied with every log π; "
        "each step keeps its own.": -worths[real].mean() * taken[real].mean(),
        "The logarithm comes after the mean; it belongs to each π by itself.": -(
            (worths * taken.exp())[real].mean().log()
        ),
    },
)
moving = scores.clone().requires_grad_()
slope = checks.gradient(policy_loss(moving, labels, worths, real), moving, what="The loss")
one_hot = torch.nn.functional.one_hot(labels, 3)
checks.equal(
    slope,
    worths.unsqueeze(-1) * (log_pi.exp() - one_hot) * real.unsqueeze(-1) / real.sum(),
    what="The gradient of the loss with respect to the logits",
    hint="Each logit's gradient is G_t (π(a) − 1[a = A_t]) over the number of steps, and 0 behind an end.",
)
broken = scores.masked_fill(~real.unsqueeze(-1), float("nan"))
checks.equal(
    policy_loss(broken, labels, worths, real),
    -(worths * taken)[real].mean(),
    what="The loss where rubbish behind an end is nan",
    hint="nan times 0 is nan: select the steps of the mask, or use torch.where.",
)
### BEGIN HIDDEN TESTS
few = scores[1:, :3, :2], labels[1:, :3] % 2, worths[1:, :3], real[1:, :3]
checks.equal(
    policy_loss(*few),
    reinforce.policy_loss(*few),
    what="The loss of two episodes with two actions",
)
### END HIDDEN TESTS
checks.passed(policy_loss)

# %%
policy_loss = checks.yours(reinforce.policy_loss)

# %% [markdown]
# ### Exercise 5 · One update (10 min, ●●○, 2 points)
# Fill `update`: one step of `optimizer` down the gradient of your loss, with the episodes' states, actions and mask.
#
# <details><summary>Hint</summary>
#
# Three lines of every training in torch: `zero_grad`, `backward`, `step`.
# </details>

# %%
# What the check below uses: a batch with ends at different places.
batch_check = reinforce.run_episodes(
    world, new_policy(torch.Generator().manual_seed(8)), 6, generator=torch.Generator().manual_seed(9)
)
weights_check = reinforce.returns(batch_check.rewards, batch_check.mask, 1.0) - 4

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
def moved_by(step, times=1, learning_rate=0.1, method=torch.optim.SGD):
    """Return how far some steps of an optimizer move the parameters, as one vector."""
    policy = new_policy(torch.Generator().manual_seed(10))
    optimizer = method(policy.parameters(), lr=learning_rate)
    before = torch.cat([p.detach().flatten() for p in policy.parameters()])
    for _ in range(times):
        step(policy, optimizer)
    return torch.cat([p.detach().flatten() for p in policy.parameters()]) - before


def descend(
    policy, optimizer, weights=weights_check, actions=batch_check.actions, sign=1, mask=batch_check.mask, fresh=True
):
    if fresh:
        optimizer.zero_grad()
    (sign * reinforce.policy_loss(policy(batch_check.states), actions, weights, mask)).backward()
    optimizer.step()


def yours_check(policy, optimizer):
    """Do one update with the learner's function."""
    try:
        update(policy, optimizer, batch_check, weights_check)
    except RuntimeError as error:
        checks.that(
            "does not require grad" not in str(error),
            "The loss is cut off from the parameters, so backward() finds none. Look for .detach() or torch.no_grad().",
        )
        raise


with checks.unchanged(states=batch_check.states, weights=weights_check):
    got = moved_by(yours_check)
checks.that(
    torch.equal(got, moved_by(yours_check)),
    "Two updates from the same start differ: something is drawn. Use the actions of the episodes.",
)
everywhere = torch.ones_like(batch_check.mask)
checks.equal(
    got,
    moved_by(descend),
    what="The change of the parameters by one update",
    hint="It is the learning rate times the negative gradient of policy_loss, by the optimizer of the arguments.",
    mistakes={
        "Nothing has changed: backward() finds the gradient, step() uses it, and both are needed.": torch.zeros_like(
            got
        ),
        "The sign is wrong: that climbs the loss.": moved_by(lambda p, o: descend(p, o, sign=-1)),
        "The weights are not passed on: rewards stand in their place.": moved_by(
            lambda p, o: descend(p, o, weights=batch_check.rewards)
        ),
        "The weights are not passed on: all steps weigh 1.": moved_by(
            lambda p, o: descend(p, o, weights=torch.ones_like(weights_check))
        ),
        "The mask is not passed on.": moved_by(lambda p, o: descend(p, o, mask=everywhere)),
        "Those are several steps on one batch; one was asked.": [moved_by(descend, times=n) for n in (2, 3, 5, 10)],
        "Use the actions of the episodes; these are turned around, or the likeliest ones.": [
            moved_by(lambda p, o: descend(p, o, actions=1 - batch_check.actions)),
            moved_by(lambda p, o: descend(p, o, actions=p(batch_check.states).argmax(-1))),
        ],
    },
)
checks.equal(
    moved_by(yours_check, times=3),
    moved_by(descend, times=3),
    what="The change of the parameters by three updates",
    hint="Compute the loss anew in each.",
    mistakes={
        "Gradients pile up from update to update: zero_grad() is missing, or comes too late.": moved_by(
            lambda p, o: descend(p, o, fresh=False), times=3
        )
    },
)
checks.equal(
    moved_by(yours_check, times=2, method=torch.optim.Adam),
    moved_by(descend, times=2, method=torch.optim.Adam),
    what="The change of the parameters by two updates with Adam",
    hint="Let step() of the optimizer given do it: each kind moves the parameters in its own way.",
    rtol=1e-2,
    atol=1e-3,
)
### BEGIN HIDDEN TESTS
checks.equal(
    moved_by(yours_check, learning_rate=0.5),
    moved_by(descend, learning_rate=0.5),
    what="The change of the parameters with another learning rate",
    hint="Use the optimizer of the arguments.",
)
### END HIDDEN TESTS
checks.passed(update)

# %%
update = checks.yours(reinforce.update)

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
class Watched:
    """A recipe that notes what is read of it."""

    def __init__(self, **settings):
        self.settings, self.read = settings, set()

    def __getattr__(self, name):
        self.read.add(name)
        return self.settings[name]


def learned(probe, **settings):
    """Train on a tiny world; return π(a | s) in the states −1, 0 and 1 at its first step, shape (3, 2)."""
    policy = new_policy(checks.generator(11), 2, None)
    recipe = Watched(**{"episodes": 32, "learning_rate": 0.05, "gamma": 1.0} | settings)
    train(probe, policy, recipe, updates=60, generator=checks.generator(12))
    for name, meaning in (("gamma", "returns discount by it"), ("episodes", "so many make a batch")):
        checks.that(name in recipe.read, f"recipe.{name} is never used: {meaning}.")
    return policy(torch.tensor([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])).softmax(-1)


drawn_check, acts_check, reports, numbers = [], [], [], []
short = lasting(drawn_check)
counting = rollouts.World(
    short.reset,
    lambda states, actions: (
        acts_check.append((len(drawn_check), states.view(-1, 2), actions.view(-1))) or short.dynamics(states, actions)
    ),
    short.outcome,
    2,
    short.max_steps,
)
recipe_check = Watched(episodes=32, learning_rate=0.01, gamma=0.5)
trained_check = new_policy(checks.generator(13), 2, None)
got = train(
    counting,
    trained_check,
    recipe_check,
    updates=5,
    generator=checks.generator(14),
    report=lambda number, mean: (numbers.append(number), reports.append(float(mean))),
)
checks.that(isinstance(got, torch.Tensor), "train does not return a tensor; keep its last line, return torch.stack(…).")
checks.that(
    len(drawn_check) > 1 or len(got) == 1,
    "All updates use the same episodes: run fresh ones for each, since the policy has changed.",
)
checks.that(
    all(lengths.shape == (32,) for lengths in drawn_check),
    f"A batch is not recipe.episodes episodes in one go: {tuple(drawn_check[0].shape)} were started, "
    "but (32,) was expected.",
)
checks.that(
    got.shape == (5,) and len(drawn_check) == 5,
    f"With updates=5 there were {len(drawn_check)} batches and a history of shape {tuple(got.shape)}, "
    "but 5 were expected.",
)
means_check = torch.stack([lengths.mean() for lengths in drawn_check])
checks.equal(
    got.detach(),
    means_check,
    what="The history of mean returns",
    hint="Note reinforce.mean_return of each batch: rewards as they are paid, summed up to the end, averaged.",
    mistakes={
        "That is the mean of a discounted return; the history has what was paid, without γ.": torch.stack(
            [(2 - 0.5 ** (lengths - 1)).mean() for lengths in drawn_check]
        ),
        "That is a mean over steps; sum the rewards of an episode.": torch.ones(5),
    },
)
checks.that(len(numbers) > 0, "report is never called; call report(number, mean) for every batch, if it is given.")
checks.that(numbers == [1, 2, 3, 4, 5], f"report was called with the numbers {numbers}, but 1 to 5 were expected.")
checks.equal(
    torch.tensor(reports), got.detach(), what="What was reported", hint="Report the mean return of each batch."
)
steps_check = [
    tuple(torch.cat(part) for part in zip(*[record[1:] for record in acts_check if record[0] == number]))
    for number in numbers
]
checks.that(
    any(
        len(torch.cat([states, actions.view(-1, 1)], 1).unique(dim=0)) > len(states.unique(dim=0))
        for states, actions in steps_check
    ),
    "In the same state all episodes take the same action: training samples its actions, so leave greedy out.",
)


def replayed(weigh, times=1):
    """Train on the steps of the learner's training; `weigh` knows how many steps are left and the length."""
    policy = new_policy(checks.generator(13), 2, None)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.01)
    for states, actions in steps_check:
        length, clock = states.T
        weights = torch.as_tensor(weigh(length - clock, length)).expand(1, len(clock))
        batch = rollouts.Episodes(
            states.unsqueeze(0), actions.long().unsqueeze(0), weights, (clock < length).unsqueeze(0)
        )
        for _ in range(times):
            reinforce.update(policy, optimizer, batch, weights)
    return torch.cat([p.detach().flatten() for p in policy.parameters()])


after_check = torch.cat([p.detach().flatten() for p in trained_check.parameters()])
untouched = torch.cat([p.detach().flatten() for p in new_policy(checks.generator(13), 2, None).parameters()])
checks.that(
    not torch.equal(after_check, untouched),
    "Training leaves the policy as it was: update the policy of the arguments after each batch.",
)


def discounted(left, length):
    """Return G_t with γ = 0.5, when so many steps that pay 1 are left."""
    return 2 - 0.5 ** (left - 1)


checks.equal(
    after_check,
    replayed(discounted),
    what="The vector of parameters after five batches with γ = 0.5",
    hint="Each batch gives one update, with the returns G_t for γ = recipe.gamma as weights.",
    mistakes={
        "Each step gets the return of the whole episode; weight it by what comes after it.": [
            replayed(lambda left, length: 2 - 0.5 ** (length - 1)),
            replayed(lambda left, length: length),
        ],
        "The returns are not discounted by recipe.gamma.": replayed(lambda left, length: left),
        "Weight each action by the return that follows it, not by its reward.": [
            replayed(lambda left, length: torch.ones_like(left)),
            replayed(lambda left, length: 0.5 * torch.ones_like(left)),
        ],
        "The sign is wrong: the policy learns to earn less.": replayed(lambda *steps: -discounted(*steps)),
        "Rewards behind an end are counted; give returns the mask of the episodes.": replayed(
            lambda left, length: discounted(left, length) + 20 * (0.5**left - 0.5 ** (left + length.max() - length))
        ),
        "Several updates use the same batch; one was asked.": [replayed(discounted, times) for times in (2, 3, 10)],
    },
    rtol=1e-2,
    atol=1e-3,
)
drawn_check.clear()
numbers.clear()
stopped = new_policy(checks.generator(15), 2, None)
before_check = [parameter.detach().clone() for parameter in stopped.parameters()]
got = train(
    counting,
    stopped,
    recipe_check,
    updates=9,
    generator=checks.generator(16),
    stop_at=1.0,
    report=lambda number, mean: numbers.append(number),
)
checks.that(
    len(got) == 1,
    f"With stop_at=1 training went on for {len(got)} batches, though the first had a mean return of "
    f"{drawn_check[0].mean():.2g}.",
)
checks.that(numbers == [1], f"The batch that reaches stop_at is reported too; the numbers were {numbers}, not [1].")
checks.that(
    all(map(torch.equal, before_check, stopped.parameters())),
    "The batch that reaches stop_at still changes the policy: stop before the update.",
)
got = train(
    counting,
    new_policy(checks.generator(15), 2, None),
    recipe_check,
    updates=40,
    generator=checks.generator(17),
    stop_at=2.75,
)
checks.that(
    bool((got[:-1] < 2.75).all() and (len(got) == 40 or got[-1] >= 2.75)),
    "With stop_at=2.75 training should end with the first batch whose own mean return reaches 2.75, and not before.",
)
pi = learned(probes.one_step())[1, 1].item()
checks.that(
    pi > 0.9,
    f"One step, action 1 pays 1: after 60 updates π(1) is {pi:.2g}, but above 0.9 was expected. "
    "Does update get the returns?",
)
pi = learned(probes.late_reward())[1, 1].item()
checks.that(
    pi > 0.9,
    f"The first action decides, the reward comes 3 steps later: π(1) is {pi:.2g}, but above 0.9 was expected. "
    "Weight each action by the return that follows it, not by its reward.",
)
pi = learned(probes.two_states())
checks.that(
    bool(pi[0, 0] > 0.9 and pi[2, 1] > 0.9),
    f"Action 0 is right in state −1, 1 in state 1: their probabilities are {pi[0, 0]:.2g} and {pi[2, 1]:.2g}, "
    "but above 0.9 was expected. Does the policy see the states of the episodes?",
)
pi = learned(probes.early_end())[1, 1].item()
checks.that(
    pi > 0.9,
    f"Action 0 ends the episode, action 1 earns more: π(1) is {pi:.2g}, but above 0.9 was expected. "
    "Is something counted behind the end?",
)
### BEGIN HIDDEN TESTS
pi = learned(probes.late_reward(7), episodes=64)[1, 1].item()
checks.that(pi > 0.9, f"The first action decides, the reward comes 6 steps later: π(1) is {pi:.2g}.")
### END HIDDEN TESTS
checks.passed(train)

# %%
train = checks.yours(reinforce.train)

# %% [markdown]
# The check trained on four tiny worlds, each of which shows one bug by itself: a wrong sign, rewards for returns, a
# policy that sees no state, a missing mask. Keep such worlds for whatever you write; a pole that falls tells nothing.

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
class Leaning(torch.nn.Module):
    """Prefers one action a little: greedily it is always taken."""

    def __init__(self, action):
        super().__init__()
        self.action = action

    def forward(self, states):
        return states.new_tensor([0.1, -0.1] if self.action == 0 else [-0.1, 0.1]).expand(len(states), 2)


early_check = probes.early_end()
checks.equal(
    evaluate(early_check, Leaning(1), generator=checks.generator(17)),
    3.0,
    what="The mean return where action 1, slightly preferred, earns 3 and action 0 less",
    hint="Act greedily, with greedy=True, sum the rewards of each episode, and average over episodes.",
    mistakes={"That is a mean over steps; sum the rewards of an episode.": 1.0, "That sums over the episodes.": 300.0},
)
checks.equal(
    evaluate(early_check, Leaning(0), 50, generator=checks.generator(18)),
    1.0,
    what="The mean return where action 0 ends the episode with a reward of 1",
    hint="Only steps of the mask count.",
)
drawn_check = []
for episodes_check in ({"episodes": 37}, {}):
    got = evaluate(lasting(drawn_check), Leaning(1), generator=checks.generator(19), **episodes_check)
    lengths = drawn_check[-1]
    checks.equal(
        got,
        lengths.mean().item(),
        what="The mean return of episodes of 1 to 4 steps that pay 1 each",
        hint="Only steps of the mask count, and each episode counts alike.",
        mistakes={
            "That is the best episode; average over all.": lengths.max(),
            "That is the median.": lengths.median(),
        },
    )
checks.that(
    [lengths.numel() for lengths in drawn_check] == [37, 100],
    "Run as many episodes as the argument `episodes` says, in one go, and 100 by default; "
    f"asked for 37 and then for none, evaluate ran {' and '.join(str(lengths.numel()) for lengths in drawn_check)}.",
)
checks.reproducible(
    lambda generator: torch.as_tensor(evaluate(lasting(drawn_check), Leaning(1), generator=generator)),
    what="The mean return",
)
### BEGIN HIDDEN TESTS
checks.equal(
    evaluate(probes.one_step(), Leaning(1), generator=checks.generator(21)), 1.0, what="The mean return of one step"
)
### END HIDDEN TESTS
checks.passed(evaluate)

# %%
evaluate = checks.yours(reinforce.evaluate)

# %% [markdown]
# ### Exercise 8 · Balance the pole (10 min, ●●○, 3 points)
# Fill `balance`: make a policy, train it with at most 100 updates, and return it. With 64 episodes a batch, a
# learning rate of 0.05, γ = 1 and `stop_at=475` this recipe solved CartPole with each of 100 fresh seeds. Other ways
# are as good if they reach 475.
#
# <details><summary>Hint</summary>
#
# `new_policy(generator)` and `reinforce.Recipe(episodes=…, learning_rate=…, gamma=…)`.
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
numbers, reports = [], []
trained_check = balance(
    checks.generator(22), report=lambda number, mean: (numbers.append(number), reports.append(float(mean)))
)
checks.that(
    isinstance(trained_check, torch.nn.Module),
    f"balance returns {type(trained_check).__name__}, but the trained policy was expected. "
    "Does it end with return policy?",
)
checks.that(len(numbers) > 0, "report was never called: pass it on, train(…, report=report).")
checks.that(max(numbers) <= 100, f"Training took {max(numbers)} updates; at most 100 are allowed.")
score_check = reinforce.evaluate(world, trained_check, generator=checks.generator(23)).item()
checks.that(
    score_check >= 475 or max(reports) < 475,
    f"The best batch had a mean return of {max(reports, default=0):.0f}, but the policy that balance returns has "
    f"{score_check:.0f}. Return the policy that was trained, and stop at stop_at=475.",
)
checks.that(
    score_check >= 475,
    f"The greedy policy's mean return over 100 episodes is {score_check:.0f}, but 475 or more was expected. "
    "Train until a batch reaches 475, at most for 100 updates.",
)
checks.passed(balance)

# %% [markdown]
# Now watch it learn, once more and step by step. **Predict**: how many updates will it take?

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
# **What you see.** Five gradient steps. Nobody told the policy what an angle is.

# %%
films = {}
for name, snapshot in (("before", snapshots[0]), ("during", snapshots[middle]), ("after", snapshots[-1])):
    run = run_episodes(world, snapshot, 1, generator=torch.Generator().manual_seed(10), greedy=True)
    films[f"{name}: {int(run.mask.sum())} steps"] = cartpole.frames(run.states[0, :250], every=5)
about = "Three films of the cart. Untrained, the pole falls at once; half trained, later; trained, it stands."
display(film(films, alt=about, fps=10))

# %% [markdown]
# **What you see.** At most five seconds of one greedy episode of each policy: the untrained one drops the pole at
# once, the half-trained one holds it for a while, the trained one stands nearly still.
#
# ### What does the policy look at?
# The colour is $\pi(\text{right} \mid s)$ over the pole's angle and speed, for a cart at rest in the middle; the line
# is one greedy episode. Move through the training.

# %%
def show_policy(ax, snapshot):
    """Draw π(right | s) over angle and angular speed, with one greedy episode on it."""
    angle, speed = torch.meshgrid(torch.linspace(-12, 12, 61), torch.linspace(-2, 2, 61), indexing="ij")
    states = torch.stack([0 * angle, 0 * angle, angle.deg2rad(), speed], -1)
    right = snapshot(states).softmax(-1)[..., 1].detach()
    picture = ax.pcolormesh(angle, speed, right, vmin=0, vmax=1)
    run = run_episodes(world, snapshot, 1, generator=torch.Generator().manual_seed(7), greedy=True)
    ax.plot(run.states[0, :, 2].rad2deg(), run.states[0, :, 3], color="white", linewidth=0.8)
    ax.set(xlabel="angle (°)", ylabel="angular speed (rad/s)", xlim=(-12, 12), ylim=(-2, 2))
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
# **What you see.** Without a kernel: three moments of the slider. Grey is undecided, white the episode. Training
# draws a border: push right where the pole leans or falls to the right, and left where it does so to the left.

# %% [markdown]
# ## 7 · The return of the whole episode?
# REINFORCE may also weight every step with $G_0$, the return of the whole episode. With $\gamma = 1$ that is the same
# gradient on average: what came before $A_t$ does not depend on it, and $\mathbb E[\nabla \log \pi(A_t \mid S_t)] =
# 0$. But what came before is noise.
#
# **Predict** what this costs: the same for 20 runs, 16 episodes a batch, 20 updates.

# %%
g = torch.Generator().manual_seed(8)
curves = {}
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
# average that is right. From samples it is a lottery: here is a world in which nothing matters. One step, two
# actions, and the reward is 4 or 6, whatever is done. (Here the returns are divided by their mean, so they stay
# positive.)
#
# **Predict** π(1) after 60 updates, for 200 policies.

# %%
g = torch.Generator().manual_seed(9)
runs = networks.Network((200,), 2, 32, 2, generator=g)
start = torch.tensor([[1.0, 0.0]]).expand(200, 1, 2)
before = runs(start).softmax(-1)[:, 0, 1].detach()
reinforce.train(probes.no_matter(), runs, reinforce.Recipe(gamma=1.0), updates=60, generator=g)
after = runs(start).softmax(-1)[:, 0, 1].detach()
fig, ax = plt.subplots()
ax.hist([before, after], bins=20, range=(0, 1), label=["before", "after"], color=[plotting.GREY, plotting.BLUE])
ax.set(xlabel="π(1)", ylabel="policies")
ax.legend()
plt.show()
print(
    f"after training {100 * ((after < 0.1) | (after > 0.9)).double().mean():.0f} % of the policies are nearly certain"
)

# %% [markdown]
# **What you see.** Nearly all policies become certain of one action, about half of them of this one, half of that,
# wherever they started. Whatever chance draws more often is pushed up more often, is drawn more often still, and so
# on until the other action never comes again. The cure, to subtract what was to be expected anyway, is lesson 05.

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
# Rubric: 1 point for "the expectation is over the present policy", 1 for what is wrong with old actions or returns, 1
# for when it matters (large changes, many reuses).
# ### END SOLUTION

# %% [markdown]
# ## Summary
# - $\nabla J \propto \mathbb E[\,G_t\, \nabla \log \pi(A_t \mid S_t; \theta)]$: a cross-entropy with sampled labels,
#   weighted by the return.
# - Run episodes with the present policy, update on every step of them, repeat.
# - The mask keeps what is behind an end out of every formula.
# - Returns from step $t$ on; those of the whole episode have the same mean and far more variance.

# %% [markdown]
# **References.** The lecture, part 1, REINFORCE. Williams (1992), *Simple statistical gradient-following algorithms*.
# Sutton and Barto (2018), sections 13.2 and 13.3. Barto, Sutton and Anderson (1983) for the pole; Florian (2007) for
# its equations; CartPole-v1 is gymnasium's.
#
# Next: **05 · The baseline**.
