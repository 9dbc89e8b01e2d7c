"""Every right answer of the mutants is right for other kinds of input, too: of double precision, not contiguous, of one
row, with leading dimensions, in a notebook with another default type. What an answer is, is not the check's business.
"""

import ast
import contextlib
import functools
import inspect
import sys
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

import checks.answer
from checks import exercise
from checks.answer import Desk, Here
from checks.failure import CheckFailed
from course.authoring import lessons, mutants
from course.grading import orders
from tests.samples import LESSONS, ROOT

TOO_LONG = {  # to be asked each time
    "agent", "balance", "epsilon_greedy", "generator", "play", "search_step", "testbed", "train",
}  # fmt: skip
OF_FLOAT32 = {  # CartPole, worlds to train in, Breakout, boards, digits, a ring's rewards are, whatever the default
    "reinforce-run-episodes", "reinforce-balance", "reinforce-train", "dqn-store", "dqn-train", "ppo-train",
    "alphazero-play", "your-own-generator-generator",
}  # fmt: skip
IN_FLOAT32 = {  # right answers that make float32 numbers, as all data of their exercise are
    ("baseline-time", "einsum"),
    ("baseline-leave-one-out", "a matrix of others"),
    ("vae-manifold", "permute"),
}
SMALLER = {  # so many draws as show the shape of an answer; the mutants look at the laws
    "greedy": {"rooms": 2_000},
    "epsilon_greedy": {"rooms": 4_000},
    "choose_actions": {"draws": 1_000},
    "run_episodes": {"episodes": 20},
    "denoising_loss": {"rows": 6_000},
    "sampled_elbo": {"rows": 6_000},
    "reparametrise": {"images": 4_000},
    "generate": {"sizes": ((4_000, 3, 4), (1, 2, 4))},
}
FEW = {  # one row, one step, one action; and more leading dimensions than usual
    "start-here-human-normalised": {"games": ((7.0, 1.0, 3.0),)},
    "bandits-estimate": {"arms": (2,), "rewards": (4.0,), "num_arms": 3},
    "bandits-update": {"values": ((1.0, 2.0),), "counts": ((3.0, 1.0),), "arms": (1,), "rewards": (5.0,)},
    "bandits-greedy": {"values": ((0.5, -1.0),), "rooms": 2_000},
    "bandits-optimal-share": {"q_star": ((0.5, 1.0),), "arms": ((1,),)},
    "bandits-runs-needed": {"cases": ((0.9, 0.2, 1),)},
    "mdps-returns": {"rewards": (2.0,)},
    "mdps-state-values": {"pi": ((1.0,),), "q": ((3.0,),)},
    "mdps-action-values": {"rows": ("SG",)},
    "mdps-horizon": {"rows": ("SG",), "horizon": 1},
    "mdps-evaluate": {"rows": ("SG",)},
    "mdps-monte-carlo": {"samples": (1.0, 4.0)},
    "mdps-value-iteration": {"rows": ("SG",), "sweeps": 1},
    "mdps-greedy-policy": {"q": ((2.0, -1.0, 0.0, 2.0),)},
    "policy-gradient-objective": {"rows": ("SG",)},
    "policy-gradient-visits": {"rows": ("SG",)},
    "policy-gradient-exact": {"rows": ("SG",)},
    "policy-gradient-differences": {"rows": ("SG",)},
    "policy-gradient-score": {"preferences": ((0.3, -1.0),), "steps": ((0, 1),)},
    "policy-gradient-episode": {
        "preferences": ((0.3, -1.0),), "states": (0,), "actions": (1,), "rewards": (2.0,)
    },
    "reinforce-returns": {"rewards": ((2.0,),), "lengths": (1,)},
    "reinforce-policy-loss": {"weights": ((2.0,),), "lengths": (1,), "actions": 2},
    "reinforce-update": {"lengths": (1,)},
    "reinforce-evaluate": {"pays": (2.0,), "lengths": (1,), "episodes": 2},
    "baseline-expected-push": {"states": (((1.0,), (5.0,), (2.0,)),)},
    "baseline-push-variance": {"states": (((1.0,), (5.0,)),)},
    "baseline-best": {"states": (((0.5, 0.5), (1.0, -3.0)),)},
    "baseline-time": {"returns": ((2.0,),), "lengths": (1,)},
    "baseline-leave-one-out": {"returns": ((2.0,),), "lengths": (1,)},
    "baseline-value-loss": {"values": ((0.5,),), "returns": ((2.0,),), "lengths": (1,)},
    "baseline-losses": {"values": ((0.5,),), "returns": ((2.0,),), "lengths": (1,), "actions": 2},
    "baseline-update-both": {"lengths": (1,)},
    "architecture-search-choices": {"cells": ((1, 1),)},
    "architecture-search-loss": {"tokens": ((1,),), "choices": (3,), "rewards": (0.4,)},
    "architecture-search-baseline": {"rewards": (0.4,)},
    "architecture-search-exponent": {"gains": (2.0,)},
    "architecture-search-reward": {"accuracy": (0.4, 0.9), "flops": (3e5, 1e5)},
    "architecture-search-pareto": {"accuracy": (0.5,), "flops": (1e5,), "points": 1},
    "autoencoders-there-and-back": {"size": 3, "codes": (1,), "leading": ((1,), (2, 1, 3, 2))},
    "autoencoders-pca": {"sizes": ((2, 3, 1), (4, 2, 1))},
    "autoencoders-training-step": {"widths": (2, 3, 2), "rows": (1,)},
    "autoencoders-principal-angles": {"angles": (0.7,), "k": 2, "size": 5},
    "autoencoders-best-denoiser": {"points": ((0.5, 1.0),) * 2, "noisy": ((0.2, 0.0),), "leading": ((2, 1, 3, 2),)},
    "autoencoders-hole-share": {"codes": 24, "points": 1, "size": 1},
    "evidence-lower-bound-evidence": {"pictures": ((0.3, -0.9),)},
    "evidence-lower-bound-importance": {"offsets": (3.0,), "samples": 3},
    "evidence-lower-bound-jensen": {"points": ((0.5, 2.0),), "weights": ((0.3, 0.7),)},
    "evidence-lower-bound-split": {"pictures": ((0.3, -0.9),), "centers": (0.2,), "log_stds": (-0.4,)},
    "evidence-lower-bound-kl": {"z_mean": ((0.5,),), "z_log_std": ((-0.3,),)},
    "evidence-lower-bound-estimators": {"noise": ((0.4,),)},
    "vae-encode": {"latents": (1, 2), "pixels": 3, "shapes": ((1,), (2, 1, 3, 2))},
    "vae-cross-entropy": {"logits": ((0.5,),), "pixels": ((0.2,),)},
    "vae-elbo-terms": {"images": 1, "pixels": 4},
    "vae-training-step": {"batches": (1, 1)},
    "vae-manifold": {"sizes": ((2, 1),)},
    "alphazero-puct": {"visits": ((2.0, 0.0, 0.0, 5.0),)},
    "alphazero-backed-up": {"movers": ((1,),), "leaf_mover": (0,), "value": (0.3,)},
    "alphazero-root-priors": {"logits": ((1.0, -2.0, 0.5, 3.0, 0.0),)},
    "alphazero-visit-policy": {"visits": ((3.0, 0.0, 1.0), (2.0, 2.0, 1.0))},
    "alphazero-outcomes": {"movers": ((1,),), "winner": (0,)},
    "alphazero-loss": {"size": 2, "actions": 2},
    "alphazero-best-response": {"boards": ((1, 2, 1, False),)},
    "human-feedback-bradley-terry-loss": {"chosen": (0.5,), "rejected": (2.0,)},
    "human-feedback-tilt": {"pi_ref": (1.0,), "rewards": (0.5,)},
    "human-feedback-kl-rewards": {"rewards": (1.0,), "log_pi": (-1.0,), "log_ref": (-3.0,)},
    "human-feedback-sequence-log-prob": {"texts": ((1,),)},
    "human-feedback-dpo-loss": {"pairs": ((-1.0,), (-2.5,), (-2.0,), (-0.5,))},
    "human-feedback-kl-gradients": {"logits": (0.5, -1.0), "pi_ref": (0.7, 0.3)},
    "human-feedback-choose-beta": {"betas": (0.5,), "proxy": ((1.0, 2.0),), "true": ((3.0, 1.0),)},
}  # fmt: skip


