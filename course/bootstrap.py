"""Install the course into a virtual environment: `python3 course/bootstrap.py .venv`.

This file runs before anything is installed and on any Python 3, so it uses the standard library and old syntax only.
A stamp inside the environment names what was installed; whatever does not match it is made anew.
"""

import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STAMP = "course-installed"
# With these set, pip installs elsewhere or nothing; the environment's own file counts more than the user's.
ELSEWHERE = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_DRY_RUN")
SETTINGS = "".join("[{0}]\nuser = no\ntarget =\nprefix =\nroot =\n".format(part) for part in ("global", "install"))


def main(venv, course="."):
    """Make `venv` complete, or say in one sentence what to do; return the exit code.

    `course` is what pip installs: with ".[dask]", also into an environment that is complete without.
    """
    if sys.version_info < OLDEST:
        return _with_newer_python(venv, course)
    os.chdir(ROOT)
    wanted, found = _fingerprint(), _stamp(venv)
    if found == wanted and course == "." and _has_working_python(venv):
        return 0
    if os.path.islink(venv) or (os.path.exists(venv) and not os.path.isdir(venv)):
        return _fail("{0} is not a folder: move it away and run the command again.".format(venv))
    if os.path.isdir(venv) and os.listdir(venv) and not os.path.exists(os.path.join(venv, "pyvenv.cfg")):
        return _fail("{0} is not a virtual environment: move it away and run the command again.".format(venv))
    was_moved = found and found.split()[1:] != wanted.split()[1:]  # its programs name the place where they were made
    if was_moved or not _has_working_python(venv):
        print("Making {0} with Python {1}.{2} ...".format(venv, *sys.version_info[:2]), flush=True)
        if subprocess.call([sys.executable, "-m", "venv", "--clear", venv]) != 0:
            return _fail(
                "Python could not make {0}: on Debian or Ubuntu, 'apt install python3-venv' adds what is missing; "
                "otherwise check the free space and your rights in this folder.".format(venv)
            )
    print("Installing the course into {0}; the first time takes a few minutes ...".format(venv), flush=True)
    _remove(os.path.join(venv, STAMP))
    with open(os.path.join(venv, "pip.conf"), "w") as file:
        file.write(SETTINGS)
    command = [_python(venv), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", course]
    if subprocess.call(command, env={name: os.environ[name] for name in os.environ if name not in ELSEWHERE}) != 0:
        return _fail(
            "The installation stopped at pip's message above: do what it says, check the network and the free space "
            "(3 GB), then run the command again; 'make clean' first starts from nothing."
        )
    with open(os.path.join(venv, STAMP), "w") as file:
        file.write(wanted)
    return 0


def _fingerprint():
    """Return what an installation depends on: the list of dependencies and the place of the course."""
    with open("pyproject.toml", "rb") as file:
        return hashlib.sha256(file.read()).hexdigest() + "\n" + ROOT


def _stamp(venv):
    """Return what was installed last, or nothing."""
    try:
        with open(os.path.join(venv, STAMP)) as file:
            return file.read()
    except OSError:
        return ""


def _python(venv):
    return os.path.join(venv, "bin", "python")


def _has_working_python(venv):
    """Tell whether the environment's Python starts, is new enough, has pip and thinks it lives in `venv`."""
    probe = "import sys, pip; print(sys.version_info >= {0!r}); print(sys.prefix)".format(OLDEST)
    try:
        lines = subprocess.check_output([_python(venv), "-c", probe], stderr=subprocess.DEVNULL).decode().split("\n")
    except (OSError, subprocess.CalledProcessError):
        return False
    return lines[0] == "True" and os.path.realpath(lines[1]) == os.path.realpath(venv)


def _with_newer_python(venv, course):
    """Hand over to the newest suitable Python of this machine, or ask for one."""
    for minor in range(14, OLDEST[1] - 1, -1):
        found = shutil.which("python3.{0}".format(minor))
        if found:
            return subprocess.call([found, os.path.abspath(__file__), venv, course])
    return _fail(
        "The course needs Python {0}.{1} or newer, and this is Python {2}.{3}: install a newer one, or name it with "
        "make PYTHON=/path/to/python3.".format(*(OLDEST + tuple(sys.version_info[:2])))
    )


def _remove(path):
    if os.path.exists(path):
        os.remove(path)


def _fail(sentence):
    sys.stderr.write(sentence + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
