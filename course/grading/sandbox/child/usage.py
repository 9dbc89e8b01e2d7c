"""What a process and everything that it started use up together, which no bound on single processes limits."""

import contextlib
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

    def holds_more(self, members: list[int], most: int) -> bool:
        """Tell whether they have filled more than so many bytes themselves.

        What a process has in common with its forks is first counted in each of them, which is quick, and only above
        the bound once, as far as the processes let themselves be looked at.
        """
        if sum(self._own(process) for process in members) <= most:
            return False
        return sum(self._part(process) for process in members) > most

    def sockets(self, members: list[int]) -> int:
        """Return how many sockets they hold: what waits in each is memory that no process has.

        A connection that nobody has accepted is in no process's hands. It bears its listener's address and no number.
        """
        own = set().union(*(self._sockets(process) for process in members))
        lines = [line.split(maxsplit=7) for line in self._read(f"{os.getpid()}/net/unix").splitlines()[1:]]
        named = [(number, address) for *_, number, address in (line for line in lines if len(line) == 8)]
        listening = {address for number, address in named if number in own}
        return len(own) + sum(number == "0" and address in listening for number, address in named)

    def _sockets(self, process: int) -> set[str]:
        """Return the numbers of the sockets in each thread's table of files."""
        links = set()
        for thread in self._threads(process):
            with contextlib.suppress(OSError):
                handle = os.open(f"{process}/task/{thread}/fd", os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.proc)
                try:
                    links |= {os.readlink(name, dir_fd=handle) for name in os.listdir(handle)}
                finally:
                    os.close(handle)
        return {link.removeprefix("socket:[")[:-1] for link in links if link.startswith("socket:[")}

    def _own(self, process: int) -> int:
        return max(0, self._held(process) - self.shared)

    def _held(self, process: int) -> int:
        return self._sum(f"{process}/status", ("RssAnon:", "RssShmem:", "VmSwap:", "VmPTE:"))

    def _part(self, process: int) -> int:
        """Return a process's part of what it holds, where memory that several share counts for each by its part."""
        shares = self._sum(f"{process}/smaps_rollup", ("Pss_Anon:", "Pss_Shmem:", "SwapPss:"))
        return shares + self._sum(f"{process}/status", ("VmPTE:",)) if shares else self._own(process)

    def _sum(self, path: str, kinds: tuple[str, ...]) -> int:
        """Return the bytes of these lines."""
        return 1024 * sum(int(line.split()[1]) for line in self._read(path).splitlines() if line.startswith(kinds))

    def _children(self, process: int) -> list[int]:
        texts = (self._read(f"{process}/task/{thread}/children") for thread in self._threads(process))
        return [int(number) for text in texts for number in text.split()]

    def _threads(self, process: int) -> list[str]:
        try:
            handle = os.open(f"{process}/task", os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.proc)
        except OSError:  # it has ended
            return []
        try:
            return os.listdir(handle)
        finally:
            os.close(handle)

    def _read(self, path: str) -> str:
        """Return a file of a process, or nothing if that has ended."""
        try:
            with open(os.open(path, os.O_RDONLY, dir_fd=self.proc), encoding="ascii", errors="replace") as file:
                return file.read()
        except OSError:
            return ""


def fills(folder: str, most: int, most_files: int) -> bool:
    """Tell whether a folder holds more bytes or files than these; one that cannot be looked through does."""
    waiting, size, files = [folder], 0, 0
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    files += 1
                    size += 512 * entry.stat(follow_symlinks=False).st_blocks
                    if size > most or files > most_files:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except FileNotFoundError:  # removed meanwhile
            continue
        except OSError:
            return True
    return False
