"""Intake: what is read from a submission's folder, what is left out, and which notebook is picked."""

import json
import os

import pytest

from course import paths
from course.errors import CourseError
from course.grading import bundle
from course.grading.submission import collect, names, pick
from tests.samples import ROOT, answers_of, fill, read

LESSON = "00-start-here"
FILE = f"{LESSON}.ipynb"


@pytest.fixture(scope="module")
def lesson() -> bundle.Bundle:
    return bundle.make(ROOT, LESSON)


@pytest.fixture
def submission(tmp_path):
    fill(paths.release_path(ROOT, LESSON), tmp_path / FILE, answers_of(LESSON))
    return tmp_path


def test_a_folder_is_read_whole(lesson, submission):
    (submission / "data").mkdir()
    (submission / "data" / "mine.csv").write_bytes(b"1,2")
    taken = pick.read(pick.opened(pick.gather(submission)), lesson)
    assert taken.name == FILE and taken.extras == {"data/mine.csv": b"1,2"} and taken.flags == []


def test_a_file_is_read_by_itself(submission):
    (submission / "other.txt").write_text("x", encoding="utf-8")
    assert set(pick.gather(submission / FILE)) == {FILE}


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CourseError, match="There is no file or folder"):
        pick.gather(tmp_path / "nowhere")


def test_notes_travel_as_plain_json_and_no_file_can_forge_them(lesson, submission):
    os.symlink("/etc/hostname", submission / "data.txt")
    files = pick.gather(submission)
    assert json.loads(files[collect.NOTES])["left_out"] == [
        "data.txt was left out: it is a link, and links are not followed."
    ]
    assert "\0" in collect.NOTES
    assert pick.read(pick.opened(files), lesson).flags == json.loads(files[collect.NOTES])["left_out"]


def test_sizes_are_capped_for_each_file_and_in_all(lesson, submission, monkeypatch):
    (submission / "large.bin").write_bytes(bytes(3000))
    monkeypatch.setattr(collect, "LARGEST_FILE", 2**20)
    assert pick.read(pick.opened(pick.gather(submission)), lesson).flags == []
    monkeypatch.setattr(collect, "LARGEST_ALL", 2999)
    with pytest.raises(pick.Refused, match="more than 0 MB; hand in the notebook"):
        pick.read(pick.opened(pick.gather(submission)), lesson)
    monkeypatch.undo()
    monkeypatch.setattr(collect, "LARGEST_FILE", 100)
    files = pick.gather(submission)
    assert "large.bin was left out: it has more than 0 MB; store less in it." in collect.with_notes(files)[1].left_out
    with pytest.raises(pick.Refused, match=f"{FILE} was left out: it has more than 0 MB; clear its outputs"):
        pick.read(pick.opened(files), lesson)


def test_an_endless_or_blocking_file_is_never_opened(submission):
    os.mkfifo(submission / "pipe")
    os.symlink("/dev/zero", submission / "zeros")
    files = pick.gather(submission)
    assert set(files) == {FILE, collect.NOTES}


