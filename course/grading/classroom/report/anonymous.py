"""Take everything out of a class that names somebody, before anything is made from it."""

import random
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace

from pygments.lexers import PythonLexer
from pygments.token import Comment, String

from course.grading.classroom.report.gather import Answer, Class

SHORTEST = 2  # characters of a name that is looked for in texts


def veiled(found: Class) -> Class:
    """Return the class with numbers for names; the numbers are drawn anew each time, so no list of names tells whose.

    In what students wrote, comments and text within code are crossed out, and every name that the gradebook knows.
    """
    hide = _hider(found.known_names)
    everybody = [*(one.name for one in found.submissions), *found.missing, *found.ungraded]
    random.SystemRandom().shuffle(everybody)
    width = len(str(len(everybody)))
    called = {name: f"Student {number:0{width}}" for number, name in enumerate(everybody, 1)}
    submissions = [
        replace(
            one,
            name=called[one.name],
            unread=hide(one.unread),
            remarks=[hide(remark) for remark in one.remarks],
            entries={name: replace(entry, sentence=hide(entry.sentence)) for name, entry in one.entries.items()},
            answers=[_answer(answer, hide) for answer in one.answers],
        )
        for one in found.submissions
    ]
    return replace(
        found,
        submissions=sorted(submissions, key=lambda one: one.name),
        missing=sorted(called[name] for name in found.missing),
        ungraded=sorted(called[name] for name in found.ungraded),
        known_names=set(),
    )


def _hider(names: Iterable[str]) -> Callable[[str], str]:
    """Return what crosses out names, in either way to write an accent; short ones only as words of their own."""
    forms = {unicodedata.normalize(form, name) for name in names for form in ("NFC", "NFD")}
    forms |= {part for form in forms for part in re.split(r"[\s@]+", form)}
    patterns = [
        rf"(?<![^\W_]){re.escape(form)}(?![^\W_])" if form.isascii() and len(form) < 4 else re.escape(form)
        for form in sorted(forms, key=len, reverse=True)
        if len(form) >= SHORTEST
    ]
    pattern = re.compile("|".join(patterns) or r"(?!)", re.IGNORECASE)
    return lambda text: pattern.sub(lambda match: _crossed(match[0]), text)


def _answer(answer: Answer, hide: Callable[[str], str]) -> Answer:
    if answer.is_prose:
        return replace(answer, text=hide(answer.text))
    parts = PythonLexer(stripnl=False, ensurenl=False).get_tokens_unprocessed(answer.text)
    text = "".join(
        _crossed(part) if kind in Comment or kind in String and kind not in String.Affix else part
        for _, kind, part in parts
    )
    return replace(answer, text=hide(text))


def _crossed(text: str) -> str:
    """Return a text of the same length in which no letter and no digit can be read."""
    return re.sub(r"[^\W_]", "x", text)
