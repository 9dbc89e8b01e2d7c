"""What a submission may use up."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on one submission; sizes are in bytes, times in seconds.

    `memory` and `file_size` count for each process; everything else counts for the whole submission.
    """

    cell_seconds: float = 180
    notebook_seconds: float = 900
    memory: int = 3 * 2**30
    memory_together: int = 4 * 2**30
    file_size: int = 256 * 2**20
    disk: int = 512 * 2**20
    processes: int = 256
    sockets: int = 256
    output: int = 2 * 2**20
    notebook_output: int = 20 * 2**20
