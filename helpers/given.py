"""What functions are given: where it does not fit, say in one sentence what is wrong, where, and what to do.

`check_images` looks at numbers that would train to nonsense without an error, `check_network` tries a network once.
`explain` stands at the end of a module and turns the raw errors of torch and Python under its public functions into
such a sentence, made of the arguments and of what their documentation asks for; an error in the caller's own code, as
in a network or a callback, stays as it is.
"""

import functools
import inspect
import re
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

RAW = (RuntimeError, TypeError, LookupError, AttributeError)
OF_AUTOGRAD = ("Inference tensors", "through the graph a second time", "require grad", "inplace operation", "in-place")
HOMES = (str(Path(__file__).parent), *(sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")))


class Misfit(ValueError):
    """What was given does not fit a function; one that called it tells it again, with what it was given itself."""


def check_images(x: Tensor, model: nn.Module | None = None, *, unit: bool = False) -> None:
    """Look at images before they are learned from.

    Args:
        x: shape (..., pixels).
        model: what will learn from them; it may say how many `pixels` it takes.
        unit: whether pixels are to lie in [0, 1].

    Raises:
        ValueError: if it is no tensor of finite floating-point numbers of this shape and range, or is not where and of
            what the model is.
    """
    if not isinstance(x, Tensor):
        kind = type(x).__name__
        raise ValueError(f"x is of type {kind}, but a tensor is needed: torch.as_tensor(x, dtype=torch.float32).")
    if not x.is_floating_point():
        raise ValueError(f"x holds {_short(x.dtype)}, but floating-point numbers are needed: x.float(); bytes / 255.")
    if model is not None:
        weights, pixels = next(model.parameters(), x), getattr(model, "pixels", x.shape[-1])
        if weights.device != x.device:
            raise ValueError(f"The model is on {weights.device}, but x is on {x.device}: make both on one device.")
        if weights.dtype != x.dtype:
            kinds = f"{_short(x.dtype)}, but the model has weights of {_short(weights.dtype)}"
            raise ValueError(f"x holds {kinds}: make them one, with .float().")
        if x.shape[-1:] != (pixels,):
            raise ValueError(
                f"x has shape {tuple(x.shape)}, but the model takes rows of {pixels} pixels: flatten the images, or "
                "build the model for theirs."
            )
    if not x.numel():
        raise ValueError(f"x has shape {tuple(x.shape)}: there is nothing in it.")
    if not (finite := x.isfinite()).all():
        place, count = tuple((~finite).nonzero()[0].tolist()), int((~finite).sum())
        raise ValueError(f"Of the numbers in x {count} are not finite, the first at {place}: mend the data.")
    low, high = (bound.item() for bound in x.aminmax())
    if unit and (low < 0 or high > 1):
        raise ValueError(
            f"Pixels lie in [0, 1] here, but those of x reach from {low:g} to {high:g}: divide by what is white, such "
            'as 255, or take a model of any numbers (likelihood="gaussian" of a VAE, loss="squared" of an autoencoder).'
        )


def check_network(name: str, module: nn.Module, states: Tensor, expected: tuple[int, ...]) -> None:
    """Try a network on states before it learns; its lazy layers get their weights here.

    Args:
        name: what to call it.
        module: the network; a Gaussian policy answers with means and spreads.
        states: shape (..., D).
        expected: the shape that is to come out.

    Raises:
        ValueError: if it does not take the states, or something else comes out.
    """
    if not isinstance(module, nn.Module):
        raise ValueError(f"The {name} is a {type(module).__name__}, but a torch.nn.Module is needed.")
    seen = f"Observations have shape {tuple(states.shape)} and dtype {states.dtype}"
    try:
        with torch.no_grad():
            found = module(states)
    except (*RAW, Misfit) as error:
        reason = (str(error.__cause__ or error) or type(error).__name__).splitlines()[0]
        raise ValueError(f"{seen}, which the {name} does not take: {reason}.") from error
    found = tuple(getattr(found, "mean", found).shape) if isinstance(found, tuple) else tuple(found.shape)
    if found != expected:
        raise ValueError(f"{seen}, of which the {name} makes numbers of shape {found}, but {expected} was expected.")


def explain(module: str) -> None:
    """Have the public functions and methods of a module tell in one sentence what did not fit them."""
    home = sys.modules[module]
    for owner in (home, *(thing for thing in vars(home).values() if inspect.isclass(thing))):
        if owner is not home and owner.__module__ != module:
            continue
        for name, thing in list(vars(owner).items()):
            own = inspect.isfunction(thing) and thing.__module__ == module
            if own and (not name.startswith("_") or name == "__init__"):
                setattr(owner, name, _explained(thing, owner if name == "__init__" else thing))


def _explained(function: Callable, documented: Any) -> Callable:
    @functools.wraps(function)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except (*RAW, ValueError) as error:
            says_it = any(words in str(error) for words in OF_AUTOGRAD)  # no shape is to blame for these
            if says_it or isinstance(error, torch.OutOfMemoryError) or not _is_ours(error):
                raise
            try:
                given = inspect.signature(function).bind(*arguments, **options).arguments
            except TypeError:
                raise error from None  # an argument is missing or has no such name: Python says it well
            kind = _wrong_kind(function, given)
            if isinstance(error, ValueError) and not isinstance(error, Misfit) and not kind:
                raise  # it says itself what is wrong
            cause = error.__cause__ if isinstance(error, Misfit) else error
            place = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__.removesuffix('.__init__')}"
            told = f": {kind}" if kind else _misfit(inspect.getdoc(documented) or "", given, cause)
            raise Misfit(place + told) from cause

    return wrapper


def _is_ours(error: Exception) -> bool:
    """Tell whether all code between the call and the error is of the helpers and of installed packages."""
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(HOMES) and file != "<string>":  # dataclasses make their code of strings
            return False
        trace = trace.tb_next
    return True


def _wrong_kind(function: Callable, given: dict[str, Any]) -> str:
    """Say which argument is no tensor or no generator though it has to be one, or nothing."""
    for key, value in given.items():
        wanted, kind = inspect.formatannotation(function.__annotations__.get(key, "")), type(value).__name__
        if wanted == "torch.Tensor" and not isinstance(value, Tensor):
            return f"{key} is of type {kind}, but a tensor is needed: torch.as_tensor({key})."
        if wanted.endswith(".Generator") and not isinstance(value, torch.Generator):
            return f"{key} is of type {kind}, but a generator is needed: torch.Generator().manual_seed(0)."
    return ""


def _misfit(text: str, given: dict[str, Any], error: BaseException) -> str:
    """Say what was given and what is wanted; different devices and precisions say enough by themselves."""
    for what, advice in (("devices", "put all on one, with .to(…)"), ("precisions", "make them one, with .float()")):
        found = {key.replace("self", "itself"): set(_kinds(value, what)) - {""} for key, value in given.items()}
        if len(set().union(*found.values())) > 1:
            told = ", ".join(f"{key} {' and '.join(sorted(kinds))}" for key, kinds in found.items() if kinds)
            return f" was given different {what} ({told}): {advice}."
    plain = {key: value for key, value in given.items() if key != "self" and not isinstance(value, torch.Generator)}
    told = ", ".join(f"{key} {_told(value)}" for key, value in plain.items())
    reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
    return f" was given {told}. {_wanted(text, plain)} ({reason}.)"


def _kinds(value: Any, what: str) -> Iterator[str]:
    """Yield devices, or precisions, of the tensors in a value."""
    if isinstance(value, nn.Module):
        value = next(value.parameters(), None)
    if isinstance(value, torch.Generator) and what == "devices":
        yield str(value.device)
    elif isinstance(value, Tensor):
        yield str(value.device) if what == "devices" else _short(value.dtype) * value.is_floating_point()
    elif isinstance(value, tuple):
        for part in value:
            yield from _kinds(part, what)


def _told(value: Any) -> str:
    if isinstance(value, Tensor | np.ndarray):
        return f"{_short(value.dtype)} {tuple(value.shape)}"
    return repr(value) if isinstance(value, int | float | str | None) else f"of {type(value).__name__}"


def _short(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def _wanted(text: str, given: dict[str, Any]) -> str:
    """Return what a documentation says of arguments, or its first sentence."""
    section = re.split(r"^(?:Args|Attributes):\n", text, maxsplit=1, flags=re.MULTILINE)[-1].partition("\n\n")[0]
    found = re.findall(r"^ {4}([\w, ]+): ((?:.+\n?)(?: {8}.+\n?)*)", section, re.MULTILINE)
    asked = [(names, " ".join(words.split()).rstrip(".")) for names, words in found if {*names.split(", ")} & {*given}]
    return f"It takes {'; '.join(map(': '.join, asked))}" if asked else f"It is to: {text.partition(chr(10))[0]}"
