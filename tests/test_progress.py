"""A bar shows by itself where somebody looks on, and nowhere else."""

import inspect
from types import SimpleNamespace

import gymnasium
import pytest
import torch
from jupyter_client.manager import start_new_kernel

from helpers import autoencoders, dqn, ppo, progress, reinforce, vae
from helpers.breakout import BreakoutEnv

TRAININGS = [autoencoders.train, dqn.train, ppo.train, reinforce.solve, vae.train]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def watched(monkeypatch):
    monkeypatch.setattr(progress, "is_watched", lambda: True)
    monkeypatch.setattr(progress, "DELAY", 0)


def train_vae(**options):
    x = torch.rand(20, 9, generator=seeded())
    model = vae.VAE(2, hidden=(4,), pixels=9, generator=seeded())
    return vae.train(model, x, epochs=3, generator=seeded(), **options)


def test_a_training_names_its_numbers(watched, capsys):
    history = train_vae()
    shown = capsys.readouterr().err
    assert "VAE: 100%" in shown and "3/3" in shown
    assert f"reconstruction={history[-1, 0]:.3g} nats, latent={history[-1, 1]:.3g} nats]" in shown


def test_agents_show_their_mean_return(watched, capsys):
    g = seeded()
    policy, value = (torch.nn.Sequential(torch.nn.Flatten(), torch.nn.LazyLinear(size)) for size in (3, 1))
    envs = gymnasium.vector.SyncVectorEnv([BreakoutEnv] * 2)
    ppo.train(envs, policy, value, ppo.Recipe(games=2, steps=8), updates=2, generator=g)
    dqn.train(envs, policy, dqn.Recipe(games=2, copy_every=None), updates=2, generator=g)
    reinforce.train(envs, policy, reinforce.Recipe(episodes=2), updates=2, generator=g)
    shown = capsys.readouterr().err
    assert all(f"{name}: 100%" in shown for name in ("PPO", "DQN", "REINFORCE")) and "mean return=" in shown


def test_the_same_is_learned_with_a_bar_a_report_or_in_silence(monkeypatch, capsys):
    silent = train_vae()
    told = []
    assert train_vae(report=lambda number, terms: told.append((number, terms.tolist()))).equal(silent)
    assert [number for number, _ in told] == [1, 2, 3] and capsys.readouterr() == ("", "")
    monkeypatch.setattr(progress, "is_watched", lambda: True)
    assert train_vae().equal(silent) and capsys.readouterr() == ("", "")  # it was over within two seconds


def test_a_report_of_ones_own_takes_the_place_of_the_bar(watched, capsys):
    train_vae(report=lambda number, terms: None)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("train", TRAININGS, ids=lambda train: train.__module__)
def test_a_decorated_training_keeps_its_signature(train):
    assert "generator" in inspect.signature(train).parameters and train.__doc__


def test_a_terminal_is_watched_and_a_file_is_not(monkeypatch):
    for is_terminal in (True, False):
        monkeypatch.setattr("sys.stderr", SimpleNamespace(isatty=lambda answer=is_terminal: answer))
        assert progress.is_watched() is is_terminal
    monkeypatch.setattr("sys.stderr", None)
    assert not progress.is_watched()


def test_a_notebook_is_watched_where_it_may_ask_for_input():
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        code = "from helpers import progress; print(progress.is_watched())"
        for asks in (True, False):
            said = []
            client.execute_interactive(
                code, allow_stdin=asks, timeout=60, output_hook=lambda message, said=said: said.append(message)
            )
            assert [m["content"]["text"].strip() for m in said if m["msg_type"] == "stream"] == [str(asks)]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
