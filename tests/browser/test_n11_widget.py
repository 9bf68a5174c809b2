"""The latent plane of notebook 11, in its view and in a real JupyterLab: walk, travel, paint."""

import base64
import re

import jax
import numpy as np
import pytest
from fitted import FITTED
from full_frame import full_frame

from helpers import data
from helpers.models import autoencoder
from helpers.widgets import latent

CODE = re.compile(
    r"Code (-?\d\.\d), (-?\d\.\d): .* (\d+)% of the way from digit (\d) to digit (\d)\. "
    r"Your painting"
)


@pytest.fixture(scope="module")
def plane():
    split = data.reference_split()
    fitted = autoencoder.fit(jax.random.key(0), split.train, 2, num_steps=60)
    return latent.Plane(fitted, split.test, split.test_labels)


def test_the_ends_of_the_way_are_the_codes_of_the_two_digits(plane):
    painting = data.load_digit(4)[0]
    start, end = plane.solve((0, 0), 2, 7, 0, painting), plane.solve((0, 0), 2, 7, 1, painting)
    split = data.reference_split()
    for result, digit, shown in ((start, 2, 1), (end, 7, 3)):
        k = int(np.argmax(split.test_labels == digit))
        np.testing.assert_allclose(result.codes[1], plane.codes[k], atol=1e-5)
        np.testing.assert_array_equal(result.images[shown], split.test[k])
    np.testing.assert_array_equal(start.images[4], painting)
    assert start.log_mass < 0


@pytest.mark.parametrize("is_narrow", [False, True])
def test_a_frame_equals_a_full_draw(plane, is_narrow):
    view = latent.View(plane, is_narrow)
    for code in ((0, 0), (3, -3), (9, 9)):  # the last one lies outside, and is drawn at the edge
        view.draw(plane.solve(code, 1, 5, 0.3, np.full(64, 16)))
        np.testing.assert_array_equal(view.canvas.frame(), full_frame(view.canvas))


def test_bad_input_gets_one_sentence():
    split = data.reference_split()
    three = autoencoder.fit(jax.random.key(0), split.train, 3, num_steps=1)
    with pytest.raises(ValueError, match="codes of two numbers; these have 3"):
        latent.Plane(three, split.test, split.test_labels)
    two = autoencoder.fit(jax.random.key(0), split.train, 2, num_steps=1)
    with pytest.raises(ValueError, match="labels must hold every digit"):
        latent.Plane(two, split.test[:3], split.test_labels[:3])


def test_walk_travel_and_paint_in_a_browser(panel_of):
    panel = panel_of(FITTED["11 latent plane"])
    assert CODE.match(panel.text).groups() == ("0.5", "-0.5", "50", "0", "3")
    for i, number in ((0, -1.37), (1, 2.2), (2, 4), (3, 9), (4, 30)):
        before = panel.source
        panel.settle(lambda i=i, number=number: panel.type(panel.boxes()[i], number))
        assert panel.error == ""
        assert panel.source != before
    assert CODE.match(panel.text).groups() == ("-1.4", "2.2", "30", "4", "9")
    handle = panel.handles()[0]
    panel.settle(lambda: handle.press("Home"))
    assert CODE.match(panel.text).group(1) == "-3.0"
    panel.settle(panel.button("Wipe it clean").click)
    assert "ink in 0 of 64 pixels" in panel.alt
    panel.box.locator("[role=gridcell]").nth(0).focus()
    panel.settle(lambda: panel.page.keyboard.press("Space"))
    assert "ink in 1 of 64 pixels" in panel.alt
    assert base64.b64decode(panel.source.partition("base64,")[2]).startswith(b"\x89PNG")
