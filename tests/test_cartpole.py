"""CartPole is gymnasium's, step by step and behind gymnasium's face."""

import subprocess
import sys

import gymnasium
import numpy as np
import pytest
import scipy.stats
import torch
from gymnasium.wrappers.vector import RecordEpisodeStatistics, TransformReward
from torch.utils._python_dispatch import TorchDispatchMode

from helpers import cartpole
from tests.samples import ROOT

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA"))]
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-6}


def random(seed: int = 0, device="cpu") -> torch.Generator:
    return torch.Generator(device).manual_seed(seed)


def likely(observation: np.ndarray, careless: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Balance the pole, but act at random with probability `careless`."""
    good = observation @ np.array([0.1, 0.3, 3.0, 1.0]) > 0
    return np.where(rng.random(good.shape) < careless, rng.integers(0, 2, good.shape), good).astype(int)


@pytest.fixture(scope="module")
def played() -> dict[str, torch.Tensor]:
    """120 episodes of gymnasium.make("CartPole-v1"): S_t, A_t, S_{t+1}, ends, cuts and t + 1 of every step."""
    env, rng, record = gymnasium.make("CartPole-v1"), np.random.default_rng(0), []
    for episode in range(120):
        env.reset(seed=episode)
        steps, is_over = 0, False
        while not is_over:
            state = env.unwrapped.state
            action = int(likely(state, np.array([1, 0.7, 0.4, 0][episode % 4]), rng))
            _, reward, ended, cut, _ = env.step(action)
            steps, is_over = steps + 1, ended or cut
            assert reward == 1
            record.append((state, action, env.unwrapped.state, ended, cut, steps))
    names = ("states", "actions", "next_states", "ended", "cut", "steps")
    return {n: torch.from_numpy(np.array(part)) for n, part in zip(names, zip(*record, strict=True), strict=True)}


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_every_step_is_gymnasiums(played, dtype, device):
    data = {name: part.to(device) for name, part in played.items()}
    assert len(data["actions"]) > 12_000 and data["ended"].sum() > 60 and data["cut"].sum() > 20
    after = cartpole.step(data["states"].to(dtype), data["actions"])
    assert after.dtype == dtype and after.device == data["states"].device
    assert (after - data["next_states"]).abs().max() < TOLERANCE[dtype]
    place, angle = data["next_states"][:, 0].abs(), data["next_states"][:, 2].abs()
    clear = ((place - 2.4).abs() > TOLERANCE[dtype]) & ((angle - 12 * 2 * np.pi / 360).abs() > TOLERANCE[dtype])
    assert clear.double().mean() > 0.999
    assert cartpole.terminated(after)[clear].equal(data["ended"][clear])
    assert data["cut"].equal(data["steps"] == cartpole.MAX_STEPS)


def test_limits_are_on_both_sides_and_belong_to_the_episode():
    edges = torch.tensor([cartpole.MAX_X, 0, cartpole.MAX_THETA, 0], dtype=torch.float64)
    signs = torch.tensor([[1, 1, 1, 1], [-1, 1, 1, 1], [1, 1, -1, 1], [0, 0, 0, 0]])
    assert not cartpole.terminated(signs * edges).any()
    beyond = torch.tensor([[2.41, 0, 0, 0], [-2.41, 0, 0, 0], [0, 0, 0.2095, 0], [0, 0, -0.2095, 0], [0, 9, 0, -9]])
    assert cartpole.terminated(beyond).tolist() == [True] * 4 + [False]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_mirrored_world_moves_alike(dtype):
    states = torch.randn(1000, 4, generator=random(), dtype=dtype)
    actions = torch.randint(2, (1000,), generator=random(1))
    mirrored = cartpole.step(-states, 1 - actions)
    torch.testing.assert_close(mirrored, -cartpole.step(states, actions))


def test_any_batch_layout_and_kind_of_action_gives_the_same():
    states = cartpole.reset((3, 5), generator=random())
    actions = torch.randint(2, (3, 5), generator=random(1))
    before = states.clone()
    wanted = cartpole.step(states, actions)
    assert wanted.shape == (3, 5, 4) and states.equal(before)
    for others in (actions.bool(), actions.to(torch.uint8), actions.to(torch.int32)):
        assert cartpole.step(states, others).equal(wanted)
    torch.testing.assert_close(cartpole.step(states.contiguous(), actions), wanted, rtol=0, atol=1e-7)
    torch.testing.assert_close(cartpole.step(states[1, 2], actions[1, 2]), wanted[1, 2], rtol=0, atol=1e-7)
    assert cartpole.step(states[:0], actions[:0]).shape == (0, 5, 4)


def test_a_layout_of_blocks_lasts():
    states = cartpole.reset((7,), generator=random())
    assert states.stride() == (1, 7)
    assert cartpole.step(states, torch.ones(7, dtype=torch.bool)).stride() == (1, 7)


def test_a_step_is_few_operations():
    """What 16 environments cost is the number of operations: 11 that compute, and some that only look."""

    class Counter(TorchDispatchMode):
        names = []

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            self.names.append(function.overloadpacket.__name__)
            return function(*args, **(kwargs or {}))

    states, actions = cartpole.reset((16,), generator=random()), torch.ones(16, dtype=torch.int64)
    cartpole.step(states, actions)  # makes the constants
    with Counter() as counter:
        cartpole.step(states, actions)
    views = {"unbind", "movedim", "permute", "detach", "alias"}
    assert len([name for name in counter.names if name not in views]) <= 12, counter.names


def test_inside_and_outside_of_inference_mode():
    cartpole._constants.cache_clear()
    states, actions = cartpole.reset((4,), generator=random(), dtype=torch.float64), torch.tensor([0, 1, 1, 0])
    with torch.inference_mode():
        inside = cartpole.step(states, actions)
    assert cartpole.step(states, actions).equal(inside)
    assert torch.autograd.gradcheck(lambda s: cartpole.step(s, actions), states.clone().requires_grad_())


@pytest.mark.parametrize(
    ("states", "actions", "says"),
    [
        (torch.zeros(3, 5), torch.ones(3, dtype=torch.int64), "(3, 5) and (3,)"),
        (torch.zeros(3, 4), torch.ones(4, dtype=torch.int64), "(3, 4) and (4,)"),
        (torch.zeros(3, 4), torch.ones(3, 1, dtype=torch.int64), "(3, 4) and (3, 1)"),
        (torch.zeros(3, 4), torch.ones(3), "torch.float32 and torch.float32"),
        (torch.zeros(3, 4, dtype=torch.int64), torch.ones(3, dtype=torch.int64), "torch.int64 and torch.int64"),
    ],
)
def test_what_step_does_not_take(states, actions, says):
    with pytest.raises(ValueError) as error:
        cartpole.step(states, actions)
    assert says in str(error.value)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_episodes_start_uniformly(dtype, device):
    """Kolmogorov and Smirnov's test; false alarms once in 100,000 times."""
    states = cartpole.reset((2, 5000), generator=random(3, device), dtype=dtype)
    assert states.shape == (2, 5000, 4) and states.dtype == dtype and states.device.type == device
    assert states.abs().max() <= 0.05 and states.equal(
        cartpole.reset((2, 5000), generator=random(3, device), dtype=dtype)
    )
    for column in states.flatten(0, 1).unbind(-1):
        assert scipy.stats.kstest(column.cpu().double().numpy(), "uniform", args=(-0.05, 0.1)).pvalue > 1e-5 / 4
    assert torch.corrcoef(states.flatten(0, 1).T.double()).triu(1).abs().max() < 0.055  # 5.5 standard errors
    assert cartpole.reset((), generator=random(3, device)).shape == (4,)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_a_seed_gives_gymnasiums_own_episodes(dtype):
    """Whole runs, with ends, cuts and new starts; cut early, since rounding errors grow as the pole's lean does."""
    n, cut_at = 100, 40
    theirs = gymnasium.make_vec("CartPole-v1", n, vectorization_mode="vector_entry_point", max_episode_steps=cut_at)
    ours = cartpole.CartPoleVectorEnv(n, max_episode_steps=cut_at, dtype=dtype)
    rng, careless = np.random.default_rng(0), np.linspace(0, 1, n)
    observation, _ = theirs.reset(seed=5)
    mine, info = ours.reset(seed=5)
    ends = cuts = 0
    assert info == {}
    for _ in range(400):
        assert mine.dtype == np.float32 and mine.shape == (n, 4)
        np.testing.assert_allclose(mine, observation, rtol=0, atol=1e-6 if dtype == torch.float64 else 1e-3)
        actions = likely(observation, careless, rng)
        observation, *others, _ = theirs.step(actions)
        mine, *my_others, info = ours.step(actions)
        for my_other, other in zip(my_others, others, strict=True):
            assert my_other.dtype == other.dtype and (my_other == other).all()
        ends, cuts = ends + others[1].sum(), cuts + others[2].sum()
    assert ends > 300 and cuts > 300 and info == {}


def test_the_face_has_gymnasiums_spaces_and_metadata():
    theirs = gymnasium.make_vec("CartPole-v1", 3, vectorization_mode="vector_entry_point").unwrapped
    ours = cartpole.CartPoleVectorEnv(3)
    for name in ("single_observation_space", "single_action_space", "observation_space", "action_space", "num_envs"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert {name: theirs.metadata[name] for name in ours.metadata} == ours.metadata
    assert ours.max_episode_steps == theirs.max_episode_steps == 500


def test_observations_belong_to_their_reader_and_a_later_reset_goes_on_in_the_stream():
    envs, same = cartpole.CartPoleVectorEnv(3), cartpole.CartPoleVectorEnv(3)
    for each in (envs, same):
        each.reset(seed=0)
    actions = np.array([0, 1, 1])
    first = envs.step(actions)[0]
    same.step(actions)
    first[:] = 7
    assert (envs.step(actions)[0] == same.step(actions)[0]).all()
    again, _ = envs.reset()
    assert (again == same.reset()[0]).all() and (again != envs.reset(seed=0)[0]).any()
    wide, _ = envs.reset(seed=0, options={"low": 1.0, "high": 1.5})
    assert (wide >= 1).all() and (wide <= 1.5).all()


def test_gymnasiums_wrappers_fit():
    envs = RecordEpisodeStatistics(TransformReward(cartpole.CartPoleVectorEnv(8), lambda rewards: 2 * rewards))
    envs.reset(seed=0)
    seen = []
    for _ in range(200):
        _, _, ended, cut, info = envs.step(np.ones(8, dtype=int))
        if "episode" in info:
            over = ended | cut
            assert (2 * info["episode"]["l"][over] == info["episode"]["r"][over]).all()
            seen += info["episode"]["l"][over].tolist()
    assert len(seen) > 100 and {8, 9, 10} <= set(seen) <= set(range(7, 13))  # always to the right falls soon


def test_what_the_face_does_not_take():
    with pytest.raises(ValueError, match="num_envs must be at least 1, but it is 0"):
        cartpole.CartPoleVectorEnv(0)
    with pytest.raises(ValueError, match="but it is 'human'"):
        cartpole.CartPoleVectorEnv(1, render_mode="human")
    envs = cartpole.CartPoleVectorEnv(2)
    with pytest.raises(ValueError, match="call reset first"):
        envs.step(np.array([0, 1]))
    with pytest.raises(ValueError, match='without render_mode="rgb_array"'):
        envs.render()
    envs.reset(seed=0)
    with pytest.raises(ValueError, match="the shapes are"):
        envs.step(np.array([0, 1, 1]))
    with pytest.raises(ValueError, match="torch.float64 and torch.float64"):
        envs.step(np.array([0.0, 1.0]))


def test_pictures_are_gymnasiums():
    env = gymnasium.make("CartPole-v1", render_mode="rgb_array")
    env.reset(seed=0)
    states, pictures = [], []
    for _ in range(7):
        states.append(env.unwrapped.state)
        pictures.append(env.render())
        env.step(1)
    drawn = cartpole.frames(torch.from_numpy(np.array(states)), every=3)
    assert len(drawn) == 3
    for picture, wanted in zip(drawn, pictures[::3], strict=True):
        assert picture.dtype == np.uint8 and picture.shape == (400, 600, 3) and (picture == wanted).all()
    assert (drawn[0] != drawn[2]).any()
    envs = cartpole.CartPoleVectorEnv(2, render_mode="rgb_array")
    envs.reset(seed=0)
    left, right = envs.render()
    assert left.shape == (400, 600, 3) and (left != right).any()


def test_pictures_need_no_screen_and_say_nothing():
    code = "import torch; from helpers import cartpole; print(len(cartpole.frames(torch.zeros(2, 4))))"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={"PATH": "", "HOME": "", "SYSTEMROOT": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "2\n", "")


def test_what_frames_does_not_take():
    with pytest.raises(ValueError, match=r"the shape is \(4,\)"):
        cartpole.frames(torch.zeros(4))
    with pytest.raises(ValueError, match="every must be at least 1, but it is 0"):
        cartpole.frames(torch.zeros(2, 4), every=0)
