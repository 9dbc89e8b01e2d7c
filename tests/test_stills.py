"""What is stored in the place of a widget: its last state, in words and pictures that any viewer shows."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course.authoring import stills
from course.errors import CourseError
from course.grading.running.execute import WIDGET_VIEW
from tests.samples import PLAIN, make_course, read

PROGRESS = """
# %%
from IPython.display import display
from ipywidgets import Checkbox, FloatSlider, HBox, IntProgress, Label, VBox, interact

# %% tags=["nbval-ignore-output"]
bar, note = IntProgress(max=8), Label("nothing yet")
display(VBox([HBox([bar, note])]))
bar.value, note.value = 3, "<3 of 8>"
"""
CHART = """
# %%
import matplotlib.pyplot as plt
from helpers import pictures

pictures.show_figures_with_words()

# %% tags=["nbval-ignore-output"]
@interact(x=FloatSlider(0.1, min=0, max=0.5), wide=Checkbox(True))
def explore(x, wide):
    print("x is", x)
    plt.plot([0, x])
    plt.show()
"""


def state(kind, **values):
    return {"_model_name": f"{kind}Model", **values}


@pytest.mark.parametrize(
    "shown, wanted",
    [
        (state("Button", description="pull <0>"), "<kbd>pull &lt;0&gt;</kbd>"),
        (state("HTML", value="<pre>@ .</pre>"), "<pre>@ .</pre>"),
        (state("IntSlider", description="n", value=3, min=1, max=6), "n: 3 (from 1 to 6)"),
        (
            state("FloatLogSlider", description="a", value=1 / 3, min=-2.0, max=2.0, base=10.0),
            "a: 0.333 (from 0.01 to 100)",
        ),
        (
            state("IntProgress", description="updates", value=3, max=8),
            'updates: <progress max="8" value="3">3 of 8</progress>',
        ),
        (state("Checkbox", description="wide", value=True), "wide: True"),
        (state("Box", children=["IPY_MODEL_a", "IPY_MODEL_gone"]), "<div>A</div><div>: </div>"),
        (state("Output", outputs=[{"output_type": "stream", "text": "1 < 2"}]), "<pre>1 &lt; 2</pre>"),
    ],
    ids=lambda value: value["_model_name"] if isinstance(value, dict) else None,
)
def test_a_widget_is_told_in_html(shown, wanted):
    assert stills.still("it", {"it": shown, "a": state("Label", value="A")}) == wanted


def test_a_build_stores_the_last_state_beside_the_repr(tmp_path):
    root = make_course(tmp_path / "course", PLAIN + PROGRESS + CHART)
    outputs = [
        output for cell in read(root / "solutions/01-tiny/01-tiny.ipynb").cells for output in cell.get("outputs", [])
    ]
    bar, explore = (output.data for output in outputs if "text/html" in output.get("data", {}))
    assert bar["text/plain"].startswith("VBox(") and explore["text/plain"].startswith("interactive(")
    assert 'value="3">3 of 8</progress></td><td>&lt;3 of 8&gt;</td>' in bar["text/html"]
    assert "<div>x: 0.1 (from 0 to 0.5)</div><div>wide: True</div>" in explore["text/html"]
    assert (
        "<pre>x is 0.1\n</pre>" in explore["text/html"]
        and '<img alt="Chart. line from 0 to 0.1' in explore["text/html"]
    )
    assert all(WIDGET_VIEW not in output.get("data", {}) for output in outputs)


def test_a_widget_that_nbval_would_compare_is_told(tmp_path):
    with pytest.raises(CourseError, match=r"01-tiny\.py:\d+: this cell shows a widget: give it tags="):
        make_course(tmp_path / "course", PLAIN + PROGRESS.replace(' tags=["nbval-ignore-output"]', ""))


def test_what_is_no_widget_stays():
    cell = new_code_cell("1", outputs=[new_output("display_data", {"text/plain": "1"})])
    stills.store(new_notebook(cells=[cell]))
    assert cell.outputs[0].data == {"text/plain": "1"}
