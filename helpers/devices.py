"""Choose where tensors live."""

import torch


def best() -> torch.device:
    """Return the accelerator of this machine if torch sees one, and otherwise the CPU."""
    if torch.accelerator.is_available():
        return torch.accelerator.current_accelerator()
    return torch.device("cpu")
