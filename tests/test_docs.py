"""The worked examples of docs/helpers.md run, and learn what they say."""

import importlib
import re

from tests.samples import ROOT

PAGE = (ROOT / "docs" / "helpers.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def run(number: int) -> dict:
    names = {"__name__": "example"}
    exec(compile(EXAMPLES[number], f"docs/helpers.md, example {number + 1}", "exec"), names)
    return names


def test_every_module_that_it_names_says_what_does_not_fit():
    table = "".join(line for line in PAGE.split("\n") if line.startswith("| "))
    modules = [importlib.import_module(f"helpers.{name}") for name in re.findall(r"`(\w+)`", table)]
    assert len(modules) > 20
    for module in modules:
        own = [thing for thing in vars(module).values() if getattr(thing, "__module__", "") == module.__name__]
        assert any(hasattr(thing, "__wrapped__") for one in own for thing in (one, *vars(one).values())), module


def test_there_are_three_examples():
    assert len(EXAMPLES) == 3


def test_a_policy_of_an_environment_of_ones_own_finds_the_short_way():
    names = run(0)
    assert names["reinforce"].evaluate(names["envs"], names["policy"], generator=names["g"]) == -4


def test_a_vae_of_images_of_ones_own_learns_them():
    names = run(1)
    assert names["reconstruction"] + names["distance"] < 0.6 * names["history"][0].sum()
    assert names["sheet"].shape == (48, 48)


def test_runs_of_ppo_get_better():
    names = run(2)
    assert names["last"].shape == (8,) and (names["last"] > 2 * names["first"]).all()


def test_the_modules_of_the_table_exist():
    modules = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\|.*\|$", PAGE, re.MULTILINE)))
    assert len(modules) > 15 and all((ROOT / "helpers" / f"{module}.py").is_file() for module in modules)
