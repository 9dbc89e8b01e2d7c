"""Where JupyterLab keeps what a notebook was when it was last saved."""

from jupyter_server.services.contents.filecheckpoints import AsyncFileCheckpoints


class Checkpoints(AsyncFileCheckpoints):
    """Files that do not end like a notebook: nbgrader would take them for further ones of what is handed in."""

    def checkpoint_path(self, checkpoint_id: str, path: str) -> str:
        return f"{super().checkpoint_path(checkpoint_id, path)}.kept"
