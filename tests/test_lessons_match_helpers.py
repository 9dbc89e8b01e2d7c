"""The lesson's solution and the helper of the same name are two writings of one formula; here they meet.

HELPERS and ELSEWHERE say in which module the twin is.
"""

import functools

import pytest
import torch

from course.authoring import lessons, solved
from helpers import (
    alphazero,
    architecture_search,
    autoencoders,
    bandits,
    baselines,
    bounds,
    cartpole,
    dqn,
    games,
    latent,
    layers,
    maximisation,
    mdps,
    networks,
    planning,
    policies,
    policy_gradient,
    ppo,
    preferences,
    probes,
    reinforce,
    replay,
    rollouts,
    search_spaces,
    tree_search,
    vae,
    worlds,
)
from tests.samples import ROOT

HELPERS = {
    "01": bandits,
    "02": mdps,
    "03": policy_gradient,
    "04": reinforce,
    "05": baselines,
    "06": architecture_search,
    "07": autoencoders,
    "08": bounds,
    "09": vae,
    "10": dqn,
    "11": ppo,
    "12": alphazero,
    "13": preferences,
}
WITHOUT_TWIN = {
    "proof",
    "episode_gradient",
    "derivation",
    "diagnose",
    "diagnose_losses",
}  # the second is sampled_gradients of an episode, see below
ELSEWHERE = {  # exercises whose twin is in another module
    "value_iteration": planning,
    "greedy_policy": planning,
    "visit_counts": mdps,
    "cell_choices": search_spaces,
    "time_baseline": reinforce,
    "value_loss": reinforce,
    "hole_share": latent,
    "cross_entropy": autoencoders,
    "expected_max": maximisation,
    "store": replay,
    "gaussian_log_prob": policies,
    "puct": tree_search,
    "backed_up": tree_search,
    "root_priors": tree_search,
    "visit_policy": tree_search,
    "best_response": games.Positions,
}
AGAIN = {
    ("04", "returns"),
    ("04", "update"),
    ("04", "evaluate"),
    ("09", "training_step"),
    ("10", "train"),
    ("10", "update"),
    ("11", "train"),
    ("11", "update"),
}  # an earlier lesson has these
F64 = torch.float64


@functools.cache
def solved_in() -> dict[str, dict]:
    """Return the functions of each lesson's solutions, by its number."""
    read = [lesson for lesson in lessons.read_all(ROOT) if "your-own" not in lesson.name]
    return {lesson.name[:2]: solved.functions(lesson) for lesson in read if lesson.name[:2] in HELPERS}


def key(number: str, name: str) -> str:
    """Return what tells the exercises apart: the name, with the lesson's number where an earlier one has it."""
    return f"{number} {name}" if (number, name) in AGAIN else name


def pair(name: str):
    """Return the lesson's function and the helper's; a name may follow the number of its lesson."""
    number, _, name = name.rpartition(" ")
    number = number or next(number for number, functions in solved_in().items() if name in functions)
    return solved_in()[number][name], getattr(ELSEWHERE.get(name, HELPERS[number]), name)


def same(got, wanted):
    """Values agree to 1e-10 in float64 and 1e-5 in float32; the lesson's counts may be whole numbers."""
    if isinstance(wanted, tuple):
        assert len(got) == len(wanted)
        for one, other in zip(got, wanted, strict=True):
            same(one, other)
        return
    got, wanted = torch.as_tensor(got), torch.as_tensor(wanted)
    tolerance = 1e-10 if wanted.dtype == F64 and got.dtype == F64 else 1e-5
    torch.testing.assert_close(got, wanted, rtol=tolerance, atol=tolerance, check_dtype=False)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def record(seed, runs=(), steps=30, num_arms=4):
    generator = seeded(seed)
    arms = torch.randint(num_arms, (*runs, steps), generator=generator)
    return arms, torch.randn(*runs, steps, generator=generator, dtype=F64)


