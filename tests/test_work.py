"""A learner's own notebooks: they survive every update of the course."""

import json
import os

import nbformat
import pytest
from ipykernel.ipkernel import IPythonKernel

from course import paths
from course.authoring import build
from course.grading.submission import cells
from course.learner import work
from tests.samples import PLAIN, fill, make_course, read, replace

NAME = "01-tiny"
MINE = "def double(x):\n    return x + x"
CHANGED = PLAIN.replace("check.half(half)", "check.half(half, numbers=(6,))")


@pytest.fixture
def built(plain):
    return plain


@pytest.fixture
def own(built):
    """A filled notebook in work/, with a note and a cell of the learner's."""
    assert work.refresh(built) == []
    path = built / "work" / NAME / f"{NAME}.ipynb"
    fill(path, path, {"tiny-double": MINE})
    notebook = read(path)
    notebook.cells.insert(3, nbformat.v4.new_markdown_cell("My note."))
    nbformat.write(notebook, path)
    return path


def update(root, old, new):
    """Change the lesson as an update of the course does, and build it."""
    replace(root / "lessons" / f"{NAME}.py", old, new)
    build.build(root, say=lambda _: None)


def assert_fresh(copy, release):
    """The copy differs in what a kernel would write into it when it is opened: JupyterLab shall call it saved."""
    copied, released = read(copy), read(release)
    released.metadata.language_info = IPythonKernel.language_info
    assert copied == released


def sources(path) -> list[str]:
    return [cell.source for cell in read(path).cells]


def test_the_first_start_copies_every_lesson(built):
    assert work.refresh(built) == []
    copy = built / "work" / NAME / f"{NAME}.ipynb"
    assert_fresh(copy, paths.release_path(built, NAME))


def test_a_start_without_an_update_touches_nothing(built, own):
    before = own.read_bytes()
    assert work.refresh(built) == []
    assert own.read_bytes() == before


def test_answers_notes_and_extra_cells_are_carried_into_the_new_lesson(built, own):
    before = own.read_bytes()
    update(built, "# # 01 · Tiny", "# # 01 · Tiny, second edition")
    said = work.refresh(built)
    assert len(said) == 1 and "your answers are carried over" in said[0]
    now = sources(own)
    assert "# 01 · Tiny, second edition" in now and "# 01 · Tiny" not in now
    assert MINE in now and now.index("My note.") == now.index(MINE) + 1
    assert (own.parent / f"{NAME}.before-update.ipynb").read_bytes() == before
    assert work.refresh(built) == []


def test_a_guess_stays_with_its_question(built):
    asked = "\n# %% [markdown]\n# **Predict.** Up?\n#\n# *Your guess:* …\n\n# %% [markdown]\n# **What you see.** Up.\n"
    update(built, PLAIN, PLAIN + asked)
    assert work.refresh(built) == []
    path = paths.own_path(built, NAME)
    replace(path, "*Your guess:* …", "*Your guess:* down")
    update(built, "# # 01 · Tiny", "# # 01 · Tiny, second edition")
    assert len(work.refresh(built)) == 1
    assert sources(path)[-2:] == ["**Predict.** Up?\n\n*Your guess:* down", "**What you see.** Up."]


def test_a_changed_check_comes_with_the_update(built, own):
    make_course(built, CHANGED)
    work.refresh(built)
    assert "check.half(half, numbers=(6,))" in sources(own) and "check.half(half)" not in sources(own)


def test_an_answer_to_an_exercise_that_is_gone_stays_as_a_plain_cell(built, own):
    lesson = built / "lessons" / f"{NAME}.py"
    text = lesson.read_text(encoding="utf-8")
    start, end = text.index('# %% exercise="tiny-double"'), text.index('# %% exercise="tiny-half"')
    lesson.write_text(text[:start] + text[end:], encoding="utf-8")
    build.build(built, say=lambda _: None)
    work.refresh(built)
    cell = next(cell for cell in read(own).cells if cell.source == MINE)
    assert "nbgrader" not in cell.metadata


