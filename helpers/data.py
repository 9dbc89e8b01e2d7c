"""Images to learn from, as one tensor: the digits that come with the course, without network.

Images are float32 in [0, 1], 0 for the background, one row of 784 pixels for each image of 28 × 28; labels are int64.
"""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

BUNDLED = Path(__file__).parent / "bundled"
DIGITS_SHA256 = "f5c5d9d75a48e7ea9a81b7ff155b21051e8b9511eab90f5078cf59216e4d0a8f"


class Split(NamedTuple):
    """Training and test images, `x_train` (N, 784) and `x_test` (M, 784), with labels `y_train` (N,), `y_test` (M,)."""

    x_train: Tensor
    y_train: Tensor
    x_test: Tensor
    y_test: Tensor


def digits(*, device: torch.device | str = "cpu") -> Split:
    """Return the bundled 10,000 MNIST digits, 8000 to train and 2000 to test.

    The split is fixed and stratified: sorted by class, every fifth image is for the test. Within each part the order is
    by class, so shuffle before you take batches.

    Args:
        device: where the tensors are to live.

    Raises:
        FileNotFoundError: if the file is not there.
        ValueError: if the file is not the one that came with the course.

    LeCun and Cortes (1998); see helpers/bundled/NOTICE.md.
    """
    with np.load(BytesIO(bundled("mnist10k.npz", DIGITS_SHA256))) as arrays:
        x = torch.from_numpy(arrays["x"]).to(device).float() / 255
        y = torch.from_numpy(arrays["y"]).to(device).long()
    is_test = torch.arange(len(y), device=y.device) % 5 == 4
    return Split(x[~is_test], y[~is_test], x[is_test], y[is_test])


def bundled(name: str, sha256: str) -> bytes:
    """Return a file of helpers/bundled, after comparing its checksum.

    Raises:
        FileNotFoundError: if it is not there.
        ValueError: if it is not the one that came with the course.
    """
    path = BUNDLED / name
    mend = f"Restore it with: git checkout -- helpers/bundled/{name}"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing. {mend}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"{path} is damaged: its checksum is not that of the file in the course. {mend}")
    return content
