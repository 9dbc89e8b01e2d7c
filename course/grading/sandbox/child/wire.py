"""Messages between the grader and the processes that it does not trust: a length, then JSON, and never a pickle."""

import json
import select
import socket
import struct
import time

LARGEST = 64 * 2**20  # bytes of one message
MOST_PARTS = 10**6  # lists and objects in one message: each takes far more memory than its brackets
MOST_VALUES = 3 * 10**6  # and so does what stands in them
ENDED, KILLED = b"ended", b"killed"  # a keeper's last word: its process has ended as it may, or somebody else ended it


class Broken(Exception):
    """The other side closed, or sent what is no message."""


class Late(Exception):
    """No whole message came in time."""


class Wire:
    """One end of a stream socket."""

    __slots__ = ("_held", "end")  # so that nothing can be put over a method of one

    def __init__(self, end: socket.socket):
        self.end = end
        self._held = bytearray()

    def fileno(self) -> int:
        return self.end.fileno()

    def close(self) -> None:
        self.end.close()

    def send(self, message: dict, seconds: float | None = None) -> None:
        """Send one message.

        Raises:
            Broken: if the other side is gone, or does not read within the seconds.
        """
        body = json.dumps(message).encode()
        try:
            self.end.settimeout(seconds)
            self.end.sendall(struct.pack("!I", len(body)) + body)
        except OSError:
            raise Broken from None

    def receive(self, seconds: float | None = None, largest: int = LARGEST, also: socket.socket | None = None) -> dict:
        """Wait for one message.

        Args:
            seconds: how long; None means for ever.
            largest: bytes of the largest message that is taken.
            also: a socket that tells, by becoming readable, that the other side is dead.

        Raises:
            Broken: if the other side is gone, or its message is malformed or too large.
            Late: if no whole message came within the seconds; the next call goes on where this one stopped.
        """
        end = None if seconds is None else time.monotonic() + seconds
        watched = [self.end] if also is None else [self.end, also]
        while True:
            message = self._whole(largest)
            if message is not None:
                return message
            left = None if end is None else max(end - time.monotonic(), 0)
            ready = select.select(watched, [], [], left)[0]
            if self.end in ready and left != 0:
                self._read()
            elif ready and left != 0:
                raise Broken
            else:
                raise Late

    def _read(self) -> None:
        self.end.settimeout(None)
        try:
            piece = self.end.recv(1 << 20)
        except OSError:
            raise Broken from None
        if not piece:
            raise Broken
        self._held += piece

    def _whole(self, largest: int) -> dict | None:
        """Take one message out of what has come, if it is whole."""
        if len(self._held) < 4:
            return None
        size = struct.unpack("!I", self._held[:4])[0]
        if size > largest:
            raise Broken
        if len(self._held) < 4 + size:
            return None
        body = bytes(self._held[4 : 4 + size])
        del self._held[: 4 + size]
        if body.count(b"{") + body.count(b"[") > MOST_PARTS or body.count(b",") > MOST_VALUES:
            raise Broken
        try:
            message = json.loads(body)
            message = _encodable(message) if b"\\ud" in body.lower() else message
        except (ValueError, RecursionError):
            raise Broken from None
        if not isinstance(message, dict):
            raise Broken
        return message


def _encodable(value):
    """Return data whose texts can all be written as UTF-8: half of a pair becomes a question mark."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_encodable(entry) for entry in value]
    if isinstance(value, dict):
        return {_encodable(key): _encodable(entry) for key, entry in value.items()}
    return value
