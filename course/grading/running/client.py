"""A client of kernels that misses no reply.

A cell with a widget makes nbclient send to the kernel while it waits for the kernel's reply. About one time in fifty
the sending takes the news of the reply with it, and nbclient sits until the cell's timeout (jupyter/nbclient#312).
"""

from queue import Empty
from time import monotonic

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type

LOOK_AGAIN = 0.2  # seconds


class Channel(AsyncZMQSocketChannel):
    """A channel that looks again for itself instead of waiting to be told."""

    async def get_msg(self, timeout: float | None = None) -> dict:
        """Return the next message; raise `Empty` after `timeout` seconds without one."""
        end = float("inf") if timeout is None else monotonic() + timeout
        while True:
            left = end - monotonic()
            try:
                return await super().get_msg(max(0, min(left, LOOK_AGAIN)))
            except Empty:
                if left <= LOOK_AGAIN:
                    raise


class Client(AsyncKernelClient):
    """For `KernelManager.client_class`."""

    shell_channel_class = Type(Channel)