def random_world(seed):
    """A random MDP with an end, a policy, preferences, and some values that are 0 at the end."""
    generator, size, actions = seeded(seed), 6, 3
    transitions = torch.rand(size, actions, size, generator=generator, dtype=F64)
    rewards = torch.randn(size, actions, generator=generator, dtype=F64)
    transitions[-1], rewards[-1] = 0, 0
    transitions[-1, :, -1] = 1
    initial = torch.rand(size, generator=generator, dtype=F64)
    initial[-1] = 0
    transitions = transitions / transitions.sum(-1, keepdim=True)
    mdp = worlds.from_table(transitions, rewards, initial / initial.sum(), gamma=0.85)
    theta = torch.randn(size, actions, generator=generator, dtype=F64)
    values = torch.randn(size, generator=generator, dtype=F64).masked_fill(mdp.terminal, 0.0)
    return mdp, theta.softmax(-1), theta, values


def log_densities(seed):
    return (3 * torch.randn(3, 2, 4, 7, generator=seeded(seed), dtype=F64)).unbind()


def cloud(seed):
    """60 points of 9 numbers, more spread in some directions than in others, and not around 0."""
    points = torch.randn(60, 9, generator=seeded(seed), dtype=F64) * torch.arange(1.0, 10.0)
    return points + torch.linspace(-3, 5, 9, dtype=F64)


def batch(seed):
    """Logits (5, 7, 3), actions, rewards, weights and mask (5, 7) of episodes of 1 to 7 steps."""
    generator = seeded(seed)
    lengths = torch.randint(1, 8, (5, 1), generator=generator)
    logits, rewards, weights = (torch.randn(5, 7, *more, generator=generator, dtype=F64) for more in ((3,), (), ()))
    return logits, torch.randint(3, (5, 7), generator=generator), rewards, weights, torch.arange(7) < lengths


def steps_of(seed):
    """Rewards and ends of 6 steps, two tables of action values (6, 3), and actions."""
    generator = seeded(seed)
    rewards, q, other = (torch.randn(6, *more, generator=generator, dtype=F64) for more in ((), (3,), (3,)))
    ended = torch.rand(6, generator=generator) < 0.4
    return rewards, ended, q, other, torch.randint(3, (6,), generator=generator)


def segment(seed):
    """Steps (3, 6) of which some end and some are cut, with 4 numbers a state, and a value function."""
    g = seeded(seed)
    states, after, shown = (torch.randn(3, 6, 4, generator=g, dtype=F64) for _ in range(3))
    rewards, log_old = torch.randn(3, 6, generator=g, dtype=F64), -torch.rand(3, 6, generator=g, dtype=F64)
    kind = torch.randint(4, (3, 6), generator=g)
    actions, mask = torch.randint(2, (3, 6), generator=g), torch.ones(3, 6, dtype=torch.bool)
    parts = (states, actions, rewards, after, shown, kind == 0, kind == 1, log_old, mask)
    return ppo.Segment(*parts), lambda states: states.square().sum(-1, keepdim=True)


def nodes(seed):
    """Priors, visits, totals and what is legal at six nodes of four moves."""
    g = seeded(seed)
    priors, visits = torch.rand(6, 4, generator=g, dtype=F64), torch.randint(3, (6, 4), generator=g).to(F64)
    return priors, visits, torch.randn(6, 4, generator=g, dtype=F64) * visits, torch.arange(4) != seed % 4


def chances(seed):
    """A policy of a small game."""
    legal = games.Game(2, 3, 2).positions.children >= 0
    policy = torch.rand(legal.shape, generator=seeded(seed)) * legal
    return policy / policy.sum(-1, keepdim=True).clamp(min=1e-9)


def one_state(seed):
    """π and q of one state, (3,)."""
    return random_world(seed)[1][0], random_world(seed)[2][1]


@pytest.mark.parametrize("number", HELPERS)
def test_every_exercise_has_a_twin_or_is_known_to_have_none(number):
    for name in solved_in()[number]:
        twin = hasattr(ELSEWHERE.get(name, HELPERS[number]), name)
        assert twin != (name in WITHOUT_TWIN), name
        compared = key(number, name) in {*INPUTS, *DRAWN, *BY_HAND}
        assert name in WITHOUT_TWIN or compared, f"{name} is compared with nothing"


# Functions of their arguments: for each exercise, arguments made from a seed.

