"""Downloads from a server of our own: whole, interrupted, wrong, or not there. Nothing leaves this machine."""

import gzip
import hashlib
import http.server
import socket
import threading

import numpy as np
import pytest
import torch

from helpers import data, downloads

CONTENT = bytes(range(256)) * 2000


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `files` by name; `cut` bytes into an answer it hangs up, and `ranges` says whether it can resume."""

    def do_GET(self):
        shop = self.server
        shop.requests.append((self.path, self.headers.get("Range")))
        content = shop.files.get(self.path.rsplit("/", 1)[-1])
        if content is None:
            self.send_error(404)
            return
        start = 0
        if shop.ranges and (wanted := self.headers.get("Range")):
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start + shop.shift}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        part = content[start:]
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part[: shop.cut])

    def log_message(self, *_):
        pass


@pytest.fixture
def shop():
    """A server on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.requests, server.cut, server.ranges, server.shift = {"file.gz": CONTENT}, [], None, True, 0
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


def remote(content: bytes = CONTENT, name: str = "file.gz") -> downloads.Remote:
    return downloads.Remote(name, hashlib.md5(content).hexdigest(), len(content))


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_fetched_once(shop, tmp_path):
    seen = []
    for _ in range(3):
        got = downloads.fetch(remote(), [shop.address], tmp_path / "new", report=lambda *what: seen.append(what))
        assert got == CONTENT
    assert len(shop.requests) == 1 and names(tmp_path / "new") == ["file.gz"]
    assert seen[-1] == ("file.gz", len(CONTENT), len(CONTENT)) and len(seen) > 2
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


@pytest.mark.parametrize("ranges", [True, False])
def test_an_interrupted_download_goes_on(shop, tmp_path, ranges):
    shop.cut, shop.ranges = 200_000, ranges
    with pytest.raises(ConnectionError, match="file.gz could not be fetched: .*of 512,000 bytes"):
        downloads.fetch(remote(), [shop.address], tmp_path)
    assert names(tmp_path) == ["file.gz.partial"]
    begun = (tmp_path / "file.gz.partial").stat().st_size
    assert 0 < begun <= 200_000
    shop.cut = None
    assert downloads.fetch(remote(), [shop.address], tmp_path) == CONTENT
    assert shop.requests[-1][1] == f"bytes={begun}-" and names(tmp_path) == ["file.gz"]


def test_an_interruption_by_hand_keeps_what_came(shop, tmp_path):
    def stop(name, done, size):
        if done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        downloads.fetch(remote(), [shop.address], tmp_path, report=stop)
    assert names(tmp_path) == ["file.gz.partial"]
    assert downloads.fetch(remote(), [shop.address], tmp_path) == CONTENT
    assert int(shop.requests[-1][1].removeprefix("bytes=").rstrip("-")) > 100_000


def test_a_complete_partial_file_needs_no_network(tmp_path, closed):
    (tmp_path / "file.gz.partial").write_bytes(CONTENT)
    assert downloads.fetch(remote(), [closed], tmp_path) == CONTENT


def test_the_next_mirror_is_tried(shop, tmp_path, closed):
    assert downloads.fetch(remote(), [closed, shop.address + "/other", shop.address], tmp_path) == CONTENT
    assert shop.requests[0][0] == "/other/file.gz" and len(shop.requests) == 1  # the name is found in any folder


@pytest.mark.parametrize("wrong", [CONTENT[:-1] + b"?", CONTENT + b"more", CONTENT[::-1]])
def test_a_wrong_file_is_refused_and_not_kept(shop, tmp_path, wrong):
    shop.files["file.gz"] = wrong
    with pytest.raises(ConnectionError, match="its checksum is not .* nothing of it was kept"):
        downloads.fetch(remote(), [shop.address], tmp_path)
    assert names(tmp_path) == []


def test_a_wrong_beginning_is_refused_and_not_kept(shop, tmp_path):
    (tmp_path / "file.gz.partial").write_bytes(b"!" * 1000)
    with pytest.raises(ConnectionError, match="its checksum is not"):
        downloads.fetch(remote(), [shop.address], tmp_path)
    assert names(tmp_path) == []
    assert downloads.fetch(remote(), [shop.address], tmp_path) == CONTENT


def test_another_range_than_asked_for_is_refused(shop, tmp_path):
    (tmp_path / "file.gz.partial").write_bytes(CONTENT[:1000])
    shop.shift = 1
    with pytest.raises(ConnectionError, match="another part"):
        downloads.fetch(remote(), [shop.address], tmp_path)


