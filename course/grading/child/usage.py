"""What a process and everything that it started use up together, which no bound on single processes limits."""

import os

LOOK_SECONDS = 0.2  # between two looks; memory can be filled by about a gigabyte a second and core


class Family:
    """The processes that this one starts, directly or through others; it has to adopt orphans to see them all.

    It looks through a handle on /proc as that was when the object was made: a submission's process covers it later.
    """

    def __init__(self):
        self.proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.shared = self._held(os.getpid())  # each of them has as much from the warm process

    def close(self) -> None:
        os.close(self.proc)

    def members(self) -> list[int]:
        """Return their numbers."""
        found, waiting = [], [os.getpid()]
        while waiting:
            children = self._children(waiting.pop())
            found += children
            waiting += children
        return found

    def memory(self, members: list[int]) -> int:
        """Return the bytes that they have filled themselves; what one shares with its own forks counts in each."""
        return sum(max(0, self._held(process) - self.shared) for process in members)

    def _held(self, process: int) -> int:
        lines = self._read(f"{process}/status").splitlines()
        kinds = ("RssAnon:", "RssShmem:", "VmSwap:")
        return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(kinds))

    def _children(self, process: int) -> list[int]:
        try:
            handle = os.open(f"{process}/task", os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.proc)
        except OSError:  # it has ended
            return []
        threads = os.listdir(handle)
        os.close(handle)
        texts = (self._read(f"{process}/task/{thread}/children") for thread in threads)
        return [int(number) for text in texts for number in text.split()]

    def _read(self, path: str) -> str:
        """Return a file of a process, or nothing if that has ended."""
        try:
            with open(os.open(path, os.O_RDONLY, dir_fd=self.proc), encoding="ascii", errors="replace") as file:
                return file.read()
        except OSError:
            return ""
