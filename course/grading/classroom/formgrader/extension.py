"""nbgrader's formgrader with a boundary around what students wrote, and with this course's grader behind its buttons.

A page of it has the instructor's rights on the server. So whatever gets onto one, by an answer, an output, a name or an
address that somebody was made to click, runs no script: the browser is told which scripts are nbgrader's own.
"""

import asyncio
import base64
import hashlib
import json
import re
import secrets
import sys
from pathlib import Path

from jinja2 import BaseLoader, Environment, FileSystemLoader
from jupyter_server.utils import url_path_join
from nbgrader.server_extensions.formgrader import apihandlers, handlers
from nbgrader.server_extensions.formgrader.base import check_notebook_dir, check_xsrf
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from tornado import web

from course.grading.classroom.formgrader.page import TEMPLATES, Page

NONCE = secrets.token_urlsafe(16)
BREAKS_OUT = re.compile(r'["<>\\\x00-\x1f\u2028\u2029]')  # of a text in one of nbgrader's templates
ONCLICK = re.compile(r'onclick="([^"]*)"', re.IGNORECASE)
OF_FILES = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'"


def _policy() -> str:
    """Return what a page may load and run: nbgrader's own templates hold scripts, and nothing else does."""
    texts = [path.read_text(encoding="utf-8") for path in Path(handlers.template_path).rglob("*") if path.is_file()]
    actions = {action for text in texts for action in ONCLICK.findall(text)}
    digests = [base64.b64encode(hashlib.sha256(action.encode()).digest()).decode() for action in sorted(actions)]
    known = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'nonce-{NONCE}' 'unsafe-hashes' {known}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'self'; "
        "base-uri 'none'; form-action 'none'"
    )


OF_PAGES = _policy()


class Own(BaseLoader):
    """Load templates, with each script in them marked as theirs before any text of a student is put in."""

    def __init__(self, inner: BaseLoader):
        self.inner = inner

    def get_source(self, environment: Environment, template: str) -> tuple:
        """Return the template's text; where it tells of a command, the course's own takes the place."""
        text, *rest = self.inner.get_source(environment, template)
        text = text.replace("<script", f'<script nonce="{NONCE}"')
        return text.replace("nbgrader autograde", "course grade-class"), *rest


class _Guarded:
    """What every page of formgrader gets."""

    @property
    def content_security_policy(self) -> str:
        return OF_FILES if issubclass(type(self), handlers.SubmissionFilesHandler) else OF_PAGES

    def prepare(self):
        """Refuse an address whose parts would become something else in a page than a name."""
        if any(part and BREAKS_OUT.search(part) for part in [*self.path_args, *self.path_kwargs.values()]):
            raise web.HTTPError(404)
        return super().prepare()


class StartHandler(handlers.FormgraderHandler):
    """Open this course, whatever `path` asks for: nbgrader runs the nbgrader_config.py that it finds there."""

    @web.authenticated
    def get(self):
        self.redirect(f"{self.base_url}/formgrader/manage_assignments")


class GradeHandler(apihandlers.AutogradeHandler):
    """The buttons that grade and that make feedback: both are `course grade-class`, which repeats nothing."""

    @web.authenticated
    @check_xsrf
    @check_notebook_dir
    async def post(self, lesson: str, student: str = ""):
        words = [sys.executable, "-m", "course.cli", "grade-class", *([f"--students={student}"] if student else [])]
        pipes = dict.fromkeys(["stdout", "stderr"], asyncio.subprocess.PIPE)
        process = await asyncio.create_subprocess_exec(*words, "--", lesson, cwd=self.coursedir.root, **pipes)
        said, error = [text.decode(errors="replace") for text in await process.communicate()]
        self.finish(json.dumps({"success": process.returncode == 0, "log": said, "error": error}))


class Formgrader(FormgradeExtension):
    """nbgrader's extension, with other templates, other handlers and other headers."""

    def init_tornado_settings(self, webapp) -> None:
        super().init_tornado_settings(webapp)
        page = Page(config=self.config, root=self.coursedir.root)
        page.environment.loader = Own(page.environment.loader)
        pages = Environment(loader=Own(FileSystemLoader(handlers.template_path)))
        webapp.settings.update(nbgrader_exporter=page, nbgrader_jinja2_env=pages)

    def build_extra_config(self):
        config = super().build_extra_config()
        config.HTMLExporter.template_name = "graded"
        config.HTMLExporter.extra_template_basedirs = [str(TEMPLATES), handlers.template_path]
        config.HTMLExporter.extra_template_paths = [handlers.template_path]
        return config

    def init_handlers(self, webapp) -> None:
        lesson, student = "/formgrader/api/assignment/([^/]+)", "([^/]+)"
        rules = [
            (r"/formgrader/?", StartHandler),
            (f"/formgrader/api/submission/([^/]+)/{student}/autograde", GradeHandler),
            (f"{lesson}/generate_feedback", GradeHandler),
            (f"{lesson}/{student}/generate_feedback", GradeHandler),
            *handlers.default_handlers,
            *apihandlers.default_handlers,
            (r"/formgrader/static/(.*)", web.StaticFileHandler, {"path": handlers.static_path}),
            (r"/formgrader/.*", handlers.Template404),
        ]
        base = webapp.settings["base_url"]
        webapp.add_handlers(".*$", [(url_path_join(base, path), _guarded(kind), *rest) for path, kind, *rest in rules])


def _guarded(handler: type) -> type:
    """Return the handler with the guard before it; nbgrader's own files need none."""
    return handler if handler is web.StaticFileHandler else type(handler.__name__, (_Guarded, handler), {})


def _jupyter_server_extension_points() -> list[dict]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server) -> None:
    formgrader = Formgrader(parent=server)
    formgrader.root_dir, formgrader.log = server.root_dir, server.log
    formgrader.initialize([])
    formgrader.init_tornado_settings(server.web_app)
    formgrader.init_handlers(server.web_app)
