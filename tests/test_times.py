"""Times of submissions: what a student can set decides nothing."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from course.grading.classroom import times
from tests.samples import nest

NOW = datetime.now(UTC)
LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)
YESTERDAY, TOMORROW = NOW - timedelta(days=1), NOW + timedelta(days=1)


@pytest.fixture
def submission(tmp_path):
    (tmp_path / "01-tiny.ipynb").write_text("{}", encoding="utf-8")
    return tmp_path


def test_what_lies_here_before_the_deadline_is_in_time_whatever_it_says(submission):
    (submission / "timestamp.txt").write_text("2999-01-01 00:00:00 UTC", encoding="utf-8")
    assert times.known(submission).about(TOMORROW) == ""


def test_a_time_that_was_set_back_is_no_proof(submission):
    (submission / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC", encoding="utf-8")
    for path in submission.iterdir():
        os.utime(path, (0, LONG_AGO.timestamp()))
    known = times.known(submission)
    assert known.claimed == known.saved == LONG_AGO and known.collected > YESTERDAY
    assert "which a student can set" in known.about(YESTERDAY)


def test_a_submission_that_calls_itself_late_is_late(submission):
    (submission / "timestamp.txt").write_text(f"{NOW:%Y-%m-%d %H:%M:%S} UTC", encoding="utf-8")
    assert times.known(submission).about(YESTERDAY).startswith("Handed in late")


@pytest.mark.parametrize("content", [b"", b"soon", b"\xff\xfe", b"9" * 200, b"99999-01-01", b"2026-13-45 00:00:00"])
def test_a_time_that_is_none_is_left_out(submission, content):
    (submission / "timestamp.txt").write_bytes(content)
    assert times.known(submission).claimed is None


def test_a_link_says_nothing(submission, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("other") / "time"
    elsewhere.write_text("1999-01-01 00:00:00 UTC", encoding="utf-8")
    (submission / "timestamp.txt").symlink_to(elsewhere)
    assert times.known(submission).claimed is None


def test_an_empty_folder_has_no_times(tmp_path):
    assert times.known(tmp_path) == times.Times(None, None, None) and times.known(tmp_path).about(YESTERDAY) == ""


def test_folders_deeper_than_any_path_stop_nobody(submission):
    nest(submission, "d" * 10, 1100)
    assert times.known(submission).collected is not None
