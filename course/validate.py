"""The server's side of nbgrader's Validate button, in a thread of its own.

nbgrader validates inside the server's event loop: no other notebook can be run or saved meanwhile, and about one time in a
hundred the loop and the kernel's client miss each other's message and wait until the cell's timeout.
"""

import asyncio
import json

from jupyter_server.utils import url_path_join
from nbgrader.server_extensions.validate_assignment.handlers import ValidateAssignmentHandler
from tornado import web


class ValidateHandler(ValidateAssignmentHandler):
    @web.authenticated
    async def post(self):
        path = self.get_argument("path", None) or self.get_json_body()["path"]
        verdict = await asyncio.get_running_loop().run_in_executor(None, self.validate_notebook, path)
        self.finish(json.dumps(verdict))


def _jupyter_server_extension_points() -> list[dict]:
    return [{"module": "course.validate"}]


def _load_jupyter_server_extension(server) -> None:
    url = url_path_join(server.web_app.settings["base_url"], "assignments/validate")
    server.web_app.settings["root_dir"] = server.root_dir
    server.web_app.add_handlers(".*$", [(url, ValidateHandler)])
