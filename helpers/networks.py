"""Small networks with leading dimensions: many independent ones in one tensor, trained by one optimiser.

Adam works on every entry by itself, so the sum of all losses trains each network as if it were alone.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from helpers import given


class Network(nn.Module):
    """Networks with one hidden layer of tanh units: states (..., N, D) to numbers (..., N, K).

    Args:
        shape: leading dimensions, one network for each entry; () is a single one.
        inputs: D, how many numbers describe a state.
        hidden: width of the hidden layer; 0 makes the network linear.
        outputs: K, how many numbers come out.
        scale: factors that multiply the inputs, shape (D,); None means ones.
        generator: source of the initial weights, uniform in ±1/√(inputs of the layer), on the device of choice.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        inputs: int,
        hidden: int,
        outputs: int,
        *,
        scale: Tensor | None = None,
        generator: torch.Generator,
    ):
        super().__init__()
        self.shape = tuple(shape)
        device = generator.device
        if scale is not None and scale.shape != (inputs,):
            raise ValueError(
                f"scale has shape {tuple(scale.shape)}, but {(inputs,)} was expected: one factor an input."
            )
        scale = torch.ones(inputs, device=device) if scale is None else scale.to(device)
        self.register_buffer("scale", scale)
        self._look_at_scale()
        self.register_load_state_dict_post_hook(Network._look_at_scale)
        widths = [inputs, hidden, outputs] if hidden else [inputs, outputs]
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for fan_in, fan_out in zip(widths, widths[1:], strict=False):
            for parameters, rows in ((self.weights, fan_in), (self.biases, 1)):
                uniform = torch.rand(*shape, rows, fan_out, device=device, generator=generator)
                parameters.append(nn.Parameter((2 * uniform - 1) / math.sqrt(fan_in)))

    def forward(self, states: Tensor) -> Tensor:
        """Map states (..., N, D) to (..., N, K); a single network also maps one state (D,) to (K,)."""
        if states.dim() == 1 and not self.shape:
            return self(states.unsqueeze(0)).squeeze(0)
        return _forward(states, self._scaled_weights(), list(self.biases))

    def difference(self) -> Callable[[Tensor], Tensor]:
        """Return a function from states to output 1 minus output 0, (..., N, 1), with weights that get no gradient.

        Use it before the weights change: some are copies, some are not.
        """
        weights, biases = self._scaled_weights(), list(self.biases)
        last_weight, last_bias = (part[-1].detach().diff(dim=-1) for part in (weights, biases))
        weights, biases = (
            [*(w.detach() for w in weights[:-1]), last_weight],
            [*(b.detach() for b in biases[:-1]), last_bias],
        )
        return lambda states: _forward(states, weights, biases)

    def _look_at_scale(self, _keys: object = None) -> None:
        """Note whether the factors change anything: a product with ones costs a third of a small network's pass."""
        self._is_scaled = bool((self.scale != 1).any())

    def _scaled_weights(self) -> list[Tensor]:
        first, *others = self.weights  # a slice would wrap them anew, and cut functional_call's gradients
        return [self.scale.unsqueeze(-1) * first if self._is_scaled else first, *others]


def _forward(x: Tensor, weights: list[Tensor], biases: list[Tensor]) -> Tensor:
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        x = torch.addmm(bias, x, weight) if x.dim() == weight.dim() == 2 else x @ weight + bias
        if layer < len(weights) - 1:
            x = x.tanh_() if not torch.is_grad_enabled() else x.tanh()
    return x


given.explain(__name__)
