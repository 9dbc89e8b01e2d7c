"""Show rows of images as one picture."""

from collections.abc import Mapping

import torch
from matplotlib.axes import Axes
from torch import Tensor

from helpers import latent


def rows(ax: Axes, images: Mapping[str, Tensor]) -> Axes:
    """Draw rows of square grey images with a name for each row.

    Args:
        ax: where to draw.
        images: for each name a row of as many images, shape (n, side²), grey levels in [0, 1].
    """
    table = torch.stack([row.detach().cpu() for row in images.values()])
    side = round(table.shape[-1] ** 0.5)
    ax.imshow(latent.tile(table).numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set(xticks=[], yticks=[side / 2 + side * i for i in range(len(images))], yticklabels=images)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax
