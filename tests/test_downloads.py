"""Downloads from a server of our own: whole, broken off, wrong, or not there. Nothing leaves this machine."""

import gzip
import hashlib
import http.server
import socket
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import data, downloads

CONTENT = bytes(range(256)) * 2000
PACKED = gzip.compress(CONTENT, mtime=1)
DEBIAN = Path("/usr/share/datasets/fashion-mnist")


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `files` by their whole path; `cut` bytes into an answer it hangs up."""

    def do_GET(self):
        shop = self.server
        shop.requests.append(self.path)
        content = shop.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: shop.cut])

    def log_message(self, *_):
        pass


@pytest.fixture
def shop():
    """A server on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.requests, server.cut = {"/file.gz": PACKED}, [], None
    server.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def closed() -> str:
    """An address at which nobody answers."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{door.getsockname()[1]}"


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def remote(packed: bytes = PACKED, name: str = "file.gz") -> downloads.Remote:
    return downloads.Remote(name, md5(packed), md5(gzip.decompress(packed)))


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_fetched_once_and_in_silence(shop, tmp_path, capfd):
    for _ in range(3):
        assert downloads.fetch(remote(), [shop.address], tmp_path / "new") == CONTENT
    assert shop.requests == ["/file.gz"] and names(tmp_path / "new") == ["file.gz"]
    assert capfd.readouterr() == ("", "")


def test_who_looks_on_sees_how_far_it_is(shop, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr("helpers.progress.is_watched", lambda: True)
    downloads.fetch(remote(), [shop.address], tmp_path)
    assert "file.gz: 100%" in capfd.readouterr().err


def test_of_a_download_that_breaks_off_nothing_is_kept(shop, tmp_path):
    shop.cut = 1000
    with pytest.raises(ConnectionError, match="file.gz could not be fetched: .*broke off"):
        downloads.fetch(remote(), [shop.address], tmp_path)
    assert names(tmp_path) == []
    shop.cut = None
    assert downloads.fetch(remote(), [shop.address], tmp_path) == CONTENT


def test_the_next_mirror_is_tried(shop, tmp_path, closed):
    mirrors = [closed, shop.address + "/other", shop.address]
    assert downloads.fetch(remote(), mirrors, tmp_path) == CONTENT
    assert shop.requests == ["/other/file.gz", "/file.gz"]


OTHER = gzip.compress(b"other", mtime=0)


@pytest.mark.parametrize("wrong", [PACKED[:-1] + b"?", PACKED + b"more", PACKED[::-1], OTHER])
def test_a_wrong_file_is_refused_and_not_kept(shop, tmp_path, wrong):
    shop.files["/file.gz"] = wrong
    with pytest.raises(ConnectionError, match="its checksum is not .* nothing of it was kept"):
        downloads.fetch(remote(), [shop.address], tmp_path)
    assert names(tmp_path) == []


def test_a_missing_file_and_no_network_are_said_in_one_sentence(shop, tmp_path, closed):
    with pytest.raises(ConnectionError) as caught:
        downloads.fetch(remote(name="other.gz"), [shop.address, closed], tmp_path)
    text = str(caught.value)
    assert "other.gz could not be fetched" in text and "status 404" in text and "no connection" in text
    assert "Connect to the network and run this again" in text and "\n" not in text


@pytest.mark.parametrize("wrong", [b"", PACKED[:-9], PACKED[:-1] + b"?", gzip.compress(CONTENT[:-1], mtime=0), CONTENT])
def test_a_damaged_file_is_never_fetched_anew(shop, tmp_path, wrong):
    (tmp_path / "file.gz").write_bytes(wrong)
    with pytest.raises(ValueError, match=r"file.gz is damaged: .*\. Remove it to fetch it again\."):
        downloads.fetch(remote(), [shop.address], tmp_path)
    assert shop.requests == [] and (tmp_path / "file.gz").read_bytes() == wrong


def test_the_same_data_packed_by_somebody_else_are_right(tmp_path, closed):
    (tmp_path / "file.gz").write_bytes(gzip.compress(CONTENT, compresslevel=1, mtime=2))
    assert downloads.fetch(remote(), [closed], tmp_path) == CONTENT


def test_the_cache_folder_is_the_learners_choice(monkeypatch, tmp_path):
    monkeypatch.setenv("BANDITS_TO_VAE_CACHE", str(tmp_path / "own"))
    assert downloads.cache_folder() == tmp_path / "own"
    monkeypatch.delenv("BANDITS_TO_VAE_CACHE")
    assert downloads.cache_folder().name == "bandits-to-vae"


def idx(array: np.ndarray) -> bytes:
    return b"\0\0\x08" + bytes([array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


SECOND = {  # where the second mirror of each has its files
    "mnist": "storage.googleapis.com/cvdf-datasets/mnist",
    "fashion_mnist": "raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
}


@pytest.mark.parametrize("name", SECOND)
def test_a_data_set_is_fetched_from_its_mirrors_and_read(shop, tmp_path, monkeypatch, name):
    """The first mirror has nothing; both are asked at their own paths, only the host is this machine."""
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 256, (n, 28, 28) if i % 2 == 0 else (n,), np.uint8) for i, n in enumerate((6, 6, 3, 3))]
    prefix = "MNIST" if name == "mnist" else "FASHION"
    originals, mirrors = getattr(data, f"{prefix}_FILES"), getattr(data, f"{prefix}_MIRRORS")
    packed = {file.name: gzip.compress(idx(array)) for file, array in zip(originals, arrays, strict=True)}
    shop.files = {f"/{SECOND[name]}/{file}": content for file, content in packed.items()}
    monkeypatch.setattr(data, f"{prefix}_FILES", tuple(remote(content, file) for file, content in packed.items()))
    here = tuple(mirror.replace("https://", f"{shop.address}/") for mirror in mirrors)
    monkeypatch.setattr(data, f"{prefix}_MIRRORS", here)
    monkeypatch.setenv("BANDITS_TO_VAE_CACHE", str(tmp_path))
    split = getattr(data, name)()
    assert split.x_train.shape == (6, 784) and split.x_test.shape == (3, 784) and split.x_train.dtype == torch.float32
    assert split.x_test.equal(torch.from_numpy(arrays[2].reshape(3, 784)) / 255)
    assert split.y_train.tolist() == arrays[1].tolist() and split.y_test.dtype == torch.int64
    assert names(tmp_path) == [name.replace("_", "-")]
    asked = [f"/{mirror.removeprefix('https://')}/{file}" for file in packed for mirror in mirrors]
    assert shop.requests == asked
    assert getattr(data, name)().x_train.equal(split.x_train) and shop.requests == asked


@pytest.mark.skipif(not DEBIAN.is_dir(), reason=f"needs {DEBIAN}, from Debian's dataset-fashion-mnist")
def test_debians_own_packing_of_fashion_mnist_is_right():
    split = data.fashion_mnist(folder=DEBIAN)
    assert split.x_train.shape == (60_000, 784) and split.y_test.bincount().tolist() == [1000] * 10


def test_the_published_files_are_eight_different_ones():
    files = [*data.MNIST_FILES, *data.FASHION_FILES]
    sums = {part for file in files for part in (file.md5, file.unpacked_md5)}
    assert len(sums) == 16 and all(len(bytes.fromhex(part)) == 16 for part in sums)
    assert all(mirror.startswith("https://") for mirror in (*data.MNIST_MIRRORS, *data.FASHION_MIRRORS))


def test_a_broken_idx_file_is_named():
    whole = idx(np.zeros((2, 3), np.uint8))
    assert data.read_idx(whole).shape == (2, 3)
    for content in (b"", b"text", whole[:3], whole[:9], whole[:-1], whole + b"\0", whole.replace(b"\x08", b"\x0d", 1)):
        with pytest.raises(ValueError, match="no idx file"):
            data.read_idx(content)
