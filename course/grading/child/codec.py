"""Values as plain data: tensors, arrays, numbers, texts and what holds them. Nothing is ever unpickled.

A value of a type that is not known here arrives as an `Opaque` of that type's name, so that a check's sentence about a
wrong type still fits.
"""

import base64
import builtins
import dataclasses
import importlib
import math
import struct
import sys
from collections.abc import Callable, Mapping

import numpy as np
import torch

LARGEST = 16 * 2**20  # bytes of one tensor
DEEPEST = 12
STATE_NUMBERS = 624  # of a Mersenne Twister; those that are left and the next one's place add up to one more


class CannotSend(TypeError):
    """A value that has no plain form."""


def encode(value, depth: int = 0, *, special: Callable | None = None):
    """Return a value as data for JSON.

    Args:
        value: what to send.
        depth: how deep inside another value it lies.
        special: a function of a value and its depth, asked first; it returns data, or None for what is nothing special.

    Raises:
        CannotSend: if it is too large or too deep.
    """
    if depth > DEEPEST:
        raise CannotSend("the value is nested too deeply")
    data = special(value, depth) if special else None
    if data is not None:
        return data
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        return {"int": str(value)}
    if kind is float:
        return {"float": value.hex()}
    if kind is complex:
        return {"complex": [value.real.hex(), value.imag.hex()]}
    if kind in (torch.Tensor, torch.nn.Parameter):
        return _tensor(value)
    if kind is np.ndarray or isinstance(value, np.generic):
        return _array(value)
    if kind is torch.Generator:
        return {"generator": _bytes(value.get_state().numpy().tobytes())}
    if kind is torch.Size:
        return {"size": list(value)}
    if kind in (torch.dtype, torch.device):
        return {kind.__name__: str(value).removeprefix("torch.")}
    if kind in (list, tuple, set):
        return {kind.__name__: [encode(entry, depth + 1, special=special) for entry in value]}
    if kind is dict:
        pairs = [[encode(part, depth + 1, special=special) for part in pair] for pair in value.items()]
        return {"dict": pairs}
    if kind.__module__.startswith("helpers.") and (dataclasses.is_dataclass(kind) or issubclass(kind, tuple)):
        names = getattr(kind, "_fields", None) or [field.name for field in dataclasses.fields(kind)]
        parts = {name: encode(getattr(value, name), depth + 1, special=special) for name in names}
        return {"helper": [kind.__module__, kind.__qualname__, parts]}
    return {"opaque": [kind.__module__, kind.__qualname__]}


def decode(data, depth: int = 0, *, special: Mapping[str, Callable] | None = None):
    """Return the value of data that `encode` made, or that somebody made up.

    Args:
        data: what came.
        depth: how deep inside another value it lies.
        special: for each further kind of data, a function of its body and depth that returns the value.

    Raises:
        CannotSend: if it is malformed.
    """
    try:
        return _decode(data, depth, special or {})
    except CannotSend:
        raise
    except Exception as error:
        raise CannotSend(f"malformed: {type(error).__name__}") from None


def _decode(data, depth: int, special: Mapping[str, Callable]):
    if depth > DEEPEST:
        raise CannotSend("the value is nested too deeply")
    if data is None or type(data) in (bool, str):
        return data
    ((kind, body),) = data.items()
    if kind in special:
        return special[kind](body, depth)
    if kind in ("list", "tuple", "set"):
        return {"list": list, "tuple": tuple, "set": set}[kind](_decode(entry, depth + 1, special) for entry in body)
    if kind == "dict":
        return {_decode(key, depth + 1, special): _decode(entry, depth + 1, special) for key, entry in body}
    if kind == "helper":
        return _helper(*body, depth, special)
    return SIMPLE[kind](body)


def are_same(one, other) -> bool:
    """Tell whether encoded values agree; a generator may have been drawn from, and a set has no order."""
    if isinstance(one, dict) and isinstance(other, dict):
        if set(one) != set(other) or set(one) & {"generator", "opaque"}:
            return set(one) == set(other)
        if "set" in one:
            return sorted(map(repr, one["set"])) == sorted(map(repr, other["set"]))
        return all(are_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(are_same, one, other))
    return one == other


def follow(old, new):
    """Bring a change that was made to a copy back: a drawn random number, an entry set in place.

    Returns:
        The old object with the new content, or the new value where nothing can be changed in place.
    """
    if isinstance(new, Opaque):
        return old
    if type(old) is not type(new):
        return new
    if isinstance(old, torch.Generator):
        old.set_state(new.get_state())
    elif isinstance(old, torch.Tensor) and old.shape == new.shape and old.dtype == new.dtype:
        if not torch.equal(old, new):
            old.data.copy_(new)  # data, so that a leaf and a view can be written to, as no_grad allowed over there
    elif type(old) is list:
        old[:] = [*map(follow, old, new), *new[len(old) :]]
    elif type(old) is dict:
        changed = {key: follow(old[key], value) if key in old else value for key, value in new.items()}
        old.clear()
        old.update(changed)
    else:
        return new
    return old


