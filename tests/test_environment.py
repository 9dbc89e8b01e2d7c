"""Setting up: one list of dependencies for pip and conda, and a sentence for every way in which it can go wrong."""

import os
import shutil
import stat
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from tests.samples import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

LONG = pytest.mark.thorough(only=True)


def test_conda_takes_the_same_list():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == PROJECT["name"]
    *packages, pip = environment["dependencies"]
    assert packages == [f"python{PROJECT['requires-python']}", "pip"]
    assert pip == {"pip": ["--editable ."]}  # conda lists nothing that pyproject.toml would have to repeat


def test_torch_is_pinned():
    assert "torch==2.13.0" in PROJECT["dependencies"]


def fake_pip(folder, script: str):
    """Make a venv in which pip is a script of ours, so that nothing is downloaded."""
    venv = folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    site = next((venv / "lib").glob("python*/site-packages"))
    (site / "pip").mkdir()
    (site / "pip" / "__init__.py").write_text("", encoding="utf-8")
    (site / "pip" / "__main__.py").write_text(script, encoding="utf-8")
    return venv


@pytest.fixture
def clone(tmp_path):
    """A folder with what `make setup` reads."""
    (tmp_path / "course").mkdir()
    for name in ("Makefile", "pyproject.toml", "course/bootstrap.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def setup(folder, *words) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    command = ["make", "--no-print-directory", "setup", f"PYTHON={sys.executable}", *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, timeout=300, check=False
    )


def test_a_complete_environment_is_left_alone(clone):
    venv = fake_pip(clone, "import pathlib, sys; pathlib.Path('pip-ran').write_text(' '.join(sys.argv[1:]))")
    first = setup(clone)
    assert first.returncode == 0 and "Installing the course" in first.stdout
    assert (clone / "pip-ran").read_text(encoding="utf-8").endswith("--editable .")
    (clone / "pip-ran").unlink()
    second = setup(clone)
    assert second.returncode == 0 and second.stdout == "" and not (clone / "pip-ran").exists()
    with open(clone / "pyproject.toml", "a", encoding="utf-8") as file:
        file.write("# a new dependency\n")
    assert "Installing the course" in setup(clone).stdout and (clone / "pip-ran").exists()
    assert (venv / "course-installed").exists()


def test_a_failed_installation_says_what_to_do_and_is_tried_again(clone):
    fake_pip(clone, "raise SystemExit('no network')")
    for _ in range(2):
        result = setup(clone)
        assert result.returncode != 0
        assert "check the network and the free space" in result.stderr and "Traceback" not in result.stderr
    assert not (clone / ".venv" / "course-installed").exists()


ELSEWHERE = {f"PIP_{name}": "/elsewhere" for name in ("TARGET", "PREFIX", "ROOT", "PYTHON")}
ELSEWHERE |= {"PIP_USER": "1", "PIP_DRY_RUN": "1"}
READ_BY_PIP = """
import sys
sys.path.insert(0, {!r})
del sys.modules["pip"]
from pip._internal.commands import create_command
options, _ = create_command("install").parse_args(sys.argv[2:])
places = options.prefix_path, options.target_dir, options.root_path
open("read-by-pip", "w").write(repr([options.use_user_site, *places, options.dry_run, options.python]))
"""


@pytest.mark.parametrize("where", ["environment", "pip.conf"])
def test_the_course_goes_into_its_own_environment_wherever_pip_is_told_to_install(clone, where, monkeypatch):
    """A real pip reads all that it reads for `make setup`, and tells where it would install to."""
    fake_pip(clone, READ_BY_PIP.format(str(Path(find_spec("pip").origin).parent.parent)))
    monkeypatch.setenv("HOME", str(clone))
    monkeypatch.delenv("PIP_CONFIG_FILE", raising=False)
    if where == "pip.conf":
        for part in ("global", "install"):
            places = [f"{name[4:].lower()} = {ELSEWHERE[name]}" for name in list(ELSEWHERE)[:3]]
            (clone / ".config" / "pip").mkdir(parents=True, exist_ok=True)
            with (clone / ".config" / "pip" / "pip.conf").open("a", encoding="utf-8") as file:
                file.write("\n".join([f"[{part}]", "user = true", *places, ""]))
    else:
        for name, value in ELSEWHERE.items():
            monkeypatch.setenv(name, value)
    result = setup(clone)
    assert result.returncode == 0, result.stderr
    assert (clone / "read-by-pip").read_text(encoding="utf-8") == "[0, None, None, None, False, None]"


