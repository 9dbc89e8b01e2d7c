"""Fetch files from the network once, and hold them to their published checksums.

A file has its final name only when it is whole and right; what came before an interruption waits beside it, with the
ending .partial, and the next call goes on from there. A file that is there is read, never fetched again: if it is
damaged, that is said, and removing it is left to its owner.
"""

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from helpers import files

BLOCK = 1 << 16
TIMEOUT = 20  # seconds without an answer


class Remote(NamedTuple):
    """A file on the network: its name, its MD5 sum as published with it, and its size in bytes."""

    name: str
    md5: str
    size: int


def cache_folder() -> Path:
    """Return where downloads are kept: $BANDITS_TO_VAE_CACHE, or a folder of that name in the user's cache folder."""
    if own := os.environ.get("BANDITS_TO_VAE_CACHE"):
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bandits-to-vae"


def fetch(
    remote: Remote,
    mirrors: Sequence[str],
    folder: Path,
    *,
    report: Callable[[str, int, int], None] | None = None,
) -> bytes:
    """Return a file's content, from the folder if it is there, and otherwise from the first mirror that has it.

    Args:
        remote: which file, and how to know that it is right.
        mirrors: addresses that, with a slash and the name, give the file; tried in turn.
        folder: where it is kept.
        report: called as data arrives with the name, the bytes so far, and the size.

    Raises:
        ValueError: if the file in the folder is damaged.
        ConnectionError: if no mirror gave the right file; what arrived in part is kept to go on from.
    """
    path = folder / remote.name
    if path.exists():
        content = path.read_bytes()
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != remote.md5:
            raise ValueError(f"{path} is damaged: its checksum is not the published one. Remove it to fetch it again.")
        return content
    folder.mkdir(parents=True, exist_ok=True)
    problems = []
    for mirror in mirrors:
        address = f"{mirror}/{remote.name}"
        try:
            content = _download(address, files.partial(path), remote, report)
        except (OSError, http.client.HTTPException, _Wrong) as problem:
            problems.append(f"{address} ({_reason(problem)})")
        else:
            files.finish(path)
            return content
    raise ConnectionError(
        f"{remote.name} could not be fetched: {'; '.join(problems)}. Connect to the network and run this again, "
        f"or put the file into {folder} yourself."
    )


class _Wrong(Exception):
    """What a mirror gave is not the file."""


def _download(address: str, partial: Path, remote: Remote, report: Callable | None) -> bytes:
    """Fetch what is missing behind the partial file; remove it if the whole is not the right file."""
    done = partial.stat().st_size if partial.exists() else 0
    if done < remote.size:
        headers = {"User-Agent": "bandits-to-vae"} | ({"Range": f"bytes={done}-"} if done else {})
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=TIMEOUT) as answer:
            resumes = answer.status == 206
            if resumes and not answer.headers.get("Content-Range", "").startswith(f"bytes {done}-"):
                raise _Wrong("it sent another part than the one asked for")
            with open(partial, "ab" if resumes else "wb") as file:
                _copy(answer, file, done if resumes else 0, remote, report)
    content = partial.read_bytes()
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != remote.md5:
        partial.unlink()
        raise _Wrong(f"its checksum is not {remote.md5}; nothing of it was kept")
    return content


def _copy(answer, file, done: int, remote: Remote, report: Callable | None) -> None:
    while block := answer.read(BLOCK):
        file.write(block)
        done += len(block)
        if report is not None:
            report(remote.name, done, remote.size)
        if done > remote.size:
            break
    if done < remote.size:
        raise _Wrong(f"it ended after {done:,} of {remote.size:,} bytes")


def _reason(problem: Exception) -> str:
    if isinstance(problem, urllib.error.HTTPError):
        return f"status {problem.code}"
    if isinstance(problem, urllib.error.URLError):
        return f"no connection: {getattr(problem.reason, 'strerror', None) or problem.reason}"
    return str(problem) or type(problem).__name__
