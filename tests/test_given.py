"""What a stranger gives by mistake ends in one sentence: what is wrong, where, what to do; or it works."""

import gymnasium
import numpy as np
import pytest
import torch
from torch import nn

from helpers import (
    alphazero,
    autoencoders,
    bandits,
    bounds,
    cartpole,
    clinic,
    dqn,
    games,
    latent_models,
    layers,
    mdps,
    networks,
    planning,
    policies,
    ppo,
    preferences,
    reinforce,
    replay,
    rollouts,
    training,
    tree_search,
    vae,
    word_world,
    worlds,
)
from helpers.breakout import BreakoutEnv

X = torch.rand(20, 36, generator=torch.Generator().manual_seed(0))
HURT = X.index_put((torch.tensor(3), torch.tensor(5)), torch.tensor(torch.nan))
IMAGES = {  # what is wrong with them, and what is said
    "bytes": ((255 * X).byte(), "x holds uint8, but floating-point numbers are needed: x.float"),
    "NaN": (HURT, r"Of the numbers in x 1 are not finite, the first at \(3, 5\)"),
    "NumPy": (X.numpy(), "x is of type ndarray, but a tensor is needed: torch.as_tensor"),
    "list": (X.tolist(), "x is of type list, but a tensor is needed"),
    "narrow": (X[:, :30], r"x has shape \(20, 30\), but the model takes rows of 36 pixels"),
    "square": (X.view(20, 6, 6), "flatten the images"),
    "float64": (X.double(), r"x holds float64, but the model has weights of float32: make them one"),
    "none": (X[:0], "there is nothing in it"),
    "elsewhere": (X.to("meta"), "The model is on cpu, but x is on meta: make both on one device"),
}
UNIT = {"0 to 255": 255 * X, "negative": X - 0.5}


def g(seed=0):
    return torch.Generator().manual_seed(seed)


def models():
    options = {"hidden": (8,), "pixels": 36, "generator": g()}
    return vae.VAE(2, **options), autoencoders.Autoencoder(2, loss="cross-entropy", **options)


@pytest.mark.parametrize("kind", IMAGES)
def test_images_that_cannot_be_learned_from_are_described(kind):
    (x, sentence), (model, bottleneck) = IMAGES[kind], models()
    before = [parameter.clone() for parameter in model.parameters()]
    for use in (
        lambda: vae.train(model, x, epochs=1, generator=g()),
        lambda: vae.evaluate(model, x, generator=g()),
        lambda: vae.importance_weighted(model, x, 2, generator=g()),
        lambda: autoencoders.train(bottleneck, x, epochs=1, generator=g()),
    ):
        with pytest.raises(ValueError, match=sentence) as caught:
            use()
        assert "\n" not in str(caught.value)
    assert all(map(torch.equal, before, model.parameters()))


@pytest.mark.parametrize("kind", UNIT)
def test_pixels_are_probabilities_only_where_the_likelihood_wants_them(kind):
    x, (model, bottleneck) = UNIT[kind], models()
    for use in (
        lambda: vae.train(model, x, epochs=1, generator=g()),
        lambda: autoencoders.train(bottleneck, x, epochs=1, generator=g()),
        lambda: clinic.admit("A", x, x, epochs=1, generator=g()),
    ):
        with pytest.raises(ValueError, match=r"Pixels lie in \[0, 1\] here, but those of x reach from .* divide by"):
            use()
    free = vae.VAE(2, hidden=(8,), pixels=36, likelihood="gaussian", generator=g())
    assert vae.train(free, x / x.abs().max(), epochs=1, generator=g()).isfinite().all()


def lazy(size):
    return nn.Sequential(nn.LazyLinear(8), nn.Tanh(), nn.LazyLinear(size))


def shaky(states):
    raise RuntimeError("my own mistake")


