"""Cells in, records out: an IPython shell without a kernel, whose outputs are plain data.

A record has the notebook's `outputs` and, where the cell failed, `error`: the exception's name and text. Both come from
a process in which a submission's code runs, so nothing in them is more than a claim.
"""

import io
import os
import sys

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from .cut import CUT, EACH

NO_INPUT = "input() cannot be answered while a notebook is graded; give the value in the code instead."
MOST_OUTPUTS = 1000  # of a cell
MOST_ERRORS = 20  # of a cell
TRACE_LINES = 60

_is_running = False


class NoInput(RuntimeError):
    """The cell asked a question that nobody is there to answer."""


class Outputs:
    """The outputs of the running cell, up to a number of bytes."""

    def __init__(self):
        self.entries, self.errors, self.left, self.open = [], [], 0, True

    def start(self, most: int) -> None:
        self.entries, self.errors, self.left, self.open = [], [], most, True

    def add(self, output: dict, size: int) -> None:
        """Add an output, or say once that no more is kept."""
        size += EACH
        if size <= self.left and len(self.entries) < MOST_OUTPUTS:
            self.left -= size
            self.entries.append(output)
        elif self.open:
            self.open = False
            self.entries.append({"output_type": "stream", "name": "stderr", "text": CUT})

    def write(self, name: str, text: str) -> None:
        last = self.entries[-1] if self.entries else {}
        text = text[: max(self.left, 0)] if len(text) > self.left else text
        if text and last.get("name") == name and self.open:
            self.left -= len(text)
            last["text"].append(text)
        elif text or self.left <= 0:
            self.add({"output_type": "stream", "name": name, "text": [text]}, len(text) or 1)


class Stream(io.TextIOBase):
    """A standard stream whose text becomes an output."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, name: str, outputs: Outputs):
        self.name, self.outputs = name, outputs

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return 1 if self.name == "stdout" else 2

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.outputs.write(self.name, text)
        return len(text)


class Publisher(DisplayPublisher):
    """What `display` shows becomes an output."""

    def publish(self, data, metadata=None, *_, **__) -> None:
        self.shell.outputs.show("display_data", data, metadata)

    def clear_output(self, wait=False) -> None:
        self.shell.outputs.entries.clear()


class Hook(DisplayHook):
    """The value of a cell's last line becomes an output."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict, md_dict=None) -> None:
        extra = {"execution_count": self.shell.execution_count}
        self.shell.outputs.show("execute_result", format_dict, md_dict, extra)

    def finish_displayhook(self) -> None:
        self._is_active = False


class Shell(InteractiveShell):
    """IPython without terminal, history or kernel."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)

    def __init__(self, **options):
        self.outputs = Outputs()
        self.outputs.show = self._show
        super().__init__(**options)
        self.history_manager.enabled = False

    def init_display_formatter(self) -> None:
        super().init_display_formatter()
        self.display_formatter.ipython_display_formatter.enabled = True

    async def run_code(self, code_obj, result=None, *, async_=False) -> bool:
        """Run one statement; go on after one that fails, since what stands below it may need nothing of it."""
        if not await super().run_code(code_obj, result, async_=async_):
            return False
        error = result.error_in_exec if result is not None else None
        self.outputs.errors += [(error, self.outputs.trace)] if error is not None else []
        return not isinstance(error, Exception)  # an interrupt and exit() end the cell

    def enable_gui(self, gui=None) -> None:
        """Do nothing: figures go into the notebook."""

    def ask_exit(self) -> None:
        """Go on: `exit()` and `quit()` end a session, and there is none to end."""

    def _showtraceback(self, etype, evalue, stb) -> None:
        self.outputs.trace = [str(line) for line in stb]

    def _show(self, kind: str, data: dict, metadata: dict | None, extra: dict | None = None) -> None:
        data = {key: _plain(value) for key, value in data.items()}
        output = {"output_type": kind, "data": data, "metadata": _plain(metadata or {}), **(extra or {})}
        self.outputs.add(output, sum(len(str(value)) for value in data.values()))


def make() -> Shell:
    """Start the one shell of this process, with figures drawn into the notebook."""
    import builtins

    quiet = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}})
    shell = Shell.instance(config=quiet, user_ns={"__name__": "__main__"})
    builtins.input = _no_input
    shell.run_line_magic("matplotlib", "inline")
    return shell


def run(shell: Shell, source: str, most: int) -> dict:
    """Run one cell, and keep so many bytes of its output."""
    shell.outputs.start(most)
    shell.outputs.trace = []
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Stream("stdout", shell.outputs), Stream("stderr", shell.outputs)
    try:
        error = _run_cell(shell, source)
    except BaseException as escaped:  # an interrupt that came between two steps
        error = escaped
    finally:
        sys.stdout, sys.stderr = streams
    return record(shell, error)


def record(shell: Shell, error: BaseException | None) -> dict:
    """Return what a cell gave as plain data."""
    outputs = [
        {**entry, "text": "".join(entry["text"])} if entry["output_type"] == "stream" else entry
        for entry in shell.outputs.entries
    ]
    errors = shell.outputs.errors
    if error is not None and all(error is not one for one, _ in errors):
        errors = [*errors, (error, shell.outputs.trace)]
    told = [(type(one).__name__, _text(one), trace[-TRACE_LINES:]) for one, trace in errors[:MOST_ERRORS]]
    outputs += [
        {"output_type": "error", "ename": name, "evalue": text, "traceback": [line[:4000] for line in trace]}
        for name, text, trace in told
    ]
    return {"outputs": outputs, "error": list(told[0][:2]) if told else None}


def _run_cell(shell: Shell, source: str) -> BaseException | None:
    result = shell.run_cell(source, store_history=True)
    return result.error_before_exec or result.error_in_exec


def _no_input(prompt: object = "") -> str:
    raise NoInput(NO_INPUT)


def _text(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.msg} (line {error.lineno})"
    try:
        return str(error)[:20000]
    except BaseException:
        return "an error whose text cannot be shown"


def _plain(value):
    """Return data for JSON; what cannot be written is left out."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def quiet_streams() -> None:
    """Send what is written past Python's own streams nowhere, and take nothing from standard input."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)


def interruptible(now: bool) -> None:
    """Say whether an interrupt stops what runs; between two requests it was meant for a cell that is over."""
    global _is_running
    _is_running = now


def on_interrupt(number: int, frame: object) -> None:
    """Handle SIGINT."""
    if _is_running:
        raise KeyboardInterrupt
