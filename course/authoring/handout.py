"""Make the archive that a class gets: all that learners need, and nothing that tells an answer."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from nbformat import NotebookNode

from course import files
from course.authoring import build
from course.errors import CourseError
from course.grading.submission import cells

FOLDER = "bandits-to-vae"  # what the archive unpacks to
ROOT_FILES = (
    "LICENSE",
    "LICENSE-TEXT",
    "NOTATION.md",
    "constraints.txt",
    "environment.yml",
    "nbgrader_config.py",
    "pyproject.toml",
)
PATTERNS = (
    "checks/*.py",
    "docs/helpers.md",
    "docs/machines.md",
    "course/**/*.py",
    "course/jupyter/**/*",
    "helpers/*.py",
    "helpers/bundled/*",
)
FOR_STUDENTS = {"README.md": "README.md", "Makefile": "Makefile", "test_installation.py": "tests/test_installation.py"}
INSTRUCTORS = ("authoring", "grading/classroom")  # rooms of course/: of use only where the lessons or a class are
SECRET_MARKS = ("### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS")
OLDEST = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file knows; every file bears it


def make(root: Path, target: Path) -> list[str]:
    """Write the archive; the same course always gives the same bytes.

    Args:
        root: the course folder.
        target: a name that ends in .zip, .tar.gz or .tgz.

    Returns:
        The names of the files in it, without their common folder.

    Raises:
        CourseError: if a release is not what the lessons build, or holds an answer, or the name has another ending.
    """
    write = _writer(target)
    contents = _contents(root)
    with files.told(target):
        files.write(target, write({f"{FOLDER}/{name}": contents[name] for name in sorted(contents)}))
    return sorted(contents)


def _contents(root: Path) -> dict[str, bytes]:
    """Return what the archive holds, by name."""
    contents = {path.relative_to(root).as_posix(): path.read_bytes() for path in _releases(root)}
    tools = {
        path for pattern in PATTERNS for path in root.glob(pattern) if path.is_file() and _is_for_students(path, root)
    }
    for path in [*tools, *(root / name for name in ROOT_FILES)]:
        contents[path.relative_to(root).as_posix()] = path.read_bytes()
    for name, place in FOR_STUDENTS.items():
        contents[place] = (root / "course" / "students" / name).read_bytes()
    return contents


def _releases(root: Path) -> list[Path]:
    """Return the notebooks to hand out, after a look that none holds what is not for students.

    Raises:
        CourseError: naming what is wrong, and the command that mends it.
    """
    releases = sorted((root / "notebooks").glob("*/*.ipynb"))
    if not releases:
        raise CourseError(f"There are no notebooks in {root / 'notebooks'}; run: course build")
    for path in releases:
        if _holds_an_answer(cells.read(path)):
            raise CourseError(
                f"{path.relative_to(root)} holds what is not in the release; run: course build {path.stem}"
            )
    if (root / "lessons").is_dir():
        for sentence in build.differences(root):
            raise CourseError(f"The course is not ready to hand out: {sentence}")
    return releases


def _holds_an_answer(release: NotebookNode) -> bool:
    """Tell whether somebody has worked in a release, or it is no release at all."""
    marked = any(mark in cell.source for cell in release.cells for mark in SECRET_MARKS)
    return marked or cells.holds_work(release) or any(cell.get("outputs") for cell in release.cells)


def _is_for_students(path: Path, root: Path) -> bool:
    parts = path.relative_to(root).parts
    hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
    inside = "/".join(parts[1:])
    return not hidden and parts[1] != "students" and not (parts[0] == "course" and inside.startswith(INSTRUCTORS))


def _writer(target: Path) -> Callable[[dict[str, bytes]], bytes]:
    """Return the function that packs files as the name's ending says."""
    if target.name.endswith(".zip"):
        return _zip
    if target.name.endswith((".tar.gz", ".tgz")):
        return _tar
    raise CourseError(f"{target} ends neither in .zip nor in .tar.gz; give the archive such a name.")


def _zip(contents: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, OLDEST)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # as from Unix, whatever made it
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def _tar(contents: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in contents.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), 9, mtime=0)
