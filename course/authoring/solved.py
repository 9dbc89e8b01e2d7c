"""A lesson's solutions as functions, without a kernel: for tests and benchmarks that meet what learners write."""

import ast
from collections.abc import Callable

from course.authoring.lessons import Lesson


def functions(lesson: Lesson) -> dict[str, Callable]:
    """Return the functions of a lesson's exercises by name, as its solutions have them.

    The imports are executed, then each solution in order, all in one space of names, so that later ones can use
    earlier ones. Other cells are left out.
    """
    space, names = {}, []
    for cell in lesson.cells:
        tree = ast.parse(cell.source) if cell.kind == "code" else None
        if tree and "exercise" in cell.marks:
            exec(compile(tree, cell.grade_id, "exec"), space)
            names += [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        elif tree:
            imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
            exec(compile(ast.Module(imports, []), lesson.name, "exec"), space)
    return {name: space[name] for name in names}
