"""Images to learn from, as one tensor: digits that come with the course, and full MNIST and Fashion-MNIST on request.

Images are float32 in [0, 1], 0 for the background, one row of 784 pixels for each image of 28 × 28; labels are int64.
"""

import csv
import hashlib
from io import BytesIO, StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from helpers import downloads, given

BUNDLED = Path(__file__).parent / "bundled"
DIGITS_SHA256 = "f5c5d9d75a48e7ea9a81b7ff155b21051e8b9511eab90f5078cf59216e4d0a8f"


# In the order of Split: MD5 sums as published with the files, and those of what they hold.
MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)
MNIST_FILES = (
    downloads.Remote(
        "train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", "6bbc9ace898e44ae57da46a324031adb"
    ),
    downloads.Remote(
        "train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", "a25bea736e30d166cdddb491f175f624"
    ),
    downloads.Remote(
        "t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", "2646ac647ad5339dbf082846283269ea"
    ),
    downloads.Remote(
        "t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", "27ae3e4e09519cfbb04c329615203637"
    ),
)
FASHION_MIRRORS = (
    "https://fashion-mnist.s3.eu-central-1.amazonaws.com",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
)
FASHION_FILES = (
    downloads.Remote(
        "train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "f4a8712d7a061bf5bd6d2ca38dc4d50a"
    ),
    downloads.Remote(
        "train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe", "9018921c3c673c538a1fc5bad174d6f9"
    ),
    downloads.Remote(
        "t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79", "8181f5470baa50b63fa0f6fddb340f0a"
    ),
    downloads.Remote(
        "t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310", "15d484375f8d13e6eb1aabb0c3f46965"
    ),
)


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


def bundled_rows(name: str, sha256: str) -> list[dict[str, str]]:
    """Return the rows of a table of helpers/bundled, each by the names in its first line; errors as of `bundled`."""
    return list(csv.DictReader(StringIO(bundled(name, sha256).decode())))


def grouped(rows: list[dict[str, str]], column: str) -> dict[str, list[dict[str, str]]]:
    """Return the rows of a table by what stands in a column, in the order in which it first stands there."""
    found: dict[str, list] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


def mnist(
    *,
    folder: Path | None = None,
    device: torch.device | str = "cpu",
) -> Split:
    """Return all of MNIST, 60,000 digits to train and 10,000 to test; 12 MB come over the network the first time.

    Args:
        folder: where the files are kept; by default mnist/ in `downloads.cache_folder()`.
        device: where the tensors are to live.

    Raises:
        ConnectionError: if a file is neither in the folder nor to be had from the mirrors.
        ValueError: if a file in the folder is damaged.

    LeCun and Cortes (1998).
    """
    return _idx_split(MNIST_FILES, MNIST_MIRRORS, folder or downloads.cache_folder() / "mnist", device)


def fashion_mnist(
    *,
    folder: Path | None = None,
    device: torch.device | str = "cpu",
) -> Split:
    """Return Fashion-MNIST, 60,000 and 10,000 pictures of clothes of ten kinds; 31 MB; all else as for `mnist`.

    Xiao, Rasul and Vollgraf (2017).
    """
    return _idx_split(FASHION_FILES, FASHION_MIRRORS, folder or downloads.cache_folder() / "fashion-mnist", device)


def _idx_split(files, mirrors, folder: Path, device: torch.device | str) -> Split:
    raw = [downloads.fetch(remote, mirrors, folder) for remote in files]
    x_train, y_train, x_test, y_test = (torch.from_numpy(read_idx(content)).to(device) for content in raw)
    return Split(*(x.flatten(1).float() / 255 if x.dim() > 1 else x.long() for x in (x_train, y_train, x_test, y_test)))


def read_idx(content: bytes) -> np.ndarray:
    """Read MNIST's format: two zero bytes, 8 for uint8, number of axes, their lengths, the values.

    Raises:
        ValueError: if it is not in that format, or too short or long.
    """
    axes = content[3] if content[:3] == b"\0\0\x08" and len(content) > 3 else 0
    lengths = np.frombuffer(content[4 : 4 + 4 * axes], ">u4").astype(int) if len(content) >= 4 + 4 * axes else []
    if not axes or len(lengths) != axes or len(content) != 4 + 4 * axes + lengths.prod():
        raise ValueError("This is no idx file of bytes, or not as long as it says.")
    return np.frombuffer(bytearray(content[4 + 4 * axes :]), np.uint8).reshape(lengths)


given.explain(__name__)
