# %% [markdown]
# # 13 · From human feedback
# **You will** teach a language model what people like, in both ways that the lecture names: by a reward model and a
# policy gradient (**RLHF**), and straight from the preferences (**DPO**). The world is so small that the best policy
# is known exactly, so you see what each finds, what it costs, and how each fails.
#
# **You need** lessons 03 to 05, and the KL divergence of lesson 08. **Time**: 150 minutes.
#
# Symbols and their names in code: [NOTATION.md](../../NOTATION.md).

# %%
import copy

import matplotlib.pyplot as plt
import torch
from IPython.display import display
from ipywidgets import FloatLogSlider, interact

from checks import human_feedback as check
from checks.exercise import yours
from helpers import plotting, preference_clinic, preference_runs, preferences, widgets, word_world

torch.set_num_threads(1)  # small tensors
torch.set_printoptions(precision=3, sci_mode=False)
plotting.use_style()

# %% [markdown]
# ## 1 · A language of four letters
# A student asks in the lecture whether there is a way to follow instructions without reinforcement learning. The
# answer is DPO, and "people right now don't know which of them is better". Both begin with a language model that
# has read a lot. Ours has read 94 English words of four of the letters a, e, l, m, n, s, t; one text in ten was
# a typing error, any four of them. It writes letter by letter, and is the **reference** $\pi_{ref}$. There are
# $7^4 = 2401$ responses: everything can be listed.

# %%
g = torch.Generator().manual_seed(1)
reference = word_world.LanguageModel(generator=g)
word_world.read_words(reference)
with torch.no_grad():
    log_ref = reference.log_probs()  # (2401,)
tokens, is_word, true = word_world.responses(), word_world.is_word(), word_world.true_rewards()
texts = word_world.spell(tokens)
print(f"{len(texts)} responses, {int(is_word.sum())} words; words get {log_ref.exp()[is_word].sum():.1f} of π_ref")

# %%
def written(log_pi, n=10, seed=1):
    """Return n samples of a policy as one line."""
    places = torch.multinomial(log_pi.exp(), n, replacement=True, generator=torch.Generator().manual_seed(seed))
    return " ".join(texts[place] for place in places)

# %% tags=["nbval-ignore-output"]
print(written(log_ref))

# %% [markdown]
# Our human likes the letters s and e, and hates what is no word: $r$ is the number of s and e, minus 4 for a
# non-word. Nobody knows $r$. People are only asked which of *two* responses they like better, since that is what
# they can say.
#
# ## 2 · Preferences
# Bradley and Terry (1952) suppose that the better one usually wins: $y_1$ is preferred with probability
#
# $$P(y_1 \succ y_2) = \sigma\big(r(y_1) - r(y_2)\big), \qquad \sigma(x) = 1 / (1 + e^{-x}).$$
#
# A **reward model** is a network trained to make the observed choices likely. Only differences count: a constant
# added to all rewards changes nothing.

# %% [markdown]
# ### Exercise 1 · Bradley and Terry's loss (10 min, ●○○, 2 points)
# Fill `bradley_terry_loss`: minus the log-probability of the choices, averaged over the last dimension.
#
# <details><summary>Hint</summary>
#
# `torch.nn.functional.logsigmoid`, since the logarithm of a sigmoid that underflows is $-\infty$.
# </details>

# %% exercise="human-feedback-bradley-terry-loss"
def bradley_terry_loss(chosen, rejected):
    """Return the loss (...) of rewards (..., n) of chosen and rejected responses."""
    ### BEGIN SOLUTION
    return -torch.nn.functional.logsigmoid(chosen - rejected).mean(-1)
    ### END SOLUTION

# %% check="human-feedback-bradley-terry-loss-check" points=2
check.bradley_terry_loss(bradley_terry_loss)
### BEGIN HIDDEN TESTS
check.bradley_terry_loss(bradley_terry_loss, chosen=(2.0, 0.5, -3.0), rejected=(-1.0, 4.0, -2.5))
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · The best policy in closed form
# Do we want the policy with the largest reward? It would say one word for ever. So leaving the reference has a price,
# β for each nat of their divergence (lesson 08):
#
# $$J(\pi) = \mathbb E_{y \sim \pi}\, r(y) - \beta \operatorname{KL}(\pi \,\|\, \pi_{ref}), \qquad
# \operatorname{KL}(\pi \,\|\, \pi_{ref}) = \mathbb E_{y \sim \pi} \log \frac{\pi(y)}{\pi_{ref}(y)}.$$
#
# Write $r = \beta \log e^{r/\beta}$ and collect: $J = \beta \log Z - \beta \operatorname{KL}(\pi \,\|\, \pi^*)$ with
#
# $$\pi^*(y) = \pi_{ref}(y)\, e^{r(y)/\beta} / Z, \qquad Z = \sum_y \pi_{ref}(y)\, e^{r(y)/\beta}.$$

