"""Controls: an honest process passes all of them, and each knows what it has to see."""

import time

import pytest

from course.grading import integrity, proof
from course.grading.limits import Limits
from course.grading.session import Session


@pytest.fixture(scope="module")
def session():
    with Session(proof.best(), Limits(), time.monotonic() + 60) as started:
        yield started


def answer(session: Session, control: integrity.Control) -> dict:
    return session.ask({"do": "control", "source": control.source, "most": integrity.MOST})[0]


@pytest.mark.parametrize("make", [make for family in integrity.FAMILIES for make in family])
def test_an_untouched_process_passes_every_kind_and_nothing_else_does(session, make):
    for _ in range(3):
        control = make()
        assert control.holds(answer(session, control)), control.source
        assert not control.holds({}) and not control.holds({"error": ["AssertionError", "no"], "outputs": []})
    if not make.__name__.startswith(("_right", "_printed")):
        assert not control.holds({"error": None, "outputs": []})


def test_every_family_stands_around_each_check_and_no_two_rounds_are_alike():
    rounds = [integrity.around() for _ in range(20)]
    assert all(before and after for before, after in rounds)
    assert len({tuple(control.source for control in before + after) for before, after in rounds}) == 20


def test_names_that_an_honest_notebook_reuses_do_not_matter(session):
    source = "print = assert_ = sum = 3\ntorch = checks = numpy = None"
    session.ask({"do": "cell", "source": source, "most": 1000})
    before, after = integrity.around()
    assert all(control.holds(answer(session, control)) for control in before + after)
