"""Install the course into a virtual environment: `python3 course/bootstrap.py .venv`.

On Windows that is `py course\\bootstrap.py .venv`, and there is no make that would do it by itself.
This file runs before anything is installed and on any Python 3, so it uses the standard library and old syntax only.
A stamp inside the environment names what was installed; whatever does not match it is made anew.
"""

import ast
import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STAMP = "course-installed"
IS_WINDOWS = os.name == "nt"
LEARNERS = ".[lab]"  # what pyproject.toml calls so
EXACT = "constraints.txt"
NAMING = "py -3.12 course\\bootstrap.py .venv" if IS_WINDOWS else "make PYTHON=/path/to/python3"
# With these set, pip installs elsewhere or nothing; the environment's own file counts more than the user's.
ELSEWHERE = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_DRY_RUN")
SETTINGS = "".join("[{0}]\nuser = no\ntarget =\nprefix =\nroot =\n".format(part) for part in ("global", "install"))
# What uv calls a setting of pip's. It reads none of them, and without them it would not find what pip finds.
OF_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
}


def main(venv, course=LEARNERS):
    """Make `venv` complete, or say in one sentence what to do; return the exit code.

    `course` is what is installed, such as ".[lab,test]" with two of the lists in pyproject.toml.
    """
    if sys.version_info < OLDEST:
        return _with_newer_python(venv, course)
    os.chdir(ROOT)
    wanted, found = [_fingerprint(), ROOT], _stamp(venv)
    if found[:2] == wanted and _extras(course) <= _extras("".join(found[2:])) and _has_working_python(venv):
        return 0
    if os.path.islink(venv) or (os.path.exists(venv) and not os.path.isdir(venv)):
        return _fail("{0} is not a folder: move it away and run the command again.".format(venv))
    if os.path.isdir(venv) and os.listdir(venv) and not os.path.exists(os.path.join(venv, "pyvenv.cfg")):
        return _fail("{0} is not a virtual environment: move it away and run the command again.".format(venv))
    was_moved = found and found[1:2] != wanted[1:]  # its programs name the place where they were made
    if was_moved or not _has_working_python(venv):
        print("Making {0} with Python {1}.{2} ...".format(venv, *sys.version_info[:2]), flush=True)
        if subprocess.call([sys.executable, "-m", "venv", "--clear", venv]) != 0:
            return _fail(
                "Python could not make {0}: on Debian or Ubuntu, 'apt install python3-venv' adds what is missing; "
                "otherwise check the free space and your rights in this folder.".format(venv)
            )
    print("Installing the course into {0}; the first time takes a few minutes ...".format(venv), flush=True)
    _remove(os.path.join(venv, STAMP))
    with open(os.path.join(venv, "pip.ini" if IS_WINDOWS else "pip.conf"), "w") as file:
        file.write(SETTINGS)
    if not _install(venv, ["--quiet", "--constraint", EXACT, "--editable", course]):
        return _fail(
            "The installation stopped at pip's message above: do what it says, check the network and the free space "
            "(3 GB), then run the command again; without the folder {0} it starts from nothing.".format(venv)
        )
    with open(os.path.join(venv, STAMP), "w") as file:
        file.write("\n".join(wanted + [course]))
    return 0


def _install(venv, words):
    """Install with uv, which takes a fraction of the time, or else with pip; return whether one of them did."""
    environment = {name: os.environ[name] for name in os.environ if name not in ELSEWHERE}
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--compile-bytecode", "--python", _python(venv)] + words
        if subprocess.call(command, env=dict(_as_uv_reads_it(venv, environment), **environment)) == 0:
            return True
        print("uv did not manage it; pip tries ...", flush=True)
    command = [_python(venv), "-m", "pip", "install", "--disable-pip-version-check"]
    return subprocess.call(command + words, env=environment) == 0


def _as_uv_reads_it(venv, environment):
    """Return pip's settings, from its files and from the environment, as environment variables of uv's."""
    found = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # the newest version of all indexes, as pip takes it
    try:
        told = subprocess.check_output([_python(venv), "-m", "pip", "config", "list"], env=environment).decode()
    except (OSError, subprocess.CalledProcessError):
        return found
    for line in sorted(told.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        name = OF_UV.get(name.split(".")[-1])
        if name:
            values = ast.literal_eval(value).split()
            found[name] = ("," if name == "UV_FIND_LINKS" else " ").join(values)
    return found


def _extras(course):
    """Return which lists of pyproject.toml ".[lab,test]" names."""
    return set(course.partition("[")[2].rstrip("]").split(",")) - {""}


def _fingerprint():
    """Return what an installation depends on: the list of dependencies and their versions."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", EXACT):
        with open(name, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def _stamp(venv):
    """Return what was installed last, as lines: the fingerprint, the place of the course, and what of it."""
    try:
        with open(os.path.join(venv, STAMP)) as file:
            return file.read().split("\n")
    except OSError:
        return []


def _python(venv):
    return os.path.join(venv, *(("Scripts", "python.exe") if IS_WINDOWS else ("bin", "python")))


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
        "{4}.".format(*(OLDEST + tuple(sys.version_info[:2]) + (NAMING,)))
    )


def _remove(path):
    if os.path.exists(path):
        os.remove(path)


def _fail(sentence):
    sys.stderr.write(sentence + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
