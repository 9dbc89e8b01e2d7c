"""What stands for a widget where no kernel runs: its last state as a table of words and pictures, stored as HTML.

JupyterLab draws the widget itself as long as it lives; every other viewer would show its `repr`.
"""

import html
from collections.abc import Callable, Mapping

from nbformat import NotebookNode

from course.grading.running.execute import WIDGET_VIEW

STATES = "application/vnd.jupyter.widget-state+json"
VARIES = "nbval-ignore-output"

Draw = Callable[[str], str]


class Compared(Exception):
    """A cell shows a widget and lets nbval compare it, which knows no states; `cell` is its index."""

    def __init__(self, cell: int):
        super().__init__(f"cell {cell} shows a widget that nbval would compare")
        self.cell = cell


def store(notebook: NotebookNode) -> None:
    """Add a still to every widget that the cells of an executed notebook show, while their states are at hand.

    Raises:
        Compared: if such a cell lets nbval compare its output.
    """
    kept = notebook.metadata.get("widgets", {}).get(STATES, {}).get("state", {})
    states = {model: entry["state"] | {"_model_name": entry["model_name"]} for model, entry in kept.items()}
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if shown := output.get("data", {}).get(WIDGET_VIEW):
                if VARIES not in cell.metadata.get("tags", []):
                    raise Compared(index)
                output.data["text/html"] = still(shown["model_id"], states)


def still(model: str, states: Mapping[str, Mapping]) -> str:
    """Return a widget as HTML.

    Args:
        model: the id of the widget's model.
        states: of all models, by id; children are named in them as `IPY_MODEL_` and their id.
    """

    def draw(child: str) -> str:
        return still(child.removeprefix("IPY_MODEL_"), states)

    state = states.get(model, {"_model_name": ""})
    kind = state["_model_name"].removesuffix("Model")
    return KINDS.get(kind, _field)(state, draw)


def _column(state: Mapping, draw: Draw) -> str:
    return "".join(f"<div>{part}</div>" for part in map(draw, state["children"]) if part)


def _row(state: Mapping, draw: Draw) -> str:
    return "<table><tr>" + "".join(f"<td>{draw(child)}</td>" for child in state["children"]) + "</tr></table>"


def _field(state: Mapping, _: Draw) -> str:
    """Return name and value, with the ends between which the value may lie."""
    ends, value = "", state.get("value", "")
    if {"min", "max"} <= state.keys():
        low, high = (state["base"] ** state[end] if "base" in state else state[end] for end in ("min", "max"))
        ends = f" (from {low:.3g} to {high:.3g})"
    value = f"{value:.3g}" if isinstance(value, float) else value
    return html.escape(f"{state.get('description', '')}: {value}{ends}")


def _outputs(state: Mapping, _: Draw) -> str:
    shown = []
    for output in state.get("outputs", []):
        data = output.get("data", {})
        shown.append(
            data.get("text/html") or f"<pre>{html.escape(output.get('text') or data.get('text/plain', ''))}</pre>"
        )
    return "".join(shown)


def _progress(state: Mapping, _: Draw) -> str:
    name = f"{html.escape(state['description'])}: " * bool(state.get("description"))
    words = f"{state['value']} of {state['max']}"
    return f'{name}<progress max="{state["max"]}" value="{state["value"]}">{words}</progress>'


KINDS = {
    "Box": _column,
    "VBox": _column,
    "HBox": _row,
    "HTML": lambda state, _: state["value"],
    "Label": lambda state, _: html.escape(state["value"]),
    "Button": lambda state, _: f"<kbd>{html.escape(state['description'])}</kbd>",
    "Output": _outputs,
    "IntProgress": _progress,
}