INPUTS = {
    "sample_average": lambda seed: (*record(seed), 5),
    "update": lambda seed: (
        torch.randn(7, 4, generator=seeded(seed), dtype=F64),
        torch.randint(3, (7, 4), generator=seeded(seed)).to(F64),
        *(table[:, 0] for table in record(seed, (7,), 1)),
    ),
    "optimal_share": lambda seed: (torch.randn(50, 4, generator=seeded(seed)), record(seed, (50,))[0]),
    "runs_needed": lambda seed: (*torch.rand(2, generator=seeded(seed), dtype=F64).tolist(), 3),
    "returns": lambda seed: (record(seed)[1], 0.7),
    "state_values": lambda seed: (random_world(seed)[1], random_world(seed)[2]),
    "action_values": lambda seed: (random_world(seed)[0], random_world(seed)[3]),
    "evaluate_horizon": lambda seed: (*random_world(seed)[:2], 9),
    "evaluate": lambda seed: random_world(seed)[:2],
    "monte_carlo": lambda seed: (record(seed)[1],),
    "value_iteration": lambda seed: (random_world(seed)[0], 9),
    "greedy_policy": lambda seed: (torch.randint(3, (8, 4), generator=seeded(seed)).to(F64),),  # with many ties
    "objective": lambda seed: random_world(seed)[:2],
    "visit_counts": lambda seed: random_world(seed)[:2],
    "exact_gradient": lambda seed: (random_world(seed)[0], random_world(seed)[2]),
    "central_differences": lambda seed: (random_world(seed)[0], random_world(seed)[2], 0.01),
    "cell_choices": lambda seed: (seed, 3 + seed),
    "search_loss": lambda seed: (
        torch.randn(5, 3, 4, generator=seeded(seed), dtype=F64),
        torch.randint(4, (5, 3), generator=seeded(seed)),
        torch.rand(5, generator=seeded(seed + 1), dtype=F64),
        0.4,
    ),
    "update_baseline": lambda seed: (*record(seed)[1][:1], record(seed)[1], 0.7),
    "exponent": lambda seed: ((seed + 1) / 7,),
    "reward": lambda seed: (*torch.rand(2, 9, generator=seeded(seed), dtype=F64), 0.5, 0.2, [None, 0.0, 0.4][seed % 3]),
    "pareto_front": lambda seed: (*torch.randint(5, (2, 30), generator=seeded(seed)).double(),),
    "score": lambda seed: (random_world(seed)[1], torch.tensor(seed % 6), torch.tensor(seed % 3)),
    "expected_push": lambda seed: (*one_state(seed), 0.1 * seed),
    "push_variance": lambda seed: (*one_state(seed), 0.1 * seed),
    "best_baseline": lambda seed: one_state(seed),
    "time_baseline": lambda seed: (batch(seed)[2], batch(seed)[4]),
    "leave_one_out": lambda seed: (batch(seed)[2], batch(seed)[4]),
    "value_loss": lambda seed: batch(seed)[2:],
    "baseline_losses": lambda seed: tuple(batch(seed)[place] for place in (0, 3, 1, 2, 4)),
    "log_evidence": lambda seed: (*log_densities(seed)[:2], 0.1),
    "importance_estimate": lambda seed: log_densities(seed),
    "jensen_gap": lambda seed: (torch.exp, *(row / 9 for row in log_densities(seed)[:2])),
    "split_evidence": lambda seed: (*log_densities(seed), 0.1),
    "gaussian_kl": lambda seed: log_densities(seed)[:2],
    "gradient_estimates": lambda seed: (torch.sin, torch.cos, 0.3, 1.4, log_densities(seed)[0], 0.1 * seed),
    "there_and_back": lambda seed: (cloud(seed), *autoencoders.pca(cloud(seed + 1), 3)[:2]),
    "principal_angles": lambda seed: cloud(seed)[:5].split((2, 3)),
    "best_denoiser": lambda seed: (cloud(seed)[:12].view(3, 4, 9), cloud(seed + 1), 4.0),
    "td_target": lambda seed: (*steps_of(seed)[:3], 0.9),
    "td_loss": lambda seed: (steps_of(seed)[2], steps_of(seed)[4], steps_of(seed)[0]),
    "double_target": lambda seed: (*steps_of(seed)[:4], 0.9),
    "copies_needed": lambda seed: (0.9 + seed / 100, (seed + 1) / 7),
    "ratio": lambda seed: (batch(seed)[0], batch(seed)[1], batch(seed)[2]),
    "surrogate": lambda seed: (batch(seed)[2].exp(), batch(seed)[3], 0.3),
    "td_errors": lambda seed: (*segment(seed), 0.8),
    "gae": lambda seed: (batch(seed)[2], ~batch(seed)[4], 0.9, seed / 4),
    "gaussian_log_prob": lambda seed: log_densities(seed),
    "puct": lambda seed: (*nodes(seed), 1.0 + seed / 3),
    "backed_up": lambda seed: (batch(seed)[4].long(), batch(seed)[1][0].clamp(max=1), batch(seed)[2][0]),
    "root_priors": lambda seed: (nodes(seed)[2], nodes(seed)[3], nodes(seed)[0] + 0.1, seed / 4),
    "visit_policy": lambda seed: (nodes(seed)[1] + 1, seed / 4),
    "outcomes": lambda seed: (batch(seed)[1].clamp(max=1), torch.randint(-1, 2, (5,), generator=seeded(seed))),
    "loss": lambda seed: (nodes(seed)[2], nodes(seed)[0][:, 0], nodes(seed)[0], nodes(seed)[2][:, 1]),
    "best_response": lambda seed: (games.Game(2, 3, 2).positions, chances(seed), seed % 2),
    "bradley_terry_loss": lambda seed: log_densities(seed)[:2],
    "tilt": lambda seed: (*log_densities(seed)[:2], 0.7),
    "kl_rewards": lambda seed: (*log_densities(seed), 0.7),
    "sequence_log_prob": lambda seed: (batch(seed)[0], batch(seed)[1], batch(seed)[4]),
    "dpo_loss": lambda seed: (*log_densities(seed), log_densities(seed + 9)[0], 0.7),
    "kl_gradients": lambda seed: tuple(part[0, 0].log_softmax(-1) for part in log_densities(seed)[:2]),
    "choose_beta": lambda seed: (
        torch.rand(7, generator=seeded(seed)),
        *(part[0].T for part in log_densities(seed)[:2]),
    ),
    "hole_share": lambda seed: (cloud(seed)[:, :2], cloud(seed + 1)[:, :2], 0.8),
    "cross_entropy": lambda seed: (log_densities(seed)[0], log_densities(seed)[1].sigmoid()),
    "encode": lambda seed: (layers.perceptron([9, 6], generator=seeded(seed)), cloud(seed).float()),
    "04 returns": lambda seed: (batch(seed)[2], batch(seed)[4], 0.7),
    "policy_loss": lambda seed: (batch(seed)[0], batch(seed)[1], batch(seed)[3], batch(seed)[4]),
}


