"""What a student's code defines, read without running it: functions, classes, imports and constants at its top."""

import ast
import re
import warnings

LONGEST = 20_000  # characters from which a text is only searched and not parsed; no person writes such a cell
DEFINITION = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE)
NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def names(source: str) -> frozenset[str]:
    """Return the names of the functions and classes that a source defines at its top, whether or not it parses."""
    return frozenset(DEFINITION.findall(source[:LONGEST]))


def only(source: str, *, without: frozenset[str] = frozenset()) -> str:
    """Return a source's definitions, imports and constants, in order, without its calls and tests.

    Args:
        source: code; where it does not parse it is returned as it is, so that whoever wrote it reads why.
        without: names of functions and classes to leave out.
    """
    nodes = _nodes(source)
    if nodes is None:
        return source
    kept = [one for one in nodes if _defines(one) and getattr(one, "name", None) not in without]
    return "\n\n".join(_text(one, source.split("\n")) for one in kept)


def _nodes(source: str) -> list[ast.stmt] | None:
    """Return the statements at the top of a source, or None where it does not parse."""
    if len(source) > LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd escapes in somebody's strings
            return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _defines(node: ast.stmt) -> bool:
    """Tell whether a statement gives a name to something without calling anything."""
    if isinstance(node, (*NAMED, ast.Import, ast.ImportFrom)):
        return True
    return isinstance(node, ast.Assign) and not any(isinstance(one, ast.Call) for one in ast.walk(node))


def _text(node: ast.stmt, lines: list[str]) -> str:
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    return "\n".join(lines[first - 1 : node.end_lineno])
