"""The warm process: everything is imported once, then each submission gets a fork of it.

The template runs no code of any submission and never touches a graphics card. For every submission it forks a keeper;
the keeper leaves for namespaces of its own, forks the process that runs the submission, passes on interrupts, and sees
that nothing of it is left. The grader holds one socket to each.
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import random
import select
import signal
import socket
import sys

from . import confine, session, shell, syscalls, usage
from .wire import Broken, Wire

DISK_LOOKS = 10  # at memory and processes for each at the disk, where that has no bound of its own


def main() -> None:
    """Serve one grader until it hangs up."""
    control, level = socket.socket(fileno=int(sys.argv[1])), sys.argv[2]
    if level == "landlock" and os.geteuid() == 0 and nobody_can_read(confine.readable_folders()):
        os.chown(os.environ["HOME"], confine.NOBODY, confine.NOBODY)
        become_nobody()
    elif level == "bubblewrap":
        become_nobody()
    confine.inspection(False)
    os.makedirs(os.environ["HOME"], exist_ok=True)
    os.chdir(os.environ["HOME"])
    made = warm_up()
    control.sendall(f"ready {os.geteuid()}\n".encode())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are not waited for
    while True:
        text, handles, _, _ = socket.recv_fds(control, 65536, 2)
        if not text:
            return
        order = json.loads(text)
        if os.fork() == 0:
            control.close()
            keep(order, made, *handles)
        for handle in handles:
            os.close(handle)


def become_nobody() -> None:
    """Give up being root, so that the kernel counts the processes of a submission."""
    nobody = confine.NOBODY
    if os.geteuid() == 0:
        try:
            os.setgroups([])
            os.setresgid(nobody, nobody, nobody)
            os.setresuid(nobody, nobody, nobody)
        except OSError:
            return


def nobody_can_read(paths: list[str]) -> bool:
    """Tell whether everybody may read these, as far as they are there; Python may lie where only root can."""
    there = [path for path in paths if os.path.exists(path)]
    trial = os.fork()
    if trial == 0:
        become_nobody()
        os._exit(not all(os.access(path, os.R_OK) for path in there))
    return os.waitpid(trial, 0)[1] == 0


def warm_up() -> shell.Shell:
    """Import what lessons and checks import, and start the shell."""
    import gymnasium  # noqa: F401
    import ipywidgets  # noqa: F401
    import numpy  # noqa: F401
    import torch

    made = shell.make()
    import checks
    import helpers.plotting
    import helpers.widgets  # noqa: F401

    for module in pkgutil.iter_modules(checks.__path__):
        importlib.import_module(f"checks.{module.name}")

    if torch.cuda.is_initialized():
        raise RuntimeError("The template has touched CUDA; its forks could not use it.")
    torch.broadcast_shapes((1,), (1,))  # its first call imports much
    torch.optim.SGD([torch.zeros(1, requires_grad=True)])  # so does this
    gc.collect()
    gc.freeze()  # a collection in a fork would otherwise touch, and so copy, all that the forks share
    return made


def keep(order: dict, made: shell.Shell, keeper: int, wire: int) -> None:
    """Start the submission's process, pass on interrupts, and end it with all that it started; never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        confine.adopt_orphans()
        confine.inspection(True)  # without it the kernel lets nobody write this process's map of users
        if order["level"] == "bubblewrap":
            confine.leave_namespaces()
        family = usage.Family()
        child = os.fork()
        if child == 0:
            os.close(keeper)
            family.close()
            _become_submission(order, made, wire)
        confine.inspection(False)
        os.close(wire)
        _watch(keeper, child, family, order["bounds"], order["folder"])
    except BaseException as error:
        os.write(keeper, f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(0)


def _watch(keeper: int, child: int, family: usage.Family, bounds: dict, folder: str | None) -> None:
    """Wait until the child ends, takes too much, or the grader hangs up; then end what is left of it."""
    ended = os.pidfd_open(child)
    try:
        _obey(keeper, child, ended, family, bounds, folder)
    finally:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(ended, signal.SIGKILL)
        os.waitpid(child, 0)
        _end_orphans(family)


def _obey(keeper: int, child: int, ended: int, family: usage.Family, bounds: dict, folder: str | None) -> None:
    """Pass on interrupts, until the child has ended, or it and what it started have to end."""
    looks = 0
    while True:
        ready = select.select([keeper, ended], [], [], usage.LOOK_SECONDS)[0]
        if ended in ready or (keeper in ready and os.read(keeper, 1) != b"i"):
            return
        if keeper in ready:
            os.kill(child, signal.SIGINT)
        members = family.members()
        if len(members) > bounds["processes"] or family.holds_more(members, bounds["memory_together"]):
            return
        looks += 1
        if folder and looks % DISK_LOOKS == 0 and usage.fills(folder, bounds["disk"], confine.MOST_FILES):
            return


def _end_orphans(family: usage.Family) -> None:
    """End the processes that the submission has left behind, where no process list of its own has ended them."""
    while True:
        for orphan in family.members():
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _become_submission(order: dict, made: shell.Shell, handle: int) -> None:
    """Shut this process in and serve the grader's requests; never returns."""
    try:
        wire = Wire(socket.socket(fileno=handle))
        os.setsid()
        _shut_in(order)
        shell.quiet_streams()
        _start_afresh(order)
        session.serve(wire, made)
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
    confine.be_the_first_to_go()
    confine.limit(order["bounds"], shared=order["level"] != "bubblewrap")
    if order["level"] == "landlock":
        confine.landlock(confine.readable_folders(), [order["folder"], "/dev/null", "/dev/shm"])
    if order["level"] != "none":
        confine.drop_privileges()
        syscalls.restrict(order["level"])
        confine.inspection(True)  # so that the keeper can see what forks have in common


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