@pytest.mark.parametrize("name", INPUTS)
def test_solution_and_helper_give_the_same(name):
    yours, ours = pair(name)
    yours.__globals__.setdefault("evidence", bounds.log_evidence)  # lesson 08 takes its own by this name
    for seed in range(5):
        keywords = {"quantile": INPUTS[name](seed)[-1]} if name == "hole_share" else {}
        theirs = INPUTS[name](seed)[: -1 if keywords else None]
        same(yours(*INPUTS[name](seed)), ours(*theirs, **keywords))


def test_one_episode_gives_what_sampled_gradients_give():
    yours = solved_in()["03"]["episode_gradient"]
    yours.__globals__["score"] = solved_in()["03"]["score"]
    for seed in range(5):
        mdp, pi, *_ = random_world(seed)
        episodes = mdps.sample_episodes(mdp, pi, 1, 1000, generator=seeded(seed))
        got = yours(pi, episodes.states[0], episodes.actions[0], episodes.rewards[0], mdp.gamma)
        same(got, policy_gradient.sampled_gradients(mdp, pi, episodes)[0])


def test_sampled_bounds_are_the_same_for_the_same_noise():
    yours, ours = pair("sampled_elbo")
    yours.__globals__["kl"] = solved_in()["08"]["gaussian_kl"]
    for seed in range(5):
        z_mean, z_log_std, _ = (row.float() / 3 for row in log_densities(seed))  # the lesson draws in the default dtype
        same(*(elbo(lambda z: z.sin().sum(-1), z_mean, z_log_std, generator=seeded(seed)) for elbo in (yours, ours)))


def test_principal_components_are_the_same_but_for_signs():
    yours, ours = pair("pca")
    for seed in range(5):
        (mean, rows, variances), wanted = yours(cloud(seed), 4), ours(cloud(seed), 4)
        same((mean, rows.T @ rows, variances), (wanted.mean, wanted.directions.T @ wanted.directions, wanted.variances))


