"""Open JupyterLab on the learner's notebooks."""

import json
import os
import sys
from pathlib import Path

import nbformat
from jupyterlab_server.workspaces_handler import WorkspacesManager
from nbformat.sign import NotebookNotary

from course.errors import CourseError
from course.learner import overview, work

AS_ROOT = (
    "JupyterLab does not start for root. Take another user, or, in a container of your own, "
    "add its option: course lab --allow-root, or: make lab ARGS=--allow-root"
)
SETTINGS = Path(__file__).resolve().parent.parent / "jupyter"


def main(root: Path, arguments: list[str]) -> int:
    """Bring work/ up to date and run JupyterLab until it is stopped; return its exit code.

    Args:
        root: the course folder, which becomes JupyterLab's root.
        arguments: JupyterLab's own, and `--instructor` for nbgrader's panels.

    Raises:
        CourseError: if JupyterLab would not start.
    """
    if _is_refused(arguments):
        raise CourseError(AS_ROOT)
    try:
        for sentence in _refresh(root):
            print(sentence)
        try:
            overview.write(root)
        except CourseError as error:
            print(error)
        _make_exchange(root / "exchange")
        _set_environment(root, is_instructor="--instructor" in arguments)
        os.chdir(root)
        from jupyterlab.labapp import LabApp  # it reads the environment as it is imported

        LabApp.launch_instance([argument for argument in arguments if argument != "--instructor"])
    except KeyboardInterrupt:
        return 130
    return 0


def _is_refused(arguments: list[str]) -> bool:
    """Tell whether this is root, whom neither an option nor a setting of Jupyter's allows to start a server."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or {"-h", "--help", "--help-all", "--version"} & set(arguments):
        return False
    if any(word.lstrip("-").startswith(("allow-root", "ServerApp.allow_root")) for word in arguments):
        return False
    from jupyter_server.serverapp import ServerApp

    server = ServerApp()
    server.load_config_file()
    return not server.allow_root


def _refresh(root: Path) -> list[str]:
    """Refresh work/, and have Jupyter trust what the course wrote: it warns of each notebook that it has not signed."""
    notary = NotebookNotary()
    own = {path: _read(path) for path in (root / "work").glob("*/*.ipynb")}
    trusted = {path for path, notebook in own.items() if notebook and notary.check_signature(notebook)}
    sentences = work.refresh(root)
    for folder in ("solutions", "notebooks", "work"):
        for path in (root / folder).glob("*/*.ipynb"):
            notebook = _read(path)
            if notebook and (folder != "work" or path in trusted or _is_harmless(notebook, notary)):
                notary.sign(notebook)
    return sentences


def _is_harmless(notebook: nbformat.NotebookNode, notary: NotebookNotary) -> bool:
    """Tell whether no output can carry a script; what the notebook says of itself does not count."""
    notary.mark_cells(notebook, False)
    return notary.check_cells(notebook)


def _read(path: Path) -> nbformat.NotebookNode | None:
    """Return the notebook, or None where the file is none: JupyterLab tells its reader."""
    try:
        return nbformat.read(path, as_version=4)
    except Exception:  # nbformat raises many kinds
        return None


def _make_exchange(folder: Path) -> None:
    """Make the folder through which nbgrader hands out and collects, with the rights that it demands."""
    if not folder.exists():
        folder.mkdir()
        folder.chmod(0o777)


def _set_environment(root: Path, *, is_instructor: bool) -> None:
    """Point Jupyter to the course's settings, behind those that the user named, and to sessions of the course's own."""
    named = filter(None, os.environ.get("JUPYTER_CONFIG_PATH", "").split(os.pathsep))
    ours = [SETTINGS / ("instructor" if is_instructor else "learner"), SETTINGS, root]  # root has nbgrader_config.py
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([*named, *map(str, ours)])
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])  # `course`
    sessions = Path(os.environ.setdefault("JUPYTERLAB_WORKSPACES_DIR", str(root / "work" / ".jupyterlab")))
    if not sessions.exists() and (root / overview.PLACE).exists():
        _save_first_session(sessions)


def _save_first_session(folder: Path) -> None:
    """Write what JupyterLab restores at its first start: the overview beside the file browser."""
    tab = f"mdpreview:{overview.PLACE}"
    layout = {
        "main": {"dock": {"type": "tab-area", "currentIndex": 0, "widgets": [tab]}, "current": tab},
        "left": {"collapsed": False, "visible": True, "current": "filebrowser", "widgets": ["filebrowser"]},
        "relativeSizes": [0.2, 0.8, 0],
    }
    data = {"layout-restorer:data": layout, tab: {"data": {"path": overview.PLACE, "factory": "Markdown Preview"}}}
    WorkspacesManager(str(folder)).save("default", json.dumps({"data": data, "metadata": {"id": "default"}}))
