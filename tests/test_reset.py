"""`course reset` and `course compare`: the stub or the course's answer back, and nothing lost."""

import shutil

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from course import files, paths
from course.errors import CourseError
from course.learner import answers, work
from tests.samples import fill, read, replace

NAME = "01-tiny"
MINE = "def double(x):\n    return x + x"


@pytest.fixture
def course(plain):
    assert work.refresh(plain) == []
    return plain


@pytest.fixture
def own(course):
    path = paths.own_path(course, NAME)
    return fill(path, path, {"tiny-double": MINE, "tiny-why": "So."})


def cell(path, name) -> nbformat.NotebookNode:
    return next(cell for cell in read(path).cells if cell.id == name)


def reset(root, name="double"):
    return answers.reset(root, name, root)


def test_reset_brings_the_stub_back_and_keeps_the_answer_and_all_else(course, own):
    notebook = read(own)
    for one in notebook.cells:
        if one.cell_type == "code":
            one.execution_count, one.outputs = 1, [nbformat.v4.new_output("stream", text="old")]
    notebook.cells.append(nbformat.v4.new_markdown_cell("My note."))
    nbformat.write(notebook, own)
    before = read(own)
    said = reset(course)
    assert said.startswith("tiny-double is to be filled in again; your answer is in work/01-tiny/tiny-double.before-")
    assert "File → Reload Notebook from Disk" in said
    assert (own.parent / "tiny-double.before-reset.py").read_text(encoding="utf-8") == MINE + "\n"
    after = read(own)
    stub = cell(paths.release_path(course, NAME), "tiny-double").source
    for old, new in zip(before.cells, after.cells, strict=True):
        if old.id == "tiny-double":
            assert new.source == stub and not new.outputs and new.execution_count is None
        elif old.id == "tiny-double-check":
            assert new.source == old.source and not new.outputs
        else:
            assert new == old
    assert after.metadata == before.metadata


def test_a_second_answer_is_kept_beside_the_first_and_one_in_words_as_text(course, own):
    reset(course)
    fill(own, own, {"tiny-double": "double = None"})
    reset(course, "tiny-double")
    assert (own.parent / "tiny-double.before-reset-2.py").read_text(encoding="utf-8") == "double = None\n"
    reset(course, "Tiny_Why")
    assert (own.parent / "tiny-why.before-reset.md").read_text(encoding="utf-8") == "So.\n"


def test_copies_of_the_cell_are_kept_and_go_lest_they_undo_the_reset(course, own):
    notebook = read(own)
    copy = nbformat.from_dict(next(one for one in notebook.cells if one.id == "tiny-double"))
    copy.id, copy.source = "copy", "def double(x):\n    return 3"
    notebook.cells.append(copy)
    nbformat.write(notebook, own)
    reset(course)
    assert "return 3" not in own.read_text(encoding="utf-8")
    kept = (own.parent / "tiny-double.before-reset.py").read_text(encoding="utf-8")
    assert kept == f"{MINE}\n\n{copy.source}\n"


def test_a_trusted_notebook_stays_trusted_and_no_other_becomes_so(course, own, monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    notary = NotebookNotary()
    reset(course)
    assert not notary.check_signature(read(own))
    notary.sign(read(own))
    reset(course, "tiny-why")
    assert notary.check_signature(read(own))


def test_where_the_notebook_cannot_be_written_it_stays_and_it_is_said(course, own, monkeypatch):
    before, write = own.read_bytes(), files.write

    def fail(path, content):
        if path.suffix == ".ipynb":
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(files, "write", fail)
    with pytest.raises(CourseError, match=r"work/01-tiny/01-tiny.ipynb cannot be written: No space left on device\."):
        reset(course)
    assert own.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("duoble", "There is no exercise duoble; the nearest: tiny-double."),
        ("qqqq", "There is no exercise qqqq; its name is that of the function, as in: course reset greedy."),
        ("half", "tiny-half is as the course gives it; there is nothing to reset."),
    ],
)
def test_what_cannot_be_reset_gets_a_sentence_and_changes_nothing(course, own, name, sentence):
    before = {path: path.read_bytes() for path in own.parent.iterdir()}
    with pytest.raises(CourseError) as error:
        reset(course, name)
    assert str(error.value) == sentence
    assert {path: path.read_bytes() for path in own.parent.iterdir()} == before


def test_a_lesson_never_begun_a_cell_that_is_gone_and_a_damaged_notebook_get_a_sentence(course, own):
    notebook = read(own)
    notebook.cells = [one for one in notebook.cells if one.id != "tiny-double"]
    nbformat.write(notebook, own)
    with pytest.raises(CourseError, match="has no cell of tiny-double any more; rename the notebook"):
        reset(course)
    own.write_text("{", encoding="utf-8")
    with pytest.raises(CourseError, match="is not a Jupyter notebook"):
        reset(course)
    own.unlink()
    with pytest.raises(CourseError, match="You have not begun 01-tiny yet; 'course lab' makes your copy"):
        reset(course)


def test_a_name_of_several_exercises_means_the_one_at_hand_or_asks(course, own):
    other = paths.release_path(course, "02-other")
    other.parent.mkdir()
    shutil.copy(paths.release_path(course, NAME), other)
    replace(other, "tiny-", "other-")
    with pytest.raises(CourseError, match="Several exercises are called double; name one of these: tiny-double, other"):
        reset(course)
    assert answers.find(course, "double", course / "work" / "02-other").cell.id == "other-double"
    assert answers.find(course, "tiny-double", course / "work" / "02-other").cell.id == "tiny-double"


def test_compare_shows_both_answers_side_by_side_or_one_below_the_other(course, own):
    wide = answers.compare(course, "double", course, columns=100).splitlines()
    assert wide[2].split("  ")[0] == "Yours" and wide[2].endswith("The course's")
    assert "return x + x" in wide[5] and wide[6].endswith("return 2 * x")
    below = answers.compare(course, "double", course)
    assert below.index("return x + x") < below.index("The course's") < below.index("return 2 * x")
    assert "###" not in below and "Because." in answers.compare(course, "why", course, columns=80)


def test_compare_waits_for_an_attempt_and_a_class_has_no_model_answers(course, own):
    with pytest.raises(CourseError, match="You have not tried tiny-half yet: fill it in and save it, then compare"):
        answers.compare(course, "half", course)
    shutil.rmtree(course / "solutions")
    with pytest.raises(CourseError, match="This copy of the course has no model answers"):
        answers.compare(course, "double", course)


def test_the_commands_do_so_from_a_lessons_folder(course, own, command):
    folder = own.parent
    code, said, _ = command(folder, "compare", "double")
    assert code == 0 and "return 2 * x" in said
    assert command(folder, "reset", "double")[0] == 0
    assert (folder / "tiny-double.before-reset.py").exists() and (course / "work" / "overview.md").exists()
    code, _, told = command(folder, "reset", "double")
    assert code == 1 and told.count("\n") == 1 and "nothing to reset" in told
