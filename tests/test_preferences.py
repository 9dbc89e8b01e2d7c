"""Preferences, the optimum under a KL penalty, and DPO's likely mistakes, each of which has an optimum of its own."""

import math

import pytest
import torch

from helpers import preference_clinic, preferences

F64 = torch.float64


@pytest.fixture(scope="module")
def small():
    """log π_ref and rewards of 27 responses."""
    return preference_clinic.world(generator=torch.Generator().manual_seed(8))


def climb(log_ref, objective):
    """Return the optimum of a smooth objective of log π, from LBFGS."""
    logits = log_ref.clone().requires_grad_()
    optimizer = torch.optim.LBFGS(
        [logits], max_iter=300, tolerance_grad=1e-12, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def closure():
        optimizer.zero_grad()
        loss = -objective(logits.log_softmax(-1))
        loss.backward()
        return loss

    optimizer.step(closure)
    return logits.detach().log_softmax(-1)


def test_nothing_is_better_than_the_tilt_and_its_value_is_beta_log_z(small):
    log_ref, rewards = small
    log_best, log_z = preferences.tilt(log_ref, rewards, 0.5)
    found = climb(log_ref, lambda log_pi: preferences.regularised(log_pi, log_ref, rewards, 0.5))
    assert preferences.kl(found, log_best) < 1e-12
    value = preferences.regularised(log_best, log_ref, rewards, 0.5)
    torch.testing.assert_close(value, 0.5 * log_z, rtol=0, atol=1e-12)
    lost = value - preferences.regularised(log_ref, log_ref, rewards, 0.5)
    torch.testing.assert_close(preferences.regret(log_ref, log_ref, rewards, 0.5), lost, rtol=0, atol=1e-12)


@pytest.mark.parametrize("beta", [0.5, 2.0])
@pytest.mark.parametrize(
    ("name", "closed_form"),
    [
        ("healthy", lambda log_ref, r, beta: log_ref + r / beta),
        ("A", lambda log_ref, r, beta: 2 * log_ref + r / beta),
        ("B", lambda log_ref, r, beta: log_ref + r / (beta / 3)),
        ("C", lambda log_ref, r, beta: log_ref - r / beta),
        ("D", lambda log_ref, r, beta: r / beta),
        ("E", lambda log_ref, r, beta: log_ref + r / (1 / beta)),
    ],
)
def test_each_bug_has_its_closed_form(small, name, closed_form, beta):
    log_ref, rewards = small
    wanted = closed_form(log_ref, rewards, beta).log_softmax(-1)
    found = preference_clinic.optimum(name, log_ref, rewards, beta=beta)
    assert preferences.kl(found, wanted).abs() < 1e-12 and (found - wanted).abs().max() < 1e-11


def test_dpo_is_bradley_terry_at_the_optimum_and_log_2_at_the_reference(small):
    log_ref, rewards = small
    log_best, _ = preferences.tilt(log_ref, rewards, 0.3)
    a, b = torch.combinations(torch.arange(27)).unbind(-1)
    got = preferences.dpo_loss(log_best[a], log_best[b], log_ref[a], log_ref[b], 0.3)
    torch.testing.assert_close(got, preferences.bradley_terry_loss(rewards[a], rewards[b]), rtol=0, atol=1e-12)
    start = preferences.dpo_loss(log_ref[a], log_ref[b], log_ref[a], log_ref[b], 0.3)
    assert start.item() == pytest.approx(math.log(2), abs=1e-12)


def test_mean_gradients_of_the_three_estimates(small):
    log_ref, other = small
    logits = other.clone().requires_grad_()
    log_pi = logits.log_softmax(-1)
    here = torch.autograd.grad(preferences.kl(log_pi, log_ref), logits, retain_graph=True)[0]
    there = torch.autograd.grad(preferences.kl(log_ref, log_pi), logits)[0]
    got = preferences.kl_gradients(other, log_ref)
    for row, wanted in zip(got, (torch.zeros_like(here), here, there, here), strict=True):
        torch.testing.assert_close(row, wanted, rtol=0, atol=1e-12)
    k1, _, k3 = preferences.kl_estimates(log_pi.detach(), log_ref)
    divergence = preferences.kl(log_pi.detach(), log_ref)
    for k in (k1, k3):
        torch.testing.assert_close((log_pi.detach().exp() * k).sum(), divergence, rtol=0, atol=1e-12)
    assert (k3 >= 0).all()


def test_a_sequence_is_the_product_of_its_tokens_and_padding_does_not_count():
    logits = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(1), dtype=F64)
    tokens = torch.tensor([[3, 0, 2], [1, preferences.PADDING, preferences.PADDING]])
    pi = logits.softmax(-1)
    wanted = torch.stack([(pi[0, 0, 3] * pi[0, 1, 0] * pi[0, 2, 2]).log(), pi[1, 0, 1].log()])
    got = preferences.sequence_log_prob(logits, tokens, tokens != preferences.PADDING)
    torch.testing.assert_close(got, wanted, rtol=0, atol=1e-12)
    full = preferences.sequence_log_prob(logits[:1], tokens[:1])
    torch.testing.assert_close(full, wanted[:1], rtol=0, atol=1e-12)


