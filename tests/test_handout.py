"""The archive for a class: all that learners need works from it, and nothing in it tells an answer."""

import functools
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from setuptools import find_packages

from checks import at_hand
from course import cli, paths
from course.authoring import handout
from course.errors import CourseError
from tests.samples import LESSONS, ROOT, answers_of, fill, read

REGIONS = (("### BEGIN SOLUTION", "### END SOLUTION"), ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"))
WORK = "work/00-start-here"


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("archive") / "class.zip"
    handout.make(ROOT, target)
    return target


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> Path:
    """Another copy of the course, without the lessons, so that nothing is compared with them."""
    folder = tmp_path_factory.mktemp("copy") / "elsewhere"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "lessons", "solutions", "tests", "work"))
    return folder


@pytest.fixture(scope="module")
def tar(elsewhere, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("archive") / "class.tgz"
    handout.make(elsewhere, target)
    return target


@pytest.fixture(scope="module")
def unpacked(archive, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder / handout.FOLDER


@pytest.fixture(scope="module")
def run(unpacked, tmp_path_factory):
    """Run Python in the unpacked course, where no module of this one is found: its own finder is taken out."""
    start = tmp_path_factory.mktemp("start")
    finders = "sys.meta_path[:] = [one for one in sys.meta_path if 'editable' not in repr(one).lower()]"
    (start / "sitecustomize.py").write_text(f"import sys\n{finders}\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "MAKE"))}
    environment |= {"PYTHONPATH": os.pathsep.join([str(start), str(unpacked)]), "OMP_NUM_THREADS": "1"}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1"}  # the folder stays as it was unpacked
    return functools.partial(_run, unpacked, environment)


def _run(folder: Path, environment: dict[str, str], *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, env=environment, timeout=300, check=False
    )


@pytest.fixture(scope="module")
def texts(unpacked) -> dict[str, str]:
    """Every text of the unpacked course by name; of a notebook, the text of its cells."""
    found = {}
    for path in sorted(path for path in unpacked.rglob("*") if path.is_file()):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path.suffix == ".ipynb":
            text = "\n".join(cell.source for cell in read(path).cells)
        found[path.relative_to(unpacked).as_posix()] = text
    return found


def test_it_holds_what_learners_need_and_no_more(unpacked):
    top = {path.name for path in unpacked.iterdir()}
    assert top == {
        *handout.ROOT_FILES,
        "README.md",
        "Makefile",
        "checks",
        "course",
        "docs",
        "helpers",
        "notebooks",
        "tests",
    }
    assert sorted(path.stem for path in unpacked.glob("notebooks/*/*")) == LESSONS
    assert [path.name for path in (unpacked / "tests").iterdir()] == ["test_installation.py"]
    assert not list(unpacked.rglob("__pycache__")) and not list(unpacked.rglob(".*"))
    for name in ("lessons", "solutions", "benchmarks", ".grading", "gradebook.db"):
        assert not (unpacked / name).exists()


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_solution_and_no_hidden_test_leaks(texts, lesson):
    assert len(texts) > 50
    for cell in read(paths.solution_path(ROOT, lesson)).cells:
        for begin, end in REGIONS:
            for region in cell.source.split(begin)[1:]:
                secret = region.split(end)[0].strip()
                holders = [name for name, text in texts.items() if secret in text and not name.startswith("helpers/")]
                assert secret and not holders


GUESSES = """
import itertools
from types import SimpleNamespace
from checks import evidence_lower_bound, human_feedback, policy_gradient, vae
def given(found):
    return SimpleNamespace(probe=lambda f: f(lambda: found))
for proof in (policy_gradient.proof, evidence_lower_bound.derivation):
    for place in range(7):
        order = "ABCDEFG"[place:] + "ABCDEFG"[:place]
        proof.__wrapped__(given((order, "1234567")))
for digits in itertools.product("12345678", repeat=5):
    vae.diagnose.__wrapped__(given("".join(digits)))
for digits in itertools.permutations("12345678", 5):
    human_feedback.diagnose_losses.__wrapped__(given("".join(digits)))
proof = lambda: ("ABCDEFG", "1234567")
policy_gradient.proof(proof)
"""


IMPORTS = """
import importlib, pathlib
for place in sorted(pathlib.Path("course").rglob("*.py")):
    if place.stem != "__init__" and not {"child", "jupyter"} & set(place.parts):
        importlib.import_module(".".join(place.with_suffix("").parts))
import course
print(course.__file__)
"""
GRADED = "tests/test_installation.py::test_the_first_lesson_is_run_and_graded"


@pytest.fixture(scope="module")
def told(run) -> subprocess.CompletedProcess:
    """What one process says that imports every module, tries the guesses, and runs the archive's own tests but one."""
    words = ["-p", "no:cacheprovider", "--deselect", GRADED]
    return run("-c", f"{IMPORTS}{GUESSES}\nimport pytest\nraise SystemExit(pytest.main({words}))")


def test_where_there_are_few_answers_no_attempt_tells_the_right_one(texts, told):
    assert told.stdout.splitlines()[1] == f"◦ proof: {at_hand.FORM_ONLY}", told.stderr
    given = [str(at_hand.right_answer(name)) for name in ("proof", "derivation", "diagnose", "diagnose_losses")]
    pieces = {piece for text in given for piece in re.findall(r"\w{5,}", text)}
    assert len(pieces) == 6
    for name, text in texts.items():
        assert name.endswith(".csv") or not {piece for piece in pieces if piece in text}, name
        assert "sha256" not in text or not name.startswith("checks/"), name


def test_every_check_has_numbers_or_an_answer_that_no_student_sees():
    lessons = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "lessons").glob("*.py"))}
    cells = [cell for text in lessons.values() for cell in re.split(r"^# %%", text, flags=re.MULTILINE)]
    checks = [cell for cell in cells if cell.startswith(' check="')]
    assert [re.match(r' check="([^"]+)"', cell)[1] for cell in checks if "HIDDEN TESTS" not in cell] == [
        "reinforce-balance-check"  # it trains
    ]


