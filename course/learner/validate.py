"""The server's side of nbgrader's Validate button and of the overview's Grade All, each in a process of its own.

nbgrader validates inside the server's event loop, so that meanwhile nothing else runs, saves or answers; and it changes
the working directory of the process for as long as that takes, so that of two validations one would end elsewhere.
"""

import asyncio
import contextlib
import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from nbconvert.filters import strip_ansi
from nbgrader.server_extensions.validate_assignment.handlers import ValidateAssignmentHandler
from tornado import web

from course import paths
from course.errors import CourseError
from course.grading.submission import cells
from course.learner import overview, points

ODD = "This notebook cannot be validated: {}. Save it again from JupyterLab, or ask who runs the course."
BUSY = "Your lessons are being graded already."
GRADING_ENDED = "The process that grades ended; 'course grade' in a terminal says more."
ENDED = "The process that validates ended without a verdict. Save the notebook and press Validate again."


class ValidateHandler(ValidateAssignmentHandler):
    """nbgrader's own handler, whose work another process does."""

    @web.authenticated
    async def post(self):
        path = self.get_argument("path", None) or self.get_json_body()["path"]
        command = [sys.executable, "-m", "course.learner.validate", str(self.root_dir), path]
        # In a thread, since on Windows the server's event loop can start no process.
        process = await asyncio.to_thread(subprocess.run, command, stdout=subprocess.PIPE, check=False)
        said = process.stdout.decode(errors="replace").strip().splitlines()
        self.finish(said[-1] if process.returncode == 0 and said else json.dumps({"success": False, "value": ENDED}))


class GradeHandler(JupyterHandler):
    """Run `course grade` on all that the learner has begun, once at a time."""

    busy = asyncio.Lock()

    @web.authenticated
    async def post(self):
        if self.busy.locked():
            return self.finish({"success": False, "value": BUSY})
        async with self.busy:
            self.finish(await asyncio.to_thread(grade_all, self.settings["root_dir"]))


def grade_all(root: str) -> dict:
    """Grade what is begun below the course's folder; return in a sentence how many points that makes."""
    command = [sys.executable, "-m", "course.cli", "grade"]
    process = subprocess.run(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    complaint = process.stderr.decode(errors="replace").strip()
    if process.returncode:
        is_sentence = complaint and "Traceback" not in complaint
        return {"success": False, "value": complaint if is_sentence else GRADING_ENDED}
    standings = overview.standing(Path(root))
    score, total = sum(one.score for one in standings), sum(one.total for one in standings)
    return {"success": True, "value": f"Graded: {score} of {total} points so far."}


def verdict(root: str, path: str) -> dict:
    """Validate a notebook below a folder; return what nbgrader's button shows."""
    place = Path(root, path)
    if place.is_symlink() and place.parent.resolve().is_relative_to(Path(root).resolve()):
        place = place.resolve()  # its owner has put the link there
        root, path = str(place.parent), place.name
    alone = SimpleNamespace(root_dir=root, log=logging.getLogger(__name__))
    alone.load_config = lambda: ValidateAssignmentHandler.load_config(alone)
    found = ValidateAssignmentHandler.validate_notebook(alone, path)
    if found["success"]:
        with contextlib.suppress(CourseError):  # a full disk takes nobody's verdict
            _note(place, found["value"])
        found["value"] = _titled(found["value"])
    elif "Traceback" in found["value"]:
        found["value"] = ODD.format(found["value"].strip().splitlines()[-1].rstrip("."))
    return found


def _note(path: Path, results: dict) -> None:
    """Keep the points of a learner's own lesson, and have the overview tell of them."""
    if path.parent.parent.name != "work" or {"changed", "type_changed"} & results.keys():
        return  # a check was changed, so nothing was tried
    course = path.parent.parent.parent
    if mine := points.own_lesson(course, path):
        lesson, own = mine
        failed = {
            entry["source"]: " ".join(strip_ansi(entry["raw_error"]).split()) for entry in results.get("failed", [])
        }
        release = cells.read(paths.release_path(course, lesson))
        result = points.validated(release, own, lesson, failed)
        if not paths.solution_path(course, lesson).exists():
            points.without_forms(result, release)
        points.note(course, own, result, points.VALIDATE)
        overview.write(course)


def _titled(results: dict) -> dict:
    """Name the exercise of each failed check, which says more than the line of code that calls it."""
    for entry in results.get("failed", []):
        function = re.search(r"check\.\w+\((\w+)", entry["source"])
        if function:
            entry["source"] = f"The check of {function[1]}"
    return results


def _jupyter_server_extension_points() -> list[dict]:
    return [{"module": "course.learner.validate"}]


def _load_jupyter_server_extension(server) -> None:
    base = server.web_app.settings["base_url"]
    server.web_app.settings["root_dir"] = server.root_dir
    pages = [("assignments/validate", ValidateHandler), ("course/grade", GradeHandler)]
    server.web_app.add_handlers(".*$", [(url_path_join(base, url), handler) for url, handler in pages])


if __name__ == "__main__":
    print(json.dumps(verdict(*sys.argv[1:])), flush=True)
