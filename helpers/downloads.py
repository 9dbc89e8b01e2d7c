"""Fetch packed files from the network once, and hold what is in them to a checksum, whoever packed it.

A file that is there is read, never fetched again: if it is damaged, that is said, and removing it is left to its owner.
"""

import gzip
import hashlib
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pooch

from helpers import progress

TIMEOUT = 20  # seconds without an answer


class Remote(NamedTuple):
    """A gzipped file on the network: its name, the MD5 sum published with it, and that of what it holds unpacked."""

    name: str
    md5: str
    unpacked_md5: str


def cache_folder() -> Path:
    """Return where downloads are kept: $BANDITS_TO_VAE_CACHE, or a folder of that name in the user's cache folder."""
    own = os.environ.get("BANDITS_TO_VAE_CACHE")
    return Path(own).expanduser() if own else Path(pooch.os_cache("bandits-to-vae"))


def fetch(remote: Remote, mirrors: Sequence[str], folder: Path) -> bytes:
    """Return what a file holds unpacked, from the folder if it is there, otherwise from the first mirror that has it.

    Args:
        remote: which file, and how to know that it is right.
        mirrors: addresses that, with a slash and the name, give the file; tried in turn.
        folder: where it is kept.

    Raises:
        ValueError: if the file in the folder is damaged.
        ConnectionError: if no mirror gave the right file.
    """
    path = Path(folder) / remote.name
    if not path.exists():
        _download(remote, mirrors, path)
    try:
        content = gzip.decompress(path.read_bytes())
        problem = "its content is not the published one"
    except (OSError, EOFError, zlib.error) as error:
        content, problem = b"", f"it does not unpack ({error})"
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != remote.unpacked_md5:
        raise ValueError(f"{path} is damaged: {problem}. Remove it to fetch it again.")
    return content


def _download(remote: Remote, mirrors: Sequence[str], path: Path) -> None:
    """Fetch a file under its name; nothing of a wrong or broken one is kept."""
    pooch.get_logger().setLevel("WARNING")  # it would say which file it fetches: the bar does
    problems = []
    for mirror in mirrors:
        address, bar = f"{mirror}/{remote.name}", progress.bar(remote.name, total=1, unit="B", unit_scale=True, delay=0)
        try:
            get = pooch.HTTPDownloader(progressbar=bar, chunk_size=1 << 16, timeout=TIMEOUT)
            pooch.retrieve(address, f"md5:{remote.md5}", remote.name, path.parent, downloader=get)
            return
        except OSError as problem:  # all of requests are
            answer = getattr(problem, "response", None)
            reason = f"status {answer.status_code}" if answer is not None else "no connection, or one that broke off"
            problems.append(f"{address} ({reason})")
        except ValueError:
            problems.append(f"{address} (its checksum is not {remote.md5}; nothing of it was kept)")
        finally:
            bar.close()
    raise ConnectionError(
        f"{remote.name} could not be fetched: {'; '.join(problems)}. Connect to the network and run this again, "
        f"or put the file into {path.parent} yourself."
    )
