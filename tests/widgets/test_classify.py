"""The painted digit's forecast, without a browser: interpolation, intervals, words and picture."""

import numpy as np
import pytest
from full_frame import full_frame

from helpers import data
from helpers.distributions import Normal, Product
from helpers.widgets import classify


def learn(scale):
    """A surrogate without a fit: each class's template, surer with a smaller prior scale."""
    templates = np.stack([data.domain_knowledge(k) for k in range(10)], axis=1) / 16
    weights = Normal(scale * (templates - templates.mean(axis=0)), np.full((64, 10), 0.3 * scale))
    return Product({"weights": weights, "biases": Normal(np.zeros(10), np.full(10, 0.1 * scale))})


FITS = {scale: learn(scale) for scale in classify.SCALES}


@pytest.mark.parametrize("scale", classify.SCALES)
def test_at_a_stored_fit_it_is_that_fit(scale):
    found, stored = classify.between(FITS, scale).blocks["weights"], FITS[scale].blocks["weights"]
    np.testing.assert_allclose(found.mean, stored.mean, atol=1e-12)
    np.testing.assert_allclose(found.std, stored.std, rtol=1e-9)


def test_between_two_fits_widths_go_geometrically_and_beyond_the_ends_nothing_moves():
    middle = classify.between(FITS, np.sqrt(0.5)).blocks["weights"]
    np.testing.assert_allclose(middle.std, 0.3 * np.sqrt(0.5), rtol=1e-9)
    np.testing.assert_allclose(
        middle.mean, (FITS[0.5].blocks["weights"].mean + FITS[1.0].blocks["weights"].mean) / 2
    )
    for outside, end in ((1e-3, 0.1), (1e3, 10.0)):
        found = classify.between(FITS, outside).blocks["weights"]
        np.testing.assert_allclose(found.std, FITS[end].blocks["weights"].std, rtol=1e-9)


@pytest.mark.parametrize("digit", range(10))
def test_the_typeface_is_known(digit):
    result = classify.solve(FITS, data.domain_knowledge(digit), 5.0)
    assert result.mean.argmax() == digit
    assert result.mean.sum() == pytest.approx(1)
    assert np.all(result.lower <= result.upper)
    assert classify.sentence(result).startswith(f"Prior scale 5: most likely a {digit}, ")


def test_a_wider_posterior_gives_wider_intervals():
    wide = {
        scale: Product({k: b._replace(std=4 * b.std) for k, b in fit.blocks.items()})
        for scale, fit in FITS.items()
    }
    painting = data.domain_knowledge(3)
    narrow, broad = (classify.solve(fits, painting, 1.0) for fits in (FITS, wide))
    assert (broad.upper - broad.lower).sum() > (narrow.upper - narrow.lower).sum()


@pytest.mark.parametrize("is_narrow", [False, True])
def test_a_frame_equals_a_full_draw(is_narrow):
    view = classify.View(is_narrow)
    for painting in (data.domain_knowledge(8), np.zeros(64)):
        view.draw(classify.solve(FITS, painting, 2.0))
        np.testing.assert_array_equal(view.canvas.frame(), full_frame(view.canvas))


def test_panel_answers_a_move_and_a_number_beyond_its_ends():
    panel = classify.panel(learn, 4, 100.0)
    assert panel.frame.text.startswith("Prior scale 10: most likely a 4")
    panel.controls["prior_scale"].box.value = 0.001
    assert "Prior scale is a number from 0.1 to 10: 0.001 became 0.1" in panel.says.value
    assert panel.error.value == ""