def test_training_steps_are_the_same():
    ends = []
    for step in pair("training_step"):
        model = layers.perceptron([9, 4, 9], generator=seeded(1))
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.5)
        losses = [step(model, optimizer, cloud(seed).float(), cloud(seed + 1).float()) for seed in range(3)]
        assert not any(loss.requires_grad for loss in losses)
        ends.append((torch.stack(losses), parameters(model)))
    same(*ends)


def small_vae(seed):
    return vae.VAE(2, hidden=(7,), pixels=9, generator=seeded(seed))


def lesson_09(name):
    """Return a function of lesson 09 that sees the lesson's others under the names that plain cells give them."""
    space = solved_in()["09"][name].__globals__
    space.update(sample=space["reparametrise"], cost=space["cross_entropy"], terms=space["elbo_terms"])
    return solved_in()["09"][name]


def test_variational_losses_are_the_same_for_the_same_noise():
    for seed in range(5):
        heads = [row.float() / 3 for row in log_densities(seed)[:2]]
        same(*(draw(*heads, generator=seeded(seed)) for draw in (lesson_09("reparametrise"), vae.reparametrise)))
        x, losses = cloud(seed).float().sigmoid(), (lesson_09("elbo_terms"), vae.elbo_terms)
        same(*(terms(small_vae(seed), x, generator=seeded(seed)) for terms in losses))


def test_variational_training_steps_are_the_same():
    ends = []
    for step in (lesson_09("training_step"), vae.training_step):
        model = small_vae(1)
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.5)
        for seed in range(3):
            losses = step(model, optimizer, cloud(seed).float().sigmoid(), 0.3, generator=seeded(seed))
        ends.append((*map(torch.as_tensor, losses), parameters(model)))
    same(*ends)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_generated_images_and_manifolds_are_the_same(n):
    model = small_vae(2)
    same(*(draw(model.train(), n, generator=seeded(n)) for draw in (lesson_09("generate"), vae.generate)))
    same(lesson_09("manifold")(model, n), vae.manifold(model, n))


def test_denoising_losses_are_the_same_for_the_same_noise():
    yours, ours = pair("denoising_loss")
    for seed in range(5):
        x = cloud(seed).float()
        same(*(loss(torch.sin, x, 0.5, generator=seeded(seed)) for loss in (yours, ours)))


# Functions that draw: where the law is the same, so are the shares, within 5 standard errors of their difference.

DRAWN = {
    "greedy": (),
    "epsilon_greedy": (0.3,),
    "testbed": (),
    "sampled_elbo": (),
    "sample": (),
    "search_step": (),
    "denoising_loss": (),
}
RUNS = 20_000


@pytest.mark.parametrize("name", ["greedy", "epsilon_greedy"])
@pytest.mark.parametrize("values", [[0.0, 2.0, 1.0, 2.0], [-3.0, -1.0, -2.0, -2.5], [1.0, 1.0, 1.0, 1.0]])
def test_arms_are_drawn_by_one_law(name, values):
    """Four shares in each of six cases; false alarms: 1 in 70,000."""
    yours, ours = pair(name)
    table = torch.tensor(values).expand(RUNS, 4)
    one, other = (
        torch.bincount(choose(table, *DRAWN[name], generator=seeded(seed)), minlength=4) / RUNS
        for seed, choose in ((1, yours), (2, ours))
    )
    p = (one + other) / 2
    assert ((one - other).abs() <= 5 * (2 * p * (1 - p) / RUNS).sqrt()).all()


@pytest.mark.parametrize("epsilon", [0.0, 0.2])
def test_test_beds_play_by_one_law(epsilon):
    """Shares of three arms in 25 steps, and the mean reward of each step, in two cases; false alarms: 1 in 8,000.

    Two hundred figures within 5 standard errors of their difference. With q* the same in all runs an unfair tie shows.
    """
    yours, ours = pair("testbed")
    q_star = torch.tensor([0.0, 1.0, 0.5]).expand(RUNS, 3)
    figures = []
    for seed, play in ((1, yours), (2, ours)):
        arms, rewards = play(q_star, epsilon, 25, generator=seeded(seed))
        assert arms.shape == rewards.shape == (RUNS, 25)
        figures.append((torch.nn.functional.one_hot(arms, 3).double().mean(0), rewards.mean(0), rewards.std(0)))
    (one, mean, spread), (other, other_mean, other_spread) = figures
    p = (one + other) / 2
    assert ((one - other).abs() <= 5 * (2 * p * (1 - p) / RUNS).sqrt()).all()
    assert ((mean - other_mean).abs() < 5 * ((spread**2 + other_spread**2) / RUNS).sqrt()).all()


