"""Which cells a verdict depends on: an experiment whose names no answer reads can be left out.

Checks bring their own data, so only what the answers and a student's further cells read counts. Names are followed by
Python's own table of symbols. Whoever reads a name may change what it stands for, unless that is a module, or a
function that the course's cells define or take by `yours`: to call one is no change of it. What the table cannot see,
such as state inside a library, keeps a cell in; a test holds that every lesson's solution has full marks without the
cells that are left out.
"""

import ast
import builtins
import functools
import re
import symtable
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode

from course.grading.bundle import Bundle
from course.grading.orders import without_magics

LARGEST = 10**5  # characters of a cell, and five times as many of a notebook, above which no cell is left out
BY_NAME = {"globals", "locals", "vars", "exec", "eval", "get_ipython", "__main__", "In", "Out", "_"}
STATE = re.compile(r"(manual_)?seed|(set|use|register|filter|simplefilter|rc)(_\w+|warnings|Params)?")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def spare(bundle: Bundle, notebook: NotebookNode) -> set[str]:
    """Return the ids of those cells of a rebuilt notebook that its verdict does not depend on."""
    cells = [(cell.id, bundle.checks.get(cell.id, cell.source)) for cell in notebook.cells if cell.cell_type == "code"]
    return unneeded(cells, bundle.own_cells(), bundle.checks)


def unneeded(cells: Iterable[tuple[str, str]], own: Mapping[str, str], checks: Iterable[str]) -> set[str]:
    """Return the ids of the cells that no other cell depends on.

    Args:
        cells: id and source of every code cell of a notebook, in order.
        own: source, by id, of the plain cells that the course wrote: only these can be left out.
        checks: the ids of the checks, which the course wrote, too.
    """
    spare, wanted = set(), set()
    cells = list(cells)
    if sum(len(source) for _, source in cells) > 5 * LARGEST:
        return set()
    read = [_read(source) for _, source in cells]
    original = [_read(own.get(name, "")) for name, _ in cells]  # it runs, too, where a student's change of it fails
    if None in read or None in original:
        return set()
    written = [found for _, found in original]
    functions = set().union(*(found.functions for found in written)).difference(*(found.variables for found in written))
    fixed = functions.union(*(_imported(tree) for tree, _ in read))
    unchanging = fixed | set(dir(builtins)).difference(*(found.writes for _, found in read))
    is_last = True  # no check and no cell of a student's comes later
    for (name, source), (tree, found), (_, before) in reversed(list(zip(cells, read, original, strict=True))):
        is_own = own.get(name) == source
        if not (is_own or name in checks or not BY_NAME & found.reads):
            return set()
        if not is_own:  # a student's cell may stop before it has set anything
            wanted, is_last = wanted | found.reads | before.reads, False
        elif is_last:
            spare.add(name)
        elif _has_effects(tree, fixed) or (found.reads_first - unchanging | found.writes) & wanted:
            wanted = wanted - found.sets | found.reads_first
        else:
            spare.add(name)
    return spare


@functools.lru_cache(maxsize=512)  # a worker meets the course's own cells with every submission
def set_by(source: str) -> frozenset[str]:
    """Return the names that a cell of the course may set."""
    found = _read(source)
    return frozenset(found[1].writes if found else ())


def read_by(sources: Iterable[str]) -> set[str] | None:
    """Return the names of the notebook that these cells may read.

    None is for cells of which one could read anything, or that are too much to be read here.
    """
    sources = list(sources)
    if sum(map(len, sources)) > 5 * LARGEST:
        return None
    found = [_read(source) for source in sources]
    if None in found or any(BY_NAME & names.reads for _, names in found):
        return None
    return set().union(*(names.reads for _, names in found))


@dataclass
class Names:
    """The notebook's names in a cell: what it may read, that before it has set it, what it may set, what it sets.

    Of what it may set, `functions` it defines, or takes by `yours`, and `variables` it sets in another way.
    """

    reads: set[str] = field(default_factory=set)
    reads_first: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)


def names(tree: ast.Module) -> Names:
    """Return the names of a cell.

    Raises:
        SyntaxError, ValueError, RecursionError: for what Python cannot read.
    """
    found = Names()
    for statement in tree.body:
        loaded, stored = _symbols(symtable.symtable(ast.unparse(statement), "<cell>", "exec"))
        loaded |= {name.id for name in ast.walk(statement) if _is(name, ast.Del)}
        found.reads |= loaded
        found.reads_first |= loaded - found.sets
        found.writes |= stored
        found.sets |= _surely_set(statement)
        functions = _surely_set(statement) if _defines(statement) else set()
        found.functions |= functions
        found.variables |= stored - functions
    return found


def _symbols(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    """Return the notebook's names that a piece of code loads and stores, in whatever scope inside it."""
    is_top = table.get_type() == "module"
    symbols = [symbol for symbol in table.get_symbols() if is_top or symbol.is_global()]
    loaded = {symbol.get_name() for symbol in symbols if symbol.is_referenced()}
    stored = {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}
    for child in table.get_children():
        more = _symbols(child)
        loaded, stored = loaded | more[0], stored | more[1]
    return loaded, stored


def _surely_set(statement: ast.stmt) -> set[str]:
    """Return the names that a statement sets whatever happens, unless it raises an exception."""
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return _imported(statement)
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {node.id for target in targets for node in ast.walk(target) if _is(node, ast.Store)}


def _defines(statement: ast.stmt) -> bool:
    """Tell whether a statement gives a name a function: by a definition, or by `yours`."""
    call = statement.value if isinstance(statement, ast.Assign) else None
    is_yours = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "yours"
    return is_yours or isinstance(statement, FUNCTIONS)


def _is(node: ast.AST, context: type) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, context)


def _read(source: str) -> tuple[ast.Module, Names] | None:
    """Return a cell's tree and its names; lines that only IPython understands count for nothing.

    None is what nobody can read.
    """
    if len(source) > LARGEST:
        return None
    try:
        tree = ast.parse(without_magics(source))
        return tree, names(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _imported(tree: ast.AST) -> set[str]:
    return {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _has_effects(tree: ast.Module, fixed: set[str]) -> bool:
    """Tell whether a cell imports something, sets something inside what is fixed, or calls what sounds like it."""
    imports = any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree))
    return imports or _sets_state(tree, fixed)


def _sets_state(tree: ast.AST, fixed: set[str]) -> bool:
    """Tell whether a piece of code sets something inside a module or function, or calls what sounds like doing so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Subscript) and _root(node) in fixed:
            if isinstance(node.ctx, ast.Store | ast.Del):
                return True
            if isinstance(node, ast.Attribute) and STATE.fullmatch(node.attr):
                return True
    return False


def _root(node: ast.expr) -> str:
    """Return the name at the beginning of something like `name.part[0]`, or nothing."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
