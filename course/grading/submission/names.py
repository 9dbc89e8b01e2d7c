"""File names that somebody else chose: shown so that nothing in them deceives, and kept from shadowing modules."""

import sys
from functools import cache
from importlib.metadata import packages_distributions

from course import words

LONGEST = 100  # characters of a name that a sentence shows
OWN = {"helpers", "course", "sitecustomize", "usercustomize", "ipython_config", "conftest"}


def visible(name: str) -> str:
    """Return a name in which every odd character can be seen: line ends, controls, marks of direction, lone bytes."""
    shown = words.one_line(name)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST // 2]}…{shown[-LONGEST // 2 + 1 :]}"


def fault(name: str) -> str:
    """Return what is wrong with a relative name, or nothing."""
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\0" in name or "\\" in name:
        return "its name leads out of the submission"
    if any(len(in_unicode(part).encode("utf-8")) > 255 for part in parts):
        return "its name is too long"
    return ""


def in_unicode(name: str) -> str:
    """Return the name with its bytes that are no UTF-8 spelt out, so that it can be written into JSON."""
    return "".join(words.spelt_out(character) if "\ud800" <= character <= "\udfff" else character for character in name)


def without_shadows(files: dict[str, bytes], folder: str = "") -> tuple[dict[str, bytes], list[str]]:
    """Leave out what Python would import instead of a module of the same name, or read as it starts.

    Args:
        files: contents by relative name.
        folder: where the notebook lies; its code may import from there and from each folder above.

    Returns:
        The rest, and a sentence for each name in one of these folders that was left out.
    """
    parts = folder.split("/") if folder else []
    prefixes = ["/".join([*parts[:depth], ""]) for depth in range(len(parts) + 1)]
    shadows: dict[str, str] = {}
    for name in sorted(files):
        for prefix in prefixes:
            rest = name.removeprefix(prefix)
            is_way_down = f"{folder}/".startswith(f"{prefix}{_top(rest)}/")
            if name.startswith(prefix) and _is_shadow(rest) and not is_way_down:
                shadows[name] = prefix + _top(rest)
    kept = {name: content for name, content in files.items() if name not in shadows}
    modules = {top: _module(top.rsplit("/", 1)[-1]) for top in shadows.values()}
    return kept, [
        f"{visible(top)} was left out: it would take the place of the module {visible(module)}."
        for top, module in modules.items()
    ]


def _top(name: str) -> str:
    return name.split("/", 1)[0]


def _module(top: str) -> str:
    return top.split(".", 1)[0]


def _is_shadow(name: str) -> bool:
    """Tell whether a file, or the folder it lies in, answers to an import of a module that is not the student's."""
    top = _top(name)
    is_importable = "." not in top if top != name else top.endswith((".py", ".pyc", ".so"))
    return is_importable and _module(top) in _modules()


@cache
def _modules() -> frozenset[str]:
    return frozenset(OWN | set(sys.stdlib_module_names) | set(packages_distributions()))
