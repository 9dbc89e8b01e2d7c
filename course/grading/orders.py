"""What a check cell asks for, read and never run: which functions of `checks`, of whose answer, with which data.

A check cell holds nothing but calls such as `check.returns(returns, gamma=0.3)`, the hidden ones among them. So the
court needs a name and literals, and no code of a notebook.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

FORM = "a check cell holds calls such as check.returns(returns, gamma=0.3) and nothing else"


@dataclass(frozen=True)
class Order:
    """The calls of one check cell.

    Attributes:
        module: the module of `checks`.
        calls: for each call the check's name, the name of the learner's function, and the further data as the text of
            a dictionary of literals.
    """

    module: str
    calls: tuple[tuple[str, str, str], ...]

    @property
    def name(self) -> str:
        """The name of the learner's function."""
        return self.calls[0][1]


def alias(sources: Iterable[str]) -> str:
    """Return the module of `checks` that these sources import as `check`, or nothing."""
    for source in sources:
        for node in ast.walk(ast.parse(without_magics(source))):
            if isinstance(node, ast.ImportFrom) and node.module == "checks":
                for name in node.names:
                    if name.asname == "check":
                        return name.name
    return ""


def read(source: str, module: str) -> Order:
    """Read a check cell.

    Args:
        source: the cell, hidden tests included.
        module: the module of `checks` that the lesson calls `check`.

    Raises:
        ValueError: if it holds anything else than calls of that module's functions on one name and literals.
    """
    calls = []
    for node in ast.parse(source).body:
        call = node.value if isinstance(node, ast.Expr) else None
        if not (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id == "check"
            and len(call.args) == 1
            and isinstance(call.args[0], ast.Name)
            and all(keyword.arg for keyword in call.keywords)
        ):
            raise ValueError(f"{FORM}; line {node.lineno} is something else")
        data = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
        calls.append((call.func.attr, call.args[0].id, repr(data)))
    if not calls:
        raise ValueError(f"{FORM}, and this one is empty")
    return Order(module, tuple(calls))


def without_magics(source: str) -> str:
    """Return a cell's text with nothing in the place of the lines that only IPython understands."""
    return "\n".join("pass" if line.startswith(("%", "!")) else line for line in source.split("\n"))
