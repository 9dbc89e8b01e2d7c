# %% [markdown]
# # 09 · Project: your own generator
# **You will** write a generator of images from an empty cell, train it, and have it measured by numbers that look at it
# from several sides.
#
# **You need** lessons 07 to 09. **Time**: 180 minutes, less if you build on what you have.
#
# Symbols are those of the [notation table](../../NOTATION.md). Nothing here is filled in for you, and there is no one
# right answer.

# %%
import matplotlib.pyplot as plt
import torch

from checks import your_own_generator as check
from helpers import data, plotting, pretrained, vae

plotting.use_style()

# %% [markdown]
# ## The task
# Write `generator()`. It returns three functions, which take and return tensors:
#
# - **`encode(x)`**: images of shape (N, 784) to a pair, μ and log σ of $Q(z \mid x)$, each of shape (N, Z);
# - **`decode(z)`**: latents of shape (N, Z) to the logits of the pixels, shape (N, 784);
# - **`sample(n)`**: n new images of shape (n, 784), with pixels in $[0, 1]$.

# %% [markdown]
# The prior of $z$ is $N(0, I)$, as everywhere in the course. How you come to the three is up to you: a VAE of layers or
# of convolutions (`vae.ConvVAE`), another loss, a schedule of its weight, a second model that draws the latents for
# `sample`. Draw from a `torch.Generator` of your own: torch's own, from which everybody draws, is not to be seeded.

# %% [markdown]
# ## The images
# Points are given for the course's digits, which need no network. Here are eight of them, eight that lesson 09's judge
# draws, and the mean of all, which is what a decoder draws that has learned nothing of its latents.

# %%
x_train, _, x_test, _ = data.digits()
judge, g = pretrained.digits_vae(20), torch.Generator().manual_seed(1)
fig, ax = plt.subplots(figsize=(6, 2))
plotting.image_rows(ax, {"digits": x_test[::250], "the judge's": vae.generate(judge, 8, generator=g)})
plt.show()

# %%
mean = x_train.mean(0, keepdim=True)
fig, ax = plt.subplots(figsize=(1.6, 1.6))
plotting.image_rows(ax, {"mean": mean})
plt.show()
cost = -vae.bernoulli_log_likelihood(mean.clamp(1e-3, 1 - 1e-3).logit(), x_test).mean()
print(f"the mean image costs {cost:.0f} nats for each test digit")

# %% [markdown]
# **What you see.** The digits; the judge's, of which some are none; the mean, a blur. To say a digit's pixels by it
# costs what is printed; whatever you write should cost less.
#
# `data.fashion_mnist()` downloads 70,000 pictures of clothes the first time. They are harder, and worth trying: the
# command below measures them, too, but has no bars for them, and its judge of aliens knows digits alone. Write about
# them in exercise 2.

# %% [markdown]
# ## What is measured
# | number | what it says | bar |
# |---|---|---|
# | test ELBO | $\mathcal L(\theta, \phi; x)$ of lesson 08, nats an image | ≥ −125 |
# | importance-weighted | a tighter bound on $\log P(x)$, 64 latents | none |
# | active latents | μ varies with the image by more than 0.01 | none |
# | alien share | lesson 09's: rebuilt worse by its judge than 99 % of your rebuilt images | ≤ 40 % |
# | variety | the new images' variance, against that of real ones | ≥ 35 % |
# | copies | new images that nearly are training images or one another | ≤ 10 % |

# %% [markdown]
# Latents are drawn by the measurement, and all of these are computed there from what your functions return.
#
# **What these numbers do not see.** The alien share compares `sample` with your own `decode`: it tells whether $z$ is
# drawn where the codes of images lie, not whether anything is a digit. Beside a VAE's decoder most *real* digits are
# alien, since no rebuilt one is as sharp. Training images with a little noise are no copies. An `encode` that hides the
# image somewhere and a `decode` that fetches it have a splendid ELBO. The test digits lie in the course, so nothing
# keeps you from training on them. So a person reads your code, too.

