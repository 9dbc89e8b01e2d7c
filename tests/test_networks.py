"""Tests of helpers/networks.py. The seeds are fixed; every statistical test states its false-alarm rate."""

import math

import pytest
import torch

from helpers.networks import Network


def seeded(seed=0, device="cpu"):
    return torch.Generator(device).manual_seed(seed)


def single(networks, index):
    """Return one network of many, on its own."""
    widths = networks.weights[0].shape[-2], networks.weights[0].shape[-1], networks.weights[-1].shape[-1]
    hidden = widths[1] if len(networks.weights) == 2 else 0
    alone = Network((), widths[0], hidden, widths[2], scale=networks.scale, generator=seeded())
    with torch.no_grad():
        for mine, theirs in zip(alone.parameters(), networks.parameters(), strict=True):
            mine.copy_(theirs[index])
    return alone


@pytest.mark.parametrize("hidden", [0, 7])
def test_a_network_is_what_torch_layers_compute(hidden):
    scale = torch.tensor([1.0, 5.0, 0.5])
    network = Network((), 3, hidden, 2, scale=scale, generator=seeded())
    layers = [torch.nn.Linear(weight.shape[0], weight.shape[1]) for weight in network.weights]
    with torch.no_grad():
        for layer, weight, bias in zip(layers, network.weights, network.biases, strict=True):
            layer.weight.copy_(weight.T)
            layer.bias.copy_(bias[0])
    plain = torch.nn.Sequential(layers[0], *([torch.nn.Tanh(), layers[1]] if hidden else []))
    states = torch.randn(11, 3, generator=seeded(1))
    torch.testing.assert_close(network(states), plain(states * scale))
    torch.testing.assert_close(network(states[0]), plain(states[0] * scale))
    torch.testing.assert_close(network(states.view(1, 11, 3)), plain(states * scale).view(1, 11, 2))
    with torch.inference_mode():  # another branch, which works in place
        copy = states.clone()
        torch.testing.assert_close(network(states), plain(states * scale))
        assert torch.equal(states, copy)


@pytest.mark.parametrize("hidden", [0, 6])
@pytest.mark.parametrize("shape", [(4,), (2, 3)])
def test_many_networks_are_single_ones_side_by_side(shape, hidden):
    networks = Network(shape, 3, hidden, 2, scale=torch.tensor([1.0, 2.0, 3.0]), generator=seeded())
    states = torch.randn(*shape, 5, 3, generator=seeded(1))
    together = networks(states)
    assert together.shape == (*shape, 5, 2)
    shared = networks(states[(0,) * len(shape)])  # one batch of states for all of them
    for index in torch.cartesian_prod(*map(torch.arange, shape)).view(-1, len(shape)).tolist():
        alone = single(networks, tuple(index))
        torch.testing.assert_close(together[tuple(index)], alone(states[tuple(index)]))
        torch.testing.assert_close(shared[tuple(index)], alone(states[(0,) * len(shape)]))


@pytest.mark.parametrize("shape", [(), (3,)])
def test_difference_is_output_1_minus_output_0_without_gradient(shape):
    network = Network(shape, 4, 8, 2, scale=torch.tensor([1.0, 1.0, 5.0, 1.0]), generator=seeded())
    states = torch.randn(*shape, 9, 4, generator=seeded(1))
    difference = network.difference()(states)
    assert not difference.requires_grad
    torch.testing.assert_close(difference, network(states).diff(dim=-1).detach())


def test_initial_weights_are_uniform_within_one_over_the_root_of_the_inputs():
    network = Network((500,), 4, 16, 2, generator=seeded())
    for weight, bias, inputs in zip(network.weights, network.biases, (4, 16), strict=True):
        for tensor in (weight, bias):
            bound = 1 / math.sqrt(inputs)
            assert tensor.abs().max() <= bound
            # A uniform number in ±b has variance b²/3, and its square 4b⁴/45. All eight fail falsely once in 2,000.
            count = tensor.numel()
            assert abs(tensor.mean()) < 4 * bound / math.sqrt(3 * count)
            assert abs(tensor.square().mean() - bound**2 / 3) < 4 * bound**2 * math.sqrt(4 / 45 / count)


def test_the_generator_alone_decides():
    torch.manual_seed(1)
    one = Network((2,), 3, 4, 2, generator=seeded(5))
    torch.manual_seed(2)
    two, other = Network((2,), 3, 4, 2, generator=seeded(5)), Network((2,), 3, 4, 2, generator=seeded(6))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_the_scale_is_no_parameter_but_is_saved():
    network = Network((), 3, 4, 2, scale=torch.tensor([1.0, 2.0, 3.0]), generator=seeded())
    assert "scale" in network.state_dict() and "scale" not in dict(network.named_parameters())
    other = torch.nn.Sequential(Network((), 3, 4, 2, generator=seeded(1)))  # has ones, which it need not multiply with
    other.load_state_dict({f"0.{name}": part for name, part in network.state_dict().items()})
    states = torch.randn(5, 3, generator=seeded())
    assert torch.equal(other(states), network(states))


def test_float64():
    network = Network((2,), 3, 4, 2, generator=seeded()).double()
    assert network(torch.zeros(2, 5, 3, dtype=torch.float64)).dtype == torch.float64


def test_a_scale_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"scale has shape \(2,\), but \(3,\) was expected"):
        Network((), 3, 4, 2, scale=torch.ones(2), generator=seeded())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_a_network_lives_on_the_device_of_its_generator():
    network = Network((2,), 3, 4, 2, scale=torch.ones(3), generator=seeded(device="cuda"))
    assert network(torch.zeros(2, 5, 3, device="cuda")).is_cuda


@pytest.mark.parametrize("shape", [(), (3,)])
def test_functional_calls_have_the_same_gradients(shape):
    """What per-episode gradients stand on: weights handed in from outside are reached like the network's own."""
    network = Network(shape, 3, 5, 2, scale=torch.tensor([1.0, 2.0, 3.0]), generator=seeded())
    states = torch.randn(*shape, 7, 3, generator=seeded(1))
    wanted = torch.autograd.grad(network(states).square().sum(), list(network.parameters()))
    weights = {name: part.detach() for name, part in network.named_parameters()}
    got = torch.func.grad(lambda parts: torch.func.functional_call(network, parts, (states,)).square().sum())(weights)
    torch.testing.assert_close(tuple(got.values()), wanted)
