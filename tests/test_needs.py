"""Which cells a verdict depends on."""

import pytest

from course.grading import bundle
from course.grading.grade import grade_one
from course.grading.running import skip
from course.grading.sandbox import proof
from tests.samples import ROOT

IMPORTS = ("imports", "import torch\nimport matplotlib.pyplot as plt")
CHECK = ("x-check", "assert f(a) == 3")
EXERCISE = ("x", "def f(v):\n    return v")


def spare(*cells: tuple[str, str], student: dict[str, str] | None = None) -> set[str]:
    """Return what can be left out where all cells but the exercise are the course's, and some are replaced."""
    own = {name: source for name, source in cells if name not in ("x", "x-check")}
    filled = [(name, (student or {}).get(name, source)) for name, source in cells]
    return skip.unneeded(filled, own, {"x-check"})


@pytest.mark.parametrize(
    "source",
    ["b = a + 1", "print(f(1))", "fig, ax = plt.subplots()\nax.plot([1])\nplt.show()", "for v in range(3):\n    pass"],
)
def test_an_experiment_is_spare(source):
    assert spare(IMPORTS, ("made", "a = 3"), EXERCISE, CHECK, ("play", source)) == {"play"}


@pytest.mark.parametrize(
    "source",
    [
        "a = 3",
        "def a():\n    pass",
        "import math",
        "torch.manual_seed(1)",
        "torch.set_default_dtype(torch.float64)",
        "plt.rcParams['x'] = 1",
        "torch.mine = 2",
        "b = 1\na = b",
    ],
)
def test_what_a_check_reads_or_a_library_keeps_is_not(source):
    assert "made" not in spare(IMPORTS, ("made", source), EXERCISE, CHECK)


@pytest.mark.parametrize("source", ["import math\nf(math.pi)", "torch.manual_seed(1)", "a = 3"])
def test_after_the_last_check_everything_is_spare(source):
    assert spare(IMPORTS, ("made", "a = 3"), EXERCISE, CHECK, ("late", source)) == {"late"}
    assert spare(IMPORTS, ("made", "a = 3"), EXERCISE, CHECK, ("late", source), ("x", "f(a)")) == set()


def test_what_is_changed_in_place_for_a_check_is_not():
    assert spare(IMPORTS, ("made", "a = []"), ("more", "a.append(3)"), EXERCISE, CHECK) == set()


def test_functions_that_python_brings_are_no_link_unless_a_cell_sets_them():
    check = ("x-check", "assert f(a) == len('abc')")
    assert spare(IMPORTS, ("made", "a = 3"), ("play", "print(len('b'))"), EXERCISE, check) == {"play"}
    assert spare(IMPORTS, ("made", "a = 3"), ("play", "def len(v):\n    return 3"), EXERCISE, check) == set()
    shadow = ("made", "a, len = 3, [0]"), ("play", "len.append(1)")
    assert spare(IMPORTS, *shadow, EXERCISE, ("x-check", "assert f(a) == len[1]")) == set()


def test_a_function_that_is_called_stays_what_it_is_unless_something_is_set_in_it_or_a_cell_sets_its_name():
    check = ("x-check", "assert f(a) == g(3)")
    cells = [IMPORTS, ("made", "a = 3\ndef g(v):\n    return v"), EXERCISE]
    play = ("play", "print(g(1))")
    assert spare(*cells, play, check) == spare(*cells, play, check, student={"x": "g = None"}) == {"play"}
    assert spare(*cells, play, ("mine", "g = yours(g)"), check) == {"play"}
    assert spare(*cells, ("more", "g.factor = 3"), check) == set()
    assert spare(*cells, ("more", "g = [0]"), ("play", "g.append(1)"), check) == set()


def test_names_are_followed_through_other_cells_and_functions():
    assert spare(IMPORTS, ("first", "b = 3"), ("second", "def a():\n    return b"), EXERCISE, CHECK) == set()
    assert spare(IMPORTS, ("first", "v = 3"), ("second", "def a(v):\n    return v"), EXERCISE, CHECK) == {"first"}


def test_a_name_that_is_set_again_is_not_needed_before():
    assert spare(IMPORTS, ("first", "a = 1"), ("second", "a = 2"), EXERCISE, CHECK) == {"first"}


def test_what_the_student_wrote_runs_and_so_does_what_it_reads():
    cells = [IMPORTS, ("made", "a = 3"), ("data", "d = 1"), ("play", "e = 1"), EXERCISE, CHECK]
    assert spare(*cells) == {"data", "play"}
    assert spare(*cells, student={"x": "def f(v):\n    return v * d"}) == {"play"}
    assert spare(*cells, student={"play": "e = d"}) == set()


@pytest.mark.parametrize("source", ["def f(v):\n    return globals()['d']", "def f(v:", "get_ipython()"])
def test_code_that_could_read_anything_keeps_everything(source):
    assert spare(IMPORTS, ("data", "d = 1"), EXERCISE, CHECK, student={"x": source}) == set()


def test_magics_are_no_obstacle():
    assert spare(IMPORTS, ("play", "%matplotlib inline\nb = 1"), EXERCISE, CHECK) == {"play"}


@pytest.mark.parametrize(
    "answer",
    [
        "if len(''):\n    d = 2\ndef f(v):\n    return v * d",
        "for d in []:\n    pass\ndef f(v):\n    return v * d",
        "def f(v):\n    return v * d\nif f:\n    d = 4",
        "1 / 0\nd = 2\ndef f(v):\n    return v * d",
        "def f(v, w=[d for _ in '1']):\n    return v * w[0]",
        "class F:\n    def __call__(self, v):\n        return d\nf = F()",
        "f = lambda v: (lambda: d)()",
        "del d",
    ],
)
def test_what_an_answer_may_set_is_not_taken_for_set(answer):
    assert spare(IMPORTS, ("data", "d = 1"), EXERCISE, CHECK, student={"x": answer}) == set()


def test_a_lesson_gets_the_same_result_whole_and_lean():
    if proof.best() == "none":
        pytest.skip("nothing isolates here")
    made = bundle.make(ROOT, "00-start-here")
    files = {"00-start-here.ipynb": (ROOT / "solutions/00-start-here/00-start-here.ipynb").read_bytes()}
    lean, whole = (
        grade_one(made, files, name="a", isolation=proof.best(), everything=everything) for everything in (False, True)
    )
    assert lean.result == whole.result and lean.result.score == 1
    assert "Not run while grading" in str(lean.executed) and "Not run while grading" not in str(whole.executed)
    assert "image/png" in str(whole.executed)


def test_what_is_too_much_to_be_read_here_counts_as_reading_anything():
    assert skip.read_by(["a = b", "c"]) == {"b", "c"}
    assert skip.read_by(["x = 1\n" * 9000] * 20) is None and skip.read_by(["globals()"]) is None
