"""The Validate button's verdict is made in a process of its own, so that two at once do not meet."""

import json
import subprocess
import sys

import pytest
from tornado.web import HTTPError

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


def test_two_validations_at_once_each_tell_their_own_verdict(built, tmp_path):
    """One of them is of a notebook of another kernel, behind a link."""
    fill(paths.release_path(built, NAME), built / "work" / "broken" / f"{NAME}.ipynb", BROKEN)
    own = fill(paths.release_path(built, NAME), tmp_path / "elsewhere" / f"{NAME}.ipynb", RIGHT)
    data = json.loads(own.read_text(encoding="utf-8"))
    data["metadata"]["kernelspec"] = {"name": "my-env", "display_name": "my-env", "language": "python"}
    own.write_text(json.dumps(data), encoding="utf-8")
    (built / "work" / "link.ipynb").symlink_to(own)
    running = [start(built, name) for name in ("work/link.ipynb", f"work/broken/{NAME}.ipynb")]
    right, broken = (json.loads(one.communicate(timeout=120)[0].splitlines()[-1]) for one in running)
    assert right == {"success": True, "value": {}}
    failed = {entry["source"]: entry["error"] for entry in broken["value"]["failed"]}
    assert set(failed) == {"The check of double", "The check of half"}
    assert "its cell stops with SyntaxError in line 1" in " ".join(failed["The check of double"].split())
    assert "Not filled in yet." in failed["The check of half"]
    assert not any(word in error for error in failed.values() for word in ("Traceback", "checks/"))


def test_a_damaged_notebook_gets_a_sentence_and_no_traceback(built):
    (built / "odd.ipynb").write_text("{", encoding="utf-8")
    found = validate.verdict(str(built), "odd.ipynb")
    assert not found["success"] and found["value"].startswith("This notebook cannot be validated: ")
    assert "Traceback" not in found["value"] and "\n" not in found["value"]


def test_a_path_that_leads_out_is_refused(built):
    with pytest.raises(HTTPError, match="outside"):
        validate.verdict(str(built), "../elsewhere.ipynb")


def test_what_keeps_all_from_being_graded_is_told(built):
    found = validate.grade_all(str(built))
    assert not found["success"] and found["value"].startswith("There is no folder work/ yet; 'course lab' makes it")
