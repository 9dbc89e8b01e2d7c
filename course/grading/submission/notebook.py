"""Parse a notebook that anybody may have written, of any version and in any state, into its text and marks alone."""

import json
import re
from collections.abc import Callable

import nbformat
from nbformat import NotebookNode

from course.grading.submission.cells import is_untouched
from course.grading.submission.names import visible
from course.grading.submission.pictures import Album
from course.words import counted

MOST_CELLS = 20_000
LONGEST_CELL = 2**20  # characters
MOST_SAID = 10  # sentences about pictures
BEGINNING = 20_000  # characters that stay of a longer text
MOST_PARTS = 10**6  # lists and objects: each costs many times its size in memory
MOST_VALUES = 10**7
AGAIN = "save it again from JupyterLab"
GOES_ON = "The file goes on behind the notebook's end; what follows there was left out."
INSTEAD_OF_A_NOTEBOOK = (
    (
        rb"\s*<(!doctype|html)",
        "is a web page and no notebook; load the notebook itself (on GitHub: Download raw file).",
    ),
    (rb"version https://git-lfs", "is a pointer of Git LFS and no notebook; hand in the file that it points to."),
    (rb"(PK\x03\x04|\x1f\x8b|7z\xbc\xaf|Rar!)", "is an archive and no notebook; unpack it and hand in the notebook."),
    (rb"%PDF", "is a PDF and no notebook; hand in the notebook and not a print of it."),
)
CONFLICT = re.compile(rb"^(<{7} |={7}$|>{7} )", re.MULTILINE)


class Damaged(Exception):
    """What is wrong with a file, as the rest of a sentence that starts with its name."""


def notebook(
    content: bytes, *, beside: Callable[[str], bytes | None] = lambda name: None
) -> tuple[NotebookNode, list[str]]:
    """Return a notebook's cells with nothing but kind, text, pictures, id and the course's marks, and what was odd.

    Args:
        content: the file, which is trusted in nothing.
        beside: returns the content of a file by its name relative to the notebook, or None.

    Raises:
        Damaged: if it is no notebook.
    """
    found, flags = as_it_is(content)
    if len(found.cells) > MOST_CELLS:
        raise Damaged(f"has {len(found.cells):,} cells, and {MOST_CELLS:,} are allowed; remove what is not yours.")
    album, too_long = Album(beside), 0
    for cell in found.cells:
        attachments = cell.pop("attachments", None)
        if cell.cell_type != "code" and (attachments or not is_untouched(cell)):
            cell.source, kept = album.read(cell.source, attachments)
            cell.update({"attachments": nbformat.from_dict(kept)} if kept else {})
        if len(cell.source) > LONGEST_CELL:
            too_long += 1
            cell.source = "" if cell.cell_type == "code" else f"{cell.source[:BEGINNING]}\n\n*(The rest was left out.)*"
    flags += [f"{counted(too_long, 'cell')} with more than a million characters were cut."] if too_long else []
    found.metadata.clear()
    return found, flags + list(dict.fromkeys(album.flags))[:MOST_SAID]


def as_it_is(content: bytes) -> tuple[NotebookNode, list[str]]:
    """Return what `notebook` returns, with every cell's text whole and its attachments as they are.

    The notebook's metadata are those of the course. This is for a learner's own copy, of which nothing may get lost.

    Raises:
        Damaged: if it is no notebook.
    """
    data, flags = _data(content)
    cells, more = _cells(data)
    found = nbformat.v4.new_notebook()
    found.cells = [_cell(cell) for cell in cells]
    metadata = data.get("metadata") if isinstance(data.get("metadata"), dict) else {}
    found.metadata.update({"course": metadata["course"]} if "course" in metadata else {})
    return found, _foreign_kernel(data) + flags + more


def _data(content: bytes) -> tuple[dict, list[str]]:
    """Return the file's JSON object, and what was odd around it."""
    if not content.strip():
        raise Damaged(f"is empty; {AGAIN}.")
    for beginning, sentence in INSTEAD_OF_A_NOTEBOOK:
        if re.match(beginning, content, re.IGNORECASE):
            raise Damaged(sentence)
    if content.count(b"[") + content.count(b"{") > MOST_PARTS or content.count(b",") > MOST_VALUES:
        raise Damaged("has more than a million parts; clear its outputs, save it, and hand it in again.")
    try:
        text = content.decode("utf-8-sig").strip()
        data, end = json.JSONDecoder().raw_decode(text)
    except UnicodeDecodeError:
        raise Damaged(f"is not written in UTF-8, so it is no notebook; {AGAIN}.") from None
    except RecursionError:
        raise Damaged(f"is nested far deeper than any notebook; {AGAIN}.") from None
    except ValueError as error:
        raise Damaged(_broken(content, error)) from None
    if not isinstance(data, dict) or not isinstance(data.get("cells", data.get("worksheets")), list):
        raise Damaged(f"is not a Jupyter notebook, or it is damaged; {AGAIN}.")
    return data, [GOES_ON] if text[end:].strip("\0 \r\n\t") else []


def _broken(content: bytes, error: ValueError) -> str:
    if CONFLICT.search(content):
        return "holds the marks of a conflict in git (<<<<<<<); choose one version of each place, and save it again."
    where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
    return f"is not a Jupyter notebook, or it is damaged{where}; {AGAIN}."


def _cells(data: dict) -> tuple[list, list[str]]:
    """Return the cells as this version of the format has them; an old notebook is upgraded."""
    if "cells" in data:
        return data["cells"], []
    try:
        upgraded = nbformat.convert(nbformat.from_dict(data), 4).cells
    except (RecursionError, ValueError, TypeError, KeyError, AttributeError, nbformat.ValidationError):
        raise Damaged(f"has an old format and is damaged; {AGAIN}.") from None
    return upgraded, ["The notebook had an old format; it was upgraded."]


def _cell(data) -> NotebookNode:
    """Return one cell; what is no cell becomes an empty one."""
    data = data if isinstance(data, dict) else {}
    metadata = data.get("metadata") if isinstance(data.get("metadata"), dict) else {}
    cell = NotebookNode(
        cell_type=data["cell_type"] if data.get("cell_type") in ("code", "markdown", "raw") else "raw",
        id=next((name for name in (data.get("id"), metadata.get("id")) if isinstance(name, str)), "")[:64],
        metadata=NotebookNode(),
        source=_text(data.get("source")),
    )
    if cell.cell_type == "code":
        cell.update(outputs=[], execution_count=None)
    elif isinstance(data.get("attachments"), dict):
        cell.update({"attachments": nbformat.from_dict(data["attachments"])} if data["attachments"] else {})
    marks = metadata.get("nbgrader")
    if isinstance(marks, dict) and isinstance(marks.get("grade_id"), str):
        simple = {key: value for key, value in marks.items() if isinstance(value, str | int | float)}
        cell.metadata["nbgrader"] = NotebookNode(simple)
    return cell


def _text(source) -> str:
    """Return a cell's text with one kind of line end, and with no half characters, which could not be written."""
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")


def _foreign_kernel(data: dict) -> list[str]:
    """Return a sentence if the notebook asks for a kernel of another language."""
    metadata = data.get("metadata") if isinstance(data.get("metadata"), dict) else {}
    named = [
        part[key]
        for part, key in ((metadata.get("kernelspec"), "language"), (metadata.get("language_info"), "name"))
        if isinstance(part, dict) and isinstance(part.get(key), str)
    ]
    if not named or named[0].casefold() in ("python", "ipython"):
        return []
    return [f"The notebook was written for the language {visible(named[0])}; it was run as Python."]
