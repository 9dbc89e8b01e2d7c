"""Tests of helpers/data.py."""

import pytest
import torch

from helpers import data


def test_digits_are_8000_and_2000_grey_images():
    split = data.digits()
    assert split.x_train.shape == (8000, 784) and split.x_test.shape == (2000, 784)
    assert split.x_train.dtype == torch.float32 and split.y_train.dtype == torch.int64
    assert split.x_train.min() == 0 and split.x_train.max() == 1


def test_the_split_is_stratified_and_shares_no_image():
    split = data.digits()
    counts = torch.tensor([1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978])
    train, test = torch.bincount(split.y_train), torch.bincount(split.y_test)
    assert (train + test).tolist() == counts.tolist()
    assert ((test - counts / 5).abs() < 1).all()
    assert len(torch.unique(torch.cat([split.x_train, split.x_test]), dim=0)) == 10_000


def test_a_damaged_or_missing_file_is_named(tmp_path, monkeypatch):
    whole = (data.BUNDLED / "mnist10k.npz").read_bytes()
    monkeypatch.setattr(data, "BUNDLED", tmp_path)
    with pytest.raises(FileNotFoundError, match="mnist10k.npz is missing. Restore it with: git checkout"):
        data.digits()
    (tmp_path / "mnist10k.npz").write_bytes(whole[:-1])
    with pytest.raises(ValueError, match="mnist10k.npz is damaged"):
        data.digits()