@functools.cache
def exercises(name: str) -> list[tuple]:
    """Run what a lesson's checks depend on; return for each exercise its id, order, right answers and names so far."""
    lesson = lessons.read(ROOT / "lessons" / f"{name}.py")
    code = [cell for cell in lesson.cells if cell.kind == "code"]
    files = {cell.grade_id: ROOT / mutants.FOLDER / f"{cell.grade_id}.py" for cell in code if "exercise" in cell.marks}
    answers = {
        identity: [answer for answer in mutants.read(path) if answer.says is None] for identity, path in files.items()
    }
    space, found, module = {"__name__": "__main__", "display": print}, [], orders.alias(lesson.code)
    code = mutants._needed(code, answers)
    for cell, after in zip(code, [*code[1:], None], strict=True):
        if "exercise" in cell.marks:
            checked = next(later for later in code[code.index(cell) :] if "check" in later.marks)
            found.append((cell.grade_id, orders.read(checked.source, module), answers[cell.grade_id], dict(space)))
        if "check" not in cell.marks and after is not None:
            exec(compile(cell.source, name, "exec"), space)
    return found


def functions(name: str, thorough: bool) -> Iterator[tuple]:
    """Yield id, title and function of each right answer, and its check with the data of the visible and hidden call."""
    with mutants._aside():
        for identity, order, right, space in exercises(name):
            known = exercise.of(sys.modules[f"checks.{order.module}"])
            calls = [(known[check], ast.literal_eval(data)) for check, _, data in order.calls]
            for answer in right if thorough or order.name not in TOO_LONG else []:
                own = dict(space)
                exec(compile(answer.source, identity, "exec", dont_inherit=True), own)
                yield identity, answer.title, order.name, own[order.name], calls