def follow_all(arguments: tuple, named: dict, after: list) -> None:
    """Bring the changes of a call's arguments back; `after` has both, encoded."""
    new, new_named = decode(after[0]), decode(after[1])
    for old, value in zip([*arguments, *named.values()], [*new, *new_named.values()], strict=True):
        follow(old, value)


def told(error: BaseException) -> list[str]:
    """Return an exception's name and text."""
    try:
        return [type(error).__name__, str(error)[:20000]]
    except BaseException:
        return [type(error).__name__, "an error whose text cannot be shown"]


def exception(name: str, text: str) -> BaseException:
    """Return an exception of that name; the built-in one if there is, so that a caller can expect it.

    None ends a loop of the caller's as if it were done.
    """
    kind = getattr(builtins, str(name), None)
    if kind in (StopIteration, StopAsyncIteration):
        return RuntimeError(f"{name}: {text}")
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = type(str(name), (Exception,), {})
    try:
        return kind(str(text))
    except Exception:
        return RuntimeError(str(text))


def _bytes(content: bytes) -> str:
    if len(content) > LARGEST:
        raise CannotSend("the value is too large to be sent")
    return base64.b64encode(content).decode()


def _tensor(value: torch.Tensor) -> dict:
    if value.device.type != "cpu" or value.layout != torch.strided or value.is_quantized:
        raise CannotSend(f"a tensor on {value.device} cannot be sent")
    flat = value.detach().reshape(-1).clone(memory_format=torch.contiguous_format)  # one number may have any stride
    content = flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""
    kind = str(value.dtype).removeprefix("torch.")
    return {"tensor": [kind, list(value.shape), _bytes(content), bool(value.requires_grad)]}


def _array(value) -> dict:
    if value.dtype.kind not in "biufc":
        raise CannotSend(f"an array of {value.dtype} cannot be sent")
    return {
        "array": [
            value.dtype.str,
            list(value.shape),
            _bytes(np.ascontiguousarray(value).tobytes()),
            isinstance(value, np.generic),
        ]
    }


def _to_tensor(body) -> torch.Tensor:
    kind, shape, content, _ = body
    dtype = getattr(torch, kind)
    if not isinstance(dtype, torch.dtype):
        raise CannotSend("no such kind of number")
    raw = bytearray(base64.b64decode(content))
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise CannotSend("the shape does not fit the numbers")
    return torch.frombuffer(raw, dtype=dtype).reshape(shape).clone() if raw else torch.empty(shape, dtype=dtype)


def _to_array(body):
    kind, shape, content, scalar = body
    dtype = np.dtype(kind)
    if dtype.kind not in "biufc":
        raise CannotSend("no such kind of number")
    array = np.frombuffer(base64.b64decode(content), dtype=dtype).reshape(shape).copy()
    return array[()] if scalar else array


def _to_generator(body) -> torch.Generator:
    generator, state = torch.Generator(), base64.b64decode(body)
    left, following = struct.unpack_from("=8xi4xQ", state)  # torch believes them, and would read beyond its numbers
    if left + following != STATE_NUMBERS + 1 and (left, following) != (1, 0):
        raise CannotSend("no state of a generator")
    generator.set_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))
    return generator


def _to_dtype(body: str) -> torch.dtype:
    if not isinstance(getattr(torch, body), torch.dtype):
        raise CannotSend("no such kind of number")
    return getattr(torch, body)


def _to_opaque(body) -> object:
    module, name = body
    return type(str(name), (Opaque,), {"__module__": str(module)})()


def _helper(module: str, name: str, parts: dict, depth: int, special: Mapping[str, Callable]) -> object:
    """Return a dataclass or named tuple of the helpers, made from its parts."""
    if not module.startswith("helpers."):
        raise CannotSend("no such type")
    space = sys.modules.get(module) or importlib.import_module(module)
    kind = vars(space)[name]
    if not isinstance(kind, type) or not (dataclasses.is_dataclass(kind) or hasattr(kind, "_fields")):
        raise CannotSend("no such type")
    return kind(**{key: _decode(value, depth + 1, special) for key, value in parts.items()})


class Opaque:
    """Stands for a value of a type that cannot be sent."""


SIMPLE = {
    "int": int,
    "float": float.fromhex,
    "complex": lambda body: complex(*map(float.fromhex, body)),
    "tensor": _to_tensor,
    "array": _to_array,
    "generator": _to_generator,
    "size": torch.Size,
    "device": torch.device,
    "dtype": _to_dtype,
    "opaque": _to_opaque,
}
