"""Refuse a submission those calls of the kernel that lead past folders, limits and other bounds.

The filter is a seccomp program: short, and the same at every level but for a few calls. Landlock has no rule for them.
"""

import ctypes
import errno
import platform
import struct

from .confine import NO_NEW_PRIVILEGES, SET_DUMPABLE, SET_SECCOMP, call

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBERS = {  # of each call, on x86_64 and aarch64; from 424 on they are the same everywhere, and None is no call there
    "socket": (41, 198),
    "socketpair": (53, 199),
    "listen": (50, 201),
    "setsockopt": (54, 208),
    "prctl": (157, 167),
    "clone": (56, 220),
    "clone3": (435, 435),
    "unshare": (272, 97),
    "setns": (308, 268),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "io_uring_setup": (425, 425),
    "prlimit64": (302, 261),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}
# Memory that no bound sees, keys of who grades, other namespaces, and a way to ask the kernel past this filter.
REFUSED = ("unshare", "setns", "shmget", "semget", "msgget", "add_key", "request_key", "keyctl")
REFUSED += ("memfd_create", "memfd_secret", "io_uring_setup")
# Limits and priorities of other processes: the place of the number that has to be 0, which means the caller itself.
OWN_ONLY = {"prlimit64": 0, "sched_setparam": 0, "sched_setscheduler": 0, "sched_setaffinity": 0, "sched_setattr": 0}
OWN_ONLY |= {"setpriority": 1, "ioprio_set": 1}
# Rights and times of files, which Landlock leaves to anybody who owns a file: nothing happens, and nothing is said.
PRETENDED = ("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes")
PRETENDED += ("futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr")
PRETENDED += ("lremovexattr", "fremovexattr", "removexattrat", "file_setattr")
NEW_NAMESPACES = 0x7E020000  # the flags of clone for a namespace of any kind
# Families of sockets: Unix; and Internet and routes, where the network is the submission's own.
FAMILIES = {"landlock": (1,), "bubblewrap": (1, 2, 10, 16)}

LOAD, EQUAL, AT_LEAST, ANY_BIT, GIVE, AND = 0x20, 0x15, 0x35, 0x45, 0x06, 0x54
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
REFUSE, PRETEND = (GIVE, 0, 0, ERROR | errno.EPERM), (GIVE, 0, 0, ERROR)
MOST_WAITING, SO_SNDBUF = 128, 7  # connections that nobody has accepted hold memory, and so do larger buffers


def restrict(level: str) -> None:
    """Set the filter for the calling process and what it starts, for good.

    Raises:
        OSError: if the kernel or the processor is unknown here.
    """
    steps = _program(level)
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    filter_ = struct.pack("=HxxxxxxQ", len(steps), ctypes.addressof(program))
    call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    call("prctl", SET_SECCOMP, 2, filter_, 0, 0)


def _program(level: str) -> list[tuple]:
    machine = platform.machine()
    if machine not in AUDIT:
        raise OSError(0, f"no filter for {machine}")
    place, allow = list(AUDIT).index(machine), (GIVE, 0, 0, ALLOW)
    answers = {name: [REFUSE] for name in REFUSED}
    answers |= {name: [_argument(place_of), (EQUAL, 1, 0, 0), REFUSE, allow] for name, place_of in OWN_ONLY.items()}
    answers["clone"] = [_argument(0), (ANY_BIT, 0, 1, NEW_NAMESPACES), REFUSE, allow]
    answers["clone3"] = [(GIVE, 0, 0, ERROR | errno.ENOSYS)]  # its flags lie in memory; the C library then uses clone
    families = FAMILIES[level]
    answers["socket"] = [
        _argument(0),
        *((EQUAL, len(families) - number, 0, family) for number, family in enumerate(families)),
        REFUSE,
        *_UNIX_DATAGRAMS,
        allow,
    ]
    answers["socketpair"] = [*_UNIX_DATAGRAMS, allow]
    answers["listen"] = [_argument(1), (AT_LEAST, 0, 1, MOST_WAITING + 1), REFUSE, allow]
    answers["setsockopt"] = [_argument(1), (EQUAL, 0, 3, 1), _argument(2), (EQUAL, 0, 1, SO_SNDBUF), PRETEND, allow]
    answers["prctl"] = [_argument(0), (EQUAL, 0, 1, SET_DUMPABLE), REFUSE, allow]
    if level == "landlock":
        answers |= {name: [PRETEND] for name in PRETENDED}
    steps = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, AUDIT[machine]), (GIVE, 0, 0, KILL), (LOAD, 0, 0, 0)]
    if machine == "x86_64":
        steps += [(AT_LEAST, 0, 1, 0x40000000), REFUSE]  # a second numbering of the same calls
    for name, answer in answers.items():
        number = NUMBERS[name][place]
        steps += [(EQUAL, 0, len(answer), number), *answer] if number is not None else []
    return [*steps, allow]


def _argument(place: int) -> tuple:
    """Return the step that loads the lower half of one of the call's arguments."""
    return (LOAD, 0, 0, 16 + 8 * place)


# A socket of messages keeps what eleven others have sent and closed; streams, which everybody uses, hold their own.
_UNIX_DATAGRAMS = [_argument(0), (EQUAL, 0, 4, 1), _argument(1), (AND, 0, 0, 0xF), (EQUAL, 0, 1, 2), REFUSE]
