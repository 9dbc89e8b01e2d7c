"""Time methods against each other: what the scripts beside this file share.

Methods run in turn, so that a busy moment strikes all of them, and one round to warm up is not counted. Ratios are
taken within a round; figures are medians, with the smallest and the largest beside them.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median


def arguments(question: str) -> argparse.Namespace:
    """Read the options every script has: `quick`, and the path `json` or None."""
    parser = argparse.ArgumentParser(description=question)
    parser.add_argument("--quick", action="store_true", help="a small problem, to see that the script works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to FILE")
    return parser.parse_args()


def in_turn(methods: dict[str, Callable], repeats: int) -> tuple[dict[str, list[float]], dict[str, list]]:
    """Call all methods `repeats` times in turn, after one uncounted round.

    Args:
        methods: functions without arguments; one that uses a GPU waits for it before it returns.
        repeats: number of counted rounds.

    Returns:
        For each name the seconds of every counted round, and what every round returned, the first one included.
    """
    seconds, results = {name: [] for name in methods}, {name: [] for name in methods}
    for round_ in range(repeats + 1):
        for name, method in methods.items():
            start = time.perf_counter()
            results[name].append(method())
            if round_:
                seconds[name].append(time.perf_counter() - start)
    return seconds, results


def compare(seconds: dict[str, list[float]], ours: str, label: str) -> dict[str, float]:
    """Print a table of times, and how many times faster `ours` is than each other method.

    Args:
        seconds: for each name the seconds of every round; scale them first where a method did part of the work.
        ours: the name to which the others are compared.
        label: what stands before the names in the result.

    Returns:
        Median ratios peer / ours by name, such as "bandits: testbed / object loop"; above 1, ours is faster.
    """
    width, ratios = max(map(len, seconds)), {}
    print(f"\n{'':{width}}  {'seconds':>8}  {'min':>8} {'max':>8}    times faster is {ours}")
    for name, times in seconds.items():
        line = f"{name:{width}}  {median(times):8.3g}  {min(times):8.3g} {max(times):8.3g}"
        if name != ours:
            paired = [peer / own for peer, own in zip(times, seconds[ours], strict=True)]
            ratios[f"{label}: {ours} / {name}"] = median(paired)
            line += f"    {median(paired):.3g}x ({min(paired):.3g} to {max(paired):.3g})"
        print(line)
    return ratios


def write(ratios: dict[str, float], path: Path | None) -> None:
    """Add the ratios to a JSON file, if a path was asked for; what other benchmarks wrote there stays."""
    if path is None:
        return
    try:
        others = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        others = {}
    path.write_text(json.dumps(others | ratios, indent=2) + "\n", encoding="utf-8")
