"""A page of feedback for one student: what each exercise got and why, and the student's own cells as they ran.

Everything of the student is escaped text, or a PNG picture inside it: no script, no style and no address that a student
wrote can become part of the page. A comment is the Markdown of the person who grades. The checks stand there as names
and verdicts, never as code.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from course.grading import titles
from course.grading.classroom import safe
from course.grading.result import Result
from course.grading.submission.cells import is_grade, is_solution, is_untouched
from course.words import counted, visible_text

HERE = Path(__file__).resolve().parent
OBJECT = re.compile(r"<IPython\.core\.display\.\w+ object>")  # stands for what only a browser shows
NOT_HERE = "(This output is neither text nor a picture, so it is not shown.)"
PICTURE, ATTACHED = "A picture that the cell above has drawn", "A picture that the cell above holds"
LONGEST_TEXT = 20_000  # characters of one output
LARGEST_PICTURE = 3 * 2**20  # characters in base64
MOST_PICTURES = 40


def page(
    result: Result,
    executed: NotebookNode | None,
    *,
    release: NotebookNode | None = None,
    comments: Mapping[str, str] | None = None,
    points: Mapping[str, float] | None = None,
    penalty: float = 0,
) -> str:
    """Return the page as HTML that loads nothing and runs nothing.

    Args:
        result: what came of the submission.
        executed: its notebook as it ran, or None where nothing ran.
        release: the lesson, which names the exercises where nothing ran.
        comments: a person's comments, by the id of an exercise or a written answer.
        points: a person's points, by the same ids, in the place of the result's.
        penalty: points that are taken off for a late submission.
    """
    comments, points = comments or {}, points or {}
    names = titles.of(executed or release)
    rows = [_row(entry, names, comments, points) for entry in [*result.exercises, *result.written]]
    style = (HERE / "feedback.css").read_text(encoding="utf-8")
    scored = [row for row in rows if row["points"] != "–"]
    return (
        environment(HERE)
        .get_template("feedback.html")
        .render(
            result=result,
            title=titles.of_lesson(executed or release, result.lesson),
            score=max(0, sum(row["value"] for row in scored) - penalty),
            penalty=penalty,
            most=sum(row["most"] for row in scored),
            waiting=sum(row["most"] for row in rows if row["state"] == "waiting" and row["points"] == "–"),
            rows=rows,
            notes=result.flags,
            parts=[] if executed is None else list(_parts(executed, rows)),
            style=style,
            style_digest="sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            number=_number,
            counted=counted,
            rendered=_rendered,
        )
    )


def _row(entry, titles: Mapping[str, str], comments: Mapping[str, str], points: Mapping[str, float]) -> dict:
    """Return one line of the table: an exercise with its verdict, or a written answer, which waits for a person."""
    row = {
        "id": entry.id,
        "name": titles.get(entry.id, entry.id),
        "most": entry.max_points,
        "comment": comments.get(entry.id),
    }
    if entry.id in points:
        value = points[entry.id]
        state, sentence = ("passed" if value >= entry.max_points else "failed"), "A person has graded this."
    elif hasattr(entry, "answered"):
        value, state = 0, "waiting"
        sentence = "A person grades this answer." if entry.answered else "Not filled in yet."
    else:
        value, state = entry.points, "failed" if entry.message else "passed"
        sentence = entry.message or "Right."
    is_open = state == "waiting" and getattr(entry, "answered", False)
    return row | {"value": value, "points": "–" if is_open else _number(value), "state": state, "sentence": sentence}


def _parts(executed: NotebookNode, rows: list[dict]) -> Iterable[dict]:
    """Yield what stands on the page for each cell: headings, the student's own cells with their outputs, verdicts."""
    by_id = {row["id"]: row for row in rows}
    pictures = [MOST_PICTURES]
    for cell in executed.cells:
        row = by_id.get(cell.id.removesuffix("-check")) if is_grade(cell) else None
        heading = titles.EXERCISE.search(cell.source) if cell.cell_type == "markdown" else None
        if row and not is_solution(cell):
            mark = "✓" if row["state"] == "passed" else "✗"
            yield {"kind": "check", "state": row["state"], "text": f"{mark} The check: {row['sentence']}"}
        elif heading and is_untouched(cell):
            yield {"kind": "heading", "text": heading[1]}
        elif cell.cell_type != "code" and (is_solution(cell) or not is_untouched(cell)):
            yield {"kind": "prose", "text": cell.source}
            for forms in cell.get("attachments", {}).values():  # checked as they were taken in
                for mime, text in forms.items():
                    yield {"kind": "picture", "mime": mime, "text": text, "alt": ATTACHED}
            if row and row["comment"]:
                yield {"kind": "comment", "text": row["comment"]}
        elif cell.cell_type == "code" and (is_solution(cell) or not is_untouched(cell)):
            yield {"kind": "code", "text": cell.source}
            for output in cell.outputs:
                yield from _output(output, pictures)


def _output(output: NotebookNode, pictures: list[int]) -> Iterable[dict]:
    """Yield an output as text or picture; of one in several forms, the richest that is neither HTML nor a script."""
    data = output.get("data", {})
    if output.output_type == "error":
        yield {"kind": "text", "text": _text(f"{output.ename}: {output.evalue}")}
    elif output.output_type == "stream":
        yield {"kind": "text", "text": _text(output.text)}
    elif _is_png(data.get("image/png")) and pictures[0]:
        pictures[0] -= 1
        said = data.get("text/plain", "<")
        alt = PICTURE if not isinstance(said, str) or said.startswith("<") else _text(said)  # "<Figure …>" says nothing
        yield {"kind": "picture", "mime": "image/png", "text": "".join(data["image/png"].split()), "alt": alt}
    elif isinstance(data.get("text/plain"), str):
        nothing = OBJECT.fullmatch(data["text/plain"])
        yield {"kind": "text", "text": NOT_HERE if nothing else _text(data["text/plain"])}


def _is_png(content) -> bool:
    if not isinstance(content, str) or len(content) > LARGEST_PICTURE:
        return False
    try:
        return base64.b64decode("".join(content.split()), validate=True).startswith(b"\x89PNG\r\n\x1a\n")
    except (binascii.Error, ValueError):
        return False


def _text(text: str) -> str:
    """Return an output's text as it may be shown: without colours, and not without end."""
    text = strip_ansi(text)
    cut = f"\n… and {len(text) - LONGEST_TEXT:,} characters more" if len(text) > LONGEST_TEXT else ""
    return text[:LONGEST_TEXT] + cut


def _rendered(comment: str) -> Markup:
    """Return a person's Markdown as HTML, formulas included."""
    return Markup(safe.markdown(visible_text(comment)))


def _number(value: float) -> str:
    return f"{value:g}"


def environment(folder: Path) -> Environment:
    """Return what fills a folder's templates: every text is escaped, and odd characters in it are made visible."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=lambda value: visible_text(value) if type(value) is str else value,
    )
