# %% [markdown]
# # 00 · Start here
# **You will** run cells, fill an exercise, read a failing check, press Validate, and grade yourself; and you will see
# in two pictures what this course is about.
#
# **You need** Python and a little PyTorch. **Time**: 15 minutes.
#
# The course goes from bandits to the variational autoencoder, with everything computed by code that you write.
# Symbols and their names in code stand in [NOTATION.md](../../NOTATION.md).

# %% [markdown]
# ## Run a cell
# A notebook is text and code in cells. Click into the next cell and press **Shift + Enter**: it runs, and the cursor
# moves on. Run the cells from top to bottom; a later one needs what an earlier one made.
#
# Where a text asks you to predict, write a guess before you go on: double-click the text, type behind *Your guess:*,
# and press **Shift + Enter**. It counts for nothing, and it stays yours when the course is updated. The answer stands
# below the figure.

# %%
import matplotlib.pyplot as plt
import torch

from checks import start_here as check
from helpers import plotting, training

plotting.use_style()

# %% [markdown]
# PyTorch can compute on the processor (`cpu`) or on a graphics card (`cuda`, on a Mac `mps`). Every lesson runs on a
# laptop's processor; a graphics card makes some cells faster and changes no result that matters. This is what your
# machine offers:

# %% tags=["nbval-ignore-output"]
print("The best device here is", training.best_device())

# %% [markdown]
# ## Learning from a reward
# In **supervised** learning somebody shows the right answer. In **reinforcement** learning (RL) nobody does: you try
# something, and learn from a *reward* how well it worked. Nobody can tell a driver the right angle of the wheel at
# every moment, but fines and damages can be counted afterwards. The same holds for moving a robot, playing chess, or
# running a power plant.

# %% [markdown]
# Two old ideas met here. Engineers of the 1950s computed the best way to steer a system (*optimal control*; Richard
# Bellman's *dynamic programming* comes from there). Psychologists watched how animals learn by *trial and error*.
#
# **Predict.** A plant has one knob. Two learners have 60 tries. One is told the right setting after its first try. The
# other only sees a reward, here minus the squared distance to it. How many tries does it take to come within 0.1?
#
# *Your guess:* …

# %%
best_setting, shown, tried = 7.0, [0.0], [0.0]
generator = torch.Generator().manual_seed(0)


def reward(setting):
    return -((setting - best_setting) ** 2)


for _ in range(60):
    shown.append(best_setting)  # told the answer: take it
    guess = tried[-1] + torch.randn((), generator=generator).item()  # told nothing: try something near
    tried.append(guess if reward(guess) > reward(tried[-1]) else tried[-1])  # and keep what paid
close = next(n for n, setting in enumerate(tried) if abs(setting - best_setting) < 0.1)
print(f"told the reward: within 0.1 of the best setting after {close} tries")

# %%
fig, ax = plt.subplots()
plotting.level(ax, best_setting, "best setting")
learners = {"told the answer": torch.tensor(shown), "told the reward": torch.tensor(tried)}
plotting.curves(ax, learners, x=torch.arange(61))
ax.set(xlabel="try", ylabel="knob setting")
plt.show()

# %% [markdown]
# **What you see.** With the answer one try is enough. The learner that only sees rewards needs 22: each try that paid
# less is wasted, and the line stands still. Such trial and error is all that RL has; the course is about wasting less.

# %% [markdown]
# ## What it has achieved
# Since 2013 the trial and error is done by deep networks (lesson 10). Playing from the screen with a joystick, DQN
# came close to or above a human tester on more than half of 49 Atari games; seven years later one agent passed the
# human level on all 57. In 2016 a machine won at Go, which experts had expected a decade later. AlphaZero then
# learned chess, shogi and Go from games against itself alone.

# %% [markdown]
# A reward need not be differentiable, so RL also tunes what gradients cannot reach: the architecture of a network
# (lesson 06), the cooling of a data centre, or answers that people like (*RLHF*, reinforcement learning from human
# feedback, lesson 13). DPO, from 2023, rewrites that last problem so that it has a gradient again and needs no
# sampling.
#
# **Predict.** Which came first: the cooled data centre or superhuman chess from self-play?
#
# *Your guess:* …

# %%
successes = [
    (2015, "DQN, Atari", "29 of 49 games above 75 % of human"),
    (2016, "AlphaGo, Go", "4 : 1 against Lee Sedol"),
    (2016, "data-centre cooling", "40 % less energy for cooling"),
    (2017, "AlphaZero, chess", "44 million games with itself"),
    (2018, "NASNet, architectures", "20,000 networks tried"),
    (2020, "Agent57, Atari", "57 of 57 games above human"),
    (2022, "InstructGPT, RLHF", "1.3 B beats 175 B"),
]
fig, ax = plt.subplots()
plotting.timeline(ax, successes)
plt.show()

