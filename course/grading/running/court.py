"""Bring questions from the court to a submission's process and answers back, one court for a whole submission."""

import time

from course.grading.orders import Order
from course.grading.running.seen import Verdict
from course.grading.running.session import Killed, Session, claimed_error
from course.grading.sandbox.child.wire import Broken, Late

LEAST_LEFT = 0.5  # seconds that a check is worth starting with
SEND_SECONDS = 10
STOPPED = ("RuntimeError", "the check stopped without a result")


class Court:
    """The court of one submission; its process starts with the first check."""

    def __init__(self, student: Session):
        self.student, self.session = student, None

    def __enter__(self) -> "Court":
        return self

    def __exit__(self, *_) -> None:
        self._adjourn()

    def judge(self, order: Order) -> Verdict:
        """Run the calls of a check cell on what the submission's process has.

        Raises:
            Unavailable: if the machine does not let the court start.
            Died, Stuck: if the submission's process did so when it was asked.
            Killed: if somebody else ended one of the two processes.
        """
        student, now = self.student, time.monotonic()
        end = min(now + student.limits.cell_seconds, student.deadline)
        if end - now < LEAST_LEFT:  # a check that cannot start for want of time is no fault of the machine
            return Verdict(late=True)
        try:
            return self._heard(order, end)
        except Late:
            self._adjourn()
            return Verdict(late=True)
        except Broken:
            is_killed = self.session.is_killed()
            self._adjourn()
            if is_killed:
                raise Killed from None
            return Verdict(STOPPED)

    def _heard(self, order: Order, end: float) -> Verdict:
        if self.session is None:
            self.session = Session(self.student.level, self.student.limits, self.student.deadline)
        wire, keeper = self.session.fork.wire, self.session.fork.keeper
        calls = [list(call) for call in order.calls]
        request = {"do": "judge", "module": order.module, "calls": calls, "threads": self.student.threads}
        wire.send({"id": "", **request}, SEND_SECONDS)
        while True:
            message = wire.receive(max(end - time.monotonic(), 0.05), also=keeper)
            if "ask" not in message:
                return Verdict(claimed_error(message))
            answer, late = self.student.ask({"do": "ask", "question": message["ask"]}, end)
            if late:
                self._adjourn()  # it waits for a reply that will not come
                return Verdict(late=True)
            if time.monotonic() > end:
                raise Late
            wire.send({"reply": answer.get("reply")}, SEND_SECONDS)

    def _adjourn(self) -> None:
        """End the process; the next check starts another."""
        if self.session is not None:
            self.session.fork.close()
            self.session = None