def smaller(check: Callable, name: str, data: dict) -> dict:
    return data | {
        key: value for key, value in SMALLER.get(name, {}).items() if key in inspect.signature(check).parameters
    }


def told(check: Callable, name: str, function: Callable, data: dict) -> str:
    """Return the sentence with which a check refuses a function of a notebook in double precision, or nothing."""
    try:
        check(Here(function, name, desk=Desk({name: function}, torch.float64)), **data)
    except CheckFailed as failure:
        return str(failure)
    return ""


def scattered(value):
    """Return a tensor of the same numbers that is not contiguous."""
    if type(value) is not Tensor or not value.dim():
        return value
    return torch.stack([value, torch.zeros_like(value)], -1)[..., 0]


@contextlib.contextmanager
def double_and_scattered(monkeypatch) -> Iterator[None]:
    """Have checks make their data in float64, and answers get them as tensors that are not contiguous."""
    watched = checks.answer.watched

    def scattering(function, *rest, **named):
        inner = watched(function, *rest, **named)
        if inner is function:
            return inner
        return lambda *a, **k: inner(*map(scattered, a), **{key: scattered(value) for key, value in k.items()})

    torch.set_default_dtype(torch.float64)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(checks.answer, "watched", scattering)
            yield
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.thorough
@pytest.mark.parametrize("name", LESSONS)
def test_right_answers_are_right_for_every_kind_of_input(name, monkeypatch, thorough):
    """Every way for every answer; or one of the ways in turn, so that an exercise meets all of them."""
    problems = []
    for turn, (identity, title, function_name, function, calls) in enumerate(functions(name, thorough)):
        is_double = identity not in OF_FLOAT32 and (identity, title) not in IN_FLOAT32
        asked = [("double and scattered", *call) for call in (calls if thorough else calls[:1]) if is_double]
        asked += [("in a notebook of another type", *call) for call in (calls if thorough else calls[-1:])]
        asked += [("few", calls[0][0], FEW[identity])] if identity in FEW else []
        asked = asked if thorough else [asked[turn % len(asked)]]
        for kind, check, data in asked:
            with double_and_scattered(monkeypatch) if kind.startswith("double") else contextlib.nullcontext():
                sentence = told(check, function_name, function, smaller(check, function_name, data))
            problems += [f"{identity} '{title}', {kind}: {sentence}"] if sentence else []
    assert not problems, "\n".join(problems)
