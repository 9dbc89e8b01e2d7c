"""The warm process: everything is imported once, then each submission gets a fork of it.

The template runs no code of any submission and never touches a graphics card. For every submission it forks a keeper;
the keeper leaves for namespaces of its own, forks the process that runs the submission, passes on interrupts, and sees
that nothing of it is left. The grader holds one socket to each.
"""

import contextlib
import gc
import json
import os
import random
import select
import signal
import socket
import sys

from . import confine, guard, session, shell
from .wire import Broken, Wire

NOBODY = 65534


def main() -> None:
    """Serve one grader until it hangs up."""
    control = socket.socket(fileno=int(sys.argv[1]))
    if sys.argv[2] == "bubblewrap":
        become_nobody()
    confine.inspection(False)
    os.makedirs(os.environ["HOME"], exist_ok=True)
    os.chdir(os.environ["HOME"])
    warm = warm_up()
    control.sendall(b"ready\n")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are not waited for
    while True:
        text, handles, _, _ = socket.recv_fds(control, 65536, 2)
        if not text:
            return
        order = json.loads(text)
        if os.fork() == 0:
            control.close()
            keep(order, warm, *handles)
        for handle in handles:
            os.close(handle)


def become_nobody() -> None:
    """Give up being root, so that the kernel counts the processes of a submission."""
    if os.geteuid() == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        except OSError:
            return


def warm_up() -> tuple:
    """Import what lessons import, and take down how things are before any submission's code runs."""
    import gymnasium  # noqa: F401
    import ipywidgets  # noqa: F401
    import numpy  # noqa: F401
    import torch

    made = shell.make()
    import helpers.checks
    import helpers.plotting
    import helpers.widgets  # noqa: F401

    if torch.cuda.is_initialized():
        raise RuntimeError("The template has touched CUDA; its forks could not use it.")
    torch.broadcast_shapes((1,), (1,))  # its first call imports much
    warm = made, guard.Guard(made)
    gc.collect()
    gc.freeze()  # a collection in a fork would otherwise touch, and so copy, all that the forks share
    return warm


def keep(order: dict, warm: tuple, keeper: int, wire: int) -> None:
    """Start the submission's process, pass on interrupts, and end it with all that it started; never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        confine.adopt_orphans()
        confine.inspection(True)  # without it the kernel lets nobody write this process's map of users
        if order["level"] == "bubblewrap":
            confine.leave_namespaces()
        child = os.fork()
        if child == 0:
            os.close(keeper)
            _become_submission(order, warm, wire)
        confine.inspection(False)
        os.close(wire)
        _watch(keeper, child)
    except BaseException as error:
        os.write(keeper, f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(0)


def _watch(keeper: int, child: int) -> None:
    """Obey the grader until the child has ended or the grader hangs up, then end what is left."""
    ended = os.pidfd_open(child)
    while True:
        ready = select.select([keeper, ended], [], [])[0]
        if ended in ready:
            break
        word = os.read(keeper, 1)
        if word != b"i":
            break
        os.kill(child, signal.SIGINT)
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(ended, signal.SIGKILL)
    os.waitpid(child, 0)
    _end_orphans()


def _end_orphans() -> None:
    """End the processes that the submission has left behind, where no process list of its own has ended them."""
    while True:
        try:
            for orphan in _children():
                os.kill(orphan, signal.SIGKILL)
            os.waitpid(-1, 0)
        except (ChildProcessError, ProcessLookupError):
            return


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(number) for number in file.read().split()]
    except OSError:
        return []


def _become_submission(order: dict, warm: tuple, handle: int) -> None:
    """Shut this process in and serve the grader's requests; never returns."""
    try:
        made, watcher = warm
        wire = Wire(socket.socket(fileno=handle))
        os.setsid()
        _shut_in(order)
        shell.quiet_streams()
        _start_afresh(order)
        session.serve(wire, made, watcher)
    except Broken:
        pass
    except BaseException as error:
        wire.send({"failed": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(0)


def _shut_in(order: dict) -> None:
    if order["level"] == "bubblewrap":
        confine.fresh_folders(order["bounds"]["disk"])
        os.chdir(confine.WORK)
    else:
        os.makedirs(order["folder"] + "/home", exist_ok=True)
        os.makedirs(order["folder"] + "/work", exist_ok=True)
        os.chdir(order["folder"] + "/work")
        for name in ("HOME", "TMPDIR"):
            os.environ[name] = order["folder"] + "/home"
    confine.limit(order["bounds"])
    if order["level"] == "landlock":
        confine.no_sockets_outwards()
        confine.landlock(confine.readable_folders(), [order["folder"], "/dev/null", "/dev/shm"])
    if order["level"] != "none":
        confine.drop_privileges()


def _start_afresh(order: dict) -> None:
    """Make the fork like a new process: other random numbers than its siblings, and every thread that it may use."""
    import numpy
    import torch

    sys.path.append(os.getcwd())  # behind everything else: no file of a submission takes a module's place
    random.seed()
    numpy.random.seed()
    torch.set_num_threads(order["threads"])
    signal.signal(signal.SIGINT, shell.on_interrupt)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


if __name__ == "__main__":
    main()
