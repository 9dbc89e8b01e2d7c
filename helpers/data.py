"""Images to learn from, as one tensor: digits that come with the course, and full MNIST and Fashion-MNIST on request.

Images are float32 in [0, 1], 0 for the background, one row of 784 pixels for each image of 28 × 28; labels are int64.
"""

import gzip
import hashlib
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from helpers import downloads

BUNDLED = Path(__file__).parent / "bundled"
DIGITS_SHA256 = "f5c5d9d75a48e7ea9a81b7ff155b21051e8b9511eab90f5078cf59216e4d0a8f"


# Sizes and MD5 sums as published with the files, in the order of Split.
MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)
MNIST_FILES = (
    downloads.Remote("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422),
    downloads.Remote("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", 28_881),
    downloads.Remote("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", 1_648_877),
    downloads.Remote("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", 4_542),
)
FASHION_MIRRORS = (
    "https://fashion-mnist.s3.eu-central-1.amazonaws.com",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
)
FASHION_FILES = (
    downloads.Remote("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880),
    downloads.Remote("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe", 29_515),
    downloads.Remote("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79", 4_422_102),
    downloads.Remote("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310", 5_148),
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


def show_bar(name: str, done: int, size: int) -> None:
    """Draw how much of a download has arrived, on one line of the output; the default `report` of `mnist`."""
    filled = min(30, 30 * done // size)
    line = f"\r{name:26} [{'#' * filled}{'.' * (30 - filled)}] {done / 1e6:.1f} of {size / 1e6:.1f} MB"
    print(line, end="\n" if done >= size else "", flush=True)


def mnist(
    *,
    folder: Path | None = None,
    device: torch.device | str = "cpu",
    report: Callable[[str, int, int], None] | None = show_bar,
) -> Split:
    """Return all of MNIST, 60,000 digits to train and 10,000 to test; 12 MB come over the network the first time.

    Args:
        folder: where the files are kept; by default mnist/ in `downloads.cache_folder()`.
        device: where the tensors are to live.
        report: called as data arrives with the file's name, the bytes so far, and its size; None for silence.

    Raises:
        ConnectionError: if a file is neither in the folder nor to be had from the mirrors.
        ValueError: if a file in the folder is damaged.

    LeCun and Cortes (1998).
    """
    return _idx_split(MNIST_FILES, MNIST_MIRRORS, folder or downloads.cache_folder() / "mnist", device, report)


def fashion_mnist(
    *,
    folder: Path | None = None,
    device: torch.device | str = "cpu",
    report: Callable[[str, int, int], None] | None = show_bar,
) -> Split:
    """Return Fashion-MNIST, 60,000 and 10,000 pictures of clothes of ten kinds; 31 MB; all else as for `mnist`.

    Xiao, Rasul and Vollgraf (2017).
    """
    return _idx_split(
        FASHION_FILES, FASHION_MIRRORS, folder or downloads.cache_folder() / "fashion-mnist", device, report
    )


def _idx_split(files, mirrors, folder: Path, device: torch.device | str, report: Callable | None) -> Split:
    raw = [downloads.fetch(remote, mirrors, Path(folder), report=report) for remote in files]
    x_train, y_train, x_test, y_test = (
        torch.from_numpy(read_idx(content, remote.name)).to(device) for content, remote in zip(raw, files, strict=True)
    )
    return Split(*(x.flatten(1).float() / 255 if x.dim() > 1 else x.long() for x in (x_train, y_train, x_test, y_test)))


def read_idx(content: bytes, name: str) -> np.ndarray:
    """Read a gzipped file in MNIST's format: two zero bytes, 8 for uint8, number of axes, their lengths, the values.

    Raises:
        ValueError: if it is not in that format, or too short or long.
    """
    try:
        values = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{name} is damaged: it does not unpack ({error}).") from None
    axes = values[3] if values[:3] == b"\0\0\x08" and len(values) > 3 else 0
    lengths = np.frombuffer(values[4 : 4 + 4 * axes], ">u4").astype(int) if len(values) >= 4 + 4 * axes else []
    if not axes or len(lengths) != axes or len(values) != 4 + 4 * axes + lengths.prod():
        raise ValueError(f"{name} is damaged: it is not an idx file of bytes, or not as long as it says.")
    return np.frombuffer(bytearray(values[4 + 4 * axes :]), np.uint8).reshape(lengths)
