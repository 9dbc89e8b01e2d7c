"""How a check speaks in a notebook: one calm line, and what led to an error of the learner's code one click away."""

import contextlib
import html
import os
import re

from checks.answer import MISSING, Raised, Unfilled
from checks.failure import CheckFailed, rendered

GRADED = ("NBGRADER_EXECUTION", "NBGRADER_VALIDATING")  # nbgrader and `course grade` set one of them
STOPS = "{} is not there, since its cell stops with {}."

_broken: dict[str, str] = {}  # functions whose cell failed when it was last run, and how


def tell(failure: CheckFailed, name: str) -> None:
    """Show what a check found.

    What is not filled in is one line of text, so that Run All goes on to the next cell; where somebody grades or
    validates, it fails like everything else.

    Raises:
        CheckFailed: the failure.
    """
    if isinstance(failure, Unfilled) and not is_graded():
        print(f"◦ {name}: {failure}")
        return
    if isinstance(failure, Raised) and failure.trace and not is_graded():
        _fold("What led there in your code", "\n".join(failure.trace))
    raise failure.with_traceback(None) from None


def is_graded() -> bool:
    """Tell whether this notebook runs for somebody who counts points."""
    return any(name in os.environ for name in GRADED)


def passing_mark() -> str:
    """Return a ✓, green where a person looks: a stored output is plain, by the usual NO_COLOR."""
    return "✓" if "NO_COLOR" in os.environ or is_graded() else "\x1b[32m✓\x1b[0m"


def watch(shell) -> None:
    """Have a notebook's shell say what is wrong when a check is given a function that is not there."""
    shell.events.register("post_run_cell", _note)
    shell.set_custom_exc((NameError,), _name_error)


def _note(result) -> None:
    """Remember which functions a failing cell was to define, and forget those that a good one defines."""
    error = result.error_before_exec or result.error_in_exec
    names = re.findall(r"^\s*def (\w+)", result.info.raw_cell or "", re.MULTILINE)
    for name in names:
        _broken.pop(name, None)
    if error is not None and "check." not in (result.info.raw_cell or ""):
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        said = f"{type(error).__name__}{line}: {getattr(error, 'msg', error)}"
        _broken.update(dict.fromkeys(names, said))


def _name_error(shell, kind, error, trace, tb_offset=None) -> None:
    """Show a NameError; where a check was to be called, as the one sentence that names the cause."""
    name = getattr(error, "name", None) or ""
    line = _first_line(shell, trace)
    if not re.search(rf"\bcheck\.\w+\([^)]*\b{re.escape(name)}\b", line):
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        return
    sentence = STOPS.format(name, _broken[name]) if name in _broken else MISSING.format(name)
    shell._showtraceback(CheckFailed, CheckFailed(sentence), rendered(sentence))


def _first_line(shell, trace) -> str:
    """Return the line of the cell in which an exception started its way."""
    import linecache

    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == "__main__":
            return linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    return ""


def _fold(title: str, text: str) -> None:
    """Show a text that opens at a click, where something can be clicked."""
    with contextlib.suppress(Exception):
        from IPython import get_ipython
        from IPython.display import HTML, display

        if get_ipython() is not None:
            display(HTML(f"<details><summary>{html.escape(title)}</summary><pre>{html.escape(text)}</pre></details>"))


def _start() -> None:
    with contextlib.suppress(ImportError):
        from IPython import get_ipython

        shell = get_ipython()
        if shell is not None:
            watch(shell)


_start()
