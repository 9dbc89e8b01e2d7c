"""JupyterLab as this course opens it; `course lab` puts this folder on Jupyter's path of settings."""

import os
from pathlib import Path

c = get_config()  # noqa: F821  (traitlets hands this function to the file)

c.ContentsManager.preferred_dir = "work"  # where the file browser starts, and where its star leads back to
c.ContentsManager.checkpoints_class = "course.learner.checkpoints.Checkpoints"

c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"

# The folder jupyter_server_config.d adds to this. Added to nothing, it is no plain dict, and formgrader warns of that.
c.ServerApp.jpserver_extensions = {"jupyterlab": True}

# jupyter_server hands its milliseconds to tornado as seconds, and tornado warns of them when the first kernel is opened
# (jupyter-server/jupyter_server#1612). Between a browser and a server on one machine no ping is needed.
c.ServerApp.tornado_settings = {"ws_ping_interval": 0}

# A login shell, which JupyterLab takes where it was not started in a terminal, may forget where `course` is.
if os.name != "nt":
    c.ServerApp.terminado_settings = {"shell_command": [os.environ.get("SHELL") or "sh"]}

c.LabApp.default_url = "/lab/tree/work/overview.md"
c.LabApp.extra_labextensions_path = [str(Path(__file__).resolve().with_name("labextensions"))]