def test_a_missing_file_and_no_network_are_said_in_one_sentence(shop, tmp_path, closed):
    with pytest.raises(ConnectionError) as caught:
        downloads.fetch(remote(name="other.gz"), [shop.address, closed], tmp_path)
    text = str(caught.value)
    assert (
        "other.gz could not be fetched" in text and "status 404" in text and "no connection: Connection refused" in text
    )
    assert "Connect to the network and run this again" in text and "\n" not in text


@pytest.mark.parametrize("wrong", [b"", CONTENT[:-1], CONTENT[:-1] + b"?"])
def test_a_damaged_file_is_never_fetched_anew(shop, tmp_path, wrong):
    (tmp_path / "file.gz").write_bytes(wrong)
    with pytest.raises(ValueError, match=r"file.gz is damaged: .* Remove it to fetch it again\."):
        downloads.fetch(remote(), [shop.address], tmp_path)
    assert shop.requests == [] and (tmp_path / "file.gz").read_bytes() == wrong


def test_the_cache_folder_is_the_learners_choice(monkeypatch, tmp_path):
    monkeypatch.setenv("BANDITS_TO_VAE_CACHE", str(tmp_path / "own"))
    assert downloads.cache_folder() == tmp_path / "own"
    monkeypatch.delenv("BANDITS_TO_VAE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert downloads.cache_folder() == tmp_path / "bandits-to-vae"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert downloads.cache_folder().parts[-2:] == (".cache", "bandits-to-vae")


def idx(array: np.ndarray) -> bytes:
    head = b"\0\0\x08" + bytes([array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(head + array.tobytes())


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_a_data_set_is_fetched_and_read(shop, tmp_path, monkeypatch, capsys, name):
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 256, (n, 28, 28) if i % 2 == 0 else (n,), np.uint8) for i, n in enumerate((6, 6, 3, 3))]
    prefix = name.removesuffix("mnist").rstrip("_").upper() or "MNIST"
    originals = getattr(data, f"{prefix}_FILES")
    files = [remote(idx(a), original.name) for a, original in zip(arrays, originals, strict=True)]
    shop.files = {file.name: idx(a) for file, a in zip(files, arrays, strict=True)}
    monkeypatch.setattr(data, f"{prefix}_FILES", tuple(files))
    monkeypatch.setattr(data, f"{prefix}_MIRRORS", (shop.address,))
    monkeypatch.setenv("BANDITS_TO_VAE_CACHE", str(tmp_path))
    split = getattr(data, name)()
    assert split.x_train.shape == (6, 784) and split.x_test.shape == (3, 784) and split.x_train.dtype == torch.float32
    assert split.x_test.equal(torch.from_numpy(arrays[2].reshape(3, 784)) / 255)
    assert split.y_train.tolist() == arrays[1].tolist() and split.y_test.dtype == torch.int64
    assert names(tmp_path) == [name.replace("_", "-")] and len(shop.requests) == 4
    shown = capsys.readouterr()
    assert "train-images-idx3-ubyte.gz [####" in shown.out and shown.err == ""
    assert getattr(data, name)(report=None).x_train.equal(split.x_train) and len(shop.requests) == 4
    assert capsys.readouterr().out == ""


def test_the_published_files_are_eight_different_ones():
    files = [*data.MNIST_FILES, *data.FASHION_FILES]
    assert len({file.md5 for file in files}) == len({file.size for file in files}) == 8
    assert all(len(bytes.fromhex(file.md5)) == 16 for file in files)
    assert all(mirror.startswith("https://") for mirror in (*data.MNIST_MIRRORS, *data.FASHION_MIRRORS))


def test_a_broken_idx_file_is_named():
    whole = idx(np.zeros((2, 3), np.uint8))
    assert data.read_idx(whole, "x.gz").shape == (2, 3)
    plain = gzip.decompress(whole)
    wrong = [whole[:-5], b"", b"text", *map(gzip.compress, (b"", plain[:3], plain[:9], plain[:-1], plain + b"\0"))]
    wrong += [gzip.compress(plain.replace(b"\x08", b"\x0d", 1)), whole[:12] + b"\xff" * 9 + whole[21:]]
    for content in wrong:
        with pytest.raises(ValueError, match="x.gz is damaged"):
            data.read_idx(content, "x.gz")