def test_the_rooms_of_the_instructors_are_there_and_left_out(unpacked):
    for name in handout.INSTRUCTORS:
        assert (ROOT / "course" / name).is_dir() and not (unpacked / "course" / name).exists()
    assert not (unpacked / "course" / "students").exists()


def test_what_setup_installs_is_there_in_the_archive_and_here(unpacked):
    found = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"][
        "find"
    ]
    here, there = (set(find_packages(folder, include=found["include"])) for folder in (ROOT, unpacked))
    assert {"checks", "helpers", "course.learner", "course.grading.sandbox.child"} <= there < here
    ours = ("course.authoring", "course.grading.classroom")
    assert here - there == {name for name in here if name.startswith(ours)}


def test_two_archives_are_the_same_bytes(archive, tar, elsewhere, unpacked, tmp_path):
    names = sorted(path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file())
    for path in elsewhere.rglob("*"):
        os.utime(path, (0, 0))
    for here, there in ((archive, tmp_path / "there.zip"), (tar, tmp_path / "there.tar.gz")):
        assert handout.make(elsewhere, there) == names
        assert here.read_bytes() == there.read_bytes()


def test_both_kinds_hold_the_same_files_without_an_owner(archive, tar):
    with tarfile.open(tar) as rolled, zipfile.ZipFile(archive) as packed:
        assert rolled.getnames() == packed.namelist()
        told = {(one.uid, one.gid, one.mtime, one.mode, one.type) for one in rolled}
        assert told == {(0, 0, 0, 0o644, tarfile.REGTYPE)}
        assert all(rolled.extractfile(name).read() == packed.read(name) for name in rolled.getnames())


