"""The course as a web site: Sphinx makes it of the stored notebooks. Nothing is run, and the site fetches nothing."""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nbformat

from course import files
from course.authoring import lessons
from course.authoring.book import pages
from course.errors import CourseError

TITLE = "From bandits to the VAE"
MATHJAX = "sphinx-mathjax-offline"  # a package with the files of MathJax
MATHJAX_FILES = ("tex-chtml.js", "input/tex/extensions/*", "output/chtml/fonts/woff-v2/*")
STATIC = ("book.css", "icon.svg")
MARK = "objects.inv"  # lies in every site of Sphinx
TEXTS = {"NOTATION.md": "notation.md", "docs/helpers.md": "docs/helpers.md"}  # pages beside the lessons, by their file
LICENCE = "Text and figures: CC BY 4.0. Code: MIT License."
SETTINGS = {
    "project": TITLE,
    "author": "",
    "html_title": TITLE,
    "language": "en",
    "extensions": ["myst_nb"],
    "nb_execution_mode": "off",
    "nb_merge_streams": True,
    "myst_enable_extensions": ["dollarmath", "amsmath"],
    "myst_heading_anchors": 3,
    "html_theme": "sphinx_book_theme",
    "html_theme_options": {
        "use_download_button": False,
        "extra_footer": f"<p>{LICENCE}</p>",
        "search_bar_text": "Search the course",
        "navbar_persistent": [],
    },
    "html_context": {"default_mode": "auto"},
    "html_static_path": ["_static"],
    "html_css_files": ["book.css"],
    "html_favicon": "_static/icon.svg",
    "html_copy_source": False,
    "html_show_search_summary": False,  # it would fetch pages, which browsers refuse to one opened from the disk
    "mathjax_path": "mathjax/tex-chtml.js",
}


def make(root: Path, target: Path, names: Iterable[str] = (), *, for_class: bool = False) -> list[str]:
    """Write the site into a folder, whole or not at all.

    Args:
        root: the course folder.
        target: the folder; what an earlier call wrote there is replaced.
        names: lessons, such as "01-bandits"; none means all.
        for_class: leave the solutions out.

    Returns:
        The names of the lessons in it.

    Raises:
        CourseError: if what makes sites is not installed, the folder holds something else, a lesson is not built, or
            Sphinx has something to object to. The folder stays as it was.
    """
    for package in ("myst_nb", "sphinx_book_theme", MATHJAX):
        if importlib.util.find_spec(package) is None:
            raise CourseError("The book needs more packages: run 'make book', or pip install --editable '.[book]'")
    if target.exists() and not (target.is_dir() and ((target / MARK).exists() or not any(target.iterdir()))):
        raise CourseError(f"{target} holds something else than a book; name another folder with --output.")
    chosen = [lesson.name for lesson in lessons.choose(root, names)]
    with files.told(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".book-") as folder:
            source, site = Path(folder, "source"), Path(folder, "site")
            _write_source(root, source, chosen, for_class=for_class)
            _run_sphinx(source, site)
            if target.exists():
                target.rename(Path(folder, "old"))
            site.rename(target)
    return chosen


def _write_source(root: Path, folder: Path, names: list[str], *, for_class: bool) -> None:
    """Write what Sphinx reads: a notebook for each lesson, the other texts, a front page, and files to copy."""
    texts = {path: page for path, page in TEXTS.items() if (root / path).exists()}
    links = {path: f"/{page}" for path, page in texts.items()}
    links |= {
        f"{place}/{name}/{name}.ipynb": f"/{name}.ipynb" for name in names for place in ("notebooks", "solutions")
    }
    (folder / "_static").mkdir(parents=True)
    shutil.copytree(root / "docs", folder / "docs", ignore=shutil.ignore_patterns("*.md"))
    for name in names:
        nbformat.write(pages.page(root, name, pages=links, for_class=for_class), folder / f"{name}.ipynb")
    for path, page in texts.items():
        text = (root / path).read_text(encoding="utf-8")
        (folder / page).write_text(pages.relinked(text, str(Path(path).parent), links), encoding="utf-8")
    (folder / "index.md").write_text(_front(root, names, [*texts.values()]), encoding="utf-8")
    for name in STATIC:
        shutil.copy(Path(__file__).with_name(name), folder / "_static")
    mathjax = Path(importlib.util.find_spec(MATHJAX).origin).parent / "static" / "mathjax"
    for path in (path for pattern in MATHJAX_FILES for path in mathjax.glob(pattern) if path.is_file()):
        copy = folder / "_static" / "mathjax" / path.relative_to(mathjax)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)


def _front(root: Path, names: list[str], texts: list[str]) -> str:
    """Return the front page: how the README begins, and the lessons."""
    opening = (root / "README.md").read_text(encoding="utf-8").split("\n## ")[0]
    rows = "\n".join(pages.row(root, name) for name in names)
    entries = "\n".join([*(f"{name}.ipynb" for name in names), *texts])
    table = f"| lesson | you will | time |\n|:--|:--|--:|\n{rows}"
    return f"{opening}\n\n{table}\n\n```{{toctree}}\n:hidden:\n\n{entries}\n```\n"


def _run_sphinx(source: Path, site: Path) -> None:
    """Make the site.

    Raises:
        CourseError: with what Sphinx says of a page: a link that leads nowhere is a fault of the course. What it says
            of itself, such as that a setting will change, stops nobody.
    """
    (source / "conf.py").write_text(
        "\n".join(f"{name} = {value!r}" for name, value in SETTINGS.items()), encoding="utf-8"
    )
    words = ["-q", "--no-color", "-d", str(source.parent / "doctrees"), str(source), str(site)]
    command = [sys.executable, "-W", "ignore", "-m", "sphinx", *words]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", check=False)
    faults = [line for line in done.stderr.split("\n") if line.startswith(str(source)) or done.returncode]
    if faults:
        told = "\n".join(faults).replace(f"{source}/", "")
        raise CourseError(f"Sphinx cannot make the book of the lessons as they are:\n{told}")
