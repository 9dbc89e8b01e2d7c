"""Train the VAEs of `pretrained.RECIPES` on the bundled digits and write them into this folder.

    OMP_NUM_THREADS=1 .venv/bin/python -m helpers.bundled.make_vaes

It takes about three minutes on one core. What is printed at the end are the checksums, which belong into `RECIPES`.
Another processor rounds otherwise and gives other bytes, but a test bound that differs by less than a nat.
"""

import argparse
import hashlib
from pathlib import Path

import torch

from helpers import data, pretrained, vae
from helpers.pretrained import VAERecipe

EPOCHS, SEED = 30, 1


def main() -> None:
    parser = argparse.ArgumentParser(description="Train every VAE and write it.")
    parser.add_argument("--out", type=Path, default=data.BUNDLED)
    out = parser.parse_args().out
    torch.set_num_threads(1)
    for recipe in pretrained.RECIPES:
        content = pretrained.pack(train(recipe))
        (out / recipe.name).write_bytes(content)
        print(f"{recipe.name}: {len(content) / 1e6:.2f} MB, sha256 {hashlib.sha256(content).hexdigest()}", flush=True)


def train(recipe: VAERecipe, epochs: int = EPOCHS) -> vae.VAE:
    """Train one VAE as its recipe says."""
    g = torch.Generator().manual_seed(SEED)
    model = vae.VAE(recipe.latents, generator=g)
    vae.train(
        model,
        data.digits().x_train,
        epochs=epochs,
        latent_weight=recipe.latent_weight,
        final_rate=recipe.final_rate,
        generator=g,
    )
    return model


if __name__ == "__main__":
    main()
