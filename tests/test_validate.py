"""The Validate button's verdict is made in a process of its own, so that two at once do not meet."""

import json
import subprocess
import sys

from course import paths
from course.learner import validate
from tests.samples import fill

NAME = "01-tiny"
RIGHT = {
    "tiny-double": "def double(x):\n    return 2 * x",
    "tiny-half": "def half(x):\n    return x / 2",
    "tiny-why": "So.",
}
BROKEN = {"tiny-why": "So.", "tiny-double": "def double(x)\n    return 2 * x"}


def start(root, path) -> subprocess.Popen:
    command = [sys.executable, "-m", "course.learner.validate", str(root), str(path)]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def test_two_validations_at_once_each_tell_their_own_verdict(built):
    names = [f"work/{folder}/{NAME}.ipynb" for folder in ("right", "broken")]
    for name, answers in zip(names, (RIGHT, BROKEN), strict=True):
        fill(paths.release_path(built, NAME), built / name, answers)
    running = [start(built, name) for name in names]
    right, broken = (json.loads(one.communicate(timeout=120)[0].splitlines()[-1]) for one in running)
    assert right["success"] and "failed" not in right["value"]
    failed = {entry["source"]: entry["error"] for entry in broken["value"]["failed"]}
    assert set(failed) == {"The check of double", "The check of half"}
    assert "its cell stops with SyntaxError in line 1" in " ".join(failed["The check of double"].split())
    assert "Not filled in yet." in failed["The check of half"]


def verdict(root, path) -> dict:
    said, _ = start(root, path).communicate(timeout=120)
    return json.loads(said.splitlines()[-1])


def test_a_notebook_of_another_kernel_behind_a_link_is_validated(built, tmp_path):
    own = fill(paths.release_path(built, NAME), tmp_path / "elsewhere.ipynb", RIGHT)
    data = json.loads(own.read_text(encoding="utf-8"))
    data["metadata"]["kernelspec"] = {"name": "my-env", "display_name": "my-env", "language": "python"}
    own.write_text(json.dumps(data), encoding="utf-8")
    (built / "work").mkdir()
    (built / "work" / "link.ipynb").symlink_to(own)
    assert verdict(built, "work/link.ipynb") == {"success": True, "value": {}}


def test_a_damaged_notebook_gets_a_sentence_and_no_traceback(built):
    (built / "odd.ipynb").write_text("{", encoding="utf-8")
    found = verdict(built, "odd.ipynb")
    assert not found["success"] and found["value"].startswith("This notebook cannot be validated: ")
    assert "Traceback" not in found["value"] and "\n" not in found["value"]


def test_a_path_that_leads_out_is_refused(built):
    process = start(built, "../elsewhere.ipynb")
    process.communicate(timeout=120)
    assert process.returncode != 0


def test_what_keeps_all_from_being_graded_is_told(built):
    found = validate.grade_all(str(built))
    assert not found["success"] and found["value"].startswith("There is no folder work/ yet; 'course lab' makes it")
