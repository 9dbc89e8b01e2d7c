"""Learning from preferences: Bradley and Terry's model, the optimum under a KL penalty, and the losses of RLHF and DPO.

Responses may be enumerated: then a policy is log π of all N responses, (..., N), and all is exact. Leading dimensions
`...` hold independent runs. Logarithms are natural, and divergences in nats.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from helpers import given

PADDING = -1


class Pairs(NamedTuple):
    """Responses that were compared, as int64 places in a list of all, both (..., n): `chosen` was liked better."""

    chosen: Tensor
    rejected: Tensor


def compared(rows: Sequence[tuple[str, str]], responses: Sequence[str], *, votes: bool = False) -> Pairs:
    """Read preferences that are given as text.

    Args:
        rows: pairs (chosen, rejected).
        responses: all that there are.
        votes: whether several people spoke, so that one may like what another does not.

    Raises:
        ValueError: if a response is unknown or compared with itself, or two rows contradict each other.
    """
    places, seen, found = {response: place for place, response in enumerate(responses)}, {}, []
    for number, (chosen, rejected) in enumerate(rows):
        for response in (chosen, rejected):
            if response not in places:
                raise ValueError(f"Row {number} names {response!r}, which is none of the {len(responses)} responses.")
        if chosen == rejected:
            raise ValueError(f"Row {number} compares {chosen!r} with itself: a preference is between two responses.")
        if not votes and (rejected, chosen) in seen:
            raise ValueError(
                f"Row {number} prefers {chosen!r} to {rejected!r}, row {seen[rejected, chosen]} the reverse: keep "
                "one of them, or say votes=True if several people spoke."
            )
        seen.setdefault((chosen, rejected), number)
        found.append((places[chosen], places[rejected]))
    return Pairs(*torch.tensor(found, dtype=torch.int64).view(-1, 2).unbind(-1))


def draw_pairs(log_ref: Tensor, rewards: Tensor, n: int, *, generator: torch.Generator) -> Pairs:
    """Draw pairs of different responses from π_ref, and let Bradley and Terry's human choose: P(a ≻ b) = σ(r_a − r_b).

    Args:
        log_ref: log π_ref of all responses, shape (..., N).
        rewards: what the human thinks of them, shape (N,).
        n: pairs of each run.
        generator: source of randomness, on the device of `log_ref`.

    Returns:
        Places (..., n).
    """
    pi = log_ref.exp()
    first = torch.multinomial(pi.reshape(-1, pi.shape[-1]), n, replacement=True, generator=generator)
    second = torch.multinomial(pi.reshape(-1, pi.shape[-1]), n, replacement=True, generator=generator)
    while (same := first == second).any():  # about one pair in fifty
        again = torch.multinomial(pi.reshape(-1, pi.shape[-1]), n, replacement=True, generator=generator)
        second = torch.where(same, again, second)
    chance = (rewards[first] - rewards[second]).sigmoid()
    wins = torch.rand(chance.shape, generator=generator, device=chance.device, dtype=chance.dtype) < chance
    shape = (*log_ref.shape[:-1], n)
    return Pairs(torch.where(wins, first, second).view(shape), torch.where(wins, second, first).view(shape))


def bradley_terry_loss(chosen: Tensor, rejected: Tensor) -> Tensor:
    """Compute −log σ(r(chosen) − r(rejected)), averaged over the pairs.

    Args:
        chosen, rejected: rewards of both responses, shape (..., n).

    Returns:
        Shape (...).

    Raises:
        ValueError: if the shapes differ.

    Bradley and Terry (1952); Ouyang et al. (2022), equation 1.
    """
    if chosen.shape != rejected.shape:
        raise ValueError(
            f"Each chosen response has one rejected, but their shapes are {tuple(chosen.shape)} and "
            f"{tuple(rejected.shape)}."
        )
    return -functional.logsigmoid(chosen - rejected).mean(-1)


def tilt(log_ref: Tensor, rewards: Tensor, beta: float | Tensor) -> tuple[Tensor, Tensor]:
    """Compute the policy that makes E r − β KL(π ‖ π_ref) largest: π* = π_ref · exp(r / β) / Z.

    Args:
        log_ref: log π_ref of all responses, shape (..., N).
        rewards: r, shape (..., N).
        beta: β, the price of a nat; a tensor is of shape (..., 1).

    Returns:
        log π* (..., N), and log Z (...); the objective's largest value is β log Z.

    Raises:
        ValueError: if β is not positive.

    Rafailov et al. (2023), equation 4 and appendix A.1.
    """
    check_beta(beta)
    unnormalised = log_ref + rewards / beta
    log_z = unnormalised.logsumexp(-1)
    return unnormalised - log_z.unsqueeze(-1), log_z


def check_beta(beta: float | Tensor) -> None:
    """Complain of a β, or of one among several, that is not positive.

    Raises:
        ValueError: if it is not.
    """
    if not (bool((beta > 0).all()) if isinstance(beta, Tensor) else beta > 0):
        raise ValueError(
            f"β is positive, but it is {beta}: with β = 0 nothing holds the policy at π_ref, and r / β is infinite."
        )


def kl(log_p: Tensor, log_q: Tensor) -> Tensor:
    """Compute KL(p ‖ q) in nats, shape (...), from logarithms of all probabilities (..., N)."""
    return (log_p.exp() * (log_p - log_q)).sum(-1)


def regularised(log_pi: Tensor, log_ref: Tensor, rewards: Tensor, beta: float) -> Tensor:
    """Compute J = E r − β KL(π ‖ π_ref) exactly, shape (...), from three tensors (..., N)."""
    return (log_pi.exp() * kl_rewards(rewards, log_pi, log_ref, beta)).sum(-1)


def regret(log_pi: Tensor, log_ref: Tensor, rewards: Tensor, beta: float) -> Tensor:
    """Compute J* − J = β KL(π ‖ π*), shape (...): how much better the best policy is."""
    return beta * kl(log_pi, tilt(log_ref, rewards, beta)[0])


def kl_rewards(rewards: Tensor, log_pi: Tensor, log_ref: Tensor, beta: float) -> Tensor:
    """Compute r − β (log π − log π_ref), what a policy gradient is to make large; no gradient flows through it.

    Args:
        rewards: of sampled responses, shape (..., B).
        log_pi, log_ref: their log-probabilities under the policy and the reference, shape (..., B).
        beta: β.

    Ouyang et al. (2022), equation 2.
    """
    return (rewards - beta * (log_pi - log_ref)).detach()


def sequence_log_prob(logits: Tensor, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
    """Compute log π of whole sequences: the sum over their tokens, each given those before it.

    Args:
        logits: of each place, shape (..., L, V); those at place t say what token t may be.
        tokens: int64 in [0, V), shape (..., L); anything where the mask is false.
        mask: true where a token counts, shape (..., L); without it, all do.

    Returns:
        Shape (...).

    Raises:
        ValueError: if sequences are padded and there is no mask, or shapes do not agree.
    """
    if mask is None:
        if (tokens == PADDING).any():
            raise ValueError(
                f"Sequences of unequal length are padded with {PADDING}: say by mask, shape {tuple(tokens.shape)}, "
                "which tokens count."
            )
        mask = torch.ones_like(tokens, dtype=torch.bool)
    if not tokens.shape == mask.shape == logits.shape[:-1]:
        raise ValueError(
            f"tokens and mask have the shape of the logits without their last dimension, {tuple(logits.shape[:-1])}, "
            f"but they have {tuple(tokens.shape)} and {tuple(mask.shape)}."
        )
    chosen = logits.gather(-1, tokens.where(mask, 0).unsqueeze(-1)).squeeze(-1)
    return (chosen - logits.logsumexp(-1)).where(mask, 0).sum(-1)  # log_softmax would keep all V to use one


def dpo_loss(chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float) -> Tensor:
    """Compute Bradley and Terry's loss of the rewards β log(π / π_ref) that the policy itself implies.

    Args:
        chosen, rejected: log π of both responses, shape (..., n).
        ref_chosen, ref_rejected: their log π_ref, shape (..., n).
        beta: β.

    Returns:
        The mean over the pairs, shape (...).

    Raises:
        ValueError: if β is not positive.

    Rafailov et al. (2023), equation 7.
    """
    check_beta(beta)
    return bradley_terry_loss(beta * (chosen - ref_chosen.detach()), beta * (rejected - ref_rejected.detach()))


def kl_estimates(log_pi: Tensor, log_ref: Tensor) -> Tensor:
    """Compute three estimates of KL(π ‖ π_ref) from a response y ~ π, with u = log π(y) − log π_ref(y).

    Returns:
        k1 = u, k2 = u²/2, k3 = e^−u − 1 + u, shape (3, ...).

    Schulman (2020), Approximating KL divergence, http://joschu.net/blog/kl-approx.html.
    """
    u = log_pi - log_ref
    return torch.stack([u, u.square() / 2, (-u).exp() - 1 + u])


def kl_gradients(logits: Tensor, log_ref: Tensor) -> Tensor:
    """Compute the mean gradient, over y ~ π, that each estimate has with respect to the logits of all responses.

    Args:
        logits: of all responses, shape (N,).
        log_ref: log π_ref of all responses, shape (N,).

    Returns:
        Shape (4, N): E ∇k1, E ∇k2, E ∇k3, as when they stand in a loss, and E k1 ∇log π, as when k1 stands in the
        reward, which is ∇KL(π ‖ π_ref).
    """
    logits = logits.detach().requires_grad_()
    log_pi = logits.log_softmax(-1)
    k = kl_estimates(log_pi, log_ref.detach())
    surrogates = torch.cat([k, (k[0].detach() * log_pi).unsqueeze(0)])
    means = (log_pi.detach().exp() * surrogates).sum(-1)
    return torch.stack([torch.autograd.grad(mean, logits, retain_graph=True)[0] for mean in means])


def choose_beta(betas: Tensor, proxy: Tensor, true: Tensor) -> tuple[Tensor, Tensor]:
    """Choose the largest β whose mean true reward is within one standard error of the best.

    Args:
        betas: shape (n,), in any order.
        proxy: the reward model's opinion of samples at each β, shape (n, m).
        true: what people think of the same samples, shape (n, m), m ≥ 2.

    Returns:
        The β, (), and its mean true reward minus that at the β whose mean proxy is largest, ().

    The one-standard-error rule of Breiman et al. (1984), Classification and Regression Trees, section 3.4.3.
    """
    means = true.mean(-1)
    best = means.argmax()
    error = true[best].std() / true.shape[-1] ** 0.5
    chosen = betas.where(means >= means[best] - error, -torch.inf).argmax()
    return betas[chosen], means[chosen] - means[proxy.mean(-1).argmax()]


given.explain(__name__)
