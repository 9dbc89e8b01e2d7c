"""Setting up: one list of dependencies for pip and conda, and a sentence for every way in which it can go wrong."""

import ast
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
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.samples import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

OURS = {"checks", "helpers"}
LONG = pytest.mark.thorough(only=True)


def test_conda_takes_the_same_list():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == PROJECT["name"]
    *packages, pip = environment["dependencies"]
    assert packages == [f"python{PROJECT['requires-python']}", "pip"]
    lists = ["--constraint constraints.txt", "--editable .[lab,test,dask,book]"]
    assert pip == {"pip": lists}  # conda lists nothing that pyproject.toml would have to repeat


def test_constraints_name_one_exact_version_within_the_range_of_each_dependency():
    exact: dict[str, list[Requirement]] = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):  # an option, an address or a hash would be no requirement
            exact.setdefault(canonicalize_name(Requirement(line).name), []).append(Requirement(line))
    asked = map(Requirement, PROJECT["dependencies"] + sum(PROJECT["optional-dependencies"].values(), []))
    for one in asked:
        (found,) = exact[canonicalize_name(one.name)]
        (pin,) = found.specifier
        assert pin.operator == "==" and found.marker is None
        assert any(part.operator == ">=" for part in one.specifier) and one.specifier.contains(pin.version)


@pytest.mark.parametrize("build", ["2.13.0", "2.13.0+cpu", "2.13.0+cu130"])
def test_any_build_of_the_torch_that_made_the_outputs_will_do(build):
    (line,) = (
        line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split() if line.startswith("torch=")
    )
    assert Requirement(line).specifier.contains(build)


def test_a_lesson_needs_nothing_of_jupyterlab():
    """What Colab installs leaves its own Jupyter alone: helpers and checks import no more than the plain list."""
    with_it = {Requirement(line).name for line in PROJECT["dependencies"]} | OURS
    with_it |= {"PIL", "IPython", "cycler"}  # pillow's, and what ipywidgets and matplotlib bring
    imported = set()
    for path in [*(ROOT / "helpers").glob("*.py"), *(ROOT / "checks").glob("*.py"), *(ROOT / "lessons").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.split(".")[0])
    assert imported - sys.stdlib_module_names <= with_it


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
def clone(tmp_path, monkeypatch):
    """A folder with what `make setup` reads."""
    (tmp_path / "course").mkdir()
    for name in ("Makefile", "constraints.txt", "pyproject.toml", "course/bootstrap.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    put_uv(tmp_path, "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"), prepend=os.pathsep)
    return tmp_path


def put_uv(folder, script: str) -> None:
    """Have the shell find a uv of ours; whoever runs the tests may have one."""
    (folder / "programs").mkdir(exist_ok=True)
    (folder / "programs" / "uv").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / "programs" / "uv").chmod(0o755)


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
    assert (clone / "pip-ran").read_text(encoding="utf-8").endswith("--constraint constraints.txt --editable .[lab]")
    (clone / "pip-ran").unlink()
    second = setup(clone)
    assert second.returncode == 0 and second.stdout == "" and not (clone / "pip-ran").exists()
    for name in ("pyproject.toml", "constraints.txt"):
        with open(clone / name, "a", encoding="utf-8") as file:
            file.write("# another dependency\n")
        assert "Installing the course" in setup(clone).stdout and (clone / "pip-ran").exists()
        (clone / "pip-ran").unlink()
    assert (venv / "course-installed").exists()


def test_what_tests_need_is_installed_once_and_then_does_for_learners(clone):
    fake_pip(clone, "import pathlib, sys; pathlib.Path('pip-ran').write_text(sys.argv[-1])")
    assert setup(clone).returncode == 0
    assert setup(clone, "WITH=.[lab,test,dask]").returncode == 0
    assert (clone / "pip-ran").read_text(encoding="utf-8") == ".[lab,test,dask]"
    (clone / "pip-ran").unlink()
    assert setup(clone).stdout == setup(clone, "WITH=.[lab,test,dask]").stdout == ""
    assert not (clone / "pip-ran").exists()


def test_uv_installs_where_it_is_and_from_where_pip_is_told(clone, monkeypatch):
    fake_pip(clone, "import os; print(\"global.index-url='https://old'\\n:env:.index-url='https://a/simple'\")")
    put_uv(clone, 'echo "$UV_DEFAULT_INDEX" "$@" > uv-ran')
    result = setup(clone)
    assert result.returncode == 0, result.stderr
    python = os.path.join(".venv", "bin", "python")
    assert (clone / "uv-ran").read_text(encoding="utf-8") == (
        f"https://a/simple pip install --compile-bytecode --python {python} --quiet "
        "--constraint constraints.txt --editable .[lab]\n"
    )
    assert setup(clone).stdout == ""


def test_pip_installs_where_uv_does_not_manage_it(clone):
    fake_pip(clone, "import pathlib, sys; pathlib.Path('pip-ran').write_text(' '.join(sys.argv[1:]))")
    result = setup(clone)
    assert result.returncode == 0 and "uv did not manage it; pip tries ..." in result.stdout
    assert (clone / "pip-ran").read_text(encoding="utf-8").startswith("install")


def test_windows_has_its_own_folders(clone):
    """The program of a Windows environment lies in Scripts, and pip's settings in pip.ini."""
    venv = fake_pip(clone, "import pathlib, sys; pathlib.Path('pip-ran').write_text(' '.join(sys.argv[1:]))")
    (venv / "Scripts").mkdir()
    (venv / "Scripts" / "python.exe").write_text('#!/bin/sh\nexec .venv/bin/python "$@"\n', encoding="utf-8")
    (venv / "Scripts" / "python.exe").chmod(0o755)
    pretend = "import os, runpy, shutil, subprocess, sys; os.name = 'nt'; sys.argv = ['x', '.venv']; "
    pretend += "runpy.run_path('course/bootstrap.py', run_name='__main__')"
    command = [sys.executable, "-c", pretend]
    for told in ("Installing the course", ""):
        result = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
        assert result.returncode == 0 and told in result.stdout, result.stderr
    assert result.stdout == "" and (clone / "pip-ran").exists()
    assert "user = no" in (venv / "pip.ini").read_text(encoding="utf-8") and not (venv / "pip.conf").exists()


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
    without_pip = clone / "programs" / "python"  # putting pip into an environment takes 4 seconds, and nothing needs it
    without_pip.write_text(f'#!/bin/sh\nexec {sys.executable} "$@" --without-pip\n', encoding="utf-8")
    without_pip.chmod(0o755)
    pretend = f"import runpy, sys; sys.executable = {str(without_pip)!r}; sys.argv = ['x', '.venv']; "
    pretend += "runpy.run_path('course/bootstrap.py', run_name='__main__')"
    result = subprocess.run([sys.executable, "-c", pretend], cwd=clone, capture_output=True, text=True, check=False)
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
