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
import pathlib
import pkgutil
import random
import select
import signal
import socket
import sys
import tempfile

from . import confine, session, shell, syscalls, usage
from .wire import ENDED, KILLED, Broken, Wire

FATE_SECONDS = 1  # until a process that has closed its wire has ended, if it does
DISK_LOOKS = 10  # at memory and processes for each at the disk, where that has no bound of its own


def main() -> None:
    """Serve one grader until it hangs up."""
    control, level = socket.socket(fileno=int(sys.argv[1])), sys.argv[2]
    if level != "none" and os.geteuid() == 0:
        if level == "landlock":
            os.chown(os.environ["HOME"], confine.NOBODY, confine.NOBODY)
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
    """Give up being root: no submission is, and the kernel counts only other users' processes.

    Raises:
        SystemExit: if the system refuses, or Python lies where only root can read it.
    """
    try:
        os.setgroups([])
        os.setresgid(*[confine.NOBODY] * 3)
        os.setresuid(*[confine.NOBODY] * 3)
    except OSError as error:
        sys.exit(f"root cannot become another user ({error.strerror}), and no submission runs as root")
    for path in (*sys.path[:1], sys.prefix, sys.base_prefix):
        for folder in [*reversed(pathlib.Path(path).parents), path]:
            if not os.access(folder, os.X_OK if folder != path else os.R_OK):
                inside = pathlib.Path(folder).is_relative_to(sys.prefix)
                help_ = f"run chmod -R a+rX {sys.prefix}" if inside else "have Python where every user may read it"
                help_ = "set TMPDIR to a folder that every user may enter" if path in sys.path[:1] else help_
                advice = f"{help_}, or grade as another user"
                sys.exit(f"{folder} is for root alone, and no submission runs as root: {advice}")


def warm_up() -> shell.Shell:
    """Import what lessons and checks import, and start the shell.

    Nothing is collected meanwhile: that would take a quarter of the time, and leave holes that the forks fill anew.
    """
    gc.disable()
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
    gc.freeze()  # a collection in a fork would otherwise touch, and so copy, all that the forks share
    gc.enable()
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
    """Wait until the child ends, takes too much, or the grader hangs up; then end what is left of it, and say how."""
    ended, alone = os.pidfd_open(child), False
    try:
        alone = _obey(keeper, child, ended, family, bounds, folder)
    finally:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(ended, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        _end_orphans(family)
        by_others = alone and os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        with contextlib.suppress(OSError):
            os.write(keeper, KILLED if by_others else ENDED)


def _obey(keeper: int, child: int, ended: int, family: usage.Family, bounds: dict, folder: str | None) -> bool:
    """Pass on interrupts until the child has ended, or has to end; return whether it ended without being told to."""
    looks = 0
    while True:
        ready = select.select([keeper, ended], [], [], usage.LOOK_SECONDS)[0]
        if ended in ready:
            return True
        told = os.read(keeper, 1) if keeper in ready else b""
        if told == b"i":
            os.kill(child, signal.SIGINT)
        elif told == b"w":  # the wire is closed: is the child about to end?
            return bool(select.select([ended], [], [], FATE_SECONDS)[0])
        elif keeper in ready:
            return False
        members = family.members()
        if len(members) > bounds["processes"] or family.holds_more(members, bounds["memory_together"]):
            return False
        if family.sockets(members) > bounds["sockets"]:
            return False
        looks += 1
        if folder and looks % DISK_LOOKS == 0 and usage.fills(folder, bounds["disk"], confine.MOST_FILES):
            return False


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
        tempfile.tempdir = None  # the warm process looked for its own, which no submission may write to
    confine.be_the_first_to_go()
    confine.limit(order["bounds"], shared=order["level"] != "bubblewrap")
    if order["level"] == "landlock":
        confine.landlock(confine.readable_folders(), [order["folder"], "/dev/null", "/dev/shm"])
    if order["level"] != "none":
        confine.drop_privileges()
        confine.inspection(True)  # so that the keeper can see what forks have in common, and their sockets
        syscalls.restrict(order["level"])
        if os.geteuid() == 0:
            raise PermissionError("no submission runs as root")


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
