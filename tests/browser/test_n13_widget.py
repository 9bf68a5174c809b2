"""Notebook 13's widget in a real JupyterLab: slide and type the batch size, choose factors and
steps."""

import base64

from fitted import FITTED


def check(panel, size, way):
    assert panel.error == ""
    assert panel.text.startswith(f"Batches of {size}, {way}: after 300 steps q is"), panel.text
    assert panel.alt.startswith("Mean of q and a band of two widths")
    assert base64.b64decode(panel.source.partition("base64,")[2]).startswith(b"\x89PNG")


def test_slide_type_and_choose(panel_of):
    panel = panel_of(FITTED["13 batch dial"])
    check(panel, 16, "right")
    handle = panel.handles()[0]
    handle.scroll_into_view_if_needed()
    for key, size in (("Home", 1), ("End", 178)):
        handle.focus()
        before = panel.source
        panel.settle(lambda key=key: handle.press(key))
        check(panel, size, "right")
        assert panel.source != before
    panel.settle(lambda: panel.type(panel.boxes()[0], 24))
    check(panel, 24, "right")
    for way in ("no factor", "mean", "everything"):
        before = panel.source
        panel.settle(panel.button(way).click)
        check(panel, 24, way)
        assert panel.source != before
    before = panel.source
    panel.settle(panel.button("always 1/10").click)
    check(panel, 24, "everything")
    assert panel.source != before
