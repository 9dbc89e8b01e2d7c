# %% [markdown]
# # 05 · Project: your own agent
# **You will** write an agent from an empty cell: choose an environment, choose or invent the algorithm, train it, and
# have it measured.
#
# **You need** lessons 03 to 05. **Time**: 180 minutes, less if you build on what you have.
#
# Symbols are those of the [notation table](../../NOTATION.md). Nothing here is filled in for you, and there is no one
# right answer.

# %%
import gymnasium
import matplotlib.pyplot as plt
import torch

from checks import your_own_agent as check
from helpers import classic_control, networks, pictures, pixels, plotting, reinforce

plotting.use_style()

# %% [markdown]
# ## The task
# Write `agent()`. It returns two parts, or three:
#
# - **the environment**: the name of one that gymnasium has, such as `"MountainCar-v0"`, or a `gymnasium.Env` of your
#   own;
# - **`policy(observation)`**: a function from one observation, a NumPy array, to one action. It may be random, but sees
#   the observation alone: of an environment of gymnasium's a hundred episodes run in step, and it is asked for each of
#   them in turn;
# - **`rule(observation)`**, if no number is the bar: the action that you would take without learning.

# %% [markdown]
# Draw from a `torch.Generator` of your own: torch's own, from which everybody draws, is not to be seeded.
#
# Write everything from scratch, use your functions of lessons 04 and 05, or use `helpers`. Any method will do: a
# policy gradient, a search over weights, a rule that you can defend.

# %% [markdown]
# ## Choose an environment
# | environment | what is hard | bar for the mean return of 100 episodes |
# |---|---|---|
# | `CartPole-v1` | do it another way than in lesson 04 | 475 |
# | `CartPolePixels-v1` | two pictures in the place of four numbers | 475 |
# | `MountainCar-v0` | no reward says that you get nearer: shape one | −150 |
# | `Acrobot-v1` | two links, one motor; a beginner never arrives | −105 |
# | any other of gymnasium's | `LunarLander-v3` needs `pip install "gymnasium[box2d]"` | above its rivals |
# | your own `gymnasium.Env` | the reward is yours to choose, and to regret | above its rivals |

# %% [markdown]
# The **rivals** learn nothing: random actions, one action taken always (each of up to eight; of a box the ends and the
# middle), and your rule.
# *Above* means: your whole 95 % interval lies above the upper end of each of theirs. So choose an environment in which
# one has to look and a line or two will not do, and write down which mean you aim at before you train.
# What counts is the environment's own reward, whatever you trained on.

# %%
for name in ("CartPole-v1", pixels.NAME, "MountainCar-v0", "Acrobot-v1"):
    env = gymnasium.make(name)
    print(f"{name:17} observations {env.observation_space.shape}, actions {env.action_space}")

# %% [markdown]
# ## Look before you train
# The car is too weak to climb the hill at once and has to rock. Here it is pushed to the right all the time, and to the
# right and to the left in turn, forty steps each, which is about half of a swing.

