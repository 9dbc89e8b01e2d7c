"""Patients for lesson 09: VAEs that were trained with one mistake each. Reading on spoils the exercise.

Each is trained for real by `admit`; what differs is one line of one function here.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from helpers import autoencoders, bounds, given, progress, vae

LATENTS = 10


class Chart(NamedTuple):
    """What is known about a patient.

    `curves` are reconstruction and latent loss in nats an image, averaged over ten steps each, shape (N, 2); `rebuilt`
    (n, pixels) are what it makes of test images, `drawn` (n, pixels) what it makes of latents that it takes for samples
    of the prior; `spread` is σ of Q(z | x), averaged over test images and latents.
    """

    curves: Tensor
    rebuilt: Tensor
    drawn: Tensor
    spread: float


class Patient(vae.VAE):
    """A VAE that is well: each method can go wrong in one way."""

    def sample(self, z_mean: Tensor, z_log_std: Tensor, generator: torch.Generator) -> Tensor:
        """Return z ~ Q(z | x)."""
        return bounds.reparametrise(z_mean, z_log_std, generator=generator)

    def objective(self, reconstruction: Tensor, latent: Tensor) -> Tensor:
        """Return the loss of a batch from its two parts, each (B,)."""
        return (reconstruction + latent).mean()

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Return n latents to generate from."""
        return torch.randn(n, self.latents, generator=generator, device=generator.device)


class A(Patient):
    """Takes the mean for a sample."""

    def sample(self, z_mean, z_log_std, generator):
        return z_mean


class B(Patient):
    """Applies the sigmoid twice."""

    def decode(self, z):
        return super().decode(z).sigmoid()


class C(Patient):
    """Averages the reconstruction over the pixels."""

    def objective(self, reconstruction, latent):
        return (reconstruction / self.pixels + latent).mean()


class D(Patient):
    """Generates from a distribution three times as wide as the prior."""

    def prior(self, n, generator):
        return 3 * super().prior(n, generator)


class E(Patient):
    """Forgets the latent loss."""

    def objective(self, reconstruction, latent):
        return reconstruction.mean()


PATIENTS = {"healthy": Patient, "A": A, "B": B, "C": C, "D": D, "E": E}


def admit(name: str, x: Tensor, x_test: Tensor, *, epochs: int = 4, generator: torch.Generator) -> Chart:
    """Train a patient on images and examine it.

    Args:
        name: "A" to "E", or "healthy".
        x: training images, shape (N, pixels).
        x_test: images to rebuild, shape (n, pixels); as many are drawn.
        epochs: passes over the training images, in batches of 100.
        generator: source of the weights, the order, and all noise, on the device of `x`.

    Raises:
        ValueError: if nobody has this name.
    """
    if name not in PATIENTS:
        raise ValueError(f"There is no patient {name!r}; there are {', '.join(PATIENTS)}.")
    for images in (x, x_test):
        given.check_images(images, unit=True)
    model = PATIENTS[name](LATENTS, hidden=(200,), pixels=x.shape[-1], generator=generator)
    fused = x.device.type in ("cpu", "cuda", "mps")
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, fused=fused)
    curves = []
    for _ in progress.bar(f"patient {name}", range(epochs), unit="epoch"):
        for rows in torch.randperm(len(x), generator=generator, device=x.device).split(100):
            optimizer.zero_grad()
            terms = _terms(model, x[rows], generator)
            model.objective(*terms).backward()
            optimizer.step()
            curves.append(torch.stack([term.detach().mean() for term in terms]))
    with torch.no_grad():
        z_mean, z_log_std = model.encode(x_test)
        rebuilt, drawn = model.decode(z_mean), model.decode(model.prior(len(x_test), generator))
    whole = torch.stack(curves[: len(curves) // 10 * 10]).view(-1, 10, 2).mean(1)
    return Chart(whole, rebuilt.sigmoid(), drawn.sigmoid(), z_log_std.exp().mean().item())


def _terms(model: Patient, x: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return reconstruction and latent loss of each image."""
    z_mean, z_log_std = model.encode(x)
    logits = model.decode(model.sample(z_mean, z_log_std, generator))
    return autoencoders.cross_entropy(logits, x), bounds.gaussian_kl(z_mean, z_log_std)
