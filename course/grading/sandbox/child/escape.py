"""The escape test: it runs as a submission's cell does, with `target` set before it, and prints what it could do."""

import ctypes
import os
import resource
import socket

found = []


def attempt(what, action):
    try:
        if action() is not False:
            found.append(what)
    except (OSError, ValueError):
        pass


def send(kind, address):
    with socket.socket(type=kind) as end:
        end.settimeout(1)
        end.connect(tuple(address))
        end.send(b"out")


def write(path):
    with open(path, "w") as file:
        file.write("left")


def namespace():
    child = os.fork()
    if child == 0:
        os._exit(ctypes.CDLL(None).unshare(0x10000000) != 0)
    return os.waitpid(child, 0)[1] == 0


def other_processes():
    shown = {int(name) for name in os.listdir("/proc") if name.isdigit()}
    return bool(shown - {os.getpid()})


attempt("it read a file outside", lambda: open(target["folder"] + "/secret").read())  # noqa: F821, SIM115
attempt("it listed a folder outside", lambda: os.listdir(target["folder"]))  # noqa: F821
attempt("it wrote a file outside", lambda: write(target["folder"] + "/left"))  # noqa: F821
attempt("it wrote beside the grader's code", lambda: write(os.path.join(os.environ["PYTHONPATH"], "left.py")))
attempt("it reached a TCP port", lambda: send(socket.SOCK_STREAM, target["tcp"]))  # noqa: F821
attempt("it reached a UDP port", lambda: send(socket.SOCK_DGRAM, target["udp"]))  # noqa: F821
attempt("it can signal the grader", lambda: os.kill(target["process"], 0))  # noqa: F821
attempt("it can signal its parent", lambda: os.getppid() > 0 and os.kill(os.getppid(), 0))
attempt("it can limit its parent", lambda: os.getppid() > 0 and resource.prlimit(os.getppid(), resource.RLIMIT_CORE))
attempt("it can make memory that outlives it", lambda: ctypes.CDLL(None).shmget(0, 4096, 0o1600) >= 0)
attempt("it can make a namespace", namespace)
attempt("it can read the course", lambda: os.listdir(target["course"]))  # noqa: F821
# Whether this did anything is seen outside: Landlock has it pretend.
attempt("", lambda: os.chmod(target["folder"], 0o755) is not None)  # noqa: F821
attempt("it sees other processes", other_processes)
print("done", *found, sep="\n")
