"""Times of submissions: what a student can set decides nothing."""

import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from course.grading.classroom import times

NOW = datetime.now(UTC)
LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)
YESTERDAY, TOMORROW = NOW - timedelta(days=1), NOW + timedelta(days=1)

SAME_MOMENT = [  # all on the same day
    "10:00:00.0 UTC | 10:00 | 10:00:00.5Z | 10:00 utc | 10:00 AM | 12:00:00.0 CEST | 12:00 cest | 12:00CEST",
    "19:00 JST | 20:00 AEST | 12:00 +0200 | 12:00+02:00 | 06:00 -0400 | 15:30 +05:30 | 12:00 UTC+2 | 08:00 GMT-02:00",
    "06:00 EDT | 12:00 Europe/Prague | 20:00 Australia/Sydney | 13:00 Etc/GMT-3 | 11:00 BST | 05:00 EST | 13:00 MSK",
]


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


def test_the_time_of_unpacking_is_not_what_its_own_files_say(submission):
    assert "Nothing beside it says when it was handed in" in times.known(submission).about(YESTERDAY)
    (submission / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC", encoding="utf-8")
    assert "Its own files name an earlier time" in times.known(submission).about(YESTERDAY)


def test_a_submission_that_calls_itself_late_is_late(submission):
    (submission / "timestamp.txt").write_text(f"{NOW:%Y-%m-%d %H:%M:%S} UTC", encoding="utf-8")
    assert times.known(submission).about(YESTERDAY).startswith("Handed in late")


@pytest.mark.parametrize("stamps", SAME_MOMENT)
def test_a_time_in_any_zone_is_the_same_moment(stamps):
    for time in stamps.split("|"):
        moment = times.read(f"2026-07-01 {time.strip()}")
        assert abs(moment - datetime(2026, 7, 1, 10, tzinfo=UTC)) < timedelta(seconds=1), time
    assert times.read("Wed Jul  1 12:00:00 CEST 2026") == times.read("2026-07-01T12:00:00+0200")


def test_an_abbreviation_means_what_it_does_at_that_time_of_the_year():
    assert times.read("2026-01-15 12:00 CET") == times.read("2026-01-15 12:00 Europe/Prague")
    assert times.read("2026-07-15 12:00 CET") != times.read("2026-07-15 12:00 Europe/Prague")


@pytest.mark.parametrize(
    "zone", ["IST", "CST", "PST", "CDT", "MEZ", "XYZ", "../etc/passwd", "CEST+1", "CEST JST", "Europe/Nowhere"]
)
def test_a_zone_that_is_none_or_several_is_no_moment_and_no_penalty(zone, submission):
    assert times.read(f"2026-07-01 12:00 {zone}") is None
    (submission / "timestamp.txt").write_text(f"2026-07-01 12:00 {zone}", encoding="utf-8")
    assert f"{zone}”, which is no one moment: no penalty" in times.known(submission).about(YESTERDAY)


def test_the_zone_of_the_exchange_says_what_its_abbreviations_mean():
    for zone, here in (("IST", "Asia/Kolkata"), ("IST", "Europe/Dublin"), ("CST", "Asia/Shanghai"), ("", "Asia/Tokyo")):
        offset = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo(here)).astimezone(UTC)
        assert times.read(f"2026-07-01 12:00 {zone}".strip(), here) == offset
    assert times.read("2026-07-01 12:00 IST", "Nowhere/At_all") is None


@pytest.mark.parametrize(
    "content", [b"", b"10", b"2026-07-01", b"soon", b"\xff\xfe", b"9" * 200, b"99999-01-01", b"2026-13-45 00:00:00"]
)
def test_a_time_that_is_none_is_left_out(submission, content):
    (submission / "timestamp.txt").write_bytes(content)
    assert times.known(submission).claimed is None


def test_folders_without_end_have_times(submission, nest):
    nest(submission, "d" * 10, 1100)
    assert times.known(submission).collected > YESTERDAY


def test_a_link_says_nothing(submission, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("other") / "time"
    elsewhere.write_text("1999-01-01 00:00:00 UTC", encoding="utf-8")
    (submission / "timestamp.txt").symlink_to(elsewhere)
    assert times.known(submission).claimed is None


def test_an_empty_folder_has_no_times(tmp_path):
    assert times.known(tmp_path) == times.Times(None, None, None) and times.known(tmp_path).about(YESTERDAY) == ""
