"""Words in a student's own cells that no answer needs and that tampering does: a person is asked to look.

It reads text in the grader's process, where no submission can patch it, and it costs no points. Whoever spells such a
word in pieces is not seen by it.
"""

import re

from nbformat import NotebookNode

from course.grading.bundle import Bundle
from course.grading.names import visible

ASKS = "which no answer needs; please look."
WORDS = re.compile(
    r"\b(_getframe|f_back|f_locals|f_globals|f_builtins|tb_frame|gi_frame|get_objects|get_referrers|currentframe|settrace|"
    r"setprofile|__builtins__|ctypes|unittest\.mock|MagicMock|_render_traceback_|sys\.modules|checks\._\w+|"
    r"__getattribute__|from child import|import child|"
    r"child\.(?:session|shell|guard|wire|codec|judge|called|models|gradients|template))\b|"
    r"^[ \t]*(?:checks|torch)[ \t]*(?:,.*)?=[^=]",
    re.MULTILINE,
)


def remarks(notebook: NotebookNode, bundle: Bundle) -> list[str]:
    """Return a sentence for each cell of a rebuilt notebook that holds such a word and is not the course's own."""
    own = {cell["id"]: cell["source"] for cell in bundle.release["cells"]}
    found = []
    for cell in notebook.cells:
        word = WORDS.search(cell.source) if cell.cell_type == "code" and own.get(cell.id) != cell.source else None
        if word:
            found.append(f"{visible(cell.id)}: it has {visible(word[0].strip())}, {ASKS}")
    return found