def test_pairs_are_drawn_from_the_reference_and_the_human_errs_as_bradley_and_terry_say():
    log_ref, rewards = torch.tensor([0.5, 0.3, 0.2]).log(), torch.tensor([0.0, 1.0, -1.0])
    pairs = preferences.draw_pairs(log_ref.expand(2, 3), rewards, 20_000, generator=torch.Generator().manual_seed(2))
    assert pairs.chosen.shape == (2, 20_000) and (pairs.chosen != pairs.rejected).all()
    for a, b in ((0, 1), (0, 2), (1, 2)):
        wins, losses = (((pairs.chosen == x) & (pairs.rejected == y)).sum().item() for x, y in ((a, b), (b, a)))
        n, p = wins + losses, (rewards[a] - rewards[b]).sigmoid().item()
        assert abs(wins / n - p) < 5 * (p * (1 - p) / n) ** 0.5
        pi = log_ref.exp()
        share = (
            pi[a] * pi[b] / (1 - pi[a]) + pi[b] * pi[a] / (1 - pi[b])
        ).item()  # the second is drawn until it differs
        assert n / 40_000 == pytest.approx(share, abs=0.02)


def test_the_chosen_beta_is_the_largest_within_one_standard_error():
    betas, true = torch.tensor([0.1, 1.0, 0.5]), torch.tensor([[2.0, 4.0], [1.9, 2.3], [0.0, 1.0]])
    beta, price = preferences.choose_beta(betas, torch.tensor([[1.0, 1.0], [0.0, 0.0], [5.0, 5.0]]), true)
    assert beta == 1.0 and price.item() == pytest.approx(2.1 - 0.5)
    assert preferences.choose_beta(betas, true, true - torch.tensor([[0.0], [0.2], [0.0]]))[0] == betas[0]


def test_text_becomes_pairs():
    pairs = preferences.compared([("b", "a"), ("b", "c"), ("b", "a")], "abc")
    assert pairs.chosen.tolist() == [1, 1, 1] and pairs.rejected.tolist() == [0, 2, 0]
    assert preferences.compared([("a", "b"), ("b", "a")], "ab", votes=True).chosen.tolist() == [0, 1]


TWO = torch.zeros(2)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: preferences.compared([("a", "a")], "ab"), "Row 0 compares 'a' with itself"),
        (lambda: preferences.compared([("a", "b"), ("b", "a")], "ab"), "Row 1 prefers 'b' to 'a', row 0 the reverse"),
        (lambda: preferences.compared([("a", "x")], "ab"), "Row 0 names 'x', which is none of the 2"),
        (lambda: preferences.tilt(TWO, TWO, 0.0), "β is positive, but it is 0.0: with β = 0 nothing holds"),
        (lambda: preferences.tilt(TWO, TWO, float("nan")), "β is positive, but it is nan"),
        (lambda: preferences.dpo_loss(TWO, TWO, TWO, TWO, -1.0), "β is positive"),
        (lambda: preferences.bradley_terry_loss(TWO, torch.zeros(3)), "Each chosen response has one rejected"),
        (
            lambda: preferences.sequence_log_prob(torch.zeros(1, 2, 3), torch.tensor([[0, -1]])),
            "unequal length are padded with -1: say by mask",
        ),
        (
            lambda: preferences.sequence_log_prob(torch.zeros(1, 2, 3), torch.zeros(1, 3, dtype=torch.int64)),
            "tokens and mask have the shape of the logits",
        ),
        (lambda: preference_clinic.optimum("F", TWO, TWO), "There is no patient 'F'"),
    ],
)
def test_bad_input_gets_one_sentence(call, sentence):
    with pytest.raises(ValueError) as caught:
        call()
    assert sentence in str(caught.value)