# %% [markdown]
# ## Measure as often as you like
# In a terminal, in the course's folder:
#
# ```
# .venv/bin/course measure generator work/09-your-own-generator/09-your-own-generator.ipynb
# ```
#
# A Python file that defines `generator` will do as well, and `--data fashion-mnist` takes the clothes. The command runs
# your code in a process of its own, which on Linux has no network: so load Fashion-MNIST while you train, not in
# `generator`.

# %% [markdown]
# ## If you are stuck
# <details><summary>Which model, and how long</summary>
# With twenty latents, a learning rate of 2e-3 and twelve epochs, a VAE of lesson 09 with 200 hidden units reaches −118,
# 5 to 8 % aliens and a variety of 50 %; `vae.ConvVAE`, in four times the time, −110 to −113, 16 to 32 % and 60 %. Twice
# the epochs bring it to −107 to −109, with 6 to 21 % aliens.
# </details>

# %% [markdown]
# ### Exercise 1 · The generator (120 min, ●●●, 6 points)
# Fill `generator`. Training may take a minute and a half when it is called, and everything on this page together ten.
# If yours takes longer, train elsewhere, save the weights into a file beside this notebook (`torch.save`) and load them
# here: `course measure` takes the files beside it along, and so does nbgrader's *Submit*.
#
# <details><summary>Hint 1: where to start</summary>
# Make it run before you make it good: an untrained `vae.VAE` has all that the three functions need.
# </details>

# %% exercise="your-own-generator-generator"
def generator():
    """Return three functions: encode(x), decode(z) and sample(n)."""
    ### BEGIN SOLUTION
    g = torch.Generator().manual_seed(0)
    model = vae.VAE(20, hidden=(200,), generator=g)
    vae.train(model, data.digits().x_train, epochs=12, learning_rate=2e-3, generator=g)
    return model.encode, model.decode, lambda n: vae.generate(model, n, generator=g)
    ### END SOLUTION

# %% check="your-own-generator-generator-check" points=6
check.generator(generator)
### BEGIN HIDDEN TESTS
check.generator(generator, images=400, seed=2)
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 2 · What you did (30 min, ●●○, 6 points, graded by a person)
# Say in half a page, with pictures that your generator drew: what you built, what you tried first and what came of it,
# which number you wanted to move and whether it moved, and what your images still lack.

# %% [markdown] written="your-own-generator-report" points=6
# ### BEGIN SOLUTION
# A VAE with 20 latents and one hidden layer of 200, learning rate 2e-3. After 4 epochs the ELBO was −140, the variety
# 27 %; after 8, −124 and 43 %; after 12, −118 and 50 %. Up to three seeds differed by about 2 nats. The weighted
# estimate is about 2 nats higher, so Q is a fair guess of the posterior. All 20 latents are active. The share of aliens
# rose with the epochs, from about 4 % to 8 %: who draws grey averages draws no aliens, so neither number is to be read
# alone. The images are means of P(x | z), greyer than digits, and some are between two digits.
#
# **Rubric.** 1 point for the model, so that somebody else could build it; 2 for at least one change and the number that
# judged it; 1 for reading two of the numbers together; 1 for what the images lack; 1 for code that a reader can follow.
# No points for the code, and a look at exercise 1, where `sample` hands out altered training images or `decode` finds
# the image elsewhere than in z.
# ### END SOLUTION

# %% [markdown]
# ## Summary
# - No one number says how good a generator is: read likelihood, aliens and variety together.
# - Each of them can be met by something that is no generator; know by what.
#
# **References.** Kingma and Welling (2014); Burda, Grosse and Salakhutdinov (2016) for the tighter bound and for active
# latents. Theis, van den Oord and Bethge (2016), *A note on the evaluation of generative models*. Xiao, Rasul and
# Vollgraf (2017), *Fashion-MNIST*.
#
# Next: [10 · DQN](../10-dqn/10-dqn.ipynb).
