"""Know the cells of a lesson again in a notebook that has lost its ids: by text, by what they define, by their words.

Grade ids and cell ids come first. An editor may drop both, or write new ones, so what is left is known again by its
text, then by the names that an exercise defines, then by how many words it shares, and last by its neighbours.
"""

import re
from collections import Counter

from nbformat import NotebookNode

from course.grading.submission import definitions
from course.grading.submission.cells import grade_id, is_grade, is_solution

ALIKE = 0.6  # share of words in common from which two texts are one text, edited
FEWEST, FEWEST_IN_TEXT = 8, 5  # words of two cells together from which this says something: a heading may be short
COMPARED = 5000  # characters of a text whose words are looked at
MOST_COMPARED = 500  # cells that are compared; no lesson has as many


def places(release: NotebookNode, own: NotebookNode) -> list[int | None]:
    """Tell for each cell of `own` which cell of the release it is, by index, or None for a person's further cell."""
    found = by_id(release, own)
    if None in found:
        _by_text(release, own, found)
        _by_names(release, own, found)
        _by_words(release, own, found)
        _by_neighbours(release, own, found)
    return found


def by_id(release: NotebookNode, own: NotebookNode) -> list[int | None]:
    """Do as `places` does, by grade ids and cell ids alone."""
    places_of = {cell.id: place for place, cell in enumerate(release.cells)}
    return [places_of.get(grade_id(cell), places_of.get(cell.get("id"))) for cell in own.cells]


def exercises_in(release: NotebookNode, own: NotebookNode) -> int:
    """Return how many exercises, checks and written answers of the release `own` has for certain."""
    found = by_id(release, own)
    known = set(found) - {None}
    _by_text(release, own, found)
    _by_names(release, own, found)
    known |= {place for place in set(found) - {None} if release.cells[place].cell_type == "code"}
    return sum(bool(grade_id(release.cells[place])) for place in known)


def plain(text: str) -> str:
    """Return the text without what editors change on their own: blanks at the ends of lines, and empty lines around."""
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def is_exercise(cell: NotebookNode) -> bool:
    """Tell whether a release's cell is code for a learner to fill."""
    return is_solution(cell) and not is_grade(cell)


def are_alike(cell: NotebookNode, other: NotebookNode) -> bool:
    """Tell whether two cells share most of their words."""
    return _share(_words(cell), _words(other)) >= ALIKE


def _by_text(release: NotebookNode, own: NotebookNode, found: list[int | None]) -> None:
    """Find the cells with the very text of the release; of equal ones, the first that is free and comes next."""
    same: dict[str, list[int]] = {}
    for place, cell in enumerate(release.cells):
        same.setdefault(plain(cell.source), []).append(place)
    taken, last = set(found), -1
    for index, cell in enumerate(own.cells):
        choices = same.get(plain(cell.source), []) if found[index] is None else []
        if choices:
            free = [place for place in choices if place not in taken]
            found[index] = next((place for place in free if place > last), (free or choices)[0])
            taken.add(found[index])
        last = last if found[index] is None else found[index]


def _by_names(release: NotebookNode, own: NotebookNode, found: list[int | None]) -> None:
    """Find the cells that define what an exercise without a cell asks for."""
    exercises = [place for place in _open(release, found) if is_exercise(release.cells[place])]
    wanted = {place: asked for place in exercises if (asked := definitions.names(release.cells[place].source))}
    for index in _lost(own, found) if wanted else []:
        names = definitions.names(own.cells[index].source)
        found[index] = next((place for place, asked in wanted.items() if asked <= names), None)


def _by_words(release: NotebookNode, own: NotebookNode, found: list[int | None]) -> None:
    """Find the cells that share most of their words with a cell of the release that has none yet; the best go first."""
    free = {place: _words(release.cells[place]) for place in _open(release, found)}
    pairs = []
    for index in _lost(own, found) if free else []:
        words, cell = _words(own.cells[index]), own.cells[index]
        for place, other in free.items():
            is_text = cell.cell_type == release.cells[place].cell_type == "markdown"
            pairs.append((_share(words, other, FEWEST_IN_TEXT if is_text else FEWEST), -index, -place))
    for share, index, place in sorted(pairs, reverse=True):
        if share >= ALIKE and found[-index] is None and -place in free:
            found[-index] = -place
            del free[-place]


def _by_neighbours(release: NotebookNode, own: NotebookNode, found: list[int | None]) -> None:
    """Take what stands where an answer belongs, between the same neighbours and of the same kind, for the answer."""
    free = {place for place in _open(release, found) if _is_nameless_answer(release.cells[place])}
    following = [len(release.cells)] * (len(found) + 1)
    for index in reversed(range(len(found))):
        following[index] = following[index + 1] if found[index] is None else found[index]
    last = -1
    for index, cell in enumerate(own.cells):
        if found[index] is None and cell.source.strip():
            between = (place for place in sorted(free) if last < place < following[index])
            kind = cell.cell_type
            found[index] = next((place for place in between if release.cells[place].cell_type == kind), None)
            free -= {found[index]}
        last = last if found[index] is None else found[index]


def _is_nameless_answer(base: NotebookNode) -> bool:
    """Tell whether an answer can share nothing with its cell: prose, or code that is to define no function."""
    return is_solution(base) and not (base.cell_type == "code" and definitions.names(base.source))


def _lost(own: NotebookNode, found: list[int | None]) -> list[int]:
    """Return the cells that are still to be known again, up to a number that keeps the comparing short."""
    lost = [index for index, cell in enumerate(own.cells) if found[index] is None and cell.source.strip()]
    return lost[:MOST_COMPARED]


def _open(release: NotebookNode, found: list[int | None]) -> list[int]:
    taken = set(found)
    return [place for place in range(len(release.cells)) if place not in taken]


def _words(cell: NotebookNode) -> Counter:
    return Counter(re.findall(r"\w+", cell.source[:COMPARED]))


def _share(words: Counter, others: Counter, fewest: int = FEWEST) -> float:
    """Return the share of words in common: 1 for the same words, 0 where they share none or are hardly any."""
    total = words.total() + others.total()
    if total < fewest:
        return 0.0
    fewer, more = sorted((words, others), key=len)
    return 2 * sum(min(count, more[word]) for word, count in fewer.items()) / total
