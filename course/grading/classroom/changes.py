"""A lesson that changes after students were entered: the gradebook gets its new cells, and no person's work is lost.

nbgrader refuses to add or remove cells then, and its advice is to drop the whole assignment with all that was given.
"""

from collections.abc import Callable, Iterable, Mapping

from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook, GradeCell, Notebook, SolutionCell, SourceCell
from nbgrader.utils import is_grade, is_locked, is_solution


def adapt(book: Gradebook, notebook: Notebook, cells: Iterable[NotebookNode], note: Callable[[str], None]) -> int:
    """Give a lesson's notebook, and all that was handed in for it, the cells that the lesson has now.

    New cells get their points when nbgrader enters the lesson: until then they have 0, so that a run which ends in
    between is seen to be unfinished.

    Args:
        book: the gradebook.
        notebook: the lesson's, as the gradebook has it.
        cells: the lesson's marked ones.
        note: is told, before it happens, what a person gave for an exercise that is gone.

    Returns:
        How often that was.
    """
    grading, solved, kept = {}, {}, 0
    sources = {cell.metadata.nbgrader.grade_id: cell for cell in cells if _is_source(cell)}
    for name, cell in sources.items():
        kind = "code" if cell.cell_type == "code" else "markdown"
        grading |= {name: {"max_score": 0, "cell_type": kind}} if is_grade(cell) else {}
        solved |= {name: {}} if is_solution(cell) else {}
        sources[name] = {"cell_type": kind, "locked": is_locked(cell), "source": cell.source}
    for submission in notebook.submissions:
        grades = {grade.name: grade for grade in submission.grades}
        comments = {comment.name: comment for comment in submission.comments}
        for name in sorted({name.removesuffix("-check") for name in [*grades, *comments]} - set(solved)):
            lost = withdraw(grades.get(f"{name}-check", grades.get(name)), comments.get(name))
            if lost:
                kept += 1
                note(f"{submission.student.id}: {name} is no longer in the lesson; a person gave {lost} for it.")
    _replace(book, notebook, GradeCell, notebook.grade_cells, grading, Grade)
    _replace(book, notebook, SolutionCell, notebook.solution_cells, solved, Comment)
    _replace(book, notebook, SourceCell, list(notebook.source_cells), sources, None)
    book.db.commit()
    return kept


def _replace(book: Gradebook, notebook: Notebook, kind: type, there: list, wanted: Mapping[str, dict], entry) -> None:
    """Remove the cells of one kind that are gone, with each student's entries for them, and add the new ones."""
    for cell in there:
        if cell.name not in wanted:
            of_students = () if entry is None else book.db.query(entry).filter(entry.cell_id == cell.id)
            for one in [*of_students, cell]:
                book.db.delete(one)
    new = [kind(name=name, notebook=notebook, **wanted[name]) for name in wanted.keys() - {cell.name for cell in there}]
    book.db.add_all(new)
    book.db.flush()
    if entry is not None:
        book.db.add_all(entry(cell_id=cell.id, notebook=one) for cell in new for one in notebook.submissions)


def _is_source(cell: NotebookNode) -> bool:
    return is_grade(cell) or is_solution(cell) or is_locked(cell)


def withdraw(grade: Grade | None, comment: Comment | None) -> str:
    """Take back what a person gave; return what that was, or nothing."""
    lost = []
    if grade is not None and (grade.manual_score is not None or grade.extra_credit is not None):
        lost.append(f"{(grade.manual_score or 0) + (grade.extra_credit or 0):g} points")
        grade.manual_score = grade.extra_credit = None
    if comment is not None and comment.manual_comment:
        lost.append(f"“{comment.manual_comment}”")
        comment.manual_comment = None
    return " and ".join(lost)


def sentence(lesson: str, before: Mapping[str, float], now: Mapping[str, float], kept: int) -> str:
    """Return what has changed, from the points of each check and written answer and from what `adapt` returned."""
    told = []
    for name in dict.fromkeys([*before, *now]):
        exercise = name.removesuffix("-check")
        if name not in before or name not in now:
            told.append(f"{exercise} is {'new' if name in now else 'gone'}")
        elif before[name] != now[name]:
            told.append(f"{exercise} has {now[name]:g} points instead of {before[name]:g}")
    given = f" What a person gave for it ({kept} times) stands in taken-back.txt." if kept else ""
    return f"{lesson} has changed since students were entered: {', '.join(told)}.{given}"