# %% [markdown]
# A divergence is never negative, and 0 only between equals. So $\pi^*$ is the best policy, $J^* = \beta \log Z$, and
# what any other one lacks, its **regret**, is $\beta \operatorname{KL}(\pi \,\|\, \pi^*)$. The gap of lesson 08's
# bound is the same algebra.
#
# ### Exercise 2 · The tilt (10 min, ●●○, 2 points)
# Fill `tilt`. Stay with logarithms: $e^{r/\beta}$ is infinite soon.
#
# <details><summary>Hint</summary>
#
# `logsumexp(-1)` of $\log \pi_{ref} + r/\beta$ is $\log Z$.
# </details>

# %% exercise="human-feedback-tilt"
def tilt(log_ref, rewards, beta):
    """Return log π* (..., N) and log Z (...), from log π_ref and rewards (..., N) and a number β."""
    ### BEGIN SOLUTION
    score = log_ref + rewards / beta
    log_z = score.logsumexp(-1)
    return score - log_z.unsqueeze(-1), log_z
    ### END SOLUTION

# %% check="human-feedback-tilt-check" points=2
check.tilt(tilt)
### BEGIN HIDDEN TESTS
check.tilt(tilt, pi_ref=(0.1, 0.6, 0.3), rewards=(2.0, -0.5, 1.0), beta=2.0)
### END HIDDEN TESTS

# %% [markdown]
# **Predict**: what does $\pi^*$ write for $\beta = 10$, 1, and 0.1, if the true $r$ is known?
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
tilt = yours(preferences.tilt)
for beta in (10.0, 1.0, 0.1):
    log_best, _ = tilt(log_ref, true, beta)
    print(f"β = {beta:4g}: {written(log_best)}")

# %% [markdown]
# **What you see.** A large β leaves the reference as it is, typing errors included. At 1 it writes words with many s
# and e. At 0.1 it repeats the one word with four of them: reward paid for with variety. From here on $\beta = 1$.

# %% [markdown]
# ## 4 · RLHF
# With many responses nobody can sum up $Z$. RLHF climbs $J$ by lesson 05's estimator: draw responses, and reinforce
# each by its reward minus a baseline. The price of the KL goes into the reward, since $\operatorname{KL}(\pi \,\|\,
# \pi_{ref})$ is an average over samples, too.
#
# ### Exercise 3 · The shaped reward (10 min, ●○○, 2 points)
# Fill `kl_rewards`: $r - \beta\, (\log \pi - \log \pi_{ref})$ of each sample. These are numbers: no gradient
# flows through them to any of the three tensors.
#
# <details><summary>Hint</summary>
#
# `(…).detach()`. Do you pay for leaving the reference, or are you paid?
# </details>

# %% exercise="human-feedback-kl-rewards"
def kl_rewards(rewards, log_pi, log_ref, beta):
    """Return shaped rewards (..., B) from three tensors (..., B)."""
    ### BEGIN SOLUTION
    return (rewards - beta * (log_pi - log_ref)).detach()
    ### END SOLUTION

# %% check="human-feedback-kl-rewards-check" points=2
check.kl_rewards(kl_rewards)
### BEGIN HIDDEN TESTS
check.kl_rewards(kl_rewards, rewards=(1.0, -2.0, 0.5), log_pi=(-4.0, -0.5, -3.0), log_ref=(-1.0, -2.0, -2.5), beta=2.0)
### END HIDDEN TESTS

# %%
bradley_terry_loss, kl_rewards = yours(preferences.bradley_terry_loss), yours(preferences.kl_rewards)
pairs = preferences.draw_pairs(log_ref, true, 10_000, generator=g)
for place in range(3):
    print(f"{texts[pairs.chosen[place]]} was preferred to {texts[pairs.rejected[place]]}")

