"""What a submission's process claims that its cells have shown, made into harmless outputs of a notebook.

Only text, pictures and plain data pass, each in the form that the notebook format asks for. Metadata do not: what a
page makes of them is beyond us, and nbconvert writes a picture's width into its HTML as it stands. A picture that the
course's helpers show as HTML, for its text alternative, becomes a plain picture again, with that text.
"""

import html
import re

from nbformat import NotebookNode
from nbformat.v4 import new_output

from course.grading.sandbox.child.cut import CUT, EACH

MOST_OUTPUTS = 2000  # of a cell
MOST_LINES = 10_000  # of a text: each takes far more memory than its end
DEEPEST = 30  # data within data
PICTURE = re.compile(r'<img alt="([^"<>]*)" src="data:image/png;base64,([A-Za-z0-9+/=]+)">')  # as helpers.pictures does


def tidy(claimed: object, most: int) -> list[NotebookNode]:
    """Return those outputs that are well formed, up to a size; whatever is left out counts as well.

    Args:
        claimed: data from JSON, of any form.
        most: bytes to keep.
    """
    kept, left = [], most
    for number, output in enumerate(claimed if isinstance(claimed, list) else []):
        node = _output(output) if isinstance(output, dict) else None
        left -= EACH + (weight(node) if node else 0)
        if left < 0 or number >= MOST_OUTPUTS:
            return [*kept, new_output("stream", name="stderr", text=CUT)]
        kept += [node] if node else []
    return kept


def weight(output: NotebookNode) -> int:
    """Return for how many bytes an output counts: a notebook's file lists lines and entries one by one."""
    text, data = str(output), output.get("data", {}).values()
    entries = sum(str(value).count(",") for value in data if not isinstance(value, str))
    return len(text) + EACH * (text.count("\\n") + len(output.get("traceback", [])) + entries)


def shorter(text: str, rest: str) -> str:
    """Return a text of at most so many lines as a person may read; `rest` stands for what follows."""
    if text.count("\n") <= MOST_LINES:
        return text
    return "\n".join(text.split("\n", MOST_LINES)[:MOST_LINES]) + rest


def picture(data: dict) -> tuple[str, str] | None:
    """Return the picture in an output's data, in base64, and its text alternative; None where there is none."""
    found = PICTURE.fullmatch(data["text/html"]) if isinstance(data.get("text/html"), str) else None
    return (found[2], html.unescape(found[1])) if found else None


def _output(output: dict) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream" and output.get("name") in ("stdout", "stderr") and isinstance(output.get("text"), str):
        return new_output(kind, name=output["name"], text=shorter(output["text"], CUT))
    if kind == "error" and all(isinstance(output.get(part), str) for part in ("ename", "evalue")):
        trace = output.get("traceback")
        trace = trace if isinstance(trace, list) else []
        cut = [CUT] if len(trace) > MOST_LINES else []
        trace = [line for line in trace[:MOST_LINES] if isinstance(line, str)] + cut
        return new_output(kind, ename=output["ename"], evalue=output["evalue"], traceback=trace)
    if kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
        may = {mime: value for mime, value in output["data"].items() if _may_show(mime, value)}
        data = {mime: shorter(value, CUT) if isinstance(value, str) else value for mime, value in may.items()}
        metadata = {}
        if shown := picture(data):
            data, metadata = {"image/png": shown[0], "text/plain": shown[1]}, {"image/png": {"alt": shown[1]}}
        count = output.get("execution_count")
        extra = {"execution_count": count if type(count) is int else None} if kind == "execute_result" else {}
        return new_output(kind, data=data, metadata=metadata, **extra)
    return None


def _may_show(mime: str, value: object) -> bool:
    """Tell whether this is text, or data under a name that says so."""
    is_data = mime == "application/json" or mime.endswith("+json")
    return _depth_within(value, DEEPEST) if is_data else isinstance(value, str)


def _depth_within(value: object, depth: int) -> bool:
    """Tell whether data are nested at most so deep; it never looks deeper than that."""
    if not isinstance(value, dict | list):
        return True
    entries = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(_depth_within(entry, depth - 1) for entry in entries)
