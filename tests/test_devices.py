"""The device that a lesson offers is one that can compute."""

import torch

from helpers import devices


def test_the_best_device_computes():
    assert torch.ones(3, device=devices.best()).sum().item() == 3
    assert devices.best().type == "cpu" or torch.accelerator.is_available()
