"""Notebook 10's widgets in a real JupyterLab: sliders mix, the brush and the buttons complete."""

import pytest
from fitted import FITTED

from helpers.plots.images import MAX_COUNT


def test_every_factor_has_a_slider(panel_of):
    panel = panel_of(FITTED["10 mixing desk"])
    assert len(panel.handles()) == 8
    assert panel.text.startswith("The mix holds ")
    for i, handle in enumerate(panel.handles()):
        for key, number in (("Home", 0), ("End", 3)):
            before = panel.source
            panel.settle(lambda handle=handle, key=key: (handle.focus(), handle.press(key)))
            assert panel.numbers()[i] == number
            assert panel.error == ""
            assert panel.source != before
    panel.settle(lambda: panel.type(panel.boxes()[0], 1.37))
    assert panel.numbers()[0] == pytest.approx(1.37)


def test_a_painting_is_completed_as_it_is_painted(panel_of):
    panel = panel_of(FITTED["10 completion"])
    assert "the model sees 32 of the 64" in panel.text
    for button in ("the lower half", "nothing"):
        panel.settle(panel.button(button).click)
        assert panel.error == ""
    assert "Nothing is hidden." in panel.text
    panel.settle(panel.button("Wipe it clean").click)
    assert "You painted into 0 of 64 pixels" in panel.text
    pixels = panel.box.locator("[role=gridcell]")
    pixels.nth(9).focus()
    panel.settle(lambda: panel.page.keyboard.press("Space"))
    assert pixels.nth(9).get_attribute("aria-label") == f"row 2, column 2: {MAX_COUNT}"
    assert "You painted into 1 of 64 pixels" in panel.text
