"""A learner's answer, and the two ways to ask it something. A check does not know where the answer lives.

`answer(*arguments)` calls the learner's function on copies and brings back its value. `answer.probe(f)` runs
`f(function)` beside the function and brings back what that returns: `f` may do anything, such as build a world that
counters look at, a network, an optimiser. Either way only plain data come back (see `plain`), so that what is judged
is judged out of the answer's reach. No expected value stands in a probe: it would travel to where the answer could
read it.

What every answer is held to besides its value stands in `conduct`. Its exceptions are told here, in one sentence with
the learner's own line.
"""

import dis
import traceback
from collections.abc import Callable, Sequence

import torch

from checks import plain, question
from checks.conduct import Rules, settings, watched
from checks.failure import CheckFailed

UNFILLED = "Not filled in yet."
MISSING = "{} is not there: run the cell of the exercise first, from its first line on."
IS_THE_COURSES = "{} is the course's own here. Run the cell of your exercise again, and then this check."
LONGEST = 300  # characters of an exception's text
ADVICE = {  # what an exception says, and what it mostly means
    "does not require grad": (
        "That is cut off from the parameters: look for .detach(), torch.no_grad(), or a missing .requires_grad_()."
    ),
    "torch.return_types.max": "max(dim) gives values and indices: take its .values or its .indices.",
    "torch.return_types.min": "min(dim) gives values and indices: take its .values or its .indices.",
    "torch.return_types.linalg_qr": "qr gives two matrices: take its .Q, the basis.",
    "'bool' object has no attribute": "A comparison gave one bool, as with a pair: take values.max(dim).values.",
    "got (bool, Tensor": "A comparison gave one bool, as with a pair: take values.max(dim).values.",
    "Boolean value of Tensor with more than one value": "`if` decides once; torch.where decides for each entry.",
    "could not infer output dtype": "Truth values have no mean; make numbers of them first: .float().",
    "prob_dist must be 1 or 2 dim": "multinomial takes one row or a table; flatten the leading dimensions first.",
    "No such file or directory": "A file is found by its name alone if it lies beside the notebook, or below it.",
    "probability tensor contains": (
        "multinomial takes probabilities: nothing negative, ∞ or nan. Logits need a softmax, and no logarithm."
    ),
    "sum of probabilities <= 0": "All probabilities of a row became 0; subtract each row's own maximum before exp.",
    "to satisfy the constraint": "A distribution refuses nan, and what is no probability: leave such places out first.",
    "object is not callable": "A name of a function stands for something else; was it given a value?",
    "Expected all tensors to be on the same device": "Make new tensors where the arguments are: device=x.device.",
    "expected scalar type": "Two kinds of numbers meet; make new tensors with the dtype of the arguments.",
    "must have the same dtype": "Two kinds of numbers meet; make new tensors with the dtype of the arguments.",
    "shapes cannot be multiplied": "Rows of the first meet columns of the second, so they have to be of one length.",
    "backward through the graph a second time": (
        "Leave backward() to whoever calls your function; where you need a graph twice yourself, say retain_graph=True."
    ),
    "a leaf Variable that requires grad is being used in an in-place operation": "Work on a copy: x.clone().",
}


class Unfilled(CheckFailed):
    """The exercise still has its stub."""


class Missing(CheckFailed):
    """There is no function of the name that the exercise asks for."""


class Raised(CheckFailed):
    """The learner's code raised an exception.

    Attributes:
        kind: the exception's name.
        text: what it says.
        trace: the lines of the learner's own code that led to it.
    """

    def __init__(self, sentence: str, kind: str, text: str, trace: Sequence[str]):
        super().__init__(sentence)
        self.kind, self.text, self.trace = kind, text, list(trace)

    def told(self, sentence: str) -> "Raised":
        """Return the same with another sentence."""
        return Raised(sentence, self.kind, self.text, self.trace)


class Answer:
    """The learner's function; what differs between here and another process is `_ask` alone."""

    rules = Rules()
    target: str | int = ""  # the name of the function, or the number of what `keep` kept
    _made: "Answer | None" = None

    def __call__(self, *arguments, **named):
        """Call the learner's function on copies of the arguments; return its value as plain data.

        Raises:
            CheckFailed: if it is not filled in, raises something, or changes what it may not change.
        """
        return self.probe(lambda function: function(*arguments, **named))

    def probe(self, f: Callable):
        """Run `f(function)` beside the learner's function; return what it returns, as plain data.

        Raises:
            CheckFailed: as when it is called, or raised by `f`.
        """
        return self._asked(f)

    def keep(self, f: Callable, name: str = "function") -> "Answer":
        """Run `f(function)` there and leave what it returns there, as something that can be asked in turn.

        A sentence about it calls it by its name.
        """
        return self._kept(self._asked(f, keep=name))

    def made(self) -> "Answer":
        """Call the learner's function, which may train for long, without arguments and keep what it returns.

        Whoever asks the same answer again under the same rules gets the same.
        """
        if self._made is None or self._made.rules != self.rules:
            self._made = self.keep(lambda function: function(), str(self.target))
        return self._made

    def _asked(self, f: Callable, *, keep: str = ""):
        record = plain.decode(self._ask(question.dumps((self.target, f, self.rules, keep))))
        if "value" in record:
            return record["value"]
        if "failed" in record:
            raise CheckFailed(str(record["failed"]))
        if "unfilled" in record:
            raise Unfilled(UNFILLED)
        if "missing" in record:
            raise Missing(MISSING.format(record["missing"]))
        name, text, sentence, trace = record["raised"]
        raise Raised(str(sentence), str(name), str(text), list(map(str, trace)))

    def _kept(self, number: int) -> "Answer":
        raise NotImplementedError

    def _ask(self, asked: bytes) -> bytes:
        """Bring a question to the `Desk` beside the answer, and its reply back."""
        raise NotImplementedError