# Lesson 04: its functions call each other, change a policy in place and draw.

BY_HAND = {"choose_actions", "run_episodes", "04 update", "train", "04 evaluate", "balance", "update_both"}
BY_HAND |= {"expected_max", "store", "10 train", "10 update", "11 train", "11 update", "play"}
BY_HAND |= {"pca", "training_step", "09 training_step", "elbo_terms", "reparametrise", "generate", "manifold"}
SCALE = torch.tensor([1.0, 1.0, 5.0, 1.0])


def lesson_04(name):
    """Return a function of lesson 04 that sees the lesson's others, and the few things that plain cells define."""
    space = solved_in()["04"][name].__globals__
    space.update(world=cartpole.WORLD, new_policy=lambda generator: small_policy(generator, 4, SCALE))
    return solved_in()["04"][name]


def small_policy(generator, inputs=2, scale=None):
    return networks.Network((), inputs, 32, 2, scale=scale, generator=generator)


def parameters(policy):
    return torch.cat([parameter.detach().flatten() for parameter in policy.parameters()])


@pytest.mark.parametrize("logits", [[0.0, 2.0], [1.0, -1.0, 0.5], [3.0, 3.0, -3.0, 0.0]])
def test_actions_are_drawn_by_one_law(logits):
    """Nine shares of 20,000 within 5 standard errors of their difference; false alarms: 1 in 190,000."""
    table = torch.tensor(logits).expand(RUNS, len(logits))
    one, other = (
        torch.bincount(choose(table, generator=seeded(seed)), minlength=len(logits)) / RUNS
        for seed, choose in ((1, lesson_04("choose_actions")), (2, reinforce.choose_actions))
    )
    p = (one + other) / 2
    assert ((one - other).abs() <= 5 * (2 * p * (1 - p) / RUNS).sqrt()).all()
    table = torch.randn(50, len(logits), generator=seeded(3))
    got, wanted = (
        choose(table, generator=seeded(4), greedy=True)
        for choose in (lesson_04("choose_actions"), reinforce.choose_actions)
    )
    assert torch.equal(got, wanted)


def test_greedy_episodes_are_the_same():
    policy = small_policy(seeded(1), 4, SCALE)
    for seed in range(3):
        got, wanted = (
            run(cartpole.WORLD, policy, 20, generator=seeded(seed), greedy=True)
            for run in (lesson_04("run_episodes"), reinforce.run_episodes)
        )
        assert torch.equal(got.mask, wanted.mask)
        for one, other in zip(got[:3], wanted[:3], strict=True):
            same(one[got.mask], other[got.mask])


def test_what_is_over_stays_over_where_it_looks_alive_again():
    def reset(shape, *, generator):
        return torch.stack([torch.randint(1, 5, shape, generator=generator), torch.zeros(shape)], -1)

    def outcome(states, actions, after):
        return torch.ones(after.shape[:-1]), after[..., 1] == after[..., 0]

    world = rollouts.World(reset, lambda states, actions: states + torch.tensor([0.0, 1.0]), outcome, 2, 6)
    for run in (lesson_04("run_episodes"), reinforce.run_episodes):
        states, *_, mask = run(world, small_policy(seeded(1)), 100, generator=seeded(2))
        assert torch.equal(mask.sum(1), states[:, 0, 0].long()) and mask.shape == (100, 4)
        assert (mask.int().diff(dim=1) <= 0).all()


def test_episodes_are_drawn_by_one_law():
    """Mean lengths of 2,000 episodes within 5 standard errors of their difference, in two worlds; false alarms: 1 in
    870,000."""
    for world, policy in (
        (cartpole.WORLD, small_policy(seeded(1), 4, SCALE)),
        (probes.early_end(), small_policy(seeded(2))),
    ):
        one, other = (
            run(world, policy, 2000, generator=seeded(seed)).mask.sum(1).double()
            for seed, run in ((3, lesson_04("run_episodes")), (4, reinforce.run_episodes))
        )
        assert abs(one.mean() - other.mean()) <= 5 * ((one.var() + other.var()) / 2000).sqrt()


