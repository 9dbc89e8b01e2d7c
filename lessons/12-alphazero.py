# %% [markdown]
# # 12 · AlphaZero
# **You will** build a search that a network guides, have the network learn what the search found, and watch both
# become a player of tic-tac-toe that starts from the rules alone. Whether anybody can beat it is no opinion here: you
# compute it.
#
# **You need** lessons 02 and 04, `torch.nn`. **Time**: 150 minutes.
#
# Symbols and their names in code: [NOTATION.md](../../NOTATION.md).

# %%

import matplotlib.pyplot as plt
import torch
from IPython.display import display
from ipywidgets import IntSlider, interact

from checks import alphazero as check
from checks.exercise import yours
from helpers import alphazero, alphazero_runs, games, plotting, tree_search, widgets

torch.set_num_threads(1)  # small tensors
plotting.use_style()

# %% [markdown]
# ## 1 · What perfect play is
# The lecture: from 2016 on AlphaGo beat the best people at Go, and AlphaZero needed only the rules. On a 19 × 19 board
# nobody knows how good that is. So take a game about which all is known.
#
# A **state** is seen by who moves: its own stones, then the other's. Cells count from 0, row by row. `game.positions`
# lists every position that play can reach, in layers by number of stones. Going backwards through the layers
# gives $v_*(s)$: 1, 0 or −1 for who moves, if both play perfectly. It is value iteration with a twist: after a move the
# *other* player moves, so the best move has the largest $-v_*(s')$.

# %%
game = games.TIC_TAC_TOE
positions = game.positions
legal = positions.children >= 0
at_random = legal / legal.sum(-1, keepdim=True).clamp(min=1)
print(f"{len(positions.states)} positions, {int((~positions.over).sum())} of them with a move to make")
print(f"v* of the empty board: {positions.values[0]:.0f}")
print(f"a move at random is perfect with probability {positions.perfect_share(at_random):.2f}")

# %% [markdown]
# **What you see.** Perfect play ends in a draw. A move is *perfect* if it keeps what the position is worth, and more
# than half of all moves are, so a score of 90 % is no praise.
#
# ### Can anybody beat it?
# Take a policy $\pi$ that plays for one side, and an opponent who knows it and answers best. Where the policy moves, a
# position is worth the mean of $-v(s')$ over its moves. Where the opponent moves, it is worth the largest.

