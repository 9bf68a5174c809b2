"""Notebook 14's widget in a real JupyterLab: hours and prior, by keys and typed."""

import base64

CELL = """
import numpy as np
from helpers.widgets import shrinkage

failures = np.array([5, 1, 5, 14, 3, 19, 1, 1, 4, 22])
hours = np.array([94.3, 15.7, 62.9, 126, 5.24, 31.4, 1.05, 1.05, 2.1, 10.5])
shrinkage.panel(failures, hours)
"""


def check(panel, factor, prior_rate):
    assert panel.error == ""
    said = f"All hours times {factor}, prior of beta Gamma(0.1, {prior_rate}): the plant expects"
    assert panel.text.startswith(said), panel.text
    assert panel.alt.startswith("Rates of 10 pumps on a log axis")
    assert base64.b64decode(panel.source.partition("base64,")[2]).startswith(b"\x89PNG")


def test_slide_and_type(panel_of):
    panel = panel_of(CELL)
    check(panel, 1, 1)
    hours, prior = panel.handles()[:2]
    for key, factor in (("Home", 0.1), ("End", 10)):
        hours.scroll_into_view_if_needed()
        hours.focus()
        before = panel.source
        panel.settle(lambda key=key: hours.press(key))
        check(panel, factor, 1)
        assert panel.source != before
    prior.focus()
    panel.settle(lambda: prior.press("Home"))
    check(panel, 10, 0.1)
    panel.settle(lambda: panel.type(panel.boxes()[0], 2.5))
    check(panel, 2.5, 0.1)