def test_answers_are_carried_over_after_an_editor_has_dropped_all_ids(built, own):
    notebook = read(own)
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = nbformat.NotebookNode(), f"other-{number}"
    notebook.metadata.pop("course")
    nbformat.write(notebook, own)
    make_course(built, CHANGED)
    work.refresh(built)
    now = read(own)
    assert MINE in sources(own) and "My note." in sources(own) and "check.half(half, numbers=(6,))" in sources(own)
    assert [cell.id for cell in now.cells if not cell.id.startswith("own-")] == [
        cell.id for cell in read(paths.release_path(built, NAME)).cells
    ]
    assert work.refresh(built) == []


def test_every_update_keeps_its_own_copy(built, own):
    for edition in ("second", "third"):
        update(built, "# # 01 · ", f"# # 01 · {edition} ")
        work.refresh(built)
    kept = sorted(path.name for path in own.parent.iterdir())
    assert kept == [f"{NAME}.before-update-2.ipynb", f"{NAME}.before-update.ipynb", f"{NAME}.ipynb"]


def test_an_untouched_copy_is_simply_replaced(built):
    work.refresh(built)
    update(built, "# # 01 · Tiny", "# # 01 · Tiny, second edition")
    assert work.refresh(built) == []
    copy = built / "work" / NAME / f"{NAME}.ipynb"
    assert_fresh(copy, paths.release_path(built, NAME))
    assert len(list(copy.parent.iterdir())) == 1


def test_a_notebook_that_cannot_be_read_is_left_as_it_is(built, own):
    own.write_text("{", encoding="utf-8")
    assert "It is left as it is" in work.refresh(built)[0]
    assert own.read_text(encoding="utf-8") == "{"


def test_work_done_in_notebooks_is_moved_and_not_lost(built):
    released = paths.release_path(built, NAME)
    pristine = released.read_bytes()
    fill(released, released, {"tiny-double": MINE})
    said = []
    build.build(built, say=said.append)
    assert said[0] == f"notebooks/{NAME} held work of yours; it is now in work/{NAME}/{NAME}.ipynb."
    assert released.read_bytes() == pristine
    assert MINE in sources(built / "work" / NAME / f"{NAME}.ipynb")


def test_work_done_in_both_places_is_kept_side_by_side(built, own):
    before, released = own.read_bytes(), paths.release_path(built, NAME)
    fill(released, released, {"tiny-double": "def double(x):\n    return 3"})
    build.build(built, say=lambda _: None)
    assert own.read_bytes() == before
    assert "return 3" in (own.parent / f"{NAME}.from-notebooks.ipynb").read_text(encoding="utf-8")


def test_a_release_that_jupyterlab_only_ran_and_saved_is_no_work(built):
    released = paths.release_path(built, NAME)
    notebook = read(released)
    notebook.metadata.language_info["version"] = "3.13"
    notebook.cells[1].execution_count = 1
    notebook.cells.append(nbformat.v4.new_code_cell(""))
    nbformat.write(notebook, released)
    assert not cells.holds_work(read(released))
    said = []
    build.build(built, say=said.append)
    assert said == [f"{NAME}: written"]
    assert not (built / "work").exists()


def change(path, *edits) -> None:
    """Change a notebook's JSON, also into what nbformat would not write."""
    data = json.loads(path.read_text(encoding="utf-8"))
    for edit in edits:
        edit(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def each(edit):
    return lambda data: [edit(number, cell) for number, cell in enumerate(data["cells"])]


ODD = {
    "before 4.5": lambda data: (data.update(nbformat_minor=4), each(lambda _, cell: cell.pop("id"))(data)),
    "ids rewritten": each(lambda number, cell: cell.update(id=f"{number:08x}")),
    "line ends of Windows": each(lambda _, cell: cell.update(source="".join(cell["source"]).replace("\n", "\r\n"))),
    "a count on Markdown": each(lambda _, cell: cell.update(execution_count=None)),
    "a kernel without a name": lambda data: data["metadata"].update(kernelspec={"display_name": "x"}),
    "outputs without metadata": each(
        lambda _, cell: cell.update(outputs=[{"output_type": "display_data", "data": {}}] if "outputs" in cell else 0)
    ),
    "metadata missing": lambda data: data.pop("metadata"),
}
ODD_BYTES = {
    "a byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "something behind the end": lambda content: content + b"\n}",
    "zeros behind the end": lambda content: content + bytes(100),
}


