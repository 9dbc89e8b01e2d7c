"""Patients for lesson 13: DPO losses with one mistake each, on so few responses that each optimum is exact.

Reading on spoils the exercise.
"""

import torch
from torch import Tensor
from torch.nn import functional

BETA, LETTERS_EACH, RESPONSES = 0.5, 3, 27  # all texts of three letters, each a, b or c


def _healthy(log_pi: Tensor, log_ref: Tensor, beta: float) -> Tensor:
    return beta * (log_pi - log_ref)


def _a(log_pi: Tensor, log_ref: Tensor, beta: float) -> Tensor:
    """Subtract the reference twice."""
    return beta * (log_pi - 2 * log_ref)


def _b(log_pi: Tensor, log_ref: Tensor, beta: float) -> Tensor:
    """Average over the letters."""
    return beta * (log_pi - log_ref) / LETTERS_EACH


def _c(log_pi: Tensor, log_ref: Tensor, beta: float) -> Tensor:
    """Swap chosen and rejected."""
    return -beta * (log_pi - log_ref)


def _d(log_pi: Tensor, log_ref: Tensor, beta: float) -> Tensor:
    """Forget the reference."""
    return beta * log_pi


def _e(log_pi: Tensor, log_ref: Tensor, beta: float) -> Tensor:
    """Divide by β."""
    return (log_pi - log_ref) / beta


IMPLIED = {"healthy": _healthy, "A": _a, "B": _b, "C": _c, "D": _d, "E": _e}  # rewards that a loss takes a policy for


def world(*, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw log π_ref and the true rewards of all responses, float64 (27,) each."""
    log_ref, rewards = torch.randn(2, RESPONSES, generator=generator, dtype=torch.float64, device=generator.device)
    return log_ref.log_softmax(-1), rewards


def optimum(name: str, log_ref: Tensor, rewards: Tensor, *, beta: float = BETA) -> Tensor:
    """Minimise a patient's loss over all pairs, each labelled as often as Bradley and Terry's human says.

    Args:
        name: "A" to "E", or "healthy".
        log_ref: log π_ref, float64 (N,).
        rewards: true rewards, float64 (N,).
        beta: β.

    Returns:
        log π of the policy at which its gradient is 0, float64 (N,).

    Raises:
        ValueError: if nobody has this name.
    """
    if name not in IMPLIED:
        raise ValueError(f"There is no patient {name!r}; there are {', '.join(IMPLIED)}.")
    wins = (rewards.unsqueeze(-1) - rewards).sigmoid()

    def loss(logits: Tensor) -> Tensor:
        implied = IMPLIED[name](logits.log_softmax(-1), log_ref, beta)
        return -(wins * functional.logsigmoid(implied.unsqueeze(-1) - implied)).mean()

    logits = log_ref.clone()
    for _ in range(100):  # Newton's method, with shorter steps where a whole one climbs
        slope = torch.autograd.functional.jacobian(loss, logits)
        if slope.abs().max() < 1e-16:
            break
        step = torch.linalg.pinv(torch.autograd.functional.hessian(loss, logits), hermitian=True, rtol=1e-10) @ slope
        size = next((s for s in (0.5**k for k in range(30)) if loss(logits - s * step) <= loss(logits)), 0.0)
        if not size:
            break
        logits = logits - size * step
    return logits.log_softmax(-1)
