"""The shrinkage widget: its numbers against the grid's, at every end of its sliders."""

import numpy as np
import pytest

from helpers.widgets import shrinkage

FAILURES = np.array([5, 1, 5, 14, 3, 19, 1, 1, 4, 22])
HOURS = np.array([94.3, 15.7, 62.9, 126, 5.24, 31.4, 1.05, 1.05, 2.1, 10.5])


@pytest.mark.parametrize("factor", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("prior_rate", [0.1, 1.0, 10.0])
def test_means_of_q_are_the_exact_ones_nearly(factor, prior_rate):
    result = shrinkage.solve(factor, prior_rate, FAILURES, HOURS)
    assert result.gap < 0.15  # what a normal over the two logs leaves
    width = (result.interval[1] - result.interval[0]) / 3.3  # about a standard deviation
    assert (abs(result.mean - result.exact) < 0.2 * width).all()
    assert (result.interval[0] < result.mean).all()
    assert (result.mean < result.interval[1]).all()


def test_fewer_hours_pull_further():
    wide, narrow = (shrinkage.solve(f, 1.0, FAILURES, HOURS) for f in (10.0, 0.1))
    pulled = [abs(np.log(r.mean / r.own)).max() for r in (wide, narrow)]
    assert pulled[0] < pulled[1]


def test_the_panel_answers_every_setting():
    panel = shrinkage.panel(FAILURES, HOURS, 2.0)
    assert "All hours times 2," in panel.frame.alt
    for name, ends in (("factor", (0.1, 10.0)), ("prior_rate", (0.1, 10.0))):
        for value in ends:
            panel.controls[name].box.value = value
            assert panel.error.value == ""
            assert f"{value:g}" in panel.frame.text
