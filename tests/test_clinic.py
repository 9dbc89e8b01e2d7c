"""The patients of lesson 09 have the symptoms by which their hints tell them apart, on seeds that no lesson uses."""

import pytest
import torch

from helpers import clinic, data

SEEDS = (11, 12)


@pytest.fixture(scope="module", params=[SEEDS[0], pytest.param(SEEDS[1], marks=pytest.mark.thorough(only=True))])
def charts(request):
    x, _, x_test, _ = data.digits()
    return {
        name: clinic.admit(name, x[::2], x_test[:200], epochs=4, generator=torch.Generator().manual_seed(request.param))
        for name in clinic.PATIENTS
    }


def ends(chart):
    """Return reconstruction and latent loss at the end of training."""
    return chart.curves[-3:].mean(0).tolist()


def test_a_chart_has_its_shapes(charts):
    for chart in charts.values():
        assert chart.curves.shape == (16, 2) and chart.rebuilt.shape == chart.drawn.shape == (200, 784)
        assert chart.rebuilt.min() >= 0 and chart.drawn.max() <= 1


def test_the_symptoms_are_those_of_the_hints(charts):
    healthy, a, b, c, d, e = (ends(charts[name]) for name in ("healthy", *"ABCDE"))
    assert healthy[0] < 160 and 8 < healthy[1] < 20 and charts["healthy"].spread < 0.6
    assert a[0] < healthy[0] and 0.95 < charts["A"].spread < 1.05
    assert 540 < b[0] < 550 and charts["B"].rebuilt.min() > 0.49
    assert 195 < c[0] < 220 and c[1] < 0.01 and charts["C"].rebuilt.std(0).mean() < 0.02
    assert d == healthy and torch.equal(charts["D"].rebuilt, charts["healthy"].rebuilt)
    assert not torch.allclose(charts["D"].drawn, charts["healthy"].drawn, atol=0.1)
    assert e[1] > 5 * healthy[1] and charts["E"].spread < 0.1


def test_an_unknown_patient_is_refused():
    with pytest.raises(ValueError, match="no patient 'F'; there are healthy, A, B, C, D, E"):
        clinic.admit("F", torch.rand(4, 784), torch.rand(2, 784), generator=torch.Generator())