def test_every_module_in_it_can_be_imported(unpacked, told):
    assert told.stdout and Path(told.stdout.splitlines()[0]).is_relative_to(unpacked), told.stderr


def test_its_own_tests_pass(told):
    assert told.returncode == 0, told.stdout + told.stderr


def test_a_student_is_graded_by_the_visible_checks_and_told_so(unpacked, run):
    """So is who has done nothing: the archive's own test of that is left out above, since it asks the same command."""
    lesson = "00-start-here"
    fill(paths.release_path(ROOT, lesson), unpacked / WORK / f"{lesson}.ipynb", answers_of(lesson))
    result = run("-m", "course.cli", "grade", WORK, f"notebooks/{lesson}")
    assert result.returncode == 0, result.stderr
    assert "1 / 1" in result.stdout and result.stdout.count("! Only the visible checks were run") == 2
    assert "Not filled in yet." in result.stdout


def test_its_makefile_and_readme_name_the_same_commands(unpacked):
    listed = subprocess.run(
        ["make", "-C", unpacked, "--no-print-directory"], capture_output=True, text=True, check=True
    )
    readme = (unpacked / "README.md").read_text(encoding="utf-8")
    for name in ("lab", "test", "grade"):
        assert f"make {name} " in listed.stdout and f"make {name} " in readme


def test_its_help_lists_no_command_of_the_makers_or_of_what_is_not_there(run):
    told = run("-m", "course.cli", "--help").stdout
    listed = re.findall(r"^    ([a-z-]+) ", told, re.MULTILINE)
    assert listed == ["lab", "grade", "reset", "measure"]


@pytest.mark.parametrize("words", [("mutants",), ("handout",)])
def test_a_command_for_instructors_says_that_it_is_one(run, words):
    result = run("-m", "course.cli", *words)
    assert result.returncode == 1 and result.stderr == "This is for instructors; it is not part of what students get.\n"


@pytest.fixture
def small(plain) -> Path:
    """A course with one lesson, built, and the files that every archive holds."""
    for name in handout.ROOT_FILES:
        shutil.copy(ROOT / name, plain)
    shutil.copytree(ROOT / "course", plain / "course")
    return plain


def test_the_command_writes_the_archive_and_says_what_is_in_it(small, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(small)
    assert cli.main(["handout", str(tmp_path / "class.zip")]) == 0
    assert "files for students" in capsys.readouterr().out
    assert zipfile.is_zipfile(tmp_path / "class.zip")


def test_a_release_with_an_answer_in_it_is_not_handed_out(small, tmp_path):
    release = paths.release_path(small, "01-tiny")
    fill(release, release, {"tiny-half": "def half(x):\n    return x / 2"})
    with pytest.raises(CourseError, match="01-tiny.ipynb holds what is not in the release; run: course build 01-tiny"):
        handout.make(small, tmp_path / "class.zip")
    shutil.copy(paths.solution_path(small, "01-tiny"), release)
    with pytest.raises(CourseError, match="holds what is not in the release"):
        handout.make(small, tmp_path / "class.zip")
    assert not (tmp_path / "class.zip").exists()


def test_a_release_of_an_older_text_is_not_handed_out(small, tmp_path):
    lesson = small / "lessons" / "01-tiny.py"
    lesson.write_text(lesson.read_text(encoding="utf-8").replace("# # 01 · Tiny", "# # 01 · Tinier"), encoding="utf-8")
    with pytest.raises(CourseError, match="not ready to hand out: .*course build 01-tiny"):
        handout.make(small, tmp_path / "class.zip")


def test_a_name_with_another_ending_and_a_course_without_notebooks_get_a_sentence(small, tmp_path):
    with pytest.raises(CourseError, match="ends neither in .zip nor in .tar.gz"):
        handout.make(small, tmp_path / "class.rar")
    shutil.rmtree(small / "notebooks")
    with pytest.raises(CourseError, match="run: course build"):
        handout.make(small, tmp_path / "class.zip")