def test_updates_are_the_same():
    episodes = reinforce.run_episodes(cartpole.WORLD, small_policy(seeded(5), 4, SCALE), 8, generator=seeded(6))
    weights = reinforce.returns(episodes.rewards, episodes.mask, 0.9) - 4
    moved = []
    for update in (lesson_04("update"), reinforce.update):
        policy = small_policy(seeded(7), 4, SCALE)
        optimizer = torch.optim.SGD(policy.parameters(), lr=0.1, momentum=0.5)
        for _ in range(3):
            update(policy, optimizer, episodes, weights)
        moved.append(parameters(policy))
    same(*moved)


def test_updates_of_policy_and_value_are_the_same():
    episodes = reinforce.run_episodes(cartpole.WORLD, small_policy(seeded(5), 4, SCALE), 8, generator=seeded(6))
    moved = []
    for update_both in pair("update_both"):
        generator = seeded(7)
        policy, value = (networks.Network((), 4, 8, outputs, generator=generator) for outputs in (2, 1))
        optimizer = torch.optim.SGD([*policy.parameters(), *value.parameters()], lr=0.05, momentum=0.5)
        for _ in range(3):
            update_both(policy, value, optimizer, episodes, 0.9)
        moved.append(torch.cat([parameters(policy), parameters(value)]))
    same(*moved)


def always(action):
    """A policy that prefers one action a little: greedily it is always taken."""
    preference = torch.tensor([0.1, -0.1] if action == 0 else [-0.1, 0.1])
    return lambda states: preference.expand(*states.shape[:-1], 2)


def test_evaluations_are_the_same():
    for action, wanted in ((0, 1.0), (1, 3.0)):
        for evaluate in (lesson_04("evaluate"), reinforce.evaluate):
            assert evaluate(probes.early_end(), always(action), 10, generator=seeded(8)) == wanted
    policy = small_policy(seeded(9), 4, SCALE)
    same(*(run(cartpole.WORLD, policy, generator=seeded(10)) for run in (lesson_04("evaluate"), reinforce.evaluate)))


@pytest.mark.parametrize("world", [probes.one_step(), probes.late_reward(), probes.two_states(), probes.early_end()])
def test_training_leads_to_the_same_place(world):
    """Both reach the best return, batch by batch a different way, since they draw in a different order."""
    for train in (lesson_04("train"), reinforce.train):
        policy = small_policy(seeded(11))
        recipe = reinforce.Recipe(episodes=32, gamma=1.0)
        train(world, policy, recipe, updates=60, generator=seeded(12))
        best = 3.0 if world.max_steps == 3 else 1.0
        assert reinforce.evaluate(world, policy, generator=seeded(13)) == best


def test_both_train_until_a_batch_reaches_the_bar():
    for train in (lesson_04("train"), reinforce.train):
        heard = []
        history = train(
            probes.early_end(),
            small_policy(seeded(14)),
            reinforce.Recipe(episodes=32, gamma=1.0),
            updates=60,
            generator=seeded(15),
            stop_at=2.5,
            report=lambda number, mean, heard=heard: heard.append((number, float(mean))),
        )
        assert 1 < len(history) < 60 and (history[:-1] < 2.5).all() and history[-1] >= 2.5
        assert heard == [(number, mean) for number, mean in enumerate(history.tolist(), 1)]


def test_both_balance_the_pole():
    """On at least 99 of 100 seeds each does; here it is one seed."""
    for balance in (lesson_04("balance"), reinforce.balance):
        policy = balance(seeded(16))
        assert reinforce.evaluate(cartpole.WORLD, policy, generator=seeded(17)) >= 475


def controller_of(seed):
    """A controller whose probabilities are far from uniform."""
    made = architecture_search.Controller((), (3, 2, 4), 8, generator=seeded(seed))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter *= 10
    return made


