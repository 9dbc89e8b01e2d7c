"""Rows of images: each name stands at the middle of its row, and the pixels are where they belong."""

import matplotlib.pyplot as plt
import torch

from helpers import latent, pictures


def test_rows_are_drawn_in_order_with_their_names():
    images = {name: torch.rand(3, 16, generator=torch.Generator().manual_seed(seed)) for seed, name in enumerate("ab")}
    fig, ax = plt.subplots()
    assert pictures.rows(ax, images) is ax
    drawn = torch.as_tensor(ax.images[0].get_array().filled())
    torch.testing.assert_close(drawn, latent.tile(torch.stack(list(images.values()))))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"] and list(ax.get_yticks()) == [2, 6]
    assert ax.images[0].get_clim() == (0, 1)
    plt.close(fig)


def test_images_with_a_gradient_can_be_drawn():
    fig, ax = plt.subplots()
    pictures.rows(ax, {"one": torch.rand(1, 9).requires_grad_()})
    plt.close(fig)
