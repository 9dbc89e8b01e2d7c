"""The one exception whose text is meant for people."""


class CourseError(Exception):
    """What is wrong, where, and what to do, in one sentence; the command line prints it without a stack."""
