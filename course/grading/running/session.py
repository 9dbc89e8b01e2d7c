"""One forked process, and the questions that the grader asks it: each has its time, and each answer its form."""

import secrets
import time

from course.grading.limits import Limits
from course.grading.sandbox import warm
from course.grading.sandbox.child.wire import KILLED, Broken, Late

SLACK = 2**20  # bytes of a message besides its outputs
LEAST_LEFT = 0.05  # seconds with which it makes sense to start a cell


class Died(Exception):
    """The submission's process ended, or sent what is no answer."""


class Killed(Exception):
    """The process was ended from outside: by the system for want of memory, or by somebody's hand."""


class Stuck(Exception):
    """The cell went on after its time was up and it had been interrupted."""


class Session:
    """A fork of the warm process, and the questions that it answers."""

    def __init__(self, level: str, limits: Limits, deadline: float):
        """Start it.

        Raises:
            Unavailable: if the machine does not let it start; no code of the submission has run yet.
        """
        self.level, self.limits, self.deadline, self.threads = level, limits, deadline, warm.threads()
        self.fork = warm.template(level).fork(limits)
        self._told = ""
        try:
            self.ask({"do": "ready"})
        except (Died, Stuck, Killed):
            fate = self.fork.fate()
            self.fork.close()
            told = {"ended": self._told, "killed": warm.KILLED_AT_START}.get(fate, fate)
            raise warm.Unavailable(told or "a process for a submission could not be started") from None

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_) -> None:
        self.fork.close()

    def ask(self, request: dict, end: float | None = None) -> tuple[dict, bool]:
        """Send one request and wait for its answer; return it, and whether it had to be interrupted.

        Args:
            request: what to do.
            end: the moment, on the monotonic clock, at which its time is up; without it, a cell's time from now.

        Raises:
            Died: if the process ended.
            Killed: if somebody else ended it, and no limit did.
            Stuck: if it took too long and did not stop when interrupted.
        """
        token = secrets.token_hex(16)
        now = time.monotonic()
        seconds = max(min(self.limits.cell_seconds if end is None else end - now, self.deadline - now), LEAST_LEFT)
        try:
            self.fork.wire.send({"id": token, **request}, 10)
            try:
                return self._answer(token, seconds), False
            except Late:
                self.fork.interrupt()
            try:
                return self._answer(token, warm.GRACE_SECONDS), True
            except Late:
                raise Stuck from None
        except Broken:
            raise (Killed if self.is_killed() else Died) from None

    def is_killed(self) -> bool:
        """Tell of a process that is silent whether somebody else ended it."""
        return self.fork.fate() == KILLED.decode()

    def _answer(self, token: str, seconds: float) -> dict:
        most = 8 * self.limits.output + SLACK
        answer = self.fork.wire.receive(seconds, largest=max(most, 64 * SLACK), also=self.fork.keeper)
        if answer.pop("id", None) != token:
            self._told = str(answer.get("failed", ""))[:200]
            raise Broken
        return answer


def claimed_error(answer: dict) -> tuple[str, str] | None:
    """Return the error that an answer tells of; whatever is not plainly no error is one."""
    error = answer.get("error", "missing")
    if error is None:
        return None
    if isinstance(error, list) and len(error) == 2 and all(isinstance(part, str) for part in error):
        return error[0][:200], error[1][:20_000]
    return "RuntimeError", "the cell's result could not be read"