@pytest.mark.parametrize("seed", [0, 1])
def test_architectures_are_drawn_by_one_law(seed):
    """24 shares in each of two cases; false alarms: 1 in 35,000. Greedy ones are the same."""
    yours, ours = pair("sample")
    one, other = (
        torch.bincount(
            search_spaces.rows(draw(controller_of(seed), RUNS, generator=seeded(number)), (3, 2, 4)), minlength=24
        )
        / RUNS
        for number, draw in ((1, yours), (2, ours))
    )
    p = (one + other) / 2
    assert ((one - other).abs() <= 5 * (2 * p * (1 - p) / RUNS).sqrt()).all()
    greedy = [draw(controller_of(seed), 3, greedy=True, generator=seeded(3)) for draw in (yours, ours)]
    assert torch.equal(*greedy)


@pytest.mark.parametrize("baseline", [None, torch.tensor(0.3)])
def test_one_step_of_the_search_moves_the_controller_alike(baseline):
    """Both draw with torch.multinomial, so that one seed gives them the same architectures."""
    results = []
    for step in pair("search_step"):
        made = controller_of(4)
        optimiser = torch.optim.SGD(made.parameters(), lr=0.1)
        tokens, rewards, moved = step(
            made, optimiser, lambda tokens: tokens.sum(-1) / 8, baseline, 16, generator=seeded(5)
        )
        results.append((tokens, rewards, moved, *(parameter.detach() for parameter in made.parameters())))
    same(*results)


def lesson_10(name):
    """Return a function of lesson 10 that sees what its plain cells import."""
    solved_in()["10"][name].__globals__.update(replay=replay, dqn=dqn)
    return solved_in()["10"][name]


def test_the_mean_of_a_maximum_is_the_same_for_the_same_noise():
    for n in (1, 4):
        same(*(mean(n, 30, generator=seeded(n)) for mean in (lesson_10("expected_max"), maximisation.expected_max)))


def test_rings_are_written_alike():
    games = replay.Games(probes.early_end(), (3,), generator=seeded(1))
    rings = [replay.empty_ring(games.states, 7) for _ in range(2)]
    counts = [0, 0]
    for number in range(6):
        step = games.step(torch.tensor([number % 2, 1, 0]))
        counts = [
            write(ring, count, step)
            for write, ring, count in zip((lesson_10("store"), replay.store), rings, counts, strict=True)
        ]
        assert counts == [3 * number + 3] * 2
        assert all(torch.equal(*columns) for columns in zip(*rings, strict=True))


def test_both_trainings_of_action_values_end_alike():
    """One seed gives both the same draws; their optimisers round differently."""
    ends = []
    for train in (lesson_10("train"), dqn.train):
        q, heard = small_policy(seeded(21)), []
        recipe = dqn.Recipe(games=3, batch_size=8, capacity=50, copy_every=10, learning_rate=0.01)
        options = {"generator": seeded(22), "report": lambda n, mean, heard=heard: heard.append((n, mean)) or n == 200}
        train(probes.late_reward(), q, recipe, updates=300, **options)
        ends.append((parameters(q), torch.tensor(heard)))
    for one, other in zip(*ends, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


def test_both_trainings_of_a_policy_by_its_surrogate_end_alike():
    """One seed gives both the same draws; their optimisers round differently."""
    solved_in()["11"]["train"].__globals__.update(replay=replay, ppo=ppo, policies=policies)
    ends = []
    for train in (solved_in()["11"]["train"], ppo.train):
        policy, value, heard = small_policy(seeded(21)), networks.Network((), 2, 8, 1, generator=seeded(23)), []
        recipe = ppo.Recipe(games=3, steps=20, epochs=2, minibatches=3, learning_rate=0.01)
        options = {"generator": seeded(22), "report": lambda n, mean, heard=heard: heard.append((n, mean)) or n == 5}
        train(probes.late_reward(), policy, value, recipe, updates=8, **options)
        ends.append((parameters(policy), parameters(value), torch.tensor(heard)))
    for one, other in zip(*ends, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


def test_both_plays_of_a_game_with_itself_are_the_same():
    """One seed gives both the same draws."""
    solved_in()["12"]["play"].__globals__.update(alphazero=alphazero, visit_policy=tree_search.visit_policy)
    solved_in()["12"]["play"].__globals__["outcomes"] = alphazero.outcomes
    game = games.Game(2, 3, 2)

    def search(states):
        return game.legal(states) + game.over(states).unsqueeze(-1).float()

    for temperature in (0.0, 1.0):
        same(
            *(
                tuple(play(search, game, game.start((9,)), temperature, generator=seeded(3)))
                for play in (solved_in()["12"]["play"], alphazero.play)
            )
        )
