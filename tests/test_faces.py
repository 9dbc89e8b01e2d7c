"""Faces are what their two numbers say, at every size; pose and mood can be read off the pixels."""

import pytest
import torch

from helpers import autoencoders, faces, latent

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA"))]


def random(seed: int = 0, device="cpu") -> torch.Generator:
    return torch.Generator(device).manual_seed(seed)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shape_range_dtype_and_device(device, dtype):
    pose = torch.linspace(-1, 1, 5, dtype=dtype, device=device)
    images = faces.faces(pose, pose.unsqueeze(-1), size=20)
    assert images.shape == (5, 5, 20, 20) and images.dtype == dtype and images.device == pose.device
    assert images.min() == 0 and 0.8 < images.max() <= 1
    assert faces.faces(pose[0], pose[1]).shape == (28, 28)


def test_a_batch_is_its_faces_one_by_one():
    pose, mood = 2 * torch.rand(2, 90, generator=random()) - 1  # more than one block
    together = faces.faces(pose, mood)
    torch.testing.assert_close(together[37], faces.faces(pose[37], mood[37]))
    torch.testing.assert_close(together[89], faces.faces(pose[89], mood[89]))


def test_turned_the_other_way_a_face_is_its_mirror_image():
    pose, mood = 2 * torch.rand(2, 20, generator=random(), dtype=torch.float64) - 1
    torch.testing.assert_close(faces.faces(-pose, mood), faces.faces(pose, mood).flip(-1))


def test_a_large_picture_shows_the_same_face_as_a_small_one():
    pose, mood = 2 * torch.rand(2, 20, generator=random()) - 1
    small, large = faces.faces(pose, mood, size=28), faces.faces(pose, mood, size=112)
    averaged = torch.nn.functional.avg_pool2d(large, 4)
    assert (averaged - small).abs().mean() < 0.005 and (averaged - small).abs().max() < 0.2


@pytest.mark.parametrize("factor", [0, 1])
def test_pictures_change_smoothly(factor):
    """No pixel jumps: a step of 1/500 moves each by little, all along both factors."""
    numbers = [torch.full((1001,), 0.3), torch.full((1001,), 0.3)]
    numbers[factor] = torch.linspace(-1, 1, 1001)
    images = faces.faces(*numbers, size=20)
    assert images.diff(dim=0).abs().max() < 0.05
    assert (images.diff(dim=0).square().sum((1, 2)) > 0).all()


def test_the_head_looks_where_the_pose_says():
    """The bright nose and face move right as pose grows, the dark hair of the far side appears on the left."""
    images = faces.faces(torch.tensor([-1.0, 0.0, 1.0]), torch.tensor(0.0))
    across = torch.linspace(-1, 1, 28)
    centre = (images * across).sum((1, 2)) / images.sum((1, 2))
    assert centre[0] < -0.05 and abs(centre[1]) < 1e-4 and centre[2] > 0.05


def test_a_happy_mouth_is_bent_upwards():
    """The corners of the dark mouth lie above its middle when happy, and below it when sad."""
    happy, sad = 1 - faces.faces(torch.zeros(2), torch.tensor([0.6, -0.6]), size=56)
    down = torch.arange(56.0)

    def height(image: torch.Tensor, columns: slice) -> float:
        weights = (image[34:49, columns] - 0.6).clamp(min=0)
        return float((weights.sum(1) * -down[34:49]).sum() / weights.sum())

    middle, corner = slice(26, 30), slice(21, 24)
    assert height(happy, corner) > height(happy, middle) + 1
    assert height(sad, corner) < height(sad, middle) - 1


def test_the_data_set_knows_its_factors():
    data = faces.dataset(400, size=16, generator=random())
    assert data.x.shape == (400, 256) and data.pose.shape == data.mood.shape == (400,)
    torch.testing.assert_close(data.x.view(-1, 16, 16), faces.faces(data.pose, data.mood, size=16))
    for factor in (data.pose, data.mood):
        assert factor.abs().max() <= 1 and abs(float(factor.mean())) < 5 / (3 * 400) ** 0.5
    again, other = (faces.dataset(400, size=16, generator=random(seed)) for seed in (0, 1))
    assert data.x.equal(again.x) and not data.x.equal(other.x)


def test_two_directions_of_largest_variance_are_pose_and_mood():
    """So that two latents can hold both; the third direction, which bends with the pose, has clearly less variance."""
    data = faces.dataset(1000, generator=random())
    found = autoencoders.pca(data.x, 3)
    explained = latent.explained(found.encode(data.x)[:, :2], torch.stack([data.pose, data.mood], -1))
    assert (explained > 0.9).all() and found.variances[1] > 1.2 * found.variances[2]


def test_numbers_out_of_range_are_named():
    with pytest.raises(ValueError, match="pose is from −1 to 1, but it holds -1.5 to 0.5"):
        faces.faces(torch.tensor([-1.5, 0.5]), torch.tensor(0.0))
    with pytest.raises(ValueError, match="mood is from −1 to 1"):
        faces.faces(torch.tensor(0.0), torch.tensor(float("nan")))
    with pytest.raises(ValueError, match="size is 4"):
        faces.faces(torch.tensor(0.0), torch.tensor(0.0), size=4)
