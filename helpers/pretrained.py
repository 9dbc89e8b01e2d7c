"""Small trained VAEs of the bundled digits, for figures that would take minutes to train: by Z and by latent weight.

A file holds each weight matrix as int8 with one scale a row, which costs less than 0.1 nats an image and makes it four
times smaller. `helpers/bundled/make_vaes.py` trains them.
"""

from dataclasses import dataclass

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from helpers import data, vae

SCALE = ".scale"  # the name of a matrix's scales is its own with this behind it
LEVELS = 127


@dataclass(frozen=True)
class VAERecipe:
    """How one VAE was trained, with the checksum of its file.

    Batches of 100, Adam at 1e-3, 400 hidden units, 30 epochs; `final_rate` is that of `training.fit`.
    """

    latents: int
    latent_weight: float = 1.0
    final_rate: float = 1.0
    sha256: str = ""

    @property
    def name(self) -> str:
        return f"vae-{self.latents}-{self.latent_weight:g}.safetensors"


RECIPES = (
    VAERecipe(2, 1, 1.0, "9d92d15324165a729c99bd469fb8d8ce956acd4f819d8e70d4933e5408c26c7e"),
    VAERecipe(5, 1, 1.0, "131bb0cfdaba9488ddf444975e04fde42065d0ccc46f57c31e05528248bff84b"),
    VAERecipe(10, 1, 1.0, "77dcbe98e10999edbc90c4c8730320e3018898effa8bf03e0c9080a233c17ee6"),
    VAERecipe(20, 1, 1.0, "b070325e78a08f7cb7c588f4ef29663e500651ad0ad993b0bc0397bd30940c8f"),
    VAERecipe(50, 1, 1.0, "325ce8bf6d5f7d6649c089b949549bd0615235478f682ef08358848582c4cff3"),
    VAERecipe(20, 0.01, 1.0, "059d3eb0f1aebf411449399e82ba36dbf101801cb89a8992c92b2b285fba48a1"),
    VAERecipe(20, 0.1, 1.0, "65a223df7bcc1e4ebca548c63652fc96831c1227cadcdd01f5ff892ae48b129c"),
    VAERecipe(20, 4, 1.0, "39516aed27703820e2e62664bd5bb7d950d1f9bead047b46e7015ba3dcfdb41a"),
    VAERecipe(20, 20, 1.0, "5cbb8062ff436253b88f64bd2964c0f628e535335058a06abe8ace3b717bbb60"),
    # Its bound is flat, and a constant rate would leave the decoder half a nat off.
    VAERecipe(20, 50, 0.05, "3250ff9b7b6886899b075d9ac3017d3da70c1e7c31908e4b2bc9dc04b712a06c"),
)


def digits_vae(latents: int, latent_weight: float = 1.0, *, device: torch.device | str = "cpu") -> vae.VAE:
    """Return a VAE that was trained on the 8000 training digits.

    Args:
        latents: Z, one of those in `RECIPES`.
        latent_weight: the factor of the latent loss that it was trained with.
        device: where to put it.

    Raises:
        ValueError: if none was trained so, or the file is damaged or missing.
    """
    for recipe in RECIPES:
        if (recipe.latents, recipe.latent_weight) == (latents, latent_weight):
            return unpack(data.bundled(recipe.name, recipe.sha256), device=device)
    known = ", ".join(f"({recipe.latents}, {recipe.latent_weight:g})" for recipe in RECIPES)
    raise ValueError(
        f"No VAE was trained with (latents, latent_weight) = ({latents}, {latent_weight}); there are {known}."
    )


def pack(model: vae.VAE) -> bytes:
    """Return the model as the bytes of a safetensors file, with its matrices rounded to int8."""
    stored: dict[str, Tensor] = {}
    for name, tensor in model.state_dict().items():
        tensor = tensor.detach().cpu()
        if tensor.dim() == 2:
            scale = tensor.abs().amax(1).clamp(min=1e-12) / LEVELS
            stored[name + SCALE] = scale
            tensor = (tensor / scale[:, None]).round().to(torch.int8)
        stored[name] = tensor.contiguous()
    return save(stored)


def unpack(content: bytes, *, device: torch.device | str = "cpu") -> vae.VAE:
    """Return the model of which `pack` made these bytes; its layers follow from the shapes.

    Raises:
        ValueError: if they are no such file.
    """
    try:
        stored = load(content)
        state = {name: tensor for name, tensor in stored.items() if not name.endswith(SCALE)}
        for name in [name for name in state if name + SCALE in stored]:
            state[name] = state[name] * stored[name + SCALE][:, None]
        hidden, pixels = stored["encoder.0.weight"].shape
        model = vae.VAE(
            stored["decoder.0.weight"].shape[1], hidden=(hidden,), pixels=pixels, generator=torch.Generator(device)
        )
        model.load_state_dict(state)
    except (SafetensorError, KeyError, RuntimeError, IndexError) as error:
        raise ValueError("This is no VAE that pretrained.pack has written, or it is damaged.") from error
    return model.eval()
