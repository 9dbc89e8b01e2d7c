"""How much faster does a VAE train on images in one tensor than by the usual recipe, a loader that decodes each image?

Every method trains the same model (784-400-20-400-784) with Adam on the same 60,000 images, one epoch a round, and goes
on from its last one. Its speed counts if in the end it is as good on held-out images as the usual recipe. The recipe is
written here the way examples have it: a DataLoader whose data set turns one image after the other from bytes into a
picture and the picture into a tensor, a decoder that ends in a sigmoid, and plain Adam.
"""

import contextlib
import importlib.util
import logging
import os
import tempfile

import numpy as np
import torch
from PIL import Image
from timing import arguments, compare, in_turn, write
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from helpers import data, training, vae

LATENTS, HIDDEN, PIXELS, BATCH, RATE = 20, 400, 784, 128, 1e-3
TOLERANCE = 0.005  # how much worse than the recipe's −ELBO a method may be that counts as equal


def enlarged(x: Tensor, n: int, *, generator: torch.Generator) -> Tensor:
    """Return n images, each one of `x` moved by up to two pixels each way; as uint8, (n, 28, 28)."""
    wide = F.pad(x.view(-1, 28, 28), (2, 2, 2, 2))
    which = torch.randint(len(x), (n,), generator=generator)
    down, right = torch.randint(5, (2, n, 1, 1), generator=generator)
    line = torch.arange(28)
    moved = wide[which.view(-1, 1, 1), down + line.view(-1, 1), right + line]
    return (255 * moved).round().to(torch.uint8)


class Pictures(Dataset):
    """Images as a picture library hands them out: one at a time, to be turned into a tensor each time."""

    def __init__(self, images: np.ndarray):
        self.images = images

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        picture = Image.fromarray(self.images[index])
        return torch.from_numpy(np.array(picture)).unsqueeze(0).contiguous().to(torch.float32).div(255)


class Recipe(nn.Module):
    """The model as examples write it: log σ² from the encoder, probabilities from the decoder."""

    def __init__(self):
        super().__init__()
        self.hidden_in, self.hidden_out = nn.Linear(PIXELS, HIDDEN), nn.Linear(LATENTS, HIDDEN)
        self.mean, self.log_variance, self.out = (
            nn.Linear(HIDDEN, LATENTS),
            nn.Linear(HIDDEN, LATENTS),
            nn.Linear(HIDDEN, PIXELS),
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = F.relu(self.hidden_in(x))
        return self.mean(h), self.log_variance(h)

    def decode(self, z: Tensor) -> Tensor:
        return torch.sigmoid(self.out(F.relu(self.hidden_out(z))))

    def held_out(self, x: Tensor) -> Tensor:
        mean, log_variance = self.encode(x)
        return minus_elbo(x, mean, log_variance / 2, self.decode)


def minus_elbo(x: Tensor, z_mean: Tensor, z_log_std: Tensor, decode) -> Tensor:
    """Compute the mean −ELBO of a model whose decoder gives probabilities."""
    z = vae.reparametrise(z_mean, z_log_std, generator=torch.Generator(x.device).manual_seed(9))
    reconstruction = F.binary_cross_entropy(decode(z).clamp(0, 1), x, reduction="none").sum(-1)
    return (reconstruction + vae.gaussian_kl(z_mean, z_log_std)).mean()


def recipe(images: Tensor, device: torch.device):
    """The usual recipe."""
    model = Recipe().to(device)
    adam = torch.optim.Adam(model.parameters(), lr=RATE)
    loader = DataLoader(Pictures(images.numpy()), batch_size=BATCH, shuffle=True)

    def epoch() -> None:
        model.train()
        total = 0.0
        for batch in loader:
            batch = batch.to(device).view(-1, PIXELS)
            adam.zero_grad()
            mean, log_variance = model.encode(batch)
            std = torch.exp(0.5 * log_variance)
            probabilities = model.decode(mean + std * torch.randn_like(std))
            bce = F.binary_cross_entropy(probabilities, batch, reduction="sum")
            kl = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
            loss = (bce + kl) / len(batch)
            loss.backward()
            total += loss.item()
            adam.step()

    return epoch, model.held_out


def ours(images: Tensor, device: torch.device, batch_size: int = BATCH, rate: float = RATE, precision=torch.float32):
    """The helpers' loop; a round is one call of it, with a fresh Adam."""
    generator = torch.Generator(device).manual_seed(0)
    model = vae.VAE(LATENTS, hidden=(HIDDEN,), generator=generator)
    x = images.to(device).flatten(1).float() / 255
    options = {"batch_size": batch_size, "learning_rate": rate, "precision": precision, "generator": generator}

    def held_out(x: Tensor) -> Tensor:
        return minus_elbo(x, *model.encode(x), model.images)

    return lambda: vae.train(model, x, epochs=1, **options), held_out


def pythae(images: Tensor, device: torch.device):
    """The trainer of the library pythae, with its own copy of the same layers; a round is one call of its trainer."""
    from pythae.data.datasets import BaseDataset
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.trainers import BaseTrainer, BaseTrainerConfig

    class Encoder(BaseEncoder):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Linear(PIXELS, HIDDEN)
            self.mean, self.log_variance = nn.Linear(HIDDEN, LATENTS), nn.Linear(HIDDEN, LATENTS)

        def forward(self, x):
            h = F.relu(self.hidden(x.flatten(1)))
            return ModelOutput(embedding=self.mean(h), log_covariance=self.log_variance(h))

    class Decoder(BaseDecoder):
        def __init__(self):
            super().__init__()
            self.hidden, self.out = nn.Linear(LATENTS, HIDDEN), nn.Linear(HIDDEN, PIXELS)

        def forward(self, z):
            h = torch.sigmoid(self.out(F.relu(self.hidden(z))))
            return ModelOutput(reconstruction=h.view(-1, 1, 28, 28))

    config = VAEConfig(input_dim=(1, 28, 28), latent_dim=LATENTS, reconstruction_loss="bce")
    model = VAE(config, encoder=Encoder(), decoder=Decoder())
    x = images.unsqueeze(1).float() / 255
    data_set = BaseDataset(x, torch.zeros(len(x)))

    def epoch() -> None:
        with tempfile.TemporaryDirectory() as folder:
            options = {"learning_rate": RATE, "per_device_train_batch_size": BATCH, "num_epochs": 1}
            trainer = BaseTrainer(
                model,
                data_set,
                training_config=BaseTrainerConfig(
                    folder, **options, optimizer_cls="Adam", no_cuda=device.type == "cpu"
                ),
            )
            with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):  # it draws a progress bar
                trainer.prepare_training()
                trainer.train_step(1)

    def held_out(x: Tensor) -> Tensor:
        output = model.encoder(x)
        return minus_elbo(
            x, output.embedding, output.log_covariance / 2, lambda z: model.decoder(z).reconstruction.flatten(1)
        )

    return epoch, held_out


