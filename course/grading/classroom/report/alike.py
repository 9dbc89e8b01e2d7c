"""Pairs of submissions that share passages which hardly anybody else has: a hint for a person, and no verdict.

Winnowing, as MOSS does it (Schleimer, Wilkerson and Aiken 2003, "Winnowing: local algorithms for document
fingerprinting"). Names of the student's own, comments, blanks and texts within code do not count, so renaming and
reformatting hide nothing. What the release says itself, and what many have, is left out.
"""

import builtins
import functools
import hashlib
import keyword
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from nbformat import NotebookNode
from scipy.sparse import csr_array

from course.grading.classroom.report.gather import Answer

GRAM = 16  # tokens of code, or words: nothing shorter is a passage
WINDOW = 6  # a common run of GRAM + WINDOW - 1 tokens is found for certain
COMMON = 0.2  # what a larger share of a class has is what one writes there
FEW = 0.02  # share of a class, and two submissions at least, that count as hardly anybody
BITS = {False: 0.5, True: 1.0}  # for each fingerprint of code, and of prose, that hardly anybody has
ENOUGH = 6  # fingerprints of an exercise: where there are fewer, agreeing in all of them counts in part
MARGIN = 3  # bits beyond what chance gives to about one pair of the class: one class in eight lists a pair by chance
LONGEST = 20_000  # characters of a cell that are looked at
MOST = 60_000  # characters of a submission that are looked at
AROUND = 2  # lines that are shown around a passage
MOST_LINES = 60
MOST_BEFORE, MOST_SHOWN = 200, 6000  # characters, where lines have no end

WORD = re.compile(r"\w+")
TOKEN = re.compile(  # of any text: what is not closed goes on to the end of its line, or of the text
    r"""(?P<comment>\#[^\n]*)
    |(?P<prose>[rbuf]{0,2}(?:\"{3}[\s\S]*?(?:\"{3}|\Z)|'{3}[\s\S]*?(?:'{3}|\Z)))
    |(?P<string>[rbuf]{0,2}(?:"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))
    |(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<sign>[^\s\w])""",
    re.VERBOSE | re.IGNORECASE,
)
OWN_NAMES = {*keyword.kwlist, *dir(builtins)}  # Python's

Span = tuple[int, int]


@dataclass
class Passage:
    """The same in two cells: where they stand, and each one's text in parts, with whether a part is shared."""

    places: tuple[str, str]
    sides: tuple[list[tuple[str, bool]], list[tuple[str, bool]]]


@dataclass
class Pair:
    """Two submissions by index, and the share of the shorter one's fingerprints that the other has, too."""

    first: int
    second: int
    share: float
    passages: list[Passage]


@dataclass(frozen=True)
class _Place:
    cell: int
    span: Span


def pairs(submissions: Sequence[Sequence[Answer]], release: NotebookNode) -> list[Pair]:
    """Return the pairs that a person should look at, those with the most evidence first.

    Agreeing in an exercise is worth log₂(n / d) bits where d of n submissions have the passage, as if everybody chose
    alone, and less where only a part agrees; each fingerprint that hardly anybody has adds some, so length counts.
    Chance alone gives log₂ of the number of pairs to about one of them, so a pair is listed from somewhat more on.

    Args:
        submissions: the cells that each student wrote.
        release: the lesson, whose own text nobody has copied.
    """
    given = {print_ for cell in release.cells for print_, _ in _grams(cell.source[:LONGEST], cell.cell_type != "code")}
    found = [_fingerprints(answers, given) for answers in submissions]
    holders = defaultdict(list)
    for index, prints in enumerate(found):
        for print_ in prints:
            holders[print_].append(index)
    several = {print_: owners for print_, owners in holders.items() if len(owners) > 1}
    rare = {print_ for print_, owners in several.items() if len(owners) <= many(len(submissions))}
    evidence, shared = _evidence(submissions, found, several)
    sizes = np.array([len(prints) for prints in found])
    least = math.log2(max(1, math.comb(len(submissions), 2))) + MARGIN
    chosen = []
    for first, second in np.argwhere(np.triu(evidence >= least, 1)).tolist():
        prints = rare & found[first].keys() & found[second].keys()
        if prints:
            share = float(shared[first, second] / sizes[[first, second]].min())
            both = submissions[first], submissions[second]
            chosen.append(Pair(first, second, share, list(_passages(prints, found[first], found[second], both))))
    return sorted(chosen, key=lambda pair: -evidence[pair.first, pair.second])


def many(submissions: int) -> int:
    """Return how many submissions may have a passage that is shown as shared; MOSS has such a number, too."""
    return max(2, int(COMMON * submissions))