CART = cartpole.WORLD
PI = torch.full((3, 4), 0.25, dtype=torch.float64)
GRID = worlds.gridworld(["S.G"], gamma=0.9)
GAME = games.connect(3, 3, 3)
Q = torch.zeros(6, 4)
MASK = torch.ones(2, 3, dtype=torch.bool)
SMALL = {"updates": 2, "generator": torch.Generator().manual_seed(0)}
BATCH = reinforce.Recipe(episodes=4)
SEGMENT = ppo.Recipe(games=2, steps=8)
WRONG = {
    "reinforce, an id": (lambda: reinforce.train("CartPole-v1", lazy(2), BATCH, **SMALL), "The world is a str, but an"),
    "reinforce, boxes": (
        lambda: reinforce.train(gymnasium.make("Pendulum-v1"), lazy(1), BATCH, **SMALL),
        "categorical policy, but the actions are Box",
    ),
    "reinforce, tuples": (
        lambda: reinforce.train(gymnasium.make("Blackjack-v1"), lazy(2), BATCH, **SMALL),
        "wrap the world in gymnasium.wrappers.FlattenObservation",
    ),
    "reinforce, a class of one's own": (
        lambda: reinforce.train(BreakoutEnv(), lazy(3), BATCH, **SMALL),
        r"give many at once, such as gymnasium.vector.SyncVectorEnv\(\[BreakoutEnv\] \* 4\)",
    ),
    "reinforce, inputs": (
        lambda: reinforce.train(CART, networks.Network((), 5, 8, 2, generator=g()), BATCH, **SMALL),
        r"Observations have shape \(4, 4\) and dtype torch.float32, which the policy does not take: mat1",
    ),
    "reinforce, outputs": (
        lambda: reinforce.train(CART, nn.Linear(4, 3), BATCH, **SMALL),
        r"the policy makes numbers of shape \(4, 3\), but \(4, 2\) was expected",
    ),
    "reinforce, double": (
        lambda: reinforce.train(CART, nn.Linear(4, 2).double(), BATCH, **SMALL),
        "dtype torch.float32, which the policy does not take: .* Float and Double",
    ),
    "reinforce, a function": (lambda: reinforce.train(CART, shaky, BATCH, **SMALL), "The policy is a function"),
    "reinforce, value": (
        lambda: reinforce.train(CART, lazy(2), reinforce.Recipe(4, baseline="value"), value=nn.Linear(4, 3), **SMALL),
        r"the value network makes numbers of shape \(4, 3\), but \(4, 1\)",
    ),
    "reinforce, seed": (
        lambda: reinforce.train(CART, lazy(2), BATCH, updates=1, generator=0),
        "reinforce.train: generator is of type int, but a generator is needed: torch.Generator",
    ),
    "reinforce, actions": (
        lambda: reinforce.policy_loss(torch.zeros(2, 3, 2), torch.zeros(2, 3), torch.ones(2, 3), MASK),
        r"policy_loss was given .*actions float32 \(2, 3\), .* It takes .*actions: A_t as int64, shape \(..., N, T\)",
    ),
    "reinforce, arrays": (
        lambda: reinforce.returns(np.ones(3), np.ones(3, bool), 0.9),
        r"reinforce.returns: rewards is of type ndarray, but a tensor is needed: torch.as_tensor\(rewards\)",
    ),
    "policies": (
        lambda: policies.choose(torch.zeros(3).long(), generator=g()),
        r"outputs int64 \(3,\). It takes outputs",
    ),
    "policies, size": (
        lambda: policies.Gaussian(nn.Linear(3, 1), 2)(torch.zeros(4, 3)),
        r"policies.Gaussian.forward was given states float32 \(4, 3\). It is to: Return means",
    ),
    "ppo": (lambda: ppo.surrogate(torch.ones(3), torch.ones(4), 0.2), r"advantages float32 \(4,\), clip 0.2. It takes"),
    "ppo, recipe": (lambda: ppo.Recipe(clip="a"), "ppo.Recipe was given clip 'a'. It takes clip: ε"),
    "ppo, network": (
        lambda: ppo.train(CART, nn.Linear(4, 2), nn.Linear(5, 1), SEGMENT, **SMALL),
        "which the value network does not take",
    ),
    "dqn": (lambda: dqn.td_target(torch.zeros(3), torch.zeros(3), torch.zeros(3, 2), 0.9), "ended: whether .* bool"),
    "dqn, loss": (
        lambda: dqn.td_loss(torch.zeros(3, 2), torch.zeros(3).long(), torch.zeros(3), "abs"),
        "loss 'abs'. It takes .*loss: \"squared\"",
    ),
    "dqn, boxes": (
        lambda: dqn.train(gymnasium.make("Pendulum-v1"), lazy(1), updates=200, generator=g()),
        "discrete actions",
    ),
    "replay": (lambda: replay.empty_ring(np.zeros((3, 2)), 10), "states is of type ndarray"),
    "replay, capacity": (lambda: replay.empty_ring(torch.zeros(3, 2), -1), "capacity -1. It takes"),
    "rollouts": (lambda: rollouts.rollout(CART, lazy(2), 5, generator=g()), "shape 5. It takes .*shape: how many epis"),
    "a world": (lambda: CART.step(np.zeros((2, 4)), np.zeros(2)), "rollouts.World.step: states is of type ndarray"),
    "bandits": (lambda: bandits.pull(torch.zeros(4), 1, generator=g()), "bandits.pull: arms is of type int, but a"),
    "bandits, record": (lambda: bandits.sample_average(Q[0], Q[0], 4), r"arms: arms A_t as int64 in \[0, K\)"),
    "bandits, steps": (lambda: bandits.testbed(Q, 0.1, 10.0, generator=g()), "steps 10.0. It takes .*steps: number of"),
    "bandits, gradient": (lambda: bandits.gradient_bandit(Q.long(), 9, 0.1, generator=g()), r"q_star int64 \(6, 4\)"),
    "mdps": (lambda: mdps.evaluate(GRID, PI.numpy()), "mdps.evaluate: pi is of type ndarray"),
    "mdps, none": (lambda: mdps.sample_episodes(GRID, PI, 0, 4, generator=g()), "episodes 0, .* episodes: number N"),
    "mdps, tables": (lambda: mdps.MDP(*map(np.asarray, GRID._tensors())), "mdps.MDP: next_states is of type ndarray"),
    "mdps, γ": (lambda: mdps.MDP(*GRID._tensors(), gamma="a"), r"gamma 'a'. It takes .*gamma: discount γ in \[0, 1\]"),
    "planning": (lambda: planning.optimal_values(gymnasium.make("FrozenLake-v1")), "optimal_values was given mdp of"),
    "planning, ties": (
        lambda: planning.greedy_policy(Q, ties="random"),
        "ties is 'share' or 'first', but it is 'random'",
    ),
    "worlds": (lambda: worlds.from_table(*map(np.zeros, ((2, 1, 2), (2, 1), 2))), "transitions is of type ndarray"),
    "vae": (lambda: vae.VAE(2, hidden=400, generator=g()), "vae.VAE was given latents 2, hidden 400. It takes latents"),
    "vae, spread": (lambda: vae.VAE(2, likelihood="gaussian", x_std=-1.0, generator=g()), "x_std is positive, or None"),
    "vae, a method": (
        lambda: models()[0].encode(X.double()),
        r"different precisions \(itself float32, x float64\): make",
    ),
    "vae, a step": (
        lambda: vae.elbo_terms(models()[0], X[:, :9], generator=g()),
        r"x float32 \(20, 9\). It takes model",
    ),
    "layers": (
        lambda: layers.perceptron(3, generator=g()),
        "layers.perceptron was given widths 3. It is to: Return lin",
    ),
    "layers, lazy": (lambda: layers.build(lambda: lazy(2), generator=g()), "Lazy layers do not know yet"),
    "bounds": (
        lambda: bounds.importance_estimate(Q, Q[:, :3], Q),
        r"log_p_z float32 \(6, 3\), .* It takes log_p_x: log",
    ),
    "latent models": (
        lambda: latent_models.log_normal(0.5),
        "log_normal: value is of type float, but a tensor is need",
    ),
    "games": (lambda: GAME.legal([0, 1]), "games.Game.legal: states is of type list, but a tensor"),
    "alphazero": (
        lambda: alphazero.outcomes(torch.zeros(2, 3), torch.zeros(5)),
        r"winner float32 \(5,\). It takes movers: who moves",
    ),
    "tree search": (lambda: tree_search.visit_policy([3.0], 1.0), "visit_policy: visits is of type list, but a tensor"),
    "preferences": (
        lambda: preferences.bradley_terry_loss([1.0], [2.0]),
        "bradley_terry_loss: chosen is of type list, but",
    ),
    "words": (
        lambda: word_world.spell(Q),
        r"word_world.spell was given tokens float32 \(6, 4\). It is to: Return resp",
    ),
    "devices": (
        lambda: bounds.gaussian_kl(Q, Q.to("meta")),
        r"different devices \(z_mean cpu, z_log_std meta\): put all",
    ),
    "training": (
        lambda: training.fit(
            nn.Linear(36, 36), X.int(), None, epochs=1, batch_size=2, **{"learning_rate": 0.1, "generator": g()}
        ),
        "x holds int32",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_does_not_fit_is_one_sentence(kind):
    use, sentence = WRONG[kind]
    with pytest.raises(ValueError, match=sentence) as caught:
        use()
    assert "\n" not in str(caught.value) and str(caught.value).endswith((".", ")"))


def test_a_plain_environment_is_played_in_copies():
    env = gymnasium.make("CartPole-v1", max_episode_steps=7, render_mode="rgb_array")
    many = rollouts.vectorised(env, 5)
    assert many.num_envs == 5 and many.render_mode is None and rollouts.vectorised(many, 3) is many
    assert reinforce.train(env, lazy(2), BATCH, **SMALL).shape == (2,)
    assert reinforce.evaluate(env, nn.Linear(4, 2), 3, generator=g()) <= 7
    assert ppo.train(env, lazy(2), lazy(1), SEGMENT, **SMALL).history.shape == (2,)
    assert dqn.train(env, lazy(2), dqn.Recipe(games=2, copy_every=None), **SMALL).history.shape == (1,)


def test_lazy_layers_get_their_weights_before_a_batched_world_is_played():
    assert reinforce.train(CART, lazy(2), BATCH, **SMALL).shape == (2,)
    assert ppo.train(CART, lazy(2), lazy(1), SEGMENT, **SMALL).history.shape == (2,)
    assert dqn.train(CART, lazy(2), dqn.Recipe(games=2), updates=100, generator=g()).history.shape == (1,)


def test_an_action_may_be_a_tensor():
    env = BreakoutEnv()
    env.reset(seed=1)
    assert env.step(torch.tensor(1))[0].shape == env.observation_space.shape
    with pytest.raises(ValueError, match="An action is 0, 1 or 2"):
        env.step(torch.tensor([1, 2]))


def test_what_autograd_says_stays_as_it_is():
    policy = networks.Network((), 4, 8, 2, generator=g())
    with torch.inference_mode():
        barred = torch.ones(3, 4)
    with pytest.raises(RuntimeError, match="^Inference tensors cannot be saved for backward"):
        policy(barred)
    episodes = rollouts.rollout(CART, policy, (3,), generator=g())
    optimizer = torch.optim.SGD(policy.requires_grad_(False).parameters(), lr=0.1)
    with pytest.raises(RuntimeError, match="^element 0 of tensors does not require grad"):
        reinforce.update(policy, optimizer, episodes, episodes.rewards)


def test_an_error_in_the_callers_own_code_stays_as_it_is():
    with pytest.raises(RuntimeError, match="^my own mistake$"):
        bandits.run(Q, 3, choose=lambda values, counts: shaky(values), learn=bandits.update, generator=g())
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'generator'"):
        bandits.greedy(Q)
    with pytest.raises(TypeError, match="unexpected keyword argument 'seed'"):
        bandits.greedy(Q, seed=0)