@pytest.mark.parametrize(
    "damage", ["moved", *(pytest.param(name, marks=LONG) for name in ("no python", "broken python", "half made"))]
)
def test_a_broken_environment_is_made_anew(clone, damage):
    venv = fake_pip(clone, "raise SystemExit('this pip must be gone')")
    python = venv / "bin" / "python"
    if damage == "no python":
        python.unlink()
    elif damage == "broken python":
        python.unlink()
        python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        python.chmod(0o755)
    elif damage == "half made":
        shutil.rmtree(venv / "lib")
    else:
        (venv / "course-installed").write_text("digest\n/where/it/was", encoding="utf-8")
    environment = os.environ | {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
    result = subprocess.run(
        [sys.executable, "course/bootstrap.py", ".venv"],
        cwd=clone,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert "Making .venv with Python" in result.stdout
    assert "this pip must be gone" not in result.stderr


def test_what_is_no_environment_is_not_touched(clone):
    (clone / ".venv").mkdir()
    (clone / ".venv" / "thesis.txt").write_text("mine", encoding="utf-8")
    result = setup(clone)
    assert result.returncode != 0 and ".venv is not a virtual environment: move it away" in result.stderr
    assert (clone / ".venv" / "thesis.txt").exists()


def test_a_missing_python_is_named(clone):
    result = setup(clone, "PYTHON=python-that-is-not-here")
    assert result.returncode != 0
    assert "No 'python-that-is-not-here' was found: install Python 3.11 or newer" in result.stdout + result.stderr


def test_an_old_python_is_told_which_is_needed(clone, tmp_path):
    pretend = "import sys; sys.version_info = (3, 8, 1); sys.argv = ['x', '.venv']; import runpy; "
    pretend += (
        "import shutil; shutil.which = lambda name: None; runpy.run_path('course/bootstrap.py', run_name='__main__')"
    )
    result = subprocess.run([sys.executable, "-c", pretend], cwd=clone, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == (
        "The course needs Python 3.11 or newer, and this is Python 3.8: install a newer one, or name it with "
        "make PYTHON=/path/to/python3.\n"
    )


def test_an_old_python_hands_over_to_a_newer_one(clone, tmp_path):
    newer = tmp_path / "bin" / "python3.12"
    newer.parent.mkdir()
    newer.write_text('#!/bin/sh\necho "newer Python got: $2"\n', encoding="utf-8")
    newer.chmod(newer.stat().st_mode | stat.S_IEXEC)
    pretend = "import sys; sys.version_info = (3, 8, 1); sys.argv = ['x', '.venv']; import runpy; "
    pretend += "runpy.run_path('course/bootstrap.py', run_name='__main__')"
    environment = os.environ | {"PATH": f"{newer.parent}:/nowhere"}
    result = subprocess.run(
        [sys.executable, "-c", pretend], cwd=clone, capture_output=True, text=True, env=environment, check=False
    )
    assert result.stdout == "newer Python got: .venv\n"


def test_make_lists_its_commands():
    result = subprocess.run(
        ["make", "--no-print-directory", "-C", str(ROOT)], capture_output=True, text=True, check=True
    )
    for name in ("setup", "lab", "test", "build", "check", "mutants", "bench"):
        assert f"make {name} " in result.stdout