# %% [markdown]
# **What you see.** One number for each success, in order: the data centre (2016) came before self-play chess (2017).
# The last compares sizes: people preferred the answers of a tuned model with 1.3 billion parameters to those of one
# with 175 billion. Add a line of your own to `successes` and run the cell again.

# %% [markdown]
# ## Fill an exercise
# An exercise is a cell with a stub that raises an error. Replace the stub by your code, run the cell, then run the
# check below it. `check.human_normalised?` tells what is asked. The header says how long it takes, how hard it is (●○○
# to ●●●), and what it is worth.

# %% [markdown]
# ### Exercise 1 · Human-normalised score (5 min, ●○○, 1 point)
# Scores of different games cannot be compared, so papers on Atari report them in per cent of the way from random play
# to a human. Fill `human_normalised`: random play gives 0, the human gives 100, and it is a straight line.
#
# In Bowling DQN scored 42.4, random play 23.1 and the human 154.8: 15 %. In Breakout it scored 401.2, with 1.7 and
# 31.8: 1327 % (Mnih et al., 2015). Between the throw and the pins nothing happens in Bowling, a first taste of
# *delayed reward*.
#
# <details><summary>Hint</summary>
#
# How far above random is the agent? How far is the human? Divide.
# </details>

# %% exercise="start-here-human-normalised"
def human_normalised(score, random, human):
    """Return the score in per cent: 0 for random play, 100 for the human."""
    ### BEGIN SOLUTION
    return 100 * (score - random) / (human - random)
    ### END SOLUTION

# %% check="start-here-human-normalised-check" points=1
check.human_normalised(human_normalised)
### BEGIN HIDDEN TESTS
check.human_normalised(human_normalised, games=((251, 23, 161), (5, 5, -3), (-7, 2, 6)))
### END HIDDEN TESTS

# %% [markdown]
# ## Read a failing check
# A check says in one sentence what it looked at, what your code gave, what it should give, and often which mistake
# gives just that. Here is what a learner sees who forgot the 100:

# %%
def without_the_100(score, random, human):
    return (score - random) / (human - random)


try:
    check.human_normalised(without_the_100)
except AssertionError as failure:
    print("✗", failure)

# %% [markdown]
# Some checks count random events. Their tolerance is so wide that a right answer fails about once in a million runs.
#
# ## What later cells use
# Figures and later exercises build on your functions. `yours(bandits.greedy)`, for instance, hands out your `greedy`
# once it has passed its check. Until then *the course's own takes its place*, and the cell says so. So every lesson
# runs to its end, whatever is unfinished, and a mistake costs its own points alone. Where a figure runs the course's
# functions although you have written them, the text says so.

# %% [markdown]
# ## Validate, and grade yourself
# If a cell runs for ever, its code loops without end: press ■ in the toolbar to interrupt it.
#
# Press **Validate** at the top of this notebook: it runs everything from a fresh start and lists the checks that
# fail. That also finds code which works only because of a cell that you have deleted since. Your points then stand on
# the page *Where am I?* (`overview.md` in `work`), on which JupyterLab opens, with what comes next.

# %% [markdown]
# For all lessons at once, press **Grade All** above that page; or open a terminal (File → New → Terminal) and run
#
# ```
# course grade
# ```
#
# It lists every exercise with its points and the sentence of what failed; `course grade 01-bandits` takes one lesson.
# In a terminal outside of JupyterLab, write `.venv/bin/course` in the course's folder. Your instructor's copy repeats
# the checks with other numbers, so an answer that only fits the numbers shown here gets no points there.

# %% [markdown]
# ## Start again, or compare
# The terminal knows two more commands. Both take the name of the function that you fill, here `human_normalised`:
#
# ```
# course reset human_normalised
# course compare human_normalised
# ```
#
# The first brings the stub back and keeps your answer in a file beside the notebook. The second shows a model answer
# beside yours, once you have tried, where the course's folder has its `solutions`; the solved lessons lie there, too.
# What you answer in words, a person grades. Where the folder has its `solutions`, `course grade` shows a model answer
# and the rubric as soon as yours is written; a class's copy has none.

# %% [markdown]
# ## Summary
# - RL learns from rewards of what it tried; no right answers are given.
# - Human-normalised score: $100 \cdot \frac{\text{score} - \text{random}}{\text{human} - \text{random}}$.
# - Fill, check, Validate, grade; reset or compare.
#
# **References.** The lecture, part 1, introduction. Mnih et al. (2015), *Nature* 518. Silver et al. (2016), *Nature*
# 529; (2018), *Science* 362. Badia et al. (2020), *Agent57*. Zoph et al. (2018), *NASNet*. Ouyang et al. (2022),
# *InstructGPT*. Rafailov et al. (2023), *DPO*. Evans and Gao (2016), DeepMind, on data-centre cooling. Sutton and
# Barto (2018), sections 1.1 and 1.7.
#
# Next: [01 · Bandits](../01-bandits/01-bandits.ipynb).
