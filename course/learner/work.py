"""A learner's own notebooks: `work/NN-name/NN-name.ipynb`, which no update overwrites.

`notebooks/` belongs to the course and changes with it. A learner works on a copy; when the lesson changes, the answers
are carried into the new text and the old notebook stays beside it.
"""

import os
from pathlib import Path

import nbformat

from course import files, paths
from course.errors import CourseError
from course.grading.submission import cells, notebook, rebuild

LEFT = "It is left as it is; rename it and start again to get a fresh copy."


def refresh(root: Path) -> list[str]:
    """Make or update the learner's copy of every lesson; return a sentence for each thing a learner should know.

    What goes wrong with one lesson is a sentence, and the others are still brought up to date.
    """
    sentences = []
    for release in sorted((root / "notebooks").glob("*/*.ipynb")):
        name = f"work/{release.parent.name}/{release.name}"
        try:
            sentences += _refresh(release, root / name)
        except notebook.Damaged as damage:
            sentences.append(f"{name} {damage} {LEFT}")
        except OSError as error:
            sentences.append(f"{name} could not be brought up to date: {error.strerror}. {LEFT}")
        except CourseError as error:
            sentences.append(str(error))
        except Exception as error:  # a bug of the course's costs one lesson its update and no more
            sentences.append(f"{name} could not be brought up to date: {type(error).__name__}: {error}. {LEFT}")
    return sentences


def rescue(root: Path, name: str) -> list[str]:
    """Save what a person wrote in notebooks/NN-name, which is about to be written anew; say so in a sentence."""
    released = paths.release_path(root, name)
    if not released.exists() or not _holds_work(released):
        return []
    own = paths.own_path(root, name)
    if own.exists() and own.read_bytes() != released.read_bytes() and _holds_work(own):
        own = unused(own, "from-notebooks")
    files.write(own, released.read_bytes())
    return [f"notebooks/{name} held work of yours; it is now in {own.relative_to(root)}."]


def unused(path: Path, word: str) -> Path:
    """Return a name beside `path` that no file has: name.word.ipynb, name.word-2.ipynb, …"""
    number, candidate = 1, path.with_name(f"{path.stem}.{word}{path.suffix}")
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}.{word}-{number}{path.suffix}")
    return candidate


def _refresh(release: Path, own: Path) -> list[str]:
    if not os.path.lexists(own):
        files.write(own, fresh(cells.read(release)))
        return []
    place, own = own, own.resolve(strict=True)  # whoever has put a link there means what it leads to
    new, content = cells.read(release), own.read_bytes()
    old, _ = notebook.as_it_is(content)
    if old.metadata.get("course") == new.metadata.get("course"):
        return []
    if not cells.holds_work(old):
        files.write(own, fresh(new))
        return []
    kept = unused(place, "before-update")
    files.write(kept, content)
    files.write(own, fresh(rebuild.rebuild(new, old, lend=False)[0]))
    name = release.parent.name
    return [
        f"{name} has changed: your answers are carried over, and the notebook as it was is work/{name}/{kept.name}."
    ]


def fresh(lesson: nbformat.NotebookNode) -> str:
    """Return a notebook's file; it tells of this Python what its kernel would, or opening it would be a change."""
    from ipykernel.ipkernel import IPythonKernel

    lesson.metadata["language_info"] = IPythonKernel.language_info
    return nbformat.writes(lesson) + "\n"


def _holds_work(path: Path) -> bool:
    """Tell whether the file holds anything that the course did not write; what cannot be read might."""
    try:
        return cells.holds_work(notebook.as_it_is(path.read_bytes())[0])
    except (notebook.Damaged, OSError):
        return True