class Listed(list):
    """What scandir returned, to the end."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@pytest.mark.parametrize("what", ["data", "data/deeper", "notes.txt"])
def test_what_is_exchanged_for_a_link_while_it_is_read_is_not_followed(what, submission, tmp_path_factory, monkeypatch):
    (submission / "data" / "deeper").mkdir(parents=True)
    for name in ("data/own.txt", "data/deeper/own.txt", "notes.txt"):
        (submission / name).write_text("own", encoding="utf-8")
    secret = tmp_path_factory.mktemp("secret")
    (secret / "deeper").mkdir()
    for name in ("own.txt", "deeper/own.txt"):
        (secret / name).write_text("secret", encoding="utf-8")
    scandir = os.scandir

    def exchange(folder):
        found = Listed(scandir(folder))
        place = submission / what
        if place.name in [entry.name for entry in found] and not place.is_symlink():
            place.rename(secret.parent / f"gone-{place.name}")
            place.symlink_to(secret / "own.txt" if what.endswith("txt") else secret)
        return found

    monkeypatch.setattr(os, "scandir", exchange)
    files = pick.gather(submission)
    assert b"secret" not in files.values() and b"own" in files.values()


def test_names_longer_than_a_path_may_be_are_read_from_folder_to_folder(submission, nest):
    nest(submission, "d" * 250, 18)
    here = os.open(submission, os.O_RDONLY)
    for _ in range(18):
        here = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
    with open(os.open("deep.txt", os.O_CREAT | os.O_WRONLY, dir_fd=here), "w") as file:
        file.write("deep")
    nest(submission, "e", 1100)
    files, notes = collect.with_notes(pick.gather(submission))
    assert b"deep" in files.values() and "too many folders deep" in " ".join(notes.left_out)


def test_a_notebook_in_a_folder_finds_all_files_where_they_lay(lesson, submission):
    (submission / "mine").mkdir()
    (submission / FILE).rename(submission / "mine" / FILE)
    for place in (submission, submission / "mine"):
        (place / "data.csv").write_text(place.name, encoding="utf-8")
    taken = pick.read(pick.opened(pick.gather(submission)), lesson)
    assert taken.folder == "mine"
    assert taken.extras == {"data.csv": submission.name.encode(), "mine/data.csv": b"mine"}


def test_the_notebook_that_is_meant_is_graded_whatever_lies_beside_it(lesson, submission):
    fill(paths.release_path(ROOT, LESSON), submission / "copy.ipynb", {})
    taken = pick.read(pick.opened(pick.gather(submission), meant="copy.ipynb"), lesson)
    assert taken.name == "copy.ipynb" and set(taken.extras) == {FILE} and taken.flags == []


def test_of_two_notebooks_with_as_many_answers_the_one_with_the_right_name_is_graded(lesson, submission):
    answers = {name: source + "\n# and more" for name, source in answers_of(LESSON).items()}
    fill(paths.release_path(ROOT, LESSON), submission / "copy.ipynb", answers)
    taken = pick.read(pick.opened(pick.gather(submission)), lesson)
    assert taken.name == FILE and "there is also copy.ipynb" in taken.flags[0]


def test_an_untouched_copy_is_not_worth_a_word(lesson, submission):
    fill(paths.release_path(ROOT, LESSON), submission / "copy.ipynb", {})
    assert pick.read(pick.opened(pick.gather(submission)), lesson).flags == []


def test_lessons_are_told_apart_by_their_exercises(submission):
    releases = {name: paths.release_path(ROOT, name) for name in (LESSON, "01-bandits", "02-mdps")}
    shared = pick.exercises_by_lesson(
        pick.opened(pick.gather(submission)), {name: read(path) for name, path in releases.items()}, "mine"
    )
    assert shared == {LESSON: 2, "01-bandits": 0, "02-mdps": 0}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("01-tiny.ipynb", "01-tiny.ipynb"),
        ("Lösung ✓.ipynb", "Lösung ✓.ipynb"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("a\u202eb\u2066", "a\\u202eb\\u2066"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\x1b[31mred", "\\u001b[31mred"),
        (os.fsdecode(b"L\xf6sung"), "L\\xf6sung"),
        ("x" * 300, "x" * 50 + "…" + "x" * 49),
    ],
)
def test_odd_characters_of_a_name_are_made_visible(name, shown):
    assert names.visible(name) == shown


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "a//b", "a\\b", "x\0", "a/./b", "y" * 256])
def test_names_that_lead_astray_are_at_fault(name):
    assert names.fault(name)


@pytest.mark.parametrize(
    ("name", "is_left_out"),
    [
        ("torch.py", True), ("torch/__init__.py", True), ("helpers/checks.py", True), ("sitecustomize.py", True),
        ("json.cpython-311-x86_64-linux-gnu.so", True), ("numpy.pyc", True), ("random.py", True), ("IPython/x", True),
        ("my_tools.py", False), ("data/torch.py", False), ("torch.txt", False), ("code", False), ("random.csv", False),
    ],
)  # fmt: skip
def test_what_would_shadow_a_module_is_left_out(name, is_left_out):
    kept, flags = names.without_shadows({name: b""})
    assert (kept == {}) == bool(flags) == is_left_out


@pytest.mark.parametrize(
    ("name", "folder", "is_left_out"),
    [
        ("mine/torch.py", "mine", True), ("torch.py", "mine", True), ("a/torch/x.py", "a/b", True),
        ("test/x.py", "test", False), ("test/code/x.py", "test/code", False), ("other/torch.py", "mine", False),
    ],
)  # fmt: skip
def test_what_would_shadow_a_module_from_where_the_notebook_lies_or_above_is_left_out(name, folder, is_left_out):
    kept, flags = names.without_shadows({name: b""}, folder)
    assert (kept == {}) == bool(flags) == is_left_out