# %% [markdown]
# ### Exercise 1 · The best response (20 min, ●●●, 3 points)
# Fill the loop of `best_response`. Each `layer` is a slice of the positions. `children[layer]` has the row that each
# move leads to, −1 where it is illegal; `movers` says who moves, 0 or 1; `over` where the game is over, and there
# `values` has the result already.
#
# <details><summary>Hint 1</summary>
#
# `ahead = -values[children]` is what each move is worth for who makes it. Illegal moves must not win the maximum:
# `ahead.where(children >= 0, -torch.inf)`.
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.where(positions.movers[layer] == player, ours, theirs)`; the same once more for what is over.
# </details>

# %% exercise="alphazero-best-response"
def best_response(positions, policy, player):
    """Return what `player` reaches with `policy` (S, A) against the best opponent, one number."""
    values = positions.results.clone()
    for layer in reversed(positions.layers):
        ### BEGIN SOLUTION
        children = positions.children[layer]
        ahead = -values[children]
        ours = (policy[layer] * ahead).sum(-1)
        theirs = ahead.where(children >= 0, -torch.inf).amax(-1)
        chosen = torch.where(positions.movers[layer] == player, ours, theirs)
        values[layer] = torch.where(positions.over[layer], values[layer], chosen)
        ### END SOLUTION
    return values[0] if player == 0 else -values[0]

# %% check="alphazero-best-response-check" points=3
check.best_response(best_response)
### BEGIN HIDDEN TESTS
check.best_response(best_response, boards=((3, 2, 2, False), (3, 3, 3, True)), seed=8)
### END HIDDEN TESTS

# %%
best_response = yours(games.Positions.best_response)
perfect = positions.perfect / positions.perfect.sum(-1, keepdim=True).clamp(min=1)
for name, policy in (("at random", at_random), ("perfect", perfect)):
    reached = [best_response(positions, policy, player) + 0.0 for player in (0, 1)]  # −0 + 0 is 0
    print(f"{name}: {reached[0]:+.2f} as the first player, {reached[1]:+.2f} as the second")

# %% [markdown]
# **What you see.** Whoever moves at random loses nearly always against somebody who knows. The perfect policy is
# **unbeaten**: nobody in the world does better than a draw. This is the bar for the rest of the lesson.

# %% [markdown]
# ## 2 · A search that a network guides
# Now forget the table; Go has none. A network looks at a state and says two things: **priors** $P(s, a)$, which moves
# look good, and $v(s)$, who will win. The search plants a tree at the present state. Each **simulation** walks down
# to a position that is not in the tree yet, adds it, asks the network once, and carries its value back up. Each move
# keeps $N(s, a)$, how often it was tried, and $W(s, a)$, the sum of what came of it. Down it goes by the largest
# **PUCT** score:
#
# $$\frac{W(s,a)}{N(s,a)} + c\, P(s,a) \frac{\sqrt{N(s)}}{1 + N(s,a)}, \qquad N(s) = 1 + \sum_a N(s,a).$$

# %% [markdown]
# It is lesson 01's bandit at every node: a mean, and a bonus for what was hardly tried, here as large as the prior. An
# untried move counts as $W/N = 0$.
#
# ### Exercise 2 · PUCT (10 min, ●●○, 2 points)
# Fill `puct`. Illegal moves score $-\infty$.
#
# <details><summary>Hint</summary>
#
# `visits.clamp(min=1)` saves the division; `masked_fill(~legal, -torch.inf)` comes last. Why is there a 1 in $N(s)$?
# Think of a fresh node.
# </details>

# %% exercise="alphazero-puct"
def puct(priors, visits, totals, legal, c):
    """Return scores (..., A) from P, N, W and legal, all (..., A)."""
    ### BEGIN SOLUTION
    q = totals / visits.clamp(min=1)
    explore = c * priors * (1 + visits.sum(-1, keepdim=True)).sqrt() / (1 + visits)
    return (q + explore).masked_fill(~legal, -torch.inf)
    ### END SOLUTION

# %% check="alphazero-puct-check" points=2
check.puct(puct)
### BEGIN HIDDEN TESTS
check.puct(puct, visits=((2.0, 5.0, 0.0, 0.0), (0.0, 3.0, 9.0, 0.0), (0.0, 0.0, 0.0, 0.0)), c=0.8)
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 3 · Whose value? (10 min, ●●○, 2 points)
# The network's $v$ is for who moves at the leaf. On the way up each node adds it to the $W$ of the move that was
# taken, for who moves *there*. In tic-tac-toe players alternate, in other games somebody moves twice. So do not count
# levels; ask who moves. Fill `backed_up`.
#
# <details><summary>Hint</summary>
#
# One `torch.where`; `movers` (D, …) is compared with `leaf_mover` (…).
# </details>

# %% exercise="alphazero-backed-up"
def backed_up(movers, leaf_mover, value):
    """Return (D, ...): what value (...) is worth for who moves at each of the D nodes above the leaf."""
    ### BEGIN SOLUTION
    return torch.where(movers == leaf_mover, value, -value)
    ### END SOLUTION

# %% check="alphazero-backed-up-check" points=2
check.backed_up(backed_up)
### BEGIN HIDDEN TESTS
check.backed_up(backed_up, movers=((1, 0), (1, 0), (0, 1), (1, 1)), leaf_mover=(1, 1), value=(-0.7, 0.4))
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 4 · Priors at the root (15 min, ●●○, 3 points)
# A network that is sure of a bad move would never try another. So during self-play the root's priors are mixed with
# noise: $(1-\varepsilon) P + \varepsilon\, \eta$, where $\eta$ is random and sums to 1. `draws` are independent
# positive numbers; divided by their sum over the legal moves they are a sample of **Dirichlet's** distribution. Both
# parts give illegal moves exactly 0. Fill `root_priors`.
#
# <details><summary>Hint</summary>
#
# Mask *before* the softmax. A network may believe in illegal moves alone; masked afterwards, nothing but zeros is
# left, and 0/0 is nan. </details>

# %% exercise="alphazero-root-priors"
def root_priors(logits, legal, draws, share):
    """Return priors (..., A) that sum to 1 over legal moves; `share` is ε."""
    ### BEGIN SOLUTION
    priors = logits.masked_fill(~legal, -torch.inf).softmax(-1)
    noise = draws * legal
    return (1 - share) * priors + share * noise / noise.sum(-1, keepdim=True)
    ### END SOLUTION

# %% check="alphazero-root-priors-check" points=3
check.root_priors(root_priors)
### BEGIN HIDDEN TESTS
check.root_priors(root_priors, logits=((2.0, 0.0, -1.0, 4.0, 1.0), (0.0, 300.0, 1.0, 0.5, 2.0)), share=0.4)
### END HIDDEN TESTS

# %% [markdown]
# Your three functions now run in the search of `helpers.tree_search`, which grows many trees at once and asks the
# network once for all of them.
#
# **Predict**: an *untrained* network knows nothing. What share of its moves is imperfect, alone and with 10, 100, 200
# simulations? Will it then be unbeaten?
#
# *Your guess:* …

# %%
pieces = {
    "score": yours(tree_search.puct),
    "sign": yours(tree_search.backed_up),
    "priors": yours(tree_search.root_priors),
}
fresh, untrained = alphazero.TwoHeads((), game, generator=torch.Generator().manual_seed(1)), {}
for count in (0, 10, 25, 100, 200):
    moves = alphazero.policy_of(fresh, count, **(pieces if count else {}))
    untrained[count] = 100 * (1 - positions.perfect_share(moves).item())
print(f"imperfect alone above 30 %: {untrained[0] > 30}, with 200 simulations below 2 %: {untrained[200] < 2}")
policy = torch.nn.functional.one_hot(moves, 9) * legal.float()
print("with 200 simulations somebody beats it:", any(best_response(positions, policy, player) < 0 for player in (0, 1)))

# %%
fig, ax = plt.subplots()
ax.plot(range(5), list(untrained.values()), "o-", color=plotting.BLUE)
ax.set(yscale="log", ylim=(0.5, 60), xlabel="simulations", ylabel="imperfect moves (%)")
ax.set_xticks(range(5), untrained)
ax.set_yticks([1, 3, 10, 30], ["1", "3", "10", "30"])
plt.show()

# %% [markdown]
# **What you see.** The search alone makes a player: wherever the game ends inside the tree, its true result comes up
# instead of the network's guess. With 200 simulations about one move in a hundred is wrong. That is enough to be
# beaten, as were all twenty such networks that we tried. So search is a better policy than the one that guides it, and
# AlphaZero's idea is to *learn from it*.

# %% [markdown]
# ## 3 · Learning from its own search
# What did the search find? Not its best move alone: good moves were visited often. The target is
# $\pi(a) = N(s,a)^{1/\tau} / \sum_b N(s,b)^{1/\tau}$ with **temperature** $\tau$; 1 is the share of visits, and small
# ones prefer the most visited move.
#
# ### Exercise 5 · From visits to a policy (10 min, ●●○, 2 points)
# Fill `visit_policy`. With $\tau = 0$ the most visited moves have equal shares, and all others 0. Powers such as
# $90000^{10}$ are too large for `float32`.
#
# <details><summary>Hint</summary>
#
# Divide by the largest number of visits first; then no power exceeds 1.
# </details>

# %% exercise="alphazero-visit-policy"
def visit_policy(visits, temperature):
    """Return probabilities (..., A) from visits (..., A)."""
    ### BEGIN SOLUTION
    share = visits / visits.amax(-1, keepdim=True)
    weights = (share == 1).to(share.dtype) if temperature == 0 else share ** (1 / temperature)
    return weights / weights.sum(-1, keepdim=True)
    ### END SOLUTION

# %% check="alphazero-visit-policy-check" points=2
check.visit_policy(visit_policy)
### BEGIN HIDDEN TESTS
check.visit_policy(visit_policy, visits=((1.0, 70000.0, 70000.0), (4.0, 0.0, 1.0)), temperatures=(2.0, 0.1, 0.0))
### END HIDDEN TESTS

# %%
visit_policy = yours(tree_search.visit_policy)

# %% [markdown]
# ### Exercise 6 · Who won? (5 min, ●○○, 2 points)
# The value's label is $z_t$, what the player who moved at $t$ reached in the end: 1, −1, or 0 in a draw. Fill
# `outcomes`. `winner` is 0, 1, or −1 for a draw.
#
# <details><summary>Hint</summary>
#
# Compare `movers` (…, T) with `winner.unsqueeze(-1)`; draws come last.
# </details>

# %% exercise="alphazero-outcomes"
def outcomes(movers, winner):
    """Return z (..., T), real numbers, from movers (..., T), 0 or 1, and winner (...)."""
    ### BEGIN SOLUTION
    z = torch.where(movers == winner.unsqueeze(-1), 1.0, -1.0)
    return torch.where(winner.unsqueeze(-1) < 0, 0.0, z)
    ### END SOLUTION

# %% check="alphazero-outcomes-check" points=2
check.outcomes(outcomes)
### BEGIN HIDDEN TESTS
check.outcomes(outcomes, movers=((1, 0, 0), (0, 0, 1), (1, 1, 0)), winner=(1, -1, 0))
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 7 · The loss (10 min, ●●○, 2 points)
# Both heads learn at once: $L = \frac 1 B \sum \big((z - v)^2 - \sum_a \pi(a) \log p(a)\big)$, with $p$ the softmax of
# the logits. $\pi$ and $z$ are labels: `detach()` them, so that no gradient flows there. Fill `loss`.
#
# <details><summary>Hint</summary>
#
# `logits.log_softmax(-1)`; sum over moves, mean over positions.
# </details>

# %% exercise="alphazero-loss"
def loss(logits, values, policies, z):
    """Return one number from logits and π, both (B, A), and v and z, both (B,)."""
    ### BEGIN SOLUTION
    cross_entropy = -(policies.detach() * logits.log_softmax(-1)).sum(-1)
    return ((z.detach() - values).square() + cross_entropy).mean()
    ### END SOLUTION

# %% check="alphazero-loss-check" points=2
check.loss(loss)
### BEGIN HIDDEN TESTS
check.loss(loss, size=7, actions=3, seed=31)
### END HIDDEN TESTS

# %%
outcomes, loss = yours(alphazero.outcomes), yours(alphazero.loss)

# %% [markdown]
# ### Exercise 8 · Self-play (25 min, ●●●, 4 points)
# Fill the loop of `play`: ask `search(states)` for visits, once a step and about all boards; draw a move for each
# board by their policy at `temperature`; append a triple to `record` (the boards searched, the policy at temperature
# **1**, where the game was not over yet); and step. `game.step` leaves a finished board as it is.
#
# The check then trains a network with your `play` until **nobody beats it** with 25 simulations. Ours reached that
# within 20 iterations, from each of 100 seeds.
#
# <details><summary>Hint</summary>
#
# `torch.multinomial(chances, 1, generator=generator).squeeze(-1)` draws one move a row.
# </details>

# %% exercise="alphazero-play"
def play(search, game, start, temperature, *, generator):
    """Play from start (G, 2) to the end; return what is to be learned."""
    states, record = start, []
    while not game.over(states).all():
        ### BEGIN SOLUTION
        visits = search(states)
        chances = visit_policy(visits, temperature)
        actions = torch.multinomial(chances, 1, generator=generator).squeeze(-1)
        record.append((states, visit_policy(visits, 1.0), ~game.over(states)))
        states = game.step(states, actions)
        ### END SOLUTION
    seen, policies, mask = (torch.stack(column, 1) for column in zip(*record))
    z = outcomes(game.movers(seen), alphazero.winners(game, states))
    return alphazero.Examples(seen, policies, z, mask)

# %% check="alphazero-play-check" points=4
check.play(play)
### BEGIN HIDDEN TESTS
check.play(play, count=300, seed=70, bar=False)
### END HIDDEN TESTS

# %% [markdown]
# ## 4 · Twenty iterations
# Each plays 128 games at once, 25 simulations a move; then the network learns from all games so far, in 120
# minibatches that show it each position turned and mirrored at random. Nobody tells it what a good move is.
#
# **Predict** its opening book: of the replies to an opening in a corner, and in the centre, which hold the draw? Which
# does it find first?
#
# *Your guess:* …

# %%
play = yours(alphazero.play)
openings = {"corner": "X.. / ... / ...", "edge": ".X. / ... / ...", "centre": "... / .X. / ..."}
boards = torch.stack([game.read(text) for text in openings.values()])
good = positions.perfect[positions.rows(boards)]
for name, row in zip(openings, good):
    print(f"{name}: replies that hold the draw {int(row.sum())} of 8, cells {row.nonzero()[:, 0].tolist()}")

# %% tags=["nbval-ignore-output"]
g = torch.Generator().manual_seed(4)
network, book, exact = alphazero.TwoHeads((), game, generator=g), [], []
live = widgets.Progress(20, "perfect moves (%)", unit="iteration")
display(live.box)


def note(number, network):
    """Keep how many visits of each reply go to moves that hold the draw, and how many moves are perfect."""
    visits = tree_search.search(game, network, boards, 100, **pieces).visits
    book.append((visits * good).sum(-1) / visits.sum(-1))
    exact.append(100 * positions.perfect_share(alphazero.policy_of(network, 0)))
    if number % 5 == 0:
        live(number, exact[-1])

# %% tags=["nbval-ignore-output"]
losses = alphazero.train(network, iterations=20, generator=g, report=note, play=play, loss=loss, pieces=pieces)

# %%
fig, ax = plt.subplots()
plotting.curves(ax, dict(zip(openings, 100 * torch.stack(book, 1))))
ax.set(xlabel="iteration", ylabel="visits that hold the draw (%)", ylim=(0, 105), xticks=(1, 5, 10, 15, 20))
plt.show()
print("at the end above 80 % after each opening:", bool((book[-1] > 0.8).all()))

# %% [markdown]
# **What you see.** After a corner only the centre holds the draw, after the centre only corners do. After an edge
# four replies hold it. So a search that knows nothing finds one in two, but after a corner one in eight: that curve
# starts lowest and rises steepest. All three stay below 100 %, since PUCT goes on trying other replies. No game was
# ever shown to it.

# %% [markdown]
# ### Play against it
# Click a cell. The numbers are what it thought before its last move: priors in percent without simulations, otherwise
# visits. Here the search uses the course's functions.

# %% tags=["nbval-ignore-output"]
display(widgets.duel(game, network))

# %%
state = game.read("X.. / .O. / ..X")  # O has the centre, X two corners: a famous trap


def show_search(ax, count):
    """Draw the board with the visits of so many simulations, or the priors."""
    priors = network(state.unsqueeze(0))[0].masked_fill(~game.legal(state), -torch.inf).softmax(-1)[0]
    found = tree_search.search(game, network, state.unsqueeze(0), count, **pieces).visits[0] if count else 100 * priors
    plotting.board(ax, game.text(state), [f"{number:.0f}" for number in found])
    ax.set_title(f"{count} simulations" if count else "priors (%)")
    ax.spines[:].set_visible(True)

# %% tags=["nbval-ignore-output"]
@interact(simulations=IntSlider(0, min=0, max=100, step=5))
def explore(simulations):
    fig, ax = plt.subplots(figsize=(2.6, 2.6))
    show_search(ax, simulations)
    plt.show()

# %%
fig, axes = plt.subplots(1, 3, figsize=(7.5, 2.6))
for ax, count in zip(axes, (0, 10, 100)):
    show_search(ax, count)
plt.show()
print("perfect moves for O:", positions.perfect[positions.rows(state)].nonzero()[:, 0].tolist())

# %% [markdown]
# **What you see.** The same as a fixed picture: O is to move. A corner loses, since X then takes the last corner and
# threatens twice. All that the network has learned says *edge*, and the search agrees.

# %% [markdown]
# ## 5 · Is it perfect?
# **Predict** the share of imperfect moves of the trained network with 0, 10, 25, 100 simulations.
#
# *Your guess:* …

# %%
runs = alphazero_runs.measured()
trained = {count: 100 * (1 - found.perfect) for count, found in runs["AlphaZero"].items()}
fig, ax = plt.subplots()
ax.plot(range(5), list(untrained.values()), "o--", color=plotting.VERMILLION, label="untrained")
heights = torch.stack(list(trained.values())).clamp(min=0.01)
lines = ax.plot(range(4), heights, "o-", color=plotting.BLUE, alpha=0.3)
ax.set(yscale="log", xlabel="simulations", ylabel="imperfect moves (%)")
ax.set_xticks(range(5), untrained)
ax.legend([ax.lines[0], lines[0]], ["untrained", "trained"])
plt.show()

# %% tags=["nbval-ignore-output"]
for count in (0, 25):
    moves = alphazero.policy_of(network, count, **(pieces if count else {}))
    policy = torch.nn.functional.one_hot(moves, 9) * legal.float()
    reached = [f"{best_response(positions, policy, player) + 0.0:+.0f}" for player in (0, 1)]
    print(f"{count} simulations: {100 * positions.perfect_share(moves):.1f} % perfect, reaches {' and '.join(reached)}")

# %% [markdown]
# **What you see.** Twenty networks that were trained once, for thirty iterations (`helpers/bundled/make_alphazero.py`;
# none wrong is drawn at 0.01 %), and yours as numbers. What search adds to an untrained network it adds to a trained
# one, too, from a far better start. All twenty are unbeaten, even without search: the few moves that stay wrong stand
# in positions that good play never meets. But learning goes on, and unlearns: we looked at ten other networks after
# every second iteration from 18 to 30, and 4 of these 70 looks found one that can be beaten with 25 simulations. So the
# check of exercise 8 stops at the first look that finds none.

# %% [markdown]
# ### Which part pays?
# **Predict**, for networks trained without one part: who is still unbeaten with 25 simulations?
#
# - **no root noise**, or **greedy moves** in self-play, $\tau = 0$, or neither noise nor chance;
# - **no symmetries**, or only the last **8 iterations kept**;
# - **5 simulations** in self-play;
# - **no sign flip**: every node gets the leaf's value as it is.
#
# *Your guess:* …

# %%
for name, found in runs.items():
    if "Connect" not in name:
        alone, searched = (100 * found[count].perfect.mean() for count in (0, 25))
        count = f"{int(found[25].unbeaten.sum())} of {len(found[25].unbeaten)}"
        print(f"{name:30} perfect {alone:5.1f} %, with 25 simulations {searched:5.1f} %, then unbeaten {count}")

# %% [markdown]
# **What you see.** Without the sign nothing is learned. A search of 5 simulations is a poor teacher, and without
# symmetries nine of ten networks are beaten where they move second. Games need chance: of greedy players half are
# beaten, and all where there is no noise either, since their games repeat each other. Where moves are drawn by visits,
# root noise, so famous, adds little: without it fewer moves are perfect and two of ten networks are beaten alone, but
# none with a search. To forget all but 8 iterations costs perfect moves, too, and nobody the draw.

# %% [markdown]
# ## 6 · Larger boards
# The same code, with gravity: **Connect-3** and **Connect-4** on 4 × 4 cells, 41,750 and 161,029 positions.

# %%
for game_, value in (("Connect-3", "the first player wins"), ("Connect-4", "a draw")):
    for count, found in runs[f"{game_} on 4 × 4"].items():
        reach = ", ".join(f"{int(first)}/{int(second)}" for first, second in zip(found.first, found.second))
        print(f"{game_} ({value}), {count:3} simulations: {100 * found.perfect.mean():.1f} % perfect; reaches {reach}")

# %% [markdown]
# **What you see.** The first player of Connect-3 wins by force, and both networks do. (The second player then always
# loses, which is no blame.) Connect-4 stays unsolved here: a network with 99 % perfect moves after a search, which
# somebody beats all the same, since it takes only one line of play that leads to one wrong move.

# %% [markdown]
# ## 7 · What AlphaGo and AlphaZero did
# **AlphaGo** (2016) first learned to predict moves from 30 million positions of people, right in 57 % of cases, then
# from self-play. It beat Lee Sedol 4 to 1. **AlphaGo Zero** (2017) had no games of people, searched with 1,600
# simulations a move, and after three days and 4.9 million games won 100 of 100 against that version. **AlphaZero**
# (2017) dropped what was special to Go, even the symmetries, and took 800 simulations. At chess it passed Stockfish
# after four hours. After nine, and 44 million games on 5,000 processors, it won 28 games of 100 and lost none. It
# looked at 80 thousand positions a second, Stockfish at 70 million.

# %% [markdown]
# ### Exercise 9 · What is proved? (10 min, ●●○, 3 points, graded by a person)
# Somebody trains a player for a game of $10^{40}$ positions. (a) It drew the last 1000 games against itself. (b) It
# beat every program there is. (c) On a million positions solved by brute force 99.9 % of its moves are perfect. Which
# of these shows that nobody can beat it? What would, and what does each show instead?

# %% [markdown] written="alphazero-proof" points=3
# ### BEGIN SOLUTION
# None does. (a) shows that the player is consistent with itself: two sides with the same blind spot draw for ever.
# (b) shows it is better than those it met; a best response is an opponent made for it, who may lose to all others.
# (c) is about positions that somebody chose. One wrong move in a thousand suffices, if play can be led to it, and the
# untrained network with 200 simulations has 99 % perfect moves here and is beaten; on the other hand wrong
# moves that no play reaches cost nothing. What would prove it is the best response, that is, every answer to the one
# fixed policy: far fewer positions than the game has, since only the opponent branches, but still too many for chess.
# What can be done is to train an opponent against the frozen player, and to report that it failed.
#
# Rubric: 1 point for "none" with the reason for (a), 1 for telling (b) and (c) from a best response, 1 for what would
# prove it or could be attempted.
# ### END SOLUTION

# %% [markdown]
# ## Summary
# - PUCT: $W/N + c\,P \sqrt{N(s)} / (1 + N)$; values go up with the sign of who moves.
# - Mask before the softmax; noise at the root alone, over legal moves alone.
# - The network learns $\pi$ from visits and $z$ from the end of the game; its search is better than it is, so it has a
#   teacher.
# - Unbeaten is a fact: the best response to a fixed policy.

# %% [markdown]
# **References.** The lecture, part 1, successes. Silver et al. (2016), *Mastering the game of Go with deep neural
# networks and tree search*; (2017), *Mastering the game of Go without human knowledge*; (2017), *Mastering chess and
# shogi by self-play with a general reinforcement learning algorithm*, arXiv:1712.01815. Rosin (2011) for PUCT. Sutton
# and Barto (2018), sections 8.11 and 16.6. The ablations are `helpers/bundled/alphazero.csv`.
#
# Next: [13 · From human feedback](../13-human-feedback/13-human-feedback.ipynb).
