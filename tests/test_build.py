"""Building: what is written, when something runs, and that nothing is lost or leaked."""

import json
import shutil

import nbformat
import pytest
from PIL import Image

from course import cli, paths
from course.authoring import build
from course.errors import CourseError
from course.grading.running import outputs
from tests.samples import LESSONS, ROOT, read

NAME = "01-tiny"


@pytest.fixture
def built(plain):
    return plain


def rebuild(root, **options) -> str:
    said = []
    build.build(root, say=said.append, **options)
    return said[-1]


def edit(root, old, new):
    path = root / "lessons" / f"{NAME}.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def both(root) -> list[bytes]:
    return [paths.solution_path(root, NAME).read_bytes(), paths.release_path(root, NAME).read_bytes()]


def test_the_course_is_what_its_sources_build():
    assert build.differences(ROOT) == []


def test_two_builds_are_byte_identical(built):
    first = both(built)
    assert "executed" in rebuild(built, force=True)
    assert both(built) == first
    shutil.rmtree(built / "solutions")
    shutil.rmtree(built / "notebooks")
    rebuild(built)
    assert both(built) == first


def test_a_real_lesson_builds_to_the_same_bytes_again(tmp_path):
    shutil.copytree(ROOT / "helpers", tmp_path / "helpers")
    (tmp_path / "lessons").mkdir()
    for name in ("lessons/00-start-here.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    build.build(tmp_path, say=lambda _: None)
    assert (
        paths.solution_path(tmp_path, "00-start-here").read_bytes()
        == paths.solution_path(ROOT, "00-start-here").read_bytes()
    )


def test_a_film_keeps_all_its_pictures(built):
    shutil.copytree(ROOT / "helpers", built / "helpers")
    (built / "docs").mkdir()
    shades = "[np.full((4, 4, 3), shade, dtype=np.uint8) for shade in (0, 80, 160)]"
    code = f'import numpy as np\nfrom helpers import films\nfilms.film({{"": {shades}}}, alt="It brightens.")'
    edit(built, '# %%\nprint("seven is", 7)\n', f'# %% tags=["picture-film"]\n{code}\n\n# %%\n')
    rebuild(built)
    (output,) = read(paths.solution_path(built, NAME)).cells[1].outputs
    assert outputs.picture(output.data)[1] == "It brightens."
    assert Image.open(built / "docs" / "film.png").n_frames == 3


def test_a_change_of_prose_executes_nothing(built):
    edit(built, "# # 01 · Tiny", "# # 01 · Tiny but fine")
    assert rebuild(built) == f"{NAME}: written"
    assert build.differences(built) == []


def test_a_change_of_code_executes_the_lesson(built):
    edit(built, '"seven is", 7', '"eight is", 8')
    assert "executed" in rebuild(built)
    assert "eight is 8" in paths.solution_path(built, NAME).read_text(encoding="utf-8")


def test_a_change_of_a_helper_executes_the_lessons_that_import_it(built):
    (built / "helpers").mkdir()
    (built / "helpers" / "films.py").write_text("from helpers import layers\n", encoding="utf-8")
    (built / "helpers" / "layers.py").write_text("x = 1\n", encoding="utf-8")
    (built / "helpers" / "bandits.py").write_text("x = 1\n", encoding="utf-8")
    edit(built, 'print("seven is", 7)', 'from helpers import films\n\nprint("seven is", 7)')
    assert "executed" in rebuild(built)
    (built / "helpers" / "bandits.py").write_text("x = 2\n", encoding="utf-8")
    assert rebuild(built) == f"{NAME}: up to date"
    (built / "helpers" / "layers.py").write_text("x = 2\n", encoding="utf-8")
    assert "outputs of other code" in build.differences(built)[0]
    assert "executed" in rebuild(built)


def test_a_lesson_that_imports_a_missing_helper_is_named(built):
    edit(built, 'print("seven is", 7)', 'from helpers import nothing\n\nprint("seven is", 7)')
    with pytest.raises(CourseError, match=r"01-tiny.py imports helpers.nothing"):
        rebuild(built)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("1 / 0", r"lessons/01-tiny.py:\d+: this cell fails: ZeroDivisionError"),
        ("import os\nos._exit(1)", r"lessons/01-tiny.py:\d+: the kernel died"),
        (
            "import sys\nprint('careful', file=sys.stderr)",
            r"lessons/01-tiny.py:\d+: this cell writes to stderr: careful",
        ),
    ],
)
def test_a_failing_lesson_is_named_and_nothing_is_written(built, code, sentence):
    before = both(built)
    edit(built, 'print("seven is", 7)', code)
    with pytest.raises(CourseError, match=sentence):
        rebuild(built)
    assert both(built) == before


