"""The kernel's client finds a reply that nobody told it of."""

import asyncio
from queue import Empty

import pytest
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.manager import AsyncKernelManager

from course.grading.running import client

REPLY = {"msg_type": "execute_reply"}


@pytest.fixture
def channel(monkeypatch):
    """A channel that learns of no arriving message; its reply is there at the third look."""
    looks = iter([Empty, Empty])

    async def get_msg(self, timeout):
        for nothing in looks:
            raise nothing
        return REPLY

    monkeypatch.setattr(AsyncZMQSocketChannel, "get_msg", get_msg)
    return object.__new__(client.Channel)


@pytest.mark.parametrize("timeout", [None, 10])
def test_it_looks_again_until_the_reply_is_there(channel, timeout):
    assert asyncio.run(channel.get_msg(timeout)) == REPLY


def test_it_gives_up_when_the_time_is_over(channel):
    with pytest.raises(Empty):
        asyncio.run(channel.get_msg(timeout=0))


def test_a_manager_of_kernels_makes_it_from_its_name():
    kernel_client = AsyncKernelManager(client_class="course.grading.running.client.Client").client()
    assert isinstance(kernel_client.shell_channel, client.Channel)