@pytest.mark.parametrize("odd", [*ODD, *ODD_BYTES])
def test_an_odd_notebook_is_carried_over_as_it_is_graded(built, own, odd):
    """Twice, since what an update writes must not grow when the same happens to it again."""
    for edition in ("second", "third"):
        update(built, "# # 01 · ", f"# # 01 · {edition} ")
        change(own, *[ODD[odd]] if odd in ODD else [])
        own.write_bytes(ODD_BYTES.get(odd, bytes)(own.read_bytes()))
        before = own.read_bytes()
        said = work.refresh(built)
        assert len(said) == 1 and "your answers are carried over" in said[0], said
        assert before in [path.read_bytes() for path in own.parent.glob("*before-update*")]
        assert len(read(own).cells) == len(read(paths.release_path(built, NAME)).cells) + 1  # the learner's note
        assert sources(own).count(MINE) == sources(own).count("My note.") == 1


@pytest.mark.parametrize("where", ["tiny-why", "a note"])
@pytest.mark.parametrize("source", ["So: ![p.png](attachment:p.png)", "*Your answer here.*", ""])
def test_a_picture_survives_an_update_whatever_it_is(built, own, where, source):
    held = {"p.png": {"image/png": "not for us to judge"}, "q.svg": {"image/svg+xml": "<svg/>"}}

    def attach(data):
        wanted = {"tiny-why": "tiny-why", "a note": "My note."}[where]
        cell = next(cell for cell in data["cells"] if wanted in (cell["id"], "".join(cell["source"])))
        cell.update(source=source, attachments=held)

    change(own, attach)
    update(built, "# # 01 · Tiny", "# # 01 · Tiny, second edition")
    work.refresh(built)
    assert [cell.attachments for cell in read(own).cells if "attachments" in cell] == [held]


def test_a_long_text_is_carried_over_whole(built, own):
    long = "So. " * 400_000
    change(own, lambda data: next(cell for cell in data["cells"] if cell["id"] == "tiny-why").update(source=long))
    update(built, "# # 01 · Tiny", "# # 01 · Tiny, second edition")
    work.refresh(built)
    assert long in sources(own)


@pytest.mark.parametrize("fault", ["damaged", "a folder", "a broken link", "a bug"])
def test_one_lesson_that_cannot_be_updated_does_not_stop_the_others(built, own, fault, monkeypatch):
    other = built / "notebooks" / "02-other" / "02-other.ipynb"
    other.parent.mkdir()
    other.write_bytes(paths.release_path(built, NAME).read_bytes())
    update(built, "# # 01 · Tiny", "# # 01 · Tiny, second edition")
    if fault == "damaged":
        own.write_text("{", encoding="utf-8")
    elif fault == "a bug":
        monkeypatch.setattr(work.rebuild, "rebuild", lambda *_, **__: 1 / 0)
    else:
        own.unlink()
        own.mkdir() if fault == "a folder" else own.symlink_to("nowhere")
    said = work.refresh(built)
    assert len(said) == 1 and said[0].startswith(f"work/{NAME}/{NAME}.ipynb ") and "It is left as it is" in said[0]
    assert (built / "work" / "02-other" / "02-other.ipynb").exists()


def test_a_notebook_behind_a_link_is_updated_where_it_lies(built, own, tmp_path):
    elsewhere = tmp_path / "elsewhere.ipynb"
    os.replace(own, elsewhere)
    own.symlink_to(elsewhere)
    update(built, "# # 01 · Tiny", "# # 01 · Tiny, second edition")
    assert f"work/{NAME}/{NAME}.before-update.ipynb" in work.refresh(built)[0]
    assert own.is_symlink() and "# 01 · Tiny, second edition" in sources(elsewhere) and MINE in sources(elsewhere)
    assert (own.parent / f"{NAME}.before-update.ipynb").exists()
