"""Show how far something that takes time has come: a bar after two seconds, where somebody is there to look."""

import functools
import inspect
import sys
from collections.abc import Callable, Iterable
from typing import Any

import torch
from IPython import get_ipython
from torch import Tensor
from tqdm.auto import tqdm

DELAY = 2  # seconds before a bar appears


def is_watched() -> bool:
    """Tell whether somebody looks on: at a terminal, or at a notebook that could be asked for input.

    What runs notebooks by itself, such as nbval, nbclient or nbgrader, answers no questions; a test's output is caught.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return sys.stderr is not None and sys.stderr.isatty()
    return bool(kernel.get_parent().get("content", {}).get("allow_stdin"))


def bar(name: str, steps: Iterable | None = None, **options: Any) -> tqdm:
    """Return a bar of tqdm with a name, around `steps` or with a `total`; it stays away where nobody looks."""
    return tqdm(steps, desc=name, disable=not is_watched(), **({"delay": DELAY} | options))


def shown(name: str, total: str, *numbers: str) -> Callable[[Callable], Callable]:
    """Decorate a training so that without a `report` of the caller's it moves a bar.

    Args:
        name: what stands before the bar.
        total: the training's argument that says how many steps there are, such as "epochs".
        numbers: names for the last dimension of what `report` gets, such as "latent, nats"; one is a mean over runs.
    """

    def decorate(train: Callable) -> Callable:
        signature = inspect.signature(train)

        @functools.wraps(train)
        def wrapper(*arguments: Any, report: Callable | None = None, **options: Any) -> Any:
            if report is not None or not is_watched():
                return train(*arguments, report=report, **options)
            called = signature.bind(*arguments, **options)
            called.apply_defaults()
            with bar(name, total=called.arguments[total], unit=total.removesuffix("s")) as drawn:

                def tell(number: int, reached: Tensor) -> None:
                    values = reached.view(-1) if len(numbers) > 1 else torch.as_tensor(reached).mean().view(1)
                    drawn.set_postfix(map(_named, numbers, values.tolist()), refresh=False)
                    drawn.update(number - drawn.n)

                return train(*arguments, report=tell, **options)

        return wrapper

    return decorate


def _named(number: str, value: float) -> tuple[str, str]:
    """Return a number's name, and its value with the unit."""
    name, _, unit = number.partition(", ")
    return name, f"{tqdm.format_num(value)} {unit}".rstrip()
