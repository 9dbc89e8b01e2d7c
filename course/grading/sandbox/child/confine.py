"""Shut the calling process in: namespaces and fresh folders, or Landlock, and bounds on what it may use up.

Everything here runs in a forked child before a submission's code does, through the C library, without root.
"""

import contextlib
import ctypes
import os
import resource
import struct
import sys

NEW_MOUNTS, NEW_IPC, NEW_USER, NEW_PIDS, NEW_NET = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
NOSUID, NODEV, NOEXEC, BIND, MOVE, RECURSIVE, PRIVATE = 2, 4, 8, 4096, 8192, 16384, 1 << 18
SET_DUMPABLE, BOUNDING_DROP, NO_NEW_PRIVILEGES, SET_SECCOMP, SUBREAPER = 4, 24, 38, 22, 36
MOST_FILES = 50_000
NOBODY = 65534  # who runs submissions where the grader is root
BOX = "/box"  # what can be written; /tmp leads into it, unless Python itself lies there
WORK, HOME, SCRATCH = f"{BOX}/work", f"{BOX}/home", f"{BOX}/tmp"
SHOWN = ("cpuinfo", "meminfo", "stat", "uptime", "loadavg", "filesystems")  # of /proc, where a fresh one is refused

_libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments) -> int:
    """Call a function of the C library, and raise an OSError where it fails."""
    result = getattr(_libc, name)(*arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def leave_namespaces() -> None:
    """Give the caller users, mounts and shared memory of its own, and its next children a process list of their own.

    Raises:
        OSError: if the system refuses.
    """
    user, group = os.getuid(), os.getgid()
    call("unshare", NEW_USER | NEW_MOUNTS | NEW_IPC | NEW_PIDS | NEW_NET)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    call("mount", None, b"/", None, RECURSIVE | PRIVATE, None)


def fresh_folders(disk: int) -> None:
    """Cover everything that can be written, and the process list, by empty folders that die with the process.

    Args:
        disk: bytes that may be written to them.

    Raises:
        OSError: if the system refuses.
    """
    own = os.readlink("/proc/self")
    size = f"size={disk},nr_inodes={MOST_FILES},mode=0700".encode()
    call("mount", b"tmpfs", BOX.encode(), b"tmpfs", NOSUID | NODEV, size)
    call("mount", b"tmpfs", b"/dev/shm", b"tmpfs", NOSUID | NODEV, size)
    try:
        call("mount", b"proc", b"/proc", b"proc", NOSUID | NODEV | NOEXEC, None)
    except OSError:  # refused where parts of /proc are covered, as bubblewrap and containers do
        _process_list_of_one(own)
    for folder in (WORK, HOME, SCRATCH):
        os.makedirs(folder, exist_ok=True)


def _process_list_of_one(own: str) -> None:
    """Put a folder in the place of /proc that shows this process only."""
    part = f"{BOX}/.proc"
    os.mkdir(part)
    call("mount", b"tmpfs", part.encode(), b"tmpfs", NOSUID | NODEV | NOEXEC, b"size=64k,mode=0555")
    os.mkdir(f"{part}/self")
    call("mount", f"/proc/{own}".encode(), f"{part}/self".encode(), None, BIND, None)
    for name in SHOWN:
        with open(f"{part}/{name}", "w"):
            pass
        call("mount", f"/proc/{name}".encode(), f"{part}/{name}".encode(), None, BIND, None)
    call("mount", part.encode(), b"/proc", None, MOVE, None)
    os.rmdir(part)


def drop_privileges() -> None:
    """Give up every capability for good, in this process and in what it starts."""
    for capability in range(64):
        if _libc.prctl(BOUNDING_DROP, capability, 0, 0, 0) < 0:
            break
    header = struct.pack("=Ii", 0x20080522, 0)
    call("capset", header, struct.pack("=6I", 0, 0, 0, 0, 0, 0))
    call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def limit(bounds: dict, *, shared: bool) -> None:
    """Set the bounds that the kernel keeps for each process, and on the number of processes.

    Args:
        bounds: the numbers.
        shared: whether the kernel counts the user's other processes as well.
    """
    for name, value in (
        (resource.RLIMIT_DATA, bounds["memory"]),
        (resource.RLIMIT_FSIZE, bounds["file_size"]),
        (resource.RLIMIT_NPROC, bounds["processes"] + (_threads_of_the_user() if shared else 0)),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(name)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (value, value))


def _threads_of_the_user() -> int:
    total = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/status", encoding="utf-8", errors="replace") as file:
            entries = dict(line.split(":", 1) for line in file if ":" in line)
            total += int(entries["Threads"]) if int(entries["Uid"].split()[0]) == os.getuid() else 0
    return total


def be_the_first_to_go() -> None:
    """Ask the kernel to end this process, and what it starts, before any other where memory runs out."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def adopt_orphans() -> None:
    """Become the parent of whatever the caller's children leave behind."""
    call("prctl", SUBREAPER, 1, 0, 0, 0)


def inspection(allowed: bool) -> None:
    """Say whether other processes of the same user may read this one's memory and attach to it."""
    call("prctl", SET_DUMPABLE, int(allowed), 0, 0, 0)


def landlock(readable: list[str], writable: list[str]) -> None:
    """Allow reading below some folders and writing below others, and nothing else: no TCP, no signals outwards.

    Raises:
        OSError: if the kernel has no Landlock that is new enough for TCP and signals (version 6).
    """
    create, add, restrict = 444, 445, 446  # the numbers are the same on every architecture
    if call("syscall", create, None, 0, 1) < 6:
        raise OSError(0, "Landlock is too old here")
    everything = (1 << 16) - 1
    attributes = struct.pack("=QQQ", everything, 0b11, 0b11)
    rules = call("syscall", create, attributes, len(attributes), 0)
    for paths, access in ((readable, 0b1101), (writable, everything)):
        for path in paths:
            if not os.path.exists(path):
                continue
            handle = os.open(path, os.O_PATH)
            allowed = access if os.path.isdir(path) else access & 0b100000000000111  # what a file has, with truncation
            call("syscall", add, rules, 1, struct.pack("=Qi", allowed, handle), 0)
            os.close(handle)
    call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    call("syscall", restrict, rules, 0)
    os.close(rules)


def readable_folders() -> list[str]:
    """Return what a submission has to read: the system's libraries, Python with its packages, and the helpers."""
    system = ["/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/ld.so.cache", "/etc/fonts"]
    devices = ["/dev/urandom", "/dev/random", "/dev/zero", f"/proc/{os.getpid()}", "/proc/cpuinfo", "/proc/meminfo"]
    return [*system, *devices, "/sys/devices/system/cpu", sys.prefix, sys.base_prefix, *sys.path[:1]]
