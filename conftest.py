"""What nbval is told wherever it starts: a picture's bytes differ between machines, so they are not compared."""

import os
from pathlib import Path


def pytest_configure(config) -> None:
    os.environ.setdefault("NO_COLOR", "1")  # what a check prints is stored without colour
    if getattr(config.option, "nbval_sanitize_with", "") is None:
        config.option.nbval_sanitize_with = str(Path(__file__).with_name("tests") / "nbval.cfg")
