"""Know the cells of a lesson again in a notebook that has lost its ids: by text, by what they define, by their words.

Grade ids and cell ids come first. An editor may drop both, or write new ones, so what is left is known again by its
text, then by the names that an exercise defines, then by how many words it shares, and last by its neighbours.
"""

import ast
import re
from collections import Counter

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from course import merge

ALIKE = 0.6  # share of words in common from which two texts are one text, edited
DEFINITION = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE)
COMPARED = 20_000  # characters of a text that are looked at


def places(release: NotebookNode, own: NotebookNode) -> list[int | None]:
    """Tell for each cell of `own` which cell of the release it is, by index, or None for a person's further cell."""
    by_id = {cell.id: place for place, cell in enumerate(release.cells)}
    found = [by_id.get(merge.grade_id(cell), by_id.get(cell.get("id"))) for cell in own.cells]
    if None in found:
        _by_text(release, own, found)
        _by_names(release, own, found)
        _by_words(release, own, found)
        _by_neighbours(release, own, found)
    return found


def exercises_in(release: NotebookNode, own: NotebookNode) -> int:
    """Return how many exercises of the release `own` still has, its checks and written answers included."""
    known = {place for place in places(release, own) if place is not None}
    return sum(bool(merge.grade_id(release.cells[place])) for place in known)


def plain(text: str) -> str:
    """Return the text without what editors change on their own: blanks at the ends of lines, and empty lines around."""
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def defined(source: str) -> dict[str, str]:
    """Return the functions and classes that a source defines at its top, each with its text."""
    try:
        nodes = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return dict.fromkeys(DEFINITION.findall(source), source)
    lines = source.split("\n")
    return {
        node.name: "\n".join(
            lines[min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1 : node.end_lineno]
        )
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


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
    wanted = {place: set(defined(release.cells[place].source)) for place in exercises}
    for index, cell in enumerate(own.cells):
        if found[index] is None and wanted:
            names = set(defined(cell.source[:COMPARED]))
            found[index] = next((place for place, asked in wanted.items() if asked and asked <= names), None)


def _by_words(release: NotebookNode, own: NotebookNode, found: list[int | None]) -> None:
    """Find the cells that share most of their words with a cell of the release that has none yet; the best go first."""
    free = {place: _words(release.cells[place]) for place in _open(release, found)}
    pairs = []
    for index, cell in enumerate(own.cells):
        if found[index] is None and free:
            words = _words(cell)
            shares = [(_share(words, other), -index, -place) for place, other in free.items()]
            pairs += [pair for pair in shares if pair[0] >= ALIKE]
    for _, index, place in sorted(pairs, reverse=True):
        if found[-index] is None and -place not in found:
            found[-index] = -place


def _by_neighbours(release: NotebookNode, own: NotebookNode, found: list[int | None]) -> None:
    """Take what stands where an answer belongs, between the same neighbours and of the same kind, for the answer."""
    last, taken = -1, set(found)
    following = [len(release.cells)] * (len(found) + 1)
    for index in reversed(range(len(found))):
        following[index] = following[index + 1] if found[index] is None else found[index]
    for index, cell in enumerate(own.cells):
        if found[index] is None and cell.source.strip():
            between = range(last + 1, following[index])
            found[index] = next(
                (place for place in between if place not in taken and _is_answer(release.cells[place], cell)), None
            )
            taken.add(found[index])
        last = last if found[index] is None else found[index]


def _is_answer(base: NotebookNode, own: NotebookNode) -> bool:
    """Tell whether a cell that shares nothing with it could be the answer: prose, or code that is to define nothing."""
    return is_solution(base) and base.cell_type == own.cell_type and not defined(base.source)


def _open(release: NotebookNode, found: list[int | None]) -> list[int]:
    taken = set(found)
    return [place for place in range(len(release.cells)) if place not in taken]


def _words(cell: NotebookNode) -> Counter:
    return Counter(re.findall(r"\w+", cell.source[:COMPARED]))


def _share(words: Counter, others: Counter) -> float:
    """Return the share of words in common: 1 for the same words, 0 where they share none or are hardly any."""
    total = words.total() + others.total()
    return 2 * (words & others).total() / total if total >= 8 else 0.0
