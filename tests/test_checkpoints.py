"""A checkpoint is whole or not there, comes back bit for bit, and can run nothing."""

import os
import pickle

import pytest
import torch

from helpers import checkpoints


def test_everything_comes_back_bit_for_bit(tmp_path):
    state = {
        "tensors": {"float": torch.randn(3, 4), "double": torch.rand(2).double(), "whole": torch.arange(5)},
        "numbers": [1, 2.5, True, None],
        "name": "a name",
        "generator": torch.Generator().manual_seed(3).get_state(),
    }
    path = tmp_path / "folder" / "of its own" / "state.pt"
    checkpoints.save(path, state)
    back = checkpoints.load(path)
    for name, tensor in state["tensors"].items():
        assert back["tensors"][name].dtype == tensor.dtype and back["tensors"][name].equal(tensor)
    assert back["numbers"] == state["numbers"] and back["name"] == "a name"
    assert back["generator"].equal(state["generator"])
    assert [file.name for file in path.parent.iterdir()] == ["state.pt"]


def test_an_adam_comes_back(tmp_path):
    weight = torch.nn.Parameter(torch.ones(3))
    adam = torch.optim.Adam([weight])
    weight.sum().backward()
    adam.step()
    checkpoints.save(tmp_path / "adam.pt", adam.state_dict())
    back = torch.optim.Adam([weight])
    back.load_state_dict(checkpoints.load(tmp_path / "adam.pt"))
    assert back.state[weight]["exp_avg"].equal(adam.state[weight]["exp_avg"])


def test_an_interrupted_write_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "state.pt"
    checkpoints.save(path, {"epoch": 1})

    def torn(state, file):
        file.write(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", torn)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(path, {"epoch": 2})
    monkeypatch.undo()
    assert checkpoints.load(path) == {"epoch": 1}
    checkpoints.save(path, {"epoch": 3})
    assert checkpoints.load(path) == {"epoch": 3}


def test_a_missing_cut_or_foreign_file_is_named(tmp_path):
    path = tmp_path / "state.pt"
    with pytest.raises(FileNotFoundError, match="There is no checkpoint .*state.pt"):
        checkpoints.load(path)
    checkpoints.save(path, {"weights": torch.arange(1000.0)})
    whole = path.read_bytes()
    for wrong in (b"", b"not a checkpoint", whole[:-1], whole[: len(whole) // 2], pickle.dumps(3)):
        path.write_bytes(wrong)
        with pytest.raises(ValueError, match="state.pt is no checkpoint of .* Remove it to start anew"):
            checkpoints.load(path)
    torch.save([1, 2], path)
    with pytest.raises(ValueError, match="is no checkpoint"):
        checkpoints.load(path)


class Trap:
    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_nothing_in_a_file_is_executed(tmp_path):
    trap = Trap()
    trap.folder = str(tmp_path / "sprung")
    torch.save({"state": trap}, tmp_path / "trap.pt")
    with pytest.raises(ValueError, match="is no checkpoint"):
        checkpoints.load(tmp_path / "trap.pt")
    assert not (tmp_path / "sprung").exists()