# %%
car, swings = gymnasium.make("MountainCar-v0"), {}
for name, turn in {"always right": 1000, "in turn": 40}.items():
    state, _ = car.reset(seed=1)
    places, has_ended = [state[0]], False
    while not has_ended:
        state, _, *ends, _ = car.step(0 if len(places) // turn % 2 else 2)
        places, has_ended = [*places, state[0]], any(ends)
    swings[name] = places

# %%
fig, ax = plt.subplots()
for (name, places), line in zip(swings.items(), (":", "-")):
    print(f"{name:12} {len(places) - 1} steps")
    ax.plot(places, linestyle=line, label=name)
ax.axhline(0.5, color="black", linewidth=0.8)
ax.set(xlabel="step $t$", ylabel="place of the car")
ax.legend()
plt.show()

# %% [markdown]
# **What you see.** Always right, the car swings about the bottom of the valley and never arrives; pushed in turn, it
# swings higher each time, until it passes the flag at 0.5. A policy sees place and speed and no clock: from what can
# it tell when to turn? Nearly every episode of a beginner earns −200, whatever it does, so the gradient says nothing.
#
# `classic_control.mountain_car()` and `classic_control.acrobot()` are these worlds for a whole batch at once:
# `reinforce.run_episodes` and `reinforce.train` take them as they took the pole.

# %% [markdown]
# ## Shape the reward
# Add $\Phi(S_{t+1}) - \Phi(S_t)$ to each reward. Over an episode these sum to $\Phi$ at its end less $\Phi$ at its
# start, so what is best changes little, but each step now says whether it helped. `classic_control.mountain_car(phi)`
# takes your $\Phi$. What should it be: the height, the speed, or something that both add to?

# %%
place = torch.linspace(-1.2, 0.6, 100)
fig, ax = plt.subplots()
ax.plot(place, (3 * place).sin(), color=plotting.BLUE)
ax.axvline(0.5, color="black", linewidth=0.8)
ax.set(xlabel="place of the car", ylabel="height of the ground, sin 3x")
plt.show()

# %% [markdown]
# **What you see.** The ground under the car: the valley has its bottom at −0.52, the flag stands at 0.5. Higher is not
# always nearer, since the way to the flag leads up the other side first.

# %% [markdown]
# ## See before you act
# In `CartPolePixels-v1` the policy of lesson 04's pole gets two pictures, one a step of 0.02 s before and one of now,
# each 16 × 60 shades from 0 to 255. `pixels.cartpole_remembered()` is the same as a world of batches, in which
# `pixels.Watching(network)` is a policy that `reinforce.train` takes: it shows `network` the pictures of
# states. The network alone then plays gymnasium's environment. A value network may look at the states, since
# nobody needs it for playing.

# %%
env = gymnasium.make(pixels.NAME)
env.reset(seed=1)
for _ in range(8):
    (before, now), *_ = env.step(1)
move = now.astype(float) - before
fig, axes = plt.subplots(1, 2, figsize=(8, 1.6))
words = ("a black cart near the middle, a thin pole on it that leans to the left", "faint edges of cart and pole alone")
for ax, image, title, said in zip(axes, (now, move), ("now", "now minus before"), words):
    ax.imshow(image, cmap="gray")
    ax.set(title=title, xticks=[], yticks=[])
    pictures.describe(ax, said)
plt.show()
print(f"largest change of a shade: {abs(move).max():.0f} of 255")

# %% [markdown]
# **What you see.** After eight pushes to the right the pole leans to the left. How fast it falls is in the difference
# alone, and the step is so short that edges move by a part of a pixel: the speeds of lesson 04 are now faint shades.

# %% [markdown]
# ## Measure as often as you like
# In a terminal, in the course's folder:
#
# ```
# .venv/bin/course measure agent work/05-your-own-agent/05-your-own-agent.ipynb
# ```
#
# A Python file that defines `agent` will do as well. The command runs it in a process of its own, plays 100 episodes
# and prints the mean, its interval and the bar, or the best of the rivals. An environment of gymnasium's runs outside
# of that process, so no policy can step it. One of your own runs beside the policy: that this sees the observation
# alone is yours to keep, and for whoever reads your code.

# %% [markdown]
# ## If you are stuck
# <details><summary>MountainCar</summary>
# Φ may be the energy: half the square of the speed, plus 0.0025/3 · sin 3x. Multiply it so that an
# episode earns about a hundred by it, and take γ = 1 and `baseline="time"`. The speed is at most 0.07: a network sees
# nothing of that, so give `networks.Network` a `scale` that makes it as large as the place.
# </details>

# %% [markdown]
# <details><summary>Pixels</summary>
# A convolutional network learns this slowly. Ask in each row where the dark is: the mean of the columns, weighted by
# how dark they are. Give a small network these places and, made larger, how far they moved. Then `helpers.ppo`
# needs less than a minute.
# </details>
# <details><summary>Acrobot</summary>
# Where no episode of a batch arrives, all returns are equal and nothing is learned. A bonus for entropy, as in
# `ppo.Recipe`, keeps it trying.
# </details>

# %% [markdown]
# ### Exercise 1 · The agent (120 min, ●●●, 6 points)
# Fill `agent`. Training may take a minute and a half when it is called. If yours takes longer, train elsewhere, save
# the weights into a file beside this notebook (`torch.save`) and load them here: `course measure` takes the files
# beside it along, and so does nbgrader's *Submit*.
#
# <details><summary>Hint 1: where to start</summary>
# Return a policy that always does the same, and run the check.
# </details>

# %% exercise="your-own-agent-agent"
def agent():
    """Return the environment, by its name or itself, policy(observation), and rule(observation) where it needs one."""
    ### BEGIN SOLUTION
    def energy(states):
        place, speed = states.unbind(-1)
        return 60_000 * (speed.square() / 2 + 0.0025 / 3 * (3 * place).sin())

    g = torch.Generator().manual_seed(0)
    network = networks.Network((), 2, 32, 3, scale=torch.tensor([1.0, 40.0]), generator=g)
    recipe = reinforce.Recipe(episodes=16, learning_rate=0.03, gamma=1.0, baseline="time", final_rate=0.1)
    reinforce.train(classic_control.mountain_car(energy), network, recipe, updates=60, generator=g)

    def policy(observation):
        with torch.no_grad():
            return int(network(torch.as_tensor(observation)).argmax())

    return "MountainCar-v0", policy
    ### END SOLUTION

# %% check="your-own-agent-agent-check" points=6
check.agent(agent)
### BEGIN HIDDEN TESTS
check.agent(agent, seed=2)
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 2 · What you did (30 min, ●●○, 6 points, graded by a person)
# Say in half a page, with a figure if you like: which environment, what you tried first and what came of it, what you
# changed and how you knew that it helped, and what your agent still cannot do. Numbers over more than one seed count
# more than the best run. Without a number for a bar: which mean did you aim at, and why is your rule a fair one?

# %% [markdown] written="your-own-agent-report" points=6
# ### BEGIN SOLUTION
# MountainCar, REINFORCE with the time baseline, 16 episodes a batch, γ = 1, and 60,000 times the car's energy as Φ:
# each push along the speed adds to it. With 40 updates at a rate of 0.02, 2 of 100 seeds still earned −200, and the
# worst of the others −160. I made the speed, a small number, twice as large for the network and
# the place half as large, and let a rate of 0.03
# fall to a tenth over 60 updates: then each of 100 seeds reached −150, half of them −126. The rule "with the speed"
# that goes right first needs about 120 steps, so this is not the best there is. It knows nothing of a car with
# another motor.
#
# **Rubric.** 1 point for the environment and the method, so that somebody else could repeat it; 2 for at least one
# change and the measurement that judged it; 1 for more than one seed, or a reason why one is enough; 1 for what the
# agent cannot do; 1 for code that a reader can follow. For an environment without a number: was the aim set before, is
# the rule what one would honestly try first, and is the reward what its maker wants, or can it be earned otherwise?
# ### END SOLUTION

# %% [markdown]
# ## Summary
# - A policy is judged by the environment's own reward, over fresh episodes, with an interval.
# - Shape what you train on, never what you are judged by.
#
# **References.** Sutton and Barto (2018), section 10.1, for the car. Sutton (1996) for the acrobot. Ng, Harada and
# Russell (1999), *Policy invariance under reward transformations*. Levine, Finn, Darrell and Abbeel (2016),
# *End-to-end training of deep visuomotor policies*, for asking where in a picture something is. gymnasium's
# documentation for environments of one's own.
#
# Next: [06 · Architecture search](../06-architecture-search/06-architecture-search.ipynb).
