"""The report as one file of HTML that loads nothing and runs nothing; whatever students wrote is text on it."""

import base64
import hashlib
from pathlib import Path

from course.grading.classroom import feedback
from course.grading.classroom.report import figures
from course.grading.classroom.report.measures import Report

HERE = Path(__file__).resolve().parent


def page(report: Report, *, anonymous: bool = False) -> str:
    """Return the page.

    Args:
        report: what it shows.
        anonymous: say on it that names are left out; it is made from a report without names.
    """
    style = (HERE / "page.css").read_text(encoding="utf-8")
    return (
        feedback.environment(HERE)
        .get_template("page.html")
        .render(
            report=report,
            anonymous=anonymous,
            points=figures.points(report),
            exercises=figures.exercises(report),
            times=figures.times(report) if report.drawn else None,
            style=style,
            style_digest="sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        )
    )
