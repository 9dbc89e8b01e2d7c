"""Networks and optimisers as plain data: they travel whole into the submission's process, and only their state back.

What comes back is numbers for the parameters that the check's process has already; no class, no function, no object of
a submission is made there.
"""

import importlib
from collections.abc import Callable

import torch
from torch import nn

from . import codec
from .codec import CannotSend

SENT = ("helpers.", "torch.nn.")  # where the classes of networks that can travel are
PARTS = ("_parameters", "_buffers", "_modules")


def can_travel(module: nn.Module) -> bool:
    """Tell whether all of a network is made of the course's and torch's own classes."""
    return all(type(part).__module__.startswith(SENT) for part in module.modules())


def encode_module(module: nn.Module, depth: int, special: Callable) -> dict:
    """Return a network as data.

    Args:
        module: the network.
        depth: how deep inside another value it lies.
        special: how tensors with gradients and functions are encoded.

    Raises:
        CannotSend: if it holds something that has no plain form.
    """
    kind, usual = type(module), vars(nn.Module())
    attributes = {name: value for name, value in vars(module).items() if name not in usual}
    held = {name: codec.encode(value, depth + 1, special=special) for name, value in attributes.items()}
    odd = [name for name, data in held.items() if isinstance(data, dict) and "opaque" in data]
    if odd:
        raise CannotSend(f"a {kind.__name__} with {odd[0]} cannot be sent")
    return {
        "kind": [kind.__module__, kind.__qualname__],
        "attributes": held,
        "training": module.training,
        "_parameters": _encoded(module._parameters, depth, special),
        "_buffers": _encoded(module._buffers, depth, special),
        "_modules": {name: encode_module(child, depth + 1, special) for name, child in module._modules.items()},
    }


def decode_module(data: dict, decode: Callable) -> nn.Module:
    """Return the network of data that `encode_module` made; `decode` makes a value of its parts."""
    module, name = data["kind"]
    if not module.startswith(SENT):
        raise CannotSend("no such network")
    kind = getattr(importlib.import_module(module), name)
    made = kind.__new__(kind)
    nn.Module.__init__(made)
    vars(made).update({name: decode(value) for name, value in data["attributes"].items()})
    for part in PARTS[:2]:
        getattr(made, part).update({name: decode(value) for name, value in data[part].items()})
    made._modules.update({name: decode_module(child, decode) for name, child in data["_modules"].items()})
    made.training = data["training"]
    return made


def encode_optimizer(optimizer: torch.optim.Optimizer, depth: int, special: Callable) -> dict:
    """Return an optimiser as data."""
    groups = [
        {name: codec.encode(value, depth + 2, special=special) for name, value in group.items()}
        for group in optimizer.param_groups
    ]
    return {"kind": type(optimizer).__name__, "groups": groups, "state": state(optimizer)}


def decode_optimizer(data: dict, decode: Callable) -> torch.optim.Optimizer:
    """Return the optimiser of data that `encode_optimizer` made; `decode` makes a value of its parts."""
    groups = [{name: decode(value) for name, value in group.items()} for group in data["groups"]]
    made = getattr(torch.optim, data["kind"])(groups)
    made.load_state_dict(codec.decode(data["state"]))
    return made


def parameters(optimizer: torch.optim.Optimizer) -> set[int]:
    """Return the ids of the parameters that an optimiser moves."""
    return {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}


def state(thing: nn.Module | torch.optim.Optimizer):
    """Return what training changes in a network or optimiser, as data."""
    if isinstance(thing, torch.optim.Optimizer):
        return codec.encode(thing.state_dict())
    tensors = [*thing.parameters(), *thing.buffers()]
    return {
        "tensors": [codec.encode(tensor.detach()) for tensor in tensors],
        "slopes": [codec.encode(tensor.grad) for tensor in tensors],
        "training": [part.training for part in thing.modules()],
    }


def restore(thing: nn.Module | torch.optim.Optimizer, data) -> None:
    """Give a network or optimiser a state that came from somewhere else.

    Raises:
        CannotSend: if the state is none of this thing's.
    """
    try:
        if isinstance(thing, torch.optim.Optimizer):
            thing.load_state_dict(codec.decode(data))
            return
        tensors, parts = [*thing.parameters(), *thing.buffers()], [*thing.modules()]
        numbers = [_like(*pair) for pair in zip(tensors, data["tensors"], strict=True)]
        slopes = [
            None if slope is None else _like(tensor, slope)
            for tensor, slope in zip(tensors, data["slopes"], strict=True)
        ]
        modes = [(part, bool(mode)) for part, mode in zip(parts, data["training"], strict=True)]
        with torch.no_grad():  # all of it is sound, so that nothing stays half written
            for tensor, number, slope in zip(tensors, numbers, slopes, strict=True):
                tensor.copy_(number)
                tensor.grad = slope
        for part, mode in modes:
            part.training = mode
    except CannotSend:
        raise
    except Exception as error:
        raise CannotSend(f"a {type(thing).__name__} has come back damaged: {type(error).__name__}") from None


def _encoded(parts: dict, depth: int, special: Callable) -> dict:
    return {name: codec.encode(value, depth + 1, special=special) for name, value in parts.items()}


def _like(tensor: torch.Tensor, data) -> torch.Tensor:
    """Return the tensor of some data, which has to have the shape of another."""
    value = codec.decode(data)
    if not isinstance(value, torch.Tensor) or value.shape != tensor.shape:
        raise CannotSend("a parameter has come back with another shape")
    return value.to(tensor.dtype)