def as_good(reached: dict[str, float]) -> list[str]:
    """Return the names of the methods whose speed means something: −ELBO at most TOLERANCE above the recipe's."""
    return [name for name, value in reached.items() if value <= (1 + TOLERANCE) * reached["recipe"]]


def ratios(seconds: dict[str, list[float]], reached: dict[str, float], equal: list[str]) -> dict[str, float]:
    """Print and return the ratios among those that are as good as the recipe, and name the others."""
    found = {}
    for name in [name for name in equal if name.startswith("ours")]:
        others = [other for other in ("recipe", "pythae") if other in equal]
        found |= compare({key: seconds[key] for key in (name, *others)}, name, "vae")
    for name in [name for name in reached if name not in equal]:
        worse = 100 * (reached[name] / reached["recipe"] - 1)
        print(f"\n{name}: no ratio, since its −ELBO is {worse:.1f} % above the recipe's.")
    return found


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    n, repeats = (1000, 2) if options.quick else (60_000, 8)
    torch.manual_seed(0)
    split = data.digits()
    images = enlarged(split.x_train, n, generator=torch.Generator().manual_seed(1))
    test = enlarged(split.x_test, 2000, generator=torch.Generator().manual_seed(2)).flatten(1).float() / 255
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    fast = training.fast_precision(device)
    large, rate = (256, 2e-3) if device.type == "cpu" else (2000, 2.5e-3)  # of 500 images Adam makes too few steps
    makers = {
        "ours": lambda: ours(images, device),
        f"ours, batch {large}": lambda: ours(images, device, large, rate),
        "recipe": lambda: recipe(images, device),
    }
    if fast != torch.float32:
        makers[f"ours, batch {large}, bfloat16"] = lambda: ours(images, device, large, rate, fast)
    if importlib.util.find_spec("pythae"):
        logging.getLogger("pythae").setLevel(logging.WARNING)
        makers["pythae"] = lambda: pythae(images, device)
    made = {name: make() for name, make in makers.items()}

    def waited(epoch):
        def call() -> None:
            epoch()
            if device.type == "cuda":
                torch.cuda.synchronize()

        return call

    seconds, _ = in_turn({name: waited(epoch) for name, (epoch, _) in made.items()}, repeats)
    where = torch.cuda.get_device_name() if device.type == "cuda" else f"{torch.get_num_threads()} threads"
    print(f"{n:,} images, {repeats} epochs in turn after a first one, batch {BATCH} unless stated; {where}.")
    if "pythae" not in made:
        print("pythae is not installed, so it is left out.")
    print()
    with torch.no_grad():
        reached = {name: held_out(test.to(device)).item() for name, (_, held_out) in made.items()}
    width = max(map(len, reached))
    for name, value in reached.items():
        print(f"{name:{width}}  −ELBO of 2,000 held-out images after {repeats + 1} epochs: {value:.2f}")
    write(ratios(seconds, reached, list(reached) if options.quick else as_good(reached)), options.json)


if __name__ == "__main__":
    main()