def _evidence(
    submissions: Sequence[Sequence[Answer]], found: Sequence[dict], several: dict[int, list[int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each two submissions the bits that speak for one source, and how many fingerprints they share."""
    total = len(submissions)
    evidence, shared = np.zeros((total, total)), np.zeros((total, total))
    homes, sizes = defaultdict(list), defaultdict(lambda: np.zeros(total))
    for index, prints in enumerate(found):
        for places in prints.values():
            sizes[submissions[index][places[0].cell].place][index] += 1
    for print_, owners in several.items():
        home = submissions[owners[0]][found[owners[0]][print_][0].cell]
        homes[home.place, home.is_prose].append(print_)
    for (place, is_prose), prints in homes.items():
        owners = [several[print_] for print_ in prints]
        column = np.repeat(np.arange(len(prints)), [len(each) for each in owners])
        has = csr_array((np.ones(len(column)), (np.concatenate(owners), column)), shape=(total, len(prints)))
        bits = np.array([math.log2(total / len(each)) for each in owners])
        length = np.array([BITS[is_prose] * (len(each) <= max(2, FEW * total)) for each in owners])
        smaller = np.maximum(np.minimum.outer(sizes[place], sizes[place]), ENOUGH)
        evidence += ((has * bits) @ has.T).toarray() / smaller + ((has * length) @ has.T).toarray()
        shared += (has @ has.T).toarray()
    return evidence, shared


def _fingerprints(answers: Sequence[Answer], given: set[int]) -> dict[int, list[_Place]]:
    """Return a submission's fingerprints with their places, without those of the release."""
    found = defaultdict(list)
    left = MOST
    for cell, answer in enumerate(answers):
        text = answer.text[: min(LONGEST, left)]
        left -= len(text)
        for print_, span in _winnowed(text, answer.is_prose):
            if print_ not in given:
                found[print_].append(_Place(cell, span))
    return found


@functools.lru_cache(maxsize=10_000)
def _winnowed(text: str, is_prose: bool) -> tuple[tuple[int, Span], ...]:
    """Choose the smallest hash of each window, of equal ones the last, so that equal passages choose alike."""
    grams = _grams(text, is_prose)
    ordered = [(print_, -place) for place, (print_, _) in enumerate(grams)]
    windows = range(max(1, len(grams) - WINDOW + 1) if grams else 0)
    chosen = {-min(ordered[at : at + WINDOW])[1] for at in windows}
    return tuple(grams[place] for place in sorted(chosen))


def _grams(text: str, is_prose: bool) -> list[tuple[int, Span]]:
    """Return the hash and the place of each run of GRAM tokens; the hashes are the same in every process."""
    tokens = list(_words(text) if is_prose else _tokens(text))
    values, spans = [value for value, _ in tokens], [span for _, span in tokens]
    runs = ((at, at + GRAM) for at in range(len(tokens) - GRAM + 1))
    return [(_hash("\0".join(values[at:end])), (spans[at][0], spans[end - 1][1])) for at, end in runs]


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _words(text: str) -> Iterable[tuple[str, Span]]:
    return ((found[0].casefold(), found.span()) for found in WORD.finditer(text))


def _tokens(text: str) -> Iterable[tuple[str, Span]]:
    """Yield what a line of Python says: what follows a dot and Python's own names as they are, other names as one."""
    last = ""
    for found in TOKEN.finditer(text):
        kind, value = found.lastgroup, found[0]
        if kind in ("comment", "prose"):
            continue
        if kind == "string":
            value = "string"
        elif kind == "name" and last != "." and value not in OWN_NAMES:
            value = "name"
        last = value
        yield value, found.span()


def _passages(prints: Iterable[int], first: dict, second: dict, both: tuple) -> Iterable[Passage]:
    """Yield for each two cells with something in common what that is."""
    spans = defaultdict(lambda: (set(), set()))
    for print_ in prints:
        one, other = first[print_][0], second[print_][0]
        spans[one.cell, other.cell][0].add(one.span)
        spans[one.cell, other.cell][1].add(other.span)
    for (one, other), (left, right) in sorted(spans.items()):
        answers = both[0][one], both[1][other]
        sides = _parts(answers[0].text, left), _parts(answers[1].text, right)
        yield Passage((answers[0].place, answers[1].place), sides)


def _parts(text: str, spans: Iterable[Span]) -> list[tuple[str, bool]]:
    """Cut a text into what is shared and what is not, and away what is far from anything shared."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    begin = max(_line(text, joined[0][0], -AROUND), joined[0][0] - MOST_BEFORE)
    end = min(_line(text, joined[-1][1], AROUND + 1), _line(text, begin, MOST_LINES), begin + MOST_SHOWN)
    parts, at = [("…\n", False)] if begin else [], begin
    for start, stop in joined:
        parts += [(text[at : min(start, end)], False), (text[min(start, end) : min(stop, end)], True)]
        at = min(stop, end)
    parts += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return [part for part in parts if part[0]]


def _line(text: str, at: int, lines: int) -> int:
    """Return where the line begins that stands so many lines below (or above) the one at a place."""
    at = text.rfind("\n", 0, at) + 1
    for _ in range(abs(lines)):
        if lines > 0:
            at = text.find("\n", at) + 1 or len(text)
            if at == len(text):
                break
        else:
            at = text.rfind("\n", 0, max(at - 1, 0)) + 1
    return at
