"""Values as plain data, to be judged where no code of the learner runs: numbers by safetensors, the rest as JSON.

Nothing is ever unpickled. What has no plain form arrives as an `Other` that knows the name of its type, so that a
sentence about a wrong type still fits.
"""

import dataclasses
import json
import struct

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

LARGEST = 32 * 2**20  # bytes of one value
DEEPEST = 12
LONGEST = 200  # characters of a type's name


class Unreadable(ValueError):
    """Bytes that `encode` did not write."""


class Other:
    """Stands for a value that has no plain form; `kind` is what a sentence calls its type."""

    def __init__(self, kind: str):
        self.kind = kind[:LONGEST]


class Parts(tuple):
    """A named tuple or a data class, as a tuple: its parts have their names, and `kind` is the type's."""

    def __new__(cls, parts, names=(), kind="tuple"):
        made = super().__new__(cls, parts)
        made.names, made.kind = tuple(names), kind[:LONGEST]
        return made

    def __getattr__(self, name: str):
        names = self.__dict__.get("names", ())
        if name in names:
            return self[names.index(name)]
        raise AttributeError(f"{self.__dict__.get('kind', 'tuple')} has no part {name}")


def encode(value) -> bytes:
    """Return a value as bytes.

    Raises:
        ValueError: if it is nested too deeply or takes too many bytes.
    """
    tensors: list[Tensor] = []
    body = json.dumps(_outline(value, tensors, 0)).encode()
    content = save({str(number): tensor for number, tensor in enumerate(tensors)})
    if len(body) + len(content) > LARGEST:
        raise ValueError("the value takes too much memory to be looked at")
    return struct.pack("<Q", len(body)) + body + content


def decode(data: bytes):
    """Return the value that `encode` wrote; named tuples and data classes come back as `Parts`.

    Raises:
        Unreadable: if it did not write it.
    """
    try:
        size = struct.unpack("<Q", data[:8])[0]
        return _value(json.loads(data[8 : 8 + size]), load(data[8 + size :]))
    except (struct.error, ValueError, KeyError, TypeError, IndexError, RecursionError, SafetensorError) as error:
        raise Unreadable("the answer has come back damaged") from error


def kind(value) -> str:
    """Return what a sentence calls the type of a value, such as "numpy.ndarray"."""
    if isinstance(value, Other | Parts):
        return value.kind
    if isinstance(value, Tensor) and type(value) is Tensor:
        return "torch.Tensor"
    module, name = type(value).__module__, type(value).__qualname__
    return name if module == "builtins" else f"{module}.{name}"


def _outline(value, tensors: list[Tensor], depth: int):
    if depth > DEEPEST:
        raise ValueError("the value is nested too deeply to be looked at")
    inner = depth + 1
    if isinstance(value, np.bool_ | np.number) and not isinstance(value, np.complexfloating):
        value = value.item()
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) in (Tensor, torch.nn.Parameter):
        return _tensor(value, tensors)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {"parts": [_outline(getattr(value, name), tensors, inner) for name in names], **_named(value, names)}
    if isinstance(value, tuple | list):
        parts = [_outline(part, tensors, inner) for part in value]
        if type(value) in (tuple, list):
            return {type(value).__name__: parts}
        return {"parts": parts, **_named(value, getattr(value, "_fields", ()))}
    if isinstance(value, dict):
        return {"dict": [[_outline(part, tensors, inner) for part in pair] for pair in value.items()]}
    return {"other": kind(value)}


def _named(value, names) -> dict:
    return {"names": list(map(str, names)), "kind": kind(value)}


def _tensor(value: Tensor, tensors: list[Tensor]) -> dict:
    if value.device.type != "cpu" or value.layout != torch.strided or value.is_quantized or value.is_complex():
        where = f" on {value.device}" if value.device.type != "cpu" else ""
        return {"other": f"torch.Tensor{where}" if where else f"torch.Tensor of {value.dtype}, {value.layout}"}
    plain = Tensor.detach(value)  # whatever else an answer calls so
    tensors.append(Tensor.clone(plain, memory_format=torch.contiguous_format))
    return {"tensor": len(tensors) - 1}


def _value(outline, tensors: dict[str, Tensor]):
    if not isinstance(outline, dict):
        return outline
    if "tensor" in outline:
        return tensors[str(outline["tensor"])]
    if "other" in outline:
        return Other(str(outline["other"]))
    if "dict" in outline:
        return {_value(key, tensors): _value(part, tensors) for key, part in outline["dict"]}
    if "parts" in outline:
        parts = [_value(part, tensors) for part in outline["parts"]]
        return Parts(parts, map(str, outline["names"]), str(outline["kind"]))
    name, parts = next(iter(outline.items()))
    return {"tuple": tuple, "list": list}[name](_value(part, tensors) for part in parts)
