"""Damaged submissions: each gets the points that it deserves, and the sentence that its student or a person needs."""

import copy
import json
from unittest import mock

import nbformat
import pytest

from course.grading import bundle
from course.grading.grade import grade_one
from course.grading.limits import Limits
from course.grading.running import runner
from course.grading.sandbox import proof
from course.grading.submission import pick
from tests.hostile import damage
from tests.hostile.damage import CASES, Damage
from tests.samples import make_course

LIMITS = Limits(cell_seconds=5, notebook_seconds=30, processes=64, output=2**20)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> bundle.Bundle:
    return bundle.make(make_course(tmp_path_factory.mktemp("course")), "01-tiny")


@pytest.fixture(scope="module", autouse=True)
def run_once():
    """Run a rebuilt notebook once, whatever damage it was rebuilt from."""
    seen, run = {}, runner.run

    def looked_up(notebook, bundle, extras, *, folder, spare, **options):
        key = repr([[(cell.id, cell.source) for cell in notebook.cells], sorted(extras.items()), folder, sorted(spare)])
        if key not in seen:
            seen[key] = run(notebook, bundle, extras, folder=folder, spare=spare, **options), notebook
        ran, executed = copy.deepcopy(seen[key])
        for cell, done in zip(notebook.cells, executed.cells, strict=True):
            cell.update({part: done[part] for part in ("outputs", "execution_count") if part in done})
        return ran

    with mock.patch.object(runner, "run", looked_up):
        yield


def notebook(lesson: bundle.Bundle) -> dict:
    """Return the JSON of the lesson with every answer given."""
    data = json.loads(json.dumps(lesson.release))
    answers = {"tiny-double": damage.DOUBLE, "tiny-half": damage.HALF, "tiny-why": damage.WHY}
    for cell in data["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    return data


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_damage_costs_nothing_that_was_deserved(tiny, tmp_path, case: Damage):
    data = notebook(tiny)
    case.change(data)
    case.lay(tmp_path, data)
    outcome = grade_one(tiny, pick.gather(tmp_path), name=case.name, limits=LIMITS, isolation=proof.best())
    result = outcome.result
    assert tuple(exercise.points for exercise in result.exercises) == case.deserved, result
    assert (case.says in result.refused) if case.says else not result.refused, result.refused
    said = " ".join(result.flags)
    assert (case.flag in said) if case.flag else not said, said
    assert result.written[0].answered == case.answered
    assert all(sentence.isprintable() for sentence in [result.refused, *result.flags])
    json.dumps(result.to_dict(), ensure_ascii=False).encode()
    if outcome.executed is not None:
        nbformat.validate(outcome.executed)
        answer = next(cell for cell in outcome.executed.cells if cell.id == "tiny-why")
        assert len(answer.get("attachments", {})) == case.pictures
        assert all(f"attachment:{name}" in answer.source for name in answer.get("attachments", {}))
        assert [cell.id for cell in outcome.executed.cells if not cell.id.startswith("own-")] == [
            cell["id"] for cell in tiny.release["cells"]
        ]