class Here(Answer):
    """A function of this process."""

    def __init__(self, function: Callable, name: str = "", rules: Rules | None = None, desk: "Desk | None" = None):
        self.rules, self.target = rules or Rules(), name
        self.desk = desk or Desk({name: function})

    def _kept(self, number: int) -> "Here":
        return Here(self.desk.kept[number], number, self.rules, self.desk)

    def _ask(self, asked: bytes) -> bytes:
        return self.desk.reply(asked)


class Desk:
    """Takes questions where the answers are, and replies with plain data.

    Args:
        space: the functions by name; the notebook's names, for example.
        dtype: the default type of numbers under which the learner's code runs; that of this process without it.
    """

    def __init__(self, space: dict, dtype: torch.dtype | None = None):
        self.space, self.kept, self.names, self.dtype, self.last = space, [], [], dtype, {}

    def reply(self, asked: bytes) -> bytes:
        """Run one probe beside its function; return a record of what came of it, as bytes of `plain`."""
        target, f, rules, keep = question.loads(asked)
        if isinstance(target, str) and target not in self.space:
            return plain.encode({"missing": target})
        is_kept = not isinstance(target, str)
        function, name = (self.kept[target], self.names[target]) if is_kept else (self.space[target], target)
        if not is_kept and _is_of_the_course(function):
            return plain.encode({"failed": IS_THE_COURSES.format(target)})
        try:
            with settings(rules.dtype or self.dtype):
                last = self.last.setdefault(target, [])
                value = f(watched(function, name, rules, last, is_kept=is_kept))
            if keep:
                self.kept.append(value)
                self.names.append(keep)
                value = len(self.kept) - 1
            return plain.encode({"value": value})
        except CheckFailed as failure:
            return plain.encode({"failed": str(failure)})
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # exit() is one, too
            return plain.encode(_told(error, name))


def _is_of_the_course(function) -> bool:
    return (getattr(function, "__module__", None) or "").startswith("helpers.")


def _told(error: BaseException, target: str) -> dict:
    """Return the record of an exception: the learner's own line, and the lines that led there."""
    name, text = type(error).__name__, _text(error)
    frames = [
        (frame, line) for frame, line in traceback.walk_tb(error.__traceback__) if _is_the_learners(frame.f_globals)
    ]
    if isinstance(error, NotImplementedError) and _is_a_stub(error):
        return {"unfilled": True}
    found = [
        entry
        for entry in traceback.extract_tb(error.__traceback__)
        if any(entry.lineno == line and entry.filename == frame.f_code.co_filename for frame, line in frames)
    ]
    where = f" in line {found[-1].lineno}" if found else ""
    where += f", `{found[-1].line[:60]}`," if found and found[-1].line else ""
    who = found[-1].name if found and found[-1].name.isidentifier() else target
    advice = next((sentence for piece, sentence in ADVICE.items() if piece in text), "")
    sentence = f"Your {who} stops{where} with {name}: {text}".rstrip(": ")
    sentence += f"{'' if sentence.endswith(tuple('.!?…')) else '.'} {advice}"
    trace = [f"line {entry.lineno}, in {entry.name}: {entry.line or ''}".rstrip(": ") for entry in found]
    return {"raised": [name, text, sentence.strip(), trace]}


def _is_a_stub(error: NotImplementedError) -> bool:
    """Tell whether the learner's own code raised it, by a raise and not by a call of a library."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code.co_code
    return _is_the_learners(trace.tb_frame.f_globals) and code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def _is_the_learners(space: dict) -> bool:
    """Tell whether code with these global names is the notebook's."""
    return space.get("__name__") == "__main__"


def _text(error: BaseException) -> str:
    try:
        lines = " ".join(str(error).partition(", but found invalid values")[0].split())  # all of a tensor follows
    except BaseException:
        return "an error whose text cannot be shown"
    lines = lines if len(lines) <= LONGEST else f"{lines[:LONGEST].rstrip()} …"
    return lines.encode("utf-8", "replace").decode("utf-8")
