"""Which cells a verdict depends on: an experiment whose names neither a check nor the student reads can be left out.

Names are followed through compiled code, so that a function's parameters are no names of the notebook. What this cannot
see (state inside a library) is seen by trying: a lesson whose solution does not keep full marks is always run whole.
"""

import ast
import builtins
import dis
import re
from collections.abc import Iterable, Mapping
from types import CodeType

from nbformat import NotebookNode

from course.grading.bundle import Bundle

LARGEST = 10**5  # characters of a cell, and five times as many of a notebook, above which no cell is left out
LOADS, STORES = {"LOAD_NAME", "LOAD_GLOBAL"}, {"STORE_NAME", "STORE_GLOBAL", "DELETE_NAME"}
BY_NAME = {"globals", "locals", "vars", "exec", "eval", "get_ipython", "__main__", "In", "Out", "_"}
STATE = re.compile(r"(manual_)?seed|(set|use|register|filter|simplefilter|rc)(_\w+|warnings|Params)?")


def of(statements: list[ast.stmt], wanted: set[str]) -> list[ast.stmt]:
    """Return those statements, in order, that make or change the wanted names, directly or not, or set up a library."""
    wanted, kept = set(wanted), []
    modules = {name for statement in statements for name in _imported(statement)}
    for statement in reversed(statements):
        reads, writes = names(ast.Module([statement], []))
        if (writes | _changed(statement) - modules) & wanted or _sets_state(statement, modules):
            kept.append(statement)
            wanted = wanted - _surely_written(ast.Module([statement], [])) | reads
    return kept[::-1]


def imports(bundle: Bundle) -> str:
    """Return what the course's own cells import, as a source: a check takes these names from nowhere else."""
    found = []
    for cell in bundle.release["cells"]:
        if cell["cell_type"] == "code" and cell["id"] not in bundle.checks:
            body = ast.parse(without_magics(cell["source"])).body
            found += [ast.unparse(node) for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    return "; ".join(dict.fromkeys(found))


def without_magics(source: str) -> str:
    """Return a cell's text with nothing in the place of the lines that only IPython understands."""
    return "\n".join("pass" if line.startswith(("%", "!")) else line for line in source.split("\n"))


def spare(bundle: Bundle, notebook: NotebookNode) -> set[str]:
    """Return the ids of those cells of a rebuilt notebook that its verdict does not depend on."""
    code = [cell for cell in bundle.release["cells"] if cell["cell_type"] == "code"]
    graded = {*bundle.checks, *(name.removesuffix("-check") for name in bundle.checks)}
    own = {cell["id"]: cell["source"] for cell in code if cell["id"] not in graded}
    cells = [(cell.id, bundle.checks.get(cell.id, cell.source)) for cell in notebook.cells if cell.cell_type == "code"]
    return unneeded(cells, own, bundle.checks)


def unneeded(cells: Iterable[tuple[str, str]], own: Mapping[str, str], checks: Iterable[str]) -> set[str]:
    """Return the ids of the cells that no other cell depends on.

    Args:
        cells: id and source of every code cell of a notebook, in order; for a check, all of it.
        own: source, by id, of the plain cells that the course wrote: only these can be left out.
        checks: the ids of the checks, which the course wrote, too.
    """
    spare, wanted = set(), set()
    cells = list(cells)
    if sum(len(source) for _, source in cells) > 5 * LARGEST:
        return set()
    trees = [_tree(source) for _, source in cells]
    if None in trees:
        return set()
    named = [names(tree) for tree in trees]
    modules = set().union(*map(_imported, trees))
    unchanging = modules | set(dir(builtins)).difference(*(writes for _, writes in named))
    for (name, source), tree, (reads, writes) in reversed(list(zip(cells, trees, named, strict=True))):
        is_own = own.get(name) == source
        if not (is_own or name in checks or not BY_NAME & reads):
            return set()
        if is_own and not _has_effects(tree, modules) and not (reads - unchanging | writes) & wanted:
            spare.add(name)
        else:
            wanted = wanted - _surely_written(tree) | reads
    return spare


def names(tree: ast.Module) -> tuple[set[str], set[str]]:
    """Return the names that a source reads before it has set them, and those that it sets."""
    code = compile(ast.fix_missing_locations(tree), "<cell>", "exec", dont_inherit=True)
    reads, writes = set(), set()
    for step in dis.get_instructions(code):
        if step.opname in LOADS and step.argval not in writes:
            reads.add(step.argval)
        elif step.opname in STORES:
            writes.add(step.argval)
    return reads | (_inside(code) - writes), writes


def _surely_written(tree: ast.Module) -> set[str]:
    """Return the names that a source sets whatever happens."""
    sure = (ast.Assign, ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return names(ast.Module([node for node in tree.body if isinstance(node, sure)], []))[1]


def _inside(code: CodeType) -> set[str]:
    """Return the global names that the functions, classes and comprehensions inside a code object read."""
    found = set()
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= {step.argval for step in dis.get_instructions(inner) if step.opname in LOADS} | _inside(inner)
    return found


def _tree(source: str) -> ast.Module | None:
    """Return a cell's tree; lines that only IPython understands count for nothing.

    None is what nobody can read, or what could take long to compile here: `finally` is compiled once for each way out,
    so a few of them, one within another, are enough to fill the memory.
    """
    if len(source) > LARGEST:
        return None
    try:
        tree = ast.parse(without_magics(source))
        if any(getattr(node, "finalbody", None) for node in ast.walk(tree)):
            return None
        names(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree


def _changed(tree: ast.stmt) -> set[str]:
    """Return the names into which a statement writes, from which it draws, or which it calls for their effect."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            found.add(_root(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found.add(_root(node.value.func))
        elif isinstance(node, ast.keyword) and node.arg == "generator":
            found.add(_root(node.value))
    return found


def _root(node: ast.expr) -> str:
    """Return the name at the beginning of something like `name.part[0]`, or nothing."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _imported(tree: ast.AST) -> set[str]:
    return {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _has_effects(tree: ast.Module, modules: set[str]) -> bool:
    """Tell whether a cell imports something, sets something inside a module, or calls what sounds like doing so."""
    imports = any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree))
    return imports or _sets_state(tree, modules)


def _sets_state(tree: ast.AST, modules: set[str]) -> bool:
    """Tell whether a piece of code sets something inside a module, or calls what sounds like doing so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Subscript) and _root(node) in modules:
            if isinstance(node.ctx, ast.Store | ast.Del):
                return True
            if isinstance(node, ast.Attribute) and STATE.fullmatch(node.attr):
                return True
    return False
