"""What lesson 09's checks know, against numbers by hand, and what no table of answers can say."""

import itertools
import math

import pytest
import torch

from checks import vae as check
from checks.answer import Here
from checks.failure import CheckFailed
from helpers import autoencoders, bounds, vae


def sentence(name, function, **data) -> str:
    """Return what a check says of a function, or nothing."""
    try:
        getattr(check, name)(Here(function, name), **data)
    except CheckFailed as failure:
        return str(failure)
    return ""


def test_costs_are_those_by_hand():
    logits, pixels = torch.tensor(check.LOGITS), torch.tensor(check.PIXELS)
    costs = autoencoders.cross_entropy(logits, pixels)
    first = math.log(2) + 0.7 * 2 + math.log1p(math.exp(-2)) + math.log1p(math.exp(-1)) + math.log1p(math.exp(-0.5))
    first += 0.1 * 3 + math.log1p(math.exp(-3))
    assert costs[0].item() == pytest.approx(first, rel=1e-6)
    assert costs.tolist() == pytest.approx([3.356001, 4.952816, 3.940831], rel=1e-6)
    steep = autoencoders.cross_entropy(torch.tensor(check.STEEP), torch.tensor(check.SHARP))
    assert steep.tolist() == pytest.approx([150.0, 150 + 45 + math.log(2)])


def test_wrong_divergences_differ_from_the_right_one_and_from_each_other():
    z_mean, z_log_std = torch.tensor([[1.0, -2.0], [0.3, 0.0]]), torch.tensor([[0.0, math.log(2)], [-0.5, 1.2]])
    right = bounds.gaussian_kl(z_mean, z_log_std)
    assert right[0].item() == pytest.approx((1 + 4 + 4 - 1 - 2 * math.log(2)) / 2)
    wrong = check._wrong_divergences(z_mean, z_log_std, z_mean + 0.3)
    assert torch.equal(wrong.pop(check.SQUEEZED), right)  # it differs for one image only
    values = [value for each in wrong.values() for value in (each if isinstance(each, list) else [each])]
    for one, other in itertools.combinations([right, *values], 2):
        assert one.shape != other.shape or not torch.allclose(one, other, equal_nan=True, atol=1e-3)


def test_steps_are_those_of_a_plain_loop():
    model, x = check._model(2, 5, 1), check._images((6, 5), 1)
    losses, weights = check._trained(model, x.split(3), lambda one, two: (one + 2 * two).mean())
    plain = check._model(2, 5, 1)
    optimizer = torch.optim.SGD(plain.parameters(), lr=check.RATE)
    for batch, told in zip(x.split(3), losses, strict=True):
        z_mean, z_log_std = plain.encode(batch)
        pair = autoencoders.cross_entropy(plain.decode(z_mean), batch), bounds.gaussian_kl(z_mean, z_log_std)
        assert torch.allclose(told, torch.stack([part.mean() for part in pair]))
        optimizer.zero_grad()
        (pair[0] + 2 * pair[1]).mean().backward()
        optimizer.step()
    assert torch.allclose(weights, torch.cat([part.flatten() for part in plain.parameters()]), atol=1e-6)


def test_a_picture_grows_to_the_right_and_upwards():
    class Echo(torch.nn.Module):
        """A decoder whose one pixel is z₁ + 10 z₂."""

        def forward(self, z):
            return (z * torch.tensor([1.0, 10.0])).sum(-1, keepdim=True)

    model = check._model(2, 1, 1)
    model.decoder = Echo()
    cut = 0.9674216  # the quantile 5/6 of N(0, 1)
    cuts = torch.tensor([-cut, 0.0, cut])
    picture = check._picture(model, cuts, cuts.flip(0), lambda logits: logits)
    wanted = [[9 * cut, 10 * cut, 11 * cut], [-cut, 0.0, cut], [-11 * cut, -10 * cut, -9 * cut]]
    assert torch.allclose(picture, torch.tensor(wanted), atol=1e-5)
    assert torch.allclose(vae.manifold(model, 3), picture.sigmoid(), atol=1e-5)


def test_no_sentence_tells_which_patient_is_misjudged():
    said = {}
    for place, digit in itertools.product(range(5), "12345678"):
        guess = "56382"[:place] + digit + "56382"[place + 1 :]
        said.setdefault(sum(map(int, guess)), set()).add(sentence("diagnose", lambda guess=guess: guess))
    right = said.pop(24)
    assert right == {""}
    assert all(len(sentences) == 1 for sentences in said.values())
