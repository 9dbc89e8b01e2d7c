"""What a baseline does to the policy gradient: nothing to its mean, much to its variance.

First for one state, exactly: π(a) is a softmax of preferences θ(a), and an action drawn from π gives the estimate
(q(a) − b) ∇_θ log π(a), a vector of A numbers. Then for sampled episodes of any policy.
"""

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from helpers import given, reinforce
from helpers.reinforce import weighted_loss
from helpers.rollouts import Episodes


def scores(pi: Tensor) -> Tensor:
    """Compute ∇_θ log π(a) for the softmax's preferences: row a is e_a − π, shape (..., A, A)."""
    return torch.eye(pi.shape[-1], dtype=pi.dtype, device=pi.device) - pi.unsqueeze(-2)


def expected_push(pi: Tensor, q: Tensor, b: Tensor | float) -> Tensor:
    """Compute E_{a∼π}[(q(a) − b) ∇_θ log π(a)].

    Args:
        pi: π(a), shape (..., A).
        q: values of the actions, shape (..., A).
        b: the baseline, a number, or shape (..., A) for one that looks at the action.

    Returns:
        The mean of the estimate, shape (..., A).

    Raises:
        ValueError: if `pi` and `q` differ in their number of actions.

    Sutton & Barto (2018), section 13.4.
    """
    _same_actions(pi, q)
    return ((pi * (q - b)).unsqueeze(-1) * scores(pi)).sum(-2)


def push_variance(pi: Tensor, q: Tensor, b: Tensor | float) -> Tensor:
    """Compute the variance of the estimate, summed over its A entries: E‖ĝ‖² − ‖E ĝ‖².

    Args:
        pi: π(a), shape (..., A).
        q: values of the actions, shape (..., A).
        b: the baseline, a number or shape (...).

    Returns:
        The trace of the covariance, shape (...).

    Raises:
        ValueError: if `pi` and `q` differ in their number of actions.

    Greensmith, Bartlett and Baxter (2004), for one state.
    """
    _same_actions(pi, q)
    b = torch.as_tensor(b, dtype=pi.dtype, device=pi.device).unsqueeze(-1)
    second_moment = (pi * (q - b).square() * scores(pi).square().sum(-1)).sum(-1)
    return second_moment - expected_push(pi, q, b).square().sum(-1)


def best_baseline(pi: Tensor, q: Tensor) -> Tensor:
    """Compute the baseline of least variance: the mean of q(a), weighted by π(a) ‖∇ log π(a)‖².

    Args:
        pi: π(a), shape (..., A).
        q: values of the actions, shape (..., A).

    Returns:
        b*, shape (...).

    Raises:
        ValueError: if `pi` and `q` differ in their number of actions.

    Greensmith, Bartlett and Baxter (2004), their optimal constant baseline, for one state.
    """
    _same_actions(pi, q)
    weights = pi * scores(pi).square().sum(-1)
    return (weights * q).sum(-1) / weights.sum(-1)


def leave_one_out(returns: Tensor, mask: Tensor) -> Tensor:
    """Compute for each step of each episode the mean return of the *other* episodes of the batch alive at it.

    No episode looks at its own actions, so the gradient keeps its mean; `reinforce.time_baseline` shrinks it.

    Args:
        returns: G_t, shape (..., N, T).
        mask: whether step t happened, bool (..., N, T).

    Returns:
        The baseline, shape (..., N, T); 0 where no other episode is alive.

    Kool, van Hoof and Welling (2019), *Buy 4 REINFORCE samples, get a baseline for free!*
    """
    real = torch.where(mask, returns, 0.0)
    others = mask.sum(-2, keepdim=True) - mask.long()
    return (real.sum(-2, keepdim=True) - real) / others.clamp(min=1)


