"""A lesson that changes after students were entered: the gradebook gets its new cells, and no person's work is lost.

nbgrader refuses to add or remove cells then, and its advice is to drop the whole assignment with all that was given.
"""

from collections.abc import Callable, Iterable, Mapping

from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook, GradeCell, Notebook, SolutionCell, SourceCell

from course.grading.submission.cells import is_grade, is_locked, is_solution
from course.words import counted

KINDS = (
    (GradeCell, is_grade, Grade),
    (SolutionCell, is_solution, Comment),
    (SourceCell, lambda cell: is_grade(cell) or is_solution(cell) or is_locked(cell), None),
)  # of cells in the gradebook: which cells of a notebook they stand for, and what each student has for them


def adapt(book: Gradebook, notebook: Notebook, cells: Iterable[NotebookNode], note: Callable[[str], None]) -> int:
    """Give a lesson's notebook, and all that was handed in for it, the cells that the lesson has now.

    nbgrader then enters their points and texts. Until it has, new cells have 0 points: a run that ended is seen.

    Args:
        book: the gradebook.
        notebook: the lesson's, as the gradebook has it.
        cells: the lesson's marked ones.
        note: is told, before it happens, what a person gave for an exercise that is gone.

    Returns:
        How often that was.
    """
    kept, named = 0, {cell.metadata.nbgrader.grade_id: cell for cell in cells}
    for submission in notebook.submissions:
        grades = {grade.name: grade for grade in submission.grades}
        comments = {comment.name: comment for comment in submission.comments}
        for name in sorted({name.removesuffix("-check") for name in [*grades, *comments]} - set(named)):
            if lost := withdraw(grades.get(f"{name}-check", grades.get(name)), comments.get(name)):
                kept += 1
                note(f"{submission.student.id}: {name} is no longer in the lesson; a person gave {lost} for it.")
    for kind, belongs, entry in KINDS:
        wanted = {name: cell for name, cell in named.items() if belongs(cell)}
        there = {cell.name: cell for cell in [*notebook._base_cells, *notebook.source_cells] if type(cell) is kind}
        for gone in [there[name] for name in there if name not in wanted]:
            entries = book.db.query(entry).filter_by(cell_id=gone.id) if entry else ()
            for row in [*entries, gone]:
                book.db.delete(row)
        for name in [name for name in wanted if name not in there]:
            fields = {"cell_type": "code" if wanted[name].cell_type == "code" else "markdown", "max_score": 0}
            new = kind(name=name, notebook=notebook, **{key: fields[key] for key in fields if hasattr(kind, key)})
            book.db.add(new)
            book.db.flush()
            book.db.add_all(entry(cell_id=new.id, notebook=one) for one in notebook.submissions if entry)
    book.db.commit()
    return kept


def withdraw(grade: Grade | None, comment: Comment | None) -> str:
    """Take back what a person gave; return what that was, or nothing."""
    lost = []
    if grade is not None and (grade.manual_score is not None or grade.extra_credit is not None):
        lost.append(counted((grade.manual_score or 0) + (grade.extra_credit or 0), "point"))
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
            told.append(f"{exercise} has {counted(now[name], 'point')} instead of {before[name]:g}")
    given = f" What a person gave for it ({kept} times) stands in taken-back.txt." if kept else ""
    return f"{lesson} has changed since students were entered: {', '.join(told)}.{given}"
