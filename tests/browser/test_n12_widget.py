"""Notebook 12's widget in a real JupyterLab: paint by keyboard, slide and type the prior scale; the
words follow."""

import base64

from fitted import FITTED

from helpers.widgets import classify


def check(panel, scale):
    assert panel.error == ""
    assert panel.text.startswith(f"Prior scale {scale:g}: most likely a "), panel.text
    assert "draws of the weights say" in panel.alt
    assert base64.b64decode(panel.source.partition("base64,")[2]).startswith(b"\x89PNG")


def test_slide_type_and_paint(panel_of):
    panel = panel_of(FITTED["12 painted digit"])
    check(panel, 2.0)
    handle = panel.handles()[0]
    handle.scroll_into_view_if_needed()
    for key, scale in (("Home", classify.SCALES[0]), ("End", classify.SCALES[-1])):
        handle.focus()
        before = panel.source
        panel.settle(lambda key=key: handle.press(key))
        check(panel, scale)
        assert panel.source != before
    panel.settle(lambda: panel.type(panel.boxes()[0], 1.37))
    check(panel, 1.37)
    panel.settle(panel.button("Wipe it clean").click)
    assert "ink in 0 of them" in panel.alt
    pixel = panel.box.locator("[role=gridcell]").nth(27)
    before = panel.source
    pixel.focus()
    panel.settle(lambda: panel.page.keyboard.press("Space"))
    assert "ink in 1 of them" in panel.alt
    assert panel.source != before
    panel.settle(panel.button("Copy the typeface").click)
    check(panel, 1.37)