def baseline_losses(logits: Tensor, values: Tensor, actions: Tensor, returns: Tensor, mask: Tensor) -> tuple:
    """Compute the losses of policy and value head; no gradient of one reaches the other.

    Args:
        logits: unnormalised log π(a | s), shape (..., N, T, A).
        values: v(S_t) by the value head, shape (..., N, T).
        actions: A_t as int64, shape (..., N, T).
        returns: G_t, shape (..., N, T).
        mask: whether step t happened, bool (..., N, T).

    Returns:
        The policy's loss with weights G_t − v(S_t), and the value's mean squared error, each of shape (...).

    Sutton & Barto (2018), section 13.4.
    """
    advantages = returns - values.detach()
    return weighted_loss(logits, actions, advantages, mask), reinforce.value_loss(values, returns, mask)


def update_both(
    policy: nn.Module, value: nn.Module, optimizer: torch.optim.Optimizer, episodes: Episodes, gamma: float
) -> None:
    """Take one step of an optimizer over the parameters of both networks, on the sum of their losses, in place.

    Args:
        policy: logits of π(a | s) from states.
        value: one number from states, (..., D) to (..., 1).
        optimizer: over the parameters of both.
        episodes: a batch, (N, T).
        gamma: discount γ of the returns.
    """
    g = reinforce.returns(episodes.rewards, episodes.mask, gamma)
    logits, values = policy(episodes.states), value(episodes.states).squeeze(-1)
    policy_loss, value_loss = baseline_losses(logits, values, episodes.actions, g, episodes.mask)
    optimizer.zero_grad()
    (policy_loss + value_loss).backward()
    optimizer.step()


def episode_gradients(policy: nn.Module, episodes: Episodes, weights: Tensor) -> Tensor:
    """Compute for every episode by itself Σ_t w_t ∇_θ log π(A_t | S_t).

    Args:
        policy: logits of π(a | s) from states.
        episodes: N of them, (N, T).
        weights: G_t, or G_t minus a baseline, (N, T).

    Returns:
        One gradient for each episode, over all P parameters, shape (N, P).

    Raises:
        ValueError: if `weights` are not shaped like the mask.
    """
    if weights.shape != episodes.mask.shape or weights.dim() != 2:
        raise ValueError(
            f"weights has shape {tuple(weights.shape)}, but one number a step is needed: "
            f"{tuple(episodes.mask.shape)}, episodes by steps. Use expand_as(mask) on fewer."
        )
    parameters = {name: value.detach() for name, value in policy.named_parameters()}

    def objective(parameters, states, actions, weights, mask):
        log_pi = functional_call(policy, parameters, (states,)).log_softmax(-1)
        return (torch.where(mask, weights, 0.0) * log_pi.gather(-1, actions.unsqueeze(-1)).squeeze(-1)).sum()

    batch = (episodes.states, episodes.actions, weights, episodes.mask)
    gradients = vmap(grad(objective), in_dims=(None, 0, 0, 0, 0), chunk_size=128)(parameters, *batch)
    return torch.cat([part.flatten(1) for part in gradients.values()], 1)


def total_variance(samples: Tensor) -> Tensor:
    """Compute the variance of samples (N, P), summed over their P entries: the trace of their covariance.

    Raises:
        ValueError: if there are fewer than two samples.
    """
    _several(samples)
    return samples.var(0).sum()


def mean_in_errors(samples: Tensor) -> Tensor:
    """Compute how many standard errors the mean of independent samples (N, P) is away from 0, for each entry (P,).

    An entry that is 0 in all samples gives 0.

    Raises:
        ValueError: if there are fewer than two samples.
    """
    _several(samples)
    mean, errors = samples.mean(0), samples.std(0) / len(samples) ** 0.5
    return torch.where(mean == 0, 0.0, mean / errors)


def _several(samples: Tensor) -> None:
    if len(samples) < 2:
        raise ValueError(f"A variance needs at least two samples, but there are {len(samples)}.")


def _same_actions(pi: Tensor, q: Tensor) -> None:
    if pi.shape[-1] != q.shape[-1]:
        raise ValueError(f"pi has {pi.shape[-1]} actions and q has {q.shape[-1]}: give one value for each probability.")


given.explain(__name__)
