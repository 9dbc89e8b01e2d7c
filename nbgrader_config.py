"""nbgrader for this course: `solutions/` is its source, `notebooks/` its release, and every step runs from the root."""

import os
import sys
from pathlib import Path

from course import paths

c = get_config()  # noqa: F821  (traitlets hands this function to the file)
root = Path(__file__).resolve().parent

# nbgrader calls the program alembic by its bare name, which is not on the path unless the environment is activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

named = os.environ.get("PYTHONPATH", str(root))  # there may be other `helpers`, and kernels take what comes first
if named.split(os.pathsep)[0] != str(root):
    os.environ["PYTHONPATH"] = os.pathsep.join([str(root), named])

c.CourseDirectory.course_id = "bandits-to-vae"
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
# One machine needs no more than the folder here; a class on a server names a shared one in COURSE_EXCHANGE.
c.Exchange.root = os.environ.get("COURSE_EXCHANGE") or str(root / "exchange")
for folder in (root, Path(c.Exchange.root)):
    paths.take_literally(folder)
c.CourseDirectory.db_url = paths.database_url(root / "gradebook.db")
c.Exchange.assignment_dir = str(root / "work")  # where a student's notebooks are fetched to and handed in from

c.ClearSolutions.code_stub = {
    "python": '# Your code here instead of the next line.\nraise NotImplementedError("This exercise is not filled in.")'
}
c.ClearSolutions.text_stub = "*Your answer here.*"

# nbclient's own client now and then waits for a reply that has come.
c.KernelManager.client_class = "course.grading.running.client.Client"
c.Execute.kernel_name = "python3"  # a notebook may ask for a kernel that another machine had
c.Execute.timeout = 180  # seconds a cell: training takes its time on a slow laptop
c.OverwriteCells.add_missing_cells = True  # a deleted check comes back instead of waiting for a person for ever
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = "."  # a warning on stderr is no wrong answer; without this it would score 0
# Formgrader shows what students wrote to an instructor who is logged in: a positive list goes over all of it, and last.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {
    "markdown2html": "course.grading.classroom.safe.of_cell",
    **dict.fromkeys(["strip_files_prefix", "clean_html"], "course.grading.classroom.safe.html"),
}