def test_a_malformed_lesson_writes_nothing_for_any_lesson(built):
    before = both(built)
    edit(built, "Tiny", "Tinier")
    (built / "lessons" / "02-broken.py").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(CourseError, match="02-broken.py:1"):
        rebuild(built)
    assert both(built) == before


def test_an_unknown_lesson_is_named(built):
    with pytest.raises(CourseError, match="There is no lesson '09-none'; there are 01-tiny"):
        build.build(built, ["09-none"])


def test_an_edit_in_solutions_is_pulled_or_kept_from_harm(built):
    path = paths.solution_path(built, NAME)
    notebook = read(path)
    notebook.cells[0].source = "# 01 · Tiny, as edited in JupyterLab"
    notebook.cells[2].source = notebook.cells[2].source.replace("2 * x", "x + x")
    nbformat.write(notebook, path)
    assert f"course pull {NAME}" in build.differences(built)[0]
    with pytest.raises(CourseError, match=f"course pull {NAME}"):
        rebuild(built)
    assert build.pull(built, NAME)
    text = (built / "lessons" / f"{NAME}.py").read_text(encoding="utf-8")
    assert "as edited in JupyterLab" in text and "return x + x" in text
    assert "executed" in rebuild(built)
    assert build.differences(built) == []
    assert not build.pull(built, NAME)


def test_pulling_what_would_be_malformed_leaves_the_lesson(built):
    path = paths.solution_path(built, NAME)
    notebook = read(path)
    del notebook.cells[3]
    nbformat.write(notebook, path)
    before = (built / "lessons" / f"{NAME}.py").read_bytes()
    with pytest.raises(CourseError, match="has no check after it"):
        build.pull(built, NAME)
    assert (built / "lessons" / f"{NAME}.py").read_bytes() == before


def test_pulling_without_a_solution_says_so(course_folder):
    with pytest.raises(CourseError, match="no readable solutions/01-tiny"):
        build.pull(course_folder, NAME)


@pytest.mark.parametrize("place", ["solutions", "notebooks"])
def test_check_sees_altered_outputs_sources_and_strays(built, place, monkeypatch, capsys):
    monkeypatch.chdir(built)
    assert cli.main(["check"]) == 0
    path = built / place / NAME / f"{NAME}.ipynb"
    original = path.read_bytes()
    path.write_bytes(original.replace(b"print", b"print ", 1))
    assert cli.main(["check"]) == 1
    assert f"course {'pull' if place == 'solutions' else 'build'} {NAME}" in capsys.readouterr().err
    path.write_bytes(original)
    (path.parent / "notes.txt").write_text("the answer is", encoding="utf-8")
    assert cli.main(["check"]) == 1
    assert f"{place}/{NAME}/notes.txt belongs to no lesson" in capsys.readouterr().err


def test_check_sees_an_output_that_nobody_computed(built):
    path = paths.solution_path(built, NAME)
    path.write_text(path.read_text(encoding="utf-8").replace("seven is 7", "seven is 8"), encoding="utf-8")
    assert "outputs of other code; run: course build 01-tiny" in build.differences(built)[0]
    assert "executed" in rebuild(built)


def test_an_unreadable_solution_is_built_again(built):
    paths.solution_path(built, NAME).write_text("{", encoding="utf-8")
    assert "missing or not readable" in build.differences(built)[0]
    assert "executed" in rebuild(built)


@pytest.mark.parametrize("name", LESSONS)
def test_a_release_holds_neither_solutions_nor_hidden_tests_nor_outputs(name):
    release, solution = read(paths.release_path(ROOT, name)), read(paths.solution_path(ROOT, name))
    text = json.dumps(release)
    assert "BEGIN SOLUTION" not in text and "HIDDEN TESTS" not in text
    for cell in solution.cells:
        for begin, end in (
            ("### BEGIN SOLUTION", "### END SOLUTION"),
            ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"),
        ):
            for region in cell.source.split(begin)[1:]:
                secret = region.split(end)[0].strip()
                assert secret and all(secret not in other.source for other in release.cells)
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in release.cells)


@pytest.mark.parametrize("place", ["solutions", "notebooks"])
def test_nothing_but_the_notebook_lies_in_the_built_folders(place):
    files = sorted(
        path for path in (ROOT / place).rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts
    )
    assert files == [ROOT / place / name / f"{name}.ipynb" for name in LESSONS]


@pytest.mark.parametrize("name", LESSONS)
def test_a_solution_is_small(name):
    assert paths.solution_path(ROOT, name).stat().st_size <= 500_000  # stills of widgets included
