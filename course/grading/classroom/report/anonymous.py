"""Take everything out of a class that names somebody, before anything is made from it."""

import functools
import random
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace

from course.grading.classroom.report.alike import TOKEN
from course.grading.classroom.report.gather import Answer, Class

SHORTEST = 2  # characters of a part of a name that is looked for in texts
LONG = 4  # characters from which it is looked for within words, too
TEXTS = {"comment", "prose", "string"}
FILE = re.compile(r"[^:;!?\n]*?\.[A-Za-z]\w{0,9}\b")  # a name may have blanks in it, so all before it counts
WORD = re.compile(r"[^\W_]+")


def veiled(found: Class) -> Class:
    """Return the class with numbers for names; the numbers are drawn anew each time, so no list of names tells whose.

    In what students wrote, comments and text within code are crossed out, in remarks the names of files, and everywhere
    each name that the gradebook knows.
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
            unread=hide(_without_files(one.unread)),
            remarks=[hide(_without_files(remark)) for remark in one.remarks],
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
    """Return what crosses out each word that is a part of a name, or that has one in it which is long enough."""
    parts = {part for name in names for part in WORD.findall(_folded(name.split("@")[0])) if len(part) >= SHORTEST}
    within = [part for part in parts if len(part) >= LONG or not part.isascii()]

    @functools.cache
    def is_name(word: str) -> bool:
        return word in parts or any(part in word for part in within)

    def hide(text: str) -> str:
        text = unicodedata.normalize("NFC", text)
        return WORD.sub(lambda match: _crossed(match[0]) if is_name(_folded(match[0])) else match[0], text)

    return hide


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _answer(answer: Answer, hide: Callable[[str], str]) -> Answer:
    if answer.is_prose:
        return replace(answer, text=hide(answer.text))
    text = TOKEN.sub(lambda found: _crossed(found[0]) if found.lastgroup in TEXTS else found[0], answer.text)
    return replace(answer, text=hide(text))


def _without_files(sentence: str) -> str:
    return FILE.sub(lambda match: _crossed(match[0]), sentence)


def _crossed(text: str) -> str:
    """Return a text of the same length in which no letter and no digit can be read."""
    return WORD.sub(lambda match: "x" * len(match[0]), text)
