"""The server's side of nbgrader's Validate button, in a thread of its own.

nbgrader validates inside the server's event loop, so that meanwhile nothing else runs, saves or answers: for the minute
that a lesson takes, or for three where a learner's loop never ends.
"""

import asyncio
import json
import re

from jupyter_server.utils import url_path_join
from nbgrader.server_extensions.validate_assignment.handlers import ValidateAssignmentHandler
from tornado import web


class ValidateHandler(ValidateAssignmentHandler):
    """nbgrader's own handler, waited for instead of obeyed."""

    @web.authenticated
    async def post(self):
        path = self.get_argument("path", None) or self.get_json_body()["path"]
        verdict = await asyncio.get_running_loop().run_in_executor(None, self.validate_notebook, path)
        if verdict["success"]:
            verdict["value"] = _titled(verdict["value"])
        self.finish(json.dumps(verdict))


def _titled(results: dict) -> dict:
    """Put a title in the place of each failed check's code, which is folded in the lesson since it tells the answer."""
    for entry in results.get("failed", []):
        function = re.search(r"checks\.passed\((\w+)\)", entry["source"])
        if function:
            entry["source"] = f"The check of {function[1]}"
    return results


def _jupyter_server_extension_points() -> list[dict]:
    return [{"module": "course.learner.validate"}]


def _load_jupyter_server_extension(server) -> None:
    url = url_path_join(server.web_app.settings["base_url"], "assignments/validate")
    server.web_app.settings["root_dir"] = server.root_dir
    server.web_app.add_handlers(".*$", [(url, ValidateHandler)])