# %% tags=["nbval-ignore-output"]
critic = word_world.reward_model(generator=g)
optimizer, live = torch.optim.Adam(critic.parameters(), 0.01), widgets.Progress(10, "% right", unit="hundred")
display(live.box)
for number in range(1, 1001):
    some = torch.randint(10_000, (256,), generator=g)
    proxy = word_world.judge(critic)
    loss = bradley_terry_loss(proxy[pairs.chosen[some]], proxy[pairs.rejected[some]])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if number % 100 == 0:
        live(number // 100, 100 * (proxy[pairs.chosen] > proxy[pairs.rejected]).double().mean())
proxy = proxy.detach()

# %% [markdown]
# It tells which of two was preferred in about three of four cases. The true reward tells no more, even with a coin
# for its ties: in a quarter of the pairs it is the same for both, and the human tosses one, too. Now RLHF, with your
# functions: 300 steps of 128 fresh samples, each judged by the reward model.

# %% tags=["nbval-ignore-output"]
policy, live = copy.deepcopy(reference), widgets.Progress(10, "percent of regret left", unit="30 steps")
optimizer = torch.optim.Adam(policy.parameters(), 0.01)
display(live.box)
start = preferences.regret(log_ref, log_ref, true, 1.0)
for number in range(1, 301):
    log_pi = policy.log_probs()
    drawn = torch.multinomial(log_pi.detach().exp(), 128, replacement=True, generator=g)
    gains = kl_rewards(proxy[drawn], log_pi[drawn], log_ref[drawn], 1.0)
    optimizer.zero_grad()
    (-(gains - gains.mean()) * log_pi[drawn]).mean().backward()
    optimizer.step()
    if number % 30 == 0:
        live(number // 30, 100 * preferences.regret(log_pi.detach(), log_ref, true, 1.0) / start)

# %% tags=["nbval-ignore-output"]
log_rlhf = policy.log_probs().detach()
print(written(log_rlhf))

# %%
own, _ = tilt(log_ref, proxy, 1.0)
lost, its = preferences.regret(log_rlhf, log_ref, true, 1.0), preferences.kl(log_rlhf, own)
print(f"RLHF, most of the regret is gone: {bool(lost < start / 2)}")
print(f"KL to the optimum of the proxy below 0.1: {bool(its < 0.1)}")

# %% [markdown]
# The policy gradient did its work: it stands at the optimum of the *proxy*. What is missing to $J^*$ is the reward
# model's fault.

# %% [markdown]
# ## 5 · DPO
# Rafailov et al. (2023) read $\pi^*$ backwards: $r(y) = \beta \log \frac{\pi^*(y)}{\pi_{ref}(y)} + \beta \log Z$.
# Every policy is the optimum of *some* reward, its **implied reward**. Put it into Bradley and Terry's loss, and
# $\log Z$ falls out of the difference. What is left has no reward model, no samples, and a plain gradient:
#
# $$L = -\log \sigma\Big(\beta \log \frac{\pi(y_+)}{\pi_{ref}(y_+)} - \beta \log \frac{\pi(y_-)}{\pi_{ref}(y_-)}\Big).$$

# %% [markdown]
# ### Exercise 4 · A text's log-probability (10 min, ●●○, 3 points)
# Real responses differ in length, and stand in one table with padding behind the short ones. Fill
# `sequence_log_prob`: the **sum** over a text's tokens, where `mask` is true. Here `logits[..., t, :]` already says
# what token $t$ may be.
#
# <details><summary>Hint</summary>
#
# `log_softmax`, `gather`, then `(… * mask).sum(-1)`.
# </details>

# %% exercise="human-feedback-sequence-log-prob"
def sequence_log_prob(logits, tokens, mask):
    """Return log π (...) from logits (..., L, V), tokens (..., L) and mask (..., L)."""
    ### BEGIN SOLUTION
    log_pi = logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return (log_pi * mask).sum(-1)
    ### END SOLUTION

# %% check="human-feedback-sequence-log-prob-check" points=3
check.sequence_log_prob(sequence_log_prob)
### BEGIN HIDDEN TESTS
check.sequence_log_prob(sequence_log_prob, texts=((3, 1), (0, 2, 3, 3), (1, 0, 1)), letters=4, seed=15)
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 5 · DPO's loss (15 min, ●●○, 3 points)
# Fill `dpo_loss` from log-probabilities of whole responses, averaged over the pairs. **Predict** first what it is
# before training, when the policy is a copy of the reference.
#
# *Your guess:* …
#
# <details><summary>Hint</summary>
#
# Implied rewards first; then Exercise 1. The reference is detached.
# </details>

# %% exercise="human-feedback-dpo-loss"
def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    """Return the loss (...) from log π and log π_ref of chosen and rejected responses, all (..., n)."""
    ### BEGIN SOLUTION
    up, down = chosen - ref_chosen.detach(), rejected - ref_rejected.detach()
    return -torch.nn.functional.logsigmoid(beta * (up - down)).mean(-1)
    ### END SOLUTION

# %% check="human-feedback-dpo-loss-check" points=3
check.dpo_loss(dpo_loss)
### BEGIN HIDDEN TESTS
check.dpo_loss(dpo_loss, pairs=((-1.5, -4.0), (-0.5, -2.0), (-3.0, -1.0), (-2.0, -2.5)), beta=0.2, seed=30)
### END HIDDEN TESTS

# %% [markdown]
# **What you see.** It starts at $\log 2 \approx 0.693$, whatever the pairs. If a training of yours does not, the
# reference is not the policy's copy: dropout, a wrong checkpoint, another mask. That is the first number to look at.

# %% tags=["nbval-ignore-output"]
sequence_log_prob, dpo_loss = yours(preferences.sequence_log_prob), yours(preferences.dpo_loss)
direct, live = copy.deepcopy(reference), widgets.Progress(10, "percent of regret left", unit="60 steps")
optimizer, everything = torch.optim.Adam(direct.parameters(), 0.003), torch.ones(256, 4, dtype=torch.bool)
display(live.box)
for number in range(1, 601):
    some = torch.randint(10_000, (256,), generator=g)
    good, bad = pairs.chosen[some], pairs.rejected[some]
    log_good, log_bad = (sequence_log_prob(direct(tokens[part]), tokens[part], everything) for part in (good, bad))
    optimizer.zero_grad()
    dpo_loss(log_good, log_bad, log_ref[good], log_ref[bad], 1.0).backward()
    optimizer.step()
    if number % 60 == 0:
        live(number // 60, 100 * preferences.regret(direct.log_probs().detach(), log_ref, true, 1.0) / start)

# %% tags=["nbval-ignore-output"]
log_dpo = direct.log_probs().detach()
print(written(log_dpo))

# %%
lost = preferences.regret(log_dpo, log_ref, true, 1.0)
print(f"DPO, most of the regret is gone: {bool(lost < start / 2)}")

# %% [markdown]
# ## 6 · Which is better?
# Both were run for 10 seeds with 100 to 30,000 pairs. A fifth of the pairs was held out, and each run keeps the step
# that predicts those best (`helpers/bundled/make_preferences.py`). **Predict** both regrets as data grow: who wins
# with few pairs, who with many?
#
# *Your guess:* …

# %%
runs = preference_runs.measured("regret")
fig, ax = plt.subplots()
plotting.medians(ax, {name: run.regret for name, run in runs.items()}, x=runs["DPO"].pairs)
ax.set(xscale="log", xlabel="pairs", ylabel="regret $J^* - J$", ylim=(0, None))
plt.show()
print(f"RLHF to the optimum of its own reward model: {runs['RLHF'].distance.max():.3f} nats or less")
for name, run in runs.items():
    print(name, {int(x): round(y, 3) for x, y in zip(run.pairs.tolist(), run.regret.quantile(0.5, -1).tolist())})

# %% [markdown]
# **What you see.** Both go down towards the same optimum. With 100 pairs both medians are the reference's regret,
# 0.76: mostly nothing is found that predicts the held-out pairs better, and single runs end anywhere from 0.44 to
# 1.46. From 300 to 3000 pairs RLHF is ahead, perhaps since its reward model need not be a language model and is
# applied to fresh samples, 38,400 of them. From 10,000 on DPO is, with no sample at all; both by the medians of 10
# runs. RLHF ends within 0.03 nats of the optimum for its own reward model; nearly all that it lacks is the reward
# model's error.

# %% [markdown]
# ## 7 · DPO makes the chosen less likely
# DPO's users are often startled: during training $\log \pi$ of the *chosen* responses falls. **Predict** whether it
# does here, in 600 steps with nothing held out, and where the probability goes: on 100 and on 1000 pairs with β = 1,
# and on 1000 with β = 0.1, as Rafailov et al. have it (appendix B).
#
# *Your guess:* …

# %%
measured = preference_runs.measured("likelihood")
runs = {name if "β" in name else f"{name} at β = 1": run for name, run in measured.items()}
fig, axes = plt.subplots(1, 2, figsize=(7.5, 2.8))
for ax, part, name in zip(axes, ("chosen", "unnamed"), ("log π − log π_ref of the chosen", "π of what no pair names")):
    plotting.medians(ax, {name: getattr(run, part) for name, run in runs.items()}, x=measured["100 pairs"].steps)
    ax.set(xlabel="steps", ylabel=name)
plt.show()
for name, run in runs.items():
    fell = int((run.chosen[-1] < 0).sum())
    print(f"{name}: fell in {fell} of 20 runs, median {run.chosen[-1].quantile(0.5):.1f};", end=" ")
    print(f"never named: {run.unnamed[0].quantile(0.5):.2f} → {run.unnamed[-1].quantile(0.5):.2f}")

# %% [markdown]
# **What you see.** It fell in every run. The loss asks for a larger *difference*: both may fall, if the rejected
# falls faster. That they do may have to do with the network that all words share: what pushes a rejected one down
# also pushes down a chosen one that begins like it. The mass goes where no pair holds it, to responses that nobody was
# ever asked about: with 100 pairs from a quarter to about half. With 1000 and β = 1 it shrinks, probably since so many
# non-words are rejected that the network learns of their kind. At β = 0.1 the same implied rewards take log-ratios
# ten times as large, and there the mass goes again.

# %% [markdown]
# ## 8 · Too much of a proxy
# Take a reward model that is too simple: it adds up a weight for each letter, learned from 1000 pairs. It can learn
# that s and e are liked, and not what a word is. **Predict** the true reward and the proxy's as β falls from 3 to
# 0.03.
#
# *Your guess:* …

# %% tags=["nbval-ignore-output"]
few = preferences.draw_pairs(log_ref, true, 1000, generator=g)
simple = word_world.reward_model(hidden=0, counts=True, generator=g)
word_world.fit_rewards(simple, few, generator=g)
simple_proxy = word_world.judge(simple).detach()
simple_proxy = simple_proxy - (log_ref.exp() * simple_proxy).sum() + (log_ref.exp() * true).sum()  # equal at π_ref

# %%
betas = torch.logspace(0.5, -1.6, 43)
log_tilted = torch.stack([tilt(log_ref, simple_proxy, beta)[0] for beta in betas.tolist()])
rewards = {"proxy": (log_tilted.exp() * simple_proxy).sum(-1), "true": (log_tilted.exp() * true).sum(-1)}


def show_rewards(ax, beta):
    """Draw both rewards over β, and what the policy at one β writes most."""
    plotting.curves(ax, rewards, x=betas)
    ax.axvline(beta, color="black", linewidth=0.8)
    log_pi, _ = tilt(log_ref, simple_proxy, beta)
    top = " ".join(texts[place] for place in log_pi.topk(4).indices.tolist())
    ax.set(xscale="log", xlabel="β", ylabel="mean reward", title=f"β = {beta:.2g}: {top}")
    ax.set_xlim(betas.max(), betas.min())

# %% tags=["nbval-ignore-output"]
@interact(beta=FloatLogSlider(1.0, min=-1.6, max=0.5, step=0.1))
def explore(beta):
    fig, ax = plt.subplots(figsize=(5, 3))
    show_rewards(ax, beta)
    plt.show()

# %%
fig, axes = plt.subplots(1, 3, figsize=(9, 2.6), sharey=True)
for ax, beta in zip(axes, (1.0, 0.25, 0.03)):
    show_rewards(ax, beta)
plt.show()

# %% [markdown]
# The same by RLHF on 20 fresh sets of 1000 pairs, measured as above ("counts"). Then with a weight for each letter in
# each *place*, and with that from a reference that makes two typing errors in a hundred texts, not ten:

# %%
runs = preference_runs.measured("betas")
run = runs["counts"]
for beta, true_mean, gain in zip(run.betas.tolist(), run.true.quantile(0.5, -1), run.gains.quantile(0.5, -1)):
    print(f"β = {beta:4g}: true reward {true_mean:5.2f}, proxy {gain:.2f} above that of the reference")
for name, run in runs.items():
    fell = int((run.true[-1] < run.true.max(0).values - 0.5).sum())
    print(f"{name}: at the smallest β the true reward is 0.5 below its best or more in {fell} of 20 runs")

# %% [markdown]
# **What you see.** The proxy rises and rises. The true reward climbs with it, even faster, since this proxy counts a
# liked letter for a bit less than 1. But only up to a point: first the policy writes words with many s and e, then
# whatever has most of them, word or not. Nothing in the proxy tells the two apart. Only people's judgement of fresh
# samples shows it, which is why β is chosen by that. How often it falls depends on what the proxy can see, and on
# what the pairs showed it: with places in 8 of 20 runs, and in 11 where fewer typing errors were there to be
# rejected.

# %% [markdown]
# ### Exercise 6 · Choose β (15 min, ●●○, 2 points)
# At each of $n$ values of β you have $m$ samples with the reward model's opinion and people's. Fill `choose_beta`:
# the largest β whose mean true reward is at least the best mean minus the standard error of that best one, and the
# **price** of trusting the proxy: mean true reward at your β minus that at the β whose mean proxy is largest.
#
# <details><summary>Hint</summary>
#
# Standard error: `true[best].std() / m ** 0.5`. The β come in any order.
# </details>

# %% exercise="human-feedback-choose-beta"
def choose_beta(betas, proxy, true):
    """Return β and the price, from betas (n,), proxy and true rewards (n, m)."""
    ### BEGIN SOLUTION
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[proxy.mean(-1).argmax()]
    ### END SOLUTION

# %% check="human-feedback-choose-beta-check" points=2
check.choose_beta(choose_beta)
### BEGIN HIDDEN TESTS
check.choose_beta(
    choose_beta, betas=(1.0, 0.1, 0.4), proxy=((0, 1.0), (4, 5.0), (2, 3.0)), true=((1, 2.0), (-3, 0.0), (1, 3.0))
)
### END HIDDEN TESTS

# %% [markdown]
# ## 9 · Three estimates of one divergence
# With $u = \log \pi(y) - \log \pi_{ref}(y)$ and $y \sim \pi$, each of these has been used for the KL (Schulman,
# 2020):
#
# $$k_1 = u, \qquad k_2 = u^2/2, \qquad k_3 = e^{-u} - 1 + u.$$
#
# $k_1$ and $k_3$ have the right mean; $k_3$ is never negative. Some programs put one into the *reward*, as you did,
# and others into the *loss*, where it is differentiated. **Predict** the mean gradient of each in the loss: which
# is the KL's?
#
# *Your guess:* …

# %% [markdown]
# ### Exercise 7 · Mean gradients (20 min, ●●●, 3 points)
# Fill `kl_gradients`, exactly, over all responses. In the loss: $\sum_y \pi(y)\, \nabla k(y)$; the samples are drawn
# already, so no gradient flows through $\pi(y)$. In the reward: $\sum_y \pi(y)\, k_1(y)\, \nabla \log \pi(y)$.
#
# <details><summary>Hint</summary>
#
# Start with `logits.detach().requires_grad_()`. Detach $\pi$ in the mean, and $k_1$ in the reward.
# `torch.autograd.grad(mean, logits, retain_graph=True)[0]` is one row.
# </details>

# %% exercise="human-feedback-kl-gradients"
def kl_gradients(logits, log_ref):
    """Return (4, N): rows for k1, k2, k3 in the loss, and k1 in the reward, from logits and log π_ref (N,)."""
    ### BEGIN SOLUTION
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    pi, u = log_pi.exp().detach(), log_pi - log_ref
    terms = [u, u.square() / 2, (-u).exp() - 1 + u, u.detach() * log_pi]
    return torch.stack([torch.autograd.grad((pi * term).sum(), logits, retain_graph=True)[0] for term in terms])
    ### END SOLUTION

# %% check="human-feedback-kl-gradients-check" points=3
check.kl_gradients(kl_gradients)
### BEGIN HIDDEN TESTS
check.kl_gradients(kl_gradients, logits=(1.0, -2.0, 0.3), pi_ref=(0.2, 0.5, 0.3))
### END HIDDEN TESTS

# %%
kl_gradients = yours(preferences.kl_gradients)
policy_logits, other = torch.tensor([1.0, 0.0, -1.0, 0.5]), torch.tensor([0.1, 0.4, 0.3, 0.2]).log()
logits = policy_logits.clone().requires_grad_()
wanted = torch.autograd.grad(preferences.kl(logits.log_softmax(-1), other), logits)[0]
found = kl_gradients(policy_logits, other)
fig, ax = plt.subplots(figsize=(6, 2.6))
for row, name in enumerate(("k1 in loss", "k2 in loss", "k3 in loss", "k1 in reward")):
    color = plotting.STYLES[row][0]
    ax.bar(torch.arange(4) + 0.2 * row - 0.3, found[row], 0.18, color=color, edgecolor=color, label=name)
for place, height in enumerate(wanted.tolist()):
    ax.hlines(height, place - 0.45, place + 0.45, color="black")
ax.set(xticks=range(4), xlabel="response (line: gradient of the KL)", ylabel="mean gradient")
ax.legend(fontsize=8, ncols=2)
plt.show()

# %% [markdown]
# **What you see.** $k_1$, whose value is right, has a mean gradient of 0: in the loss it holds nothing. $k_2$,
# whose value is wrong, has the gradient of the KL. $k_3$ has that of the *other* KL, $\operatorname{KL}(\pi_{ref}
# \| \pi)$. In the reward $k_1$ is exact. A right value does not make a right gradient.

# %% [markdown]
# ## 10 · Five losses
# Five people wrote DPO's loss, and each made one mistake. On 27 responses of three letters, with all pairs, each
# labelled as often as its probability says, each loss was minimised to the last digit, with $\beta = 0.5$. Left:
# $\log(\pi/\pi_{ref})$ over the true reward, with the healthy slope $1/\beta$ dotted. Right: what is left of it after
# $r/\beta$, over $\log \pi_{ref}$.

# %%
clinic_ref, clinic_rewards = preference_clinic.world(generator=torch.Generator().manual_seed(3))
optima = {name: preference_clinic.optimum(name, clinic_ref, clinic_rewards) for name in ("healthy", *"ABCDE")}


def chart(axes, name):
    """Draw one patient: its implied reward over the true one, and what the tilt leaves over log π_ref."""
    ratio = optima[name] - clinic_ref
    ratio, healthy = ratio - ratio.mean(), (clinic_rewards - clinic_rewards.mean()) / 0.5
    axes[0].plot(clinic_rewards, healthy, ":", color=plotting.GREY)
    axes[0].plot(clinic_rewards, ratio, "o", color=plotting.BLUE, markersize=3)
    axes[1].plot(clinic_ref, ratio - healthy, "o", color=plotting.VERMILLION, markersize=3)
    axes[0].set(title=name, xlabel="r", ylabel="log(π/π_ref)", ylim=(-11, 11))
    axes[1].set(title=f"{name}, without r/β", xlabel="log π_ref", ylabel="left over", ylim=(-11, 11))

# %%
for first in (("healthy", "A"), ("B", "C"), ("D", "E")):
    fig, axes = plt.subplots(1, 4, figsize=(9.5, 2.2))
    for column, name in enumerate(first):
        chart(axes[2 * column : 2 * column + 2], name)
    plt.show()
for name, log_pi in optima.items():
    ratio = log_pi - clinic_ref
    cov = torch.cov(torch.stack([ratio, clinic_rewards]))
    print(f"{name:7}: slope over r {cov[0, 1] / cov[1, 1]:5.2f}")

# %% [markdown]
# 1. The reference is missing.
# 2. β is doubled.
# 3. Chosen and rejected are swapped.
# 4. A response's log-probability is the mean over its letters, not the sum.
# 5. The human never errs: the better response always wins.
# 6. The reference is subtracted twice.
# 7. The log-ratio is divided by β, not multiplied.
# 8. The reference moves along with the policy.

# %% [markdown]
# ### Exercise 8 · Diagnose (20 min, ●●●, 5 points)
# Six of the eight mistakes have an optimum in closed form; work it out as in section 3. Fill `diagnose_losses`: the
# number of the mistake of A, B, C, D and E, each another one, as one string of five digits.
#
# <details><summary>Hint</summary>
#
# Which implied reward does each loss set equal to $r$? Without a reference it is $\beta \log \pi$, so $\pi \propto
# e^{r/\beta}$. Three of the eight are nobody's: one of their losses falls for ever, and one never changes.
# </details>

# %% exercise="human-feedback-diagnose"
def diagnose_losses():
    ### BEGIN SOLUTION
    return "64317"
    ### END SOLUTION

# %% check="human-feedback-diagnose-check" points=5
check.diagnose_losses(diagnose_losses)
### BEGIN HIDDEN TESTS
check.diagnose_losses(diagnose_losses, right="64317")
### END HIDDEN TESTS

# %% [markdown]
# Why not grade these on real pairs? Noise hides them: with few pairs a wrong loss may even score better than the
# right one. Look at the optimum, not at the score.

# %% [markdown]
# ## 11 · In earnest
# InstructGPT (Ouyang et al., 2022) asked about 40 people, trained a reward model of 6 billion weights on comparisons
# for 33,000 prompts, and the policy by PPO (lesson 11) with β = 0.02. Its answers with 1.3 billion weights were
# preferred to those of GPT-3 with 175 billion; at 175 billion they won 85 ± 3 % of comparisons. DPO (Rafailov et
# al., 2023, section 6.2) won about 61 % against people's own summaries of Reddit posts, by GPT-4's judgement, PPO
# 57 %.
#
# Gao et al. (2023) measured section 8 at scale, with a large reward model in the human's place: as a function of
# $\sqrt{\operatorname{KL}}$ the true reward rises, and then falls.

# %% [markdown]
# ### Exercise 9 · The student's question (15 min, ●●○, 3 points, graded by a person)
# "Does RLHF have a differentiable form?" Answer in six to ten sentences: (a) what is not differentiable in RLHF,
# and how REINFORCE goes round it; (b) what DPO does instead, why $\log Z$ may be left out, and which reward it
# optimises; (c) two things that RLHF has and DPO lacks, or the reverse, with evidence of this lesson.

# %% [markdown] written="human-feedback-question" points=3
# ### BEGIN SOLUTION
# (a) The reward is a number for a sampled text. Sampling is a choice among tokens, and a choice has no derivative,
# so no gradient flows from the reward to the weights. REINFORCE weights ∇log π of what was sampled by its reward,
# minus a baseline: an unbiased but noisy estimate. (b) DPO uses that the objective with a KL has its optimum in
# closed form. Read backwards, each policy implies a reward β log(π/π_ref) + β log Z. Preferences depend on
# differences only, so log Z, the same for both responses, cancels. The rest is a differentiable function of log π
# of given texts. It optimises the same objective as RLHF, with the reward under which the policy is optimal: with
# enough data both have the same optimum. (c) RLHF draws fresh samples, 38,400 here, so its reward model is asked
# about what the policy now writes, and can lead it astray (section 8); DPO draws none, needs no reward model, and
# never looks at what it writes: log π of the chosen fell, and probability went to responses that no pair names
# (section 7). With few pairs RLHF had less regret.
#
# Rubric: 1 point for sampling and the score function, 1 for the implied reward and the cancelling log Z with the same
# objective, 1 for two differences with evidence.
# ### END SOLUTION

# %% [markdown]
# ## Summary
# - Bradley and Terry: $P(y_1 \succ y_2) = \sigma(r(y_1) - r(y_2))$.
# - $\mathbb E\, r - \beta \operatorname{KL}(\pi \| \pi_{ref})$ is largest at $\pi^* \propto \pi_{ref}\,
#   e^{r/\beta}$, and regret is $\beta \operatorname{KL}(\pi \| \pi^*)$.
# - RLHF: a reward model, then a policy gradient on $r - \beta(\log \pi - \log \pi_{ref})$.
# - DPO: Bradley and Terry's loss of $\beta \log(\pi/\pi_{ref})$; it starts at $\log 2$.
# - A proxy that is pressed too hard pays for what nobody wants.

# %% [markdown]
# **References.** The lecture, part 1 (the student's question on RLHF). Christiano et al. (2017), *Deep
# reinforcement learning from human preferences*; Ouyang et al. (2022), *Training language models to follow
# instructions with human feedback*; Rafailov et al. (2023), *Direct preference optimization*; Gao et al. (2023),
# *Scaling laws for reward model overoptimization*; Razin et al. (2024), *Unintentional unalignment*, for section 7;
# Schulman (2020), *Approximating KL divergence*; Bradley and Terry (1952). Sutton and Barto (2018), section 13.4.
#
# The runs of sections 6 to 8 are `helpers/bundled/preferences.csv`.
