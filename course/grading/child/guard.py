"""Notice a submission that has changed the tools of its checks.

The code that is watched and the code that watches share a process, so this is a tripwire and no proof: whoever knows
this file can step over it. What it finds costs the exercise and calls a person; what it cannot find is why the bigger
exercises are graded from outside the process.
"""

import builtins
import sys
import types

LIBRARIES = {
    "torch": [
        "tensor",
        "equal",
        "allclose",
        "isclose",
        "isnan",
        "abs",
        "as_tensor",
        "is_tensor",
        "Tensor",
        "Generator",
        "erfinv",
        "nan_to_num",
    ],
    "torch.testing": ["assert_close"],
    "torch.autograd": ["grad"],
    "numpy": ["allclose", "isclose", "array_equal", "number"],
    "numpy.testing": ["assert_allclose", "assert_equal", "assert_array_equal", "assert_almost_equal"],
    "math": ["isnan", "isinf", "sqrt", "prod", "isclose"],
    "sys": ["_getframe", "settrace", "setprofile"],
}
TENSOR = ["__eq__", "__ne__", "__invert__", "__bool__", "any", "all", "item", "isclose", "allclose", "equal", "to"]
TENSOR += ["double", "detach", "shape", "dtype", "device", "nonzero", "min", "max", "mean", "std", "reshape", "numel"]
TENSOR += ["dim", "clone", "requires_grad", "__torch_function__"]
BUILTINS = [name for name in dir(builtins) if name not in ("_", "__debug__", "display", "get_ipython")]


class Guard:
    """How things were before any code of a submission ran."""

    def __init__(self, shell):
        self.shell = shell
        self.before = self._look()
        self.code = self._code()

    def changes(self) -> list[str]:
        """Return the names of what is not as it was."""
        try:
            return self._changes()
        except Exception as error:  # what was put in a tool's place cannot even be looked at
            return [f"helpers.checks ({type(error).__name__})"]

    def _changes(self) -> list[str]:
        now = self._look()
        found = [name for name, thing in self.before.items() if now.get(name) is not thing]
        code = self._code()
        found += [name for name, thing in self.code.items() if not _same(code.get(name), thing)]
        return found + self._hooks()

    def _look(self) -> dict[str, object]:
        """Return what is watched by name; only identity counts."""
        things = {f"builtins.{name}": builtins.__dict__.get(name) for name in BUILTINS}
        for module, names in LIBRARIES.items():
            space = vars(sys.modules[module]) if module in sys.modules else {}
            things |= {f"{module}.{name}": space.get(name) for name in names}
        tensor = sys.modules["torch"].Tensor
        things |= {f"torch.Tensor.{name}": _raw(tensor, name) for name in TENSOR}
        checks = sys.modules.get("helpers.checks")
        things["helpers.checks"] = checks
        things["helpers.checks as an attribute"] = getattr(sys.modules.get("helpers"), "checks", None)
        if isinstance(checks, types.ModuleType):
            things |= {f"helpers.checks.{name}": thing for name, thing in vars(checks).items() if name != "seed_shift"}
            things |= {
                f"CheckFailed.{name}": _raw(checks.CheckFailed, name)
                for name in ("__new__", "__init__", "__str__", "_render_traceback_")
            }
        return things

    def _code(self) -> dict[str, tuple]:
        """Return the insides of the checks' functions, which can be exchanged without touching the functions."""
        checks = sys.modules.get("helpers.checks")
        functions = (
            {name: thing for name, thing in vars(checks).items() if isinstance(thing, types.FunctionType)}
            if isinstance(checks, types.ModuleType)
            else {}
        )
        return {
            f"the code of helpers.checks.{name}": (
                function.__code__,
                function.__defaults__,
                function.__kwdefaults__ and tuple(function.__kwdefaults__.items()),
            )
            for name, function in functions.items()
        }

    def _hooks(self) -> list[str]:
        """Return what hangs on the way from a cell's text to its result and was not there before."""
        found = []
        if sys.gettrace() is not None:
            found.append("sys.settrace")
        if sys.getprofile() is not None:
            found.append("sys.setprofile")
        if self.shell.ast_transformers:
            found.append("the shell's AST transformers")
        return found


def _same(one: tuple | None, other: tuple) -> bool:
    return one is not None and one[0] is other[0] and one[1] == other[1] and one[2] == other[2]


def _raw(kind: type, name: str) -> object:
    """Return an attribute as the class holds it, without binding it."""
    return next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)
