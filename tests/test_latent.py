"""Grids, paths, holes and axes of latent spaces, against scipy, sorting and cases worked out by hand."""

import math

import pytest
import scipy.stats
import torch

from helpers import latent

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA"))]


def random(seed: int = 0, device="cpu") -> torch.Generator:
    return torch.Generator(device).manual_seed(seed)


def normal(*shape, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=random(seed), dtype=torch.float64)


@pytest.mark.parametrize("device", DEVICES)
def test_the_grid_cuts_the_prior_into_equal_shares(device):
    grid = latent.quantile_grid(5, device=device).cpu().double()
    assert grid.shape == (5, 5, 2)
    shares = torch.as_tensor(scipy.stats.norm.cdf(grid))
    torch.testing.assert_close(
        shares[2, :, 0], torch.tensor([0.1, 0.3, 0.5, 0.7, 0.9], dtype=torch.float64), atol=1e-6, rtol=0
    )
    torch.testing.assert_close(grid[0, :, 0], grid[4, :, 0])
    torch.testing.assert_close(grid[:, 0, 1], grid[:, 3, 1])
    assert grid[0, 0, 1] > grid[4, 0, 1], "z₂ grows upwards"
    torch.testing.assert_close(grid[:, 0, 1].flip(0), grid[0, :, 0])
    assert latent.quantile_grid(1).tolist() == [[[0, 0]]]


def test_tiles_lie_where_they_belong():
    images = torch.arange(2 * 3).view(2, 3, 1).expand(2, 3, 16) * 100 + torch.arange(16)
    picture = latent.tile(images)
    assert picture.shape == (8, 12)
    for row in range(2):
        for column in range(3):
            part = picture[4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
            assert part.equal(images[row, column].view(4, 4))
    with pytest.raises(ValueError, match=r"\(2, 3, 15\), but \(rows, columns, side²\)"):
        latent.tile(torch.zeros(2, 3, 15))


def test_straight_paths():
    start, end = normal(4, 3), normal(4, 3, seed=1)
    path = latent.interpolate(start, end, 5)
    assert path.shape == (4, 5, 3) and path[:, 0].equal(start)
    torch.testing.assert_close(path[:, -1], end)
    torch.testing.assert_close(path[:, 1], 0.75 * start + 0.25 * end)
    assert latent.interpolate(start[0], end, 2).shape == (4, 2, 3)


def test_spherical_paths_turn_at_one_speed_and_keep_the_length():
    start, end = (z / z.norm(dim=-1, keepdim=True) for z in (normal(6, 8), normal(6, 8, seed=1)))
    path = latent.interpolate(3 * start, 3 * end, 7, spherical=True)
    torch.testing.assert_close(path.norm(dim=-1), torch.full((6, 7), 3.0, dtype=torch.float64))
    torch.testing.assert_close(path[:, 0], 3 * start)
    torch.testing.assert_close(path[:, -1], 3 * end)
    chords = path.diff(dim=1).norm(dim=-1)
    torch.testing.assert_close(chords, chords[:, :1].expand(6, 6))


def test_spherical_paths_between_parallel_codes_go_straight():
    z = normal(1, 4)
    for end in (2 * z, -z, 0 * z):
        path = latent.interpolate(z, end, 3, spherical=True)
        torch.testing.assert_close(path[:, 1], (z + end) / 2)
    with pytest.raises(ValueError, match="steps is at least 2, but it is 1"):
        latent.interpolate(z, z, 1)


def test_active_dimensions_are_those_whose_mean_varies():
    z_mean = normal(5000, 4) * torch.tensor([1.0, 0.2, 0.05, 0.0]) + 7
    assert latent.active_dimensions(z_mean).tolist() == [True, True, False, False]
    assert latent.active_dimensions(z_mean, threshold=0.5).tolist() == [True, False, False, False]


@pytest.mark.parametrize("device", DEVICES)
def test_nearest_is_what_all_distances_say(device, monkeypatch):
    points, codes = normal(300, 3).float().to(device), normal(500, 3, seed=1).float().to(device)
    distances, indices = latent.nearest(points, codes)
    all_distances = (points.unsqueeze(1) - codes).square().sum(-1).sqrt()
    torch.testing.assert_close(distances, all_distances.min(1).values)
    assert indices.equal(all_distances.argmin(1))
    far, _ = latent.nearest(points + 1000, codes + 1000)  # no digits are lost far from the origin
    torch.testing.assert_close(far, distances, atol=1e-3, rtol=0)
    with pytest.raises(ValueError, match="points have 3 numbers each, but codes have 2"):
        latent.nearest(points, codes[:, :2])


def test_points_like_the_codes_lie_in_no_holes_and_others_do():
    """Over 10,000 points the share's standard error is 0.1 to 0.5 %, and the codes' own quantile adds about as much."""
    codes, points = normal(3000, 2), normal(10_000, 2, seed=1)
    assert abs(latent.hole_share(points, codes).item() - 0.01) < 0.01
    assert abs(latent.hole_share(points, codes, quantile=0.9).item() - 0.1) < 0.03
    ring = codes / codes.norm(dim=-1, keepdim=True)
    assert latent.hole_share(points, ring) > 0.9
    outside = codes[codes.norm(dim=-1) > 1]  # a hole of radius 1, of which what is far from its rim counts
    far = torch.cdist(outside, outside).fill_diagonal_(math.inf).min(1).values.quantile(0.99).item()
    expected = 1 - math.exp(-((1 - far) ** 2) / 2)
    assert expected > 0.1 and abs(latent.hole_share(points, outside).item() - expected) < 0.05
    with pytest.raises(ValueError, match="quantile is between 0 and 1"):
        latent.hole_share(points, codes, quantile=1.0)


def test_explained_ignores_how_the_axes_are_turned():
    z, noise = normal(5000, 2), normal(5000, 2, seed=1)
    factors = torch.stack([z[:, 0] - 2 * z[:, 1] + 5, z[:, 0]], -1) + torch.tensor([0.0, 1.0]) * noise
    turn = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)
    share = latent.explained(z, factors)
    assert abs(share[0].item() - 1) < 1e-9 and abs(share[1].item() - 0.5) < 0.05
    torch.testing.assert_close(latent.explained(z @ turn, factors), share)
    with pytest.raises(ValueError, match="with the same N"):
        latent.explained(z, factors[:-1])
