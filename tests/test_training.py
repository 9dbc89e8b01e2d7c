"""Tests of helpers/training.py: a device that computes, and checkpoints that come back or are named as damaged.

The loop is tested with what it trains, in test_autoencoders.py and test_vae.py.
"""

import pytest
import torch

from helpers import training

STATE = {
    "weights": {"a": torch.randn(3, 4, generator=torch.Generator().manual_seed(0)), "b": torch.arange(3)},
    "list": [torch.tensor(1.5), torch.tensor(-2.0)],
    "number": 3,
    "rate": 0.5,
    "text": "γ",
    "nothing": None,
}


def test_the_best_device_computes():
    assert torch.ones(3, device=training.best_device()).sum().item() == 3
    assert training.best_device().type == "cpu" or torch.accelerator.is_available()


def test_what_is_written_comes_back(tmp_path):
    path = tmp_path / "new" / "folder" / "state.pt"
    training.save_state(path, STATE)
    state = training.load_state(path)
    assert torch.equal(state["weights"]["a"], STATE["weights"]["a"]) and torch.equal(
        state["weights"]["b"], torch.arange(3)
    )
    assert state["list"] == STATE["list"]
    assert {name: state[name] for name in ("number", "rate", "text", "nothing")} == {
        name: STATE[name] for name in ("number", "rate", "text", "nothing")
    }
    assert [file.name for file in path.parent.iterdir()] == ["state.pt"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "state.pt"
    training.save_state(path, {"step": 1})
    with pytest.raises(ValueError, match="training.save_state was given path of .*, state of dict"):
        training.save_state(path, {"step": 2, "bad": lambda: None})
    assert training.load_state(path) == {"step": 1}
    training.save_state(path, {"step": 3})
    assert training.load_state(path) == {"step": 3}


def test_no_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no checkpoint .*state.pt"):
        training.load_state(tmp_path / "state.pt")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.99])
def test_a_file_cut_short_is_named(tmp_path, share):
    path = tmp_path / "state.pt"
    training.save_state(path, STATE)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match="Remove it to start anew"):
        training.load_state(path)


@pytest.mark.parametrize(
    "content", [b"hello, world\n", b"\x80\x02}q\x00.", b"{}", b"PK\x03\x04" + bytes(100), bytes(50)]
)
def test_another_file_is_named(tmp_path, content):
    path = tmp_path / "state.pt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="Remove it to start anew"):
        training.load_state(path)


def test_rubbish_is_named(tmp_path):
    path, generator = tmp_path / "state.pt", torch.Generator().manual_seed(0)
    for _ in range(100):
        path.write_bytes(torch.randint(256, (300,), generator=generator, dtype=torch.uint8).numpy().tobytes())
        with pytest.raises(ValueError, match="Remove it to start anew"):
            training.load_state(path)


def test_a_flipped_byte_is_named_or_does_no_harm(tmp_path):
    path, generator = tmp_path / "state.pt", torch.Generator().manual_seed(1)
    training.save_state(path, STATE)
    whole = path.read_bytes()
    for place in torch.randint(len(whole), (150,), generator=generator).tolist():
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            state = training.load_state(path)
        except ValueError:
            continue
        assert torch.equal(state["weights"]["a"], STATE["weights"]["a"])


def test_other_objects_are_refused(tmp_path):
    path = tmp_path / "state.pt"
    torch.save([1, 2], path)
    with pytest.raises(ValueError, match="Remove it to start anew"):
        training.load_state(path)


class Malicious:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return (open, (str(self.target), "w"))


def test_nothing_in_a_file_is_executed(tmp_path):
    path, target = tmp_path / "state.pt", tmp_path / "executed"
    torch.save({"state": Malicious(target)}, path)
    with pytest.raises(ValueError, match="Remove it to start anew"):
        training.load_state(path)
    assert not target.exists()


def test_a_training_goes_on_only_with_its_own_parts(tmp_path):
    path, generator = tmp_path / "state.pt", torch.Generator().manual_seed(1)
    parts = {"policy": torch.nn.Linear(2, 3), "value": torch.nn.Linear(2, 1)}
    training.save(path, {"rate": 0.1}, parts, generator, [1, 2])
    drawn = torch.rand(3, generator=generator)
    fresh = {"policy": torch.nn.Linear(2, 3), "value": torch.nn.Linear(2, 1)}
    assert training.resume(path, {"rate": 0.1}, fresh, generator) == [1, 2]
    assert all(torch.equal(fresh[name].weight, parts[name].weight) for name in parts)
    assert torch.equal(torch.rand(3, generator=generator), drawn)
    with pytest.raises(ValueError, match="state.pt is a checkpoint of a training with other networks. Name another"):
        training.resume(path, {"rate": 0.1}, {"policy": fresh["policy"]}, generator)
    with pytest.raises(ValueError, match="a training with rate = 0.1, but now it is 0.2. Name another file"):
        training.resume(path, {"rate": 0.2}, parts, generator)
